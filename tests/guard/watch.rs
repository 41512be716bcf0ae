//! `guard watch`: a human sees what waits on a screen of their own, and what they say there, and
//! nothing else, lets it run.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Outcome, REFUSED, World, real};
use crate::tickets::{PASSPHRASE, agent, approve, guard, ran, ticket, with_key};
use crate::tmux::Tmux;

/// What is held and not critical.
pub const DOWN: &str = "railway down -y";

/// A world in which what is held waits long.
pub fn world() -> World {
    let world = World::new();
    world.file("config/guard.toml", "[approve]\nwait = 90\n");
    world
}

/// A human who watches and has typed the passphrase.
pub fn watching(world: &World) -> Tmux<'_> {
    let tmux = with_key(world);
    watch(&tmux, world, "");
    tmux
}

pub fn watch(tmux: &Tmux<'_>, world: &World, environment: &str) {
    tmux.line(&format!("clear; {environment} {} watch", guard(world)), "Your passphrase");
    types(tmux, PASSPHRASE);
    tmux.shows("Unlocked.");
    assert!(!tmux.screen().contains("correct"), "the passphrase was shown");
}

/// So long no key decides after a choice.
pub fn calm() {
    thread::sleep(Duration::from_millis(700));
}

/// Types a text, and Enter apart from it, as hands do.
pub fn types(tmux: &Tmux<'_>, text: &str) {
    tmux.run(&["send-keys", "-l", text]).ended(0);
    calm();
    tmux.keys(&["Enter"]);
}

/// A key that counts, as it comes late enough after the last.
pub fn key(tmux: &Tmux<'_>, key: &str) {
    calm();
    tmux.keys(&[key]);
}

/// The row of the list that is chosen.
fn chosen(screen: &str) -> Option<&str> {
    screen.lines().find(|line| line.starts_with('>') && line.contains("left"))
}

/// Chooses the first.
pub fn choose(tmux: &Tmux<'_>) {
    tmux.keys(&["Home"]);
    tmux.until("a chosen one", |screen| chosen(screen).is_some());
}

fn say_yes(tmux: &Tmux<'_>, with: &str) {
    choose(tmux);
    key(tmux, with);
    tmux.shows("type pg-data");
    types(tmux, "pg-data");
}

/// An agent's command that goes on meanwhile.
pub fn starts(world: &World, line: &str) -> Child {
    let mut run = world.guard("bash").args(["-c", line]).env("CLAUDECODE", "1");
    run.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

pub fn ends(child: Child) -> Outcome {
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Outcome {
        code: output.status.code(),
        signal: output.status.signal(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        state: String::new(),
    }
}

#[test]
fn what_waits_runs_once_when_the_human_says_yes() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    // What is critical needs its name.
    choose(&tmux);
    key(&tmux, "a");
    tmux.shows("type pg-data");
    types(&tmux, "yes");
    tmux.shows("is not pg-data");
    ran(&world, 0);
    say_yes(&tmux, "a");
    tmux.shows("Approved once: it runs.");
    ends(waits).ended(0);
    ran(&world, 1);
    // Once.
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    ran(&world, 1);
    choose(&tmux);
    key(&tmux, "r");
    let refused = ends(waits);
    assert!(refused.code == Some(126) && refused.stderr.contains("refused by your user"), "{refused:?}");
    ran(&world, 1);
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert_eq!(log.matches("\"outcome\":\"approved-by-signature\"").count(), 1, "{log}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn a_no_with_words_reaches_the_agent_and_stands() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    choose(&tmux);
    key(&tmux, "m");
    tmux.shows("What the agent gets to read");
    types(&tmux, "use the staging database");
    let refused = ends(waits);
    assert!(
        refused.code == Some(126) && refused.stderr.contains("They say: use the staging database"),
        "{refused:?}"
    );
    let again = agent(&world, REFUSED);
    assert!(again.stderr.contains("said no to this") && again.stderr.contains("staging"), "{again:?}");
    ran(&world, 0);
}

#[test]
fn a_yes_for_the_session_is_asked_for_once() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    say_yes(&tmux, "s");
    tmux.shows("Approved for its session");
    ends(waits).ended(0);
    agent(&world, &format!("{REFUSED}; exit 3")).ended(3);
    ran(&world, 2);
    // Another thing waits.
    let mut waits = starts(&world, "railway volume delete -v other-data -y");
    tmux.shows("1 command waits");
    waits.kill().expect("it ends");
    tmux.shows("nothing waits");
    waits.wait().expect("it ended");
    ran(&world, 2);
}

#[test]
fn an_exception_of_the_screen_holds_in_every_session() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, REFUSED);
    tmux.shows("Waits:");
    choose(&tmux);
    key(&tmux, "e");
    tmux.shows("Every agent and session, for 8 hours");
    types(&tmux, "pg-data");
    tmux.shows("Excepted for 8 hours: it runs.");
    ends(waits).ended(0);
    ran(&world, 1);
    agent(&world, REFUSED).ended(0);
    world.guard("bash").args(["-c", REFUSED]).setsid().outcome().ended(0);
    ran(&world, 3);
    let listed = world.guard("guard").args(["exceptions"]).outcome().stdout;
    assert!(listed.contains("railway.volume-delete on pg-data, in "), "{listed}");
}

#[test]
fn what_ends_leaves_the_screen_and_its_keys_decide_nothing() {
    let world = world();
    let tmux = watching(&world);
    let mut first = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    choose(&tmux);
    key(&tmux, "a");
    tmux.shows("type pg-data");
    let second = starts(&world, &format!("{REFUSED} # second"));
    tmux.shows("2 commands wait");
    assert!(!chosen(&tmux.screen()).expect("a choice").contains("second"));
    tmux.run(&["send-keys", "-l", "pg-data"]).ended(0);
    first.kill().expect("it ends");
    first.wait().expect("it ended");
    tmux.shows("1 command waits");
    assert_eq!(chosen(&tmux.screen()), None);
    key(&tmux, "Enter");
    key(&tmux, "r");
    tmux.shows("Nothing is chosen");
    // Right after a choice no key counts, and of two at once the second does not.
    tmux.keys(&["Down", "r"]);
    tmux.shows("Not so fast");
    ran(&world, 0);
    say_yes(&tmux, "a");
    ends(second).ended(0);
    ran(&world, 1);
}

#[test]
fn where_watch_dies_what_waits_is_refused_with_a_ticket() {
    let world = world();
    let tmux = watching(&world);
    let other = crate::off::human(&world);
    other.line(&format!("{} watch", guard(&world)), "another `guard watch` of yours runs already");
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    let pids =
        Command::new("pgrep").args(["-f", &format!("^{} watch$", guard(&world))]).output().expect("pgrep");
    let pid = String::from_utf8_lossy(&pids.stdout).trim().to_owned();
    assert!(pid.parse::<u32>().is_ok(), "{pids:?}");
    assert!(Command::new("kill").args(["-9", &pid]).status().expect("kill").success());
    let named = ticket(&ends(waits));
    ran(&world, 0);
    // Nobody watches, and nothing waits.
    assert_eq!(ticket(&agent(&world, REFUSED)), named);
    // A new one shows the ticket, and takes it.
    tmux.line("reset; clear", "$");
    watch(&tmux, &world, "");
    tmux.shows("1 ticket is open");
    tmux.keys(&["Down"]);
    key(&tmux, "a");
    tmux.shows("type pg-data");
    types(&tmux, "pg-data");
    tmux.shows("have it tried again");
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    tmux.until("no ticket", |screen| !screen.contains("ticket is open"));
    tmux.keys(&["q"]);
    tmux.line("echo ba''ck", "back");
}

/// A server in watch's place that says what stands in the file `answer`.
const FORGER: &str = "
import os, socket, sys
os.chdir(sys.argv[1])
try: os.unlink('watch.sock')
except FileNotFoundError: pass
server = socket.socket(socket.AF_UNIX)
server.bind('watch.sock')
server.listen()
print('ready', flush=True)
while True:
    peer, _ = server.accept()
    while b'\\n' not in peer.recv(65536): pass
    peer.sendall(b'\"waiting\"\\n' + open(sys.argv[2], 'rb').read() + b'\\n')
    peer.recv(1)
    peer.close()
";

#[test]
fn only_a_signature_of_the_humans_key_over_just_this_lets_it_run() {
    // A yes by another key, and one that was used.
    let signed = |world: &World, tmux: &Tmux<'_>| {
        let named = ticket(&agent(world, REFUSED));
        approve(tmux, world, &named, "pg-data");
        let mut files = fs::read_dir(world.path("state/approved")).expect("approvals");
        fs::read_to_string(files.next().expect("one").expect("a file").path()).expect("text")
    };
    let (other, world) = (World::new(), world());
    let strange = signed(&other, &with_key(&other));
    let tmux = with_key(&world);
    let used = signed(&world, &tmux);
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    let answer = world.path("answer");
    let forger = world.file("forger.py", FORGER);
    let mut server = Command::new("python3")
        .arg(&forger)
        .arg(world.path("state"))
        .arg(&answer)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut ready = [0; 6];
    std::io::Read::read_exact(server.stdout.as_mut().expect("its output"), &mut ready).expect("ready");
    let junk = "{\"statement\":\"{}\",\"signature\":\"AAAA\"}".to_owned();
    for (said, why) in [
        (format!("{{\"approved\":{junk}}}"), "not signed with your key"),
        (format!("{{\"approved\":{strange}}}"), "not signed with your key"),
        (format!("{{\"approved\":{used}}}"), "used before"),
        ("junk".to_owned(), "guard approve"),
        ("\"approved\"".to_owned(), "guard approve"),
    ] {
        fs::write(&answer, &said).expect("writable");
        let refused = agent(&world, REFUSED);
        assert!(refused.code == Some(126) && refused.stderr.contains(why), "{said}: {refused:?}");
        ran(&world, 1);
    }
    // A no from there is a no.
    fs::write(&answer, "{\"refused\":\"\"}").expect("writable");
    assert!(agent(&world, REFUSED).stderr.contains("refused by your user"));
    server.kill().expect("it ends");
    server.wait().expect("it ended");
    ran(&world, 1);
}

#[test]
fn an_agents_terminal_shows_nothing_to_decide() {
    let world = world();
    let tmux = with_key(&world);
    tmux.line(&format!("clear; CLAUDECODE=1 {} watch", guard(&world)), "the agent `claude` is calling");
    let refused = world.guard("guard").args(["watch"]).outcome();
    assert!(refused.code == Some(126) && refused.stderr.contains("not called on a terminal"), "{refused:?}");
    tmux.line(&format!("clear; GUARD_X=1 {} watch", guard(&world)), "Your passphrase");
}

#[test]
fn a_screen_can_have_any_size_and_no_colour() {
    let world = world();
    let tmux = with_key(&world);
    watch(&tmux, &world, "NO_COLOR=1");
    let waits = starts(&world, REFUSED);
    tmux.shows("1 command waits");
    tmux.keys(&["Down"]);
    for (columns, rows) in [("120", "40"), ("60", "15"), ("80", "24")] {
        tmux.run(&["resize-window", "-x", columns, "-y", rows]).ended(0);
        let width: usize = columns.parse().expect("a number");
        let screen = tmux.until("all that counts", |screen| {
            let bar = screen.lines().next().is_some_and(|line| line.trim_end().len() + 2 >= width);
            bar && ["railway volume delete -v pg-data", "^^^^", "deletes a volume", "a yes", "q quit"]
                .iter()
                .all(|part| screen.contains(part))
        });
        assert!(screen.lines().count() <= rows.parse().expect("a number"), "{screen}");
    }
    let drawn = tmux.run(&["capture-pane", "-p", "-e"]).stdout;
    let colours = drawn.split('\u{1b}').filter_map(|part| part.strip_prefix('[')?.split('m').next());
    for attributes in colours {
        let colour =
            |one: &str| one.len() == 2 && one.starts_with(['3', '4', '9']) && one != "39" && one != "49";
        assert!(!attributes.split(';').any(colour), "{attributes}");
    }
    tmux.run(&["resize-window", "-x", "50", "-y", "8"]).ended(0);
    tmux.shows("needs 60 columns and 12 rows");
    tmux.run(&["resize-window", "-x", "80", "-y", "24"]).ended(0);
    tmux.shows("a yes, once");
    key(&tmux, "r");
    assert_eq!(ends(waits).code, Some(126));
    tmux.keys(&["q"]);
    tmux.line("echo ba''ck", "back");
    ran(&world, 0);
}

#[test]
fn what_is_not_critical_needs_a_second_key() {
    let world = world();
    let tmux = watching(&world);
    let waits = starts(&world, DOWN);
    tmux.shows("1 command waits");
    choose(&tmux);
    key(&tmux, "a");
    tmux.shows("May this run?");
    key(&tmux, "y");
    assert_eq!(world.calls(), "");
    key(&tmux, "Enter");
    ends(waits).ended(0);
    assert_eq!(world.calls(), format!("{DOWN}\n"));
}

#[test]
fn no_library_is_loaded_into_it() {
    let world = World::new();
    let mark = world.path("loaded");
    let text = format!(
        "#include <stdio.h>\n__attribute__((constructor)) static void go(void) {{ fclose(fopen(\"{}\", \"w\")); }}\n",
        mark.display()
    );
    let source = world.file("preload.c", text);
    let library = world.path("preload.so");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    assert!(built.expect("a C compiler").success());
    world.run(real("true")).env("LD_PRELOAD", &library).outcome().ended(0);
    assert!(mark.exists(), "the library does nothing");
    fs::remove_file(&mark).expect("it is there");
    world.guard("guard").args(["version"]).env("LD_PRELOAD", &library).outcome().ended(0);
    assert!(!mark.exists());
}
