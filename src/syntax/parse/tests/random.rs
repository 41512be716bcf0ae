//! Generated sources.

use proptest::prelude::*;

use super::super::flat::calls;
use super::super::parse;
use super::DIALECTS;
use crate::syntax::{Dialect, Proof};

/// A structured generator: every `rm` it writes at a command's place must be found.
fn command(depth: u32) -> BoxedStrategy<(String, usize)> {
    let leaf = prop_oneof![
        Just(("rm x".to_owned(), 1)),
        Just(("echo 'rm x' \"rm x\" rm".to_owned(), 0)),
        Just(("A=b rm x >f 2>&1".to_owned(), 1)),
        Just(("cat <<'E'\nrm x\nE\n:".to_owned(), 0)),
    ];
    leaf.prop_recursive(depth, 24, 2, |inner| {
        let one = inner.clone().prop_flat_map(|(source, count)| {
            let wraps = [
                format!("({source}\n)"),
                format!("{{ {source}\n}}"),
                format!("echo $({source}\n)"),
                format!("echo \"a $({source}\n) b\""),
                format!("if {source}\nthen :; fi"),
                format!("while :; do {source}\ndone"),
                format!("case x in a|b) {source}\n;; esac"),
                format!("for i in a b; do {source}\ndone >f"),
                format!("f() {{ {source}\n}}"),
                format!("cat <({source}\n)"),
                format!("echo ${{x:-$({source}\n)}}"),
                format!("x=(a $({source}\n) b)"),
                format!("time {source}"),
                format!("! {source}"),
                format!("[[ -n $({source}\n) ]]"),
                format!("echo $(( 1 + $({source}\n) ))"),
            ];
            (0..wraps.len()).prop_map(move |index| (wraps[index].clone(), count))
        });
        let two = (inner.clone(), inner, 0..4usize).prop_map(|((a, m), (b, n), index)| {
            (format!("{a}{}{b}", ["\n", "; ", " &&\n", " | "][index]), m + n)
        });
        prop_oneof![2 => one, 1 => two]
    })
    .boxed()
}

fn soup() -> impl Strategy<Value = String> {
    let tokens = [
        "rm",
        "a",
        " ",
        " ",
        "\n",
        ";",
        "&&",
        "|",
        "||",
        "&",
        "(",
        ")",
        "{ ",
        "; }",
        "$(",
        "${x:-",
        "}",
        "'",
        "\"",
        "\\",
        "`",
        "$",
        "<<E\n",
        "\nE\n",
        "<<<",
        " >f",
        "<(",
        "if ",
        "; then ",
        "; fi",
        "case x in ",
        "a) ",
        ";; ",
        "esac",
        "for i in a; do ",
        "; done",
        "while ",
        "#",
        "((",
        "))",
        "[[ ",
        "]]",
        "=",
        "x=(",
        "!",
        "$((",
        "~",
        "*",
        "@(",
        "f() ",
        "time ",
        "${x[",
        "${x/",
        "/",
        "<<-'E'\n",
        "function g ",
        "\\\n",
        "$'",
        "=~",
        "|&",
        ";&",
        "{",
        "é",
        "\t",
        "${ ",
        "coproc ",
    ];
    prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..24).prop_map(|list| list.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_commands_are_all_found((source, expected) in command(4)) {
        let script = parse(&source, Dialect::Bash);
        prop_assert_eq!(&script.proof, &Proof::Proved, "{}", source);
        let found = calls(&script.body).iter().filter(|call| call.starts_with("rm")).count();
        prop_assert_eq!(found, expected, "{}", source);
    }

    #[test]
    fn cut_sources_lose_no_command((source, _) in command(3), cut in 0usize..200) {
        // Whatever stood complete before the cut is still found, in whatever form.
        let cut = cut.min(source.len());
        let script = parse(&source[..cut], Dialect::Bash);
        if script.proof != Proof::Proved && source[..cut].starts_with("rm x") {
            prop_assert!(calls(&script.body).iter().any(|call| call.starts_with("rm")));
        }
    }

    #[test]
    fn anything_is_survived(source in soup(), noise in "\\PC{0,40}") {
        for dialect in DIALECTS {
            for source in [&source, &noise] {
                let script = parse(source, dialect);
                for statement in &script.body {
                    prop_assert!(source.get(statement.span.start..statement.span.end).is_some(), "{source:?}");
                }
            }
        }
    }
}
