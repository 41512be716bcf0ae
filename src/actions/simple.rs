//! Simple commands: assignments, builtins that change the shell, functions, program calls.

use std::rc::Rc;

use crate::model::{Call, Effect, Input, Match, PathEffect, PathOp, Shape, Span, Text, base_name};
use crate::syntax::{self, AssignedValue, Dialect, Function, Scope, Simple, Stmt};

use super::conditions::{self, Gone};
use super::done::{self, Done, Status};
use super::loops::forget_assigned;
use super::planted::BUILTINS;
use super::walk::{CALLS, Origin, RECURSION, Walk};
use super::written::{self, Written};
use super::{Inner, deposits, disguise, multiply, outcomes, paths, wrappers};

impl Walk<'_> {
    /// Follows a simple command.
    pub(super) fn simple(&mut self, simple: &Simple, stmt: &Stmt, scope: &mut Scope<'_>) -> Done {
        let first = self.found.actions.len();
        let before_it = (!outcomes::surely_redirect(&stmt.redirects)).then(|| scope.clone());
        self.locate(stmt.span);
        let mut fields: Vec<(Text, Span)> = Vec::with_capacity(simple.words.len());
        let mut texts = Vec::new();
        for word in &simple.words {
            let span = self.context.origin.map(word.span);
            syntax::expand_into(word, scope, self, &mut texts);
            fields.extend(texts.drain(..).map(|text| (text, span)));
        }
        let mut env = Vec::new();
        if fields.is_empty() {
            for assignment in &simple.assignments {
                syntax::assign(assignment, scope, self);
                if self.exports_all {
                    scope.export(&assignment.name);
                }
                self.run_assigned(&assignment.name, self.context.origin.map(stmt.span), scope);
                if let Some(value) = scope.get(&assignment.name) {
                    self.subscript(&value, self.context.origin.map(stmt.span), scope);
                }
            }
        } else {
            for assignment in &simple.assignments {
                let value = match &assignment.value {
                    AssignedValue::Scalar(word) => syntax::expand_one(word, scope, self),
                    AssignedValue::Array(_) => Text::hole(&*assignment.name, Shape::Any),
                };
                env.push((assignment.name.clone(), value));
            }
        }
        let mut redirected = self.redirects(&stmt.redirects, scope);
        // Substitutions were other commands.
        self.locate(stmt.span);
        if let [(program, _)] = fields.as_slice()
            && program.as_known() == Some("exec")
        {
            self.keep_open(&mut redirected);
        } else if !self.leads.is_empty() && !fields.is_empty() {
            self.further_output(&mut redirected, self.context.origin.map(stmt.span));
        }
        for (text, span) in &fields {
            self.subscript(text, *span, scope);
        }
        let input = redirected.input.unwrap_or_else(|| self.context.input.clone());
        let saved = self.context.capture;
        self.context.capture = !redirected.outputs.is_empty() || (saved && !redirected.stdout_elsewhere);
        let span = self.context.origin.map(stmt.span);
        let (mut filtered, mut kept) = (Vec::new(), Vec::new());
        let mut started = (Vec::new(), Vec::new());
        let mut done = if fields.is_empty() {
            // `x=$(false)` has the status of what it ran.
            match simple.assignments.as_slice() {
                [made] if scope.get(&made.name).is_some_and(|made| done::succeeds(&made)) => Done::silent(),
                _ => Done::quiet(),
            }
        } else {
            self.declare(&fields, simple, scope);
            kept = self.kept_by(&fields, &env, &redirected.outputs, scope);
            started = self.started_by(&fields, &env, scope);
            filtered = self.filtered_into(&fields, &redirected.outputs, scope);
            self.reads_of(&fields, &input, &redirected.outputs, scope);
            let second = self.found.actions.len();
            // `bash /dev/fd/3 3<<E`: what it opens is open for it alone.
            let opened = (!redirected.opened.is_empty()).then(|| self.opened.clone());
            self.opened.extend(redirected.opened.drain(..));
            let outcome = conditions::decided_by_call(&simple.words, &fields)
                .or_else(|| self.outcome_of_call(&fields, scope).filter(|_| simple.assignments.is_empty()));
            let name = fields[0].0.as_known().map(str::to_owned).filter(|_| outcome.is_some());
            let mut done = self.call(fields, env, input, span, scope, self.context.capture);
            let own = |name: String| scope.function(&name).is_some() || self.aliases.contains_key(&name);
            if name.is_some_and(|name| !own(name)) {
                done = Done { gone: done.gone, ..Done::decided(outcome) };
            }
            if let Some(opened) = opened {
                self.opened = opened;
            }
            if second > first {
                // What it reads was printed by a substitution.
                self.handed_back(first, second, scope);
            }
            done
        };
        self.context.capture = saved;
        for output in redirected.outputs {
            self.write(output, done.output.clone(), stmt.span, scope);
        }
        self.context.reads.clear();
        self.filtered.extend(filtered);
        if redirected.stdout_elsewhere {
            done.output = Some(Text::default());
        }
        self.may_not_have_run(before_it.as_ref(), scope);
        done.doubt_redirected(&stmt.redirects);
        if stmt.negated {
            done = done.negated();
        }
        if !stmt.redirects.is_empty() || !simple.assignments.is_empty() {
            // Either may fail before the command runs.
            done.gone = Gone::default();
        }
        if !stmt.negated {
            self.keep_known(&mut done, kept);
            done.gone.if_true.extend(started.0);
            self.servers.extend(started.1.iter().cloned());
            done.remains.extend(started.1);
        }
        done
    }

    /// Follows a call, given its words with their places in the outermost source.
    pub(super) fn call(
        &mut self,
        fields: Vec<(Text, Span)>,
        env: Vec<(String, Text)>,
        input: Input,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        let mut fields = fields.into_iter();
        // An unquoted word that vanishes leaves the next one as the program.
        let Some((program, _)) = fields.next() else {
            return Done::silent();
        };
        let (args, arg_spans) = fields.unzip();
        let call = Rc::new(Call { program, args, env, input, arg_spans });
        if call.program.is_many() && !call.args.is_empty() {
            // `$SUDO rm -rf x`: the first word may be empty, a wrapper, or a program of its own.
            let saved = self.context.clone();
            self.context.certainty = Match::Maybe;
            self.program(&Rc::new(shifted(&call)), span, &mut scope.clone(), false);
            self.context = saved;
        }
        self.program(&call, span, scope, capture)
    }

    /// Follows a call of a builtin, a function or a program.
    pub(super) fn program(
        &mut self,
        call: &Rc<Call>,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        if call.program.has_glob()
            && let Some(call) = self.by_pattern(call, scope)
        {
            return self.program(&Rc::new(call), span, scope, capture);
        }
        let Some(name) = call.program.as_known() else {
            self.unknown_program = true;
            // It may be a builtin that assigns.
            scope.doubt_tests();
            if disguise::is_changed(&call.program) {
                self.disguised(span, scope);
            }
            let settled = self.settles(call, scope);
            self.emit_settled(Effect::Call(Rc::clone(call)), settled, span, scope);
            if removes(call) {
                let saved = self.context.clone();
                self.context.certainty = self.context.certainty.and(Match::Maybe);
                let removing = Call { program: Text::known("rm"), ..Call::clone(call) };
                self.path_effects(&removing, settled, span, scope);
                self.context = saved;
            }
            return Done::unknown();
        };
        self.inherit_function(name, scope);
        if let Some(function) = scope.function(name) {
            let done = self.function(name, &function, call, span, scope);
            if function.certain && function.complete {
                return done;
            }
        }
        // Within its own text an alias is no alias.
        if !self.aliases.is_empty()
            && let Some(alias) = self.aliases.remove(name)
        {
            self.alias(&alias, call, span, scope);
            self.aliases.entry(name.to_owned()).or_insert(alias);
        }
        self.unaliased(call, span, scope, capture)
    }

    /// Follows a call of a builtin or a program; functions and aliases are not meant.
    pub(super) fn unaliased(
        &mut self,
        call: &Rc<Call>,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        let Some(name) = call.program.as_known() else {
            return self.program(call, span, scope, capture);
        };
        if let Some(done) = self.builtin(name, call, span, scope) {
            return done;
        }
        self.not_found(name, call, span, scope);
        self.executed(call, span, scope, capture)
    }

    /// The function that the shell calls where it finds no program of a name.
    fn not_found(&mut self, name: &str, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let handler = match scope.dialect() {
            Dialect::Bash => "command_not_found_handle",
            Dialect::Zsh => "command_not_found_handler",
            Dialect::Posix => return,
        };
        let Some(function) = scope.function(handler) else {
            return;
        };
        let is_there = name.contains('/')
            || wrappers::is_one_of(name, BUILTINS)
            || self.open.iter().any(|open| open == handler)
            || (self.context.place.is_local() && self.facts.which(name).is_some());
        if is_there {
            return;
        }
        let args = std::iter::once(&call.program).chain(&call.args).cloned().collect();
        let call = Call { args, arg_spans: Vec::new(), ..call.clone() };
        let saved = self.context.clone();
        self.context.certainty = self.context.certainty.and(Match::Maybe);
        // The shell calls it in a copy of itself.
        self.function(handler, &function, &call, span, &mut scope.clone());
        self.context = saved;
    }

    /// Follows a call of a program; functions, aliases and builtins are not meant.
    pub(super) fn executed(
        &mut self,
        call: &Rc<Call>,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        let Some(name) = call.program.as_known() else {
            return self.program(call, span, scope, capture);
        };
        if let Some(path) = self.planted(name, call, scope) {
            let call = Call { program: Text::known(path), ..(**call).clone() };
            return self.executed(&Rc::new(call), span, scope, capture);
        }
        if let Some(call) = self.planted_part(name, call, scope) {
            return self.executed(&Rc::new(call), span, scope, capture);
        }
        let mut call = self.readable(call, scope);
        if call.name() == Some("envsubst") {
            Rc::make_mut(&mut call).env.splice(0..0, scope.exported().iter().cloned());
        }
        if let Some(program) = self.original(name, &call, scope) {
            // A program by another name is that program, as the script alone knows.
            let call = Call { program, ..(*call).clone() };
            let within = self.exec_of_code(false);
            let saved = std::mem::replace(&mut self.context.exec, within);
            let done = self.executed(&Rc::new(call), span, scope, capture);
            self.context.exec = saved;
            return done;
        }
        for program in self.led_to(name, &call, scope) {
            let call = Call { program, ..(*call).clone() };
            self.executed(&Rc::new(call), span, &mut scope.clone(), false);
        }
        let scratch = self.is_scratch(&call, scope);
        let directory = scope.directory().as_known();
        let grown = self.grown.follow(&call, || self.facts.git(directory?)?.branch);
        let settled = self.settles(&call, scope);
        self.context.exec.direct = false;
        self.emit_settled(Effect::Call(Rc::clone(&call)), settled, span, scope);
        if let Some(action) = self.found.actions.last_mut() {
            action.scratch = scratch;
            action.staged |= grown;
        }
        let call = &*call;
        self.path_effects(call, settled, span, scope);
        self.doubt_absent(name);
        self.staged |= stages(name, call);
        self.http(call, settled, span, scope);
        self.sql(call, None, settled, span, scope);
        let mut entered = wrappers::enter(call, self.context.dialect);
        entered.extend(self.git_alias(call, scope));
        self.set_alias(call);
        // A wrapper hands them on.
        if !entered.iter().any(|entered| matches!(entered.inner, Inner::Call(_))) {
            let set = call.env.iter().map(|(name, value)| (name.as_str(), value));
            self.run_variables(set, span, scope);
        }
        if matches!(call.name(), Some("awk" | "gawk" | "mawk" | "nawk")) {
            self.hand_over(call, span, scope);
        }
        self.recipes(call, span, scope);
        self.startup_variable(call, span, scope);
        let mut done = Done::unknown();
        if entered.is_empty() {
            self.file_program(name, call, false, span, scope);
            done.status = self.status(name, call, scope);
            done.gone = self.tested_by(name, call, scope);
            if capture {
                done.output = self.printed(call, scope);
            }
        }
        if !entered.is_empty() && !self.leads_to_installed(name, call, scope) {
            // What has a known program's name may be a script of that name.
            self.file_program(name, call, true, span, &mut scope.clone());
        }
        let single = entered.len() == 1;
        let code = !entered.is_empty()
            && entered
                .iter()
                .all(|entered| matches!(entered.inner, Inner::Code { .. } | Inner::CodeFile { .. }));
        for inner in entered {
            let inner_done = self.enter(inner, call, span, scope, capture);
            if single {
                // A wrapper may fail by itself.
                done = Done { gone: Gone::default(), remains: Vec::new(), ..inner_done };
            }
        }
        if code && capture {
            done.output = self.printed(call, scope);
        }
        done
    }

    /// What a call does to paths; `settled`: its exec settles what its words leave open.
    fn path_effects(&mut self, call: &Call, settled: bool, span: Span, scope: &mut Scope<'_>) {
        let deposits = self.deposits(call, scope);
        for deposit in &deposits {
            if let Written::Text { source, .. } = &deposit.content {
                self.feed(&deposit.key, source, scope);
            }
        }
        self.put_back(call, &deposits, scope);
        let mut changed = Vec::new();
        let mut effects = paths::effects(call);
        effects.extend(self.cleared(call, scope));
        effects.extend(self.touched(call, scope));
        effects.retain(|effect| !self.is_below_file(effect, scope));
        let settled = self.told_by_words(settled, call, &effects, paths::effects);
        self.rebuilt(call, scope);
        self.changes_shell(call, span, scope);
        // What one call does to a file and to its copy is done to both.
        effects.iter().for_each(|effect| self.forget_copy(effect, scope.directory()));
        for (mut effect, settled) in effects.into_iter().zip(settled) {
            if effect.op == PathOp::Overwrite && self.is_filtered(call, &effect, scope) {
                effect.op = PathOp::Modify;
            }
            if effect.op != PathOp::Permissions {
                changed.extend(written::key(scope.directory(), &effect.path));
            }
            if effect.span.is_none() {
                effect.span = call
                    .args
                    .iter()
                    .position(|arg| *arg == effect.path)
                    .and_then(|index| call.arg_spans.get(index).copied());
            }
            self.former_effects(&effect, span, scope);
            self.renewed(&effect, call, scope);
            effect.content = self.settings_of(&effect, call, &deposits, scope).or(effect.content);
            let back = deposits::brought_back(&deposits, written::key(scope.directory(), &effect.path));
            self.emit_settled(Effect::Path(effect), settled, span, scope);
            if let (Some(back), Some(action)) = (back, self.found.actions.last_mut()) {
                action.kept.push(back);
            }
        }
        for effect in paths::remade(call) {
            self.forget_copy(&effect, scope.directory());
            self.former_effects(&effect, span, scope);
        }
        self.remember(changed, deposits);
    }

    /// The same at the paths by which what the script moved was known before.
    pub(super) fn former_effects(&mut self, effect: &PathEffect, span: Span, scope: &Scope<'_>) {
        let former = self.former(effect, scope).map(|path| PathEffect { path, ..effect.clone() });
        let mut swallowed = self.swallowed(effect, scope);
        swallowed.extend(former.iter().flat_map(|former| self.swallowed(former, scope)));
        // Each is judged like a command of its own, and a line may have many.
        self.statements += 8 * swallowed.len();
        let lost = |path| PathEffect { op: PathOp::Delete, recursive: true, path, ..effect.clone() };
        let all = former.into_iter().chain(swallowed.into_iter().map(lost));
        // An exec does not show what stood at a path before.
        all.for_each(|effect| self.emit_settled(Effect::Path(effect), false, span, scope));
    }

    /// Whether a program call succeeds, and what it leaves behind that matters to later commands.
    fn status(&mut self, name: &str, call: &Call, scope: &Scope<'_>) -> Status {
        match base_name(name) {
            "true" | ":" | "echo" | "printf" => Status::Success,
            "git" if call.args.iter().any(|arg| arg.as_known() == Some("--show-toplevel")) => {
                let root = self.printed(call, scope).is_some_and(|root| root.as_known().is_some());
                if root { Status::Success } else { Status::Unknown }
            }
            "mkdir" => self.make_directories(call, scope),
            _ => Status::Unknown,
        }
    }

    /// The call with its standard input read where that is a file that the script wrote.
    fn readable(&self, call: &Rc<Call>, scope: &Scope<'_>) -> Rc<Call> {
        if let Input::File(path) = &call.input
            && self.written_at(path, scope).is_some()
            && let Ok(text) = self.file_text(path, scope)
        {
            let input = Input::Text(text.into());
            return Rc::new(Call { input, ..(**call).clone() });
        }
        Rc::clone(call)
    }

    fn function(
        &mut self,
        name: &str,
        function: &Function,
        call: &Call,
        span: Span,
        scope: &mut Scope<'_>,
    ) -> Done {
        let open = self.open.iter().filter(|open| *open == name).count();
        // A call so deep that nothing is known of it any more stands for all that follow it.
        let deepest = open == RECURSION;
        if open > RECURSION {
            return Done::unknown();
        }
        self.calls += 1;
        if self.calls > CALLS {
            self.cut_short("too many calls of functions to follow");
            return Done::unknown();
        }
        if !self.entered_functions.contains(name) {
            self.entered_functions.insert(name.to_owned());
        }
        if open == 0 && multiply::multiplies(name, function) {
            let program = Text::known(multiply::PROGRAM);
            self.emit(Effect::Call(Rc::new(Call { program, ..Call::default() })), span, scope);
        }
        scope.doubt_tests();
        let before = scope.clone();
        let input = std::mem::replace(&mut self.context.input, call.input.clone());
        let loops = std::mem::take(&mut self.loops);
        self.open.push(name.to_owned());
        let mut ways = Vec::new();
        let mut done = Done::unknown();
        for body in &function.bodies {
            let mut way = before.clone();
            self.locals.push(Vec::new());
            for (name, value) in &call.env {
                self.cover(name, &way);
                way.set(name, value.clone());
            }
            way.set_positional(call.args.clone());
            let entered = way.enter_function(name, body.file.as_ref());
            let body = std::slice::from_ref(&*body.stmt);
            if deepest {
                forget_assigned(body, &mut way);
                way.set_positional(vec![Text::hole("$@", Shape::Any).into_many()]);
            }
            let left = self.left;
            done = self
                .layer(|walk| walk.skippable(&[body], &mut way, |walk, way| walk.sequence(body, way)))
                .unwrap_or_else(Done::unknown)
                .returned();
            self.left = left;
            for saved in self.locals.pop().unwrap_or_default().into_iter().rev() {
                way.restore(saved);
            }
            way.leave(entered);
            way.set_positional(before.positional().to_vec());
            ways.push(way);
        }
        self.open.pop();
        self.context.input = input;
        self.loops = loops;
        if !function.certain {
            ways.push(before);
        }
        if let Some(joined) = ways.into_iter().reduce(|a, b| Scope::join(&a, &b)) {
            *scope = joined;
        }
        if function.bodies.len() == 1 { done } else { Done::unknown() }
    }

    /// Remembers a variable that the open function makes its own.
    pub(super) fn cover(&mut self, name: &str, scope: &Scope<'_>) {
        if let Some(locals) = self.locals.last_mut() {
            locals.push(scope.save(name));
        }
    }

    /// An alias is expanded only where the shell has been told to; both ways are followed.
    fn alias(&mut self, alias: &Text, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let mut source = alias.clone();
        for arg in &call.args {
            source.push_str(" ");
            match arg.as_known() {
                Some(known) => source.push_str(&shell_words::quote(known)),
                None => source.append(arg),
            }
        }
        let saved = self.context.clone();
        self.context.certainty = Match::Maybe;
        self.context.origin = Origin::Within(span);
        self.layer(|walk| walk.shell_text(&source, &mut scope.clone(), None));
        self.context = saved;
    }
}

/// The call without its first word: what runs if that is empty.
fn shifted(call: &Call) -> Call {
    Call {
        program: call.args[0].clone(),
        args: call.args[1..].to_vec(),
        env: call.env.clone(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(1..).unwrap_or_default().to_vec(),
    }
}

/// `-rf`: whatever the program is called, that is how `rm` is told.
fn removes(call: &Call) -> bool {
    let flags = call.args.iter().filter_map(Text::as_known).filter_map(|arg| arg.strip_prefix('-'));
    flags
        .filter(|letters| letters.bytes().all(|letter| b"rRfvi".contains(&letter)))
        .any(|letters| letters.contains('f') && letters.contains(['r', 'R']))
}

/// Whether a call makes git track what it did not, or makes a repository.
fn stages(name: &str, call: &Call) -> bool {
    base_name(name) == "git"
        && call.args.iter().any(|arg| matches!(arg.as_known(), Some("add" | "init" | "stage")))
}
