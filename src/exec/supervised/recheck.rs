//! Looks at a program once more when nobody can change its words any longer: after its `execve`,
//! before its first instruction (ptrace(2), `PTRACE_EVENT_EXEC`).

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::execution::Execution;
use crate::sys::children;

/// An `execve` that takes longer than this has failed, and the process is left alone again.
const PATIENCE: Duration = Duration::from_millis(100);

/// Processes that are about to become a program that was judged.
#[derive(Debug, Default)]
pub struct Rechecks {
    awaited: HashMap<i32, Awaited>,
    /// What files were found to be.
    forms: HashMap<Stamp, Form>,
}

#[derive(Debug)]
struct Awaited {
    expected: Expected,
    thread: i32,
    since: Instant,
    interrupted: bool,
}

/// What was judged.
#[derive(Debug)]
struct Expected {
    argv: Vec<OsString>,
    /// The path as it was given: a script's interpreter gets it as a word.
    given: std::path::PathBuf,
    path: std::path::PathBuf,
    file: Stamp,
    form: Form,
}

/// What of a file tells that it is another one, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    changed: (i64, i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Binary,
    Script,
    /// What the system makes of it is its own affair (binfmt_misc).
    Other,
}

/// What became of a look at a process that stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Looked {
    /// Nothing that concerns anybody.
    Nothing,
    /// It became something else than what was judged, by these words, and has done nothing yet: it
    /// is to be killed.
    Changed(Vec<OsString>),
}

impl Rechecks {
    /// Has a process stop behind its `execve`. Where another one traces it, that one may change
    /// all of it anyway, and false comes back.
    pub fn expect(&mut self, execution: &Execution) -> bool {
        let file = stamp(&execution.file);
        let expected = Expected {
            argv: execution.argv.clone(),
            given: execution.given.clone(),
            path: execution.path.clone(),
            file,
            form: *self.forms.entry(file).or_insert_with(|| form(&execution.path)),
        };
        let process = leader(execution.thread);
        let known = self.awaited.contains_key(&process);
        if !known && ptrace::seize(Pid::from_raw(execution.thread), Options::PTRACE_O_TRACEEXEC).is_err() {
            return false;
        }
        let thread = execution.thread;
        self.awaited.insert(process, Awaited { expected, thread, since: Instant::now(), interrupted: false });
        true
    }

    /// Whether a process is waited for.
    pub fn awaits(&self, process: i32) -> bool {
        self.awaited.contains_key(&process) || self.awaited.contains_key(&leader(process))
    }

    /// Whether somebody is waited for.
    pub fn is_empty(&self) -> bool {
        self.awaited.is_empty()
    }

    /// A process ended.
    pub fn forget(&mut self, process: i32) {
        self.awaited.remove(&process);
    }

    /// It became a program: the right one?
    pub fn look(&mut self, process: i32) -> Looked {
        let process_id = Pid::from_raw(process);
        let Some(awaited) = self.awaited.remove(&process) else {
            let _ = ptrace::detach(process_id, None);
            return Looked::Nothing;
        };
        if awaited.expected.is_what_became_of(process) {
            let _ = ptrace::detach(process_id, None);
            return Looked::Nothing;
        }
        let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words = words.split(|byte| *byte == 0).map(|word| OsStr::from_bytes(word).to_owned());
        Looked::Changed(words.collect())
    }

    /// It stopped for a signal, which takes its way; or because it was told to, being late.
    pub fn pass(&mut self, process: i32, signal: i32, event: bool) {
        let id = Pid::from_raw(process);
        if !event {
            let _ = ptrace::cont(id, Signal::try_from(signal).ok());
            return;
        }
        // Stopped with its group, or interrupted: either way it is left as it is.
        let _ = ptrace::detach(id, None);
        self.awaited.remove(&leader(process));
    }

    /// Leaves alone whose `execve` must have failed.
    pub fn tidy(&mut self) {
        for awaited in self.awaited.values_mut() {
            if !awaited.interrupted && awaited.since.elapsed() > PATIENCE {
                awaited.interrupted = true;
                let _ = ptrace::interrupt(Pid::from_raw(awaited.thread));
            }
        }
    }
}

impl Expected {
    fn is_what_became_of(&self, process: i32) -> bool {
        let Ok(words) = fs::read(format!("/proc/{process}/cmdline")) else { return false };
        let Ok(program) = fs::metadata(format!("/proc/{process}/exe")) else { return false };
        let same_file = stamp(&program).file == self.file.file;
        match self.form {
            Form::Binary => same_file && words == joined(&self.argv),
            Form::Script | Form::Other => {
                // The name gives way to the interpreter, an argument of it, and the path.
                let rest = self.argv.get(1..).unwrap_or_default();
                let by_path = [&[self.given.as_os_str().to_owned()][..], rest].concat();
                let by_number = words_behind_path(&words, rest);
                let unchanged = fs::metadata(&self.path).is_ok_and(|now| stamp(&now) == self.file);
                let fits = words.ends_with(&joined(&by_path)) || by_number;
                fits && (unchanged || self.form == Form::Other) && !same_file
            }
        }
    }
}

/// A script that was given by a descriptor is `/dev/fd/N` to its interpreter.
fn words_behind_path(words: &[u8], rest: &[OsString]) -> bool {
    let Some(before) = words.strip_suffix(&joined(rest)[..]) else { return false };
    let last = before.strip_suffix(b"\0").unwrap_or(before).rsplit(|byte| *byte == 0).next();
    last.is_some_and(|path| path.starts_with(b"/dev/fd/"))
}

fn joined(words: &[OsString]) -> Vec<u8> {
    let mut all = Vec::new();
    for word in words {
        all.extend_from_slice(word.as_bytes());
        all.push(0);
    }
    // A program without any words gets an empty one (execve(2)).
    if words.is_empty() {
        all.push(0);
    }
    all
}

fn stamp(file: &fs::Metadata) -> Stamp {
    Stamp { file: (file.dev(), file.ino()), size: file.size(), changed: (file.ctime(), file.ctime_nsec()) }
}

fn form(path: &Path) -> Form {
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut start));
    match read {
        Ok(4) if start == *b"\x7fELF" => Form::Binary,
        Ok(2..) if start.starts_with(b"#!") => Form::Script,
        // What may be run but not be read is a binary, or its interpreter could not read it.
        Err(_) => Form::Binary,
        _ => Form::Other,
    }
}

/// The process that a thread belongs to.
fn leader(thread: i32) -> i32 {
    if children::is_first(thread) {
        return thread;
    }
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    group.and_then(|group| group.trim().parse().ok()).unwrap_or(thread)
}
