//! `guard shims`: the links, and what it says to do with them.

use std::fs;
use std::path::Path;

use crate::support::{REFUSED, World, real};

#[test]
fn the_links_are_shells_that_judge() {
    let world = World::new();
    let outcome = world.guard("guard").args(["shims"]).outcome();
    let folder = world.path("state/shims");
    for name in ["bash", "zsh", "sh"] {
        let link = folder.join(name);
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink(), "{outcome:?}");
        world.run(&link).args(["-c", "echo $((1 + 1))"]).outcome().ended(0).printed("2\n");
        world.run(&link).args(["-c", REFUSED]).outcome().refused();
        assert!(outcome.stdout.contains(&format!("{} runs {}", link.display(), real(name).display())));
    }
    assert_eq!(world.calls(), "");
    // A second time changes nothing.
    assert_eq!(world.guard("guard").args(["shims"]).outcome(), outcome);
}

#[test]
fn the_settings_that_it_prints_are_json_and_lead_to_the_links() {
    let world = World::new();
    let folder = world.path("my \"own\" links");
    let outcome = world.guard("guard").args([Path::new("shims"), &folder]).outcome();
    let block = |title: &str| {
        let (_, rest) = outcome.stdout.split_once(title).expect("the title is printed");
        let lines: String = rest.lines().skip(1).take_while(|line| !line.is_empty()).collect();
        serde_json::from_str::<serde_json::Value>(&format!("{{{lines}}}")).expect("JSON")
    };
    let linked = |value: &serde_json::Value| {
        let path = Path::new(value.as_str().expect("a path")).to_owned();
        assert_eq!(path.parent(), Some(folder.as_path()));
        world.run(path).args(["-c", "echo hi"]).outcome().ended(0).printed("hi\n");
    };
    let settings = block("VS Code and Cursor");
    let platform = if cfg!(target_os = "macos") { "osx" } else { "linux" };
    let setting = |name: &str| &settings[format!("{name}.{platform}")];
    let default = setting("terminal.integrated.defaultProfile").as_str().expect("a name");
    linked(&setting("terminal.integrated.profiles")[default]["path"]);
    linked(&setting("terminal.integrated.automationProfile")["path"]);
    linked(&setting("terminal.integrated.env")["SHELL"]);
    linked(&setting("chat.tools.terminal.terminalProfile")["path"]);
    linked(&block("Claude Code")["env"]["CLAUDE_CODE_SHELL"]);
}

#[test]
fn the_line_that_starts_an_agent_gives_it_the_links() {
    let world = World::new();
    world.executable("bin/AGENT", "#!/bin/sh\necho \"$SHELL\"\ncommand -v bash\n");
    let outcome = world.guard("guard").args(["shims", "links"]).outcome();
    let line = outcome.stdout.lines().last().expect("a last line").trim();
    let folder = world.work().join("links");
    let printed = world.run("/bin/sh").args(["-c", line]).outcome().ended(0).stdout.clone();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(Path::new(lines[0]).parent(), Some(folder.as_path()));
    assert_eq!(lines[1], folder.join("bash").to_str().expect("a plain path"));
}

#[test]
fn a_file_that_is_no_link_stays() {
    let world = World::new();
    world.file("work/bin/bash", "mine");
    let outcome = world.guard("guard").args(["shims", "bin"]).outcome();
    assert_eq!(outcome.code, Some(125), "{outcome:?}");
    assert!(outcome.stderr.contains("is there and no link"), "{outcome:?}");
    assert_eq!(fs::read_to_string(world.path("work/bin/bash")).expect("still there"), "mine");
}

#[test]
fn an_old_link_leads_to_this_guard_afterwards() {
    let world = World::new();
    fs::create_dir(world.path("work/links")).expect("a directory");
    std::os::unix::fs::symlink("/nowhere/guard", world.path("work/links/bash")).expect("a link");
    world.guard("guard").args(["shims", "links"]).outcome().ended(0);
    world.run(world.path("work/links/bash")).args(["-c", "exit 3"]).outcome().ended(3);
    let names = fs::read_dir(world.path("work/links")).expect("the links").count();
    assert_eq!(names, 3);
}
