//! `guard watch` without a screen: lines that are printed once, and answers that name their ticket.

use std::fs;

use crate::support::{REFUSED, World};
use crate::tickets::{PASSPHRASE, guard, ran, with_key};
use crate::tmux::Tmux;
use crate::watch::{calm, ends, starts, types, world};

/// A human who watches line by line and has typed the passphrase.
fn watching<'a>(world: &'a World, how: &str) -> Tmux<'a> {
    let tmux = with_key(world);
    tmux.line(&format!("clear; {}", how.replace("guard", &guard(world))), "Your passphrase");
    types(&tmux, PASSPHRASE);
    tmux.shows("Unlocked.");
    assert!(!tmux.screen().contains("correct"), "the passphrase was shown");
    tmux
}

/// The ticket of the command that was printed last.
fn waits(tmux: &Tmux<'_>) -> String {
    let screen = tmux.until("a command", |screen| screen.contains("To answer: approve "));
    let named = screen.rsplit("To answer: approve ").next().and_then(|rest| rest.split(',').next());
    named.expect("a ticket").to_owned()
}

fn clear(tmux: &Tmux<'_>) {
    tmux.run(&["send-keys", "-R"]).ended(0);
    tmux.run(&["clear-history"]).ended(0);
}

#[test]
fn answers_are_lines_that_name_their_ticket() {
    let world = world();
    let tmux = watching(&world, "GUARD_PLAIN=1 guard watch");
    // What is typed stays while something comes.
    tmux.run(&["send-keys", "-l", "lis"]).ended(0);
    let waiting = starts(&world, REFUSED);
    let ticket = waits(&tmux);
    tmux.shows(&format!("refuse {ticket}.\nguard> lis"));
    tmux.shows("deletes a volume");
    tmux.line("t", "1 command waits.");
    tmux.line("approve", "Which ticket?");
    tmux.line("approve ZZZZ", "Nothing is called ZZZZ");
    calm();
    tmux.line(&format!("approve {ticket}"), "type pg-data");
    types(&tmux, "yes");
    tmux.shows("is not pg-data");
    ran(&world, 0);
    clear(&tmux);
    tmux.line(&format!("approve {}", ticket.to_lowercase()), "type pg-data");
    types(&tmux, "pg-data");
    tmux.shows("Approved once: it runs.");
    ends(waiting).ended(0);
    ran(&world, 1);
    // It was answered, and is nothing's name any more.
    tmux.line(&format!("approve {ticket}"), &format!("{ticket} waits no more."));
    clear(&tmux);
    let waiting = starts(&world, REFUSED);
    let ticket = waits(&tmux);
    calm();
    tmux.line(&format!("refuse {ticket} use the staging database"), "Refused.");
    let refused = ends(waiting);
    assert!(
        refused.code == Some(126) && refused.stderr.contains("They say: use the staging database"),
        "{refused:?}"
    );
    ran(&world, 1);
    tmux.line("quit", "$");
    tmux.line("echo ba''ck", "back");
}

#[test]
fn lines_that_come_at_once_are_no_answer() {
    let world = world();
    let tmux = watching(&world, "guard watch --plain");
    let waiting = starts(&world, REFUSED);
    let ticket = waits(&tmux);
    calm();
    tmux.run(&["send-keys", "-l", &format!("approve {ticket}\rpg-data\r")]).ended(0);
    tmux.shows("Not so fast");
    ran(&world, 0);
    tmux.keys(&["Escape"]);
    tmux.shows("> pg-data\nguard>");
    // What leaves while it is asked about takes the question along.
    clear(&tmux);
    tmux.line(&format!("approve {ticket}"), "type pg-data");
    tmux.run(&["send-keys", "-l", "pg-data"]).ended(0);
    let mut waiting = waiting;
    waiting.kill().expect("it ends");
    waiting.wait().expect("it ended");
    tmux.shows("decided nothing");
    calm();
    tmux.keys(&["Enter"]);
    tmux.line("list", "nothing waits.");
    ran(&world, 0);
    // Quitting is asked about where something waits.
    let waiting = starts(&world, REFUSED);
    waits(&tmux);
    tmux.line("quit", "when nobody watches");
    tmux.line("no", "Nothing was decided.");
    tmux.keys(&["C-d"]);
    tmux.until("the question once more", |screen| screen.matches("when nobody watches").count() == 2);
    tmux.keys(&["Enter"]);
    assert_eq!(ends(waiting).code, Some(126));
    ran(&world, 0);
}

#[test]
fn a_dumb_terminal_gets_nothing_but_text() {
    let world = world();
    let tmux = with_key(&world);
    let written = world.path("written");
    tmux.line("bind 'set enable-bracketed-paste off'; clear", "$");
    tmux.run(&["pipe-pane", &format!("cat > {}", written.display())]).ended(0);
    tmux.line(&format!("TERM=dumb {} watch", guard(&world)), "Your passphrase");
    tmux.keys(&["Enter"]);
    tmux.shows("Locked: you can refuse");
    let waiting = starts(&world, &format!("{REFUSED} # \u{65e5}\u{672c}"));
    let ticket = waits(&tmux);
    calm();
    tmux.line(&format!("refuse {ticket}"), "Refused.");
    ends(waiting);
    tmux.keys(&["C-d"]);
    tmux.line("echo ba''ck", "back");
    let text = fs::read_to_string(&written).expect("text");
    let text = text.split("echo ba").next().expect("a start");
    assert!(text.contains("Refused.") && !text.contains('\u{1b}'), "{text:?}");
    ran(&world, 0);
}
