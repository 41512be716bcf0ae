//! A terminal with a program on it, and a person who reads and types.

#![allow(unsafe_code)] // the terminal is made the program's between fork and exec

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};

use crate::support::{Run, hear};

/// Only a program that hangs takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Console {
    master: File,
    /// The program's end: a terminal that nobody has open forgets its modes.
    slave: OwnedFd,
    child: Child,
    seen: Vec<u8>,
}

impl Console {
    /// Starts a program in a session of its own, on a terminal of 24 lines and 80 columns.
    pub fn start(run: Run) -> Console {
        Console::start_with(run, true)
    }

    /// The same with what stands at descriptors 3 and 4, and the reading end of the latter.
    pub fn start_with_state(mut run: Run) -> (Console, File) {
        let reader = run.place_state().expect("the run has a state");
        (Console::start(run), File::from(reader))
    }

    /// The same with standard output in a pipe.
    pub fn start_piped(run: Run) -> Console {
        Console::start_with(run, false)
    }

    fn start_with(mut run: Run, output: bool) -> Console {
        let (master, slave_end) = pair(24, 80);
        let slave = || slave_end.try_clone().expect("a descriptor");
        let command = run.command();
        command.stdin(slave()).stderr(slave());
        command.stdout(if output { slave().into() } else { Stdio::piped() });
        take_control(command);
        let child = command.spawn().expect("the program starts");
        Console { master, slave: slave_end, child, seen: Vec::new() }
    }

    pub fn id(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    /// The process id of the shell that answers.
    pub fn shell_id(&mut self) -> String {
        let shown = self.line("echo I''D:$$:");
        shown.split("ID:").nth(1).and_then(|rest| rest.split(':').next()).expect("a number").to_owned()
    }

    pub fn types(&mut self, keys: impl AsRef<[u8]>) {
        self.master.write_all(keys.as_ref()).expect("the terminal takes keys");
    }

    /// A second hand at the keyboard.
    pub fn keyboard(&self) -> File {
        self.master.try_clone().expect("a descriptor")
    }

    /// Reads up to the end of this text, and gives what came, with it.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.seen.windows(text.len()).position(|part| part == text.as_bytes());
            if let Some(at) = found {
                let rest = self.seen.split_off(at + text.len());
                let came = std::mem::replace(&mut self.seen, rest);
                return String::from_utf8_lossy(&came).into_owned();
            }
            if !self.read(end) {
                panic!("`{text}` never came; there is {:?}", String::from_utf8_lossy(&self.seen));
            }
        }
    }

    /// Runs a line of a shell whose prompt is `$ `: what the terminal shows, up to the next prompt.
    #[track_caller]
    pub fn line(&mut self, line: &str) -> String {
        self.types(format!("{line}; echo E''ND:$?\n"));
        let shown = self.until("END:");
        shown + &self.until("$ ")
    }

    pub fn resize(&mut self, rows: u16, columns: u16) {
        resize(&self.master, rows, columns);
    }

    pub fn modes(&self) -> Termios {
        tcgetattr(&self.slave).expect("a terminal has modes")
    }

    /// Waits until keys make no signals here.
    #[track_caller]
    pub fn until_raw(&self) {
        let end = Instant::now() + PATIENCE;
        while self.modes().local_flags.contains(LocalFlags::ISIG) {
            assert!(Instant::now() < end, "the terminal stays as it is");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn kill(&self, signal: i32) {
        // SAFETY: touches no memory; the child was not waited for.
        assert_eq!(unsafe { libc::kill(self.id(), signal) }, 0);
    }

    /// Reads until the program ends: the rest of what came, and how it ended.
    #[track_caller]
    pub fn ends(&mut self) -> (String, ExitStatus) {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            self.read(Instant::now() + Duration::from_millis(20));
            if Instant::now() > end {
                panic!("it does not end; there is {:?}", String::from_utf8_lossy(&self.seen));
            }
        };
        while self.read(Instant::now()) {}
        (String::from_utf8_lossy(&std::mem::take(&mut self.seen)).into_owned(), status)
    }

    /// Closes the terminal, as a person closes its window; waits for the program's end.
    pub fn hangs_up(mut self) -> ExitStatus {
        let null = || File::open("/dev/null").expect("a file");
        (self.master, self.slave) = (null(), null().into());
        self.child.wait().expect("a child")
    }

    /// Reads what there is; `false` where there is nothing until then.
    fn read(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut watched = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        if poll(&mut watched, timeout).expect("a terminal") == 0 {
            return false;
        }
        let mut part = [0; 4096];
        match self.master.read(&mut part) {
            Ok(count) => {
                self.seen.extend_from_slice(&part[..count]);
                count > 0
            }
            Err(e) => e.kind() == ErrorKind::Interrupted,
        }
    }
}

/// A terminal of this size: its controlling end, and the one for programs.
pub fn pair(rows: u16, columns: u16) -> (File, OwnedFd) {
    // No other test's program may inherit them: a terminal that somebody holds is never hung up.
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(flags).expect("a terminal");
    grantpt(&master).expect("a terminal");
    unlockpt(&master).expect("a terminal");
    let name = ptsname_r(&master).expect("a terminal has a name");
    let slave = open(name.as_str(), flags, Mode::empty()).expect("a terminal");
    let master = File::from(OwnedFd::from(master));
    resize(&master, rows, columns);
    (master, slave)
}

/// Makes the program's standard input the terminal of a session of its own, in which keys have
/// their effect.
pub fn take_control(command: &mut Command) {
    hear(command);
    // SAFETY: all calls are async-signal-safe and touch no memory.
    unsafe {
        command.pre_exec(|| {
            nix::unistd::setsid()?;
            if libc::ioctl(0, libc::TIOCSCTTY, 0) == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
}

fn resize(terminal: &File, rows: u16, columns: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the size lives through the call, and the descriptor is open.
    let done = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    assert_eq!(done, 0);
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
