//! How JavaScript binds names: imports, destructuring, and the many names of one module.

use tree_sitter::Node;

use super::{children, environment, member};
use crate::actions::CodeEffect;
use crate::actions::code::reader::Reader;
use crate::actions::code::value::Value;
use crate::model::{Shape, Text, base_name};

/// A module's name, the same for all the ways to write it.
pub(super) fn module(name: &str) -> String {
    let name = name.strip_prefix("node:").unwrap_or(name);
    match name {
        "fs/promises" | "fs-extra" | "graceful-fs" | "fs-extra/esm" => "fs",
        "http" | "https" | "follow-redirects" => "https",
        "node-fetch" | "cross-fetch" | "isomorphic-fetch" => "fetch",
        "ky" | "ky-universal" => "got",
        other => other,
    }
    .to_owned()
}

/// The full name of a module's or global thing.
pub(super) fn full_name(name: &str) -> String {
    let name = ["globalThis.", "window.", "global.", "self."]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name);
    let name = name.replace("fs.promises", "fs").replace(".default", "");
    // `module.require`, `process.mainModule.require`, `require("module")._load`
    if name.ends_with(".require") || name.ends_with("._load") {
        return "require".to_owned();
    }
    match name.as_str() {
        "follow-redirects.http" | "follow-redirects.https" | "https.http" | "https.https" => {
            "https".to_owned()
        }
        "fetch.fetch" | "undici.fetch" => "fetch".to_owned(),
        "got.got" | "got.ky" => "got".to_owned(),
        "axios.axios" => "axios".to_owned(),
        _ => name,
    }
}

/// What stands near the script, or was written by the same line, runs as it is loaded.
pub(super) fn own_module(reader: &mut Reader, path: &str) {
    if path.starts_with(['.', '/']) {
        reader.imports.push(module(path));
        let whole = base_name(path).trim_start_matches('.').contains('.');
        let ends: &[&str] =
            if whole { &["", ".js", ".ts"] } else { &[".js", ".ts", ".cjs", "/index.js", "/index.ts"] };
        for end in ends {
            reader.found(CodeEffect::File { path: Text::known(format!("{path}{end}")), own: true });
        }
    }
}

/// Binds what an import brings.
pub(super) fn import<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    let required = children(node).into_iter().find(|child| child.kind() == "import_require_clause");
    let source = required.unwrap_or(node).child_by_field_name("source");
    let source = source.map(|source| reader.eval(source));
    let Some(source) = source.as_ref().and_then(Value::as_known) else {
        return;
    };
    own_module(reader, source);
    let source = module(source);
    let clause = children(node).into_iter().find(|child| child.kind() == "import_clause");
    let Some(clause) = required.or(clause) else {
        return;
    };
    for part in children(clause) {
        match part.kind() {
            "identifier" => reader.bind(reader.text(part), Value::Name(source.clone())),
            "namespace_import" => {
                if let Some(name) = part.named_child(0) {
                    reader.bind(reader.text(name), Value::Name(source.clone()));
                }
            }
            "named_imports" => {
                for specifier in children(part) {
                    let Some(name) = specifier.child_by_field_name("name") else {
                        continue;
                    };
                    let alias = specifier.child_by_field_name("alias").unwrap_or(name);
                    let full = full_name(&format!("{source}.{}", reader.text(name)));
                    reader.bind(reader.text(alias), Value::Name(full));
                }
            }
            _ => {}
        }
    }
}

/// Binds the names of an assignment's target.
pub(super) fn bind<'t>(reader: &mut Reader<'t, '_>, target: Node<'t>, value: Value) {
    match target.kind() {
        "identifier" => reader.bind(reader.text(target), value),
        "member_expression" | "subscript_expression" => {
            let (mut keys, mut object) = (Vec::new(), Some(target));
            while let Some(inner) =
                object.filter(|inner| matches!(inner.kind(), "member_expression" | "subscript_expression"))
            {
                keys.push(match inner.child_by_field_name("property") {
                    Some(property) => Text::known(reader.text(property)),
                    None => match reader.field(inner, "index") {
                        Some(index) => index.text(),
                        None => Text::hole("…", Shape::Any),
                    },
                });
                object = inner.child_by_field_name("object");
            }
            keys.reverse();
            if let Some(object) = object.filter(|object| object.kind() == "identifier") {
                reader.set_key(reader.text(object), &keys, &value);
            }
            reader.bind(reader.text(target), value);
        }
        "object_pattern" => {
            for part in children(target) {
                let (key, local) = match part.kind() {
                    "shorthand_property_identifier_pattern" => (Some(part), Some(part)),
                    "pair_pattern" => (part.child_by_field_name("key"), part.child_by_field_name("value")),
                    "object_assignment_pattern" => {
                        (part.child_by_field_name("left"), part.child_by_field_name("left"))
                    }
                    _ => (None, None),
                };
                if let (Some(key), Some(local)) = (key, local) {
                    let item = environment(reader, member(&value, reader.text(key)));
                    reader.bind(reader.text(local), item);
                }
            }
        }
        "array_pattern" => {
            for (at, part) in children(target).into_iter().enumerate() {
                let item = value.items().and_then(|items| items.get(at)).cloned();
                let item = item.unwrap_or_else(|| reader.unknown(part));
                reader.bind(reader.text(part), item);
            }
        }
        _ => {}
    }
}
