//! What a script would do: one effective thing each.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::{Evidence, Match, Request, Span, Statement, Text, base_name};

/// One effective thing that the script would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What it does.
    pub effect: Effect,
    /// The command that does it, in the outermost source.
    pub span: Span,
    /// Where it stands in the script file that the outermost source runs, where it does.
    pub inside: Option<Inside>,
    /// What was peeled off to get here, outermost first: `sudo`, `bash -c`, `ssh host`.
    pub via: Rc<Vec<Via>>,
    /// Where it happens.
    pub place: Place,
    /// The variables that the script exported to a call, with their values.
    pub exported: Exported,
    /// The directory it happens in; absolute where it is known.
    pub directory: Rc<Text>,
    /// `Yes` where the source shows that the command stands there; `Maybe` where that itself is
    /// a guess (found in source that could not be proved, or in text that may be code).
    pub certainty: Match,
    /// It stands in code that people have read. What is only *maybe* destructive in it is no finding.
    pub committed: Committed,
    /// Where nothing stands when it happens, as the script's own tests have it; absolute paths.
    pub absent: Vec<String>,
    /// Uncommitted changes that the script kept before: nothing is lost with them.
    pub kept: Vec<Kept>,
    /// The script put files into git's index, or made the repository, before: what git did not
    /// track may be tracked now.
    pub staged: bool,
    /// Nobody needs what it drops: a database for tests, a stash that the script applied before.
    pub scratch: bool,
    /// What the walk saw of it that a person would want to know: where a credential comes from, the
    /// database that a program is configured for.
    pub evidence: Vec<Evidence>,
    /// Directories whose repositories the script cloned or made before; absolute paths.
    pub fresh: Vec<String>,
    /// What is not known of it yet, the exec of the program that does it will show, and that exec
    /// is judged ([`Facts::judges_execs`](super::Facts::judges_execs)): what only *may* match is
    /// left to it.
    pub settled: bool,
}

/// Whether people have read the code around a command. Git is asked about a file only where that matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// As good as read.
    pub surely: bool,
    /// Where one of these is a file that git keeps and that is unchanged; absolute paths.
    pub files: Rc<Vec<String>>,
}

impl Committed {
    /// Without a look at any file.
    pub fn surely() -> Committed {
        Committed { surely: true, ..Committed::default() }
    }

    /// The same within a file.
    pub fn within(&mut self, file: Option<String>) {
        if let Some(file) = file.filter(|_| !self.surely) {
            Rc::make_mut(&mut self.files).push(file);
        }
    }
}

/// Variables with their values.
pub type Exported = Rc<Vec<(String, Text)>>;

impl Action {
    /// The value that the script gave a variable of a call's environment, if it gave it one.
    pub fn set(&self, name: &str) -> Option<&Text> {
        let Effect::Call(call) = &self.effect else {
            return None;
        };
        let own = call.env.iter().rev().chain(self.exported.iter());
        own.into_iter().find(|(variable, _)| variable == name).map(|(_, value)| value)
    }
}

/// Where something stands in a script file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The file.
    pub file: Arc<ScriptFile>,
    /// The command, in the file's text.
    pub span: Span,
}

impl Inside {
    /// At no place yet in a file whose text is known.
    pub fn file(path: &Text, text: &Text) -> Option<Inside> {
        let text = text.as_known()?.to_owned();
        let file = Arc::new(ScriptFile { name: path.display(), text });
        Some(Inside { file, span: Span::default() })
    }

    /// The lines of a file's text that all of `words` stand on, if just one does.
    pub fn only_line(file: &Arc<ScriptFile>, words: &[&str]) -> Option<Inside> {
        let mut lines = file.lines().filter(|span| {
            let line = span.slice(&file.text);
            words.iter().all(|word| line.contains(word))
        });
        let span = lines.next().filter(|_| lines.next().is_none())?;
        Some(Inside { file: Arc::clone(file), span })
    }

    /// The same, up to where another place of the same file ends.
    pub fn cover(self, other: Inside) -> Inside {
        match Arc::ptr_eq(&self.file, &other.file) {
            true => Inside { span: self.span.cover(other.span), ..self },
            false => self,
        }
    }

    /// Whether it is known where in the file it stands.
    pub fn is_located(&self) -> bool {
        !self.span.slice(&self.file.text).trim().is_empty()
    }

    /// The number of the line where it begins.
    pub fn line(&self) -> usize {
        let before = self.file.text.get(..self.span.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }
}

/// A script file that another source runs.
#[derive(Clone, PartialEq, Eq)]
pub struct ScriptFile {
    /// As it was named.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

impl ScriptFile {
    /// Its lines, without what stands around the text on each.
    pub fn lines(&self) -> impl Iterator<Item = Span> {
        let mut start = 0;
        self.text.split_inclusive('\n').map(move |line| {
            let from = start + line.len() - line.trim_start().len();
            start += line.len();
            Span::new(from, from + line.trim().len())
        })
    }
}

impl fmt::Debug for ScriptFile {
    /// Without the text, which may be long: it is told with every action.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// Uncommitted changes of which the script made a copy, a stash or a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was kept, with all that is below it; absolute.
    pub path: String,
    /// All of the work tree around `path` that git tracks was.
    pub tree: bool,
    /// Only what is not in git's index was.
    pub unstaged: bool,
    /// Only what is text was.
    pub text: bool,
}

/// A layer that was peeled off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Via {
    /// The layer, as a person would name it: `sudo`, `bash -c`, `find -exec`, `ssh db.example.com`.
    pub name: String,
}

/// Where an action happens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// On this machine, in its own file tree.
    #[default]
    Local,
    /// On this machine with another user's rights (sudo, doas, su).
    Privileged,
    /// On another machine; its name as far as it is known.
    Remote(String),
    /// In a container, pod or changed root; its name as far as it is known.
    Container(String),
}

impl Place {
    /// Whether paths mean this machine's own files.
    pub fn is_local(&self) -> bool {
        matches!(self, Place::Local | Place::Privileged)
    }
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Calls a program.
    Call(Rc<Call>),
    /// Sends an HTTP request.
    Request(Box<Request>),
    /// Sends an SQL statement.
    Statement(Statement),
    /// Changes something at a path.
    Path(PathEffect),
    /// Runs code that guard cannot see into.
    Opaque(Opaque),
    /// Is source whose commands could not be proved to be all of them.
    Unprovable(Unprovable),
}

/// A program call, wrappers peeled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// The program as written: `rm`, `/bin/rm`, `$CMD`.
    pub program: Text,
    /// Its arguments, without the program.
    pub args: Vec<Text>,
    /// Variables set for this call alone, in order.
    pub env: Vec<(String, Text)>,
    /// Its standard input.
    pub input: Input,
    /// Where the program's arguments stand in the outermost source, one for each of `args` where
    /// they are written there; shorter or empty where they are not.
    pub arg_spans: Vec<Span>,
}

impl Call {
    /// The program's base name, where it is known: `rm` for `/bin/rm` and `\rm`.
    pub fn name(&self) -> Option<&str> {
        self.program.as_known().map(base_name)
    }
}

/// A program's standard input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Input {
    /// The shell's own.
    #[default]
    Inherited,
    /// Empty: `</dev/null`, a closed descriptor.
    Empty,
    /// This text (a heredoc, a here-string, the known output of a pipe).
    Text(Rc<Text>),
    /// This file (`< FILE`).
    File(Text),
    /// Something that cannot be known: a program's output.
    Unknown,
}

impl Input {
    /// Whether somebody puts something into it.
    pub fn is_given(&self) -> bool {
        !matches!(self, Input::Inherited | Input::Empty)
    }
}

/// A change to what stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathEffect {
    /// The kind of change.
    pub op: PathOp,
    /// The path as the program gets it, relative to the action's directory; may hold patterns.
    pub path: Text,
    /// It reaches below the path: `rm -r`, `chmod -R`.
    pub recursive: bool,
    /// The program or operator that does it: `rm`, `>`.
    pub by: String,
    /// What is written there, where it is known.
    pub content: Option<Text>,
    /// Where the path stands in the outermost source, where it is written there.
    pub span: Option<Span>,
}

impl PathEffect {
    /// What `find` is called where it goes where links lead: not all that it deletes lies where it starts.
    pub const FOLLOWING: &str = "find -L";
}

/// The kinds of change to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum PathOp {
    /// Removes it.
    Delete,
    /// Leaves an empty file in its place.
    Empty,
    /// Replaces its contents.
    Overwrite,
    /// Adds to its end, or changes parts of it in place.
    Modify,
    /// Moves it away from there.
    MoveAway,
    /// Changes mode, owner, attributes or access lists.
    Permissions,
    /// Destroys the contents beyond recovery, or makes a new file system on it.
    Destroy,
    /// Takes out of it what puts guard in place: a startup file's, an editor's or an agent's line that names
    /// guard, guard's place as login shell.
    Unhook,
    /// Changes something at or below it that no other kind tells, and that loses nothing by itself: makes a file
    /// or directory, works in a git work tree, mounts over it, compresses it, takes it to the trash. Told of where
    /// something protected is near.
    Touch,
}

/// Code that guard cannot see into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// What it is, for messages: `./deploy: not a text file`.
    pub what: String,
}

/// Source whose commands could not be proved to be all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprovable {
    /// Why, for messages.
    pub why: String,
}
