//! Source text to a tree, and the tree's words to values.

mod arithmetic;
mod braces;
mod charset;
mod fields;
#[cfg(test)]
mod oracle;
mod parameter;
mod parse;
mod pattern;
mod scope;
mod script;
mod tilde;
mod tokens;
mod trie;
#[cfg(test)]
mod unknowns;
mod value;
mod verify;
mod word;

pub use charset::Charset;
pub use parse::{LONGEST, is_descriptor, parse};
pub use pattern::matches;
pub use scope::{Attribute, Body, Function, PLACEHOLDER, Saved, Scope, is_name};
pub use script::{
    Arithmetic, AssignedValue, Assignment, CaseArm, Command, Dialect, FILE, Parameter, ParameterOp, Part,
    Proof, Redirect, RedirectKind, Script, Simple, Stmt, Word,
};
pub use word::{
    Run, assign, evaluate, expand, expand_heredoc, expand_into, expand_one, expand_pattern, expand_target,
};
