//! sed: substitutions, `p`, `d` and `q` on known lines; of other lines what is put round them.

use std::cell::OnceCell;

use regex::Regex;

use crate::model::{Piece, Shape, Text};

use super::pattern::compile;
use super::{LIMIT, Source};

const SED: &str =
    "-e= --expression= -E -r --regexp-extended -u --unbuffered -n --quiet --silent -s --separate";

/// What sed prints.
pub(super) fn sed(source: &Source<'_>) -> Option<Text> {
    let reading = source.reading(SED)?;
    let scripted = reading.has("-e --expression");
    let scripts: Option<Vec<&str>> = if scripted {
        let given = reading.options.iter().filter(|g| matches!(g.name, "-e" | "--expression"));
        given.map(|g| g.value.as_ref()?.as_known()).collect()
    } else {
        let script = source.call.args[*reading.operands.first()?].as_known();
        script.map(|script| vec![script])
    };
    let extended = reading.has("-E -r --regexp-extended");
    let mut commands = Vec::new();
    for script in scripts? {
        let mut rest = script;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
            if rest.is_empty() {
                break;
            }
            commands.push(command_of(&mut rest, extended)?);
            rest = rest.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with([';', '\n']) {
                return None;
            }
        }
    }
    // Each command goes over the whole text.
    if commands.len() > 64 {
        return None;
    }
    let silent = reading.has("-n --quiet --silent");
    let (_, text) = source.operands(SED, usize::from(!scripted))?;
    match text {
        Some(text) => match text.as_known() {
            Some(known) => run_sed(known, &commands, silent),
            None => framed(loose_lines(&text), &commands, silent, text.is_many()),
        },
        None => framed(vec![source.hole(Shape::Any)], &commands, silent, false),
    }
}

/// The lines of text that is not wholly known, each without its end; what is unknown may hold more.
pub(super) fn loose_lines(text: &Text) -> Vec<Text> {
    let mut lines = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) => {
                for (at, part) in known.split('\n').enumerate() {
                    if at > 0 {
                        lines.push(Text::default());
                    }
                    if let Some(line) = lines.last_mut() {
                        line.push_str(part);
                    }
                }
            }
            piece => {
                if let Some(line) = lines.last_mut() {
                    line.push(piece.clone());
                }
            }
        }
    }
    lines.retain(|line| !line.pieces().is_empty());
    lines
}

/// A pattern, compiled when a known line first meets it.
struct Pattern {
    source: String,
    extended: bool,
    compiled: OnceCell<Option<Regex>>,
}

impl Pattern {
    fn new(source: impl Into<String>, extended: bool) -> Pattern {
        Pattern { source: source.into(), extended, compiled: OnceCell::new() }
    }

    /// `None` where it cannot be followed.
    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.source, self.extended)).as_ref()
    }
}

/// The lines that a command of sed is for.
enum Lines {
    All,
    From(usize, usize),
    Last,
    With(Pattern),
}

enum Does {
    Replace {
        pattern: Pattern,
        replacement: Vec<Part>,
        all: bool,
        prints: bool,
    },
    /// `y/from/to/`: each character with the one in its place.
    Exchange(Vec<(char, char)>),
    /// What is put in front of every line and behind it: `s/^/x/`, `s/$/x/`, `s/.*/x&y/`.
    Frame(String, String),
    Print,
    Delete,
    Quit,
    /// Text in front of a line (`i`), behind it (`a`), or in its place (`c`).
    Text(char, String),
}

/// A part of a replacement: text, or what a group matched.
enum Part {
    Text(String),
    Group(usize),
}

fn framed(lines: Vec<Text>, commands: &[(Lines, bool, Does)], silent: bool, many: bool) -> Option<Text> {
    let mut out = Text::default();
    for mut line in lines {
        let mut changed = false;
        for command in commands {
            let (Lines::All, false, Does::Frame(before, behind)) = command else {
                return None;
            };
            let mut framed = Text::known(before.as_str());
            framed.append(&line);
            framed.push_str(behind);
            line = framed;
            changed |= !(before.is_empty() && behind.is_empty());
        }
        if !changed || silent {
            return None;
        }
        out.append(&line);
        out.push_str("\n");
    }
    Some(if many { out.into_many() } else { out })
}

fn run_sed(text: &str, commands: &[(Lines, bool, Does)], silent: bool) -> Option<Text> {
    let mut out = String::with_capacity(text.len());
    let count = text.split_inclusive('\n').count();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let mut body = line.strip_suffix('\n').unwrap_or(line).to_owned();
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let print = |out: &mut String, body: &str| {
            // Only the last line of all can lack its end.
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(body);
            out.push_str(end);
        };
        let (mut deleted, mut quits) = (false, false);
        let mut behind = Vec::new();
        for (lines, not, does) in commands {
            let meant = match lines {
                Lines::All => true,
                Lines::From(first, last) => (*first..=*last).contains(&(index + 1)),
                Lines::Last => index + 1 == count,
                Lines::With(part) => part.regex()?.is_match(&body),
            };
            if meant == *not {
                continue;
            }
            match does {
                Does::Replace { pattern, replacement, all, prints } => {
                    let pattern = pattern.regex()?;
                    let found = pattern.is_match(&body);
                    let with = |groups: &regex::Captures<'_>| replaced(replacement, groups);
                    body = pattern.replacen(&body, usize::from(!all), with).into_owned();
                    if *prints && found {
                        print(&mut out, &body);
                    }
                }
                Does::Exchange(pairs) => {
                    let exchanged = |c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                    body = body.chars().map(exchanged).collect();
                }
                Does::Frame(before, behind) => body = format!("{before}{body}{behind}"),
                Does::Print => print(&mut out, &body),
                Does::Delete => deleted = true,
                Does::Text('i', text) => print(&mut out, text),
                Does::Text(place, text) => {
                    deleted |= *place == 'c';
                    behind.push(text);
                }
                Does::Quit => quits = true,
            }
            if body.len() > LIMIT || out.len() > LIMIT {
                return None;
            }
            if deleted || quits {
                break;
            }
        }
        if !silent && !deleted {
            print(&mut out, &body);
        }
        behind.iter().for_each(|text| print(&mut out, text));
        if quits {
            break;
        }
    }
    Some(Text::known(out))
}

fn replaced(replacement: &[Part], groups: &regex::Captures<'_>) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Group(number) => groups.get(*number).map_or("", |group| group.as_str()).to_owned(),
    };
    replacement.iter().map(part).collect()
}

/// The next command with the lines that it is for (`true`: the others).
fn command_of(rest: &mut &str, extended: bool) -> Option<(Lines, bool, Does)> {
    let number = |text: &mut &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let number = digits.parse::<usize>().ok().filter(|n| *n > 0)?;
        *text = rest;
        Some(number)
    };
    let lines = if let Some(behind) = rest.strip_prefix('$') {
        *rest = behind;
        Lines::Last
    } else if let Some(behind) = rest.strip_prefix('/') {
        *rest = behind;
        Lines::With(Pattern::new(until(rest, '/')?, extended))
    } else if rest.starts_with(|c: char| c.is_ascii_digit()) {
        let first = number(rest)?;
        match rest.strip_prefix(',') {
            None => Lines::From(first, first),
            Some(behind) => {
                *rest = behind;
                let last = match rest.strip_prefix('$') {
                    Some(behind) => {
                        *rest = behind;
                        usize::MAX
                    }
                    None => number(rest)?,
                };
                Lines::From(first, last.max(first))
            }
        }
    } else {
        Lines::All
    };
    *rest = rest.trim_start();
    let not = rest.starts_with('!');
    *rest = rest.strip_prefix('!').unwrap_or(rest).trim_start();
    let command = rest.chars().next()?;
    *rest = &rest[command.len_utf8()..];
    let does = match command {
        'p' => Does::Print,
        'd' => Does::Delete,
        'q' => Does::Quit,
        's' => substitution(rest, extended)?,
        'y' => exchange(rest)?,
        'a' | 'i' | 'c' => {
            let (text, behind) = rest.split_at(rest.find('\n').unwrap_or(rest.len()));
            let text = text.trim_start();
            if text == "\\" || text.ends_with('\\') {
                return None;
            }
            *rest = behind;
            Does::Text(command, text.strip_prefix('\\').unwrap_or(text).to_owned())
        }
        _ => return None,
    };
    Some((lines, not, does))
}

/// Text up to a delimiter that no backslash stands before, without it.
fn until<'s>(rest: &mut &'s str, delimiter: char) -> Option<&'s str> {
    let (mut escaped, mut bracket) = (false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            c if c == delimiter && !bracket => {
                let text = &rest[..at];
                *rest = &rest[at + c.len_utf8()..];
                return Some(text);
            }
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
    }
    None
}

/// The text up to the next delimiter, where a bracket may stand in a pattern alone.
fn plain_until<'s>(rest: &mut &'s str, delimiter: char) -> Option<&'s str> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            c if c == delimiter => {
                let text = &rest[..at];
                *rest = &rest[at + c.len_utf8()..];
                return Some(text);
            }
            _ => {}
        }
    }
    None
}

/// `y/…/…/`, its letter read.
fn exchange(rest: &mut &str) -> Option<Does> {
    let delimiter = rest.chars().next().filter(|c| c.is_ascii_punctuation() && *c != '\\')?;
    *rest = &rest[1..];
    let mut side = || {
        let mut chars = plain_until(rest, delimiter)?.chars();
        let mut out = Vec::new();
        while let Some(c) = chars.next() {
            out.push(match c {
                '\\' => match chars.next()? {
                    'n' => '\n',
                    c if c == delimiter || c == '\\' => c,
                    _ => return None,
                },
                c => c,
            });
        }
        Some(out)
    };
    let (from, to) = (side()?, side()?);
    (from.len() == to.len()).then(|| Does::Exchange(from.into_iter().zip(to).collect()))
}

/// `s/…/…/flags`, its letter read.
fn substitution(rest: &mut &str, extended: bool) -> Option<Does> {
    let delimiter =
        rest.chars().next().filter(|c| (c.is_ascii_punctuation() || *c == '\u{1}') && *c != '\\')?;
    *rest = &rest[1..];
    let pattern = until(rest, delimiter)?;
    let replacement = plain_until(rest, delimiter)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (flags, behind) = rest.split_at(end);
    *rest = behind;
    if !flags.chars().all(|flag| matches!(flag, 'g' | 'p')) {
        return None;
    }
    let own = |text: &str| match delimiter {
        '/' | ',' | '|' | '#' | '@' | '!' | ':' | '%' | '~' => {
            text.replace(&format!("\\{delimiter}"), &delimiter.to_string())
        }
        _ => text.to_owned(),
    };
    let replacement = parts(&own(replacement))?;
    let text = |parts: &[Part]| {
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(_) => return None,
            }
        }
        Some(out)
    };
    let prints = flags.contains('p');
    let whole = matches!(pattern, ".*" | "^.*" | ".*$" | "^.*$" | "\\(.*\\)" | "^\\(.*\\)" | "^\\(.*\\)$")
        || (extended && matches!(pattern, "(.*)" | "^(.*)" | "^(.*)$" | "(.*)$"));
    let frame = match pattern {
        "^" => text(&replacement).map(|before| (before, String::new())),
        "$" => text(&replacement).map(|behind| (String::new(), behind)),
        _ if whole => {
            let groups = || replacement.iter().enumerate().filter(|(_, part)| matches!(part, Part::Group(_)));
            match (groups().next(), groups().count()) {
                (Some((at, _)), 1) => text(&replacement[..at]).zip(text(&replacement[at + 1..])),
                _ => None,
            }
        }
        _ => None,
    };
    match frame.filter(|_| !prints) {
        Some((before, behind)) => Some(Does::Frame(before, behind)),
        None => {
            let pattern = Pattern::new(own(pattern), extended);
            Some(Does::Replace { pattern, replacement, all: flags.contains('g'), prints })
        }
    }
}

/// The parts of a replacement; none where its letters change their case.
fn parts(replacement: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        let group = match c {
            '&' => 0,
            '\\' => match chars.next()? {
                digit if digit.is_ascii_digit() => digit as usize - '0' as usize,
                'n' => {
                    text.push('\n');
                    continue;
                }
                't' => {
                    text.push('\t');
                    continue;
                }
                c if c.is_ascii_alphabetic() => return None,
                c => {
                    text.push(c);
                    continue;
                }
            },
            c => {
                text.push(c);
                continue;
            }
        };
        parts.push(Part::Text(std::mem::take(&mut text)));
        parts.push(Part::Group(group));
    }
    parts.push(Part::Text(text));
    Some(parts)
}
