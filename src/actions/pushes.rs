//! Pushes to a repository among temporary files, which holds nothing that anybody needs.

use crate::model::{Call, Effect, FileKind, Location, Piece, Shape, Text, absolute, base_name};
use crate::syntax::Scope;

use super::git::subcommand;
use super::scratch::operands;
use super::walk::{FILE_LIMIT, Walk};
use super::written::key;

impl Walk<'_> {
    /// Whether all that a `git push` may reach lies among temporary files.
    pub(super) fn is_passing_push(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let Some((at, "push")) = subcommand(call) else {
            return false;
        };
        let moves = [
            "GIT_DIR",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_SYSTEM",
        ];
        let redirected = moves.iter().any(|name| self.variable(call, name, scope).is_some());
        if redirected || !self.context.place.is_local() || self.rewrites_addresses() {
            return false;
        }
        let mut directory = (**scope.directory()).clone();
        match &call.args[..at] {
            [] => {}
            [option, moved] if option.as_known() == Some("-C") => directory = join(&directory, moved),
            _ => return false,
        }
        let options = call.args[at + 1..].iter().filter_map(Text::as_known);
        if options.clone().any(|word| ["--repo", "--rec", "--exec"].iter().any(|by| word.starts_with(by))) {
            return false;
        }
        let remote = operands(&call.args[at + 1..], "-o --push-option").first().map(|word| (*word).clone());
        match remote {
            Some(place) if is_place(&place) => self.is_passing(&directory, &place),
            Some(name) if name.as_known().is_none_or(|name| name.contains([':', '/'])) => false,
            name => self.remotes(&directory, name.as_ref().and_then(Text::as_known)).is_some_and(|places| {
                !places.is_empty() && places.iter().all(|place| self.is_passing(&directory, place))
            }),
        }
    }

    /// Whether settings may put another address in the place of one.
    fn rewrites_addresses(&self) -> bool {
        let said = |text: &str| text.to_ascii_lowercase().contains("insteadof");
        let home = self.facts.env("HOME").unwrap_or_default();
        let own = [".gitconfig", ".config/git/config"].iter().any(|name| {
            let text = self.facts.read(&format!("{home}/{name}"), FILE_LIMIT).unwrap_or_default();
            said(&String::from_utf8_lossy(&text))
        });
        own || self.git_calls().any(|(call, _)| call.args.iter().any(|arg| said(&arg.display())))
    }

    /// The calls of git that were found so far, and the directories that they run in.
    fn git_calls(&self) -> impl Iterator<Item = (&Call, &Text)> {
        self.found.actions.iter().filter_map(|action| match &action.effect {
            Effect::Call(call) if call.name() == Some("git") => Some((&**call, &*action.directory)),
            _ => None,
        })
    }

    /// Where the remote of that name, or any, of the repository in a directory may be; `None` where
    /// that is not known.
    fn remotes(&self, directory: &Text, name: Option<&str>) -> Option<Vec<Text>> {
        let own = key(directory, &Text::known("."))?;
        let mut places = Vec::new();
        if let Some(directory) = absolute(directory, &Text::known("."))
            && self.facts.kind(&directory) != FileKind::Absent
        {
            let settings = self.facts.read(&format!("{directory}/.git/config"), FILE_LIMIT).ok()?;
            places.extend(addresses(&String::from_utf8(settings).ok()?, name)?);
        }
        for (call, from) in self.git_calls() {
            let (at, verb) = subcommand(call)?;
            let words = operands(&call.args[at + 1..], "-b --branch --depth -o --origin -j --jobs -t -m");
            match (verb, words.as_slice()) {
                ("clone", [source, to @ ..]) => {
                    let named = base_name(source.known_end()).trim_end_matches(".git").to_owned();
                    let to = to.first().map_or(Text::known(named), |to| (*to).clone());
                    if key(&join(from, &to), &Text::known(".")).as_ref() == Some(&own) {
                        places.push(join(from, source));
                    }
                }
                ("remote", [verb, of, place])
                    if matches!(verb.as_known(), Some("add" | "set-url"))
                        && name.is_none_or(|name| of.as_known().is_none_or(|of| of == name)) =>
                {
                    places.push((*place).clone());
                }
                ("remote", [verb, ..]) if verb.as_known() == Some("rename") => return None,
                ("config", words) => {
                    let sets = |word: &&Text| {
                        let word = word.known_start().to_ascii_lowercase();
                        ["remote.", "branch.", "url.", "push", "include"]
                            .iter()
                            .any(|key| word.starts_with(key))
                    };
                    if words.iter().any(sets) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        Some(places)
    }

    /// Whether an address is that of a directory among temporary files.
    fn is_passing(&self, directory: &Text, place: &Text) -> bool {
        let scheme = "file://";
        let place = match place.known_start().starts_with(scheme) {
            true => super::wrappers::tail(place, scheme.len()),
            false => place.clone(),
        };
        if !is_place(&place) {
            return false;
        }
        match absolute(directory, &place) {
            Some(path) => self.facts.path(&path).location == Location::Temporary,
            None => is_new(join(directory, &place).pieces()),
        }
    }
}

/// Whether it is below what `mktemp` made.
fn is_new(pieces: &[Piece]) -> bool {
    let made = |piece: &Piece| matches!(piece, Piece::Hole(hole) if hole.shape == Shape::Temporary);
    let below = |piece: &Piece| matches!(piece, Piece::Known(text) if !text.contains(".."));
    pieces.split_first().is_some_and(|(first, rest)| made(first) && rest.iter().all(below))
}

/// A path as it is seen from a directory.
fn join(directory: &Text, path: &Text) -> Text {
    if path.known_start().starts_with('/')
        || path.pieces().first().is_some_and(|first| matches!(first, Piece::Hole(_)))
    {
        return path.clone();
    }
    let mut full = directory.clone();
    full.push_str("/");
    full.append(path);
    full
}

/// Whether git takes it for a path: it has a slash or a dot in front, and no colon before that.
fn is_place(word: &Text) -> bool {
    let known = word.known_start();
    let first = known.split('/').next().unwrap_or_default();
    let hole = word.as_known().is_none() && known.is_empty();
    hole || known.starts_with("file:///")
        || !first.contains(':') && (known.contains('/') || known.starts_with('.'))
}

/// The addresses of the remote of that name, or of all, in a repository's settings; `None` where
/// they lead elsewhere.
fn addresses(settings: &str, name: Option<&str>) -> Option<Vec<Text>> {
    let lower = settings.to_ascii_lowercase();
    if ["insteadof", "[include", "pushdefault", "\\\n"].iter().any(|word| lower.contains(word)) {
        return None;
    }
    let mut own = true;
    let urls = settings.lines().filter_map(|line| {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let other = section.strip_prefix("remote \"").and_then(|of| of.strip_suffix("\"]"));
            own = name.is_none() || other.is_none() || other == name;
        }
        let (key, url) = line.split_once('=').filter(|_| own)?;
        let key = key.trim().rsplit([']', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        matches!(key.as_str(), "url" | "pushurl").then(|| Text::known(url.trim().trim_matches('"')))
    });
    Some(urls.collect())
}
