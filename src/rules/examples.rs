//! Runs the examples of a pack: a rule that does not do what it says is not loaded.

use std::fmt;

use crate::model::{Decision, ExampleWorld, Finding};

use super::pack::{Pack, Rule};

/// Judges a command line in an example's world: the whole pipeline, with the pack's rules and
/// those below it.
pub type Judge<'a> = dyn Fn(&str, &ExampleWorld) -> Vec<Finding> + 'a;

/// An example that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The file of the pack.
    pub file: String,
    /// The line of the rule's id.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// The command line.
    pub cmd: String,
    /// What is wrong with it.
    pub fault: ExampleFault,
}

/// What is wrong with an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExampleFault {
    /// The rule should match and does not.
    Missed,
    /// The rule should not match and does.
    Matched,
    /// The rule advises this, and another rule, or itself, stops it.
    AdviceStopped {
        /// The rule that stops it.
        by: String,
    },
}

impl fmt::Display for ExampleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExampleFailure { file, line, rule, cmd, fault } = self;
        write!(f, "{file}:{line}: `{rule}` ")?;
        match fault {
            ExampleFault::Missed => write!(f, "does not match its example `{cmd}`"),
            ExampleFault::Matched => write!(f, "matches `{cmd}`, which it should let pass"),
            ExampleFault::AdviceStopped { by } => {
                write!(f, "advises `{cmd}`, which `{by}` stops")
            }
        }
    }
}

/// Runs every example for its own rule alone, and every advice against all rules.
pub fn run_examples(pack: &Pack, judge: &Judge<'_>) -> Vec<ExampleFailure> {
    let mut failures = Vec::new();
    for rule in &pack.rules {
        let fail = |cmd: &str, fault: ExampleFault| ExampleFailure {
            file: pack.file.clone(),
            line: rule.line,
            rule: rule.id.clone(),
            cmd: cmd.to_owned(),
            fault,
        };
        let matches = |cmd: &str, world: &ExampleWorld| found(rule, &judge(cmd, world));
        for example in &rule.matching {
            if !matches(&example.cmd, &example.world) {
                failures.push(fail(&example.cmd, ExampleFault::Missed));
            }
        }
        for example in &rule.pass {
            if matches(&example.cmd, &example.world) {
                failures.push(fail(&example.cmd, ExampleFault::Matched));
            }
        }
        for advice in &rule.safer {
            let findings = judge(advice, &ExampleWorld::default());
            let stops = findings.into_iter().find(|finding| finding.decision > Decision::Warn);
            if let Some(finding) = stops {
                failures.push(fail(advice, ExampleFault::AdviceStopped { by: finding.rule }));
            }
        }
    }
    failures
}

fn found(rule: &Rule, findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.rule == rule.id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Match, Severity, Span};

    const PACK: &str = "[pack]\nid = 'p'\ntitle = 'P'\n[[rule]]\nid = 'p.x'\ntitle = 'does x'\n\
        severity = 'low'\ndecision = 'confirm'\nwhy = 'X.'\nsafer = ['ls', 'stop me']\n\
        [rule.when]\nprogram = 'x'\n[rule.examples]\nmatch = ['x 1', 'y']\npass = ['x 2', 'z']\n";

    fn judge(cmd: &str, _: &ExampleWorld) -> Vec<Finding> {
        let rule = match cmd {
            "x 1" | "x 2" => "p.x",
            "y" | "stop me" => "p.other",
            _ => return Vec::new(),
        };
        vec![Finding {
            rule: rule.to_owned(),
            severity: Severity::Low,
            decision: Decision::Confirm,
            matched: Match::Yes,
            span: Span::default(),
            title: String::new(),
            why: String::new(),
            safer: Vec::new(),
            resource: None,
            via: Vec::new(),
            evidence: Vec::new(),
            exception: None,
            words: None,
            directory: None,
            inside: None,
        }]
    }

    #[test]
    fn each_example_is_judged_for_its_rule_alone_and_advice_for_all() {
        let pack = Pack::parse(PACK, "p.toml").unwrap();
        let failures: Vec<String> = run_examples(&pack, &judge).iter().map(ToString::to_string).collect();
        assert_eq!(
            failures,
            [
                "p.toml:5: `p.x` does not match its example `y`",
                "p.toml:5: `p.x` matches `x 2`, which it should let pass",
                "p.toml:5: `p.x` advises `stop me`, which `p.other` stops",
            ]
        );
    }
}
