//! The flags of bash, zsh and dash as those shells read them, to find what will run.
//!
//! The real shell gets the words as they came. What is read here only has to be as strict: a word
//! that the real shell would reject may be taken for a flag, since then nothing runs at all.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::invocation::{Grammar, Identity, Invocation, Source};

/// What a flag means for guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing that changes what runs.
    Nothing,
    /// The next word is its value, of no interest.
    Value,
    /// The next word is an init file.
    InitFile,
    /// A login shell.
    Login,
    /// An interactive shell.
    Interactive,
    /// No startup files of the user's.
    NoStartup,
    /// No login startup files.
    NoProfile,
    /// POSIX mode.
    Posix,
    /// The environment names no startup file.
    Privileged,
    /// Reads, runs nothing.
    NoExec,
    /// Prints something about the shell itself and ends.
    Inform,
    /// The first word that is no option is a command.
    Command,
    /// Commands come from standard input.
    Stdin,
}

use Effect::*;

/// bash's long options; one dash will do.
const BASH_LONG: &[(&str, Effect)] = &[
    ("debug", Nothing),
    ("debugger", Nothing),
    ("dump-po-strings", NoExec),
    ("dump-strings", NoExec),
    ("help", Inform),
    ("init-file", InitFile),
    ("login", Login),
    ("noediting", Nothing),
    ("noprofile", NoProfile),
    ("norc", NoStartup),
    ("posix", Posix),
    ("pretty-print", Nothing),
    ("protected", Nothing),
    ("rcfile", InitFile),
    ("restricted", Nothing),
    ("verbose", Nothing),
    ("version", Inform),
];

/// Letters that matter in bash; every other one is a switch of no interest.
const BASH_LETTERS: &[(u8, Effect)] = &[
    (b'c', Command),
    (b'D', NoExec),
    (b'i', Interactive),
    (b'l', Login),
    (b'n', NoExec),
    (b'O', Value),
    (b'p', Privileged),
    (b's', Stdin),
];

/// Letters that matter in dash and its kin.
const DASH_LETTERS: &[(u8, Effect)] =
    &[(b'c', Command), (b'i', Interactive), (b'l', Login), (b'n', NoExec), (b'p', Privileged), (b's', Stdin)];

/// Letters that matter in zsh.
const ZSH_LETTERS: &[(u8, Effect)] = &[
    (b'c', Command),
    (b'f', NoStartup),
    (b'i', Interactive),
    (b'l', Login),
    (b'n', NoExec),
    (b'p', Privileged),
    (b's', Stdin),
];

/// Names after `-o` that matter, as they read without `_`, `-` and case.
const NAMED: &[(&str, Effect)] = &[
    ("interactive", Interactive),
    ("login", Login),
    ("noexec", NoExec),
    ("norcs", NoStartup),
    ("posix", Posix),
    ("privileged", Privileged),
    ("shinstdin", Stdin),
];

/// What the words say so far.
struct Reading<'a> {
    words: &'a [OsString],
    next: usize,
    invocation: Invocation,
    command: bool,
    stdin: bool,
    no_exec: bool,
    inform: bool,
    /// A word that the real shell may not know: what it says is judged all the same.
    doubtful: bool,
}

/// Finds what will run. `argv` starts with the name that the real shell is given.
pub fn parse(grammar: Grammar, argv: &[OsString]) -> Invocation {
    let name = argv.first().map_or(OsStr::new(""), OsString::as_os_str);
    let identity = Identity::of(name);
    let mut reading = Reading {
        words: argv,
        next: 1,
        invocation: Invocation::new(identity, grammar),
        command: false,
        stdin: false,
        no_exec: false,
        inform: false,
        doubtful: false,
    };
    reading.invocation.login = name.as_bytes().starts_with(b"-");
    reading.invocation.posix = identity == Identity::Sh;
    if grammar == Grammar::Bash {
        reading.long_options();
    }
    reading.short_options();
    reading.finish()
}

impl Reading<'_> {
    fn word(&self) -> Option<&[u8]> {
        self.words.get(self.next).map(|word| word.as_bytes())
    }

    fn take(&mut self) -> Option<OsString> {
        let word = self.words.get(self.next).cloned();
        self.next += usize::from(word.is_some());
        word
    }

    /// bash reads these first, and only up to the first word that is none.
    fn long_options(&mut self) {
        while let Some(word) = self.word() {
            let Some(one) = word.strip_prefix(b"-") else {
                return;
            };
            let name = one.strip_prefix(b"-").unwrap_or(one);
            let known = BASH_LONG.iter().find(|(long, _)| long.as_bytes() == name);
            let Some(&(_, effect)) = known else { return };
            self.next += 1;
            self.apply(effect, true);
        }
    }

    /// Clusters of letters, with their values behind them.
    fn short_options(&mut self) {
        while let Some(word) = self.word() {
            let on = match word.first() {
                Some(b'-') => true,
                Some(b'+') => false,
                _ => return,
            };
            let word = word[1..].to_vec();
            self.next += 1;
            let zsh = self.invocation.grammar == Grammar::Zsh;
            if (on && matches!(word.as_slice(), b"" | b"-")) || (zsh && word.is_empty()) {
                return;
            }
            if zsh && on && word.starts_with(b"-") {
                self.zsh_long(&word[1..]);
            } else if self.cluster(&word, on) {
                return;
            }
        }
    }

    /// One cluster of letters; true where it ends the options.
    fn cluster(&mut self, letters: &[u8], on: bool) -> bool {
        let grammar = self.invocation.grammar;
        let table = match grammar {
            Grammar::Bash => BASH_LETTERS,
            Grammar::Zsh => ZSH_LETTERS,
            Grammar::Dash => DASH_LETTERS,
        };
        for (i, &letter) in letters.iter().enumerate() {
            match letter {
                b'o' if grammar == Grammar::Zsh && i + 1 < letters.len() => {
                    self.named(&letters[i + 1..], on);
                    return false;
                }
                b'o' => {
                    if let Some(name) = self.take() {
                        self.named(name.as_bytes(), on);
                    }
                    if grammar == Grammar::Zsh {
                        return false;
                    }
                }
                b'-' if grammar == Grammar::Zsh && i + 1 == letters.len() => return true,
                b'b' if grammar == Grammar::Zsh && self.invocation.identity != Identity::Sh => {
                    return true;
                }
                b'-' => self.doubtful = true,
                _ => {
                    let known = table.iter().find(|(name, _)| *name == letter);
                    if let Some(&(_, effect)) = known {
                        self.apply(effect, on);
                    }
                }
            }
        }
        false
    }

    /// `--emulate sh`, `--version`, `--no-rcs`.
    fn zsh_long(&mut self, name: &[u8]) {
        match name {
            b"version" | b"help" => self.inform = true,
            b"emulate" => {
                let shell = self.take().unwrap_or_default();
                self.invocation.posix |= matches!(shell.as_bytes(), b"sh" | b"ksh");
            }
            _ => self.named(name, true),
        }
    }

    /// The option that stands after `-o` or `+o`.
    fn named(&mut self, name: &[u8], on: bool) {
        let plain: String = name
            .iter()
            .filter(|byte| !matches!(byte, b'_' | b'-'))
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
        let find = |wanted: &str| NAMED.iter().find(|(known, _)| *known == wanted);
        if let Some(&(_, effect)) = find(&plain) {
            self.apply(effect, on);
            return;
        }
        // `-o exec` is `+o noexec`, and `-o norcs` is `+o rcs`.
        let negated = match plain.strip_prefix("no") {
            Some(rest) => rest.to_owned(),
            None => format!("no{plain}"),
        };
        if let Some(&(_, effect)) = find(&negated) {
            self.apply(effect, !on);
        }
    }

    fn apply(&mut self, effect: Effect, on: bool) {
        match effect {
            Nothing => {}
            Value => {
                self.take();
            }
            InitFile => self.invocation.init_file = self.take(),
            // The shells take these two with either sign.
            Command => self.command = true,
            Login => self.invocation.login = true,
            Stdin => self.stdin = on || self.invocation.grammar == Grammar::Bash,
            Interactive => self.invocation.interactive = on,
            NoStartup => self.invocation.no_startup = on,
            NoProfile => self.invocation.no_profile = on,
            Posix => self.invocation.posix = on,
            Privileged => self.invocation.privileged = on,
            NoExec => self.no_exec = on,
            Inform => self.inform = true,
        }
    }

    /// What stands behind the options.
    fn finish(mut self) -> Invocation {
        // An interactive shell runs what it reads whatever `-n` says.
        let idle = self.no_exec && !self.invocation.interactive && !self.doubtful;
        let source = if self.inform && !self.doubtful {
            Source::Nothing
        } else if self.command {
            match self.take() {
                Some(text) => Source::Command(text),
                None => Source::Nothing,
            }
        } else if self.stdin {
            Source::Stdin
        } else {
            match self.take() {
                Some(file) => {
                    self.invocation.name = Some(file.clone());
                    Source::File(file)
                }
                None => Source::Stdin,
            }
        };
        if self.command && (self.invocation.grammar != Grammar::Dash || !self.stdin) {
            self.stdin = false;
        }
        self.invocation.then_stdin = self.command && self.stdin;
        if self.command {
            self.invocation.name = self.take();
        }
        self.invocation.source = if idle { Source::Nothing } else { source };
        self.invocation.positional = self.words[self.next.min(self.words.len())..].to_vec();
        let zero = self.words.first().cloned().unwrap_or_else(|| OsStr::new("bash").to_owned());
        self.invocation.name.get_or_insert(zero);
        self.invocation
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(name: &str, line: &str) -> Invocation {
        let grammar = match name.trim_start_matches('-') {
            "zsh" => Grammar::Zsh,
            "dash" => Grammar::Dash,
            _ => Grammar::Bash,
        };
        let mut argv = vec![OsString::from(name)];
        argv.extend(shell_words::split(line).unwrap().into_iter().map(OsString::from));
        parse(grammar, &argv)
    }

    /// Source, then `$0` and on.
    fn short(invocation: &Invocation) -> String {
        let text = |word: &OsString| word.to_string_lossy().into_owned();
        let source = match &invocation.source {
            Source::Command(word) => format!("c:{}", text(word)),
            Source::File(word) => format!("f:{}", text(word)),
            Source::Stdin => "stdin".to_owned(),
            Source::Nothing => return "none".to_owned(),
        };
        let mut words = vec![source];
        words.extend(invocation.name.iter().map(text));
        words.extend(invocation.positional.iter().map(text));
        words.join("|")
    }

    #[test]
    fn what_runs_is_found_as_the_real_shell_finds_it() {
        for (name, line, wanted) in [
            ("bash", "-c x", "c:x|bash"),
            ("bash", "-lc x", "c:x|bash"),
            ("bash", "-c -l x", "c:x|bash"),
            ("bash", "-co pipefail x", "c:x|bash"),
            ("bash", "-c -- x", "c:x|bash"),
            ("bash", "-c - x", "c:x|bash"),
            ("bash", "+c x", "c:x|bash"),
            ("bash", "-c x -- y", "c:x|--|y"),
            ("bash", "-c x name a b", "c:x|name|a|b"),
            ("bash", "-euxo pipefail -c x", "c:x|bash"),
            ("bash", "-eo pipefail -c x", "c:x|bash"),
            ("bash", "-oO pipefail extglob -c x", "c:x|bash"),
            ("bash", "-O extglob -c x -- cmd", "c:x|--|cmd"),
            ("bash", "+O extglob +o posix -c x", "c:x|bash"),
            ("bash", "--norc --noprofile -c x", "c:x|bash"),
            ("bash", "-norc -login -c x", "c:x|bash"),
            ("bash", "--rcfile f --posix -c x", "c:x|bash"),
            ("bash", "--init-file f", "stdin|bash"),
            ("bash", "-s a b", "stdin|bash|a|b"),
            ("bash", "-cs x", "c:x|bash"),
            ("bash", "script a -c b", "f:script|script|a|-c|b"),
            ("bash", "-x -- script", "f:script|script"),
            ("bash", "- -c", "f:-c|-c"),
            ("bash", "-c", "none"),
            ("bash", "-c -o", "none"),
            ("bash", "--version -c x", "none"),
            ("bash", "-n script", "none"),
            ("bash", "-n +n script", "f:script|script"),
            ("bash", "-o noexec script", "none"),
            ("bash", "-n -i -c x", "c:x|bash"),
            ("bash", "-D script", "none"),
            ("bash", "-c --norc x", "none"),
            ("bash", "-Q -c x", "c:x|bash"),
            ("bash", "", "stdin|bash"),
            ("-bash", "-c x", "c:x|-bash"),
            ("zsh", "-o extendedglob -ilc x", "c:x|zsh"),
            ("zsh", "-oextendedglob -c x -- y", "c:x|--|y"),
            ("zsh", "-fc x", "c:x|zsh"),
            ("zsh", "--emulate sh -c x", "c:x|zsh"),
            ("zsh", "--no-rcs script", "f:script|script"),
            ("zsh", "-o no_exec script", "none"),
            ("zsh", "+o exec script", "none"),
            ("zsh", "-b -c", "f:-c|-c"),
            ("zsh", "-x- -c", "f:-c|-c"),
            ("zsh", "-o shin_stdin a b", "stdin|zsh|a|b"),
            ("zsh", "--version", "none"),
            ("dash", "-ec x", "c:x|dash"),
            ("dash", "-c -e x", "c:x|dash"),
            ("dash", "-i -c x", "c:x|dash"),
            ("dash", "-eo vi -c x", "c:x|dash"),
        ] {
            assert_eq!(short(&read(name, line)), wanted, "{name} {line}");
        }
    }

    #[test]
    fn the_modes_are_told() {
        assert!(read("-bash", "").login && read("bash", "--login").login);
        assert!(read("bash", "-lc x").login && !read("bash", "-c x").login);
        assert!(read("bash", "-ic x").interactive && !read("bash", "+i -c x").interactive);
        assert!(read("bash", "-o posix -c x").posix && read("sh", "-c x").posix);
        assert!(read("bash", "--norc -i").no_startup && read("zsh", "-f").no_startup);
        assert!(read("bash", "-pc x").privileged);
        assert_eq!(read("bash", "--rcfile f -i").init_file.unwrap(), "f");
        assert!(read("dash", "-sc x").then_stdin && !read("bash", "-sc x").then_stdin);
    }
}
