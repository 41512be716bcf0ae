//! `$x`, `${x…}`: what a parameter is, and what its operator makes of it.

mod change;
mod modifiers;

use std::rc::Rc;

use super::fields::{Atom, Origin, Patterns, Separators, is_blank};
use super::scope::is_name;
use super::tilde::Tilde;
use super::value::{Value, is_loose, single};
use super::word::{Expander, push_hole};
use super::{Dialect, FILE, Parameter, ParameterOp, Part, Word};
use crate::model::{Match, Piece, Shape, Text};

pub(in crate::syntax) use modifiers::LETTERS;

/// What a parameter is before its operator.
enum Fetched {
    /// It is not set.
    Unset,
    /// Nothing is known, not even whether it is set.
    Unknown(String),
    /// One text.
    One(Text),
    /// A list: `$@`, `${a[@]}`; `star` for the kind that quotes join.
    Many { items: Vec<Text>, star: bool },
}

impl Expander<'_, '_> {
    /// Adds what a parameter expansion gives.
    pub(super) fn parameter(&mut self, parameter: &Parameter, quoted: bool, atoms: &mut Vec<Atom>) {
        if parameter.op == ParameterOp::Names {
            return self.names(parameter, quoted, atoms);
        }
        let fetched = self.fetch(parameter);
        let label = label(parameter);
        match &parameter.op {
            ParameterOp::Get => self.give(fetched, quoted, atoms),
            ParameterOp::Length => {
                let text = match length(&fetched) {
                    Some(length) => Text::known(length.to_string()),
                    None => Text::hole(label, Shape::Number),
                };
                self.emit(&text, quoted, Origin::Split, atoms);
            }
            ParameterOp::Default { colon, word } => match is_set(&fetched, *colon) {
                Match::Yes => self.give(fetched, quoted, atoms),
                Match::No => self.alternative(word, quoted, atoms),
                Match::Maybe => {
                    self.quoted(word);
                    push_hole(label, Shape::Any, !quoted, atoms);
                }
            },
            ParameterOp::Assign { colon, word } => match is_set(&fetched, *colon) {
                Match::Yes => self.give(fetched, quoted, atoms),
                set => {
                    let text = if quoted {
                        self.quoted(word)
                    } else {
                        self.one(word, Tilde::Assignment, Patterns::None)
                    };
                    if set == Match::No && parameter.subscript.is_none() && !parameter.indirect {
                        self.scope.set(&parameter.name, text);
                        let text = self.scope.get(&parameter.name).unwrap_or_default();
                        self.give(Fetched::One(text), quoted, atoms);
                    } else {
                        self.scope.forget(&parameter.name);
                        push_hole(label, Shape::Any, !quoted, atoms);
                    }
                }
            },
            ParameterOp::Alternative { colon, word } => match is_set(&fetched, *colon) {
                Match::Yes => self.alternative(word, quoted, atoms),
                Match::No if quoted => atoms.push(Atom::Quotes),
                Match::No => {}
                Match::Maybe if self.sole && !quoted && !self.joins => {
                    self.operand(word, quoted, atoms);
                    atoms.push(Atom::Many);
                }
                Match::Maybe => {
                    self.quoted(word);
                    push_hole(label, Shape::Any, !quoted, atoms);
                }
            },
            ParameterOp::Error { colon, word } => match is_set(&fetched, *colon) {
                Match::No => {
                    self.quoted(word);
                    // The shell gives up here: the command with this word never runs.
                    push_hole(label, Shape::Name, false, atoms);
                }
                Match::Yes | Match::Maybe => {
                    self.quoted(word);
                    self.give(fetched, quoted, atoms);
                }
            },
            ParameterOp::Slice { offset, length } => {
                let offset = self.evaluate(offset);
                let length = length.as_ref().map(|length| self.evaluate(length));
                let sliced = match (offset, length) {
                    (Some(offset), None) => self.slice(parameter, &fetched, offset, None),
                    (Some(offset), Some(Some(length))) => {
                        self.slice(parameter, &fetched, offset, Some(length))
                    }
                    _ => None,
                };
                match (sliced, &fetched) {
                    (Some(sliced), _) => self.give(sliced, quoted, atoms),
                    (None, Fetched::Many { .. }) => push_hole(label, Shape::Any, true, atoms),
                    (None, _) => push_hole(label, Shape::Any, !quoted, atoms),
                }
            }
            ParameterOp::Path(letters) => {
                let (directory, facts) = (Rc::clone(self.scope.directory()), self.scope.facts());
                let fetched =
                    map(fetched, &label, |text| modifiers::modified(text, letters, &directory, facts));
                self.give(fetched, quoted, atoms);
            }
            // What stands in the value is expanded as a prompt is.
            ParameterOp::Transform('P') if runs_commands(&fetched) => {
                let Fetched::One(text) = &fetched else {
                    return;
                };
                let source = format!("printf %s \"{}\"", text.known_start());
                let script = super::parse(&source, self.scope.dialect());
                let text = self.run.output(&script.body, self.scope);
                self.give(Fetched::One(text), quoted, atoms);
            }
            op => {
                let change = self.change(op);
                let mut steps = 0;
                let fetched = map(fetched, &label, |text| {
                    let text = change.apply(text, &mut steps);
                    // What a change makes is paid for here, list or not.
                    steps += text.as_ref().map_or(0, Text::weight);
                    text
                });
                self.scope.spend(steps);
                self.give(fetched, quoted, atoms);
            }
        }
    }

    fn alternative(&mut self, word: &Word, quoted: bool, atoms: &mut Vec<Atom>) {
        if quoted {
            atoms.push(Atom::Quotes);
        }
        self.operand(word, quoted, atoms);
    }

    /// Adds a fetched value.
    fn give(&mut self, fetched: Fetched, quoted: bool, atoms: &mut Vec<Atom>) {
        let zsh = self.scope.dialect() == Dialect::Zsh;
        let origin = if zsh { Origin::Quoted } else { Origin::Split };
        match fetched {
            Fetched::Unset if quoted => atoms.push(Atom::Quotes),
            Fetched::Unset => {}
            Fetched::Unknown(label) => push_hole(label, Shape::Any, !quoted, atoms),
            Fetched::One(text) => self.emit(&text, quoted, origin, atoms),
            Fetched::Many { items, star } if self.joins || quoted && star => {
                let text = self.join(&items, star);
                self.emit(&text, quoted, origin, atoms);
            }
            Fetched::Many { items, .. } => {
                let keeps_empty = !quoted && self.keeps_empty();
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        atoms.push(Atom::Break);
                    }
                    let empty = item.as_known() == Some("");
                    if empty && keeps_empty && i + 1 < items.len() {
                        atoms.push(Atom::Quotes);
                    }
                    self.emit(item, quoted, origin, atoms);
                }
            }
        }
    }

    /// Whether empty elements of an unquoted list stay: they do where the first separator is no
    /// blank.
    fn keeps_empty(&self) -> bool {
        self.scope.dialect() != Dialect::Zsh
            && matches!(self.separators(), Separators::Known(known)
                if known.chars().next().is_some_and(|c| !is_blank(c)))
    }

    fn join(&self, items: &[Text], star: bool) -> Text {
        let glue = match (star, self.separators()) {
            (false, _) => Some(" ".to_owned()),
            (true, Separators::Known(known)) => Some(known.chars().take(1).collect()),
            (true, Separators::Unknown) => None,
        };
        let mut out = Text::default();
        for (i, item) in items.iter().enumerate() {
            match &glue {
                _ if i == 0 => {}
                Some(glue) => out.push_str(glue),
                None => out.append(&Text::hole("$IFS", Shape::Any)),
            }
            out.append(&single(item));
        }
        out
    }

    fn fetch(&mut self, parameter: &Parameter) -> Fetched {
        if !parameter.indirect {
            return self.named(&parameter.name, parameter.subscript.as_ref());
        }
        let target = match self.named(&parameter.name, parameter.subscript.as_ref()) {
            Fetched::One(text) => text,
            Fetched::Unset => return Fetched::Unset,
            _ => return Fetched::Unknown(label(parameter)),
        };
        let Some(target) = target.as_known() else {
            return Fetched::Unknown(label(parameter));
        };
        let subscript = |text: &str| Word {
            parts: vec![Part::Literal { text: text.to_owned(), quoted: true }],
            ..Word::default()
        };
        match target.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((name, index)) if is_name(name) && !index.contains(['$', '`']) => {
                self.named(name, Some(&subscript(index)))
            }
            Some(_) => Fetched::Unknown(label(parameter)),
            None => self.named(target, None),
        }
    }

    fn named(&mut self, name: &str, subscript: Option<&Word>) -> Fetched {
        let hole = |shape| Fetched::One(Text::hole(format!("${name}"), shape));
        match name {
            "@" | "*" => {
                return Fetched::Many { items: self.scope.positional().to_vec(), star: name == "*" };
            }
            "#" => {
                let positional = self.scope.positional();
                if positional.iter().any(is_loose) {
                    return hole(Shape::Number);
                }
                return Fetched::One(Text::known(positional.len().to_string()));
            }
            "?" | "$" | "!" => return hole(Shape::Number),
            "-" => return hole(Shape::Name),
            "0" => return Fetched::One(self.scope.zero().clone()),
            FILE => {
                let file = self.scope.file().map_or(self.scope.zero(), |file| file);
                return Fetched::One(file.clone());
            }
            _ => {}
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            let positional = self.scope.positional();
            let number = name.parse::<usize>().unwrap_or(usize::MAX);
            return match positional.get(..number) {
                Some(until) if until.iter().any(is_loose) => Fetched::Unknown(format!("${name}")),
                Some([.., text]) => Fetched::One(text.clone()),
                _ if positional.iter().any(is_loose) => Fetched::Unknown(format!("${name}")),
                _ => Fetched::Unset,
            };
        }
        if !is_name(name) {
            return Fetched::Unknown(format!("${name}"));
        }
        let value = self.scope.value(name);
        let Some(subscript) = subscript else {
            return match value {
                Value::Unset => Fetched::Unset,
                Value::Unknown => Fetched::Unknown(format!("${name}")),
                Value::List(elements) if self.scope.dialect() == Dialect::Zsh => Fetched::Many {
                    items: elements.iter().map(|(_, text)| text.clone()).collect(),
                    star: true,
                },
                _ => self.scope.get(name).map_or(Fetched::Unset, Fetched::One),
            };
        };
        if let [Part::Literal { text, .. }] = subscript.parts.as_slice()
            && (text == "@" || text == "*")
        {
            let items = match value {
                Value::Unset => Vec::new(),
                Value::Unknown => {
                    vec![Text::hole(format!("${{{name}[{text}]}}"), Shape::Any).into_many()]
                }
                Value::Scalar(text) => vec![(*text).clone()],
                Value::List(elements) => elements.iter().map(|(_, text)| text.clone()).collect(),
                Value::Keyed(elements) => elements.iter().map(|(_, text)| text.clone()).collect(),
            };
            return Fetched::Many { items, star: text == "*" };
        }
        let label = format!("${{{name}[…]}}");
        let element = if matches!(value, Value::Keyed(_)) {
            let key = self.one(subscript, Tilde::Never, Patterns::None);
            key.as_known().and_then(|key| self.scope.keyed(name, key))
        } else if self.scope.dialect() == Dialect::Zsh && !matches!(value, Value::List(_)) {
            // A character of a text, or a range.
            self.quoted(subscript);
            (value == Value::Unset).then_some(None)
        } else {
            self.evaluate_word(subscript).and_then(|index| self.scope.element(name, index))
        };
        match element {
            Some(Some(text)) => Fetched::One(text),
            Some(None) => Fetched::Unset,
            None => Fetched::Unknown(label),
        }
    }

    /// `${!a[@]}`, `${!prefix*}`
    fn names(&mut self, parameter: &Parameter, quoted: bool, atoms: &mut Vec<Atom>) {
        let items = match self.scope.value(&parameter.name) {
            _ if parameter.subscript.is_none() => {
                // The environment's own names are not listed anywhere.
                let names = self.scope.names(&parameter.name);
                let label = format!("${{!{}*}}", parameter.name);
                let more = Text::hole(label, Shape::Any).into_many();
                names.into_iter().map(Text::known).chain([more]).collect()
            }
            Value::Unset => Vec::new(),
            Value::Scalar(_) => vec![Text::known("0")],
            Value::List(elements) if elements.iter().all(|(_, text)| !is_loose(text)) => {
                elements.iter().map(|(i, _)| Text::known(i.to_string())).collect()
            }
            Value::Keyed(elements) => elements.iter().map(|(k, _)| Text::known(k)).collect(),
            _ => vec![Text::hole(label(parameter), Shape::Any).into_many()],
        };
        self.give(Fetched::Many { items, star: false }, quoted, atoms);
    }

    /// `None` where it is not known.
    fn slice(
        &self,
        parameter: &Parameter,
        fetched: &Fetched,
        offset: i64,
        length: Option<i64>,
    ) -> Option<Fetched> {
        match fetched {
            Fetched::Unset => Some(Fetched::Unset),
            Fetched::Unknown(_) => None,
            Fetched::One(text) => {
                let text = text.as_known().filter(|text| text.is_ascii())?;
                let count = i64::try_from(text.chars().count()).ok()?;
                let start = if offset < 0 { offset.saturating_add(count) } else { offset };
                let end = match length {
                    None => count,
                    Some(length @ ..0) => count.saturating_add(length),
                    Some(length) => start.saturating_add(length).min(count),
                };
                if start < 0 || start > count {
                    return Some(Fetched::One(Text::known("")));
                }
                // An end before the start is an error: the command never runs.
                let taken = usize::try_from(end.checked_sub(start)?).ok()?;
                let start = usize::try_from(start).ok()?;
                let sliced: String = text.chars().skip(start).take(taken).collect();
                Some(Fetched::One(Text::known(sliced)))
            }
            Fetched::Many { items, star } => {
                if items.iter().any(is_loose) || self.scope.dialect() == Dialect::Zsh {
                    return None;
                }
                let positional = matches!(parameter.name.as_str(), "@" | "*");
                let mut indexed: Vec<(i64, Text)> = (0..).zip(items.iter().cloned()).collect();
                if positional {
                    indexed = (1..).zip(items.iter().cloned()).collect();
                    indexed.insert(0, (0, self.scope.zero().clone()));
                } else if let Value::List(elements) = self.scope.value(&parameter.name) {
                    indexed = elements.to_vec();
                }
                let last = indexed.last().map_or(0, |(index, _)| *index);
                let start = if offset < 0 { last.saturating_add(1).saturating_add(offset) } else { offset };
                let taken = match length {
                    None => usize::MAX,
                    Some(length) => usize::try_from(length).ok()?,
                };
                let items = if start < 0 {
                    Vec::new()
                } else {
                    let from = indexed.into_iter().skip_while(|(index, _)| *index < start);
                    from.take(taken).map(|(_, text)| text).collect()
                };
                Some(Fetched::Many { items, star: *star })
            }
        }
    }
}

fn map(fetched: Fetched, label: &str, mut change: impl FnMut(&Text) -> Option<Text>) -> Fetched {
    let unknown = || Text::hole(label, Shape::Any);
    match fetched {
        Fetched::Unset => Fetched::Unset,
        Fetched::Unknown(_) => Fetched::Unknown(label.to_owned()),
        Fetched::One(text) => Fetched::One(change(&text).unwrap_or_else(unknown)),
        Fetched::Many { items, star } => Fetched::Many {
            items: items
                .iter()
                .map(|item| match change(&single(item)) {
                    Some(text) if item.is_many() => text.into_many(),
                    Some(text) => text,
                    None if is_loose(item) => unknown().into_many(),
                    None => unknown(),
                })
                .collect(),
            star,
        },
    }
}

fn length(fetched: &Fetched) -> Option<usize> {
    match fetched {
        Fetched::Unset => Some(0),
        Fetched::Unknown(_) => None,
        // Characters beyond ASCII are as many as the locale says.
        Fetched::One(text) => text.as_known().filter(|text| text.is_ascii()).map(str::len),
        Fetched::Many { items, .. } => items.iter().all(|t| !is_loose(t)).then_some(items.len()),
    }
}

/// Whether it is set; with `colon`, to something that is not empty.
fn is_set(fetched: &Fetched, colon: bool) -> Match {
    let filled = |text: &Text| {
        let solid = |piece: &Piece| match piece {
            Piece::Known(known) => !known.is_empty(),
            Piece::Glob(_) => true,
            Piece::Hole(hole) => !matches!(hole.shape, Shape::Any | Shape::Scratch),
        };
        match text.as_known() {
            _ if !colon && !text.is_many() => Match::Yes,
            Some(known) => (!known.is_empty()).into(),
            None if !text.is_many() && text.pieces().iter().any(solid) => Match::Yes,
            None => Match::Maybe,
        }
    };
    match fetched {
        Fetched::Unset => Match::No,
        Fetched::Unknown(_) => Match::Maybe,
        Fetched::One(text) => filled(text),
        Fetched::Many { items, .. } => match items.as_slice() {
            [] => Match::No,
            [only] => filled(only),
            [..] if items.iter().filter(|text| !text.is_many()).count() > 1 => Match::Yes,
            [..] => Match::Maybe,
        },
    }
}

/// How the expansion stands in the source, its operand left out.
fn label(parameter: &Parameter) -> String {
    let name = &parameter.name;
    let bang = if parameter.indirect { "!" } else { "" };
    let index = if parameter.subscript.is_some() { "[…]" } else { "" };
    let colon = |colon: &bool| if *colon { ":" } else { "" };
    let tail = match &parameter.op {
        ParameterOp::Get if bang.is_empty() && index.is_empty() => return ["$", name].concat(),
        ParameterOp::Get => String::new(),
        ParameterOp::Length => return format!("${{#{name}{index}}}"),
        ParameterOp::Names => return format!("${{!{name}{index}}}"),
        ParameterOp::Default { colon: c, .. } => format!("{}-…", colon(c)),
        ParameterOp::Assign { colon: c, .. } => format!("{}=…", colon(c)),
        ParameterOp::Alternative { colon: c, .. } => format!("{}+…", colon(c)),
        ParameterOp::Error { colon: c, .. } => format!("{}?…", colon(c)),
        ParameterOp::StripPrefix { longest, .. } => if *longest { "##…" } else { "#…" }.to_owned(),
        ParameterOp::StripSuffix { longest, .. } => if *longest { "%%…" } else { "%…" }.to_owned(),
        ParameterOp::Replace { all, .. } => if *all { "//…" } else { "/…" }.to_owned(),
        ParameterOp::Slice { .. } | ParameterOp::Path(_) => ":…".to_owned(),
        ParameterOp::Case { upper, .. } => if *upper { "^" } else { "," }.to_owned(),
        ParameterOp::Transform(c) => format!("@{c}"),
    };
    format!("${{{bang}{name}{index}{tail}}}")
}

/// Whether a substitution stands in a known value.
fn runs_commands(fetched: &Fetched) -> bool {
    let Fetched::One(text) = fetched else {
        return false;
    };
    text.as_known().is_some_and(|text| text.contains("$(") || text.contains('`'))
}
