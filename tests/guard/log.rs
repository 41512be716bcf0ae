//! The audit log: whole, chained, without credentials, whoever writes it.

use serde_json::Value;

use crate::support::{REFUSED, World};

fn records(world: &World) -> Vec<Value> {
    let outcome = world.guard("guard").args(["log", "--json"]).outcome();
    outcome.ended(0);
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("each record is JSON")).collect()
}

#[test]
fn what_ran_and_what_was_refused_is_recorded() {
    let world = World::new();
    world.guard("bash").args(["-c", "echo hi"]).outcome().ended(0);
    world.guard("bash").args(["-c", REFUSED]).outcome().refused();
    let records = records(&world);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["decision"], "allow");
    assert_eq!(records[1]["decision"], "confirm");
    assert!(records[1].to_string().contains("railway.volume-delete"));
    let text = world.guard("guard").args(["log"]).outcome();
    assert!(text.stdout.contains("echo hi") && text.stdout.contains("railway.volume-delete"), "{text:?}");
    assert!(!text.stdout.contains('\u{1b}'), "no colour where no terminal is: {text:?}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn credentials_are_not_recorded() {
    let world = World::new();
    let secrets = [
        ("curl -H 'Authorization: Bearer tok-0123456789abcdef' https://example.com", "tok-0123456789abcdef"),
        ("curl -u admin:hunter2secret https://example.com", "hunter2secret"),
        ("PGPASSWORD=correcthorse psql -l", "correcthorse"),
        ("curl https://user:pa55word@example.com/", "pa55word"),
        ("export TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("echo AKIAIOSFODNN7EXAMPLE2", "AKIAIOSFODNN7EXAMPLE"),
        (
            "RAILWAY_TOKEN=3d2c42fb-1111-4222-8333-444455556666 railway status",
            "3d2c42fb-1111-4222-8333-444455556666",
        ),
        ("mysql --password=s3cretpw -e 'select 1'", "s3cretpw"),
    ];
    for (command, _) in secrets {
        world.guard("bash").args(["-c", &format!("false && {{ {command}; }}")]).outcome();
    }
    let file = std::fs::read_dir(world.path("state"))
        .expect("the state directory")
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok())
        .collect::<String>();
    assert!(file.contains("example.com"));
    for (_, secret) in secrets {
        assert!(!file.contains(secret), "{secret}");
    }
}

#[test]
fn many_processes_write_at_once_and_no_line_is_torn_or_lost() {
    let world = World::new();
    let processes = 200;
    let children: Vec<_> = (0..processes)
        .map(|i| {
            let mut run = world.guard("bash").args(["-c", &format!("true {i}")]);
            run.command().spawn().expect("guard starts")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("guard ends").success());
    }
    assert_eq!(records(&world).len(), processes);
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn a_changed_line_is_found() {
    let world = World::new();
    for i in 0..5 {
        world.guard("bash").args(["-c", &format!("true {i}")]).outcome().ended(0);
    }
    let log = std::fs::read_dir(world.path("state"))
        .expect("the state directory")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("true 2")))
        .expect("the log");
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::write(&log, text.replace("true 2", "true 7")).expect("the log");
    let outcome = world.guard("guard").args(["log", "verify"]).outcome();
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stdout.contains('3') || outcome.stderr.contains('3'), "names the line: {outcome:?}");
    // A line that is gone is found too.
    let without: Vec<&str> =
        text.lines().enumerate().filter(|(i, _)| *i != 2).map(|(_, line)| line).collect();
    std::fs::write(&log, without.join("\n") + "\n").expect("the log");
    assert_ne!(world.guard("guard").args(["log", "verify"]).outcome().code, Some(0));
}

#[test]
fn a_line_torn_by_a_crash_does_not_stop_the_log() {
    let world = World::new();
    world.guard("bash").args(["-c", "true 1"]).outcome().ended(0);
    let log = std::fs::read_dir(world.path("state"))
        .expect("the state directory")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("true 1")))
        .expect("the log");
    let mut text = std::fs::read_to_string(&log).expect("the log");
    text.push_str("{\"time\":\"2026-01-01T00:0");
    std::fs::write(&log, text).expect("the log");
    world.guard("bash").args(["-c", "true 2"]).outcome().ended(0);
    let shown = world.guard("guard").args(["log"]).outcome();
    shown.ended(0);
    assert!(shown.stdout.contains("true 2"), "{shown:?}");
}
