//! Policy: the packs and settings of all layers, merged.
//!
//! The built-in rules come first, then the system's (`/etc/guard`), the user's and the project's.
//! The system and the user may turn rules off and change decisions; what the system set binds the
//! user, and a project may only tighten, unless a human trusts what it says: what it says beyond that is left out and
//! reported.

mod exception;
mod freeze;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::Decision;
use crate::rules::{CompiledPack, RuleSet, Setting, nearest};

pub use exception::except;
pub use freeze::{Lasts, Weekly};

/// Who wrote a layer; later ones see what earlier ones set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// The machine's administrator.
    System,
    /// The user.
    User,
    /// The project that the command runs in: anybody who could write to its repository.
    Project,
    /// The same, where a human trusts just what it says.
    Trusted,
}

/// What one place holds of rules and settings.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Who wrote it.
    pub author: Author,
    /// The file with the settings, for messages.
    pub file: String,
    /// Its packs.
    pub packs: Option<CompiledPack>,
    /// Its settings, by rule.
    pub settings: BTreeMap<String, Setting>,
}

/// The rules in force.
#[derive(Debug)]
pub struct Policy {
    /// The rules of all layers, with their settings.
    pub rules: RuleSet,
    /// What a layer said that it may not say.
    pub ignored: Vec<Ignored>,
}

/// A setting that is not followed, since its layer may only tighten the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The file.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// What it was to become.
    pub setting: Setting,
    /// What it stays.
    pub decision: Decision,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ignored { file, rule, decision, .. } = self;
        write!(f, "{file}: `{rule}` stays `{}`: it may only be tightened here", decision.as_str())
    }
}

/// A policy that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// A setting names a rule that there is not.
    UnknownRule {
        /// The file.
        file: String,
        /// The rule.
        rule: String,
        /// A rule that is written much the same.
        similar: Option<String>,
    },
    /// Two packs have a rule of the same id.
    DefinedTwice {
        /// The later file.
        file: String,
        /// The rule.
        rule: String,
        /// The file that has it already; `None` where it is built in.
        first: Option<String>,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::UnknownRule { file, rule, similar } => {
                write!(f, "{file}: there is no rule `{rule}`")?;
                match similar {
                    Some(similar) => write!(f, "; there is `{similar}`"),
                    None => Ok(()),
                }
            }
            PolicyError::DefinedTwice { file, rule, first: Some(first) } => {
                write!(f, "{file}: the rule `{rule}` stands already in {first}")
            }
            PolicyError::DefinedTwice { file, rule, first: None } => {
                write!(f, "{file}: the rule `{rule}` is built in already")
            }
        }
    }
}

impl std::error::Error for PolicyError {}

impl Policy {
    /// The built-in rules as they are.
    pub fn builtin() -> Policy {
        Policy { rules: RuleSet::builtin(), ignored: Vec::new() }
    }

    /// The rules that decide otherwise in another policy: the rule, its decision here and there.
    pub fn changes(&self, other: &Policy) -> Vec<(String, Decision, Decision)> {
        let change = |rule: String| {
            let (here, there) = (self.rules.decision(&rule)?, other.rules.decision(&rule)?);
            (here != there).then_some((rule, here, there))
        };
        other.rules.rules().filter_map(|rule| change(rule.id)).collect()
    }

    /// Switches the rules about protected places off where settings name none: a path that is not known is
    /// perhaps one of them otherwise.
    pub fn protect(&mut self, read_only: bool, no_delete: bool) {
        for (rule, needed) in [("protect.read-only", read_only), ("protect.no-delete", no_delete)] {
            if !needed {
                self.rules.set(rule, Setting::Off);
            }
        }
    }

    /// Merges layers on top of the built-in rules.
    pub fn merge(layers: Vec<Layer>) -> Result<Policy, PolicyError> {
        Policy::merge_onto(RuleSet::builtin(), layers)
    }

    /// Merges layers on top of other rules.
    pub fn merge_onto(mut rules: RuleSet, mut layers: Vec<Layer>) -> Result<Policy, PolicyError> {
        layers.sort_by_key(|layer| layer.author);
        for (number, layer) in layers.iter().enumerate() {
            let Some(packs) = &layer.packs else { continue };
            let twice = packs.ids().find(|id| rules.rule(id).is_some());
            if let Some(rule) = twice {
                let has_it =
                    |layer: &&Layer| layer.packs.iter().any(|packs| packs.ids().any(|id| id == rule));
                let first = layers[..number].iter().find(has_it).map(|layer| layer.file.clone());
                let file = layer.file.clone();
                return Err(PolicyError::DefinedTwice { file, rule, first });
            }
            match layer.author {
                Author::Project => rules.add_project(packs.clone()),
                Author::System | Author::User | Author::Trusted => rules.add(packs.clone()),
            }
        }
        let mut ignored = Vec::new();
        let mut bound = BTreeSet::new();
        for layer in layers {
            for (rule, setting) in layer.settings {
                let Some(decision) = rules.decision(&rule) else {
                    let similar = nearest(&rule, rules.rules().map(|prose| prose.id));
                    let file = layer.file;
                    return Err(PolicyError::UnknownRule { file, rule, similar });
                };
                let only_tighter = layer.author == Author::Project || bound.contains(&rule);
                if only_tighter && setting.decision() < decision {
                    ignored.push(Ignored { file: layer.file.clone(), rule, setting, decision });
                    continue;
                }
                rules.set(&rule, setting);
                if layer.author == Author::System {
                    bound.insert(rule);
                }
            }
        }
        Ok(Policy { rules, ignored })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::{Pack, compile};

    fn pack(id: &str, rules: &[&str]) -> CompiledPack {
        let mut text = format!("[pack]\nid = '{id}'\ntitle = 'P'\n");
        for rule in rules {
            text += &format!(
                "[[rule]]\nid = '{id}.{rule}'\ntitle = 'does x'\nseverity = 'low'\n\
                 decision = 'confirm'\nwhy = 'X.'\n[rule.when]\nprogram = 'x'\n\
                 [rule.examples]\nmatch = ['a', 'b']\npass = ['c', 'd']\n"
            );
        }
        let pack = Pack::parse(&text, "p.toml").unwrap();
        CompiledPack::new(compile(&[pack])).unwrap()
    }

    fn base() -> RuleSet {
        let mut rules = RuleSet::empty();
        rules.add(pack("base", &["a", "b", "c"]));
        rules
    }

    fn layer(author: Author, settings: &[(&str, Setting)]) -> Layer {
        let settings = settings.iter().map(|(rule, setting)| ((*rule).to_owned(), *setting));
        Layer { author, file: format!("{author:?}.toml"), packs: None, settings: settings.collect() }
    }

    fn merge(layers: &[Layer]) -> Result<Policy, PolicyError> {
        Policy::merge_onto(base(), layers.to_vec())
    }

    #[test]
    fn the_user_may_loosen_and_tighten() {
        let user = layer(Author::User, &[("base.a", Setting::Off), ("base.b", Setting::Deny)]);
        let policy = merge(&[user]).unwrap();
        assert_eq!(policy.rules.decision("base.a"), Some(Decision::Allow));
        assert_eq!(policy.rules.decision("base.b"), Some(Decision::Deny));
        assert_eq!(policy.rules.decision("base.c"), Some(Decision::Confirm));
        assert!(policy.ignored.is_empty());
    }

    #[test]
    fn a_project_only_tightens() {
        let project = layer(Author::Project, &[("base.a", Setting::Warn), ("base.b", Setting::Deny)]);
        let policy = merge(&[project]).unwrap();
        assert_eq!(policy.rules.decision("base.a"), Some(Decision::Confirm));
        assert_eq!(policy.rules.decision("base.b"), Some(Decision::Deny));
        assert_eq!(
            policy.ignored[0].to_string(),
            "Project.toml: `base.a` stays `confirm`: it may only be tightened here"
        );
    }

    #[test]
    fn a_project_cannot_undo_what_the_user_tightened() {
        let user = layer(Author::User, &[("base.a", Setting::Deny)]);
        let project = layer(Author::Project, &[("base.a", Setting::Confirm)]);
        let policy = merge(&[project, user]).unwrap();
        assert_eq!(policy.rules.decision("base.a"), Some(Decision::Deny));
    }

    #[test]
    fn a_trusted_project_loosens_what_the_system_left_open() {
        let system = layer(Author::System, &[("base.a", Setting::Deny)]);
        let user = layer(Author::User, &[("base.b", Setting::Deny)]);
        let trusted = layer(Author::Trusted, &[("base.a", Setting::Off), ("base.b", Setting::Warn)]);
        let policy = merge(&[trusted, user, system]).unwrap();
        assert_eq!(policy.rules.decision("base.a"), Some(Decision::Deny));
        assert_eq!(policy.rules.decision("base.b"), Some(Decision::Warn));
        assert_eq!(policy.ignored.len(), 1);
    }

    #[test]
    fn what_the_system_set_binds_the_user() {
        let system = layer(Author::System, &[("base.a", Setting::Deny), ("base.b", Setting::Off)]);
        let user = layer(Author::User, &[("base.a", Setting::Off), ("base.b", Setting::Warn)]);
        let policy = merge(&[system, user]).unwrap();
        assert_eq!(policy.rules.decision("base.a"), Some(Decision::Deny));
        assert_eq!(policy.rules.decision("base.b"), Some(Decision::Warn));
        assert_eq!(policy.ignored.len(), 1);
    }

    #[test]
    fn layers_add_rules_that_settings_may_name() {
        let mut project = layer(Author::Project, &[("own.x", Setting::Deny)]);
        project.packs = Some(pack("own", &["x"]));
        let policy = merge(std::slice::from_ref(&project)).unwrap();
        assert_eq!(policy.rules.decision("own.x"), Some(Decision::Deny));
        project.packs = Some(pack("base", &["a"]));
        let error = merge(&[project]).unwrap_err().to_string();
        assert_eq!(error, "Project.toml: the rule `base.a` is built in already");
    }

    #[test]
    fn unknown_rules_are_errors() {
        let error = |rule| merge(&[layer(Author::User, &[(rule, Setting::Off)])]).unwrap_err().to_string();
        assert_eq!(error("base.aa"), "User.toml: there is no rule `base.aa`; there is `base.a`");
        assert_eq!(error("zzz"), "User.toml: there is no rule `zzz`");
    }
}
