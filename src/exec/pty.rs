//! Runs a program on a terminal of guard's own, between the caller's terminal and it.
//!
//! Bytes pass as they are in both directions; the line discipline of the inner terminal does what
//! the outer one did before: it makes signals of keys, lines of characters, and echoes.

mod entered;
mod pending;
mod redraw;

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::ttyname;

use entered::Entered;
use pending::{Pending, is_gone, is_passing};
use redraw::Redraw;

use crate::decide::{Permit, Watch};
use crate::error::{Error, ErrorKind};
use crate::sys::session::{Report, Session};
use crate::sys::signal::{self, Came, Caught};
use crate::sys::tty::{self, Terminal};

/// What stands beside the terminal while the program runs, and may need the terminal.
pub trait Beside {
    /// Watched for reading; one that has ended must not be named again.
    fn descriptors(&self) -> Vec<BorrowedFd<'_>>;
    /// Whether the program is a shell that draws its row anew around a check of a line.
    fn draws_anew(&self) -> bool;
    /// One of them can be read, or has ended. An error ends the program.
    fn ready(&mut self, outer: &mut Outer<'_>) -> io::Result<()>;
}

/// The caller's terminal, lent to what stands beside the program. It is raw.
pub struct Outer<'a> {
    host: &'a mut Host,
}

impl Outer<'_> {
    /// Shows what the program has written by now.
    pub fn show_rest(&mut self) -> io::Result<()> {
        self.host.pass_rest()
    }

    /// Lets keys wait until the program, which was just told something, has shown what it makes of it, to the end of a
    /// line: a ^C must not come in between.
    pub fn hold_keys(&mut self) -> io::Result<()> {
        self.host.pass_rest()?;
        (self.host.holds_keys, self.host.held_since) = (true, None);
        self.host.entered = self.host.entered.map(|_| Entered::now());
        Ok(())
    }

    /// This line is being checked: that the program has cleared its rows before is not shown.
    pub fn begin_check(&mut self, line: &str) {
        if let Some(redraw) = &mut self.host.redraw {
            redraw.begin_check(line);
        }
    }

    /// Ends the line that is being checked on the screen; false where it does not stand there.
    pub fn end_line(&mut self) -> io::Result<bool> {
        let Some(end) = self.host.redraw.as_mut().and_then(Redraw::end_line) else { return Ok(false) };
        self.host.pass_rest()?;
        self.host.output.put(&end);
        self.host.flush_output()?;
        Ok(true)
    }

    /// The line is accepted: that the program draws it again is not shown.
    pub fn end_check(&mut self) {
        if let Some(redraw) = &mut self.host.redraw {
            redraw.end_check();
        }
    }

    /// Shows nothing of what the program writes now up to the end of a line.
    pub fn leave_line_out(&mut self) -> io::Result<()> {
        self.host.pass_rest()?;
        self.host.leaves_out = true;
        Ok(())
    }
}

/// So many milliseconds keys wait for a program that was told something and shows nothing.
const HELD: u16 = 50;
/// As long they wait at most: what runs in the background may show something all the time.
const HELD_AT_MOST: Duration = Duration::from_millis(250);

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With this status.
    Exited(i32),
    /// Killed by this signal.
    Signaled(i32),
}

/// Runs a program on a terminal of guard's own until it ends. `env`: variables that it gets
/// another value of, or that are not set for it. `watched`: what the program's process does in
/// place of becoming it, so that every exec is judged.
///
/// The caller's terminal is as it was before when this returns, in whatever way.
pub fn run(
    permit: Permit,
    program: &Path,
    argv: &[OsString],
    env: &[(OsString, Option<OsString>)],
    beside: Option<&mut dyn Beside>,
    watched: Option<&dyn Fn() -> io::Error>,
) -> Result<Ending, Error> {
    let no_terminal =
        |error: io::Error| Error::new(ErrorKind::NoTerminal, "a terminal cannot be made").because(error);
    let watch = if watched.is_some() { Watch::Watched } else { Watch::Unwatched };
    permit.redeem(watch).map_err(|unwatched| super::may_not_run(program, unwatched))?;
    let outer = Terminal::open().map_err(no_terminal)?;
    let (master, slave) = outer.twin().map_err(no_terminal)?;
    let signals = Caught::new().map_err(no_terminal)?;
    let kept = slave.try_clone().map_err(no_terminal)?;
    let env = [env, &named_anew(slave.as_fd())].concat();
    let session = Session::start(slave, program, argv, &env, &signals, watched);
    let session = session.map_err(|error| {
        signals.undo();
        super::cannot_run(program, error)
    })?;
    let checks = beside.is_some();
    let mut host = Host {
        outer,
        inner: Some(Inner { master, programs: kept }),
        signals,
        session,
        keys: Pending::default(),
        output: Pending::default(),
        foreground: true,
        ending_key: false,
        leaves_out: false,
        holds_keys: false,
        held_since: None,
        checks,
        entered: None,
        redraw: beside.as_ref().filter(|beside| beside.draws_anew()).map(|_| Redraw::default()),
    };
    host.start().and_then(|()| host.serve(beside)).map_err(|error| {
        host.session.signal(libc::SIGHUP);
        Error::broken("the terminal cannot be passed on").because(error)
    })
}

/// Variables that name the caller's terminal, with the name of guard's own: who opens the caller's by it takes the keys
/// that guard waits for.
fn named_anew(own: BorrowedFd<'_>) -> Vec<(OsString, Option<OsString>)> {
    let [Ok(outer), Ok(own)] = [ttyname(io::stdin()), ttyname(own)] else { return Vec::new() };
    let names = ["SSH_TTY", "GPG_TTY"].into_iter();
    let stale = names.filter(|name| env::var_os(name).is_some_and(|value| value == outer.as_os_str()));
    stale.map(|name| (name.into(), Some(own.clone().into_os_string()))).collect()
}

/// So often a guard in the background looks whether it is there still: nothing tells it, where its
/// caller takes a running program to the foreground.
const GLANCE: u16 = 100;
/// Less is written where a program waits for its user.
const PROMPT: usize = 2048;
/// So many times a terminal's buffer: some milliseconds.
const BURST: usize = 16;
/// What a terminal holds at most of a program's last output, and more.
const LAST: usize = 256 << 10;

/// Guard's own terminal. Its programs' end is held open too, or else it would count as hung up
/// whenever no program has it open.
struct Inner {
    master: File,
    programs: OwnedFd,
}

struct Host {
    outer: Terminal,
    /// `None` once it was hung up.
    inner: Option<Inner>,
    signals: Caught,
    session: Session,
    /// On their way to the program.
    keys: Pending,
    /// On its way to the caller's terminal.
    output: Pending,
    /// The caller's terminal is guard's to read and to change.
    foreground: bool,
    /// A key was passed on that may have ended the program.
    ending_key: bool,
    /// The rest of a line is not shown.
    leaves_out: bool,
    /// Keys wait for the program to show something.
    holds_keys: bool,
    /// Since when, once what was told has been answered.
    held_since: Option<Instant>,
    /// A line that is accepted is checked first.
    checks: bool,
    /// Enter was typed behind a line, which the shell may not have left yet.
    entered: Option<Entered>,
    redraw: Option<Redraw>,
}

/// What there is to do.
#[derive(Debug, Default)]
struct Ready {
    signals: bool,
    report: bool,
    outer: bool,
    hung_up: bool,
    inner: bool,
    beside: bool,
}

impl Host {
    fn start(&mut self) -> io::Result<()> {
        self.signals.listen()?;
        self.outer.make_raw()?;
        // It may have changed while nobody listened.
        self.resize();
        Ok(())
    }

    /// Passes everything on until the program ends.
    fn serve(&mut self, mut beside: Option<&mut dyn Beside>) -> io::Result<Ending> {
        loop {
            let ready = self.wait(beside.as_deref())?;
            if !self.foreground {
                self.look_around()?;
            }
            if ready.signals {
                for came in self.signals.take() {
                    self.take_signal(came)?;
                }
            }
            if ready.report {
                match self.session.report()? {
                    Report::Stopped(signal) => self.stop(signal)?,
                    Report::Exited(status) => return self.end(Ending::Exited(status)),
                    Report::Signaled(signal) => return self.end(Ending::Signaled(signal)),
                }
            }
            if ready.outer && !self.pass_keys()? || ready.hung_up {
                self.hang_up();
            }
            if ready.inner {
                self.pass_burst()?;
            }
            self.flush_output()?;
            self.flush_keys()?;
            if let Some(beside) = beside.as_deref_mut().filter(|_| ready.beside) {
                beside.ready(&mut Outer { host: self })?;
            }
        }
    }

    fn wait(&mut self, beside: Option<&dyn Beside>) -> io::Result<Ready> {
        if self.holds_keys {
            self.holds_keys = self.held_since.get_or_insert_with(Instant::now).elapsed() < HELD_AT_MOST;
        }
        self.entered = self.entered.filter(|entered| !entered.patience().is_zero());
        let early = self.keys_are_early();
        let undecided = self.entered.as_ref().filter(|_| early).map(Entered::patience);
        let kept = self.redraw.as_ref().and_then(Redraw::patience);
        if kept == Some(Duration::ZERO) && self.output.is_empty() {
            self.show_kept();
        }
        let none = PollFlags::empty();
        let reading = |wanted: bool| if wanted { PollFlags::POLLIN } else { none };
        let writing = |wanted: bool| if wanted { PollFlags::POLLOUT } else { none };
        let outer = reading(self.foreground && self.keys.is_empty() && !self.holds_keys)
            | writing(!self.output.is_empty());
        let inner = reading(self.output.is_empty()) | writing(!self.keys.is_empty() && !early);
        let mut watched = vec![
            PollFd::new(self.signals.descriptor(), PollFlags::POLLIN),
            PollFd::new(self.session.descriptor(), PollFlags::POLLIN),
        ];
        if let Some(open) = &self.inner {
            watched.push(PollFd::new(self.outer.file().as_fd(), outer));
            watched.push(PollFd::new(open.master.as_fd(), inner));
        }
        let own = watched.len();
        let descriptors = beside.map(|beside| beside.descriptors()).unwrap_or_default();
        watched.extend(descriptors.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let patience = match (self.foreground, self.holds_keys) {
            (true, false) => None,
            (true, true) => Some(HELD),
            (false, _) => Some(GLANCE),
        };
        let other = kept.into_iter().chain(undecided);
        let other = other.map(|left| u16::try_from(left.as_millis()).unwrap_or(u16::MAX).saturating_add(1));
        let patience = patience.into_iter().chain(other).min();
        match poll(&mut watched, patience.map_or(PollTimeout::NONE, PollTimeout::from)) {
            Ok(0) => self.holds_keys = false,
            Ok(_) => {}
            Err(nix::Error::EINTR) => return Ok(Ready { signals: true, ..Ready::default() }),
            Err(error) => return Err(error.into()),
        }
        let came = |at: usize| watched.get(at).and_then(PollFd::revents).unwrap_or(none);
        let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
        let open = self.inner.is_some();
        Ok(Ready {
            signals: came(0).contains(PollFlags::POLLIN),
            report: came(1).intersects(PollFlags::POLLIN | gone),
            outer: open && came(2).contains(PollFlags::POLLIN),
            hung_up: open && came(2).intersects(gone),
            inner: open && came(3).contains(PollFlags::POLLIN),
            beside: (own..watched.len()).any(|at| !came(at).is_empty()),
        })
    }

    fn take_signal(&mut self, came: Came) -> io::Result<()> {
        match came.signal {
            libc::SIGWINCH => self.resize(),
            libc::SIGCONT => self.resume()?,
            // The system tells the leader of the inner session when that terminal closes.
            libc::SIGHUP if is_gone(self.outer.file()) => self.hang_up(),
            // Typed before guard had the terminal.
            signal if came.by_key => self.session.signal_group(signal),
            signal => self.session.signal(signal),
        }
        Ok(())
    }

    /// A terminal without a size, or one that is gone, changes nothing.
    fn resize(&self) {
        if let Some(inner) = &self.inner {
            let _ = self.outer.resize(inner.master.as_fd());
        }
    }

    /// The program stopped: so does guard, and its caller has the terminal.
    fn stop(&mut self, signal: i32) -> io::Result<()> {
        self.pass_rest()?;
        if !self.session.stands_still() {
            // It was continued since.
            return Ok(());
        }
        tty::restore();
        let came = self.signals.stop(signal);
        self.resume()?;
        // The program is continued once, or what it does then it does twice.
        for came in came.into_iter().filter(|came| came.signal != libc::SIGCONT) {
            self.take_signal(came)?;
        }
        Ok(())
    }

    /// Guard goes on, perhaps in the background.
    fn resume(&mut self) -> io::Result<()> {
        self.look_around()?;
        self.session.resume();
        Ok(())
    }

    /// Takes the terminal, where guard is in its foreground.
    fn look_around(&mut self) -> io::Result<()> {
        self.foreground = self.outer.is_foreground();
        if self.foreground {
            self.outer.make_raw()?;
            self.resize();
        }
        Ok(())
    }

    /// The caller's terminal is gone; so the program's goes too.
    fn hang_up(&mut self) {
        self.inner = None;
        self.output = Pending::default();
        self.keys = Pending::default();
    }

    /// `false` where there will be no more.
    fn pass_keys(&mut self) -> io::Result<bool> {
        match self.keys.fill(&mut self.outer.file()) {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(e) if e.raw_os_error() == Some(libc::EIO) => return Ok(false),
            Err(e) if is_passing(&e) => {}
            Err(e) => return Err(e),
        }
        let ending = self.outer.ending_keys();
        if self.keys.bytes().iter().any(|byte| *byte != 0 && ending.contains(byte)) {
            self.ending_key = true;
            // What was to be left out may not come.
            self.leaves_out = false;
        }
        let enters = self.keys.bytes().iter().any(|byte| b"\r\n".contains(byte));
        // What comes at once reaches a shell at once, guarded or not.
        let reads_keys = |inner: &Inner| tty::gives_every_key(inner.master.as_fd());
        if enters && self.checks && !self.keys_are_early() && self.inner.as_ref().is_some_and(reads_keys) {
            self.entered = Some(Entered::now());
        }
        Ok(true)
    }

    /// Whether a key among those on their way would interrupt the shell before it has asked about the line that Enter
    /// was typed behind, and not what the line runs.
    fn keys_are_early(&self) -> bool {
        let ending = self.outer.ending_keys();
        self.entered.is_some() && self.keys.bytes().iter().any(|key| ending.contains(key))
    }

    /// What comes without a pause passes without a look at anything else, for a while.
    fn pass_burst(&mut self) -> io::Result<()> {
        for _ in 0..BURST {
            let count = self.pass_output()?;
            self.flush_output()?;
            if count < PROMPT || !self.output.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// How much came; none where nothing is there now.
    fn pass_output(&mut self) -> io::Result<usize> {
        let Some(inner) = &self.inner else { return Ok(0) };
        match self.output.fill(&mut &inner.master) {
            Ok(count) => {
                let line_ended = self.output.bytes().contains(&b'\n');
                self.holds_keys &= !line_ended;
                let draws = |host: &Host| host.redraw.as_ref().is_some_and(Redraw::draws);
                let drew = draws(self);
                self.take_redraw();
                if (line_ended || drew)
                    && !draws(self)
                    && let Some(entered) = &mut self.entered
                {
                    entered.show();
                }
                if self.leaves_out {
                    self.leaves_out = !self.output.drop_line();
                }
                // Terminals ask the program that they started where it is, to open another there.
                // What a prompt prints is short; while more comes than that, nobody changes places.
                if count < PROMPT {
                    self.session.follow();
                }
                Ok(count)
            }
            // Nobody has the other end open (pts(4)).
            Err(e) if e.raw_os_error() == Some(libc::EIO) || is_passing(&e) => Ok(0),
            Err(e) => Err(e),
        }
    }

    fn flush_output(&mut self) -> io::Result<()> {
        match self.output.flush(&mut self.outer.file()) {
            Err(e) if e.raw_os_error() == Some(libc::EIO) => {
                self.hang_up();
                Ok(())
            }
            done => done,
        }
    }

    fn flush_keys(&mut self) -> io::Result<()> {
        match &self.inner {
            Some(_) if self.keys_are_early() => Ok(()),
            Some(inner) => self.keys.flush(&mut &inner.master),
            None => Ok(()),
        }
    }

    /// Passes on what the program has written by now. A signal that would end a program that waits
    /// for its terminal ends the wait.
    fn pass_rest(&mut self) -> io::Result<()> {
        let mut passed = 0;
        while passed < LAST {
            while !self.output.is_empty() {
                self.flush_output()?;
                if !self.output.is_empty() && !self.wait_for_room()? {
                    self.output = Pending::default();
                    return Ok(());
                }
            }
            match self.pass_output()? {
                0 => break,
                count => passed += count,
            }
        }
        Ok(())
    }

    /// Keeps back what was drawn around a check. Keys wait from where one may begin.
    fn take_redraw(&mut self) {
        let inner = self.inner.as_ref();
        let reads_keys = || inner.is_some_and(|inner| tty::gives_every_key(inner.master.as_fd()));
        let Some(redraw) = &mut self.redraw else { return };
        let before = redraw.may_be_check();
        if let Some(shown) = redraw.take(self.output.bytes(), reads_keys) {
            self.output.put(&shown);
        }
        if before != redraw.may_be_check() {
            (self.holds_keys, self.held_since) = (!before, None);
        }
    }

    /// Shows what was kept back, behind all that has been shown.
    fn show_kept(&mut self) {
        if let Some(redraw) = &mut self.redraw {
            self.output.put(&redraw.give_up());
        }
    }

    /// Waits until the caller's terminal takes more; `false` where it never will.
    fn wait_for_room(&mut self) -> io::Result<bool> {
        let mut watched = [
            PollFd::new(self.outer.file().as_fd(), PollFlags::POLLOUT),
            PollFd::new(self.signals.descriptor(), PollFlags::POLLIN),
        ];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let gone = is_gone(self.outer.file());
        let ends =
            |came: Came| [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM].contains(&came.signal);
        Ok(!gone && !self.signals.take().into_iter().any(ends))
    }

    /// The program ended: what it wrote last is shown, what was typed and it has not read is the caller's to read, and
    /// background programs that still have its terminal lose it.
    fn end(&mut self, ending: Ending) -> io::Result<Ending> {
        self.pass_rest()?;
        self.show_kept();
        self.pass_rest()?;
        // Where even more is on its way, the first of it would come last.
        if let Some(inner) = self.inner.take().filter(|_| self.foreground && self.keys.is_empty())
            && let Ok(keys) = tty::unread(&inner.programs)
        {
            self.outer.type_again(&keys);
        }
        tty::restore();
        if let Ending::Signaled(signal @ (libc::SIGINT | libc::SIGQUIT)) = ending
            && self.ending_key
        {
            // A key on the caller's terminal reaches every program of the foreground.
            signal::send(0, signal);
        }
        Ok(ending)
    }
}
