//! Tests of `world`.

use super::*;
use crate::model::Reach;

#[test]
fn the_shared_world() {
    let world = World::new(&ExampleWorld::default());
    for (path, location, kind, state) in [
        ("/", Location::Root, FileKind::Directory, TrackState::Unknown),
        ("/home/dev", Location::Home, FileKind::Directory, TrackState::Unknown),
        ("/home/dev/project", Location::Workspace, FileKind::Directory, TrackState::Ignored),
        ("/home/dev/project/src", Location::Inside, FileKind::Directory, TrackState::Clean),
        ("/home/dev/project/src/main.rs", Location::Inside, FileKind::File, TrackState::Clean),
        ("/home/dev/project/.git", Location::Inside, FileKind::Directory, TrackState::Metadata),
        ("/home/dev/project/x", Location::Inside, FileKind::Absent, TrackState::Untracked),
        ("/tmp/x", Location::Temporary, FileKind::Absent, TrackState::Unknown),
        ("/dev/sda", Location::Device, FileKind::Special, TrackState::Unknown),
    ] {
        let facts = world.path(path);
        assert_eq!((facts.location, facts.kind, facts.state), (location, kind, state), "{path}");
    }
    assert!(world.path("/home/dev/project/node_modules").reproducible);
    assert!(world.path("/home/dev/project/target").reproducible);
    assert!(world.path("/home/dev/project/.env").credential);
    assert!(world.path("/home/dev/.config").own == Reach::Above);
    assert_eq!(
        world.glob("/home/dev/project/*"),
        Some(["node_modules", "src", "target"].map(|name| format!("/home/dev/project/{name}")).to_vec())
    );
}

#[test]
fn what_an_example_says() {
    let mut example = ExampleWorld::default();
    example.files.insert("notes.txt".to_owned(), "untracked".to_owned());
    example.contents.insert("run.sh".to_owned(), "ls".to_owned());
    let world = World::new(&example);
    assert_eq!(world.path("/home/dev/project/notes.txt").state, TrackState::Untracked);
    assert_eq!(world.git(PROJECT).map(|git| git.untracked), Some(1));
    assert_eq!(world.read("/home/dev/project/run.sh", 10), Ok(b"ls".to_vec()));
    assert_eq!(world.read("/home/dev/project/run.sh", 1), Err(ReadError::TooLarge));
    assert_eq!(world.read("/home/dev/project/no", 1), Err(ReadError::Absent));
}
