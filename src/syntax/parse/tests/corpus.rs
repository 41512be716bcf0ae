//! Tables of lines that hide commands, hold none, or are everyday work; bash and brush are asked too.

use std::io::Write as _;
use std::process::{Command as Process, Stdio};

use super::super::flat::calls;
use super::super::parse;
use crate::syntax::{Dialect, Proof, Stmt};

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
    let cases: [(&str, &str, bool); 68] = [
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
        ("behind a closed descriptor", "6>&-rm x", false),
        ("behind a name on two lines", "echo $x\\\ny; rm x", false),
        ("delimiter that is not one", "cat <<A\n$(rm x)\n A\nA\n", true),
        ("body that goes on behind a backslash", "cat <<A\na\\\nA\n$(rm x)\nA\n", false),
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
        assert!(
            found.iter().any(|call| call.starts_with("rm␣x") || call.starts_with("rm␣b")),
            "{name}: {found:?}"
        );
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
            if dialect == Dialect::Zsh
                && ["coproc cat", "${x@", "${f^^}"].iter().any(|own| source.contains(own))
            {
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
