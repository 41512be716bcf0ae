//! The directories of guard's files.
//!
//! The XDG variables are read by hand: the crates that do it look the home directory up in the
//! password database through the C library, which a statically linked program cannot use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Guard's directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's configuration.
    pub config: PathBuf,
    /// The log and the cache.
    pub state: PathBuf,
    /// The machine's configuration.
    pub system: PathBuf,
    /// Where what lasts for one session may lie, the best first.
    pub passing: Vec<PathBuf>,
    /// The project's, where the directory has one.
    pub project: Option<PathBuf>,
    /// Where it is noted that a human set guard up.
    pub note: Option<PathBuf>,
    /// It is, and of this guard: no variable moves the user's.
    pub is_noted: bool,
    /// Why it is not known where the user's are.
    pub doubt: Option<String>,
}

impl Places {
    /// The places for a call in `directory`. `home` is the home directory by the password
    /// database.
    pub fn find(env: impl Fn(&str) -> Option<OsString>, home: Option<&Path>, directory: &Path) -> Places {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").or_else(|| home.map(Path::to_owned)).unwrap_or("/".into());
        let place = |own: &str, xdg: &str, usual: &str| {
            absolute(own).unwrap_or_else(|| absolute(xdg).unwrap_or_else(|| home.join(usual)).join("guard"))
        };
        let state = place("GUARD_STATE_DIR", "XDG_STATE_HOME", ".local/state");
        let runtime = absolute("XDG_RUNTIME_DIR").map(|directory| directory.join("guard"));
        Places {
            config: place("GUARD_CONFIG_DIR", "XDG_CONFIG_HOME", ".config"),
            passing: runtime.into_iter().chain([state.clone()]).collect(),
            state,
            system: PathBuf::from("/etc/guard"),
            project: project(directory, &home),
            note: None,
            is_noted: false,
            doubt: None,
        }
    }

    /// The same for a call in `directory` where a human had these noted in their home directory, whatever the environment
    /// says.
    pub fn noted(self, config: PathBuf, state: PathBuf, home: &Path, directory: &Path) -> Places {
        // A directory for what lasts for a session holds nothing that is decided.
        let passing =
            self.passing.iter().filter(|place| **place != self.state).cloned().chain([state.clone()]);
        let project = project(directory, home);
        Places { passing: passing.collect(), config, state, project, is_noted: true, ..self }
    }

    /// The log, if the settings name no other.
    pub fn log(&self) -> PathBuf {
        self.state.join("log.jsonl")
    }
}

/// The nearest `.guard` at or above `directory`, up to the root of its git work tree. The home
/// directory and what is above it are no projects.
fn project(directory: &Path, home: &Path) -> Option<PathBuf> {
    for directory in directory.ancestors() {
        if home.starts_with(directory) {
            return None;
        }
        let own = directory.join(".guard");
        if own.is_dir() {
            return Some(own);
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn guards_own_variables_come_before_xdg_and_home() {
        let find = |set: &'static [(&str, &str)]| {
            let env =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
            let places = Places::find(env, Some(Path::new("/home/dev")), Path::new("/"));
            (places.config, places.state)
        };
        let pair = |a: &str, b: &str| (PathBuf::from(a), PathBuf::from(b));
        assert_eq!(find(&[("GUARD_CONFIG_DIR", "/c"), ("GUARD_STATE_DIR", "/s")]), pair("/c", "/s"));
        assert_eq!(find(&[("HOME", "/h"), ("XDG_STATE_HOME", "/x")]), pair("/h/.config/guard", "/x/guard"));
        assert_eq!(
            find(&[("XDG_CONFIG_HOME", "relative")]),
            pair("/home/dev/.config/guard", "/home/dev/.local/state/guard")
        );
    }

    #[test]
    fn a_projects_directory_is_looked_for_up_to_the_root_of_the_work_tree() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let deep = root.join("repo/src/deep");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.join("repo/.git")).unwrap();
        std::fs::create_dir(root.join(".guard")).unwrap();
        let home = Path::new("/home/nobody");
        assert_eq!(project(&deep, home), None);
        std::fs::create_dir(root.join("repo/.guard")).unwrap();
        assert_eq!(project(&deep, home), Some(root.join("repo/.guard")));
        assert_eq!(project(&deep, &deep), None);
    }
}
