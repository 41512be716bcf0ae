//! What was judged before and would be judged the same: each question that it rested on has the answer that it had.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use serde::{Deserialize, Serialize};

use crate::model::{Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, ReadError};

/// What rests on more answers is judged anew as soon.
const MOST: usize = 2_000;
/// So many calls and answers are remembered.
const ROOM: usize = 100_000;

/// What was judged without a finding, and all that it rests on beside the call, its directory and its environment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    /// Its words are looked at again behind the exec.
    pub again: bool,
    /// A digest of the names under which the program was judged.
    pub names: u64,
    asked: Vec<(Question, u64)>,
}

impl Found {
    /// Whether every question has the same answer now.
    pub fn stands(&self, facts: &dyn Facts, hasher: &RandomState) -> bool {
        self.asked.iter().all(|(question, answer)| question.answer(facts, hasher) == *answer)
    }

    /// How much room it takes.
    fn size(&self) -> usize {
        1 + self.asked.len()
    }
}

/// What is known of calls.
#[derive(Debug)]
pub(super) struct Memo<K> {
    known: HashMap<K, Found>,
    size: usize,
}

impl<K> Default for Memo<K> {
    fn default() -> Self {
        Memo { known: HashMap::new(), size: 0 }
    }
}

impl<K: Hash + Eq> Memo<K> {
    /// What is known of a call.
    pub fn get(&self, call: &K) -> Option<&Found> {
        self.known.get(call)
    }

    /// Remembers that of a call.
    pub fn insert(&mut self, call: K, found: Found) {
        if self.size > ROOM {
            *self = Memo::default();
        }
        self.size += found.size();
        let before = self.known.insert(call, found);
        self.size -= before.map_or(0, |before| before.size());
    }
}

/// What judging asks about the world. Variables are no part of it: a call is known by its whole environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Question {
    Home,
    Path(String),
    Kind(String),
    Location(String),
    NearProtected(String),
    Real(String),
    Link(String),
    Glob(String),
    Git(String),
    GitKeeps(String, Vec<String>),
    GitAlias(String, String),
    Read(String, usize),
    Which(String),
    Installed(String),
    CopiedFrom(String),
    Free(u16),
}

impl Question {
    /// A digest of the answer: of a file that is read, of all that it holds, since times can be set.
    fn answer(&self, facts: &dyn Facts, hasher: &RandomState) -> u64 {
        match self {
            Question::Home => hasher.hash_one(facts.home()),
            Question::Path(path) => hasher.hash_one(facts.path(path)),
            Question::Kind(path) => hasher.hash_one(facts.kind(path)),
            Question::Location(path) => hasher.hash_one(facts.location(path)),
            Question::NearProtected(path) => hasher.hash_one(facts.is_near_protected(path)),
            Question::Real(path) => hasher.hash_one(facts.real(path)),
            Question::Link(path) => hasher.hash_one(facts.link(path)),
            Question::Glob(pattern) => hasher.hash_one(facts.glob(pattern)),
            Question::Git(directory) => hasher.hash_one(facts.git(directory)),
            Question::GitKeeps(directory, refs) => hasher.hash_one(facts.git_keeps(directory, refs)),
            Question::GitAlias(directory, name) => hasher.hash_one(facts.git_alias(directory, name)),
            Question::Read(path, limit) => hasher.hash_one(facts.read(path, *limit)),
            Question::Which(program) => hasher.hash_one(facts.which(program)),
            Question::Installed(path) => hasher.hash_one(facts.is_installed(path)),
            Question::CopiedFrom(path) => hasher.hash_one(facts.copied_from(path)),
            Question::Free(port) => hasher.hash_one(facts.is_free(*port)),
        }
    }
}

/// Facts that note what was asked of them, and the answers.
pub(super) struct Noting<'a> {
    inner: &'a dyn Facts,
    hasher: &'a RandomState,
    noted: RefCell<HashMap<Question, u64>>,
    wavers: Cell<bool>,
}

impl<'a> Noting<'a> {
    /// Asks `inner` for all answers; `hasher` is the one by which they are compared later.
    pub fn new(inner: &'a dyn Facts, hasher: &'a RandomState) -> Noting<'a> {
        Noting { inner, hasher, noted: RefCell::default(), wavers: Cell::default() }
    }

    /// What is then known, unless it does not hold for the same call again.
    pub fn found(self, again: bool, names: u64) -> Option<Found> {
        let asked: Vec<_> = self.noted.into_inner().into_iter().collect();
        (!self.wavers.get() && asked.len() <= MOST).then_some(Found { again, names, asked })
    }

    /// What is found does not hold for the same call again.
    pub fn waver(&self) {
        self.wavers.set(true);
    }

    fn note<T: Hash>(&self, question: Question, answer: T) -> T {
        let digest = self.hasher.hash_one(&answer);
        let before = self.noted.borrow_mut().insert(question, digest);
        // What changes while it is judged was judged as something between.
        self.wavers.set(self.wavers.get() || before.is_some_and(|before| before != digest));
        answer
    }
}

impl Facts for Noting<'_> {
    fn directory(&self) -> &str {
        self.inner.directory()
    }

    fn home(&self) -> &str {
        self.note(Question::Home, self.inner.home())
    }

    fn env(&self, name: &str) -> Option<String> {
        // The one variable that a call is not known by.
        self.wavers.set(self.wavers.get() || name == "_");
        self.inner.env(name)
    }

    fn startup_files_run(&self) -> bool {
        self.inner.startup_files_run()
    }

    fn is_placeless(&self) -> bool {
        self.inner.is_placeless()
    }

    fn exceptions(&self) -> &[Exception] {
        // Nothing that rests on one is remembered: it leaves a finding.
        self.inner.exceptions()
    }

    fn frozen(&self) -> &[Freeze] {
        // When that changes, all is forgotten.
        self.inner.frozen()
    }

    fn path(&self, path: &str) -> PathFacts {
        self.note(Question::Path(path.to_owned()), self.inner.path(path))
    }

    fn kind(&self, path: &str) -> FileKind {
        self.note(Question::Kind(path.to_owned()), self.inner.kind(path))
    }

    fn location(&self, path: &str) -> Location {
        self.note(Question::Location(path.to_owned()), self.inner.location(path))
    }

    fn is_near_protected(&self, path: &str) -> bool {
        self.note(Question::NearProtected(path.to_owned()), self.inner.is_near_protected(path))
    }

    fn real(&self, path: &str) -> Option<String> {
        self.note(Question::Real(path.to_owned()), self.inner.real(path))
    }

    fn link(&self, path: &str) -> Option<String> {
        self.note(Question::Link(path.to_owned()), self.inner.link(path))
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        self.note(Question::Glob(pattern.to_owned()), self.inner.glob(pattern))
    }

    fn git(&self, directory: &str) -> Option<GitFacts> {
        self.note(Question::Git(directory.to_owned()), self.inner.git(directory))
    }

    fn git_keeps(&self, directory: &str, refs: &[String]) -> bool {
        let question = Question::GitKeeps(directory.to_owned(), refs.to_vec());
        self.note(question, self.inner.git_keeps(directory, refs))
    }

    fn git_alias(&self, directory: &str, name: &str) -> Result<Option<String>, ReadError> {
        let question = Question::GitAlias(directory.to_owned(), name.to_owned());
        self.note(question, self.inner.git_alias(directory, name))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
        self.note(Question::Read(path.to_owned(), limit), self.inner.read(path, limit))
    }

    fn which(&self, program: &str) -> Option<String> {
        self.note(Question::Which(program.to_owned()), self.inner.which(program))
    }

    fn is_installed(&self, path: &str) -> bool {
        self.note(Question::Installed(path.to_owned()), self.inner.is_installed(path))
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.note(Question::CopiedFrom(path.to_owned()), self.inner.copied_from(path))
    }

    fn is_free(&self, port: u16) -> bool {
        self.note(Question::Free(port), self.inner.is_free(port))
    }

    fn agent(&self) -> Option<String> {
        self.inner.agent()
    }

    fn judges_execs(&self) -> bool {
        self.inner.judges_execs()
    }

    fn keeps_rights(&self) -> bool {
        self.inner.keeps_rights()
    }
}
