//! Runs a program below a supervisor that answers every `execve` of it and of all it starts.
//!
//! This is the part of the process that the caller started: it passes signals on, stops and goes
//! on as the program does, and ends as it ended. `supervisor` is the other end.

mod execution;
mod recheck;
mod supervisor;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

pub use execution::Execution;

use super::pty::Ending;
use crate::decide::{Permit, Watch};
use crate::error::{Error, ErrorKind};
use crate::sys::children;
use crate::sys::signal::{self, Came, Caught};
use crate::sys::supervised::{self, Failed, Start, Supervised};
use crate::sys::tty;

/// Says what is to become of an `execve`.
pub trait Judge {
    /// At once, without a look at anything that may take long; `None` where that does not do.
    fn at_once(&self, execution: &Rc<Execution>) -> Option<Answer>;
    /// With all that it takes, in a process of its own; and what that process learned for `learn`.
    fn thoroughly(&self, execution: &Rc<Execution>) -> (Answer, Vec<u8>);
    /// Takes what a process learned that let a program go on.
    fn learn(&self, execution: &Execution, learned: &[u8]);
    /// The supervisor ended before what it watched: told to the process that the caller started.
    fn lost(&self);
    /// How long the questions about what one command line starts may take together.
    fn patience(&self) -> Duration;
    /// Whether questions are put at the terminal.
    fn asks_at_terminal(&self) -> bool;
    /// Asks the human at the terminal, in a process of its own in the terminal's foreground; the
    /// answer may take so long.
    fn ask(&self, execution: &Rc<Execution>, terminal: Terminal, wait: Duration) -> (Answer, Vec<u8>);
    /// Seeks a human's yes elsewhere, in a process of its own, for so long. `say` gives a line to whoever reads what
    /// the process that waits has to say.
    fn seek(&self, execution: &Rc<Execution>, wait: Duration, say: &dyn Fn(&str)) -> (Answer, Vec<u8>);
    /// Whether a human answered before what a guard below finds in the text that it was given.
    fn was_answered(&self, thread: i32, findings: &[u8]) -> bool;
}

/// The terminal: to read from, and to write to.
pub type Terminal = (File, File);

/// What is to become of an `execve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It goes on. `again`: its words are looked at once more when they can no longer be changed.
    GoesOn {
        /// See above.
        again: bool,
    },
    /// A human is to be asked.
    Held,
    /// It fails; the line to say to whoever reads what that process has to say.
    Fails(String),
}

impl Answer {
    fn to_bytes(&self, learned: &[u8]) -> Vec<u8> {
        match self {
            Answer::GoesOn { again: false } => [b"g", learned].concat(),
            Answer::GoesOn { again: true } => [b"a", learned].concat(),
            Answer::Held => b"h".to_vec(),
            Answer::Fails(line) => [b"f", line.as_bytes()].concat(),
        }
    }

    /// An answer, with what was learned beside it.
    fn from_bytes(bytes: &[u8]) -> Option<(Answer, &[u8])> {
        match bytes.split_first()? {
            (b'g', learned) => Some((Answer::GoesOn { again: false }, learned)),
            (b'a', learned) => Some((Answer::GoesOn { again: true }, learned)),
            (b'h', []) => Some((Answer::Held, &[])),
            (b'f', line) => Some((Answer::Fails(String::from_utf8_lossy(line).into_owned()), &[])),
            _ => None,
        }
    }
}

/// Runs a program to its end. An error of the kind `NoSupervision` says that nothing has run.
pub fn run(permit: Permit, start: &Start<'_>, judge: &dyn Judge) -> Result<Ending, Error> {
    permit.redeem(Watch::Watched).map_err(|unwatched| super::may_not_run(start.program, unwatched))?;
    let broken = |error: io::Error| Error::broken("supervision cannot be set up").because(error);
    let mut front = Front::start(start, judge).map_err(|failed| match failed {
        Failed::Program(error) => super::cannot_run(start.program, error),
        Failed::Filter(error) => {
            Error::new(ErrorKind::NoSupervision, "this system lets nobody supervise here").because(error)
        }
        Failed::Other(error) => broken(error),
    })?;
    let ended = front.wait().map_err(broken);
    if front.lost {
        judge.lost();
    }
    ended
}

/// Does the same in a process that was to become the program, and ends as that does; returns only
/// where nothing has run. Whoever started this process has redeemed the permit.
pub fn become_front(start: &Start<'_>, judge: &dyn Judge) -> io::Error {
    match Front::start(start, judge) {
        Ok(mut front) => match front.wait() {
            Ok(_) if front.lost => {
                judge.lost();
                supervised::end(128 + libc::SIGKILL)
            }
            Ok(Ending::Exited(status)) => supervised::end(status),
            Ok(Ending::Signaled(number)) => {
                signal::die_of(number);
                supervised::end(128 + number)
            }
            Err(error) => error,
        },
        Err(Failed::Program(error) | Failed::Filter(error) | Failed::Other(error)) => error,
    }
}

/// What became of the program, as the supervisor reports it: a letter and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Report {
    /// It ended; `alone`: nothing that it started is left, so that the supervisor ends too.
    Exited { status: i32, alone: bool },
    /// It was killed.
    Signaled { signal: i32, alone: bool },
    /// It was stopped.
    Stopped(i32),
}

impl Report {
    const LENGTH: usize = 6;

    fn to_bytes(self) -> [u8; Report::LENGTH] {
        let (kind, number, alone) = match self {
            Report::Exited { status, alone } => (b'e', status, alone),
            Report::Signaled { signal, alone } => (b's', signal, alone),
            Report::Stopped(signal) => (b't', signal, false),
        };
        let mut bytes = [kind, 0, 0, 0, 0, u8::from(alone)];
        bytes[1..5].copy_from_slice(&number.to_ne_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; Report::LENGTH]) -> Option<Report> {
        let [kind, a, b, c, d, alone] = bytes;
        let (number, alone) = (i32::from_ne_bytes([a, b, c, d]), alone != 0);
        match kind {
            b'e' => Some(Report::Exited { status: number, alone }),
            b's' => Some(Report::Signaled { signal: number, alone }),
            b't' => Some(Report::Stopped(number)),
            _ => None,
        }
    }
}

struct Front {
    signals: Caught,
    supervised: Supervised,
    /// It leads its session, and is told alone when the terminal hangs up.
    leads: bool,
    /// The supervisor is gone.
    lost: bool,
}

impl Front {
    fn start(start: &Start<'_>, judge: &dyn Judge) -> Result<Front, Failed> {
        let signals = Caught::new().map_err(Failed::Other)?;
        let watch = |post| supervisor::serve(post, judge);
        let started = Supervised::start(start, &signals, watch);
        let supervised = started.inspect_err(|_| signals.undo())?;
        signals.listen().map_err(Failed::Other)?;
        Ok(Front { signals, supervised, leads: tty::leads_session(), lost: false })
    }

    fn wait(&mut self) -> io::Result<Ending> {
        loop {
            let mut watched = [
                PollFd::new(self.signals.descriptor(), PollFlags::POLLIN),
                PollFd::new(self.supervised.reports().as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut watched, PollTimeout::NONE) {
                Ok(_) | Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let came = |at: usize| watched[at].revents().is_some_and(|events| !events.is_empty());
            let (signaled, reported) = (came(0), came(1));
            if signaled {
                let came = self.signals.take();
                self.pass_signals(came);
            }
            if reported && let Some(ending) = self.take_report()? {
                return Ok(ending);
            }
        }
    }

    /// What was sent to the whole process group reached the program too, which is in it.
    fn pass_signals(&mut self, came: Vec<Came>) {
        let mut left = VecDeque::from(came);
        while let Some(came) = left.pop_front() {
            // Of a signal that came again meanwhile one is left, and the witness has seen one.
            if came.signal < libc::SIGRTMIN() && left.contains(&came) {
                continue;
            }
            let told_alone = self.leads && matches!(came.signal, libc::SIGHUP | libc::SIGCONT);
            let sent = !came.by_key && came.signal != libc::SIGWINCH;
            if sent && self.supervised.reached_all(came.signal) {
                continue;
            }
            if sent || told_alone {
                left.extend(self.signals.take());
                if !left.iter().any(|later| is_undone(came.signal, later.signal)) {
                    signal::send(self.supervised.program(), came.signal);
                }
            }
        }
    }

    fn take_report(&mut self) -> io::Result<Option<Ending>> {
        let mut bytes = [0; Report::LENGTH];
        if let Err(error) = self.supervised.reports().read_exact(&mut bytes) {
            if error.kind() != io::ErrorKind::UnexpectedEof {
                return Err(error);
            }
            // Without its supervisor nothing below can start a program any more.
            signal::send(self.supervised.program(), libc::SIGKILL);
            self.lost = true;
            return Ok(Some(Ending::Signaled(libc::SIGKILL)));
        }
        let report = Report::from_bytes(bytes).ok_or(io::ErrorKind::InvalidData)?;
        let (ending, alone) = match report {
            Report::Exited { status, alone } => (Ending::Exited(status), alone),
            Report::Signaled { signal, alone } => (Ending::Signaled(signal), alone),
            Report::Stopped(signal) => {
                // It was continued since, where it goes on.
                if children::stands_still(self.supervised.program()) {
                    let came = self.signals.stop_alone(signal);
                    if !came.iter().any(|came| came.signal == libc::SIGCONT) {
                        signal::send(self.supervised.program(), libc::SIGCONT);
                    }
                    self.pass_signals(came);
                }
                return Ok(None);
            }
        };
        if alone {
            self.supervised.bury();
        }
        Ok(Some(ending))
    }
}

/// Whether a signal is taken back by a later one, wherever it waits: who has both pending has only
/// the later one (signal(7)).
fn is_undone(signal: i32, later: i32) -> bool {
    let stops = |signal| matches!(signal, libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU);
    signal == libc::SIGCONT && stops(later) || stops(signal) && later == libc::SIGCONT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_come_out_as_they_went_in() {
        let all = [
            Report::Exited { status: 255, alone: true },
            Report::Signaled { signal: 9, alone: false },
            Report::Stopped(20),
        ];
        for report in all {
            assert_eq!(Report::from_bytes(report.to_bytes()), Some(report));
        }
    }
}
