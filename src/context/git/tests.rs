//! Against real repositories in scratch directories.
#![allow(clippy::unwrap_used)]

use super::*;

fn observer(env: &[(&str, &str)]) -> GitObserver {
    let env: Vec<(String, String)> =
        env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let look_up = move |name: &str| {
        let found = env.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.clone())
            .or_else(|| (name == "PATH").then(|| std::env::var(name).ok())?)
    };
    GitObserver::new(&look_up, |name| name == "target")
}

fn git(directory: &Path, args: &str) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(args.split(' '))
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", directory)
        .env("GIT_EDITOR", "true")
        .output()
        .unwrap();
    // A rebase that stops at a conflict fails; what it leaves is looked at by the test.
    assert!(
        output.status.success() || args.starts_with("rebase"),
        "git {args}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A repository with one commit of `kept`, `src/kept` and `.gitignore`.
fn repository() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap().join("repo");
    fs::create_dir(&root).unwrap();
    git(&root, "init -q");
    write(&root.join("kept"), "one");
    write(&root.join("src/kept"), "one");
    write(&root.join(".gitignore"), "*.log\ntarget/\n.env\n");
    git(&root, "add .");
    git(&root, "commit -qm first");
    (scratch, root)
}

#[test]
fn a_clean_tree_has_nothing_to_lose() {
    let (_scratch, root) = repository();
    let facts = observer(&[]).facts(&root.join("src")).unwrap();
    let wanted = GitFacts {
        root: root.to_string_lossy().into_owned(),
        branch: Some("main".into()),
        ..GitFacts::default()
    };
    assert_eq!(facts, wanted);
}

#[test]
fn everything_that_can_be_lost_is_counted() {
    let (_scratch, root) = repository();
    write(&root.join("kept"), "stashed");
    git(&root, "stash -q");
    write(&root.join("kept"), "two");
    write(&root.join("src/staged"), "new");
    git(&root, "add src/staged");
    write(&root.join("notes/a"), "x");
    write(&root.join("target/x"), "x");
    write(&root.join(".env"), "x");
    write(&root.join("ä \n.log"), "x");
    let facts = observer(&[]).facts(&root).unwrap();
    assert_eq!((facts.modified, facts.untracked), (2, 1));
    assert_eq!((facts.precious_ignored, facts.stashes), (2, 1));
    assert!(!facts.incomplete);
}

#[test]
fn the_state_of_a_path_is_the_worst_of_it() {
    let (_scratch, root) = repository();
    write(&root.join("kept"), "two");
    write(&root.join("notes/deep/a"), "x");
    write(&root.join("target/x"), "x");
    let observer = observer(&[]);
    let cases = [
        ("kept", TrackState::Modified),
        ("src", TrackState::Clean),
        ("src/kept", TrackState::Clean),
        ("notes", TrackState::Untracked),
        ("notes/deep", TrackState::Untracked),
        ("target/x", TrackState::Ignored),
        (".git/config", TrackState::Metadata),
        ("", TrackState::Metadata),
        ("absent", TrackState::Untracked),
    ];
    for (path, wanted) in cases {
        let path = if path.is_empty() { root.clone() } else { root.join(path) };
        assert_eq!(observer.state(&path), wanted, "{}", path.display());
    }
    assert_eq!(observer.state(root.parent().unwrap()), TrackState::Unknown);
}

#[test]
fn changes_that_git_was_told_to_overlook_are_not_clean() {
    let (_scratch, root) = repository();
    git(&root, "update-index --assume-unchanged kept");
    git(&root, "update-index --skip-worktree src/kept");
    write(&root.join("kept"), "two");
    let observer = observer(&[]);
    assert_eq!(observer.state(&root.join("kept")), TrackState::Unknown);
    assert_eq!(observer.state(&root.join("src")), TrackState::Unknown);
}

#[test]
fn upstream_and_unpushed_commits_are_seen() {
    let (scratch, root) = repository();
    git(scratch.path(), "clone -q repo clone");
    let clone = root.parent().unwrap().join("clone");
    git(&clone, "commit -q --allow-empty -m second");
    let facts = observer(&[]).facts(&clone).unwrap();
    assert_eq!(facts.upstream.as_deref(), Some("origin/main"));
    assert_eq!((facts.ahead, facts.behind), (Some(1), Some(0)));
}

#[test]
fn odd_states_of_a_repository_are_read() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    git(&root, "init -q");
    write(&root.join("a"), "one");
    let facts = observer(&[]).facts(&root).unwrap();
    assert_eq!((facts.branch.as_deref(), facts.untracked), (Some("main"), 1));

    git(&root, "add .");
    git(&root, "commit -qm one");
    git(&root, "checkout -q -b side");
    write(&root.join("a"), "side");
    git(&root, "commit -qam side");
    git(&root, "checkout -q main");
    write(&root.join("a"), "main");
    git(&root, "commit -qam main");
    git(&root, "rebase -q side");
    let facts = observer(&[]).facts(&root).unwrap();
    assert_eq!((facts.branch.as_deref(), facts.modified), (None, 1));
    assert!(!facts.incomplete);
}

#[test]
fn worktrees_and_submodules_are_trees_of_their_own() {
    let (_scratch, root) = repository();
    git(&root, "worktree add -q ../linked");
    let linked = root.parent().unwrap().join("linked");
    write(&linked.join("kept"), "two");
    let observer_ = observer(&[]);
    assert_eq!(observer_.facts(&linked).unwrap().modified, 1);
    assert_eq!(observer_.facts(&root).unwrap().modified, 0);
    assert_eq!(observer_.state(&linked), TrackState::Modified);

    git(&root, "submodule --quiet add ../repo sub");
    git(&root, "commit -qm sub");
    write(&root.join("sub/kept"), "two");
    let observer_ = observer(&[]);
    assert_eq!(observer_.facts(&root.join("sub")).unwrap().modified, 1);
    assert_eq!(observer_.facts(&root).unwrap().modified, 1);
    assert_eq!(observer_.state(&root.join("sub/kept")), TrackState::Modified);
    assert_eq!(observer_.state(&root.join("sub/src")), TrackState::Clean);
}

#[test]
fn a_bare_repository_is_git_s_own_and_no_work_tree() {
    let (scratch, root) = repository();
    git(scratch.path(), "clone -q --bare repo bare.git");
    let bare = root.parent().unwrap().join("bare.git");
    assert_eq!(observer(&[]).facts(&bare), None);
    assert_eq!(observer(&[]).state(&bare), TrackState::Metadata);
    assert_eq!(observer(&[]).state(&bare.join("objects")), TrackState::Metadata);
}

#[test]
fn variables_redirect_commands_but_not_what_is_kept() {
    let (_scratch, root) = repository();
    write(&root.join("kept"), "two");
    let elsewhere = root.parent().unwrap();
    let git_dir = root.join(".git");
    let observer =
        observer(&[("GIT_DIR", git_dir.to_str().unwrap()), ("GIT_WORK_TREE", root.to_str().unwrap())]);
    let facts = observer.facts(elsewhere).unwrap();
    assert_eq!((facts.root.as_str(), facts.modified), (root.to_str().unwrap(), 1));
    assert_eq!(observer.state(&elsewhere.join("x")), TrackState::Unknown);
    assert_eq!(observer.state(&root.join("kept")), TrackState::Modified);
}

#[test]
fn a_tree_that_git_cannot_read_clears_nothing() {
    let (_scratch, root) = repository();
    git(&root, "config core.worktree ..");
    let observer_ = observer(&[]);
    assert!(observer_.facts(&root).unwrap().incomplete);
    assert_eq!(observer_.state(&root.join("kept")), TrackState::Unknown);

    write(&root.join(".git/config"), "broken [");
    let observer_ = observer(&[]);
    assert!(observer_.facts(&root).unwrap().incomplete);
    assert_eq!(observer_.state(&root.join("kept")), TrackState::Unknown);
}
