//! Programs that act by the name they are called by, whatever their file is called. Every other
//! program takes no notice of that name and is what its file is.

use crate::model::{Text, base_name, name_matches};

/// A program's base names, and the names that make another program of it, both blank-separated
/// patterns. `*x*`: it looks for `x` in its name.
const BY_NAME: &[(&str, &str)] = &[
    // Many in one, and what stands in front of whatever it is called.
    ("busybox* toybox* coreutils* uutils* sbase-box* ubase-box* mtools", "*"),
    ("snap rustup* volta-shim mise* rtx* asdf* proto-shim aqua-proxy distrobox-host-exec pg_wrapper", "*"),
    ("ccache* sccache* distcc* icecc colorgcc", "*"),
    // The machine.
    ("systemctl", "*halt* *poweroff* *reboot* *shutdown* runlevel telinit init"),
    ("systemd init finit runit-init openrc-init", "init telinit"),
    ("initctl", "halt poweroff reboot shutdown runlevel telinit start stop restart"),
    ("halt reboot poweroff", "halt poweroff reboot fasthalt fastboot"),
    ("pgrep pkill", "pgrep pkill pidwait"),
    ("skill snice", "kill skill snice"),
    ("killall5 pidof", "killall5 pidof"),
    ("kmod", "modprobe rmmod insmod lsmod depmod modinfo"),
    ("xtables-* iptables-* ip6tables-*", "xtables* iptables* ip6tables* ebtables* arptables*"),
    ("systemd-run", "run0"),
    ("systemd-mount", "systemd-umount"),
    ("resolvectl", "resolvconf systemd-resolve"),
    ("deluser adduser", "delgroup addgroup deluser adduser"),
    ("vipw", "vigr"),
    ("sudo", "sudoedit"),
    // Disks.
    ("lvm", "lv* vg* pv*"),
    ("mke2fs mkfs.ext?", "mke2fs mkfs.ext*"),
    ("e2fsck fsck.ext?", "e2fsck fsck.ext*"),
    ("tune2fs", "e2label findfs"),
    ("btrfs", "mkfs.btrfs fsck.btrfs btrfsck btrfstune btrfs-*"),
    ("fsck.f2fs", "defrag.f2fs dump.f2fs resize.f2fs sload.f2fs f2fslabel"),
    ("swapon", "swapoff"),
    // Files and their forms.
    ("rm", "unlink"),
    ("unzip zipinfo", "unzip zipinfo"),
    ("gzip gunzip pigz", "gzip gunzip zcat uncompress pigz unpigz"),
    ("bzip2 bunzip2 bzcat pbzip2 lbzip2", "bzip2 bunzip2 bzcat pbunzip2 pbzcat lbunzip2 lbzcat"),
    ("xz", "unxz xzcat lzma unlzma lzcat"),
    ("zstd", "unzstd zstdcat zstdmt"),
    ("lz4", "unlz4 lz4cat"),
    ("vim* gvim* nvim", "vi view ex rvim rview vimdiff evim eview gvim gview gvimdiff rgvim rgview"),
    // Tools.
    ("git git-*", "git git-*"),
    ("nix", "nix-*"),
    ("k3s k0s rke2", "kubectl crictl ctr"),
    ("minikube oc", "kubectl*"),
    ("bun", "bunx node"),
    ("rclone", "mount.rclone rclonefs"),
    ("ldapmodify", "ldapadd"),
    ("redis-server", "redis-check-rdb redis-check-aof redis-sentinel"),
];

/// The name of the program as which `program` acts that is told the name `told`, both base names or
/// paths; `None` where that makes no difference to it. What may be any program is none that is not
/// there by its name.
pub fn acts_as<'n>(program: &str, told: &'n str, is_there: &dyn Fn(&str) -> bool) -> Option<&'n str> {
    let (program, told) = (base_name(program), base_name(told));
    let told = told.strip_prefix('-').unwrap_or(told);
    if program == told || told.is_empty() {
        return None;
    }
    let any_of = |patterns: &'static str, name: &str| {
        patterns.split_ascii_whitespace().find(|pattern| name_matches(pattern, name))
    };
    BY_NAME.iter().find_map(|(programs, names)| {
        let own = any_of(programs, program)?;
        let name = any_of(names, told)?;
        if *names == "*" && (name_matches(own, told) || !is_there(told)) {
            return None;
        }
        let within = name.strip_prefix('*').and_then(|name| name.strip_suffix('*'));
        Some(within.filter(|within| !within.is_empty()).unwrap_or(told))
    })
}

/// The program that runs where `program` is executed with the name `told`.
pub(super) fn told(program: Text, told: Option<&Text>) -> Text {
    let acts = |told: &Text| acts_as(program.as_known()?, told.as_known()?, &|_| true).map(Text::known);
    told.and_then(acts).unwrap_or(program)
}

/// Whether a file's name is a name with nothing but a version behind it: `python3.11` of `python`.
pub fn is_version_of(file: &str, name: &str) -> bool {
    file.strip_prefix(name).is_some_and(|rest| rest.bytes().all(|byte| b"0123456789.-".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_acts_by_its_name_only_where_it_looks_at_it() {
        let cases = [
            ("/bin/systemctl", "/x/reboot", Some("reboot")),
            ("systemctl", "my-reboot", Some("reboot")),
            ("systemctl", "ls", None),
            ("systemctl", "systemctl", None),
            ("busybox-static", "-rm", Some("rm")),
            ("busybox.static", "busybox", None),
            ("pgrep", "pkill", Some("pkill")),
            ("lvm", "lvremove", Some("lvremove")),
            ("rustup", "cargo", Some("cargo")),
            ("xtables-nft-multi", "iptables", Some("iptables")),
            ("git", "git-clean", Some("git-clean")),
            ("mke2fs", "mkfs.ext4", Some("mkfs.ext4")),
            ("rm", "ls", None),
            ("ls", "rm", None),
            ("terraform", "kubectl", None),
            ("git", "", None),
            ("busybox", "harmless", None),
        ];
        for (program, told, acts) in cases {
            assert_eq!(acts_as(program, told, &|name| name != "harmless"), acts, "{program} as {told}");
        }
    }
}
