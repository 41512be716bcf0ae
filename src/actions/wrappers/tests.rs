//! Tests of `wrappers`.

#![allow(clippy::unwrap_used)]

mod table;

use super::*;
use crate::actions::Language;

/// A call from a line; `$X` is a hole, `$X*` one that may be any number of words.
fn call(line: &str) -> Call {
    let mut words = shell_words::split(line).unwrap().into_iter().map(|word| match word.as_str() {
        "$X" => Text::hole("$X", Shape::Any),
        "$X*" => Text::hole("$X", Shape::Any).into_many(),
        _ => Text::known(word),
    });
    Call { program: words.next().unwrap(), args: words.collect(), ..Call::default() }
}

fn show(words: &[Text]) -> String {
    let shown: Vec<String> = words
        .iter()
        .map(|word| {
            let dots = if word.is_many() { "…" } else { "" };
            format!(
                "{}{dots}",
                word.display()
                    .replace("(an argument from ", "<")
                    .replace("(a path from ", "<")
                    .replace(')', ">")
            )
        })
        .collect();
    shown.join(" ")
}

/// One layer, one line each.
fn once(call: &Call) -> Vec<String> {
    enter(call, Dialect::Bash)
        .iter()
        .map(|entered| {
            let mut text = match &entered.inner {
                Inner::Call(call) => {
                    let env: String = call.env.iter().map(|(n, v)| format!("{n}={} ", v.display())).collect();
                    let words: Vec<Text> =
                        std::iter::once(&call.program).chain(&call.args).cloned().collect();
                    format!("{env}{}", show(&words))
                }
                Inner::Shell { source, same_shell, positional, .. } => {
                    let same = if *same_shell { "same " } else { "" };
                    let rest = positional
                        .get(1..)
                        .filter(|rest| !rest.is_empty())
                        .map(|r| format!(" [{}]", show(r)));
                    format!("{same}sh: {}{}", show(std::slice::from_ref(source)), rest.unwrap_or_default())
                }
                Inner::ShellFile { path, positional, .. } => {
                    format!("file: {} [{}]", path.display(), show(positional.get(1..).unwrap_or_default()))
                }
                Inner::Code { language, source, args } => {
                    format!("{}: {} [{}]", tongue(*language), source.display(), show(args))
                }
                Inner::CodeFile { language, path, args } => {
                    format!("{} file: {} [{}]", tongue(*language), path.display(), show(args))
                }
                Inner::Unknown(what) => format!("unknown: {what}"),
            };
            if entered.certainty != Match::Yes {
                text.insert_str(0, "maybe ");
            }
            match &entered.place {
                Some(Place::Remote(host)) => text.insert_str(0, &format!("@{host} ")),
                Some(Place::Container(name)) => text.insert_str(0, &format!("[{name}] ")),
                Some(Place::Privileged) => text.insert_str(0, "# "),
                _ => {}
            }
            if let Some(directory) = &entered.directory {
                text.push_str(&format!(" in {}", show(std::slice::from_ref(directory))));
            }
            text
        })
        .collect()
}

fn tongue(language: Language) -> &'static str {
    match language {
        Language::Python => "py",
        Language::JavaScript => "js",
        Language::Ruby => "rb",
        Language::Perl => "pl",
        Language::Php => "php",
        Language::Lua => "lua",
        Language::R => "r",
        Language::Julia => "julia",
        Language::Awk => "awk",
        Language::Tcl => "tcl",
        Language::Other => "code",
    }
}

fn check(table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = once(&call(line)).join(" | ");
        if found != *expected {
            wrong.push(format!("{line}\n   found {found}\n  wanted {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn shells() {
    check(&[
        ("bash -c 'rm x'", "sh: rm x"),
        ("bash -lc 'rm x' a b", "sh: rm x [b]"),
        ("bash -c -l 'rm x'", "sh: rm x"),
        ("bash -euxo pipefail -c 'rm x'", "sh: rm x"),
        ("bash -O extglob -c 'rm $1' -- y", "sh: rm $1 [y]"),
        ("bash +o posix --norc --rcfile f -c 'rm x'", "sh: rm x"),
        ("bash -co pipefail 'rm x'", "sh: rm x"),
        ("zsh -o extendedglob -ilc 'rm x'", "sh: rm x"),
        ("-bash -c 'rm x'", "sh: rm x"),
        ("sh -c -- 'rm x'", "sh: rm x"),
        ("bash script.sh a b", "file: script.sh [a b]"),
        ("bash -x -- script.sh", "file: script.sh []"),
        ("bash -n script.sh", ""),
        ("bash --version", ""),
        ("bash", "unknown: standard input of `bash`"),
        ("bash $X* -c 'rm x'", "maybe sh: rm x"),
        ("bash $X a", "file: $X [a]"),
        ("bash --init-file f -i", "file: f [] | unknown: standard input of `bash`"),
        ("fish -c 'rm x'", "unknown: source for `fish`, whose grammar is not read | maybe sh: rm x"),
        ("eval rm x '$y'", "same sh: rm x $y"),
        ("source f a", "file: f [a]"),
        (". f", "file: f []"),
        ("trap 'rm x' EXIT INT", "same sh: rm x"),
        ("trap -- 'rm x' EXIT", "same sh: rm x"),
        ("trap - EXIT", ""),
        ("trap '' INT", ""),
        ("trap -p", ""),
        ("mapfile -C 'rm x' -c 1 a", "same sh: rm x"),
        ("at -f f now", "maybe file: f []"),
        ("atq", ""),
        ("rm -rf x", ""),
        ("$X rm", ""),
    ]);
}

#[test]
fn interpreters() {
    check(&[
        ("python3 -c 'x()' a b", "py: x() [a b]"),
        ("python3.12 -Bc 'x()'", "py: x() []"),
        ("python -W ignore -X dev f.py a", "py file: f.py [a]"),
        ("python3 -m http.server", "py file: http/server/__main__.py [] | py file: http/server.py []"),
        ("python3 $X build", "py file: $X [build]"),
        ("python3 $X* -c x", "maybe py file: $X [-c x] | maybe py: x []"),
        ("python3", "unknown: standard input of `python3`"),
        ("python3 --version", ""),
        ("python3-config --libs", ""),
        ("node -e 'x()' a", "js: x() [a]"),
        ("node --eval='x()'", "js: x() []"),
        ("node -p 'x()'", "js: x() []"),
        ("node -pe 'x()'", "js: x() []"),
        ("node -r ./a.js b.js", "js file: ./a.js [] | js file: b.js []"),
        ("node --check b.js", ""),
        ("deno eval -T 'x()'", "js: x() []"),
        ("deno run -A --config c f.ts a", "js file: f.ts [a]"),
        ("deno task build", ""),
        ("bun -e 'x()'", "js: x() []"),
        ("bun run f.ts", "js file: f.ts []"),
        ("tsx watch f.ts", "js file: f.ts []"),
        ("ts-node -P p f.ts", "js file: f.ts []"),
        ("ruby -rfoo -e 'x' -e 'y'", "rb: x\ny []"),
        ("perl -i.bak -pe 's/a/b/' f", "pl: s/a/b/ [f]"),
        ("perl -lane 'x' f", "pl: x [f]"),
        ("perl -0777 -ne 'x' f", "pl: x [f]"),
        ("perl f.pl a", "pl file: f.pl [a]"),
        ("php -r 'x();'", "php: x(); []"),
        ("php artisan migrate:fresh", "php file: artisan [migrate:fresh]"),
        ("osascript -e x", "code: x []"),
    ]);
}

#[test]
fn standard_input_is_run() {
    let with = |line: &str, input: Input| once(&Call { input, ..call(line) }).join(" | ");
    let text = || Input::Text(Text::from("rm x").into());
    assert_eq!(with("bash", text()), "sh: rm x");
    assert_eq!(with("bash -s a b", text()), "sh: rm x [a b]");
    assert_eq!(with("sh -", text()), "sh: rm x");
    assert_eq!(with("bash /dev/stdin a", text()), "sh: rm x [a]");
    assert_eq!(with("source /dev/stdin", text()), "same sh: rm x");
    assert_eq!(with("bash", Input::File("f".into())), "file: f []");
    assert_eq!(with("bash", Input::Empty), "");
    assert_eq!(with("bash", Input::Unknown), "unknown: standard input of `bash`");
    assert_eq!(with("python3 - a", text()), "py: rm x [a]");
    assert_eq!(with("node", text()), "js: rm x []");
    assert_eq!(with("at now", text()), "maybe sh: rm x");
    assert_eq!(with("ssh host", text()), "@host sh");
    let inner = enter(&Call { input: text(), ..call("ssh host") }, Dialect::Bash);
    assert!(matches!(&inner[0].inner, Inner::Call(call) if call.input == text()));
}

#[test]
fn xargs_gives_what_it_reads() {
    let with = |line: &str, input: &str| {
        once(&Call { input: Input::Text(Text::from(input).into()), ..call(line) }).join(" | ")
    };
    assert_eq!(with("xargs rm -rf", "a 'b c'\nd\\ e\n"), "rm -rf a b c d e");
    assert_eq!(with("xargs -0 rm", "a b\0c\0"), "rm a b c");
    assert_eq!(with("xargs -n 2 rm", "a b c"), "rm a b | rm c");
    assert_eq!(with("xargs -I{} rm {}/x", "a b\nc\n"), "rm a b/x | rm c/x");
    assert_eq!(with("xargs -d , rm", "a,b"), "rm a b");
    assert_eq!(with("xargs -r rm", ""), "");
    assert_eq!(with("xargs", "a"), "");
    check(&[
        ("xargs -P4 -n1 rm -rf", "rm -rf <`xargs`>…"),
        ("xargs -0I % rm % %/y", "rm <`xargs`> <`xargs`>/y"),
        ("xargs -i rm {}", "rm <`xargs`>"),
        ("xargs -a list rm", "rm <`xargs`>…"),
        ("xargs sh -c 'rm $@' _", "sh -c rm $@ _ <`xargs`>…"),
        ("parallel rm {} ::: a b", "rm a | rm b"),
        ("parallel -j4 rm", "rm <`parallel`>"),
        ("parallel 'rm {}; ls' ::: a", "sh: rm \"$1\"; ls [a <`parallel`>]"),
        ("parallel ::: 'rm x' ls", "sh: rm x | sh: ls"),
    ]);
    let numbers = Input::Text(Text::hole("$(lsof -t)", Shape::Number).into_many().into());
    let entered = enter(&Call { input: numbers, ..call("xargs kill") }, Dialect::Bash);
    assert!(
        matches!(&entered[0].inner, Inner::Call(call) if call.args[0].holes().all(|h| h.shape == Shape::Number))
    );
}

#[test]
fn find_runs_on_what_it_finds() {
    check(&[
        ("find ./src -exec rm {} +", "rm ./src… ./src/<`find`>…"),
        ("find . -name '*.pyc' -exec rm {} ';'", "rm ./**/*.pyc | rm ./**/.*.pyc"),
        ("find . -type d -name dist -exec rm -rf {} +", "rm -rf ./**/dist…"),
        ("find ./dist -name dist -exec rm -rf {} +", "rm -rf ./dist… ./dist/**/dist…"),
        ("find . -path ./a -prune -o -name b -exec rm {} +", "rm ./**/b…"),
        ("find / -mindepth 1 -exec rm {} ';'", "rm /<`find`>"),
        ("find a b -type f -ok rm {} ';'", "rm a/<`find`> | rm b/<`find`>"),
        ("find a -type f -exec sh -c 'rm {}' ';'", "sh -c rm <`find`>"),
        ("find a -name x -execdir rm {} +", "rm ./x in a | rm ./x in a/<`find`>"),
        ("find . -empty -exec sh -c x ';'", "sh -c x"),
        ("find a -exec ls ';' -exec rm x ';'", "ls | rm x"),
        ("find a -delete", ""),
        ("fd -e log -x rm", "rm ./**/*.log | rm ./**/.*.log"),
        ("fd x -X rm {} ';' -H", "rm <`fd`>…"),
    ]);
}

#[test]
fn spans_follow_their_words() {
    let mut outer = call("sudo -u x sh -c 'rm y'");
    outer.arg_spans =
        vec![Span::new(5, 7), Span::new(8, 9), Span::new(10, 12), Span::new(13, 15), Span::new(16, 22)];
    let entered = enter(&outer, Dialect::Bash);
    let Inner::Call(inner) = &entered[0].inner else { panic!("{entered:?}") };
    assert_eq!(inner.arg_spans, [Span::new(13, 15), Span::new(16, 22)]);
    let entered = enter(inner, Dialect::Bash);
    assert!(matches!(entered[0].inner, Inner::Shell { span: Some(Span { start: 16, end: 22 }), .. }));
}

#[test]
fn what_a_wrapper_sets_overrides_what_it_was_given() {
    let mut outer = call("env A=2 B=3 rm");
    outer.env = vec![("A".into(), "1".into()), ("C".into(), "4".into())];
    let entered = enter(&outer, Dialect::Bash);
    let Inner::Call(inner) = &entered[0].inner else { panic!("{entered:?}") };
    let env: Vec<String> = inner.env.iter().map(|(n, v)| format!("{n}={}", v.display())).collect();
    assert_eq!(env, ["A=2", "B=3", "C=4"]);
}

proptest::proptest! {
    /// Whatever the words are, they are entered without a panic, and each layer is a shorter call.
    #[test]
    fn any_words_are_entered(words in proptest::collection::vec(proptest::sample::select(TOKENS.split(' ').collect::<Vec<_>>()), 1..12)) {
        let mut layers = vec![call(&words.join(" "))];
        for _ in 0..6 {
            let entered: Vec<Entered> = layers.iter().flat_map(|call| enter(call, Dialect::Bash)).collect();
            layers = entered.into_iter().filter_map(|entered| match entered.inner {
                Inner::Call(call) => Some(call),
                _ => None,
            }).take(64).collect();
        }
    }
}

const TOKENS: &str = "sudo env xargs find git ssh docker run exec compose bash python3 node tmux send-keys \
    screen parallel ::: fd npx yarn su script timeout flock nix develop kubectl trap source \
    eval mapfile at perl deno bun gdb -c -u -x -X -exec -execdir -- - --args -S -I{} {} + \\; \
    -i -n -p 10 A=b --x=y -\u{e9}b @a/b@1 rm $X $X* '' -o -oProxyCommand=x alias.rm=!x -f -la \
    stuff \u{e9} --command";
