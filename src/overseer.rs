//! Judges what a supervised program and its descendants execute, by the same engine and with the
//! facts of the process that executes.

mod answers;
mod memo;
mod quick;

use std::cell::RefCell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hash, RandomState};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::actions;
use crate::approve::Keyboard;
use crate::audit::{Kind, Outcome};
use crate::context::copies::{Stamp, directories};
use crate::context::program::{Executed, Programs, is_trusted, needs_rights};
use crate::context::{Around, Observed};
use crate::decide::{self, Answered, Digest, Permit};
use crate::exec::supervised::{Answer, Execution, Judge, Terminal};
use crate::front::{self, Asker, Front, Nos, Oversight, Question};
use crate::model::{Decision, Effect, Facts, Freeze, Verdict, bytes, plain};
use crate::pipeline::{self, Judgement, Source, Way};
use answers::Answers;
use memo::{Found, Memo, Noting};
use quick::Quick;

/// Stands over one command line's programs.
#[derive(Debug)]
pub struct Overseer<'a> {
    front: &'a Front,
    /// What a human has answered.
    answers: RefCell<Answers>,
    /// How long the human at the terminal may be asked; `None` where there is none.
    asks: Option<Duration>,
    /// The process that the caller started.
    caller: u32,
    /// Calls that need neither a question nor a second look, whatever is around them and they read.
    harmless: RefCell<HashSet<Called>>,
    /// Calls of which nothing is to be said where they run and with the environment that they get, as long as all that
    /// judging them asked has the same answers.
    clean: RefCell<Memo<(Called, Place)>>,
    /// What was frozen when these were remembered.
    frozen: RefCell<Vec<Freeze>>,
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

/// What a process beside the loop leaves for later execs.
#[derive(Debug, Serialize, Deserialize)]
enum Learned {
    Clean(Place, Found),
    Granted(Vec<Answered>),
}

impl<'a> Overseer<'a> {
    /// With the rules in force where guard was called.
    pub fn new(front: &'a Front, answered: Vec<Answered>) -> Overseer<'a> {
        let asks = front.layers.prompt_timeout().filter(|_| front.asks_here().is_some());
        let keeps_rights = matches!(front.oversight(), Oversight::Own { keeps_rights: true });
        let programs = Programs::default();
        Overseer {
            front,
            answers: RefCell::new(Answers::new(answered)),
            asks,
            caller: std::process::id(),
            harmless: RefCell::default(),
            clean: RefCell::default(),
            frozen: RefCell::new(front.frozen()),
            programs,
            keeps_rights,
            begun: SystemTime::now(),
            around: RefCell::default(),
            hasher: RandomState::new(),
        }
    }

    /// What was harmless before a freeze began or ended may be something else now.
    fn forget_on_a_freeze(&self) {
        let now = self.front.frozen();
        if *self.frozen.borrow() != now {
            self.harmless.borrow_mut().clear();
            *self.clean.borrow_mut() = Memo::default();
            *self.frozen.borrow_mut() = now;
        }
    }

    fn judge(&self, source: &Source<'_>, facts: &Noting<'_>, thread: i32) -> Judgement {
        let mut judged = pipeline::judge(source, facts, &self.front.policy);
        if self.answers.borrow().take_out_of(&mut judged.verdict, thread) {
            // Another process may have no answer to it.
            facts.waver();
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
    fn keep(&self, place: &Place, facts: &Observed) {
        let mut known = self.around.borrow_mut();
        let stands =
            known.as_ref().is_some_and(|known| known.place == *place && known.since.elapsed() < STANDING);
        if !stands && let Some(around) = facts.surroundings() {
            *known = Some(Known { place: place.clone(), since: Instant::now(), around });
        }
    }

    fn answer(&self, execution: &Execution, words: &[String], judged: Judgement) -> Answer {
        if execution.is_hidden() {
            return unreadable("its environment cannot be read");
        }
        let again = self.is_told_by_words(execution, &judged);
        let shown = shell_words::join(words);
        match self.front.permit(judged.verdict) {
            Ok((_permit, verdict, outcome)) if is_no_news(&verdict, outcome) => Answer::GoesOn { again },
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
        // What no freeze makes count now may count when one has begun.
        call.name().is_some_and(|name| actions::is_plain(name) && !self.front.policy.rules.names(name, true))
    }

    fn is_asked_about(&self, verdict: &Verdict) -> bool {
        verdict.decision == Decision::Confirm && (self.asks.is_some() || self.front.seeks(verdict))
    }

    /// The words of the call, under each name of what really runs.
    fn words(&self, execution: &Execution) -> Vec<Vec<String>> {
        let executed = Executed {
            given: &execution.given,
            path: &execution.path,
            file: &execution.file,
            name: execution.argv.first().map(OsString::as_os_str),
        };
        let word = |word: &OsString| match execution.named_by_descriptor(word) {
            Some(path) => bytes::text_of(&path),
            None => bytes::text_of(word),
        };
        let rest: Vec<String> = execution.argv.iter().skip(1).map(word).collect();
        let names = self.programs.judged(executed, || looked_for(execution)).into_iter();
        names.map(|name| [&[bytes::text_of(&name)][..], &rest].concat()).collect()
    }

    /// The strictest of what is said of the call under each of its names, with its words.
    fn strictest<T>(
        &self,
        execution: &Execution,
        Told { names, input }: &Told,
        judge: impl Fn(&Source<'_>) -> T,
        judged: impl Fn(&T) -> &Judgement,
    ) -> (T, Vec<String>) {
        let all = names.iter().map(|words| {
            let env = given(execution, words);
            let source = Source::Call { words, input: input.clone(), env: &env };
            (judge(&source), words)
        });
        let rank = |found: &(T, &Vec<String>)| {
            let verdict = &judged(&found.0).verdict;
            (verdict.decision, verdict.findings.len(), judged(&found.0).walked.actions.len())
        };
        let (found, words) = all.max_by_key(rank).expect("a program has a name");
        (found, words.clone())
    }

    fn told(&self, execution: &Execution) -> Told {
        Told { names: self.words(execution), input: input(execution) }
    }

    /// Whether the same call may be told by what was found of it. What it reads as its standard input is named by its
    /// process, and so is where it sees other files.
    fn is_alike(execution: &Execution, told: &Told) -> bool {
        told.input.is_none() && !execution.apart && !execution.is_hidden()
    }

    /// What was found of the same call, where it would be found again.
    fn recall(&self, key: &(Called, Place), told: &Told, facts: &dyn Facts) -> Option<Answer> {
        let clean = self.clean.borrow();
        let known = clean.get(key)?;
        let stands = known.names == self.hasher.hash_one(&told.names) && known.stands(facts, &self.hasher);
        stands.then_some(Answer::GoesOn { again: known.again })
    }

    /// What there is to remember of a call that goes on.
    fn found(&self, answer: &Answer, told: &Told, noting: Noting<'_>) -> Option<Found> {
        match answer {
            Answer::GoesOn { again } => noting.found(*again, self.hasher.hash_one(&told.names)),
            _ => None,
        }
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

/// What a program gets of the variables that it follows itself, where its caller changed them.
fn given(execution: &Execution, words: &[String]) -> Vec<(String, String)> {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let followed = actions::followed_by(program).iter().filter_map(|name| {
        let value = execution.variable(name).ok().flatten()?;
        let changed = std::env::var_os(name).as_ref() != Some(&value);
        changed.then(|| ((*name).to_owned(), bytes::text_of(&value)))
    });
    followed.collect()
}

/// Whether nothing is to be said of it, whoever asks.
fn is_clean(judged: &Judgement) -> bool {
    judged.verdict.findings.is_empty() && judged.walked.unprovable.is_none()
}

/// What waits for a later exec is no news.
fn is_no_news(verdict: &Verdict, outcome: Outcome) -> bool {
    verdict.decision == Decision::Allow && outcome == Outcome::Ran
}

impl Judge for Overseer<'_> {
    fn at_once(&self, execution: &Rc<Execution>) -> Option<Answer> {
        self.forget_on_a_freeze();
        let call = Called::of(execution);
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
        let key = (call, place);
        let told = self.told(execution);
        let is_alike = Self::is_alike(execution, &told);
        let facts = self.facts_at(&key.1, execution);
        if is_alike {
            let quick = Quick::again(&facts, execution);
            let known = self.recall(&key, &told, &quick);
            if quick.is_late() || known.is_some() {
                return known.filter(|_| !quick.is_late());
            }
        }
        let quick = Quick::new(&facts, execution);
        let noting = Noting::new(&quick, &self.hasher);
        let judge = |source: &Source<'_>| self.judge(source, &noting, execution.thread);
        let (judged, words) = self.strictest(execution, &told, judge, |judged| judged);
        self.keep(&key.1, &facts);
        if quick.is_late() || !judged.verdict.decision.runs() {
            return None;
        }
        let is_clean = is_alike && is_clean(&judged);
        let answer = self.answer(execution, &words, judged);
        match answer {
            Answer::GoesOn { again: false } if !quick.asked() => remember(&self.harmless, key.0),
            _ if is_clean && let Some(found) = self.found(&answer, &told, noting) => {
                self.clean.borrow_mut().insert(key, found);
            }
            _ => {}
        }
        Some(answer)
    }

    fn thoroughly(&self, execution: &Rc<Execution>) -> (Answer, Vec<u8>) {
        let place = match self.place(execution) {
            Ok(place) => place,
            Err(why) => return (unreadable(&why), Vec::new()),
        };
        let facts = self.facts_at(&place, execution);
        let key = (Called::of(execution), place);
        let told = self.told(execution);
        let is_alike = Self::is_alike(execution, &told);
        if is_alike && let Some(known) = self.recall(&key, &told, &facts) {
            return (known, Vec::new());
        }
        let noting = Noting::new(&facts, &self.hasher);
        let judge = |source: &Source<'_>| self.judge(source, &noting, execution.thread);
        let (judged, words) = self.strictest(execution, &told, judge, |judged| judged);
        let is_clean = is_alike && is_clean(&judged);
        let answer = self.answer(execution, &words, judged);
        let found = if is_clean { self.found(&answer, &told, noting) } else { None };
        // What is no text is not remembered.
        let learned = found.and_then(|found| serde_json::to_vec(&Learned::Clean(key.1, found)).ok());
        (answer, learned.unwrap_or_default())
    }

    fn learn(&self, execution: &Execution, learned: &[u8]) {
        match serde_json::from_slice(learned) {
            Ok(Learned::Clean(place, found)) => {
                self.clean.borrow_mut().insert((Called::of(execution), place), found);
            }
            Ok(Learned::Granted(answered)) => {
                self.answers.borrow_mut().grant(execution.thread, answered);
            }
            Err(_) => {}
        }
    }

    fn was_answered(&self, thread: i32, findings: &[u8]) -> bool {
        let Ok(wanted) = serde_json::from_slice::<Vec<Answered>>(findings) else { return false };
        self.answers.borrow().include(&wanted, thread)
    }

    fn lost(&self) {
        let verdict = decide::refuse("its supervisor was killed, and nothing below starts any more");
        // There is nobody else to tell.
        let _ = self.front.record(Kind::Exec, "", &verdict, Outcome::Refused);
    }

    fn patience(&self) -> Duration {
        self.asks.unwrap_or_else(|| self.front.patience())
    }

    fn asks_at_terminal(&self) -> bool {
        self.asks.is_some()
    }

    fn ask(&self, execution: &Rc<Execution>, terminal: Terminal, wait: Duration) -> (Answer, Vec<u8>) {
        let (input, output) = terminal;
        let keys = match self.front.proof() {
            Ok(keys) => keys,
            Err(why) => {
                return (Answer::Fails(plain(&format!("guard: refused: {why}; it did not run"))), Vec::new());
            }
        };
        let (kind, pid) = (Kind::Exec, execution.thread.unsigned_abs());
        let nos = Nos { front: self.front, kind, pid, caller: self.caller };
        self.question(execution, wait, |question| {
            front::put(question, Some(&nos), &mut Keyboard::new(input, output, keys))
        })
    }

    fn seek(&self, execution: &Rc<Execution>, wait: Duration, say: &dyn Fn(&str)) -> (Answer, Vec<u8>) {
        let asker = Asker { kind: Kind::Exec, pid: execution.thread.unsigned_abs(), say };
        self.question(execution, wait, |question| front::seek(self.front, question, &asker))
    }
}

impl Overseer<'_> {
    /// Puts the question about a call to somebody.
    fn question(
        &self,
        execution: &Rc<Execution>,
        wait: Duration,
        put: impl FnOnce(&Question<'_>) -> Result<Permit, String>,
    ) -> (Answer, Vec<u8>) {
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
        match put(&question) {
            // What was approved is what runs, and nothing else.
            Ok(permit) => {
                let learned = serde_json::to_vec(&Learned::Granted(permit.answered().to_vec()));
                (Answer::GoesOn { again: true }, learned.unwrap_or_default())
            }
            Err(line) => (Answer::Fails(line), Vec::new()),
        }
    }

    /// The call as it is now, with a measure of all that the verdict rests on. What cannot be read
    /// any more is refused.
    fn measured(&self, execution: &Rc<Execution>) -> (Judgement, Digest) {
        let judged = self.facts(execution).map(|facts| {
            let judge = |source: &Source<'_>| {
                let (mut judged, digest) = pipeline::judge_measured(source, &facts, &self.front.policy);
                self.answers.borrow().take_out_of(&mut judged.verdict, execution.thread);
                (judged, digest)
            };
            self.strictest(execution, &self.told(execution), judge, |(judged, _)| judged).0
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

fn remember<T: Hash + Eq>(calls: &RefCell<HashSet<T>>, call: T) {
    let mut calls = calls.borrow_mut();
    if calls.len() == MOST {
        calls.clear();
    }
    calls.insert(call);
}

/// What the call is, seen at one time.
#[derive(Debug)]
struct Told {
    /// Its words under each name of the program.
    names: Vec<Vec<String>>,
    /// The file that is its standard input.
    input: Option<String>,
}

/// A call, as far as it alone tells what comes of it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Called {
    given: PathBuf,
    path: PathBuf,
    file: Stamp,
    argv: Vec<OsString>,
}

impl Called {
    fn of(execution: &Execution) -> Called {
        let (given, path) = (execution.given.clone(), execution.path.clone());
        Called { given, path, file: Stamp::of(&execution.file), argv: execution.argv.clone() }
    }
}
