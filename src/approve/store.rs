//! What lies on disk of approvals: tickets that are open, signatures that wait to be used, those that
//! were, and what a session was told no to.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::clock::Now;
use super::entry::{Entry, LONGEST_NAME, NAME};
use super::key::PublicKey;
use super::own;
use super::signed::{Covers, Signed, Statement, Target, is_hex};
use crate::decide::Digest;

/// The directories.
#[derive(Debug, Clone)]
pub struct Store {
    pending: PathBuf,
    approved: PathBuf,
    spent: PathBuf,
    refused: PathBuf,
    excepted: PathBuf,
    trusted: PathBuf,
    closed: PathBuf,
}

/// More is no file of this kind.
const MOST: u64 = 4 << 20;
/// So many tickets are kept; the oldest go first.
const TICKETS: usize = 500;
/// So long a ticket is kept, and a trace of an approval that was used.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// So long nobody is shown again what they closed.
const QUIET: Duration = Duration::from_secs(5 * 60);

/// A no that holds for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct No {
    /// What was held.
    pub targets: Vec<Target>,
    /// What the human said to it, if anything.
    pub message: String,
    /// When, in seconds since 1970.
    pub time: i64,
}

impl No {
    /// Whether an entry is about the same: one of the things that were refused is hit again, by the
    /// same rule or by one of the same family, or by whatever tool where its name is its own.
    pub fn is_about(&self, entry: &Entry) -> bool {
        let wanted = Target::held(entry);
        wanted.iter().any(|wanted| self.targets.iter().any(|refused| is_same(refused, wanted)))
    }
}

fn is_same(refused: &Target, wanted: &Target) -> bool {
    let family = |target: &Target| target.rule.split('.').next().map(str::to_owned);
    match (&refused.resource, &wanted.resource) {
        (Some(one), Some(other)) => one == other && (family(refused) == family(wanted) || is_own_name(one)),
        (None, None) => refused.rule == wanted.rule && refused.directory == wanted.directory,
        _ => false,
    }
}

/// Whether a name is hardly borne by two things: a path, an identifier, an address.
fn is_own_name(name: &str) -> bool {
    name.starts_with('/') || name.len() >= 8
}

impl Store {
    /// Below guard's state directory.
    pub fn new(state: &Path) -> Store {
        let at = |name: &str| state.join(name);
        Store {
            pending: at("pending"),
            approved: at("approved"),
            spent: at("spent"),
            refused: at("refused"),
            excepted: at("exceptions"),
            trusted: at("trusted"),
            closed: at("closed"),
        }
    }

    /// Keeps an entry under a name that no other bears, and that it gets again when it comes again.
    pub fn keep(&self, entry: &mut Entry) -> io::Result<()> {
        let digest = entry.digest();
        let free = (NAME..=LONGEST_NAME).find_map(|length| {
            let name = entry.name(length);
            match self.read(&self.pending.join(&name)) {
                Ok(other) if other.digest() == digest => Some((name, Some(other.about))),
                Ok(_) => None,
                // What cannot be read is no ticket, and is written over.
                Err(_) => Some((name, None)),
            }
        });
        let (name, before) = free.ok_or_else(|| io::Error::other("no name is left for a ticket"))?;
        if let Some(before) = before {
            entry.about.tries = before.tries.saturating_add(1);
            entry.about.time = before.time;
        }
        entry.ticket = name;
        self.tidy();
        let text = serde_json::to_vec(entry).map_err(io::Error::other)?;
        own::write(&self.pending.join(&entry.ticket), &text)
    }

    /// A ticket.
    pub fn get(&self, ticket: &str) -> io::Result<Entry> {
        let named = !ticket.is_empty()
            && ticket.len() <= LONGEST_NAME
            && ticket.bytes().all(|b| b.is_ascii_alphanumeric());
        if !named {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.read(&self.pending.join(ticket))
    }

    fn read(&self, path: &Path) -> io::Result<Entry> {
        let entry: Entry =
            serde_json::from_slice(&own::read(path, MOST)?).map_err(|_| own::doubt("it is damaged"))?;
        // One that bears another's name would be approved in its place.
        let named = path.file_name().is_some_and(|name| name.as_encoded_bytes() == entry.ticket.as_bytes());
        let own_name = (NAME..=LONGEST_NAME).contains(&entry.ticket.len())
            && entry.name(entry.ticket.len()) == entry.ticket;
        if named && own_name { Ok(entry) } else { Err(own::doubt("it is damaged")) }
    }

    /// The open tickets, the newest first.
    pub fn list(&self) -> Vec<Entry> {
        let files = fs::read_dir(&self.pending).into_iter().flatten().flatten();
        let old = now() - KEPT.as_secs() as i64;
        let mut all: Vec<Entry> = files.filter_map(|file| self.read(&file.path()).ok()).collect();
        all.retain(|entry| entry.about.time > old);
        all.sort_by(|a, b| b.about.time.cmp(&a.about.time).then_with(|| a.ticket.cmp(&b.ticket)));
        all
    }

    /// When a ticket or an approval came or went last.
    pub fn changed(&self) -> Option<SystemTime> {
        let times = [&self.pending, &self.approved].map(|at| fs::metadata(at).ok()?.modified().ok());
        times.into_iter().flatten().max()
    }

    /// What would let something run now: said by a human, in time, and not used.
    pub fn standing(&self, key: &PublicKey) -> Vec<Statement> {
        let files = fs::read_dir(&self.approved).into_iter().flatten().flatten();
        let holds = |file: fs::DirEntry| {
            let statement = check(&own::read(&file.path(), MOST).ok()?, key).ok()?;
            let is_there = file.file_name() == *statement_name(&statement);
            let is_used = statement.covers.is_once() && self.spent.join(&statement.nonce).exists();
            (is_there && !is_used).then_some(statement)
        };
        files.filter_map(holds).collect()
    }

    /// Takes a ticket away.
    pub fn remove(&self, ticket: &str) {
        if self.get(ticket).is_ok() {
            let _ = fs::remove_file(self.pending.join(ticket));
        }
    }

    /// Removes what is too old or too much.
    fn tidy(&self) {
        for directory in [&self.pending, &self.spent, &self.approved, &self.refused, &self.closed] {
            let files = fs::read_dir(directory).into_iter().flatten().flatten();
            let mut files: Vec<(SystemTime, PathBuf)> = files
                .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
                .collect();
            files.sort();
            let many = if *directory == self.pending { files.len().saturating_sub(TICKETS - 1) } else { 0 };
            let old = |changed: &SystemTime| changed.elapsed().is_ok_and(|age| age > KEPT);
            for (number, (changed, path)) in files.iter().enumerate() {
                if number < many || old(changed) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }

    /// Notes that a human closed the dialog about an entry.
    pub fn close(&self, entry: &Entry) -> io::Result<()> {
        own::write(&self.closed.join(HEXLOWER.encode(entry.digest().as_bytes())), b"")
    }

    /// Whether they did a short while ago.
    pub fn was_closed(&self, entry: &Entry) -> bool {
        let note = self.closed.join(HEXLOWER.encode(entry.digest().as_bytes()));
        let when = fs::symlink_metadata(note).and_then(|note| note.modified());
        when.is_ok_and(|when| when.elapsed().is_ok_and(|age| age < QUIET))
    }

    /// Puts a signature there for whoever tries again.
    pub fn put(&self, statement: &Statement, signed: &Signed) -> io::Result<()> {
        let text = serde_json::to_vec(signed).map_err(io::Error::other)?;
        own::write(&self.place(statement), &text)
    }

    fn place(&self, statement: &Statement) -> PathBuf {
        let directory = match &statement.covers {
            Covers::Once { .. } | Covers::Session { .. } => &self.approved,
            Covers::Exception { .. } => &self.excepted,
            Covers::Trust { .. } => &self.trusted,
        };
        directory.join(statement_name(statement))
    }

    /// The exceptions that hold, the one that ends first first.
    pub fn exceptions(&self, key: &PublicKey) -> Vec<Statement> {
        let files = fs::read_dir(&self.excepted).into_iter().flatten().flatten();
        let holds = |statement: &Statement| {
            matches!(statement.covers, Covers::Exception { .. }) && self.was_not_taken_back(statement)
        };
        let signed = files.filter_map(|file| check(&own::read(&file.path(), MOST).ok()?, key).ok());
        let mut all: Vec<Statement> = signed.filter(holds).collect();
        all.sort_by(|a, b| (a.end.until, &a.nonce).cmp(&(b.end.until, &b.nonce)));
        all.dedup();
        all
    }

    /// A human's trust in what a project's rule files say; `None` where there is none.
    pub fn trusted(&self, directory: &str, key: &PublicKey) -> Option<Statement> {
        let text = own::read(&self.trusted.join(name_of(directory)), MOST).ok()?;
        let statement = check(&text, key).ok()?;
        let is_it = matches!(&statement.covers, Covers::Trust { directory: of, .. } if of == directory);
        (is_it && self.was_not_taken_back(&statement)).then_some(statement)
    }

    /// Whether there may be trust in a project, at the cost of a look.
    pub fn may_trust(&self, directory: &str) -> bool {
        self.trusted.join(name_of(directory)).symlink_metadata().is_ok()
    }

    /// What was taken back may have been put back; and what cannot be told is no trace's absence.
    fn was_not_taken_back(&self, statement: &Statement) -> bool {
        let trace = self.trace(statement).symlink_metadata();
        trace.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// Takes an exception or trust back: where it is put there again, it counts no more.
    pub fn take_back(&self, statement: &Statement) -> io::Result<()> {
        self.spend(statement).map_err(io::Error::other)?;
        // The trace is kept as long as what it is of would hold.
        let until =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(statement.end.until).unwrap_or(0));
        File::options().write(true).open(self.trace(statement))?.set_modified(until)?;
        own::remove(&self.place(statement))
    }

    fn trace(&self, statement: &Statement) -> PathBuf {
        self.spent.join(&statement.nonce)
    }

    /// A human's yes to this entry that lies there; one that is good once is used up. An error says
    /// why what lies there does not count.
    pub fn redeem(&self, entry: &Entry, key: &PublicKey) -> Result<Option<Statement>, String> {
        let path = self.approved.join(HEXLOWER.encode(entry.digest().as_bytes()));
        let text = match own::read(&path, MOST) {
            Ok(text) => text,
            Err(error) if own::is_absent(&error) => return self.of_session(entry, key),
            Err(error) => return Err(error.to_string()),
        };
        let statement = check(&text, key)?;
        if !statement.covers.is_for(entry) {
            return Err("it is for something else".to_owned());
        }
        self.spend(&statement)?;
        let _ = fs::remove_file(path);
        Ok(Some(statement))
    }

    /// Marks a statement that is good once as used; an error where it was before.
    pub fn spend(&self, statement: &Statement) -> Result<(), String> {
        if !is_hex(&statement.nonce) {
            return Err("it is damaged".to_owned());
        }
        let trace = self.trace(statement);
        let kept = |error: io::Error| format!("that it is used cannot be kept: {error}");
        own::folder(&self.spent).map_err(kept)?;
        let made = File::options().write(true).create_new(true).mode(0o600).open(trace);
        let file = made.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => "it was used before".to_owned(),
            _ => kept(error),
        })?;
        file.sync_all().map_err(kept)
    }

    fn of_session(&self, entry: &Entry, key: &PublicKey) -> Result<Option<Statement>, String> {
        let files = fs::read_dir(&self.approved).into_iter().flatten().flatten();
        let session = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(SESSION.as_bytes()))
        };
        let valid = files.map(|file| file.path()).filter(session).filter_map(|path| {
            let text = own::read(&path, MOST).ok()?;
            check(&text, key).ok()
        });
        let mut valid = valid.filter(|said| matches!(said.covers, Covers::Session { .. }));
        Ok(valid.find(|statement| statement.covers.is_for(entry)))
    }

    /// Notes a human's no for the session of an entry.
    pub fn refuse(&self, entry: &Entry, message: &str) -> io::Result<()> {
        let targets = Target::held(entry);
        let session = file_name(&entry.about.session.id);
        if targets.is_empty() || session.is_empty() {
            return Ok(());
        }
        let mut all = self.refusals(&session)?;
        all.push(No { targets, message: message.to_owned(), time: now() });
        let text = serde_json::to_vec(&all).map_err(io::Error::other)?;
        own::write(&self.refused.join(session), &text)
    }

    /// What was said no to in the entry's session, where the entry is about the same.
    pub fn no(&self, entry: &Entry) -> io::Result<Option<No>> {
        let session = file_name(&entry.about.session.id);
        if session.is_empty() {
            return Ok(None);
        }
        Ok(self.refusals(&session)?.into_iter().find(|no| no.is_about(entry)))
    }

    fn refusals(&self, session: &str) -> io::Result<Vec<No>> {
        match own::read(&self.refused.join(session), MOST) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| own::doubt("it is damaged")),
            Err(error) if own::is_absent(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// How the names of signatures for a session begin.
const SESSION: &str = "session-";

/// The file in which a statement is looked for.
fn statement_name(statement: &Statement) -> String {
    match &statement.covers {
        Covers::Once { digest } => digest.clone(),
        Covers::Session { .. } => format!("{SESSION}{}", statement.nonce),
        Covers::Exception { .. } => statement.nonce.clone(),
        Covers::Trust { directory, .. } => name_of(directory),
    }
}

/// A file's name for a directory.
fn name_of(directory: &str) -> String {
    HEXLOWER.encode(&Digest::of([directory.as_bytes()]).as_bytes()[..16])
}

fn check(text: &[u8], key: &PublicKey) -> Result<Statement, String> {
    let signed: Signed = serde_json::from_slice(text).map_err(|_| "it is damaged".to_owned())?;
    let now = Now::read().map_err(|error| format!("the clocks cannot be read: {error}"))?;
    signed.check(key, &now)
}

fn file_name(session: &str) -> String {
    session.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::approve::entry::example;
    use crate::approve::key::SecretKey;

    fn approve(store: &Store, entry: &Entry, key: &SecretKey) {
        let statement = Statement::new(entry, Covers::once(entry), 900).unwrap();
        store.put(&statement, &statement.sign(key)).unwrap();
    }

    #[test]
    fn an_approval_is_good_once_even_where_it_is_put_back() {
        let scratch = tempfile::tempdir().unwrap();
        let (store, key) = (Store::new(scratch.path()), SecretKey::generate().unwrap());
        let entry = example("rm -rf data");
        assert_eq!(store.redeem(&entry, &key.public()), Ok(None));
        approve(&store, &entry, &key);
        let file = scratch.path().join("approved").join(HEXLOWER.encode(entry.digest().as_bytes()));
        let copy = fs::read(&file).unwrap();
        let standing = || store.standing(&key.public()).len();
        assert_eq!(standing(), 1);
        assert!(store.standing(&SecretKey::generate().unwrap().public()).is_empty());
        assert_eq!(store.redeem(&example("rm -rf /"), &key.public()), Ok(None));
        assert!(store.redeem(&entry, &key.public()).unwrap().is_some());
        assert_eq!(store.redeem(&entry, &key.public()), Ok(None));
        own::write(&file, &copy).unwrap();
        assert_eq!(standing(), 0);
        assert!(store.redeem(&entry, &key.public()).unwrap_err().contains("used before"));
        // Under another entry's name it is for nothing.
        let other = example("rm -rf /");
        let name = HEXLOWER.encode(other.digest().as_bytes());
        own::write(&scratch.path().join("approved").join(name), &copy).unwrap();
        assert!(store.redeem(&other, &key.public()).unwrap_err().contains("something else"));
    }

    #[test]
    fn an_exception_ends_and_does_not_come_back() {
        let scratch = tempfile::tempdir().unwrap();
        let (store, key) = (Store::new(scratch.path()), SecretKey::generate().unwrap());
        let target =
            Target { rule: "x.y".to_owned(), resource: None, words: None, directory: "/".to_owned() };
        let grant = |seconds| {
            let covers = Covers::Exception { targets: vec![target.clone()], reason: None };
            let statement = Statement::unasked(covers, seconds).unwrap();
            store.put(&statement, &statement.sign(&key)).unwrap();
            statement
        };
        let (long, short) = (grant(30 * 24 * 60 * 60), grant(60));
        assert_eq!(store.exceptions(&key.public()), [short.clone(), long.clone()]);
        assert!(store.exceptions(&SecretKey::generate().unwrap().public()).is_empty());
        // What is good once is no exception, wherever it lies.
        let once = Statement::new(&example("ls"), Covers::once(&example("ls")), 900).unwrap();
        let signed = serde_json::to_vec(&once.sign(&key)).unwrap();
        own::write(&scratch.path().join("exceptions/x"), &signed).unwrap();
        let file = scratch.path().join("exceptions").join(&long.nonce);
        let copy = fs::read(&file).unwrap();
        store.take_back(&long).unwrap();
        own::write(&file, &copy).unwrap();
        store.tidy();
        assert_eq!(store.exceptions(&key.public()), [short]);
        // That it ended is told as long as it would have held.
        let kept = fs::metadata(scratch.path().join("spent").join(&long.nonce)).unwrap();
        assert!(kept.modified().unwrap() > SystemTime::now() + Duration::from_secs(29 * 24 * 60 * 60));
    }

    #[test]
    fn a_full_disk_is_no_yes() {
        let scratch = tempfile::tempdir().unwrap();
        let (store, key) = (Store::new(scratch.path()), SecretKey::generate().unwrap());
        let entry = example("rm -rf data");
        approve(&store, &entry, &key);
        // Nothing can be made below what is no directory.
        fs::write(scratch.path().join("spent"), "").unwrap();
        assert!(store.redeem(&entry, &key.public()).unwrap_err().contains("cannot be kept"));
    }

    #[test]
    fn a_ticket_keeps_its_name_and_counts_its_tries() {
        let scratch = tempfile::tempdir().unwrap();
        let store = Store::new(scratch.path());
        let mut entry = example("rm -rf data");
        entry.about.time = now();
        store.keep(&mut entry).unwrap();
        let first = entry.ticket.clone();
        store.keep(&mut entry).unwrap();
        assert_eq!((entry.ticket.as_str(), entry.about.tries), (first.as_str(), 2));
        assert_eq!(store.list().len(), 1);
        // A ticket whose text was exchanged is none.
        let path = scratch.path().join("pending").join(&first);
        let text = fs::read_to_string(&path).unwrap().replace("rm -rf data", "ls");
        own::write(&path, text.as_bytes()).unwrap();
        assert!(store.get(&first).is_err() && store.list().is_empty());
        assert!(store.get("../pending").is_err() && store.get("").is_err());
        store.remove(&first);
    }

    #[test]
    fn a_no_sticks_to_the_thing_in_its_session() {
        use crate::model::{Decision, Finding, Match, Verdict};
        let scratch = tempfile::tempdir().unwrap();
        let store = Store::new(scratch.path());
        let entry = |rule: &str, resource: &str, session: &str| {
            let mut entry = example("x");
            let finding = Finding {
                rule: rule.to_owned(),
                decision: Decision::Confirm,
                matched: Match::Yes,
                resource: Some(resource.to_owned()),
                ..crate::decide::refuse("x").findings.remove(0)
            };
            entry.shown.verdict =
                Verdict { decision: Decision::Confirm, findings: vec![finding], ..Verdict::default() };
            entry.about.session.id = session.to_owned();
            entry
        };
        store.refuse(&entry("git.push-lease", "main", "s1"), "use a branch").unwrap();
        let said = |entry: &Entry| store.no(entry).unwrap().map(|no| no.message);
        assert_eq!(said(&entry("git.push-force", "main", "s1")).as_deref(), Some("use a branch"));
        assert_eq!(said(&entry("git.push-force", "dev", "s1")), None);
        assert_eq!(said(&entry("git.push-force", "main", "s2")), None);
        assert_eq!(said(&entry("sql.drop", "main", "s1")), None);
        let maybe = |directory: &str| {
            let mut maybe = entry("files.delete", "$X is not known before it runs", "s1");
            maybe.shown.verdict.findings[0].matched = Match::Maybe;
            maybe.shown.directory = directory.to_owned();
            maybe
        };
        store.refuse(&maybe("/a"), "no").unwrap();
        assert!(said(&maybe("/a")).is_some() && said(&maybe("/b")).is_none());
        store.refuse(&entry("railway.volume-delete", "vol-2f1c-99", "s1"), "").unwrap();
        assert!(said(&entry("http.graphql-delete", "vol-2f1c-99", "s1")).is_some());
    }
}
