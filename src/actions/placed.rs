//! The paths at which the script put something, in their order: what lies below one of them is found
//! without a look at all others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Included, Unbounded};

use crate::model::{Text, base_name};

use super::walk::FILE_LIMIT;
use super::written::{Kind, Written};

/// What the script put at paths.
#[derive(Default)]
pub(super) struct Placed {
    at: BTreeMap<String, Written>,
    /// What the texts among them weigh.
    weights: HashMap<String, usize>,
    /// Those that were moved there, with where they stood.
    moved: BTreeMap<String, String>,
    /// Those named as configuration that is code: `x.config.js`.
    configs: BTreeSet<String>,
}

impl Placed {
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    pub fn get(&self, path: &str) -> Option<&Written> {
        self.at.get(path)
    }

    pub fn contains(&self, path: &str) -> bool {
        self.at.contains_key(path)
    }

    pub fn insert(&mut self, path: String, content: Written) {
        if base_name(&path).contains(".config.") {
            self.configs.insert(path.clone());
        }
        self.moved.remove(&path);
        let content = match content {
            Written::Original { path: from, kind: Kind::Move } => {
                self.moved.insert(path.clone(), from.clone());
                Written::Original { path: from, kind: Kind::Move }
            }
            Written::Text { source, exact } => {
                let weight = source.weight();
                self.weights.insert(path.clone(), weight);
                Written::Text { source: source.cut(FILE_LIMIT), exact: exact && weight <= FILE_LIMIT }
            }
            other => other,
        };
        self.at.insert(path, content);
    }

    /// Puts text behind text that stands at a path; false where none does.
    pub fn append(&mut self, path: &str, added: &Text, is_exact: bool) -> bool {
        let Some(Written::Text { source, exact }) = self.at.get_mut(path) else {
            return false;
        };
        let weight = self.weights.entry(path.to_owned()).or_default();
        source.append(added);
        *weight += added.weight();
        *exact &= is_exact && *weight <= FILE_LIMIT;
        if *weight > FILE_LIMIT {
            *source = std::mem::take(source).cut(FILE_LIMIT);
            *weight = source.weight();
        }
        true
    }

    /// What stands at paths that begin so.
    pub fn starting<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        from(&self.at, start).map(|(path, _)| path)
    }

    /// What stands below a directory.
    pub fn below(&self, directory: &str) -> impl Iterator<Item = (&str, &Written)> {
        below(&self.at, directory)
    }

    /// Where what was moved below a directory stood before.
    pub fn moved_below(&self, directory: &str) -> impl Iterator<Item = &str> {
        below(&self.moved, directory).map(|(_, from)| from.as_str())
    }

    /// The paths that begin so to which something was moved, with where that stood before.
    pub fn moved_to<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a String)> {
        from(&self.moved, start)
    }

    /// The configurations that are code.
    pub fn configs(&self) -> impl Iterator<Item = &str> {
        self.configs.iter().map(String::as_str)
    }
}

fn from<'a, V>(at: &'a BTreeMap<String, V>, start: &'a str) -> impl Iterator<Item = (&'a str, &'a V)> {
    let entries = at.range::<str, _>((Included(start), Unbounded));
    entries.map(|(path, of)| (path.as_str(), of)).take_while(move |(path, _)| path.starts_with(start))
}

/// Of what begins with a directory and a slash.
fn below<'a, V>(
    at: &'a BTreeMap<String, V>,
    directory: &str,
) -> impl Iterator<Item = (&'a str, &'a V)> + use<'a, V> {
    let start = if directory == "/" { directory.to_owned() } else { format!("{directory}/") };
    let entries = at.range::<str, _>((Included(start.as_str()), Unbounded));
    let entries = entries.map(|(path, of)| (path.as_str(), of));
    let below = start.len();
    entries.take_while(move |(path, _)| path.starts_with(&start)).filter(move |(path, _)| path.len() > below)
}
