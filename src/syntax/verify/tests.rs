//! A command taken from our tree is missed; everyday lines raise no doubt.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{hidden, is_plain};
use crate::syntax::{
    Arithmetic, AssignedValue, Assignment, Command, Dialect, Parameter, ParameterOp, Part, Proof,
    RedirectKind, Stmt, Word, parse,
};

/// Takes away the `left`-th simple command, counted down; what holds it stays.
fn take(list: &mut [Stmt], left: &mut isize) {
    for one in list {
        take_one(one, left);
    }
}

fn take_one(one: &mut Stmt, left: &mut isize) {
    if matches!(one.command, Command::Simple(_)) {
        *left -= 1;
        if *left == -1 {
            one.command = Command::Group(Vec::new());
            one.redirects.clear();
            return;
        }
    }
    for redirect in &mut one.redirects {
        match &mut redirect.kind {
            RedirectKind::Write(w)
            | RedirectKind::Append(w)
            | RedirectKind::Read(w)
            | RedirectKind::ReadWrite(w)
            | RedirectKind::Duplicate(w)
            | RedirectKind::Heredoc(w)
            | RedirectKind::HereString(w) => word(w, left),
        }
    }
    match &mut one.command {
        Command::Simple(simple) => {
            words(&mut simple.words, left);
            for one in &mut simple.assignments {
                assignment(one, left);
            }
            // These stand in the words as well, and there they count.
            simple.declared.clear();
        }
        Command::Pipeline(list) | Command::Group(list) | Command::Subshell(list) => {
            take(list, left);
        }
        Command::And(a, b) | Command::Or(a, b) => {
            take_one(a, left);
            take_one(b, left);
        }
        Command::If { branches, otherwise } => {
            for (condition, body) in branches {
                take(condition, left);
                take(body, left);
            }
            take(otherwise.as_deref_mut().unwrap_or_default(), left);
        }
        Command::While { condition, body } => {
            take(condition, left);
            take(body, left);
        }
        Command::For { words: list, body, .. } => {
            words(list.as_deref_mut().unwrap_or_default(), left);
            take(body, left);
        }
        Command::ArithmeticFor { expressions, body } => {
            expressions.iter_mut().for_each(|e| arithmetic(e, left));
            take(body, left);
        }
        Command::Case { subject, arms } => {
            word(subject, left);
            for arm in arms {
                words(&mut arm.patterns, left);
                take(&mut arm.body, left);
            }
        }
        Command::Test(list) => words(list, left),
        Command::Arithmetic(expression) => arithmetic(expression, left),
        Command::Function { body, .. } | Command::Coproc { body, .. } => take_one(body, left),
        Command::AnonymousFunction { body, args } => {
            take_one(body, left);
            words(args, left);
        }
        Command::Time(inner) => inner.iter_mut().for_each(|s| take_one(s, left)),
    }
}

fn assignment(one: &mut Assignment, left: &mut isize) {
    one.subscript.iter_mut().for_each(|w| word(w, left));
    match &mut one.value {
        AssignedValue::Scalar(w) => word(w, left),
        AssignedValue::Array(elements) => {
            for (key, value) in elements {
                key.iter_mut().for_each(|w| word(w, left));
                word(value, left);
            }
        }
    }
}

fn arithmetic(one: &mut Arithmetic, left: &mut isize) {
    word(&mut one.word, left);
}

fn words(list: &mut [Word], left: &mut isize) {
    list.iter_mut().for_each(|w| word(w, left));
}

fn word(one: &mut Word, left: &mut isize) {
    for part in &mut one.parts {
        match part {
            Part::Literal { .. } => {}
            Part::Parameter { expansion, .. } => parameter(expansion, left),
            Part::Command { body, .. } | Part::Process { body, .. } => take(body, left),
            Part::Arithmetic { expression, .. } => arithmetic(expression, left),
            Part::Unknown { words: list, .. } => words(list, left),
        }
    }
}

fn parameter(one: &mut Parameter, left: &mut isize) {
    one.subscript.iter_mut().for_each(|w| word(w, left));
    match &mut one.op {
        ParameterOp::Get
        | ParameterOp::Length
        | ParameterOp::Names
        | ParameterOp::Path(_)
        | ParameterOp::Case { .. }
        | ParameterOp::Transform(_) => {}
        ParameterOp::Default { word: w, .. }
        | ParameterOp::Assign { word: w, .. }
        | ParameterOp::Alternative { word: w, .. }
        | ParameterOp::Error { word: w, .. }
        | ParameterOp::StripPrefix { pattern: w, .. }
        | ParameterOp::StripSuffix { pattern: w, .. } => word(w, left),
        ParameterOp::Replace { pattern, replacement, .. } => {
            word(pattern, left);
            word(replacement, left);
        }
        ParameterOp::Slice { offset, length } => {
            arithmetic(offset, left);
            length.iter_mut().for_each(|e| arithmetic(e, left));
        }
    }
}

/// Whether each command is missed when it is taken away, in the order of the tree.
fn missed(source: &str, dialect: Dialect) -> Vec<bool> {
    let whole = parse(source, dialect);
    assert_eq!(whole.proof, Proof::Proved, "{source}");
    let mut out = Vec::new();
    loop {
        let mut body = whole.body.clone();
        let mut left = out.len() as isize;
        take(&mut body, &mut left);
        if left >= 0 {
            return out;
        }
        out.push(hidden(source, dialect, &body).is_some());
    }
}

#[test]
fn a_command_taken_away_is_missed() {
    for source in [
        "a; A=b; A=b c; >f; A=b exit 1; export A=b; ! time a | b && c || d &",
        "( (a) ); { b; }; (c && { d; })",
        "f() { a; }; function g { b; }; h() (c)",
        "if a; then b; elif c; then d; else e; fi; while a; do b; done; until a; do b; done",
        "for i in a $(b); do c; done; for ((i=$(a); i<$(b); i++)); do c; done",
        "select i in $(a); do b; done; case $(a) in $(b)|c) d;; *) e;& esac",
        "[[ $(a) == $(b) && -f $(c) || a =~ (b|$(d)) ]]; (( x = $(a) + $(b) ))",
        "echo $(a) `b; c` \"$(d) `e`\" $(( 1 + $(f) )) <(g) >(h)",
        "echo \"`a \\\"b; c\\\"; d`\" `echo \\`a; b\\`; c`",
        "echo ${x:-$(a)} ${x#$(b)} ${x/$(c)/$(d)} ${x:$(e):$(f)} ${!x:-$(g)} \"${x:-\"$(h)\"}\"",
        "x[$(a)]=b; x=(a $(b) [c]=$(d)); export A=$(a) B=\"$(b)\"; declare -a C=($(c))",
        "a >$(b) 2>\"$(c)\" <<<$(d)",
        "cat <<A; b\n$(c) ${x:-$(d)} `e`\nA\nf",
        "cat <<-A | b\n\t$(c)\n\tA\nd",
        "x=$(case a in a) b;; (c) d;; esac); e",
        "a | b |& c; coproc d; coproc N { e; }",
        "a # b\nc\\\n d; e",
        "ls @(a|$(b)); echo $(echo $(echo $(a)))",
    ] {
        for dialect in [Dialect::Bash, Dialect::Zsh] {
            if dialect == Dialect::Zsh
                && ["coproc N", "${!x", ";&", "[c]=", "=~"].iter().any(|own| source.contains(own))
            {
                continue;
            }
            let missed = missed(source, dialect);
            assert!(missed.iter().all(|one| *one), "{dialect:?}: {source}: {missed:?}");
        }
    }
}

#[test]
fn what_only_the_other_parser_gets_wrong_raises_no_doubt() {
    for source in [
        "long=$argv[(I)--]; rm x",
        "{ a } >! f; b",
        "shift $words[(i)${x:-$1}] words || a",
        "print -- *.(html|mbox)(N:t:r)",
    ] {
        assert_eq!(parse(source, Dialect::Zsh).proof, Proof::Proved, "{source}");
    }
    for source in ["x=\"`\\\\unset -f a; \\\\b -v java`\"", "!(rm x)", "a <<E # b\n$(c)\nE"] {
        assert_eq!(parse(source, Dialect::Bash).proof, Proof::Proved, "{source}");
    }
}

#[test]
fn it_has_no_opinion_where_the_other_parser_has_none() {
    let nested = "(".repeat(100_000);
    let chain = "a && ".repeat(3_000) + "a";
    let long = "a\n".repeat(super::LONGEST);
    let braces = "echo {\n".repeat(2_000);
    for source in ["echo $(", nested.as_str(), &chain, &long, &braces] {
        assert_eq!(hidden(source, Dialect::Bash, &[]), None);
    }
    assert!(hidden("a", Dialect::Bash, &[]).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_is_survived(source in "[ -~\\n\\t]{0,60}", noise in "\\PC{0,40}") {
        for text in [&source, &noise] {
            for dialect in [Dialect::Posix, Dialect::Bash, Dialect::Zsh] {
                if let Some(span) = hidden(text, dialect, &[]) {
                    prop_assert!(span.start <= text.len());
                }
            }
        }
    }
}

#[test]
fn only_one_line_of_words_is_plain() {
    for (source, plain) in [
        ("cargo test --workspace -- -q 2>&1 | tail -n 20", true),
        ("for f in *.txt; do wc -l \"$f\" && echo '$'; done", false),
        ("for f in *.txt; do wc -l \"$f\" && echo a >b; done &", true),
        ("echo `a`", false),
        ("echo $(a)", false),
        ("echo ${a}", false),
        ("echo \"$((1))\"", false),
        ("6>&-rm x", false),
        ("echo a >&2rm", false),
        ("a >&2; b 2>&1|c", true),
        ("cat <<E", false),
        ("a \\\nb", false),
        ("a\nb", false),
        ("{ a; }", false),
        ("a[$x]=b", false),
        ("echo é", false),
    ] {
        assert_eq!(is_plain(source, Dialect::Bash), plain, "{source}");
    }
    assert!(!is_plain("echo a", Dialect::Zsh));
}
