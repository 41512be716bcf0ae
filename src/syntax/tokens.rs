//! Commands in source that cannot be read for sure: everything that some reading might run.
//!
//! A flat scan that knows quotes, substitutions, comments and here-documents, but no grammar:
//! whatever stands at the start of a line, behind an operator, a bracket or a reserved word is
//! taken for a command. Where a quote or a `${` stays open to the end, what it swallowed is
//! scanned once more without regard to quotes. Cost is linear and there is no recursion.

use std::collections::VecDeque;

use super::{
    AssignedValue, Assignment, Command, Parameter, ParameterOp, Part, Redirect, RedirectKind,
    Simple, Stmt, Word,
};
use crate::model::Span;

/// Reserved words behind which a command may stand.
const TRANSPARENT: [&str; 12] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "time", "coproc", "{", "}",
];

/// Reserved words whose line is no command.
const HEADS: [&str; 8] = ["for", "select", "case", "function", "foreach", "fi", "done", "esac"];

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

/// The command that is being collected in one [`State::Shell`].
#[derive(Default)]
struct Collected {
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    word: Option<Word>,
    /// The operator whose target comes next.
    operator: Option<(u32, fn(Word) -> RedirectKind)>,
    /// What stands before it in the same pipeline.
    stages: Vec<Stmt>,
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
        let word = self.command().word.get_or_insert_with(|| Word {
            parts: Vec::new(),
            span: Span::new(start, end),
        });
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

    fn end_word(&mut self) {
        let command = self.command();
        let Some(word) = command.word.take() else { return };
        if let Some((fd, kind)) = command.operator.take() {
            let span = word.span;
            command.redirects.push(Redirect { fd: Some(fd), kind: kind(word), span });
            return;
        }
        let transparent = command.words.is_empty()
            && command.redirects.is_empty()
            && matches!(word.parts.as_slice(), [Part::Literal { text, quoted: false }] if TRANSPARENT.contains(&text.as_str()));
        if !transparent {
            command.words.push(word);
        }
    }

    /// Ends the command here; `piped` if its output goes to the next.
    fn end_command(&mut self, piped: bool) {
        self.end_word();
        let command = self.command();
        command.operator = None;
        let mut words = std::mem::take(&mut command.words);
        let redirects = std::mem::take(&mut command.redirects);
        let assigned = words.iter().take_while(|word| assigned_name(word).is_some()).count();
        let assignments: Vec<_> = words.drain(..assigned).filter_map(as_assignment).collect();
        let head = matches!(words.first().map(|word| word.parts.as_slice()),
            Some([Part::Literal { text, quoted: false }]) if HEADS.contains(&text.as_str()));
        let mut stages = std::mem::take(&mut command.stages);
        let first = words.first().map(|word| word.span).or(assignments.first().map(|a: &Assignment| a.span));
        if let Some(first) = first.or(redirects.first().map(|redirect| redirect.span)).filter(|_| !head) {
            let last = words.last().map_or(first, |word| word.span);
            let simple = Simple { assignments, words, declared: Vec::new() };
            stages.push(statement(Command::Simple(simple), redirects, first.cover(last)));
        }
        if piped {
            self.command().stages = stages;
            return;
        }
        match stages.len() {
            0 => {}
            1 => self.found.extend(stages),
            _ => {
                let span = stages[0].span.cover(stages[stages.len() - 1].span);
                self.found.push(statement(Command::Pipeline(stages), Vec::new(), span));
            }
        }
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
            (b'$', b'{') => {
                self.states.push(State::Braced(start));
                self.pos += 2;
                self.hole(start);
            }
            (b'$', next) if next == b'_' || next.is_ascii_alphanumeric() || b"@*#?$!-".contains(&next) => {
                let name = match next == b'_' || next.is_ascii_alphabetic() {
                    true => self.bytes[start + 1..].iter().take_while(|b| **b == b'_' || b.is_ascii_alphanumeric()).count(),
                    false => 1,
                };
                self.pos += 1 + name;
                let expansion = Box::new(Parameter {
                    name: self.text[start + 1..self.pos].to_owned(),
                    subscript: None,
                    indirect: false,
                    op: ParameterOp::Get,
                });
                let span = Span::new(start, self.pos);
                self.part(Part::Parameter { expansion, quoted, span }, start);
            }
            _ => return false,
        }
        true
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
                    .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_' | b'='))
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
        let part = match String::from_utf8(super::parse::decode_ansi(&self.bytes[start + 2..end])) {
            Ok(text) => Part::Literal { text, quoted: true },
            Err(error) => Part::Bytes(error.into_bytes()),
        };
        self.part(part, start);
    }

    fn operator(&mut self, byte: u8) {
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
            _ if duplicate && (self.at(0) == b'-' || self.at(0).is_ascii_digit()) => RedirectKind::Duplicate,
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
        let length = rest.bytes().take_while(|b| !matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')).count();
        let raw = &rest[..length];
        let delimiter = raw.replace(['\'', '"', '\\'], "");
        let quoted = delimiter.len() < raw.len();
        self.pos += length;
        if !self.blind {
            self.heredocs.push_back((delimiter, quoted, strip));
        }
    }

    /// At the start of a line behind a here-document's operator.
    fn heredoc_body(&mut self) {
        let Some((delimiter, quoted, strip)) = self.heredocs.pop_front() else { return };
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

fn statement(command: Command, redirects: Vec<Redirect>, span: Span) -> Stmt {
    Stmt { command, redirects, negated: false, background: false, span }
}

/// The length of the name, if the word looks like an assignment.
fn assigned_name(word: &Word) -> Option<usize> {
    let Some(Part::Literal { text, quoted: false }) = word.parts.first() else { return None };
    let name = text.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count();
    let after = &text[name..];
    let valid = name > 0 && !text.as_bytes()[0].is_ascii_digit();
    (valid && (after.starts_with('=') || after.starts_with("+="))).then_some(name)
}

fn as_assignment(mut word: Word) -> Option<Assignment> {
    let length = assigned_name(&word)?;
    let span = word.span;
    let Some(Part::Literal { text, .. }) = word.parts.first_mut() else { return None };
    let append = text.as_bytes().get(length) == Some(&b'+');
    let name = text[..length].to_owned();
    text.drain(..length + 1 + usize::from(append));
    if text.is_empty() {
        word.parts.remove(0);
    }
    let value = AssignedValue::Scalar(word);
    Some(Assignment { name, subscript: None, value, append, span })
}
