//! JavaScript and TypeScript: syntax, and the values of their expressions.

mod calls;
mod lists;
mod names;
mod reach;
mod table;

use std::collections::HashSet;
use std::rc::Rc;

use tree_sitter::Node;

use self::names::{bind, full_name, import};
use super::narrow::Test;
use super::reader::{Grammar, Reader, list};
use super::sinks;
use super::value::{Args, Value};
use crate::actions::Language;
use crate::model::{Shape, Text};

/// JavaScript.
pub(super) struct JavaScript;

impl Grammar for JavaScript {
    fn language(&self) -> Language {
        Language::JavaScript
    }

    fn grammars(&self) -> Vec<tree_sitter::Language> {
        // TypeScript's own takes `<T>x` for a cast, the other one for an element.
        let own = tree_sitter_typescript::LANGUAGE_TYPESCRIPT;
        vec![own.into(), tree_sitter_typescript::LANGUAGE_TSX.into()]
    }

    fn eval<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value {
        eval(reader, node)
    }

    fn enter<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> bool {
        match node.kind() {
            "import_statement" => {
                import(reader, node);
                false
            }
            "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "generator_function"
            | "generator_function_declaration" => {
                if !reader.is_read_at_calls(node) && !reader.is_unreached(node) {
                    reader.function(node);
                }
                false
            }
            "variable_declarator" => {
                // A function bound to a name is read where it is called.
                let value = node.child_by_field_name("value");
                !(value.is_some() && reader.is_read_at_calls(node))
            }
            "if_statement" if reader.is_module() => !reach::asks_for_script(reader.source, node),
            "for_in_statement" => {
                let of = node.child_by_field_name("operator").is_some_and(|o| reader.text(o) == "of");
                reader.for_each(node, of, bind)
            }
            "call_expression" => !lists::each(reader, node),
            "statement_block" => match lists::condition(node) {
                Some(condition) => !reader.where_holds(condition, node),
                None => true,
            },
            // `if (name.endsWith('.log')) unlinkSync(name)`
            "expression_statement" => match lists::condition(node) {
                Some(condition) if node.named_child(0).is_some_and(|it| it.kind() == "call_expression") => {
                    !reader.scoped(|reader| reader.where_holds(condition, node))
                }
                _ => true,
            },
            _ => true,
        }
    }

    fn leave<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) {
        match node.kind() {
            "call_expression" | "new_expression" => call(reader, node),
            "variable_declarator" => {
                let Some(name) = node.child_by_field_name("name") else {
                    return;
                };
                let value = reader.field(node, "value").unwrap_or(Value::Null);
                bind(reader, name, value);
            }
            "assignment_expression" => {
                if let (Some(left), Some(value)) =
                    (node.child_by_field_name("left"), reader.field(node, "right"))
                {
                    match left.kind() {
                        "identifier" => reader.assign(reader.text(left), value),
                        _ => bind(reader, left, value),
                    }
                }
            }
            "augmented_assignment_expression" => {
                if let Some((left, value)) = reader.augmented(node, add) {
                    reader.assign(reader.text(left), value);
                }
            }
            _ => {}
        }
    }

    fn unreached<'t>(
        &self,
        source: &'t str,
        root: Node<'t>,
        by: Option<&'t HashSet<String>>,
    ) -> HashSet<usize> {
        by.map_or_else(HashSet::new, |by| reach::unreached(source, root, by))
    }

    fn declares<'t>(&self, source: &'t str, node: Node<'t>) -> Option<&'t str> {
        let named = match node.kind() {
            "function_declaration" | "generator_function_declaration" => true,
            "variable_declarator" => node
                .child_by_field_name("value")
                .is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression")),
            _ => false,
        };
        let name = named.then(|| node.child_by_field_name("name")).flatten()?;
        source.get(name.byte_range()).filter(|_| name.kind() == "identifier")
    }

    fn parameters<'t>(&self, source: &str, function: Node<'t>) -> Vec<(String, Option<Node<'t>>)> {
        let text = |node: Node<'t>, value: Option<Node<'t>>| {
            Some((source.get(node.byte_range())?.to_owned(), value))
        };
        if let Some(single) = function.child_by_field_name("parameter") {
            return text(single, None).into_iter().collect();
        }
        let Some(parameters) = function.child_by_field_name("parameters") else {
            return Vec::new();
        };
        let mut cursor = parameters.walk();
        parameters
            .named_children(&mut cursor)
            .filter(|parameter| parameter.kind() != "comment")
            .filter_map(|parameter| match parameter.kind() {
                "required_parameter" | "optional_parameter" => {
                    text(parameter.child_by_field_name("pattern")?, parameter.child_by_field_name("value"))
                }
                _ => text(parameter, None),
            })
            .collect()
    }

    fn answers<'t>(&self, source: &'t str, function: Node<'t>) -> Option<&'t str> {
        reach::answers(source, function)
    }

    fn is_block(&self, kind: &str) -> bool {
        matches!(kind, "statement_block" | "program")
    }

    fn tests<'t>(&self, reader: &mut Reader<'t, '_>, condition: Node<'t>) -> Vec<(String, Test)> {
        lists::tests(reader, condition)
    }
}

fn call<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    let field = if node.kind() == "new_expression" { "constructor" } else { "function" };
    let Some(function) = node.child_by_field_name(field) else {
        return;
    };
    let callee = reader.eval(function);
    let args = arguments(reader, node);
    let own = matches!(&callee, Value::Null | Value::Unknown(_))
        || matches!(&callee, Value::Name(name) if *name == reader.text(function));
    if function.kind() == "identifier" && own {
        reader.call(reader.text(function), &args);
        if reader.is_declared(reader.text(function)) {
            return;
        }
    }
    if let (Some(object), Some(method)) =
        (function.child_by_field_name("object"), function.child_by_field_name("property"))
        && object.kind() == "identifier"
        && matches!(reader.text(method), "push" | "unshift" | "add")
    {
        reader.grow(reader.text(object), &args.positional);
    }
    if matches!(&callee, Value::Name(name) if name == "require")
        && let Some(path) = args.positional.first().and_then(Value::as_known)
    {
        names::own_module(reader, path);
    }
    reader.hand(&callee, &args);
    let parent = node.parent().filter(|parent| parent.kind() == "await_expression").unwrap_or(node);
    reader.unused = parent.parent().is_some_and(|parent| parent.kind() == "expression_statement");
    reader.locate(node);
    sinks::run(reader, table::SINKS, &callee, &args, node.id(), is_json(&callee));
    reader.unused = false;
}

/// Whether the client sends an object as JSON.
fn is_json(callee: &Value) -> bool {
    callee.callee().is_some_and(|name| name.starts_with("axios"))
}

fn arguments<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Args {
    let mut args = Args::default();
    let Some(given) = node.child_by_field_name("arguments") else {
        return args;
    };
    if given.kind() == "template_string" {
        args.positional.push(Value::Text(template(reader, given, true)));
        return args;
    }
    for child in children(given) {
        match (child.kind(), child.named_child(0)) {
            ("spread_element", Some(inner)) => match reader.eval(inner) {
                Value::List(items) | Value::Many(items) => args.positional.extend(items.iter().cloned()),
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
        "string" => Some(Value::known(literal(reader, node))),
        "template_string" => Some(Value::Text(template(reader, node, false))),
        "regex" => Some(Value::made("RegExp", Vec::new())),
        "number" => Some(Value::Number(reader.text(node).to_owned())),
        "unary_expression" => reader.negated(node),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        // A function given to another one is no part of what is sent or started.
        "null" | "undefined" | "arrow_function" | "function_expression" => Some(Value::Null),
        "identifier" | "shorthand_property_identifier" | "this" => {
            let name = reader.text(node);
            Some(match reader.lookup(name) {
                Some(value) => value,
                None if matches!(name, "__dirname" | "__filename") => {
                    Value::Text(Text::hole(name, Shape::Directory))
                }
                None => Value::Name(name.to_owned()),
            })
        }
        "import" => Some(Value::Name("require".to_owned())),
        "member_expression" => {
            let known = reader.lookup(reader.text(node));
            let property = node.child_by_field_name("property").map(|property| reader.text(property));
            known.or_else(|| {
                let object = reader.field(node, "object")?;
                Some(environment(reader, member(&object, property?)))
            })
        }
        "subscript_expression" => {
            let object = reader.field(node, "object");
            let index = reader.field(node, "index");
            match (&object, &index) {
                (Some(Value::List(items)), Some(Value::Number(index))) => {
                    index.parse::<usize>().ok().and_then(|index| items.get(index)).cloned()
                }
                (Some(Value::Many(items)), Some(Value::Number(_))) if items.len() == 1 => {
                    items.first().cloned()
                }
                (Some(object), Some(index)) => {
                    index.as_known().map(|key| environment(reader, member(object, key)))
                }
                _ => None,
            }
        }
        "array" => {
            let mut items = Vec::new();
            for child in children(node) {
                match (child.kind(), child.named_child(0)) {
                    ("spread_element", Some(inner)) => match reader.eval(inner) {
                        Value::List(more) | Value::Many(more) => items.extend(more.iter().cloned()),
                        other => items.push(Value::Text(other.text().into_many())),
                    },
                    _ => items.push(reader.eval(child)),
                }
            }
            Some(list(items))
        }
        "object" => Some(object(reader, node)),
        "parenthesized_expression"
        | "await_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression" => node.named_child(0).map(|inner| reader.eval(inner)),
        "assignment_expression" => reader.field(node, "right"),
        "sequence_expression" => children(node).pop().map(|last| reader.eval(last)),
        "ternary_expression" => {
            let one = reader.field(node, "consequence");
            let other = reader.field(node, "alternative");
            one.filter(|one| {
                one.as_known().is_some() && one.as_known() == other.as_ref().and_then(Value::as_known)
            })
        }
        "binary_expression" => binary(reader, node),
        "call_expression" | "new_expression" => {
            lists::value(reader, node).or_else(|| calls::eval(reader, node))
        }
        _ => None,
    };
    value.unwrap_or_else(|| reader.unknown(node))
}

fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// A property of a value.
fn member(object: &Value, name: &str) -> Value {
    match object {
        Value::Name(module) => Value::Name(full_name(&format!("{module}.{name}"))),
        Value::Unknown(label) => Value::Unknown(format!("{label}.{name}")),
        Value::Map(_) => object.key(name).unwrap_or(Value::Null),
        Value::Made(made) if made.by == super::value::URL && name == "href" => Value::Text(object.text()),
        // An entry of a directory.
        Value::Text(text) if text.has_glob() && name == "name" => object.clone(),
        other => Value::Method(Rc::new(other.clone()), name.to_owned()),
    }
}

/// `process.env.NAME` is a variable of the environment.
fn environment(reader: &Reader, value: Value) -> Value {
    match &value {
        Value::Name(name) if matches!(name.as_str(), "process.execPath" | "process.argv0") => {
            Value::known("node")
        }
        Value::Name(name) if matches!(name.as_str(), "process.argv" | "Deno.args" | "Bun.argv") => {
            let own = match (name.as_str(), reader.surroundings.file) {
                ("Deno.args", _) => 0,
                (_, file) => 1 + usize::from(file),
            };
            let own = std::iter::repeat_n(Value::known("node"), own);
            list(own.chain(reader.surroundings.args.iter().cloned().map(Value::Text)).collect())
        }
        Value::Name(name) => {
            match name.strip_prefix("process.env.").or_else(|| name.strip_prefix("Bun.env.")) {
                Some(variable) => reader.variable(variable, name),
                None => value,
            }
        }
        _ => value,
    }
}

fn object<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value {
    let mut entries = Vec::new();
    for child in children(node) {
        match child.kind() {
            "pair" => {
                let Some(key) = child.child_by_field_name("key") else {
                    continue;
                };
                let name = match key.kind() {
                    "string" => Text::known(literal(reader, key)),
                    "computed_property_name" => match key.named_child(0) {
                        Some(inner) => reader.eval(inner).text(),
                        None => continue,
                    },
                    _ => Text::known(reader.text(key)),
                };
                if let Some(value) = reader.field(child, "value") {
                    entries.push((name, value));
                }
            }
            "shorthand_property_identifier" => {
                let value = reader.eval(child);
                entries.push((Text::known(reader.text(child)), value));
            }
            "spread_element" => match child.named_child(0).map(|inner| reader.eval(inner)) {
                Some(Value::Map(more)) => entries.extend(more.iter().cloned()),
                Some(other) => entries.push((other.text(), Value::Unknown("...".to_owned()))),
                None => {}
            },
            _ => {}
        }
    }
    Value::Map(Rc::new(entries))
}

fn binary<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let operator = reader.text(node.child_by_field_name("operator")?);
    let (left, right) = (reader.field(node, "left")?, reader.field(node, "right")?);
    let variable =
        node.child_by_field_name("left").and_then(|left| reader.text(left).strip_prefix("process.env."));
    let unset = variable.is_some_and(|name| (reader.surroundings.variable)(name).is_none());
    match operator {
        "||" | "??" if unset => Some(right),
        "+" => add(&left, &right),
        "||" => match left.truth()? {
            true => Some(left),
            false => Some(right),
        },
        "&&" => match left.truth()? {
            true => Some(right),
            false => Some(left),
        },
        "??" => match left {
            Value::Null => Some(right),
            Value::Name(_) | Value::Unknown(_) => None,
            Value::Text(text) if text.is_opaque() => None,
            left => Some(left),
        },
        _ => None,
    }
}

fn add(left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
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

/// A quoted literal's characters.
fn literal(reader: &Reader, node: Node) -> String {
    let text = reader.text(node);
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
    calls::unescaped(inner)
}

/// A template's text; what is put in is quoted for a shell where `quoted` (`$` and its kind do so).
fn template<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>, quoted: bool) -> Text {
    let mut out = Text::default();
    let mut at = node.start_byte() + 1;
    let end = node.end_byte().saturating_sub(1);
    for part in children(node) {
        if part.kind() != "template_substitution" {
            continue;
        }
        out.push_str(&calls::unescaped(reader.source.get(at..part.start_byte()).unwrap_or("")));
        if let Some(inner) = part.named_child(0) {
            let value = reader.eval(inner).text();
            match value.as_known() {
                Some(known) if quoted => out.push_str(&shell_words::quote(known)),
                _ => out.append(&value),
            }
        }
        at = part.end_byte();
    }
    out.push_str(&calls::unescaped(reader.source.get(at..end).unwrap_or("")));
    out
}
