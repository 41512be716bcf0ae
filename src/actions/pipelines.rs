//! Pipelines and subshells.

use crate::model::Input;
use crate::syntax::{Dialect, Scope, Stmt};

use super::done::Done;
use super::walk::Walk;

impl Walk<'_> {
    /// Follows the stages of a pipeline, each reading what the one before prints.
    pub(super) fn pipeline(&mut self, stages: &[Stmt], scope: &mut Scope<'_>) -> Done {
        let saved = self.context.clone();
        let mut done = Done::silent();
        let mut first = self.found.actions.len();
        for (index, stage) in stages.iter().enumerate() {
            let second = self.found.actions.len();
            let last = index + 1 == stages.len();
            self.context.capture = if last { saved.capture } else { true };
            if last {
                self.reads_of_stages(stages, scope);
            }
            if index > 0 {
                self.context.input = match done.output.take() {
                    Some(text) => Input::Text(text.into()),
                    None => Input::Unknown,
                };
            }
            // zsh runs the last stage in the shell itself.
            done = if last && self.context.dialect == Dialect::Zsh {
                self.statement(stage, scope)
            } else {
                self.subshell(scope, |walk, inner| walk.statement(stage, inner))
            };
            self.handed_back(first, second, scope);
            first = second;
        }
        self.context = saved;
        Done::printing(done.output)
    }

    /// Follows commands in a copy of the shell, traps included.
    pub(super) fn subshell<'a>(
        &mut self,
        scope: &Scope<'a>,
        inner: impl FnOnce(&mut Self, &mut Scope<'a>) -> Done,
    ) -> Done {
        let mut copy = scope.clone();
        let traps = self.traps.len();
        let (exits_on_error, exports_all, left) = (self.exits_on_error, self.exports_all, self.left);
        let leads = (!self.leads.is_empty()).then(|| self.leads.clone());
        let loops = std::mem::take(&mut self.loops);
        let done = inner(self, &mut copy);
        self.loops = loops;
        self.run_traps(traps, &mut copy);
        self.leads = leads.unwrap_or_default();
        (self.exits_on_error, self.exports_all, self.left) = (exits_on_error, exports_all, left);
        done.exited()
    }
}
