//! Sources that are no UTF-8: they run as they do without guard, and no rule misses anything in them.

#![allow(clippy::unwrap_used)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::support::{Outcome, REFUSED, World, real};

/// Source with the danger in it, and bytes that are no UTF-8 around.
fn with(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn run(world: &World, source: &[u8]) -> Outcome {
    world.guard("bash").args([OsStr::new("-c"), OsStr::from_bytes(source)]).outcome()
}

#[test]
fn a_script_of_any_bytes_runs_as_in_the_shell() {
    let world = World::new();
    let script =
        world.file("work/latin1", b"# caf\xe9\nx=caf\xe9\necho ${#x} \"$x\" $'\\xc3'$'\\xa9' | od -c\n");
    world.file("work/sourced", b"y=na\xefve # \xff\n");
    let shells = [world.path("shims").join("bash"), real("bash")];
    for locale in ["C", "C.UTF-8"] {
        let runs = shells.clone().map(|shell| {
            let text = fs::read(&script).expect("the script");
            let command = OsString::from_vec(text.clone());
            [
                world.run(&shell).env("LC_ALL", locale).args([&script]).outcome(),
                world.run(&shell).env("LC_ALL", locale).args([OsStr::new("-c"), &command]).outcome(),
                world.run(&shell).env("LC_ALL", locale).stdin(text).outcome(),
                world
                    .run(&shell)
                    .env("LC_ALL", locale)
                    .args(["-c", ". ./sourced; echo \"$y\" | od -c"])
                    .outcome(),
            ]
        });
        assert_eq!(runs[0], runs[1], "{locale}");
        runs[0].iter().for_each(|outcome| assert_eq!(outcome.code, Some(0), "{outcome:?}"));
    }
}

#[test]
fn nothing_is_missed_beside_an_odd_byte() {
    let world = World::new();
    let danger = REFUSED.as_bytes();
    world.file("work/sourced", with(&[b"# \xe9\n", danger, b"\n"]));
    for source in [
        with(&[b"# caf\xe9\n", danger]),
        with(&[b"echo \xe9; ", danger]),
        with(&[b"x=\xe3\x81; ", danger]),
        with(&[b"echo '\xe3\x81'; ", danger, b" '\xff'"]),
        with(&[b"echo \"\xc3\"; ", danger]),
        with(&[b"cat <<\xe9\n'\n\xe9\n", danger]),
        with(&[b"\xe9() { ", danger, b"; }; \xe9"]),
        with(&[b"case \xe9 in ?) ", danger, b";; esac"]),
        with(&[b"bash -c '# \xe9\n", danger, b"'"]),
        with(&[b". ./sourced"]),
        with(&[b"printf '%s\\n' '# \xe9' '", danger, b"' | sh"]),
        with(&[b"cat <<X | sh\n# \xff\n", danger, b"\nX\n"]),
        with(&[b"x='\xe9", danger, b"'; eval \"${x#\xe9}\""]),
        with(&[b"IFS=\xe9; x='railway\xe9volume\xe9delete\xe9-v\xe9x\xe9-y'; $x"]),
        with(&[b"\\\xe9 || ", danger]),
    ] {
        let outcome = run(&world, &source);
        assert_eq!(outcome.code, Some(126), "{}: {outcome:?}", source.escape_ascii());
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn a_path_is_looked_up_by_its_bytes() {
    let world = World::new();
    let git = |args: &[&str]| assert!(world.run("git").args(args).outcome().code == Some(0), "{args:?}");
    git(&["init", "-q"]);
    let named = |name: &[u8]| world.work().join(OsStr::from_bytes(name));
    fs::write(named(b"caf\xe9.txt"), "work").expect("a file");
    fs::create_dir(named(b"d\xe9")).expect("a directory");
    fs::write(named(b"d\xe9/notes"), "work").expect("a file");
    fs::write(named("\u{e9}t\u{e9}".as_bytes()), "work").expect("a file");
    for source in [
        b"rm caf\xe9.txt".as_slice(),
        b"rm caf*",
        b"rm caf?.txt",
        b"rm $'caf\\xe9.txt'",
        b"x=caf\xe9; rm $x.txt",
        b"cd d\xe9 && rm notes",
        b"rm $'\\xc3'$'\\xa9'*",
        b"for f in d\xe9/*; do rm \"$f\"; done",
    ] {
        let outcome = run(&world, source);
        assert_eq!(outcome.code, Some(126), "{}: {outcome:?}", source.escape_ascii());
    }
    // The character that stands for the byte within guard is another name.
    for (name, other) in [("x\u{10f7e9}", b"rm -f x\xe9".as_slice()), ("y", b"rm -f y\xe9")] {
        fs::write(named(name.as_bytes()), "work").expect("a file");
        assert_eq!(run(&world, other).code, Some(0), "{}", other.escape_ascii());
        assert_eq!(run(&world, format!("rm {name}").as_bytes()).code, Some(126), "{name}");
    }
}

#[test]
fn spans_count_the_bytes_of_the_command() {
    let world = World::new();
    let source = with(&[b"echo \xe9\xc3\xa9\xff; ", REFUSED.as_bytes(), b" # \xe9"]);
    let check = |flag: &str| {
        let words = [OsStr::new("check"), OsStr::new(flag), OsStr::new("--"), OsStr::from_bytes(&source)];
        world.guard("guard").args(words.iter().filter(|word| !word.is_empty())).outcome()
    };
    let verdict: serde_json::Value = serde_json::from_str(&check("--json").stdout).expect("JSON");
    let span = &verdict["findings"][0]["span"];
    let offset = |end: usize| span[end].as_u64().expect("a span") as usize;
    let range = offset(0)..offset(1);
    assert_eq!(source[range].escape_ascii().to_string(), REFUSED);
    let shown = check("").stdout;
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines.iter().position(|line| line.contains(REFUSED)).expect("the source");
    let column = |line: &str, part: &str| line.split_once(part).expect("the part").0.chars().count();
    assert_eq!(column(lines[at], REFUSED), column(lines[at + 1], "^"), "{shown}");
    assert!(shown.contains("echo \\xe9\u{e9}\\xff;"), "{shown}");
}

#[test]
fn a_locale_in_which_a_byte_can_swallow_the_next_is_refused() {
    let world = World::new();
    let odd = [b"echo \"\xa9\\\"".as_slice(), "echo \u{e9}".as_bytes()];
    let command = |source: &[u8]| [OsString::from("-c"), OsString::from_vec(source.to_vec())];
    for (variable, value) in [("LC_ALL", "zh_TW.Big5"), ("LC_ALL", "ja_JP.SJIS"), ("LC_ALL", "zh_CN")] {
        for source in odd {
            // Which locales there are is not known with LOCPATH.
            let bash = || world.guard("bash").env(variable, value).args(command(source));
            bash().env("LOCPATH", "/opt/locales").outcome().refused();
        }
        world.guard("bash").env(variable, value).args(["-c", "echo ok"]).outcome().ended(0);
    }
    for set in [
        "LC_ALL=zh_TW.Big5",
        "LC_CTYPE=; export LANG=ja_JP.eucJP",
        "declare -x LC_CTYPE=zh_CN.GBK",
        "unset LC_ALL",
    ] {
        let source = format!("{set}\necho \u{e9}");
        let start = if set.starts_with("unset") { "C" } else { "" };
        let run = world.guard("bash").env("LC_ALL", start).env("LANG", "ko_KR.EUC-KR").env("LOCPATH", "/opt");
        let outcome =
            run.env("LC_CTYPE", if start.is_empty() { "C" } else { "" }).args(["-c", &source]).outcome();
        assert_eq!(outcome.code, Some(126), "{set}: {outcome:?}");
    }
    // What counts is the strongest that is set; and a program's locale is not the shell's.
    for source in
        ["echo \u{e9}", "LC_ALL=C.UTF-8; echo \u{e9}", "old=$LC_ALL; LC_ALL=C; echo \u{e9}; LC_ALL=$old"]
    {
        world.guard("bash").env("LANG", "C.UTF-8").args(["-c", source]).outcome().ended(0);
    }
}

#[test]
fn a_locale_that_the_machine_lacks_changes_no_charset() {
    let world = World::new();
    // `qq` is nobody's language.
    let source = "LC_ALL=qq_QQ.Big5\necho \u{e9}";
    let bash = || world.guard("bash").env("LANG", "C.UTF-8").args(["-c", source]);
    let lacking = if std::path::Path::new("/usr/lib/locale").is_dir() { 0 } else { 126 };
    assert_eq!(bash().outcome().code, Some(lacking));
    assert_eq!(bash().env("LOCPATH", "/opt").outcome().code, Some(126));
}

#[test]
fn a_nul_is_refused_and_says_so() {
    let world = World::new();
    let script = world.file("work/script", b"echo \xe9\necho a\0b\n");
    let outcome = world.guard("bash").args([&script]).outcome();
    outcome.refused();
    assert!(outcome.stderr.contains("NUL"), "{outcome:?}");
}

#[test]
fn the_log_tells_the_bytes() {
    let world = World::new();
    run(&world, b"echo caf\xe9").ended(0);
    let shown = world.guard("guard").args(["log"]).outcome().stdout;
    assert!(shown.contains("caf\\xe9"), "{shown}");
    let json = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert!(json.contains("caf\u{10f7e9}"), "{json}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn what_the_environment_holds_counts_whatever_its_bytes() {
    let world = World::new();
    let value = OsString::from_vec(with(&[b"\xe9; ", REFUSED.as_bytes()]));
    let outcome = world.guard("bash").env("X", &value).args(["-c", "eval \"$X\""]).outcome();
    assert_eq!(outcome.code, Some(126), "{outcome:?}");
    let words = [OsStr::new("-c"), OsStr::new("eval \"$1\""), OsStr::new("x"), &value];
    let outcome = world.guard("bash").args(words).outcome();
    assert_ne!(world.calls(), format!("{REFUSED}\n"), "{outcome:?}");
}
