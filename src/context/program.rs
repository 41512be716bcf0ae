//! What program a file really is: a link, a copy, one name of many, or one that runs with other
//! rights.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::sys::process;

/// Where the system's own programs are.
const SYSTEM: [&str; 6] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];
/// Programs that are another one by each name that they are called by.
const MANY_IN_ONE: [&str; 4] = ["busybox", "toybox", "coreutils", "uutils"];
/// Longer files are no copy of anything that matters here.
const LONGEST: u64 = 64 << 20;

/// What a file was found to be, kept as long as it is the same file.
#[derive(Default)]
pub struct Programs {
    system: OnceCell<Vec<Installed>>,
    twins: RefCell<HashMap<Stamp, Option<PathBuf>>>,
}

impl std::fmt::Debug for Programs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Programs").finish_non_exhaustive()
    }
}

struct Installed {
    path: PathBuf,
    size: u64,
    file: (u64, u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    times: [i64; 4],
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
    /// The paths by whose names the program is judged; the strictest verdict counts.
    pub fn judged(&self, executed: Executed<'_>) -> Vec<PathBuf> {
        let Executed { given, path, file, name } = executed;
        let of_the_system = is_of_the_system(path) && is_of_the_system_owner(file);
        let twin = if of_the_system { None } else { self.twin(path, file) };
        let path = twin.as_deref().unwrap_or(path);
        let base = base_name(path);
        if let Some(many) = MANY_IN_ONE.iter().find(|many| base.starts_with(many.as_bytes()))
            && !is_script(path)
        {
            // Which one it is, the name tells alone, whatever the file is called.
            let told = name.map(|name| Path::new(OsStr::from_bytes(strip_dash(name.as_bytes()))));
            let told = told.and_then(Path::file_name);
            let told = told.filter(|told| !told.as_bytes().starts_with(many.as_bytes()));
            return vec![path.with_file_name(told.unwrap_or(OsStr::new(many)))];
        }
        // A name of the system's for one of its programs: `vi`, `awk`, `cc`.
        let alias =
            is_of_the_system(given) && base_name(given) != base && !(is_shell(given) && is_shell(path));
        let alias = alias.then(|| given.to_owned());
        alias.into_iter().chain([path.to_owned()]).collect()
    }

    /// The system's program of which a file is another name or a copy.
    fn twin(&self, path: &Path, file: &Metadata) -> Option<PathBuf> {
        let stamp = Stamp {
            file: (file.dev(), file.ino()),
            size: file.size(),
            times: [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()],
        };
        if let Some(known) = self.twins.borrow().get(&stamp) {
            return known.clone();
        }
        let installed = self.system.get_or_init(installed);
        let same_file = installed.iter().find(|program| program.file == stamp.file);
        let twin = same_file.or_else(|| {
            let same_size = installed.iter().filter(|program| program.size == stamp.size);
            let mut same_size = same_size.peekable();
            same_size.peek()?;
            let text = fs::read(path).ok()?;
            same_size.find(|program| fs::read(&program.path).is_ok_and(|other| other == text))
        });
        let twin = twin.map(|program| program.path.clone());
        self.twins.borrow_mut().insert(stamp, twin.clone());
        twin
    }
}

/// The system's programs.
fn installed() -> Vec<Installed> {
    let entries = SYSTEM.iter().flat_map(|directory| fs::read_dir(directory).into_iter().flatten());
    let known = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let file = fs::metadata(&path).ok()?;
        (file.is_file() && (1..LONGEST).contains(&file.size())).then(|| Installed {
            size: file.size(),
            file: (file.dev(), file.ino()),
            path,
        })
    });
    known.collect()
}

fn base_name(path: &Path) -> &[u8] {
    path.file_name().map(OsStr::as_bytes).unwrap_or_default()
}

/// Whether its own text is what runs.
fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}

/// Which of these a link leads to makes no difference.
fn is_shell(path: &Path) -> bool {
    [&b"sh"[..], b"dash", b"bash", b"rbash"].contains(&base_name(path))
}

fn strip_dash(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"-").unwrap_or(name)
}

fn is_of_the_system(path: &Path) -> bool {
    path.parent().is_some_and(|parent| SYSTEM.iter().any(|directory| parent == Path::new(directory)))
}

fn is_of_the_system_owner(file: &Metadata) -> bool {
    file.uid() == 0 && file.mode() & 0o022 == 0
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
        let judged = Programs::default().judged(executed);
        let names: Vec<_> = judged.iter().map(|path| String::from_utf8_lossy(base_name(path))).collect();
        names.join(" ")
    }

    #[test]
    fn a_program_is_what_it_is_by_whatever_name() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::copy("/bin/rm", at("copy")).unwrap();
        symlink("/bin/rm", at("link")).unwrap();
        fs::write(at("other"), "x").unwrap();
        assert_eq!(judged(&at("copy"), "x"), "rm");
        assert_eq!(judged(&at("link"), "x"), "rm");
        assert_eq!(judged(&at("other"), "rm"), "other");
        assert_eq!(judged(Path::new("/bin/rm"), "ls"), "rm");
        fs::write(at("busybox"), "x").unwrap();
        assert_eq!(judged(&at("busybox"), "/x/rm"), "rm");
        assert_eq!(judged(&at("busybox"), "-rm"), "rm");
        assert_eq!(judged(&at("busybox"), "busybox"), "busybox");
        fs::write(at("busybox-clean"), "#!/bin/sh\n").unwrap();
        assert_eq!(judged(&at("busybox-clean"), "x"), "busybox-clean");
        fs::write(at("busybox.static"), "y").unwrap();
        assert_eq!(judged(&at("busybox.static"), "busybox.static"), "busybox");
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
