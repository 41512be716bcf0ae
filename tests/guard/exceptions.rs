//! Exceptions: what a human excepted from a rule runs with a warning, there and so long, and nothing else does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::{Outcome, REFUSED, World};
use crate::tickets::{PASSPHRASE, agent, guard, hidden, ran, ticket, with_key};
use crate::tmux::Tmux;

const RULE: &str = "railway.volume-delete";

/// A human excepts something.
fn excepts(tmux: &Tmux<'_>, world: &World, rule: &str, options: &str) {
    tmux.line("clear", "$");
    tmux.until("a clear screen", |screen| !screen.contains("Anything else"));
    tmux.line(&format!("{} allow {rule} {options}", guard(world)), "Anything else changes nothing");
    tmux.line(rule, "Passphrase:");
    tmux.line(PASSPHRASE, "excepted: ");
}

fn work(world: &World) -> String {
    world.path("work").display().to_string()
}

fn listed(world: &World) -> Vec<serde_json::Value> {
    let listed = world.guard("guard").args(["exceptions", "--json"]).outcome();
    serde_json::from_str(&listed.ended(0).stdout).expect("JSON")
}

/// What an exception is called.
fn name(world: &World) -> String {
    listed(world)[0]["id"].as_str().expect("a name").to_owned()
}

fn kept(world: &World) -> Vec<PathBuf> {
    let files = fs::read_dir(world.path("state/exceptions")).expect("exceptions");
    files.map(|file| file.expect("a file").path()).collect()
}

fn held(world: &World, line: &str) -> Outcome {
    let refused = agent(world, line);
    ticket(&refused);
    refused
}

#[test]
fn what_a_human_excepted_runs_with_a_warning_until_they_end_it() {
    let world = World::new();
    let tmux = with_key(&world);
    held(&world, REFUSED);
    excepts(&tmux, &world, RULE, &format!("--path {} --reason 'cleaning up'", work(&world)));
    for times in 1..=3 {
        agent(&world, REFUSED).ended(0);
        ran(&world, times);
    }
    let checked = world.guard("guard").args(["check", "--json", REFUSED]).outcome();
    let verdict: serde_json::Value = serde_json::from_str(&checked.ended(0).stdout).expect("JSON");
    assert_eq!(verdict["decision"], "warn", "{verdict}");
    let told = verdict["findings"][0]["exception"].as_str().expect("an exception");
    assert!(told.contains("cleaning up") && told.contains(&work(&world)), "{told}");
    let log = world.guard("guard").args(["log"]).outcome().stdout;
    assert!(log.contains(&format!("guard allow {RULE} --path {}", work(&world))), "{log}");
    assert!(log.contains("warned") && log.contains("(excepted by "), "{log}");
    let status = world.guard("guard").args(["status"]).outcome().stdout;
    assert!(status.contains("excepted") && status.contains("cleaning up"), "{status}");
    // Other things are held as before.
    held(&world, "railway down -y");
    held(&world, &format!("cd / && {REFUSED}"));
    // Where it is put back after its end it counts no more.
    let file = kept(&world).remove(0);
    let signed = fs::read(&file).expect("a statement");
    let ended = world.guard("guard").args(["exceptions", "end", &name(&world)]).outcome();
    assert!(ended.ended(0).stdout.starts_with("ended: "));
    held(&world, REFUSED);
    fs::write(&file, &signed).expect("writable");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("mode");
    held(&world, REFUSED);
    assert!(listed(&world).is_empty());
    ran(&world, 3);
}

#[test]
fn an_exception_is_for_one_thing_where_it_names_one() {
    let world = World::new();
    let tmux = with_key(&world);
    excepts(&tmux, &world, RULE, "--path / --on pg-data");
    agent(&world, &format!("cd / && {REFUSED}")).ended(0);
    ran(&world, 1);
    held(&world, "railway volume delete --volume other-data --yes");
    // What is not known is not that.
    assert_eq!(agent(&world, "railway volume delete --volume \"$(cat name)\" --yes").code, Some(126));
    ran(&world, 1);
}

#[test]
fn an_exception_reaches_nothing_outside_its_directory() {
    let world = World::new();
    world.run("git").args(["init", "-q"]).outcome().ended(0);
    for place in ["work/inside", "work/inside/data", "work/outside", "work/outside/data"] {
        fs::create_dir_all(world.path(place)).expect("a directory");
    }
    for file in ["work/inside/data/a", "work/inside/b", "work/outside/data/a", "work/outside/b"] {
        world.file(file, "x");
    }
    let link = world.path("work/inside/link");
    std::os::unix::fs::symlink(world.path("work/outside"), &link).expect("a link");
    let tmux = with_key(&world);
    let rule = |line: &str| {
        let checked = world.guard("guard").args(["check", "--json", line]).outcome();
        let verdict: serde_json::Value = serde_json::from_str(&checked.stdout).expect("JSON");
        assert_eq!(verdict["decision"], "confirm", "{line}: {verdict}");
        verdict["findings"][0]["rule"].as_str().expect("a rule").to_owned()
    };
    let inside = rule("rm -rf inside/data");
    excepts(&tmux, &world, &inside, "--path inside");
    let outside = rule("rm -rf outside/data");
    if outside != inside {
        excepts(&tmux, &world, &outside, "--path inside");
    }
    for line in [
        "rm -rf outside/data",
        "rm -rf inside/../outside/data",
        "cd inside && rm -rf ../outside/data",
        "cd inside && rm -rf link/data",
        "cd inside && rm -rf data ../outside/b",
    ] {
        assert_eq!(agent(&world, line).code, Some(126), "{line}");
    }
    // What its run alone shows.
    world.file("work/inside/b", "../outside/data");
    agent(&world, "cd inside && rm -rf \"$(cat b)\"");
    assert!(world.path("work/outside/data/a").exists() && world.path("work/inside/data/a").exists());
    agent(&world, "rm -rf inside/dat*").ended(0);
    assert!(!world.path("work/inside/data").exists());
}

#[test]
fn an_exception_holds_of_no_other_work_tree_that_options_or_variables_name() {
    let world = World::new();
    for tree in ["work/one", "work/other"] {
        let path = world.path(tree).display().to_string();
        world.run("git").args(["init", "-q", &path]).outcome().ended(0);
        let git = |args: &[&str]| {
            let who = ["-C", &path, "-c", "user.name=x", "-c", "user.email=x@example.com"];
            world.run("git").args(who).args(args).outcome().ended(0);
        };
        world.file(&format!("{tree}/file"), "1");
        git(&["add", "."]);
        git(&["commit", "-qm", "1"]);
        world.file(&format!("{tree}/file"), "2");
    }
    let tmux = with_key(&world);
    held(&world, "cd one && git reset --hard");
    excepts(&tmux, &world, "git.reset-hard", "--path one");
    for line in [
        "cd one && git -C ../other reset --hard",
        "cd one && git --git-dir=../other/.git --work-tree=../other reset --hard",
        &format!("cd one && git --git-dir={0}/other/.git --work-tree={0}/other reset --hard", work(&world)),
        &format!("cd one && GIT_DIR={0}/other/.git GIT_WORK_TREE={0}/other git reset --hard", work(&world)),
        &format!(
            "cd one && export GIT_DIR={0}/other/.git GIT_WORK_TREE={0}/other; git reset --hard",
            work(&world)
        ),
    ] {
        assert_eq!(agent(&world, line).code, Some(126), "{line}");
    }
    assert_eq!(fs::read_to_string(world.path("work/other/file")).expect("a file"), "2");
    agent(&world, "cd one && git reset --hard").ended(0);
    assert_eq!(fs::read_to_string(world.path("work/one/file")).expect("a file"), "1");
}

#[test]
fn an_exception_holds_of_what_only_an_exec_shows() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let tmux = with_key(&world);
    assert_ne!(agent(&world, &hidden()).code, Some(0));
    excepts(&tmux, &world, RULE, &format!("--path {}", work(&world)));
    agent(&world, &hidden()).ended(0);
    ran(&world, 1);
}

#[test]
fn nobody_but_the_human_makes_an_exception() {
    let world = World::new();
    let tmux = with_key(&world);
    for line in [
        format!("guard allow {RULE} --path /"),
        format!("printf '{RULE}\\ncorrect horse\\n' | guard allow {RULE}"),
        format!("script -qc 'guard allow {RULE}' /dev/null"),
        "cp forged ../state/exceptions/x".to_owned(),
    ] {
        assert_eq!(agent(&world, &line).code, Some(126), "{line}");
    }
    tmux.line(&format!("clear; {} allow {RULE}", guard(&world)), "Anything else changes nothing");
    tmux.line("yes", "nothing was excepted");
    assert!(listed(&world).is_empty());
    // Another key's signature is nobody's.
    excepts(&tmux, &world, RULE, "--path /");
    let signed = fs::read_to_string(&kept(&world)[0]).expect("text");
    agent(&world, REFUSED).ended(0);
    for forged in [signed.replace("pg", "qg").replacen("railway", "fly", 1), signed.replacen(':', " :", 1)] {
        fs::write(&kept(&world)[0], &forged).expect("writable");
        let counts = forged.contains(" :");
        assert_eq!(agent(&world, REFUSED).code, Some(if counts { 0 } else { 126 }), "{forged}");
    }
    tmux.line("clear", "$");
    tmux.line(&format!("{} setup --new", guard(&world)), "New passphrase:");
    tmux.line("another horse", "Once more:");
    tmux.line("another horse", "cannot be found again");
    held(&world, REFUSED);
}

#[test]
fn what_is_refused_or_frozen_has_no_exception() {
    let world = World::new();
    let tmux = with_key(&world);
    let says = |rule: &str| {
        let outcome = world.guard("guard").args(["allow", rule]).outcome();
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        outcome.stderr
    };
    assert!(says("railway.volume-delet").contains("there is `railway.volume-delete`"));
    assert!(says("startup.guard-human").contains("refuses"));
    let late = world.guard("guard").args(["allow", RULE, "--until", "91d"]).outcome();
    assert!(late.stderr.contains("more than 90 days"), "{late:?}");
    let nowhere = world.guard("guard").args(["allow", RULE, "--path", "nowhere"]).outcome();
    assert!(nowhere.stderr.contains("is no directory"), "{nowhere:?}");
    excepts(&tmux, &world, RULE, "--path /");
    agent(&world, REFUSED).ended(0);
    tmux.line(&format!("clear; {} freeze --until 2h", guard(&world)), "type the word FREEZE");
    tmux.line("FREEZE", "The passphrase of your key:");
    tmux.line(PASSPHRASE, "frozen: ");
    let refused = agent(&world, REFUSED);
    assert!(refused.code == Some(126) && refused.stderr.contains("is frozen"), "{refused:?}");
    ran(&world, 1);
}

#[test]
fn an_exception_holds_of_nothing_that_variables_options_or_links_lead_elsewhere() {
    let world = World::new();
    for stand_in in ["terraform", "docker"] {
        world.stand_in(stand_in);
    }
    world.run("git").args(["init", "-q"]).outcome().ended(0);
    for file in ["one/data/a", "one/b", "other/data/a"] {
        world.file(&format!("work/{file}"), "x");
    }
    std::os::unix::fs::symlink("../../other/data", world.path("work/one/data/link")).expect("a link");
    let tmux = with_key(&world);
    for rule in ["terraform.destroy", "containers.compose-volumes", "filesystem.delete-uncommitted"] {
        if world.guard("guard").args(["rules", "show", rule]).outcome().code == Some(0) {
            excepts(&tmux, &world, rule, "--path one");
        }
    }
    for line in [
        "cd one && terraform -chdir=../other destroy",
        "cd one && TF_WORKSPACE=prod terraform destroy",
        "cd one && export TF_WORKSPACE=prod; terraform destroy",
        "cd one && terraform destroy -state=../other/terraform.tfstate",
        "cd one && find -L data -type f -delete",
        "cd one && find data/ -follow -delete",
    ] {
        assert_eq!(agent(&world, line).code, Some(126), "{line}");
    }
    let moved = world.guard("bash").args(["-c", "cd one && terraform destroy"]).env("CLAUDECODE", "1");
    assert_eq!(moved.env("TF_WORKSPACE", "prod").outcome().code, Some(126));
    assert_eq!(world.calls(), "");
    agent(&world, "cd one && terraform destroy -auto-approve").ended(0);
    assert_eq!(world.calls(), "terraform destroy -auto-approve\n");
    let empty = world.guard("guard").args(["allow", RULE, "--on", ""]).outcome();
    assert!(empty.code == Some(2) && empty.stderr.contains("names nothing"), "{empty:?}");
}
