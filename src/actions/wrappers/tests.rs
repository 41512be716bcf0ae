//! Tests of `wrappers`.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::actions::Language;

/// A call from a line; `$X` is a hole, `$X*` one that may be any number of words.
fn call(line: &str) -> Call {
    let mut words = shell_words::split(line)
        .unwrap()
        .into_iter()
        .map(|word| match word.as_str() {
            "$X" => Text::hole("$X", Shape::Any),
            "$X*" => Text::hole("$X", Shape::Any).into_many(),
            _ => Text::known(word),
        });
    Call {
        program: words.next().unwrap(),
        args: words.collect(),
        ..Call::default()
    }
}

fn show(words: &[Text]) -> String {
    let shown: Vec<String> = words
        .iter()
        .map(|word| {
            let dots = if word.is_many() { "…" } else { "" };
            format!(
                "{}{dots}",
                word.display()
                    .replace("(an argument from ", "<")
                    .replace(')', ">")
            )
        })
        .collect();
    shown.join(" ")
}

/// One layer, one line each.
fn once(call: &Call) -> Vec<String> {
    enter(call, Dialect::Bash)
        .iter()
        .map(|entered| {
            let mut text = match &entered.inner {
                Inner::Call(call) => {
                    let env: String = call
                        .env
                        .iter()
                        .map(|(n, v)| format!("{n}={} ", v.display()))
                        .collect();
                    let words: Vec<Text> = std::iter::once(&call.program)
                        .chain(&call.args)
                        .cloned()
                        .collect();
                    format!("{env}{}", show(&words))
                }
                Inner::Shell {
                    source,
                    same_shell,
                    positional,
                    ..
                } => {
                    let same = if *same_shell { "same " } else { "" };
                    let rest = positional
                        .get(1..)
                        .filter(|rest| !rest.is_empty())
                        .map(|r| format!(" [{}]", show(r)));
                    format!(
                        "{same}sh: {}{}",
                        show(std::slice::from_ref(source)),
                        rest.unwrap_or_default()
                    )
                }
                Inner::ShellFile {
                    path, positional, ..
                } => {
                    format!(
                        "file: {} [{}]",
                        path.display(),
                        show(positional.get(1..).unwrap_or_default())
                    )
                }
                Inner::Code {
                    language,
                    source,
                    args,
                } => format!(
                    "{}: {} [{}]",
                    tongue(*language),
                    source.display(),
                    show(args)
                ),
                Inner::CodeFile {
                    language,
                    path,
                    args,
                } => {
                    format!(
                        "{} file: {} [{}]",
                        tongue(*language),
                        path.display(),
                        show(args)
                    )
                }
                Inner::Unknown(what) => format!("unknown: {what}"),
            };
            if entered.certainty != Match::Yes {
                text.insert_str(0, "maybe ");
            }
            match &entered.place {
                Some(Place::Remote(host)) => text.insert_str(0, &format!("@{host} ")),
                Some(Place::Container(name)) => text.insert_str(0, &format!("[{name}] ")),
                Some(Place::Privileged) => text.insert_str(0, "# "),
                _ => {}
            }
            if let Some(directory) = &entered.directory {
                text.push_str(&format!(" in {}", show(std::slice::from_ref(directory))));
            }
            text
        })
        .collect()
}

fn tongue(language: Language) -> &'static str {
    match language {
        Language::Python => "py",
        Language::JavaScript => "js",
        Language::Unread => "code",
    }
}

fn check(table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = once(&call(line)).join(" | ");
        if found != *expected {
            wrong.push(format!("{line}\n   found {found}\n  wanted {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn wrappers_of_users_and_environments() {
    check(&[
        ("sudo rm -rf /", "# rm -rf /"),
        ("sudo -u x rm -rf /", "# rm -rf /"),
        ("sudo -nEu x -- rm -rf /", "# rm -rf /"),
        ("sudo --user=x A=b rm x", "# A=b rm x"),
        ("sudo -D /srv rm x", "# rm x in /srv"),
        ("sudo -R /mnt rm x", "[/mnt] rm x"),
        ("sudo -s", "# sh"),
        ("sudo -i rm x", "# rm x"),
        ("sudo -l rm x", ""),
        ("sudo -e /etc/passwd", ""),
        ("sudo -k rm x", "# rm x"),
        ("/usr/bin/sudo rm x", "# rm x"),
        ("sudo $X* rm x", "# maybe $X… rm x | # maybe rm x"),
        ("doas -u x rm y", "# rm y"),
        ("env A=b C=d rm x", "A=b C=d rm x"),
        ("env -i -u HOME A=b rm x", "A=b rm x"),
        ("env -C /srv rm x", "rm x in /srv"),
        ("env - rm x", "rm x"),
        ("env -S 'A=b rm -rf' x", "env A=b rm -rf x"),
        ("env -iS'rm\\_-rf \"a b\"' x", "env rm -rf a b x"),
        ("env", ""),
        ("command -p rm x", "rm x"),
        ("command -v rm", ""),
        ("builtin cd /", "cd /"),
        ("exec -a name rm x", "rm x"),
        ("exec -cl rm x", "rm x"),
        ("nohup rm x", "rm x"),
        ("setsid -fw rm x", "rm x"),
        ("su -c 'rm x'", "# sh: rm x"),
        ("su - root -c 'rm x'", "# sh: rm x"),
        ("su root -- -c 'rm x'", "# sh -c rm x"),
        ("su", "# sh"),
        ("runuser -u x -- rm y", "# rm y"),
        ("runuser -l x -c 'rm y'", "# sh: rm y"),
        ("pkexec --user x rm y", "# rm y"),
        ("gosu x rm y", "# rm y"),
        ("su-exec x:y rm z", "# rm z"),
        ("setpriv --reuid 1 --clear-groups rm x", "rm x"),
        ("sg docker 'rm x'", "sh: rm x"),
        ("run0 -D /srv rm x", "# rm x in /srv"),
    ]);
}

#[test]
fn wrappers_of_limits_and_tracers() {
    check(&[
        ("timeout 10 rm x", "rm x"),
        ("timeout -k 5 -s KILL 10s rm x", "rm x"),
        ("gtimeout --foreground 10 rm x", "rm x"),
        ("timeout $X rm x", "rm x"),
        ("nice rm x", "rm x"),
        ("nice -10 rm x", "rm x"),
        ("nice -n 10 rm x", "rm x"),
        ("nice --10 rm x", "rm x"),
        ("ionice -c3 rm x", "rm x"),
        ("ionice -p 12", ""),
        ("chrt -i 0 rm x", "rm x"),
        ("chrt -b rm x", "rm x"),
        ("taskset -c 0-3 rm x", "rm x"),
        ("taskset -p 12", ""),
        ("stdbuf -oL -e 0 rm x", "rm x"),
        ("/usr/bin/time -v -o log rm x", "rm x"),
        ("chroot --userspec=a:b /mnt rm x", "[/mnt] rm x"),
        ("unshare -r -m rm x", "rm x"),
        ("unshare -R /mnt rm x", "[/mnt] rm x"),
        ("nsenter -t 1 -m -u rm x", "# rm x"),
        ("flock -n /tmp/l rm x", "rm x"),
        ("flock /tmp/l -c 'rm x'", "sh: rm x"),
        ("watch -n 5 rm x '&&' ls", "sh: rm x && ls"),
        ("watch -x rm x", "rm x"),
        ("setarch -R rm x", "rm x"),
        ("setarch x86_64 -R rm x", "rm x"),
        ("linux32 rm x", "rm x"),
        ("arch -x86_64 rm x", "rm x"),
        ("prlimit --nofile=10 -c rm x", "rm x"),
        ("cgexec -g cpu:x rm y", "rm y"),
        ("tini -g -- rm x", "rm x"),
        ("dumb-init -r 15:2 rm x", "rm x"),
        ("caffeinate -i -t 10 rm x", "rm x"),
        ("strace -f -e trace=file -o out rm x", "rm x"),
        ("ltrace -o out rm x", "rm x"),
        ("gdb -ex run --args rm x", "rm x"),
        ("gdb ./prog", ""),
        ("valgrind --leak-check=full rm x", "rm x"),
        ("perf stat -e cycles -r 5 rm x", "rm x"),
        ("perf record -g -- rm x", "rm x"),
        ("perf report", ""),
        ("systemd-run --user --unit x rm y", "rm y"),
        ("systemd-inhibit --what=sleep rm x", "rm x"),
        ("dbus-run-session -- rm x", "rm x"),
        ("xvfb-run -a -s '-screen 0' rm x", "rm x"),
        ("firejail --net=none rm x", "rm x"),
        ("bwrap --ro-bind / / --dev /dev rm x", "[bwrap] rm x"),
        ("bwrap --bind / / rm x", "rm x"),
        ("unbuffer -p rm x", "rm x"),
        ("rlwrap -H hist rm x", "rm x"),
        ("proxychains4 -q -f c rm x", "rm x"),
        ("torsocks -i rm x", "rm x"),
        ("faketime '2020-01-01' rm x", "rm x"),
        ("sshpass -p x ssh h rm y", "ssh h rm y"),
        ("busybox rm -rf x", "rm -rf x"),
        ("toybox rm x", "rm x"),
        (
            "/lib64/ld-linux-x86-64.so.2 --library-path /x /bin/rm y",
            "/bin/rm y",
        ),
        ("script -qec 'rm x' /dev/null", "sh: rm x"),
        ("script -q /dev/null rm x", "rm x"),
        ("entr -s 'rm x'", "sh: rm x"),
        ("entr -r rm x", "rm x"),
        ("nohup $X rm x", "$X rm x | maybe rm x"),
        ("setsid --new x rm y", "x rm y | maybe rm y"),
    ]);
}

#[test]
fn wrappers_of_projects_and_secrets() {
    check(&[
        ("direnv exec . rm x", "rm x"),
        ("dotenv -f .env run -- rm x", "rm x"),
        ("dotenv -e .env -- rm x", "rm x"),
        ("dotenvx run -f .env -- rm x", "rm x"),
        ("op run --env-file=.env -- rm x", "rm x"),
        ("doppler run -p a -c prd -- rm x", "rm x"),
        ("doppler run --command 'rm x'", "sh: rm x"),
        ("infisical run --env=prod -- rm x", "rm x"),
        ("aws-vault exec prod -- rm x", "rm x"),
        ("aws-vault exec -d 1h prod rm x", "rm x"),
        ("envchain ns rm x", "rm x"),
        ("mise exec node@20 -- rm x", "rm x"),
        ("mise x -c 'rm x'", "sh: rm x"),
        ("asdf exec rm x", "rm x"),
        ("nix-shell -p jq --run 'rm x'", "sh: rm x"),
        ("nix develop .#x -c rm y", "rm y"),
        ("nix build .#x", ""),
        ("conda run -n env rm x", "rm x"),
        ("poetry run rm x", "rm x"),
        ("uv run --with x rm y", "rm y"),
        ("uv run tool.py a", "python3 tool.py a"),
        ("uv run -m pytest", ""),
        ("uvx --from pkg tool@1 x", "tool x"),
        ("pipenv run rm x", "rm x"),
        ("pdm run rm x", "rm x"),
        ("hatch run rm x", "rm x"),
        ("rye run rm x", "rm x"),
        ("bundle exec rails db:drop", "rails db:drop"),
        ("npx prisma db push", "prisma db push"),
        ("npx --yes -p prisma prisma@6.1 db push", "prisma db push"),
        (
            "npx -y @railway/cli@latest volume delete",
            "railway volume delete",
        ),
        ("npx -c 'rm x'", "sh: rm x"),
        ("npm exec -- prisma db push", "prisma db push"),
        ("npm --prefix x exec prisma db push", "prisma db push"),
        ("pnpm exec prisma db push", "prisma db push"),
        ("pnpm --filter db dlx prisma@5 db push", "prisma db push"),
        ("pnpm prisma db push", "prisma db push"),
        ("pnpm rm lodash", ""),
        ("yarn prisma db push", "prisma db push"),
        ("yarn workspace db prisma db push", "prisma db push"),
        ("yarn add prisma", ""),
        ("yarn dlx prisma db push", "prisma db push"),
        ("yarn exec 'rm x'", "sh: rm x"),
        ("bunx prisma@6 db push", "prisma db push"),
        ("bun x prisma db push", "prisma db push"),
        ("bun prisma db push", "prisma db push"),
        ("nodemon --exec 'rm x' -e js", "sh: rm x"),
        ("nodemon server.js", "node server.js"),
        ("concurrently -n a,b 'rm x' 'ls'", "sh: rm x | sh: ls"),
        ("hyperfine -w 3 'rm x'", "sh: rm x"),
        ("cross-env A=b rm x", "A=b rm x"),
        ("railway run rm x", "rm x"),
    ]);
}

#[test]
fn other_machines_and_containers() {
    check(&[
        ("ssh host rm -rf /", "@host sh: rm -rf /"),
        (
            "ssh -p 22 -i key me@db.example.com 'rm x; ls'",
            "@db.example.com sh: rm x; ls",
        ),
        ("ssh host -p 22 -- rm x", "@host sh: rm x"),
        ("ssh ssh://me@host:22 rm x", "@host sh: rm x"),
        ("ssh -N -L 1:h:2 host", ""),
        ("ssh host", "@host sh"),
        ("ssh $X* 'rm x'", "@$X sh: rm x"),
        ("docker exec $X* rm x", "[$X] rm x | [rm] maybe x"),
        ("ssh me@localhost rm x", "sh: rm x"),
        ("chroot / rm x", "rm x"),
        (
            "ssh -o ProxyCommand='rm x' host ls",
            "sh: rm x | @host sh: ls",
        ),
        ("mosh me@host -- rm x", "@host rm x"),
        ("docker exec -it -u root web rm x", "[web] rm x"),
        (
            "docker --context c exec web sh -c 'rm x'",
            "[web] sh -c rm x",
        ),
        (
            "docker run --rm -v /:/host alpine rm -rf /host",
            "[alpine] rm -rf /host",
        ),
        (
            "docker run --entrypoint sh alpine -c 'rm x'",
            "[alpine] sh -c rm x",
        ),
        ("podman run -it alpine", ""),
        ("docker compose -f x.yml exec -T db rm x", "[db] rm x"),
        ("docker compose run --rm web rm x", "[web] rm x"),
        ("docker-compose exec db rm x", "[db] rm x"),
        ("docker ps", ""),
        ("kubectl exec -it pod -c web -- rm x", "[pod] rm x"),
        ("kubectl -n ns exec deploy/x -- rm y", "[deploy/x] rm y"),
        ("kubectl exec pod rm x", "[pod] rm x"),
        ("kubectl run x --image=alpine --rm -it -- rm y", "[x] rm y"),
        ("oc exec pod -- rm x", "[pod] rm x"),
        ("k3s kubectl delete ns x", "kubectl delete ns x"),
        ("lxc exec box -- rm x", "[box] rm x"),
        ("vagrant ssh -c 'rm x'", "@vagrant ssh sh: rm x"),
        ("vagrant ssh web -c 'rm x'", "@web sh: rm x"),
        (
            "gcloud compute ssh vm --zone z --command 'rm x'",
            "@vm sh: rm x",
        ),
        ("gcloud compute ssh vm --command='rm x'", "@vm sh: rm x"),
        (
            "heroku run -a app rails db:drop",
            "@heroku run sh: rails db:drop",
        ),
        ("fly ssh console -C 'rm x'", "@fly ssh console sh: rm x"),
        ("tmux send-keys -t x 'rm x' Enter", "sh: rm x\n"),
        ("tmux send-keys -t x 'rm x'", "maybe sh: rm x"),
        ("tmux new-session -d -s a 'rm x'", "sh: rm x"),
        ("tmux new-window -c /srv rm x", "rm x in /srv"),
        ("tmux split-window -h 'rm x'", "sh: rm x"),
        ("tmux run-shell 'rm x'", "sh: rm x"),
        ("tmux respawn-pane -k 'rm x'", "sh: rm x"),
        ("tmux new -d ';' send-keys 'rm x' C-m", "sh: rm x\n"),
        ("tmux ls", ""),
        ("screen -S x -X stuff 'rm x^M'", "sh: rm x\n"),
        ("screen -dmS x rm y", "rm y"),
        ("screen -ls", ""),
    ]);
}

#[test]
fn git_runs_commands_too() {
    check(&[
        ("git -c alias.x='!rm' x y", "sh: rm \"$@\" [y]"),
        (
            "git -c alias.x='push --force' x origin",
            "git push --force origin",
        ),
        ("git -c alias.x='!rm' status", ""),
        ("git -c core.pager='rm x' log", "sh: rm x"),
        ("git -c core.sshCommand='rm x' fetch", "sh: rm x"),
        ("git -c user.name=x commit -m 'rm x'", ""),
        ("git rebase -i --exec 'rm x' main", "sh: rm x"),
        ("git bisect run rm x", "rm x"),
        ("git submodule foreach --recursive 'rm x'", "sh: rm x"),
        ("git submodule foreach git reset --hard", "git reset --hard"),
        ("git filter-branch --tree-filter 'rm x' HEAD", "sh: rm x"),
        ("git -C sub rebase -x 'rm x'", "sh: rm x"),
        ("git push --force", ""),
    ]);
}

#[test]
fn shells() {
    check(&[
        ("bash -c 'rm x'", "sh: rm x"),
        ("bash -lc 'rm x' a b", "sh: rm x [b]"),
        ("bash -c -l 'rm x'", "sh: rm x"),
        ("bash -euxo pipefail -c 'rm x'", "sh: rm x"),
        ("bash -O extglob -c 'rm $1' -- y", "sh: rm $1 [y]"),
        ("bash +o posix --norc --rcfile f -c 'rm x'", "sh: rm x"),
        ("bash -co pipefail 'rm x'", "sh: rm x"),
        ("zsh -o extendedglob -ilc 'rm x'", "sh: rm x"),
        ("-bash -c 'rm x'", "sh: rm x"),
        ("sh -c -- 'rm x'", "sh: rm x"),
        ("bash script.sh a b", "file: script.sh [a b]"),
        ("bash -x -- script.sh", "file: script.sh []"),
        ("bash -n script.sh", ""),
        ("bash --version", ""),
        ("bash", "unknown: standard input of `bash`"),
        ("bash $X* -c 'rm x'", "maybe sh: rm x"),
        ("bash $X a", "file: $X [a]"),
        (
            "bash --init-file f -i",
            "file: f [] | unknown: standard input of `bash`",
        ),
        (
            "fish -c 'rm x'",
            "unknown: source for `fish`, whose grammar is not read",
        ),
        ("eval rm x '$y'", "same sh: rm x $y"),
        ("source f a", "file: f [a]"),
        (". f", "file: f []"),
        ("trap 'rm x' EXIT INT", "same sh: rm x"),
        ("trap -- 'rm x' EXIT", "same sh: rm x"),
        ("trap - EXIT", ""),
        ("trap '' INT", ""),
        ("trap -p", ""),
        ("mapfile -C 'rm x' -c 1 a", "same sh: rm x"),
        ("at -f f now", "maybe file: f []"),
        ("atq", ""),
        ("rm -rf x", ""),
        ("$X rm", ""),
    ]);
}

#[test]
fn interpreters() {
    check(&[
        ("python3 -c 'x()' a b", "py: x() [a b]"),
        ("python3.12 -Bc 'x()'", "py: x() []"),
        ("python -W ignore -X dev f.py a", "py file: f.py [a]"),
        ("python3 -m http.server", ""),
        ("python3 $X build", "py file: $X [build]"),
        (
            "python3 $X* -c x",
            "maybe py file: $X [-c x] | maybe py: x []",
        ),
        ("python3", "unknown: standard input of `python3`"),
        ("python3 --version", ""),
        ("python3-config --libs", ""),
        ("node -e 'x()' a", "js: x() [a]"),
        ("node --eval='x()'", "js: x() []"),
        ("node -p 'x()'", "js: x() []"),
        ("node -pe 'x()'", "js: x() []"),
        (
            "node -r ./a.js b.js",
            "js file: ./a.js [] | js file: b.js []",
        ),
        ("node --check b.js", ""),
        ("deno eval -T 'x()'", "js: x() []"),
        ("deno run -A --config c f.ts a", "js file: f.ts [a]"),
        ("deno task build", ""),
        ("bun -e 'x()'", "js: x() []"),
        ("bun run f.ts", "js file: f.ts []"),
        ("tsx watch f.ts", "js file: f.ts []"),
        ("ts-node -P p f.ts", "js file: f.ts []"),
        ("ruby -rfoo -e 'x' -e 'y'", "code: x\ny []"),
        ("perl -i.bak -pe 's/a/b/' f", "code: s/a/b/ [f]"),
        ("perl -lane 'x' f", "code: x [f]"),
        ("perl -0777 -ne 'x' f", "code: x [f]"),
        ("perl f.pl a", "code file: f.pl [a]"),
        ("php -r 'x();'", "code: x(); []"),
        (
            "php artisan migrate:fresh",
            "code file: artisan [migrate:fresh]",
        ),
        ("osascript -e x", "code: x []"),
    ]);
}

#[test]
fn standard_input_is_run() {
    let with = |line: &str, input: Input| {
        once(&Call {
            input,
            ..call(line)
        })
        .join(" | ")
    };
    let text = || Input::Text("rm x".into());
    assert_eq!(with("bash", text()), "sh: rm x");
    assert_eq!(with("bash -s a b", text()), "sh: rm x [a b]");
    assert_eq!(with("sh -", text()), "sh: rm x");
    assert_eq!(with("bash /dev/stdin a", text()), "sh: rm x [a]");
    assert_eq!(with("source /dev/stdin", text()), "same sh: rm x");
    assert_eq!(with("bash", Input::File("f".into())), "file: f []");
    assert_eq!(with("bash", Input::Empty), "");
    assert_eq!(
        with("bash", Input::Unknown),
        "unknown: standard input of `bash`"
    );
    assert_eq!(with("python3 - a", text()), "py: rm x [a]");
    assert_eq!(with("node", text()), "js: rm x []");
    assert_eq!(with("at now", text()), "maybe sh: rm x");
    assert_eq!(with("ssh host", text()), "@host sh");
    let inner = enter(
        &Call {
            input: text(),
            ..call("ssh host")
        },
        Dialect::Bash,
    );
    assert!(matches!(&inner[0].inner, Inner::Call(call) if call.input == text()));
}

#[test]
fn xargs_gives_what_it_reads() {
    let with = |line: &str, input: &str| {
        once(&Call {
            input: Input::Text(input.into()),
            ..call(line)
        })
        .join(" | ")
    };
    assert_eq!(with("xargs rm -rf", "a 'b c'\nd\\ e\n"), "rm -rf a b c d e");
    assert_eq!(with("xargs -0 rm", "a b\0c\0"), "rm a b c");
    assert_eq!(with("xargs -n 2 rm", "a b c"), "rm a b | rm c");
    assert_eq!(with("xargs -I{} rm {}/x", "a b\nc\n"), "rm a b/x | rm c/x");
    assert_eq!(with("xargs -d , rm", "a,b"), "rm a b");
    assert_eq!(with("xargs -r rm", ""), "");
    assert_eq!(with("xargs", "a"), "");
    check(&[
        ("xargs -P4 -n1 rm -rf", "rm -rf <`xargs`>…"),
        ("xargs -0I % rm % %/y", "rm <`xargs`> <`xargs`>/y"),
        ("xargs -i rm {}", "rm <`xargs`>"),
        ("xargs -a list rm", "rm <`xargs`>…"),
        ("xargs sh -c 'rm $@' _", "sh -c rm $@ _ <`xargs`>…"),
        ("parallel rm {} ::: a b", "rm a | rm b"),
        ("parallel -j4 rm", "rm <`parallel`>"),
        (
            "parallel 'rm {}; ls' ::: a",
            "sh: rm \"$1\"; ls [a <`parallel`>]",
        ),
        ("parallel ::: 'rm x' ls", "sh: rm x | sh: ls"),
    ]);
    let numbers = Input::Text(Text::hole("$(lsof -t)", Shape::Number).into_many());
    let entered = enter(
        &Call {
            input: numbers,
            ..call("xargs kill")
        },
        Dialect::Bash,
    );
    assert!(
        matches!(&entered[0].inner, Inner::Call(call) if call.args[0].holes().all(|h| h.shape == Shape::Number))
    );
}

#[test]
fn find_runs_on_what_it_finds() {
    check(&[
        ("find ./src -exec rm {} +", "rm ./src… ./src/<`find`>…"),
        ("find . -name '*.pyc' -exec rm {} ';'", "rm ./<`find`>.pyc"),
        (
            "find . -type d -name dist -exec rm -rf {} +",
            "rm -rf ./dist… ./<`find`>/dist…",
        ),
        ("find / -mindepth 1 -exec rm {} ';'", "rm /<`find`>"),
        (
            "find a b -type f -ok rm {} ';'",
            "rm a/<`find`> | rm b/<`find`>",
        ),
        (
            "find a -type f -exec sh -c 'rm {}' ';'",
            "sh -c rm <`find`>",
        ),
        (
            "find a -name x -execdir rm {} +",
            "rm ./x in a | rm ./x in a/<`find`>",
        ),
        ("find a -exec ls ';' -exec rm x ';'", "ls | rm x"),
        ("find a -delete", ""),
        ("fd -e log -x rm", "rm <`fd`>"),
        ("fd x -X rm {} ';' -H", "rm <`fd`>…"),
    ]);
}

#[test]
fn spans_follow_their_words() {
    let mut outer = call("sudo -u x sh -c 'rm y'");
    outer.arg_spans = vec![
        Span::new(5, 7),
        Span::new(8, 9),
        Span::new(10, 12),
        Span::new(13, 15),
        Span::new(16, 22),
    ];
    let entered = enter(&outer, Dialect::Bash);
    let Inner::Call(inner) = &entered[0].inner else {
        panic!("{entered:?}")
    };
    assert_eq!(inner.arg_spans, [Span::new(13, 15), Span::new(16, 22)]);
    let entered = enter(inner, Dialect::Bash);
    assert!(matches!(
        entered[0].inner,
        Inner::Shell {
            span: Some(Span { start: 16, end: 22 }),
            ..
        }
    ));
}

#[test]
fn what_a_wrapper_sets_overrides_what_it_was_given() {
    let mut outer = call("env A=2 B=3 rm");
    outer.env = vec![("A".into(), "1".into()), ("C".into(), "4".into())];
    let entered = enter(&outer, Dialect::Bash);
    let Inner::Call(inner) = &entered[0].inner else {
        panic!("{entered:?}")
    };
    let env: Vec<String> = inner
        .env
        .iter()
        .map(|(n, v)| format!("{n}={}", v.display()))
        .collect();
    assert_eq!(env, ["A=2", "B=3", "C=4"]);
}

proptest::proptest! {
    /// Whatever the words are, they are entered without a panic, and each layer is a shorter call.
    #[test]
    fn any_words_are_entered(words in proptest::collection::vec(proptest::sample::select(TOKENS), 1..12)) {
        let mut layers = vec![call(&words.join(" "))];
        for _ in 0..6 {
            let entered: Vec<Entered> = layers.iter().flat_map(|call| enter(call, Dialect::Bash)).collect();
            layers = entered.into_iter().filter_map(|entered| match entered.inner {
                Inner::Call(call) => Some(call),
                _ => None,
            }).take(64).collect();
        }
    }
}

const TOKENS: &[&str] = &[
    "sudo",
    "env",
    "xargs",
    "find",
    "git",
    "ssh",
    "docker",
    "run",
    "exec",
    "compose",
    "bash",
    "python3",
    "node",
    "tmux",
    "send-keys",
    "screen",
    "parallel",
    ":::",
    "fd",
    "npx",
    "yarn",
    "su",
    "script",
    "timeout",
    "flock",
    "nix",
    "develop",
    "kubectl",
    "trap",
    "source",
    "eval",
    "mapfile",
    "at",
    "perl",
    "deno",
    "bun",
    "gdb",
    "-c",
    "-u",
    "-x",
    "-X",
    "-exec",
    "-execdir",
    "--",
    "-",
    "--args",
    "-S",
    "-I{}",
    "{}",
    "+",
    "\\;",
    "-i",
    "-n",
    "-p",
    "10",
    "A=b",
    "--x=y",
    "-\u{e9}b",
    "@a/b@1",
    "rm",
    "$X",
    "$X*",
    "''",
    "-o",
    "-oProxyCommand=x",
    "alias.rm=!x",
    "-f",
    "-la",
    "stuff",
    "\u{e9}",
    "--command",
];
