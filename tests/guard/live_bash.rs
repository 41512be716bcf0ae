//! Lines at a live bash that look, trace and trap as without guard.

use std::fs;
use std::path::PathBuf;

use crate::console::Console;
use crate::live::{BASHRC, REASON, agents, bash_with};
use crate::support::{REFUSED, World, real};
use crate::typist::Typist;

#[test]
fn the_users_own_traps_and_hooks_go_on_working() {
    let world = World::new();
    let mine = "trap 'debugged+=(\"$BASH_COMMAND\")' DEBUG\nPROMPT_COMMAND='prompts+=x'\nset -- a b";
    let mut shell = bash_with(&world, mine);
    shell.line("true one", 0);
    shell.line(REFUSED, 126);
    shell.line("debugged=(); prompts=", 0);
    shell.line("true two", 0);
    let shown = shell.line("declare -p debugged prompts", 0);
    assert!(
        shown.contains(
            "=([0]=\"prompts=\" [1]=\"prompts+=x\" [2]=\"true two\" [3]=\"prompts+=x\" [4]=\"declare"
        ),
        "{shown}"
    );
    assert!(shown.contains("prompts=\"xx\""), "{shown}");
    assert!(shell.line("echo $# last", 0).contains("\n2 last\n"));
    shell.line("set -uTE", 0);
    assert!(shell.line(REFUSED, 126).contains(REASON));
    shell.line("PROMPT_COMMAND=; unset -f __guard_check", 1);
    assert!(shell.line(REFUSED, 126).contains(REASON));
    assert_eq!(world.calls(), "");
}

#[test]
fn a_trace_shows_nothing_of_the_check() {
    let world = World::new();
    let mut shell = bash_with(&world, "set -- a b; PS4='+'");
    shell.line("set -x", 0);
    let shown = shell.line("echo o''ne $# $_", 0);
    assert!(shown.contains("\n+echo one 2 -x\none 2 -x\n") && !shown.contains("__guard"), "{shown}");
    shell.line("(exit 3)", 3);
    let shown = shell.line("echo st$?", 0);
    assert!(shown.contains("\n+echo st3\nst3\n") && !shown.contains("__guard"), "{shown}");
    // All that is shown.
    assert_eq!(shell.line("true", 0), "true\n+true\n<0> ");
    let shown = shell.line(REFUSED, 126);
    assert!(shown.contains(REASON) && !shown.contains("__guard"), "{shown}");
    // Lines that go on a command, too.
    for (lines, last, traced) in [
        (&["case x in", "x) echo on''e $_;;"][..], "esac", "+case x in\n+echo one -x\none -x\n"),
        (&["set -x; cat <<X", "te''xt"], "X", "+set -x\n+cat\nte''xt\n"),
        (
            &["for x in a b", "do ec\\", "ho $x"],
            "done",
            "+for x in a b\n+echo a\na\n+for x in a b\n+echo b\nb\n",
        ),
    ] {
        shell.line("set -x", 0);
        let begun: String = lines.iter().map(|line| shell.begin(line)).collect();
        let shown = shell.line(last, 0);
        assert!(shown.contains(&format!("\n{traced}")) && !(begun + &shown).contains("__guard"), "{shown}");
    }
    shell.begin("for x in a b");
    shell.begin("do");
    shell.interrupt(130);
    let shown = shell.line("echo th''ree", 0);
    assert!(shown.contains("\n+echo three\nthree\n") && !shown.contains("__guard"), "{shown}");
    assert!(!shell.line("set +x", 0).contains("__guard"));
    assert!(!shell.line("echo tw''o", 0).contains('+'));
    assert_eq!(world.calls(), "");
}

#[test]
fn what_stands_in_front_of_prompts_reads_as_without_guard() {
    let world = World::new();
    let mut shell = bash_with(&world, "");
    assert!(shell.line("echo \"[$PROMPT_COMMAND]\"", 0).contains("\n[]\n"));
    shell.line("PROMPT_COMMAND=\"echo bef''ore; $PROMPT_COMMAND\"", 0);
    let shown = shell.line("echo \"[$PROMPT_COMMAND]\"", 0);
    assert!(shown.contains("\n[echo bef''ore; ]\nbefore\n"), "{shown}");
    shell.line("PROMPT_COMMAND=(a=1 b=2)", 0);
    assert!(shell.line("echo $a$b", 0).contains("\n12\n"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    assert_eq!(world.calls(), "");
}

#[test]
fn what_stands_in_front_of_prompts_is_for_programs_as_without_guard() {
    let lines = [
        "env | grep PROMPT_; declare -p PROMPT_COMMAND",
        "bash --norc -c 'echo \"[$PROMPT_COMMAND]\"'",
        "read -e answer",
        "echo \"[$answer]\"",
        "export PROMPT_COMMAND='prompts=y$prompts'; env | grep PROMPT_",
        "PROMPT_COMMAND+=(a=1)",
        "declare -p PROMPT_COMMAND; echo $a $prompts",
        "unset PROMPT_COMMAND",
        "PROMPT_COMMAND=:; declare -p PROMPT_COMMAND",
    ];
    let shown = [world_shell as fn(&World, &str) -> PathBuf, |_, name| real(name)].map(|program| {
        let world = World::new();
        world.file("home/.bashrc", BASHRC.replace("HISTFILE=\n", ""));
        world.file("home/.bash_history", "echo 1\necho 2\n");
        let run = agents(world.run(program(&world, "bash"))).env("PROMPT_COMMAND", "prompts=x$prompts");
        let mut shell = Typist::start(run, "\x1b[?2004h");
        shell.prompt(0);
        let mut all = String::new();
        for line in lines {
            if line.starts_with("read") {
                shell.keys(line).keys("\r").wait("\x1b[?2004l");
                shell.wait("\x1b[?2004h");
                // What is read is drawn twice.
                shell.line(REFUSED, 0);
            } else {
                all += &shell.line(line, 0);
            }
        }
        // Of a line that the next one breaks off nothing is left.
        shell.begin("echo '");
        shell.begin("text");
        shell.interrupt(130);
        all + &shell.line("echo x''x", 0)
    });
    assert!(shown[1].contains("PROMPT_COMMAND=prompts=x$prompts\n"), "{}", shown[1]);
    assert_eq!(shown[0], shown[1]);
}

fn world_shell(world: &World, name: &str) -> PathBuf {
    world.path("shims").join(name)
}

#[test]
fn a_trap_of_the_users_is_told_of_nothing_of_the_check() {
    let lines: [(&str, &str); 15] = [
        ("echo on''e", "<0> "),
        ("trap 'echo said $BASH_COMMAND' DEBUG", "<0> "),
        ("echo 'a", "> "),
        ("b' tw''o", "<0> "),
        ("fc -ln -1", "<0> "),
        ("cat <<X", "> "),
        ("X", "<0> "),
        ("case x in", "> "),
        ("x) echo $(", "> "),
        ("echo thr''ee);;", "> "),
        ("esac", "<0> "),
        ("trap - DEBUG", "<0> "),
        ("for x in a; do", "> "),
        ("echo $x$x; done", "<0> "),
        ("trap", "<0> "),
    ];
    for own in ["", "trap 'echo said $BASH_COMMAND' DEBUG\n"] {
        let shown = [world_shell as fn(&World, &str) -> PathBuf, |_, name| real(name)].map(|program| {
            let world = World::new();
            world.file("home/.bashrc", format!("{BASHRC}{own}"));
            let mut shell = Typist::start(agents(world.run(program(&world, "bash"))), "\x1b[?2004h");
            let mut all = shell.prompt(0);
            for (line, end) in lines {
                all += &(if end == "> " { shell.begin(line) } else { shell.line(line, 0) });
            }
            all
        });
        assert!(shown[1].contains("said echo 'a b' tw''o"), "{}", shown[1]);
        assert_eq!(shown[0], shown[1]);
    }
}

#[test]
fn a_key_that_interrupts_comes_behind_the_line_that_is_being_judged() {
    for telling in ["on", "off"] {
        let world = World::new();
        world.file("home/.inputrc", format!("set enable-bracketed-paste {telling}\n"));
        world.file("home/.bashrc", BASHRC);
        let mut shell = Typist::start(agents(world.guard("bash")), "");
        shell.wait("<0> ");
        let long = format!("echo{} >/dev/null; sleep 100", " $((1+1))".repeat(100));
        for line in ["sleep 100", &long, "sleep 100", "sleep 100"] {
            shell.keys(line).wait("sleep 100");
            // It comes before bash has asked.
            shell.keys("\r").taken();
            let shown = shell.interrupt(130);
            assert!(shown.starts_with("\n^C"), "{telling}: {shown:?}");
        }
    }
}

#[test]
fn a_bash_starts_with_the_settings_it_would_have() {
    for (zero, args) in
        [("-bash", &[][..]), ("bash", &["-l"]), ("bash", &["--norc", "-i"]), ("bash", &["-i"])]
    {
        let world = World::new();
        let [guarded, bare] = [world.path("shims/bash"), real("bash")].map(|program| {
            let run = agents(world.run(program)).arg0(zero).args(args).env("PS1", "<$?> ");
            let mut shell = Typist::start(run, "");
            // The machine's own profile may set another prompt.
            shell.wait("\x1b[?2004h");
            shell.keys("PS1='<$?> '\r").wait("<0> ");
            shell.keys(
                "{ set -o; shopt -p; bind -v; declare -p HISTFILE HISTSIZE HISTFILESIZE MAILCHECK ENV; } 2>&1 | cat >../out; ",
            );
            shell
                .keys("(exit 3) | true; echo \"${PIPESTATUS[*]} $-\" >>../out; echo do''ne\r")
                .wait("done\r\n");
            fs::read_to_string(world.path("out")).expect("what it said")
        });
        assert!(bare.contains("\n3 0 himBHs\n") && bare.contains("inherit_errexit"), "{bare}");
        assert_eq!(guarded, bare, "{zero} {args:?}");
    }
}

#[test]
fn the_status_of_the_startup_file_is_the_first() {
    let world = World::new();
    world.file("home/.bashrc", format!("{BASHRC}(exit 3)\n"));
    let mut shell = Typist::start(world.guard("bash"), "\x1b[?2004h");
    shell.prompt(3);
}

#[test]
fn the_screen_of_a_pane_looks_as_without_guard() {
    let world = World::new();
    world.file("home/.bashrc", "PS1='two\\nlines % '\n");
    let tmux = |socket: &str, args: &[&str]| {
        let mut run =
            world.run(real("tmux")).args(["-f", "/dev/null", "-S"]).args([world.path(socket)]).args(args);
        run.command().env("LC_ALL", "C.UTF-8");
        run.outcome().stdout
    };
    // Types each line when the one before it has ended.
    let screen = |socket: &str, shell: PathBuf| {
        let tmux = |args: &[&str]| tmux(socket, args);
        let shell = shell.to_str().expect("a plain path");
        tmux(&["new-session", "-d", "-x", "80", "-y", "24", "-s", "s", shell]);
        let wait = |end: &str| {
            let started = std::time::Instant::now();
            loop {
                let shown = tmux(&["capture-pane", "-p", "-t", "s"]);
                if shown.trim_end().ends_with(end) {
                    return shown;
                }
                assert!(started.elapsed().as_secs() < 60, "{end:?}: {shown}");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        };
        let long = format!("echo {}end", "wrapped ".repeat(12));
        wait("\nlines %");
        for (keys, next) in [
            ("echo on''e", "\none\ntwo\nlines %"),
            ("cat <<E", "cat <<E\n>"),
            ("typed", "typed\n>"),
            ("E", "> E\ntyped\ntwo\nlines %"),
            (long.as_str(), "wrapped end\ntwo\nlines %"),
            ("false", "lines % false\ntwo\nlines %"),
        ] {
            tmux(&["send-keys", "-t", "s", "-l", keys]);
            tmux(&["send-keys", "-t", "s", "Enter"]);
            wait(next);
        }
        let shown = wait("lines %");
        tmux(&["kill-server"]);
        shown
    };
    let ours = screen("ours", world.path("shims/bash"));
    let theirs = screen("theirs", real("bash"));
    assert_eq!(ours, theirs);
}

#[test]
fn a_terminal_that_cannot_erase_shows_a_line_but_once() {
    let world = World::new();
    world.file("home/.bashrc", BASHRC);
    let mut console = Console::start(agents(world.guard("bash")).env("TERM", "dumb"));
    console.until("<0> ");
    let mut line = |text: &str, prompt: &str| {
        console.types(format!("{text}\r"));
        console.until(&format!("\n{prompt}"))
    };
    assert_eq!(line("echo on''e", "<0> "), "echo on''e\r\none\r\n<0> ");
    assert_eq!(line("", "<0> "), "\r\n<0> ");
    assert_eq!(line("for x in a b", "> "), "for x in a b\r\n> ");
    assert_eq!(line("do echo $x$x; done", "<0> "), "do echo $x$x; done\r\naa\r\nbb\r\n<0> ");
    let shown = line(REFUSED, "<126> ");
    assert!(shown.starts_with(&format!("{REFUSED}\r\nguard: refused: ")), "{shown:?}");
    assert_eq!(shown.matches(REFUSED).count(), 1, "{shown:?}");
}

#[test]
fn a_line_is_drawn_but_once_where_readline_does_not_say_where_its_work_ends() {
    let lines =
        ["echo on''e", "echo tw''o \x01", "for x in a; do", "echo $x$x; done", "", "echo \x16\x02", "!!", ""];
    let long = format!("echo {}", "many words ".repeat(20));
    let shown = ["guard", "bare"].map(|kind| {
        let world = World::new();
        world.file("home/.inputrc", "set enable-bracketed-paste off\n");
        world.file("home/.bashrc", BASHRC);
        let program = if kind == "bare" { real("bash") } else { world.path("shims/bash") };
        let mut shell = Typist::start(agents(world.run(program)), "");
        shell.wait("<0> ");
        let mut all = String::new();
        for line in lines.into_iter().chain([long.as_str()]) {
            shell.keys(line).keys("\r");
            all += &shell.wait("\n");
            all += &shell.wait("> ");
        }
        all.replace("\r\r\n", "\r\n")
    });
    assert_eq!(shown[0], shown[1]);
}

#[test]
fn an_accepted_line_is_drawn_but_once() {
    let world = World::new();
    let mut shell = bash_with(&world, "");
    shell.keys("PS1='\\[\\e]633;A\\a\\]<$?> \\[\\e]633;B\\a\\]'\r").wait("\x1b]633;B\x07");
    for (line, rows) in [("echo on''e".to_owned(), 1), (format!("echo {}", "many words ".repeat(20)), 3)] {
        // Also where the cursor stands in the midst of it.
        for (keys, above) in [("", 0), ("\x02\x02", 0), ("\x01", rows - 1)] {
            let end = "\r\n\x1b[?2004l\r";
            shell.keys(&line).wait(&line[line.len().saturating_sub(5)..]);
            if !keys.is_empty() {
                shell.keys(keys).wait(if above > 0 { "\x1b[A" } else { "\x08\x08" });
            }
            let shown = shell.keys("\r").wait(end);
            assert_eq!(shown.matches("\r\n").count(), above + 1, "{line} {keys:?}: {shown:?}");
            assert!(
                !shown.contains("\x1b[K") && !shown.contains("633") && !shown.contains("echo"),
                "{shown:?}"
            );
            shell.wait("\x1b]633;B\x07");
        }
    }
    // A paste is drawn anew, since it is no longer marked.
    shell.keys("\x1b[200~echo fi''ve\necho si''x\n\x1b[201~").wait("si''x\x1b[27m\r\n\r");
    let shown = shell.keys("\r").wait("\x1b[?2004l");
    assert!(shown.ends_with("\r\n\recho si''x\r\n\r\r\x1b[?2004l"), "{shown:?}");
    shell.wait("\x1b]633;B\x07");
    // A refused line stays where it was typed.
    shell.keys(REFUSED).wait("-y");
    let shown = shell.keys("\r").wait("guard: refused: ");
    assert!(!shown.contains("\x1b[K") && !shown.contains("railway"), "{shown:?}");
}

#[test]
fn a_line_of_the_history_that_is_run_with_ctrl_o_is_followed_by_the_next() {
    let world = World::new();
    let mut shell = bash_with(&world, "");
    for line in ["echo on''e", "echo tw''o", "echo thr''ee"] {
        shell.line(line, 0);
    }
    assert!(shell.keys("\x1b[A\x1b[A\x1b[A\x0f").prompt(0).contains("\none\n"));
    shell.wait("echo tw''o");
    assert!(shell.keys("\x0f").prompt(0).contains("\ntwo\n"));
    shell.wait("echo thr''ee");
}
