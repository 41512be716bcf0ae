//! How guard was called: as which shell, and what that shell is asked to run.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::syntax::Dialect;
use crate::sys::process;

/// The name that guard was called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// `guard`, or a name that is no shell's.
    Guard,
    /// `bash`
    Bash,
    /// `zsh`
    Zsh,
    /// `sh`, `dash`
    Sh,
}

impl Identity {
    /// By the base name of `argv[0]`, without the dash of a login shell.
    pub fn of(name: &OsStr) -> Identity {
        match base_name(name) {
            b"bash" | b"rbash" => Identity::Bash,
            b"zsh" => Identity::Zsh,
            b"sh" | b"dash" => Identity::Sh,
            _ => Identity::Guard,
        }
    }

    /// By how this program was called: callers choose `argv[0]` freely (`exec -a`, login shells),
    /// but a shell's name in the path that they start makes it that shell.
    pub fn called(argv_zero: &OsStr) -> Identity {
        let path = process::started_as()
            .filter(|path| base_name(path.as_os_str()) != base_name(argv_zero) && is_this_program(path));
        match path.map(|path| Identity::of(path.as_os_str())) {
            Some(Identity::Guard) | None => Identity::of(argv_zero),
            Some(shell) => shell,
        }
    }
}

/// Whether a path leads to this program: a script that names guard in its first line is started
/// by the script's path.
fn is_this_program(path: &Path) -> bool {
    let file = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let of = |path: &Path| fs::metadata(path).map(file).ok();
    let own = std::env::current_exe().ok().and_then(|own| of(&own));
    own.is_some() && own == of(path)
}

/// The last component of a name, without the dash of a login shell.
pub fn base_name(name: &OsStr) -> &[u8] {
    let base = name.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    base.strip_prefix(b"-").unwrap_or(base)
}

/// Whose flags and language hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// bash, under whatever name.
    Bash,
    /// zsh.
    Zsh,
    /// dash, busybox and other plain shells.
    Dash,
}

impl Grammar {
    /// The language of scripts.
    pub fn dialect(self) -> Dialect {
        match self {
            Grammar::Bash => Dialect::Bash,
            Grammar::Zsh => Dialect::Zsh,
            Grammar::Dash => Dialect::Posix,
        }
    }
}

/// What the shell is asked to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The text after `-c`.
    Command(OsString),
    /// A script file.
    File(OsString),
    /// Standard input.
    Stdin,
    /// Nothing: it checks syntax, tells its version, or its flags make no sense.
    Nothing,
}

/// How guard was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The name that guard was called by.
    pub identity: Identity,
    /// Whose flags and language hold.
    pub grammar: Grammar,
    /// It is a login shell.
    pub login: bool,
    /// `-i` was given.
    pub interactive: bool,
    /// POSIX mode.
    pub posix: bool,
    /// `-p`: startup files that the environment names do not run.
    pub privileged: bool,
    /// `--norc`, zsh `-f`.
    pub no_startup: bool,
    /// `--noprofile`
    pub no_profile: bool,
    /// `--rcfile F`, `--init-file F`
    pub init_file: Option<OsString>,
    /// What runs.
    pub source: Source,
    /// Standard input is read for commands after the one of `-c` (dash `-sc`).
    pub then_stdin: bool,
    /// `$0`
    pub name: Option<OsString>,
    /// `$1` and on.
    pub positional: Vec<OsString>,
}

impl Invocation {
    /// A call without any words.
    pub fn new(identity: Identity, grammar: Grammar) -> Invocation {
        Invocation {
            identity,
            grammar,
            login: false,
            interactive: false,
            posix: false,
            privileged: false,
            no_startup: false,
            no_profile: false,
            init_file: None,
            source: Source::Stdin,
            then_stdin: false,
            name: None,
            positional: Vec::new(),
        }
    }

    /// Whether startup files may run, and set variables that the environment does not.
    pub fn runs_startup_files(&self, env: impl Fn(&str) -> Option<OsString>) -> bool {
        if self.grammar == Grammar::Zsh {
            return !self.no_startup;
        }
        (self.login && !self.no_profile)
            || (self.interactive && !self.no_startup)
            || self.startup_word(env).is_some()
    }

    /// The word, expanded by the shell as between double quotes, that names a startup file which
    /// no human wrote into the home directory: `BASH_ENV`, `ENV`, `--rcfile`.
    pub fn startup_word(&self, env: impl Fn(&str) -> Option<OsString>) -> Option<StartupWord> {
        let by_name = self.identity == Identity::Sh || self.posix;
        let variable = |name: &str| env(name).filter(|value| !value.is_empty());
        match self.grammar {
            Grammar::Bash if self.interactive => {
                let file = self.init_file.clone().filter(|_| !self.no_startup && !by_name);
                match file {
                    Some(file) => Some(StartupWord::Path(file)),
                    None if by_name && !self.privileged => variable("ENV").map(StartupWord::Expanded),
                    None => None,
                }
            }
            Grammar::Bash if by_name || self.privileged => None,
            Grammar::Bash => variable("BASH_ENV").map(StartupWord::Expanded),
            Grammar::Dash if self.interactive => variable("ENV").map(StartupWord::Expanded),
            Grammar::Dash | Grammar::Zsh => None,
        }
    }
}

/// How a startup file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartupWord {
    /// By a path.
    Path(OsString),
    /// By a word that the shell expands first, commands and all.
    Expanded(OsString),
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides() {
        for (name, wanted) in [
            ("bash", Identity::Bash),
            ("-bash", Identity::Bash),
            ("/opt/guard/shims/zsh", Identity::Zsh),
            ("sh", Identity::Sh),
            ("guard", Identity::Guard),
            ("-guard", Identity::Guard),
            ("/x/my-shell", Identity::Guard),
        ] {
            assert_eq!(Identity::of(OsStr::new(name)), wanted, "{name}");
        }
    }

    #[test]
    fn startup_files_of_the_environment() {
        let env = |name: &str| (name == "BASH_ENV" || name == "ENV").then(|| OsString::from(name));
        let mut call = Invocation::new(Identity::Bash, Grammar::Bash);
        assert_eq!(call.startup_word(env), Some(StartupWord::Expanded("BASH_ENV".into())));
        call.posix = true;
        assert_eq!(call.startup_word(env), None);
        call.interactive = true;
        assert_eq!(call.startup_word(env), Some(StartupWord::Expanded("ENV".into())));
        call.posix = false;
        call.init_file = Some("f".into());
        assert_eq!(call.startup_word(env), Some(StartupWord::Path("f".into())));
        assert!(!Invocation::new(Identity::Bash, Grammar::Bash).runs_startup_files(|_| None));
        assert!(Invocation::new(Identity::Zsh, Grammar::Zsh).runs_startup_files(|_| None));
    }
}
