//! What a human alone does: makes the key, answers tickets.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::args::{ApproveArgs, PendingArgs, RefuseArgs, SetupArgs};
use super::look::Look;
use super::{output, render};
use crate::approve::entry::{self, Entry};
use crate::approve::installed::Installed;
use crate::approve::key::{PublicKey, SecretKey, Standing, Unlocking};
use crate::approve::signed::{Covers, Statement};
use crate::approve::{Console, Keyboard, Reply, Secret, Style};
use crate::audit::{Kind, Outcome};
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::front::{Front, own_program, variable};
use crate::model::{Verdict, plain};
use crate::sys::{passwd, process};

/// So long a human may take for an answer.
const WAIT: Duration = Duration::from_secs(300);
/// A shorter one is guessed.
const SHORTEST: usize = 8;

/// The terminal of somebody who may know the passphrase; else the refusal of what only they may do.
pub fn terminal(what: &str) -> Result<Keyboard, Error> {
    process::keep_secrets();
    let unseen = match process::is_traced("self") {
        Ok(false) => Ok(()),
        _ => Err("another process looks into it".to_owned()),
    };
    unseen.and_then(|()| Front::who_knows_the_passphrase()).map_err(|why| {
        Error::refused_line(plain(&format!(
            "guard: refused: {what} is a human's alone: {why}. Ask your user to do it in a terminal of their own"
        )))
    })
}

/// The key that signs, unlocked with the passphrase that is typed.
pub fn unlock(front: &Front, keyboard: &mut Keyboard) -> Result<SecretKey, Error> {
    let mut unlocked = Ok(None);
    let mut is_it = |typed: &str| {
        unlocked = unlock_with(front, typed);
        !matches!(unlocked, Ok(None))
    };
    asked(keyboard, "Passphrase: ", &mut is_it)?;
    unlocked?.ok_or_else(no_key)
}

/// Asks for what is not to be seen.
fn asked(keyboard: &mut Keyboard, label: &str, is_it: &mut dyn FnMut(&str) -> bool) -> Result<(), Error> {
    match keyboard.secret(label, WAIT, is_it) {
        Ok(Secret::Right) => Ok(()),
        Ok(Secret::Wrong) => Err(Error::refused_line("guard: refused: the passphrase was wrong".to_owned())),
        Ok(Secret::Unanswered(_)) => Err(Error::refused_line("guard: nothing was changed".to_owned())),
        Err(error) => Err(Error::broken("the terminal failed").because(error)),
    }
}

/// The same with a passphrase that was typed elsewhere; `None` where it is not the right one.
pub fn unlock_with(front: &Front, passphrase: &str) -> Result<Option<SecretKey>, Error> {
    match SecretKey::unlock(&front.keys(), passphrase) {
        Ok(key) => in_force(front, key).map(Some),
        Err(Unlocking::Passphrase) => Ok(None),
        Err(Unlocking::Absent) => Err(no_key()),
        Err(Unlocking::Unreadable(error)) => {
            let what = format!("the key in `{}` cannot be read", front.keys().locked.display());
            Err(Error::broken(what).because(error))
        }
    }
}

/// A key whose signatures count here.
fn in_force(front: &Front, key: SecretKey) -> Result<SecretKey, Error> {
    let places = front.keys();
    match PublicKey::in_force(&places) {
        Ok(Some((public, _))) if public == key.public() => Ok(key),
        Ok(Some((_, Standing::System))) => {
            let what = format!("`{}` is another key's, and no other counts here", places.system.display());
            Err(Error::broken(what).hint(install(&places)))
        }
        Ok(_) => {
            let what = format!("`{}` is not this key's", places.user.display());
            Err(Error::broken(what).hint(
                "if it was not you who changed it, look at what did; `guard setup --new` makes new keys",
            ))
        }
        Err(error) => Err(Error::broken("the public key does not count").because(error)),
    }
}

/// Nothing can be signed.
pub fn no_key() -> Error {
    Error::broken("there is no key to approve with").hint("`guard setup` makes one")
}

fn secret(keyboard: &mut Keyboard, label: &str) -> Result<Zeroizing<String>, Error> {
    let mut secret = Zeroizing::new(String::new());
    let mut is_it = |typed: &str| {
        secret = Zeroizing::new(typed.to_owned());
        true
    };
    asked(keyboard, label, &mut is_it)?;
    Ok(secret)
}

/// The command by which root takes the public key out of reach.
pub fn install(places: &crate::approve::key::KeyPlaces) -> String {
    let quoted = |path: &std::path::Path| shell_words::quote(&path.to_string_lossy()).into_owned();
    format!("sudo install -D -o root -g root -m 644 {} {}", quoted(&places.user), quoted(&places.system))
}

/// Carries out `guard setup`.
pub fn setup(args: &SetupArgs) -> Result<Exit, Error> {
    // A note that does not count is made anew.
    let front = Some(Front::lenient().0).filter(|front| front.places.doubt.is_some());
    let front = front.map_or_else(Front::open, Ok)?;
    let mut keyboard = terminal("a key for approvals")?;
    let has_key = front.keys().locked.symlink_metadata().is_ok();
    if has_key && !args.new && noted(&front).is_some_and(|note| !note.is_made(&front)) {
        // Whoever knows the passphrase is the human.
        unlock(&front, &mut keyboard)?;
        front.record(Kind::Human, "guard setup", &Verdict::default(), Outcome::Approved)?;
        let said = note(&front)?;
        say(&mut keyboard, &said);
        return Ok(Exit::Success);
    }
    make_key(&front, &mut keyboard, args.new)?;
    Ok(Exit::Success)
}

/// What is to be noted of this guard, and where.
struct Note {
    home: PathBuf,
    installed: Installed,
}

impl Note {
    fn is_made(&self, front: &Front) -> bool {
        front.places.doubt.is_none()
            && Installed::read(&self.home).is_ok_and(|there| there.as_ref() == Some(&self.installed))
    }
}

/// `None` where the environment has moved guard's places by itself: who does that has reasons, and no note.
fn noted(front: &Front) -> Option<Note> {
    let home = passwd::current()?.home;
    let real = |path: &Path| path.canonicalize().ok();
    let is_home = std::env::var_os("HOME").is_none_or(|set| real(Path::new(&set)) == real(&home));
    let is_moved =
        ["GUARD_CONFIG_DIR", "GUARD_STATE_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    let (config, state) = (front.places.config.clone(), front.places.state.clone());
    let program = own_program().filter(|_| is_home && !is_moved)?;
    Some(Note { home, installed: Installed { program, config, state } })
}

/// Notes it where that can be; what to say of it.
fn note(front: &Front) -> Result<String, Error> {
    let Some(Note { home, installed }) = noted(front) else {
        return Ok("Nothing was noted of where guard's files are, since HOME is not your home directory as /etc/passwd has it, \
                   or GUARD_CONFIG_DIR or GUARD_STATE_DIR are set: whoever changes these has other settings. Without them \
                   `guard setup` notes it.\n"
            .to_owned());
    };
    let failed = |error| Error::broken("that guard is set up cannot be noted").because(error);
    installed.keep(&home).map_err(failed)?;
    Ok(format!(
        "From now on neither HOME nor another variable moves the settings, the log and what is kept of {}: that is noted \
         in {}.\n",
        installed.program.display(),
        crate::approve::installed::file(&home).display()
    ))
}

/// Makes the keys, and says where they lie and what that is worth.
pub fn make_key(front: &Front, keyboard: &mut Keyboard, anew: bool) -> Result<SecretKey, Error> {
    let places = front.keys();
    if places.locked.symlink_metadata().is_ok() && !anew {
        let what = format!("there is a key already: `{}`", places.locked.display());
        return Err(Error::broken(what)
            .hint("`guard setup --new` makes another, after which the old one counts no more"));
    }
    say(
        keyboard,
        "guard: this makes the key that your yes is signed with. Choose a passphrase that no agent of yours knows: \
         do not keep it in a file, and do not paste it from one.\n",
    );
    let passphrase = secret(keyboard, "New passphrase: ")?;
    if passphrase.chars().count() < SHORTEST {
        return Err(Error::refused_line(format!(
            "guard: a passphrase has at least {SHORTEST} characters; nothing was changed"
        )));
    }
    if *secret(keyboard, "Once more: ")? != *passphrase {
        return Err(Error::refused_line("guard: these were two passphrases; nothing was changed".to_owned()));
    }
    // On record before it holds.
    let line = if anew { "guard setup --new" } else { "guard setup" };
    front.record(Kind::Human, line, &Verdict::default(), Outcome::Approved)?;
    let failed = |error| Error::broken("the keys cannot be written").because(error);
    let key = SecretKey::generate().map_err(failed)?;
    key.keep(&places, &passphrase).map_err(failed)?;
    let noted = note(front)?;
    let (locked, user) = (places.locked.display(), places.user.display());
    say(
        keyboard,
        &format!(
            "\nThe key is in {locked}, locked by your passphrase; what checks its signatures is in {user}.\n\n\
             There, an agent's commands cannot change either: guard refuses that. But its file tools run as you, and \
             could put another public key in its place. In /etc/guard only root can:\n\n    {}\n\n\
             {noted}\n\
             Now `guard watch` shows what waits, and `guard approve` answers a ticket. A lost passphrase cannot be \
             found again: `guard setup --new` makes another key.\n",
            install(&places)
        ),
    );
    Ok(key)
}

fn say(keyboard: &mut Keyboard, text: &str) {
    let width = keyboard.size().0.clamp(40, 100) - 1;
    let look = Look { width, ..Look::PLAIN };
    let mut out = String::new();
    for paragraph in text.split('\n') {
        match paragraph.starts_with("    ") || paragraph.is_empty() {
            true => out.push_str(paragraph),
            false => out.push_str(
                &crate::screen::wrap(paragraph, "", look.width, crate::screen::Long::Whole).join("\n"),
            ),
        }
        out.push('\n');
    }
    let _ = keyboard.show(&out);
}

/// A ticket by the name that was typed, or the one that was chosen out of a list.
fn ticket(front: &Front, named: Option<&str>, keyboard: &mut Keyboard) -> Result<Entry, Error> {
    let store = front.store();
    let all = store.list();
    let name = match named {
        Some(name) => entry::read_name(name),
        None if all.is_empty() => return Err(Error::new(ErrorKind::Usage, "no ticket is open")),
        None => {
            let mut page = String::new();
            for entry in &all {
                page.push_str(&render::pending(
                    entry,
                    Look { width: keyboard.size().0.clamp(40, 120) - 1, ..Look::PLAIN },
                ));
            }
            page.push_str("\nWhich ticket? ");
            match answer(keyboard, &page)? {
                Some(line) if !line.trim().is_empty() => entry::read_name(&line),
                _ => return Err(Error::refused_line("guard: no ticket was chosen".to_owned())),
            }
        }
    };
    all.into_iter().find(|entry| entry.ticket == name).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("no ticket `{}` is open", plain(&name)))
            .hint("`guard pending` lists them")
    })
}

/// Shows a page, and gives what is typed below it; `None` where nothing is.
pub fn answer(keyboard: &mut Keyboard, page: &str) -> Result<Option<String>, Error> {
    let reply = keyboard.prepare().and_then(|()| keyboard.show(page)).and_then(|()| keyboard.answer(WAIT));
    keyboard.finish(matches!(reply, Ok(Reply::Line(_))));
    match reply {
        Ok(Reply::Line(line)) => Ok(Some(line)),
        Ok(_) => {
            let _ = keyboard.show("\n");
            Ok(None)
        }
        Err(error) => Err(Error::broken("the terminal failed").because(error)),
    }
}

/// Carries out `guard approve`.
pub fn approve(args: &ApproveArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let mut keyboard = terminal("an approval")?;
    let entry = ticket(&front, args.ticket.as_deref(), &mut keyboard)?;
    let style = Style::of(&variable).for_size(keyboard.size());
    let name = entry.challenge();
    let typed = answer(&mut keyboard, &entry.page(style))?;
    if typed.as_deref().map(str::trim) != Some(name.as_str()) {
        return Err(Error::refused_line(format!(
            "guard: what was typed is not `{name}`; ticket {} stays open",
            entry.ticket
        )));
    }
    let key = unlock(&front, &mut keyboard)?;
    let seconds = approve_ticket(&front, &entry, &key)?;
    output::line(&format!(
        "approved: {} may run once within {}; have it tried again",
        entry.ticket,
        super::off::said(Duration::from_secs(seconds))
    ))
}

/// Says yes to an open ticket, for once; so many seconds that holds.
pub fn approve_ticket(front: &Front, entry: &Entry, key: &SecretKey) -> Result<u64, Error> {
    let seconds = front.layers.approve_ttl();
    let failed = |error| Error::broken("the approval cannot be written").because(error);
    let statement = Statement::new(entry, Covers::once(entry), i64::try_from(seconds).unwrap_or(i64::MAX))
        .map_err(failed)?;
    // On record before it holds.
    record(front, "approve", entry, Outcome::Approved)?;
    front.store().put(&statement, &statement.sign(key)).map_err(failed)?;
    Ok(seconds)
}

/// Carries out `guard refuse`.
pub fn refuse(args: &RefuseArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let mut keyboard = terminal("an answer to a ticket")?;
    let entry = ticket(&front, args.ticket.as_deref(), &mut keyboard)?;
    let message = args.message.clone().unwrap_or_default();
    record(&front, "refuse", &entry, Outcome::Rejected)?;
    let failed = |error| Error::broken("the refusal cannot be written").because(error);
    front.store().refuse(&entry, &message).map_err(failed)?;
    front.store().remove(&entry.ticket);
    output::line(&format!(
        "refused: {}; the same is refused in that session without a question",
        entry.ticket
    ))
}

/// Notes what a human said to an entry.
pub fn record(front: &Front, word: &str, entry: &Entry, outcome: Outcome) -> Result<(), Error> {
    let line = format!("guard {word} {}: {}", entry.ticket, entry.shown.command);
    front.record(Kind::Human, &line, &entry.shown.verdict, outcome)
}

/// Carries out `guard pending`.
pub fn pending(args: &PendingArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let all = front.store().list();
    if args.json {
        return output::line(
            &serde_json::to_string(&all)
                .map_err(|error| Error::broken("the tickets cannot be shown").because(error))?,
        );
    }
    let look = Look::of_stdout();
    let text: String = all.iter().map(|entry| render::pending(entry, look)).collect();
    match all.is_empty() {
        true => output::line("no ticket is open"),
        false => output::text(&text),
    }
}
