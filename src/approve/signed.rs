//! Approvals as signatures: what one says, whether it is the human's, and whether it still holds.

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};

use super::clock::{End, Now};
use super::entry::Entry;
use super::key::{PublicKey, SecretKey, random};
use crate::model::{Decision, Match};

/// What both clocks say.
pub fn now() -> std::io::Result<Now> {
    Now::read()
}

/// What a human said yes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    version: u32,
    /// The ticket that was approved.
    pub ticket: String,
    /// What may run.
    pub covers: Covers,
    /// No two statements have the same; what is good once is known by it.
    pub nonce: String,
    /// Until when.
    pub end: End,
}

/// What may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Covers {
    /// What this digest measures, once.
    Once {
        /// In hexadecimal digits.
        digest: String,
    },
    /// The same on the same things, in this session.
    Session {
        /// Which.
        session: String,
        /// What was held.
        targets: Vec<Target>,
    },
    /// What these name, in any session.
    Exception {
        /// What is excepted. The directory is where it holds, with all below it; a resource that is not named may
        /// be any.
        targets: Vec<Target>,
        /// Why, in the human's words.
        reason: Option<String>,
    },
    /// What a project's rule files say, also where they loosen.
    Trust {
        /// Where they lie.
        directory: String,
        /// A measure of all that they say, in hexadecimal digits.
        digest: String,
    },
}

/// What a rule holds, and on what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The rule's id.
    pub rule: String,
    /// What would be hit; `None` where the rule names nothing.
    pub resource: Option<String>,
    /// The call, where the rule names nothing that would be hit; `None` stands for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The directory.
    pub directory: String,
}

impl Target {
    /// What holds an entry, known or not: what would be hit is told where that is certain.
    pub fn held(entry: &Entry) -> Vec<Target> {
        let shown = &entry.shown;
        let held = shown.verdict.findings.iter().filter(|finding| finding.decision == Decision::Confirm);
        let target = |finding: &crate::model::Finding| Target {
            rule: finding.rule.clone(),
            resource: finding.resource.clone().filter(|_| finding.matched == Match::Yes),
            words: None,
            directory: shown.directory.clone(),
        };
        held.map(target).collect()
    }

    /// What holds an entry; `None` where it is not known what would be hit.
    pub fn of(entry: &Entry) -> Option<Vec<Target>> {
        let shown = &entry.shown;
        if shown.verdict.unprovable.is_some() {
            return None;
        }
        let held = shown.verdict.findings.iter().filter(|finding| finding.decision == Decision::Confirm);
        let target = |finding: &crate::model::Finding| {
            // What has no name is known by its words.
            let words = finding.words.clone().filter(|_| finding.resource.is_none());
            let is_known = finding.resource.is_some() || words.is_some();
            // On another machine, or in a container, the same name may be another thing.
            let directory = finding.directory.clone().filter(|directory| directory.starts_with('/'))?;
            (finding.matched == Match::Yes && is_known).then(|| Target {
                rule: finding.rule.clone(),
                resource: finding.resource.clone(),
                words,
                directory,
            })
        };
        held.map(target).collect()
    }
}

/// A statement with its signature, as it is kept and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The statement as JSON: the very bytes that were signed.
    statement: String,
    /// In base 64.
    signature: String,
}

/// The longest that an approval holds, in seconds.
pub const LONGEST: i64 = 8 * 60 * 60;
/// The longest that an exception holds, in seconds.
pub const LONGEST_EXCEPTION: i64 = 90 * 24 * 60 * 60;
/// The longest that trust holds, in seconds: it ends when a file changes.
pub const LONGEST_TRUST: i64 = 10 * 365 * 24 * 60 * 60;

impl Statement {
    /// What is said of an entry, for so many seconds.
    pub fn new(entry: &Entry, covers: Covers, seconds: i64) -> std::io::Result<Statement> {
        Statement::of(entry.ticket.clone(), covers, seconds)
    }

    /// The same of what no ticket asked for.
    pub fn unasked(covers: Covers, seconds: i64) -> std::io::Result<Statement> {
        Statement::of(String::new(), covers, seconds)
    }

    fn of(ticket: String, covers: Covers, seconds: i64) -> std::io::Result<Statement> {
        let mut nonce = [0; 16];
        random(&mut nonce)?;
        let end = Now::read()?.end_after(seconds.clamp(1, covers.longest()));
        Ok(Statement { version: 1, ticket, covers, nonce: HEXLOWER.encode(&nonce), end })
    }

    /// With the human's signature.
    pub fn sign(&self, key: &SecretKey) -> Signed {
        let statement = serde_json::to_string(self).expect("plain data is always JSON");
        let signature = BASE64.encode(&key.sign(statement.as_bytes()));
        Signed { statement, signature }
    }
}

impl Covers {
    /// Just this entry, once.
    pub fn once(entry: &Entry) -> Covers {
        Covers::Once { digest: HEXLOWER.encode(entry.digest().as_bytes()) }
    }

    /// The same in the entry's session, where that is known.
    pub fn session(entry: &Entry) -> Option<Covers> {
        let session = entry.about.session.id.clone();
        let targets = Target::of(entry).filter(|targets| !targets.is_empty())?;
        (!session.is_empty()).then_some(Covers::Session { session, targets })
    }

    /// The same on the same things in any session, in the entry's directory and below it, where that is known.
    pub fn exception(entry: &Entry) -> Option<Covers> {
        /// Guard's own findings are no rules.
        const OWN: &str = "guard.";
        let mut targets = Target::of(entry).filter(|targets| !targets.is_empty())?;
        if targets.iter().any(|target| target.rule.starts_with(OWN)) {
            return None;
        }
        // What has a name from the root is the same from everywhere.
        let is_placed = |target: &Target| target.resource.as_ref().is_some_and(|name| name.starts_with('/'));
        targets
            .iter_mut()
            .filter(|target| is_placed(target))
            .for_each(|target| target.directory = "/".to_owned());
        targets.sort();
        targets.dedup();
        Some(Covers::Exception { targets, reason: None })
    }

    /// The longest that it holds, in seconds.
    fn longest(&self) -> i64 {
        match self {
            Covers::Once { .. } | Covers::Session { .. } => LONGEST,
            Covers::Exception { .. } => LONGEST_EXCEPTION,
            Covers::Trust { .. } => LONGEST_TRUST,
        }
    }

    /// Whether it is used up by being used.
    pub fn is_once(&self) -> bool {
        matches!(self, Covers::Once { .. })
    }

    /// Whether an entry is what was said yes to.
    pub fn is_for(&self, entry: &Entry) -> bool {
        match self {
            Covers::Once { digest } => *digest == HEXLOWER.encode(entry.digest().as_bytes()),
            Covers::Session { session, targets } => {
                let wanted = Target::of(entry).filter(|wanted| !wanted.is_empty());
                *session == entry.about.session.id
                    && wanted.is_some_and(|wanted| wanted.iter().all(|target| targets.contains(target)))
            }
            // These are no answers: what they are about is not held.
            Covers::Exception { .. } | Covers::Trust { .. } => false,
        }
    }
}

impl Signed {
    /// What it says, where this key signed it and it still holds; an error says what is wrong.
    pub fn check(&self, key: &PublicKey, now: &Now) -> Result<Statement, String> {
        let signature = BASE64.decode(self.signature.as_bytes()).unwrap_or_default();
        if !key.signed(self.statement.as_bytes(), &signature) {
            return Err("it is not signed with your key".to_owned());
        }
        let statement: Statement = serde_json::from_str(&self.statement)
            .map_err(|_| "it says nothing that this guard knows".to_owned())?;
        if statement.version != 1 || statement.nonce.len() != 32 || !is_hex(&statement.nonce) {
            return Err("it says nothing that this guard knows".to_owned());
        }
        let left = match statement.covers {
            Covers::Once { .. } | Covers::Session { .. } => statement.end.left(now),
            Covers::Exception { .. } | Covers::Trust { .. } => statement.end.left_across_starts(now),
        };
        match left {
            None => Err("its time is over".to_owned()),
            Some(left) if left > statement.covers.longest() => {
                Err("it names an end that nobody could have chosen".to_owned())
            }
            Some(_) => Ok(statement),
        }
    }
}

/// Lower-case hexadecimal digits and nothing else, which make a file's name.
pub fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::approve::entry::example;

    #[test]
    fn a_signature_is_for_one_text_one_key_and_some_minutes() {
        let (entry, key) = (example("rm -rf data"), SecretKey::generate().unwrap());
        let statement = Statement::new(&entry, Covers::once(&entry), 900).unwrap();
        let signed = statement.sign(&key);
        let now = Now::read().unwrap();
        assert_eq!(signed.check(&key.public(), &now).unwrap(), statement);
        assert!(statement.covers.is_for(&entry) && !statement.covers.is_for(&example("rm -rf /")));
        let other = SecretKey::generate().unwrap();
        assert!(signed.check(&other.public(), &now).unwrap_err().contains("not signed"));
        let forged = Signed { statement: signed.statement.replace("0", "1"), ..signed.clone() };
        assert!(forged.check(&key.public(), &now).is_err());
        let later = |time, uptime, boot: &str| {
            let now = Now { time: now.time + time, uptime: now.uptime + uptime, boot: boot.to_owned() };
            signed.check(&key.public(), &now)
        };
        assert!(later(899, 899, &now.boot).is_ok());
        assert!(later(900, 0, &now.boot).is_err(), "the time has come");
        assert!(later(-86_400, 901, &now.boot).is_err(), "the clock was set back");
        assert!(later(1, 1, "another").is_err(), "the machine was started anew");
    }

    #[test]
    fn an_exception_outlasts_a_start_of_the_machine_and_no_end() {
        let (key, now) = (SecretKey::generate().unwrap(), Now::read().unwrap());
        let covers = || Covers::Exception { targets: Vec::new(), reason: None };
        let day = 24 * 60 * 60;
        let signed = Statement::unasked(covers(), 2 * day).unwrap().sign(&key);
        let at = |time, uptime, boot: &str| {
            let then = Now { time: now.time + time, uptime: now.uptime + uptime, boot: boot.to_owned() };
            signed.check(&key.public(), &then).is_ok()
        };
        assert!(at(day, day, &now.boot) && at(day, 5 - now.uptime, "another"));
        assert!(!at(2 * day + 1, 5 - now.uptime, "another"), "the time has come");
        assert!(!at(-day, 2 * day + 1, &now.boot), "the clock was set back");
        assert!(!at(-100 * day, 5 - now.uptime, "another"), "the clock was set back over a start");
        let longest = Statement::unasked(covers(), 1000 * day).unwrap();
        assert!(longest.end.until <= now.time + LONGEST_EXCEPTION + 5);
        assert!(longest.sign(&key).check(&key.public(), &Now::read().unwrap()).is_ok());
    }

    #[test]
    fn a_sessions_yes_is_for_what_was_held_and_where_it_is_known() {
        use crate::model::{Finding, Verdict};
        let finding = |resource: &str, matched| Finding {
            rule: "git.push-force".to_owned(),
            decision: Decision::Confirm,
            matched,
            resource: Some(resource.to_owned()),
            directory: Some("/work".to_owned()),
            ..crate::decide::refuse("x").findings.remove(0)
        };
        let of = |findings: Vec<Finding>, session: &str| {
            let mut entry = example("git push --force");
            entry.shown.verdict = Verdict { decision: Decision::Confirm, findings, ..Verdict::default() };
            entry.about.session.id = session.to_owned();
            entry
        };
        let entry = of(vec![finding("main", Match::Yes)], "s");
        let covers = Covers::session(&entry).unwrap();
        assert!(covers.is_for(&entry));
        assert!(!covers.is_for(&of(vec![finding("main", Match::Yes)], "other")));
        assert!(!covers.is_for(&of(vec![finding("dev", Match::Yes)], "s")));
        assert!(!covers.is_for(&of(vec![finding("main", Match::Yes), finding("dev", Match::Yes)], "s")));
        assert!(!covers.is_for(&of(vec![finding("main", Match::Maybe)], "s")));
        assert!(!covers.is_for(&of(vec![], "s")));
        assert!(Covers::session(&of(vec![finding("main", Match::Maybe)], "s")).is_none());
        for elsewhere in [None, Some("ssh staging".to_owned())] {
            let finding = Finding { directory: elsewhere, ..finding("/data", Match::Yes) };
            let entry = of(vec![finding], "s");
            assert!(Covers::session(&entry).is_none() && Covers::exception(&entry).is_none());
        }
        assert!(Covers::session(&of(vec![finding("main", Match::Yes)], "")).is_none());
    }
}
