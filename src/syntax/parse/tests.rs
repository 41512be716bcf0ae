#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::process::{Command as Process, Stdio};

use proptest::prelude::*;

use super::flat::{calls, text};
use super::parse;
use crate::syntax::{AssignedValue, Command, Dialect, Part, Proof, RedirectKind, Stmt, Word};

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

/// bash's own reading, printed back: the body of a function of `source`. Nothing of it runs.
fn bash_prints(source: &str) -> Option<String> {
    let script = format!("shopt -s extglob\nf() {{\n{source}\n:\n}}\ndeclare -f f\n");
    let run = |flags: &[&str]| {
        let mut child = Process::new("bash")
            .args(["--norc", "--noprofile"])
            .args(flags)
            .arg("-s")
            .env("PATH", "/nonexistent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(script.as_bytes()).ok()?;
        child.wait_with_output().ok().filter(|output| output.status.success())
    };
    run(&["-n"])?;
    String::from_utf8(run(&[])?.stdout).ok().filter(|text| text.starts_with("f () "))
}

/// Whether bash sees the calls that we see; `None` where bash refuses or is not there.
fn agrees_with_bash(source: &str) -> Option<bool> {
    let printed = bash_prints(source)?;
    let ours = parse(&format!("f() {{\n{source}\n:\n}}\n"), Dialect::Bash);
    let theirs = parse(&printed, Dialect::Bash);
    let sorted = |body: &[Stmt]| {
        let mut list = calls(body);
        list.sort();
        list
    };
    Some(ours.body.len() == 1 && theirs.proof == Proof::Proved && sorted(&ours.body) == sorted(&theirs.body))
}

/// What hides `rm` from one parser or another. Each is read for sure, or is said not to be; the
/// `rm` stands in the body in either case.
#[test]
fn hidden_commands_are_found() {
    let cases: [(&str, &str, bool); 66] = [
        ("two subshells", "( (rm x) )", true),
        ("two adjacent subshells", "((echo a); (rm b))", true),
        ("substitution of two subshells", "echo $((echo a); (rm b))", true),
        ("substitution behind a here-document", "cat <<A $(rm x)\nA\n", true),
        ("parameter behind a here-document", "cat <<A ${x:-$(rm x)}\nA\n", true),
        ("negated time", "! time rm x", true),
        ("time negated", "time ! rm x", true),
        ("arithmetic loop", "for ((i=$(rm x);;)); do :; done", true),
        ("case in a substitution", "x=$(case a in a) rm x;; esac)", true),
        ("select", "select i in a; do rm x; done", true),
        ("unclosed brace in a word", "echo {a && rm x", true),
        ("closed brace across", "echo {a && rm x; }", false),
        ("error in a substitution", "echo $(if; rm x)", false),
        ("unclosed substitution", "echo $(rm x", false),
        ("nested backticks", "echo `echo \\`rm x\\``", true),
        ("backticks three deep", "echo `echo \\`echo \\\\\\`rm x\\\\\\`\\``", true),
        ("second here-document", "cat <<A <<B\na\nA\n$(rm x)\nB\n", true),
        ("first of two here-documents", "cat <<A <<'B'\n$(rm x)\nA\nb\nB\n", true),
        ("operand nine deep", "echo ${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-$(rm x)}}}}}}}}}", true),
        ("function substitution", "echo ${ rm x; }", true),
        ("value substitution", "echo ${| rm x; }", true),
        ("function substitution over lines", "echo ${\nrm x\n}", true),
        ("legacy arithmetic", "echo $[ $(rm x) ]", true),
        ("arithmetic command", "(( x = $(rm x) ))", true),
        ("quoted in arithmetic", "echo $(( '$(rm x)' ))", false),
        ("quoted in an operand", "echo \"${x:-'$(rm x)'}\"", true),
        ("quoted in a subscript", "echo ${x['$(rm x)']}", false),
        ("escaped in a subscript", "x[\\$(rm x)]=1", false),
        ("assigned subscript", "x[$(rm x)]=1", true),
        ("array element", "x=(a $(rm x))", true),
        ("array key", "x=([$(rm x)]=a)", true),
        ("array over lines", "x=(\n a # )\n $(rm x)\n)", true),
        ("declared value", "export A=$(rm x)", true),
        ("declared array", "declare -a A=($(rm x))", true),
        ("here-string", "cat <<<$(rm x)", true),
        ("redirect target", "echo >$(rm x)", true),
        ("process substitution", "cat <(rm x)", true),
        ("output process substitution", "echo a > >(rm x)", true),
        ("process substitution in an operand", "echo ${x:-<(rm x)}", true),
        ("pattern of a case", "case $x in $(rm x)) ;; esac", true),
        ("subject of a case", "case $(rm x) in a) ;; esac", true),
        ("last arm of a case", "case x in a) ;; *) rm x; esac", true),
        ("test", "[[ $(rm x) == a ]]", true),
        ("regular expression", "[[ a =~ (b|$(rm x)) ]]", true),
        ("extended pattern", "ls @(a|$(rm x))", true),
        ("negated subshell or pattern", "!(rm x)", true),
        ("function body", "f() { rm x; }; f", true),
        ("function with a subshell", "f() (rm x)", true),
        ("function behind the keyword", "function f { rm x; }", true),
        ("coprocess", "coproc rm x", true),
        ("named coprocess", "coproc N { rm x; }", true),
        ("behind a comment", "echo a # b\nrm x", true),
        ("hash inside a word", "echo a#b; rm x", true),
        ("hash behind a parenthesis", "(echo a)#b\nrm x", true),
        ("comment in backticks", "echo `echo a # b` ; rm x", true),
        ("reserved word on two lines", "i\\\nf rm x; then :; fi", false),
        ("assignment on two lines", "A\\\n=b rm x", false),
        ("substitution on two lines", "echo $\\\n(rm x)", false),
        ("quoted substitution on two lines", "echo \"$\\\n(rm x)\"", false),
        ("delimiter that is not one", "cat <<A\n$(rm x)\n A\nA\n", true),
        ("body that goes on behind a backslash", "cat <<A\na\\\nA\n$(rm x)\nA\n", true),
        ("tabs before the delimiter", "cat <<-A\n\ta\n\tA\nrm x", true),
        ("delimiter in quotes", "cat <<'A B'\na\nA B\nrm x", true),
        ("unclosed quote", "echo 'a; rm x", false),
        ("unclosed double quote", "echo \"a; rm x", false),
        ("stray parenthesis", "echo a; ) rm x", false),
    ];
    for (name, source, expected) in cases {
        let script = parse(source, Dialect::Bash);
        assert_eq!(script.proof == Proof::Proved, expected, "{name}: {:?}", script.proof);
        let found = calls(&script.body);
        assert!(found.iter().any(|call| call.starts_with("rm␣x") || call.starts_with("rm␣b")), "{name}: {found:?}");
        if expected && !source.contains("${ ") && !source.contains("${|") && !source.contains("${\n") {
            assert_ne!(agrees_with_bash(source), Some(false), "{name}");
        }
    }
}

/// What no shell runs must not be found, or a message about `rm` would be held.
#[test]
fn text_is_not_taken_for_commands() {
    for source in [
        "git commit -m 'rm -rf /'",
        "git commit -m \"rm -rf / (really); rm x\"",
        "cat <<'E'\nrm -rf /\n$(rm x)\nE\n",
        "cat <<E\nrm -rf /\n\\$(rm x)\nE\n",
        "echo \\$\\(rm x\\)",
        "echo \"\\$(rm x)\" '`rm x`'",
        "# rm x\necho a # ; rm x",
        "echo $'\\'; rm x'",
        "awk '{ print; rm x }' f",
        "echo ${x#rm} ${x:-rm x}",
        "x='rm x' y=(rm x)",
        "case rm in rm) ;; esac",
    ] {
        let script = parse(source, Dialect::Bash);
        assert_eq!(script.proof, Proof::Proved, "{source}");
        assert!(!calls(&script.body).iter().any(|call| call.starts_with("rm")), "{source}");
    }
}

const EVERYDAY: [&str; 78] = [
    "ls -la",
    "cd /tmp && ls *.txt | head -5 || true",
    "git commit -m \"$(cat <<'EOF'\nfix: it's a (small) change\n\nCo-authored `by` $me\nEOF\n)\"",
    "gh pr create --title \"x\" --body \"$(cat <<'EOF'\n## Summary\n- a\n\n```sh\necho \"hi\"\n```\nEOF\n)\"",
    "python3 - <<'PY'\nimport os\nfor f in os.listdir('.'):\n    print(f\"{f}: 'x'\")\nPY",
    "cat > a.txt <<EOF\nhello $USER\n$(date)\nEOF\necho done",
    "cat <<-EOF | grep x\n\ta\n\tEOF\n",
    "for f in *.rs; do echo \"$f\"; done",
    "for i in $(seq 1 10); do curl -s \"http://localhost:$i/\" & done; wait",
    "for ((i=0; i<10; i++)); do echo $i; done",
    "while read -r line; do echo \"$line\"; done < file.txt",
    "while IFS= read -r -d '' f; do echo \"$f\"; done < <(find . -print0)",
    "if [ -f a ]; then cat a; elif [ -d a ]; then ls a; else echo none; fi",
    "if [[ $x =~ ^[0-9]+$ ]]; then echo number; fi",
    "if [[ \"$x\" =~ ^(a|b)\\.(c|d)$ && -n $y ]]; then echo; fi",
    "[[ -n \"$a\" && ( $b == c* || ! -e $d ) ]] && echo yes",
    "[[ $f == *.@(jpg|png) ]]",
    "case \"$1\" in start|stop) echo \"$1\";; -h|--help) usage;; *) exit 1;; esac",
    "case $x in\n  [0-9]*) echo n ;;\n  \"a b\") echo s ;&\n  ?) echo c ;;&\nesac",
    "find . \\( -name a -o -name b \\) -type f -print",
    "find . -name '*.py' -exec grep -l foo {} +",
    "find . -type f -exec sh -c 'echo \"$1\"' _ {} \\;",
    "awk -F: '{ print $1, ($2 > 3) ? \"x\" : \"y\" }' /etc/passwd",
    "sed -i 's/\\(a\\)/\\1b/g; s|x|y|' file",
    "grep -E '^(foo|bar)\\b' -r src | sort | uniq -c | sort -rn | head",
    "echo \"${x:-default}\" ${y:+set} ${#z} ${a%.*} ${b##*/} ${c/foo/bar} ${d//\\//_} ${e:1:3} ${f^^} ${g,,}",
    "echo \"${arr[@]}\" ${#arr[@]} ${!arr[@]} ${arr[0]} ${arr[-1]} ${arr[@]:1:2} ${map[$key]}",
    "echo ${!name} ${!prefix*} ${x@Q} \"${x@E}\"",
    "arr=(a \"b c\" $d); arr+=(e); arr[3]=f; declare -A m=([a]=1 [b]=\"2 3\")",
    "local x=1 y=\"$2\" z; readonly A=b; export PATH=\"$HOME/bin:$PATH\"",
    "x=$((a + b * (c - 1))); ((x++)); echo $((x << 2)) $(( x > 3 ? 1 : 0 ))",
    "echo {1..10} {a,b}{c,d} file.{js,ts}",
    "echo $'tab\\there' $\"hello\" 'it'\\''s'",
    "docker run --rm -v \"$(pwd)\":/app -w /app node:20 sh -c \"npm ci && npm test\"",
    "ssh host 'cd /srv && git pull && systemctl restart app'",
    "curl -X POST -H 'Content-Type: application/json' -d '{\"a\": \"b\"}' https://example.com",
    "curl -sSL https://example.com/install.sh | sh -s -- --yes",
    "kubectl get pods -o jsonpath='{.items[*].metadata.name}' | tr ' ' '\\n'",
    "jq -r '.[] | select(.a == \"b\") | .c' < in.json > out.json 2>/dev/null",
    "cmd 2>&1 | tee log.txt; exit ${PIPESTATUS[0]}",
    "cmd >out 2>err </dev/null &",
    "cmd &>all.log; cmd >& all.log; cmd 2>>err >>out; exec 3<>f 4>&-",
    "{ echo a; echo b; } > f",
    "( cd sub && make ) && echo ok",
    "diff <(sort a) <(sort b)",
    "tee >(gzip > a.gz) < a | wc -l",
    "grep x <<< \"$text\"",
    "f() { local a=$1; shift; \"$@\"; }; f echo hi",
    "function g { return 0; }",
    "function h() {\n  echo h\n} >&2",
    "trap 'rm -f \"$tmp\"' EXIT INT",
    "set -euo pipefail; IFS=$'\\n\\t'",
    "time make -j\"$(nproc)\"",
    "! grep -q x f && echo none",
    "until curl -sf localhost; do sleep 1; done",
    "test $# -eq 0 -o \"$1\" = \"-h\" && { usage; exit 1; }",
    "echo a; # comment with ' quote and $(\necho b",
    "long \\\n  --flag value \\\n  --other",
    "a |\n  b |\n  c &&\n  d",
    "echo \"nested $(echo \"inner $(echo \"deep ${x:-\"y\"}\")\")\"",
    "echo `date` `echo \\`whoami\\``",
    "echo \"a\\\"b\" \"c\\\\\" \"\\$d\" \"`e`\"",
    "VAR=value OTHER=\"x y\" cmd arg",
    "printf '%s\\n' \"${files[@]/#/prefix-}\"",
    "echo *.[ch] [!a]* ?.txt ~/x ~user/y a=b --opt=val",
    "node -e 'console.log(process.argv.map((x) => `${x}`).join(\",\"))' a b",
    "psql -c \"SELECT * FROM t WHERE a = 'b';\"",
    "npm run build -- --watch=false && echo \"exit: $?\"",
    "[ \"$a\" = b ] && [ ! -z \"$c\" ] || exit 1",
    "select opt in a b; do echo $opt; break; done",
    "coproc cat; mapfile -t lines < <(cmd); read -ra parts <<< \"$x\"",
    "echo \"$1 $@ $* $# $? $$ $! $- ${10} ${1:-x} $0\"",
    "if ! command -v jq >/dev/null 2>&1; then echo missing >&2; fi",
    "snap=$(command cat <&3); builtin unsetopt aliases 2>/dev/null; builtin unalias -m '*' 2>/dev/null || true; builtin export PWD=\"$(builtin pwd)\"; builtin eval \"$snap\" && { builtin set +u 2>/dev/null || true; builtin export PWD=\"$(builtin pwd)\"; builtin eval \"$1\" < /dev/null; }; COMMAND_EXIT_CODE=$?; dump_zsh_state >&4; builtin exit $COMMAND_EXIT_CODE",
    "source /home/u/.claude/shell-snapshots/snapshot-zsh-1.sh 2>/dev/null || true && setopt NO_EXTENDED_GLOB 2>/dev/null || true && eval 'ls -la' \\< /dev/null && pwd -P >| /tmp/claude-1a2b-cwd",
    "shopt -u promptvars nullglob extglob nocaseglob dotglob; { ls; }; __code=$?; pgrep -g 0 >/tmp/x 2>&1; exit $__code;",
    "exec </dev/null; cargo test 2>&1 | tail -20",
    "{ echo ___BEGIN___COMMAND_OUTPUT_MARKER___; ls; EC=$?; echo \"___DONE___$EC\"; }",
];

#[test]
fn everyday_lines_are_proved() {
    for source in EVERYDAY {
        for dialect in [Dialect::Bash, Dialect::Zsh] {
            // zsh has other words for some of these.
            if dialect == Dialect::Zsh && ["coproc cat", "${x@", "${f^^}"].iter().any(|own| source.contains(own)) {
                continue;
            }
            let script = parse(source, dialect);
            assert_eq!(script.proof, Proof::Proved, "{dialect:?}: {source}");
        }
        assert_ne!(agrees_with_bash(source), Some(false), "{source}");
    }
}

/// brush is another parser of bash: what it takes and we do not would be a false alarm.
#[test]
fn everyday_lines_are_taken_by_brush() {
    let options = brush_parser::ParserOptions::default();
    for source in EVERYDAY.into_iter().filter(|s| !s.contains("select ")) {
        let taken = brush_parser::Parser::new(source.as_bytes(), &options).parse_program();
        assert!(taken.is_ok(), "{source}: {taken:?}");
    }
}

#[test]
fn what_no_shell_takes_is_unprovable() {
    for source in [
        "echo 'a", "echo \"a", "echo `a", "echo $(a", "echo ${a", "(a", "{ a;", "if a; then b", "a)", "a; }", "fi",
        "for", "case a in", "a |", "a &&", "a (b)", "x=(a", "a ;; b", "[[ a", "then a", "cat <<", "echo >", "f() {",
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
    assert_eq!(words("echo $'a\\xff'")[1].parts, [Part::Bytes(vec![b'a', 0xff])]);
    assert_eq!(words("echo ''")[1].parts, [Part::Literal { text: String::new(), quoted: true }]);
    let escaped = &words("echo *\\*")[1].parts;
    assert!(matches!(escaped.as_slice(), [Part::Literal { quoted: false, .. }, Part::Literal { quoted: true, .. }]));
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
    assert_eq!(bodies("cat <<A <<\\B | c\na\nA\nb\nB\n"), [("a\n".to_owned(), false), ("b\n".to_owned(), false)]);
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
    assert!(found("[[ a && rm x ]]", Dialect::Posix).contains(&"rm␣x␣]]".to_owned()) || found("[[ a && rm x ]]", Dialect::Posix).contains(&"rm␣x".to_owned()));
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
    assert!(matches!(of("a && b || c").command, Command::Or(left, _) if matches!(left.command, Command::And(..))));
    let piped = of("a |& b");
    let Command::Pipeline(stages) = piped.command else { panic!() };
    assert_eq!(stages[0].redirects[0].fd, Some(2));
    assert!(of("a &").background);
    assert!(of("! a | b").negated);
    assert!(matches!(of("time -p a").command, Command::Time(Some(_))));
    let redirects: Vec<_> = of("a 2>b >&2 >&f <&- {x}>c &>>d").redirects.into_iter().map(|r| (r.fd, r.kind)).collect();
    assert!(matches!(&redirects[..], [
        (Some(2), RedirectKind::Write(_)),
        (Some(1), RedirectKind::Duplicate(_)),
        (Some(1), RedirectKind::Write(_)),
        (Some(0), RedirectKind::Duplicate(_)),
        (None, RedirectKind::Write(_)),
        (Some(1), RedirectKind::Append(_)),
    ]));
}

#[test]
fn size_and_depth_have_limits() {
    let small_stack = || {
        for opener in [
            "(", "((", "$(", "$((", "{ ", "`", "if ", "\"$(", "${x:-", "<(", "[[ ( ", "case x in a) ", "@(", "x=(", "while ",
            "! ", "time ", "f() ", "$[", "${x[", "`\\", "<<A ", "$(<<A\n", "coproc ", "${ ", "((a) ", "$((a) ", "!(",
        ] {
            drop(parse(&(opener.repeat(100_000) + "rm x"), Dialect::Bash));
            for dialect in DIALECTS {
                drop(parse(&opener.repeat(2_000), dialect));
            }
        }
        for (operator, expected) in [(" && ", true), (" || ", true), (" | ", true), ("; ", true), ("\n", true)] {
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
        "rm", "a", " ", " ", "\n", ";", "&&", "|", "||", "&", "(", ")", "{ ", "; }", "$(", "${x:-", "}", "'", "\"", "\\", "`",
        "$", "<<E\n", "\nE\n", "<<<", " >f", "<(", "if ", "; then ", "; fi", "case x in ", "a) ", ";; ", "esac",
        "for i in a; do ", "; done", "while ", "#", "((", "))", "[[ ", "]]", "=", "x=(", "!", "$((", "~", "*", "@(", "f() ",
        "time ", "${x[", "${x/", "/", "<<-'E'\n", "function g ", "\\\n", "$'", "=~", "|&", ";&", "{", "é", "\t", "${ ", "coproc ",
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
