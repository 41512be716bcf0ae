//! What the operators that change text (`${x#p}`, `${x/p/r}`, `${x^}`, `${x@Q}`) make of a value.

use crate::model::{Piece, Text};
use crate::syntax::fields::Patterns;
use crate::syntax::pattern::Pattern;
use crate::syntax::tilde::Tilde;
use crate::syntax::word::Expander;
use crate::syntax::{Command, Dialect, ParameterOp, Part, parse};

impl Expander<'_, '_> {
    /// What an operator does, its operands expanded.
    pub(super) fn change(&mut self, op: &ParameterOp) -> Change {
        match op {
            ParameterOp::StripPrefix { longest, pattern } => {
                let text = self.one(pattern, Tilde::Word, Patterns::Matching);
                Change::strip(&text, *longest, true)
            }
            ParameterOp::StripSuffix { longest, pattern } => {
                let text = self.one(pattern, Tilde::Word, Patterns::Matching);
                Change::strip(&text, *longest, false)
            }
            ParameterOp::Replace { all, pattern, replacement } => {
                let anchor = match pattern.parts.first() {
                    Some(Part::Literal { text, quoted: false }) if !all => {
                        text.chars().next().filter(|c| "#%".contains(*c))
                    }
                    _ => None,
                };
                let mut text = self.one(pattern, Tilde::Never, Patterns::Matching);
                if anchor.is_some() {
                    text = without_first(&text);
                }
                let with = self.one(replacement, Tilde::Word, Patterns::None);
                let plain = |part: &Part| match part {
                    Part::Literal { quoted, .. } | Part::Parameter { quoted, .. } => *quoted,
                    _ => false,
                };
                // An unquoted `&` is what was matched, from bash 5.2 on.
                let ampersand = with.display().contains('&') && !replacement.parts.iter().all(plain);
                match (operand_pattern(&text), with.as_known()) {
                    (Some(pattern), Some(with)) if !ampersand => {
                        Change::Replace { pattern, with: with.to_owned(), all: *all, anchor }
                    }
                    _ => Change::Unknown,
                }
            }
            ParameterOp::Case { upper, all } => Change::Case { upper: *upper, all: *all },
            ParameterOp::Transform('U') => Change::Case { upper: true, all: true },
            ParameterOp::Transform('u') => Change::Case { upper: true, all: false },
            ParameterOp::Transform('L') => Change::Case { upper: false, all: true },
            ParameterOp::Transform('Q') => Change::Quote,
            ParameterOp::Transform('E') => Change::Escapes,
            ParameterOp::Transform('P') => Change::Prompt,
            _ => Change::Unknown,
        }
    }
}

/// What an operator does to each text.
pub(super) enum Change {
    Strip {
        pattern: Pattern,
        /// What the pattern is in front of or behind a `*`: enough to tell the longest match
        /// where only one end of the text is known.
        beside_star: Option<String>,
        longest: bool,
        prefix: bool,
    },
    Replace {
        pattern: Pattern,
        with: String,
        all: bool,
        anchor: Option<char>,
    },
    Case {
        upper: bool,
        all: bool,
    },
    Quote,
    /// As between `$'` and `'`.
    Escapes,
    /// As a prompt, without what one replaces.
    Prompt,
    Unknown,
}

/// What stands between `$'` and `'`.
fn unescaped(text: &str) -> Option<Text> {
    if text.contains('\'') {
        return None;
    }
    let script = parse(&format!(": $'{text}'"), Dialect::Bash);
    let Command::Simple(simple) = &script.body.first()?.command else {
        return None;
    };
    match simple.words.get(1)?.parts.as_slice() {
        [] => Some(Text::known("")),
        [Part::Literal { text, .. }] => Some(Text::known(text.as_str())),
        _ => None,
    }
}

impl Change {
    fn strip(text: &Text, longest: bool, prefix: bool) -> Change {
        let Some(pattern) = operand_pattern(text) else {
            return Change::Unknown;
        };
        let beside_star = match (text.pieces(), prefix) {
            ([Piece::Glob(glob), Piece::Known(known)], true) if glob == "*" => Some(known.clone()),
            ([Piece::Known(known), Piece::Glob(glob)], false) if glob == "*" => Some(known.clone()),
            _ => None,
        };
        Change::Strip { pattern, beside_star, longest, prefix }
    }

    /// The changed text; `None` where it is not known.
    pub(super) fn apply(&self, text: &Text, steps: &mut usize) -> Option<Text> {
        match self {
            Change::Unknown => None,
            Change::Escapes => unescaped(text.as_known()?),
            Change::Prompt => text.as_known().filter(|known| !known.contains('\\')).map(Text::known),
            Change::Strip { pattern, beside_star, longest, prefix } => {
                let before = pattern.steps();
                let stripped = match text.as_known() {
                    Some(known) => {
                        let cut = if *prefix {
                            pattern.start(known, *longest)?
                        } else {
                            pattern.end(known, *longest)?
                        };
                        let cut = cut.unwrap_or(0);
                        Some(Text::known(if *prefix { &known[cut..] } else { &known[..known.len() - cut] }))
                    }
                    None => strip_partly(text, pattern, beside_star.as_deref(), *longest, *prefix),
                };
                *steps += pattern.steps() - before;
                stripped
            }
            Change::Replace { pattern, with, all, anchor } => {
                let before = pattern.steps();
                let replaced = replace(text.as_known()?, pattern, with, *all, *anchor);
                *steps += pattern.steps() - before;
                Some(Text::known(replaced?))
            }
            Change::Case { upper, all } => {
                let text = text.as_known()?;
                let turn = |c: char| {
                    let mut turned = if *upper {
                        c.to_uppercase().collect::<String>()
                    } else {
                        c.to_lowercase().collect()
                    };
                    if turned.chars().count() != 1 {
                        turned = c.to_string();
                    }
                    turned
                };
                let turned = text
                    .chars()
                    .enumerate()
                    .map(|(i, c)| if *all || i == 0 { turn(c) } else { c.to_string() });
                Some(Text::known(turned.collect::<String>()))
            }
            Change::Quote => {
                let text = text.as_known()?;
                (!text.chars().any(char::is_control))
                    .then(|| Text::known(format!("'{}'", text.replace('\'', "'\\''"))))
            }
        }
    }
}

/// Strips a text of which only the end in question is known.
fn strip_partly(
    text: &Text,
    pattern: &Pattern,
    beside_star: Option<&str>,
    longest: bool,
    prefix: bool,
) -> Option<Text> {
    let pieces = text.pieces();
    if longest && let Some(wanted) = beside_star {
        // The longest match of `*x` from the start ends at the last `x`, wherever it began.
        return match (if prefix { pieces.last()? } else { pieces.first()? }, prefix) {
            (Piece::Known(last), true) => Some(Text::known(&last[last.rfind(wanted)? + wanted.len()..])),
            (Piece::Known(first), false) => Some(Text::known(&first[..first.find(wanted)?])),
            _ => None,
        };
    }
    let end = if prefix { 0 } else { pieces.len().checked_sub(1)? };
    let Piece::Known(known) = pieces.get(end)? else {
        return None;
    };
    if longest && pattern.literal().is_none() {
        return None;
    }
    let kept = if prefix {
        &known[pattern.start(known, longest)??..]
    } else {
        &known[..known.len() - pattern.end(known, longest)??]
    };
    let mut out = Text::default();
    for (i, piece) in pieces.iter().enumerate() {
        if i == end {
            out.push_str(kept);
        } else {
            out.push(piece.clone());
        }
    }
    Some(out)
}

fn replace(text: &str, pattern: &Pattern, with: &str, all: bool, anchor: Option<char>) -> Option<String> {
    match anchor {
        Some('#') => {
            return Some(match pattern.start(text, true)? {
                Some(cut) => format!("{with}{}", &text[cut..]),
                None => text.to_owned(),
            });
        }
        Some(_) => {
            return Some(match pattern.end(text, true)? {
                Some(cut) => format!("{}{with}", &text[..text.len() - cut]),
                None => text.to_owned(),
            });
        }
        None => {}
    }
    if pattern.literal() == Some("") {
        return Some(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match pattern.start(rest, true)?.filter(|length| *length > 0) {
            Some(length) => {
                out.push_str(with);
                rest = &rest[length..];
                if !all {
                    break;
                }
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

/// The pattern of an operand. Whether groups are active in it is the `extglob` option's choice.
fn operand_pattern(text: &Text) -> Option<Pattern> {
    let group = |piece: &Piece| matches!(piece, Piece::Glob(glob) if glob.contains('('));
    if text.pieces().iter().any(group) {
        return None;
    }
    Pattern::new(text)
}

fn without_first(text: &Text) -> Text {
    let mut out = Text::default();
    for (i, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Known(known) if i == 0 => out.push_str(known.get(1..).unwrap_or("")),
            piece => out.push(piece.clone()),
        }
    }
    out
}
