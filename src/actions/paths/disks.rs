//! Tools that make, erase or partition file systems: what they leave of a device.

use super::words::{Opt, Words, attached, flag, value};
use crate::model::{PathEffect, PathOp, Text};

pub(super) const FORMAT: &[Opt] = &[
    value('b', "block-size"),
    value('C', "cluster-size"),
    value('d', "root-directory"),
    value('E', "extended"),
    value('g', "blocks-per-group"),
    value('i', "bytes-per-inode"),
    value('I', "inode-size"),
    value('J', "journal"),
    value('L', "label"),
    value('m', "reserved"),
    value('N', "inodes"),
    value('O', "features"),
    value('t', "type"),
    value('T', "usage"),
    value('U', "uuid"),
    flag('n', "dry-run"),
    flag('\0', "test"),
    flag('\0', "help"),
    flag('V', "version"),
];

pub(super) const DISCARD: &[Opt] = &[
    value('o', "offset"),
    value('l', "length"),
    value('p', "step"),
    flag('h', "help"),
    flag('V', "version"),
];

pub(super) const WIPEFS: &[Opt] = &[
    flag('a', "all"),
    value('o', "offset"),
    value('t', "types"),
    value('O', "output"),
    flag('n', "dry-run"),
    flag('h', "help"),
    flag('V', "version"),
];

pub(super) const PARTITION: &[Opt] = &[
    flag('l', "list"),
    flag('n', "dry-run"),
    flag('h', "help"),
    flag('V', "version"),
    flag('d', "dump"),
    flag('J', "json"),
    flag('p', "print"),
    flag('v', "verify"),
    flag('s', "show-size"),
    value('i', "info"),
    value('b', "sector-size"),
    value('t', "type"),
    value('c', "compatibility"),
    value('u', "units"),
];

pub(super) const PARTED: &[Opt] =
    &[flag('l', "list"), value('a', "align"), flag('s', "script"), flag('h', "help"), flag('v', "version")];

pub(super) const BADBLOCKS: &[Opt] = &[
    flag('w', "write"),
    value('b', "block-size"),
    value('c', "blocks-at-once"),
    value('d', "delay"),
    value('e', "max-bad"),
    value('i', "input"),
    value('o', "output"),
    value('p', "passes"),
    value('t', "pattern"),
];

pub(super) const CRYPT: &[Opt] = &[
    value('c', "cipher"),
    value('h', "hash"),
    value('s', "key-size"),
    value('d', "key-file"),
    value('i', "iter-time"),
    value('S', "key-slot"),
    value('\0', "type"),
    value('\0', "label"),
    value('\0', "uuid"),
    value('\0', "pbkdf"),
    flag('\0', "help"),
    flag('V', "version"),
];

pub(super) const RAID: &[Opt] = &[
    flag('\0', "zero-superblock"),
    flag('C', "create"),
    value('l', "level"),
    value('n', "raid-devices"),
    value('x', "spare-devices"),
    attached('\0', "metadata"),
    flag('\0', "help"),
    flag('V', "version"),
];

pub(super) const RESCUE: &[Opt] = &[
    value('b', "sector-size"),
    value('B', "block-size"),
    value('s', "size"),
    value('i', "input-position"),
    value('o', "output-position"),
    value('r', "retry-passes"),
    flag('\0', "help"),
    flag('V', "version"),
];

pub(super) const HDPARM: &[Opt] = &[
    value('\0', "security-erase"),
    value('\0', "security-erase-enhanced"),
    value('\0', "trim-sector-ranges"),
    value('\0', "write-sector"),
    value('\0', "user-master"),
];

pub(super) const NVME: &[Opt] =
    &[value('n', "namespace-id"), value('s', "ses"), value('l', "lbaf"), flag('h', "help")];

/// The first operand is the device.
pub(super) fn first(words: &Words) -> Vec<PathEffect> {
    let device = words.operands.first();
    device.map(|path| words.effect(PathOp::Destroy, path, false)).into_iter().collect()
}

/// Without `-a` or `-o`, wipefs only lists.
pub(super) fn wipefs(words: &Words) -> Vec<PathEffect> {
    if !words.has_any(&["all", "offset"]) {
        return Vec::new();
    }
    let devices = words.operands.iter();
    devices.map(|path| words.effect(PathOp::Destroy, path, false)).collect()
}

/// Partition editors: `-n` and `-d` mean other things to each of them.
pub(super) fn partition(words: &Words) -> Vec<PathEffect> {
    let only_reads: &[&str] = match words.by {
        "sfdisk" => &["dry-run", "dump", "json", "show-size", "verify"],
        "sgdisk" => &["print", "info", "verify"],
        "fdisk" => &["show-size"],
        _ => &[],
    };
    let writes_too = words.by == "sgdisk"
        && words.call.args.iter().any(|arg| {
            let start = arg.known_start();
            ["-Z", "-z", "-o", "-d", "-n", "-g", "-e", "--zap", "--clear", "--delete", "--new"]
                .iter()
                .any(|writing| start.starts_with(writing))
        });
    if words.has_any(only_reads) && !writes_too {
        return Vec::new();
    }
    let device = words.operands.iter().rev().find(|path| may_be_device(&path.text));
    device.map(|path| words.effect(PathOp::Destroy, path, false)).into_iter().collect()
}

fn may_be_device(text: &Text) -> bool {
    text.has_hole() || text.known_start().contains('/') || text.known_start().ends_with(".img")
}

/// `parted DEVICE print` reads; the other commands write at once.
pub(super) fn parted(words: &Words) -> Vec<PathEffect> {
    let mut operands = words.operands.iter();
    let device = operands.next();
    let reads = ["print", "unit", "help", "version", "align-check", "s", "MiB", "GiB", "free", "all"];
    let mut commands = operands.peekable();
    let only_reads = commands.peek().is_some()
        && commands.all(|word| word.text.as_known().is_some_and(|word| reads.contains(&word)));
    match device {
        Some(path) if !only_reads => vec![words.effect(PathOp::Destroy, path, false)],
        _ => Vec::new(),
    }
}

pub(super) fn badblocks(words: &Words) -> Vec<PathEffect> {
    if words.has("write") { first(words) } else { Vec::new() }
}

pub(super) fn cryptsetup(words: &Words) -> Vec<PathEffect> {
    let erases = [
        "luksFormat",
        "luksErase",
        "erase",
        "luksKillSlot",
        "luksRemoveKey",
        "luksHeaderRestore",
        "reencrypt",
    ];
    let action = words.operands.first().and_then(|word| word.text.as_known());
    second_if(words, action.is_some_and(|action| erases.contains(&action)))
}

pub(super) fn mdadm(words: &Words) -> Vec<PathEffect> {
    if !words.has_any(&["zero-superblock", "create"]) {
        return Vec::new();
    }
    let devices = words.operands.iter();
    devices.map(|path| words.effect(PathOp::Destroy, path, false)).collect()
}

pub(super) fn hdparm(words: &Words) -> Vec<PathEffect> {
    let erases = ["security-erase", "security-erase-enhanced", "trim-sector-ranges", "write-sector"];
    if words.has_any(&erases) { first(words) } else { Vec::new() }
}

pub(super) fn nvme(words: &Words) -> Vec<PathEffect> {
    let erases = ["format", "sanitize", "delete-ns", "write-zeroes", "write", "dsm"];
    let action = words.operands.first().and_then(|word| word.text.as_known());
    second_if(words, action.is_some_and(|action| erases.contains(&action)))
}

fn second_if(words: &Words, erases: bool) -> Vec<PathEffect> {
    let device = words.operands.get(1).filter(|_| erases);
    device.map(|path| words.effect(PathOp::Destroy, path, false)).into_iter().collect()
}
