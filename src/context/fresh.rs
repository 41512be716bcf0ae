//! What was made since a moment: a command line's own work, that nobody else can miss.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::Observed;
use crate::model::{Facts, FileKind, bytes};

/// More entries than this are not looked at.
const MANY: usize = 10_000;

impl Observed {
    /// Whether what stands at a path was made since the command line began to run.
    pub(super) fn is_fresh(&self, path: &str) -> bool {
        self.begun.is_some_and(|begun| is_made_since(&bytes::path(path), begun))
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
