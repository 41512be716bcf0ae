//! Supervision, what the kernel holds, and who is calling.

use serde::Serialize;

use super::Row;
use crate::config::Supervise;
use crate::context::agent;
use crate::front::{Front, Oversight, variable};
use crate::sys::landlock::{Held, Hold};

/// Whether the programs that a command line starts are judged, of what is called from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Supervision {
    /// They are.
    Here,
    /// Where an agent runs them, or they run through the links of `guard shims` or `guard --`.
    Agents,
    /// They are, by another guard above.
    Above,
    /// They are not: the settings say so.
    Never,
    /// They are not: this system does not let them be.
    Unavailable,
}

/// How it stands here, and why it is not to be had.
pub fn supervision(front: &Front) -> (Supervision, Option<String>) {
    let setting = front.layers.supervise();
    match (front.oversight(), hindrance(), setting) {
        (Oversight::Outer { .. }, ..) => (Supervision::Above, None),
        (Oversight::Own { .. }, ..) => (Supervision::Here, None),
        (_, _, Supervise::Never) => (Supervision::Never, None),
        (_, Some(why), _) => (Supervision::Unavailable, Some(why)),
        (_, None, Supervise::Auto) => (Supervision::Agents, None),
        (_, None, Supervise::Always) => (Supervision::Here, None),
    }
}

impl Supervision {
    /// The same in words.
    pub fn text(self, why: Option<&str>) -> String {
        const BY_TEXT: &str = "commands are judged by their text, before they run";
        match self {
            Supervision::Here => "all that a command line starts".to_owned(),
            Supervision::Agents => {
                "all that agents start, and what runs by links with a shell's name or by `guard --`"
                    .to_owned()
            }
            Supervision::Above => "by the guard that this one was called below".to_owned(),
            Supervision::Never => format!("no, the settings say so: {BY_TEXT}"),
            Supervision::Unavailable => match why {
                Some(why) => format!("not to be had here, {why}: {BY_TEXT}"),
                None => format!("not to be had here: {BY_TEXT}"),
            },
        }
    }
}

/// Why nothing can be supervised from here.
#[cfg(target_os = "linux")]
fn hindrance() -> Option<String> {
    use crate::sys::seccomp::{Standing, standing};
    match standing() {
        Standing::Free | Standing::BelowGuard => None,
        Standing::Refused(error) => Some(refusal(&error)),
    }
}

#[cfg(not(target_os = "linux"))]
fn hindrance() -> Option<String> {
    Some("for this system has none".to_owned())
}

#[cfg(target_os = "linux")]
fn refusal(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EBUSY) => {
            "since another program (a container's runtime, a sandbox) listens to what is executed".to_owned()
        }
        Some(libc::ENOSYS | libc::EOPNOTSUPP) => {
            "since the system knows no seccomp user notification".to_owned()
        }
        Some(libc::EPERM | libc::EACCES) => format!("since the system forbids it ({error})"),
        _ => format!("since the system refuses: {error}"),
    }
}

/// All rows.
pub fn rows(front: &Front) -> Vec<Row> {
    let (supervision, why) = supervision(front);
    let mut rows = vec![supervised(front, supervision, why.as_deref())];
    let is_on = !matches!(supervision, Supervision::Never | Supervision::Unavailable);
    if is_on {
        rows.extend(means(supervision));
    }
    rows.extend(landlock(front, is_on));
    rows.extend(callers());
    rows
}

fn supervised(front: &Front, supervision: Supervision, why: Option<&str>) -> Row {
    const HIDDEN: &str = "what makefiles, package scripts, interpreters and hooks start is judged only as far as the \
        text shows it";
    let setting = match front.layers.supervise() {
        Supervise::Auto => "auto",
        Supervise::Always => "always",
        Supervise::Never => "never",
    };
    let found = format!("{setting}: {}", supervision.text(why));
    match supervision {
        Supervision::Here | Supervision::Agents | Supervision::Above => Row::ok("supervise", found),
        Supervision::Never => Row::open("supervise", found, HIDDEN)
            .remedy("set `supervise = \"auto\"` below `[run]` in guard.toml"),
        Supervision::Unavailable if cfg!(target_os = "linux") => Row::broken("supervise", found, HIDDEN)
            .remedy("call guard outside of what forbids it, or set `supervise = \"never\"` below `[run]`"),
        Supervision::Unavailable => Row::open("supervise", found, HIDDEN),
    }
}

#[cfg(target_os = "linux")]
fn means(supervision: Supervision) -> Vec<Row> {
    use crate::sys::{seccomp, trial};
    let mut rows = Vec::new();
    if supervision != Supervision::Above {
        rows.push(match trial::filter() {
            Ok(()) => Row::ok("execs", "seccomp user notification works"),
            Err(error) => {
                Row::broken("execs", refusal(&error), "a command that is to be supervised does not run")
            }
        });
        match trial::reach() {
            Ok(reach) => {
                rows.push(match reach.memory {
                    Ok(()) => Row::ok("execs", "the words of what is executed can be read"),
                    Err(error) => Row::broken(
                        "execs",
                        format!("the words of what is executed cannot be read: {error}"),
                        "nothing: every program that a supervised command starts is refused",
                    )
                    .remedy("lower /proc/sys/kernel/yama/ptrace_scope to 1, or set `supervise = \"never\"`"),
                });
                rows.push(match reach.trace {
                    Ok(()) => Row::ok("recheck", "words that change while they are judged are found out"),
                    Err(error) => Row::open(
                        "recheck",
                        format!("what has been judged cannot be looked at again (ptrace): {error}"),
                        "a program whose threads change its words while they are judged",
                    )
                    .remedy("let guard call ptrace: a container's or sandbox's own filter may refuse it"),
                });
            }
            Err(error) => rows.push(Row::broken(
                "execs",
                format!("no process can be started to try: {error}"),
                "whether the words of what is executed can be read",
            )),
        }
    }
    rows.push(match seccomp::keeps_rights() {
        true => Row::ok("sudo", "works below supervision"),
        false => Row::open(
            "sudo",
            "gets no rights below supervision: a line with it runs outside, where its text says all that it does",
            "what `sudo` starts is judged by the text alone",
        )
        .remedy("give `sudo` a line of its own"),
    });
    rows
}

#[cfg(not(target_os = "linux"))]
fn means(_: Supervision) -> Vec<Row> {
    Vec::new()
}

fn landlock(front: &Front, supervised: bool) -> Vec<Row> {
    const OWN: &str = "what a program does by itself to places that `[protect]` names";
    let version = match version() {
        Some(version) => format!("the kernel offers version {version}"),
        None => "the kernel offers none".to_owned(),
    };
    let (read_only, no_delete) = front.layers.protect();
    let places = read_only.len() + no_delete.len();
    let Some(plan) = front.landlock() else {
        return match places {
            0 => vec![Row::ok("landlock", format!("no places are protected; {version}"))],
            _ => vec![
                Row::open("landlock", format!("not asked for; {version}"), OWN)
                    .remedy("set `landlock = true` below `[protect]` in your guard.toml"),
            ],
        };
    };
    if !supervised {
        return vec![Row::open("landlock", "asked for, but only where commands are supervised", OWN)];
    }
    let row = |held: &Held| match held.hold {
        Hold::Whole => Row::ok("landlock", held.to_string()),
        Hold::Removal(_) | Hold::Nothing(_) => {
            Row::open("landlock", held.to_string(), "what a program does there by itself beyond that")
        }
    };
    plan.held.iter().map(row).collect()
}

#[cfg(target_os = "linux")]
fn version() -> Option<u32> {
    crate::sys::trial::landlock()
}

#[cfg(not(target_os = "linux"))]
fn version() -> Option<u32> {
    None
}

/// Who is calling; nobody is less protected for it.
fn callers() -> Vec<Row> {
    let found = match (agent::agent(&variable), agent::agent_above()) {
        (Some(agent), _) => format!("`{agent}` is calling, by its variables"),
        (None, Some(agent)) => format!("none by the variables, but `{agent}` started what calls this"),
        (None, None) => "none is seen".to_owned(),
    };
    let terminal = match agent::editor(&variable) {
        Some(editor) => format!("; a terminal of {editor}, into which agents type"),
        None => String::new(),
    };
    vec![Row::ok("agent", format!("{found}{terminal}"))]
}
