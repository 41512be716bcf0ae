//! A program whose every `execve`, and that of all it starts, is answered by a supervisor.
//!
//! Three processes: the front is the one that the caller started; it waits, and ends as the
//! program does. The supervisor is its child and the program's parent: only an ancestor may read
//! a process's memory everywhere (Yama, ptrace(2)), and orphans become its children, so that it
//! stays an ancestor. The program is forked in the front's session and process group, before the
//! supervisor leaves that group.

use std::io::{self, IoSlice, IoSliceMut, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use libc::{c_int, pid_t};
use nix::sys::signalfd::{SfdFlags, SigSet, SignalFd};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

use super::children::Witness;
use super::seccomp::{self, Listener};
use super::session::Changes;
use super::signal::Caught;
use super::start::hide_words;
use super::{fd, process, tty};

/// The program, seen from the front.
#[derive(Debug)]
pub struct Supervised {
    reports: UnixStream,
    supervisor: pid_t,
    program: pid_t,
    /// Of the front's process group, as the program is.
    witness: Witness,
}

/// What the supervisor has: where questions come, whom it reports to, and what runs.
#[derive(Debug)]
pub struct Post {
    /// Where every `execve` asks.
    pub listener: Listener,
    /// To the front.
    pub reports: UnixStream,
    /// Becomes readable when the front is gone.
    pub front: OwnedFd,
    /// The front.
    pub front_id: pid_t,
    /// The program.
    pub program: pid_t,
    /// Becomes readable when a child changed.
    pub children: SignalFd,
}

/// What is to be started.
pub struct Start<'a> {
    /// Which program.
    pub program: &'a Path,
    /// Its words.
    pub argv: &'a [std::ffi::OsString],
    /// Changes to the environment.
    pub env: &'a Changes,
    /// What the program does first, in its own process.
    pub first: &'a dyn Fn() -> io::Result<()>,
}

/// Why nothing started.
#[derive(Debug)]
pub enum Failed {
    /// There is no filter to be had here.
    Filter(io::Error),
    /// The program cannot be run.
    Program(io::Error),
    /// Anything else.
    Other(io::Error),
}

const FILTER: u8 = b'f';
const PROGRAM: u8 = b'p';
/// Tells the supervisor that the program may begin: from here on signals to the front are its, too.
const GO: &[u8] = b"g";

impl Supervised {
    /// Starts a program and its supervisor, which does `watch` and ends. The program gets signals
    /// as `caught` found them. When this has succeeded, the front holds none of the caller's
    /// descriptors any more.
    pub fn start(start: &Start<'_>, caught: &Caught, watch: impl FnOnce(Post)) -> Result<Supervised, Failed> {
        let other = Failed::Other;
        let (reports, reporter) = UnixStream::pair().map_err(other)?;
        let (failure, failing) = io::pipe().map_err(other)?;
        let front = process::own_end().ok_or_else(|| other(io::Error::last_os_error()))?;
        let front_id = own_id();
        let leads = tty::leads_session();
        // Before the program can look around.
        hide_words(None);
        // SAFETY: guard has one thread, so the child's memory is whole; parent and child go on in
        // ordinary code.
        let supervisor = match unsafe { libc::fork() } {
            -1 => return Err(other(io::Error::last_os_error())),
            0 => {
                drop((reports, failure));
                let work = || {
                    if let Some(post) = take_post(start, caught, failing, reporter, front, front_id, leads) {
                        watch(post);
                    }
                };
                let _ = catch_unwind(AssertUnwindSafe(work));
                end(0)
            }
            supervisor => supervisor,
        };
        drop((reporter, failing, front));
        let mut supervised = Supervised { reports, supervisor, program: 0, witness: Witness::none() };
        let mut number = [0; 4];
        // Nothing comes where the program's process has failed already.
        let known = supervised.reports.read_exact(&mut number);
        if known.is_ok() {
            supervised.program = pid_t::from_ne_bytes(number);
            supervised.witness = Witness::call();
            let _ = supervised.reports.write_all(GO);
        }
        if let Err(failed) = succeeded(failure) {
            supervised.bury();
            return Err(failed);
        }
        known.map_err(other)?;
        supervised.witness.settle();
        // Who waits for a descriptor's end waits for the program alone.
        let own = [&[supervised.reports.as_raw_fd()][..], &caught.descriptors()].concat();
        fd::let_go_of_all_but(&own).map_err(other)?;
        Ok(supervised)
    }

    /// The program's process.
    pub fn program(&self) -> pid_t {
        self.program
    }

    /// Whether a signal that came to the front was sent to the whole process group, and so reached the
    /// program too. It can be asked once for each.
    pub fn reached_all(&mut self, signal: c_int) -> bool {
        let all = self.witness.got(signal);
        if all {
            self.witness = Witness::call();
        }
        all
    }

    /// The line to the supervisor.
    pub fn reports(&self) -> &UnixStream {
        &self.reports
    }

    /// Waits until the supervisor is gone: what the program used counts as used by this process's
    /// children then.
    pub fn bury(&self) {
        let mut status = 0;
        // SAFETY: waits for this process's own child; `status` lives through the call.
        while unsafe { libc::waitpid(self.supervisor, &mut status, 0) } == -1
            && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
        {}
    }
}

/// What the program's own process said of its start: nothing, when it became the program.
fn succeeded(mut failure: PipeReader) -> Result<(), Failed> {
    let mut said = Vec::new();
    failure.read_to_end(&mut said).map_err(Failed::Other)?;
    let Some((kind, number)) = said.split_first() else { return Ok(()) };
    let number = number.try_into().map_or(libc::EIO, c_int::from_ne_bytes);
    let error = io::Error::from_raw_os_error(number);
    Err(match *kind {
        FILTER => Failed::Filter(error),
        PROGRAM => Failed::Program(error),
        _ => Failed::Other(error),
    })
}

/// The supervisor's start: it forks the program, and leaves everything else of the caller's.
fn take_post(
    start: &Start<'_>,
    caught: &Caught,
    mut failing: PipeWriter,
    mut reporter: UnixStream,
    front: OwnedFd,
    front_id: pid_t,
    leads: bool,
) -> Option<Post> {
    let supervisor = own_id();
    let (here, there) = match UnixStream::pair() {
        Ok(pair) => pair,
        Err(error) => return say(&mut failing, b'o', &error),
    };
    // SAFETY: as above.
    let program = match unsafe { libc::fork() } {
        -1 => return say(&mut failing, b'o', &io::Error::last_os_error()),
        0 => {
            drop(here);
            let work = || become_program(start, caught, supervisor, there, &mut failing);
            let _ = catch_unwind(AssertUnwindSafe(work));
            end(127)
        }
        program => program,
    };
    drop((there, failing));
    let watched = step_aside(leads).and_then(|children| Ok((receive(&here)?, children)));
    drop(here);
    let (listener, children) = watched.ok()?;
    listener.wake_in_place();
    reporter.write_all(&program.to_ne_bytes()).ok()?;
    // A front that is gone says nothing; that is found out where all else is.
    let _ = reporter.read(&mut [0; GO.len()]);
    let kept =
        [listener.as_fd().as_raw_fd(), reporter.as_raw_fd(), front.as_raw_fd(), children.as_fd().as_raw_fd()];
    fd::let_go_of_all_but(&kept).ok()?;
    Some(Post { listener, reports: reporter, front, front_id, program, children })
}

fn say<T>(failing: &mut PipeWriter, kind: u8, error: &io::Error) -> Option<T> {
    let number = error.raw_os_error().unwrap_or(libc::EIO).to_ne_bytes();
    let _ = failing.write_all(&[&[kind][..], &number].concat());
    None
}

/// Out of reach of keys and of what ends the front's process group; orphans below become its
/// children, and nobody looks into it.
fn step_aside(leads: bool) -> io::Result<SignalFd> {
    // It outlives the command line, and must not be ended with programs of the shell's name.
    hide_words(Some(c"guard"));
    // SAFETY: plain numbers.
    unsafe {
        // Where the front leads its session, the program's parent is in another one without guard.
        if leads {
            libc::setsid();
        } else {
            libc::setpgid(0, 0);
        }
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
        if libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    // Every signal waits for ever, but for the news of children.
    SigSet::all().thread_block()?;
    let mut children = SigSet::empty();
    children.add(nix::sys::signal::SIGCHLD);
    Ok(SignalFd::with_flags(&children, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?)
}

/// The program's own process: puts the filter on itself, and becomes the program.
fn become_program(
    start: &Start<'_>,
    caught: &Caught,
    supervisor: pid_t,
    there: UnixStream,
    failing: &mut PipeWriter,
) {
    if let Err(error) = process::change_environment(start.env).and_then(|()| (start.first)()) {
        let _: Option<()> = say(failing, b'o', &error);
        return;
    }
    let listener = match filtered(supervisor) {
        Ok(listener) => listener,
        Err(error) => {
            let _: Option<()> = say(failing, FILTER, &error);
            return;
        }
    };
    if let Err(error) = send(&there, &listener) {
        let _: Option<()> = say(failing, b'o', &error);
        return;
    }
    drop((listener, there));
    caught.undo();
    let error = process::become_program(start.program, start.argv);
    let _: Option<()> = say(failing, PROGRAM, &error);
}

/// With `CAP_SYS_ADMIN` set-uid programs keep their rights below the filter; without, they lose
/// them.
fn filtered(supervisor: pid_t) -> io::Result<Listener> {
    match seccomp::install(supervisor) {
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
            seccomp::give_up_new_rights()?;
            seccomp::install(supervisor)
        }
        installed => installed,
    }
}

fn send(there: &UnixStream, listener: &Listener) -> io::Result<()> {
    let descriptors = [listener.as_fd().as_raw_fd()];
    let rights = [ControlMessage::ScmRights(&descriptors)];
    sendmsg::<()>(there.as_raw_fd(), &[IoSlice::new(b"l")], &rights, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

fn receive(here: &UnixStream) -> io::Result<Listener> {
    let mut byte = [0];
    let mut part = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([c_int; 1]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(here.as_raw_fd(), &mut part, Some(&mut space), flags)?;
    for rights in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = rights
            && let Some(listener) = descriptors.first()
        {
            // SAFETY: the system just made it for this process, and nobody else owns it.
            return Ok(Listener::from(unsafe { OwnedFd::from_raw_fd(*listener) }));
        }
    }
    Err(io::Error::from_raw_os_error(libc::EPIPE))
}

/// This process.
pub(super) fn own_id() -> pid_t {
    // SAFETY: no preconditions, cannot fail.
    unsafe { libc::getpid() }
}

/// Ends this process at once, without running the caller's clean-up twice.
pub fn end(status: c_int) -> ! {
    // SAFETY: no preconditions.
    unsafe { libc::_exit(status) }
}
