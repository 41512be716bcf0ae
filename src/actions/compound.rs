//! Follows compound commands, each as its kind runs.

use super::branches;
use super::conditions;
use super::done::{Done, join_output, repeated};
use super::loops;
use super::outcomes;
use super::walk::Walk;
use crate::model::{Match, Text};
use crate::syntax::{self, Command, Scope, Stmt};

impl Walk<'_> {
    /// A program of an unknown name may be a function that nothing else calls.
    pub(super) fn follow_unreached(&mut self, scope: &Scope<'_>) {
        if self.unknown_program {
            for (name, function) in scope.functions() {
                if self.entered_functions.contains(&name) {
                    continue;
                }
                for body in function.bodies {
                    let saved = self.context.clone();
                    self.context.certainty = Match::Maybe;
                    let mut inner = scope.clone();
                    inner.enter_function(&name, body.file.as_ref());
                    let file = body.file.and_then(|file| self.path_before(&file, &inner));
                    self.context.committed.within(file);
                    self.statement(&body.stmt, &mut inner);
                    self.context = saved;
                }
            }
        }
    }

    pub(super) fn compound(&mut self, stmt: &Stmt, scope: &mut Scope<'_>) -> Done {
        match &stmt.command {
            Command::Simple(_) => Done::unknown(),
            Command::Pipeline(stages) => self.pipeline(stages, scope),
            Command::And(left, right) => {
                let mut links = Vec::new();
                branches::links(left, &mut links);
                branches::links(right, &mut links);
                self.conjunction(&links, scope)
            }
            Command::Or(left, right) => {
                let gone = self.left;
                let first = self.tested(|walk| walk.statement(left, scope));
                if self.left > gone {
                    self.skipped += 1;
                }
                self.or_else(first, right, scope)
            }
            Command::Group(body) => self.sequence(body, scope),
            Command::Subshell(body) if conditions::only_returns(body) => Done::decided(scope.may_return()),
            Command::Subshell(body) => self.subshell(scope, |walk, inner| walk.sequence(body, inner)),
            Command::If { branches, otherwise } => self.branches(branches, otherwise.as_deref(), scope),
            Command::Case { subject, arms } => {
                let subject = syntax::expand_one(subject, scope, self);
                if let Some(arm) = conditions::arm_taken(&subject, arms) {
                    return self.sequence(&arm.body, scope);
                }
                let mut all = Vec::new();
                for arm in arms {
                    let patterns = arm.patterns.iter();
                    all.push(patterns.map(|word| syntax::expand_pattern(word, scope, self)).collect());
                }
                let fitting = self.fitting(&subject, arms, &all, scope);
                let sure = fitting.iter().position(|fits| *fits == Some(true)).unwrap_or(arms.len());
                if fitting.iter().take(sure).all(|fits| *fits == Some(false)) {
                    return arms.get(sure).map_or_else(Done::silent, |arm| self.sequence(&arm.body, scope));
                }
                let mut ways = Vec::new();
                let mut fallen: Option<Scope<'_>> = None;
                let possible =
                    arms.iter().zip(fitting).take(sure + 1).filter(|(_, fits)| *fits != Some(false));
                for (arm, _) in possible {
                    let mut taken = scope.clone();
                    if let Some(before) = fallen.take() {
                        taken = Scope::join(&taken, &before);
                    }
                    self.perhaps(|walk| walk.sequence(&arm.body, &mut taken));
                    if arm.falls_through {
                        fallen = Some(taken.clone());
                    }
                    ways.push(taken);
                }
                scope.join_with(ways);
                Done::unknown()
            }
            Command::While { condition, body } if self.along_links(condition, body, scope) => Done::quiet(),
            Command::While { condition, body } => {
                if let Some(lines) = self.lines_of_loop(condition) {
                    return self.line_by_line(lines, condition, body, scope);
                }
                let mut output = None;
                let inputs = self.kinds_of_lines();
                let settled = self.rounds(&[condition, body], scope, |walk, scope| {
                    output = Some(Text::default());
                    for input in &inputs {
                        walk.context.input = input.clone();
                        walk.tested(|walk| walk.sequence(condition, scope));
                        output = join_output(output.take(), walk.sequence(body, scope).output);
                    }
                });
                Done::printing(output.filter(|_| settled).map(repeated))
            }
            Command::For { names, words, body } => self.for_loop(names, words.as_deref(), body, scope),
            Command::ArithmeticFor { expressions, body } => {
                for expression in expressions {
                    syntax::evaluate(expression, scope, self);
                }
                loops::forget_arithmetic(expressions, scope);
                self.rounds(&[body], scope, |walk, scope| {
                    walk.sequence(body, scope);
                });
                Done::unknown()
            }
            Command::Test(words) => {
                let mut texts = Vec::new();
                let is_compared = |at: usize| match words.as_slice() {
                    [.., operator, _] => at + 1 == words.len() && outcomes::compares_pattern(operator),
                    _ => false,
                };
                for (at, word) in words.iter().enumerate() {
                    let text = match is_compared(at) {
                        true => syntax::expand_pattern(word, scope, self),
                        false => syntax::expand_one(word, scope, self),
                    };
                    self.subscript(&text, self.context.origin.map(word.span), scope);
                    texts.push(text);
                }
                if outcomes::may_assign(&texts, scope) {
                    scope.doubt_tests();
                }
                let outcome = conditions::decided(words, &texts);
                let outcome = outcome.or_else(|| self.outcome_of_test(words, &texts, scope));
                Done { gone: self.tested_words(&texts, scope), ..Done::decided(outcome) }
            }
            Command::Arithmetic(expression) => {
                let number = syntax::evaluate(expression, scope, self);
                Done::decided(self.outcome_of_number(number, scope))
            }
            Command::Function { names, body } => {
                for name in names {
                    if let Some(name) = syntax::expand_one(name, scope, self).as_known() {
                        scope.define(name, (**body).clone().into());
                    }
                }
                Done::silent()
            }
            Command::AnonymousFunction { body, args } => {
                let mut fields = Vec::new();
                for arg in args {
                    fields.extend(syntax::expand(arg, scope, self));
                }
                let saved = scope.positional().to_vec();
                scope.set_positional(fields);
                let done = self.statement(body, scope);
                scope.set_positional(saved);
                done
            }
            Command::Time(inner) => match inner {
                Some(inner) => self.statement(inner, scope),
                None => Done::silent(),
            },
            Command::Coproc { name, body } => {
                self.beside(name, body, scope);
                Done::unknown()
            }
        }
    }
}
