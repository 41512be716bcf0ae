//! Redirections and here-documents in the scan.

use super::{Scan, State};
use crate::syntax::{Part, RedirectKind, Word};

impl Scan<'_> {
    pub(super) fn operator(&mut self, byte: u8) {
        let start = self.pos;
        // The digits in front are its descriptor.
        let digits = self.command().word.as_ref().and_then(|word| match word.parts.as_slice() {
            [Part::Literal { text, quoted: false }] => text.parse::<u32>().ok(),
            _ => None,
        });
        if digits.is_some() {
            self.command().word = None;
        } else {
            self.end_word();
        }
        let length = self.bytes[start..].iter().take(3).take_while(|b| matches!(b, b'<' | b'>')).count();
        self.pos += length;
        if byte == b'<' && length == 2 && self.at(0) != b'<' && self.bytes[start + 1] == b'<' {
            self.heredoc_operator();
            return;
        }
        let fd = digits.unwrap_or(u32::from(byte == b'>'));
        let duplicate = self.at(0) == b'&';
        if matches!(self.at(0), b'&' | b'|') {
            self.pos += 1;
        }
        let kind: fn(Word) -> RedirectKind = match (byte, length) {
            (b'<', 3) => RedirectKind::HereString,
            _ if duplicate && matches!(self.at(0), b'-' | b'$' | b'0'..=b'9') => RedirectKind::Duplicate,
            (b'>', 1) => RedirectKind::Write,
            (b'>', _) => RedirectKind::Append,
            (_, 2) => RedirectKind::ReadWrite,
            _ => RedirectKind::Read,
        };
        self.command().operator = Some((fd, kind));
    }

    fn heredoc_operator(&mut self) {
        let strip = self.at(0) == b'-';
        self.pos += usize::from(strip);
        while matches!(self.at(0), b' ' | b'\t') {
            self.pos += 1;
        }
        let rest = &self.text[self.pos..];
        let length = rest
            .bytes()
            .take_while(|b| {
                !matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
            })
            .count();
        let raw = &rest[..length];
        let delimiter = raw.replace(['\'', '"', '\\'], "");
        let quoted = delimiter.len() < raw.len();
        self.pos += length;
        if !self.blind {
            self.heredocs.push_back((delimiter, quoted, strip));
        }
    }

    /// At the start of a line behind a here-document's operator.
    pub(super) fn heredoc_body(&mut self) {
        let Some((delimiter, quoted, strip)) = self.heredocs.pop_front() else {
            return;
        };
        self.line_start = true;
        let mut at = self.pos;
        for line in self.text[self.pos..].split_inclusive('\n') {
            match self.search.checked_sub(line.len()) {
                Some(left) => self.search = left,
                None => return,
            }
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let bare = if strip { bare.trim_start_matches('\t') } else { bare };
            if bare == delimiter {
                if quoted {
                    self.pos = at + line.len();
                } else {
                    self.states.push(State::Heredoc(at));
                    self.line_start = false;
                }
                return;
            }
            at += line.len();
        }
        // Without an end its body is judged line by line.
    }
}
