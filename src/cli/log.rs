//! `guard log`: what ran and what was refused.

use std::io::{self, BufRead, BufReader, Seek};
use std::time::Duration;

use super::args::{LogArgs, LogWhat};
use super::look::Look;
use super::{output, render};
use crate::audit::{Outcome, Record, verify};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;

/// How often `--follow` looks.
const LOOK: Duration = Duration::from_millis(200);

/// Carries out `guard log`.
pub fn run(args: &LogArgs) -> Result<Exit, Error> {
    // The log can be read where the rest of the configuration is broken.
    let front = Front::lenient().0;
    match args.what {
        Some(LogWhat::Verify) => verify_log(&front),
        None => show(&front, args),
    }
}

fn unreadable(front: &Front) -> impl Fn(io::Error) -> Error {
    let path = front.log().path().display().to_string();
    move |error| Error::broken(format!("`{path}` cannot be read")).because(error)
}

fn verify_log(front: &Front) -> Result<Exit, Error> {
    let report = verify(front.log()).map_err(unreadable(front))?;
    let path = front.log().path().display();
    let Some((line, what)) = &report.fault else {
        let mut text = format!("{path}: {} records, the chain is whole", report.records);
        if report.healed > 0 {
            text.push_str(&format!("; {} torn by a crash and declared", report.healed));
        }
        if report.unannounced > 0 {
            text.push_str(&format!("; {} behind the head", report.unannounced));
        }
        return output::line(&text);
    };
    output::line(&format!("{path}:{line}: {what}"))?;
    Ok(Exit::Failure)
}

fn show(front: &Front, args: &LogArgs) -> Result<Exit, Error> {
    let text = front.log().read().map_err(unreadable(front))?;
    let look = Look::of_stdout();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    // Only a filter has to read what is not shown.
    let wanted: Vec<&[u8]> = match args.would_hold {
        true => lines.into_iter().filter(|line| shown(line, args, look).is_some()).collect(),
        false => lines,
    };
    let skip = args.last.map_or(0, |last| wanted.len().saturating_sub(last));
    let out: String = wanted[skip..].iter().filter_map(|line| shown(line, args, look)).collect();
    output::text(&out)?;
    if args.follow {
        follow(front, args, text.len() as u64)?;
    }
    Ok(Exit::Success)
}

/// A line of the log as it is printed; nothing for the remains of a torn one, or for what is not
/// wanted.
fn shown(line: &[u8], args: &LogArgs, look: Look) -> Option<String> {
    let record: Record = serde_json::from_slice(line).ok()?;
    if args.would_hold && !matches!(record.outcome, Outcome::Observed | Outcome::WhileOff) {
        return None;
    }
    if args.json {
        return Some(String::from_utf8_lossy(line).into_owned());
    }
    Some(render::record(&record, look))
}

fn follow(front: &Front, args: &LogArgs, from: u64) -> Result<(), Error> {
    let unreadable = unreadable(front);
    let look = Look::of_stdout();
    let mut place = from;
    loop {
        std::thread::sleep(LOOK);
        let file = match std::fs::File::open(front.log().path()) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(unreadable(e)),
        };
        let mut reader = BufReader::new(file);
        reader.seek(io::SeekFrom::Start(place)).map_err(&unreadable)?;
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(&unreadable)? > 0 && line.ends_with(b"\n") {
            place += line.len() as u64;
            let text = shown(&line, args, look).unwrap_or_default();
            if output::write(&text).is_err() {
                // The reader has gone.
                return Ok(());
            }
            line.clear();
        }
    }
}
