//! What waits for an exec is found there: in the examples of all rules each word is hidden in turn,
//! and what then waits must be held when the programs of the same line are about to start.

use std::collections::BTreeSet;

use guard::context::World;
use guard::model::{Decision, Effect, ExampleWorld, Match, Place};
use guard::pipeline::{Judgement, Source, judge};
use guard::policy::Policy;
use guard::rules::{builtin_texts, load_dir};
use guard::syntax::Dialect;

fn shell(line: &str, world: &World, policy: &Policy) -> Judgement {
    let source = Source::Shell {
        file: None,
        text: line.as_bytes(),
        dialect: Dialect::Bash,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    judge(&source, world, policy)
}

fn held(judged: &Judgement) -> BTreeSet<String> {
    let held = judged.verdict.findings.iter().filter(|found| found.decision >= Decision::Confirm);
    held.map(|found| found.rule.clone()).collect()
}

fn waiting(judged: &Judgement) -> BTreeSet<String> {
    let waits = |(matched, decision)| (matched, decision) == (Match::Maybe, Decision::Allow);
    let all = judged.verdict.findings.iter().filter(|found| waits((found.matched, found.decision)));
    all.map(|found| found.rule.clone()).collect()
}

/// The rules that hold one of the programs that a judged line starts, when it is about to start;
/// `None` where not all words are known, or a program changes what is there for the next.
fn held_at_exec(judged: &Judgement, world: &ExampleWorld, policy: &Policy) -> Option<BTreeSet<String>> {
    let mut rules = BTreeSet::new();
    for action in &judged.walked.actions {
        let (Effect::Call(call), Place::Local) = (&action.effect, &action.place) else {
            continue;
        };
        let words = std::iter::once(&call.program).chain(&call.args);
        let words: Vec<String> =
            words.map(|word| word.as_known().map(str::to_owned)).collect::<Option<_>>()?;
        let directory = action.directory.as_known()?;
        if words.starts_with(&["git".to_owned(), "add".to_owned()]) {
            return None;
        }
        let mut there = world.clone();
        there.cwd = Some(directory.to_owned());
        for (name, value) in action.exported.iter().chain(&call.env) {
            there.env.extend(value.as_known().map(|value| (name.clone(), value.to_owned())));
        }
        let world = World::new(&there).judging_execs();
        rules.extend(held(&judge(&Source::Call { words: &words, input: None, env: &[] }, &world, policy)));
    }
    Some(rules)
}

/// The line with a word or its end hidden in a variable, and what it hides; one for each word.
fn hidden(line: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut from = 0;
    for word in line.split(' ') {
        let (start, end) = (from, from + word.len());
        from = end + 1;
        let quoted = line[..start].matches('\'').count() % 2 == 1;
        let plain = !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@=%+,~".contains(&b));
        if !plain || quoted {
            continue;
        }
        let double = line[..start].matches('"').count() % 2 == 1;
        let (before, after) = (&line[..start], &line[end..]);
        out.push((format!("{before}$x{after}"), word.to_owned()));
        if !double {
            out.push((format!("{before}\"$x\"{after}"), word.to_owned()));
        }
        let half = word.len() / 2;
        if half > 0 {
            out.push((format!("{before}{}$x{after}", &word[..half]), word[half..].to_owned()));
        }
    }
    out
}

/// Of so many lines one is looked at.
const STEP: usize = 12;

#[test]
fn what_waits_for_an_exec_is_held_there() {
    let texts: Vec<(String, String)> =
        builtin_texts().iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    let packs = load_dir(&texts).expect("the packs");
    let policy = Policy::builtin();
    let (mut wrong, mut count, mut waits) = (Vec::new(), 0, 0);
    for rule in packs.iter().flat_map(|pack| &pack.rules) {
        for example in &rule.matching {
            let world = World::new(&example.world).judging_execs();
            for (line, value) in hidden(&example.cmd) {
                count += 1;
                if count % STEP != 0 {
                    continue;
                }
                let unknown = waiting(&shell(&format!("read -r x\n{line}"), &world, &policy));
                if unknown.is_empty() {
                    continue;
                }
                let known = shell(&format!("x={value}\n{line}"), &world, &policy);
                let open: BTreeSet<String> = held(&known).intersection(&unknown).cloned().collect();
                if open.is_empty() {
                    continue;
                }
                let Some(found) = held_at_exec(&known, &example.world, &policy) else {
                    continue;
                };
                waits += 1;
                let missed: Vec<&String> = open.iter().filter(|rule| !found.contains(*rule)).collect();
                if !missed.is_empty() {
                    wrong.push(format!("{line}   x={value}   {missed:?}"));
                }
            }
        }
    }
    assert!(waits > 2000 / STEP, "{waits} of {count} lines wait");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
