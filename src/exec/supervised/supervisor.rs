//! The supervisor: one loop that never waits for anything but the next event. What takes long to
//! judge is judged by a process beside it, while who asked sleeps in the kernel.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::execution::{Execution, Surroundings, Unread};
use super::recheck::{Looked, Rechecks};
use super::{Answer, Judge, Report};
use crate::model::plain;
use crate::sys::children::{self, Change};
use crate::sys::seccomp::{ANSWER, Asked};
use crate::sys::signal;
use crate::sys::supervised::Post;

/// So often it looks whether the front was stopped, and after late programs.
const GLANCE: u16 = 100;

/// So many wait for a human side by side.
const SEEKERS: usize = 100;

/// A search along PATH takes less.
const SEARCH: Duration = Duration::from_secs(1);

/// Serves until nothing is left that the filter is on.
pub fn serve(post: Post, judge: &dyn Judge) {
    let at_once = available_parallelism().map_or(2, usize::from) * 2;
    let mut supervisor = Supervisor {
        post,
        judge,
        at_once,
        started: false,
        program_ended: false,
        deserted: false,
        front_gone: false,
        front_stopped: false,
        workers: Vec::new(),
        queue: VecDeque::new(),
        held: VecDeque::new(),
        patience: judge.patience(),
        asks_since: None,
        looked: Instant::now(),
        rechecks: Rechecks::default(),
        surroundings: Surroundings::look(),
        refused: HashMap::new(),
    };
    // Where this ends early, every further `execve` fails.
    let _ = supervisor.run();
    for worker in &supervisor.workers {
        worker.abandon();
    }
}

struct Supervisor<'a> {
    post: Post,
    judge: &'a dyn Judge,
    /// So many are judged beside the loop at once.
    at_once: usize,
    /// The program's own `execve` has come.
    started: bool,
    program_ended: bool,
    /// The filter is on nobody any more.
    deserted: bool,
    front_gone: bool,
    front_stopped: bool,
    workers: Vec<Worker>,
    /// Those that wait for a worker.
    queue: VecDeque<(u64, Rc<Execution>)>,
    /// Those that wait for a human.
    held: VecDeque<(u64, Rc<Execution>)>,
    /// So long a human may still be asked, all questions together, from `asks_since` on.
    patience: Duration,
    /// Since when somebody waits for a human without a pause.
    asks_since: Option<Instant>,
    /// When it was looked last after those who wait for a human.
    looked: Instant,
    rechecks: Rechecks,
    surroundings: Surroundings,
    /// What a thread was refused last: shells try the same words along PATH.
    refused: HashMap<i32, (Vec<OsString>, Instant)>,
}

/// A process that judges one `execve`.
struct Worker {
    id: u64,
    execution: Rc<Execution>,
    /// Until it has ended.
    process: Option<i32>,
    answer: PipeReader,
    said: Vec<u8>,
    task: Task,
}

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// It judges.
    Judges,
    /// It waits for a human's answer from elsewhere.
    Seeks,
    /// It asks at the terminal.
    Asks,
}

/// How a line begins that a worker says before its answer.
const SAYS: &[u8] = b"s";

impl Worker {
    /// The line that it says before its answer, when it has come.
    fn line(&mut self) -> Option<String> {
        let end = self.said.iter().position(|byte| *byte == b'\n').filter(|_| self.said.starts_with(SAYS))?;
        let line: Vec<u8> = self.said.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line[SAYS.len()..end]).into_owned())
    }

    /// Nobody waits for its answer any more. Who has the terminal puts it back first.
    fn abandon(&self) {
        let asks = self.task == Task::Asks;
        if let Some(process) = self.process {
            signal::send(process, if asks { libc::SIGTERM } else { libc::SIGKILL });
        }
    }
}

impl Supervisor<'_> {
    fn run(&mut self) -> io::Result<()> {
        loop {
            let ready = self.wait()?;
            if ready.children {
                self.take_children()?;
            }
            if ready.front {
                self.front_gone = true;
                // Whoever kills the process that it started means the program.
                if !self.program_ended {
                    signal::send(self.post.program, libc::SIGKILL);
                }
            }
            if ready.nothing {
                self.follow_front();
            }
            for worker in ready.workers.into_iter().rev() {
                self.hear(worker)?;
            }
            if ready.question
                && let Some(asked) = self.post.listener.next()?
            {
                self.consider(asked);
            }
            self.deserted |= ready.ended;
            // The filter may go before it can be told how the program ended.
            if self.deserted && self.program_ended {
                return Ok(());
            }
            self.rechecks.tidy();
            self.forget_abandoned();
            self.start_workers();
            self.ask_next();
        }
    }

    fn wait(&mut self) -> io::Result<Ready> {
        let listener = match self.deserted {
            true => self.post.children.as_fd(),
            false => self.post.listener.as_fd(),
        };
        let mut watched = vec![
            PollFd::new(listener, PollFlags::POLLIN),
            PollFd::new(self.post.children.as_fd(), PollFlags::POLLIN),
        ];
        watched
            .extend(self.workers.iter().map(|worker| PollFd::new(worker.answer.as_fd(), PollFlags::POLLIN)));
        let front = watched.len();
        if !self.front_gone {
            watched.push(PollFd::new(self.post.front.as_fd(), PollFlags::POLLIN));
        }
        let patience = match self.program_ended && self.rechecks.is_empty() && self.asks_since.is_none() {
            true => PollTimeout::NONE,
            false => PollTimeout::from(GLANCE),
        };
        match poll(&mut watched, patience) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let came = |at: usize| watched.get(at).and_then(PollFd::revents).unwrap_or(PollFlags::empty());
        Ok(Ready {
            nothing: watched.iter().all(|watched| watched.revents().is_none_or(|came| came.is_empty())),
            question: !self.deserted && came(0).contains(PollFlags::POLLIN),
            ended: !self.deserted && came(0).intersects(PollFlags::POLLHUP | PollFlags::POLLERR),
            children: !came(1).is_empty(),
            workers: (2..front).filter(|at| !came(*at).is_empty()).map(|at| at - 2).collect(),
            front: !came(front).is_empty(),
        })
    }

    fn consider(&mut self, asked: Asked) {
        let read = Execution::read(&asked, &self.surroundings);
        if !self.post.listener.still_waits(asked.id) {
            return;
        }
        let execution = match read {
            Ok(execution) => Rc::new(execution),
            Err(Unread::Question) => return self.post.listener.fail(asked.id, ANSWER),
            Err(Unread::WhetherAnswered(findings)) => {
                let answered = self.judge.was_answered(asked.thread, &findings);
                return self.post.listener.fail(asked.id, if answered { ANSWER } else { libc::ENOENT });
            }
            Err(Unread::Fails(error)) => return self.post.listener.fail(asked.id, error),
            Err(Unread::Closed(error)) => {
                children::say(asked.thread, self.post.program, &unread(asked.thread, error));
                return self.post.listener.fail(asked.id, libc::EPERM);
            }
        };
        if !self.started && asked.thread == self.post.program {
            // What the permit was given for.
            self.started = true;
            return self.post.listener.let_go_on(asked.id);
        }
        let again = self.refused.get(&execution.thread);
        if again.is_some_and(|(words, when)| *words == execution.argv && when.elapsed() < SEARCH) {
            return self.post.listener.fail(asked.id, libc::EPERM);
        }
        match self.judge.at_once(&execution) {
            Some(answer) => self.give(asked.id, &execution, answer),
            None => self.queue.push_back((asked.id, execution)),
        }
    }

    fn give(&mut self, id: u64, execution: &Rc<Execution>, answer: Answer) {
        match answer {
            Answer::GoesOn { again } => {
                if again {
                    self.rechecks.expect(execution);
                }
                self.post.listener.let_go_on(id);
            }
            Answer::Held => self.held.push_back((id, Rc::clone(execution))),
            Answer::Fails(line) => {
                if self.post.listener.still_waits(id) {
                    self.refused.retain(|_, (_, when)| when.elapsed() < SEARCH);
                    self.refused.insert(execution.thread, (execution.argv.clone(), Instant::now()));
                    children::say(execution.thread, self.post.program, &line);
                    self.post.listener.fail(id, libc::EPERM);
                }
            }
        }
    }

    /// One question at a time at the terminal; elsewhere many wait side by side.
    fn ask_next(&mut self) {
        let (task, most) = match self.judge.asks_at_terminal() {
            true => (Task::Asks, 1),
            false => (Task::Seeks, SEEKERS),
        };
        while self.busy(task) < most {
            let Some((id, execution)) = self.held.pop_front() else { return };
            if !self.post.listener.still_waits(id) {
                continue;
            }
            let since = *self.asks_since.get_or_insert_with(Instant::now);
            let left = self.patience.saturating_sub(since.elapsed());
            let started = match (task, self.program_ended) {
                (Task::Asks, true) => Err(io::Error::other("the command that the human started has ended")),
                (Task::Asks, false) => {
                    self.beside(|judge, _| match children::take_foreground(self.post.front_id) {
                        Ok(terminal) => judge.ask(&execution, terminal, left),
                        Err(error) => (Answer::Fails(failed(&error.to_string())), Vec::new()),
                    })
                }
                _ => self.beside(|judge, say| judge.seek(&execution, left, say)),
            };
            self.await_worker(id, execution, started, task);
        }
    }

    fn busy(&self, task: Task) -> usize {
        self.workers.iter().filter(|worker| worker.task == task).count()
    }

    fn await_worker(
        &mut self,
        id: u64,
        execution: Rc<Execution>,
        started: io::Result<(i32, PipeReader)>,
        task: Task,
    ) {
        match started {
            Ok((process, answer)) => {
                let (process, said) = (Some(process), Vec::new());
                self.workers.push(Worker { id, execution, process, answer, said, task })
            }
            Err(error) => {
                self.rest();
                self.give(id, &execution, Answer::Fails(failed(&error.to_string())));
            }
        }
    }

    /// What nobody waits for costs no patience.
    fn rest(&mut self) {
        if self.workers.iter().all(|worker| worker.task == Task::Judges)
            && let Some(since) = self.asks_since.take()
        {
            self.patience = self.patience.saturating_sub(since.elapsed());
        }
    }

    fn start_workers(&mut self) {
        while self.busy(Task::Judges) < self.at_once {
            let Some((id, execution)) = self.queue.pop_front() else { return };
            if !self.post.listener.still_waits(id) {
                continue;
            }
            let started = self.beside(|judge, _| judge.thoroughly(&execution));
            self.await_worker(id, execution, started, Task::Judges);
        }
    }

    /// Ends the wait for a human where who asked is gone or is to end: in the kernel it would hear of no signal that it
    /// handles itself.
    fn forget_abandoned(&mut self) {
        if self.looked.elapsed() < Duration::from_millis(GLANCE.into()) {
            return;
        }
        self.looked = Instant::now();
        for worker in self.workers.iter().filter(|worker| worker.task != Task::Judges) {
            if self.post.listener.still_waits(worker.id) && children::is_told_to_end(worker.execution.thread)
            {
                self.post.listener.fail(worker.id, libc::EINTR);
            }
            if !self.post.listener.still_waits(worker.id) {
                worker.abandon();
            }
        }
    }

    /// Finds an answer in a process of its own. What that says meanwhile comes before it: this process alone may say it
    /// in the other's place.
    fn beside(
        &self,
        work: impl FnOnce(&dyn Judge, &dyn Fn(&str)) -> (Answer, Vec<u8>),
    ) -> io::Result<(i32, PipeReader)> {
        let (reader, mut writer) = io::pipe()?;
        let process = children::fork(|| {
            let meanwhile = writer.try_clone();
            let say = |line: &str| {
                if let Ok(mut writer) = meanwhile.as_ref() {
                    let _ = writer.write_all(&[SAYS, line.as_bytes(), b"\n"].concat());
                }
            };
            let (answer, learned) = work(self.judge, &say);
            let _ = writer.write_all(&answer.to_bytes(&learned));
        })?;
        Ok((process, reader))
    }

    /// Takes what a worker says; one that ends without a word has failed.
    fn hear(&mut self, at: usize) -> io::Result<()> {
        let worker = &mut self.workers[at];
        let mut part = [0; 4096];
        let read = match worker.answer.read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            read => read?,
        };
        if read > 0 {
            worker.said.extend_from_slice(&part[..read]);
            if let Some(line) = worker.line() {
                children::say(worker.execution.thread, self.post.program, &line);
            }
            return Ok(());
        }
        let worker = self.workers.swap_remove(at);
        self.rest();
        let (answer, learned) = Answer::from_bytes(&worker.said)
            .unwrap_or_else(|| (Answer::Fails(failed("a fault in guard itself")), &[]));
        self.judge.learn(&worker.execution, learned);
        self.give(worker.id, &worker.execution, answer);
        Ok(())
    }

    fn take_children(&mut self) -> io::Result<()> {
        while self.post.children.read_signal()?.is_some() {}
        while let Some((process, change)) = children::next_change()? {
            self.take_change(process, change)?;
        }
        Ok(())
    }

    fn take_change(&mut self, process: i32, change: Change) -> io::Result<()> {
        let is_program = process == self.post.program;
        if matches!(change, Change::Exited(_) | Change::Signaled(_)) {
            // The number may be another's from now on.
            self.workers.iter_mut().filter(|of| of.process == Some(process)).for_each(|of| of.process = None);
        }
        match change {
            Change::Exited(status) => {
                self.rechecks.forget(process);
                self.refused.remove(&process);
                if is_program {
                    let alone = self.is_alone();
                    self.report(Report::Exited { status, alone });
                }
            }
            Change::Signaled(signal) => {
                self.rechecks.forget(process);
                self.refused.remove(&process);
                if is_program {
                    let alone = self.is_alone();
                    self.report(Report::Signaled { signal, alone });
                }
            }
            Change::Became => {
                self.refused.remove(&process);
                if let Looked::Changed(words) = self.rechecks.look(process) {
                    let words: Vec<String> =
                        words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
                    let line = plain(&format!(
                        "guard: killed `{}`: its words were changed while they were judged",
                        words.join(" ").trim_end()
                    ));
                    // One that is gone by now has no words.
                    if words.iter().any(|word| !word.is_empty()) {
                        children::say(process, self.post.program, &line);
                    }
                    signal::send(process, libc::SIGKILL);
                }
            }
            Change::Stopped(signal) if self.rechecks.awaits(process) => {
                self.rechecks.pass(process, signal, false);
            }
            Change::Halted(signal) => {
                if is_program && signal != libc::SIGTRAP {
                    self.report(Report::Stopped(signal));
                }
                self.rechecks.pass(process, signal, true);
            }
            Change::Stopped(signal) if is_program => self.report(Report::Stopped(signal)),
            Change::Stopped(_) => {}
        }
        Ok(())
    }

    /// Whether the program was the last of all.
    fn is_alone(&mut self) -> bool {
        self.program_ended = true;
        let mut watched = [PollFd::new(self.post.listener.as_fd(), PollFlags::POLLIN)];
        let polled = poll(&mut watched, PollTimeout::ZERO);
        let ended = PollFlags::POLLHUP | PollFlags::POLLERR;
        polled.is_ok() && watched[0].revents().is_some_and(|came| came.intersects(ended))
    }

    /// Nobody to tell is no reason to stop.
    fn report(&mut self, report: Report) {
        let _ = self.post.reports.write_all(&report.to_bytes());
    }

    /// A front that was stopped alone has its program stop, too.
    fn follow_front(&mut self) {
        if self.front_gone || self.program_ended {
            return;
        }
        let stopped = children::is_stopped(self.post.front_id);
        if stopped && !self.front_stopped && !children::is_stopped(self.post.program) {
            signal::send(self.post.program, libc::SIGSTOP);
        }
        self.front_stopped = stopped;
    }
}

/// Why an `execve` was refused whose words cannot be read.
fn unread(thread: i32, error: i32) -> String {
    let closed = matches!(error, libc::EPERM | libc::EACCES);
    match fs::read_to_string(format!("/proc/{thread}/comm")).ok().filter(|_| closed) {
        Some(name) => plain(&format!(
            "guard: refused: `{}` lets nobody read its memory, so what it would become cannot be judged; it did not \
             run. Have the shell start that",
            name.trim_end()
        )),
        None => {
            let why = io::Error::from_raw_os_error(error);
            format!("guard: refused: the words of a program cannot be read ({why}); it did not run")
        }
    }
}

fn failed(why: &str) -> String {
    format!("guard: refused: it could not be judged ({why}); it did not run")
}

#[derive(Debug)]
struct Ready {
    /// Time has passed, no more.
    nothing: bool,
    question: bool,
    ended: bool,
    children: bool,
    workers: Vec<usize>,
    front: bool,
}
