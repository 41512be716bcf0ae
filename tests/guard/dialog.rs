//! The dialog: a stand-in for pinentry asks the human, and what they say there, and nothing else, lets a held
//! command run, at once or when it is tried again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Outcome, REFUSED, Run, World};
use crate::tickets::{PASSPHRASE, approve, hidden, ran, ticket, with_key};
use crate::tmux::Tmux;
use crate::watch::{DOWN, ends};

const YES: &str = "OK";
const NO: &str = "ERR 83886194 Not confirmed <Pinentry>";
const CLOSED: &str = "ERR 83886179 Operation cancelled <Pinentry>";
const NAMED: &str = "D pg-data\nOK";

/// Writes down what it is asked, and answers each question when the answer is there.
const STAND_IN: &str = r#"#!/bin/sh
cd 'DESK' || exit
env > environment
echo $$ > pid
echo 'OK Pleased to meet you'
while IFS= read -r line; do
    printf '%s\n' "$line" >> asked
    case $line in
    CONFIRM | GETPIN | MESSAGE)
        n=$(($(cat n 2> /dev/null || echo 0) + 1))
        echo $n > n
        while ! [ -e answer.$n ]; do sleep 0.05; done
        cat answer.$n
        ;;
    'GETINFO flavor') printf 'D %s\nOK\n' "$(cat flavor 2> /dev/null || echo gtk2)" ;;
    *) echo '# a comment'; echo OK ;;
    esac
done
"#;

/// Where dialogs are shown.
struct Desk<'a> {
    world: &'a World,
    answers: usize,
}

impl Desk<'_> {
    fn new<'a>(world: &'a World, settings: &str) -> Desk<'a> {
        let desk = world.path("desk");
        fs::create_dir(&desk).expect("a fresh directory");
        let program =
            world.executable("desk/pinentry", &STAND_IN.replace("DESK", &desk.display().to_string()));
        let settings = settings.replace("DIALOG", &format!("dialog = {:?}", program.display().to_string()));
        world.file("config/guard.toml", settings);
        Desk { world, answers: 0 }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.path("desk").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// So many questions were put.
    fn questions(&self) -> usize {
        self.read("n").trim().parse().unwrap_or(0)
    }

    /// The next question comes, and is answered.
    #[track_caller]
    fn says(&mut self, answer: &str) {
        self.answers += 1;
        until("a question", || self.questions() >= self.answers);
        let part = self.path("part");
        fs::write(&part, format!("{answer}\n")).expect("writable");
        fs::rename(&part, self.path(&format!("answer.{}", self.answers))).expect("writable");
    }

    /// The human approves, as of something critical.
    fn approves(&mut self) {
        let passphrase = format!("D {PASSPHRASE}\nOK");
        for answer in [YES, NAMED, &passphrase] {
            self.says(answer);
        }
    }
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "waited for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A command line of an agent's on a desktop.
fn on_desktop(world: &World, line: &str) -> Run {
    world
        .guard("bash")
        .args(["-c", line])
        .env("CLAUDECODE", "1")
        .env("DISPLAY", ":7")
        .env("GTK_MODULES", "evil")
}

fn agent(world: &World, line: &str) -> Outcome {
    on_desktop(world, line).outcome()
}

fn starts(world: &World, line: &str) -> Child {
    let mut run = on_desktop(world, line);
    run.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

const LONG: &str = "[approve]\nwait = 90\nDIALOG\n";
const SHORT: &str = "[approve]\nwait = 1\nDIALOG\n";

#[test]
fn a_yes_in_the_dialog_runs_what_waits_once() {
    let world = World::new();
    let mut desk = Desk::new(&world, LONG);
    let _tmux = with_key(&world);
    let waits = starts(&world, REFUSED);
    desk.approves();
    let ran_it = ends(waits);
    assert!(ran_it.code == Some(0) && ran_it.stderr.contains("waits up to 90 s"), "{ran_it:?}");
    ran(&world, 1);
    // The same evidence as everywhere, and nothing that names code.
    let asked = desk.read("asked");
    for part in
        [REFUSED, "Asked by claude", "Where: in ", "Why: ", "Instead: railway volume list", "type: pg-data"]
    {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    assert!(asked.lines().all(|line| line.len() < 1000), "{asked}");
    assert!(!asked.contains("ttyname"), "{asked}");
    let environment = desk.read("environment");
    assert!(environment.contains("DISPLAY=:7\n"), "{environment}");
    for name in ["GTK_MODULES", "CLAUDECODE", "HOME=", "GUARD_"] {
        assert!(!environment.contains(name), "{environment}");
    }
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert_eq!(log.matches("\"outcome\":\"approved-by-signature\"").count(), 1, "{log}");
    let human = log.lines().find(|line| line.contains("guard approve ")).expect("the approval is on record");
    assert!(!human.contains("claude"), "{human}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
    // Once.
    let waits = starts(&world, REFUSED);
    desk.says(CLOSED);
    ticket(&ends(waits));
    ran(&world, 1);
}

#[test]
fn a_late_yes_lets_the_next_try_of_the_same_pass_once() {
    let world = World::new();
    let mut desk = Desk::new(&world, SHORT);
    let _tmux = with_key(&world);
    let began = Instant::now();
    let refused = agent(&world, REFUSED);
    let named = ticket(&refused);
    assert!(refused.stderr.contains("a dialog asks them, too"), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(30), "it waited for the dialog");
    // What else is held meanwhile opens no second one.
    let other = agent(&world, DOWN);
    assert!(!other.stderr.contains("dialog"), "{other:?}");
    assert_eq!(desk.questions(), 1);
    desk.approves();
    until("an approval", || fs::read_dir(world.path("state/approved")).is_ok_and(|all| all.count() == 1));
    ran(&world, 0);
    // It tells that the command was given up.
    desk.says(YES);
    assert!(desk.read("asked").contains(&format!("(ticket {named})")), "{}", desk.read("asked"));
    ticket(&on_desktop(&world, &format!("{REFUSED}; echo more")).without("DISPLAY").outcome());
    ran(&world, 0);
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    let refused = on_desktop(&world, REFUSED).without("DISPLAY").outcome();
    ticket(&refused);
    assert!(!refused.stderr.contains("dialog"), "{refused:?}");
    ran(&world, 1);
}

#[test]
fn a_try_during_the_dialog_about_the_same_waits_for_its_answer() {
    let world = World::new();
    let mut desk = Desk::new(&world, LONG);
    let _tmux = with_key(&world);
    let mut first = starts(&world, REFUSED);
    until("a question", || desk.questions() == 1);
    first.kill().expect("it runs");
    first.wait().expect("it ends");
    let second = starts(&world, REFUSED);
    desk.approves();
    ends(second).ended(0);
    ran(&world, 1);
    assert_eq!(desk.questions(), 3);
}

#[test]
fn a_wrong_passphrase_is_asked_for_again_three_times_and_no_yes() {
    let world = World::new();
    let mut desk = Desk::new(&world, LONG);
    let _tmux = with_key(&world);
    let waits = starts(&world, DOWN);
    desk.says(YES);
    for _ in 0..3 {
        desk.says("D correct%20horsf\nOK");
    }
    ticket(&ends(waits));
    assert_eq!(desk.read("asked").matches("SETERROR That is not it.").count(), 3);
    // It does not come again at once.
    ticket(&agent(&world, DOWN));
    assert_eq!((desk.questions(), world.calls().as_str()), (4, ""));
    // A right one, escaped, after a wrong one.
    let waits = starts(&world, REFUSED);
    for answer in [YES, "D pg-dat\nOK", NAMED, "D x\nOK", "S x\nD correct%20\nD h%6frse\nOK"] {
        desk.says(answer);
    }
    ends(waits).ended(0);
    ran(&world, 1);
}

#[test]
fn a_refusal_in_the_dialog_sticks_and_closing_it_does_not() {
    let world = World::new();
    let mut desk = Desk::new(&world, LONG);
    let tmux = with_key(&world);
    // Closed at each step.
    for (line, steps) in [(REFUSED, vec![CLOSED]), (DOWN, vec![YES, CLOSED])] {
        let waits = starts(&world, line);
        for answer in steps {
            desk.says(answer);
        }
        let named = ticket(&ends(waits));
        let asked = desk.questions();
        assert_eq!(ticket(&agent(&world, line)), named, "the ticket stays open");
        assert_eq!(desk.questions(), asked, "it came again");
    }
    let named = ticket(&agent(&world, REFUSED));
    approve(&tmux, &world, &named, "pg-data");
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    let line = "railway volume delete -v other-data -y";
    let waits = starts(&world, line);
    desk.says(NO);
    let refused = ends(waits);
    assert!(refused.code == Some(126) && refused.stderr.contains("refused by your user"), "{refused:?}");
    let again = agent(&world, "env railway volume delete --yes --volume other-data");
    assert!(again.code == Some(126) && again.stderr.contains("said no to this"), "{again:?}");
    assert_eq!(desk.questions(), 4);
    ran(&world, 1);
}

#[test]
fn a_pinentry_that_dies_or_lies_is_no_yes() {
    let world = World::new();
    let mut desk = Desk::new(&world, LONG);
    let _tmux = with_key(&world);
    let kill = |desk: &Desk<'_>| {
        let pid = desk.read("pid");
        assert!(Command::new("kill").args(["-9", pid.trim()]).status().expect("kill").success());
    };
    let waits = starts(&world, REFUSED);
    until("a question", || desk.questions() == 1);
    desk.answers = 1;
    kill(&desk);
    ticket(&ends(waits));
    for (number, answers) in [
        vec!["OK", "OK", "OK", "OK", "OK"],
        vec!["OK", "BYE"],
        vec!["approved"],
        vec![&"x".repeat(5000)],
        vec!["D %", "OK"],
        vec!["ERR none"],
    ]
    .into_iter()
    .enumerate()
    {
        let waits = starts(&world, &format!("railway volume delete -v data-{number} -y"));
        // More than it is asked for is left over.
        for answer in answers {
            desk.says(answer);
            let asked = desk.answers;
            until("a question or an end", || {
                desk.questions() > asked
                    || File::options()
                        .read(true)
                        .open(world.path("state/dialog.lock"))
                        .is_ok_and(|f| f.try_lock().is_ok())
            });
            if desk.questions() == asked {
                break;
            }
        }
        ticket(&ends(waits));
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn where_it_is_not_to_be_had_the_refusal_comes_at_once() {
    let world = World::new();
    let desk = Desk::new(&world, LONG);
    let _tmux: Tmux<'_> = with_key(&world);
    let quick = |run: Run| {
        let began = Instant::now();
        let refused = run.outcome();
        ticket(&refused);
        assert!(!refused.stderr.contains("dialog") && !refused.stderr.contains("waits"), "{refused:?}");
        assert!(began.elapsed() < Duration::from_secs(30), "it waited");
        assert_eq!(desk.questions(), 0);
    };
    quick(on_desktop(&world, REFUSED).without("DISPLAY"));
    // One that can but use a terminal.
    for flavor in ["curses", "gtk2:curses", "tty"] {
        fs::write(desk.path("flavor"), flavor).expect("writable");
        quick(on_desktop(&world, REFUSED));
    }
    fs::write(desk.path("flavor"), "qt").expect("writable");
    let settings = fs::read_to_string(world.path("config/guard.toml")).expect("settings");
    world.file("config/guard.toml", "[approve]\nwait = 90\ndialog = false\n");
    quick(on_desktop(&world, REFUSED));
    world.file("config/guard.toml", "[approve]\nwait = 90\ndialog = \"/nowhere/pinentry\"\n");
    quick(on_desktop(&world, REFUSED));
    world.file("config/guard.toml", settings);
    // A project names none.
    let own = fs::read_to_string(world.path("config/guard.toml")).expect("settings");
    world.file("work/.guard/guard.toml", own);
    agent(&world, REFUSED).ended(125);
    fs::remove_file(world.path("work/.guard/guard.toml")).expect("it is there");
    // The same on a desktop opens one.
    let mut waits = starts(&world, REFUSED);
    until("a question", || desk.questions() == 1);
    waits.kill().expect("it runs");
    waits.wait().expect("it ends");
    ran(&world, 0);
}

#[test]
fn what_only_an_exec_shows_is_asked_about_and_nothing_below_it_asks() {
    let world = World::new();
    let mut desk = Desk::new(&world, "[run]\nsupervise = \"always\"\n[approve]\nwait = 90\nDIALOG\n");
    let _tmux = with_key(&world);
    let waits = starts(&world, &hidden());
    desk.approves();
    ends(waits).ended(0);
    ran(&world, 1);
    // The end of what was refused does not wait for the dialog's.
    let refused = desk.world.path("config/guard.toml");
    let settings = fs::read_to_string(&refused).expect("settings");
    world.file("config/guard.toml", settings.replace("wait = 90", "wait = 1"));
    let began = Instant::now();
    let outcome = agent(&world, &hidden());
    assert!(outcome.stderr.contains("a dialog asks them, too"), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(60), "it waited for the dialog");
    desk.says(CLOSED);
    // A guard that a watched command starts has a display here, and the one above it none.
    fs::copy(env!("CARGO_BIN_EXE_guard"), world.path("work/tool")).expect("a copy");
    world.file(
        "work/inner.py",
        "import os\nos.environ['DISPLAY'] = ':7'\nos.execv('./tool', ['tool', '-c', 'railway down -y'])\n",
    );
    let inner = on_desktop(&world, "python3 inner.py").without("DISPLAY").outcome();
    assert!(inner.code != Some(0) && !inner.stderr.contains("dialog"), "{inner:?}");
    assert_eq!(desk.questions(), 4);
    ran(&world, 1);
}
