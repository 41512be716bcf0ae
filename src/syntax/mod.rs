//! Source text to a tree, and the tree's words to values.

mod arithmetic;
mod braces;
mod fields;
mod parameter;
mod pattern;
mod scope;
mod script;
mod trie;
mod value;
mod word;

pub use pattern::matches;
pub use scope::{Attribute, Function, Saved, Scope};
pub use script::{
    Arithmetic, AssignedValue, Assignment, CaseArm, Command, Dialect, Parameter, ParameterOp, Part,
    Proof, Redirect, RedirectKind, Script, Simple, Stmt, Word,
};
pub use word::{
    Run, assign, evaluate, expand, expand_heredoc, expand_one, expand_pattern, expand_target,
};
