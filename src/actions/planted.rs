//! Which file a program's name stands for, where the script put one there or gave a pattern.

use crate::model::{Call, Text, absolute, base_name};
use crate::syntax::Scope;

use super::called;
use super::walk::Walk;
use super::wrappers::is_one_of;
use super::written::Written;

/// Builtins that are looked for nowhere else: names that no program need have.
pub(super) const BUILTINS: &str = "eval source . : trap command builtin exec noglob nocorrect - type hash ulimit umask jobs fg bg \
    disown history complete compgen compopt bind enable help shopt caller times dirs fc suspend setopt unsetopt \
    autoload zstyle zmodload bindkey emulate print echo printf test [ true false kill pwd whence where which \
    compdef zle functions unalias unfunction unhash rehash";

impl Walk<'_> {
    /// The call whose program is the one file that a pattern matches.
    pub(super) fn by_pattern(&self, call: &Call, scope: &Scope<'_>) -> Option<Call> {
        let pattern = Text::known(call.program.as_pattern()?);
        let mut found =
            self.facts.glob(&absolute(scope.directory(), &pattern)?)?.into_iter().map(Text::known);
        let program = found.next()?;
        // Of several the first runs, but which that is another file may change.
        found.next().is_none().then(|| Call { program, ..call.clone() })
    }

    /// The file that the script put where the shell looks for the program first.
    pub(super) fn planted(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<String> {
        if self.written.is_empty() || name.contains('/') || is_one_of(name, BUILTINS) {
            return None;
        }
        let own = call.env.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
        let path = own.or_else(|| scope.get("PATH"))?.display();
        let places = path.split(':').filter_map(|place| {
            let place = if place.is_empty() { "." } else { place };
            absolute(scope.directory(), &Text::known(format!("{place}/{name}")))
        });
        let packaged = self.context.via.last().is_some_and(|via| {
            let runner = via.name.split(' ').next().unwrap_or_default();
            is_one_of(runner, "npx npm yarn pnpm pnpx bun bunx")
        });
        let installed = absolute(scope.directory(), &Text::known(format!("node_modules/.bin/{name}")));
        let mut places = places.chain(installed.filter(|_| packaged));
        places.find(|place| self.written.contains(place))
    }

    /// The program that the script copied, moved or linked to where this one is called.
    pub(super) fn original(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<Text> {
        /// Longer chains of links lead in a circle.
        const LONGEST: usize = 40;
        if !name.contains('/') {
            return None;
        }
        let mut written = self.written_at(&call.program, scope);
        let mut found = None;
        for _ in 0..LONGEST {
            let Some(Written::Original { path, .. }) = written else {
                return found.map(|path: &str| self.told(Text::known(path), &call.program));
            };
            found = Some(path.as_str()).filter(|path| *path != name);
            written = self.written.get(path);
        }
        None
    }

    /// The names of the programs to which a program's path leads as a link, or of which it is a copy,
    /// where these are others.
    pub(super) fn led_to(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Vec<Text> {
        if !name.contains('/') || !self.context.place.is_local() {
            return Vec::new();
        }
        let path = absolute(scope.directory(), &call.program)
            .filter(|path| !self.facts.is_installed(path) && !self.written.contains(path));
        let Some(real) = path.and_then(|path| self.facts.real(&path)) else { return Vec::new() };
        let named = base_name(name);
        let is_other = |file: &&str| {
            !(called::is_version_of(file, named)
                || called::acts_as(file, named, &|_| true) == Some(named)
                || [*file, named].iter().all(|name| is_one_of(name, "sh bash dash")))
        };
        // An exec shows what is a copy; what the linker starts by itself is none.
        let loaded = || self.context.via.last().is_some_and(|via| via.name.starts_with("ld"));
        let copied = !self.facts.judges_execs() || loaded();
        let copies = if copied { self.facts.copied_from(&real) } else { Vec::new() };
        let files = copies.iter().chain([&real]).map(|path| base_name(path)).filter(is_other);
        files.map(|file| self.told(Text::known(file), &call.program)).collect()
    }

    /// The program that runs where `program` is executed with the name `told`.
    fn told(&self, program: Text, told: &Text) -> Text {
        let is_there = |name: &str| self.facts.which(name).is_some();
        let acts = || called::acts_as(program.as_known()?, told.as_known()?, &is_there).map(Text::known);
        acts().unwrap_or(program)
    }

    /// `git x` runs a program `git-x`, where the script put one.
    pub(super) fn planted_part(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<Call> {
        if self.written.is_empty() || !is_one_of(name, "git cargo kubectl") {
            return None;
        }
        let at = call.args.iter().position(|arg| !arg.known_start().starts_with('-'))?;
        let path = self.planted(&format!("{name}-{}", call.args[at].as_known()?), call, scope)?;
        let args = call.args[at + 1..].to_vec();
        Some(Call { program: Text::known(path), args, arg_spans: Vec::new(), ..call.clone() })
    }
}
