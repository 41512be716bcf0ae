//! What Python does with what a call gives.

use tree_sitter::Node;

use super::table;
use crate::actions::code::reader::Reader;
use crate::actions::code::sinks;
use crate::actions::code::value::Value;

/// `request.method = "DELETE"`, `request.get_method = lambda: "DELETE"`: the request once more, as it
/// will be sent.
pub(super) fn method_of_request<'t>(reader: &mut Reader<'t, '_>, left: Node<'t>, assignment: Node<'t>) {
    let attribute = left.child_by_field_name("attribute").map(|attribute| reader.text(attribute));
    let object = left.child_by_field_name("object");
    let right = assignment.child_by_field_name("right");
    let (Some("method" | "get_method"), Some(object), Some(right)) = (attribute, object, right) else {
        return;
    };
    if let Value::Made(made) = reader.eval(object)
        && made.by.ends_with(".Request")
    {
        let value = reader.eval(right.child_by_field_name("body").unwrap_or(right));
        let mut args = made.args.clone();
        if made.by.starts_with("requests") && !args.positional.is_empty() {
            args.positional[0] = value.clone();
        }
        args.named.push(("method".to_owned(), value));
        reader.locate(assignment);
        sinks::run(reader, table::SINKS, &Value::Name(made.by.clone()), &args, made.id, false);
    }
}

/// Whether nothing is done with what a call gives but to close it: `open("a", "w").close()`.
pub(super) fn is_unused(reader: &Reader, node: Node) -> bool {
    let Some(parent) = node.parent() else {
        return false;
    };
    match parent.kind() {
        "expression_statement" | "with_item" | "module" => true,
        "attribute" => {
            parent.child_by_field_name("attribute").is_some_and(|method| reader.text(method) == "close")
        }
        "as_pattern" | "assignment" => {
            let alias = parent.child_by_field_name("alias").and_then(|alias| alias.named_child(0));
            let target = alias.or_else(|| parent.child_by_field_name("left"));
            let name =
                target.filter(|target| target.kind() == "identifier").map(|target| reader.text(target));
            name.is_some_and(|name| {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let mut uses = reader.source.match_indices(name).filter(|(at, _)| {
                    !reader.source[..*at].ends_with(word)
                        && !reader.source[at + name.len()..].starts_with(word)
                });
                uses.all(|(at, _)| {
                    let after = reader.source[at + name.len()..].trim_start();
                    at == target.map_or(0, |target| target.start_byte()) || after.starts_with(".close()")
                })
            })
        }
        _ => false,
    }
}
