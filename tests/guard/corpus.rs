//! Whole lists of command lines, judged in one scratch work tree: what is disguised is held, what
//! is everyday work runs.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::support::World;

#[derive(Deserialize)]
struct Disguises {
    class: Vec<Class>,
    /// Further files of the work tree.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Symbolic links there, and what they hold.
    #[serde(default)]
    links: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Class {
    name: String,
    #[serde(default)]
    held: Vec<String>,
    #[serde(default)]
    runs: Vec<String>,
}

#[derive(Deserialize)]
struct Everyday {
    group: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    expect: String,
    lines: Vec<String>,
}

/// A work tree on a feature branch with clean, modified, untracked and ignored files.
fn work_tree(world: &World, files: &BTreeMap<String, String>) {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
        let done = git.args(args).current_dir(world.work()).output().expect("git runs");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    for (file, text) in [
        (".gitignore", "node_modules/\ntarget/\ndist/\nbuild/\n.venv/\n__pycache__/\n.env\n*.log\n"),
        ("README.md", "# project\n"),
        ("notes.txt", "one\n"),
        ("package.json", "{\"scripts\": {\"build\": \"tsc\"}}\n"),
        ("Cargo.toml", "[package]\n"),
        ("src/main.rs", "fn main() {}\n"),
        ("src/lib.rs", "\n"),
        ("src/app.ts", "\n"),
        ("src/app.py", "\n"),
        ("src/utils.py", "\n"),
        ("docs/guide.md", "# guide\n"),
        ("tests/test_app.py", "\n"),
        ("scripts/deploy.sh", "#!/bin/sh\n"),
        ("config/settings.yml", "a: 1\n"),
        ("Cargo.lock", "\n"),
        ("package-lock.json", "{}\n"),
    ] {
        world.file(&format!("work/{file}"), text);
    }
    for (file, text) in files {
        world.file(&format!("work/{file}"), text);
    }
    git(&["init", "-q"]);
    git(&["config", "alias.wipe", "reset --hard"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "start"]);
    git(&["branch", "merged"]);
    for branch in ["old", "x"] {
        git(&["checkout", "-qb", branch, "main"]);
        git(&["commit", "-qm", branch, "--allow-empty"]);
    }
    git(&["checkout", "-q", "--orphan", "tagged"]);
    git(&["commit", "-qm", "tagged"]);
    for tag in ["v1", "v1.0"] {
        git(&["tag", tag]);
    }
    git(&["checkout", "-q", "main"]);
    git(&["branch", "-D", "tagged"]);
    git(&["checkout", "-qb", "feature"]);
    git(&["commit", "-qm", "feature", "--allow-empty"]);
    git(&["worktree", "add", "-q", "-b", "linked", "../linked"]);
    world.file("linked/new.md", "new\n");
    for (file, text) in [
        ("notes.txt", "two\n"),
        ("src/app.ts", "changed\n"),
        ("wip/a.md", "work\n"),
        ("draft.txt", "draft\n"),
        (".env", "SECRET=x\n"),
        ("node_modules/x/index.js", "\n"),
        ("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"),
        ("app.db", "SQLite format 3\n"),
        ("schema.sql", "CREATE TABLE users (id int);\nINSERT INTO users VALUES ('DROP TABLE x');\n"),
        ("drop.sql", "DROP TABLE users;\n"),
        ("reset.sql", "DROP TABLE IF EXISTS t;\nCREATE TABLE t (a int);\n"),
        ("dist/app.js", "\n"),
        ("build/out.o", "\n"),
    ] {
        world.file(&format!("work/{file}"), text);
    }
}

/// The decision on each line.
fn decisions(world: &World, lines: &[&String]) -> BTreeMap<String, String> {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let place = world.path("work");
    let input: String = lines
        .iter()
        .map(|line| {
            let env = serde_json::json!({"HOME": home});
            serde_json::json!({"id": line, "cmd": line, "cwd": place, "env": env}).to_string() + "\n"
        })
        .collect();
    // A file: whoever writes all of a pipe before it reads the answers waits for ever.
    let file = world.file("lines", input);
    let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin_file(file).outcome();
    let answers = outcome.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    answers.map(|answer| (text(&answer["id"]), text(&answer["decision"]))).collect()
}

/// The lines that are not judged as they should be, with their group.
fn wrong<'a>(world: &World, expected: &[(&'a str, &'a String, bool)]) -> Vec<String> {
    let lines: Vec<&String> = expected.iter().map(|(_, line, _)| *line).collect();
    let decisions = decisions(world, &lines);
    let runs = |line: &str| matches!(decisions.get(line).map(String::as_str), Some("allow" | "warn"));
    let known = |line: &str| decisions.contains_key(line);
    expected
        .iter()
        .filter(|(_, line, should_run)| !known(line) || runs(line) != *should_run)
        .map(|(group, line, should_run)| {
            let wanted = if *should_run { "runs" } else { "held" };
            format!("[{group}] should be {wanted}: {line:?}")
        })
        .collect()
}

/// Judges the classes of a list.
pub fn as_said(text: &str) {
    let world = World::new();
    let corpus: Disguises = toml::from_str(text).expect("the corpus is well-formed");
    work_tree(&world, &corpus.files);
    for (link, to) in &corpus.links {
        world.link(&format!("work/{link}"), to);
    }
    let held = corpus.class.iter().flat_map(|c| c.held.iter().map(|line| (c.name.as_str(), line, false)));
    let runs = corpus.class.iter().flat_map(|c| c.runs.iter().map(|line| (c.name.as_str(), line, true)));
    let expected: Vec<_> = held.chain(runs).collect();
    let wrong = wrong(&world, &expected);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
}

#[test]
fn what_is_disguised_is_held() {
    as_said(include_str!("../corpus/disguises.toml"));
}

#[test]
fn what_a_shell_hides_is_held() {
    as_said(include_str!("../corpus/hiding.toml"));
}

#[test]
fn the_built_in_domains_are_whole() {
    as_said(include_str!("../corpus/domains.toml"));
}

#[test]
fn credentials_that_were_found_go_to_no_control_plane() {
    as_said(include_str!("../corpus/credentials.toml"));
}

#[test]
fn what_says_production_is_changed_after_a_question_alone() {
    as_said(include_str!("../corpus/production.toml"));
}

#[test]
fn requests_and_code_are_read() {
    as_said(include_str!("../corpus/code.toml"));
}

#[test]
fn git_and_files_are_judged_by_what_would_be_lost() {
    as_said(include_str!("../corpus/workspace.toml"));
}

#[test]
fn files_that_other_programs_run_are_read() {
    as_said(include_str!("../corpus/recipes.toml"));
}

#[test]
fn what_happens_by_way_of_something_else_is_held() {
    as_said(include_str!("../corpus/indirect.toml"));
}

#[test]
fn what_code_imports_is_followed_as_far_as_it_is_called() {
    as_said(include_str!("../corpus/imports.toml"));
}

#[test]
fn what_nobody_needs_may_go() {
    as_said(include_str!("../corpus/scratch.toml"));
}

#[test]
fn a_diff_keeps_no_binary_file_unless_it_is_told_to() {
    let world = World::new();
    work_tree(&world, &BTreeMap::from([("blob.bin".to_owned(), "a\0b".to_owned())]));
    world.file("work/blob.bin", "a\0c");
    let [lost, kept] =
        ["git diff > p; git checkout .", "git diff --binary > p; git checkout ."].map(str::to_owned);
    let wrong = wrong(&world, &[("binary", &lost, false), ("binary", &kept, true)]);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn everyday_work_is_not_interrupted() {
    let world = World::new();
    work_tree(&world, &BTreeMap::new());
    let text = include_str!("../corpus/everyday.toml");
    let corpus: Everyday = toml::from_str(text).expect("the corpus is well-formed");
    let lines = |group: &'_ Group| group.expect == "runs";
    let expected: Vec<_> = corpus
        .group
        .iter()
        .flat_map(|group| group.lines.iter().map(move |line| (group.name.as_str(), line, lines(group))))
        .collect();
    let wrong = wrong(&world, &expected);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
}
