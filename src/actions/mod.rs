//! From a script to the effective things it would do.

mod branches;
mod builtins;
mod called;
mod code;
mod compound;
mod conditions;
mod configured;
mod credentials;
mod deposits;
mod disguise;
mod done;
mod edits;
mod elsewhere;
mod files;
mod flow;
mod forms;
mod git;
mod graphql;
mod http;
mod imports;
mod interpreted;
mod interpreters;
mod json;
mod kept;
mod loops;
mod masked;
mod mounts;
mod multiply;
mod names;
mod nested;
mod outcomes;
mod overlay;
mod paths;
mod pipelines;
mod placed;
mod plain;
mod planted;
mod pushes;
mod reads;
mod recipes;
mod redirects;
mod remote;
mod scratch;
mod servers;
mod settings;
mod settle;
mod shebang;
mod shells;
mod simple;
mod sql;
mod substitution;
mod unhook;
mod variables;
mod walk;
mod watching;
mod wire;
mod wrappers;
mod written;

pub use called::{acts_as, is_version_of};
pub use git::subcommand as git_subcommand;
pub use interpreted::is_committed;
pub use mounts::Mounts;
pub use plain::is_plain;
pub use settings::runs_nothing;
pub use settle::names_builtin;
pub use shebang::dialect;
pub use shells::SUBCOMMANDS;
pub use variables::followed_by;
pub use walk::{Walked, walk, walk_call};
pub use watching::Rights;

use crate::model::{Call, Inside, Match, PathEffect, Place, Request, Span, Text, Via};
use crate::syntax::Dialect;

/// What a wrapper, an interpreter or a remote shell would run, once its own words are peeled off.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// The layer that was peeled off.
    pub via: Via,
    /// Where the inner command runs, if not where the outer one does.
    pub place: Option<Place>,
    /// Its directory, if the wrapper changes it (`env -C`, `git -C` does not count).
    pub directory: Option<Text>,
    /// What a container sees of the place that starts it.
    pub mounts: Option<Mounts>,
    /// What runs.
    pub inner: Inner,
    /// Where it stands in a file that lists what programs run.
    pub inside: Option<Inside>,
    /// `Yes`: it runs with just these words. `Maybe`: the words are a guess.
    pub certainty: Match,
}

/// What runs inside.
#[derive(Debug, Clone, PartialEq)]
pub enum Inner {
    /// A program call (its `env` holds what the wrapper set, before the outer call's own).
    Call(Call),
    /// Shell source, evaluated with these positional parameters (`$0` first).
    Shell {
        /// The source; holes make it unprovable.
        source: Text,
        /// `$0`, `$1`, …
        positional: Vec<Text>,
        /// Whose grammar.
        dialect: Dialect,
        /// It runs in the same shell (`eval`, `source`, `trap`): variables and directory go on.
        same_shell: bool,
        /// Where `source` stands in the outermost source, if it stands there as one literal.
        span: Option<Span>,
    },
    /// A file of shell source.
    ShellFile {
        /// The file.
        path: Text,
        /// `$0`, `$1`, …
        positional: Vec<Text>,
        /// Whose grammar.
        dialect: Dialect,
        /// `source`, `.`
        same_shell: bool,
    },
    /// Code of another language.
    Code {
        /// Which.
        language: Language,
        /// The code; unknown parts are holes.
        source: Text,
        /// The arguments it gets.
        args: Vec<Text>,
    },
    /// A file with code of another language.
    CodeFile {
        /// Which.
        language: Language,
        /// The file.
        path: Text,
        /// The arguments it gets.
        args: Vec<Text>,
    },
    /// Something that is run but cannot be known, in words: `standard input of bash`.
    Unknown(String),
}

/// A language whose code guard reads, as far as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript (Node, Deno, Bun).
    JavaScript,
    /// Ruby: its literal strings.
    Ruby,
    /// Perl: its literal strings.
    Perl,
    /// PHP: its literal strings.
    Php,
    /// Lua: its literal strings.
    Lua,
    /// R: its literal strings.
    R,
    /// Julia: its literal strings.
    Julia,
    /// awk: its literal strings.
    Awk,
    /// Tcl: its plain words.
    Tcl,
    /// A language that hands strings to a shell by a call: its literal strings.
    Other,
}

/// One thing that a piece of code does.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeEffect {
    /// Starts a program without a shell.
    Call(Call),
    /// Does in its own process what such a call would do.
    Like(Call),
    /// Hands text to a shell (`os.system`, `shell=True`, `child_process.exec`).
    Shell(Text),
    /// Reads text as a shell does, and may do itself what a program would (`Bun.$`), or types it
    /// into a program.
    OwnShell(Text),
    /// Sends an HTTP request.
    Request(Request),
    /// Changes something at a path.
    Path(PathEffect),
    /// Sends SQL.
    Sql {
        /// What it sends.
        text: Text,
        /// Where to.
        database: CodeDatabase,
    },
    /// Runs the code of a file, in the same language.
    File {
        /// The file.
        path: Text,
        /// It is imported: it may stand beside the code, or below the directory, or nowhere.
        own: bool,
    },
}

/// The database that code connects to, as far as the code names it.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeDatabase {
    /// Nothing is known of it.
    Unknown,
    /// A file; in memory, if none is named.
    File(Option<Text>),
    /// A server, by its host, and the name or the address of a database.
    Server {
        /// The host.
        host: Option<Text>,
        /// A name, a URL, or words as `dbname=x host=y`.
        name: Option<Text>,
    },
}
