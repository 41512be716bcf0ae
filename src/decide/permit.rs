//! The right to run: nothing is executed without one.

use super::Digest;
use crate::model::{Decision, Verdict};

/// The right to run what one verdict judged. Only this module can make one, so that running what
/// nobody judged does not compile.
#[must_use = "a permit is given to be used by `exec`"]
#[derive(Debug)]
pub struct Permit {
    _sealed: (),
}

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

/// A verdict that gives no permit.
#[derive(Debug)]
pub struct Refusal {
    /// The verdict.
    pub verdict: Verdict,
}

impl Permit {
    /// A permit, where the verdict gives one: an allow whose obligations have been met.
    pub fn from_verdict(verdict: Verdict) -> Result<(Permit, Verdict), Refusal> {
        if verdict.decision.runs() && verdict.obligations.is_empty() {
            Ok((Permit { _sealed: () }, verdict))
        } else {
            Err(Refusal { verdict })
        }
    }

    /// A permit for what is held, where a human approved of just that: `now` measures what is about
    /// to run. What is denied no approval permits.
    pub fn with_approval(
        verdict: Verdict,
        approval: Approval,
        now: &Digest,
    ) -> Result<(Permit, Verdict), Refusal> {
        let may = verdict.decision == Decision::Confirm && verdict.obligations.is_empty();
        if may && approval.digest == *now {
            Ok((Permit { _sealed: () }, verdict))
        } else {
            Err(Refusal { verdict })
        }
    }

    /// A permit for what gives none by itself, where the user chose only to watch.
    pub fn observed(refusal: Refusal, choice: Observing) -> Result<(Permit, Verdict), Refusal> {
        if refusal.verdict.decision == Decision::Deny && !choice.denied {
            return Err(refusal);
        }
        Ok((Permit { _sealed: () }, refusal.verdict))
    }

    /// A permit for a shell that has been given nothing to run yet: a human types into it, or it
    /// only prints its version. What it is given later is not covered.
    pub fn for_idle_shell() -> Permit {
        Permit { _sealed: () }
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
    fn an_obligation_that_was_not_met_gives_none() {
        let owed = verdict(Decision::Allow, vec![Obligation::Snapshot]);
        assert!(Permit::from_verdict(owed).is_err());
    }
}
