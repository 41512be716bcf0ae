//! Redirections.

use super::words::Ground;
use super::{Read, Reader, trouble};
use crate::syntax::{Dialect, Part, Redirect, RedirectKind, Word};

impl Reader<'_> {
    /// A redirection, if one stands here.
    pub(super) fn redirect(&mut self) -> Read<Option<Redirect>> {
        let start = self.pos;
        let mut fd = None;
        let mut variable = None;
        match self.peek() {
            b'<' | b'>' => {}
            b'&' if self.at(1) == b'>' => {}
            b'0'..=b'9' => {
                let digits =
                    self.bytes[start..self.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if !matches!(self.at(digits), b'<' | b'>')
                    || self.at(digits + 1) == b'(' && self.dialect == Dialect::Zsh
                {
                    return Ok(None);
                }
                fd = Some(self.text[start..start + digits].parse().unwrap_or(u32::MAX));
                self.pos += digits;
            }
            b'{' => {
                let name = self.bytes[start + 1..self.end]
                    .iter()
                    .take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric())
                    .count();
                let close = name + 1;
                if name == 0 || self.at(close) != b'}' || !matches!(self.at(close + 1), b'<' | b'>') {
                    return Ok(None);
                }
                variable = Some(self.text[start + 1..start + close].to_owned());
                self.pos += close + 1;
            }
            _ => return Ok(None),
        }
        let zsh = self.dialect == Dialect::Zsh;
        let rest = &self.bytes[self.pos..self.end];
        if rest.len() > 1 && rest[1] == b'(' {
            // A process substitution is a word.
            if fd.is_some() || variable.is_some() {
                return Err(trouble("unexpected `(`", self.pos + 1));
            }
            return Ok(None);
        }
        if zsh && rest[0] == b'<' && self.pos == start && self.is_numeric_glob() {
            return Ok(None);
        }
        let operator = OPERATORS
            .iter()
            .find(|(text, only_zsh, _)| (zsh || !only_zsh) && rest.starts_with(text.as_bytes()));
        let Some((text, _, kind)) = operator else {
            return Ok(None);
        };
        self.pos += text.len();
        let own = u32::from(!text.starts_with('<'));
        let kind = match kind {
            Operator::Heredoc => self.heredoc(*text == "<<-")?,
            _ => {
                self.blanks();
                let begin = self.pos;
                let duplicates = matches!(kind, Operator::DuplicateIn | Operator::DuplicateOut);
                let word = match self.peek() {
                    // A `-` there is a word of its own, whatever follows it.
                    b'-' if duplicates => {
                        self.pos += 1;
                        let parts = vec![Part::Literal { text: "-".to_owned(), quoted: false }];
                        Word { parts, span: self.span(begin, self.pos) }
                    }
                    _ => self.word(Ground::Command)?,
                };
                if self.pos == begin {
                    return Err(trouble("a redirection without a target", start));
                }
                match kind {
                    Operator::Write => RedirectKind::Write(word),
                    Operator::Append => RedirectKind::Append(word),
                    Operator::Read => RedirectKind::Read(word),
                    Operator::ReadWrite => RedirectKind::ReadWrite(word),
                    Operator::HereString => RedirectKind::HereString(word),
                    Operator::DuplicateIn => RedirectKind::Duplicate(word),
                    Operator::Heredoc | Operator::DuplicateOut => match may_be_descriptor(&word) {
                        true => RedirectKind::Duplicate(word),
                        false => RedirectKind::Write(word),
                    },
                }
            }
        };
        let fd = if variable.is_some() { None } else { fd.or(Some(own)) };
        Ok(Some(Redirect { fd, variable, kind, span: self.span(start, self.pos) }))
    }
}

#[derive(Clone, Copy)]
enum Operator {
    Write,
    Append,
    Read,
    ReadWrite,
    Heredoc,
    HereString,
    DuplicateIn,
    DuplicateOut,
}

/// The operators, longer ones before those that they begin with, and whether only zsh has them.
const OPERATORS: [(&str, bool, Operator); 24] = [
    ("&>>!", true, Operator::Append),
    ("&>>|", true, Operator::Append),
    ("&>>", false, Operator::Append),
    ("&>!", true, Operator::Write),
    ("&>|", true, Operator::Write),
    ("&>", false, Operator::Write),
    ("<<<", false, Operator::HereString),
    ("<<-", false, Operator::Heredoc),
    ("<<", false, Operator::Heredoc),
    ("<&", false, Operator::DuplicateIn),
    ("<>", false, Operator::ReadWrite),
    ("<", false, Operator::Read),
    (">>&!", true, Operator::Append),
    (">>&|", true, Operator::Append),
    (">>&", true, Operator::Append),
    (">>!", true, Operator::Append),
    (">>|", true, Operator::Append),
    (">>", false, Operator::Append),
    (">&!", true, Operator::Write),
    (">&|", true, Operator::Write),
    (">&", false, Operator::DuplicateOut),
    (">|", false, Operator::Write),
    (">!", true, Operator::Write),
    (">", false, Operator::Write),
];

/// A word that names a descriptor, or whose expansion may.
fn may_be_descriptor(word: &Word) -> bool {
    match word.parts.as_slice() {
        [Part::Literal { text, .. }] => is_descriptor(text),
        parts => !parts.iter().all(|part| matches!(part, Part::Literal { .. })),
    }
}

/// Whether what stands behind `>&` is `2`, `-`, `2-` or zsh's `p`, and so no file.
pub fn is_descriptor(text: &str) -> bool {
    let digits = text.strip_suffix('-').unwrap_or(text);
    !text.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) || text == "p"
}
