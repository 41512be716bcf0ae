//! What would be gone: files below the paths, commits and changes of the work tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::actions::{Walked, git_subcommand};
use crate::model::{
    Action, Call, Decision, Effect, Facts, FileKind, Finding, GitFacts, Span, Text, TrackState, Verdict,
    absolute, is_at_or_below,
};

/// So many entries of directories are counted, for so long.
const ENTRIES: usize = 200_000;
const TIME: Duration = Duration::from_millis(500);
/// So many paths are told of one by one.
const PATHS: usize = 8;

/// What there is to lose, a line each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Files, by the paths that would be destroyed.
    pub paths: Vec<String>,
    /// Work trees on which git would act, and what of them has no copy.
    pub trees: Vec<String>,
}

impl Losses {
    /// Whether it is still what these were, as far as both were counted to their end.
    pub fn are_still(&self, now: &Losses) -> bool {
        let counted = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !line.contains(": at least ")).cloned().collect()
        };
        counted(&self.paths) == counted(&now.paths) && counted(&self.trees) == counted(&now.trees)
    }
}

/// What the held findings would cost.
pub fn of(verdict: &Verdict, walked: &Walked, facts: &dyn Facts) -> Losses {
    let mut losses = Losses::default();
    let mut budget = Budget { entries: ENTRIES, until: Instant::now() + TIME };
    let mut seen = BTreeSet::new();
    let mut trees = BTreeSet::new();
    for finding in verdict.findings.iter().filter(|finding| finding.decision == Decision::Confirm) {
        let about = walked.actions.iter().filter(|action| touches(action.span, finding.span));
        let about: Vec<&Action> = about.filter(|action| action.place.is_local()).collect();
        if let Some(path) = path_of(finding)
            && !about.is_empty()
            && seen.insert(path.to_owned())
            && seen.len() <= PATHS
        {
            losses.paths.push(path_line(path, facts, &mut budget));
        }
        for action in about {
            if let Effect::Call(call) = &action.effect
                && let Some((at, subcommand)) = git_subcommand(call)
                && let Some(directory) = action.directory.as_known()
                && let Some(git) = facts.git(directory)
            {
                let concern = Concern::of(subcommand);
                let named = concern.named(call, at, &action.directory, &git, facts);
                let elsewhere = concern == Concern::Commits && is_elsewhere(call, at, &git);
                if named.is_empty() && !elsewhere && trees.insert((git.root.clone(), concern)) {
                    losses.trees.push(tree_line(&git, concern));
                }
                for path in named {
                    if seen.insert(path.clone()) && seen.len() <= PATHS {
                        losses.trees.extend(concern.line(&path, facts, &mut budget));
                    }
                }
            }
        }
    }
    if seen.len() > PATHS {
        losses.paths.push(format!("what stands at {} more paths", seen.len() - PATHS));
    }
    losses
}

fn touches(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end || one == other
}

/// The path of this machine that a finding is about.
fn path_of(finding: &Finding) -> Option<&str> {
    let is_here = finding.directory.as_ref().is_none_or(|directory| directory.starts_with('/'));
    finding.resource.as_deref().filter(|resource| is_here && resource.starts_with('/'))
}

fn path_line(path: &str, facts: &dyn Facts, budget: &mut Budget) -> String {
    let roots = match path.contains(['*', '?', '[']) {
        true => facts.glob(path),
        false => Some(vec![path.to_owned()]),
    };
    let Some(roots) = roots else {
        return format!("{path}: more than can be counted");
    };
    let mut total = Measure { whole: true, ..Measure::default() };
    for root in &roots {
        measure(Path::new(root), budget, &mut total, &|_| true);
    }
    let state = match roots.as_slice() {
        [root] => match facts.path(root).state {
            TrackState::Modified | TrackState::Conflict => ", changed since the last commit",
            TrackState::Untracked => ", not in git",
            TrackState::Ignored => ", ignored by git",
            _ => "",
        },
        _ => "",
    };
    format!("{path}: {}{state}", total.words())
}

/// How much may be looked at.
struct Budget {
    entries: usize,
    until: Instant,
}

/// What stands at and below paths.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measure {
    files: u64,
    directories: u64,
    bytes: u64,
    /// Nothing was left out.
    whole: bool,
}

/// Adds what stands at and below a path, of files such as count; links are not followed.
fn measure(path: &Path, budget: &mut Budget, total: &mut Measure, counts: &dyn Fn(&Path) -> bool) {
    let mut open: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if budget.entries == 0 || Instant::now() > budget.until {
            total.whole = false;
            return;
        }
        budget.entries -= 1;
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if !metadata.is_dir() {
            if counts(&path) {
                total.files += 1;
                total.bytes += metadata.len();
            }
            continue;
        }
        total.directories += 1;
        let Ok(entries) = fs::read_dir(&path) else {
            total.whole = false;
            continue;
        };
        for entry in entries {
            // What is waiting counts too, or one wide directory would take all memory.
            match entry {
                Ok(entry) if open.len() < budget.entries => open.push(entry.path()),
                _ => total.whole = false,
            }
        }
    }
}

impl Measure {
    fn words(&self) -> String {
        let least = if self.whole { "" } else { "at least " };
        let count = match (self.files, self.directories) {
            (0, 0) if self.whole => return "nothing is there now".to_owned(),
            (0, directories) => {
                return format!("{least}{} and no file", number(directories, "directory", "directories"));
            }
            (files, _) => number(files, "file", "files"),
        };
        format!("{least}{count}, {}", size(self.bytes))
    }
}

/// `3 files`, `1 file`
fn number(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `4.2 MB`
fn size(bytes: u64) -> String {
    const UNITS: &[&str] = &["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return number(bytes, "byte", "bytes");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// What a subcommand of git's can lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Concern {
    Commits,
    /// Commits, and changes of tracked files.
    Both,
    Changes,
    Untracked,
    Stashes,
    Anything,
}

impl Concern {
    fn of(subcommand: &str) -> Concern {
        match subcommand {
            "push" | "branch" | "tag" | "update-ref" | "symbolic-ref" | "reflog" | "gc" | "prune"
            | "remote" | "fetch" | "filter-branch" | "filter-repo" => Concern::Commits,
            "reset" => Concern::Both,
            "checkout" | "restore" | "switch" | "rm" | "checkout-index" | "read-tree" => Concern::Changes,
            "clean" => Concern::Untracked,
            "stash" => Concern::Stashes,
            _ => Concern::Anything,
        }
    }

    /// What is said where nothing of the kind is there.
    fn none(self) -> &'static str {
        match self {
            Concern::Commits => "no commit that its upstream has not",
            Concern::Stashes => "no stash",
            Concern::Untracked => "no untracked file",
            _ => "nothing that is not committed",
        }
    }

    /// Whether what stands at a path in this state can be lost.
    fn has(self, state: TrackState) -> bool {
        let changed = matches!(state, TrackState::Modified | TrackState::Conflict);
        changed && self == Concern::Changes || state == TrackState::Untracked && self == Concern::Untracked
    }

    /// The paths to which the call keeps, where it names some: absolute.
    fn named(
        self,
        call: &Call,
        at: usize,
        directory: &Text,
        git: &GitFacts,
        facts: &dyn Facts,
    ) -> Vec<String> {
        if !matches!(self, Concern::Changes | Concern::Untracked) {
            return Vec::new();
        }
        let words = &call.args[at + 1..];
        let separator = words.iter().position(|word| word.as_known() == Some("--"));
        let words = &words[separator.map_or(0, |at| at + 1)..];
        let path = |word: &Text| {
            let is_flag = separator.is_none() && word.known_start().starts_with('-');
            let path = (!is_flag && call.args[..at].is_empty()).then(|| absolute(directory, word))??;
            (facts.kind(&path) != FileKind::Absent).then_some(path)
        };
        let named: Vec<String> = words.iter().filter_map(path).collect();
        let whole = named.iter().any(|path| is_at_or_below(&git.root, path));
        if whole { Vec::new() } else { named }
    }

    /// What of it stands at and below a path, if anything does.
    fn line(self, path: &str, facts: &dyn Facts, budget: &mut Budget) -> Option<String> {
        let mut total = Measure { whole: true, ..Measure::default() };
        let concerned = |path: &Path| path.to_str().is_none_or(|path| self.has(facts.path(path).state));
        measure(Path::new(path), budget, &mut total, &concerned);
        let least = if total.whole { "" } else { "at least " };
        let (one, many) = match self {
            Concern::Untracked => ("untracked file", "untracked files"),
            _ => ("changed file", "changed files"),
        };
        let any = total.files > 0 || !total.whole;
        any.then(|| format!("{path}: {least}{}, {}", number(total.files, one, many), size(total.bytes)))
    }
}

/// Whether a call names references, and the branch that is checked out is none of them.
fn is_elsewhere(call: &Call, at: usize, git: &GitFacts) -> bool {
    let remote = usize::from(call.args[at].as_known() == Some("push"));
    let words = call.args[at + 1..].iter().filter(|word| !word.known_start().starts_with('-')).skip(remote);
    let named: Vec<_> = words.map(Text::display).collect();
    let branch = git.branch.as_deref().unwrap_or("HEAD");
    let is_it = |part: &str| part == branch || part == "HEAD" || part.ends_with(&format!("/{branch}"));
    !named.is_empty() && !named.iter().any(|word| word.trim_start_matches('+').split(':').any(is_it))
}

/// What of a work tree has no copy elsewhere, of the kind that is concerned.
fn tree_line(git: &GitFacts, concern: Concern) -> String {
    let branch = git.branch.as_deref().map_or("no branch".to_owned(), |branch| format!("branch {branch}"));
    let mut parts = Vec::new();
    let told = |kinds: &[Concern]| concern == Concern::Anything || kinds.contains(&concern);
    match (&git.upstream, git.ahead) {
        _ if !told(&[Concern::Commits, Concern::Both]) => {}
        (Some(upstream), Some(ahead)) if ahead > 0 => {
            parts.push(format!("{} that {upstream} has not", number(ahead.into(), "commit", "commits")));
        }
        (None, _) => parts.push("no upstream".to_owned()),
        _ => {}
    }
    for (count, one, many, kinds) in [
        (git.modified, "changed file", "changed files", [Concern::Both, Concern::Changes].as_slice()),
        (git.untracked, "untracked file", "untracked files", &[Concern::Untracked]),
        (git.stashes, "stash", "stashes", &[Concern::Stashes]),
    ] {
        if count > 0 && told(kinds) {
            parts.push(number(count.into(), one, many));
        }
    }
    if git.incomplete {
        parts.push("perhaps more".to_owned());
    }
    let parts = if parts.is_empty() { concern.none().to_owned() } else { parts.join(", ") };
    format!("{branch}: {parts}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_and_links_not_followed() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/x"), [0; 1500]).unwrap();
        fs::write(root.join("a/b/y"), [0; 500]).unwrap();
        std::os::unix::fs::symlink("/", root.join("a/link")).unwrap();
        let measured = |entries, path: &str| {
            let mut total = Measure { whole: true, ..Measure::default() };
            let mut budget = Budget { entries, until: Instant::now() + Duration::from_secs(60) };
            measure(&root.join(path), &mut budget, &mut total, &|_| true);
            total.words()
        };
        assert_eq!(measured(100, "a"), "3 files, 2.0 kB");
        assert_eq!(measured(100, "a/b/y"), "1 file, 500 bytes");
        assert_eq!(measured(100, "none"), "nothing is there now");
        assert!(measured(3, "a").starts_with("at least "));
    }

    #[test]
    fn sizes_are_for_people() {
        let sizes = [0, 1, 999, 1000, 999_949, 999_950, 4_200_000_000].map(size);
        assert_eq!(sizes, ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "999.9 kB", "1.0 MB", "4.2 GB"]);
    }

    #[test]
    fn a_work_tree_says_what_only_it_has() {
        let git = GitFacts {
            branch: Some("main".into()),
            upstream: Some("origin/main".into()),
            ahead: Some(3),
            modified: 1,
            untracked: 2,
            ..GitFacts::default()
        };
        let line = "branch main: 3 commits that origin/main has not, 1 changed file, 2 untracked files";
        assert_eq!(tree_line(&git, Concern::Anything), line);
        for (subcommand, line) in [
            ("checkout", "branch main: 1 changed file"),
            ("clean", "branch main: 2 untracked files"),
            ("reset", "branch main: 3 commits that origin/main has not, 1 changed file"),
            ("push", "branch main: 3 commits that origin/main has not"),
            ("stash", "branch main: no stash"),
        ] {
            assert_eq!(tree_line(&git, Concern::of(subcommand)), line);
        }
    }
}
