//! `guard status`: what is in use.

use std::env;
use std::ffi::OsStr;

use serde::Serialize;

use super::args::StatusArgs;
use super::doctor::{Supervision, supervision};
use super::look::Look;
use super::{output, render};
use crate::approve::exception;
use crate::approve::off::Switch;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, Mode};
use crate::model::{Exception, Freeze, Scope, plain};
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
    /// What is frozen; where something is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    frozen: Vec<Frozen>,
    /// What a human excepted from rules; where something is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<Exception>,
    /// What of the configuration cannot be read; nothing that an agent or a script runs passes meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
    /// The real shell that would run, or why none would.
    shell: String,
    /// How many rules are in force.
    rules: usize,
    /// The log's path.
    log: String,
    /// Whether what a command starts is judged too.
    supervise: bool,
    /// Whose.
    supervision: Supervision,
    /// Why it is not to be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    supervision_fails: Option<String>,
    /// Whether copies are kept of what is destroyed.
    snapshots: bool,
    /// What the kernel holds of protected places, a sentence each; where settings want that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    landlock: Vec<String>,
}

/// A freeze that is on.
#[derive(Debug, Serialize)]
struct Frozen {
    /// `deploy`, `database`, `infrastructure`, `git-remote`.
    scopes: Vec<Scope>,
    /// When it ends, for people; where it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// Why, in the words of who froze it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// All of it in words.
    text: String,
}

impl From<Freeze> for Frozen {
    fn from(freeze: Freeze) -> Frozen {
        let text = render::frozen(&freeze);
        Frozen { scopes: freeze.scopes, until: freeze.until, reason: freeze.reason, text }
    }
}

/// Carries out `guard status`.
pub fn run(args: &StatusArgs) -> Result<Exit, Error> {
    let (front, broken) = Front::to_show();
    let ends = if broken.is_some() { Exit::Broken } else { Exit::Success };
    let search = env::var_os("PATH");
    let real = shell::real_shell(OsStr::new("guard"), front.layers.shell(), search.as_deref());
    let mode = front.mode();
    let (supervision, why) = supervision(&front);
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        mode: mode.as_str(),
        off_until: match &mode {
            Mode::Off(leave) => Some(leave.timestamp()),
            _ => None,
        },
        frozen: front.frozen().into_iter().map(Frozen::from).collect(),
        exceptions: exception::in_force(&front.store(), &front.keys()),
        broken: broken.map(|error| plain(&error.to_string())),
        shell: match real {
            Ok(path) => path.display().to_string(),
            Err(error) => error.to_string(),
        },
        rules: front.policy.rules.rules().count(),
        log: front.log().path().display().to_string(),
        supervise: !matches!(supervision, Supervision::Never | Supervision::Unavailable),
        supervision,
        supervision_fails: why,
        snapshots: false,
        landlock: held(&front),
    };
    if args.json {
        let text = serde_json::to_string(&status)
            .map_err(|error| Error::broken("the status cannot be printed").because(error))?;
        return output::line(&text).map(|_| ends);
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
    let frozen: Vec<String> = status.frozen.iter().map(|freeze| freeze.text.clone()).collect();
    let excepted: Vec<String> =
        status.exceptions.iter().map(|one| plain(&format!("{}: {}", one.id, one.told()))).collect();
    let held = status.landlock.iter().map(|held| ("landlock", held.clone()));
    let rows = [
        ("mode", mode),
        ("", doubt),
        ("frozen", frozen.join("\n")),
        ("excepted", excepted.join("\n")),
        ("broken", status.broken.map_or_else(String::new, |broken| format!("{broken}; {STOPS}"))),
        ("shell", status.shell),
        ("rules", status.rules.to_string()),
        ("log", status.log),
        ("", if front.log().is_nowhere() { UNRECORDED.to_owned() } else { String::new() }),
        ("supervise", supervision.text(status.supervision_fails.as_deref())),
        ("snapshots", "no: what would be lost is asked about".to_owned()),
    ];
    let rows = rows.into_iter().chain(held).filter(|(_, text)| !text.is_empty());
    let rows: String = rows.map(|(label, text)| look.line(&format!("{label:<11}{text}"), 11)).collect();
    output::text(&format!("guard {}\n{rows}", status.version)).map(|_| ends)
}

/// What the kernel holds of protected places where commands are supervised.
fn held(front: &Front) -> Vec<String> {
    let plan = front.landlock().into_iter();
    plan.flat_map(|plan| plan.held).map(|held| plain(&held.to_string())).collect()
}

/// What a log without a directory comes to.
const UNRECORDED: &str =
    "its directory is not there: what is plainly allowed runs unrecorded, anything else is refused";

/// What a broken configuration comes to.
const STOPS: &str = "until that is mended, nothing that an agent or a script runs passes (exit code 125), and your own \
    shell goes by what can be read of the rest";
