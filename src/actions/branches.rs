//! What runs only if something before it succeeded or failed: `if`, `&&`, `||`.

use crate::syntax::{Command, Scope, Stmt};

use super::conditions::{Gone, KNOWN};
use super::done::{Done, Status, join_output};
use super::outcomes::surely_redirect;
use super::walk::Walk;

/// The statements of a chain of `&&`, in order, however the tree groups them.
pub(super) fn links<'s>(stmt: &'s Stmt, out: &mut Vec<&'s Stmt>) {
    match &stmt.command {
        Command::And(left, right) if stmt.redirects.is_empty() && !stmt.negated && !stmt.background => {
            links(left, out);
            links(right, out);
        }
        _ => out.push(stmt),
    }
}

/// Whether a command of which it is known that it succeeds has nothing around it that may fail.
fn surely_succeeds(stmt: &Stmt) -> bool {
    matches!(stmt.command, Command::Simple(_)) && surely_redirect(&stmt.redirects)
}

impl Walk<'_> {
    /// Follows the branches of an `if`, each with its condition.
    pub(super) fn branches(
        &mut self,
        branches: &[(Vec<Stmt>, Vec<Stmt>)],
        otherwise: Option<&[Stmt]>,
        scope: &mut Scope<'_>,
    ) -> Done {
        let mut ways = Vec::new();
        let (mut gone, mut remains) = (Vec::new(), Vec::new());
        for (condition, body) in branches {
            let known = gone.clone();
            let tested = self.knowing(&known, |walk| walk.tested(|walk| walk.sequence(condition, scope)));
            match tested.decided {
                Some(false) => continue,
                Some(true) => {
                    let certain = ways.is_empty();
                    let mut follow = |walk: &mut Self| walk.sequence(body, scope);
                    let done = if certain { follow(self) } else { self.perhaps(follow) };
                    let sure = done.status.surely_ends_list() && certain;
                    scope.join_with(ways);
                    return Done { decided: tested.decided.filter(|_| sure), ..done };
                }
                None => {}
            }
            let mut taken = scope.clone();
            let here = [known, tested.gone.if_true].concat();
            let done = self.knowing(&here, |walk| walk.perhaps(|walk| walk.sequence(body, &mut taken)));
            ways.push(taken);
            gone.extend(tested.gone.if_false);
            gone.drain(..gone.len().saturating_sub(KNOWN));
            if branches.len() == 1 && otherwise.is_none() && done.status.ends_list() {
                remains.clone_from(&gone);
            }
        }
        if ways.is_empty() {
            let done = otherwise.map_or_else(Done::silent, |body| self.sequence(body, scope));
            let decided = Some(true).filter(|_| done.status.surely_ends_list());
            return Done { decided, ..done };
        }
        if let Some(body) = otherwise {
            self.knowing(&gone, |walk| walk.perhaps(|walk| walk.sequence(body, scope)));
        }
        scope.join_with(ways);
        Done { remains, ..Done::unknown() }
    }

    /// Follows statements each of which runs if all before it succeeded.
    pub(super) fn conjunction(&mut self, links: &[&Stmt], scope: &mut Scope<'_>) -> Done {
        let mut failed: Option<Scope<'_>> = None;
        let mut done = Done::silent();
        let known = self.known.len();
        let (mut tells, mut decided) = (Gone::default(), true);
        for (index, link) in links.iter().enumerate() {
            if done.status != Status::Success {
                let mut left = scope.clone();
                if let Some(stayed) = &done.stayed {
                    left.change_directory(stayed);
                }
                failed = Some(match failed {
                    Some(before) => Scope::join(&left, &before),
                    None => left,
                });
            }
            let gone = self.left;
            let (last, sure) = (index + 1 == links.len(), failed.is_none());
            let mut follow = |walk: &mut Self| match last {
                true => walk.statement(link, scope),
                // A failure on the left of `&&` does not end a shell with `set -e`.
                false => walk.tested(|walk| walk.statement(link, scope)),
            };
            let next = if sure { follow(self) } else { self.perhaps(follow) };
            if !last && self.left > gone {
                self.skipped += 1;
            }
            done = Done { output: join_output(done.output, next.output), ..next };
            self.learn(known, done.gone.if_true.clone());
            if done.decided == Some(false) {
                tells = Gone::default();
                break;
            }
            decided &= last || done.decided == Some(true);
            tells = match index {
                0 => done.gone.clone(),
                // What fails is the first, as long as the others do not.
                _ if link.redirects.is_empty()
                    && (done.status == Status::Success || done.status.ends_list()) =>
                {
                    tells
                }
                _ => Gone { if_true: [tells.if_true, done.gone.if_true.clone()].concat(), ..Gone::default() },
            };
        }
        self.known.truncate(known);
        let remains = if done.status.ends_list() { tells.if_false.clone() } else { Vec::new() };
        let Some(failed) = failed else {
            let decided = match done.status {
                Status::Breaks | Status::Leaves if decided => Some(true),
                Status::Success if decided && links.last().is_some_and(|last| surely_succeeds(last)) => {
                    Some(true)
                }
                _ => done.decided.filter(|_| decided),
            };
            return Done { gone: tells, remains, decided, ..done };
        };
        *scope = match done.status.ends_list() {
            true => failed,
            false => Scope::join(scope, &failed),
        };
        if done.status == Status::Tries {
            scope.doubt_tests();
        }
        Done { gone: tells, remains, ..Done::unknown() }
    }

    /// Follows `right`, which runs if `first` failed.
    pub(super) fn or_else(&mut self, first: Done, right: &Stmt, scope: &mut Scope<'_>) -> Done {
        if first.decided == Some(true) {
            return first;
        }
        let mut failed = scope.clone();
        if let Some(stayed) = first.stayed {
            failed.change_directory(&stayed);
        }
        let second = self
            .knowing(&first.gone.if_false, |walk| walk.perhaps(|walk| walk.statement(right, &mut failed)));
        if first.decided == Some(false) {
            *scope = failed;
            let decided = first.decided.filter(|_| second.status.surely_ends_list());
            return Done { decided, ..second };
        }
        if second.status == Status::Tries {
            scope.doubt_tests();
        }
        if second.status.ends_list() {
            return Done { remains: first.gone.if_true, ..Done::unknown() };
        }
        *scope = Scope::join(scope, &failed);
        // What succeeded has printed all that is printed.
        let output = first.output.filter(|_| first.status == Status::Success);
        let if_false = [first.gone.if_false, second.gone.if_false].concat();
        Done { gone: Gone { if_false, ..Gone::default() }, ..Done::printing(output) }
    }
}
