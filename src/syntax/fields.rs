//! From the expanded stretches of a word to arguments: field splitting, and which characters are
//! active patterns.

use crate::model::{Hole, Piece, Shape, Text};

/// A stretch of a word whose parameters and substitutions are expanded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    /// Characters.
    Chars(String, Origin),
    /// An unknown stretch or a pattern that a variable holds. `many`: its word may be any number
    /// of arguments.
    Piece { piece: Piece, many: bool },
    /// Quotes stood here: the argument exists, even if it is empty.
    Quotes,
    /// The word may be any number of arguments.
    Many,
    /// The argument ends here: between the elements of `"$@"`.
    Break,
}

impl Atom {
    /// Whether it is split into fields.
    pub(super) fn is_split(&self) -> bool {
        matches!(self, Atom::Chars(_, Origin::Split | Origin::SplitOnly))
    }
}

/// Where characters come from, and so what they may still become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Quotes: they stand for themselves.
    Quoted,
    /// The source: patterns are active.
    Literal,
    /// An expansion: patterns are active, and it is split.
    Split,
    /// A zsh substitution: split, but no pattern.
    SplitOnly,
}

/// What characters divide fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Separators {
    /// These.
    Known(String),
    /// Any: `IFS` is not known.
    Unknown,
}

/// Which patterns are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patterns {
    /// None.
    None,
    /// Those of pathnames: a bracket holds no slash.
    Paths,
    /// Those of `case` and `${x#p}`.
    Matching,
}

/// Splits a word's stretches into arguments.
pub(super) fn split(atoms: Vec<Atom>, separators: &Separators, patterns: Patterns, zsh: bool) -> Vec<Text> {
    let whole = |atom: &Atom| match atom {
        Atom::Break => false,
        Atom::Chars(text, _) => !text.is_empty() && !atom.is_split(),
        Atom::Piece { .. } | Atom::Quotes | Atom::Many => true,
    };
    if !atoms.is_empty() && atoms.iter().all(whole) {
        return vec![activate(atoms, patterns, zsh)];
    }
    let mut splitter = Splitter { done: Vec::new(), current: None, behind_blank: false };
    for atom in atoms {
        match atom {
            Atom::Break => splitter.end(),
            Atom::Chars(text, origin @ (Origin::Split | Origin::SplitOnly)) => match separators {
                Separators::Known(separators) => splitter.split(&text, origin, separators),
                Separators::Unknown => splitter.field().push(Atom::Piece {
                    piece: Piece::Hole(Hole { label: text, shape: Shape::Any }),
                    many: true,
                }),
            },
            atom => {
                splitter.behind_blank = false;
                if !matches!(&atom, Atom::Chars(text, _) if text.is_empty()) {
                    splitter.field().push(atom);
                }
            }
        }
    }
    splitter.end();
    splitter.done.into_iter().map(|atoms| activate(atoms, patterns, zsh)).collect()
}

struct Splitter {
    done: Vec<Vec<Atom>>,
    current: Option<Vec<Atom>>,
    /// A blank ended the last field: one other separator behind it belongs to the same gap.
    behind_blank: bool,
}

impl Splitter {
    fn field(&mut self) -> &mut Vec<Atom> {
        self.current.get_or_insert_default()
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
        self.behind_blank = false;
    }

    fn split(&mut self, text: &str, origin: Origin, separators: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let at = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
            if at > 0 {
                self.behind_blank = false;
                self.field().push(Atom::Chars(rest[..at].to_owned(), origin));
            }
            let Some(separator) = rest[at..].chars().next() else {
                return;
            };
            rest = &rest[at + separator.len_utf8()..];
            match self.current.take() {
                Some(field) => {
                    self.done.push(field);
                    self.behind_blank = is_blank(separator);
                }
                None if is_blank(separator) => {}
                None if self.behind_blank => self.behind_blank = false,
                None => self.done.push(vec![Atom::Quotes]),
            }
        }
    }
}

/// Whether a separator is one of those that count once, however many there are.
pub(super) fn is_blank(separator: char) -> bool {
    matches!(separator, ' ' | '\t' | '\n')
}

/// One argument's text; its active patterns become [`Piece::Glob`].
pub(super) fn activate(atoms: Vec<Atom>, patterns: Patterns, zsh: bool) -> Text {
    let active = |origin| patterns != Patterns::None && matches!(origin, Origin::Literal | Origin::Split);
    let special = |text: &str| text.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'('));
    // One of a value quotes what is behind it.
    let escapes = |text: &str, origin: Origin| {
        patterns == Patterns::Matching && origin == Origin::Split && text.contains('\\')
    };
    let any = atoms.iter().any(|atom| match atom {
        Atom::Chars(text, origin) => active(*origin) && special(text) || escapes(text, *origin),
        _ => false,
    });
    let mut text = Text::default();
    let mut many = false;
    if any {
        let mut cells = Vec::new();
        for atom in atoms {
            match atom {
                Atom::Chars(text, origin) => {
                    let state = match origin {
                        Origin::Literal if active(origin) => State::Active,
                        Origin::Split if active(origin) => State::Value,
                        _ => State::Plain,
                    };
                    cells.extend(text.chars().map(|c| Cell::Char(c, state)));
                }
                Atom::Piece { piece, many: more } => {
                    many |= more;
                    cells.push(Cell::Piece(piece));
                }
                Atom::Many => many = true,
                Atom::Quotes | Atom::Break => {}
            }
        }
        // `notes(N)`, `*(.)`: what these let stand is some of what the rest names.
        if zsh && patterns == Patterns::Paths {
            cells.truncate(before_qualifiers(&cells));
        }
        Scanner::new(&cells, patterns, zsh).scan(&mut text);
    } else {
        for atom in atoms {
            match atom {
                Atom::Chars(chars, _) => text.push_str(&chars),
                Atom::Piece { piece, many: more } => {
                    many |= more;
                    text.push(piece);
                }
                Atom::Many => many = true,
                Atom::Quotes | Atom::Break => {}
            }
        }
    }
    if text.pieces().is_empty() {
        text.push_str("");
    }
    if many { text.into_many() } else { text }
}

/// Where zsh's qualifiers begin behind a word, or its end.
fn before_qualifiers(cells: &[Cell]) -> usize {
    let ends = matches!(cells.last(), Some(Cell::Char(')', State::Active)));
    let open = cells.iter().rposition(|cell| matches!(cell, Cell::Char('(', State::Active)));
    let Some(open) = open.filter(|open| ends && *open > 0) else {
        return cells.len();
    };
    let chooses = cells[open..].iter().any(|cell| matches!(cell, Cell::Char('|' | '~', _)));
    if chooses { cells.len() } else { open }
}

enum Cell {
    Char(char, State),
    Piece(Piece),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// From the source: groups are active too.
    Active,
    /// From a value: no groups, since those need `extglob` there.
    Value,
}

struct Scanner<'c> {
    cells: &'c [Cell],
    patterns: Patterns,
    zsh: bool,
    /// Where the group that opens at an index ends.
    closes: Vec<usize>,
    /// No bracket that opens before this index is closed.
    unclosed: usize,
}

impl<'c> Scanner<'c> {
    fn new(cells: &'c [Cell], patterns: Patterns, zsh: bool) -> Self {
        let mut closes = Vec::new();
        if cells.iter().any(|cell| matches!(cell, Cell::Char('(', State::Active))) {
            closes = vec![0; cells.len()];
            let mut open = Vec::new();
            for (i, cell) in cells.iter().enumerate() {
                match cell {
                    Cell::Char('(', State::Active) => open.push(i),
                    Cell::Char(')', State::Active) => {
                        if let Some(start) = open.pop() {
                            closes[start] = i;
                        }
                    }
                    _ => {}
                }
            }
        }
        Scanner { cells, patterns, zsh, closes, unclosed: 0 }
    }

    fn active(&self, i: usize) -> Option<char> {
        match self.cells.get(i)? {
            Cell::Char(c, State::Active | State::Value) => Some(*c),
            _ => None,
        }
    }

    fn char(&self, i: usize) -> Option<char> {
        match self.cells.get(i)? {
            Cell::Char(c, _) => Some(*c),
            Cell::Piece(_) => None,
        }
    }

    fn group_end(&self, open: usize) -> Option<usize> {
        self.closes.get(open).copied().filter(|end| *end > 0)
    }

    /// The index behind the pattern that starts at `i`.
    fn pattern_end(&mut self, i: usize) -> Option<usize> {
        let c = self.active(i)?;
        if "?*+@!".contains(c)
            && let Some(end) = self.group_end(i + 1)
        {
            return Some(end + 1);
        }
        match c {
            '*' | '?' => Some(i + 1),
            '[' => self.bracket_end(i),
            '(' if self.zsh => self.group_end(i).map(|end| end + 1),
            _ => None,
        }
    }

    fn bracket_end(&mut self, open: usize) -> Option<usize> {
        if open < self.unclosed {
            return None;
        }
        let mut i = open + 1;
        if matches!(self.active(i), Some('!' | '^')) {
            i += 1;
        }
        let first = i;
        while i < self.cells.len() {
            match (self.char(i), self.active(i)) {
                (_, Some(']')) if i > first => return Some(i + 1),
                (Some('/'), _) if self.patterns == Patterns::Paths => break,
                (_, Some('[')) => i = self.class_end(i).unwrap_or(i + 1),
                _ => i += 1,
            }
        }
        self.unclosed = i;
        None
    }

    /// The index behind `[:alpha:]`, `[.x.]`, `[=x=]` inside a bracket.
    fn class_end(&self, i: usize) -> Option<usize> {
        const LONGEST: usize = 16;
        let kind = self.active(i + 1).filter(|c| ":.=".contains(*c))?;
        (i + 2..i + LONGEST)
            .find(|j| self.active(*j) == Some(kind) && self.active(j + 1) == Some(']'))
            .map(|j| j + 2)
    }

    fn scan(&mut self, out: &mut Text) {
        let mut i = 0;
        let mut glob = String::new();
        while i < self.cells.len() {
            if let Some(end) = self.pattern_end(i) {
                let holes = self.cells[i..end].iter().any(|c| matches!(c, Cell::Piece(_)));
                let written = self.written(i, end);
                if holes {
                    flush(&mut glob, out);
                    out.push(Piece::Hole(Hole { label: written, shape: Shape::Any }));
                } else {
                    glob.push_str(&written);
                }
                i = end;
                continue;
            }
            flush(&mut glob, out);
            i += usize::from(self.escapes(i));
            match &self.cells[i] {
                Cell::Char(c, _) => out.push_str(c.encode_utf8(&mut [0; 4])),
                Cell::Piece(piece) => out.push(piece.clone()),
            }
            i += 1;
        }
        flush(&mut glob, out);
    }

    /// Whether a value's backslash quotes what is behind it.
    fn escapes(&self, i: usize) -> bool {
        let is_mark = matches!(self.cells[i], Cell::Char('\\', State::Value));
        is_mark
            && self.patterns == Patterns::Matching
            && matches!(self.cells.get(i + 1), Some(Cell::Char(..)))
    }

    /// A pattern as it would be written: what is quoted in it stands behind a backslash.
    fn written(&self, start: usize, end: usize) -> String {
        let mut out = String::new();
        for cell in &self.cells[start..end] {
            match cell {
                Cell::Char(c, state) => {
                    if *state == State::Plain && !c.is_alphanumeric() {
                        out.push('\\');
                    }
                    out.push(*c);
                }
                Cell::Piece(Piece::Hole(hole)) => out.push_str(&hole.label),
                Cell::Piece(Piece::Known(text) | Piece::Glob(text)) => out.push_str(text),
            }
        }
        out
    }
}

fn flush(glob: &mut String, out: &mut Text) {
    if !glob.is_empty() {
        out.push(Piece::Glob(std::mem::take(glob)));
    }
}
