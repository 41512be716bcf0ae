//! The facts of a place that is not this machine: another host, a container. Nothing of it is
//! known but what every machine has.

use super::walk::{Walk, Walked};
use crate::model::{
    Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, ReadError, is_where_installed,
};

/// Facts with this machine's own cut off.
pub(super) struct Elsewhere<'f> {
    here: &'f dyn Facts,
}

impl<'f> Elsewhere<'f> {
    pub fn new(here: &'f dyn Facts) -> Self {
        Elsewhere { here }
    }
}

impl Facts for Elsewhere<'_> {
    fn directory(&self) -> &str {
        // Where a login begins.
        self.here.home()
    }

    fn home(&self) -> &str {
        self.here.home()
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn startup_files_run(&self) -> bool {
        true
    }

    fn is_placeless(&self) -> bool {
        false
    }

    fn path(&self, path: &str) -> PathFacts {
        PathFacts { kind: FileKind::Unknown, ..self.here.path(path) }
    }

    fn kind(&self, _: &str) -> FileKind {
        FileKind::Unknown
    }

    fn real(&self, _: &str) -> Option<String> {
        None
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
        self.here.location(path)
    }

    fn is_near_protected(&self, _: &str) -> bool {
        false
    }

    fn glob(&self, _: &str) -> Option<Vec<String>> {
        None
    }

    fn git(&self, _: &str) -> Option<GitFacts> {
        None
    }

    fn git_keeps(&self, _: &str, _: &[String]) -> bool {
        false
    }

    fn git_alias(&self, _: &str, _: &str) -> Result<Option<String>, ReadError> {
        Ok(None)
    }

    fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::Other("it is not on this machine".into()))
    }

    fn which(&self, _: &str) -> Option<String> {
        None
    }

    fn is_free(&self, _: u16) -> bool {
        false
    }

    fn agent(&self) -> Option<String> {
        self.here.agent()
    }

    fn exceptions(&self) -> &[Exception] {
        self.here.exceptions()
    }

    fn frozen(&self) -> &[Freeze] {
        self.here.frozen()
    }

    fn judges_execs(&self) -> bool {
        false
    }

    fn keeps_rights(&self) -> bool {
        false
    }
}

impl Walk<'_> {
    /// Takes over what a walk through another place found.
    pub fn take_back(&mut self, far: Walked, statements: usize) {
        self.statements += statements;
        self.found.beyond_ascii |= far.beyond_ascii;
        self.found.charset = self.found.charset.max(far.charset);
        far.actions.iter().for_each(|action| self.note_deleted(action));
        self.found.actions.extend(far.actions);
        if self.found.unprovable.is_none() {
            self.found.unprovable = far.unprovable;
        }
        if let Some(why) = far.cut_short {
            self.cut_short(&why);
        }
    }
}
