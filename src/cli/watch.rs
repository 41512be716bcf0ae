//! `guard watch`: what waits, in all sessions, on a human's own screen, and their answers.

mod lines;
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

use ratatui::crossterm::event::KeyEvent;

use super::args::WatchArgs;
use super::human;
use crate::approve::Style;
use crate::approve::broker::{self, Answer, Broker, Event, Said};
use crate::approve::entry::Entry;
use crate::approve::key::{PublicKey, SecretKey};
use crate::approve::signed::{self, Covers, LONGEST, Statement};
use crate::audit::Outcome;
use crate::context::agent;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::plain;
use lines::Lines;
use model::{Act, Id, Mode, Model, Scope, Yes};
use screen::{Came, Screen};
use tail::{Note, Tail};

/// How often clocks go on.
const TICK: Duration = Duration::from_secs(1);
/// The tickets are read no more often than this.
const LOOK: Duration = Duration::from_millis(300);
/// A change so shortly before it was read may have been followed by one that has the same time.
const CLOSE: Duration = Duration::from_secs(2);

/// Carries out `guard watch`.
pub fn run(args: &WatchArgs) -> Result<Exit, Error> {
    let front = Front::open()?;
    let mut keyboard = human::terminal("watching")?;
    let style = Style::of(&variable);
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
    let face = match args.plain || style.plain {
        true => Lines::take().map(Face::Lines),
        false => Screen::take().map(|screen| Face::Screen(screen, style.color)),
    };
    let face = face.map_err(failed)?;
    let now = Instant::now();
    let model = Model::new(key.is_none(), now);
    let tail = Tail::new(front.log().path().to_owned());
    let mut watch = Watch { front, model, key, line, tail, rung: None, looked: None, seen: None };
    let ended = watch.serve(face, &came).map_err(failed)?;
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

/// Where a human sees it.
enum Face {
    /// On a whole screen; whether in colour.
    Screen(Screen, bool),
    /// Line by line.
    Lines(Lines),
}

impl Face {
    fn show(&mut self, model: &mut Model, now: Instant) -> io::Result<()> {
        match self {
            Face::Screen(screen, color) => {
                screen.terminal.draw(|frame| view::draw(frame, model, *color, now)).map(drop)
            }
            Face::Lines(lines) => lines.show(model, now),
        }
    }

    fn key(
        &mut self,
        model: &mut Model,
        key: KeyEvent,
        fresh: bool,
        now: Instant,
    ) -> io::Result<Option<Act>> {
        match self {
            Face::Screen(..) => Ok(model.key(key, fresh, now)),
            Face::Lines(lines) => lines.key(model, key, now),
        }
    }

    fn ring(&self) {
        match self {
            Face::Screen(screen, _) => screen.ring(),
            Face::Lines(lines) => lines.ring(),
        }
    }

    fn redraw(&mut self) -> io::Result<()> {
        match self {
            Face::Screen(screen, _) => screen.redraw(),
            Face::Lines(_) => Ok(()),
        }
    }

    fn suspend(&mut self) -> io::Result<()> {
        match self {
            Face::Screen(screen, _) => screen.suspend(),
            Face::Lines(lines) => lines.suspend(),
        }
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
    fn serve(&mut self, mut face: Face, came: &Receiver<Came>) -> io::Result<Ended> {
        loop {
            let now = Instant::now();
            self.look(now);
            face.show(&mut self.model, now)?;
            let calm = self.model.until_calm(now);
            let wait = if calm.is_zero() { TICK } else { calm.min(TICK) };
            let mut next = match came.recv_timeout(wait) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Gone),
            };
            // All that is there before it is drawn again.
            while let Some(one) = next {
                if let Some(ended) = self.take(one, &mut face)? {
                    return Ok(ended);
                }
                next = came.try_recv().ok();
            }
        }
    }

    fn take(&mut self, came: Came, face: &mut Face) -> io::Result<Option<Ended>> {
        let now = Instant::now();
        match came {
            Came::Key(key, fresh) => {
                let act = face.key(&mut self.model, key, fresh, now)?;
                return act.map_or(Ok(None), |act| self.act(act, face));
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
                    face.ring();
                }
            }
            Came::Broker(Event::Left(number)) => self.model.left(number, now),
            Came::Broker(Event::Turned(why)) => {
                self.model.say(format!("Somebody asked who may not: {why}"), now);
            }
            Came::Broker(Event::Ended(why)) => {
                let line = plain(&format!("no command can wait any more: {why}"));
                self.model.note(Note { line, answer: None });
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
        for note in self.tail.notes() {
            self.model.note(note);
        }
        let store = self.front.store();
        let changed = store.changed();
        let is_close = changed.is_some_and(|time| time.elapsed().is_ok_and(|age| age < CLOSE));
        if changed != self.seen || is_close {
            self.seen = changed;
            let yes = self.standing(now);
            let open = store.list().into_iter().map(|entry| {
                let yes = yes(&entry);
                (entry, yes)
            });
            self.model.tickets(open.collect(), now);
        }
    }

    /// Which yes that lies there an entry would get, were it tried again.
    fn standing(&self, now: Instant) -> impl Fn(&Entry) -> Option<Yes> + use<> {
        // Where it cannot be told whose key counts, or what time it is, nothing would run.
        let key = PublicKey::in_force(&self.front.keys()).ok().flatten();
        let statements = key.map(|(key, _)| self.front.store().standing(&key)).unwrap_or_default();
        let clocks = signed::now().ok();
        move |entry| {
            let said = statements.iter().filter(|said| said.covers.is_for(entry));
            let left = said.filter_map(|said| Some((said.end.left(clocks.as_ref()?)?, said.end.until)));
            let (left, clock) = left.max()?;
            Some(Yes { end: now + Duration::from_secs(u64::try_from(left).ok()?), clock })
        }
    }

    fn act(&mut self, act: Act, face: &mut Face) -> io::Result<Option<Ended>> {
        let now = Instant::now();
        match act {
            Act::Quit => return Ok(Some(Ended::Quit)),
            Act::Redraw => face.redraw()?,
            Act::Suspend => face.suspend()?,
            Act::Lock => {
                self.key = None;
                self.model.locked = true;
                self.model.say("Locked: you can refuse; u unlocks.", now);
            }
            Act::Unlock => self.unlock(),
            Act::Approve(id, scope) => {
                let said = self.approve(&id, scope);
                let said = said.unwrap_or_else(|error| format!("Not approved: {error}"));
                self.model.say(said, Instant::now());
            }
            Act::Refuse(id, message) => {
                let said = self.refuse(&id, &message);
                self.model.say(said, Instant::now());
            }
        }
        Ok(None)
    }

    fn unlock(&mut self) {
        let Mode::Passphrase(typed, _) = &self.model.mode else { return };
        let unlocked = human::unlock_with(&self.front, typed.text());
        // That took a while; keys that came meanwhile were typed at another screen.
        let now = Instant::now();
        match unlocked {
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
    fn approve(&mut self, id: &Id, scope: Scope) -> Result<String, Error> {
        let failed = |error| Error::broken("it cannot be signed").because(error);
        let gone = || Error::new(ErrorKind::Usage, "it waits no more");
        let entry = self.model.item(id).map(|item| item.entry.clone()).ok_or_else(gone)?;
        let key = self.key.as_ref().ok_or_else(|| Error::new(ErrorKind::Usage, "watch is locked"))?;
        let ttl = i64::try_from(self.front.layers.approve_ttl()).unwrap_or(LONGEST);
        let (covers, seconds) = match scope {
            Scope::Once => (Covers::once(&entry), ttl),
            Scope::Session => (Covers::session(&entry).ok_or_else(gone)?, LONGEST),
            // What waits has a yes of its own.
            Scope::Exception => {
                self.except(&entry, key)?;
                (Covers::once(&entry), ttl)
            }
        };
        let statement = Statement::new(&entry, covers, seconds).map_err(failed)?;
        // On record before it holds.
        let word = if scope == Scope::Session { "approve --session" } else { "approve" };
        human::record(&self.front, word, &entry, Outcome::Approved)?;
        let signature = statement.sign(key);
        let is_kept = match scope {
            Scope::Once => matches!(id, Id::Ticket(_)),
            Scope::Session => true,
            Scope::Exception => false,
        };
        if is_kept {
            self.front.store().put(&statement, &signature).map_err(failed)?;
        }
        let now = Instant::now();
        let what = match scope {
            Scope::Once => "Approved once",
            Scope::Session => "Approved for its session",
            Scope::Exception => "Excepted for 8 hours",
        };
        match id {
            Id::Live(number) => {
                self.line.answer(*number, Said::Approved(signature));
                self.close(&entry);
                self.model.decided(id, now);
                Ok(format!("{what}: it runs."))
            }
            Id::Ticket(_) if scope == Scope::Exception => {
                self.front.store().remove(&entry.ticket);
                self.model.decided(id, now);
                Ok(format!("{what}: have it tried again."))
            }
            Id::Ticket(_) => {
                let until = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
                let yes = Yes { end: now + until, clock: statement.end.until };
                self.model.approved(id, yes, now);
                Ok(format!("{what}: have it tried again within {}.", super::off::said(until)))
            }
        }
    }

    /// Excepts what is held of an entry.
    fn except(&self, entry: &Entry, key: &SecretKey) -> Result<(), Error> {
        let failed = |error| Error::broken("the exception cannot be kept").because(error);
        let uncertain = || Error::new(ErrorKind::Usage, "what it would hit is not certain");
        let covers = Covers::exception(entry).ok_or_else(uncertain)?;
        let statement = Statement::new(entry, covers, LONGEST).map_err(failed)?;
        // On record before it holds.
        human::record(&self.front, "allow", entry, Outcome::Approved)?;
        self.front.store().put(&statement, &statement.sign(key)).map_err(failed)
    }

    /// Gives the human's no, which holds whatever else fails; what to say of it.
    fn refuse(&mut self, id: &Id, message: &str) -> String {
        let Some(entry) = self.model.item(id).map(|item| item.entry.clone()) else { return String::new() };
        let recorded = human::record(&self.front, "refuse", &entry, Outcome::Rejected);
        let store = self.front.store();
        let kept = store.refuse(&entry, message);
        if let Id::Live(number) = id {
            self.line.answer(*number, broker::Said::Refused(message.to_owned()));
        }
        self.close(&entry);
        self.model.decided(id, Instant::now());
        match (recorded, kept) {
            (Err(error), _) => format!("Refused, but that cannot be recorded: {error}"),
            (_, Err(error)) => format!("Refused, but for this once: that it was cannot be kept: {error}"),
            _ => "Refused.".to_owned(),
        }
    }

    /// Takes away the ticket of what was answered.
    fn close(&self, entry: &Entry) {
        if let Some(open) = self.model.item(&Id::Ticket(entry.digest())) {
            self.front.store().remove(&open.entry.ticket);
        }
    }
}
