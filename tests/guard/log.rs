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
fn what_holds_no_command_is_shown_as_such() {
    let world = World::new();
    world.guard("bash").stdin("").outcome().ended(0);
    world.guard("bash").args(["-c", ""]).outcome().ended(0);
    world.guard("bash").stdin("\n\necho hi\n").outcome().ended(0);
    let text = world.guard("guard").args(["log"]).outcome().stdout;
    for (line, end) in text.lines().zip([" (nothing on standard input)", " (an empty command)", " echo hi"]) {
        assert!(line.ends_with(end), "{text}");
    }
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
fn processes_killed_while_they_write_lose_nothing_that_ran() {
    let world = World::new();
    let mut ran = Vec::new();
    for round in 0..6 {
        let mut children: Vec<_> = (0..25)
            .map(|i| {
                let name = format!("{round}-{i}");
                let mut run = world.guard("bash").args(["-c", &format!("echo {name}")]);
                let child = run.command().stdout(std::process::Stdio::piped()).spawn().expect("guard starts");
                (name, child)
            })
            .collect();
        // Each round kills another third of them, each wherever it has come to by then.
        for (_, child) in children.iter_mut().skip(round % 3).step_by(3) {
            let _ = child.kill();
        }
        for (name, child) in children {
            let printed = child.wait_with_output().expect("guard ends").stdout;
            if printed == format!("{name}\n").as_bytes() {
                ran.push(format!("echo {name}"));
            }
        }
    }
    assert!(ran.len() >= 100, "{}", ran.len());
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
    let commands: Vec<String> =
        records(&world).iter().filter_map(|record| Some(record["command"].as_str()?.to_owned())).collect();
    for command in ran {
        assert!(commands.contains(&command), "{command}");
    }
}

#[test]
fn what_ran_is_in_the_log_though_others_were_killed_while_writing() {
    let world = World::new();
    let processes = 200;
    let (mut survivors, mut doomed) = (Vec::new(), Vec::new());
    for i in 0..processes {
        let mut run = world.guard("bash").args(["-c", &format!(": > ran-{i}- # {}", "x".repeat(i * 40))]);
        let child = run.command().spawn().expect("guard starts");
        if i % 2 == 0 {
            survivors.push(child)
        } else {
            doomed.push(child)
        }
        // One dies young, and one that may be writing, or done.
        if i % 4 == 3 {
            for mut child in
                [doomed.pop(), (doomed.len() > 8).then(|| doomed.remove(0))].into_iter().flatten()
            {
                child.kill().expect("it is not waited for yet");
                child.wait().expect("it ends");
            }
        }
    }
    for mut child in doomed {
        child.kill().expect("it is not waited for yet");
        child.wait().expect("it ends");
    }
    for mut child in survivors {
        assert!(child.wait().expect("guard ends").success());
    }
    // The next one declares what was torn.
    world.guard("bash").args(["-c", "true"]).outcome().ended(0);
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
    let records: Vec<String> = records(&world).iter().map(Value::to_string).collect();
    let mut ran = 0;
    for i in 0..processes {
        let recorded = records.iter().filter(|record| record.contains(&format!("ran-{i}-"))).count();
        let has_run = world.work().join(format!("ran-{i}-")).exists();
        assert!(recorded <= 1 && (recorded == 1 || !has_run), "{i}: ran {has_run}, recorded {recorded}");
        ran += usize::from(has_run);
    }
    assert!(ran >= processes / 2, "{ran}");
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
