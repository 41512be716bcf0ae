//! A person who types lines into a shell, and waits for its prompts.

use std::time::{Duration, Instant};

use crate::support::Run;
use crate::terminal::{Session, Terminal};

pub struct Typist {
    session: Session,
    /// Up to here all that was shown has been waited for.
    read: usize,
    /// What stands in front of a prompt.
    before_prompt: &'static str,
}

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

impl Typist {
    /// Starts a program on a terminal of 80 columns.
    pub fn start(run: Run, before_prompt: &'static str) -> Typist {
        let session = Terminal::new(80, 24).start(run.env("TERM", "xterm"));
        Typist { session, read: 0, before_prompt }
    }

    /// Types.
    pub fn keys(&mut self, text: &str) -> &mut Typist {
        self.session.type_in(text);
        self
    }

    /// Waits until the program has read what was typed.
    pub fn taken(&mut self) -> &mut Typist {
        self.session.taken();
        self
    }

    /// Waits until this is shown, behind what was waited for before, and gives what came up to it.
    #[track_caller]
    pub fn wait(&mut self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let new = &self.session.seen[self.read..];
            if let Some(at) = new.find(text) {
                let came = new[..at + text.len()].to_owned();
                self.read += came.len();
                return came;
            }
            assert!(started.elapsed() < PATIENCE, "waited for {text:?}; there is {new:?}");
            self.session.look(50);
        }
    }

    /// Waits for the prompt `<STATUS> ` of a new line, and gives what came before it, as lines
    /// without what moves the cursor or colours.
    #[track_caller]
    pub fn prompt(&mut self, status: i32) -> String {
        let prompt = format!("{}<{status}> ", self.before_prompt);
        plain(&self.wait(&prompt))
    }

    /// Types a line, and waits for the next prompt.
    #[track_caller]
    pub fn line(&mut self, text: &str, status: i32) -> String {
        self.keys(text).keys("\r").prompt(status)
    }

    /// Types ^C until a line begins anew, and gives what came before that. More than once, since readline forgets one that comes between
    /// showing its prompt and reading; so does a bash without guard under script(1).
    #[track_caller]
    pub fn interrupt(&mut self, status: i32) -> String {
        let prompt = format!("{}<{status}> ", self.before_prompt);
        let started = Instant::now();
        while !self.session.seen[self.read..].contains(&prompt) {
            assert!(started.elapsed() < PATIENCE, "^C leads to {:?}", &self.session.seen[self.read..]);
            self.keys("\x03");
            let typed = Instant::now();
            while typed.elapsed() < Duration::from_secs(2)
                && !self.session.seen[self.read..].contains(&prompt)
            {
                self.session.look(50);
            }
        }
        self.prompt(status)
    }

    /// Types a line behind which there is more to come.
    #[track_caller]
    pub fn begin(&mut self, text: &str) -> String {
        let prompt = format!("{}> ", self.before_prompt);
        self.keys(text).keys("\r").wait(&prompt)
    }

    /// Waits for its end with this status.
    #[track_caller]
    pub fn ended(mut self, code: i32) {
        self.session.ended(code);
    }
}

fn plain(shown: &str) -> String {
    let mut parts = shown.split("\x1b[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        text.push_str(&part[end..]);
    }
    text.replace('\r', "")
}
