//! A terminal with a program on it: what a person sees there and types.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::Pid;

use crate::console::{pair, take_control};
use crate::support::Run;

/// Longer than any program takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal on which nothing runs yet.
pub struct Terminal {
    master: File,
    slave: OwnedFd,
}

impl Terminal {
    pub fn new(columns: u16, rows: u16) -> Terminal {
        let (master, slave) = pair(rows, columns);
        Terminal { master, slave }
    }

    /// As a full-screen program leaves it.
    pub fn raw(self) -> Terminal {
        let mut modes = self.modes();
        cfmakeraw(&mut modes);
        tcsetattr(&self.slave, SetArg::TCSANOW, &modes).expect("modes");
        self
    }

    pub fn modes(&self) -> Termios {
        tcgetattr(&self.slave).expect("a terminal has modes")
    }

    pub fn type_in(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// Starts a program as the terminal's foreground.
    pub fn start(self, mut run: Run) -> Session {
        let end = || self.slave.try_clone().expect("a descriptor");
        let command = run.command();
        command.stdin(end()).stdout(end()).stderr(end());
        take_control(command);
        let before = self.modes();
        let child = command.spawn().expect("the program starts");
        Session { before, terminal: self, child, seen: String::new() }
    }
}

/// A program that runs on a terminal.
pub struct Session {
    terminal: Terminal,
    child: Child,
    before: Termios,
    /// What it showed.
    pub seen: String,
}

impl Session {
    /// Waits until it has shown this.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let start = Instant::now();
        while !self.seen.contains(text) {
            let ended = self.child.try_wait().expect("a child").is_some();
            let goes_on = self.look(50) || !ended;
            // An agent that runs the tests is never asked.
            let above = guard::context::agent::agent_above().filter(|_| !goes_on);
            assert!(goes_on, "{text:?} did not come: {:?}; agent above: {above:?}", self.seen);
            assert!(start.elapsed() < PATIENCE, "{text:?} did not come: {:?}", self.seen);
        }
        self
    }

    pub fn type_in(&mut self, keys: &str) -> &mut Self {
        self.terminal.type_in(keys);
        self
    }

    /// Waits until the program has read what was typed.
    pub fn taken(&mut self) -> &mut Self {
        let typed = || {
            let mut watched = [PollFd::new(self.terminal.slave.as_fd(), PollFlags::POLLIN)];
            poll(&mut watched, PollTimeout::ZERO).expect("poll") > 0
        };
        while typed() {}
        self
    }

    pub fn kill(&mut self, signal: Signal) -> &mut Self {
        let pid = i32::try_from(self.child.id()).expect("a process number");
        kill(Pid::from_raw(pid), signal).expect("it is there");
        self
    }

    /// Takes what was shown since; false where that is nothing.
    pub fn look(&mut self, milliseconds: u16) -> bool {
        let mut watched = [PollFd::new(self.terminal.master.as_fd(), PollFlags::POLLIN)];
        if poll(&mut watched, PollTimeout::from(milliseconds)).expect("poll") == 0 {
            return false;
        }
        let mut part = [0; 4096];
        let count = self.terminal.master.read(&mut part).expect("what was shown");
        self.seen.push_str(&String::from_utf8_lossy(&part[..count]));
        true
    }

    /// Waits for its end; the terminal must then be as it was.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end: {:?}", self.seen);
            self.look(50);
        };
        while self.look(0) {}
        assert!(self.terminal.modes() == self.before, "other modes than before");
        status
    }

    /// Waits for its end with this status.
    #[track_caller]
    pub fn ended(&mut self, code: i32) -> &mut Self {
        let status = self.end();
        assert_eq!((status.code(), status.signal()), (Some(code), None), "{:?}", self.seen);
        self
    }
}
