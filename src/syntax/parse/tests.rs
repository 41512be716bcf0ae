//! Tests of `parse`.

#![allow(clippy::unwrap_used)]

mod corpus;
mod random;

use super::flat::{calls, text};
use super::parse;
use crate::syntax::{AssignedValue, Command, Dialect, Part, Proof, RedirectKind, Word};

const DIALECTS: [Dialect; 3] = [Dialect::Posix, Dialect::Bash, Dialect::Zsh];

fn proved(source: &str) -> bool {
    parse(source, Dialect::Bash).proof == Proof::Proved
}

/// The words of the only simple command.
fn words(source: &str) -> Vec<Word> {
    let script = parse(source, Dialect::Bash);
    assert_eq!(script.proof, Proof::Proved, "{source}");
    match &script.body[0].command {
        Command::Simple(simple) => simple.words.clone(),
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn what_no_shell_takes_is_unprovable() {
    for source in [
        "echo 'a",
        "echo \"a",
        "echo `a",
        "echo $(a",
        "echo ${a",
        "(a",
        "{ a;",
        "if a; then b",
        "a)",
        "a; }",
        "fi",
        "for",
        "case a in",
        "a |",
        "a &&",
        "a (b)",
        "x=(a",
        "a ;; b",
        "[[ a",
        "then a",
        "cat <<",
        "echo >",
        "f() {",
    ] {
        assert!(!proved(source), "{source}");
    }
}

#[test]
fn words_are_decoded() {
    for (source, expected) in [
        ("echo a\\ b", "a b"),
        ("echo 'a'\"b\"c\\d", "abcd"),
        ("echo \"a\\n\\\"\\$\\`\\\\\"", "a\\n\"$`\\"),
        ("echo $'a\\tb\\x41\\101\\u00e9\\'\\\\'", "a\tbAAé'\\"),
        ("echo $'r\\0x'm", "rm"),
        ("echo $'\\x72\\155'", "rm"),
        ("echo \"a\\\nb\"", "ab"),
        ("echo a\\\nb", "ab"),
        ("echo 'a\\\nb'", "a\\\nb"),
        ("echo a$", "a$"),
        ("echo \"é\"\\é", "éé"),
        ("echo a\\", "a\\"),
        ("echo $\"x\"", "x"),
    ] {
        assert_eq!(text(&words(source)[1]), expected, "{source}");
    }
    assert_eq!(
        words("echo $'a\\xff'")[1].parts,
        [Part::Literal { text: "a\u{10f7ff}".into(), quoted: true }]
    );
    assert_eq!(words("echo ''")[1].parts, [Part::Literal { text: String::new(), quoted: true }]);
    let escaped = &words("echo *\\*")[1].parts;
    assert!(matches!(
        escaped.as_slice(),
        [Part::Literal { quoted: false, .. }, Part::Literal { quoted: true, .. }]
    ));
}

#[test]
fn here_documents_have_their_bodies() {
    let bodies = |source: &str| -> Vec<(String, bool)> {
        let script = parse(source, Dialect::Bash);
        assert_eq!(script.proof, Proof::Proved, "{source}");
        let statement = match &script.body[0].command {
            Command::Pipeline(stages) => &stages[0],
            _ => &script.body[0],
        };
        statement
            .redirects
            .iter()
            .filter_map(|redirect| match &redirect.kind {
                RedirectKind::Heredoc(word) => Some((text(word), word.parts.len() > 1)),
                _ => None,
            })
            .collect()
    };
    assert_eq!(bodies("cat <<A\nx $y\nA\n"), [("x $\n".to_owned(), true)]);
    assert_eq!(bodies("cat <<'A'\nx $y\nA\n"), [("x $y\n".to_owned(), false)]);
    assert_eq!(bodies("cat <<-A\n\t\tx\n\tA\n"), [("x\n".to_owned(), false)]);
    assert_eq!(
        bodies("cat <<A <<\\B | c\na\nA\nb\nB\n"),
        [("a\n".to_owned(), false), ("b\n".to_owned(), false)]
    );
    assert_eq!(bodies("cat <<A\n\"q\" \\\" \\$x\nA"), [("\"q\" \\\" $x\n".to_owned(), false)]);
    assert_eq!(bodies("cat <<A\nx"), [("x".to_owned(), false)]);
}

#[test]
fn declarations_stand_twice_but_their_substitutions_once() {
    let script = parse("export A=b C \"D=$e\" F=$(rm x)", Dialect::Bash);
    let Command::Simple(simple) = &script.body[0].command else { panic!() };
    let names: Vec<_> = simple.declared.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["A", "F"]);
    assert!(matches!(&simple.declared[0].value, AssignedValue::Scalar(word) if text(word) == "b"));
    let texts: Vec<_> = simple.words.iter().map(text).collect();
    assert_eq!(texts, ["export", "A=b", "C", "D=$", "F=$"]);
    assert_eq!(calls(&script.body).iter().filter(|call| call.starts_with("rm")).count(), 1);
}

#[test]
fn dialects_differ() {
    let found = |source, dialect| calls(&parse(source, dialect).body);
    // dash has neither `[[` nor `((`: what stands in them runs.
    assert!(
        found("[[ a && rm x ]]", Dialect::Posix).contains(&"rm␣x␣]]".to_owned())
            || found("[[ a && rm x ]]", Dialect::Posix).contains(&"rm␣x".to_owned())
    );
    assert!(found("((rm x))", Dialect::Posix).contains(&"rm␣x".to_owned()));
    assert!(found("echo a &>f rm x", Dialect::Posix).iter().any(|call| call.contains("rm␣x")));
    assert!(parse("((i++)); x=$((1+2))", Dialect::Bash).proof == Proof::Proved);
    for source in [
        "repeat 3 { rm x }",
        "foreach i (a b) rm x; end",
        "() { rm x } a",
        "function { rm x }",
        "{ a } always { rm x }",
        "if [[ -n $a ]] { rm x } else { b }",
        "for a b in c d; do rm x; done",
        "for i (a b) rm x",
        "case $x in (a|b)*) rm x ;| esac",
        "print -l **/*(.om[1,3]) *.(c|h); rm x",
        "echo ${(f)\"$(rm x)\"} ${${x:-y}%z}",
        "diff =(a) =(rm x)",
        "a >! f; rm x &!",
        "f g () { rm x }",
        "[[ $a == (b|c)* ]] && rm x",
    ] {
        let script = parse(source, Dialect::Zsh);
        assert_eq!(script.proof, Proof::Proved, "{source}");
        assert!(calls(&script.body).iter().any(|call| call.starts_with("rm␣x")), "{source}");
    }
    let script = parse("echo *(e:'rm x':) ${(e)x}", Dialect::Zsh);
    let Command::Simple(simple) = &script.body[0].command else { panic!() };
    let code = |word: &Word| word.parts.iter().any(|part| matches!(part, Part::Unknown { code: true, .. }));
    assert!(code(&simple.words[1]) && code(&simple.words[2]));
}

#[test]
fn operators_shape_the_tree() {
    let of = |source: &str| parse(source, Dialect::Bash).body.remove(0);
    assert!(
        matches!(of("a && b || c").command, Command::Or(left, _) if matches!(left.command, Command::And(..)))
    );
    let piped = of("a |& b");
    let Command::Pipeline(stages) = piped.command else { panic!() };
    assert_eq!(stages[0].redirects[0].fd, Some(2));
    assert!(of("a &").background);
    assert!(of("! a | b").negated);
    assert!(matches!(of("time -p a").command, Command::Time(Some(_))));
    let redirects: Vec<_> =
        of("a 2>b >&2 >&f <&- {x}>c &>>d").redirects.into_iter().map(|r| (r.fd, r.kind)).collect();
    assert!(matches!(
        &redirects[..],
        [
            (Some(2), RedirectKind::Write(_)),
            (Some(1), RedirectKind::Duplicate(_)),
            (Some(1), RedirectKind::Write(_)),
            (Some(0), RedirectKind::Duplicate(_)),
            (None, RedirectKind::Write(_)),
            (Some(1), RedirectKind::Append(_)),
        ]
    ));
}

#[test]
fn size_and_depth_have_limits() {
    let small_stack = || {
        for opener in [
            "(",
            "((",
            "$(",
            "$((",
            "{ ",
            "`",
            "if ",
            "\"$(",
            "${x:-",
            "<(",
            "[[ ( ",
            "case x in a) ",
            "@(",
            "x=(",
            "while ",
            "! ",
            "time ",
            "f() ",
            "$[",
            "${x[",
            "`\\",
            "<<A ",
            "$(<<A\n",
            "coproc ",
            "${ ",
            "((a) ",
            "$((a) ",
            "!(",
        ] {
            drop(parse(&(opener.repeat(100_000) + "rm x"), Dialect::Bash));
            for dialect in DIALECTS {
                drop(parse(&opener.repeat(2_000), dialect));
            }
        }
        for (operator, expected) in
            [(" && ", true), (" || ", true), (" | ", true), ("; ", true), ("\n", true)]
        {
            let source = vec!["true"; 5_000].join(operator);
            let script = parse(&source, Dialect::Bash);
            assert_eq!(script.proof == Proof::Proved, expected, "{operator}");
            assert_eq!(calls(&script.body).len(), 5_000);
        }
        let turns = "a && b || ".repeat(2_000) + "rm x";
        assert!(calls(&parse(&turns, Dialect::Bash).body).contains(&"rm␣x".to_owned()));
        let lines = "if [ -e \"$f\" ]; then cp \"$f\" \"$(dirname \"$f\")/x\"; fi\n".repeat(20_000);
        assert!(proved(&lines));
        assert!(!proved(&"a\n".repeat(super::LONGEST)));
        assert!(calls(&parse("echo a\0b; rm x", Dialect::Bash).body).contains(&"rm␣x".to_owned()));
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(small_stack).unwrap().join().unwrap();
}
