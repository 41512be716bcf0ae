//! What both front ends stand on: the policy in force in a directory, the facts there, the log.

mod asking;
mod dialog;
mod elsewhere;
mod places;
mod running;
mod sticking;

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::env;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::actions::Rights;
use crate::approve::key::{KeyPlaces, PublicKey};
use crate::approve::off::{self, Leave, Switch};
use crate::approve::signed::Statement;
use crate::approve::{self, Console, Keyboard, broker, exception, freeze};
use crate::audit::{Kind, Log, Outcome, Record, Weight};
use crate::cli::look::notice;
use crate::cli::render::{self, Reader};
use crate::config::{self, Layers, Places};
use crate::context::{Observed, Protected, Reserved, agent};
use crate::decide::{Asked, Digest, Observing, Permit, Recorder, Refusal};
use crate::error::{Error, ErrorKind};
#[cfg(target_os = "linux")]
use crate::exec::supervised::Execution;
use crate::model::{Decision, Exception, Facts, Freeze, Verdict, bytes, plain};
use crate::packs;
use crate::pipeline::{self, Judgement, Source};
use crate::policy::Policy;
use crate::rules::Almost;
use crate::sys::{ancestry, fd, landlock, tty};

pub use asking::{Question, put};
pub use elsewhere::{Asker, seek};
pub use places::own_program;
use places::{current_directory, places, trust, trusted};
pub use running::{Oversight, Work};
use running::{in_place, without_rights};
pub use sticking::Nos;

/// Guard, set up for one directory.
#[derive(Debug)]
pub struct Front {
    /// Where guard's files are.
    pub places: Places,
    /// What they say.
    pub layers: Layers,
    /// The rules in force.
    pub policy: Policy,
    /// The directory.
    pub directory: PathBuf,
    log: Log,
    oversight: OnceCell<Oversight>,
    /// So long what was called for has waited for a human elsewhere.
    waited: Cell<Duration>,
    /// The caller chose guard for just this: by a link with a shell's name, by `guard --`.
    chosen: bool,
}

/// A judgement with what led to it.
#[derive(Debug)]
pub struct Explained {
    /// The judgement.
    pub judgement: Judgement,
    /// Rules that nearly match.
    pub almost: Vec<Almost>,
    /// What was looked at.
    pub asked: Asked,
    /// The directory.
    pub directory: String,
    /// The agent that calls, by the environment.
    pub agent: Option<String>,
}

impl Front {
    /// For the current directory.
    pub fn open() -> Result<Front, Error> {
        Front::open_at(current_directory())
    }

    /// For some directory.
    pub fn open_at(directory: PathBuf) -> Result<Front, Error> {
        Front::open_with(places(&directory), directory)
    }

    fn open_with(places: Places, directory: PathBuf) -> Result<Front, Error> {
        let mut layers = config::load(&places)?;
        if let Some(content) = places.project.as_deref().and_then(|project| trusted(&places, project)) {
            layers.project = config::trusted(content)?;
        }
        let policy = packs::policy(&layers, &places)?;
        Ok(Front::with(places, layers, policy, directory))
    }

    /// For a person's own shell, which they need to mend a configuration that cannot be read: without
    /// the project's, which can but tighten, or else with the built-in rules alone; and what to say of
    /// it.
    pub fn lenient() -> (Front, Option<String>) {
        Front::lenient_at(current_directory())
    }

    /// The same for some directory.
    pub fn lenient_at(directory: PathBuf) -> (Front, Option<String>) {
        let error = match Front::open_at(directory.clone()) {
            Ok(front) => return (front, None),
            Err(error) => error,
        };
        let mut places = places(&directory);
        let project = places.project.take();
        let (front, holds) = match Front::open_with(places, directory.clone()) {
            Ok(front) if project.is_some() => (front, "the project's settings and rules do not hold"),
            _ => (Front::builtin_at(directory), "only the built-in rules hold"),
        };
        (front, Some(plain(&format!("guard: {error}; until that is mended {holds}"))))
    }

    /// As [`Front::lenient`], and what is broken, for those who show what there is.
    pub fn to_show() -> (Front, Option<Error>) {
        match Front::open() {
            Ok(front) => (front, None),
            Err(error) => {
                let front = Front::lenient().0;
                let places = places(&front.directory);
                (front.saying(config::readable(&places), places), Some(error))
            }
        }
    }

    /// The same rules, where the files say that.
    pub fn saying(self, layers: Layers, places: Places) -> Front {
        Front { log: log(&layers, &places), layers, places, ..self }
    }

    /// What the configuration says, without a look into the rule files.
    pub fn open_layers() -> Result<Layers, Error> {
        config::load(&places(&current_directory()))
    }

    /// With the built-in rules alone.
    fn builtin_at(directory: PathBuf) -> Front {
        let places = places(&directory);
        let layers = Layers::default();
        let mut policy = Policy::builtin();
        policy.protect(false, false);
        Front::with(places, layers, policy, directory)
    }

    fn with(places: Places, layers: Layers, policy: Policy, directory: PathBuf) -> Front {
        let log = log(&layers, &places);
        let (oversight, waited) = (OnceCell::new(), Cell::default());
        Front { places, layers, policy, directory, log, oversight, waited, chosen: false }
    }

    /// Where guard's files are, a project's that cannot be read included.
    pub fn all_places(&self) -> Places {
        places(&self.directory)
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Judges a source in the real environment.
    pub fn judge(&self, source: &Source<'_>, startup_files_run: bool) -> Judgement {
        let facts = self.facts(startup_files_run);
        let judged = pipeline::judge(source, &facts, &self.policy);
        match self.rights(&judged, &facts) {
            Rights::Nothing => self.on_its_way(judged, source, &facts),
            Rights::OnItsText => {
                let facts = self.typed(variable, startup_files_run);
                in_place(pipeline::judge(source, &facts, &self.policy))
            }
            Rights::Mixed(untold) => without_rights(judged, &untold),
        }
    }

    /// Judges a source in another environment: what `changed` names, and the real one for the
    /// rest.
    /// `placed`: whether it was said where it runs.
    pub fn judge_with(
        &self,
        source: &Source<'_>,
        changed: HashMap<String, String>,
        placed: bool,
    ) -> Judgement {
        let env = move |name: &str| changed.get(name).cloned().or_else(|| variable(name));
        let facts = self.observed(env, false);
        let facts = if placed { facts } else { facts.placeless() };
        pipeline::judge(source, &facts, &self.policy)
    }

    /// Judges a source in an environment that `env` tells, with a measure of all that the verdict
    /// rests on.
    pub fn judge_in(
        &self,
        source: &Source<'_>,
        env: impl Fn(&str) -> Option<String> + 'static,
    ) -> (Judgement, Digest) {
        pipeline::judge_measured(source, &self.typed(env, false), &self.policy)
    }

    /// As [`Front::judge`], with a measure of all that the verdict rests on.
    pub fn judge_measured(&self, source: &Source<'_>, startup_files_run: bool) -> (Judgement, Digest) {
        let facts = self.facts(startup_files_run);
        let (judged, digest) = pipeline::judge_measured(source, &facts, &self.policy);
        match self.rights(&judged, &facts) {
            Rights::Nothing => (self.on_its_way(judged, source, &facts), digest),
            Rights::OnItsText => {
                let facts = self.typed(variable, startup_files_run);
                let (judged, digest) = pipeline::judge_measured(source, &facts, &self.policy);
                (in_place(judged), digest)
            }
            Rights::Mixed(untold) => (without_rights(judged, &untold), digest),
        }
    }

    /// A permit, where the verdict gives one or the user chose to let it run all the same, and what
    /// is to be recorded of it.
    pub fn permit(&self, verdict: Verdict) -> Result<(Permit, Verdict, Outcome), Refusal> {
        let refusal = match Permit::from_verdict(verdict) {
            Ok((permit, verdict)) => return Ok((permit, verdict, Outcome::Ran)),
            Err(refusal) => refusal,
        };
        let (choice, outcome) = match self.mode() {
            Mode::Enforce => return self.covered(refusal),
            Mode::Observe(choice) => (choice, Outcome::Observed),
            Mode::Off(leave) => (leave.choice, Outcome::WhileOff),
        };
        Permit::observed(refusal, choice).map(|(permit, verdict)| (permit, verdict, outcome))
    }

    /// A permit for what a human answered already, as a supervisor above says.
    fn covered(&self, refusal: Refusal) -> Result<(Permit, Verdict, Outcome), Refusal> {
        #[cfg(target_os = "linux")]
        if matches!(self.oversight(), Oversight::Outer { .. })
            && let Some(covered) = approve::by_supervisor(&refusal.verdict)
        {
            let permit = Permit::covered(refusal, covered);
            return permit.map(|(permit, verdict)| (permit, verdict, Outcome::Covered));
        }
        Err(refusal)
    }

    /// What a verdict comes to now.
    pub fn mode(&self) -> Mode {
        match (self.layers.observing(), self.switch()) {
            (Some(choice), _) => Mode::Observe(choice),
            (None, Switch::Off(leave)) => Mode::Off(leave),
            (None, _) => Mode::Enforce,
        }
    }

    /// Whether a human turned guard off for a while.
    pub fn switch(&self) -> Switch {
        off::switch(&off::file(&self.places.state))
    }

    /// What is frozen now.
    pub fn frozen(&self) -> Vec<Freeze> {
        freeze::frozen(&freeze::file(&self.places.state), &self.layers.freezes())
    }

    /// Who is asked about this verdict before anything runs.
    pub fn asked(&self, verdict: &Verdict) -> Option<Keyboard> {
        let held = verdict.decision == Decision::Confirm && matches!(self.mode(), Mode::Enforce);
        held.then(|| self.asks_here())?
    }

    /// The terminal at which questions are put; `None` where a human answers elsewhere, or nowhere. In an
    /// editor's terminal an agent may have called, and who watches sees that sooner.
    pub fn asks_here(&self) -> Option<Keyboard> {
        let here = self.human().ok()?;
        let elsewhere = here.keys().is_some() && broker::is_watched(&self.places.state);
        (!elsewhere).then_some(here)
    }

    /// The terminal at which a human can be asked: guard is called on it, in its foreground, and no agent, here or
    /// above, is known to be around. A yes on an editor's needs the passphrase. An error says why there is
    /// none.
    pub fn human(&self) -> Result<Keyboard, String> {
        if self.layers.prompt_timeout().is_none() {
            return Err("nothing is asked at a terminal (`[approve] prompt_timeout = 0`)".to_owned());
        }
        // Who surely is none costs no look at all that stands above.
        let keyboard = Front::who_knows_the_passphrase()?;
        Ok(keyboard.proving(self.proof()?))
    }

    /// The keys one of which has to sign what is answered at the terminal, where that is an editor's, or any program can type
    /// into it. An error says why no answer counts there.
    pub fn proof(&self) -> Result<Option<KeyPlaces>, String> {
        let keys = self.keys();
        let has_key = PublicKey::may_be_there(&keys);
        let Some(editor) = agent::editor(&variable).or_else(agent::editor_above) else {
            return Ok((has_key && agent::is_shared(&variable)).then_some(keys));
        };
        match has_key {
            true => Ok(Some(keys)),
            false => Err(format!(
                "this is a terminal of {editor}, into which agents type: it takes a passphrase, too, and `guard setup` \
                 makes the key for it"
            )),
        }
    }

    /// Whether a person at a terminal of their own reads what is said.
    fn person_reads() -> bool {
        agent::editor(&variable).is_none() && Front::who_knows_the_passphrase().is_ok()
    }

    /// The terminal at which a human can be asked for their passphrase: an editor's will do, since what
    /// types into it does not know that.
    pub fn who_knows_the_passphrase() -> Result<Keyboard, String> {
        if let Some(agent) = agent::agent(&variable) {
            return Err(format!("the agent `{agent}` is calling"));
        }
        if agent::is_unattended(&variable) {
            return Err("this is an automatic build".to_owned());
        }
        if is_watched() {
            return Err("a command that guard watches started what calls it".to_owned());
        }
        let keyboard = Keyboard::at_hand().ok_or("it is not called on a terminal, in its foreground")?;
        match agent::agent_above() {
            Some(agent) => Err(format!("the agent `{agent}` started what calls it")),
            None => Ok(keyboard),
        }
    }

    /// The line that says why nothing runs, to whom it concerns.
    pub fn refusal(verdict: &Verdict) -> String {
        Front::refusal_with(verdict, None)
    }

    /// The same where a human can approve of it by a ticket.
    fn refusal_with(verdict: &Verdict, ticket: Option<&str>) -> String {
        let reader = if Front::person_reads() { Reader::Person } else { Reader::Agent };
        let line = render::refusal(verdict, reader, ticket);
        // In an editor's terminal it may be a person all the same.
        let asks = ticket.is_none() && verdict.decision == Decision::Confirm;
        match asks.then(|| agent::editor(&variable)).flatten() {
            Some(editor) if Front::who_knows_the_passphrase().is_ok() => {
                format!("{line} (in a terminal of {editor} guard asks where `guard setup` made a key)")
            }
            _ => line,
        }
    }

    /// Judges a source and keeps what led to the verdict.
    pub fn explain(&self, source: &Source<'_>) -> Explained {
        let observed = self.facts(false);
        let facts = Recorder::new(&observed);
        let judgement = pipeline::judge(source, &facts, &self.policy);
        let almost = pipeline::almost(&judgement, source, &observed, &self.policy);
        let (directory, agent) = (observed.directory().to_owned(), observed.agent());
        Explained { judgement, almost, asked: facts.asked(), directory, agent }
    }

    fn facts(&self, startup_files_run: bool) -> Observed {
        self.observed(variable, startup_files_run)
    }

    /// What there is to see where a command line is about to run.
    fn observed(&self, env: impl Fn(&str) -> Option<String> + 'static, startup_files_run: bool) -> Observed {
        let observed = self.typed(env, startup_files_run);
        match self.oversight() {
            Oversight::None => observed,
            Oversight::Own { keeps_rights } | Oversight::Outer { keeps_rights } => {
                observed.judging_execs(*keeps_rights)
            }
        }
    }

    /// The same where a person types: nobody looks at what it starts.
    fn typed(&self, env: impl Fn(&str) -> Option<String> + 'static, startup_files_run: bool) -> Observed {
        let facts =
            Observed::new(self.directory.clone(), env, startup_files_run, self.protected(), self.frozen());
        facts.excepting(self.grants())
    }

    /// A human's trust in a project's files, whatever these say now.
    pub fn trust(&self, directory: &str) -> Option<Statement> {
        trust(&self.places, directory)
    }

    /// Looks for what a human excepted.
    fn grants(&self) -> impl Fn() -> Vec<Exception> + 'static {
        let (store, keys) = (self.store(), self.keys());
        move || exception::in_force(&store, &keys)
    }

    /// What the kernel is to hold of what runs from here, where settings want that. Who starts a shell that is
    /// supervised calls [`landlock::Plan::prepare`], and in the child [`landlock::Prepared::enter`].
    pub fn landlock(&self) -> Option<landlock::Plan> {
        let Reserved { read_only, no_delete, busy } =
            self.layers.landlock().then(|| self.facts(false).reserved())?;
        Some(landlock::plan(&read_only, &no_delete, &busy))
    }

    /// What there is to see from another process.
    #[cfg(target_os = "linux")]
    pub fn facts_in(&self, directory: PathBuf, env: impl Fn(&str) -> Option<String> + 'static) -> Observed {
        let observed = Observed::new(directory, env, false, self.protected(), self.frozen());
        let observed = observed.excepting(self.grants());
        let keeps_rights = matches!(self.oversight(), Oversight::Own { keeps_rights: true });
        observed.judging_execs(keeps_rights).within_session(&self.directory)
    }

    /// Guard's own files, but for the program, and what settings protect.
    fn protected(&self) -> Protected {
        let places = &self.places;
        let mut own = vec![places.config.clone(), places.state.clone(), places.system.clone()];
        own.extend(places.note.clone());
        own.extend(places.passing.iter().cloned());
        own.extend(places.project.iter().flat_map(|own| [own.join("guard.toml"), own.join("rules.d")]));
        own.extend(self.layers.log_setting().map(|(_, log)| log.to_owned()));
        let (read_only, no_delete) = self.layers.protect();
        Protected { own, read_only, no_delete }
    }

    /// Writes down what was judged and what comes of it, and says at a terminal what runs only
    /// because guard is off. Where writing fails, a plain allow goes on; anything else is an error.
    pub fn record(&self, kind: Kind, text: &str, verdict: &Verdict, outcome: Outcome) -> Result<(), Error> {
        let directory = bytes::text_of(&self.directory);
        let mut record = Record::new(kind, &directory, text, verdict, outcome);
        // What a human does in a dialog is not the agent's doing that is asked about.
        record.agent = agent::agent(&variable).filter(|_| kind != Kind::Human).map(str::to_owned);
        self.write(&record)?;
        if outcome == Outcome::WhileOff && kind != Kind::Line && tty::on_terminal() {
            fd::complain(&notice(&render::while_off(verdict)));
        }
        Ok(())
    }

    /// The same for what a process below a supervisor executes.
    #[cfg(target_os = "linux")]
    pub fn record_exec(
        &self,
        execution: &Execution,
        text: &str,
        verdict: &Verdict,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let directory = execution.directory().map_or_else(|_| String::new(), |path| bytes::text_of(&path));
        let mut record = Record::new(Kind::Exec, &directory, text, verdict, outcome);
        record.agent = agent::agent(&variable).map(str::to_owned);
        record.pid = execution.thread.unsigned_abs();
        record.ppid = ancestry::stat(record.pid).map_or(0, |stat| stat.parent);
        self.write(&record)
    }

    fn write(&self, record: &Record) -> Result<(), Error> {
        let plain = record.is_plain();
        let weight = if plain { Weight::Light } else { Weight::Heavy };
        match self.log.append(record, weight) {
            Err(error) if !plain && error.kind() == io::ErrorKind::NotFound => {
                let what = format!("cannot be recorded in `{}`", self.log.path().display());
                let error = Error::new(ErrorKind::Refused, what).because(error);
                Err(match self.layers.log_setting() {
                    Some((file, _)) => error.hint(format!(
                        "make the directory, or name another place as `log.path` in {}",
                        file.display()
                    )),
                    None => error,
                })
            }
            Err(error) if !plain => {
                let what = format!("cannot be recorded in `{}`", self.log.path().display());
                Err(Error::new(ErrorKind::Refused, what).because(error))
            }
            _ => Ok(()),
        }
    }
}

fn log(layers: &Layers, places: &Places) -> Log {
    match layers.log_setting() {
        Some((_, path)) => Log::chosen(path.to_owned()),
        None => Log::new(places.log()),
    }
}

/// What a verdict comes to.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// What is held or refused does not run.
    Enforce,
    /// Everything runs: the user's or the machine's file says so.
    Observe(Observing),
    /// What is held runs: a human turned guard off for a while.
    Off(Leave),
}

impl Mode {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Observe(_) => "observe",
            Mode::Off(_) => "off",
        }
    }
}

/// A variable of guard's own environment.
pub fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| bytes::text_of(&value))
}

/// Whether a supervisor judges what this process executes, or did before it was killed.
fn is_watched() -> bool {
    #[cfg(target_os = "linux")]
    return crate::sys::seccomp::is_below_guard();
    #[cfg(not(target_os = "linux"))]
    false
}
