//! Words: quotes, escapes and the stretches between them, on every ground that has rules of its own.

use super::ansi::decode_ansi;
use super::{Read, Reader, doubt, trouble};
use crate::model::{Span, bytes};
use crate::syntax::{Dialect, Part, Word};

/// Where a stretch of text stands: that decides what is active in it and what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// A word of a command.
    Command,
    /// The same right of `=~`.
    Regex,
    /// Between double quotes.
    Quoted,
    /// An expanding here-document.
    Heredoc,
    /// `(a|b)` of a pattern.
    Group,
    /// The word in `${x-word}`.
    Operand {
        /// Inside double quotes, and no pattern: quotes lose their meaning there.
        quoted: bool,
        /// A `/` ends it too.
        slash: bool,
    },
    /// An expression that ends with one of these.
    Arithmetic(&'static [u8]),
    /// `[…]` after a name.
    Subscript,
}

impl Ground {
    /// Whether text on it counts as quoted.
    fn quoted(self) -> bool {
        matches!(self, Ground::Quoted | Ground::Heredoc | Ground::Operand { quoted: true, .. })
    }
}

/// Collects the parts of a word and joins neighbours.
#[derive(Default)]
pub(super) struct Builder {
    parts: Vec<Part>,
}

impl Builder {
    pub(super) fn text(&mut self, more: &str, quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Literal { text, quoted: last }) if *last == quoted => text.push_str(more),
            _ => self.push(Part::Literal { text: more.to_owned(), quoted }),
        }
    }

    pub(super) fn push(&mut self, part: Part) {
        first_alone(&mut self.parts);
        self.parts.push(part);
    }

    pub(super) fn finish(self, span: Span) -> Word {
        Word { parts: self.parts, span }
    }

    /// Whether the last byte was unquoted and is one of these.
    fn ends_with(&self, any: &[u8]) -> bool {
        matches!(self.parts.last(), Some(Part::Literal { text, quoted: false })
            if text.as_bytes().last().is_some_and(|last| any.contains(last)))
    }
}

/// Makes room for the first of a list that seldom has a second: a list by itself takes room for
/// four, and a tree of such lists is most of what a long script needs.
pub(super) fn first_alone<T>(list: &mut Vec<T>) {
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
}

/// Bytes that mean something on some ground; all others are plain text everywhere.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b" \t\n\\'\"`$<>(){}[];&|/:?";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};

impl Reader<'_> {
    /// Reads one word; it may be empty if an end stands right here.
    pub(super) fn word(&mut self, ground: Ground) -> Read<Word> {
        let start = self.pos;
        let mut builder = Builder::default();
        self.stretch(ground, &mut builder)?;
        if !self.awaited.is_empty()
            && matches!(ground, Ground::Command | Ground::Regex)
            && self.text[start..self.pos].contains('\n')
        {
            return Err(trouble("a line break in a word after a here-document operator", start));
        }
        Ok(Word { parts: builder.parts, span: self.span(start, self.pos) })
    }

    /// Reads up to what ends this ground and leaves that unread.
    pub(super) fn stretch(&mut self, ground: Ground, builder: &mut Builder) -> Read<()> {
        // Open brackets of the kind that would end this ground.
        let mut open = 0usize;
        let begin = self.pos;
        loop {
            let from = self.pos;
            while self.pos < self.end && !SPECIAL[usize::from(self.bytes[self.pos])] {
                self.pos += 1;
            }
            if self.pos > from {
                builder.text(&self.text[from..self.pos], ground.quoted());
            }
            if self.pos >= self.end {
                return Ok(());
            }
            let byte = self.bytes[self.pos];
            match byte {
                b'\\' => self.escape(ground, builder)?,
                b'$' => self.dollar(ground, builder)?,
                b'`' => self.backtick(ground, builder)?,
                b'"' => match ground {
                    Ground::Quoted => return Ok(()),
                    Ground::Heredoc => self.plain(ground, builder),
                    _ => self.double_quotes(builder)?,
                },
                b'\'' => match ground {
                    Ground::Quoted | Ground::Heredoc => self.plain(ground, builder),
                    Ground::Operand { quoted: true, .. } => self.literal_quote(false, builder)?,
                    Ground::Arithmetic(_) => self.literal_quote(true, builder)?,
                    Ground::Subscript => {
                        let from = self.pos;
                        self.single_quotes(builder)?;
                        // An indexed array's subscript is expanded once more.
                        if self.bytes[from..self.pos].iter().any(|b| b"$`".contains(b)) {
                            return Err(doubt("a quoted expansion in a subscript", from));
                        }
                    }
                    _ => self.single_quotes(builder)?,
                },
                _ => match self.bracket(ground, byte, begin, &mut open, builder)? {
                    Next::Text => self.plain(ground, builder),
                    Next::Read => {}
                    Next::End => return Ok(()),
                },
            }
        }
    }

    /// What an unquoted delimiter or bracket means on this ground.
    fn bracket(
        &mut self,
        ground: Ground,
        byte: u8,
        begin: usize,
        open: &mut usize,
        builder: &mut Builder,
    ) -> Read<Next> {
        let process = matches!(byte, b'<' | b'>') && self.at(1) == b'(';
        let zsh = self.dialect == Dialect::Zsh;
        Ok(match ground {
            Ground::Quoted | Ground::Heredoc => Next::Text,
            Ground::Command => match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => Next::End,
                b'<' | b'>' if process => {
                    self.process(builder)?;
                    Next::Read
                }
                b'<' if zsh && self.is_numeric_glob() => Next::Text,
                b'>' if zsh && builder.ends_with(b"0123456789-") && self.closes_numeric_glob(begin) => {
                    Next::Text
                }
                b'<' | b'>' => Next::End,
                b'(' if zsh && self.pos == begin + 1 && builder.ends_with(b"=") => {
                    self.process(builder)?;
                    Next::Read
                }
                b'(' if builder.ends_with(b"?*+@!") && !(zsh && self.at(1) == b')') => {
                    self.pattern_group(builder)?;
                    Next::Read
                }
                b'(' if zsh && self.at(1) != b')' => {
                    self.pattern_group(builder)?;
                    Next::Read
                }
                b'(' => Next::End,
                _ => Next::Text,
            },
            Ground::Regex => match byte {
                b'(' => {
                    *open += 1;
                    Next::Text
                }
                b')' if *open == 0 => Next::End,
                b')' => {
                    *open -= 1;
                    Next::Text
                }
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'<' | b'>' if *open == 0 => Next::End,
                _ => Next::Text,
            },
            Ground::Group => match byte {
                b'(' => {
                    *open += 1;
                    Next::Text
                }
                b')' if *open == 0 => Next::End,
                b')' => {
                    *open -= 1;
                    Next::Text
                }
                b'<' | b'>' if process => {
                    self.process(builder)?;
                    Next::Read
                }
                _ => Next::Text,
            },
            Ground::Operand { quoted, slash } => match byte {
                b'}' => Next::End,
                b'/' if slash => Next::End,
                b'{' if zsh => return Err(trouble("a brace in a parameter expansion", self.pos)),
                b'<' | b'>' if process && !quoted => {
                    self.process(builder)?;
                    Next::Read
                }
                _ => Next::Text,
            },
            Ground::Arithmetic(ends) => match byte {
                b'}' if ends.contains(&b'}') => Next::End,
                b']' if ends == b"]" && *open > 0 => {
                    *open -= 1;
                    Next::Text
                }
                b'[' if ends == b"]" => {
                    *open += 1;
                    Next::Text
                }
                b'(' if ends != b"]" => {
                    *open += 1;
                    Next::Text
                }
                b')' if ends != b"]" && *open > 0 => {
                    *open -= 1;
                    Next::Text
                }
                b'?' if ends.contains(&b':') => {
                    *open += 1;
                    Next::Text
                }
                b':' if ends.contains(&b':') && *open > 0 => {
                    *open -= 1;
                    Next::Text
                }
                _ if *open == 0 && ends.contains(&byte) => Next::End,
                _ => Next::Text,
            },
            Ground::Subscript => match byte {
                b'[' => {
                    *open += 1;
                    Next::Text
                }
                b']' if *open == 0 => Next::End,
                b']' => {
                    *open -= 1;
                    Next::Text
                }
                _ => Next::Text,
            },
        })
    }

    fn plain(&mut self, ground: Ground, builder: &mut Builder) {
        let from = self.pos;
        self.pos += 1;
        builder.text(&self.text[from..self.pos], ground.quoted());
    }

    /// The character at `pos`; what follows a backslash may be of several bytes.
    fn character(&self) -> Option<char> {
        self.text[self.pos..self.end].chars().next()
    }

    fn escape(&mut self, ground: Ground, builder: &mut Builder) -> Read<()> {
        let next = self.at(1);
        if next == b'\n' && self.pos + 1 < self.end {
            self.pos += 2;
            return Ok(());
        }
        if matches!(next, b'$' | b'`') && matches!(ground, Ground::Subscript | Ground::Arithmetic(_)) {
            return Err(doubt("an escaped expansion in an expression", self.pos));
        }
        let active = match ground {
            Ground::Quoted => matches!(next, b'$' | b'`' | b'"' | b'\\'),
            Ground::Heredoc => matches!(next, b'$' | b'`' | b'\\'),
            Ground::Operand { quoted: true, .. } => {
                matches!(next, b'$' | b'`' | b'"' | b'\\' | b'}')
            }
            _ => true,
        };
        self.pos += 1;
        match self.character().filter(|_| active) {
            Some(next) => {
                self.pos += next.len_utf8();
                builder.text(next.encode_utf8(&mut [0; 4]), true);
            }
            None => builder.text("\\", true),
        }
        Ok(())
    }

    fn single_quotes(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.pos + 1;
        match self.find(b'\'', start) {
            Some(end) => {
                builder.text(&self.text[start..end], true);
                self.pos = end + 1;
                Ok(())
            }
            None => Err(trouble("an unclosed quote", self.pos)),
        }
    }

    /// A single quote where it is plain text. bash yet counts such quotes in pairs when it looks
    /// for the end, so that no end may stand between them.
    fn literal_quote(&mut self, arithmetic: bool, builder: &mut Builder) -> Read<()> {
        let quote = self.pos;
        self.pos += 1;
        builder.text("'", !arithmetic);
        if self.paired == quote {
            return Ok(());
        }
        let paired = self.find(b'\'', self.pos);
        let between = match paired {
            Some(end) => &self.bytes[self.pos..end],
            None if self.dialect == Dialect::Bash || arithmetic => {
                return Err(trouble("an unclosed quote", quote));
            }
            None => return Ok(()),
        };
        let ambiguous: &[u8] = if arithmetic { b"$`\\()[]\"" } else { b"}\"" };
        if between.iter().any(|byte| ambiguous.contains(byte)) {
            if self.dialect == Dialect::Posix && !arithmetic {
                return Ok(());
            }
            return Err(doubt("a quote inside a quoted expansion", quote));
        }
        if arithmetic {
            let end = self.pos + between.len() + 1;
            builder.text(&self.text[self.pos..end], false);
            self.pos = end;
        } else {
            self.paired = self.pos + between.len();
        }
        Ok(())
    }

    pub(super) fn double_quotes(&mut self, builder: &mut Builder) -> Read<()> {
        let quote = self.pos;
        self.pos += 1;
        builder.text("", true);
        let before = builder.parts.len();
        self.deeper(|reader| reader.stretch(Ground::Quoted, builder))?;
        if self.peek() != b'"' {
            return Err(trouble("an unclosed quote", quote));
        }
        self.pos += 1;
        // `"$x"` needs no empty stretch in front of it.
        if builder.parts.len() > before
            && matches!(&builder.parts[before - 1], Part::Literal { text, .. } if text.is_empty())
        {
            builder.parts.remove(before - 1);
        }
        Ok(())
    }

    /// `$'…'`, from the quote on.
    pub(super) fn ansi_quotes(&mut self, builder: &mut Builder) -> Read<()> {
        let quote = self.pos;
        let mut end = quote + 1;
        while end < self.end && self.bytes[end] != b'\'' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= self.end {
            return Err(trouble("an unclosed quote", quote));
        }
        let decoded = decode_ansi(&bytes::raw(&self.text[quote + 1..end]));
        self.pos = end + 1;
        builder.text(&bytes::text(&decoded), true);
        Ok(())
    }

    /// `(…)` in a pattern, kept as unquoted text with what is expanded in it.
    fn pattern_group(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.pos;
        self.pos += 1;
        builder.text("(", false);
        self.deeper(|reader| reader.stretch(Ground::Group, builder))?;
        if self.peek() != b')' {
            return Err(trouble("an unclosed parenthesis", start));
        }
        self.pos += 1;
        builder.text(")", false);
        if self.dialect == Dialect::Zsh && runs_code(&self.bytes[start + 1..self.pos - 1]) {
            builder.push(Part::Unknown {
                words: Vec::new(),
                quoted: false,
                span: self.span(start, self.pos),
                code: true,
            });
        }
        Ok(())
    }

    /// zsh `<1-9>`, at its `<`.
    pub(super) fn is_numeric_glob(&self) -> bool {
        let rest = &self.bytes[self.pos + 1..self.end];
        let length = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
        rest.get(length) == Some(&b'>') && rest[..length].iter().filter(|b| **b == b'-').count() == 1
    }

    fn closes_numeric_glob(&self, begin: usize) -> bool {
        let before = &self.bytes[begin..self.pos];
        let length = before.iter().rev().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
        length > 0 && before.len() > length && before[before.len() - length - 1] == b'<'
    }
}

enum Next {
    /// Plain text here.
    Text,
    /// It has been read.
    Read,
    /// It ends the stretch.
    End,
}

/// Whether zsh glob qualifiers hold code: `(e:cmd:)`, `(+cmd)`.
fn runs_code(qualifiers: &[u8]) -> bool {
    qualifiers.first() == Some(&b'+')
        || qualifiers
            .windows(2)
            .any(|pair| matches!(pair[0], b'e' | b'+') && !pair[1].is_ascii_alphanumeric() && pair[1] != b'|')
}
