//! Compound commands and functions.

use super::commands::{plain, plain_text};
use super::words::{Ground, first_alone};
use super::{Read, Reader, trouble};
use crate::syntax::{CaseArm, Command, Dialect, Simple, Stmt, Word};

impl Reader<'_> {
    /// A compound command without its redirections, if one stands here.
    pub(super) fn compound(&mut self) -> Read<Option<Command>> {
        if self.peek() == b'(' {
            return self.deeper(Self::parentheses).map(Some);
        }
        let keyword = self.keyword();
        let posix = self.dialect == Dialect::Posix;
        let zsh = self.dialect == Dialect::Zsh;
        let read: fn(&mut Self) -> Read<Command> = match keyword {
            "{" => Self::group,
            "if" => Self::if_command,
            "while" | "until" => Self::while_command,
            "for" => Self::for_command,
            "select" if !posix => Self::for_command,
            "case" => Self::case_command,
            "[[" => Self::test,
            "function" if !posix => Self::function,
            "coproc" if !posix => Self::coproc,
            "repeat" if zsh => Self::repeat,
            "foreach" if zsh => Self::foreach,
            _ => return Ok(None),
        };
        self.deeper(read).map(Some)
    }

    /// `( … )`, `(( … ))`, zsh `() { … }`.
    fn parentheses(&mut self) -> Read<Command> {
        let start = self.pos;
        if self.dialect == Dialect::Zsh && self.at(1) == b')' {
            self.pos += 2;
            return self.anonymous();
        }
        if self.at(1) == b'(' {
            // In a POSIX shell these are two subshells; others see an expression first.
            if self.dialect == Dialect::Posix && self.retries > 0 {
                let (awaited, bodies) = (self.awaited.len(), self.bodies.len());
                match self.subshell() {
                    Err(_) if !self.depth_reached && self.awaited.len() >= awaited => {
                        self.retries -= 1;
                        self.awaited.truncate(awaited);
                        self.bodies.truncate(bodies);
                    }
                    read => return read,
                }
            }
            if let Some(expression) = self.double_parentheses(start + 2)? {
                return Ok(Command::Arithmetic(expression));
            }
        }
        self.pos = start;
        self.subshell()
    }

    fn subshell(&mut self) -> Read<Command> {
        let start = self.pos;
        self.pos += 1;
        let braces = std::mem::take(&mut self.braces);
        let body = self.list();
        self.braces = braces;
        let body = body?;
        self.expect(b')', "an unclosed parenthesis", start)?;
        Ok(Command::Subshell(body))
    }

    /// `{ … }`, with what zsh allows behind it.
    fn group(&mut self) -> Read<Command> {
        let mut body = self.braced_list()?;
        if self.dialect == Dialect::Zsh {
            let before = self.pos;
            self.blanks();
            if self.keyword() == "always" {
                self.pos += 6;
                self.blanks();
                body.extend(self.braced_list()?);
            } else {
                self.pos = before;
            }
        }
        Ok(Command::Group(body))
    }

    pub(super) fn braced_list(&mut self) -> Read<Vec<Stmt>> {
        let start = self.pos;
        self.reserved("{", "a `{` is missing")?;
        self.braces += usize::from(self.dialect == Dialect::Zsh);
        let body = self.list();
        self.braces = self.braces.saturating_sub(1);
        let body = body?;
        self.blanks();
        let why = if self.pos >= self.end { "an unclosed `{`" } else { "unexpected text" };
        self.reserved("}", why).map_err(|trouble| match why {
            "an unclosed `{`" => super::trouble(why, start),
            _ => trouble,
        })?;
        Ok(body)
    }

    fn if_command(&mut self) -> Read<Command> {
        let start = self.pos;
        self.pos += 2;
        let mut branches = Vec::new();
        loop {
            let condition = self.list()?;
            if self.dialect == Dialect::Zsh && self.keyword() == "{" {
                branches.push((condition, self.braced_list()?));
                self.newlines_before(&["elif", "else"])?;
                match self.keyword() {
                    "elif" => self.pos += 4,
                    "else" => {
                        self.pos += 4;
                        self.newlines()?;
                        return Ok(Command::If { branches, otherwise: Some(self.braced_list()?) });
                    }
                    _ => {
                        return Ok(Command::If { branches, otherwise: None });
                    }
                }
                continue;
            }
            self.reserved("then", "an `if` without its `then`")?;
            first_alone(&mut branches);
            branches.push((condition, self.list()?));
            match self.keyword() {
                "elif" => self.pos += 4,
                "else" => {
                    self.pos += 4;
                    let otherwise = self.list()?;
                    self.closing("fi", "an unclosed `if`", start)?;
                    return Ok(Command::If { branches, otherwise: Some(otherwise) });
                }
                _ => {
                    self.closing("fi", "an unclosed `if`", start)?;
                    return Ok(Command::If { branches, otherwise: None });
                }
            }
        }
    }

    /// Goes past line breaks only if one of these follows.
    fn newlines_before(&mut self, words: &[&str]) -> Read<()> {
        let before = self.pos;
        if self.awaited.is_empty() {
            self.newlines()?;
            if !words.contains(&self.keyword()) {
                self.pos = before;
            }
        }
        Ok(())
    }

    pub(super) fn closing(&mut self, word: &'static str, why: &'static str, start: usize) -> Read<()> {
        let at = if self.pos >= self.end { start } else { self.pos };
        let why = if self.pos >= self.end { why } else { "unexpected text" };
        self.reserved(word, why).map_err(|_| trouble(why, at))
    }

    fn case_command(&mut self) -> Read<Command> {
        let start = self.pos;
        self.pos += 4;
        self.blanks();
        let subject = self.word(Ground::Command)?;
        self.blanks();
        if self.dialect == Dialect::Zsh && self.peek() == b';' {
            self.pos += 1;
        }
        self.newlines()?;
        self.reserved("in", "a `case` without its `in`")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.keyword() == "esac" {
                self.pos += 4;
                return Ok(Command::Case { subject, arms });
            }
            if self.pos >= self.end {
                return Err(trouble("an unclosed `case`", start));
            }
            if self.peek() == b'(' && !self.group_of_pattern() {
                self.pos += 1;
            }
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                let begin = self.pos;
                let pattern = self.word(Ground::Command)?;
                if self.pos == begin {
                    return Err(trouble("a `case` without a pattern", begin));
                }
                patterns.push(pattern);
                self.blanks();
                match self.peek() {
                    b'|' => self.pos += 1,
                    b')' => break,
                    _ => return Err(trouble("unexpected text in a pattern", self.pos)),
                }
            }
            self.pos += 1;
            let body = self.list()?;
            let falls_through = match (self.peek(), self.at(1), self.at(2)) {
                (b';', b';', b'&') => {
                    self.pos += 3;
                    true
                }
                (b';', b';', _) => {
                    self.pos += 2;
                    false
                }
                (b';', b'&' | b'|', _) => {
                    self.pos += 2;
                    true
                }
                _ if self.keyword() == "esac" => false,
                _ => return Err(trouble("unexpected text", self.pos)),
            };
            arms.push(CaseArm { patterns, body, falls_through });
        }
    }

    /// zsh: whether the `(` here opens a group of the pattern and not the whole list of them.
    fn group_of_pattern(&self) -> bool {
        let mut open = 0usize;
        for at in self.pos..self.end {
            match self.bytes[at] {
                b'(' => open += 1,
                b')' if open == 1 => {
                    let after = self.bytes.get(at + 1).copied().unwrap_or(b'\n');
                    return self.dialect == Dialect::Zsh && !matches!(after, b' ' | b'\t' | b'\n' | b';');
                }
                b')' => open -= 1,
                b'\n' => return false,
                _ => {}
            }
        }
        false
    }

    /// `[[ … ]]`.
    fn test(&mut self) -> Read<Command> {
        let start = self.pos;
        self.pos += 2;
        // Operands between the operators: dash, which has no `[[`, would run each.
        let mut pieces: Vec<Vec<Word>> = vec![Vec::new()];
        let mut open = 0usize;
        let mut divided = false;
        loop {
            self.newlines()?;
            let begin = self.pos;
            let before = pieces.last().and_then(|piece| piece.last()).and_then(plain_text);
            let regex = before == Some("=~");
            let pattern = regex || self.dialect == Dialect::Zsh && matches!(before, Some("=" | "==" | "!="));
            match (self.peek(), self.at(1)) {
                (0, _) if self.pos >= self.end => return Err(trouble("an unclosed `[[`", start)),
                (b'(', _) if pattern => {}
                (b'&', b'&') | (b'|', b'|') => {
                    self.pos += 2;
                    pieces.push(Vec::new());
                    divided = true;
                    continue;
                }
                (b'(', _) => {
                    self.pos += 1;
                    open += 1;
                    divided = true;
                    continue;
                }
                (b')', _) if open > 0 => {
                    self.pos += 1;
                    open -= 1;
                    continue;
                }
                (b'<' | b'>', next) if next != b'(' => {
                    self.pos += 1;
                    divided = true;
                    continue;
                }
                _ => {}
            }
            let piece = pieces.last_mut().expect("there is always one");
            let word = self.word(if regex { Ground::Regex } else { Ground::Command })?;
            if self.pos == begin {
                return Err(trouble("unexpected text in `[[`", begin));
            }
            if &self.bytes[begin..self.pos] == b"]]" {
                break;
            }
            piece.push(word);
        }
        if open > 0 {
            return Err(trouble("an unclosed parenthesis", start));
        }
        if self.dialect == Dialect::Posix && divided {
            let span = self.span(start, self.pos);
            let runs = pieces
                .into_iter()
                .filter(|words| !words.is_empty())
                .map(|words| plain(Command::Simple(Simple { words, ..Simple::default() }), span));
            return Ok(Command::Group(runs.collect()));
        }
        let mut words: Vec<Word> = pieces.into_iter().flatten().collect();
        if divided {
            words.push(Word { parts: Vec::new(), span: self.span(self.pos, self.pos) });
        }
        Ok(Command::Test(words))
    }

    /// `function f …`, zsh `function { … }`.
    fn function(&mut self) -> Read<Command> {
        self.pos += 8;
        let mut names = Vec::new();
        loop {
            self.blanks();
            let begin = self.pos;
            if self.keyword() == "{" || self.peek() == b'(' && !names.is_empty() {
                break;
            }
            let word = self.word(Ground::Command)?;
            if self.pos == begin {
                break;
            }
            names.push(word);
            if self.dialect != Dialect::Zsh {
                break;
            }
        }
        self.blanks();
        if self.peek() == b'(' && self.empty_parentheses() {
            self.newlines()?;
        }
        self.newlines()?;
        if names.is_empty() {
            return match self.dialect {
                Dialect::Zsh => self.anonymous(),
                _ => Err(trouble("a function without a name", self.pos)),
            };
        }
        let body = Box::new(self.command()?);
        Ok(Command::Function { names, body })
    }

    /// Goes past `( )`; false where something else stands here.
    fn empty_parentheses(&mut self) -> bool {
        let before = self.pos;
        self.pos += 1;
        while matches!(self.peek(), b' ' | b'\t') {
            self.pos += 1;
        }
        if self.peek() == b')' {
            self.pos += 1;
            return true;
        }
        self.pos = before;
        false
    }

    /// `name ( ) …`, at the parenthesis.
    pub(super) fn function_body(&mut self, start: usize, names: Vec<Word>) -> Read<Stmt> {
        self.empty_parentheses();
        self.newlines()?;
        let body = Box::new(self.deeper(Self::command)?);
        Ok(plain(Command::Function { names, body }, self.span(start, self.pos)))
    }

    /// zsh: a function that runs at once, at its body.
    fn anonymous(&mut self) -> Read<Command> {
        self.newlines()?;
        let begin = self.pos;
        let body = self.braced_list()?;
        let body = Box::new(plain(Command::Group(body), self.span(begin, self.pos)));
        Ok(Command::AnonymousFunction { body, args: self.words_of_line()? })
    }

    fn coproc(&mut self) -> Read<Command> {
        self.pos += 6;
        self.blanks();
        // A name can only stand before a compound command.
        let before = self.pos;
        let name = self.name();
        self.blanks();
        let named = !name.is_empty()
            && name != self.keyword()
            && (self.peek() == b'('
                || matches!(
                    self.keyword(),
                    "{" | "[[" | "if" | "while" | "until" | "for" | "case" | "select"
                ))
            && !matches!(
                name.as_str(),
                "if" | "while" | "until" | "for" | "case" | "select" | "function" | "time"
            );
        if !named {
            self.pos = before;
        }
        let name = if named { name } else { "COPROC".to_owned() };
        Ok(Command::Coproc { name, body: Box::new(self.command()?) })
    }
}
