//! What program a file really is: a link, a copy, one name of many, or one that runs with other
//! rights.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::copies::{Copies, SYSTEM, is_script};
use super::fresh;
use crate::actions;
use crate::sys::process;

/// What files were found to be.
#[derive(Debug, Default)]
pub struct Programs {
    copies: Copies,
}

/// A program that is about to be executed.
#[derive(Debug, Clone, Copy)]
pub struct Executed<'a> {
    /// The path that its caller gave.
    pub given: &'a Path,
    /// Where that leads, every link followed.
    pub path: &'a Path,
    /// What stands there.
    pub file: &'a Metadata,
    /// The name that it is told.
    pub name: Option<&'a OsStr>,
}

impl Programs {
    /// The paths and names by which the program is judged; the strictest verdict counts. `others`:
    /// where else than in the system's directories programs are looked for.
    pub fn judged(&self, executed: Executed<'_>, others: impl FnOnce() -> Vec<PathBuf>) -> Vec<PathBuf> {
        let Executed { given, path, file, name } = executed;
        let mut all = vec![path.to_owned()];
        if !is_trusted(path, file) && fresh::is_recent(file) {
            all.extend(self.copies.of(path, file, others).iter().cloned());
        }
        let is_there = |name: &str| SYSTEM.iter().any(|system| Path::new(system).join(name).exists());
        let acts = |told: &OsStr| {
            all.iter().find_map(|path| {
                let program = base_name(path).to_string_lossy();
                let told = told.to_string_lossy();
                Some(path.with_file_name(actions::acts_as(&program, &told, &is_there)?))
            })
        };
        let named = base_name(given);
        let (by_name, by_path) = (name.and_then(acts), acts(named));
        if by_name.is_some() || by_path.is_some() {
            // A script is told its path, whatever its caller says.
            let one = if is_script(path) { by_path } else { by_name };
            if let Some(one) = one {
                return vec![one];
            }
        }
        // A name of the system's for one of its programs (`vi`, `awk`, `cc`), or anybody's for any.
        let is_known = |path: &PathBuf| {
            actions::is_version_of(&base_name(path).to_string_lossy(), &named.to_string_lossy())
        };
        let is_name = !["/proc", "/dev"].iter().any(|root| given.starts_with(root)) && !named.is_empty();
        if is_name && !all.iter().any(is_known) && !(is_shell(named) && is_shell(base_name(path))) {
            all.push(if is_of_the_system(given) { given.to_owned() } else { PathBuf::from(named) });
        }
        all
    }
}

/// Whether no session could have put a program in its place.
pub fn is_trusted(path: &Path, file: &Metadata) -> bool {
    let directories = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store"];
    directories.iter().any(|directory| path.starts_with(directory)) && fresh::is_trusted(file)
}

fn base_name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

/// Which of these a link leads to makes no difference.
fn is_shell(name: &OsStr) -> bool {
    ["sh", "dash", "bash", "rbash"].iter().any(|shell| name == *shell)
}

fn is_of_the_system(path: &Path) -> bool {
    path.parent().is_some_and(|parent| SYSTEM.iter().any(|directory| parent == Path::new(directory)))
}

/// Programs that do their work without the rights that their files would give.
const WORK_WITHOUT: &str = "ssh-agent wall write bsd-write locate plocate mlocate screen utempter dotlockfile expiry \
    mount umount ping ping4 ping6 bwrap traceroute";
/// Programs that do nothing without their group.
const NEED_THEIR_GROUP: [&str; 3] = ["crontab", "chage", "at"];

/// Whether a program is of no use where none gains rights: set-uid for another user, or with
/// capabilities that it will not get.
pub fn needs_rights(path: &Path, file: &Metadata) -> bool {
    const SET_UID: u32 = 0o4000;
    const SET_GID: u32 = 0o2000;
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let gains = file.mode() & SET_UID != 0 && file.uid() != process::user_id();
    if gains || file.mode() & SET_GID != 0 && NEED_THEIR_GROUP.contains(&name) {
        return !WORK_WITHOUT.split_ascii_whitespace().any(|other| other == name);
    }
    process::user_id() != 0
        && process::file_capabilities(path).is_some_and(|given| given != NET_RAW || !may_ping())
}

/// `CAP_NET_RAW` (capabilities(7)).
const NET_RAW: u64 = 1 << 13;

/// Whether this user may send echo requests without any right (icmp(7), `ping_group_range`).
fn may_ping() -> bool {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap_or_default();
    let mut ends = range.split_whitespace().map(str::parse::<u32>);
    match (ends.next(), ends.next()) {
        (Some(Ok(first)), Some(Ok(last))) => (first..=last).contains(&nix::unistd::getegid().as_raw()),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn judged(given: &Path, name: &str) -> String {
        let path = fs::canonicalize(given).unwrap();
        let file = fs::metadata(&path).unwrap();
        let executed = Executed { given, path: &path, file: &file, name: Some(OsStr::new(name)) };
        let judged = Programs::default().judged(executed, Vec::new);
        let names: Vec<_> = judged.iter().map(|path| base_name(path).to_string_lossy()).collect();
        names.join(" ")
    }

    #[test]
    fn a_program_is_what_it_is_by_whatever_name() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::copy("/bin/rm", at("copy")).unwrap();
        symlink("/bin/rm", at("link")).unwrap();
        fs::write(at("other"), "x").unwrap();
        assert_eq!(judged(&at("copy"), "x"), "copy rm");
        assert_eq!(judged(&at("link"), "x"), "rm link");
        assert_eq!(judged(&at("other"), "rm"), "other");
        assert_eq!(judged(Path::new("/bin/rm"), "ls"), "rm");
        fs::write(at("busybox"), "x").unwrap();
        assert_eq!(judged(&at("busybox"), "/x/rm"), "rm");
        assert_eq!(judged(&at("busybox"), "-rm"), "rm");
        assert_eq!(judged(&at("busybox"), "busybox"), "busybox");
        fs::write(at("busybox-clean"), "#!/bin/sh\n").unwrap();
        assert_eq!(judged(&at("busybox-clean"), "x"), "busybox-clean");
        fs::write(at("busybox.static"), "y").unwrap();
        assert_eq!(judged(&at("busybox.static"), "busybox.static"), "busybox.static");
        // What acts by its name is that, by whichever way it is told.
        fs::write(at("systemctl"), "z").unwrap();
        symlink(at("systemctl"), at("reboot")).unwrap();
        symlink(at("systemctl"), at("harmless")).unwrap();
        assert_eq!(judged(&at("systemctl"), "reboot"), "reboot");
        assert_eq!(judged(&at("reboot"), "reboot"), "reboot");
        assert_eq!(judged(&at("harmless"), "harmless"), "systemctl harmless");
        assert_eq!(judged(&at("systemctl"), "ls"), "systemctl");
        // A script does not see what its caller calls it.
        fs::write(at("pg_wrapper"), "#!/usr/bin/perl\n").unwrap();
        symlink(at("pg_wrapper"), at("rm")).unwrap();
        assert_eq!(judged(&at("rm"), "ls"), "rm");
        fs::write(at("python3.11"), "p").unwrap();
        symlink(at("python3.11"), at("python")).unwrap();
        assert_eq!(judged(&at("python"), "python"), "python3.11");
    }

    #[test]
    fn what_the_session_made_has_nobody_s_trust() {
        let directory = tempfile::tempdir().unwrap();
        let new = directory.path().join("x");
        fs::write(&new, "x").unwrap();
        let new = fs::metadata(&new).unwrap();
        let old = fs::metadata("/bin/rm").unwrap();
        let trusted = |path: &str, file| is_trusted(Path::new(path), file);
        // Its owner put it there: the tests' user.
        assert!(!trusted("/usr/local/bin/x", &new));
        assert!(trusted("/usr/bin/rm", &old));
        assert!(!trusted("/home/x/rm", &old));
    }

    #[test]
    fn what_runs_as_its_owner_needs_rights() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        fs::write(&path, "x").unwrap();
        let file = fs::metadata(&path).unwrap();
        assert!(!needs_rights(&path, &file));
        // One's own file gives nothing that one has not.
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).unwrap();
        assert!(!needs_rights(&path, &fs::metadata(&path).unwrap()));
    }
}
