//! What git knows: of a work tree as a whole, and of single paths.
//!
//! Asks the real `git` and nothing else. What cannot be read whole is `incomplete`, so that
//! nothing is cleared by it. Directories in no work tree cost a few `stat`s and no process.

mod status;

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

use crate::model::{GitFacts, TrackState};

use status::{Tracked, Tree};

/// How long one `git` may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// How much `git status` may print.
const STATUS_LIMIT: usize = 8 << 20;
/// How much the list of tracked files may take.
const TRACKED_LIMIT: usize = 64 << 20;

/// Where `git` usually is. These come before PATH: an agent can write PATH, and this one runs
/// with nobody watching.
const SYSTEM_GIT: &[&str] = &[
    "/usr/bin/git",
    "/usr/local/bin/git",
    "/opt/homebrew/bin/git",
    "/run/current-system/sw/bin/git",
];

/// Variables that `git` needs to find its user's settings.
const PASSED: &[&str] = &["HOME", "XDG_CONFIG_HOME", "SUDO_UID"];

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
        }
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
        self.redirected
            .borrow_mut()
            .insert(directory.to_owned(), tree);
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
        self.roots
            .borrow_mut()
            .insert(directory.to_owned(), root.clone());
        root
    }

    fn tree(&self, root: &Path) -> Rc<Tree> {
        if let Some(tree) = self.trees.borrow().get(root) {
            return Rc::clone(tree);
        }
        let tree = Rc::new(self.observe(root, root, &[]));
        self.trees
            .borrow_mut()
            .insert(root.to_owned(), Rc::clone(&tree));
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
        tree.facts.root = root.to_string_lossy().into_owned();
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
        let program = self
            .program
            .get_or_init(|| find_git(self.search_path.as_deref()))
            .as_ref()?;
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
            .envs(self.passed.iter().map(|(name, value)| (name, value)))
            .envs(variables.iter().map(|(name, value)| (name, value)))
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
    thread::Builder::new()
        .spawn(move || {
            let mut printed = Vec::new();
            let most = u64::try_from(limit).unwrap_or(u64::MAX);
            let read = stdout.take(most.saturating_add(1)).read_to_end(&mut printed);
            // Nobody waits any more once the time is up.
            let _ = sender.send(read.ok().map(|_| printed));
        })
        .ok()?;
    let printed = receiver.recv_timeout(TIME_LIMIT).ok()??;
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
        let is_guard = own
            .as_ref()
            .is_some_and(|own| own.dev() == found.dev() && own.ino() == found.ino());
        found.is_file() && found.permissions().mode() & 0o111 != 0 && !is_guard
    };
    let system = SYSTEM_GIT.iter().map(PathBuf::from);
    let on_path = search_path
        .unwrap_or_default()
        .split(':')
        .map(Path::new)
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
    ["HEAD", "objects", "refs"]
        .iter()
        .all(|entry| fs::symlink_metadata(directory.join(entry)).is_ok())
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn observer(env: &[(&str, &str)]) -> GitObserver {
        let env: Vec<(String, String)> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let look_up = move |name: &str| {
            let found = env.iter().find(|(known, _)| known == name);
            found
                .map(|(_, value)| value.clone())
                .or_else(|| (name == "PATH").then(|| std::env::var(name).ok())?)
        };
        GitObserver::new(&look_up, |name| name == "target")
    }

    fn git(directory: &Path, args: &str) {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
            .args(args.split(' '))
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", directory)
            .env("GIT_EDITOR", "true")
            .output()
            .unwrap();
        // A rebase that stops at a conflict fails; what it leaves is looked at by the test.
        assert!(
            output.status.success() || args.starts_with("rebase"),
            "git {args}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn write(path: &Path, content: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A repository with one commit of `kept`, `src/kept` and `.gitignore`.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap().join("repo");
        fs::create_dir(&root).unwrap();
        git(&root, "init -q");
        write(&root.join("kept"), "one");
        write(&root.join("src/kept"), "one");
        write(&root.join(".gitignore"), "*.log\ntarget/\n.env\n");
        git(&root, "add .");
        git(&root, "commit -qm first");
        (scratch, root)
    }

    #[test]
    fn a_clean_tree_has_nothing_to_lose() {
        let (_scratch, root) = repository();
        let facts = observer(&[]).facts(&root.join("src")).unwrap();
        let wanted = GitFacts {
            root: root.to_string_lossy().into_owned(),
            branch: Some("main".into()),
            ..GitFacts::default()
        };
        assert_eq!(facts, wanted);
    }

    #[test]
    fn everything_that_can_be_lost_is_counted() {
        let (_scratch, root) = repository();
        write(&root.join("kept"), "stashed");
        git(&root, "stash -q");
        write(&root.join("kept"), "two");
        write(&root.join("src/staged"), "new");
        git(&root, "add src/staged");
        write(&root.join("notes/a"), "x");
        write(&root.join("target/x"), "x");
        write(&root.join(".env"), "x");
        write(&root.join("ä \n.log"), "x");
        let facts = observer(&[]).facts(&root).unwrap();
        assert_eq!((facts.modified, facts.untracked), (2, 1));
        assert_eq!((facts.precious_ignored, facts.stashes), (2, 1));
        assert!(!facts.incomplete);
    }

    #[test]
    fn the_state_of_a_path_is_the_worst_of_it() {
        let (_scratch, root) = repository();
        write(&root.join("kept"), "two");
        write(&root.join("notes/deep/a"), "x");
        write(&root.join("target/x"), "x");
        let observer = observer(&[]);
        let cases = [
            ("kept", TrackState::Modified),
            ("src", TrackState::Clean),
            ("src/kept", TrackState::Clean),
            ("notes", TrackState::Untracked),
            ("notes/deep", TrackState::Untracked),
            ("target/x", TrackState::Ignored),
            (".git/config", TrackState::Metadata),
            ("", TrackState::Metadata),
            ("absent", TrackState::Untracked),
        ];
        for (path, wanted) in cases {
            let path = if path.is_empty() { root.clone() } else { root.join(path) };
            assert_eq!(observer.state(&path), wanted, "{}", path.display());
        }
        assert_eq!(observer.state(root.parent().unwrap()), TrackState::Unknown);
    }

    #[test]
    fn changes_that_git_was_told_to_overlook_are_not_clean() {
        let (_scratch, root) = repository();
        git(&root, "update-index --assume-unchanged kept");
        git(&root, "update-index --skip-worktree src/kept");
        write(&root.join("kept"), "two");
        let observer = observer(&[]);
        assert_eq!(observer.state(&root.join("kept")), TrackState::Unknown);
        assert_eq!(observer.state(&root.join("src")), TrackState::Unknown);
    }

    #[test]
    fn upstream_and_unpushed_commits_are_seen() {
        let (scratch, root) = repository();
        git(scratch.path(), "clone -q repo clone");
        let clone = root.parent().unwrap().join("clone");
        git(&clone, "commit -q --allow-empty -m second");
        let facts = observer(&[]).facts(&clone).unwrap();
        assert_eq!(facts.upstream.as_deref(), Some("origin/main"));
        assert_eq!((facts.ahead, facts.behind), (Some(1), Some(0)));
    }

    #[test]
    fn odd_states_of_a_repository_are_read() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        git(&root, "init -q");
        write(&root.join("a"), "one");
        let facts = observer(&[]).facts(&root).unwrap();
        assert_eq!((facts.branch.as_deref(), facts.untracked), (Some("main"), 1));

        git(&root, "add .");
        git(&root, "commit -qm one");
        git(&root, "checkout -q -b side");
        write(&root.join("a"), "side");
        git(&root, "commit -qam side");
        git(&root, "checkout -q main");
        write(&root.join("a"), "main");
        git(&root, "commit -qam main");
        git(&root, "rebase -q side");
        let facts = observer(&[]).facts(&root).unwrap();
        assert_eq!((facts.branch.as_deref(), facts.modified), (None, 1));
        assert!(!facts.incomplete);
    }

    #[test]
    fn worktrees_and_submodules_are_trees_of_their_own() {
        let (_scratch, root) = repository();
        git(&root, "worktree add -q ../linked");
        let linked = root.parent().unwrap().join("linked");
        write(&linked.join("kept"), "two");
        let observer_ = observer(&[]);
        assert_eq!(observer_.facts(&linked).unwrap().modified, 1);
        assert_eq!(observer_.facts(&root).unwrap().modified, 0);
        assert_eq!(observer_.state(&linked), TrackState::Modified);

        git(&root, "submodule --quiet add ../repo sub");
        git(&root, "commit -qm sub");
        write(&root.join("sub/kept"), "two");
        let observer_ = observer(&[]);
        assert_eq!(observer_.facts(&root.join("sub")).unwrap().modified, 1);
        assert_eq!(observer_.facts(&root).unwrap().modified, 1);
        assert_eq!(observer_.state(&root.join("sub/kept")), TrackState::Modified);
        assert_eq!(observer_.state(&root.join("sub/src")), TrackState::Clean);
    }

    #[test]
    fn a_bare_repository_is_git_s_own_and_no_work_tree() {
        let (scratch, root) = repository();
        git(scratch.path(), "clone -q --bare repo bare.git");
        let bare = root.parent().unwrap().join("bare.git");
        assert_eq!(observer(&[]).facts(&bare), None);
        assert_eq!(observer(&[]).state(&bare), TrackState::Metadata);
        assert_eq!(observer(&[]).state(&bare.join("objects")), TrackState::Metadata);
    }

    #[test]
    fn variables_redirect_commands_but_not_what_is_kept() {
        let (_scratch, root) = repository();
        write(&root.join("kept"), "two");
        let elsewhere = root.parent().unwrap();
        let git_dir = root.join(".git");
        let observer = observer(&[
            ("GIT_DIR", git_dir.to_str().unwrap()),
            ("GIT_WORK_TREE", root.to_str().unwrap()),
        ]);
        let facts = observer.facts(elsewhere).unwrap();
        assert_eq!((facts.root.as_str(), facts.modified), (root.to_str().unwrap(), 1));
        assert_eq!(observer.state(&elsewhere.join("x")), TrackState::Unknown);
        assert_eq!(observer.state(&root.join("kept")), TrackState::Modified);
    }

    #[test]
    fn a_tree_that_git_cannot_read_clears_nothing() {
        let (_scratch, root) = repository();
        git(&root, "config core.worktree ..");
        let observer_ = observer(&[]);
        assert!(observer_.facts(&root).unwrap().incomplete);
        assert_eq!(observer_.state(&root.join("kept")), TrackState::Unknown);

        write(&root.join(".git/config"), "broken [");
        let observer_ = observer(&[]);
        assert!(observer_.facts(&root).unwrap().incomplete);
        assert_eq!(observer_.state(&root.join("kept")), TrackState::Unknown);
    }
}
