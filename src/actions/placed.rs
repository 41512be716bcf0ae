//! The paths at which the script put something, in their order: what lies below one of them is found
//! without a look at all others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};

use crate::model::{base_name, is_below};

use super::written::Written;

/// What the script put at paths.
#[derive(Default)]
pub(super) struct Placed {
    at: BTreeMap<String, Written>,
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
        self.at.insert(path, content);
    }

    /// What stands at paths that begin so.
    pub fn starting<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a Written)> {
        let from = self.at.range::<str, _>((Included(start), Unbounded));
        from.map(|(path, content)| (path.as_str(), content))
            .take_while(move |(path, _)| path.starts_with(start))
    }

    /// What stands below a directory.
    pub fn below<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = (&'a str, &'a Written)> {
        let start = if directory == "/" { directory.to_owned() } else { format!("{directory}/") };
        let from = self.at.range::<str, _>((Included(start.as_str()), Unbounded));
        let from = from.map(|(path, content)| (path.as_str(), content));
        from.take_while(move |(path, _)| path.starts_with(&start))
            .filter(|(path, _)| is_below(path, directory))
    }

    /// The configurations that are code.
    pub fn configs(&self) -> impl Iterator<Item = &str> {
        self.configs.iter().map(String::as_str)
    }
}
