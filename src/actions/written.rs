//! What the script itself puts at paths: files that it writes, copies, moves and links. What it
//! later runs or reads there is that, not what stands there before.

use std::path::Path;

use crate::model::{
    Action, Call, Effect, Facts, FileKind, PathEffect, PathOp, Piece, ReadError, Shape, Span, Text, absolute,
    bytes, name_matches, parent,
};
use crate::syntax::Scope;

use super::deposits::Deposit;
use super::overlay::Overlay;
use super::redirects::Output;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::is_one_of;

/// What the script put at a path.
#[derive(Debug, Clone)]
pub(super) enum Written {
    /// Text. Where `exact` is false it is one possible content after the other.
    Text { source: Text, exact: bool },
    /// What stood elsewhere before the script ran.
    Original { path: String, kind: Kind },
}

/// How a file came to stand in another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Copy,
    Move,
    Link,
}

impl Written {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Written::Text { source, .. } => Some(source),
            Written::Original { .. } => None,
        }
    }

    fn unknown() -> Written {
        Written::Text { source: unread(), exact: false }
    }
}

/// The most bytes of files that one judgement reads to know what may stand where it put something else.
const MERGED: usize = 16 << 20;

/// Contents of which nothing is known.
fn unread() -> Text {
    let mut text = Text::hole("what is written", Shape::Any);
    text.push_str("\n");
    text
}

/// What a path is remembered by: itself, where it is known or below a directory that the script
/// made under a name of `mktemp`'s choice.
pub(super) fn key(directory: &Text, path: &Text) -> Option<String> {
    if let Some(absolute) = absolute(directory, path) {
        return Some(absolute);
    }
    let full = match path.pieces().first()? {
        Piece::Hole(hole) if hole.shape == Shape::Temporary => path.clone(),
        Piece::Known(start) if !start.starts_with('/') => {
            let mut full = directory.clone();
            full.push_str("/");
            full.append(path);
            full
        }
        _ => return None,
    };
    let temporary = |piece: &Piece| match piece {
        Piece::Known(_) => true,
        Piece::Hole(hole) => hole.shape == Shape::Temporary,
        Piece::Glob(_) => false,
    };
    let named = full.has_hole() && !full.is_many() && full.pieces().iter().all(temporary);
    named.then(|| full.display().replace("/./", "/"))
}

impl Walk<'_> {
    /// Whether what is being followed may not run at all, or not in this order.
    fn in_doubt(&self) -> bool {
        self.conditional > 0 || self.left > 0
    }

    /// What the script put at a path, if anything.
    pub(super) fn written_at(&self, path: &Text, scope: &Scope<'_>) -> Option<&Written> {
        if self.written.is_empty() {
            return None;
        }
        self.written.get(&key(scope.directory(), path)?)
    }

    /// Something is put at a path, in place of what stands there.
    pub(super) fn put(&mut self, key: String, content: Written) {
        let key = self.through(key, &content);
        // Two directories of `mktemp` may go by the same name.
        let content = match self.source_before(&key) {
            Some(before) if self.in_doubt() || !key.starts_with('/') => {
                // The newer first: nothing that stood there before keeps it from being reached.
                let mut source = self.source_of(&content);
                source.push_str("\n");
                if before.begins_with(&source) {
                    source = before;
                } else {
                    source.append(&before);
                }
                Written::Text { source, exact: false }
            }
            _ => content,
        };
        self.keep(key, content);
    }

    /// Text is put behind what stands at a path.
    pub(super) fn add(&mut self, key: String, added: &Text, exact: bool) {
        let key = self.through(key, &Written::unknown());
        if self.written.append(&key, added, exact) {
            self.filtered.remove(&key);
            return;
        }
        let mut source = self.source_before(&key).unwrap_or_default();
        source.append(added);
        self.keep(key, Written::Text { source, exact });
    }

    /// The path at which what is written to a link of the script's own ends up.
    fn through(&self, key: String, content: &Written) -> String {
        match self.written.get(&key) {
            Some(Written::Original { path, kind: Kind::Link }) if content.text().is_some() => path.clone(),
            _ => key,
        }
    }

    fn keep(&mut self, key: String, content: Written) {
        self.filtered.remove(&key);
        self.written.insert(key, content);
    }

    /// All that may stand at a path so far; none where nothing does.
    fn source_before(&self, key: &str) -> Option<Text> {
        match self.written.get(key) {
            Some(content) => Some(self.source_of(content)),
            None if !key.starts_with('/') => None,
            None => match self.file_before(key) {
                Ok(text) => Some(text),
                Err(ReadError::Absent) => None,
                Err(_) => Some(unread()),
            },
        }
    }

    fn source_of(&self, content: &Written) -> Text {
        match content {
            Written::Text { source, .. } => source.clone(),
            Written::Original { path, .. } => self.file_before(path).unwrap_or_else(|_| unread()),
        }
    }

    /// What stood at a path before the script ran.
    fn file_before(&self, path: &str) -> Result<Text, ReadError> {
        if self.merged.get() > MERGED {
            return Err(ReadError::TooLarge);
        }
        let bytes = self.facts.read(path, FILE_LIMIT)?;
        self.merged.set(self.merged.get() + bytes.len());
        Ok(Text::known(bytes::text(&bytes)))
    }

    /// What code writes to a file. Whether it gets there is not known, nor in which order: what stood
    /// there before may stay.
    pub(super) fn written_by_code(&mut self, effect: &PathEffect, scope: &Scope<'_>) {
        let (Some(key), Some(content)) = (key(scope.directory(), &effect.path), &effect.content) else {
            return;
        };
        if effect.op == PathOp::Modify {
            return self.add(key, content, true);
        }
        self.conditional += 1;
        self.put(key, Written::Text { source: content.clone(), exact: true });
        self.conditional -= 1;
    }

    /// `grep -v x FILE > NEW`: what is then moved from NEW to FILE is FILE with a change.
    pub(super) fn filtered_into(
        &self,
        fields: &[(Text, Span)],
        outputs: &[Output],
        scope: &Scope<'_>,
    ) -> Vec<(String, Vec<String>)> {
        const FILTERS: &str = "awk cat cut egrep envsubst gawk grep jq mawk perl rg sed sort uniq yq";
        let Some(((program, _), rest)) = fields.split_first().filter(|_| !outputs.is_empty()) else {
            return Vec::new();
        };
        if !program.as_known().is_some_and(|name| is_one_of(name, FILTERS)) {
            return Vec::new();
        }
        let files = rest.iter().filter_map(|(word, _)| key(scope.directory(), word));
        let files: Vec<String> = files.collect();
        let keys = outputs.iter().filter_map(|output| key(scope.directory(), &output.path));
        keys.map(|key| (key, files.clone())).collect()
    }

    /// Whether what a call puts at a path is what stands there, changed.
    pub(super) fn is_filtered(&self, call: &Call, effect: &PathEffect, scope: &Scope<'_>) -> bool {
        let Some(path) = key(scope.directory(), &effect.path).filter(|_| !self.filtered.is_empty()) else {
            return false;
        };
        let sources = call.args.iter().filter_map(|arg| key(scope.directory(), arg));
        sources.filter_map(|source| self.filtered.get(&source)).any(|files| files.contains(&path))
    }

    /// Remembers what a call changed and what it put where.
    pub(super) fn remember(&mut self, changed: Vec<String>, deposits: Vec<Deposit>) {
        for key in changed {
            if !deposits.iter().any(|deposit| deposit.key == key) {
                self.keep(key, Written::unknown());
            }
        }
        for deposit in deposits {
            match deposit.content {
                Written::Text { source, exact } if deposit.append => self.add(deposit.key, &source, exact),
                content => self.put(deposit.key, content),
            }
        }
    }

    /// Notes where an action deletes or empties what stands at a path.
    pub(super) fn note_deleted(&mut self, action: &Action) {
        if let Effect::Path(effect) = &action.effect
            && matches!(effect.op, PathOp::Delete | PathOp::Destroy | PathOp::Empty)
        {
            self.deleted.extend(absolute(&action.directory, &effect.path));
        }
    }

    /// Whether it would be in what is a file: `mv a b` puts nothing at `b/a` then.
    pub(super) fn is_below_file(&self, effect: &PathEffect, scope: &Scope<'_>) -> bool {
        let path = absolute(scope.directory(), &effect.path);
        path.filter(|_| effect.op == PathOp::Overwrite).is_some_and(|path| {
            let above = parent(&path);
            !self.made.contains(above)
                && !self.is_deleted(above)
                && matches!(self.facts.kind(above), FileKind::File | FileKind::EmptyFile)
        })
    }

    /// The script has deleted or emptied what stood at a path: a copy of it is all there is.
    fn is_deleted(&self, path: &str) -> bool {
        let mut above = Path::new(path).ancestors().filter_map(Path::to_str);
        above.any(|path| self.deleted.contains(path))
    }

    /// The path by which a file or directory that the script moved or linked was known before:
    /// what is done below a link, or to what was moved, is done to that.
    pub(super) fn former(&self, effect: &PathEffect, scope: &Scope<'_>) -> Option<Text> {
        let path = &effect.path;
        let follows = !matches!(effect.op, PathOp::Delete | PathOp::MoveAway);
        if self.written.is_empty() {
            return None;
        }
        let start = path.known_start();
        let whole = path.as_known().is_some();
        // Only whole names count: `ab*` may be below `a` in no way.
        let cut = if whole { start.len() } else { start.rfind('/')? };
        let full = key(scope.directory(), &Text::known(&start[..cut]))?;
        let mut at = full.as_str();
        loop {
            if let Some(Written::Original { path: former, kind }) = self.written.get(at) {
                let below = follows || at.len() < full.len() || !whole || start.ends_with('/');
                let only = *kind == Kind::Copy && self.is_deleted(former);
                if *kind == Kind::Move || (*kind == Kind::Link && below) || only {
                    let mut text = Text::known(format!("{former}{}", &full[at.len()..]));
                    text.push_str(&start[cut..]);
                    for piece in path.pieces().iter().skip(1) {
                        text.push(piece.clone());
                    }
                    return Some(text);
                }
            }
            at = at.rsplit_once('/').map(|(up, _)| up).filter(|up| !up.is_empty())?;
        }
    }

    /// The paths by which what the script moved below a path was known before: what is done to a
    /// directory is done to that too.
    pub(super) fn swallowed(&self, effect: &PathEffect, scope: &Scope<'_>) -> Vec<Text> {
        use PathOp::{Delete, Destroy, Empty, Overwrite};
        if self.written.is_empty() || !matches!(effect.op, Delete | Destroy | Empty | Overwrite) {
            return Vec::new();
        }
        // What was packed stands below its archive.
        let whole = key(scope.directory(), &effect.path);
        let is_directory = |path: &String| {
            self.made.contains(path)
                || matches!(self.facts.kind(path), FileKind::Directory | FileKind::EmptyDirectory)
        };
        // What is put over a directory goes into it.
        if effect.op == Overwrite && whole.as_ref().is_some_and(is_directory) {
            return Vec::new();
        }
        let ends = (effect.path.known_start(), effect.path.known_end());
        // A path from `find` may lie deep below its start.
        let deep = effect.path.holes().next().is_some() && ends.0.ends_with('/');
        let named = whole.is_none() && (effect.path.has_glob() || deep);
        let start = if named { key(scope.directory(), &Text::known(ends.0)) } else { None };
        let pattern = effect.path.display();
        let pattern = pattern.rsplit('/').next().unwrap_or_default();
        let named_so = |name: &str| effect.path.has_hole() || name.is_empty() || name_matches(pattern, name);
        let text = |path: &String| Text::known(path.as_str());
        match (&whole, &start) {
            (Some(whole), _) => self.written.moved_below(whole).map(Text::known).collect(),
            // `dist/`: what `*` may be begins behind it.
            (_, Some(start)) => {
                let is_hit = |(at, _): &(&str, &String)| {
                    let rest = &at[start.len()..];
                    let name = rest.trim_start_matches('/');
                    let one = !name.contains('/') && rest.ends_with(ends.1) && named_so(name);
                    effect.recursive || deep || one
                };
                self.written.moved_to(start).filter(is_hit).map(|(_, path)| text(path)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What the files say now, with what the script wrote to them.
    pub(super) fn overlay(&self) -> Overlay<'_> {
        Overlay {
            facts: self.facts,
            written: &self.written,
            pipes: &self.pipes,
            foreign: &self.foreign,
            looked: &self.looked,
        }
    }
}

/// The files that a pattern stands for; `None` where it is no pattern, or these are too many or not
/// known.
pub(super) fn matching(path: &Text, facts: &dyn Facts, directory: &Text) -> Option<Vec<Text>> {
    if !path.has_glob() || path.holes().next().is_some() {
        return None;
    }
    let found = facts.glob(&absolute(directory, &Text::known(path.display()))?)?;
    Some(found.into_iter().map(Text::known).collect())
}
