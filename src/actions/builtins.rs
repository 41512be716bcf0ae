//! The builtins that change what later commands mean: variables, directories, options, traps, aliases.

use std::ops::Bound::{Included, Unbounded};
use std::path::Path;
use std::rc::Rc;

use crate::model::{Call, Effect, FileKind, Hole, Location, Opaque, Shape, Span, Text, absolute, is_below};
use crate::syntax::{self, Attribute, Scope, Simple, is_name};

use super::conditions::Known;
use super::done::{Done, Status};
use super::outcomes::assigns_in_index;
use super::walk::Walk;
use super::{Inner, wrappers};

/// Whether a word of `set` leaves what the words behind it mean as it is.
fn keeps_meanings(word: &str) -> bool {
    match word.strip_prefix(['-', '+']) {
        Some(flags) => !flags.is_empty() && flags.bytes().all(|flag| b"euxvo".contains(&flag)),
        None => matches!(word, "pipefail" | "errexit" | "nounset" | "xtrace" | "verbose"),
    }
}

impl Walk<'_> {
    /// Carries out `export`, `local`, `declare` and kin.
    pub(super) fn declare(&mut self, fields: &[(Text, Span)], simple: &Simple, scope: &mut Scope<'_>) {
        let words: Vec<&str> = fields.iter().filter_map(|(text, _)| text.as_known()).collect();
        let Some(program @ ("export" | "local" | "declare" | "typeset" | "readonly" | "integer" | "float")) =
            words.first().copied()
        else {
            return;
        };
        let flags: String = words[1..].iter().filter_map(|word| word.strip_prefix('-')).collect();
        let names = words[1..].iter().copied().filter(|word| is_name(word));
        // `declare 'x=y'`: an assignment that does not stand there as one.
        let quoted: Vec<(&str, Text)> = fields[1..]
            .iter()
            .filter_map(|(text, _)| {
                let (target, _) = text.known_start().split_once('=')?;
                let name = target.trim_end_matches('+').split('[').next().filter(|name| is_name(name))?;
                if simple.declared.iter().any(|assignment| assignment.name == name) {
                    return None;
                }
                Some((name, wrappers::tail(text, target.len() + 1)))
            })
            .collect();
        let names = names.chain(quoted.iter().map(|(name, _)| *name));
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
                let given = |of: &&str| {
                    simple.declared.iter().any(|made| made.name == **of)
                        || quoted.iter().any(|made| made.0 == *of)
                };
                if flag == 'n' && flags.contains('n') && !shared && given(name) {
                    // What it held before is no name.
                    scope.unset(name);
                }
                if flags.contains(flag) && !shared {
                    scope.declare(name, attribute);
                }
            }
        }
        for (name, value) in &quoted {
            scope.set(name, value.clone());
        }
        for assignment in &simple.declared {
            syntax::assign(assignment, scope, self);
        }
        if program == "readonly" || flags.contains('r') {
            names.iter().for_each(|name| scope.fix(name));
        }
        if program == "export" || flags.contains('x') {
            for name in &names {
                scope.export(name);
                self.run_assigned(name, self.context.origin.map(simple.words[0].span), scope);
            }
        }
    }

    /// Where a builtin may change what tests rest on, or what they mean, they tell nothing any more.
    fn doubt_by_builtin(&self, name: &str, call: &Call, scope: &mut Scope<'_>) {
        let known = |arg: &Text| arg.as_known().map(str::to_owned);
        let unnamed = |arg: &Text| arg.as_known().is_none() && !arg.known_start().contains('=');
        let any_name = match name {
            "read" | "mapfile" | "readarray" | "getopts" | "wait" | "unset" | "export" | "readonly"
            | "local" | "declare" | "typeset" => call.args.iter().any(unnamed),
            "printf" => {
                let assigns = call.args.first().is_some_and(|first| first.known_start().starts_with("-v"));
                assigns && call.args.get(1).is_none_or(unnamed)
            }
            _ => false,
        };
        // Exported no more.
        let kept_back = |word: String| word.starts_with('+') || name == "export" && word.starts_with("-n");
        let keeps_back = matches!(name, "export" | "declare" | "typeset" | "local")
            && call.args.iter().filter_map(known).any(kept_back);
        if keeps_back {
            scope.doubt_tests();
        }
        if any_name {
            scope.admit_unset();
        }
        let names_variables = match name {
            "printf" | "test" | "[" => call.args.iter().any(|arg| arg.known_start().starts_with("-v")),
            "read" | "mapfile" | "readarray" | "getopts" | "wait" | "unset" | "export" | "readonly"
            | "declare" | "typeset" => true,
            _ => false,
        };
        if names_variables && call.args.iter().filter_map(Text::as_known).any(assigns_in_index) {
            scope.doubt_tests();
        }
        let doubtful = match name {
            "shopt" | "enable" | "compgen" | "emulate" | "bind" | "local" => true,
            "set" => !call.args.iter().all(|arg| known(arg).is_some_and(|word| keeps_meanings(&word))),
            // Of a list, or of a reference itself.
            "unset" => call.args.iter().filter_map(known).any(|word| word.contains('[') || word == "-n"),
            "declare" | "typeset" => {
                let harmless = |word: &str| word.bytes().all(|flag| b"-rxaAgp".contains(&flag));
                let flags = call.args.iter().filter_map(known).filter(|word| word.starts_with('-'));
                !flags.into_iter().all(|word| harmless(&word))
            }
            // Code that runs between the commands, and may assign.
            "trap" => {
                let plain =
                    |arg: &Text| known(arg).is_some_and(|word| matches!(&*word, "EXIT" | "0" | "-" | "--"));
                let source = call.args.first().and_then(known);
                source.is_none_or(|source| source.contains('=')) || !call.args.iter().skip(1).all(plain)
            }
            _ => false,
        };
        if doubtful {
            scope.doubt_tests();
        }
    }

    /// What a builtin is given to run: `mapfile -C`.
    fn callbacks(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        for entered in wrappers::enter(call, self.context.dialect) {
            self.enter(entered, call, span, &mut scope.clone(), false);
        }
    }

    /// The builtins that change what later commands mean. `None`: not one of them.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        call: &Call,
        span: Span,
        scope: &mut Scope<'_>,
    ) -> Option<Done> {
        self.doubt_by_builtin(name, call, scope);
        match name {
            "cd" | "chdir" => Some(self.change_directory(call, scope)),
            "pushd" => {
                let plain = call.args.iter().all(|arg| !arg.known_start().starts_with(['-', '+']));
                scope.keep_directory(plain && !call.args.is_empty());
                Some(self.change_directory(call, scope))
            }
            "popd" => {
                scope.return_to_directory(call.args.is_empty());
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
            "mapfile" | "readarray" => {
                let done = self.read_lines(call, scope);
                self.callbacks(call, span, scope);
                Some(done)
            }
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
                    scope.forget("OPTIND");
                    if let Some(value) = option_value(&call.args, scope.positional()) {
                        scope.set("OPTARG", value);
                    }
                }
                Some(Done::quiet())
            }
            "exit" | "logout" => Some(Done { status: Status::Leaves, ..Done::quiet() }),
            "return" | "break" | "continue" => {
                self.left += 1;
                self.returned += usize::from(name == "return" || !call.args.is_empty());
                let sure = match name {
                    "return" => scope.may_return() == Some(true),
                    _ => self.loops > 0,
                };
                if sure {
                    return Some(Done { status: Status::Breaks, ..Done::quiet() });
                }
                scope.doubt_tests();
                Some(Done { status: Status::Tries, ..Done::quiet() })
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
                let several = |word: &Text| word.is_many() || word.has_glob();
                let many = positional.iter().take(by.unwrap_or(0)).any(several);
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
            "hash" => {
                if let [option, path, names @ ..] = call.args.as_slice()
                    && option.as_known() == Some("-p")
                {
                    let program = match path.as_known() {
                        Some(path) => Text::known(shell_words::quote(path)),
                        None => path.clone(),
                    };
                    for name in names.iter().filter_map(Text::as_known) {
                        self.aliases.insert(name.to_owned(), program.clone());
                    }
                }
                None
            }
            // A program of its own in the place of a builtin, but for those that come with bash.
            "enable" => {
                let file = call.args.iter().position(|arg| arg.as_known() == Some("-f"));
                let file = file.and_then(|at| call.args.get(at + 1));
                let own =
                    |file: &Text| absolute(scope.directory(), file).filter(|file| is_below(file, "/usr/lib"));
                if let Some(file) = file.filter(|file| {
                    file.as_known().is_none_or(|name| name.contains('/')) && own(file).is_none()
                }) {
                    let path = absolute(scope.directory(), file);
                    let was_there = path.filter(|path| !self.written.contains(path));
                    match was_there
                        .filter(|_| self.context.inside.is_some())
                        .map(|path| self.facts.kind(&path))
                    {
                        None => self.disguised(span, scope),
                        Some(FileKind::Absent) => {}
                        Some(_) => {
                            let what = format!("`{}`", file.display());
                            self.emit(Effect::Opaque(Opaque { what }), span, scope);
                        }
                    }
                }
                None
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
                    let value = self
                        .printed(&printing, scope)
                        .unwrap_or_else(|| Text::hole(format!("${name}"), Shape::Any));
                    scope.set(name.split('[').next().unwrap_or(name), value);
                }
                Some(Done::silent())
            }
            "trap" => {
                let context = self.context.clone();
                for entered in wrappers::enter(call, self.context.dialect) {
                    if let Inner::Shell { source, .. } = entered.inner {
                        let mut context = context.clone();
                        Rc::make_mut(&mut context.via).push(entered.via);
                        // That it was set tells that the script had made these.
                        let made = self.known.iter().filter(|known| matches!(known, Known::Database(_)));
                        self.traps.push((source, context, made.cloned().collect()));
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
            let is = |long: &str| named.is_some_and(|name| name.as_known() == Some(long));
            if is("errexit") || word.contains('e') {
                self.exits_on_error = on;
            }
            if is("allexport") || word.contains('a') {
                self.exports_all = on;
            }
        }
    }

    /// `mkdir`: where nothing keeps it from making them, it succeeds.
    pub(super) fn make_directories(&mut self, call: &Call, scope: &Scope<'_>) -> Status {
        let (options, named): (Vec<&Text>, Vec<&Text>) =
            call.args.iter().partition(|arg| arg.known_start().starts_with('-'));
        let paths: Vec<String> = named.iter().filter_map(|arg| absolute(scope.directory(), arg)).collect();
        let parents = options.iter().any(|option| option.as_known() == Some("-p"));
        let sure = options.len() == usize::from(parents)
            && paths.len() == named.len()
            && paths.iter().all(|path| self.can_be_made(path, parents));
        self.made.extend(paths);
        // Every `$RANDOM` is another.
        let own = |arg: &&&Text| arg.is_temporary() && arg.holes().all(|hole| hole.label == "$$");
        self.made.extend(named.iter().filter(own).map(|arg| arg.display()));
        if sure { Status::Success } else { Status::Unknown }
    }

    /// Whether nothing keeps a directory from being made (`parents`: or from being there).
    fn can_be_made(&self, path: &str, parents: bool) -> bool {
        let facts = self.facts.path(path);
        let mine = matches!(facts.location, Location::Inside | Location::Temporary | Location::Workspace);
        let is_there = |path: &str| {
            matches!(self.facts.kind(path), FileKind::Directory | FileKind::EmptyDirectory)
                || self.made.contains(path)
        };
        let free = |path: &str| {
            self.facts.kind(path) == FileKind::Absent
                && !self.made.contains(path)
                && !self.written.contains(path)
        };
        let mut above = Path::new(path).ancestors().skip(1).filter_map(Path::to_str);
        mine && self.context.place.is_local()
            && match parents {
                false => free(path) && above.next().is_some_and(is_there),
                true => {
                    is_there(path) || free(path) && above.find(|above| !free(above)).is_some_and(is_there)
                }
            }
    }

    /// The script made a directory there or below.
    fn is_made(&self, path: &str) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        let next = self.made.range::<str, _>((Included(below.as_str()), Unbounded)).next();
        self.made.contains(path) || next.is_some_and(|made| made.starts_with(&below))
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
        let physical = call.args.iter().any(|arg| arg.as_known() == Some("-P"));
        let target = match absolute(scope.directory(), &target).filter(|_| physical) {
            Some(path) => self.facts.real(&path).map_or(target, Text::known),
            None => target,
        };
        let there = match absolute(scope.directory(), &target) {
            Some(path) if self.context.place.is_local() => {
                self.is_made(&path)
                    || matches!(
                        self.facts.kind(&path),
                        FileKind::Directory | FileKind::EmptyDirectory | FileKind::Symlink
                    )
            }
            Some(_) => true,
            None => {
                let there = |hole: &Hole| matches!(hole.shape, Shape::Temporary | Shape::Directory);
                target.has_hole() && target.holes().all(there)
                    || target.is_temporary() && self.made.contains(&target.display())
            }
        };
        if there {
            scope.change_directory(&target);
            return Done::silent();
        }
        let stayed = (**scope.directory()).clone();
        scope.change_directory(&target);
        Done { stayed: Some(stayed), ..Done::quiet() }
    }
}

/// What `getopts` puts into `OPTARG`, where one of the arguments alone is the value of an option.
fn option_value(words: &[Text], positional: &[Text]) -> Option<Text> {
    let letters = words.first()?.as_known()?.trim_start_matches(':');
    let mut given = words.get(2..).filter(|given| !given.is_empty()).unwrap_or(positional).iter();
    let mut values = Vec::new();
    while let Some(word) = given.next() {
        let letter = word.known_start().strip_prefix('-').and_then(|rest| rest.chars().next())?;
        if letters.contains(&format!("{letter}:")) {
            let joined = word.known_start().len() > 2;
            values.push(if joined { super::wrappers::tail(word, 2) } else { given.next()?.clone() });
        }
    }
    if values.len() == 1 { values.pop() } else { None }
}
