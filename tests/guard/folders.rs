//! Scripts that find their own folder: what guard evaluates is what the real shells print, and what
//! they load from there is judged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::corpus;
use crate::support::World;

const FOLDERS: &str = include_str!("../corpus/folders.toml");

#[derive(Deserialize)]
struct Folders {
    files: BTreeMap<String, String>,
    links: BTreeMap<String, String>,
    alike: Vec<Alike>,
}

#[derive(Deserialize)]
struct Alike {
    lines: Vec<String>,
}

/// What the line prints behind `@`, as guard evaluates it.
fn evaluated(world: &World, line: &str) -> Vec<String> {
    let explained = world.guard("guard").args(["explain", "--json", line]).outcome();
    let told: Value = serde_json::from_str(&explained.stdout).expect("guard explains");
    let actions = told["actions"].as_array().expect("a list of actions");
    let calls = actions.iter().filter_map(|action| action["told"][0][1].as_str());
    calls.filter_map(|call| call.strip_prefix("echo @")).map(str::to_owned).collect()
}

#[test]
fn what_scripts_make_of_their_own_place_is_what_the_shells_make_of_it() {
    let folders: Folders = toml::from_str(FOLDERS).expect("the list is well-formed");
    let mut wrong = Vec::new();
    for line in folders.alike.iter().flat_map(|alike| &alike.lines) {
        let world = World::new();
        for (file, text) in &folders.files {
            world.executable(&format!("work/{file}"), text.trim_start());
        }
        for (link, to) in &folders.links {
            world.link(&format!("work/{link}"), to);
        }
        world.run("git").args(["init", "-q"]).outcome();
        let guards = evaluated(&world, line);
        let printed = world.run("bash").args(["-c", line]).outcome().stdout;
        let shells: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix('@')).collect();
        assert!(!shells.is_empty(), "nothing to compare: {line}");
        for at in 0..guards.len().max(shells.len()) {
            let (guards, shells) = (guards.get(at).map(String::as_str), shells.get(at).copied());
            if guards != shells {
                wrong.push(format!("{line}\n  guard {guards:?}\n  shell {shells:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_script_loads_from_its_own_folder_is_judged() {
    corpus::as_said(FOLDERS);
}
