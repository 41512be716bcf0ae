//! The strings, names and marks of code whose grammar is not read.

use super::Manner;
use crate::actions::Language;
use crate::model::{Shape, Text};

/// More of them are not looked at.
const TOKENS: usize = 200_000;

/// A stretch of code.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, with its package or receiver: `File.delete`, `File::Path::rmtree`, `system`.
    Name(String),
    /// A string.
    String(Text),
    /// A variable: `$x`, `@x`.
    Variable(String),
    /// A string that is run: `` `…` ``, `qx(…)`, `%x(…)`.
    Command(Text),
    /// Anything else, an operator or one character.
    Mark(String),
}

/// The mark that stands for a pattern.
const PATTERN: &str = "//";
/// Names behind which a value begins: `/` begins a pattern there.
const BEFORE_VALUES: &[&str] = &[
    "if", "elsif", "unless", "while", "until", "when", "and", "or", "not", "return", "split", "grep", "map",
    "join", "print", "puts", "x", "eq", "ne", "lt", "gt", "in", "case", "then", "else", "do", "BEGIN", "END",
];

pub(super) struct Scanner<'s> {
    manner: &'s Manner,
    language: Language,
    rest: &'s str,
    /// A value stands before: `/` divides, `%` is a remainder.
    value: bool,
    /// What comes next, the last first.
    words: Vec<Token>,
}

impl<'s> Scanner<'s> {
    /// At the start of code.
    pub fn new(manner: &'s Manner, language: Language, source: &'s str) -> Scanner<'s> {
        Scanner { manner, language, rest: source, value: false, words: Vec::new() }
    }

    /// All of it, or what comes before something that has no end; and how much of the code is left behind each.
    pub fn tokens(mut self) -> (Vec<Token>, Vec<usize>) {
        let (mut tokens, mut left) = (Vec::new(), Vec::new());
        while tokens.len() < TOKENS {
            let Some(token) = self.token() else {
                break;
            };
            self.value = match &token {
                // Behind these a value begins.
                Token::Name(name) => !BEFORE_VALUES.contains(&name.as_str()),
                Token::String(_) | Token::Command(_) | Token::Variable(_) => true,
                Token::Mark(mark) => matches!(mark.as_str(), ")" | "]" | PATTERN),
            };
            tokens.push(token);
            left.push(self.rest.len());
        }
        (tokens, left)
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn token(&mut self) -> Option<Token> {
        if let Some(word) = self.words.pop() {
            return Some(word);
        }
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            if self.manner.comments.iter().any(|mark| self.rest.starts_with(mark)) {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
                continue;
            }
            if matches!(self.language, Language::Php | Language::Other) && self.rest.starts_with("/*") {
                self.rest = self.rest.split_once("*/").map_or("", |(_, rest)| rest);
                continue;
            }
            break;
        }
        let first = self.rest.chars().next()?;
        match first {
            // A quotation of Lisp's, a lifetime of Rust's.
            '\'' if self.language == Language::Other && !self.line().contains('\'') => {}
            '\'' if self.language != Language::Awk => {
                self.take();
                return Some(Token::String(self.string('\'', '\'', false)?));
            }
            '"' => {
                self.take();
                return Some(Token::String(self.string('"', '"', true)?));
            }
            '`' if self.language == Language::Other => {
                self.take();
                return Some(Token::String(self.string('`', '`', false)?));
            }
            '`' if self.manner.backticks => {
                self.take();
                return Some(Token::Command(self.string('`', '`', true)?));
            }
            '/' if self.manner.patterns && !self.value => {
                self.take();
                self.string('/', '/', false)?;
                return Some(Token::Mark(PATTERN.to_owned()));
            }
            // A variable: `$x`, `@x`, `$#x`, `@$x`.
            '$' | '@' if self.language != Language::Lua => {
                self.take();
                self.rest = self.rest.trim_start_matches(['$', '#', '@']);
                return Some(Token::Variable(self.word().to_owned()));
            }
            '%' if self.language == Language::Ruby && !self.value => {
                let mut chars = self.rest[1..].chars();
                let kind = chars.next().filter(|kind| matches!(kind, 'x' | 'q' | 'Q' | 'w' | 'W' | 'i'));
                let open = if kind.is_some() { chars.next() } else { self.rest[1..].chars().next() };
                if let Some(open) = open.filter(|open| !open.is_alphanumeric() && !open.is_whitespace()) {
                    self.rest = &self.rest[1 + usize::from(kind.is_some()) + open.len_utf8()..];
                    return self.quoted(open, kind.unwrap_or('Q'));
                }
            }
            c if c.is_alphabetic() || c == '_' => return self.name(),
            // `<wip/*>`
            '<' if self.language == Language::Perl => {
                let pattern = self.rest[1..].split_once('>').map_or("", |(pattern, _)| pattern);
                if pattern.contains('*') && !pattern.contains([' ', '$', ';']) {
                    self.rest = &self.rest[pattern.len() + 2..];
                    return Some(Token::String(Text::known(pattern)));
                }
            }
            _ => {}
        }
        for mark in ["||", "&&", "=>", "..", "->", "|&"] {
            if self.rest.starts_with(mark) {
                self.rest = &self.rest[mark.len()..];
                return Some(Token::Mark(mark.to_owned()));
            }
        }
        let c = self.take()?;
        Some(Token::Mark(c.to_string()))
    }

    /// The rest of the line behind its first character.
    fn line(&self) -> &'s str {
        self.rest.lines().next().and_then(|line| line.get(1..)).unwrap_or_default()
    }

    /// Letters, digits and `_` from here on.
    fn word(&mut self) -> &'s str {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn name(&mut self) -> Option<Token> {
        let mut name = self.word().to_owned();
        if self.language == Language::Perl
            && matches!(name.as_str(), "q" | "qq" | "qw" | "qx" | "m" | "s" | "tr" | "y")
        {
            let rest = self.rest.trim_start();
            let open = rest.chars().next();
            let quotes =
                open.is_some_and(|c| !c.is_alphanumeric() && !matches!(c, ',' | ';' | ')' | '=' | '_'));
            // `=>` makes a name of it.
            if let Some(open) = open.filter(|_| quotes && !rest.starts_with("=>")) {
                self.rest = &rest[open.len_utf8()..];
                return self.quoted(
                    open,
                    match name.as_str() {
                        "q" => 'q',
                        "qw" => 'w',
                        "qx" => 'x',
                        "qq" => 'Q',
                        "m" => 'm',
                        _ => 's',
                    },
                );
            }
        }
        loop {
            let separators: &[&str] =
                if self.language == Language::Other { &["::", ".", "-", "/"] } else { &["::", "."] };
            let separator = separators.iter().copied().find(|mark| self.rest.starts_with(mark));
            let Some(separator) = separator else {
                break;
            };
            let after = &self.rest[separator.len()..];
            let joins = self.manner.joins.contains(&separator) || self.language == Language::Awk;
            if joins || !after.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                break;
            }
            self.rest = after;
            name.push_str(separator);
            name.push_str(self.word());
        }
        Some(Token::Name(name))
    }

    /// What stands between delimiters of choice, of this kind: `x` is run, `w` are words, `m` and
    /// `s` are patterns.
    fn quoted(&mut self, open: char, kind: char) -> Option<Token> {
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            open => open,
        };
        let text = self.string(open, close, matches!(kind, 'x' | 'Q' | 'W'))?;
        match kind {
            'x' => Some(Token::Command(text)),
            'm' => Some(Token::Mark(PATTERN.to_owned())),
            's' => {
                if open != close {
                    self.rest = self.rest.trim_start();
                    let again = self.take()?;
                    return self.quoted(again, 'm');
                }
                self.string(open, close, false)?;
                Some(Token::Mark(PATTERN.to_owned()))
            }
            'w' | 'W' if text.as_known().is_some() => {
                // `qw(a b)` is `["a", "b"]`.
                self.words.push(Token::Mark("]".to_owned()));
                let words = text.as_known().unwrap_or_default().split_whitespace().rev();
                for (at, word) in words.enumerate() {
                    self.words.extend((at > 0).then(|| Token::Mark(",".to_owned())));
                    self.words.push(Token::String(Text::known(word)));
                }
                Some(Token::Mark("[".to_owned()))
            }
            _ => Some(Token::String(text)),
        }
    }

    /// A string up to its end, what opens it read; `None` where it has no end.
    fn string(&mut self, open: char, close: char, expands: bool) -> Option<Text> {
        let mut text = Text::default();
        let mut depth = 0_usize;
        loop {
            let c = self.take()?;
            match c {
                c if c == close && depth == 0 => return Some(text),
                '\\' => {
                    let escaped = self.take()?;
                    match escaped {
                        'n' if expands => text.push_str("\n"),
                        't' if expands => text.push_str("\t"),
                        'e' if expands => text.push_str("\x1b"),
                        'x' if expands => {
                            let digits: String =
                                self.rest.chars().take(2).take_while(char::is_ascii_hexdigit).collect();
                            self.rest = &self.rest[digits.len()..];
                            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                            text.push_str(code.unwrap_or('x').encode_utf8(&mut [0; 4]));
                        }
                        other if expands || other == close || other == '\\' => {
                            text.push_str(other.encode_utf8(&mut [0; 4]));
                        }
                        other => {
                            text.push_str("\\");
                            text.push_str(other.encode_utf8(&mut [0; 4]));
                        }
                    }
                }
                c if expands && self.manner.holes.contains(&c) && self.is_hole(c) => {
                    let name = self.hole(c);
                    text.append(&Text::hole(format!("${name}"), Shape::Any));
                }
                c => {
                    if open != close {
                        depth = if c == open { depth + 1 } else { depth - usize::from(c == close) };
                    }
                    text.push_str(c.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    /// Whether what follows `c` in a string makes a value of it.
    fn is_hole(&self, c: char) -> bool {
        let next = self.rest.chars().next();
        match c {
            '#' => matches!(next, Some('{' | '$' | '@')),
            '{' => next == Some('$'),
            _ => next.is_some_and(|next| next.is_alphabetic() || matches!(next, '_' | '{' | '$')),
        }
    }

    /// Goes past a value in a string, its first character read; the variable's name, if it is one.
    fn hole(&mut self, first: char) -> &'s str {
        self.rest = self.rest.trim_start_matches(['$', '@']);
        if !self.rest.starts_with('{') {
            let name = self.word();
            if first == '{' {
                self.rest = self.rest.strip_prefix('}').unwrap_or(self.rest);
            }
            return name;
        }
        let whole = self.rest;
        let mut depth = 0_usize;
        while let Some(c) = self.take() {
            depth = if c == '{' { depth + 1 } else { depth - usize::from(c == '}') };
            if depth == 0 {
                break;
            }
        }
        let inner = &whole[1..whole.len() - self.rest.len()];
        inner.trim_end_matches('}').trim().trim_start_matches('$')
    }
}
