//! Forms of code that languages share.

use tree_sitter::Node;

use super::{ITEMS, LOOPS, REGIONS, Reader};
use crate::actions::code::value::Value;

impl<'t> Reader<'t, '_> {
    /// Runs a loop's body once for each item, where these are known and few.
    pub fn each(&mut self, items: &Value, body: Node<'t>, bind: &mut dyn FnMut(&mut Self, Value)) -> bool {
        let Some(items) = items.items().filter(|items| items.len() <= ITEMS && self.loops < LOOPS) else {
            return false;
        };
        if self.inside.len() >= REGIONS * 4 {
            return false;
        }
        self.loops += 1;
        self.inside.push(body.id());
        for item in items {
            let blocks = self.blocks.clone();
            self.blocks.push(body.id());
            bind(self, item.clone());
            self.region(body);
            self.blocks = blocks;
        }
        self.inside.pop();
        self.loops -= 1;
        true
    }

    /// A loop over `right` with `left` bound; false where its body is read already. Where the items
    /// are not `known`, nothing is known of `left`.
    pub fn for_each(&mut self, node: Node<'t>, known: bool, bind: fn(&mut Self, Node<'t>, Value)) -> bool {
        let field = |name| node.child_by_field_name(name);
        let (Some(left), Some(right), Some(body)) = (field("left"), field("right"), field("body")) else {
            return true;
        };
        let items = self.eval(right);
        if known && self.each(&items, body, &mut |reader, item| bind(reader, left, item)) {
            return false;
        }
        bind(self, left, Value::Unknown(self.text(left).to_owned()));
        true
    }

    /// `left += right`: what `left` becomes.
    pub fn augmented(
        &mut self,
        node: Node<'t>,
        add: fn(&Value, &Value) -> Option<Value>,
    ) -> Option<(Node<'t>, Value)> {
        let left = node.child_by_field_name("left")?;
        let right = self.field(node, "right")?;
        let operator = node.child_by_field_name("operator");
        let adds = operator.is_some_and(|operator| self.text(operator) == "+=");
        let before = self.eval(left);
        let sum = match adds && self.bound_here(self.text(left)) {
            true => add(&before, &right),
            false => None,
        };
        Some((left, sum.unwrap_or_else(|| self.unknown(left))))
    }
}
