//! `guard doctor`: which layers of protection are on here, what that leaves open, and what to do.

mod execs;
mod places;

use serde::Serialize;

use super::args::DoctorArgs;
use super::look::Look;
use super::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;
use crate::model::plain;

pub use execs::{Supervision, supervision};

/// What is on here, and what is not.
#[derive(Debug, Serialize)]
struct Report {
    /// guard's own.
    version: &'static str,
    /// The worst state of all rows.
    state: State,
    /// What was looked at, in the order of the text.
    rows: Vec<Row>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Row {
    /// How it stands.
    state: State,
    /// What was looked at: `shell`, `links`, `path`, `settings`, `mode`, `log`, `chain`, `supervise`, `execs`, `recheck`,
    /// `sudo`, `landlock`, `agent`. There may be several rows of one kind.
    layer: &'static str,
    /// What was found.
    found: String,
    /// What that leaves open; where the state is not `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaves: Option<String>,
    /// What to do about it, where anything can be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// How a layer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It protects, or there is nothing to it.
    Ok,
    /// It is not on, or not for all.
    Open,
    /// It should protect, and does not.
    Broken,
}

impl Row {
    fn ok(layer: &'static str, found: impl Into<String>) -> Row {
        Row { state: State::Ok, layer, found: found.into(), leaves: None, remedy: None }
    }

    fn open(layer: &'static str, found: impl Into<String>, leaves: impl Into<String>) -> Row {
        Row { state: State::Open, leaves: Some(leaves.into()), ..Row::ok(layer, found) }
    }

    fn broken(layer: &'static str, found: impl Into<String>, leaves: impl Into<String>) -> Row {
        Row { state: State::Broken, ..Row::open(layer, found, leaves) }
    }

    fn remedy(self, remedy: impl Into<String>) -> Row {
        Row { remedy: Some(remedy.into()), ..self }
    }

    /// Nothing in it moves the cursor or hides.
    fn plain(self) -> Row {
        Row {
            found: plain(&self.found),
            leaves: self.leaves.as_deref().map(plain),
            remedy: self.remedy.as_deref().map(plain),
            ..self
        }
    }

    fn text(&self, look: Look) -> String {
        let part = |label: &str, text: &Option<String>| {
            text.as_ref().map_or_else(String::new, |text| {
                look.line(&format!("{:<INDENT$}{label}: {text}", ""), INDENT + 2)
            })
        };
        let state = self.state.as_str();
        let found = look.line(&format!("{state:<INDENT$}{}: {}", self.layer, self.found), INDENT + 2);
        found + &part("leaves open", &self.leaves) + &part("to do", &self.remedy)
    }
}

/// As wide as the longest state and two spaces.
const INDENT: usize = 8;

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Open => "open",
            State::Broken => "broken",
        }
    }
}

/// Carries out `guard doctor`.
pub fn run(args: &DoctorArgs) -> Result<Exit, Error> {
    let (front, broken) = Front::to_show();
    let mut rows = places::rows(&front, broken.as_ref());
    rows.extend(execs::rows(&front));
    let rows: Vec<Row> = rows.into_iter().map(Row::plain).collect();
    let state = rows.iter().map(|row| row.state).max().unwrap_or(State::Ok);
    let ends = if state == State::Broken { Exit::Failure } else { Exit::Success };
    let report = Report { version: env!("CARGO_PKG_VERSION"), state, rows };
    if args.json {
        let text = serde_json::to_string(&report)
            .map_err(|error| Error::broken("the report cannot be printed").because(error))?;
        return output::line(&text).map(|_| ends);
    }
    let look = Look::of_stdout();
    let rows: String = report.rows.iter().map(|row| row.text(look)).collect();
    let of = |state: State| report.rows.iter().filter(|row| row.state == state).count();
    let sum = format!("{} ok, {} open, {} broken", of(State::Ok), of(State::Open), of(State::Broken));
    output::text(&format!("guard {}\n{rows}{sum}\n", report.version)).map(|_| ends)
}
