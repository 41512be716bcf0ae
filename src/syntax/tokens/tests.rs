//! Tests of `tokens`.

use super::commands;
use crate::syntax::{Command, Part, Stmt};

fn found(source: &str) -> Vec<String> {
    fn one(statement: &Stmt, out: &mut Vec<String>) {
        match &statement.command {
            Command::Pipeline(stages) => stages.iter().for_each(|stage| one(stage, out)),
            Command::Simple(simple) => {
                let text = |part: &Part| match part {
                    Part::Literal { text, .. } => text.clone(),
                    _ => "$".to_owned(),
                };
                let words = simple.words.iter();
                let words: Vec<String> = words.map(|word| word.parts.iter().map(text).collect()).collect();
                out.push(words.join(" "));
            }
            other => panic!("{other:?}"),
        }
    }
    let mut out = Vec::new();
    commands(source, 0, None).iter().for_each(|statement| one(statement, &mut out));
    out
}

#[test]
fn commands_are_found_wherever_they_stand() {
    for source in [
        "if rm x; then (",
        "(((( rm x",
        "echo $(a `rm x",
        "echo \"a $(rm x) b",
        "A=b rm x >f (",
        "case a in b) rm x ;;",
        "a | b && ! rm x |",
        "{ f() { rm x",
        "echo 'unclosed; rm x",
        "echo \"unclosed; rm x",
        "echo ${unclosed; rm x",
        "cat <<E\n$(rm x)\nE\n(",
        "cat <<E\nno end\nrm x",
        "cat <<'E'\na\nE\nrm x (",
    ] {
        assert!(found(source).iter().any(|call| call == "rm x"), "{source}: {:?}", found(source));
    }
}

#[test]
fn closed_quotes_and_bodies_stay_text() {
    for source in ["echo 'a; rm x' (", "echo \"; rm x\" (", "# rm x\n(", "cat <<'E'\nrm x\nE\n("] {
        assert!(!found(source).iter().any(|call| call.starts_with("rm")), "{source}");
    }
}
