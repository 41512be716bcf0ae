//! Commands in source that cannot be read for sure: everything that some reading might run.
//!
//! A flat scan that knows quotes, substitutions, comments and here-documents, but no grammar:
//! whatever stands at the start of a line, behind an operator, a bracket or a reserved word is
//! taken for a command. Where a quote or a `${` stays open to the end, what it swallowed is
//! scanned once more without regard to quotes. Cost is linear and there is no recursion.

mod collect;
mod redirects;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use collect::Collected;

use super::{Parameter, ParameterOp, Part, Stmt, Word};
use crate::model::{Span, bytes};

/// How many bytes may be searched for the ends of here-documents, in lengths of the source.
const SEARCHES: usize = 4;

/// All commands that may stand in `source` from byte `from` on; from `doubt` on, quotes may have
/// no meaning either.
pub(super) fn commands(source: &str, from: usize, doubt: Option<usize>) -> Vec<Stmt> {
    let mut scan = Scan::new(source, from);
    scan.run();
    let swallowed = scan.swallowed;
    let mut found = scan.found;
    if let Some(opener) = swallowed.into_iter().chain(doubt).min() {
        let mut blind = Scan::new(source, opener);
        blind.blind = true;
        blind.run();
        found.extend(blind.found);
    }
    found
}

/// What the scan stands in.
enum State {
    /// Commands; with what ends them, if anything does.
    Shell(Option<u8>),
    /// Double quotes.
    Quoted(usize),
    /// `${ … }`
    Braced(usize),
    /// An expanding here-document up to this byte.
    Heredoc(usize),
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    states: Vec<State>,
    commands: Vec<Collected>,
    heredocs: VecDeque<(String, bool, bool)>,
    line_start: bool,
    /// Bytes that may yet be searched for the ends of here-documents.
    search: usize,
    /// Open backticks.
    ticks: usize,
    /// Quotes count for nothing.
    blind: bool,
    /// The first opener that was never closed and swallowed the rest.
    swallowed: Option<usize>,
    found: Vec<Stmt>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, pos: usize) -> Self {
        Scan {
            text,
            bytes: text.as_bytes(),
            pos,
            states: vec![State::Shell(None)],
            commands: vec![Collected::default()],
            heredocs: VecDeque::new(),
            line_start: false,
            search: SEARCHES * text.len(),
            ticks: 0,
            blind: false,
            swallowed: None,
            found: Vec::new(),
        }
    }

    fn run(&mut self) {
        while self.pos < self.bytes.len() {
            match self.states.last() {
                Some(State::Heredoc(end)) if self.pos >= *end => {
                    let line = self.bytes[*end..].iter().position(|b| *b == b'\n');
                    self.pos = self.pos.max(line.map_or(self.bytes.len(), |line| end + line + 1));
                    self.states.pop();
                    self.line_start = true;
                }
                Some(State::Quoted(_) | State::Heredoc(_)) => self.quoted(),
                Some(State::Braced(_)) => self.braced(),
                Some(State::Shell(closer)) => {
                    let closer = *closer;
                    if std::mem::take(&mut self.line_start) && !self.heredocs.is_empty() {
                        self.heredoc_body();
                    } else {
                        self.shell(closer);
                    }
                }
                None => self.states.push(State::Shell(None)),
            }
        }
        let open = self.states.iter().find_map(|state| match state {
            State::Quoted(at) | State::Braced(at) => Some(*at),
            _ => None,
        });
        self.swallowed = match (self.swallowed, open) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        while !self.commands.is_empty() {
            self.end_command(false);
            self.commands.pop();
        }
    }

    fn at(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn command(&mut self) -> &mut Collected {
        if self.commands.is_empty() {
            self.commands.push(Collected::default());
        }
        self.commands.last_mut().expect("one was pushed where there was none")
    }

    fn part(&mut self, part: Part, start: usize) {
        let end = self.pos;
        let word = self
            .command()
            .word
            .get_or_insert_with(|| Word { parts: Vec::new(), span: Span::new(start, end) });
        word.span.end = end;
        match (word.parts.last_mut(), part) {
            (Some(Part::Literal { text, quoted }), Part::Literal { text: more, quoted: same })
                if *quoted == same =>
            {
                text.push_str(&more);
            }
            (_, part) => word.parts.push(part),
        }
    }

    /// Takes the next `length` bytes as text.
    fn text(&mut self, length: usize, quoted: bool) {
        let start = self.pos;
        let mut end = (start + length).min(self.bytes.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.pos = end;
        let text = self.text[start..end].to_owned();
        self.part(Part::Literal { text, quoted }, start);
    }

    fn hole(&mut self, start: usize) {
        let span = Span::new(start, self.pos);
        self.part(Part::Unknown { words: Vec::new(), quoted: false, span, code: false }, start);
    }

    fn enter(&mut self, length: usize, closer: u8) {
        self.pos += length;
        self.ticks += usize::from(closer == b'`');
        self.states.push(State::Shell(Some(closer)));
        self.commands.push(Collected::default());
    }

    /// Leaves the innermost commands; what they stand in gets a hole.
    fn leave(&mut self) {
        self.end_command(false);
        self.commands.pop();
        if let Some(State::Shell(Some(b'`'))) = self.states.pop() {
            self.ticks -= 1;
        }
        let start = self.pos;
        self.pos += 1;
        self.hole(start);
    }

    /// `$…` and backticks, which mean the same everywhere; false where none stands here.
    fn expansion(&mut self) -> bool {
        let start = self.pos;
        let quoted = !matches!(self.states.last(), Some(State::Shell(_)));
        match (self.at(0), self.at(1)) {
            (b'`', _) => {
                match self.ticks > 0 {
                    true => {
                        // Whatever was opened inside ends with it.
                        while !matches!(self.states.last(), Some(State::Shell(Some(b'`')))) {
                            if let Some(State::Shell(_)) = self.states.pop() {
                                self.end_command(false);
                                self.commands.pop();
                            }
                        }
                        self.leave();
                    }
                    false => self.enter(1, b'`'),
                }
            }
            (b'$', b'(') => self.enter(2, b')'),
            (b'$', b'{') if matches!(self.at(2), b' ' | b'\t' | b'\n' | b'|') => self.enter(3, b'}'),
            (b'$', next) => match self.plain_parameter() {
                Some(name) => {
                    let braces = if next == b'{' { 2 } else { 0 };
                    self.pos += 1 + braces + name.len();
                    let expansion = Box::new(Parameter {
                        name: name.to_owned(),
                        subscript: None,
                        indirect: false,
                        op: ParameterOp::Get,
                    });
                    let span = Span::new(start, self.pos);
                    self.part(Part::Parameter { expansion, quoted, span }, start);
                }
                None if next == b'{' => {
                    self.states.push(State::Braced(start));
                    self.pos += 2;
                    self.hole(start);
                }
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// The name in `$NAME` or `${NAME}`, where one stands here.
    fn plain_parameter(&self) -> Option<&'a str> {
        let braced = self.at(1) == b'{';
        let start = self.pos + if braced { 2 } else { 1 };
        let rest = &self.bytes[start.min(self.bytes.len())..];
        let first = *rest.first()?;
        let length = match first == b'_' || first.is_ascii_alphabetic() {
            true => rest.iter().take_while(|b| **b == b'_' || b.is_ascii_alphanumeric()).count(),
            false if first.is_ascii_digit() || b"@*#?$!-".contains(&first) => 1,
            false => return None,
        };
        let closed = !braced || rest.get(length) == Some(&b'}');
        closed.then(|| &self.text[start..start + length])
    }

    fn quoted(&mut self) {
        match self.at(0) {
            b'"' if matches!(self.states.last(), Some(State::Quoted(_))) => {
                self.states.pop();
                self.pos += 1;
            }
            b'\\' if matches!(self.at(1), b'$' | b'`' | b'"' | b'\\') => {
                // Inside backticks an escaped one opens another.
                self.pos += 1;
                if self.at(0) != b'`' || !self.expansion() {
                    self.text(1, true);
                }
            }
            b'\\' if self.at(1) == b'\n' => self.pos += 2,
            b'$' | b'`' if self.expansion() => {}
            _ => self.text(1, true),
        }
    }

    fn braced(&mut self) {
        match self.at(0) {
            b'}' => {
                self.states.pop();
                self.pos += 1;
            }
            b'"' => {
                self.states.push(State::Quoted(self.pos));
                self.pos += 1;
            }
            b'\\' => self.pos += 2,
            b'$' | b'`' if self.expansion() => {}
            b'<' | b'>' if self.at(1) == b'(' => self.enter(2, b')'),
            _ => self.pos += 1,
        }
    }

    fn shell(&mut self, closer: Option<u8>) {
        let byte = self.at(0);
        let word_start = self.command().word.is_none();
        match byte {
            _ if closer == Some(byte) && (byte != b'}' || word_start) => self.leave(),
            b' ' | b'\t' => {
                self.end_word();
                self.pos += 1;
            }
            0 => self.pos += 1,
            b'\n' => {
                self.end_command(false);
                self.pos += 1;
                self.line_start = true;
            }
            b'|' => {
                self.end_command(self.at(1) != b'|');
                self.pos += if matches!(self.at(1), b'|' | b'&') { 2 } else { 1 };
            }
            b'&' if self.at(1) == b'>' => self.pos += 1,
            b';' | b'&' | b'(' | b')' => {
                self.end_command(false);
                self.pos += 1;
            }
            b'{' | b'}' if self.blind => {
                self.end_command(false);
                self.pos += 1;
            }
            b'#' if word_start && !self.blind => {
                while self.pos < self.bytes.len() && self.at(0) != b'\n' {
                    self.pos += 1;
                }
            }
            b'\'' | b'"' if self.blind => self.pos += 1,
            b'`' if self.blind => {
                self.end_command(false);
                self.pos += 1;
            }
            b'\'' => self.single_quotes(1),
            b'$' if self.at(1) == b'\'' && !self.blind => self.ansi_quotes(),
            b'$' if matches!(self.at(1), b'"' | b'(') && self.blind => self.pos += 1,
            b'"' => {
                self.states.push(State::Quoted(self.pos));
                self.pos += 1;
                let start = self.pos;
                self.part(Part::Literal { text: String::new(), quoted: true }, start);
            }
            b'\\' if self.at(1) == b'\n' => self.pos += 2,
            b'\\' => {
                self.pos += 1;
                if closer != Some(b'`') || self.at(0) != b'`' {
                    if self.pos < self.bytes.len() {
                        self.text(1, true);
                    }
                } else {
                    // A backtick inside backticks: what it holds are commands too.
                    self.end_command(false);
                    self.pos += 1;
                }
            }
            b'$' | b'`' if !(self.blind && self.at(1) == b'{') && self.expansion() => {}
            b'<' | b'>' if self.at(1) == b'(' => self.enter(2, b')'),
            b'<' | b'>' => self.operator(byte),
            _ => {
                let run = self.bytes[self.pos..]
                    .iter()
                    .take_while(|b| {
                        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_' | b'=')
                    })
                    .count();
                self.text(run.max(1), false);
            }
        }
    }

    fn single_quotes(&mut self, length: usize) {
        let start = self.pos + length;
        match self.bytes[start..].iter().position(|b| *b == b'\'') {
            Some(inside) => {
                self.pos = start + inside + 1;
                let text = self.text[start..start + inside].to_owned();
                self.part(Part::Literal { text, quoted: true }, start);
            }
            None => {
                self.swallowed = Some(self.swallowed.map_or(self.pos, |at| at.min(self.pos)));
                self.pos = self.bytes.len();
            }
        }
    }

    fn ansi_quotes(&mut self) {
        let start = self.pos;
        let mut end = start + 2;
        while end < self.bytes.len() && self.bytes[end] != b'\'' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= self.bytes.len() {
            self.single_quotes(2);
            return;
        }
        self.pos = end + 1;
        let decoded = super::parse::decode_ansi(&bytes::raw(&self.text[start + 2..end]));
        self.part(Part::Literal { text: bytes::text(&decoded).into_owned(), quoted: true }, start);
    }
}
