//! Source text to a tree, and the tree's words to values.

mod parse;
mod script;
mod tokens;

pub use parse::{LONGEST, parse};
pub use script::{
    Arithmetic, AssignedValue, Assignment, CaseArm, Command, Dialect, Parameter, ParameterOp, Part,
    Proof, Redirect, RedirectKind, Script, Simple, Stmt, Word,
};
