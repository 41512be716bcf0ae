//! Libraries whose calls stand for those of a program: git's in several languages, and shells on
//! other machines.

use super::reader::Reader;
use super::value::{Args, Made, Value};
use crate::actions::CodeEffect;
use crate::model::{Call, Shape, Text};

/// The words that a call stands for, by what it is a call of. `*` is the method's name, the
/// arguments follow.
const CALLS: &[(&str, &str)] = &[
    ("git.Repo().git.*", "git *"),
    ("git.Repo.init().git.*", "git *"),
    ("git.Git().*", "git *"),
    ("git.cmd.Git().*", "git *"),
    ("git.Repo().delete_head", "git branch -d"),
    ("git.Repo().delete_tag", "git tag -d"),
    ("git.Repo().delete_remote", "git remote remove"),
    ("git.Repo().create_head", "git branch"),
    ("git.Repo().head.*", "git *"),
    ("git.Repo().index.checkout", "git checkout-index -a"),
    ("git.Repo().index.reset", "git reset"),
    ("git.Repo().remotes.origin.*", "git * origin"),
    ("git.Repo().remote().*", "git * origin"),
    ("pygit2.Repository().reset", "git reset"),
    ("pygit2.Repository().checkout_head", "git checkout"),
    ("pygit2.Repository().checkout", "git checkout"),
    ("pygit2.Repository().branches.delete", "git branch -D"),
    ("dulwich.porcelain.reset", "git reset"),
    ("dulwich.porcelain.push", "git push"),
    ("dulwich.porcelain.clean", "git clean -fd"),
    ("simple-git().deleteLocalBranch", "git branch -d"),
    ("simple-git().deleteLocalBranches", "git branch -d"),
    ("simple-git().*", "git *"),
    ("paramiko.SSHClient().exec_command", "ssh host"),
    ("paramiko.client.SSHClient().exec_command", "ssh host"),
    ("paramiko.SSHClient().open_sftp().remove", "ssh host rm"),
    ("paramiko.SSHClient().open_sftp().unlink", "ssh host rm"),
    ("paramiko.SSHClient().open_sftp().rmdir", "ssh host rm -r"),
    ("paramiko.SFTPClient.from_transport().remove", "ssh host rm"),
    ("paramiko.SFTPClient.from_transport().rmdir", "ssh host rm -r"),
    ("pysftp.Connection().remove", "ssh host rm"),
    ("pysftp.Connection().rmdir", "ssh host rm -r"),
    ("pysftp.Connection().execute", "ssh host"),
    ("ftplib.FTP().delete", "ssh host rm"),
    ("ftplib.FTP().rmd", "ssh host rm -r"),
    ("ftplib.FTP_TLS().delete", "ssh host rm"),
    ("smbclient.remove", "ssh host rm"),
    ("smbclient.shutil.rmtree", "ssh host rm -r"),
    ("fabric.Connection().run", "ssh host"),
    ("fabric.Connection().sudo", "ssh host sudo"),
    ("fabric.api.run", "ssh host"),
    ("fabric.api.sudo", "ssh host sudo"),
    ("asyncssh.connect().run", "ssh host"),
    ("docker.from_env().containers.get().exec_run", "docker exec it sh -c"),
    ("ssh2.Client().exec", "ssh host"),
    ("node-ssh.NodeSSH().execCommand", "ssh host"),
    ("node-ssh.NodeSSH().exec", "ssh host"),
];
/// Other names of the same.
const ALIASES: &[(&str, &str)] = &[
    ("simple-git.simpleGit()", "simple-git()"),
    ("simple-git.default()", "simple-git()"),
    ("simple-git.gitP()", "simple-git()"),
    ("simple-git.simpleGit.default()", "simple-git()"),
    ("git.repo.Repo()", "git.Repo()"),
    ("git.repo.base.Repo()", "git.Repo()"),
];
/// Arguments that are an option of git's by a constant's name or a word of the library's own.
const WORDS: &[(&str, &str)] = &[
    ("HARD", "--hard"),
    ("hard", "--hard"),
    ("merge", "--merge"),
    ("keep", "--keep"),
    ("soft", "--soft"),
    ("mixed", "--mixed"),
    ("FORCE", "-f"),
    ("GIT_RESET_HARD", "--hard"),
    ("GIT_CHECKOUT_FORCE", "-f"),
    ("RECURSIVE", "-d"),
    ("IGNORED_INCLUDED", "-x"),
];

/// Adds the call that such a call stands for.
pub(super) fn send(reader: &mut Reader, callee: &Value, args: &Args) {
    let Some(mut name) = callee.callee() else {
        return;
    };
    for (from, to) in ALIASES {
        if let Some(rest) = name.strip_prefix(from) {
            name = format!("{to}{rest}");
        }
    }
    let (chain, method) = name.rsplit_once('.').unwrap_or(("", &name));
    let is = |known: &str| match known.strip_suffix(".*") {
        // A chain goes on with what its calls give: `git.add(".").commit("x").push()`.
        Some(start) => chain == start || (start == "simple-git()" && chain.starts_with(start)),
        None => known == name,
    };
    let Some((known, words)) = CALLS.iter().find(|(known, _)| is(known)) else {
        return;
    };
    let method = method.replace('_', "-");
    let mut words: Vec<Text> =
        words.split(' ').map(|word| Text::known(if word == "*" { &method } else { word })).collect();
    let given = given(args, words[0].as_known() == Some("git"), &method);
    // `raw(["reset", "--hard"])`, `execute(["git", "reset", "--hard"])`
    if matches!(method.as_str(), "raw" | "execute") {
        words.truncate(1);
    }
    words.extend(given.into_iter().filter(|word| method != "execute" || word.as_known() != Some("git")));
    if known.starts_with("dulwich.porcelain") && words.len() > 2 {
        let directory = words.remove(words.len().min(2));
        words.splice(1..1, ["-C".into(), directory]);
    } else if let Some(directory) = directory(callee).filter(|_| words[0].as_known() == Some("git")) {
        words.splice(1..1, ["-C".into(), directory]);
    }
    let program = words.remove(0);
    reader.found(CodeEffect::Like(Call { program, args: words, ..Call::default() }));
}

/// `os.kill(process, signal)`: the call of `kill`; none where it only asks whether the process is there.
pub(super) fn kill(args: &Args) -> Option<CodeEffect> {
    let process = args.positional.first()?.text();
    let asks = args.positional.get(1).is_some_and(|signal| signal.text().as_known() == Some("0"));
    let args = vec!["-s".into(), "KILL".into(), "--".into(), process];
    (!asks).then(|| CodeEffect::Like(Call { program: "kill".into(), args, ..Call::default() }))
}

/// The files that a module's name may stand for; as a program it is run whole.
pub(super) fn module(name: &str, args: &Args) -> Vec<CodeEffect> {
    let main = name.starts_with("runpy");
    let Some(module) = args.positional.first().and_then(Value::as_known) else {
        return Vec::new();
    };
    let ends = [".py", if main { "/__main__.py" } else { "/__init__.py" }];
    let path = |end: &str| Text::known(format!("{}{end}", module.replace('.', "/")));
    ends.iter().map(|end| CodeEffect::File { path: path(end), own: !main }).collect()
}

/// The work tree that the code names when it opens a repository.
fn directory(callee: &Value) -> Option<Text> {
    let mut value = callee;
    while let Value::Method(inner, _) = value {
        value = inner;
    }
    let Value::Made(made) = value else {
        return None;
    };
    let first: &Value = Made::root(made).args.positional.first()?;
    match first {
        Value::Text(_) | Value::Made(_) => Some(first.text()),
        Value::Map(_) => first.key("baseDir").map(|value| value.text()),
        _ => None,
    }
}

/// The arguments as words.
fn given(args: &Args, git: bool, method: &str) -> Vec<Text> {
    let mut words = Vec::new();
    let own = matches!(method, "reset" | "clean");
    for value in &args.positional {
        match value {
            Value::List(items) => words.extend(items.iter().map(Value::text)),
            Value::Map(entries) if git => {
                for (name, value) in entries.iter() {
                    let mut word = name.clone();
                    if !matches!(value, Value::Null | Value::Bool(true)) {
                        word.push_str("=");
                        word.append(&value.text());
                    }
                    words.push(word);
                }
            }
            Value::Bool(true) if git => words.push("--force".into()),
            Value::Null | Value::Bool(_) | Value::Map(_) => {}
            Value::Name(name) if git => words.extend(constants(name)),
            Value::Unknown(name) if git && name.contains("CleanOptions") => words.extend(constants(name)),
            Value::Text(text) if own => match text.as_known() {
                Some(word) => words.push(option(word).map_or_else(|| text.clone(), Text::known)),
                None => words.push(text.clone()),
            },
            other => words.push(other.text()),
        }
    }
    for (name, value) in args.named.iter().filter(|_| git) {
        let dashed = name.replace('_', "-");
        let flag = if name.len() == 1 { format!("-{dashed}") } else { format!("--{dashed}") };
        match (name.as_str(), value) {
            (_, Value::Bool(false) | Value::Null) | ("index" | "istream" | "with_extended_output", _) => {}
            ("working_tree", _) => words.push("--hard".into()),
            ("strategy" | "mode" | "reset_type", Value::Name(constant)) => words.extend(constants(constant)),
            ("refspec" | "refspecs" | "commit" | "treeish" | "mode", value) => words.push(value.text()),
            (_, Value::Bool(true)) => words.push(Text::known(flag)),
            (_, value) => {
                let mut word = Text::known(format!("{flag}="));
                word.append(&value.text());
                words.push(word);
            }
        }
    }
    words
}

/// What a word of the library's own is as an option: `hard`, `fd`.
fn option(word: &str) -> Option<String> {
    if let Some((_, option)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Some((*option).to_owned());
    }
    // `clean("fd")`
    let letters = word.len() <= 4 && word.starts_with('f') && word.bytes().all(|b| b"fdxnqX".contains(&b));
    letters.then(|| format!("-{word}"))
}

/// The options that constants stand for: `pygit2.enums.ResetMode.HARD`; else what is not known.
fn constants(name: &str) -> Vec<Text> {
    let names = name.split(|c: char| !c.is_alphanumeric() && c != '_');
    let known: Vec<Text> =
        names.filter(|name| name.contains(char::is_uppercase)).filter_map(option).map(Text::known).collect();
    if known.is_empty() { vec![Text::hole(name, Shape::Any)] } else { known }
}
