//! Rules: read from TOML, compiled, found by program, held against actions.
//!
//! `pack` reads a file by the shapes in `schema`, `condition` makes its `when` table a tree,
//! `compile` and `index` turn packs into bytes that need no decoding to be searched, `unnamed` knows
//! where rules stand for a program that is not known. `matcher` holds the candidates against one
//! action; `call`, `path`, `http`, `sql` and `git` know one kind of leaf each. The build compiles the
//! built-in packs with the same sources, so those (`pack`, `schema`, `example_schema`, `list`,
//! `condition`, `compile`, `index`, `unnamed`, `error`) import nothing but the model and one another.

mod almost;
mod arguments;
mod builtin;
mod call;
mod compile;
mod condition;
mod error;
mod example_schema;
mod examples;
#[cfg(test)]
mod fake;
mod finding;
mod frozen;
mod git;
mod glob;
mod http;
mod index;
mod lexical;
mod list;
mod load;
mod matcher;
mod nearest;
mod pack;
mod path;
mod paths;
mod production;
mod ruleset;
pub mod schema;
mod sql;
#[cfg(test)]
mod tests;
mod unnamed;

pub use almost::{Almost, CONDITION as NEAR, almost};
pub use builtin::builtin_texts;
pub use compile::{Prose, compile};
pub use condition::Condition;
pub use error::{PackError, in_words};
pub use examples::{ExampleFailure, ExampleFault, Judge, run_examples};
pub use index::Damage;
pub use list::List;
pub use load::load_dir;
pub use matcher::findings;
pub use nearest::nearest;
pub use pack::{Example, Pack, Rule};
pub use ruleset::{CompiledPack, RuleSet, Setting};
