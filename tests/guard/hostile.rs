//! Any bytes whatever give a verdict or a clear error: no panic, no hang, no pass.

use std::time::{Duration, Instant};

use crate::support::{REFUSED, World};

/// A bound that no healthy run comes near, on a loaded machine either: it stands for "does not hang".
const HANG: Duration = Duration::from_secs(300);

fn deep() -> Vec<(&'static str, String)> {
    let many = 100_000;
    vec![
        ("parentheses", "(".repeat(many)),
        ("braces", "{ ".repeat(many)),
        ("substitutions", "$(".repeat(many)),
        ("parameters", "${x:-".repeat(many)),
        ("arithmetic", format!("echo $(({}1))", "(".repeat(many))),
        ("tests", format!("[[ {} ]]", "( ".repeat(many))),
        ("backticks", "`".repeat(many + 1)),
        ("quotes", "\"$(".repeat(many)),
        ("ifs", "if ".repeat(many)),
        ("ands", "true && ".repeat(many)),
        ("pipes", "cat | ".repeat(many)),
        ("nots", "! ".repeat(many)),
        ("heredocs", "cat <<A\n".repeat(many)),
        ("expansions", "echo {a,b}".to_owned() + &"{a,b}".repeat(40)),
        ("doubling", "x=aaaaaaaaaaaaaaaa;".to_owned() + &"x=$x$x;".repeat(200)),
        ("recursion", "f() { f; f; }; f".to_owned()),
        ("bomb", ":(){ :|:& };:".to_owned()),
        ("evals", format!("{}true", "eval ".repeat(many))),
        ("wrappers", format!("{}true", "sudo ".repeat(many))),
        ("loops", "for a in {1..1000}; do ".repeat(30) + "true" + &"; done".repeat(30)),
        ("two readings", format!("{}true", "env A=1 --odd cmake -E ".repeat(40))),
        ("onto itself", format!("grep -v x a > b{}", " && mv b b".repeat(60))),
        ("perl's doubling", format!("perl -e '$s=<>;{}system($s)'", "$s=\"$s$s\";".repeat(60))),
        ("ruby's doubling", format!("ruby -e 's=gets;{}system(s)'", "s=\"#{s}#{s}\";".repeat(60))),
        ("awk's doubling", format!("awk '{{s=$0;{}system(s)}}'", "s=s s;".repeat(60))),
        ("python's doubling", format!("python3 -c 's=input(){}\nexec(s)'", "\ns=f\"{s}{s}\"".repeat(60))),
        ("a file's doubling", format!("echo $1 > f;{} sh f", "cat f >> f;".repeat(60))),
        ("self", "x='eval \"$x\"'; eval \"$x\"".to_owned()),
    ]
}

#[test]
fn deep_and_long_source_gives_a_verdict() {
    let world = World::new();
    for (name, source) in deep() {
        let input = serde_json::json!({"id": 1, "cmd": source}).to_string();
        let start = Instant::now();
        let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin(input + "\n").outcome();
        assert!(start.elapsed() < HANG, "{name}");
        assert_eq!(outcome.code, Some(0), "{name}: {:?}", outcome.stderr);
        assert!(outcome.stdout.contains("\"decision\""), "{name}: {}", outcome.stdout);
    }
}

/// What a line costs may not grow with the files, variables and exports that the lines before it made.
#[test]
fn a_script_of_many_files_ends() {
    let world = World::new();
    for (lines, line) in [
        (12_000, "cp -r src/# build/#"),
        (12_000, "x#=$(cat file#)"),
        (4_000, "export x#=1; bash -c 'echo #'"),
        (4_000, "mkdir d#; cd d#; cd .."),
        (4_000, "echo # > f#.py; pytest"),
        (4_000, "mv a# b#; rm -rf *"),
    ] {
        let script: String = (0..lines).map(|i| line.replace('#', &i.to_string()) + "\n").collect();
        let script = world.file("work/script", script + REFUSED + "\n");
        let start = Instant::now();
        let outcome = world.guard("guard").args([&script]).outcome();
        assert!(start.elapsed() < HANG, "{line}");
        outcome.refused();
    }
    let arms: String = (0..12_000).map(|i| format!("a{i}) x{i}=1;;\n")).collect();
    let script = world.file("work/script", format!("case $1 in\n{arms}esac\n{REFUSED}\n"));
    let start = Instant::now();
    world.guard("guard").args([&script]).outcome().refused();
    assert!(start.elapsed() < HANG, "a case of many arms");
}

#[test]
fn what_a_fed_shell_runs_shares_its_input() {
    let world = World::new();
    let lines: String = (0..20_000).map(|i| format!("echo {i}\n")).collect();
    let script = world.file("work/script", format!("bash <<'E'\n{lines}{REFUSED}\nE\n"));
    // A copy of the text for each line that it holds would take 4 GB.
    let most = "ulimit -v 2000000; exec \"$@\"";
    let guard = world.path("shims/guard");
    let run = world.run("/bin/sh").args(["-c", most, "sh"]).args([&guard, &script]);
    run.outcome().refused();
}

#[test]
fn danger_at_the_end_of_something_deep_or_long_is_not_passed() {
    let world = World::new();
    let lines: String = (0..40_000).map(|i| format!("echo line {i}\n")).collect();
    // What stands in the body of a heredoc is not run.
    let deep = deep().into_iter().filter(|(name, _)| *name != "heredocs");
    let mut sources: Vec<String> = deep.map(|(_, source)| format!("{source}\n{REFUSED}")).collect();
    sources.push(format!("{lines}{REFUSED}\n"));
    sources.push(format!(": '{}'; {REFUSED}", "x".repeat(1 << 20)));
    for source in sources {
        let input = serde_json::json!({"id": 1, "cmd": source}).to_string();
        let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin(input + "\n").outcome();
        let start: String = source.chars().take(60).collect();
        assert!(!outcome.stdout.contains("\"decision\":\"allow\""), "{start}: {}", outcome.stdout);
    }
}

#[test]
fn source_of_any_bytes_is_judged_or_refused() {
    let world = World::new();
    let scripts: [(&str, Vec<u8>); 5] = [
        ("invalid UTF-8", b"echo \xff\xfe\n".to_vec()),
        ("ten megabytes", vec![b'a'; 10 << 20]),
        ("only newlines", vec![b'\n'; 1 << 20]),
        ("a nul", b"echo a\0b\n".to_vec()),
        ("control characters", (1..32u8).collect()),
    ];
    for (name, bytes) in scripts {
        let script = world.file("work/script", &bytes);
        let start = Instant::now();
        let outcome = world.guard("guard").args([&script]).outcome();
        assert!(start.elapsed() < HANG, "{name}");
        assert!(!outcome.stderr.contains("panicked"), "{name}: {outcome:?}");
        let mut dangerous = bytes.clone();
        dangerous.extend_from_slice(format!("\n{REFUSED}\n").as_bytes());
        let script = world.file("work/script", &dangerous);
        world.guard("guard").args([&script]).outcome();
        world.guard("bash").stdin(dangerous).outcome();
        assert_eq!(world.calls(), "", "{name}");
    }
}

#[test]
fn a_refusal_shows_hostile_text_harmless() {
    let world = World::new();
    let command = "railway volume delete -v $'\\e[2J\\e]0;title\\a\u{202e}x\\nguard: allowed'";
    let outcome = world.guard("bash").args(["-c", command]).outcome();
    outcome.refused();
    assert!(!outcome.stderr.trim_end().contains(char::is_control), "{outcome:?}");
    assert!(!outcome.stderr.contains('\u{202e}'), "{outcome:?}");
}

#[test]
fn a_pipe_in_the_place_of_a_rule_file_is_not_waited_for() {
    let world = World::new();
    std::fs::create_dir(world.path("config/rules.d")).expect("a directory");
    for name in ["config/guard.toml", "config/rules.d/mine.toml"] {
        let path = world.path(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        let outcome = world.guard("bash").args(["-c", "echo ran"]).outcome();
        assert_eq!(outcome.code, Some(125), "{name}: {outcome:?}");
        assert!(outcome.stderr.contains("not a regular file"), "{name}: {outcome:?}");
        std::fs::remove_file(path).expect("the pipe");
    }
}

#[test]
fn broken_rule_files_and_settings_name_their_place_and_stop_what_an_agent_runs() {
    let world = World::new();
    for (file, text, place) in [
        ("config/guard.toml", "[shel]\npath = 1\n", "guard.toml:1"),
        ("config/guard.toml", "[shell]\npath = \n", "guard.toml:2"),
        ("config/guard.toml", "[rules]\n\"no.such-rule\" = \"deny\"\n", "no.such-rule"),
        ("config/rules.d/mine.toml", "[pack]\nid = \"mine\"\n", "mine.toml"),
        (
            "config/rules.d/mine.toml",
            "[pack]\nid='mine'\ntitle='T'\n[[rule]]\nid='mine.a'\nnonsense=1\n",
            "mine.toml:6",
        ),
        ("config/rules.d/mine.toml", "\u{0}\u{1}", "mine.toml"),
    ] {
        let path = world.file(file, text);
        let outcome = world.guard("bash").args(["-c", "echo ran"]).outcome();
        assert_eq!(outcome.code, Some(125), "{text}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{text}");
        assert!(outcome.stderr.contains(place), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("nothing ran"), "{text}: {}", outcome.stderr);
        for args in [&["status"][..], &["status", "--json"], &["config", "show"]] {
            let shown = world.guard("guard").args(args).outcome();
            let all = format!("{}{}", shown.stdout, shown.stderr).replace("\n           ", " ");
            assert_eq!(shown.code, Some(125), "{text} {args:?}: {shown:?}");
            assert!(all.contains(place), "{text} {args:?}: {shown:?}");
        }
        std::fs::remove_file(path).expect("the file is there");
    }
    world.guard("bash").args(["-c", "echo ran"]).outcome().ended(0);
}

#[test]
fn a_log_whose_place_is_not_there_stops_all_but_a_plain_allow_and_names_the_key() {
    let world = World::new();
    let log = world.path("far/away/log.jsonl");
    world.file(
        "config/guard.toml",
        format!("[run]\nmode = \"observe\"\n[log]\npath = \"{}\"\n", log.display()),
    );
    world.guard("bash").args(["-c", "echo ran"]).outcome().ended(0);
    let outcome = world.guard("bash").args(["-c", "echo ran; railway volume delete -v x"]).outcome();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(126), ""), "{outcome:?}");
    assert!(outcome.stderr.contains("`log.path`"), "{outcome:?}");
    let status = world.guard("guard").args(["status"]).outcome().stdout;
    assert!(status.contains("its directory is not there"), "{status}");
    assert!(!world.path("far").exists());
    std::fs::create_dir(world.path("far")).expect("a directory");
    world.guard("bash").args(["-c", "echo ran"]).outcome().ended(0);
    assert!(log.exists());
}
