//! Which real shell runs: never guard itself, whatever PATH says.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::invocation::{Grammar, Identity, base_name};
use crate::error::{Error, ErrorKind};
use crate::sys::passwd;

/// The shell that guard stands in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealShell {
    /// Where it is.
    pub path: PathBuf,
    /// Whose flags and language it has.
    pub grammar: Grammar,
}

/// Where distributions put shells; the first two hold nothing that users or agents put there.
const PLACES: &[&str] = &["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/// Stands in every guard binary, so that a copy of guard under a shell's name is known for what
/// it is.
static MARK: [u8; 32] = *b"guard:this-file-is-a-guard-shell";

/// Finds the real shell: the namesake, else the configured one, else the user's own, else bash
/// or sh.
pub fn find(
    identity: Identity,
    configured: Option<&Path>,
    search: Option<&OsStr>,
) -> Result<RealShell, Error> {
    let own = fs::metadata("/proc/self/exe").or_else(|_| fs::metadata(std::env::current_exe()?));
    let finder = Finder { own: own.ok().map(|own| (own.dev(), own.ino())), search };
    let names: &[&str] = match identity {
        Identity::Bash => &["bash"],
        Identity::Zsh => &["zsh"],
        Identity::Sh => &["sh"],
        Identity::Guard => {
            if let Some(path) = configured {
                return finder.check(path).map_err(|why| {
                    Error::new(
                        ErrorKind::NotFound,
                        format!("the configured shell `{}` {why}", path.display()),
                    )
                    .hint("correct `path` under `[shell]` in guard.toml")
                });
            }
            let shell = passwd::current().map(|user| user.shell);
            if let Some(found) = shell.and_then(|shell| finder.check(&shell).ok()) {
                return Ok(found);
            }
            &["bash", "sh"]
        }
    };
    names
        .iter()
        .find_map(|name| finder.named(name))
        .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the real `{}` is not there", names[0])))
}

struct Finder<'a> {
    /// Device and number of guard's own file.
    own: Option<(u64, u64)>,
    /// PATH.
    search: Option<&'a OsStr>,
}

impl Finder<'_> {
    /// The first of that name on PATH, else in the usual places, that is no guard.
    fn named(&self, name: &str) -> Option<RealShell> {
        let path = self.search.map(OsStr::as_bytes).unwrap_or_default();
        let on_path = path
            .split(|byte| *byte == b':')
            .filter(|directory| directory.starts_with(b"/"))
            .map(|directory| Path::new(OsStr::from_bytes(directory)));
        on_path
            .chain(PLACES.iter().map(Path::new))
            .find_map(|directory| self.check(&directory.join(name)).ok())
    }

    /// The shell at a path, if it is one and not guard; else what it is instead.
    fn check(&self, path: &Path) -> Result<RealShell, &'static str> {
        let absent = |_| "is not there";
        let mut metadata = fs::symlink_metadata(path).map_err(absent)?;
        let mut real = Cow::Borrowed(path);
        if metadata.is_symlink() {
            metadata = fs::metadata(path).map_err(absent)?;
            real = Cow::Owned(fs::canonicalize(path).map_err(absent)?);
        }
        if !metadata.is_file() || metadata.mode() & 0o111 == 0 {
            return Err("is no program");
        }
        let is_own = self.own == Some((metadata.dev(), metadata.ino()));
        let grammar = grammar(&real, path).filter(|_| !is_own);
        match grammar {
            Some(grammar) if !is_guard(&real, &metadata) => Ok(RealShell { path: path.to_owned(), grammar }),
            None if !is_own && !is_guard(&real, &metadata) => Err("is not bash, zsh or a kind of sh"),
            _ => Err("is guard itself"),
        }
    }
}

/// The language, by the name of the file itself (`/bin/sh` may lead to dash or bash), else by the
/// name it is called by.
fn grammar(real: &Path, called: &Path) -> Option<Grammar> {
    let of = |path: &Path| {
        let name = base_name(path.file_name()?);
        let starts = |start: &str| name.starts_with(start.as_bytes());
        if starts("bash") || starts("rbash") {
            Some(Grammar::Bash)
        } else if starts("zsh") {
            Some(Grammar::Zsh)
        } else if name == b"sh" || ["dash", "ash", "busybox", "ksh", "mksh"].into_iter().any(starts) {
            Some(Grammar::Dash)
        } else {
            None
        }
    };
    // Called `sh`, a file named `guard` is still no shell.
    if base_name(real.file_name()?).starts_with(b"guard") {
        return None;
    }
    // macOS has a bash of its own at `/bin/sh`.
    if cfg!(target_os = "macos") && real == Path::new("/bin/sh") {
        return Some(Grammar::Bash);
    }
    of(real).or_else(|| of(called))
}

/// Whether a path leads to a guard, by the name or by what is in the file.
pub fn leads_to_guard(path: &Path) -> bool {
    let Ok(real) = fs::canonicalize(path) else { return false };
    let named = real.file_name().is_some_and(|name| base_name(name).starts_with(b"guard"));
    named || fs::metadata(&real).is_ok_and(|metadata| is_guard(&real, &metadata))
}

/// Whether a file is a guard under another name: another copy of it, or another version.
fn is_guard(real: &Path, metadata: &Metadata) -> bool {
    let distribution = ["/bin", "/usr/bin"].map(Path::new);
    if metadata.uid() == 0 && real.parent().is_some_and(|parent| distribution.contains(&parent)) {
        return false;
    }
    // A shell that cannot be read is no copy that this user made; its own exec will tell.
    let Ok(mut file) = File::open(real) else {
        return false;
    };
    let mut text = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).min(LONGEST));
    let read = file.by_ref().take(LONGEST as u64).read_to_end(&mut text);
    read.is_ok() && holds(&text, mark())
}

/// The mark, by its address: a compiler that knew its bytes here would leave it out of the file.
fn mark() -> &'static [u8; 32] {
    std::hint::black_box(&MARK)
}

/// No shell is larger.
const LONGEST: usize = 64 << 20;

fn holds(text: &[u8], wanted: &[u8]) -> bool {
    let first = wanted[0];
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// What the real shell is told its name is: the caller's word, but a shell's name where guard
/// was called by its own.
pub fn argv_zero(identity: Identity, called: &OsStr, real: &RealShell) -> OsString {
    if identity != Identity::Guard {
        return called.to_owned();
    }
    let mut name = OsString::new();
    if called.as_bytes().starts_with(b"-") {
        name.push("-");
    }
    name.push(real.path.file_name().unwrap_or(OsStr::new("bash")));
    name
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn program(directory: &Path, name: &str, text: &[u8]) -> PathBuf {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn guard_is_never_its_own_shell() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            let directory = scratch.path().join(name);
            fs::create_dir(&directory).unwrap();
            directory
        };
        let (link, hard, copy, other, good) = (at("a"), at("b"), at("c"), at("d"), at("e"));
        let own = program(scratch.path(), "own", b"me");
        symlink(&own, link.join("bash")).unwrap();
        fs::hard_link(&own, hard.join("bash")).unwrap();
        program(&copy, "bash", &[b"\x7fELF...", &mark()[..], b"..."].concat());
        let installed = program(&other, "guard", b"an older one");
        symlink(installed, other.join("bash")).unwrap();
        let real = program(&good, "bash", b"#!/bin/sh\n");
        let search = std::env::join_paths([&link, &hard, &copy, &other, &good]).unwrap();
        let metadata = fs::metadata(&own).unwrap();
        let finder = Finder { own: Some((metadata.dev(), metadata.ino())), search: Some(&search) };
        assert_eq!(finder.named("bash").unwrap().path, real);
    }

    #[test]
    fn the_mark_stands_in_the_program() {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(holds(&own, mark()));
    }

    #[test]
    fn relative_entries_of_path_and_files_without_permission_are_skipped() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("zsh"), "x").unwrap();
        let search = format!("::.:{}", scratch.path().display());
        let finder = Finder { own: None, search: Some(OsStr::new(&search)) };
        let found = finder.named("zsh");
        assert!(found.is_none_or(|shell| !shell.path.starts_with(scratch.path())));
    }

    #[test]
    fn the_grammar_is_that_of_the_file_behind_the_name() {
        let of = |real: &str, called: &str| grammar(Path::new(real), Path::new(called));
        assert_eq!(of("/usr/bin/dash", "/bin/sh"), Some(Grammar::Dash));
        assert_eq!(of("/usr/bin/bash", "/bin/sh"), Some(Grammar::Bash));
        assert_eq!(of("/bin/zsh-5.9", "/bin/zsh"), Some(Grammar::Zsh));
        assert_eq!(of("/etc/alternatives/x", "/bin/bash"), Some(Grammar::Bash));
        assert_eq!(of("/usr/bin/fish", "/usr/bin/fish"), None);
    }

    #[test]
    fn the_name_that_the_shell_sees() {
        let real = RealShell { path: "/bin/bash".into(), grammar: Grammar::Bash };
        for (called, wanted) in
            [("guard", "bash"), ("-guard", "-bash"), ("/x/shims/bash", "/x/shims/bash"), ("-bash", "-bash")]
        {
            assert_eq!(argv_zero(Identity::of(OsStr::new(called)), OsStr::new(called), &real), wanted);
        }
    }
}
