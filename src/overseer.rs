//! Judges what a supervised program and its descendants execute, by the same engine and with the
//! facts of the process that executes.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use crate::actions;
use crate::approve::Keyboard;
use crate::audit::{Kind, Outcome};
use crate::context::copies::{Stamp, directories};
use crate::context::program::{Executed, Programs, is_trusted, needs_rights};
use crate::context::{Around, Observed};
use crate::decide::{self, Answered, Digest};
use crate::exec::supervised::{Answer, Execution, Judge, Terminal};
use crate::front::{self, Front, Oversight, Question};
use crate::model::{
    Decision, Effect, Facts, FileKind, GitFacts, Location, PathFacts, Reach, ReadError, TrackState, Verdict,
    bytes, plain,
};
use crate::pipeline::{self, Judgement, Source, Way};

/// Stands over one command line's programs.
#[derive(Debug)]
pub struct Overseer<'a> {
    front: &'a Front,
    /// What was answered before the command line ran.
    answered: Vec<Answered>,
    /// How long the human at the terminal may be asked; `None` where there is none.
    asks: Option<Duration>,
    /// Calls that need neither a question nor a second look, whatever is around them and they read.
    harmless: RefCell<HashSet<Harmless>>,
    /// What the programs are.
    programs: Programs,
    /// Programs gain rights below it.
    keeps_rights: bool,
    /// When the command line began to run.
    begun: SystemTime,
    /// The surroundings that were looked at last: a loop starts its programs in the same ones.
    around: RefCell<Option<Known>>,
    hasher: RandomState,
}

/// So long surroundings count as known.
const STANDING: Duration = Duration::from_millis(100);

/// A directory and a digest of an environment.
type Place = (PathBuf, u64);

#[derive(Debug)]
struct Known {
    place: Place,
    since: Instant,
    around: Around,
}

impl<'a> Overseer<'a> {
    /// With the rules in force where guard was called.
    pub fn new(front: &'a Front, answered: Vec<Answered>) -> Overseer<'a> {
        let asks = front.layers.prompt_timeout().filter(|_| front.human().is_ok());
        let keeps_rights = matches!(front.oversight(), Oversight::Own { keeps_rights: true });
        let programs = Programs::default();
        Overseer {
            front,
            answered,
            asks,
            harmless: RefCell::default(),
            programs,
            keeps_rights,
            begun: SystemTime::now(),
            around: RefCell::default(),
            hasher: RandomState::new(),
        }
    }

    fn judge(&self, source: &Source<'_>, facts: &dyn Facts) -> Judgement {
        self.without_answered(pipeline::judge(source, facts, &self.front.policy))
    }

    fn without_answered(&self, mut judged: Judgement) -> Judgement {
        let verdict = &mut judged.verdict;
        if !verdict.findings.is_empty() {
            verdict.findings.retain(|found| !self.answered.iter().any(|answered| answered.covers(found)));
            verdict.decision = verdict.findings.iter().map(|found| found.decision).max().unwrap_or_default();
        }
        judged
    }

    fn facts(&self, execution: &Rc<Execution>) -> Result<Observed, String> {
        Ok(self.facts_at(&self.place(execution)?, execution))
    }

    /// Where a program starts. The variable `_` is its own name (bash(1)), and says nothing of that.
    fn place(&self, execution: &Execution) -> Result<Place, String> {
        let directory =
            execution.directory().map_err(|error| format!("its directory is not known: {error}"))?;
        let variables = execution.environment().unwrap_or_default().iter();
        let telling: Vec<_> =
            variables.filter(|entry| !entry.as_encoded_bytes().starts_with(b"_=")).collect();
        Ok((directory, self.hasher.hash_one(telling)))
    }

    fn facts_at(&self, place: &Place, execution: &Rc<Execution>) -> Observed {
        let execution = Rc::clone(execution);
        // Where the environment could not be read, `answer` refuses.
        let env =
            move |name: &str| execution.variable(name).ok().flatten().map(|value| bytes::text_of(&value));
        let facts = self.front.facts_in(place.0.clone(), env).since(self.begun);
        match self.around.borrow().as_ref() {
            Some(known) if known.place == *place && known.since.elapsed() < STANDING => {
                facts.surrounded(&known.around)
            }
            _ => facts,
        }
    }

    /// Keeps what a judgement had to look at for the next one.
    fn keep(&self, place: Place, facts: &Observed) {
        let mut known = self.around.borrow_mut();
        let stands =
            known.as_ref().is_some_and(|known| known.place == place && known.since.elapsed() < STANDING);
        if !stands && let Some(around) = facts.surroundings() {
            *known = Some(Known { place, since: Instant::now(), around });
        }
    }

    fn answer(&self, execution: &Execution, words: &[String], judged: Judgement) -> Answer {
        if execution.is_hidden() {
            return unreadable("its environment cannot be read");
        }
        let again = self.is_told_by_words(execution, &judged);
        let shown = shell_words::join(words);
        match self.front.permit(judged.verdict) {
            Ok((_permit, verdict, outcome)) if is_plain(&verdict, outcome) => Answer::GoesOn { again },
            Ok((_permit, verdict, outcome)) => {
                match self.front.record_exec(execution, &shown, &verdict, outcome) {
                    Ok(()) => Answer::GoesOn { again },
                    Err(error) => Answer::Fails(plain(&format!("guard: {error}"))),
                }
            }
            Err(refused) if self.is_asked_about(&refused.verdict) => Answer::Held,
            Err(refused) => {
                // Refused whether that can be recorded or not.
                let _ = self.front.record_exec(execution, &shown, &refused.verdict, Outcome::Refused);
                Answer::Fails(Front::refusal(&refused.verdict))
            }
        }
    }

    /// Whether no words of a call could make it anything that a rule is about.
    fn says_little(&self, effect: &Effect) -> bool {
        let Effect::Call(call) = effect else { return false };
        call.name().is_some_and(|name| !self.front.policy.rules.names(name) && !actions::runs_others(name))
    }

    fn is_asked_about(&self, verdict: &Verdict) -> bool {
        self.asks.is_some() && verdict.decision == Decision::Confirm
    }

    /// The words of the call, under each name of what really runs.
    fn words(&self, execution: &Execution) -> Vec<Vec<String>> {
        let executed = Executed {
            given: &execution.given,
            path: &execution.path,
            file: &execution.file,
            name: execution.argv.first().map(OsString::as_os_str),
        };
        let rest: Vec<String> = execution.argv.iter().skip(1).map(bytes::text_of).collect();
        let names = self.programs.judged(executed, || looked_for(execution)).into_iter();
        names.map(|name| [&[bytes::text_of(&name)][..], &rest].concat()).collect()
    }

    /// The strictest of what is said of the call under each of its names, with its words.
    fn strictest<T>(
        &self,
        execution: &Execution,
        judge: impl Fn(&Source<'_>) -> T,
        judged: impl Fn(&T) -> &Judgement,
    ) -> (T, Vec<String>) {
        let input = input(execution);
        let all = self.words(execution).into_iter().map(|words| {
            let source = Source::Call { words: &words, input: input.clone() };
            (judge(&source), words)
        });
        let rank = |found: &(T, Vec<String>)| {
            let verdict = &judged(&found.0).verdict;
            (verdict.decision, verdict.findings.len(), judged(&found.0).walked.actions.len())
        };
        all.max_by_key(rank).expect("a program has a name")
    }

    /// The refusal of what would run without the rights that it is for.
    fn without_rights(&self, execution: &Execution) -> Option<Answer> {
        let lost = !self.keeps_rights && needs_rights(&execution.path, &execution.file);
        lost.then(|| {
            let name = bytes::text_of(execution.path.file_name().unwrap_or_default());
            Answer::Fails(plain(&format!(
                "guard: refused: `{name}` needs rights that no program gains where guard judges what a command \
                 starts. Give it a line of its own, which guard judges by its text, or ask your user to run it or \
                 to set `[run] supervise = \"never\"` [guard.rights]"
            )))
        })
    }

    /// Whether other words could have come to another verdict, or another program could be there
    /// by now.
    fn is_told_by_words(&self, execution: &Execution, judged: &Judgement) -> bool {
        let mut actions = judged.walked.actions.iter();
        let harmless = match (actions.next(), actions.next()) {
            (Some(action), None) => action.via.is_empty() && self.says_little(&action.effect),
            _ => false,
        };
        !harmless || execution.apart || !is_trusted(&execution.path, &execution.file)
    }
}

/// Where else than in the system's directories programs are looked for.
fn looked_for(execution: &Execution) -> Vec<PathBuf> {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let its = execution.variable("PATH").ok().flatten().unwrap_or_default();
    let home = std::env::var_os("HOME");
    let around = execution.directory().unwrap_or_default();
    [own, its].iter().flat_map(|path| directories(path, home.as_deref(), &around)).collect()
}

/// What waits for a later exec is no news.
fn is_plain(verdict: &Verdict, outcome: Outcome) -> bool {
    verdict.decision == Decision::Allow && outcome == Outcome::Ran
}

impl Judge for Overseer<'_> {
    fn at_once(&self, execution: &Rc<Execution>) -> Option<Answer> {
        let call = Harmless::of(execution);
        if self.harmless.borrow().contains(&call) {
            return Some(Answer::GoesOn { again: false });
        }
        if let Some(refused) = self.without_rights(execution) {
            return Some(refused);
        }
        let place = match self.place(execution) {
            Ok(place) => place,
            Err(why) => return Some(unreadable(&why)),
        };
        let facts = self.facts_at(&place, execution);
        let facts = Quick { inner: &facts, late: Cell::new(false), asked: Cell::new(false) };
        let (judged, words) = self.strictest(execution, |source| self.judge(source, &facts), |judged| judged);
        self.keep(place, facts.inner);
        if facts.late.get() || !judged.verdict.decision.runs() {
            return None;
        }
        let answer = self.answer(execution, &words, judged);
        if answer == (Answer::GoesOn { again: false }) && !facts.asked.get() {
            let mut harmless = self.harmless.borrow_mut();
            if harmless.len() == MOST {
                harmless.clear();
            }
            harmless.insert(call);
        }
        Some(answer)
    }

    fn thoroughly(&self, execution: &Rc<Execution>) -> Answer {
        let facts = match self.facts(execution) {
            Ok(facts) => facts,
            Err(why) => return unreadable(&why),
        };
        let (judged, words) = self.strictest(execution, |source| self.judge(source, &facts), |judged| judged);
        self.answer(execution, &words, judged)
    }

    fn lost(&self) {
        let verdict = decide::refuse("its supervisor was killed, and nothing below starts any more");
        // There is nobody else to tell.
        let _ = self.front.record(Kind::Exec, "", &verdict, Outcome::Refused);
    }

    fn patience(&self) -> Duration {
        self.asks.unwrap_or_default()
    }

    fn ask(&self, execution: &Rc<Execution>, terminal: Terminal, wait: Duration) -> Answer {
        let name = execution.path.as_os_str();
        let words = std::iter::once(name).chain(execution.argv.iter().skip(1).map(OsString::as_os_str));
        let shown = shell_words::join(words.map(|word| bytes::text_of(&word)));
        let judge = || self.measured(execution);
        let facts = || match self.facts(execution) {
            Ok(facts) => facts,
            Err(_) => self.front.facts_in("/".into(), |_| None),
        };
        let record =
            |verdict: &Verdict, outcome: Outcome| self.front.record_exec(execution, &shown, verdict, outcome);
        let question =
            Question { text: &shown, script: None, judge: &judge, facts: &facts, record: &record, wait };
        let (input, output) = terminal;
        match front::put(&question, &mut Keyboard::new(input, output)) {
            // What was approved is what runs, and nothing else.
            Ok(_permit) => Answer::GoesOn { again: true },
            Err(line) => Answer::Fails(line),
        }
    }
}

impl Overseer<'_> {
    /// The call as it is now, with a measure of all that the verdict rests on. What cannot be read
    /// any more is refused.
    fn measured(&self, execution: &Rc<Execution>) -> (Judgement, Digest) {
        let judged = self.facts(execution).map(|facts| {
            let judge = |source: &Source<'_>| {
                let (judged, digest) = pipeline::judge_measured(source, &facts, &self.front.policy);
                (self.without_answered(judged), digest)
            };
            self.strictest(execution, judge, |(judged, _)| judged).0
        });
        judged.unwrap_or_else(|why| {
            let verdict = decide::refuse(&why);
            (Judgement { verdict, walked: Default::default(), way: Way::Usual }, Digest::of([why.as_bytes()]))
        })
    }
}

fn unreadable(why: &str) -> Answer {
    Answer::Fails(plain(&format!("guard: refused: a program cannot be judged: {why}; it did not run")))
}

fn input(execution: &Execution) -> Option<String> {
    execution.input().map(|path| bytes::text_of(&path))
}

/// So many calls are remembered.
const MOST: usize = 10_000;

/// A call, as far as it alone tells what comes of it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Harmless {
    given: PathBuf,
    path: PathBuf,
    file: Stamp,
    argv: Vec<OsString>,
}

impl Harmless {
    fn of(execution: &Execution) -> Harmless {
        let (given, path) = (execution.given.clone(), execution.path.clone());
        Harmless { given, path, file: Stamp::of(&execution.file), argv: execution.argv.clone() }
    }
}

/// Facts that say when an answer would have taken long. What is judged with them then counts for
/// nothing.
struct Quick<'a> {
    inner: &'a Observed,
    late: Cell<bool>,
    /// The surroundings matter.
    asked: Cell<bool>,
}

impl Quick<'_> {
    fn is_late<T>(&self, instead: T) -> T {
        self.late.set(true);
        instead
    }

    fn inner(&self) -> &Observed {
        self.asked.set(true);
        self.inner
    }
}

impl Facts for Quick<'_> {
    fn directory(&self) -> &str {
        self.inner.directory()
    }

    fn home(&self) -> &str {
        self.inner().home()
    }

    fn env(&self, name: &str) -> Option<String> {
        // What bytes mean as letters says nothing of a call that is not read as a script.
        if ["LC_ALL", "LC_CTYPE", "LANG"].contains(&name) {
            return self.inner.env(name);
        }
        self.inner().env(name)
    }

    fn startup_files_run(&self) -> bool {
        self.inner.startup_files_run()
    }

    fn is_placeless(&self) -> bool {
        self.inner.is_placeless()
    }

    fn path(&self, path: &str) -> PathFacts {
        match self.late.get() || !self.inner.is_soon_told(path) {
            true => self.is_late(nothing(path)),
            false => self.inner().path(path),
        }
    }

    fn kind(&self, path: &str) -> FileKind {
        self.inner().kind(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.inner().real(path)
    }

    fn is_installed(&self, path: &str) -> bool {
        // Of a call by itself only its program is asked about, whose file stands beside what is known of it.
        self.inner.is_installed(path)
    }

    fn copied_from(&self, path: &str) -> Vec<String> {
        self.inner().copied_from(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.inner().link(path)
    }

    fn glob(&self, _pattern: &str) -> Option<Vec<String>> {
        self.is_late(None)
    }

    fn git(&self, _directory: &str) -> Option<GitFacts> {
        self.is_late(None)
    }

    fn git_keeps(&self, _directory: &str, _refs: &[String]) -> bool {
        self.is_late(false)
    }

    fn git_alias(&self, _directory: &str, _name: &str) -> Result<Option<String>, ReadError> {
        self.is_late(Ok(None))
    }

    fn read(&self, _path: &str, _limit: usize) -> Result<Vec<u8>, ReadError> {
        self.is_late(Err(ReadError::Absent))
    }

    fn which(&self, program: &str) -> Option<String> {
        self.inner().which(program)
    }

    fn is_free(&self, port: u16) -> bool {
        self.inner().is_free(port)
    }

    fn agent(&self) -> Option<String> {
        self.inner().agent()
    }

    fn judges_execs(&self) -> bool {
        self.inner.judges_execs()
    }

    fn keeps_rights(&self) -> bool {
        self.inner.keeps_rights()
    }
}

fn nothing(path: &str) -> PathFacts {
    PathFacts {
        real: path.to_owned(),
        target: None,
        location: Location::Outside,
        kind: FileKind::Unknown,
        state: TrackState::Unknown,
        reproducible: false,
        own: Reach::Apart,
        read_only: Reach::Apart,
        no_delete: Reach::Apart,
        startup: false,
        credential: false,
        mount: false,
    }
}
