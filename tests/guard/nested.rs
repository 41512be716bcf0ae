//! A guard below another one, by a link with a shell's name: what a human approved is not asked about a second time, and
//! nothing else passes by that.

use std::os::unix::fs::symlink;

use crate::support::{REFUSED, World};
use crate::tickets::{agent, approve, ran, ticket, with_key};

/// A world in which `bash` is guard, too, for all that runs there.
fn world() -> World {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    symlink(world.path("shims/guard"), world.path("bin/bash")).expect("a link");
    world
}

#[test]
fn what_a_human_approved_is_not_asked_about_again_by_a_guard_below() {
    let world = world();
    let tmux = with_key(&world);
    world.file("work/deploy.sh", format!("{REFUSED}\necho deployed\n"));
    let mut times = 0;
    for line in [
        format!("bash -c '{REFUSED}; true'"),
        "bash deploy.sh".to_owned(),
        format!("echo '{REFUSED}' | bash"),
    ] {
        let asked = ticket(&agent(&world, &line));
        approve(&tmux, &world, &asked, "pg-data");
        agent(&world, &line).ended(0);
        times += 1;
        ran(&world, times);
    }
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert!(log.contains("\"outcome\":\"approved-before\""), "{log}");
}

#[test]
fn a_guard_below_asks_about_what_no_human_approved() {
    let world = world();
    let tmux = with_key(&world);
    world.file("told", "railway volume delete -y -v other-data");
    world.executable(
        "bin/tell",
        &format!("#!/usr/bin/perl\nopen(F, '<', '{}'); print <F>;\n", world.path("told").display()),
    );
    // The yes is for one volume, and the other stands in no text.
    let line = format!("{REFUSED}; tell | bash");
    let asked = ticket(&agent(&world, &line));
    approve(&tmux, &world, &asked, "pg-data");
    let refused = agent(&world, &line);
    assert!(refused.stderr.contains("other-data") && refused.stderr.contains("guard approve"), "{refused:?}");
    ran(&world, 1);
    // Nor does an environment claim one, nor whoever is below nobody.
    let run =
        world.guard("bash").args(["-c", REFUSED]).env("GUARD_ANSWERED", "1").env("GUARD_SUPERVISED", "1");
    ticket(&run.outcome());
    ran(&world, 1);
}

#[test]
fn what_was_approved_at_an_exec_is_not_asked_about_again_below_it() {
    let world = world();
    let tmux = with_key(&world);
    world.file("told", format!("bash\n-c\n{REFUSED}; {REFUSED}\n"));
    let code = "import subprocess, sys\nsys.exit(subprocess.call(open(sys.argv[1]).read().splitlines()))\n";
    world.file("work/runs.py", code);
    let told = world.path("told").display().to_string();
    let line = format!("python3 runs.py {told}; python3 runs.py {told}");
    let mut refused = agent(&world, &line);
    refused.code = Some(126);
    let asked = ticket(&refused);
    ran(&world, 0);
    approve(&tmux, &world, &asked, "pg-data");
    // The second process has no answer.
    let refused = agent(&world, &line);
    assert_eq!(refused.stderr.matches("guard approve").count(), 1, "{refused:?}");
    ran(&world, 2);
}

#[test]
fn a_yes_to_what_has_no_name_is_one_to_these_words_in_this_directory() {
    let world = World::new();
    world.stand_in("terraform");
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    world.file("work/hidden.pl", "exec map { scalar reverse } split ' ', shift @ARGV;\n");
    for place in ["work/staging", "work/prod"] {
        std::fs::create_dir_all(world.path(place)).expect("a directory");
    }
    let tmux = with_key(&world);
    let reversed = |words: &str| {
        let words: Vec<String> = words.split(' ').map(|word| word.chars().rev().collect()).collect();
        format!("perl {}/hidden.pl '{}'", world.path("work").display(), words.join(" "))
    };
    for hidden in [
        reversed("terraform -chdir=../prod destroy"),
        format!("cd ../prod && {}", reversed("terraform destroy")),
    ] {
        let line = format!("cd staging && terraform destroy; {hidden}");
        let named = ticket(&agent(&world, &line));
        approve(&tmux, &world, &named, "DELETE");
        let before = world.calls();
        let outcome = agent(&world, &line);
        assert!(outcome.stderr.contains("[terraform.destroy"), "{line}: {outcome:?}");
        assert_eq!(world.calls(), format!("{before}terraform destroy\n"), "{line}");
    }
    // A path on one machine is none on another.
    world.stand_in("ssh");
    let line = format!("ssh staging rm -rf /data; {}", reversed("ssh prod rm -rf /data"));
    let named = ticket(&agent(&world, &line));
    // Nor is what stands here what would be lost there.
    let open = world.guard("guard").args(["pending", "--json"]).outcome().stdout;
    let open: serde_json::Value = serde_json::from_str(&open).expect("JSON");
    let entry = open.as_array().expect("tickets").iter().find(|entry| entry["ticket"] == named.as_str());
    assert_eq!(entry.expect("it is open")["shown"]["paths"], serde_json::json!([]));
    approve(&tmux, &world, &named, "data");
    let before = world.calls();
    agent(&world, &line);
    assert_eq!(world.calls(), format!("{before}ssh staging rm -rf /data\n"));
    // What was said yes to runs, wherever it is executed.
    let line = format!("cd staging && terraform destroy; {}", reversed("terraform destroy"));
    let named = ticket(&agent(&world, &line));
    approve(&tmux, &world, &named, "DELETE");
    let before = world.calls();
    agent(&world, &line).ended(0);
    assert_eq!(world.calls(), format!("{before}terraform destroy\nterraform destroy\n"));
}
