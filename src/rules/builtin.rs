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
mod tests {
    use super::*;
    use crate::rules::index;

    #[test]
    fn the_built_in_packs_are_whole() {
        assert_eq!(index::check(BYTES), Ok(()));
    }
}
