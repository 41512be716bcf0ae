//! What a supervised command starts, while it waits for a human: side by side, and no longer than who waits is there.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::support::{World, hear};
use crate::tickets::with_key;
use crate::tmux::Tmux;
use crate::watch::{choose, ends, key, types, watch};

/// A world in which what is held waits so long; `tell` prints a line that no text shows, of the volume that it is told.
fn world(wait: u32) -> World {
    let world = World::new();
    world.file("config/guard.toml", format!("[run]\nsupervise = \"always\"\n[approve]\nwait = {wait}\n"));
    let told = world.file("told", "railway volume delete -y -v").display().to_string();
    let text = format!("#!/usr/bin/perl\nopen(F, '<', '{told}'); print <F>, ' ', @ARGV;\n");
    world.executable("bin/tell", &text);
    world
}

fn watching(world: &World) -> Tmux<'_> {
    let tmux = with_key(world);
    watch(&tmux, world, "");
    tmux
}

/// An agent's command in a process group of its own.
fn starts(world: &World, line: &str) -> Child {
    let mut run = world.guard("bash").args(["-c", line]).env("CLAUDECODE", "1");
    let command = run.command();
    hear(command);
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn until(holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_waits_for_a_human_keeps_nothing_else_waiting() {
    let world = world(90);
    let tmux = watching(&world);
    let line = "$(tell pg-one) & $(tell pg-two) & $(tell pg-three) & \
                for i in 1 2 3 4 5 6 7 8; do /usr/bin/env python3 -c 'pass'; done; echo done > free; wait";
    let waits = starts(&world, line);
    tmux.shows("3 commands wait");
    until(|| world.path("work/free").exists());
    tmux.shows("3 commands wait");
    choose(&tmux);
    key(&tmux, "a");
    let typed = |screen: &str| {
        ["pg-one", "pg-two", "pg-three"].into_iter().find(|name| screen.contains(&format!("type {name}")))
    };
    let first = typed(&tmux.until("a question", |screen| typed(screen).is_some())).expect("one of them");
    types(&tmux, first);
    until(|| world.calls() == format!("railway volume delete -y -v {first}\n"));
    for left in ["2 commands wait", "1 command waits"] {
        tmux.shows(left);
        choose(&tmux);
        key(&tmux, "r");
    }
    tmux.shows("nothing waits");
    let ended = ends(waits);
    assert_eq!(ended.stderr.matches("refused by your user").count(), 2, "{ended:?}");
}

#[test]
fn what_waits_side_by_side_shares_one_time() {
    let world = world(3);
    let tmux = watching(&world);
    let since = Instant::now();
    let waits =
        starts(&world, "$(tell pg-one) & $(tell pg-two) & $(tell pg-three) & wait; $(tell pg-four); exit 5");
    tmux.shows("3 commands wait");
    let ended = ends(waits);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}: {ended:?}", since.elapsed());
    assert_eq!(ended.stderr.matches("waits up to").count(), 3, "{ended:?}");
    assert_eq!(ended.stderr.matches("guard approve").count(), 4, "{ended:?}");
    assert_eq!(world.calls(), "");
}

/// A program that hears ^C itself, and then becomes what no text shows.
const HEARS: &str = "import os, signal
def heard(*_): print('heard', flush=True)
signal.signal(signal.SIGINT, heard)
words = os.popen('tell pg-data').read().split()
try: os.execvp(words[0], words)
except InterruptedError: print('went on', flush=True)
";

#[test]
fn a_key_that_interrupts_ends_the_wait() {
    let world = world(90);
    world.file("work/hears.py", HEARS);
    let tmux = watching(&world);
    for (line, told, said) in [
        ("python3 hears.py; exit 7", false, "heard\nwent on\n"),
        (
            "trap 'echo heard; exit 7' INT; python3 -c 'import time; time.sleep(0)'; $(tell pg-data); echo more",
            false,
            "heard\n",
        ),
        ("$(tell pg-data); echo more", true, ""),
    ] {
        let waits = starts(&world, line);
        tmux.shows("1 command waits");
        let since = Instant::now();
        let group = Pid::from_raw(i32::try_from(waits.id()).expect("a process number"));
        killpg(group, Signal::SIGINT).expect("it is there");
        let ended = ends(waits);
        let status = if told { (None, Some(2)) } else { (Some(7), None) };
        assert_eq!(
            (ended.code, ended.signal, ended.stdout.as_str()),
            (status.0, status.1, said),
            "{line}: {ended:?}"
        );
        tmux.shows("nothing waits");
        assert!(since.elapsed() < Duration::from_secs(20), "{line}: {:?}", since.elapsed());
        let pending = world.guard("guard").args(["pending"]).outcome();
        assert_eq!(pending.ended(0).stdout, "no ticket is open\n", "{line}");
    }
    assert_eq!(world.calls(), "");
}
