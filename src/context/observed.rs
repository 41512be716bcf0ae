//! The real machine, looked at when asked and only once.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use nix::fcntl::OFlag;

use super::copies::Copies;
use super::git::{GitObserver, in_linked_work_tree};
use super::paths::{Places, is_reproducible_when_ignored, reach};
use super::ports::listening;
use super::protected::{self, Protected};
use super::resolve::normal;
use super::{agent, globs, tables};
use crate::model::{
    Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, Reach, ReadError, TrackState, bytes,
    is_at_or_below, is_below, is_where_installed,
};

type Environment = Box<dyn Fn(&str) -> Option<String>>;

/// Facts of the real machine. Every answer is kept, so that none changes during one judgement.
pub struct Observed {
    directory: String,
    env: Environment,
    startup_files_run: bool,
    placeless: bool,
    /// Where the session works, where that is another directory.
    session: Option<String>,
    judges_execs: bool,
    keeps_rights: bool,
    /// What was made since then is the command line's own.
    pub(super) begun: Option<SystemTime>,
    pub(super) protected: Protected,
    inodes: OnceCell<Vec<(u64, u64)>>,
    home: OnceCell<String>,
    places: OnceCell<Rc<Places>>,
    mounts: OnceCell<Vec<String>>,
    git: OnceCell<GitObserver>,
    /// Where directories lead, links followed; those that are not there lead nowhere.
    pub(super) leads: RefCell<HashMap<String, Option<String>>>,
    kinds: RefCell<HashMap<String, (FileKind, Option<String>)>>,
    paths: RefCell<HashMap<String, PathFacts>>,
    globs: RefCell<HashMap<String, Option<Vec<String>>>>,
    work_trees: RefCell<HashMap<String, Option<GitFacts>>>,
    programs: RefCell<HashMap<String, Option<String>>>,
    ports: OnceCell<Option<Vec<u16>>>,
    pub(super) copies: Copies,
    frozen: Vec<Freeze>,
    grants: Option<Grants>,
    exceptions: OnceCell<Vec<Exception>>,
}

/// What looks for the exceptions that hold.
type Grants = Box<dyn Fn() -> Vec<Exception>>;

/// Where a program's surroundings are.
#[derive(Debug, Clone)]
pub struct Around {
    home: String,
    places: Rc<Places>,
}

impl Observed {
    /// Facts for a command line in `directory` (absolute) with the variables of `env`, while this is frozen.
    pub fn new(
        directory: PathBuf,
        env: impl Fn(&str) -> Option<String> + 'static,
        startup_files_run: bool,
        protected: Protected,
        frozen: Vec<Freeze>,
    ) -> Observed {
        Observed {
            directory: bytes::text_of(&directory),
            env: Box::new(env),
            startup_files_run,
            placeless: false,
            session: None,
            judges_execs: false,
            keeps_rights: false,
            begun: None,
            protected,
            inodes: OnceCell::new(),
            home: OnceCell::new(),
            places: OnceCell::new(),
            mounts: OnceCell::new(),
            git: OnceCell::new(),
            leads: RefCell::default(),
            kinds: RefCell::default(),
            paths: RefCell::default(),
            globs: RefCell::default(),
            work_trees: RefCell::default(),
            programs: RefCell::default(),
            ports: OnceCell::new(),
            copies: Copies::default(),
            frozen,
            grants: None,
            exceptions: OnceCell::new(),
        }
    }

    /// The same where a human may have excepted something.
    pub fn excepting(self, grants: impl Fn() -> Vec<Exception> + 'static) -> Observed {
        Observed { grants: Some(Box::new(grants)), ..self }
    }

    /// The same for a command line of which nobody said where it runs: not in this directory, of which
    /// something may be known that clears it.
    pub fn placeless(self) -> Observed {
        let directory = format!("{}/nowhere/in-particular", self.home().trim_end_matches('/'));
        Observed { directory, placeless: true, ..self }
    }

    /// The same where every exec of every descendant will be judged; `keeps_rights`: those of `sudo`
    /// too, which works there.
    pub fn judging_execs(self, keeps_rights: bool) -> Observed {
        Observed { judges_execs: true, keeps_rights, ..self }
    }

    /// The same within a command line that began to run then: what was made since is its own, and
    /// can be made again.
    pub fn since(self, begun: SystemTime) -> Observed {
        Observed { begun: Some(begun), ..self }
    }

    /// The same for a program that was started within a session: the workspace stays the one around
    /// the session's directory, wherever the program stands.
    pub fn within_session(self, directory: &Path) -> Observed {
        Observed { session: Some(bytes::text_of(directory)), ..self }
    }

    /// What is known by now that is the same for every program with these variables in this directory.
    pub fn surroundings(&self) -> Option<Around> {
        let (home, places) = (self.home.get()?.clone(), Rc::clone(self.places.get()?));
        Some(Around { home, places })
    }

    /// The same with surroundings that are known.
    pub fn surrounded(self, around: &Around) -> Observed {
        let Around { home, places } = around.clone();
        Observed { home: home.into(), places: places.into(), ..self }
    }

    pub(super) fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let mut homes = vec![self.home().to_owned()];
            // What the environment claims to be home is treated as one too: that only tightens.
            let claimed = (self.env)("HOME").map(|home| home.trim_end_matches('/').to_owned());
            homes.extend(claimed.filter(|home| home.starts_with('/')));
            for index in 0..homes.len() {
                homes.push(self.resolve(&homes[index]));
            }
            homes.retain(|home| home != "/");
            homes.sort();
            homes.dedup();
            let runtime = format!("/run/user/{}", nix::unistd::getuid());
            let temporary =
                (self.env)("TMPDIR").map(|directory| self.resolve(directory.trim_end_matches('/')));
            let Protected { own, read_only, no_delete } = &self.protected;
            let program = std::env::current_exe().ok();
            let mut own: Vec<String> = own.iter().chain(&program).map(bytes::text_of).collect();
            own.extend(protected::links(&*self.env));
            let mut places = Places {
                own: self.every_name(own),
                read_only: self.every_name(protected::named(read_only, &homes)),
                no_delete: self.every_name(protected::named(no_delete, &homes)),
                homes,
                workspace: None,
                // An environment's claim may not clear; below the runtime directory it is true.
                temporary: temporary.filter(|directory| is_below(directory, &runtime)),
            };
            places.workspace = self.workspace(&places);
            Rc::new(places)
        })
    }

    /// Paths, with those that they lead to.
    fn every_name(&self, paths: Vec<String>) -> Vec<String> {
        let names = |path: &String| [self.resolve_parent(path), self.resolve(path)];
        let mut all: Vec<String> = paths.iter().flat_map(names).collect();
        all.extend(paths);
        all.sort();
        all.dedup();
        all
    }

    /// The root of the work tree around the session's directory, else this directory; none where
    /// that is a home directory, the root or the system's.
    fn workspace(&self, places: &Places) -> Option<String> {
        let directory = self.resolve(self.session.as_deref().unwrap_or(&self.directory));
        let root = bytes::path(&directory)
            .ancestors()
            .find(|above| fs::symlink_metadata(above.join(".git")).is_ok())
            .map(bytes::text_of);
        let is_usable = |path: &String| {
            match places.locate(path) {
                Location::Root | Location::Home | Location::Device | Location::Void => false,
                // `/usr/src/app` is a container's project, `/etc` or `/tmp` nobody's.
                Location::System => {
                    let sources = ["/usr/src", "/usr/local/src", "/var/lib"];
                    sources.iter().any(|directory| is_below(path, directory))
                }
                _ => true,
            }
        };
        root.filter(is_usable).or(Some(directory).filter(is_usable))
    }

    fn git_observer(&self) -> &GitObserver {
        self.git.get_or_init(|| GitObserver::new(&*self.env, is_reproducible_when_ignored))
    }

    fn mounts(&self) -> &[String] {
        self.mounts.get_or_init(tables::mounts)
    }

    /// What stands at a path, and where it leads if it is a link.
    fn look(&self, path: &str) -> (FileKind, Option<String>) {
        if let Some(known) = self.kinds.borrow().get(path) {
            return known.clone();
        }
        let real = self.resolve_parent(path);
        let found = match fs::symlink_metadata(bytes::path(&real)) {
            Ok(found) => self.kind_of(&real, &found),
            Err(error) if is_absent(&error) => (FileKind::Absent, None),
            Err(_) => (FileKind::Unknown, None),
        };
        let mut kinds = self.kinds.borrow_mut();
        kinds.insert(path.to_owned(), found.clone());
        found
    }

    /// Where a real path lies.
    fn locate(&self, real: &str) -> Location {
        match self.places().locate(real) {
            // It holds work as the main one does.
            Location::Temporary if in_linked_work_tree(real) => Location::Inside,
            location => location,
        }
    }

    fn observe(&self, path: &str) -> PathFacts {
        let real = self.resolve_parent(path);
        let places = self.places();
        let (kind, target) = self.look(path);
        let location = self.locate(&real);
        let is_directory = matches!(kind, FileKind::Directory | FileKind::EmptyDirectory);
        // What is temporary is nobody's work, whatever git says.
        let fresh = kind != FileKind::Absent && self.is_fresh(&real);
        let asks_git = kind != FileKind::Absent
            && !fresh
            && !matches!(location, Location::Temporary | Location::Void | Location::Root);
        let state = match asks_git {
            true => self.git_observer().state(&bytes::path(&real)),
            false if has_git_component(&real) => TrackState::Metadata,
            false => TrackState::Unknown,
        };
        let exists = |path: &str| fs::symlink_metadata(bytes::path(path)).is_ok();
        let either = |is: &dyn Fn(&str) -> bool| is(&real) || real != path && is(path);
        let reach = |of: &[String]| reach(of, &real).max(reach(of, path));
        let inodes = || self.inodes.get_or_init(|| protected::inodes(&places.own)).as_slice();
        let is_alias = protected::is_alias(&bytes::path(&real), kind, inodes);
        let own = if is_alias { Reach::Within } else { reach(&places.own) };
        PathFacts {
            target,
            location,
            kind,
            state,
            reproducible: places.is_reproducible(&real, state, &exists)
                || fresh
                || self.placeless && kind == FileKind::Absent && is_reproducible_when_ignored(&real),
            own,
            read_only: reach(&places.read_only),
            no_delete: reach(&places.no_delete),
            startup: either(&|path| places.is_startup(path)),
            credential: either(&|path| places.is_credential(path)),
            mount: places.is_on_other_disk(&real)
                || is_directory && self.mounts().iter().any(|point| is_at_or_below(point, &real)),
            real,
        }
    }
}

impl Facts for Observed {
    fn directory(&self) -> &str {
        &self.directory
    }

    fn home(&self) -> &str {
        self.home.get_or_init(|| {
            // macOS keeps its users elsewhere, and a container may have none.
            let home = tables::own_home().or_else(|| (self.env)("HOME")).filter(|home| home.starts_with('/'));
            match home.as_deref().map(|home| home.trim_end_matches('/')) {
                Some("") | None => "/".to_owned(),
                Some(home) => home.to_owned(),
            }
        })
    }

    fn env(&self, name: &str) -> Option<String> {
        // Where it is not set here, it may be there, as every desktop sets it.
        let usual = (self.placeless && name == "TMPDIR").then(|| "/tmp".to_owned());
        (self.env)(name).or(usual)
    }

    fn startup_files_run(&self) -> bool {
        self.startup_files_run
    }

    fn is_placeless(&self) -> bool {
        self.placeless
    }

    fn exceptions(&self) -> &[Exception] {
        self.exceptions.get_or_init(|| self.grants.as_ref().map_or_else(Vec::new, |grants| grants()))
    }

    fn frozen(&self) -> &[Freeze] {
        &self.frozen
    }

    fn judges_execs(&self) -> bool {
        self.judges_execs
    }

    fn keeps_rights(&self) -> bool {
        self.keeps_rights
    }

    fn path(&self, path: &str) -> PathFacts {
        if let Some(known) = self.paths.borrow().get(path) {
            return known.clone();
        }
        let facts = self.observe(path);
        self.paths.borrow_mut().insert(path.to_owned(), facts.clone());
        facts
    }

    fn kind(&self, path: &str) -> FileKind {
        self.look(path).0
    }

    fn location(&self, path: &str) -> Location {
        self.locate(&self.resolve_parent(path))
    }

    fn is_near_protected(&self, path: &str) -> bool {
        self.is_near(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        let (kind, target) = self.look(path);
        use FileKind::{Absent, Special, Unknown};
        let there = |kind: FileKind| !matches!(kind, Absent | Special | Unknown);
        match kind {
            FileKind::Symlink => target.filter(|target| there(self.look(target).0)),
            kind => there(kind).then(|| self.resolve_parent(path)),
        }
    }

    fn is_installed(&self, path: &str) -> bool {
        is_where_installed(path) && !self.is_put_by_session(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.other_paths(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        fs::read_link(bytes::path(path)).ok().map(|target| bytes::text_of(&target))
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        if let Some(known) = self.globs.borrow().get(pattern) {
            return known.clone();
        }
        let found = globs::expand(pattern);
        self.globs.borrow_mut().insert(pattern.to_owned(), found.clone());
        found
    }

    fn git(&self, directory: &str) -> Option<GitFacts> {
        if let Some(known) = self.work_trees.borrow().get(directory) {
            return known.clone();
        }
        let facts = self.git_observer().facts(&bytes::path(directory));
        self.work_trees.borrow_mut().insert(directory.to_owned(), facts.clone());
        facts
    }

    fn git_keeps(&self, directory: &str, refs: &[String]) -> bool {
        !self.placeless && self.git_observer().keeps(&bytes::path(directory), refs)
    }

    fn git_alias(&self, directory: &str, name: &str) -> Result<Option<String>, ReadError> {
        let silent = || ReadError::Other("git did not answer".into());
        self.git_observer().alias(&bytes::path(directory), name).ok_or_else(silent)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        let failed = |error: io::Error| match is_absent(&error) {
            true => ReadError::Absent,
            false => ReadError::Other(error.to_string()),
        };
        // A pipe must not be waited for, and a terminal not become ours.
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits())
            .open(bytes::path(path))
            .map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return Err(ReadError::NotRegular);
        }
        if found.len() > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(ReadError::TooLarge);
        }
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        match bytes.len() > limit {
            true => Err(ReadError::TooLarge),
            false => Ok(bytes),
        }
    }

    fn which(&self, program: &str) -> Option<String> {
        if let Some(known) = self.programs.borrow().get(program) {
            return known.clone();
        }
        let found = self.find_program(program);
        self.programs.borrow_mut().insert(program.to_owned(), found.clone());
        found
    }

    fn is_free(&self, port: u16) -> bool {
        self.ports.get_or_init(listening).as_ref().is_some_and(|ports| !ports.contains(&port))
    }

    fn agent(&self) -> Option<String> {
        agent::agent(&*self.env).map(str::to_owned)
    }
}

impl Observed {
    fn find_program(&self, program: &str) -> Option<String> {
        let candidates: Vec<PathBuf> = if program.contains('/') {
            vec![bytes::path(&self.directory).join(bytes::path(program))]
        } else {
            let search_path = (self.env)("PATH").unwrap_or_default();
            // An empty entry is the directory itself.
            let directories =
                search_path.split(':').map(|entry| bytes::path(&self.directory).join(bytes::path(entry)));
            directories.map(|directory| directory.join(bytes::path(program))).collect()
        };
        let found = candidates.into_iter().find(|candidate| {
            !program.is_empty()
                && fs::metadata(candidate)
                    .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        });
        found.map(|path| bytes::text_of(&normal(&path)))
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn has_git_component(path: &str) -> bool {
    path.split('/').any(|component| component == ".git")
}

#[cfg(test)]
mod tests;
