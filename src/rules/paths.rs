//! Where the path of a change may lie: words with patterns, holes and `..` to what may stand there.
//!
//! A known path is looked up. A pattern is expanded, and every match counts; a last `*` in the
//! root, a home or the workspace's directory counts as that directory with all of its entries.
//!
//! A hole behind a known start is judged sensibly, since strictly it could hold `../../..`: where
//! the start is a directory strictly below the workspace or a temporary directory, or where the
//! component that holds the hole has known characters too, the path counts as staying below its
//! start. A hole at the start may be anything, also empty.

use crate::model::{
    Facts, FileKind, Location, Match, PathFacts, PathOp, Piece, Reach, Shape, Text, TrackState, base_name,
};

use super::lexical::{self, Locations};

/// What may stand at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it may lie; certain where that is one place.
    pub locations: Locations,
    /// The last component, as far as it is known; `None` where nothing is.
    pub name: Option<Text>,
    /// What was seen there.
    pub seen: Seen,
}

/// What was seen at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// This stands at the path.
    Exactly(PathFacts),
    /// All entries of the directory of which this was seen.
    Entries(PathFacts),
    /// The path is not known.
    Somewhere {
        /// What would be seen where it may well be, by names alone.
        probes: Vec<PathFacts>,
        /// All that stands where it may be; `None` where that is not known.
        existing: Option<Vec<PathFacts>>,
    },
    /// Not even where the path begins is known: what would be seen by its known end where it may
    /// well be; nothing where no end is known either.
    Adrift(Vec<PathFacts>),
    /// A file or directory that the same script made (`mktemp`).
    Fresh,
    /// The path is empty.
    Nowhere,
    /// The path is on another machine.
    Elsewhere {
        /// By its name it can be made again.
        made: bool,
    },
}

/// Everything that the path of a change may be or stands for; more than one only where a pattern
/// stands for all of them.
pub fn standings(path: &Text, directory: &Text, local: bool, facts: &dyn Facts) -> Vec<Standing> {
    if path.as_known() == Some("") {
        return vec![Standing { locations: Locations::NONE, name: None, seen: Seen::Nowhere }];
    }
    let through = path.known_end().ends_with('/');
    let path = Path::read(path, directory);
    match local {
        // Behind a link's name, `/` means what it leads to.
        true if through => followed(path.standings(facts), facts),
        true => path.standings(facts),
        false => vec![path.elsewhere(facts.home())],
    }
}

/// The same for a change that follows symbolic links: what they lead to is hit with them.
pub fn followed(standings: Vec<Standing>, facts: &dyn Facts) -> Vec<Standing> {
    let target = |standing: &Standing| match &standing.seen {
        Seen::Exactly(seen) if seen.location != Location::Void => {
            seen.target.as_deref().map(|target| at(target, facts))
        }
        _ => None,
    };
    let targets: Vec<Standing> = standings.iter().filter_map(target).collect();
    standings.into_iter().chain(targets).collect()
}

/// The absolute path for a person, where it is known but for patterns.
pub fn display(path: &Text, directory: &Text) -> Option<String> {
    let path = Path::read(path, directory);
    let known = path.base == Base::Root && path.parts.iter().all(|part| !part.has_hole());
    let mut out = path.text(path.parts.len());
    (0..path.stars).for_each(|_| out.push_str(if out == "/" { "*" } else { "/*" }));
    known.then_some(out)
}

/// A directory as a normal absolute path, where all of it is known.
pub fn absolute(directory: &Text) -> Option<String> {
    let path = Path::read(directory, &Text::default());
    let known = path.parts.iter().all(|part| part.as_known().is_some());
    (path.base == Base::Root && path.stars == 0 && known).then(|| path.text(path.parts.len()))
}

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Root,
    /// A hole of this shape.
    Unknown(Shape),
}

/// A path as components without `.`, `..` and empty ones.
#[derive(Debug)]
struct Path {
    base: Base,
    parts: Vec<Text>,
    /// How many components at the end were `*` and so stand for all entries.
    stars: usize,
}

/// A name that no rule asks for, in the place of an unknown one.
const SOME_NAME: &str = "_";

impl Path {
    fn read(path: &Text, directory: &Text) -> Path {
        let (mut base, mut parts) = components(path);
        if base.is_none() {
            // A directory that cannot be known is at least a directory.
            let (start, mut all) = components(directory);
            all.append(&mut parts);
            parts = all;
            base = Some(match start {
                Some(known @ (Base::Root | Base::Unknown(Shape::Temporary))) => known,
                _ => Base::Unknown(Shape::Directory),
            });
        }
        let mut out = Path { base: base.unwrap_or(Base::Root), parts: Vec::new(), stars: 0 };
        for part in parts {
            match part.as_known() {
                Some("" | ".") => {}
                Some("..") if out.parts.pop().is_none() && out.base != Base::Root => {
                    out.base = Base::Unknown(Shape::Any);
                }
                Some("..") => {}
                _ => out.parts.push(part),
            }
        }
        while out.parts.last().is_some_and(|part| is_star(part) && (out.stars == 0 || !is_deep(part))) {
            out.parts.pop();
            out.stars += 1;
        }
        out
    }

    /// The first `count` components as text, `_` for what is unknown in them.
    fn text(&self, count: usize) -> String {
        let mut out = String::new();
        for part in &self.parts[..count] {
            out.push('/');
            for piece in part.pieces() {
                match piece {
                    Piece::Known(text) | Piece::Glob(text) => out.push_str(text),
                    Piece::Hole(_) => out.push_str(SOME_NAME),
                }
            }
        }
        if out.is_empty() { "/".to_owned() } else { out }
    }

    fn name(&self) -> Option<Text> {
        match self.stars {
            0 => self.parts.last().cloned(),
            _ => None,
        }
    }

    fn standings(&self, facts: &dyn Facts) -> Vec<Standing> {
        match (self.base, self.parts.iter().position(Text::has_hole)) {
            (Base::Root, None) if self.parts.iter().any(Text::has_glob) => self.expanded(facts),
            (Base::Root, None) => self.known(facts),
            (Base::Root, Some(hole)) => vec![self.below(hole, facts)],
            (Base::Unknown(Shape::Temporary), _) => {
                vec![Standing { locations: Location::Temporary.into(), name: self.name(), seen: Seen::Fresh }]
            }
            (Base::Unknown(Shape::Absent), _) => {
                vec![Standing { locations: Locations::NONE, name: None, seen: Seen::Nowhere }]
            }
            (Base::Unknown(shape), _) => vec![self.somewhere(shape, facts)],
        }
    }

    fn known(&self, facts: &dyn Facts) -> Vec<Standing> {
        let seen = facts.path(&self.text(self.parts.len()));
        if self.stars == 0 {
            return vec![exactly(seen, self.name())];
        }
        let big = [Location::Root, Location::Home, Location::Workspace];
        if !big.contains(&seen.location) {
            return self.expanded(facts);
        }
        let mut out =
            vec![Standing { locations: seen.location.into(), name: None, seen: Seen::Entries(seen) }];
        match facts.glob(&self.pattern(false)) {
            Some(entries) => out.extend(entries.iter().map(|path| at(path, facts))),
            None => out.push(self.below(self.parts.len(), facts)),
        }
        out
    }

    /// The paths that the patterns in it match.
    fn expanded(&self, facts: &dyn Facts) -> Vec<Standing> {
        match facts.glob(&self.pattern(false)) {
            Some(paths) if paths.is_empty() => {
                let mut seen = facts.path(&self.text(self.parts.len()));
                if self.stars > 0 {
                    // An empty directory's entries: the shell leaves the star, and nothing is there.
                    seen.kind = FileKind::Absent;
                }
                vec![exactly(seen, self.name())]
            }
            Some(paths) => paths.iter().map(|path| at(path, facts)).collect(),
            None => {
                let first = self.parts.iter().position(Text::has_glob);
                vec![self.below(first.unwrap_or(self.parts.len()), facts)]
            }
        }
    }

    /// Itself as a pattern for the shell, its known characters quoted, `*` for what is unknown; or
    /// the one for what `*` leaves out, names that begin with a dot.
    fn pattern(&self, hidden: bool) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out.push('/');
            for piece in part.pieces() {
                match piece {
                    Piece::Glob(text) => out.push_str(text),
                    Piece::Known(text) => text.chars().for_each(|c| {
                        if "*?[]\\(){}|!+@".contains(c) {
                            out.push('\\');
                        }
                        out.push(c);
                    }),
                    Piece::Hole(_) if hidden && out.ends_with('/') => out.push_str(".?*"),
                    Piece::Hole(_) => out.push('*'),
                }
            }
        }
        (0..self.stars).for_each(|_| out.push_str("/*"));
        out
    }

    /// A path whose component `hole` is the first that is not known.
    fn below(&self, hole: usize, facts: &dyn Facts) -> Standing {
        let start = facts.path(&self.text(hole));
        let child = facts.path(&self.probe(self.parts.len().max(hole + 1)));
        let bare = self.parts.get(hole).is_some_and(may_be_empty);
        let mut locations = lexical::children(&start, &child, facts.home());
        let steady = matches!(start.location, Location::Inside | Location::Temporary);
        if bare && !steady && hole + 1 == self.parts.len() {
            locations = locations.with(start.location);
        }
        let mut probes = vec![inherit(child, &start)];
        // A directory above what is protected counts as one of these places; what is below it need not.
        let protects =
            [start.own, start.read_only, start.no_delete].iter().any(|reach| *reach != Reach::Apart);
        if protects && self.parts.get(hole).is_none_or(is_bare) {
            probes.push(start);
        }
        Standing {
            locations,
            name: self.name(),
            seen: Seen::Somewhere { probes, existing: self.existing(facts) },
        }
    }

    /// All that stands where the path may be, if its holes hold no `/`.
    fn existing(&self, facts: &dyn Facts) -> Option<Vec<PathFacts>> {
        let mut paths = facts.glob(&self.pattern(false))?;
        let hidden = self.pattern(true);
        if hidden != self.pattern(false) {
            let dots = facts.glob(&hidden)?.into_iter();
            paths.extend(dots.filter(|path| !path.ends_with("/..")));
        }
        Some(paths.iter().map(|path| facts.path(path)).collect())
    }

    /// The first `count` components, those that are missing or unknown replaced.
    fn probe(&self, count: usize) -> String {
        let mut out = self.text(count.min(self.parts.len()));
        for _ in self.parts.len()..count {
            if !out.ends_with('/') {
                out.push('/');
            }
            out.push_str(SOME_NAME);
        }
        out
    }

    /// A path that starts with a hole: it may be anywhere where its known end fits.
    fn somewhere(&self, shape: Shape, facts: &dyn Facts) -> Standing {
        let Some(last) = self.parts.last().filter(|last| !is_bare(last)) else {
            let all = match shape {
                Shape::Directory => Locations::ALL.without(&[Location::Device, Location::Void]),
                _ => Locations::ALL,
            };
            return Standing { locations: all, name: None, seen: Seen::Adrift(Vec::new()) };
        };
        let rest = self.text(self.parts.len());
        let mut starts = vec![facts.directory(), facts.home()];
        if shape.is_any() {
            starts.push("");
        }
        let probe = |start: &&str| facts.path(&format!("{}{rest}", start.trim_end_matches('/')));
        let probes: Vec<PathFacts> = starts.iter().map(probe).collect();
        let mut locations: Locations =
            [Location::System, Location::Outside, Location::Inside, Location::Temporary].into();
        // Only a directory above the home or the workspace, or these themselves, are in the
        // larger classes, and those are known by name.
        let named = |path: &str| path.split('/').any(|part| last.equals(part) != Match::No);
        if named(facts.home()) {
            locations = locations.with(Location::Home);
        }
        if named(facts.directory()) {
            locations = locations.with(Location::Workspace);
        }
        for probe in &probes {
            locations = locations.with(probe.location);
        }
        Standing { locations, name: self.name(), seen: Seen::Adrift(probes) }
    }

    /// On another machine only the words tell where it lies.
    fn elsewhere(&self, home: &str) -> Standing {
        let hole = self.parts.iter().position(|part| part.has_hole());
        let locations = match (self.base, hole) {
            (Base::Root, None) => {
                let whole = self.text(self.parts.len());
                let own = lexical::location(&whole, home);
                let big = matches!(own, Location::Root | Location::Home);
                match self.stars > 0 && !big {
                    true => lexical::location(&format!("{whole}/{SOME_NAME}"), home).into(),
                    false => own.into(),
                }
            }
            (Base::Root, Some(0)) if is_bare(&self.parts[0]) => Locations::ALL,
            (Base::Root, Some(_)) => lexical::location(&self.text(self.parts.len()), home).into(),
            (Base::Unknown(_), _) if self.parts.is_empty() => Locations::ALL,
            (Base::Unknown(_), _) => Location::Outside.into(),
        };
        // Of all entries of a directory, its name tells.
        let name = self.parts.last().cloned();
        Standing {
            locations,
            name,
            seen: Seen::Elsewhere { made: lexical::is_made(&self.parts, self.base == Base::Root) },
        }
    }
}

/// The components as written, and what they start from: `None` for the directory.
fn components(text: &Text) -> (Option<Base>, Vec<Text>) {
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        let (whole, glob) = match piece {
            Piece::Known(whole) => (whole, false),
            Piece::Glob(whole) => (whole, true),
            Piece::Hole(_) => {
                parts.last_mut().expect("there is always one").push(piece.clone());
                continue;
            }
        };
        for (at, part) in whole.split('/').enumerate() {
            if at > 0 {
                parts.push(Text::default());
            }
            let last = parts.last_mut().expect("there is always one");
            match glob {
                _ if part.is_empty() => {}
                true => last.push(Piece::Glob(part.to_owned())),
                false => last.push_str(part),
            }
        }
    }
    let first = &parts[0];
    let hole = first.pieces().iter().find(|p| !matches!(p, Piece::Known(t) if t.is_empty()));
    let base = match hole {
        None if text.is_many() && parts.len() == 1 => Some(Base::Unknown(Shape::Any)),
        None => (parts.len() > 1).then_some(Base::Root),
        Some(Piece::Hole(hole)) => match hole.shape {
            shape if shape.is_word() => None,
            Shape::Scratch if text.pieces().len() == 1 => Some(Base::Unknown(Shape::Temporary)),
            Shape::Scratch => Some(Base::Unknown(Shape::Any)),
            shape => Some(Base::Unknown(shape)),
        },
        Some(_) => None,
    };
    if matches!(base, Some(Base::Unknown(_))) && is_bare(first) {
        parts.remove(0);
    }
    (base, parts)
}

/// Whether the component has no known characters at all.
fn is_bare(part: &Text) -> bool {
    let known = |piece: &Piece| match piece {
        Piece::Known(text) => !text.is_empty(),
        Piece::Glob(_) => false,
        Piece::Hole(_) => false,
    };
    !part.pieces().iter().any(known)
}

/// Whether the component may turn out empty, so that its parent is meant.
fn may_be_empty(part: &Text) -> bool {
    is_bare(part) && !part.has_glob() && part.holes().all(|hole| hole.shape.is_any())
}

/// `**`: directories of any depth, where something stands behind it.
fn is_deep(part: &Text) -> bool {
    matches!(part.pieces(), [Piece::Glob(text)] if text == "**")
}

/// `*`, `**`: all entries.
fn is_star(part: &Text) -> bool {
    let star = |piece: &Piece| matches!(piece, Piece::Glob(text) if text.bytes().all(|b| b == b'*'));
    !part.is_many() && !part.pieces().is_empty() && part.pieces().iter().all(star)
}

/// Ends of the names of files that hold what is nowhere else.
const DATA: [&str; 8] = [".db", ".db3", ".sqlite", ".sqlite3", ".duckdb", ".tfstate", ".dump", ".sql"];

/// Where nobody said where the command line runs, something may stand where nothing does here: what a
/// change destroys for good or with all below it, a database, a credential. Of other single files
/// scripts delete many that are not there.
pub fn look_elsewhere(standings: &mut [Standing], op: PathOp, recursive: bool, facts: &dyn Facts) {
    if !facts.is_placeless() {
        return;
    }
    let destroys = op == PathOp::Destroy || op == PathOp::Delete && recursive;
    for standing in standings {
        let name = standing.name.as_ref().map_or("", Text::known_end);
        let is_data = matches!(op, PathOp::Delete | PathOp::Empty | PathOp::MoveAway)
            && DATA.iter().any(|end| name.ends_with(end));
        match &mut standing.seen {
            Seen::Exactly(seen)
                if seen.kind == FileKind::Absent
                    && (destroys || is_data || op == PathOp::Delete && seen.credential) =>
            {
                seen.kind = FileKind::Unknown;
            }
            Seen::Somewhere { existing, .. } if destroys => *existing = None,
            _ => {}
        }
    }
}

/// Nothing stands there any more.
pub fn vacate(standings: &mut [Standing]) {
    for standing in standings {
        if let Seen::Exactly(facts) = &mut standing.seen {
            (facts.kind, facts.state) = (FileKind::Absent, TrackState::Untracked);
        }
    }
}

/// What stands there is kept elsewhere.
pub fn keep(standings: &mut [Standing]) {
    use TrackState::{Conflict, Ignored, Modified, Untracked};
    for standing in standings {
        if let Seen::Exactly(facts) = &mut standing.seen
            && matches!(facts.state, Conflict | Modified | Untracked | Ignored)
        {
            facts.state = TrackState::Clean;
        }
    }
}

fn at(path: &str, facts: &dyn Facts) -> Standing {
    let name = base_name(path.trim_end_matches('/'));
    exactly(facts.path(path), Some(name.into()))
}

fn exactly(seen: PathFacts, name: Option<Text>) -> Standing {
    Standing { locations: seen.location.into(), name, seen: Seen::Exactly(seen) }
}

/// What is so of everything below a directory.
fn inherit(mut child: PathFacts, start: &PathFacts) -> PathFacts {
    child.reproducible |= start.reproducible;
    child.credential |= start.credential;
    child
}
