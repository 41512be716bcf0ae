//! Where paths lie and what their names tell, from the names alone: no look at the file system.

use super::names::{
    CREDENTIAL, DEVICE_DIRECTORIES, DEVICES, HOME_PARENTS, HOMES, MOUNTS, NOT_CREDENTIAL, NOT_STARTUP,
    NOT_SYSTEM, STARTUP, SYSTEM, TEMPORARY, WINDOWS_SYSTEM, WINDOWS_VARIABLES,
};
use super::remade::{
    BUILD, CACHES, COMMON, EVIDENCE, Evidence, MANIFESTS, NOT_THROWAWAY, REPRODUCIBLE, TEST_DATABASES,
    THROWAWAY,
};
use crate::model::{Location, Reach, TrackState, is_at_or_below, is_below, name_matches};

/// The places by which a path is judged. All absolute, without trailing `/`.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// The user's home directory under each of its names.
    pub homes: Vec<String>,
    /// The git work tree's root, or the directory in which the session works.
    pub workspace: Option<String>,
    /// Another temporary directory of the user's own.
    pub temporary: Option<String>,
    /// Guard's own places.
    pub own: Vec<String>,
    /// Where nothing may be written.
    pub read_only: Vec<String>,
    /// Where nothing may be deleted.
    pub no_delete: Vec<String>,
}

impl Places {
    /// Where an absolute, lexically normal path lies; first match wins.
    pub fn locate(&self, path: &str) -> Location {
        if path == "/" {
            return Location::Root;
        }
        if let Some(location) = windows(path) {
            return location;
        }
        if self.is_home_or_above(path) {
            return Location::Home;
        }
        if let Some(location) = device(path) {
            return location;
        }
        if let Some(workspace) = &self.workspace {
            if path == workspace {
                return Location::Workspace;
            }
            if is_below(path, workspace) {
                return Location::Inside;
            }
            if is_below(workspace, path) && !SYSTEM.contains(&path) {
                return Location::Workspace;
            }
        }
        // A home that stands among temporary files (a test's, a sandbox's) is a home all the same.
        let in_own_home = self.homes.iter().any(|home| is_below(path, home));
        let own = self.temporary.as_deref();
        let mut temporary = TEMPORARY.iter().copied().chain(own);
        if !in_own_home && temporary.any(|directory| is_below(path, directory)) {
            return Location::Temporary;
        }
        let listed = |table: &[&str]| table.iter().any(|directory| is_at_or_below(path, directory));
        let in_other_home = HOME_PARENTS.iter().any(|parent| is_below(path, parent));
        if listed(SYSTEM) && !listed(NOT_SYSTEM) && !listed(HOMES) && !in_other_home && !in_own_home {
            return Location::System;
        }
        Location::Outside
    }

    fn is_home_or_above(&self, path: &str) -> bool {
        // A home that is claimed to be among temporary files does not make all of these one.
        let own = self.homes.iter().any(|home| is_at_or_below(home, path));
        let own = own && !TEMPORARY.contains(&path);
        own || HOMES.contains(&path)
            || HOME_PARENTS.iter().any(|parent| {
                *parent == path
                    || path
                        .strip_prefix(parent)
                        .is_some_and(|rest| rest.starts_with('/') && rest.rfind('/') == Some(0))
            })
    }

    /// Whether it lies where other disks are mounted: they come and go.
    pub fn is_on_other_disk(&self, path: &str) -> bool {
        let own = self.workspace.as_ref().is_some_and(|workspace| is_at_or_below(path, workspace));
        !own && MOUNTS.iter().any(|directory| is_below(path, directory))
    }

    /// Whether something reads it later on, as the human.
    pub fn is_startup(&self, path: &str) -> bool {
        self.is_listed(STARTUP, path) && !self.is_listed(NOT_STARTUP, path)
    }

    /// Whether it holds credentials.
    pub fn is_credential(&self, path: &str) -> bool {
        self.is_listed(CREDENTIAL, path) && !self.is_listed(NOT_CREDENTIAL, path)
    }

    /// Whether all of it can be made again. `exists` tells what stands at another path.
    pub fn is_reproducible(&self, path: &str, state: TrackState, exists: &dyn Fn(&str) -> bool) -> bool {
        let location = self.locate(path);
        if matches!(location, Location::Root | Location::Home | Location::Workspace | Location::Device) {
            return false;
        }
        if self.is_listed(CACHES, path) {
            return true;
        }
        let ignored = match state {
            TrackState::Ignored => true,
            TrackState::Unknown | TrackState::Untracked => false,
            TrackState::Clean | TrackState::Modified | TrackState::Conflict | TrackState::Metadata => {
                return false;
            }
        };
        if location != Location::Inside {
            return self.is_listed(REPRODUCIBLE, path) && in_a_project(path, exists);
        }
        let inside = match &self.workspace {
            Some(workspace) => &path[workspace.len()..],
            None => path,
        };
        let named = |table: &[&str]| self.is_listed(table, inside);
        named(REPRODUCIBLE)
            || named(THROWAWAY) && !named(NOT_THROWAWAY)
            || named(TEST_DATABASES)
            || named(BUILD) && (ignored || state == TrackState::Unknown)
            || named(COMMON) && ignored
            || is_evident(inside, self.workspace.as_deref().unwrap_or_default(), exists)
    }

    /// Whether `path`, or a directory above it, is in a table.
    fn is_listed(&self, table: &[&str], path: &str) -> bool {
        let components: Vec<&str> = path.split('/').filter(|c| !c.is_empty()).collect();
        let homes = self.homes.iter().filter(|home| is_at_or_below(path, home));
        let rests = homes.map(|home| &components[home.split('/').filter(|c| !c.is_empty()).count()..]);
        let rests: Vec<&[&str]> = rests.collect();
        table.iter().any(|entry| {
            if let Some(of_home) = entry.strip_prefix("~/") {
                rests.iter().any(|rest| starts_with(rest, of_home))
            } else if let Some(absolute) = entry.strip_prefix('/') {
                starts_with(&components, absolute)
            } else {
                (0..components.len()).any(|from| starts_with(&components[from..], entry))
            }
        })
    }
}

/// How a path lies to some places.
pub(super) fn reach(places: &[String], path: &str) -> Reach {
    let any = |lies: &dyn Fn(&str) -> bool| places.iter().any(|place| lies(place));
    match () {
        () if any(&|place| is_at_or_below(path, place)) => Reach::Within,
        () if any(&|place| is_at_or_below(place, path)) => Reach::Above,
        () => Reach::Apart,
    }
}

/// Whether the ignored path of a work tree, relative to its root, can be made again by its name.
pub(super) fn is_reproducible_when_ignored(path: &str) -> bool {
    let places = Places::default();
    [REPRODUCIBLE, BUILD, COMMON].iter().any(|table| places.is_listed(table, path))
}

/// Whether the components begin with those of a table's entry.
fn starts_with(components: &[&str], entry: &str) -> bool {
    // Most differ in their first letter.
    let (first, name) =
        (entry.as_bytes().first(), components.first().and_then(|name| name.as_bytes().first()));
    if first != name && !matches!(first, Some(b'*' | b'[' | b'?')) {
        return false;
    }
    let mut rest = components.iter();
    entry.split('/').all(|pattern| {
        rest.next().is_some_and(|name| match pattern.contains(['*', '[']) {
            true => name_matches(pattern, name),
            false => pattern == *name,
        })
    })
}

/// Whether a directory on the way from the workspace to the path has a common name, and holds or
/// stands beside what shows that it is build output after all.
fn is_evident(inside: &str, workspace: &str, exists: &dyn Fn(&str) -> bool) -> bool {
    let mut parent = workspace.to_owned();
    inside.split('/').filter(|name| !name.is_empty()).any(|name| {
        let directory = format!("{parent}/{name}");
        let common = BUILD.iter().chain(COMMON).any(|entry| name_matches(entry, name));
        let evident = common
            && EVIDENCE.iter().any(|(of, file)| match of {
                Evidence::Within => exists(&format!("{directory}/{file}")),
                Evidence::Beside(directory) => *directory == name && exists(&format!("{parent}/{file}")),
            });
        parent = directory;
        evident
    })
}

/// Outside the workspace a name alone does not tell: beside it there must be what makes it again.
fn in_a_project(path: &str, exists: &dyn Fn(&str) -> bool) -> bool {
    let mut directory = path;
    while let Some((parent, _)) = directory.rsplit_once('/').filter(|(parent, _)| !parent.is_empty()) {
        if MANIFESTS.iter().any(|manifest| exists(&format!("{parent}/{manifest}"))) {
            return true;
        }
        directory = parent;
    }
    false
}

fn device(path: &str) -> Option<Location> {
    if let Some(process) = path.strip_prefix("/proc/") {
        let mut parts = process.split('/');
        let of_process = parts.next().is_some_and(|who| {
            who == "self" || who == "thread-self" || who.bytes().all(|b| b.is_ascii_digit())
        });
        return (of_process && parts.next() == Some("fd")).then_some(Location::Void);
    }
    let name = path.strip_prefix("/dev/")?;
    if is_at_or_below(path, "/dev/shm") {
        return None;
    }
    let components: Vec<&str> = name.split('/').collect();
    let volume = components.len() == 2 && !DEVICE_DIRECTORIES.contains(&components[0]);
    if volume || DEVICES.iter().any(|entry| starts_with(&components, entry)) {
        return Some(Location::Device);
    }
    Some(Location::Void)
}

/// A path of Windows as it looks here: `/work/D:\x` (relative to a directory), `/mnt/c/x`.
fn windows(path: &str) -> Option<Location> {
    let mut rest: Option<Vec<&str>> = None;
    if let Some(wsl) = path.strip_prefix("/mnt/") {
        let mut parts = wsl.split('/');
        let drive = parts.next().unwrap_or_default();
        if drive.len() == 1 && drive.as_bytes()[0].is_ascii_alphabetic() {
            rest = Some(parts.collect());
        }
    }
    if rest.is_none() && path.contains([':', '\\', '%']) {
        let components: Vec<&str> = path.split('/').collect();
        let at = components.iter().position(|name| drive_rest(name).is_some())?;
        let mut parts: Vec<&str> = drive_rest(components[at])?.split('\\').collect();
        parts.extend(&components[at + 1..]);
        rest = Some(parts);
    }
    let rest: Vec<&str> = rest?.into_iter().filter(|part| !part.is_empty()).collect();
    let lower = rest.first().map(|first| first.to_ascii_lowercase()).unwrap_or_default();
    Some(match lower.as_str() {
        "" | "*" | "*.*" => Location::Root,
        "users" | "%userprofile%" | "%homepath%" | "%homedrive%"
            if rest.len() <= usize::from(lower == "users") + 1 =>
        {
            Location::Home
        }
        name if WINDOWS_SYSTEM.contains(&name)
            || name == "%systemroot%"
            || name == "%windir%"
            || name == "%programfiles%" =>
        {
            Location::System
        }
        _ => Location::Outside,
    })
}

/// What comes after `D:` or a leading `\` of a component.
fn drive_rest(component: &str) -> Option<&str> {
    match component.as_bytes() {
        [letter, b':', rest @ ..]
            if letter.is_ascii_alphabetic() && (rest.is_empty() || rest[0] == b'\\') =>
        {
            Some(&component[2..])
        }
        [b'\\', ..] => Some(&component[1..]),
        [b'%', ..] => {
            let lower = component.to_ascii_lowercase();
            WINDOWS_VARIABLES.iter().any(|name| lower.starts_with(name)).then_some(component)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
