//! What watch shows and what its keys mean, without a terminal: which command is chosen, when keys
//! count, what was typed so far.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use zeroize::Zeroizing;

use super::tail::{Note, Part};
use crate::approve::entry::Entry;
use crate::approve::signed::Covers;
use crate::decide::Digest;

/// So long after the choice changed no key decides.
pub const CALM: Duration = Duration::from_millis(500);
/// What is said of the last key stands so long.
const SAID: Duration = Duration::from_secs(15);
/// So long a command that gave up waiting may take to leave its ticket.
const TICKET: Duration = Duration::from_secs(5);
/// So many lines of the log are kept.
const NOTES: usize = 50;
/// The longest text that is typed.
const LONGEST: usize = 500;

/// What one is known by, whatever stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// A command that waits, by its number.
    Live(u64),
    /// A ticket, by what it is for.
    Ticket(Digest),
}

/// One that a human can decide.
#[derive(Debug)]
pub struct Item {
    /// What it is known by.
    pub id: Id,
    /// All that is shown of it.
    pub entry: Box<Entry>,
    digest: Digest,
    /// Until when it waits.
    pub until: Option<Instant>,
    /// It has its yes and is to be tried again.
    approved: Option<Yes>,
}

/// A yes that is not used yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yes {
    /// Until when.
    pub end: Instant,
    /// The same by the day's clock, in seconds since 1970.
    pub clock: i64,
}

impl Item {
    /// The yes that it has.
    pub fn yes(&self, now: Instant) -> Option<Yes> {
        self.approved.filter(|yes| now < yes.end)
    }
}

/// For what a yes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Just this, once.
    Once,
    /// The same in its session.
    Session,
    /// The same in every session.
    Exception,
}

/// What the keys go to.
#[derive(Debug)]
pub enum Mode {
    /// The list.
    List,
    /// The question whether it may run.
    Confirm(Scope),
    /// The same, which the name of what would be hit answers.
    Name(Scope, Typed),
    /// What the agent is to read.
    Message(Typed),
    /// The passphrase, and what it is for.
    Passphrase(Typed, Option<Scope>),
    /// What the keys do.
    Help,
    /// The question whether to end.
    Quit,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Act {
    /// The human's yes.
    Approve(Id, Scope),
    /// The human's no, and what they say to it.
    Refuse(Id, String),
    /// The key is wanted; what was typed stands in the mode.
    Unlock,
    /// The key is to be forgotten.
    Lock,
    /// The screen is to be drawn anew.
    Redraw,
    /// Watch is to stop for a while.
    Suspend,
    /// Watch is to end.
    Quit,
}

/// Text that is typed. Its place never moves, so that all of it is wiped.
#[derive(Debug)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// Nothing yet.
    pub fn new() -> Typed {
        Typed(Zeroizing::new(String::with_capacity(4 * (LONGEST + 1))))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn add(&mut self, c: char) {
        if self.0.chars().count() < LONGEST && !c.is_control() {
            self.0.push(c);
        }
    }

    /// A key was pressed.
    pub fn key(&mut self, key: KeyEvent) {
        let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Backspace => drop(self.0.pop()),
            KeyCode::Char('u') if held => self.0.clear(),
            KeyCode::Char(c) if !held => self.add(c),
            _ => {}
        }
    }
}

/// All that there is.
#[derive(Debug)]
pub struct Model {
    items: Vec<Item>,
    selected: Option<Id>,
    /// When the choice, or what the keys go to, changed last.
    changed: Instant,
    /// What keys go to.
    pub mode: Mode,
    /// So many lines of the details are above the screen.
    pub scroll: usize,
    /// The log's last lines.
    pub notes: VecDeque<Note>,
    said: Option<(String, Instant)>,
    /// There is no key to sign with.
    pub locked: bool,
    /// The chosen one waits no more, and was this: its ticket is chosen in its place.
    follows: Option<(Digest, Instant)>,
}

impl Model {
    /// Nothing waits.
    pub fn new(locked: bool, now: Instant) -> Model {
        let mode = if locked { Mode::Passphrase(Typed::new(), None) } else { Mode::List };
        Model {
            items: Vec::new(),
            selected: None,
            changed: now,
            mode,
            scroll: 0,
            notes: VecDeque::new(),
            said: None,
            locked,
            follows: None,
        }
    }

    /// Those that wait, in the order in which they came, then the tickets.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// How many wait, and how many tickets are open.
    pub fn counts(&self) -> (usize, usize) {
        let live = self.live();
        (live, self.items.len() - live)
    }

    fn live(&self) -> usize {
        self.items.iter().take_while(|item| matches!(item.id, Id::Live(_))).count()
    }

    fn place(&self) -> Option<usize> {
        let id = self.selected.as_ref()?;
        self.items.iter().position(|item| item.id == *id)
    }

    /// The chosen one.
    pub fn selected(&self) -> Option<&Item> {
        self.place().map(|at| &self.items[at])
    }

    /// Where in the list it stands.
    pub fn selected_place(&self) -> Option<usize> {
        self.place()
    }

    /// One by what it is known by.
    pub fn item(&self, id: &Id) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// Whether keys decide.
    pub fn is_calm(&self, now: Instant) -> bool {
        self.until_calm(now).is_zero()
    }

    /// How long keys decide nothing.
    pub fn until_calm(&self, now: Instant) -> Duration {
        (self.changed + CALM).saturating_duration_since(now)
    }

    /// Says something of the last key.
    pub fn say(&mut self, text: impl Into<String>, now: Instant) {
        self.said = Some((text.into(), now));
    }

    /// What is said.
    pub fn said(&self, now: Instant) -> Option<&str> {
        let said = self.said.as_ref().filter(|(_, when)| now.saturating_duration_since(*when) < SAID);
        said.map(|(text, _)| text.as_str())
    }

    /// The same for who shows it once.
    pub fn take_said(&mut self) -> Option<String> {
        self.said.take().map(|(text, _)| text)
    }

    /// What is typed, as far as it may be seen, where text is asked for.
    pub fn typed(&self) -> Option<&str> {
        match &self.mode {
            Mode::Name(_, typed) | Mode::Message(typed) => Some(typed.text()),
            Mode::Passphrase(..) => Some(""),
            _ => None,
        }
    }

    /// A line of the log. An answer that was taken is shown once.
    pub fn note(&mut self, mut note: Note) {
        if let Some(Part::Taken(command)) = &note.answer {
            let given = |note: &Note| matches!(&note.answer, Some(Part::Given(about, _)) if about == command);
            let given = self.notes.iter().rposition(given).and_then(|at| self.notes.remove(at));
            if given.is_some_and(|given| matches!(given.answer, Some(Part::Given(_, true)))) {
                note.line.push_str("  for its session");
            }
        }
        if self.notes.len() == NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back(note);
    }

    /// A command waits, until some time.
    pub fn arrived(&mut self, number: u64, entry: Box<Entry>, until: Instant) {
        let digest = entry.digest();
        let item = Item { id: Id::Live(number), entry, digest, until: Some(until), approved: None };
        self.items.insert(self.live(), item);
    }

    /// A command waits no more.
    pub fn left(&mut self, number: u64, now: Instant) {
        let id = Id::Live(number);
        let Some(at) = self.items.iter().position(|item| item.id == id) else { return };
        let was_chosen = self.selected.as_ref() == Some(&id);
        let gone = self.items.remove(at);
        if was_chosen {
            if !matches!(self.mode, Mode::List | Mode::Help | Mode::Quit) {
                self.say("It waits no more: what was typed here decided nothing.", now);
            }
            self.deselect(now);
            self.follows = Some((gone.digest, now));
        }
    }

    fn deselect(&mut self, now: Instant) {
        self.selected = None;
        self.scroll = 0;
        self.changed = now;
        if !matches!(self.mode, Mode::Help | Mode::Quit | Mode::Passphrase(_, None)) {
            self.mode = Mode::List;
        }
    }

    fn select(&mut self, at: usize, now: Instant) {
        let Some(item) = self.items.get(at) else { return };
        if self.selected.as_ref() == Some(&item.id) {
            return;
        }
        self.selected = Some(item.id.clone());
        self.follows = None;
        self.scroll = 0;
        self.changed = now;
    }

    /// These tickets are open now, some with a yes.
    pub fn tickets(&mut self, open: Vec<(Entry, Option<Yes>)>, now: Instant) {
        let live = self.live();
        self.items.truncate(live);
        for (entry, approved) in open {
            let digest = entry.digest();
            let id = Id::Ticket(digest.clone());
            self.items.push(Item { id, entry: Box::new(entry), digest, until: None, approved });
        }
        if self.selected.is_some() && self.place().is_none() {
            self.deselect(now);
        }
        if let Some((digest, when)) = self.follows.take() {
            let at = self.items.iter().position(|item| item.id == Id::Ticket(digest.clone()));
            match at {
                Some(at) if matches!(self.mode, Mode::List) => self.select(at, now),
                None if now.saturating_duration_since(when) < TICKET => self.follows = Some((digest, when)),
                _ => {}
            }
        }
    }

    /// One was decided and waits no more.
    pub fn decided(&mut self, id: &Id, now: Instant) {
        self.items.retain(|item| item.id != *id);
        if self.selected.as_ref() == Some(id) {
            self.deselect(now);
        }
    }

    /// A ticket has its yes.
    pub fn approved(&mut self, id: &Id, yes: Yes, now: Instant) {
        if let Some(item) = self.items.iter_mut().find(|item| item.id == *id) {
            item.approved = Some(yes);
        }
        self.back(now);
    }

    fn open(&mut self, mode: Mode, now: Instant) {
        if !matches!(mode, Mode::List) {
            // What was said of the last key would be read as said of this question.
            self.said = None;
        }
        self.mode = mode;
        self.changed = now;
    }

    fn back(&mut self, now: Instant) {
        self.open(Mode::List, now);
    }

    /// The passphrase was right, or there is none any more.
    pub fn unlocked(&mut self, now: Instant) {
        self.locked = false;
        let scope = if let Mode::Passphrase(_, scope) = &self.mode { *scope } else { None };
        self.back(now);
        if let Some(scope) = scope {
            self.ask(scope, now);
        }
    }

    /// The passphrase was wrong: once more.
    pub fn wrong_passphrase(&mut self, why: &str, now: Instant) {
        if let Mode::Passphrase(typed, _) = &mut self.mode {
            *typed = Typed::new();
        }
        self.say(why, now);
    }

    /// Asks whether the chosen one may run.
    fn ask(&mut self, scope: Scope, now: Instant) {
        let Some(item) = self.selected() else { return };
        let mode = match (item.yes(now).is_some(), self.locked, item.entry.is_critical()) {
            (true, ..) => return self.say("It has its yes and waits to be tried again.", now),
            _ if scope == Scope::Session && Covers::session(&item.entry).is_none() => {
                return self.say("Once only: it is not certain what it would hit, or in which session.", now);
            }
            _ if scope == Scope::Exception && Covers::exception(&item.entry).is_none() => {
                return self.say("Once only: what it would hit is not certain enough for an exception.", now);
            }
            (_, true, _) => Mode::Passphrase(Typed::new(), Some(scope)),
            (_, _, true) => Mode::Name(scope, Typed::new()),
            _ => Mode::Confirm(scope),
        };
        self.open(mode, now);
    }

    /// Text was pasted: it counts only where text is typed.
    pub fn pasted(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Message(typed) | Mode::Passphrase(typed, _) => {
                text.trim_end().chars().for_each(|c| typed.add(if c.is_control() { ' ' } else { c }));
            }
            // A name is read and typed, or it is no sign that somebody read it.
            _ => {}
        }
    }

    /// A key was pressed; `fresh`: nothing else came together with it.
    pub fn key(&mut self, key: KeyEvent, fresh: bool, now: Instant) -> Option<Act> {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c') if matches!(self.mode, Mode::Quit) => return Some(Act::Quit),
                KeyCode::Char('c' | 'd') => return self.quit(now),
                KeyCode::Char('z') => return Some(Act::Suspend),
                KeyCode::Char('l') => return Some(Act::Redraw),
                _ => {}
            }
        }
        let decides = fresh && self.is_calm(now);
        let chosen = self.selected.clone();
        let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match (&mut self.mode, key.code) {
            (Mode::List, _) if held => {}
            (Mode::List, code) => return self.list_key(code, decides, now),
            (_, KeyCode::Esc) => self.back(now),
            (Mode::Confirm(scope), KeyCode::Enter) if decides => {
                return Some(Act::Approve(chosen?, *scope));
            }
            (Mode::Confirm(_), KeyCode::Char('n' | 'q')) => self.back(now),
            (Mode::Name(scope, typed), KeyCode::Enter) if decides => {
                let (scope, typed) = (*scope, typed.text().trim().to_owned());
                let name = self.selected()?.entry.challenge();
                if typed == name {
                    return Some(Act::Approve(chosen?, scope));
                }
                self.back(now);
                self.say(format!("Not approved: what was typed is not {name}."), now);
            }
            (Mode::Message(typed), KeyCode::Enter) if decides => {
                return Some(Act::Refuse(chosen?, typed.text().trim().to_owned()));
            }
            (Mode::Passphrase(typed, _), KeyCode::Enter) => match typed.text() {
                "" => {
                    self.back(now);
                    self.say("Locked: you can refuse; u unlocks.", now);
                }
                _ => return Some(Act::Unlock),
            },
            (Mode::Name(_, typed) | Mode::Message(typed) | Mode::Passphrase(typed, _), _) => typed.key(key),
            (Mode::Confirm(_), _) => {}
            (Mode::Help, _) => self.back(now),
            (Mode::Quit, KeyCode::Char('q' | 'y') | KeyCode::Enter) => return Some(Act::Quit),
            (Mode::Quit, _) => self.back(now),
        }
        None
    }

    /// A key for one that was named and not chosen.
    pub fn named(&mut self, id: &Id, key: char, decides: bool, now: Instant) -> Option<Act> {
        let at = self.items.iter().position(|item| item.id == *id)?;
        self.select(at, now);
        self.list_key(KeyCode::Char(key), decides, now)
    }

    fn list_key(&mut self, code: KeyCode, decides: bool, now: Instant) -> Option<Act> {
        let last = self.items.len().saturating_sub(1);
        match (code, self.place()) {
            (KeyCode::Up | KeyCode::Char('k'), at) => {
                self.select(at.map_or(last, |at| at.saturating_sub(1)), now)
            }
            (KeyCode::Down | KeyCode::Char('j'), at) => {
                self.select(at.map_or(0, |at| (at + 1).min(last)), now)
            }
            (KeyCode::Home | KeyCode::Char('g'), _) => self.select(0, now),
            (KeyCode::End | KeyCode::Char('G'), _) => self.select(last, now),
            (KeyCode::PageDown | KeyCode::Char(' '), _) => self.scroll += 5,
            (KeyCode::PageUp | KeyCode::Char('b'), _) => self.scroll = self.scroll.saturating_sub(5),
            (KeyCode::Char('?' | 'h'), _) => self.open(Mode::Help, now),
            (KeyCode::Char('q'), _) => return self.quit(now),
            (KeyCode::Char('u'), _) if self.locked => self.open(Mode::Passphrase(Typed::new(), None), now),
            (KeyCode::Char('l'), _) if !self.locked => return Some(Act::Lock),
            (KeyCode::Char('a' | 's' | 'e' | 'r' | 'm'), None) if !self.items.is_empty() => {
                self.say("Nothing is chosen: Up and Down choose.", now);
            }
            (KeyCode::Char('a' | 's' | 'e' | 'r' | 'm'), Some(_)) if !decides => {
                self.say(
                    "Not so fast: no key decides for half a second after a choice, or with another key.",
                    now,
                );
            }
            (KeyCode::Char('a'), Some(_)) => self.ask(Scope::Once, now),
            (KeyCode::Char('s'), Some(_)) => self.ask(Scope::Session, now),
            (KeyCode::Char('e'), Some(_)) => self.ask(Scope::Exception, now),
            (KeyCode::Char('m'), Some(_)) => self.open(Mode::Message(Typed::new()), now),
            (KeyCode::Char('r'), Some(at)) => {
                return Some(Act::Refuse(self.items[at].id.clone(), String::new()));
            }
            _ => {}
        }
        None
    }

    fn quit(&mut self, now: Instant) -> Option<Act> {
        if self.live() == 0 {
            return Some(Act::Quit);
        }
        self.open(Mode::Quit, now);
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
