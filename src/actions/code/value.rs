//! Values of the evaluator: what is known of an expression.

use std::rc::Rc;

use crate::actions::json::Json;
use crate::model::{Shape, Text};

/// A value with more parts than this counts as unknown where it is written out.
const PARTS: usize = 20_000;
/// Values nested deeper are unknown, and those of more parts, and names that are longer.
const DEPTH: usize = 100;
const NODES: usize = 5000;
const LABEL: usize = 400;
/// Longer names of chains of calls are not made.
const NAME: usize = 200;

/// What is known of an expression.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// `None`, `null`, `undefined`.
    Null,
    /// `True`, `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string or bytes.
    Text(Text),
    /// A list, tuple or array.
    List(Rc<Vec<Value>>),
    /// Any number of values, each like one of these: what a directory holds, what a pattern finds.
    Many(Rc<Vec<Value>>),
    /// A dictionary or object; unknown keys are holes.
    Map(Rc<Vec<(Text, Value)>>),
    /// A thing of a module or a global one by its full name: `os.system`.
    Name(String),
    /// What a call of a named thing gave.
    Made(Rc<Made>),
    /// A method of a value, not yet called.
    Method(Rc<Value>, String),
    /// Unknown; the source for messages.
    Unknown(String),
}

/// The result of a call.
#[derive(Debug)]
pub(super) struct Made {
    /// What was called.
    pub by: String,
    /// With what.
    pub args: Args,
    /// Which call it was.
    pub id: usize,
    /// What it was a method of.
    pub on: Option<Value>,
}

impl Made {
    /// What the chain of calls began with: a connection, a session, a client.
    pub fn root(&self) -> &Made {
        let mut made = self;
        while let Some(on) = &made.on {
            let mut on = on;
            while let Value::Method(inner, _) = on {
                on = inner;
            }
            match on {
                Value::Made(earlier) => made = earlier,
                _ => break,
            }
        }
        made
    }
}

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    /// By position.
    pub positional: Vec<Value>,
    /// By keyword.
    pub named: Vec<(String, Value)>,
}

impl Args {
    /// The argument of that position or keyword.
    pub fn get(&self, at: usize, name: &str) -> Option<&Value> {
        self.positional.get(at).or_else(|| self.named(name))
    }

    /// The argument of that keyword.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Value {
    /// Known text.
    pub fn known(text: impl Into<String>) -> Value {
        Value::Text(Text::known(text))
    }

    /// The value of a key; `Unknown` where a key that is not known may be it.
    pub fn key(&self, key: &str) -> Option<Value> {
        let Value::Map(entries) = self else {
            return None;
        };
        let find = |(name, value): &(Text, Value)| match name.as_known() {
            Some(known) => (known == key).then(|| value.clone()),
            None => Some(Value::Unknown(name.display())),
        };
        entries.iter().rev().find_map(find)
    }

    /// The value as a string: what is no string or number is a hole.
    pub fn text(&self) -> Text {
        match self {
            Value::Text(text) => text.clone(),
            Value::Number(number) => Text::known(number),
            Value::Bool(value) => Text::known(value.to_string()),
            Value::Null => Text::known("null"),
            Value::Made(made) => match made.args.positional.first() {
                Some(Value::Text(text)) if made.by == PATH || made.by == URL => text.clone(),
                _ => Text::hole(format!("{}(…)", made.by), Shape::Any),
            },
            Value::Name(name) => Text::hole(name, Shape::Any),
            Value::Unknown(label) => Text::hole(label, Shape::Any),
            Value::Method(_, name) => Text::hole(name, Shape::Any),
            Value::Many(_) => Text::hole("…", Shape::Any).into_many(),
            Value::List(_) | Value::Map(_) => self.json().render(),
        }
    }

    /// The value as JSON.
    pub fn json(&self) -> Json {
        let mut left = PARTS;
        let json = self.json_within(&mut left);
        match left {
            0 => Json::Unknown(Text::hole("…", Shape::Any)),
            _ => json,
        }
    }

    fn json_within(&self, left: &mut usize) -> Json {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Json::Null;
        }
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::Text(text.clone()),
            Value::List(items) => Json::List(items.iter().map(|item| item.json_within(left)).collect()),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), value.json_within(left)));
                Json::Map(entries.collect())
            }
            other => match other.text() {
                text if text.has_hole() => Json::Unknown(text),
                text => Json::Text(text),
            },
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) | Value::Many(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it counts as true; `None` where that is unknown.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Null => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Number(number) => Some(number != "0"),
            Value::Text(text) => text.as_known().map(|text| !text.is_empty()),
            Value::Map(_) | Value::List(_) | Value::Made(_) | Value::Method(..) => Some(true),
            Value::Name(_) | Value::Unknown(_) | Value::Many(_) => None,
        }
    }

    /// Whether it is so deep or so large that what is made of it would be without bounds.
    pub fn is_excessive(&self) -> bool {
        match self {
            Value::Name(text) | Value::Unknown(text) => text.len() > LABEL,
            _ => !self.fits(DEPTH, &mut { NODES }),
        }
    }

    fn fits(&self, depth: usize, nodes: &mut usize) -> bool {
        *nodes = nodes.saturating_sub(1);
        if depth == 0 || *nodes == 0 {
            return false;
        }
        let mut fits = |value: &Value| value.fits(depth - 1, nodes);
        match self {
            Value::List(items) | Value::Many(items) => items.iter().all(fits),
            Value::Map(entries) => entries.iter().all(|(_, value)| fits(value)),
            Value::Method(receiver, _) => fits(receiver),
            Value::Made(made) => {
                made.on.iter().all(&mut fits)
                    && made.args.positional.iter().all(&mut fits)
                    && made.args.named.iter().all(|(_, value)| fits(value))
            }
            _ => true,
        }
    }

    /// Whether it is known to be the same as another.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Text(one), Value::Text(other)) => one == other,
            (Value::Number(one), Value::Number(other)) | (Value::Name(one), Value::Name(other)) => {
                one == other
            }
            (Value::Made(one), Value::Made(other)) => {
                // How a database is connected to, not which one.
                const MANNERS: &[&str] =
                    &["timeout", "detect_types", "isolation_level", "check_same_thread", "autocommit"];
                let same = |(one, other): (&Value, &Value)| one.is_same(other);
                let plain = |args: &Args| args.named.iter().all(|(name, _)| MANNERS.contains(&name.as_str()));
                one.by == other.by
                    && plain(&one.args)
                    && plain(&other.args)
                    && one.args.positional.len() == other.args.positional.len()
                    && one.args.positional.iter().zip(&other.args.positional).all(same)
            }
            _ => false,
        }
    }

    /// The known string.
    pub fn as_known(&self) -> Option<&str> {
        match self {
            Value::Text(text) => text.as_known(),
            _ => None,
        }
    }

    /// By what name a call of it is known: `os.system`, `pathlib.Path().unlink`.
    pub fn callee(&self) -> Option<String> {
        match self {
            Value::Name(name) => Some(name.clone()),
            Value::Made(made) if made.by.len() < NAME => Some(format!("{}()", made.by)),
            Value::Method(receiver, method) => match &**receiver {
                Value::Made(made) => Some(format!("{}().{method}", made.by)),
                inner @ Value::Method(..) => {
                    let inner = inner.callee().filter(|inner| inner.len() < NAME)?;
                    Some(format!("{inner}.{method}"))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The result of a call by this name that is not known better.
    pub fn result(callee: &Value, name: String, args: Args, id: usize) -> Value {
        let on = match callee {
            Value::Method(receiver, _) => Some((**receiver).clone()),
            _ => None,
        };
        Value::Made(Rc::new(Made { by: name, args, id, on }))
    }

    /// Such values as this one, any number of them.
    pub fn many(self) -> Value {
        Value::Many(Rc::new(vec![self]))
    }

    /// A path object.
    pub fn path(text: Text) -> Value {
        Value::made(PATH, vec![Value::Text(text)])
    }

    /// The result of a call that is nowhere written.
    pub fn made(by: &str, positional: Vec<Value>) -> Value {
        let args = Args { positional, named: Vec::new() };
        Value::Made(Rc::new(Made { by: by.to_owned(), args, id: 0, on: None }))
    }
}

/// What makes path objects.
pub(super) const PATH: &str = "pathlib.Path";
/// What makes URL objects.
pub(super) const URL: &str = "URL";

/// `a/b` of `a` and `b`; an absolute `b` stands alone.
pub(super) fn join(base: &Text, rest: &Text) -> Text {
    let start = rest.known_start();
    if start.starts_with('/') || base.as_known() == Some("") {
        return rest.clone();
    }
    let mut out = base.clone();
    if !base.known_end().ends_with('/') {
        out.push_str("/");
    }
    out.append(rest);
    out
}

/// The directory that a path is in; what is unknown is taken for a directory in a directory.
pub(super) fn parent(path: &Text) -> Text {
    use crate::actions::masked;
    masked::map(path, |path| match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None if masked::has_hole(path) => path.to_owned(),
        None => ".".to_owned(),
    })
}
