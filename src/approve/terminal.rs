//! The dialogue on a terminal: lines that a human types, under the terminal's own line editing.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::termios::{self, FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, Termios};
use zeroize::Zeroizing;

use super::key::KeyPlaces;
use super::{Console, Reply, Secret};
use crate::sys::fd::{self, Watched};
use crate::sys::tty;

/// More is no name.
const LONGEST: usize = 8 << 10;

/// The terminal that guard was called on.
#[derive(Debug)]
pub struct Keyboard {
    input: File,
    output: File,
    /// What a question changed, while there is one.
    before: Option<Before>,
    /// Whose passphrase is needed here.
    keys: Option<KeyPlaces>,
}

impl Keyboard {
    /// The terminal, where descriptors 0 to 2 are one and guard is in its foreground.
    pub fn at_hand() -> Option<Keyboard> {
        let keyboard = || Some(Keyboard::new(fd::duplicate(0).ok()?, fd::duplicate(2).ok()?, None));
        tty::on_terminal().then(keyboard)?
    }

    /// A terminal that is read by one descriptor and written to by another. Where it has keys, a yes on it
    /// needs the passphrase of the one that signs.
    pub fn new(input: File, output: File, keys: Option<KeyPlaces>) -> Keyboard {
        Keyboard { input, output, before: None, keys }
    }

    /// The same terminal, where a yes needs a passphrase.
    pub fn proving(self, keys: Option<KeyPlaces>) -> Keyboard {
        Keyboard { keys, ..self }
    }

    /// Shows nothing of what is typed, until `finish`.
    fn hide(&mut self) -> io::Result<()> {
        let found = termios::tcgetattr(&self.input)?;
        let mut wanted = found.clone();
        wanted.local_flags -= LocalFlags::ECHO | LocalFlags::ECHONL;
        termios::tcsetattr(&self.input, SetArg::TCSAFLUSH, &wanted)?;
        if let Some(before) = &mut self.before {
            before.modes.get_or_insert(found);
        }
        Ok(())
    }

    fn wait(&self, until: Instant, signals: Option<&Signals>) -> io::Result<bool> {
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up, so as not to spin through the last millisecond.
        let milliseconds = i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        let input = Watched { fd: self.input.as_fd(), read: true, write: false };
        let signal =
            Watched { fd: signals.map_or(self.input.as_fd(), Signals::descriptor), read: true, write: false };
        let [input, signal] = fd::wait([input, signal], milliseconds)?;
        Ok(input.ready || input.closed || signal.ready)
    }
}

impl Console for Keyboard {
    fn keys(&self) -> Option<KeyPlaces> {
        self.keys.clone()
    }

    fn secret(
        &mut self,
        label: &str,
        wait: Duration,
        is_it: &mut dyn FnMut(&str) -> bool,
    ) -> io::Result<Secret> {
        const TRIES: usize = 3;
        self.prepare()?;
        let mut answered = self.hide().map(|()| Secret::Wrong);
        for _ in 0..TRIES {
            if !matches!(answered, Ok(Secret::Wrong)) {
                break;
            }
            answered = self.show(label).and_then(|()| self.answer(wait)).map(|reply| match reply {
                Reply::Line(line) => match is_it(&Zeroizing::new(line)) {
                    true => Secret::Right,
                    false => Secret::Wrong,
                },
                other => Secret::Unanswered(other),
            });
            let _ =
                self.show(if matches!(answered, Ok(Secret::Wrong)) { "\nThat is not it.\n" } else { "\n" });
        }
        self.finish(matches!(answered, Ok(Secret::Right)));
        answered
    }

    fn size(&self) -> (usize, usize) {
        let size = terminal_size::terminal_size_of(&self.output);
        size.map_or((80, 24), |(width, height)| (width.0.into(), height.0.into()))
    }

    fn prepare(&mut self) -> io::Result<()> {
        self.before = Some(Before::change(&self.input)?);
        Ok(())
    }

    fn show(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    fn answer(&mut self, wait: Duration) -> io::Result<Reply> {
        let until = Instant::now() + wait;
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
        loop {
            let signals = self.before.as_ref().and_then(|before| before.signals.as_ref());
            let came = self.wait(until, signals)?;
            if let Some(signal) = signals.and_then(Signals::take) {
                if let Some(before) = &mut self.before {
                    before.deadly = Some(signal).filter(|s| !matches!(s, Signal::SIGINT | Signal::SIGQUIT));
                }
                return Ok(Reply::Interrupted);
            }
            if Instant::now() >= until {
                return Ok(Reply::TimedOut);
            }
            if !came {
                continue;
            }
            let mut part = Zeroizing::new([0; 1024]);
            match self.input.read(&mut *part) {
                Ok(0) => return Ok(Reply::Ended),
                Ok(count) => line.extend_from_slice(&part[..count]),
                Err(e) if matches!(e.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(e) => return Err(e),
            }
            if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                // A second line in the same breath was pasted, not read off the screen.
                if end + 1 < line.len() || self.wait(Instant::now(), None)? {
                    return Ok(Reply::Pasted);
                }
                line.truncate(end);
                return Ok(Reply::Line(String::from_utf8_lossy(&line).into_owned()));
            }
            if line.len() > LONGEST {
                return Ok(Reply::Pasted);
            }
        }
    }

    fn finish(&mut self, yes: bool) {
        if !yes {
            let _ = termios::tcflush(&self.input, FlushArg::TCIFLUSH);
        }
        self.before = None;
    }
}

/// The terminal's modes and the signals as they were; dropping it brings them back.
#[derive(Debug)]
struct Before {
    terminal: File,
    /// Where they had to be changed.
    modes: Option<Termios>,
    mask: SigSet,
    signals: Option<Signals>,
    /// A signal that came and that ends more than the question.
    deadly: Option<Signal>,
}

impl Before {
    /// Makes lines editable, drops what was typed before, and lets no signal end guard before all
    /// is as it was.
    fn change(terminal: &File) -> io::Result<Before> {
        let taken = taken_signals();
        let mask = taken.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let mut before = Before {
            terminal: terminal.try_clone()?,
            modes: None,
            mask,
            signals: Signals::new(&taken),
            deadly: None,
        };
        let found = termios::tcgetattr(terminal)?;
        let mut wanted = found.clone();
        wanted.input_flags |= InputFlags::ICRNL;
        wanted.output_flags |= OutputFlags::OPOST | OutputFlags::ONLCR;
        wanted.local_flags |= LocalFlags::ICANON | LocalFlags::ISIG | LocalFlags::IEXTEN;
        wanted.local_flags |= LocalFlags::ECHO | LocalFlags::ECHOE | LocalFlags::ECHOK;
        if wanted != found {
            before.modes = Some(found);
            termios::tcsetattr(terminal, SetArg::TCSANOW, &wanted)?;
        }
        termios::tcflush(terminal, FlushArg::TCIFLUSH)?;
        Ok(before)
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        if let Some(modes) = &self.modes {
            let _ = termios::tcsetattr(&self.terminal, SetArg::TCSANOW, modes);
        }
        self.signals = None;
        let _ = self.mask.thread_set_mask();
        if let Some(signal) = self.deadly {
            let _ = nix::sys::signal::raise(signal);
        }
    }
}

/// The signals that are read while a question is open.
fn taken_signals() -> SigSet {
    SigSet::from_iter([Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP])
}

/// Signals that are read instead of suffered; where the system has no such thing, one ends guard,
/// and nothing runs.
#[derive(Debug)]
struct Signals {
    #[cfg(target_os = "linux")]
    descriptor: nix::sys::signalfd::SignalFd,
    #[cfg(not(target_os = "linux"))]
    descriptor: File,
}

impl Signals {
    #[cfg(target_os = "linux")]
    fn new(taken: &SigSet) -> Option<Signals> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        SignalFd::with_flags(taken, flags).ok().map(|descriptor| Signals { descriptor })
    }

    #[cfg(not(target_os = "linux"))]
    fn new(taken: &SigSet) -> Option<Signals> {
        let _ = taken.thread_unblock();
        None
    }

    fn descriptor(&self) -> std::os::fd::BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// One that came.
    #[cfg(target_os = "linux")]
    fn take(&self) -> Option<Signal> {
        let info = self.descriptor.read_signal().ok().flatten()?;
        Signal::try_from(i32::try_from(info.ssi_signo).ok()?).ok()
    }

    #[cfg(not(target_os = "linux"))]
    fn take(&self) -> Option<Signal> {
        None
    }
}
