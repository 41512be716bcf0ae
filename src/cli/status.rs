//! `guard status`: what is in use.

use std::env;
use std::ffi::OsStr;

use serde::Serialize;

use super::args::StatusArgs;
use super::output;
use crate::config::Mode;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;
use crate::shell;

/// What is in use.
#[derive(Debug, Serialize)]
struct Status {
    version: &'static str,
    mode: Mode,
    shell: String,
    rules: usize,
    log: String,
    supervise: bool,
    snapshots: bool,
}

/// Carries out `guard status`.
pub fn run(args: &StatusArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let search = env::var_os("PATH");
    let real = shell::real_shell(OsStr::new("guard"), front.layers.shell(), search.as_deref());
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        mode: front.layers.mode(),
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
    let mode = match status.mode {
        Mode::Enforce => "enforce",
        Mode::Observe => {
            "observe: everything runs; `guard log --would-hold` shows what would have been stopped"
        }
    };
    output::text(&format!(
        "guard {}\nmode       {}\nshell      {}\nrules      {}\nlog        {}\nsupervise  no: commands are judged by their text, before they run\nsnapshots  no: what would be lost is asked about\n",
        status.version, mode, status.shell, status.rules, status.log
    ))
}
