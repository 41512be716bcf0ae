//! Places by their names alone: sets of them, and where a path lies that cannot be looked up.

use crate::model::{Location, Match, PathFacts, Text};

/// A set of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locations(u16);

impl Locations {
    /// No place.
    pub const NONE: Locations = Locations(0);
    /// Every place.
    pub const ALL: Locations = Locations((1 << 9) - 1);

    fn bit(location: Location) -> u16 {
        1 << location as u16
    }

    /// The set and one more place.
    pub fn with(self, location: Location) -> Locations {
        Locations(self.0 | Locations::bit(location))
    }

    /// The set without some places.
    pub fn without(self, locations: &[Location]) -> Locations {
        let bits = locations.iter().fold(0, |bits, location| bits | Locations::bit(*location));
        Locations(self.0 & !bits)
    }

    /// Whether a place that is one of these is one of the wanted.
    pub fn within(self, wanted: Locations) -> Match {
        match self.0 & wanted.0 {
            0 => Match::No,
            both if both == self.0 => Match::Yes,
            _ => Match::Maybe,
        }
    }
}

impl From<Location> for Locations {
    fn from(location: Location) -> Locations {
        Locations::NONE.with(location)
    }
}

impl<const N: usize> From<[Location; N]> for Locations {
    fn from(locations: [Location; N]) -> Locations {
        locations.into_iter().fold(Locations::NONE, Locations::with)
    }
}

/// Where something may lie whose path begins with a directory; `child`: what an unremarkable path
/// there would be.
pub fn children(start: &PathFacts, child: &PathFacts, home: &str) -> Locations {
    use Location::{Device, Home, Inside, Outside, Root, System, Void, Workspace};
    match start.location {
        Root => Locations::ALL.without(&[Root]),
        Home if start.real == home => [Outside, Inside, Workspace].into(),
        Home => [Home, Outside, Inside, Workspace].into(),
        Workspace if child.location != Inside => [Outside, Workspace, Inside].into(),
        System if start.real == "/dev" => [System, Device, Void].into(),
        _ => child.location.into(),
    }
}

/// Directories of which everything below is the system's.
const SYSTEM: [&str; 14] =
    ["bin", "boot", "etc", "lib", "lib32", "lib64", "opt", "proc", "run", "sbin", "srv", "sys", "usr", "var"];

/// Prefixes of the names of devices that hold data.
const DEVICES: [&str; 14] =
    ["dasd", "disk", "dm-", "hd", "loop", "mapper", "md", "mmcblk", "nvme", "rdisk", "sd", "vd", "xvd", "zd"];

/// Where a normal absolute path lies on a machine that cannot be asked; `home`: the user's home
/// here, which may be named there too.
pub fn location(path: &str, home: &str) -> Location {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Location::Root,
        ["home" | "Users"] | ["home" | "Users", _] | ["root"] => Location::Home,
        _ if path == home => Location::Home,
        ["tmp", _, ..] | ["var", "tmp", _, ..] | ["dev", "shm", _, ..] => Location::Temporary,
        ["var", "cache", _, ..] | ["var", "lib", "apt", "lists", ..] => Location::Temporary,
        // Android's, for whatever a developer puts there.
        ["data", "local", "tmp", _, ..] => Location::Temporary,
        // Where images keep the application.
        ["usr", "src", _, ..] => Location::Outside,
        ["tmp" | "dev"] => Location::System,
        ["dev", name, ..] if DEVICES.iter().any(|start| name.starts_with(start)) => Location::Device,
        ["dev", ..] => Location::Void,
        [top, ..] if SYSTEM.contains(top) => Location::System,
        _ => Location::Outside,
    }
}

/// Names of directories that are made again, with all below them.
const MADE: [&str; 18] = [
    "node_modules",
    "__pycache__",
    ".cache",
    ".next",
    ".nuxt",
    ".turbo",
    ".vite",
    ".parcel-cache",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".gradle",
    ".svelte-kit",
    ".angular",
    ".nyc_output",
    ".tox",
    ".sass-cache",
    ".eggs",
];

/// Names that others use too: a directory of such a name itself.
const OUTPUT: [&str; 8] = ["dist", "build", "target", "coverage", "htmlcov", "cache", "tmp", ".coverage"];

/// Directories of an image's own, in which `cache` may be the name of a database.
const OWN: [&str; 9] = ["bin", "boot", "etc", "lib", "lib64", "run", "sbin", "usr", "var"];

/// Whether what stands in a container can be made again by its name; `rooted`: the path begins at the root.
pub fn is_made(parts: &[Text], rooted: bool) -> bool {
    let named = |part: &Text, names: &[&str]| part.as_known().is_some_and(|name| names.contains(&name));
    let ends = |part: &Text| {
        part.as_known().is_some_and(|name| name.ends_with(".egg-info") || name.ends_with(".pyc"))
    };
    let known = |at: usize| parts.get(at).and_then(Text::as_known).unwrap_or_default();
    let applications = matches!((known(0), known(1)), ("usr", "src") | ("var", "www"));
    if rooted && !applications && OWN.contains(&known(0)) {
        return false;
    }
    parts.iter().any(|part| named(part, &MADE))
        || parts.last().is_some_and(|last| named(last, &OUTPUT) || ends(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_by_name() {
        for (path, place) in [
            ("/", Location::Root),
            ("/home", Location::Home),
            ("/home/ann", Location::Home),
            ("/home/ann/x", Location::Outside),
            ("/root", Location::Home),
            ("/srv/me", Location::Home),
            ("/etc/nginx", Location::System),
            ("/var/lib/postgresql", Location::System),
            ("/var/tmp/x", Location::Temporary),
            ("/tmp/x", Location::Temporary),
            ("/var/cache/nginx", Location::Temporary),
            ("/var/cache", Location::System),
            ("/var/lib/apt/lists", Location::Temporary),
            ("/data/local/tmp/x", Location::Temporary),
            ("/data/local/tmp", Location::Outside),
            ("/usr/src/app", Location::Outside),
            ("/usr/src", Location::System),
            ("/dev/sda1", Location::Device),
            ("/dev/null", Location::Void),
            ("/data", Location::Outside),
        ] {
            assert_eq!(location(path, "/srv/me"), place, "{path}");
        }
    }
}
