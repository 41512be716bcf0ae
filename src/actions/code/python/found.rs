//! What Python reads from standard input, and what it finds in directories.

use std::rc::Rc;

use crate::actions::code::narrow;
use crate::actions::code::reader::{Reader, list};
use crate::actions::code::value::{Args, Value, join};
use crate::actions::masked;
use crate::model::Text;

/// What is read from standard input.
pub(super) fn input(reader: &Reader) -> Option<Text> {
    reader.surroundings.input.map(|input| masked::map(input, |input| input.trim_end().to_owned()))
}

pub(super) fn lines(reader: &Reader) -> Option<Vec<Value>> {
    Some(input(reader)?.as_known()?.lines().map(Value::known).collect())
}

/// Items made of a list's, as sure as these are.
pub(super) fn same_list(from: &Value, items: Vec<Value>) -> Value {
    match from {
        Value::Many(_) => Value::Many(Rc::new(items)),
        _ => list(items),
    }
}

/// What is found in directories.
pub(super) fn listed(name: &str, args: &Args) -> Option<Value> {
    let path = || args.get(0, "path").or_else(|| args.named("top")).map_or_else(|| ".".into(), Value::text);
    let star = || narrow::patterned(&"*".into());
    let named = |directory: Text| match directory.as_known() {
        Some(".") => star(),
        _ => join(&directory, &star()),
    };
    match name {
        "itertools.chain" => {
            let all = args.positional.iter().map(Value::items).collect::<Option<Vec<_>>>()?.concat();
            Some(Value::Many(Rc::new(all)))
        }
        "os.listdir" | "listdir" => Some(Value::Text(star()).many()),
        "os.scandir" => Some(Value::path(named(path())).many()),
        "os.walk" | "os.fwalk" => walked(&path()),
        _ => {
            let pattern = args.get(0, "pathname")?.text();
            let pattern = match args.named("root_dir") {
                Some(root) => join(&root.text(), &pattern),
                None => pattern,
            };
            let deep = args.named("recursive").is_some_and(|deep| deep.truth() != Some(false));
            let found = narrow::found(&pattern, deep).into_iter().map(Value::Text).collect();
            Some(Value::Many(Rc::new(found)))
        }
    }
}

/// What `os.walk` gives: directories with what is in them.
pub(super) fn walked(top: &Text) -> Option<Value> {
    let names = || Value::Text(narrow::patterned(&"*".into())).many();
    let found = narrow::below(top).into_iter().map(|path| list(vec![Value::Text(path), names(), names()]));
    Some(Value::Many(Rc::new(found.collect())))
}
