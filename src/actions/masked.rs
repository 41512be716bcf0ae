//! Text with each unknown stretch as one private-use character, so that string functions work on it.

use crate::model::{Hole, Piece, Shape, Text};

/// The first of the characters that stand for unknown stretches.
const FIRST: u32 = 0xF0000;
/// How many there are.
const COUNT: usize = 0xFFFD;

/// A text's characters; an unknown stretch is one character for which [`is_hole`] holds.
///
/// Active patterns count as the characters they are written with: in a URL or a body they are
/// meant so, and a shell leaves them alone where nothing matches.
#[derive(Debug)]
pub(super) struct Masked {
    /// The characters.
    pub text: String,
    holes: Vec<Hole>,
}

/// Whether the character stands for something unknown.
pub(super) fn is_hole(c: char) -> bool {
    (FIRST..FIRST + COUNT as u32).contains(&(c as u32))
}

/// Whether some of it is unknown.
pub(super) fn has_hole(masked: &str) -> bool {
    masked.contains(is_hole)
}

impl Masked {
    /// Masks a text. Its characters of the reserved range become U+FFFD.
    pub fn new(text: &Text) -> Masked {
        let mut masked = Masked { text: String::new(), holes: Vec::new() };
        for piece in text.pieces() {
            match piece {
                Piece::Known(known) | Piece::Glob(known) => {
                    if known.is_ascii() {
                        masked.text.push_str(known);
                    } else {
                        let kept = |c| if is_hole(c) { '\u{FFFD}' } else { c };
                        masked.text.extend(known.chars().map(kept));
                    }
                }
                Piece::Hole(hole) => masked.push(hole.clone()),
            }
        }
        if text.is_many() && masked.holes.is_empty() {
            masked.push(Hole { label: text.display(), shape: Shape::Any });
        }
        masked
    }

    /// The text that a part of the masked characters stands for.
    pub fn unmask(&self, part: &str) -> Text {
        let mut text = Text::default();
        let mut start = 0;
        for (at, c) in part.char_indices().filter(|(_, c)| is_hole(*c)) {
            if start < at {
                text.push_str(&part[start..at]);
            }
            text.push(Piece::Hole(self.hole(c)));
            start = at + c.len_utf8();
        }
        if start < part.len() {
            text.push_str(&part[start..]);
        }
        text
    }

    /// The unknown stretch that a character stands for.
    pub fn hole(&self, c: char) -> Hole {
        let index = (c as u32).wrapping_sub(FIRST) as usize;
        self.holes.get(index).cloned().unwrap_or(Hole { label: "…".to_owned(), shape: Shape::Any })
    }

    fn push(&mut self, hole: Hole) {
        let index = self.holes.len().min(COUNT - 1);
        if self.holes.len() < COUNT - 1 {
            self.holes.push(hole);
        }
        let c = char::from_u32(FIRST + index as u32);
        self.text.push(c.expect("the range is below U+10FFFF"));
    }
}

/// Applies a function of masked characters to a text.
pub(super) fn map(text: &Text, change: impl FnOnce(&str) -> String) -> Text {
    let masked = Masked::new(text);
    let changed = change(&masked.text);
    masked.unmask(&changed)
}

/// Splits at the first character that `at` accepts; the character goes.
pub(super) fn split_once(text: &Text, at: char) -> Option<(Text, Text)> {
    let masked = Masked::new(text);
    let (left, right) = masked.text.split_once(at)?;
    Some((masked.unmask(left), masked.unmask(right)))
}

/// The text after a known start.
pub(super) fn strip_prefix(text: &Text, start: &str) -> Option<Text> {
    let masked = Masked::new(text);
    let rest = masked.text.strip_prefix(start)?;
    Some(masked.unmask(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_unmasks() {
        let mut text = Text::known("a=");
        text.append(&Text::hole("$X", Shape::Any));
        text.push_str("&b");
        let masked = Masked::new(&text);
        assert_eq!(masked.text.chars().count(), 5);
        assert_eq!(masked.unmask(&masked.text), text);
        let (left, right) = split_once(&text, '=').expect("it holds one");
        assert_eq!(left.as_known(), Some("a"));
        assert_eq!(right.display(), "$X&b");
    }

    #[test]
    fn characters_of_the_range_stay_known() {
        let text = Text::known("\u{F0000}x");
        assert_eq!(map(&text, str::to_owned).as_known(), Some("\u{FFFD}x"));
    }
}
