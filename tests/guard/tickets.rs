//! Tickets: what is held runs once after a human said yes to just that, with their passphrase, and
//! nobody else can say it.

use std::fs;
use std::path::PathBuf;

use crate::off::human;
use crate::support::{Outcome, REFUSED, World};
use crate::tmux::Tmux;

pub const PASSPHRASE: &str = "correct horse";

pub fn guard(world: &World) -> String {
    world.path("shims/guard").display().to_string()
}

/// A human who has made a key.
pub fn with_key(world: &World) -> Tmux<'_> {
    let tmux = human(world);
    tmux.line(&format!("{} setup", guard(world)), "New passphrase:");
    tmux.line(PASSPHRASE, "Once more:");
    tmux.line(PASSPHRASE, "cannot be found again");
    tmux
}

/// An agent runs a line.
pub fn agent(world: &World, line: &str) -> Outcome {
    world.guard("bash").args(["-c", line]).env("CLAUDECODE", "1").outcome()
}

/// The ticket that a refusal names.
#[track_caller]
pub fn ticket(refused: &Outcome) -> String {
    assert_eq!(refused.code, Some(126), "{refused:?}");
    let named = refused.stderr.split("`guard approve ").nth(1).and_then(|rest| rest.split('`').next());
    named.unwrap_or_else(|| panic!("no ticket: {refused:?}")).to_owned()
}

/// The human asks for the question about it.
fn asked(tmux: &Tmux<'_>, world: &World, ticket: &str) {
    tmux.line("clear", "$");
    tmux.until("a clear screen", |screen| !screen.contains("ticket"));
    tmux.line(&format!("{} approve {ticket}", guard(world)), "Anything else leaves the ticket open");
}

/// The human says yes to it.
pub fn approve(tmux: &Tmux<'_>, world: &World, ticket: &str, name: &str) {
    asked(tmux, world, ticket);
    tmux.line(name, "Passphrase:");
    tmux.line(PASSPHRASE, &format!("approved: {ticket}"));
}

#[track_caller]
pub fn ran(world: &World, times: usize) {
    assert_eq!(world.calls(), format!("{REFUSED}\n").repeat(times));
}

#[test]
fn what_a_human_approved_runs_once() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    let again = agent(&world, REFUSED);
    assert_eq!(ticket(&again), named, "the same has the same ticket");
    ran(&world, 0);
    approve(&tmux, &world, &named, "pg-data");
    // Neither another line nor another directory passes by it.
    ticket(&agent(&world, &format!("{REFUSED}; echo more")));
    fs::create_dir(world.path("work/deeper")).expect("a directory");
    ticket(&agent(&world, &format!("cd deeper && {REFUSED}")));
    ran(&world, 0);
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
    ticket(&agent(&world, REFUSED));
    ran(&world, 1);
    let log = world.guard("guard").args(["log", "--json"]).outcome().stdout;
    assert_eq!(log.matches("\"outcome\":\"approved-by-signature\"").count(), 1, "{log}");
    assert!(log.contains(&format!("guard approve {named}")), "{log}");
    world.guard("guard").args(["log", "verify"]).outcome().ended(0);
}

#[test]
fn a_changed_script_is_not_what_was_approved() {
    let world = World::new();
    let tmux = with_key(&world);
    let script = world.file("work/deploy.sh", format!("{REFUSED}\n"));
    let named = ticket(&agent(&world, "bash deploy.sh"));
    approve(&tmux, &world, &named, "pg-data");
    fs::write(&script, format!("{REFUSED}\necho more\n")).expect("writable");
    ticket(&agent(&world, "bash deploy.sh"));
    ran(&world, 0);
    fs::write(&script, format!("{REFUSED}\n")).expect("writable");
    agent(&world, "bash deploy.sh").ended(0);
    ran(&world, 1);
}

/// A line of which only its exec shows what it does.
pub fn hidden() -> String {
    let words: Vec<String> =
        REFUSED.split(' ').map(|word| format!("'{}'", word.chars().rev().collect::<String>())).collect();
    format!(
        "python3 -c \"import os,subprocess,sys; w=[{}]; f=getattr(subprocess,'llac'[::-1]); sys.exit(f([x[::-1] for x in w]))\"",
        words.join(",")
    )
}

#[test]
fn what_only_an_exec_shows_is_approved_too() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let tmux = with_key(&world);
    let refused = agent(&world, &hidden());
    let named = refused.stderr.split("`guard approve ").nth(1).and_then(|rest| rest.split('`').next());
    let named = named.unwrap_or_else(|| panic!("{refused:?}")).to_owned();
    ran(&world, 0);
    approve(&tmux, &world, &named, "pg-data");
    agent(&world, &hidden()).ended(0);
    ran(&world, 1);
    assert_ne!(agent(&world, &hidden()).code, Some(0));
    ran(&world, 1);
}

#[test]
fn neither_a_wrong_name_nor_a_wrong_passphrase_is_a_yes() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    asked(&tmux, &world, &named);
    tmux.line("yes", "is not `pg-data`");
    asked(&tmux, &world, &named);
    tmux.line("pg-data", "Passphrase:");
    tmux.line("incorrect horse", "That is not it.");
    let screen = tmux.screen();
    assert!(!screen.contains("incorrect"), "the passphrase was shown:\n{screen}");
    tmux.keys(&["C-c"]);
    tmux.shows("nothing was changed");
    ticket(&agent(&world, REFUSED));
    ran(&world, 0);
    approve(&tmux, &world, &named, "pg-data");
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
}

#[test]
fn an_approval_that_is_put_back_or_forged_is_none() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    approve(&tmux, &world, &named, "pg-data");
    let approved = world.path("state/approved");
    let files: Vec<PathBuf> =
        fs::read_dir(&approved).expect("approvals").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 1);
    let signed = fs::read_to_string(&files[0]).expect("text");
    // Changed in one letter it is refused.
    fs::write(&files[0], signed.replacen("once", "0nce", 1)).expect("writable");
    let refused = agent(&world, REFUSED);
    assert!(refused.stderr.contains("not signed with your key"), "{refused:?}");
    fs::write(&files[0], &signed).expect("writable");
    agent(&world, REFUSED).ended(0);
    fs::write(&files[0], &signed).expect("writable");
    fs::set_permissions(&files[0], std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mode");
    let refused = agent(&world, REFUSED);
    assert!(refused.stderr.contains("used before"), "{refused:?}");
    ran(&world, 1);
}

#[test]
fn an_agents_commands_reach_neither_keys_nor_approvals() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    fs::write(world.path("work/forged"), "x").expect("writable");
    for line in [
        "cp forged ../state/approved/x",
        "rm -rf ../state/spent",
        "mv ../config/approve.key ../config/approve.pub .",
        "echo guard-approve-1 AAAA > ../config/approve.pub",
        "sed -i s/a/b/ ../state/pending/*",
        "touch ../state/refused/x",
        &format!("guard approve {named}"),
        &format!("echo pg-data | guard approve {named}"),
        &format!("guard refuse {named}"),
        "guard setup --new",
        "guard watch",
        &format!("script -qc 'guard approve {named}' /dev/null"),
    ] {
        let outcome = agent(&world, line);
        assert_eq!(outcome.code, Some(126), "{line}: {outcome:?}");
    }
    ran(&world, 0);
    // The human's own works.
    approve(&tmux, &world, &named, "pg-data");
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
}

/// A terminal made by Python, with the environment of a human's, in which a program is called and its
/// questions are answered.
const TYPES: &str = r#"
import os, pty, sys, time, select
pid, fd = pty.fork()
if pid == 0:
    os.execve(sys.argv[1], sys.argv[1:], {"HOME": os.environ["HOME"], "GUARD_CONFIG_DIR": os.environ["GUARD_CONFIG_DIR"],
        "GUARD_STATE_DIR": os.environ["GUARD_STATE_DIR"], "PATH": "/usr/bin:/bin", "TERM": "xterm"})
said = b""
for answer in (b"pg-data\n", b"correct horse\n"):
    end = time.time() + 5
    while time.time() < end and not said.rstrip().endswith((b">", b":")):
        if not select.select([fd], [], [], 0.2)[0]: continue
        try: part = os.read(fd, 4096)
        except OSError: part = b""
        if not part: break
        said += part
    try: os.write(fd, answer)
    except OSError: pass
    said += b"\n"
    time.sleep(0.5)
end = time.time() + 5
while time.time() < end:
    try: part = os.read(fd, 4096)
    except OSError: break
    if not part: break
    said += part
sys.stdout.write(said.decode(errors="replace"))
"#;

#[test]
fn what_a_watched_command_started_gives_no_approval_whatever_its_name_and_terminal() {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    world.file("work/types.py", TYPES);
    fs::copy(env!("CARGO_BIN_EXE_guard"), world.path("work/tool")).expect("a copy");
    let tool = world.path("work/tool").display().to_string();
    let typed = format!("python3 types.py {tool} approve {named}");
    // Under its own name it is refused at its exec, as another it refuses itself.
    for line in [typed.clone(), format!("setsid {typed}"), format!("env -u CLAUDECODE {typed}")] {
        let outcome = world.guard("bash").args(["-c", &line]).outcome();
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(said.contains("a human's") && !said.contains("approved:"), "{line}: {outcome:?}");
    }
    assert_eq!(fs::read_dir(world.path("state/approved")).map_or(0, Iterator::count), 0);
    // The same from a human's terminal, which nothing watches.
    tmux.line(
        &format!("clear; python3 {} {tool} approve {named}", world.path("work/types.py").display()),
        "approved:",
    );
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
}

#[test]
fn a_no_sticks_for_the_session_in_other_words_too() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    tmux.line(&format!("clear; {} refuse {named} -m 'use the staging database'", guard(&world)), "refused: ");
    for line in [
        REFUSED,
        "env railway volume delete --yes --volume pg-data",
        "cd / && railway volume delete -v pg-data -y",
    ] {
        let refused = agent(&world, line);
        assert_eq!(refused.code, Some(126), "{line}");
        assert!(refused.stderr.contains("use the staging database"), "{line}: {refused:?}");
        assert!(!refused.stderr.contains("guard approve"), "{line}: {refused:?}");
    }
    // Another thing is asked about.
    ticket(&agent(&world, "railway volume delete -v other-data -y"));
    let log = world.guard("guard").args(["log"]).outcome().stdout;
    assert_eq!(log.matches("no again").count(), 3, "{log}");
    ran(&world, 0);
}

#[test]
fn without_a_key_there_is_no_ticket() {
    let world = World::new();
    let refused = agent(&world, REFUSED);
    assert!(refused.code == Some(126) && !refused.stderr.contains("guard approve"), "{refused:?}");
    let listed = world.guard("guard").args(["pending"]).outcome();
    assert_eq!(listed.ended(0).stdout, "no ticket is open\n");
    let made = world.guard("guard").args(["setup"]).env("CLAUDECODE", "1").outcome();
    assert!(made.code == Some(126) && made.stderr.contains("the agent `claude` is calling"), "{made:?}");
    let made = world.guard("guard").args(["setup"]).outcome();
    assert!(made.code == Some(126) && made.stderr.contains("not called on a terminal"), "{made:?}");
}

#[test]
fn a_public_key_that_others_could_have_written_gives_nothing() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    approve(&tmux, &world, &named, "pg-data");
    let public = world.path("config/approve.pub");
    let mode = |mode| {
        fs::set_permissions(&public, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("mode")
    };
    mode(0o666);
    let refused = agent(&world, REFUSED);
    assert!(
        refused.code == Some(126) && refused.stderr.contains("others may have written it"),
        "{refused:?}"
    );
    ran(&world, 0);
    mode(0o644);
    agent(&world, REFUSED).ended(0);
    ran(&world, 1);
}

#[test]
fn doctor_says_who_could_forge_an_approval() {
    let world = World::new();
    let row = || {
        let report = world.guard("guard").args(["doctor", "--json"]).outcome().stdout;
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let rows = report["rows"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["layer"] == "approvals").expect("a row").clone();
        format!("{} {} {}", row["state"], row["found"], row["remedy"])
    };
    assert!(row().contains("open") && row().contains("guard setup"), "{}", row());
    let _tmux = with_key(&world);
    assert!(row().contains("open") && row().contains("sudo install"), "{}", row());
    fs::write(world.path("config/approve.pub"), "x").expect("writable");
    assert!(row().contains("broken"), "{}", row());
}

#[test]
fn credentials_are_not_in_a_ticket() {
    let world = World::new();
    let _tmux = with_key(&world);
    let token = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
    let refused = agent(&world, &format!("GH_TOKEN={token} {REFUSED}"));
    let named = ticket(&refused);
    let kept = fs::read_to_string(world.path(format!("state/pending/{named}"))).expect("a ticket");
    assert!(!kept.contains(&token) && kept.contains("pg-data"), "{kept}");
    let listed = world.guard("guard").args(["pending", "--json"]).outcome();
    assert!(listed.stdout.contains(&named) && !listed.stdout.contains(&token), "{listed:?}");
}

#[test]
fn who_is_to_be_told_gets_what_waits() {
    let world = World::new();
    let told = world.path("work/told");
    world.file(
        "config/guard.toml",
        format!("[approve]\nnotify = \"cat > {0}.part && mv {0}.part {0}\"\n", told.display()),
    );
    let _tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !told.exists() && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let text = fs::read_to_string(&told).expect("it was told");
    assert!(text.contains(&named) && text.contains("pg-data"), "{text}");
}

/// An agent runs a line where the clock since the machine's start is so far ahead, and the day's is not: as if that had
/// been set back by as much. `None` where the system has no clocks of one's own.
fn agent_after(world: &World, seconds: &str, line: &str) -> Option<Outcome> {
    let with = ["--user", "--map-root-user", "--time", "--fork", "--boottime", seconds];
    let has_clocks = world.run("unshare").args(with).args(["true"]).outcome().code == Some(0);
    let run = world.run("unshare").args(with).arg0("unshare").env("CLAUDECODE", "1");
    has_clocks
        .then(|| run.args([world.path("shims/bash").as_os_str(), "-c".as_ref(), line.as_ref()]).outcome())
}

#[test]
fn a_clock_that_is_set_back_prolongs_no_yes() {
    let world = World::new();
    let tmux = with_key(&world);
    let named = ticket(&agent(&world, REFUSED));
    approve(&tmux, &world, &named, "pg-data");
    let Some(late) = agent_after(&world, "3600", REFUSED) else { return };
    assert_eq!(ticket(&late), named);
    assert!(late.stderr.contains("its time is over"), "{late:?}");
    ran(&world, 0);
    agent_after(&world, "0", REFUSED).expect("clocks").ended(0);
    ran(&world, 1);
    tmux.line(&format!("clear; {} off --for 10m", guard(&world)), "type the word OFF");
    tmux.line("OFF", "The passphrase of your key:");
    tmux.line(PASSPHRASE, "guard is off until ");
    ticket(&agent_after(&world, "3600", REFUSED).expect("clocks"));
    ran(&world, 1);
    agent_after(&world, "0", REFUSED).expect("clocks").ended(0);
    ran(&world, 2);
}
