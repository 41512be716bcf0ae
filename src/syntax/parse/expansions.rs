//! What starts with `$`, a backtick or `<(` in a word.

use super::words::{Builder, Ground};
use super::{Read, Reader, doubt, trouble};
use crate::syntax::parameter::LETTERS;
use crate::syntax::{Arithmetic, Dialect, FILE, Parameter, ParameterOp, Part, Word};

impl<'a> Reader<'a> {
    /// At a `$`.
    pub(super) fn dollar(&mut self, ground: Ground, builder: &mut Builder) -> Read<()> {
        let start = self.pos;
        let quoted = is_quoted(ground);
        let next = self.at(1);
        match next {
            b'(' => {
                if self.at(2) == b'('
                    && let Some(expression) = self.double_parentheses(start + 3)?
                {
                    builder.push(Part::Arithmetic { expression, quoted, span: self.span(start, self.pos) });
                    return Ok(());
                }
                self.pos = start + 2;
                let body = self.nested(b")", "an unclosed `$(`", start)?;
                builder.push(Part::Command { body, quoted, span: self.span(start, self.pos) });
            }
            b'{' => return self.deeper(|reader| reader.braced(ground, builder)),
            b'[' => {
                self.pos += 2;
                let expression = self.deeper(|reader| reader.arithmetic(b"]"))?;
                let inside = &self.bytes[start + 2..self.pos];
                if self.dialect == Dialect::Posix && inside.iter().any(|b| b";&|<>\n".contains(b)) {
                    return Err(trouble("`$[` is no arithmetic in every sh", start));
                }
                self.expect(b']', "an unclosed `$[`", start)?;
                builder.push(Part::Arithmetic { expression, quoted, span: self.span(start, self.pos) });
            }
            b'\'' if !quoted && !matches!(ground, Ground::Arithmetic(_)) => {
                self.pos += 1;
                self.ansi_quotes(builder)?;
            }
            // A translated string; other shells than bash put a `$` in front.
            b'"' if !quoted => {
                self.pos += 1;
                if self.dialect != Dialect::Bash {
                    builder.text("$", true);
                }
                self.double_quotes(builder)?;
            }
            b'\\' if self.at(2) == b'\n' => {
                return Err(doubt("a line continuation after `$`", start));
            }
            _ if next == b'_' || next.is_ascii_alphabetic() => {
                self.pos += 1;
                let name = self.name();
                if self.peek() == b'\\' && self.at(1) == b'\n' {
                    return Err(doubt("a line continuation after a variable's name", start));
                }
                let subscript = match self.dialect {
                    Dialect::Zsh if self.peek() == b'[' => Some(self.subscript()?),
                    _ => None,
                };
                self.parameter(start, name, subscript, quoted, builder);
            }
            b'#' if self.dialect == Dialect::Zsh
                && (self.at(2) == b'_' || self.at(2).is_ascii_alphabetic()) =>
            {
                self.pos += 2;
                let name = self.name();
                let expansion = Parameter { name, subscript: None, indirect: false, op: ParameterOp::Length };
                builder.push(Part::Parameter {
                    expansion: Box::new(expansion),
                    quoted,
                    span: self.span(start, self.pos),
                });
            }
            b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-' => {
                self.pos += 2;
                self.parameter(start, char::from(next).to_string(), None, quoted, builder);
            }
            b'^' | b'=' | b'~' | b'+' if self.dialect == Dialect::Zsh => {
                self.pos += 1;
                while matches!(self.peek(), b'^' | b'=' | b'~' | b'+') {
                    self.pos += 1;
                }
                let name = self.name();
                if name.is_empty() && self.peek() == b'{' {
                    return Err(trouble("an expansion that cannot be read", start));
                }
                self.unknown(start, Vec::new(), quoted, false, builder);
            }
            _ => {
                self.pos += 1;
                builder.text("$", quoted);
            }
        }
        Ok(())
    }

    fn parameter(
        &mut self,
        start: usize,
        name: String,
        subscript: Option<Word>,
        quoted: bool,
        builder: &mut Builder,
    ) {
        let modifiers = if self.dialect == Dialect::Zsh { self.modifiers() } else { None };
        let op = modifiers.map_or(ParameterOp::Get, ParameterOp::Path);
        let expansion = Parameter { name, subscript, indirect: false, op };
        builder.push(Part::Parameter {
            expansion: Box::new(expansion),
            quoted,
            span: self.span(start, self.pos),
        });
    }

    fn unknown(&self, start: usize, words: Vec<Word>, quoted: bool, code: bool, builder: &mut Builder) {
        builder.push(Part::Unknown { words, quoted, span: self.span(start, self.pos), code });
    }

    /// Letters, digits and `_`; not a digit first. Empty where none stands here.
    pub(super) fn name(&mut self) -> String {
        let from = self.pos;
        self.pos += self.name_length();
        self.text[from..self.pos].to_owned()
    }

    /// The length of the name that stands here.
    pub(super) fn name_length(&self) -> usize {
        if self.peek().is_ascii_digit() {
            return 0;
        }
        let rest = &self.bytes[self.pos..self.end];
        rest.iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric()).count()
    }

    /// `[…]`, from the bracket on.
    pub(super) fn subscript(&mut self) -> Read<Word> {
        let start = self.pos;
        self.pos += 1;
        let word = self.deeper(|reader| reader.word(Ground::Subscript))?;
        self.expect(b']', "an unclosed subscript", start)?;
        Ok(word)
    }

    /// An expression up to one of `ends`, which stays unread.
    pub(super) fn arithmetic(&mut self, ends: &'static [u8]) -> Read<Arithmetic> {
        Ok(Arithmetic { word: self.word(Ground::Arithmetic(ends))? })
    }

    /// The inside of `((…))` from `from` on, and both closing parentheses; `None` where these
    /// parentheses are two subshells instead.
    pub(super) fn double_parentheses(&mut self, from: usize) -> Read<Option<Arithmetic>> {
        self.pos = from;
        // A doubt inside must not be settled by another reading of the whole.
        let expression = self.deeper(|reader| reader.arithmetic(b")"))?;
        if self.peek() == b')' && self.at(1) == b')' {
            self.pos += 2;
            return Ok(Some(expression));
        }
        if self.pos >= self.end {
            return Err(trouble("an unclosed parenthesis", from));
        }
        if self.retries == 0 {
            return Err(trouble("too many doubtful parentheses", from));
        }
        self.retries -= 1;
        Ok(None)
    }

    /// A list with here-documents of its own, up to and with `end`.
    pub(super) fn nested(
        &mut self,
        end: &'static [u8],
        why: &'static str,
        start: usize,
    ) -> Read<Vec<crate::syntax::Stmt>> {
        let awaited = std::mem::take(&mut self.awaited);
        let bodies = std::mem::take(&mut self.bodies);
        let braces = std::mem::take(&mut self.braces);
        let body = self.deeper(|reader| {
            let mut body = reader.list()?;
            reader.place_bodies(&mut body)?;
            Ok(body)
        });
        self.awaited = awaited;
        self.bodies = bodies;
        self.braces = braces;
        let body = body?;
        self.expect(end[0], why, start)?;
        Ok(body)
    }

    /// `<(…)`, `>(…)`, zsh `=(…)`; at the parenthesis for the last, whose `=` is text yet.
    pub(super) fn process(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.pos;
        let sign = self.peek();
        self.pos += if sign == b'(' { 1 } else { 2 };
        let body = self.nested(b")", "an unclosed process substitution", start)?;
        builder.push(Part::Process { body, readable: sign != b'>', span: self.span(start, self.pos) });
        Ok(())
    }

    /// At a backtick. The first unescaped one ends it, whatever else stands between.
    pub(super) fn backtick(&mut self, ground: Ground, builder: &mut Builder) -> Read<()> {
        let start = self.pos;
        let quoted = is_quoted(ground);
        let mut end = start + 1;
        let mut escaped = false;
        while end < self.end && self.bytes[end] != b'`' {
            escaped |= self.bytes[end] == b'\\';
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= self.end {
            return Err(trouble("an unclosed backtick", start));
        }
        let body = if escaped {
            let mut text = String::with_capacity(end - start);
            let mut map = Vec::with_capacity(end - start);
            let mut index = start + 1;
            while index < end {
                if self.bytes[index] == b'\\'
                    && (matches!(self.bytes[index + 1], b'`' | b'\\' | b'$')
                        || ground == Ground::Quoted && self.bytes[index + 1] == b'"')
                {
                    index += 1;
                }
                let width = self.text[index..end].chars().next().map_or(1, char::len_utf8);
                text.push_str(&self.text[index..index + width]);
                map.extend((index..index + width).map(|at| self.outer(at)));
                index += width;
            }
            map.push(self.outer(end));
            self.within(&text, Some(&map), 0..text.len(), |reader| reader.whole())?
        } else {
            self.within(self.text, self.map, start + 1..end, |reader| reader.whole())?
        };
        self.pos = end + 1;
        builder.push(Part::Command { body, quoted, span: self.span(start, self.pos) });
        Ok(())
    }

    /// At the `$` of `${`.
    fn braced(&mut self, ground: Ground, builder: &mut Builder) -> Read<()> {
        let start = self.pos;
        let quoted = is_quoted(ground);
        self.pos += 2;
        if matches!(self.peek(), b' ' | b'\t' | b'\n' | b'|') {
            if self.peek() == b'|' {
                self.pos += 1;
            }
            let body = self.nested(b"}", "an unclosed `${`", start)?;
            builder.push(Part::Command { body, quoted, span: self.span(start, self.pos) });
            return Ok(());
        }
        let inside = self.pos;
        if let Some((name, subscript, indirect, op)) = self.bourne(quoted)?
            && self.peek() == b'}'
        {
            self.pos += 1;
            let expansion = Parameter { name, subscript, indirect, op };
            builder.push(Part::Parameter {
                expansion: Box::new(expansion),
                quoted,
                span: self.span(start, self.pos),
            });
            return Ok(());
        }
        // Whatever else: its text is read for what is expanded in it.
        if self.retries == 0 {
            return Err(trouble("too many doubtful expansions", start));
        }
        self.retries -= usize::from(self.dialect != Dialect::Zsh);
        self.pos = inside;
        self.other_expansion(start, quoted, builder)
    }

    /// An expansion without a form of its own, from behind the `${` on.
    fn other_expansion(&mut self, start: usize, quoted: bool, builder: &mut Builder) -> Read<()> {
        let mut code = false;
        if self.dialect == Dialect::Zsh && self.peek() == b'(' {
            let flags = self.pos + 1;
            let Some(end) = self.find(b')', flags) else {
                return Err(trouble("an unclosed `${`", start));
            };
            code = self.bytes[flags..end].contains(&b'e');
            self.pos = end + 1;
        }
        let word = self.word(Ground::Operand { quoted, slash: false })?;
        self.expect(b'}', "an unclosed `${`", start)?;
        self.unknown(start, vec![word], quoted, code, builder);
        Ok(())
    }

    /// The inside of `${…}` where it is of the common kind; `None` where it is not.
    #[allow(clippy::type_complexity)]
    fn bourne(&mut self, quoted: bool) -> Read<Option<(String, Option<Word>, bool, ParameterOp)>> {
        if self.dialect == Dialect::Zsh
            && let Some(name) = self.file_read()
        {
            return Ok(self.operation(quoted)?.map(|op| (name, None, false, op)));
        }
        let special = |byte: u8| matches!(byte, b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-');
        let named = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        let next = self.at(1);
        let length = self.peek() == b'#' && (named(next) || special(next) && self.at(2) == b'}');
        let indirect = self.peek() == b'!'
            && (named(next) || special(next) && (self.at(2) == b'}' || !special(self.at(2)) && next != b'-'));
        if length || indirect {
            self.pos += 1;
        }
        let name = if self.peek().is_ascii_digit() {
            let from = self.pos;
            while self.peek().is_ascii_digit() {
                self.pos += 1;
            }
            self.text[from..self.pos].to_owned()
        } else if special(self.peek()) {
            self.pos += 1;
            char::from(self.bytes[self.pos - 1]).to_string()
        } else {
            self.name()
        };
        if name.is_empty() {
            return Ok(None);
        }
        let subscript = if self.peek() == b'[' { Some(self.subscript()?) } else { None };
        if length {
            return Ok(Some((name, subscript, false, ParameterOp::Length)));
        }
        if indirect {
            let all = subscript.as_ref().is_some_and(|word| {
                matches!(word.parts.as_slice(), [Part::Literal { text, .. }] if text == "@" || text == "*")
            });
            let prefix = matches!(self.peek(), b'*' | b'@') && self.at(1) == b'}';
            if prefix {
                self.pos += 1;
            }
            if prefix || all && self.peek() == b'}' {
                return Ok(Some((name, subscript, false, ParameterOp::Names)));
            }
        }
        Ok(self.operation(quoted)?.map(|op| (name, subscript, indirect, op)))
    }

    /// zsh: the modifiers of a path here (`:A:h`), a letter each.
    fn modifiers(&mut self) -> Option<String> {
        let mut letters = String::new();
        while self.peek() == b':'
            && LETTERS.as_bytes().contains(&self.at(1))
            && !self.at(2).is_ascii_alphanumeric()
        {
            letters.push(char::from(self.at(1)));
            self.pos += 2;
        }
        (!letters.is_empty()).then_some(letters)
    }

    /// zsh: the file that is being read, as `${(%):-%x}` has it expanded like a prompt.
    fn file_read(&mut self) -> Option<String> {
        const FORMS: [(&str, &str); 4] =
            [("(%):-%x", FILE), ("(%):-%N", "0"), ("${(%):-%x}", FILE), ("${(%):-%N}", "0")];
        let rest = &self.text[self.pos..];
        let (form, name) = FORMS.iter().find(|(form, _)| rest.starts_with(form))?;
        self.pos += form.len();
        Some((*name).to_owned())
    }

    /// The operator and what follows it, up to the `}`.
    fn operation(&mut self, quoted: bool) -> Read<Option<ParameterOp>> {
        let value = Ground::Operand { quoted, slash: false };
        let pattern = Ground::Operand { quoted: false, slash: false };
        let zsh = self.dialect == Dialect::Zsh;
        let colon = self.peek() == b':';
        let sign = if colon { self.at(1) } else { self.peek() };
        if matches!(sign, b'-' | b'=' | b'+' | b'?') {
            self.pos += 1 + usize::from(colon);
            let word = self.word(value)?;
            return Ok(Some(match sign {
                b'-' => ParameterOp::Default { colon, word },
                b'=' => ParameterOp::Assign { colon, word },
                b'+' => ParameterOp::Alternative { colon, word },
                _ => ParameterOp::Error { colon, word },
            }));
        }
        if colon {
            if zsh && let Some(letters) = self.modifiers() {
                return Ok(Some(ParameterOp::Path(letters)));
            }
            if zsh && !(sign.is_ascii_digit() || matches!(sign, b' ' | b'$' | b'(')) {
                return Ok(None);
            }
            self.pos += 1;
            let offset = self.arithmetic(b":}")?;
            let length = if self.peek() == b':' {
                self.pos += 1;
                Some(self.arithmetic(b"}")?)
            } else {
                None
            };
            return Ok(Some(ParameterOp::Slice { offset, length }));
        }
        let doubled = self.at(1) == sign;
        Ok(match sign {
            b'}' => Some(ParameterOp::Get),
            b'#' | b'%' => {
                self.pos += 1 + usize::from(doubled);
                let word = self.word(pattern)?;
                Some(match sign {
                    b'#' => ParameterOp::StripPrefix { longest: doubled, pattern: word },
                    _ => ParameterOp::StripSuffix { longest: doubled, pattern: word },
                })
            }
            b'/' => {
                self.pos += 1 + usize::from(doubled);
                let pattern = self.word(Ground::Operand { quoted: false, slash: true })?;
                let replacement = if self.peek() == b'/' {
                    self.pos += 1;
                    self.word(Ground::Operand { quoted: false, slash: false })?
                } else {
                    Word::default()
                };
                Some(ParameterOp::Replace { all: doubled, pattern, replacement })
            }
            b'^' | b',' if !zsh => {
                self.pos += 1 + usize::from(doubled);
                (self.peek() == b'}').then_some(ParameterOp::Case { upper: sign == b'^', all: doubled })
            }
            b'@' if !zsh && self.at(1).is_ascii_alphabetic() && self.at(2) == b'}' => {
                self.pos += 2;
                Some(ParameterOp::Transform(char::from(self.bytes[self.pos - 1])))
            }
            _ => None,
        })
    }
}

/// Whether what is expanded on this ground is kept from splitting.
fn is_quoted(ground: Ground) -> bool {
    matches!(ground, Ground::Quoted | Ground::Heredoc | Ground::Operand { quoted: true, .. })
}
