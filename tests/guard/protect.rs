//! What protects itself, and what `[protect]` names: judged by text, nothing of it runs.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::support::World;

#[derive(Deserialize)]
struct Corpus {
    class: Vec<Class>,
}

#[derive(Deserialize)]
struct Class {
    name: String,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    held: Vec<String>,
    #[serde(default)]
    runs: Vec<String>,
}

/// A home with guard in place, and settings of every layer that protect something.
fn protected() -> World {
    let world = World::new();
    let settings = "[protect]\nread_only = [\"~/reference\"]\nno_delete = [\"~/keep\"]\n";
    let config = world.file("config/guard.toml", settings);
    let shared = world.path("shared");
    world.file("work/.guard/guard.toml", format!("[protect]\nread_only = [{:?}]\n", shared.join("list")));
    world.guard("guard").args(["shims"]).outcome().ended(0);
    let shims = world.path("state/shims");
    world.file("state/log.jsonl", "{}\n");
    fs::hard_link(config, world.path("home/other-name.toml")).expect("a hard link");
    world.link("home/to-config", world.path("config").to_str().expect("text"));
    world.link("home/to-reference", "reference");
    world.link("home/folder/bash", env!("CARGO_BIN_EXE_guard"));
    world.file("home/.bashrc", format!("export EDITOR=vim\nexport PATH={}:$PATH\n", shims.display()));
    world.file(
        "home/.claude/settings.json",
        format!(
            "{{\n  \"model\": \"opus\",\n  \"env\": {{\n    \"SHELL\": \"{}/bash\"\n  }}\n}}\n",
            shims.display()
        ),
    );
    world.file(
        "home/.config/Code/User/settings.json",
        format!(
            "{{\n  \"editor.tabSize\": 4,\n  \"terminal.integrated.profiles.linux\": {{ \"guard\": {{ \"path\": \
             \"{}/bash\" }} }},\n  \"terminal.integrated.defaultProfile.linux\": \"guard\"\n}}\n",
            shims.display()
        ),
    );
    for file in ["home/reference/a.csv", "home/keep/db.sql", "home/keep/log", "shared/list", "work/name"] {
        world.file(file, "x\n");
    }
    world
}

/// The decision on each line, and the rules that it meets.
fn judged(world: &World, lines: &[&String]) -> BTreeMap<String, (String, String)> {
    let home = world.path("home");
    let search_path = format!("{}:{}", world.path("state/shims").display(), world.search_path());
    let env = serde_json::json!({
        "HOME": home, "PATH": format!("{search_path}:{}", world.path("shims").display()),
        "C": world.path("config"), "S": world.path("state"),
    });
    let line = |line: &&String| {
        let cwd = world.work();
        serde_json::json!({"id": line, "cmd": line, "cwd": cwd, "env": env}).to_string() + "\n"
    };
    let file = world.file("lines", lines.iter().map(line).collect::<String>());
    let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin_file(file).outcome();
    let answers = outcome.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let rules = |answer: &Value| {
        let findings = answer["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| text(&finding["rule"])).collect::<Vec<_>>().join(" ")
    };
    answers.map(|answer| (text(&answer["id"]), (text(&answer["decision"]), rules(&answer)))).collect()
}

#[test]
fn what_is_protected_is_refused_and_what_looks_alike_runs() {
    let world = protected();
    let text = include_str!("../corpus/protect.toml");
    let corpus: Corpus = toml::from_str(text).expect("the corpus can be read");
    let all = |class: &Class| [&class.denied, &class.held, &class.runs].map(|list| list.to_vec()).concat();
    let lines: Vec<String> = corpus.class.iter().flat_map(all).collect();
    let judged = judged(&world, &lines.iter().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for class in &corpus.class {
        for (lines, wanted) in [
            (&class.denied, &["deny"][..]),
            (&class.held, &["confirm", "deny"]),
            (&class.runs, &["allow", "warn"]),
        ] {
            for line in lines {
                let (decision, rules) = &judged[line];
                if !wanted.contains(&decision.as_str()) {
                    wrong.push(format!("{}: {decision} {line} [{rules}]", class.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn without_settings_nothing_is_said_of_protected_places() {
    let world = World::new();
    let line = "rm -rf \"$(cat name)\"; echo x > ~/keep/a".to_owned();
    let (_, rules) = &judged(&world, &[&line])[&line];
    assert!(!rules.contains("protect."), "{rules}");
    let listed = world.guard("guard").args(["rules", "list"]).outcome();
    assert!(listed.stdout.contains("protect.no-delete"), "{}", listed.stdout);
}

#[test]
fn a_user_may_be_asked_instead_and_a_project_may_not_loosen() {
    let world = protected();
    let line = "mv ~/keep/db.sql /tmp/".to_owned();
    let decision = || judged(&world, &[&line])[&line].0.clone();
    let settings = "[protect]\nno_delete = [\"~/keep\"]\n[rules]\n\"protect.no-delete\" = \"confirm\"\n";
    world.file("config/guard.toml", settings);
    assert_eq!(decision(), "confirm");
    world.file("config/guard.toml", "[protect]\nno_delete = [\"~/keep\"]\n");
    world.file("work/.guard/guard.toml", "[rules]\n\"protect.no-delete\" = \"off\"\n");
    assert_eq!(decision(), "deny");
}
