//! Lines typed and pasted into interactive shells.

use std::fs;
use std::io::Write;

use crate::support::{REFUSED, Run, World, patient, real};
use crate::tmux::Tmux;
use crate::typist::Typist;

pub const BASHRC: &str = "PS1='<$?> '\nPS2='> '\nHISTFILE=\n";
pub const ZSHRC: &str = "PROMPT='<%?> '\nPROMPT2='> '\nunsetopt prompt_sp\nbindkey -e\n";

pub fn bash_with(world: &World, more: &str) -> Typist {
    world.file("home/.bashrc", format!("{BASHRC}{more}\n"));
    bash_as(world.guard("bash"))
}

/// Nobody is asked where an agent types.
pub fn agents(run: Run) -> Run {
    run.env("CLAUDECODE", "1")
}

pub fn bash_as(run: Run) -> Typist {
    let mut shell = Typist::start(agents(run), "\x1b[?2004h");
    shell.prompt(0);
    shell
}

pub fn zsh_with(world: &World, more: &str) -> Typist {
    world.file("home/.zshrc", format!("{ZSHRC}{more}\n"));
    zsh_as(world.guard("zsh"))
}

pub fn zsh_as(run: Run) -> Typist {
    let mut shell = Typist::start(agents(run), "\x1b[J");
    shell.prompt(0);
    shell
}

/// The same in both shells.
fn both(test: impl Fn(&World, Typist)) {
    let world = World::new();
    test(&world, bash_with(&world, ""));
    assert_eq!(world.calls(), "");
    let world = World::new();
    test(&world, zsh_with(&world, ""));
    assert_eq!(world.calls(), "");
}

pub const REASON: &str = "guard: refused: deletes a volume";

#[test]
fn a_typed_line_runs_or_is_refused_with_126() {
    both(|world, mut shell| {
        assert!(shell.line("echo on''e", 0).contains("\none\n"));
        assert!(shell.line(REFUSED, 126).contains(REASON));
        assert!(shell.line("echo st$?", 0).contains("\nst126\n"));
        assert!(shell.line("fc -ln -4 | grep -c '^[[:space:]]*railway'", 0).contains("\n1\n"));
        let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
        let line = log.lines().find(|line| line.contains("pg-data")).expect("a record");
        assert!(line.contains(r#""kind":"line""#) && line.contains(r#""outcome":"refused""#), "{line}");
        shell.keys("exit 7\r");
        shell.ended(7);
        assert_eq!(fs::read_dir(world.path("state/live")).expect("a directory").count(), 0);
    });
}

#[test]
fn a_person_is_asked_about_a_held_line() {
    let test = |world: &World, mut shell: Typist| {
        shell.prompt(0);
        shell.line("volume=pg-data", 0);
        for (answer, status) in [("no", 126), ("pg-data", 0)] {
            shell.keys("railway volume delete -v $volume -y\r").wait("this command waits for your decision");
            let page = shell.wait("\n> ");
            assert!(
                page.contains("railway volume delete -v $volume -y")
                    && page.contains("type the name pg-data"),
                "{page}"
            );
            let shown = shell.keys(answer).keys("\r").prompt(status);
            assert_eq!(
                shown.contains("guard: refused: what was typed is not `pg-data`"),
                status == 126,
                "{shown}"
            );
        }
        assert_eq!(world.calls(), "railway volume delete -v pg-data -y\n");
        let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
        assert!(
            log.contains(r#""outcome":"refused-at-terminal""#)
                && log.contains(r#""outcome":"approved-at-terminal""#),
            "{log}"
        );
    };
    let world = World::new();
    world.file("home/.bashrc", BASHRC);
    test(&world, Typist::start(world.guard("bash"), "\x1b[?2004h"));
    let world = World::new();
    world.file("home/.zshrc", ZSHRC);
    test(&world, Typist::start(world.guard("zsh"), "\x1b[J"));
}

#[test]
fn a_line_is_judged_with_what_the_shell_knows() {
    both(|_, mut shell| {
        shell.line("alias nuke='railway volume delete -v a -y'", 0);
        assert!(shell.line("nuke", 126).contains("deletes a volume"));
        shell.line("wipe() { railway volume delete -v $1 -y; }", 0);
        assert!(shell.line("wipe it", 126).contains("stored in it: it"));
        assert!(shell.line("x=1; wipe it", 126).contains("stored in it: it"));
        assert!(shell.line("x=1; [ $x = 1 ] && echo eq''ual", 0).contains("\nequal\n"));
        shell.line("true y=2; alias y x", 1);
        shell.line("what=delete; list=(volume x)", 0);
        assert!(shell.line("railway volume $what -v b", 126).contains("stored in it: b"));
        shell.line("export what=list", 0);
        shell.line("cd /", 0);
        assert!(shell.line("rm -rf ./*", 126).contains("guard: refused: "));
    });
}

#[test]
fn lines_that_go_on_are_judged_together() {
    both(|_, mut shell| {
        shell.begin("for word in o n");
        shell.begin("do echo $word$word");
        assert!(shell.line("done", 0).contains("\noo\nnn\n"));
        shell.begin("cat <<END");
        shell.begin("rm -rf / is only t''ext");
        assert!(shell.line("END", 0).contains("t''ext"));
        // What is split over lines is no less what it is.
        shell.begin("railway volume \\");
        assert!(shell.line("delete -v pg-data -y", 126).contains(REASON));
        assert!(shell.line("echo st$?", 0).contains("\nst126\n"));
    });
}

#[test]
fn a_refused_command_in_a_callers_block_leaves_its_marks() {
    both(|_, mut shell| {
        shell.begin("{ echo BE''GIN");
        shell.begin(REFUSED);
        shell.begin("EC=$?");
        shell.begin("echo DO''NE$EC");
        let shown = shell.line("}", 0);
        assert!(
            shown.contains("\nBEGIN\n") && shown.contains(REASON) && shown.contains("\nDONE126\n"),
            "{shown}"
        );
        let shown = shell.line(&format!("{{ echo BE''GIN; {REFUSED}; e=$?; echo DO''NE$e; }}"), 0);
        assert!(shown.contains("\nBEGIN\n") && shown.contains("\nDONE126\n"), "{shown}");
    });
}

#[test]
fn a_pasted_block_is_judged_whole() {
    both(|_, mut shell| {
        let shown = shell.line("\x1b[200~echo on''e\nfor x in tw thr; do\necho ${x}ee\ndone\x1b[201~", 0);
        assert!(shown.contains("one\ntwee\nthree\n"), "{shown}");
        let shown = shell.line(&format!("\x1b[200~echo fi''rst\n{REFUSED}\x1b[201~"), 126);
        assert!(shown.contains(REASON) && !shown.contains("\nfirst\n"), "{shown}");
    });
}

#[test]
fn an_interrupted_line_is_no_part_of_the_next() {
    both(|_, mut shell| {
        shell.begin("cat <<END");
        shell.begin("railway volume delete \\");
        shell.interrupt(130);
        assert!(shell.line("echo -v on''e", 0).contains("one\n"));
        assert!(shell.line(REFUSED, 126).contains(REASON));
    });
}

#[test]
fn the_history_is_expanded_before_it_is_judged() {
    both(|_, mut shell| {
        shell.line("echo volume delete -v pg-data", 0);
        assert!(shell.line("railway !:1*", 126).contains(REASON));
        shell.line("echo o''ne", 0);
        assert!(shell.line("!!", 0).contains("\none\n"));
        shell.line("echo volume delete -v pg-data -y", 0);
        assert!(shell.line("^echo^railway^", 126).contains(REASON));
    });
}

#[test]
fn what_a_command_reads_is_no_command() {
    let world = World::new();
    let mut shell = bash_with(&world, "");
    shell.keys("read -e answer\r");
    // The prompt of `read` is empty.
    shell.wait("read -e answer\r\n");
    shell.wait("\x1b[?2004h");
    shell.line(REFUSED, 0);
    assert!(shell.line("echo \"${answer//l/L}\"", 0).contains("raiLway"));
    let world = World::new();
    let mut shell = zsh_with(&world, "answer=");
    shell.keys("vared answer\r");
    shell.wait("\x1b[J");
    shell.keys(REFUSED).keys("\r").prompt(0);
    assert!(shell.line("echo \"${answer//l/L}\"", 0).contains("raiLway"));
}

#[test]
fn keys_of_vi_and_of_the_user_lead_to_the_same_check() {
    let world = World::new();
    world.file("home/.inputrc", "set keymap emacs\n\"\\C-t\": accept-line\n");
    let mut shell = bash_with(&world, "set -o vi\nbind '\"\\C-g\": \"echo bo\\C-v\\C-hund\\n\"'");
    assert!(shell.line("echo on''e\x1b0", 0).contains("\none\n"));
    assert!(shell.line(&format!("{REFUSED}\x1b"), 126).contains(REASON));
    shell.line("set -o emacs", 0);
    shell.keys(REFUSED).keys("\n").prompt(126);
    shell.keys(REFUSED).keys("\x0f").wait("\x1b[?2004h");
    shell.wait("<126> ");
    shell.keys(REFUSED).keys("\x14").prompt(126);
    let world = World::new();
    let mine = "bindkey -v\nmine() { BUFFER='echo min''e'; zle accept-line }\nzle -N mine\nbindkey '^g' mine\n\
        zle-line-finish() { seen+=x }\nzle -N zle-line-finish";
    let mut shell = zsh_with(&world, mine);
    assert!(shell.keys("\x07").prompt(0).contains("\nmine\n"));
    assert!(shell.line(&format!("{REFUSED}\x1b"), 126).contains(REASON));
    assert!(shell.line("print -r -- $seen", 0).contains("\nxxx\n"));
    assert_eq!(world.calls(), "");
}

/// How many lines were judged: each is on record.
fn records(world: &World) -> usize {
    let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
    log.lines().filter(|line| line.contains(r#""kind":"line""#)).count()
}

#[test]
fn a_long_command_is_not_judged_anew_with_each_of_its_lines() {
    both(|world, mut shell| {
        shell.begin("cat <<END | wc -l");
        for number in 0..90 {
            shell.begin(&format!("rm -rf \"/\" }} done {number}"));
        }
        assert!(shell.line("END", 0).contains("90\n"));
        assert!(records(world) < 40, "{}", records(world));
        // All of it is on record.
        let log = fs::read_to_string(world.path("state/log.jsonl")).expect("a log");
        assert!(log.contains("done 89\\nEND"), "{log}");
        assert!(shell.line(REFUSED, 126).contains(REASON));
    });
    let shells: [fn(&World) -> Typist; 2] =
        [|world| bash_with(world, "alias echo='echo -n'"), |world| zsh_with(world, "")];
    for open in ["{", "if true; then", "while true; do", "x=\"$("] {
        for start in shells {
            let world = World::new();
            let mut shell = start(&world);
            shell.begin(open);
            for number in 0..60 {
                shell.begin(&format!("echo ${{x}} file-{number}"));
            }
            assert!(records(&world) < 40, "{open}: {}", records(&world));
        }
    }
}

#[test]
fn what_is_refused_in_a_long_command_does_not_run() {
    let world = World::new();
    let mut shell = bash_with(&world, "alias open='{ echo #' quote='echo \"' if='true'");
    // What an alias opens is none of what it looks like.
    for line in ["open <<END", "quote if", "if true; then"] {
        assert!(shell.line(line, 126).contains("makes something else of it"), "{line}");
    }
    shell.line("unalias if", 0);
    for (open, close) in [
        ("{", "}"),
        ("if true; then", "fi"),
        ("for x in a; do", "done"),
        ("f() {", "}; f"),
        ("bash <<END", "END"),
        ("echo \"$(", ")\""),
    ] {
        shell.begin(open);
        for number in 0..40 {
            shell.begin(&format!("echo {number}"));
        }
        shell.keys(REFUSED).keys("\r").wait(REFUSED);
        shell.keys(close).keys("\r").wait("<126> ");
    }
    assert!(shell.line("echo on''e", 0).contains("\none\n"));
    assert_eq!(world.calls(), "");
    let world = World::new();
    let mut shell = zsh_with(&world, "");
    for (open, close) in
        [("if [[ a ]] {", "}"), ("for x (a) {", "}"), ("foreach x (a)", "end"), ("{", "} always { true }")]
    {
        shell.begin(open);
        for number in 0..40 {
            shell.begin(&format!("echo {number}"));
        }
        shell.keys(REFUSED).keys("\r").wait(REFUSED);
        shell.keys(close).keys("\r").wait("<126> ");
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn an_answer_to_an_earlier_question_is_none() {
    both(|world, mut shell| {
        shell.line("true", 0);
        let directory = fs::read_dir(world.path("state/live")).expect("a directory").next();
        let answer = directory.expect("a session").expect("an entry").path().join("answer");
        // The answer that is still there is to the line before.
        fs::OpenOptions::new()
            .write(true)
            .open(answer)
            .and_then(|mut pipe| pipe.write_all(&[0; 3]))
            .expect("a pipe");
        assert!(shell.line(REFUSED, 126).contains(REASON));
        assert!(shell.line("echo on''e", 0).contains("\none\n"));
    });
}

#[test]
fn login_shells_read_their_files_and_keep_their_history() {
    let world = World::new();
    let many: String = (0..900).map(|number| format!("echo old {number}\n")).collect();
    world.file("home/history", &many);
    let profile = "PS1='<$?> '; HISTFILE=~/history; HISTSIZE=5000; shopt -q login_shell && kind=login\n\
        PROMPT_COMMAND='ran=$ran.'\n";
    world.file("home/.bash_profile", profile);
    let mut shell = bash_as(world.guard("bash").arg0("-bash"));
    assert!(shell.line("echo $kind $0 $ran $HISTSIZE", 0).contains("\nlogin -bash . 5000\n"));
    assert!(shell.line("fc -ln 1 2; env | grep -c -e HIST -e PROMPT", 1).contains("echo old 1\n0\n"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    shell.keys("logout\r");
    shell.ended(126);
    let kept = fs::read_to_string(world.path("home/history")).expect("a history");
    assert!(kept.starts_with(&many) && kept.contains(REFUSED));

    let world = World::new();
    world.file("home/.zprofile", "kind=login\n");
    world.file("home/.zshrc", ZSHRC);
    let mut shell = zsh_as(world.guard("zsh").arg0("-zsh"));
    assert!(shell.line("echo $kind $0 ${ZDOTDIR-none}", 0).contains("\nlogin -zsh none\n"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    assert_eq!(world.calls(), "");
}

#[test]
fn shells_that_read_no_startup_files_are_judged_too() {
    let world = World::new();
    world.file("home/.bashrc", "exit 9\n");
    world.file("home/.zshrc", "exit 9\n");
    let run = world.guard("bash").args(["--norc", "-i"]).env("PS1", "<$?> ");
    // The machine's own file would have set another prompt.
    let mut shell = bash_as(run);
    assert!(shell.line("echo \"${PROMPT_COMMAND-none}\" $HISTFILE", 0).contains(".bash_history"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    let mut shell = zsh_as(world.guard("zsh").args(["-f"]).env("PS1", "<%?> "));
    assert!(shell.line("[[ -o rcs ]]", 1).contains("rcs"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    assert_eq!(world.calls(), "");
}

#[test]
fn jobs_and_keys_reach_the_commands() {
    both(|world, mut shell| {
        patient(world);
        shell.keys("python3 patient.py\r").wait("started\r\n");
        shell.keys("\x1a").prompt(148);
        assert!(shell.line("jobs | tr patien PATIEN", 0).contains("PATIENT.Py"));
        shell.keys("fg\r").wait("back\r\n");
        shell.keys("\x03").prompt(130);
    });
}

#[test]
fn a_broken_configuration_leaves_a_person_a_shell() {
    let world = World::new();
    let broken = world.file("config/guard.toml", "nonsense = [\n");
    let mut shell = bash_with(&world, "");
    assert!(shell.line("echo on''e", 0).contains("\none\n"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    fs::remove_file(broken).expect("the file is there");
    shell.line("true", 0);
    assert_eq!(world.calls(), "");
}

#[test]
fn a_configuration_that_breaks_while_a_shell_runs_is_said_at_every_prompt() {
    const LIST: &str = "[rules]\n\"railway.volume-delete\" = \"deny\"\n";
    for name in ["bash", "zsh"] {
        let world = World::new();
        world.file("home/.zshrc", "PROMPT='$ '\nunsetopt prompt_sp\n");
        let settings = world.file("config/guard.toml", LIST);
        let tmux = Tmux::start(&world, name, world.path("shims").join(name));
        // What the screen shows from `starts` on, once a prompt stands below it.
        let said = |line: &str, starts: &str| {
            tmux.line(&format!("clear; {line}"), "");
            tmux.until(starts, |screen| screen.starts_with(starts) && screen.trim_end().ends_with("\n$"))
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        tmux.line(REFUSED, "guard: refused: ");
        // What the project says may not take away what the user said.
        let project = world.file("work/.guard/guard.toml", "[rules");
        let broken = said("echo on''e", "one\nguard: ");
        assert!(broken.contains("work/.guard/guard.toml:1:"), "{broken}");
        assert!(broken.ends_with("the project's settings and rules do not hold $"), "{broken}");
        tmux.line(REFUSED, "guard: refused: ");
        fs::write(&settings, "[rules").expect("a file");
        let broken = said("echo tw''o", "two\nguard: ");
        assert!(broken.ends_with("until that is mended only the built-in rules hold $"), "{broken}");
        fs::write(&settings, LIST).expect("a file");
        fs::remove_file(project).expect("a file");
        said("echo thre''e", "three\n$");
        assert_eq!(world.calls(), "");
    }
}

#[test]
fn commands_on_a_terminal_are_no_lines() {
    let world = World::new();
    world.file("home/.bashrc", BASHRC);
    for (name, args) in [("bash", ["-i", "-c"]), ("zsh", ["-i", "-c"]), ("sh", ["-i", "-c"])] {
        let run =
            |text: &str| agents(world.guard(name)).args(args).args([format!("exec </dev/null; {text}")]);
        let mut shell = Typist::start(run("echo on''e"), "");
        shell.wait("one\r\n");
        shell.ended(0);
        let mut shell = Typist::start(run(REFUSED), "");
        shell.wait(REASON);
        shell.ended(126);
    }
    let mut probe = world.guard("bash").args(["-l", "-i", "-c", "echo $PATH"]).setsid().outcome();
    probe.stderr.clear();
    assert!(probe.ended(0).stdout.trim_end().ends_with("/bin"), "{probe:?}");
    assert_eq!(world.calls(), "");
}

#[test]
fn what_commands_find_in_their_environment_is_what_they_would() {
    let cases: [(&str, &str, &[&str]); 7] = [
        ("bash", "bash", &[]),
        ("bash", "-bash", &[]),
        ("bash", "bash", &["--norc"]),
        ("bash", "bash", &["--init-file", "editor.sh"]),
        ("zsh", "zsh", &[]),
        ("zsh", "-zsh", &[]),
        ("zsh", "zsh", &["-f"]),
    ];
    for (name, zero, args) in cases {
        let world = World::new();
        world.file("work/editor.sh", "export EDITORS=1\n");
        for file in ["home/.bashrc", "home/.bash_profile", "dots/.zshrc"] {
            world.file(file, "export MINE=1\n");
        }
        let [bare, guarded] = [real(name), world.path("shims").join(name)].map(|program| {
            let mut run = agents(world.run(program)).arg0(zero).args(args);
            for (name, value) in [
                ("ZDOTDIR", world.path("dots").to_string_lossy().as_ref()),
                ("BASH_ENV", "/dev/null"),
                ("ENV", "/dev/null"),
                ("PS0", "zero"),
                ("PS1", "<$?> "),
                ("HISTFILE", "/dev/null"),
                ("MAILCHECK", "7"),
                ("SHELLOPTS", "nounset"),
            ] {
                run = run.env(name, value);
            }
            let mut shell = Typist::start(run, "");
            shell.keys("env >../out; echo do''ne\r").wait("done\r\n");
            fs::read_to_string(world.path("out")).expect("what it said")
        });
        assert!(bare.contains("SHELLOPTS=") && bare.contains("ZDOTDIR="), "{bare}");
        let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(&guarded), sorted(&bare), "{zero} {args:?}");
    }
}

#[test]
fn a_variable_that_names_the_terminal_names_the_one_that_commands_are_on() {
    let world = World::new();
    world.file("home/.bashrc", BASHRC);
    let start = format!("SSH_TTY=$(tty) GPG_TTY=/dev/other exec {}", world.path("shims/bash").display());
    let mut shell = Typist::start(agents(world.run("/bin/sh")).args(["-c", &start]), "\x1b[?2004h");
    shell.prompt(0);
    assert!(shell.line("[ $SSH_TTY = $(tty) ] && echo $GPG_TTY", 0).contains("\n/dev/other\n"));
}

#[test]
fn a_shell_leads_its_session_where_it_would_without_guard() {
    for (start, leads) in [("exec", "yes"), ("", "no")] {
        let line = "read -a stat </proc/$$/stat; [ ${stat[5]} = $$ ] && echo y''es || echo n''o";
        let [bare, guarded] =
            [|_: &World| real("bash"), |world: &World| world.path("shims/bash")].map(|program| {
                let world = World::new();
                world.file("home/.bashrc", BASHRC);
                let script = format!("{start} {}; exit 5", program(&world).display());
                let mut shell =
                    Typist::start(agents(world.run("/bin/sh")).args(["-c", &script]), "\x1b[?2004h");
                shell.prompt(0);
                shell.line(line, 0)
            });
        assert!(bare.contains(&format!("\n{leads}\n")), "{bare}");
        assert_eq!(guarded, bare);
    }
}
