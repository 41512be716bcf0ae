//! What a human said and guard keeps in its state directory: files that count only as the user's own, and the clocks
//! by which what they say ends.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use jiff::Timestamp;

use crate::sys::process;

/// Both clocks.
#[derive(Debug)]
pub struct Now {
    /// The day's, in seconds since 1970.
    pub time: i64,
    /// Which start of the machine.
    pub boot: String,
    /// Seconds since that start.
    pub uptime: i64,
}

impl Now {
    /// As they stand.
    #[cfg(target_os = "linux")]
    pub fn read() -> io::Result<Now> {
        let uptime = nix::time::ClockId::CLOCK_BOOTTIME.now()?.tv_sec();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        Ok(Now { time: Timestamp::now().as_second(), boot, uptime })
    }

    /// As they stand.
    #[cfg(not(target_os = "linux"))]
    pub fn read() -> io::Result<Now> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}

/// What a file says, where nobody but this user can have written it: what others may do with it is `none`.
pub fn read(path: &Path, none: u32) -> io::Result<Vec<u8>> {
    const MOST: u64 = 64 * 1024;
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let doubt = |why: &str| io::Error::other(why.to_owned());
    let opened = File::options().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP) => doubt("it is a link"),
        _ => error,
    })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(doubt("it is no file"));
    }
    if found.uid() != process::user_id() {
        return Err(doubt("it belongs to another user"));
    }
    if found.mode() & none != 0 || found.nlink() != 1 {
        return Err(doubt("others may have written it"));
    }
    let mut text = Vec::new();
    file.take(MOST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MOST {
        return Err(damaged());
    }
    Ok(text)
}

/// A file says nothing that could be read.
pub fn damaged() -> io::Error {
    io::Error::other("it is damaged")
}

/// Puts a file there in one piece: a shell may look at any time.
pub fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let part = path.with_extension(format!("{}", std::process::id()));
    let _ = fs::remove_file(&part);
    let made = File::options().write(true).create_new(true).mode(0o600).open(&part);
    let written = made.and_then(|mut file| file.write_all(text)).and_then(|()| fs::rename(&part, path));
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
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
