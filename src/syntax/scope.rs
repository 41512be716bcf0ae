//! What the shell remembers between commands: variables, positional parameters, functions and the
//! directory; all of it cheap to copy for a subshell or a branch, and to join again.

mod functions;
mod join;
mod lists;
mod reading;
mod surroundings;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Dialect;
use super::arithmetic;
use super::charset::{self, Charset};
use super::trie::Trie;
use super::value::{Value, single};
use crate::model::{Exported, Facts, Piece, Shape, Text};
pub use functions::{Body, Function};
use lists::{put_element, put_keyed};
use reading::Source;
pub use surroundings::PLACEHOLDER;

/// The longest value that is followed.
const MAX_VALUE: usize = 1 << 20;
/// Once this much was expanded in all, only short values are followed, so that the whole cost
/// stays linear in the length of the script.
const GENEROUS: usize = 16 << 20;
/// The longest value that is followed from then on.
const MAX_VALUE_LATE: usize = 256;
/// The longest list that is followed.
pub(super) const MAX_ELEMENTS: usize = 4096;
/// How many references to references are followed.
const MAX_REFERENCES: usize = 8;

/// The state of a shell, as far as it is known.
#[derive(Clone)]
pub struct Scope<'f> {
    facts: &'f dyn Facts,
    dialect: Dialect,
    variables: Trie<Variable>,
    functions: Trie<Function>,
    /// Functions of the shell that started this one, which it may have exported.
    inherited: Trie<Function>,
    /// The names of the variables that were ever marked for export.
    exports: Trie<()>,
    /// What they hold, if it was asked for since one of them changed.
    exported: RefCell<Option<Exported>>,
    zero: Rc<Text>,
    positional: Rc<Vec<Text>>,
    /// The file that is being read, where it is one.
    source: Option<Rc<Source>>,
    directory: Rc<Text>,
    /// The directories that `pushd` kept, the newest last.
    kept: Rc<Vec<Rc<Text>>>,
    /// Variables that were neither assigned nor in the environment may be set all the same.
    open: bool,
    /// What was unread may have changed any variable, or what tests mean.
    doubted: bool,
    /// What was expanded so far, by all copies together.
    spent: Rc<Cell<usize>>,
    /// The worst charset that it ever had, in all copies together.
    charset: Rc<Cell<Charset>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Variable {
    value: Value,
    exported: bool,
    integer: bool,
    upper: bool,
    lower: bool,
    reference: bool,
    /// Nothing can be assigned to it any more.
    fixed: bool,
}

/// A property that `declare` gives a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `-i`: what is assigned is computed.
    Integer,
    /// `-l`
    Lower,
    /// `-u`
    Upper,
    /// `-n`: its value is the name of the variable that is meant.
    Reference,
    /// `-a`
    Indexed,
    /// `-A`
    Keyed,
}

/// A variable as it was, to be put back at the end of a function that declared it `local`.
#[derive(Debug, Clone)]
pub struct Saved {
    name: String,
    variable: Option<Variable>,
}

impl<'f> Scope<'f> {
    /// The state of a shell that starts. `positional` holds `$0` first.
    pub fn new(facts: &'f dyn Facts, positional: Vec<Text>, dialect: Dialect) -> Self {
        let mut positional = positional.into_iter();
        let zero = match positional.next() {
            Some(zero) => zero,
            None => Text::hole("$0", Shape::Any),
        };
        let mut scope = Scope {
            facts,
            dialect,
            variables: Trie::default(),
            functions: Trie::default(),
            inherited: Trie::default(),
            exports: Trie::default(),
            exported: RefCell::default(),
            zero: Rc::new(single(&zero)),
            positional: Rc::default(),
            source: None,
            kept: Rc::default(),
            directory: Rc::new(Text::known(facts.directory())),
            open: facts.startup_files_run(),
            doubted: facts.startup_files_run(),
            spent: Rc::default(),
            charset: Rc::new(Cell::new(Charset::chosen(facts, |name| facts.env(name).map(Text::known)))),
        };
        scope.set_positional(positional.collect());
        scope
    }

    /// The facts that it stands on.
    pub fn facts(&self) -> &'f dyn Facts {
        self.facts
    }

    /// The shell whose rules hold.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What `$name` is; nothing where it is known to be unset.
    pub fn get(&self, name: &str) -> Option<Text> {
        match self.value(name) {
            Value::Unset => None,
            Value::Unknown => Some(Text::hole(format!("${name}"), Shape::Any)),
            Value::Scalar(text) => Some((*text).clone()),
            Value::List(elements) => match elements.first() {
                Some((index, text)) if *index == self.first_index() => Some(single(text)),
                _ => None,
            },
            Value::Keyed(elements) => {
                elements.iter().find(|(key, _)| key == "0").map(|(_, text)| text.clone())
            }
        }
    }

    /// Gives a variable a value. Text that may be many arguments becomes one.
    pub fn set(&mut self, name: &str, text: Text) {
        let Some(name) = self.target(name) else {
            return;
        };
        let text = self.fit(single(&text));
        let mut variable = self.variable(&name);
        if variable.reference {
            variable.value = Value::Scalar(Rc::new(text));
            self.put(&name, variable);
            return;
        }
        let text = self.convert(&variable, text, &name);
        variable.value = match (variable.value, self.dialect) {
            (Value::List(mut elements), Dialect::Bash | Dialect::Posix) => {
                put_element(Rc::make_mut(&mut elements), 0, text);
                Value::List(elements)
            }
            (Value::Keyed(mut elements), Dialect::Bash | Dialect::Posix) => {
                put_keyed(Rc::make_mut(&mut elements), "0".to_owned(), text);
                Value::Keyed(elements)
            }
            _ => Value::Scalar(Rc::new(text)),
        };
        self.put(&name, variable);
    }

    /// `name+=text`
    pub fn append(&mut self, name: &str, text: &Text) {
        let integer = self.variable(&self.resolve(name).unwrap_or_default()).integer;
        let mut sum = self.get(name).unwrap_or_default();
        if integer {
            if sum.as_known() == Some("") {
                sum = Text::known("0");
            }
            sum.push_str("+(");
            sum.append(&single(text));
            sum.push_str(")");
        } else {
            sum.append(&single(text));
        }
        self.set(name, sum);
    }

    /// `unset name`
    pub fn unset(&mut self, name: &str) {
        if let Some(name) = self.target(name) {
            let fixed = self.variable(&name).fixed;
            self.put(&name, Variable { fixed, ..Variable::new(Value::Unset, false) });
        }
    }

    /// The variable may hold anything from now on.
    pub fn forget(&mut self, name: &str) {
        if let Some(name) = self.target(name) {
            let mut variable = self.variable(&name);
            variable.value = Value::Unknown;
            self.put(&name, variable);
        }
    }

    /// Every variable may hold anything from now on.
    pub fn forget_all(&mut self) {
        let mut names = Vec::new();
        self.variables.for_each(&mut |name, _| names.push(name.to_owned()));
        for name in names {
            let mut variable = self.variable(&name);
            variable.value = Value::Unknown;
            variable.reference = false;
            self.put(&name, variable);
        }
        self.admit_unset();
    }

    /// Something unread ran in this shell: variables that are not set may be set from now on.
    pub fn admit_unset(&mut self) {
        self.open = true;
        self.doubted = true;
    }

    /// What a test of known words comes to is not known from now on.
    pub fn doubt_tests(&mut self) {
        self.doubted = true;
    }

    /// Whether something unread may have changed what tests rest on.
    pub fn is_doubted(&self) -> bool {
        self.doubted
    }

    /// `readonly name`: what is assigned later is not taken.
    pub fn fix(&mut self, name: &str) {
        let variable = self.variable(name);
        self.variables.insert(name, Variable { fixed: true, ..variable });
    }

    /// `export name`
    pub fn export(&mut self, name: &str) {
        if let Some(name) = self.target(name) {
            let mut variable = self.variable(&name);
            variable.exported = true;
            self.put(&name, variable);
        }
    }

    /// `declare -i name` and kin. A value assigned with it must be assigned afterwards.
    pub fn declare(&mut self, name: &str, attribute: Attribute) {
        let mut variable = self.variable(name);
        match attribute {
            Attribute::Integer => variable.integer = true,
            Attribute::Lower => variable.lower = true,
            Attribute::Upper => variable.upper = true,
            Attribute::Reference => variable.reference = true,
            Attribute::Indexed if variable.value == Value::Unset => {
                variable.value = Value::List(Rc::default());
            }
            Attribute::Keyed if variable.value == Value::Unset => {
                variable.value = Value::Keyed(Rc::default());
            }
            Attribute::Indexed | Attribute::Keyed => {}
        }
        self.put(name, variable);
    }

    /// The variables that this script set or marked for export, with their values.
    pub fn exported(&self) -> Exported {
        if let Some(known) = &*self.exported.borrow() {
            return Rc::clone(known);
        }
        let (mut names, mut leads) = (Vec::new(), false);
        self.exports.for_each(&mut |name, ()| {
            if let Some(variable) = self.variables.get(name).filter(|variable| variable.is_passed()) {
                names.push(name.to_owned());
                leads |= variable.reference;
            }
        });
        names.sort_unstable();
        let all = names.into_iter().filter_map(|name| self.get(&name).map(|text| (name, text)));
        let all = Rc::new(all.collect());
        if !leads {
            *self.exported.borrow_mut() = Some(Rc::clone(&all));
        }
        all
    }

    /// Variables of the environment that a shell or program started here does not get.
    pub fn held_back(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.variables.for_each(&mut |name, variable| {
            if !variable.is_passed() && self.is_inherited(name) {
                names.push(name.to_owned());
            }
        });
        names
    }

    /// A variable as it is now.
    pub fn save(&self, name: &str) -> Saved {
        Saved { name: name.to_owned(), variable: self.variables.get(name).cloned() }
    }

    /// Puts a variable back as it was.
    pub fn restore(&mut self, saved: Saved) {
        let variable = match saved.variable {
            Some(variable) => variable,
            None => Variable::new(self.initial(&saved.name), self.is_inherited(&saved.name)),
        };
        self.put(&saved.name, variable);
    }

    /// `$1` and on. One that may be many makes the later ones' numbers unknown.
    pub fn positional(&self) -> &[Text] {
        &self.positional
    }

    /// Replaces `$1` and on.
    pub fn set_positional(&mut self, texts: Vec<Text>) {
        let weight = texts.iter().map(Text::weight).sum();
        self.spend(weight);
        self.positional = Rc::new(if weight <= self.limit() && texts.len() <= MAX_ELEMENTS {
            texts
        } else {
            vec![Text::hole("$@", Shape::Any).into_many()]
        });
    }

    /// `$0`
    pub fn zero(&self) -> &Text {
        &self.zero
    }

    /// A shell that starts in this directory.
    pub fn start_in(&mut self, directory: &Text) {
        self.directory = Rc::new(directory.clone());
    }

    /// What a variable holds, references followed.
    pub(super) fn value(&self, name: &str) -> Value {
        match self.resolve(name) {
            Some(name) => match self.variables.get(&name) {
                Some(variable) => variable.value.clone(),
                None => self.initial(&name),
            },
            None => Value::Unknown,
        }
    }

    /// Where lists start.
    pub(super) fn first_index(&self) -> i64 {
        i64::from(self.dialect == Dialect::Zsh)
    }

    /// The names with that prefix which this script set.
    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        self.variables.for_each(&mut |name, variable| {
            if name.starts_with(prefix) && variable.value != Value::Unset {
                names.push(name.to_owned());
            }
        });
        names.sort_unstable();
        names
    }

    /// The longest value that may be made now.
    pub(super) fn limit(&self) -> usize {
        if self.spent.get() < GENEROUS { MAX_VALUE } else { MAX_VALUE_LATE }
    }

    /// Counts what was copied.
    pub(super) fn spend(&self, amount: usize) {
        self.spent.set(self.spent.get().saturating_add(amount));
    }

    fn fit(&self, text: Text) -> Text {
        self.spend(text.weight());
        text.cut(self.limit())
    }

    fn set_value(&mut self, name: &str, value: Value) {
        let Some(name) = self.target(name) else {
            return;
        };
        let weight = value.weight();
        self.spend(weight);
        let mut variable = self.variable(&name);
        variable.value = match value {
            Value::Scalar(text) if weight > self.limit() => {
                Value::Scalar(Rc::new((*text).clone().cut(self.limit())))
            }
            list if weight <= self.limit() && list.len() <= MAX_ELEMENTS => list,
            _ => Value::Unknown,
        };
        self.put(&name, variable);
    }

    fn variable(&self, name: &str) -> Variable {
        match self.variables.get(name) {
            Some(variable) => variable.clone(),
            None => Variable::new(self.initial(name), self.is_inherited(name)),
        }
    }

    fn put(&mut self, name: &str, mut variable: Variable) {
        if variable.fixed {
            variable.value = Value::Unknown;
        } else if surroundings::keeps_its_own(name) {
            variable.value = self.initial(name);
        }
        match name {
            "BASH_SOURCE" if self.dialect == Dialect::Bash => return,
            "BASH_ARGV0" if self.dialect == Dialect::Bash => {
                self.zero = match &variable.value {
                    Value::Scalar(text) => Rc::clone(text),
                    _ => Rc::new(Text::hole("$0", Shape::Any)),
                };
            }
            // From here on assignments in front of some builtins stay.
            "POSIXLY_CORRECT" => self.doubted = true,
            _ => {}
        }
        if variable.exported {
            self.exports.insert(name, ());
        }
        if variable.exported || self.exports.get(name).is_some() {
            self.exported.take();
        }
        self.variables.insert(name, variable);
        if charset::VARIABLES.contains(&name) {
            let now = Charset::chosen(self.facts, |name| self.get(name));
            self.charset.set(self.charset.get().max(now));
        }
    }

    /// The worst charset by which this shell or a copy of it may have read its source.
    pub fn charset(&self) -> Charset {
        self.charset.get()
    }

    /// The variable that an assignment to `name` changes. Where that cannot be known, any may be
    /// changed.
    fn target(&mut self, name: &str) -> Option<String> {
        let target = self.resolve(name);
        if target.is_none() {
            self.forget_all();
        }
        target
    }

    /// The variable that `name` means; `None` where a reference leads to no known name.
    fn resolve(&self, name: &str) -> Option<String> {
        let mut name = name.to_owned();
        for _ in 0..MAX_REFERENCES {
            match self.variables.get(&name) {
                Some(variable) if variable.reference => match &variable.value {
                    Value::Unset => return Some(name),
                    Value::Scalar(text) => match text.as_known() {
                        Some(next) if is_name(next) => name = next.to_owned(),
                        _ => return None,
                    },
                    _ => return None,
                },
                _ => return Some(name),
            }
        }
        None
    }

    /// What becomes of an assigned text by the variable's attributes.
    fn convert(&mut self, variable: &Variable, text: Text, name: &str) -> Text {
        if variable.integer {
            return match text.as_known().and_then(|t| arithmetic::evaluate_text(t, self)) {
                Some(number) => Text::known(number.to_string()),
                None => Text::hole(format!("${name}"), Shape::Number),
            };
        }
        if variable.upper == variable.lower {
            return text;
        }
        let mut out = Text::default();
        for piece in text.pieces() {
            out.push(match piece {
                Piece::Known(known) if variable.upper => Piece::Known(known.to_uppercase()),
                Piece::Known(known) => Piece::Known(known.to_lowercase()),
                Piece::Glob(glob) => return Text::hole(glob.clone(), Shape::Any),
                Piece::Hole(hole) => Piece::Hole(hole.clone()),
            });
        }
        out
    }
}

impl Variable {
    /// Whether programs get it: lists are not passed on.
    fn is_passed(&self) -> bool {
        self.exported && matches!(self.value, Value::Scalar(_) | Value::Unknown)
    }

    fn new(value: Value, exported: bool) -> Variable {
        Variable {
            value,
            exported,
            integer: false,
            upper: false,
            lower: false,
            reference: false,
            fixed: false,
        }
    }
}

/// Whether it can be the name of a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
