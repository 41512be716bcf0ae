//! What tests of known words come to: `[ -n "$UNSET" ]`, `[[ $1 == clean ]]`, `(( $# ))`, the arms of `case`. What they
//! do not let run is not judged.
//!
//! They count only in bash, where a script runs straight on: behind a loop, a function, an option or a trap that may
//! change what words mean, or anything unread that may have set what they rest on, both ways are judged. Tests of files
//! never count, for what runs meanwhile may put files anywhere.

use super::walk::Walk;
use crate::model::{Call, Effect, Piece, Span, Text, base_name};
use crate::syntax::{self, CaseArm, Dialect, Part, Redirect, RedirectKind, Scope, Word};

/// Programs and builtins that put nothing anywhere.
const QUIET: &[&str] = &[
    "[", "test", "echo", "printf", "true", "false", ":", "pwd", "ls", "cat", "head", "tail", "wc", "grep",
    "rg", "id", "whoami", "uname", "date", "which", "type", "basename", "dirname", "realpath", "readlink",
    "stat", "sleep",
];

/// Commands that start a program or shell with all of this shell's variables as they are.
const KEEPERS: &[&str] =
    &["eval", "source", ".", "command", "builtin", "timeout", "nohup", "time", "nice", "setsid", "stdbuf"];

impl Walk<'_> {
    /// Whether the words of tests are what the shell will see.
    fn trusts(&self, scope: &Scope<'_>) -> bool {
        !self.context.unsure
            && !scope.is_doubted()
            && scope.dialect() == Dialect::Bash
            && self.context.place.is_local()
            && !self.facts.is_placeless()
            && self.facts.env("BASHOPTS").is_none()
            && self.facts.env("POSIXLY_CORRECT").is_none()
    }

    /// Whether `[ … ]`, `test …`, `true` or `false` succeeds.
    pub(super) fn outcome_of_call(&self, fields: &[(Text, Span)], scope: &Scope<'_>) -> Option<bool> {
        let name = fields.first()?.0.as_known()?;
        let words = match (name, &fields[1..]) {
            ("true" | ":", _) => return self.trusts(scope).then_some(true),
            ("false", _) => return self.trusts(scope).then_some(false),
            ("test", words) => words,
            ("[", [words @ .., (end, _)]) if end.as_known() == Some("]") => words,
            _ => return None,
        };
        let words: Vec<Text> = words.iter().map(|(text, _)| text.clone()).collect();
        self.trusts(scope).then(|| self.outcome(&words, scope))?
    }

    /// Whether `[[ … ]]` succeeds; its operators stand there as they are.
    pub(super) fn outcome_of_test(&self, words: &[Word], texts: &[Text], scope: &Scope<'_>) -> Option<bool> {
        // What `&&`, `<` and parentheses joined ends with a word that is nowhere.
        if !self.trusts(scope) || words.last().is_none_or(|last| last.span.start == last.span.end) {
            return None;
        }
        match (words, texts) {
            ([not, rest @ ..], [_, texts @ ..]) if !rest.is_empty() && plain(not) == Some("!") => {
                self.outcome_of_test(rest, texts, scope).map(|outcome| !outcome)
            }
            ([_], [text]) => filled(text),
            ([operator, _], [_, text]) => self.unary(plain(operator)?, text, scope),
            ([_, operator, _], [left, _, right]) => match plain(operator)? {
                "=" | "==" => syntax::matches(right, left.as_known()?),
                "!=" => syntax::matches(right, left.as_known()?).map(|same| !same),
                operator => numbers(left, operator, right),
            },
            _ => None,
        }
    }

    /// Whether `(( … ))` succeeds.
    pub(super) fn outcome_of_number(&self, number: Option<i64>, scope: &Scope<'_>) -> Option<bool> {
        number.filter(|_| self.trusts(scope)).map(|number| number != 0)
    }

    /// For each arm of a `case` whether it fits, where all that decides it is known.
    pub(super) fn fitting(
        &self,
        subject: &Text,
        arms: &[CaseArm],
        patterns: &[Vec<Text>],
        scope: &Scope<'_>,
    ) -> Vec<Option<bool>> {
        let subject = subject.as_known().filter(|_| self.trusts(scope));
        let Some(subject) = subject.filter(|_| !arms.iter().any(|arm| arm.falls_through)) else {
            return vec![None; arms.len()];
        };
        let fits = |patterns: &Vec<Text>| {
            let mut each = patterns.iter().map(|pattern| syntax::matches(pattern, subject));
            each.try_fold(false, |any, fits| Some(any | fits?))
        };
        patterns.iter().map(fits).collect()
    }

    /// What `test` makes of words, by their number.
    fn outcome(&self, words: &[Text], scope: &Scope<'_>) -> Option<bool> {
        let known = |at: usize| words.get(at).and_then(Text::as_known);
        if words.iter().any(Text::is_many) {
            return None;
        }
        match words {
            [] => Some(false),
            [word] => filled(word),
            [_, _, _] if known(1).is_none() => None,
            [left, _, right] if known(1).is_some_and(is_binary) => match known(1)? {
                "=" | "==" | "!=" => {
                    let same = left.as_known()? == right.as_known()?;
                    Some(same == (known(1)? != "!="))
                }
                operator => numbers(left, operator, right),
            },
            [_, rest @ ..] if rest.len() <= 3 && known(0) == Some("!") => {
                self.outcome(rest, scope).map(|outcome| !outcome)
            }
            [_, word] => self.unary(known(0)?, word, scope),
            [left, _, right] if matches!(known(1), Some("-a" | "-o")) => match known(1)? {
                "-a" => and(filled(left), filled(right)),
                _ => or(filled(left), filled(right)),
            },
            [_, _, _] => None,
            _ => self.chain(words, scope),
        }
    }

    /// Tests between `-a` and `-o`, without parentheses.
    fn chain(&self, words: &[Text], scope: &Scope<'_>) -> Option<bool> {
        let known: Vec<&str> = words.iter().map(Text::as_known).collect::<Option<_>>()?;
        let (mut any, mut all, mut at) = (Some(false), Some(true), 0);
        loop {
            let negated = known.get(at) == Some(&"!");
            at += usize::from(negated);
            let taken = if known.get(at + 1).copied().is_some_and(is_binary) { 3 } else { 2 };
            if matches!(known.get(at), None | Some(&("!" | "("))) {
                return None;
            }
            let outcome = self.outcome(words.get(at..at + taken)?, scope);
            all = and(all, outcome.map(|outcome| outcome != negated));
            at += taken;
            match known.get(at) {
                None => return or(any, all),
                Some(&"-a") => {}
                Some(&"-o") => (any, all) = (or(any, all), Some(true)),
                Some(_) => return None,
            }
            at += 1;
        }
    }

    fn unary(&self, operator: &str, word: &Text, scope: &Scope<'_>) -> Option<bool> {
        match operator {
            "-n" => filled(word),
            "-z" => filled(word).map(|filled| !filled),
            "-v" => match word.as_known().filter(|name| syntax::is_name(name)) {
                Some(name) => match scope.get(name) {
                    None => Some(false),
                    Some(text) => text.as_known().is_some().then_some(true),
                },
                None => None,
            },
            _ => None,
        }
    }

    /// Whether anything before may have put files somewhere, or taken them away.
    pub(super) fn has_stirred(&self) -> bool {
        let actions = &self.found.actions;
        let quiet = |effect: &Effect| match effect {
            Effect::Call(call) => call.name().is_some_and(|name| QUIET.contains(&name)),
            _ => false,
        };
        let from = self.quiet.get().min(actions.len());
        let more = actions[from..].iter().take_while(|action| quiet(&action.effect)).count();
        self.quiet.set(from + more);
        from + more < actions.len() || !self.made.is_empty()
    }

    /// A redirection may have failed: then what a command did to the shell it did not do.
    pub(super) fn may_not_have_run<'a>(&self, before: Option<&Scope<'a>>, scope: &mut Scope<'a>) {
        if before.is_some_and(|before| Scope::differ(before, scope)) {
            scope.doubt_tests();
        }
    }

    /// Whether one of the actions since the first prints what is found somewhere.
    pub(super) fn looks(&self, first: usize) -> bool {
        const BLIND: &[&str] =
            &["echo", "printf", "[", "test", "basename", "dirname", "tr", "cut", "sed", "pwd"];
        let blind = |effect: &Effect| match effect {
            Effect::Call(call) => {
                let root = call.args.last().and_then(Text::as_known) == Some("--show-toplevel");
                call.name().is_some_and(|name| BLIND.contains(&name) || name == "git" && root)
            }
            _ => false,
        };
        self.found.actions.iter().skip(first).any(|action| !blind(&action.effect))
    }

    /// Whether what a call starts sees the variables of the shell that calls it, and no others.
    pub(super) fn hands_on(outer: &Call) -> bool {
        let Some(name) = outer.program.as_known() else {
            return false;
        };
        let set = |name: &str| outer.env.iter().any(|(set, _)| set == name);
        if KEEPERS.contains(&name) {
            return true;
        }
        if !matches!(base_name(name), "bash" | "sh" | "dash") || set("BASH_ENV") || set("BASHOPTS") {
            return false;
        }
        // Up to the script or the source: no flag that makes it read startup files.
        for arg in &outer.args {
            match arg.as_known() {
                Some("posix") => return false,
                Some("--norc" | "--noprofile" | "pipefail" | "errexit" | "nounset") => {}
                Some(flags) if flags.starts_with(['-', '+']) => {
                    if !flags[1..].bytes().all(|flag| b"ceuxvo".contains(&flag)) {
                        return false;
                    }
                    if flags.contains('c') {
                        return true;
                    }
                }
                Some(_) => return true,
                None => return !arg.known_start().is_empty() && !arg.known_start().starts_with(['-', '+']),
            }
        }
        true
    }
}

/// Whether the words of `[[ … ]]` may assign: those of arithmetic, and indices.
pub(super) fn may_assign(texts: &[Text], scope: &Scope<'_>) -> bool {
    let counts = |text: &Text| {
        let decimal = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        let plain = |text: &str| decimal(text.strip_prefix('-').unwrap_or(text));
        text.as_known().is_some_and(|known| match syntax::is_name(known) {
            true => {
                scope.get(known).and_then(|value| value.as_known().map(|value| !plain(value))) == Some(true)
            }
            false => !plain(known),
        })
    };
    let numeric = |text: &Text| {
        text.as_known().is_some_and(|text| matches!(text, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"))
    };
    texts.windows(3).any(|words| numeric(&words[1]) && (counts(&words[0]) || counts(&words[2])))
        || texts.iter().filter_map(Text::as_known).any(assigns_in_index)
}

/// `A[V=1]`, where a name of a variable is asked for.
pub(super) fn assigns_in_index(word: &str) -> bool {
    let index = word.split_once('[').filter(|(name, _)| syntax::is_name(name));
    let index = index.map(|(_, rest)| rest.split(']').next().unwrap_or(rest));
    index.is_some_and(|index| index.contains(['=', '(']) || index.contains("++") || index.contains("--"))
}

/// Whether redirections surely succeed.
pub(super) fn surely_redirect(redirects: &[Redirect]) -> bool {
    redirects.iter().all(|redirect| match &redirect.kind {
        RedirectKind::Write(word) | RedirectKind::Append(word) | RedirectKind::Read(word) => {
            plain(word) == Some("/dev/null")
        }
        RedirectKind::Duplicate(word) => matches!(plain(word), Some("1" | "2" | "-")),
        RedirectKind::Heredoc(_) | RedirectKind::HereString(_) => true,
        _ => false,
    })
}

/// Whether `[[` takes what stands behind this word for a pattern.
pub(super) fn compares_pattern(operator: &Word) -> bool {
    matches!(plain(operator), Some("=" | "==" | "!="))
}

/// A word that stands there as it is.
fn plain(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [Part::Literal { text, quoted: false }] => Some(text),
        _ => None,
    }
}

/// Whether a text is not empty.
fn filled(text: &Text) -> Option<bool> {
    let solid = |piece: &Piece| match piece {
        Piece::Known(known) => !known.is_empty(),
        Piece::Glob(_) | Piece::Hole(_) => false,
    };
    match text.as_known() {
        Some(known) => Some(!known.is_empty()),
        None => (!text.is_many() && text.pieces().iter().any(solid)).then_some(true),
    }
}

fn is_binary(word: &str) -> bool {
    const BINARY: &[&str] =
        &["=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "<", ">", "=~"];
    BINARY.contains(&word)
}

/// A comparison of decimal numbers.
fn numbers(left: &Text, operator: &str, right: &Text) -> Option<bool> {
    let number = |text: &Text| {
        let text = text.as_known()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        // A zero in front makes it octal in `[[`.
        let decimal =
            digits == "0" || !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| decimal)
    };
    let (left, right) = (number(left)?, number(right)?);
    match operator {
        "-eq" => Some(left == right),
        "-ne" => Some(left != right),
        "-lt" => Some(left < right),
        "-le" => Some(left <= right),
        "-gt" => Some(left > right),
        "-ge" => Some(left >= right),
        _ => None,
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        _ => Some(left? && right?),
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    and(left.map(|left| !left), right.map(|right| !right)).map(|neither| !neither)
}
