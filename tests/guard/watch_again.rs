//! What `guard watch` knows after it was started anew, and what it shows of answers.

use std::fs;

use crate::support::REFUSED;
use crate::tickets::{agent, approve, ran, ticket, with_key};
use crate::watch::{calm, choose, ends, key, starts, types, watch, watching, world};

/// The lines below `Lately`.
fn lately(screen: &str) -> String {
    screen.split(" Lately").nth(1).unwrap_or_default().to_owned()
}

#[test]
fn an_answer_is_shown_once() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    choose(&tmux);
    key(&tmux, "a");
    tmux.shows("type pg-data");
    types(&tmux, "pg-data");
    ends(waits).ended(0);
    let once = |screen: &str| lately(screen).matches(REFUSED).count() == 1;
    tmux.until("the answer once", |screen| once(screen) && lately(screen).contains(" approved "));
    calm();
    assert!(once(&tmux.screen()), "{}", tmux.screen());
    // So it is out of the log's end.
    tmux.keys(&["q"]);
    tmux.line("clear", "$");
    watch(&tmux, &world, "");
    tmux.until("the answer once", |screen| once(screen) && lately(screen).contains(" approved "));
    ran(&world, 1);
}

#[test]
fn a_tickets_yes_is_known_after_a_new_start() {
    let world = world();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    approve(&tmux, &world, &named, "pg-data");
    watch(&tmux, &world, "");
    tmux.shows("1 ticket is open");
    tmux.shows("!yes ");
    tmux.keys(&["Down"]);
    tmux.shows("(approved until ");
    key(&tmux, "a");
    tmux.shows("It has its yes");
    // What nobody signed is no yes, and is not shown as one.
    let approved = world.path("state/approved");
    let file = fs::read_dir(&approved).expect("approvals").next().expect("one").expect("a file").path();
    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, text.replace("\\\"nonce\\\":\\\"", "\\\"nonce\\\":\\\"0")).expect("writable");
    let other = approved.join("other");
    fs::write(&other, "").expect("writable");
    fs::remove_file(other).expect("it is there");
    tmux.until("an open ticket", |screen| !screen.contains("approved until"));
    fs::write(&file, text).expect("writable");
    fs::write(approved.join("other"), "").expect("writable");
    tmux.shows("(approved until ");
    agent(&world, REFUSED).ended(0);
    tmux.until("no ticket", |screen| screen.contains("nothing waits ") && !screen.contains("ticket is open"));
    ran(&world, 1);
}

#[test]
fn a_socket_that_is_removed_is_no_yes() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    fs::remove_file(world.path("state/watch.sock")).expect("a socket");
    // Who comes now finds nobody.
    ticket(&agent(&world, &format!("{REFUSED}; echo more")));
    ran(&world, 0);
    choose(&tmux);
    key(&tmux, "r");
    assert_eq!(ends(waits).code, Some(126));
    ran(&world, 0);
}

#[test]
fn keys_that_come_together_decide_nothing() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    choose(&tmux);
    for keys in ["ba", "a\r", "rb"] {
        calm();
        tmux.run(&["send-keys", "-l", keys]).ended(0);
        calm();
        assert!(tmux.screen().contains("1 command waits"), "{keys}");
        assert!(!tmux.screen().contains("May this run?"), "{keys}");
    }
    ran(&world, 0);
    key(&tmux, "r");
    assert_eq!(ends(waits).code, Some(126));
    // What it drew is gone.
    tmux.keys(&["q"]);
    tmux.line("echo ba''ck", "back");
    assert!(!tmux.screen().contains("guard watch:"), "{}", tmux.screen());
}
