//! The dialog about what is held, where nobody watches: a process that is left behind keeps it open for longer than
//! the command waits, and puts the human's answer where the command, or its next try, finds it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;

use super::{Front, is_watched, variable};
use crate::approve::dialog::{self, Dialog, Reply};
use crate::approve::entry::Entry;
use crate::approve::key::{PublicKey, SecretKey};
use crate::approve::signed::Statement;
use crate::approve::store::Store;
use crate::audit::Outcome;
use crate::cli::{human, off};
use crate::error::Error;
use crate::sys::{fd, process, signal};

/// So long it is open.
const OPEN: Duration = Duration::from_secs(120);
/// How often a command that waits looks for an answer.
const LOOK: Duration = Duration::from_millis(100);
/// A command that waits has taken a yes by then.
const TAKEN: Duration = Duration::from_secs(1);
/// Who holds it locked has the only dialog; it says what that is about, once it is shown.
const NAME: &str = "dialog.lock";

/// What came of it while the command waited.
pub enum Came {
    /// The human's yes, which is used up.
    Approved(Statement),
    /// The human's no.
    Refused(String),
    /// No answer yet; the dialog is open still. Why an answer that came does not count.
    Open(Option<String>),
    /// There is none, or none any more. Why an answer that came does not count.
    Nothing(Option<String>),
}

/// Asks in a dialog about an entry that has a ticket. `shown` is called once when a human can see it.
pub fn ask(front: &Front, entry: &Entry, key: &PublicKey, wait: Duration, shown: impl FnOnce()) -> Came {
    let store = front.store();
    let lock = front.places.state.join(NAME);
    if !open(front, entry, &store, &lock) {
        return Came::Nothing(None);
    }
    let until = Instant::now() + wait;
    let (mut shown, mut doubt) = (Some(shown), None);
    loop {
        // Looked at before the answers: what comes last comes before it ends.
        let is_open = matches!(take(&lock), Ok(None));
        match store.redeem(entry, key) {
            Ok(Some(statement)) => return Came::Approved(statement),
            Ok(None) => {}
            Err(why) => doubt = Some(format!("an approval does not count: {why}")),
        }
        if let Ok(Some(no)) = store.no(entry) {
            return Came::Refused(no.message);
        }
        if !is_open {
            return Came::Nothing(doubt);
        }
        if is_about(&lock, entry)
            && let Some(shown) = shown.take()
        {
            shown();
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Came::Open(doubt);
        }
        thread::sleep(left.min(LOOK));
    }
}

/// Whether a dialog about the entry is open, or opens.
fn open(front: &Front, entry: &Entry, store: &Store, lock: &Path) -> bool {
    let Some(chosen) = front.layers.dialog() else { return false };
    if !dialog::has_display(&variable) {
        return false;
    }
    let programs = dialog::programs(chosen);
    // What a watched command started could have been made by it to look like anything.
    if programs.is_empty() || store.was_closed(entry) || is_watched() {
        return false;
    }
    match take(lock) {
        Ok(Some(lock)) => process::leave_behind(|| keep_open(front, entry, &programs, lock)).is_ok(),
        Ok(None) => is_about(lock, entry),
        Err(_) => false,
    }
}

/// Takes the lock; `None` where another has it.
fn take(lock: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    let file = options.open(lock)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn digest(entry: &Entry) -> String {
    HEXLOWER.encode(entry.digest().as_bytes())
}

fn is_about(lock: &Path, entry: &Entry) -> bool {
    fs::read_to_string(lock).is_ok_and(|shown| shown == digest(entry))
}

/// What the process that is left behind does.
fn keep_open(front: &Front, entry: &Entry, programs: &[PathBuf], mut lock: File) {
    // From here on nobody can look into it who does not already.
    process::keep_secrets();
    if process::is_traced("self").unwrap_or(true) {
        return;
    }
    signal::ignore(libc::SIGPIPE);
    let alone = nix::unistd::setsid().is_ok() && fd::let_go_of_all_but(&[lock.as_raw_fd()]).is_ok();
    if !alone {
        return;
    }
    let store = front.store();
    let still = || store.get(&entry.ticket).is_ok_and(|kept| kept.digest() == entry.digest());
    let Some(mut dialog) = Dialog::open(programs, &variable, Instant::now() + OPEN, &still) else { return };
    if lock.write_all(digest(entry).as_bytes()).is_err() {
        return;
    }
    match converse(front, entry, &mut dialog, &still) {
        Ok(Reply::Yes(_)) if still() => {
            thread::sleep(TAKEN);
            if still() {
                let _ = dialog.tell(&late(front, entry));
            }
        }
        Ok(Reply::Yes(_) | Reply::TimedOut) => {}
        Ok(Reply::No) => {
            // A no holds whatever else fails.
            let _ = human::record(front, "refuse", entry, Outcome::Rejected);
            let _ = store.close(entry);
            if store.refuse(entry, "").is_ok() {
                store.remove(&entry.ticket);
            }
        }
        // A dialog that breaks is not shown again and again either.
        Ok(Reply::Later) | Err(_) => {
            let _ = store.close(entry);
        }
    }
}

fn late(front: &Front, entry: &Entry) -> String {
    let until = off::said(Duration::from_secs(front.layers.approve_ttl()));
    format!(
        "guard: approved, to run once.\nIf the command was given up meanwhile, have it tried again within {until} \
         (ticket {}).",
        entry.ticket
    )
}

/// Puts the questions; a yes is signed and on record when this says so.
fn converse(
    front: &Front,
    entry: &Entry,
    dialog: &mut Dialog<'_>,
    still: &dyn Fn() -> bool,
) -> io::Result<Reply> {
    let text = |what: &str| dialog::text(entry, what);
    match dialog.confirm(&text("“Refuse” holds for the whole session."))? {
        Reply::Yes(_) => {}
        other => return Ok(other),
    }
    if entry.is_critical() {
        let name = entry.challenge();
        let is_it = |typed: &str| match typed.trim() == name {
            true => Ok(()),
            false => Err(format!("That is not {name}.")),
        };
        match dialog.secret(&text(&format!("To approve it, first type: {name}")), "Name:", is_it)? {
            Some(Ok(())) => {}
            Some(Err(other)) => return Ok(other),
            None => return Ok(Reply::Later),
        }
    }
    let is_it = |typed: &str| match human::unlock_with(front, typed) {
        Ok(Some(key)) => Ok(Ok(key)),
        Ok(None) => Err("That is not it.".to_owned()),
        Err(error) => Ok(Err(error)),
    };
    let sign = |key: Result<SecretKey, Error>| human::approve_ticket(front, entry, &key?);
    match dialog.secret(
        &text("To let it run once, type the passphrase of your key."),
        "Passphrase:",
        is_it,
    )? {
        // Answered in another way meanwhile.
        Some(Ok(_)) if !still() => Ok(Reply::TimedOut),
        Some(Ok(key)) => match sign(key) {
            Ok(_) => Ok(Reply::Yes(Default::default())),
            Err(error) => {
                dialog.tell(&format!("guard: not approved: {error}"))?;
                Ok(Reply::Later)
            }
        },
        Some(Err(other)) => Ok(other),
        None => Ok(Reply::Later),
    }
}
