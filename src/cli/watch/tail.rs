//! What the log gains, a line each.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::audit::{Kind, Record};
use crate::cli::render;
use crate::model::{Obligation, plain};

/// So much of it is read at once.
const MOST: u64 = 256 << 10;

/// The log's end.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    place: Option<u64>,
}

impl Tail {
    /// Of the log that lies there.
    pub fn new(path: PathBuf) -> Tail {
        Tail { path, place: None }
    }

    /// What came since, but for what simply ran.
    pub fn lines(&mut self) -> Vec<String> {
        // Who asks does without what cannot be read.
        self.read().unwrap_or_default()
    }

    fn read(&mut self) -> std::io::Result<Vec<String>> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let mut place = self.place.filter(|place| *place <= length).unwrap_or(0);
        if place == length {
            return Ok(Vec::new());
        }
        place = place.max(length.saturating_sub(MOST));
        file.seek(SeekFrom::Start(place))?;
        let mut text = Vec::new();
        file.take(MOST).read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.place = Some(place + whole as u64);
        let records = text[..whole].split(|byte| *byte == b'\n');
        let records = records.filter_map(|line| serde_json::from_slice::<Record>(line).ok());
        Ok(records.filter(|record| !record.is_plain()).map(|record| line(&record)).collect())
    }
}

fn line(record: &Record) -> String {
    let time = record.time.parse::<Timestamp>().map_or_else(
        |_| record.time.clone(),
        |time| time.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string(),
    );
    let snapshot = record.obligations.contains(&Obligation::Snapshot);
    let word = if snapshot { "snapshot" } else { render::word(record) };
    let agent = record.agent.as_deref().filter(|_| record.kind != Kind::Human).unwrap_or("-");
    let rule = record.rules.first().map(|rule| format!("  [{}]", rule.rule)).unwrap_or_default();
    let command = render::shorten(record.command.trim(), 200);
    plain(&format!("{time} {word:<10} {agent:<7} {command}{rule}"))
}
