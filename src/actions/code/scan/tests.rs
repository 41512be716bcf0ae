//! Calls in strings are found, and nothing else is taken for one.

use super::*;

/// What is done, a word each.
fn done(language: Language, source: &str) -> Vec<String> {
    effects(language, source, &Surroundings::none())
        .into_iter()
        .map(|(effect, _)| match effect {
            CodeEffect::Shell(text) | CodeEffect::OwnShell(text) => format!("sh {}", text.display()),
            CodeEffect::Call(call) | CodeEffect::Like(call) => {
                let args: Vec<String> = call.args.iter().map(Text::display).collect();
                format!("call {} {}", call.program.display(), args.join(" "))
            }
            CodeEffect::Path(effect) => {
                format!("{} {}", if effect.recursive { "tree" } else { "file" }, effect.path.display())
            }
            CodeEffect::Request(_) => "request".to_owned(),
            CodeEffect::Sql { .. } => "sql".to_owned(),
            CodeEffect::File { .. } => "code".to_owned(),
        })
        .collect()
}

#[test]
fn commands_in_strings_are_found() {
    for (language, source, wanted) in [
        (Language::Perl, "system(\"rm -rf /\")", "sh rm -rf /"),
        (Language::Perl, "system 'rm -rf ' . $x;", "sh rm -rf (a value)"),
        (Language::Perl, "my $x = `ls $d`; print 1", "sh ls $d"),
        (Language::Perl, "qx{rm -rf {a}}", "sh rm -rf {a}"),
        (Language::Perl, "open(F, '|sh x')", "sh sh x"),
        (Language::Perl, "open(my $f, '-|', 'id')", "sh id"),
        (Language::Ruby, "system \"rm -rf #{d}\" if x", "sh rm -rf $d"),
        (Language::Ruby, "%x(rm -rf /)", "sh rm -rf /"),
        (Language::Ruby, "FileUtils.rm_rf('/x')", "tree /x"),
        (Language::Ruby, "FileUtils.rm_rf(Dir.glob('*'))", "sh rm -rf -- *"),
        (Language::Ruby, "File.delete 'a', \"b\"", "file a"),
        (Language::Php, "<?php shell_exec('rm -rf /');", "sh rm -rf /"),
        (Language::Php, "echo `id`;", "sh id"),
        (Language::Lua, "os.execute('rm -rf ' .. x)", "sh rm -rf (a value)"),
        (Language::Awk, "{ system(\"rm \" $1) }", "sh rm (a value)"),
        (Language::Awk, "{ print $1 | \"sh\" }", "sh sh"),
        (Language::Awk, "BEGIN { \"date\" | getline d }", "sh date"),
    ] {
        let found = done(language, source);
        assert_eq!(found.first().map(String::as_str), Some(wanted), "{source}: {found:?}");
    }
}

#[test]
fn what_is_no_command_is_none() {
    for (language, source) in [
        (Language::Perl, "s/system(\"rm\")/x/; print"),
        (Language::Perl, "print \"system('rm -rf /')\"; # unlink 'a'"),
        (Language::Perl, "$h{unlink} = 1; s{a}{unlink 'b'}; tr/a/b/"),
        (Language::Perl, "print 'don\\'t' if /'/; print '`x`'"),
        (Language::Ruby, "puts \"FileUtils.rm_rf('/')\" # system 'x'"),
        (Language::Ruby, "x = a / b; y = c / d; puts %w(system exec)"),
        (Language::Awk, "/system(\"x\")/ { print $1 / 2 }"),
        (Language::Awk, "{ print \"a|b\" || \"c\" }"),
        (Language::Lua, "print('x') -- os.execute('y')"),
        (Language::Php, "echo 'system(\"x\")'; // exec('y')\n/* exec('z') */"),
    ] {
        assert_eq!(done(language, source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn what_has_no_end_ends_the_reading() {
    for source in ["system(\"rm", "qx{", "s/a/b", "`", "\"\\", "%x", "#{", "q", "qw"] {
        for language in [Language::Perl, Language::Ruby, Language::Php, Language::Lua, Language::Awk] {
            assert_eq!(done(language, source), Vec::<String>::new(), "{source}");
        }
    }
}
