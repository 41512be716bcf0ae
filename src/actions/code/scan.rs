//! Ruby, Perl, PHP, Lua and awk: their strings, and the calls that hand strings to a shell or
//! delete files. No grammar is read; what such a call is given is known where it is literal, and
//! the rest of the code is not seen into.

use crate::actions::{CodeEffect, Language};
use crate::model::{Call, Input, PathEffect, PathOp, Shape, Text};

/// More strings and words than these are not looked at.
const TOKENS: usize = 200_000;

/// What a function does with its arguments.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Hands its only argument to a shell, or starts a program with several.
    Runs,
    /// Hands an argument to a shell if that begins or ends with `|` (`open`).
    Pipes,
    /// Deletes files.
    Deletes,
    /// Deletes trees.
    DeletesTrees,
}

use Does::{Deletes, DeletesTrees, Pipes, Runs};

/// How a language writes what is looked for.
struct Manner {
    /// What begins a comment that ends with its line.
    comments: &'static [&'static str],
    /// What joins strings.
    joins: &'static [&'static str],
    /// `` `…` `` runs a command.
    backticks: bool,
    /// `/` may begin a pattern.
    patterns: bool,
    /// What of `$x`, `@x`, `#{x}` stands for a value in double quotes.
    holes: &'static [char],
    functions: &'static [(&'static str, Does)],
}

const RUBY: Manner = Manner {
    comments: &["#"],
    joins: &["+"],
    backticks: true,
    patterns: true,
    holes: &['#'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("spawn", Runs),
        ("Kernel.system", Runs),
        ("Kernel.exec", Runs),
        ("Kernel.spawn", Runs),
        ("Process.spawn", Runs),
        ("IO.popen", Runs),
        ("Open3.capture2", Runs),
        ("Open3.capture2e", Runs),
        ("Open3.capture3", Runs),
        ("Open3.popen3", Runs),
        ("Open3.pipeline", Runs),
        ("sh", Runs),
        ("open", Pipes),
        ("File.delete", Deletes),
        ("File.unlink", Deletes),
        ("FileUtils.rm", Deletes),
        ("FileUtils.rm_f", Deletes),
        ("FileUtils.remove", Deletes),
        ("FileUtils.rm_r", DeletesTrees),
        ("FileUtils.rm_rf", DeletesTrees),
        ("FileUtils.rmtree", DeletesTrees),
        ("FileUtils.remove_dir", DeletesTrees),
        ("FileUtils.remove_entry", DeletesTrees),
        ("FileUtils.remove_entry_secure", DeletesTrees),
        ("rm_rf", DeletesTrees),
        ("rm_r", DeletesTrees),
        ("remove_dir", DeletesTrees),
    ],
};

const PERL: Manner = Manner {
    comments: &["#"],
    joins: &["."],
    backticks: true,
    patterns: true,
    holes: &['$', '@'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("open", Pipes),
        ("unlink", Deletes),
        ("rmtree", DeletesTrees),
        ("remove_tree", DeletesTrees),
        ("File::Path::rmtree", DeletesTrees),
        ("File::Path::remove_tree", DeletesTrees),
    ],
};

const PHP: Manner = Manner {
    comments: &["#", "//"],
    joins: &["."],
    backticks: true,
    patterns: false,
    holes: &['$', '{'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("shell_exec", Runs),
        ("passthru", Runs),
        ("popen", Runs),
        ("proc_open", Runs),
        ("pcntl_exec", Runs),
        ("unlink", Deletes),
    ],
};

const LUA: Manner = Manner {
    comments: &["--"],
    joins: &[".."],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[("os.execute", Runs), ("io.popen", Runs), ("os.remove", Deletes)],
};

const AWK: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: true,
    holes: &[],
    functions: &[("system", Runs)],
};

/// What the code does as far as its literal strings show.
pub(super) fn effects(language: Language, source: &str) -> Vec<CodeEffect> {
    let manner = match language {
        Language::Ruby => &RUBY,
        Language::Perl => &PERL,
        Language::Php => &PHP,
        Language::Lua => &LUA,
        Language::Awk => &AWK,
        Language::Python | Language::JavaScript | Language::Unread => return Vec::new(),
    };
    let tokens = Scanner { manner, language, rest: source, value: false }.tokens();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Command(text) => found.push(CodeEffect::Shell(text.clone())),
            Token::Name(name) => {
                let known = manner.functions.iter().find(|(function, _)| function == name);
                if let Some((_, does)) = known {
                    act(*does, &arguments(manner, &tokens[at + 1..]), &mut found);
                }
            }
            // `print x | "cmd"`, `"cmd" | getline`
            Token::String(text) if language == Language::Awk => {
                let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                let pipe = |token: Option<&Token>| matches!(token, Some(Token::Mark(mark)) if mark.starts_with('|') && mark != "||");
                let getline = matches!(tokens.get(at + 2), Some(Token::Name(name)) if name == "getline");
                if pipe(before) {
                    let printed = tokens[..at - 1].last();
                    found.push(CodeEffect::Shell(match (printed, text.as_known()) {
                        (Some(Token::String(printed)), Some(command)) if printed.as_known().is_some() => {
                            let printed = printed.display();
                            Text::known(format!("echo {} | {command}", shell_words::quote(&printed)))
                        }
                        _ => text.clone(),
                    }));
                } else if pipe(tokens.get(at + 1)) && getline {
                    found.push(CodeEffect::Shell(text.clone()));
                }
            }
            Token::String(_) | Token::Mark(_) => {}
        }
    }
    found
}

/// What awk prints where all it does is print literals before it reads anything.
pub(in crate::actions) fn awk_prints(source: &str) -> Option<Text> {
    let tokens = Scanner { manner: &AWK, language: Language::Awk, rest: source, value: false }.tokens();
    let [Token::Name(begin), Token::Mark(open), inner @ .., Token::Mark(close)] = tokens.as_slice() else {
        return None;
    };
    if begin != "BEGIN" || open != "{" || close != "}" {
        return None;
    }
    let mut out = Text::default();
    let is_end = |token: &Token| matches!(token, Token::Mark(mark) if mark == ";");
    for statement in inner.split(is_end).filter(|statement| !statement.is_empty()) {
        let (Token::Name(name), words) = statement.split_first()? else {
            return None;
        };
        for (at, word) in words.iter().enumerate() {
            match word {
                Token::String(text) => out.append(text),
                Token::Mark(comma) if comma == "," && at % 2 == 1 && name == "print" => out.push_str(" "),
                _ => return None,
            }
        }
        match name.as_str() {
            "print" => out.push_str("\n"),
            "printf" if words.len() == 1 && !out.display().contains('%') => {}
            _ => return None,
        }
    }
    Some(out)
}

fn act(does: Does, args: &[Argument], found: &mut Vec<CodeEffect>) {
    let texts = || args.iter().map(|arg| arg.text.clone());
    match does {
        Does::Runs => match args {
            [] => {}
            [one] => found.push(CodeEffect::Shell(one.text.clone())),
            [program, rest @ ..] if program.literal => {
                let args = rest.iter().map(|arg| arg.text.clone()).collect();
                let program = program.text.clone();
                found.push(CodeEffect::Shell(program.clone()));
                found.push(CodeEffect::Call(Call {
                    program,
                    args,
                    input: Input::Unknown,
                    ..Call::default()
                }));
            }
            _ => {}
        },
        Does::Pipes => {
            for text in texts() {
                let trimmed = text.display();
                let trimmed = trimmed.trim();
                if matches!(trimmed, "-|" | "|-") {
                    continue;
                }
                if let Some(code) = trimmed.strip_prefix('|').or_else(|| trimmed.strip_suffix('|')) {
                    found.push(CodeEffect::Shell(Text::known(code)));
                }
            }
            // `open(F, "-|", "cmd")`
            if let [_, mode, code, ..] = args
                && matches!(mode.text.as_known(), Some("-|" | "|-"))
            {
                found.push(CodeEffect::Shell(code.text.clone()));
            }
        }
        Does::Deletes | Does::DeletesTrees => {
            let recursive = does == Does::DeletesTrees;
            for arg in args.iter().filter(|arg| arg.literal) {
                match arg.text.as_known().filter(|text| arg.pattern || text.contains(['*', '?'])) {
                    // The shell expands a pattern as they do.
                    Some(pattern) => {
                        let flags = if recursive { "-rf" } else { "-f" };
                        found.push(CodeEffect::Shell(Text::known(format!("rm {flags} -- {pattern}"))));
                    }
                    None => found.push(CodeEffect::Path(PathEffect {
                        op: PathOp::Delete,
                        path: arg.text.clone(),
                        recursive,
                        by: "unlink".to_owned(),
                        content: None,
                        span: None,
                    })),
                }
            }
        }
    }
}

/// One argument, as far as it is known.
#[derive(Default)]
struct Argument {
    text: Text,
    /// A string stands in it.
    literal: bool,
    /// It is what `glob` is given.
    pattern: bool,
}

/// The arguments of a call whose name was read.
fn arguments(manner: &Manner, tokens: &[Token]) -> Vec<Argument> {
    let mut args = Vec::new();
    let mut arg = Argument::default();
    let (mut depth, mut empty) = (0_usize, true);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(mark) => match mark.as_str() {
                "(" | "[" => {
                    depth += 1;
                    continue;
                }
                ")" | "]" => {
                    if depth <= 1 {
                        break;
                    }
                    depth -= 1;
                    continue;
                }
                "," => {
                    args.push(std::mem::take(&mut arg));
                    empty = true;
                    continue;
                }
                ";" | "}" | "\n" | "|" | "||" | "&&" if depth == 0 => break,
                "{" if at == 0 => return Vec::new(),
                "\n" => continue,
                mark if manner.joins.contains(&mark) => continue,
                // `system = 1`, `%h->{unlink}`
                "=" | "=>" | ":" if at == 0 => return Vec::new(),
                _ => {}
            },
            Token::Name(name)
                if matches!(name.as_str(), "or" | "and" | "if" | "unless" | "do") && depth == 0 =>
            {
                break;
            }
            Token::Name(name) if matches!(name.as_str(), "glob" | "Dir.glob" | "Dir" | "bsd_glob") => {
                arg.pattern = true;
                empty = false;
                continue;
            }
            Token::String(text) => {
                arg.text.append(text);
                arg.literal = true;
                empty = false;
                continue;
            }
            _ => {}
        }
        arg.text.append(&Text::hole("(a value)", Shape::Any));
        empty = false;
    }
    if !empty {
        args.push(arg);
    }
    args
}

/// A stretch of code.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, with its package or receiver: `File.delete`, `File::Path::rmtree`, `system`.
    Name(String),
    /// A string.
    String(Text),
    /// A string that is run: `` `…` ``, `qx(…)`, `%x(…)`.
    Command(Text),
    /// Anything else, an operator or one character.
    Mark(String),
}

/// The mark that stands for a variable.
const VARIABLE: &str = "$";
/// The mark that stands for a pattern.
const PATTERN: &str = "//";
/// Names behind which a value begins: `/` begins a pattern there.
const BEFORE_VALUES: &[&str] = &[
    "if", "elsif", "unless", "while", "until", "when", "and", "or", "not", "return", "split", "grep", "map",
    "join", "print", "puts", "x", "eq", "ne", "lt", "gt", "in", "case", "then", "else", "do", "BEGIN", "END",
];

struct Scanner<'s> {
    manner: &'s Manner,
    language: Language,
    rest: &'s str,
    /// A value stands before: `/` divides, `%` is a remainder.
    value: bool,
}

impl<'s> Scanner<'s> {
    fn tokens(mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        while tokens.len() < TOKENS {
            let Some(token) = self.token() else {
                break;
            };
            self.value = match &token {
                // Behind these a value begins.
                Token::Name(name) => !BEFORE_VALUES.contains(&name.as_str()),
                Token::String(_) | Token::Command(_) => true,
                Token::Mark(mark) => matches!(mark.as_str(), ")" | "]" | VARIABLE | PATTERN),
            };
            tokens.push(token);
        }
        tokens
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            if self.manner.comments.iter().any(|mark| self.rest.starts_with(mark)) {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
                continue;
            }
            if self.language == Language::Php && self.rest.starts_with("/*") {
                self.rest = self.rest.split_once("*/").map_or("", |(_, rest)| rest);
                continue;
            }
            break;
        }
        let first = self.rest.chars().next()?;
        match first {
            '\'' if self.language != Language::Awk => {
                self.take();
                return Some(Token::String(self.string('\'', '\'', false)?));
            }
            '"' => {
                self.take();
                return Some(Token::String(self.string('"', '"', true)?));
            }
            '`' if self.manner.backticks => {
                self.take();
                return Some(Token::Command(self.string('`', '`', true)?));
            }
            '/' if self.manner.patterns && !self.value => {
                self.take();
                self.string('/', '/', false)?;
                return Some(Token::Mark(PATTERN.to_owned()));
            }
            // A variable: `$x`, `@x`, `$#x`, `@$x`.
            '$' | '@' if self.language != Language::Lua => {
                self.take();
                self.rest = self.rest.trim_start_matches(['$', '#', '@']);
                self.word();
                return Some(Token::Mark(VARIABLE.to_owned()));
            }
            '%' if self.language == Language::Ruby && !self.value => {
                let mut chars = self.rest[1..].chars();
                let kind = chars.next().filter(|kind| matches!(kind, 'x' | 'q' | 'Q' | 'w' | 'W' | 'i'));
                let open = if kind.is_some() { chars.next() } else { self.rest[1..].chars().next() };
                if let Some(open) = open.filter(|open| !open.is_alphanumeric() && !open.is_whitespace()) {
                    self.rest = &self.rest[1 + usize::from(kind.is_some()) + open.len_utf8()..];
                    return self.quoted(open, kind.unwrap_or('Q'));
                }
            }
            c if c.is_alphabetic() || c == '_' => return self.name(),
            _ => {}
        }
        for mark in ["||", "&&", "=>", "..", "->", "|&"] {
            if self.rest.starts_with(mark) {
                self.rest = &self.rest[mark.len()..];
                return Some(Token::Mark(mark.to_owned()));
            }
        }
        let c = self.take()?;
        Some(Token::Mark(c.to_string()))
    }

    /// Letters, digits and `_` from here on.
    fn word(&mut self) -> &'s str {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn name(&mut self) -> Option<Token> {
        let mut name = self.word().to_owned();
        if self.language == Language::Perl
            && matches!(name.as_str(), "q" | "qq" | "qw" | "qx" | "m" | "s" | "tr" | "y")
        {
            let rest = self.rest.trim_start();
            let open = rest.chars().next();
            let quotes =
                open.is_some_and(|c| !c.is_alphanumeric() && !matches!(c, ',' | ';' | ')' | '=' | '_'));
            // `=>` makes a name of it.
            if let Some(open) = open.filter(|_| quotes && !rest.starts_with("=>")) {
                self.rest = &rest[open.len_utf8()..];
                return self.quoted(
                    open,
                    match name.as_str() {
                        "q" => 'q',
                        "qw" => 'w',
                        "qx" => 'x',
                        "qq" => 'Q',
                        "m" => 'm',
                        _ => 's',
                    },
                );
            }
        }
        loop {
            let separator = ["::", "."].into_iter().find(|mark| self.rest.starts_with(mark));
            let Some(separator) = separator else {
                break;
            };
            let after = &self.rest[separator.len()..];
            let joins = self.manner.joins.contains(&separator) || self.language == Language::Awk;
            if joins || !after.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                break;
            }
            self.rest = after;
            name.push_str(separator);
            name.push_str(self.word());
        }
        Some(Token::Name(name))
    }

    /// What stands between delimiters of choice, of this kind: `x` is run, `w` are words, `m` and
    /// `s` are patterns.
    fn quoted(&mut self, open: char, kind: char) -> Option<Token> {
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            open => open,
        };
        let text = self.string(open, close, matches!(kind, 'x' | 'Q' | 'W'))?;
        match kind {
            'x' => Some(Token::Command(text)),
            'm' => Some(Token::Mark(PATTERN.to_owned())),
            's' => {
                if open != close {
                    self.rest = self.rest.trim_start();
                    let again = self.take()?;
                    return self.quoted(again, 'm');
                }
                self.string(open, close, false)?;
                Some(Token::Mark(PATTERN.to_owned()))
            }
            _ => Some(Token::String(text)),
        }
    }

    /// A string up to its end, what opens it read; `None` where it has no end.
    fn string(&mut self, open: char, close: char, expands: bool) -> Option<Text> {
        let mut text = Text::default();
        let mut depth = 0_usize;
        loop {
            let c = self.take()?;
            match c {
                c if c == close && depth == 0 => return Some(text),
                '\\' => {
                    let escaped = self.take()?;
                    match escaped {
                        'n' if expands => text.push_str("\n"),
                        't' if expands => text.push_str("\t"),
                        'e' if expands => text.push_str("\x1b"),
                        'x' if expands => {
                            let digits: String =
                                self.rest.chars().take(2).take_while(char::is_ascii_hexdigit).collect();
                            self.rest = &self.rest[digits.len()..];
                            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                            text.push_str(code.unwrap_or('x').encode_utf8(&mut [0; 4]));
                        }
                        other if expands || other == close || other == '\\' => {
                            text.push_str(other.encode_utf8(&mut [0; 4]));
                        }
                        other => {
                            text.push_str("\\");
                            text.push_str(other.encode_utf8(&mut [0; 4]));
                        }
                    }
                }
                c if expands && self.manner.holes.contains(&c) && self.is_hole(c) => {
                    self.hole();
                    text.append(&Text::hole(format!("{c}…"), Shape::Any));
                }
                c => {
                    if open != close {
                        depth = if c == open { depth + 1 } else { depth - usize::from(c == close) };
                    }
                    text.push_str(c.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    /// Whether what follows `c` in a string makes a value of it.
    fn is_hole(&self, c: char) -> bool {
        let next = self.rest.chars().next();
        match c {
            '#' => matches!(next, Some('{' | '$' | '@')),
            '{' => next == Some('$'),
            _ => next.is_some_and(|next| next.is_alphabetic() || matches!(next, '_' | '{' | '$')),
        }
    }

    /// Goes past a value in a string, its first character read.
    fn hole(&mut self) {
        self.rest = self.rest.trim_start_matches(['$', '@']);
        if self.rest.starts_with('{') {
            let mut depth = 0_usize;
            while let Some(c) = self.take() {
                depth = if c == '{' { depth + 1 } else { depth - usize::from(c == '}') };
                if depth == 0 {
                    return;
                }
            }
        }
        self.word();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done, a word each.
    fn done(language: Language, source: &str) -> Vec<String> {
        effects(language, source)
            .into_iter()
            .map(|effect| match effect {
                CodeEffect::Shell(text) => format!("sh {}", text.display()),
                CodeEffect::Call(call) => {
                    let args: Vec<String> = call.args.iter().map(Text::display).collect();
                    format!("call {} {}", call.program.display(), args.join(" "))
                }
                CodeEffect::Path(effect) => {
                    format!("{} {}", if effect.recursive { "tree" } else { "file" }, effect.path.display())
                }
                CodeEffect::Request(_) => "request".to_owned(),
            })
            .collect()
    }

    #[test]
    fn commands_in_strings_are_found() {
        for (language, source, wanted) in [
            (Language::Perl, "system(\"rm -rf /\")", "sh rm -rf /"),
            (Language::Perl, "system 'rm -rf ' . $x;", "sh rm -rf (a value)"),
            (Language::Perl, "my $x = `ls $d`; print 1", "sh ls $…"),
            (Language::Perl, "qx{rm -rf {a}}", "sh rm -rf {a}"),
            (Language::Perl, "open(F, '|sh x')", "sh sh x"),
            (Language::Perl, "open(my $f, '-|', 'id')", "sh id"),
            (Language::Ruby, "system \"rm -rf #{d}\" if x", "sh rm -rf #…"),
            (Language::Ruby, "%x(rm -rf /)", "sh rm -rf /"),
            (Language::Ruby, "FileUtils.rm_rf('/x')", "tree /x"),
            (Language::Ruby, "FileUtils.rm_rf(Dir.glob('*'))", "sh rm -rf -- *"),
            (Language::Ruby, "File.delete 'a', \"b\"", "file a"),
            (Language::Php, "<?php shell_exec('rm -rf /');", "sh rm -rf /"),
            (Language::Php, "echo `id`;", "sh id"),
            (Language::Lua, "os.execute('rm -rf ' .. x)", "sh rm -rf (a value)"),
            (Language::Awk, "{ system(\"rm \" $1) }", "sh rm (a value)"),
            (Language::Awk, "{ print $1 | \"sh\" }", "sh sh"),
            (Language::Awk, "BEGIN { \"date\" | getline d }", "sh date"),
        ] {
            let found = done(language, source);
            assert_eq!(found.first().map(String::as_str), Some(wanted), "{source}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_command_is_none() {
        for (language, source) in [
            (Language::Perl, "s/system(\"rm\")/x/; print"),
            (Language::Perl, "print \"system('rm -rf /')\"; # unlink 'a'"),
            (Language::Perl, "$h{unlink} = 1; s{a}{unlink 'b'}; tr/a/b/"),
            (Language::Perl, "print 'don\\'t' if /'/; print '`x`'"),
            (Language::Ruby, "puts \"FileUtils.rm_rf('/')\" # system 'x'"),
            (Language::Ruby, "x = a / b; y = c / d; puts %w(system exec)"),
            (Language::Awk, "/system(\"x\")/ { print $1 / 2 }"),
            (Language::Awk, "{ print \"a|b\" || \"c\" }"),
            (Language::Lua, "print('x') -- os.execute('y')"),
            (Language::Php, "echo 'system(\"x\")'; // exec('y')\n/* exec('z') */"),
        ] {
            assert_eq!(done(language, source), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn what_has_no_end_ends_the_reading() {
        for source in ["system(\"rm", "qx{", "s/a/b", "`", "\"\\", "%x", "#{", "q", "qw"] {
            for language in [Language::Perl, Language::Ruby, Language::Php, Language::Lua, Language::Awk] {
                assert_eq!(done(language, source), Vec::<String>::new(), "{source}");
            }
        }
    }

    #[test]
    fn literals_that_awk_prints_are_known() {
        let prints = |source: &str| awk_prints(source).and_then(|text| text.as_known().map(str::to_owned));
        assert_eq!(prints("BEGIN{print \"rm -rf /\"}").as_deref(), Some("rm -rf /\n"));
        assert_eq!(prints("BEGIN { print \"a\", \"b\"; printf \"c\" }").as_deref(), Some("a b\nc"));
        assert_eq!(prints("{print \"a\"}"), None);
        assert_eq!(prints("BEGIN{print 1}"), None);
    }
}
