//! An invented machine, on which the examples of rules are judged: names are weighed as on a real
//! one, what stands where is made up.

use std::collections::BTreeMap;

use super::globs;
use super::paths::{Places, reach};
use crate::model::{
    ExampleWorld, Exception, Facts, FileKind, Freeze, FrozenBy, GitFacts, Location, PathFacts, Reach,
    ReadError, TrackState, is_at_or_below, is_below, is_where_installed, path_matches,
};

const HOME: &str = "/home/dev";
const PROJECT: &str = "/home/dev/project";

/// What stands there unless an example says otherwise.
const DIRECTORIES: &[&str] = &[
    "/",
    "/etc",
    "/usr",
    "/usr/bin",
    "/var",
    "/home",
    "/tmp",
    "/etc/guard",
    "/home/dev",
    "/home/dev/.ssh",
    "/home/dev/.config/guard",
    "/home/dev/project",
];
const FILES: &[(&str, &str)] = &[
    ("/home/dev/.bashrc", "unknown"),
    ("src/main.rs", "clean"),
    ("node_modules/left-pad/index.js", "ignored"),
    ("target/debug/project", "ignored"),
    (".env", "ignored"),
    (".git/HEAD", "metadata"),
    (".git/config", "metadata"),
    (".git/hooks/pre-commit", "metadata"),
];
const SPECIAL: &[&str] = &["/dev/sda", "/dev/sda1", "/dev/sdb", "/dev/nvme0n1", "/dev/null"];
const OWN: &[&str] = &[
    "/home/dev/.config/guard",
    "/home/dev/.local/state/guard",
    "/etc/guard",
    "/usr/local/bin/guard",
    // A link to guard in a folder of the user's choice.
    "/home/dev/shims/bash",
];
/// What the user's settings protect.
const READ_ONLY: &[&str] = &["/srv/reference"];
const NO_DELETE: &[&str] = &["/srv/backups", "/home/dev/keys"];
const VARIABLES: &[(&str, &str)] = &[
    ("USER", "dev"),
    ("LOGNAME", "dev"),
    ("SHELL", "/bin/bash"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("LANG", "C.UTF-8"),
    ("TERM", "xterm-256color"),
];

/// A machine as an example describes it.
pub struct World {
    directory: String,
    home: String,
    env: BTreeMap<String, String>,
    judges_execs: bool,
    /// Files by absolute path, and what git knows of them.
    files: BTreeMap<String, (FileKind, TrackState)>,
    contents: BTreeMap<String, String>,
    git: Option<GitFacts>,
    /// Branches and tags with which nothing is lost.
    kept: Vec<String>,
    aliases: BTreeMap<String, String>,
    places: Places,
    frozen: Vec<Freeze>,
}

impl World {
    /// The machine that the example describes; what it leaves out is the same for all examples.
    pub fn new(example: &ExampleWorld) -> World {
        let home = example.home.clone().unwrap_or_else(|| HOME.to_owned());
        let mut env: BTreeMap<String, String> =
            VARIABLES.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        env.insert("HOME".to_owned(), home.clone());
        env.extend(example.env.clone());
        let said = example.git.clone().unwrap_or_default();
        let in_work_tree = said.work_tree != Some(false);
        let state = |path: &str, word: &str| match word {
            _ if !in_work_tree || !is_below(path, PROJECT) => TrackState::Unknown,
            "clean" => TrackState::Clean,
            "modified" => TrackState::Modified,
            "conflict" => TrackState::Conflict,
            "ignored" => TrackState::Ignored,
            "metadata" => TrackState::Metadata,
            "untracked" => TrackState::Untracked,
            _ => TrackState::Unknown,
        };
        let mut files = BTreeMap::new();
        for directory in DIRECTORIES {
            files.insert((*directory).to_owned(), (FileKind::Directory, TrackState::Unknown));
        }
        for special in SPECIAL {
            files.insert((*special).to_owned(), (FileKind::Special, TrackState::Unknown));
        }
        let given = example.files.iter().map(|(path, word)| (path.as_str(), word.as_str()));
        let read = example.contents.keys().filter(|path| !example.files.contains_key(*path));
        let all = FILES.iter().copied().chain(read.map(|path| (path.as_str(), "clean"))).chain(given);
        for (path, word) in all {
            let kind = if path.ends_with('/') { FileKind::Directory } else { FileKind::File };
            let path = absolute(path);
            let state = state(&path, word);
            files.insert(path, (kind, state));
        }
        let count = |state: TrackState| files.values().filter(|(_, s)| *s == state).count() as u32;
        let git = in_work_tree.then(|| GitFacts {
            root: PROJECT.to_owned(),
            branch: Some(said.branch.clone().unwrap_or_else(|| "feature".to_owned())),
            upstream: (said.upstream != Some(false)).then(|| "origin/feature".to_owned()),
            ahead: (said.upstream != Some(false)).then_some(said.ahead),
            behind: (said.upstream != Some(false)).then_some(0),
            modified: said.modified.max(count(TrackState::Modified) + count(TrackState::Conflict)),
            changed: Vec::new(),
            untracked: said.untracked.max(count(TrackState::Untracked)),
            precious_ignored: said.precious_ignored,
            stashes: said.stashes,
            incomplete: false,
        });
        let contents = example.contents.iter().map(|(path, text)| (absolute(path), text.clone()));
        let frozen = (!example.frozen.is_empty()).then(|| Freeze {
            scopes: example.frozen.clone(),
            until: None,
            reason: None,
            by: FrozenBy::Human,
        });
        World {
            frozen: frozen.into_iter().collect(),
            directory: example.cwd.clone().unwrap_or_else(|| PROJECT.to_owned()),
            env,
            contents: contents.collect(),
            git,
            kept: said.kept.clone(),
            aliases: said.aliases.clone(),
            places: Places {
                homes: vec![home.clone()],
                workspace: Some(PROJECT.to_owned()),
                temporary: None,
                own: owned(OWN),
                read_only: owned(READ_ONLY),
                no_delete: owned(NO_DELETE),
            },
            home,
            files,
            judges_execs: false,
        }
    }

    /// The same where every exec of every descendant will be judged.
    pub fn judging_execs(self) -> World {
        World { judges_execs: true, ..self }
    }

    /// What stands at a path: itself, or a directory that something is said to be in.
    fn stands(&self, path: &str) -> Option<FileKind> {
        let filled = self.files.keys().any(|file| is_below(file, path));
        match self.files.get(path) {
            Some((FileKind::Directory, _)) | None if filled => Some(FileKind::Directory),
            Some((FileKind::Directory, _)) if path.starts_with(PROJECT) => Some(FileKind::EmptyDirectory),
            found => found.map(|(kind, _)| *kind),
        }
    }

    /// What git knows of a path: the worst that is at it or below it.
    fn state(&self, path: &str) -> TrackState {
        if self.git.is_none() || !is_at_or_below(path, PROJECT) {
            return TrackState::Unknown;
        }
        if path.split('/').any(|component| component == ".git") {
            return TrackState::Metadata;
        }
        let badness = |state: TrackState| match state {
            TrackState::Modified => 4,
            TrackState::Conflict => 3,
            TrackState::Untracked => 2,
            TrackState::Ignored => 1,
            _ => 0,
        };
        let at_or_below = self.files.iter().filter(|(file, _)| is_at_or_below(file, path));
        let states = at_or_below.map(|(_, (_, state))| *state);
        let states = states.filter(|state| *state != TrackState::Metadata);
        states.max_by_key(|state| badness(*state)).unwrap_or(TrackState::Untracked)
    }
}

fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// The path, which may be relative to the project.
fn absolute(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.starts_with('/') { path.to_owned() } else { format!("{PROJECT}/{path}") }
}

impl Facts for World {
    fn directory(&self) -> &str {
        &self.directory
    }

    fn home(&self) -> &str {
        &self.home
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn startup_files_run(&self) -> bool {
        false
    }

    fn is_placeless(&self) -> bool {
        false
    }

    fn exceptions(&self) -> &[Exception] {
        &[]
    }

    fn frozen(&self) -> &[Freeze] {
        &self.frozen
    }

    fn judges_execs(&self) -> bool {
        self.judges_execs
    }

    fn path(&self, path: &str) -> PathFacts {
        let kind = self.stands(path);
        let state = if kind.is_some() { self.state(path) } else { TrackState::Untracked };
        let state = match is_at_or_below(path, PROJECT) && self.git.is_some() {
            true => state,
            false => TrackState::Unknown,
        };
        let exists = |path: &str| self.stands(path).is_some();
        let location = self.places.locate(path);
        PathFacts {
            real: path.to_owned(),
            target: None,
            location,
            kind: kind.unwrap_or(FileKind::Absent),
            state,
            reproducible: self.places.is_reproducible(path, state, &exists),
            own: reach(&self.places.own, path),
            read_only: reach(&self.places.read_only, path),
            no_delete: reach(&self.places.no_delete, path),
            startup: self.places.is_startup(path),
            credential: self.places.is_credential(path),
            mount: location == Location::Root || self.places.is_on_other_disk(path),
        }
    }

    fn kind(&self, path: &str) -> FileKind {
        self.stands(path).unwrap_or(FileKind::Absent)
    }

    fn real(&self, path: &str) -> Option<String> {
        use FileKind::{Absent, Special, Unknown};
        (!matches!(self.kind(path), Absent | Special | Unknown)).then(|| path.to_owned())
    }

    fn link(&self, _: &str) -> Option<String> {
        None
    }

    fn is_installed(&self, path: &str) -> bool {
        is_where_installed(path)
    }

    fn copied_from(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn location(&self, path: &str) -> Location {
        self.places.locate(path)
    }

    fn is_near_protected(&self, path: &str) -> bool {
        let Places { own, read_only, no_delete, .. } = &self.places;
        [own, read_only, no_delete].iter().any(|places| reach(places, path) != Reach::Apart)
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        if globs::is_extended(pattern) {
            return None;
        }
        let split = |text: &'_ str| text.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
        let wanted = split(pattern);
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let mut found = std::collections::BTreeSet::new();
        for file in self.files.keys() {
            // Each directory above a file exists too.
            for (end, _) in file.match_indices('/').skip(1).chain([(file.len(), "")]) {
                let components: Vec<&str> = file[..end].split('/').skip(1).collect();
                if path_matches(&wanted, &components) {
                    found.insert(file[..end].to_owned());
                }
            }
        }
        Some(found.into_iter().collect())
    }

    fn git(&self, directory: &str) -> Option<GitFacts> {
        self.git.clone().filter(|git| is_at_or_below(directory, &git.root))
    }

    fn git_keeps(&self, _: &str, refs: &[String]) -> bool {
        refs.iter().all(|name| self.kept.iter().any(|kept| name.ends_with(&format!("/{kept}"))))
    }

    fn git_alias(&self, _: &str, name: &str) -> Result<Option<String>, ReadError> {
        Ok(self.aliases.get(name).cloned())
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        match (self.contents.get(path), self.stands(path)) {
            (Some(text), _) if text.len() <= limit => Ok(text.clone().into_bytes()),
            (Some(_), _) => Err(ReadError::TooLarge),
            (None, None) => Err(ReadError::Absent),
            (None, Some(FileKind::File)) => Err(ReadError::Other("not said by the example".to_owned())),
            (None, Some(_)) => Err(ReadError::NotRegular),
        }
    }

    fn which(&self, program: &str) -> Option<String> {
        match program.contains('/') {
            true => Some(program.to_owned()).filter(|path| path.starts_with('/')),
            false => Some(format!("/usr/bin/{program}")),
        }
    }

    fn is_free(&self, _: u16) -> bool {
        true
    }

    fn agent(&self) -> Option<String> {
        None
    }

    fn keeps_rights(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
