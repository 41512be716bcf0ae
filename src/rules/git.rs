//! The leaf about the git work tree that a command acts in.

use crate::model::{
    self, Action, Effect, Facts, FileKind, GitFacts, Hole, Location, Match, PathEffect, PathOp, Piece,
    ReadError, Shape, Text,
};

use super::arguments::{Arguments, OptionValue, Role, option_value};
use super::glob;
use super::path;
use super::paths;
use super::schema::{GitTest, PathClass, PathTest};

/// The work tree that an action is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkTree {
    /// Its facts.
    Known(GitFacts),
    /// It and its repository lie among temporary files, or will: nobody needs what they hold.
    Passing(GitFacts),
    /// The directory is in none.
    None,
    /// It cannot be looked at: on another machine, or its repository is named apart.
    Unseen,
    /// The directory is not known before it runs.
    Unknown,
}

/// Finds the work tree: the action's directory, as `-C`, `--work-tree` and the environment move it.
pub fn work_tree(action: &Action, arguments: Option<&Arguments<'_>>, facts: &dyn Facts) -> WorkTree {
    if !action.place.is_local() {
        return WorkTree::Unseen;
    }
    let mut directory = (*action.directory).clone();
    if let (Effect::Call(_), Some(arguments)) = (&action.effect, arguments) {
        let set = |name: &str| action.set(name).cloned().or_else(|| facts.env(name).map(Text::known));
        let moved = Moved::read(&action.directory, arguments);
        let apart = moved.repository || set("GIT_DIR").is_some();
        let root = |directory: &Text| facts.git(&paths::absolute(directory)?).map(|git| git.root);
        // Whether the repository is another one than what stands around the work tree tells.
        let is_another = match moved.tree.or_else(|| set("GIT_WORK_TREE")) {
            Some(tree) => {
                directory = join(&moved.directory, &tree);
                match apart {
                    true => paths::absolute(&directory).is_some() && root(&directory).is_none(),
                    false => root(&moved.directory).is_some_and(|around| root(&directory) != Some(around)),
                }
            }
            None => {
                directory = moved.directory;
                apart
            }
        };
        if is_another {
            return WorkTree::Unseen;
        }
    }
    // What `mktemp` made is new.
    match paths::absolute(&directory) {
        None if directory.pieces().first().is_some_and(is_new) => passing(),
        // Any other number may be that of a work tree that is there.
        None if action.staged && directory.is_temporary() && directory.holes().all(is_fresh) => passing(),
        None => WorkTree::Unknown,
        Some(directory) if action.fresh.iter().any(|root| model::is_at_or_below(&directory, root)) => {
            passing()
        }
        Some(directory) => match facts.git(&directory) {
            Some(git) if is_own_temporary(&git.root, facts) => WorkTree::Passing(git),
            Some(git) if kept(action, &git.root, true, arguments, facts) => {
                WorkTree::Known(GitFacts { modified: 0, ..git })
            }
            // What the script put into the index is tracked now.
            Some(git) if action.staged => {
                WorkTree::Known(GitFacts { modified: git.modified + git.untracked, ..git })
            }
            Some(git) => WorkTree::Known(git),
            None if action.staged && facts.path(&directory).location == Location::Temporary => passing(),
            None if action.staged && facts.kind(&directory) != FileKind::Absent => WorkTree::Unseen,
            None if facts.is_placeless() && facts.path(&directory).location != Location::Temporary => {
                WorkTree::Unseen
            }
            None => WorkTree::None,
        },
    }
}

/// Whether it is what `mktemp` made.
fn is_new(piece: &Piece) -> bool {
    matches!(piece, Piece::Hole(hole) if hole.shape == Shape::Temporary)
}

/// Whether a number differs each time that a script runs.
fn is_fresh(hole: &Hole) -> bool {
    ["$$", "RANDOM", "BASHPID"].iter().any(|name| hole.label.contains(name))
}

/// Whether all that is changed below a path of a work tree is text, which a diff holds.
fn is_text(path: &str, root: &str, facts: &dyn Facts) -> bool {
    const LIMIT: usize = 1 << 20;
    let Some(git) = facts.git(root).filter(|git| git.changed.len() == git.modified as usize) else {
        return false;
    };
    let changed = git.changed.iter().map(|changed| format!("{root}/{changed}"));
    changed.filter(|changed| model::is_at_or_below(changed, path)).all(|changed| {
        match facts.read(&changed, LIMIT) {
            Ok(bytes) => !bytes.contains(&0),
            Err(why) => why == ReadError::Absent,
        }
    })
}

/// Of one that is yet to be made nothing is known.
fn passing() -> WorkTree {
    WorkTree::Passing(GitFacts { incomplete: true, ..GitFacts::default() })
}

/// Whether a work tree lies among temporary files, and is no linked one of a repository elsewhere.
fn is_own_temporary(root: &str, facts: &dyn Facts) -> bool {
    facts.path(root).location == Location::Temporary
        && facts.kind(&format!("{root}/.git")) == FileKind::Directory
}

/// Whether the script kept the uncommitted changes below a path, or in all of a work tree, that the
/// action would discard.
fn kept(
    action: &Action,
    path: &str,
    tree: bool,
    arguments: Option<&Arguments<'_>>,
    facts: &dyn Facts,
) -> bool {
    let root = |path: &str| facts.git(path).map(|git| git.root);
    action.kept.iter().any(|kept| {
        let holds = match kept.tree {
            true => root(&kept.path).is_some_and(|root| model::is_at_or_below(path, &root)),
            false => !tree && model::is_at_or_below(path, &kept.path),
        };
        let whole = !kept.text || root(&kept.path).is_some_and(|root| is_text(path, &root, facts));
        holds
            && whole
            && (!kept.unstaged || arguments.is_some_and(|given| takes_from_index(given, action, facts)))
    })
}

/// `git checkout [--] PATH…`, `git restore PATH…`: what comes back is what the index holds, so that
/// what stands there alone is lost.
fn takes_from_index(arguments: &Arguments<'_>, action: &Action, facts: &dyn Facts) -> bool {
    let directory = Moved::read(&action.directory, arguments).directory;
    let mut words = arguments.iter().filter(|(_, role, _)| role.may_be_positional());
    let subcommand = words.next();
    let options = || arguments.iter().filter(|(_, role, _)| *role == Role::Option).map(|(.., word)| word);
    match subcommand.and_then(|(.., word)| word.as_known()) {
        Some("restore") => options()
            .all(|word| word.as_known().is_some_and(|w| matches!(w, "-q" | "--quiet" | "-W" | "--worktree"))),
        Some("checkout") => {
            let paths: Vec<&Text> = words.map(|(.., word)| word).collect();
            let stands = |word: &&Text| {
                model::absolute(&directory, word).is_some_and(|path| facts.kind(&path) != FileKind::Absent)
            };
            options().all(|word| matches!(word.as_known(), Some("-q" | "--quiet")))
                && !paths.is_empty()
                && paths.iter().all(stands)
        }
        _ => false,
    }
}

/// What git's own options, which stand before its subcommand, say of where it works.
struct Moved {
    /// The directory to which the paths that it is told are relative.
    directory: Text,
    tree: Option<Text>,
    /// A repository is named.
    repository: bool,
}

impl Moved {
    fn read(directory: &Text, arguments: &Arguments<'_>) -> Moved {
        let mut out = Moved { directory: directory.clone(), tree: None, repository: false };
        for (at, role, word) in arguments.iter() {
            match role {
                Role::Option => {}
                Role::Value | Role::Separator => continue,
                _ => break,
            }
            let value = |name: &str| match option_value(word, name, &arguments.tool)? {
                OptionValue::Attached(value) => Some(value),
                OptionValue::Next => arguments.words.get(at + 1).cloned(),
            };
            if word.known_start().starts_with("-C") {
                out.directory = value("-C").map_or(out.directory.clone(), |to| join(&out.directory, &to));
            } else if let Some(value) = value("--work-tree") {
                out.tree = Some(value);
            } else if value("--git-dir").is_some() {
                out.repository = true;
            }
        }
        out
    }
}

/// Whether at one of the paths that the command names from the word `start` on stands what the test
/// asks for; where it names none, all of the work tree is meant. What is no path there (a branch) is
/// one at which nothing stands.
pub fn named(
    test: &GitTest,
    action: &Action,
    arguments: &Arguments<'_>,
    start: usize,
    facts: &dyn Facts,
) -> Match {
    let directory = Moved::read(&action.directory, arguments).directory;
    let separated = arguments.roles.iter().skip(start).position(|role| *role == Role::Separator);
    let first = separated.map_or(start, |at| start + at + 1);
    let named = arguments.iter().skip(first).filter(|(_, role, _)| role.may_be_positional());
    // The root of a work tree counts as git's own; of a directory only the worst below it is known.
    let mut class = vec![PathClass::Unversioned, PathClass::GitMetadata, PathClass::Modified];
    if test.untracked.is_some() || action.staged {
        class.push(PathClass::Untracked);
    }
    if test.precious_ignored.is_some() {
        class.extend([PathClass::Untracked, PathClass::Ignored]);
    }
    let mut not_class = vec![PathClass::Absent];
    if test.precious_ignored.is_some() {
        not_class.push(PathClass::Reproducible);
    }
    if test.settled == Some(true) {
        not_class.push(PathClass::Conflict);
    }
    let at = PathTest { class: class.into(), not_class: not_class.into(), ..PathTest::default() };
    let named = named.map(|(_, _, word)| match word.pieces() {
        // A pathspec of git's own: `:/`, `'*.rs'`.
        [Piece::Known(text)] if text.starts_with(':') || text.contains(['*', '?', '[', '\\']) => Match::Yes,
        // What `git ls-files -d` names.
        [Piece::Hole(hole)] if hole.shape == Shape::Absent => Match::No,
        _ if !action.kept.is_empty()
            && model::absolute(&directory, word)
                .is_some_and(|path| kept(action, &path, false, Some(arguments), facts)) =>
        {
            Match::No
        }
        _ => stands(&at, word, &directory, facts),
    });
    named.max().unwrap_or(Match::Yes)
}

fn stands(test: &PathTest, path: &Text, directory: &Text, facts: &dyn Facts) -> Match {
    let effect = PathEffect {
        op: PathOp::Delete,
        path: path.clone(),
        recursive: true,
        by: String::new(),
        content: None,
        span: None,
    };
    let mut standings = paths::standings(path, directory, true, facts);
    paths::look_elsewhere(&mut standings, effect.op, effect.recursive, facts);
    path::path(test, &effect, || &standings)
}

/// Whether a branch that the command names from the word `start` on has commits that nothing else
/// keeps, or a tag that it names exists.
pub fn unkept(action: &Action, arguments: &Arguments<'_>, start: usize, facts: &dyn Facts) -> Match {
    let words = arguments.iter().skip(start).filter(|(_, role, _)| role.may_be_positional());
    let mut subcommand = arguments.iter().take(start).filter(|(_, role, _)| role.may_be_positional());
    let is_tag = subcommand.any(|(_, _, word)| word.as_known() == Some("tag"));
    let below = if is_tag { "refs/tags" } else { "refs/heads" };
    let name = |word: &Text| {
        let name = word.as_known()?;
        // `@{-1}`, `-`: other names of a branch.
        let is_plain = !name.starts_with('-') && !name.contains(['@', '{', '^', '~', ':', '*']);
        is_plain.then(|| format!("{below}/{name}"))
    };
    let names: Option<Vec<String>> = words.map(|(_, _, word)| name(word)).collect();
    let directory = Moved::read(&action.directory, arguments).directory;
    let known = names.filter(|names| !names.is_empty()).zip(paths::absolute(&directory));
    known.is_none_or(|(names, directory)| action.staged || !facts.git_keeps(&directory, &names)).into()
}

/// Whether in one of the work trees that the command names from the word `start` on is something
/// that no commit holds.
pub fn linked(action: &Action, arguments: &Arguments<'_>, start: usize, facts: &dyn Facts) -> Match {
    let directory = Moved::read(&action.directory, arguments).directory;
    let words = arguments.iter().skip(start).filter(|(_, role, _)| role.may_be_positional());
    let each = words.map(|(_, _, word)| match paths::absolute(&join(&directory, word)) {
        None if word.is_temporary() && word.holes().all(is_fresh) => Match::No,
        // What `mktemp` made holds what the script put there.
        None if word.pieces().first().is_some_and(is_new) => Match::No,
        None => Match::Maybe,
        Some(path) if facts.kind(&path) == FileKind::Absent && !facts.is_placeless() => Match::No,
        Some(path) => match facts.git(&path) {
            Some(git) => {
                let some = git.modified + git.untracked + git.precious_ignored > 0;
                // Around a directory that is none is another one.
                (some || git.incomplete || git.root != path).into()
            }
            None => Match::Yes,
        },
    });
    each.max().unwrap_or(Match::Yes)
}

fn join(directory: &Text, path: &Text) -> Text {
    if path.known_start().starts_with('/') {
        return path.clone();
    }
    let first = path.pieces().first();
    if let Some(Piece::Hole(hole)) = first
        && !hole.shape.is_word()
    {
        return path.clone();
    }
    let mut out = directory.clone();
    out.push_str("/");
    out.append(path);
    out
}

/// Whether all keys of the test hold of the work tree.
pub fn git(test: &GitTest, tree: &WorkTree) -> Match {
    let facts = match tree {
        WorkTree::Passing(_)
            if outside(test) == Match::No || test.unkept.is_some() || test.stashes.is_some() =>
        {
            return Match::No;
        }
        WorkTree::Known(facts) | WorkTree::Passing(facts) => facts,
        WorkTree::None | WorkTree::Unseen | WorkTree::Unknown if test.seen == Some(true) => return Match::No,
        WorkTree::None => return outside(test),
        WorkTree::Unseen => return Match::Yes,
        WorkTree::Unknown => return Match::Maybe,
    };
    // What was not read whole clears nothing: there may be more than was counted.
    let some = |wanted: Option<bool>, count: u32| {
        wanted.is_none_or(|wanted| facts.incomplete || wanted == (count > 0))
    };
    let ahead = facts.ahead.map_or(1, |ahead| ahead);
    let branch = test.branch.is_empty()
        || match &facts.branch {
            Some(name) => test.branch.iter().any(|pattern| glob::matches_str(pattern, name)),
            None => facts.incomplete,
        };
    let holds = some(test.modified, facts.modified)
        && some(test.untracked, facts.untracked)
        && some(test.precious_ignored, facts.precious_ignored)
        && some(test.ahead, ahead)
        && some(test.stashes, facts.stashes)
        && branch
        && test.upstream.is_none_or(|wanted| facts.incomplete || wanted == facts.upstream.is_some())
        && test.work_tree.is_none_or(|wanted| wanted)
        && test.passing.is_none_or(|wanted| wanted == matches!(tree, WorkTree::Passing(_)))
        && test.seen.is_none_or(|wanted| wanted);
    holds.into()
}

/// In a directory that is in no work tree git fails at what it does to one; a bare repository has
/// branches all the same.
fn outside(test: &GitTest) -> Match {
    let about_trees = [test.modified, test.untracked, test.precious_ignored, test.named, test.ahead];
    let fails = about_trees.iter().any(Option::is_some);
    (!fails && test.work_tree.is_none_or(|wanted| !wanted)).into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use Match::{Maybe, No, Yes};

    fn test(keys: &str) -> GitTest {
        toml::from_str(keys).unwrap()
    }

    #[test]
    fn keys_one_by_one() {
        let dirty =
            GitFacts { root: "/p".into(), branch: Some("main".into()), modified: 2, ..GitFacts::default() };
        let unread = GitFacts { incomplete: true, ..GitFacts::default() };
        let known = |facts: &GitFacts| WorkTree::Known(facts.clone());
        for (keys, tree, expected) in [
            ("modified = true", known(&dirty), Yes),
            ("modified = false", known(&dirty), No),
            ("untracked = true", known(&dirty), No),
            ("modified = true\nuntracked = true", known(&dirty), No),
            ("untracked = true", known(&unread), Yes),
            ("modified = false", known(&unread), Yes),
            ("ahead = true", known(&dirty), Yes),
            ("upstream = false", known(&dirty), Yes),
            ("upstream = true", known(&dirty), No),
            ("branch = ['main', 'rel*']", known(&dirty), Yes),
            ("branch = 'dev'", known(&dirty), No),
            ("work_tree = true", known(&dirty), Yes),
            ("modified = true", WorkTree::None, No),
            ("work_tree = true", WorkTree::None, No),
            ("work_tree = false", WorkTree::None, Yes),
            ("stashes = true", WorkTree::None, Yes),
            ("modified = true", WorkTree::Unseen, Yes),
            ("modified = true", WorkTree::Unknown, Maybe),
        ] {
            assert_eq!(git(&test(keys), &tree), expected, "{keys} {tree:?}");
        }
    }
}
