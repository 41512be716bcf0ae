//! What a rule's example says about the world it is judged in.

use std::collections::BTreeMap;

use super::Scope;

/// What an example says about the world; what it leaves out is as in the invented world that all
/// examples share (a clean work tree in `/home/dev/project`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleWorld {
    /// The directory in which the command runs.
    pub cwd: Option<String>,
    /// The home directory.
    pub home: Option<String>,
    /// Variables of the environment.
    pub env: BTreeMap<String, String>,
    /// Files that exist, by absolute path or relative to the project, and what git knows of each:
    /// `clean`, `modified`, `untracked`, `ignored`.
    pub files: BTreeMap<String, String>,
    /// Text of files that can be read; such a file exists, clean unless `files` says otherwise.
    pub contents: BTreeMap<String, String>,
    /// The state of the work tree.
    pub git: Option<GitExample>,
    /// What is frozen.
    pub frozen: Vec<Scope>,
}

/// What an example says about the git work tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitExample {
    /// Tracked files with changes that are not committed.
    pub modified: u32,
    /// Files neither tracked nor ignored.
    pub untracked: u32,
    /// Ignored files that cannot be made again.
    pub precious_ignored: u32,
    /// Commits that the upstream has not.
    pub ahead: u32,
    /// Stashes.
    pub stashes: u32,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// Whether the branch has an upstream.
    pub upstream: Option<bool>,
    /// Branches and tags with which nothing is lost.
    pub kept: Vec<String>,
    /// What git's own settings let subcommands stand for.
    pub aliases: BTreeMap<String, String>,
    /// Whether there is a work tree at all.
    pub work_tree: Option<bool>,
}
