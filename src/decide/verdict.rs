//! Weighs findings: the strictest wins, and what cannot be settled is a question.

use std::collections::{HashMap, HashSet};

use crate::model::{Decision, Finding, Match, Obligation, Severity, Span, Verdict};

/// The verdict on what was found.
///
/// `cut_short` says why the source could not be followed to its end; nothing passes on the
/// strength of what was not looked at. `relies`: something may run only since its execs will be
/// judged.
pub fn weigh(
    findings: Vec<Finding>,
    unprovable: Option<String>,
    cut_short: Option<String>,
    relies: bool,
) -> Verdict {
    let mut all: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.matched != Match::No)
        .chain(cut_short.map(|why| unreadable(&why)))
        .collect();
    // Where several weigh the same, what the strictest rule says stands first.
    let rank = |f: &Finding| std::cmp::Reverse((f.decision, f.severity, f.matched));
    all.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.rule.cmp(&b.rule)));
    for finding in &mut all {
        if finding.matched == Match::Maybe && finding.decision == Decision::Deny {
            finding.decision = Decision::Confirm;
        }
    }
    let obligations = if relies { vec![Obligation::Supervise] } else { Vec::new() };
    let mut verdict = Verdict { unprovable, obligations, findings: distinct(all), ..Verdict::default() };
    let weight = |f: &Finding| std::cmp::Reverse((f.decision, f.matched, f.severity));
    verdict.findings.sort_by_key(weight);
    verdict.decision = verdict.findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
    verdict
}

/// The verdict on source that guard refuses to read at all.
pub fn refuse(why: &str) -> Verdict {
    Verdict {
        decision: Decision::Deny,
        unprovable: Some(why.to_owned()),
        findings: vec![Finding { decision: Decision::Deny, ..unreadable(why) }],
        ..Verdict::default()
    }
}

/// The verdict on a line that asks for other rights, which a supervisor takes away, and whose other
/// part (`untold`, in words) needs one.
pub fn rights_are_lost(untold: &str) -> Verdict {
    let finding = Finding {
        rule: RIGHTS.to_owned(),
        decision: Decision::Deny,
        title: format!("asks for another user's rights beside what only its run will show: {untold}"),
        why: "Where guard judges all that a command starts, the system lets no program gain rights."
            .to_owned(),
        safer: vec![
            "give the command with `sudo` a line of its own, all words known".to_owned(),
            "run the rest as another line".to_owned(),
        ],
        ..unreadable("")
    };
    Verdict { decision: Decision::Deny, findings: vec![finding], ..Verdict::default() }
}

/// The id of the finding for a line that asks for other rights where none can be gained.
const RIGHTS: &str = "guard.rights";

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
        evidence: Vec::new(),
        exception: None,
        words: None,
        directory: None,
        inside: None,
    }
}

/// Of the findings that say the same, the strictest.
fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let mut strictest: HashMap<_, usize> = HashMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let same = (&finding.rule, finding.span, &finding.resource);
        let kept = strictest.entry(same).or_insert(number);
        let weight = |number: usize| (findings[number].decision, findings[number].matched);
        if weight(number) > weight(*kept) {
            *kept = number;
        }
    }
    let kept: HashSet<usize> = strictest.into_values().collect();
    let numbered = findings.into_iter().enumerate();
    numbered.filter(|(number, _)| kept.contains(number)).map(|(_, finding)| finding).collect()
}
