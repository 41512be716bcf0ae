//! Source text to a tree, and the tree's words to values.

mod script;

pub use script::{
    Arithmetic, AssignedValue, Assignment, CaseArm, Command, Dialect, Parameter, ParameterOp, Part,
    Proof, Redirect, RedirectKind, Script, Simple, Stmt, Word,
};
