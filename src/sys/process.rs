//! Becoming another program, and leaving a helper behind.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Becomes `program`, with these arguments and the environment as it is. Returns where that
/// failed.
pub fn become_program(program: &Path, argv: &[OsString]) -> io::Error {
    let invalid = |_| io::Error::from_raw_os_error(libc::EINVAL);
    let program = match CString::new(program.as_os_str().as_bytes()).map_err(invalid) {
        Ok(program) => program,
        Err(error) => return error,
    };
    let words: Result<Vec<CString>, _> =
        argv.iter().map(|word| CString::new(word.clone().into_vec())).collect();
    let words = match words {
        Ok(words) => words,
        Err(_) => return io::Error::from_raw_os_error(libc::EINVAL),
    };
    let mut pointers: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
    pointers.push(std::ptr::null());
    // SAFETY: the strings and the null-ended array live through the call.
    unsafe {
        libc::execv(program.as_ptr(), pointers.as_ptr());
    }
    io::Error::last_os_error()
}

/// Sets variables of this process, or takes them out. Only for a process with one thread. The
/// standard library's own way waits for a lock that it holds while it starts a child.
pub fn change_environment(changes: &[(OsString, Option<OsString>)]) -> io::Result<()> {
    let text = |text: &OsStr| CString::new(text.as_bytes()).map_err(io::Error::other);
    for (name, value) in changes {
        let name = text(name)?;
        let value = value.as_deref().map(text).transpose()?;
        // SAFETY: the strings live through the call, and nobody else reads the environment: the
        // caller's promise.
        let done = unsafe {
            match &value {
                Some(value) => libc::setenv(name.as_ptr(), value.as_ptr(), 1),
                None => libc::unsetenv(name.as_ptr()),
            }
        };
        if done == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// The path by which this program was started, whatever its `argv[0]` says; `None` where that
/// cannot be had.
pub fn started_as() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: no preconditions; what it gives for this name is null or a C string on the
        // stack that lives as long as the process.
        let path = unsafe {
            let path = libc::getauxval(libc::AT_EXECFN) as *const std::ffi::c_char;
            (!path.is_null()).then(|| CStr::from_ptr(path))
        };
        path.map(|path| PathBuf::from(OsStr::from_bytes(path.to_bytes())))
    }
    #[cfg(not(target_os = "linux"))]
    std::env::current_exe().ok()
}

/// The capabilities that a file's program would get (`permitted` of capabilities(7), "File
/// capability extended attribute versioning"); `None` where it has none.
#[cfg(target_os = "linux")]
pub fn file_capabilities(path: &Path) -> Option<u64> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    let mut data = [0_u8; 24];
    // SAFETY: the path is a C string, and the buffer's length is given.
    let length = unsafe {
        libc::getxattr(path.as_ptr(), c"security.capability".as_ptr(), data.as_mut_ptr().cast(), data.len())
    };
    let length = usize::try_from(length).ok()?;
    let half = |at: usize| {
        let bytes = data.get(at..at + 4).filter(|_| at + 4 <= length)?;
        bytes.try_into().ok().map(u32::from_le_bytes)
    };
    Some(u64::from(half(4)?) | u64::from(half(12).unwrap_or(0)) << 32)
}

/// The parent process.
pub fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Who this process acts for.
pub fn user_id() -> u32 {
    // SAFETY: no preconditions, cannot fail.
    unsafe { libc::geteuid() }
}

/// A descriptor that becomes readable when this process ends, exec or no exec; `None` where the
/// system has no such thing.
pub fn own_end() -> Option<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: plain numbers; the result is checked before it is owned. It closes at exec.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, libc::getpid(), 0) };
        let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
        // SAFETY: just made, and owned by nobody else.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Runs `helper` in a process of its own that is nobody's child: the shell that this process
/// becomes must not find a child that it did not start.
pub fn leave_behind(helper: impl FnOnce()) -> io::Result<()> {
    // SAFETY: guard has one thread, so the child's memory is whole; parent and child go on
    // in ordinary code.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: as above.
            let again = unsafe { libc::fork() };
            if again == 0 {
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(helper));
            }
            // SAFETY: ends this process at once, without running the parent's clean-up twice.
            unsafe { libc::_exit(i32::from(again == -1)) }
        }
        child => {
            let mut status = 0;
            // SAFETY: waits for the child just made; `status` lives through the call.
            while unsafe { libc::waitpid(child, &mut status, 0) } == -1 {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    // A caller that ignores SIGCHLD leaves nothing to wait for.
                    return if error.raw_os_error() == Some(libc::ECHILD) { Ok(()) } else { Err(error) };
                }
            }
            if status == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::EAGAIN)) }
        }
    }
}

/// Has no other process of this user look into this one, and none of it written to a disk when it
/// crashes; and lets it open as many files as it may.
pub fn keep_secrets() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// As long as it lives no other process of this user begins to look into this one.
pub struct Unseen {
    before: bool,
}

impl Unseen {
    /// From now on.
    pub fn begin() -> Unseen {
        #[cfg(target_os = "linux")]
        let before = nix::sys::prctl::get_dumpable().unwrap_or(true);
        #[cfg(not(target_os = "linux"))]
        let before = true;
        let unseen = Unseen { before };
        unseen.set(false);
        unseen
    }

    fn set(&self, _dumpable: bool) {
        #[cfg(target_os = "linux")]
        let _ = nix::sys::prctl::set_dumpable(_dumpable);
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        self.set(self.before);
    }
}

/// Whether another process traces one (its number, or `self`), as far as the system tells.
pub fn is_traced(process: &str) -> io::Result<bool> {
    if cfg!(not(target_os = "linux")) {
        return Ok(false);
    }
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(!status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() == "0")))
}

/// Gives a shell command a text on its standard input, and waits for its end. It has nothing else of
/// this process's.
pub fn tell(command: &str, text: &[u8]) {
    use std::io::Write;
    use std::process::{Command, Stdio};

    super::fd::close_all();
    // The first three are open again, on nothing.
    super::fd::occupy_standard();
    let started = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = started {
        if let Some(mut input) = child.stdin.take() {
            let _ = input.write_all(text);
        }
        let _ = child.wait();
    }
}
