//! Facts that write down what was asked of them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Digest;
use crate::model::{Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, ReadError};

/// What was asked, with the answers.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Variables of the environment.
    pub env: BTreeMap<String, Option<String>>,
    /// Paths that were looked at.
    pub paths: BTreeMap<String, PathFacts>,
    /// Directories whose work tree was looked at.
    pub git: BTreeMap<String, Option<GitFacts>>,
    /// Files that were read, or why they could not be.
    pub files: BTreeMap<String, Result<Content, ReadError>>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its length.
    pub bytes: usize,
    /// Its measure.
    pub digest: Digest,
}

/// Facts that write down what was asked of them.
pub struct Recorder<'a> {
    inner: &'a dyn Facts,
    asked: RefCell<Asked>,
}

impl<'a> Recorder<'a> {
    /// Asks `inner` for all answers.
    pub fn new(inner: &'a dyn Facts) -> Recorder<'a> {
        Recorder { inner, asked: RefCell::default() }
    }

    /// What was asked.
    pub fn asked(self) -> Asked {
        self.asked.into_inner()
    }
}

impl Facts for Recorder<'_> {
    fn directory(&self) -> &str {
        self.inner.directory()
    }

    fn home(&self) -> &str {
        self.inner.home()
    }

    fn env(&self, name: &str) -> Option<String> {
        let value = self.inner.env(name);
        self.asked.borrow_mut().env.insert(name.to_owned(), value.clone());
        value
    }

    fn startup_files_run(&self) -> bool {
        self.inner.startup_files_run()
    }

    fn is_placeless(&self) -> bool {
        self.inner.is_placeless()
    }

    fn path(&self, path: &str) -> PathFacts {
        let facts = self.inner.path(path);
        self.asked.borrow_mut().paths.insert(path.to_owned(), facts.clone());
        facts
    }

    fn kind(&self, path: &str) -> FileKind {
        self.inner.kind(path)
    }

    fn location(&self, path: &str) -> Location {
        self.inner.location(path)
    }

    fn is_near_protected(&self, path: &str) -> bool {
        self.inner.is_near_protected(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.inner.real(path)
    }

    fn is_installed(&self, path: &str) -> bool {
        self.inner.is_installed(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.inner.copied_from(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.inner.link(path)
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        self.inner.glob(pattern)
    }

    fn git(&self, directory: &str) -> Option<GitFacts> {
        let facts = self.inner.git(directory);
        self.asked.borrow_mut().git.insert(directory.to_owned(), facts.clone());
        facts
    }

    fn git_keeps(&self, directory: &str, refs: &[String]) -> bool {
        self.inner.git_keeps(directory, refs)
    }

    fn git_alias(&self, directory: &str, name: &str) -> Result<Option<String>, ReadError> {
        self.inner.git_alias(directory, name)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        let text = self.inner.read(path, limit);
        let content = |text: &Vec<u8>| Content { bytes: text.len(), digest: Digest::of([text.as_slice()]) };
        let answer = text.as_ref().map(content).map_err(ReadError::clone);
        self.asked.borrow_mut().files.insert(path.to_owned(), answer);
        text
    }

    fn which(&self, program: &str) -> Option<String> {
        self.inner.which(program)
    }

    fn is_free(&self, port: u16) -> bool {
        self.inner.is_free(port)
    }

    fn agent(&self) -> Option<String> {
        self.inner.agent()
    }

    fn exceptions(&self) -> &[Exception] {
        self.inner.exceptions()
    }

    fn frozen(&self) -> &[Freeze] {
        self.inner.frozen()
    }

    fn judges_execs(&self) -> bool {
        self.inner.judges_execs()
    }

    fn keeps_rights(&self) -> bool {
        self.inner.keeps_rights()
    }
}
