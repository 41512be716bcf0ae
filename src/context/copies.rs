//! Of which program a file is another name or a copy: one of those that are looked for by their names.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Observed;
use super::fresh::{is_recent, is_trusted};
use crate::model::{Facts, bytes};

/// Where the system's own programs are.
pub(super) const SYSTEM: [&str; 6] =
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];
/// A file with more names than this acts by the one that it is called by (shims).
const MOST_NAMES: usize = 4;
/// So many places of a file are compared.
const PLACES: u64 = 16;
/// So much of each.
const BLOCK: usize = 4096;

type Directories = HashMap<PathBuf, (Stamp, Rc<[Installed]>)>;
type Found = HashMap<(PathBuf, Stamp), Rc<[PathBuf]>>;

/// What was looked up, kept as long as nothing of it changes.
#[derive(Debug, Default)]
pub struct Copies {
    directories: RefCell<Directories>,
    found: RefCell<Found>,
}

/// A program in a directory.
#[derive(Debug)]
struct Installed {
    path: PathBuf,
    size: u64,
    file: (u64, u64),
    link: bool,
}

/// What of a file tells that it is another one, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    file: (u64, u64),
    size: u64,
    times: [i64; 4],
}

impl Stamp {
    /// As it is now.
    pub fn of(file: &Metadata) -> Stamp {
        let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
        Stamp { file: (file.dev(), file.ino()), size: file.size(), times }
    }
}

impl Copies {
    /// The paths at which the program in a file stands too, in the system's directories and in `others`.
    pub fn of(&self, path: &Path, file: &Metadata, others: impl FnOnce() -> Vec<PathBuf>) -> Rc<[PathBuf]> {
        let key = (path.to_owned(), Stamp::of(file));
        if let Some(known) = self.found.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found: Rc<[PathBuf]> = self.look(path, &key.1, others()).into();
        self.found.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn look(&self, path: &Path, stamp: &Stamp, others: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut directories: Vec<_> = others
            .into_iter()
            .chain(SYSTEM.map(PathBuf::from))
            .filter_map(|directory| fs::canonicalize(directory).ok())
            .collect();
        directories.sort();
        directories.dedup();
        let all: Vec<_> = directories.iter().map(|directory| self.installed(directory)).collect();
        let all = || all.iter().flat_map(|installed| installed.iter());
        let mut same: Vec<&Installed> = all().filter(|program| program.file == stamp.file).collect();
        if same.is_empty() {
            let open = File::open(path);
            let is_copy = |program: &&Installed| {
                program.size == stamp.size
                    && open.as_ref().is_ok_and(|file| is_same(file, &program.path, stamp.size))
            };
            same = all().filter(is_copy).collect();
        }
        // Links within these directories are names of what stands there under its own.
        let files: Vec<_> = same.iter().filter(|program| !program.link).map(|program| program.file).collect();
        same.retain(|program| program.path != path && !(program.link && files.contains(&program.file)));
        same.sort_by_key(|program| program.path.file_name());
        same.dedup_by_key(|program| program.path.file_name());
        let names = same.len() <= MOST_NAMES;
        same.into_iter().filter(|_| names).map(|program| program.path.clone()).collect()
    }

    /// The programs in a directory.
    fn installed(&self, directory: &Path) -> Rc<[Installed]> {
        let Ok(now) = fs::metadata(directory).map(|file| Stamp::of(&file)) else { return Rc::default() };
        if let Some((then, known)) = self.directories.borrow().get(directory)
            && *then == now
        {
            return Rc::clone(known);
        }
        let entries = fs::read_dir(directory).into_iter().flatten();
        let installed = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let (path, link) = (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_symlink()));
            let file = if link { fs::metadata(&path) } else { entry.metadata() }.ok()?;
            let is_program = file.is_file() && file.size() > 0 && file.mode() & 0o111 != 0;
            is_program.then(|| Installed { path, size: file.size(), file: (file.dev(), file.ino()), link })
        });
        let installed: Rc<[Installed]> = installed.collect();
        self.directories.borrow_mut().insert(directory.to_owned(), (now, Rc::clone(&installed)));
        installed
    }
}

/// Whether two files of one size hold the same, as far as some places in them tell: what differs
/// elsewhere alone is still the same program.
fn is_same(file: &File, other: &Path, size: u64) -> bool {
    let Ok(other) = File::open(other) else { return false };
    let last = size.saturating_sub(BLOCK as u64);
    let (mut one, mut two) = ([0; BLOCK], [0; BLOCK]);
    (0..=PLACES).all(|place| {
        let at = last / PLACES * place + if place == PLACES { last % PLACES } else { 0 };
        let length = BLOCK.min(usize::try_from(size).unwrap_or(BLOCK));
        let read = [(file, &mut one), (&other, &mut two)]
            .map(|(file, to)| file.read_exact_at(&mut to[..length], at));
        read.iter().all(Result::is_ok) && one[..length] == two[..length]
    })
}

/// Whether its own text is what runs.
pub(super) fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}

impl Observed {
    /// The other paths of a program that the session may have put where it is.
    pub(super) fn other_paths(&self, path: &str) -> Vec<String> {
        let path = bytes::path(path);
        let may_be_copy = |file: &Metadata| file.is_file() && !is_trusted(file) && is_recent(file);
        let Some(file) = fs::metadata(&path).ok().filter(may_be_copy).filter(|_| !is_script(&path)) else {
            return Vec::new();
        };
        let [search, home] = ["PATH", "HOME"].map(|name| self.env(name).unwrap_or_default());
        let around = bytes::path(self.directory());
        let others = || directories(OsStr::new(&search), Some(OsStr::new(&home)), &around);
        self.copies.of(&path, &file, others).iter().map(bytes::text_of).collect()
    }
}

/// The directories in which programs are looked for: those of a `PATH`, those that users have of
/// their own, and those of the projects around a directory.
pub fn directories(path: &OsStr, home: Option<&OsStr>, around: &Path) -> Vec<PathBuf> {
    let listed = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    let own = [".local/bin", "bin", ".cargo/bin", "go/bin", ".bun/bin", ".volta/bin"];
    let own = home.into_iter().flat_map(|home| own.map(|below| Path::new(home).join(below)));
    let projects = around.ancestors().map(|above| above.join("node_modules/.bin"));
    let optional = fs::read_dir("/opt").into_iter().flatten();
    let optional = optional.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    listed.chain(own).chain(projects).chain(optional).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn program(path: &Path, text: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn copies_and_links_are_found_among_the_programs_that_are_looked_for() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().canonicalize().unwrap().join(name);
        let mut long = vec![7; 300_000];
        program(&at("bin/terraform"), &long);
        program(&at("t"), &long);
        fs::hard_link(at("bin/terraform"), at("u")).unwrap();
        long[150_000..160_000].fill(8);
        program(&at("other"), &long);
        program(&at("lib/prisma.js"), b"#!/usr/bin/env node\n");
        symlink(at("lib/prisma.js"), at("bin/prisma")).unwrap();
        program(&at("p"), b"#!/usr/bin/env node\n");
        symlink("terraform", at("bin/tf")).unwrap();
        for name in ["a", "b", "c", "d", "e"] {
            program(&at(&format!("bin/{name}")), b"shim");
        }
        program(&at("shim"), b"shim");
        let copies = Copies::default();
        let named = |name: &str| {
            let path = at(name);
            let all = copies.of(&path, &fs::metadata(&path).unwrap(), || vec![at("bin"), at("none")]);
            let names = all.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(named("t"), "terraform");
        assert_eq!(named("u"), "terraform");
        assert_eq!(named("other"), "");
        assert_eq!(named("p"), "prisma");
        assert_eq!(named("lib/prisma.js"), "prisma");
        assert_eq!(named("shim"), "");
        assert_eq!(named("bin/terraform"), "");
        // What was installed since counts.
        program(&at("bin/kubectl"), &long);
        program(&at("k"), &long);
        assert_eq!(named("k"), "kubectl");
    }
}
