//! Watch without a screen, for screen readers and terminals that move no cursor: what comes is printed
//! once, and an answer is a line that names what it is for.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write, stdin, stdout};
use std::time::{Duration, Instant};

use nix::sys::termios::{LocalFlags, tcgetattr};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use unicode_width::UnicodeWidthStr;

use super::model::{Act, CALM, Id, Item, Mode, Model, Typed};
use super::{screen, view};
use crate::approve::Style;
use crate::approve::entry::{LONGEST_NAME, NAME, read_name};
use crate::model::plain;
use crate::screen::{Long, wrap};

/// So many lines may be printed of what comes and goes within `WHILE`; more is counted.
const ROOM: usize = 100;
/// As long as a person takes to read that.
const WHILE: Duration = Duration::from_secs(10);
/// What one page takes of it.
const PAGE: usize = 12;
/// So many are listed.
const LISTED: usize = 100;
const PROMPT: &str = "guard> ";

const HELP: &str = "\
approve TICKET: yes, once.
session TICKET: yes, for its session: the same on the same thing.
except TICKET: yes, for every session, for 8 hours: an exception.
refuse TICKET: no; words behind it are for the agent to read.
show TICKET: all there is to know of it, once more.
list: what waits, and which tickets are open.
lately: what ran with a warning, was approved or refused.
unlock, lock: unlocked, watch can say yes.
quit: what waits is refused with a ticket.
A no stands for the session. What is critical needs the name of what it would hit typed, all else one more Enter. \
Within half a second after something was shown no answer to it counts. A ticket that has its yes runs when it is tried \
again in time.";

/// The terminal while watch writes to it line by line; dropping it gives it back as it was.
pub struct Lines {
    /// What is typed is shown.
    echo: bool,
    /// The line that is typed, where it is none of the model's.
    typed: Typed,
    /// What the human was told of, by the longest name.
    told: HashMap<Id, String>,
    /// All that ever was shown whole, by the longest name, and since when.
    shown: HashMap<String, Instant>,
    /// The one that was answered last.
    answered: Option<Id>,
    room: Room,
    /// What is to be printed.
    out: Vec<String>,
    /// The question that was printed.
    asked: Vec<String>,
    /// What stands in the terminal's last line.
    line: String,
    begun: bool,
}

/// The room there is for what comes and goes, so that a flood does not carry away what counts.
#[derive(Debug, Default)]
struct Room {
    since: Option<Instant>,
    taken: usize,
    left_out: usize,
}

impl Room {
    fn is_over(&self, now: Instant) -> bool {
        self.since.is_none_or(|since| now.saturating_duration_since(since) >= WHILE)
    }

    /// Whether so many lines have room; what has none is counted.
    fn takes(&mut self, lines: usize, now: Instant) -> bool {
        if self.is_over(now) {
            (self.since, self.taken) = (Some(now), 0);
        }
        let has_room = self.taken + lines <= ROOM;
        match has_room {
            true => self.taken += lines,
            false => self.left_out += 1,
        }
        has_room
    }

    /// How many had none, once that may be said.
    fn left_out(&mut self, now: Instant) -> Option<usize> {
        let is_due = self.left_out > 0 && self.is_over(now);
        is_due.then(|| std::mem::take(&mut self.left_out))
    }
}

impl Lines {
    /// Takes the terminal.
    pub fn take() -> io::Result<Lines> {
        screen::on_panic(give_back);
        // A program that shows itself what it sends would show it twice.
        let echo = tcgetattr(stdin())?.local_flags.contains(LocalFlags::ECHO);
        enable_raw_mode()?;
        Ok(Lines::new(echo))
    }

    fn new(echo: bool) -> Lines {
        Lines {
            echo,
            typed: Typed::new(),
            told: HashMap::new(),
            shown: HashMap::new(),
            answered: None,
            room: Room::default(),
            out: Vec::new(),
            asked: Vec::new(),
            line: String::new(),
            begun: false,
        }
    }

    /// Stops, as the key for that does; returns when watch goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.end_line()?;
        screen::stop(give_back, enable_raw_mode)
    }

    /// Rings.
    pub fn ring(&self) {
        let _ = write("\u{7}");
    }

    /// Prints what is new, then the prompt with what was typed behind it.
    pub fn show(&mut self, model: &mut Model, now: Instant) -> io::Result<()> {
        self.tell(model, now);
        self.out.extend(model.take_said());
        let asked = question(model, now);
        if asked != self.asked {
            self.out.extend(asked.iter().cloned());
            self.asked = asked;
        }
        let (prompt, typed) = match model.typed() {
            Some(typed) => ("> ", typed),
            None if self.asked.is_empty() => (PROMPT, self.typed.text()),
            None => ("> ", self.typed.text()),
        };
        let line = format!("{prompt}{}", if self.echo { plain(typed) } else { String::new() });
        let mut text = String::new();
        if self.out.is_empty() && line.starts_with(&self.line) {
            text.push_str(&line[self.line.len()..]);
        } else if self.out.is_empty() && self.line.starts_with(&line) {
            text = "\u{8} \u{8}".repeat(self.line[line.len()..].width());
        } else {
            if !self.line.is_empty() {
                text.push_str("\r\n");
            }
            for out in self.out.drain(..).flat_map(|out| wrap(&out, "", columns(), Long::Broken)) {
                text.push_str(&out);
                text.push_str("\r\n");
            }
            text.push_str(&line);
        }
        self.line = line;
        write(&text)
    }

    /// A key was pressed.
    pub fn key(&mut self, model: &mut Model, key: KeyEvent, now: Instant) -> io::Result<Option<Act>> {
        let held = key.modifiers.contains(KeyModifiers::CONTROL);
        let ends = key.code == KeyCode::Enter || held && key.code == KeyCode::Char('j');
        let key = if ends { KeyEvent::from(KeyCode::Enter) } else { key };
        if held && !ends {
            match key.code {
                KeyCode::Char('c') if !self.typed.text().is_empty() => {
                    self.typed = Typed::new();
                    self.end_line()?;
                    return Ok(None);
                }
                KeyCode::Char('d') if !self.typed.text().is_empty() => return Ok(None),
                KeyCode::Char('c' | 'd' | 'z') => return Ok(model.key(key, true, now)),
                _ => {}
            }
        }
        if ends {
            self.end_line()?;
        }
        let asks = std::mem::discriminant(&model.mode);
        let act = match &model.mode {
            Mode::List | Mode::Help if ends => {
                let line = std::mem::replace(&mut self.typed, Typed::new());
                self.command(model, line.text(), now)
            }
            Mode::Confirm(_) | Mode::Quit if ends => {
                let line = std::mem::replace(&mut self.typed, Typed::new());
                let quits = matches!(model.mode, Mode::Quit) && matches!(line.text().trim(), "q" | "quit");
                match line.text().trim().is_empty() || quits {
                    true => model.key(key, true, now),
                    false => {
                        model.say("Nothing was decided.", now);
                        model.key(KeyEvent::from(KeyCode::Esc), true, now)
                    }
                }
            }
            Mode::List | Mode::Help | Mode::Confirm(_) | Mode::Quit if key.code != KeyCode::Esc => {
                self.typed.key(key);
                None
            }
            _ => {
                self.typed = Typed::new();
                model.key(key, true, now)
            }
        };
        let still = asks == std::mem::discriminant(&model.mode);
        if ends && still && act.is_none() && !matches!(model.mode, Mode::List | Mode::Help) {
            model.say("Not so fast: within half a second no answer counts. Enter once more.", now);
        }
        if let Some(Act::Approve(id, _) | Act::Refuse(id, _)) = &act {
            self.answered = Some(id.clone());
        }
        Ok(act)
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.clear();
        write("\r\n")
    }

    /// Carries out a line.
    fn command(&mut self, model: &mut Model, line: &str, now: Instant) -> Option<Act> {
        let (verb, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let (ticket, words) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let key = match verb {
            "" => return None,
            "approve" => 'a',
            "session" => 's',
            "except" => 'e',
            "refuse" => 'r',
            "show" => ' ',
            "list" => {
                self.list(model, now);
                return None;
            }
            "lately" => {
                self.out.extend(model.notes.iter().map(|note| note.line.clone()));
                return None;
            }
            "help" | "?" => {
                self.out.extend(HELP.lines().map(str::to_owned));
                return None;
            }
            "unlock" | "u" => return model.key(KeyEvent::from(KeyCode::Char('u')), true, now),
            "lock" | "l" => return model.key(KeyEvent::from(KeyCode::Char('l')), true, now),
            "quit" | "q" | "exit" => return model.key(KeyEvent::from(KeyCode::Char('q')), true, now),
            _ => {
                model.say(format!("`{}` is no answer: `help` tells what is.", plain(verb)), now);
                return None;
            }
        };
        let id = match self.named(ticket) {
            Ok(id) => id,
            Err(why) => {
                model.say(why, now);
                return None;
            }
        };
        let since = self.told.get(&id).and_then(|name| self.shown.get(name)).copied();
        if key == ' ' || since.is_none() {
            self.page(model.item(&id)?, now);
            if since.is_none() && key != ' ' {
                model.say("It was not shown before: answer once more.", now);
            }
            return None;
        }
        let decides = since.is_some_and(|since| now.saturating_duration_since(since) >= CALM);
        match words.trim() {
            words if key == 'r' && decides && !words.is_empty() => Some(Act::Refuse(id, words.to_owned())),
            _ => model.named(&id, key, decides, now),
        }
    }

    /// What a name stands for: one that was shown, and no other that it may mean.
    fn named(&self, typed: &str) -> Result<Id, String> {
        let name = read_name(typed);
        if !(NAME..=LONGEST_NAME).contains(&name.len()) {
            return Err("Which ticket? `list` names them.".to_owned());
        }
        let all: HashSet<&String> = self.told.values().chain(self.shown.keys()).collect();
        let mut all = all.into_iter().filter(|one| one.starts_with(&name));
        let one = match (all.next(), all.next()) {
            (Some(one), None) => one,
            (None, _) => return Err(format!("Nothing is called {}: `list` names what is.", plain(&name))),
            (_, Some(_)) => return Err(format!("{} stands for several: type more of it.", plain(&name))),
        };
        let ids = self.told.iter().filter(|(_, name)| *name == one).map(|(id, _)| id);
        // Of commands that wait and their ticket, the one that came first.
        let first = |id: &&Id| if let Id::Live(number) = id { *number } else { u64::MAX };
        ids.min_by_key(first).cloned().ok_or_else(|| format!("{} waits no more.", plain(&name)))
    }

    /// As much of a name as tells it from all others.
    fn short<'a>(&self, name: &'a str) -> &'a str {
        let others = || self.told.values().chain(self.shown.keys()).filter(|other| *other != name);
        let tells = |length: &usize| !others().any(|other| other.starts_with(&name[..*length]));
        &name[..(NAME..LONGEST_NAME).find(tells).unwrap_or(LONGEST_NAME).min(name.len())]
    }

    /// Prints what came and went.
    fn tell(&mut self, model: &mut Model, now: Instant) {
        if let Some(more) = self.room.left_out(now) {
            self.out.push(format!("{more} more came or went: `list` names what is there, `show` shows one."));
        }
        let here: HashSet<&Id> = model.items().iter().map(|item| &item.id).collect();
        let gone: Vec<Id> = self.told.keys().filter(|id| !here.contains(id)).cloned().collect();
        for id in gone {
            let name = self.told.remove(&id).unwrap_or_default();
            if self.answered.take_if(|answered| *answered == id).is_none() && self.room.takes(1, now) {
                let what = if matches!(id, Id::Live(_)) { "waits no more" } else { "is open no more" };
                self.out.push(format!("{} {what}.", self.short(&name)));
            }
        }
        let new: Vec<&Item> = model.items().iter().filter(|item| !self.told.contains_key(&item.id)).collect();
        for item in &new {
            self.told.insert(item.id.clone(), item.entry.name(LONGEST_NAME));
        }
        let begun = self.begun;
        for item in new.into_iter().filter(|_| begun) {
            let name = self.told[&item.id].clone();
            if matches!(item.id, Id::Ticket(_)) && self.shown.contains_key(&name) {
                if self.room.takes(1, now) {
                    self.out.push(format!("The ticket {} is open.", self.short(&name)));
                }
            } else if self.room.takes(PAGE, now) {
                self.page(item, now);
            }
        }
        if !self.begun {
            self.out.push(format!("guard watch: {}. `help` tells what to type.", view::counts(model)));
        }
        self.begun = true;
    }

    fn list(&mut self, model: &Model, now: Instant) {
        self.out.push(format!("{}.", view::counts(model)));
        for item in model.items().iter().take(LISTED) {
            let name = self.told.get(&item.id).map(|name| self.short(name)).unwrap_or_default();
            let critical = if item.entry.is_critical() { ", critical" } else { "" };
            let (state, who) = (view::state(item, now), view::who(&item.entry));
            self.out.push(format!("{name}, {state}{critical}, {who}: {}", view::what_runs(&item.entry)));
        }
        let more = model.items().len().saturating_sub(LISTED);
        if more > 0 {
            self.out.push(format!("And {more} more."));
        }
    }

    /// Prints all there is to know of one.
    fn page(&mut self, item: &Item, now: Instant) {
        let entry = &item.entry;
        let name = entry.name(LONGEST_NAME);
        let short = self.short(&name).to_owned();
        let what = if matches!(item.id, Id::Live(_)) { "waits" } else { "is open" };
        let critical = if entry.is_critical() { ", critical" } else { "" };
        let (state, directory) = (view::state(item, now), plain(&entry.shown.directory));
        self.out.push(format!("{short} {what}{critical}, {state}, in {directory}."));
        let style = Style { color: false, plain: true, width: columns(), height: 60 };
        self.out.extend(entry.lines(style));
        self.out.push(format!("By: {}.", view::about(entry)));
        self.out.push(format!("To answer: approve {short}, or refuse {short}."));
        self.shown.entry(name).or_insert(now);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let _ = self.end_line();
        give_back();
    }
}

/// The question that the model asks.
fn question(model: &Model, now: Instant) -> Vec<String> {
    let asked = view::question(model, columns(), now);
    let lines = asked.map(|(title, lines)| [vec![title.to_owned()], lines].concat()).unwrap_or_default();
    // What is typed stands behind the prompt.
    lines.into_iter().filter(|line| !line.starts_with("> ")).collect()
}

fn columns() -> usize {
    let size = terminal_size::terminal_size_of(stdout());
    size.map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 140) - 1
}

fn write(text: &str) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn give_back() {
    let _ = disable_raw_mode();
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_or_for_nothing() {
        let mut lines = Lines::new(false);
        let mut tell = |number, name: &str| lines.told.insert(Id::Live(number), name.to_owned());
        tell(1, "7F3KAAAAAAAA");
        tell(2, "7F3KAAAAAAAA");
        tell(3, "9999AAAAAAAA");
        assert_eq!(lines.named("7f3k"), Ok(Id::Live(1)));
        assert_eq!(lines.short("7F3KAAAAAAAA"), "7F3K");
        // Another that began the same, even where it waits no more, was perhaps meant.
        lines.shown.insert("7F3KBBBBBBBB".to_owned(), Instant::now());
        assert!(lines.named("7F3K").unwrap_err().contains("several"));
        assert!(lines.named("7F3KB").unwrap_err().contains("waits no more"));
        assert_eq!(lines.named(lines.short("7F3KAAAAAAAA")), Ok(Id::Live(1)));
        for wrong in ["", "7", "99", "ZZZZ", "9999AAAAAAAAA"] {
            assert!(lines.named(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_flood_is_counted() {
        let (mut room, now) = (Room::default(), Instant::now());
        assert!((0..ROOM / PAGE).all(|_| room.takes(PAGE, now)));
        assert!(!room.takes(PAGE, now) && !room.takes(PAGE, now) && room.left_out(now).is_none());
        assert_eq!(room.left_out(now + WHILE), Some(2));
        assert!(room.left_out(now + WHILE).is_none() && room.takes(PAGE, now + WHILE));
    }
}
