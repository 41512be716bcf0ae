//! How watch looks: what waits above, the chosen one below it, then what the log gained and the keys.

use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Ink};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthChar;

use super::model::{Id, Item, Mode, Model, Scope};
use crate::approve::Style;
use crate::approve::entry::Entry;
use crate::approve::signed::{Covers, Target};
use crate::model::{Decision, plain};
use crate::screen::{Long, wrap};

/// On less nothing can be read.
const LEAST: (u16, u16) = (60, 12);
/// From so many rows on there is room for more than one of a command in a question.
const ROOMY: usize = 20;
/// What begins and ends a dangerous part in the lines of an entry.
const MARK: &str = "\u{1b}[1;4;31m";
const END: &str = "\u{1b}[0m";

const HELP: &str = "\
Up, Down (k, j)   choose; Home, End: the first, the last
PageDown, PageUp  scroll what is shown of the chosen one
a                 yes, once
s                 yes, for its session: the same on the same thing
e                 yes, for every session, for 8 hours: an exception
r, m              no; no, with words that the agent reads
u, l              unlock, lock: unlocked, watch can say yes
q                 quit: what waits is refused with a ticket

A no stands for the session. What is critical (!) needs the
name of what it would hit typed, all else one more Enter.
For half a second after a choice no key decides, and what
comes never changes what is chosen. A ticket that has its
yes runs when it is tried again in time.";

/// Draws all of it.
pub fn draw(frame: &mut Frame<'_>, model: &mut Model, color: bool, now: Instant) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("guard watch needs {} columns and {} rows.", LEAST.0, LEAST.1);
        let (live, tickets) = model.counts();
        frame.render_widget(Paragraph::new(format!("{text}\n{live} wait, {tickets} tickets\nq quits")), area);
        return;
    }
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let view = View { color, width, height, now };
    let mut foot = view.foot(model);
    // Of what is too long, title and end stay: there stands what is typed.
    foot.drain(1..1 + foot.len().saturating_sub(height / 2));
    let list = (area.height / 4).clamp(3, 12);
    let details = area.height - 1 - list - 1 - u16::try_from(foot.len()).unwrap_or(0);
    let mut y = area.y;
    let mut put = |lines: Vec<Line<'static>>, height: u16| {
        frame.render_widget(Paragraph::new(lines), Rect { y, height, ..area });
        y += height;
    };
    put(vec![view.title(model)], 1);
    put(view.list(model, list.into()), list);
    let (bar, lines) = view.details(model, details.into());
    put(vec![bar], 1);
    put(lines, details);
    put(foot, area.height - 2 - list - details);
}

struct View {
    color: bool,
    width: usize,
    height: usize,
    now: Instant,
}

impl View {
    fn ink(&self, color: Color) -> Ink {
        if self.color { Ink::new().fg(color) } else { Ink::new() }
    }

    fn bar(&self, text: &str) -> Line<'static> {
        let text = format!(" {text}");
        let text = cut(&text, self.width);
        let room = self.width.saturating_sub(width(&text));
        Line::styled(format!("{text}{}", " ".repeat(room)), Ink::new().add_modifier(Modifier::REVERSED))
    }

    fn title(&self, model: &Model) -> Line<'static> {
        let key = if model.locked { "LOCKED: u unlocks" } else { "unlocked" };
        let left = format!("guard watch: {}", counts(model));
        let room = self.width.saturating_sub(width(&left) + key.len() + 3);
        self.bar(&format!("{left}{}{key}", " ".repeat(room.max(1))))
    }

    fn list(&self, model: &Model, height: usize) -> Vec<Line<'static>> {
        let items = model.items();
        if items.is_empty() {
            let dim = Ink::new().add_modifier(Modifier::DIM);
            let text = "  What an agent's command waits for, or has a ticket for, appears here.";
            return vec![Line::styled(text, dim)];
        }
        let chosen = model.selected_place();
        // The chosen one stays in sight; the last row says what is below it.
        let from =
            chosen.map_or(0, |at| (at + 2).saturating_sub(height)).min(items.len().saturating_sub(height));
        let rows = items.iter().enumerate().skip(from).take(height);
        let mut lines: Vec<_> = rows.map(|(at, item)| self.row(item, chosen == Some(at))).collect();
        let below = items.len() - from - lines.len();
        if below > 0 {
            lines.pop();
            lines.push(Line::from(format!("    … {} more below", below + 1)));
        }
        lines
    }

    fn row(&self, item: &Item, chosen: bool) -> Line<'static> {
        let entry = &item.entry;
        let state = state(item, self.now);
        let critical = if entry.is_critical() { '!' } else { ' ' };
        let mark = if chosen { '>' } else { ' ' };
        let head = format!("{mark}{critical}{state:<10}{:<5} {:<8} ", entry.ticket, cut(&who(entry), 8));
        let text = cut(&format!("{head}{}", what_runs(entry)), self.width);
        let ink = match (chosen, &item.id) {
            (true, _) => Ink::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            (_, Id::Live(_)) => self.ink(Color::Yellow).add_modifier(Modifier::BOLD),
            _ => Ink::new(),
        };
        Line::styled(format!("{text}{}", " ".repeat(self.width.saturating_sub(width(&text)))), ink)
    }

    fn details(&self, model: &mut Model, height: usize) -> (Line<'static>, Vec<Line<'static>>) {
        if matches!(model.mode, Mode::Help) {
            return (self.bar("Keys"), HELP.lines().map(|line| Line::from(format!("  {line}"))).collect());
        }
        let Some(item) = model.selected().or_else(|| model.items().first()) else {
            return (self.bar("Nothing to decide"), Vec::new());
        };
        let what = if matches!(item.id, Id::Live(_)) { "Waits" } else { "Ticket" };
        let directory = plain(&item.entry.shown.directory);
        let mut name =
            cut(&format!("{what}: {} in {directory}", who(&item.entry)), self.width.saturating_sub(30));
        if model.selected().is_none() {
            name.push_str(" (not chosen)");
        } else if let Some(yes) = item.yes(self.now) {
            name.push_str(&format!(" (approved until {})", clock(yes.clock, "%H:%M")));
        }
        let entry = &item.entry;
        let style = Style { color: self.color, plain: false, width: self.width - 1, height: 60 };
        let mut lines: Vec<Line<'static>> = entry.lines(style).iter().map(|line| marked(line)).collect();
        let indent = " ".repeat(11);
        let by = wrap(&format!("  {:<9}{}", "by:", about(entry)), &indent, self.width - 1, Long::Broken);
        lines.extend(by.into_iter().map(Line::from));
        let most = lines.len().saturating_sub(height);
        model.scroll = model.scroll.min(most);
        let more = match (model.scroll, most) {
            (_, 0) => String::new(),
            (0, _) => format!("   {most} more: PageDown"),
            (scroll, most) if scroll == most => "   PageUp".to_owned(),
            _ => "   PageUp, PageDown".to_owned(),
        };
        (self.bar(&format!("{name}{more}")), lines.into_iter().skip(model.scroll).take(height).collect())
    }

    /// The log's last lines, what was said of the last key, and the keys; or a question.
    fn foot(&self, model: &Model) -> Vec<Line<'static>> {
        let said = model.said(self.now);
        let is_said = said.is_some();
        let said = cut(&plain(said.unwrap_or_default()), self.width);
        let said = Line::styled(said, Ink::new().add_modifier(Modifier::BOLD));
        if let Some((title, lines)) = self.question(model) {
            let lines = lines.into_iter().flat_map(|line| wrap(&line, "  ", self.width - 1, Long::Broken));
            let mut out = vec![self.bar(title)];
            out.extend(is_said.then_some(said));
            out.extend(lines.map(Line::from));
            return out;
        }
        if matches!(model.mode, Mode::Help) {
            return vec![said];
        }
        let notes = (self.height / 6).clamp(2, 12);
        let mut out = vec![self.bar("Lately")];
        let skip = model.notes.len().saturating_sub(notes);
        out.extend(model.notes.iter().skip(skip).map(|note| Line::from(cut(&note.line, self.width))));
        out.resize(1 + notes, Line::default());
        out.push(said);
        let dim = model.selected().is_none() || !model.is_calm(self.now);
        let ink = if dim {
            Ink::new().add_modifier(Modifier::DIM)
        } else {
            Ink::new().add_modifier(Modifier::BOLD)
        };
        let decide = match self.width < 76 {
            true => "a yes  s session  e rule  r no  m words",
            false => "a yes, once  s session  e exception  r no  m words",
        };
        let lock = match (self.width < 76, model.locked) {
            (true, _) => "",
            (false, true) => "u unlock  ",
            (false, false) => "l lock  ",
        };
        out.push(Line::from(vec![
            Span::styled(decide, ink),
            Span::from(cut(&format!("  {lock}? help  q quit"), self.width.saturating_sub(decide.len()))),
        ]));
        out
    }

    fn question(&self, model: &Model) -> Option<(&'static str, Vec<String>)> {
        let entry = model.selected().map(|item| &item.entry);
        let room = if self.height < ROOMY { self.width - 2 } else { 2 * self.width - 20 };
        let command = entry.map(|entry| cut(&what_runs(entry), room)).unwrap_or_default();
        let covers = |scope: Scope| {
            let entry = entry.filter(|_| scope != Scope::Once);
            let Some(entry) = entry else { return "Once, as it is shown.".to_owned() };
            let in_session = |target: &Target| match &target.resource {
                Some(resource) => format!("{} on {resource}", target.rule),
                None => format!("{} by `{}`", target.rule, target.words.as_deref().unwrap_or_default()),
            };
            let anywhere = |target: &Target| match target.directory.as_str() {
                "/" => in_session(target),
                directory => format!("{} in {directory}", in_session(target)),
            };
            let (mut targets, who): (Vec<String>, _) = match scope {
                Scope::Exception => (
                    exception(entry).iter().map(anywhere).collect(),
                    "Every agent and session, for 8 hours".to_owned(),
                ),
                _ => (
                    Target::of(entry).unwrap_or_default().iter().map(in_session).collect(),
                    format!("For the session of {}, at most 8 hours", plain(&entry.about.session.name)),
                ),
            };
            targets.dedup();
            format!("{who}: {}", cut(&plain(&targets.join(", ")), 2 * self.width - 30))
        };
        let shown = |typed: &str| format!("> {}_", end(typed, room - 4));
        Some(match &model.mode {
            Mode::List | Mode::Help => return None,
            Mode::Confirm(scope) => {
                let keys = "Enter: yes, it may run     Esc: back".to_owned();
                ("May this run?", vec![command, covers(*scope), keys])
            }
            Mode::Name(scope, typed) => {
                let name = entry.map(|entry| entry.challenge()).unwrap_or_default();
                let keys = format!("It is critical. To say yes type {name} and press Enter; Esc: back");
                ("May this run?", vec![command, covers(*scope), keys, shown(&plain(typed.text()))])
            }
            Mode::Message(typed) => {
                let keys = "What the agent gets to read; Enter: refuse it, Esc: back".to_owned();
                ("Refuse this", vec![command, keys, shown(&plain(typed.text()))])
            }
            Mode::Passphrase(typed, _) => {
                let keys =
                    "Your passphrase, to be able to say yes. Enter alone or Esc: without it".to_owned();
                ("Unlock", vec![keys, shown(&"*".repeat(typed.text().chars().count().min(40)))])
            }
            Mode::Quit => {
                let (live, _) = model.counts();
                let wait = if live == 1 { "1 command waits" } else { "Commands wait" };
                let keys = "q or Enter: quit     any other key: stay".to_owned();
                ("Quit?", vec![format!("{wait}, to be refused with a ticket when nobody watches."), keys])
            }
        })
    }
}

fn exception(entry: &Entry) -> Vec<Target> {
    match Covers::exception(entry) {
        Some(Covers::Exception { targets, .. }) => targets,
        _ => Vec::new(),
    }
}

/// How many wait.
pub fn counts(model: &Model) -> String {
    let (live, tickets) = model.counts();
    let wait = match live {
        0 => "nothing waits".to_owned(),
        1 => "1 command waits".to_owned(),
        _ => format!("{live} commands wait"),
    };
    let tickets = match tickets {
        0 => String::new(),
        1 => ", 1 ticket is open".to_owned(),
        _ => format!(", {tickets} tickets are open"),
    };
    format!("{wait}{tickets}")
}

/// How one stands.
pub fn state(item: &Item, now: Instant) -> String {
    match (&item.id, item.until, item.yes(now)) {
        (Id::Live(_), Some(until), _) => {
            let left = until.saturating_duration_since(now).as_millis().div_ceil(1000);
            format!("{left} s left")
        }
        (_, _, Some(yes)) => format!("yes {}", clock(yes.clock, "%H:%M")),
        _ => "ticket".to_owned(),
    }
}

/// What the model asks.
pub fn question(model: &Model, width: usize, now: Instant) -> Option<(&'static str, Vec<String>)> {
    View { color: false, width, height: ROOMY, now }.question(model)
}

/// The command, from shortly before what is held of it where that begins late.
pub fn what_runs(entry: &Entry) -> String {
    /// So many characters stand before it.
    const BEFORE: usize = 24;
    let shown = &entry.shown;
    let held = shown.verdict.findings.iter().find(|finding| finding.decision == Decision::Confirm);
    let start = held.map_or(0, |finding| finding.span.start);
    let before = shown.command.get(..start).unwrap_or_default();
    let from = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let text: String = shown.command[from..].trim().chars().take(400).collect();
    plain(&if from > 0 { format!("…{text}") } else { text })
}

/// The agent, or whose session it is.
pub fn who(entry: &Entry) -> String {
    let about = &entry.about;
    plain(about.agent.as_deref().unwrap_or(&about.session.name))
}

/// Who asks, and since when.
pub fn about(entry: &Entry) -> String {
    let about = &entry.about;
    let session = match about.session.name.as_str() {
        "" => String::new(),
        name => format!(", session of {name} ({})", about.session.id.split('-').next().unwrap_or_default()),
    };
    let tries = if about.tries > 1 { format!(", tried {} times", about.tries) } else { String::new() };
    let agent = about.agent.as_deref().unwrap_or("no known agent");
    plain(&format!(
        "{agent}{session}, process {} ({}), {}{tries}",
        about.pid,
        about.kind,
        clock(about.time, "%H:%M:%S")
    ))
}

/// A time of the day's clock.
fn clock(seconds: i64, format: &str) -> String {
    let time = Timestamp::from_second(seconds).ok();
    time.map(|time| time.to_zoned(TimeZone::system()).strftime(format).to_string()).unwrap_or_default()
}

/// A line with its marks as what they mean. What is shown of an entry holds no other sequence.
fn marked(line: &str) -> Line<'static> {
    let danger = Ink::new().fg(Color::Red).add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    let mut spans = Vec::new();
    for (number, part) in line.split(MARK).enumerate() {
        let (inside, rest) = match (number, part.split_once(END)) {
            (0, _) => ("", part),
            (_, Some(parts)) => parts,
            (_, None) => (part, ""),
        };
        spans.push(Span::styled(inside.to_owned(), danger));
        spans.push(Span::from(rest.to_owned()));
    }
    Line::from(spans)
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// What fits so many columns, with `…` for the rest.
fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < most
    };
    let mut out: String = text.chars().take_while(fits).collect();
    out.push('…');
    out
}

/// The end of a text that fits so many columns, behind `…` where that is not all.
fn end(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let from = text.char_indices().map(|(at, _)| at).find(|at| width(&text[*at..]) < most);
    format!("…{}", &text[from.unwrap_or(text.len())..])
}
