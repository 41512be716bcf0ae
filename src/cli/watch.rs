//! `guard watch`: what waits, in all sessions, on a human's own screen, and their answers.

mod model;
mod screen;
mod tail;
mod view;

use std::fs::File;
use std::io::{self, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::human;
use crate::approve::Style;
use crate::approve::broker::{self, Answer, Broker, Event, Said};
use crate::approve::entry::Entry;
use crate::approve::key::SecretKey;
use crate::approve::signed::{Covers, LONGEST, Statement};
use crate::audit::Outcome;
use crate::context::agent;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::plain;
use model::{Act, Id, Mode, Model, Scope};
use screen::{Came, Screen};
use tail::Tail;

/// How often clocks go on.
const TICK: Duration = Duration::from_secs(1);
/// The tickets are read no more often than this.
const LOOK: Duration = Duration::from_millis(300);
/// A change so shortly before it was read may have been followed by one that has the same time.
const CLOSE: Duration = Duration::from_secs(2);

/// Carries out `guard watch`.
pub fn run() -> Result<Exit, Error> {
    let front = Front::open()?;
    let mut keyboard = human::terminal("watching")?;
    let style = Style::of(&variable);
    if style.plain {
        return Err(Error::new(ErrorKind::Usage, "`guard watch` fills a screen, which this terminal is not")
            .hint(
                "`guard pending` lists what waits for an answer, `guard approve` and `guard refuse` give it",
            ));
    }
    let key = match front.keys().locked.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Some(human::make_key(&front, &mut keyboard, false)?)
        }
        _ => None,
    };
    drop(keyboard);
    let broker = Broker::listen(&front.places.state).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            Error::new(ErrorKind::Usage, "another `guard watch` of yours runs already")
        }
        _ => Error::broken("watching cannot begin").because(error),
    })?;
    let failed = |error| Error::broken("the terminal failed").because(error);
    let (sender, came) = channel();
    screen::listen(&sender).map_err(failed)?;
    let line = Line::start(broker, sender).map_err(failed)?;
    let screen = Screen::take().map_err(failed)?;
    let now = Instant::now();
    let model = Model::new(key.is_none(), now);
    let tail = Tail::new(front.log().path().to_owned());
    let mut watch = Watch { front, model, key, line, tail, rung: None, looked: None, seen: None };
    let ended = watch.serve(screen, &came, style.color).map_err(failed)?;
    match ended {
        Ended::Quit => Ok(Exit::Success),
        Ended::Gone => Err(Error::broken("the terminal is gone")),
        Ended::Signal(signal) => {
            screen::die_of(signal);
            Ok(Exit::Failure)
        }
    }
}

/// The way to those that wait.
struct Line {
    answers: Sender<Answer>,
    wake: PipeWriter,
}

impl Line {
    fn start(broker: Broker, events: Sender<Came>) -> io::Result<Line> {
        let (answers, given) = channel();
        let (reader, wake) = io::pipe()?;
        let (told, heard) = channel();
        thread::spawn(move || broker.serve(&told, &given, &File::from(OwnedFd::from(reader))));
        thread::spawn(move || {
            while let Ok(event) = heard.recv() {
                if events.send(Came::Broker(event)).is_err() {
                    return;
                }
            }
        });
        Ok(Line { answers, wake })
    }

    fn answer(&mut self, number: u64, said: Said) {
        // Where nobody takes it any more, the command was told that nobody watches.
        let _ = self.answers.send((number, said));
        let _ = self.wake.write_all(b"x");
    }
}

/// Why it ended.
enum Ended {
    Quit,
    Gone,
    Signal(nix::sys::signal::Signal),
}

struct Watch {
    front: Front,
    model: Model,
    key: Option<SecretKey>,
    line: Line,
    tail: Tail,
    /// When the bell rang.
    rung: Option<Instant>,
    /// When the tickets were read, and of which time they were.
    looked: Option<Instant>,
    seen: Option<SystemTime>,
}

impl Watch {
    fn serve(&mut self, mut screen: Screen, came: &Receiver<Came>, color: bool) -> io::Result<Ended> {
        loop {
            let now = Instant::now();
            self.look(now);
            screen.terminal.draw(|frame| view::draw(frame, &mut self.model, color, now))?;
            let calm = self.model.until_calm(now);
            let wait = if calm.is_zero() { TICK } else { calm.min(TICK) };
            let mut next = match came.recv_timeout(wait) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Gone),
            };
            // All that is there before it is drawn again.
            while let Some(one) = next {
                if let Some(ended) = self.take(one, &mut screen)? {
                    return Ok(ended);
                }
                next = came.try_recv().ok();
            }
        }
    }

    fn take(&mut self, came: Came, screen: &mut Screen) -> io::Result<Option<Ended>> {
        let now = Instant::now();
        match came {
            Came::Key(key, fresh) => {
                let act = self.model.key(key, fresh, now);
                return act.map_or(Ok(None), |act| self.act(act, screen));
            }
            Came::Pasted(text) => self.model.pasted(&text),
            // Drawing looks for the size.
            Came::Resized => {}
            Came::Gone => return Ok(Some(Ended::Gone)),
            Came::Signal(signal) => return Ok(Some(Ended::Signal(signal))),
            Came::Broker(Event::Arrived(number, entry)) => {
                self.model.arrived(number, entry.clone(), now + self.patience(&entry));
                if self.rung.is_none_or(|rung| now.saturating_duration_since(rung) >= TICK) {
                    self.rung = Some(now);
                    screen.ring();
                }
            }
            Came::Broker(Event::Left(number)) => self.model.left(number, now),
            Came::Broker(Event::Turned(why)) => {
                self.model.say(format!("Somebody asked who may not: {why}"), now);
            }
            Came::Broker(Event::Ended(why)) => {
                self.model.note(plain(&format!("no command can wait any more: {why}")));
                self.model.say("No command can wait here any more: end this watch and start another.", now);
            }
        }
        Ok(None)
    }

    /// How long a command waits, as far as that is known here.
    fn patience(&self, entry: &Entry) -> Duration {
        let wait = self.front.layers.approve_wait();
        match entry.about.agent.as_deref().and_then(agent::patience) {
            Some(most) => wait.min(most),
            None => wait,
        }
    }

    /// What lies on disk: tickets and the log.
    fn look(&mut self, now: Instant) {
        if self.looked.is_some_and(|looked| now.saturating_duration_since(looked) < LOOK) {
            return;
        }
        self.looked = Some(now);
        for line in self.tail.lines() {
            self.model.note(line);
        }
        let store = self.front.store();
        let changed = store.changed();
        let is_close = changed.is_some_and(|time| time.elapsed().is_ok_and(|age| age < CLOSE));
        if changed != self.seen || is_close {
            self.seen = changed;
            self.model.tickets(store.list(), now);
        }
    }

    fn act(&mut self, act: Act, screen: &mut Screen) -> io::Result<Option<Ended>> {
        let now = Instant::now();
        match act {
            Act::Quit => return Ok(Some(Ended::Quit)),
            Act::Redraw => screen.redraw()?,
            Act::Suspend => screen.suspend()?,
            Act::Lock => {
                self.key = None;
                self.model.locked = true;
                self.model.say("Locked: you can refuse; u unlocks.", now);
            }
            Act::Unlock => self.unlock(now),
            Act::Approve(id, scope) => match self.approve(&id, scope, now) {
                Ok(said) => self.model.say(said, now),
                Err(error) => self.model.say(format!("Not approved: {error}"), now),
            },
            Act::Refuse(id, message) => {
                let said = self.refuse(&id, &message, now);
                self.model.say(said, now);
            }
        }
        Ok(None)
    }

    fn unlock(&mut self, now: Instant) {
        let Mode::Passphrase(typed, _) = &self.model.mode else { return };
        match human::unlock_with(&self.front, typed.text()) {
            Ok(Some(key)) => {
                self.key = Some(key);
                self.model.say("Unlocked.", now);
                self.model.unlocked(now);
            }
            Ok(None) => self.model.wrong_passphrase("That is not it.", now),
            Err(error) => self.model.wrong_passphrase(&format!("Not unlocked: {error}"), now),
        }
    }

    /// Gives the human's yes to just what is shown; what to say of it.
    fn approve(&mut self, id: &Id, scope: Scope, now: Instant) -> Result<String, Error> {
        let failed = |error| Error::broken("it cannot be signed").because(error);
        let gone = || Error::new(ErrorKind::Usage, "it waits no more");
        let entry = self.model.item(id).map(|item| item.entry.clone()).ok_or_else(gone)?;
        let key = self.key.as_ref().ok_or_else(|| Error::new(ErrorKind::Usage, "watch is locked"))?;
        let ttl = i64::try_from(self.front.layers.approve_ttl()).unwrap_or(LONGEST);
        let (covers, seconds) = match scope {
            Scope::Once => (Covers::once(&entry), ttl),
            Scope::Session => (Covers::session(&entry).ok_or_else(gone)?, LONGEST),
        };
        let statement = Statement::new(&entry, covers, seconds).map_err(failed)?;
        // On record before it holds.
        let word = if scope == Scope::Session { "approve --session" } else { "approve" };
        human::record(&self.front, word, &entry, Outcome::Approved)?;
        let signed = statement.sign(key);
        let is_kept = scope == Scope::Session || matches!(id, Id::Ticket(_));
        if is_kept {
            self.front.store().put(&statement, &signed).map_err(failed)?;
        }
        let what = if scope == Scope::Session { "for its session" } else { "once" };
        match id {
            Id::Live(number) => {
                self.line.answer(*number, Said::Approved(signed));
                self.model.decided(id, now);
                Ok(format!("Approved {what}: it runs."))
            }
            Id::Ticket(_) => {
                let until = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
                self.model.approved(id, now + until, now);
                Ok(format!("Approved {what}: have it tried again within {}.", super::off::said(until)))
            }
        }
    }

    /// Gives the human's no, which holds whatever else fails; what to say of it.
    fn refuse(&mut self, id: &Id, message: &str, now: Instant) -> String {
        let Some(entry) = self.model.item(id).map(|item| item.entry.clone()) else { return String::new() };
        let recorded = human::record(&self.front, "refuse", &entry, Outcome::Rejected);
        let store = self.front.store();
        let kept = store.refuse(&entry, message);
        if let Id::Live(number) = id {
            self.line.answer(*number, broker::Said::Refused(message.to_owned()));
        }
        store.remove(&entry.ticket);
        self.model.decided(id, now);
        match (recorded, kept) {
            (Err(error), _) => format!("Refused, but that cannot be recorded: {error}"),
            (_, Err(error)) => format!("Refused, but for this once: that it was cannot be kept: {error}"),
            _ => "Refused.".to_owned(),
        }
    }
}
