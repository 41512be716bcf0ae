//! What a shell starts with: the environment, its own variables, the directory.

use std::rc::Rc;

use super::Scope;
use crate::model::{Piece, Shape, Text, normal};
use crate::syntax::Dialect;
use crate::syntax::value::Value;

/// The longest directory that is followed; the kernel's own limit.
const MAX_PATH: usize = 4096;

/// With this begins the name of a variable by which a text that is read as source says that a part of it is unknown.
pub const PLACEHOLDER: &str = "__unknown_";

/// Whether nobody is asked what a variable holds: a live shell's own of guard's names are not told.
fn is_private(name: &str) -> bool {
    [PLACEHOLDER, "__guard_"].iter().any(|start| name.starts_with(start))
}

/// Whether a variable holds what the shell says, whatever is assigned to it.
pub(super) fn keeps_its_own(name: &str) -> bool {
    matches!(
        name,
        "_" | "RANDOM"
            | "SRANDOM"
            | "SECONDS"
            | "LINENO"
            | "UID"
            | "EUID"
            | "PPID"
            | "BASHPID"
            | "EPOCHSECONDS"
            | "EPOCHREALTIME"
            | "HISTCMD"
            | "FUNCNAME"
            | "GROUPS"
            | "DIRSTACK"
            | "BASH_SUBSHELL"
            | "BASH_COMMAND"
            | "BASH_VERSINFO"
    )
}

impl Scope<'_> {
    pub(super) fn is_inherited(&self, name: &str) -> bool {
        !is_private(name) && self.facts.env(name).is_some()
    }

    /// The directory in which commands run; absolute where it is known.
    pub fn directory(&self) -> &Rc<Text> {
        &self.directory
    }

    /// `cd to`: relative to the directory so far, dots resolved as the shell does.
    pub fn change_directory(&mut self, to: &Text) {
        let next = self.path_of(to);
        let before = std::mem::replace(&mut self.directory, Rc::new(next.clone()));
        self.set("OLDPWD", (*before).clone());
        self.set("PWD", next);
    }

    /// `pushd`: the directory is kept, to return to; in any other form than with a directory, none
    /// is known any more.
    pub fn keep_directory(&mut self, plain: bool) {
        let kept = Rc::make_mut(&mut self.kept);
        match plain {
            true => kept.push(Rc::clone(&self.directory)),
            false => kept.clear(),
        }
    }

    /// `popd`
    pub fn return_to_directory(&mut self, plain: bool) {
        let kept = Rc::make_mut(&mut self.kept);
        let before = kept.pop().filter(|_| plain);
        if before.is_none() {
            kept.clear();
        }
        match before {
            Some(before) => self.change_directory(&before),
            None => self.change_directory(&Text::hole("$OLDPWD", Shape::Directory)),
        }
    }

    /// What a variable holds that this script did not touch.
    pub(super) fn initial(&self, name: &str) -> Value {
        let hole = |shape| Value::Scalar(Rc::new(Text::hole(format!("${name}"), shape)));
        match name {
            _ if is_private(name) => return Value::Unknown,
            "IFS" => return Value::Scalar(Rc::new(Text::known(" \t\n"))),
            "PWD" => return Value::Scalar(Rc::clone(&self.directory)),
            "BASH_SOURCE" if self.dialect == Dialect::Bash => return self.sources(),
            "BASH_SOURCE" if self.dialect == Dialect::Posix => return Value::Unknown,
            "RANDOM" | "SRANDOM" | "SECONDS" | "LINENO" | "UID" | "EUID" | "PPID" | "BASHPID"
            | "EPOCHSECONDS" | "SHLVL" => return hole(Shape::Number),
            "EPOCHREALTIME" | "BASH_VERSION" | "ZSH_VERSION" => return hole(Shape::Name),
            "_"
            | "BASH_ARGV0"
            | "REPLY"
            | "FUNCNAME"
            | "BASH_LINENO"
            | "PIPESTATUS"
            | "DIRSTACK"
            | "GROUPS"
            | "BASH_REMATCH"
            | "BASH_ARGV"
            | "BASH_ARGC"
            | "BASH_COMMAND"
            | "BASH_EXECUTION_STRING"
            | "BASH_SUBSHELL"
            | "BASH_ALIASES"
            | "BASH_CMDS"
            | "BASH_LOADABLES_PATH"
            | "BASH_MONOSECONDS"
            | "BASH_TRAPSIG"
            | "COMP_WORDBREAKS"
            | "COPROC"
            | "COPROC_PID"
            | "HISTCMD"
            | "HISTFILE"
            | "HISTSIZE"
            | "HISTFILESIZE"
            | "MAILCHECK"
            | "OLDPWD"
            | "pipestatus"
            | "match"
            | "argv"
            | "path"
            | "fpath" => return Value::Unknown,
            _ => {}
        }
        if let Some(value) = self.facts.env(name) {
            return Value::Scalar(Rc::new(self.fit(Text::known(value))));
        }
        match name {
            "OPTIND" | "OPTERR" => Value::Scalar(Rc::new(Text::known("1"))),
            "HOSTNAME" | "HOSTTYPE" | "MACHTYPE" | "OSTYPE" | "USER" | "LOGNAME" | "TERM" => {
                hole(Shape::Name)
            }
            "COLUMNS" | "LINES" => hole(Shape::Number),
            "PATH" | "SHELL" | "BASH" | "PS1" | "PS2" | "PS4" | "SHELLOPTS" | "BASHOPTS"
            | "BASH_VERSINFO" | "OPTARG" => Value::Unknown,
            "HOME" if self.dialect == Dialect::Zsh => Value::Scalar(Rc::new(Text::known(self.facts.home()))),
            _ if self.open => Value::Unknown,
            _ => Value::Unset,
        }
    }

    fn path_of(&self, to: &Text) -> Text {
        let unknown = || Text::hole(to.display(), Shape::Directory);
        let start = to.known_start();
        let searched = || {
            let cdpath = self.get("CDPATH");
            let by_cdpath = cdpath.is_some_and(|t| t.as_known().is_some_and(|t| !t.is_empty()));
            by_cdpath && !start.starts_with("./") && !start.starts_with("../")
        };
        if to.is_many() {
            return unknown();
        }
        let mut path = match to.pieces().first() {
            None => (*self.directory).clone(),
            Some(Piece::Known(known)) if known.starts_with('/') => Text::default(),
            Some(Piece::Hole(hole)) if matches!(hole.shape, Shape::Temporary | Shape::Directory) => {
                Text::default()
            }
            Some(Piece::Hole(_)) => return unknown(),
            Some(_) if searched() => return unknown(),
            Some(_) => {
                let mut path = (*self.directory).clone();
                path.push_str("/");
                path
            }
        };
        path.append(to);
        if path.weight() > MAX_PATH {
            return unknown();
        }
        match path.as_known() {
            Some(known) => Text::known(normal(known)),
            None => path,
        }
    }
}
