//! What the core may ask about the world, and the shape of the answers.
//!
//! The core does no I/O: it is handed a [`Facts`], which the `context` edge implements on the real
//! machine and the rules' examples on an invented one.

use std::fmt;

use super::{Exception, Freeze};

/// What guard observes when a rule asks. Answers must not change during one judgement.
///
/// No question has an answer by default: facts that hand questions on and forget one would give that
/// one in place of what is known.
pub trait Facts {
    /// The directory in which the command line runs; absolute.
    fn directory(&self) -> &str;
    /// The home directory that the password database names; absolute, without trailing `/`.
    fn home(&self) -> &str;
    /// A variable of the environment that the shell will get.
    fn env(&self, name: &str) -> Option<String>;
    /// Whether variables that the environment does not set may come from startup files.
    fn startup_files_run(&self) -> bool;
    /// Whether nobody said where the command line runs: what is not found here may be there.
    fn is_placeless(&self) -> bool;
    /// What stands at an absolute, lexically normal path.
    fn path(&self, path: &str) -> PathFacts;
    /// The same, where its kind alone matters: git need not be asked.
    fn kind(&self, path: &str) -> FileKind;
    /// The same, where alone matters where it lies.
    fn location(&self, path: &str) -> Location;
    /// Whether something protected may be at a path, above it or below it.
    fn is_near_protected(&self, path: &str) -> bool;
    /// Where what stands at an absolute path lies, every symbolic link resolved, where it is known to
    /// be there: git need not be asked.
    fn real(&self, path: &str) -> Option<String>;
    /// What a symbolic link holds, as it stands there; `None` where that is not known.
    fn link(&self, path: &str) -> Option<String>;
    /// The paths that match an absolute pattern now; `None` where that is too many or unknown.
    fn glob(&self, pattern: &str) -> Option<Vec<String>>;
    /// The git work tree that a directory is in.
    fn git(&self, directory: &str) -> Option<GitFacts>;
    /// Whether nothing is lost with these branches and tags of the repository around a directory,
    /// each as `refs/heads/x` or `refs/tags/x`: it does not exist, or is a branch all of whose
    /// commits a remote, a tag, a default branch or the branch that is checked out has too.
    fn git_keeps(&self, directory: &str, refs: &[String]) -> bool;
    /// What the settings that git finds by itself let `git NAME` in a directory stand for; an error
    /// where git does not answer.
    fn git_alias(&self, directory: &str, name: &str) -> Result<Option<String>, ReadError>;
    /// A file's contents: at most `limit` bytes, else an error.
    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError>;
    /// The absolute path of a program by the caller's PATH.
    fn which(&self, program: &str) -> Option<String>;
    /// Whether a program's file is the system's own, which is not read.
    fn is_installed(&self, path: &str) -> bool;
    /// The other paths, in directories where programs are looked for, of the program at an absolute
    /// path that may be a copy.
    fn copied_from(&self, path: &str) -> Vec<String>;
    /// Whether nothing listens at a port of this machine now; not where that cannot be told.
    fn is_free(&self, port: u16) -> bool;
    /// The agent that calls, as far as the environment tells: a label, not a proof.
    fn agent(&self) -> Option<String>;
    /// What is frozen now; of several that are about the same the first is told.
    fn frozen(&self) -> &[Freeze];
    /// What a human excepted for a while; asked where something is held.
    fn exceptions(&self) -> &[Exception];
    /// Whether every exec of every descendant will be judged by the same rules before it happens.
    fn judges_execs(&self) -> bool;
    /// Whether `sudo` and its like give other rights to what is judged so, as they do to root's.
    fn keeps_rights(&self) -> bool;
}

/// Whether a path is where the system's programs are put.
pub fn is_where_installed(path: &str) -> bool {
    let installed = ["/usr/", "/bin/", "/sbin/", "/lib", "/opt/", "/nix/", "/snap/"];
    installed.iter().any(|root| path.starts_with(root))
}

/// Where a path lies. The classes exclude each other; the first that fits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// `/` itself, or all of its entries.
    Root,
    /// A home directory itself, or a directory above it.
    Home,
    /// A device that holds data: `/dev/sda`, `/dev/nvme0n1p1`.
    Device,
    /// A device or file that holds none: `/dev/null`, `/dev/stdout`, `/proc/self/fd/1`.
    Void,
    /// Below the temporary directories, not these themselves.
    Temporary,
    /// What the machine needs to run, or other services' data: `/etc`, `/usr`, `/var/lib`.
    System,
    /// The workspace's own directory (the git work tree's root, else the directory in which the
    /// session works), or a directory above it.
    Workspace,
    /// Below the workspace's directory.
    Inside,
    /// Anywhere else.
    Outside,
}

/// What git knows of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackState {
    /// In no work tree, or git could not tell: nothing keeps a copy.
    Unknown,
    /// Git's own files: `.git` and what is in it.
    Metadata,
    /// Tracked, and the same as in the last commit: git keeps it.
    Clean,
    /// Tracked, with changes that are not committed.
    Modified,
    /// Tracked, and git could not merge it: what stands there has git's marks.
    Conflict,
    /// Neither tracked nor ignored.
    Untracked,
    /// Ignored by git.
    Ignored,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Nothing.
    Absent,
    /// A regular file of no length.
    EmptyFile,
    /// A regular file.
    File,
    /// A directory with nothing in it.
    EmptyDirectory,
    /// A directory.
    Directory,
    /// A symbolic link; what it leads to is untouched by its deletion.
    Symlink,
    /// A device, socket or pipe.
    Special,
    /// Not known: no permission to look.
    Unknown,
}

/// How a path lies to some places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Reach {
    /// Elsewhere.
    #[default]
    Apart,
    /// Above one of them.
    Above,
    /// One of them, or below one.
    Within,
}

/// What guard observed of one path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathFacts {
    /// The path with every symbolic link but a last one resolved, as far as it exists.
    pub real: String,
    /// Where a write to it ends up if it is a symbolic link; absolute. Its deletion does not
    /// follow it.
    pub target: Option<String>,
    /// Where it lies, by its real path.
    pub location: Location,
    /// What stands there.
    pub kind: FileKind,
    /// What git knows of it; for a directory the worst that is below it: `Modified` before
    /// `Conflict` before `Untracked` before `Ignored` before `Clean`.
    pub state: TrackState,
    /// All of it can be made again: build output, caches, installed packages.
    pub reproducible: bool,
    /// How it lies to guard's own places: configuration, state, links, binary.
    pub own: Reach,
    /// How it lies to what nothing may write (`[protect] read_only`).
    pub read_only: Reach,
    /// How it lies to what nothing may delete (`[protect] no_delete`).
    pub no_delete: Reach,
    /// Read by a shell, an editor, git or the system later on, as the human: `.bashrc`, git
    /// hooks, `.vscode/settings.json`, crontabs, units.
    pub startup: bool,
    /// Holds credentials: `~/.ssh`, `.env`, `~/.aws/credentials`.
    pub credential: bool,
    /// Another file system is mounted on it or below it, or it lies where disks and shares are
    /// mounted: `/Volumes`, `/mnt`.
    pub mount: bool,
}

impl PathFacts {
    /// Of a path of which nothing was observed.
    pub fn unknown(path: &str) -> PathFacts {
        PathFacts {
            real: path.to_owned(),
            target: None,
            location: Location::Outside,
            kind: FileKind::Unknown,
            state: TrackState::Unknown,
            reproducible: false,
            own: Reach::Apart,
            read_only: Reach::Apart,
            no_delete: Reach::Apart,
            startup: false,
            credential: false,
            mount: false,
        }
    }
}

/// What guard observed of a git work tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct GitFacts {
    /// The work tree's root; absolute.
    pub root: String,
    /// The branch that is checked out; `None` where none is.
    pub branch: Option<String>,
    /// Its upstream, `origin/main`.
    pub upstream: Option<String>,
    /// Commits on this branch that its upstream has not; `None` where it has no upstream.
    pub ahead: Option<u32>,
    /// Commits on the upstream that this branch has not.
    pub behind: Option<u32>,
    /// Tracked files with changes that are not committed, staged ones too.
    pub modified: u32,
    /// The files that `modified` counts, by path from the root; of very many only some.
    pub changed: Vec<String>,
    /// Files neither tracked nor ignored.
    pub untracked: u32,
    /// Ignored files or directories that cannot be made again.
    pub precious_ignored: u32,
    /// Stashes.
    pub stashes: u32,
    /// The state could not be read whole: nothing may be cleared by it.
    pub incomplete: bool,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReadError {
    /// There is none.
    Absent,
    /// It is longer than the limit.
    TooLarge,
    /// It is no regular file: a pipe, a device, a directory.
    NotRegular,
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Absent => f.write_str("no such file"),
            ReadError::TooLarge => f.write_str("too large to be read"),
            ReadError::NotRegular => f.write_str("not a regular file"),
            ReadError::Other(why) => f.write_str(why),
        }
    }
}
