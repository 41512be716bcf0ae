//! The caller's terminal, and a pair of guard's own.

use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The caller's terminal, by a description of its own: that it never waits is no other user's
/// concern.
#[derive(Debug)]
pub struct Terminal {
    file: File,
    /// How the caller left it. It lives as long as the process: a signal handler reads it.
    before: &'static Before,
}

struct Before {
    fd: RawFd,
    modes: libc::termios,
}

impl std::fmt::Debug for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Before").field("fd", &self.fd).finish_non_exhaustive()
    }
}

/// The terminal that is not as its caller left it, for whoever ends guard in a hurry.
static CHANGED: AtomicPtr<Before> = AtomicPtr::new(ptr::null_mut());

/// Puts a changed terminal back, if there is one and it is guard's to change. May be called by a
/// signal handler.
pub fn restore() {
    let before = CHANGED.swap(ptr::null_mut(), Ordering::AcqRel);
    if before.is_null() {
        return;
    }
    // SAFETY: what is stored there came from a `&'static Before`.
    let before = unsafe { &*before };
    if is_foreground(before.fd) {
        // SAFETY: the modes live for ever. A descriptor that is closed by now is an error that
        // changes nothing. tcsetattr is async-signal-safe (signal-safety(7)).
        unsafe {
            libc::tcsetattr(before.fd, libc::TCSANOW, &before.modes);
        }
    }
}

/// Whether descriptors 0 to 2 are one terminal, and this process is in its foreground.
pub fn on_terminal() -> bool {
    let device = device(0);
    device.is_some() && device == self::device(1) && device == self::device(2) && is_foreground(0)
}

/// The number of the terminal behind a descriptor, under whatever name it was opened.
fn device(fd: RawFd) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let mut device: libc::c_uint = 0;
        // SAFETY: the ioctl writes one number (ioctl_tty(2)), which lives through the call.
        let done = unsafe { libc::ioctl(fd, libc::TIOCGDEV, &raw mut device) } == 0;
        done.then_some(u64::from(device))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let mut stat = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: `stat` is written where the call succeeds, and only then read.
        unsafe {
            (libc::isatty(fd) == 1 && libc::fstat(fd, stat.as_mut_ptr()) == 0)
                .then(|| stat.assume_init().st_rdev as u64)
        }
    }
}

/// Whether this process is in the foreground of its terminal.
fn is_foreground(fd: RawFd) -> bool {
    // SAFETY: neither call touches memory; a bad descriptor is an error.
    unsafe { libc::tcgetpgrp(fd) == libc::getpgrp() }
}

/// The modes of the terminal behind a descriptor.
fn modes(fd: RawFd) -> io::Result<libc::termios> {
    let mut modes = MaybeUninit::uninit();
    // SAFETY: the modes are written where the call succeeds, and only then read.
    unsafe {
        checked(libc::tcgetattr(fd, modes.as_mut_ptr()))?;
        Ok(modes.assume_init())
    }
}

/// Whether a terminal gives its program every key at once, but for those that make signals.
pub fn gives_every_key(terminal: BorrowedFd<'_>) -> bool {
    modes(terminal.as_raw_fd()).is_ok_and(|modes| modes.c_lflag & (libc::ICANON | libc::ISIG) == libc::ISIG)
}

fn size(fd: RawFd) -> io::Result<libc::winsize> {
    let mut size = MaybeUninit::uninit();
    // SAFETY: the size is written where the call succeeds, and only then read.
    unsafe {
        checked(libc::ioctl(fd, libc::TIOCGWINSZ, size.as_mut_ptr()))?;
        Ok(size.assume_init())
    }
}

/// How many columns a terminal has, where it says.
pub fn columns(fd: RawFd) -> Option<usize> {
    size(fd).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn checked(result: libc::c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

impl Terminal {
    /// The terminal that controls this process.
    pub fn open() -> io::Result<Terminal> {
        let mut options = File::options();
        options.read(true).write(true).custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK);
        let file = options.open("/dev/tty")?;
        let fd = file.as_raw_fd();
        let before = Box::leak(Box::new(Before { fd, modes: modes(fd)? }));
        Ok(Terminal { file, before })
    }

    /// Its bytes.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether this process may read from it and change it.
    pub fn is_foreground(&self) -> bool {
        is_foreground(self.file.as_raw_fd())
    }

    /// Every byte comes at once and as it is, and goes out as it is.
    pub fn make_raw(&self) -> io::Result<()> {
        let mut raw = self.before.modes;
        // SAFETY: only changes the modes in memory.
        unsafe { libc::cfmakeraw(&mut raw) };
        // How bytes travel on a serial line is not guard's to change.
        raw.c_cflag = self.before.modes.c_cflag;
        raw.c_cc[libc::VMIN] = 1;
        raw.c_cc[libc::VTIME] = 0;
        self.change(&raw)
    }

    fn change(&self, modes: &libc::termios) -> io::Result<()> {
        CHANGED.store(ptr::from_ref(self.before).cast_mut(), Ordering::Release);
        // SAFETY: the modes live through the call, and the descriptor is open.
        checked(unsafe { libc::tcsetattr(self.file.as_raw_fd(), libc::TCSANOW, modes) })
    }

    /// The keys that end a program, as the caller set them.
    pub fn ending_keys(&self) -> [u8; 2] {
        [self.before.modes.c_cc[libc::VINTR], self.before.modes.c_cc[libc::VQUIT]]
    }

    /// A terminal of guard's own, of the same modes and size: its controlling end and the one for
    /// programs.
    pub fn twin(&self) -> io::Result<(File, OwnedFd)> {
        let mut modes = self.before.modes;
        let mut size = size(self.file.as_raw_fd())?;
        let (mut master, mut slave) = (-1, -1);
        // SAFETY: modes and size live through the call; the descriptors are owned by nobody else.
        let (master, slave) = unsafe {
            checked(libc::openpty(&mut master, &mut slave, ptr::null_mut(), &raw mut modes, &raw mut size))?;
            (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave))
        };
        for end in [&master, &slave] {
            // SAFETY: the descriptor is open.
            checked(unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
        }
        super::fd::never_block(master.as_fd())?;
        Ok((File::from(master), slave))
    }

    /// Puts keys back that were read from it, as far as the system allows. It must be raw, or shows them once more.
    pub fn type_again(&self, keys: &[u8]) {
        for key in keys {
            // SAFETY: the byte lives through the call, and the descriptor is open.
            if unsafe { libc::ioctl(self.file.as_raw_fd(), libc::TIOCSTI, ptr::from_ref(key)) } == -1 {
                return;
            }
        }
    }

    /// Gives another terminal the size of this one.
    pub fn resize(&self, other: BorrowedFd<'_>) -> io::Result<()> {
        let size = size(self.file.as_raw_fd())?;
        // SAFETY: the size lives through the call, and the descriptor is open.
        checked(unsafe { libc::ioctl(other.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// What was typed on a terminal, given by its programs' end, and nobody will read. Its modes change.
pub fn unread(end: &OwnedFd) -> io::Result<Vec<u8>> {
    let mut raw = modes(end.as_raw_fd())?;
    // SAFETY: only changes the modes in memory.
    unsafe { libc::cfmakeraw(&mut raw) };
    // Nothing is waited for.
    raw.c_cc[libc::VMIN] = 0;
    // SAFETY: the modes live through the call, and the descriptor is open.
    checked(unsafe { libc::tcsetattr(end.as_raw_fd(), libc::TCSANOW, &raw) })?;
    let mut keys = Vec::new();
    File::from(end.try_clone()?).read_to_end(&mut keys)?;
    Ok(keys)
}

/// Whether this process leads its session.
pub fn leads_session() -> bool {
    // SAFETY: neither call touches memory.
    unsafe { libc::getsid(0) == libc::getpid() }
}

/// Puts this process into a session of its own, which no terminal controls.
pub fn leave_session() -> io::Result<()> {
    // SAFETY: the call touches no memory.
    checked(unsafe { libc::setsid() })
}

/// Makes this the controlling terminal of a new session of this process.
pub fn take_control(terminal: BorrowedFd<'_>) -> io::Result<()> {
    leave_session()?;
    // SAFETY: the call touches no memory.
    checked(unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0) })
}

/// Puts this process into a process group of its own, in the foreground of the terminal at
/// descriptor 0. SIGTTOU must be blocked or ignored.
pub fn come_to_foreground() -> io::Result<()> {
    // SAFETY: none of the calls touches memory.
    unsafe {
        checked(libc::setpgid(0, 0))?;
        checked(libc::tcsetpgrp(0, libc::getpid()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A process of its own: a terminal controls a whole session.
    #[test]
    fn a_fault_in_guard_leaves_the_terminal_as_it_was() {
        let pair = nix::pty::openpty(None, None).unwrap();
        let slave = pair.slave.as_raw_fd();
        let before = modes(slave).unwrap();
        // SAFETY: the child uses what it was given, and ends without the test's clean-up.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let fault = std::panic::catch_unwind(|| {
                take_control(pair.slave.as_fd()).unwrap();
                let terminal = Terminal::open().unwrap();
                terminal.make_raw().unwrap();
                let raw = modes(slave).unwrap();
                assert_eq!(raw.c_lflag & (libc::ICANON | libc::ECHO | libc::ISIG), 0);
                // Without the hook, which the harness has set.
                std::panic::resume_unwind(Box::new("a fault"));
            });
            let expected = fault.is_err_and(|fault| fault.is::<&str>());
            // SAFETY: ends this process at once.
            unsafe { libc::_exit(i32::from(!expected)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child just made; `status` lives through the call.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
        let after = modes(slave).unwrap();
        assert_eq!(
            (after.c_iflag, after.c_oflag, after.c_cflag, after.c_lflag, after.c_cc),
            (before.c_iflag, before.c_oflag, before.c_cflag, before.c_lflag, before.c_cc)
        );
    }
}
