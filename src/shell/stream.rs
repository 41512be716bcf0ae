//! A shell that reads its commands from a pipe that stays open.
//!
//! All that comes before a pause is one piece. Where the input ends before it pauses, it is one
//! text like any other. Else the real shell is started on a pipe of guard's own, and a process
//! beside it hands it one judged piece after the other. A program that reads the same standard
//! input gets the same bytes in the same order, but only behind a judgement, and in whole lines;
//! and what the shell leaves unread when it ends is lost to who shares the input with it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};

use super::complete::is_complete;
use super::invocation::Invocation;
use super::real::RealShell;
use super::{judge_text, notice, source_of};
use crate::audit::{Kind, Outcome};
use crate::decide::{Digest, Permit, UNREADABLE};
use crate::error::Error;
use crate::exec::pty::Ending;
use crate::exec::{Fed, Feed};
use crate::exit::Exit;
use crate::front::{Front, Work};
use crate::model::{Action, Effect, Finding, Verdict, bytes};
use crate::pipeline::{Judgement, SOURCE_LIMIT, Way};
use crate::sys::{fd, process, signal};

/// A pause this long ends a piece: long for a program that writes, short for one that waits for
/// the answer.
const PAUSE: i32 = 50;
/// Of what the shell has run, this much counts for what the next piece means.
const MEMORY: usize = 256 << 10;

/// What came before the first pause.
#[derive(Debug)]
pub struct Start {
    /// The bytes.
    pub text: Vec<u8>,
    /// There will be no more.
    pub ended: bool,
    /// Where more comes from.
    pub input: File,
}

/// Reads up to the first pause. `patient`: the first byte may take its time.
pub fn begin(mut input: File, patient: bool) -> io::Result<Start> {
    let mut text = Vec::new();
    let mut ended = false;
    let mut patience = if patient { -1 } else { PAUSE };
    loop {
        if !readable(&input, patience)? {
            break;
        }
        if read_some(&mut input, &mut text)? == 0 {
            ended = true;
            break;
        }
        patience = PAUSE;
        // More than can be judged: it need not be held in memory.
        if text.len() > SOURCE_LIMIT {
            break;
        }
    }
    Ok(Start { text, ended, input })
}

fn readable(input: &File, milliseconds: i32) -> io::Result<bool> {
    use std::os::fd::AsFd;
    let watched = fd::Watched { fd: input.as_fd(), read: true, write: false };
    let [ready] = fd::wait([watched], milliseconds)?;
    Ok(ready.ready || ready.closed)
}

fn read_some(input: &mut File, text: &mut Vec<u8>) -> io::Result<usize> {
    let mut part = [0; 64 << 10];
    loop {
        match input.read(&mut part) {
            Ok(count) => {
                text.extend_from_slice(&part[..count]);
                return Ok(count);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            // Someone else made the caller's pipe one that does not wait.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                readable(input, -1)?;
            }
            Err(e) => return Err(e),
        }
    }
}

/// Starts the shell and leaves the process behind that feeds it.
pub fn run(
    front: &Front,
    invocation: &Invocation,
    real: &RealShell,
    argv: &[OsString],
    start: Start,
) -> Result<Ending, Error> {
    let failed = |error: io::Error| Error::broken("standard input cannot be passed on").because(error);
    let mut piper = Piper { front, invocation, before: Vec::new(), pending: start.text, input: start.input };
    // A first piece that is refused needs no shell.
    let first = match piper.next_piece(false) {
        Some(piece) => match piper.judge(&piece) {
            Ok(permit) => Some((permit, piece)),
            Err(line) => return Err(Error::refused_line(line)),
        },
        None => None,
    };
    let (reader, writer) = match io::pipe() {
        Ok(pipe) => pipe,
        Err(error) => return Err(failed(error)),
    };
    let feed = match Feed::new(writer, process::own_end(), front.watch(Work::Command)) {
        Ok(feed) => feed,
        Err(error) => return Err(failed(error)),
    };
    let left = process::leave_behind(|| piper.serve(feed, first));
    if let Err(error) = left.and_then(|()| fd::put(OwnedFd::from(reader), 0)) {
        return Err(failed(error));
    }
    front.run(Permit::for_idle_shell(), (Work::Command, Way::Usual), &real.path, argv)
}

/// The process beside the shell.
struct Piper<'a> {
    front: &'a Front,
    invocation: &'a Invocation,
    /// What the shell was given, as far as it is remembered.
    before: Vec<u8>,
    /// What came and was not yet given.
    pending: Vec<u8>,
    input: File,
}

impl Piper<'_> {
    fn serve(mut self, mut feed: Feed, first: Option<(Permit, Vec<u8>)>) {
        // It ends with the shell, by whatever that ends.
        for number in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP, libc::SIGTERM, libc::SIGPIPE] {
            signal::ignore(number);
        }
        let [writer, shell] = feed.descriptors();
        fd::keep_only(&[writer, shell, self.input.as_raw_fd()]);
        // What fails here closes the pipe: the shell runs nothing more.
        let _ = self.feed(&mut feed, first);
    }

    fn feed(&mut self, feed: &mut Feed, first: Option<(Permit, Vec<u8>)>) -> io::Result<()> {
        if let Some((permit, piece)) = first
            && !self.give(feed, permit, piece)?
        {
            return Ok(());
        }
        loop {
            let patience = if self.next_cut().is_some() { PAUSE } else { -1 };
            let waited = feed.wait(&self.input, patience)?;
            if waited.ended {
                return Ok(());
            }
            let ended = waited.input && read_some(&mut self.input, &mut self.pending)? == 0;
            if waited.input && !ended && self.pending.len() <= SOURCE_LIMIT {
                continue;
            }
            if let Some(piece) = self.next_piece(ended) {
                match self.judge(&piece) {
                    Ok(permit) => {
                        if !self.give(feed, permit, piece)? {
                            return Ok(());
                        }
                    }
                    Err(line) => {
                        fd::complain(&notice(&line));
                        let farewell = format!("exit {}\n", Exit::Refused.code());
                        feed.write(Permit::for_idle_shell(), farewell.as_bytes())?;
                        return Ok(());
                    }
                }
            }
            if ended {
                return Ok(());
            }
        }
    }

    /// Gives a piece to the shell; false where the shell is gone.
    fn give(&mut self, feed: &mut Feed, permit: Permit, piece: Vec<u8>) -> io::Result<bool> {
        let fed = feed.write(permit, &piece)?;
        self.before.extend(piece);
        if self.before.len() > MEMORY {
            let from = self.before.len() - MEMORY;
            let line = self.before[from..].iter().position(|byte| *byte == b'\n');
            self.before.drain(..line.map_or(from, |line| from + line + 1));
        }
        Ok(fed == Fed::Whole)
    }

    /// Where the lines that came so far can be cut off as a piece.
    fn next_cut(&self) -> Option<usize> {
        let end = self.pending.iter().rposition(|byte| *byte == b'\n')? + 1;
        is_complete(&self.pending[..end]).then_some(end)
    }

    /// Takes the next piece, if there is one; at the end of the input, or where too much came to
    /// wait for more, that is all there is.
    fn next_piece(&mut self, ended: bool) -> Option<Vec<u8>> {
        let all = ended || self.pending.len() > SOURCE_LIMIT;
        let end = if all { self.pending.len() } else { self.next_cut()? };
        if end == 0 {
            return None;
        }
        let rest = self.pending.split_off(end);
        Some(std::mem::replace(&mut self.pending, rest))
    }

    /// Judges a piece as what follows on the pieces before it, with a measure of all that the verdict
    /// rests on.
    fn measured(&self, piece: &[u8]) -> (Judgement, Digest) {
        let whole = [self.before.as_slice(), piece].concat();
        let (source, runs) = source_of(self.invocation, &whole);
        let (mut judged, digest) = self.front.judge_measured(&source, runs);
        judged.verdict = self.verdict(piece);
        let verdict = format!("{:?}", judged.verdict);
        (judged, Digest::of([piece, digest.as_bytes(), verdict.as_bytes()]))
    }

    /// Judges a piece as what follows on the pieces before it.
    fn verdict(&self, piece: &[u8]) -> Verdict {
        const MARK: &str = "guard-reached-the-end";
        let mut whole = self.before.clone();
        let from = bytes::text(&whole).len();
        whole.extend_from_slice(piece);
        whole.extend_from_slice(format!("\n: {MARK}\n").as_bytes());
        let judged = judge_text(self.front, self.invocation, &whole);
        let reached = judged.walked.actions.iter().any(|action| match &action.effect {
            Effect::Call(call) => call.args.last().and_then(|arg| arg.as_known()) == Some(MARK),
            _ => false,
        });
        // What the pieces before it say by themselves has been judged; what only this piece brings
        // out of them, such as a function that it calls, has not.
        let is_before = |finding: &Finding| !finding.decision.runs() && finding.span.end <= from;
        let old = match judged.verdict.findings.iter().any(is_before) {
            true => judge_text(self.front, self.invocation, &self.before).verdict.findings,
            false => Vec::new(),
        };
        let mut verdict = since(judged.verdict, &old, from, from + bytes::text(piece).len());
        // Others may have changed since what a piece before it kept.
        let relies = |action: &Action| action.span.end > from && !action.kept.is_empty();
        let relies = judged.walked.actions.iter().any(relies);
        if (!reached || relies) && verdict.decision.runs() {
            // A piece before it seems to end the shell, but the shell is there.
            verdict = judge_text(self.front, self.invocation, piece).verdict;
        }
        verdict
    }

    /// Judges a piece; an error is the line to say.
    fn judge(&self, piece: &[u8]) -> Result<Permit, String> {
        let text = bytes::text(piece);
        match self.front.permit(self.verdict(piece)) {
            Ok((permit, verdict, outcome)) => {
                let recorded = self.front.record(Kind::Piece, &text, &verdict, outcome);
                recorded.map(|()| permit).map_err(|error| format!("guard: {error}"))
            }
            Err(refused) if self.front.seeks(&refused.verdict) => {
                self.front.seek(Kind::Piece, &text, None, &|| self.measured(piece))
            }
            Err(refused) => {
                let verdict = refused.verdict;
                // Refused all the same.
                let _ = self.front.record(Kind::Piece, &text, &verdict, Outcome::Refused);
                Err(Front::refusal(&verdict))
            }
        }
    }
}

/// What of a verdict is due to the source between two places: what stands there, and what was not
/// found without it.
fn since(mut verdict: Verdict, old: &[Finding], from: usize, to: usize) -> Verdict {
    let is_new = |finding: &Finding| !finding.decision.runs() && !old.contains(finding);
    verdict.findings.retain(|f| f.rule == UNREADABLE || f.span.end > from || is_new(f));
    for finding in &mut verdict.findings {
        finding.span.start = finding.span.start.clamp(from, to) - from;
        finding.span.end = finding.span.end.clamp(from, to) - from;
    }
    verdict.decision = verdict.findings.iter().map(|f| f.decision).max().unwrap_or_default();
    verdict
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::{PipeWriter, Write};

    fn pipe() -> (File, PipeWriter) {
        let (reader, writer) = io::pipe().unwrap();
        (File::from(OwnedFd::from(reader)), writer)
    }

    #[test]
    fn input_that_ends_at_once_is_one_text() {
        let (reader, mut writer) = pipe();
        writer.write_all(b"echo a\necho b").unwrap();
        drop(writer);
        let start = begin(reader, true).unwrap();
        assert!(start.ended);
        assert_eq!(start.text, b"echo a\necho b");
    }

    #[test]
    fn input_that_pauses_is_a_stream() {
        let (reader, mut writer) = pipe();
        writer.write_all(b"echo a\n").unwrap();
        let start = begin(reader, true).unwrap();
        assert!(!start.ended);
        assert_eq!(start.text, b"echo a\n");
        let (reader, writer) = pipe();
        assert!(!begin(reader, false).unwrap().ended);
        drop(writer);
    }
}
