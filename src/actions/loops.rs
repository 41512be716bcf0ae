//! Loops: unrolled over known lists, else followed once with what they assign forgotten.

use crate::model::{FileKind, Hole, Shape, Text, absolute};
use crate::syntax::{self, Arithmetic, Command, Part, Scope, Stmt, Word, is_name};

use super::conditions;
use super::done::{Done, join_output, repeated};
use super::walk::Walk;

/// The most rounds of one loop, or of loops within one another, that are followed one by one.
const ROUNDS: usize = 256;
/// The most rounds of a loop that are followed to find out what changes from one to the next.
const UNSETTLED: usize = 3;
/// The most links that are followed from one to the next; the kernel's own limit.
const LINKS: usize = 40;

impl Walk<'_> {
    /// `for NAMES in WORDS; do BODY; done`
    pub(super) fn for_loop(
        &mut self,
        names: &[String],
        words: Option<&[Word]>,
        body: &[Stmt],
        scope: &mut Scope<'_>,
    ) -> Done {
        scope.doubt_tests();
        let mut values = Vec::new();
        match words {
            Some(words) => {
                for word in words {
                    values.extend(syntax::expand(word, scope, self));
                }
            }
            None => values.extend(scope.positional().iter().cloned()),
        }
        let step = names.len().max(1);
        let rounds = self.rounds.saturating_mul(values.len().max(1));
        let few = !names.is_empty() && rounds <= ROUNDS;
        if !few || values.iter().any(Text::is_many) {
            let label = names.first().map_or_else(String::new, |name| format!("${name}"));
            let kinds: Vec<Text> = match few && step == 1 {
                true => values.iter().map(|value| kind(value, &label)).collect(),
                false => vec![Text::hole(&label, Shape::Any)],
            };
            let mut output = None;
            let settled = self.rounds(&[body], scope, |walk, scope| {
                output = Some(Text::default());
                for kind in &kinds {
                    for name in names {
                        scope.set(name, kind.clone());
                    }
                    output = join_output(output.take(), walk.sequence(body, scope).output);
                }
            });
            for name in names {
                scope.forget(name);
            }
            return Done::printing(output.filter(|_| settled).map(repeated));
        }
        let (left, returned) = (self.left, self.returned);
        let mut output = Some(Text::default());
        let around = std::mem::replace(&mut self.rounds, rounds);
        let mut ways = Vec::new();
        for round in values.chunks(step) {
            let left = self.left;
            for (index, name) in names.iter().enumerate() {
                scope.set(name, round.get(index).cloned().unwrap_or_default());
            }
            let done = self.skippable(std::slice::from_ref(&body), scope, |walk, scope| {
                walk.in_loop(|walk| walk.sequence(body, scope))
            });
            if self.left > left {
                // It may have been the last.
                ways.push(scope.clone());
            }
            output = match (output, done.output) {
                (Some(mut before), Some(after)) => {
                    before.append(&after);
                    Some(before)
                }
                _ => None,
            };
        }
        scope.join_with(ways);
        self.rounds = around;
        self.left = left + self.returned - returned;
        Done::printing(output)
    }

    /// A loop whose condition reads this many lines: one round each.
    pub(super) fn line_by_line(
        &mut self,
        lines: usize,
        condition: &[Stmt],
        body: &[Stmt],
        scope: &mut Scope<'_>,
    ) -> Done {
        scope.doubt_tests();
        let (left, returned) = (self.left, self.returned);
        let rounds = self.rounds.saturating_mul(lines.max(1));
        let around = std::mem::replace(&mut self.rounds, rounds);
        let mut output = Some(Text::default());
        let mut ways = Vec::new();
        for _ in 0..lines {
            self.tested(|walk| walk.sequence(condition, scope));
            let left = self.left;
            let done =
                self.skippable(&[body], scope, |walk, scope| walk.in_loop(|walk| walk.sequence(body, scope)));
            if self.left > left {
                ways.push(scope.clone());
            }
            output = output.zip(done.output).map(|(mut before, after)| {
                before.append(&after);
                before
            });
        }
        self.tested(|walk| walk.sequence(condition, scope));
        scope.join_with(ways);
        self.rounds = around;
        self.left = left + self.returned - returned;
        Done::printing(output)
    }

    /// Follows `while [ -h "$x" ]; do …; done` from link to link, as a script does that looks for itself; false where
    /// that leads to no certain end.
    pub(super) fn along_links(&mut self, condition: &[Stmt], body: &[Stmt], scope: &mut Scope<'_>) -> bool {
        let Some(word) = conditions::link_asked_for(condition) else {
            return false;
        };
        for _ in 0..LINKS {
            self.tested(|walk| walk.sequence(condition, scope));
            let path = syntax::expand_one(word, scope, self);
            let path = absolute(scope.directory(), &path);
            let kind = path.filter(|path| !self.written.contains(path)).map(|path| self.facts.kind(&path));
            match kind {
                None | Some(FileKind::Unknown) => return false,
                Some(FileKind::Symlink) => self.sequence(body, scope),
                Some(_) => return true,
            };
        }
        false
    }

    /// Follows the rounds of a loop of which neither the number nor the values are known, until a
    /// further one would tell nothing new; false where none did.
    pub(super) fn rounds<'a>(
        &mut self,
        bodies: &[&[Stmt]],
        scope: &mut Scope<'a>,
        mut round: impl FnMut(&mut Self, &mut Scope<'a>),
    ) -> bool {
        scope.doubt_tests();
        let (left, returned) = (self.left, self.returned);
        let forget = |scope: &mut Scope<'a>| {
            for body in bodies {
                forget_assigned(body, scope);
            }
        };
        forget(scope);
        let mut settled = false;
        for _ in 0..UNSETTLED {
            let before = scope.clone();
            self.perhaps(|walk| walk.in_loop(|walk| round(walk, scope)));
            forget(scope);
            *scope = Scope::join(&before, scope);
            settled = !Scope::differ(&before, scope);
            if settled {
                break;
            }
        }
        if !settled {
            scope.forget_all();
            scope.start_in(&Text::hole("$PWD", Shape::Directory));
            // What no round before met is met by one that knows nothing.
            self.perhaps(|walk| walk.in_loop(|walk| round(walk, scope)));
            scope.forget_all();
            scope.start_in(&Text::hole("$PWD", Shape::Directory));
        }
        self.left = left + self.returned - returned;
        settled
    }

    /// Follows what `break` and `continue` lead out of.
    fn in_loop<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.loops += 1;
        let done = inner(self);
        self.loops -= 1;
        done
    }

    /// Follows statements of which the last may be left out, by a `return` or a `break` before
    /// them: then what they assign is not known.
    pub(super) fn skippable<'a>(
        &mut self,
        bodies: &[&[Stmt]],
        scope: &mut Scope<'a>,
        inner: impl FnOnce(&mut Self, &mut Scope<'a>) -> Done,
    ) -> Done {
        let before = scope.clone();
        let skipped = self.skipped;
        let done = inner(self, scope);
        if self.skipped > skipped {
            for body in bodies {
                forget_assigned(body, scope);
            }
            *scope = Scope::join(&before, scope);
        }
        done
    }
}

/// What one of the words is that a word turns into: it, where what is unknown in it cannot hold
/// blanks.
fn kind(value: &Text, label: &str) -> Text {
    let whole = |hole: &Hole| hole.shape.is_word();
    if value.is_many() && (value.pieces().is_empty() || !value.holes().all(whole)) {
        return Text::hole(label, Shape::Any);
    }
    let mut one = Text::default();
    for piece in value.pieces() {
        one.push(piece.clone());
    }
    one
}

/// Forgets every variable that the statements may assign, so that a round that is not the first is
/// covered too.
pub(super) fn forget_assigned(stmts: &[Stmt], scope: &mut Scope<'_>) {
    let mut names = Vec::new();
    for stmt in stmts {
        assigned(stmt, &mut names, 0);
    }
    for name in names {
        scope.forget(&name);
    }
}

/// Forgets every name that stands in the expressions.
pub(super) fn forget_arithmetic(expressions: &[Arithmetic], scope: &mut Scope<'_>) {
    for expression in expressions {
        for name in arithmetic_names(expression) {
            scope.forget(&name);
        }
    }
}

fn arithmetic_names(expression: &Arithmetic) -> Vec<String> {
    let mut names = Vec::new();
    for part in &expression.word.parts {
        if let Part::Literal { text, .. } = part {
            names.extend(
                text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
                    .map(str::to_owned),
            );
        }
    }
    names
}

/// The names that a statement may assign in this shell.
fn assigned(stmt: &Stmt, names: &mut Vec<String>, depth: usize) {
    if depth > 64 {
        return;
    }
    let mut all = |stmts: &[Stmt]| {
        for stmt in stmts {
            assigned(stmt, names, depth + 1);
        }
    };
    match &stmt.command {
        Command::Simple(simple) => {
            names.extend(simple.assignments.iter().map(|a| a.name.clone()));
            names.extend(simple.declared.iter().map(|a| a.name.clone()));
            if simple.words.len() > 1 {
                for word in &simple.words {
                    for part in &word.parts {
                        // `read x`, `printf -v x`, `let x=1`: a builtin may assign any bare name.
                        if let Part::Literal { text, quoted: false } = part
                            && is_name(text.split('=').next().unwrap_or(""))
                            && assigns_by_name(simple.words.first())
                        {
                            names.push(text.split('=').next().unwrap_or("").to_owned());
                        }
                    }
                }
            }
        }
        Command::Pipeline(stmts) | Command::Group(stmts) => all(stmts),
        Command::Subshell(_) | Command::Test(_) | Command::Function { .. } | Command::Coproc { .. } => {}
        Command::And(left, right) | Command::Or(left, right) => {
            all(std::slice::from_ref(left));
            all(std::slice::from_ref(right));
        }
        Command::If { branches, otherwise } => {
            for (condition, body) in branches {
                all(condition);
                all(body);
            }
            if let Some(body) = otherwise {
                all(body);
            }
        }
        Command::While { condition, body } => {
            all(condition);
            all(body);
        }
        Command::For { names: own, body, .. } => {
            all(body);
            names.extend(own.iter().cloned());
        }
        Command::ArithmeticFor { expressions, body } => {
            all(body);
            names.extend(expressions.iter().flat_map(arithmetic_names));
        }
        Command::Case { arms, .. } => {
            for arm in arms {
                all(&arm.body);
            }
        }
        Command::Arithmetic(expression) => names.extend(arithmetic_names(expression)),
        Command::AnonymousFunction { body, .. } => all(std::slice::from_ref(body)),
        Command::Time(inner) => {
            if let Some(inner) = inner {
                all(std::slice::from_ref(inner));
            }
        }
    }
}

fn assigns_by_name(program: Option<&Word>) -> bool {
    let Some(Word { parts, .. }) = program else {
        return false;
    };
    match parts.as_slice() {
        [Part::Literal { text, .. }] => matches!(
            text.as_str(),
            "read" | "mapfile" | "readarray" | "printf" | "let" | "getopts" | "unset" | "wait"
        ),
        // An unknown program may be one of them.
        _ => true,
    }
}
