//! Rules: read from TOML, compiled, found by program, held against actions.
//!
//! `pack` reads a file by the shapes in `schema`, `condition` makes its `when` table a tree,
//! `compile` and `index` turn packs into bytes that need no decoding to be searched. `matcher`
//! holds the candidates against one action; `call`, `path`, `http` and `git` know one kind of leaf
//! each. The build compiles the built-in packs with the same sources, so those (`pack`, `schema`,
//! `list`, `condition`, `compile`, `index`, `error`) import nothing but the model and one another.

pub mod compile;
pub mod condition;
mod error;
mod glob;
pub mod index;
mod list;
mod pack;
pub mod schema;

pub use compile::{Prose, compile};
pub use error::PackError;
pub use pack::{Example, Pack, Rule};
