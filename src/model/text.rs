//! A word's value: known text, with holes where it cannot be known before it runs.

use std::borrow::Cow;

use super::{Match, bytes};

/// What is known of text that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Nothing: any bytes, blanks, a leading dash, nothing at all.
    Any,
    /// As little; but it is made of the script's own text alone, in a way that is not followed.
    Changed,
    /// One word of letters, digits and `._/-:@`, not empty, with no leading `-` or `+` and no
    /// `..` component: what `git rev-parse`, `date +%s`, `uname`, `whoami` print.
    Name,
    /// The same, a word for each of the things of a kind that there are: what `docker ps -aq` prints.
    Every,
    /// A decimal number.
    Number,
    /// An absolute path below the temporary directory, made by the same script (`mktemp`).
    Temporary,
    /// The same, or nothing at all: alone it is harmless, but `"$x"/*` may be `/*`.
    Scratch,
    /// A relative path at which nothing stands: what git tracks and somebody deleted.
    Absent,
    /// An absolute path of an existing directory (`pwd`, `git rev-parse --show-toplevel`).
    Directory,
}

impl Shape {
    /// Whether nothing is known of its characters.
    pub fn is_any(self) -> bool {
        matches!(self, Shape::Any | Shape::Changed)
    }

    /// Whether it is one word, without blanks and never empty.
    pub fn is_word(self) -> bool {
        matches!(self, Shape::Name | Shape::Every | Shape::Number)
    }
}

/// A stretch of unknown text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hole {
    /// What stands there in the source, for messages: `$DIR`, `$(curl …)`.
    pub label: String,
    /// What is known of it.
    pub shape: Shape,
}

/// One stretch of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// These very characters.
    Known(String),
    /// An active pathname pattern (`*`, `?`, `[a-z]`, `@(a|b)`): the shell puts the paths that
    /// match here, or leaves the characters as they are.
    Glob(String),
    /// Unknown.
    Hole(Hole),
}

/// The value of one word, as it reaches the program.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Text {
    pieces: Pieces,
    /// The word may turn into any number of arguments, also into none: an unquoted hole, `"$@"`.
    many: bool,
}

/// Stretches in order. Nearly every word has just one, which then needs no list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pieces {
    One(Piece),
    /// None, or more than one.
    List(Vec<Piece>),
}

impl Default for Pieces {
    fn default() -> Pieces {
        Pieces::List(Vec::new())
    }
}

impl Pieces {
    fn last_mut(&mut self) -> Option<&mut Piece> {
        match self {
            Pieces::One(piece) => Some(piece),
            Pieces::List(pieces) => pieces.last_mut(),
        }
    }

    fn push(&mut self, piece: Piece) {
        *self = match std::mem::take(self) {
            Pieces::One(first) => Pieces::List(vec![first, piece]),
            Pieces::List(pieces) if pieces.is_empty() => Pieces::One(piece),
            Pieces::List(mut pieces) => {
                pieces.push(piece);
                Pieces::List(pieces)
            }
        };
    }
}

impl Text {
    /// Known text.
    pub fn known(text: impl Into<String>) -> Text {
        Text { pieces: Pieces::One(Piece::Known(bytes::joined(text.into()))), many: false }
    }

    /// Wholly unknown text, one argument.
    pub fn hole(label: impl Into<String>, shape: Shape) -> Text {
        Text { pieces: Pieces::One(Piece::Hole(Hole { label: label.into(), shape })), many: false }
    }

    /// The same text, which may turn into any number of arguments.
    pub fn into_many(mut self) -> Text {
        self.many = true;
        self
    }

    /// Whether the word may turn into any number of arguments, also into none.
    pub fn is_many(&self) -> bool {
        self.many
    }

    /// Whether it stands for the words of a list, which all begin with its known start.
    pub fn is_list(&self) -> bool {
        self.many && !self.known_start().is_empty() && self.holes().all(|hole| !hole.shape.is_any())
    }

    /// The stretches, in order; adjacent known ones are joined.
    pub fn pieces(&self) -> &[Piece] {
        match &self.pieces {
            Pieces::One(piece) => std::slice::from_ref(piece),
            Pieces::List(pieces) => pieces,
        }
    }

    /// Adds a stretch at the end; one of no known characters adds nothing.
    pub fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Known(text)) if text.is_empty() => {}
            (Some(Piece::Known(last)), Piece::Known(text)) => join(last, &text),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// Adds known text at the end.
    pub fn push_str(&mut self, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Known(last)) => join(last, text),
            Some(_) => self.pieces.push(Piece::Known(text.to_owned())),
            None => self.pieces = Pieces::One(Piece::Known(text.to_owned())),
        }
    }

    /// Adds another text's stretches at the end.
    pub fn append(&mut self, other: &Text) {
        self.many |= other.many;
        for piece in other.pieces() {
            self.push(piece.clone());
        }
    }

    /// Whether it begins with all of the other.
    pub fn begins_with(&self, other: &Text) -> bool {
        let Some((last, before)) = other.pieces().split_last() else {
            return true;
        };
        let rest = self.pieces().strip_prefix(before).and_then(<[Piece]>::first);
        match (rest, last) {
            (Some(Piece::Known(text)), Piece::Known(start)) => text.starts_with(start.as_ref() as &str),
            (piece, last) => piece == Some(last),
        }
    }

    /// About what it takes to copy it, in bytes.
    pub fn weight(&self) -> usize {
        let weight = |piece: &Piece| {
            32 + match piece {
                Piece::Known(text) | Piece::Glob(text) => text.len(),
                Piece::Hole(hole) => hole.label.len(),
            }
        };
        self.pieces().iter().map(weight).sum()
    }

    /// The text, or if it weighs more than `most` how it begins, and then something unknown: what is
    /// put together of itself again and again doubles each time.
    pub fn cut(self, most: usize) -> Text {
        const BEGINNING: usize = 4096;
        if self.weight() <= most {
            return self;
        }
        let mut out = Text { many: self.many, ..Text::default() };
        let mut left = most.min(BEGINNING);
        for piece in self.pieces() {
            let weight = Text { pieces: Pieces::One(piece.clone()), many: false }.weight();
            if weight > left {
                if let Piece::Known(text) = piece {
                    out.push_str(&text[..text.floor_char_boundary(left)]);
                }
                break;
            }
            left -= weight;
            out.push(piece.clone());
        }
        out.push(Piece::Hole(Hole { label: "…".to_owned(), shape: Shape::Any }));
        out
    }

    /// The text, where all of it is known. Empty text is known.
    pub fn as_known(&self) -> Option<&str> {
        match self.pieces() {
            [] if !self.many => Some(""),
            [Piece::Known(text)] if !self.many => Some(text),
            _ => None,
        }
    }

    /// The text, where it holds nothing but known characters and patterns; patterns as written.
    pub fn as_pattern(&self) -> Option<Cow<'_, str>> {
        if let Some(known) = self.as_known() {
            return Some(Cow::Borrowed(known));
        }
        if self.many {
            return None;
        }
        let mut out = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Known(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Hole(_) => return None,
            }
        }
        Some(Cow::Owned(out))
    }

    /// Whether a pattern stands in it.
    pub fn has_glob(&self) -> bool {
        self.pieces().iter().any(|p| matches!(p, Piece::Glob(_)))
    }

    /// The holes in it.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.pieces().iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            _ => None,
        })
    }

    /// Whether any of it is unknown before it runs.
    pub fn has_hole(&self) -> bool {
        self.many || self.holes().next().is_some()
    }

    /// Whether nothing at all is known of its characters.
    pub fn is_opaque(&self) -> bool {
        self.has_hole()
            && !self
                .pieces()
                .iter()
                .any(|p| !matches!(p, Piece::Hole(_)) && !matches!(p, Piece::Known(t) if t.is_empty()))
    }

    /// Whether it is a new file's path, or one below: one that `mktemp` made, or what scripts take
    /// where there is no `mktemp`, a name with a number below `/tmp`.
    pub fn is_temporary(&self) -> bool {
        match self.pieces() {
            [Piece::Hole(hole)] => hole.shape == Shape::Temporary,
            [Piece::Known(start), Piece::Hole(hole), rest @ ..] => {
                let below = start.strip_prefix("/tmp/");
                let stays = |part: &str| part.split('/').all(|part| part != "..");
                below.is_some_and(stays)
                    && hole.shape == Shape::Number
                    && rest.iter().all(|piece| matches!(piece, Piece::Known(text) if stays(text)))
            }
            _ => false,
        }
    }

    /// The known characters it starts with.
    pub fn known_start(&self) -> &str {
        match self.pieces().first() {
            Some(Piece::Known(text)) => text,
            _ => "",
        }
    }

    /// The known characters it ends with.
    pub fn known_end(&self) -> &str {
        match self.pieces().last() {
            Some(Piece::Known(text)) => text,
            _ => "",
        }
    }

    /// Whether it is `wanted`.
    pub fn equals(&self, wanted: &str) -> Match {
        if let Some(text) = self.as_known() {
            return (text == wanted).into();
        }
        let (start, end) = (self.known_start(), self.known_end());
        let fits = wanted.len() >= start.len() + end.len()
            && wanted.starts_with(start)
            && wanted.ends_with(end)
            && self.first_hole_may_start(&wanted[start.len()..]);
        if fits { Match::Maybe } else { Match::No }
    }

    /// The characters for a person: known text as it is, `label` for what is unknown.
    pub fn display(&self) -> String {
        let mut out = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Known(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Hole(hole) => out.push_str(&hole.label),
            }
        }
        out
    }

    /// Whether the first stretch that is not known can begin with `rest`.
    fn first_hole_may_start(&self, rest: &str) -> bool {
        let first = self.pieces().iter().find(|p| !matches!(p, Piece::Known(_)));
        match first {
            Some(Piece::Hole(hole)) => match hole.shape {
                Shape::Any | Shape::Changed => true,
                Shape::Name | Shape::Every | Shape::Absent => {
                    !rest.starts_with(['-', '+']) || !self.known_start().is_empty()
                }
                Shape::Number => rest.chars().all(|c| c.is_ascii_digit()),
                Shape::Temporary | Shape::Scratch | Shape::Directory => {
                    rest.is_empty() || rest.starts_with('/')
                }
            },
            Some(_) => true,
            None => self.many,
        }
    }
}

/// Adds known text to known text.
fn join(last: &mut String, text: &str) {
    let odd = bytes::is_odd(text);
    last.push_str(text);
    if odd {
        *last = bytes::joined(std::mem::take(last));
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::known(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(start: &str, shape: Shape, end: &str) -> Text {
        let mut text = Text::known(start);
        text.append(&Text::hole("$X", shape));
        text.push_str(end);
        text
    }

    #[test]
    fn a_hole_may_be_anything_that_fits_round_it() {
        assert_eq!(word("--fo", Shape::Any, "").equals("--force"), Match::Maybe);
        assert_eq!(word("--fo", Shape::Any, "x").equals("--force"), Match::No);
        assert_eq!(word("", Shape::Name, "").equals("--force"), Match::No);
        assert_eq!(word("", Shape::Name, "").equals("main"), Match::Maybe);
        assert_eq!(word("abc", Shape::Any, "bc").equals("abc"), Match::No);
    }

    #[test]
    fn known_text_is_equal_or_not() {
        assert_eq!(Text::known("rm").equals("rm"), Match::Yes);
        assert_eq!(Text::known("rmdir").equals("rm"), Match::No);
        assert_eq!(Text::default().as_known(), Some(""));
    }

    #[test]
    fn adjacent_known_text_is_joined() {
        let mut text = Text::known("r");
        text.push_str("m");
        text.push(Piece::Known("dir".into()));
        assert_eq!(text.as_known(), Some("rmdir"));
    }
}
