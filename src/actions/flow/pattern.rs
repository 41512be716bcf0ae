//! Regular expressions as sed, grep and awk write them.

use regex::Regex;

/// Longer ones are not compiled.
const LONGEST: usize = 1024;

/// A basic or an extended regular expression, where it means the same to [`regex`]; alternatives,
/// of which POSIX takes the longest and not the first, and references are left out.
pub(super) fn compile(pattern: &str, extended: bool) -> Option<Regex> {
    if pattern.len() > LONGEST {
        return None;
    }
    let mut out = String::from("(?s)");
    let mut chars = pattern.chars().peekable();
    let mut starts = true;
    while let Some(c) = chars.next() {
        let (special, c) = match c {
            '\\' => {
                let escaped = chars.next()?;
                match escaped {
                    '(' | ')' | '{' | '}' | '+' | '?' if !extended => (true, escaped),
                    'n' => (false, '\n'),
                    't' => (false, '\t'),
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' => {
                        out.push_str(match escaped {
                            'w' => "[A-Za-z0-9_]",
                            'W' => "[^A-Za-z0-9_]",
                            's' => "[ \\t\\n\\r\\x0b\\x0c]",
                            'S' => "[^ \\t\\n\\r\\x0b\\x0c]",
                            'b' => "(?-u:\\b)",
                            _ => return None,
                        });
                        starts = false;
                        continue;
                    }
                    c if c.is_ascii_punctuation() => (false, c),
                    _ => return None,
                }
            }
            '|' if extended => return None,
            '(' | ')' | '{' | '}' | '+' | '?' => (extended, c),
            '*' => (!starts, c),
            '.' => (true, c),
            '^' if starts => (true, c),
            '$' if chars.peek().is_none() => (true, c),
            '^' | '$' => return None,
            '[' => {
                bracket(&mut chars, &mut out)?;
                starts = false;
                continue;
            }
            c => (false, c),
        };
        starts = special && (c == '(' || c == '^');
        if special {
            out.push(c);
        } else {
            out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
        }
    }
    regex::RegexBuilder::new(&out).size_limit(1 << 18).build().ok()
}

/// `[…]`, its first character read.
fn bracket(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        let c = chars.next()?;
        match c {
            ']' if !first => break,
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                loop {
                    let c = chars.next()?;
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '[' if matches!(chars.peek(), Some('.' | '=')) => return None,
            '-' if !first && chars.peek() != Some(&']') => out.push('-'),
            '[' | ']' | '\\' | '&' | '~' | '-' | '^' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        first = false;
    }
    out.push(']');
    Some(())
}
