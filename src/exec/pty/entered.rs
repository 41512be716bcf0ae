//! A line behind which Enter was typed: a key that interrupts waits until the shell has left it.

use std::time::{Duration, Instant};

/// So long a key that interrupts waits behind an Enter that leads to nothing.
const UNDECIDED: Duration = Duration::from_secs(1);
/// So long it waits behind the line's end on the screen: until what runs is there, shells lose such keys.
const SETTLES: Duration = Duration::from_millis(30);

/// How a line goes on that Enter was typed behind.
#[derive(Clone, Copy)]
pub struct Entered {
    since: Instant,
    shown: bool,
}

impl Entered {
    /// It is open what the shell makes of it.
    pub fn now() -> Entered {
        Entered { since: Instant::now(), shown: false }
    }

    /// Its end stands on the screen.
    pub fn show(&mut self) {
        *self = Entered { shown: true, ..Entered::now() };
    }

    /// So long a key that interrupts still waits.
    pub fn patience(&self) -> Duration {
        let patience = if self.shown { SETTLES } else { UNDECIDED };
        patience.saturating_sub(self.since.elapsed())
    }
}
