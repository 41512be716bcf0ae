//! Every exec of every descendant is judged, and nothing else that a caller sees is changed by it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::console::Console;
use super::support::{Outcome, Run, SUPERVISE, World, real};

const DELETES: &str = "railway volume delete -v pg-data -y";

/// A world whose every command line is supervised. `tell` prints words that no text shows.
fn watched() -> World {
    telling(DELETES)
}

fn telling(words: &str) -> World {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    tell(&world, words);
    world
}

/// Such a world with a file that the settings protect.
pub fn keeping() -> (World, PathBuf) {
    let world = World::new();
    let kept = world.file("work/kept/notes", "x");
    let settings =
        format!("[run]\nsupervise = \"always\"\n[protect]\nno_delete = [{:?}]\n", world.path("work/kept"));
    world.file("config/guard.toml", settings);
    (world, kept)
}

fn tell(world: &World, words: &str) {
    let told = world.file("told", format!("{words}\n")).display().to_string();
    world.executable("bin/tell", &format!("#!/usr/bin/perl\nopen(F, '<', '{told}'); print <F>;\n"));
}

pub fn guarded(world: &World, line: &str) -> Run {
    let home = format!("{}:/usr/local/bin:/usr/bin:/bin", world.path("bin").display());
    let tools = std::env::var("PATH").unwrap_or_default();
    world.guard("guard").env("PATH", format!("{home}:{tools}")).args(["-c", line])
}

/// Nobody was called, and the reason was said, whatever the program around it made of that.
#[track_caller]
fn stopped(world: &World, outcome: &Outcome) {
    assert_eq!(world.calls(), "", "{outcome:?}");
    assert!(outcome.stderr.contains("[railway.volume-delete"), "{outcome:?}");
}

type Files = &'static [(&'static str, &'static str)];

/// Calls by the same words, one after another: each with the file that it reads, and that bash reads before it.
const CALLS: &str = "import os, subprocess, sys
for line in sys.stdin:
    words, read, startup = line.split()
    with open(read) as code:
        try: subprocess.call(words.split('+'), stdin=code, env=os.environ | {'BASH_ENV': startup})
        except PermissionError: print('refused')
";

#[test]
fn a_call_by_the_same_words_is_judged_by_what_it_reads_each_time() {
    let (world, kept) = keeping();
    world.file("work/code.pl", format!("unlink {kept:?};\n"));
    world.file("work/none.pl", "1;\n");
    world.file("work/code.sh", ": > kept/notes\n");
    world.file("work/none.sh", ":\n");
    world.file("work/calls.py", CALLS);
    let perl = ["/dev/null", "none.pl", "code.pl"].map(|read| format!("/usr/bin/perl {read} none.sh\n"));
    let bash =
        ["/dev/null", "none.sh", "code.sh"].map(|startup| format!("/bin/bash+-c+: /dev/null {startup}\n"));
    for calls in [perl, bash] {
        world.file("work/calls", [calls[0].clone(), calls.concat()].concat());
        let outcome = guarded(&world, "cat calls | python3 calls.py").outcome();
        assert_eq!(fs::read_to_string(&kept).ok().as_deref(), Some("x"), "{outcome:?}");
        assert_eq!(outcome.stdout, "refused\n", "{outcome:?}");
    }
}

#[test]
fn a_program_of_ones_own_is_judged_by_its_text_whatever_its_length() {
    let (world, kept) = keeping();
    tell(&world, "./own");
    let fill = "# and so on\n".repeat(1_000);
    for (code, refused) in [("echo fine", false), (": > kept/notes", true)] {
        for text in [format!("#!/bin/sh\n{code}\n"), format!("#!/bin/sh\n{fill}{code}\n")] {
            world.executable("work/own", &text);
            let outcome = guarded(&world, "$(tell)").outcome();
            assert_eq!(outcome.stdout, if refused { "" } else { "fine\n" }, "{outcome:?}");
            assert_eq!(fs::read_to_string(&kept).ok().as_deref(), Some("x"), "{outcome:?}");
        }
    }
}

#[test]
fn what_touches_guards_own_places_is_refused_at_an_exec_too() {
    let world = watched();
    world.file("work/other", "x");
    let own = world.path("config/guard.toml");
    for (file, refused) in [(world.path("work/other"), false), (own, true)] {
        tell(&world, &file.display().to_string());
        let outcome = guarded(&world, "tell | xargs gzip").outcome();
        assert_eq!(file.exists(), refused, "{outcome:?}");
        assert_eq!(outcome.stderr.contains("[startup.guard]"), refused, "{outcome:?}");
    }
}

/// Ways by which words come to run that the command line does not show.
const HIDDEN: &[(&str, Files, &str)] = &[
    ("an unknown word", &[], "$(tell)"),
    ("a wrapper", &[], "w=$(tell); env -i PATH=\"$PATH\" $w"),
    ("a pipe into a shell", &[], "tell | sh"),
    ("a decoder", &[], "tell | base64 | base64 -d | bash"),
    ("xargs", &[], "tell | xargs env"),
    ("find", &[("words.sh", "$(tell)")], "find . -name words.sh -exec sh {} \\;"),
    ("make", &[("Makefile", "X := $(shell tell)\nall:\n\t$(X)\n")], "make"),
    (
        "python",
        &[("m.py", "import os, subprocess\nsubprocess.call(os.popen('tell').read().split())\n")],
        "python3 m.py",
    ),
    (
        "python's exec",
        &[("m.py", "import os\nw = os.popen('tell').read().split()\nos.execvp(w[0], w)\n")],
        "python3 m.py",
    ),
    (
        "a file without a name",
        &[(
            "m.py",
            "import os\nfd = os.memfd_create('x')\nos.write(fd, os.popen('tell').read().encode())\n\
             os.lseek(fd, 0, 0)\nos.dup2(fd, 0)\nos.execvp('sh', ['harmless'])\n",
        )],
        "python3 m.py",
    ),
    ("perl", &[], "perl -e 'exec split(q( ), <STDIN>)' < <(tell)"),
    ("a git alias", &[(".git/config", "[alias]\n\tx = !$(tell)\n")], "git x"),
    (
        "a git hook",
        &[(".git/hooks/pre-commit", "#!/bin/sh\n$(tell)\n")],
        "git -c user.name=a -c user.email=a@b commit -qm x --allow-empty",
    ),
    ("a script that was just made", &[], "tell > s.sh; chmod +x s.sh; ./s.sh"),
    ("a background process", &[], "(sleep 0.1; $(tell)) & wait"),
    ("a session of its own", &[], "setsid -w sh -c '$(tell)'"),
    (
        "a link by another name",
        &[],
        "perl -e 'symlink(shift, q(harmless)); exec(q(./harmless), split(q( ), substr(shift, 8)))' \
         \"$(command -v railway)\" \"$(tell)\"",
    ),
];

fn lay_out(world: &World, files: Files) {
    if files.iter().any(|(name, _)| name.starts_with(".git/")) {
        world.run("git").args(["init", "-q", "."]).outcome().ended(0);
    }
    for (name, text) in files {
        match text.starts_with("#!") {
            true => world.executable(&format!("work/{name}"), text),
            false => world.file(&format!("work/{name}"), text),
        };
    }
}

#[test]
fn what_no_text_shows_is_judged_when_it_is_executed() {
    for (what, files, line) in HIDDEN {
        let world = watched();
        lay_out(&world, files);
        let outcome = guarded(&world, line).outcome();
        assert!(outcome.stderr.contains("[railway.volume-delete"), "{what}: {outcome:?}");
        stopped(&world, &outcome);
        let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
        assert!(log.contains("\"kind\":\"exec\""), "{what}: no exec was refused: {log}");
        // The same with harmless words runs.
        let world = telling("railway volume list");
        lay_out(&world, files);
        let outcome = guarded(&world, line).outcome();
        assert_eq!(world.calls(), "railway volume list\n", "{what}: {outcome:?}");
        assert!(!outcome.stderr.contains("guard:"), "{what}: {outcome:?}");
    }
}

#[test]
fn what_runs_on_when_the_shell_has_ended_is_judged_still_and_keeps_nobody_waiting() {
    let world = watched();
    let begun = Instant::now();
    let line = "(sleep 1; $(tell); echo done > after) > /dev/null 2> errors & echo started";
    let outcome = guarded(&world, line).outcome();
    outcome.ended(0).printed("started\n");
    assert!(begun.elapsed() < Duration::from_millis(900), "the caller waited for what runs on");
    let after = world.path("work/after");
    until(|| after.exists());
    assert_eq!(world.calls(), "");
    let said = fs::read_to_string(world.path("work/errors")).expect("what it said");
    assert!(said.contains("[railway.volume-delete"), "{said}");
}

#[track_caller]
fn until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The process numbers of guard's supervisors below a work tree, by their environment.
fn supervisor_of(shell: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{shell}/status")).expect("a running shell");
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).expect("a parent");
    parent.trim().to_owned()
}

#[test]
fn the_supervisor_is_out_of_reach_of_what_it_watches() {
    let world = watched();
    let line = "kill -9 $PPID; kill -STOP $PPID; kill -9 -$PPID; \
        python3 -c 'import os, signal, sys\n\
for what in (lambda p: os.kill(p, 9), lambda p: os.pidfd_open(p)):\n  try: what(int(sys.argv[1])); print(\"reached\")\n  \
except PermissionError: print(\"closed\")' $PPID; echo still here";
    let outcome = guarded(&world, line).outcome();
    outcome.ended(0).printed("closed\nclosed\nstill here\n");
    stopped(&world, &guarded(&world, "$(tell)").outcome());
}

#[test]
fn without_its_supervisor_nothing_starts_any_more() {
    let world = watched();
    let line =
        "echo $$ > shell; while [ ! -e go ]; do read -t 0.05 x <> /dev/null; done; $(tell); /bin/echo hello";
    let mut run = guarded(&world, line);
    let child = run.command().spawn().expect("guard starts");
    let shell = world.path("work/shell");
    until(|| fs::read_to_string(&shell).is_ok_and(|text| text.ends_with('\n')));
    let shell = fs::read_to_string(shell).expect("its number");
    let supervisor = supervisor_of(shell.trim());
    Command::new("kill").args(["-9", &supervisor]).status().expect("kill");
    world.file("work/go", "");
    let begun = Instant::now();
    let output = child.wait_with_output().expect("guard ends");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(!output.status.success());
    assert_eq!(world.calls(), "");
    let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
    assert!(log.contains("its supervisor was killed"), "{log}");
}

#[test]
fn the_front_process_and_the_program_share_one_fate() {
    use std::os::unix::process::ExitStatusExt;
    let world = watched();
    for signal in ["TERM", "INT", "KILL", "USR1"] {
        let line = "trap 'exit 3' USR1; echo $$ > shell; while :; do read -t 0.05 x <> /dev/null; done";
        let mut run = guarded(&world, line);
        super::support::hear(run.command());
        let mut child = run.command().spawn().expect("guard starts");
        let file = world.path("work/shell");
        until(|| fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')));
        let shell = fs::read_to_string(&file).expect("its number").trim().to_owned();
        fs::remove_file(&file).expect("a file");
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().expect("kill");
        let status = child.wait().expect("it ends");
        match signal {
            "USR1" => assert_eq!(status.code(), Some(3)),
            "TERM" => assert_eq!(status.signal(), Some(15)),
            "INT" => assert_eq!(status.signal(), Some(2)),
            _ => assert_eq!(status.signal(), Some(9)),
        }
        until(|| !fs::exists(format!("/proc/{shell}")).expect("proc"));
    }
}

#[test]
fn a_signal_to_the_whole_group_comes_once() {
    let world = watched();
    world.file("work/count.pl", "$| = 1; $SIG{TERM} = sub { print \"term\\n\" }; open(F, '>', 'ready'); close F;\nfor (1..12) { select(undef, undef, undef, 0.1) }\n");
    for whole in [true, false] {
        let mut run = guarded(&world, "exec perl count.pl").setsid();
        let command = run.command();
        let child = command.stdout(std::process::Stdio::piped()).spawn().expect("guard starts");
        let ready = world.path("work/ready");
        until(|| ready.exists());
        fs::remove_file(&ready).expect("a file");
        let id = child.id();
        let whom = if whole { format!("-{id}") } else { id.to_string() };
        for _ in 0..2 {
            Command::new("kill").args(["-TERM", "--", &whom]).status().expect("kill");
            thread::sleep(Duration::from_millis(200));
        }
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "term\nterm\n", "to the whole group: {whole}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_front_that_is_stopped_stops_the_program_too() {
    let world = watched();
    let mut run = guarded(&world, "while :; do echo x >> out; read -t 0.02 x <> /dev/null; done");
    let mut child = run.command().spawn().expect("guard starts");
    let out = world.path("work/out");
    until(|| out.exists());
    let kill = |signal: &str| {
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    };
    kill("-STOP");
    let length = || fs::metadata(&out).expect("a file").len();
    until(|| {
        let before = length();
        thread::sleep(Duration::from_millis(200));
        length() == before
    });
    let stopped = length();
    kill("-CONT");
    until(|| length() > stopped);
    child.kill().expect("kill");
    child.wait().expect("it ends");
}

#[test]
fn an_inner_guard_tightens_and_the_outer_one_enforces() {
    let world = watched();
    let shell = world.path("shims/bash").display().to_string();
    let outcome = guarded(&world, &format!("{shell} -c '$(tell)'; echo $?")).outcome();
    stopped(&world, &outcome);
    // The inner one refuses what it can see; and where it looks away, the outer one does not.
    world.file("inner/guard.toml", "[run]\nmode = \"observe\"\n");
    let config = world.path("inner").display().to_string();
    let line =
        format!("GUARD_CONFIG_DIR={config} {shell} -c 'railway volume \"$(printf delete)\" -v pg-data -y'");
    stopped(&world, &guarded(&world, &line).outcome());
    let outcome = guarded(&world, &format!("{shell} -c 'railway volume list; exit 5'")).outcome();
    outcome.ended(5);
    assert_eq!(world.calls(), "railway volume list\n");
}

#[test]
fn a_traced_program_can_be_traced() {
    if !fs::exists("/usr/bin/strace").unwrap_or(false) {
        panic!("`strace` is not installed; `.ci/run` installs it");
    }
    let world = watched();
    let line = "strace -f -o trace sh -c 'sh -c \"exit 4\"; exit 5'; echo $?; grep -c 'execve(' trace";
    let bare = world.run(real("bash")).args(["-c", line]).outcome();
    assert_eq!(guarded(&world, line).outcome(), bare);
    stopped(&world, &guarded(&world, "strace -f -o trace sh -c '$(tell)'").outcome());
}

#[test]
fn agents_are_watched_without_any_setting() {
    let world = World::new();
    let line = "railway volume $(tell)";
    tell(&world, "delete -v pg-data -y");
    world.guard("guard").args(["-c", line]).outcome().refused();
    let outcome = world.guard("guard").env("CLAUDECODE", "1").args(["-c", line]).outcome();
    stopped(&world, &outcome);
    let world = World::new();
    tell(&world, "list");
    let outcome = world.guard("guard").env("CLAUDECODE", "1").args(["-c", line]).outcome();
    outcome.ended(0);
    assert_eq!(world.calls(), "railway volume list\n");
    // By a link with a shell's name, too.
    world.guard("bash").args(["-c", line]).outcome().ended(0);
}

#[test]
fn a_human_is_asked_about_what_only_its_exec_shows() {
    for (answer, status, calls) in [("pg-data", 0, "railway volume delete -v pg-data -y\n"), ("no", 126, "")]
    {
        let world = World::new();
        tell(&world, "delete -v pg-data -y");
        let guard = world.path("shims/guard").display().to_string();
        let shell = world.run(real("bash")).args(["--norc", "-i"]).env("PS1", "$ ").env("TERM", "xterm");
        let mut console = Console::start(shell);
        console.until("$ ");
        console.types(format!("{guard} -- sh -c 'railway volume $(tell)'\n"));
        console.until("type the name");
        console.until("> ");
        console.types(format!("{answer}\n"));
        console.until("$ ");
        assert!(console.line("echo $? was the status").contains(&format!("{status} was the status")));
        assert_eq!(world.calls(), calls);
    }
}

#[test]
fn what_the_command_made_itself_it_may_clear_away() {
    let world = watched();
    world.run("git").args(["init", "-q", "."]).outcome().ended(0);
    world.file("work/mine.txt", "work of mine\n");
    world.file("work/s.pl", "system('touch', 'a.txt'); mkdir 'd'; system('cp', 'a.txt', 'd/x'); system('rm', '-r', 'a.txt', 'd');\n");
    let outcome = guarded(&world, "perl s.pl").outcome();
    assert_eq!(outcome.stderr, "");
    assert!(!world.path("work/d").exists());
    world.file("work/s.pl", "$f = join('.', 'mine', 'txt'); system('rm', '-r', $f);\n");
    let outcome = guarded(&world, "perl s.pl").outcome();
    assert!(outcome.stderr.contains("[filesystem.delete-uncommitted"), "{outcome:?}");
    assert!(world.path("work/mine.txt").exists());
}

#[test]
fn a_program_is_what_it_is_by_whatever_name_it_is_executed() {
    let ways = [
        "system(qw(cp /bin/rm harmless)); system(q(./harmless), $f)",
        "symlink(q(/bin/rm), q(harmless)); system(q(./harmless), $f)",
        "exec {q(/bin/rm)} q(ls), $f",
        "exec(q(/lib64/ld-linux-x86-64.so.2), q(/bin/rm), $f)",
    ];
    for way in ways {
        let world = watched();
        world.run("git").args(["init", "-q", "."]).outcome().ended(0);
        world.file("work/mine.txt", "work of mine\n");
        let outcome = guarded(&world, &format!("perl -e '$f = join(q(.), qw(mine txt)); {way}'")).outcome();
        assert!(outcome.stderr.contains("[filesystem.delete-uncommitted"), "{way}: {outcome:?}");
        assert!(world.path("work/mine.txt").exists(), "{way}");
    }
}

#[test]
fn without_any_right_it_works_the_same_and_says_who_gets_none() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let world = watched();
    // The program as it was built may lie where nobody else may look.
    let guard = world.path("guard");
    fs::copy(env!("CARGO_BIN_EXE_guard"), &guard).expect("a copy");
    Command::new("chown").args(["-R", "65534:65534"]).arg(world.path("")).status().expect("chown");
    let run = |line: &str| {
        let path = format!("{}:/usr/bin:/bin", world.path("bin").display());
        let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        let run = world.run("setpriv").args(nobody).args([guard.as_os_str()]).args(["-c", line]);
        run.env("PATH", path).outcome()
    };
    run("sh -c 'exit 7'").ended(7);
    stopped(&world, &run("tell | xargs env"));
    stopped(&world, &run("perl -e 'exec(split(q( ), `tell`))'"));
    let outcome = run("perl -e 'exec(join(q(), q(s), q(u)), q(-c), q(true))'");
    assert!(outcome.stderr.contains("`su` needs rights"), "{outcome:?}");
    let outcome = run("perl -e 'exit(system(q(ssh-agent), q(-k)) == -1)'");
    assert!(!outcome.stderr.contains("guard:"), "{outcome:?}");
}

const RACES: [(&str, &str); 3] = [("t", "a thread"), ("v", "shared memory"), ("m", "a shared mapping")];

/// Has the words of a program change while it starts; what was said and what was complained of.
fn raced(world: &World, how: &str, tries: u32, words: &str) -> (Outcome, String) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/race.c");
    let program = world.path("race");
    let built = Command::new("cc").args(["-O0", "-pthread", "-o"]).arg(&program).arg(source).status();
    assert!(built.expect("a C compiler").success());
    let line = format!(
        "timeout -s KILL 100 {} {how} {tries} {words} 2> errors; echo done; pkill -KILL -x race",
        program.display()
    );
    let outcome = guarded(world, &line).outcome();
    assert!(outcome.stdout.contains("done"), "{outcome:?}");
    (outcome, fs::read_to_string(world.path("work/errors")).expect("what was said"))
}

/// Of a thousand tries of each kind some run with harmless words, some are refused, and none gets
/// others through than were judged.
#[test]
fn words_that_change_while_they_are_judged_let_nothing_through() {
    for (how, what) in RACES {
        let world = watched();
        let (_, errors) = raced(&world, how, 1_000, "list delete railway volume @ -v pg-data -y");
        let calls = world.calls();
        assert!(!calls.contains("delete"), "{what}: {calls}");
        assert!(calls.contains("railway volume list"), "{what}: none ran");
        assert!(errors.contains("[railway.volume-delete"), "{what}: none was refused");
    }
}

#[test]
fn words_that_do_nothing_are_looked_at_again_too() {
    for (how, what) in RACES {
        let world = watched();
        world.run("git").args(["init", "-q", "."]).outcome().ended(0);
        let mine = world.file("work/mine.x", "work of mine\n");
        let (outcome, errors) = raced(&world, how, 300, "--help mine.x rm -f @");
        assert!(mine.exists(), "{what}: {errors}");
        assert!(outcome.stdout.contains("Usage"), "{what}: none ran");
        assert!(errors.contains("[filesystem.delete-uncommitted"), "{what}: none was refused");
    }
}

#[test]
fn two_thousand_programs_at_once_all_run_once() {
    let world = watched();
    let line = "for i in $(seq 2000); do /bin/sh -c 'echo x' & done | wc -l; wait";
    guarded(&world, line).outcome().ended(0).printed("2000\n");
}

#[test]
fn a_program_with_timers_starts_each_program_once() {
    let world = watched();
    world.file(
        "work/t.py",
        "import os, signal, subprocess\n\
         signal.signal(signal.SIGALRM, lambda *_: None)\n\
         signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n\
         for _ in range(300):\n    subprocess.run(['sh', '-c', 'echo x >> out'], check=True)\n",
    );
    guarded(&world, "python3 t.py; wc -l < out").outcome().ended(0).printed("300\n");
}

/// The whole of what callers rely on, once more below a supervisor.
#[test]
fn callers_see_the_same_below_a_supervisor() {
    if std::env::var_os(SUPERVISE).is_some() {
        return;
    }
    let own = std::env::current_exe().expect("this program");
    let modules = ["agents::", "bytes::", "invocations::", "matrix::", "terminal::", "shims::", "folders::"];
    let output = Command::new(own).args(modules).env(SUPERVISE, "always").output().expect("the tests run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("test result: ok"), "{said}");
    assert!(!said.contains(" 0 passed"), "{said}");
}

#[test]
fn the_shell_is_where_the_caller_put_it() {
    let world = watched();
    let group = "ps -o pgid=,sid= -p $$ | tr -s ' '";
    let bare = world.run(real("bash")).args(["-c", group]).outcome().stdout;
    assert_eq!(guarded(&world, group).outcome().stdout, bare);
}
