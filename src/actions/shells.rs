//! Enters shells (`bash -c`, script files, standard input) and the builtins that run source.

use crate::model::{Call, Match, Shape, Text};
use crate::syntax::{Dialect, Proof};

use super::walk::LAYERS;
use super::wrappers::{Grammar, Stdin, inner_call, is_stdin, joined_words, layer, span, stdin};
use super::{Entered, Inner};

/// The words that are subcommands of guard where they come first: none of them runs what it is
/// given.
pub const SUBCOMMANDS: &[&str] = &[
    "--help",
    "--version",
    "-V",
    "allow",
    "approve",
    "check",
    "config",
    "doctor",
    "exceptions",
    "explain",
    "freeze",
    "help",
    "log",
    "off",
    "on",
    "pending",
    "refuse",
    "rules",
    "setup",
    "shims",
    "status",
    "thaw",
    "trust",
    "version",
    "watch",
];

/// Enters the call if it is a shell or runs source in this one; true where it is.
pub(super) fn enter(call: &Call, name: &str, dialect: Dialect, out: &mut Vec<Entered>) -> bool {
    match name.strip_prefix('-').unwrap_or(name) {
        "sh" | "dash" | "ash" => shell(call, name, Dialect::Posix, out),
        "bash" | "rbash" | "ksh" | "ksh93" | "mksh" | "lksh" | "oksh" | "pdksh" | "rksh" | "yash" => {
            shell(call, name, Dialect::Bash, out);
        }
        "zsh" | "rzsh" => shell(call, name, Dialect::Zsh, out),
        "guard" => guard(call, name, out),
        "fish" | "csh" | "tcsh" | "nu" | "xonsh" | "elvish" | "pwsh" | "powershell" => {
            foreign(call, name, out);
        }
        "eval" => evaluated(call, dialect, out),
        "source" | "." => sourced(call, dialect, out),
        "trap" => trapped(call, dialect, out),
        "mapfile" | "readarray" => {
            let grammar = Grammar::options("-d= -n= -O= -s= -t -u= -C= -c=");
            let reading = grammar.scan(&call.args, 0).list.into_iter().next();
            let callback = reading.and_then(|r| r.given("-C").cloned());
            if let Some(callback) = callback
                && let Some(source) = callback.value
            {
                out.push(same_shell(name, source, dialect, callback.at.and_then(|at| span(call, at))));
            }
        }
        "compgen" | "complete" => completes(call, name, dialect, out),
        // The shell itself, by the kernel's name for it.
        "exe" if call.program.known_start().starts_with("/proc/") => shell(call, name, Dialect::Bash, out),
        "emulate" => {
            let at = call.args.iter().position(|arg| arg.as_known() == Some("-c"));
            if let Some(at) = at
                && let Some(source) = call.args.get(at + 1)
            {
                out.push(same_shell("emulate -c", source.clone(), dialect, span(call, at + 1)));
            }
        }
        "at" | "batch" => later(call, name, out),
        _ => return false,
    }
    true
}

fn same_shell(name: &str, source: Text, dialect: Dialect, span: Option<crate::model::Span>) -> Entered {
    let inner = Inner::Shell { source, positional: Vec::new(), dialect, same_shell: true, span };
    layer(name, inner)
}

/// `compgen -C CMD` runs a command, `-W WORDS` expands words, `-F NAME` calls a function.
fn completes(call: &Call, name: &str, dialect: Dialect, out: &mut Vec<Entered>) {
    let options =
        "-C= -F= -W= -A= -G= -P= -S= -X= -V= -o= -a -b -c -d -e -f -g -j -k -s -u -v -p -r -D -E -I";
    let Some(reading) = Grammar::options(options).scan(&call.args, 0).list.into_iter().next() else {
        return;
    };
    for given in &reading.options {
        let Some(value) = given.value.clone() else {
            continue;
        };
        let source = match given.name {
            "-C" | "-F" => value,
            "-W" if value.as_known().is_some_and(|words| words.contains("$(") || words.contains('`')) => {
                let mut source = Text::known(": \"");
                source.append(&value);
                source.push_str("\"");
                source
            }
            _ => continue,
        };
        let certainty = if name == "compgen" { Match::Yes } else { Match::Maybe };
        out.push(Entered { certainty, ..same_shell(name, source, dialect, None) });
    }
}

fn evaluated(call: &Call, dialect: Dialect, out: &mut Vec<Entered>) {
    let skip = usize::from(call.args.first().and_then(Text::as_known) == Some("--"));
    // More within one another than is followed are no deeper than as many as are.
    let evals = call.args[skip..].iter().take_while(|arg| arg.as_known() == Some("eval")).count();
    let skip = skip + evals.saturating_sub(LAYERS);
    let words = &call.args[skip..];
    if words.is_empty() {
        return;
    }
    let at = (words.len() == 1).then(|| span(call, skip)).flatten();
    out.push(same_shell("eval", joined_words(words), dialect, at));
}

fn sourced(call: &Call, dialect: Dialect, out: &mut Vec<Entered>) {
    let mut from = 0;
    if call.args.first().and_then(Text::as_known) == Some("-p") {
        from = 2;
    }
    if call.args.get(from).and_then(Text::as_known) == Some("--") {
        from += 1;
    }
    let Some(path) = call.args.get(from) else {
        return;
    };
    // Without arguments of its own the file sees the caller's.
    let positional = match &call.args[from + 1..] {
        [] => Vec::new(),
        args => std::iter::once(path).chain(args).cloned().collect(),
    };
    if path.as_known().is_some_and(is_stdin) {
        return read_stdin(call, "source", positional, dialect, true, out);
    }
    let inner = Inner::ShellFile { path: path.clone(), positional, dialect, same_shell: true };
    out.push(layer("source", inner));
}

fn trapped(call: &Call, dialect: Dialect, out: &mut Vec<Entered>) {
    let args = &call.args;
    let known = |i: usize| args.get(i).and_then(Text::as_known);
    let at = usize::from(known(0) == Some("--"));
    if at == 0 && known(0).is_some_and(|first| first.starts_with('-')) {
        return;
    }
    if args.len() > at + 1 && !matches!(known(at), Some("" | "-")) {
        out.push(same_shell("trap", args[at].clone(), dialect, span(call, at)));
    }
}

fn later(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let grammar = Grammar {
        operands: usize::MAX,
        ..Grammar::options("-V -q= -f= -u= -m -M -l -v -t= -c -r -d -b -k -o=")
    };
    let Some(reading) = grammar.scan(&call.args, 0).list.into_iter().next() else {
        return;
    };
    if reading.has("-l -c -r -d -V") {
        return;
    }
    let before = out.len();
    match reading.given("-f").and_then(|given| given.value.clone()) {
        Some(path) => out.push(layer(
            name,
            Inner::ShellFile {
                path,
                positional: vec!["sh".into()],
                dialect: Dialect::Posix,
                same_shell: false,
            },
        )),
        None => read_stdin(call, name, vec!["sh".into()], Dialect::Posix, false, out),
    }
    for entered in &mut out[before..] {
        // It runs later, if nobody takes it back.
        entered.certainty = crate::model::Match::Maybe;
    }
}

/// A shell whose grammar is not read.
fn foreign(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let version = |arg: &Text| {
        matches!(arg.as_known(), Some("--version" | "-v" | "--help" | "-h" | "-n" | "--no-execute"))
    };
    if call.args.iter().any(version) || (call.args.is_empty() && matches!(stdin(call), Stdin::Nothing)) {
        return;
    }
    let what = if call.args.is_empty() {
        format!("standard input of `{name}`")
    } else {
        format!("source for `{name}`, whose grammar is not read")
    };
    out.push(layer(name, Inner::Unknown(what)));
    let given = call.args.iter().position(|arg| {
        matches!(
            arg.as_known(),
            Some(
                "-c" | "-ec"
                    | "-lc"
                    | "-ic"
                    | "-fc"
                    | "-efc"
                    | "-Command"
                    | "-command"
                    | "--command"
                    | "--commands"
            )
        )
    });
    let encoded = || {
        let is_name = |word: &str| {
            word.len() > 1 && ("-encodedcommand".starts_with(&word.to_ascii_lowercase()) || word == "-ec")
        };
        let at =
            call.args.iter().position(|arg| name.starts_with('p') && arg.as_known().is_some_and(is_name))?;
        let bytes = super::flow::base64(call.args.get(at + 1)?.as_known()?)?;
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Some(Text::known(String::from_utf16_lossy(&units)))
    };
    let Some(source) = &given.and_then(|at| call.args.get(at + 1).cloned()).or_else(encoded) else {
        return;
    };
    // Simple commands are written alike in all of them.
    let known = source.as_known().map(|known| match name {
        "fish" => fish_as_posix(known),
        _ => known.to_owned(),
    });
    let alike = |known: &String| matches!(crate::syntax::parse(known, Dialect::Posix).proof, Proof::Proved);
    if let Some(known) = known.filter(alike) {
        let positional = vec![call.program.clone()];
        let inner = Inner::Shell {
            source: Text::known(known),
            positional,
            dialect: Dialect::Posix,
            same_shell: false,
            span: None,
        };
        out.push(Entered { certainty: crate::model::Match::Maybe, ..layer(&format!("{name} -c"), inner) });
    }
}

/// fish's simple commands as another shell writes them: `(cmd)` is a substitution, `set x y` an assignment.
fn fish_as_posix(source: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in source.chars() {
        if c == '(' && quote.is_none() && !escaped && !out.ends_with('$') {
            out.push('$');
        }
        match quote {
            _ if escaped => {}
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    let mut statements = out.split_inclusive([';', '\n', '&', '|']).map(|statement| {
        let mut words = statement.trim_start().splitn(2, ' ');
        let (Some("set"), Some(mut rest)) = (words.next(), words.next()) else {
            return statement.to_owned();
        };
        while let Some((_, behind)) = rest.split_once(' ').filter(|(option, _)| option.starts_with('-')) {
            rest = behind;
        }
        match rest.split_once(' ') {
            Some((name, value)) => format!("{name}={value}"),
            None => statement.to_owned(),
        }
    });
    statements.by_ref().collect()
}

fn read_stdin(
    call: &Call,
    name: &str,
    positional: Vec<Text>,
    dialect: Dialect,
    same_shell: bool,
    out: &mut Vec<Entered>,
) {
    let inner = match stdin(call) {
        Stdin::Nothing => return,
        Stdin::Unknown => Inner::Unknown(format!("standard input of `{name}`")),
        Stdin::File(path) => Inner::ShellFile { path: path.clone(), positional, dialect, same_shell },
        Stdin::Source(text) => {
            Inner::Shell { source: text.clone(), positional, dialect, same_shell, span: None }
        }
    };
    out.push(layer(name, inner));
}

/// A shell's flags, as far as they tell what it runs.
#[derive(Clone, Default)]
struct Flags {
    command: bool,
    stdin: bool,
    interactive: bool,
    no_execution: bool,
    startup: Vec<Text>,
}

fn shell(call: &Call, name: &str, dialect: Dialect, out: &mut Vec<Entered>) {
    let args = &call.args;
    let mut flags = Flags::default();
    let mut at = 0;
    let mut guessed = false;
    while let Some(word) = args.get(at) {
        let start = word.known_start();
        if word.as_known().is_none() && !start.starts_with(['-', '+']) {
            // Unknown words are the script, unless flags with `c` in them follow.
            let next = (at..args.len()).find(|&i| args[i].as_known().is_some());
            let flags_follow = next.is_some_and(|i| {
                args[i]
                    .as_known()
                    .is_some_and(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('c'))
            });
            if !flags_follow || !(word.is_many() || word.is_opaque()) {
                break;
            }
            guessed = true;
            at = next.unwrap_or(args.len());
            continue;
        }
        if matches!(start, "-" | "--") && word.as_known().is_some() {
            at += 1;
            break;
        }
        if let Some(long) = start.strip_prefix("--") {
            at += 1;
            match long {
                "rcfile" | "init-file" => {
                    flags.startup.extend(args.get(at).cloned());
                    at += 1;
                }
                "emulate" => at += 1,
                "version" | "help" | "dump-strings" | "dump-po-strings" => return,
                _ => {}
            }
            continue;
        }
        if start.len() < 2 || !start.starts_with(['-', '+']) {
            break;
        }
        at += 1;
        let on = start.starts_with('-');
        let attached = dialect == Dialect::Zsh || name.contains("ksh");
        for (i, flag) in start.char_indices().skip(1) {
            match flag {
                'c' => flags.command |= on,
                's' => flags.stdin |= on,
                'i' => flags.interactive |= on,
                'n' => flags.no_execution = on,
                'o' if attached && i + 1 < start.len() => break,
                'o' => {
                    if args.get(at).and_then(Text::as_known) == Some("noexec") {
                        flags.no_execution = on;
                    }
                    at += 1;
                }
                'O' if dialect == Dialect::Bash => at += 1,
                _ => {}
            }
        }
    }
    let before = out.len();
    run(call, name, dialect, &flags, at.min(args.len()), out);
    if guessed {
        for entered in &mut out[before..] {
            entered.certainty = crate::model::Match::Maybe;
        }
    }
}

/// guard itself. Another guard judges what this one runs, but by the settings that its caller gives
/// it: what holds here is judged here.
fn guard(call: &Call, name: &str, out: &mut Vec<Entered>) {
    match call.args.first().and_then(Text::as_known) {
        Some("--") if call.args.len() == 2 && !call.args[1].is_many() => {
            let positional = vec![call.program.clone()];
            let (source, span) = (call.args[1].clone(), span(call, 1));
            let dialect = Dialect::Bash;
            out.push(layer(name, Inner::Shell { source, positional, dialect, same_shell: false, span }));
        }
        Some("--") if call.args.len() > 1 => out.push(layer(name, Inner::Call(inner_call(call, 1)))),
        Some(word) if word == "--" || SUBCOMMANDS.contains(&word) => {}
        _ => shell(call, name, Dialect::Bash, out),
    }
}

fn run(call: &Call, name: &str, dialect: Dialect, flags: &Flags, at: usize, out: &mut Vec<Entered>) {
    let args = &call.args[at..];
    if flags.no_execution && !flags.interactive {
        return;
    }
    if flags.interactive || !flags.command {
        for path in &flags.startup {
            let positional = vec![call.program.clone()];
            let path = path.clone();
            out.push(layer(name, Inner::ShellFile { path, positional, dialect, same_shell: false }));
        }
    }
    if flags.command {
        let Some(source) = args.first() else {
            return;
        };
        let positional = match &args[1..] {
            [] => vec![call.program.clone()],
            rest => rest.to_vec(),
        };
        let source = if source.is_many() && source.pieces().is_empty() {
            Text::hole("$@", Shape::Any)
        } else {
            source.clone()
        };
        let span = span(call, at);
        out.push(layer(
            &format!("{name} -c"),
            Inner::Shell { source, positional, dialect, same_shell: false, span },
        ));
        return;
    }
    let script = args.first().filter(|_| !flags.stdin);
    match script {
        Some(path) if !path.as_known().is_some_and(is_stdin) => {
            let inner = Inner::ShellFile {
                path: path.clone(),
                positional: args.to_vec(),
                dialect,
                same_shell: false,
            };
            out.push(layer(name, inner));
        }
        _ => {
            let rest = if script.is_some() { &args[1..] } else { args };
            let positional = std::iter::once(&call.program).chain(rest).cloned().collect();
            read_stdin(call, name, positional, dialect, false, out);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fishs_simple_commands_are_another_shells() {
        for (fish, posix) in [
            ("rm -rf (echo a)", "rm -rf $(echo a)"),
            ("rm $(echo a) '(b)' \"(c)\" \\(d", "rm $(echo a) '(b)' \"(c)\" \\(d"),
            ("set -l x a; rm $x", "x=a; rm $x"),
            ("true && set -gx x (ls)\nset", "true &&x=$(ls)\nset"),
            ("settle x y", "settle x y"),
        ] {
            assert_eq!(super::fish_as_posix(fish), posix);
        }
    }
}
