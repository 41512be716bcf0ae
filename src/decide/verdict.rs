//! Weighs findings: the strictest wins, and what cannot be settled is a question.

<<<<<<< HEAD
use crate::model::{Decision, Finding, Match, Severity, Span, Verdict};
=======
use crate::model::{Decision, Finding, Match, Obligation, Severity, Span, Verdict};

/// What this build on this machine can do to meet an obligation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ability {
    /// Keep a copy of what will be lost.
    pub snapshot: bool,
    /// Judge every `exec` of every descendant, so that a maybe is settled when it runs.
    pub supervise: bool,
}
>>>>>>> h-g

/// The verdict on what was found.
///
/// `cut_short` says why the source could not be followed to its end; nothing passes on the
/// strength of what was not looked at.
pub fn weigh(
<<<<<<< HEAD
    findings: Vec<Finding>,
    unprovable: Option<String>,
    cut_short: Option<String>,
=======
    findings: Vec<Weighted>,
    unprovable: Option<String>,
    cut_short: Option<String>,
    ability: Ability,
>>>>>>> h-g
) -> Verdict {
    let mut verdict = Verdict {
        unprovable,
        ..Verdict::default()
    };
<<<<<<< HEAD
    for mut finding in findings {
=======
    for Weighted { mut finding, undo } in findings {
>>>>>>> h-g
        if finding.matched == Match::No {
            continue;
        }
        if finding.matched == Match::Maybe && finding.decision == Decision::Deny {
            finding.decision = Decision::Confirm;
        }
<<<<<<< HEAD
=======
        if undo && ability.snapshot && finding.decision == Decision::Confirm {
            finding.decision = Decision::Allow;
            oblige(&mut verdict, Obligation::Snapshot);
        }
>>>>>>> h-g
        add(&mut verdict.findings, finding);
    }
    if let Some(why) = cut_short {
        add(&mut verdict.findings, unreadable(&why));
    }
    verdict
        .findings
        .sort_by_key(|f| (std::cmp::Reverse((f.decision, f.matched, f.severity)), f.span.start));
    verdict.decision = verdict
        .findings
        .iter()
        .map(|finding| finding.decision)
        .max()
        .unwrap_or_default();
<<<<<<< HEAD
    verdict
}

=======
    verdict.obligations.sort();
    verdict
}

/// A finding with what its rule says of undoing.
#[derive(Debug, Clone)]
pub struct Weighted {
    /// The finding, with the decision as its rule has it.
    pub finding: Finding,
    /// Its loss can be kept first.
    pub undo: bool,
}

>>>>>>> h-g
/// The verdict on source that guard refuses to read at all.
pub fn refuse(why: &str) -> Verdict {
    Verdict {
        decision: Decision::Deny,
        unprovable: Some(why.to_owned()),
        findings: vec![Finding {
            decision: Decision::Deny,
            ..unreadable(why)
        }],
        ..Verdict::default()
    }
}

/// The id of the finding for source that cannot be read or followed to its end.
pub const UNREADABLE: &str = "guard.unreadable";

fn unreadable(why: &str) -> Finding {
    Finding {
        rule: UNREADABLE.to_owned(),
        severity: Severity::High,
        decision: Decision::Confirm,
        matched: Match::Yes,
        span: Span::default(),
        title: format!("cannot be judged: {why}"),
        why: "What guard cannot read to its end it cannot call harmless.".to_owned(),
        safer: vec!["give the commands one at a time, in a plain form".to_owned()],
        resource: None,
        via: Vec::new(),
    }
}

<<<<<<< HEAD
=======
fn oblige(verdict: &mut Verdict, obligation: Obligation) {
    if !verdict.obligations.contains(&obligation) {
        verdict.obligations.push(obligation);
    }
}

>>>>>>> h-g
/// Adds a finding, or makes the one that says the same stricter.
fn add(findings: &mut Vec<Finding>, finding: Finding) {
    let same = findings.iter_mut().find(|known| {
        known.rule == finding.rule && known.span == finding.span && known.resource == finding.resource
    });
    match same {
        Some(known) if (finding.decision, finding.matched) > (known.decision, known.matched) => {
            *known = finding;
        }
        Some(_) => {}
        None => findings.push(finding),
    }
}
