//! A client's input taken apart: statements, and the client's own commands between them.

use super::lexer::{self, Flavour, HOLE, Kind, Token};
use crate::model::Span;

/// A client's own commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commands {
    /// It has none.
    None,
    /// `\i file`: psql and kin.
    Psql,
    /// `.read file`: sqlite3, duckdb.
    Dot,
    /// `source file`, `\. file`: mysql.
    MySql,
    /// `:r file`, `GO`: sqlcmd.
    Sqlcmd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'t> {
    /// One statement, without its end; whether a word in it may do more than read or add.
    Statement(&'t str, bool),
    /// A line for the client.
    Command(&'t str),
}

impl Item<'_> {
    /// Where it stands in the text that it was taken from.
    pub fn span(self, text: &str) -> Span {
        let (Item::Statement(part, _) | Item::Command(part)) = self;
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Span::new(start, start + part.len())
    }
}

/// Words that begin a line for the mysql client.
const MYSQL: &str = "SOURCE SYSTEM TEE PAGER USE CONNECT NOTEE NOPAGER DELIMITER";

/// Words without which no statement is more than a reading or an addition; upper case.
const NOTABLE: &[&str] = &[
    "ATTACH",
    "DROP",
    "TRUNCATE",
    "DELETE",
    "UPDATE",
    "ALTER",
    "GRANT",
    "REVOKE",
    "EXEC",
    "EXECUTE",
    "SP_EXECUTESQL",
    "DBLINK",
    "DBLINK_EXEC",
    "QUERY_TO_XML",
    "PREPARE",
    "MERGE",
    "PROGRAM",
    "PURGE",
    "RESET",
    "PG_TERMINATE_BACKEND",
    "KILL",
    "LOAD_FILE",
    "OUTFILE",
    "DUMPFILE",
    "WRITABLE_SCHEMA",
    "OVERWRITE",
    "DO",
    "XP_CMDSHELL",
    "WRITEFILE",
    "PG_FILE_WRITE",
    "LO_EXPORT",
    "EDIT",
    "CREATE",
    "BEGIN",
    "START",
    "ROLLBACK",
    "COMMIT",
    "END",
    "ABORT",
    "CALL",
    "SET",
];

fn is_notable(token: &Token) -> bool {
    let known = |word: &str| word.len() == token.text.len() && word.eq_ignore_ascii_case(token.text);
    token.kind == Kind::Word && (NOTABLE.iter().any(|word| known(word)) || token.text.contains(HOLE))
}

/// Takes a client's input apart.
pub(super) fn split(text: &str, flavour: Flavour, commands: Commands) -> Vec<Item<'_>> {
    let mut delimiter = ";".to_owned();
    let (mut at, mut start, mut notable) = (0, None, false);
    let mut body = Body::default();
    let mut items: Vec<Item<'_>> = Vec::new();
    let flush = |start: &mut Option<usize>, notable: &mut bool, end: usize| {
        let notable = std::mem::take(notable);
        start.take().map(|from| Item::Statement(text[from..end].trim(), notable))
    };
    while let Some(token) = lexer::next(text, at, flavour) {
        let line = || {
            let end = text[token.start..].find('\n').map_or(text.len(), |end| token.start + end);
            text[token.start..end].trim_end()
        };
        if body.depth == 0 && text[token.start..].starts_with(&*delimiter) {
            items.extend(flush(&mut start, &mut notable, token.start));
            at = token.start + delimiter.len();
            body = Body::default();
            continue;
        }
        let command = match commands {
            Commands::None => false,
            Commands::Psql => token.is_mark("\\"),
            Commands::Dot => start.is_none() && token.is_mark("."),
            Commands::MySql => token.is_mark("\\") || (start.is_none() && token.is(MYSQL)),
            Commands::Sqlcmd => {
                (begins_line(text, token.start) && (token.is_mark(":") || token.is_mark("!")))
                    || (token.is("GO") && line().trim().len() == 2)
            }
        };
        if command {
            let line = line();
            at = token.start + line.len();
            // psql: `\;` only separates, `\\` ends a command.
            let ends = line[1..].find("\\\\").filter(|_| commands == Commands::Psql);
            items.extend(flush(&mut start, &mut notable, token.start));
            let line = match ends {
                Some(end) => {
                    at = token.start + 1 + end + 2;
                    &line[..=end]
                }
                None => line,
            };
            // `use x; drop …`: statements may stand behind it.
            let line = match line.find(&*delimiter).filter(|_| token.is("USE CONNECT")) {
                Some(end) => {
                    at = token.start + end;
                    &line[..end]
                }
                None => line,
            };
            let mut words = line.split_whitespace();
            if words.next().is_some_and(|word| word.eq_ignore_ascii_case("delimiter")) {
                delimiter = words.next().unwrap_or(";").to_owned();
            } else if line.starts_with("\\;") {
                at = token.start + 2;
            } else {
                items.push(Item::Command(line));
            }
            continue;
        }
        start.get_or_insert(token.start);
        body.follow(&token);
        notable |= is_notable(&token);
        at = token.end();
    }
    items.extend(flush(&mut start, &mut notable, text.len()));
    items
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before[before.rfind('\n').map_or(0, |end| end + 1)..].trim().is_empty()
}

/// The body of a trigger or routine, in which `;` ends nothing.
#[derive(Default)]
struct Body {
    words: usize,
    creates: bool,
    routine: bool,
    depth: usize,
    ended: bool,
}

impl Body {
    fn follow(&mut self, token: &Token) {
        // `END IF`, `END LOOP` end no block.
        let of_block = !std::mem::take(&mut self.ended) || !token.is("IF LOOP WHILE REPEAT FOR");
        if token.kind != Kind::Word {
            return;
        }
        self.creates |= self.words == 0 && token.is("CREATE");
        self.routine |= self.creates && token.is("TRIGGER PROCEDURE FUNCTION EVENT PACKAGE");
        self.words += 1;
        if !of_block || (self.routine && token.is("BEGIN CASE")) {
            self.depth += 1;
        } else if self.routine && self.depth > 0 && token.is("END") {
            self.depth -= 1;
            self.ended = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, flavour: Flavour, commands: Commands) -> Vec<String> {
        let items = split(text, flavour, commands).into_iter();
        items
            .map(|item| match item {
                Item::Statement(statement, _) => statement.to_owned(),
                Item::Command(line) => format!("> {line}"),
            })
            .collect()
    }

    #[test]
    fn statements_and_commands() {
        use Commands::{Dot, MySql, Psql, Sqlcmd};
        for (text, flavour, commands, expected) in [
            ("a; b 'x;y';\n;c", Flavour::Postgres, Psql, vec!["a", "b 'x;y'", "c"]),
            ("a; -- x;\nb", Flavour::Postgres, Psql, vec!["a", "b"]),
            ("\\i x.sql\na;", Flavour::Postgres, Psql, vec!["> \\i x.sql", "a"]),
            ("a \\gexec\nb", Flavour::Postgres, Psql, vec!["a", "> \\gexec", "b"]),
            ("\\x \\\\ a", Flavour::Postgres, Psql, vec!["> \\x ", "a"]),
            ("a \\; b", Flavour::Postgres, Psql, vec!["a", "b"]),
            (".read x\na\n.b;", Flavour::Sqlite, Dot, vec!["> .read x", "a\n.b"]),
            ("DELIMITER //\na; b//\ndelimiter ;\nc; d", Flavour::MySql, MySql, vec!["a; b", "c", "d"]),
            (
                "source a.sql\nb \\! ls\nc",
                Flavour::MySql,
                MySql,
                vec!["> source a.sql", "b", "> \\! ls", "c"],
            ),
            ("a\nGO\nb\n:r x", Flavour::MsSql, Sqlcmd, vec!["a", "> GO", "b", "> :r x"]),
            (
                "CREATE TRIGGER t AFTER DELETE ON x BEGIN DELETE FROM y; SELECT CASE WHEN 1 THEN 2 END; END; a",
                Flavour::Sqlite,
                Dot,
                vec![
                    "CREATE TRIGGER t AFTER DELETE ON x BEGIN DELETE FROM y; SELECT CASE WHEN 1 THEN 2 END; END",
                    "a",
                ],
            ),
            ("BEGIN; a; END; b", Flavour::Sqlite, Dot, vec!["BEGIN", "a", "END", "b"]),
        ] {
            assert_eq!(parts(text, flavour, commands), expected, "{text}");
        }
    }
}
