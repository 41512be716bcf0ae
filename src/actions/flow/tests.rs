//! Tests of `flow`.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use super::*;
use crate::model::GitFacts;
use crate::model::machine::Machine;

/// A machine with one file and one program.
fn machine() -> Machine {
    Machine {
        directory: "/d",
        files: &[("/d/f", "rm x\n")],
        programs: &["tool"],
        git: Some(GitFacts { root: "/d".to_owned(), ..GitFacts::default() }),
        ..Machine::default()
    }
}

fn hole(shape: Shape) -> Text {
    Text::hole("$X", shape)
}

/// A call from a line, in which `$X` is anything, `$N` a name and `$I` a number.
fn call(line: &str, input: Input) -> Call {
    let mut words = shell_words::split(line).unwrap().into_iter().map(|word| match word.as_str() {
        "$X" => hole(Shape::Any),
        "$X*" => hole(Shape::Any).into_many(),
        "$N" => hole(Shape::Name),
        "$I" => hole(Shape::Number),
        _ => Text::known(word),
    });
    Call { program: words.next().unwrap(), args: words.collect(), input, ..Call::default() }
}

fn run(line: &str, input: Input) -> Option<Text> {
    output(&call(line, input), &machine(), &Text::known("/d"))
}

/// Known text as it is, holes as `<shape>`.
fn show(text: Option<Text>) -> String {
    let Some(text) = text else {
        return "?".to_owned();
    };
    let mut out = String::new();
    for piece in text.pieces() {
        match piece {
            crate::model::Piece::Known(text) | crate::model::Piece::Glob(text) => out.push_str(text),
            crate::model::Piece::Hole(hole) => out.push_str(&format!("<{:?}>", hole.shape)),
        }
    }
    if text.is_many() {
        out.push('…');
    }
    out
}

#[test]
fn known_output_is_what_the_tools_print() {
    let table: &[(&str, &str)] = &[
        ("echo a  b", ""),
        ("echo -n a b", ""),
        ("echo -ne 'a\\tb\\n'", ""),
        ("echo -e 'r\\x6d \\0162\\155 \\u0072\\cmore' x", ""),
        ("echo -e 'a\\qb\\'", ""),
        ("echo -E 'a\\tb'", ""),
        ("echo - -x -- -nx", ""),
        ("echo -en '\\e[31m'", ""),
        ("echo", ""),
        ("printf 'rm %s\\n' a b c", ""),
        ("printf '%s-%s|' a b c", ""),
        ("printf '%d %5d|%-5d|%05d %+d %i\\n' 1 2 3 4 5 0x1f", ""),
        ("printf '%x %X %#x %o %#o %u\\n' 255 255 255 8 8 7", ""),
        ("printf '%c%c' rm x", ""),
        ("printf '%5s|%-5s|%.2s|%*s\\n' ab cd efgh 4 x", ""),
        ("printf '%b|%b' 'a\\tb\\x41\\101\\0101' 'x\\cy' z", ""),
        ("printf '\\162\\155 \\x2d\\x72 %%\\n'", ""),
        ("printf '%q %q' 'a b' \"it's;\"", ""),
        ("printf '%s' -- x", ""),
        ("printf -- '-%s-' x", ""),
        ("printf '%d' \"'A\"", ""),
        ("printf '%08.3d|%-8x|% d' 5 17 3", ""),
        ("printf x", ""),
        ("tr a-z n-za-m", "ez -es /\n"),
        ("tr A-Za-z N-ZA-Mn-za-m", "Ez -es /\n"),
        ("tr '[:upper:]' '[:lower:]'", "RM -RF\n"),
        ("tr -d '\\n x'", "r m x\nx"),
        ("tr -s ' '", "a   b  c\n"),
        ("tr -s a-z x", "abc123\n"),
        ("tr -cd '[:alnum:]'", "r-m!2\n"),
        ("tr -c 'a-z\\n' _", "a1b2\n"),
        ("tr -ds 0-9 a", "a1a2b\n"),
        ("tr '\\072' '[x*]'", "a:b:c"),
        ("tr abc x", "aabbcc\n"),
        ("tr -t abc x", "aabbcc\n"),
        ("rev", "abc\nfed\n"),
        ("rev", "x/ mr"),
        ("tac", "a\nb\nc\n"),
        ("tac", "a\nb"),
        ("head -n 2", "a\nb\nc\n"),
        ("head -1", "a\nb\n"),
        ("head -n -1", "a\nb\nc\n"),
        ("head -c 3", "abcdef"),
        ("head -c-2", "abcdef"),
        ("head", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"),
        ("tail -n 2", "a\nb\nc\n"),
        ("tail -n +2", "a\nb\nc\n"),
        ("tail -c 3", "abcdef"),
        ("tail -c +3", "abcdef"),
        ("tail -2", "a\nb\nc"),
        ("cut -c1-3,5", "abcdef\nxy\n"),
        ("cut -c 3-", "abcdef"),
        ("cut -d: -f2", "a:b:c\nplain\n"),
        ("cut -d : -f 1,3- -s", "a:b:c:d\nplain\n"),
        ("cut -d, -f2,1 --output-delimiter=-", "a,b,c\n"),
        ("cut -b -2", "abc\n"),
        ("cut -f2", "a\tb\n"),
        ("sort", "b\na\nc"),
        ("sort -ru", "b\na\nb\n"),
        ("sort -n", "10\n9\n"),
        ("uniq", "a\na\nb\na\n"),
        ("seq 3", ""),
        ("seq 2 2 7", ""),
        ("seq -s, 3", ""),
        ("seq 3 -1 1", ""),
        ("seq 3 1", ""),
        ("base64", "rm -rf / rm -rf / rm -rf / rm -rf / rm -rf / rm -rf / rm -rf /\n"),
        ("base64 -w0", "rm -rf /"),
        ("base64 -w 8", "rm -rf /"),
        ("base64 -d", "cm0gLXJm\nIC8K\n"),
        ("base64 --decode -i", "cm0!gLXJm"),
        ("base32", "rm -rf /"),
        ("base32 -d", "OJWSALLSMYQC6==="),
        ("basenc --base16", "rm"),
        ("basenc -d --base64url", "cm0gLXJm"),
        ("xxd -p", "rm -rf /\n"),
        ("xxd -r -p", "726d20 2d7266\n"),
        ("openssl base64 -A", "rm -rf /"),
        ("openssl base64 -d", "cm0gLXJm\n"),
        ("openssl enc -base64 -d -A", "cm0gLXJm"),
        ("cat", "a\nb"),
        ("cat - /dev/null", "a"),
        ("sed s/a/b/", "aaa\nca\n"),
        ("sed -e 's|/x|/y|g' -e 's/y/z/'", "/x/x\n"),
        ("sed 's/\\.txt//'", "a.txt"),
        ("sed 'y%*/+%p_p%;s%[^_a-z]%-%g'", "a/b*c.h\n"),
        ("sed 'y/ab\\//b\\n\\\\/'", "a/b\n"),
        ("sed -n 2p", "a\nb\nc\n"),
        ("sed -n '2,$p'", "a\nb\nc"),
        ("sed 2,1d", "a\nb\nc\n"),
        ("sed p", "a\nb"),
        ("sed '$d'", "a\nb\nc"),
        ("sed '$!d'", "a\nb\nc"),
        ("sed 2q", "a\nb\nc\n"),
        ("sed -n '/b/!p'", "a\nb\nc\n"),
        ("sed -e '1s/a/x/;/x/d' -e s/b/y/g", "a\nbb\n"),
        ("sed 's/^/rm /'", "a\nb"),
        ("sed -e 's/$/;/' -e 's/^.*$/<&>/'", "a\nb\n"),
        ("sed -E 's/^([a-z]+) ([a-z]+)$/\\2-\\1/'", "rm notes\nx\n"),
        ("sed 's/\\([a-z]*\\)=\\(.*\\)/\\2 \\1/'", "a=b\nc=\n"),
        ("sed 's/[0-9][0-9]*/<&>/g'", "a1b22\n"),
        ("sed 's#/#|#g; s,a,b,'", "/a/a\n"),
        ("sed -n 's/a/b/p'", "a\nc\n"),
        ("sed 's/[^/]*$//'", "/a/b\n"),
        ("sed '/^#/d;/^$/d'", "# x\n\na\n"),
        ("sed 's/a\\.b/x/;s/[]a]/y/'", "a.b]\naxb\n"),
        ("awk '{print}'", "a b\nc"),
        ("awk 1", "a\nb"),
        ("awk '{print $2, $1}'", "notes rm\n\nx\n"),
        ("awk '{print $NF \"-\" NF \"-\" NR}'", "a b\nc\n"),
        ("awk -F: '{print $2}'", "a:b:c\nd\n"),
        ("awk -F, -v OFS=- '{print $1,$3}'", "a,b,c\n"),
        ("awk -v x=rm '{print x, $0}'", "a\n"),
        ("awk 'NR==2{print $1} NR>2{print \"more\"}'", "a\nb c\nd\n"),
        ("awk '/b/{print toupper($0)}'", "ab\nc\n"),
        ("awk 'BEGIN{x=\"r\"; print x \"m\"} END{printf \"%s|%d%%|%c\\n\", x, 7, 65}'", "a\n"),
        ("awk '{printf \"rm %s\\n\", $1; print substr($1, 2, 2)}'", "abcd\n"),
        ("awk 'BEGIN { print \"a\", \"b\"; printf \"c\" }'", ""),
        ("grep b", "ab\nc\nb"),
        ("grep -v ^a", "ab\nba\n"),
        ("grep -io B", "abB\nc\n"),
        ("grep -x ab", "ab\nabc\n"),
        ("grep -m1 -e a$", "ab\nba\na\n"),
        ("grep -F a.b", "a.b\naxb\n"),
        ("fold -w 3", "abcdefgh\nxy"),
        ("fold", "abc\n"),
        ("paste -sd,", "a\nb\nc\n"),
        ("paste -d: - -", "a\nb\nc\n"),
        ("paste", "a\nb"),
        ("expand", "a\tb\n\tc\n"),
        ("dd status=none", "a\nb"),
        ("iconv -f ascii -t UTF-8//TRANSLIT", "a\nb"),
        ("sort", "z 1\nrm -rf ~\n"),
        ("seq -f 'x%gy' 3", ""),
        ("seq -f %.0f 2 4", ""),
        ("basename /a/b/c.txt .txt", ""),
        ("basename /a/b/", ""),
        ("dirname /a/b/c", ""),
        ("dirname a", ""),
        ("dirname -- -a/b", ""),
        ("basename -- a/b.c .c", ""),
        ("basename -s .c a/b.c", ""),
        ("dirname /a//b/", ""),
    ];
    // One shell runs all of them.
    let mut script = String::new();
    for (line, input) in table {
        script.push_str(&format!(
            "printf %s {} | {line} 2>/dev/null; printf '\\0'\n",
            shell_words::quote(input)
        ));
    }
    let done = Command::new("bash").args(["-c", &script]).env("LC_ALL", "C.UTF-8").output().unwrap();
    let printed: Vec<&[u8]> = done.stdout.split(|b| *b == 0).collect();
    assert_eq!(printed.len(), table.len() + 1);
    let mut wrong = Vec::new();
    for ((line, input), printed) in table.iter().zip(printed) {
        let printed = String::from_utf8_lossy(printed);
        let found = show(run(line, Input::Text(Text::known(*input).into())));
        if found != printed {
            wrong.push(format!("{line} < {input:?}\n   found {found:?}\n printed {printed:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn check(table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = show(run(line, Input::Inherited));
        if found != *expected {
            wrong.push(format!("{line}\n   found {found:?}\n  wanted {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn unknown_words_leave_holes_or_nothing() {
    check(&[
        ("echo a $N b", "a <Name> b\n"),
        ("echo a $X b", "a <Any> b\n"),
        ("echo $X b", "<Any>b\n"),
        ("echo a $X* b", "a <Any> b\n"),
        ("echo $X 'a\\tb'", "?"),
        ("echo 'a\\tb'", "?"),
        ("echo 'a\\qb'", "a\\qb\n"),
        ("printf '%s/%s' $X y", "<Any>/y"),
        ("printf '%5s' $X", "?"),
        ("printf $X a", "?"),
        ("printf '%s ' $X*", "<Any> …"),
        ("printf '%s-%s ' $X*", "?"),
        ("printf '%d' $I", "<Number>"),
        ("printf -v x a", "?"),
        ("printf '%f' 1", "?"),
        ("printf '%9999999999d' 1", "?"),
        ("cat", "?"),
        ("cat f", "rm x\n"),
        ("cat /d/f f", "rm x\nrm x\n"),
        ("cat -n f", "?"),
        ("cat absent", "?"),
        ("base64 -d $X", "?"),
        ("seq 1 999999999", "?"),
        ("tr -d x", "?"),
        ("head -n 1 f", "rm x\n"),
        ("sed -i s/a/b/ f", "?"),
        ("sed s/r./b/ f", "b x\n"),
        ("sed 's/a|b/&/;s/\\(a\\)\\1//' f", "?"),
        ("sed 's/^/rm /'", "rm <Any>\n"),
        ("sed 's/.*/\\U&/' f", "?"),
        ("awk '{print \"rm \" $2}'", "rm <Any>\n"),
        ("awk '{print $2}'", "?"),
        ("awk '{for(;;)print}' f", "?"),
        ("awk '{print > \"x\"}' f", "?"),
        ("awk '$1 ~ /x/ {print \"a\"}' f", "a\n…"),
        ("find . -name '*.txt' -printf 'rm %f\\n'", "rm <Any>\nrm <Any>\n…"),
        ("docker ps --format 'docker rm {{.ID}}'", "docker rm <Any>\n…"),
        ("docker ps --format '{{.ID}}'", "<Every>\n…"),
        ("jq -r '.[] | \"rm \\(.name)\"'", "rm <Any>\n…"),
        ("git log --format='rm %H'", "rm <Any>\n…"),
        ("sed -n 1~2p f", "?"),
        ("sed 's/r/x/;ta' f", "?"),
        ("grep r.x f", "?"),
        ("grep -c rm f", "?"),
        ("jq -rn '\"rm x\"'", "rm x\n"),
        ("jq -jn '\"rm\\tx\"'", "rm\tx"),
        ("jq -n '\"rm x\"'", "?"),
        ("python3 -c 'print(\"rm x\")'", "rm x\n"),
        ("python3 -c 'print(\"rm\", 1)'", "?"),
        ("perl -e 'print \"rm $x\"'", "rm <Changed>…"),
        ("perl -e 'print \"rm\\n\";'", "rm\n"),
        ("ruby -e \"puts 'rm'\"", "rm\n"),
        ("true", ""),
        ("ls", "?*\n…"),
        ("ls -l", "?"),
    ]);
}

#[test]
fn shapes_are_told() {
    check(&[
        ("mktemp", "<Temporary>\n"),
        ("mktemp -d", "<Temporary>\n"),
        ("mktemp -dt guard.XXXX", "<Temporary>\n"),
        ("mktemp -d -p /tmp x.XXX", "<Temporary>\n"),
        ("mktemp /tmp/x.XXXXXX", "<Temporary>\n"),
        ("mktemp -d ./x.XXXXXX", "./x.<Name>\n"),
        ("mktemp -p /home/dev", "/home/dev/<Name>\n"),
        ("mktemp /tmp/../x.XXX", "/tmp/../x.<Name>\n"),
        ("pwd", "/d\n"),
        ("pwd -P", "/d\n"),
        ("git rev-parse --show-toplevel", "/d\n"),
        ("git -C x rev-parse --show-toplevel", "/d\n"),
        ("git --git-dir=x rev-parse --show-toplevel", "<Directory>\n"),
        ("git rev-parse HEAD", "<Name>\n"),
        ("git rev-parse --short HEAD~1", "<Name>\n"),
        ("git rev-parse --abbrev-ref HEAD", "<Name>\n"),
        ("git rev-parse A B", "?"),
        ("git branch --show-current", "<Name>\n"),
        ("git describe --tags --always", "<Name>\n"),
        ("git symbolic-ref --short HEAD", "<Name>\n"),
        ("git merge-base main HEAD", "<Name>\n"),
        ("git rev-list --count HEAD", "<Number>\n"),
        ("git log -1 --format=%h", "<Name>\n"),
        ("git log --format=%h", "?"),
        ("git ls-files", "./?*\n./.[!g]*\n…"),
        ("git ls-files '*.py'", "./**/*.py\n…"),
        ("git ls-files -s", "?"),
        ("git ls-files --others", "?"),
        ("git diff --name-only main", "./?*\n./.[!g]*\n…"),
        ("git branch --merged", "<Name>\n…"),
        ("git rev-list main..HEAD", "<Name>\n…"),
        ("git rev-list --objects HEAD", "?"),
        ("find . -name '*.py'", "./**/*.py\n./**/.*.py\n…"),
        ("find src -type f", "src/<Name>\n…"),
        ("find src -name x -printf %f", "?"),
        ("find src -name x -exec cat {} +", "?"),
        ("rg -l old", "./?*\n…"),
        ("rg -l old src", "src\nsrc/<Name>\n…"),
        ("rg old", "?"),
        ("grep -rl old . --include=*.ts", ".\n./**/*.ts\n…"),
        ("grep -rl old src", "src\nsrc/<Name>\n…"),
        ("grep -r old src", "?"),
        ("grep -rl old src lib", "src\nsrc/<Name>\nlib\nlib/<Name>\n…"),
        ("fd -e pyc", "./**/*pyc\n…"),
        ("fd x -x rm", "?"),
        ("git config user.name", "?"),
        ("date +%s", "<Number>\n"),
        ("date +%Y%m%d", "<Number>\n"),
        ("date -u +%Y-%m-%dT%H:%M:%SZ", "<Name>\n"),
        ("date -d yesterday +%F", "<Name>\n"),
        ("date +x%z", "?"),
        ("date '+%F %T'", "?"),
        ("date", "?"),
        ("date -I", "<Name>\n"),
        ("whoami", "<Name>\n"),
        ("uname -s", "<Name>\n"),
        ("uname -a", "?"),
        ("id -u", "<Number>\n"),
        ("id -un", "<Name>\n"),
        ("id", "?"),
        ("nproc", "<Number>\n"),
        ("wc -l", "<Number>\n"),
        ("wc -l f", "?"),
        ("getconf _NPROCESSORS_ONLN", "<Number>\n"),
        ("lsof -ti:3000", "<Number>…"),
        ("lsof -i :3000", "?"),
        ("pgrep -f x", "<Number>…"),
        ("pgrep -fl x", "?"),
        ("docker ps -aq", "<Every>\n…"),
        ("docker ps -a", "<Every> <Every> <Every> <Any> <Every>\n…"),
        ("node -v", "<Name>\n"),
        ("command -v tool", "/usr/bin/tool\n"),
        ("command -v absent", "?"),
        ("which tool", "/usr/bin/tool\n"),
        ("basename $X", "?"),
        ("readlink -f x", "/d/x\n"),
        ("readlink x", "?"),
        ("realpath $X", "?"),
    ]);
}

#[test]
fn shapes_pass_through_filters() {
    let with = |line: &str, shape: Shape| {
        let mut text = hole(shape);
        text.push_str("\n");
        show(run(line, Input::Text(text.into())))
    };
    for (line, shape, expected) in [
        ("tr -d '\\n'", Shape::Name, "<Name>"),
        ("tr A-Z a-z", Shape::Name, "<Name>\n"),
        ("tr / -", Shape::Name, "?"),
        ("tr -d a-z", Shape::Name, "?"),
        ("tr -d a-z", Shape::Number, "<Number>\n"),
        ("head -1", Shape::Name, "<Name>\n"),
        ("head -c 8", Shape::Name, "<Name>"),
        ("cut -c1-8", Shape::Name, "<Name>\n"),
        ("cut -c2-8", Shape::Name, "?"),
        ("xargs", Shape::Number, "<Number>\n"),
        ("tr -d '\\n'", Shape::Any, "?"),
        ("head -1", Shape::Any, "?"),
        ("cat", Shape::Any, "<Any>\n"),
    ] {
        assert_eq!(with(line, shape), expected, "{line} {shape:?}");
    }
}

#[test]
fn input_from_a_file_is_read() {
    assert_eq!(show(run("rev", Input::File("f".into()))), "x mr\n");
    assert_eq!(show(run("cat", Input::File("/dev/stdin".into()))), "?");
    assert_eq!(show(run("cat", Input::Empty)), "");
}
