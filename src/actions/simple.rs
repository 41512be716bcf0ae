//! Simple commands: assignments, builtins that change the shell, functions, program calls.

use std::borrow::Cow;
use std::path::Path;

use crate::model::{Call, Effect, FileKind, Input, Match, PathEffect, PathOp, Shape, Span, Text, absolute};
use crate::syntax::{self, AssignedValue, Attribute, Dialect, Function, Scope, Simple, Stmt, is_name};

use super::conditions::Gone;
use super::loops::forget_assigned;
use super::walk::{CALLS, Done, Origin, RECURSION, Status, Walk};
use super::written::{self, Written};
use super::{Inner, flow, multiply, paths, wrappers};

/// Builtins that are looked for nowhere else: names that no program need have.
const BUILTINS: &str = "eval source . : trap command builtin exec noglob nocorrect - type hash ulimit umask jobs fg bg \
    disown history complete compgen compopt bind enable help shopt caller times dirs fc suspend setopt unsetopt \
    autoload zstyle zmodload bindkey emulate print echo printf test [ true false kill pwd whence where which \
    compdef zle functions unalias unfunction unhash rehash";

impl Walk<'_> {
    /// Follows a simple command.
    pub(super) fn simple(&mut self, simple: &Simple, stmt: &Stmt, scope: &mut Scope<'_>) -> Done {
        let mut fields: Vec<(Text, Span)> = Vec::with_capacity(simple.words.len());
        for word in &simple.words {
            let span = self.context.origin.map(word.span);
            for text in syntax::expand(word, scope, self) {
                fields.push((text, span));
            }
        }
        let mut env = Vec::new();
        if fields.is_empty() {
            for assignment in &simple.assignments {
                syntax::assign(assignment, scope, self);
                self.run_assigned(&assignment.name, self.context.origin.map(stmt.span), scope);
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
        if let [(program, _)] = fields.as_slice()
            && program.as_known() == Some("exec")
        {
            self.keep_open(&mut redirected);
        }
        let input = redirected.input.unwrap_or_else(|| self.context.input.clone());
        let saved = self.context.capture;
        self.context.capture = !redirected.outputs.is_empty() || (saved && !redirected.stdout_elsewhere);
        let span = self.context.origin.map(stmt.span);
        let mut filtered = Vec::new();
        let mut done = if fields.is_empty() {
            // `x=$(false)` has the status of what it ran.
            Done::quiet()
        } else {
            self.declare(&fields, simple, scope);
            filtered = self.filtered_into(&fields, &redirected.outputs, scope);
            self.call(fields, env, input, span, scope, self.context.capture)
        };
        self.context.capture = saved;
        for output in redirected.outputs {
            self.write(output, done.output.clone(), stmt.span, scope);
        }
        self.filtered.extend(filtered);
        if redirected.stdout_elsewhere {
            done.output = Some(Text::default());
        }
        if stmt.negated {
            done.status = Status::Unknown;
            done.gone = done.gone.negated();
        }
        if !stmt.redirects.is_empty() || !simple.assignments.is_empty() {
            // Either may fail before the command runs.
            done.gone = Gone::default();
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
        let call = Call { program, args, env, input, arg_spans };
        if call.program.is_many() && !call.args.is_empty() {
            // `$SUDO rm -rf x`: the first word may be empty, a wrapper, or a program of its own.
            let saved = self.context.clone();
            self.context.certainty = Match::Maybe;
            self.program(&shifted(&call), span, &mut scope.clone(), false);
            self.context = saved;
        }
        self.program(&call, span, scope, capture)
    }

    /// Follows a call of a builtin, a function or a program.
    pub(super) fn program(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>, capture: bool) -> Done {
        let Some(name) = call.program.as_known().map(str::to_owned) else {
            self.unknown_program = true;
            self.emit(Effect::Call(call.clone()), span, scope);
            self.path_effects(call, span, scope);
            return Done::unknown();
        };
        self.inherit_function(&name, scope);
        if let Some(function) = scope.function(&name) {
            let done = self.function(&name, &function, call, span, scope);
            if function.certain && function.complete {
                return done;
            }
        }
        // Within its own text an alias is no alias.
        if let Some(alias) = self.aliases.remove(&name) {
            self.alias(&alias, call, span, scope);
            self.aliases.entry(name.clone()).or_insert(alias);
        }
        self.unaliased(call, span, scope, capture)
    }

    /// Follows a call of a builtin or a program; functions and aliases are not meant.
    pub(super) fn unaliased(
        &mut self,
        call: &Call,
        span: Span,
        scope: &mut Scope<'_>,
        capture: bool,
    ) -> Done {
        let Some(name) = call.program.as_known().map(str::to_owned) else {
            return self.program(call, span, scope, capture);
        };
        if let Some(done) = self.builtin(&name, call, scope) {
            return done;
        }
        self.not_found(&name, call, span, scope);
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
    pub(super) fn executed(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>, capture: bool) -> Done {
        let Some(name) = call.program.as_known().map(str::to_owned) else {
            return self.program(call, span, scope, capture);
        };
        let readable = self.readable(call, scope);
        let call = readable.as_ref();
        let written = if name.contains('/') { self.written_at(&call.program, scope) } else { None };
        let name = match written {
            Some(Written::Original { path, .. }) if *path != name => {
                // A program by another name is that program.
                let call = Call { program: Text::known(path.as_str()), ..call.clone() };
                return self.executed(&call, span, scope, capture);
            }
            _ => name,
        };
        self.emit(Effect::Call(call.clone()), span, scope);
        self.path_effects(call, span, scope);
        self.doubt_absent(&name);
        self.staged |= stages(&name, call);
        self.http(call, span, scope);
        self.sql(call, span, scope);
        let mut entered = wrappers::enter(call, self.context.dialect);
        entered.extend(self.git_alias(call, scope));
        self.set_alias(call);
        // A wrapper hands them on.
        if !entered.iter().any(|entered| matches!(entered.inner, Inner::Call(_))) {
            let set = call.env.iter().map(|(name, value)| (name.as_str(), value));
            self.run_variables(set, span, scope);
        }
        let mut done = Done::unknown();
        if entered.is_empty() {
            self.file_program(&name, call, span, scope);
            done.status = self.status(&name, call, scope);
            done.gone = self.tested_by(&name, call, scope);
            if capture {
                done.output = flow::output(call, &self.overlay(), scope.directory());
            }
        }
        let single = entered.len() == 1;
        let code =
            !entered.is_empty() && entered.iter().all(|entered| matches!(entered.inner, Inner::Code { .. }));
        for inner in entered {
            let inner_done = self.enter(inner, call, span, scope, capture);
            if single {
                // A wrapper may fail by itself.
                done = Done { gone: Gone::default(), remains: Vec::new(), ..inner_done };
            }
        }
        if code && capture {
            done.output = flow::output(call, &self.overlay(), scope.directory());
        }
        done
    }

    /// What a call does to paths.
    fn path_effects(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let deposits = self.deposits(call, scope);
        for deposit in &deposits {
            if let Written::Text { source, .. } = &deposit.content {
                self.feed(&deposit.key, source, scope);
            }
        }
        let mut changed = Vec::new();
        for mut effect in paths::effects(call) {
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
            for path in self.former(&effect, scope).into_iter().chain(self.swallowed(&effect, scope)) {
                let former = PathEffect { path, ..effect.clone() };
                self.emit(Effect::Path(former), span, scope);
            }
            self.emit(Effect::Path(effect), span, scope);
        }
        for effect in paths::remade(call) {
            for path in self.swallowed(&effect, scope) {
                self.emit(Effect::Path(PathEffect { path, ..effect.clone() }), span, scope);
            }
        }
        self.remember(changed, deposits);
    }

    /// Whether a program call succeeds, and what it leaves behind that matters to later commands.
    fn status(&mut self, name: &str, call: &Call, scope: &Scope<'_>) -> Status {
        match name.rsplit('/').next().unwrap_or(name) {
            "true" | ":" | "echo" | "printf" => Status::Success,
            "mkdir" => {
                let made = call
                    .args
                    .iter()
                    .filter(|arg| !arg.known_start().starts_with('-'))
                    .filter_map(|arg| absolute(scope.directory(), arg));
                self.made.extend(made);
                Status::Unknown
            }
            _ => Status::Unknown,
        }
    }

    /// The call with its standard input read where that is a file that the script wrote.
    fn readable<'c>(&self, call: &'c Call, scope: &Scope<'_>) -> Cow<'c, Call> {
        if let Input::File(path) = &call.input
            && self.written_at(path, scope).is_some()
            && let Ok(text) = self.file_text(path, scope)
        {
            let input = Input::Text(text);
            return Cow::Owned(Call { input, ..call.clone() });
        }
        Cow::Borrowed(call)
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
            self.emit(Effect::Call(Call { program, ..Call::default() }), span, scope);
        }
        let before = scope.clone();
        let input = std::mem::replace(&mut self.context.input, call.input.clone());
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
            let body = std::slice::from_ref(&**body);
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
            way.set_positional(before.positional().to_vec());
            ways.push(way);
        }
        self.open.pop();
        self.context.input = input;
        if !function.certain {
            ways.push(before);
        }
        if let Some(joined) = ways.into_iter().reduce(|a, b| Scope::join(&a, &b)) {
            *scope = joined;
        }
        if function.bodies.len() == 1 { done } else { Done::unknown() }
    }

    /// Remembers a variable that the open function makes its own.
    fn cover(&mut self, name: &str, scope: &Scope<'_>) {
        if let Some(locals) = self.locals.last_mut() {
            locals.push(scope.save(name));
        }
    }

    /// Carries out `export`, `local`, `declare` and kin.
    fn declare(&mut self, fields: &[(Text, Span)], simple: &Simple, scope: &mut Scope<'_>) {
        let words: Vec<&str> = fields.iter().filter_map(|(text, _)| text.as_known()).collect();
        let Some(program @ ("export" | "local" | "declare" | "typeset" | "readonly" | "integer" | "float")) =
            words.first().copied()
        else {
            return;
        };
        let flags: String = words[1..].iter().filter_map(|word| word.strip_prefix('-')).collect();
        let names = words[1..].iter().copied().filter(|word| is_name(word));
        let names: Vec<&str> = names.chain(simple.declared.iter().map(|a| a.name.as_str())).collect();
        let own = match program {
            "local" => true,
            "declare" | "typeset" | "integer" | "float" => !flags.contains('g'),
            _ => false,
        };
        for name in &names {
            if own {
                self.cover(name, scope);
                if words.contains(name) && !self.locals.is_empty() {
                    scope.unset(name);
                }
            }
            for (flag, attribute) in [
                ('i', Attribute::Integer),
                ('l', Attribute::Lower),
                ('u', Attribute::Upper),
                ('n', Attribute::Reference),
                ('a', Attribute::Indexed),
                ('A', Attribute::Keyed),
            ] {
                let shared = flag == 'n' && program == "export";
                if flags.contains(flag) && !shared {
                    scope.declare(name, attribute);
                }
            }
        }
        for assignment in &simple.declared {
            syntax::assign(assignment, scope, self);
        }
        if program == "export" || flags.contains('x') {
            for name in &names {
                scope.export(name);
                self.run_assigned(name, self.context.origin.map(simple.words[0].span), scope);
            }
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

    /// The builtins that change what later commands mean. `None`: not one of them.
    fn builtin(&mut self, name: &str, call: &Call, scope: &mut Scope<'_>) -> Option<Done> {
        match name {
            "cd" | "pushd" | "chdir" => Some(self.change_directory(call, scope)),
            "popd" => {
                scope.change_directory(&Text::hole("$OLDPWD", Shape::Directory));
                Some(Done::unknown())
            }
            "export" | "local" | "declare" | "typeset" | "readonly" | "integer" | "float" => {
                Some(Done::silent())
            }
            "unset" => {
                let flag = call.args.first().and_then(Text::as_known);
                for arg in &call.args {
                    let Some(known) = arg.as_known() else {
                        let functions = scope.functions();
                        functions.iter().for_each(|(name, _)| scope.doubt(name));
                        continue;
                    };
                    if flag != Some("-f") {
                        scope.unset(known);
                    }
                    if flag != Some("-v") {
                        scope.doubt(known);
                    }
                }
                Some(Done::silent())
            }
            "read" => Some(self.read(call, scope)),
            "mapfile" | "readarray" => Some(self.read_lines(call, scope)),
            "let" => {
                for arg in &call.args {
                    let mut source = Text::known("((");
                    source.append(arg);
                    source.push_str("))");
                    self.layer(|walk| walk.shell_text(&source, scope, None));
                }
                Some(Done::quiet())
            }
            "getopts" | "wait" => {
                for arg in &call.args {
                    if let Some(known) = arg.as_known()
                        && is_name(known)
                    {
                        scope.forget(known);
                    }
                }
                if name == "getopts" {
                    scope.forget("OPTARG");
                }
                Some(Done::quiet())
            }
            "exit" | "logout" => Some(Done { status: Status::Leaves, ..Done::quiet() }),
            "return" | "break" | "continue" => {
                self.left += 1;
                Some(Done { status: Status::Breaks, ..Done::quiet() })
            }
            "set" => {
                self.set(&call.args, scope);
                Some(Done::silent())
            }
            "shift" => {
                let by = match call.args.first() {
                    None => Some(1),
                    Some(arg) => arg.as_known().and_then(|n| n.parse::<usize>().ok()),
                };
                let mut positional = scope.positional().to_vec();
                let many = positional.iter().take(by.unwrap_or(0)).any(Text::is_many);
                match by {
                    Some(by) if by <= positional.len() && !many => {
                        positional.drain(..by);
                    }
                    Some(_) if !many => {}
                    _ => positional = vec![Text::hole("$@", Shape::Any).into_many()],
                }
                scope.set_positional(positional);
                Some(Done::quiet())
            }
            "alias" => {
                for arg in &call.args {
                    if let Some((name, value)) = arg.as_known().and_then(|a| a.split_once('=')) {
                        self.aliases.insert(name.to_owned(), Text::known(value));
                    }
                }
                Some(Done::silent())
            }
            "printf" if call.args.first().and_then(|a| a.as_known()) == Some("-v") => {
                if let Some(name) = call.args.get(1).and_then(|a| a.as_known()) {
                    let printing = Call { args: call.args[2..].to_vec(), ..call.clone() };
                    let value = flow::output(&printing, &self.overlay(), scope.directory())
                        .unwrap_or_else(|| Text::hole(format!("${name}"), Shape::Any));
                    scope.set(name, value);
                }
                Some(Done::silent())
            }
            "trap" => {
                let context = self.context.clone();
                for entered in wrappers::enter(call, self.context.dialect) {
                    if let Inner::Shell { source, .. } = entered.inner {
                        let mut context = context.clone();
                        context.via.push(entered.via);
                        self.traps.push((source, context));
                    }
                }
                Some(Done::silent())
            }
            _ => None,
        }
    }

    /// `set -eu -o pipefail -- words`
    fn set(&mut self, args: &[Text], scope: &mut Scope<'_>) {
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let word = arg.known_start();
            let on = word.starts_with('-');
            if matches!(arg.as_known(), Some("--" | "-")) {
                let rest: Vec<Text> = args.cloned().collect();
                if word == "--" || !rest.is_empty() {
                    scope.set_positional(rest);
                }
                return;
            }
            if !on && !word.starts_with('+') {
                let rest = std::iter::once(arg).chain(args);
                return scope.set_positional(rest.cloned().collect());
            }
            let named = word.contains('o').then(|| args.next()).flatten();
            let errexit = named.is_some_and(|name| name.as_known() == Some("errexit"));
            if errexit || word.contains('e') {
                self.exits_on_error = on;
            }
        }
    }

    /// `cd`: into a directory that is there it succeeds; else the shell may have stayed.
    fn change_directory(&mut self, call: &Call, scope: &mut Scope<'_>) -> Done {
        let target = call
            .args
            .iter()
            .find(|arg| !matches!(arg.as_known(), Some("-L" | "-P" | "-e" | "-@" | "--" | "-q" | "-s")));
        let target = match target {
            None => scope.get("HOME").unwrap_or_default(),
            Some(target) if target.as_known() == Some("-") => scope
                .get("OLDPWD")
                .filter(|before| !before.has_hole())
                .unwrap_or_else(|| Text::hole("$OLDPWD", Shape::Directory)),
            Some(target) => target.clone(),
        };
        let there = match absolute(scope.directory(), &target) {
            Some(path) if self.context.place.is_local() => {
                self.made.iter().any(|made| Path::new(made).starts_with(&path))
                    || matches!(
                        self.facts.kind(&path),
                        FileKind::Directory | FileKind::EmptyDirectory | FileKind::Symlink
                    )
            }
            Some(_) => true,
            None => {
                target.holes().all(|hole| matches!(hole.shape, Shape::Temporary | Shape::Directory))
                    && target.has_hole()
            }
        };
        if there {
            scope.change_directory(&target);
            return Done::silent();
        }
        let stayed = scope.directory().clone();
        scope.change_directory(&target);
        Done { stayed: Some(stayed), ..Done::quiet() }
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

/// Whether a call makes git track what it did not, or makes a repository.
fn stages(name: &str, call: &Call) -> bool {
    name.rsplit('/').next() == Some("git")
        && call.args.iter().any(|arg| matches!(arg.as_known(), Some("add" | "init" | "stage")))
}
