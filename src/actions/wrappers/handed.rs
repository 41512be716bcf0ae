//! Programs that hand some of their words to a shell in a language of their own: editors'
//! commands, sed's `e`, tar's checkpoints, a debugger's `shell`, timetables.

use crate::model::{Call, Match, Place, Shape, Text};
use crate::syntax::Dialect;

use super::super::{Entered, Inner, Language};
use super::{Stdin, consoles, inner_call, layer, stdin, tail};
use crate::actions::git::subcommand;

/// What these programs hand to a shell; nothing of what else they do.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let before = out.len();
    match name {
        "vi" | "vim" | "nvim" | "view" | "ex" | "vimdiff" | "gvim" => editor(call, out),
        "sed" | "gsed" => sed(call, out),
        "manage.py" => out.push(layer("", Inner::Call(python(call)))),
        "tar" | "gtar" | "bsdtar" => checkpoints(call, out),
        "gdb" | "lldb" => commands(call, &["-ex", "--ex", "-iex", "--eval-command", "-o", "--one-line"], out),
        "socat" => {
            addresses(call, out);
            consoles::connected(call, name, out);
        }
        "nc" | "ncat" | "netcat" | "telnet" | "openssl" => consoles::connected(call, name, out),
        "ed" | "red" => consoles::lines(call, &[], out),
        "dc" => consoles::lines(call, &["-e"], out),
        "gnuplot" => {
            consoles::lines(call, &["-e"], out);
            consoles::data(call, out);
        }
        "virt-customize" => {
            let commands = values(call, &["--run-command", "--firstboot-command"]);
            let commands = commands.iter().filter_map(Text::as_known);
            out.extend(commands.map(|line| consoles::elsewhere(line.to_owned(), name)));
        }
        "ruby" if call.args.iter().any(|arg| arg.as_known() == Some("-run")) => {
            // `ruby -run -e rm -- -rf x`
            let at = call.args.iter().position(|arg| arg.as_known() == Some("--"));
            let program = values(call, &["-e"]).into_iter().next();
            out.extend(
                program
                    .zip(at)
                    .map(|(program, at)| layer("", Inner::Call(Call { program, ..inner_call(call, at) }))),
            );
        }
        "ftp" | "sftp" | "lftp" | "smbclient" => consoles::transfers(call, name, out),
        "less" | "more" => out.extend(call.args.iter().filter_map(|arg| {
            let start = arg.known_start();
            start.starts_with('+').then(|| start.find('!')).flatten().map(|at| shell(tail(arg, at + 1)))
        })),
        "m4" | "gm4" => consoles::macros(call, out),
        "ansible" => consoles::absent(call, out),
        "aws" if call.args.iter().any(|arg| arg.as_known() == Some("send-command")) => {
            // `commands=["CMD","CMD"]`
            let given = values(call, &["--parameters"]);
            let lists =
                given.iter().filter_map(|text| text.as_known()?.split_once("commands")).map(|(_, list)| list);
            let lines = lists.flat_map(|list| list.split('"').skip(1).step_by(2));
            out.extend(lines.map(|line| consoles::elsewhere(line.to_owned(), "aws")));
        }
        "salt" | "salt-ssh" | "salt-call" => consoles::salt(call, name, out),
        "redis-cli" | "valkey-cli" | "keydb-cli" => consoles::typed(call, out),
        "emacs" | "emacsclient" => lisp(call, out),
        "zip" => out.extend(values(call, &["-TT", "--unzip-command"]).into_iter().map(shell)),
        "rg" => preprocessor(call, out),
        "crontab" => timetable(call, out),
        "railway" => console(call, out),
        "cmake" => cmake(call, out),
        "git" => searched(call, out),
        "strace" => out.extend(values(call, &["-o", "--output"]).iter().filter_map(piped).map(shell)),
        _ => return,
    }
    for entered in &mut out[before..] {
        entered.via.name = name.to_owned();
    }
}

/// `strace -o '|CMD'`
fn piped(value: &Text) -> Option<Text> {
    value.known_start().starts_with(['|', '!']).then(|| tail(value, 1))
}

/// `git grep --open-files-in-pager=CMD`: the command gets the files that are found.
fn searched(call: &Call, out: &mut Vec<Entered>) {
    let Some((at, "grep")) = subcommand(call) else {
        return;
    };
    let own = call.args[at + 1..].iter().take_while(|arg| arg.as_known() != Some("--"));
    for word in own {
        let named = ["-O", "--open-files-in-pager="].into_iter();
        let pager =
            named.filter(|name| word.known_start().starts_with(name)).map(|name| tail(word, name.len()));
        for mut source in pager.filter(|source| source.as_known() != Some("")) {
            source.push_str(" ./");
            source.append(&Text::hole("(a file that `git grep` finds)", Shape::Any));
            out.push(shell(source));
        }
    }
}

/// `cmake -E COMMAND`: tools of the system's under names of its own.
fn cmake(call: &Call, out: &mut Vec<Entered>) {
    const TOOLS: &[(&str, &str)] = &[
        ("env", "env"),
        ("rm", "rm"),
        ("remove", "rm -f"),
        ("remove_directory", "rm -rf"),
        ("copy", "cp"),
        ("copy_if_different", "cp"),
        ("copy_directory", "cp -r"),
        ("copy_directory_if_different", "cp -r"),
        ("rename", "mv"),
        ("create_symlink", "ln -sf"),
        ("create_hardlink", "ln -f"),
        ("tar", "tar"),
        ("time", "command"),
    ];
    let [option, tool, rest @ ..] = call.args.as_slice() else {
        return;
    };
    if option.as_known() != Some("-E") {
        return;
    }
    let (from, directory) = match (tool.as_known(), rest) {
        (Some("chdir"), [directory, ..]) => (3, Some(directory.clone())),
        _ => (2, None),
    };
    let inner = match TOOLS.iter().find(|(name, _)| tool.as_known() == Some(*name)) {
        _ if directory.is_some() => inner_call(call, from),
        Some((_, words)) => {
            let mut words = words.split(' ').map(Text::known);
            let program = words.next().unwrap_or_default();
            let args = words.chain(rest.iter().cloned()).collect();
            Call { program, args, arg_spans: Vec::new(), ..call.clone() }
        }
        None => return,
    };
    out.push(Entered { directory, ..layer("", Inner::Call(inner)) });
}

pub(super) fn shell(source: Text) -> Entered {
    let positional = vec!["sh".into()];
    layer("", Inner::Shell { source, positional, dialect: Dialect::Posix, same_shell: false, span: None })
}

fn perhaps(source: Text) -> Entered {
    Entered { certainty: Match::Maybe, ..shell(source) }
}

/// The call of Python that a script of its own stands for.
fn python(call: &Call) -> Call {
    let args = std::iter::once(&call.program).chain(&call.args).cloned().collect();
    Call { program: Text::known("python3"), args, arg_spans: Vec::new(), ..call.clone() }
}

/// The values of options: the word behind `-x`, what is attached to it, what stands behind
/// `--long=`.
pub(super) fn values(call: &Call, names: &[&str]) -> Vec<Text> {
    let mut found = Vec::new();
    for (at, word) in call.args.iter().enumerate() {
        for name in names {
            let Some(rest) = word.known_start().strip_prefix(name) else {
                continue;
            };
            if word.as_known() == Some(name) {
                found.extend(call.args.get(at + 1).cloned());
            } else if rest.starts_with('=') {
                found.push(tail(word, name.len() + 1));
            } else if !name.starts_with("--") && name.len() == 2 {
                found.push(tail(word, name.len()));
            }
        }
    }
    found
}

/// `railway connect SERVICE`: the lines that a database's own console is given there.
fn console(call: &Call, out: &mut Vec<Entered>) {
    if !call.args.iter().any(|arg| arg.as_known() == Some("connect")) {
        return;
    }
    let names = |parts: &[&str]| {
        let mut words = call.args.iter().filter_map(Text::as_known).map(str::to_ascii_lowercase);
        words.any(|word| parts.iter().any(|part| word.contains(part)))
    };
    let mongo = names(&["mongo"]);
    let (true, Stdin::Source(text)) =
        (mongo || names(&["redis", "valkey", "keydb", "dragonfly"]), stdin(call))
    else {
        return;
    };
    for line in
        text.as_known().map_or_else(|| vec![text.clone()], |text| text.lines().map(Text::known).collect())
    {
        let words = line.as_known().and_then(|line| shell_words::split(line).ok()).filter(|_| !mongo);
        let args = words.map_or_else(|| vec![line], |words| words.into_iter().map(Text::known).collect());
        let program = Text::known(if mongo { "mongosh" } else { "redis-cli" });
        let mut entered = layer("", Inner::Call(Call { program, args, ..Call::default() }));
        entered.place = Some(Place::Remote("Railway".to_owned()));
        out.push(entered);
    }
}

/// `vim -c '!CMD'`, `vim '+!CMD'`: a line that begins with `!`, or a range or a command in front.
fn editor(call: &Call, out: &mut Vec<Entered>) {
    let mut lines = values(call, &["-c", "--cmd"]);
    // `ex -sc CMD`
    let cluster = |word: &Text| {
        word.as_known().is_some_and(|word| {
            let letters = word.strip_prefix('-').and_then(|word| word.strip_suffix('c'));
            letters.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic()))
        })
    };
    let behind = call.args.windows(2).filter(|pair| cluster(&pair[0]));
    lines.extend(behind.map(|pair| pair[1].clone()));
    lines.extend(call.args.iter().filter(|arg| arg.known_start().starts_with('+')).map(|arg| tail(arg, 1)));
    for line in lines {
        let start = line.known_start();
        let command = start.trim_start_matches([':', ' ', '%', ',', '$', '.', '\'']);
        let command = command.trim_start_matches(|c: char| c.is_ascii_digit());
        let command = [
            "silent!", "silent", "sil!", "sil", "r", "read", "w", "write", "exe", "execute", "terminal",
            "term",
        ]
        .iter()
        .find_map(|word| {
            Some(command.strip_prefix(word)?.trim_start_matches([' ', '\'', '"']))
                .filter(|rest| rest.starts_with('!'))
        })
        .unwrap_or(command);
        const LANGUAGES: &[(&str, Language)] = &[
            ("lua ", Language::Lua),
            ("py3 ", Language::Python),
            ("python3 ", Language::Python),
            ("python ", Language::Python),
            ("ruby ", Language::Ruby),
            ("perl ", Language::Perl),
        ];
        let code =
            LANGUAGES.iter().find_map(|(word, language)| Some((command.strip_prefix(word)?, *language)));
        if command.starts_with('!') {
            out.push(shell(tail(&line, start.len() - command.len() + 1)));
        } else if let Some((code, language)) = code {
            let source = tail(&line, start.len() - code.len());
            out.push(layer("", Inner::Code { language, source, args: Vec::new() }));
        } else if let Some((_, path)) = start.split_once("delete(").filter(|_| start.contains("call")) {
            let path = path.trim_start_matches(['\'', '"']).split(['\'', '"']).next().unwrap_or(path);
            out.push(shell(Text::known(format!("rm -rf -- {}", shell_words::quote(path)))));
        } else if let Some((_, code)) = start.split_once("system(") {
            let code = code.trim_start_matches(['\'', '"']);
            let code = code.split(['\'', '"']).next().unwrap_or(code);
            out.push(shell(Text::known(code)));
        }
    }
}

/// `tar --checkpoint-action=exec=CMD`, and programs that tar starts.
fn checkpoints(call: &Call, out: &mut Vec<Entered>) {
    for action in values(call, &["--checkpoint-action"]) {
        if action.known_start().starts_with("exec=") {
            out.push(shell(tail(&action, 5)));
        }
    }
    for program in values(
        call,
        &["-I", "--use-compress-program", "-F", "--rsh-command", "--info-script", "--new-volume-script"],
    ) {
        out.push(shell(program));
    }
}

/// A debugger's commands: `shell CMD`, `!CMD`, `platform shell CMD`.
fn commands(call: &Call, options: &[&str], out: &mut Vec<Entered>) {
    for command in values(call, options) {
        let start = command.known_start();
        let code =
            ["shell ", "!", "platform shell ", "make "].iter().find_map(|word| start.strip_prefix(word));
        if let Some(code) = code {
            out.push(shell(tail(&command, start.len() - code.len())));
        }
        let code = ["python ", "py ", "script "].iter().find_map(|word| start.strip_prefix(word));
        if let Some(code) = code {
            let source = tail(&command, start.len() - code.len());
            out.push(layer("", Inner::Code { language: Language::Python, source, args: Vec::new() }));
        }
    }
}

/// `emacs --eval '(delete-file "x")'`.
fn lisp(call: &Call, out: &mut Vec<Entered>) {
    for source in values(call, &["--eval", "-eval", "--execute", "-execute", "-e"]) {
        out.push(layer("", Inner::Code { language: Language::Other, source, args: Vec::new() }));
    }
}

/// `rg --pre CMD`: it is given each file that is searched.
fn preprocessor(call: &Call, out: &mut Vec<Entered>) {
    for program in values(call, &["--pre"]).into_iter().filter(|program| program.as_known() != Some("")) {
        let args = vec![Text::hole("(a file)", Shape::Any)];
        let inner = Call { program, args, env: call.env.clone(), ..Call::default() };
        out.push(layer("", Inner::Call(inner)));
    }
}

/// `socat … EXEC:CMD`, `SYSTEM:CMD`.
fn addresses(call: &Call, out: &mut Vec<Entered>) {
    for arg in &call.args {
        let start = arg.known_start();
        let Some((kind, _)) = start.split_once(':') else {
            continue;
        };
        if ["EXEC", "SYSTEM", "SHELL"].iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            let mut code = tail(arg, kind.len() + 1);
            if let Some(known) = code.as_known() {
                // Options of the address follow a comma.
                code = Text::known(known.split(',').next().unwrap_or(known));
            }
            out.push(shell(code));
        }
    }
}

/// `crontab -`: what runs later, unless somebody takes it back.
fn timetable(call: &Call, out: &mut Vec<Entered>) {
    let takes = call.args.is_empty() || call.args.iter().any(|arg| arg.as_known() == Some("-"));
    let Stdin::Source(text) = stdin(call) else {
        return;
    };
    let Some(known) = text.as_known().filter(|_| takes) else {
        return;
    };
    for line in known.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let times = if line.starts_with('@') { 1 } else { 5 };
        let mut rest = line;
        for _ in 0..times {
            rest = rest.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
        }
        if !rest.is_empty() {
            out.push(perhaps(Text::known(rest)));
        }
    }
}

/// sed's commands that run something: `e CMD`, and `s/…/CMD/e`.
fn sed(call: &Call, out: &mut Vec<Entered>) {
    let mut scripts = values(call, &["-e", "--expression"]);
    if scripts.is_empty() {
        let first = call.args.iter().find(|arg| !arg.known_start().starts_with('-'));
        scripts.extend(first.cloned());
    }
    for script in scripts {
        if let Some(known) = script.as_known() {
            let input = match stdin(call) {
                Stdin::Source(text) => Some(text.clone()),
                _ => None,
            };
            Sed { rest: known, input }.commands(out);
        }
    }
}

/// A sed script, read from its start; what is no sed ends the reading, since sed refuses it.
struct Sed<'s> {
    rest: &'s str,
    /// The lines that it reads, where they are given.
    input: Option<Text>,
}

impl<'s> Sed<'s> {
    fn commands(&mut self, out: &mut Vec<Entered>) {
        loop {
            self.rest =
                self.rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}'));
            if self.rest.is_empty() || self.address().is_none() {
                return;
            }
            let Some(command) = self.next() else {
                return;
            };
            match command {
                'e' => {
                    let code = self.line().trim();
                    match code.trim_start_matches(['}', ';', ' ']) {
                        "" => out.extend(self.input.clone().map(shell)),
                        _ => out.push(shell(Text::known(code))),
                    }
                }
                's' | 'y' => {
                    let Some((replacement, flags)) = self.substitution() else {
                        return;
                    };
                    if command == 's' && flags.contains('e') {
                        let mut code = replaced(replacement);
                        out.push(perhaps(code.clone()));
                        // What follows the match is part of the command.
                        code.append(&Text::hole("(the rest of a line)", Shape::Any));
                        out.push(perhaps(code));
                    }
                }
                'a' | 'i' | 'c' | 'r' | 'R' | 'w' | 'W' | '#' => {
                    self.line();
                }
                'b' | 't' | 'T' | ':' | 'q' | 'Q' | 'l' | 'L' => {
                    let end = self.rest.find(['\n', ';', '}']).unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// The rest of the line.
    fn line(&mut self) -> &'s str {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        line
    }

    /// Goes past the addresses in front of a command.
    fn address(&mut self) -> Option<()> {
        loop {
            let c = self.rest.chars().next()?;
            match c {
                '0'..='9' | '$' | ',' | '~' | '+' | '!' | ' ' | '\t' => {
                    self.next();
                }
                '/' => {
                    self.next();
                    self.until('/')?;
                }
                '\\' => {
                    self.next();
                    let delimiter = self.next()?;
                    self.until(delimiter)?;
                }
                'I' | 'M' => {
                    self.next();
                }
                _ => return Some(()),
            }
        }
    }

    /// Text up to a delimiter that no backslash stands before, without it.
    fn until(&mut self, delimiter: char) -> Option<&'s str> {
        let mut escaped = false;
        for (at, c) in self.rest.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == delimiter {
                let text = &self.rest[..at];
                self.rest = &self.rest[at + c.len_utf8()..];
                return Some(text);
            }
        }
        None
    }

    /// The replacement and the flags of `s/…/…/flags`, its letter read.
    fn substitution(&mut self) -> Option<(&'s str, &'s str)> {
        let delimiter = self.next()?;
        self.until(delimiter)?;
        let replacement = self.until(delimiter)?;
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (flags, rest) = self.rest.split_at(end);
        self.rest = rest;
        if flags.contains('w') {
            self.line();
        }
        Some((replacement, flags))
    }
}

/// A replacement as far as it is known: what matched is not.
fn replaced(replacement: &str) -> Text {
    let mut text = Text::default();
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => text.append(&Text::hole("&", Shape::Any)),
            '\\' => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    text.append(&Text::hole(format!("\\{digit}"), Shape::Any));
                }
                Some('n') => text.push_str("\n"),
                Some(other) => text.push_str(other.encode_utf8(&mut [0; 4])),
                None => {}
            },
            c => text.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }
    text
}
