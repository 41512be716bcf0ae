//! Guard turned off for a while: a human's yes in advance to all that would be held.
//!
//! A file in guard's state directory says so. It names the end by two clocks, the day's and the
//! one that runs since the machine was started, and which start that was: setting the clock back
//! prolongs nothing, and neither does starting anew. What is not surely the user's own word, or
//! cannot be read, says nothing: then guard is on.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clock::{End, Now};
use super::{Console, No, own, put};
use crate::decide::Observing;

/// Longer than a working day nobody remembers that guard is off.
pub const LONGEST: Duration = Duration::from_secs(8 * 60 * 60);

/// Whether guard is on.
#[derive(Debug)]
pub enum Switch {
    /// It is.
    On,
    /// It is off.
    Off(Leave),
    /// It is on, although something stands where that it is off would be said. Why that does not
    /// count.
    Doubtful(String),
}

/// The choice of a human that guard is off.
#[derive(Debug, Clone, Copy)]
pub struct Leave {
    until: Timestamp,
    /// What it permits.
    pub choice: Observing,
}

impl Leave {
    /// When it ends, for people of here and now: `14:05`.
    pub fn until(&self) -> String {
        self.until.to_zoned(TimeZone::system()).strftime("%H:%M").to_string()
    }

    /// When it ends, for programs.
    pub fn timestamp(&self) -> String {
        self.until.to_string()
    }
}

/// The file below the state directory.
pub fn file(state: &Path) -> PathBuf {
    state.join("off")
}

/// Whether guard is on, by the file at `path`.
pub fn switch(path: &Path) -> Switch {
    let kept = match read(path) {
        Ok(kept) => kept,
        Err(error) if own::is_absent(&error) => return Switch::On,
        Err(error) => return Switch::Doubtful(error.to_string()),
    };
    match Now::read() {
        Ok(now) => weigh(&kept, &now),
        Err(error) => Switch::Doubtful(format!("the clocks cannot be read: {error}")),
    }
}

fn weigh(kept: &End, now: &Now) -> Switch {
    let Some(left) = kept.left(now) else { return Switch::On };
    if left > LONGEST.as_secs() as i64 {
        return Switch::Doubtful("it names an end that nobody could have chosen".to_owned());
    }
    match Timestamp::from_second(kept.until) {
        Ok(until) => Switch::Off(Leave { until, choice: Observing::off() }),
        Err(error) => Switch::Doubtful(error.to_string()),
    }
}

/// What the file says, where nobody but this user can have written it.
fn read(path: &Path) -> io::Result<End> {
    const MOST: u64 = 4096;
    let text = own::read(path, MOST)?;
    serde_json::from_slice(&text).map_err(|_| own::doubt("it is damaged"))
}

/// What was asked and answered: nobody else makes one.
#[derive(Debug)]
pub struct Yes {
    length: Duration,
}

/// The word that turns it off.
const WORD: &str = "OFF";

/// Asks a human whether guard is to be off for so long. `page` says what that means.
pub fn ask(length: Duration, page: &str, wait: Duration, console: &mut dyn Console) -> Result<Yes, No> {
    put(page, WORD, |line| line.trim() == WORD, wait, console).map(|()| Yes { length })
}

/// Writes that guard is off.
pub fn turn_off(path: &Path, yes: Yes) -> io::Result<Leave> {
    let now = Now::read()?;
    let kept = now.end_after(yes.length.min(LONGEST).as_secs() as i64);
    let until = Timestamp::from_second(kept.until).map_err(io::Error::other)?;
    own::write(path, &serde_json::to_vec(&kept).map_err(io::Error::other)?)?;
    Ok(Leave { until, choice: Observing::off() })
}

/// Turns guard on: what says that it is off is removed, whatever it is.
pub fn turn_on(path: &Path) -> io::Result<()> {
    own::remove(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};

    fn kept(time: i64, boot: &str, uptime: i64) -> End {
        End { until: time, boot: boot.to_owned(), uptime }
    }

    #[test]
    fn neither_a_clock_set_back_nor_a_new_start_prolongs_it() {
        let hour = 3600;
        let off = |kept: End, time, uptime| {
            let now = Now { time, boot: "a".to_owned(), uptime };
            matches!(weigh(&kept, &now), Switch::Off(_))
        };
        assert!(off(kept(10 * hour, "a", hour), 10 * hour - 1, hour - 1));
        assert!(!off(kept(10 * hour, "a", hour), 10 * hour, hour - 1), "the time has come");
        assert!(!off(kept(10 * hour, "a", hour), 5 * hour, hour), "the clock was set back");
        assert!(!off(kept(10 * hour, "b", hour), 10 * hour - 1, 1), "the machine was started anew");
        assert!(!off(kept(10 * hour, "a", 9 * hour), hour, 1), "longer than can be chosen");
    }

    #[test]
    fn only_the_users_own_whole_file_counts() {
        let scratch = tempfile::tempdir().unwrap();
        let path = file(scratch.path());
        let doubtful = |part: &str| match switch(&path) {
            Switch::Doubtful(why) => assert!(why.contains(part), "{why}"),
            other => panic!("{part}: {other:?}"),
        };
        assert!(matches!(switch(&path), Switch::On));
        turn_off(&path, Yes { length: Duration::from_secs(600) }).unwrap();
        assert!(matches!(switch(&path), Switch::Off(_)));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let whole = fs::read(&path).unwrap();

        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        doubtful("others may have written it");
        turn_on(&path).unwrap();
        assert!(matches!(switch(&path), Switch::On));

        let put = |text: &[u8]| {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path).unwrap();
            file.write_all(text).unwrap();
        };
        for broken in [&whole[..whole.len() - 1], b"", b"{}", &[&whole[..], b"x"].concat()] {
            put(broken);
            doubtful("damaged");
            turn_on(&path).unwrap();
        }
        // The same text counts where it is whole and the user's.
        put(&whole);
        assert!(matches!(switch(&path), Switch::Off(_)));
        fs::hard_link(&path, scratch.path().join("other")).unwrap();
        doubtful("it has another name, too");
        fs::remove_file(&path).unwrap();
        symlink(scratch.path().join("other"), &path).unwrap();
        doubtful("it is a link");
        turn_on(&path).unwrap();
        assert!(scratch.path().join("other").exists());
        fs::create_dir(&path).unwrap();
        doubtful("it is no file");
        turn_on(&path).unwrap();
        assert!(matches!(switch(&path), Switch::On));
    }
}
