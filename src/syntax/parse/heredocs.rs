//! Here-documents: their bodies stand after the line of their operator.

use super::words::Ground;
use super::{Read, Reader, trouble};
use crate::model::Span;
use crate::syntax::{Command, Part, RedirectKind, Stmt, Word};

/// A here-document whose body has not come yet.
pub(super) struct Awaited {
    delimiter: String,
    quoted: bool,
    strip_tabs: bool,
    number: usize,
}

impl Reader<'_> {
    /// Behind `<<` or `<<-`: its delimiter. The redirection gets a number for a body, which
    /// [`Reader::place_bodies`] puts in later.
    pub(super) fn heredoc(&mut self, strip_tabs: bool) -> Read<RedirectKind> {
        self.blanks();
        let start = self.pos;
        let (mut delimiter, mut quoted) = (String::new(), false);
        loop {
            let from = self.pos;
            match self.peek() {
                0 | b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                quote @ (b'\'' | b'"') => {
                    let Some(end) = self.find(quote, from + 1) else {
                        return Err(trouble("an unclosed quote", from));
                    };
                    delimiter.push_str(&self.text[from + 1..end]);
                    quoted = true;
                    self.pos = end + 1;
                }
                b'`' | b'$' => return Err(trouble("a here-document with an odd delimiter", from)),
                b'\\' => {
                    self.pos += 1;
                    let Some(next) = self.text[self.pos..self.end].chars().next().filter(|c| *c != '\n')
                    else {
                        return Err(trouble("a here-document with an odd delimiter", from));
                    };
                    delimiter.push(next);
                    quoted = true;
                    self.pos += next.len_utf8();
                }
                _ => {
                    while !matches!(
                        self.peek(),
                        0 | b' '
                            | b'\t'
                            | b'\n'
                            | b';'
                            | b'&'
                            | b'|'
                            | b'<'
                            | b'>'
                            | b'('
                            | b')'
                            | b'\''
                            | b'"'
                            | b'`'
                            | b'$'
                            | b'\\'
                    ) {
                        self.pos += 1;
                    }
                    delimiter.push_str(&self.text[from..self.pos]);
                }
            }
        }
        let odd = delimiter.contains('\n')
            || quoted && self.text[start..self.pos].contains("\"") && delimiter.contains(['\\', '$', '`']);
        if self.pos == start || odd {
            return Err(trouble("a here-document with an odd delimiter", start));
        }
        let number = self.bodies.len();
        self.bodies.push(None);
        self.awaited.push(Awaited { delimiter, quoted, strip_tabs, number });
        Ok(RedirectKind::Heredoc(Word { parts: Vec::new(), span: Span::new(number, number) }))
    }

    /// At a line break: goes past it and past the bodies that were awaited.
    pub(super) fn line_break(&mut self) -> Read<()> {
        self.pos += 1;
        for awaited in std::mem::take(&mut self.awaited) {
            let word = self.heredoc_body(&awaited)?;
            self.bodies[awaited.number] = Some(word);
        }
        Ok(())
    }

    fn heredoc_body(&mut self, awaited: &Awaited) -> Read<Word> {
        let start = self.pos;
        let mut tabs = false;
        let mut continued = false;
        let end = loop {
            if self.pos >= self.end {
                // The shell takes the end of the script for the delimiter, with a warning; in a
                // substitution shells differ.
                if self.end < self.bytes.len() || self.map.is_some() || self.depth > 0 {
                    return Err(trouble("a here-document without its end", start));
                }
                break self.pos;
            }
            let line_end = self.find(b'\n', self.pos).unwrap_or(self.end);
            let line = &self.text[self.pos..line_end];
            let stripped = if awaited.strip_tabs { line.trim_start_matches('\t') } else { line };
            tabs |= stripped.len() < line.len();
            let begin = self.pos;
            self.pos = (line_end + 1).min(self.end);
            if !continued && stripped == awaited.delimiter {
                break begin;
            }
            let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
            continued = !awaited.quoted && backslashes % 2 == 1;
        };
        let after = self.pos;
        let word = if tabs {
            let mut text = String::with_capacity(end - start);
            let mut map = Vec::with_capacity(end - start + 1);
            let mut at = start;
            for line in self.text[start..end].split_inclusive('\n') {
                let stripped = line.trim_start_matches('\t');
                let from = at + line.len() - stripped.len();
                text.push_str(stripped);
                map.extend((from..from + stripped.len()).map(|at| self.outer(at)));
                at += line.len();
            }
            map.push(self.outer(end));
            match awaited.quoted {
                true => literal(&text),
                false => {
                    self.within(&text, Some(&map), 0..text.len(), |reader| reader.word(Ground::Heredoc))?
                }
            }
        } else if awaited.quoted {
            literal(&self.text[start..end])
        } else {
            self.within(self.text, self.map, start..end, |reader| reader.word(Ground::Heredoc))?
        };
        self.pos = after;
        Ok(Word { span: self.span(start, end), ..word })
    }

    /// Puts the bodies that were read on this level into its statements.
    pub(super) fn place_bodies(&mut self, body: &mut [Stmt]) -> Read<()> {
        if !self.awaited.is_empty() {
            return Err(trouble("a here-document without its body", self.pos));
        }
        let mut bodies = std::mem::take(&mut self.bodies);
        if !bodies.is_empty() {
            place_all(body, &mut bodies);
        }
        Ok(())
    }

    /// The same at the end of a text, where a body that has not come is empty.
    pub(super) fn close_bodies(&mut self, body: &mut [Stmt]) -> Read<()> {
        self.awaited.clear();
        self.place_bodies(body)
    }
}

fn literal(text: &str) -> Word {
    Word { parts: vec![Part::Literal { text: text.to_owned(), quoted: true }], span: Span::default() }
}

fn place_all(statements: &mut [Stmt], bodies: &mut [Option<Word>]) {
    for statement in statements {
        place(statement, bodies);
    }
}

fn place(statement: &mut Stmt, bodies: &mut [Option<Word>]) {
    for redirect in &mut statement.redirects {
        if let RedirectKind::Heredoc(word) = &mut redirect.kind {
            *word = bodies.get_mut(word.span.start).and_then(Option::take).unwrap_or_default();
        }
    }
    match &mut statement.command {
        Command::Simple(_) | Command::Test(_) | Command::Arithmetic(_) | Command::Time(None) => {}
        Command::Pipeline(list) | Command::Group(list) | Command::Subshell(list) => place_all(list, bodies),
        Command::And(left, right) | Command::Or(left, right) => {
            place(left, bodies);
            place(right, bodies);
        }
        Command::If { branches, otherwise } => {
            for (condition, body) in branches {
                place_all(condition, bodies);
                place_all(body, bodies);
            }
            place_all(otherwise.as_deref_mut().unwrap_or_default(), bodies);
        }
        Command::While { condition, body } => {
            place_all(condition, bodies);
            place_all(body, bodies);
        }
        Command::For { body, .. } | Command::ArithmeticFor { body, .. } => place_all(body, bodies),
        Command::Case { arms, .. } => {
            for arm in arms {
                place_all(&mut arm.body, bodies);
            }
        }
        Command::Function { body, .. } | Command::AnonymousFunction { body, .. } => place(body, bodies),
        Command::Time(Some(inner)) | Command::Coproc { body: inner, .. } => place(inner, bodies),
    }
}
