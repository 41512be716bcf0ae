//! `guard check`: judges and runs nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::args::CheckArgs;
use super::look::{Look, notice};
use super::{output, render};
use crate::actions;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, Mode};
use crate::model::{Decision, Evidence, Match, Obligation, Severity, Verdict, bytes, plain};
use crate::pipeline::{SOURCE_LIMIT, Source};
use crate::shell;
use crate::syntax::Dialect;
use crate::sys::fd;

/// Carries out `guard check`.
pub fn run(args: &CheckArgs) -> Result<Exit, Error> {
    if args.jsonl {
        return json_lines();
    }
    let mut subjects: Vec<Subject> = args.command.iter().map(|command| Subject::line(command)).collect();
    let mut unread: Option<Error> = None;
    for file in &args.script {
        match Subject::file(file) {
            Ok(subject) => subjects.push(subject),
            // The others are judged all the same; that one was not is what the exit code says.
            Err(error) => {
                if let Some(before) = unread.replace(error) {
                    fd::complain(&notice(&plain(&format!("guard: {before}"))));
                }
            }
        }
    }
    let front = Front::open()?;
    let mut strictest = Decision::Allow;
    for (number, subject) in subjects.iter().enumerate() {
        let verdict = front.judge_with(&subject.source(), HashMap::new(), true).verdict;
        strictest = strictest.max(verdict.decision);
        let text = if args.json {
            format!("{}\n", json(&Shown::of(&verdict, subject, &front.mode()))?)
        } else {
            let gap = if number == 0 { "" } else { "\n" };
            let name = subject.name.as_deref();
            let shown = render::verdict(&verdict, &subject.text(), name, Look::of_stdout());
            format!("{gap}{shown}{}", would_run(&front.mode(), verdict.decision))
        };
        output::text(&text)?;
    }
    unread.map_or(Ok(exit(strictest)), Err)
}

/// What is said below a verdict that stops nothing now.
pub fn would_run(mode: &Mode, decision: Decision) -> String {
    match (mode, decision) {
        (_, Decision::Allow | Decision::Warn) | (Mode::Enforce, _) => String::new(),
        (Mode::Observe(_), _) => "\nobserve mode is on: it would run, and be recorded\n".to_owned(),
        (Mode::Off(leave), Decision::Confirm) => {
            format!("\n{}: it would run, and be recorded\n", render::is_off(leave))
        }
        (Mode::Off(leave), Decision::Deny) => {
            format!("\n{}: it would be refused all the same\n", render::is_off(leave))
        }
    }
}

/// The status that tells a decision.
pub fn exit(decision: Decision) -> Exit {
    match decision {
        Decision::Allow | Decision::Warn => Exit::Success,
        Decision::Confirm => Exit::WouldHold,
        Decision::Deny => Exit::WouldRefuse,
    }
}

/// What is to be judged: a command line, or a script file.
#[derive(Debug)]
pub struct Subject {
    /// The file, as it was named.
    pub name: Option<String>,
    text: Vec<u8>,
    /// Whose grammar; `None` where the file is no shell's.
    dialect: Option<Dialect>,
    /// `$0`
    zero: [String; 1],
}

impl Subject {
    /// A command line.
    pub fn line(command: &OsStr) -> Subject {
        let text = command.as_bytes().to_vec();
        Subject { name: None, text, dialect: Some(Dialect::Bash), zero: ["bash".to_owned()] }
    }

    /// A script file.
    pub fn file(path: &Path) -> Result<Subject, Error> {
        let unreadable =
            |e: io::Error| Error::broken(format!("`{}` cannot be read", path.display())).because(e);
        let text =
            File::open(path).and_then(|file| fd::read_to_limit(file, SOURCE_LIMIT)).map_err(unreadable)?;
        let dialect = actions::dialect(&bytes::text(&text));
        let text = shell::before_payload(&text).map(<[u8]>::to_vec).unwrap_or(text);
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        let name = Some(path.to_string_lossy().into_owned());
        Ok(Subject { name, text, dialect, zero: [bytes::text_of(&absolute)] })
    }

    /// The same for the pipeline. What another interpreter reads is judged as a call of the file.
    pub fn source(&self) -> Source<'_> {
        match self.dialect {
            Some(dialect) => Source::Shell {
                file: self.name.is_some().then(|| self.zero[0].clone()),
                text: &self.text,
                dialect,
                positional: self.zero.to_vec(),
                startup: Vec::new(),
            },
            None => Source::Call { words: &self.zero, input: None, env: &[] },
        }
    }

    /// The text that spans point into.
    pub fn text(&self) -> Cow<'_, str> {
        bytes::text(&self.text)
    }
}

/// A value on one line.
pub fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::broken("the verdict cannot be printed").because(e))
}

/// A verdict in the form that scripts rely on.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    /// The file, of a verdict on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// The strictest of the findings' decisions; `allow` where there are none.
    decision: Decision,
    /// Duties that come with an allow.
    obligations: &'a [Obligation],
    /// The rules that match, strictest first.
    findings: Vec<ShownFinding<'a>>,
    /// `observe` or `off`, where the verdict would stop nothing; not there otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
}

/// A finding in the form that scripts rely on.
#[derive(Debug, Serialize)]
struct ShownFinding<'a> {
    /// The rule's id: `git.push-force`.
    rule: &'a str,
    /// How bad it is if the command is a mistake.
    severity: Severity,
    /// What the rule demands; `allow` where it only may match and is judged again when that program
    /// is about to start.
    decision: Decision,
    /// `yes`, or `maybe` where it hangs on what is not known before the command runs.
    #[serde(rename = "match")]
    matched: Match,
    /// The dangerous part: where it begins and ends, in bytes of the command line or file.
    span: [usize; 2],
    /// The line where it begins, from 1; of a file only.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// What it does, in a few words.
    title: &'a str,
    /// What was seen beside, never with a credential's value: names that say production, a database elsewhere
    /// that the program is configured for, where a credential comes from; not there where nothing was.
    #[serde(skip_serializing_if = "<[Evidence]>::is_empty")]
    evidence: &'a [Evidence],
    /// The human's exception by which it runs, in words; not there where none is about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// Of a verdict on a subject.
    pub fn of(verdict: &'a Verdict, subject: &'a Subject, mode: &Mode) -> Shown<'a> {
        let offsets = bytes::Offsets::of(&subject.text());
        let breaks: Vec<usize> = match subject.name {
            Some(_) => (0..subject.text.len()).filter(|at| subject.text[*at] == b'\n').collect(),
            None => Vec::new(),
        };
        let line = |at: usize| breaks.partition_point(|end| *end < at) + 1;
        let findings = verdict.findings.iter().map(|finding| ShownFinding {
            rule: &finding.rule,
            severity: finding.severity,
            decision: finding.decision,
            matched: finding.matched,
            span: [finding.span.start, finding.span.end].map(|at| offsets.at(at)),
            line: subject.name.as_ref().map(|_| line(offsets.at(finding.span.start))),
            title: &finding.title,
            evidence: &finding.evidence,
            exception: finding.exception.as_deref(),
        });
        let (decision, obligations) = (verdict.decision, &verdict.obligations[..]);
        let mode = (!matches!(mode, Mode::Enforce)).then(|| mode.as_str());
        Shown { file: subject.name.as_deref(), decision, obligations, findings: findings.collect(), mode }
    }
}

/// One line of input.
#[derive(Debug, Deserialize)]
struct Question {
    /// The command line.
    cmd: String,
    /// The directory it would run in; without it, none in particular.
    #[serde(default)]
    cwd: Option<PathBuf>,
    /// Variables, beside those of guard's own environment.
    #[serde(default)]
    env: HashMap<String, String>,
}

/// One line of output: the keys of `guard check --json`, or an `error` that says what is wrong with the line.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// The `id` of the line that it answers, if that has one: any JSON.
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
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let (id, verdict) = answer(&bytes, &mut last);
        let said = match &verdict {
            Ok((verdict, subject, mode)) => Said::Verdict(Shown::of(verdict, subject, mode)),
            Err(error) => Said::Error { error: error.clone() },
        };
        output::line(&json(&Answer { id, said })?)?;
    }
}

/// A verdict, what it is about and what it comes to.
type Judged = (Verdict, Subject, Mode);

/// The id of a line, and what it is answered with.
fn answer(line: &[u8], last: &mut Option<Front>) -> (Option<Value>, Result<Judged, String>) {
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return (id_of(line), Err(format!("not JSON: {error}"))),
    };
    let id = value.get("id").cloned();
    let question: Question = match serde_json::from_value(value) {
        Ok(question) => question,
        Err(error) => return (id, Err(error.to_string())),
    };
    let env = question.env.into_iter().map(|(name, value)| (name, bytes::text_of(&value))).collect();
    let subject = Subject::line(OsStr::new(&question.cmd));
    let placed = question.cwd.is_some();
    let verdict = front_for(question.cwd, last).map(|front| {
        let verdict = front.judge_with(&subject.source(), env, placed).verdict;
        (verdict, subject, front.mode())
    });
    (id, verdict)
}

/// The id in what is no whole JSON, where it stands in front of the fault.
fn id_of(line: &[u8]) -> Option<Value> {
    struct Found<'a>(&'a mut Option<Value>);
    impl<'de> Visitor<'de> for Found<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
            while let Some(key) = fields.next_key::<String>()? {
                match key.as_str() {
                    "id" => *self.0 = Some(fields.next_value()?),
                    _ => drop(fields.next_value::<IgnoredAny>()?),
                }
            }
            Ok(())
        }
    }
    let mut id = None;
    // What fails here has failed before.
    let _ = serde_json::Deserializer::from_slice(line).deserialize_map(Found(&mut id));
    id
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
            ("{\"id\": 7, \"cmd\": \"ls", Some(Value::from(7)), "not JSON"),
            ("{\"cmd\": \"ls\", \"id\": \"x\", \"env\": {\"A\": 'b'}}", Some(Value::from("x")), "not JSON"),
            ("{\"id\": \"x", None, "not JSON"),
            ("{\"id\": 3}", Some(Value::from(3)), "cmd"),
            ("{\"id\": \"x\", \"cmd\": 1}", Some(Value::from("x")), "invalid type"),
            ("[1]", None, "cmd"),
            ("{\"cmd\": \"ls\", \"env\": 1}", None, "invalid type"),
        ] {
            let (found, verdict) = answer(line.as_bytes(), &mut None);
            assert_eq!(found, id, "{line}");
            let error = verdict.unwrap_err();
            assert!(error.contains(part) || part == "cmd", "{line}: {error}");
        }
    }
}
