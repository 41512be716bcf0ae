//! Tries, on children that end at once, what supervision stands on.

use std::io;
use std::time::Duration;

use libc::{c_int, pid_t};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::children;
use super::memory::Memory;
use super::seccomp;

/// What a supervisor can do to what runs below it.
#[derive(Debug)]
pub struct Reach {
    /// It reads the words of an `execve`.
    pub memory: io::Result<()>,
    /// It stops a program before its first instruction.
    pub trace: io::Result<()>,
}

/// Whether a process here gets the filter.
pub fn filter() -> io::Result<()> {
    let attempt = || super::supervised::end(refusal(&seccomp::attempt()));
    match children::outcome_of(attempt)? {
        0 => Ok(()),
        number => Err(io::Error::from_raw_os_error(number)),
    }
}

fn refusal(attempt: &io::Result<()>) -> c_int {
    attempt.as_ref().err().map_or(0, |error| error.raw_os_error().unwrap_or(libc::EIO))
}

/// What a parent can do to its child here.
pub fn reach() -> io::Result<Reach> {
    /// The child ends by itself where its parent cannot end it.
    const LONGEST: Duration = Duration::from_secs(10);
    static WORD: &[u8; 6] = b"guard\0";
    let child: pid_t = children::fork(|| std::thread::sleep(LONGEST))?;
    let read = Memory::of(child).text(WORD.as_ptr() as u64, WORD.len());
    let memory = read.and_then(|read| match read == b"guard" {
        true => Ok(()),
        false => Err(io::Error::from(io::ErrorKind::InvalidData)),
    });
    let child = Pid::from_raw(child);
    let trace = ptrace::seize(child, Options::empty()).map_err(io::Error::from);
    kill(child, Signal::SIGKILL)?;
    waitpid(child, None)?;
    Ok(Reach { memory, trace })
}

/// The version of Landlock that the kernel offers; `None` where there is none.
pub fn landlock() -> Option<u32> {
    /// LANDLOCK_CREATE_RULESET_VERSION
    const VERSION: u32 = 1;
    // SAFETY: no attributes, of no length: with this flag the call makes nothing.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0_usize, VERSION)
    };
    u32::try_from(version).ok().filter(|version| *version > 0)
}
