//! guard as a shell: finds what would run, has it judged, and becomes the real shell.

mod complete;
mod flags;
mod invocation;
mod live;
mod payload;
mod real;
mod source;
mod stand_in;
mod stream;

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use invocation::Identity;
use invocation::{Invocation, Source as Asked, StartupWord};
pub use payload::before_payload;
use real::RealShell;
use source::{Handover, Taken, TakenText};
pub use stand_in::quote;

use crate::actions::SUBCOMMANDS;
use crate::audit::{Kind, Outcome};
use crate::cli::look::notice;
use crate::decide::{self, Digest, Permit, Watch};
use crate::error::{Error, ErrorKind};
use crate::exec::pty::Ending;
use crate::exec::replace;
use crate::front::{Front, Work};
use crate::model::{Verdict, bytes, plain};
use crate::pipeline::{Judgement, Source, Way};
use crate::rules::nearest;
use crate::sys::{fd, signal};

/// Runs a call as a shell. Returns the exit code only where no shell took over.
pub fn run(argv: &[OsString]) -> i32 {
    conclude(start(argv))
}

/// Ends as what ran on guard's terminal did, or says why nothing ran.
pub fn conclude(outcome: Result<Ending, Error>) -> i32 {
    match outcome {
        Ok(Ending::Exited(status)) => status,
        Ok(Ending::Signaled(number)) => {
            signal::die_of(number);
            128 + number
        }
        Err(error) => report(&error),
    }
}

/// Says in one line why nothing ran.
pub fn report(error: &Error) -> i32 {
    let line = match error.kind() {
        ErrorKind::Verdict => error.to_string(),
        _ => plain(&format!("guard: {error}")),
    };
    fd::give_up(&notice(&line), error.exit().code())
}

/// From the words of a call to the real shell, in guard's place or on its terminal.
fn start(argv: &[OsString]) -> Result<Ending, Error> {
    let name = argv.first().map_or(OsStr::new("guard"), OsString::as_os_str);
    let identity = Identity::called(name);
    let search = env::var_os("PATH");
    let front = Front::open().map(|front| front.chosen(identity != Identity::Guard));
    let front = front.map_err(|error| error.hint("nothing ran"));
    let configured = front.as_ref().ok().and_then(|front| front.layers.shell());
    let real = real::find(identity, configured, search.as_deref())?;
    let mut argv = argv.to_vec();
    let zero = real::argv_zero(identity, name, &real);
    match argv.first_mut() {
        Some(first) => *first = zero,
        None => argv.push(zero),
    }
    let invocation = flags::parse(real.grammar, &argv);
    let call = |front| Call { front, invocation: &invocation, real: &real, argv: &argv };
    match source::take(&invocation, search.as_deref())? {
        Taken::Nothing => {
            if identity == Identity::Guard
                && let Some(line) = meant(&invocation)
            {
                fd::complain(&notice(&line));
            }
            Err(replace(Permit::for_idle_shell(), Watch::Unwatched, &real.path, &argv))
        }
        Taken::Terminal => interactive(front, &invocation, &real, &argv),
        Taken::Text(taken) => call(&front?).run(&taken),
        Taken::Stream(start) => stream::run(&front?, &invocation, &real, &argv, start),
    }
}

/// What is said of a script that is not there, where its name is nearly that of a subcommand.
fn meant(invocation: &Invocation) -> Option<String> {
    let Asked::File(name) = &invocation.source else { return None };
    let name = name.to_str().filter(|name| !name.contains('/') && !Path::new(name).exists())?;
    let words = SUBCOMMANDS.iter().filter(|word| !word.starts_with('-'));
    let near = nearest(name, words.map(|word| (*word).to_owned()))?;
    Some(plain(&format!("guard: there is no subcommand `{name}`; did you mean `guard {near}`?")))
}

/// A shell at a terminal. Its lines are judged one at a time, where its own means allow that; else
/// what is typed there is not judged, and the record says so.
fn interactive(
    front: Result<Front, Error>,
    invocation: &Invocation,
    real: &RealShell,
    argv: &[OsString],
) -> Result<Ending, Error> {
    let front = front.unwrap_or_else(|_| {
        let (front, broken) = Front::lenient();
        broken.iter().for_each(|line| fd::complain(&notice(line)));
        front
    });
    if invocation.source == Asked::Stdin && live::covers(invocation, argv) && front.hosts(Work::Interactive) {
        match live::run(&front.places, invocation, real, argv) {
            Ok(ended) => return ended,
            Err(error) => {
                fd::complain(&notice(&format!("guard: lines typed here are not judged: {error}")));
            }
        }
    }
    // A shell that a person needs to mend things starts without a record too.
    let _ = front.record(Kind::Interactive, "", &Verdict::default(), Outcome::Ran);
    front.run(Permit::for_idle_shell(), (Work::Interactive, Way::Usual), &real.path, argv)
}

/// The shell that runs under a name.
pub fn real_shell(name: &OsStr, configured: Option<&Path>, search: Option<&OsStr>) -> Result<PathBuf, Error> {
    real::find(Identity::of(name), configured, search).map(|real| real.path)
}

/// Whether a file is a guard: this one, another copy or another version.
pub fn is_guard(path: &Path) -> bool {
    real::leads_to_guard(path)
}

/// One text, run as one shell text by the user's shell: `guard -- TEXT`.
pub fn run_text(text: &OsStr) -> i32 {
    let words = ["guard", "-c", "--"].map(OsString::from);
    run(&[&words[..], &[text.to_owned()]].concat())
}

/// What is known of a call whose text was taken.
struct Call<'a> {
    front: &'a Front,
    invocation: &'a Invocation,
    real: &'a RealShell,
    argv: &'a [OsString],
}

impl Call<'_> {
    /// Judges the text and becomes the shell, or says why not.
    fn run(&self, taken: &TakenText) -> Result<Ending, Error> {
        let (kind, text) = (taken.kind, taken.text.as_slice());
        let mut judged = judge_text(self.front, self.invocation, text);
        if taken.cut && judged.verdict.unprovable.is_some() {
            // Only what is proved to end where it was cut off may be taken for the whole.
            judged.verdict = decide::refuse("it does not surely end before the bytes that are no text");
        }
        let shown = bytes::text(text);
        let way = judged.way;
        match self.front.permit(judged.verdict) {
            Ok((permit, verdict, outcome)) => match self.front.record(kind, &shown, &verdict, outcome) {
                Ok(()) => self.become_shell(permit, way, text, taken.handover),
                Err(error) => Err(error),
            },
            Err(refused) => {
                judged.verdict = refused.verdict;
                let judge = || self.judge_again(taken);
                let script = match &self.invocation.source {
                    Asked::File(name) => Some(bytes::text(name.as_bytes())),
                    _ => None,
                };
                if let Some(mut human) = self.front.asked(&judged.verdict) {
                    let answer = self.front.ask(kind, &shown, script.as_deref(), &judge, &mut human);
                    let permit = answer.map_err(Error::refused_line)?;
                    return self.become_shell(permit, way, text, taken.handover);
                }
                if self.front.seeks(&judged.verdict) {
                    return match self.front.seek(kind, &shown, script.as_deref(), &judge) {
                        Ok(permit) => self.become_shell(permit, way, text, taken.handover),
                        Err(line) => {
                            self.stand_in(text, &judged, &line).unwrap_or(Err(Error::refused_line(line)))
                        }
                    };
                }
                // Refused whether that can be recorded or not.
                let _ = self.front.record(kind, &shown, &judged.verdict, Outcome::Refused);
                let line = Front::refusal(&judged.verdict);
                self.stand_in(text, &judged, &line).unwrap_or(Err(Error::refused_line(line)))
            }
        }
    }

    /// Judges what the shell would run now: a script may have been changed since it was read.
    fn judge_again(&self, taken: &TakenText) -> (Judgement, Digest) {
        let read_again = taken.kind == Kind::Script && taken.handover.is_none();
        let now = read_again.then(|| source::take(self.invocation, env::var_os("PATH").as_deref()));
        let text = match &now {
            None => taken.text.as_slice(),
            Some(Ok(Taken::Text(now))) => now.text.as_slice(),
            Some(_) => b"",
        };
        let (source, runs) = source_of(self.invocation, text);
        self.front.judge_measured(&source, runs)
    }

    fn become_shell(
        &self,
        permit: Permit,
        way: Way,
        text: &[u8],
        handover: Option<Handover>,
    ) -> Result<Ending, Error> {
        let mut argv = self.argv.to_vec();
        let script = match &self.invocation.source {
            Asked::File(path) => path.as_os_str(),
            _ => OsStr::new(""),
        };
        let text = match &self.invocation.source {
            // Only what stands behind the command came from the pipe.
            Asked::Command(command) => text.get(command.len() + 1..).unwrap_or_default(),
            _ => text,
        };
        if let Some(handover) = handover
            && let Err(error) = source::hand_over(text, handover, &mut argv, script)
        {
            return Err(error);
        }
        self.front.run(permit, (Work::Command, way), &self.real.path, &argv)
    }

    /// Runs what is around a refused command, with a stand-in for the command itself.
    fn stand_in(&self, text: &[u8], refused: &Judgement, line: &str) -> Option<Result<Ending, Error>> {
        for stand_in in stand_in::candidates(self.invocation, text, refused, line) {
            let mut changed = self.invocation.clone();
            changed.positional.clone_from(&stand_in.positional);
            let judged = judge_text(self.front, &changed, &stand_in.text);
            if !stand_in::would_run(&judged, line) {
                continue;
            }
            let way = judged.way;
            if let Ok((permit, _)) = Permit::from_verdict(judged.verdict) {
                let argv = stand_in::argv(self.argv, self.invocation, &stand_in);
                return Some(self.front.run(permit, (Work::Command, way), &self.real.path, &argv));
            }
        }
        None
    }
}

/// Judges a text as this call's shell would run it.
fn judge_text(front: &Front, invocation: &Invocation, text: &[u8]) -> Judgement {
    let (source, runs) = source_of(invocation, text);
    front.judge(&source, runs)
}

/// A text as this call's shell would run it, and whether startup files run before it.
fn source_of<'a>(invocation: &Invocation, text: &'a [u8]) -> (Source<'a>, bool) {
    let words = invocation.name.iter().chain(&invocation.positional);
    let source = Source::Shell {
        file: match &invocation.source {
            Asked::File(path) => Some(bytes::text_of(path)),
            _ => None,
        },
        text,
        dialect: invocation.grammar.dialect(),
        positional: words.map(bytes::text_of).collect(),
        startup: startup(invocation),
    };
    (source, invocation.runs_startup_files(|name| env::var_os(name)))
}

/// The startup files that the environment or a flag names: part of what runs. A word that the
/// shell expands is given as it is, if there may be commands in it, else only where it names a
/// file.
fn startup(invocation: &Invocation) -> Vec<String> {
    let word = match invocation.startup_word(|name| env::var_os(name)) {
        Some(StartupWord::Path(path)) => path,
        Some(StartupWord::Expanded(word)) => {
            let text = bytes::text_of(&word);
            if text.contains(['$', '`']) {
                return vec![text];
            }
            word
        }
        None => return Vec::new(),
    };
    let path = Path::new(&word);
    if path.is_file() { vec![bytes::text_of(&word)] } else { Vec::new() }
}
