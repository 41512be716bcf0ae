//! The settings and rule packs of each layer, read as they stand; merging them is the policy's.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::settings::{
    ApproveSettings, Dialog, LogSettings, Mode, Pty, RunSettings, Settings, ShellSettings, Supervise,
};
use super::{Content, Places};
use crate::decide::Observing;
use crate::error::Error;
use crate::policy::Weekly;
use crate::rules::in_words;
use crate::sys::{fd, process};

/// The text of `guard config --default`: every setting, in comments.
pub const DEFAULT: &str = include_str!("default.toml");

/// One layer's settings and rule packs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// Its `guard.toml`, if it has one.
    pub file: Option<PathBuf>,
    /// What that says.
    pub settings: Settings,
    /// Its `rules.d/*.toml`, sorted by name.
    pub packs: Vec<PathBuf>,
    /// A human trusts just this of a project: what is read again does not count.
    pub trusted: Option<Content>,
}

/// All layers but the built-in one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layers {
    /// `/etc/guard`
    pub system: Layer,
    /// The user's.
    pub user: Layer,
    /// The project's.
    pub project: Layer,
}

impl Layers {
    /// The configured shell; the user's choice comes before the machine's.
    pub fn shell(&self) -> Option<&Path> {
        let user = self.user.settings.shell.path.as_deref();
        user.or(self.system.settings.shell.path.as_deref())
    }

    /// What runs on a terminal of guard's own.
    pub fn pty(&self) -> Pty {
        let user = self.user.settings.run.pty;
        user.or(self.system.settings.run.pty).unwrap_or_default()
    }

    /// What is supervised; the user's choice comes before the machine's.
    pub fn supervise(&self) -> Supervise {
        let user = self.user.settings.run.supervise;
        user.or(self.system.settings.run.supervise).unwrap_or_default()
    }

    /// The choice to stop nothing. Of the machine's file and the user's the stricter counts.
    pub fn observing(&self) -> Option<Observing> {
        let own = [&self.system, &self.user].into_iter();
        let modes: Vec<Mode> = own.filter_map(|layer| layer.settings.run.mode).collect();
        let chosen = modes.contains(&Mode::Observe) && !modes.contains(&Mode::Enforce);
        chosen.then(Observing::chosen)
    }

    /// How long a question at the terminal waits; `None` where nothing is to be asked there. The
    /// shortest time counts.
    pub fn prompt_timeout(&self) -> Option<Duration> {
        const USUAL: u64 = 120;
        let seconds = self.least(|approve| approve.prompt_timeout).unwrap_or(USUAL);
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }

    /// How long what is held waits for somebody who watches. The shortest time counts.
    pub fn approve_wait(&self) -> Duration {
        const USUAL: u64 = 8;
        Duration::from_secs(self.least(|approve| approve.wait).unwrap_or(USUAL))
    }

    /// How many seconds an approval of a ticket holds. The shortest time counts.
    pub fn approve_ttl(&self) -> u64 {
        const USUAL: u64 = 15 * 60;
        self.least(|approve| approve.ttl).unwrap_or(USUAL)
    }

    /// The shell command that is told of what waits: the user's, or else the machine's.
    pub fn notify(&self) -> Option<&str> {
        let own = [&self.user, &self.system].into_iter();
        own.filter_map(|layer| layer.settings.approve.notify.as_deref())
            .find(|command| !command.trim().is_empty())
    }

    /// The program that asks in a dialog, where one is named: by the user, or else for the machine. Where either
    /// wants no dialogs, there is `None`.
    pub fn dialog(&self) -> Option<Option<&Path>> {
        let own =
            || [&self.user, &self.system].into_iter().filter_map(|own| own.settings.approve.dialog.as_ref());
        let is_off = own().any(|dialog| *dialog == Dialog::Switch(false));
        let mut named = own().filter_map(|dialog| match dialog {
            Dialog::Program(program) => Some(program.as_path()),
            Dialog::Switch(_) => None,
        });
        (!is_off).then(|| named.next())
    }

    /// The least that the machine's file and the user's say.
    fn least(&self, of: impl Fn(&ApproveSettings) -> Option<u64>) -> Option<u64> {
        [&self.system, &self.user].into_iter().filter_map(|layer| of(&layer.settings.approve)).min()
    }

    /// What is protected, as written: where nothing is written, and where nothing is deleted. What any layer
    /// names counts.
    pub fn protect(&self) -> (Vec<String>, Vec<String>) {
        let all =
            || [&self.system, &self.user, &self.project].map(|layer| &layer.settings.protect).into_iter();
        let read_only = all().flat_map(|protect| protect.read_only.iter().cloned());
        let no_delete = all().flat_map(|protect| protect.no_delete.iter().cloned());
        (read_only.collect(), no_delete.collect())
    }

    /// What is frozen again and again, by any layer.
    pub fn freezes(&self) -> Vec<Weekly> {
        let files = [&self.system, &self.user, &self.project].into_iter();
        let files = files.filter_map(|layer| Some((layer.file.as_deref()?, &layer.settings.freeze)));
        files.flat_map(|(file, freezes)| freezes.iter().map(|freeze| freeze.weekly(file))).collect()
    }

    /// Whether the kernel is to hold what is protected, too.
    pub fn landlock(&self) -> bool {
        [&self.system, &self.user].iter().any(|layer| layer.settings.protect.landlock == Some(true))
    }

    /// The file that says where the log is, and what it says.
    pub fn log_setting(&self) -> Option<(&Path, &Path)> {
        let own = [&self.system, &self.user].into_iter();
        own.filter_map(|layer| layer.file.as_deref().zip(layer.settings.log.path.as_deref())).next()
    }
}

/// Reads every layer.
pub fn load(places: &Places) -> Result<Layers, Error> {
    if let Some(doubt) = &places.doubt {
        return Err(Error::broken(doubt.clone()).hint("look at what changed it; `guard setup` notes it anew"));
    }
    Ok(Layers {
        project: project(places)?,
        system: layer(&places.system, Owner::Trusted)?,
        user: layer(&places.config, Owner::Trusted)?,
    })
}

/// The layers that can be read, to be shown.
pub fn readable(places: &Places) -> Layers {
    Layers {
        project: project(places).unwrap_or_default(),
        system: layer(&places.system, Owner::Trusted).unwrap_or_default(),
        user: layer(&places.config, Owner::Trusted).unwrap_or_default(),
    }
}

pub(super) fn project(places: &Places) -> Result<Layer, Error> {
    let Some(directory) = &places.project else { return Ok(Layer::default()) };
    confined(layer(directory, Owner::Anyone)?)
}

/// A project's layer as a human trusts it.
pub fn trusted(content: Content) -> Result<Layer, Error> {
    let (file, settings) = match &content.settings {
        Some((file, text)) => (Some(file.clone()), parse(text, file)?),
        None => (None, Settings::default()),
    };
    let packs = content.packs.iter().map(|(path, _)| path.clone()).collect();
    confined(Layer { file, settings, packs, trusted: Some(content) })
}

/// A project's layer, where it says nothing that no project's may.
pub(super) fn confined(project: Layer) -> Result<Layer, Error> {
    let Some(file) = &project.file else { return Ok(project) };
    let Settings { shell, run, log, approve, protect, .. } = &project.settings;
    let misplaced = [
        ("[shell]", *shell != ShellSettings::default()),
        ("[run]", *run != RunSettings::default()),
        ("[log]", *log != LogSettings::default()),
        ("[approve]", *approve != ApproveSettings::default()),
        ("[protect] landlock", protect.landlock.is_some()),
    ];
    let Some((setting, _)) = misplaced.iter().find(|(_, is_set)| *is_set) else { return Ok(project) };
    let what = format!("{}: `{setting}` has no place in a project's file", file.display());
    Err(Error::broken(what).hint("set it in your own guard.toml"))
}

/// Who may have written a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Root or the user, and nobody else can.
    Trusted,
    /// Anyone: the layer can only tighten.
    Anyone,
}

pub(super) fn layer(directory: &Path, owner: Owner) -> Result<Layer, Error> {
    let mut layer = Layer::default();
    match fs::metadata(directory) {
        Ok(_) => {}
        Err(e) if absent(&e) => return Ok(layer),
        Err(e) => return Err(unreadable(directory, e)),
    }
    let file = directory.join("guard.toml");
    if let Some(text) = read(&file, owner)? {
        layer.settings = parse(&text, &file)?;
        layer.file = Some(file);
    }
    layer.packs = packs(&directory.join("rules.d"), owner)?;
    Ok(layer)
}

pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::broken(format!("`{}` cannot be read", path.display())).because(error)
}

/// The text of a file that anyone may have written; `None` where there is none.
pub(super) fn read_any(file: &Path) -> Result<Option<String>, Error> {
    read(file, Owner::Anyone)
}

/// A project's rule files, sorted by name.
pub(super) fn packs_of(project: &Path) -> Result<Vec<PathBuf>, Error> {
    packs(&project.join("rules.d"), Owner::Anyone)
}

fn read(file: &Path, owner: Owner) -> Result<Option<String>, Error> {
    let text = bytes(file, owner)?.map(String::from_utf8).transpose();
    text.map_err(|e| unreadable(file, io::Error::other(e)))
}

pub(super) fn bytes(file: &Path, owner: Owner) -> Result<Option<Vec<u8>>, Error> {
    let metadata = match fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(e) if absent(&e) => return Ok(None),
        Err(e) => return Err(unreadable(file, e)),
    };
    check(file, &metadata, owner)?;
    fd::read_regular(file).map(Some).map_err(|e| unreadable(file, e))
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Refuses what another user wrote, or may write.
fn check(path: &Path, metadata: &Metadata, owner: Owner) -> Result<(), Error> {
    if owner == Owner::Anyone {
        return Ok(());
    }
    if metadata.mode() & 0o002 != 0 {
        let what = format!("`{}` may be written by every user", path.display());
        return Err(Error::broken(what).hint(format!("run `chmod o-w {}`", path.display())));
    }
    if metadata.uid() != 0 && metadata.uid() != process::user_id() {
        let what = format!("`{}` belongs to another user", path.display());
        return Err(Error::broken(what));
    }
    Ok(())
}

pub(super) fn parse(text: &str, file: &Path) -> Result<Settings, Error> {
    toml::from_str(text).map_err(|error| {
        let place = match error.span() {
            Some(span) => {
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                format!("{}:{line}", file.display())
            }
            None => file.display().to_string(),
        };
        let key = error.span().and_then(|span| key_at(text, span.start));
        let key = key.map(|key| format!("`{key}`: ")).unwrap_or_default();
        Error::broken(format!("{place}: {key}{}", in_words(error.message())))
            .hint("`guard config --default` shows every key")
    })
}

/// The key of the line in which an offset lies, with its table: `log.path`.
fn key_at(text: &str, at: usize) -> Option<String> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let (key, _) = text[start..].lines().next()?.split_once('=')?;
    let header = |line: &str| {
        let name = line.trim().strip_prefix('[')?.trim_start_matches('[');
        Some(name.split(']').next()?.trim().to_owned())
    };
    let table = text[..start].lines().rev().find_map(header);
    let key = key.trim().trim_matches('"');
    Some(table.map_or_else(|| key.to_owned(), |table| format!("{table}.{key}")))
}

pub(super) fn packs(directory: &Path, owner: Owner) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if absent(&e) => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(directory, e)),
    };
    let metadata = fs::metadata(directory).map_err(|e| unreadable(directory, e))?;
    check(directory, &metadata, owner)?;
    let mut packs = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| unreadable(directory, e))?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if hidden || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let metadata = fs::metadata(&path).map_err(|e| unreadable(&path, e))?;
        check(&path, &metadata, owner)?;
        packs.push(path);
    }
    packs.sort();
    Ok(packs)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn places(root: &Path) -> Places {
        Places {
            config: root.join("user"),
            state: root.join("state"),
            passing: vec![root.join("state")],
            system: root.join("etc"),
            note: None,
            is_noted: false,
            doubt: None,
            project: Some(root.join("project")),
        }
    }

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_default_text_is_the_default() {
        assert_eq!(parse(DEFAULT, Path::new("x")).unwrap(), Settings::default());
        let uncommented: String = DEFAULT
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = \"") || rest.starts_with("[[") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let settings = parse(&uncommented, Path::new("x")).unwrap();
        assert!(settings.shell.path.is_some() && settings.log.path.is_some());
        assert_eq!(settings.rules.len(), 1);
    }

    /// The words that the loader names where it meets one that it does not know.
    fn known(text: &str) -> Vec<String> {
        let error = toml::from_str::<Settings>(text).unwrap_err().to_string();
        let line = error.lines().find(|line| line.contains("expected")).unwrap().to_owned();
        line.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_default_text_names_every_key() {
        for table in known("there-is-no-such-key = 1").iter().filter(|table| *table != "rules") {
            let (header, before) = match table.as_str() {
                "freeze" => ("[[freeze]]".to_owned(), "# "),
                table => (format!("[{table}]"), ""),
            };
            let (_, part) = DEFAULT.split_once(&format!("\n{before}{header}\n")).expect("every table");
            let part = part.split("\n[").next().unwrap();
            for key in known(&format!("{header}\nthere-is-no-such-key = 1")) {
                assert!(part.contains(&format!("\n# {key} = ")), "`{key}` of `[{table}]`");
            }
        }
    }

    #[test]
    fn nothing_there_is_fine() {
        let scratch = tempfile::tempdir().unwrap();
        assert_eq!(load(&places(scratch.path())).unwrap(), Layers::default());
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let scratch = tempfile::tempdir().unwrap();
        for (text, wanted) in [
            ("[rules]\n\n[shel]\n", "guard.toml:3: unknown field `shel`"),
            (
                "[shell]\npath = 3\n",
                "guard.toml:2: `shell.path`: the number `3` stands where a text in quotes must",
            ),
            (
                "[shell]\npath = \"bash\"\n",
                "guard.toml:2: `shell.path`: the path `bash` would lead elsewhere",
            ),
            ("[log]\npath = \"~/log\"\n", "guard.toml:2: `log.path`: the path `~/log` would lead elsewhere"),
            (
                "[approve]\nprompt_timeout = \"soon\"\n",
                "guard.toml:2: `approve.prompt_timeout`: the text \"soon\" stands where a whole number from 0 on must",
            ),
            (
                "[protect]\nno_delete = [\"~/.ssh\", \"backups\"]\n",
                "guard.toml:2: `protect.no_delete`: the path `backups` would lead elsewhere",
            ),
            ("[protect]\nreadonly = []\n", "guard.toml:2: `protect.readonly`: unknown field `readonly`"),
            (
                "[[freeze]]\ndays = [\"fri\"]\n[[freeze]]\nfrom = \"4pm\"\n",
                "guard.toml:4: `freeze.from`: `4pm` is no time of the day",
            ),
            ("[[freeze]]\ndays = [\"fry\"]\n", "guard.toml:2: `freeze.days`: unknown variant `fry`"),
            (
                "[[freeze]]\nscope = [\"local\"]\n",
                "guard.toml:2: `freeze.scope`: `local` is nothing that can be",
            ),
            (
                "[[freeze]]\ntimezone = \"Atlantis\"\n",
                "guard.toml:2: `freeze.timezone`: no time zone `Atlantis`",
            ),
            ("[freeze]\ndays = []\n", "guard.toml:1: "),
            ("run = 1\n", "guard.toml:1: `run`: the number `1` stands where a table must"),
            ("[log]\npth = \"/x\"\n", "guard.toml:2: `log.pth`: unknown field `pth`"),
            ("[shell\n", "guard.toml:1: "),
        ] {
            write(scratch.path(), "user/guard.toml", text);
            let error = load(&places(scratch.path())).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn a_project_sets_neither_shell_nor_log() {
        let scratch = tempfile::tempdir().unwrap();
        write(scratch.path(), "project/guard.toml", "[shell]\npath = \"/bin/evil\"\n");
        let error = load(&places(scratch.path())).unwrap_err().to_string();
        assert!(error.contains("`[shell]` has no place"), "{error}");
    }

    #[test]
    fn who_asks_in_a_dialog_is_the_users_or_the_machines_choice() {
        let scratch = tempfile::tempdir().unwrap();
        let dialog = |etc: &str, user: &str| {
            write(scratch.path(), "etc/guard.toml", &format!("[approve]\n{etc}\n"));
            write(scratch.path(), "user/guard.toml", &format!("[approve]\n{user}\n"));
            load(&places(scratch.path())).map(|all| all.dialog().map(|named| named.map(Path::to_owned)))
        };
        let program = |path: &str| Some(Some(PathBuf::from(path)));
        assert_eq!(dialog("", "").unwrap(), Some(None));
        assert_eq!(dialog("dialog = '/a'", "dialog = '/b'").unwrap(), program("/b"));
        assert_eq!(dialog("dialog = '/a'", "dialog = true").unwrap(), program("/a"));
        assert_eq!(dialog("dialog = false", "dialog = '/b'").unwrap(), None);
        assert_eq!(dialog("dialog = '/a'", "dialog = false").unwrap(), None);
        for wrong in ["dialog = 'pinentry'", "dialog = 1"] {
            let error = dialog("", wrong).unwrap_err().to_string();
            assert!(error.contains("the whole path of a program"), "{error}");
        }
        write(scratch.path(), "user/guard.toml", "");
        write(scratch.path(), "project/guard.toml", "[approve]\ndialog = false\n");
        assert!(load(&places(scratch.path())).unwrap_err().to_string().contains("`[approve]` has no place"));
    }

    #[test]
    fn what_any_layer_protects_counts_and_a_project_leaves_the_kernel_alone() {
        let scratch = tempfile::tempdir().unwrap();
        for (layer, path) in [("etc", "/a"), ("user", "~/b"), ("project", "/c")] {
            write(
                scratch.path(),
                &format!("{layer}/guard.toml"),
                &format!("[protect]\nno_delete = [\"{path}\"]\n"),
            );
        }
        let layers = load(&places(scratch.path())).unwrap();
        assert_eq!(layers.protect(), (vec![], ["/a", "~/b", "/c"].map(str::to_owned).to_vec()));
        assert!(!layers.landlock());
        write(scratch.path(), "project/guard.toml", "[protect]\nlandlock = true\n");
        let error = load(&places(scratch.path())).unwrap_err().to_string();
        assert!(error.contains("`[protect] landlock` has no place"), "{error}");
    }

    #[test]
    fn only_the_machine_and_the_user_choose_to_observe_and_the_stricter_counts() {
        let scratch = tempfile::tempdir().unwrap();
        let observes = "[run]\nmode = \"observe\"\n";
        let enforces = "[run]\nmode = \"enforce\"\n";
        for (system, user, wanted) in [
            ("", "", false),
            ("", observes, true),
            (observes, "", true),
            (enforces, observes, false),
            (observes, enforces, false),
        ] {
            write(scratch.path(), "etc/guard.toml", system);
            write(scratch.path(), "user/guard.toml", user);
            let layers = load(&places(scratch.path())).unwrap();
            assert_eq!(layers.observing().is_some(), wanted, "{system:?} {user:?}");
        }
        write(scratch.path(), "project/guard.toml", observes);
        let error = load(&places(scratch.path())).unwrap_err().to_string();
        assert!(error.contains("`[run]` has no place"), "{error}");
    }

    #[test]
    fn what_others_may_write_does_not_count() {
        let scratch = tempfile::tempdir().unwrap();
        write(scratch.path(), "user/guard.toml", "");
        let file = scratch.path().join("user/guard.toml");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o646)).unwrap();
        let error = load(&places(scratch.path())).unwrap_err().to_string();
        assert!(error.contains("written by every user"), "{error}");
    }

    #[test]
    fn packs_come_sorted_and_only_toml() {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["b.toml", "a.toml", "a.toml~", ".#a.toml", "README"] {
            write(scratch.path(), &format!("user/rules.d/{name}"), "");
        }
        let layers = load(&places(scratch.path())).unwrap();
        let names: Vec<_> = layers.user.packs.iter().map(|p| p.file_name().unwrap()).collect();
        assert_eq!(names, ["a.toml", "b.toml"]);
    }
}
