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
    // Most patterns and words differ in their first letter.
    if let (Some(first), Some(given)) = (pattern.as_bytes().first(), text.known_start().as_bytes().first())
        && first != given
        && !matches!(first, b'*' | b'?')
    {
        return Match::No;
    }
    let mut tokens = ['\0'; MAX_PATTERN];
    let mut length = 0;
    for token in pattern.chars() {
        let Some(place) = tokens.get_mut(length) else {
            return Match::Maybe;
        };
        *place = token;
        length += 1;
    }
    let tokens = &tokens[..length];
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

/// Whether one of the patterns holds.
pub fn any(patterns: &[Pattern], text: &Text) -> Match {
    let each = patterns.iter().map(|pattern| matches(pattern, text));
    each.max().unwrap_or(Match::No)
}

/// Positions of the pattern that text so far can have led to, one bit each.
struct States {
    /// Reached by some value of the holes so far.
    possible: u128,
    /// Reached by every value of the holes so far.
    surely: u128,
}

impl States {
    fn start(tokens: &[char]) -> States {
        let start = close(tokens, 1);
        States { possible: start, surely: start }
    }

    fn step(&mut self, tokens: &[char], c: char) {
        self.possible = step(tokens, self.possible, &|token| token == c);
        self.surely = step(tokens, self.surely, &|token| token == c);
    }

    /// Goes on with the unknown characters of one piece; `first`: nothing stands before it.
    fn unknown(&mut self, tokens: &[char], shape: Option<Shape>, first: bool) {
        // What begins with a dash is an option, with `+` or `:` a forced or deleting reference:
        // names that programs print and names of files are no such things, nor is what one quoted
        // variable holds. `$ARGS` may be.
        let head = |c: char| !(first && matches!(c, '-' | '+' | ':'));
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
    fn some(&mut self, tokens: &[char], head: &dyn Fn(char) -> bool, tail: Option<&dyn Fn(char) -> bool>) {
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
        self.surely = close(tokens, self.surely & stars(tokens));
    }
}

fn accepts(tokens: &[char], states: u128) -> bool {
    states & (1 << tokens.len()) != 0
}

/// What a name may hold of what a pattern names. A colon in a pattern asks for `from:to`, a port or
/// a transport, which is more than a name, though times hold colons too.
fn name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._/-@".contains(c)
}

/// The positions that stand at a `*`.
fn stars(tokens: &[char]) -> u128 {
    let star = |(at, token): (usize, &char)| if *token == '*' { 1 << at } else { 0 };
    tokens.iter().enumerate().map(star).sum()
}

/// Adds the positions behind each `*`, which may stand for nothing.
fn close(tokens: &[char], mut states: u128) -> u128 {
    for (at, token) in tokens.iter().enumerate() {
        if *token == '*' && states & (1 << at) != 0 {
            states |= 1 << (at + 1);
        }
    }
    states
}

/// The positions after one more character that fits every token for which `fits` holds.
fn step(tokens: &[char], states: u128, fits: &dyn Fn(char) -> bool) -> u128 {
    let mut next = 0;
    let mut left = states;
    while left != 0 {
        let at = left.trailing_zeros() as usize;
        left &= left - 1;
        match tokens.get(at) {
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
