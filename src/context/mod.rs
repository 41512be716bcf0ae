<<<<<<< HEAD
//! Collects facts about the machine, the repository and the caller.

pub mod agent;
pub mod git;
mod globs;
mod names;
mod observed;
mod paths;
mod world;

pub use observed::Observed;
pub use world::World;
=======
//! Placeholder.

use std::path::PathBuf;

use crate::model::{Facts, FileKind, GitFacts, Location, PathFacts, ReadError, TrackState};

/// Placeholder.
pub struct Observed {
    directory: String,
    env: Box<dyn Fn(&str) -> Option<String>>,
    startup: bool,
}

impl Observed {
    /// Placeholder.
    pub fn new(
        directory: PathBuf,
        env: impl Fn(&str) -> Option<String> + 'static,
        startup_files_run: bool,
        _protected: Vec<PathBuf>,
    ) -> Observed {
        Observed {
            directory: directory.to_string_lossy().into_owned(),
            env: Box::new(env),
            startup: startup_files_run,
        }
    }
}

impl Facts for Observed {
    fn directory(&self) -> &str {
        &self.directory
    }
    fn home(&self) -> &str {
        "/root"
    }
    fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }
    fn startup_files_run(&self) -> bool {
        self.startup
    }
    fn path(&self, path: &str) -> PathFacts {
        PathFacts {
            real: path.to_owned(),
            location: Location::Outside,
            kind: FileKind::Unknown,
            state: TrackState::Unknown,
            reproducible: false,
            protected: false,
            startup: false,
            credential: false,
            mount: false,
        }
    }
    fn glob(&self, _: &str) -> Option<Vec<String>> {
        None
    }
    fn git(&self, _: &str) -> Option<GitFacts> {
        None
    }
    fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::Absent)
    }
    fn which(&self, _: &str) -> Option<String> {
        None
    }
    fn agent(&self) -> Option<String> {
        None
    }
}
>>>>>>> h-g
