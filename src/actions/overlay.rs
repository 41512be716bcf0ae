//! What the files say once the script has run so far: what it put at paths lies over what was there.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::model::{
    Exception, Facts, FileKind, Freeze, GitFacts, Input, Location, PathFacts, ReadError, Text, absolute,
    base_name, parent, path_matches,
};

use super::placed::Placed;
use super::written::{Kind, Written};

/// Facts in which the script has run so far.
pub(super) struct Overlay<'a> {
    pub facts: &'a dyn Facts,
    pub written: &'a Placed,
    pub pipes: &'a HashMap<String, Input>,
    pub foreign: &'a Cell<bool>,
    pub looked: &'a RefCell<HashSet<String>>,
}

impl<'a> Overlay<'a> {
    /// Where what stands at a path stood before the script moved it or made a link to it.
    fn before_move<'p>(&self, path: &'p str) -> &'p str
    where
        'a: 'p,
    {
        match self.written.get(path) {
            Some(Written::Original { path, kind: Kind::Move | Kind::Link }) => path,
            _ => path,
        }
    }

    /// Where a path itself lies, every link on the way to it resolved.
    fn in_parent(&self, path: &str) -> Option<String> {
        let above = parent(path);
        let above = if above == path { None } else { self.real(above) }?;
        Some(format!("{}/{}", above.trim_end_matches('/'), base_name(path)))
    }

    /// What stood in a file before the script ran.
    fn before(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        let bytes = self.facts.read(path, limit)?;
        self.foreign.set(self.foreign.get() || !bytes.is_empty());
        self.looked.borrow_mut().insert(path.to_owned());
        Ok(bytes)
    }
}

impl Facts for Overlay<'_> {
    fn directory(&self) -> &str {
        self.facts.directory()
    }

    fn home(&self) -> &str {
        self.facts.home()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.facts.env(name)
    }

    fn startup_files_run(&self) -> bool {
        self.facts.startup_files_run()
    }

    fn is_placeless(&self) -> bool {
        self.facts.is_placeless()
    }

    fn path(&self, path: &str) -> PathFacts {
        self.facts.path(self.before_move(path))
    }

    fn kind(&self, path: &str) -> FileKind {
        self.facts.kind(self.before_move(path))
    }

    fn real(&self, path: &str) -> Option<String> {
        match self.written.get(path) {
            Some(Written::Original { path, kind: Kind::Link }) => self.facts.real(path),
            // What is written to a link ends up where that leads; what is moved there replaces it.
            Some(Written::Original { kind: Kind::Move, .. }) => self.in_parent(path),
            Some(_) => self.facts.real(path).or_else(|| self.in_parent(path)),
            None => self.facts.real(path),
        }
    }

    fn is_installed(&self, path: &str) -> bool {
        !self.written.contains(path) && self.facts.is_installed(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        match self.written.get(path) {
            Some(Written::Original { path, .. }) => {
                std::iter::once(path.clone()).chain(self.facts.copied_from(path)).collect()
            }
            Some(Written::Text { .. }) => Vec::new(),
            None => self.facts.copied_from(path),
        }
    }

    fn location(&self, path: &str) -> Location {
        self.facts.location(self.before_move(path))
    }

    fn is_near_protected(&self, path: &str) -> bool {
        [path, self.before_move(path)].iter().any(|path| self.facts.is_near_protected(path))
    }

    fn link(&self, path: &str) -> Option<String> {
        match self.written.get(path) {
            Some(Written::Original { path, kind: Kind::Move }) => self.facts.link(path),
            Some(_) => None,
            None => self.facts.link(path),
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        let mut found = self.facts.glob(pattern)?;
        let wanted: Vec<&str> = pattern.split('/').collect();
        let matches = |path: &&str| path_matches(&wanted, &path.split('/').collect::<Vec<_>>());
        let named = &pattern[..pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len())];
        found.extend(self.written.starting(named).filter(matches).map(str::to_owned));
        found.sort();
        found.dedup();
        Some(found)
    }

    fn git(&self, directory: &str) -> Option<GitFacts> {
        self.facts.git(directory)
    }

    fn git_keeps(&self, directory: &str, refs: &[String]) -> bool {
        self.facts.git_keeps(directory, refs)
    }

    fn git_alias(&self, directory: &str, name: &str) -> Result<Option<String>, ReadError> {
        self.facts.git_alias(directory, name)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        let other = || ReadError::Other("written by the same script".into());
        if let Some(Input::Text(text)) = self.pipes.get(path) {
            return text.as_known().map(|text| text.into()).ok_or_else(other);
        }
        let normal = absolute(&Text::default(), &Text::known(path));
        match normal.and_then(|path| self.written.get(&path)) {
            None => self.before(path, limit),
            Some(Written::Original { path, .. }) => self.before(path, limit),
            Some(Written::Text { source, exact }) => match source.as_known().filter(|_| *exact) {
                Some(text) if text.len() > limit => Err(ReadError::TooLarge),
                Some(text) => Ok(text.into()),
                None => Err(other()),
            },
        }
    }

    fn which(&self, program: &str) -> Option<String> {
        self.facts.which(program)
    }

    fn is_free(&self, port: u16) -> bool {
        self.facts.is_free(port)
    }

    fn agent(&self) -> Option<String> {
        self.facts.agent()
    }

    fn exceptions(&self) -> &[Exception] {
        self.facts.exceptions()
    }

    fn frozen(&self) -> &[Freeze] {
        self.facts.frozen()
    }

    fn judges_execs(&self) -> bool {
        self.facts.judges_execs()
    }

    fn keeps_rights(&self) -> bool {
        self.facts.keeps_rights()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::machine::Machine;

    #[test]
    fn what_the_script_put_somewhere_is_answered_for() {
        let machine = Machine { files: &[("/usr/bin/rm", "x"), ("/d/file", "x")], ..Machine::default() };
        let mut written = Placed::default();
        let from = |path: &str, kind| Written::Original { path: path.to_owned(), kind };
        written.insert("/d/copy".to_owned(), from("/usr/bin/rm", Kind::Copy));
        written.insert("/d/link".to_owned(), from("/d/file", Kind::Link));
        written.insert("/usr/bin/ls".to_owned(), from("/d/file", Kind::Move));
        let (pipes, foreign) = (HashMap::new(), Cell::new(false));
        let overlay = Overlay {
            facts: &machine,
            written: &written,
            pipes: &pipes,
            foreign: &foreign,
            looked: &RefCell::default(),
        };
        assert_eq!(overlay.copied_from("/d/copy"), ["/usr/bin/rm"]);
        assert_eq!(overlay.real("/d/link").as_deref(), Some("/d/file"));
        assert_eq!(overlay.real("/usr/bin/ls").as_deref(), Some("/usr/bin/ls"));
        assert_eq!(overlay.kind("/d/link"), FileKind::File);
        assert!(overlay.is_installed("/usr/bin/rm") && !overlay.is_installed("/usr/bin/ls"));
        assert_eq!(overlay.link("/d/link"), None);
    }
}
