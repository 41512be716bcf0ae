//! The leaf about a change at a path: its kind, and the classes of what stands there.

use crate::actions::runs_nothing;
use crate::model::{FileKind, Location, Match, PathEffect, PathFacts, PathOp, Reach, TrackState};

use super::glob;
use super::lexical::Locations;
use super::list::Pattern;
use super::paths::{Seen, Standing};
use super::schema::{PathClass, PathTest};

/// Whether the test holds of one of the things that the effect's path stands for.
pub fn path<'a>(test: &PathTest, effect: &PathEffect, standings: impl FnOnce() -> &'a [Standing]) -> Match {
    let op = test.op.is_empty() || test.op.contains(&effect.op);
    let recursive = test.recursive.is_none_or(|wanted| wanted == effect.recursive);
    let by = test.by.is_empty() || test.by.iter().any(|by| glob::matches_str(by, &effect.by));
    if !(op && recursive && by) {
        return Match::No;
    }
    if test.class.contains(&PathClass::Startup) && test.class.len() == 1 && runs_nothing(effect) {
        return Match::No;
    }
    if test.class.is_empty() && test.not_class.is_empty() && test.name.is_empty() {
        return Match::Yes;
    }
    let holds = |standing: &Standing| {
        let places = possible(standing, effect);
        let is_in = |classes: &[PathClass]| in_one(classes, places, &standing.seen, effect);
        let class = match test.class.is_empty() {
            true => Match::Yes,
            false => is_in(&test.class),
        };
        let name = || match (&standing.name, &standing.seen) {
            _ if test.name.is_empty() => Match::Yes,
            (_, Seen::Nowhere | Seen::Entries(_)) => Match::No,
            (_, Seen::Exactly(facts)) if whole(&test.name, &facts.real) => Match::Yes,
            (Some(name), _) => glob::any(&test.name, name),
            (None, _) => Match::Maybe,
        };
        match class {
            Match::No => Match::No,
            _ => class.and(is_in(&test.not_class).negate()).and(name()),
        }
    };
    standings().iter().map(holds).max().unwrap_or_default()
}

/// Whether a pattern of whole paths matches.
fn whole(patterns: &[Pattern], path: &str) -> bool {
    patterns.iter().any(|pattern| pattern.starts_with('/') && glob::matches_str(pattern, path))
}

/// Where it may lie, given the change: what deletes no directory cannot mean one of the large
/// directories by a word that is not known.
fn possible(standing: &Standing, effect: &PathEffect) -> Locations {
    match standing.seen {
        Seen::Adrift(_) if only_writes(effect) => [Location::Inside, Location::Temporary].into(),
        Seen::Somewhere { .. } | Seen::Adrift(_) if effect.op == PathOp::Delete && !effect.recursive => {
            standing.locations.without(&[Location::Root, Location::Home, Location::Workspace])
        }
        _ => standing.locations,
    }
}

/// Whether a change to a path of which no beginning is known is judged by the known end alone:
/// scripts write their own results to `"$OUT"` all day, and what they write over is rarely more.
/// `dd` is for disks.
fn only_writes(effect: &PathEffect) -> bool {
    match effect.op {
        PathOp::Overwrite | PathOp::Modify => effect.by != "dd",
        PathOp::MoveAway | PathOp::Touch => true,
        PathOp::Permissions => !effect.recursive,
        PathOp::Delete | PathOp::Destroy | PathOp::Empty | PathOp::Unhook => false,
    }
}

/// Whether it is in one of the classes.
fn in_one(classes: &[PathClass], places: Locations, seen: &Seen, effect: &PathEffect) -> Match {
    let mut wanted = Locations::NONE;
    let mut matched = Match::No;
    for class in classes {
        match place(*class) {
            Some(location) => wanted = wanted.with(location),
            None => matched = matched.or(attribute(*class, seen, effect)),
        }
    }
    matched.or(places.within(wanted))
}

fn place(class: PathClass) -> Option<Location> {
    Some(match class {
        PathClass::Root => Location::Root,
        PathClass::Home => Location::Home,
        PathClass::Device => Location::Device,
        PathClass::Void => Location::Void,
        PathClass::Temporary => Location::Temporary,
        PathClass::System => Location::System,
        PathClass::Workspace => Location::Workspace,
        PathClass::Inside => Location::Inside,
        PathClass::Outside => Location::Outside,
        _ => return None,
    })
}

/// Whether it is in a class that is not one of place.
fn attribute(class: PathClass, seen: &Seen, effect: &PathEffect) -> Match {
    match seen {
        Seen::Elsewhere { made } => match class {
            PathClass::Remote => Match::Yes,
            PathClass::Reproducible => (*made).into(),
            _ => Match::No,
        },
        _ if class == PathClass::Remote => Match::No,
        Seen::Exactly(facts) => observed(class, facts, effect),
        Seen::Entries(facts) => entries(class, facts, effect),
        Seen::Somewhere { probes, existing } => somewhere(class, probes, existing, effect),
        Seen::Adrift(probes) if probes.is_empty() => match only_writes(effect) {
            true => Match::No,
            false => Match::Maybe,
        },
        Seen::Adrift(probes) => somewhere(class, probes, &None, effect),
        Seen::Fresh => match class {
            PathClass::Unversioned => Match::Yes,
            PathClass::Empty | PathClass::File | PathClass::Directory => Match::Maybe,
            _ => Match::No,
        },
        Seen::Nowhere => (class == PathClass::Absent).into(),
    }
}

fn observed(class: PathClass, facts: &PathFacts, effect: &PathEffect) -> Match {
    use FileKind::{Absent, Directory, EmptyDirectory, EmptyFile, File, Special, Symlink};
    let kind = |kinds: &[FileKind]| match facts.kind {
        FileKind::Unknown => Match::Maybe,
        kind => kinds.contains(&kind).into(),
    };
    let state = |state: TrackState| (facts.state == state).into();
    match class {
        PathClass::GitMetadata => state(TrackState::Metadata),
        PathClass::Clean => state(TrackState::Clean),
        PathClass::Modified => state(TrackState::Modified).or(state(TrackState::Conflict)),
        PathClass::Conflict => state(TrackState::Conflict),
        PathClass::Untracked => state(TrackState::Untracked),
        PathClass::Ignored => state(TrackState::Ignored),
        PathClass::Unversioned => state(TrackState::Unknown),
        PathClass::Uncommitted => uncommitted(facts.state).and(content(facts, effect.op)),
        PathClass::Reproducible => facts.reproducible.into(),
        PathClass::Protected => hits(facts.own, effect),
        PathClass::Own => (facts.own == Reach::Within).into(),
        PathClass::ReadOnly => hits(facts.read_only, effect),
        PathClass::NoDelete => hits(facts.no_delete, effect),
        PathClass::Startup => facts.startup.into(),
        PathClass::Credential => facts.credential.into(),
        PathClass::Mount => facts.mount.into(),
        PathClass::Absent => kind(&[Absent]),
        PathClass::Empty => kind(&[EmptyFile, EmptyDirectory]),
        PathClass::File => kind(&[File, EmptyFile]),
        PathClass::Directory => kind(&[Directory, EmptyDirectory]),
        PathClass::Symlink => kind(&[Symlink]),
        PathClass::Special => kind(&[Special]),
        // Classes of place are told by the places alone.
        _ => Match::No,
    }
}

/// Whether a change to what lies so is one to what is protected: a directory above it goes with all
/// that is in it.
fn hits(reach: Reach, effect: &PathEffect) -> Match {
    let reaches_down = match effect.op {
        PathOp::Delete | PathOp::Destroy | PathOp::MoveAway => true,
        PathOp::Permissions | PathOp::Empty | PathOp::Touch => effect.recursive,
        PathOp::Overwrite | PathOp::Modify | PathOp::Unhook => false,
    };
    (reach == Reach::Within || reach == Reach::Above && reaches_down).into()
}

fn uncommitted(state: TrackState) -> Match {
    let lost = [TrackState::Modified, TrackState::Conflict, TrackState::Untracked, TrackState::Unknown];
    lost.contains(&state).into()
}

/// Whether something with content is hit. What a link leads to stands for itself, where it is known.
fn content(facts: &PathFacts, op: PathOp) -> Match {
    match facts.kind {
        FileKind::File | FileKind::Directory => Match::Yes,
        FileKind::Unknown => Match::Maybe,
        FileKind::Symlink if follows(op) && facts.target.is_none() => Match::Maybe,
        _ => Match::No,
    }
}

/// Whether the change is made to what a symbolic link leads to.
pub fn follows(op: PathOp) -> bool {
    !matches!(op, PathOp::Delete | PathOp::MoveAway)
}

/// All entries of a directory. Each of them stands for itself too, so that a change that does not
/// reach below them is judged by them.
fn entries(class: PathClass, directory: &PathFacts, effect: &PathEffect) -> Match {
    use PathClass::{Absent, Directory, Empty, File, Special, Symlink};
    match class {
        Absent | Directory | Empty | File | Special | Symlink => Match::No,
        _ if effect.recursive => observed(class, directory, effect),
        _ => Match::No,
    }
}

/// A path that is not known. By names it is what all the probes are; what stands there is told
/// only by what exists where it may be.
fn somewhere(
    class: PathClass,
    probes: &[PathFacts],
    existing: &Option<Vec<PathFacts>>,
    effect: &PathEffect,
) -> Match {
    use PathClass::{
        Absent, Credential, GitMetadata, Mount, NoDelete, Own, Protected, ReadOnly, Reproducible, Startup,
    };
    let holds = |facts: &PathFacts| observed(class, facts, effect);
    let found = existing.as_deref().unwrap_or_default();
    match class {
        Credential | GitMetadata | Mount | NoDelete | Own | Protected | ReadOnly | Reproducible | Startup => {
            let all = probes.iter().chain(found).map(holds);
            let (low, high) = all
                .fold((Match::Yes, Match::No), |(low, high), matched| (low.and(matched), high.or(matched)));
            if low == Match::Yes { low } else { high.and(Match::Maybe) }
        }
        _ if existing.is_none() => Match::Maybe,
        Absent if found.is_empty() => Match::Yes,
        Absent => Match::Maybe,
        _ => found.iter().map(holds).max().unwrap_or_default().and(Match::Maybe),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::Effect;
    use crate::rules::fake::{Machine, PROJECT, delete, word};
    use crate::rules::paths;
    use Match::{Maybe, No, Yes};

    fn holds(keys: &str, path: &str, machine: &Machine) -> Match {
        holds_in(keys, path, PROJECT, true, machine)
    }

    fn holds_in(keys: &str, path: &str, dir: &str, local: bool, machine: &Machine) -> Match {
        let test: PathTest = toml::from_str(keys).unwrap();
        let Effect::Path(effect) = delete(path).effect else {
            return No;
        };
        let standings = paths::standings(&effect.path, &word(dir), local, machine);
        super::path(&test, &effect, || &standings)
    }

    fn machine() -> Machine {
        Machine {
            files: vec![
                ("/home/dev/.bashrc", TrackState::Unknown),
                ("/home/dev/.ssh/id", TrackState::Unknown),
                ("/home/dev/project/.env", TrackState::Ignored),
                ("/home/dev/project/src/main.rs", TrackState::Clean),
                ("/home/dev/project/notes.txt", TrackState::Untracked),
                ("/home/dev/project/out/1.log", TrackState::Untracked),
            ],
            ..Machine::default()
        }
    }

    #[test]
    fn places() {
        for (class, path, expected) in [
            ("root", "/", Yes),
            ("root", "/*", Yes),
            ("root", "//etc/..", Yes),
            ("root", "../../../..", Yes),
            ("root", "$X/*", Maybe),
            ("root", "$X/", Maybe),
            ("root", "$X", Maybe),
            ("root", "$X/foo", No),
            ("root", "$NAME", No),
            ("root", "$PWD", Maybe),
            ("home", "/home/dev", Yes),
            ("home", "/home/dev/*", Yes),
            ("home", "/home/dev/./x/..", Yes),
            ("home", "..", Yes),
            ("home", "/home/dev/$X", Maybe),
            ("home", "/home/dev/x$X", No),
            ("home", "$X/dev", Maybe),
            ("home", "$X/build", No),
            ("home", "/$NAME", Maybe),
            ("workspace", ".", Yes),
            ("workspace", "*", Yes),
            ("workspace", "./$X", Maybe),
            ("workspace", "./$X/y", No),
            ("workspace", "$X/project", Maybe),
            ("workspace", "$PWD", Maybe),
            ("workspace", "src/*", No),
            ("inside", "src/*", Yes),
            ("inside", "src/../out", Yes),
            ("inside", "build/$X", Yes),
            ("inside", "build/$X/y", Yes),
            ("inside", "x-$X", Yes),
            ("inside", "$NAME", Yes),
            ("inside", "$X.bak", Maybe),
            ("inside", "$MANY", Maybe),
            ("temporary", "/tmp/x", Yes),
            ("temporary", "/tmp/$X", Maybe),
            ("temporary", "/tmp/$NUM", Yes),
            ("temporary", "/tmp/b-$X", Yes),
            ("temporary", "/tmp/b/$X", Yes),
            ("temporary", "$TMP", Yes),
            ("temporary", "$TMP/x/*", Yes),
            ("temporary", "$TMP/../x", Maybe),
            ("system", "/etc/$X", Yes),
            ("system", "$X/etc", Maybe),
            ("device", "/dev/sda", Yes),
            ("device", "/dev/$X", Maybe),
            ("device", "$X", Maybe),
            ("device", "$X/foo", No),
            ("void", "/dev/null", Yes),
            ("outside", "/data/x", Yes),
            ("root", "", No),
            ("absent", "", Yes),
        ] {
            let keys = format!("class = '{class}'");
            assert_eq!(holds(&keys, path, &machine()), expected, "{class} {path:?}");
        }
    }

    #[test]
    fn what_stands_there() {
        for (keys, path, expected) in [
            ("class = 'uncommitted'", "notes.txt", Yes),
            ("class = 'uncommitted'", "src/main.rs", No),
            ("class = 'uncommitted'", "missing", No),
            ("class = 'uncommitted'", "*.txt", Yes),
            ("class = 'uncommitted'", "*.rs", No),
            ("class = 'uncommitted'", "src/*", No),
            ("class = 'uncommitted'", "out/$NUM.log", Maybe),
            ("class = 'uncommitted'", "out/$NUM.txt", No),
            ("class = 'uncommitted'", "src/$X", No),
            ("class = 'uncommitted'", "$X/foo", Maybe),
            ("class = 'uncommitted'", "$TMP", No),
            ("class = 'absent'", "missing", Yes),
            ("class = 'absent'", "none/*", Yes),
            ("class = 'absent'", "out/$X.none", Yes),
            ("class = 'absent'", "out/$X.log", Maybe),
            ("class = 'directory'", "src", Yes),
            ("class = 'file'", "src", No),
            ("class = 'startup'", "/home/dev/.bashrc", Yes),
            ("class = 'startup'", "/home/dev/$X", Maybe),
            ("class = 'startup'", "$X/.bashrc", Yes),
            ("class = 'startup'", "$X", Maybe),
            ("class = 'startup'", "$X/a.txt", No),
            ("class = 'startup'", "out/$X", No),
            ("class = 'credential'", "/home/dev/.ssh/$X", Yes),
            ("class = 'credential'", "./$X", Maybe),
            ("class = 'credential'", "./$X.txt", No),
            ("class = 'git-metadata'", ".git/$X", Yes),
            ("class = 'git-metadata'", "$X/.git", Yes),
            ("class = 'reproducible'", "$X/node_modules", Yes),
            ("class = 'remote'", "src", No),
            ("class = 'inside', not_class = 'untracked'", "notes.txt", No),
            ("not_class = ['temporary', 'absent']", "notes.txt", Yes),
            ("not_class = 'temporary'", "$X", Maybe),
            ("not_class = 'inside'", "out/$X", No),
            ("name = '*.txt'", "notes.txt", Yes),
            ("name = '*.txt'", "*.txt", Yes),
            ("name = '*.db'", "*.txt", No),
            ("name = '*.db'", "*", No),
            ("name = '*.db'", "$X", Maybe),
            ("name = '*.db'", "out/$X.db", Yes),
            ("class = 'inside', name = 'main.rs'", "src/*", Yes),
            ("op = 'delete', by = 'rm', recursive = true", "x", Yes),
            ("op = ['overwrite', 'empty']", "x", No),
            ("by = 'r?'", "x", Yes),
            ("recursive = false", "x", No),
        ] {
            let keys = keys.replace(", not_class", "\nnot_class").replace(", name", "\nname");
            let keys = keys.replace(", by", "\nby").replace(", recursive", "\nrecursive");
            assert_eq!(holds(&keys, path, &machine()), expected, "{keys} {path:?}");
        }
    }

    #[test]
    fn what_a_link_leads_to_is_written() {
        let machine = Machine { links: vec![("/home/dev/project/link", "/home/dev/.bashrc")], ..machine() };
        for (op, class, expected) in [
            (PathOp::Overwrite, "startup", Yes),
            (PathOp::Overwrite, "uncommitted", Yes),
            (PathOp::Delete, "startup", No),
            (PathOp::Delete, "uncommitted", No),
        ] {
            let mut action = delete("link");
            if let Effect::Path(effect) = &mut action.effect {
                effect.op = op;
            }
            let found =
                crate::rules::tests::one_on(&format!("path = {{ class = '{class}' }}"), &action, &machine);
            assert_eq!(found, expected, "{op:?} {class}");
        }
    }

    #[test]
    fn what_only_writes_to_an_unknown_place_is_judged_by_the_known_end() {
        let machine = machine();
        for (op, by, class, path, expected) in [
            (PathOp::Overwrite, ">", "outside", "$X", No),
            (PathOp::Overwrite, ">", "system", "$X/hosts", No),
            (PathOp::Overwrite, ">", "startup", "$X", No),
            (PathOp::Overwrite, ">", "startup", "$X/.bashrc", Yes),
            (PathOp::Overwrite, ">", "system", "/etc/$X", Yes),
            (PathOp::Overwrite, "dd", "device", "$X", Maybe),
            (PathOp::MoveAway, "mv", "workspace", "$X", No),
            (PathOp::Empty, ">", "outside", "$X", Maybe),
            (PathOp::Destroy, "shred", "outside", "$X", Maybe),
        ] {
            let Effect::Path(mut effect) = delete(path).effect else {
                return;
            };
            effect.op = op;
            effect.by = by.to_owned();
            let standings = paths::standings(&effect.path, &word(PROJECT), true, &machine);
            let test: PathTest = toml::from_str(&format!("class = '{class}'")).unwrap();
            let found = super::path(&test, &effect, || &standings);
            assert_eq!(found, expected, "{op:?} {class} {path}");
        }
    }

    #[test]
    fn a_change_that_deletes_no_directory_means_none_by_an_unknown_word() {
        let Effect::Path(mut effect) = delete("$X").effect else {
            return;
        };
        effect.recursive = false;
        let standings = paths::standings(&effect.path, &word(PROJECT), true, &machine());
        let holds = |class: &str| {
            let test: PathTest = toml::from_str(&format!("class = '{class}'")).unwrap();
            super::path(&test, &effect, || &standings)
        };
        assert_eq!((holds("home"), holds("outside")), (No, Maybe));
    }

    #[test]
    fn where_patterns_cannot_be_told_it_may_be_anything() {
        let blind = Machine { blind: true, ..machine() };
        assert_eq!(holds("class = 'uncommitted'", "src/*.rs", &blind), Maybe);
        assert_eq!(holds("class = 'inside'", "src/*.rs", &blind), Yes);
        assert_eq!(holds("class = 'workspace'", "*", &blind), Yes);
    }

    #[test]
    fn in_an_unknown_directory() {
        for (class, path, dir, expected) in [
            ("inside", "build", "$X", Maybe),
            ("root", "build", "$X", No),
            ("root", "*", "$X", Maybe),
            ("workspace", ".", "$X", Maybe),
            ("temporary", "*", "$TMP", Yes),
            ("root", "/*", "$X", Yes),
            ("inside", "x", "/home/dev/project/$X", Yes),
        ] {
            let keys = format!("class = '{class}'");
            let found = holds_in(&keys, path, dir, true, &machine());
            assert_eq!(found, expected, "{class} {path} {dir}");
        }
    }

    #[test]
    fn on_another_machine() {
        for (class, path, dir, expected) in [
            ("root", "/", "$X", Yes),
            ("root", "/*", "$X", Yes),
            ("home", "/root", "$X", Yes),
            ("system", "/var/www/*", "$X", Yes),
            ("outside", "data/x", "$X", Yes),
            ("root", "$X/*", "$X", Maybe),
            ("uncommitted", "data/x", "$X", No),
            ("remote", "data/x", "$X", Yes),
        ] {
            let keys = format!("class = '{class}'");
            let found = holds_in(&keys, path, dir, false, &machine());
            assert_eq!(found, expected, "{class} {path} {dir}");
        }
    }
}
