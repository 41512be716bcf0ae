//! A machine for tests of the core: what is said of it, and nothing else.

use super::{
    Exception, Facts, FileKind, Freeze, GitFacts, Location, PathFacts, ReadError, is_where_installed,
};

/// A machine that only has what the test says.
#[derive(Default)]
pub struct Machine {
    pub directory: &'static str,
    pub env: &'static [(&'static str, &'static str)],
    pub startup: bool,
    /// Paths and contents.
    pub files: &'static [(&'static str, &'static str)],
    pub git: Option<GitFacts>,
    /// What stands in `/usr/bin`.
    pub programs: &'static [&'static str],
}

fn find(table: &[(&str, &str)], wanted: &str) -> Option<String> {
    let found = table.iter().find(|(key, _)| *key == wanted);
    found.map(|(_, value)| (*value).to_owned())
}

impl Facts for Machine {
    fn directory(&self) -> &str {
        self.directory
    }

    fn home(&self) -> &str {
        "/home/dev"
    }

    fn env(&self, name: &str) -> Option<String> {
        find(self.env, name)
    }

    fn startup_files_run(&self) -> bool {
        self.startup
    }

    fn is_placeless(&self) -> bool {
        false
    }

    fn path(&self, path: &str) -> PathFacts {
        let kind = match find(self.files, path) {
            Some(_) => FileKind::File,
            None => FileKind::Directory,
        };
        PathFacts { kind, ..PathFacts::unknown(path) }
    }

    fn kind(&self, path: &str) -> FileKind {
        self.path(path).kind
    }

    fn real(&self, path: &str) -> Option<String> {
        Some(path.to_owned())
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

    fn glob(&self, _: &str) -> Option<Vec<String>> {
        None
    }

    fn git(&self, _: &str) -> Option<GitFacts> {
        self.git.clone()
    }

    fn git_keeps(&self, _: &str, _: &[String]) -> bool {
        false
    }

    fn git_alias(&self, _: &str, _: &str) -> Result<Option<String>, ReadError> {
        Ok(None)
    }

    fn read(&self, path: &str, _: usize) -> Result<Vec<u8>, ReadError> {
        find(self.files, path).map(String::into_bytes).ok_or(ReadError::Absent)
    }

    fn which(&self, program: &str) -> Option<String> {
        let known = self.programs.contains(&program);
        known.then(|| format!("/usr/bin/{program}"))
    }

    fn is_free(&self, _: u16) -> bool {
        false
    }

    fn agent(&self) -> Option<String> {
        None
    }

    fn exceptions(&self) -> &[Exception] {
        &[]
    }

    fn frozen(&self) -> &[Freeze] {
        &[]
    }

    fn judges_execs(&self) -> bool {
        false
    }

    fn keeps_rights(&self) -> bool {
        false
    }
}
