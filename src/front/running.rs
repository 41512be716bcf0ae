//! Which way what was permitted runs: in guard's place, on a terminal of its own, or below a
//! supervisor.

use std::ffi::OsString;
use std::path::Path;

use super::{Front, variable};
use crate::actions::Rights;
use crate::cli::look::notice;
use crate::config::{Pty, Supervise};
use crate::context::{Observed, agent};
use crate::decide::{self, Permit, Watch};
use crate::error::{Error, ErrorKind};
use crate::exec::pty::{self, Ending};
use crate::exec::replace;
use crate::model::{Decision, bytes};
use crate::pipeline::{Judgement, Source, Way};
use crate::sys::{fd, tty};

/// What is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A shell that a person types into.
    Interactive,
    /// What has been judged.
    Command,
}

/// Who judges what a command line starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversight {
    /// Nobody: its text is all there is.
    None,
    /// A supervisor of this guard's.
    Own {
        /// `sudo` and its kind work below it.
        keeps_rights: bool,
    },
    /// Another guard, below which this one was called.
    Outer {
        /// The same.
        keeps_rights: bool,
    },
}

impl Front {
    /// The same where the caller chose guard for just this call.
    pub fn chosen(self, chosen: bool) -> Front {
        Front { chosen, ..self }
    }

    /// Who judges what a command line starts.
    pub fn oversight(&self) -> &Oversight {
        self.oversight.get_or_init(|| self.find_oversight())
    }

    #[cfg(target_os = "linux")]
    fn find_oversight(&self) -> Oversight {
        use crate::sys::seccomp::{self, Standing};
        let wanted = match self.layers.supervise() {
            Supervise::Always => true,
            Supervise::Never => false,
            Supervise::Auto => self.chosen || agent::agent(&variable).is_some(),
        };
        let keeps_rights = || seccomp::keeps_rights();
        match seccomp::is_filtered() || wanted {
            false => Oversight::None,
            true => match seccomp::standing() {
                Standing::BelowGuard => Oversight::Outer { keeps_rights: keeps_rights() },
                Standing::Free if wanted => Oversight::Own { keeps_rights: keeps_rights() },
                Standing::Free | Standing::Refused(_) => Oversight::None,
            },
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn find_oversight(&self) -> Oversight {
        Oversight::None
    }

    /// Whether what such work starts is judged.
    pub fn watch(&self, work: Work) -> Watch {
        match (work, self.oversight()) {
            (Work::Command, Oversight::Own { .. } | Oversight::Outer { .. }) => Watch::Watched,
            _ => Watch::Unwatched,
        }
    }

    /// Whether such work runs on a terminal of guard's own.
    pub fn hosts(&self, work: Work) -> bool {
        wants_pty(self.layers.pty(), work)
    }

    /// What a supervisor would take from what runs, where there will be one.
    pub(super) fn rights(&self, judged: &Judgement, facts: &Observed) -> Rights {
        match self.oversight() {
            Oversight::Own { .. } => judged.walked.rights(facts),
            Oversight::None | Oversight::Outer { .. } => Rights::Nothing,
        }
    }

    /// What starts nothing that its text does not show needs nobody to look.
    pub(super) fn on_its_way(&self, judged: Judgement, source: &Source<'_>, facts: &Observed) -> Judgement {
        let own = matches!(self.oversight(), Oversight::Own { .. });
        let text = match source {
            Source::Shell { text, .. } => bytes::text(text),
            Source::Call { .. } => "".into(),
        };
        let shows_all =
            own && judged.verdict.obligations.is_empty() && judged.walked.needs_no_watching(&text, facts);
        if shows_all { in_place(judged) } else { judged }
    }

    /// Runs what was permitted, to its end or in guard's place.
    pub fn run(
        &self,
        permit: Permit,
        (work, way): (Work, Way),
        program: &Path,
        argv: &[OsString],
    ) -> Result<Ending, Error> {
        let own = matches!(self.oversight(), Oversight::Own { .. });
        let watch = if way == Way::InPlace && own { Watch::Unwatched } else { self.watch(work) };
        #[cfg(target_os = "linux")]
        if watch == Watch::Watched && own {
            return self.supervise(permit, work, program, argv);
        }
        if watch == Watch::Watched || !self.hosts(work) {
            return Err(replace(permit, watch, program, argv));
        }
        match pty::run(permit, program, argv, &[], None, None) {
            // A person needs a shell all the more where terminals have run out.
            Err(error) if error.kind() == ErrorKind::NoTerminal && work == Work::Interactive => {
                fd::complain(&notice(&format!("guard: {error}; the shell runs in guard's place")));
                Err(replace(Permit::for_idle_shell(), watch, program, argv))
            }
            ended => ended,
        }
    }

    #[cfg(target_os = "linux")]
    fn supervise(
        &self,
        permit: Permit,
        work: Work,
        program: &Path,
        argv: &[OsString],
    ) -> Result<Ending, Error> {
        use crate::exec::supervised;
        use std::cell::Cell;

        use crate::overseer::Overseer;
        use crate::sys::seccomp;
        use crate::sys::supervised::Start;
        let overseer = Overseer::new(self, permit.answered().to_vec());
        let plan = self.landlock().map(|plan| plan.prepare()).transpose();
        let plan = plan.map_err(|error| {
            Error::broken("what settings protect cannot be given to the kernel").because(error)
        })?;
        let held = Cell::new(plan.flatten());
        let keeps_rights = matches!(self.oversight(), Oversight::Own { keeps_rights: true });
        let enter = || match held.take() {
            None => Ok(()),
            Some(held) => {
                if !keeps_rights {
                    seccomp::give_up_new_rights()?;
                }
                held.enter()
            }
        };
        let start = Start { program, argv, env: &[], first: &enter };
        match self.hosts(work) {
            false => supervised::run(permit, &start, &overseer),
            true => {
                let front = || supervised::become_front(&start, &overseer);
                pty::run(permit, program, argv, &[], None, Some(&front))
            }
        }
    }
}

/// It needs nobody to look.
pub(super) fn in_place(judged: Judgement) -> Judgement {
    Judgement { way: Way::InPlace, ..judged }
}

/// The refusal of what needs both other rights and a look at what it starts.
pub(super) fn without_rights(mut judged: Judgement, untold: &str) -> Judgement {
    if judged.verdict.decision != Decision::Deny {
        judged.verdict = decide::rights_are_lost(untold);
    }
    judged
}

/// Whether it runs on a terminal of guard's own; else it takes guard's place.
fn wants_pty(setting: Pty, work: Work) -> bool {
    let chosen = match setting {
        Pty::Auto => work == Work::Interactive,
        Pty::Always => true,
        Pty::Never => false,
    };
    chosen && tty::on_terminal()
}
