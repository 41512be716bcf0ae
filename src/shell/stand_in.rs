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
use crate::model::{Effect, Span, bytes};
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

/// A word that the shell reads as just this text.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The calls to try: with a stand-in for `$1`, and for the word of each `eval` in which all that
/// is refused stands. `line` is the refusal.
pub fn candidates(invocation: &Invocation, text: &[u8], refused: &Judgement, line: &str) -> Vec<StandIn> {
    let mut found = Vec::new();
    if !matches!(invocation.source, Source::Command(_)) || invocation.then_stdin {
        return found;
    }
    if let [_, rest @ ..] = invocation.positional.as_slice() {
        let mut positional = vec![OsString::from(command(line))];
        positional.extend_from_slice(rest);
        found.push(StandIn { text: text.to_vec(), positional });
    }
    let text = bytes::text(text);
    for word in refused_words(refused) {
        let (Some(before), Some(after)) = (text.get(..word.start), text.get(word.end..)) else {
            continue;
        };
        let changed = bytes::raw(&[before, &quote(&command(line)), after].concat()).into_owned();
        found.push(StandIn { text: changed, positional: invocation.positional.clone() });
    }
    found
}

/// The words of the `eval`s within which every refused span stands.
fn refused_words(judged: &Judgement) -> Vec<Span> {
    let refused = judged.verdict.findings.iter().filter(|finding| !finding.decision.runs());
    let Some(refused) = refused.map(|finding| finding.span).reduce(Span::cover) else {
        return Vec::new();
    };
    let evals = judged.walked.actions.iter().filter_map(|action| match &action.effect {
        Effect::Call(call) if call.name() == Some("eval") => Some((action.span, call)),
        _ => None,
    });
    evals
        .filter(|(span, _)| span.cover(refused) == *span)
        .filter_map(|(_, call)| {
            let options = call.args.iter().take_while(|arg| arg.as_known() == Some("--")).count();
            call.arg_spans.get(options).copied()
        })
        .collect()
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
    use crate::model::{Action, Call, Decision, Finding, Match, Place, Severity, Text, Verdict};
    use crate::pipeline::Way;
    use crate::shell::flags;
    use crate::shell::invocation::Grammar;

    /// A judgement in which `what` is refused, and `word` is what an `eval` evaluates.
    fn judged(text: &str, what: &str, word: &str) -> Judgement {
        let place = |part: &str| {
            let start = text.find(part).unwrap_or(0);
            Span::new(start, start + part.len())
        };
        let finding = Finding {
            rule: "a.b".into(),
            severity: Severity::High,
            decision: Decision::Deny,
            matched: Match::Yes,
            span: place(what),
            title: String::new(),
            why: String::new(),
            safer: vec![],
            resource: None,
            via: vec![],
            evidence: Vec::new(),
            exception: None,
            words: None,
            directory: None,
            inside: None,
        };
        let eval = Action {
            effect: Effect::Call(std::rc::Rc::new(Call {
                program: Text::known("eval"),
                args: vec![Text::known(word)],
                arg_spans: vec![place(word)],
                ..Call::default()
            })),
            span: Span::new(place(word).start.saturating_sub(5), place(word).end),
            via: Default::default(),
            exported: Default::default(),
            inside: None,
            place: Place::Local,
            directory: Text::known("/").into(),
            certainty: Match::Yes,
            committed: Default::default(),
            absent: vec![],
            fresh: vec![],
            kept: vec![],
            staged: false,
            scratch: false,
            evidence: Vec::new(),
            settled: false,
        };
        Judgement {
            verdict: Verdict { decision: Decision::Deny, findings: vec![finding], ..Verdict::default() },
            walked: crate::actions::Walked { actions: vec![eval], ..Default::default() },
            way: Way::Usual,
        }
    }

    fn invocation(words: &[&str]) -> (Vec<OsString>, Invocation) {
        let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
        let parsed = flags::parse(Grammar::Bash, &argv);
        (argv, parsed)
    }

    #[test]
    fn a_word_of_eval_counts_where_all_that_is_refused_stands_in_it() {
        let text = "a && eval 'x; BAD' < /dev/null && pwd";
        assert_eq!(refused_words(&judged(text, "BAD", "'x; BAD'")), [Span::new(10, 18)]);
        let text = "BAD; eval 'ok'";
        assert_eq!(refused_words(&judged(text, "BAD", "'ok'")), []);
    }

    #[test]
    fn only_the_refused_words_change() {
        let (words, call) = invocation(&["bash", "-O", "extglob", "-c", "eval \"$1\"", "--", "BAD", "x"]);
        let text = "eval \"$1\"";
        let found = candidates(&call, text.as_bytes(), &judged(text, "eval", "\"$1\""), "guard: it's no");
        let stand_in = &found[0];
        let out = argv(&words, &call, stand_in);
        assert_eq!(&out[..6], &words[..6]);
        assert_eq!(out[6], "printf '%s\\n' 'guard: it'\\''s no' >&2; (exit 126)");
        assert_eq!(out[7], "x");

        let text = "eval 'BAD'; pwd";
        let (words, call) = invocation(&["bash", "-c", "-l", text]);
        let found = candidates(&call, text.as_bytes(), &judged(text, "BAD", "'BAD'"), "no");
        let out = argv(&words, &call, &found[0]);
        assert_eq!(out[..3], words[..3]);
        assert_eq!(out[3], "eval 'printf '\\''%s\\n'\\'' '\\''no'\\'' >&2; (exit 126)'; pwd");
    }
}
