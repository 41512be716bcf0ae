//! What runs in a refused command's place, where a caller's boilerplate is around it.
//!
//! Some agents wrap each command: they evaluate it with `eval`, then save the shell's state. If
//! all of that is refused, the agent loses its session with the command. So the refused command
//! alone is taken out, and one that prints the refusal and fails stands in for it; the whole is
//! judged again, and runs only if nothing else in it is refused.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::invocation::{Invocation, Source};
use crate::exit::Exit;
use crate::model::{Effect, Verdict};
use crate::pipeline::Judgement;

/// A call with a stand-in for the refused command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// The text after `-c`.
    pub text: Vec<u8>,
    /// `$1` and on.
    pub positional: Vec<OsString>,
}

/// The command that stands in.
fn command(line: &str) -> String {
    format!("printf '%s\\n' {} >&2; (exit {})", quote(line), Exit::Refused.code())
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The calls to try: with a stand-in for `$1`, and for a quoted word of `eval` in which all that
/// is refused stands. `line` is the refusal.
pub fn candidates(invocation: &Invocation, text: &[u8], verdict: &Verdict, line: &str) -> Vec<StandIn> {
    let mut found = Vec::new();
    if !matches!(invocation.source, Source::Command(_)) || invocation.then_stdin {
        return found;
    }
    if let [_, rest @ ..] = invocation.positional.as_slice() {
        let mut positional = vec![OsString::from(command(line))];
        positional.extend_from_slice(rest);
        found.push(StandIn { text: text.to_vec(), positional });
    }
    if let Some(range) = refused_word(text, verdict) {
        let mut changed = text[..range.start].to_vec();
        changed.extend(quote(&command(line)).into_bytes());
        changed.extend_from_slice(&text[range.end..]);
        found.push(StandIn { text: changed, positional: invocation.positional.clone() });
    }
    found
}

/// The word of an `eval`, in apostrophes, that covers every refused span.
fn refused_word(text: &[u8], verdict: &Verdict) -> Option<std::ops::Range<usize>> {
    let refused = || verdict.findings.iter().filter(|finding| !finding.decision.runs());
    let start = refused().map(|finding| finding.span.start).min()?;
    let end = refused().map(|finding| finding.span.end).max()?;
    let mut from = 0;
    while let Some(at) = find(&text[from..], b"eval '") {
        let word = from + at + b"eval ".len();
        if word > start {
            return None;
        }
        let word_end = end_of_word(text, word);
        if end <= word_end {
            return Some(word..word_end);
        }
        from = word_end.max(word + 1);
    }
    None
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The end of a word in apostrophes: `'it'\''s'`, `'it'"'"'s'`.
fn end_of_word(text: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let rest = &text[at..];
        at += match rest {
            [b'\'', rest @ ..] => match rest.iter().position(|byte| *byte == b'\'') {
                Some(length) => length + 2,
                None => return text.len(),
            },
            [b'\\', b'\'', ..] => 2,
            [b'"', b'\'', b'"', ..] => 3,
            _ => return at,
        };
    }
}

/// Whether the stand-in would run just as it is, as a command of its own: a text that only passes
/// `$1` to a program would hand the words of the stand-in to that program.
pub fn would_run(judged: &Judgement, line: &str) -> bool {
    judged.verdict.decision.runs()
        && judged.walked.actions.iter().any(|action| match &action.effect {
            Effect::Call(call) => {
                let args: Option<Vec<&str>> = call.args.iter().map(|arg| arg.as_known()).collect();
                call.name() == Some("printf") && args.is_some_and(|args| args == ["%s\\n", line])
            }
            _ => false,
        })
}

/// The arguments with the stand-in in place: it changes the words behind `-c` alone.
pub fn argv(argv: &[OsString], invocation: &Invocation, stand_in: &StandIn) -> Vec<OsString> {
    let mut words = argv.to_vec();
    let positional = words.len() - invocation.positional.len();
    words.truncate(positional);
    words.extend(stand_in.positional.iter().cloned());
    if let Source::Command(text) = &invocation.source {
        // `$0` stands between the command and the positional parameters, where there are any.
        let named = usize::from(!invocation.positional.is_empty());
        let before = words[..positional - named].iter().rposition(|word| word == text);
        if let Some(at) = before {
            words[at] = OsString::from_vec(stand_in.text.clone());
        }
    }
    words
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Decision, Finding, Match, Severity, Span};
    use crate::shell::flags;
    use crate::shell::invocation::{Grammar, Identity};

    fn refused(text: &str, what: &str) -> Verdict {
        let start = text.find(what).unwrap_or(0);
        let finding = Finding {
            rule: "a.b".into(),
            severity: Severity::High,
            decision: Decision::Deny,
            matched: Match::Yes,
            span: Span::new(start, start + what.len()),
            title: String::new(),
            why: String::new(),
            safer: vec![],
            resource: None,
            via: vec![],
        };
        Verdict { decision: Decision::Deny, findings: vec![finding], ..Verdict::default() }
    }

    fn invocation(words: &[&str]) -> (Vec<OsString>, Invocation) {
        let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
        let parsed = flags::parse(Identity::Bash, Grammar::Bash, &argv);
        (argv, parsed)
    }

    #[test]
    fn the_word_of_eval_is_found_with_its_escapes() {
        for (text, word) in [
            ("a && eval 'BAD' \\< /dev/null && pwd", "'BAD'"),
            ("eval 'it'\\''s BAD' x", "'it'\\''s BAD'"),
            ("eval 'it'\"'\"'s BAD' x", "'it'\"'\"'s BAD'"),
            ("eval 'ok'; eval 'BAD'", "'BAD'"),
        ] {
            let range = refused_word(text.as_bytes(), &refused(text, "BAD")).unwrap();
            assert_eq!(&text[range], word);
        }
        for text in ["BAD; eval 'ok'", "eval 'ok'; BAD", "eval \"BAD\"", "BAD"] {
            assert_eq!(refused_word(text.as_bytes(), &refused(text, "BAD")), None, "{text}");
        }
    }

    #[test]
    fn only_the_refused_words_change() {
        let (words, call) = invocation(&["bash", "-O", "extglob", "-c", "eval \"$1\"", "--", "BAD", "x"]);
        let found = candidates(&call, b"eval \"$1\"", &refused("", ""), "guard: it's no");
        let stand_in = &found[0];
        let out = argv(&words, &call, stand_in);
        assert_eq!(&out[..6], &words[..6]);
        assert_eq!(out[6], "printf '%s\\n' 'guard: it'\\''s no' >&2; (exit 126)");
        assert_eq!(out[7], "x");

        let text = "eval 'BAD'; pwd";
        let (words, call) = invocation(&["bash", "-c", "-l", text]);
        let found = candidates(&call, text.as_bytes(), &refused(text, "BAD"), "no");
        let out = argv(&words, &call, &found[0]);
        assert_eq!(out[..3], words[..3]);
        assert_eq!(out[3], "eval 'printf '\\''%s\\n'\\'' '\\''no'\\'' >&2; (exit 126)'; pwd");
    }
}
