//! Archivers: what they unpack over, and what they remove once it is packed.

use super::words::{Operand, Opt, Words, flag, operand, value};
use crate::model::{PathEffect, PathOp};

pub(super) const TAR: &[Opt] = &[
    flag('x', "extract"),
    flag('x', "get"),
    flag('c', "create"),
    flag('r', "append"),
    flag('u', "update"),
    flag('t', "list"),
    flag('\0', "delete"),
    value('f', "file"),
    value('C', "directory"),
    value('T', "files-from"),
    value('X', "exclude-from"),
    value('I', "use-compress-program"),
    value('b', "blocking-factor"),
    value('g', "listed-incremental"),
    value('N', "newer"),
    value('\0', "exclude"),
    value('\0', "transform"),
    value('\0', "strip-components"),
    value('\0', "owner"),
    value('\0', "group"),
    value('\0', "mode"),
    value('\0', "mtime"),
    flag('\0', "remove-files"),
    flag('\0', "recursive-unlink"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const UNZIP: &[Opt] = &[
    value('d', "directory"),
    flag('l', "list"),
    flag('t', "test"),
    flag('o', "overwrite"),
    value('x', "exclude"),
    value('P', "password"),
];

pub(super) const ZIP: &[Opt] = &[
    flag('m', "move"),
    flag('r', "recurse-paths"),
    value('i', "include"),
    value('x', "exclude"),
    value('b', "temp-path"),
    value('P', "password"),
    value('n', "suffixes"),
    value('t', "from-date"),
];

/// The old style, `tar xzf FILE -C DIR`: letters first, their values in order after them.
struct Bundle {
    letters: String,
    values: Vec<(char, Operand)>,
    /// How many operands the letters and their values are.
    taken: usize,
}

fn bundle(words: &Words) -> Option<Bundle> {
    let first = words.call.args.first()?.as_known()?;
    let is_letters = !first.is_empty() && first.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_letters || !first.contains(['x', 'c', 't', 'r', 'u']) {
        return None;
    }
    let mut values = Vec::new();
    for letter in first.chars().filter(|letter| "fCTXIbgN".contains(*letter)) {
        let index = values.len() + 1;
        if index < words.call.args.len() {
            values.push((letter, operand(words.call, index)));
        }
    }
    Some(Bundle { letters: first.to_owned(), taken: values.len() + 1, values })
}

pub(super) fn tar(words: &Words) -> Vec<PathEffect> {
    let old = bundle(words);
    let has = |letter: char, long: &str| {
        words.has(long) || old.as_ref().is_some_and(|old| old.letters.contains(letter))
    };
    let value = |letter: char, long: &str| {
        let of_bundle = old.as_ref().and_then(|old| old.values.iter().find(|(l, _)| *l == letter));
        words.value(long).or(of_bundle.map(|(_, value)| value))
    };
    let mut effects = Vec::new();
    if has('x', "extract") || words.has("get") {
        // It adds and replaces below; what it replaces only the archive knows.
        if let Some(directory) = value('C', "directory") {
            let op = if words.has("recursive-unlink") { PathOp::Delete } else { PathOp::Modify };
            effects.push(words.effect(op, directory, true));
        }
        return effects;
    }
    if has('c', "create") {
        let local = |archive: &&Operand| {
            archive.text.as_known() != Some("-") && !archive.text.display().contains(':')
        };
        if let Some(archive) = value('f', "file").filter(local) {
            effects.push(words.effect(PathOp::Overwrite, archive, false));
        }
    }
    if words.has("remove-files") {
        // What is packed stays in the archive, where there is one: it is moved there.
        let kept = value('f', "file").is_some_and(|archive| archive.text.as_known() != Some("/dev/null"));
        let op = if kept { PathOp::MoveAway } else { PathOp::Delete };
        let taken = old.as_ref().map_or(0, |old| old.taken);
        let members = words.operands.iter().skip(taken);
        effects.extend(members.map(|path| words.effect(op, path, true)));
    }
    effects
}

pub(super) fn unzip(words: &Words) -> Vec<PathEffect> {
    let directory = words.value("directory");
    directory.map(|path| words.effect(PathOp::Modify, path, true)).into_iter().collect()
}

pub(super) fn zip(words: &Words) -> Vec<PathEffect> {
    if !words.has("move") {
        return Vec::new();
    }
    let members = words.operands.iter().skip(1);
    members.map(|path| words.effect(PathOp::MoveAway, path, true)).collect()
}
