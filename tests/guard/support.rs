//! A scratch world: a home, a work tree, a PATH whose dangerous programs are stand-ins that write
//! down what they were called with, and the guard binary under its several names.

#![allow(unsafe_code)] // descriptors above 2 are placed between fork and exec

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program that tests have refused: it deletes nothing, and says when it was run.
pub const REFUSED: &str = "railway volume delete -v pg-data -y";

/// What every world's settings say of supervision, where this variable of the tests' own environment does.
pub const SUPERVISE: &str = "GUARD_TEST_SUPERVISE";

pub struct World {
    root: tempfile::TempDir,
}

/// What a process did, as its caller sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// What was written to descriptor 4, if it was asked for.
    pub state: String,
}

impl World {
    pub fn new() -> World {
        let world = World {
            root: tempfile::Builder::new().prefix("guard-test-").tempdir().expect("a scratch directory"),
        };
        for directory in ["home", "work", "bin", "shims", "state", "config"] {
            fs::create_dir(world.path(directory)).expect("a fresh directory");
        }
        for name in ["bash", "sh", "zsh", "guard"] {
            symlink(env!("CARGO_BIN_EXE_guard"), world.path("shims").join(name)).expect("a link");
        }
        world.stand_in("railway");
        if let Some(setting) = std::env::var_os(SUPERVISE) {
            let setting = setting.to_string_lossy();
            world.file("config/guard.toml", format!("[run]\nsupervise = \"{setting}\"\n"));
        }
        world
    }

    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(below)
    }

    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Puts a program on PATH that appends its arguments to `calls` and does nothing else.
    pub fn stand_in(&self, name: &str) {
        let text = format!(
            "#!/bin/sh\nprintf '%s' '{name}' >> '{calls}'\nprintf ' %s' \"$@\" >> '{calls}'\necho >> '{calls}'\n",
            calls = self.path("calls").display()
        );
        self.executable(&format!("bin/{name}"), &text);
    }

    /// What the stand-ins were called with, a line a call.
    pub fn calls(&self) -> String {
        fs::read_to_string(self.path("calls")).unwrap_or_default()
    }

    pub fn file(&self, below: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a directory");
        }
        fs::write(&path, text).expect("a file");
        path
    }

    /// A symbolic link that holds `to`.
    pub fn link(&self, below: &str, to: &str) {
        let link = self.path(below);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a directory");
        std::os::unix::fs::symlink(to, link).expect("a link");
    }

    pub fn executable(&self, below: &str, text: &str) -> PathBuf {
        let path = self.file(below, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        path
    }

    /// guard under one of its names: `guard`, or a shell's.
    pub fn guard(&self, name: &str) -> Run {
        self.run(self.path("shims").join(name))
    }

    /// A program in this world.
    pub fn run(&self, program: impl AsRef<OsStr>) -> Run {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.search_path())
            .env("HOME", self.path("home"))
            .env("GUARD_CONFIG_DIR", self.path("config"))
            .env("GUARD_STATE_DIR", self.path("state"))
            .env("LC_ALL", "C")
            .current_dir(self.work())
            .stdin(Stdio::null());
        Run { command, input: None, state: None }
    }

    pub fn search_path(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display())
    }

    /// Runs the same arguments through guard under a shell's name and through the shell itself,
    /// each with standard input `stdin`; both outcomes must be the same. Returns it.
    pub fn same(&self, shell: &str, args: &[&str], stdin: Option<&str>) -> Outcome {
        let mut outcomes = [self.path("shims").join(shell), real(shell)].map(|program| {
            let mut run = self.run(program).arg0(shell).args(args);
            hear(run.command());
            if let Some(stdin) = stdin {
                run = run.stdin(stdin);
            }
            run.outcome()
        });
        assert_eq!(outcomes[0], outcomes[1], "guard differs from {shell} on {args:?}");
        std::mem::replace(&mut outcomes[0], Outcome::empty())
    }
}

/// Lets the program end by SIGINT and SIGQUIT: tests that run in the background of a shell may have
/// been started deaf to them.
pub fn hear(command: &mut Command) {
    // SAFETY: both calls are async-signal-safe and touch no memory.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::signal(libc::SIGQUIT, libc::SIG_DFL);
            Ok(())
        });
    }
}

/// Puts `patient.py` into the work tree: a program that waits for keys, and tells when they can
/// reach it. A shell prints the name of a job that it continues before that. It wakes now and then:
/// Python sees a signal that comes right before a pause only after it.
pub fn patient(world: &World) {
    world.file(
        "work/patient.py",
        "import os, signal, time\n\
         signal.signal(signal.SIGINT, signal.SIG_DFL)\n\
         signal.signal(signal.SIGCONT, lambda *_: os.write(1, b'back\\n'))\n\
         os.write(1, b'started\\n')\n\
         while True:\n    time.sleep(0.05)\n",
    );
}

/// Where the real shell is.
pub fn real(shell: &str) -> PathBuf {
    ["/usr/bin", "/bin", "/usr/local/bin"]
        .iter()
        .map(|directory| Path::new(directory).join(shell))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("`{shell}` is not installed; `.ci/run` installs it"))
}

pub struct Run {
    command: Command,
    input: Option<Vec<u8>>,
    state: Option<String>,
}

impl Run {
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub fn arg0(mut self, name: &str) -> Self {
        self.command.arg0(name);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Standard input is a pipe with this in it.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Standard input is this file.
    pub fn stdin_file(mut self, path: impl AsRef<Path>) -> Self {
        self.command.stdin(fs::File::open(path).expect("a file to read"));
        self
    }

    /// Descriptor 3 is a pipe with this in it, and descriptor 4 one that is read to its end.
    pub fn state(mut self, text: &str) -> Self {
        self.state = Some(text.to_owned());
        self
    }

    /// A session of its own, as callers that detach give it.
    pub fn setsid(mut self) -> Self {
        // SAFETY: setsid is async-signal-safe and touches no memory.
        unsafe {
            self.command.pre_exec(|| {
                nix::unistd::setsid()?;
                Ok(())
            });
        }
        self
    }

    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    pub fn outcome(mut self) -> Outcome {
        let state_out = self.place_state();
        if self.input.is_some() {
            self.command.stdin(Stdio::piped());
        }
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        // Our copies of the child's ends would keep its pipes open.
        drop(self.command);
        if let (Some(input), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // The reader may refuse and close before it has read all.
            let _ = stdin.write_all(&input);
        }
        let output = child.wait_with_output().expect("the program ends");
        let mut state = String::new();
        if let Some(read_out) = state_out {
            fs::File::from(read_out).read_to_string(&mut state).expect("text on descriptor 4");
        }
        Outcome {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            state,
        }
    }

    /// Makes the descriptors that `state` asked for; the reading end of the latter.
    pub fn place_state(&mut self) -> Option<OwnedFd> {
        let text = self.state.take()?;
        let (read_in, mut write_in) = std::io::pipe().expect("a pipe");
        let (read_out, write_out) = std::io::pipe().expect("a pipe");
        write_in.write_all(text.as_bytes()).expect("the state fits a pipe");
        // The clones are numbered above 3 and 4 only where those are taken.
        let spare: Vec<_> = (0..4).map(|_| fs::File::open("/dev/null").expect("a file")).collect();
        self.place(read_in.try_clone().expect("a descriptor").into(), 3);
        self.place(write_out.try_clone().expect("a descriptor").into(), 4);
        drop(spare);
        Some(read_out.into())
    }

    fn place(&mut self, fd: OwnedFd, number: i32) {
        // SAFETY: dup2 is async-signal-safe; `fd` lives until the closure is dropped.
        unsafe {
            self.command.pre_exec(move || {
                if libc::dup2(fd.as_raw_fd(), number) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
    }
}

impl Outcome {
    fn empty() -> Outcome {
        Outcome {
            code: None,
            signal: None,
            stdout: String::new(),
            stderr: String::new(),
            state: String::new(),
        }
    }

    /// It was refused: status 126, nothing on stdout, one line on stderr that names the reason.
    #[track_caller]
    pub fn refused(&self) -> &Self {
        assert_eq!(self.code, Some(126), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert!(self.stderr.starts_with("guard: "), "{self:?}");
        self
    }

    /// It ran to this status.
    #[track_caller]
    pub fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    #[track_caller]
    pub fn printed(&self, text: &str) -> &Self {
        assert_eq!(self.stdout, text, "{self:?}");
        self
    }
}
