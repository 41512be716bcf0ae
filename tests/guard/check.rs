//! `guard check`: judges and runs nothing.

use serde_json::Value;

use crate::support::{Outcome, World};

fn check(world: &World, command: &str) -> Outcome {
    world.guard("guard").args(["check", command]).outcome()
}

fn json(world: &World, command: &str) -> Value {
    let outcome = world.guard("guard").args(["check", "--json", command]).outcome();
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

#[test]
fn the_exit_code_tells_the_decision() {
    let world = World::new();
    check(&world, "echo hello").ended(0);
    check(&world, "railway volume delete -v x").ended(10);
    check(&world, "rm -rf /").ended(11);
    let outcome = world.guard("guard").args(["check"]).outcome();
    outcome.ended(2);
    assert_eq!(world.calls(), "");
}

#[test]
fn what_is_no_shell_or_goes_on_is_told_as_such() {
    let world = World::new();
    for text in ["if", "echo $(", "fi", "railway volume delete -v x; if"] {
        let outcome = check(&world, text);
        let told = outcome.stdout.replace("\n    ", " ");
        assert!(told.contains("a syntax error, as guard reads it: "), "{text}: {outcome:?}");
        outcome.ended(if text.contains("delete") { 10 } else { 0 });
        let ran = world.guard("bash").args(["-c", text]).outcome();
        assert!(matches!(ran.code, Some(2 | 126 | 0)), "{text}: {ran:?}");
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn the_json_has_its_documented_shape() {
    let world = World::new();
    let verdict = json(&world, "sudo sh -c 'railway volume delete -v pg-data'");
    assert_eq!(verdict["decision"], "confirm");
    assert!(verdict["obligations"].is_array());
    let finding = &verdict["findings"][0];
    assert_eq!(finding["rule"], "railway.volume-delete");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["match"], "yes");
    assert!(finding["title"].as_str().is_some_and(|title| !title.is_empty()));
    let span: Vec<u64> =
        finding["span"].as_array().expect("a pair").iter().filter_map(Value::as_u64).collect();
    assert!(span.len() == 2 && span[0] < span[1] && span[1] <= 47, "{span:?}");

    let harmless = json(&world, "git commit -m 'rm -rf /'");
    assert_eq!(harmless["decision"], "allow");
    assert_eq!(harmless["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_word_that_is_not_known_makes_a_maybe_and_that_is_held() {
    let world = World::new();
    let verdict = json(&world, "x=$(curl -s https://example.com/x); rm -rf \"$x\"");
    assert_eq!(verdict["decision"], "confirm");
    assert!(
        verdict["findings"].as_array().expect("findings").iter().all(|f| f["match"] == "maybe"),
        "{verdict}"
    );
}

#[test]
fn a_script_that_cannot_be_read_hides_no_verdict_of_another() {
    let world = World::new();
    world.file("work/gone.sh", "rm -rf /\n");
    let outcome =
        world.guard("guard").args(["check", "--script", "missing.sh", "gone.sh", "other.sh"]).outcome();
    assert!(outcome.stdout.contains("gone.sh: deny"), "{outcome:?}");
    for name in ["missing.sh", "other.sh"] {
        assert!(outcome.stderr.contains(&format!("guard: `{name}` cannot be read")), "{outcome:?}");
    }
    outcome.ended(125);
}

#[test]
fn a_json_line_without_a_directory_is_judged_for_no_place_in_particular() {
    let world = World::new();
    let place = world.path("work");
    // Nothing is lost in this one, whatever is done to it.
    let clean = world.path("work/clean");
    let made = "git init -q clean && cd clean && mkdir src && touch src/app.ts && git add . && \
                git -c user.name=a -c user.email=a@example.com commit -qm a";
    world.run("/bin/sh").args(["-c", made]).outcome().ended(0);
    let decide = |command: &str, question: Value| {
        let mut run = world.guard("guard").args(["check", "--jsonl"]).stdin(question.to_string() + "\n");
        run.command().current_dir(&clean);
        let run = run.outcome();
        run.ended(0);
        let answer: Value = serde_json::from_str(&run.stdout).expect("an answer");
        answer["decision"].as_str().unwrap_or_else(|| panic!("{command}: {answer}")).to_owned()
    };
    for (command, elsewhere) in [
        ("git reset --hard", "confirm"),
        ("git checkout -- src/app.ts", "confirm"),
        ("git clean -fd", "confirm"),
        ("git worktree remove --force ../feature", "confirm"),
        ("rm -rf src", "confirm"),
        ("rm -rf ./uploads/*", "confirm"),
        ("cd backend && rm -r data", "confirm"),
        ("find uploads -type f -exec rm -rf {} +", "confirm"),
        ("shred -u notes.txt", "confirm"),
        ("rm -f app.sqlite3", "confirm"),
        ("sqlite3 app.db 'DROP TABLE t'", "confirm"),
        ("rm .env", "confirm"),
        ("rm -rf \"$TMPDIR/x\"", "allow"),
        ("git push --force-with-lease", "warn"),
        ("rm -rf node_modules dist .venv vendor", "allow"),
        ("rm -f notes.txt", "allow"),
        ("echo x > notes.txt", "allow"),
        ("rm -rf /tmp/build-x", "allow"),
        ("git status && git pull && git checkout -b x && git stash pop", "allow"),
    ] {
        let without = decide(command, serde_json::json!({"cmd": command}));
        assert_eq!(without, elsewhere, "{command}");
        let env = serde_json::json!({"TMPDIR": "/tmp"});
        let here = decide(command, serde_json::json!({"cmd": command, "cwd": place, "env": env}));
        assert!(["allow", "warn"].contains(&here.as_str()), "{command}: {here}");
    }
}

#[test]
fn json_lines_are_answered_one_by_one() {
    let world = World::new();
    let input = concat!(
        "{\"id\": 1, \"cmd\": \"echo hi\"}\n",
        "{\"id\": \"b\", \"cmd\": \"rm -rf /\", \"cwd\": \"/tmp\"}\n",
        "not json\n",
        "\n",
        "{\"id\": 3}\n",
        "{\"id\": 4, \"cmd\": \"rm -rf $WHERE\", \"env\": {\"WHERE\": \"/\"}}\n",
        "{\"id\": 5, \"cmd\": \"echo \\u0000\"}\n",
        "{\"id\": 6, \"cmd\": \"echo last\"}",
    );
    let outcome = world.guard("guard").args(["check", "--jsonl"]).stdin(input).outcome();
    outcome.ended(0);
    let answers: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("each answer is JSON")).collect();
    let by_id = |id: Value| answers.iter().find(|a| a["id"] == id).expect("an answer");
    assert_eq!(by_id(1.into())["decision"], "allow");
    assert_eq!(by_id("b".into())["decision"], "deny");
    assert!(by_id(3.into())["error"].is_string());
    assert_eq!(by_id(4.into())["decision"], "deny");
    assert_eq!(by_id(5.into())["decision"], "deny");
    assert_eq!(by_id(6.into())["decision"], "allow");
    assert!(answers.iter().any(|a| a["error"].is_string() && a.get("id").is_none_or(Value::is_null)));
}

#[test]
fn json_lines_are_flushed_a_line_at_a_time() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let world = World::new();
    let mut run = world.guard("guard").args(["check", "--jsonl"]);
    let mut child = run.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("guard starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for id in 0..3 {
        writeln!(stdin, "{{\"id\": {id}, \"cmd\": \"true\"}}").expect("guard reads");
        let answer: Value =
            serde_json::from_str(&answers.next().expect("a line").expect("text")).expect("JSON");
        assert_eq!(answer["id"], id);
    }
    drop(stdin);
    child.wait().expect("guard ends");
}

#[test]
fn mentioned_text_is_not_run() {
    let world = World::new();
    for command in [
        "git commit -m 'rm -rf /'",
        "grep -r 'volumeDelete' .",
        "echo \"git push --force\"",
        "rm -rf node_modules target",
        "rg -n 'DROP TABLE|rm -rf' src",
        "echo 'curl -X DELETE https://api.example.com/x' | tee -a notes.md",
        "cat > notes.md <<'EOF'\nrm -rf ~\nrailway volume delete -v x\nEOF",
        "gh issue create --title x --body 'run git push --force; rm -rf /'",
        "printf '%s\\n' 'git reset --hard' > README.md",
        "man rm; which railway; type git",
        "sed -n 's/rm -rf/&/p' script.sh",
        "python3 -c \"print('rm -rf /')\"",
        "# rm -rf /",
        ": 'railway volume delete'",
    ] {
        let outcome = check(&world, command);
        assert_eq!(outcome.code, Some(0), "{command}: {outcome:?}");
    }
}

#[test]
fn what_scripts_do_every_day_is_not_held() {
    let world = World::new();
    world.file("work/again.sh", "[ \"$EUID\" = 0 ] || exec sudo bash \"$0\" \"$@\"\necho hi\n");
    for command in [
        "alias ls='ls --color'; alias grep='grep -n'; ls | grep x",
        "bash ./again.sh a b",
        "mkdir -p /tmp/new-here/a/b; cd /tmp/new-here; rm -rf a",
        "tmp=$(mktemp) || tmp=/tmp/made.$$; echo x > \"$tmp\"; rm -f \"$tmp\"",
        "exec {fd}>log; echo x >&$fd; echo y >&\"$fd\"; echo z >&${fd}; exec {fd}>&-",
        "for a in {1..30}; do for b in {1..30}; do for c in {1..30}; do echo $a$b$c; done; done; done",
        "d=/tmp; if; '*' x; ls * && rm -f ${d}/x",
    ] {
        let outcome = check(&world, command);
        assert_eq!(outcome.code, Some(0), "{command}: {outcome:?}");
    }
}

#[test]
fn what_autoconf_generated_runs_where_nothing_in_it_is_certain() {
    let world = World::new();
    let body =
        "for d in : $all; do cd \"$d\" && ls; cd \"$pwd\" || break; done\nrm -f -r conftest* confdefs.h\n";
    let head = "#! /bin/sh\n# Guess values.\n# Generated by GNU Autoconf 2.71 for x 1.0.\n";
    let run = |text: String| {
        let script = world.file("work/configure", text);
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("a mode");
        check(&world, "./configure --prefix=/tmp/x").code
    };
    assert_eq!(run(format!("{head}{body}")), Some(0));
    assert_eq!(run(format!("#! /bin/sh\n{body}")), Some(10));
    assert_eq!(run(format!("{head}{body}rm -rf ~\n")), Some(11));
    // What the line itself writes came from no generator.
    let own = format!("printf %s {} > configure; sh configure", shell_words::quote(&format!("{head}{body}")));
    assert_eq!(check(&world, &own).code, Some(10));
}

#[test]
fn a_file_behind_a_descriptors_sign_is_a_file() {
    let world = World::new();
    for command in ["f=/etc/hosts; echo x >&$f", "echo x >& /etc/hosts"] {
        check(&world, command).ended(10);
    }
}

#[test]
fn a_command_line_in_several_words_is_told_as_the_one_to_type() {
    let world = World::new();
    for (words, wanted) in [
        (&["check", "rm", "-rf", "/"][..], "guard check 'rm -rf /'"),
        (&["check", "rm", "-f", "x"], "guard check 'rm -f x'"),
        (&["explain", "git", "commit", "-m", "a b"], r"guard explain 'git commit -m '\''a b'\'''"),
    ] {
        let outcome = world.guard("guard").args(words).outcome();
        assert!(outcome.ended(2).stderr.contains(&format!("type `{wanted}`\n")), "{outcome:?}");
    }
    // Flags of guard's stand behind the word too.
    world.guard("guard").args(["check", "ls", "--json"]).outcome().ended(0);
}

#[test]
fn a_subcommand_that_is_nearly_one_is_told() {
    let world = World::new();
    let said = |word: &str| world.guard("guard").args([word, "x"]).outcome().ended(127).stderr.clone();
    assert!(said("chek").starts_with("guard: there is no subcommand `chek`; did you mean `guard check`?\n"));
    assert!(said("chekc").contains("did you mean `guard check`?"));
    assert!(!said("no-such-file").contains("did you mean"));
    world.file("work/chek", "echo mine\n");
    let outcome = world.guard("guard").args(["chek"]).outcome();
    assert_eq!((outcome.ended(0).stdout.as_str(), outcome.stderr.as_str()), ("mine\n", ""));
}

#[test]
fn a_script_that_is_called_is_shown_with_its_line() {
    let world = World::new();
    world.file("work/x.sh", "echo a\nif true; then\n  railway volume delete -v pg-data -y && echo b\nfi\n");
    let shown = check(&world, "cd .; bash x.sh").stdout;
    assert!(shown.contains("--> x.sh:3:3\n"), "{shown}");
    assert!(shown.contains("railway volume delete -v pg-data -y && echo b\n"), "{shown}");
}

#[test]
fn a_file_that_a_program_runs_is_shown_with_its_line() {
    let world = World::new();
    for (file, text, line, place, shown) in [
        (
            "x.py",
            "import shutil\ndef wipe(at):\n    shutil.rmtree(\n        at)\nwipe('/srv/data')\n",
            "python3 x.py",
            "x.py:3:5",
            "shutil.rmtree(",
        ),
        (
            "x.js",
            "const fs = require('fs');\n\nfs.rmSync('/srv/data', { recursive: true });\n",
            "node x.js",
            "x.js:3:1",
            "fs.rmSync('/srv/data', { recursive: true })",
        ),
        ("x.rb", "# one\nputs 'a'; system('rm -rf /srv/data')\n", "ruby x.rb", "x.rb:2:1", "system('rm -rf"),
        (
            "Makefile",
            "D = /srv/data\nall:\n\techo a\n\t@rm -rf \\\n\t  $(D)\n",
            "make",
            "Makefile:4:2",
            "@rm -rf \\",
        ),
        ("more.mk", "all:\n\trm -rf /srv/data\n", "make -f outer.mk", "more.mk:2:2", "rm -rf /srv/data"),
        (
            "package.json",
            "{ \"scripts\": {\n  \"a\": \"rm -rf \\\"/srv/data\\\"\"\n} }\n",
            "npm run a",
            "package.json:2:3",
            "\"a\": \"rm",
        ),
        ("justfile", "a:\n    echo\n    rm -rf /srv/data\n", "just a", "justfile:3:5", "rm -rf /srv/data"),
        (
            "Taskfile.yml",
            "tasks:\n  a:\n    cmds:\n      - rm -rf /srv/data\n",
            "task a",
            "Taskfile.yml:4:7",
            "- rm -rf",
        ),
        (
            "x.sql",
            "BEGIN;\nSELECT 1;\nDROP TABLE\n  users;\nCOMMIT;\n",
            "psql -h db.example.com -f x.sql",
            "x.sql:3:1",
            "DROP TABLE",
        ),
        ("x.vim", "set ai\n!rm -rf /srv/data\n", "vim -S x.vim", "x.vim:2:1", "!rm -rf"),
        ("x.gdb", "run\nshell rm -rf /srv/data\n", "gdb -x x.gdb a", "x.gdb:2:1", "shell rm"),
        ("x.sed", "1d\n2e rm -rf /srv/data\n", "sed -f x.sed y", "x.sed:2:1", "2e rm"),
        ("x.exp", "spawn bash\nsend \"rm -rf /srv/data\\r\"\n", "expect x.exp", "x.exp:2:1", "send"),
        // The innermost file counts, and where it calls others the line that does.
        ("x.sh", "echo a\nmake -s\n", "sh x.sh", "Makefile:4:2", "@rm -rf"),
        ("y.py", "import os\nos.system('sh y.sh')\n", "python3 y.py", "y.sh:1:1", "rm -rf /srv/data"),
    ] {
        world.file("work/outer.mk", "include more.mk\n");
        world.file("work/y.sh", "rm -rf /srv/data\n");
        world.file(&format!("work/{file}"), text);
        let told = check(&world, line).stdout;
        assert!(told.contains(&format!("--> {place}\n")) && told.contains(shown), "{line}: {told}");
        let outcome = world.guard("guard").args(["-c", line]).outcome();
        let refused = &outcome.ended(126).stderr;
        let at = place.rsplit_once(':').map_or(place, |(at, _)| at);
        assert!(refused.contains(&format!(" ({at})")), "{line}: {refused}");
    }
}

#[test]
fn no_line_is_named_that_is_not_surely_the_one() {
    let world = World::new();
    // Which of the two tasks runs is not told by the text of the line.
    world.file("work/Taskfile.yml", "tasks:\n  a:\n    cmd: rm -rf /srv/x\n  b:\n    cmd: rm -rf /srv/x\n");
    let told = check(&world, "task b").stdout;
    assert!(told.contains("filesystem.delete-outside") && !told.contains("-->"), "{told}");
}
