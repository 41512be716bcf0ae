//! Programs that write over a file that an option or a late operand names.

use super::words::{Operand, Opt, Words, base_name, flag, join, operand, value};
use super::{copy, each};
use crate::actions::git::subcommand;
use crate::actions::wrappers::is_one_of;
use crate::model::{PathEffect, PathOp, Text};

/// What names the file, under the one name `output`, and what else takes a value before it.
pub(super) const OPTIONS: &[Opt] = &[
    value('o', "output"),
    // pg_dump
    value('f', "file"),
    value('d', "dbname"),
    value('h', "host"),
    value('p', "port"),
    value('e', "echo"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const WRITES: &[Opt] = &[
    value('o', "output"),
    value('\0', "out-file"),
    value('i', "in-file"),
    value('r', "recipient"),
    value('u', "local-user"),
    flag('\0', "help"),
    flag('\0', "version"),
];

/// Subcommands that fetch a file: the programs, the words, and whether what is fetched is named before the file.
const FETCHES: &[(&str, &str, bool)] = &[
    ("docker podman nerdctl", "cp", true),
    ("kubectl oc", "cp", true),
    ("aws", "s3 cp", true),
    ("aws", "s3 mv", true),
    ("gsutil", "cp", true),
    ("gcloud", "storage cp", true),
    ("rclone", "copyto", true),
    ("vercel", "env pull", false),
];

/// `docker cp CONTAINER:FILE FILE`, `vercel env pull FILE`
pub(super) fn fetched(words: &Words) -> Vec<PathEffect> {
    let is =
        |at: usize, sub: &str| words.operands.get(at).is_some_and(|word| word.text.as_known() == Some(sub));
    let row = FETCHES.iter().filter(|(names, ..)| is_one_of(words.by, names));
    let row = row.into_iter().find(|(_, subs, _)| subs.split(' ').enumerate().all(|(at, sub)| is(at, sub)));
    let Some((_, subs, from)) = row else {
        return Vec::new();
    };
    let rest = &words.operands[subs.split(' ').count()..];
    let (source, target) = match rest {
        [source, target, ..] if *from => (Some(source), target),
        // What the program made itself it makes anew.
        [target, ..] if !from && !target.text.known_end().ends_with(".local") => (None, target),
        _ => return Vec::new(),
    };
    let start = target.text.known_start();
    if start.contains(':')
        || start == "-"
        || source.is_some_and(|source| !source.text.known_start().contains(':'))
    {
        return Vec::new();
    }
    let mut target = target.clone();
    if let Some(source) = source.filter(|_| matches!(start, "." | "./") || start.ends_with('/')) {
        target.text = join(&target.text, &base_name(&source.text));
    }
    vec![words.effect(PathOp::Overwrite, &target, false)]
}

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
        "docker" | "podman" if first == Some("cp") => return fetched(words),
        "docker" | "podman" if !matches!(first, Some("save" | "export" | "image" | "container")) => {
            return Vec::new();
        }
        _ => "output",
    };
    let files = words.values(option).filter(|path| path.text.as_known() != Some("-"));
    files.map(|path| words.effect(PathOp::Overwrite, path, false)).collect()
}

/// The files that curl's options name, and those that `-O` takes from the addresses.
pub(super) fn curl(words: &Words) -> Vec<PathEffect> {
    const FILES: &[&str] = &[
        "output",
        "dump-header",
        "cookie-jar",
        "trace",
        "trace-ascii",
        "stderr",
        "hsts",
        "etag-save",
        "libcurl",
    ];
    let named = FILES.iter().flat_map(|option| words.values(option));
    let mut files: Vec<Operand> = named.filter(|path| path.text.as_known() != Some("-")).cloned().collect();
    // Where the server may choose the name, a file that is there stays.
    let takes = words.has_any(&["remote-name", "remote-name-all"]) && !words.has("remote-header-name");
    for address in words.operands.iter().filter(|_| takes && !words.has("no-clobber")) {
        let name =
            address.text.as_known().and_then(|address| address.split(['?', '#']).next()?.rsplit('/').next());
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        let name = Text::known(name);
        let text = words.value("output-dir").map_or_else(|| name.clone(), |within| join(&within.text, &name));
        files.push(Operand { text, span: address.span });
    }
    files.iter().map(|path| words.effect(PathOp::Overwrite, path, false)).collect()
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
    let before = &words.call.args[..at];
    let directory =
        before.iter().position(|arg| arg.as_known() == Some("-C")).and_then(|at| before.get(at + 1));
    let mut effects = git_writes(words, at, name);
    for effect in effects.iter_mut().filter(|effect| !effect.path.known_start().starts_with('/')) {
        effect.path = directory.map_or(effect.path.clone(), |directory| join(directory, &effect.path));
    }
    effects
}

fn git_writes(words: &Words, at: usize, name: &str) -> Vec<PathEffect> {
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
        "archive" | "diff" | "show" | "log" | "format-patch" => {
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
