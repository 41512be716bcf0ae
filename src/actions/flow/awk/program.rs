//! awk's programs, as far as they print, assign and call `system`.

use super::super::escapes::{Escapes, unescape};
use super::super::text_of;

pub(super) enum Pattern {
    Begin,
    End,
    Always,
    /// The lines for which this holds.
    When(String),
}

pub(super) struct Rule {
    pub pattern: Pattern,
    pub body: Vec<Statement>,
}

pub(super) enum Statement {
    Print(Vec<Expression>, Option<Expression>),
    Format(Vec<Expression>, Option<Expression>),
    Assign(String, Expression),
    System(Expression),
    /// `if`: what may run.
    Perhaps(Vec<Statement>),
}

pub(super) enum Expression {
    Literal(String),
    Field(Box<Expression>),
    Name(String),
    Element(String, Box<Expression>),
    Call(String, Vec<Expression>),
    Joined(Vec<Expression>),
}

pub(super) struct Parser<'p> {
    rest: &'p str,
}

impl<'p> Parser<'p> {
    /// At the start of a program.
    pub fn new(program: &'p str) -> Parser<'p> {
        Parser { rest: program }
    }

    fn blanks(&mut self, lines: bool) {
        loop {
            let before = self.rest;
            self.rest = self
                .rest
                .trim_start_matches(|c: char| c == ' ' || c == '\t' || (lines && "\n;\r".contains(c)));
            if self.rest.starts_with('#') {
                self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
            }
            if before == self.rest {
                return;
            }
        }
    }

    fn take(&mut self, mark: &str) -> bool {
        self.blanks(false);
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'p str {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.blanks(false);
        let rest = self
            .rest
            .strip_prefix(word)
            .filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The rules of a program; none where it is not understood.
    pub fn rules(mut self) -> Option<Vec<Rule>> {
        let mut rules = Vec::new();
        loop {
            self.blanks(true);
            if self.rest.is_empty() {
                return Some(rules);
            }
            let pattern = if self.keyword("BEGIN") {
                Pattern::Begin
            } else if self.keyword("END") {
                Pattern::End
            } else {
                match self.condition()?.trim() {
                    "" | "1" => Pattern::Always,
                    condition => Pattern::When(condition.to_owned()),
                }
            };
            self.blanks(false);
            let body = if self.take("{") {
                self.block()?
            } else {
                let line = Expression::Field(Box::new(Expression::Literal("0".into())));
                vec![Statement::Print(vec![line], None)]
            };
            rules.push(Rule { pattern, body });
        }
    }

    /// The text of a condition, up to the block that follows or the end of the line.
    fn condition(&mut self) -> Option<&'p str> {
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if std::mem::take(&mut escaped) => {}
                '\\' => escaped = true,
                c if quote == Some(c) => quote = None,
                _ if quote.is_some() => {}
                '"' | '/' => quote = Some(c),
                '(' | '[' => depth += 1,
                ')' | ']' if depth == 0 => return None,
                ')' | ']' => depth -= 1,
                '{' | '\n' | ';' if depth == 0 => {
                    let (condition, rest) = self.rest.split_at(at);
                    self.rest = rest;
                    return Some(condition);
                }
                _ => {}
            }
        }
        (quote.is_none() && depth == 0).then(|| std::mem::take(&mut self.rest))
    }

    /// Statements up to the `}` that ends them.
    fn block(&mut self) -> Option<Vec<Statement>> {
        let mut out = Vec::new();
        loop {
            self.blanks(true);
            if self.take("}") {
                return Some(out);
            }
            out.push(self.statement()?);
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        self.blanks(false);
        if self.keyword("if") {
            self.blanks(false);
            let inner = self.rest.strip_prefix('(')?;
            let mut depth = 1;
            let mut quote = None;
            let end = inner.char_indices().find_map(|(at, c)| {
                match c {
                    c if quote == Some(c) => quote = None,
                    _ if quote.is_some() => {}
                    '"' | '/' => quote = Some(c),
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                (depth == 0).then_some(at + 1)
            })?;
            self.rest = &inner[end..];
            let mut body = self.branch()?;
            self.blanks(true);
            if self.keyword("else") {
                body.extend(self.branch()?);
            }
            return Some(Statement::Perhaps(body));
        }
        if self.keyword("next") || self.keyword("exit") {
            // What follows may be skipped.
            return Some(Statement::Perhaps(Vec::new()));
        }
        for print in [true, false] {
            if !self.keyword(if print { "print" } else { "printf" }) {
                continue;
            }
            let mut items = self.list()?;
            if items.is_empty() && print {
                items.push(Expression::Field(Box::new(Expression::Literal("0".into()))));
            }
            self.blanks(false);
            let to = if self.rest.starts_with('|') && !self.rest.starts_with("||") {
                self.rest = &self.rest[1..];
                Some(self.joined()?)
            } else if self.rest.starts_with('>') {
                // What `cat` would do with it.
                let mark = if self.rest.starts_with(">>") { "cat >> " } else { "cat > " };
                self.rest = self.rest.trim_start_matches('>').trim_start();
                Some(Expression::Joined(vec![Expression::Literal(mark.into()), self.joined()?]))
            } else {
                None
            };
            self.blanks(false);
            if !matches!(self.rest.chars().next(), None | Some(';' | '\n' | '}')) {
                return None;
            }
            return Some(match print {
                true => Statement::Print(items, to),
                false => Statement::Format(items, to),
            });
        }
        if self.keyword("system") {
            return self.parenthesized().map(Statement::System);
        }
        let before = self.rest;
        if let Some(command) = self.joined()
            && (self.take("|&") || self.take("|"))
            && self.keyword("getline")
        {
            self.blanks(false);
            self.word();
            return Some(Statement::System(command));
        }
        self.rest = before;
        if self.keyword("close") {
            return self.parenthesized().map(|_| Statement::Perhaps(Vec::new()));
        }
        let name = self.word();
        if name.is_empty() || !self.take("=") || self.rest.starts_with(['=', '~']) {
            return None;
        }
        let value = self.joined()?;
        self.blanks(false);
        let ends = matches!(self.rest.chars().next(), None | Some(';' | '\n' | '}'));
        ends.then(|| Statement::Assign(name.to_owned(), value))
    }

    fn branch(&mut self) -> Option<Vec<Statement>> {
        self.blanks(true);
        if self.take("{") { self.block() } else { Some(vec![self.statement()?]) }
    }

    /// An expression in parentheses.
    fn parenthesized(&mut self) -> Option<Expression> {
        if !self.take("(") {
            return None;
        }
        let inner = self.joined()?;
        self.take(")").then_some(inner)
    }

    /// Expressions with commas between them.
    fn list(&mut self) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        loop {
            self.blanks(false);
            if matches!(self.rest.chars().next(), None | Some(';' | '\n' | '}' | ')' | '|' | '>')) {
                return Some(items);
            }
            items.push(self.joined()?);
            if !self.take(",") {
                return Some(items);
            }
        }
    }

    /// Values side by side, which awk joins.
    fn joined(&mut self) -> Option<Expression> {
        let mut parts = Vec::new();
        loop {
            self.blanks(false);
            match self.rest.chars().next() {
                Some(c) if c.is_ascii_alphanumeric() || "_\"$(".contains(c) => parts.push(self.primary()?),
                _ => break,
            }
        }
        match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(Expression::Joined(parts)),
        }
    }

    fn primary(&mut self) -> Option<Expression> {
        let first = self.rest.chars().next()?;
        if first == '"' {
            let mut escaped = false;
            let inner = &self.rest[1..];
            let end = inner.char_indices().find_map(|(at, c)| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends.then_some(at)
            })?;
            self.rest = &inner[end + 1..];
            let (bytes, _) = unescape(&inner[..end].replace("\\/", "/"), Escapes::Format);
            return Some(Expression::Literal(text_of(bytes)?.as_known()?.to_owned()));
        }
        if first == '(' {
            return self.parenthesized();
        }
        if first == '$' {
            self.rest = &self.rest[1..];
            return Some(Expression::Field(Box::new(self.primary()?)));
        }
        let word = self.word();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return word.bytes().all(|b| b.is_ascii_digit()).then(|| Expression::Literal(word.to_owned()));
        }
        if let Some(rest) = self.rest.strip_prefix('(') {
            if !matches!(word, "tolower" | "toupper" | "substr" | "sprintf") {
                return None;
            }
            self.rest = rest;
            let args = self.list()?;
            return self.take(")").then(|| Expression::Call(word.to_owned(), args));
        }
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            let key = self.joined()?;
            return self.take("]").then(|| Expression::Element(word.to_owned(), Box::new(key)));
        }
        (!matches!(word, "getline" | "in" | "if" | "while" | "for" | "do" | "delete" | "function"))
            .then(|| Expression::Name(word.to_owned()))
    }
}
