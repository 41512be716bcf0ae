//! The command lines with which agents and editors start shells.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;
use std::time::Duration;

use crate::support::{REFUSED, World, real};

/// Cursor's script for one command: state comes in on 3 and goes out on 4; the command is `$1`.
const CURSOR_BASH: &str = r#"snap=$(command cat <&3); builtin shopt -s extglob; builtin eval -- "$snap" && { builtin export PWD="$(builtin pwd)"; builtin shopt -s expand_aliases 2>/dev/null; builtin eval "$1" < /dev/null; }; COMMAND_EXIT_CODE=$?; dump_bash_state >&4; builtin exit $COMMAND_EXIT_CODE"#;
const CURSOR_ZSH: &str = r#"snap=$(command cat <&3); builtin unsetopt aliases 2>/dev/null; builtin eval "$snap" && { builtin setopt aliases 2>/dev/null; builtin eval "$1" < /dev/null; }; COMMAND_EXIT_CODE=$?; dump_zsh_state >&4; builtin exit $COMMAND_EXIT_CODE"#;
const CURSOR_STATE: &str =
    "dump_bash_state() { echo state: $v; }; dump_zsh_state() { echo state: $v; }; v=1\n";

#[test]
fn cursor_keeps_its_state_when_a_command_runs() {
    let world = World::new();
    for (shell, script, flags) in [
        ("bash", CURSOR_BASH, &["-O", "extglob", "-c"][..]),
        ("zsh", CURSOR_ZSH, &["-o", "extendedglob", "-c"]),
    ] {
        let command = "v=2; echo hello; exit_code() { return 3; }; exit_code";
        let shells = [world.path("shims").join(shell), real(shell)];
        let [ours, theirs] = shells.map(|program| {
            world
                .run(program)
                .arg0(shell)
                .args(flags)
                .args([script, "--", command])
                .state(CURSOR_STATE)
                .setsid()
                .outcome()
        });
        assert_eq!(ours, theirs);
        assert_eq!(ours.state, "state: 2\n");
        assert_eq!(ours.code, Some(3));
    }
}

#[test]
fn cursor_keeps_its_state_when_a_command_is_refused() {
    let world = World::new();
    for (shell, script, flags) in
        [("bash", CURSOR_BASH, &["-O", "extglob", "-c"][..]), ("zsh", CURSOR_ZSH, &["-c"])]
    {
        let run = world.guard(shell).args(flags).args([script, "--", REFUSED]);
        let outcome = run.state(CURSOR_STATE).setsid().outcome();
        outcome.refused();
        assert_eq!(outcome.state, "state: 1\n", "{shell}");
    }
    assert_eq!(world.calls(), "");
}

/// Claude Code's line: a snapshot is sourced, the command is an `eval`, the directory is written.
fn claude(world: &World, command: &str, newer: bool) -> String {
    let snapshot =
        world.file("work/snapshot.sh", "greet() { echo hi; }\nshopt -s extglob 2>/dev/null || true\n");
    let quoted = command.replace('\'', r"'\''");
    let tail = if newer { " 2>/dev/null || true" } else { "" };
    format!(
        "source {snapshot}{tail} && eval '{quoted}' \\< /dev/null && pwd -P >| {cwd}",
        snapshot = snapshot.display(),
        cwd = world.path("cwd").display()
    )
}

#[test]
fn claude_code_gets_its_directory_when_a_command_runs() {
    let world = World::new();
    for shell in ["bash", "zsh"] {
        for (newer, flags) in [(false, &["-c", "-l"][..]), (true, &["-c"])] {
            let line = claude(&world, "greet; mkdir -p sub; cd sub; echo 'it'\\''s'", newer);
            let mut args = flags.to_vec();
            args.push(&line);
            world.same(shell, &args, None).ended(0);
            let cwd = fs::read_to_string(world.path("cwd")).expect("the directory was written");
            assert!(cwd.ends_with("/work/sub\n"), "{cwd}");
            fs::remove_file(world.path("cwd")).expect("a file");
        }
    }
}

#[test]
fn claude_code_sees_a_refused_command_fail_with_126() {
    let world = World::new();
    for shell in ["bash", "zsh"] {
        for (newer, flags) in [(false, &["-c", "-l"][..]), (true, &["-c"])] {
            let line = claude(&world, REFUSED, newer);
            world.guard(shell).args(flags).args([&line]).outcome().refused();
        }
    }
    // A line that goes on after a failure goes on.
    let line = format!("eval '{REFUSED}' \\< /dev/null; pwd -P >| {}", world.path("cwd").display());
    let outcome = world.guard("bash").args(["-c", &line]).outcome();
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(world.path("cwd").exists(), "{outcome:?}");
    assert_eq!(world.calls(), "");
}

#[test]
fn claude_codes_prefix_takes_a_whole_line_as_one_argument() {
    let world = World::new();
    let line = claude(&world, "echo in; cat", true);
    let run = world.guard("guard").args(["--", &line]).stdin("not for the command\n");
    run.outcome().ended(0).printed("in\n");
    let line = claude(&world, REFUSED, true);
    world.guard("guard").args(["--", &line]).outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn codex_clears_the_environment_and_detaches() {
    let world = World::new();
    for shell in ["bash", "zsh"] {
        for flag in ["-lc", "-c"] {
            let shells = [world.path("shims").join(shell), real(shell)];
            let [ours, theirs] = shells.map(|program| {
                let mut run = world
                    .run(program)
                    .arg0(shell)
                    .args([flag, "echo $PWD; cat; echo err >&2; exit 4"])
                    .setsid();
                run.command().env_clear();
                run.outcome()
            });
            assert_eq!(ours, theirs);
            assert_eq!(ours.code, Some(4));
        }
    }
    let mut run = world.guard("bash").args(["-lc", REFUSED]).setsid();
    run.command().env_clear().env("GUARD_STATE_DIR", world.path("state"));
    run.outcome().refused();
}

#[test]
fn gemini_cli_finds_bash_on_the_search_path() {
    let world = World::new();
    let path = format!("{}:{}:/usr/bin:/bin", world.path("shims").display(), world.path("bin").display());
    let line = |command: &str| format!("shopt -u promptvars nullglob extglob nocaseglob dotglob; {command}");
    let run = world.run(world.path("shims/bash")).arg0("bash").env("PATH", &path);
    run.args(["-c", &line("echo hi; exit 2")]).setsid().outcome().ended(2).printed("hi\n");
    let run = world.run(world.path("shims/bash")).arg0("bash").env("PATH", &path);
    run.args(["-c", &line(REFUSED)]).setsid().outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn opencode_kills_the_group_of_a_running_command() {
    let world = World::new();
    // bash blocks SIGTERM while it forks, and what was sent then reaches no child: the child itself says that it is there.
    let line = "sh -c 'echo started; exec sleep 60'; echo never";
    let mut run = world.guard("bash").args(["-c", line]);
    let command = run.command();
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().expect("guard starts");
    let mut first = [0; 8];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut first).expect("the command started");
    let group = nix::unistd::Pid::from_raw(-i32::try_from(child.id()).expect("a pid"));
    nix::sys::signal::kill(group, nix::sys::signal::Signal::SIGTERM).expect("the group is there");
    let status = child.wait().expect("the shell ends");
    assert_eq!(status.signal(), Some(15));
    // Whoever inherits the orphans reaps them in its own time.
    let gone = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        nix::sys::signal::kill(group, None).is_err()
    });
    assert!(gone, "something of the group is left");
}

#[test]
fn byte_streams_pass_through_an_exec() {
    let world = World::new();
    let bytes: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    world.file("work/in", &bytes);
    let run = world.guard("bash").args(["-c", "exec cat > out"]).stdin_file(world.path("work/in"));
    run.outcome().ended(0);
    assert_eq!(fs::read(world.path("work/out")).expect("the copy"), bytes);
}
