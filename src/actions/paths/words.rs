//! A call's words taken apart by getopt's rules: options, their values, operands.

use crate::model::{Call, PathEffect, PathOp, Piece, Shape, Span, Text};

/// One option of a tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opt {
    short: char,
    /// The long name; the name by which the tool's row speaks of it, also where only the short
    /// one exists.
    long: &'static str,
    takes: Takes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// The rest of the word, or the next one.
    Value,
    /// The rest of the word, or nothing.
    Attached,
}

/// An option without value; `'\0'` where it has no letter.
pub(super) const fn flag(short: char, long: &'static str) -> Opt {
    Opt { short, long, takes: Takes::Nothing }
}

/// An option with a value.
pub(super) const fn value(short: char, long: &'static str) -> Opt {
    Opt { short, long, takes: Takes::Value }
}

/// An option whose value can only be attached.
pub(super) const fn attached(short: char, long: &'static str) -> Opt {
    Opt { short, long, takes: Takes::Attached }
}

/// An operand, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub text: Text,
    pub span: Option<Span>,
}

/// A call's words, taken apart.
#[derive(Debug)]
pub(super) struct Words<'a> {
    /// The program, for [`PathEffect::by`].
    pub by: &'a str,
    pub call: &'a Call,
    given: Vec<(&'static str, Option<Operand>)>,
    pub operands: Vec<Operand>,
    /// Indices of words that may turn out to be options, unknown ones.
    loose: Vec<usize>,
    /// Index among the words of each operand.
    pub places: Vec<usize>,
}

impl<'a> Words<'a> {
    /// Takes `call` apart. A long option may be abbreviated; where that is ambiguous the first
    /// one of `options` counts. Options that are not in the table take no value.
    pub fn read(by: &'a str, call: &'a Call, options: &'static [Opt]) -> Words<'a> {
        let mut words = Words {
            by,
            call,
            given: Vec::new(),
            operands: Vec::new(),
            loose: Vec::new(),
            places: Vec::new(),
        };
        let mut options_end = false;
        let mut index = 0;
        while index < call.args.len() {
            let arg = &call.args[index];
            let start = arg.known_start();
            let is_option = !options_end && start.starts_with('-') && arg.as_known() != Some("-");
            if !is_option {
                if !options_end && may_be_options(arg) {
                    words.loose.push(index);
                }
                words.places.push(index);
                words.operands.push(operand(call, index));
            } else if arg.as_known() == Some("--") {
                options_end = true;
            } else if let Some(long) = start.strip_prefix("--") {
                index += words.long(long, index, options);
            } else {
                index += words.cluster(index, options);
            }
            index += 1;
        }
        words
    }

    /// Reads `--name`, `--name=value`; returns how many more words it took.
    fn long(&mut self, rest: &str, index: usize, options: &'static [Opt]) -> usize {
        let name = rest.split('=').next().unwrap_or(rest);
        let has_value = name.len() < rest.len();
        let Some(option) = options
            .iter()
            .find(|o| o.long == name)
            .or_else(|| options.iter().find(|o| !name.is_empty() && o.long.starts_with(name)))
        else {
            return 0;
        };
        if has_value {
            let value = strip_prefix(&self.call.args[index], name.len() + 3);
            let span = self.call.arg_spans.get(index).copied();
            self.given.push((option.long, Some(Operand { text: value, span })));
            return 0;
        }
        self.take_next(option, index)
    }

    /// Reads `-abc`, `-ovalue`; returns how many more words it took.
    fn cluster(&mut self, index: usize, options: &'static [Opt]) -> usize {
        let arg = &self.call.args[index];
        let start = arg.known_start();
        for (at, letter) in start.char_indices().skip(1) {
            let Some(option) = options.iter().find(|o| o.short == letter) else {
                continue;
            };
            let end = at + letter.len_utf8();
            let whole_word = arg.as_known().is_some_and(|text| text.len() == end);
            match option.takes {
                Takes::Nothing => self.given.push((option.long, None)),
                Takes::Value if whole_word => return self.take_next(option, index),
                Takes::Attached if whole_word => self.given.push((option.long, None)),
                Takes::Value | Takes::Attached => {
                    let span = self.call.arg_spans.get(index).copied();
                    let text = strip_prefix(arg, end);
                    self.given.push((option.long, Some(Operand { text, span })));
                    return 0;
                }
            }
        }
        if arg.has_hole() {
            self.loose.push(index);
        }
        0
    }

    fn take_next(&mut self, option: &Opt, index: usize) -> usize {
        let takes = option.takes == Takes::Value && index + 1 < self.call.args.len();
        let value = takes.then(|| operand(self.call, index + 1));
        self.given.push((option.long, value));
        usize::from(takes)
    }

    /// Whether the option is given.
    pub fn has(&self, long: &str) -> bool {
        self.given.iter().any(|(name, _)| *name == long)
    }

    /// Whether one of the options is given.
    pub fn has_any(&self, longs: &[&str]) -> bool {
        longs.iter().any(|long| self.has(long))
    }

    /// The option's last value.
    pub fn value(&self, long: &str) -> Option<&Operand> {
        let mut all = self.given.iter().rev();
        all.find(|(name, value)| *name == long && value.is_some()).and_then(|(_, v)| v.as_ref())
    }

    /// All values of the option.
    pub fn values(&self, long: &'static str) -> impl Iterator<Item = &Operand> {
        self.given.iter().filter(move |(name, _)| *name == long).filter_map(|(_, v)| v.as_ref())
    }

    /// Whether the operation reaches below operand `number`: the flag is given, or another word
    /// is unknown and may turn out to be it. Of the first `needed` operands, which are no paths, none
    /// is it where the call has just one more: it would have no path then.
    pub fn recursive(&self, number: usize, needed: usize) -> bool {
        let own = self.places.get(number);
        let settled = if self.places.len() == needed + 1 { &self.places[..needed] } else { &[] };
        let loose = |place: &usize| Some(place) != own && !settled.contains(place);
        self.has("recursive") || self.loose.iter().any(loose)
    }

    /// An effect on a path of this call.
    pub fn effect(&self, op: PathOp, path: &Operand, recursive: bool) -> PathEffect {
        PathEffect {
            op,
            path: path.text.clone(),
            recursive,
            by: self.by.to_owned(),
            content: None,
            span: path.span,
        }
    }
}

/// The word at `index` as an operand.
pub(super) fn operand(call: &Call, index: usize) -> Operand {
    Operand { text: call.args[index].clone(), span: call.arg_spans.get(index).copied() }
}

/// Whether an unknown word may turn into options beside operands.
fn may_be_options(text: &Text) -> bool {
    let first = text.pieces().iter().find(|piece| !matches!(piece, Piece::Known(k) if k.is_empty()));
    text.is_many() && matches!(first, Some(Piece::Hole(hole)) if hole.shape.is_any())
}

/// The text without its first `count` bytes, which are known.
pub(super) fn strip_prefix(text: &Text, count: usize) -> Text {
    let mut out = Text::default();
    let mut pieces = text.pieces().iter();
    if let Some(Piece::Known(first)) = pieces.next()
        && let Some(rest) = first.get(count..).filter(|rest| !rest.is_empty())
    {
        out.push_str(rest);
    }
    for piece in pieces {
        out.push(piece.clone());
    }
    if text.is_many() { out.into_many() } else { out }
}

/// What stands after the last `/` of a path; trailing ones do not count.
pub(super) fn base_name(text: &Text) -> Text {
    let mut tail: Vec<Piece> = Vec::new();
    for piece in text.pieces().iter().rev() {
        let (characters, rebuild): (&str, fn(String) -> Piece) = match piece {
            Piece::Known(known) => (known, Piece::Known),
            Piece::Glob(glob) => (glob, Piece::Glob),
            Piece::Hole(_) => {
                tail.push(piece.clone());
                continue;
            }
        };
        let trimmed = if tail.is_empty() { characters.trim_end_matches('/') } else { characters };
        if let Some(slash) = trimmed.rfind('/') {
            tail.push(rebuild(trimmed[slash + 1..].to_owned()));
            break;
        }
        if !trimmed.is_empty() {
            tail.push(rebuild(trimmed.to_owned()));
        }
    }
    let mut out = Text::default();
    for piece in tail.into_iter().rev() {
        match piece {
            // A component has no `/` and is no option.
            Piece::Hole(hole) => out.append(&Text::hole(hole.label, Shape::Name)),
            Piece::Known(text) if text.is_empty() => {}
            piece => out.push(piece),
        }
    }
    out
}

/// `directory/name`.
pub(super) fn join(directory: &Text, name: &Text) -> Text {
    let mut out = Text::default();
    for piece in directory.pieces() {
        out.push(piece.clone());
    }
    if !directory.known_end().ends_with('/') {
        out.push_str("/");
    }
    for piece in name.pieces() {
        out.push(piece.clone());
    }
    out
}

/// Anything below a directory.
pub(super) fn below(directory: &Text, label: &str) -> Text {
    join(directory, &Text::hole(label, Shape::Name))
}

/// The text with the patterns in its known parts made active: for programs that expand patterns
/// themselves.
pub(super) fn with_patterns(text: &Text) -> Text {
    let mut out = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) if known.contains(['*', '?', '[']) => {
                out.push(Piece::Glob(known.clone()));
            }
            piece => out.push(piece.clone()),
        }
    }
    if text.is_many() { out.into_many() } else { out }
}
