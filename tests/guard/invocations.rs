//! How people and scripts start a shell: files, standard input, shebangs, prefixes, environments.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{REFUSED, World, real};

#[test]
fn a_script_gets_its_arguments_and_is_judged_before_its_first_line() {
    let world = World::new();
    let script = world.file("work/s.sh", "echo \"$0 $1 $2 $#\"\nexit 7\n");
    let script = script.to_str().expect("a plain path");
    world.same("bash", &[script, "a", "b c"], None).ended(7);
    world.same("bash", &["-x", script, "a"], None).ended(7);
    world.same("bash", &["--", script, "a"], None).ended(7);
    world.guard("guard").args([script, "a", "b"]).outcome().ended(7);

    let bad = world.file("work/bad.sh", format!("echo first > first\n{REFUSED}\n"));
    for name in ["guard", "bash", "sh", "zsh"] {
        world.guard(name).args([&bad]).outcome().refused();
    }
    assert!(!world.path("work/first").exists());
    assert_eq!(world.calls(), "");
}

#[test]
fn a_script_is_judged_with_what_it_sources() {
    let world = World::new();
    world.file("work/lib.sh", format!("cleanup() {{ {REFUSED}; }}\n"));
    let calls = world.file("work/main.sh", "source ./lib.sh\ncleanup\n");
    let defines = world.file("work/defines.sh", ". ./lib.sh\necho defined\n");
    world.guard("bash").args([&calls]).outcome().refused();
    world.guard("bash").args([&defines]).outcome().ended(0).printed("defined\n");
    assert_eq!(world.calls(), "");
}

#[test]
fn a_shebang_line_names_guard() {
    let world = World::new();
    let path = format!("{}:/usr/bin:/bin:{}", world.path("shims").display(), world.path("bin").display());
    let script = world.executable("work/run", "#!/usr/bin/env guard\necho \"$# $1\"\n");
    let run = world.run(&script).env("PATH", &path).args(["a", "b"]);
    run.outcome().ended(0).printed("2 a\n");

    let strict = world.executable("work/strict", "#!/usr/bin/env -S guard -e\nfalse\necho no\n");
    world.run(&strict).env("PATH", &path).outcome().ended(1).printed("");

    let bad = world.executable("work/bad", &format!("#!/usr/bin/env guard\n{REFUSED}\n"));
    world.run(&bad).env("PATH", &path).outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn a_script_on_standard_input() {
    let world = World::new();
    let text = "echo one\nread line\ndata for read\necho \"got $line\"\nexit 4\n";
    world.same("bash", &[], Some(text)).ended(4);
    world.same("bash", &["-s", "a", "b"], Some("echo $1 $2 $#\n")).printed("a b 2\n");
    world.same("bash", &["-s", "--", "-x"], Some("echo $1\n")).printed("-x\n");
    world.same("bash", &[], Some("cat <<E\nx\nE\nif true\nthen echo y\nfi\n")).printed("x\ny\n");
    world.same("bash", &[], Some("echo no newline at the end")).ended(0);
    world.same("bash", &[], Some("kill -TERM $$\n"));
    world.same("bash", &[], Some(""));
    world.same("sh", &[], Some("echo hi\nexit 2\n")).ended(2);

    let file = world.file("work/in.sh", "echo a\ncat\nrest of the file\n");
    let shells = [world.path("shims/bash"), real("bash")];
    let [ours, theirs] = shells.map(|shell| world.run(shell).arg0("bash").stdin_file(&file).outcome());
    assert_eq!(ours, theirs);
}

#[test]
fn a_dangerous_line_on_standard_input_never_runs() {
    let world = World::new();
    for shell in ["bash", "guard", "sh", "zsh"] {
        let outcome = world.guard(shell).stdin(format!("echo before\n{REFUSED}\necho after\n")).outcome();
        assert_eq!(outcome.code, Some(126), "{outcome:?}");
        assert!(!outcome.stdout.contains("after"), "{outcome:?}");
        let file = world.file("work/in.sh", format!("echo before\n{REFUSED}\n"));
        world.guard(shell).stdin_file(&file).outcome().refused();
    }
    // The command is one only when all its lines are there.
    let split = "for v in pg-data\ndo\nrailway volume \\\ndelete -v $v -y\ndone\n";
    assert_eq!(world.guard("bash").stdin(split).outcome().code, Some(126));
    assert_eq!(world.calls(), "");
}

#[test]
fn a_shell_on_a_pipe_answers_each_command_before_the_next_is_sent() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let world = World::new();
    let mut run = world.guard("bash");
    let mut child = run
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("guard starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for round in 0..3 {
        writeln!(stdin, "echo round {round}").expect("the shell reads");
        stdin.flush().expect("the shell reads");
        let line = lines.next().expect("an answer").expect("text");
        assert_eq!(line, format!("round {round}"));
    }
    drop(stdin);
    assert_eq!(child.wait().expect("the shell ends").code(), Some(0));
}

#[test]
fn a_function_that_came_earlier_is_judged_when_it_is_called() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::Stdio;
    let world = World::new();
    let mut run = world.guard("bash");
    let command = run.command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("guard starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    for (piece, answer) in
        [(format!("f() {{ {REFUSED}; }}; echo defined\n"), "defined\n"), ("echo on\n".to_owned(), "on\n")]
    {
        stdin.write_all(piece.as_bytes()).expect("the shell reads");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("an answer");
        assert_eq!(line, answer);
    }
    stdin.write_all(b"f\n").expect("the shell reads");
    assert_eq!(child.wait().expect("the shell ends").code(), Some(126));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert!(said.starts_with("guard: refused: deletes a volume"), "{said}");
    assert_eq!(world.calls(), "");
}

#[test]
fn as_a_prefix_it_runs_one_command() {
    let world = World::new();
    let run = |args: &[&str]| world.guard("guard").args(args).outcome();
    run(&["--", "printf", "%s|", "a b", "c;d", "$HOME"]).ended(0).printed("a b|c;d|$HOME|");
    run(&["--", "echo one | tr a-z A-Z; exit 5"]).ended(5).printed("ONE\n");
    run(&["--", "sh", "-c", "exit 9"]).ended(9);
    run(&["--", "no-such-program-here"]).ended(127);
    run(&["--", "railway", "volume", "delete", "-v", "pg-data"]).refused();
    run(&["--", REFUSED]).refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn a_prefix_passes_bytes_as_they_are() {
    let world = World::new();
    let bytes: Vec<u8> = (0..=255u8).cycle().take(200_000).collect();
    let mut run = world.guard("guard").args(["--", "cat"]);
    run = run.stdin(bytes.clone());
    let command = run.command();
    command.stdout(std::process::Stdio::piped());
    let out = world.path("work/out");
    fs::write(world.path("work/in"), &bytes).expect("a file");
    world.guard("guard").args(["--", &format!("cat < in > '{}'", out.display())]).outcome().ended(0);
    assert_eq!(fs::read(out).expect("the copy"), bytes);
}

#[test]
fn exec_gives_the_process_away() {
    let world = World::new();
    world.same("bash", &["-c", "exec printf '%s\\n' \"$0\""], None).ended(0);
    world.same("bash", &["-c", "exec sh -c 'kill -9 $$'"], None);
    world.guard("bash").args(["-c", &format!("exec {REFUSED}")]).outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn a_login_shell_by_its_name() {
    let world = World::new();
    world.file("home/.bash_profile", "profile=read\n");
    let shells = [world.path("shims/bash"), real("bash")];
    let [ours, theirs] = shells.map(|shell| {
        let run = world.run(shell).arg0("-bash").args(["-c", "echo $profile; shopt login_shell; echo $0"]);
        run.outcome()
    });
    assert_eq!(ours, theirs);
    assert!(ours.stdout.starts_with("read\n"), "{ours:?}");
    let refused = world.guard("bash").arg0("-bash").args(["-c", REFUSED]).outcome();
    refused.refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn startup_files_named_by_the_environment_are_part_of_the_script() {
    let world = World::new();
    let startup = world.file("work/env.sh", "greeting=hello\n");
    let shells = [world.path("shims/bash"), real("bash")];
    let [ours, theirs] = shells.map(|shell| {
        let run = world.run(shell).arg0("bash").env("BASH_ENV", &startup).env("ENV", &startup);
        run.args(["-c", "echo $greeting"]).outcome()
    });
    assert_eq!(ours, theirs);
    assert_eq!(ours.stdout, "hello\n");

    let bad = world.file("work/bad.sh", format!("{REFUSED}\n"));
    let run = world.guard("bash").env("BASH_ENV", &bad).args(["-c", "echo harmless"]);
    run.outcome().refused();
    let renames = world.file("work/f.sh", format!("ls() {{ {REFUSED}; }}\n"));
    let run = world.guard("bash").env("BASH_ENV", &renames).args(["-c", "ls"]);
    run.outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn functions_from_the_environment_are_followed() {
    let world = World::new();
    let function = format!("() {{ {REFUSED}; }}");
    let run = world.guard("bash").env("BASH_FUNC_ls%%", function);
    run.args(["-c", "ls"]).outcome().refused();
    let line = format!("f() {{ {REFUSED}; }}; export -f f; bash -c f");
    world.guard("bash").args(["-c", &line]).outcome().refused();
    assert_eq!(world.calls(), "");
}

#[test]
fn a_home_that_cannot_be_written_stops_no_harmless_command() {
    let world = World::new();
    let home = world.path("home");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o500)).expect("a mode");
    world.same("bash", &["-c", "echo fine"], None).ended(0);
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).expect("a mode");
}

#[test]
fn a_log_that_cannot_be_written_stops_no_harmless_command() {
    let world = World::new();
    // A file where the directory should be: not even root can write below it.
    fs::remove_dir(world.path("state")).expect("an empty directory");
    world.file("state", "");
    world.same("bash", &["-c", "echo fine"], None).ended(0).printed("fine\n");
    let refused = world.guard("bash").args(["-c", REFUSED]).outcome();
    assert!(matches!(refused.code, Some(125 | 126)), "{refused:?}");
    assert_eq!(world.calls(), "");
}

#[test]
fn no_search_path_leads_guard_to_itself() {
    let world = World::new();
    let shims = world.path("shims");
    for path in
        [format!("{}", shims.display()), format!("{0}:{0}/../shims:/usr/bin", shims.display()), String::new()]
    {
        for name in ["bash", "sh", "guard"] {
            let run = world.guard(name).env("PATH", &path).args(["-c", "echo here"]);
            run.outcome().ended(0).printed("here\n");
        }
    }
}

#[test]
fn a_missing_shell_is_said_in_one_line() {
    let world = World::new();
    world.file("config/guard.toml", "[shell]\npath = \"/no/such/bash\"\n");
    let outcome = world.guard("guard").args(["-c", "echo hi"]).outcome();
    outcome.ended(127);
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(outcome.stderr.contains("/no/such/bash"), "{outcome:?}");
}
