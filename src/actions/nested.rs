//! Enters what wrappers, shells, interpreters and script files run.

use std::rc::Rc;

use crate::model::{
    Call, Effect, Input, Inside, Opaque, Piece, Place, ReadError, Shape, Span, Text, absolute,
};
use crate::syntax::{Dialect, PLACEHOLDER, Scope};

use super::code::Imported;
use super::done::{Done, Status};
use super::elsewhere::Elsewhere;
use super::interpreted::Code;
use super::shebang::{Interpreter, interpreter};
use super::walk::{Origin, STATEMENTS, Walk};
use super::{Entered, Inner, disguise, scratch};

impl Walk<'_> {
    /// Follows what a wrapper runs.
    pub(super) fn enter(
        &mut self,
        mut entered: Entered,
        outer: &Call,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        // Where one word may be read in two ways, wrapper in wrapper doubles what there is to follow.
        self.statements += self.context.via.len();
        if self.statements > STATEMENTS {
            self.cut_short("too many commands to follow");
            return Done::unknown();
        }
        let exec = self.exec_of(&entered, outer, scope);
        let saved = self.context.clone();
        self.context.exec = exec;
        Rc::make_mut(&mut self.context.via).push(entered.via);
        self.context.certainty = self.context.certainty.and(entered.certainty);
        if entered.inside.is_some() {
            self.context.inside = entered.inside;
        }
        self.context.input = outer.input.clone();
        self.context.capture = capture;
        if let Inner::Code { source, .. } = &entered.inner
            && let Some(database) =
                scratch::connected(outer, source).or_else(|| self.connected_for_tests(outer, scope))
        {
            self.context.database = database;
        }
        if let Inner::Call(call) = &mut entered.inner {
            call.env.extend(self.env_file(outer, scope));
        }
        if let Some(Place::Container(name)) = &entered.place {
            self.context.own = saved.place == Place::Local && self.is_own_container(outer, name, scope);
        }
        let same = matches!(
            entered.inner,
            Inner::Shell { same_shell: true, .. } | Inner::ShellFile { same_shell: true, .. }
        );
        self.context.unsure |= !same && !Self::hands_on(outer);
        let leaves = entered.place.as_ref().is_some_and(|place| !place.is_local());
        // What it reads there is a file of this machine's.
        if let (true, Input::File(path)) = (leaves, &outer.input)
            && let Ok(text) = self.file_source(path, scope)
        {
            self.context.input = Input::Text(text.clone().into());
            if let Inner::Call(call) = &mut entered.inner {
                call.input = Input::Text(text.into());
            }
        }
        match entered.place {
            // Another user's rights on another machine: it is still that machine.
            Some(Place::Privileged | Place::Local) if !self.context.place.is_local() => {}
            Some(place) => self.context.place = place,
            None => {}
        }
        let done = self.layer(|walk| {
            if leaves {
                // Another machine's variables and files are not this one's.
                let elsewhere = Elsewhere::new(walk.facts);
                let mut inner = walk.elsewhere(&elsewhere);
                let mut far = Scope::new(&elsewhere, Vec::new(), Dialect::Posix);
                if entered.mounts.is_some() {
                    let unknown = || Text::hole("the image's directory", Shape::Any);
                    far.start_in(&entered.directory.unwrap_or_else(unknown));
                }
                inner.inner(entered.inner, &[], span, &mut far);
                inner.run_traps(0, &mut far);
                if let Some(mounts) = entered.mounts.filter(|_| saved.place.is_local()) {
                    let found = std::mem::take(&mut inner.found.actions);
                    let (place, directory) = (&inner.context.place, scope.directory());
                    inner.found.actions = mounts.seen_outside(found, place, &saved.place, directory);
                }
                walk.take_back(inner.found, inner.statements);
                return Done::unknown();
            }
            match entered.directory {
                Some(directory) => {
                    let mut moved = scope.clone();
                    moved.change_directory(&directory);
                    walk.inner(entered.inner, &outer.env, span, &mut moved)
                }
                None => walk.inner(entered.inner, &outer.env, span, scope),
            }
        });
        self.context = saved;
        done.unwrap_or_else(Done::unknown)
    }

    /// A walk with other facts, that goes on where this one stands.
    fn elsewhere<'e>(&self, facts: &'e Elsewhere<'e>) -> Walk<'e>
    where
        Self: 'e,
    {
        Walk::at(self.source, self.context.clone(), self.layers, facts)
    }

    /// `env`: the variables that are set for the outer call alone.
    fn inner(&mut self, inner: Inner, env: &[(String, Text)], span: Span, scope: &mut Scope<'_>) -> Done {
        let covered: Vec<_> = match &inner {
            Inner::Call(_) => Vec::new(),
            _ => env.iter().map(|(name, _)| scope.save(name)).collect(),
        };
        for (name, value) in env.iter().take(covered.len()) {
            scope.set(name, value.clone());
            scope.export(name);
        }
        let done = self.entered(inner, span, scope);
        covered.into_iter().rev().for_each(|saved| scope.restore(saved));
        done
    }

    fn entered(&mut self, inner: Inner, span: Span, scope: &mut Scope<'_>) -> Done {
        match inner {
            Inner::Call(call) => {
                let (call, capture) = (Rc::new(call), self.context.capture);
                match self.context.via.last().map(|via| via.name.as_str()) {
                    // What the shell itself does with what stands behind these words.
                    Some("noglob" | "nocorrect" | "-") => self.program(&call, span, scope, capture),
                    Some("builtin" | "command") => self.unaliased(&call, span, scope, capture),
                    Some("exec") => {
                        Done { status: Status::Leaves, ..self.executed(&call, span, scope, capture) }
                    }
                    _ => self.executed(&call, span, &mut scope.clone(), capture).exited(),
                }
            }
            Inner::Shell { source, positional, dialect, same_shell, span: literal } => {
                let saved = self.context.clone();
                self.context.dialect = dialect;
                self.context.origin = self.origin_of(&source, literal, span);
                let done = if same_shell {
                    self.with_words(positional, scope, |walk, scope| walk.shell_text(&source, scope, None))
                } else {
                    let child = child(scope, positional, dialect);
                    self.subshell(&child, |walk, child| {
                        walk.exits_on_error = false;
                        walk.shell_text(&source, child, Some(dialect))
                    })
                };
                self.context = saved;
                done
            }
            Inner::ShellFile { path, positional, dialect, same_shell } => {
                let files = self.matching(&path, scope).into_iter();
                let each = files
                    .map(|path| self.shell_file(&path, positional.clone(), dialect, same_shell, span, scope));
                each.last().unwrap_or_else(Done::unknown)
            }
            Inner::Code { language, source, args } => {
                let code = Code { language, args: &args, file: false, imported: Imported::No };
                self.code_text(&code, &source, span, scope);
                Done::unknown()
            }
            Inner::CodeFile { language, path, args } => {
                let code = Code { language, args: &args, file: true, imported: Imported::No };
                self.matching(&path, scope).iter().for_each(|path| self.code_file(&code, path, span, scope));
                Done::unknown()
            }
            Inner::Unknown(what) => {
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
                Done::unknown()
            }
        }
    }

    /// Where nested source stands in the outermost: at an offset, where it is one plain quoted
    /// literal there, else somewhere within the command.
    fn origin_of(&self, source: &Text, literal: Option<Span>, span: Span) -> Origin {
        if let (Some(literal), Some(text)) = (literal, source.as_known()) {
            let raw = literal.slice(self.source);
            for quotes in [0, 1] {
                if raw.get(quotes..raw.len().saturating_sub(quotes)) == Some(text) {
                    return Origin::Offset(literal.start + quotes);
                }
            }
        }
        Origin::Within(span)
    }

    /// Follows shell source. Where parts of it are unknown, they are followed as one word each,
    /// and the whole counts as code that cannot be seen into.
    pub(super) fn shell_text(
        &mut self,
        source: &Text,
        scope: &mut Scope<'_>,
        dialect: Option<Dialect>,
    ) -> Done {
        let dialect = dialect.unwrap_or(self.context.dialect);
        if let Some(known) = source.as_known() {
            let script = self.parse(known, dialect);
            return self.script(&script, scope);
        }
        let mut text = String::new();
        for (index, piece) in source.pieces().iter().enumerate() {
            match piece {
                Piece::Known(known) | Piece::Glob(known) => text.push_str(known),
                Piece::Hole(hole) => {
                    let name = format!("{PLACEHOLDER}{}_{index}", self.layers);
                    text.push_str(&format!("${{{name}}}"));
                    let mut value = Text::default();
                    value.push(Piece::Hole(hole.clone()));
                    scope.set(&name, value);
                }
            }
        }
        let what = source.holes().next().map_or_else(|| source.display(), |hole| hole.label.clone());
        let span = self.context.origin.map(Span::new(0, 0));
        if disguise::is_code(source) {
            self.disguised(span, scope);
        }
        scope.admit_unset();
        if source.holes().any(|hole| hole.shape.is_any()) || source.is_many() {
            self.emit(Effect::Opaque(Opaque { what }), span, scope);
        }
        self.context.origin = Origin::Within(span);
        let script = self.parse(&text, dialect);
        self.script(&script, scope)
    }

    fn shell_file(
        &mut self,
        path: &Text,
        positional: Vec<Text>,
        dialect: Dialect,
        same_shell: bool,
        span: Span,
        scope: &mut Scope<'_>,
    ) -> Done {
        let name = absolute(scope.directory(), path).unwrap_or_else(|| path.display());
        if self.is_within(&name) {
            let what = format!("`{}` as it runs itself", path.display());
            self.emit(Effect::Opaque(Opaque { what }), span, scope);
            return Done::unknown();
        }
        let text = match self.file_source(path, scope) {
            Ok(text) => text,
            // A script that is not there runs nothing.
            Err(ReadError::Absent) => {
                scope.doubt_tests();
                return Done::unknown();
            }
            Err(why) => {
                let what = format!("`{}`: {why}", path.display());
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
                if same_shell {
                    scope.admit_unset();
                }
                return Done::unknown();
            }
        };
        self.open.push(name);
        let done = self.within_file(path, span, scope, |walk, scope| {
            if let Some(inside) = Inside::file(path, &text) {
                walk.context.origin = Origin::File(span);
                walk.context.inside = Some(inside);
            }
            if same_shell {
                return walk.with_words(positional, scope, |walk, scope| {
                    let (left, entered) = (walk.left, scope.enter_file(path));
                    let done = walk.shell_text(&text, scope, None).returned();
                    scope.leave(entered);
                    walk.left = left;
                    done
                });
            }
            walk.context.dialect = dialect;
            // Otherwise it reads its standard input.
            let named = positional.first().is_some_and(|zero| zero == path || zero.has_glob());
            let mut child = child(scope, positional, dialect);
            if named {
                child.enter_script();
            }
            walk.subshell(&child, |walk, child| {
                walk.exits_on_error = false;
                walk.shell_text(&text, child, Some(dialect))
            })
        });
        self.open.pop();
        done
    }

    /// Follows what `source FILE WORD…` runs, with words of its own where it is given any.
    fn with_words<'s>(
        &mut self,
        positional: Vec<Text>,
        scope: &mut Scope<'s>,
        inner: impl FnOnce(&mut Self, &mut Scope<'s>) -> Done,
    ) -> Done {
        let saved = (positional.len() > 1).then(|| scope.positional().to_vec());
        if saved.is_some() {
            scope.set_positional(positional.into_iter().skip(1).collect());
        }
        let done = inner(self, scope);
        if let Some(saved) = saved {
            scope.set_positional(saved);
        }
        done
    }

    /// A program given by a path may be a script; then it is read. `entered`: it has the name of one that was followed.
    pub(super) fn file_program(
        &mut self,
        name: &str,
        call: &Call,
        entered: bool,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        if !name.contains('/') || !self.context.place.is_local() {
            return;
        }
        let path = absolute(scope.directory(), &call.program).unwrap_or_else(|| call.program.display());
        if self.facts.is_installed(&path) {
            return;
        }
        let text = match self.file_source(&call.program, scope) {
            Ok(text) => text,
            Err(ReadError::Absent) => return,
            Err(_) if entered => return,
            Err(why) => {
                let what = format!("`{}`: {why}", call.program.display());
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
                return;
            }
        };
        let saved = self.context.exec;
        self.context.exec = self.exec_of_file(call, scope);
        self.context.unsure |= text.known_start().lines().next().is_some_and(reads_startup_files);
        let program = call.program.clone();
        let positional = std::iter::once(&program).chain(&call.args).cloned().collect();
        match interpreter(text.known_start()) {
            Interpreter::Shell(dialect) => {
                self.shell_file(&program, positional, dialect, false, span, scope);
            }
            Interpreter::Code(language) => {
                let code = Code { language, args: &call.args, file: true, imported: Imported::No };
                self.code_file(&code, &program, span, scope);
            }
            Interpreter::Other => {
                let what = format!("`{}`", program.display());
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
                if let Some(call) = by_kernel(text.known_start(), call)
                    && !self.is_within(&path)
                {
                    // The kernel starts it in the script's place.
                    self.context.exec = saved;
                    self.open.push(path);
                    self.within_file(&program, span, scope, |walk, scope| {
                        walk.executed(&Rc::new(call), span, &mut scope.clone(), false)
                    });
                    self.open.pop();
                }
            }
        }
        self.context.exec = saved;
    }

    /// Whether a program's path is a link to one of the system's.
    pub(super) fn leads_to_installed(&self, name: &str, call: &Call, scope: &Scope<'_>) -> bool {
        name.contains('/')
            && absolute(scope.directory(), &call.program)
                .filter(|path| !self.written.contains(path))
                .is_some_and(|path| {
                    let is_installed = |path: &str| self.facts.is_installed(path);
                    is_installed(&path) || self.facts.real(&path).is_some_and(|real| is_installed(&real))
                })
    }

    /// bash takes functions from its environment: `BASH_FUNC_name%%=() { … }`.
    pub(super) fn inherit_function(&mut self, name: &str, scope: &mut Scope<'_>) {
        if scope.dialect() != Dialect::Bash || self.asked_functions.contains(name) {
            return;
        }
        self.asked_functions.insert(name.to_owned());
        let variable = format!("BASH_FUNC_{name}%%");
        let given = || scope.get(&variable).and_then(|body| body.as_known().map(str::to_owned));
        if let Some(body) = self.facts.env(&variable).or_else(given)
            && scope.function(name).is_none()
        {
            let script = self.parse(&format!("{name} {body}"), Dialect::Bash);
            let entered = scope.enter_text();
            self.script(&script, scope);
            scope.leave(entered);
        }
    }

    /// A file that the shell reads before the source itself, in the same shell.
    pub(super) fn startup_file(&mut self, path: &str, scope: &mut Scope<'_>) {
        let path = Text::known(path);
        let dialect = self.context.dialect;
        self.shell_file(&path, Vec::new(), dialect, true, Span::default(), scope);
    }
}

/// What the kernel makes of a call of a script: its first line's program, with what else stands there as one word, and
/// the script's path in front of the arguments.
fn by_kernel(text: &str, call: &Call) -> Option<Call> {
    let line = text.strip_prefix("#!")?.lines().next()?.trim();
    let (program, word) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let word = Some(word.trim()).filter(|word| !word.is_empty()).map(Text::known);
    let args = word.into_iter().chain([call.program.clone()]).chain(call.args.iter().cloned()).collect();
    (!program.is_empty()).then(|| Call {
        program: Text::known(program),
        args,
        arg_spans: Vec::new(),
        ..call.clone()
    })
}

/// Whether a script's first line has its shell read startup files.
fn reads_startup_files(line: &str) -> bool {
    let mut flags = line.split_ascii_whitespace().skip(1).filter(|word| word.starts_with('-'));
    flags.any(|flags| !flags[1..].bytes().all(|flag| b"euxvf".contains(&flag)))
}

/// The state of a shell that this one starts: exported variables, the same directory.
pub(super) fn child<'f>(scope: &Scope<'f>, positional: Vec<Text>, dialect: Dialect) -> Scope<'f> {
    let mut child = Scope::new(scope.facts(), positional, dialect);
    if scope.is_doubted() || scope.get("BASH_ENV").is_some() {
        child.doubt_tests();
    }
    for (name, value) in scope.exported().iter() {
        child.set(name, value.clone());
        child.export(name);
    }
    scope.held_back().iter().for_each(|name| child.unset(name));
    if dialect == Dialect::Bash {
        // Which of them were exported is not followed: each may be.
        child.inherit_functions(scope);
    }
    child.start_in(scope.directory());
    child
}
