//! `guard shims`: links by the names of shells, and what makes them an editor's, an agent's or a
//! user's shell.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::args::ShimsArgs;
use super::{output, usage};
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::front::Front;
use crate::shell;
use crate::sys::passwd;

/// The names that guard can stand in for.
pub(super) const NAMES: [&str; 3] = ["bash", "zsh", "sh"];

/// Carries out `guard shims`.
pub fn run(args: &ShimsArgs) -> Result<Exit, Error> {
    // Links are wanted most where a broken configuration keeps the shell from starting.
    let front = Front::lenient().0;
    let directory = match &args.directory {
        Some(path) => std::path::absolute(path)
            .map_err(|error| usage(format!("`{}` is no directory", path.display())).because(error))?,
        None => front.places.state.join("shims"),
    };
    let guard = own_file()?;
    fs::create_dir_all(&directory).map_err(|error| failed("made", &directory, error))?;
    let mut linked = Vec::new();
    for name in NAMES {
        let search = env::var_os("PATH");
        match shell::real_shell(OsStr::new(name), None, search.as_deref()) {
            Ok(real) => {
                link(&guard, &directory.join(name))?;
                linked.push((name, real));
            }
            // A link without a shell behind it would make programs believe in one.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let own = passwd::current().and_then(|user| Some(user.shell.file_name()?.to_owned()));
    let is_own = |name: &&str| own.as_deref() == Some(OsStr::new(name));
    let mut names = linked.iter().map(|(name, _)| *name);
    let Some(shell) = names.clone().find(is_own).or_else(|| names.next()) else {
        return Err(Error::new(ErrorKind::NotFound, "no bash, zsh or sh is there to stand in for"));
    };
    let mut text = String::new();
    for (name, real) in &linked {
        text.push_str(&format!("{} runs {}\n", directory.join(name).display(), real.display()));
    }
    text.push_str(&lines(&directory, shell));
    output::text(&text)
}

/// The file that the links lead to.
pub(super) fn own_file() -> Result<PathBuf, Error> {
    env::current_exe()
        .and_then(fs::canonicalize)
        .map_err(|error| Error::broken("guard's own file cannot be found").because(error))
}

fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    Error::broken(format!("`{}` cannot be {what}", path.display())).because(error)
}

/// Puts a link to guard at a path, in place of a link that is there; a file of another kind stays.
fn link(guard: &Path, path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_symlink() => {
            return Err(Error::broken(format!("`{}` is there and no link", path.display()))
                .hint("give `guard shims` a folder of its own"));
        }
        Ok(_) if fs::read_link(path).is_ok_and(|target| target == guard) => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("read", path, error)),
    }
    // A shell may be started by the name at any time: it must always lead somewhere.
    let fresh = path.with_extension(format!("{}", std::process::id()));
    symlink(guard, &fresh).and_then(|()| fs::rename(&fresh, path)).map_err(|error| {
        let _ = fs::remove_file(&fresh);
        failed("linked to guard", path, error)
    })
}

/// What to write where, so that the links are used.
fn lines(directory: &Path, shell: &str) -> String {
    let platform = if cfg!(target_os = "macos") { "osx" } else { "linux" };
    let path = directory.join(shell).display().to_string();
    let (folder, quoted) = (directory.display(), json(&path));
    let search = json(&format!("{folder}:${{env:PATH}}"));
    let word = shell_words::quote(&path);
    let front = shell_words::quote(&directory.display().to_string()).into_owned();
    format!(
        "
VS Code and Cursor, settings.json: their terminals, tasks and VS Code's agent
  \"terminal.integrated.profiles.{platform}\": {{
    \"guard\": {{ \"path\": {quoted} }}
  }},
  \"terminal.integrated.defaultProfile.{platform}\": \"guard\",
  \"terminal.integrated.automationProfile.{platform}\": {{
    \"path\": {quoted}
  }},
  \"terminal.integrated.env.{platform}\": {{
    \"PATH\": {search},
    \"SHELL\": {quoted}
  }},
  \"chat.tools.terminal.terminalProfile.{platform}\": {{
    \"path\": {quoted}
  }}

Cursor's agent takes $SHELL and `bash` from PATH; start Cursor with
  SHELL={word} PATH={front}:\"$PATH\" cursor .

Claude Code, ~/.claude/settings.json
  \"env\": {{
    \"SHELL\": {quoted},
    \"CLAUDE_CODE_SHELL\": {quoted}
  }}

Codex, and whoever takes the login shell: make it yours
  echo {word} | sudo tee -a /etc/shells
  chsh -s {word}

Other agents, for one start
  SHELL={word} PATH={front}:\"$PATH\" AGENT
"
    )
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
