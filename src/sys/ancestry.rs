//! Who started whom (proc(5)): parents, and whether a supervisor stands above a process.

use std::fs;

use super::process;

/// What the system tells everybody of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The name of its program, at most 15 bytes.
    pub name: String,
    /// `R`, `S`, `T` …
    pub state: u8,
    /// Its parent; 0 where it has none, or none in this namespace.
    pub parent: u32,
    /// Its process group, which is known by its leader's number.
    pub group: u32,
    /// Its session at the terminal (setsid(2)).
    pub terminal: u32,
    /// When it began, in ticks of the clock since the machine was started.
    pub began: u64,
}

/// What is told of a process, where it is there.
pub fn stat(process: u32) -> Option<Stat> {
    let stat = fs::read(format!("/proc/{process}/stat")).ok()?;
    // The program's name may hold anything, and stands in parentheses.
    let (open, close) = (stat.iter().position(|b| *b == b'(')?, stat.iter().rposition(|b| *b == b')')?);
    let name = String::from_utf8_lossy(stat.get(open + 1..close)?).into_owned();
    let rest = String::from_utf8_lossy(stat.get(close + 1..)?).into_owned();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Stat {
        name,
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        terminal: fields.get(3)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
    })
}

/// A process and those above it, the nearest first.
#[derive(Debug, Default)]
pub struct Line {
    /// Those that are seen.
    pub all: Vec<(u32, Stat)>,
    /// Why they are not all.
    pub cut: Option<Cut>,
}

/// Where a line ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The system hides the next one (proc(5), `hidepid`), or it is gone each time.
    Hidden,
    /// Whoever stands so deep has something to hide.
    Deep,
}

/// A process and those above it.
pub fn line(process: u32) -> Line {
    const DEEPEST: usize = 10_000;
    const TRIES: usize = 5;
    let look = || {
        let mut line = Line::default();
        let mut next = process;
        while next > 0 {
            let cut = if line.all.len() == DEEPEST { Some(Cut::Deep) } else { None };
            let stat = if cut.is_none() { stat(next) } else { None };
            let Some(stat) = stat else {
                line.cut = cut.or(Some(Cut::Hidden));
                break;
            };
            let above = stat.parent;
            line.all.push((next, stat));
            next = above;
        }
        line
    };
    let mut line = look();
    for _ in 1..TRIES {
        if line.cut.is_none() {
            break;
        }
        line = look();
    }
    line
}

/// How supervisors are called (`hide_words`).
const SUPERVISOR: &str = "guard";

/// Whether a supervisor stands above a process, however deep or daemonized it is: orphans become the
/// supervisor's children. A process has at least the filters that its parent has, and what a
/// supervisor watches has one more than the supervisor. What cannot be told is below one.
pub fn is_below_supervisor(process: u32) -> bool {
    let (line, own) = (line(process), filters(process));
    let Some(own) = own.filter(|_| line.cut.is_none() && !line.all.is_empty()) else { return true };
    line.all
        .iter()
        .any(|(above, stat)| stat.name == SUPERVISOR && filters(*above).is_none_or(|theirs| own > theirs))
}

/// How many filters are on a process; before Linux 5.9 whether there is one.
fn filters(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let number = |name: &str| status.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok();
    number("Seccomp_filters:").or_else(|| number("Seccomp:"))
}

/// Programs that only pass on what others want.
const SHELLS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ash", "fish", "ksh", "ksh93", "mksh", "busybox", "guard", "env", "script",
];

fn is_shell(stat: &Stat) -> bool {
    SHELLS.contains(&stat.name.trim_start_matches('-'))
}

/// The job of a process, where a person typed that: the leader of its process group. An interactive shell leads a group
/// itself and gives what is typed one of its own, in which what a job starts stays.
pub fn job(process: u32) -> Option<(u32, Stat)> {
    let leader = stat(process)?.group;
    let job = stat(leader)?;
    let shell = stat(job.parent)?;
    let leads = shell.group == job.parent && shell.group != job.group;
    let is_typed = is_shell(&shell) && leads && shell.terminal == job.terminal;
    is_typed.then_some((leader, job))
}

/// Who stands behind this process: the nearest above the outermost guard that is no shell. No two are
/// the same, as long as the machine runs.
pub fn session() -> Option<(u32, Stat)> {
    let all = line(process::parent_id()).all;
    let outermost = all.iter().rposition(|(process, stat)| stat.name == SUPERVISOR || is_this(*process));
    let from = outermost.map_or(0, |at| at + 1);
    all.into_iter().skip(from).find(|(_, stat)| !is_shell(stat))
}

/// Whether a process runs this very program, by whatever name.
fn is_this(process: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let program =
        |which: &str| fs::metadata(format!("/proc/{which}/exe")).ok().map(|file| (file.dev(), file.ino()));
    program(&process.to_string()).is_some_and(|theirs| Some(theirs) == program("self"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_with_those_above_it() {
        let own = std::process::id();
        let all = line(own).all;
        assert_eq!(all[0].0, own);
        assert_eq!(all[0].1.parent, process::parent_id());
        assert!(all.len() > 1 && all[0].1.began >= all[1].1.began);
        assert!(stat(0).is_none());
        assert!(is_below_supervisor(0), "what cannot be told");
    }
}
