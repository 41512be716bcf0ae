//! The shells, guard's links, its settings and its log.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};

use super::Row;
use crate::approve::key::{PublicKey, Standing};
use crate::approve::off::Switch;
use crate::audit::{Log, verify};
use crate::cli::shims::{NAMES, own_file};
use crate::cli::{human, render};
use crate::config::Places;
use crate::error::Error;
use crate::front::{Front, Mode};
use crate::model::{Freeze, FrozenBy};
use crate::shell;

/// All rows.
pub fn rows(front: &Front, broken: Option<&Error>) -> Vec<Row> {
    let mut rows = vec![shells(front), links(&front.places.state.join("shims")), path()];
    rows.push(settings(front, broken));
    rows.extend(mode(front));
    rows.push(approvals(front));
    rows.extend(place(front));
    rows.extend(front.frozen().iter().map(frozen));
    rows.extend(log(front.log()));
    rows
}

/// The real shell of a name.
fn real(name: &str, configured: Option<&Path>) -> Result<PathBuf, Error> {
    shell::real_shell(OsStr::new(name), configured, env::var_os("PATH").as_deref())
}

/// Whether a human's yes can come from elsewhere, and who could forge it.
fn approvals(front: &Front) -> Row {
    const LAYER: &str = "approvals";
    const HELD: &str = "what is held in an agent's shell is refused, and nobody can let it run once";
    let places = front.keys();
    match PublicKey::in_force(&places) {
        Ok(None) => Row::open(LAYER, "there is no key to approve with", HELD)
            .remedy("run `guard setup` in a terminal of your own"),
        Err(error) => Row::broken(LAYER, format!("the public key does not count: {error}"), HELD)
            .remedy("look at who changed it; `guard setup --new` makes new keys"),
        Ok(Some((_, Standing::System))) => {
            Row::ok(LAYER, format!("what checks them is root's: {}", places.system.display()))
        }
        Ok(Some((_, Standing::User))) => Row::open(
            LAYER,
            format!("what checks them is yours: {}", places.user.display()),
            "an agent's file tools run as you: they could put another public key there, or bring a used approval back",
        )
        .remedy(human::install(&places)),
    }
}

/// Whether the environment moves guard's own files.
fn place(front: &Front) -> Option<Row> {
    const LAYER: &str = "places";
    let Places { config, state, note, is_noted, doubt, .. } = &front.places;
    note.as_ref()?;
    let found = format!("`{}`, `{}`", config.display(), state.display());
    Some(match (doubt, is_noted) {
        (Some(doubt), _) => Row::broken(LAYER, doubt, "nothing that an agent or a script runs passes")
            .remedy("look at what changed it; `guard setup` notes it anew"),
        (None, true) => Row::ok(LAYER, format!("{found}, whatever the environment says")),
        (None, false) => Row::open(
            LAYER,
            format!("{found}, as the environment says"),
            "where it is changed (HOME, XDG_CONFIG_HOME, GUARD_CONFIG_DIR …), other settings hold",
        )
        .remedy(
            "run `guard setup` in a terminal of your own, with HOME as /etc/passwd has it and without \
             GUARD_CONFIG_DIR and GUARD_STATE_DIR",
        ),
    })
}

fn shells(front: &Front) -> Row {
    let named =
        NAMES.iter().filter_map(|name| Some(format!("`{name}` {}", real(name, None).ok()?.display())));
    match real("guard", front.layers.shell()) {
        Ok(path) => {
            let all = [format!("`guard` runs {}", path.display())].into_iter().chain(named);
            Row::ok("shell", all.collect::<Vec<_>>().join(", "))
        }
        Err(error) => Row::broken("shell", error.to_string(), "`guard -c` runs nothing"),
    }
}

/// Where a link of guard's leads.
enum Link {
    Own,
    OtherGuard(PathBuf),
    Elsewhere(String),
    Absent,
}

fn link(path: &Path) -> Link {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(_) if fs::symlink_metadata(path).is_err() => return Link::Absent,
        Err(error) => return Link::Elsewhere(format!("leads nowhere: {error}")),
    };
    if own_file().is_ok_and(|own| own == target) {
        return Link::Own;
    }
    match shell::is_guard(&target) {
        true => Link::OtherGuard(target),
        false => Link::Elsewhere(format!("leads to `{}`", target.display())),
    }
}

fn links(folder: &Path) -> Row {
    const MAKE: &str = "run `guard shims`, which makes them and prints where to name them";
    let shown = folder.display();
    let (mut absent, mut other, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let names: Vec<&str> = NAMES.into_iter().filter(|name| real(name, None).is_ok()).collect();
    for name in &names {
        match link(&folder.join(name)) {
            Link::Own => {}
            Link::OtherGuard(target) => other.push(format!("`{name}` leads to `{}`", target.display())),
            Link::Elsewhere(how) => wrong.push(format!("`{name}` {how}")),
            Link::Absent => absent.push(format!("`{name}`")),
        }
    }
    if !wrong.is_empty() {
        let found = format!("in `{shown}` {}", wrong.join(", "));
        return Row::broken("links", found, "who starts a shell by such a link starts no guard").remedy(MAKE);
    }
    if absent.len() == names.len() {
        let found = format!("none in `{shown}`");
        return Row::open("links", found, "who looks for `bash`, `zsh` or `sh` gets the real one")
            .remedy(MAKE);
    }
    if !absent.is_empty() {
        let found = format!("{} is missing in `{shown}`", absent.join(", "));
        return Row::open("links", found, "who looks for it gets the real one").remedy(MAKE);
    }
    if !other.is_empty() {
        let found = format!("in `{shown}` {}, another guard than this one", other.join(", "));
        return Row::open("links", found, "what that one does is not told here").remedy(MAKE);
    }
    Row::ok("links", format!("`{shown}` leads to this guard"))
}

/// What is found by the shells' names on PATH.
fn path() -> Row {
    let search = env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = search
        .as_bytes()
        .split(|byte| *byte == b':')
        .filter(|directory| directory.starts_with(b"/"))
        .map(|directory| PathBuf::from(OsStr::from_bytes(directory)))
        .collect();
    let first = |name: &&str| {
        let found = directories.iter().map(|directory| directory.join(name)).find(|path| is_program(path))?;
        (!shell::is_guard(&found)).then_some(format!("`{name}` is `{}`", found.display()))
    };
    let real: Vec<String> = NAMES.iter().filter_map(first).collect();
    if real.is_empty() {
        return Row::ok("path", "shells that are looked for on PATH are guard");
    }
    let behind = directories.iter().any(|directory| {
        NAMES.iter().any(|name| shell::is_guard(&directory.join(name)) && is_program(&directory.join(name)))
    });
    let where_to = match behind {
        true => "guard's links stand behind the real shells on PATH",
        false => "guard's links are not on PATH",
    };
    Row::open(
        "path",
        format!("{where_to}: {}", real.join(", ")),
        "what an agent started from here looks up by these names is run by nobody's judgement, unless a guard above \
         judges each program that is executed",
    )
    .remedy("put the folder of the links in front of PATH where the agent is started: `guard shims` prints how")
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0)
}

fn settings(front: &Front, broken: Option<&Error>) -> Row {
    if let Some(error) = broken {
        let leaves = "nothing that an agent or a script runs passes (exit code 125), and your own shell goes by what \
            can be read of the rest";
        return Row::broken("settings", error.to_string(), leaves).remedy("correct it where it says");
    }
    let layers = &front.layers;
    let whose = |file: &Path| match fs::metadata(file) {
        Ok(found) if found.uid() == 0 => "root's",
        Ok(found) if found.uid() == crate::sys::process::user_id() => "yours",
        _ => "another user's",
    };
    let own = [&layers.system, &layers.user].into_iter().filter_map(|layer| layer.file.as_deref());
    let mut files: Vec<String> = own.map(|file| format!("`{}` ({})", file.display(), whose(file))).collect();
    let project = layers.project.file.iter();
    files.extend(project.map(|file| format!("`{}` (a project's, which only tightens)", file.display())));
    let rules = front.policy.rules.rules().count();
    match files.is_empty() {
        true => Row::ok("settings", format!("no file; the built-in ones hold, and {rules} rules")),
        false => Row::ok("settings", format!("{}; {rules} rules", files.join(", "))),
    }
}

fn mode(front: &Front) -> Vec<Row> {
    let mut rows = vec![match front.mode() {
        Mode::Enforce => Row::ok("mode", "enforce"),
        Mode::Observe(_) => Row::open(
            "mode",
            "observe",
            "everything runs; `guard log --would-hold` shows what would have been stopped",
        )
        .remedy("take `mode = \"observe\"` out of guard.toml"),
        Mode::Off(leave) => {
            Row::open("mode", render::is_off(&leave), "what would be held runs without a question")
                .remedy("`guard on`")
        }
    }];
    if let Switch::Doubtful(why) = front.switch() {
        rows.push(Row::ok("mode", render::is_doubtful(&why)));
    }
    rows
}

fn frozen(freeze: &Freeze) -> Row {
    let told = render::frozen(freeze);
    match &freeze.by {
        FrozenBy::Doubt(_) => {
            Row::broken("freeze", told, "whatever changes more than this machine is refused")
                .remedy("look at that file, then `guard thaw`")
        }
        _ => Row::ok("freeze", told),
    }
}

fn log(log: &Log) -> Vec<Row> {
    const UNRECORDED: &str = "what is plainly allowed runs unrecorded, anything else is refused";
    let path = log.path();
    let shown = path.display();
    if log.is_nowhere() {
        return vec![
            Row::broken("log", format!("the directory of `{shown}` is not there"), UNRECORDED)
                .remedy("make the directory, or name another place as `log.path` in guard.toml"),
        ];
    }
    let writable = match is_writable(path) {
        Ok(()) => Row::ok("log", format!("`{shown}`")),
        Err(error) => Row::broken("log", format!("`{shown}` cannot be written: {error}"), UNRECORDED).remedy(
            "give yourself the right to write there, or name another place as `log.path` in guard.toml",
        ),
    };
    let mut rows = vec![writable];
    let head = log.head();
    if path.exists() && (!head.exists() || is_writable(&head).is_err()) {
        let found = format!("its head `{}` is not there, or cannot be written", head.display());
        rows.push(Row::open("log", found, "an end of the log that is cut off is not noticed"));
    }
    rows.push(chain(log));
    rows
}

/// Whether a file can be written, or made where there is none; makes nothing.
fn is_writable(path: &Path) -> io::Result<()> {
    match File::options().append(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above = path.ancestors().skip(1).find(|above| above.exists()).unwrap_or(Path::new("/"));
            let rights = AccessFlags::W_OK | AccessFlags::X_OK;
            faccessat(AT_FDCWD, above, rights, AtFlags::AT_EACCESS).map_err(io::Error::from)
        }
        opened => opened.map(drop),
    }
}

fn chain(log: &Log) -> Row {
    /// What is longer takes its time to read.
    const LONGEST: u64 = 64 << 20;
    const MEGABYTE: u64 = 1 << 20;
    let length = log.length();
    if length > LONGEST {
        let found = format!("{} MiB long, and so not read to its end here", length / MEGABYTE);
        return Row::open("chain", found, "whether a line was changed").remedy("`guard log verify` reads it");
    }
    match verify(log) {
        Ok(report) => match report.fault {
            None => Row::ok("chain", format!("whole, {} records", report.records)),
            Some((line, what)) => Row::broken(
                "chain",
                format!("{}:{line}: {what}", log.path().display()),
                "what the log says from there on may not be what happened",
            )
            .remedy("look at that line, keep a copy, then move the log and its head away: a new one begins"),
        },
        Err(error) => {
            let found = format!("`{}` cannot be read: {error}", log.path().display());
            Row::broken("chain", found, "nobody can tell whether a line was changed")
        }
    }
}
