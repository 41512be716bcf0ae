//! What known tools do to paths: a row for each tool, and code where a row does not suffice.
//!
//! Every function over-approximates where words are unknown: an effect too many is weighed by
//! what stands at the path, an effect too few is a miss.

mod archive;
mod clears;
mod copy;
mod disks;
mod edit;
mod empties;
pub(super) mod find;
mod outputs;
mod touches;
mod windows;
mod words;

use super::names::Names;
use crate::model::{Call, PathEffect, PathOp, Span, Text};
pub(super) use archive::{compressed, packed};
pub(super) use touches::touches;
use words::{Opt, Words, attached, flag, value};

/// What a call of a known tool does to paths; empty for tools that are not known.
pub fn effects(call: &Call) -> Vec<PathEffect> {
    let Some(program) = call.program.as_known() else {
        return Vec::new();
    };
    let start = program.bytes().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |slash| slash + 1);
    let name = &program[start..];
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let found = windows::effects(name, call);
    if !found.is_empty() {
        return found;
    }
    if name == "shx" {
        return shx(call);
    }
    match tool(name) {
        Some(tool) => tool.effects(name, call),
        None => Vec::new(),
    }
}

/// Directories that a build tool deletes, since it can make them again: nothing is lost with them
/// but what was put there.
pub fn remade(call: &Call) -> Vec<PathEffect> {
    const REMADE: &[(&str, &str, &str)] = &[
        ("cargo", "clean", "target"),
        ("mvn", "clean", "target"),
        ("gradle", "clean", "build"),
        ("gradlew", "clean", "build"),
        ("npm", "ci", "node_modules"),
        ("npm", "clean-install", "node_modules"),
        ("git", "clean", "node_modules"),
        ("git", "clean", "target"),
        ("git", "clean", "dist"),
        ("git", "clean", "build"),
    ];
    let called = call.name();
    if !matches!(called, Some("cargo" | "mvn" | "gradle" | "gradlew" | "npm" | "git")) {
        return Vec::new();
    }
    let has = |word: &str| call.args.iter().any(|arg| arg.as_known() == Some(word));
    let rows = REMADE.iter().filter(|(name, word, _)| called == Some(*name) && has(word));
    let effect = |(name, _, directory): &(&str, &str, &str)| PathEffect {
        op: PathOp::Delete,
        path: Text::known(*directory),
        recursive: true,
        by: (*name).to_owned(),
        content: None,
        span: None,
    };
    rows.map(effect).collect()
}

/// What `> path`, `>> path` and `: > path` do. `empties`: nothing is ever written there.
pub fn redirect(path: Text, append: bool, empties: bool, span: Option<Span>) -> PathEffect {
    PathEffect {
        op: match (append, empties) {
            (true, _) => PathOp::Modify,
            (false, true) => PathOp::Empty,
            (false, false) => PathOp::Overwrite,
        },
        path,
        recursive: false,
        by: if append { ">>" } else { ">" }.to_owned(),
        content: None,
        span,
    }
}

/// A tool, or several with the same grammar.
struct Tool {
    names: &'static [&'static str],
    options: &'static [Opt],
    /// With one of these it does nothing.
    idle: &'static [&'static str],
    act: Act,
}

/// How a tool's words become effects.
enum Act {
    /// Each operand, without the first `skip`.
    Each { op: PathOp, skip: usize },
    /// The same, and always with all that is below; the tool expands patterns itself.
    Trees(PathOp),
    /// The value of each of these options.
    Values { op: PathOp, options: &'static [&'static str] },
    /// Anything else.
    Special(fn(&Words) -> Vec<PathEffect>),
}

impl Tool {
    fn effects(&self, name: &str, call: &Call) -> Vec<PathEffect> {
        let words = Words::read(name, call, self.options);
        if words.has_any(self.idle) {
            return Vec::new();
        }
        match self.act {
            Act::Each { op, skip } => each(&words, op, skip),
            Act::Trees(op) => {
                let operands = words.operands.iter().cloned();
                operands
                    .map(|mut path| {
                        path.text = words::with_patterns(&path.text);
                        words.effect(op, &path, true)
                    })
                    .collect()
            }
            Act::Values { op, options } => options
                .iter()
                .flat_map(|option| words.values(option))
                .filter(|path| path.text.as_known() != Some("-"))
                .map(|path| words.effect(op, path, false))
                .collect(),
            Act::Special(act) => act(&words),
        }
    }
}

/// The operation on each operand, without the first `skip`.
fn each(words: &Words, op: PathOp, skip: usize) -> Vec<PathEffect> {
    let operands = words.operands.iter().enumerate().skip(skip);
    operands.map(|(number, path)| words.effect(op, path, words.recursive(number, skip))).collect()
}

/// The row of a program; GNU's tools are also known as `grm`, `gmv` and so on, zsh's own as `zf_rm`.
fn tool(name: &str) -> Option<&'static Tool> {
    let find = |name: &str| {
        // `mkfs.ext4`, `newfs_msdos`
        let name = name.find(['.', '_']).map_or(name, |mark| &name[..=mark]);
        KNOWN.may_hold(name).then(|| TOOLS.iter().find(|tool| tool.names.contains(&name))).flatten()
    };
    find(name).or_else(|| name.strip_prefix('g').or(name.strip_prefix("zf_")).and_then(find))
}

const KNOWN: Names = {
    let (mut names, mut row) = (Names::EMPTY, 0);
    while row < TOOLS.len() {
        let mut name = 0;
        while name < TOOLS[row].names.len() {
            names = names.with(TOOLS[row].names[name]);
            name += 1;
        }
        row += 1;
    }
    names
};

/// `shx rm -rf x`: a shell's tools for Node, the tool's name first.
fn shx(call: &Call) -> Vec<PathEffect> {
    let inner = call.args.iter().position(|arg| !arg.known_start().starts_with('-'));
    let Some(at) = inner.filter(|at| call.args[*at].as_known() != Some("shx")) else {
        return Vec::new();
    };
    effects(&Call {
        program: call.args[at].clone(),
        args: call.args[at + 1..].to_vec(),
        env: Vec::new(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(at + 1..).unwrap_or_default().to_vec(),
    })
}

const TELLS: &[&str] = &["help", "version"];

const REMOVE: &[Opt] = &[
    flag('r', "recursive"),
    flag('R', "recursive"),
    flag('f', "force"),
    flag('\0', "help"),
    flag('\0', "version"),
];

const WIPE: &[Opt] = &[
    flag('r', "recursive"),
    value('n', "iterations"),
    value('s', "size"),
    value('p', "pattern"),
    value('\0', "random-source"),
    attached('\0', "remove"),
    flag('\0', "help"),
    flag('\0', "version"),
];

const MODE: &[Opt] = &[
    flag('R', "recursive"),
    value('\0', "reference"),
    value('\0', "from"),
    flag('\0', "help"),
    flag('\0', "version"),
];

const RIMRAF: &[Opt] = &[
    attached('g', "glob"),
    value('\0', "tmp"),
    value('\0', "max-retries"),
    value('\0', "retry-delay"),
    value('\0', "backoff"),
    flag('\0', "dry-run"),
    flag('h', "help"),
    flag('\0', "version"),
];

/// `rmdir` has no row: it removes nothing but empty directories. Neither have the trash tools:
/// what they take can be had back.
static TOOLS: &[Tool] = &[
    Tool { names: &["rm"], options: REMOVE, idle: TELLS, act: Act::Each { op: PathOp::Delete, skip: 0 } },
    Tool { names: &["unlink"], options: REMOVE, idle: TELLS, act: Act::Each { op: PathOp::Delete, skip: 0 } },
    Tool {
        names: &["shred", "srm", "wipe", "scrub", "sfill"],
        options: WIPE,
        idle: TELLS,
        act: Act::Each { op: PathOp::Destroy, skip: 0 },
    },
    Tool {
        names: &["rimraf", "del-cli", "premove"],
        options: RIMRAF,
        idle: &["help", "version", "dry-run"],
        act: Act::Trees(PathOp::Delete),
    },
    Tool { names: &["truncate"], options: edit::TRUNCATE, idle: TELLS, act: Act::Special(edit::truncate) },
    Tool { names: &["tee"], options: edit::TEE, idle: TELLS, act: Act::Special(edit::tee) },
    Tool { names: &["sponge"], options: edit::TEE, idle: TELLS, act: Act::Special(edit::tee) },
    Tool { names: &["dd", "dcfldd", "dc3dd"], options: &[], idle: TELLS, act: Act::Special(edit::dd) },
    Tool {
        names: &["ddrescue", "dd_"],
        options: disks::RESCUE,
        idle: TELLS,
        act: Act::Special(edit::second),
    },
    Tool { names: &["sed"], options: edit::SED, idle: TELLS, act: Act::Special(edit::sed) },
    Tool { names: &["perl"], options: edit::PERL, idle: TELLS, act: Act::Special(edit::sed) },
    Tool { names: &["ruby"], options: edit::PERL, idle: TELLS, act: Act::Special(edit::sed) },
    Tool { names: &["awk"], options: edit::AWK, idle: TELLS, act: Act::Special(edit::awk) },
    Tool {
        names: &["ed", "red", "ex", "vi", "vim", "nvim"],
        options: empties::EDITOR,
        idle: TELLS,
        act: Act::Special(empties::editor),
    },
    Tool {
        names: &["patch"],
        options: edit::PATCH,
        idle: &["help", "version", "dry-run"],
        act: Act::Special(edit::patch),
    },
    Tool {
        names: &["sort"],
        options: &[
            value('o', "output"),
            value('k', "key"),
            value('t', "field-separator"),
            value('S', "buffer-size"),
            value('T', "temporary-directory"),
        ],
        idle: TELLS,
        act: Act::Special(edit::sort),
    },
    Tool {
        names: &["shuf"],
        options: &[value('o', "output"), value('n', "head-count"), value('i', "input-range")],
        idle: TELLS,
        act: Act::Special(edit::sort),
    },
    Tool { names: &["uniq"], options: outputs::UNIQ, idle: TELLS, act: Act::Special(edit::second) },
    Tool { names: &["xxd"], options: outputs::XXD, idle: TELLS, act: Act::Special(edit::second) },
    Tool {
        names: &["strace", "ltrace"],
        options: edit::TRACER,
        idle: TELLS,
        act: Act::Special(edit::tracer),
    },
    Tool { names: &["time"], options: edit::TIME, idle: TELLS, act: Act::Special(edit::tracer) },
    Tool { names: &["curl"], options: edit::CURL, idle: &[], act: Act::Special(outputs::curl) },
    Tool {
        names: &["wget"],
        options: edit::WGET,
        idle: &[],
        act: Act::Values { op: PathOp::Overwrite, options: &["output-document"] },
    },
    Tool {
        names: &["ssh-keygen"],
        options: edit::KEYGEN,
        idle: &["reads"],
        act: Act::Values { op: PathOp::Overwrite, options: &["output"] },
    },
    Tool {
        names: &["gpg", "gpg2", "age", "sops", "op"],
        options: outputs::WRITES,
        idle: TELLS,
        act: Act::Values { op: PathOp::Overwrite, options: &["output"] },
    },
    Tool {
        names: &["kubectl", "oc", "nerdctl", "aws", "gsutil", "gcloud", "rclone", "vercel"],
        options: &[],
        idle: TELLS,
        act: Act::Special(outputs::fetched),
    },
    Tool {
        names: &["pg_", "docker", "podman"],
        options: outputs::OPTIONS,
        idle: TELLS,
        act: Act::Special(outputs::named),
    },
    Tool { names: &["openssl"], options: &[], idle: &[], act: Act::Special(outputs::openssl) },
    Tool { names: &["git"], options: &[], idle: &[], act: Act::Special(outputs::git) },
    Tool { names: &["ffmpeg"], options: &[], idle: &[], act: Act::Special(outputs::ffmpeg) },
    Tool {
        names: &["fallocate"],
        options: outputs::FALLOCATE,
        idle: TELLS,
        act: Act::Special(outputs::fallocate),
    },
    Tool { names: &["gio"], options: &[], idle: &[], act: Act::Special(outputs::gio) },
    Tool { names: &["mv"], options: copy::MOVE, idle: TELLS, act: Act::Special(copy::mv) },
    Tool { names: &["cp"], options: copy::COPY, idle: TELLS, act: Act::Special(copy::cp) },
    Tool { names: &["install"], options: copy::INSTALL, idle: TELLS, act: Act::Special(copy::install) },
    Tool { names: &["ln"], options: copy::LINK, idle: TELLS, act: Act::Special(copy::ln) },
    Tool {
        names: &["rsync"],
        options: copy::RSYNC,
        idle: &["help", "version", "dry-run", "list-only"],
        act: Act::Special(copy::rsync),
    },
    Tool { names: &["scp", "sftp"], options: copy::SCP, idle: &[], act: Act::Special(copy::scp) },
    Tool { names: &["tar", "bsdtar"], options: archive::TAR, idle: TELLS, act: Act::Special(archive::tar) },
    Tool {
        names: &["unzip"],
        options: archive::UNZIP,
        idle: &["list", "test"],
        act: Act::Special(archive::unzip),
    },
    Tool {
        names: &["zstd", "lz4", "brotli"],
        options: archive::COMPRESS,
        idle: TELLS,
        act: Act::Special(archive::compress),
    },
    Tool { names: &["zip"], options: archive::ZIP, idle: &[], act: Act::Special(archive::zip) },
    Tool {
        names: &["7z", "7za", "7zz", "7zr"],
        options: archive::SEVEN,
        idle: &[],
        act: Act::Special(archive::seven),
    },
    Tool { names: &["find"], options: &[], idle: &[], act: Act::Special(find::find) },
    Tool { names: &["chmod"], options: MODE, idle: TELLS, act: Act::Special(edit::chmod) },
    Tool {
        names: &["chown", "chgrp", "chcon", "chflags"],
        options: MODE,
        idle: TELLS,
        act: Act::Special(edit::chmod),
    },
    Tool {
        names: &["setfacl"],
        options: edit::ACL,
        idle: &["help", "version", "test"],
        act: Act::Each { op: PathOp::Permissions, skip: 0 },
    },
    Tool { names: &["chattr"], options: edit::CHATTR, idle: TELLS, act: Act::Special(edit::chattr) },
    Tool {
        names: &["mke2fs", "mkswap", "mkdosfs", "newfs", "newfs_", "mkfs", "mkfs.", "mkntfs"],
        options: disks::FORMAT,
        idle: &["help", "version", "dry-run"],
        act: Act::Special(disks::first),
    },
    Tool { names: &["blkdiscard"], options: disks::DISCARD, idle: TELLS, act: Act::Special(disks::first) },
    Tool {
        names: &["wipefs"],
        options: disks::WIPEFS,
        idle: &["help", "version", "dry-run"],
        act: Act::Special(disks::wipefs),
    },
    Tool {
        names: &["fdisk", "cfdisk", "gdisk", "cgdisk", "sfdisk", "sgdisk"],
        options: disks::PARTITION,
        idle: &["help", "version", "list"],
        act: Act::Special(disks::partition),
    },
    Tool {
        names: &["parted"],
        options: disks::PARTED,
        idle: &["help", "version", "list"],
        act: Act::Special(disks::parted),
    },
    Tool { names: &["badblocks"], options: disks::BADBLOCKS, idle: &[], act: Act::Special(disks::badblocks) },
    Tool { names: &["cryptsetup"], options: disks::CRYPT, idle: TELLS, act: Act::Special(disks::cryptsetup) },
    Tool {
        names: &["mdadm"],
        options: disks::RAID,
        idle: &["help", "version"],
        act: Act::Special(disks::mdadm),
    },
    Tool { names: &["hdparm"], options: disks::HDPARM, idle: &[], act: Act::Special(disks::hdparm) },
    Tool { names: &["nvme"], options: disks::NVME, idle: &["help"], act: Act::Special(disks::nvme) },
    Tool {
        names: &["pvremove", "pvcreate"],
        options: disks::FORMAT,
        idle: &["help", "version", "test"],
        act: Act::Each { op: PathOp::Destroy, skip: 0 },
    },
];

#[cfg(test)]
mod tests;
