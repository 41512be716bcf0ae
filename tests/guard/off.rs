//! `guard off` and `guard on`: a human, and nobody else, lets what would be held run for a while.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{REFUSED, Run, World, real};
use crate::terminal::Terminal;
use crate::tmux::Tmux;
use crate::typist::Typist;

/// What no yes permits.
const DENIED: &str = "rm -rf /";

fn off(world: &World, args: &[&str]) -> Run {
    world.guard("guard").args(["off"]).args(args).env("TERM", "xterm")
}

/// A human's terminal. Nothing that an agent started stands above it, as may be above the tests.
pub fn human(world: &World) -> Tmux<'_> {
    // A server that ends still has its socket for a moment.
    static SOCKETS: AtomicUsize = AtomicUsize::new(0);
    let socket = format!("human-{}", SOCKETS.fetch_add(1, Ordering::Relaxed));
    Tmux::start(world, &socket, real("bash"))
}

/// A human turns guard off.
#[track_caller]
fn turned_off(world: &World, length: &str) {
    let tmux = human(world);
    tmux.line(&format!("{} off --for {length}", guard(world)), "type the word OFF");
    tmux.line("OFF", "guard is off until ");
}

fn guard(world: &World) -> String {
    world.path("shims/guard").display().to_string()
}

#[test]
fn the_question_is_plain_sentences_where_that_is_wanted() {
    let world = World::new();
    let tmux = human(&world);
    tmux.line(&format!("GUARD_PLAIN=1 {} off --for 10m", guard(&world)), "Answer:");
    tmux.line("no", "guard stays on");
}

/// It is on: what is held does not run.
#[track_caller]
fn is_on(world: &World) {
    let before = world.calls();
    world.guard("bash").args(["-c", REFUSED]).outcome().refused();
    assert_eq!(world.calls(), before);
}

/// It is off: what is held runs, and a caller sees nothing else of that.
#[track_caller]
fn is_off(world: &World) {
    let before = world.calls();
    let outcome = world.guard("bash").args(["-c", &format!("{REFUSED}; exit 3")]).outcome();
    assert_eq!(outcome.ended(3).stderr, "");
    assert_eq!(world.calls(), format!("{before}{REFUSED}\n"));
}

fn said(world: &World, args: &[&str]) -> String {
    world.guard("guard").args(args).outcome().stdout
}

#[test]
fn what_would_be_held_runs_until_guard_is_on_again() {
    let world = World::new();
    is_on(&world);
    turned_off(&world, "10m");
    is_off(&world);
    world.guard("guard").args(["--"]).args(REFUSED.split(' ')).outcome().ended(0);
    // Anyone may turn it on.
    let on = world.guard("guard").args(["on"]).env("CLAUDECODE", "1").outcome();
    assert!(on.ended(0).stdout.contains("on again"), "{on:?}");
    is_on(&world);
    assert_eq!(said(&world, &["on"]), "guard is on\n");
    let log = said(&world, &["log", "--would-hold"]);
    assert_eq!(log.matches(" while off ").count(), 2, "{log}");
    let log = said(&world, &["log", "--json"]);
    assert_eq!(log.matches("\"outcome\":\"ran-while-off\"").count(), 2, "{log}");
    assert!(log.contains("guard off --for 10m") && log.contains("\"command\":\"guard on\""), "{log}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn what_is_denied_stays_refused_and_guards_own_files_out_of_reach() {
    let world = World::new();
    turned_off(&world, "10m");
    symlink(env!("CARGO_BIN_EXE_guard"), world.path("bin/guard")).expect("a link");
    let file = world.path("state/off");
    let before = fs::read(&file).expect("the file that says so");
    let file = file.display();
    for line in [
        DENIED,
        &format!("echo x > {file}"),
        &format!("cp {file} x; sed -i s/1/2/ {file}"),
        &format!("rm -f {file}"),
        "mv ../state/off .",
        "tar -xf x.tar -C ../state",
        "rsync ./ ../state/",
        "guard off --for 8h",
        "env -u CLAUDECODE guard off --for 8h",
        "script -qc 'guard off --for 8h' /dev/null",
    ] {
        let outcome = world.guard("bash").args(["-c", line]).outcome();
        assert_eq!(outcome.code, Some(126), "{line}: {outcome:?}");
    }
    assert_eq!(fs::read(world.path("state/off")).expect("it is there"), before);
    is_off(&world);
}

#[test]
fn only_a_human_at_a_terminal_turns_it_off() {
    let world = World::new();
    let refused = off(&world, &["--for", "10m"]).stdin("OFF\n").outcome();
    refused.refused();
    assert!(refused.stderr.contains("not called on a terminal"), "{refused:?}");
    for (name, value, why) in [
        ("CLAUDECODE", "1", "the agent `claude` is calling"),
        ("TERM_PROGRAM", "vscode", "a terminal of VS Code"),
        ("CI", "true", "an automatic build"),
    ] {
        let mut session = Terminal::new(300, 24).start(off(&world, &["--for", "10m"]).env(name, value));
        session.ended(126);
        assert!(session.seen.contains(why) && session.seen.contains("Ask your user"), "{:?}", session.seen);
    }
    let mut above = world.run("/bin/sh").args(["-c", "env -u CLAUDECODE \"$GUARD\" off --for 10m; exit $?"]);
    above = above.env("CLAUDECODE", "1").env("GUARD", guard(&world)).env("TERM", "xterm");
    let mut session = Terminal::new(300, 24).start(above);
    session.ended(126);
    assert!(session.seen.contains("the agent `claude` started what calls it"), "{:?}", session.seen);
    for (keys, why) in [
        (&["off", "Enter"][..], "what was typed is not `OFF`"),
        (&["y", "Enter"], "what was typed is not"),
        (&["Enter"], "no name was typed"),
        (&["C-c"], "interrupted"),
        (&["C-d"], "the input ended"),
    ] {
        let tmux = human(&world);
        tmux.line(&format!("{} off --for 10m", guard(&world)), "\n>");
        tmux.keys(keys);
        tmux.shows(why);
        tmux.shows("guard stays on");
    }
    world.file("config/guard.toml", "[approve]\nprompt_timeout = 0\n");
    let mut session = Terminal::new(300, 24).start(off(&world, &["--for", "10m"]));
    session.ended(126);
    assert!(session.seen.contains("prompt_timeout"), "{:?}", session.seen);
    assert!(!world.path("state/off").exists());
    is_on(&world);
}

#[test]
fn it_has_an_end_that_can_be_chosen() {
    let world = World::new();
    for args in [&[][..], &["--for", "9h"], &["--for", "0s"], &["--for", "soon"]] {
        off(&world, args).outcome().ended(2);
    }
    turned_off(&world, "1s");
    let start = Instant::now();
    while !said(&world, &["status"]).contains("mode       enforce") {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not end");
        thread::sleep(Duration::from_millis(50));
    }
    is_on(&world);
}

#[test]
fn what_is_not_surely_the_users_word_turns_nothing_off() {
    let world = World::new();
    turned_off(&world, "10m");
    let file = world.path("state/off");
    fs::rename(&file, world.path("off")).expect("it is moved");
    symlink(world.path("off"), &file).expect("a link");
    is_on(&world);
    let status = said(&world, &["status"]);
    assert!(status.contains("mode       enforce") && status.contains("it is a link"), "{status}");
    fs::remove_file(&file).expect("the link");
    // Moved back it counts again.
    fs::rename(world.path("off"), &file).expect("it is moved");
    is_off(&world);
    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, &text[..text.len() / 2]).expect("half of it");
    is_on(&world);
    assert!(said(&world, &["status"]).contains("it is damaged"));
    turned_off(&world, "10m");
    is_off(&world);
}

#[test]
fn it_is_said_by_all_who_are_asked() {
    let world = World::new();
    let quiet = |args: &[&str]| {
        let said = said(&world, args);
        assert!(!said.contains("guard is off") && !said.contains("\"mode\""), "{said}");
    };
    quiet(&["check", REFUSED]);
    quiet(&["check", "--json", REFUSED]);
    turned_off(&world, "2h");
    let check = world.guard("guard").args(["check", REFUSED]).outcome();
    assert!(check.ended(10).stdout.contains("guard is off until "), "{check:?}");
    assert!(check.stdout.contains("it would run, and be recorded"), "{check:?}");
    let check = world.guard("guard").args(["check", DENIED]).outcome();
    assert!(check.ended(11).stdout.contains("it would be refused all the same"), "{check:?}");
    let explain = world.guard("guard").args(["explain", REFUSED]).outcome();
    assert!(explain.ended(10).stdout.contains("guard is off until "), "{explain:?}");
    for args in [["check", "--json"], ["explain", "--json"]] {
        let json: serde_json::Value =
            serde_json::from_str(&said(&world, &[&args[..], &[REFUSED]].concat())).expect("JSON");
        assert_eq!(json["mode"], "off");
        assert_eq!(json["decision"], "confirm");
    }
    let lines = world.guard("guard").args(["check", "--jsonl"]).stdin("{\"cmd\":\"ls\"}\n").outcome();
    assert!(lines.stdout.contains("\"mode\":\"off\""), "{lines:?}");
    let status = said(&world, &["status"]);
    assert!(status.contains("mode       off") && status.contains("guard is off until "), "{status}");
    let status: serde_json::Value = serde_json::from_str(&said(&world, &["status", "--json"])).expect("JSON");
    assert_eq!(status["mode"], "off");
    assert!(status["off_until"].as_str().is_some_and(|time| time.ends_with('Z')), "{status}");
}

#[test]
fn a_command_at_a_terminal_says_what_runs_because_of_it() {
    let world = World::new();
    turned_off(&world, "10m");
    let start = |line: &str| Terminal::new(80, 24).start(world.guard("guard").args(["-c", line]));
    let mut session = start(REFUSED);
    session.ended(0);
    assert!(
        session.seen.starts_with("guard: runs while guard is off: deletes a volume"),
        "{:?}",
        session.seen
    );
    let mut session = start("echo harmless");
    session.ended(0);
    assert_eq!(session.seen, "harmless\r\n");
}

#[test]
fn a_live_shell_says_it_in_front_of_every_prompt() {
    const LINE: &str = "guard is off until ";
    for (name, options) in [("bash", "set -uTE -o noclobber; IFS=:"), ("zsh", "setopt ksh_arrays no_unset")] {
        let world = World::new();
        world.file("home/.zshrc", "PROMPT='$ '\nunsetopt prompt_sp\n");
        let tmux = Tmux::start(&world, name, world.path("shims").join(name));
        // One question, and that is the command's own.
        tmux.line(&format!("{} off --for 10m", guard(&world)), "type the word OFF");
        assert!(!tmux.screen().contains("waits for your decision"), "{}", tmux.screen());
        tmux.line("OFF", "`guard on` ends it\n$");
        // The command says it, and the prompt behind it not again.
        assert_eq!(tmux.screen().matches(LINE).count(), 1, "{}", tmux.screen());
        tmux.line("(exit 4); echo status $?", "\nstatus 4\nguard is off until ");
        // The guard that the line itself calls has said it.
        let nested = format!("clear; {}/bash -c '{REFUSED}'; echo nes''ted", world.path("shims").display());
        tmux.line(&nested, "\nnested\nguard is off until ");
        assert_eq!(tmux.screen().matches("runs while guard is off").count(), 1, "{}", tmux.screen());
        tmux.line(&format!("{options}; echo opti''ons"), "\noptions\nguard is off until ");
        tmux.line(REFUSED, "\nguard: runs while guard is off: deletes a volume");
        tmux.line("echo ne''xt", "\nnext\nguard is off until ");
        assert_eq!(world.calls(), format!("{REFUSED}\n{REFUSED}\n"));
        tmux.line(DENIED, "\nguard: refused: ");
        tmux.line(&format!("clear; {} on", guard(&world)), "guard is on again\n$");
        world.file("state/off", "nonsense");
        tmux.line("true", "guard is on: what says that it is off does not count");
        tmux.line(&format!("clear; {REFUSED}"), "this command waits for your decision");
        tmux.keys(&["C-c"]);
        tmux.shows("the question was interrupted");
        assert_eq!(world.calls(), format!("{REFUSED}\n{REFUSED}\n"));
    }
}

#[test]
fn an_editors_mark_of_a_commands_end_stands_before_the_line_of_guard_off() {
    let world = World::new();
    turned_off(&world, "10m");
    world.file("home/.bashrc", "PS1='<$?> '\nHISTFILE=\nPROMPT_COMMAND='printf \"\\e]633;D;$?\\a\"'\n");
    let marks =
        "autoload -Uz add-zsh-hook\nmark() { print -n \"\\e]633;D;$?\\a\" }\nadd-zsh-hook precmd mark\n";
    world.file("home/.zshrc", format!("PROMPT='<%?> '\nunsetopt prompt_sp\n{marks}"));
    for (name, before) in [("bash", "\x1b[?2004h"), ("zsh", "\x1b[J")] {
        let mut shell = Typist::start(world.guard(name), before);
        shell.prompt(0);
        shell.keys("(exit 3)\r").wait("\x1b]633;D;3\x07");
        let shown = shell.wait("guard is off until ");
        assert!(!shown.contains("633;D"), "{name}: {shown:?}");
    }
}

#[test]
fn an_agent_in_a_live_shell_cannot_turn_it_off() {
    for (name, file, text, before) in [
        ("bash", "home/.bashrc", "PS1='<$?> '\nHISTFILE=\n", "\x1b[?2004h"),
        ("zsh", "home/.zshrc", "PROMPT='<%?> '\nunsetopt prompt_sp\n", "\x1b[J"),
    ] {
        let world = World::new();
        world.file(file, text);
        let mut shell = Typist::start(world.guard(name).env("CLAUDECODE", "1"), before);
        shell.prompt(0);
        for line in ["guard off --for 10m", "env -u CLAUDECODE guard off --for 10m"] {
            assert!(shell.line(line, 126).contains("guard: refused: turns guard off"), "{name}: {line}");
        }
        assert!(!world.path("state/off").exists());
    }
}
