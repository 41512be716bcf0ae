//! SQL that code sends whose grammar is not read, by the strings in it.

use super::tokens::Token;
use crate::actions::sql::looks_like_sql;
use crate::actions::wrappers::is_one_of;
use crate::actions::{CodeDatabase, CodeEffect};
use crate::model::Text;

/// The functions and methods that send SQL.
const SENDS: &str = "execute execute_batch execute! exec exec_query exec_params exec_update exec_delete query query! run do \
    prepare statement unprepared delete update select_all selectall_arrayref multi_query mysqli_query \
    mysqli_multi_query pg_query sqlite_exec dbExecute dbSendQuery dbSendStatement dbGetQuery sql raw";
/// Methods that take all rows of what they are called on, or a table.
const EMPTIES: &[(&str, &str)] = &[
    ("delete_all", "DELETE FROM"),
    ("destroy_all", "DELETE FROM"),
    ("truncate", "TRUNCATE"),
    ("drop_table", "DROP TABLE"),
    ("drop_table?", "DROP TABLE"),
];

/// Adds the statements that the tokens show.
pub(super) fn statements(tokens: &[Token], found: &mut Vec<CodeEffect>) {
    let place = || place(tokens);
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(name) = token else {
            continue;
        };
        let (on, method) = name.rsplit_once(['.', ':']).unwrap_or(("", name));
        let next = |offset: usize| tokens.get(at + offset);
        if is_one_of(method, SENDS) {
            // `db.execute("…")`, `$db->exec("…")`, `dbExecute(con, "…")`
            let near = tokens[at + 1..].iter().take(10);
            let near = near.take_while(|token| !matches!(token, Token::Mark(mark) if mark == ";"));
            found.extend(near.filter_map(|token| match token {
                Token::String(text) if looks_like_sql(text.known_start()) => {
                    Some(CodeEffect::Sql { text: text.clone(), database: place() })
                }
                _ => None,
            }));
        } else if let Some((_, verb)) = EMPTIES.iter().find(|(known, _)| *known == method) {
            let table = match (next(1), next(2), next(3)) {
                (Some(Token::Mark(mark)), Some(Token::Name(table)), _) if mark == ":" => table.as_str(),
                (Some(Token::Mark(_)), Some(Token::Mark(mark)), Some(Token::Name(table))) if mark == ":" => {
                    table
                }
                (Some(Token::String(table)), ..) | (_, Some(Token::String(table)), _) => {
                    table.as_known().unwrap_or("it")
                }
                _ => on.trim_end_matches(':'),
            };
            // `User.where(…).delete_all` chooses; `file.truncate(0)` is no table.
            let model = table.starts_with(char::is_uppercase) && !table.starts_with("File");
            if model || verb.starts_with("DROP") && !table.is_empty() {
                let text = Text::known(format!("{verb} {}", table.rsplit(['.', ':']).next().unwrap_or("it")));
                found.push(CodeEffect::Sql { text, database: place() });
            }
        }
    }
}

/// The database that the strings name.
fn place(tokens: &[Token]) -> CodeDatabase {
    let strings = tokens.iter().filter_map(|token| match token {
        Token::String(text) => text.as_known(),
        _ => None,
    });
    for text in strings {
        let file = ["dbi:SQLite:dbname=", "dbi:SQLite:", "sqlite:"]
            .iter()
            .find_map(|start| text.strip_prefix(start));
        let named =
            [".db", ".sqlite", ".sqlite3", ".duckdb", ":memory:"].iter().any(|end| text.ends_with(end));
        if let Some(file) = file.or_else(|| named.then_some(text)) {
            return CodeDatabase::File(Some(Text::known(file.trim_start_matches("//"))));
        }
        if text.contains("://") && !text.starts_with("http") {
            return CodeDatabase::Server { host: None, name: Some(Text::known(text)) };
        }
    }
    CodeDatabase::Unknown
}
