//! Loops.

use super::commands::is_delimiter;
use super::words::Ground;
use super::{Read, Reader, trouble};
use crate::syntax::{Command, Dialect, Stmt, Word};

impl Reader<'_> {
    pub(super) fn while_command(&mut self) -> Read<Command> {
        self.pos += 5;
        let condition = self.list()?;
        let body = match self.keyword() {
            "{" if self.dialect == Dialect::Zsh => self.braced_list()?,
            _ => self.do_done()?,
        };
        Ok(Command::While { condition, body })
    }

    fn do_done(&mut self) -> Read<Vec<Stmt>> {
        let start = self.pos;
        self.reserved("do", "a loop without its `do`")?;
        let body = self.list()?;
        self.closing("done", "an unclosed loop", start)?;
        Ok(body)
    }

    /// The body of a loop behind its head.
    fn loop_body(&mut self) -> Read<Vec<Stmt>> {
        self.blanks();
        if self.peek() == b';' && self.at(1) != b';' {
            self.pos += 1;
        }
        self.newlines()?;
        match self.keyword() {
            "{" => self.braced_list(),
            "do" => self.do_done(),
            _ if self.dialect == Dialect::Zsh => Ok(vec![self.and_or()?]),
            _ => self.do_done(),
        }
    }

    pub(super) fn for_command(&mut self) -> Read<Command> {
        self.pos += self.keyword().len();
        self.blanks();
        if self.peek() == b'(' && self.at(1) == b'(' {
            return self.arithmetic_for();
        }
        let mut names = Vec::new();
        loop {
            self.blanks();
            if !names.is_empty() && self.keyword() == "in" {
                break;
            }
            let begin = self.pos;
            while !is_delimiter(self.peek()) && (self.peek() == b'_' || self.peek().is_ascii_alphanumeric()) {
                self.pos += 1;
            }
            if self.pos == begin {
                break;
            }
            names.push(self.text[begin..self.pos].to_owned());
            if self.dialect != Dialect::Zsh {
                break;
            }
        }
        if names.is_empty() || !(self.pos >= self.end || is_delimiter(self.peek()) || self.keyword() == "in")
        {
            return Err(trouble("a loop without a variable", self.pos));
        }
        self.blanks();
        if self.dialect == Dialect::Zsh && self.peek() == b'(' {
            let words = Some(self.parenthesized_words()?);
            return Ok(Command::For { names, words, body: self.loop_body()? });
        }
        let before = self.pos;
        self.newlines()?;
        if self.keyword() != "in" {
            if self.peek() != b';' && self.pos == before && self.keyword() != "do" && self.keyword() != "{" {
                return Err(trouble("unexpected text", self.pos));
            }
            return Ok(Command::For { names, words: None, body: self.loop_body()? });
        }
        self.pos += 2;
        let words = self.words_of_line()?;
        if !matches!(self.peek(), b';' | b'\n') {
            return Err(trouble("unexpected text", self.pos));
        }
        Ok(Command::For { names, words: Some(words), body: self.loop_body()? })
    }

    /// Words up to what ends a command.
    pub(super) fn words_of_line(&mut self) -> Read<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            let begin = self.pos;
            let word = self.word(Ground::Command)?;
            if self.pos == begin {
                return Ok(words);
            }
            words.push(word);
        }
    }

    /// zsh `(a b c)`.
    fn parenthesized_words(&mut self) -> Read<Vec<Word>> {
        let start = self.pos;
        self.pos += 1;
        let mut words = Vec::new();
        loop {
            self.newlines()?;
            words.extend(self.words_of_line()?);
            match self.peek() {
                b'\n' => {}
                _ => break,
            }
        }
        self.expect(b')', "an unclosed parenthesis", start)?;
        Ok(words)
    }

    fn arithmetic_for(&mut self) -> Read<Command> {
        let start = self.pos;
        self.pos += 2;
        let mut expressions = Vec::new();
        for end in [b';', b';', b')'] {
            let expression = self.arithmetic(b";)")?;
            self.expect(end, "a loop without its three expressions", start)?;
            if !expression.word.parts.is_empty() {
                expressions.push(expression);
            }
        }
        self.expect(b')', "a loop without its three expressions", start)?;
        Ok(Command::ArithmeticFor { expressions, body: self.loop_body()? })
    }

    pub(super) fn repeat(&mut self) -> Read<Command> {
        self.pos += 6;
        self.blanks();
        let count = self.word(Ground::Command)?;
        Ok(Command::For { names: Vec::new(), words: Some(vec![count]), body: self.loop_body()? })
    }

    pub(super) fn foreach(&mut self) -> Read<Command> {
        self.pos += 7;
        self.blanks();
        let names = vec![self.name()];
        self.blanks();
        if self.peek() != b'(' {
            return Err(trouble("unexpected text", self.pos));
        }
        let words = Some(self.parenthesized_words()?);
        self.newlines()?;
        let body = match self.keyword() {
            "{" => self.braced_list()?,
            "do" => self.do_done()?,
            _ => {
                let body = self.list()?;
                self.reserved("end", "a `foreach` without its `end`")?;
                body
            }
        };
        Ok(Command::For { names, words, body })
    }
}
