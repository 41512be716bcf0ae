//! A human's yes to what is held: the question at the terminal, and what counts as its answer.
//!
//! `challenge` lays the question out, with the command as `excerpt` shows it and what `loss` found
//! would be gone; `terminal` holds the dialogue. `off` is the yes in advance, `freeze`
//! what no yes permits for a while. A yes from elsewhere is
//! a signature (`signed`) by the human's `key` over an `entry`, which reaches the command that waits
//! through the `broker`, or the next try of it through the `store`; `dialog` asks for it on a desktop.

pub mod broker;
mod challenge;
mod clock;
pub mod dialog;
pub mod entry;
pub mod exception;
mod excerpt;
pub mod freeze;
pub mod installed;
pub mod key;
mod loss;
pub mod off;
pub mod own;
pub mod signed;
pub mod store;
mod terminal;

use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::decide::{Answered, Covered};
use crate::decide::{Approval, Digest};
use crate::model::Verdict;
use crate::sys::process;

use challenge::{Answer, Challenge};
pub use challenge::{Style, places};
use key::{KeyPlaces, PublicKey, SecretKey, Unlocking};
pub use loss::{Losses, of as losses};
pub use signed::now;
pub use terminal::Keyboard;

/// A terminal on which lines can be typed and edited.
pub trait Console {
    /// The keys one of which has to sign a yes, where others than the human type on it, too.
    fn keys(&self) -> Option<KeyPlaces>;
    /// Asks for what is not to be seen, three times at most. Nothing that is typed while `is_it` finds out is shown
    /// either.
    fn secret(
        &mut self,
        label: &str,
        wait: Duration,
        is_it: &mut dyn FnMut(&str) -> bool,
    ) -> std::io::Result<Secret>;
    /// Its columns and rows.
    fn size(&self) -> (usize, usize);
    /// Makes it ready for a question; what was typed before is dropped.
    fn prepare(&mut self) -> std::io::Result<()>;
    /// Shows text whose lines end with `\n`.
    fn show(&mut self, text: &str) -> std::io::Result<()>;
    /// Waits for a line.
    fn answer(&mut self, wait: Duration) -> std::io::Result<Reply>;
    /// Leaves it as it was before; where there was no yes, what else was typed is dropped.
    fn finish(&mut self, yes: bool);
}

/// What came from a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A line, without its end.
    Line(String),
    /// More than one line at once.
    Pasted,
    /// ^C or its like.
    Interrupted,
    /// ^D, or the terminal is gone.
    Ended,
    /// Nothing, for too long.
    TimedOut,
}

/// What came of asking for a secret.
#[derive(Debug, PartialEq, Eq)]
pub enum Secret {
    /// It was typed.
    Right,
    /// Something else was, each time.
    Wrong,
    /// Nothing was.
    Unanswered(Reply),
}

/// What is asked about.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// The source text as the human should see it.
    pub text: &'a str,
    /// It is a script file's: only what is held of it is shown.
    pub is_script: bool,
    /// What was found, decision confirm.
    pub verdict: &'a Verdict,
    /// What it would cost.
    pub losses: &'a Losses,
    /// Directories, machines and hosts that it is about, as [`places`] tells them.
    pub places: &'a [String],
}

/// Why there was no yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    /// In words that go on from "refused: ".
    pub why: String,
    /// Somebody answered, and that was not yes; else there was no answer.
    pub answered: bool,
}

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

/// Asks the human at the terminal. The yes is bound to the digest of what was shown.
pub fn ask(
    held: Held<'_>,
    digest: &Digest,
    style: Style,
    wait: Duration,
    console: &mut dyn Console,
) -> Result<Approval, No> {
    let style = style.for_size(console.size());
    let challenge = Challenge::new(held.verdict);
    let page = challenge.page(held, style, Answer::Runs(wait));
    let name = challenge.name();
    put(&page, name, |line| challenge.is_met_by(line), wait, console)?;
    Ok(Approval::given(digest.clone()))
}

/// Asks the supervisor above whether the human has answered what is held here with the command line that it watches. An
/// environment could claim that; this answer comes from the kernel's one listener.
#[cfg(target_os = "linux")]
pub fn by_supervisor(verdict: &Verdict) -> Option<Covered> {
    let wanted = serde_json::to_string(&Answered::wanted_by(verdict)?).ok()?;
    crate::sys::seccomp::was_answered(&wanted).then(Covered::above)
}

/// The yes of a statement that the human signed, for what it is about. Where it is good once, it is
/// used up before.
pub fn by_signature(
    statement: &signed::Statement,
    entry: &entry::Entry,
    digest: &Digest,
) -> Result<Approval, String> {
    let is_measured = entry.measure == data_encoding::HEXLOWER.encode(digest.as_bytes());
    match is_measured && statement.covers.is_for(entry) {
        true => Ok(Approval::given(digest.clone())),
        false => Err("the approval is for something else".to_owned()),
    }
}

/// Puts a question that is answered by typing `name`.
fn put(
    page: &str,
    name: &str,
    is_met_by: impl Fn(&str) -> bool,
    wait: Duration,
    console: &mut dyn Console,
) -> Result<(), No> {
    let reply = console.prepare().and_then(|()| console.show(page)).and_then(|()| console.answer(wait));
    let yes = matches!(&reply, Ok(Reply::Line(line)) if is_met_by(line));
    if !matches!(reply, Ok(Reply::Line(_) | Reply::Pasted)) {
        // The cursor still stands behind the question.
        let _ = console.show("\n");
    }
    console.finish(yes);
    match reply {
        Ok(Reply::Line(_)) if yes => match console.keys() {
            Some(keys) => prove(&keys, page, wait, console),
            None => Ok(()),
        },
        Ok(Reply::Line(line)) if line.trim().is_empty() => {
            Err(No { why: "no name was typed".to_owned(), answered: true })
        }
        Ok(Reply::Line(_)) => Err(No { why: format!("what was typed is not `{name}`"), answered: true }),
        reply => Err(unanswered(reply, wait)),
    }
}

/// Why there was no answer.
fn unanswered(reply: std::io::Result<Reply>, wait: Duration) -> No {
    let why = match reply {
        Ok(Reply::Line(_)) => "that is no answer".to_owned(),
        Ok(Reply::Pasted) => "more than one line came at once".to_owned(),
        Ok(Reply::Interrupted) => "the question was interrupted".to_owned(),
        Ok(Reply::Ended) => "the input ended before an answer".to_owned(),
        Ok(Reply::TimedOut) => format!("no answer came within {} s", wait.as_secs()),
        Err(error) => format!("the terminal failed: {error}"),
    };
    No { why, answered: false }
}

/// Has the human's key sign what they were shown: who else types here does not know its passphrase.
fn prove(keys: &KeyPlaces, page: &str, wait: Duration, console: &mut dyn Console) -> Result<(), No> {
    let no = |why: String| No { why, answered: false };
    let _unseen = process::Unseen::begin();
    if process::is_traced("self").unwrap_or(true) {
        return Err(no("another process looks into guard, and would see a passphrase".to_owned()));
    }
    let mut unlocked = None;
    let mut is_it = |typed: &str| {
        unlocked = Some(SecretKey::unlock(keys, typed));
        !matches!(unlocked, Some(Err(Unlocking::Passphrase)))
    };
    let typed = console.secret("The passphrase of your key: ", wait, &mut is_it);
    match typed {
        Ok(Secret::Right) => {}
        Ok(Secret::Wrong) => return Err(no("the passphrase was wrong".to_owned())),
        Ok(Secret::Unanswered(reply)) => return Err(unanswered(Ok(reply), wait)),
        Err(error) => return Err(unanswered(Err(error), wait)),
    }
    let key = match unlocked {
        Some(Ok(key)) => key,
        Some(Err(Unlocking::Unreadable(error))) => {
            return Err(no(format!("the key cannot be read: {error}")));
        }
        _ => return Err(no("there is no key to approve with".to_owned())),
    };
    let known =
        PublicKey::in_force(keys).map_err(|error| no(format!("the public key does not count: {error}")))?;
    let signature = key.sign(page.as_bytes());
    match known.is_some_and(|(known, _)| known.signed(page.as_bytes(), &signature)) {
        true => Ok(()),
        false => Err(no("the key is not the one that counts here".to_owned())),
    }
}
