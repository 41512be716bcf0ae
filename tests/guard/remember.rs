//! What was judged is not judged again while all that it rests on stays the same, and is as soon as anything differs.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::supervise::{guarded, keeping};
use super::support::World;

/// Files that others have written before, with their texts.
type Files = &'static [(&'static str, &'static str)];

/// How a program is run, the files that it runs, and one that comes in place of another or is new.
const RUNS: &[(&str, Files, (&str, &str))] = &[
    ("sh s.sh", &[("s.sh", "echo ran")], ("s.sh", ": > kept/notes")),
    ("./own", &[("own", "#!/bin/sh\necho ran")], ("own", "#!/bin/sh\n: > kept/notes")),
    ("sh s.sh", &[("s.sh", ". ./part.sh"), ("part.sh", "echo ran")], ("part.sh", ": > kept/notes")),
    ("BASH_ENV=first.sh bash -c 'echo ran'", &[("first.sh", ":")], ("first.sh", ": > kept/notes")),
    ("perl s.pl", &[("s.pl", "print qq(ran\\n);")], ("s.pl", "unlink 'kept/notes';")),
    ("python3 s.py", &[("s.py", "print('ran')")], ("s.py", "import os; os.remove('kept/notes')")),
    (
        "python3 s.py",
        &[("s.py", "import part; part.go()"), ("part.py", "def go(): print('ran')")],
        ("part.py", "import os\ndef go(): os.remove('kept/notes')"),
    ),
    // A module that stands earlier on the way.
    (
        "PYTHONPATH=more python3 s.py",
        &[("s.py", "import part; part.go()"), ("more/part.py", "def go(): print('ran')")],
        ("part.py", "import os\ndef go(): os.remove('kept/notes')"),
    ),
    ("node s.js", &[("s.js", "console.log('ran')")], ("s.js", "require('fs').unlinkSync('kept/notes')")),
    (
        "node s.js",
        &[("s.js", "require('./part').go()"), ("part/index.js", "exports.go = () => console.log('ran')")],
        ("part.js", "exports.go = () => require('fs').unlinkSync('kept/notes')"),
    ),
    (
        "NODE_OPTIONS='--require ./first.cjs' node s.js",
        &[("s.js", "console.log('ran')"), ("first.cjs", "")],
        ("first.cjs", "require('fs').unlinkSync('kept/notes')"),
    ),
];

/// Runs it twice, changes what it runs, and runs it once more.
fn changed(world: &World, run: &str, change: impl FnOnce()) -> String {
    let wait = "until [ -e go ]; do read -t 0.05 x <> /dev/null; done";
    let mut guard = guarded(world, &format!("{run}\n{run}\n: > ready\n{wait}\n{run}\necho end"));
    let command = guard.command().stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("guard starts");
    let begun = Instant::now();
    while !world.path("work/ready").exists() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(10));
    }
    change();
    world.file("work/go", "");
    let output = child.wait_with_output().expect("guard ends");
    for name in ["go", "ready"] {
        let _ = fs::remove_file(world.path("work").join(name));
    }
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

/// Of the same length and with the same time as what stands there.
fn replace(file: &Path, text: &str) {
    let before = fs::metadata(file);
    fs::write(file, text).expect("a file");
    if let Ok(before) = before {
        assert_eq!(before.len(), text.len() as u64);
        let time = before.modified().expect("a time");
        File::options().write(true).open(file).and_then(|file| file.set_modified(time)).expect("a time");
    }
}

#[test]
fn what_is_changed_between_two_runs_is_judged_anew() {
    for length in [200, 6_000] {
        for (run, files, (changes, text)) in RUNS {
            let (world, kept) = keeping();
            // Lines that mean nothing in any of these languages.
            let filled = |text: &str| format!("{text}\n{}", "\n".repeat(length - text.len()));
            for (name, text) in *files {
                world.executable(&format!("work/{name}"), &filled(text));
            }
            let said = changed(&world, run, || replace(&world.path("work").join(changes), &filled(text)));
            assert_eq!(said.matches("ran\n").count(), 2, "{run}, {changes}: {said}");
            assert!(said.contains("[protect.no-delete"), "{run}, {changes}: {said}");
            assert_eq!(fs::read_to_string(&kept).ok().as_deref(), Some("x"), "{run}, {changes}: {said}");
        }
    }
}

#[test]
fn a_link_on_the_way_that_leads_elsewhere_is_noticed() {
    let (world, kept) = keeping();
    world.file("work/a/s.sh", "echo ran\n");
    world.file("work/b/s.sh", ": > kept/notes\n");
    let link = world.path("work").join("now");
    symlink("a", &link).expect("a link");
    let said = changed(&world, "sh now/s.sh", || {
        fs::remove_file(&link).expect("a link");
        symlink("b", &link).expect("a link");
    });
    assert_eq!(said.matches("ran\n").count(), 2, "{said}");
    assert!(said.contains("[protect.no-delete"), "{said}");
    assert_eq!(fs::read_to_string(&kept).ok().as_deref(), Some("x"), "{said}");
}

#[test]
fn what_stays_the_same_is_judged_once() {
    let (world, _) = keeping();
    // Longer than what is read at once.
    let fill = "\n".repeat(6_000);
    world.file("work/s.sh", format!("echo ran > /dev/null\n{fill}"));
    world.file("work/s.py", format!("import part\npart.go()\n{fill}"));
    world.file("work/part.py", format!("def go(): pass\n{fill}"));
    world.file("work/s.pl", format!("my $x = 1;\n{fill}"));
    world.run("git").args(["init", "-q", "."]).outcome().ended(0);
    // What the processes beside the supervisor's loop used stands in its own account (proc(5), cminflt).
    let used = "read -r stat < /proc/$PPID/stat; set -- $stat; echo ${11}";
    for run in ["sh s.sh", "python3 s.py", "perl s.pl"] {
        let line = format!("{used}; {run}; {used}; for ((i = 0; i < 50; i++)); do {run}; done; {used}");
        let outcome = guarded(&world, &line).outcome();
        let used: Vec<u64> = outcome.stdout.lines().map(|line| line.parse().expect("a number")).collect();
        assert!(used[1] > used[0] && used[2] == used[1], "{run}: {outcome:?}");
    }
}

/// Gives a shell a script by a descriptor that is open in this process alone.
const BY_DESCRIPTOR: &str = "import os, subprocess, sys
script = os.open(sys.argv[1], os.O_RDONLY)
path = sys.argv[2]
sys.exit(subprocess.call(['sh', path.replace('N', str(script))], pass_fds=[script]))
";

#[test]
fn a_script_that_is_given_by_a_descriptor_is_read() {
    let (world, kept) = keeping();
    world.file("work/give.py", BY_DESCRIPTOR);
    world.file("work/empties", format!(": > {}\n", kept.display()));
    world.file("work/says", "echo said\n");
    for path in ["/dev/fd/N", "/proc/self/fd/N"] {
        let given = |script: &str| guarded(&world, &format!("python3 give.py {script} {path}")).outcome();
        let refused = given("empties");
        assert!(
            refused.code != Some(0) && refused.stderr.contains("[protect.no-delete"),
            "{path}: {refused:?}"
        );
        assert_eq!(fs::read_to_string(&kept).expect("a file"), "x", "{path}");
        given("says").ended(0).printed("said\n");
    }
}
