//! Words to arguments, as the shell expands them.

use std::collections::HashMap;

use super::arithmetic;
use super::braces::{self, Stretch};
use super::fields::{self, Atom, Origin, Patterns, Separators};
use super::scope::Scope;
use super::tilde::Tilde;
use super::value::{Value, single};
use super::{Arithmetic, AssignedValue, Assignment, Dialect, Parameter, ParameterOp, Part, Stmt, Word};
use crate::model::{Hole, Piece, Shape, Text};

/// How deep expansions may stand in expansions.
const MAX_DEPTH: usize = 64;

/// What an argument costs, its text aside.
const ARGUMENT: usize = 128;

/// What runs the commands inside words.
pub trait Run {
    /// What `$( … )` puts in its place: the output, without the newlines at its end.
    fn output(&mut self, body: &[Stmt], scope: &mut Scope<'_>) -> Text;
    /// What `<( … )` puts in its place.
    fn process(&mut self, body: &[Stmt], readable: bool, scope: &mut Scope<'_>) -> Text;
}

/// A word as arguments: braces, tilde, parameters, substitutions, splitting. Patterns stay, as
/// [`Piece::Glob`].
pub fn expand(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run) -> Vec<Text> {
    let mut out = Vec::new();
    expand_into(word, scope, run, &mut out);
    out
}

/// As [`expand`]; the arguments are added to `out`.
pub fn expand_into(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run, out: &mut Vec<Text>) {
    if let Some(text) = literal(word).filter(|_| !word.parts.is_empty()) {
        scope.spend(ARGUMENT + text.weight());
        return out.push(text);
    }
    let before = out.len();
    let zsh = scope.dialect() == Dialect::Zsh;
    let words = match scope.dialect() {
        Dialect::Posix => vec![word.parts.iter().map(Stretch::Part).collect()],
        Dialect::Bash | Dialect::Zsh => braces::expand(word, scope.limit(), zsh),
    };
    let mut expander = Expander::new(scope, run);
    let mut total = 0;
    for word in &words {
        let tilde = match expander.tilde_in(word) {
            // What came out of braces is no assignment any more.
            Tilde::Argument if words.len() > 1 => Tilde::Never,
            tilde => tilde,
        };
        expander.sole = word.len() == 1;
        let mut atoms = Vec::new();
        expander.stretches(word, tilde, &mut atoms);
        let separators = match atoms.iter().any(Atom::is_split) {
            true => expander.separators(),
            false => Separators::Known(String::new()),
        };
        for text in fields::split(atoms, &separators, Patterns::Paths, zsh) {
            total += ARGUMENT + text.weight();
            out.push(text);
        }
    }
    expander.scope.spend(total);
    if total > scope.limit() + ARGUMENT + written(word) {
        // How it begins is still told.
        out.truncate(before + 1);
        let first = out.pop().map(|first| first.cut(scope.limit()));
        out.extend(first);
        out.push(Text::hole("…", Shape::Any).into_many());
    }
}

/// A word as one text, as in an assignment, a here-string, the subject of a `case`: no splitting,
/// no patterns.
pub fn expand_one(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run) -> Text {
    Expander::new(scope, run).one(word, Tilde::Assignment, Patterns::None)
}

/// A redirection's target: as an argument, but always one.
pub fn expand_target(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run) -> Text {
    let mut texts = expand(word, scope, run);
    match (texts.pop(), texts.is_empty()) {
        (Some(text), true) => single(&text),
        _ => Text::hole("…", Shape::Any),
    }
}

/// A pattern of a `case`.
pub fn expand_pattern(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run) -> Text {
    Expander::new(scope, run).one(word, Tilde::Word, Patterns::Matching)
}

/// The body of a heredoc.
pub fn expand_heredoc(word: &Word, scope: &mut Scope<'_>, run: &mut dyn Run) -> Text {
    Expander::new(scope, run).quoted(word)
}

/// The value of an expression; `None` where it is not known.
pub fn evaluate(expression: &Arithmetic, scope: &mut Scope<'_>, run: &mut dyn Run) -> Option<i64> {
    Expander::new(scope, run).evaluate(expression)
}

/// Carries out an assignment.
pub fn assign(assignment: &Assignment, scope: &mut Scope<'_>, run: &mut dyn Run) {
    let name = assignment.name.as_str();
    match (&assignment.value, &assignment.subscript) {
        (AssignedValue::Scalar(word), None) => {
            let text = expand_one(word, scope, run);
            if assignment.append {
                scope.append(name, &text);
            } else {
                scope.set(name, text);
            }
        }
        (AssignedValue::Scalar(word), Some(subscript)) => {
            let text = expand_one(word, scope, run);
            Expander::new(scope, run).assign_element(name, subscript, text, assignment.append);
        }
        (AssignedValue::Array(elements), _) => assign_array(assignment, elements, scope, run),
    }
}

fn assign_array(
    assignment: &Assignment,
    elements: &[(Option<Word>, Word)],
    scope: &mut Scope<'_>,
    run: &mut dyn Run,
) {
    let name = assignment.name.as_str();
    let keyed = matches!(scope.value(name), Value::Keyed(_));
    if !keyed && elements.iter().all(|(key, _)| key.is_none()) {
        let texts = elements.iter().flat_map(|(_, word)| expand(word, scope, run)).collect();
        if assignment.append {
            scope.append_array(name, texts);
        } else {
            scope.set_array(name, texts);
        }
        return;
    }
    if keyed && !assignment.append {
        scope.clear_keyed(name);
    } else if !assignment.append {
        scope.set_array(name, Vec::new());
    }
    let mut pending: Option<&Word> = None;
    for (key, word) in elements {
        match (key, pending.take()) {
            (Some(key), _) => {
                let text = expand_one(word, scope, run);
                Expander::new(scope, run).assign_element(name, key, text, false);
            }
            (None, Some(key)) => {
                let text = expand_one(word, scope, run);
                Expander::new(scope, run).assign_element(name, key, text, false);
            }
            (None, None) if keyed => pending = Some(word),
            (None, None) => {
                let texts = expand(word, scope, run);
                scope.append_array(name, texts);
            }
        }
    }
    if let Some(key) = pending {
        Expander::new(scope, run).assign_element(name, key, Text::known(""), false);
    }
}

/// The text of a word in which nothing is to be expanded.
fn literal(word: &Word) -> Option<Text> {
    let active = |byte| matches!(byte, b'{' | b'~' | b'*' | b'?' | b'[' | b'(');
    let plain = |text: &str| !text.starts_with('=') && !text.bytes().any(active);
    let mut out = Text::default();
    for part in &word.parts {
        match part {
            Part::Literal { text, quoted } if *quoted || plain(text) => out.push_str(text),
            _ => return None,
        }
    }
    Some(out)
}

/// How much of a word is written out.
fn written(word: &Word) -> usize {
    let length = |part: &Part| match part {
        Part::Literal { text, .. } => 32 + text.len(),
        _ => 64,
    };
    word.parts.iter().map(length).sum()
}

/// Expands the parts of one word.
pub(super) struct Expander<'a, 'f> {
    pub(super) scope: &'a mut Scope<'f>,
    pub(super) run: &'a mut dyn Run,
    /// What each substitution gave: brace expansion may copy it, but nothing is walked twice.
    outputs: HashMap<*const Stmt, Text>,
    depth: usize,
    /// Elements of lists become one text.
    pub(super) joins: bool,
    /// The word is one expansion and nothing else.
    pub(super) sole: bool,
}

impl<'a, 'f> Expander<'a, 'f> {
    pub(super) fn new(scope: &'a mut Scope<'f>, run: &'a mut dyn Run) -> Self {
        Expander { scope, run, outputs: HashMap::new(), depth: 0, joins: false, sole: false }
    }

    /// A word as one text.
    pub(super) fn one(&mut self, word: &Word, tilde: Tilde, patterns: Patterns) -> Text {
        if let Some(text) = literal(word) {
            return self.fit(text);
        }
        let stretches: Vec<_> = word.parts.iter().map(Stretch::Part).collect();
        let atoms = self.joined(|expander, atoms| expander.stretches(&stretches, tilde, atoms));
        let zsh = self.scope.dialect() == Dialect::Zsh;
        self.fit(single(&fields::activate(atoms, patterns, zsh)))
    }

    /// A word as if it stood in double quotes.
    pub(super) fn quoted(&mut self, word: &Word) -> Text {
        let atoms = self.joined(|expander, atoms| expander.operand(word, true, atoms));
        self.fit(single(&fields::activate(atoms, Patterns::None, false)))
    }

    fn joined(&mut self, expand: impl FnOnce(&mut Self, &mut Vec<Atom>)) -> Vec<Atom> {
        let (joins, sole) = (self.joins, self.sole);
        (self.joins, self.sole) = (true, false);
        let mut atoms = Vec::new();
        expand(self, &mut atoms);
        (self.joins, self.sole) = (joins, sole);
        atoms
    }

    fn fit(&self, text: Text) -> Text {
        self.scope.spend(text.weight());
        let most = (1 << 20) + 64;
        let most = if text.has_hole() { self.scope.limit().min(most) } else { most };
        text.cut(most)
    }

    /// The value of an expression.
    pub(super) fn evaluate(&mut self, expression: &Arithmetic) -> Option<i64> {
        self.evaluate_word(&expression.word)
    }

    pub(super) fn evaluate_word(&mut self, word: &Word) -> Option<i64> {
        let text = self.quoted(word);
        if let Some(known) = text.as_known() {
            return arithmetic::evaluate_text(known, self.scope);
        }
        arithmetic::forget_assigned(&text.display(), self.scope);
        None
    }

    fn stretches(&mut self, stretches: &[Stretch], tilde: Tilde, atoms: &mut Vec<Atom>) {
        for (i, stretch) in stretches.iter().enumerate() {
            let (first, last) = (i == 0, i + 1 == stretches.len());
            match stretch {
                Stretch::Text(text) => self.literal(text, first, last, tilde, Origin::Literal, atoms),
                Stretch::Part(Part::Literal { text, quoted: false }) => {
                    self.literal(text, first, last, tilde, Origin::Literal, atoms);
                }
                Stretch::Part(part) => self.part(part, false, atoms),
                Stretch::Named(name) => {
                    let parameter = Parameter {
                        name: name.clone(),
                        subscript: None,
                        indirect: false,
                        op: ParameterOp::Get,
                    };
                    self.parameter(&parameter, false, atoms);
                }
                Stretch::Unknown(written) => push_hole(written.clone(), Shape::Any, true, atoms),
            }
        }
    }

    /// What stands behind `:-` and its kin. Unquoted, it is split like a value.
    pub(super) fn operand(&mut self, word: &Word, quoted: bool, atoms: &mut Vec<Atom>) {
        for (i, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal { text, quoted: false } if !quoted => {
                    let (first, last) = (i == 0, i + 1 == word.parts.len());
                    self.literal(text, first, last, Tilde::Word, Origin::Split, atoms);
                }
                part => self.part(part, quoted, atoms),
            }
        }
    }

    fn part(&mut self, part: &Part, force: bool, atoms: &mut Vec<Atom>) {
        if self.depth >= MAX_DEPTH {
            return push_hole("…".to_owned(), Shape::Any, true, atoms);
        }
        self.depth += 1;
        match part {
            Part::Literal { text, .. } => {
                atoms.push(Atom::Quotes);
                atoms.push(Atom::Chars(text.clone(), Origin::Quoted));
            }
            Part::Parameter { expansion, quoted, .. } => {
                self.parameter(expansion, force || *quoted, atoms);
            }
            Part::Command { body, quoted, .. } => {
                let text = self.output(body);
                let zsh = self.scope.dialect() == Dialect::Zsh;
                let origin = if zsh { Origin::SplitOnly } else { Origin::Split };
                self.emit(&text, force || *quoted, origin, atoms);
            }
            Part::Process { body, readable, .. } => {
                let text = self.run.process(body, *readable, self.scope);
                self.emit(&text, true, Origin::Quoted, atoms);
            }
            Part::Arithmetic { expression, quoted, .. } => {
                let text = match self.evaluate(expression) {
                    Some(number) => Text::known(number.to_string()),
                    None => Text::hole("$((…))", Shape::Number),
                };
                self.emit(&text, force || *quoted, Origin::Split, atoms);
            }
            Part::Unknown { words, .. } => {
                for word in words {
                    self.quoted(word);
                }
                // Flags may make a list even of what stands in quotes.
                push_hole("${…}".to_owned(), Shape::Any, true, atoms);
            }
        }
        self.depth -= 1;
    }

    fn output(&mut self, body: &[Stmt]) -> Text {
        if let Some(text) = self.outputs.get(&body.as_ptr())
            && !body.is_empty()
        {
            return text.clone();
        }
        let text = self.run.output(body, self.scope);
        self.outputs.insert(body.as_ptr(), text.clone());
        text
    }

    /// Adds a value.
    pub(super) fn emit(&mut self, text: &Text, quoted: bool, origin: Origin, atoms: &mut Vec<Atom>) {
        self.scope.spend(text.weight());
        if quoted {
            atoms.push(Atom::Quotes);
        }
        let short;
        let text = if text.weight() <= self.scope.limit() {
            text
        } else {
            short = text.clone().cut(self.scope.limit());
            &short
        };
        for piece in text.pieces() {
            match piece {
                Piece::Known(known) => {
                    let origin = if quoted { Origin::Quoted } else { origin };
                    atoms.push(Atom::Chars(known.clone(), origin));
                }
                Piece::Glob(_) => atoms.push(Atom::Piece { piece: piece.clone(), many: text.is_many() }),
                Piece::Hole(hole) => atoms.push(Atom::Piece {
                    piece: piece.clone(),
                    many: text.is_many() || !quoted && matches!(hole.shape, Shape::Any | Shape::Scratch),
                }),
            }
        }
        if text.is_many() {
            atoms.push(Atom::Many);
        }
    }

    /// The characters that divide fields.
    pub(super) fn separators(&self) -> Separators {
        match self.scope.get("IFS") {
            None => Separators::Known(" \t\n".to_owned()),
            Some(text) => match text.as_known() {
                Some(known) => Separators::Known(known.to_owned()),
                None => Separators::Unknown,
            },
        }
    }

    fn assign_element(&mut self, name: &str, subscript: &Word, text: Text, append: bool) {
        let sum = |old: Option<Option<Text>>| match old {
            Some(old) if append => {
                let mut sum = old.unwrap_or_default();
                sum.append(&text);
                sum
            }
            None if append => Text::hole(format!("${name}"), Shape::Any),
            _ => text.clone(),
        };
        if matches!(self.scope.value(name), Value::Keyed(_)) {
            let key = self.one(subscript, Tilde::Never, Patterns::None);
            match key.as_known() {
                Some(key) => {
                    let text = sum(self.scope.keyed(name, key));
                    self.scope.set_keyed(name, key.to_owned(), text);
                }
                None => self.scope.forget(name),
            }
            return;
        }
        match self.evaluate_word(subscript) {
            Some(index) => {
                let text = sum(self.scope.element(name, index));
                self.scope.set_element(name, index, text);
            }
            None => self.scope.forget(name),
        }
    }
}

/// Adds an unknown stretch.
pub(super) fn push_hole(label: String, shape: Shape, many: bool, atoms: &mut Vec<Atom>) {
    let piece = Piece::Hole(Hole { label, shape });
    atoms.push(Atom::Piece { piece, many });
}
