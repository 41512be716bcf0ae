//! `guard status`: what is in use.

use std::env;
use std::ffi::OsStr;

use serde::Serialize;

use super::args::StatusArgs;
use super::look::Look;
use super::{output, render};
use crate::approve::off::Switch;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, Mode};
use crate::shell;

/// What is in use.
#[derive(Debug, Serialize)]
struct Status {
    /// guard's own.
    version: &'static str,
    /// `enforce`, `observe` or `off`.
    mode: &'static str,
    /// When guard will be on again, in UTC; where it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    off_until: Option<String>,
    /// The real shell that would run, or why none would.
    shell: String,
    /// How many rules are in force.
    rules: usize,
    /// The log's path.
    log: String,
    /// Whether what the shell starts is judged too.
    supervise: bool,
    /// Whether copies are kept of what is destroyed.
    snapshots: bool,
}

/// Carries out `guard status`.
pub fn run(args: &StatusArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let search = env::var_os("PATH");
    let real = shell::real_shell(OsStr::new("guard"), front.layers.shell(), search.as_deref());
    let mode = front.mode();
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        mode: mode.as_str(),
        off_until: match &mode {
            Mode::Off(leave) => Some(leave.timestamp()),
            _ => None,
        },
        shell: match real {
            Ok(path) => path.display().to_string(),
            Err(error) => error.to_string(),
        },
        rules: front.policy.rules.rules().count(),
        log: front.log().path().display().to_string(),
        supervise: false,
        snapshots: false,
    };
    if args.json {
        let text = serde_json::to_string(&status)
            .map_err(|error| Error::broken("the status cannot be printed").because(error))?;
        return output::line(&text);
    }
    let mode = match &mode {
        Mode::Enforce => "enforce".to_owned(),
        Mode::Observe(_) => {
            "observe: everything runs; `guard log --would-hold` shows what would have been stopped".to_owned()
        }
        Mode::Off(leave) => format!("off: what would be held runs; {}", render::is_off(leave)),
    };
    let doubt = match front.switch() {
        Switch::Doubtful(why) => render::is_doubtful(&why),
        _ => String::new(),
    };
    let look = Look::of_stdout();
    let rows = [
        ("mode", mode),
        ("", doubt),
        ("shell", status.shell),
        ("rules", status.rules.to_string()),
        ("log", status.log),
        ("supervise", "no: commands are judged by their text, before they run".to_owned()),
        ("snapshots", "no: what would be lost is asked about".to_owned()),
    ];
    let rows = rows.iter().filter(|(_, text)| !text.is_empty());
    let rows: String = rows.map(|(label, text)| look.line(&format!("{label:<11}{text}"), 11)).collect();
    output::text(&format!("guard {}\n{rows}", status.version))
}
