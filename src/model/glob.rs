//! Pathname patterns against names, as the shell holds them.

use super::bytes;

/// Whether a file name matches a pattern; `*` and `?` match a leading dot too. By the locale, and
/// by the name, the shell compares characters or bytes: either counts.
pub fn name_matches(pattern: &str, name: &str) -> bool {
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

/// Whether the shell puts a name in a pattern's place: a leading dot must be written.
pub fn expands_to(pattern: &str, name: &str) -> bool {
    (!name.starts_with('.') || pattern.trim_start_matches('\\').starts_with('.'))
        && name_matches(pattern, name)
}

/// Whether a path matches a pattern, component by component; `**` is any number of them.
pub fn path_matches(pattern: &[&str], path: &[&str]) -> bool {
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

#[cfg(test)]
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
}
