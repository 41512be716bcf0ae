//! What an exec settles: which effects may wait for the exec of the program that has them, where
//! every exec is judged.
//!
//! At its exec a program's words, variables and directory are known, and the same rules judge what
//! is known by then. So an effect may wait where it must be the work of a program that is started
//! here, and where nothing but these words tells of it. All else may not: what the shell does by
//! itself, what is read from a pipe, what runs in a container, on another host, or in a daemon that
//! was there before, and what a process does by values that it works out itself. What the script
//! alone knows (that a path held something else before) no exec shows.
//!
//! An exec that shows too little costs a later question, never a pass: of words that are all known
//! nothing may wait, so that whatever is still in doubt then is held.

use crate::model::{Action, Call, Effect, Input, Match, Place, Text, base_name};
use crate::syntax::{Dialect, Scope};

use super::planted::BUILTINS;
use super::walk::Walk;
use super::wrappers::is_one_of;
use super::{Entered, Inner};

/// How what is being followed comes to run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Exec {
    /// What is called is started by itself, on this machine, under judgement.
    pub starts: bool,
    /// It all comes from the words of an exec around, some of which are not known yet.
    pub carried: bool,
    /// A program starts the next call, so that no builtin of a shell's is meant.
    pub direct: bool,
    /// An exec is judged itself: what its process does by its variables waits for no other.
    pub itself: bool,
}

/// Programs that start what they run as programs of their own, as their children or in their place,
/// by the first word of the layer. Others, which may hand their words to a daemon, start a program
/// under another name (yarn) or do themselves what it would (valgrind), carry them at most.
const STARTERS: &str = "env genv nohup setsid timeout gtimeout nice gnice ionice chrt taskset stdbuf time chronic \
    eatmydata xargs gxargs find gfind bfs fd fdfind flock watch setarch linux32 linux64 prlimit strace \
    ltrace unbuffer xvfb-run script systemd-inhibit caffeinate hyperfine entr concurrently cross-env dotenv \
    dotenvx direnv doppler op poetry pipenv pdm uv hatch rye sh bash rbash dash zsh guard make gmake npm pnpm \
    just tini dumb-init catatonit setpriv choom numactl cgexec unshare sudo doas su runuser pkexec";
/// Subcommands of git's that hand what they are given to a shell, as the layer names them.
const OF_GIT: [&str; 5] =
    ["git rebase", "git bisect run", "git submodule foreach", "git filter-branch", "git difftool"];
/// Programs that leave what they are given to a daemon, which no exec here starts.
const DAEMONS: &str = "at batch crontab systemd-run run0 machinectl tmux screen zellij kitty kitten wezterm emacsclient \
    gnome-terminal overmind pm2 tsp ts nq uwsm-app xdg-terminal-exec flatpak-spawn";
/// Words behind which the shell goes on by itself.
const OF_THE_SHELL: &str = "command builtin exec noglob nocorrect -";
/// What zsh does itself where its module for files is loaded, as a startup file may.
const ZSH_FILES: &str = "chgrp chmod chown ln mkdir mv rm rmdir sync";
/// Programs that are many by their names, and run one another within themselves.
const MANY_IN_ONE: &str = "busybox toybox";

impl Exec {
    /// Within a process, by whose words it comes or not.
    pub fn within(carried: bool) -> Exec {
        Exec { carried, ..Exec::default() }
    }
}

impl Walk<'_> {
    /// How the outermost source is run.
    pub(super) fn outermost_exec(&self, dialect: Dialect) -> Exec {
        let starts = self.facts.judges_execs() && !(dialect == Dialect::Posix && self.is_many_in_one("sh"));
        Exec { starts, ..Exec::default() }
    }

    /// Whether the exec of a call will settle what its own words leave open.
    pub(super) fn settles(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let exec = self.context.exec;
        self.may_settle()
            && (exec.carried || exec.starts && self.is_started(call, scope) && self.is_open(call, scope))
    }

    /// Whether an exec around will settle what is open here.
    pub(super) fn is_carried(&self) -> bool {
        self.context.exec.carried && self.may_settle()
    }

    fn may_settle(&self) -> bool {
        match self.context.place {
            Place::Local => true,
            Place::Privileged => self.facts.keeps_rights(),
            Place::Remote(_) | Place::Container(_) => false,
        }
    }

    /// Whether a program does it, and not the shell.
    fn is_started(&self, call: &Call, scope: &Scope<'_>) -> bool {
        // Which of an unknown program's rules a builtin may match is the rules' matter.
        let Some(name) = call.program.as_known().filter(|_| !self.context.exec.direct) else {
            return true;
        };
        let builtin =
            is_one_of(name, BUILTINS) || scope.dialect() == Dialect::Zsh && is_one_of(name, ZSH_FILES);
        name.contains('/') || !builtin
    }

    /// Whether something of a call is not known before it runs that its exec shows.
    fn is_open(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let open = |text: &Text| text.has_hole() || text.has_glob();
        let words = std::iter::once(&call.program).chain(&call.args).chain([&**scope.directory()]);
        self.context.certainty == Match::Maybe
            || words.chain(call.env.iter().map(|(_, value)| value)).any(open)
            || scope.exported().iter().any(|(_, value)| open(value))
    }

    /// What of `found` does not come from what a call reads from elsewhere than files, one for each:
    /// `find` is asked again for the call without it.
    pub(super) fn told_by_words<T: PartialEq>(
        &self,
        settled: bool,
        call: &Call,
        found: &[T],
        find: impl FnOnce(&Call) -> Vec<T>,
    ) -> Vec<bool> {
        if !settled || found.is_empty() || reads_descriptor(call) {
            return vec![false; found.len()];
        }
        if call.input == Input::Inherited {
            return vec![true; found.len()];
        }
        let alone = find(&Call { input: Input::Inherited, ..call.clone() });
        found.iter().map(|one| alone.contains(one)).collect()
    }

    /// How what a call enters is run.
    pub(super) fn exec_of(&self, entered: &Entered, outer: &Call, scope: &Scope<'_>) -> Exec {
        let exec = Exec { direct: false, ..self.context.exec };
        if !exec.starts && !exec.carried {
            return exec;
        }
        let title = entered.via.name.as_str();
        let by = title.split(' ').next().unwrap_or_default();
        let same_shell = match entered.inner {
            Inner::Shell { same_shell, .. } | Inner::ShellFile { same_shell, .. } => same_shell,
            Inner::Call(_) => is_one_of(by, OF_THE_SHELL),
            _ => false,
        };
        if same_shell {
            return Exec { direct: by == "exec", ..exec };
        }
        let leaves = entered.place.as_ref().is_some_and(|place| !place.is_local());
        if leaves || is_one_of(by, DAEMONS) {
            return Exec::default();
        }
        let starter = match entered.inner {
            // What an interpreter starts, see `exec_of_code`.
            Inner::Code { .. } | Inner::CodeFile { .. } => true,
            _ if is_one_of(by, "parallel sem") => !by_ssh(outer),
            _ => is_one_of(by, STARTERS) || OF_GIT.iter().any(|of| title.starts_with(of)),
        };
        let posix = matches!(
            entered.inner,
            Inner::Shell { dialect: Dialect::Posix, .. } | Inner::ShellFile { dialect: Dialect::Posix, .. }
        );
        let within = self.is_many_in_one(outer.program.as_known().unwrap_or_default())
            || posix && self.is_many_in_one("sh");
        let starts = exec.starts && starter && !within;
        let by_words = self.settles(outer, scope) && !outer.input.is_given() && !reads_descriptor(outer);
        Exec {
            starts,
            carried: exec.carried || by_words,
            // `time` may be the shell's own word.
            direct: starts && matches!(entered.inner, Inner::Call(_)) && by != "time",
            ..exec
        }
    }

    /// How what code of another language does comes to run: by itself, or by a program that it
    /// surely starts.
    pub(super) fn exec_of_code(&self, started: bool) -> Exec {
        let exec = self.context.exec;
        Exec { starts: exec.starts && started, direct: started, ..exec }
    }

    /// How a script that is called by its path is run, and not by an interpreter's name.
    pub(super) fn exec_of_file(&self, call: &Call, scope: &Scope<'_>) -> Exec {
        let exec = self.context.exec;
        let by_words = self.settles(call, scope) && !call.input.is_given() && !reads_descriptor(call);
        Exec { carried: exec.carried || by_words, direct: false, ..exec }
    }

    /// Whether a program is one of many in one file.
    pub(super) fn is_many_in_one(&self, program: &str) -> bool {
        let path = match program.contains('/') {
            true => Some(program.to_owned()),
            false if program.is_empty() => None,
            false => self.facts.which(program),
        };
        let path = path.map(|path| self.facts.real(&path).unwrap_or(path));
        path.is_some_and(|path| is_one_of(base_name(&path), MANY_IN_ONE))
    }

    /// Where the script has the shell load builtins, any of its programs may be one.
    pub(super) fn unsettle_loaded(&mut self) {
        let loads = |action: &Action| match &action.effect {
            Effect::Call(call) => match call.name() {
                Some("zmodload") => true,
                Some("enable") => call
                    .args
                    .iter()
                    .any(|arg| arg.as_known().is_none_or(|arg| arg.starts_with('-') && arg.contains('f'))),
                _ => false,
            },
            _ => false,
        };
        if self.found.actions.iter().any(|action| action.settled) && self.found.actions.iter().any(loads) {
            self.found.actions.iter_mut().for_each(|action| action.settled = false);
        }
    }
}

/// Whether a pattern is the name of a builtin that shells share with programs, or may be.
pub fn names_builtin(pattern: &str) -> bool {
    pattern.contains(['*', '?']) || is_one_of(pattern, BUILTINS)
}

/// Whether `parallel` hands its commands to other hosts.
fn by_ssh(call: &Call) -> bool {
    let names = ["-S", "--sshlogin", "--slf"];
    call.args.iter().any(|arg| names.iter().any(|name| arg.known_start().starts_with(name)))
}

/// Whether a call reads what a descriptor leads to, of which its exec shows nothing.
fn reads_descriptor(call: &Call) -> bool {
    let names = ["/dev/fd/", "/dev/stdin", "/proc/self/fd/"];
    let mut words = call.args.iter().chain(call.env.iter().map(|(_, value)| value));
    words.any(|word| {
        word.pieces().iter().any(|piece| {
        matches!(piece, crate::model::Piece::Known(text) if names.iter().any(|name| text.contains(name)))
    })
    })
}
