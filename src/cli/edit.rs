//! `guard config edit`: a guard.toml is changed in the human's editor, and takes its place only where it can be read.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::{AccessFlags, Gid, Uid, access, fchown};

use super::args::EditArgs;
use super::{human, output, usage};
use crate::approve::{Console, Keyboard, Style, own};
use crate::audit::{Kind, Outcome};
use crate::config::{DEFAULT, Draft, Layers, Places};
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::{Decision, Verdict, plain};
use crate::packs;
use crate::policy::{Author, Policy};
use crate::screen::{Long, wrap};
use crate::sys::{fd, signal};

/// What opens the copy where neither variable names an editor.
const USUAL: [&str; 2] = ["vi", "nano"];
/// More changes than a line can say.
const MANY: usize = 8;

/// Carries out `guard config edit`.
pub fn run(args: EditArgs) -> Result<Exit, Error> {
    // It can be mended where it is broken.
    let (front, broken) = Front::to_show();
    let mut keyboard = human::terminal("changing guard's settings")?;
    let refused = |why| Error::refused_line(plain(&format!("guard: refused: {why}")));
    if front.proof().map_err(refused)?.is_some() {
        human::unlock(&front, &mut keyboard)?;
    }
    let places = front.all_places();
    if let (Some(_), Some(error)) = (&places.doubt, broken) {
        return Err(error);
    }
    let author = match args {
        EditArgs { system: true, .. } => Author::System,
        EditArgs { project: true, .. } => Author::Project,
        _ => Author::User,
    };
    let draft = Draft::of(&places, author).ok_or_else(|| {
        usage("there is no project's `.guard` here, nor above up to the root of its git work tree")
            .hint("make that directory, and then `guard config edit --project` its file")
    })?;
    let target = target(&draft.file)?;
    let before = draft.text()?;
    let room = Room::enter(&front.places.state)?;
    let copy = Copy { path: room.path.join(format!("guard-{}.toml", std::process::id())) };
    let text = before.clone().unwrap_or_else(|| DEFAULT.as_bytes().to_vec());
    own::write(&copy.path, &text).map_err(|error| cannot("written", &copy.path, error))?;
    let edit = Edit { front, places, draft, target, before, text, copy, _room: room };
    edit.until_right(&mut keyboard)
}

/// A change that is being made.
struct Edit {
    front: Front,
    places: Places,
    draft: Draft,
    /// What is written: where its file is a link, what that leads to.
    target: PathBuf,
    /// What stood there, if anything did.
    before: Option<Vec<u8>>,
    /// What the human was given.
    text: Vec<u8>,
    copy: Copy,
    /// Nobody else edits meanwhile.
    _room: Room,
}

/// What is in the editor.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn discard(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// An end at which what was written is not lost.
    fn keep(&self, said: &str) -> Error {
        Error::refused_line(plain(&format!("guard: {said}; what you wrote is in `{}`", self.path.display())))
    }
}

/// A text that can be read, and what it comes to.
struct Right {
    text: Vec<u8>,
    layers: Layers,
    /// `None` where something else is broken.
    policy: Option<Policy>,
    /// What is said of it.
    notes: Vec<String>,
}

impl Edit {
    fn until_right(self, keyboard: &mut Keyboard) -> Result<Exit, Error> {
        loop {
            self.open_editor()?;
            let text =
                fd::read_regular(&self.copy.path).map_err(|error| cannot("read", &self.copy.path, error))?;
            if text == self.text {
                self.copy.discard();
                return output::line(&format!("nothing was changed in {}", self.named()));
            }
            match self.check(text) {
                Ok(right) => return self.save(right),
                Err(fault) => self.ask(&fault, keyboard)?,
            }
        }
    }

    fn named(&self) -> String {
        plain(&self.draft.file.display().to_string())
    }

    /// Returns where the editor ended well.
    fn open_editor(&self) -> Result<(), Error> {
        let Err(why) = edited(&self.copy.path).inspect_err(|_| self.copy.discard())? else { return Ok(()) };
        let written = fd::read_regular(&self.copy.path).is_ok_and(|text| text != self.text);
        let said = format!("{why}, and nothing was saved");
        if written {
            return Err(self.copy.keep(&said));
        }
        self.copy.discard();
        Err(Error::refused_line(plain(&format!("guard: {said}"))))
    }

    fn check(&self, text: Vec<u8>) -> Result<Right, Error> {
        let (layers, mut broken) = self.draft.layers(&self.places, &text)?;
        let mut notes = Vec::new();
        // It is read in other projects, and a machine's by other users.
        let alone = self.draft.alone(layers.clone());
        let mut rest = "";
        if let Err(fault) = packs::policy(&alone, &self.places) {
            // What is wrong without what this file says of rules is no fault of it, nor is that a rule is not known
            // whose file cannot be read.
            match packs::policy(&self.without_rules(alone), &self.places) {
                Ok(_) if broken.is_none() => return Err(fault),
                Ok(_) => {}
                Err(other) => broken = broken.or(Some(other)),
            }
            rest = ", and so its rules were not looked at";
        }
        let policy =
            packs::policy(&layers, &self.places).map_err(|error| broken.get_or_insert(error).kind()).ok();
        if let Some(policy) = &policy {
            let file = self.draft.file.display().to_string();
            notes.extend(policy.ignored.iter().filter(|one| one.file == file).map(ToString::to_string));
        }
        notes.extend(broken.map(|error| format!("still broken{rest}: {error}")));
        Ok(Right { text, layers, policy, notes })
    }

    fn without_rules(&self, mut layers: Layers) -> Layers {
        for layer in [&mut layers.system, &mut layers.user, &mut layers.project] {
            if layer.file.as_ref() == Some(&self.draft.file) {
                layer.settings.rules.clear();
            }
        }
        layers
    }

    /// Returns where the human edits it again.
    fn ask(&self, fault: &Error, keyboard: &mut Keyboard) -> Result<(), Error> {
        let text = fs::read(&self.copy.path).unwrap_or_default();
        let fault = placed(&fault.to_string(), &self.draft.file, &String::from_utf8_lossy(&text));
        let label = Style::of(&variable).answer_label();
        let choice = "e: edit it again. q: quit, and nothing is saved.";
        let width = keyboard.size().0.clamp(40, 140) - 1;
        let lines = wrap(&plain(&format!("guard: {fault}")), "", width, Long::Whole);
        let mut page = format!("{}\n\n{choice}\n{label}", lines.join("\n"));
        loop {
            match human::answer(keyboard, &page)?.as_deref().map(str::trim) {
                Some("e" | "E") => return Ok(()),
                Some("q" | "Q") => {
                    self.copy.discard();
                    return Err(Error::refused_line(format!("guard: {} was left as it was", self.named())));
                }
                None => return Err(self.copy.keep("there was no answer, and nothing was saved")),
                Some(_) => page = format!("{choice}\n{label}"),
            }
        }
    }

    fn save(self, right: Right) -> Result<Exit, Error> {
        let Right { text, layers, policy, notes } = right;
        let changes = policy.map_or_else(Vec::new, |policy| changes(&self.front.policy, &policy));
        let now =
            self.draft.text().map_err(|error| self.copy.keep(&format!("nothing was saved: {error}")))?;
        if now != self.before {
            let said =
                format!("{} was changed by somebody else meanwhile, and nothing was saved", self.named());
            return Err(self.copy.keep(&said));
        }
        let (named, more) = (self.named(), changes.len().saturating_sub(MANY));
        let mut line = format!("guard config edit: {named}");
        for (number, change) in changes.iter().take(MANY).enumerate() {
            line.push_str(if number == 0 { ": " } else { ", " });
            line.push_str(change);
        }
        if more > 0 {
            line.push_str(&format!(" and {more} more"));
        }
        let unsaved = |error: Error| self.copy.keep(&format!("nothing was saved: {error}"));
        // On record before it holds. Where the log is what is mended, in the new one.
        let verdict = Verdict::default();
        let record = |front: &Front| front.record(Kind::Human, &line, &verdict, Outcome::Approved);
        let recorded = record(&self.front);
        let (front, places) = (self.front, self.places);
        recorded
            .or_else(|error| record(&front.saying(layers, places)).map_err(|_| error))
            .map_err(unsaved)?;
        put(&self.target, &text, self.draft.mode())
            .map_err(|error| unsaved(cannot("written", &self.target, error)))?;
        self.copy.discard();
        let mut said = format!("saved: {named}\n");
        for change in &changes {
            said.push_str(&format!("  {}\n", plain(change)));
        }
        if changes.is_empty() {
            said.push_str("no rule decides otherwise than before\n");
        }
        notes.iter().for_each(|note| said.push_str(&format!("{}\n", plain(note))));
        output::text(&said)
    }
}

/// The rules that decide otherwise: `git.push-force: confirm -> warn`.
fn changes(before: &Policy, after: &Policy) -> Vec<String> {
    let text = |(rule, old, new): &(String, Decision, Decision)| {
        format!("{rule}: {} -> {}", old.as_str(), new.as_str())
    };
    before.changes(after).iter().map(text).collect()
}

/// A fault with the line where what it names first stands, if it names none itself.
fn placed(fault: &str, file: &Path, text: &str) -> String {
    let file = file.display().to_string();
    let line = || {
        let rest = fault.strip_prefix(&file)?.strip_prefix(": ")?;
        let name = rest.split('`').nth(1)?;
        let begins = |line: &str| line.trim_start().trim_start_matches(['"', '\'']).starts_with(name);
        Some(format!("{file}:{}: {rest}", text.lines().position(begins)? + 1))
    };
    line().unwrap_or_else(|| fault.to_owned())
}

/// Where guard's copies lie, of which one is in an editor at a time.
struct Room {
    path: PathBuf,
    /// Held as long as it is open.
    _lock: File,
}

impl Room {
    fn enter(state: &Path) -> Result<Room, Error> {
        let path = state.join("edit");
        let made = own::folder(&path).and_then(|()| File::open(&path));
        let lock = made.map_err(|error| cannot("made", &path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Room { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::refused_line(
                "guard: another `guard config edit` is open; nothing was changed".to_owned(),
            )),
            Err(TryLockError::Error(error)) => Err(cannot("locked", &path, error)),
        }
    }
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Error {
    Error::broken(format!("`{}` cannot be {what}", path.display())).because(error)
}

/// What is written for a file: an error where that cannot be, so that nobody edits in vain.
fn target(file: &Path) -> Result<PathBuf, Error> {
    let target = match file.canonicalize() {
        Ok(target) => target,
        Err(_) if file.symlink_metadata().is_err() => file.to_owned(),
        Err(error) => return Err(cannot("followed", file, error)),
    };
    let there = target.ancestors().skip(1).find(|directory| directory.exists()).unwrap_or(Path::new("/"));
    access(there, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|error| {
        let error = cannot("written", &target, error.into());
        if file.starts_with("/etc") { error.hint("`sudo guard config edit --system` may") } else { error }
    })?;
    Ok(target)
}

/// Puts a text there in one piece, with owner and permissions of what it replaces.
fn put(target: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let directory = target.parent().unwrap_or(Path::new("/"));
    // As open as the file in it.
    fs::DirBuilder::new().recursive(true).mode(mode | (mode & 0o444) >> 2).create(directory)?;
    let part = directory.join(format!(".guard.toml.{}", std::process::id()));
    let _ = fs::remove_file(&part);
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(text)?;
        let mode = match target.metadata() {
            Ok(old) => {
                let new = file.metadata()?;
                if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
                    fchown(&file, Some(Uid::from_raw(old.uid())), Some(Gid::from_raw(old.gid())))?;
                }
                old.mode() & 0o7777
            }
            Err(error) if own::is_absent(&error) => mode,
            Err(error) => return Err(error),
        };
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&part, target)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// The words of the editor's command, or several to be tried.
fn editors() -> Result<Vec<Vec<String>>, Error> {
    for name in ["VISUAL", "EDITOR"] {
        let Some(line) = variable(name).filter(|line| !line.trim().is_empty()) else { continue };
        let words = shell_words::split(&line);
        let words = words.map_err(|error| Error::broken(format!("`{name}` is no command")).because(error))?;
        return Ok(vec![words]);
    }
    Ok(USUAL.map(|name| vec![name.to_owned()]).to_vec())
}

/// Has a file edited, and waits; the inner error says how the editor failed.
fn edited(file: &Path) -> Result<Result<(), String>, Error> {
    let editors = editors()?;
    for words in &editors {
        let Some((program, args)) = words.split_first() else { continue };
        return match started(Command::new(program).args(args).arg(file)) {
            Ok(status) if status.success() => Ok(Ok(())),
            Ok(status) => Ok(Err(format!("the editor `{program}` failed ({status})"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && editors.len() > 1 => continue,
            Err(error) => Ok(Err(format!("the editor `{program}` cannot be started ({error})"))),
        };
    }
    Err(Error::new(ErrorKind::NotFound, "no editor was found").hint("set EDITOR to yours"))
}

/// Runs it on guard's own terminal, which is as before when it ends.
fn started(command: &mut Command) -> io::Result<ExitStatus> {
    let modes = tcgetattr(io::stdin());
    let mut editor = command.spawn()?;
    // Keys that interrupt are the editor's.
    let keys = [libc::SIGINT, libc::SIGQUIT];
    keys.into_iter().for_each(signal::ignore);
    let ended = editor.wait();
    keys.into_iter().for_each(signal::heed);
    if let Ok(modes) = modes {
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &modes);
    }
    ended
}
