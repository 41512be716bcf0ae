//! `guard explain`: what a command line would do and why it is judged as it is; and the same
//! picture of the source in `guard check`.

use serde_json::Value;

use crate::support::{Outcome, REFUSED, World};
use crate::terminal::Terminal;

fn explain(world: &World, args: &[&str]) -> Outcome {
    world.guard("guard").args(["explain"]).args(args).outcome()
}

fn json(world: &World, args: &[&str]) -> Value {
    let outcome = explain(world, &[&["--json"], args].concat());
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

/// The condition that a rule misses.
fn missed(explained: &Value, rule: &str) -> String {
    let almost = explained["almost"].as_array().expect("a list");
    let found = almost.iter().find(|almost| almost["rule"] == rule);
    found.unwrap_or_else(|| panic!("{rule} is not in {almost:?}"))["failed"]
        .as_str()
        .expect("text")
        .to_owned()
}

#[test]
fn explain_ends_as_check_does_and_runs_nothing() {
    let world = World::new();
    explain(&world, &["railway volume list"]).ended(0);
    explain(&world, &["railway volume delete -v x"]).ended(10);
    explain(&world, &["rm -rf /"]).ended(11);
    explain(&world, &[]).ended(2);
    explain(&world, &["--file", "missing.sh"]).ended(125);
    explain(&world, &["touch made; railway volume list"]).ended(0);
    assert!(!world.path("work/made").exists());
    assert_eq!(world.calls(), "");
}

#[test]
fn what_was_peeled_off_and_what_is_unknown_is_told() {
    let world = World::new();
    let text = explain(&world, &["sudo sh -c 'railway volume delete -v \"$(cat name)\"'"]).stdout;
    for part in [
        "through: sudo",
        "    through: sh -c",
        "call: railway volume delete -v $(",
        "not known before it runs: $(",
        "where: with another user's rights",
        "facts used",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn a_request_is_told_by_method_host_path_and_operation() {
    let world = World::new();
    let body = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c\") }"}"#;
    let command = format!("curl https://backboard.railway.com/graphql/v2 -d '{body}'");
    let text = explain(&world, &[&command]).stdout;
    assert!(text.contains("request: POST backboard.railway.com/graphql/v2"), "{text}");
    assert!(text.contains("GraphQL: mutation volumeDelete(volumeId: 3d2c)"), "{text}");
}

#[test]
fn a_change_at_a_path_is_told_with_what_stands_there() {
    let world = World::new();
    world.file("work/notes.txt", "much");
    let text = explain(&world, &["rm notes.txt"]).stdout;
    assert!(text.contains("delete: notes.txt (by rm)"), "{text}");
    let there = text.lines().position(|line| line.contains("there: ")).expect("what stands there");
    let rest: Vec<&str> = text.lines().skip(there).take(3).map(str::trim).collect();
    let rest = rest.join(" ");
    assert!(rest.contains("notes.txt: file") && rest.contains("inside"), "{text}");
}

#[test]
fn rules_that_nearly_match_name_the_condition_that_does_not_hold() {
    let world = World::new();
    let explained = json(&world, &["railway volume list"]);
    let failed = missed(&explained, "railway.volume-delete");
    assert!(failed.starts_with("subcommand is `volume list`, wants `vol* delete`"), "{failed}");

    world.file("work/notes.txt", "");
    let explained = json(&world, &["rm -r notes.txt"]);
    let almost = explained["almost"].as_array().expect("a list");
    assert!(
        almost.iter().any(|a| a["failed"].as_str().is_some_and(|f| f.starts_with("path is "))),
        "{almost:?}"
    );

    let query = "curl https://backboard.railway.com/graphql/v2 -d '{\"query\":\"query { me { name } }\"}'";
    let failed = missed(&json(&world, &[query]), "railway.volume-delete");
    assert!(failed.contains("`volumeDelete`"), "{failed}");
}

#[test]
fn a_rule_for_another_program_is_no_near_one() {
    let world = World::new();
    let explained = json(&world, &["git push origin main"]);
    assert!(missed(&explained, "git.push-force").starts_with("without `-f`"));
    let almost = explained["almost"].as_array().expect("a list");
    assert!(
        almost.iter().all(|a| !a["failed"].as_str().expect("text").starts_with("program is")),
        "{almost:?}"
    );
}

#[test]
fn what_shares_the_program_alone_gives_way_to_what_is_nearer() {
    let world = World::new();
    let explained = json(&world, &["git push origin main"]);
    let almost = explained["almost"].as_array().expect("a list");
    let rules: Vec<&str> = almost.iter().filter_map(|almost| almost["rule"].as_str()).collect();
    assert!(rules.len() >= 3 && rules[0].starts_with("git.push"), "{rules:?}");
    assert!(!rules.contains(&"git.index-discard"), "{rules:?}");
}

#[test]
fn an_sql_statement_is_told_and_what_it_misses() {
    let world = World::new();
    let explained = json(&world, &["psql -h db.example.com shop -c 'DELETE FROM users WHERE id = 3'"]);
    let told = explained["actions"].to_string();
    assert!(told.contains("delete rows users") && told.contains("shop (remote)"), "{told}");
    let almost = explained["almost"].to_string();
    assert!(almost.contains("a condition chooses among the rows"), "{almost}");
}

#[test]
fn of_very_many_findings_some_are_shown_and_the_rest_counted() {
    let world = World::new();
    let script: String = (0..400).map(|n| format!("rm -rf /srv/x{n}\n")).collect();
    let outcome = world.guard("guard").args(["check", &script]).outcome();
    outcome.ended(10);
    assert!(outcome.stdout.contains("more; --json has them all"), "{}", outcome.stdout);
    assert!(outcome.stdout.lines().count() < 2000);
}

#[test]
fn a_rule_that_is_switched_off_is_said_to_be() {
    let world = World::new();
    world.file("config/guard.toml", "[rules]\n\"railway.volume-delete\" = \"off\"\n");
    let explained = json(&world, &["railway volume delete -v x"]);
    assert!(missed(&explained, "railway.volume-delete").contains("switched it off"));
    assert_eq!(explained["decision"], "allow");
}

#[test]
fn variables_that_were_read_are_named_and_credentials_hidden() {
    let world = World::new();
    let run = world.guard("guard").env("API_TOKEN", "s3cret-v4lue-0123456789").env("WHERE", "/");
    let outcome = run.args(["explain", "rm -rf \"$WHERE\"; curl -H \"X: $API_TOKEN\" example.com"]).outcome();
    outcome.ended(11);
    assert!(outcome.stdout.contains("environment: WHERE=/"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("API_TOKEN"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("environment: API_TOKEN=s3cret"), "{}", outcome.stdout);
}

#[test]
fn the_source_is_underlined_where_it_is_dangerous() {
    let world = World::new();
    for subcommand in ["check", "explain"] {
        let outcome =
            world.guard("guard").args([subcommand, "echo hi\nrailway volume delete -v x"]).outcome();
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        let at =
            lines.iter().position(|line| line.trim_start().starts_with("2 | ")).expect("the second line");
        let under = lines[at + 1];
        let start = lines[at].find("railway").expect("the words");
        assert_eq!(under.find('^'), Some(start), "{}", outcome.stdout);
    }
}

#[test]
fn hostile_text_is_shown_harmless_and_lines_fit_a_terminal() {
    let world = World::new();
    let filler = "echo filler words; ".repeat(200);
    let command = format!("{filler} rm -rf / \u{1b}[2J\u{202e}\u{200b}'a\u{7}b'");
    for subcommand in ["check", "explain"] {
        let outcome = world.guard("guard").args([subcommand, &command]).outcome();
        outcome.ended(11);
        let text = &outcome.stdout;
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}']), "{text:?}");
        let long = text.lines().find(|line| line.chars().count() > 80 && line.trim().contains(' '));
        assert_eq!(long, None);
    }
}

#[test]
fn no_source_breaks_it() {
    let world = World::new();
    for command in [
        "",
        "\n\n",
        "'",
        "$(",
        "rm -rf \"",
        "é\u{301}; rm -rf /\u{a0}x",
        &"(".repeat(5000),
        "a\tb; rm\t-rf\t/",
    ] {
        let outcome = explain(&world, &[command]);
        assert!(matches!(outcome.code, Some(0 | 10 | 11)), "{command:?}: {outcome:?}");
    }
    let bytes = world.file("work/bytes.sh", b"rm -rf \xff\xfe\0 /\n");
    world.guard("guard").args(["explain", "-f"]).args([bytes]).outcome().ended(11);
}

#[test]
fn scripts_are_checked_each_by_its_own_first_line() {
    let world = World::new();
    world.file("work/fine.sh", "#!/bin/sh\necho hello\n");
    world.file("work/held.zsh", "#!/bin/zsh\necho start\n\nrailway volume delete -v pg\n");
    world.file("work/code.py", "#!/usr/bin/env python3\nimport os\nos.system('rm -rf /')\n");
    let check = |files: &[&str]| world.guard("guard").args(["check", "--script"]).args(files).outcome();
    check(&["fine.sh"]).ended(0);
    check(&["held.zsh", "fine.sh"]).ended(10);
    check(&["fine.sh", "held.zsh", "code.py"]).ended(11);
    check(&["missing.sh"]).ended(125);
    let text = check(&["fine.sh", "held.zsh"]).stdout;
    assert!(text.starts_with("fine.sh: allow\n") && text.contains("\nheld.zsh: confirm\n"), "{text}");
    assert!(text.contains("held.zsh:4:"), "{text}");
    assert_eq!(world.calls(), "");
}

#[test]
fn verdicts_on_scripts_are_a_json_line_each() {
    let world = World::new();
    world.file("work/a.sh", "echo\n");
    world.file("work/b.sh", "echo\nrailway volume delete -v pg\n");
    let outcome = world.guard("guard").args(["check", "--json", "-f", "a.sh", "b.sh"]).outcome();
    outcome.ended(10);
    let lines: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["file"], &lines[0]["decision"]), (&"a.sh".into(), &"allow".into()));
    assert_eq!(lines[1]["findings"][0]["line"], 2);
}

#[test]
fn a_script_is_explained() {
    let world = World::new();
    world.file("work/x.sh", "#!/bin/bash\nd=build\nrailway volume delete -v \"$1\"\n");
    let outcome = explain(&world, &["--file", "x.sh"]);
    outcome.ended(10);
    assert!(outcome.stdout.contains("x.sh:3:"), "{}", outcome.stdout);
}

/// What a command shows on a screen of so many columns, in lines.
fn on_screen(world: &World, args: &[&str], columns: u16, env: &[(&str, &str)]) -> Vec<String> {
    let mut run = world.guard("guard").args(args);
    for (name, value) in env {
        run = run.env(name, value);
    }
    let mut session = Terminal::new(columns, 24).start(run);
    session.end();
    session.seen.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn colour_is_shown_where_it_is_welcome() {
    let world = World::new();
    for what in ["explain", "check"] {
        for (env, colour) in [
            (&[("TERM", "xterm")][..], true),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], true),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
            (&[("TERM", "dumb")], false),
            (&[], false),
        ] {
            let shown = on_screen(&world, &[what, REFUSED], 80, env);
            assert_eq!(shown.iter().any(|line| line.contains('\u{1b}')), colour, "{env:?}: {shown:?}");
            assert!(shown.iter().any(|line| line.contains("railway volume delete -v")), "{shown:?}");
        }
        let piped = world.guard("guard").args([what, REFUSED]).env("TERM", "xterm").outcome();
        assert!(!piped.stdout.contains('\u{1b}'), "{piped:?}");
    }
}

#[test]
fn lines_end_between_words_where_the_screen_does() {
    let world = World::new();
    let long = format!("echo {}; {REFUSED}; echo {}", "word ".repeat(500), "x".repeat(2500));
    let name = format!("railway volume delete -v '{}' -y", "some words ".repeat(30));
    for line in [REFUSED, &long, &name] {
        world.guard("guard").args(["-c", line]).outcome().refused();
    }
    let calls: [&[&str]; 9] = [
        &["explain", REFUSED],
        &[
            "explain",
            "curl -X DELETE https://api.example.com/v1/projects/1; sudo rm -rf /srv/$X; git push -f",
        ],
        &["check", REFUSED],
        &["check", &long],
        &["check", &name],
        &["log"],
        &["rules", "list"],
        &["rules", "show", "filesystem.delete-home"],
        &["status"],
    ];
    for columns in [60, 80, 200] {
        for args in calls {
            let shown = on_screen(&world, args, columns, &[("TERM", "xterm"), ("NO_COLOR", "1")]);
            for line in &shown {
                // A word that is longer than the screen is left to it.
                let one = !line.trim().contains(' ') || line.contains("xxxxxxxxxx");
                assert!(one || line.chars().count() <= columns.into(), "{columns} {args:?}: {line}");
            }
            assert!(shown.len() > 4, "{args:?}: {shown:?}");
        }
    }
    let piped = world.guard("guard").args(["rules", "list"]).outcome().stdout;
    assert!(piped.lines().all(|line| line.split("  ").count() > 2), "{piped}");
}
