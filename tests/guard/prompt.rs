//! The question at the terminal about what is held.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use nix::sys::signal::Signal;

use crate::support::{REFUSED, Run, World};
use crate::terminal::{Session, Terminal};

const RAN: &str = "railway volume delete -v pg-data -y\n";

/// guard on a terminal, as a person has it.
fn run(world: &World, args: &[&str]) -> Run {
    world.guard("guard").args(args).env("TERM", "xterm").env("NO_COLOR", "1")
}

/// guard on a terminal, with the question it asks about the held command.
#[track_caller]
fn asked(world: &World) -> Session {
    let mut session = Terminal::new(80, 24).start(run(world, &["-c", REFUSED]));
    session.expect("\n> ");
    session
}

/// It was refused, in one line, and nothing ran.
#[track_caller]
fn refused(world: &World, session: &mut Session, why: &str) {
    session.ended(126);
    assert!(session.seen.contains(&format!("guard: refused: {why}")), "{:?}", session.seen);
    assert_eq!(world.calls(), "", "{:?}", session.seen);
}

/// Nothing was asked: the line is the one that agents get.
#[track_caller]
fn unasked(world: &World, session: &mut Session) {
    session.ended(126);
    assert!(session.seen.starts_with("guard: refused: deletes a volume"), "{:?}", session.seen);
    assert!(!session.seen.contains("> "), "{:?}", session.seen);
    assert_eq!(world.calls(), "");
}

fn log(world: &World) -> String {
    world.guard("guard").args(["log", "--json"]).outcome().stdout
}

#[test]
fn the_name_of_what_is_lost_lets_it_run() {
    let world = World::new();
    let mut session = asked(&world);
    for part in [
        "\r\n  railway volume delete -v pg-data -y\r\n  ^^^^^^^^^^^^",
        "deletes a volume and the backups stored in it: pg-data",
        "[railway.volume-delete]",
        "why:",
        "instead:",
        "type the name pg-data and press Enter",
    ] {
        assert!(session.seen.contains(part), "{part:?}: {:?}", session.seen);
    }
    session.type_in("pg-data\n").ended(0);
    assert_eq!(world.calls(), RAN);
    assert!(log(&world).contains("\"outcome\":\"approved-at-terminal\""), "{}", log(&world));
}

#[test]
fn the_prefix_asks_too() {
    let world = World::new();
    let words: Vec<&str> = std::iter::once("--").chain(REFUSED.split(' ')).collect();
    let mut session = Terminal::new(80, 24).start(run(&world, &words));
    session.expect("\n> ").type_in("pg-data\n").ended(0);
    assert_eq!(world.calls(), RAN);
    let mut session = Terminal::new(80, 24).start(run(&world, &words));
    session.expect("\n> ").type_in("no\n").ended(126);
    assert_eq!(world.calls(), RAN);
}

#[test]
fn anything_else_refuses() {
    for (keys, why) in [
        ("\n", "no name was typed"),
        ("y\n", "what was typed is not `pg-data`"),
        ("yes\n", "what was typed is not"),
        ("DELETE\n", "what was typed is not"),
        ("pg-dat\n", "what was typed is not"),
        ("PG-DATA\n", "what was typed is not"),
        ("\u{3}", "the question was interrupted"),
        ("pg-data\u{3}", "the question was interrupted"),
        ("\u{1c}", "the question was interrupted"),
        ("\u{4}", "the input ended before an answer"),
    ] {
        let world = World::new();
        let mut session = asked(&world);
        session.type_in(keys);
        refused(&world, &mut session, why);
        let log = log(&world);
        assert_eq!(log.matches("\"outcome\":\"refused-at-terminal\"").count(), 1, "{log}");
        assert!(!log.contains("approved"), "{log}");
    }
}

#[test]
fn more_than_one_line_at_once_was_pasted_and_is_no_answer() {
    let world = World::new();
    let mut session = asked(&world);
    session.type_in("pg-data\necho more\n");
    refused(&world, &mut session, "more than one line came at once");
}

#[test]
fn typing_mistakes_can_be_mended() {
    let world = World::new();
    asked(&world).type_in("pg-dats\u{7f}a\n").ended(0);
    assert_eq!(world.calls(), RAN);
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let world = World::new();
    let mut terminal = Terminal::new(80, 24);
    terminal.type_in("pg-data\n");
    let mut session = terminal.start(run(&world, &["-c", REFUSED]));
    session.expect("\n> ").type_in("no\n");
    refused(&world, &mut session, "what was typed is not");
}

#[test]
fn no_answer_refuses_after_a_while() {
    let world = World::new();
    world.file("config/guard.toml", "[approve]\nprompt_timeout = 1\n");
    let mut session = asked(&world);
    refused(&world, &mut session, "no answer came within 1 s");
}

#[test]
fn nothing_is_asked_where_that_is_switched_off() {
    let world = World::new();
    world.file("config/guard.toml", "[approve]\nprompt_timeout = 0\n");
    unasked(&world, &mut Terminal::new(80, 24).start(run(&world, &["-c", REFUSED])));
}

#[test]
fn a_project_cannot_switch_the_question_on() {
    let world = World::new();
    world.file("work/.guard/guard.toml", "[approve]\nprompt_timeout = 9\n");
    Terminal::new(80, 24).start(run(&world, &["-c", REFUSED])).ended(125);
    assert_eq!(world.calls(), "");
}

#[test]
fn agents_editors_and_builds_are_not_asked() {
    let world = World::new();
    for (name, value) in [
        ("CLAUDECODE", "1"),
        ("CURSOR_AGENT", "1"),
        ("TERM_PROGRAM", "vscode"),
        ("VSCODE_INJECTION", "1"),
        ("CURSOR_TRACE_ID", "x"),
        ("ZED_TERM", "true"),
        ("TERMINAL_EMULATOR", "JetBrains-JediTerm"),
        ("CI", "true"),
    ] {
        let run = run(&world, &["-c", REFUSED]).env(name, value);
        unasked(&world, &mut Terminal::new(80, 24).start(run));
    }
}

#[test]
fn nobody_is_asked_below_an_agents_process() {
    let world = World::new();
    let shell = world.run("/bin/sh").args(["-c", "env -u CLAUDECODE \"$GUARD\" -c \"$COMMAND\"; exit $?"]);
    let shell = shell.env("GUARD", world.path("shims/guard")).env("COMMAND", REFUSED);
    unasked(&world, &mut Terminal::new(80, 24).start(shell.env("CLAUDECODE", "1").env("TERM", "xterm")));
}

#[test]
fn nobody_is_asked_but_in_the_foreground_with_the_terminal_on_all_descriptors() {
    let world = World::new();
    let guard = world.path("shims/guard");
    for around in [
        "\"$GUARD\" -c \"$COMMAND\" < /dev/null",
        "\"$GUARD\" -c \"$COMMAND\" > /dev/null",
        "set -m; \"$GUARD\" -c \"$COMMAND\" & wait $!",
    ] {
        let shell = world.run("/bin/bash").args(["-c", &format!("{around}; exit $?")]);
        let shell = shell.env("GUARD", &guard).env("COMMAND", REFUSED).env("TERM", "xterm");
        let mut session = Terminal::new(80, 24).start(shell);
        unasked(&world, &mut session);
    }
}

#[test]
fn a_refusal_ends_its_lines_between_words_at_a_terminal_and_is_one_line_elsewhere() {
    let world = World::new();
    let line = world.guard("guard").args(["-c", REFUSED]).outcome().refused().stderr.clone();
    for columns in [40, 80, 300] {
        let run = run(&world, &["-c", REFUSED]).env("CLAUDECODE", "1");
        let mut session = Terminal::new(columns, 24).start(run);
        session.ended(126);
        let lines: Vec<&str> = session.seen.lines().map(str::trim_end).collect();
        assert!(lines.iter().all(|line| line.len() < columns.into()), "{lines:?}");
        assert_eq!(lines.join(" "), line.trim_end());
        assert_eq!(lines.len() > 1, line.len() >= columns.into());
    }
}

#[test]
fn what_is_denied_is_never_asked_about() {
    let world = World::new();
    world.file("config/guard.toml", "[rules]\n\"railway.volume-delete\" = \"deny\"\n");
    unasked(&world, &mut Terminal::new(80, 24).start(run(&world, &["-c", REFUSED])));
}

#[test]
fn the_terminal_is_as_before_however_it_ends() {
    let world = World::new();
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut session = Terminal::new(80, 24).raw().start(run(&world, &["-c", REFUSED]));
        let status = session.expect("\n> ").kill(signal).end();
        assert_eq!(status.signal(), Some(signal as i32), "{:?}", session.seen);
    }
    // A no last, since it sticks.
    for keys in ["pg-data\n", "\u{3}", "\u{4}", "no\n"] {
        let mut session = Terminal::new(80, 24).raw().start(run(&world, &["-c", REFUSED]));
        session.expect("\n> ").type_in(keys).end();
    }
    assert_eq!(world.calls(), RAN);
}

#[test]
fn a_script_that_changes_during_the_question_is_refused() {
    let world = World::new();
    let script = world.file("work/x.sh", format!("{REFUSED}\n"));
    let mut session = Terminal::new(80, 24).start(run(&world, &["x.sh"]));
    session.expect("\n> ");
    fs::write(script, format!("echo more; {REFUSED}\n")).expect("a file");
    session.type_in("pg-data\n");
    refused(&world, &mut session, "what it would do changed while it was asked about");
}

#[test]
fn what_is_put_into_a_folder_during_the_question_is_not_deleted_unseen() {
    let world = World::new();
    world.file("work/data/one.txt", "one\n");
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", "rm -rf data"]));
    session.expect("1 file").expect("\n> ");
    let late = world.file("work/data/late.txt", "late\n");
    session.type_in("data\n");
    session.expect("what it would do changed while it was asked about").ended(126);
    assert!(late.exists() && world.path("work/data/one.txt").exists());
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", "rm -rf data"]));
    session.expect("2 files").expect("\n> ").type_in("data\n").ended(0);
    assert!(!late.exists());
}

#[test]
fn a_file_that_was_read_for_the_verdict_and_changes_is_refused() {
    let world = World::new();
    world.stand_in("curl");
    let body = |id: &str| format!("{{\"query\":\"mutation {{ volumeDelete(volumeId: \\\"{id}\\\") }}\"}}");
    let file = world.file("work/body.json", body("pg-data"));
    let line = "curl https://backboard.railway.com/graphql/v2 -d @body.json";
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", line]));
    session.expect("type the name pg-data").expect("\n> ");
    fs::write(&file, body("pg-data") + " ").expect("a file");
    session.type_in("pg-data\n");
    refused(&world, &mut session, "what it would do changed while it was asked about");
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", line]));
    session.expect("\n> ").type_in("pg-data\n").ended(0);
    assert!(world.calls().starts_with("curl https"), "{}", world.calls());
}

#[test]
fn the_question_stays_on_a_screen_of_24_lines() {
    let world = World::new();
    let many: String = (0..200).map(|i| format!("railway volume delete -v volume-{i} -y\n")).collect();
    let long = format!("echo {}; {REFUSED}; echo {}", "a".repeat(2500), "b".repeat(2500));
    for (line, name) in [(many, "volume-0"), (long, "pg-data")] {
        let mut session = Terminal::new(80, 24).start(run(&world, &["-c", &line]));
        session.expect("\n> ");
        let lines: Vec<&str> = session.seen.split('\n').collect();
        assert!(lines.len() <= 24, "{:?}", session.seen);
        assert!(lines.iter().all(|line| line.trim_end().chars().count() < 80), "{:?}", session.seen);
        assert!(session.seen.contains(&format!("delete -v {name}")), "{:?}", session.seen);
        session.type_in("\u{3}");
        refused(&world, &mut session, "the question was interrupted");
    }
}

#[test]
fn hostile_text_is_shown_harmless() {
    let world = World::new();
    let hostile = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}\u{200b}p\u{430}ypal\u{9b}31m";
    let line = format!("{REFUSED}; echo '{hostile}'");
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", &line]));
    session.expect("\n> ");
    let shown = session.seen.replace("\r\n", "\n");
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    assert!(!shown.contains(['\u{202e}', '\u{200b}']), "{shown:?}");
    assert!(shown.contains("\\u{202e}") && shown.contains("<U+0430>"), "{shown:?}");
    session.type_in("\u{3}").ended(126);
}

#[test]
fn with_colors_the_dangerous_part_is_underlined_and_without_carets_stand_below() {
    let world = World::new();
    let start = |env: &[(&str, &str)]| {
        let mut run = world.guard("guard").args(["-c", &format!("echo x; {REFUSED}; echo y")]);
        for (name, value) in env {
            run = run.env(name, value);
        }
        let mut session = Terminal::new(80, 24).start(run);
        session.expect("within 120 seconds.");
        session.type_in("\u{3}").ended(126);
        std::mem::take(&mut session.seen)
    };
    let shown = start(&[("TERM", "xterm")]);
    assert!(shown.contains(&format!("echo x; \u{1b}[1;4;31m{REFUSED}\u{1b}[0m; echo y")), "{shown:?}");
    let shown = start(&[("TERM", "xterm"), ("NO_COLOR", "1")]);
    assert!(shown.contains("^^^^^") && !shown.contains('\u{1b}'), "{shown:?}");
    for env in [[("TERM", "dumb"), ("X", "")], [("TERM", "xterm"), ("GUARD_PLAIN", "1")]] {
        let shown = start(&env);
        assert!(shown.contains(&format!("Dangerous part: {REFUSED}\r\n")), "{shown:?}");
        assert!(!shown.contains('\u{1b}') && !shown.contains("^^^"), "{shown:?}");
    }
}

#[test]
fn what_would_be_gone_is_counted() {
    let world = World::new();
    world.file("work/data/a", [0; 1500]);
    world.file("work/data/b/c", [0; 500]);
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", "rm -rf ~+/data"]));
    session.expect("2 files, 2.0 kB").expect("type the name data").expect("\n> ").type_in("data\n").ended(0);
    assert!(!world.path("work/data").exists());
}

#[test]
fn where_nothing_has_a_name_a_word_is_asked_for() {
    let world = World::new();
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", "railway volume delete -y"]));
    session.expect("type the word DELETE").expect("\n> ").type_in("DELETE\n").ended(0);
    assert_eq!(world.calls(), "railway volume delete -y\n");
}

#[test]
fn the_readme_shows_it_as_it_is() {
    let readme = include_str!("../../README.md");
    let example =
        readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let (command, shown) = example.split_once('\n').expect("a command and what it shows");
    let line = command.strip_prefix("$ guard -c '").and_then(|line| line.strip_suffix('\'')).expect("a call");
    let world = World::new();
    let mut session = Terminal::new(80, 24).start(run(&world, &["-c", line]));
    session.expect("\n> ");
    // `/srv` is there, so that this is the one directory.
    assert_eq!(session.seen.replace("\r\n", "\n").trim_end(), shown.trim_end());
    session.type_in("\u{3}").ended(126);
}

#[test]
fn a_scripts_own_lines_are_shown_with_their_place() {
    let world = World::new();
    world.executable("work/x.sh", &format!("#!/bin/bash\necho a\n{REFUSED} && echo b\n"));
    for (args, place) in
        [(&["-c", "echo z; ./x.sh"][..], "./x.sh:3"), (&["-c", "bash x.sh"], "x.sh:3"), (&["x.sh"], "x.sh:3")]
    {
        let marks = if args[0] == "-c" { "^".repeat(REFUSED.len()) } else { String::from("^^^^") };
        let wanted = format!("\n  {place}\n  {REFUSED} && echo b\n  ");
        let mut session = Terminal::new(80, 24).start(run(&world, args));
        session.expect("\n> ");
        let shown = session.seen.replace("\r\n", "\n");
        let below = shown.split(&wanted).nth(1).unwrap_or_else(|| panic!("{wanted}: {shown}"));
        assert!(below.trim_start().starts_with(&marks), "{shown}");
        session.type_in("pg-data\n").ended(0);
    }
    assert_eq!(world.calls(), RAN.repeat(3));
    // So are files that programs run.
    world.file("work/x.py", format!("import os\n\nos.system('{REFUSED}')\n"));
    world.file("work/Makefile", "V = pg-data\nall:\n\t@railway volume delete -v $(V) -y\n");
    for (line, shown) in [
        ("python3 x.py", format!("\n  x.py:3\n  os.system('{REFUSED}')\n  ^^^^^^^^^^^")),
        ("make", "\n  Makefile:3\n      @railway volume delete -v $(V) -y\n      ^^^^^^^^".to_owned()),
    ] {
        let mut session = Terminal::new(80, 24).start(run(&world, &["-c", line]));
        session.expect("\n> ");
        let seen = session.seen.replace("\r\n", "\n");
        assert!(seen.contains(&shown), "{seen}");
        session.type_in("\u{3}").ended(126);
    }
    let plain = run(&world, &["-c", "bash x.sh"]).env("GUARD_PLAIN", "1");
    let mut session = Terminal::new(80, 24).start(plain);
    session.expect("Answer: ");
    let line = format!("Line 3 of x.sh: {REFUSED} && echo b\r\nDangerous part: {REFUSED}\r\n");
    assert!(session.seen.contains(&line), "{:?}", session.seen);
    // A full stop behind a command would be taken for a part of it.
    assert!(session.seen.contains("Instead: railway volume list\r\n"), "{:?}", session.seen);
    session.type_in("\u{3}").ended(126);
}

#[test]
fn of_a_work_tree_only_what_is_concerned_is_told() {
    let world = World::new();
    world.file("work/a.txt", "a\n");
    world.file("work/b.txt", "b\n");
    world.file("work/sub/c.txt", "c\n");
    let git = "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm one && \
               echo more >> a.txt && echo more >> b.txt && echo new > new.txt";
    assert!(world.run("/bin/bash").args(["-c", git]).command().status().expect("git").success());
    let tree = world.work().canonicalize().expect("a path");
    let file = format!("git:     {}/a.txt: 1 changed file", tree.display());
    for (line, wanted, unwanted) in [
        ("git checkout -- a.txt sub", file.as_str(), "2 changed"),
        ("git checkout .", ": 2 changed files\r\n", "untracked file"),
        ("git clean -fd", ": 1 untracked file\r\n", "changed file"),
    ] {
        let mut session = Terminal::new(200, 24).start(run(&world, &["-c", line]));
        session.expect("\n> ");
        assert!(
            session.seen.contains(wanted) && !session.seen.contains(unwanted),
            "{line}: {:?}",
            session.seen
        );
        session.type_in("\u{3}").ended(126);
    }
}

#[test]
fn a_person_is_told_what_a_person_can_do() {
    let world = World::new();
    let denied = "rm -rf /";
    for (settings, line) in [("[approve]\nprompt_timeout = 0\n", REFUSED), ("", denied)] {
        world.file("config/guard.toml", settings);
        let mut session = Terminal::new(600, 24).start(run(&world, &["-c", line]));
        session.ended(126);
        let yours =
            "If you want it all the same, run it in a shell without guard or change the rule in guard.toml";
        assert!(session.seen.contains(yours) && !session.seen.contains("your user"), "{:?}", session.seen);
        let agents = run(&world, &["-c", line]).env("CLAUDECODE", "1");
        let mut session = Terminal::new(600, 24).start(agents);
        session.ended(126);
        assert!(session.seen.contains("ask your user"), "{:?}", session.seen);
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn a_small_screen_names_what_would_be_lost() {
    let world = World::new();
    for plain in ["", "1"] {
        let mut session = Terminal::new(60, 8).start(run(&world, &["-c", REFUSED]).env("GUARD_PLAIN", plain));
        session.expect(if plain.is_empty() { "\n> " } else { "Answer: " });
        assert!(session.seen.split('\n').count() <= 8, "{:?}", session.seen);
        let what = session.seen.split("stored in it:").nth(1).expect("what it does");
        assert!(what.trim_start().starts_with("pg-data"), "{:?}", session.seen);
        session.type_in("\u{3}").ended(126);
    }
}
