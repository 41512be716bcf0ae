//! `guard doctor`: tells which layers are on, and ends by whether one is broken.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;

use serde_json::Value;

use crate::support::{Outcome, Run, World};

/// A user without any rights.
const NOBODY: u32 = 65534;

fn doctor(world: &World) -> Run {
    world.guard("guard").args(["doctor"])
}

/// The rows of a layer: state and what was found.
fn rows(world: &World, change: impl Fn(Run) -> Run, layer: &str) -> (Option<i32>, Vec<(String, String)>) {
    let outcome = change(world.guard("guard").args(["doctor", "--json"])).outcome();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    let all = report["rows"].as_array().expect("rows").iter().filter(|row| row["layer"] == layer);
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (outcome.code, all.map(|row| (text(row, "state"), text(row, "found"))).collect())
}

/// One row of the layer is broken, of all rows no other, and its text says why.
#[track_caller]
fn broken(world: &World, layer: &str, why: &str) {
    let (code, found) = rows(world, |run| run, layer);
    assert_eq!(code, Some(1), "{found:?}");
    assert!(found.iter().any(|(state, found)| state == "broken" && found.contains(why)), "{found:?}");
    let outcome = doctor(world).outcome();
    outcome.ended(1);
    let count = outcome.stdout.lines().filter(|line| line.starts_with("broken  ")).count();
    assert_eq!(count, 1, "{outcome:?}");
}

fn told(outcome: &Outcome, line: &str) {
    assert!(outcome.stdout.lines().any(|own| own.starts_with(line)), "{line}: {outcome:?}");
}

#[test]
fn nothing_is_broken_in_a_fresh_home_and_nothing_is_made() {
    let world = World::new();
    let outcome = doctor(&world).outcome();
    outcome.ended(0);
    assert_eq!(outcome.stderr, "");
    for line in [
        "ok      shell: `guard` runs /",
        "open    links: none in ",
        "open    path: ",
        "ok      mode: enforce",
    ] {
        told(&outcome, line);
    }
    assert!(fs::read_dir(world.path("state")).expect("a folder").next().is_none());
    // What is not on says what that leaves open.
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("open  ")) {
        assert!(lines[at + 1].starts_with("        leaves open: "), "{line}");
    }
}

#[test]
fn links_are_looked_at_where_they_are_and_where_path_finds_them() {
    let world = World::new();
    world.guard("guard").args(["shims"]).outcome().ended(0);
    let folder = world.path("state/shims");
    let search = |first: &str, last: &str| {
        let (first, last) = (first.to_owned(), last.to_owned());
        move |run: Run| run.env("PATH", format!("{first}:/usr/bin:/bin:{last}"))
    };
    let shown = folder.display().to_string();
    let state = |(_, rows): (_, Vec<(String, String)>)| rows[0].clone();
    assert_eq!(state(rows(&world, |run| run, "links")).0, "ok");
    assert_eq!(state(rows(&world, search(&shown, "/none"), "path")).0, "ok");
    assert!(state(rows(&world, search("/none", &shown), "path")).1.contains("stand behind"));
    assert!(state(rows(&world, |run| run, "path")).1.contains("are not on PATH"));
    // Another guard than this one is no shell without judgement.
    let other = world.path("guard-of-old");
    fs::copy(env!("CARGO_BIN_EXE_guard"), &other).expect("a copy");
    fs::remove_file(folder.join("sh")).expect("a link");
    symlink(&other, folder.join("sh")).expect("a link");
    assert_eq!(state(rows(&world, |run| run, "links")).0, "open");
    fs::remove_file(folder.join("bash")).expect("a link");
    assert_eq!(state(rows(&world, |run| run, "links")).0, "open");
    symlink("/usr/bin/env", folder.join("bash")).expect("a link");
    broken(&world, "links", "`bash` leads to `/usr/bin/");
}

#[test]
fn settings_that_cannot_be_read_are_named_with_their_place() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nmode = \"enforced\"\n");
    broken(&world, "settings", "guard.toml:2");
}

#[test]
fn a_mode_that_stops_nothing_is_open() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nmode = \"observe\"\nsupervise = \"never\"\n");
    let (code, mode) = rows(&world, |run| run, "mode");
    assert_eq!((code, mode[0].0.as_str()), (Some(0), "open"));
    assert_eq!(rows(&world, |run| run, "supervise").1[0].0, "open");
    assert!(rows(&world, |run| run, "settings").1[0].1.contains("config/guard.toml` ("));
}

#[test]
fn a_log_that_was_changed_is_found_out() {
    let world = World::new();
    for _ in 0..3 {
        world.guard("bash").args(["-c", "echo hi"]).outcome().ended(0);
    }
    assert_eq!(rows(&world, |run| run, "chain"), (Some(0), vec![("ok".into(), "whole, 3 records".into())]));
    let log = world.path("state/log.jsonl");
    let text = fs::read_to_string(&log).expect("a log");
    fs::write(&log, text.replacen("echo hi", "echo ho", 1)).expect("a log");
    broken(&world, "chain", "log.jsonl:1: ");
}

#[test]
fn a_log_that_cannot_be_written_is_broken() {
    let world = World::new();
    world.file(
        "config/guard.toml",
        format!("[log]\npath = \"{}\"\n", world.path("far/away/log.jsonl").display()),
    );
    broken(&world, "log", "is not there");
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let world = World::new();
    world.guard("bash").args(["-c", "echo hi"]).outcome().ended(0);
    fs::set_permissions(world.path(""), fs::Permissions::from_mode(0o755)).expect("a mode");
    let guard = world.path("bin/guard");
    fs::copy(env!("CARGO_BIN_EXE_guard"), &guard).expect("a copy");
    fs::set_permissions(world.path("state/log.jsonl"), fs::Permissions::from_mode(0o644)).expect("a mode");
    let unprivileged = |world: &World| {
        let mut run = world.run(&guard).args(["doctor"]);
        run.command().uid(NOBODY).gid(NOBODY);
        run.outcome()
    };
    let outcome = unprivileged(&world);
    outcome.ended(1);
    told(&outcome, "broken  log: `");
    assert!(outcome.stdout.contains("cannot be written"), "{outcome:?}");
    for own in ["state", "state/log.jsonl", "state/log.jsonl.head"] {
        chown(world.path(own), Some(NOBODY), Some(NOBODY)).expect("another owner");
    }
    told(&unprivileged(&world), "ok      log: `");
}

#[cfg(target_os = "linux")]
#[test]
fn supervision_is_told_as_it_is() {
    let world = World::new();
    let settings = |text: &str| world.file("config/guard.toml", format!("[run]\nsupervise = \"{text}\"\n"));
    let agent = |run: Run| run.env("CLAUDECODE", "1");
    let supervise = |change: &dyn Fn(Run) -> Run| rows(&world, change, "supervise").1[0].clone();
    let status = |change: &dyn Fn(Run) -> Run| {
        let printed =
            change(world.guard("guard").args(["status", "--json"])).outcome().ended(0).stdout.clone();
        let status: Value = serde_json::from_str(&printed).expect("JSON");
        (status["supervise"] == true, status["supervision"].as_str().expect("a word").to_owned())
    };
    settings("auto");
    assert_eq!(supervise(&|run| run).0, "ok");
    assert_eq!(status(&|run| run), (true, "agents".to_owned()));
    assert_eq!(status(&agent), (true, "here".to_owned()));
    assert!(rows(&world, agent, "agent").1[0].1.contains("`claude` is calling"));
    settings("never");
    assert_eq!(status(&agent), (false, "never".to_owned()));
    settings("always");
    assert_eq!(status(&|run| run), (true, "here".to_owned()));
    let below = |word: &str| {
        let guard = world.path("shims/guard").display().to_string();
        world.guard("guard").args(["-c", &format!("'{guard}' {word}")]).outcome()
    };
    let outcome = below("doctor");
    outcome.ended(0);
    told(&outcome, "ok      supervise: always: by the guard that");
    assert!(below("status --json").stdout.contains("\"supervision\":\"above\""), "{:?}", below("status"));
}
