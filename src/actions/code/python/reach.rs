//! Which functions of a script can run: those whose names stand in what runs.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use crate::actions::wrappers::is_one_of;

/// Names by which code reaches functions that it does not name.
const REFLECTION: &str = "globals locals vars getattr eval exec __dict__ __subclasses__ inspect fire Fire unittest \
    pytest nose absltest doctest modules";
/// Decorators that make a function known to nobody.
const PLAIN: &str = "staticmethod classmethod property cached_property abstractmethod contextmanager \
    asynccontextmanager lru_cache cache wraps overload override final total_ordering singledispatch setter getter \
    deleter dataclass";

/// A function; the first one is the script itself.
#[derive(Default)]
struct Part<'t> {
    name: &'t str,
    node: usize,
    /// The class that it is a method of.
    class: Option<usize>,
    /// Something may call it that does not name it.
    special: bool,
    /// The names in it.
    names: HashSet<&'t str>,
    /// The names of attributes in it: what stands in a class may be meant.
    attributes: HashSet<&'t str>,
}

struct Class<'t> {
    name: &'t str,
    /// What it is derived from may call its methods.
    derived: bool,
    /// It stands in another one.
    inner: bool,
}

/// The functions, by their nodes, that nothing in a script that is run reaches, or in a module that is imported by code
/// in which the names `by` stand.
pub(super) fn unreached<'t>(
    source: &'t str,
    root: Node<'t>,
    by: Option<&'t HashSet<String>>,
) -> HashSet<usize> {
    // What the grammar does not understand may end a function elsewhere.
    if root.has_error() {
        return HashSet::new();
    }
    let (parts, classes) = collect(source, root, by.is_some());
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, part) in parts.iter().enumerate().skip(1) {
        by_name.entry(part.name).or_default().push(at);
        if let Some(class) = part.class {
            by_name.entry(classes[class].name).or_default().push(at);
        }
    }
    // What finds functions by itself does so in scripts.
    let is_free = |part: &Part| by.is_none() && part.special && part.class.is_none();
    let mut reached = vec![false; parts.len()];
    let given = || by.into_iter().flatten().map(String::as_str);
    let (mut names, mut attributes): (HashSet<&str>, HashSet<&str>) = (given().collect(), given().collect());
    let mut pending: Vec<usize> = (0..parts.len()).filter(|at| *at == 0 || is_free(&parts[*at])).collect();
    while let Some(at) = pending.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        let own = &parts[at];
        let mut new: Vec<&str> = own.names.iter().copied().filter(|name| names.insert(*name)).collect();
        new.extend(own.attributes.iter().copied().filter(|name| attributes.insert(*name)));
        if at == 0 {
            new.extend(given());
        }
        if by.is_none() && new.iter().any(|name| is_one_of(name, REFLECTION)) {
            return HashSet::new();
        }
        let candidates = new.iter().filter_map(|name| by_name.get(name)).flatten();
        pending.extend(candidates.filter(|at| {
            let part = &parts[**at];
            let of_class = |name: &str| names.contains(name) || attributes.contains(name);
            match part.class {
                None => is_free(part) || names.contains(part.name),
                Some(class) => {
                    let class = &classes[class];
                    let made = if class.inner { of_class(class.name) } else { names.contains(class.name) };
                    made && (class.derived || part.special || of_class(part.name))
                }
            }
        }));
    }
    parts.iter().zip(reached).filter(|(_, reached)| !reached).map(|(part, _)| part.node).collect()
}

/// Whether it is `if __name__ == "__main__":`, which holds in the script alone.
pub(super) fn asks_for_script(source: &str, node: Node) -> bool {
    let condition = node.child_by_field_name("condition").map_or("", |condition| text_of(source, condition));
    condition.contains("__name__") && condition.contains("==") && condition.contains("__main__")
}

/// The functions and classes of a script.
fn collect<'t>(source: &'t str, root: Node<'t>, module: bool) -> (Vec<Part<'t>>, Vec<Class<'t>>) {
    let (mut parts, mut classes) = (vec![Part::default()], Vec::new());
    let text = |node: Node<'t>| text_of(source, node);
    let name_of = |node: Node<'t>| node.child_by_field_name("name").map_or("", text);
    // Of the functions and classes around: the node, its part, and the class where it is one.
    let mut around: Vec<(usize, usize, Option<usize>)> = vec![(root.id(), 0, None)];
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let (_, part, class) = around.last().copied().unwrap_or_default();
        let mut inner = true;
        match node.kind() {
            "function_definition" => {
                let name = name_of(node);
                let known =
                    ["__", "test", "pytest_", "setup_", "teardown_"].iter().any(|of| name.starts_with(of));
                let special = known || is_registered(source, node);
                around.push((node.id(), parts.len(), None));
                parts.push(Part { name, node: node.id(), class, special, ..Part::default() });
            }
            "class_definition" => {
                let derived = node.child_by_field_name("superclasses").is_some_and(|bases| {
                    bases.named_child_count() > 1
                        || bases.named_child(0).is_some_and(|base| text(base) != "object")
                });
                // What runs tests finds them by their names.
                if is_registered(source, node) || name_of(node).starts_with("Test") {
                    parts[part].names.insert(name_of(node));
                }
                around.push((node.id(), part, Some(classes.len())));
                classes.push(Class { name: name_of(node), derived, inner: class.is_some() });
            }
            "identifier" if is_attribute(node) => {
                parts[part].attributes.insert(text(node));
            }
            "identifier" if !is_declared(node) && !is_literal_getattr(source, node) => {
                parts[part].names.insert(text(node));
            }
            // `getattr(x, "name")`, a table of names.
            "string_content" => {
                let last = text(node).rsplit(['.', ':']).next().unwrap_or("");
                parts[part].names.insert(last);
            }
            "assignment" => inner = node.child_by_field_name("left").map_or("", text) != "__all__",
            "if_statement" => inner = !module || !asks_for_script(source, node),
            _ => {}
        }
        if inner && cursor.goto_first_child() {
            continue;
        }
        loop {
            if around.last().is_some_and(|(id, ..)| *id == cursor.node().id()) {
                around.pop();
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return (parts, classes);
            }
        }
    }
}

/// The name of the class that a function is a method of.
pub(super) fn class_of(function: Node) -> Option<Node> {
    let class = function.parent()?.parent().filter(|class| class.kind() == "class_definition")?;
    class.child_by_field_name("name")
}

fn text_of<'t>(source: &'t str, node: Node) -> &'t str {
    source.get(node.byte_range()).unwrap_or("")
}

fn is_attribute(node: Node) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "attribute"
            && parent.child_by_field_name("attribute").is_some_and(|name| name.id() == node.id())
    })
}

/// Whether the identifier is what a definition declares.
fn is_declared(node: Node) -> bool {
    node.parent().is_some_and(|parent| {
        matches!(parent.kind(), "function_definition" | "class_definition")
            && parent.child_by_field_name("name").is_some_and(|name| name.id() == node.id())
    })
}

fn is_literal_getattr(source: &str, node: Node) -> bool {
    let is_own = text_of(source, node) == "getattr";
    let call = node.parent().filter(|parent| parent.kind() == "call" && is_own);
    let arguments = call.and_then(|call| call.child_by_field_name("arguments"));
    arguments.and_then(|arguments| arguments.named_child(1)).is_some_and(|name| name.kind() == "string")
}

/// Whether a decorator may make the function or class known to others.
fn is_registered(source: &str, node: Node) -> bool {
    let Some(decorated) = node.parent().filter(|parent| parent.kind() == "decorated_definition") else {
        return false;
    };
    let mut cursor = decorated.walk();
    decorated.named_children(&mut cursor).filter(|child| child.kind() == "decorator").any(|decorator| {
        let name = text_of(source, decorator).trim_start_matches('@');
        let name = name.split('(').next().unwrap_or(name).trim();
        !is_one_of(name.rsplit('.').next().unwrap_or(name), PLAIN)
    })
}
