//! Source text to a [`Script`]: a strict reader of the shell's grammar.
//!
//! It follows bash, with zsh's and dash's forms where they differ, and reads every byte on
//! purpose: what it does not understand to the letter is refused, never skipped, so that a tree
//! that it gives has no room for a command that it does not show. Source that it refuses is
//! [`Proof::Unprovable`], and its body is what could be read together with whatever
//! [`super::tokens`] finds. The tests hold its trees against bash's own.

mod ansi;
mod assignments;
mod commands;
mod compounds;
mod expansions;
mod heredocs;
mod loops;
mod redirects;
mod words;

#[cfg(test)]
mod flat;
#[cfg(test)]
mod tests;

pub(super) use ansi::decode_ansi;

pub use redirects::is_descriptor;

use std::ops::Range;

use super::{Dialect, Proof, Script, Stmt, Word, tokens, verify};
use crate::model::{SYNTAX_ERROR, Span};

/// Source longer than this is not read at all.
pub const LONGEST: usize = 4 << 20;

/// How deep constructs may nest. It bounds the stack of this reader and of all who walk its tree.
const DEEPEST: usize = 100;

/// How often the reader may go back and try another reading; each costs time once more.
const RETRIES: usize = 40;

/// Parses `source`. It never fails: see [`Proof`].
pub fn parse(source: &str, dialect: Dialect) -> Script {
    if source.len() > LONGEST {
        return unprovable(Vec::new(), "too long to be read", Span::new(0, source.len()));
    }
    if let Some(at) = source.bytes().position(|byte| byte == 0) {
        return unprovable(tokens::commands(source, 0, None), "a NUL character", Span::new(at, at + 1));
    }
    let mut reader = Reader::new(source, dialect);
    match reader.script() {
        Ok(()) if verify::is_plain(source, dialect) => Script { body: reader.body, proof: Proof::Proved },
        Ok(()) => match verify::hidden(source, dialect, &reader.body) {
            None => Script { body: reader.body, proof: Proof::Proved },
            Some(span) => {
                reader.body.extend(tokens::commands(source, 0, None));
                unprovable(reader.body, "two parsers disagree on what it runs", span)
            }
        },
        Err(Trouble { why, at, doubt }) => {
            let from = reader.begun;
            reader.body.extend(tokens::commands(source, from, doubt.then_some(at)));
            unprovable(reader.body, &format!("{SYNTAX_ERROR}{why}"), Span::new(at, source.len()))
        }
    }
}

fn unprovable(body: Vec<Stmt>, why: &str, span: Span) -> Script {
    Script { body, proof: Proof::Unprovable { why: why.to_owned(), span } }
}

/// What could not be read.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    why: &'static str,
    at: usize,
    /// What is text here may be code in another reading.
    doubt: bool,
}

type Read<T> = Result<T, Trouble>;

fn trouble(why: &'static str, at: usize) -> Trouble {
    Trouble { why, at, doubt: false }
}

fn doubt(why: &'static str, at: usize) -> Trouble {
    Trouble { why, at, doubt: true }
}

/// Reads one text, which may be a stretch of the source or a stretch with escapes removed.
struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    end: usize,
    /// Where the bytes of `text` stand in the source, if that is another text; one more for its end.
    map: Option<&'a [usize]>,
    dialect: Dialect,
    depth: usize,
    depth_reached: bool,
    retries: usize,
    /// Here-documents whose bodies come after the next line break.
    awaited: Vec<heredocs::Awaited>,
    /// The bodies read on this level, by number.
    bodies: Vec<Option<Word>>,
    /// The second of two quotes that are plain text.
    paired: usize,
    /// zsh: open `{ … }`, in which a lone `}` ends a command.
    braces: usize,
    /// The statements of the outermost list, as far as read.
    body: Vec<Stmt>,
    /// Where the last of them that was begun starts.
    begun: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, dialect: Dialect) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            end: text.len(),
            map: None,
            dialect,
            depth: 0,
            depth_reached: false,
            retries: RETRIES,
            awaited: Vec::new(),
            bodies: Vec::new(),
            paired: 0,
            braces: 0,
            body: Vec::new(),
            begun: 0,
        }
    }

    /// Reads another text, or a part of this one, as a script of its own.
    fn within<T>(
        &mut self,
        text: &str,
        map: Option<&[usize]>,
        range: Range<usize>,
        read: impl FnOnce(&mut Reader<'_>) -> Read<T>,
    ) -> Read<T> {
        let mut inner = Reader::new(text, self.dialect);
        (inner.pos, inner.end) = (range.start, range.end);
        inner.map = map;
        inner.depth = self.depth;
        inner.retries = self.retries;
        let result = inner.deeper(read);
        self.depth_reached |= inner.depth_reached;
        self.retries = inner.retries;
        result.map_err(|trouble| Trouble { at: inner.outer(trouble.at), ..trouble })
    }

    /// Where a byte of this text stands in the source.
    fn outer(&self, at: usize) -> usize {
        self.map.map_or(at, |map| map[at.min(map.len() - 1)])
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.outer(start), self.outer(end))
    }

    /// The byte here, or 0 at the end.
    fn peek(&self) -> u8 {
        self.at(0)
    }

    /// The byte `ahead` of here, or 0 past the end.
    fn at(&self, ahead: usize) -> u8 {
        match self.pos + ahead {
            at if at < self.end => self.bytes[at],
            _ => 0,
        }
    }

    fn find(&self, byte: u8, from: usize) -> Option<usize> {
        self.bytes[from.min(self.end)..self.end].iter().position(|b| *b == byte).map(|at| from + at)
    }

    fn expect(&mut self, byte: u8, why: &'static str, at: usize) -> Read<()> {
        if self.peek() == byte {
            self.pos += 1;
            return Ok(());
        }
        // What stands in the way says more, where something does.
        Err(if self.pos >= self.end { trouble(why, at) } else { trouble("unexpected text", self.pos) })
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            self.depth_reached = true;
            return Err(trouble("too deeply nested", self.pos));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// The outermost list.
    fn script(&mut self) -> Read<()> {
        let mut body = Vec::new();
        let result = self.statements(&mut body, true);
        let placed = self.close_bodies(&mut body);
        self.body = body;
        result.and(placed)?;
        match self.pos < self.end {
            true => Err(trouble("unexpected text", self.pos)),
            false => Ok(()),
        }
    }

    /// All of a text that is no outermost one: what stands between backticks.
    fn whole(&mut self) -> Read<Vec<Stmt>> {
        let mut body = self.list()?;
        self.close_bodies(&mut body)?;
        match self.pos < self.end {
            true => Err(trouble("unexpected text", self.pos)),
            false => Ok(body),
        }
    }
}
