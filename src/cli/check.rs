//! `guard check`: judges and runs nothing.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::CheckArgs;
use super::{output, render};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;
use crate::model::{Decision, Match, Obligation, Severity, Verdict};
use crate::pipeline::Source;
use crate::syntax::Dialect;

/// Carries out `guard check`.
pub fn run(args: &CheckArgs) -> Result<Exit, Error> {
    let Some(command) = &args.command else {
        return json_lines();
    };
    let verdict = judge(&Front::open()?, command, HashMap::new());
    let text = if args.json {
        format!("{}\n", json(&Shown::from(&verdict))?)
    } else {
        render::verdict(&verdict, &command.to_string_lossy())
    };
    output::text(&text)?;
    Ok(match verdict.decision {
        Decision::Allow | Decision::Warn => Exit::Success,
        Decision::Confirm => Exit::WouldHold,
        Decision::Deny => Exit::WouldRefuse,
    })
}

fn judge(front: &Front, command: &OsStr, env: HashMap<String, String>) -> Verdict {
    let source = Source::Shell {
        text: command.as_bytes(),
        dialect: Dialect::Bash,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    front.judge_with(&source, env).verdict
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::broken("the verdict cannot be printed").because(e))
}

/// A verdict in the form that scripts rely on.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    decision: Decision,
    obligations: &'a [Obligation],
    findings: Vec<ShownFinding<'a>>,
}

/// A finding in the form that scripts rely on.
#[derive(Debug, Serialize)]
struct ShownFinding<'a> {
    rule: &'a str,
    severity: Severity,
    decision: Decision,
    #[serde(rename = "match")]
    matched: Match,
    span: [usize; 2],
    title: &'a str,
}

impl<'a> From<&'a Verdict> for Shown<'a> {
    fn from(verdict: &'a Verdict) -> Shown<'a> {
        let findings = verdict.findings.iter().map(|finding| ShownFinding {
            rule: &finding.rule,
            severity: finding.severity,
            decision: finding.decision,
            matched: finding.matched,
            span: [finding.span.start, finding.span.end],
            title: &finding.title,
        });
        Shown { decision: verdict.decision, obligations: &verdict.obligations, findings: findings.collect() }
    }
}

/// One line of input.
#[derive(Debug, Deserialize)]
struct Question {
    cmd: String,
    #[serde(default)]
    cwd: Option<PathBuf>,
    #[serde(default)]
    env: HashMap<String, String>,
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    #[serde(flatten)]
    said: Said<'a>,
}

/// What a line is answered with.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Said<'a> {
    Verdict(Shown<'a>),
    Error { error: String },
}

/// Answers line after line, each before the next is read.
fn json_lines() -> Result<Exit, Error> {
    let unreadable = |e: io::Error| Error::broken("standard input cannot be read").because(e);
    let mut input = io::stdin().lock();
    let mut bytes = Vec::new();
    // Most lines are about one directory: its policy is read once.
    let mut last: Option<Front> = None;
    loop {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            return Ok(Exit::Success);
        }
        let line = String::from_utf8_lossy(&bytes);
        if line.trim().is_empty() {
            continue;
        }
        let (id, verdict) = answer(&line, &mut last);
        let said = match &verdict {
            Ok(verdict) => Said::Verdict(Shown::from(verdict)),
            Err(error) => Said::Error { error: error.clone() },
        };
        output::line(&json(&Answer { id, said })?)?;
    }
}

fn answer(line: &str, last: &mut Option<Front>) -> (Option<Value>, Result<Verdict, String>) {
    let value: Value = match serde_json::from_str(line) {
        Ok(value) => value,
        Err(error) => return (None, Err(format!("not JSON: {error}"))),
    };
    let id = value.get("id").cloned();
    let question: Question = match serde_json::from_value(value) {
        Ok(question) => question,
        Err(error) => return (id, Err(error.to_string())),
    };
    let verdict =
        front_for(question.cwd, last).map(|front| judge(front, OsStr::new(&question.cmd), question.env));
    (id, verdict)
}

/// The set-up for a directory (`None`: the current one), which may be the last one's.
fn front_for(directory: Option<PathBuf>, last: &mut Option<Front>) -> Result<&Front, String> {
    let directory = match directory {
        Some(path) => std::path::absolute(path).map_err(|e| format!("`cwd`: {e}"))?,
        None => std::env::current_dir().map_err(|e| format!("the current directory: {e}"))?,
    };
    let front = match last.take() {
        Some(front) if front.directory == directory => front,
        _ => Front::open_at(directory).map_err(|error| error.to_string())?,
    };
    Ok(last.insert(front))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_is_answered_with_its_id_where_it_has_one() {
        for (line, id, part) in [
            ("nonsense", None, "not JSON"),
            ("{\"id\": 3}", Some(Value::from(3)), "cmd"),
            ("{\"id\": \"x\", \"cmd\": 1}", Some(Value::from("x")), "invalid type"),
            ("[1]", None, "cmd"),
            ("{\"cmd\": \"ls\", \"env\": 1}", None, "invalid type"),
        ] {
            let (found, verdict) = answer(line, &mut None);
            assert_eq!(found, id, "{line}");
            let error = verdict.unwrap_err();
            assert!(error.contains(part) || part == "cmd", "{line}: {error}");
        }
    }
}
