//! Programs that write over a file that an option or a late operand names.

use super::words::{Opt, Words, flag, operand, value};
use super::{copy, each};
use crate::actions::git::subcommand;
use crate::model::{PathEffect, PathOp};

/// What names the file, under the one name `output`, and what else takes a value before it.
pub(super) const OPTIONS: &[Opt] = &[
    value('o', "output"),
    // pg_dump
    value('f', "file"),
    value('d', "dbname"),
    value('h', "host"),
    value('p', "port"),
    value('e', "echo"),
    value('r', "recipient"),
    value('u', "local-user"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const UNIQ: &[Opt] =
    &[value('f', "skip-fields"), value('s', "skip-chars"), value('w', "check-chars"), flag('\0', "help")];

pub(super) const XXD: &[Opt] = &[
    value('c', "cols"),
    value('g', "groupsize"),
    value('l', "len"),
    value('s', "seek"),
    value('o', "off"),
    value('n', "name"),
];

const GIT: &[Opt] = &[value('\0', "output")];

pub(super) const FALLOCATE: &[Opt] = &[
    flag('c', "collapse-range"),
    flag('p', "punch-hole"),
    flag('z', "zero-range"),
    flag('d', "dig-holes"),
    value('l', "length"),
    value('o', "offset"),
    flag('\0', "help"),
    flag('\0', "version"),
];

/// The value of the option that names the file in this program.
pub(super) fn named(words: &Words) -> Vec<PathEffect> {
    let first = words.operands.first().and_then(|operand| operand.text.as_known());
    let option = match words.by {
        "pg_dump" | "pg_dumpall" | "pg_restore" => "file",
        by if by.starts_with("pg_") => return Vec::new(),
        "docker" | "podman" if !matches!(first, Some("save" | "export" | "image" | "container")) => {
            return Vec::new();
        }
        _ => "output",
    };
    let files = words.values(option).filter(|path| path.text.as_known() != Some("-"));
    files.map(|path| words.effect(PathOp::Overwrite, path, false)).collect()
}

/// `openssl CMD -out FILE`: its options are long with one dash.
pub(super) fn openssl(words: &Words) -> Vec<PathEffect> {
    behind(words, &["-out", "-keyout"], PathOp::Overwrite)
}

/// The words behind these.
fn behind(words: &Words, options: &[&str], op: PathOp) -> Vec<PathEffect> {
    let args = &words.call.args;
    let is_option = |at: &usize| args[*at].as_known().is_some_and(|arg| options.contains(&arg));
    let values = (0..args.len()).filter(is_option).map(|at| at + 1).filter(|at| *at < args.len());
    values.map(|at| words.effect(op, &operand(words.call, at), false)).collect()
}

/// `git mv -f FROM TO`, and the subcommands that write a file of the caller's choice.
pub(super) fn git(words: &Words) -> Vec<PathEffect> {
    let Some((at, name)) = subcommand(words.call) else {
        return Vec::new();
    };
    let elsewhere = ["-C", "--git-dir", "--work-tree"];
    if words.call.args[..at].iter().any(|arg| elsewhere.iter().any(|e| arg.known_start().starts_with(e))) {
        return Vec::new();
    }
    let mut call = words.call.clone();
    call.args.drain(..=at);
    call.arg_spans.drain(..call.arg_spans.len().min(at + 1));
    match name {
        "mv" => {
            let inner = Words::read("git mv", &call, copy::MOVE);
            // Where a file is in the way it fails without the option.
            if !inner.has("force") || inner.operands.len() != 2 {
                return Vec::new();
            }
            each(&inner, PathOp::Overwrite, 1)
        }
        "archive" | "diff" | "show" | "log" => {
            let inner = Words::read("git", &call, GIT);
            let short =
                if name == "archive" { behind(&inner, &["-o"], PathOp::Overwrite) } else { Vec::new() };
            let long = inner.values("output").map(|path| inner.effect(PathOp::Overwrite, path, false));
            long.chain(short).collect()
        }
        "bundle" => {
            let inner = Words::read("git bundle", &call, &[]);
            let creates = inner.operands.first().is_some_and(|sub| sub.text.as_known() == Some("create"));
            let file = inner.operands.get(1).filter(|file| creates && file.text.as_known() != Some("-"));
            file.map(|path| inner.effect(PathOp::Overwrite, path, false)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Without `-y` ffmpeg asks, and where nobody answers it fails.
pub(super) fn ffmpeg(words: &Words) -> Vec<PathEffect> {
    let yes = words.call.args.iter().any(|arg| arg.as_known() == Some("-y"));
    let last = words.call.args.len().checked_sub(1).filter(|_| yes);
    last.map(|at| words.effect(PathOp::Overwrite, &operand(words.call, at), false)).into_iter().collect()
}

/// Zeros, or nothing, in place of what stood in the range.
pub(super) fn fallocate(words: &Words) -> Vec<PathEffect> {
    if !words.has_any(&["collapse-range", "punch-hole", "zero-range"]) {
        return Vec::new();
    }
    each(words, PathOp::Empty, 0)
}

/// `gio remove FILE…`
pub(super) fn gio(words: &Words) -> Vec<PathEffect> {
    match words.operands.first().and_then(|sub| sub.text.as_known()) {
        Some("remove") => each(words, PathOp::Delete, 1),
        _ => Vec::new(),
    }
}
