//! What a condition tells of the names that a directory or a pattern gives: of all files in it
//! those that end with `.log`.

use super::value::{PATH, Value};
use crate::model::{Piece, Text};

/// What a condition asks of a name.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// It ends with one of these.
    Ends(Vec<String>),
    /// It begins with one of these.
    Starts(Vec<String>),
    /// It holds this.
    Holds(String),
    /// It is one of these.
    Is(Vec<String>),
    /// It fits this pattern of a shell.
    Fits(String),
    /// The same, whatever the case of its letters.
    AnyCase(Box<Test>),
}

impl Test {
    /// What a regular expression asks, where it is one of the simplest.
    pub fn regex(pattern: &str) -> Option<Test> {
        let plain = |text: &str| {
            // A `.` that nothing escapes stands for any character.
            let escaped = text.replace("\\.", "\0");
            let literal = !escaped.contains(|c: char| "^$*+?()[]{}|\\.".contains(c));
            literal.then(|| escaped.replace('\0', "."))
        };
        let pattern = pattern.trim_start_matches(".*");
        match (pattern.strip_prefix('^'), pattern.strip_suffix('$')) {
            (Some(start), None) => Some(Test::Starts(vec![plain(start)?])),
            (None, Some(end)) => Some(Test::Ends(vec![plain(end)?])),
            _ => None,
        }
    }

    /// The values of which it holds, each by a pattern; `None` where it tells nothing.
    pub fn of(&self, value: &Value) -> Option<Vec<Value>> {
        let path = match value {
            Value::Text(text) => text.clone(),
            Value::Made(made) if made.by == PATH => value.text(),
            _ => return None,
        };
        let (Piece::Glob(star), before) = path.pieces().split_last()? else {
            return None;
        };
        if star != "*" {
            return None;
        }
        let made = |pieces: Vec<Piece>| {
            let mut text = Text::default();
            before.iter().cloned().chain(pieces).for_each(|piece| text.push(piece));
            match value {
                Value::Made(_) => Value::path(text),
                _ => Value::Text(text),
            }
        };
        let star = || Piece::Glob("*".to_owned());
        let known = |text: &str| Piece::Known(text.to_owned());
        let each = |names: &[String], pieces: &dyn Fn(&str) -> Vec<Piece>| {
            names.iter().map(|name| made(pieces(name))).collect()
        };
        Some(match self {
            Test::Ends(ends) => each(ends, &|end| vec![star(), known(end)]),
            Test::Starts(starts) => each(starts, &|start| vec![known(start), star()]),
            Test::Holds(part) => vec![made(vec![star(), known(part), star()])],
            Test::Is(names) => each(names, &|name| vec![known(name)]),
            Test::Fits(pattern) => vec![made(patterned(&Text::known(pattern)).pieces().to_vec())],
            Test::AnyCase(test) => {
                let either = |value: Value| {
                    let text = value.text();
                    let new = text.pieces().iter().skip(before.len());
                    made(new.flat_map(in_any_case).collect())
                };
                test.of(value)?.into_iter().map(either).collect()
            }
        })
    }
}

/// A stretch with a pattern for each letter.
fn in_any_case(piece: &Piece) -> Vec<Piece> {
    let Piece::Known(text) = piece else {
        return vec![piece.clone()];
    };
    let one = |c: char| match c.is_alphabetic() {
        true => Piece::Glob(format!("[{}{}]", c.to_lowercase(), c.to_uppercase())),
        false => Piece::Known(c.to_string()),
    };
    text.chars().map(one).collect()
}

/// Text whose `*`, `?` and `[…]` are patterns of names.
pub(super) fn patterned(text: &Text) -> Text {
    let mut out = Text::default();
    for piece in text.pieces() {
        let Piece::Known(mut rest) = piece.clone() else {
            out.push(piece.clone());
            continue;
        };
        while let Some(at) = rest.find(['*', '?', '[']) {
            out.push_str(&rest[..at]);
            let length = match rest.as_bytes()[at] {
                b'[' => rest[at..].find(']').map_or(1, |end| end + 1),
                _ => 1,
            };
            out.push(Piece::Glob(rest[at..at + length].to_owned()));
            rest = rest[at + length..].to_owned();
        }
        out.push_str(&rest);
    }
    out
}

/// What a pattern finds whose `**` stands for directories of any depth.
pub(super) fn found(pattern: &Text, deep: bool) -> Vec<Text> {
    let is_deep = |piece: &Piece| matches!(piece, Piece::Known(text) if text.contains("**"));
    let Some(at) = pattern.pieces().iter().position(is_deep).filter(|_| deep) else {
        return vec![patterned(pattern)];
    };
    let pieces = pattern.pieces();
    let Piece::Known(known) = &pieces[at] else {
        return Vec::new();
    };
    let (before, after) = known.split_once("**").unwrap_or((known, ""));
    // `**` alone stands for all that is below, `**/x` for `x` at any depth.
    let last = after.is_empty() && at + 1 == pieces.len();
    let mut text = Text::default();
    pieces[..at].iter().cloned().for_each(|piece| text.push(piece));
    text.push_str(before);
    let mut text = patterned(&text);
    text.push(Piece::Glob("**".to_owned()));
    let mut rest = Text::known("/");
    rest.push_str(if last { "*" } else { after.trim_start_matches('/') });
    pieces[at + 1..].iter().cloned().for_each(|piece| rest.push(piece));
    text.append(&patterned(&rest));
    vec![text]
}

/// The directories below a directory, itself first.
pub(super) fn below(top: &Text) -> Vec<Text> {
    let mut deep = top.clone();
    deep.push_str("/");
    deep.push(Piece::Glob("**".to_owned()));
    vec![top.clone(), deep]
}

/// The text with a hole in the place of each pattern: what changes names leaves none.
pub(super) fn without_patterns(text: &Text) -> Text {
    if !text.has_glob() {
        return text.clone();
    }
    let mut out = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Glob(pattern) => out.append(&Text::hole(pattern, crate::model::Shape::Any)),
            other => out.push(other.clone()),
        }
    }
    out
}
