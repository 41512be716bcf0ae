//! What a freeze makes of a rule that matches.

use crate::model::{Decision, Effect, Freeze, Place, Scope, Target};

use super::compile::Prose;
use super::matcher::Held;

/// A freeze that holds of an action, and what of it.
type Frozen<'a> = (&'a Freeze, Scope);

impl<'a> Held<'a> {
    /// Whether anything is frozen.
    pub(super) fn is_frozen(&self) -> bool {
        !self.facts.frozen().is_empty()
    }

    /// What a rule demands, `Allow` where it does not count, and the freeze that has it so. That a rule is off
    /// spares a question, and no freeze, but where it is there for freezes alone.
    pub(super) fn demanded(&self, prose: &Prose) -> (Decision, Option<Frozen<'a>>) {
        let settled = self.rules.settled(prose);
        match self.freeze(&prose.scope) {
            None if prose.only_frozen => (Decision::Allow, None),
            None => (settled, None),
            Some(_) if prose.only_frozen && settled == Decision::Allow => (Decision::Allow, None),
            frozen => (Decision::Deny, frozen),
        }
    }

    /// The freeze of what a rule says of the action, if it is about these.
    fn freeze(&self, scopes: &[Scope]) -> Option<Frozen<'a>> {
        let all = self.facts.frozen().iter();
        all.flat_map(|freeze| scopes.iter().map(move |scope| (freeze, self.scope(*scope))))
            .find(|(freeze, scope)| freeze.covers(*scope))
    }

    /// What a rule about a scope is about here.
    fn scope(&self, scope: Scope) -> Scope {
        match scope {
            // What is done on another machine is done to a server.
            Scope::Local if matches!(self.action.place, Place::Remote(_)) => Scope::Infrastructure,
            Scope::Database if self.is_own_database() => Scope::Local,
            scope => scope,
        }
    }

    /// A database that is a file, or that nobody needs, is local work.
    fn is_own_database(&self) -> bool {
        let file = match &self.action.effect {
            Effect::Statement(statement) => {
                matches!(statement.database.target, Target::File | Target::Scratch)
            }
            _ => false,
        };
        file || self.action.scratch
    }
}

/// What is said of a rule that a freeze makes count: what to do instead is frozen, too, unless it was written for that.
pub(super) fn told(prose: Prose, frozen: Option<Frozen<'_>>) -> Prose {
    let Some((freeze, scope)) = frozen else { return prose };
    let safer = if prose.only_frozen { prose.safer } else { Vec::new() };
    Prose { why: freeze.why(scope), safer, ..prose }
}
