//! The words of SQL text: quotes, comments, dollar quotes and the like, as the database reads them.

/// Stands for what is unknown before it runs: a letter, so that it may be a name or part of one.
pub(super) const HOLE: char = 'ꙮ';

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Postgres,
    MySql,
    Sqlite,
    DuckDb,
    MsSql,
    /// Any other, or not known which.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a bare name, a number.
    Word,
    /// A quoted name.
    Name,
    /// A string.
    Text,
    /// Any other character.
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub kind: Kind,
    /// As it stands there, with its quotes.
    pub text: &'t str,
    pub start: usize,
}

impl<'t> Token<'t> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is one of these keywords (blank-separated, upper case).
    pub fn is(&self, words: &str) -> bool {
        self.kind == Kind::Word && words.split(' ').any(|word| self.text.eq_ignore_ascii_case(word))
    }

    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// A string's or quoted name's characters, doubled quotes as they stand.
    pub fn content(&self) -> &'t str {
        let text = self.text;
        let open = text.find(['\'', '"', '`', '[', '$']).unwrap_or(0);
        let quote = match text.as_bytes().get(open) {
            Some(b'$') => text[open + 1..].find('$').map_or(1, |at| at + 2),
            _ => 1,
        };
        let end = text.len().saturating_sub(quote);
        text.get(open + quote..end.max(open + quote)).unwrap_or("")
    }

    /// The name, quoted or not, in lower case.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Word => self.text.to_lowercase(),
            _ => self.content().to_lowercase(),
        }
    }
}

/// All words of a text.
pub(super) fn tokens(text: &str, flavour: Flavour) -> Vec<Token<'_>> {
    each(text, flavour).collect()
}

/// The words of a text, one after another.
pub(super) fn each(text: &str, flavour: Flavour) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let token = next(text, at, flavour)?;
        at = token.end();
        Some(token)
    })
}

/// The first word at or behind `at`.
pub(super) fn next(text: &str, at: usize, flavour: Flavour) -> Option<Token<'_>> {
    let start = skip(text, at, flavour);
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    let (kind, length) = match first {
        '\'' => (Kind::Text, quoted(rest, '\'', flavour == Flavour::MySql)),
        '"' if flavour == Flavour::MySql => (Kind::Text, quoted(rest, '"', true)),
        '"' => (Kind::Name, quoted(rest, '"', false)),
        '`' => (Kind::Name, quoted(rest, '`', false)),
        '[' if matches!(flavour, Flavour::Sqlite | Flavour::MsSql) => (Kind::Name, quoted(rest, ']', false)),
        '$' => match dollar(rest, flavour) {
            Some(length) => (Kind::Text, length),
            None => (Kind::Word, word(rest).max(1)),
        },
        c if is_word(c) => {
            let length = word(rest);
            match (&rest[..length], rest[length..].starts_with('\'')) {
                // E'a\'b', N'x', X'00', U&'x'.
                ("E" | "e", true) => (Kind::Text, length + quoted(&rest[length..], '\'', true)),
                ("N" | "n" | "X" | "x" | "B" | "b" | "R" | "r", true) => {
                    (Kind::Text, length + quoted(&rest[length..], '\'', flavour == Flavour::MySql))
                }
                _ => (Kind::Word, length),
            }
        }
        c => (Kind::Mark, c.len_utf8()),
    };
    Some(Token { kind, text: &rest[..length], start })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '#') || !c.is_ascii()
}

fn word(text: &str) -> usize {
    text.find(|c: char| !is_word(c) && c != '$').unwrap_or(text.len())
}

/// The length of what stands in quotes; to the end where they do not close.
fn quoted(text: &str, close: char, backslash: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if c == close {
            match chars.peek() {
                Some((_, next)) if *next == close => {
                    chars.next();
                }
                _ => return at + c.len_utf8(),
            }
        }
    }
    text.len()
}

/// The length of `$tag$ … $tag$`, where one begins.
fn dollar(text: &str, flavour: Flavour) -> Option<usize> {
    if matches!(flavour, Flavour::MySql | Flavour::Sqlite | Flavour::MsSql) {
        return None;
    }
    let end = text[1..].find('$')? + 2;
    let tag = &text[1..end - 1];
    if tag.starts_with(|c: char| c.is_ascii_digit()) || !tag.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    let close = text[end..].find(&text[..end]);
    Some(close.map_or(text.len(), |at| end + at + end))
}

/// Skips blanks and comments.
fn skip(text: &str, mut at: usize, flavour: Flavour) -> usize {
    // MySQL runs what stands in `/*! … */`.
    let hints = matches!(flavour, Flavour::MySql | Flavour::Other);
    while let Some(rest) = text.get(at..) {
        let blank = rest.len() - rest.trim_start().len();
        let dashes = rest.strip_prefix("--");
        let line = match dashes {
            Some(behind) => flavour != Flavour::MySql || !behind.starts_with(|c: char| !c.is_whitespace()),
            None => rest.starts_with('#') && flavour == Flavour::MySql,
        };
        at += if blank > 0 {
            blank
        } else if line {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hint) = hint(rest).filter(|_| hints) {
            hint
        } else if rest.starts_with("/*") {
            comment(rest, !matches!(flavour, Flavour::MySql | Flavour::Sqlite))
        } else if rest.starts_with("*/") && hints {
            2
        } else {
            return at;
        };
    }
    at
}

/// The length of `/*!50100` and `/*M!`.
fn hint(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("/*!").or_else(|| text.strip_prefix("/*M!"))?;
    Some(text.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len())
}

fn comment(text: &str, nests: bool) -> usize {
    let mut depth = 1;
    let mut at = 2;
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        match text[at..].get(..2) {
            Some("*/") => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            Some("/*") if nests => {
                at += 2;
                depth += 1;
            }
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, flavour: Flavour) -> Vec<&str> {
        tokens(text, flavour).iter().map(|token| token.text).collect()
    }

    #[test]
    fn quotes_and_comments_hide_words() {
        use Flavour::{MySql, Other, Postgres, Sqlite};
        for (text, flavour, expected) in [
            ("a 'b; -- c' d", Postgres, vec!["a", "'b; -- c'", "d"]),
            ("'it''s' x", Postgres, vec!["'it''s'", "x"]),
            ("'a\\' x", Postgres, vec!["'a\\'", "x"]),
            ("'a\\' x' y", MySql, vec!["'a\\' x'", "y"]),
            ("E'a\\' x' y", Postgres, vec!["E'a\\' x'", "y"]),
            ("$$a;'b$$ c", Postgres, vec!["$$a;'b$$", "c"]),
            ("$t$a$$b$t$ c", Postgres, vec!["$t$a$$b$t$", "c"]),
            ("a = $1 b", Postgres, vec!["a", "=", "$1", "b"]),
            ("a /* x /* y */ z */ b", Postgres, vec!["a", "b"]),
            ("a /* x /* y */ b", MySql, vec!["a", "b"]),
            ("a -- x\nb", Postgres, vec!["a", "b"]),
            ("a --x\nb", MySql, vec!["a", "-", "-", "x", "b"]),
            ("a # x\nb", MySql, vec!["a", "b"]),
            ("/*!50000 DROP TABLE x */; y", MySql, vec!["DROP", "TABLE", "x", ";", "y"]),
            ("/*! DROP */ y", Other, vec!["DROP", "y"]),
            ("/*! DROP */ y", Postgres, vec!["y"]),
            ("[a b].c", Sqlite, vec!["[a b]", ".", "c"]),
            ("x[1]", Postgres, vec!["x", "[", "1", "]"]),
            ("'open", Postgres, vec!["'open"]),
            ("/* open", Postgres, vec![]),
        ] {
            assert_eq!(words(text, flavour), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_in_quotes() {
        let content = |text| tokens(text, Flavour::Postgres).first().map(|token| token.content().to_owned());
        for (text, expected) in
            [("'a b'", "a b"), ("$$x$$", "x"), ("$t$x$t$", "x"), ("E'x'", "x"), ("\"A\"", "A"), ("'", "")]
        {
            assert_eq!(content(text).as_deref(), Some(expected), "{text}");
        }
    }
}
