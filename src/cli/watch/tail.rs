//! What the log gains, a line each.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::audit::{Kind, Outcome, Record};
use crate::cli::render;
use crate::model::{Obligation, plain};

/// So much of it is read at once.
const MOST: u64 = 256 << 10;
/// So much of its end is read at the start, where what is shown is rare in it.
const AT_START: u64 = 4 << 20;
/// So many lines are enough at the start.
const ENOUGH: usize = 12;

/// The log's end.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    place: Option<u64>,
}

/// A line of the log.
#[derive(Debug, PartialEq, Eq)]
pub struct Note {
    /// As it is shown.
    pub line: String,
    /// What of an answer it tells.
    pub answer: Option<Part>,
}

/// An answer stands in the log twice: as a human's act, and as what the command made of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// A human answered for this command; whether for its session.
    Given(String, bool),
    /// This command got one.
    Taken(String),
}

impl Tail {
    /// Of the log that lies there.
    pub fn new(path: PathBuf) -> Tail {
        Tail { path, place: None }
    }

    /// What came since, but for what simply ran; at first what came last.
    pub fn notes(&mut self) -> Vec<Note> {
        // Who asks does without what cannot be read.
        let is_first = self.place.is_none();
        let found = self.read(MOST).unwrap_or_default();
        if !is_first || found.len() >= ENOUGH || self.place.is_none_or(|place| place <= MOST) {
            return found;
        }
        self.place = None;
        self.read(AT_START).unwrap_or_default()
    }

    fn read(&mut self, most: u64) -> std::io::Result<Vec<Note>> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let mut place = self.place.filter(|place| *place <= length).unwrap_or(0);
        if place == length {
            return Ok(Vec::new());
        }
        place = place.max(length.saturating_sub(most));
        file.seek(SeekFrom::Start(place))?;
        let mut text = Vec::new();
        file.take(most).read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.place = Some(place + whole as u64);
        let records = text[..whole].split(|byte| *byte == b'\n');
        let records = records.filter_map(|line| serde_json::from_slice::<Record>(line).ok());
        Ok(records.filter(|record| !record.is_plain()).map(|record| note(&record)).collect())
    }
}

fn note(record: &Record) -> Note {
    let time = record.time.parse::<Timestamp>().map_or_else(
        |_| record.time.clone(),
        |time| {
            let (time, now) = (time.to_zoned(TimeZone::system()), Zoned::now());
            let is_today = time.date() == now.date();
            time.strftime(if is_today { "%H:%M:%S" } else { "%m-%d %H:%M" }).to_string()
        },
    );
    let snapshot = record.obligations.contains(&Obligation::Snapshot);
    let word = if snapshot { "snapshot" } else { render::word(record) };
    let agent = record.agent.as_deref().filter(|_| record.kind != Kind::Human).unwrap_or("-");
    let rule = record.rules.first().map(|rule| format!("  [{}]", rule.rule)).unwrap_or_default();
    let short = |command: &str| render::shorten(command.trim(), 200);
    let command = short(&record.command);
    let answer = match record.outcome {
        Outcome::Approved | Outcome::Rejected if record.kind == Kind::Human => {
            // `guard approve --session 7F3K: COMMAND`, as `human::record` writes it.
            let parts = record.command.split_once(": ");
            parts.map(|(said, about)| Part::Given(short(about), said.contains("--session")))
        }
        Outcome::Signed | Outcome::Rejected => Some(Part::Taken(command.clone())),
        _ => None,
    };
    Note { line: plain(&format!("{time} {word:<10} {agent:<7} {command}{rule}")), answer }
}
