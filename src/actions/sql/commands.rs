//! The commands of the clients themselves: `\i file`, `.shell cmd`, `source file`.

use super::database;
use super::lexer::{self, Flavour, Kind};
use super::session::{Session, with_holes};
use super::split::Commands;
use crate::model::{StatementKind, Text};

impl Session<'_> {
    /// A line for the client itself; `previous` is the statement before it.
    pub(super) fn command(&mut self, line: &str, previous: &str) {
        match self.commands {
            Commands::None => {}
            Commands::Psql => self.psql(line, previous),
            Commands::Dot => self.dot(line),
            Commands::MySql => self.mysql(line),
            Commands::Sqlcmd => self.sqlcmd(line),
        }
    }

    fn psql(&mut self, line: &str, previous: &str) {
        let (name, rest) = named(&line[1..]);
        let words = words(rest);
        let first = words.first().map_or("", String::as_str);
        match name {
            "i" | "ir" | "include" | "include_relative" => self.file(&with_holes(first)),
            "!" => return self.shell(rest),
            "copy" => self.copy(rest),
            "g" | "gx" | "o" | "out" | "w" | "write" | "s" => self.output(rest, first),
            "gexec" => {
                let flavour = self.flavour;
                self.strings(&lexer::tokens(previous, flavour));
            }
            "c" | "connect" => self.reconnect(&words),
            _ => {}
        }
        // The shell's output as an argument.
        for command in rest.split('`').skip(1).step_by(2) {
            self.shell(command);
        }
    }

    /// `\copy t to 'file'`, `\copy t from program 'cmd'`.
    fn copy(&mut self, rest: &str) {
        let tokens = lexer::tokens(rest, Flavour::Postgres);
        let behind =
            |word: &str| tokens.iter().rposition(|token| token.is(word)).and_then(|at| tokens.get(at + 1));
        if let Some(command) = behind("PROGRAM") {
            self.shell(command.content());
        } else if let Some(file) = behind("TO").filter(|file| !file.is("STDOUT PSTDOUT PROGRAM")) {
            let end = rest[file.start..].find(char::is_whitespace).map_or(rest.len(), |end| file.start + end);
            match file.kind {
                Kind::Text => self.writes(file.content()),
                _ => self.writes(&rest[file.start..end]),
            }
        }
    }

    /// To a file, or into a command.
    fn output(&mut self, rest: &str, first: &str) {
        let piped = rest.trim_start().strip_prefix('|').or_else(|| first.strip_prefix('|'));
        match piped {
            Some(command) => self.shell(command),
            None if matches!(first, "" | "stdout" | "off") || first.starts_with(['-', '(']) => {}
            None => self.writes(first),
        }
    }

    fn reconnect(&mut self, words: &[String]) {
        let words: Vec<Text> =
            words.iter().filter(|word| *word != "-").map(|word| with_holes(word)).collect();
        self.database = (self.connect)(&words);
        self.doubt_transaction();
    }

    fn dot(&mut self, line: &str) {
        let (name, rest) = named(&line[1..]);
        let words = words(rest);
        let first = words.first().map_or("", String::as_str);
        let last = words.last().map_or("", String::as_str);
        // The shell takes any unambiguous start of a name.
        let is = |full: &str, least: usize| name.len() >= least && full.starts_with(name);
        if is("read", 3) {
            match rest.strip_prefix('|').or_else(|| first.strip_prefix('|')) {
                Some(command) => self.shell(command),
                None => self.file(&with_holes(first)),
            }
        } else if is("shell", 2) || is("system", 2) {
            self.shell(rest);
        } else if is("output", 1) || is("once", 2) {
            self.output(rest, first);
        } else if is("import", 1) {
            if let Some(command) = words.iter().find_map(|word| word.strip_prefix('|')) {
                self.shell(command);
            }
        } else if is("restore", 3) {
            self.does(StatementKind::Restore);
        } else if is("open", 3) {
            if words.iter().any(|word| word == "--new" || word == "-new") {
                self.writes(last);
            }
            self.reconnect(&words);
        } else if (is("save", 2) || is("backup", 1) || is("clone", 2)) && !last.is_empty() {
            self.writes(last);
        }
    }

    fn mysql(&mut self, line: &str) {
        let (name, rest) = match line.strip_prefix('\\') {
            Some(short) => {
                let end = short.chars().next().map_or(0, char::len_utf8);
                (&short[..end], &short[end..])
            }
            None => named(line),
        };
        let words = words(rest);
        let first = words.first().map_or("", String::as_str);
        match name.to_ascii_lowercase().as_str() {
            "source" | "." => self.file(&with_holes(first)),
            "system" | "!" | "pager" => self.shell(rest),
            "p" if name == "P" => self.shell(rest),
            "tee" => self.writes(first),
            "t" if name == "T" => self.writes(first),
            "use" | "u" => self.database = database::beside(&self.database, with_holes(first)),
            "connect" | "r" => self.reconnect(&words),
            _ => {}
        }
    }

    fn sqlcmd(&mut self, line: &str) {
        let line = line.trim_start_matches(':');
        if let Some(command) = line.strip_prefix("!!") {
            return self.shell(command);
        }
        let (name, rest) = named(line);
        let words = words(rest);
        let first = words.first().map_or("", String::as_str);
        match name.to_ascii_lowercase().as_str() {
            "r" => self.file(&with_holes(first)),
            "out" => self.output(rest, first),
            "connect" => self.reconnect(&words),
            _ => {}
        }
    }
}

/// A command's name and the rest of its line.
fn named(line: &str) -> (&str, &str) {
    let end = match line.starts_with('!') {
        true => 1,
        false => line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len()),
    };
    (&line[..end], line[end..].trim_start())
}

/// The words of a command, without their quotes and the end of a statement.
fn words(rest: &str) -> Vec<String> {
    let rest = rest.trim_end().trim_end_matches(';');
    let split = shell_words::split(rest).unwrap_or_else(|_| vec![rest.to_owned()]);
    split.into_iter().filter(|word| !word.is_empty()).collect()
}
