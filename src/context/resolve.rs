//! What stands at paths, and where they lead, links followed.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

use super::Observed;
use crate::model::{FileKind, bytes};

/// PATH_MAX: no call takes a longer path.
const LONGEST_PATH: usize = 4096;

impl Observed {
    pub(super) fn kind_of(&self, path: &str, found: &Metadata) -> (FileKind, Option<String>) {
        let kind = found.file_type();
        if kind.is_symlink() {
            return (FileKind::Symlink, self.link_target(path));
        }
        let kind = if kind.is_dir() {
            // A directory's links are its name, its own `.`, and the `..` of each directory in it.
            let holds_directories = found.nlink() > 2;
            let is_empty = !holds_directories
                && fs::read_dir(bytes::path(path)).is_ok_and(|mut entries| entries.next().is_none());
            if is_empty { FileKind::EmptyDirectory } else { FileKind::Directory }
        } else if kind.is_file() {
            if found.size() == 0 { FileKind::EmptyFile } else { FileKind::File }
        } else if kind.is_block_device() || kind.is_char_device() || kind.is_fifo() || kind.is_socket() {
            FileKind::Special
        } else {
            FileKind::Unknown
        };
        (kind, None)
    }

    /// Where a write to the link ends up, also where nothing stands there yet.
    fn link_target(&self, path: &str) -> Option<String> {
        let path = bytes::path(path);
        let named = path.parent()?.join(fs::read_link(&path).ok()?);
        Some(match fs::canonicalize(&path) {
            Ok(target) => bytes::text_of(&target),
            Err(_) => self.resolve_parent(&bytes::text_of(&normal(&named))),
        })
    }

    /// The path with all symbolic links resolved, as far as it exists.
    pub(super) fn resolve(&self, path: &str) -> String {
        let mut above = path;
        loop {
            let over = above.len() > LONGEST_PATH;
            let known = if over { Some(None) } else { self.leads.borrow().get(above).cloned() };
            let lead = known.unwrap_or_else(|| {
                let lead = fs::canonicalize(bytes::path(above)).ok().map(|real| bytes::text_of(&real));
                self.leads.borrow_mut().insert(above.to_owned(), lead.clone());
                lead
            });
            if let Some(real) = lead {
                let whole =
                    format!("{}{}", real.trim_end_matches('/'), &path[above.trim_end_matches('/').len()..]);
                let whole = whole.trim_end_matches('/');
                return if whole.is_empty() { "/".to_owned() } else { whole.to_owned() };
            }
            above = match above.rsplit_once('/') {
                Some(("", name)) if !name.is_empty() => "/",
                Some((parent, _)) if !parent.is_empty() => parent,
                _ => return path.to_owned(),
            };
        }
    }

    /// The path with all symbolic links but a last one resolved, as far as it exists.
    pub(super) fn resolve_parent(&self, path: &str) -> String {
        match path.rsplit_once('/') {
            Some((parent, name)) if !name.is_empty() => {
                let parent = if parent.is_empty() { "/".to_owned() } else { self.resolve(parent) };
                format!("{}/{name}", parent.trim_end_matches('/'))
            }
            _ => path.to_owned(),
        }
    }
}

/// The path without `.` and `..`, by its text.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
