//! The way of a command: source, actions, findings, verdict. One function a step.

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use crate::actions::Rights;
use crate::actions::{self, Walked};
use crate::decide::{self, Digest, Recorder};
use crate::model::{Action, Call, Decision, Effect, Facts, Finding, Input, Match, Text, Verdict, bytes};
use crate::policy::{self, Policy};
use crate::rules;
use crate::syntax::Dialect;

/// The most bytes of one source that are judged; more is refused.
pub const SOURCE_LIMIT: usize = 4 << 20;

/// What is to be judged.
#[derive(Debug, Clone)]
pub enum Source<'a> {
    /// Shell source with its positional parameters (`$0` first). `startup` names files that the
    /// shell reads before it (`BASH_ENV`).
    Shell {
        /// The file that it stands in.
        file: Option<String>,
        /// The source, any bytes.
        text: &'a [u8],
        /// Whose grammar.
        dialect: Dialect,
        /// `$0`, `$1`, …
        positional: Vec<String>,
        /// Files read before it.
        startup: Vec<String>,
    },
    /// One program call.
    Call {
        /// Its words.
        words: &'a [String],
        /// The file that is its standard input; absolute.
        input: Option<String>,
        /// What it gets of variables that its program follows (`actions::followed_by`), where that is another
        /// value than the one around it: names and values.
        env: &'a [(String, String)],
    },
}

/// What judging came to.
#[derive(Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What the source would do, and what could not be told of it.
    pub walked: Walked,
    /// How it runs, if it does.
    pub way: Way,
}

/// How a source runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// As all do here.
    #[default]
    Usual,
    /// In guard's place, whatever is usual: nothing is left to see, or its text was all that counts.
    InPlace,
}

/// Judges a source; runs nothing.
pub fn judge(source: &Source<'_>, facts: &dyn Facts, policy: &Policy) -> Judgement {
    let (text, walked) = match read(source, facts) {
        Ok(read) => read,
        Err(why) => {
            return Judgement { verdict: decide::refuse(&why), walked: Walked::default(), way: Way::Usual };
        }
    };
    if let Some(why) = walked.misread() {
        return Judgement { verdict: decide::refuse(why), walked, way: Way::Usual };
    }
    let findings = find(&walked, &text, facts, policy);
    let relies = facts.judges_execs() && relies(&walked, &findings);
    let verdict = decide::weigh(findings, walked.unprovable.clone(), walked.cut_short.clone(), relies);
    Judgement { verdict, walked, way: Way::Usual }
}

/// Judges a source, and measures all that the verdict rests on: the source, its directory, what it
/// would do, what was found, and the contents of every file that was read for that.
pub fn judge_measured(source: &Source<'_>, facts: &dyn Facts, policy: &Policy) -> (Judgement, Digest) {
    let recorder = Recorder::new(facts);
    let judged = judge(source, &recorder, policy);
    let text = match source {
        Source::Shell { text, positional, .. } => format!("{text:?}{positional:?}"),
        Source::Call { words, input, env } => format!("{words:?}{input:?}{env:?}"),
    };
    let found = format!("{:?}{:?}", judged.walked, judged.verdict);
    let read = format!("{:?}", recorder.asked().files);
    let digest = Digest::of([&text, facts.directory(), &found, &read].map(str::as_bytes));
    (judged, digest)
}

/// From source to actions; an error says why the source cannot be read at all.
fn read<'a>(source: &'a Source<'_>, facts: &dyn Facts) -> Result<(Cow<'a, str>, Walked), String> {
    match source {
        Source::Shell { file, text, dialect, positional, startup } => {
            let text = readable(text)?;
            let positional = positional.iter().map(|p| Text::known(p.as_str())).collect();
            let walked = actions::walk(&text, *dialect, file.as_deref(), positional, startup, facts);
            Ok((text, walked))
        }
        Source::Call { words, input, env } => {
            let size: usize = words.iter().map(String::len).sum();
            if size > SOURCE_LIMIT {
                return Err(format!("it is {size} bytes long; at most {SOURCE_LIMIT} are judged"));
            }
            let known = |word: &String| Text::known(word.as_str());
            let call = Call {
                program: words.first().map(known).unwrap_or_default(),
                args: words.iter().skip(1).map(known).collect(),
                input: input.as_ref().map_or(Input::Inherited, |file| Input::File(known(file))),
                env: env.iter().map(|(name, value)| (name.clone(), known(value))).collect(),
                ..Call::default()
            };
            Ok((Cow::Borrowed(""), actions::walk_call(call, facts)))
        }
    }
}

/// The source as text, where it is of a kind that can be judged.
fn readable(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let fits = |text: &[u8]| match text.len() {
        length if length > SOURCE_LIMIT => {
            Err(format!("it is {length} bytes long; at most {SOURCE_LIMIT} are judged"))
        }
        _ => Ok(()),
    };
    fits(bytes)?;
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(format!("a NUL byte stands at offset {at}"));
    }
    let text = bytes::text(bytes);
    // Bytes that are no UTF-8 take more room as text.
    fits(text.as_bytes())?;
    Ok(text)
}

/// From actions to findings.
fn find(walked: &Walked, text: &str, facts: &dyn Facts, policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for action in &walked.actions {
        for mut finding in rules::findings(&policy.rules, action, text, facts) {
            if finding.matched == Match::Maybe && finding.resource.is_none() {
                finding.resource = unknown_words(action);
            }
            // What people have read and git has kept is not held for what it may do.
            if finding.matched == Match::Maybe && actions::is_committed(&action.committed, facts) {
                continue;
            }
            policy::except(&mut finding, action, &policy.rules, facts);
            found.push(finding);
        }
    }
    found
}

/// Whether a verdict rests on the judgement of execs: what only may match waits for one, or what
/// runs cannot be seen into.
fn relies(walked: &Walked, findings: &[Finding]) -> bool {
    let waits = |finding: &Finding| finding.decision == Decision::Allow;
    walked.unprovable.is_some()
        || findings.iter().any(waits)
        || walked.actions.iter().any(|action| matches!(action.effect, Effect::Opaque(_)))
}

/// The rules that nearly match what was found, nearest first, each once.
pub fn almost(
    judgement: &Judgement,
    source: &Source<'_>,
    facts: &dyn Facts,
    policy: &Policy,
) -> Vec<rules::Almost> {
    let text = match source {
        Source::Shell { text, .. } => readable(text).unwrap_or_default(),
        Source::Call { .. } => Cow::Borrowed(""),
    };
    let actions = judgement.walked.actions.iter();
    let mut all: Vec<_> =
        actions.flat_map(|action| rules::almost(&policy.rules, action, &text, facts)).collect();
    let mut seen: BTreeSet<String> = judgement.verdict.findings.iter().map(|f| f.rule.clone()).collect();
    all.sort_by_key(|almost| std::cmp::Reverse(almost.held));
    all.retain(|almost| seen.insert(almost.rule.clone()));
    // Where some come nearer, what shares no more than the program is none.
    let near = all.iter().filter(|almost| almost.held > rules::NEAR).count();
    if near >= 3 {
        all.truncate(near);
    }
    all
}

/// The words of an action that are not known before it runs, as they stand in the source.
fn unknown_words(action: &Action) -> Option<String> {
    let words: Vec<&Text> = match &action.effect {
        Effect::Call(call) => std::iter::once(&call.program).chain(&call.args).collect(),
        Effect::Path(effect) => vec![&effect.path],
        Effect::Request(request) => vec![&request.method, &request.host, &request.path],
        Effect::Statement(statement) => vec![&statement.name],
        Effect::Opaque(_) | Effect::Unprovable(_) => Vec::new(),
    };
    let unknown = words.into_iter().filter(|word| word.has_hole());
    let shown: Vec<String> = unknown.map(Text::display).collect();
    (!shown.is_empty()).then(|| format!("{} is not known before it runs", shown.join(" ")))
}

/// The findings on a command line in the world that an example describes.
pub fn judge_example(command: &str, facts: &dyn Facts, policy: &Policy) -> Vec<Finding> {
    let source = Source::Shell {
        file: None,
        text: command.as_bytes(),
        dialect: Dialect::Bash,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    judge(&source, facts, policy).verdict.findings
}
