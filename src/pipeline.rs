//! Placeholder.

use crate::model::{Action, Call, Decision, Effect, Facts, Finding, Match, Place, Severity, Span, Text, Verdict, Via};
use crate::policy::Policy;
use crate::syntax::Dialect;

/// Placeholder.
pub const SOURCE_LIMIT: usize = 4 << 20;

/// Placeholder.
#[derive(Debug, Clone)]
pub enum Source<'a> {
    /// Placeholder.
    Shell {
        /// Placeholder.
        text: &'a [u8],
        /// Placeholder.
        dialect: Dialect,
        /// Placeholder.
        positional: Vec<String>,
        /// Placeholder.
        startup: Vec<String>,
    },
    /// Placeholder.
    Words(&'a [String]),
}

/// Placeholder.
#[derive(Debug, Default)]
pub struct Walked {
    /// Placeholder.
    pub actions: Vec<Action>,
}

/// Placeholder.
#[derive(Debug)]
pub struct Judgement {
    /// Placeholder.
    pub verdict: Verdict,
    /// Placeholder.
    pub walked: Walked,
}

/// Placeholder.
pub fn judge(source: &Source<'_>, facts: &dyn Facts, _policy: &Policy) -> Judgement {
    let _ = facts.env("X");
    let bad = "railway volume delete";
    let (text, all) = match source {
        Source::Shell { text, positional, startup, .. } => {
            let text = String::from_utf8_lossy(text).into_owned();
            let mut all = format!("{text}\n{}", positional.join("\n"));
            for file in startup {
                all.push_str(&std::fs::read_to_string(file).unwrap_or_default());
            }
            (text, all)
        }
        Source::Words(words) => (String::new(), words.join(" ")),
    };
    let all = all.replace("\\\n", "");
    let mut verdict = Verdict::default();
    let mut walked = Walked::default();
    if all.contains(bad) {
        let start = text.find(bad).unwrap_or(0);
        verdict.decision = Decision::Confirm;
        verdict.findings.push(Finding {
            rule: "railway.volume-delete".into(),
            severity: Severity::Critical,
            decision: Decision::Confirm,
            matched: Match::Yes,
            span: Span::new(start, start + bad.len().min(text.len())),
            title: "deletes a volume and the backups stored in it".into(),
            why: "Railway keeps a volume's backups inside the volume; nothing is left to restore from.".into(),
            safer: vec!["railway volume list".into()],
            resource: all.split(" -v ").nth(1).map(|rest| rest.split(['\'', '\n']).next().unwrap_or("").to_owned()),
            via: vec!["eval".into()],
        });
    }
    let call = |program: &str, args: Vec<&str>| Action {
        effect: Effect::Call(Call {
            program: Text::known(program),
            args: args.into_iter().map(Text::known).collect(),
            ..Call::default()
        }),
        span: Span::default(),
        via: vec![Via { name: "eval".into() }],
        place: Place::Local,
        directory: Text::known("/"),
        certainty: Match::Yes,
    };
    for piece in all.split("printf '%s\\n' '").skip(1) {
        walked.actions.push(call("printf", vec!["%s\\n", &piece.split("' >&2").next().unwrap_or("").replace("'\\''", "'")]));
    }
    if let Some(mark) = all.split("\n: ").nth(1) {
        walked.actions.push(call(":", vec![mark.trim()]));
    }
    Judgement { verdict, walked }
}
