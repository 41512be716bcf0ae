//! Reads a wrapper's own words (options, operands, assignments) up to the command in them.
//!
//! Unknown words can be read in more than one way; every way that could hold a command is
//! returned, the likeliest first.

use std::collections::VecDeque;

use crate::model::{Match, Piece, Shape, Text};

/// The words that a program takes before the command that it runs.
#[derive(Debug, Clone, Copy)]
pub(in crate::actions) struct Grammar {
    /// Its options, blank-separated: `-x` takes no value, `-x=` takes one, `-x==` two, `-x?` takes
    /// one only where it is attached, `-x!` is followed by the command. `-#` stands for `-10` and
    /// the like, `-` for a lone dash that is an option.
    pub options: &'static str,
    /// How many operands stand before the command.
    pub operands: usize,
    /// What the operands can be, if not anything: `#` (numbers) or a blank-separated list. A known
    /// word that is none of it is the command.
    pub operand_is: &'static str,
    /// Options may stand behind the last operand too.
    pub interspersed: bool,
    /// `NAME=value` words may stand before the command.
    pub assignments: bool,
}

impl Grammar {
    /// A program with these options and nothing else before the command.
    pub const fn options(options: &'static str) -> Grammar {
        Grammar { options, operands: 0, operand_is: "", interspersed: false, assignments: false }
    }
}

/// An option that is given.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::actions) struct Given {
    /// Its name as the table writes it.
    pub name: &'static str,
    /// Its (last) value.
    pub value: Option<Text>,
    /// The word that is its whole value, where the value is a word of its own.
    pub at: Option<usize>,
}

/// One way to read the words.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::actions) struct Reading {
    /// The known options, in order.
    pub options: Vec<Given>,
    /// The operands' indices.
    pub operands: Vec<usize>,
    /// `NAME=value` words.
    pub assigned: Vec<(String, Text)>,
    /// The index of the command's first word; the number of words where there is no command.
    pub command: usize,
    /// An option is given that the table does not have.
    pub unknown: bool,
    /// Whether it can be read in no other way.
    pub certainty: Match,
}

impl Reading {
    /// Whether one of these options (blank-separated) is given; `*` always is.
    pub fn has(&self, names: &str) -> bool {
        names == "*" || self.given(names).is_some()
    }

    /// The last of these options that is given.
    pub fn given(&self, names: &str) -> Option<&Given> {
        self.options.iter().rev().find(|given| is_one_of(given.name, names))
    }
}

/// Whether `name` is one of the blank-separated `names`.
pub(in crate::actions) fn is_one_of(name: &str, names: &str) -> bool {
    // Asked of every table for every command: most hold it nowhere, and that is seen many bytes at a time.
    names.contains(name) && names.split_ascii_whitespace().any(|one| one == name)
}

/// The ways to read some words.
pub(in crate::actions) struct Readings {
    /// The likeliest first.
    pub list: Vec<Reading>,
    /// There are more than were followed.
    pub truncated: bool,
}

/// More than this many ways are not followed: real wrappers' words have one or two.
const MAX_READINGS: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Flag,
    Values(usize),
    Attached,
    Begins,
}

impl Grammar {
    /// Every way to read `args` from index `from` on.
    pub fn scan(&self, args: &[Text], from: usize) -> Readings {
        let mut queue = VecDeque::from([State::new(args, from)]);
        let mut list: Vec<Reading> = Vec::new();
        let mut followed = 0;
        while let Some(state) = queue.pop_front() {
            if followed == MAX_READINGS {
                return Readings { list, truncated: true };
            }
            followed += 1;
            let reading = self.follow(state, args, &mut queue, false);
            if !list.iter().any(|r| r.command == reading.command) {
                list.push(reading);
            }
        }
        Readings { list, truncated: false }
    }

    /// The one way to read `args`; `None` where there are more, or an option is not known.
    pub fn sure(&self, args: &[Text]) -> Option<Reading> {
        let mut others = VecDeque::new();
        let reading = self.follow(State::new(args, 0), args, &mut others, true);
        if reading.unknown {
            return None;
        }
        (others.is_empty() || self.scan(args, 0).list.len() == 1).then_some(reading)
    }

    /// Reads on from a state; with `strict` no further than the first option that is not known.
    fn follow(&self, mut state: State, args: &[Text], queue: &mut VecDeque<State>, strict: bool) -> Reading {
        let wants_operand = |state: &State| state.reading.operands.len() < self.operands;
        while let Some(word) = args.get(state.at) {
            let start = word.known_start();
            if is_anything(word) && (word.is_many() || !wants_operand(&state)) {
                // Whatever may be options, operands or the command: read it as what is likeliest
                // here, and once as options.
                let next = (state.at..args.len()).find(|&i| !is_anything(&args[i]));
                if let Some(next) = next
                    && (word.is_many() || !args[next].known_start().starts_with('-'))
                    && !state.ended
                {
                    let mut skipped = state.clone();
                    skipped.at = next;
                    skipped.reading.certainty = Match::Maybe;
                    queue.push_back(skipped);
                }
                if word.is_many() && !wants_operand(&state) {
                    state.reading.certainty = Match::Maybe;
                }
            } else if !state.ended && start == "--" && word.as_known().is_some() {
                state.ended = true;
                state.at += 1;
                continue;
            } else if self.options_go_on(&state) && self.is_option(word) {
                let begins = self.option(&mut state, args, queue);
                if begins || strict && state.reading.unknown {
                    break;
                }
                continue;
            }
            if wants_operand(&state) && self.may_be_operand(word) {
                state.reading.operands.push(state.at);
                state.at += 1;
                continue;
            }
            if self.assignments
                && let Some(assigned) = assignment(word)
            {
                state.reading.assigned.push(assigned);
                state.at += 1;
                continue;
            }
            if self.operands > 0 && state.ended && word.as_known() == Some("--") {
                state.at += 1;
                continue;
            }
            break;
        }
        state.reading.command = state.at.min(args.len());
        state.reading
    }

    fn options_go_on(&self, state: &State) -> bool {
        let operands = state.reading.operands.len();
        !state.ended && (self.interspersed || operands == 0 || operands < self.operands)
    }

    fn is_option(&self, word: &Text) -> bool {
        let start = word.known_start();
        match word.as_known() {
            Some("-") => is_one_of("-", self.options),
            _ => start.starts_with('-'),
        }
    }

    fn may_be_operand(&self, word: &Text) -> bool {
        match (self.operand_is, word.as_known()) {
            ("", _) | (_, None) => true,
            ("#", Some(text)) => text.bytes().all(|b| b.is_ascii_digit()),
            (list, Some(text)) => is_one_of(text, list),
        }
    }

    /// Reads the option at `state.at`; true where the command begins behind it.
    fn option(&self, state: &mut State, args: &[Text], queue: &mut VecDeque<State>) -> bool {
        let word = &args[state.at];
        let start = word.known_start();
        let whole = word.as_known().is_some();
        let mut unknown = false;
        let mut wanted = None;
        let mut begins = false;
        let exact = whole.then(|| self.find(start)).flatten();
        if let Some((name, kind)) = exact {
            match kind {
                Kind::Values(n) => wanted = Some((name, n)),
                Kind::Begins => begins = true,
                Kind::Flag | Kind::Attached => {}
            }
            state.reading.options.push(Given { name, value: None, at: None });
        } else if let Some((name, value)) = long_with_value(start) {
            match self.find(name).or_else(|| self.abbreviated(name)) {
                Some((name, _)) => {
                    state.reading.options.push(Given { name, value: Some(tail(word, value)), at: None })
                }
                None => {
                    state.reading.unknown = true;
                    unknown = !whole;
                }
            }
        } else if start.starts_with("--") {
            match self.abbreviated(start).filter(|_| whole) {
                Some((name, kind)) => {
                    if let Kind::Values(n) = kind {
                        wanted = Some((name, n));
                    }
                    begins = kind == Kind::Begins;
                    state.reading.options.push(Given { name, value: None, at: None });
                }
                None => unknown = !self.is_number(start),
            }
        } else {
            (unknown, wanted, begins) = self.cluster(word, &mut state.reading);
        }
        state.at += 1;
        state.reading.unknown |= unknown;
        if let Some((name, n)) = wanted {
            if n > 0 {
                let value = state.at + n - 1;
                if let Some(given) = state.reading.options.last_mut() {
                    debug_assert_eq!(given.name, name);
                    given.value = args.get(value).cloned();
                    given.at = (value < args.len()).then_some(value);
                }
            }
            state.at = (state.at + n).min(args.len());
        } else if unknown {
            if !whole {
                state.reading.certainty = Match::Maybe;
            }
            // The option may take the next word as its value.
            if state.at + 1 < args.len() && !args[state.at].known_start().starts_with('-') {
                let mut valued = state.clone();
                valued.at += 1;
                valued.reading.certainty = Match::Maybe;
                queue.push_back(valued);
            }
        }
        begins
    }

    /// Reads `-abc`: whether something in it is unknown, the option whose value is to come, and
    /// whether the command begins behind it.
    fn cluster(&self, word: &Text, reading: &mut Reading) -> (bool, Option<(&'static str, usize)>, bool) {
        let start = word.known_start();
        let whole = word.as_known().is_some();
        if whole && self.is_number(start) {
            return (false, None, false);
        }
        let mut unknown = false;
        for (at, c) in start.char_indices().skip(1) {
            let mut buffer = [0; 5];
            buffer[0] = b'-';
            let len = 1 + c.encode_utf8(&mut buffer[1..]).len();
            let short = std::str::from_utf8(&buffer[..len]).unwrap_or_default();
            let rest = at + c.len_utf8();
            let last = rest == start.len() && whole;
            let Some((name, kind)) = self.find(short) else {
                unknown = true;
                continue;
            };
            let value = (!last).then(|| tail(word, rest));
            match kind {
                Kind::Flag => reading.options.push(Given { name, value: None, at: None }),
                Kind::Attached => {
                    reading.options.push(Given { name, value, at: None });
                    return (unknown, None, false);
                }
                Kind::Values(n) => {
                    let n = if value.is_some() { n - 1 } else { n };
                    reading.options.push(Given { name, value, at: None });
                    return (unknown, Some((name, n)), false);
                }
                Kind::Begins => {
                    reading.options.push(Given { name, value: None, at: None });
                    return (unknown, None, true);
                }
            }
        }
        (unknown || !whole, None, false)
    }

    fn is_number(&self, word: &str) -> bool {
        let digits = word.trim_start_matches(['-', '+']);
        is_one_of("-#", self.options) && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    fn find(&self, name: &str) -> Option<(&'static str, Kind)> {
        let (table, wanted) = (self.options.as_bytes(), name.as_bytes());
        let mut start = 0;
        while start < table.len() {
            let length = table[start..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
            if table[start..start + length].starts_with(wanted) {
                let found = option(&self.options[start..start + length]);
                if found.0 == name {
                    return Some(found);
                }
            }
            start += length + 1;
        }
        None
    }

    /// A long option by an unambiguous start of its name, as getopt_long reads it.
    fn abbreviated(&self, name: &str) -> Option<(&'static str, Kind)> {
        if !name.starts_with("--") || name.len() < 4 {
            return None;
        }
        let mut found = self.all().filter(|(known, _)| known.starts_with(name));
        let first = found.next()?;
        found.all(|(_, kind)| kind == first.1).then_some(first)
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, Kind)> + use<> {
        self.options.split_ascii_whitespace().map(option)
    }
}

/// An entry of a table of options.
fn option(token: &'static str) -> (&'static str, Kind) {
    if let Some(name) = token.strip_suffix("==") {
        (name, Kind::Values(2))
    } else if let Some(name) = token.strip_suffix('=') {
        (name, Kind::Values(1))
    } else if let Some(name) = token.strip_suffix('?').filter(|name| *name != "-") {
        (name, Kind::Attached)
    } else if let Some(name) = token.strip_suffix('!') {
        (name, Kind::Begins)
    } else {
        (token, Kind::Flag)
    }
}

#[derive(Clone)]
struct State {
    at: usize,
    ended: bool,
    reading: Reading,
}

impl State {
    fn new(args: &[Text], at: usize) -> State {
        let reading = Reading {
            options: Vec::new(),
            operands: Vec::new(),
            assigned: Vec::new(),
            command: args.len(),
            unknown: false,
            certainty: Match::Yes,
        };
        State { at, ended: false, reading }
    }
}

/// `--name=…`: the name, and where the value starts.
fn long_with_value(start: &str) -> Option<(&str, usize)> {
    let equals = start.find('=')?;
    start.starts_with("--").then(|| (&start[..equals], equals + 1))
}

/// Whether the word can be anything at all: an option, a command, nothing.
fn is_anything(word: &Text) -> bool {
    word.known_start().is_empty()
        && match word.pieces().iter().find(|p| !matches!(p, Piece::Known(t) if t.is_empty())) {
            Some(Piece::Hole(hole)) => hole.shape == Shape::Any,
            Some(_) => false,
            None => word.is_many(),
        }
}

/// `NAME=value`
fn assignment(word: &Text) -> Option<(String, Text)> {
    let start = word.known_start();
    let equals = start.find('=').filter(|at| *at > 0)?;
    Some((start[..equals].to_owned(), tail(word, equals + 1)))
}

/// A word without its first `from` bytes, all of which are known.
pub(in crate::actions) fn tail(word: &Text, from: usize) -> Text {
    let mut out = Text::default();
    for (i, piece) in word.pieces().iter().enumerate() {
        match piece {
            Piece::Known(text) if i == 0 => out.push_str(text.get(from..).unwrap_or_default()),
            piece => out.push(piece.clone()),
        }
    }
    if word.is_many() { out.into_many() } else { out }
}

#[cfg(test)]
mod tests;
