//! Where a human set guard up: from then on no variable of the environment moves that guard's settings and state.
//!
//! A note in the home directory that the password database names says so. It is about one program, so that another
//! build of guard, as one that is being developed, goes by the environment.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::own;
use crate::model::bytes;
use crate::sys::process;

/// More is no note.
const MOST: u64 = 64 << 10;
/// Where it lies below the home directory.
const NOTE: &str = ".config/guard/installed";

/// What was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Which guard it is about: its file, links resolved.
    pub program: PathBuf,
    /// The user's configuration.
    pub config: PathBuf,
    /// The log, and what is kept.
    pub state: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    program: String,
    config: String,
    state: String,
}

/// The note's file.
pub fn file(home: &Path) -> PathBuf {
    home.join(NOTE)
}

impl Installed {
    /// What was noted in a home directory. One that others could have written is an error, for what it says is not known.
    pub fn read(home: &Path) -> io::Result<Option<Installed>> {
        let text = match own::read_linked(&file(home), MOST, process::user_id(), 0o022) {
            Ok(text) => text,
            Err(error) if own::is_absent(&error) => return Ok(None),
            // Where all of it is out of reach (systemd.exec(5), ProtectHome), nothing of guard's is there.
            Err(_) if is_closed(&home.join(".")) => return Ok(None),
            Err(error) => return Err(error),
        };
        let kept: Kept = serde_json::from_slice(&text).map_err(|_| own::doubt("it is damaged"))?;
        let [program, config, state] =
            [kept.program, kept.config, kept.state].map(|path| bytes::path(&path).into_owned());
        let are_whole = [&program, &config, &state].iter().all(|path| path.is_absolute());
        are_whole
            .then_some(Some(Installed { program, config, state }))
            .ok_or_else(|| own::doubt("it is damaged"))
    }

    /// Notes it where guard goes by it.
    pub fn keep(&self, home: &Path) -> io::Result<()> {
        let [program, config, state] = [&self.program, &self.config, &self.state].map(bytes::text_of);
        let text = serde_json::to_vec(&Kept { program, config, state }).map_err(io::Error::other)?;
        own::write(&file(home), &text)
    }
}

fn is_closed(home: &Path) -> bool {
    home.metadata().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_not_surely_the_users_own_is_no_note_and_not_none() {
        let home = tempfile::tempdir().unwrap();
        let installed = Installed { program: "/g".into(), config: "/c".into(), state: "/s".into() };
        assert_eq!(Installed::read(home.path()).unwrap(), None);
        installed.keep(home.path()).unwrap();
        assert_eq!(Installed::read(home.path()).unwrap(), Some(installed));
        let path = file(home.path());
        // As a copy of the home directory by links has it.
        std::fs::hard_link(&path, home.path().join("other")).unwrap();
        assert!(Installed::read(home.path()).unwrap().is_some());
        let doubt = |why: &str| {
            let error = Installed::read(home.path()).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
        doubt("others may have written it");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for broken in ["", "{}", r#"{"program":"g","config":"/c","state":"/s"}"#] {
            fs::write(&path, broken).unwrap();
            doubt("damaged");
        }
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        doubt("it is a link");
    }
}
