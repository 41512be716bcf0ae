//! What becomes of children and of traced processes, and how to say something in their place.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, PipeReader, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::{c_int, pid_t};
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};

use super::ancestry;

/// Joins the process group that `front` leads or is in, so that this process may read the terminal
/// where that is in its foreground; the terminal.
pub fn take_foreground(front: pid_t) -> io::Result<(File, File)> {
    // SAFETY: plain numbers.
    let group = unsafe { libc::getpgid(front) };
    // SAFETY: as above.
    if group == -1 || unsafe { libc::setpgid(0, group) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let open = || File::options().read(true).write(true).open("/dev/tty");
    let (input, output) = (open()?, open()?);
    // SAFETY: the descriptor is open.
    match unsafe { libc::tcgetpgrp(input.as_raw_fd()) } == group {
        true => Ok((input, output)),
        false => Err(io::Error::other("it is not in its terminal's foreground")),
    }
}

/// What became of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It ended with this status.
    Exited(c_int),
    /// It was killed by this signal.
    Signaled(c_int),
    /// It stopped for this signal; where it is traced, before that takes effect.
    Stopped(c_int),
    /// It is traced, and stopped with its group by this signal, or (SIGTRAP) as it was told to.
    Halted(c_int),
    /// It is traced, and became another program.
    Became,
}

/// The next change of any child or traced process; `None` where there is none now.
pub fn next_change() -> io::Result<Option<(pid_t, Change)>> {
    let flags = libc::WNOHANG | libc::WUNTRACED | libc::__WALL;
    loop {
        let mut status = 0;
        // SAFETY: `status` lives through the call.
        let process = unsafe { libc::waitpid(-1, &mut status, flags) };
        match process {
            0 => return Ok(None),
            -1 => {
                let error = io::Error::last_os_error();
                match error.raw_os_error() {
                    Some(libc::ECHILD) => return Ok(None),
                    Some(libc::EINTR) => continue,
                    _ => return Err(error),
                }
            }
            process => return Ok(Some((process, change(status)))),
        }
    }
}

fn change(status: c_int) -> Change {
    if libc::WIFEXITED(status) {
        Change::Exited(libc::WEXITSTATUS(status))
    } else if libc::WIFSIGNALED(status) {
        Change::Signaled(libc::WTERMSIG(status))
    } else {
        match status >> 16 {
            libc::PTRACE_EVENT_EXEC => Change::Became,
            libc::PTRACE_EVENT_STOP => Change::Halted(libc::WSTOPSIG(status)),
            _ => Change::Stopped(libc::WSTOPSIG(status)),
        }
    }
}

/// Does `work` in a process of its own, which ends then.
pub fn fork(work: impl FnOnce()) -> io::Result<pid_t> {
    // SAFETY: guard has one thread, so the child's memory is whole; parent and child go on in
    // ordinary code.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let _ = catch_unwind(AssertUnwindSafe(work));
            super::supervised::end(0)
        }
        child => Ok(child),
    }
}

/// The status of a process that does `work`.
pub fn outcome_of(work: impl FnOnce()) -> io::Result<c_int> {
    let child = fork(work)?;
    let mut status = 0;
    loop {
        // SAFETY: waits for the child just made; `status` lives through the call.
        if unsafe { libc::waitpid(child, &mut status, 0) } == child {
            return Ok(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { libc::EINTR });
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// A process that does nothing but to be in the same process group, and to keep what signals it
/// gets: it tells whether one that came here was sent to the whole group.
#[derive(Debug)]
pub struct Witness {
    process: Option<pid_t>,
    /// Ends when it has let go of all descriptors.
    open: Option<PipeReader>,
}

impl Witness {
    /// Nobody, who sees nothing.
    pub fn none() -> Witness {
        Witness { process: None, open: None }
    }

    /// One that ends with this process at the latest. Where none can be made it has seen nothing.
    pub fn call() -> Witness {
        let here = super::supervised::own_id();
        let mut before = SigSet::empty();
        // What comes before it is ready waits for it, too.
        let all = SigSet::all();
        if sigprocmask(SigmaskHow::SIG_SETMASK, Some(&all), Some(&mut before)).is_err() {
            return Witness::none();
        }
        let (open, until) = io::pipe().ok().unzip();
        let process = fork(|| stand_by(here)).ok();
        drop(until);
        let _ = before.thread_set_mask();
        Witness { process, open }
    }

    /// Waits until it holds none of this process's descriptors any more.
    pub fn settle(&mut self) {
        if let Some(mut open) = self.open.take() {
            let _ = open.read_to_end(&mut Vec::new());
        }
    }

    /// Whether it got a signal, too. It can be asked once for each.
    pub fn got(&self, signal: c_int) -> bool {
        let Some(witness) = self.process else { return false };
        let status = fs::read_to_string(format!("/proc/{witness}/status")).unwrap_or_default();
        mask(&status, "ShdPnd:") >> (signal - 1).clamp(0, 63) & 1 == 1
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if let Some(witness) = self.process {
            super::signal::send(witness, libc::SIGKILL);
            let mut status = 0;
            // SAFETY: waits for the child that was made; `status` lives through the call.
            while unsafe { libc::waitpid(witness, &mut status, 0) } == -1
                && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
            {}
        }
    }
}

/// The witness's whole life, all signals blocked.
fn stand_by(parent: pid_t) {
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    super::fd::close_all();
    // SAFETY: no preconditions. The parent may have ended before it could be told of.
    while unsafe { libc::getppid() } == parent {
        // SAFETY: as above.
        unsafe { libc::pause() };
    }
}

/// Whether a signal has come that a thread is to end by, and that it has not seen yet.
pub fn is_told_to_end(thread: pid_t) -> bool {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let ending = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];
    let ending = ending.iter().fold(0, |all, signal| all | 1 << (signal - 1));
    (mask(&status, "SigPnd:") | mask(&status, "ShdPnd:")) & !mask(&status, "SigBlk:") & ending != 0
}

/// Signals that a process's status names (proc(5)): signal N has bit N-1.
fn mask(status: &str, name: &str) -> u64 {
    let digits = status.lines().find_map(|line| line.strip_prefix(name));
    digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

/// Whether a process is stopped, and not by whoever traces it.
pub fn is_stopped(process: pid_t) -> bool {
    state(process) == Some(b'T')
}

/// Whether a process is stopped, by whatever.
pub fn stands_still(process: pid_t) -> bool {
    matches!(state(process), Some(b'T' | b't'))
}

fn state(process: pid_t) -> Option<u8> {
    ancestry::stat(process.unsigned_abs()).map(|stat| stat.state)
}

/// The directory that a process takes for the root, and the mount that it is on: another mount
/// namespace has mounts of its own (mount_namespaces(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    device: (u32, u32),
    file: u64,
    mount: u64,
}

/// The root of a process or thread; `None` where that cannot be seen.
pub fn root_of(process: &str) -> Option<Root> {
    let path = CString::new(format!("/proc/{process}/root")).ok()?;
    let wanted = libc::STATX_INO | libc::STATX_MNT_ID;
    let mut found = MaybeUninit::<libc::statx>::zeroed();
    // SAFETY: the path and the answer live through the call; an answer of zeros is a valid one.
    let found = unsafe {
        let flags = libc::AT_STATX_SYNC_AS_STAT;
        (libc::statx(libc::AT_FDCWD, path.as_ptr(), flags, wanted, found.as_mut_ptr()) == 0)
            .then(|| found.assume_init())
    }?;
    let device = (found.stx_dev_major, found.stx_dev_minor);
    (found.stx_mask & wanted == wanted).then_some(Root {
        device,
        file: found.stx_ino,
        mount: found.stx_mnt_id,
    })
}

/// Whether a thread is surely its process's first one, whose number the process has.
pub fn is_first(thread: pid_t) -> bool {
    // SAFETY: sends nothing: signal 0 only looks.
    unsafe { libc::syscall(libc::SYS_tgkill, thread, thread, 0) == 0 }
}

/// Writes a line to what a process has as its stderr, or else to another one's. Never waits: where
/// there is no room nobody reads.
pub fn say(process: pid_t, otherwise: pid_t, line: &str) {
    let text = format!("{line}\n");
    for process in [process, otherwise] {
        let Ok(mut stderr) = stderr_of(process) else { continue };
        let watched = super::fd::Watched { fd: stderr.as_fd(), read: false, write: true };
        let room = super::fd::wait([watched], 0).is_ok_and(|[room]| room.ready && !room.closed);
        if room && stderr.write_all(text.as_bytes()).is_ok() {
            return;
        }
    }
}

/// The same open file where the system gives it; else the file is opened once more.
fn stderr_of(process: pid_t) -> io::Result<File> {
    // SAFETY: plain numbers; the result is checked before it is owned.
    let shared = unsafe {
        let process = libc::syscall(libc::SYS_pidfd_open, process, 0) as c_int;
        (process >= 0).then(|| OwnedFd::from_raw_fd(process)).and_then(|process| {
            let fd = libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), 2, 0) as c_int;
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))
        })
    };
    match shared {
        Some(fd) => Ok(File::from(fd)),
        None => File::options()
            .append(true)
            .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
            .open(format!("/proc/{process}/fd/2")),
    }
}
