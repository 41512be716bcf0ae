//! Tools that write or change the files they are given: truncate, tee, dd, sed, chmod and kin.

use super::words::{Operand, Opt, Words, attached, flag, strip_prefix, value};
use super::{each, empties};
use crate::model::{Call, Input, PathEffect, PathOp, Text};

pub(super) const TRUNCATE: &[Opt] = &[
    value('s', "size"),
    value('r', "reference"),
    flag('o', "io-blocks"),
    flag('c', "no-create"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const TEE: &[Opt] =
    &[flag('a', "append"), attached('\0', "output-error"), flag('\0', "help"), flag('\0', "version")];

pub(super) const SED: &[Opt] = &[
    attached('i', "in-place"),
    value('e', "expression"),
    value('f', "file"),
    value('l', "line-length"),
    flag('n', "quiet"),
    flag('\0', "silent"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const PERL: &[Opt] = &[
    attached('i', "in-place"),
    value('e', "expression"),
    value('E', "expression"),
    flag('n', "quiet"),
    flag('p', "print"),
    attached('0', "separator"),
    attached('l', "lines"),
    attached('M', "module"),
    attached('m', "module"),
    value('I', "include"),
];

pub(super) const AWK: &[Opt] = &[
    value('i', "include"),
    value('f', "file"),
    value('v', "assign"),
    value('F', "field-separator"),
    value('e', "source"),
];

pub(super) const PATCH: &[Opt] = &[
    value('p', "strip"),
    value('i', "input"),
    value('d', "directory"),
    value('o', "output"),
    value('r', "reject-file"),
    flag('\0', "dry-run"),
    flag('\0', "help"),
    flag('\0', "version"),
];

pub(super) const ACL: &[Opt] = &[
    flag('R', "recursive"),
    value('m', "modify"),
    value('M', "modify-file"),
    value('x', "remove"),
    value('X', "remove-file"),
    value('\0', "set"),
    value('\0', "set-file"),
    value('\0', "restore"),
    flag('\0', "test"),
    flag('\0', "help"),
];

pub(super) const CHATTR: &[Opt] =
    &[flag('R', "recursive"), value('v', "version-number"), value('p', "project")];

/// curl's letters that take a value; a long option's value that is not known here reads as an
/// operand, which is a URL and of no concern.
pub(super) const CURL: &[Opt] = &[
    value('o', "output"),
    value('A', "user-agent"),
    value('b', "cookie"),
    value('c', "cookie-jar"),
    value('\0', "trace"),
    value('\0', "trace-ascii"),
    value('\0', "stderr"),
    value('\0', "hsts"),
    value('\0', "etag-save"),
    value('\0', "libcurl"),
    value('C', "continue-at"),
    value('d', "data"),
    value('D', "dump-header"),
    value('e', "referer"),
    value('E', "cert"),
    value('F', "form"),
    value('H', "header"),
    value('K', "config"),
    value('m', "max-time"),
    value('P', "ftp-port"),
    value('Q', "quote"),
    value('r', "range"),
    value('t', "telnet-option"),
    value('T', "upload-file"),
    value('u', "user"),
    value('U', "proxy-user"),
    value('w', "write-out"),
    value('x', "proxy"),
    value('X', "request"),
    value('y', "speed-time"),
    value('Y', "speed-limit"),
    value('z', "time-cond"),
    // Longer names that begin with `output`.
    value('\0', "output-dir"),
    flag('O', "remote-name"),
    flag('J', "remote-header-name"),
    flag('\0', "remote-name-all"),
    flag('\0', "no-clobber"),
];

pub(super) const WGET: &[Opt] = &[
    value('O', "output-document"),
    value('a', "append-output"),
    value('A', "accept"),
    value('B', "base"),
    value('D', "domains"),
    value('e', "execute"),
    value('i', "input-file"),
    value('I', "include-directories"),
    value('l', "level"),
    value('o', "output-file"),
    value('P', "directory-prefix"),
    value('Q', "quota"),
    value('R', "reject"),
    value('t', "tries"),
    value('T', "timeout"),
    value('U', "user-agent"),
    value('w', "wait"),
    value('X', "exclude-directories"),
];

/// What does not make a key reads one, or changes another file.
pub(super) const KEYGEN: &[Opt] = &[
    value('f', "output"),
    value('t', "type"),
    value('b', "bits"),
    value('C', "comment"),
    value('N', "new-passphrase"),
    value('P', "passphrase"),
    value('a', "rounds"),
    value('O', "option"),
    value('m', "format"),
    flag('l', "reads"),
    flag('y', "reads"),
    flag('R', "reads"),
    flag('F', "reads"),
    flag('H', "reads"),
    flag('e', "reads"),
    flag('i', "reads"),
    flag('p', "reads"),
    flag('c', "reads"),
    flag('B', "reads"),
    flag('s', "reads"),
    flag('Y', "reads"),
    flag('L', "reads"),
    flag('k', "reads"),
];

pub(super) fn truncate(words: &Words) -> Vec<PathEffect> {
    let op = match words.value("size").map(|size| &size.text) {
        None if words.value("reference").is_some_and(|of| of.text.as_known() == Some("/dev/null")) => {
            PathOp::Empty
        }
        // The size of another file: it may be shorter.
        None => PathOp::Modify,
        Some(size) => match size.as_known() {
            Some(size) if !is_zero(size) => PathOp::Modify,
            // An unknown size may be none.
            _ => PathOp::Empty,
        },
    };
    each(words, op, 0)
}

/// `0`, `0K`, `<0`: nothing is left. A sign in front makes it relative.
fn is_zero(size: &str) -> bool {
    let size = size.trim().trim_start_matches(['<', '/']);
    let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty() && digits.bytes().all(|digit| digit == b'0')
}

pub(super) fn tee(words: &Words) -> Vec<PathEffect> {
    let (empty, content) = match &words.call.input {
        Input::Empty => (true, None),
        Input::Text(text) => (text.as_known() == Some(""), Some(Text::clone(text))),
        Input::File(path) => (path.as_known() == Some("/dev/null"), None),
        Input::Inherited | Input::Unknown => (false, None),
    };
    let op = match (words.has("append"), empty) {
        (true, _) => PathOp::Modify,
        (false, true) => PathOp::Empty,
        (false, false) => PathOp::Overwrite,
    };
    let mut effects = each(words, op, 0);
    for effect in &mut effects {
        effect.recursive = false;
        effect.content = content.clone();
    }
    effects
}

/// `dd if=A of=B conv=notrunc`: operands with names.
pub(super) fn dd(words: &Words) -> Vec<PathEffect> {
    let named = |name: &str| {
        words.operands.iter().rev().find_map(|operand| {
            operand
                .text
                .known_start()
                .starts_with(name)
                .then(|| Operand { text: strip_prefix(&operand.text, name.len()), span: operand.span })
        })
    };
    let says = |name: &str, word: &str| {
        named(name).is_some_and(|value| value.text.display().split(',').any(|w| w == word))
    };
    let is = |name: &str, wanted: &str| named(name).is_some_and(|v| v.text.as_known() == Some(wanted));
    let appends = says("oflag=", "append") || named("seek=").is_some() || named("oseek=").is_some();
    let keeps = says("conv=", "notrunc") || appends;
    let op = if keeps && (appends || !is_filled(named("if="), named("of="))) {
        PathOp::Modify
    } else if is("if=", "/dev/null") || is("count=", "0") || is_filled(named("if="), named("of=")) {
        PathOp::Empty
    } else {
        PathOp::Overwrite
    };
    let target = named("of=").map(|path| words.effect(op, &path, false));
    target.into_iter().collect()
}

/// Whether nothing but zeros or noise is left; where that makes a test's file or a disk's image,
/// a file is overwritten like any other.
fn is_filled(source: Option<Operand>, target: Option<Operand>) -> bool {
    const SOURCES: [&str; 3] = ["/dev/zero", "/dev/urandom", "/dev/random"];
    const MADE: [&str; 8] = [".img", ".iso", ".bin", ".raw", ".dat", ".qcow2", ".swap", "swapfile"];
    source.is_some_and(|source| source.text.as_known().is_some_and(|source| SOURCES.contains(&source)))
        && target.is_some_and(|target| !MADE.iter().any(|end| target.text.known_end().ends_with(end)))
}

pub(super) const TIME: &[Opt] = &[value('o', "output"), value('f', "format"), flag('a', "append")];

pub(super) const TRACER: &[Opt] = &[
    value('o', "output"),
    value('e', "trace"),
    value('E', "env"),
    value('p', "attach"),
    value('u', "user"),
    value('b', "detach-on"),
    value('P', "trace-path"),
    value('a', "columns"),
    value('s', "string-limit"),
    flag('A', "append"),
];

/// The own file of a tracer, or of `time`: its options end where the command begins.
pub(super) fn tracer(words: &Words) -> Vec<PathEffect> {
    let own = words.places.first().map_or(words.call.args.len(), |first| *first);
    let call = Call { args: words.call.args[..own].to_vec(), arg_spans: Vec::new(), ..words.call.clone() };
    let options = if words.by == "time" { TIME } else { TRACER };
    let words = Words::read(words.by, &call, options);
    let op = if words.has("append") { PathOp::Modify } else { PathOp::Overwrite };
    let files = words.values("output").filter(|file| !file.text.known_start().starts_with(['|', '!', '-']));
    files.map(|path| words.effect(op, path, false)).collect()
}

/// `sort -o FILE`, which is empty where nothing is sorted; `shuf -o FILE` too.
pub(super) fn sort(words: &Words) -> Vec<PathEffect> {
    let nothing = |operand: &Operand| operand.text.as_known() == Some("/dev/null");
    let empty = !words.operands.is_empty() && words.operands.iter().all(nothing)
        || words.value("head-count").is_some_and(|count| count.text.as_known() == Some("0"));
    let op = if empty { PathOp::Empty } else { PathOp::Overwrite };
    words.values("output").map(|path| words.effect(op, path, false)).collect()
}

/// `uniq FROM TO`, `xxd -r FROM TO`
pub(super) fn second(words: &Words) -> Vec<PathEffect> {
    let [from, to, ..] = words.operands.as_slice() else {
        return Vec::new();
    };
    let op = if from.text.as_known() == Some("/dev/null") { PathOp::Empty } else { PathOp::Overwrite };
    vec![words.effect(op, to, false)]
}

/// `sed 'w FILE'`: it is emptied before a line is read.
fn written_by_script(words: &Words) -> Vec<PathEffect> {
    let script = if words.has("expression") { &[] } else { words.operands.get(..1).unwrap_or_default() };
    let input = words.operands.last().is_some_and(|last| last.text.as_known() == Some("/dev/null"));
    let op = if input { PathOp::Empty } else { PathOp::Overwrite };
    let scripts = words.values("expression").chain(script).filter_map(|script| script.text.as_known());
    let files = scripts.flat_map(str::lines).filter_map(|line| {
        let (before, file) = line.rsplit_once("w ")?;
        let last = before.chars().last();
        // Between slashes it is a part of what is looked for or put in.
        let slashes = before.matches('/').count() - before.matches("\\/").count();
        let replaces = before.trim_start().starts_with("s/");
        let between = if replaces { slashes != 3 } else { !matches!(slashes, 0 | 2 | 5) };
        let begins =
            !between && last.is_none_or(|last| !last.is_alphabetic() || matches!(last, 'g' | 'p' | 'I'));
        let path = Operand { text: Text::known(file.trim()), span: None };
        (begins && !file.trim().is_empty()).then(|| words.effect(op, &path, false))
    });
    files.collect()
}

/// `sed -i`, `perl -i`: the operands are files, without the script where no option gives it.
pub(super) fn sed(words: &Words) -> Vec<PathEffect> {
    if !words.has("in-place") {
        return if words.by.ends_with("sed") { written_by_script(words) } else { Vec::new() };
    }
    let skip = usize::from(!words.has_any(&["expression", "file"]));
    // With a suffix the old contents stay beside the file.
    let keeps = words.value("in-place").is_some_and(|suffix| suffix.text.as_known() != Some(""));
    let op = if !keeps && empties::by_script(words) { PathOp::Empty } else { PathOp::Modify };
    let mut effects = each(words, op, skip);
    for effect in &mut effects {
        effect.recursive = false;
        if keeps {
            effect.by.push_str(" with a copy");
        }
    }
    effects
}

/// `gawk -i inplace PROGRAM FILE…`.
pub(super) fn awk(words: &Words) -> Vec<PathEffect> {
    if !words.values("include").any(|file| file.text.as_known() == Some("inplace")) {
        return Vec::new();
    }
    let op = if empties::by_awk(words) { PathOp::Empty } else { PathOp::Modify };
    each(words, op, usize::from(!words.has_any(&["file", "source"])))
}

/// The file that is named; what a patch file names itself is not read here.
pub(super) fn patch(words: &Words) -> Vec<PathEffect> {
    let file = words.value("output").or(words.operands.first());
    file.map(|path| words.effect(PathOp::Modify, path, false)).into_iter().collect()
}

/// `chmod MODE FILE…`, `chown OWNER FILE…`; a mode may look like an option: `-x`, `-rwx`.
pub(super) fn chmod(words: &Words) -> Vec<PathEffect> {
    let mode_is_option = words.by.ends_with("chmod")
        && words.call.args.iter().take_while(|arg| arg.as_known() != Some("--")).any(|arg| {
            arg.as_known().and_then(|arg| arg.strip_prefix('-')).is_some_and(|mode| {
                !mode.is_empty()
                    && mode.chars().all(|c| "rwxXstugo,+=-".contains(c))
                    && !mode.starts_with('-')
            })
        });
    let skip = usize::from(!mode_is_option && !words.has("reference"));
    each(words, PathOp::Permissions, skip)
}

/// `chattr +i FILE…`: the words with a sign are modes.
pub(super) fn chattr(words: &Words) -> Vec<PathEffect> {
    let mut effects = each(words, PathOp::Permissions, 0);
    effects.retain(|effect| !is_mode(&effect.path));
    effects
}

fn is_mode(text: &Text) -> bool {
    text.known_start().starts_with(['+', '='])
}
