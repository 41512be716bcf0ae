//! Rules from outside: the user's, the project's, and the commands that show and test them.

use crate::support::{REFUSED, World};

const PACK: &str = r#"
[pack]
id = "mine"
title = "House rules"

[[rule]]
id = "mine.deploy"
title = "deploys the site"
severity = "high"
decision = "confirm"
why = "Deployments are made by the release job."
safer = ["npm run build"]

[rule.when]
program = ["deploy-site"]
without_flag = ["--dry-run"]

[rule.examples]
match = ["deploy-site now", "sudo deploy-site now"]
pass = ["deploy-site --dry-run", "echo deploy-site"]
"#;

#[test]
fn a_users_rule_is_enforced() {
    let world = World::new();
    world.stand_in("deploy-site");
    world.guard("bash").args(["-c", "deploy-site now"]).outcome().ended(0);
    world.file("config/rules.d/mine.toml", PACK);
    let refused = world.guard("bash").args(["-c", "deploy-site now"]).outcome();
    refused.refused();
    assert!(refused.stderr.contains("mine.deploy"), "{refused:?}");
    world.guard("bash").args(["-c", "deploy-site --dry-run"]).outcome().ended(0);
    // The rule as it stands now counts, not as it was when it was first read.
    world.file("config/rules.d/mine.toml", PACK.replace("deploy-site", "ship-site"));
    world.guard("bash").args(["-c", "deploy-site now"]).outcome().ended(0);
    assert_eq!(world.calls(), "deploy-site now\ndeploy-site --dry-run\ndeploy-site now\n");
}

#[test]
fn a_rule_whose_example_fails_does_not_load() {
    let world = World::new();
    let broken = PACK.replace("\"deploy-site --dry-run\"", "\"deploy-site later\"");
    world.file("config/rules.d/mine.toml", &broken);
    let outcome = world.guard("bash").args(["-c", "echo hi"]).outcome();
    outcome.ended(125);
    assert!(outcome.stderr.contains("mine.deploy"), "{outcome:?}");
    assert!(outcome.stderr.contains("deploy-site later"), "{outcome:?}");
    let test =
        world.guard("guard").args(["rules", "test"]).args([world.path("config/rules.d/mine.toml")]).outcome();
    assert_ne!(test.code, Some(0));
    assert!((test.stdout + &test.stderr).contains("deploy-site later"));
}

#[test]
fn a_user_may_switch_a_rule_off_and_a_project_may_not() {
    let world = World::new();
    std::fs::create_dir(world.path("work/.git")).expect("a directory");
    world.file("work/.guard/guard.toml", "[rules]\n\"railway.volume-delete\" = \"off\"\n");
    let outcome = world.guard("bash").args(["-c", REFUSED]).outcome();
    assert!(matches!(outcome.code, Some(125 | 126)), "{outcome:?}");
    assert_eq!(world.calls(), "");

    world.file("work/.guard/guard.toml", "[rules]\n\"railway.volume-delete\" = \"deny\"\n");
    world.guard("guard").args(["check", REFUSED]).outcome().ended(11);

    std::fs::remove_dir_all(world.path("work/.guard")).expect("a directory");
    world.file("config/guard.toml", "[rules]\n\"railway.volume-delete\" = \"off\"\n");
    world.guard("bash").args(["-c", REFUSED]).outcome().ended(0);
    assert_eq!(world.calls(), format!("{REFUSED}\n"));
}

#[test]
fn rules_are_listed_and_shown_as_they_are() {
    let world = World::new();
    let list = world.guard("guard").args(["rules", "list"]).outcome();
    list.ended(0);
    for id in ["railway.volume-delete", "git.", "filesystem.", "http."] {
        assert!(list.stdout.contains(id), "{id}");
    }
    let shown = world.guard("guard").args(["rules", "show", "railway.volume-delete"]).outcome();
    shown.ended(0);
    assert!(shown.stdout.contains("backups"), "{shown:?}");
    let unknown = world.guard("guard").args(["rules", "show", "railway.volume-delet"]).outcome();
    assert_ne!(unknown.code, Some(0));
    assert!(unknown.stderr.contains("railway.volume-delete"), "suggests the nearest: {unknown:?}");
}

#[test]
fn every_built_in_example_holds() {
    let world = World::new();
    let outcome = world.guard("guard").args(["rules", "test"]).outcome();
    outcome.ended(0);
}

#[test]
fn the_default_configuration_is_a_valid_one() {
    let world = World::new();
    let text = world.guard("guard").args(["config", "--default"]).outcome();
    text.ended(0);
    world.file("config/guard.toml", &text.stdout);
    world.guard("bash").args(["-c", "echo fine"]).outcome().ended(0).printed("fine\n");
    // Every setting that is shown commented out is one that exists.
    let live: String = text
        .stdout
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.starts_with('[') || setting.contains(" = ") => setting,
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    world.file("config/guard.toml", live);
    let outcome = world.guard("guard").args(["check", "echo fine"]).outcome();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn two_files_with_one_rule_are_both_named() {
    let world = World::new();
    world.file("config/rules.d/a.toml", PACK);
    world.file("config/rules.d/b.toml", PACK);
    let outcome = world.guard("guard").args(["-c", "true"]).outcome();
    let line = &outcome.ended(125).stderr;
    assert!(line.contains("rules.d/a.toml") && line.contains("rules.d/b.toml"), "{line}");
}

#[test]
fn settings_that_make_no_sense_are_told_in_words() {
    let world = World::new();
    let stranger = world.executable("work/shell", "#!/bin/sh\n");
    let stranger = format!("[shell]\npath = \"{}\"\n", stranger.display());
    for (text, wanted) in [
        (
            "[log]\npath = \"x.jsonl\"\n",
            "guard.toml:2: `log.path`: the path `x.jsonl` would lead elsewhere in each directory",
        ),
        (
            "[approve]\nprompt_timeout = \"soon\"\n",
            "guard.toml:2: `approve.prompt_timeout`: the text \"soon\" stands where a whole number",
        ),
        ("[shell]\npath = \"/no/such\"\n", "the configured shell `/no/such` is not there; correct `path`"),
        (
            "[shell]\npath = \"/bin/cat\"\n",
            "the configured shell `/bin/cat` is not bash, zsh or a kind of sh",
        ),
        (&stranger, "is not bash, zsh or a kind of sh"),
    ] {
        world.file("config/guard.toml", text);
        let outcome = world.guard("guard").args(["-c", "true"]).outcome();
        assert!(outcome.stderr.contains(wanted) && !outcome.stderr.contains("u64"), "{text}: {outcome:?}");
        assert_ne!(outcome.code, Some(0));
    }
}
