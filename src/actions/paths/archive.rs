//! Archivers: what they unpack over, and what they remove once it is packed.

use super::words::{Operand, Opt, Words, flag, join, operand, value};
use crate::actions::names::{Names, names_of};
use crate::actions::wrappers::is_one_of;
use crate::model::{Call, PathEffect, PathOp, Text, base_name};

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
    flag('k', "keep-old-files"),
    flag('\0', "keep-newer-files"),
    flag('\0', "skip-old-files"),
    flag('O', "to-stdout"),
    value('\0', "to-command"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const UNZIP: &[Opt] = &[
    value('d', "directory"),
    flag('l', "list"),
    flag('t', "test"),
    flag('o', "overwrite"),
    flag('p', "print"),
    flag('c', "print"),
    flag('n', "never"),
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
        const SPARES: &[&str] = &[
            "keep-old-files",
            "keep-newer-files",
            "skip-old-files",
            "to-stdout",
            "to-command",
            "strip-components",
            "transform",
        ];
        let spares = words.has_any(SPARES) || has('O', "to-stdout") || has('k', "keep-old-files");
        let members = words.operands.iter().skip(old.as_ref().map_or(0, |old| old.taken));
        let members = members.filter(|_| !spares);
        effects.extend(written(words, members, value('C', "directory")));
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
        let op = removal(value('f', "file"));
        let taken = old.as_ref().map_or(0, |old| old.taken);
        let members = words.operands.iter().skip(taken);
        let start = value('C', "directory").map(|directory| &directory.text);
        effects.extend(members.map(|member| {
            let mut path =
                start.filter(|_| !member.text.known_start().starts_with('/')).cloned().unwrap_or_default();
            path.push_str(if path == Text::default() { "" } else { "/" });
            path.append(&member.text);
            words.effect(op, &Operand { text: path, span: member.span }, true)
        }));
    }
    effects
}

/// What takes the place of members that the call names.
fn written<'w>(
    words: &'w Words,
    members: impl Iterator<Item = &'w Operand> + 'w,
    directory: Option<&'w Operand>,
) -> impl Iterator<Item = PathEffect> + 'w {
    let known =
        members.filter(|member| member.text.as_known().is_some_and(|name| !name.contains(['*', '?'])));
    known.map(move |member| {
        let text = directory.map_or_else(|| member.text.clone(), |within| join(&within.text, &member.text));
        words.effect(PathOp::Overwrite, &Operand { text, span: member.span }, false)
    })
}

/// What is packed stays in the archive, where there is one: it is moved there.
fn removal(archive: Option<&Operand>) -> PathOp {
    match archive {
        Some(archive) if !archive.text.known_start().starts_with("/dev/") => PathOp::MoveAway,
        _ => PathOp::Delete,
    }
}

pub(super) fn unzip(words: &Words) -> Vec<PathEffect> {
    let directory = words.value("directory");
    let members = words.operands.iter().skip(1);
    let members = members.filter(|_| words.has("overwrite") && !words.has_any(&["print", "never"]));
    let within = directory.map(|path| words.effect(PathOp::Modify, path, true));
    within.into_iter().chain(written(words, members, directory)).collect()
}

pub(super) const SEVEN: &[Opt] = &[];

/// `7z a -sdel ARCHIVE FILE…`, `7z x -y ARCHIVE FILE…`
pub(super) fn seven(words: &Words) -> Vec<PathEffect> {
    let first = words.operands.first().and_then(|word| word.text.as_known());
    let known = |wanted: &str| words.call.args.iter().any(|arg| arg.as_known() == Some(wanted));
    if matches!(first, Some("x" | "e")) && (known("-y") || known("-aoa")) && !known("-so") {
        let target = words.call.args.iter().find_map(|arg| arg.as_known()?.strip_prefix("-o"));
        let target = target.map(|path| Operand { text: Text::known(path), span: None });
        return written(words, words.operands.iter().skip(2), target.as_ref()).collect();
    }
    if !words.call.args.iter().any(|arg| arg.as_known() == Some("-sdel")) {
        return Vec::new();
    }
    let op = removal(words.operands.get(1));
    words.operands.iter().skip(2).map(|path| words.effect(op, path, true)).collect()
}

/// The archive into which a call moves files, and these.
pub fn packed(call: &Call) -> Option<(Text, Vec<Text>)> {
    let name = call.name()?;
    let (options, act): (_, fn(&Words) -> Vec<PathEffect>) = match name {
        "tar" | "gtar" | "bsdtar" => (TAR, tar),
        "zip" => (ZIP, zip),
        "7z" | "7za" | "7zz" | "7zr" => (SEVEN, seven),
        _ => return None,
    };
    let words = Words::read(name, call, options);
    let moved = act(&words).into_iter().filter(|effect| effect.op == PathOp::MoveAway);
    let members: Vec<Text> = moved.map(|effect| effect.path).collect();
    let archive = match name {
        "zip" => words.operands.first().map(|archive| {
            let mut path = archive.text.clone();
            path.push_str(if base_name(path.known_end()).contains('.') { "" } else { ".zip" });
            path
        }),
        _ if options.is_empty() => words.operands.get(1).map(|archive| archive.text.clone()),
        _ => {
            let old =
                bundle(&words).and_then(|old| old.values.into_iter().find(|(letter, _)| *letter == 'f'));
            words.value("file").cloned().or(old.map(|(_, archive)| archive)).map(|archive| archive.text)
        }
    };
    archive.filter(|_| !members.is_empty()).map(|archive| (archive, members))
}

/// Programs that put a compressed file in a file's place, with what its name ends in then, and the
/// option without which they leave the file.
const COMPRESSORS: &[(&str, &str, &str)] = &[
    ("gzip pigz gunzip unpigz", ".gz", ""),
    ("bzip2 pbzip2 lbzip2 bunzip2", ".bz2", ""),
    ("xz pixz unxz", ".xz", ""),
    ("lzma unlzma", ".lzma", ""),
    ("lzip", ".lz", ""),
    ("compress uncompress", ".Z", ""),
    ("zstd unzstd pzstd", ".zst", "--rm"),
    ("lz4 unlz4", ".lz4", "--rm"),
    ("brotli", ".br", "-j --rm"),
];

const KNOWN: Names = names_of!(COMPRESSORS, 0);

/// What a compressor's names end in, and the files whose place it takes.
pub fn compressed(name: &str, call: &Call) -> Option<(&'static str, Vec<Text>)> {
    if !KNOWN.may_hold(name) {
        return None;
    }
    let (_, ending, removes) = COMPRESSORS.iter().find(|(names, ..)| is_one_of(name, names))?;
    let words = Words::read(name, call, COMPRESS);
    let given =
        |names: &str| call.args.iter().any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, names)));
    let leaves = words.has_any(&["keep", "stdout", "to-stdout", "list", "test", "help", "version"])
        || !(removes.is_empty() || given(removes));
    let files = words.operands.iter().filter(|_| !leaves).map(|operand| operand.text.clone());
    Some((*ending, files.collect()))
}

/// `zstd --rm -o /dev/null FILE`: nothing keeps what was in the file then.
pub(super) fn compress(words: &Words) -> Vec<PathEffect> {
    let thrown_away = words.value("output").is_some_and(|out| out.text.as_known() == Some("/dev/null"));
    match thrown_away && words.has("rm") {
        true => words.operands.iter().map(|file| words.effect(PathOp::Delete, file, false)).collect(),
        false => Vec::new(),
    }
}

pub(super) const COMPRESS: &[Opt] = &[
    flag('k', "keep"),
    flag('\0', "rm"),
    value('o', "output"),
    flag('c', "stdout"),
    flag('c', "to-stdout"),
    flag('l', "list"),
    flag('t', "test"),
    flag('h', "help"),
    flag('V', "version"),
    value('S', "suffix"),
    value('T', "threads"),
    value('p', "processes"),
];

pub(super) fn zip(words: &Words) -> Vec<PathEffect> {
    if !words.has("move") {
        return Vec::new();
    }
    let op = removal(words.operands.first());
    let members = words.operands.iter().skip(1);
    members.map(|path| words.effect(op, path, true)).collect()
}
