//! What a live shell says of its own state: variables, functions and aliases that a line uses.

use std::collections::{BTreeSet, HashMap};

use super::channel::Fields;
use crate::shell::stand_in::quote;

/// Names that were asked for, and what the shell said of them.
#[derive(Debug, Default)]
pub struct Known {
    /// Variables that were asked for.
    variables: BTreeSet<String>,
    /// Commands that were asked for: functions and aliases.
    commands: BTreeSet<String>,
    /// What of it programs get.
    exported: HashMap<String, String>,
    /// Source that puts the rest in place.
    prelude: String,
}

impl Known {
    /// Takes what the shell said of its state up to where that ends.
    pub fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let mut prelude = String::new();
        let mut exported = Vec::new();
        loop {
            match fields.next()?.as_str() {
                "variable" => {
                    let (name, attributes, value) = (fields.next()?, fields.next()?, fields.next()?);
                    if attributes.contains('x') {
                        exported.push((name, value));
                    } else {
                        prelude.push_str(&format!("{name}={}\n", quote(&value)));
                    }
                }
                "end" => break,
                // A declaration, functions, aliases: as the shell prints them, they are source.
                _ => {
                    prelude.push_str(&fields.next()?);
                    prelude.push('\n');
                }
            }
        }
        self.exported.extend(exported);
        self.prelude.push_str(&prelude);
        Some(())
    }

    /// Source that has no effect but that the shell's state is there.
    pub fn prelude(&self) -> &str {
        &self.prelude
    }

    /// What programs get; `None` where the shell was not asked for it.
    pub fn exported(&self) -> HashMap<String, Option<String>> {
        let value = |name: &String| (name.clone(), self.exported.get(name).cloned());
        self.variables.iter().map(value).collect()
    }

    /// Of these names those that the shell was not asked for yet; from now on it was.
    pub fn unasked(&mut self, variables: BTreeSet<String>, commands: BTreeSet<String>) -> Unasked {
        let variables = variables.into_iter().filter(|name| is_variable(name));
        let variables: Vec<String> = variables.filter(|name| self.variables.insert(name.clone())).collect();
        let commands = commands.into_iter().filter(|name| may_be_defined(name));
        let commands: Vec<String> = commands.filter(|name| self.commands.insert(name.clone())).collect();
        Unasked { variables, commands }
    }
}

/// Names to ask for.
#[derive(Debug, PartialEq, Eq)]
pub struct Unasked {
    /// Variables.
    pub variables: Vec<String>,
    /// Functions or aliases.
    pub commands: Vec<String>,
}

/// A name that the shell gives no other value than it has.
fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name != "_"
        && !name.starts_with("__guard_")
}

/// A name that a function or an alias may have. It is handed over between blanks.
fn may_be_defined(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with("__guard_")
        && !name.contains(|c: char| c.is_whitespace() || c == '/')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_once() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let mut known = Known::default();
        let first = known.unasked(set(&["x", "1", "_"]), set(&["ls", "/bin/ls", "a b", ".."]));
        assert_eq!(first, Unasked { variables: vec!["x".into()], commands: vec!["..".into(), "ls".into()] });
        let again = known.unasked(set(&["x", "y"]), set(&["ls"]));
        assert_eq!(again, Unasked { variables: vec!["y".into()], commands: vec![] });
        assert_eq!(known.exported()["x"], None);
    }
}
