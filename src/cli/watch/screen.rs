//! The terminal while watch has it, and all that comes to watch, by one channel.

use std::io::{self, Write, stdout};
use std::os::fd::AsFd;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, raise};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, MoveTo, Show};
use ratatui::crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyEvent};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Rect;

use crate::approve::broker;

/// So many keys at once are read before they count.
const AT_ONCE: usize = 1000;

/// What comes.
#[derive(Debug)]
pub enum Came {
    /// A key; whether nothing came together with it.
    Key(KeyEvent, bool),
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size.
    Resized,
    /// The terminal is gone.
    Gone,
    /// A signal that ends watch.
    Signal(Signal),
    /// From commands that wait.
    Broker(broker::Event),
}

/// The terminal; dropping it gives it back as it was.
pub struct Screen {
    /// Where to draw.
    pub terminal: Terminal<CrosstermBackend<io::Stdout>>,
}

impl Screen {
    /// Takes it.
    pub fn take() -> io::Result<Screen> {
        on_panic(give_back);
        enter()?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())?;
        Ok(Screen { terminal })
    }

    /// Stops, as the key for that does; returns when watch goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        stop(give_back, enter)?;
        self.redraw()
    }

    /// Has all of it drawn anew.
    pub fn redraw(&mut self) -> io::Result<()> {
        // `clear` would ask the terminal for its cursor, whose answer comes among the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Rings, and says to the human's desktop that a command waits.
    pub fn ring(&self) {
        const TEXT: &str = "guard: a command waits";
        let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let term = std::env::var("TERM").unwrap_or_default();
        let notice = match term.as_str() {
            // It would show what it does not know.
            "linux" => String::new(),
            term if term.starts_with("rxvt") || term.starts_with("foot") || set("VTE_VERSION") => {
                format!("\u{1b}]777;notify;guard;{TEXT}\u{7}")
            }
            _ => format!("\u{1b}]9;{TEXT}\u{7}"),
        };
        let mut out = stdout();
        let _ = out.write_all(format!("\u{7}{notice}").as_bytes()).and_then(|()| out.flush());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide).inspect_err(|_| give_back())
}

fn give_back() {
    // Where there is no other screen to go back to, as in GNU screen, nothing is left behind.
    let _ = execute!(
        stdout(),
        DisableBracketedPaste,
        Clear(ClearType::All),
        MoveTo(0, 0),
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Gives the terminal back before a panic ends all of it.
pub fn on_panic(give_back: fn()) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
        // Half a watch is none: what waits learns that nobody watches.
        std::process::exit(crate::exit::Exit::Broken.code());
    }));
}

/// Stops, with the terminal given back meanwhile; returns when watch goes on.
pub fn stop(give_back: fn(), take: fn() -> io::Result<()>) -> io::Result<()> {
    give_back();
    let _ = raise(Signal::SIGTSTP);
    take()
}

/// Signals that are read instead of suffered.
fn signals() -> SigSet {
    SigSet::from_iter([Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGWINCH])
}

/// Sends what comes of keys and signals. To be called before any other thread is there.
pub fn listen(to: &Sender<Came>) -> io::Result<()> {
    signals().thread_block()?;
    let sender = to.clone();
    thread::spawn(move || {
        while let Ok(signal) = signals().wait() {
            let came = if signal == Signal::SIGWINCH { Came::Resized } else { Came::Signal(signal) };
            if sender.send(came).is_err() {
                return;
            }
        }
    });
    let sender = to.clone();
    thread::spawn(move || {
        let _ = read_keys(&sender);
        let _ = sender.send(Came::Gone);
    });
    Ok(())
}

/// Ends by a signal that came.
pub fn die_of(signal: Signal) {
    let _ = raise(signal);
    let _ = signals().thread_unblock();
}

fn read_keys(to: &Sender<Came>) -> io::Result<()> {
    let input = io::stdin();
    loop {
        let mut watched = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) => {}
            Err(nix::Error::EINTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let came = watched[0].revents().unwrap_or(PollFlags::POLLERR);
        if came.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
            return Ok(());
        }
        let mut all = Vec::new();
        while all.len() < AT_ONCE && event::poll(Duration::ZERO)? {
            match event::read()? {
                Event::Key(key) if key.is_press() => all.push(Came::Key(key, false)),
                Event::Paste(text) => all.push(Came::Pasted(text)),
                _ => {}
            }
        }
        if let [Came::Key(_, fresh)] = all.as_mut_slice() {
            *fresh = true;
        }
        for came in all {
            if to.send(came).is_err() {
                return Ok(());
            }
        }
    }
}
