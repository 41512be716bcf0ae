//! Forms of code that languages share.

use std::collections::HashMap;
use std::rc::Rc;

use tree_sitter::Node;

use super::{ITEMS, LOOPS, REGIONS, Reader};
use crate::actions::code::value::Value;
use crate::actions::code::written::with;
use crate::model::Text;

impl<'t> Reader<'t, '_> {
    /// A number with a minus in front of it.
    pub fn negated(&self, node: Node<'t>) -> Option<Value> {
        let text = self.text(node);
        let digits = text.strip_prefix('-')?.trim_start();
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| Value::Number(format!("-{digits}")))
    }

    /// Runs a loop's body once for each item, where these are known and few.
    pub fn each(&mut self, items: &Value, body: Node<'t>, bind: &mut dyn FnMut(&mut Self, Value)) -> bool {
        self.each_item(items, body.id(), &mut |reader, item| {
            bind(reader, item);
            reader.region(body);
        })
    }

    /// Whether a loop over the value is run through item by item.
    pub fn can_loop(&self, items: &Value) -> bool {
        items.items().is_some_and(|items| {
            !items.is_empty() && items.len() <= ITEMS && self.loops < LOOPS && self.inside.len() < REGIONS * 4
        })
    }

    /// Runs what a loop does once for each item, where these are known and few.
    pub fn each_item(&mut self, items: &Value, id: usize, run: &mut dyn FnMut(&mut Self, Value)) -> bool {
        if !self.can_loop(items) {
            return false;
        }
        let items = items.items().unwrap_or_default();
        self.loops += 1;
        self.inside.push(id);
        for item in items {
            let blocks = self.blocks.clone();
            self.blocks.push(id);
            run(self, item.clone());
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

    /// A list gets more items: `files.append(name)`. Where that need not happen, or happens more
    /// than once, it holds any number of them.
    pub fn grow(&mut self, name: &str, more: &[Value]) {
        let here = self.bound_here(name);
        let scope = self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(name));
        let Some(binding) = scope else {
            return;
        };
        let Some(items) = binding.value.items().filter(|items| items.len() + more.len() <= 1000) else {
            return;
        };
        let all = Rc::new(items.iter().chain(more).cloned().collect());
        let grown = match (&binding.value, here) {
            (Value::List(_), true) => Value::List(all),
            _ => Value::Many(all),
        };
        binding.value = if grown.is_excessive() { Value::Unknown(name.to_owned()) } else { grown };
    }

    /// A key of a variable's object gets a value, or one within that.
    pub fn set_key(&mut self, name: &str, keys: &[Text], value: &Value) {
        let binding = self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(name));
        if let Some(binding) = binding
            && let Value::Map(entries) = &binding.value
            && entries.len() < 1000
            && let Some(grown) = with(&binding.value, keys, value)
        {
            binding.value = if grown.is_excessive() { Value::Unknown(name.to_owned()) } else { grown };
        }
    }

    /// Runs something with variables of its own.
    pub fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(HashMap::new());
        let result = run(self);
        self.scopes.pop();
        result
    }

    /// The block that runs where a condition holds: what that tells of names is known in it. True
    /// where the block is read already.
    pub fn where_holds(&mut self, condition: Node<'t>, block: Node<'t>) -> bool {
        if self.loops >= LOOPS * 2 {
            return false;
        }
        let ways = self.narrowed(condition);
        if ways.is_empty() {
            return false;
        }
        let several = usize::from(ways.len() > 1);
        self.loops += several;
        for way in ways {
            for (name, value) in way {
                self.bind(&name, value);
            }
            let mut cursor = block.walk();
            let statements: Vec<Node> = block.named_children(&mut cursor).collect();
            statements.into_iter().for_each(|statement| self.region(statement));
        }
        self.loops -= several;
        true
    }

    /// What variables may be where a condition holds, each way of it; none where it tells nothing.
    pub fn narrowed(&mut self, condition: Node<'t>) -> Vec<Vec<(String, Value)>> {
        let grammar = self.grammar;
        let mut ways: Vec<Vec<(String, Value)>> = Vec::new();
        for (name, test) in grammar.tests(self, condition) {
            let Some(values) = self.lookup(&name).and_then(|value| test.of(&value)) else {
                continue;
            };
            // The first of several tests of one name counts.
            if ways.iter().flatten().all(|(known, _)| *known != name) && ways.len() < 2 {
                let before = if ways.is_empty() { vec![Vec::new()] } else { std::mem::take(&mut ways) };
                for way in before {
                    for value in values.iter().take(ITEMS) {
                        let mut way = way.clone();
                        way.push((name.clone(), value.clone()));
                        ways.push(way);
                    }
                }
            }
        }
        ways
    }
}
