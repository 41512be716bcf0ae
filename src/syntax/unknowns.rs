//! What is left of words that are not known, and what the shell's memory makes of branches.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::oracle::{Tiny, nowhere};
use super::word::expand;
use super::{Command, Dialect, Scope, Script, Word, parse};
use crate::model::{Piece, Shape, Text};

fn word(source: &str, dialect: Dialect) -> Word {
    let script: Script = parse(&format!("printf {source}"), dialect);
    match &script.body[0].command {
        Command::Simple(simple) => simple.words[1].clone(),
        other => panic!("{other:?}"),
    }
}

/// `known`, `[glob]`, `{label Shape}`, and `…` behind what may be many.
fn show(text: &Text) -> String {
    let mut out = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) => out.push_str(known),
            Piece::Glob(glob) => out.push_str(&format!("[{glob}]")),
            Piece::Hole(hole) => out.push_str(&format!("{{{} {:?}}}", hole.label, hole.shape)),
        }
    }
    if text.is_many() {
        out.push('…');
    }
    out
}

fn run(state: &str, scope: &mut Scope<'_>) {
    let script = parse(state, scope.dialect());
    Tiny { printed: String::new() }.body(&script.body, scope);
}

fn shown(state: &str, source: &str, dialect: Dialect, startup: bool) -> String {
    let facts = nowhere(&[("HOME", "/root"), ("SET", "s")], startup);
    let mut scope = Scope::new(&facts, vec!["sh".into()], dialect);
    for (name, shape) in
        [("ANY", Shape::Any), ("NAME", Shape::Name), ("NUM", Shape::Number), ("TMP", Shape::Temporary)]
    {
        scope.set(name, Text::hole(format!("${name}"), shape));
    }
    scope.forget("GONE");
    run(state, &mut scope);
    let mut tiny = Tiny { printed: String::new() };
    let texts = expand(&word(source, dialect), &mut scope, &mut tiny);
    texts.iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_unknown_stays_a_hole() {
    let cases = [
        ("", "$ANY", "{$ANY Any}…"),
        ("", "\"$ANY\"", "{$ANY Any}"),
        ("", "$NAME$NUM", "{$NAME Name}{$NUM Number}"),
        ("", "\"$TMP\"/x", "{$TMP Temporary}/x"),
        ("", "pre$ANY/x", "pre{$ANY Any}/x…"),
        ("x=a$ANY/b", "\"$x\"", "a{$ANY Any}/b"),
        ("x=\"-rf $ANY\"", "$x", "-rf {$ANY Any}…"),
        ("", "$$ $?", "{$$ Number}"),
        ("", "$RANDOM", "{$RANDOM Number}"),
        ("", "${ANY:-x}", "{${ANY:-…} Any}…"),
        ("", "${NAME:-x}", "{$NAME Name}"),
        ("", "${ANY-x}", "{$ANY Any}…"),
        ("", "${GONE-x}", "{${GONE-…} Any}…"),
        ("", "${GONE:+-v}", "-v…"),
        ("", "\"${GONE:+-v}\"", "{${GONE:+…} Any}"),
        ("", "\"${UNSET:?no}/x\"", "{${UNSET:?…} Name}/x"),
        ("", "\"${ANY:?no}/x\"", "{$ANY Any}/x"),
        ("", "\"${GONE[@]}\"", "{${GONE[@]} Any}…"),
        ("", "\"${GONE[0]}\"", "{${GONE[…]} Any}"),
        ("", "${#ANY}", "{${#ANY} Number}"),
        ("", "$((NUM + 1))", "{$((…)) Number}"),
        ("x=$ANY/a/b.txt", "\"${x##*/}\"", "b.txt"),
        ("x=$ANY/a/b.txt", "\"${x%.txt}\"", "{$ANY Any}/a/b"),
        ("x=/a/b$ANY", "\"${x#/}\"", "a/b{$ANY Any}"),
        ("x=/a/b$ANY", "\"${x%/*}\"", "{${x%…} Any}"),
        ("x=$ANY", "\"${x/a/b}\"", "{${x/…} Any}"),
        ("", "~nobody/x", "{~nobody Directory}/x"),
        ("set -- a", "\"$1\"$2", "a"),
        ("a=($ANY b)", "\"${a[@]}\"", "{$ANY Any}… b"),
        ("a=($ANY b)", "\"${a[1]}\"", "{${a[…]} Any}"),
        ("a=($ANY b)", "${#a[@]}", "{${#a[…]} Number}"),
        ("a=(x b); a[$ANY]=q", "\"${a[0]}\"", "{${a[…]} Any}"),
        ("((SET=ANY+1))", "$SET", "{$SET Any}…"),
        ("((x=5, y=ANY))", "$x", "{$x Any}…"),
        ("IFS=$ANY; x=ab", "$x", "{ab Any}…"),
        ("declare -i n; n=$ANY", "$n", "{$n Number}"),
        ("declare -n r=$ANY; r=5", "$SET", "s"),
        ("cd $ANY", "\"$PWD\"/x", "{$ANY Directory}/x"),
        ("cd /tmp/$NAME", "$PWD", "/tmp/{$NAME Name}"),
        ("cd $TMP", "$PWD/a", "{$TMP Temporary}/a"),
        ("declare -n r=$ANY; x=1; r=5", "$x", "{$x Any}…"),
    ];
    for (state, source, expected) in cases {
        assert_eq!(shown(state, source, Dialect::Bash, false), expected, "{state} {source}");
    }
}

#[test]
fn startup_files_may_set_what_is_not_set() {
    let cases = [
        ("$SET", "s"),
        ("$UNSET", "{$UNSET Any}…"),
        ("\"$UNSET/\"", "{$UNSET Any}/"),
        ("${UNSET:-x}", "{${UNSET:-…} Any}…"),
        ("$HOME", "/root"),
        ("$1", ""),
    ];
    for (source, expected) in cases {
        assert_eq!(shown("", source, Dialect::Bash, true), expected, "{source}");
    }
}

#[test]
fn patterns_stay_patterns() {
    let cases = [
        ("", "*.txt", "[*].txt"),
        ("", "a**/?b", "a[**]/[?]b"),
        ("", "[a-c]x", "[[a-c]]x"),
        ("", "[ab", "[ab"),
        ("", "[a/b]", "[a/b]"),
        ("", "'*'x\\?", "*x?"),
        ("", "[!\"*\"]*", "[[!\\*]*]"),
        ("x='*'", "$x \"$x\"", "[*]"),
        ("x=*", "\"$x\"/", "*/"),
        ("a=(*.log)", "\"${a[@]}\"", "[*].log"),
        ("for f in *.log; do x=$f; done", "\"$x\"", "[*].log"),
        ("for f in *.log; do x=${f%.log}.gz; done", "\"$x\"", "[*].gz"),
        ("", "{*,b}c", "[*]c bc"),
        ("", "~/*", "/root/[*]"),
        ("", "*\"$ANY\"", "[*]{$ANY Any}"),
        ("", "[$ANY]", "{[$ANY] Any}…"),
    ];
    for (state, source, expected) in cases {
        let source = source.split(' ').next().unwrap();
        assert_eq!(shown(state, source, Dialect::Bash, false), expected, "{state} {source}");
    }
}

#[test]
fn zsh_and_sh_differ() {
    let zsh = [
        ("x='a b'", "$x", "a b"),
        ("x='*'", "$x", "*"),
        ("x=", "$x", ""),
        ("a=(x '' 'y z')", "$a", "x y z"),
        ("a=(x y z)", "${a[1]}", "x"),
        ("a=(x y z)", "${a[-1]}", "z"),
        ("a=(x y z)", "\"$a\"", "x y z"),
        ("", "$(echo a b)", "a b"),
        ("", "=rm", "/usr/bin/rm"),
        ("", "$((010))", "10"),
    ];
    for (state, source, expected) in zsh {
        assert_eq!(shown(state, source, Dialect::Zsh, false), expected, "{state} {source}");
    }
    assert_eq!(shown("", "{a,b}", Dialect::Posix, false), "{a,b}");
}

#[test]
fn a_branch_leaves_what_both_agree_on() {
    let facts = nowhere(&[], false);
    let scope = Scope::new(&facts, vec![], Dialect::Bash);
    let (mut a, mut b) = (scope.clone(), scope.clone());
    run("same=1; d=build; e=/opt/a; only=1; l=(a b); cd /usr", &mut a);
    run("same=1; d=dist; e=/opt/b; l=(a c); set -- x", &mut b);
    let joined = Scope::join(&a, &b);
    let get = |name: &str| joined.get(name).map(|text| show(&text));
    assert_eq!(get("same").as_deref(), Some("1"));
    assert_eq!(get("d").as_deref(), Some("{$d Name}"));
    assert_eq!(get("e").as_deref(), Some("/opt/{$e Name}"));
    assert_eq!(get("only").as_deref(), Some("{$only Any}"));
    assert_eq!(get("l").as_deref(), Some("{$l Any}"));
    assert_eq!(show(joined.directory()), "{$PWD Directory}");
    assert_eq!(show(&joined.positional()[0]), "{$@ Any}…");
}

#[test]
fn a_function_that_one_branch_defines_may_be_none() {
    let facts = nowhere(&[], false);
    let scope = Scope::new(&facts, vec![], Dialect::Bash);
    let body = |text: &str| Rc::new(parse(text, Dialect::Bash).body.remove(0));
    let (mut a, mut b) = (scope.clone(), scope.clone());
    a.define("f", body(":"));
    assert!(a.function("f").unwrap().certain);
    assert!(!Scope::join(&a, &b).function("f").unwrap().certain);
    b.define("f", body("true"));
    let both = Scope::join(&a, &b).function("f").unwrap();
    assert_eq!((both.bodies.len(), both.certain, both.complete), (2, true, true));
    b.doubt("f");
    b.doubt("g");
    assert!(!b.function("f").unwrap().certain && b.function("g").is_none());
}

#[test]
fn forgetting_saving_and_exporting() {
    let facts = nowhere(&[("PATH", "/bin")], false);
    let mut scope = Scope::new(&facts, vec![], Dialect::Bash);
    run("x=1; PATH=/usr/bin; y=2", &mut scope);
    scope.export("x");
    let exported: Vec<String> = scope.exported().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(exported, ["PATH", "x"]);
    let saved = scope.save("y");
    scope.forget("y");
    assert!(scope.get("y").unwrap().has_hole());
    scope.restore(saved);
    assert_eq!(scope.get("y").unwrap().as_known(), Some("2"));
    assert_eq!(scope.get("z"), None);
    scope.forget_all();
    assert!(scope.get("y").unwrap().has_hole() && scope.get("z").unwrap().has_hole());
}

#[test]
fn nothing_grows_or_takes_without_bound() {
    let start = Instant::now();
    for first in ["x=ab; ", "x=$ANY; "] {
        let doubling = first.to_owned() + &"x=$x$x; ".repeat(60);
        let left = shown(&doubling, "\"$x\"", Dialect::Bash, false);
        assert!(left.contains("{… Any}") && left.len() < 1 << 20, "{}", left.len());
    }
    let lists = "a=(x); ".to_owned() + &"a=(\"${a[@]}\" \"${a[@]}\"); ".repeat(60);
    assert!(shown(&lists, "\"${a[@]}\"", Dialect::Bash, false).contains("${a[@]} Any"));
    let positional = "set -- a; ".to_owned() + &"set -- \"$@\" \"$@\"; ".repeat(60);
    let left = shown(&positional, "\"$@\"", Dialect::Bash, false);
    assert!(left.contains("{$@ Any}…") && left.len() < 1 << 20, "{}", left.len());
    let arithmetic = (0..60).map(|i| format!("v{i}=v{}+v{}; ", i + 1, i + 1));
    let arithmetic = arithmetic.collect::<String>() + "v60=1";
    assert_eq!(shown(&arithmetic, "$((v0))", Dialect::Bash, false), "{$((…)) Number}");
    assert_eq!(shown("x=x", "$((x))", Dialect::Bash, false), "{$((…)) Number}");
    let replace = format!("x={}; ", "a".repeat(100_000));
    assert_eq!(shown(&replace, "${x//*b/c}", Dialect::Bash, false), "{${x//…} Any}…");
    let used = format!("x={}; {}", "a".repeat(100_000), ": $x; ".repeat(5_000));
    shown(&used, "$x", Dialect::Bash, false);
    let braces = ": {1..4096}; ".repeat(2_000);
    shown(&braces, "x", Dialect::Bash, false);
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}
