//! What git knows: of a work tree as a whole, and of single paths.
//!
//! Asks the real `git` and nothing else. What cannot be read whole is `incomplete`, so that
//! nothing is cleared by it. Directories in no work tree cost a few `stat`s and no process.

mod status;
#[cfg(test)]
mod tests;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::model::{GitFacts, TrackState, bytes};

use status::{Tracked, Tree};

/// How long one `git` may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// How much `git status` may print.
const STATUS_LIMIT: usize = 8 << 20;
/// How much the list of tracked files may take.
const TRACKED_LIMIT: usize = 64 << 20;

/// Where `git` usually is. These come before PATH: an agent can write PATH, and this one runs
/// with nobody watching.
const SYSTEM_GIT: &[&str] =
    &["/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/run/current-system/sw/bin/git"];

/// Variables that `git` needs to find its user's settings.
const PASSED: &[&str] = &["HOME", "XDG_CONFIG_HOME", "SUDO_UID", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];

/// Branches that stay when others go.
const DEFAULT_BRANCHES: &[&str] =
    &["refs/heads/main", "refs/heads/master", "refs/heads/develop", "refs/heads/trunk"];

/// Variables that send `git` to another repository or work tree.
const REDIRECTING: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
];

/// Asks git, and remembers the answers for one judgement.
pub struct GitObserver {
    search_path: Option<String>,
    program: OnceCell<Option<PathBuf>>,
    passed: Vec<(&'static str, String)>,
    redirecting: Vec<(&'static str, String)>,
    reproducible: fn(&str) -> bool,
    roots: RefCell<HashMap<PathBuf, Option<PathBuf>>>,
    trees: RefCell<HashMap<PathBuf, Rc<Tree>>>,
    redirected: RefCell<HashMap<PathBuf, Rc<Tree>>>,
    /// `None` where git does not answer.
    aliases: RefCell<HashMap<PathBuf, Option<HashMap<String, String>>>>,
}

/// Whether a path is in a work tree that was linked to a repository elsewhere (`git worktree add`).
pub(super) fn in_linked_work_tree(path: &str) -> bool {
    let path = bytes::path(path);
    let mut root = path.ancestors().map(|above| above.join(".git"));
    let git = root.find(|git| fs::symlink_metadata(git).is_ok());
    git.is_some_and(|git| {
        git.is_file() && fs::read_to_string(git).is_ok_and(|leads| leads.contains("/worktrees/"))
    })
}

impl GitObserver {
    /// An observer that sees the variables of `env`; `reproducible` tells the names of files and
    /// directories that can be made again (`node_modules`).
    pub fn new(env: &dyn Fn(&str) -> Option<String>, reproducible: fn(&str) -> bool) -> Self {
        let those_set = |names: &[&'static str]| {
            let set = names.iter().filter_map(|name| Some((*name, env(name)?)));
            set.filter(|(_, value)| !value.is_empty()).collect()
        };
        GitObserver {
            search_path: env("PATH"),
            program: OnceCell::new(),
            passed: those_set(PASSED),
            redirecting: those_set(REDIRECTING),
            reproducible,
            roots: RefCell::default(),
            trees: RefCell::default(),
            redirected: RefCell::default(),
            aliases: RefCell::default(),
        }
    }

    /// See [`crate::model::Facts::git_keeps`].
    ///
    /// What keeps a branch is so ordered that no two branches keep each other: a script that deletes
    /// both would lose what each of them seems to have from the other.
    pub fn keeps(&self, directory: &Path, refs: &[String]) -> bool {
        if !self.redirecting.is_empty() {
            return false;
        }
        let listing = ["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"];
        let Some(listed) = self.run(directory, &listing, &[], STATUS_LIMIT) else {
            return false;
        };
        let listed = bytes::text(&listed);
        let exists = |name: &str| listed.lines().any(|line| line == name);
        let named: Vec<&str> = refs.iter().map(String::as_str).filter(|name| exists(name)).collect();
        if named.is_empty() {
            return true;
        }
        if named.iter().any(|name| !name.starts_with("refs/heads/")) {
            return false;
        }
        let mut args = vec!["rev-list", "--max-count=1"];
        args.extend(&named);
        args.extend(["--not", "--remotes", "--tags"]);
        let head = self.run(directory, &["symbolic-ref", "--quiet", "HEAD"], &[], STATUS_LIMIT);
        let head = head.map(|head| bytes::text(head.trim_ascii()).into_owned());
        if !named.iter().any(|name| DEFAULT_BRANCHES.contains(name)) {
            args.extend(DEFAULT_BRANCHES.iter().filter(|name| exists(name)));
            if let Some(head) = head.as_deref().filter(|head| exists(head) && !named.contains(head)) {
                args.push(head);
            }
        }
        args.push("--");
        self.run(directory, &args, &[], STATUS_LIMIT).is_some_and(|unkept| unkept.is_empty())
    }

    /// What `alias.NAME` is set to, as git finds it in `directory`; `None` where git does not answer.
    pub fn alias(&self, directory: &Path, name: &str) -> Option<Option<String>> {
        if self.git().is_none() || !directory.is_dir() {
            // There is nothing that could follow one.
            return Some(None);
        }
        let mut aliases = self.aliases.borrow_mut();
        let known = aliases.entry(directory.to_owned()).or_insert_with(|| {
            let args = ["config", "-z", "--list"];
            let printed = self.run(directory, &args, &self.redirecting, STATUS_LIMIT)?;
            let printed = bytes::text(&printed).into_owned();
            // The last of several of one name counts.
            let settings = printed.split('\0').filter_map(|setting| setting.split_once('\n'));
            let alias =
                |(key, value): (&str, &str)| Some((key.strip_prefix("alias.")?.to_owned(), value.to_owned()));
            Some(settings.filter_map(alias).collect())
        });
        known.as_ref().map(|known| known.get(&name.to_ascii_lowercase()).cloned())
    }

    fn git(&self) -> Option<&PathBuf> {
        self.program.get_or_init(|| find_git(self.search_path.as_deref())).as_ref()
    }

    /// The work tree that a `git` in `directory` (absolute) would act in. Honours the variables
    /// that redirect, as `git` itself would.
    pub fn facts(&self, directory: &Path) -> Option<GitFacts> {
        if self.redirecting.is_empty() {
            let root = self.root(directory)?;
            return Some(self.tree(&root).facts.clone());
        }
        if let Some(tree) = self.redirected.borrow().get(directory) {
            return Some(tree.facts.clone());
        }
        let named = self.redirecting.iter().find(|(name, _)| *name == "GIT_WORK_TREE");
        let root = match named {
            Some((_, root)) => directory.join(root),
            None => directory.to_owned(),
        };
        let tree = Rc::new(self.observe(directory, &root, &self.redirecting));
        let facts = tree.facts.clone();
        self.redirected.borrow_mut().insert(directory.to_owned(), tree);
        Some(facts)
    }

    /// What git knows of `path` (absolute, every symbolic link but a last one resolved); for a
    /// directory the worst that is below it. Looks at the repository that holds the path, whatever
    /// variables redirect to: these move what a command acts on, not what is kept of a file.
    pub fn state(&self, path: &Path) -> TrackState {
        if path.components().any(|part| part == Component::Normal(".git".as_ref())) {
            return TrackState::Metadata;
        }
        let Some(parent) = path.parent() else {
            return TrackState::Unknown;
        };
        if parent.ancestors().chain([path]).any(is_bare_repository) {
            return TrackState::Metadata;
        }
        if has_repository(path) && path.join(".git").is_dir() {
            // What git keeps of it goes with it.
            return TrackState::Metadata;
        }
        // Another work tree's root is asked about there, not in the tree around it.
        let inner = has_repository(path).then(|| path.to_owned());
        let Some(root) = inner.or_else(|| self.root(parent)) else {
            return TrackState::Unknown;
        };
        let Ok(relative) = path.strip_prefix(&root) else {
            return TrackState::Unknown;
        };
        let tree = self.tree(&root);
        let relative = relative.as_os_str().as_bytes();
        if tree.facts.incomplete {
            return TrackState::Unknown;
        }
        let named = tree.named(relative);
        let Some(tracked) = tree.tracked.get_or_init(|| self.tracked(&root)) else {
            return TrackState::Unknown;
        };
        let kept = tracked.state(relative, &root);
        match (named, kept) {
            (_, Some(TrackState::Unknown)) => TrackState::Unknown,
            (Some(named), _) => named,
            (None, Some(kept)) => kept,
            // Git names neither: nothing stands there, or an empty directory does.
            (None, None) => TrackState::Untracked,
        }
    }

    /// The root of the work tree that `directory` is in, found as git would without variables.
    fn root(&self, directory: &Path) -> Option<PathBuf> {
        if let Some(known) = self.roots.borrow().get(directory) {
            return known.clone();
        }
        let root = directory.ancestors().find(|above| has_repository(above));
        let root = root.map(Path::to_owned);
        self.roots.borrow_mut().insert(directory.to_owned(), root.clone());
        root
    }

    fn tree(&self, root: &Path) -> Rc<Tree> {
        if let Some(tree) = self.trees.borrow().get(root) {
            return Rc::clone(tree);
        }
        let tree = Rc::new(self.observe(root, root, &[]));
        self.trees.borrow_mut().insert(root.to_owned(), Rc::clone(&tree));
        tree
    }

    fn observe(&self, directory: &Path, root: &Path, variables: &[(&str, String)]) -> Tree {
        let args = [
            "status",
            "--porcelain=v2",
            "--branch",
            "--show-stash",
            "-z",
            "--untracked-files=normal",
            "--ignored=matching",
            "--ignore-submodules=none",
        ];
        let printed = self.run(directory, &args, variables, STATUS_LIMIT);
        let mut tree = match printed {
            Some(printed) => Tree::parse(&printed, self.reproducible),
            None => Tree::incomplete(),
        };
        tree.facts.root = bytes::text_of(root);
        if variables.is_empty() && is_moved(root) {
            tree.facts.incomplete = true;
        }
        tree
    }

    fn tracked(&self, root: &Path) -> Option<Tracked> {
        let printed = self.run(root, &["ls-files", "-v", "-z"], &[], TRACKED_LIMIT)?;
        Tracked::parse(printed)
    }

    /// What `git` prints; nothing if it fails, takes too long or prints too much.
    fn run(
        &self,
        directory: &Path,
        args: &[&str],
        variables: &[(&str, String)],
        limit: usize,
    ) -> Option<Vec<u8>> {
        let program = self.git()?;
        let mut command = Command::new(program);
        command
            .arg("--no-optional-locks")
            .args(["-c", "core.fsmonitor=false"])
            .args(["-c", "core.hooksPath=/dev/null"])
            .args(["-c", "core.untrackedCache=false"])
            .args(args)
            .current_dir(directory)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .envs(self.passed.iter().map(|(name, value)| (name, bytes::path(value).into_owned())))
            .envs(variables.iter().map(|(name, value)| (name, bytes::path(value).into_owned())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let mut child = command.spawn().ok()?;
        let printed = read_within(&mut child, limit);
        if printed.is_none() {
            kill_group(&child);
        }
        let status = child.wait().ok()?;
        printed.filter(|_| status.success())
    }
}

/// All that the child prints, if it is not more than `limit` and comes in time.
fn read_within(child: &mut Child, limit: usize) -> Option<Vec<u8>> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::Builder::new()
        .spawn(move || {
            let mut printed = Vec::new();
            let most = u64::try_from(limit).unwrap_or(u64::MAX);
            let read = stdout.take(most.saturating_add(1)).read_to_end(&mut printed);
            // Nobody waits any more once the time is up.
            let _ = sender.send(read.ok().map(|_| printed));
        })
        .ok()?;
    let printed = receiver.recv_timeout(TIME_LIMIT).ok()?;
    // Who is asked later takes signals in the thread that asks; one that still ends would suffer them.
    reader.join().ok()?;
    let printed = printed?;
    (printed.len() <= limit).then_some(printed)
}

fn kill_group(child: &Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(child.id()) {
        // It may have ended by itself.
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

/// The `git` to ask: a system's own, else the first on PATH that is absolute, in a directory that
/// not everybody can write, and not guard itself under that name.
fn find_git(search_path: Option<&str>) -> Option<PathBuf> {
    let own = std::env::current_exe().and_then(fs::metadata).ok();
    let is_usable = |candidate: &Path| {
        let Ok(found) = fs::metadata(candidate) else {
            return false;
        };
        let is_guard = own.as_ref().is_some_and(|own| own.dev() == found.dev() && own.ino() == found.ino());
        found.is_file() && found.permissions().mode() & 0o111 != 0 && !is_guard
    };
    let system = SYSTEM_GIT.iter().map(PathBuf::from);
    let on_path = search_path
        .unwrap_or_default()
        .split(':')
        .map(bytes::path)
        .filter(|directory| directory.is_absolute() && !is_writable_by_all(directory))
        .map(|directory| directory.join("git"));
    system.chain(on_path).find(|candidate| is_usable(candidate))
}

fn is_writable_by_all(directory: &Path) -> bool {
    fs::metadata(directory).is_ok_and(|found| found.permissions().mode() & 0o002 != 0)
}

/// Whether a work tree has its root at `directory`.
fn has_repository(directory: &Path) -> bool {
    let git = directory.join(".git");
    match fs::metadata(&git) {
        Ok(found) if found.is_dir() => fs::symlink_metadata(git.join("HEAD")).is_ok(),
        Ok(found) => found.is_file(),
        Err(_) => false,
    }
}

fn is_bare_repository(directory: &Path) -> bool {
    ["HEAD", "objects", "refs"].iter().all(|entry| fs::symlink_metadata(directory.join(entry)).is_ok())
}

/// Whether the repository at `root` says that its work tree is elsewhere (`core.worktree`), so
/// that what git reports is not about the files below `root`.
fn is_moved(root: &Path) -> bool {
    let git = root.join(".git");
    if !git.is_dir() {
        return false;
    }
    let says = |file: &str| {
        let Ok(config) = fs::read(git.join(file)) else {
            return false;
        };
        config.split(|byte| *byte == b'\n').any(|line| {
            let key = line.trim_ascii_start();
            let rest = key.get(8..).unwrap_or_default().trim_ascii_start();
            key.len() >= 8 && key[..8].eq_ignore_ascii_case(b"worktree") && rest.starts_with(b"=")
        })
    };
    says("config") || says("config.worktree")
}
