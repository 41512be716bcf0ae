//! Generated noise: whatever comes in, there is a verdict, and what stands around the noise counts.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use guard::context::World as Invented;
use guard::model::{Effect, ExampleWorld};
use guard::pipeline::{self, Judgement, Source};
use guard::policy::Policy;
use guard::syntax::Dialect;
use proptest::prelude::*;

use crate::support::{World, real};

/// A line that is refused wherever it stands as a command of its own.
const PLANTED: &str = "rm -rf ~\n";
/// No source, however long, comes to more actions than this: what is followed is bounded.
const MOST_ACTIONS: usize = 1_000_000;

fn judge(text: &[u8], dialect: Dialect) -> Judgement {
    let facts = Invented::new(&ExampleWorld::default());
    let source =
        Source::Shell { file: None, text, dialect, positional: vec!["bash".to_owned()], startup: Vec::new() };
    let judged = pipeline::judge(&source, &facts, &Policy::builtin());
    assert!(judged.walked.actions.len() <= MOST_ACTIONS);
    judged
}

/// Judges the noise alone, and behind the planted line.
fn survives(noise: &[u8], dialect: Dialect) {
    judge(noise, dialect);
    let planted = [PLANTED.as_bytes(), noise].concat();
    let verdict = judge(&planted, dialect).verdict;
    let start = &noise[..noise.len().min(200)];
    assert!(!verdict.decision.runs(), "{dialect:?}: {}", start.escape_ascii());
}

/// Judges the planted line behind the noise as well, where bash reads it as a command of its own.
fn survives_around(noise: &[u8], dialect: Dialect) {
    survives(noise, dialect);
    if dialect != Dialect::Bash || !is_whole(noise) {
        return;
    }
    // The empty line ends what a backslash or a comment went on with.
    let planted = [noise, b"\n\n", PLANTED.as_bytes()].concat();
    let verdict = judge(&planted, dialect).verdict;
    assert!(!verdict.decision.runs(), "{}", noise.escape_ascii());
}

/// Whether bash finds nothing open at the end, and nothing says that what follows is not reached.
fn is_whole(noise: &[u8]) -> bool {
    let turns = TURNING.iter().any(|word| noise.windows(word.len()).any(|part| part == *word));
    if turns || noise.contains(&0) {
        return false;
    }
    let checked = Command::new(real("bash"))
        .args([OsStr::new("-n"), OsStr::new("-c"), OsStr::from_bytes(noise)])
        .env("LC_ALL", "C")
        .output()
        .expect("bash starts");
    // An open here-document is but a warning.
    checked.status.success() && checked.stderr.is_empty()
}

/// What may end the shell, or make `rm` another command or `~` another place.
const TURNING: &[&[u8]] =
    &[b"exec", b"exit", b"return", b"logout", b"set ", b"kill", b"rm", b"HOME", b"alias", b"while", b"until"];

#[test]
fn evals_within_one_another_are_followed_in_linear_space() {
    for end in ["rm -rf ~", "echo '$x'"] {
        let noise = format!("{}{end}", "eval ".repeat(100_000));
        let judged = judge(noise.as_bytes(), Dialect::Bash);
        assert!(!judged.verdict.decision.runs(), "{end}");
        let words = judged.walked.actions.iter().map(|action| match &action.effect {
            Effect::Call(call) => call.args.len(),
            _ => 0,
        });
        assert!(words.sum::<usize>() < 200_000, "{end}");
    }
    let few = judge(b"eval eval eval eval echo hello", Dialect::Bash);
    assert!(few.verdict.decision.runs());
}

/// All lines of the lists of commands.
fn corpus() -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for entry in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")).expect("a directory")
    {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a list");
        let listed = text
            .lines()
            .filter_map(|line| line.trim().strip_suffix(',')?.strip_prefix('"')?.strip_suffix('"'));
        lines.extend(listed.map(|line| line.replace("\\\"", "\"").replace("\\\\", "\\").into_bytes()));
    }
    assert!(lines.len() > 500, "{}", lines.len());
    lines
}

#[derive(Debug, Clone)]
enum Change {
    Delete(usize, usize),
    Double(usize, usize),
    Insert(usize, Vec<u8>),
}

impl Change {
    fn apply(&self, line: &mut Vec<u8>) {
        let range = |from: usize, length: usize| {
            let start = from % (line.len() + 1);
            start..(start + length).min(line.len())
        };
        match self {
            Change::Delete(from, length) => drop(line.drain(range(*from, *length))),
            Change::Double(from, length) => {
                let range = range(*from, *length);
                let part = line[range.clone()].to_vec();
                line.splice(range.start..range.start, part);
            }
            Change::Insert(at, part) => {
                let at = at % (line.len() + 1);
                line.splice(at..at, part.iter().copied());
            }
        }
    }
}

/// What means something to a shell, and bytes that mean nothing.
const PIECES: &[&[u8]] = &[
    b"(",
    b")",
    b"{",
    b"}",
    b"$(",
    b"${",
    b"[[",
    b"]]",
    b"((",
    b"))",
    b"<(",
    b">(",
    b"`",
    b"'",
    b"\"",
    b"$'",
    b"$\"",
    b"<<A\n",
    b"<<-'B'\n",
    b"\nA\n",
    b"if ",
    b"then ",
    b"fi",
    b"case x in ",
    b"esac",
    b";;",
    b"do ",
    b"done",
    b"for i in ",
    b"while ",
    b";",
    b"&",
    b"|",
    b"\n",
    b"\\",
    b"\\\n",
    b"#",
    b" ",
    b"\t",
    b"=",
    b"!",
    b"*",
    b"?",
    b"[",
    b"~",
    b"$x",
    b"${x:-",
    b"$((",
    b">",
    b"<",
    b"2>&1",
    b"\xff",
    b"\xc3",
    b"\xa9",
    b"\xe3\x81",
    b"\xf4\x8f\x9f\xa9",
    b"\0",
    b"\r",
    b"eval ",
    b"sudo ",
    b"bash -c ",
    b"function f ",
    b"f() ",
    b"alias x=",
    b"exec ",
    b"trap ",
    b"time ",
    b"coproc ",
];

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    prop_oneof![
        (any::<usize>(), 1..12usize).prop_map(|(from, length)| Change::Delete(from, length)),
        (any::<usize>(), 1..12usize).prop_map(|(from, length)| Change::Double(from, length)),
        (any::<usize>(), piece).prop_map(|(at, part)| Change::Insert(at, part)),
    ]
}

/// How many cases; `GUARD_NOISE` asks for more.
fn cases(few: u32) -> ProptestConfig {
    let asked = std::env::var("GUARD_NOISE").ok().and_then(|cases| cases.parse().ok());
    let mut config = ProptestConfig::with_cases(asked.unwrap_or(few));
    config.failure_persistence = None;
    if asked.is_none() {
        config.rng_seed = proptest::test_runner::RngSeed::Fixed(1);
    }
    config
}

fn dialect() -> impl Strategy<Value = Dialect> {
    proptest::sample::select(vec![Dialect::Bash, Dialect::Posix, Dialect::Zsh])
}

#[test]
fn bytes_at_random_give_a_verdict() {
    proptest!(cases(200), |(noise in proptest::collection::vec(any::<u8>(), 0..400), dialect in dialect())| {
        survives_around(&noise, dialect);
    });
}

#[test]
fn pieces_of_shell_at_random_give_a_verdict() {
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES), 0..60);
    proptest!(cases(300), |(pieces in pieces, dialect in dialect())| {
        survives_around(&pieces.concat(), dialect);
    });
}

#[test]
fn mutated_commands_give_a_verdict() {
    let lines = corpus();
    let changes = proptest::collection::vec(change(), 1..6);
    proptest!(cases(300), |(index in any::<prop::sample::Index>(), changes in changes, dialect in dialect())| {
        let mut line = index.get(&lines).clone();
        changes.iter().for_each(|change| change.apply(&mut line));
        survives_around(&line, dialect);
    });
}

#[test]
fn what_is_deep_or_long_gives_a_verdict() {
    let deep = ["<(", "((", "[[ (", "case x in x) ", "\\`", "$'", "'", "a=(", "f() { "];
    for opener in deep {
        survives(opener.repeat(100_000).as_bytes(), Dialect::Bash);
    }
    let long: [(&str, usize); 8] = [
        ("a", 1),
        ("\n", 1),
        ("x ", 2),
        ("é", 2),
        ("cat <<A\nA\n", 10),
        ("rm -rf x;", 9),
        ("\\\n", 2),
        (": $x\n", 5),
    ];
    for (part, length) in long {
        // More than is judged, and as much as is.
        survives(part.repeat((10 << 20) / length).as_bytes(), Dialect::Bash);
    }
    survives(&vec![0xff; 10 << 20], Dialect::Bash);
}

#[test]
fn rules_and_settings_of_any_bytes_are_read_or_named() {
    let world = World::new();
    let rule = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules.d/railway.toml")).expect("a pack");
    let settings =
        b"[shell]\npath = \"/bin/bash\"\n[run]\npty = \"auto\"\n[rules]\n\"git.push-force\" = \"deny\"\n"
            .to_vec();
    let changes = proptest::collection::vec(change(), 0..6);
    let files = [("config/rules.d/mine.toml", rule), ("config/guard.toml", settings)];
    proptest!(cases(24), |(which in 0..2usize, changes in changes)| {
        let (name, text) = &files[which];
        let mut text = text.clone();
        changes.iter().for_each(|change| change.apply(&mut text));
        let path = world.file(name, &text);
        let outcome = world.guard("guard").args(["check", "rm -rf ~"]).outcome();
        fs::remove_file(path).expect("the file");
        // Refused by the rules, or nothing is said at all: a setting may weaken a rule, noise may not.
        prop_assert!(matches!(outcome.code, Some(11 | 125)), "{}: {outcome:?}", text.escape_ascii());
    });
}

#[test]
fn lines_of_json_of_any_bytes_are_answered_one_by_one() {
    let world = World::new();
    let lines = corpus();
    let changes = proptest::collection::vec(change(), 0..6);
    let line = (any::<prop::sample::Index>(), changes, any::<bool>());
    proptest!(cases(8), |(list in proptest::collection::vec(line, 1..30))| {
        let mut input = Vec::new();
        for (index, changes, inside) in &list {
            let mut command = index.get(&lines).clone();
            let change = |text: &mut Vec<u8>| changes.iter().for_each(|change| change.apply(text));
            if *inside {
                change(&mut command);
            }
            let question = serde_json::json!({"id": 1, "cmd": String::from_utf8_lossy(&command)});
            let mut json = question.to_string().into_bytes();
            if !*inside {
                change(&mut json);
            }
            json.retain(|byte| *byte != b'\n');
            input.extend(json);
            input.push(b'\n');
        }
        let asked = input.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin(input).outcome();
        prop_assert_eq!(outcome.code, Some(0));
        prop_assert_eq!(outcome.stdout.lines().count(), asked, "{:?}", outcome);
    });
}
