//! What guard costs, beside the real shell in the same run.
//!
//! `cargo bench` prints, for each subject, the median and the budget it is held against. Start-ups
//! are interleaved, guard and shell in turn, so that a machine whose speed drifts gives the same
//! ratio.

#![allow(clippy::print_stdout)]

use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use guard::context::{Observed, Protected};
use guard::pipeline::{self, Source};
use guard::policy::Policy;
use guard::rules::{self, CompiledPack, RuleSet};
use guard::syntax::Dialect;

// The program's own.
#[global_allocator]
static HEAP: guard::sys::heap::Heap = guard::sys::heap::Heap::new();

/// A subject by name.
type Subject = (&'static str, fn());

const SUBJECTS: [Subject; 6] = [
    ("start-up", start_up),
    ("terminal", terminal),
    ("verdict", verdict),
    ("large-script", large_script),
    ("growth", growth),
    ("many-rules", many_rules),
];

/// `cargo bench` measures everything, `cargo bench -- NAME…` these subjects.
fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = wanted.iter().filter(|a| !a.starts_with('-')).collect();
    for (name, measure) in SUBJECTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name) {
            measure();
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// `guard -c true` and `bash -c true` in turn: wall time, and processor time of all runs.
fn start_up() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let scratch = scratch.path();
    let link = scratch.join("bash");
    symlink(env!("CARGO_BIN_EXE_guard"), &link).expect("a link");
    let state = scratch.join("state");
    let rounds = 400;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_cpu, mut their_cpu) = (Duration::ZERO, Duration::ZERO);
    for round in 0..rounds + 20 {
        for (program, times, cpu) in
            [(link.as_path(), &mut ours, &mut our_cpu), (Path::new("/bin/bash"), &mut theirs, &mut their_cpu)]
        {
            let before = children_cpu();
            let start = Instant::now();
            let status = Command::new(program)
                .arg0("bash")
                .args(["-c", "true"])
                .env("GUARD_STATE_DIR", &state)
                .env("GUARD_CONFIG_DIR", scratch.join("config"))
                .stdin(Stdio::null())
                .status()
                .expect("the shell starts");
            let wall = start.elapsed();
            assert!(status.success());
            if round >= 20 {
                times.push(wall);
                *cpu += children_cpu() - before;
            }
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "start-up       guard -c true {:.0?} wall, {:.0?} cpu; bash -c true {:.0?} wall, {:.0?} cpu; \
         ratio {:.2} (budget 1.3), cpu added {:.0?} (budget 1 ms)",
        ours,
        our_cpu / rounds,
        theirs,
        their_cpu / rounds,
        ours.as_secs_f64() / theirs.as_secs_f64(),
        our_cpu.saturating_sub(their_cpu) / rounds,
    );
}

/// A large file shown on guard's terminal, and on the one of script(1).
fn terminal() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let scratch = scratch.path();
    let large = scratch.join("large");
    let line = "a line of some length, as programs print them by the thousand, of 80 characters.\n";
    std::fs::write(&large, line.repeat(200_000_000 / line.len())).expect("room for a large file");
    std::fs::create_dir(scratch.join("config")).expect("a directory");
    std::fs::write(scratch.join("config/guard.toml"), "[run]\npty = \"always\"\n").expect("a file");
    let show = format!("cat {}", large.display());
    let ours = [env!("CARGO_BIN_EXE_guard"), "-c", &show];
    let theirs = ["script", "-qc", &show, "/dev/null"];
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        our_times.push(shown_on_terminal(&ours, scratch));
        their_times.push(shown_on_terminal(&theirs, scratch));
    }
    let (ours, theirs) = (median(our_times), median(their_times));
    println!(
        "terminal       200 MB through guard's terminal {:.2?}, through script(1) {:.2?}, ratio {:.2} (budget 1.0)",
        ours,
        theirs,
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

/// The time until a program on a terminal has ended, and all that it shows was read.
fn shown_on_terminal(words: &[&str], scratch: &Path) -> Duration {
    let pair = nix::pty::openpty(None, None).expect("a terminal");
    let end = || pair.slave.try_clone().expect("a descriptor");
    let start = Instant::now();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(end()).stdout(end()).stderr(end());
    command.env("GUARD_STATE_DIR", scratch.join("state")).env("GUARD_CONFIG_DIR", scratch.join("config"));
    // SAFETY: both calls are async-signal-safe and touch no memory.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(|| {
            nix::unistd::setsid()?;
            match libc::ioctl(0, libc::TIOCSCTTY, 0) {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            }
        });
    }
    let mut child = command.spawn().expect("the program starts");
    drop(command);
    drop(pair.slave);
    let mut master = std::fs::File::from(pair.master);
    let mut part = vec![0; 64 << 10];
    // At the end of all who write there, reading fails.
    while matches!(std::io::Read::read(&mut master, &mut part), Ok(1..)) {}
    assert!(child.wait().expect("a child").success());
    start.elapsed()
}

fn children_cpu() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
        .expect("the kernel counts");
    let time = |t: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(t.tv_sec() * 1_000_000 + t.tv_usec()).unwrap_or(0))
    };
    time(usage.user_time()) + time(usage.system_time())
}

fn judge(text: &str, policy: &Policy) -> pipeline::Judgement {
    let directory = std::env::current_dir().expect("a directory");
    let env = |name: &str| std::env::var(name).ok();
    let facts = Observed::new(directory, env, false, Protected::default(), Vec::new());
    let source = Source::Shell {
        file: None,
        text: text.as_bytes(),
        dialect: Dialect::Bash,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    pipeline::judge(&source, &facts, policy)
}

fn time_verdict(text: &str, policy: &Policy, rounds: usize) -> Duration {
    let times = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(judge(std::hint::black_box(text), policy));
            start.elapsed()
        })
        .collect();
    median(times)
}

/// Verdicts on command lines of everyday length.
fn verdict() {
    let policy = Policy::builtin();
    for line in [
        "cargo test --workspace -- --nocapture 2>&1 | tail -n 20     ",
        "cd src && grep -rn \"fn main\" --include='*.rs' . | head -5  ",
        "curl -s https://api.example.com/v1/items/17 | jq '.name'    ",
        "for f in *.txt; do wc -l \"$f\"; done; echo \"$HOME\" done      ",
    ] {
        println!(
            "verdict        {:>9.1?} (budget 20 µs)  {}",
            time_verdict(line, &policy, 2_000),
            line.trim_end()
        );
    }
}

/// One megabyte of script, and half of it: the cost is linear.
fn large_script() {
    let policy = Policy::builtin();
    // Whether the condition holds is not known, so that both ways are followed.
    let block = "if grep -q x \"$1\"; then\n  echo \"found $1\" | sed -e 's/a/b/' >/dev/null\n  x=$(basename \"$1\")\nfi\n";
    let whole = block.repeat((1 << 20) / block.len());
    let half = &whole[..whole.len() / 2 / block.len() * block.len()];
    let (whole_time, half_time) = (time_verdict(&whole, &policy, 5), time_verdict(half, &policy, 5));
    println!(
        "large script   {} KB in {:.0?} (budget 150 ms); half of it in {:.0?}, ratio {:.2} (linear: 2.0)",
        whole.len() >> 10,
        whole_time,
        half_time,
        whole_time.as_secs_f64() / half_time.as_secs_f64()
    );
}

/// Sources that grow in one place: twice as much costs twice as much.
fn growth() {
    type Source = fn(usize) -> String;
    let policy = Policy::builtin();
    let sources: [(&str, usize, Source); 13] = [
        ("commands on a line", 50_000, |n| "echo x;".repeat(n)),
        ("commands joined by &&", 50_000, |n| format!("true{}", " && echo x".repeat(n))),
        ("array elements", 20_000, |n| format!("a=({}); echo \"${{a[@]}}\"", "x ".repeat(n))),
        ("functions", 10_000, |n| (0..n).map(|i| format!("f{i}() {{ echo {i}; }}\n")).collect()),
        ("function calls", 10_000, |n| format!("f() {{ x=$1; echo \"$x\"; }}\n{}", "f a\n".repeat(n))),
        ("stages of a pipe", 5_000, |n| format!("echo x{}", " | cat".repeat(n))),
        ("lines of a here-document", 100_000, |n| format!("cat <<E\n{}E\n", "some $x text\n".repeat(n))),
        ("bytes in single quotes", 1 << 20, |n| format!("echo '{}'", "x".repeat(n))),
        ("appends to a variable", 50_000, |n| "x+=a\n".repeat(n)),
        ("variables", 50_000, |n| (0..n).map(|i| format!("v{i}={i}\n")).collect()),
        ("calls of unknown programs", 5_000, |n| {
            (0..n)
                .map(|i| format!("$CC -c $CFLAGS conf{i}.c\n$as_echo \"$as_me: checking for $x{i}\" >&6\n"))
                .collect()
        }),
        ("writes to files", 10_000, |n| (0..n).map(|i| format!("echo x > f{i}\n")).collect()),
        ("findings", 5_000, |n| (0..n).map(|i| format!("rm -rf /home/x{i}\n")).collect()),
    ];
    for (what, count, source) in sources {
        let (half, whole) = (source(count / 2), source(count));
        let (half_time, whole_time) = (time_verdict(&half, &policy, 3), time_verdict(&whole, &policy, 3));
        println!(
            "growth         {count:>8} {what:<26} {:>4} KB {:>9.1?}; half of them {:>9.1?}, ratio {:.2} (linear: 2.0)",
            whole.len() >> 10,
            whole_time,
            half_time,
            whole_time.as_secs_f64() / half_time.as_secs_f64()
        );
    }
}

/// The same verdict with a thousand more rules.
fn many_rules() {
    let mut text = String::from("[pack]\nid = \"many\"\ntitle = \"Many\"\n");
    for i in 0..1_000 {
        text.push_str(&format!(
            "[[rule]]\nid = \"many.r{i}\"\ntitle = \"does thing {i}\"\nseverity = \"low\"\ndecision = \"confirm\"\n\
             why = \"It is a test.\"\nsafer = []\n[rule.when]\nprogram = [\"tool-{i}\"]\nsubcommand = [\"delete\"]\n\
             [rule.examples]\nmatch = [\"tool-{i} delete\", \"sudo tool-{i} delete\"]\npass = [\"tool-{i} list\", \"echo tool-{i}\"]\n"
        ));
    }
    let packs = rules::load_dir(&[("many.toml".to_owned(), text)]).expect("the pack is well-formed");
    let compiled = CompiledPack::new(rules::compile(&packs)).expect("what was compiled is whole");
    let mut rules = RuleSet::builtin();
    rules.add(compiled);
    let many = Policy { rules, ignored: Vec::new() };
    let few = Policy::builtin();
    let line = "cargo test --workspace -- --nocapture 2>&1 | tail -n 20";
    let (few, many) = (time_verdict(line, &few, 5_000), time_verdict(line, &many, 5_000));
    println!(
        "many rules     {:.1?} with the built-in packs, {:.1?} with 1,000 more rules, ratio {:.2}",
        few,
        many,
        many.as_secs_f64() / few.as_secs_f64()
    );
}
