//! A human's no at a terminal is not asked about again in other words, and a person who starts anew is asked.

use std::fs;

use crate::off::human;
use crate::support::{REFUSED, Run, World, real};
use crate::terminal::{Session, Terminal};
use crate::tickets::guard;

/// The same by other words.
const OTHER_WORDS: &str = "env railway volume delete --yes --volume pg-data";
const ELSE: &str = "railway volume delete -v other-data -y";
const AGAIN: &str = "guard: refused: you said no to this before: deletes a volume";

/// A program that runs lines through guard, at a terminal, with the question about the first.
#[track_caller]
fn asked(world: &World, lines: &[&str]) -> Session {
    let calls: Vec<String> = lines.iter().map(|line| format!("\"$GUARD\" -c '{line}'")).collect();
    let text = format!("{}; echo the''end", calls.join("; "));
    let run: Run = world.run(real("bash")).args(["-c", &text]).env("GUARD", guard(world));
    let mut session = Terminal::new(80, 24).start(run.env("TERM", "xterm").env("NO_COLOR", "1"));
    session.expect("\n> ");
    session
}

fn questions(session: &Session) -> usize {
    session.seen.matches("press Enter").count()
}

#[test]
fn a_no_at_a_terminal_holds_for_the_same_in_other_words() {
    let world = World::new();
    let mut session = asked(&world, &[REFUSED, OTHER_WORDS, ELSE]);
    session.type_in("no\n").expect("other-data and press").type_in("no\n").expect("theend").ended(0);
    assert_eq!(questions(&session), 2, "{}", session.seen);
    assert_eq!(session.seen.matches(AGAIN).count(), 1, "{}", session.seen);
    // Whoever started that may start it again.
    let run = world.guard("guard").args(["-c", OTHER_WORDS]).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = Terminal::new(80, 24).start(run);
    session.ended(126);
    assert!(session.seen.contains(AGAIN) && questions(&session) == 0, "{}", session.seen);
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert_eq!(log.matches("\"outcome\":\"refused-again\"").count(), 2, "{log}");
    assert_eq!(world.calls(), "");
}

#[test]
fn what_nobody_answered_is_asked_about_again() {
    for (keys, why) in
        [("\u{3}", "interrupted"), ("\u{4}", "ended"), ("", "within 1 s"), ("no\nno\n", "at once")]
    {
        let world = World::new();
        world.file("config/guard.toml", "[approve]\nprompt_timeout = 1\n");
        let mut session = asked(&world, &[REFUSED, "exec 2>&1; railway volume delete -v pg-data -y"]);
        session.type_in(keys).expect(why).expect("theend").ended(0);
        assert_eq!(questions(&session), 2, "{keys:?}: {}", session.seen);
    }
}

#[test]
fn a_no_that_cannot_be_read_is_no_reason_to_ask() {
    let world = World::new();
    let mut session = asked(&world, &[REFUSED, "cat", REFUSED]);
    session.type_in("no\n").expect("nothing ran");
    let noes = fs::read_dir(world.path("state/refused")).expect("noes").next().expect("one").expect("a file");
    fs::write(noes.path(), "x").expect("writable");
    session.type_in("\u{4}").expect("what was refused before cannot be read").expect("theend").ended(0);
    assert_eq!(world.calls(), "");
}

#[test]
fn a_person_who_types_it_again_is_asked_again() {
    let world = World::new();
    world.file("work/tries.sh", format!("{0} -c '{REFUSED}'\n{0} -c '{OTHER_WORDS}'\n", guard(&world)));
    let tmux = human(&world);
    for line in [format!("{} -c '{REFUSED}'", guard(&world)), "bash tries.sh".to_owned()] {
        for _ in 0..2 {
            tmux.line("clear", "$");
            tmux.until("a clear screen", |screen| !screen.contains("pg-data"));
            tmux.line(&line, "pg-data and press");
            tmux.line("no", "what was typed is not");
            let screen = tmux.until("a prompt", |screen| screen.trim_end().ends_with("\n$"));
            assert_eq!(
                screen.matches("you said no to this").count(),
                usize::from(line.contains("tries")),
                "{screen}"
            );
        }
    }
    // The last question stands there still.
    tmux.line("clear", "$");
    tmux.until("a clear screen", |screen| !screen.contains("pg-data"));
    tmux.line(&format!("{} -c '{REFUSED}'; echo do''ne", guard(&world)), "pg-data and press");
    tmux.line("pg-data", "done");
    assert_eq!(world.calls(), format!("{REFUSED}\n"));
}

#[test]
fn a_no_to_what_a_program_starts_holds_while_it_runs() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let told = world.file("told", format!("{REFUSED}\n{OTHER_WORDS}\n")).display().to_string();
    world.executable("bin/tell", &format!("#!/usr/bin/perl\nopen(F, '<', '{told}'); print <F>;\n"));
    world.file("work/tries.sh", "for line in 1 2; do read -r line; sh -c \"$line\"; done < <(tell)\n");
    let tmux = human(&world);
    for _ in 0..2 {
        tmux.line("clear", "$");
        tmux.until("a clear screen", |screen| !screen.contains("pg-data"));
        tmux.line(&format!("{} -c 'bash tries.sh; echo'", guard(&world)), "pg-data and press");
        tmux.line("no", "what was typed is not");
        let screen = tmux.until("a prompt", |screen| screen.trim_end().ends_with("\n$"));
        assert_eq!(screen.matches("you said no to this").count(), 1, "{screen}");
    }
    assert_eq!(world.calls(), "");
}
