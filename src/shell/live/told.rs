//! What is to be said of a line that ran only because guard is off.

use crate::audit::{Kind, Log, Outcome};
use crate::cli::render;
use crate::model::Verdict;

/// Said in front of the next prompt, unless a guard that the line itself called has said it.
#[derive(Debug)]
pub struct Told {
    line: String,
    rule: Option<String>,
    log: Log,
    /// The line's own record ends here.
    end: u64,
}

impl Told {
    /// Of a line that is on record.
    pub fn new(verdict: &Verdict, log: &Log) -> Told {
        let rule = verdict.findings.first().map(|finding| finding.rule.clone());
        Told { line: render::while_off(verdict), rule, log: log.clone(), end: log.length() }
    }

    /// The line to say.
    pub fn line(self) -> Option<String> {
        let said = self.log.records_from(self.end).iter().any(|record| {
            record.outcome == Outcome::WhileOff
                && record.kind != Kind::Line
                && record.rules.iter().any(|matched| Some(&matched.rule) == self.rule.as_ref())
        });
        (!said).then_some(self.line)
    }
}
