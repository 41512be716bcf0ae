//! Pathname patterns: which paths match now.

use std::fs;

use crate::model::{bytes, expands_to};

/// More matches than this are too many to look at each.
const MOST_MATCHES: usize = 2_000;

/// More directory entries than this are too many to read for one pattern.
const MOST_ENTRIES: usize = 200_000;

/// Directories deeper than this are not descended into.
const DEEPEST: usize = 64;

/// Whether a component holds an active pattern.
fn is_pattern(component: &str) -> bool {
    let mut characters = component.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// A component without active patterns as the name that it is.
fn unescaped(component: &str) -> String {
    let mut out = String::new();
    let mut characters = component.chars();
    while let Some(c) = characters.next() {
        out.push(if c == '\\' { characters.next().unwrap_or(c) } else { c });
    }
    out
}

/// Whether a component is an extended pattern, which is not read here.
pub(super) fn is_extended(pattern: &str) -> bool {
    ["@(", "+(", "!(", "?(", "*("].iter().any(|open| pattern.contains(open))
}

/// The paths that match an absolute pattern now; `None` where that is too many to look at, or the
/// pattern is not understood. `**` also goes into hidden directories: a match too many is weighed,
/// one too few is missed.
pub(super) fn expand(pattern: &str) -> Option<Vec<String>> {
    if is_extended(pattern) {
        return None;
    }
    let components: Vec<&str> = pattern.split('/').filter(|c| !c.is_empty()).collect();
    let mut search = Search { found: Vec::new(), entries: 0 };
    search.below("", &components, 0)?;
    search.found.sort();
    search.found.dedup();
    Some(search.found)
}

struct Search {
    found: Vec<String>,
    entries: usize,
}

impl Search {
    /// Adds what matches below `directory` (`""` is the root); `None` where a limit is reached.
    fn below(&mut self, directory: &str, components: &[&str], depth: usize) -> Option<()> {
        let Some((first, rest)) = components.split_first() else {
            self.found.push(directory.to_owned());
            return (self.found.len() <= MOST_MATCHES).then_some(());
        };
        if depth > DEEPEST {
            return None;
        }
        if *first == "**" {
            self.below(directory, rest, depth + 1)?;
            for name in self.names(directory)? {
                let path = format!("{directory}/{name}");
                if rest.is_empty() {
                    self.below(&path, rest, depth + 1)?;
                }
                // A link to a directory is not descended into: neither find nor a shell does.
                if fs::symlink_metadata(bytes::path(&path)).is_ok_and(|found| found.is_dir()) {
                    self.below(&path, components, depth + 1)?;
                }
            }
            return Some(());
        }
        if is_pattern(first) {
            for name in self.names(directory)?.iter().filter(|name| expands_to(first, name)) {
                let path = format!("{directory}/{name}");
                if rest.is_empty() || bytes::path(&path).is_dir() {
                    self.below(&path, rest, depth + 1)?;
                }
            }
            return Some(());
        }
        let path = format!("{directory}/{}", unescaped(first));
        if fs::symlink_metadata(bytes::path(&path)).is_ok() {
            self.below(&path, rest, depth + 1)?;
        }
        Some(())
    }

    /// The names in a directory; none where it cannot be read, since the shell cannot either.
    fn names(&mut self, directory: &str) -> Option<Vec<String>> {
        let directory = if directory.is_empty() { "/" } else { directory };
        let mut names = Vec::new();
        for entry in fs::read_dir(bytes::path(directory)).into_iter().flatten().flatten() {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return None;
            }
            names.push(bytes::text_of(&entry.file_name()));
        }
        Some(names)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn expansion() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().to_str().unwrap();
        for file in ["a/x.o", "a/b/y.o", ".h/z.o", "a/.w.o", "c.txt"] {
            let path = scratch.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        std::os::unix::fs::symlink(scratch.path(), scratch.path().join("loop")).unwrap();
        let found = |pattern: &str| {
            let found = expand(&format!("{root}/{pattern}")).unwrap();
            found.iter().map(|path| path[root.len() + 1..].to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("*"), "a c.txt loop");
        assert_eq!(found(".*"), ".h");
        assert_eq!(found("*/*.o"), "a/x.o");
        assert_eq!(found("**/*.o"), ".h/z.o a/b/y.o a/x.o");
        assert_eq!(found("a/b"), "a/b");
        assert_eq!(found(r"a/\b"), "a/b");
        assert_eq!(found(r"\*"), "");
        assert_eq!(found(r"c\.t*"), "c.txt");
        assert_eq!(found("no*"), "");
        assert_eq!(expand("/@(a|b)"), None);
    }
}
