//! The log's file: lines appended by many processes at once, none torn, none lost.
//!
//! A line is a [`Record`] with two more members at its end: `previous`, the hash of the line
//! before it, and `hash`, the SHA-256 of the line itself up to there. Beside the log lies its
//! head: the log's length and last hash, so that a log that lost its end is known for it.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::record::{Kind, Outcome, Record, measure};
use crate::model::Verdict;

/// How sure it must be that a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Written.
    Light,
    /// Written, and on the disk before this returns.
    Heavy,
}

/// The log.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
    chosen: bool,
}

/// What stands before a log's first line.
pub(super) const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// `,"hash":"…"}` and the end of the line.
const TAIL: usize = 9 + 64 + 2 + 1;
/// So much is read of what others wrote since.
const MOST: u64 = 1 << 20;
/// How long another process may hold the log.
const PATIENCE: Duration = Duration::from_secs(2);

impl Log {
    /// The log at `path`, which guard chose: the directories on the way are made.
    pub fn new(path: PathBuf) -> Log {
        Log { path, chosen: false }
    }

    /// The log at `path`, which a setting names. No more than the directory that it lies in is made: what
    /// is missing above was misspelt, or is a disk that is not there.
    pub fn chosen(path: PathBuf) -> Log {
        Log { path, chosen: true }
    }

    /// Whether nothing can be written since a directory is missing that is not made.
    pub fn is_nowhere(&self) -> bool {
        let exists = |directory: &Path| directory.as_os_str().is_empty() || directory.exists();
        self.chosen && self.path.parent().is_some_and(|own| !exists(own) && !own.parent().is_some_and(exists))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its head's path.
    pub fn head(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".head");
        PathBuf::from(name)
    }

    /// Adds a record at the end.
    pub fn append(&self, record: &Record, weight: Weight) -> io::Result<()> {
        let log = self.open(&self.path)?;
        let end = {
            lock(&log)?;
            let mut end = log.metadata()?.len();
            let previous = match last_hash(&log, end)? {
                Last::Hash(hash) => hash,
                Last::Torn { start, previous } => {
                    let mut torn = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
                    log.read_exact_at(&mut torn, start)?;
                    let healed = healed(&record.directory, &torn);
                    let (line, hash) = line(&healed, &previous)?;
                    let newline = if torn.ends_with(b"\n") { "" } else { "\n" };
                    end = write(&log, format!("{newline}{line}").as_bytes(), end)?;
                    hash
                }
            };
            let (line, hash) = line(record, &previous)?;
            end = write(&log, line.as_bytes(), end)?;
            // The head only helps to find a loss; the line is safe without it.
            let _ = self
                .open(&self.head())
                .and_then(|head| head.write_all_at(format!("{end:020} {hash}\n").as_bytes(), 0));
            log.unlock()?;
            end
        };
        debug_assert!(end > 0);
        match weight {
            Weight::Light => Ok(()),
            Weight::Heavy => log.sync_data(),
        }
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).append(path == self.path).write(true).create(true).mode(0o600);
        options.open(path).or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            if let Some(directory) = path.parent() {
                DirBuilder::new().recursive(!self.chosen).mode(0o700).create(directory)?;
            }
            options.open(path)
        })
    }

    /// How long it is now; 0 where there is none.
    pub fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |found| found.len())
    }

    /// The records behind such a length.
    pub fn records_from(&self, length: u64) -> Vec<Record> {
        let mut text = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(length))?;
            file.take(MOST).read_to_end(&mut text)
        });
        // Who asks does without what cannot be read.
        let whole = read.map_or(0, |_| text.len());
        text[..whole]
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }

    /// What is in it.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match fs::read(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }
}

fn lock(log: &File) -> io::Result<()> {
    let start = Instant::now();
    loop {
        match log.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds the log"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(200)),
        }
    }
}

/// How a log ends.
enum Last {
    /// With a whole line of this hash.
    Hash(String),
    /// With something else, from `start` on, behind a line of the hash `previous`.
    Torn { start: u64, previous: String },
}

fn last_hash(log: &File, end: u64) -> io::Result<Last> {
    if end == 0 {
        return Ok(Last::Hash(FIRST.to_owned()));
    }
    let mut tail = [0; TAIL];
    if let Some(at) = end.checked_sub(TAIL as u64) {
        log.read_exact_at(&mut tail, at)?;
        if let Some(hash) = hash_in(&tail) {
            return Ok(Last::Hash(hash));
        }
    }
    // Rare: a machine or process died in the middle of a line.
    let mut text = vec![0; usize::try_from(end).map_err(io::Error::other)?];
    log.read_exact_at(&mut text, 0)?;
    let mut start = text.len();
    while start > 0 {
        let before = text[..start - 1].iter().rposition(|byte| *byte == b'\n');
        start = before.map_or(0, |at| at + 1);
        if let Some(hash) = text[..start].last_chunk::<TAIL>().and_then(hash_in) {
            return Ok(Last::Torn { start: start as u64, previous: hash });
        }
    }
    Ok(Last::Torn { start: 0, previous: FIRST.to_owned() })
}

/// The hash at the end of a whole line.
fn hash_in(tail: &[u8; TAIL]) -> Option<String> {
    let hash = tail.strip_prefix(br#","hash":""#)?.strip_suffix(b"\"}\n")?;
    let digits = hash.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
    digits.then(|| String::from_utf8_lossy(hash).into_owned())
}

/// A record's line, and its hash.
fn line(record: &Record, previous: &str) -> io::Result<(String, String)> {
    let mut line = serde_json::to_string(record).map_err(io::Error::other)?;
    line.pop();
    line.push_str(r#","previous":""#);
    line.push_str(previous);
    line.push('"');
    let hash = digest(line.as_bytes());
    line.push_str(r#","hash":""#);
    line.push_str(&hash);
    line.push_str("\"}\n");
    Ok((line, hash))
}

/// The hash of a line up to its own hash.
pub(super) fn digest(line: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(line))
}

/// The record that declares the remains of a torn line.
fn healed(directory: &str, torn: &[u8]) -> Record {
    let mut record = Record::new(Kind::Healed, directory, "", &Verdict::default(), Outcome::Ran);
    record.cut = Some(measure(torn.strip_suffix(b"\n").unwrap_or(torn)));
    record
}

/// Writes all of it in one piece, or takes back what was written.
fn write(mut log: &File, text: &[u8], end: u64) -> io::Result<u64> {
    match log.write(text) {
        Ok(written) if written == text.len() => Ok(end + text.len() as u64),
        Ok(_) => {
            log.set_len(end)?;
            Err(io::Error::new(io::ErrorKind::StorageFull, "no room for the record"))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::verify::{Report, verify};

    fn record(text: &str) -> Record {
        Record::new(Kind::Command, "/", text, &Verdict::default(), Outcome::Ran)
    }

    #[test]
    fn many_writers_lose_and_tear_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let log = Log::new(scratch.path().join("deep/log.jsonl"));
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let log = log.clone();
                scope.spawn(move || {
                    for i in 0..50 {
                        let text = format!("{writer} {i} {}", "x".repeat(i * 50));
                        log.append(&record(&text), Weight::Light).unwrap();
                    }
                });
            }
        });
        let report = verify(&log).unwrap();
        assert_eq!(report, Report { records: 400, healed: 0, fault: None, unannounced: 0 });
    }

    #[test]
    fn the_file_is_the_users_own() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = tempfile::tempdir().unwrap();
        let log = Log::new(scratch.path().join("state/log.jsonl"));
        log.append(&record("a"), Weight::Heavy).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(log.path()), 0o600);
        assert_eq!(mode(log.path().parent().unwrap()), 0o700);
    }

    #[test]
    fn a_torn_line_is_declared_and_the_chain_goes_on() {
        let torn = ["{\"time\":\"2026", "x", "junk\nmore\n", "{\"a\":1,\"hash\":\"12\"}\n"];
        for (lines, remains) in torn.iter().flat_map(|remains| [(0, remains), (2, remains)]) {
            let scratch = tempfile::tempdir().unwrap();
            let log = Log::new(scratch.path().join("log.jsonl"));
            for _ in 0..lines {
                log.append(&record("a"), Weight::Light).unwrap();
            }
            let mut file = File::options().append(true).create(true).open(log.path()).unwrap();
            file.write_all(remains.as_bytes()).unwrap();
            log.append(&record("b"), Weight::Light).unwrap();
            log.append(&record("c"), Weight::Light).unwrap();
            let report = verify(&log).unwrap();
            assert_eq!(report.fault, None, "{remains:?}");
            assert_eq!((report.records, report.healed), (lines + 3, 1), "{remains:?}");
        }
    }
}
