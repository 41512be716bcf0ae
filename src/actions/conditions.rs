//! What a script's own tests of files tell of the commands behind them: where nothing stands when
//! these run. `[ -e x ] || cp y x` writes over nothing.

use crate::model::{Call, FileKind, Kept, Span, Text, absolute, base_name};
use crate::syntax::{CaseArm, Command, FILE, Part, Scope, Stmt, Word};

use super::kept::Keeper;

use super::walk::Walk;

/// Something that holds for the commands that are being followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing stands at this absolute path.
    Absent(String),
    /// Uncommitted changes were kept.
    Kept(Kept, Keeper),
    /// What this stash holds stands in the work tree too.
    Applied(String),
    /// This container was made by the script, and holds nothing of worth.
    Container(String),
    /// The script made the repository in this directory, and nothing was there before.
    Fresh(String),
    /// The script made this database, of which there was none before.
    Database(String),
    /// What listens at this port was started by the script, and holds nothing of worth.
    Port(String),
    /// It does not hold any more. Its place stays, since those around will take back theirs.
    Doubted,
}

/// How much one list of commands remembers.
pub(super) const KNOWN: usize = 256;

/// What holds if a command succeeds or fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gone {
    pub if_true: Vec<Known>,
    pub if_false: Vec<Known>,
}

impl Gone {
    /// The same of `! command`.
    pub fn negated(self) -> Gone {
        Gone { if_true: self.if_false, if_false: self.if_true }
    }

    fn and(mut self, other: Gone) -> Gone {
        self.if_true.extend(other.if_true);
        Gone { if_true: self.if_true, if_false: Vec::new() }
    }

    fn or(mut self, other: Gone) -> Gone {
        self.if_false.extend(other.if_false);
        Gone { if_true: Vec::new(), if_false: self.if_false }
    }
}

/// What a comparison tells that a script makes of its own path: with `BASH_SOURCE`, whether the file that is being
/// read is the script itself; with `/*`, whether the path leads from the root. None where the words are no such
/// comparison, or not known.
pub(super) fn decided(words: &[Word], texts: &[Text]) -> Option<bool> {
    let names_file = |word: &Word| {
        let names = |part: &Part| match part {
            Part::Parameter { expansion, .. } => matches!(expansion.name.as_str(), "BASH_SOURCE" | FILE),
            _ => false,
        };
        word.parts.iter().any(names)
    };
    let ([_, _, _], [left, operator, right]) = (words, texts) else {
        return None;
    };
    let rooted = is_pattern(&words[2], "/*") && texts[0].as_known().is_some();
    if rooted {
        let rooted = texts[0].known_start().starts_with('/');
        return match operator.as_known()? {
            "=" | "==" => Some(rooted),
            "!=" => Some(!rooted),
            _ => None,
        };
    }
    let plain = |text: &str| !text.contains(['*', '?', '[', '(', '\\']);
    let (left, right) = (left.as_known()?, right.as_known().filter(|right| plain(right))?);
    let same = match operator.as_known()? {
        "=" | "==" => left == right,
        "!=" => left != right,
        _ => return None,
    };
    words.iter().any(names_file).then_some(same)
}

/// The same of `[ … ]` and `test …`.
pub(super) fn decided_by_call(words: &[Word], fields: &[(Text, Span)]) -> Option<bool> {
    let tests = match fields.first()?.0.as_known()? {
        "[" if fields.len() == 5 => 1..4,
        "test" if fields.len() == 4 => 1..4,
        _ => return None,
    };
    let texts: Vec<Text> = fields[tests.clone()].iter().map(|(text, _)| text.clone()).collect();
    (words.len() == fields.len()).then(|| decided(&words[tests], &texts))?
}

/// Whether a word is this pattern.
fn is_pattern(word: &Word, pattern: &str) -> bool {
    matches!(word.parts.as_slice(), [Part::Literal { text, quoted: false }] if text == pattern)
}

/// The arm of a `case` that is taken, where the arms only tell whether a known path leads from the root.
pub(super) fn arm_taken<'a>(subject: &Text, arms: &'a [CaseArm]) -> Option<&'a CaseArm> {
    let rooted = subject.as_known()?.starts_with('/');
    for arm in arms.iter() {
        match arm.patterns.as_slice() {
            [pattern] if is_pattern(pattern, "/*") && !arm.falls_through && !rooted => {}
            [pattern] if is_pattern(pattern, "/*") || is_pattern(pattern, "*") => {
                return (!arm.falls_through).then_some(arm);
            }
            _ => return None,
        }
    }
    None
}

/// The path of which statements ask whether it is a symbolic link, where they do nothing else.
pub(super) fn link_asked_for(condition: &[Stmt]) -> Option<&Word> {
    let [stmt] = condition else {
        return None;
    };
    let literal = |word: &Word, wanted: &[&str]| match word.parts.as_slice() {
        [Part::Literal { text, .. }] => wanted.contains(&text.as_str()),
        _ => false,
    };
    let words = match &stmt.command {
        Command::Test(words) => words.as_slice(),
        Command::Simple(simple) => match simple.words.as_slice() {
            [test, words @ .., end] if literal(test, &["["]) && literal(end, &["]"]) => words,
            [test, words @ ..] if literal(test, &["test"]) => words,
            _ => return None,
        },
        _ => return None,
    };
    match words {
        [operator, path] if literal(operator, &["-h", "-L"]) && !stmt.negated => {
            matches!(path.parts.as_slice(), [Part::Parameter { .. }]).then_some(path)
        }
        _ => None,
    }
}

/// Whether statements are `return` alone: it fails where there is nothing to return from.
pub(super) fn only_returns(body: &[Stmt]) -> bool {
    let [Stmt { command: Command::Simple(simple), .. }] = body else {
        return false;
    };
    simple.words.first().is_some_and(|word| match word.parts.as_slice() {
        [Part::Literal { text, .. }] => text == "return",
        _ => false,
    })
}

/// Programs that put files at paths that their words do not name.
const UNPACKERS: &[&str] = &[
    "git", "tar", "bsdtar", "gtar", "cpio", "pax", "unzip", "7z", "unrar", "rsync", "scp", "patch", "docker",
];

impl Walk<'_> {
    /// What `[ … ]` and `test …` tell.
    pub(super) fn tested_by(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Gone {
        let words = match (base_name(name), call.args.as_slice()) {
            ("[", [words @ .., last]) if last.as_known() == Some("]") => words,
            ("test", words) => words,
            _ => return Gone::default(),
        };
        self.tested_words(words, scope)
    }

    /// What the words of a test tell; nothing where one of them is not known.
    pub(super) fn tested_words(&self, words: &[Text], scope: &Scope<'_>) -> Gone {
        let known: Option<Vec<&str>> = words.iter().map(Text::as_known).collect();
        // Without words between them, operators are not to be told from what they stand between.
        let Some(known) = known.filter(|words| words.iter().all(|word| !word.is_empty())) else {
            return Gone::default();
        };
        if !self.context.place.is_local() {
            return Gone::default();
        }
        let mut test = Test { walk: self, scope, words: &known, at: 0 };
        let gone = test.alternatives();
        gone.filter(|_| test.at == known.len()).unwrap_or_default()
    }

    /// Whether nothing stands at the path of a test that fails: one that is there now, of a kind for
    /// which the test would succeed, is gone by then.
    fn gone_unless(&self, test: &str, path: &str, scope: &Scope<'_>) -> Option<String> {
        use FileKind::{Directory, EmptyDirectory, EmptyFile, File, Special, Symlink};
        let kinds: &[FileKind] = match test {
            "-e" => &[File, EmptyFile, Directory, EmptyDirectory, Special, Symlink],
            "-f" => &[File, EmptyFile],
            "-d" => &[Directory, EmptyDirectory],
            "-s" => &[File, Directory, EmptyDirectory],
            "-L" | "-h" => &[Symlink],
            _ => return None,
        };
        let within = path.strip_prefix("./").unwrap_or(path);
        let within = if test == "-d" { within.trim_end_matches('/') } else { within };
        // `link/../x` and `file/` are not what their text says.
        let mut parts = within.trim_start_matches('/').split('/');
        if parts.any(|part| matches!(part, "" | "." | "..")) {
            return None;
        }
        let path = absolute(scope.directory(), &Text::known(path))?;
        let is_own = self.written.contains(&path) || self.written.below(&path).next().is_some();
        (kinds.contains(&self.facts.kind(&path)) && !is_own).then_some(path)
    }

    /// Follows what runs only where something holds.
    pub(super) fn knowing<T>(&mut self, gone: &[Known], inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.len();
        self.known.extend_from_slice(gone);
        let done = inner(self);
        self.known.truncate(before);
        done
    }

    /// Takes in what holds from here on for a list of which `from` things are known from outside.
    /// Of very much only the newest is remembered: less is known then, never more.
    pub(super) fn learn(&mut self, from: usize, more: Vec<Known>) {
        self.known.extend(more);
        let over = (self.known.len() - from).saturating_sub(KNOWN);
        self.known.drain(from..from + over);
    }

    /// A program runs that may put something anywhere.
    pub(super) fn doubt_absent(&mut self, name: &str) {
        if UNPACKERS.contains(&base_name(name)) {
            let absent = self.known.iter_mut().filter(|known| matches!(known, Known::Absent(_)));
            absent.for_each(|known| *known = Known::Doubted);
        }
    }
}

/// A test's words, read from left to right.
struct Test<'w, 'f, 's> {
    walk: &'w Walk<'f>,
    scope: &'w Scope<'s>,
    words: &'w [&'w str],
    at: usize,
}

impl Test<'_, '_, '_> {
    fn next_is(&mut self, word: &str) -> bool {
        let is = self.words.get(self.at) == Some(&word);
        self.at += usize::from(is);
        is
    }

    fn alternatives(&mut self) -> Option<Gone> {
        let mut gone = self.conjunction()?;
        while self.next_is("-o") {
            gone = gone.or(self.conjunction()?);
        }
        Some(gone)
    }

    fn conjunction(&mut self) -> Option<Gone> {
        let mut gone = self.negation()?;
        while self.next_is("-a") {
            gone = gone.and(self.negation()?);
        }
        Some(gone)
    }

    fn negation(&mut self) -> Option<Gone> {
        match self.next_is("!") {
            true => self.negation().map(Gone::negated),
            false => self.primary(),
        }
    }

    fn primary(&mut self) -> Option<Gone> {
        const BINARY: &str = " = == != -eq -ne -lt -le -gt -ge -nt -ot -ef =~ \\< \\> < > ";
        let rest = &self.words[self.at..];
        let is_binary = |word: &str| BINARY.contains(&format!(" {word} "));
        let (taken, gone) = match rest {
            [_, operator, _, ..] if is_binary(operator) => (3, Gone::default()),
            [test, path, ..] if test.len() == 2 && test.starts_with('-') => {
                let if_false = self.walk.gone_unless(test, path, self.scope);
                (2, Gone { if_true: Vec::new(), if_false: if_false.into_iter().map(Known::Absent).collect() })
            }
            [word] if !word.starts_with(['-', '!', '(']) => (1, Gone::default()),
            _ => return None,
        };
        self.at += taken;
        Some(gone)
    }
}
