//! Where a human set guard up, no variable of the environment moves its settings; elsewhere they do.
//!
//! The home directory that counts is the one of the password database, so that these run where a file of their own
//! stands in its place.

use std::fs;
use std::path::PathBuf;

use crate::off::human;
use crate::support::{Outcome, REFUSED, World};
use crate::tickets::PASSPHRASE;

/// A shell in which the world's home is the user's by the password database.
const SCRIPT: &str = r#"mount --bind "$1" /etc/passwd && shift && exec "$@""#;

fn at_home(world: &World) -> Vec<String> {
    let home = world.path("home").display().to_string();
    let users = world.file("passwd", format!("me:x:0:0::{home}:/bin/bash\n")).display().to_string();
    let words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"];
    words.iter().map(|word| (*word).to_owned()).chain([users]).collect()
}

/// Whether the system lets us put it there.
fn can(world: &World) -> bool {
    let with = at_home(world);
    world.run(&with[0]).args(&with[1..]).args(["true"]).outcome().code == Some(0)
}

/// An agent runs what is held, with these variables.
fn agent(world: &World, variables: &[(&str, PathBuf)]) -> Outcome {
    let with = at_home(world);
    let mut run = world.run(&with[0]).args(&with[1..]).without("GUARD_CONFIG_DIR").without("GUARD_STATE_DIR");
    for (name, value) in variables {
        run = run.env(name, value);
    }
    let shell = world.path("shims/bash").display().to_string();
    run.env("CLAUDECODE", "1").args([&shell, "-c", REFUSED]).outcome()
}

fn all_ways(world: &World) -> [Vec<(&'static str, PathBuf)>; 3] {
    let at = |below: &str| world.path(below);
    [
        vec![("HOME", at("other"))],
        vec![("XDG_CONFIG_HOME", at("other/.config"))],
        vec![("GUARD_CONFIG_DIR", at("other/.config/guard")), ("GUARD_STATE_DIR", at("other/state"))],
    ]
}

#[test]
fn where_a_human_set_guard_up_no_variable_moves_its_settings() {
    let world = World::new();
    if !can(&world) {
        return;
    }
    let off = "[rules]\n\"railway.volume-delete\" = \"off\"\n";
    world.file("other/.config/guard/guard.toml", off);
    fs::create_dir_all(world.path("home")).expect("a directory");
    // Before that they do.
    for way in all_ways(&world) {
        let before = world.calls();
        agent(&world, &way).ended(0);
        assert_ne!(world.calls(), before, "{way:?}");
    }
    let tmux = human(&world);
    let with = shell_words::join(at_home(&world));
    let guard = world.path("shims/guard").display().to_string();
    let unset = "env -u GUARD_CONFIG_DIR -u GUARD_STATE_DIR -u XDG_CONFIG_HOME -u XDG_STATE_HOME";
    tmux.line(&format!("clear; {unset} {with} {guard} setup"), "New passphrase:");
    tmux.line(PASSPHRASE, "Once more:");
    tmux.line(PASSPHRASE, "From now on neither HOME nor another variable");
    let before = world.calls();
    for way in all_ways(&world).into_iter().chain([Vec::new()]) {
        let refused = agent(&world, &way);
        assert!(
            refused.code == Some(126) && refused.stderr.contains("guard approve"),
            "{way:?}: {refused:?}"
        );
    }
    assert_eq!(world.calls(), before);
    // A home directory is no project; that of the environment may be one.
    world.file("work/.guard/guard.toml", "[rules]\n\"railway.volume-delete\" = \"deny\"\n");
    let denied = agent(&world, &[("HOME", world.path("work"))]);
    assert!(denied.code == Some(126) && !denied.stderr.contains("guard approve"), "{denied:?}");
    fs::remove_dir_all(world.path("work/.guard")).expect("it goes");
    assert!(!world.path("other/state/pending").exists());
    assert!(world.path("home/.local/state/guard/pending").exists());
    // A note that others could have written is no reason to believe the environment.
    let note = world.path("home/.config/guard/installed");
    fs::set_permissions(&note, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("a mode");
    for way in all_ways(&world) {
        let broken = agent(&world, &way);
        assert!(
            broken.code == Some(125) && broken.stderr.contains("others may have written it"),
            "{broken:?}"
        );
    }
    // Whoever knows the passphrase mends it.
    tmux.line(&format!("clear; {unset} {with} {guard} setup"), "Passphrase:");
    tmux.line(PASSPHRASE, "From now on neither HOME nor another variable");
    assert_eq!(agent(&world, &[("HOME", world.path("other"))]).code, Some(126));
    assert_eq!(world.calls(), before);
}

#[test]
fn a_note_of_another_program_moves_nothing() {
    let world = World::new();
    if !can(&world) {
        return;
    }
    world.file("other/.config/guard/guard.toml", "[rules]\n\"railway.volume-delete\" = \"off\"\n");
    let note = serde_json::json!({"program": "/usr/bin/guard", "config": "/nowhere", "state": "/nowhere"});
    world.file("home/.config/guard/installed", note.to_string());
    agent(&world, &[("HOME", world.path("other"))]).ended(0);
}
