//! One line of the log.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::redact::redact;
use crate::model::{Decision, Match, Obligation, Verdict};

/// How guard was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `-c TEXT`
    Command,
    /// A script file.
    Script,
    /// Standard input, all of it.
    Stdin,
    /// A piece of standard input that goes on.
    Piece,
    /// A line that was typed or pasted at a terminal.
    Line,
    /// A program and its arguments, after `--`.
    Program,
    /// A program that something below a supervised command line executed.
    Exec,
    /// A shell at a terminal whose lines are not judged.
    Interactive,
    /// Guard was turned off or on.
    Switch,
    /// A human made a key, or answered a ticket.
    Human,
    /// The log itself: a line was found torn, and its remains are declared here.
    Healed,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It ran.
    Ran,
    /// It ran, for nothing is stopped where guard only observes; else it had not.
    #[serde(rename = "ran-observed")]
    Observed,
    /// It ran, for a human had turned guard off for a while; else it had not.
    #[serde(rename = "ran-while-off")]
    WhileOff,
    /// It did not.
    Refused,
    /// It was held, and ran after a human at the terminal said yes.
    #[serde(rename = "approved-at-terminal")]
    Approved,
    /// It was held, and ran after a human said yes elsewhere, by a signature.
    #[serde(rename = "approved-by-signature")]
    Signed,
    /// It was held, and ran, for a human had said yes to it with the command line that started it.
    #[serde(rename = "approved-before")]
    Covered,
    /// It was held, and a human at the terminal was asked and did not say yes.
    #[serde(rename = "refused-at-terminal")]
    Declined,
    /// It was held, and a human said no elsewhere.
    #[serde(rename = "refused-by-human")]
    Rejected,
    /// It was refused without a question, for a human had said no to the same in this session.
    #[serde(rename = "refused-again")]
    Again,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// Its id.
    pub rule: String,
    /// How sure that is.
    #[serde(rename = "match")]
    pub matched: Match,
    /// What it demands.
    pub decision: Decision,
    /// What would be hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The human's exception by which it runs, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
}

/// A text that is not in the log as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Its length.
    pub bytes: usize,
    /// The digest of all of it, in hexadecimal digits.
    pub sha256: String,
}

/// One line of the log, without the hashes that the log adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When, in UTC, to the millisecond.
    pub time: String,
    /// The process, which the shell keeps.
    pub pid: u32,
    /// Its parent.
    pub ppid: u32,
    /// Where.
    pub directory: String,
    /// How guard was called.
    pub kind: Kind,
    /// The agent, as far as the environment tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The source text, credentials hidden, cut where it is long.
    pub command: String,
    /// The whole text's measure, where it was cut or is a torn line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The strictest decision.
    pub decision: Decision,
    /// The rules that matched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Matched>,
    /// Duties that came with an allow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<Obligation>,
    /// Why the source could not be proved to hold no other command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprovable: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// More of a text than this is not kept.
const LONGEST: usize = 64 << 10;
/// What is hidden may begin before the cut and end behind it.
const MARGIN: usize = 4 << 10;

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Command => "command",
            Kind::Script => "script",
            Kind::Stdin => "stdin",
            Kind::Piece => "piece",
            Kind::Line => "line",
            Kind::Program => "program",
            Kind::Exec => "exec",
            Kind::Interactive => "interactive",
            Kind::Switch => "switch",
            Kind::Human => "human",
            Kind::Healed => "healed",
        }
    }
}

impl Record {
    /// The record of a judged text, now, in this process.
    pub fn new(kind: Kind, directory: &str, text: &str, verdict: &Verdict, outcome: Outcome) -> Record {
        let (command, cut) = shorten(text);
        Record {
            time: format!("{:.3}", Timestamp::now()),
            pid: std::process::id(),
            ppid: crate::sys::process::parent_id(),
            directory: redact(directory).into_owned(),
            kind,
            agent: None,
            command,
            cut,
            decision: verdict.decision,
            rules: verdict
                .findings
                .iter()
                .map(|finding| Matched {
                    rule: finding.rule.clone(),
                    matched: finding.matched,
                    decision: finding.decision,
                    resource: finding.resource.as_deref().map(|what| redact(what).into_owned()),
                    exception: finding.exception.as_deref().map(|what| redact(what).into_owned()),
                })
                .collect(),
            obligations: verdict.obligations.clone(),
            unprovable: verdict.unprovable.as_deref().map(|why| redact(why).into_owned()),
            outcome,
        }
    }

    /// Whether it is nothing but a plain allow. That its execs are judged makes it no more: these
    /// have records of their own.
    pub fn is_plain(&self) -> bool {
        let owes = self.obligations.iter().any(|owed| *owed != Obligation::Supervise);
        self.decision == Decision::Allow && !owes && self.outcome == Outcome::Ran
    }
}

/// The text as the log keeps it.
fn shorten(text: &str) -> (String, Option<Cut>) {
    if text.len() <= LONGEST {
        return (redact(text).into_owned(), None);
    }
    let mut kept = match redact(head(text, LONGEST + MARGIN)) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    };
    kept.truncate(head(&kept, LONGEST).len());
    (kept, Some(measure(text.as_bytes())))
}

/// Length and digest.
pub(super) fn measure(text: &[u8]) -> Cut {
    Cut { bytes: text.len(), sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(text)) }
}

/// At most `length` bytes from the start, whole characters.
fn head(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_measured() {
        let text = "é".repeat(LONGEST);
        let record = Record::new(Kind::Stdin, "/", &text, &Verdict::default(), Outcome::Ran);
        assert_eq!(record.command.len(), LONGEST);
        assert_eq!(record.cut.unwrap().bytes, 2 * LONGEST);
        let secret = format!("{}ghp_{}", "x ".repeat(LONGEST / 2 - 5), "a".repeat(36));
        let record = Record::new(Kind::Stdin, "/", &secret, &Verdict::default(), Outcome::Ran);
        assert!(!record.command.contains("ghp_a"));
    }

    #[test]
    fn a_record_reads_back() {
        let record = Record::new(Kind::Command, "/x", "ls", &Verdict::default(), Outcome::Ran);
        let line = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
        assert!(record.is_plain());
        let time = &record.time;
        assert!(time.len() == 24 && time.ends_with('Z') && &time[19..20] == ".", "{time}");
    }
}
