//! Python: syntax, and the values of its expressions.

mod calls;
mod found;
mod items;
mod loops;
mod names;
mod options;
mod reach;
mod table;
mod uses;

use std::collections::HashSet;
use std::rc::Rc;

use tree_sitter::Node;

use self::names::{bind, import};
use super::narrow::Test;
use super::reader::{Grammar, Reader, list};
use super::sinks;
use super::value::{Args, PATH, Value, join, parent};
use crate::actions::Language;
use crate::model::{Shape, Text};

/// Python.
pub(super) struct Python;

impl Grammar for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn grammars(&self) -> Vec<tree_sitter::Language> {
        vec![tree_sitter_python::LANGUAGE.into()]
    }

    fn eval<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value {
        eval(reader, node)
    }

    fn enter<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> bool {
        match node.kind() {
            "import_statement" | "import_from_statement" => {
                import(reader, node);
                false
            }
            "function_definition" => {
                if !reader.is_read_at_calls(node) && !reader.is_unreached(node) {
                    reader.function(node);
                }
                false
            }
            "lambda" => {
                if node.parent().is_none_or(|parent| !reader.is_read_at_calls(parent)) {
                    reader.function(node);
                }
                false
            }
            "for_statement" => reader.for_each(node, true, bind),
            "if_statement" if reader.is_module() => !reach::asks_for_script(reader.source, node),
            "block" => match loops::condition(node) {
                Some(condition) => !options::never(reader, condition) && !reader.where_holds(condition, node),
                None => true,
            },
            kind if loops::COMPREHENSIONS.contains(&kind) => {
                reader.scoped(|reader| loops::comprehension(reader, node));
                false
            }
            _ => true,
        }
    }

    fn leave<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) {
        match node.kind() {
            "call" => call(reader, node),
            "assignment" => {
                let left = node.child_by_field_name("left");
                if let (Some(left), Some(value)) = (left, reader.field(node, "right")) {
                    uses::method_of_request(reader, left, node);
                    bind(reader, left, value);
                }
            }
            "named_expression" => {
                if let (Some(name), Some(value)) =
                    (node.child_by_field_name("name"), reader.field(node, "value"))
                {
                    bind(reader, name, value);
                }
            }
            "augmented_assignment" => {
                if let Some((left, value)) = reader.augmented(node, add) {
                    bind(reader, left, value);
                }
            }
            "if_statement" => loops::skipped(reader, node),
            "as_pattern" => {
                let target = node.child_by_field_name("alias").and_then(|alias| alias.named_child(0));
                if let (Some(target), Some(value)) = (target, node.named_child(0)) {
                    let value = reader.eval(value);
                    bind(reader, target, value);
                }
            }
            _ => {}
        }
    }

    fn declares<'t>(&self, source: &'t str, node: Node<'t>) -> Option<&'t str> {
        let name = match node.kind() {
            "function_definition" if reach::class_of(node).is_none() => node.child_by_field_name("name")?,
            "assignment" if node.child_by_field_name("right")?.kind() == "lambda" => {
                node.child_by_field_name("left").filter(|left| left.kind() == "identifier")?
            }
            _ => return None,
        };
        source.get(name.byte_range())
    }

    fn parameters<'t>(&self, source: &str, function: Node<'t>) -> Vec<(String, Option<Node<'t>>)> {
        let Some(parameters) = function.child_by_field_name("parameters") else {
            return Vec::new();
        };
        let mut cursor = parameters.walk();
        parameters
            .named_children(&mut cursor)
            .filter_map(|parameter| {
                let name = match parameter.kind() {
                    "identifier" | "list_splat_pattern" => parameter,
                    "default_parameter" | "typed_default_parameter" => {
                        parameter.child_by_field_name("name")?
                    }
                    "typed_parameter" => parameter.named_child(0)?,
                    _ => return None,
                };
                let name = source.get(name.byte_range())?.to_owned();
                Some((name, parameter.child_by_field_name("value")))
            })
            .collect()
    }

    fn answers<'t>(&self, source: &'t str, function: Node<'t>) -> Option<&'t str> {
        let by = match function.kind() {
            "lambda" => function.parent().filter(|by| by.kind() == "assignment")?.child_by_field_name("left"),
            _ => function.child_by_field_name("name"),
        };
        match source.get(by?.byte_range()) {
            Some("__init__") => reach::class_of(function).and_then(|name| source.get(name.byte_range())),
            name => name,
        }
    }

    fn unreached<'t>(
        &self,
        source: &'t str,
        root: Node<'t>,
        by: Option<&'t HashSet<String>>,
    ) -> HashSet<usize> {
        reach::unreached(source, root, by)
    }

    fn is_block(&self, kind: &str) -> bool {
        matches!(kind, "block" | "module")
    }

    fn tests<'t>(&self, reader: &mut Reader<'t, '_>, condition: Node<'t>) -> Vec<(String, Test)> {
        loops::tests(reader, condition)
    }
}

fn call<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    let Some(function) = node.child_by_field_name("function") else {
        return;
    };
    let callee = reader.eval(function);
    let args = arguments(reader, node);
    let name = reader.text(function);
    let own = match &callee {
        Value::Name(value) => value == name,
        value => matches!(value, Value::Unknown(_)),
    };
    if own && function.kind() == "identifier" {
        reader.call(name, &args);
        if reader.is_declared(name) {
            return;
        }
    }
    if let (Some(object), Some(method)) =
        (function.child_by_field_name("object"), function.child_by_field_name("attribute"))
        && object.kind() == "identifier"
    {
        match reader.text(method) {
            "append" | "add" | "appendleft" => reader.grow(reader.text(object), &args.positional),
            "insert" => reader.grow(reader.text(object), args.positional.get(1..).unwrap_or_default()),
            "extend" | "update" => {
                let more = args.positional.first().and_then(Value::items).unwrap_or_default();
                reader.grow(reader.text(object), more);
            }
            _ => {}
        }
    }
    if let Value::Method(receiver, method) = &callee
        && method == "add_argument"
        && options::is_parser(receiver)
    {
        options::declare(reader, node.id(), &args);
    }
    reader.hand(&callee, &args);
    reader.unused = uses::is_unused(reader, node);
    reader.locate(node);
    sinks::run(reader, table::SINKS, &callee, &args, node.id(), false);
    reader.unused = false;
}

fn arguments<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Args {
    let mut args = Args::default();
    let Some(list) = node.child_by_field_name("arguments") else {
        return args;
    };
    if list.kind() == "generator_expression" {
        args.positional.push(reader.eval(list));
        return args;
    }
    let mut cursor = list.walk();
    let children: Vec<Node> = list.named_children(&mut cursor).collect();
    for child in children {
        match child.kind() {
            "comment" => {}
            "keyword_argument" => {
                let name = child.child_by_field_name("name").map(|name| reader.text(name));
                let value = reader.field(child, "value");
                if let (Some(name), Some(value)) = (name, value) {
                    args.named.push((name.to_owned(), value));
                }
            }
            "dictionary_splat" => match child.named_child(0).map(|inner| reader.eval(inner)) {
                Some(Value::Map(entries)) => args.named.extend(
                    entries
                        .iter()
                        .filter_map(|(name, value)| Some((name.as_known()?.to_owned(), value.clone()))),
                ),
                _ => args
                    .positional
                    .push(Value::Map(Rc::new(vec![(Text::hole("**", Shape::Any), Value::Null)]))),
            },
            "list_splat" => match child.named_child(0).map(|inner| reader.eval(inner)) {
                Some(Value::List(items) | Value::Many(items)) => {
                    args.positional.extend(items.iter().cloned());
                }
                _ => args.positional.push(reader.unknown(child)),
            },
            _ => {
                let value = reader.eval(child);
                args.positional.push(value);
            }
        }
    }
    args
}

fn eval<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value {
    let value = match node.kind() {
        "string" => Some(Value::Text(string(reader, node))),
        "concatenated_string" => {
            let mut text = Text::default();
            for part in children(node) {
                text.append(&reader.eval(part).text());
            }
            Some(Value::Text(text))
        }
        "integer" | "float" => Some(Value::Number(reader.text(node).to_owned())),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "none" => Some(Value::Null),
        "identifier" => {
            let name = reader.text(node);
            Some(match reader.lookup(name) {
                Some(value) => value,
                None if name == "__file__" => Value::Text(Text::hole(name, Shape::Directory)),
                None => Value::Name(name.to_owned()),
            })
        }
        "attribute" => attribute(reader, node),
        "subscript" => items::subscript(reader, node),
        "list" | "tuple" | "set" | "expression_list" => {
            let mut items = Vec::new();
            for child in children(node) {
                match (child.kind(), child.named_child(0)) {
                    ("list_splat", Some(inner)) => match reader.eval(inner) {
                        Value::List(more) | Value::Many(more) => items.extend(more.iter().cloned()),
                        other => items.push(Value::Text(other.text().into_many())),
                    },
                    _ => items.push(reader.eval(child)),
                }
            }
            Some(list(items))
        }
        "dictionary" => Some(dictionary(reader, node)),
        "parenthesized_expression" | "await" => node.named_child(0).map(|inner| reader.eval(inner)),
        "named_expression" => reader.field(node, "value"),
        "conditional_expression" => either(reader, node, 0, 2),
        "boolean_operator" => {
            let is_or = node.child_by_field_name("operator").is_some_and(|o| reader.text(o) == "or");
            let left = reader.field(node, "left");
            match left.as_ref().and_then(Value::truth) {
                Some(truth) if truth == is_or => left,
                Some(_) => reader.field(node, "right"),
                None => None,
            }
        }
        "binary_operator" => binary(reader, node),
        "unary_operator" => reader.negated(node),
        "call" => calls::eval(reader, node),
        "slice" => None,
        kind if loops::COMPREHENSIONS.contains(&kind) => loops::value(reader, node),
        _ => None,
    };
    value.unwrap_or_else(|| reader.unknown(node))
}

fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The value if two children have the same.
fn either<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>, one: u32, other: u32) -> Option<Value> {
    let one = reader.eval(node.named_child(one)?);
    let other = reader.eval(node.named_child(other)?);
    match (one.as_known(), other.as_known()) {
        (Some(a), Some(b)) if a == b => Some(one),
        _ => None,
    }
}

fn dictionary<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value {
    let mut entries = Vec::new();
    for child in children(node) {
        if child.kind() == "pair" {
            if let (Some(key), Some(value)) = (reader.field(child, "key"), reader.field(child, "value")) {
                entries.push((key.text(), value));
            }
        } else if let Some(inner) = child.named_child(0) {
            match reader.eval(inner) {
                Value::Map(more) => entries.extend(more.iter().cloned()),
                other => entries.push((other.text(), Value::Unknown("**".to_owned()))),
            }
        }
    }
    Value::Map(Rc::new(entries))
}

fn attribute<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let object = node.child_by_field_name("object")?;
    let name = reader.text(node.child_by_field_name("attribute")?);
    if object.kind() == "identifier"
        && let Some(value) = reader.lookup(reader.text(node))
    {
        return Some(value);
    }
    let object = reader.eval(object);
    Some(match member(&object, name) {
        Value::Name(name) if name == "sys.executable" => Value::known("python3"),
        value => value,
    })
}

/// An attribute of a value.
fn member(object: &Value, name: &str) -> Value {
    if let Some(value) = options::member(object, name) {
        return value;
    }
    match object {
        Value::Name(module) => Value::Name(calls::full_name(&format!("{module}.{name}"))),
        Value::Unknown(label) => Value::Unknown(format!("{label}.{name}")),
        Value::Made(made) if made.by == PATH && name == "parent" => Value::path(parent(&object.text())),
        // A path object, or an entry of a directory.
        Value::Made(made) if made.by == PATH && name == "path" => Value::Text(object.text()),
        Value::Made(made) if made.by == PATH && name == "name" => Value::Text(items::last(&object.text())),
        Value::Made(made) if made.by.starts_with("tempfile.") && name == "name" => {
            Value::Text(Text::hole(format!("{}().name", made.by), Shape::Temporary))
        }
        other => Value::Method(Rc::new(other.clone()), name.to_owned()),
    }
}

fn binary<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let operator = reader.text(node.child_by_field_name("operator")?);
    let (left, right) = (reader.field(node, "left")?, reader.field(node, "right")?);
    match (operator, &left, &right) {
        ("+", left, right) => add(left, right),
        ("/", Value::Made(made), right) if made.by == PATH => {
            Some(Value::path(join(&left.text(), &right.text())))
        }
        ("/", Value::Unknown(_), Value::Text(rest)) => {
            let mut path = left.text();
            path.push_str("/");
            path.append(rest);
            Some(Value::path(path))
        }
        ("%", Value::Text(_), args) => Some(Value::Text(calls::percent(&left.text(), args))),
        ("|", Value::Map(one), Value::Map(other)) => {
            Some(Value::Map(Rc::new(one.iter().chain(other.iter()).cloned().collect())))
        }
        // `os.O_WRONLY | os.O_TRUNC`
        ("|", Value::Name(_) | Value::Unknown(_), _) => {
            Some(Value::Unknown(format!("{} | {}", left.text().display(), right.text().display())))
        }
        ("*", Value::Text(text), Value::Number(times)) => {
            let times = times.parse::<usize>().ok().filter(|times| *times <= 1000)?;
            let mut out = Text::default();
            (0..times).for_each(|_| out.append(text));
            Some(Value::Text(out))
        }
        _ => None,
    }
}

fn add(left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::List(one), Value::List(other) | Value::Many(other)) => {
            Some(list(one.iter().chain(other.iter()).cloned().collect()))
        }
        (Value::Many(one), other) => {
            let other = other.items().unwrap_or_default();
            Some(Value::Many(Rc::new(one.iter().chain(other).cloned().collect())))
        }
        (Value::List(one), other) => {
            let rest = Value::Text(other.text().into_many());
            Some(list(one.iter().cloned().chain(std::iter::once(rest)).collect()))
        }
        (Value::Number(one), Value::Number(other)) => {
            let sum = one.parse::<i64>().ok()?.checked_add(other.parse().ok()?)?;
            Some(Value::Number(sum.to_string()))
        }
        (Value::Text(_), _) | (_, Value::Text(_)) => {
            let mut text = left.text();
            text.append(&right.text());
            Some(Value::Text(text))
        }
        _ => None,
    }
}

/// A string literal; what f-strings put in is evaluated.
fn string<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Text {
    let mut text = Text::default();
    let mut raw = false;
    let mut formatted = false;
    let mut cursor = node.walk();
    let parts: Vec<Node> = node.children(&mut cursor).collect();
    for part in parts {
        match part.kind() {
            "string_start" => {
                let prefix = reader.text(part).trim_end_matches(['"', '\'']).to_ascii_lowercase();
                raw = prefix.contains('r');
                formatted = prefix.contains('f');
            }
            "string_content" => {
                let content = reader.text(part);
                let content = if raw { content.to_owned() } else { calls::unescaped(content) };
                text.push_str(&if formatted {
                    content.replace("{{", "{").replace("}}", "}")
                } else {
                    content
                });
            }
            "interpolation" => {
                let value = reader.field(part, "expression");
                let plain = part.child_by_field_name("format_specifier").is_none()
                    && part.child_by_field_name("type_conversion").is_none();
                match value.filter(|_| plain) {
                    Some(value) => text.append(&value.text()),
                    None => text.append(&reader.unknown(part).text()),
                }
            }
            _ => {}
        }
    }
    text
}
