//! Which functions of a module run that other code loads: those whose names stand in what runs.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::actions::code::handed::DEFAULT;

/// A function; the first one is the module itself.
#[derive(Default)]
struct Part<'t> {
    name: &'t str,
    /// Its node, and the one that gives it its name.
    nodes: [usize; 2],
    /// The names in it.
    names: HashSet<&'t str>,
}

/// Whether the branch is for the script alone: `if (require.main === module)`.
pub(super) fn asks_for_script(source: &str, node: Node) -> bool {
    let condition = node.child_by_field_name("condition").map_or("", |condition| text(source, condition));
    condition.contains("require.main") || condition.contains("import.meta")
}

/// The functions, by their nodes, that neither the module nor code in which the names `by` stand reaches.
pub(super) fn unreached<'t>(source: &'t str, root: Node<'t>, by: &'t HashSet<String>) -> HashSet<usize> {
    let parts = collect(source, root);
    let mut names: HashSet<&str> =
        by.iter().map(String::as_str).chain(parts[0].names.iter().copied()).collect();
    let mut left: Vec<&Part> = parts[1..].iter().collect();
    loop {
        let (reached, rest): (Vec<&Part>, _) = left.iter().partition(|part| names.contains(part.name));
        if reached.is_empty() {
            return left.iter().flat_map(|part| part.nodes).collect();
        }
        names.extend(reached.iter().flat_map(|part| part.names.iter().copied()));
        left = rest;
    }
}

fn collect<'t>(source: &'t str, root: Node<'t>) -> Vec<Part<'t>> {
    let mut parts = vec![Part::default()];
    let mut around = vec![(root.id(), 0)];
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let part = around.last().map_or(0, |(_, part)| *part);
        let mut inner = true;
        match node.kind() {
            "identifier" | "property_identifier" | "shorthand_property_identifier" => {
                if !is_declared(node) && !is_exported(source, node) {
                    parts[part].names.insert(text(source, node));
                }
            }
            "export_clause" => inner = false,
            "if_statement" => inner = !asks_for_script(source, node),
            _ => {
                if let Some((name, by)) = named(source, node) {
                    around.push((node.id(), parts.len()));
                    let nodes = [node.id(), by.id()];
                    parts.push(Part { name: text(source, name), nodes, ..Part::default() });
                }
            }
        }
        if inner && cursor.goto_first_child() {
            continue;
        }
        loop {
            if around.last().is_some_and(|(id, _)| *id == cursor.node().id()) {
                around.pop();
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return parts;
            }
        }
    }
}

/// The name by which what loads the module calls a function.
pub(super) fn answers<'t>(source: &'t str, function: Node<'t>) -> Option<&'t str> {
    let default = |by: Node| by.kind() == "export_statement" || is_whole(source, by);
    match named(source, function) {
        Some((name, _)) => Some(text(source, name)),
        None => function.parent().is_some_and(default).then_some(DEFAULT),
    }
}

/// `module.exports = function (path) { … }`
fn is_whole(source: &str, node: Node) -> bool {
    let left = (node.kind() == "assignment_expression").then(|| node.child_by_field_name("left"));
    left.flatten().is_some_and(|left| text(source, left) == "module.exports")
}

/// The name of a function that has one, and the node that gives it.
fn named<'t>(source: &str, node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let parent = node.parent()?;
    let (by, field) = match node.kind() {
        "function_declaration" | "generator_function_declaration" => {
            // What imports it chooses the name.
            let default =
                parent.kind() == "export_statement" && parent.child_by_field_name("value").is_some();
            (!default).then_some((node, "name"))?
        }
        "method_definition" => (node, "name"),
        _ if is_whole(source, parent) => return None,
        "arrow_function" | "function_expression" | "generator_function" => match parent.kind() {
            "variable_declarator" => (parent, "name"),
            "pair" => (parent, "key"),
            "assignment_expression" => (parent, "left"),
            _ => return None,
        },
        _ => return None,
    };
    let name = by.child_by_field_name(field)?;
    let name = name.child_by_field_name("property").unwrap_or(name);
    // What makes an object runs what its class is called by.
    let class = parent.parent().filter(|_| text(source, name) == "constructor");
    let name = class.and_then(|class| class.child_by_field_name("name")).unwrap_or(name);
    let is_name = matches!(
        name.kind(),
        "identifier" | "property_identifier" | "private_property_identifier" | "type_identifier"
    );
    is_name.then_some((name, by))
}

/// Whether the identifier is what a declaration names.
fn is_declared(node: Node) -> bool {
    let Some(parent) = node.parent() else {
        return false;
    };
    let is = |field: &str| parent.child_by_field_name(field).is_some_and(|name| name.id() == node.id());
    match parent.kind() {
        "function_declaration"
        | "generator_function_declaration"
        | "method_definition"
        | "variable_declarator" => is("name"),
        "pair" => is("key"),
        "member_expression" => {
            let assigned = parent.parent().filter(|around| around.kind() == "assignment_expression");
            is("property")
                && assigned
                    .and_then(|around| around.child_by_field_name("left"))
                    .is_some_and(|left| left.id() == parent.id())
        }
        _ => false,
    }
}

/// Whether the identifier is only handed to whom loads the module: `module.exports = { wipe }`.
fn is_exported(source: &str, node: Node) -> bool {
    let mut around = node.parent();
    while let Some(inner) = around.filter(|around| matches!(around.kind(), "pair" | "object")) {
        around = inner.parent();
    }
    let assigned = around.filter(|around| around.kind() == "assignment_expression");
    let left = assigned
        .and_then(|assigned| assigned.child_by_field_name("left"))
        .map_or("", |left| text(source, left));
    left.starts_with("module.exports") || left.starts_with("exports")
}

fn text<'t>(source: &'t str, node: Node) -> &'t str {
    source.get(node.byte_range()).unwrap_or("")
}
