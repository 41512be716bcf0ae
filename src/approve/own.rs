//! Files that count only where they are surely the user's own and whole.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::sys::process;

/// What a file holds, at most `most` bytes, where nobody but this user can have written it.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_of(path, most, process::user_id(), 0o077)
}

/// The same of a file that this user owns, with none of these permissions.
pub fn read_of(path: &Path, most: u64, owner: u32, forbidden: u32) -> io::Result<Vec<u8>> {
    read_by(path, most, owner, forbidden, Links::One)
}

/// The same of one that whoever copies a home directory by links may have given another name: without it nothing of
/// guard's runs.
pub fn read_linked(path: &Path, most: u64, owner: u32, forbidden: u32) -> io::Result<Vec<u8>> {
    read_by(path, most, owner, forbidden, Links::Any)
}

/// How many names a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    One,
    Any,
}

fn read_by(path: &Path, most: u64, owner: u32, forbidden: u32, links: Links) -> io::Result<Vec<u8>> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let opened = File::options().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP) => doubt("it is a link"),
        _ => error,
    })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(doubt("it is no file"));
    }
    if found.uid() != owner {
        return Err(doubt("it belongs to another user"));
    }
    if found.mode() & forbidden != 0 {
        return Err(doubt("others may have written it"));
    }
    if found.nlink() != 1 && links == Links::One {
        return Err(doubt("it has another name, too"));
    }
    let mut text = Vec::new();
    file.take(most + 1).read_to_end(&mut text)?;
    match text.len() as u64 > most {
        true => Err(doubt("it is too long")),
        false => Ok(text),
    }
}

/// Why a file does not count.
pub fn doubt(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

/// Puts a file there in one piece, since somebody may look at any time.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_as(path, bytes, 0o600)
}

/// The same with other permissions.
pub fn write_as(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        folder(directory)?;
    }
    let part = path.with_extension(format!("{}", std::process::id()));
    let _ = fs::remove_file(&part);
    let made = File::options().write(true).create_new(true).mode(mode).open(&part);
    let written = made
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Removes what stands there, whatever it is.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir(path),
        _ => fs::remove_file(path),
    };
    match removed {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Makes a directory that is the user's alone.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether an error says that nothing is there.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
