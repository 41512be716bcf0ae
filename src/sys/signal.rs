//! Signals.

use std::io::{self, PipeReader, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

use libc::c_int;
use nix::errno::Errno;

/// Ignores a signal from here on. Only for a process that will not become another program:
/// an ignored signal stays ignored across `exec`.
pub fn ignore(signal: c_int) {
    set(signal, libc::SIG_IGN);
}

/// Has a signal do again what it does by default.
pub fn heed(signal: c_int) {
    set(signal, libc::SIG_DFL);
}

/// What guard does with a signal while a program runs beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Takes notice, even where the caller blocks it.
    Needed,
    /// Takes notice, for the program: whether that ignores it is its own affair.
    Passed,
    /// Guard cannot go on: the terminal is put back first.
    Crash,
    /// Default action.
    Default,
    /// Nothing.
    Left,
}

fn usage(signal: c_int) -> Use {
    match signal {
        libc::SIGWINCH | libc::SIGCONT => Use::Needed,
        // Where it is ignored nobody can wait for a child.
        libc::SIGCHLD => Use::Default,
        libc::SIGILL | libc::SIGTRAP | libc::SIGABRT | libc::SIGBUS | libc::SIGFPE | libc::SIGSEGV => {
            Use::Crash
        }
        libc::SIGSYS | libc::SIGXCPU | libc::SIGXFSZ => Use::Crash,
        libc::SIGKILL | libc::SIGSTOP | libc::SIGTTIN | libc::SIGTTOU | libc::SIGURG => Use::Left,
        // The C library's own (nptl(7)).
        32 | 33 => Use::Left,
        _ => Use::Passed,
    }
}

/// Where handlers write.
static WAKE: AtomicI32 = AtomicI32::new(-1);

/// Stands for "the system sent it": a key on the terminal made it. Signals have lower numbers.
const BY_KEY: u8 = 0x80;

extern "C" fn note(signal: c_int, info: *const libc::siginfo_t, _: *const libc::c_void) {
    // SAFETY: the system passes the signal's own information.
    let by_key = !info.is_null() && unsafe { (*info).si_code } == SI_KERNEL;
    let byte = u8::try_from(signal).unwrap_or(0) | if by_key { BY_KEY } else { 0 };
    let before = Errno::last_raw();
    // SAFETY: the byte lives through the call. Where the pipe is full there is a reason to wake up
    // in it already.
    unsafe {
        libc::write(WAKE.load(Ordering::Relaxed), ptr::from_ref(&byte).cast(), 1);
    }
    Errno::set_raw(before);
}

extern "C" fn crash(signal: c_int) {
    super::tty::restore();
    // SAFETY: the handler was reset when it was entered; the signal takes effect on return.
    unsafe {
        libc::raise(signal);
    }
}

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// Its number.
    pub signal: c_int,
    /// The system sent it, and to the whole foreground.
    pub by_key: bool,
}

#[cfg(target_os = "linux")]
const SI_KERNEL: c_int = libc::SI_KERNEL;
#[cfg(not(target_os = "linux"))]
const SI_KERNEL: c_int = 0x10006;

/// Signals that are kept for guard to read, with what the caller had set.
#[derive(Debug)]
pub struct Caught {
    came: PipeReader,
    before: Before,
}

struct Before {
    actions: Vec<(c_int, libc::sigaction)>,
    mask: libc::sigset_t,
}

impl std::fmt::Debug for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Before").finish_non_exhaustive()
    }
}

impl Drop for Caught {
    /// A handler that wrote into a pipe without a reader would bring SIGPIPE on itself, for ever.
    fn drop(&mut self) {
        WAKE.store(-1, Ordering::Relaxed);
    }
}

impl Caught {
    /// Takes notice of signals from here on. Until `listen` they all wait.
    pub fn new() -> io::Result<Caught> {
        let (came, wake) = io::pipe()?;
        super::fd::never_block(came.as_fd())?;
        super::fd::never_block(wake.as_fd())?;
        WAKE.store(wake.into_raw_fd(), Ordering::Relaxed);
        let mask = mask(libc::SIG_SETMASK, |set| {
            // SAFETY: the set lives through the call.
            unsafe { libc::sigfillset(set) };
        })?;
        let mut actions = Vec::new();
        for signal in 1..=libc::SIGRTMAX() {
            let before = match usage(signal) {
                Use::Needed | Use::Passed => {
                    handle(signal, note as *const (), libc::SA_RESTART | libc::SA_SIGINFO)
                }
                Use::Crash => handle(signal, crash as *const (), libc::SA_RESETHAND),
                Use::Default => handle(signal, libc::SIG_DFL as *const (), 0),
                Use::Left => action(signal),
            };
            actions.extend(before.map(|before| (signal, before)));
        }
        Ok(Caught { came, before: Before { actions, mask } })
    }

    /// Lets signals come that the caller did not block, and those that guard needs.
    pub fn listen(&self) -> io::Result<()> {
        let mut set = self.before.mask;
        for signal in [libc::SIGWINCH, libc::SIGCONT, libc::SIGCHLD] {
            // SAFETY: the set lives through the call.
            unsafe { libc::sigdelset(&mut set, signal) };
        }
        mask(libc::SIG_SETMASK, |new| *new = set).map(|_| ())
    }

    /// Everything as the caller had set it: for a program that starts, or for what it starts from.
    pub fn undo(&self) {
        for (signal, before) in &self.before.actions {
            // SAFETY: the action was read from the system, and lives through the call.
            unsafe { libc::sigaction(*signal, before, ptr::null_mut()) };
        }
        let _ = mask(libc::SIG_SETMASK, |set| *set = self.before.mask);
    }

    /// Default actions again, but for one signal with a handler of its own: for a process beside
    /// guard.
    pub fn leave(&self, signal: c_int, handler: extern "C" fn(c_int)) {
        for (signal, _) in &self.before.actions {
            if usage(*signal) != Use::Left {
                set(*signal, libc::SIG_DFL);
            }
        }
        handle(signal, handler as *const (), libc::SA_RESTART);
        let _ = mask(libc::SIG_SETMASK, |_| {});
    }

    /// Becomes readable when one came.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.came.as_fd()
    }

    /// What must stay open for it.
    pub fn descriptors(&self) -> [c_int; 2] {
        [self.came.as_raw_fd(), WAKE.load(Ordering::Relaxed)]
    }

    /// Those that came.
    pub fn take(&mut self) -> Vec<Came> {
        let mut bytes = [0; 64];
        let count = self.came.read(&mut bytes).unwrap_or(0);
        let came = |byte: &u8| Came { signal: c_int::from(byte & !BY_KEY), by_key: byte & BY_KEY != 0 };
        bytes[..count].iter().map(came).collect()
    }

    /// Stops this process as the signal would by default; returns when it continues, with what
    /// came by then: SIGCONT among them, where it was stopped. A stop that a key asked for is its
    /// whole process group's.
    pub fn stop(&mut self, signal: c_int) -> Vec<Came> {
        self.stop_with(signal, if signal == libc::SIGTSTP { 0 } else { own_id() })
    }

    /// The same for this process alone, whose group has the signal already.
    pub fn stop_alone(&mut self, signal: c_int) -> Vec<Came> {
        self.stop_with(signal, own_id())
    }

    fn stop_with(&mut self, signal: c_int, whom: c_int) -> Vec<Came> {
        let before = action(signal);
        set(signal, libc::SIG_DFL);
        send(whom, signal);
        if let Some(before) = before {
            // SAFETY: the action was read from the system, and lives through the call.
            unsafe { libc::sigaction(signal, &before, ptr::null_mut()) };
        }
        self.take()
    }
}

/// This process.
fn own_id() -> c_int {
    // SAFETY: no preconditions, cannot fail.
    unsafe { libc::getpid() }
}

/// Sends a signal as kill(2) does; whom there is nobody to send it to, that is no error here.
pub fn send(whom: c_int, signal: c_int) {
    // SAFETY: touches no memory.
    unsafe {
        libc::kill(whom, signal);
    }
}

/// Ends this process by a signal, without a core file: the caller sees the same death. Returns
/// where the signal does not kill (in a container's first process).
pub fn die_of(signal: c_int) {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit lives through the call.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &none);
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
    }
    set(signal, libc::SIG_DFL);
    let _ = mask(libc::SIG_UNBLOCK, |set| {
        // SAFETY: the set lives through the call.
        unsafe { libc::sigaddset(set, signal) };
    });
    send(own_id(), signal);
}

/// A signal's present action; `None` for a number that is no signal.
fn action(signal: c_int) -> Option<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: the action is written where the call succeeds, and only then read.
    unsafe { (libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0).then(|| action.assume_init()) }
}

fn set(signal: c_int, action: libc::sighandler_t) {
    // SAFETY: SIG_IGN and SIG_DFL install no handler; an invalid number changes nothing.
    unsafe {
        libc::signal(signal, action);
    }
}

/// Sets a handler: a function of this module, or one that it was given, as the flags say. Gives the
/// action before; `None` for a number that is no signal.
fn handle(signal: c_int, handler: *const (), flags: c_int) -> Option<libc::sigaction> {
    let mut before = MaybeUninit::uninit();
    // SAFETY: a zeroed action is a valid one; the handlers do only what signal-safety(7) allows. The
    // action before is read only where it was written.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = flags;
        (libc::sigaction(signal, &action, before.as_mut_ptr()) == 0).then(|| before.assume_init())
    }
}

/// Changes the mask by a set that starts empty; gives what it was.
fn mask(how: c_int, fill: impl FnOnce(&mut libc::sigset_t)) -> io::Result<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: sigemptyset initializes the set; the old mask is read only where it was written.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        let mut set = set.assume_init();
        fill(&mut set);
        if libc::sigprocmask(how, &set, before.as_mut_ptr()) == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(before.assume_init())
    }
}
