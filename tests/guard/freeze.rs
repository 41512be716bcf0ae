//! `guard freeze` and `guard thaw`: a human, and nobody else, has it that for a while nothing of some kind is changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{REFUSED, Run, World, real};
use crate::terminal::Terminal;
use crate::tmux::Tmux;

/// Changes something and destroys nothing.
const APPLY: &str = "kubectl apply -f web.yml";

fn world() -> World {
    let world = World::new();
    world.stand_in("kubectl");
    world
}

fn guard(world: &World) -> String {
    world.path("shims/guard").display().to_string()
}

/// A human's terminal. Nothing that an agent started stands above it, as may be above the tests.
fn human(world: &World) -> Tmux<'_> {
    static SOCKETS: AtomicUsize = AtomicUsize::new(0);
    let socket = format!("frozen-{}", SOCKETS.fetch_add(1, Ordering::Relaxed));
    Tmux::start(world, &socket, real("bash"))
}

/// A human says it.
#[track_caller]
fn says(world: &World, words: &str, word: &str, shows: &str) {
    let tmux = human(world);
    tmux.line(&format!("{} {words}", guard(world)), &format!("type the word {word}"));
    tmux.line(word, shows);
}

fn said(world: &World, args: &[&str]) -> String {
    world.guard("guard").args(args).outcome().stdout
}

fn runs(world: &World, line: &str) -> Run {
    world.guard("bash").args(["-c", line])
}

#[test]
fn what_a_human_froze_is_refused_until_it_is_thawed() {
    let world = world();
    runs(&world, APPLY).outcome().ended(0);
    says(
        &world,
        "freeze --scope deploy --until 2h --reason 'launch week'",
        "FREEZE",
        "frozen: deploy until ",
    );
    let refused = runs(&world, APPLY).outcome();
    refused.refused();
    for part in ["`deploy` is frozen until ", "launch week", "Reading and local work go on", "`guard thaw`"] {
        assert!(refused.stderr.contains(part), "{refused:?}");
    }
    // It is no question for anybody, and what else is held stays so.
    world.guard("guard").args(["check", APPLY]).outcome().ended(11);
    world.guard("guard").args(["check", "git push --force origin feature"]).outcome().ended(10);
    runs(&world, "kubectl get pods; echo fine > note").outcome().ended(0);
    says(
        &world,
        "freeze --scope git-remote,database",
        "FREEZE",
        "frozen: database, git-remote until a human thaws it",
    );
    world.guard("guard").args(["check", "git push"]).outcome().ended(11);
    world.guard("guard").args(["check", "git fetch && git commit -m x"]).outcome().ended(0);
    let status = said(&world, &["status"]);
    assert!(status.contains("frozen     database, git-remote until a human thaws it"), "{status}");
    assert!(status.contains("deploy until "), "{status}");
    let status: serde_json::Value = serde_json::from_str(&said(&world, &["status", "--json"])).expect("JSON");
    assert_eq!(status["frozen"][1]["scopes"][0], "deploy");
    assert_eq!(status["frozen"][1]["reason"], "launch week");
    says(&world, "thaw --scope git-remote,deploy", "THAW", "frozen: database until");
    runs(&world, APPLY).outcome().ended(0);
    says(&world, "thaw", "THAW", "nothing is frozen");
    assert!(!world.path("state/freeze").exists());
    assert_eq!(world.calls(), format!("{APPLY}\nkubectl get pods\n{APPLY}\n"));
    let log = said(&world, &["log"]);
    assert!(
        log.contains("guard freeze --scope deploy --until ") && log.contains("guard thaw --scope all"),
        "{log}"
    );
    assert_eq!(said(&world, &["thaw"]), "nothing is frozen\n");
}

#[test]
fn only_a_human_at_a_terminal_freezes_and_thaws() {
    let world = world();
    let refused = world.guard("guard").args(["freeze"]).stdin("FREEZE\n").outcome();
    refused.refused();
    assert!(refused.stderr.contains("not called on a terminal"), "{refused:?}");
    says(&world, "freeze --scope deploy", "FREEZE", "frozen: deploy until");
    let before = fs::read(world.path("state/freeze")).expect("the file that says so");
    let thaw = |world: &World| world.guard("guard").args(["thaw"]).env("TERM", "xterm");
    thaw(&world).stdin("THAW\n").outcome().refused();
    for (name, value) in [("CLAUDECODE", "1"), ("TERM_PROGRAM", "vscode"), ("CI", "true")] {
        let mut session = Terminal::new(300, 24).start(thaw(&world).env(name, value));
        session.ended(126);
        assert!(session.seen.contains("a human alone can thaw"), "{:?}", session.seen);
    }
    for (keys, why) in [(&["yes", "Enter"][..], "it stays frozen"), (&["C-c"], "interrupted")] {
        let tmux = human(&world);
        tmux.line(&format!("{} thaw", guard(&world)), "\n>");
        tmux.keys(keys);
        tmux.shows(why);
    }
    symlink(env!("CARGO_BIN_EXE_guard"), world.path("bin/guard")).expect("a link");
    let file = world.path("state/freeze").display().to_string();
    for line in [
        "guard thaw",
        "env -u CLAUDECODE guard thaw --scope deploy",
        "script -qc 'guard thaw' /dev/null",
        &format!("rm -f {file}"),
        &format!("mv {file} x"),
        &format!("echo '{{\"freezes\":[]}}' > {file}"),
        "rm -rf ../state",
        "rsync ./ ../state/",
    ] {
        let outcome = runs(&world, line).outcome();
        assert_eq!(outcome.code, Some(126), "{line}: {outcome:?}");
    }
    assert_eq!(fs::read(world.path("state/freeze")).expect("it is there"), before);
    runs(&world, APPLY).outcome().refused();
    for args in
        [&["freeze", "--until", "soon"][..], &["freeze", "--scope", "local"], &["thaw", "--scope", "x"]]
    {
        world.guard("guard").args(args).outcome().ended(2);
    }
}

#[test]
fn what_cannot_be_relied_on_freezes_everything() {
    let world = world();
    let frozen = |why: &str| {
        for line in [APPLY, "git push", "npm run deploy", "terraform apply"] {
            world.guard("guard").args(["check", line]).outcome().ended(11);
        }
        runs(&world, "echo fine").outcome().ended(0).printed("fine\n");
        let status = said(&world, &["status"]);
        assert!(status.contains("frozen     all, since ") && status.contains(why), "{status}");
        let doctor = world.guard("guard").args(["doctor"]).outcome();
        assert!(doctor.ended(1).stdout.contains("broken  freeze: all, since "), "{doctor:?}");
    };
    let file = world.file("state/freeze", "nonsense");
    frozen("it is damaged");
    world.file("state/freeze", "");
    frozen("it is damaged");
    let whole = "{\"freezes\":[{\"scopes\":[\"deploy\"],\"reason\":null,\"until\":null}]}";
    world.file("state/freeze", whole);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("a mode");
    frozen("others may have written it");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
    world.guard("guard").args(["check", "terraform apply"]).outcome().ended(0);
    world.guard("guard").args(["check", APPLY]).outcome().ended(11);
    fs::rename(&file, world.path("elsewhere")).expect("it is moved");
    symlink(world.path("elsewhere"), &file).expect("a link");
    frozen("it is a link");
    says(&world, "thaw", "THAW", "nothing is frozen");
    runs(&world, APPLY).outcome().ended(0);
}

#[test]
fn a_freeze_that_begins_while_a_command_runs_holds_for_what_it_starts_then() {
    let world = world();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let waits = |name: &str| format!("touch {name}; until [ -e {name}-seen ]; do sleep 0.02; done");
    let line = format!("{APPLY}; {}; {APPLY}; {}; {APPLY}; exit 0", waits("first"), waits("second"));
    thread::scope(|scope| {
        let command = scope.spawn(|| runs(&world, &line).outcome());
        let reached = |name: &str| {
            let start = Instant::now();
            while !world.work().join(name).exists() {
                assert!(start.elapsed() < Duration::from_secs(60) && !command.is_finished(), "{name}");
                thread::sleep(Duration::from_millis(10));
            }
        };
        reached("first");
        world.file(
            "state/freeze",
            "{\"freezes\":[{\"scopes\":[\"deploy\"],\"reason\":\"now\",\"until\":null}]}",
        );
        world.file("work/first-seen", "");
        reached("second");
        assert_eq!(world.calls(), format!("{APPLY}\n"));
        fs::remove_file(world.path("state/freeze")).expect("it is removed");
        world.file("work/second-seen", "");
        let outcome = command.join().expect("it ends");
        assert!(
            outcome.ended(0).stderr.contains("`deploy` is frozen until a human thaws it: now"),
            "{outcome:?}"
        );
    });
    assert_eq!(world.calls(), format!("{APPLY}\n{APPLY}\n"));
}

#[test]
fn neither_guard_off_nor_a_rule_that_is_off_lets_it_pass() {
    let world = world();
    world.file("config/guard.toml", "[rules]\n\"railway.volume-delete\" = \"off\"\n");
    says(&world, "freeze", "FREEZE", "frozen: all until");
    says(&world, "off --for 10m", "OFF", "guard is off until ");
    for line in [APPLY, REFUSED] {
        let refused = runs(&world, line).outcome();
        refused.refused();
        assert!(refused.stderr.contains(" is frozen "), "{refused:?}");
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn settings_freeze_on_days_and_hours_and_name_their_file() {
    let world = world();
    fs::create_dir(world.path("work/.git")).expect("a directory");
    let file =
        world.file("work/.guard/guard.toml", "[[freeze]]\nscope = \"deploy\"\nreason = \"moving house\"\n");
    let refused = runs(&world, APPLY).outcome();
    refused.refused();
    let wanted = format!(
        "`deploy` is frozen at all times: moving house. Reading and local work go on. It stands in `{}`",
        file.display()
    );
    assert!(refused.stderr.contains(&wanted), "{refused:?}");
    let thaw = world.guard("guard").args(["thaw"]).outcome();
    assert!(
        thaw.ended(0).stdout.contains("frozen: deploy at all times: moving house; it stands in "),
        "{thaw:?}"
    );
    world.file("work/.guard/guard.toml", "");
    runs(&world, APPLY).outcome().ended(0);
    world.file("config/guard.toml", "[[freeze]]\nfrom = \"16:00\"\nto = \"8\"\n");
    let broken = runs(&world, APPLY).outcome();
    assert!(
        broken.ended(125).stderr.contains("guard.toml:3: `freeze.to`: `8` is no time of the day"),
        "{broken:?}"
    );
    assert_eq!(world.calls(), format!("{APPLY}\n"));
}

#[test]
fn a_human_thaws_in_a_live_shell_by_one_question() {
    for name in ["bash", "zsh"] {
        let world = world();
        world.file("home/.zshrc", "PROMPT='$ '\nunsetopt prompt_sp\n");
        let tmux = Tmux::start(&world, &format!("thaws-{name}"), world.path("shims").join(name));
        tmux.line(&format!("{} freeze --scope deploy", guard(&world)), "type the word FREEZE");
        tmux.line("FREEZE", "frozen: deploy until a human thaws it");
        tmux.line(&format!("clear; {APPLY}"), "guard: refused: ");
        tmux.line(&format!("clear; {} thaw", guard(&world)), "type the word THAW");
        assert!(!tmux.screen().contains("waits for your decision"), "{}", tmux.screen());
        tmux.line("THAW", "nothing is frozen");
        tmux.line(&format!("clear; {APPLY}; echo ap''plied"), "applied\n$");
        assert_eq!(world.calls(), format!("{APPLY}\n"));
    }
}
