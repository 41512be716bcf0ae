//! A human's yes from elsewhere: what is held waits for `guard watch`, or is refused with a ticket that
//! `guard approve` takes and the next try uses.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::asking::{CHANGED, Question, in_script, no};
use super::dialog::{self, Came};
use super::sticking::unread;
use super::{Front, Mode, Reader, variable};
use crate::approve::broker::{self, Outcome as Waited};
use crate::approve::entry::{About, Entry, File, Session, Shown};
use crate::approve::key::{KeyPlaces, PublicKey};
use crate::approve::signed::{Signed, Statement};
use crate::approve::store::Store;
use crate::approve::{self, Losses};
use crate::audit::{Kind, Outcome, redact};
use crate::cli::render;
use crate::context::agent;
use crate::decide::{Digest, Permit};
use crate::model::{Decision, Finding, Span, Verdict, plain};
use crate::pipeline::Judgement;
use crate::sys::{ancestry, fd, process};

/// Of a longer text only the start is shown.
const SHOWN: usize = 256 << 10;

/// Who asks.
pub struct Asker<'a> {
    /// How guard was called.
    pub kind: Kind,
    /// The process.
    pub pid: u32,
    /// Says a line to whoever reads what that process says.
    pub say: &'a dyn Fn(&str),
}

impl Front {
    /// Whether what is held may get a yes from elsewhere.
    pub fn seeks(&self, verdict: &Verdict) -> bool {
        verdict.decision == Decision::Confirm
            && matches!(self.mode(), Mode::Enforce)
            && PublicKey::may_be_there(&self.keys())
    }

    /// Where keys lie.
    pub fn keys(&self) -> KeyPlaces {
        KeyPlaces::new(&self.places.system, &self.places.config)
    }

    /// What lies on disk of approvals.
    pub fn store(&self) -> Store {
        Store::new(&self.places.state)
    }

    /// How long what is held waits for somebody who watches; an agent that gives up sooner is not kept
    /// waiting.
    pub fn patience(&self) -> Duration {
        let wait = self.layers.approve_wait();
        let most = agent::agent(&variable).and_then(agent::patience).map_or(wait, |most| wait.min(most));
        most.saturating_sub(self.waited.get())
    }

    /// Seeks a yes elsewhere for what is held before it runs, and records what came of it. An error is
    /// the line to say.
    pub fn seek(
        &self,
        kind: Kind,
        text: &str,
        script: Option<&str>,
        judge: &dyn Fn() -> (Judgement, Digest),
    ) -> Result<Permit, String> {
        let facts = || self.facts(false);
        let record = |verdict: &Verdict, outcome: Outcome| self.record(kind, text, verdict, outcome);
        let question =
            Question { text, script, judge, facts: &facts, record: &record, wait: self.patience() };
        let asker = Asker { kind, pid: std::process::id(), say: &fd::complain };
        let since = Instant::now();
        let answer = seek(self, &question, &asker);
        // What such a line starts waits with it; behind a piece and a line that is typed come others.
        if !matches!(kind, Kind::Line | Kind::Piece) {
            self.waited.set(self.waited.get() + since.elapsed());
        }
        answer
    }
}

/// Seeks a yes; an error is the line to say.
pub fn seek(front: &Front, question: &Question<'_>, asker: &Asker<'_>) -> Result<Permit, String> {
    let (mut judged, digest) = (question.judge)();
    in_script(&mut judged.verdict, question);
    let verdict = judged.verdict.clone();
    let refuse = |outcome: Outcome, line: String| {
        // Refused whether that can be recorded or not.
        let _ = (question.record)(&verdict, outcome);
        Err(line)
    };
    if verdict.decision != Decision::Confirm {
        // Nothing was held the moment before only to be free now.
        return refuse(Outcome::Refused, no(&verdict, CHANGED));
    }
    let losses = losses_of(question, &judged);
    let entry = entry(question, asker, &judged, &losses, &digest);
    let (store, keys) = (front.store(), front.keys());
    match store.no(&entry) {
        Ok(None) => {}
        Ok(Some(before)) => {
            return refuse(Outcome::Again, render::refused_before(&verdict, &before.message, Reader::Agent));
        }
        Err(error) => return refuse(Outcome::Refused, no(&verdict, &unread(&error))),
    }
    let refusal = |ticket: Option<&str>| Front::refusal_with(&verdict, ticket);
    let key = match PublicKey::in_force(&keys) {
        Ok(Some((key, _))) => key,
        Ok(None) => return refuse(Outcome::Refused, refusal(None)),
        Err(error) => {
            return refuse(
                Outcome::Refused,
                no(&verdict, &format!("the public key does not count: {error}")),
            );
        }
    };
    let attempt = Attempt { question, shown: &losses, entry: &entry, verdict: &verdict };
    let mut doubt = None;
    match store.redeem(&entry, &key) {
        Ok(Some(statement)) => {
            store.remove(&statement.ticket);
            return attempt.run(&statement);
        }
        Ok(None) => {}
        Err(why) => doubt = Some(format!("an approval that lies there does not count: {why}")),
    }
    let waiting = || (asker.say)(&render::waits(&verdict, question.wait));
    let notified = RefCell::new(false);
    let notify = |entry: &Entry| {
        if !notified.replace(true) {
            front.notify(entry);
        }
    };
    let shown = || {
        waiting();
        notify(&entry);
    };
    let answer = match question.wait.is_zero() {
        true => Waited::TimedOut,
        false => broker::wait(&front.places.state, &entry, question.wait, shown),
    };
    let mut unwatched = false;
    match answer {
        Waited::Approved(signed) => match accept(&signed, &entry, &key, &store) {
            Ok(statement) => return attempt.run(&statement),
            Err(why) => doubt = Some(format!("the answer does not count: {why}")),
        },
        Waited::Refused(message) => {
            return refuse(Outcome::Rejected, render::refused_by_human(&verdict, &message));
        }
        Waited::Nobody(Some(why)) => {
            doubt = doubt.or(Some(format!("it was not shown on the screen of watch: {why}")))
        }
        Waited::TimedOut => {}
        Waited::Nobody(None) => unwatched = true,
    }
    let mut kept = entry.clone();
    if let Err(error) = store.keep(&mut kept) {
        let why = format!("no ticket can be kept: {error}");
        return refuse(Outcome::Refused, format!("{} ({})", refusal(None), plain(&why)));
    }
    notify(&kept);
    if unwatched {
        match dialog::ask(front, &kept, &key, question.wait, waiting) {
            Came::Approved(statement) => {
                store.remove(&statement.ticket);
                return attempt.run(&statement);
            }
            Came::Refused(message) => {
                return refuse(Outcome::Rejected, render::refused_by_human(&verdict, &message));
            }
            Came::Open(why) => doubt = why.or(doubt).or(Some("a dialog asks them, too".to_owned())),
            Came::Nothing(why) => doubt = why.or(doubt),
        }
    }
    let line = refusal(Some(&kept.ticket));
    let line = doubt.map_or(line.clone(), |why| format!("{line} ({})", plain(&why)));
    refuse(Outcome::Refused, line)
}

/// What a yes is used for.
struct Attempt<'a> {
    question: &'a Question<'a>,
    /// What was shown that it would cost.
    shown: &'a Losses,
    entry: &'a Entry,
    verdict: &'a Verdict,
}

impl Attempt<'_> {
    /// The permit, where all is still as it was shown.
    fn run(&self, statement: &Statement) -> Result<Permit, String> {
        let refuse = |why: &str| {
            let _ = (self.question.record)(self.verdict, Outcome::Refused);
            no(self.verdict, why)
        };
        let (again, now) = (self.question.judge)();
        if !self.shown.are_still(&losses_of(self.question, &again)) {
            return Err(refuse(CHANGED));
        }
        if again.verdict.decision != Decision::Confirm {
            return self.by_exception(again.verdict);
        }
        let approval = approve::by_signature(statement, self.entry, &now).map_err(|why| refuse(&why))?;
        let permit = Permit::with_approval(again.verdict, approval, &now);
        let (permit, verdict) = permit.map_err(|_| refuse(CHANGED))?;
        match (self.question.record)(&verdict, Outcome::Signed) {
            Ok(()) => Ok(permit),
            Err(error) => Err(format!("guard: {error}")),
        }
    }
}

impl Attempt<'_> {
    /// The permit, where an exception that came with the yes is all that changed.
    fn by_exception(&self, again: Verdict) -> Result<Permit, String> {
        let held = |verdict: &Verdict| -> BTreeSet<String> {
            let held = verdict.findings.iter();
            let held = held.filter(|found| found.decision == Decision::Confirm || found.exception.is_some());
            held.map(|found| format!("{} {:?}", found.rule, found.resource)).collect()
        };
        let is_same = again.unprovable == self.verdict.unprovable && held(&again) == held(self.verdict);
        let permit = Permit::from_verdict(again).ok().filter(|_| is_same);
        let Some((permit, verdict)) = permit else {
            let _ = (self.question.record)(self.verdict, Outcome::Refused);
            return Err(no(self.verdict, CHANGED));
        };
        match (self.question.record)(&verdict, Outcome::Ran) {
            Ok(()) => Ok(permit),
            Err(error) => Err(format!("guard: {error}")),
        }
    }
}

/// What a signature that came from watch says, where it is for this entry and was not used before.
fn accept(signed: &Signed, entry: &Entry, key: &PublicKey, store: &Store) -> Result<Statement, String> {
    let now = approve::now().map_err(|error| format!("the clocks cannot be read: {error}"))?;
    let statement = signed.check(key, &now)?;
    if !statement.covers.is_for(entry) {
        return Err("it is for something else".to_owned());
    }
    if statement.covers.is_once() {
        store.spend(&statement)?;
    }
    Ok(statement)
}

fn losses_of(question: &Question<'_>, judged: &Judgement) -> Losses {
    approve::losses(&judged.verdict, &judged.walked, &(question.facts)())
}

/// All that a human is to see, credentials hidden.
pub(super) fn entry(
    question: &Question<'_>,
    asker: &Asker<'_>,
    judged: &Judgement,
    losses: &Losses,
    digest: &Digest,
) -> Entry {
    let facts = (question.facts)();
    let hide = |text: &str| redact(text).into_owned();
    let all = |texts: &[String]| texts.iter().map(|text| hide(text)).collect();
    let command = Hidden::of(question.text);
    let mut files: Vec<(String, Hidden)> = Vec::new();
    let mut inside = Vec::new();
    let mut verdict = judged.verdict.clone();
    for finding in &mut verdict.findings {
        inside.push(finding.inside.take().map(|inside| {
            let same = |(name, _): &(String, Hidden)| *name == inside.file.name;
            let number = files.iter().position(same).unwrap_or_else(|| {
                files.push((inside.file.name.clone(), Hidden::of(&inside.file.text)));
                files.len() - 1
            });
            (number, files[number].1.span(inside.span))
        }));
        hide_in(finding, &command);
    }
    verdict.unprovable = verdict.unprovable.as_deref().map(hide);
    let shown = Shown {
        command: command.text,
        script: question.script.is_some(),
        directory: hide(crate::model::Facts::directory(&facts)),
        places: all(&approve::places(&judged.verdict, &judged.walked, &facts)),
        verdict,
        files: files.into_iter().map(|(name, text)| File { name, text: text.text }).collect(),
        inside,
        paths: all(&losses.paths),
        trees: all(&losses.trees),
    };
    let about = About {
        kind: asker.kind.as_str().to_owned(),
        pid: asker.pid,
        agent: agent::agent(&variable).map(str::to_owned),
        session: session(),
        time: Timestamp::now().as_second(),
        tries: 1,
    };
    let measure = HEXLOWER.encode(digest.as_bytes());
    let mut entry = Entry { ticket: String::new(), measure, shown, about };
    entry.ticket = entry.name(approve::entry::NAME);
    entry
}

fn hide_in(finding: &mut Finding, command: &Hidden) {
    let hide = |text: &str| redact(text).into_owned();
    finding.span = command.span(finding.span);
    finding.title = hide(&finding.title);
    finding.resource = finding.resource.as_deref().map(hide);
    finding.words = finding.words.as_deref().map(hide);
    finding.directory = finding.directory.as_deref().map(hide);
    finding.via = finding.via.iter().map(|layer| hide(layer)).collect();
}

/// A text without its credentials, and where what stood in it stands now.
struct Hidden {
    text: String,
    /// Parts that are as they were: where they began and begin, and their length.
    kept: Vec<(usize, usize, usize)>,
}

impl Hidden {
    fn of(text: &str) -> Hidden {
        let mut end = SHOWN.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = &text[..end];
        let hidden = redact(text).into_owned();
        let mut kept = Vec::new();
        let (mut before, mut after) = (0, 0);
        for part in hidden.split(crate::audit::HIDDEN).filter(|part| !part.is_empty()) {
            let Some(at) = text[before..].find(part) else { break };
            let now = hidden[after..].find(part).map_or(after, |at| after + at);
            kept.push((before + at, now, part.len()));
            before += at + part.len();
            after = now + part.len();
        }
        Hidden { text: hidden, kept }
    }

    /// Where a part of the text stands now.
    fn span(&self, span: Span) -> Span {
        let place = |at: usize, is_end: bool| {
            let holds = |(before, _, length): &&(usize, usize, usize)| {
                if is_end {
                    *before < at && at <= before + length
                } else {
                    *before <= at && at < before + length
                }
            };
            self.kept.iter().find(holds).map(|(before, now, _)| at - before + now)
        };
        match (place(span.start, false), place(span.end, true)) {
            (Some(start), Some(end)) if start <= end => Span::new(start, end),
            // It begins or ends within what is hidden.
            (Some(start), None) => Span::new(start, self.text.len()),
            _ => Span::default(),
        }
    }
}

/// Who stands behind this process.
fn session() -> Session {
    ancestry::session().map(known).unwrap_or_default()
}

/// A process by marks that no other bears.
pub(super) fn known((process, stat): (u32, ancestry::Stat)) -> Session {
    let boot = approve::now().map(|now| now.boot().to_owned()).unwrap_or_default();
    let boot: String = boot.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    Session { id: format!("{process}-{}-{boot}", stat.began), name: stat.name }
}

impl Front {
    /// Tells whom the settings name of what waits. That can but tell; nobody waits for it.
    fn notify(&self, entry: &Entry) {
        let Some(command) = self.layers.notify() else { return };
        let Ok(text) = serde_json::to_vec(entry) else { return };
        let _ = process::leave_behind(|| process::tell(command, &text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dangerous_is_still_marked_where_credentials_are_hidden() {
        let token = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
        let text =
            format!("curl -H 'Authorization: Bearer {token}' -X DELETE https://x.example/v1; rm -rf data");
        let hidden = Hidden::of(&text);
        assert!(!hidden.text.contains(&token), "{}", hidden.text);
        let at = text.find("rm -rf").unwrap_or_default();
        let span = hidden.span(Span::new(at, text.len()));
        assert_eq!(span.slice(&hidden.text), "rm -rf data");
        let all = hidden.span(Span::new(0, at - 2));
        assert!(all.slice(&hidden.text).ends_with("/v1"), "{all:?}");
        let part = text.find(&token).unwrap_or_default();
        assert_eq!(hidden.span(Span::new(part, part + 4)), Span::default());
    }
}
