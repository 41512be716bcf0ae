//! What `git status` and `git ls-files` print.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::model::{GitFacts, TrackState, bytes};

/// So many changed files are named.
const MOST_CHANGED: usize = 256;

/// One work tree.
pub(super) struct Tree {
    pub facts: GitFacts,
    /// What `git status` names, by path relative to the root, without a trailing `/`.
    entries: BTreeMap<Vec<u8>, TrackState>,
    /// The index, once somebody asked.
    pub tracked: OnceCell<Option<Tracked>>,
}

/// The index: every tracked path, sorted.
pub(super) struct Tracked {
    names: Vec<u8>,
    /// Where each path stands in `names`, and whether git looks for changes of it.
    spans: Vec<(u32, u32, bool)>,
}

impl Tree {
    /// A tree of which nothing is known.
    pub fn incomplete() -> Tree {
        Tree {
            facts: GitFacts { incomplete: true, ..GitFacts::default() },
            entries: BTreeMap::new(),
            tracked: OnceCell::new(),
        }
    }

    /// Reads `git status --porcelain=v2 -z`.
    pub fn parse(printed: &[u8], reproducible: fn(&str) -> bool) -> Tree {
        let mut tree =
            Tree { facts: GitFacts::default(), entries: BTreeMap::new(), tracked: OnceCell::new() };
        let mut records = printed.split(|byte| *byte == 0);
        while let Some(record) = records.next() {
            let fields = match record.first() {
                None => continue,
                Some(b'#') => {
                    tree.header(&bytes::text(record));
                    continue;
                }
                Some(b'1') => 8,
                Some(b'2') => {
                    // The path it had before stands in a record of its own.
                    records.next();
                    9
                }
                Some(b'u') => 10,
                Some(b'?' | b'!') => 1,
                Some(_) => {
                    tree.facts.incomplete = true;
                    continue;
                }
            };
            let Some(path) = record.splitn(fields + 1, |byte| *byte == b' ').nth(fields) else {
                tree.facts.incomplete = true;
                continue;
            };
            let path = path.strip_suffix(b"/").unwrap_or(path);
            let state = match record[0] {
                b'?' => {
                    tree.facts.untracked += 1;
                    TrackState::Untracked
                }
                b'!' => {
                    let name = bytes::text(path);
                    if !name.split('/').any(reproducible) {
                        tree.facts.precious_ignored += 1;
                    }
                    TrackState::Ignored
                }
                kind => {
                    tree.facts.modified += 1;
                    if tree.facts.changed.len() < MOST_CHANGED {
                        tree.facts.changed.push(bytes::text(path).into_owned());
                    }
                    if kind == b'u' { TrackState::Conflict } else { TrackState::Modified }
                }
            };
            tree.entries.insert(path.to_vec(), state);
        }
        tree
    }

    fn header(&mut self, line: &str) {
        let mut words = line.split(' ').skip(1);
        let (name, value) = (words.next().unwrap_or_default(), words.next());
        let number = |word: Option<&str>| word.and_then(|word| word.get(1..)?.parse().ok());
        match name {
            "branch.head" => {
                self.facts.branch = value.filter(|branch| *branch != "(detached)").map(str::to_owned);
            }
            "branch.upstream" => self.facts.upstream = value.map(str::to_owned),
            "branch.ab" => {
                self.facts.ahead = number(value);
                self.facts.behind = number(words.next());
            }
            "stash" => self.facts.stashes = value.and_then(|n| n.parse().ok()).unwrap_or(u32::MAX),
            _ => {}
        }
    }

    /// The worst of what `git status` names at, above or below `path`.
    pub fn named(&self, path: &[u8]) -> Option<TrackState> {
        let above = ancestors(path).find_map(|above| self.entries.get(above).copied());
        let all_below = self.entries.range(below(path)..).take_while(|(name, _)| {
            path.is_empty() || name.starts_with(path) && name.get(path.len()) == Some(&b'/')
        });
        let worst = all_below.map(|(_, state)| *state).max_by_key(|state| rank(*state));
        // What is named itself counts before what stands above it: `new/x.log` is ignored in `new/`.
        match (above, worst) {
            (Some(above), Some(worst)) if rank(worst) > rank(above) => Some(worst),
            (above, worst) => above.or(worst),
        }
    }
}

/// How bad it is to lose a path in this state.
fn rank(state: TrackState) -> u8 {
    match state {
        TrackState::Clean => 0,
        TrackState::Ignored => 1,
        TrackState::Untracked => 2,
        TrackState::Conflict => 3,
        TrackState::Modified => 4,
        TrackState::Metadata => 5,
        TrackState::Unknown => 6,
    }
}

/// The path itself and the directories above it, nearest first.
fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(path), |path| {
        let end = path.iter().rposition(|byte| *byte == b'/')?;
        Some(&path[..end])
    })
}

/// What sorts before every path below the directory `path`, and after nothing of them.
fn below(path: &[u8]) -> Vec<u8> {
    match path {
        [] => Vec::new(),
        _ => [path, b"/"].concat(),
    }
}

impl Tracked {
    /// Reads `git ls-files -v -z`: a letter, a blank, the path. A lower-case letter and `S` mean
    /// that git does not look whether the file was changed.
    pub fn parse(names: Vec<u8>) -> Option<Tracked> {
        let mut spans = Vec::new();
        let mut start = 0;
        for record in names.split(|byte| *byte == 0) {
            if let [tag, b' ', path @ ..] = record {
                let from = u32::try_from(start + 2).ok()?;
                let to = u32::try_from(start + 2 + path.len()).ok()?;
                spans.push((from, to, tag.is_ascii_uppercase() && *tag != b'S'));
            }
            start += record.len() + 1;
        }
        Some(Tracked { names, spans })
    }

    fn name(&self, span: &(u32, u32, bool)) -> &[u8] {
        &self.names[span.0 as usize..span.1 as usize]
    }

    /// `Clean` if the path, or anything below it, is tracked; `Unknown` if git does not look for
    /// changes of something that is there; nothing if it is not tracked.
    pub fn state(&self, path: &[u8], root: &Path) -> Option<TrackState> {
        let all_from = |wanted: &[u8]| {
            let first = self.spans.partition_point(|span| self.name(span) < wanted);
            self.spans[first..].iter()
        };
        let is_there = |name: &[u8]| root.join(OsStr::from_bytes(name)).symlink_metadata().is_ok();
        let itself = all_from(path).take_while(|span| self.name(span) == path);
        let directory = below(path);
        let inside = all_from(&directory).take_while(|span| self.name(span).starts_with(&directory));
        itself.chain(inside).fold(None, |state, span| match (state, span.2) {
            (Some(TrackState::Unknown), _) => state,
            // In a sparse checkout most of these are not there at all.
            (_, false) if is_there(self.name(span)) => Some(TrackState::Unknown),
            _ => Some(TrackState::Clean),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tree(printed: &str) -> Tree {
        Tree::parse(printed.replace('|', "\0").as_bytes(), |name| name == "target")
    }

    #[test]
    fn the_header_is_read() {
        let facts = tree(
            "# branch.oid abc|# branch.head topic|# branch.upstream origin/topic|# branch.ab +2 -3|# stash 4|",
        )
        .facts;
        assert_eq!(facts.branch.as_deref(), Some("topic"));
        assert_eq!(facts.upstream.as_deref(), Some("origin/topic"));
        assert_eq!((facts.ahead, facts.behind, facts.stashes), (Some(2), Some(3), 4));
        assert_eq!(tree("# branch.head (detached)|").facts.branch, None);
        assert_eq!(tree("# branch.head main|").facts.ahead, None);
    }

    #[test]
    fn every_kind_of_entry_is_counted_once() {
        let facts = tree(
            "1 .M N... 100644 100644 100644 a b a file|\
             2 R. N... 100644 100644 100644 a b R100 new name|? not an entry|\
             u UU N... 100644 100644 100644 100644 a b c both|\
             ? new/|? x|! target/|! a/target/b|! .env|",
        )
        .facts;
        assert_eq!((facts.modified, facts.untracked, facts.precious_ignored), (3, 2, 1));
        assert!(!facts.incomplete);
    }

    #[test]
    fn what_cannot_be_read_clears_nothing() {
        for printed in ["9 what|", "1 .M N...|", "u|"] {
            assert!(tree(printed).facts.incomplete, "{printed}");
        }
    }

    #[test]
    fn the_worst_at_above_or_below_a_path_counts() {
        let tree = tree("1 .M N... 1 1 1 a b src/a b|? src/new/|! src/new/x.log|! src-old/|");
        let cases = [
            ("src", Some(TrackState::Modified)),
            ("src/a b", Some(TrackState::Modified)),
            ("src/new/deep/er", Some(TrackState::Untracked)),
            ("src/new/x.log", Some(TrackState::Ignored)),
            ("src/other", None),
            ("src-old/x", Some(TrackState::Ignored)),
            ("sr", None),
            ("", Some(TrackState::Modified)),
        ];
        for (path, wanted) in cases {
            assert_eq!(tree.named(path.as_bytes()), wanted, "{path}");
        }
    }

    #[test]
    fn the_index_is_searched_by_path() {
        let names = b"H a-b\0H a.c\0H a/x\0h a/y\0H b\0".to_vec();
        let tracked = Tracked::parse(names).unwrap();
        let root = Path::new("/nowhere");
        assert_eq!(tracked.state(b"a", root), Some(TrackState::Clean));
        assert_eq!(tracked.state(b"a/x", root), Some(TrackState::Clean));
        assert_eq!(tracked.state(b"b", root), Some(TrackState::Clean));
        assert_eq!(tracked.state(b"c", root), None);
        assert_eq!(tracked.state(b"a/z", root), None);
        assert_eq!(tracked.state(b"", root), Some(TrackState::Clean));
    }
}
