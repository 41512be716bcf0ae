//! What tools do at paths that loses nothing by itself, and yet is to leave alone what is protected: making files and
//! directories, working in a git work tree, mounting over a directory, compressing, the trash.

use super::words::{Operand, Opt, Words, flag, join, value};
use super::{Act, Tool};
use crate::actions::git::subcommand;
use crate::model::{Call, PathEffect, PathOp, Text};

const MAKE: &[Opt] = &[
    value('m', "mode"),
    value('d', "date"),
    value('t', "time"),
    value('r', "reference"),
    flag('\0', "help"),
    flag('\0', "version"),
];
const COMPRESS: &[Opt] = &[
    flag('c', "stdout"),
    flag('l', "list"),
    flag('t', "test"),
    flag('k', "keep"),
    value('S', "suffix"),
    value('T', "threads"),
    flag('\0', "help"),
    flag('\0', "version"),
];
const MOUNT: &[Opt] = &[
    value('t', "types"),
    value('o', "options"),
    value('L', "label"),
    value('U', "uuid"),
    flag('\0', "help"),
    flag('\0', "version"),
];
const TELLS: &[&str] = &["help", "version"];

/// Rows that [`super::TOOLS`] has none of.
static TOOLS: &[Tool] = &[
    Tool {
        names: &["touch", "mkdir", "rmdir", "mkfifo", "mknod", "strip"],
        options: MAKE,
        idle: TELLS,
        act: Act::Each { op: PathOp::Touch, skip: 0 },
    },
    Tool {
        names: &["gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "lzma"],
        options: COMPRESS,
        idle: &["stdout", "list", "test", "help", "version"],
        act: Act::Special(compressed),
    },
    Tool {
        names: &["trash", "trash-put", "rmtrash"],
        options: &[],
        idle: &["test", "help", "version"],
        act: Act::Trees(PathOp::Touch),
    },
    Tool { names: &["rename", "prename"], options: &[], idle: TELLS, act: Act::Special(renamed) },
    Tool { names: &["mount", "umount"], options: MOUNT, idle: TELLS, act: Act::Special(mounted) },
    Tool {
        names: &["wget"],
        options: &[value('P', "directory-prefix"), value('O', "output-document")],
        idle: &["output-document", "help", "version"],
        act: Act::Special(fetched),
    },
    Tool {
        names: &["npm", "pnpm", "yarn", "bun", "bundle", "composer", "cpio"],
        options: &[value('C', "dir"), value('D', "directory")],
        idle: &["help", "version"],
        act: Act::Special(fetched),
    },
    Tool {
        names: &["pip", "pip3"],
        options: &[value('t', "target")],
        idle: TELLS,
        act: Act::Values { op: PathOp::Touch, options: &["target"] },
    },
    Tool { names: &["aws", "rclone", "gsutil"], options: &[], idle: TELLS, act: Act::Special(last) },
    Tool { names: &["gio"], options: &[], idle: TELLS, act: Act::Special(thrown) },
    Tool { names: &["git"], options: &[], idle: &[], act: Act::Special(git) },
];

/// Subcommands of git that write into its work tree or its repository.
const WRITES: &[&str] = &[
    "add",
    "am",
    "apply",
    "bisect",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "fetch",
    "gc",
    "init",
    "merge",
    "mv",
    "pull",
    "rebase",
    "reset",
    "restore",
    "revert",
    "rm",
    "stash",
    "submodule",
    "switch",
    "worktree",
];

/// What the call does so; empty for most.
pub fn touches(call: &Call) -> Vec<PathEffect> {
    let name = call.name().unwrap_or_default();
    let tool = TOOLS.iter().find(|tool| tool.names.contains(&name));
    tool.map(|tool| tool.effects(name, call)).unwrap_or_default()
}

fn at(words: &Words, path: Text, by: &str, recursive: bool) -> PathEffect {
    let by = if by.is_empty() { words.by } else { by };
    PathEffect { op: PathOp::Touch, path, recursive, by: by.to_owned(), content: None, span: None }
}

/// With `-k` the file stays.
fn compressed(words: &Words) -> Vec<PathEffect> {
    let by = if words.has("keep") { "compress" } else { words.by };
    words.operands.iter().map(|file| at(words, file.text.clone(), by, false)).collect()
}

fn renamed(words: &Words) -> Vec<PathEffect> {
    words.operands.iter().skip(1).map(|file| at(words, file.text.clone(), "rename", false)).collect()
}

/// Hides what stands there, with all that is below.
fn mounted(words: &Words) -> Vec<PathEffect> {
    let over = words.operands.last().filter(|_| words.by == "umount" || words.operands.len() > 1);
    over.map(|over| at(words, over.text.clone(), "", true)).into_iter().collect()
}

/// Into a directory that an option names, or the one in which it runs.
fn fetched(words: &Words) -> Vec<PathEffect> {
    let named = ["directory-prefix", "dir", "directory"].iter().flat_map(|option| words.values(option));
    let into = named.map(|into| into.text.clone()).next().unwrap_or_else(|| Text::known("."));
    match words.operands.is_empty() && words.by == "wget" {
        true => Vec::new(),
        false => vec![at(words, into, "", false)],
    }
}

/// To the last operand, where that is no address.
fn last(words: &Words) -> Vec<PathEffect> {
    let local = |path: &&Operand| !path.text.known_start().contains(':');
    let into = words.operands.last().filter(|_| words.operands.len() > 2).filter(local);
    into.map(|into| at(words, into.text.clone(), "", false)).into_iter().collect()
}

fn thrown(words: &Words) -> Vec<PathEffect> {
    let throws = words.operands.first().is_some_and(|verb| verb.text.as_known() == Some("trash"));
    let thrown = words.operands.iter().skip(1).filter(|_| throws);
    thrown.map(|path| at(words, path.text.clone(), "trash", true)).collect()
}

fn git(words: &Words) -> Vec<PathEffect> {
    let Some((verb, name)) = subcommand(words.call).filter(|(_, name)| WRITES.contains(name)) else {
        return Vec::new();
    };
    let args = &words.call.args;
    let directory = args[..verb].iter().position(|arg| arg.as_known() == Some("-C"));
    let directory = directory.and_then(|option| args.get(option + 1)).cloned();
    let rest: Vec<&Text> =
        args[verb + 1..].iter().filter(|arg| !arg.known_start().starts_with('-')).collect();
    let named = match (name, rest.as_slice()) {
        ("clone", [_, .., into]) | ("init", [.., into]) => vec![(*into).clone()],
        ("clean", [_, ..]) => rest.iter().map(|path| (*path).clone()).collect(),
        _ => vec![Text::known(".")],
    };
    let is_dry = args[verb..].iter().any(|arg| {
        let word = arg.known_start();
        word == "--dry-run"
            || name == "clean" && !word.starts_with("--") && word.starts_with('-') && word.contains('n')
    });
    if is_dry {
        return Vec::new();
    }
    let under = |path: Text| match &directory {
        Some(directory) if !path.known_start().starts_with('/') => join(directory, &path),
        _ => path,
    };
    let by = if name == "clean" { "git clean" } else { "git" };
    named.into_iter().map(|path| at(words, under(path), by, name == "clean")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_is_named() {
        for (line, wanted) in [
            ("touch a b", "touch a, touch b"),
            ("mkdir -p -m 755 a", "mkdir a"),
            ("gzip -9 a", "gzip a"),
            ("gzip -k a", "compress a"),
            ("gzip -c a", ""),
            ("git -C r commit -m x", "git r/."),
            ("git status", ""),
            ("git clone u d", "git d"),
            ("git clone u", "git ."),
            ("git clean -fdx sub", "git clean! sub"),
            ("git clean -ndx", ""),
            ("wget -P d u", "wget d"),
            ("wget -O f u", ""),
            ("mount -t tmpfs tmpfs d", "mount! d"),
            ("mount", ""),
            ("aws s3 sync s3://b d", "aws d"),
            ("aws s3 sync d s3://b", ""),
            ("gio trash a", "trash! a"),
            ("ls a", ""),
        ] {
            let mut words = line.split(' ').map(Text::known);
            let program = words.next().unwrap_or_default();
            let call = Call { program, args: words.collect(), ..Call::default() };
            let one = |effect: PathEffect| {
                let mark = if effect.recursive { "!" } else { "" };
                format!("{}{mark} {}", effect.by, effect.path.display())
            };
            let found: Vec<String> = touches(&call).into_iter().map(one).collect();
            assert_eq!(found.join(", "), wanted, "{line}");
        }
    }
}
