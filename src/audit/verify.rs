//! Whether the log is whole.
//!
//! Found: a line changed, added, taken out or moved anywhere, and an end that was cut off (the
//! head names a length and a hash that the log must hold). Not found: a log and head that were
//! both put back to the same earlier state, or written anew from the start, by someone with the
//! user's own rights.

use std::fs;
use std::io;

use super::log::{FIRST, Log, digest};
use super::record::{Kind, Record, measure};

/// What verifying the log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whole lines.
    pub records: usize,
    /// Torn lines whose remains a later record declares.
    pub healed: usize,
    /// The first fault: its line, and what is wrong.
    pub fault: Option<(usize, String)>,
    /// Whole lines behind the one that the head names: 0, or a crash in between.
    pub unannounced: usize,
}

/// Reads the log from its start.
pub fn verify(log: &Log) -> io::Result<Report> {
    let text = log.read()?;
    let head = match fs::read_to_string(log.head()) {
        Ok(head) => Some(head),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    Ok(check(&text, head.as_deref()))
}

fn check(text: &[u8], head: Option<&str>) -> Report {
    let mut report = Report { records: 0, healed: 0, fault: None, unannounced: 0 };
    let head = head.and_then(|head| {
        let (length, hash) = head.trim_end().split_once(' ')?;
        Some((length.parse::<usize>().ok()?, hash.to_owned()))
    });
    let mut previous = FIRST.to_owned();
    let mut at = 0;
    let mut number = 0;
    let mut announced = None;
    // Lines that are no records, from this place on: a later record may declare them.
    let mut remains: Option<(usize, usize)> = None;
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..length.unwrap_or(rest.len())];
        number += 1;
        let whole = length.is_some().then(|| read(line)).flatten();
        match whole {
            Some(record) if record.previous == previous && declares(&record, remains, text, at) => {
                report.records += 1;
                report.healed += usize::from(remains.take().is_some());
                previous = record.hash;
                at += line.len() + 1;
                if head.as_ref().is_some_and(|(end, hash)| *end == at && *hash == previous) {
                    announced = Some(report.records);
                }
            }
            Some(record) if remains.is_none() => {
                let what = if record.previous == previous {
                    "declares remains that are not there"
                } else {
                    "does not follow the line before it"
                };
                report.fault = Some((number, what.to_owned()));
                return report;
            }
            _ => {
                remains.get_or_insert((number, at));
                at += line.len() + usize::from(length.is_some());
            }
        }
    }
    if let Some((line, start)) = remains {
        let what = if text[start..].ends_with(b"\n") { "is changed or no record" } else { "is torn" };
        report.fault = Some((line, what.to_owned()));
    } else if head.is_some() && announced.is_none() {
        report.fault = Some((number + 1, "the end of the log is missing".to_owned()));
    }
    report.unannounced = announced.map_or(0, |announced| report.records - announced);
    report
}

/// Whether a record is plain behind whole lines, or declares just the remains behind which it
/// stands.
fn declares(line: &Line, remains: Option<(usize, usize)>, text: &[u8], at: usize) -> bool {
    match remains {
        None => line.record.kind != Kind::Healed,
        Some((_, start)) => {
            let torn = &text[start..at - 1];
            line.record.kind == Kind::Healed && line.record.cut == Some(measure(torn))
        }
    }
}

/// A whole line.
struct Line {
    record: Record,
    previous: String,
    hash: String,
}

fn read(line: &[u8]) -> Option<Line> {
    let (body, tail) = line.split_at_checked(line.len().checked_sub(75)?)?;
    let hash = tail.strip_prefix(br#","hash":""#)?.strip_suffix(b"\"}")?;
    let hash = std::str::from_utf8(hash).ok()?.to_owned();
    if digest(body) != hash {
        return None;
    }
    let (_, previous) = body.split_at_checked(body.len().checked_sub(65)?)?;
    let previous = std::str::from_utf8(previous.strip_suffix(b"\"")?).ok()?.to_owned();
    let record = serde_json::from_slice(line).ok()?;
    Some(Line { record, previous, hash })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::{Outcome, Weight};
    use crate::model::Verdict;

    fn log_of(texts: &[&str]) -> (Vec<u8>, String) {
        let scratch = tempfile::tempdir().unwrap();
        let log = Log::new(scratch.path().join("log"));
        for text in texts {
            let verdict = Verdict::default();
            let record = Record::new(Kind::Command, "/", text, &verdict, Outcome::Ran);
            log.append(&record, Weight::Light).unwrap();
        }
        (log.read().unwrap(), fs::read_to_string(log.head()).unwrap())
    }

    #[test]
    fn tampering_shows_at_its_line() {
        let (text, head) = log_of(&["one", "two", "three", "four"]);
        assert_eq!(check(&text, Some(&head)).fault, None);
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let changed = String::from_utf8(text.clone()).unwrap().replace("two", "TWO");
        for (name, text, line) in [
            ("changed", changed.into_bytes(), 2),
            ("taken out", [lines[0], lines[2], lines[3]].concat(), 2),
            ("first taken out", lines[1..].concat(), 1),
            ("moved", [lines[0], lines[2], lines[1], lines[3]].concat(), 2),
            ("doubled", [lines[0], lines[0], lines[1], lines[2], lines[3]].concat(), 2),
            ("end cut off", lines[..3].concat(), 4),
            ("end torn", text[..text.len() - 5].to_vec(), 4),
            ("all gone", Vec::new(), 1),
            ("junk", [lines[0], b"junk\n", lines[1], lines[2], lines[3]].concat(), 2),
        ] {
            let fault = check(&text, Some(&head)).fault;
            assert_eq!(fault.map(|(line, _)| line), Some(line), "{name}");
        }
    }

    #[test]
    fn lines_behind_the_head_are_a_crash_and_counted() {
        let (text, _) = log_of(&["one", "two"]);
        let first = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let hash = String::from_utf8_lossy(&text[first - 67..first - 3]).into_owned();
        let report = check(&text, Some(&format!("{first:020} {hash}\n")));
        assert_eq!((report.fault, report.unannounced), (None, 1));
    }
}
