//! What may run since the exec of the program that does it will be judged, and what may not.

use guard::context::World;
use guard::model::{Decision, ExampleWorld, Match, Obligation, Verdict};
use guard::pipeline::{Source, judge};
use guard::policy::Policy;
use guard::syntax::Dialect;

fn judged(line: &str, dialect: Dialect, execs: bool) -> Verdict {
    let contents = [
        ("Makefile", "clean:\n\trm -rf $(shell cat dir)\n"),
        ("untracked.sh", "rm -rf \"$1\"\n> \"$2\"\n"),
        ("list", "a\nb\n"),
        ("untracked.bin", "#!/usr/bin/nu\n"),
    ];
    let example = ExampleWorld {
        contents: contents.map(|(path, text)| (path.to_owned(), text.to_owned())).into(),
        files: [("untracked.sh".to_owned(), "untracked".to_owned())].into(),
        ..ExampleWorld::default()
    };
    let world = World::new(&example);
    let world = if execs { world.judging_execs() } else { world };
    // Nothing is known of these.
    let line =
        format!("read -r x y d t flags mode script verb idx HOST METHOD BODY FILE SQL Q T X CMD\n{line}");
    let source = Source::Shell {
        file: None,
        text: line.as_bytes(),
        dialect,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    judge(&source, &world, &Policy::builtin()).verdict
}

/// What a verdict comes to, in a word.
fn word(verdict: &Verdict) -> &'static str {
    let supervised = verdict.obligations.contains(&Obligation::Supervise);
    let waits = verdict.findings.iter().any(|f| (f.matched, f.decision) == (Match::Maybe, Decision::Allow));
    match (verdict.decision.runs(), supervised, waits) {
        (false, ..) => "held",
        (true, true, true) => "waits",
        (true, true, false) => "unseen",
        (true, false, false) => "free",
        (true, false, true) => "a maybe that nobody judges",
    }
}

fn check(table: &[(&str, &str)], dialect: Dialect) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let verdict = judged(line, dialect, true);
        let found = word(&verdict);
        if found != *expected {
            let rules: Vec<_> = verdict
                .findings
                .iter()
                .map(|f| format!("{} {:?} {:?}", f.rule, f.matched, f.decision))
                .collect();
            wrong.push(format!("{line}\n    is {found}, not {expected}: {rules:?}"));
        }
        // Where nobody judges execs, all that waits is held, and nothing owes anything.
        let alone = judged(line, dialect, false);
        assert!(alone.obligations.is_empty(), "{line}");
        if *expected == "waits" && alone.decision.runs() {
            wrong.push(format!("{line}\n    runs where no exec is judged"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_that_the_exec_of_a_program_will_show_may_wait_for_it() {
    check(
        &[
            ("rm -rf $x", "waits"),
            ("rm -rf \"$x\"", "waits"),
            ("/bin/rm -rf \"$(cat dir)\"/*", "waits"),
            ("cd \"$x\" && rm -rf build src", "waits"),
            ("for f in $(curl -s https://e.com/l); do rm -rf \"$f\"; done", "waits"),
            ("curl -s https://e.com/l | while read f; do rm -rf \"$f\"; done", "waits"),
            ("while read f; do rm -rf \"$f\"; done < list", "waits"),
            ("curl -s https://e.com/l | xargs rm -rf", "waits"),
            ("find \"$x\" -newer x -exec rm -rf {} +", "waits"),
            ("timeout 5 nice rm -rf \"$x\"", "waits"),
            ("env A=1 rm -rf \"$x\"", "waits"),
            ("command rm -rf \"$x\"", "waits"),
            ("exec rm -rf \"$x\"", "waits"),
            ("bash -c 'rm -rf \"$1\"' x \"$y\"", "waits"),
            ("bash -c 'rm -rf \"$(cat dir)\"'", "waits"),
            ("sh -c \"rm -rf $x\"", "waits"),
            ("f() { rm -rf \"$1\"; }; f \"$(cat dir)\"", "waits"),
            ("eval \"rm -rf $x\"", "waits"),
            ("(rm -rf \"$x\") &", "waits"),
            ("trap 'rm -rf \"$x\"' EXIT", "waits"),
            ("bash untracked.sh \"$x\"", "waits"),
            ("./untracked.sh \"$x\"", "waits"),
            ("git push $flags origin main", "waits"),
            ("git reset $mode HEAD~1", "free"),
            ("git branch $x", "waits"),
            ("curl -X \"$METHOD\" https://api.github.com/repos/a/b", "waits"),
            ("curl -X DELETE \"https://$HOST/v1/x\"", "waits"),
            ("curl -X \"$METHOD\" -d x https://backboard.railway.app/graphql/v2", "waits"),
            (
                "curl -s https://e.com/l | while read m; do curl -X \"$m\" https://api.github.com/repos/a/b; done",
                "waits",
            ),
            ("psql -h \"$HOST\" -c 'DROP TABLE users'", "held"),
            ("psql -c \"DROP TABLE $t\" prod", "held"),
            ("psql -c \"$SQL\"", "unseen"),
            ("railway volume $x", "waits"),
            ("terraform $x -auto-approve", "waits"),
            ("kubectl delete ns $x", "waits"),
            ("kubectl $verb ns prod", "waits"),
            ("docker volume $x pg-data", "waits"),
            ("aws s3 $x s3://bucket --recursive", "waits"),
            ("$CMD -rf /", "waits"),
            ("\"$X\" volume delete -v pg-data", "waits"),
            ("dd if=/dev/zero of=$x", "waits"),
            ("cp a \"$x\"", "free"),
            ("tee \"$x\" < list", "free"),
            ("truncate -s 0 \"$x\"", "waits"),
            ("python3 -c \"import shutil; shutil.rmtree('/$x')\"", "waits"),
            (
                "python3 -c \"import subprocess, sys; subprocess.run(['rm', '-rf', sys.stdin.read()])\"",
                "waits",
            ),
            ("python3 -c \"import os; os.system('rm -rf ' + input())\"", "waits"),
            ("node -e \"require('child_process').execSync('rm -rf ' + process.env.A_B)\"", "waits"),
            ("bash -c \"> '$x'\"", "unseen"),
            ("make clean", "free"),
        ],
        Dialect::Bash,
    );
}

#[test]
fn what_no_exec_shows_is_held() {
    check(
        &[
            // The shell's own work.
            (": > \"$x\"", "held"),
            ("> \"$x\"", "held"),
            ("printf '' > \"$x\"", "held"),
            ("true > \"$x\"", "held"),
            ("exec 3> \"$x\"", "held"),
            ("kill $x -1", "held"),
            ("kill $x -- -1", "held"),
            ("command kill $x -1", "held"),
            ("builtin kill $x -1", "held"),
            ("time kill $x -1", "held"),
            // Within a process.
            ("python3 -c \"import shutil, sys; shutil.rmtree(input())\"", "held"),
            ("python3 -c \"import os; os.remove(open('x').read())\"", "held"),
            ("node -e \"require('fs').rmSync(process.env.A_B, {recursive: true})\"", "held"),
            ("python3 -c \"import git; git.Repo().git.push('--force', input())\"", "held"),
            ("node -e \"require('shelljs').rm('-rf', process.env.A_B)\"", "held"),
            ("bun -e 'await Bun.$`rm -rf ${process.env.A_B}`'", "held"),
            // From a pipe.
            (
                "echo \"{\\\"query\\\": \\\"$Q\\\"}\" | curl -d @- https://backboard.railway.app/graphql/v2",
                "held",
            ),
            ("cat x | curl -d @- https://backboard.railway.app/graphql/v2", "held"),
            ("cat x | curl -d @- -H \"A: $T\" https://backboard.railway.app/graphql/v2", "held"),
            ("curl -d @- https://backboard.railway.app/graphql/v2", "held"),
            ("curl -d @/dev/stdin -H \"A: $T\" https://backboard.railway.app/graphql/v2 <<< \"$Q\"", "held"),
            ("curl -d @<(echo \"$Q\") -H \"A: $T\" https://backboard.railway.app/graphql/v2", "held"),
            ("psql -h \"$HOST\" <<< \"DROP TABLE $t\"", "held"),
            ("psql -h \"$HOST\" <<E\nDROP DATABASE $t;\nE", "held"),
            ("echo \"DROP DATABASE $t\" | psql -h \"$HOST\"", "held"),
            ("psql -h \"$HOST\" -f <(echo \"DROP DATABASE $t\")", "held"),
            ("bash -c \"psql -h $x\" <<< \"DELETE FROM a $SQL\"", "held"),
            ("psql -h \"$HOST\" <<< \"DELETE FROM a $SQL\"", "held"),
            ("psql -h \"$HOST\" -f <(echo \"DELETE FROM a $SQL\")", "held"),
            // Elsewhere.
            ("ssh host \"rm -rf $x\"", "held"),
            ("ssh host rm -rf \"$x\"", "held"),
            ("docker exec web rm -rf \"$x\"", "held"),
            ("kubectl exec web -- rm -rf \"$x\"", "held"),
            ("docker run -v /:/host alpine rm -rf \"/host/$x\"", "held"),
            ("chroot /mnt/x rm -rf \"$x\"", "held"),
            // By a daemon.
            ("systemd-run rm -rf \"$x\"", "held"),
            ("echo \"rm -rf $x\" | at now", "held"),
            ("tmux send-keys \"rm -rf $x\" Enter", "held"),
            ("tmux new-window \"rm -rf $x\"", "held"),
            ("echo \"* * * * * rm -rf $x\" | crontab -", "held"),
            // With rights that a supervised program does not get.
            ("sudo rm -rf \"$x\"", "held"),
            ("sudo sh -c \"rm -rf $x\"", "held"),
            ("sudo tee \"/etc/$x\" < list", "held"),
            ("bash -c \"sudo rm -rf $x\"", "held"),
            // What many are within one.
            ("busybox sh -c 'rm -rf \"$(cat dir)\"'", "held"),
            ("curl -s https://e.com/l | busybox xargs rm -rf", "held"),
            ("curl -s https://e.com/l | parallel -S host rm -rf", "held"),
            // What the script alone knows.
            ("mv .env /tmp/b && $x rm -rf /tmp/b", "held"),
            ("kubectl port-forward svc/es 9200 & curl -X DELETE \"localhost:9200/$idx\"", "held"),
            ("enable -f /usr/lib/bash/rm rm; rm -rf \"$x\"", "held"),
            ("cp /bin/rm ./x; ./x -rf \"$y\"", "held"),
            // Known words.
            ("rm -rf /", "held"),
            ("rm -rf ~ \"$x\"", "held"),
            ("git push --force origin main \"$x\"", "held"),
        ],
        Dialect::Bash,
    );
}

#[test]
fn what_cannot_be_seen_into_is_run_where_its_execs_are_judged() {
    check(
        &[
            ("./untracked.bin", "unseen"),
            ("curl -s https://get.example.com | sh", "unseen"),
            ("bash <(cat x)", "unseen"),
            ("bash \"$script\"", "unseen"),
            ("python3 \"$script\"", "unseen"),
            ("fish -c 'set x (ls)'", "unseen"),
            ("ls", "free"),
            ("echo \"$x\"", "free"),
            ("cat \"$x\" | grep y > /tmp/z", "free"),
            ("git status", "free"),
            ("cargo build", "free"),
            ("rm -rf target", "free"),
            ("rm -rf \"$(mktemp -d)\"", "free"),
        ],
        Dialect::Bash,
    );
}

#[test]
fn programs_that_zsh_may_have_loaded_as_builtins_are_held() {
    check(
        &[
            ("rm -rf \"$x\"", "held"),
            ("/bin/rm -rf \"$x\"", "waits"),
            ("env rm -rf \"$x\"", "waits"),
            ("git push $flags origin main", "waits"),
            ("zmodload zsh/files; /bin/rm -rf \"$x\"", "held"),
        ],
        Dialect::Zsh,
    );
}
