//! Rules held against actions, from the text of a pack to findings.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::fake::{Machine, call, delete, request, word};
use super::matcher::findings_of_all;
use super::{CompiledPack, Pack, RuleSet, Setting, compile, findings};
use crate::model::{Action, Decision, Effect, Match, Place, Span};
use Match::{Maybe, Yes};

const PACK: &str = r#"
[pack]
id = "t"
title = "Test"

[[tool]]
program = "git"
value_options = ["-C", "-c", "-m"]
abbreviate = true
"#;

/// A set with one rule `t.NAME` for each name and its `when`, and what else it says.
fn rules(conditions: &[(&str, &str)]) -> RuleSet {
    let mut text = PACK.to_owned();
    for (name, when) in conditions {
        let (when, more) = when.split_once("---").unwrap_or((when, "decision = 'confirm'"));
        text += &format!(
            "[[rule]]\nid = 't.{name}'\ntitle = 'does x'\nseverity = 'high'\n{more}\n\
                 why = 'It is bad.'\n[rule.when]\n{when}\n[rule.examples]\n\
                 match = ['a', 'b']\npass = ['c', 'd']\n"
        );
    }
    let pack = Pack::parse(&text, "t.toml").unwrap_or_else(|error| panic!("{error}"));
    let mut set = RuleSet::empty();
    set.add(CompiledPack::new(compile(&[pack])).unwrap());
    set
}

fn rule_text(name: &str, when: &str, more: &str) -> String {
    format!(
        "[[rule]]\nid = 't.{name}'\ntitle = 'does x'\nseverity = 'high'\n{more}\n\
         why = 'It is bad.'\n[rule.when]\n{when}\n[rule.examples]\n\
         match = ['a', 'b']\npass = ['c', 'd']\n"
    )
}

fn found(rules: &RuleSet, action: &Action) -> Vec<(String, Match)> {
    let found = findings(rules, action, "", &Machine::default());
    found.into_iter().map(|f| (f.rule.replace("t.", ""), f.matched)).collect()
}

fn one(when: &str, action: &Action) -> Match {
    one_on(when, action, &Machine::default())
}

/// What a rule with this condition comes to on a machine.
pub fn one_on(when: &str, action: &Action, machine: &Machine) -> Match {
    let found = findings(&rules(&[("x", when)]), action, "", machine);
    found.first().map_or(Match::No, |finding| finding.matched)
}

#[test]
fn a_program_by_its_base_name() {
    let when = "program = ['git', 'python3*']\nsubcommand = 'push'";
    for (line, expected) in [
        ("git push", Yes),
        ("/usr/bin/git push", Yes),
        ("git.exe push", Yes),
        ("$X/git push", Yes),
        ("Git push", Match::No),
        ("git -C push status", Match::No),
        ("git -C x push", Yes),
        ("python3.12 push", Yes),
        ("python push", Match::No),
        ("python$X push", Maybe),
    ] {
        assert_eq!(one(when, &call(line)), expected, "{line}");
    }
}

#[test]
fn an_unknown_program_needs_something_firm() {
    let when = "program = 'git'\nsubcommand = 'push'\nany = [{ flag = ['-f', '--force'] }, { arg = '+*' }]";
    for (line, expected) in [
        ("$X push --force", Maybe),
        ("$X push +main", Maybe),
        ("$X push", Match::No),
        ("$X $Y -f", Match::No),
        ("$X $MANY push -f", Maybe),
        ("$X -m x", Match::No),
        ("$MANY", Match::No),
        ("$X $MANY", Match::No),
        ("git $MANY", Maybe),
    ] {
        assert_eq!(one(when, &call(line)), expected, "{line}");
    }
    assert_eq!(one("program = 'python'\nflag = '-m'", &call("$PYTHON -m x")), Match::No);
    assert_eq!(one("program = 'rm'\narg = '*'", &call("$X a b")), Match::No);
    assert_eq!(one("program = 'reboot'", &call("$X")), Match::No);
    let branches = "any = [{ program = 'a' }, { program = 'b', flag = '--force' }]";
    assert_eq!(one(branches, &call("$X --force")), Maybe);
    assert_eq!(one(branches, &call("$X")), Match::No);
}

#[test]
fn tables_nest() {
    let when =
        "program = 'git'\nsubcommand = ['stash drop', 'stash']\nnot = { arg = 'list' }\nargs = { max = 1 }";
    for (line, expected) in [
        ("git stash drop", Yes),
        ("git stash drop x", Yes),
        ("git stash drop x y", Match::No),
        ("git stash list", Match::No),
        ("git stash $X", Maybe),
    ] {
        assert_eq!(one(when, &call(line)), expected, "{line}");
    }
    let all = "all = [{ program = 'kill' }, { any = [{ arg = '1' }, { arg = '-1' }] }]";
    assert_eq!(one(all, &call("kill 1")), Yes);
    assert_eq!(one(all, &call("kill 2")), Match::No);
}

#[test]
fn variables_and_places() {
    let when = "program = 'git'\nenv = { name = 'GIT_DIR', value = '/srv/*' }";
    let mut action = call("git gc");
    assert_eq!(one(when, &action), Match::No);
    if let Effect::Call(call) = &mut action.effect {
        std::rc::Rc::make_mut(call).env = vec![("GIT_DIR".into(), word("/srv/$X"))];
    }
    assert_eq!(one(when, &action), Yes);
    assert_eq!(one("program = 'git'\nplace = ['remote', 'container']", &action), Match::No);
    action.place = Place::Remote("db".into());
    assert_eq!(one("program = 'git'\nplace = ['remote', 'container']", &action), Yes);
    action.certainty = Maybe;
    assert_eq!(one("program = 'git'", &action), Maybe);
}

#[test]
fn requests_to_unknown_hosts() {
    let railway = "http = { host = '*.railway.app', method = 'DELETE', path = '/v2/*' }";
    assert_eq!(one(railway, &request("DELETE", "x.railway.app", "/v2/y")), Yes);
    assert_eq!(one(railway, &request("DELETE", "$X", "/v2/y")), Maybe);
    assert_eq!(one(railway, &request("DELETE", "$X", "$Y")), Match::No);
    let any = "http = { method = 'DELETE', loopback = false }";
    assert_eq!(one(any, &request("DELETE", "$X", "/")), Maybe);
    assert_eq!(one(any, &request("DELETE", "localhost", "/")), Match::No);
}

#[test]
fn source_text() {
    let rules = rules(&[("x", "text = 'DROP\\s+TABLE'")]);
    let source = "psql -c 'DROP  TABLE x'";
    let found = findings(&rules, &call("psql -c x"), source, &Machine::default());
    assert_eq!(found[0].span.slice(source), "DROP  TABLE");
}

#[test]
fn findings_say_what_is_hit() {
    let rules = rules(&[
        ("flag", "program = 'git'\nflag = '-f'---decision = 'deny'\nresource = { arg = 1 }"),
        (
            "option",
            "program = 'git'\nsubcommand = 'push'---decision = 'confirm'\nresource = { option = ['-o'] }",
        ),
        ("path", "path = { op = 'delete' }---decision = 'confirm'\nresource = { path = true }"),
    ]);
    let line = "git push origin -f -o ci";
    let found = findings(&rules, &call(line), line, &Machine::default());
    let flag = &found[0];
    assert_eq!((flag.span.slice(line), flag.resource.as_deref()), ("-f", Some("origin")));
    assert_eq!(flag.decision, Decision::Deny);
    let option = &found[1];
    assert_eq!(option.resource.as_deref(), Some("ci"));
    assert_eq!(option.span, Span::new(0, 100));
    let resource = |path| findings(&rules, &delete(path), "", &Machine::default())[0].resource.clone();
    assert_eq!(resource("../x/./*").as_deref(), Some("/home/dev/x/*"));
    assert_eq!(resource("$X/x"), None);
}

#[test]
fn settings_and_keeping() {
    let mut rules = rules(&[
        ("warn", "program = 'git'\nflag = '-f'---decision = 'warn'"),
        ("undo", "program = 'git'\nflag = '-f'---decision = 'warn'\nundo = 'files'"),
    ]);
    assert_eq!(found(&rules, &call("git $MANY")), [("undo".to_owned(), Maybe)]);
    assert_eq!(rules.decision("t.undo"), Some(Decision::Confirm));
    rules.set("t.undo", Setting::Off);
    rules.set("t.warn", Setting::Deny);
    assert_eq!(found(&rules, &call("git $MANY")), [("warn".to_owned(), Maybe)]);
    assert_eq!(rules.decision("t.none"), None);
}

#[test]
fn what_a_project_says_of_a_program_loosens_no_other_rule() {
    let mut set = rules(&[("x", "program = 'git'\nflag = '--force'")]);
    let text = "[pack]\nid = 'p'\ntitle = 'P'\n[[tool]]\nprogram = 'git'\nvalue_options = ['--tags']\n\
            [[rule]]\nid = 'p.y'\ntitle = 'does y'\nseverity = 'low'\ndecision = 'deny'\nwhy = 'Y.'\n\
            [rule.when]\nprogram = 'git'\nsubcommand = 'y'\n\
            [rule.examples]\nmatch = ['a', 'b']\npass = ['c', 'd']\n";
    let pack = Pack::parse(text, "p.toml").unwrap();
    set.add_project(CompiledPack::new(compile(&[pack])).unwrap());
    let found = |line: &str| found(&set, &call(line));
    assert_eq!(found("git --tags --force"), [("x".to_owned(), Yes)]);
    assert_eq!(found("git --tags --force y"), [("x".to_owned(), Yes), ("p.y".to_owned(), Yes)]);
}

/// Leaves and tables of them, in TOML.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("program = 'git'"),
        Just("program = ['rm', 'git']"),
        Just("program = 'g*'"),
        Just("flag = '-f'"),
        Just("subcommand = 'push'"),
        Just("program = 'git', subcommand = ['push x', 'x']"),
        Just("subcommand = ['p*', 'x']"),
        Just("subcommand = ['* push', '*']"),
        Just("subcommand = ['delete-* *']"),
        Just("arg = 'x'"),
        Just("arg = ['delete-*', '*x']"),
        Just("literal = '*x'"),
        Just("path = { class = 'inside' }"),
        Just("path = { op = ['overwrite', 'delete'] }"),
        Just("path = { op = 'modify' }"),
        Just("http = { host = '*.a.com' }"),
        Just("http = { host = ['b.com', '*'] }"),
        Just("http = { method = 'GET' }"),
        Just("place = 'local'"),
        Just("env = { name = 'E' }"),
        Just("git = { modified = true }"),
    ];
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let tables = || prop::collection::vec(inner.clone(), 1..4);
        let list = |inner: Vec<String>| inner.join(" }, { ");
        prop_oneof![
            tables().prop_map(move |inner| format!("any = [{{ {} }}]", list(inner))),
            tables().prop_map(move |inner| format!("all = [{{ {} }}]", list(inner))),
            inner.clone().prop_map(|inner| format!("not = {{ {inner} }}")),
        ]
    })
}

fn some_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        prop_oneof![
            Just("git"),
            Just("/bin/rm"),
            Just("ls"),
            Just("$X"),
            Just("g$X"),
            Just("$MANY"),
            Just("a b$X")
        ]
        .prop_flat_map(|program| {
            prop_oneof![
                Just("push -f"),
                Just("x"),
                Just("$MANY"),
                Just("-f $X"),
                Just("$X delete-y$X"),
                Just("$X x push")
            ]
            .prop_map(move |args| call(&format!("{program} {args}")))
        }),
        prop_oneof![Just("src"), Just("/"), Just("$X")].prop_map(delete),
        prop_oneof![Just("x.a.com"), Just("b.com"), Just("c.org"), Just("$X")]
            .prop_map(|host| request("GET", host, "/")),
    ]
}

proptest! {
    #[test]
    fn the_index_loses_no_rule(
        conditions in prop::collection::vec(condition(), 1..6),
        actions in prop::collection::vec(some_action(), 1..6),
    ) {
        let possible = |when: &String| {
            let text = rule_text("x", when, "decision = 'confirm'");
            Pack::parse(&format!("{PACK}{text}"), "t.toml").is_ok()
        };
        let named: Vec<(String, String)> = conditions
            .into_iter()
            .filter(possible)
            .enumerate()
            .map(|(number, when)| (format!("r{number}"), when))
            .collect();
        let named: Vec<(&str, &str)> = named.iter().map(|(n, w)| (n.as_str(), w.as_str())).collect();
        let rules = rules(&named);
        for action in &actions {
            let facts = Machine::default();
            prop_assert_eq!(
                findings(&rules, action, "", &facts),
                findings_of_all(&rules, action, &facts)
            );
        }
    }

    #[test]
    fn damaged_packs_are_refused(at in 0usize..4000, bit in 0u8..8, cut in 0usize..4000) {
        let pack = Pack::parse(&format!("{PACK}{}", rule_text("x", "program = 'git'", "decision = 'deny'")), "t.toml").unwrap();
        let bytes = compile(&[pack]);
        let mut flipped = bytes.clone();
        flipped[at % bytes.len()] ^= 1 << bit;
        prop_assert!(CompiledPack::new(flipped).is_err());
        prop_assert!(CompiledPack::new(bytes[..cut % bytes.len()].to_vec()).is_err());
    }
}
