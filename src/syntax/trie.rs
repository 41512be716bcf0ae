//! A map of names that is cheap to copy and whose copies are cheap to join.
//!
//! A trie over the bits of a name's hash, its nodes shared between copies. A copy costs nothing;
//! a change copies one path. Equal sets of names have equal shapes, so that joining two copies of
//! one map visits only what was changed since.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

/// Chooses the value of a name from what each of two maps has.
pub(super) type Pick<'p, V> = dyn FnMut(&str, Option<&V>, Option<&V>) -> V + 'p;

const BITS: u32 = 4;
const WIDTH: usize = 1 << BITS;

#[derive(Debug, Clone)]
enum Node<V> {
    Branch([Option<Rc<Node<V>>>; WIDTH]),
    /// The entries of one hash; more than one only where hashes collide.
    Leaf(u64, Vec<(Rc<str>, V)>),
}

/// A map from names to values.
#[derive(Debug, Clone)]
pub(super) struct Trie<V> {
    root: Option<Rc<Node<V>>>,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Trie { root: None }
    }
}

fn hash(name: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(name)
}

fn slot(hash: u64, depth: u32) -> usize {
    (hash >> (depth * BITS)) as usize % WIDTH
}

impl<V: Clone> Trie<V> {
    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&V> {
        let mut node = self.root.as_deref()?;
        let wanted = hash(name);
        let mut depth = 0;
        loop {
            match node {
                Node::Branch(children) => node = children[slot(wanted, depth)].as_deref()?,
                Node::Leaf(..) => {
                    return node.entry(wanted, name);
                }
            }
            depth += 1;
        }
    }

    /// Gives a name a value.
    pub(super) fn insert(&mut self, name: &str, value: V) {
        insert(&mut self.root, 0, hash(name), name.into(), value);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// All names and values, in no order that means anything.
    pub(super) fn for_each(&self, f: &mut dyn FnMut(&str, &V)) {
        if let Some(root) = &self.root {
            root.for_each(f);
        }
    }

    /// The join of two maps: `pick` chooses the value of a name that is not the same in both,
    /// given what each has.
    pub(super) fn join(&self, other: &Self, pick: &mut Pick<'_, V>) -> Self {
        Trie { root: join(self.root.as_ref(), other.root.as_ref(), 0, pick) }
    }
}

impl<V: Clone> Node<V> {
    fn entry(&self, wanted: u64, name: &str) -> Option<&V> {
        match self {
            Node::Leaf(hash, entries) if *hash == wanted => {
                entries.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn for_each(&self, f: &mut dyn FnMut(&str, &V)) {
        match self {
            Node::Branch(children) => {
                for child in children.iter().flatten() {
                    child.for_each(f);
                }
            }
            Node::Leaf(_, entries) => {
                for (name, value) in entries {
                    f(name, value);
                }
            }
        }
    }
}

fn insert<V: Clone>(place: &mut Option<Rc<Node<V>>>, depth: u32, wanted: u64, name: Rc<str>, value: V) {
    let Some(node) = place else {
        *place = Some(Rc::new(Node::Leaf(wanted, vec![(name, value)])));
        return;
    };
    let node = Rc::make_mut(node);
    if let Node::Leaf(other, _) = node
        && *other != wanted
    {
        let below = slot(*other, depth);
        let mut children = [const { None }; WIDTH];
        let leaf = std::mem::replace(node, Node::Leaf(0, Vec::new()));
        children[below] = Some(Rc::new(leaf));
        *node = Node::Branch(children);
    }
    match node {
        Node::Branch(children) => {
            insert(&mut children[slot(wanted, depth)], depth + 1, wanted, name, value);
        }
        Node::Leaf(_, entries) => match entries.iter_mut().find(|(key, _)| *key == name) {
            Some(entry) => entry.1 = value,
            None => entries.push((name, value)),
        },
    }
}

fn join<V: Clone>(
    a: Option<&Rc<Node<V>>>,
    b: Option<&Rc<Node<V>>>,
    depth: u32,
    pick: &mut Pick<'_, V>,
) -> Option<Rc<Node<V>>> {
    match (a, b) {
        (None, None) => None,
        (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(Rc::clone(a)),
        (Some(a), Some(b)) => match (&**a, &**b) {
            (Node::Branch(left), Node::Branch(right)) => {
                let mut children = [const { None }; WIDTH];
                for (i, child) in children.iter_mut().enumerate() {
                    *child = join(left[i].as_ref(), right[i].as_ref(), depth + 1, pick);
                }
                Some(Rc::new(Node::Branch(children)))
            }
            _ => {
                let mut out = None;
                a.for_each(&mut |name, value| {
                    let key = hash(name);
                    let value = pick(name, Some(value), find(b, depth, key, name));
                    insert(&mut out, depth, key, name.into(), value);
                });
                b.for_each(&mut |name, value| {
                    let key = hash(name);
                    if find(a, depth, key, name).is_none() {
                        insert(&mut out, depth, key, name.into(), pick(name, None, Some(value)));
                    }
                });
                out
            }
        },
        (Some(a), None) => {
            let mut out = None;
            a.for_each(&mut |name, value| {
                let value = pick(name, Some(value), None);
                insert(&mut out, depth, hash(name), name.into(), value);
            });
            out
        }
        (None, Some(b)) => join(Some(b), None, depth, &mut |name, b, a| pick(name, a, b)),
    }
}

fn find<'a, V: Clone>(mut node: &'a Node<V>, mut depth: u32, wanted: u64, name: &str) -> Option<&'a V> {
    while let Node::Branch(children) = node {
        node = children[slot(wanted, depth)].as_deref()?;
        depth += 1;
    }
    node.entry(wanted, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn holds_what_was_put_in() {
        let mut trie = Trie::default();
        let mut map = HashMap::new();
        for i in 0..2000 {
            let name = format!("v{}", i % 700);
            trie.insert(&name, i);
            map.insert(name, i);
        }
        for (name, value) in &map {
            assert_eq!(trie.get(name), Some(value));
        }
        assert_eq!(trie.get("absent"), None);
        let mut count = 0;
        trie.for_each(&mut |name, value| {
            count += 1;
            assert_eq!(map.get(name), Some(value));
        });
        assert_eq!(count, map.len());
    }

    #[test]
    fn a_join_asks_only_about_what_differs() {
        let mut base = Trie::default();
        for i in 0..5000 {
            base.insert(&format!("v{i}"), i);
        }
        let (mut a, mut b) = (base.clone(), base.clone());
        a.insert("v7", -1);
        b.insert("new", -2);
        let mut asked = Vec::new();
        let joined = a.join(&b, &mut |name, left, right| {
            asked.push(name.to_owned());
            left.copied().unwrap_or(0) + right.copied().unwrap_or(0)
        });
        asked.retain(|name| name == "v7" || name == "new");
        assert_eq!(asked.len(), 2);
        assert_eq!(joined.get("v7"), Some(&6));
        assert_eq!(joined.get("new"), Some(&-2));
        assert_eq!(joined.get("v4999"), Some(&4999));
        assert_eq!(base.get("v7"), Some(&7));
    }
}
