//! What is protected: guard's own places, by every name that they have, and those that settings name.

use std::env;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::names::TEMPORARY;
use super::observed::Observed;
use super::paths::reach;
use crate::model::{Facts, FileKind, Reach, bytes, normal};

/// The places that a command must not change.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// Guard's own, beside its program: configuration, state, log.
    pub own: Vec<PathBuf>,
    /// `[protect] read_only`, as written.
    pub read_only: Vec<String>,
    /// `[protect] no_delete`, as written.
    pub no_delete: Vec<String>,
}

/// What the kernel may hold, and where that would be in the way.
#[derive(Debug, Clone, Default)]
pub struct Reserved {
    /// Where nothing may be written.
    pub read_only: Vec<PathBuf>,
    /// Where nothing may be deleted.
    pub no_delete: Vec<PathBuf>,
    /// Where work is done: the session's directory, its work tree, temporary directories.
    pub busy: Vec<PathBuf>,
}

impl Observed {
    /// Whether something protected may be at a path, above it or below it.
    pub(super) fn is_near(&self, path: &str) -> bool {
        let Protected { own, read_only, no_delete } = &self.protected;
        if read_only.is_empty() && no_delete.is_empty() {
            // Asked of every `mkdir`: their names as they are written must do.
            let own: Vec<String> = own.iter().map(bytes::text_of).collect();
            return reach(&own, path) != Reach::Apart;
        }
        let (places, real) = (self.places(), self.resolve(path));
        let near = |names: &[String]| reach(names, path).max(reach(names, &real)) != Reach::Apart;
        near(&places.own) || near(&places.read_only) || near(&places.no_delete)
    }

    /// The places that settings protect, for the kernel.
    pub fn reserved(&self) -> Reserved {
        let places = self.places();
        let paths = |named: &[String]| named.iter().map(|path| bytes::path(path).into_owned()).collect();
        let own = [self.directory().to_owned()].into_iter().chain(places.workspace.clone());
        let temporary = TEMPORARY.iter().map(|path| (*path).to_owned()).chain(self.env("TMPDIR"));
        let busy: Vec<String> = own.chain(temporary).filter(|path| path.starts_with('/')).collect();
        Reserved {
            read_only: paths(&places.read_only),
            no_delete: paths(&places.no_delete),
            busy: paths(&busy),
        }
    }
}

/// Places that settings name, whole: `~` is each of the homes.
pub(super) fn named(written: &[String], homes: &[String]) -> Vec<String> {
    let whole = |path: &String| match path.strip_prefix('~') {
        Some(rest) => homes.iter().map(|home| normal(&format!("{home}{rest}"))).collect(),
        None => vec![normal(path)],
    };
    written.iter().flat_map(whole).collect()
}

/// The links that make guard a shell here: what `SHELL` and an agent's own variable name, and the first `bash`
/// of PATH.
pub(super) fn links(env: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let stands = |path: &String| path.starts_with('/') && fs::symlink_metadata(bytes::path(path)).is_ok();
    let search_path = env("PATH").unwrap_or_default();
    let first = search_path.split(':').map(|directory| format!("{directory}/bash")).find(stands);
    let shells = ["SHELL", "CLAUDE_CODE_SHELL"].iter().filter_map(|name| env(name));
    shells.chain(first).filter(|link| is_link(&bytes::path(link))).collect()
}

/// Whether a path leads to the program that runs here.
fn is_program(path: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|real| env::current_exe().is_ok_and(|own| real == own))
}

/// Whether it is a symbolic link to it.
fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) && is_program(path)
}

/// Whether it is a link to guard's program, a folder of such, or another name of one of guard's files, which are
/// known by device and number.
pub(super) fn is_alias<'i>(path: &Path, kind: FileKind, own: impl Fn() -> &'i [(u64, u64)]) -> bool {
    let found = |path: &Path| fs::symlink_metadata(path).ok();
    match kind {
        FileKind::Symlink => is_program(path),
        FileKind::File | FileKind::EmptyFile => {
            found(path).is_some_and(|file| file.nlink() > 1 && own().contains(&inode(&file)))
        }
        FileKind::Directory => ["bash", "zsh", "sh"].iter().any(|shell| is_link(&path.join(shell))),
        _ => false,
    }
}

/// The files at and in guard's own places, by device and number: a hard link has no other sign.
pub(super) fn inodes(own: &[String]) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    for place in own {
        let place = bytes::path(place);
        let rules = place.join("rules.d");
        let below = [&*place, &*rules].into_iter().filter_map(|directory| fs::read_dir(directory).ok());
        let files = below.flatten().flatten().filter_map(|entry| entry.metadata().ok());
        let itself = fs::metadata(&place).ok();
        found.extend(files.chain(itself).filter(Metadata::is_file).map(|file| inode(&file)));
    }
    found
}

fn inode(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_tilde_is_each_home() {
        let homes = ["/home/dev".to_owned(), "/h".to_owned()];
        let written = ["~/.ssh/".to_owned(), "/srv/../srv/x".to_owned(), "~".to_owned()];
        let wanted = ["/home/dev/.ssh", "/h/.ssh", "/srv/x", "/home/dev", "/h"];
        assert_eq!(named(&written, &homes), wanted);
    }

    #[test]
    fn links_to_the_program_are_found_by_what_names_them() {
        let scratch = tempfile::tempdir().unwrap();
        let link = |name: &str| {
            let path = scratch.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(env::current_exe().unwrap(), &path).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (shim, shell) = (link("a/bash"), link("b/zsh"));
        let folder = shim.strip_suffix("/bash").unwrap();
        let env = |name: &str| match name {
            "PATH" => Some(format!("relative::/nowhere:{folder}:/usr/bin")),
            "SHELL" => Some(shell.clone()),
            _ => Some("/bin/sh".to_owned()),
        };
        assert_eq!(links(&env), [shell.clone(), shim.clone()]);
        let behind = |name: &str| if name == "PATH" { Some(format!("/usr/bin:/bin:{folder}")) } else { None };
        assert!(links(&behind).is_empty());
    }
}
