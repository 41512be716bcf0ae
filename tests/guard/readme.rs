//! The README shows what guard really prints.

use crate::support::World;

const README: &str = include_str!("../../README.md");

/// The text of the code blocks in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    let rest = README.split(&*start).skip(1);
    rest.map(|block| block.split("```").next().expect("a block ends")).collect()
}

/// Text without the line breaks that the page puts in.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_session_on_its_first_page_is_a_real_one() {
    let world = World::new();
    let body = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb\") }"}"#;
    world.file("work/body.json", body);
    let path = format!("{}:/usr/bin:/bin", world.path("shims").display());
    let mut commands = 0;
    for block in blocks("console") {
        for shown in block.split("$ ").filter(|shown| shown.starts_with("guard ")) {
            let (command, printed) = shown.split_once('\n').expect("a command ends its line");
            let run = world.run("/bin/sh").env("PATH", &path).env("TOKEN", "x");
            let outcome = run.args(["-c", command]).outcome();
            assert_eq!(flowing(&(outcome.stdout + &outcome.stderr)), flowing(printed), "{command}");
            commands += 1;
        }
    }
    assert!(commands >= 4);
}

#[test]
fn the_rule_pack_that_it_shows_loads_and_holds() {
    let world = World::new();
    for block in blocks("toml") {
        let file = world.file("work/shown.toml", block);
        let outcome = world.guard("guard").args(["rules", "test"]).args([file]).outcome();
        outcome.ended(0);
    }
}
