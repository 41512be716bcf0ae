//! JavaScript's lists: functions called for their items, and what conditions tell of these.

use std::rc::Rc;

use tree_sitter::Node;

use super::names::bind;
use super::{JavaScript, children};
use crate::actions::code::narrow::Test;
use crate::actions::code::reader::{Grammar, Reader, list};
use crate::actions::code::value::{Args, Value};

/// Array methods that call a function for each item.
const LOOPS: &[&str] = &["forEach", "map", "filter", "flatMap", "some", "every", "find"];
/// Methods that call a function with what a promise, or a value, turns out to be.
const HANDS: &[&str] = &["then", "finally", "tap"];

/// Where a list's method or a promise's is given a function: its object, the method, the function.
fn given<'t>(reader: &Reader<'t, '_>, node: Node<'t>) -> Option<(Node<'t>, &'t str, Node<'t>)> {
    let member = node.child_by_field_name("function").filter(|f| f.kind() == "member_expression")?;
    let argument = node.child_by_field_name("arguments")?.named_child(0)?;
    let is_function = matches!(argument.kind(), "arrow_function" | "function_expression");
    let method = reader.text(member.child_by_field_name("property")?);
    is_function.then_some((member.child_by_field_name("object")?, method, argument))
}

/// The pattern of a function's first parameter.
fn parameter(function: Node) -> Option<Node> {
    if let Some(single) = function.child_by_field_name("parameter") {
        return Some(single);
    }
    let first = children(function.child_by_field_name("parameters")?).into_iter().next()?;
    match first.kind() {
        "required_parameter" | "optional_parameter" => first.child_by_field_name("pattern"),
        _ => Some(first),
    }
}

/// `[…].forEach(item => …)`, `import("fs").then(fs => …)`: reads the function once for each item;
/// true where it did.
pub(super) fn each<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> bool {
    let Some((object, method, function)) = given(reader, node) else {
        return false;
    };
    let (Some(pattern), Some(body)) = (parameter(function), function.child_by_field_name("body")) else {
        return false;
    };
    let value = match method {
        _ if LOOPS.contains(&method) => reader.eval(object),
        _ if HANDS.contains(&method) => match reader.eval(object) {
            value @ (Value::Name(_) | Value::List(_) | Value::Many(_) | Value::Text(_)) => list(vec![value]),
            _ => return false,
        },
        _ => return false,
    };
    // What is walked over here is not to be walked over once more.
    if !reader.can_loop(&value) {
        return false;
    }
    // What the items come from may do something too.
    reader.region(object);
    reader.each(&value, body, &mut |reader, item| bind(reader, pattern, item))
}

/// The list that `filter` and `map` give.
pub(super) fn value<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let (object, method, function) = given(reader, node)?;
    if !matches!(method, "filter" | "map") {
        return None;
    }
    let (pattern, body) = (parameter(function)?, function.child_by_field_name("body")?);
    let source = reader.eval(object);
    let Some(items) = source.items().map(<[Value]>::to_vec) else {
        // What it is a method of is not worked out once more.
        let callee = Value::Method(Rc::new(source), method.to_owned());
        return Some(match callee.callee() {
            Some(name) => Value::result(&callee, name, Args::default(), node.id()),
            None => reader.unknown(node),
        });
    };
    if method == "filter" {
        let name = reader.text(pattern);
        let mut kept = Vec::new();
        for item in items.into_iter().take(100) {
            let ways = reader.scoped(|reader| {
                reader.bind(name, item.clone());
                reader.narrowed(body)
            });
            let narrowed = ways.into_iter().flatten().map(|(_, value)| value);
            let before = kept.len();
            kept.extend(narrowed);
            if kept.len() == before {
                kept.push(item);
            }
        }
        return Some(Value::Many(Rc::new(kept)));
    }
    let mut mapped = Vec::new();
    for item in items.into_iter().take(100) {
        mapped.push(reader.scoped(|reader| {
            bind(reader, pattern, item);
            reader.eval(body)
        }));
    }
    Some(match source {
        Value::Many(_) => Value::Many(Rc::new(mapped)),
        _ => list(mapped),
    })
}

/// The condition under which a block runs.
pub(super) fn condition(block: Node) -> Option<Node> {
    let parent = block.parent().filter(|parent| parent.kind() == "if_statement")?;
    let consequence = parent.child_by_field_name("consequence")?;
    parent.child_by_field_name("condition").filter(|_| consequence.id() == block.id())
}

/// What a condition asks of variables.
pub(super) fn tests<'t>(reader: &mut Reader<'t, '_>, condition: Node<'t>) -> Vec<(String, Test)> {
    match condition.kind() {
        "parenthesized_expression" => {
            condition.named_child(0).map(|inner| tests(reader, inner)).unwrap_or_default()
        }
        "binary_expression" => {
            let sides = (condition.child_by_field_name("left"), condition.child_by_field_name("right"));
            let (Some(left), Some(right)) = sides else {
                return Vec::new();
            };
            match condition.child_by_field_name("operator").map(|operator| reader.text(operator)) {
                Some("&&") => [left, right].into_iter().flat_map(|side| tests(reader, side)).collect(),
                Some("==" | "===") => equal(reader, left, right).into_iter().collect(),
                _ => Vec::new(),
            }
        }
        "call_expression" => call(reader, condition).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The variable that an expression asks about: `f`, `f.name`.
fn subject<'t>(reader: &Reader<'t, '_>, node: Node<'t>) -> Option<String> {
    match node.kind() {
        "identifier" => Some(reader.text(node).to_owned()),
        "member_expression" => {
            let property = reader.text(node.child_by_field_name("property")?);
            (property == "name").then(|| subject(reader, node.child_by_field_name("object")?))?
        }
        _ => None,
    }
}

fn equal<'t>(reader: &mut Reader<'t, '_>, left: Node<'t>, right: Node<'t>) -> Option<(String, Test)> {
    let wanted = JavaScript.eval(reader, right).as_known()?.to_owned();
    if left.kind() == "call_expression"
        && reader.text(left.child_by_field_name("function")?).ends_with("extname")
    {
        let of = left.child_by_field_name("arguments")?.named_child(0)?;
        return Some((subject(reader, of)?, Test::Ends(vec![wanted])));
    }
    Some((subject(reader, left)?, Test::Is(vec![wanted])))
}

fn call<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<(String, Test)> {
    let function = node.child_by_field_name("function")?;
    let object = function.child_by_field_name("object")?;
    let method = reader.text(function.child_by_field_name("property")?);
    let argument = node.child_by_field_name("arguments")?.named_child(0)?;
    if method == "test" && object.kind() == "regex" {
        let pattern = reader.text(object.child_by_field_name("pattern")?);
        // Flags may let it hold of more.
        let flags = object.child_by_field_name("flags").is_some();
        return Test::regex(pattern).filter(|_| !flags).zip(subject(reader, argument)).map(|(t, of)| (of, t));
    }
    let of = subject(reader, object)?;
    let given = reader.eval(argument).as_known()?.to_owned();
    match method {
        "endsWith" => Some((of, Test::Ends(vec![given]))),
        "startsWith" => Some((of, Test::Starts(vec![given]))),
        "includes" => Some((of, Test::Holds(given))),
        _ => None,
    }
}
