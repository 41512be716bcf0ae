//! Facts for whoever must not be kept waiting.

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use crate::context::Observed;
use crate::exec::supervised::Execution;
use crate::model::{Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, ReadError, bytes};

/// Files of so many bytes are soon read, and tell by so many that they hold no text.
const START: usize = 4096;
/// So much is soon read where it need not be understood.
const SOON: usize = 1 << 20;

/// Facts that say when an answer would have taken long. What is judged with them then counts for
/// nothing.
pub(super) struct Quick<'a> {
    inner: &'a Observed,
    /// The program that is about to run.
    program: &'a Execution,
    /// So much may still be read, where it need not be understood.
    room: Option<Cell<usize>>,
    late: Cell<bool>,
    asked: Cell<bool>,
}

impl<'a> Quick<'a> {
    pub fn new(inner: &'a Observed, program: &'a Execution) -> Quick<'a> {
        Quick { inner, program, room: None, late: Cell::default(), asked: Cell::default() }
    }

    /// The same for whoever compares what was asked before.
    pub fn again(inner: &'a Observed, program: &'a Execution) -> Quick<'a> {
        Quick { room: Some(Cell::new(SOON)), ..Quick::new(inner, program) }
    }

    /// Whether something was asked that could not be told at once.
    pub fn is_late(&self) -> bool {
        self.late.get()
    }

    /// Whether the surroundings matter.
    pub fn asked(&self) -> bool {
        self.asked.get()
    }

    /// How a file begins that is longer than that.
    fn start_of_program(&self) -> Option<Vec<u8>> {
        let mut start = vec![0; START];
        self.asked.set(true);
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
            false => self.inner().path(path),
        }
    }

    fn location(&self, path: &str) -> Location {
        self.inner().location(path)
    }

    fn is_near_protected(&self, path: &str) -> bool {
        self.inner().is_near_protected(path)
    }

    fn kind(&self, path: &str) -> FileKind {
        self.inner().kind(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.inner().real(path)
    }

    fn is_installed(&self, path: &str) -> bool {
        // Of a call by itself only its program is asked about, whose file stands beside what is known of it.
        self.inner.is_installed(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.inner().copied_from(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.inner().link(path)
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
            match self.start_of_program() {
                Some(start) if start.contains(&0) => return Ok(start),
                _ if self.room.is_none() => return self.late(Err(ReadError::Absent)),
                _ => {}
            }
        }
        let room = self.room.as_ref().map_or(START, Cell::get);
        match self.inner().read(path, limit.min(room)) {
            Err(ReadError::TooLarge) if limit > room => self.late(Err(ReadError::Absent)),
            read => {
                if let (Some(room), Ok(read)) = (&self.room, &read) {
                    room.set(room.get() - read.len());
                }
                read
            }
        }
    }

    fn which(&self, program: &str) -> Option<String> {
        self.inner().which(program)
    }

    fn is_free(&self, port: u16) -> bool {
        self.inner().is_free(port)
    }

    fn agent(&self) -> Option<String> {
        self.inner().agent()
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
