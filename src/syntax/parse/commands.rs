//! Lists, pipelines, simple commands, assignments and redirections.

use super::words::{Ground, first_alone};
use super::{Read, Reader, trouble};
use crate::model::Span;
use crate::syntax::{Command, Dialect, Part, Redirect, RedirectKind, Simple, Stmt, Word};

/// How often `&&` and `||` may take turns in one list: each turn is a level of the tree.
const MOST_TURNS: usize = 100;

/// Programs whose arguments may be assignments.
const DECLARING: [&str; 5] = ["export", "local", "declare", "readonly", "typeset"];
const DECLARING_ZSH: [&str; 3] = ["integer", "float", "private"];

/// Reserved words that end a list, or that only make sense inside a compound command.
pub(super) const CLOSING: [&str; 9] = ["then", "do", "done", "fi", "else", "elif", "esac", "}", "in"];

/// Reserved words that begin a command.
const OPENING: [&str; 12] =
    ["if", "while", "until", "for", "select", "case", "function", "{", "[[", "time", "coproc", "!"];

impl Reader<'_> {
    /// Goes past blanks, line continuations and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                b' ' | b'\t' => self.pos += 1,
                b'\\' if self.at(1) == b'\n' => self.pos += 2,
                b'#' if self.pos == 0 || !self.glued() => {
                    self.pos = self.find(b'\n', self.pos).unwrap_or(self.end);
                }
                _ => return,
            }
        }
    }

    /// Whether the byte before this one belongs to a word, so that a `#` here is none of its own.
    fn glued(&self) -> bool {
        let before = self.bytes[self.pos - 1];
        if before == b'\n' && self.pos > 1 && self.bytes[self.pos - 2] == b'\\' {
            return false;
        }
        !matches!(before, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b'`' | b'{')
    }

    /// Goes past blanks, comments and line breaks.
    pub(super) fn newlines(&mut self) -> Read<()> {
        self.blanks();
        while self.peek() == b'\n' {
            self.line_break()?;
            self.blanks();
        }
        Ok(())
    }

    /// The unquoted word that stands here, if it may be a reserved one.
    pub(super) fn keyword(&self) -> &str {
        if !matches!(self.peek(), b'a'..=b'z' | b'{' | b'}' | b'[' | b'!') {
            return "";
        }
        let rest = &self.bytes[self.pos..self.end];
        // No reserved word is longer.
        let length = rest.iter().take(9).position(|byte| is_delimiter(*byte)).unwrap_or(rest.len().min(8));
        if rest.get(length).is_some_and(|byte| !is_delimiter(*byte)) {
            return "";
        }
        &self.text[self.pos..self.pos + length]
    }

    /// Goes past the reserved word `word`, or fails.
    pub(super) fn reserved(&mut self, word: &'static str, why: &'static str) -> Read<()> {
        if self.keyword() != word {
            return Err(trouble(why, self.pos));
        }
        self.pos += word.len();
        Ok(())
    }

    /// Statements up to something that ends a list.
    pub(super) fn list(&mut self) -> Read<Vec<Stmt>> {
        let mut list = Vec::new();
        self.statements(&mut list, false)?;
        Ok(list)
    }

    pub(super) fn statements(&mut self, list: &mut Vec<Stmt>, outermost: bool) -> Read<()> {
        loop {
            self.newlines()?;
            if outermost {
                self.begun = self.pos;
            }
            match self.peek() {
                0 if self.pos >= self.end => return Ok(()),
                b')' => return Ok(()),
                b';' if matches!(self.at(1), b';' | b'&' | b'|') => return Ok(()),
                _ => {}
            }
            let keyword = self.keyword();
            if CLOSING.contains(&keyword) && keyword != "in"
                || self.dialect == Dialect::Zsh && keyword == "end"
            {
                return Ok(());
            }
            let mut statement = self.and_or()?;
            self.blanks();
            let ended = match self.peek() {
                b';' if !matches!(self.at(1), b';' | b'&' | b'|') => {
                    self.pos += 1;
                    true
                }
                b'&' if self.at(1) != b'&' => {
                    self.pos += 1;
                    if self.dialect == Dialect::Zsh && matches!(self.peek(), b'!' | b'|') {
                        self.pos += 1;
                    }
                    statement.background = true;
                    true
                }
                b'\n' => true,
                _ => false,
            };
            first_alone(list);
            list.push(statement);
            if !ended {
                return Ok(());
            }
        }
    }

    /// Pipelines joined by `&&` and `||`.
    pub(super) fn and_or(&mut self) -> Read<Stmt> {
        let first = self.pipeline()?;
        self.blanks();
        if !matches!((self.peek(), self.at(1)), (b'&', b'&') | (b'|', b'|')) {
            return Ok(first);
        }
        let mut run = vec![first];
        let mut and = true;
        let mut turns = 0;
        loop {
            self.blanks();
            let next = match (self.peek(), self.at(1)) {
                (b'&', b'&') => true,
                (b'|', b'|') => false,
                _ => break,
            };
            if next != and && run.len() > 1 {
                run = vec![join(run, and)];
                turns += 1;
                if turns > MOST_TURNS {
                    return Err(trouble("too long a chain of `&&` and `||`", self.pos));
                }
            }
            and = next;
            self.pos += 2;
            self.newlines()?;
            run.push(self.pipeline()?);
        }
        Ok(join(run, and))
    }

    fn pipeline(&mut self) -> Read<Stmt> {
        let start = self.pos;
        match self.keyword() {
            "!" => {
                self.pos += 1;
                self.blanks();
                let inner = self.deeper(|reader| reader.pipeline())?;
                let span = self.span(start, self.pos);
                // `! ! a` is `a` again; a pair keeps the outer one as a group of its own.
                return Ok(match inner.negated {
                    false => Stmt { negated: true, span, ..inner },
                    true => Stmt { negated: true, span, ..plain(Command::Group(vec![inner]), span) },
                });
            }
            "time" if self.keyword_time() => {
                self.pos += 4;
                self.blanks();
                while self.dialect != Dialect::Zsh && matches!(self.raw_word(), "-p" | "--") {
                    self.pos += 2;
                    self.blanks();
                }
                let empty = matches!(self.peek(), 0 | b';' | b'\n' | b'&' | b')' | b'|');
                let inner = match empty {
                    true => None,
                    false => Some(Box::new(self.deeper(|reader| reader.pipeline())?)),
                };
                return Ok(plain(Command::Time(inner), self.span(start, self.pos)));
            }
            _ => {}
        }
        let first = self.command()?;
        self.blanks();
        if self.peek() != b'|' || self.at(1) == b'|' {
            return Ok(first);
        }
        let mut stages = vec![first];
        loop {
            self.blanks();
            if self.peek() != b'|' || self.at(1) == b'|' {
                break;
            }
            self.pos += 1;
            if self.peek() == b'&' {
                let span = self.span(self.pos - 1, self.pos + 1);
                self.pos += 1;
                let target =
                    Word { parts: vec![Part::Literal { text: "1".to_owned(), quoted: false }], span };
                if let Some(left) = stages.last_mut() {
                    left.redirects.push(Redirect {
                        fd: Some(2),
                        variable: None,
                        kind: RedirectKind::Duplicate(target),
                        span,
                    });
                }
            }
            self.newlines()?;
            stages.push(match self.keyword() {
                "!" | "time" => self.deeper(|reader| reader.pipeline())?,
                _ => self.command()?,
            });
        }
        let span = self.span(start, self.pos);
        Ok(plain(Command::Pipeline(stages), span))
    }

    /// In a POSIX shell `time -o` is the program, not the reserved word.
    fn keyword_time(&self) -> bool {
        let after = self.text[self.pos + 4..self.end].trim_start_matches([' ', '\t']);
        self.dialect != Dialect::Posix || !after.starts_with('-')
    }

    /// The bytes up to the next delimiter.
    pub(super) fn raw_word(&self) -> &str {
        let rest = &self.bytes[self.pos..self.end];
        let length = rest.iter().take_while(|byte| !is_delimiter(**byte)).count();
        self.text.get(self.pos..self.pos + length).unwrap_or("")
    }

    /// One command with its redirections.
    pub(super) fn command(&mut self) -> Read<Stmt> {
        let start = self.pos;
        if let Some(command) = self.compound()? {
            let mut redirects = Vec::new();
            let mut end = self.pos;
            loop {
                self.blanks();
                match self.redirect()? {
                    Some(redirect) => {
                        first_alone(&mut redirects);
                        redirects.push(redirect);
                    }
                    None => break,
                }
                end = self.pos;
            }
            let span = self.span(start, end);
            return Ok(Stmt { redirects, ..plain(command, span) });
        }
        self.simple()
    }

    fn simple(&mut self) -> Read<Stmt> {
        let start = self.pos;
        let mut end = start;
        let (mut simple, mut redirects) = (Simple::default(), Vec::new());
        let mut declares = false;
        // dash reads `a &>f b` as two commands.
        let mut halved = false;
        loop {
            self.blanks();
            let begin = self.pos;
            match self.peek() {
                0 if self.pos >= self.end => break,
                b'\n' | b';' | b'|' | b')' => break,
                b'&' if self.at(1) != b'>' => break,
                b'}' if self.braces > 0 && self.raw_word() == "}" => break,
                b'(' if self.function_parentheses() => {
                    let single = simple.words.len() == 1 || self.dialect == Dialect::Zsh;
                    if simple.words.is_empty()
                        || !single
                        || !simple.assignments.is_empty()
                        || !redirects.is_empty()
                    {
                        return Err(trouble("unexpected `(`", self.pos));
                    }
                    return self.function_body(start, simple.words);
                }
                b'(' if self.dialect != Dialect::Zsh || simple.words.is_empty() => {
                    return Err(trouble("unexpected `(`", self.pos));
                }
                _ => {}
            }
            if let Some(redirect) = self.redirect()? {
                halved |= self.dialect == Dialect::Posix && self.bytes[begin] == b'&';
                first_alone(&mut redirects);
                redirects.push(redirect);
                end = self.pos;
                continue;
            }
            if halved {
                return Err(trouble("`&>` before the end of a command", begin));
            }
            if simple.words.is_empty() {
                if let Some(assignment) = self.assignment()? {
                    first_alone(&mut simple.assignments);
                    simple.assignments.push(assignment);
                    end = self.pos;
                    continue;
                }
            } else if declares && let Some(assignment) = self.assignment()? {
                simple.words.push(self.as_word(&assignment));
                simple.declared.push(assignment);
                end = self.pos;
                continue;
            }
            let word = self.word(Ground::Command)?;
            if self.pos == begin {
                return Err(trouble("unexpected text", begin));
            }
            end = self.pos;
            if (simple.words.is_empty()
                || matches!(simple.words.last().map(plain_text), Some(Some("command" | "builtin"))))
                && let Some(text) = plain_text(&word)
            {
                let escapes = self.bytes[begin..self.pos].contains(&b'\\');
                if escapes
                    && self.text[begin..self.pos].contains("\\\n")
                    && (is_reserved(text) || text.contains('='))
                {
                    return Err(trouble("a reserved word on two lines", begin));
                }
                if simple.words.is_empty() && self.unexpected_reserved(text) {
                    return Err(trouble("an unexpected reserved word", begin));
                }
                declares = DECLARING.contains(&text)
                    || self.dialect == Dialect::Zsh && DECLARING_ZSH.contains(&text);
            }
            simple.words.push(word);
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && redirects.is_empty() {
            return Err(trouble("a command is missing", self.pos));
        }
        let span = self.span(start, end);
        Ok(Stmt { redirects, ..plain(Command::Simple(simple), span) })
    }

    fn unexpected_reserved(&self, text: &str) -> bool {
        CLOSING.contains(&text)
            && text != "in"
            && !(text == "}" && self.dialect == Dialect::Zsh && self.braces == 0)
            || self.dialect == Dialect::Posix && matches!(text, "function" | "select" | "coproc")
            || self.dialect == Dialect::Zsh && text.starts_with('{') && !text[1..].contains([',', '.'])
    }

    /// Whether `( )` stands here.
    fn function_parentheses(&self) -> bool {
        let after = self.bytes[self.pos + 1..self.end].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        after == Some(&b')')
    }
}

/// The text of a word of nothing but unquoted characters.
pub(super) fn plain_text(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [Part::Literal { text, quoted: false }] => Some(text),
        _ => None,
    }
}

fn is_reserved(text: &str) -> bool {
    CLOSING.contains(&text) || OPENING.contains(&text)
}

pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

pub(super) fn plain(command: Command, span: Span) -> Stmt {
    Stmt { command, redirects: Vec::new(), negated: false, background: false, span }
}

/// Joins operands of one operator. It is associative, so the tree can be kept flat.
fn join(mut operands: Vec<Stmt>, and: bool) -> Stmt {
    if operands.len() > 1 {
        let right = join(operands.split_off(operands.len() / 2), and);
        let left = join(operands, and);
        let span = left.span.cover(right.span);
        let (left, right) = (Box::new(left), Box::new(right));
        return plain(if and { Command::And(left, right) } else { Command::Or(left, right) }, span);
    }
    operands.swap_remove(0)
}
