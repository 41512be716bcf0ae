//! A dialog by pinentry, the program that asks for passphrases on a desktop: which one counts, what it gets of
//! the environment, and its protocol (Assuan), a line each way.
//!
//! Nothing that it says is trusted. It can say no, and give a passphrase; one that is dead, hangs or
//! talks nonsense said nothing.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::entry::Entry;
use crate::model::plain;
use crate::sys::fd::{self, Watched};
use crate::sys::passwd;

/// Where pinentry is looked for, where root alone can put it. The system's own choice comes first;
/// where that is for terminals alone, there may be another.
const PROGRAMS: &[&str] = &[
    "/usr/bin/pinentry",
    "/usr/bin/pinentry-gnome3",
    "/usr/bin/pinentry-qt",
    "/usr/bin/pinentry-qt5",
    "/usr/bin/pinentry-gtk-2",
    "/usr/local/bin/pinentry",
    "/usr/local/bin/pinentry-mac",
    "/opt/homebrew/bin/pinentry-mac",
];
/// The longest line of the protocol, its end counted.
const LINE: usize = 1000;
/// How often it is looked whether anybody is still to be asked.
const LOOK: Duration = Duration::from_millis(500);

/// A dialog that is open.
pub struct Dialog<'a> {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// What came and is not read yet: it never grows, so that no copy of it stays behind.
    came: Zeroizing<Vec<u8>>,
    until: Instant,
    still: &'a dyn Fn() -> bool,
}

/// What the human did.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// Went on, with what they typed.
    Yes(Zeroizing<String>),
    /// Pressed the button that refuses.
    No,
    /// Closed it.
    Later,
    /// Nothing in time, or nothing is to be asked any more.
    TimedOut,
}

/// Whether there is a screen on which it could be shown.
pub fn has_display(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The programs that may be used: the one that settings name, else those that root alone could have put there.
pub fn programs(chosen: Option<&Path>) -> Vec<PathBuf> {
    match chosen {
        Some(program) => vec![program.to_owned()],
        None => PROGRAMS.iter().filter_map(|program| of_root(Path::new(program))).collect(),
    }
}

/// Where a program's path leads, where nobody but root could have changed that.
fn of_root(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let is_roots =
        |path: &Path| path.metadata().is_ok_and(|found| found.uid() == 0 && found.mode() & 0o022 == 0);
    let above = path.ancestors().skip(1).filter(|above| *above != Path::new(""));
    (real.is_file() && real.ancestors().chain(above).all(is_roots)).then_some(real)
}

/// What it gets of the environment: where the screen is, and the language. Nothing of it names code to load. Who
/// chose it could have the dialog where nobody sees it, which is no yes.
fn environment(env: &dyn Fn(&str) -> Option<String>) -> Vec<(&'static str, OsString)> {
    const SCREEN: &[&str] =
        &["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];
    const LANGUAGE: &[&str] = &["LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"];
    let given = |name: &'static str| Some((name, env(name).filter(|value| !value.is_empty())?));
    let screen = SCREEN.iter().filter_map(|name| given(name));
    // A locale with a slash would be a file of anybody's.
    let language = LANGUAGE.iter().filter_map(|name| given(name)).filter(|(_, locale)| !locale.contains('/'));
    let mut all: Vec<(&str, OsString)> =
        screen.chain(language).map(|(name, value)| (name, value.into())).collect();
    if !all.iter().any(|(name, _)| *name == "XAUTHORITY")
        && let Some(user) = passwd::current()
    {
        // Without `HOME` it would not be found.
        let usual = user.home.join(".Xauthority");
        all.extend(usual.is_file().then(|| ("XAUTHORITY", usual.into_os_string())));
    }
    all.push(("PATH", "/usr/bin:/bin".into()));
    all
}

impl<'a> Dialog<'a> {
    /// Starts the first of these programs that has windows. It stays open until then, as long as `still` says
    /// that somebody is to be asked.
    pub fn open(
        programs: &[PathBuf],
        env: &dyn Fn(&str) -> Option<String>,
        until: Instant,
        still: &'a dyn Fn() -> bool,
    ) -> Option<Dialog<'a>> {
        programs.iter().find_map(|program| {
            let mut dialog = Dialog::start(program, env, until, still).ok()?;
            dialog.has_windows().then_some(dialog)
        })
    }

    fn start(
        program: &Path,
        env: &dyn Fn(&str) -> Option<String>,
        until: Instant,
        still: &'a dyn Fn() -> bool,
    ) -> io::Result<Dialog<'a>> {
        let mut command = Command::new(program);
        command.env_clear().envs(environment(env)).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no pipes"));
        };
        let came = Zeroizing::new(Vec::with_capacity(2 * LINE));
        let mut dialog = Dialog { child, input, output, came, until, still };
        dialog.is_done(None)?;
        Ok(dialog)
    }

    /// Whether it shows windows. One that can but use a terminal is told none, and has none.
    fn has_windows(&mut self) -> bool {
        match self.command("GETINFO flavor") {
            Ok(Reply::Yes(flavor)) => !flavor.split(':').any(|part| matches!(part.trim(), "curses" | "tty")),
            // What some do not know.
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Shows a text with the buttons that approve, refuse and leave it open.
    pub fn confirm(&mut self, text: &str) -> io::Result<Reply> {
        self.prepare(text)?;
        self.set("SETOK", "Approve…")?;
        self.set("SETNOTOK", "Refuse")?;
        self.set("SETCANCEL", "Decide later")?;
        self.command("CONFIRM")
    }

    /// Asks for what is not shown while it is typed, at most so many times until it is the right one: `is_it` says so,
    /// or why not.
    pub fn secret<T>(
        &mut self,
        text: &str,
        label: &str,
        mut is_it: impl FnMut(&str) -> Result<T, String>,
    ) -> io::Result<Option<Result<T, Reply>>> {
        const TRIES: usize = 3;
        self.prepare(text)?;
        self.set("SETPROMPT", label)?;
        self.set("SETOK", "OK")?;
        for _ in 0..TRIES {
            match self.command("GETPIN")? {
                Reply::Yes(typed) => match is_it(&typed) {
                    Ok(it) => return Ok(Some(Ok(it))),
                    Err(why) => self.set("SETERROR", &why)?,
                },
                other => return Ok(Some(Err(other))),
            }
        }
        Ok(None)
    }

    /// Tells something.
    pub fn tell(&mut self, text: &str) -> io::Result<()> {
        self.prepare(text)?;
        self.set("SETOK", "OK")?;
        self.command("MESSAGE").map(drop)
    }

    fn prepare(&mut self, text: &str) -> io::Result<()> {
        // Whoever types somewhere else goes on typing there.
        self.command("OPTION no-grab")?;
        let left = self.until.saturating_duration_since(Instant::now()).as_secs().max(1);
        self.set("SETTIMEOUT", &left.to_string())?;
        self.set("SETTITLE", "guard")?;
        // What was not shown cannot be approved.
        match self.command(&line("SETDESC", text))? {
            Reply::Yes(_) => Ok(()),
            _ => Err(io::Error::other("it shows no text")),
        }
    }

    /// What a program does not know of these it does without.
    fn set(&mut self, what: &str, text: &str) -> io::Result<()> {
        self.command(&line(what, text)).map(drop)
    }

    fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.is_done(Some(line))
    }

    /// Says a line, if any, and reads to the end of what it is answered by.
    fn is_done(&mut self, line: Option<&str>) -> io::Result<Reply> {
        if let Some(line) = line {
            self.input.write_all(line.as_bytes())?;
            self.input.write_all(b"\n")?;
        }
        let mut data = Zeroizing::new(Vec::with_capacity(LINE));
        loop {
            let Some(line) = self.read()? else { return Ok(Reply::TimedOut) };
            let (word, rest) = line.split_at(line.iter().position(|b| *b == b' ').unwrap_or(line.len()));
            match word {
                b"D" => decode(rest.get(1..).unwrap_or_default(), &mut data)?,
                b"OK" => {
                    let text = std::str::from_utf8(&data).map_err(|_| io::Error::other("that is no text"))?;
                    return Ok(Reply::Yes(Zeroizing::new(text.to_owned())));
                }
                b"ERR" => return error(rest),
                b"S" | b"" => {}
                _ if word.starts_with(b"#") => {}
                _ => return Err(io::Error::other("it says what nobody asked")),
            }
        }
    }

    /// A line; `None` where none comes in time.
    fn read(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        loop {
            if let Some(end) = self.came.iter().position(|byte| *byte == b'\n') {
                let line = Zeroizing::new(self.came[..end].to_vec());
                let left = self.came.len() - end - 1;
                self.came.copy_within(end + 1.., 0);
                self.came[left..].fill(0);
                self.came.truncate(left);
                return Ok(Some(line));
            }
            if self.came.len() > LINE {
                return Err(io::Error::other("a line is too long"));
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() || !(self.still)() {
                return Ok(None);
            }
            let milliseconds = i32::try_from(left.min(LOOK).as_millis()).unwrap_or(1).max(1);
            let [output] =
                fd::wait([Watched { fd: self.output.as_fd(), read: true, write: false }], milliseconds)?;
            if output.ready || output.closed {
                let mut part = Zeroizing::new([0; LINE]);
                match self.output.read(&mut *part) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(count) => self.came.extend_from_slice(&part[..count.min(LINE)]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

impl Drop for Dialog<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an error means (libgpg-error): its number is in the lower half.
fn error(rest: &[u8]) -> io::Result<Reply> {
    const TIMEOUT: u32 = 62;
    const CANCELED: u32 = 99;
    const NOT_CONFIRMED: u32 = 114;
    let number = std::str::from_utf8(rest).ok().and_then(|text| text.split_whitespace().next());
    match number.and_then(|number| number.parse::<u32>().ok()).map(|number| number & 0xffff) {
        Some(NOT_CONFIRMED) => Ok(Reply::No),
        Some(TIMEOUT) => Ok(Reply::TimedOut),
        Some(CANCELED) => Ok(Reply::Later),
        // A command that it does not know, a screen that it does not reach.
        _ => Ok(Reply::Later),
    }
}

/// A command with its text, cut where the line would be too long.
fn line(command: &str, text: &str) -> String {
    let mut line = format!("{command} ");
    for c in text.chars() {
        let escaped = match c {
            '%' => "%25".to_owned(),
            '\n' => "%0A".to_owned(),
            '\r' => "%0D".to_owned(),
            c => c.to_string(),
        };
        if line.len() + escaped.len() >= LINE - '…'.len_utf8() {
            line.push('…');
            break;
        }
        line.push_str(&escaped);
    }
    line
}

fn decode(text: &[u8], data: &mut Vec<u8>) -> io::Result<()> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let hex = || text.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = match byte {
            b'%' => {
                let byte = hex().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                at += 2;
                byte.ok_or_else(|| io::Error::other("it escapes nothing"))?
            }
            byte => *byte,
        };
        if data.len() == LINE {
            return Err(io::Error::other("it gives too much"));
        }
        data.push(byte);
        at += 1;
    }
    Ok(())
}

/// What a window shows of an entry, with what is to be done behind it: as much as a line of the protocol holds.
pub fn text(entry: &Entry, what_to_do: &str) -> String {
    let about = &entry.about;
    let agent = about.agent.as_deref().unwrap_or("somebody");
    let within = match about.session.name.as_str() {
        "" => String::new(),
        name => format!(" (in {})", plain(name)),
    };
    let end = format!("\nAsked by {agent}{within}; ticket {}.\n\n{what_to_do}", entry.ticket);
    // A window's letters differ in width, and so it cannot mark by what stands below. The first line is
    // guard's own, and no markup, by which some would take all of it for such.
    let room = LINE - "SETDESC ".len() - 2 * '…'.len_utf8();
    let fits = |text: &String| line("", text).len() < room;
    let texts = (4..=24).rev().map(|height| format!("{}{end}", entry.brief(76, height)));
    texts
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| format!("guard: this command waits for your decision.{end}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::approve::entry::example;

    #[test]
    fn a_line_holds_what_the_protocol_takes() {
        assert_eq!(line("SETDESC", "100 %\nx\r"), "SETDESC 100 %25%0Ax%0D");
        for text in ["%".repeat(2000), "…".repeat(2000), "x".repeat(2000)] {
            let line = line("SETDESC", &text);
            assert!((LINE - 10..LINE).contains(&line.len()) && line.ends_with('…'), "{}", line.len());
        }
        assert!(!line("SETDESC", &"x".repeat(980)).ends_with('…'));
    }

    #[test]
    fn data_is_what_it_stands_for() {
        let decoded = |text: &str| {
            let mut data = Vec::new();
            decode(text.as_bytes(), &mut data).map(|()| String::from_utf8(data).unwrap())
        };
        assert_eq!(decoded("100%25 %C3%BC+ x").unwrap(), "100% ü+ x");
        for broken in ["%", "%2", "%zz", &"x".repeat(LINE + 1)] {
            assert!(decoded(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_a_window_shows_ends_with_what_to_do_however_much_there_is() {
        for command in ["rm -rf data".to_owned(), "% ".repeat(5000), "字".repeat(5000)] {
            let mut entry = example(&command);
            entry.about.agent = Some("claude".to_owned());
            let text = text(&entry, "Do it.");
            assert!(text.starts_with("guard: this command waits for your decision.\n"), "{text}");
            assert!(text.ends_with("Do it.") && text.contains("Asked by claude; ticket "), "{text}");
            assert!(!line("SETDESC", &text).ends_with('…'), "{text}");
        }
    }

    #[test]
    fn no_program_counts_that_others_could_have_put_there() {
        let scratch = tempfile::tempdir().unwrap();
        let program = scratch.path().join("pinentry");
        std::fs::write(&program, "").unwrap();
        assert_eq!(of_root(&program), None, "below a directory that all can write");
        assert!(of_root(Path::new("/bin/sh")).is_some());
        assert_eq!(programs(Some(&program)), [program]);
    }

    #[test]
    fn nothing_of_the_environment_names_code() {
        let all = |name: &str| match name {
            "LANG" => Some("/tmp/evil".to_owned()),
            "LC_ALL" => Some("C.UTF-8".to_owned()),
            name => Some(format!("{name}-x")),
        };
        let names: Vec<&str> = environment(&all).iter().map(|(name, _)| *name).collect();
        let wanted = "DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS LC_ALL LC_CTYPE LC_MESSAGES PATH";
        assert_eq!(names.join(" "), wanted);
    }
}
