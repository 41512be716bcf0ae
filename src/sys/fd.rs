//! File descriptors that are shared with the shell that guard becomes.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// What a descriptor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A terminal.
    Terminal,
    /// `/dev/null`.
    Null,
    /// A pipe, a socket, another device: bytes that can be read once.
    Stream,
    /// Nothing that can be read as a stream of bytes: a directory, or closed.
    Unreadable,
}

/// Puts `/dev/null` on closed descriptors 0 to 2, so that no file of guard's own lands there and
/// is taken for the standard streams. They close again at `exec`: the shell gets them closed.
pub fn occupy_standard() {
    for fd in 0..3 {
        // SAFETY: F_GETFD on any number reads a flag or fails.
        let closed = unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1;
        if closed {
            // SAFETY: the path is a C string. The lowest free number is `fd` itself, since those
            // below are open by now. It stays open on purpose.
            unsafe {
                libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
            }
        }
    }
}

/// Whether a descriptor is one of the caller's, and not a place holder.
fn is_inherited(fd: RawFd) -> bool {
    // SAFETY: F_GETFD on any number reads a flag or fails.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    flags != -1 && flags & libc::FD_CLOEXEC == 0
}

/// Borrows a descriptor that the caller passed.
fn inherited(fd: RawFd) -> io::Result<BorrowedFd<'static>> {
    if !is_inherited(fd) {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: it was open when the program started, and guard closes none of the caller's.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// A file of guard's own that reads what the caller's descriptor leads to, from the same place.
pub fn duplicate(fd: RawFd) -> io::Result<File> {
    Ok(File::from(inherited(fd)?.try_clone_to_owned()?))
}

/// What one of the caller's descriptors leads to.
pub fn kind(fd: RawFd) -> Kind {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let Ok(file) = duplicate(fd) else {
        return Kind::Unreadable;
    };
    let Ok(metadata) = file.metadata() else {
        return Kind::Unreadable;
    };
    let sort = metadata.file_type();
    if sort.is_file() {
        Kind::File
    } else if sort.is_dir() {
        Kind::Unreadable
    } else if sort.is_char_device() && is_terminal(fd) {
        Kind::Terminal
    } else if sort.is_char_device() && metadata.rdev() == NULL_DEVICE {
        Kind::Null
    } else {
        Kind::Stream
    }
}

#[cfg(target_os = "linux")]
const NULL_DEVICE: u64 = libc::makedev(1, 3);
#[cfg(not(target_os = "linux"))]
const NULL_DEVICE: u64 = u64::MAX;

/// Whether a descriptor is a terminal.
pub fn is_terminal(fd: RawFd) -> bool {
    // SAFETY: `isatty` takes any number.
    unsafe { libc::isatty(fd) == 1 }
}

/// What is left of a regular file behind a descriptor, without moving the place at which its
/// other users read; at most `limit` bytes.
pub fn peek(fd: RawFd, limit: usize) -> io::Result<Vec<u8>> {
    let file = duplicate(fd)?;
    // SAFETY: the descriptor is open; asking for the place changes nothing.
    let place = unsafe { libc::lseek(file.as_raw_fd(), 0, libc::SEEK_CUR) };
    let mut place = u64::try_from(place).map_err(|_| io::Error::last_os_error())?;
    let mut text = Vec::new();
    let mut part = vec![0; 64 * 1024];
    while text.len() < limit {
        let wanted = part.len().min(limit - text.len());
        let read = match file.read_at(&mut part[..wanted], place) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        text.extend_from_slice(&part[..read]);
        place += read as u64;
    }
    Ok(text)
}

/// Something that can be read once and holds just `text`: a pipe where that has room for it, else
/// a file without a name.
pub fn holding(text: &[u8]) -> io::Result<OwnedFd> {
    use std::io::{Seek, Write};
    if text.len() <= PIPE_ROOM {
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(text)?;
        return Ok(reader.into());
    }
    let mut file = nameless()?;
    file.write_all(text)?;
    file.rewind()?;
    Ok(file.into())
}

/// What a pipe surely takes without a reader.
const PIPE_ROOM: usize = 4096;

#[cfg(target_os = "linux")]
fn nameless() -> io::Result<File> {
    // SAFETY: the name is a C string; the result is checked before it is owned.
    let fd = unsafe { libc::memfd_create(c"guard".as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made, and owned by nobody else.
    Ok(unsafe { File::from_raw_fd(fd) })
}

#[cfg(not(target_os = "linux"))]
fn nameless() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("guard-{}", std::process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// Makes `source` the caller's descriptor number `target`, inherited by what runs next.
pub fn put(source: OwnedFd, target: RawFd) -> io::Result<()> {
    // SAFETY: `source` is open; `target` is one that no object of guard's own owns.
    if unsafe { libc::dup2(source.as_raw_fd(), target) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Lets what runs next inherit a descriptor, and gives its number.
pub fn bequeath(source: OwnedFd) -> io::Result<RawFd> {
    // SAFETY: `source` is open; clearing a flag of its own is all that happens.
    if unsafe { libc::fcntl(source.as_raw_fd(), libc::F_SETFD, 0) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(std::os::fd::IntoRawFd::into_raw_fd(source))
}

/// All that comes, up to `limit` bytes and one more, which tells that there was more.
pub fn read_to_limit(source: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// All of a regular file. A pipe in its place must not be waited for, nor pass for an empty file.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let mut file = File::options().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok(text)
}

/// What to wait for.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// Where.
    pub fd: BorrowedFd<'a>,
    /// That it can be read, or has ended.
    pub read: bool,
    /// That it can be written to.
    pub write: bool,
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// What was waited for.
    pub ready: bool,
    /// Nobody is at the other end any more.
    pub closed: bool,
}

/// Waits until one of them has something to say, at most `milliseconds` (-1: for ever).
pub fn wait<const N: usize>(watched: [Watched<'_>; N], milliseconds: i32) -> io::Result<[Ready; N]> {
    let mut fds = watched.map(|watched| {
        let mut events = 0;
        if watched.read {
            events |= libc::POLLIN;
        }
        if watched.write {
            events |= libc::POLLOUT;
        }
        libc::pollfd { fd: watched.fd.as_raw_fd(), events, revents: 0 }
    });
    // SAFETY: the array lives through the call, and its length is given.
    let count = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, milliseconds) };
    if count == -1 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
        fds = fds.map(|fd| libc::pollfd { revents: 0, ..fd });
    }
    Ok(fds.map(|fd| Ready {
        ready: fd.revents & (libc::POLLIN | libc::POLLOUT | libc::POLLHUP) != 0,
        closed: fd.revents & (libc::POLLERR | libc::POLLNVAL) != 0,
    }))
}

/// Writing returns at once where there is no room.
pub fn never_block(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open; reading and setting its flags is all that happens.
    let done = unsafe {
        let flags = libc::fcntl(fd.as_raw_fd(), libc::F_GETFL);
        flags != -1 && libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) != -1
    };
    if done { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Closes the descriptors above 2 that the next program was to inherit, where it is another
/// process that has them now.
pub fn close_inherited() {
    for fd in open_descriptors() {
        if fd > 2 && is_inherited(fd) {
            // SAFETY: guard's own objects close theirs at exec, so that none of them owns it.
            unsafe {
                libc::close(fd);
            }
        }
    }
}

/// Lets go of what every descriptor but these leads to: it leads to `/dev/null` from then on, and
/// closes at exec. Who owns one still has it.
pub fn let_go_of_all_but(kept: &[RawFd]) -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let own = null.as_raw_fd();
    for fd in open_descriptors() {
        if fd != own && !kept.contains(&fd) {
            // SAFETY: both are numbers of this process's; of one that is closed by now a copy is
            // made that nobody owns.
            if unsafe { libc::dup2(own, fd) } == -1 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: as above.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}

/// Closes every descriptor. Only for a process that will use none.
pub fn close_all() {
    for fd in open_descriptors() {
        // SAFETY: the caller's promise.
        unsafe { libc::close(fd) };
    }
}

fn open_descriptors() -> Vec<RawFd> {
    let entries = std::fs::read_dir("/dev/fd").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Closes every descriptor but these and stderr. Only for a process whose objects own no other
/// that they will still use.
pub fn keep_only(kept: &[RawFd]) {
    for fd in open_descriptors() {
        if fd != 2 && !kept.contains(&fd) {
            // SAFETY: the caller's promise; a number that is closed by now is an error that
            // changes nothing.
            unsafe {
                libc::close(fd);
            }
        }
    }
    occupy_standard();
}

/// Writes a line to stderr in one piece; if that fails there is nobody to tell.
pub fn complain(line: &str) {
    let text = format!("{line}\n");
    // SAFETY: the buffer lives through the call, and its length is given.
    unsafe {
        libc::write(2, text.as_ptr().cast(), text.len());
    }
}

/// Complains, and gives the code to end with. The complaint cannot kill guard by SIGPIPE.
pub fn give_up(line: &str, code: i32) -> i32 {
    super::signal::ignore(libc::SIGPIPE);
    complain(line);
    code
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_held_comes_out_again() {
        for length in [0, 10, PIPE_ROOM, PIPE_ROOM + 1, 300_000] {
            let text = vec![b'x'; length];
            let mut out = Vec::new();
            File::from(holding(&text).unwrap()).read_to_end(&mut out).unwrap();
            assert_eq!(out, text);
        }
    }

    #[test]
    fn peeking_moves_nothing() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abcdef").unwrap();
        std::io::Seek::seek(&mut file, io::SeekFrom::Start(2)).unwrap();
        let fd = file.as_raw_fd();
        // SAFETY: the test owns the descriptor; clearing the flag makes it count as the caller's.
        unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
        assert_eq!(peek(fd, 100).unwrap(), b"cdef");
        assert_eq!(peek(fd, 3).unwrap(), b"cde");
        assert_eq!(kind(fd), Kind::File);
    }
}
