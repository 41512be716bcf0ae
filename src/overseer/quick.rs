//! Facts for whoever must not be kept waiting.

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use crate::context::Observed;
use crate::exec::supervised::Execution;
use crate::model::{Facts, FileKind, Freeze, GitFacts, PathFacts, ReadError, bytes};

/// Files of so many bytes are soon read, and tell by so many that they hold no text.
const START: usize = 4096;

/// Facts that say when an answer would have taken long. What is judged with them then counts for
/// nothing.
pub(super) struct Quick<'a> {
    inner: &'a Observed,
    /// The program that is about to run.
    program: &'a Execution,
    late: Cell<bool>,
    asked: Cell<bool>,
    files: Cell<bool>,
}

impl<'a> Quick<'a> {
    pub fn new(inner: &'a Observed, program: &'a Execution) -> Quick<'a> {
        Quick { inner, program, late: Cell::default(), asked: Cell::default(), files: Cell::default() }
    }

    /// Whether something was asked that could not be told at once.
    pub fn is_late(&self) -> bool {
        self.late.get()
    }

    /// Whether the surroundings matter.
    pub fn asked(&self) -> bool {
        self.asked.get()
    }

    /// Whether it matters what stands in some file or at some path.
    pub fn looked_at_files(&self) -> bool {
        self.files.get()
    }

    /// How a file begins that is longer than that.
    fn start_of_program(&self) -> Option<Vec<u8>> {
        let mut start = vec![0; START];
        self.files.set(true);
        File::open(&self.program.path).and_then(|mut file| file.read_exact(&mut start)).ok()?;
        Some(start)
    }

    fn late<T>(&self, instead: T) -> T {
        self.late.set(true);
        instead
    }

    fn inner(&self) -> &Observed {
        self.asked.set(true);
        self.inner
    }

    fn files(&self) -> &Observed {
        self.files.set(true);
        self.inner()
    }
}

impl Facts for Quick<'_> {
    fn directory(&self) -> &str {
        self.inner.directory()
    }

    fn home(&self) -> &str {
        self.inner().home()
    }

    fn env(&self, name: &str) -> Option<String> {
        // What bytes mean as letters says nothing of a call that is not read as a script.
        if ["LC_ALL", "LC_CTYPE", "LANG"].contains(&name) {
            return self.inner.env(name);
        }
        self.inner().env(name)
    }

    fn startup_files_run(&self) -> bool {
        self.inner.startup_files_run()
    }

    fn is_placeless(&self) -> bool {
        self.inner.is_placeless()
    }

    fn path(&self, path: &str) -> PathFacts {
        match self.late.get() || !self.inner.is_soon_told(path) {
            true => self.late(PathFacts::unknown(path)),
            false => self.files().path(path),
        }
    }

    fn is_near_protected(&self, path: &str) -> bool {
        self.files().is_near_protected(path)
    }

    fn kind(&self, path: &str) -> FileKind {
        self.files().kind(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.files().real(path)
    }

    fn is_installed(&self, path: &str) -> bool {
        // Of a call by itself only its program is asked about, whose file stands beside what is known of it.
        self.inner.is_installed(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.files().copied_from(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.files().link(path)
    }

    fn glob(&self, _pattern: &str) -> Option<Vec<String>> {
        self.late(None)
    }

    fn git(&self, _directory: &str) -> Option<GitFacts> {
        self.late(None)
    }

    fn git_keeps(&self, _directory: &str, _refs: &[String]) -> bool {
        self.late(false)
    }

    fn git_alias(&self, _directory: &str, _name: &str) -> Result<Option<String>, ReadError> {
        self.late(Ok(None))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        if bytes::path(path) == self.program.path && self.program.file.size() > START as u64 {
            // What is no text is not read any further.
            return match self.start_of_program() {
                Some(start) if start.contains(&0) => Ok(start),
                _ => self.late(Err(ReadError::Absent)),
            };
        }
        match self.files().read(path, limit.min(START)) {
            Err(ReadError::TooLarge) if limit > START => self.late(Err(ReadError::Absent)),
            read => read,
        }
    }

    fn which(&self, program: &str) -> Option<String> {
        self.files().which(program)
    }

    fn is_free(&self, port: u16) -> bool {
        self.files().is_free(port)
    }

    fn agent(&self) -> Option<String> {
        self.inner().agent()
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
