//! The question: what is shown, in which order, how it fits the screen, and the name that answers
//! it.

use std::collections::BTreeSet;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Held, excerpt};
use crate::actions::Walked;
use crate::model::{Decision, Effect, Facts, Finding, Inside, Match, Place, Verdict, plain};
use crate::screen::{self, Long};

/// How a question is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With SGR sequences; without them carets stand under the dangerous part.
    pub color: bool,
    /// Plain sentences in reading order, for a screen reader: no indentation, no marks.
    pub plain: bool,
    /// Columns that are used.
    pub width: usize,
    /// Rows that are used, the one of the answer too.
    pub height: usize,
}

impl Style {
    /// As the environment asks for it.
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Style {
        let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
        let dumb = env("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let plain = dumb || env("GUARD_PLAIN").is_some_and(|value| !matches!(value.as_str(), "" | "0"));
        Style { color: !plain && !set("NO_COLOR"), plain, width: 80, height: 24 }
    }

    /// What stands in front of the answer.
    pub fn answer_label(&self) -> &'static str {
        if self.plain { "Answer: " } else { "> " }
    }

    /// For a terminal of so many columns and rows. The last column stays free, since terminals
    /// differ in what they do after it.
    pub fn for_size(self, (columns, rows): (usize, usize)) -> Style {
        Style { width: columns.clamp(20, 140) - 1, height: rows.clamp(8, 60), ..self }
    }
}

/// What an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It runs; so long the answer may take.
    Runs(Duration),
    /// It may run when it is tried again.
    Approves,
}

/// The question of one verdict.
pub struct Challenge {
    name: String,
    /// The name is the resource's own.
    own: bool,
}

/// What is typed where no resource has a name that can be typed.
const WORD: &str = "DELETE";
/// The longest name that one is asked to type.
const LONGEST: usize = 40;
/// The shortest: less is typed by chance.
const SHORTEST: usize = 3;

impl Challenge {
    /// The name of the resource is asked for, where all that holds the command is about one: a name
    /// typed for one thing is no yes to another. Rules that one place meets are about one thing,
    /// though they may name it by its host and by its path.
    pub fn new(verdict: &Verdict) -> Challenge {
        let strictest = held(verdict).next();
        let about_it = |strictest: &Finding, finding: &Finding| {
            let here = finding.span == strictest.span && finding.inside == strictest.inside;
            let otherwise = finding.resource.is_none() || finding.rule != strictest.rule;
            finding.resource == strictest.resource || here && otherwise
        };
        let strictest = strictest.filter(|one| held(verdict).all(|finding| about_it(one, finding)));
        let resource = strictest.and_then(|finding| finding.resource.as_deref());
        match resource.and_then(typed_name) {
            Some(name) => Challenge { name: name.to_owned(), own: true },
            None => Challenge { name: WORD.to_owned(), own: false },
        }
    }

    /// What has to be typed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a line is the answer that means yes.
    pub fn is_met_by(&self, line: &str) -> bool {
        line.trim() == self.name
    }

    /// All that there is to say of it, line by line, as long as it takes.
    pub fn lines(&self, held: Held<'_>, style: Style) -> Vec<String> {
        let sections = sections(held, Style { height: 60, ..style });
        sections.into_iter().skip(1).flat_map(|section| section.lines).collect()
    }

    /// What there is to say of it in as many lines as there are.
    pub fn brief(&self, held: Held<'_>, style: Style) -> Vec<String> {
        fit(sections(held, style), style.height, style)
    }

    /// All that is shown, the place for the answer last.
    pub fn page(&self, held: Held<'_>, style: Style, answer: Answer) -> String {
        let mut ask = Vec::new();
        let what = if self.own { "the name " } else { "the word " };
        let text = match answer {
            Answer::Runs(wait) => format!(
                "To run it, type {what}{} and press Enter. Anything else refuses it, and so does no answer \
                 within {} seconds.",
                self.name,
                wait.as_secs()
            ),
            Answer::Approves => format!(
                "To let it run once when it is tried again, type {what}{} and press Enter; then your passphrase \
                 is asked for. Anything else leaves the ticket open.",
                self.name
            ),
        };
        wrap(&mut ask, &text, "", style.width);

        let sections = sections(held, style);
        let room = style.height.saturating_sub(ask.len() + 1);
        let mut out = String::new();
        for line in fit(sections, room, style) {
            out.push_str(&line);
            out.push('\n');
        }
        for line in ask {
            out.push_str(&line);
            out.push('\n');
        }
        out.push_str(style.answer_label());
        out
    }
}

/// The findings that hold the command, strictest first.
fn held(verdict: &Verdict) -> impl Iterator<Item = &Finding> {
    verdict.findings.iter().filter(|finding| finding.decision == Decision::Confirm)
}

/// What of a resource's name is to be typed: of a path its last component, of an address its
/// host, else all of it; `None` where that is too short or too long, or not to be read off a
/// screen and typed on any keyboard.
fn typed_name(resource: &str) -> Option<&str> {
    let name = match resource {
        path if path.starts_with('/') => {
            let path = path.trim_end_matches(['*', '/']);
            path.rsplit('/').next()?
        }
        url if url.contains("://") => url.split("://").nth(1)?.split('/').next()?,
        // An address without its scheme, as requests are told of.
        address if address.split('/').next().is_some_and(|host| host.contains('.')) => {
            address.split('/').next()?
        }
        name => name,
    };
    let typed = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | '?' | '"' | '\'' | '`' | '\\');
    let is_reply = matches!(name.to_ascii_lowercase().as_str(), "yes" | "yep" | "okay" | "sure");
    let fits = (SHORTEST..=LONGEST).contains(&name.len()) && name.chars().all(typed) && !is_reply;
    fits.then_some(name)
}

/// A part of the page.
struct Section {
    lines: Vec<String>,
    /// So many lines it gets before others get more.
    first: usize,
    /// How it gets a share of what is left: low numbers first.
    rank: usize,
    /// It is source or stands above it: a blank line behind it, where there is room.
    apart: bool,
}

/// The parts in reading order.
fn sections(held_back: Held<'_>, style: Style) -> Vec<Section> {
    let verdict = held_back.verdict;
    let findings: Vec<&Finding> = held(verdict).collect();
    let mut parts = Parts { style, sections: Vec::new() };
    let mut title = Vec::new();
    wrap(&mut title, "guard: this command waits for your decision.", "", style.width);
    if style.color {
        title = title.into_iter().map(|line| format!("\u{1b}[1m{line}\u{1b}[0m")).collect();
    }
    parts.sections.push(Section { lines: title, first: 1, rank: 0, apart: true });

    let files = in_files(&findings, style);
    if !held_back.is_script || files.is_empty() {
        let spans: Vec<_> = findings.iter().map(|finding| finding.span).collect();
        let most = (style.height / 3).max(2);
        let lines = excerpt::lines(held_back.text, &spans, style, most);
        // What runs a script says less than the script's own line.
        let (first, rank) = if files.is_empty() { (most.min(4), 1) } else { (2, 2) };
        parts.sections.push(Section { lines, first, rank, apart: true });
    }
    parts.sections.extend(files);

    let Some(strictest) = findings.first() else {
        return parts.sections;
    };
    parts.add("what", &[format!("{} [{}]", what(strictest), strictest.rule)], 2, 0);
    let seen: Vec<String> = verdict.evidence().into_iter().map(str::to_owned).collect();
    parts.add("seen", &seen, 2, 1);
    parts.add("lost", &held_back.losses.paths, 3, 2);
    parts.add("git", &held_back.losses.trees, 1, 2);
    parts.add("where", held_back.places, 1, 6);
    if !strictest.via.is_empty() {
        parts.add("through", &[strictest.via.join(", ")], 1, 5);
    }
    parts.add("why", std::slice::from_ref(&strictest.why), 2, 4);
    parts.add("instead", &strictest.safer, 1, 7);
    parts.add("also", &others(&findings), 3, 3);
    if let Some(why) = &verdict.unprovable {
        parts.add("unsure", &[format!("not proved to be all that it does: {why}")], 1, 8);
    }
    parts.sections
}

/// The commands in script files that are held, the strictest first.
fn in_files(findings: &[&Finding], style: Style) -> Vec<Section> {
    /// So many are shown.
    const PLACES: usize = 3;
    let mut places: Vec<&Inside> = Vec::new();
    for inside in findings.iter().filter_map(|finding| finding.inside.as_ref()) {
        if places.len() < PLACES && !places.contains(&inside) {
            places.push(inside);
        }
    }
    let section = |(number, inside): (usize, &Inside)| {
        let lines = excerpt::in_file(inside, style, (style.height / 4).max(2));
        let (first, rank) = if number == 0 { (3, 1) } else { (0, 4) };
        Section { lines, first, rank, apart: true }
    };
    let sections = places.into_iter().enumerate().map(section);
    sections.filter(|section| !section.lines.is_empty()).collect()
}

/// So many names are told of what breaks one rule.
const NAMES: usize = 8;

/// What is held besides the strictest finding, what breaks one rule in one line.
fn others(findings: &[&Finding]) -> Vec<String> {
    let name = |finding: &Finding| finding.resource.as_deref().map(|name| cut(name, 200)).unwrap_or_default();
    let mut rules: Vec<(&Finding, Vec<String>)> = Vec::new();
    for finding in findings {
        let same =
            |(other, _): &&mut (&Finding, _)| (&other.rule, &other.title) == (&finding.rule, &finding.title);
        match rules.iter_mut().find(same) {
            Some((_, names)) if names.contains(&name(finding)) => {}
            Some((_, names)) => names.push(name(finding)),
            None => rules.push((finding, vec![name(finding)])),
        }
    }
    if let Some((_, names)) = rules.first_mut() {
        names.remove(0);
    }
    let line = |(finding, names): &(&Finding, Vec<String>)| {
        let perhaps = if finding.matched == Match::Maybe { "perhaps " } else { "" };
        let more = names.len().saturating_sub(NAMES);
        let names: Vec<&str> =
            names.iter().take(NAMES).map(String::as_str).filter(|name| !name.is_empty()).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = if names.is_empty() { String::new() } else { format!(": {}{more}", names.join(", ")) };
        format!("[{}] {perhaps}{}{names}", finding.rule, finding.title)
    };
    rules.iter().filter(|(_, names)| !names.is_empty()).map(line).collect()
}

struct Parts {
    style: Style,
    sections: Vec<Section>,
}

impl Parts {
    /// A labelled part, a text after the other; nothing where there is none.
    fn add(&mut self, label: &str, texts: &[String], first: usize, rank: usize) {
        const LABEL: usize = 11;
        /// What stands there are sentences.
        const PROSE: &[&str] = &["why", "unsure"];
        /// Of one text no more than this is worth its room.
        const MOST: usize = 600;
        let mut lines = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let text = cut(&plain(text), MOST);
            if self.style.plain {
                // Behind a command or a path it would be taken for a part of it.
                let ends = !PROSE.contains(&label) || text.ends_with(['.', '!', '?', '…']);
                let stop = if ends { "" } else { "." };
                let mut label = label.to_owned();
                label[..1].make_ascii_uppercase();
                wrap(&mut lines, &format!("{label}: {text}{stop}"), "", self.style.width);
                continue;
            }
            let indent = " ".repeat(LABEL);
            let from = lines.len();
            wrap(&mut lines, &format!("{indent}{text}"), &indent, self.style.width);
            if number == 0
                && let Some(line) = lines.get_mut(from)
            {
                *line = format!("  {:<width$}{}", format!("{label}:"), &line[LABEL..], width = LABEL - 2);
            }
        }
        if !lines.is_empty() {
            self.sections.push(Section { lines, first, rank, apart: false });
        }
    }
}

/// `perhaps deletes a volume: pg-data`
fn what(finding: &Finding) -> String {
    let perhaps = if finding.matched == Match::Maybe { "perhaps " } else { "" };
    let resource = finding.resource.as_deref().map(|what| format!(": {}", cut(what, 200)));
    format!("{perhaps}{}{}", finding.title, resource.unwrap_or_default())
}

/// Directories, other machines and users, and the hosts that requests go to.
pub fn places(verdict: &Verdict, walked: &Walked, facts: &dyn Facts) -> Vec<String> {
    let mut places = BTreeSet::new();
    let spans: Vec<_> = held(verdict).map(|finding| finding.span).collect();
    for action in &walked.actions {
        if !spans.iter().any(|span| span.start < action.span.end && action.span.start < span.end) {
            continue;
        }
        if let Some(directory) = action.directory.as_known() {
            places.insert(format!("in {directory}"));
        }
        match &action.place {
            Place::Local => {}
            Place::Privileged => drop(places.insert("with another user's rights".to_owned())),
            Place::Remote(host) => drop(places.insert(format!("on the host {host}"))),
            Place::Container(name) => drop(places.insert(format!("in the container {name}"))),
        }
        match &action.effect {
            Effect::Request(request) => drop(places.insert(format!("at {}", request.host.display()))),
            Effect::Statement(statement) if statement.database.name.as_known() != Some("") => {
                places.insert(format!("in the database {}", statement.database.name.display()));
            }
            _ => {}
        }
    }
    if places.is_empty() {
        places.insert(format!("in {}", facts.directory()));
    }
    vec![places.into_iter().collect::<Vec<_>>().join(", ")]
}

/// Adds text in lines of at most `width` columns.
pub(super) fn wrap(lines: &mut Vec<String>, text: &str, indent: &str, width: usize) {
    lines.extend(screen::wrap(text, indent, width, Long::Broken));
}

/// At most `limit` characters, with `…` for the rest.
fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The lines of all sections that fit the room: each section gets its first lines, then what is
/// left goes round by rank. Where a section is cut, its last line says so.
fn fit(sections: Vec<Section>, room: usize, style: Style) -> Vec<String> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|number| sections[*number].rank);
    let mut given = vec![0; sections.len()];
    let mut left = room;
    for share in [|s: &Section| s.first, |s: &Section| s.lines.len()] {
        for &number in &order {
            let wanted = share(&sections[number]).min(sections[number].lines.len());
            let more = wanted.saturating_sub(given[number]).min(left);
            given[number] += more;
            left -= more;
        }
    }
    // Blank lines between title, source and explanation, and before the question.
    let gaps =
        sections.iter().zip(&given).filter(|(section, lines)| section.apart && **lines > 0).count() + 1;
    let airy = !style.plain && left >= gaps && gaps > 2;
    let mut out = Vec::new();
    for (section, shown) in sections.into_iter().zip(given) {
        let apart = airy && section.apart && shown > 0;
        out.extend(shortened(section, shown, style));
        out.extend(apart.then(String::new));
    }
    out.extend(airy.then(String::new));
    out
}

/// So many lines of a section; where that is not all, it says so.
fn shortened(section: Section, shown: usize, style: Style) -> Vec<String> {
    let Section { mut lines, apart, .. } = section;
    let left_out = lines.split_off(shown.min(lines.len()));
    let is_mark = |line: &String| line.trim().bytes().all(|byte| matches!(byte, b'^' | b' '));
    if left_out.iter().all(is_mark) {
        return lines;
    }
    let Some(last) = lines.last_mut() else { return lines };
    let more = left_out.len();
    let count = |more: usize| format!("… {more} more {}", if more == 1 { "line" } else { "lines" });
    if apart {
        *last = format!("{}{}", if style.plain { "" } else { "           " }, count(more + 1));
    } else if last.width() + 1 + count(more).width() <= style.width {
        *last = format!("{last} {}", count(more));
    } else {
        let mut room = style.width - 2;
        last.retain(|c| {
            room = room.saturating_sub(c.width().unwrap_or(0));
            room > 0
        });
        last.push_str(" …");
    }
    lines
}

#[cfg(test)]
mod tests;
