//! What a variable holds, and what is known of one that differs between two branches.

use std::rc::Rc;

use crate::model::{Piece, Shape, Text};

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Unset,
    /// Anything, perhaps a list, perhaps nothing.
    Unknown,
    /// One text.
    Scalar(Rc<Text>),
    /// Elements by ascending index. Behind an element that may be any number of elements
    /// ([`is_loose`]) the indices only give the order.
    List(Rc<Vec<(i64, Text)>>),
    /// Elements by key, in the order of their assignment.
    Keyed(Rc<Vec<(String, Text)>>),
}

impl Value {
    /// A list counted from `first`.
    pub(super) fn list(elements: Vec<Text>, first: i64) -> Value {
        Value::List(Rc::new((first..).zip(elements).collect()))
    }

    /// How many elements it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Value::Unset | Value::Unknown => 0,
            Value::Scalar(_) => 1,
            Value::List(elements) => elements.len(),
            Value::Keyed(elements) => elements.len(),
        }
    }

    /// What it costs to copy it.
    pub(super) fn weight(&self) -> usize {
        match self {
            Value::Unset | Value::Unknown => 0,
            Value::Scalar(text) => text.weight(),
            Value::List(elements) => elements.iter().map(|(_, t)| t.weight()).sum(),
            Value::Keyed(elements) => elements.iter().map(|(k, t)| k.len() + t.weight()).sum(),
        }
    }
}

/// Whether a text may be any number of list elements.
pub(super) fn is_loose(text: &Text) -> bool {
    text.is_many() || text.has_glob()
}

/// The text as one argument, whatever it holds.
pub(super) fn single(text: &Text) -> Text {
    if !text.is_many() {
        return text.clone();
    }
    if text.holes().next().is_none() {
        return Text::hole(text.display(), Shape::Any);
    }
    let mut out = Text::default();
    for piece in text.pieces() {
        out.push(piece.clone());
    }
    out
}

/// What is known of a text that is one of two.
pub(super) fn join_texts(a: &Text, b: &Text, label: &str) -> Text {
    if a == b {
        return a.clone();
    }
    if a.is_many() || b.is_many() {
        return Text::hole(label, Shape::Any).into_many();
    }
    if a.is_temporary() && b.is_temporary() {
        return Text::hole(label, Shape::Temporary);
    }
    if is_scratch(a) && is_scratch(b) {
        return Text::hole(label, Shape::Scratch);
    }
    let (start_a, start_b) = (a.known_start(), b.known_start());
    let common = start_a.bytes().zip(start_b.bytes()).take_while(|(x, y)| x == y).count();
    // Cut behind a slash: what follows then is a whole name on both sides.
    let cut = start_a.as_bytes()[..common].iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let (rest_a, rest_b) = (without_start(a, cut), without_start(b, cut));
    let shape = match (shape(&rest_a), shape(&rest_b)) {
        (a, b) if a == b => a,
        (a, b) if a.is_word() && b.is_word() => Shape::Name,
        _ => Shape::Any,
    };
    let mut out = Text::default();
    if cut > 0 {
        out.push_str(&start_a[..cut]);
    }
    out.append(&Text::hole(label, shape));
    out
}

/// A new file's path ([`Text::is_temporary`]), or empty.
pub(super) fn is_scratch(text: &Text) -> bool {
    let scratch = matches!(text.pieces(), [Piece::Hole(hole)] if hole.shape == Shape::Scratch);
    scratch || text.as_known() == Some("") || text.is_temporary()
}

fn without_start(text: &Text, cut: usize) -> Text {
    let mut out = Text::default();
    for (i, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Known(known) if i == 0 => out.push_str(&known[cut..]),
            piece => out.push(piece.clone()),
        }
    }
    out
}

/// The shape that a text is known to have. Known text is a name only where it can be no path
/// that stands for more than itself (`/`, `.`).
pub(super) fn shape(text: &Text) -> Shape {
    match text.pieces() {
        [Piece::Hole(hole)] if !text.is_many() => hole.shape,
        [Piece::Known(known)] if !text.is_many() => {
            if !known.is_empty() && known.bytes().all(|b| b.is_ascii_digit()) {
                Shape::Number
            } else if known.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && known.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./-:@".contains(&b))
                && known.split('/').all(|component| component != "..")
            {
                Shape::Name
            } else {
                Shape::Any
            }
        }
        _ => Shape::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_keeps_what_both_have() {
        let cases = [
            ("build", "dist", "", Shape::Name),
            ("/opt/app/a", "/opt/app/b", "/opt/app/", Shape::Name),
            ("/opt/app", "/opt/apps", "/opt/", Shape::Name),
            ("/", "/opt", "/", Shape::Any),
            ("1", "22", "", Shape::Number),
            ("", "x", "", Shape::Any),
            ("a/../b", "x", "", Shape::Any),
        ];
        for (a, b, start, shape) in cases {
            let joined = join_texts(&a.into(), &b.into(), "$x");
            assert_eq!(joined.known_start(), start, "{a} {b}");
            assert_eq!(joined.holes().next().map(|h| h.shape), Some(shape), "{a} {b}");
        }
        let mut numbered = Text::known("/tmp/x.");
        numbered.append(&Text::hole("$$", Shape::Number));
        let made = Text::hole("$(mktemp)", Shape::Temporary);
        assert_eq!(shape(&join_texts(&made, &numbered, "$x")), Shape::Temporary);
        assert_eq!(shape(&join_texts(&made, &"/tmp/x".into(), "$x")), Shape::Any);
        assert_eq!(join_texts(&"x".into(), &"x".into(), "$x").as_known(), Some("x"));
    }
}
