//! Trust in a project's rule files: a human gives it to what they say, and it holds for nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{REFUSED, World};
use crate::tickets::{PASSPHRASE, agent, guard, ran, with_key};
use crate::tmux::Tmux;

const LOOSENS: &str = "[rules]\n\"railway.volume-delete\" = \"off\"\n";
const FILE: &str = "work/.guard/guard.toml";

fn world() -> World {
    let world = World::new();
    world.file(FILE, LOOSENS);
    world
}

fn trusts(tmux: &Tmux<'_>, world: &World) {
    tmux.line("clear", "$");
    tmux.until("a clear screen", |screen| !screen.contains("TRUST"));
    tmux.line(&format!("{} trust", guard(world)), "type the word TRUST");
    tmux.shows("railway.volume-delete: confirm, then off");
    tmux.line("TRUST", "Passphrase:");
    tmux.line(PASSPHRASE, "trusted: ");
}

#[track_caller]
fn held(world: &World) {
    let refused = agent(world, REFUSED);
    assert!(refused.code == Some(126) && refused.stderr.contains("[railway.volume-delete]"), "{refused:?}");
}

#[test]
fn a_trusted_project_loosens_until_a_file_changes_or_the_trust_ends() {
    let world = world();
    let tmux = with_key(&world);
    held(&world);
    trusts(&tmux, &world);
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    let shown = world.guard("guard").args(["config"]).outcome().stdout;
    assert!(shown.contains("(trusted by a human, as it is)"), "{shown}");
    let log = world.guard("guard").args(["log"]).outcome().stdout;
    assert!(log.contains("guard trust "), "{log}");
    // Another text, another file.
    world.file(FILE, format!("{LOOSENS}# x\n"));
    held(&world);
    world.file(FILE, LOOSENS);
    agent(&world, REFUSED).ended(0);
    let pack = world.file("work/.guard/rules.d/own.toml", "[pack]\nid = \"own\"\ntitle = \"Own\"\n");
    held(&world);
    fs::remove_file(pack).expect("it is there");
    agent(&world, REFUSED).ended(0);
    ran(&world, 3);
    // Put back after its end it counts no more.
    let kept =
        fs::read_dir(world.path("state/trusted")).expect("trust").next().expect("one").expect("one").path();
    let signed = fs::read(&kept).expect("a statement");
    let ended = world.guard("guard").args(["trust", "--end"]).outcome();
    assert!(ended.ended(0).stdout.starts_with("no longer trusted: "));
    held(&world);
    fs::write(&kept, signed).expect("writable");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).expect("a mode");
    held(&world);
    ran(&world, 3);
}

#[test]
fn trust_in_one_project_is_none_in_another_that_says_the_same() {
    let world = world();
    world.file("work/other/.guard/guard.toml", LOOSENS);
    world.file("work/other/.git/HEAD", "ref: refs/heads/main\n");
    let tmux = with_key(&world);
    trusts(&tmux, &world);
    let there = |line: &str| world.guard("bash").args(["-c", line]).env("CLAUDECODE", "1");
    let mut run = there(REFUSED);
    run.command().current_dir(world.path("work/other"));
    assert_eq!(run.outcome().code, Some(126));
    fs::rename(world.path("work/.guard"), world.path("work/kept")).expect("it moves");
    std::os::unix::fs::symlink(world.path("work/other/.guard"), world.path("work/.guard")).expect("a link");
    held(&world);
    agent(&world, "ls").ended(0);
    ran(&world, 0);
}

#[test]
fn nobody_but_the_human_trusts_a_project() {
    let world = world();
    let tmux = with_key(&world);
    for line in ["guard trust", "cd . && guard trust .", "printf 'TRUST\\ncorrect horse\\n' | guard trust"] {
        assert_eq!(agent(&world, line).code, Some(126), "{line}");
    }
    let without = world.guard("guard").args(["trust"]).outcome();
    assert!(without.code == Some(126) && without.stderr.contains("a human's alone"), "{without:?}");
    tmux.line(&format!("clear; {} trust", guard(&world)), "type the word TRUST");
    tmux.line("yes", "it is not trusted");
    held(&world);
    trusts(&tmux, &world);
    agent(&world, REFUSED).ended(0);
    // A key that is not the human's any more.
    tmux.line(&format!("clear; {} setup --new", guard(&world)), "New passphrase:");
    tmux.line("another horse", "Once more:");
    tmux.line("another horse", "cannot be found again");
    held(&world);
}
