//! What editors make of a file: `perl -pi`, `ed`, `ex`, `patch`, `git apply`.
//!
//! Scripts of editors are read as sed's, where they say what sed can; a patch is applied.

use crate::model::{Call, Input, Text, base_name};
use crate::syntax::Scope;

use super::deposits::Deposit;
use super::git;
use super::shebang::COMPILED;
use super::walk::Walk;
use super::wrappers::{Grammar, is_one_of};
use super::written::{Written, key};

const PERL: &str = "-e= -E= -i? -p -n -0? -l -w -M= -C?";
const AWK: &str = "-i= -e= -v= -F= -f=";
const VIM: &str = "-c= --cmd= -S= -u= -T= -s -e -E -v -N -X -Z -n -es -Es -sc= -esc= --not-a-term --clean --headless --noplugin";
/// Compilers: the option that names the program, the program's name without it (empty: the source's), and what
/// stands before the sources.
const COMPILERS: &[(&str, &str, &str, &str)] = &[
    ("gcc cc clang tcc g++ c++ clang++ gfortran", "-o", "a.out", ""),
    ("rustc ghc swiftc crystal nim ldc2 dmd fpc", "-o", "", "build c compile"),
    ("go", "-o", "", "build"),
];
const COMPILER: &str = "-o= -x= -I= -L= -l= -D= -O? -W? -g? -f? -std= --edition= -C= -c -S -E -shared -r -tags= -ldflags= -race -v";
const PATCH: &str = "-p= --strip= -i= --input= -d= --directory= -R --reverse -N --forward -s --silent --quiet -f --force \
    -b --backup -u --unified -l -t --batch -F= --fuzz= --index -3 --3way -v --verbose --whitespace= --reject --recount \
    --unidiff-zero --ignore-whitespace --posix -E --no-backup-if-mismatch -r= -z= --directory=";

/// A file of a patch: the path that it names, and its hunks as what stands there and what will.
#[derive(Default)]
struct Patched<'t> {
    path: &'t str,
    new: bool,
    hunks: Vec<(String, String)>,
}

impl Walk<'_> {
    /// What a call of an editor leaves in the files that it is given.
    pub(super) fn edits(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        match name {
            "perl" => self.perl(call, scope),
            "ruby" => self.strings_in_place(PERL, call, scope),
            "awk" | "gawk" => self.strings_in_place(AWK, call, scope),
            "ed" | "red" => {
                let script = self.input_text(call, scope).map(|text| of_ed(&text));
                self.as_sed(script, operands("-s -p= -v", call), scope)
            }
            "ex" | "vim" | "vi" | "nvim" => {
                let Some(reading) =
                    Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(VIM) }
                        .sure(&call.args)
                else {
                    return Vec::new();
                };
                let mut script = String::new();
                let given = reading.options.iter().filter(|given| given.name.ends_with('c'));
                let given = given.filter_map(|given| given.value.as_ref()).filter_map(Text::as_known);
                let words = reading.operands.iter().filter_map(|at| call.args[*at].as_known());
                let (typed, files): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('+'));
                for line in given.chain(typed.iter().map(|word| &word[1..])) {
                    script.push_str(&line.replace('|', "\n"));
                    script.push('\n');
                }
                if script.is_empty() {
                    script = self.input_text(call, scope).unwrap_or_default();
                }
                self.as_sed(Some(of_ed(&script)), files.into_iter().map(Text::known).collect(), scope)
            }
            "sd" => match call.args.as_slice() {
                [from, to, files @ ..] => {
                    let script = from
                        .as_known()
                        .zip(to.as_known())
                        .map(|(from, to)| vec![format!("s\u{1}{from}\u{1}{to}\u{1}g")]);
                    self.as_sed(script, files.to_vec(), scope)
                }
                _ => Vec::new(),
            },
            "patch" => self.patch(&call.args, call, scope),
            "git" => match git::subcommand(call) {
                Some((at, "apply" | "am")) => self.patch(&call.args[at + 1..], call, scope),
                _ => Vec::new(),
            },
            _ => self.compiled(name, call, scope),
        }
    }

    /// `cc x.c -o x`: what runs under that name is what stands in the source.
    fn compiled(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        let Some((_, option, usual, before)) = COMPILERS.iter().find(|row| is_one_of(name, row.0)) else {
            return Vec::new();
        };
        let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(COMPILER) };
        let Some(reading) = grammar.sure(&call.args).filter(|reading| !reading.has("-c -S -E")) else {
            return Vec::new();
        };
        let words = reading.operands.iter().map(|at| &call.args[*at]);
        let sources: Vec<&Text> =
            words.filter(|word| !word.as_known().is_some_and(|word| is_one_of(word, before))).collect();
        let mut whole = Text::known(COMPILED);
        for source in &sources {
            let text = match source.as_known() {
                Some("-") => self.input_text(call, scope).map(Text::known),
                Some(".") => self.file_source(&"*.go".into(), scope).ok(),
                _ => self.file_source(source, scope).ok(),
            };
            whole.append(&text.unwrap_or_default());
            whole.push_str("\n");
        }
        let first = sources.first().and_then(|source| source.as_known()).unwrap_or_default();
        let stem = match base_name(first) {
            "-" => "rust_out",
            name => name.split('.').next().unwrap_or(name),
        };
        let usual = Text::known(if usual.is_empty() { stem } else { usual });
        let target = reading.given(option).and_then(|given| given.value.clone()).unwrap_or(usual);
        let content = Written::Text { source: whole, exact: true };
        let key = key(scope.directory(), &target);
        key.map(|key| Deposit { key, content, append: false }).into_iter().collect()
    }

    fn input_text(&self, call: &Call, scope: &Scope<'_>) -> Option<String> {
        match &call.input {
            Input::Text(text) => text.as_known().map(str::to_owned),
            Input::File(path) => self.file_source(path, scope).ok()?.as_known().map(str::to_owned),
            _ => None,
        }
    }

    /// What sed makes of each file by these commands; nothing where one of them is not followed.
    fn as_sed(&self, script: Option<Vec<String>>, files: Vec<Text>, scope: &Scope<'_>) -> Vec<Deposit> {
        let Some(script) = script.filter(|script| !script.is_empty()) else {
            return Vec::new();
        };
        let mut args: Vec<Text> = vec!["-i".into(), "-E".into()];
        for command in script {
            args.extend(["-e".into(), Text::known(command)]);
        }
        let files = files.iter().flat_map(|file| self.matching(file, scope));
        args.extend(files);
        self.deposits(&Call { program: "sed".into(), args, ..Call::default() }, scope)
    }

    /// `perl -pi -e 's/a/b/' FILE`
    fn perl(&self, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        // `-0777pi`: digits end where letters begin.
        let given = call.args.iter().map(|arg| match arg.as_known().and_then(|arg| arg.strip_prefix("-0")) {
            Some(rest) => Text::known(format!("-{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))),
            None => arg.clone(),
        });
        let args: Vec<Text> = given.filter(|arg| arg.as_known() != Some("-")).collect();
        let call = &Call { args, arg_spans: Vec::new(), ..call.clone() };
        let Some(reading) = Grammar { operands: usize::MAX, ..Grammar::options(PERL) }.sure(&call.args)
        else {
            return Vec::new();
        };
        let inplace = reading.given("-i").and_then(|given| given.value.as_ref()).and_then(Text::as_known);
        if !reading.has("-i") || !(reading.has("-p") || inplace == Some("p")) {
            return Vec::new();
        }
        let given = reading.options.iter().filter(|given| matches!(given.name, "-e" | "-E"));
        let code: Option<Vec<&str>> = given.map(|given| given.value.as_ref()?.as_known()).collect();
        let files = reading.operands.iter().map(|at| call.args[*at].clone()).collect();
        match code.map(|code| of_perl(&code.join(";"))) {
            Some(Ok(script)) => self.as_sed(Some(script), files, scope),
            Some(Err(put_in)) => self.put_in(&put_in, &files, scope),
            None => Vec::new(),
        }
    }

    /// What stands in files may stay, and what is put in may stand there too.
    fn put_in(&self, lines: &[String], files: &[Text], scope: &Scope<'_>) -> Vec<Deposit> {
        let source = Text::known(lines.iter().map(|line| format!("\n{line}\n")).collect::<String>());
        let files = files.iter().flat_map(|file| self.matching(file, scope));
        let keys = files.filter_map(|file| key(scope.directory(), &file));
        let content = Written::Text { source, exact: false };
        keys.map(|key| Deposit { key, content: content.clone(), append: true }).collect()
    }

    /// `ruby -pi -e CODE FILE`, `gawk -i inplace CODE FILE`: the strings in the code may stand there.
    fn strings_in_place(&self, options: &'static str, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        let Some(reading) = (Grammar { operands: usize::MAX, ..Grammar::options(options) }).sure(&call.args)
        else {
            return Vec::new();
        };
        let given = reading.given("-i");
        let is_awk = options == AWK;
        if given.is_none()
            || is_awk && given.and_then(|given| given.value.as_ref()?.as_known()) != Some("inplace")
        {
            return Vec::new();
        }
        let mut words: Vec<Text> = reading.operands.iter().map(|at| call.args[*at].clone()).collect();
        let code = match reading.given("-e").and_then(|given| given.value.clone()) {
            Some(code) => code,
            None if is_awk && !words.is_empty() => words.remove(0),
            None => return Vec::new(),
        };
        let code = code.display();
        let strings: Vec<String> = code.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        self.put_in(&strings, &words, scope)
    }

    /// `patch -p1 < FILE`, `git apply FILE`
    fn patch(&self, args: &[Text], call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        let Some(reading) =
            (Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(PATCH) }).sure(args)
        else {
            return Vec::new();
        };
        let named: Vec<&Text> = reading.operands.iter().map(|at| &args[*at]).collect();
        let is_git = call.name() == Some("git");
        let given = reading.given("-i --input").and_then(|given| given.value.clone());
        let patches = if is_git { named.clone() } else { given.iter().collect() };
        let mut whole = String::new();
        for path in patches.iter().filter(|path| path.as_known() != Some("-")) {
            let text = self.file_source(path, scope);
            whole.push_str(text.ok().as_ref().and_then(Text::as_known).unwrap_or_default());
        }
        if patches.iter().all(|path| path.as_known() == Some("-")) {
            whole = self.input_text(call, scope).unwrap_or_default();
        }
        let back = reading.has("-R --reverse");
        let only = if is_git { None } else { named.first().copied() };
        let apply = |patched: Patched| {
            let path = only.cloned().unwrap_or_else(|| Text::known(patched.path));
            let before = if patched.new { None } else { self.file_source(&path, scope).ok() };
            let mut text = before.as_ref().and_then(Text::as_known).unwrap_or_default().to_owned();
            for (from, to) in patched.hunks {
                let (from, to) = if back { (to, from) } else { (from, to) };
                match text.find(&from).filter(|_| !from.is_empty()) {
                    Some(at) => text.replace_range(at..at + from.len(), &to),
                    None => text.push_str(&to),
                }
            }
            let content = Written::Text { source: Text::known(text), exact: true };
            Some(Deposit { key: key(scope.directory(), &path)?, content, append: false })
        };
        patched(&whole).into_iter().filter_map(apply).collect()
    }
}

fn operands(options: &'static str, call: &Call) -> Vec<Text> {
    let reading = Grammar { operands: usize::MAX, ..Grammar::options(options) }.sure(&call.args);
    let files = reading.map(|reading| reading.operands).unwrap_or_default();
    files.into_iter().map(|at| call.args[at].clone()).collect()
}

/// The substitutions of a program of perl's, as sed's with extended patterns; where sed does not do the same,
/// what they put in.
fn of_perl(code: &str) -> Result<Vec<String>, Vec<String>> {
    let (mut out, mut put_in, mut followed) = (Vec::new(), Vec::new(), true);
    let mut rest = code.trim();
    while let Some(behind) = rest.strip_prefix('s') {
        let Some(mark) =
            behind.chars().next().filter(|mark| !mark.is_alphanumeric() && !mark.is_whitespace())
        else {
            break;
        };
        let closes = match mark {
            '{' => '}',
            '(' => ')',
            '[' => ']',
            mark => mark,
        };
        let mut text = &behind[mark.len_utf8()..];
        let mut parts = [String::new(), String::new()];
        for (at, part) in parts.iter_mut().enumerate() {
            if at == 1 && closes != mark {
                text = text.trim_start().strip_prefix(mark).unwrap_or(text);
            }
            let mut chars = text.char_indices();
            let mut end = text.len();
            while let Some((index, c)) = chars.next() {
                if c == closes {
                    end = index;
                    break;
                }
                part.push(c);
                if c == '\\' {
                    part.extend(chars.next().map(|(_, escaped)| escaped));
                }
            }
            text = text.get(end + closes.len_utf8()..).unwrap_or_default();
        }
        let flags: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
        rest = text[flags.len()..].trim_start_matches([';', ' ', '\n']);
        let [from, to] = parts;
        let from = from.replace("\\d", "[0-9]").replace("\\K", "").replace("(?:", "(");
        let to = (1..10).fold(to.replace('&', "\\&"), |to, group| {
            to.replace(&format!("${group}"), &format!("\\{group}"))
        });
        followed &= !to.contains(['$', '@']) && flags.trim_matches('g').is_empty();
        put_in.push(to.clone());
        let global = if flags.contains('g') { "g" } else { "" };
        out.push(format!("s\u{1}{from}\u{1}{to}\u{1}{global}"));
    }
    if rest.is_empty() && followed { Ok(out) } else { Err(put_in) }
}

/// A script of `ed` or `ex` as commands of sed's. What only looks about or writes says nothing.
fn of_ed(script: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let line = line.trim().trim_start_matches(':').trim_start();
        let at = line.find(|c: char| !(c.is_ascii_digit() || ",.$%+-".contains(c))).unwrap_or(line.len());
        let (address, does) = line.split_at(at);
        let address = match address {
            "%" | "," | "1,$" => "",
            "." => "$",
            address => address,
        };
        match does {
            "" | "w" | "q" | "wq" | "x" | "x!" | "wq!" | "w!" | "q!" | "qa" | "qa!" | "wqa" | "Q" | "H"
            | "h" | "P" | "p" | "n" | "set nomore" => {}
            "a" | "i" | "c" | "append" | "insert" | "change" => {
                let letter = &does[..1];
                let address = if address.is_empty() { "$" } else { address };
                let text: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != ".").collect();
                for line in &text {
                    out.push(format!("{address}{} {line}", if letter == "c" { "i" } else { letter }));
                }
                if letter == "c" {
                    out.push(format!("{address}d"));
                }
            }
            does => match does.strip_prefix("g/").and_then(|rest| rest.split_once('/')) {
                Some((pattern, "d")) => out.push(format!("/{pattern}/d")),
                _ => {
                    let whole =
                        if does.starts_with('s') && does.matches('/').count() == 2 { "/" } else { "" };
                    out.push(format!("{address}{does}{whole}"));
                }
            },
        }
    }
    out
}

/// The files of a patch, unified or (without names) as `diff` alone writes it.
fn patched(text: &str) -> Vec<Patched<'_>> {
    let mut files: Vec<Patched> = Vec::new();
    let mut new = false;
    for line in text.lines() {
        let name = |line: &'_ str| -> usize { line.find('\t').unwrap_or(line.len()) };
        if let Some(path) = line.strip_prefix("--- ") {
            new = path.starts_with("/dev/null");
            continue;
        }
        if let Some(path) = line.strip_prefix("+++ ") {
            let path = &path[..name(path)];
            files.push(Patched { path: path.strip_prefix("b/").unwrap_or(path), new, hunks: Vec::new() });
            continue;
        }
        if line.starts_with("@@") {
            if let Some(file) = files.last_mut() {
                file.hunks.push(<(String, String)>::default());
            }
            continue;
        }
        if files.is_empty() && line.starts_with(['<', '>']) {
            files.push(Patched { hunks: vec![<(String, String)>::default()], ..Patched::default() });
        }
        let Some((from, to)) = files.last_mut().and_then(|file| file.hunks.last_mut()) else {
            continue;
        };
        let (kind, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        let rest = if matches!(kind, "<" | ">") { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
        let put = |out: &mut String| {
            out.push_str(rest);
            out.push('\n');
        };
        match kind {
            "-" | "<" => put(from),
            "+" | ">" => put(to),
            " " | "" => {
                put(from);
                put(to);
            }
            _ => {}
        }
    }
    files
}
