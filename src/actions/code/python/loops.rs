//! Python's comprehensions, and what its conditions tell of names.

use tree_sitter::Node;

use super::names::bind;
use super::{Python, children};
use crate::actions::code::narrow::Test;
use crate::actions::code::reader::{Grammar, Reader, list};
use crate::actions::code::value::Value;

/// The kinds of comprehensions.
pub(super) const COMPREHENSIONS: &[&str] =
    &["list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension"];

/// Reads a comprehension as the loops and conditions that it stands for.
pub(super) fn comprehension<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    if let Some(body) = node.child_by_field_name("body") {
        clauses(reader, &parts(node), &mut |reader| reader.region(body));
    }
}

/// The list that a comprehension gives.
pub(super) fn value<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let body = node.child_by_field_name("body")?;
    let mut found = Vec::new();
    let parts = parts(node);
    let mut sure = !parts.iter().any(|part| part.kind() == "if_clause");
    reader.scoped(|reader| {
        quietly(reader, &parts, &mut sure, &mut |reader| {
            if found.len() < 1000 {
                let value = reader.eval(body);
                found.push(value);
            }
        });
    });
    Some(match sure {
        true => list(found),
        false => Value::Many(std::rc::Rc::new(found)),
    })
}

fn parts(node: Node) -> Vec<Node> {
    children(node).into_iter().filter(|part| matches!(part.kind(), "for_in_clause" | "if_clause")).collect()
}

fn clauses<'t>(reader: &mut Reader<'t, '_>, parts: &[Node<'t>], run: &mut dyn FnMut(&mut Reader<'t, '_>)) {
    for part in parts {
        if let Some(source) = part.child_by_field_name("right").or_else(|| part.named_child(0)) {
            // What is called there is called whatever it gives.
            if part.kind() == "if_clause" || part.child_by_field_name("right").is_some() {
                reader.region(source);
            }
        }
    }
    quietly(reader, parts, &mut true, run);
}

/// The loops and conditions themselves; `sure` stays true where all that is looped over is a list.
fn quietly<'t>(
    reader: &mut Reader<'t, '_>,
    parts: &[Node<'t>],
    sure: &mut bool,
    run: &mut dyn FnMut(&mut Reader<'t, '_>),
) {
    let Some((part, rest)) = parts.split_first() else {
        return run(reader);
    };
    if part.kind() == "if_clause" {
        let ways = part.named_child(0).map(|condition| reader.narrowed(condition)).unwrap_or_default();
        if ways.is_empty() {
            return quietly(reader, rest, sure, run);
        }
        for way in ways {
            way.into_iter().for_each(|(name, value)| reader.bind(&name, value));
            quietly(reader, rest, sure, run);
        }
        return;
    }
    let (Some(left), Some(right)) = (part.child_by_field_name("left"), part.child_by_field_name("right"))
    else {
        return;
    };
    let items = reader.eval(right);
    *sure &= matches!(items, Value::List(_));
    let followed = reader.each_item(&items, part.id(), &mut |reader, item| {
        bind(reader, left, item);
        quietly(reader, rest, sure, run);
    });
    if !followed {
        *sure = false;
        bind(reader, left, Value::Unknown(reader.text(left).to_owned()));
        quietly(reader, rest, sure, run);
    }
}

/// The condition under which a block runs.
pub(super) fn condition(block: Node) -> Option<Node> {
    let parent = block.parent().filter(|parent| matches!(parent.kind(), "if_statement" | "elif_clause"))?;
    let consequence = parent.child_by_field_name("consequence")?;
    parent.child_by_field_name("condition").filter(|_| consequence.id() == block.id())
}

/// `if not name.endswith(".log"): continue` tells of all that follows.
pub(super) fn skipped<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) {
    let leaves = |block: Node| {
        let first = block.named_child(0).map(|statement| statement.kind());
        matches!(
            first,
            Some("continue_statement" | "return_statement" | "raise_statement" | "break_statement")
        )
    };
    let condition = node.child_by_field_name("condition").filter(|c| c.kind() == "not_operator");
    let block = node.child_by_field_name("consequence").filter(|block| leaves(*block));
    let argument = condition.and_then(|condition| condition.child_by_field_name("argument"));
    if let (Some(argument), Some(_), None) = (argument, block, node.child_by_field_name("alternative"))
        && let [way] = reader.narrowed(argument).as_slice()
    {
        way.iter().for_each(|(name, value)| reader.bind(name, value.clone()));
    }
}

/// What a condition asks of variables.
pub(super) fn tests<'t>(reader: &mut Reader<'t, '_>, condition: Node<'t>) -> Vec<(String, Test)> {
    match condition.kind() {
        "parenthesized_expression" => {
            condition.named_child(0).map(|inner| tests(reader, inner)).unwrap_or_default()
        }
        "boolean_operator" => {
            let is_and = condition.child_by_field_name("operator").is_some_and(|o| reader.text(o) == "and");
            let sides = [condition.child_by_field_name("left"), condition.child_by_field_name("right")];
            let sides = sides.into_iter().flatten().filter(|_| is_and);
            sides.flat_map(|side| tests(reader, side)).collect()
        }
        "call" => call(reader, condition).into_iter().collect(),
        "comparison_operator" => comparison(reader, condition).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The variable that an expression asks about: `f`, `f.name`, `str(f)`.
fn subject<'t>(reader: &Reader<'t, '_>, node: Node<'t>) -> Option<&'t str> {
    match node.kind() {
        "identifier" => Some(reader.text(node)),
        "attribute" => {
            let attribute = reader.text(node.child_by_field_name("attribute")?);
            let object = node.child_by_field_name("object")?;
            matches!(attribute, "name" | "path").then(|| subject(reader, object))?
        }
        "call" => {
            let function = reader.text(node.child_by_field_name("function")?);
            let first = node.child_by_field_name("arguments")?.named_child(0);
            match function.rsplit('.').next()? {
                "str" | "basename" => subject(reader, first?),
                "lower" | "casefold" => {
                    let object = node.child_by_field_name("function")?.child_by_field_name("object")?;
                    subject(reader, object)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let known = |value: &Value| value.as_known().map(str::to_owned);
    match value.items() {
        Some(items) => items.iter().map(known).collect(),
        None => known(value).map(|one| vec![one]),
    }
}

fn call<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<(String, Test)> {
    let function = node.child_by_field_name("function")?;
    let mut args = children(node.child_by_field_name("arguments")?).into_iter();
    let name = reader.text(function);
    if matches!(name, "fnmatch.fnmatch" | "fnmatch" | "fnmatch.fnmatchcase") {
        let of = subject(reader, args.next()?)?.to_owned();
        let pattern = reader.eval(args.next()?);
        return Some((of, Test::Fits(pattern.as_known()?.to_owned())));
    }
    if matches!(name, "re.search" | "re.match" | "re.fullmatch") {
        let pattern = reader.eval(args.next()?);
        let of = subject(reader, args.next()?)?.to_owned();
        // Flags may let it hold of more.
        let flags = args.next().is_some();
        return Test::regex(pattern.as_known()?).filter(|_| !flags).map(|test| (of, test));
    }
    let object = function.child_by_field_name("object")?;
    let of = subject(reader, object)?.to_owned();
    let given = reader.eval(args.next()?);
    let test = match reader.text(function.child_by_field_name("attribute")?) {
        "endswith" => Test::Ends(strings(&given)?),
        "startswith" => Test::Starts(strings(&given)?),
        "match" => Test::Fits(given.as_known()?.to_owned()),
        _ => return None,
    };
    Some((of, folded(reader, object, test)))
}

/// The same where the subject's letters are made small before they are compared.
fn folded(reader: &Reader, subject: Node, test: Test) -> Test {
    match reader.text(subject).contains(".lower()") || reader.text(subject).contains(".casefold()") {
        true => Test::AnyCase(Box::new(test)),
        false => test,
    }
}

fn comparison<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<(String, Test)> {
    let (left, right) = (node.named_child(0)?, node.named_child(1)?);
    let operator = node.child(1).map(|operator| reader.text(operator))?;
    let attribute = |node: Node<'t>, name: &str| {
        let own = node.child_by_field_name("attribute").is_some_and(|a| reader.text(a) == name);
        node.child_by_field_name("object").filter(|_| own)
    };
    match operator {
        "in" if left.kind() == "string" => {
            let of = subject(reader, right)?.to_owned();
            let part = Python.eval(reader, left);
            Some((of, folded(reader, right, Test::Holds(part.as_known()?.to_owned()))))
        }
        "==" | "in" => match attribute(left, "suffix") {
            Some(object) => {
                let of = subject(reader, object)?.to_owned();
                let ends = reader.eval(right);
                Some((of, folded(reader, object, Test::Ends(strings(&ends)?))))
            }
            None => {
                let of = subject(reader, left)?.to_owned();
                let names = reader.eval(right);
                Some((of, folded(reader, left, Test::Is(strings(&names)?))))
            }
        },
        _ => None,
    }
}
