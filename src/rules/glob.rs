//! Patterns against words that may have holes: yes, maybe, no, in time linear in the word.

use crate::model::{Match, Piece, Shape, Text};

use super::list::{MAX_PATTERN, Pattern};

/// Whether `pattern` holds of known text.
pub fn matches_str(pattern: &str, text: &str) -> bool {
    let (pattern, bytes) = (pattern.as_bytes(), text.as_bytes());
    // Most patterns are plain words, and differ in their first letter.
    if let (Some(first), Some(given)) = (pattern.first(), bytes.first())
        && first != given
        && !matches!(first, b'*' | b'?')
    {
        return false;
    }
    let width = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.chars().next().map_or(1, char::len_utf8)
    };
    let (mut at, mut here) = (0, 0);
    // Behind the last `*`: the place in the pattern, and the first in the text not yet tried.
    let mut star = None;
    while here < bytes.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, here));
            }
            Some(b'?') => {
                at += 1;
                here += width(here);
            }
            Some(byte) if *byte == bytes[here] => {
                at += 1;
                here += 1;
            }
            _ => {
                let Some((behind, tried)) = star else {
                    return false;
                };
                here = tried + width(tried);
                at = behind;
                star = Some((behind, here));
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Whether `pattern` holds of the word: `Yes` where every value that the word can take matches,
/// `Maybe` where some can.
pub fn matches(pattern: &str, text: &Text) -> Match {
    if let Some(known) = text.as_known() {
        return matches_str(pattern, known).into();
    }
    if differs(pattern, text) {
        return Match::No;
    }
    if let [Piece::Hole(hole)] = text.pieces()
        && let Some(matched) = matches_hole(pattern, hole.shape, text.is_many())
    {
        return matched;
    }
    by_positions(pattern, text)
}

/// [`matches`] in general.
fn by_positions(pattern: &str, text: &Text) -> Match {
    let mut tokens = ['\0'; MAX_PATTERN];
    let mut length = 0;
    for token in pattern.chars() {
        let Some(place) = tokens.get_mut(length) else {
            return Match::Maybe;
        };
        *place = token;
        length += 1;
    }
    let tokens = &Tokens::new(&tokens[..length]);
    let mut states = States::start(tokens);
    let mut first = true;
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) => {
                for c in known.chars() {
                    states.step(tokens, c);
                    // What surely matches also possibly does.
                    if states.possible == 0 {
                        return Match::No;
                    }
                }
            }
            Piece::Glob(_) => states.unknown(tokens, None, first),
            Piece::Hole(hole) => {
                let first = first && !(hole.shape.is_any() && text.is_many());
                states.unknown(tokens, Some(hole.shape), first);
            }
        }
        first &= matches!(piece, Piece::Known(known) if known.is_empty());
    }
    if accepts(tokens, states.surely) && (!text.is_many() || text.is_list()) {
        Match::Yes
    } else if accepts(tokens, states.possible) || text.is_many() && text.pieces().is_empty() {
        Match::Maybe
    } else {
        Match::No
    }
}

/// Whether a pattern without a wildcard holds of a word that is one unknown piece, which most are;
/// `None` where that takes more than a look at its characters.
fn matches_hole(pattern: &str, shape: Shape, many: bool) -> Option<Match> {
    if pattern.is_empty() || pattern.bytes().any(|byte| is_wild(&byte)) {
        return None;
    }
    let head = may_begin(!(shape.is_any() && many));
    let all = |fits: &dyn Fn(char) -> bool| pattern.starts_with(head) && pattern.chars().all(fits);
    let possible = match shape {
        Shape::Any | Shape::Changed | Shape::Absent => pattern.starts_with(head),
        Shape::Name | Shape::Every => all(&name_char),
        Shape::Number => pattern.chars().all(|c| c.is_ascii_digit()),
        Shape::Temporary | Shape::Scratch | Shape::Directory => pattern.starts_with('/'),
    };
    Some(if possible { Match::Maybe } else { Match::No })
}

fn is_wild(byte: &u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// What an unknown piece may begin with. What begins with a dash is an option, with `+` or `:` a
/// forced or deleting reference: names that programs print and names of files are no such things,
/// nor is what one quoted variable holds. `$ARGS` may be.
fn may_begin(first: bool) -> impl Fn(char) -> bool + Copy {
    move |c| !(first && matches!(c, '-' | '+' | ':'))
}

/// Whether the known parts of a word alone show that the pattern cannot hold, as of most words that
/// are held against most patterns.
fn differs(pattern: &str, text: &Text) -> bool {
    let apart = |wanted: Option<&u8>, given: Option<&u8>| match (wanted, given) {
        (Some(wanted), Some(given)) => wanted != given && !is_wild(wanted),
        _ => false,
    };
    let bytes = pattern.as_bytes();
    let (start, end) = (text.known_start().as_bytes(), text.known_end().as_bytes());
    if apart(bytes.first(), start.first()) || apart(bytes.last(), end.last()) {
        return true;
    }
    let stands = |piece: &Piece| match piece {
        Piece::Known(known) => pattern.contains(known.as_ref() as &str),
        _ => true,
    };
    !bytes.iter().any(is_wild) && !text.pieces().iter().all(stands)
}

/// Whether one of the patterns holds.
pub fn any(patterns: &[Pattern], text: &Text) -> Match {
    let each = patterns.iter().map(|pattern| matches(pattern, text));
    each.max().unwrap_or(Match::No)
}

/// A pattern's characters.
struct Tokens<'a> {
    all: &'a [char],
    /// The positions that stand at a `*`, one bit each.
    stars: u128,
}

impl<'a> Tokens<'a> {
    fn new(all: &'a [char]) -> Tokens<'a> {
        let star = |(at, token): (usize, &char)| if *token == '*' { 1 << at } else { 0 };
        Tokens { all, stars: all.iter().enumerate().map(star).sum() }
    }

    fn len(&self) -> usize {
        self.all.len()
    }
}

/// Positions of the pattern that text so far can have led to, one bit each.
struct States {
    /// Reached by some value of the holes so far.
    possible: u128,
    /// Reached by every value of the holes so far.
    surely: u128,
}

impl States {
    fn start(tokens: &Tokens<'_>) -> States {
        let start = close(tokens, 1);
        States { possible: start, surely: start }
    }

    fn step(&mut self, tokens: &Tokens<'_>, c: char) {
        self.possible = step(tokens, self.possible, &|token| token == c);
        self.surely = step(tokens, self.surely, &|token| token == c);
    }

    /// Goes on with the unknown characters of one piece; `first`: nothing stands before it.
    fn unknown(&mut self, tokens: &Tokens<'_>, shape: Option<Shape>, first: bool) {
        let head = may_begin(first);
        match shape {
            Some(Shape::Any | Shape::Changed) => {
                let before = self.possible;
                self.some(tokens, &head, None);
                self.possible |= before;
            }
            Some(Shape::Name | Shape::Every) => {
                self.some(tokens, &|c| name_char(c) && head(c), Some(&name_char))
            }
            Some(Shape::Number) => {
                self.some(tokens, &|c| c.is_ascii_digit(), Some(&|c| c.is_ascii_digit()));
            }
            Some(Shape::Temporary | Shape::Scratch | Shape::Directory) => {
                self.some(tokens, &|c| c == '/', None);
            }
            Some(Shape::Absent) | None => self.some(tokens, &head, None),
        }
    }

    /// Goes on with one or more characters, the first of which satisfies `head`, the rest `tail`, or
    /// are any.
    fn some(
        &mut self,
        tokens: &Tokens<'_>,
        head: &dyn Fn(char) -> bool,
        tail: Option<&dyn Fn(char) -> bool>,
    ) {
        self.possible = step(tokens, self.possible, head);
        match tail {
            // Each further character may lead one position on.
            None if self.possible != 0 => {
                let first = self.possible.trailing_zeros();
                self.possible = (u128::MAX << first) & (u128::MAX >> (127 - tokens.len()));
            }
            None => {}
            // Each round but the last adds a position, and there are at most `MAX_PATTERN`.
            Some(tail) => loop {
                let further = self.possible | step(tokens, self.possible, tail);
                if further == self.possible {
                    break;
                }
                self.possible = further;
            },
        }
        // Only at a `*` does it not matter what comes.
        self.surely = close(tokens, self.surely & tokens.stars);
    }
}

fn accepts(tokens: &Tokens<'_>, states: u128) -> bool {
    states & (1 << tokens.len()) != 0
}

/// What a name may hold of what a pattern names. A colon in a pattern asks for `from:to`, a port or
/// a transport, which is more than a name, though times hold colons too.
fn name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._/-@".contains(c)
}

/// Adds the positions behind each `*`, which may stand for nothing.
fn close(tokens: &Tokens<'_>, mut states: u128) -> u128 {
    loop {
        let more = states | (states & tokens.stars) << 1;
        if more == states {
            return states;
        }
        states = more;
    }
}

/// The positions after one more character that fits every token for which `fits` holds.
fn step(tokens: &Tokens<'_>, states: u128, fits: &dyn Fn(char) -> bool) -> u128 {
    let mut next = 0;
    let mut left = states;
    while left != 0 {
        let at = left.trailing_zeros() as usize;
        left &= left - 1;
        match tokens.all.get(at) {
            Some('*') => next |= 1 << at,
            Some('?') => next |= 1 << (at + 1),
            Some(token) if fits(*token) => next |= 1 << (at + 1),
            _ => {}
        }
    }
    close(tokens, next)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(start: &str, shape: Shape, end: &str) -> Text {
        let mut text = Text::known(start);
        text.append(&Text::hole("$X", shape));
        text.push_str(end);
        text
    }

    #[test]
    fn a_look_at_the_characters_tells_what_following_them_does() {
        let shapes = [Shape::Any, Shape::Changed, Shape::Absent, Shape::Name, Shape::Every, Shape::Number];
        let shapes = shapes.into_iter().chain([Shape::Temporary, Shape::Scratch, Shape::Directory]);
        for shape in shapes {
            for pattern in
                ["push", "-f", "+x", "a:b", ":", "12", "1a", "/tmp", "/", "a/b", "ä", "x y", "p*h", "*", "?"]
            {
                let hole = Text::hole("$X", shape);
                for word in [hole.clone(), hole.into_many(), text("pu", shape, ""), text("", shape, "h")] {
                    let told = matches(pattern, &word);
                    assert_eq!(told, by_positions(pattern, &word), "{pattern} {word:?}");
                }
            }
        }
    }

    #[test]
    fn known_words() {
        for (pattern, word) in [
            ("push", "push"),
            ("*", ""),
            ("*", "a/b"),
            ("+*", "+main"),
            ("a*b*c", "a-b-b-c"),
            ("?x", "äx"),
            ("*.railway.app", "x.railway.app"),
            ("**", "x"),
        ] {
            assert!(matches_str(pattern, word), "{pattern} {word}");
        }
        for (pattern, word) in [
            ("push", "pushd"),
            ("?", ""),
            ("+*", "main"),
            ("a*b", "abc"),
            ("*.railway.app", "railway.app"),
            ("Push", "push"),
        ] {
            assert!(!matches_str(pattern, word), "{pattern} {word}");
        }
    }

    #[test]
    fn words_with_holes() {
        use Match::{Maybe, No, Yes};
        use Shape::{Any, Directory, Name, Number};
        for (pattern, start, shape, end, expected) in [
            ("push", "", Any, "", Maybe),
            ("push", "pu", Any, "", Maybe),
            ("push", "po", Any, "", No),
            ("push", "", Number, "", No),
            ("v*", "v", Number, "", Yes),
            ("v*.0", "v", Any, ".0", Yes),
            ("v*.0", "v", Any, ".1", No),
            ("v*.0", "v", Any, "", Maybe),
            ("*", "", Any, "", Yes),
            ("+*", "", Name, "", No),
            (":*", "", Name, "", No),
            ("+*", "", Any, "", No),
            ("*:*", "HEAD:", Name, "", Yes),
            ("*:main", "HEAD:", Name, "", Maybe),
            ("/tmp*", "", Directory, "", Maybe),
            ("tmp*", "", Directory, "", No),
            ("*:main", "", Name, "", No),
            ("ext::*", "", Name, "", No),
            ("a", "a", Name, "", No),
            ("a", "a", Any, "", Maybe),
        ] {
            assert_eq!(matches(pattern, &text(start, shape, end)), expected, "{pattern} {start}");
        }
    }

    #[test]
    fn words_that_become_several_are_never_certain() {
        assert_eq!(matches("*", &Text::hole("$X", Shape::Any).into_many()), Match::Maybe);
        assert_eq!(matches("x", &Text::default().into_many()), Match::Maybe);
    }

    #[test]
    fn names_of_files_are_no_options() {
        let mut glob = Text::default();
        glob.push(Piece::Glob("*".into()));
        assert_eq!(matches("-*", &glob), Match::No);
        assert_eq!(matches("*.db", &glob), Match::Maybe);
    }

    #[test]
    fn long_words_and_patterns_end() {
        let pattern = "*a".repeat(MAX_PATTERN / 2);
        assert!(!matches_str(&pattern, &"ab".repeat(10_000)));
        let over = Pattern::try_from("*".repeat(MAX_PATTERN + 1));
        assert!(over.is_err());
    }
}
