//! How Python binds names: imports and assignments.

use tree_sitter::Node;

use super::calls::full_name;
use super::table;
use crate::actions::CodeEffect;
use crate::actions::code::reader::Reader;
use crate::actions::code::value::Value;
use crate::model::{Shape, Text};

/// Of longer lists of names the rest are no modules.
const MODULES: usize = 16;

/// Binds what an import brings.
pub(super) fn import<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    let module = node.child_by_field_name("module_name").map(|module| reader.text(module));
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        if child.kind() == "wildcard_import" {
            let start = format!("{}.", module.unwrap_or(""));
            for (name, _) in table::SINKS {
                if let Some(rest) = name.strip_prefix(&start).filter(|rest| !rest.contains(['.', '('])) {
                    reader.bind(rest, Value::Name((*name).to_owned()));
                }
            }
        }
    }
    let names: Vec<Node> = node.children_by_field_name("name", &mut cursor).collect();
    // What stands near the script, or was written by the same line, runs as it is imported.
    let modules = names.iter().map(|name| match name.kind() {
        "aliased_import" => name.child_by_field_name("name").map_or("", |name| reader.text(name)),
        _ => reader.text(*name),
    });
    let modules: Vec<String> = match module {
        None => modules.map(|module| module.replace('.', "/")).collect(),
        Some(module) => {
            let inner = module.trim_start_matches('.');
            // The first dot is the directory itself.
            let above = "../".repeat((module.len() - inner.len()).saturating_sub(1));
            let package = inner.replace('.', "/");
            let slash = if package.is_empty() { "" } else { "/" };
            let within = modules.map(|name| format!("{above}{package}{slash}{name}"));
            within.chain((!package.is_empty()).then(|| format!("{above}{package}"))).collect()
        }
    };
    for module in modules.iter().take(MODULES) {
        reader.imports.push(module.clone());
        for end in [".py", "/__init__.py"] {
            reader.found(CodeEffect::File { path: Text::known(format!("{module}{end}")), own: true });
        }
    }
    for name in names {
        let (path, alias) = match name.kind() {
            "aliased_import" => (name.child_by_field_name("name"), name.child_by_field_name("alias")),
            _ => (Some(name), None),
        };
        let path = path.map(|path| reader.text(path)).unwrap_or("");
        match (module, alias.map(|alias| reader.text(alias))) {
            (Some(module), alias) => {
                reader.bind(alias.unwrap_or(path), Value::Name(full_name(&format!("{module}.{path}"))));
            }
            (None, Some(alias)) => reader.bind(alias, Value::Name(full_name(path))),
            (None, None) => {
                let first = path.split('.').next().unwrap_or(path);
                reader.bind(first, Value::Name(first.to_owned()));
            }
        }
    }
}

/// Binds the names of an assignment's target.
pub(super) fn bind<'t>(reader: &mut Reader<'t, '_>, target: Node<'t>, value: Value) {
    match target.kind() {
        "identifier" | "attribute" => reader.bind(reader.text(target), value),
        "pattern_list" | "tuple_pattern" | "list_pattern" => {
            let mut cursor = target.walk();
            let targets: Vec<Node> = target.named_children(&mut cursor).collect();
            for (at, target) in targets.into_iter().enumerate() {
                if matches!(target.kind(), "identifier" | "attribute") {
                    let item = value.items().and_then(|items| items.get(at)).cloned();
                    let item = item.unwrap_or_else(|| reader.unknown(target));
                    reader.bind(reader.text(target), item);
                }
            }
        }
        "subscript" => set_item(reader, target, value),
        _ => {}
    }
}

/// `name[key] = value`
fn set_item<'t>(reader: &mut Reader<'t, '_>, target: Node<'t>, value: Value) {
    let (mut keys, mut object) = (Vec::new(), Some(target));
    while let Some(inner) = object.filter(|inner| inner.kind() == "subscript") {
        keys.push(
            reader.field(inner, "subscript").map_or_else(|| Text::hole("…", Shape::Any), |key| key.text()),
        );
        object = inner.child_by_field_name("value");
    }
    keys.reverse();
    if let Some(object) = object.filter(|object| object.kind() == "identifier") {
        reader.set_key(reader.text(object), &keys, &value);
    }
}
