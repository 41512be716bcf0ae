//! The shape of a rule file, as it is written: the reference of every key.
//!
//! An unknown key or word is an error with file, line and column. What the keys of a condition
//! mean once they are compiled stands with [`super::condition::Condition`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::model::{Decision, EvidenceKind, ObjectKind, PathOp, Scope, Severity, StatementKind, Target};

use super::example_schema::ExamplesSchema;
use super::list::{List, Patterns};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSchema {
    /// What the file is.
    pub pack: PackSchema,
    /// What the pack knows of programs' grammars.
    #[serde(default)]
    pub tool: Vec<Spanned<ToolFacts>>,
    /// The rules.
    #[serde(default)]
    pub rule: Vec<RuleSchema>,
}

/// `[pack]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSchema {
    /// Lower-case word; every rule's id starts with it and a dot.
    pub id: Spanned<String>,
    /// What the pack is about, for people.
    pub title: String,
    /// What its rules are about, where they do not say it themselves.
    #[serde(default)]
    pub scope: List<Scope>,
}

/// `[[tool]]`: what the pack knows of a program's grammar. It serves every rule that names the
/// program; packs of a project serve only their own rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolFacts {
    /// Base names of the program, without patterns.
    pub program: List<String>,
    /// Options whose value is the next word, wherever they stand: `-C`, `--git-dir`.
    /// `--option=value` and `-Cvalue` are understood by that too.
    #[serde(default)]
    pub value_options: Vec<String>,
    /// Long options may be abbreviated (getopt_long, git).
    #[serde(default)]
    pub abbreviate: bool,
    /// Options are written `-long` (find, terraform, java): there are no clusters like `-rf`,
    /// and `--long` means the same as `-long`.
    #[serde(default)]
    pub single_dash: bool,
    /// What names the target that a call acts on, so that a name there may say production: options
    /// (`--context`), and variables of its environment (`AWS_PROFILE`).
    #[serde(default)]
    pub targets: Vec<String>,
    /// Its positionals name targets too.
    #[serde(default)]
    pub names_targets: bool,
}

/// `[[rule]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSchema {
    /// Pack id, dot, the fault in kebab-case: `railway.volume-delete`.
    pub id: Spanned<String>,
    /// What happens: lower case, third person, no full stop.
    pub title: Spanned<String>,
    /// How bad it is if it is a mistake: `low`, `medium`, `high`, `critical`.
    pub severity: Severity,
    /// What guard does: `warn`, `confirm`, `deny`. A rule with `only_frozen` says nothing here.
    pub decision: Option<Spanned<Decision>>,
    /// What it is about, where that is something else than what the pack says, one or several of: `local`,
    /// `deploy`, `database`, `infrastructure`, `git-remote`. While one of them is frozen, what matches is refused. Rules of others than
    /// the built-in packs are `local` where neither says anything, and so never frozen.
    #[serde(default)]
    pub scope: List<Scope>,
    /// It counts only while its scope is frozen: for what changes something without destroying it.
    #[serde(default)]
    pub only_frozen: bool,
    /// Why that is bad: one sentence or more.
    pub why: Spanned<String>,
    /// What to do instead: commands, which must themselves be allowed, or short advice.
    #[serde(default)]
    pub safer: Vec<String>,
    /// The loss can be kept first: `files`, `worktree`, `refs`. Where it cannot be kept the
    /// decision is at least `confirm`.
    pub undo: Option<Undo>,
    /// What is lost, by name.
    pub resource: Option<Resource>,
    /// When the rule holds.
    pub when: Spanned<When>,
    /// Commands that prove it.
    pub examples: Spanned<ExamplesSchema>,
}

/// What can be kept before the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Undo {
    /// The files that are hit.
    Files,
    /// The git work tree.
    Worktree,
    /// The old ids of remote references.
    Refs,
}

/// `resource`: where the name of what is lost is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resource {
    /// The value of one of these options: `{ option = ["--volume", "-v"] }`.
    Option(List<String>),
    /// The n-th positional after the subcommand, from 0: `{ arg = 0 }`.
    Arg(usize),
    /// The path that is hit: `{ path = true }`.
    Path(bool),
    /// An argument of a GraphQL field: `{ argument = "volumeId" }`. Where a request matches, an
    /// option or a positional stands for its first argument.
    Argument(String),
    /// Host and path of the request: `{ url = true }`.
    Url(bool),
    /// The object that an SQL statement names: `{ name = true }`. Where a call matches, its first
    /// positional after the subcommand.
    Name(bool),
}

/// `[rule.when]`: all keys of a table must hold; `any`, `all`, `not` nest.
///
/// A rule is held against one action at a time: a program call (`program` to `args`), a change at
/// a path (`path`), a request (`http`), or an SQL statement (`sql`). The keys of different kinds
/// cannot stand in one table;
/// `env`, `git`, `place`, `scratch`, `evidence` and `text` go with each of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Base name of the program called, wrappers peeled; patterns allowed: `python3*`.
    pub program: Option<Spanned<Patterns>>,
    /// Leading positionals, options between them skipped: `volume delete`. The words are
    /// patterns.
    pub subcommand: Option<Spanned<List<String>>>,
    /// One of these is given: short ones also in clusters, long ones also as `--flag=value` or,
    /// where the tool allows, abbreviated. Not after `--`.
    pub flag: Option<Spanned<List<String>>>,
    /// None of these is given.
    pub without_flag: Option<Spanned<List<String>>>,
    /// An option is given with a value.
    pub option: Option<Spanned<OptionTest>>,
    /// One of the positionals after the subcommand matches.
    pub arg: Patterns,
    /// The same by signs that an argument gives of itself (`*.rs`, `ext::*`): one quoted word of
    /// which nothing is known gives none.
    pub written: Patterns,
    /// The same by the known text of a word alone, an option too: what is not known matches
    /// nothing. For words in whose place something unknown stands every day: `kill "$PID"`.
    pub literal: Patterns,
    /// One of the positionals after the subcommand stands for all things of a kind that there are: what
    /// `docker ps -aq` and `kubectl get pods -o name` print, where nothing chooses among them.
    pub every: Option<bool>,
    /// The number of positionals after the subcommand.
    pub args: Option<Spanned<ArgsTest>>,
    /// Something is put into its standard input (a pipe, a file, a heredoc), or nothing is.
    pub input: Option<bool>,
    /// A variable is set for the call or in the environment.
    pub env: Option<Spanned<EnvTest>>,
    /// The action changes what stands at a path.
    pub path: Option<Spanned<PathTest>>,
    /// The action is an HTTP request.
    pub http: Option<Spanned<HttpTest>>,
    /// The action is an SQL statement.
    pub sql: Option<Spanned<SqlTest>>,
    /// The state of the git work tree that the command acts in.
    pub git: Option<Spanned<GitTest>>,
    /// Where it happens.
    pub place: List<PlaceWord>,
    /// Nobody needs what it drops: a database for tests, a stash that the script applied before; or
    /// that cannot be told.
    pub scratch: Option<bool>,
    /// Something of this kind was seen: a name of what would change says production (`production`), what a
    /// program is configured for is a database elsewhere (`database`), a credential stands in the command or
    /// comes from a file that is not this project's (`credential`).
    pub evidence: List<EvidenceKind>,
    /// A regular expression over the source text; the last resort, for users' own rules.
    pub text: Option<Spanned<String>>,
    /// One of these tables holds.
    pub any: Option<Spanned<Vec<Spanned<When>>>>,
    /// All of these tables hold.
    pub all: Option<Spanned<Vec<Spanned<When>>>>,
    /// This table does not hold.
    pub not: Option<Box<Spanned<When>>>,
}

/// `option`: given as `--name value`, `--name=value`, `-n value` or `-nvalue`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionTest {
    /// Its names: `-X`, `--request`.
    pub name: List<String>,
    /// The value matches one of these.
    pub value: Patterns,
    /// The option itself stands there: unknown words that may turn out to be it do not count.
    #[serde(default)]
    pub written: bool,
}

/// `args`: bounds, each optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArgsTest {
    /// At least this many.
    pub min: Option<usize>,
    /// At most this many.
    pub max: Option<usize>,
}

/// `env`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvTest {
    /// One of these variables, without patterns.
    pub name: List<String>,
    /// Its value matches one of these; any value where none is given.
    #[serde(default)]
    pub value: Patterns,
}

/// `path`: all given keys must hold of the same path.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PathTest {
    /// The change is one of these.
    pub op: List<PathOp>,
    /// The path is in one of these classes.
    pub class: List<PathClass>,
    /// The path is in none of these classes.
    pub not_class: List<PathClass>,
    /// The change reaches below the path, or not.
    pub recursive: Option<bool>,
    /// The program or operator that does it: `rm`, `>`.
    pub by: Patterns,
    /// The path's last component matches one of these: `*.db`; or all of it, where the pattern begins with
    /// `/` and no variable stands in the path.
    pub name: Patterns,
}

/// The classes of paths. A path is in exactly one of the classes of place and in any number of
/// the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathClass {
    /// Place: `/` itself, or all of its entries.
    Root,
    /// Place: a home directory itself, all of its entries, or a directory above it.
    Home,
    /// Place: a device that holds data.
    Device,
    /// Place: a device or file that holds none: `/dev/null`.
    Void,
    /// Place: below a temporary directory.
    Temporary,
    /// Place: what the machine needs to run, or other services' data.
    System,
    /// Place: the workspace's own directory, all of its entries, or a directory above it.
    Workspace,
    /// Place: below the workspace's directory.
    Inside,
    /// Place: anywhere else.
    Outside,
    /// Git's own files.
    GitMetadata,
    /// Tracked and the same as in the last commit.
    Clean,
    /// Tracked, with changes that are not committed.
    Modified,
    /// Tracked, and git could not merge it; modified too.
    Conflict,
    /// Neither tracked nor ignored.
    Untracked,
    /// Ignored by git.
    Ignored,
    /// In no git work tree.
    Unversioned,
    /// Modified, untracked or unversioned, and something with content stands there.
    Uncommitted,
    /// Can be made again: build output, caches, installed packages.
    Reproducible,
    /// Guard's own places; a directory above them too, where the change reaches down to them.
    Protected,
    /// Guard's own places, without the directories above them.
    Own,
    /// What `[protect] read_only` names; a directory above it too, where the change reaches down to it.
    ReadOnly,
    /// What `[protect] no_delete` names; a directory above it too, where the change reaches down to it.
    NoDelete,
    /// Read later on by a shell, an editor, git or the system, as the human.
    Startup,
    /// Holds credentials.
    Credential,
    /// Another file system is mounted on it or below it.
    Mount,
    /// Nothing stands there.
    Absent,
    /// A file or directory with nothing in it.
    Empty,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, socket or pipe.
    Special,
    /// On another machine or in a container; of its other classes only those of place are known.
    Remote,
}

/// `http`: all given keys must hold of the same request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpTest {
    /// The host, lower case, without port: `*.railway.app`.
    pub host: Patterns,
    /// The method, upper case.
    pub method: Patterns,
    /// The path with its leading `/`, without query.
    pub path: Patterns,
    /// The query without `?`.
    pub query: Patterns,
    /// A top-level field of a GraphQL mutation, by its real name.
    pub mutation: Patterns,
    /// The body holds a GraphQL operation of this kind.
    pub operation: Option<OperationWord>,
    /// Values in a JSON body, by top-level key or by pointer (`/a/b`); all must match.
    pub json: BTreeMap<String, Patterns>,
    /// What is known of the body.
    pub body: Option<BodyWord>,
    /// The whole body as text.
    pub body_text: Patterns,
    /// The host is this machine, or is not.
    pub loopback: Option<bool>,
}

/// `operation`: the kind of a GraphQL operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationWord {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
    /// Listens.
    Subscription,
}

/// `body`: what is known of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyWord {
    /// There is one that cannot be known before it runs.
    Unknown,
    /// It looks like GraphQL, but cannot be read.
    Unreadable,
    /// There is one.
    Any,
    /// What is sent is empty: an empty file, `/dev/null`.
    Nothing,
}

/// `sql`: all given keys must hold of the same statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SqlTest {
    /// What the statement does.
    pub kind: List<StatementKind>,
    /// To what kind of object.
    pub object: List<ObjectKind>,
    /// It has no condition, or one that holds of every row; or it has a real one.
    pub without_where: Option<bool>,
    /// The object's name, lower case, without quotes.
    pub name: Patterns,
    /// The program that sends it: `psql`; `code`.
    pub client: Patterns,
    /// The database's name or file.
    pub database: Patterns,
    /// Where the database is.
    pub target: List<Target>,
    /// Where it is not.
    pub not_target: List<Target>,
    /// The database's name, host or variable says that it is the one that counts, or does not.
    pub production: Option<bool>,
}

/// `git`: all given keys must hold. Facts that cannot be had count as holding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitTest {
    /// Tracked files have changes that are not committed.
    pub modified: Option<bool>,
    /// At one of the paths that the command names stands what the other keys ask for; all of the
    /// work tree counts where it names none.
    pub named: Option<bool>,
    /// `named`, and files in conflict do not count: what stands there is git's.
    pub settled: Option<bool>,
    /// A branch that the command names has commits that nothing else keeps, or a tag that it names
    /// exists.
    pub unkept: Option<bool>,
    /// In one of the other work trees that the command names is something that no commit holds.
    pub linked: Option<bool>,
    /// There are files neither tracked nor ignored.
    pub untracked: Option<bool>,
    /// There are ignored files that cannot be made again.
    pub precious_ignored: Option<bool>,
    /// The branch has commits that its upstream has not, or has no upstream.
    pub ahead: Option<bool>,
    /// There are stashes.
    pub stashes: Option<bool>,
    /// The branch that is checked out.
    pub branch: Patterns,
    /// The branch has an upstream.
    pub upstream: Option<bool>,
    /// The directory is in a work tree.
    pub work_tree: Option<bool>,
    /// The repository lies among temporary files.
    pub passing: Option<bool>,
    /// There is a work tree that guard could look at; without this key, what it could not look at counts as
    /// holding.
    pub seen: Option<bool>,
}

/// `place`: where an action happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceWord {
    /// On this machine.
    Local,
    /// On this machine with another user's rights.
    Privileged,
    /// On another machine.
    Remote,
    /// In a container, pod or changed root.
    Container,
}
