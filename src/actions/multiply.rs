//! Functions that start themselves more than once side by side: fork bombs.

use crate::syntax::{Command, Function, Part, Stmt};

/// What rules call such a function.
pub(super) const PROGRAM: &str = "(a function that multiplies)";

/// Whether each call of the function starts several more side by side.
pub(super) fn multiplies(name: &str, function: &Function) -> bool {
    function.bodies.iter().any(|body| started(name, std::slice::from_ref(&*body.stmt), false) > 1)
}

/// How often statements start the function `name` side by side with what follows; `beside`: all of
/// them run so.
fn started(name: &str, body: &[Stmt], beside: bool) -> usize {
    let one = |stmt: &Stmt| {
        let beside = beside || stmt.background;
        match &stmt.command {
            Command::Simple(simple) => {
                let is_name = simple.words.first().is_some_and(|word| match word.parts.as_slice() {
                    [Part::Literal { text, .. }] => text == name,
                    _ => false,
                });
                usize::from(beside && is_name)
            }
            Command::Pipeline(parts) => started(name, parts, true),
            Command::Group(inner) | Command::Subshell(inner) => started(name, inner, beside),
            _ => 0,
        }
    };
    body.iter().map(one).sum()
}
