//! What agents do all day, over several supervised commands of one session: to the caller it is as
//! without guard, for root and for somebody without any right.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::support::{World, real};

/// A command line and what it prints; `@` stands for the world's own directory.
type Step<'a> = (&'a str, &'a str);

/// Who runs the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Tester,
    Nobody,
}

fn everybody() -> &'static [Who] {
    match nix::unistd::geteuid().is_root() {
        true => &[Who::Tester, Who::Nobody],
        false => &[Who::Tester],
    }
}

/// A world, and at its end that of the program whose number `pid` holds there.
struct Place(World);

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(pid) = fs::read_to_string(self.0.path("work/pid")) {
            let _ = Command::new("kill").args(["-9", pid.trim()]).stderr(Stdio::null()).status();
        }
    }
}

/// A world of its own with these files, for one who runs lines there.
fn laid_out(who: Who, files: &[(&str, &str)]) -> Place {
    let world = World::new();
    world.file("config/guard.toml", "[run]\nsupervise = \"always\"\n");
    for (name, text) in files {
        match text.starts_with("#!") {
            true => world.executable(&format!("work/{name}"), text),
            false => world.file(&format!("work/{name}"), text),
        };
    }
    if who == Who::Nobody {
        // The program as it was built may lie where nobody else may look.
        fs::copy(env!("CARGO_BIN_EXE_guard"), world.path("guard")).expect("a copy");
        Command::new("chown").args(["-R", "65534:65534"]).arg(world.path("")).status().expect("chown");
    }
    Place(world)
}

/// What came of a line, through guard or the bare shell: status, stdout, stderr.
fn said(Place(world): &Place, who: Who, guarded: bool, line: &str) -> (Option<i32>, String, String) {
    let program = match (guarded, who) {
        (false, _) => real("bash"),
        (true, Who::Tester) => world.path("shims/bash"),
        (true, Who::Nobody) => world.path("guard"),
    };
    let here = world.path("").display().to_string();
    let here = here.trim_end_matches('/');
    let run = match who {
        Who::Tester => world.run(program),
        Who::Nobody => {
            let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
            world.run(real("setpriv")).args(nobody).args([program])
        }
    };
    let mut path = world.search_path();
    if who == Who::Tester {
        let toolchain = Path::new(env!("CARGO")).parent().expect("a folder");
        path = format!("{path}:{}", toolchain.display());
    }
    let outcome = run.env("PATH", path).args(["-c", &line.replace("@/", &format!("{here}/"))]).outcome();
    let status = outcome.code.or(outcome.signal.map(|signal| -signal));
    (status, outcome.stdout.replace(here, "@"), outcome.stderr.replace(here, "@"))
}

/// Each line succeeds and prints what it should and no more, without guard and with it.
#[track_caller]
fn all_the_same(programs: &[&str], whom: &[Who], files: &[(&str, &str)], steps: &[Step<'_>]) {
    for program in programs {
        real(program);
    }
    for who in whom {
        for guarded in [false, true] {
            let world = laid_out(*who, files);
            for (line, printed) in steps {
                let came = said(&world, *who, guarded, line);
                let expected = (Some(0), (*printed).to_owned(), String::new());
                assert_eq!(came, expected, "{who:?}, guarded: {guarded}: {line}");
            }
        }
    }
}

/// What a machine may not allow fails with guard as it does without.
#[track_caller]
fn no_other_than_bare(programs: &[&str], files: &[(&str, &str)], lines: &[&str]) {
    for program in programs {
        real(program);
    }
    for who in everybody() {
        let worlds = [laid_out(*who, files), laid_out(*who, files)];
        for line in lines {
            let bare = said(&worlds[0], *who, false, line);
            assert_eq!(said(&worlds[1], *who, true, line), bare, "{who:?}: {line}");
        }
    }
}

const SERVER: &str = "import http.server, os, socketserver\n\
class Handler(http.server.BaseHTTPRequestHandler):\n  def do_GET(self):\n    self.send_response(200)\n    \
self.end_headers()\n    self.wfile.write(os.popen('echo hello').read().encode())\n\
server = socketserver.TCPServer(('127.0.0.1', 0), Handler)\n\
for name, what in (('pid', os.getpid()), ('port', server.server_address[1])):\n  open('new', 'w').write(f'{what}\\n')\n  \
os.rename('new', name)\nserver.serve_forever()\n";

const UP: Step<'static> = (
    "echo > port; python3 @/work/srv.py > log 2>&1 & while [ -z \"$(cat port)\" ]; do sleep 0.05; done; echo up",
    "up\n",
);
/// Who takes note of its end may do that late.
const GONE: Step<'static> = (
    "while grep -q '^State:.[^XZ]' /proc/$(cat pid)/status 2> /dev/null; do sleep 0.05; done; echo gone",
    "gone\n",
);

#[test]
fn a_server_of_an_earlier_command_is_found_by_port_or_words_and_killed() {
    let steps = [
        UP,
        ("curl -s http://127.0.0.1:$(cat port)/", "hello\n"),
        ("lsof -ti:$(cat port) | diff - pid", ""),
        ("kill $(lsof -ti:$(cat port))", ""),
        GONE,
        UP,
        // Whoever runs the line that names the server is not the server.
        ("exec pgrep -f @/work/srv.py > found", ""),
        ("diff found pid", ""),
        ("pkill -f @/work/srv.py", ""),
        GONE,
        UP,
        ("curl -s http://127.0.0.1:$(cat port)/; kill $(cat pid)", "hello\n"),
        GONE,
    ];
    all_the_same(&["lsof", "curl", "python3", "pgrep"], everybody(), &[("srv.py", SERVER)], &steps);
}

const DEBUGGED: &str = "#include <stdio.h>\n#include <unistd.h>\n\
int twice(int x) { return 2 * x; }\n\
int main(int count, char **words) {\n  printf(\"got %d\\n\", twice(count));\n  fflush(stdout);\n  \
while (count > 2) usleep(1000);\n  return 3;\n}\n";

#[test]
fn debuggers_run_programs_to_their_end_and_attach_to_those_of_earlier_commands() {
    let steps = [
        ("cc -g -O0 -o prog prog.c", ""),
        (
            "gdb -q -batch -ex run ./prog 2>&1 | grep -o -e 'got 2' -e 'exited with code 03'",
            "got 2\nexited with code 03\n",
        ),
        (
            "gdb -q -batch -ex 'break twice' -ex run -ex 'print x' -ex 'set var x = 4' -ex continue ./prog 2>&1 \
             | grep -o -e '^\\$1 = 1' -e 'got 8'",
            "$1 = 1\ngot 8\n",
        ),
        (
            "strace -f -o trace sh -c './prog; ./prog x; exit 5'; echo $?; grep -c 'execve(' trace",
            "got 2\ngot 4\n5\n3\n",
        ),
        (
            "./prog 1 2 > out 2>&1 & echo $! > pid; while [ ! -s out ]; do sleep 0.05; done; cat out",
            "got 6\n",
        ),
        ("gdb -q -batch -p $(cat pid) -ex bt 2> /dev/null | grep -c 'main (count=3'", "1\n"),
        (
            "strace -o attached -p $(cat pid) 2> /dev/null & while ! grep -q nanosleep attached; do sleep 0.05; done \
             2> /dev/null; kill $!; wait $!; grep -c -m 1 nanosleep attached",
            "1\n",
        ),
        ("kill $(cat pid)", ""),
        GONE,
    ];
    all_the_same(&["gdb", "strace", "cc"], everybody(), &[("prog.c", DEBUGGED)], &steps);
}

#[test]
fn an_agent_for_ssh_keys_serves_the_next_commands() {
    let steps = [
        ("ssh-keygen -q -t ed25519 -N '' -C mine -f key", ""),
        (
            "eval \"$(ssh-agent)\" > /dev/null; echo \"SSH_AGENT_PID=$SSH_AGENT_PID SSH_AUTH_SOCK=$SSH_AUTH_SOCK\" > env; echo $SSH_AGENT_PID > pid; ssh-add -q key",
            "",
        ),
        ("export $(cat env); ssh-add -l | cut -d ' ' -f 3-", "mine (ED25519)\n"),
        (
            "export $(cat env); echo text > text; mv key kept; ssh-keygen -q -Y sign -n file -f key.pub text 2> /dev/null; \
             head -n 1 text.sig",
            "-----BEGIN SSH SIGNATURE-----\n",
        ),
        ("export $(cat env); ssh-agent -k > /dev/null", ""),
        GONE,
    ];
    all_the_same(&["ssh-agent", "ssh-add"], everybody(), &[], &steps);
}

#[test]
fn gpg_starts_its_agent_signs_and_verifies() {
    let steps = [
        (
            "mkdir -m 700 ~/.gnupg; gpg --batch --quiet --passphrase '' --quick-gen-key a@example.org ed25519 sign never 2> /dev/null",
            "",
        ),
        (
            "echo text > text; gpg --batch --quiet --clearsign text; head -n 1 text.asc",
            "-----BEGIN PGP SIGNED MESSAGE-----\n",
        ),
        ("gpg --verify text.asc 2>&1 | grep -o 'Good signature'", "Good signature\n"),
        (
            "git init -q .; git -c user.name=a -c user.email=a@example.org -c user.signingkey=a@example.org commit -q --allow-empty -S -m x; git log --format=%G?",
            "G\n",
        ),
        (
            "gpg-connect-agent --no-autostart 'GETINFO pid' /bye | sed -n 's/^D //p' > pid; gpgconf --kill gpg-agent",
            "",
        ),
        GONE,
    ];
    all_the_same(&["gpg", "git"], everybody(), &[], &steps);
}

const PIPES: &str = r#"
const cp = require('child_process');
const said = [];
const say = (...words) => said.push(words.join(' '));
const cat = cp.spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
let length = 0;
cat.stdout.on('data', (data) => length += data.length);
cat.on('close', (code) => say('cat', length, code));
cat.stdin.end(Buffer.alloc(300000, 'x'));
cp.exec('echo out; echo err >&2; exit 3', (error, out, err) => say('exec', error.code, out.trim(), err.trim()));
const sleep = cp.spawn('sleep', ['100']);
sleep.on('exit', (code, signal) => say('sleep', code, signal));
sleep.on('spawn', () => sleep.kill());
const shell = cp.spawnSync('sh', ['-c', 'cat; exit 5'], { input: 'in' });
say('sync', shell.status, shell.stdout);
say('late', cp.spawnSync('sleep', ['100'], { timeout: 100 }).signal);
const fork = cp.fork('child.js', ['a']);
fork.on('message', (message) => { say('from', message); fork.send('end'); });
fork.on('exit', (code) => say('fork', code));
cp.spawn('no-such-program').on('error', (error) => say(error.code));
const three = cp.spawn('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
three.stdio[3].on('data', (data) => say('fd', data.toString().trim()));
cp.spawn('sh', ['-c', 'while [ ! -e go ]; do sleep 0.05; done; echo alone > late'], { detached: true, stdio: 'ignore' }).unref();
process.on('exit', () => console.log(said.sort().join('\n')));
"#;

#[test]
fn pipes_of_node_carry_what_they_should() {
    let files = [
        ("pipes.js", PIPES),
        ("child.js", "process.send(process.argv[2]); process.on('message', () => process.exit(4));\n"),
    ];
    let steps = [
        (
            "node pipes.js",
            "ENOENT\ncat 300000 0\nexec 3 out err\nfd three\nfork 4\nfrom a\nlate SIGTERM\nsleep  SIGTERM\nsync 5 in\n",
        ),
        ("echo > go; while [ ! -s late ]; do sleep 0.05; done; cat late", "alone\n"),
    ];
    all_the_same(&["node"], everybody(), &files, &steps);
}

const DRIVER: &str = "import subprocess\n\
shell = subprocess.Popen(['bash'], stdin=-1, stdout=-1, stderr=subprocess.STDOUT, text=True)\n\
def ask(line):\n  shell.stdin.write(line + '; echo END $?\\n')\n  shell.stdin.flush()\n  \
for said in shell.stdout:\n    print(said, end='')\n    if said.startswith('END'): return\n\
for line in ('x=1; cd /', 'env pwd; echo $x', 'sh -c \"exit 4\"', 'cat <(env echo a) | cat', 'env sleep 0.01 & wait -n'):\n  \
ask(line)\n\
shell.stdin.write('exit 6\\n')\nshell.stdin.close()\nprint(shell.wait())\n";

#[test]
fn a_shell_that_stays_on_a_pipe_answers_line_by_line() {
    let printed = "END 0\n/\n1\nEND 0\nEND 4\na\nEND 0\nEND 0\n6\n";
    let steps = [
        ("python3 driver.py", printed),
        (
            "mkfifo in; bash < in > out 2>&1 & exec 5> in; echo 'env echo one; exit 2' >&5; exec 5>&-; wait $!; echo $?; cat out",
            "2\none\n",
        ),
    ];
    all_the_same(&["python3"], everybody(), &[("driver.py", DRIVER)], &steps);
}

/// The program of a file on a mount that is gone, as `crun` becomes it.
const GONE_MOUNT: &str = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n\
open('x', 'w').close()\n\
if libc.mount(b'/bin/echo', b'x', None, 4096, None): print('no mount'); os._exit(8)\n\
fd = os.open('x', os.O_PATH)\nlibc.umount2(b'x', 2)\nos.unlink('x')\nos.execve(fd, ['echo', 'it ran'], {})\n";

#[test]
fn programs_start_in_namespaces_of_their_own() {
    let lines = [
        "bwrap --ro-bind / / --dev /dev --proc /proc --unshare-pid sh -c 'echo in; sh -c \"exit 3\"'; echo $?",
        "bwrap --ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin \
         --unshare-all /bin/sh -c 'cat /etc/passwd; /usr/bin/env echo out'; echo $?",
        "bwrap --ro-bind / / --unshare-user --uid 0 --gid 0 sh -c 'env id -u; exit 4'; echo $?",
        "unshare -Urpf --mount-proc sh -c 'sh -c \"echo \\$\\$\"'; echo $?",
        "unshare -Urm python3 gone.py; echo $?",
    ];
    no_other_than_bare(&["bwrap", "unshare", "python3"], &[("gone.py", GONE_MOUNT)], &lines);
}

#[test]
fn cargo_builds_and_tests_with_build_scripts_and_macros() {
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nasks = { path = \"asks\" }\n",
        ),
        (
            "build.rs",
            "fn main() { let said = std::process::Command::new(\"sh\").args([\"-c\", \"echo 41\"]).output().unwrap();\n\
             println!(\"cargo:rustc-env=SAID={}\", String::from_utf8(said.stdout).unwrap().trim()); }\n",
        ),
        (
            "src/main.rs",
            "asks::answer!();\nfn main() { println!(\"{} {}\", env!(\"SAID\"), answer()); std::process::exit(3) }\n\
             #[test] fn starts() { assert!(std::process::Command::new(\"true\").status().unwrap().success()); }\n",
        ),
        (
            "asks/Cargo.toml",
            "[package]\nname = \"asks\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n",
        ),
        (
            "asks/src/lib.rs",
            "#[proc_macro] pub fn answer(_: proc_macro::TokenStream) -> proc_macro::TokenStream {\n\
             let said = std::process::Command::new(\"echo\").arg(\"42\").output().unwrap();\n\
             format!(\"fn answer() -> u32 {{ {} }}\", String::from_utf8(said.stdout).unwrap().trim()).parse().unwrap() }\n",
        ),
    ];
    let steps = [
        ("cargo run -q --offline; echo $?", "41 42\n3\n"),
        ("cargo test -q --offline 2>&1 | grep -o 'test result: ok. 1 passed'", "test result: ok. 1 passed\n"),
    ];
    // The toolchain may lie where nobody else may look.
    all_the_same(&["cc"], &[Who::Tester], &files, &steps);
}

const MAKEFILE: &str =
    "N := $(shell seq 667)\n.PHONY: all $(N)\nall: $(N)\n\t@echo all\n$(N):\n\t@env echo $@ >> out/$@\n";

/// Wakes a thousand times a second, and lets no call begin again by itself.
const TIMERS: &str = "#include <errno.h>\n#include <signal.h>\n#include <stdio.h>\n#include <sys/time.h>\n\
#include <sys/wait.h>\n#include <unistd.h>\nstatic void wake(int signal) {}\n\
int main(void) {\n  struct sigaction action = {.sa_handler = wake};\n  sigaction(SIGALRM, &action, 0);\n  \
struct itimerval often = {{0, 1000}, {0, 1000}};\n  setitimer(ITIMER_REAL, &often, 0);\n  int ran = 0;\n  \
for (int i = 0; i < 200; i++) {\n    pid_t child = i % 2 ? fork() : vfork();\n    \
if (!child) { execl(\"/bin/sh\", \"sh\", \"-c\", \"echo x >> ticks\", (char *)0); _exit(9); }\n    int status;\n    \
while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}\n    ran += !status;\n  }\n  printf(\"%d\\n\", ran);\n}\n";

#[test]
fn two_thousand_programs_of_make_all_run_once() {
    let steps = [("mkdir out; make -j32 all; cat out/* | wc -l", "all\n667\n")];
    all_the_same(&["make"], &[Who::Tester], &[("Makefile", MAKEFILE)], &steps);
}

#[test]
fn a_program_whose_calls_are_interrupted_all_the_time_starts_each_program_once() {
    let steps = [
        ("cc -o timers timers.c", ""),
        ("./timers & while [ -e /proc/$! ]; do :; done; wait; wc -l < ticks", "200\n200\n"),
    ];
    all_the_same(&["cc"], everybody(), &[("timers.c", TIMERS)], &steps);
}

#[test]
fn hooks_aliases_and_editors_of_git_run() {
    let files = [
        ("../home/.gitconfig", "[alias]\n\tsay = !git log --format=%s\n\tl = say\n"),
        (".git/hooks/pre-commit", "#!/bin/sh\necho before $(git diff --cached --name-only)\n"),
        (".git/hooks/commit-msg", "#!/usr/bin/env bash\nsed -i '1s/^/told: /' \"$1\"\n"),
        (
            ".git/hooks/pre-push",
            "#!/usr/bin/env python3\nimport sys\nopen('pushed', 'w').write(str(len(sys.stdin.read().split())))\n",
        ),
    ];
    let steps = [
        (
            "git init -q -b main .; git config user.name a; git config user.email a@example.org; git init -q --bare ../there; \
             git remote add origin ../there",
            "",
        ),
        ("echo 1 > a; git add a; git commit -qm one 2>&1; git l", "before a\ntold: one\n"),
        ("git push -q origin HEAD; cat pushed", "4"),
        (
            "echo 2 > b; git add b; GIT_EDITOR='sed -i 1s/^/two/' git commit -q 2>&1; git say",
            "before b\ntold: two\ntold: one\n",
        ),
        (
            "GIT_SEQUENCE_EDITOR='sed -i 2s/pick/fixup/' git rebase -q -i --root > /dev/null 2>&1; git say",
            "told: one\n",
        ),
        (
            "EDITOR='perl -pi -e s/^/what/' git branch --edit-description; git config branch.main.description | head -n 1",
            "what\n",
        ),
        (
            "GIT_SEQUENCE_EDITOR=\"python3 -c 'import sys; open(sys.argv[1], \\\"a\\\").write(\\\"exec echo ran\\\")'\" \
             git rebase -q -i --root 2> /dev/null",
            "ran\n",
        ),
    ];
    all_the_same(&["git", "python3", "perl"], everybody(), &files, &steps);
}

#[test]
fn find_and_xargs_run_what_they_are_given() {
    let steps = [
        (
            "mkdir -p d/e; echo 1 > d/x; echo 2 > 'd/e/y z'; find d -type f -exec sh -c 'cat \"$1\"' _ {} \\; | sort",
            "1\n2\n",
        ),
        ("find d -type f -exec wc -l {} + | grep -c total; find d -name x -execdir echo {} \\;", "1\n./x\n"),
        (
            "find d -type f -print0 | xargs -0 -n 1 -P 4 cat | sort; seq 200 | xargs -P 8 -I {} sh -c 'echo {}' | sort -n | uniq | wc -l",
            "1\n2\n200\n",
        ),
        (
            "echo 0 0 1 | xargs -n 1 sh -c 'exit $0'; echo $?; xargs no-such-program < /dev/null 2> /dev/null; echo $?",
            "123\n127\n",
        ),
    ];
    all_the_same(&["find", "xargs"], everybody(), &[], &steps);
}

#[test]
fn what_hides_its_memory_and_becomes_another_program_is_refused_with_its_name() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let world = laid_out(Who::Nobody, &[]);
    let line = "ssh-agent sh -c 'echo ran'; pgrep -P $PPID ssh-agent > pid; kill $(cat pid)";
    let (_, stdout, stderr) = said(&world, Who::Nobody, true, line);
    assert_eq!(stdout, "");
    assert!(stderr.contains("`ssh-agent` lets nobody read its memory"), "{stderr}");
}
