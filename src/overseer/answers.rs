//! What a human has answered: with the command line, for all that it starts; at an exec since, for that process and all
//! below it.

use crate::decide::Answered;
use crate::model::Verdict;
use crate::sys::ancestry;

/// All answers.
#[derive(Debug)]
pub(super) struct Answers {
    /// Those that came with the command line.
    line: Vec<Answered>,
    since: Vec<Granted>,
}

/// What was answered at the exec of a process.
#[derive(Debug)]
struct Granted {
    /// The process, and when it began.
    to: (u32, u64),
    answered: Vec<Answered>,
}

impl Answers {
    pub fn new(line: Vec<Answered>) -> Answers {
        Answers { line, since: Vec::new() }
    }

    /// Adds what was answered at a thread's exec.
    pub fn grant(&mut self, thread: i32, answered: Vec<Answered>) {
        let process = process_of(thread);
        if let Some(stat) = ancestry::stat(process) {
            self.since.push(Granted { to: (process, stat.began), answered });
        }
    }

    /// Those that reach a thread.
    fn reaching(&self, thread: i32) -> Vec<&Answered> {
        let mut all: Vec<&Answered> = self.line.iter().collect();
        if !self.since.is_empty() {
            let above = ancestry::line(process_of(thread)).all;
            let reaches = |of: &&Granted| above.iter().any(|(process, stat)| of.to == (*process, stat.began));
            all.extend(self.since.iter().filter(reaches).flat_map(|of| &of.answered));
        }
        all
    }

    /// Takes out of a verdict what was answered for a thread; whether there was any.
    pub fn take_out_of(&self, verdict: &mut Verdict, thread: i32) -> bool {
        if verdict.findings.is_empty() {
            return false;
        }
        let (answered, found) = (self.reaching(thread), verdict.findings.len());
        verdict.findings.retain(|found| !answered.iter().any(|answered| answered.covers(found)));
        verdict.decision = verdict.findings.iter().map(|found| found.decision).max().unwrap_or_default();
        verdict.findings.len() < found
    }

    /// Whether all that a guard below would have to ask about was answered for it.
    pub fn include(&self, wanted: &[Answered], thread: i32) -> bool {
        let answered = self.reaching(thread);
        !wanted.is_empty() && wanted.iter().all(|one| answered.iter().any(|answered| answered.includes(one)))
    }
}

/// The process of a thread.
fn process_of(thread: i32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let number = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}
