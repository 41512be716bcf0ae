//! `guard config edit`: a human alone changes guard's settings by it, and what cannot be read is not saved.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::off::human;
use crate::support::World;
use crate::tickets::{PASSPHRASE, agent, with_key};
use crate::tmux::Tmux;

const RIGHT: &str = "[rules]\n\"git.push-force\" = \"deny\"\n";
const UNKNOWN: &str = "# mine\n[rules]\n\"git.push-forced\" = \"deny\"\n";

/// An editor that writes these texts, one at each start, and then the last.
fn editor(world: &World, texts: &[&str], more: &str) -> String {
    for (number, text) in texts.iter().enumerate() {
        world.file(&format!("texts/{number}"), text);
    }
    let texts = world.path("texts").display().to_string();
    let script = format!(
        "#!/bin/sh\nfor file; do :; done\nset -- {texts}/*\ncat \"$1\" > \"$file\"\n[ $# -gt 1 ] && rm \"$1\"\n{more}\nexit 0\n"
    );
    world.executable("bin/edit", &script).display().to_string()
}

fn command(world: &World, editor: &str) -> String {
    format!("clear; VISUAL= EDITOR='{editor} -x' {} config edit", world.path("shims/guard").display())
}

fn config(world: &World) -> String {
    fs::read_to_string(world.path("config/guard.toml")).unwrap_or_default()
}

/// What guard's own folder for copies holds.
fn copies(world: &World) -> Vec<String> {
    let files = fs::read_dir(world.path("state/edit")).expect("a folder");
    files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text")).collect()
}

/// What a human sees after their editor ended.
fn edits<'a>(world: &'a World, editor: &str, options: &str, shows: &str) -> Tmux<'a> {
    let tmux = human(world);
    tmux.line(&format!("{} {options}", command(world, editor)), shows);
    tmux
}

#[test]
fn what_is_right_is_saved_with_a_record_and_says_what_it_changes() {
    let world = World::new();
    let editor = editor(&world, &[RIGHT], "");
    let tmux = edits(&world, &editor, "", "git.push-force: confirm -> deny");
    assert_eq!(config(&world), RIGHT);
    let log = world.guard("guard").args(["log"]).outcome().stdout;
    assert!(log.contains("guard config edit: ") && log.contains("confirm -> deny"), "{log}");
    // The same again is no change, and nothing that was a copy is left.
    tmux.line(&command(&world, &editor), "nothing was changed in ");
    assert!(copies(&world).is_empty());
}

#[test]
fn what_is_wrong_is_shown_with_its_line_and_not_saved() {
    let world = World::new();
    world.file("config/guard.toml", RIGHT);
    let editor = editor(&world, &[UNKNOWN, "[run]\nmod = 1\n", "[rules]\n"], "");
    let tmux = edits(&world, &editor, "", "q: quit, and nothing is saved");
    let joined = || tmux.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined().contains("guard.toml:3: there is no rule `git.push-forced`"), "{}", joined());
    tmux.line("e", "`run.mod`: unknown field");
    assert!(joined().contains("guard.toml:2:"), "{}", joined());
    tmux.line("x", "e: edit it again. q: quit");
    tmux.line("q", "was left as it was");
    assert_eq!(config(&world), RIGHT);
    assert!(copies(&world).is_empty());
    // Edited again it is saved.
    world.file("texts/0", UNKNOWN);
    tmux.line(&command(&world, &editor), "q: quit, and nothing is saved");
    tmux.line("e", "git.push-force: deny -> confirm");
    assert_eq!(config(&world), "[rules]\n");
}

#[test]
fn a_broken_file_can_be_mended() {
    let world = World::new();
    let broken = world.file("config/guard.toml", "[rules\n");
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o640)).expect("a mode");
    assert_eq!(world.guard("bash").args(["-c", "true"]).outcome().code, Some(125));
    edits(&world, &editor(&world, &[RIGHT], ""), "", "saved: ");
    world.guard("bash").args(["-c", "true"]).outcome().ended(0);
    assert_eq!(fs::metadata(&broken).expect("a file").permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_log_that_cannot_be_written_can_be_mended() {
    let world = World::new();
    world.file("config/guard.toml", "[log]\npath = \"/nowhere/at/all/log\"\n");
    edits(&world, &editor(&world, &["[run]\npty = \"auto\"\n"], ""), "", "saved: ");
    let log = world.guard("guard").args(["log"]).outcome().stdout;
    assert!(log.contains("guard config edit: "), "{log}");
}

#[test]
fn what_else_is_broken_stops_nobody() {
    let world = World::new();
    world.file("config/rules.d/own.toml", "[pack\n");
    edits(&world, &editor(&world, &[RIGHT], ""), "", "still broken");
    assert_eq!(config(&world), RIGHT);
    fs::remove_file(world.path("config/rules.d/own.toml")).expect("a file");
    world.file("work/.guard/guard.toml", "[rules]\n\"no.rule\" = \"deny\"\n");
    edits(&world, &editor(&world, &["[rules]\n"], ""), "", "still broken: ");
    assert_eq!(config(&world), "[rules]\n");
    world.file("work/.guard/guard.toml", "");
    edits(&world, &editor(&world, &["[rules]\n\"no.rule\" = \"deny\"\n"], ""), "", "there is no rule");
}

#[test]
fn a_projects_file_has_its_limits_and_a_link_stays_one() {
    let world = World::new();
    world.file("config/guard.toml", RIGHT);
    let real = world.file("work/settings/guard.toml", "");
    world.link("work/.guard/guard.toml", "../settings/guard.toml");
    let looser = "[rules]\n\"git.push-force\" = \"warn\"\n";
    let editor = editor(&world, &["[shell]\npath = \"/bin/bash\"\n", looser], "");
    let tmux = edits(&world, &editor, "--project", "`[shell]` has no place");
    // What a layer above does not allow is told.
    tmux.line("e", "may only be tightened here");
    assert_eq!(fs::read_to_string(&real).expect("text"), looser);
    assert!(world.path("work/.guard/guard.toml").is_symlink());
    assert_eq!(config(&world), RIGHT);
}

#[test]
fn what_somebody_else_changed_meanwhile_stays_and_so_does_the_copy() {
    let world = World::new();
    world.file("config/guard.toml", "");
    let file = world.path("config/guard.toml");
    let other = format!("echo '# other' > {}", file.display());
    edits(&world, &editor(&world, &[RIGHT], &other), "", "what you wrote is in");
    assert_eq!(config(&world), "# other\n");
    assert_eq!(copies(&world), [RIGHT]);
}

#[test]
fn an_editor_that_fails_or_is_killed_saves_nothing() {
    for (end, shows) in [("exit 3", "failed (exit status: 3)"), ("kill -9 $$", "failed (signal: 9")] {
        let world = World::new();
        let tmux = edits(&world, &editor(&world, &[RIGHT], end), "", "nothing was saved");
        assert!(tmux.screen().replace('\n', "").contains(shows), "{}", tmux.screen());
        assert!(!world.path("config/guard.toml").exists());
        assert_eq!(copies(&world), [RIGHT]);
    }
}

#[test]
fn one_edits_at_a_time() {
    let world = World::new();
    let editor = editor(&world, &[RIGHT], "trap 'echo interrupted' INT; echo editing; read line");
    let first = human(&world);
    first.line(&command(&world, &editor), "editing");
    edits(&world, &editor, "", "another `guard config edit` is open");
    assert_eq!(config(&world), "");
    // What interrupts is the editor's.
    first.keys(&["C-c"]);
    first.shows("saved: ");
    assert_eq!(config(&world), RIGHT);
}

#[test]
fn only_a_human_edits_and_in_an_editors_terminal_only_with_the_passphrase() {
    let world = World::new();
    let editor = editor(&world, &[RIGHT], "");
    for line in ["guard config edit", "env -u CLAUDECODE EDITOR=true guard config edit --system"] {
        let refused = agent(&world, line);
        assert!(refused.code == Some(126) && refused.stderr.contains("guard-human"), "{line}: {refused:?}");
    }
    agent(&world, &format!("{} config show", world.path("shims/guard").display())).ended(0);
    let alone = world.guard("guard").args(["config", "edit"]).env("EDITOR", &editor).outcome();
    assert!(alone.code == Some(126) && alone.stderr.contains("a human's alone"), "{alone:?}");
    let tmux = human(&world);
    tmux.line(&format!("export CLAUDECODE=1; {}", command(&world, &editor)), "is a human's alone");
    tmux.line("unset CLAUDECODE; export TERM_PROGRAM=vscode; clear", "$");
    tmux.line(&command(&world, &editor), "a terminal of VS Code");
    assert_eq!(config(&world), "");
    let tmux = with_key(&world);
    tmux.line("export TERM_PROGRAM=vscode; clear", "$");
    tmux.line(&command(&world, &editor), "Passphrase:");
    assert_eq!(config(&world), "");
    tmux.line(PASSPHRASE, "saved: ");
    assert_eq!(config(&world), RIGHT);
}
