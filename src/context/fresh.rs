//! What was made since a moment: a command line's own work, that nobody else can miss; and what a
//! session may have put in place of something else.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use super::Observed;
use crate::model::{Facts, FileKind, bytes};
use crate::sys::{ancestry, process};

/// More entries than this are not looked at.
const MANY: usize = 10_000;

impl Observed {
    /// Whether what stands at a path was made since the command line began to run.
    pub(super) fn is_fresh(&self, path: &str) -> bool {
        self.begun.is_some_and(|begun| is_made_since(&bytes::path(path), begun))
    }

    /// Whether what stands where programs are installed may be the session's own work all the same.
    /// What packages put in their own places is no longer looked at: nobody writes a program there.
    pub(super) fn is_put_by_session(&self, path: &str) -> bool {
        let shared = ["/usr/local/", "/usr/src/", "/opt/"];
        shared.iter().any(|directory| path.starts_with(directory))
            && fs::metadata(bytes::path(path)).is_ok_and(|file| !is_trusted(&file))
    }

    /// Whether what stands at a path can be told without asking git.
    pub fn is_soon_told(&self, path: &str) -> bool {
        match self.kind(path) {
            FileKind::Absent => true,
            // All that is below would have to be looked at.
            FileKind::Directory => false,
            _ => {
                self.is_fresh(path)
                    || ["/tmp/", "/dev/", "/proc/"].iter().any(|start| path.starts_with(start))
            }
        }
    }
}

/// Whether what stands at a path, and all that is below it, was made since then. A file system that
/// does not keep that time makes nothing fresh.
fn is_made_since(path: &Path, then: SystemTime) -> bool {
    is_fresh(path, then, &mut MANY.clone())
}

fn is_fresh(path: &Path, then: SystemTime, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else { return false };
    *left = rest;
    let Ok(file) = fs::symlink_metadata(path) else { return false };
    if !file.created().is_ok_and(|made| made >= then) {
        return false;
    }
    // What was moved into a new directory keeps its own time.
    !file.is_dir()
        || fs::read_dir(path).is_ok_and(|mut entries| {
            entries.all(|entry| entry.is_ok_and(|entry| is_fresh(&entry.path(), then, left)))
        })
}

/// Whether no session could have made a file what it is: it is the system's owner's, and who has
/// that one's rights has not changed it since the session began.
pub(super) fn is_trusted(file: &Metadata) -> bool {
    static BEGAN: OnceLock<Option<SystemTime>> = OnceLock::new();
    let is_old = || BEGAN.get_or_init(session_began).is_some_and(|began| changed(file) < began);
    file.uid() == 0 && file.mode() & 0o022 == 0 && (process::user_id() != 0 || is_old())
}

/// Whether a file was changed of late: what sessions of these days made is, and what users have had
/// for long is not.
pub(super) fn is_recent(file: &Metadata) -> bool {
    const DAYS: u64 = 30;
    let age = SystemTime::now().duration_since(changed(file));
    // What is to come is surely no old one's.
    age.map_or(true, |age| age.as_secs() < DAYS * 24 * 60 * 60)
}

/// When a file was last changed in any way: a time that no program can set.
fn changed(file: &Metadata) -> SystemTime {
    let seconds = Duration::from_secs(file.ctime().try_into().unwrap_or_default());
    SystemTime::UNIX_EPOCH + seconds + Duration::from_nanos(file.ctime_nsec().try_into().unwrap_or_default())
}

/// When the session began that this process belongs to: its topmost ancestor, or where that one
/// came in from outside, all that runs here. `None` where that cannot be told.
fn session_began() -> Option<SystemTime> {
    let line = ancestry::line(std::process::id()).all;
    // The first of all has no parent; neither has who was put beside it.
    let ticks = match line.iter().find(|(_, stat)| stat.parent == 1) {
        Some((_, topmost)) => topmost.began,
        None => ancestry::stat(1)?.began,
    };
    let all = fs::read_to_string("/proc/stat").ok()?;
    let booted = all.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let hertz = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
    // Either clock may be off by what it counts in.
    let since = (ticks / u64::try_from(hertz).ok()?).saturating_sub(1);
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(booted) + Duration::from_secs(since))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn what_is_older_or_was_moved_in_is_not_fresh() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("old"), "x").unwrap();
        // The file system's clock may lag behind by a tick.
        thread::sleep(Duration::from_millis(30));
        let then = SystemTime::now() - Duration::from_millis(10);
        fs::create_dir(at("new")).unwrap();
        fs::write(at("new/a"), "x").unwrap();
        assert!(is_made_since(&at("new"), then));
        assert!(!is_made_since(&at("old"), then));
        fs::rename(at("old"), at("new/b")).unwrap();
        assert!(is_made_since(&at("new/a"), then));
        assert!(!is_made_since(&at("new"), then));
        assert!(!is_made_since(&at("none"), then));
    }
}
