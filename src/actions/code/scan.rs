//! Ruby, Perl, PHP, Lua, R, Julia, awk, Tcl and others: their strings, and the calls that hand strings to a shell, delete
//! files or send requests. No grammar is read; what such a call is given is known where it is
//! literal or a variable that a literal was put into, and the rest of the code is not seen into.

mod arguments;
mod database;
mod http;
mod literal;
mod loops;
mod manner;
mod tcl;
mod tokens;

use std::collections::HashMap;

use arguments::{Argument, killed};
use literal::Literal;
use manner::{AWK, Does, JULIA, LUA, Manner, OTHER, PERL, PHP, R, RUBY};
use tokens::{Scanner, Token};

use super::{Found, LONGEST_VALUE, Surroundings};
use crate::actions::{CodeEffect, Language, masked};
use crate::model::{Call, Input, PathEffect, PathOp, Piece, Shape, Span, Text};

/// Code in strings in code is read this deep.
const LEVELS: usize = 3;
/// Names that call a function by its name: `Kernel.send(:system, "x")`.
const CALLERS: &[&str] = &["send", "public_send", "__send__"];
/// Methods of Ruby's libraries that stand for a program: what must be named before, the method, the words.
const TOOLS: &[(&str, &str, &str)] = &[
    ("Git.", "reset_hard", "git reset --hard"),
    ("Git.", "reset", "git reset"),
    ("Git.", "clean", "git clean"),
    ("Git.", "push", "git push"),
    ("Git.", "checkout", "git checkout"),
    ("Git.", "checkout_file", "git checkout"),
    ("Rugged", "reset", "git reset"),
    ("Rugged", "checkout_head", "git checkout -f"),
    ("Rugged", "checkout", "git checkout"),
    ("Net.SSH", "exec", "ssh host"),
    ("Net.SFTP", "remove", "ssh host rm"),
    ("Net.SFTP", "rmdir", "ssh host rm -r"),
];
/// Names whose presence shows that something is written to an opened file.
const WRITERS: &[&str] =
    &["print", "printf", "say", "syswrite", "puts", "write", "fwrite", "fputs", "fputcsv", "putc", "binmode"];

/// What the code does as far as its literal strings show.
pub(super) fn effects(language: Language, source: &str, surroundings: &Surroundings) -> Vec<Found> {
    let mut found = Vec::new();
    let places = read(language, source, surroundings, 0, &mut found);
    found.into_iter().zip(places).collect()
}

fn read(
    language: Language,
    source: &str,
    surroundings: &Surroundings,
    level: usize,
    found: &mut Vec<CodeEffect>,
) -> Vec<Span> {
    let mut places = Vec::new();
    if language == Language::Tcl {
        let (effects, places): (Vec<_>, _) = tcl::commands(source).into_iter().unzip();
        found.extend(effects);
        return places;
    }
    let manner = match language {
        Language::Ruby => &RUBY,
        Language::Perl => &PERL,
        Language::Php => &PHP,
        Language::Lua => &LUA,
        Language::R => &R,
        Language::Julia => &JULIA,
        Language::Awk => &AWK,
        Language::Other => &OTHER,
        Language::Python | Language::JavaScript | Language::Tcl => return places,
    };
    let (tokens, left) = Scanner::new(manner, language, source).tokens();
    let writes = tokens.iter().any(|token| match token {
        Token::Name(name) => WRITERS.contains(&name.rsplit(['.', ':']).next().unwrap_or(name)),
        _ => false,
    });
    let values = HashMap::new();
    let mut reading = Reading { manner, language, surroundings, level, values, writes, loops: 0, found };
    http::requests(&tokens, reading.found);
    database::statements(&tokens, reading.found);
    places.resize(reading.found.len(), Span::default());
    let mut literal = (language == Language::Other).then(|| Literal::new(&tokens, surroundings.variable));
    for (at, left) in left.iter().enumerate() {
        match &mut literal {
            Some(literal) => literal.token(at, reading.found),
            None => reading.token(&tokens, at),
        }
        if places.len() < reading.found.len() {
            places.resize(reading.found.len(), line_at(source, source.len() - left));
        }
    }
    places
}

/// The line on which what ends there ends.
fn line_at(source: &str, end: usize) -> Span {
    let start = source[..end].trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
    let line = &source[start..source[end..].find('\n').map_or(source.len(), |at| end + at)];
    let from = start + line.len() - line.trim_start().len();
    Span::new(from, from + line.trim().len())
}

/// The state of one reading.
struct Reading<'a, 'f> {
    manner: &'static Manner,
    language: Language,
    surroundings: &'a Surroundings<'a>,
    level: usize,
    /// What was put into variables last.
    values: HashMap<String, Argument>,
    /// Something is written somewhere.
    writes: bool,
    /// How many loops over lists are open.
    loops: usize,
    found: &'f mut Vec<CodeEffect>,
}

impl Reading<'_, '_> {
    fn token(&mut self, tokens: &[Token], at: usize) {
        let mark =
            |at: usize, wanted: &str| matches!(tokens.get(at), Some(Token::Mark(mark)) if mark == wanted);
        match &tokens[at] {
            Token::Command(text) => {
                let text = self.resolved(text);
                self.found.push(CodeEffect::Shell(text));
            }
            Token::Variable(name) | Token::Name(name)
                if mark(at + 1, "=") && !mark(at + 2, "=") && !mark(at + 2, "~") =>
            {
                let value = self.arguments(&tokens[at + 2..], true).into_iter().next();
                if let Some(value) = value {
                    self.set(name, value);
                }
            }
            // `c = "cmd"; c | getline`
            Token::Name(name)
                if self.language == Language::Awk
                    && mark(at + 1, "|")
                    && matches!(tokens.get(at + 2), Some(Token::Name(reads)) if reads == "getline") =>
            {
                self.found.extend(self.values.get(name).map(|value| CodeEffect::Shell(value.text.clone())));
            }
            Token::Name(name) => {
                self.binds(tokens, at, name);
                let known = self.manner.does(name);
                let last = name.rsplit('.').next().unwrap_or(name);
                if let Some(does) = known {
                    self.call(does, tokens, at);
                } else if self.language == Language::Ruby && self.tool(tokens, at, name) {
                } else if self.language == Language::Ruby && CALLERS.contains(&last) {
                    self.named(&tokens[at + 1..]);
                } else if self.language == Language::Ruby
                    && matches!(name.as_str(), "Pathname" | "Pathname.new")
                {
                    self.pathname(tokens, at);
                }
            }
            // `print x | "cmd"`, `"cmd" | getline`
            Token::String(text) if self.language == Language::Awk => self.piped(tokens, at, text),
            Token::String(_) | Token::Variable(_) | Token::Mark(_) => {}
        }
    }

    fn call(&mut self, does: Does, tokens: &[Token], at: usize) {
        // `$h{unlink}`
        let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
        if matches!(before(1), Some(Token::Mark(mark)) if mark == "{")
            && (matches!(before(2), Some(Token::Variable(_)))
                || matches!(before(2), Some(Token::Mark(mark)) if mark == "->"))
        {
            return;
        }
        // `exec {"rm"} "rm", "x"`: the program stands apart.
        if let (Some(Token::Mark(open)), Some(Token::String(program)), Language::Perl, Does::Runs) =
            (tokens.get(at + 1), tokens.get(at + 2), self.language, does)
            && open == "{"
        {
            let args = self.arguments(tokens.get(at + 4..).unwrap_or_default(), false);
            let args = args.into_iter().skip(1).map(|arg| arg.text).collect();
            let call = Call { program: program.clone(), args, input: Input::Unknown, ..Call::default() };
            return self.found.push(CodeEffect::Call(call));
        }
        let rest = &tokens[at + 1..];
        if does == Does::Kills {
            let calls = killed(rest, self.language).into_iter().map(CodeEffect::Call);
            return self.found.extend(calls);
        }
        let mut args = self.arguments(rest, false);
        if let Does::Deletes | Does::DeletesTrees = does
            && self.language == Language::Perl
        {
            // `unlink for glob "*.o"`: what stands behind is what it deletes.
            let behind =
                rest.iter().position(|token| matches!(token, Token::Name(n) if n == "for" || n == "foreach"));
            if args.is_empty() {
                args = match behind.filter(|at| *at < 4) {
                    Some(behind) => self.arguments(&rest[behind + 1..], false),
                    None if matches!(rest.first(), Some(Token::Mark(mark)) if mark == "=" || mark == "=>" || mark == "{") => {
                        Vec::new()
                    }
                    None => vec![Argument {
                        text: Text::hole("$_", Shape::Any),
                        literal: true,
                        ..Argument::default()
                    }],
                };
            }
        }
        self.act(does, &args);
    }

    /// `Git.open(".").reset_hard("HEAD~1")`; false where it is no such method.
    fn tool(&mut self, tokens: &[Token], at: usize, name: &str) -> bool {
        let Some((_, method)) = name.rsplit_once('.').or_else(|| {
            matches!(at.checked_sub(1).map(|at| &tokens[at]), Some(Token::Mark(mark)) if mark == ".")
                .then_some(("", name))
        }) else {
            return false;
        };
        let named = |library: &str| {
            let is = |token: &Token| matches!(token, Token::Name(name) if name.replace("::", ".").starts_with(library));
            tokens[..at].iter().any(is)
        };
        let row = TOOLS.iter().find(|(library, known, _)| *known == method && named(library));
        let Some((.., words)) = row else {
            return false;
        };
        let mut words: Vec<Text> = words.split(' ').map(Text::known).collect();
        let near = tokens[at + 1..]
            .iter()
            .take_while(|token| !matches!(token, Token::Mark(mark) if mark == ";" || mark == "\n"));
        words.extend(near.filter_map(|token| match token {
            Token::String(text) => Some(self.resolved(text)),
            Token::Name(name) if matches!(name.as_str(), "hard" | "force") => {
                Some(Text::known(format!("--{name}")))
            }
            Token::Name(name) if matches!(name.as_str(), "d" | "x" | "f") => {
                Some(Text::known(format!("-{name}")))
            }
            _ => None,
        }));
        let program = words.remove(0);
        self.found.push(CodeEffect::Call(Call { program, args: words, ..Call::default() }));
        true
    }

    /// `send(:system, "x")`
    fn named(&mut self, tokens: &[Token]) {
        let name = tokens.iter().take(4).find_map(|token| match token {
            Token::Name(name) => Some(name.as_str()),
            Token::String(text) => text.as_known(),
            _ => None,
        });
        if let Some(does) = name.and_then(|name| self.manner.does(name)) {
            let args = self.arguments(tokens, false);
            self.act(does, args.get(1..).unwrap_or_default());
        }
    }

    /// `Pathname("x").rmtree`
    fn pathname(&mut self, tokens: &[Token], at: usize) {
        let close = tokens[at..].iter().position(|token| matches!(token, Token::Mark(mark) if mark == ")"));
        let method = close.and_then(|close| tokens.get(at + close + 2));
        let does = match method {
            Some(Token::Name(name)) if name == "rmtree" => Does::DeletesTrees,
            Some(Token::Name(name)) if matches!(name.as_str(), "delete" | "unlink" | "rmdir") => {
                Does::Deletes
            }
            _ => return,
        };
        let args = self.arguments(&tokens[at + 1..], false);
        self.act(does, &args);
    }

    fn piped(&mut self, tokens: &[Token], at: usize, text: &Text) {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let pipe = |token: Option<&Token>| matches!(token, Some(Token::Mark(mark)) if mark.starts_with('|') && mark != "||");
        let getline = matches!(tokens.get(at + 2), Some(Token::Name(name)) if name == "getline");
        if pipe(before) {
            let printed = tokens[..at - 1].last();
            self.found.push(CodeEffect::Shell(match (printed, text.as_known()) {
                (Some(Token::String(printed)), Some(command)) if printed.as_known().is_some() => {
                    let printed = printed.display();
                    Text::known(format!("echo {} | {command}", shell_words::quote(&printed)))
                }
                _ => text.clone(),
            }));
        } else if pipe(tokens.get(at + 1)) && getline {
            self.found.push(CodeEffect::Shell(text.clone()));
        }
    }

    fn set(&mut self, variable: &str, value: Argument) {
        let text = value.text.cut(LONGEST_VALUE);
        self.values.insert(variable.to_owned(), Argument { text, ..value });
    }

    /// Text with the variables in it replaced that are known.
    fn resolved(&self, text: &Text) -> Text {
        let mut out = Text::default();
        for piece in text.pieces() {
            let value = match piece {
                Piece::Hole(hole) => hole.label.strip_prefix('$').and_then(|name| self.values.get(name)),
                _ => None,
            };
            match value {
                Some(value) => out.append(&value.text),
                None => out.push(piece.clone()),
            }
        }
        out
    }

    fn path(&mut self, op: PathOp, path: &Text, recursive: bool, by: &str) {
        let mut path = path.clone();
        // R's functions expand it as a shell would.
        if let (Language::R, Some(rest)) = (self.language, masked::strip_prefix(&path, "~")) {
            path = (self.surroundings.variable)("HOME").unwrap_or_else(|| "/home/user".into());
            path.append(&rest);
        }
        self.found.push(CodeEffect::Path(PathEffect {
            op,
            path,
            recursive,
            by: by.to_owned(),
            content: None,
            span: None,
        }));
    }

    fn act(&mut self, does: Does, args: &[Argument]) {
        match does {
            Does::Runs => match args {
                [] => {}
                [one] => self.found.push(CodeEffect::Shell(one.text.clone())),
                [program, rest @ ..] if program.literal => {
                    let args = rest.iter().map(|arg| arg.text.clone()).collect();
                    let program = program.text.clone();
                    self.found.push(CodeEffect::Shell(program.clone()));
                    let call = Call { program, args, input: Input::Unknown, ..Call::default() };
                    self.found.push(CodeEffect::Call(call));
                }
                _ => {}
            },
            Does::Pipes => {
                for arg in args {
                    let trimmed = arg.text.display();
                    let trimmed = trimmed.trim();
                    if matches!(trimmed, "-|" | "|-") {
                        continue;
                    }
                    if let Some(code) = trimmed.strip_prefix('|').or_else(|| trimmed.strip_suffix('|')) {
                        self.found.push(CodeEffect::Shell(Text::known(code)));
                    }
                }
                // `open(F, "-|", "cmd")`, `open(F, "-|", "cmd", "x")`
                if let [_, mode, code @ ..] = args
                    && matches!(mode.text.as_known(), Some("-|" | "|-"))
                {
                    self.act(Does::Runs, code);
                }
                self.act(Does::Opens, args);
            }
            Does::Opens => self.open(args),
            Does::Writes => {
                if let [path, content, ..] = args
                    && path.literal
                {
                    let empty = content.literal && content.text.as_known() == Some("");
                    let op = if empty { PathOp::Empty } else { PathOp::Overwrite };
                    self.path(op, &path.text, false, "write");
                    if let Some(CodeEffect::Path(effect)) = self.found.last_mut().filter(|_| content.literal)
                    {
                        effect.content = Some(content.text.clone());
                    }
                }
            }
            Does::Moves | Does::Copies => {
                if let [from, to, ..] = args
                    && from.literal
                    && to.literal
                {
                    if does == Does::Moves {
                        let nowhere = to.text.as_known() == Some("/dev/null");
                        let op = if nowhere { PathOp::Delete } else { PathOp::MoveAway };
                        self.path(op, &from.text, true, "rename");
                    }
                    self.path(PathOp::Overwrite, &to.text, false, "rename");
                }
            }
            Does::Empties => {
                if let Some(path) = args.first().filter(|arg| arg.literal) {
                    self.path(PathOp::Empty, &path.text, false, "truncate");
                }
            }
            Does::Evaluates => {
                if let Some(code) = args.first().and_then(|arg| arg.text.as_known())
                    && self.level < LEVELS
                {
                    read(self.language, code, self.surroundings, self.level + 1, self.found);
                }
            }
            Does::Loads => {
                let Some(text) = args.first().map(|arg| &arg.text).filter(|text| !text.is_many()) else {
                    return;
                };
                // `__DIR__ . '/x.php'`
                let path = match text.as_known() {
                    Some(known) => known,
                    None => text.known_end().trim_start_matches('/'),
                };
                let whole = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
                let end = if self.language == Language::Ruby && !whole { ".rb" } else { "" };
                if whole || self.language == Language::Ruby {
                    self.found
                        .push(CodeEffect::File { path: Text::known(format!("{path}{end}")), own: true });
                }
            }
            Does::Maps => {
                let name = args.first().and_then(|arg| arg.text.as_known());
                let does = name.and_then(|name| self.manner.does(name));
                if let Some(does) = does.filter(|does| *does != Does::Maps) {
                    self.act(does, &args[1..]);
                }
            }
            Does::Kills => {}
            Does::Deletes | Does::DeletesTrees => {
                let recursive = does == Does::DeletesTrees;
                for arg in args.iter().filter(|arg| arg.literal) {
                    match arg.text.as_known().filter(|text| arg.pattern || text.contains(['*', '?', ' '])) {
                        // The shell expands a pattern as they do, and takes `%w[a b]` apart.
                        Some(pattern) => {
                            let flags = if recursive { "-rf" } else { "-f" };
                            let command = Text::known(format!("rm {flags} -- {pattern}"));
                            self.found.push(CodeEffect::Shell(command));
                        }
                        None => self.path(PathOp::Delete, &arg.text, recursive, "unlink"),
                    }
                }
            }
        }
    }

    /// `open(F, ">", "x")`, `open F, ">x"`, `File.open("x", "w")`.
    fn open(&mut self, args: &[Argument]) {
        let op = if self.writes { PathOp::Overwrite } else { PathOp::Empty };
        let known = |at: usize| args.get(at).filter(|arg| arg.literal).and_then(|arg| arg.text.as_known());
        let path = match (known(1), args.get(2)) {
            (Some(">" | "+>"), Some(path)) if path.literal => Some(path.text.clone()),
            (Some(mode), _) if mode.starts_with('>') && !mode.starts_with(">>") && mode.len() > 1 => {
                Some(Text::known(mode[1..].trim()))
            }
            (Some(mode), _) if mode.starts_with('w') => {
                args.first().filter(|arg| arg.literal).map(|arg| arg.text.clone())
            }
            _ => None,
        };
        if let Some(path) = path {
            self.path(op, &path, false, "open");
        }
    }
}

#[cfg(test)]
mod tests;
