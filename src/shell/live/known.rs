//! What a live shell says of its own state: variables, functions and aliases that a line uses.

use std::collections::{BTreeSet, HashMap};

use super::channel::Fields;
use crate::shell::stand_in::quote;
use crate::syntax::{Dialect, Proof, parse};

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
    /// The aliases among it.
    aliases: Vec<Alias>,
}

impl Known {
    /// Takes what the shell told of its state without being asked: the names, and what it said of them.
    pub fn told(fields: &mut Fields<'_>) -> Option<Known> {
        let names = |field: String| field.split_whitespace().map(str::to_owned).collect();
        let mut known = Known::default();
        known.ask(&known.unasked(&names(fields.next()?), &names(fields.next()?)));
        known.read(fields)?;
        Some(known)
    }

    /// Takes what the shell said of its state up to where that ends.
    pub fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let mut prelude = String::new();
        let mut exported = Vec::new();
        let mut aliases = Vec::new();
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
                kind => {
                    let text = fields.next()?;
                    if kind == "alias" {
                        aliases.extend(text.split("alias ").filter_map(Alias::read));
                    }
                    prelude.push_str(&text);
                    prelude.push('\n');
                }
            }
        }
        self.aliases.extend(aliases);
        self.exported.extend(exported);
        self.prelude.push_str(&prelude);
        Some(())
    }

    /// Source that has no effect but that the shell's state is there.
    pub fn prelude(&self) -> &str {
        &self.prelude
    }

    /// Whether what stands in a line is what the shell reads, as far as the names go that it was asked for.
    pub fn keeps_shape(&self) -> bool {
        self.aliases.iter().all(Alias::is_plain)
    }

    /// An alias by which the shell reads something else than what stands in the line, whatever
    /// surrounds it, among the commands that were asked for.
    pub fn misleading_alias(&self, dialect: Dialect) -> Option<&str> {
        let mut called = self.aliases.iter().filter(|alias| self.commands.contains(&alias.name));
        called.find(|alias| alias.misleads(dialect)).map(|alias| alias.name.as_str())
    }

    /// What programs get; `None` where the shell was not asked for it.
    pub fn exported(&self) -> HashMap<String, Option<String>> {
        let value = |name: &String| (name.clone(), self.exported.get(name).cloned());
        self.variables.iter().map(value).collect()
    }

    /// Of these names those that the shell was not asked for yet.
    pub fn unasked(&self, variables: &BTreeSet<String>, commands: &BTreeSet<String>) -> Unasked {
        let variables = variables.difference(&self.variables).filter(|name| is_variable(name));
        let commands = commands.difference(&self.commands).filter(|name| may_be_defined(name));
        Unasked { variables: variables.cloned().collect(), commands: commands.cloned().collect() }
    }

    /// These names are being asked for.
    pub fn ask(&mut self, names: &Unasked) {
        self.variables.extend(names.variables.iter().cloned());
        self.commands.extend(names.commands.iter().cloned());
    }
}

/// A name that stands for a text in front of the grammar.
#[derive(Debug)]
struct Alias {
    name: String,
    value: String,
}

/// Words of the grammar, which an alias may be named like or bring in.
const GRAMMAR: &[&str] = &[
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
    "then", "time", "until", "while", "{", "}", "!", "[[",
];

impl Alias {
    /// As the shell prints it: `ls='ls --color=auto'`.
    fn read(text: &str) -> Option<Alias> {
        let (name, value) = text.trim_end_matches('\n').split_once('=')?;
        let quoted = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
        let value = quoted.map_or_else(|| value.to_owned(), |value| value.replace(r"'\''", "'"));
        Some(Alias { name: name.trim_start_matches("-g ").to_owned(), value })
    }

    /// It gives words of a simple command, and no blank behind them, which would have the next
    /// word looked up, too.
    fn is_plain(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || " _-+=/.,:@%".contains(c);
        let grammar = |word: &str| GRAMMAR.contains(&word);
        let value = self.value.as_str();
        value.chars().all(plain)
            && !value.ends_with(' ')
            && !grammar(&self.name)
            && !value.split(' ').any(grammar)
    }

    /// It opens what it does not close, closes what it did not open, hides the rest of the line or
    /// takes a word of the grammar away.
    fn misleads(&self, dialect: Dialect) -> bool {
        let value = self.value.as_str();
        let hides = value.split_whitespace().any(|word| word.starts_with('#')) || value.ends_with('\\');
        let whole = || matches!(parse(value, dialect).proof, Proof::Proved);
        GRAMMAR.contains(&self.name.as_str()) || hides || !self.is_plain() && !whole()
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

impl Unasked {
    /// How much there is to ask for, in bytes.
    pub fn length(&self) -> usize {
        self.variables.iter().chain(&self.commands).map(|name| name.len() + 1).sum()
    }
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
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '/')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn aliases_that_change_what_a_command_is_are_told_apart() {
        let alias = |text: &str| Alias::read(text).unwrap();
        for text in ["ls='ls --color=auto'", "..='cd ..'", "gs=git"] {
            assert!(alias(text).is_plain() && !alias(text).misleads(Dialect::Bash), "{text}");
        }
        for text in ["s='sudo '", "p='ps aux | grep'", r"q='echo '\''a b'\'''", "f='f() { ls; }; f'"] {
            assert!(!alias(text).is_plain() && !alias(text).misleads(Dialect::Bash), "{text}");
        }
        for text in ["x='echo #'", "d=done", "if='true'", "b='{ a'", "q='echo \"'", "l='a \\'"] {
            assert!(alias(text).misleads(Dialect::Bash), "{text}");
        }
    }

    #[test]
    fn names_are_asked_for_once() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let mut known = Known::default();
        let first = known.unasked(&set(&["x", "1", "_"]), &set(&["ls", "/bin/ls", "a b", ".."]));
        assert_eq!(first, Unasked { variables: vec!["x".into()], commands: vec!["..".into(), "ls".into()] });
        known.ask(&first);
        let again = known.unasked(&set(&["x", "y"]), &set(&["ls"]));
        assert_eq!(again, Unasked { variables: vec!["y".into()], commands: vec![] });
        assert_eq!(known.exported()["x"], None);
    }
}
