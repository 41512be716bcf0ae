//! What `argparse` makes of a script's words.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::actions::code::Imported;
use crate::actions::code::reader::Reader;
use crate::actions::code::value::{Args, PATH, Value};
use crate::actions::wrappers::tail;
use crate::model::{Piece, Shape, Text};

const PARSER: &str = "argparse.ArgumentParser";
/// What `parse_args` gives.
const PARSED: &str = "argparse.Namespace";

/// What may change what was parsed, or how, in ways that are not followed.
const UNSEEN: &[&str] = &[
    "setattr(",
    "vars(",
    "__dict__",
    "set_defaults",
    "fromfile_prefix_chars",
    "parents=",
    "prefix_chars",
    "argv",
];

/// Whether a method is called of a parser, or of a group or another parser that one made.
pub(super) fn is_parser(receiver: &Value) -> bool {
    matches!(receiver, Value::Made(made) if made.root().by == PARSER)
}

/// `add_argument`, which may be read more than once.
pub(super) fn declare(reader: &mut Reader, id: usize, args: &Args) {
    let same = |(known, before): &(usize, Args)| *known == id && format!("{before:?}") == format!("{args:?}");
    if !reader.options.iter().any(same) {
        reader.options.push((id, args.clone()));
    }
}

/// The option of a parsed name.
pub(super) fn member(object: &Value, name: &str) -> Option<Value> {
    match object {
        Value::Made(made) if made.by == PARSED => made.args.named(name).cloned(),
        _ => None,
    }
}

/// Whether a condition never holds, for an option that was not given.
pub(super) fn never<'t>(reader: &mut Reader<'t, '_>, condition: Node<'t>) -> bool {
    match condition.kind() {
        "parenthesized_expression" => condition.named_child(0).is_some_and(|inner| never(reader, inner)),
        "boolean_operator" => {
            let sides = ["left", "right"].map(|name| condition.child_by_field_name(name));
            let and = condition.child_by_field_name("operator").is_some_and(|by| reader.text(by) == "and");
            and && sides.into_iter().flatten().any(|side| never(reader, side))
        }
        "attribute" => {
            let object = reader.field(condition, "object");
            let parsed = matches!(&object, Some(Value::Made(made)) if made.by == PARSED);
            parsed && matches!(reader.eval(condition), Value::Bool(false) | Value::Null)
        }
        _ => false,
    }
}

/// What `parse_args` gives for the script's own words; `None` where these are not read to the end.
pub(super) fn parsed(reader: &Reader, given: &Args) -> Option<Value> {
    let explicit = !given.positional.is_empty() || !given.named.is_empty();
    if explicit
        || !matches!(reader.surroundings.imported, Imported::No)
        || UNSEEN.iter().any(|word| reader.source.contains(word))
    {
        return None;
    }
    let declared: Vec<Declared> =
        reader.options.iter().map(|(_, args)| Declared::read(args)).collect::<Option<_>>()?;
    let (options, places): (Vec<&Declared>, Vec<&Declared>) =
        declared.iter().partition(|one| one.names.iter().any(|name| name.starts_with('-')));
    let mut values: HashMap<&str, Value> = HashMap::new();
    let mut operands = Vec::new();
    let mut words = reader.surroundings.args.iter();
    while let Some(word) = words.next() {
        let start = word.known_start();
        if !start.starts_with('-') {
            // What is not known may be an option.
            let new = |piece: &Piece| matches!(piece, Piece::Hole(hole) if hole.shape == Shape::Temporary);
            word.pieces().first().filter(|first| !start.is_empty() || new(first))?;
            operands.push(word.clone());
            continue;
        }
        // It prints and ends: what follows is judged as if it went on without.
        if matches!(word.as_known(), Some("-h" | "--help")) {
            continue;
        }
        let name = start.split('=').next().unwrap_or_default();
        let option = options.iter().find(|one| one.names.contains(&name))?;
        let value = match (option.flag.clone(), start.len() > name.len() || start.ends_with('=')) {
            (Some(value), false) if word.as_known() == Some(name) => value,
            (None, true) => option.typed(tail(word, name.len() + 1)),
            (None, false) if word.as_known() == Some(name) => option.typed(words.next()?.clone()),
            _ => return None,
        };
        values.insert(&option.to, value);
    }
    if operands.len() != places.len() {
        return None;
    }
    for (place, operand) in places.iter().zip(operands) {
        values.insert(&place.to, place.typed(operand));
    }
    let named = declared.iter().map(|one| {
        let changed = [" =", "="].iter().any(|by| {
            let assigned = format!(".{}{by}", one.to);
            let mut found = reader.source.match_indices(&assigned);
            found.any(|(at, _)| !reader.source[at + assigned.len()..].starts_with('='))
        });
        let twice = declared.iter().filter(|other| other.to == one.to).count() > 1;
        let value = values.get(one.to.as_str()).unwrap_or(&one.default);
        let value = if changed || twice { Value::Unknown(one.to.clone()) } else { value.clone() };
        (one.to.clone(), value)
    });
    let args = Args { positional: Vec::new(), named: named.collect() };
    Some(Value::result(&Value::Null, PARSED.to_owned(), args, 0))
}

/// One `add_argument`.
struct Declared<'a> {
    names: Vec<&'a str>,
    /// The name of its value.
    to: String,
    /// Its value where it is not given.
    default: Value,
    /// Its value where it is, for one that takes none.
    flag: Option<Value>,
    /// It makes a path of its word; `None` for what is not followed.
    path: Option<bool>,
}

impl Declared<'_> {
    fn read(args: &Args) -> Option<Declared<'_>> {
        let names: Vec<&str> = args.positional.iter().map(Value::as_known).collect::<Option<_>>()?;
        let known = |name: &str| args.named(name).and_then(Value::as_known);
        if args.named("nargs").is_some() || args.named("const").is_some() {
            return None;
        }
        let flag = match (args.named("action"), known("action")) {
            (None, _) | (_, Some("store")) => None,
            (_, Some("store_true")) => Some(Value::Bool(true)),
            (_, Some("store_false")) => Some(Value::Bool(false)),
            (_, Some("count" | "append" | "version" | "help")) => Some(Value::Unknown("action".to_owned())),
            _ => return None,
        };
        let long = names.iter().find(|name| name.starts_with("--")).or(names.first())?;
        let to = known("dest").map_or_else(|| long.trim_start_matches('-').replace('-', "_"), str::to_owned);
        let path = match args.named("type") {
            None => Some(false),
            Some(Value::Name(name)) if name == PATH => Some(true),
            Some(Value::Name(name)) if matches!(name.as_str(), "str" | "int" | "float") => Some(false),
            Some(_) => None,
        };
        let default = match (args.named("default"), &flag) {
            (Some(Value::Text(text)), None) => Declared::of(path, text.clone()),
            (Some(value), _) => value.clone(),
            (None, Some(Value::Bool(given))) => Value::Bool(!given),
            (None, Some(_)) => Value::Unknown(to.clone()),
            (None, None) => Value::Null,
        };
        Some(Declared { names, to, default, flag, path })
    }

    fn typed(&self, word: Text) -> Value {
        Declared::of(self.path, word)
    }

    fn of(path: Option<bool>, word: Text) -> Value {
        match path {
            Some(true) => Value::path(word),
            Some(false) => Value::Text(word),
            None => Value::Unknown("an option's value".to_owned()),
        }
    }
}
