//! guard as the login shell of a terminal multiplexer, where people and agents work all day.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Outcome, World, patient, real};

/// A server of its own with one window, whose shell is this program.
pub struct Tmux<'a> {
    world: &'a World,
    socket: PathBuf,
}

impl Tmux<'_> {
    pub fn start<'a>(world: &'a World, name: &str, shell: PathBuf) -> Tmux<'a> {
        // The machine's own profile sets another PATH.
        world.file("home/.bash_profile", format!("PS1='$ ' PATH={}\n", world.search_path()));
        let text = format!("set -g default-shell {}\nset -g default-terminal screen\n", shell.display());
        let settings = world.file("tmux.conf", text);
        let tmux = Tmux { world, socket: world.path(name) };
        tmux.run(&["-f", &settings.to_string_lossy(), "new-session", "-d", "-x", "80", "-y", "24"]).ended(0);
        tmux.shows("$");
        tmux
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        let mut all = vec!["-S", self.socket.to_str().expect("a plain path")];
        all.extend(args);
        self.world.run(real("tmux")).env("TERM", "xterm").args(all).outcome()
    }

    pub fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat()).ended(0);
    }

    /// Types a line, and waits until the screen shows this.
    #[track_caller]
    pub fn line(&self, line: &str, shows: &str) {
        self.run(&["send-keys", "-l", line]).ended(0);
        self.keys(&["Enter"]);
        self.shows(shows);
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Waits for a screen like this, named `what`, and gives it.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "`{what}` never came:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"]).stdout
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn a_window_of_guard_looks_like_one_of_bash() {
    let world = World::new();
    patient(&world);
    let screens = [("bare", real("bash")), ("guard", world.path("shims/bash"))].map(|(name, shell)| {
        let tmux = Tmux::start(&world, name, shell);
        tmux.line("shopt login_shell; echo on''e", "one");
        tmux.line("for i in 1 2 3; do echo line $i; done; echo tw''o", "two");
        tmux.line("python3 patient.py", "started");
        tmux.keys(&["C-z"]);
        tmux.shows("Stopped");
        tmux.line("jobs; echo thr''ee", "three");
        tmux.line("fg", "back");
        tmux.keys(&["C-c"]);
        tmux.shows("^C\n$");
        tmux.line("echo $? fo''ur", "four");
        tmux.run(&["resize-window", "-x", "100", "-y", "30"]).ended(0);
        tmux.line("stty size; echo fi''ve", "five");
        tmux.line("cat <<X; echo si''x", "\n>");
        tmux.line("a $HOME", "> a $HOME");
        tmux.line("X", "six\n");
        // What ends without a new line stays in front of the prompt.
        tmux.line("printf '\\e[1mpar%s' tial", "partial$");
        tmux.line("echo sev''en", "seven\n");
        tmux.line("printf '\\e[3Cmoved'", "moved$");
        tmux.line("stty -echo", "echo\n$");
        tmux.line("echo hidd''en", "hidden\n$");
        tmux.line("stty echo; echo sho''wn", "shown\n$");
        tmux.line("printf %0110d 8", "8$");
        tmux.keys(&["Enter"]);
        tmux.line("echo ni''ne", "nine\n");
        tmux.screen()
    });
    assert_eq!(screens[0], screens[1]);
    assert!(screens[1].contains("30 100"), "{}", screens[1]);
}

#[test]
fn a_window_knows_where_its_shell_is_and_ends_with_it() {
    let world = World::new();
    let tmux = Tmux::start(&world, "guard", world.path("shims/bash"));
    tmux.line("mkdir below; cd below; echo on''e", "one");
    let place = tmux.run(&["display-message", "-p", "#{pane_current_path}"]).stdout;
    assert!(place.trim_end().ends_with("/work/below"), "{place}");
    tmux.line("exit 3", "");
    let end = Instant::now() + Duration::from_secs(60);
    while tmux.run(&["list-sessions"]).code == Some(0) {
        assert!(Instant::now() < end, "the window stays");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn full_screen_programs_draw_the_same() {
    let world = World::new();
    world.file("work/numbers", (0..200).map(|n| format!("line {n}\n")).collect::<String>());
    let windows = [("bare", real("bash")), ("guard", world.path("shims/bash"))]
        .map(|(name, shell)| Tmux::start(&world, name, shell));
    // Keys, and what the screen then shows.
    let steps: [(&[&str], &str); 13] = [
        (&["less numbers", "Enter"], "line 22\nnumbers"),
        (&["Space"], "line 45\n:"),
        (&["/77", "Enter"], "line 77\n"),
        (&["g"], "line 0\nline 1\n"),
        (&["q"], "$ less numbers\n$"),
        (&["vim -u NONE -i NONE -n numbers", "Enter"], "line 0\nline 1\n"),
        (&["ihello", "Escape"], "helloline 0\n"),
        (&[":%s/1/x/g", "Enter"], "line x99\n140 substitutions"),
        (&["gg"], "helloline 0\n"),
        (&[":set number", "Enter"], "1 helloline 0"),
        (&["C-z"], "Stopped"),
        (&["fg", "Enter"], "1 helloline 0"),
        (&[":q!", "Enter"], "numbers\n$"),
    ];
    for (keys, text) in steps {
        for window in &windows {
            window.keys(keys);
        }
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let screens = [0, 1].map(|window: usize| windows[window].screen());
            if screens[0] == screens[1] && screens[0].contains(text) {
                break;
            }
            assert!(Instant::now() < end, "after {keys:?}:\n{}\nwith guard:\n{}", screens[0], screens[1]);
            thread::sleep(Duration::from_millis(20));
        }
    }
}
