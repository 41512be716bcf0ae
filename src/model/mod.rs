//! Plain data: the words in which every other part of guard speaks.
//!
//! Nothing here imports another part of the crate, reads a file, asks a clock or prints.

mod action;
pub mod bytes;
mod decision;
pub mod evidence;
mod example;
mod exception;
mod facts;
mod freeze;
mod glob;
mod host;
#[cfg(test)]
#[allow(missing_docs)]
pub mod machine;
mod path;
mod plain;
pub mod redact;
mod request;
mod span;
mod statement;
mod text;
mod verdict;

pub use action::{
    Action, Call, Committed, Effect, Exported, Input, Inside, Kept, Opaque, PathEffect, PathOp, Place,
    ScriptFile, Unprovable, Via,
};
pub use decision::{Decision, Match, Severity};
pub use evidence::{Evidence, EvidenceKind};
pub use example::{ExampleWorld, GitExample};
pub use exception::Exception;
pub use facts::{
    Facts, FileKind, GitFacts, Location, PathFacts, Reach, ReadError, TrackState, is_where_installed,
};
pub use freeze::{Freeze, FrozenBy, Scope};
pub use glob::{expands_to, name_matches, path_matches};
pub use host::{LOOPBACK, is_loopback};
pub use path::{absolute, base_name, is_at_or_below, is_below, normal, parent};
pub use plain::{pieces, plain};
pub use request::{Body, GraphqlField, GraphqlKind, GraphqlOperation, Request};
pub use span::Span;
pub use statement::{Database, ObjectKind, Statement, StatementKind, Target};
pub use text::{Hole, Piece, Shape, Text};
pub use verdict::{Finding, Obligation, SYNTAX_ERROR, Verdict};
