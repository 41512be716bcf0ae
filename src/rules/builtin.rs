//! The packs that are built in.

use super::ruleset::{CompiledPack, RuleSet};

/// The packs of `rules.d`, as the build compiled them.
static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The built-in packs' file names and texts.
pub fn builtin_texts() -> &'static [(&'static str, &'static str)] {
    TEXTS
}

impl RuleSet {
    /// The built-in rules.
    pub fn builtin() -> RuleSet {
        let mut rules = RuleSet::empty();
        rules.add(CompiledPack::from_build(BYTES));
        rules
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::Pack;
    use crate::rules::index::{self, Key};

    #[test]
    fn the_built_in_packs_are_whole() {
        assert_eq!(index::check(BYTES), Ok(()));
    }

    #[test]
    fn no_built_in_rule_is_held_against_every_call() {
        // A pattern needs four letters before its first wildcard to be found by them.
        for (file, text) in builtin_texts() {
            let pack = Pack::parse(text, file).unwrap();
            for rule in &pack.rules {
                let keys = index::keys(&rule.when);
                let wide = [Key::EveryCall, Key::Everything].iter().any(|key| keys.contains(key));
                assert!(!wide, "{file}: {}", rule.id);
            }
        }
    }

    #[test]
    fn every_built_in_rule_says_what_it_is_about() {
        for (file, text) in builtin_texts() {
            let pack = Pack::parse(text, file).unwrap();
            for rule in &pack.rules {
                assert!(!rule.scope.is_empty(), "{file}: {}", rule.id);
            }
        }
    }

    #[test]
    fn few_built_in_rules_are_held_against_what_an_unknown_program_is_to_print() {
        // A script made by Autoconf has thousands of such calls.
        let rules = RuleSet::builtin();
        let found = rules.find(&[Key::Everything, Key::Unnamed, Key::Worded], Vec::new, false).len();
        assert!(found <= 40, "{found} of {}", rules.find(&[Key::AllCalls], Vec::new, false).len());
    }
}
