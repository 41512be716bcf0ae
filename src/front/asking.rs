//! The question at a terminal about what is held, and what the answer comes to.

use std::sync::Arc;
use std::time::Duration;

use super::sticking::Nos;
use super::{Front, variable};
use crate::approve::{self, Console, Held, Style};
use crate::audit::{Kind, Outcome};
use crate::context::Observed;
use crate::decide::{Digest, Permit};
use crate::error::Error;
use crate::model::{Decision, Inside, ScriptFile, Verdict, plain};
use crate::pipeline::Judgement;

pub(super) const CHANGED: &str = "what it would do changed while it was asked about";

/// What is asked about.
pub struct Question<'a> {
    /// The text that is held.
    pub text: &'a str,
    /// The file whose text it is.
    pub script: Option<&'a str>,
    /// Judges just what would run, each time anew: what it says before the question is what is
    /// shown, and a yes counts only where it says the same after the answer.
    pub judge: &'a dyn Fn() -> (Judgement, Digest),
    /// What there is to see where it would run.
    pub facts: &'a dyn Fn() -> Observed,
    /// Writes the answer down.
    pub record: &'a dyn Fn(&Verdict, Outcome) -> Result<(), Error>,
    /// How long the answer may take.
    pub wait: Duration,
}

impl Front {
    /// Asks at a terminal about what is held before it runs, and records the answer. An error is the
    /// line to say.
    pub fn ask(
        &self,
        kind: Kind,
        text: &str,
        script: Option<&str>,
        judge: &dyn Fn() -> (Judgement, Digest),
        console: &mut dyn Console,
    ) -> Result<Permit, String> {
        let facts = || self.facts(false);
        let record = |verdict: &Verdict, outcome: Outcome| self.record(kind, text, verdict, outcome);
        let wait = self.layers.prompt_timeout().unwrap_or_default();
        // Each line that a person types at a shell's prompt is asked about anew.
        let caller = std::process::id();
        let nos = (kind != Kind::Line).then_some(Nos { front: self, kind, pid: caller, caller });
        put(&Question { text, script, judge, facts: &facts, record: &record, wait }, nos.as_ref(), console)
    }
}

/// Says of what stands in a script where it does.
pub(super) fn in_script(verdict: &mut Verdict, question: &Question<'_>) {
    let Some(name) = question.script else { return };
    let file = Arc::new(ScriptFile { name: name.to_owned(), text: question.text.to_owned() });
    for finding in verdict.findings.iter_mut().filter(|finding| finding.inside.is_none()) {
        finding.inside = Some(Inside { file: Arc::clone(&file), span: finding.span });
    }
}

/// The line that says why a question came to no.
pub(super) fn no(verdict: &Verdict, why: &str) -> String {
    let rule = verdict.findings.first().map(|finding| format!(" [{}]", finding.rule));
    plain(&format!("guard: refused: {why}; nothing ran{}", rule.unwrap_or_default()))
}

/// Puts a question; an error is the line to say.
pub fn put(
    question: &Question<'_>,
    nos: Option<&Nos<'_>>,
    console: &mut dyn Console,
) -> Result<Permit, String> {
    let (mut judged, digest) = (question.judge)();
    in_script(&mut judged.verdict, question);
    let verdict = &judged.verdict;
    let no = |why: &str| no(verdict, why);
    if verdict.decision != Decision::Confirm {
        // Nothing was held the moment before only to be free now.
        return Err(no(CHANGED));
    }
    let losses = |judged: &Judgement| approve::losses(&judged.verdict, &judged.walked, &(question.facts)());
    let shown = losses(&judged);
    let places = approve::places(verdict, &judged.walked, &(question.facts)());
    let is_script = question.script.is_some();
    let held = Held { text: question.text, is_script, verdict, losses: &shown, places: &places };
    let sticking = nos.map(|nos| (nos, nos.entry(question, &judged, &shown, &digest)));
    if let Some((nos, entry)) = &sticking {
        nos.look(entry, verdict).map_err(|(outcome, line)| {
            let _ = (question.record)(verdict, outcome);
            line
        })?;
    }
    let refuse = |why: &str| {
        // Refused whether that can be recorded or not.
        let _ = (question.record)(verdict, Outcome::Declined);
        no(why)
    };
    let approval = approve::ask(held, &digest, Style::of(&variable), question.wait, console);
    let approval = approval.map_err(|said| {
        match &sticking {
            Some((nos, entry)) if said.answered => nos.keep(entry),
            _ => {}
        }
        refuse(&said.why)
    })?;
    let (again, now) = (question.judge)();
    if !shown.are_still(&losses(&again)) {
        return Err(refuse(CHANGED));
    }
    let permit = Permit::with_approval(again.verdict, approval, &now);
    let (permit, verdict) = permit.map_err(|_| refuse(CHANGED))?;
    match (question.record)(&verdict, Outcome::Approved) {
        Ok(()) => Ok(permit),
        Err(error) => Err(format!("guard: {error}")),
    }
}
