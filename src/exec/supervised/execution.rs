//! One `execve` that waits for its answer: what would run, with which words, where.

use std::cell::{Cell, OnceCell};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use libc::pid_t;

use crate::sys::children::{self, Root};
use crate::sys::memory::Memory;
use crate::sys::seccomp::{Asked, ExecCall, QUESTION, WHETHER_ANSWERED};

/// PATH_MAX.
const LONGEST_PATH: usize = 4096;
/// More words than this are not read; the kernel takes 6 MiB at most.
const LONGEST: usize = 8 << 20;
/// As the kernel's own (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// An `execve` that waits for its answer.
#[derive(Debug)]
pub struct Execution {
    /// The thread that asks.
    pub thread: pid_t,
    /// The path that the caller gave; of a descriptor, where that leads.
    pub given: PathBuf,
    /// Where the program is, every link followed; of a file without a name a path below `/proc`.
    pub path: PathBuf,
    /// What stands there.
    pub file: Metadata,
    /// Its words, the name first.
    pub argv: Vec<OsString>,
    /// Its files are another root's, or on other mounts, than the supervisor's.
    pub apart: bool,
    call: ExecCall,
    env: OnceCell<Vec<OsString>>,
    hidden: Cell<bool>,
}

/// Why it cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It fails with this error whatever is said of it.
    Fails(i32),
    /// It asks whether there is a supervisor.
    Question,
    /// It asks whether these findings were answered.
    WhetherAnswered(Vec<u8>),
    /// Its words cannot be read: this is the error.
    Closed(i32),
}

/// What is the same for every `execve`, looked up once.
#[derive(Debug)]
pub struct Surroundings {
    /// This process's root.
    own: Option<Root>,
    /// Where the system's directories lead, which nobody moves while a command runs.
    system: Vec<(PathBuf, PathBuf)>,
}

impl Surroundings {
    /// As they are now.
    pub fn look() -> Surroundings {
        let directories = ["/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
        let leads = |directory: &str| Some((PathBuf::from(directory), fs::canonicalize(directory).ok()?));
        let system = directories.iter().filter_map(|directory| leads(directory)).collect();
        Surroundings { own: children::root_of("self"), system }
    }

    /// Whether a process sees other files than this one under the same paths.
    fn are_others_for(&self, thread: pid_t) -> bool {
        let its = children::root_of(&thread.to_string());
        its.is_none() || its != self.own
    }

    /// Where a path leads, and what stands there.
    fn resolve(&self, thread: pid_t, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        let system = path.parent().and_then(|parent| self.system.iter().find(|(named, _)| named == parent));
        match (system, path.file_name()) {
            (Some((_, directory)), Some(name)) => {
                let path = directory.join(name);
                let found = fs::symlink_metadata(&path)?;
                match found.is_symlink() {
                    true => resolve(thread, &path).and_then(with_file),
                    false => Ok((path, found)),
                }
            }
            _ => resolve(thread, path).and_then(with_file),
        }
    }
}

fn with_file(path: PathBuf) -> io::Result<(PathBuf, Metadata)> {
    let file = fs::metadata(&path)?;
    Ok((path, file))
}

impl Execution {
    /// Reads what a waiting call is about.
    pub fn read(asked: &Asked, surroundings: &Surroundings) -> Result<Execution, Unread> {
        let (thread, call) = (asked.thread, asked.call);
        if thread == 0 {
            return Err(Unread::Closed(libc::ESRCH));
        }
        let mut memory = Memory::of(thread);
        let given = memory.text(call.path, LONGEST_PATH).map_err(closed)?;
        if given == QUESTION.to_bytes() {
            return Err(Unread::Question);
        }
        if given == WHETHER_ANSWERED.to_bytes() {
            let words = memory.texts(call.argv, call.narrow, LONGEST).map_err(closed)?;
            return Err(Unread::WhetherAnswered(words.into_iter().next().unwrap_or_default()));
        }
        let apart = surroundings.are_others_for(thread);
        let start = start_of(thread, &call, &given)?;
        let found = match apart {
            true => in_other_root(thread, &start).and_then(with_file),
            false => surroundings.resolve(thread, &start),
        };
        let (path, file) = found.map_err(fails)?;
        if !file.is_file() || file.mode() & 0o111 == 0 {
            return Err(Unread::Fails(libc::EACCES));
        }
        let argv = memory.texts(call.argv, call.narrow, LONGEST).map_err(closed)?;
        let argv = argv.into_iter().map(OsString::from_vec).collect();
        let given = if given.is_empty() { start } else { PathBuf::from(OsString::from_vec(given)) };
        Ok(Execution {
            thread,
            given,
            path,
            file,
            argv,
            apart,
            call,
            env: OnceCell::new(),
            hidden: Cell::new(false),
        })
    }

    /// The directory of the process; absolute.
    pub fn directory(&self) -> io::Result<PathBuf> {
        fs::read_link(format!("/proc/{}/cwd", self.thread))
    }

    /// The environment that the program is to get: `NAME=value`.
    pub fn environment(&self) -> io::Result<&[OsString]> {
        if self.env.get().is_none() {
            let read = Memory::of(self.thread).texts(self.call.envp, self.call.narrow, LONGEST);
            let read = read.inspect_err(|_| self.hidden.set(true))?;
            return Ok(self.env.get_or_init(|| read.into_iter().map(OsString::from_vec).collect()));
        }
        Ok(self.env.get().map(Vec::as_slice).unwrap_or_default())
    }

    /// A variable of it.
    pub fn variable(&self, name: &str) -> io::Result<Option<OsString>> {
        let all = self.environment()?;
        let of = |entry: &OsString| {
            let value = entry.as_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsStr::from_bytes(value).to_owned())
        };
        Ok(all.iter().find_map(of))
    }

    /// Whether the environment was asked for and could not be read.
    pub fn is_hidden(&self) -> bool {
        self.hidden.get()
    }

    /// The file that the program will read as its standard input, where it is a regular one and
    /// nothing of it has been read.
    pub fn input(&self) -> Option<PathBuf> {
        let input = PathBuf::from(format!("/proc/{}/fd/0", self.thread));
        if !fs::metadata(&input).ok()?.is_file() {
            return None;
        }
        let place = fs::read_to_string(format!("/proc/{}/fdinfo/0", self.thread)).ok()?;
        let unread = place.lines().any(|line| line.split_whitespace().eq(["pos:", "0"]));
        unread.then_some(input)
    }

    /// The file that a word names by a descriptor of the process, where that is a regular one and open to be read
    /// alone: from here, the word would mean a file of the supervisor's own.
    pub fn named_by_descriptor(&self, word: &OsStr) -> Option<PathBuf> {
        let word = word.to_str()?;
        let number = word.strip_prefix("/dev/fd/").or_else(|| word.strip_prefix("/proc/self/fd/"))?;
        let number: u32 = number.parse().ok()?;
        let path = PathBuf::from(format!("/proc/{}/fd/{number}", self.thread));
        if !fs::metadata(&path).ok()?.is_file() {
            return None;
        }
        let found = fs::read_to_string(format!("/proc/{}/fdinfo/{number}", self.thread)).ok()?;
        let flags = found.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = i32::from_str_radix(flags.trim(), 8).ok()?;
        (flags & libc::O_ACCMODE == libc::O_RDONLY).then_some(path)
    }
}

fn closed(error: io::Error) -> Unread {
    match error.raw_os_error() {
        Some(number @ (libc::EFAULT | libc::E2BIG)) => Unread::Fails(number),
        number => Unread::Closed(number.unwrap_or(libc::EIO)),
    }
}

fn fails(error: io::Error) -> Unread {
    match error.raw_os_error() {
        Some(number) => Unread::Fails(number),
        None => Unread::Closed(libc::EIO),
    }
}

/// Where the path starts: absolute, or below what a descriptor or the process's directory is.
fn start_of(thread: pid_t, call: &ExecCall, given: &[u8]) -> Result<PathBuf, Unread> {
    let path = Path::new(OsStr::from_bytes(given));
    if given.is_empty() && call.flags & libc::AT_EMPTY_PATH == 0 {
        return Err(Unread::Fails(libc::ENOENT));
    }
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    let base = match call.directory {
        Some(descriptor) => PathBuf::from(format!("/proc/{thread}/fd/{descriptor}")),
        None => PathBuf::from(format!("/proc/{thread}/cwd")),
    };
    if given.is_empty() {
        return Ok(base);
    }
    // What it leads to must not be taken for this process's own.
    let base = fs::read_link(base).map_err(fails)?;
    Ok(base.join(path))
}

/// A path as the process sees it, in this process's terms. Links that lead to the root start from
/// the other root again.
fn in_other_root(thread: pid_t, path: &Path) -> io::Result<PathBuf> {
    let root = PathBuf::from(format!("/proc/{thread}/root"));
    let inner = follow(path, thread, &root)?;
    Ok(root.join(inner.strip_prefix("/").unwrap_or(&inner)))
}

fn resolve(thread: pid_t, path: &Path) -> io::Result<PathBuf> {
    follow(path, thread, Path::new("/"))
}

/// Follows every link, as the process would: `/proc/self` is its own entry there, and what a
/// descriptor leads to need not have a name.
fn follow(path: &Path, thread: pid_t, root: &Path) -> io::Result<PathBuf> {
    let mut left: VecDeque<OsString> = components(path);
    let mut done = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = left.pop_front() {
        if name == ".." {
            done.pop();
            continue;
        }
        if done == Path::new("/proc") && (name == "self" || name == "thread-self") {
            done.push(thread.to_string());
            continue;
        }
        done.push(&name);
        let real = root.join(done.strip_prefix("/").unwrap_or(&done));
        if !fs::symlink_metadata(&real)?.is_symlink() {
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(io::Error::from_raw_os_error(libc::ELOOP));
        }
        let target = fs::read_link(&real)?;
        if is_magic(&done) {
            let named = fs::metadata(root.join(target.strip_prefix("/").unwrap_or(&target)));
            let file = fs::metadata(&real)?;
            if !named.is_ok_and(|named| (named.dev(), named.ino()) == (file.dev(), file.ino())) {
                // A deleted file, one that never had a name, or one on a mount that is gone.
                continue;
            }
        }
        done.pop();
        if target.is_absolute() {
            done = PathBuf::from("/");
        }
        for name in components(&target).into_iter().rev() {
            left.push_front(name);
        }
    }
    Ok(done)
}

/// Links of a process's that lead to a file, whatever their text says (proc(5)).
fn is_magic(path: &Path) -> bool {
    path.strip_prefix("/proc").is_ok_and(|below| below.components().count() > 1)
}

fn components(path: &Path) -> VecDeque<OsString> {
    let named = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().filter_map(named).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_as_the_process_would() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().canonicalize().unwrap();
        let at = |name: &str| real.join(name);
        fs::write(at("x"), "").unwrap();
        fs::create_dir(at("d")).unwrap();
        symlink("../x", at("d/relative")).unwrap();
        symlink(at("d"), at("e")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let own = std::process::id() as pid_t;
        assert_eq!(resolve(own, &at("e/relative")).unwrap(), at("x"));
        assert_eq!(resolve(own, &at("d/../x")).unwrap(), at("x"));
        assert_eq!(resolve(own, &at("none")).unwrap_err().raw_os_error(), Some(libc::ENOENT));
        assert_eq!(resolve(own, &at("loop")).unwrap_err().raw_os_error(), Some(libc::ELOOP));
        let open = fs::File::open(at("x")).unwrap();
        let by_descriptor = format!("/proc/self/fd/{}", open.as_raw_fd());
        assert_eq!(resolve(own, Path::new(&by_descriptor)).unwrap(), at("x"));
        symlink(&by_descriptor, at("hidden")).unwrap();
        assert_eq!(resolve(own, &at("hidden")).unwrap(), at("x"));
        fs::remove_file(at("x")).unwrap();
        let nameless = resolve(own, Path::new(&by_descriptor)).unwrap();
        assert_eq!(nameless, Path::new(&format!("/proc/{own}/fd/{}", open.as_raw_fd())));
        assert!(fs::metadata(nameless).is_ok());
    }
}
