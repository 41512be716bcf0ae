//! A program that is executed is what it is, whatever it is called and by whichever way it is reached.

use std::fs;
use std::os::unix::fs::symlink;

use super::support::{Outcome, Run, World};

/// Executes the second of its words and those behind it, by the path that the first is: words that stand in a file
/// of which no text tells.
const EXECUTES: &str =
    "open(F, '<', 'words'); @w = split(' ', <F>); $p = shift @w; exec {$p} @w or die \"$!\"\n";

/// A world whose execs are judged. Its programs are others than they are called, and print their words.
fn world() -> World {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    world.file("work/run.pl", EXECUTES);
    world.run("git").args(["init", "-q", "."]).outcome().ended(0);
    world
}

/// A program of no other's content that prints its words: `echo` with something behind its end.
fn program(world: &World, below: &str) {
    let mut text = fs::read("/bin/echo").expect("echo");
    text.extend_from_slice(below.as_bytes());
    let path = world.file(below, text);
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

fn runs(world: &World, words: &str) -> Run {
    world.file("work/words", words);
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", world.path("bin").display());
    world.guard("guard").env("PATH", path).args(["-c", "perl run.pl"])
}

#[track_caller]
fn held(world: &World, words: &str, rule: &str) -> Outcome {
    let outcome = runs(world, words).outcome();
    assert!(outcome.stderr.contains(&format!("[{rule}")), "{words}: {outcome:?}");
    assert_eq!(outcome.stdout, "", "{words}: {outcome:?}");
    outcome
}

#[track_caller]
fn passes(world: &World, words: &str) {
    let outcome = runs(world, words).outcome();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{words}: {outcome:?}");
}

#[test]
fn what_acts_by_its_name_is_what_it_is_called() {
    let world = world();
    for name in ["systemctl", "pgrep", "lvm", "mke2fs"] {
        program(&world, &format!("bin/{name}"));
    }
    let at = |below: &str| world.path(below);
    let bin = at("bin").display().to_string();
    symlink(at("bin/systemctl"), at("work/reboot")).expect("a link");
    fs::hard_link(at("bin/systemctl"), at("work/poweroff")).expect("a link");
    fs::copy(at("bin/systemctl"), at("work/halt")).expect("a copy");
    fs::copy(at("bin/systemctl"), at("work/s")).expect("a copy");
    symlink(at("work/s"), at("work/harmless")).expect("a link");
    for words in [
        format!("{bin}/systemctl reboot"),
        format!("{bin}/systemctl /x/a-reboot-b now"),
        "./reboot ./reboot".into(),
        "./poweroff poweroff".into(),
        "./halt halt".into(),
        "./harmless halt".into(),
        "./harmless harmless reboot".into(),
        "./halt ls poweroff".into(),
        format!("{bin}/systemctl ls reboot"),
    ] {
        held(&world, &words, "machine.power");
    }
    held(&world, &format!("{bin}/pgrep pkill -9 ."), "machine.kill-all");
    held(&world, &format!("{bin}/lvm lvremove -f vg0/data"), "disks.volume-remove");
    held(&world, &format!("{bin}/mke2fs mkfs.ext4 /dev/sda1"), "disks.write");
    passes(&world, &format!("{bin}/systemctl systemctl status"));
    passes(&world, &format!("{bin}/systemctl harmless status"));
    passes(&world, "./harmless harmless status");
    passes(&world, &format!("{bin}/pgrep pgrep ."));
    passes(&world, &format!("{bin}/lvm lvs"));
}

#[test]
fn a_copy_of_a_program_of_the_user_s_is_that_program() {
    let world = world();
    program(&world, "bin/terraform");
    program(&world, "home/.local/bin/kubectl");
    let at = |below: &str| world.path(below);
    fs::copy(at("bin/terraform"), at("work/t")).expect("a copy");
    fs::hard_link(at("bin/terraform"), at("work/u")).expect("a link");
    symlink(at("bin/terraform"), at("work/v")).expect("a link");
    symlink("v", at("work/w")).expect("a link");
    for name in ["t", "u", "v", "w"] {
        held(&world, &format!("./{name} {name} destroy -auto-approve"), "terraform.destroy");
        passes(&world, &format!("./{name} {name} plan"));
    }
    fs::copy(at("home/.local/bin/kubectl"), at("work/k")).expect("a copy");
    held(&world, "./k k delete ns prod", "kubernetes.delete");
    passes(&world, "./k k get pods");
    // What a project installed has its name from a link alone.
    world.executable("work/node_modules/prisma/build/index.js", "#!/bin/sh\necho \"$@\"\n");
    fs::create_dir(at("work/node_modules/.bin")).expect("a folder");
    symlink("../prisma/build/index.js", at("work/node_modules/.bin/prisma")).expect("a link");
    fs::copy(at("work/node_modules/prisma/build/index.js"), at("work/p")).expect("a copy");
    for path in ["node_modules/.bin/prisma", "node_modules/prisma/build/index.js", "./p"] {
        held(&world, &format!("{path} x migrate reset --force"), "sql.reset");
        passes(&world, &format!("{path} x migrate status"));
    }
    // A link gives a name as well as a file has one.
    program(&world, "work/tools/kubectl-linux");
    symlink("tools/kubectl-linux", at("work/kubectl")).expect("a link");
    held(&world, "./kubectl kubectl delete ns prod", "kubernetes.delete");
}

/// What no exec shows is told by the file: a copy that the text alone is judged of, and what the dynamic linker starts.
#[test]
fn a_copy_is_told_where_no_exec_shows_it() {
    let world = world();
    program(&world, "bin/terraform");
    fs::copy(world.path("bin/terraform"), world.path("work/t")).expect("a copy");
    fs::copy("/bin/rm", world.path("work/r")).expect("a copy");
    world.file("work/mine.txt", "work of mine\n");
    let linker = "/lib64/ld-linux-x86-64.so.2";
    if fs::exists(linker).unwrap_or(false) {
        held(&world, &format!("{linker} ld.so ./r mine.txt"), "filesystem.delete-uncommitted");
    }
    world.file("config/guard.toml", "[run]\nsupervise = \"never\"\n");
    for (line, decision) in [
        ("./t destroy -auto-approve", "confirm"),
        ("./t plan", "allow"),
        ("./r mine.txt", "confirm"),
        ("./r --help", "allow"),
    ] {
        let outcome = world.guard("guard").args(["check", "--json", line]).outcome();
        assert!(outcome.stdout.contains(&format!("\"decision\":\"{decision}\"")), "{line}: {outcome:?}");
    }
}

#[test]
fn no_function_stands_in_for_what_is_executed() {
    let world = world();
    world.file("work/mine.txt", "work of mine\n");
    for name in ["rm", "/bin/rm", "/usr/bin/rm", "command_not_found_handle"] {
        let variable = format!("BASH_FUNC_{name}%%");
        for words in
            ["/bin/rm rm mine.txt", "/usr/bin/env env rm mine.txt", "/usr/bin/env env -i /bin/rm mine.txt"]
        {
            let outcome = runs(&world, words).env(&variable, "() { :; }").outcome();
            assert!(
                outcome.stderr.contains("[filesystem.delete-uncommitted"),
                "{name}: {words}: {outcome:?}"
            );
            assert!(world.path("work/mine.txt").exists(), "{name}: {words}");
        }
    }
}

/// Shims and links by which everyday programs are reached.
#[test]
fn programs_behind_shims_and_links_run() {
    let world = world();
    let at = |below: &str| world.path(below);
    let bin = at("bin").display().to_string();
    for name in ["rustup", "ccache", "vim.basic", "volta-shim", "python3.11", "mise"] {
        program(&world, &format!("bin/{name}"));
    }
    let links = [
        ("rustup", "cargo"),
        ("rustup", "rustc"),
        ("ccache", "gcc"),
        ("vim.basic", "alternative"),
        ("alternative", "vi"),
        ("volta-shim", "yarn"),
        ("python3.11", "python"),
        ("mise", "terraform"),
    ];
    for (file, link) in links {
        symlink(file, at(&format!("bin/{link}"))).expect("a link");
    }
    fs::hard_link(at("bin/rustup"), at("bin/rustfmt")).expect("a link");
    // As pyenv makes them: one text under many names.
    for name in ["pip", "python3", "ansible", "dropdb", "supabase", "flask"] {
        world.executable(&format!("bin/{name}"), "#!/bin/sh\necho \"${0##*/}\" \"$@\"\n");
    }
    for words in [
        "cargo cargo clean -p x",
        "cargo cargo uninstall x",
        "rustfmt rustfmt src/main.rs",
        "gcc gcc -C x.c",
        "vi vi notes.txt",
        "yarn yarn remove x",
        "python python m.py",
        "terraform terraform plan",
        "pip pip uninstall -y x",
        "python3 python3 reset",
        "flask flask run",
    ] {
        passes(&world, &format!("{bin}/{words}"));
    }
    held(&world, &format!("{bin}/terraform terraform destroy -auto-approve"), "terraform.destroy");
    held(&world, &format!("{bin}/dropdb dropdb prod"), "sql.");
}
