//! Observe mode: everything runs in silence, and what would have been stopped is on record.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{REFUSED, World};
use crate::typist::Typist;

/// What no approval would permit.
const DENIED: &str = "guard-test-denied x";

fn observing() -> World {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nmode = \"observe\"\n");
    let rule = "[pack]\nid = \"t\"\ntitle = \"t\"\n[[rule]]\nid = \"t.denied\"\ntitle = \"is denied\"\n\
                severity = \"high\"\ndecision = \"deny\"\nwhy = \"A test says so.\"\n\
                [rule.when]\nprogram = [\"guard-test-denied\"]\n[rule.examples]\n\
                match = [\"guard-test-denied x\", \"sudo guard-test-denied x\"]\n\
                pass = [\"echo guard-test-denied\", \"guard-test-other\"]\n";
    world.file("config/rules.d/t.toml", rule);
    world.stand_in("guard-test-denied");
    world
}

fn would_hold(world: &World, args: &[&str]) -> Vec<Value> {
    let outcome = world.guard("guard").args(["log", "--would-hold", "--json"]).args(args).outcome();
    outcome.ended(0);
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

#[test]
fn what_would_be_stopped_runs_in_silence_and_is_recorded() {
    let world = observing();
    for (text, decision) in [(REFUSED, "confirm"), (DENIED, "deny")] {
        let outcome = world.guard("bash").args(["-c", &format!("{text}; echo ran; exit 3")]).outcome();
        outcome.ended(3).printed("ran\n");
        assert_eq!(outcome.stderr, "");
        let records = would_hold(&world, &["-n", "1"]);
        assert_eq!(records[0]["decision"], decision);
        assert_eq!(records[0]["outcome"], "ran-observed");
    }
    assert_eq!(world.calls(), format!("{REFUSED}\n{DENIED}\n"));
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn scripts_standard_input_and_programs_are_observed_too() {
    let world = observing();
    let script = world.file("work/x.sh", format!("{REFUSED}\n"));
    world.guard("bash").args([&script]).outcome().ended(0);
    world.guard("sh").stdin(format!("{REFUSED}\n")).outcome().ended(0);
    world.guard("guard").args(["--"]).args(REFUSED.split(' ')).outcome().ended(0);
    assert_eq!(world.calls().lines().count(), 3);
    let kinds: Vec<_> = would_hold(&world, &[]).iter().map(|record| record["kind"].clone()).collect();
    assert_eq!(kinds, ["script", "stdin", "program"]);
}

#[test]
fn a_piece_of_a_stream_is_observed() {
    let world = observing();
    let mut run = world.guard("bash");
    let mut child = run.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("guard starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    for text in ["true".to_owned(), REFUSED.to_owned()] {
        writeln!(input, "{text}; echo done").expect("the shell reads");
        line.clear();
        output.read_line(&mut line).expect("the shell answers");
        assert_eq!(line, "done\n");
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
    assert_eq!(world.calls(), format!("{REFUSED}\n"));
    assert_eq!(would_hold(&world, &[])[0]["kind"], "piece");
}

#[test]
fn a_line_at_a_terminal_is_observed_and_nobody_is_asked() {
    for (name, file, text, before) in [
        ("bash", "home/.bashrc", "PS1='<$?> '\nHISTFILE=\n", "\x1b[?2004h"),
        ("zsh", "home/.zshrc", "PROMPT='<%?> '\nunsetopt prompt_sp\n", "\x1b[J"),
    ] {
        let world = observing();
        world.file(file, text);
        let mut shell = Typist::start(world.guard(name), before);
        shell.prompt(0);
        let shown = shell.line(REFUSED, 0);
        assert!(!shown.contains("guard:"), "{name}: {shown}");
        shell.keys("exit\r");
        shell.ended(0);
        assert_eq!(world.calls(), format!("{REFUSED}\n"), "{name}");
        assert_eq!(would_hold(&world, &[])[0]["kind"], "line", "{name}");
    }
}

#[test]
fn the_list_has_only_what_would_be_stopped_and_counts_only_that() {
    let world = observing();
    world.guard("bash").args(["-c", &format!("true 1; {REFUSED}")]).outcome().ended(0);
    world.guard("bash").args(["-c", &format!("true 2; {DENIED}")]).outcome().ended(0);
    world.guard("bash").args(["-c", "echo harmless"]).outcome().ended(0);
    let list = world.guard("guard").args(["log", "--would-hold"]).outcome();
    assert!(list.stdout.contains(" would hold   ") && list.stdout.contains(" would refuse "));
    assert!(!list.stdout.contains("harmless"), "{list:?}");
    let last = would_hold(&world, &["-n", "1"]);
    assert_eq!(last.len(), 1);
    assert_eq!(last[0]["decision"], "deny");
}

#[test]
fn following_shows_what_comes() {
    let world = observing();
    let mut run = world.guard("guard").args(["log", "--would-hold", "--json", "--follow"]);
    let mut child = run.command().stdout(Stdio::piped()).spawn().expect("guard starts");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    world.guard("bash").args(["-c", "echo harmless"]).outcome().ended(0);
    world.guard("bash").args(["-c", REFUSED]).outcome().ended(0);
    let mut line = String::new();
    output.read_line(&mut line).expect("a record");
    child.kill().expect("it still follows");
    child.wait().expect("it ends");
    assert!(line.contains("ran-observed"), "{line}");
}

#[test]
fn check_tells_the_true_verdict_and_status_the_mode() {
    let world = observing();
    let check = world.guard("guard").args(["check", REFUSED]).outcome();
    assert!(check.ended(10).stdout.contains("observe mode is on"), "{check:?}");
    let harmless = world.guard("guard").args(["check", "echo hi"]).outcome();
    assert!(!harmless.ended(0).stdout.contains("would"), "{harmless:?}");
    let json = world.guard("guard").args(["check", "--json", DENIED]).outcome();
    assert!(json.ended(11).stdout.starts_with("{\"decision\":\"deny\""), "{json:?}");
    let explain = world.guard("guard").args(["explain", REFUSED]).outcome();
    assert!(explain.ended(10).stdout.contains("observe mode is on: it would run"), "{explain:?}");
    let other = World::new();
    for args in [&["check", "--json", DENIED][..], &["explain", "--json", REFUSED], &["status", "--json"]] {
        let said = world.guard("guard").args(args).outcome().stdout;
        assert!(said.contains("\"mode\":\"observe\""), "{said}");
        let said = other.guard("guard").args(args).outcome().stdout;
        assert!(!said.contains("observe"), "{said}");
    }
    let status = other.guard("guard").args(["status"]).outcome();
    assert!(status.stdout.contains("mode       enforce"), "{status:?}");
}

#[test]
fn what_cannot_be_recorded_or_configured_does_not_run() {
    let world = observing();
    let log = "[run]\nmode = \"observe\"\n[log]\npath = \"/proc/nowhere/log\"\n";
    world.file("config/guard.toml", log);
    world.guard("bash").args(["-c", REFUSED]).outcome().refused();
    world.file("config/guard.toml", "[run]\nmode = \"observ\"\n");
    world.guard("bash").args(["-c", REFUSED]).outcome().ended(125);
    assert_eq!(world.calls(), "");
}

#[test]
fn a_project_cannot_choose_it() {
    let world = World::new();
    world.file("work/.guard/guard.toml", "[run]\nmode = \"observe\"\n");
    world.guard("bash").args(["-c", REFUSED]).outcome().ended(125);
    assert_eq!(world.calls(), "");
}
