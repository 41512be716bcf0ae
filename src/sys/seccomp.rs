//! A filter that asks a supervisor about every `execve` of a process and all its descendants, and
//! the supervisor's end of it (seccomp(2), seccomp_unotify(2)).

use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use libc::{c_int, c_ulong, pid_t, seccomp_notif, seccomp_notif_resp, sock_filter, sock_fprog};

/// Checks whether a file could be executed, and executes nothing (execveat(2), since Linux 6.14).
const AT_EXECVE_CHECK: u32 = 0x10000;
/// Wakes the supervisor on the caller's processor (since Linux 6.6). The argument goes by value.
const SYNC_WAKE_UP: c_ulong = 1;

/// One architecture's numbers of system calls.
struct Calls {
    /// As `seccomp_data.arch` names it.
    arch: u32,
    execve: u32,
    execveat: u32,
    /// Calls that do something to the process that this argument names.
    reaching: &'static [(u32, u8)],
    /// Numbers from here on are another architecture's.
    foreign_from: Option<u32>,
}

#[cfg(target_arch = "x86_64")]
const ARCHITECTURES: &[Calls] = &[
    Calls {
        arch: 0xc000_003e,
        execve: 59,
        execveat: 322,
        // kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, ptrace, process_vm_writev,
        // pidfd_open, prlimit64
        reaching: &[(62, 0), (200, 0), (234, 0), (129, 0), (297, 0), (101, 1), (311, 0), (434, 0), (302, 0)],
        // x32, whose calls have other numbers for the same.
        foreign_from: Some(0x4000_0000),
    },
    Calls {
        arch: 0x4000_0003,
        execve: 11,
        execveat: 358,
        reaching: &[(37, 0), (238, 0), (270, 0), (178, 0), (335, 0), (26, 1), (348, 0), (434, 0), (340, 0)],
        foreign_from: None,
    },
];

#[cfg(target_arch = "aarch64")]
const ARCHITECTURES: &[Calls] = &[Calls {
    arch: 0xc000_00b7,
    execve: 221,
    execveat: 281,
    reaching: &[(129, 0), (130, 0), (131, 0), (138, 0), (240, 0), (117, 1), (271, 0), (434, 0), (261, 0)],
    foreign_from: None,
}];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURES: &[Calls] = &[];

const NUMBER: u32 = 0;
const ARCH: u32 = 4;

/// The low half of an argument (the supported architectures store it first).
const fn argument(index: u8) -> u32 {
    16 + 8 * index as u32
}

fn load(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
}

fn answer(value: u32) -> sock_filter {
    op(libc::BPF_RET | libc::BPF_K, value, 0, 0)
}

/// Goes on behind `then` instructions where the loaded word is `value`, else behind `other`.
fn equal(value: u32, then: u8, other: u8) -> sock_filter {
    op(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, then, other)
}

fn op(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

fn fails(number: c_int) -> u32 {
    libc::SECCOMP_RET_ERRNO | number as u32
}

/// The program of the filter: `execve` in all its forms asks, what would reach the supervisor is
/// refused, all else passes.
fn program(supervisor: pid_t) -> Vec<sock_filter> {
    let mut all = Vec::new();
    for calls in ARCHITECTURES {
        let own = of(calls, supervisor);
        let length = own.len() as u32;
        all.push(load(ARCH));
        // The length may be more than a conditional jump reaches.
        all.push(equal(calls.arch, 1, 0));
        all.push(op(libc::BPF_JMP | libc::BPF_JA, length, 0, 0));
        all.extend(own);
    }
    all.push(answer(fails(libc::ENOSYS)));
    all
}

fn of(calls: &Calls, supervisor: pid_t) -> Vec<sock_filter> {
    let mut own = vec![load(NUMBER)];
    if let Some(first) = calls.foreign_from {
        own.push(op(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, first, 0, 1));
        own.push(answer(fails(libc::ENOSYS)));
    }
    own.push(equal(calls.execve, 0, 1));
    own.push(answer(libc::SECCOMP_RET_USER_NOTIF));
    own.extend([
        equal(calls.execveat, 0, 4),
        load(argument(4)),
        op(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, AT_EXECVE_CHECK, 1, 0),
        answer(libc::SECCOMP_RET_USER_NOTIF),
        answer(libc::SECCOMP_RET_ALLOW),
    ]);
    for (number, index) in calls.reaching {
        own.extend([
            equal(*number, 0, 5),
            load(argument(*index)),
            equal(supervisor as u32, 1, 0),
            equal(supervisor.wrapping_neg() as u32, 0, 1),
            answer(fails(libc::EPERM)),
            answer(libc::SECCOMP_RET_ALLOW),
        ]);
    }
    own.push(answer(libc::SECCOMP_RET_ALLOW));
    own
}

/// The supervisor's end: where the questions come and the answers go.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// An `execve` that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Names the question.
    pub id: u64,
    /// The thread that asks, as this process's namespace numbers it; 0 where it has no number
    /// there.
    pub thread: pid_t,
    /// How it asks.
    pub call: ExecCall,
}

/// The arguments of an `execve` or `execveat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecCall {
    /// The directory that a relative path starts from; `None` for the process's own.
    pub directory: Option<c_int>,
    /// The address of the path.
    pub path: u64,
    /// The address of the pointers to the arguments.
    pub argv: u64,
    /// The address of the pointers to the environment.
    pub envp: u64,
    /// `AT_EMPTY_PATH`, `AT_SYMLINK_NOFOLLOW`.
    pub flags: c_int,
    /// Pointers have four bytes.
    pub narrow: bool,
}

/// Puts the filter on this process, and all that it will start. Without `CAP_SYS_ADMIN` this
/// process must have given up gaining rights (`no_new_privs`): the error is EACCES then. EBUSY:
/// something else listens to a filter of this process already.
pub fn install(supervisor: pid_t) -> io::Result<Listener> {
    let mut program = program(supervisor);
    let length = u16::try_from(program.len()).map_err(io::Error::other)?;
    let code = sock_fprog { len: length, filter: program.as_mut_ptr() };
    // The filter hides nothing from what it is on: nothing is gained by making that slower (spectre_v2
    // and speculative store bypass, prctl(2) `PR_SET_SPECULATION_CTRL`).
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    let mut result = filter(listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &code);
    if result.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EINVAL)) {
        // Older than Linux 5.19.
        result = filter(listener, &code);
    }
    result.map(Listener)
}

fn filter(flags: c_ulong, code: &sock_fprog) -> io::Result<OwnedFd> {
    // SAFETY: the program lives through the call, and its length is given.
    let fd = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, code) };
    let fd = c_int::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(io::Error::last_os_error)?;
    // SAFETY: just made, and owned by nobody else. It closes at exec.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Whether this process can be supervised.
#[derive(Debug)]
pub enum Standing {
    /// Nothing stands in the way.
    Free,
    /// Another guard judges what it executes.
    BelowGuard,
    /// The system refuses, with this error.
    Refused(io::Error),
}

/// A path that leads nowhere: whoever executes it is told by a supervisor, and by nobody else, that
/// there is one.
pub const QUESTION: &std::ffi::CStr = c"/proc/self/guard-judges-what-runs";
/// Another such path: by its words whoever executes it asks whether those findings were answered before.
pub const WHETHER_ANSWERED: &std::ffi::CStr = c"/proc/self/guard-was-told-of-this";
/// The answer; no system gives it for a path that is not there.
pub const ANSWER: c_int = libc::EXFULL;

/// Whether a filter is on this process.
pub fn is_filtered() -> bool {
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) != 0 }
}

/// Whether set-uid programs and their kind still give rights below a filter: `CAP_SYS_ADMIN` needs
/// not give that up (capabilities(7), prctl(2)).
pub fn keeps_rights() -> bool {
    const SYS_ADMIN: u32 = 21;
    // SAFETY: plain numbers.
    let gave_up = unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) } != 0;
    !gave_up && has_capability(SYS_ADMIN)
}

/// Whether this process has a capability of these numbers up to 31.
fn has_capability(number: u32) -> bool {
    // `_LINUX_CAPABILITY_VERSION_3`, this process; then effective, permitted, inheritable, twice.
    let header: [u32; 2] = [0x2008_0522, 0];
    let mut sets = [0_u32; 6];
    // SAFETY: both arrays live through the call, and have the length that this version has.
    let read = unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr()) };
    read == 0 && sets[0] >> number & 1 == 1
}

/// What the system says to who executes a path that leads nowhere; a supervisor says something else.
fn put_question(question: &std::ffi::CStr, word: Option<&std::ffi::CStr>) -> io::Error {
    // SAFETY: C strings, and arrays of such that end; the path leads nowhere.
    unsafe {
        let none = std::ptr::null::<libc::c_char>();
        let words = [word.map_or(none, std::ffi::CStr::as_ptr), none];
        libc::execve(question.as_ptr(), words.as_ptr(), [none].as_ptr());
        io::Error::last_os_error()
    }
}

/// Whether the supervisor above says that findings were answered with the command line that it watches.
pub fn was_answered(findings: &str) -> bool {
    let Ok(word) = std::ffi::CString::new(findings) else { return false };
    is_filtered() && put_question(WHETHER_ANSWERED, Some(&word)).raw_os_error() == Some(ANSWER)
}

/// Whether a supervisor judges what this process executes, or did: where it was killed, nothing can be
/// executed any more.
pub fn is_below_guard() -> bool {
    is_filtered() && put_question(QUESTION, None).raw_os_error() != Some(libc::ENOENT)
}

/// How this process stands.
pub fn standing() -> Standing {
    let action: u32 = libc::SECCOMP_RET_USER_NOTIF;
    // SAFETY: the number lives through the call.
    let known =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
    if known == -1 || ARCHITECTURES.is_empty() {
        return Standing::Refused(io::Error::last_os_error());
    }
    if is_filtered() {
        if put_question(QUESTION, None).raw_os_error() == Some(ANSWER) {
            return Standing::BelowGuard;
        }
        // Others' filters may allow one with a listener or not.
        if let Err(error) = super::trial::filter() {
            return Standing::Refused(error);
        }
    }
    match hides_children() {
        false => Standing::Free,
        true => Standing::Refused(io::Error::from_raw_os_error(libc::EPERM)),
    }
}

/// Whether the system lets no parent read its child's memory (Yama's `ptrace_scope`): nothing of
/// what is executed could be judged.
fn hides_children() -> bool {
    const SYS_PTRACE: u32 = 19;
    match std::fs::read("/proc/sys/kernel/yama/ptrace_scope").as_deref() {
        Ok([b'2', ..]) => !has_capability(SYS_PTRACE),
        Ok([b'3', ..]) => true,
        _ => false,
    }
}

/// Puts a filter on this process, by whatever way a supervised one gets it. It executes nothing
/// any more.
pub(super) fn attempt() -> io::Result<()> {
    install(0).or_else(|_| give_up_new_rights().and_then(|()| install(0))).map(drop)
}

/// Gives up gaining rights by set-uid programs and their kind, for this process and all that it
/// starts.
pub fn give_up_new_rights() -> io::Result<()> {
    // SAFETY: plain numbers.
    match unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<OwnedFd> for Listener {
    fn from(fd: OwnedFd) -> Listener {
        Listener(fd)
    }
}

impl Listener {
    /// Answers come back on the processor of who asked; older systems know no such thing.
    pub fn wake_in_place(&self) {
        // SAFETY: a plain number by value, as the call wants it.
        unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP) };
    }

    /// The next question; `None` where who asked is gone.
    pub fn next(&self) -> io::Result<Option<Asked>> {
        // SAFETY: all zero is what the call wants to be given, and what it writes is all plain
        // numbers.
        let mut notice: seccomp_notif = unsafe { mem::zeroed() };
        // SAFETY: the structure lives through the call.
        let done = unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &mut notice) };
        if done == -1 {
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(libc::ENOENT | libc::EINTR) => Ok(None),
                _ => Err(error),
            };
        }
        let data = &notice.data;
        let calls = ARCHITECTURES.iter().find(|calls| calls.arch == data.arch);
        let at = calls.is_some_and(|calls| data.nr as u32 == calls.execveat);
        let first = usize::from(at);
        let directory = (at && data.args[0] as c_int != libc::AT_FDCWD).then_some(data.args[0] as c_int);
        Ok(Some(Asked {
            id: notice.id,
            thread: notice.pid as pid_t,
            call: ExecCall {
                directory,
                path: data.args[first],
                argv: data.args[first + 1],
                envp: data.args[first + 2],
                flags: if at { data.args[4] as c_int } else { 0 },
                narrow: data.arch == 0x4000_0003,
            },
        }))
    }

    /// Whether who asked still waits, so that its number means no other process.
    pub fn still_waits(&self, id: u64) -> bool {
        // SAFETY: the number lives through the call.
        unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0 }
    }

    /// Lets the call go on. One that no longer waits needs no answer.
    pub fn let_go_on(&self, id: u64) {
        self.send(id, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32);
    }

    /// The call fails with this error.
    pub fn fail(&self, id: u64, error: c_int) {
        self.send(id, -error, 0);
    }

    fn send(&self, id: u64, error: c_int, flags: u32) {
        let mut answer = seccomp_notif_resp { id, val: 0, error, flags };
        // SAFETY: the structure lives through the call.
        unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &mut answer) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter says of a call, by a small interpreter of the instructions in use.
    fn run(arch: u32, number: u32, args: [u64; 6]) -> u32 {
        let program = program(4242);
        let (mut at, mut word) = (0, 0);
        loop {
            let op = program[at];
            at += 1;
            let code = u32::from(op.code);
            match code & 7 {
                libc::BPF_LD => {
                    word = match op.k {
                        NUMBER => number,
                        ARCH => arch,
                        offset => args[(offset as usize - 16) / 8] as u32,
                    }
                }
                libc::BPF_RET => return op.k,
                _ => {
                    let holds = match code & 0xf0 {
                        libc::BPF_JA => {
                            at += op.k as usize;
                            continue;
                        }
                        libc::BPF_JEQ => word == op.k,
                        libc::BPF_JGE => word >= op.k,
                        libc::BPF_JSET => word & op.k != 0,
                        other => panic!("{other:#x}"),
                    };
                    at += usize::from(if holds { op.jt } else { op.jf });
                }
            }
        }
    }

    #[test]
    fn execs_ask_and_the_supervisor_is_out_of_reach() {
        let (asks, passes) = (libc::SECCOMP_RET_USER_NOTIF, libc::SECCOMP_RET_ALLOW);
        for calls in ARCHITECTURES {
            let of = |number, args| run(calls.arch, number, args);
            assert_eq!(of(calls.execve, [0; 6]), asks);
            assert_eq!(of(calls.execveat, [0; 6]), asks);
            assert_eq!(of(calls.execveat, [0, 0, 0, 0, 0x1000, 0]), asks);
            assert_eq!(of(calls.execveat, [0, 0, 0, 0, 0x1_1000, 0]), passes);
            assert_eq!(of(1_000, [4242; 6]), passes);
            for (number, index) in calls.reaching {
                let naming = |whom: u64| {
                    let mut args = [7; 6];
                    args[usize::from(*index)] = whom;
                    of(*number, args)
                };
                assert_eq!(naming(4242), fails(libc::EPERM));
                assert_eq!(naming((-4242_i64) as u64), fails(libc::EPERM));
                // The system takes the low half alone.
                assert_eq!(naming(0xdead_0000_1092), fails(libc::EPERM));
                assert_eq!(naming(4243), passes);
            }
            if let Some(first) = calls.foreign_from {
                assert_eq!(of(first + calls.execve, [0; 6]), fails(libc::ENOSYS));
            }
        }
        assert_eq!(run(1, 11, [0; 6]), fails(libc::ENOSYS));
    }
}
