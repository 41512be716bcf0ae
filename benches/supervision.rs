//! What supervision costs, beside the real shell and beside a supervisor that reads and judges
//! nothing, in the same run: `cargo bench --bench supervision`.

#![allow(clippy::print_stdout)]

// The program's own.
#[global_allocator]
static HEAP: guard::sys::heap::Heap = guard::sys::heap::Heap::new();

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("supervision    nobody supervises on this system");
}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::Read;
    use std::os::fd::AsFd;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use guard::sys::children;
    use guard::sys::signal::Caught;
    use guard::sys::supervised::{Post, Start, Supervised};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    /// So often each is run.
    const ROUNDS: usize = 9;

    /// A subject, its line for bash, and how many times the bare shell's time it may take.
    const SUBJECTS: [(&str, &str, f64); 4] = [
        ("short programs", "for ((i = 0; i < 1000; i++)); do /bin/true; done", 1.05),
        ("git status", "for ((i = 0; i < 100; i++)); do git status >/dev/null; done", 1.03),
        ("configure", "bash ../configure", 1.05),
        ("own files", "for ((i = 0; i < 300; i++)); do touch x$i; rm -f x$i; done", 1.05),
    ];

    /// What a generated `configure` does most: it compiles, links, runs and removes small programs,
    /// and edits text.
    const CONFIGURE: &str = "for i in $(seq 25); do
cat > conftest.c <<END
int main(void) { return 0; }
END
cc -c conftest.c && cc -o conftest conftest.o && ./conftest
rm -f core conftest.err conftest.o conftest.c conftest
for name in alpha beta gamma delta; do
  value=$(echo \"$name=$i\" | sed -e 's/=.*//')
  expr \"X$value\" : 'X\\(.*\\)' > /dev/null
  echo \"#define HAVE_$name 1\" >> confdefs.h
  grep -c HAVE confdefs.h > /dev/null
  cat confdefs.h | tr a-z A-Z > /dev/null
  basename \"/usr/$name\" > /dev/null; uname > /dev/null
done
done
rm -f confdefs.h
";

    pub fn main() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let at = |name: &str| scratch.path().join(name);
        fs::create_dir_all(at("config")).expect("a directory");
        fs::create_dir_all(at("work")).expect("a directory");
        fs::write(at("config/guard.toml"), "[run]\nsupervise = \"always\"\n").expect("a file");
        fs::write(at("configure"), CONFIGURE).expect("a file");
        symlink(env!("CARGO_BIN_EXE_guard"), at("bash")).expect("a link");
        let git = Command::new("git").args(["init", "-q"]).current_dir(at("work")).status();
        assert!(git.expect("git runs").success());
        for (name, line, budget) in SUBJECTS {
            let mut times = [const { Vec::new() }; 3];
            for _ in 0..ROUNDS {
                times[0].push(timed(&at("work"), Path::new("/bin/bash"), line, scratch.path()));
                let start = Instant::now();
                let floor = children::outcome_of(|| let_all_go_on(&at("work"), line));
                assert_eq!(floor.expect("a process"), 0);
                times[1].push(start.elapsed());
                times[2].push(timed(&at("work"), &at("bash"), line, scratch.path()));
            }
            let [bare, floor, guarded] = times.map(median);
            let ratio = |time: Duration| time.as_secs_f64() / bare.as_secs_f64();
            println!(
                "supervision    {name}: bash {bare:.0?}, guard {guarded:.0?}, ratio {:.2} (budget {budget}), of which \
                 a supervisor that only lets go on makes {:.2}",
                ratio(guarded),
                ratio(floor),
            );
        }
    }

    fn median(mut times: Vec<Duration>) -> Duration {
        times.sort();
        times[times.len() / 2]
    }

    fn timed(directory: &Path, shell: &Path, line: &str, scratch: &Path) -> Duration {
        let start = Instant::now();
        let status = Command::new(shell)
            .args(["-c", line])
            .current_dir(directory)
            .env("GUARD_STATE_DIR", scratch.join("state"))
            .env("GUARD_CONFIG_DIR", scratch.join("config"))
            .env("HOME", scratch)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("the shell starts").success());
        start.elapsed()
    }

    /// Runs a line below a supervisor that answers without a look.
    fn let_all_go_on(directory: &Path, line: &str) {
        std::env::set_current_dir(directory).expect("a directory");
        let caught = Caught::new().expect("signals");
        let argv = ["bash", "-c", line].map(Into::into);
        let start = Start { program: Path::new("/bin/bash"), argv: &argv, env: &[], first: &|| Ok(()) };
        let Ok(supervised) = Supervised::start(&start, &caught, answer) else {
            panic!("nobody can supervise here")
        };
        let mut ended = Vec::new();
        let _ = supervised.reports().read_to_end(&mut ended);
        supervised.bury();
    }

    fn answer(post: Post) {
        loop {
            let mut watched = [PollFd::new(post.listener.as_fd(), PollFlags::POLLIN)];
            if poll(&mut watched, PollTimeout::NONE).is_err() {
                continue;
            }
            let came = watched[0].revents().unwrap_or(PollFlags::empty());
            if came.contains(PollFlags::POLLIN) {
                if let Ok(Some(asked)) = post.listener.next() {
                    post.listener.let_go_on(asked.id);
                }
            } else if !came.is_empty() {
                return;
            }
        }
    }
}
