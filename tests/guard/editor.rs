//! Questions in editors' terminals, into which agents type: an answer counts there where the human's passphrase comes
//! with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{REFUSED, Run, World};
use crate::terminal::{Session, Terminal};
use crate::tickets::{PASSPHRASE, hidden, ran, with_key};
use crate::typist::Typist;
use crate::watch::watching;

const ASKS: &str = "The passphrase of your key: ";

fn run(world: &World, args: &[&str]) -> Run {
    world.guard("guard").args(args).env("TERM", "xterm").env("NO_COLOR", "1").env("TERM_PROGRAM", "vscode")
}

fn start(run: Run) -> Session {
    Terminal::new(80, 24).start(run)
}

/// The name was typed, and the passphrase is asked for.
#[track_caller]
fn named(world: &World, args: &[&str]) -> Session {
    let mut session = start(run(world, args));
    session.expect("\n> ").type_in("pg-data\n").expect(ASKS);
    session
}

#[test]
fn in_an_editors_terminal_the_passphrase_comes_with_the_name() {
    let world = World::new();
    let _tmux = with_key(&world);
    let mut session = named(&world, &["-c", REFUSED]);
    ran(&world, 0);
    session.type_in(&format!("{PASSPHRASE}\n")).ended(0);
    assert!(!session.seen.contains("correct"), "the passphrase was shown: {:?}", session.seen);
    ran(&world, 1);
    // A second try counts, a third wrong one ends it.
    let mut session = named(&world, &["-c", REFUSED]);
    session.type_in("correct hors\n").expect("That is not it.").type_in(&format!("{PASSPHRASE}\n")).ended(0);
    ran(&world, 2);
    let mut session = named(&world, &["-c", REFUSED]);
    for tries in 0..3 {
        let before = format!("{ASKS}\r\nThat is not it.\r\n").repeat(tries);
        session.expect(&format!("{before}{ASKS}")).type_in("pg-data\n");
    }
    session.ended(126);
    assert!(session.seen.contains("guard: refused: the passphrase was wrong"), "{:?}", session.seen);
    let mut session = start(run(&world, &["-c", REFUSED]));
    session.expect("\n> ").type_in("\u{3}").ended(126);
    assert!(session.seen.contains("interrupted") && !session.seen.contains(ASKS), "{:?}", session.seen);
    for (keys, why) in
        [("\u{3}", "interrupted"), ("\u{4}", "the input ended"), ("a\nb\n", "more than one line")]
    {
        let mut session = named(&world, &["-c", REFUSED]);
        session.type_in(keys).ended(126);
        assert!(session.seen.contains(why), "{:?}", session.seen);
    }
    ran(&world, 2);
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert_eq!(log.matches("\"outcome\":\"approved-at-terminal\"").count(), 3, "with `guard setup`: {log}");
    // Elsewhere the name alone.
    let mut session = start(run(&world, &["-c", REFUSED]).without("TERM_PROGRAM"));
    session.expect("\n> ").type_in("pg-data\n").ended(0);
    assert!(!session.seen.contains(ASKS), "{:?}", session.seen);
    ran(&world, 3);
    // Another word is a no, and that stands.
    let mut session = start(run(&world, &["-c", REFUSED]));
    session.expect("\n> ").type_in("yes\n").ended(126);
    let seen = &session.seen;
    assert!(seen.contains("what was typed is not `pg-data`") && !seen.contains(ASKS), "{seen:?}");
    let mut session = start(run(&world, &["-c", REFUSED]));
    session.ended(126);
    assert!(session.seen.contains("you said no to this before"), "{:?}", session.seen);
    ran(&world, 3);
}

#[test]
fn without_a_key_nothing_is_asked_there_and_said_how_it_would_be() {
    let world = World::new();
    let mut session = Terminal::new(600, 24).start(run(&world, &["-c", REFUSED]));
    session.ended(126);
    assert!(
        !session.seen.contains("> ") && session.seen.contains("where `guard setup` made a key"),
        "{:?}",
        session.seen
    );
    let agent = world.guard("guard").args(["-c", REFUSED]).env("TERM_PROGRAM", "vscode").outcome();
    assert!(!agent.refused().stderr.contains("guard setup"), "{agent:?}");
    let mut session = Terminal::new(600, 24).start(run(&world, &["off", "--for", "10m"]));
    session.ended(126);
    assert!(session.seen.contains("`guard setup` makes the key"), "{:?}", session.seen);
    ran(&world, 0);
}

#[test]
fn a_scrubbed_environment_leaves_no_editors_terminal() {
    let world = World::new();
    let scrubbed = || {
        let shell =
            world.run("/bin/sh").args(["-c", "env -u TERM_PROGRAM \"$GUARD\" -c \"$COMMAND\"; exit $?"]);
        let shell =
            shell.env("GUARD", world.path("shims/guard")).env("COMMAND", REFUSED).env("TERM", "xterm");
        start(shell.env("TERM_PROGRAM", "vscode"))
    };
    let mut session = scrubbed();
    session.ended(126);
    assert!(!session.seen.contains("> "), "{:?}", session.seen);
    let _tmux = with_key(&world);
    scrubbed()
        .expect("\n> ")
        .type_in("pg-data\n")
        .expect(ASKS)
        .type_in("pg-data\n")
        .expect("not it")
        .type_in("\u{4}")
        .ended(126);
    ran(&world, 0);
    scrubbed().expect("\n> ").type_in("pg-data\n").expect(ASKS).type_in(&format!("{PASSPHRASE}\n")).ended(0);
    ran(&world, 1);
}

#[test]
fn an_agent_that_is_known_is_not_asked_there_either() {
    let world = World::new();
    let _tmux = with_key(&world);
    let mut session = Terminal::new(600, 24).start(run(&world, &["-c", REFUSED]).env("CLAUDECODE", "1"));
    session.ended(126);
    assert!(session.seen.contains("guard approve ") && !session.seen.contains("> "), "{:?}", session.seen);
    ran(&world, 0);
}

#[test]
fn a_public_key_that_does_not_count_gives_no_yes_there() {
    let world = World::new();
    let _tmux = with_key(&world);
    let public = world.path("config/approve.pub");
    let mode = |mode| fs::set_permissions(&public, fs::Permissions::from_mode(mode)).expect("mode");
    let answered = || {
        let mut session = named(&world, &["-c", REFUSED]);
        session.type_in(&format!("{PASSPHRASE}\n"));
        session
    };
    mode(0o666);
    let mut session = answered();
    session.ended(126);
    assert!(session.seen.contains("the public key does not count"), "{:?}", session.seen);
    mode(0o644);
    let whole = fs::read(&public).expect("a key");
    let other = World::new();
    let _other = with_key(&other);
    fs::copy(other.path("config/approve.pub"), &public).expect("a copy");
    let mut session = answered();
    session.ended(126);
    assert!(session.seen.contains("the key is not the one that counts here"), "{:?}", session.seen);
    ran(&world, 0);
    fs::write(&public, whole).expect("writable");
    answered().ended(0);
    ran(&world, 1);
}

#[test]
fn guard_off_and_freezes_take_the_passphrase_there() {
    let world = World::new();
    let _tmux = with_key(&world);
    let asks = |args: &[&str], word: &str| {
        let mut session = start(run(&world, args));
        session.expect("\n> ").type_in(&format!("{word}\n")).expect(ASKS);
        session
    };
    let mut session = asks(&["off", "--for", "10m"], "OFF");
    session.type_in("OFF\n").expect("not it").type_in("\u{3}").ended(126);
    assert!(
        session.seen.contains("guard stays on") && !world.path("state/off").exists(),
        "{:?}",
        session.seen
    );
    asks(&["freeze"], "FREEZE").type_in("\u{3}").ended(126);
    assert!(!world.path("state/freeze").exists());
    asks(&["freeze"], "FREEZE").type_in(&format!("{PASSPHRASE}\n")).expect("frozen: ").ended(0);
    asks(&["thaw"], "THAW").type_in("x\n").expect("not it").type_in("\u{3}").ended(126);
    asks(&["thaw"], "THAW").type_in(&format!("{PASSPHRASE}\n")).expect("nothing is frozen").ended(0);
    asks(&["off", "--for", "10m"], "OFF")
        .type_in(&format!("{PASSPHRASE}\n"))
        .expect("guard is off until")
        .ended(0);
    start(run(&world, &["-c", REFUSED])).ended(0);
    ran(&world, 1);
}

#[test]
fn who_watches_answers_on_that_screen() {
    let world = World::new();
    world.file("config/guard.toml", "[approve]\nwait = 1\n");
    let _tmux = watching(&world);
    let mut session = Terminal::new(600, 24).start(run(&world, &["-c", REFUSED]));
    session.expect("waits up to 1 s").ended(126);
    assert!(session.seen.contains("guard approve ") && !session.seen.contains("> "), "{:?}", session.seen);
    ran(&world, 0);
}

#[test]
fn what_only_an_exec_shows_takes_the_passphrase_there() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let _tmux = with_key(&world);
    let mut session = named(&world, &["-c", &hidden()]);
    session.type_in("x\n").expect("not it").type_in("\u{3}").end();
    ran(&world, 0);
    named(&world, &["-c", &hidden()]).type_in(&format!("{PASSPHRASE}\n")).ended(0);
    ran(&world, 1);
}

#[test]
fn a_line_typed_there_takes_the_passphrase() {
    let world = World::new();
    let _tmux = with_key(&world);
    world.file("home/.bashrc", "PS1='<$?> '\n");
    let shell = world.guard("bash").args(["-i"]).env("TERM_PROGRAM", "vscode").env("NO_COLOR", "1");
    let mut shell = Typist::start(shell, "");
    shell.prompt(0);
    shell.keys(&format!("{REFUSED}\r")).wait("\n> ");
    shell.keys("pg-data\r").wait(ASKS);
    shell.line(PASSPHRASE, 0);
    ran(&world, 1);
    shell.keys(&format!("{REFUSED}\r")).wait("\n> ");
    shell.keys("pg-data\r").wait(ASKS);
    shell.keys("\u{3}");
    shell.prompt(126);
    ran(&world, 1);
    shell.keys("exit 0\r");
    shell.ended(0);
}

#[test]
fn what_types_into_a_shared_terminal_needs_the_passphrase_once_there_is_a_key() {
    let world = World::new();
    let tmux = crate::off::human(&world);
    let bash = world.path("shims/bash").display().to_string();
    // Without a key the name alone is all that can be asked for.
    tmux.line(&format!("clear; {bash} -c '{REFUSED}'"), "type the name pg-data");
    tmux.line("pg-data", "$");
    tmux.until("that it ran", |_| !world.calls().is_empty());
    ran(&world, 1);
    drop(tmux);
    let tmux = with_key(&world);
    for hidden in ["", "env -u TMUX -u TMUX_PANE "] {
        tmux.line("clear", "$");
        tmux.until("a clear screen", |screen| !screen.contains("pg-data"));
        tmux.line(&format!("{hidden}{bash} -c '{REFUSED}'"), "type the name pg-data");
        tmux.line("pg-data", "The passphrase of your key:");
        tmux.keys(&["C-c"]);
        tmux.shows("interrupted");
    }
    ran(&world, 1);
    tmux.line("clear", "$");
    tmux.until("a clear screen", |screen| !screen.contains("pg-data"));
    tmux.line(&format!("{bash} -c '{REFUSED}'"), "type the name pg-data");
    tmux.line("pg-data", "The passphrase of your key:");
    tmux.line(PASSPHRASE, "$");
    tmux.until("that it ran", |_| world.calls().lines().count() == 2);
}
