//! The evaluation of words against bash itself.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::process::Command as Process;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::word::{Run, assign, evaluate, expand};
use super::{Attribute, Command, Dialect, Scope, Stmt, parse};
use crate::model::Text;
use crate::model::machine::Machine;

/// A machine with nothing on it but these variables.
pub(super) fn nowhere(env: &'static [(&'static str, &'static str)], startup: bool) -> Machine {
    Machine { directory: "/", env, programs: &["rm"], startup, ..Machine::default() }
}

/// Runs assignments, `set --`, `declare`, `(( … ))`, and `printf '<%s>'`, whose output it gathers.
pub(super) struct Tiny {
    pub(super) printed: String,
}

impl Tiny {
    pub(super) fn body(&mut self, body: &[Stmt], scope: &mut Scope<'_>) {
        for stmt in body {
            match &stmt.command {
                Command::Simple(simple) => self.simple(simple, scope),
                Command::Arithmetic(expression) => {
                    evaluate(expression, scope, self);
                }
                Command::For { names, words: Some(words), body } => {
                    let texts: Vec<Text> = words.iter().flat_map(|word| expand(word, scope, self)).collect();
                    for text in texts {
                        scope.set(&names[0], text);
                        self.body(body, scope);
                    }
                }
                other => panic!("not for this test: {other:?}"),
            }
        }
    }

    fn simple(&mut self, simple: &super::Simple, scope: &mut Scope<'_>) {
        for assignment in &simple.assignments {
            assign(assignment, scope, self);
        }
        let texts: Vec<Text> = simple.words.iter().flat_map(|word| expand(word, scope, self)).collect();
        let known: Vec<String> = texts.iter().map(show).collect();
        match known.first().map(String::as_str) {
            Some("printf") if known[1] == "%s" => self.printed.push_str(&known[2..].concat()),
            Some("printf") if known.len() == 2 => self.printed.push_str("<>"),
            Some("printf") => {
                for text in &known[2..] {
                    write!(self.printed, "<{text}>").unwrap();
                }
            }
            Some("echo") => {
                self.printed.push_str(&known[1..].join(" "));
                self.printed.push('\n');
            }
            Some("set") => scope.set_positional(texts[2..].to_vec()),
            Some("unset") => scope.unset(&known[1]),
            Some("cd") => scope.change_directory(&texts[1]),
            Some("declare") => {
                for (flag, attribute) in [
                    ("-i", Attribute::Integer),
                    ("-l", Attribute::Lower),
                    ("-u", Attribute::Upper),
                    ("-n", Attribute::Reference),
                    ("-a", Attribute::Indexed),
                    ("-A", Attribute::Keyed),
                ] {
                    if known[1] == flag {
                        match simple.declared.first() {
                            Some(assignment) => scope.declare(&assignment.name, attribute),
                            None => scope.declare(&known[2], attribute),
                        }
                    }
                }
                for assignment in &simple.declared {
                    assign(assignment, scope, self);
                }
            }
            None | Some(":") => {}
            Some(other) => panic!("not for this test: {other}"),
        }
    }
}

impl Run for Tiny {
    fn output(&mut self, body: &[Stmt], scope: &mut Scope<'_>) -> Text {
        let mut inner = Tiny { printed: String::new() };
        inner.body(body, &mut scope.clone());
        Text::known(inner.printed.trim_end_matches('\n'))
    }
    fn process(&mut self, _: &[Stmt], _: bool, _: &mut Scope<'_>) -> Text {
        Text::hole("<(…)", crate::model::Shape::Any)
    }
}

fn show(text: &Text) -> String {
    match text.as_pattern() {
        Some(pattern) => pattern.into_owned(),
        None => format!("?{}{}", text.display(), if text.is_many() { "…" } else { "" }),
    }
}

fn ours(source: &str) -> String {
    let facts = nowhere(&[("HOME", "/root")], false);
    let mut scope = Scope::new(&facts, vec!["bash".into()], Dialect::Bash);
    scope.unset("OLDPWD");
    let script = parse(source, Dialect::Bash);
    let mut run = Tiny { printed: String::new() };
    run.body(&script.body, &mut scope);
    run.printed
}

/// What bash prints for each source, all from one process.
fn bash(sources: &[String]) -> Option<Vec<String>> {
    let mut script = String::from("set -f\ncd /; unset OLDPWD\n");
    for source in sources {
        let quoted = source.replace('\'', "'\\''");
        write!(script, "( eval '{quoted}' ) 2>/dev/null\nprintf '\\001'\n").unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("script");
    std::fs::write(&file, script).unwrap();
    let output = Process::new("bash")
        .arg("--norc")
        .arg(&file)
        .env_clear()
        .env("HOME", "/root")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .ok()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts: Vec<String> = printed.split('\u{1}').map(str::to_owned).collect();
    parts.pop();
    assert_eq!(parts.len(), sources.len(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(parts)
}

fn compare(sources: &[String]) -> Vec<String> {
    let Some(expected) = bash(sources) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for (source, expected) in sources.iter().zip(expected) {
        let ours = ours(source);
        // Whether a user exists is the machine's to know.
        if ours != expected && !ours.contains("?~") {
            wrong.push(format!("{source}\n    bash {expected}\n    ours {ours}"));
        }
    }
    wrong
}

const CASES: &str = include_str!("oracle_cases.txt");

#[test]
fn evaluates_words_as_bash_does() {
    let sources: Vec<String> = CASES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| match line.split_once(" => ") {
            Some((before, words)) => format!("{before}\nprintf '<%s>' {words}"),
            None => format!("printf '<%s>' {line}"),
        })
        .collect();
    assert!(sources.len() > 150, "{}", sources.len());
    let wrong = compare(&sources);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), sources.len(), wrong.join("\n"));
}

/// A piece of a word as it stands in source, with everything it needs quoted by construction.
fn piece() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "a", "b", "/", ".", "-", "=", ":", "~", "{", "}", ",", "..", "1", "3", "{a,b}", "{1..3}", "+", "%",
        "@", "^", "!", "]", "x",
    ]);
    let parameter = prop::sample::select(vec![
        "$x",
        "$y",
        "$z",
        "${x}",
        "${e}",
        "$u",
        "${p}",
        "$1",
        "$2",
        "${3}",
        "$@",
        "$*",
        "$#",
        "${a[@]}",
        "${a[*]}",
        "${a[1]}",
        "${#x}",
        "${#a[@]}",
        "${x:-d e}",
        "${u:-d e}",
        "${u-$x}",
        "${e:+n}",
        "${x:+$y}",
        "${e-q}",
        "${x#a}",
        "${x%b}",
        "${x##* }",
        "${p%/*}",
        "${p##*/}",
        "${x/a/Z}",
        "${x// /_}",
        "${x:1}",
        "${x:1:2}",
        "${x: -2}",
        "${x^^}",
        "${y,}",
        "${!r}",
        "${@:2}",
        "${@#a}",
        "${a[@]/x/y}",
        "${a[@]:1}",
        "$((n+1))",
        "$((n*2-1))",
        "$(echo o p)",
        "$(echo $x)",
        "${u:-~}",
        "${u:-\"s t\"}",
        "${x:+\"$@\"}",
    ]);
    let text =
        prop::collection::vec(prop::sample::select(vec!['a', ' ', '*', '$', '"', '\\', '{', '~', '`']), 0..4);
    prop_oneof![
        4 => plain.prop_map(str::to_owned),
        4 => parameter.clone().prop_map(str::to_owned),
        2 => parameter.prop_map(|parameter| format!("\"{parameter}\"")),
        1 => text.clone().prop_map(|text| format!("'{}'", String::from_iter(text))),
        1 => text.clone().prop_map(|text| {
            let mut out = String::from("\"");
            for c in text {
                if "$\"\\`".contains(c) {
                    out.push('\\');
                }
                out.push(c);
            }
            out + "\""
        }),
        1 => text.prop_map(|text| text.iter().map(|c| format!("\\{c}")).collect()),
    ]
}

const STATES: &[&str] = &[
    "x='a b'; y=Cd; e=; z=' q '; p=/u/v.w; r=x; n=3; a=(x 'y z' ''); set -- a 'b c' ''",
    "x=ab; y='*'; e=; z=':q:'; p=v; r=p; n=-2; a=(); set --; IFS=:",
    "x='a:b c'; y=':'; e=; z='q : '; p=/; r=y; n=0; a=(k); set -- z; IFS=': '",
];

#[test]
fn random_words_are_evaluated_as_bash_does() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let words = prop::collection::vec(prop::collection::vec(piece(), 1..6), 1500);
    let words = words.new_tree(&mut runner).unwrap().current();
    let sources: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(i, pieces)| {
            let word = pieces.concat();
            let state = STATES[i % STATES.len()];
            if i % 5 == 4 {
                format!("{state}\nv={word}\nprintf '<%s>' \"$v\"")
            } else {
                format!("{state}\nprintf '<%s>' {word}")
            }
        })
        .collect();
    let wrong = compare(&sources);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), sources.len(), wrong.join("\n"));
}
