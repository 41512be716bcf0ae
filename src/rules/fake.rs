//! A tiny machine for the tests of this folder: paths that exist, and nothing else.

use std::rc::Rc;

use crate::model::{
    Action, Call, Effect, Exception, Facts, FileKind, Freeze, GitFacts, Location, Match, PathEffect,
    PathFacts, PathOp, Piece, Place, Reach, ReadError, Request, Shape, Span, Text, TrackState,
    is_where_installed,
};

use super::{glob, lexical};

pub const HOME: &str = "/home/dev";
pub const PROJECT: &str = "/home/dev/project";

/// A machine on which these files exist, with what git knows of each.
#[derive(Default)]
pub struct Machine {
    pub files: Vec<(&'static str, TrackState)>,
    pub env: Vec<(&'static str, &'static str)>,
    pub git: Option<GitFacts>,
    /// Symbolic links, and where they lead.
    pub links: Vec<(&'static str, &'static str)>,
    /// Patterns match too much to be told.
    pub blind: bool,
    /// Nobody said where the command line runs.
    pub placeless: bool,
    pub frozen: Vec<Freeze>,
}

impl Machine {
    fn below(&self, path: &str) -> impl Iterator<Item = &(&'static str, TrackState)> {
        let inside = format!("{}/", path.trim_end_matches('/'));
        self.files.iter().filter(move |(file, _)| file.starts_with(&inside))
    }
}

impl Facts for Machine {
    fn directory(&self) -> &str {
        PROJECT
    }

    fn home(&self) -> &str {
        HOME
    }

    fn env(&self, name: &str) -> Option<String> {
        let found = self.env.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    }

    fn startup_files_run(&self) -> bool {
        false
    }

    fn is_placeless(&self) -> bool {
        self.placeless
    }

    fn path(&self, path: &str) -> PathFacts {
        assert!(path.starts_with('/') && !path.contains("//"), "`{path}` is not normal");
        let location = match path {
            HOME | "/home" => Location::Home,
            PROJECT => Location::Workspace,
            _ if path.starts_with("/home/dev/project/") => Location::Inside,
            _ => lexical::location(path, HOME),
        };
        let own = self.files.iter().find(|(file, _)| *file == path);
        let (kind, state) = match own {
            Some((_, state)) => (FileKind::File, *state),
            None => match self.below(path).map(|(_, state)| *state).next() {
                Some(state) => (FileKind::Directory, state),
                None => (FileKind::Absent, TrackState::Untracked),
            },
        };
        let link = self.links.iter().find(|(link, _)| *link == path);
        let kind = link.map_or(kind, |_| FileKind::Symlink);
        PathFacts {
            real: path.to_owned(),
            target: link.map(|(_, target)| (*target).to_owned()),
            location,
            kind,
            state: if path.contains("/.git") { TrackState::Metadata } else { state },
            reproducible: path.contains("/node_modules"),
            own: if path.contains("/.config/guard") { Reach::Within } else { Reach::Apart },
            read_only: Reach::Apart,
            no_delete: match path {
                HOME | "/home" | "/" => Reach::Above,
                _ if path.starts_with("/home/dev/backups") => Reach::Within,
                _ => Reach::Apart,
            },
            startup: path.ends_with("/.bashrc"),
            credential: path.contains("/.ssh") || path.ends_with("/.env"),
            mount: false,
        }
    }

    fn kind(&self, path: &str) -> FileKind {
        self.path(path).kind
    }

    fn real(&self, path: &str) -> Option<String> {
        let found = self.path(path);
        match found.kind {
            FileKind::Absent => None,
            FileKind::Symlink => found.target.filter(|target| self.kind(target) != FileKind::Absent),
            _ => Some(found.real),
        }
    }

    fn link(&self, _: &str) -> Option<String> {
        None
    }

    fn is_installed(&self, path: &str) -> bool {
        is_where_installed(path)
    }

    fn copied_from(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn location(&self, path: &str) -> Location {
        self.path(path).location
    }

    fn is_near_protected(&self, _: &str) -> bool {
        false
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        let parts: Vec<&str> = pattern.split('/').collect();
        let mut found: Vec<String> = Vec::new();
        for (file, _) in &self.files {
            let names: Vec<&str> = file.split('/').collect();
            let fits = names.len() >= parts.len()
                && parts.iter().zip(&names).all(|(part, name)| {
                    glob::matches_str(part, name) && (!name.starts_with('.') || part.starts_with('.'))
                });
            let path = names.get(..parts.len()).unwrap_or_default().join("/");
            if fits && !found.contains(&path) {
                found.push(path);
            }
        }
        (!self.blind).then_some(found)
    }

    fn git(&self, _directory: &str) -> Option<GitFacts> {
        self.git.clone()
    }

    fn git_keeps(&self, _: &str, _: &[String]) -> bool {
        false
    }

    fn git_alias(&self, _: &str, _: &str) -> Result<Option<String>, ReadError> {
        Ok(None)
    }

    fn read(&self, _path: &str, _limit: usize) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::Absent)
    }

    fn which(&self, _program: &str) -> Option<String> {
        None
    }

    fn is_free(&self, _: u16) -> bool {
        true
    }

    fn agent(&self) -> Option<String> {
        None
    }

    fn exceptions(&self) -> &[Exception] {
        &[]
    }

    fn frozen(&self) -> &[Freeze] {
        &self.frozen
    }

    fn judges_execs(&self) -> bool {
        false
    }

    fn keeps_rights(&self) -> bool {
        false
    }
}

/// A word: `$X` is a hole of any shape, `$NAME`, `$NUM`, `$TMP` and `$PWD` of theirs, `$MANY` any
/// number of words; `*` and `?` are patterns.
pub fn word(written: &str) -> Text {
    let mut text = Text::default();
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '$' => 1 + rest[1..].find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len() - 1),
            '*' | '?' => 1,
            _ => rest.find(['$', '*', '?']).unwrap_or(rest.len()),
        };
        let (part, tail) = rest.split_at(length);
        rest = tail;
        let hole = |shape| Text::hole(part, shape);
        match part {
            "*" | "?" => text.push(Piece::Glob(part.to_owned())),
            "$NAME" => text.append(&hole(Shape::Name)),
            "$NUM" => text.append(&hole(Shape::Number)),
            "$TMP" => text.append(&hole(Shape::Temporary)),
            "$PWD" => text.append(&hole(Shape::Directory)),
            "$MANY" => text.append(&hole(Shape::Any).into_many()),
            _ if c == '$' => text.append(&hole(Shape::Any)),
            _ => text.push_str(part),
        }
    }
    text
}

/// An action of an effect, in the project's directory.
pub fn action(effect: Effect) -> Action {
    Action {
        committed: Default::default(),
        exported: Rc::default(),
        absent: Vec::new(),
        fresh: Vec::new(),
        kept: Vec::new(),
        staged: false,
        scratch: false,
        evidence: Vec::new(),
        settled: false,
        effect,
        span: Span::new(0, 100),
        inside: None,
        via: Rc::default(),
        place: Place::Local,
        directory: Text::known(PROJECT).into(),
        certainty: Match::Yes,
    }
}

/// A call of a line of words.
pub fn call(line: &str) -> Action {
    let mut words = line.split_ascii_whitespace();
    let program = word(words.next().unwrap_or(""));
    let mut at = line.split_ascii_whitespace().next().map_or(0, str::len) + 1;
    let (mut args, mut arg_spans) = (Vec::new(), Vec::new());
    for written in words {
        args.push(word(written));
        arg_spans.push(Span::new(at, at + written.len()));
        at += written.len() + 1;
    }
    action(Effect::Call(Rc::new(Call { program, args, arg_spans, ..Call::default() })))
}

/// A recursive deletion.
pub fn delete(path: &str) -> Action {
    action(Effect::Path(PathEffect {
        op: PathOp::Delete,
        path: word(path),
        recursive: true,
        by: "rm".to_owned(),
        content: None,
        span: None,
    }))
}

/// A request without a body.
pub fn request(method: &str, host: &str, path: &str) -> Action {
    action(Effect::Request(Box::new(Request {
        method: method.into(),
        host: word(host),
        path: word(path),
        query: Text::default(),
        headers: Vec::new(),
        body: crate::model::Body::Empty,
        diverted: false,
    })))
}
