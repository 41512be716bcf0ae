//! The flags of bash, zsh and sh: what runs must be the same with guard in front, and what is
//! refused must be refused whatever form it comes in.

use crate::support::{REFUSED, World, real};

/// Arguments in which `CMD` stands for the command.
const BASH: &[&[&str]] = &[
    &["-c", "CMD"],
    &["-lc", "CMD"],
    &["-cl", "CMD"],
    &["-c", "-l", "CMD"],
    &["-l", "-c", "CMD"],
    &["--login", "-c", "CMD"],
    &["-euxo", "pipefail", "-c", "CMD"],
    &["-euxc", "CMD"],
    &["-co", "pipefail", "CMD"],
    &["-eo", "pipefail", "-c", "CMD"],
    &["-c", "-o", "pipefail", "CMD"],
    &["-O", "extglob", "-c", "CMD"],
    &["+O", "extglob", "-c", "CMD"],
    &["-O", "extglob", "-O", "globstar", "-c", "CMD"],
    &["-o", "noclobber", "-c", "CMD"],
    &["+o", "noclobber", "-c", "CMD"],
    &["+e", "-c", "CMD"],
    &["--norc", "-c", "CMD"],
    &["--noprofile", "--norc", "-c", "CMD"],
    &["--posix", "-c", "CMD"],
    &["--rcfile", "/dev/null", "-c", "CMD"],
    &["--init-file", "/dev/null", "-c", "CMD"],
    &["-p", "-c", "CMD"],
    &["-c", "CMD", "name"],
    &["-c", "CMD", "--", "x"],
    &["-c", "--", "CMD"],
    &["-c", "-", "CMD"],
    &["-c", "CMD", "name", "-c", "true"],
    &["-xc", "CMD"],
    &["-vc", "CMD"],
    &["-rc", "CMD"],
    &["--restricted", "-c", "CMD"],
    &["-hBc", "CMD"],
];

const HARMLESS: &[&str] = &[
    "echo \"$0|$1|$#|$-\"; exit 3",
    "echo out; echo err >&2; false",
    "shopt -p extglob; set -o; shopt login_shell",
];

fn with(args: &[&str], command: &str) -> Vec<String> {
    args.iter().map(|arg| arg.replace("CMD", command)).collect()
}

#[test]
fn every_flag_form_of_bash_runs_as_bash_runs_it() {
    let world = World::new();
    for form in BASH {
        for command in HARMLESS {
            let args = with(form, command);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            world.same("bash", &args, None);
        }
    }
}

#[test]
fn every_flag_form_of_bash_is_read_and_refused() {
    let world = World::new();
    for form in BASH {
        for name in ["bash", "guard"] {
            let outcome = world.guard(name).args(with(form, REFUSED)).outcome();
            assert_eq!(outcome.code, Some(126), "{name} {form:?} {outcome:?}");
            assert_eq!(world.calls(), "", "{name} {form:?}");
        }
    }
}

#[test]
fn what_is_not_executed_is_not_refused() {
    let world = World::new();
    world.same("bash", &["-n", "-c", REFUSED], None).ended(0);
    assert_eq!(world.calls(), "");
}

#[test]
fn errors_of_usage_are_the_shells_own() {
    let world = World::new();
    for args in [
        &["-c"][..],
        &["-Z"],
        &["--no-such-option"],
        &["-o", "nonsense", "-c", "true"],
        &["-O", "nonsense", "-c", "true"],
        &["-c", "if"],
        &["-c", "echo 'unclosed"],
        &["/no/such/script"],
        &["no-such-script"],
        &["/"],
    ] {
        let outcome = world.same("bash", args, None);
        assert_ne!(outcome.code, Some(0), "{args:?}");
    }
}

#[test]
fn a_shell_that_only_tells_about_itself_does_so() {
    let world = World::new();
    for args in [&["--version"][..], &["--help"], &["-c", "help cd"]] {
        world.same("bash", args, None).ended(0);
    }
}

#[test]
fn sh_and_zsh_have_their_own_flags() {
    let world = World::new();
    for args in [
        &["-c", "echo \"$0|$1\"", "a", "b"][..],
        &["-ec", "false; echo no"],
        &["-e", "-u", "-c", "echo $-"],
        &["-s", "a", "b"],
    ] {
        world.same("sh", args, Some("echo \"$1 $2\"\n"));
    }
    for args in [
        &["-c", "echo \"$0|$1|$ZSH_NAME\"", "a", "b"][..],
        &["-o", "extendedglob", "-c", "[[ -o extendedglob ]] && echo on"],
        &["-f", "-c", "echo $-"],
        &["-lc", "[[ -o login ]] && echo login"],
        &["-c", "-l", "echo hi"],
        &["-c", "echo ${(U)HOME:t}"],
        &["--emulate", "sh", "-c", "echo $0"],
        &["-yc", "x='a b'; print -l $x"],
    ] {
        world.same("zsh", args, None);
    }
    for (shell, args) in [
        ("sh", &["-c", REFUSED][..]),
        ("sh", &["-ec", REFUSED]),
        ("zsh", &["-c", REFUSED]),
        ("zsh", &["-o", "extendedglob", "-ilc", REFUSED]),
        ("zsh", &["-fc", REFUSED]),
        ("zsh", &["--emulate", "sh", "-c", REFUSED]),
    ] {
        world.guard(shell).args(args).outcome().refused();
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn exit_codes_and_deaths_by_signal_are_the_childs_own() {
    let world = World::new();
    for code in [0, 1, 3, 126, 127, 255] {
        world.same("bash", &["-c", &format!("exit {code}")], None).ended(code);
    }
    for signal in ["TERM", "KILL", "INT", "HUP", "USR1", "SEGV", "PIPE"] {
        let outcome = world.same("bash", &["-c", &format!("kill -{signal} $$")], None);
        assert!(outcome.signal.is_some(), "{signal} {outcome:?}");
    }
    world.same("bash", &["-c", "no_such_command_here"], None).ended(127);
}

#[test]
fn the_shell_gets_the_signals_as_they_were() {
    let world = World::new();
    // A broken pipe kills silently, as it does without guard in front.
    world.same("bash", &["-c", "yes | head -n 1; echo ${PIPESTATUS[0]}"], None);
    world.same("bash", &["-c", "trap -p; kill -l PIPE"], None);
}

#[test]
fn any_name_may_stand_for_the_shell_that_was_started() {
    let world = World::new();
    let command = "echo \"$0\"; shopt -o posix; echo $SHELLOPTS; shopt login_shell";
    for name in ["specialname", "-specialname", "", "sh", "-sh", "zsh", "guard", "/no/such/dir/x"] {
        let shells = [world.path("shims/bash"), real("bash")];
        let [ours, theirs] = shells.map(|shell| world.run(shell).arg0(name).args(["-c", command]).outcome());
        assert_eq!(ours, theirs, "as {name:?}");
        let refused = world.run(world.path("shims/bash")).arg0(name);
        refused.args(["-c", REFUSED]).outcome().refused();
    }
    // By its own path it is what its caller says.
    let run = world.run(env!("CARGO_BIN_EXE_guard")).arg0("bash");
    run.args(["-c", "echo \"$0\""]).outcome().printed("bash\n");
    assert_eq!(world.calls(), "");
}
