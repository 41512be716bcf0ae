//! Tests of `observed`.

#![allow(clippy::unwrap_used)]

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

/// A scratch directory with a repository in `ws`, and facts for a session in it.
fn scratch() -> (tempfile::TempDir, String, Observed) {
    let scratch = tempfile::tempdir().unwrap();
    let base = scratch.path().canonicalize().unwrap();
    let ws = base.join("ws");
    for (file, text) in [
        ("ws/.gitignore", "node_modules\ndist\ndata\n.env\n"),
        ("ws/package.json", "{}"),
        ("ws/src/a.rs", "a"),
        ("ws/src/b.rs", "b"),
        ("ws/docs/c.md", "c"),
        ("ws/node_modules/x/i.js", "x"),
        ("ws/dist/o.js", "x"),
        ("ws/data/x.db", "x"),
        ("ws/.env", "K=v"),
        ("logs/keep.log", "x"),
        ("ws/empty", ""),
    ] {
        let path = base.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(&ws).output().unwrap();
        assert!(done.status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x"]);
    fs::write(ws.join("src/b.rs"), "changed").unwrap();
    fs::write(ws.join("notes.txt"), "mine").unwrap();
    fs::create_dir_all(ws.join(".claude/worktrees/x")).unwrap();
    fs::create_dir_all(ws.join("build/dmg")).unwrap();
    symlink("../../../../logs", ws.join(".claude/worktrees/x/logs")).unwrap();
    symlink("/usr", ws.join("build/dmg/Applications")).unwrap();
    symlink("/nowhere/at/all", ws.join("dangling")).unwrap();
    symlink(base.join("guard/policy"), ws.join("link")).unwrap();
    let root = base.to_str().unwrap().to_owned();
    let home = format!("{root}/home");
    let env = move |name: &str| match name {
        "HOME" => Some(home.clone()),
        "PATH" => std::env::var("PATH").ok(),
        _ => None,
    };
    let protected = Protected { own: vec![base.join("guard")], ..Protected::default() };
    let facts = Observed::new(ws, env, false, protected, Vec::new());
    (scratch, root, facts)
}

#[test]
fn locations_and_states() {
    let (_scratch, root, facts) = scratch();
    for (path, location, kind, state) in [
        ("ws", Location::Workspace, FileKind::Directory, None),
        ("", Location::Home, FileKind::Directory, None),
        ("home", Location::Home, FileKind::Absent, None),
        ("home/x", Location::Outside, FileKind::Absent, None),
        ("logs", Location::Temporary, FileKind::Directory, None),
        ("ws/src/a.rs", Location::Inside, FileKind::File, Some(TrackState::Clean)),
        ("ws/src/b.rs", Location::Inside, FileKind::File, Some(TrackState::Modified)),
        ("ws/src", Location::Inside, FileKind::Directory, Some(TrackState::Modified)),
        ("ws/docs", Location::Inside, FileKind::Directory, Some(TrackState::Clean)),
        ("ws/notes.txt", Location::Inside, FileKind::File, Some(TrackState::Untracked)),
        ("ws/data", Location::Inside, FileKind::Directory, Some(TrackState::Ignored)),
        ("ws/.git/objects", Location::Inside, FileKind::Directory, Some(TrackState::Metadata)),
        ("ws/empty", Location::Inside, FileKind::EmptyFile, Some(TrackState::Clean)),
        ("ws/absent/x", Location::Inside, FileKind::Absent, None),
        ("ws/.claude/worktrees/x/logs", Location::Inside, FileKind::Symlink, None),
        ("ws/.claude/worktrees/x/logs/keep.log", Location::Temporary, FileKind::File, None),
        ("ws/build/dmg/Applications", Location::Inside, FileKind::Symlink, None),
        ("ws/build/dmg/Applications/bin", Location::System, FileKind::Directory, None),
    ] {
        let path = format!("{root}/{path}");
        let path = path.trim_end_matches('/');
        let found = facts.path(path);
        if path.starts_with("/tmp/") || path.starts_with("/var/tmp/") {
            assert_eq!(found.location, location, "{path}");
        }
        assert_eq!(found.kind, kind, "{path}");
        if let Some(state) = state {
            assert_eq!(found.state, state, "{path}");
        }
    }
}

#[test]
fn what_can_be_made_again() {
    let (_scratch, root, facts) = scratch();
    for (path, wanted) in [
        ("ws/node_modules", true),
        ("ws/node_modules/x", true),
        ("ws/dist", true),
        ("ws/data", false),
        ("ws/src", false),
        ("ws/notes.txt", false),
        ("ws", false),
    ] {
        assert_eq!(facts.path(&format!("{root}/{path}")).reproducible, wanted, "{path}");
    }
}

#[test]
fn links_lead_elsewhere_for_writes() {
    let (_scratch, root, facts) = scratch();
    let target = |path: &str| facts.path(&format!("{root}/ws/{path}")).target;
    assert_eq!(target("build/dmg/Applications").as_deref(), Some("/usr"));
    assert_eq!(target("dangling").as_deref(), Some("/nowhere/at/all"));
    assert_eq!(target("link"), Some(format!("{root}/guard/policy")));
    assert_eq!(target("src/a.rs"), None);
    assert_eq!(facts.path(&format!("{root}/guard/policy")).own, Reach::Within);
    assert_eq!(facts.path(&root).own, Reach::Above);
    assert_eq!(facts.path(&format!("{root}/ws")).own, Reach::Apart);
}

#[test]
fn files_are_read_up_to_a_limit() {
    let (_scratch, root, facts) = scratch();
    let read = |path: &str, limit| facts.read(&format!("{root}/{path}"), limit);
    assert_eq!(read("ws/src/b.rs", 7), Ok(b"changed".to_vec()));
    assert_eq!(read("ws/src/b.rs", 6), Err(ReadError::TooLarge));
    assert_eq!(read("ws/src", 6), Err(ReadError::NotRegular));
    assert_eq!(read("ws/no", 6), Err(ReadError::Absent));
    assert_eq!(facts.read("/dev/zero", 6), Err(ReadError::NotRegular));
}

#[test]
fn programs_are_found() {
    let (_scratch, _, facts) = scratch();
    assert!(facts.which("sh").is_some_and(|path| path.ends_with("/sh")));
    assert_eq!(facts.which("no-such-program"), None);
    assert_eq!(facts.which(""), None);
}
