//! Files of data that code reads, changes and writes.

use std::rc::Rc;

use super::reader::Reader;
use super::sinks::{Site, receiver_path};
use super::value::{Made, Value, join};
use crate::actions::CodeEffect;
use crate::actions::json::Json;
use crate::model::{PathOp, Text};

/// What a call writes into a file that the code opened.
pub(super) fn write(reader: &mut Reader, site: &Site) {
    // `json.dump(value, file)`
    let dumps = site.name.ends_with(".dump");
    let file = if dumps { site.args.get(1, "fp") } else { site.args.named("file") };
    let opened = match (site.receiver, file) {
        (Some(made), _) => receiver_path(made.root()),
        (None, Some(Value::Made(made))) => receiver_path(made.root()),
        (None, _) => return,
    };
    let opened = match &reader.directory {
        Some(directory) => join(directory, &opened),
        None => opened,
    };
    let mut text = Text::default();
    let json = site.args.positional.first().filter(|_| dumps).map(|value| value.json().render());
    let json = json.map(|text| [Value::Text(text)]);
    let values = json.as_ref().map_or(site.args.positional.as_slice(), |text| text);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push_str(" ");
        }
        let parts = value.items().unwrap_or(std::slice::from_ref(value));
        parts.iter().for_each(|part| text.append(&part.text()));
    }
    if site.receiver.is_none() {
        text.push_str("\n");
    }
    let effect = reader.effects.iter_mut().rev().find_map(|effect| match effect {
        CodeEffect::Path(effect) if effect.path == opened => Some(effect),
        _ => None,
    });
    if let Some(effect) = effect.filter(|effect| matches!(effect.op, PathOp::Overwrite | PathOp::Modify)) {
        effect.content.get_or_insert_default().append(&text);
    }
}

/// The value that a file of JSON holds which the code opened: `json.load(open(path))`.
pub(super) fn loaded(reader: &Reader, opened: &Made) -> Option<Value> {
    reader.file(receiver_path(opened.root())).and_then(|text| parsed(&text))
}

/// The value that JSON stands for.
pub(super) fn parsed(text: &Text) -> Option<Value> {
    Json::parse(text).filter(|_| text.as_known().is_some()).map(value)
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Number(number),
        Json::Text(text) => Value::Text(text),
        Json::Unknown(text) => Value::Unknown(text.display()),
        Json::List(items) => Value::List(Rc::new(items.into_iter().map(value).collect())),
        Json::Map(entries) => {
            Value::Map(Rc::new(entries.into_iter().map(|(key, item)| (key, value(item))).collect()))
        }
    }
}

/// An object with a value at the end of some keys; none where it is no object.
pub(super) fn with(object: &Value, keys: &[Text], new: &Value) -> Option<Value> {
    let (Value::Map(entries), [key, rest @ ..]) = (object, keys) else {
        return keys.is_empty().then(|| new.clone());
    };
    let mut entries = entries.to_vec();
    let at = entries.iter().rposition(|(known, _)| known == key && !rest.is_empty());
    match at {
        Some(at) => entries[at].1 = with(&entries[at].1, rest, new)?,
        None => entries.push((key.clone(), with(&Value::Map(Rc::default()), rest, new)?)),
    }
    Some(Value::Map(Rc::new(entries)))
}
