//! A program in a session of its own, on a terminal of guard's.
//!
//! Between guard and the program stands its keeper. Where guard leads no session, the keeper leads that one. Without it
//! the program's process group would have no parent in its session, and such a group cannot be
//! stopped by a key (setpgid(2), "orphaned"). Where guard does, that holds for the program without guard, too, and it
//! leads its session itself. The keeper holds no descriptor but the one it
//! reports on, and passes a hang-up of the terminal on, which the system tells the leader alone.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI32, Ordering};

use libc::{c_int, pid_t};

use super::signal::{self, Caught};
use super::{fd, process, tty};

/// The running program, seen from guard.
#[derive(Debug)]
pub struct Session {
    reports: PipeReader,
    keeper: pid_t,
    program: pid_t,
}

/// What became of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It ended with this status.
    Exited(c_int),
    /// It was killed by this signal.
    Signaled(c_int),
    /// It was stopped by this signal.
    Stopped(c_int),
}

const STARTED: c_int = 0;
const FAILED: c_int = 1;
const EXITED: c_int = 2;
const SIGNALED: c_int = 3;
const STOPPED: c_int = 4;

/// Changes to a program's environment: a variable and its value, or that it is not set.
pub type Changes = [(OsString, Option<OsString>)];

impl Session {
    /// Starts a program on a terminal. It gets the descriptors above 2 that are not guard's own,
    /// and signals as `caught` found them; guard's copies of those descriptors are closed.
    /// `instead`: what the program's process does in place of becoming it.
    pub fn start(
        terminal: OwnedFd,
        program: &Path,
        argv: &[OsString],
        env: &Changes,
        caught: &Caught,
        instead: Option<&dyn Fn() -> io::Error>,
    ) -> io::Result<Session> {
        let (reports, reporter) = io::pipe()?;
        let leads = tty::leads_session();
        // SAFETY: guard has one thread, so the child's memory is whole; parent and child go on in
        // ordinary code.
        let keeper = match unsafe { libc::fork() } {
            -1 => return Err(io::Error::last_os_error()),
            0 => {
                let start = Start { program, argv, env, caught, leads, instead };
                keep(reporter, terminal, start)
            }
            keeper => keeper,
        };
        drop((reporter, terminal));
        let mut session = Session { reports, keeper, program: 0 };
        match session.read()? {
            (STARTED, program) => session.program = program,
            (kind, error) => {
                session.bury();
                let known = kind == FAILED;
                return Err(if known {
                    io::Error::from_raw_os_error(error)
                } else {
                    io::Error::other("killed")
                });
            }
        }
        fd::close_inherited();
        Ok(session)
    }

    /// Becomes readable when there is a report.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.reports.as_fd()
    }

    /// The next report. Where the keeper was killed, so was the program.
    pub fn report(&mut self) -> io::Result<Report> {
        let report = match self.read()? {
            (EXITED, status) => Report::Exited(status),
            (STOPPED, signal) => Report::Stopped(signal),
            (_, signal) => Report::Signaled(signal),
        };
        if !matches!(report, Report::Stopped(_)) {
            self.bury();
        }
        Ok(report)
    }

    fn bury(&self) {
        let mut status = 0;
        // SAFETY: waits for guard's own child; `status` lives through the call.
        while unsafe { libc::waitpid(self.keeper, &mut status, 0) } == -1
            && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
        {}
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: c_int) {
        signal::send(self.program, signal);
    }

    /// Sends a signal to the program's whole process group.
    pub fn signal_group(&self, signal: c_int) {
        signal::send(-self.program, signal);
    }

    /// Goes to the directory that the program is in.
    pub fn follow(&self) {
        #[cfg(target_os = "linux")]
        let _ = std::env::set_current_dir(format!("/proc/{}/cwd", self.program));
    }

    /// Whether the program is stopped still, where that can be seen.
    pub fn stands_still(&self) -> bool {
        #[cfg(target_os = "linux")]
        return super::children::stands_still(self.program);
        #[cfg(not(target_os = "linux"))]
        true
    }

    /// Lets a stopped program go on, with all that stopped with it.
    pub fn resume(&self) {
        signal::send(-self.program, libc::SIGCONT);
    }

    fn read(&mut self) -> io::Result<(c_int, c_int)> {
        let mut bytes = [0; 8];
        match self.reports.read_exact(&mut bytes) {
            Ok(()) => {
                let (kind, value) = bytes.split_at(4);
                let number = |part: &[u8]| part.try_into().map_or(0, c_int::from_ne_bytes);
                Ok((number(kind), number(value)))
            }
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                if self.program != 0 {
                    signal::send(-self.program, libc::SIGKILL);
                }
                Ok((SIGNALED, libc::SIGKILL))
            }
            Err(e) => Err(e),
        }
    }
}

/// The program that a keeper passes a hang-up on to.
static KEPT: AtomicI32 = AtomicI32::new(0);

extern "C" fn pass_hangup(_: c_int) {
    let program = KEPT.load(Ordering::Relaxed);
    if program != 0 {
        signal::send(program, libc::SIGHUP);
        signal::send(program, libc::SIGCONT);
    }
}

/// The keeper's whole life.
fn keep(mut reporter: PipeWriter, terminal: OwnedFd, start: Start<'_>) -> ! {
    let caught = start.caught;
    let work = std::panic::AssertUnwindSafe(|| {
        // Out of reach of what ends guard's session.
        let apart = if start.leads { tty::leave_session() } else { tty::take_control(terminal.as_fd()) };
        let child = apart.and_then(|()| spawn(terminal, start));
        match child {
            Ok(child) => {
                KEPT.store(child, Ordering::Relaxed);
                caught.leave(libc::SIGHUP, pass_hangup);
                report(&mut reporter, STARTED, child);
                let_go(&reporter);
                watch(&mut reporter, child);
            }
            Err(error) => report(&mut reporter, FAILED, error.raw_os_error().unwrap_or(libc::EINVAL)),
        }
    });
    let _ = std::panic::catch_unwind(work);
    // SAFETY: ends this process at once, without running guard's clean-up twice.
    unsafe { libc::_exit(0) }
}

/// The standard library's part is to fork, to place the descriptors and to report an error.
fn spawn(terminal: OwnedFd, start: Start<'_>) -> io::Result<pid_t> {
    let mut command = Command::new(start.program);
    command.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal);
    // SAFETY: the closure is called before this function returns, in a child of a process with
    // one thread, which may do anything.
    unsafe {
        let start: &'static Start<'static> = std::mem::transmute(&start);
        command.pre_exec(|| Err(start.become_program()));
    }
    let child = command.spawn()?;
    pid_t::try_from(child.id()).map_err(io::Error::other)
}

// SAFETY: it is used in a child of a process with one thread, by that one thread.
unsafe impl Send for Start<'_> {}
// SAFETY: as above.
unsafe impl Sync for Start<'_> {}

struct Start<'a> {
    program: &'a Path,
    argv: &'a [OsString],
    env: &'a Changes,
    caught: &'a Caught,
    /// It leads its session.
    leads: bool,
    instead: Option<&'a dyn Fn() -> io::Error>,
}

impl Start<'_> {
    fn become_program(&self) -> io::Error {
        let stands =
            if self.leads { tty::take_control(io::stdin().as_fd()) } else { tty::come_to_foreground() };
        if let Err(error) = stands {
            return error;
        }
        self.caught.undo();
        if let Err(error) = process::change_environment(self.env) {
            return error;
        }
        match self.instead {
            Some(instead) => instead(),
            None => process::become_program(self.program, self.argv),
        }
    }
}

/// Closes all but the place for reports: who waits for a descriptor's end waits for the program
/// alone.
fn let_go(reporter: &PipeWriter) {
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = fd::put(OwnedFd::from(null), 2);
    }
    fd::keep_only(&[reporter.as_raw_fd()]);
}

fn watch(reporter: &mut PipeWriter, child: pid_t) {
    loop {
        let mut status = 0;
        // SAFETY: waits for the keeper's own child; `status` lives through the call.
        if unsafe { libc::waitpid(child, &mut status, libc::WUNTRACED) } == -1 {
            if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {
                continue;
            }
            return;
        }
        if libc::WIFSTOPPED(status) {
            report(reporter, STOPPED, libc::WSTOPSIG(status));
        } else if libc::WIFSIGNALED(status) {
            return report(reporter, SIGNALED, libc::WTERMSIG(status));
        } else {
            return report(reporter, EXITED, libc::WEXITSTATUS(status));
        }
    }
}

/// Where guard is gone there is nobody to tell.
fn report(reporter: &mut PipeWriter, kind: c_int, value: c_int) {
    let _ = reporter.write_all(&[kind.to_ne_bytes(), value.to_ne_bytes()].concat());
}
