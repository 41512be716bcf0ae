//! Tools with sources and a target: mv, cp, install, ln, rsync, scp.

use super::words::{Operand, Opt, Words, attached, base_name, below, flag, join, value};
use crate::model::{PathEffect, PathOp, Text};

pub(super) const MOVE: &[Opt] = &[
    flag('f', "force"),
    flag('n', "no-clobber"),
    attached('\0', "update"),
    flag('u', "update-older"),
    value('S', "suffix"),
    value('t', "target-directory"),
    flag('T', "no-target-directory"),
    flag('b', "backup"),
    attached('\0', "backup"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const COPY: &[Opt] = &[
    flag('r', "recursive"),
    flag('R', "recursive"),
    flag('a', "archive"),
    flag('f', "force"),
    flag('n', "no-clobber"),
    attached('\0', "update"),
    value('S', "suffix"),
    value('t', "target-directory"),
    flag('T', "no-target-directory"),
    flag('b', "backup"),
    attached('\0', "backup"),
    flag('\0', "parents"),
    flag('\0', "remove-destination"),
    attached('\0', "preserve"),
    attached('\0', "no-preserve"),
    attached('\0', "reflink"),
    attached('\0', "sparse"),
    attached('Z', "context"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const INSTALL: &[Opt] = &[
    flag('d', "directory"),
    flag('D', "leading"),
    value('m', "mode"),
    value('o', "owner"),
    value('g', "group"),
    value('S', "suffix"),
    value('t', "target-directory"),
    flag('T', "no-target-directory"),
    flag('b', "backup"),
    attached('\0', "backup"),
    flag('\0', "strip"),
    value('\0', "strip-program"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const LINK: &[Opt] = &[
    flag('s', "symbolic"),
    flag('f', "force"),
    flag('n', "no-dereference"),
    flag('h', "no-dereference"),
    value('S', "suffix"),
    value('t', "target-directory"),
    flag('T', "no-target-directory"),
    flag('b', "backup"),
    attached('\0', "backup"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const RSYNC: &[Opt] = &[
    flag('a', "archive"),
    flag('r', "recursive"),
    flag('n', "dry-run"),
    flag('\0', "list-only"),
    // Every `--delete-…` empties the target of what the source has not.
    flag('\0', "delete"),
    flag('\0', "del"),
    flag('\0', "delete-before"),
    flag('\0', "delete-during"),
    flag('\0', "delete-delay"),
    flag('\0', "delete-after"),
    flag('\0', "delete-excluded"),
    flag('\0', "delete-missing-args"),
    flag('\0', "remove-source-files"),
    flag('\0', "ignore-existing"),
    flag('b', "backup"),
    value('\0', "backup-dir"),
    value('e', "rsh"),
    value('f', "filter"),
    value('B', "block-size"),
    value('M', "remote-option"),
    value('T', "temp-dir"),
    value('\0', "exclude"),
    value('\0', "exclude-from"),
    value('\0', "include"),
    value('\0', "include-from"),
    value('\0', "files-from"),
    value('\0', "rsync-path"),
    value('\0', "bwlimit"),
    value('\0', "max-size"),
    value('\0', "min-size"),
    value('\0', "max-delete"),
    value('\0', "chmod"),
    value('\0', "chown"),
    value('\0', "partial-dir"),
    value('\0', "compare-dest"),
    value('\0', "copy-dest"),
    value('\0', "link-dest"),
    value('\0', "log-file"),
    value('\0', "out-format"),
    value('\0', "password-file"),
    value('\0', "port"),
    value('\0', "suffix"),
    value('\0', "timeout"),
    value('\0', "contimeout"),
    value('\0', "modify-window"),
    value('\0', "compress-level"),
    value('\0', "info"),
    value('\0', "debug"),
    flag('\0', "help"),
    flag('V', "version"),
];

pub(super) const SCP: &[Opt] = &[
    flag('r', "recursive"),
    flag('f', "from"),
    value('c', "cipher"),
    value('D', "path"),
    value('F', "config"),
    value('i', "identity"),
    value('J', "jump"),
    value('l', "limit"),
    value('o', "option"),
    value('P', "port"),
    value('S', "program"),
    value('X', "sftp-option"),
];

const RSYNC_DELETES: &[&str] = &[
    "delete",
    "del",
    "delete-before",
    "delete-during",
    "delete-delay",
    "delete-after",
    "delete-excluded",
    "delete-missing-args",
];

/// Sources, and where they go.
struct Transfer<'a> {
    sources: Vec<&'a Operand>,
    target: Option<&'a Operand>,
    /// The target is a directory, whatever stands there.
    into: bool,
    /// The target is never a directory to put things into.
    onto: bool,
}

impl<'a> Transfer<'a> {
    fn read(words: &'a Words) -> Transfer<'a> {
        let onto = words.has("no-target-directory");
        if let Some(target) = words.value("target-directory") {
            let sources = words.operands.iter().collect();
            return Transfer { sources, target: Some(target), into: true, onto };
        }
        match words.operands.as_slice() {
            [] => Transfer { sources: Vec::new(), target: None, into: false, onto },
            [sources @ .., target] => Transfer {
                into: sources.len() > 1 || names_directory(&target.text),
                sources: sources.iter().collect(),
                target: Some(target),
                onto,
            },
        }
    }

    /// The paths that are written: the target itself where it may be a file, and what the
    /// sources are called in it where it may be a directory.
    fn written(&self, whole_names: bool) -> Vec<Operand> {
        let Some(target) = self.target else {
            return Vec::new();
        };
        let mut out = Vec::new();
        if self.onto || !self.into {
            out.push(target.clone());
        }
        if !self.onto {
            for source in &self.sources {
                let name = match whole_names {
                    true => source.text.clone(),
                    false => base_name(&source.text),
                };
                let text = match name.as_known() {
                    Some("" | "." | "..") => below(&target.text, "*"),
                    _ => join(&target.text, &name),
                };
                out.push(Operand { text, span: target.span });
            }
        }
        out
    }
}

/// `dir/`, `.`, `..`: a directory by its spelling.
fn names_directory(text: &Text) -> bool {
    let end = text.known_end();
    end.ends_with('/')
        || matches!(text.as_known(), Some("." | ".." | "~"))
        || end.ends_with("/.")
        || end.ends_with("/..")
}

/// What a write to an existing target is: nothing is lost where it is kept or a backup made.
fn write_op(words: &Words) -> PathOp {
    let kept = words.has_any(&["no-clobber", "backup", "ignore-existing"])
        || words
            .value("update")
            .is_some_and(|update| update.text.as_known().is_some_and(|update| update.starts_with("none")));
    if kept { PathOp::Modify } else { PathOp::Overwrite }
}

fn is_null(operand: &Operand) -> bool {
    operand.text.as_known() == Some("/dev/null")
}

/// The same where the sources are known: of nothing, nothing is left.
fn write_op_of(words: &Words, sources: &[&Operand]) -> PathOp {
    match write_op(words) {
        PathOp::Overwrite if matches!(sources, [only] if is_null(only)) => PathOp::Empty,
        op => op,
    }
}

pub(super) fn mv(words: &Words) -> Vec<PathEffect> {
    let transfer = Transfer::read(words);
    let lost = transfer.target.is_some_and(is_null);
    let source_op = if lost { PathOp::Delete } else { PathOp::MoveAway };
    let sources = transfer.sources.iter();
    let mut effects: Vec<PathEffect> = sources.map(|source| words.effect(source_op, source, true)).collect();
    if !lost {
        let op = write_op_of(words, &transfer.sources);
        effects.extend(transfer.written(false).iter().map(|path| words.effect(op, path, false)));
    }
    effects
}

pub(super) fn cp(words: &Words) -> Vec<PathEffect> {
    let transfer = Transfer::read(words);
    let op = write_op_of(words, &transfer.sources);
    let recursive = words.has_any(&["recursive", "archive"]);
    let written = transfer.written(words.has("parents"));
    written.iter().map(|path| words.effect(op, path, recursive)).collect()
}

pub(super) fn install(words: &Words) -> Vec<PathEffect> {
    if words.has("directory") {
        return Vec::new();
    }
    let transfer = Transfer::read(words);
    let op = write_op_of(words, &transfer.sources);
    transfer.written(false).iter().map(|path| words.effect(op, path, false)).collect()
}

pub(super) fn ln(words: &Words) -> Vec<PathEffect> {
    let transfer = Transfer::read(words);
    // Without `-f` a link is made where nothing stands.
    let op = match words.has("force") {
        true => write_op_of(words, &transfer.sources),
        false => PathOp::Modify,
    };
    if let ([only], None) = (words.operands.as_slice(), words.value("target-directory")) {
        let path = Operand { text: base_name(&only.text), span: only.span };
        return vec![words.effect(op, &path, false)];
    }
    transfer.written(false).iter().map(|path| words.effect(op, path, false)).collect()
}

pub(super) fn rsync(words: &Words) -> Vec<PathEffect> {
    let Some((target, sources)) = words.operands.split_last() else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    if words.has("remove-source-files") {
        let local = sources.iter().filter(|source| !is_remote(&source.text));
        effects.extend(local.map(|source| words.effect(PathOp::MoveAway, source, true)));
    }
    if sources.is_empty() || is_remote(&target.text) {
        return effects;
    }
    if words.has_any(RSYNC_DELETES) {
        // `rsync -a --delete a b` empties `b/a`; with `a/` it empties `b` itself.
        let whole = sources.iter().any(|source| names_directory(&source.text) || source.text.has_hole());
        if whole {
            effects.push(words.effect(PathOp::Delete, target, true));
        } else {
            for source in sources {
                let text = join(&target.text, &base_name(&source.text));
                let path = Operand { text, span: target.span };
                effects.push(words.effect(PathOp::Delete, &path, true));
            }
        }
    }
    let recursive = words.has_any(&["recursive", "archive"]);
    let sources: Vec<&Operand> = sources.iter().collect();
    effects.push(words.effect(write_op_of(words, &sources), target, recursive));
    effects
}

pub(super) fn scp(words: &Words) -> Vec<PathEffect> {
    // What another machine's `scp` starts here to read.
    if words.by == "scp" && words.has("from") {
        return Vec::new();
    }
    let transfer = Transfer::read(words);
    let Some(target) = transfer.target else {
        return Vec::new();
    };
    if is_remote(&target.text) {
        let live = words.by == "scp" && !words.has("recursive") && is_live(target.text.known_end());
        let upload = words.effect(PathOp::Overwrite, target, false);
        return live.then(|| PathEffect { by: UPLOAD.to_owned(), ..upload }).into_iter().collect();
    }
    let sources = transfer.sources.iter();
    if words.by == "sftp" && !sources.clone().any(|source| is_remote(&source.text)) {
        return Vec::new();
    }
    let written = transfer.written(false);
    let mut written: Vec<Operand> = written
        .into_iter()
        .map(|mut path| {
            // `host:name`: the name ends up in the directory.
            if let Some((start, name)) = path.text.as_known().and_then(|text| text.rsplit_once(':')) {
                let directory = start.rsplit_once('/').map_or("", |(directory, _)| directory);
                path.text = join(&Text::known(directory), &Text::known(name));
            }
            path
        })
        .collect();
    written.dedup_by(|a, b| a.text == b.text);
    written.iter().map(|path| words.effect(PathOp::Overwrite, path, words.has("recursive"))).collect()
}

/// What rules call the copying of single files onto another machine's live ones.
const UPLOAD: &str = "scp (upload)";

/// Whether `host:PATH` names what is in use there: a site's directory, the system's, a file by name.
fn is_live(target: &str) -> bool {
    let path = target.split_once(':').map_or(target, |(_, path)| path);
    let site = ["/var/www/", "/usr/", "/etc/"].iter().any(|start| path.starts_with(start));
    site || path.strip_prefix("/home/").is_some_and(|rest| {
        let (directory, name) = rest.rsplit_once('/').unwrap_or_default();
        directory.contains('/') && name.contains('.')
    })
}

/// `host:path`, `user@host:path`, `rsync://…`: a colon before the first slash.
fn is_remote(text: &Text) -> bool {
    let start = text.known_start();
    match (start.find(':'), start.find('/')) {
        (Some(colon), Some(slash)) => colon < slash,
        (Some(_), None) => true,
        // `$HOST:dir`, `$USER@host:dir`.
        (None, None) => text.has_hole() && text.display().contains(':'),
        (None, Some(_)) => false,
    }
}
