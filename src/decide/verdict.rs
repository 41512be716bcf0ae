//! Weighs findings: the strictest wins, and what cannot be settled is a question.

use crate::model::{Decision, Finding, Match, Severity, Span, Verdict};

/// The verdict on what was found.
///
/// `cut_short` says why the source could not be followed to its end; nothing passes on the
/// strength of what was not looked at.
pub fn weigh(
    findings: Vec<Finding>,
    unprovable: Option<String>,
    cut_short: Option<String>,
) -> Verdict {
    let mut verdict = Verdict {
        unprovable,
        ..Verdict::default()
    };
    // Where several weigh the same, what the strictest rule says stands first.
    let rank = |f: &Finding| std::cmp::Reverse((f.decision, f.severity, f.matched));
    let mut findings = findings;
    findings.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.rule.cmp(&b.rule)));
    for mut finding in findings {
        if finding.matched == Match::No {
            continue;
        }
        if finding.matched == Match::Maybe && finding.decision == Decision::Deny {
            finding.decision = Decision::Confirm;
        }
        add(&mut verdict.findings, finding);
    }
    if let Some(why) = cut_short {
        add(&mut verdict.findings, unreadable(&why));
    }
    let weight = |f: &Finding| std::cmp::Reverse((f.decision, f.matched, f.severity));
    verdict.findings.sort_by_key(weight);
    verdict.decision = verdict
        .findings
        .iter()
        .map(|finding| finding.decision)
        .max()
        .unwrap_or_default();
    verdict
}

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

/// Adds a finding, or makes the one that says the same stricter.
fn add(findings: &mut Vec<Finding>, finding: Finding) {
    let same = findings.iter_mut().find(|known| {
        known.rule == finding.rule
            && known.span == finding.span
            && known.resource == finding.resource
    });
    match same {
        Some(known) if (finding.decision, finding.matched) > (known.decision, known.matched) => {
            *known = finding;
        }
        Some(_) => {}
        None => findings.push(finding),
    }
}
