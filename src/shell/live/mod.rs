//! A shell at a terminal whose every line is judged before it runs, by the shell's own means:
//! what is added to the shell asks over two pipes, and guard, which runs it on a terminal of its
//! own, answers.

mod begun;
mod channel;
mod known;
mod startup;
mod told;
mod wish;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::rc::Rc;

use begun::Begun;
use channel::{Came, Channel};
use known::{Known, Unasked};
use told::Told;
use wish::{Line, Wish};

pub use startup::covers;

use super::complete::{Awaited, ending, is_complete};
use super::invocation::Invocation;
use super::real::RealShell;
use crate::approve::off::{self, Switch};
use crate::audit::{Kind, Outcome};
use crate::cli::look::notice;
use crate::cli::render;
use crate::config::Places;
use crate::decide::{self, Digest, Permit, Watch};
use crate::error::Error;
use crate::exec::pty::{self, Beside, Ending, Outer};
use crate::front::{Front, variable};
use crate::model::{Effect, Finding, Match, Obligation, Span, Verdict, bytes};
use crate::pipeline::{Judgement, Source};
use crate::syntax::Dialect;

/// The function of the shell's that stands in for a refused command.
const STAND_IN: &str = "guard-refused";
/// What a shell is told besides, where the command surely goes on behind its line.
const GOES_ON: &str = "on";
/// What a shell is told besides, where the refused line stands on the screen.
const SHOWN: &str = "shown";
/// So often a shell is asked for more of its state before a line counts as unreadable.
const ROUNDS: usize = 64;
/// So many bytes of names fit one answer.
const NAMES: usize = 48 << 10;

/// Runs a shell whose lines are judged. An outer error: nothing has run, and its lines
/// cannot be judged here.
pub fn run(
    places: &Places,
    invocation: &Invocation,
    real: &RealShell,
    argv: &[OsString],
) -> io::Result<Result<Ending, Error>> {
    let channel = Channel::create(places.passing.iter().map(PathBuf::as_path))?;
    let off = off::file(&places.state);
    let startup = startup::prepare(invocation, argv, |name| env::var_os(name), &channel, &off)?;
    let mut live = Live {
        channel,
        dialect: real.grammar.dialect(),
        off,
        told: None,
        turns_off: false,
        broken: None,
        open: None,
        begun: None,
    };
    let permit = Permit::for_idle_shell();
    Ok(pty::run(permit, &real.path, &startup.argv, &startup.env, Some(&mut live), None))
}

/// What a shell is answered.
#[derive(Debug)]
enum Answer {
    /// More of its state is needed.
    Ask(Unasked),
    /// The shell makes room on the terminal for a question about the line.
    Wait,
    /// The line may run; what is said at the next prompt.
    Run(Permit, Option<Told>),
    /// This line may run in its place, and says why; whether it is a command of its own.
    Replace(Permit, String, String, bool),
    /// It may not, and why.
    Refuse(String),
}

/// The side of guard that answers.
#[derive(Debug)]
pub struct Live {
    channel: Channel,
    dialect: Dialect,
    /// The file by which guard is off.
    off: PathBuf,
    /// What the last line ran in spite of, for guard is off.
    told: Option<Told>,
    /// The last line is a `guard off` that puts its own question.
    turns_off: bool,
    /// Why the last line was not judged by the whole configuration.
    broken: Option<String>,
    /// The line that is being judged.
    open: Option<Open>,
    /// A long command that the shell has not read to its end.
    begun: Option<Begun>,
}

/// A line that is being judged.
#[derive(Debug)]
struct Open {
    /// The question's number.
    number: usize,
    line: Box<Line>,
    front: Front,
    known: Known,
    /// How often the shell was asked for more.
    round: usize,
    /// The shell was told to make room for a question.
    waits: bool,
    /// It is a `guard off` that puts its own question.
    turns_off: bool,
}

impl Beside for Live {
    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        vec![self.channel.descriptor()]
    }

    fn draws_anew(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    fn ready(&mut self, outer: &mut Outer<'_>) -> io::Result<()> {
        outer.hold_keys()?;
        if self.serve(outer).is_err() {
            // A shell that is not answered, or not in full, refuses the line.
            self.open = None;
        }
        Ok(())
    }
}

impl Live {
    /// Takes up what the shell said, and answers it.
    fn serve(&mut self, outer: &mut Outer<'_>) -> io::Result<()> {
        self.channel.receive()?;
        if !self.channel.may_be_whole() {
            return Ok(());
        }
        loop {
            match &mut self.open {
                Some(open) => {
                    let known = &mut open.known;
                    if self.channel.take(|fields| known.read(fields)) == Came::Part {
                        return Ok(());
                    }
                }
                None if !self.channel.begins() => return Ok(()),
                None => {
                    let Came::Whole((number, wish)) = self.channel.take(Wish::read) else { return Ok(()) };
                    match wish {
                        Wish::Line(mut line, known) => {
                            outer.begin_check(&line.text);
                            if let Some(begun) = &mut self.begun
                                && begun.goes_on(&line, &known)
                            {
                                // Nothing runs yet, and what then would is judged whole.
                                outer.end_check();
                                self.channel.answer(number, "run", GOES_ON, "")?;
                                continue;
                            }
                            if let Some(begun) = self.begun.take() {
                                line.recorded = begun.recorded(&line);
                            }
                            let directory = line.place();
                            // Guard's own files may have broken since the shell started.
                            let (front, broken) = Front::lenient_at(directory);
                            self.channel.has_to_say(broken.is_some());
                            self.broken = broken;
                            self.open = Some(Open {
                                number,
                                line,
                                front,
                                known,
                                round: 0,
                                waits: false,
                                turns_off: false,
                            });
                        }
                        Wish::Again => {
                            outer.leave_line_out()?;
                            self.channel.answer(number, "again", "", "")?;
                            continue;
                        }
                        Wish::Empty => {
                            outer.begin_check("");
                            outer.end_check();
                            self.channel.answer(number, "empty", "", "")?;
                            continue;
                        }
                        Wish::Prompt => {
                            let said = self.before_prompt();
                            self.channel.answer(number, "prompt", &said, "")?;
                            continue;
                        }
                    }
                }
            }
            self.reply(outer)?;
        }
    }

    /// What is said in front of a prompt: that its configuration is broken, that guard is off, and
    /// what ran because of it.
    fn before_prompt(&mut self) -> String {
        let ran = self.told.take().and_then(Told::line);
        let lines = match off::switch(&self.off) {
            Switch::On => Vec::new(),
            // The line that turned it off has said so.
            Switch::Off(_) if std::mem::take(&mut self.turns_off) => Vec::new(),
            Switch::Off(leave) => ran.into_iter().chain([render::is_off(&leave)]).collect(),
            Switch::Doubtful(why) => vec![render::is_doubtful(&why)],
        };
        self.broken.iter().chain(&lines).map(|line| notice(line)).collect::<Vec<_>>().join("\n")
    }

    fn reply(&mut self, outer: &mut Outer<'_>) -> io::Result<()> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let number = open.number;
        let answer = judge(&mut open, self.dialect, outer);
        if let Answer::Run(..) | Answer::Replace(..) = answer {
            outer.end_check();
        }
        match answer {
            Answer::Ask(Unasked { variables, commands }) => {
                open.round += 1;
                self.open = Some(open);
                self.channel.answer(number, "state", &variables.join(" "), &commands.join(" "))
            }
            Answer::Wait => {
                open.waits = true;
                self.open = Some(open);
                outer.end_line()?;
                self.channel.answer(number, "wait", "", "")
            }
            Answer::Run(permit, told) => {
                permit.redeem(Watch::Unwatched).map_err(io::Error::other)?;
                self.told = told;
                self.turns_off = open.turns_off;
                self.begun = Begun::behind(&open.line, &open.known, self.dialect);
                let lines = format!("{}{}\n", open.line.pending, open.line.text);
                let goes_on = open.known.keeps_shape() && Awaited::by(lines.as_bytes()).is_some();
                self.channel.answer(number, "run", if goes_on { GOES_ON } else { "" }, "")
            }
            Answer::Replace(permit, text, why, whole) => {
                permit.redeem(Watch::Unwatched).map_err(io::Error::other)?;
                let verb = if whole { "whole" } else { "replace" };
                self.channel.answer(number, verb, &text, &notice(&why))
            }
            Answer::Refuse(why) => {
                let shown = if outer.end_line()? { SHOWN } else { "" };
                self.channel.answer(number, "refuse", shown, &notice(&why))
            }
        }
    }
}

/// Judges a line with what is known of the shell that asks, and asks a human where one is there.
fn judge(open: &mut Open, dialect: Dialect, outer: &mut Outer<'_>) -> Answer {
    let Open { number: _, line, front, known, round, waits, turns_off } = open;
    let context = Context { front, line, known, dialect };
    let (mut judged, _, wanted) = context.judge(&line.text, true);
    let unasked = known.unasked(&wanted.variables, &wanted.commands);
    known.ask(&unasked);
    let names = unasked.length();
    let too_much = names > NAMES || *round > ROUNDS;
    if names > 0 && !too_much {
        return Answer::Ask(unasked);
    }
    let misleading = known.misleading_alias(dialect);
    if too_much || misleading.is_some() {
        let why = misleading.map(|name| format!("the alias `{name}` makes something else of it"));
        let verdict = decide::refuse(why.as_deref().unwrap_or("it uses too much of the shell's state"));
        let context = Context { front, line, known, dialect };
        return context
            .decide(verdict)
            .map_or_else(Answer::Refuse, |(permit, told)| Answer::Run(permit, told));
    }
    let context = Context { front, line, known, dialect };
    let findings = judged.verdict.findings.len();
    judged.verdict = without_own_question(judged.verdict, front);
    *turns_off = judged.verdict.findings.len() < findings;
    let human = front.asked(&judged.verdict);
    let decided = match human {
        Some(_) if !*waits => return Answer::Wait,
        Some(mut human) => {
            // What the shell has shown stands above the question.
            let flushed = outer.show_rest();
            let asked = || context.shown();
            let answer = front.ask(Kind::Line, &context.lines(), None, &asked, &mut human);
            let answer = answer.map(|permit| (permit, None));
            flushed.map_err(|error| format!("guard: refused: the terminal failed: {error}")).and(answer)
        }
        None if front.seeks(&judged.verdict) => {
            if !*waits {
                return Answer::Wait;
            }
            let asked = || context.shown();
            front.seek(Kind::Line, &context.lines(), None, &asked).map(|permit| (permit, None))
        }
        None => context.decide(judged.verdict.clone()),
    };
    match decided {
        Ok((permit, told)) => Answer::Run(permit, told),
        Err(why) => context.replace(&judged, &why).unwrap_or(Answer::Refuse(why)),
    }
}

/// The verdict without what a human is asked anyway: `guard off` and its like, typed as they are, put a question of
/// its own.
fn without_own_question(verdict: Verdict, front: &Front) -> Verdict {
    const OWN: &[&str] = &["startup.guard-off", "startup.guard-thaw", "startup.guard-human"];
    let own = |finding: &Finding| {
        OWN.contains(&finding.rule.as_str()) && finding.via.is_empty() && finding.matched == Match::Yes
    };
    if !verdict.findings.iter().any(own) || front.human().is_err() {
        return verdict;
    }
    let rest = verdict.findings.into_iter().filter(|finding| !own(finding)).collect();
    let relies = verdict.obligations.contains(&Obligation::Supervise);
    decide::weigh(rest, verdict.unprovable, None, relies)
}

/// What a judgement asked for that only the shell knows.
struct Wanted {
    variables: BTreeSet<String>,
    commands: BTreeSet<String>,
}

/// A line, and what it is judged with.
struct Context<'a> {
    front: &'a Front,
    line: &'a Line,
    known: &'a Known,
    dialect: Dialect,
}

impl Context<'_> {
    /// What the shell has not run yet, and in front of it the state that it has; and where `text`,
    /// the last line, begins. A here-document or quote that goes on is text, not commands.
    fn whole(&self, text: &str) -> (String, usize) {
        let lines = format!("{}{text}\n", self.line.pending);
        let ending = String::from_utf8_lossy(&ending(lines.as_bytes())).into_owned();
        let start = self.known.prelude().len() + self.line.pending.len();
        (format!("{}{lines}{ending}", self.known.prelude()), start)
    }

    /// What the shell has not run yet, as it was typed.
    fn lines(&self) -> String {
        format!("{}{}", self.line.pending, self.line.text)
    }

    /// The judgement on the line, as one on what was typed.
    fn shown(&self) -> (Judgement, Digest) {
        let (mut judged, digest, _) = self.judge(&self.line.text, false);
        let before = self.known.prelude().len();
        let place = |at: usize| at.saturating_sub(before);
        let moved = |span: Span| Span::new(place(span.start), place(span.end));
        judged.verdict.findings.iter_mut().for_each(|finding| finding.span = moved(finding.span));
        judged.walked.actions.iter_mut().for_each(|action| action.span = moved(action.span));
        (judged, digest)
    }

    /// `asks`: the shell is asked for what is wanted, and all is judged again then.
    fn judge(&self, text: &str, asks: bool) -> (Judgement, Digest, Wanted) {
        let (whole, _) = self.whole(text);
        let (mut judged, mut digest, mut wanted) = self.judge_source(&whole);
        let prelude = self.known.prelude();
        let asks = asks && self.known.unasked(&wanted.variables, &wanted.commands).length() > 0;
        if judged.verdict.unprovable.is_some() && !prelude.is_empty() && !asks {
            // Whatever makes the state unreadable must hide nothing of the line.
            let alone = &whole[prelude.len()..];
            let (other, measured, more) = self.judge_source(alone);
            wanted.variables.extend(more.variables);
            wanted.commands.extend(more.commands);
            if other.verdict.decision > judged.verdict.decision {
                (judged, digest) = (other, measured);
                let moved = |span: Span| Span::new(span.start + prelude.len(), span.end + prelude.len());
                judged.verdict.findings.iter_mut().for_each(|finding| finding.span = moved(finding.span));
                judged.walked.actions.iter_mut().for_each(|action| action.span = moved(action.span));
            }
        }
        (judged, digest, wanted)
    }

    fn judge_source(&self, text: &str) -> (Judgement, Digest, Wanted) {
        let name = match self.dialect {
            Dialect::Zsh => "zsh",
            _ => "bash",
        };
        let positional =
            std::iter::once(name.to_owned()).chain(self.line.positional.iter().cloned()).collect();
        let source = Source::Shell {
            file: None,
            text: &bytes::raw(text),
            dialect: self.dialect,
            positional,
            startup: Vec::new(),
        };
        let exported = self.known.exported();
        let asked = Rc::new(RefCell::new(BTreeSet::new()));
        let seen = Rc::clone(&asked);
        let env = move |name: &str| match exported.get(name) {
            Some(value) => value.clone(),
            None => {
                seen.borrow_mut().insert(name.to_owned());
                variable(name)
            }
        };
        let (judged, digest) = self.front.judge_in(&source, env);
        let calls = judged.walked.actions.iter().filter_map(|action| match &action.effect {
            Effect::Call(call) => call.program.as_known().map(str::to_owned),
            _ => None,
        });
        let commands = calls.collect();
        (judged, digest, Wanted { variables: asked.take(), commands })
    }

    /// Records a verdict; a permit with what is to be said of it, or the reason why there is none.
    fn decide(&self, verdict: Verdict) -> Result<(Permit, Option<Told>), String> {
        let text = &self.lines()[self.line.recorded..];
        match self.front.permit(verdict) {
            Ok((permit, verdict, outcome)) => {
                let recorded = self.front.record(Kind::Line, text, &verdict, outcome);
                let told = (outcome == Outcome::WhileOff).then(|| Told::new(&verdict, self.front.log()));
                recorded.map(|()| (permit, told)).map_err(|error| format!("guard: {error}"))
            }
            Err(refused) => {
                // Refused whether that can be recorded or not.
                let _ = self.front.record(Kind::Line, text, &refused.verdict, Outcome::Refused);
                Err(Front::refusal(&refused.verdict))
            }
        }
    }

    /// The line with a stand-in for what is refused in it, where the rest must go on: inside a
    /// command that bash has already begun to read, and in a caller's braces.
    fn replace(&self, judged: &Judgement, why: &str) -> Option<Answer> {
        let text = &self.line.text;
        if self.line.pending.is_empty() && !text.trim_start().starts_with('{') {
            return None;
        }
        let (whole, start) = self.whole(text);
        let stand_in = format!("{STAND_IN} {}", self.line.stand_ins);
        let mut changed = text.clone();
        let mut spans = refused_calls(judged, start, whole.len())?;
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        for span in spans {
            changed.replace_range(span.start - start..span.end - start, &stand_in);
        }
        let (judged, ..) = self.judge(&changed, false);
        let stands = judged.walked.actions.iter().any(|action| match &action.effect {
            Effect::Call(call) => call.name() == Some(STAND_IN),
            _ => false,
        });
        let same_shape = |text: &str| is_complete(format!("{}{text}\n", self.line.pending).as_bytes());
        if !stands || same_shape(text) != same_shape(&changed) {
            return None;
        }
        let (permit, _) = Permit::from_verdict(judged.verdict).ok()?;
        let whole = self.line.pending.is_empty() && same_shape(&changed);
        Some(Answer::Replace(permit, changed, why.to_owned(), whole))
    }
}

/// Where the commands stand that are refused, if all of them stand between two places.
fn refused_calls(judged: &Judgement, from: usize, to: usize) -> Option<Vec<Span>> {
    let calls = judged.walked.actions.iter().filter(|action| matches!(action.effect, Effect::Call(_)));
    let calls: Vec<Span> = calls.map(|action| action.span).collect();
    let mut spans: Vec<Span> = Vec::new();
    for finding in judged.verdict.findings.iter().filter(|finding| !finding.decision.runs()) {
        let around = calls.iter().filter(|span| span.cover(finding.span) == **span);
        let span = around.copied().max_by_key(|span| span.end - span.start)?;
        if span.start < from || span.end > to {
            return None;
        }
        if !spans.iter().any(|other| other.cover(span) == *other) {
            spans.retain(|other| span.cover(*other) != span);
            spans.push(span);
        }
    }
    (!spans.is_empty()).then_some(spans)
}
