//! Where rules stand that may hold of a call whose program is wholly unknown: `"$TOOL" delete x`.
//!
//! Scripts call such programs a thousand times, mostly to print, and most rules need something that
//! is not written there: one of the words of their subcommand, and, where they name a program,
//! something that is certain (see the matcher).

use std::collections::BTreeSet;

use super::condition::Condition;
use super::index::Key;
use super::list::Pattern;

/// Keys of which a call has one; `None` where there is no such bound.
type Bound<'a> = Option<BTreeSet<Key<'a>>>;

/// The keys of a condition for calls of a program of which nothing is known.
pub(super) fn keys(condition: &Condition) -> BTreeSet<Key<'_>> {
    let names_program = names_program(condition);
    let certain = if names_program { certain(condition) } else { None };
    let bounds = [written(condition), certain].into_iter().flatten();
    // Most calls have some option.
    let width = |keys: &BTreeSet<Key<'_>>| (keys.contains(&Key::Optioned), keys.len());
    bounds
        .min_by_key(width)
        .unwrap_or_else(|| [if names_program { Key::Worded } else { Key::Unnamed }].into())
}

/// What must be written for a subcommand.
fn written(condition: &Condition) -> Bound<'_> {
    match condition {
        Condition::All(all) => all.iter().filter_map(written).min_by_key(BTreeSet::len),
        Condition::Any(any) => union(any.iter().map(written)),
        Condition::Subcommand(alternatives) if alternatives.iter().any(|words| says_nothing(words)) => None,
        Condition::Subcommand(alternatives) => {
            let words = alternatives.iter().flatten().filter(|word| !word.is_anything());
            union(words.map(key))
        }
        // They hold of no call.
        Condition::Path(_) | Condition::Http(_) | Condition::Sql(_) => Some(BTreeSet::new()),
        _ => None,
    }
}

/// What can be certain of a call, whatever its program.
fn certain(condition: &Condition) -> Bound<'_> {
    let options = |dashed: bool| dashed.then(|| [Key::Optioned].into());
    match condition {
        Condition::All(all) | Condition::Any(all) => union(all.iter().map(certain)),
        Condition::Flag(flags) => options(flags.iter().all(|flag| flag.starts_with('-'))),
        Condition::Option(test) => options(test.name.iter().all(|name| name.starts_with('-'))),
        Condition::Subcommand(alternatives) => {
            union(alternatives.iter().map(|words| words.iter().find_map(key)))
        }
        Condition::Arg(patterns) | Condition::Written(patterns) | Condition::Literal(patterns) => {
            match patterns.iter().any(Pattern::is_anything) {
                true => Some(BTreeSet::new()),
                false => union(patterns.iter().map(key)),
            }
        }
        Condition::Every(_) => None,
        _ => Some(BTreeSet::new()),
    }
}

/// The key of the words of which a pattern surely holds.
fn key(pattern: &Pattern) -> Bound<'_> {
    match pattern.find(['*', '?']) {
        None => Some([Key::Word(pattern)].into()),
        Some(wild) => Key::word_stem(&pattern[..wild]).map(|key| [key].into()),
    }
}

/// Whether any words are such a subcommand.
pub(super) fn says_nothing(words: &[Pattern]) -> bool {
    words.iter().all(Pattern::is_anything)
}

fn union<'a>(bounds: impl Iterator<Item = Bound<'a>>) -> Bound<'a> {
    let each = bounds.collect::<Option<Vec<_>>>()?;
    Some(each.into_iter().flatten().collect())
}

/// Whether it holds of no calls but those of named programs.
fn names_program(condition: &Condition) -> bool {
    match condition {
        Condition::Program(_) | Condition::Path(_) | Condition::Http(_) | Condition::Sql(_) => true,
        Condition::All(all) => all.iter().any(names_program),
        Condition::Any(any) => any.iter().all(names_program),
        _ => false,
    }
}
