//! guard on a terminal: what a person sees and types is what the bare shell would show and take.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::console::Console;
use crate::support::{Run, World, patient, real};

/// What stands between the person and bash.
#[derive(Clone, Copy)]
enum Through {
    /// Nothing.
    Nothing,
    /// Guard's terminal, and nothing else: lines are not judged.
    Terminal,
    /// Guard as the shell.
    Guard,
}

/// An interactive bash with a plain prompt.
fn shell(world: &World, through: Through) -> Console {
    let mut console = Console::start(dressed(world, run(world, through)));
    console.until("$ ");
    console
}

fn run(world: &World, through: Through) -> Run {
    match through {
        Through::Nothing => world.run(real("bash")).args(["--norc"]),
        Through::Terminal => {
            always(world);
            world.guard("guard").args(["--", "bash", "--norc"])
        }
        Through::Guard => world.guard("bash"),
    }
}

fn dressed(world: &World, run: Run) -> Run {
    world.file("home/.bashrc", "PS1='$ '\n");
    run.env("PS1", "$ ").env("TERM", "xterm")
}

/// A person's session shows the same on guard's terminal and without it.
#[track_caller]
fn same(session: impl Fn(&World, &mut Console) -> String) -> String {
    let world = World::new();
    let [bare, guarded] =
        [Through::Nothing, Through::Terminal].map(|through| session(&world, &mut shell(&world, through)));
    assert_eq!(bare, guarded);
    guarded
}

fn always(world: &World) {
    world.file("config/guard.toml", "[run]\npty = \"always\"\n");
}

/// An outer bash with job control, and the command line of a guard in it.
fn outer(world: &World) -> (Console, String) {
    always(world);
    (shell(world, Through::Nothing), world.path("shims/guard").display().to_string())
}

#[test]
fn a_shell_looks_the_same() {
    same(|_, console| {
        ["echo hello", "printf 'a\\tb\\033[1mc\\n'", "(exit 3)", "type cd"]
            .map(|line| console.line(line))
            .concat()
    });
}

#[test]
fn every_byte_passes_in_both_directions() {
    let shown = same(|_, console| {
        console.types("stty raw -echo; printf G''O; head -c 512 | od -An -v -tu1 | cksum; stty sane\n");
        let mut shown = console.until("GO");
        console.types((0..=255).chain((0..=255).rev()).collect::<Vec<u8>>());
        shown += &console.until("$ ");
        shown += &console
            .line("stty raw; for i in $(seq 0 255); do printf \"\\\\x$(printf %x $i)\"; done; stty sane");
        shown
    });
    assert!(shown.contains('\u{1}'), "{shown:?}");
}

#[test]
fn modes_and_sizes_are_the_callers() {
    same(|_, console| console.line("stty -a; tput cols"));
    let world = World::new();
    always(&world);
    let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done";
    let mut console = Console::start(world.guard("guard").args(["--", "sh", "-c", script]));
    console.until("ready\r\n");
    for (rows, columns) in [(50, 132), (2, 3), (24, 80), (0, 0), (1, 500)] {
        console.resize(rows, columns);
        console.until(&format!("{rows} {columns}\r\n"));
    }
}

#[test]
fn what_is_typed_in_secret_is_not_shown() {
    let shown = same(|_, console| {
        console.types("read -s -p 'pass''word: ' x; echo \"<$x>\"\n");
        let shown = console.until("password: ");
        console.types("hush\n");
        shown + &console.until("$ ")
    });
    assert!(shown.contains("<hush>") && shown.matches("hush").count() == 1, "{shown}");
}

#[test]
fn keys_interrupt_stop_and_quit_what_runs() {
    let shown = same(|world, console| {
        patient(world);
        let mut shown = String::new();
        for (key, end) in [("\x03", "$ "), ("\x1c", "Quit"), ("\x1a", "Stopped")] {
            console.types("sh -c 'echo sta\"\"rted; exec sleep 100'\n");
            shown += &console.until("started\r\n");
            console.types(key);
            shown += &console.until(end);
            if end != "$ " {
                shown += &console.until("$ ");
            }
            shown += &console.line("echo $?; jobs");
        }
        console.types("python3 patient.py\n");
        console.until("started\r\n");
        console.types("\x1a");
        console.until("Stopped");
        console.until("$ ");
        console.types("fg\n");
        console.until("back\r\n");
        console.types("\x03");
        console.until("$ ");
        shown + &console.line("echo $?; jobs")
    });
    assert!(shown.contains("130") && shown.contains("131") && shown.contains("148"), "{shown}");
}

#[test]
fn the_shells_status_and_its_death_are_guards() {
    let world = World::new();
    for (line, code, signal) in [
        ("exit 7", Some(7), None),
        ("kill -9 $$", None, Some(libc::SIGKILL)),
        ("kill -HUP $$", None, Some(libc::SIGHUP)),
        ("exec sh -c 'kill -SEGV $$'", None, Some(libc::SIGSEGV)),
    ] {
        let mut console = shell(&world, Through::Guard);
        console.types(format!("{line}\n"));
        let (_, status) = console.ends();
        assert_eq!((status.code(), status.signal()), (code, signal), "{line}");
    }
}

#[test]
fn the_terminal_is_put_back_however_guard_ends() {
    let world = World::new();
    always(&world);
    let before = Console::start(world.run(real("cat"))).modes();
    for signal in [libc::SIGHUP, libc::SIGTERM, libc::SIGABRT, libc::SIGSEGV, 40] {
        let mut console =
            Console::start(world.guard("guard").args(["--", "sh", "-c", "echo ready; exec cat"]));
        console.until("ready");
        assert_ne!(console.modes(), before);
        console.kill(signal);
        let (_, status) = console.ends();
        assert_eq!(status.signal(), Some(signal));
        assert_eq!(console.modes(), before, "signal {signal}");
    }
    for line in ["exit", "kill -9 $$"] {
        let mut console = shell(&world, Through::Guard);
        console.types(format!("{line}\n"));
        console.ends();
        assert_eq!(console.modes(), before, "{line}");
    }
}

#[test]
fn a_signal_that_the_shell_ignores_ends_nothing() {
    let world = World::new();
    let mut console = shell(&world, Through::Guard);
    for signal in [libc::SIGTERM, libc::SIGQUIT] {
        console.kill(signal);
    }
    assert!(console.line("echo still here").contains("\rstill here\r\n"));
}

#[test]
fn what_the_caller_passed_reaches_the_shell_and_nothing_else() {
    let world = World::new();
    let list =
        "echo /proc/$$/fd/*; grep -E '^Sig(Blk|Ign)' /proc/self/status; shopt -q login_shell || echo no";
    let show = |run: Run| {
        let mut run = dressed(&world, run).state("from outside");
        // SAFETY: both calls are async-signal-safe.
        #[allow(unsafe_code)]
        unsafe {
            std::os::unix::process::CommandExt::pre_exec(run.command(), || {
                libc::signal(libc::SIGUSR2, libc::SIG_IGN);
                libc::signal(libc::SIGPIPE, libc::SIG_IGN);
                libc::signal(libc::SIGCHLD, libc::SIG_IGN);
                let mut set = std::mem::zeroed();
                libc::sigemptyset(&mut set);
                libc::sigaddset(&mut set, libc::SIGUSR1);
                libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
                Ok(())
            });
        }
        let (mut console, _reader) = Console::start_with_state(run);
        console.until("$ ");
        let shown = console.line(list) + &console.line("cat <&3; echo done >&4");
        shown.replace(&console.shell_id(), "PID")
    };
    assert_eq!(show(run(&world, Through::Nothing)), show(run(&world, Through::Terminal)));
}

#[test]
fn who_waits_for_a_descriptor_waits_for_the_shell_alone() {
    let world = World::new();
    let run = dressed(&world, world.guard("bash")).state("x");
    let (mut console, mut reader) = Console::start_with_state(run);
    console.until("$ ");
    console.line("echo last >&4; exec 4>&-");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).expect("text");
    assert_eq!(text, "last\n");
}

#[test]
fn the_last_output_comes_whole() {
    let world = World::new();
    always(&world);
    let wanted: String = (1..=30_000).map(|n| format!("{n}\r\n")).collect();
    let mut console = Console::start(world.guard("guard").args(["--", "seq", "30000"]));
    let (shown, status) = console.ends();
    assert!(shown == wanted, "{} bytes of {}", shown.len(), wanted.len());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_long_paste_and_long_output_pass_each_other() {
    let world = World::new();
    let lines: String = (0..20_000).map(|n| format!("line {n} of a long paste\n")).collect();
    let mut console = shell(&world, Through::Guard);
    // All of it comes back twice: as an echo, and from the program.
    console.types("echo sta''rted; tee pasted; echo fin''ished\n");
    console.until("started\r\n");
    let mut keyboard = console.keyboard();
    let paste = lines.clone();
    let hand = thread::spawn(move || {
        keyboard.write_all(paste.as_bytes()).expect("the terminal takes keys");
        keyboard.write_all(b"\x04").expect("the terminal takes keys");
    });
    console.until("finished\r\n");
    hand.join().expect("all is typed");
    assert!(fs::read_to_string(world.path("work/pasted")).expect("a file") == lines);
}

#[test]
fn a_program_in_the_background_keeps_nobody() {
    let world = World::new();
    let mut console = shell(&world, Through::Guard);
    console.line("sleep 300 & echo $! > pid");
    let start = Instant::now();
    console.types("exit 3\n");
    let (_, status) = console.ends();
    assert_eq!(status.code(), Some(3));
    assert!(start.elapsed() < Duration::from_secs(60));
    let pid = fs::read_to_string(world.path("work/pid")).expect("a number");
    Command::new("kill").arg(pid.trim()).status().expect("kill runs");
}

#[test]
fn a_closed_window_hangs_up_the_program() {
    let world = World::new();
    always(&world);
    shell(&world, Through::Guard).hangs_up();
    let script = "trap 'exit 9' HUP; echo ready; while :; do sleep 0.01; done";
    for run in [world.run(real("sh")), world.guard("guard").args(["--", "sh"])] {
        let mut console = Console::start(run.args(["-c", script]));
        console.until("ready");
        assert_eq!(console.hangs_up().code(), Some(9));
    }
}

#[test]
fn a_window_closed_while_guard_ends_lets_it_end() {
    let world = World::new();
    always(&world);
    for running in ["true", "sleep 60 & true"] {
        let mut console = shell(&world, Through::Guard);
        let shell = console.shell_id();
        console.line(running);
        // Guard learns of both ends at once: the system lets it go on when the window closes.
        console.kill(libc::SIGSTOP);
        Command::new("kill").args(["-KILL", &shell]).status().expect("kill runs");
        until_gone(&shell);
        console.hangs_up();
    }
}

fn until_gone(process: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while fs::exists(format!("/proc/{process}")).unwrap_or(false) {
        assert!(Instant::now() < end, "{process} lives on");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn when_guard_is_killed_so_is_the_shell() {
    let world = World::new();
    let mut console = shell(&world, Through::Guard);
    let shell = console.shell_id();
    console.kill(libc::SIGKILL);
    console.ends();
    until_gone(&shell);
}

#[test]
fn only_a_shell_with_all_of_the_terminal_gets_one_of_its_own() {
    let world = World::new();
    // Below a supervisor the shell has a number of its own.
    world.file("config/guard.toml", "[run]\nsupervise = \"never\"\n");
    let in_place = |console: &mut Console| {
        let id = console.id().to_string();
        console.ends().0.lines().any(|line| line.trim_end().ends_with(&id))
    };
    let mut console = shell(&world, Through::Guard);
    console.types("echo $$; exit\n");
    assert!(!in_place(&mut console));
    // A command, asked for on a terminal.
    for args in [["-c", "echo $$"], ["-ic", "echo $$"]] {
        let mut console = Console::start(dressed(&world, world.guard("bash")).args(args));
        assert!(in_place(&mut console), "{args:?}");
    }
    // Its output goes elsewhere.
    let run = dressed(&world, world.guard("bash")).args(["-i"]);
    let mut console = Console::start_piped(run);
    console.until("$ ");
    console.types("echo $$ >&2; exit\n");
    assert!(in_place(&mut console));
    // Switched off.
    world.file("config/guard.toml", "[run]\npty = \"never\"\n");
    let mut console = shell(&world, Through::Guard);
    console.types("echo $$; exit\n");
    assert!(in_place(&mut console));
}

#[test]
fn a_login_shell_stays_one_and_needs_no_terminal_type() {
    let world = World::new();
    world.file("home/.bash_profile", "PS1='$ '\n");
    let mut console = Console::start(dressed(&world, world.guard("bash")).arg0("-bash").without("TERM"));
    console.until("$ ");
    let shown = console.line("shopt login_shell; echo $0 ${TERM-none}");
    assert!(shown.contains("login_shell    \ton\r\n-bash dumb\r\n"), "{shown}");
}

#[test]
fn terminals_find_the_shells_directory() {
    let world = World::new();
    let mut console = shell(&world, Through::Guard);
    console.line("mkdir below; cd below");
    let seen = fs::read_link(format!("/proc/{}/cwd", console.id())).expect("a directory");
    assert_eq!(seen, world.path("work/below").canonicalize().expect("it is there"));
}

#[test]
fn a_stopped_command_is_the_outer_shells_job() {
    let world = World::new();
    let (mut console, guard) = outer(&world);
    patient(&world);
    let before = console.line("stty -g");
    console.types(format!("{guard} -- python3 patient.py\n"));
    console.until("started\r\n");
    let mut shown = String::new();
    for _ in 0..2 {
        console.types("\x1a");
        shown += &console.until("Stopped");
        console.until("$ ");
        assert!(console.line("stty -g").ends_with(&before));
        console.types("fg\n");
        shown += &console.until("back\r\n");
    }
    console.types("\x1a");
    shown += &console.until("Stopped");
    console.until("$ ");
    console.types("bg\n");
    shown += &console.until("back\r");
    let jobs = console.line("jobs");
    assert!(jobs.contains("Running"), "{jobs}");
    // It runs already, and is not told to go on.
    console.types("fg\n");
    shown += &console.until("patient.py\r\n");
    console.until_raw();
    console.types("\x03");
    shown += &console.until("$ ");
    assert_eq!(shown.matches("back\r").count(), 3, "{shown:?}");
    assert!(console.line("echo $? was the status").contains("130 was the status"));
    assert_eq!(console.line("stty -g"), before);
}

#[test]
fn a_key_ends_the_script_around_a_command_too() {
    let world = World::new();
    let (mut console, guard) = outer(&world);
    world.file("work/loop.sh", format!("while :; do {guard} -c 'echo round; sleep 100'; done\n"));
    console.types("bash loop.sh\n");
    console.until("round\r\n");
    console.types("\x03");
    console.until("$ ");
    assert!(console.line("echo $? was the status").contains("130 was the status"));
}

#[test]
fn a_command_on_guards_terminal_ends_as_it_would_have() {
    let world = World::new();
    let (mut console, guard) = outer(&world);
    for (command, shown) in [
        ("exit 5", "5 was"),
        ("kill -9 $$", "137 was"),
        ("kill -TERM $$", "143 was"),
        ("kill -SEGV $$", "139 was"),
        ("tty | grep -q pts", "0 was"),
    ] {
        let line = console.line(&format!("{guard} -c '{command}'; echo $? was the status"));
        assert!(line.contains(&format!("{shown} the status\r\n")), "{command}: {line}");
    }
    let line = console.line(&format!("{guard} -- ./no-such-program x; echo $? was the status"));
    assert!(line.contains("127 was") && line.contains("cannot be run"), "{line}");
}

#[test]
fn what_a_command_does_not_read_is_typed_for_the_next() {
    let world = World::new();
    let (mut console, guard) = outer(&world);
    console
        .types(format!("{guard} -c 'echo on; read x; echo got $x; until [ -e go ]; do sleep 0.1; done'\n"));
    console.until("on\r\n");
    console.types("one\n");
    console.until("got one\r\n");
    console.types("echo la''tex\x7fr; cat\n");
    console.until("cat\r\n");
    world.file("work/go", "");
    let setting = fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti");
    if setting.is_ok_and(|setting| setting.trim() == "0") && !nix::unistd::geteuid().is_root() {
        // The system lets nobody put keys back.
        console.until("$ ");
        return;
    }
    assert_eq!(console.until("later\r\n").matches("cat").count(), 1);
    console.types("and\n");
    console.until("and\r\nand\r\n");
    console.types("\x04");
    console.until("$ ");
}
