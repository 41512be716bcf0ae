//! Pathname patterns: which names match, and which paths do now.

use std::fs;

use crate::model::bytes;

/// More matches than this are too many to look at each.
const MOST_MATCHES: usize = 2_000;

/// More directory entries than this are too many to read for one pattern.
const MOST_ENTRIES: usize = 200_000;

/// Directories deeper than this are not descended into.
const DEEPEST: usize = 64;

/// Whether a file name matches a pattern; `*` and `?` match a leading dot too. By the locale, and
/// by the name, the shell compares characters or bytes: either counts.
pub(super) fn name_matches(pattern: &str, name: &str) -> bool {
    let whole = |text: &str| text.chars().collect::<Vec<char>>();
    let single = |text: &str| {
        let bytes = bytes::raw(text).into_owned();
        bytes.into_iter().map(char::from).collect::<Vec<char>>()
    };
    characters_match(&whole(pattern), &whole(name))
        || !name.is_ascii() && characters_match(&single(pattern), &single(name))
}

fn characters_match(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to go on if what follows the last `*` does not match.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let next = match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(_) if n < name.len() => one(&pattern[p..], name[n]),
            None if n == name.len() => return true,
            _ => None,
        };
        match (next, &mut retry) {
            (Some(length), _) => {
                p += length;
                n += 1;
            }
            (None, Some((after_star, from))) if *from < name.len() => {
                *from += 1;
                (p, n) = (*after_star, *from);
            }
            (None, _) => return false,
        }
    }
}

/// How many characters of the pattern stand for `c`; `None` if they do not match it.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == c).then_some(2),
        ['[', ..] => match bracket(pattern, c) {
            Some((length, matches)) => matches.then_some(length),
            None => (c == '[').then_some(1),
        },
        [literal, ..] => (*literal == c).then_some(1),
        [] => None,
    }
}

/// `[a-z]`, `[!a]`: its length and whether `c` is in it; `None` if it is not closed.
fn bracket(pattern: &[char], c: char) -> Option<(usize, bool)> {
    let mut at = 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut found = false;
    loop {
        match pattern.get(at)? {
            ']' if at > first => return Some((at + 1, found != negated)),
            '[' if pattern.get(at + 1) == Some(&':') => {
                let end =
                    (at + 2..pattern.len() - 1).find(|i| pattern[*i] == ':' && pattern[i + 1] == ']')?;
                let class: String = pattern[at + 2..end].iter().collect();
                found |= in_class(&class, c);
                at = end + 2;
            }
            low => {
                let is_range =
                    pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|high| *high != ']');
                if is_range {
                    found |= (*low..=pattern[at + 2]).contains(&c);
                    at += 3;
                } else {
                    found |= *low == c;
                    at += 1;
                }
            }
        }
    }
}

/// A class that is not known holds everything.
fn in_class(class: &str, c: char) -> bool {
    match class {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" | "blank" => c.is_whitespace(),
        "punct" => c.is_ascii_punctuation(),
        "xdigit" => c.is_ascii_hexdigit(),
        _ => true,
    }
}

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

/// Whether the shell puts a name in a pattern's place: a leading dot must be written.
pub(super) fn expands_to(pattern: &str, name: &str) -> bool {
    (!name.starts_with('.') || pattern.trim_start_matches('\\').starts_with('.'))
        && name_matches(pattern, name)
}

/// Whether a path matches a pattern, component by component; `**` is any number of them.
pub(super) fn path_matches(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            path_matches(rest, path)
                || path.split_first().is_some_and(|(_, below)| path_matches(pattern, below))
        }
        (Some((first, rest)), Some((name, below))) => expands_to(first, name) && path_matches(rest, below),
        _ => false,
    }
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
    fn names() {
        for (pattern, name, wanted) in [
            ("*", "x", true),
            ("*.rs", "main.rs", true),
            ("*.rs", "main.rsx", false),
            ("a*b*c", "aXbYbc", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[[:digit:]]", "7", true),
            ("[", "[", true),
            (r"\*", "*", true),
            ("", "", true),
            ("**", "x", true),
        ] {
            assert_eq!(name_matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_end_soon() {
        assert!(!name_matches(&"*a".repeat(200), &"a".repeat(199)));
    }

    #[test]
    fn paths() {
        let matches = |pattern: &str, path: &str| {
            let split = |text: &'static str| text.split('/').collect::<Vec<_>>();
            path_matches(&split(pattern.to_owned().leak()), &split(path.to_owned().leak()))
        };
        assert!(matches("a/**/x", "a/b/c/x"));
        assert!(matches("a/**/x", "a/x"));
        assert!(!matches("a/*/x", "a/x"));
        assert!(!matches("*", ".x"));
        assert!(matches(".*", ".x"));
    }

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
