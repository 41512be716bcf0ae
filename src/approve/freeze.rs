//! What a human has frozen: `guard freeze` writes it down, `guard thaw` takes it back.
//!
//! A file in guard's state directory says so. It names each end by two clocks, the day's and the one that runs since
//! the machine was started, and which start that was: within one start both must have come to it, so that setting the
//! clock ends nothing; after another start the day's alone counts. What cannot be read, or what others could have
//! written, freezes everything.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::clock::Now;
use super::{Console, No, own, put};
use crate::model::{Freeze, FrozenBy, Scope};
use crate::policy::{Lasts, Weekly};
use crate::sys::process;

/// More is no file that says what is frozen.
const MOST: u64 = 64 << 10;

/// What the file says.
#[derive(Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    freezes: Vec<One>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    scopes: Vec<Scope>,
    reason: Option<String>,
    until: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// In seconds of the day's clock (since 1970).
    time: i64,
    /// Which start of the machine, and seconds since then; where there is such a clock.
    since: Option<(String, i64)>,
}

impl End {
    fn at(time: Timestamp) -> End {
        let time = time.as_second();
        let since = Now::read().ok().map(|now| (now.boot, now.uptime.saturating_add(time - now.time)));
        End { time, since }
    }

    /// Whether it has come. A clock that cannot be read ends nothing.
    fn is_over(&self, time: i64, now: Option<&Now>) -> bool {
        let started_anew = |boot: &str| now.is_some_and(|now| now.boot != boot);
        let run_down = |end: i64| now.is_some_and(|now| now.uptime >= end);
        let by_uptime = self.since.as_ref().is_none_or(|(boot, end)| started_anew(boot) || run_down(*end));
        self.time <= time && by_uptime
    }
}

/// The file below the state directory.
pub fn file(state: &Path) -> PathBuf {
    state.join("freeze")
}

/// What the file at `path` and what settings name freeze now.
pub fn frozen(path: &Path, weekly: &[Weekly]) -> Vec<Freeze> {
    let mut all = kept_frozen(path);
    if !weekly.is_empty() {
        let now = Zoned::now();
        all.extend(weekly.iter().filter_map(|weekly| Some(planned(weekly, weekly.at(&now)?, &now))));
    }
    all
}

fn planned(weekly: &Weekly, lasts: Lasts, now: &Zoned) -> Freeze {
    let until = match lasts {
        Lasts::Until(end) => Some(said(end, now)),
        Lasts::Always => None,
    };
    let by = FrozenBy::File(weekly.file.clone());
    Freeze { scopes: weekly.scopes.clone(), until, reason: weekly.reason.clone(), by }
}

/// What the file at `path` freezes now, what lasts longest first.
fn kept_frozen(path: &Path) -> Vec<Freeze> {
    match read(path) {
        Ok(kept) if kept.freezes.is_empty() => Vec::new(),
        Ok(kept) => {
            let mut left = left(kept, Timestamp::now().as_second(), Now::read().ok().as_ref());
            left.sort_by_key(|one| std::cmp::Reverse(one.until.as_ref().map_or(i64::MAX, |end| end.time)));
            left.into_iter().map(|one| one.told(&Zoned::now())).collect()
        }
        Err(why) => vec![Freeze::doubtful(format!("`{}` does not count: {why}", path.display()))],
    }
}

fn left(kept: Kept, time: i64, now: Option<&Now>) -> Vec<One> {
    let is_on = |one: &One| !one.until.as_ref().is_some_and(|end| end.is_over(time, now));
    kept.freezes.into_iter().filter(is_on).collect()
}

impl One {
    fn told(self, now: &Zoned) -> Freeze {
        let until = self.until.map(|end| match Timestamp::from_second(end.time) {
            Ok(until) => said(until, now),
            Err(_) => "an end that no clock shows".to_owned(),
        });
        Freeze { scopes: self.scopes, until, reason: self.reason, by: FrozenBy::Human }
    }
}

/// A time for people of here and now: `18:00`, on another day `2026-12-01 08:00`.
pub fn said(time: Timestamp, now: &Zoned) -> String {
    let time = time.to_zoned(now.time_zone().clone());
    let form = if time.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    time.strftime(form).to_string()
}

fn read(path: &Path) -> io::Result<Kept> {
    let text = match own::read_of(path, MOST, process::user_id(), 0o022) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Kept::default());
        }
        text => text?,
    };
    let kept: Kept = serde_json::from_slice(&text).map_err(|_| own::doubt("it is damaged"))?;
    match kept.freezes.iter().all(|one| one.scopes.iter().any(|scope| *scope != Scope::Local)) {
        true => Ok(kept),
        false => Err(own::doubt("it is damaged")),
    }
}

/// What is to be changed.
#[derive(Debug, Clone)]
pub enum Change {
    /// These are frozen until then, for that reason; `None`: until a human thaws them.
    Freeze {
        /// What.
        scopes: Vec<Scope>,
        /// The end.
        until: Option<Timestamp>,
        /// Why.
        reason: Option<String>,
    },
    /// These are frozen no more.
    Thaw(Vec<Scope>),
}

impl Change {
    /// The word by which a human says yes to it.
    pub fn word(&self) -> &'static str {
        match self {
            Change::Freeze { .. } => "FREEZE",
            Change::Thaw(_) => "THAW",
        }
    }
}

/// What was asked and answered: nobody else makes one.
#[derive(Debug)]
pub struct Yes {
    change: Change,
}

/// Asks a human whether this is to be. `page` says what that means.
pub fn ask(change: Change, page: &str, wait: Duration, console: &mut dyn Console) -> Result<Yes, No> {
    let word = change.word();
    put(page, word, |line| line.trim() == word, wait, console).map(|()| Yes { change })
}

/// Carries it out.
pub fn change(path: &Path, yes: Yes) -> io::Result<()> {
    let before = read(path);
    let (time, now) = (Timestamp::now().as_second(), Now::read().ok());
    let all = |scopes: &[Scope]| Scope::FROZEN.iter().all(|scope| scopes.contains(scope));
    let freezes = match (yes.change, before) {
        (Change::Freeze { scopes, until, reason }, before) => {
            // What cannot be read freezes all: a further freeze must not make less of it.
            let mut freezes = left(before?, time, now.as_ref());
            freezes.push(One { scopes, reason, until: until.map(End::at) });
            freezes
        }
        (Change::Thaw(scopes), _) if all(&scopes) => Vec::new(),
        (Change::Thaw(thawed), before) => {
            let mut freezes = left(before?, time, now.as_ref());
            freezes.iter_mut().for_each(|one| one.scopes.retain(|scope| !thawed.contains(scope)));
            freezes.retain(|one| !one.scopes.is_empty());
            freezes
        }
    };
    match freezes.is_empty() {
        true => own::remove(path),
        false => own::write(path, &serde_json::to_vec(&Kept { freezes }).map_err(io::Error::other)?),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn freeze(scopes: &[Scope], seconds: Option<i64>) -> Yes {
        let until =
            seconds.map(|seconds| Timestamp::from_second(Timestamp::now().as_second() + seconds).unwrap());
        Yes { change: Change::Freeze { scopes: scopes.to_vec(), until, reason: Some("why".to_owned()) } }
    }

    fn scopes(path: &Path) -> Vec<String> {
        kept_frozen(path).iter().map(|freeze| Scope::list(&freeze.scopes)).collect()
    }

    #[test]
    fn neither_a_set_clock_nor_a_new_start_ends_it() {
        let end =
            |since: Option<(&str, i64)>| End { time: 1000, since: since.map(|(b, u)| (b.to_owned(), u)) };
        let now = |boot: &str, uptime| Now { time: 0, boot: boot.to_owned(), uptime };
        for (time, uptime, over, why) in [
            (999, 49, false, "neither clock has come to it"),
            (1000, 50, true, "both have"),
            (5000, 49, false, "the clock was set forward"),
            (10, 50, false, "the clock was set back"),
        ] {
            assert_eq!(end(Some(("a", 50))).is_over(time, Some(&now("a", uptime))), over, "{why}");
        }
        let other = now("b", 1);
        assert!(!end(Some(("a", 50))).is_over(999, Some(&other)), "the machine was started anew");
        assert!(end(Some(("a", 50))).is_over(1000, Some(&other)), "and then it ended");
        assert!(!end(Some(("a", 50))).is_over(5000, None), "a clock cannot be read");
        assert!(end(None).is_over(1000, None) && !end(None).is_over(999, None));
    }

    #[test]
    fn several_are_on_at_once_and_each_ends_by_itself() {
        let scratch = tempfile::tempdir().unwrap();
        let path = file(&scratch.path().join("state"));
        assert!(kept_frozen(&path).is_empty());
        change(&path, freeze(&[Scope::Deploy], Some(3600))).unwrap();
        change(&path, freeze(&[Scope::Database, Scope::GitRemote], None)).unwrap();
        change(&path, freeze(&[Scope::Infrastructure], Some(-1))).unwrap();
        assert_eq!(scopes(&path), ["database, git-remote", "deploy"]);
        change(&path, Yes { change: Change::Thaw(vec![Scope::Database]) }).unwrap();
        assert_eq!(scopes(&path), ["git-remote", "deploy"]);
        change(&path, Yes { change: Change::Thaw(Scope::FROZEN.to_vec()) }).unwrap();
        assert!(kept_frozen(&path).is_empty() && !path.exists());
    }

    #[test]
    fn what_is_not_surely_the_users_own_freezes_everything() {
        let scratch = tempfile::tempdir().unwrap();
        let path = file(scratch.path());
        let doubtful = |why: &str| {
            let all = kept_frozen(&path);
            assert!(
                matches!(&all[..], [Freeze { by: FrozenBy::Doubt(said), .. }] if said.contains(why)),
                "{all:?}"
            );
            assert_eq!(Scope::list(&all[0].scopes), "all");
        };
        change(&path, freeze(&[Scope::Deploy], Some(3600))).unwrap();
        let whole = fs::read(&path).unwrap();
        for broken in [
            &whole[..whole.len() - 1],
            b"",
            b"{}",
            b"{\"freezes\":[{\"scopes\":[],\"reason\":null,\"until\":null}]}",
        ] {
            fs::write(&path, broken).unwrap();
            doubtful("damaged");
        }
        assert!(change(&path, freeze(&[Scope::Deploy], None)).is_err());
        fs::write(&path, &whole).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        doubtful("others may have written it");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(scopes(&path), ["deploy"]);
        fs::rename(&path, scratch.path().join("other")).unwrap();
        symlink(scratch.path().join("other"), &path).unwrap();
        doubtful("it is a link");
        change(&path, Yes { change: Change::Thaw(Scope::FROZEN.to_vec()) }).unwrap();
        fs::create_dir(&path).unwrap();
        doubtful("it is no file");
        change(&path, Yes { change: Change::Thaw(Scope::FROZEN.to_vec()) }).unwrap();
        assert!(kept_frozen(&path).is_empty());
    }
}
