//! Python's subscripts and slices.

use tree_sitter::Node;

use super::{calls, member};
use crate::actions::code::reader::{Reader, list};
use crate::actions::code::value::Value;
use crate::model::{Piece, Text};

/// The value of `a[b]`.
pub(super) fn subscript<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let value = reader.field(node, "value")?;
    let given = node.child_by_field_name("subscript")?;
    if given.kind() == "slice" {
        return slice(reader, &value, reader.text(given));
    }
    let index = reader.eval(given);
    let label = reader.text(node);
    match (&value, &index) {
        (Value::Name(name), Value::Text(key)) if matches!(name.as_str(), "os.environ" | "environ") => {
            Some(reader.variable(key.as_known().unwrap_or(""), label))
        }
        (Value::Name(name), Value::Number(index)) if name == "sys.argv" => {
            let at = index.parse::<usize>().ok()?.checked_sub(1)?;
            reader.surroundings.args.get(at).cloned().map(Value::Text)
        }
        // `sys.modules["os"]`, `vars(os)["system"]`, `os.__dict__["system"]`.
        (Value::Name(name), Value::Text(key)) if name == "sys.modules" => {
            Some(Value::Name(key.as_known()?.to_owned()))
        }
        (Value::Name(name), Value::Text(key)) if name == "plumbum.local" => {
            Some(Value::Name(format!("plumbum.cmd.{}", key.as_known()?)))
        }
        // `rm["-rf", "x"]`
        (Value::Name(name), _) if name.starts_with("plumbum.cmd.") => {
            let mut cursor = node.walk();
            let words = node.children_by_field_name("subscript", &mut cursor);
            let words = words.collect::<Vec<_>>().into_iter().map(|word| reader.eval(word)).collect();
            Some(Value::made(name, words))
        }
        (Value::Name(name), Value::Text(key)) => {
            let module = name.strip_suffix(".__dict__")?;
            Some(Value::Name(calls::full_name(&format!("{module}.{}", key.as_known()?))))
        }
        (Value::Made(made), Value::Text(key)) => {
            let key = key.as_known()?;
            match (made.by.as_str(), made.args.positional.first()) {
                ("vars", Some(object)) => Some(member(object, key)),
                ("globals" | "locals" | "vars", None) => {
                    Some(reader.lookup(key).unwrap_or_else(|| Value::Name(key.to_owned())))
                }
                (by, _) => by.starts_with("pymongo").then(|| member(&value, key)),
            }
        }
        (Value::Method(..), Value::Text(key)) => Some(member(&value, key.as_known()?)),
        (Value::Map(_), Value::Text(key)) => value.key(key.as_known()?),
        (Value::List(items), Value::Number(index)) => match index.strip_prefix('-') {
            Some(back) => items.get(items.len().checked_sub(back.parse().ok()?)?).cloned(),
            None => items.get(index.parse::<usize>().ok()?).cloned(),
        },
        (Value::Many(items), Value::Number(_)) if items.len() == 1 => items.first().cloned(),
        _ => None,
    }
}

/// The value of `a[1:]`, `a[::-1]`.
fn slice(reader: &Reader, value: &Value, slice: &str) -> Option<Value> {
    let mut parts = slice.split(':').map(str::trim);
    let bound = |part: Option<&str>, default: i64| match part {
        None | Some("") => Some(default),
        Some(part) => part.parse::<i64>().ok(),
    };
    let pick = |length: usize, mut parts: [Option<&str>; 3]| {
        let length = i64::try_from(length).ok()?;
        let step = bound(parts[2].take(), 1)?;
        let at = |at: i64| (if at < 0 { at + length } else { at }).clamp(0, length);
        let picked: Vec<usize> = match step {
            1 => (at(bound(parts[0], 0)?)..at(bound(parts[1], length)?)).map(|at| at as usize).collect(),
            -1 if parts[0].unwrap_or("").is_empty() && parts[1].unwrap_or("").is_empty() => {
                (0..length).rev().map(|at| at as usize).collect()
            }
            _ => return None,
        };
        Some(picked)
    };
    let parts = [parts.next(), parts.next(), parts.next()];
    match value {
        Value::Text(text) => {
            let letters: Vec<char> = text.as_known()?.chars().collect();
            let picked = pick(letters.len(), parts)?;
            Some(Value::known(picked.into_iter().map(|at| letters[at]).collect::<String>()))
        }
        Value::List(items) => {
            let picked = pick(items.len(), parts)?;
            Some(list(picked.into_iter().map(|at| items[at].clone()).collect()))
        }
        Value::Many(_) => Some(value.clone()),
        Value::Name(name) if name == "sys.argv" => {
            let own = Value::known("-c");
            let args = reader.surroundings.args.iter().cloned().map(Value::Text);
            let all: Vec<Value> = std::iter::once(own).chain(args).collect();
            let picked = pick(all.len(), parts)?;
            Some(list(picked.into_iter().map(|at| all[at].clone()).collect()))
        }
        _ => None,
    }
}

/// The last component of a path.
pub(super) fn last(path: &Text) -> Text {
    let mut out = Text::default();
    for piece in path.pieces() {
        match piece {
            Piece::Known(known) => match known.rsplit_once('/') {
                Some((_, name)) => out = Text::known(name),
                None => out.push_str(known),
            },
            other => out.push(other.clone()),
        }
    }
    out
}
