//! The right to run: nothing is executed without one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::model::{Decision, Finding, Match, Obligation, Verdict};

/// The right to run what one verdict judged. Only this module can make one, so that running what
/// nobody judged does not compile.
#[must_use = "a permit is given to be used by `exec`"]
#[derive(Debug)]
pub struct Permit {
    /// It holds only where every exec is judged.
    watched: bool,
    /// What the verdict says that it was given for.
    answered: Vec<Answered>,
}

/// A finding that was answered with the permit: what an exec brings of it again needs no second
/// answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    rule: String,
    /// `None` where that was not known, or the rule names nothing: then it stands for all with these words.
    resource: Option<String>,
    /// The call, where nothing else names what is hit; `None` stands for any.
    words: Option<String>,
    /// Where; `None` stands for any directory.
    directory: Option<String>,
    /// What was answered weighs at most so much.
    decision: Decision,
}

impl Answered {
    /// Whether a finding is what was answered.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.includes(&Answered::wanted(finding))
    }

    /// Whether an answer to that is part of this one.
    pub fn includes(&self, other: &Answered) -> bool {
        let weighs_no_more = other.decision <= self.decision;
        let is_same = |own: &Option<String>, other: &Option<String>| own.is_none() || own == other;
        self.rule == other.rule
            && weighs_no_more
            && is_same(&self.resource, &other.resource)
            && is_same(&self.words, &other.words)
            && is_same(&self.directory, &other.directory)
    }

    /// What would have to be answered for a verdict to run; `None` where no answer to parts of it is one to all.
    pub fn wanted_by(verdict: &Verdict) -> Option<Vec<Answered>> {
        let held = verdict.findings.iter().filter(|finding| !finding.decision.runs());
        let wanted: Vec<Answered> = held.map(Answered::wanted).collect();
        let tells = verdict.decision == Decision::Confirm && verdict.unprovable.is_none();
        (tells && !wanted.is_empty()).then_some(wanted)
    }

    fn wanted(finding: &Finding) -> Answered {
        Answered {
            rule: finding.rule.clone(),
            resource: finding.resource.clone(),
            words: finding.words.clone(),
            directory: finding.directory.clone(),
            decision: finding.decision,
        }
    }

    fn of(finding: &Finding) -> Answered {
        // What stands for an unknown resource says so in words.
        let known = finding.matched == Match::Yes;
        let resource = finding.resource.clone().filter(|_| known);
        // A path from the root is the same from everywhere on this machine.
        let from_root = |text: &Option<String>| text.as_ref().is_none_or(|text| text.starts_with('/'));
        let is_placed = resource.is_some() && from_root(&resource) && from_root(&finding.directory);
        Answered {
            rule: finding.rule.clone(),
            words: finding.words.clone().filter(|_| known && resource.is_none()),
            directory: finding.directory.clone().filter(|_| known && !is_placed),
            resource,
            decision: finding.decision,
        }
    }
}

/// How something is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Every exec of every descendant is judged.
    Watched,
    /// Nobody sees what it starts.
    Unwatched,
}

/// What may only run where every exec is judged was to run elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwatched;

impl fmt::Display for Unwatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it may only run where every program that it starts is judged")
    }
}

impl std::error::Error for Unwatched {}

/// A human's yes to what one digest measures. Only `approve` makes one, after it asked; it is used
/// up by the permit that it gives.
#[derive(Debug)]
pub struct Approval {
    digest: Digest,
}

impl Approval {
    /// The human said yes to what this digest measures.
    pub(crate) fn given(digest: Digest) -> Approval {
        Approval { digest }
    }
}

/// The user's choice to watch what would be stopped, and to let it run. Only `config` makes one, of
/// a file that is the user's or the machine's, and `approve`, after a human turned guard off for a
/// while.
#[derive(Debug, Clone, Copy)]
pub struct Observing {
    /// What is denied runs too.
    denied: bool,
}

impl Observing {
    /// The user's or the machine's file says so. Guard changes nothing then.
    pub(crate) fn chosen() -> Observing {
        Observing { denied: true }
    }

    /// A human turned guard off: a yes in advance. No yes permits what is denied, and guard's own
    /// files stay out of reach.
    pub(crate) fn off() -> Observing {
        Observing { denied: false }
    }
}

/// A supervisor above says that what is held here was answered with the command line that it watches. Only `approve`
/// makes one, after it asked the supervisor.
#[derive(Debug)]
pub struct Covered(());

impl Covered {
    /// The supervisor said so.
    pub(crate) fn above() -> Covered {
        Covered(())
    }
}

/// A verdict that gives no permit.
#[derive(Debug)]
pub struct Refusal {
    /// The verdict.
    pub verdict: Verdict,
}

impl Permit {
    /// A permit, where the verdict gives one: an allow whose obligations have been met, but for
    /// supervision, which the permit goes on to demand.
    pub fn from_verdict(verdict: Verdict) -> Result<(Permit, Verdict), Refusal> {
        if verdict.decision.runs() && Permit::may_owe(&verdict) {
            Ok((Permit::of(&verdict), verdict))
        } else {
            Err(Refusal { verdict })
        }
    }

    fn of(verdict: &Verdict) -> Permit {
        // What is left to an exec has no answer yet.
        let answered = verdict.findings.iter().filter(|finding| finding.decision != Decision::Allow);
        Permit {
            watched: verdict.obligations.contains(&Obligation::Supervise),
            answered: answered.map(Answered::of).collect(),
        }
    }

    /// What was answered with it.
    pub fn answered(&self) -> &[Answered] {
        &self.answered
    }

    /// Whether a verdict obliges to nothing that must be done before.
    fn may_owe(verdict: &Verdict) -> bool {
        verdict.obligations.iter().all(|owed| *owed == Obligation::Supervise)
    }

    /// Whether what it permits may only run where every exec is judged.
    #[cfg(test)]
    fn obliges_supervision(&self) -> bool {
        self.watched
    }

    /// Uses the permit up; whoever runs something asks this before it runs.
    pub fn redeem(self, watch: Watch) -> Result<(), Unwatched> {
        match (self.watched, watch) {
            (true, Watch::Unwatched) => Err(Unwatched),
            _ => Ok(()),
        }
    }

    /// A permit for what is held, where a human approved of just that: `now` measures what is about
    /// to run. What is denied no approval permits.
    pub fn with_approval(
        verdict: Verdict,
        approval: Approval,
        now: &Digest,
    ) -> Result<(Permit, Verdict), Refusal> {
        let may = verdict.decision == Decision::Confirm && Permit::may_owe(&verdict);
        if may && approval.digest == *now {
            Ok((Permit::of(&verdict), verdict))
        } else {
            Err(Refusal { verdict })
        }
    }

    /// A permit for what is held, where a human has answered all of it already.
    pub fn covered(refusal: Refusal, _: Covered) -> Result<(Permit, Verdict), Refusal> {
        let verdict = refusal.verdict;
        match verdict.decision == Decision::Confirm && Permit::may_owe(&verdict) {
            true => Ok((Permit::of(&verdict), verdict)),
            false => Err(Refusal { verdict }),
        }
    }

    /// A permit for what gives none by itself, where the user chose only to watch.
    pub fn observed(refusal: Refusal, choice: Observing) -> Result<(Permit, Verdict), Refusal> {
        if refusal.verdict.decision == Decision::Deny && !choice.denied {
            return Err(refusal);
        }
        Ok((Permit::of(&refusal.verdict), refusal.verdict))
    }

    /// A permit for a shell that has been given nothing to run yet: a human types into it, or it
    /// only prints its version. What it is given later is not covered.
    pub fn for_idle_shell() -> Permit {
        Permit { watched: false, answered: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Decision, Obligation};

    fn verdict(decision: Decision, obligations: Vec<Obligation>) -> Verdict {
        Verdict { decision, obligations, ..Verdict::default() }
    }

    #[test]
    fn only_what_may_run_gets_a_permit() {
        assert!(Permit::from_verdict(verdict(Decision::Allow, vec![])).is_ok());
        assert!(Permit::from_verdict(verdict(Decision::Warn, vec![])).is_ok());
        assert!(Permit::from_verdict(verdict(Decision::Confirm, vec![])).is_err());
        assert!(Permit::from_verdict(verdict(Decision::Deny, vec![])).is_err());
    }

    #[test]
    fn guard_turned_off_permits_what_is_held_and_observing_what_is_denied_too() {
        let permit = |decision, choice| {
            let refusal = Refusal { verdict: verdict(decision, vec![]) };
            Permit::observed(refusal, choice).is_ok()
        };
        assert!(permit(Decision::Confirm, Observing::off()));
        assert!(!permit(Decision::Deny, Observing::off()));
        assert!(permit(Decision::Deny, Observing::chosen()));
    }

    #[test]
    fn an_approval_permits_what_was_approved_and_is_held() {
        let digest = |text: &str| Digest::of([text.as_bytes()]);
        let permit = |decision, owed, approved, now| {
            let approval = Approval::given(digest(approved));
            Permit::with_approval(verdict(decision, owed), approval, &digest(now)).is_ok()
        };
        assert!(permit(Decision::Confirm, vec![], "a", "a"));
        assert!(!permit(Decision::Confirm, vec![], "a", "b"));
        assert!(!permit(Decision::Deny, vec![], "a", "a"));
        assert!(!permit(Decision::Confirm, vec![Obligation::Snapshot], "a", "a"));
    }

    #[test]
    fn a_warning_is_no_answer_to_what_is_held() {
        let finding = |decision, matched, resource: &str| Finding {
            rule: "a.rule".to_owned(),
            decision,
            matched,
            resource: Some(resource.to_owned()),
            ..crate::decide::refuse("x").findings.remove(0)
        };
        let answered = |decision, matched| Answered::of(&finding(decision, matched, "x"));
        let held = |resource| finding(Decision::Confirm, Match::Yes, resource);
        assert!(answered(Decision::Confirm, Match::Yes).covers(&held("x")));
        assert!(!answered(Decision::Confirm, Match::Yes).covers(&held("y")));
        assert!(answered(Decision::Confirm, Match::Maybe).covers(&held("y")));
        assert!(!answered(Decision::Warn, Match::Maybe).covers(&held("y")));
    }

    #[test]
    fn an_answer_from_above_is_one_to_all_that_is_held_and_to_nothing_else() {
        let finding = |decision, resource: &str| Finding {
            rule: "a.rule".to_owned(),
            decision,
            resource: Some(resource.to_owned()),
            ..crate::decide::refuse("x").findings.remove(0)
        };
        let of = |decision, findings: &[(Decision, &str)]| {
            let findings = findings.iter().map(|(decision, resource)| finding(*decision, resource)).collect();
            Verdict { findings, ..verdict(decision, vec![]) }
        };
        let two = of(
            Decision::Confirm,
            &[(Decision::Confirm, "x"), (Decision::Warn, "y"), (Decision::Confirm, "z")],
        );
        assert_eq!(Answered::wanted_by(&two).map(|wanted| wanted.len()), Some(2));
        for verdict in [
            of(Decision::Deny, &[(Decision::Confirm, "x"), (Decision::Deny, "y")]),
            of(Decision::Confirm, &[]),
            Verdict { unprovable: Some("x".to_owned()), ..two.clone() },
        ] {
            assert_eq!(Answered::wanted_by(&verdict), None);
        }
        let permit = |decision, owed| {
            Permit::covered(Refusal { verdict: verdict(decision, owed) }, Covered::above()).is_ok()
        };
        assert!(permit(Decision::Confirm, vec![]));
        assert!(!permit(Decision::Deny, vec![]) && !permit(Decision::Confirm, vec![Obligation::Snapshot]));
    }

    #[test]
    fn what_owes_supervision_runs_only_where_every_exec_is_judged() {
        let owed = |decision| verdict(decision, vec![Obligation::Supervise]);
        let digest = Digest::of([b"a".as_slice()]);
        let approval = Approval::given(digest.clone());
        let refusal = Refusal { verdict: owed(Decision::Deny) };
        for permit in [
            Permit::from_verdict(owed(Decision::Allow)).map(|(permit, _)| permit),
            Permit::with_approval(owed(Decision::Confirm), approval, &digest).map(|(permit, _)| permit),
            Permit::observed(refusal, Observing::chosen()).map(|(permit, _)| permit),
        ] {
            let permit = permit.ok();
            assert!(permit.as_ref().is_some_and(Permit::obliges_supervision));
            assert_eq!(permit.map(|permit| permit.redeem(Watch::Unwatched)), Some(Err(Unwatched)));
        }
        let watched =
            Permit::from_verdict(owed(Decision::Allow)).map(|(permit, _)| permit.redeem(Watch::Watched));
        assert!(matches!(watched, Ok(Ok(()))));
        let free = Permit::from_verdict(verdict(Decision::Warn, vec![]));
        assert!(free.is_ok_and(|(permit, _)| permit.redeem(Watch::Unwatched).is_ok()));
        assert!(Permit::for_idle_shell().redeem(Watch::Unwatched).is_ok());
        let both = verdict(Decision::Allow, vec![Obligation::Supervise, Obligation::Snapshot]);
        assert!(Permit::from_verdict(both).is_err());
    }

    #[test]
    fn an_obligation_that_was_not_met_gives_none() {
        let owed = verdict(Decision::Allow, vec![Obligation::Snapshot]);
        assert!(Permit::from_verdict(owed).is_err());
    }
}
