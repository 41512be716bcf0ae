//! What a client does with the text that it gets: statements in their order, and what they make of
//! each other.

use std::collections::{HashMap, HashSet};

use super::super::disguise;
use super::lexer::{self, Flavour, HOLE, Kind, Token};
use super::split::{Commands, Item, split};
use super::words::{self, Draft, Words};
use super::{SqlEffect, database, parsed};
use crate::model::{
    Database, Inside, ObjectKind, PathEffect, PathOp, Piece, ReadError, Shape, Span, Statement,
    StatementKind, Target, Text,
};

/// Words with which SQL in a string is run.
const EXECUTES: &str = "EXECUTE EXEC PREPARE SP_EXECUTESQL DBLINK DBLINK_EXEC QUERY_TO_XML";
/// Files in files, and SQL in strings, are read this deep.
const LEVELS: usize = 8;
/// An effect, with where its text stands in the outermost source, and in a file that the client reads.
pub(super) type Found = (SqlEffect, Option<Span>, Option<Inside>);

/// Reads a file that the client reads.
pub(super) type ReadFile<'a> = &'a mut dyn FnMut(&Text) -> Result<Text, ReadError>;

/// A client with its connection.
pub(super) struct Session<'a> {
    pub flavour: Flavour,
    pub commands: Commands,
    pub client: String,
    pub database: Database,
    /// Where another connection would go, given its words.
    pub connect: &'a dyn Fn(&[Text]) -> Database,
    pub read: ReadFile<'a>,
    pub out: Vec<Found>,
    /// Where the text that is being taken in stands in the outermost source.
    pub span: Option<Span>,
    /// The statement that is being read, and the level of its file.
    inside: Option<(Inside, usize)>,
    seen: HashSet<(Draft, Text)>,
    /// What the text makes, in lower case.
    created: HashSet<String>,
    /// What some `CREATE` of the whole text makes.
    defined: HashSet<String>,
    /// Columns that the text added, with their tables.
    added: HashSet<(String, String)>,
    /// Routines that the text defines, by name.
    routines: HashMap<String, String>,
    /// What was found when the open transaction began; nothing ended it since for certain.
    transaction: Option<usize>,
    level: usize,
}

impl<'a> Session<'a> {
    pub fn new(
        (flavour, commands): (Flavour, Commands),
        client: &str,
        connect: &'a dyn Fn(&[Text]) -> Database,
        read: ReadFile<'a>,
    ) -> Session<'a> {
        Session {
            flavour,
            commands,
            client: client.to_owned(),
            database: connect(&[]),
            connect,
            read,
            out: Vec::new(),
            span: None,
            inside: None,
            seen: HashSet::new(),
            created: HashSet::new(),
            defined: HashSet::new(),
            added: HashSet::new(),
            routines: HashMap::new(),
            transaction: None,
            level: 0,
        }
    }

    /// Takes in text, given as an argument or read from a file.
    pub fn text(&mut self, text: &Text) {
        if disguise::begins_statement(text) {
            self.note(SqlEffect::Disguised);
        }
        if text.is_opaque() {
            let draft = Draft::rows(StatementKind::Unknown, String::new());
            self.push(Draft { object: ObjectKind::Other, ..draft });
            return self.note(SqlEffect::Opaque(format!("SQL of {}", text.display())));
        }
        let known: String = text
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) | Piece::Glob(text) => text.clone(),
                Piece::Hole(_) => HOLE.to_string(),
            })
            .collect();
        self.script(&known);
    }

    /// Takes in a file.
    pub fn file(&mut self, path: &Text) {
        match (self.read)(path) {
            Ok(text) => {
                let inside = Inside::file(path, &text).map(|inside| (inside, self.level + 1));
                let saved = std::mem::replace(&mut self.inside, inside);
                self.text(&text);
                self.inside = saved;
            }
            // The client reads nothing then.
            Err(ReadError::Absent) => {}
            Err(why) => self.note(SqlEffect::Opaque(format!("`{}`: {why}", path.display()))),
        }
    }

    fn script(&mut self, text: &str) {
        if self.level >= LEVELS {
            return self.note(SqlEffect::TooDeep);
        }
        self.level += 1;
        let items = split(text, self.flavour, self.commands);
        let mut executes = false;
        for item in &items {
            if let Item::Statement(sql, true) = item {
                let tokens = lexer::tokens(sql, self.flavour);
                executes |= tokens.iter().any(|token| token.is(EXECUTES));
                self.defined.extend(made(&tokens).map(|made| made.name));
            }
        }
        for item in items.iter().filter(|_| executes) {
            if let Item::Statement(sql, _) = item {
                self.assigned(&lexer::tokens(sql, self.flavour));
            }
        }
        let mut previous = "";
        for item in items {
            if let Some((inside, level)) = &mut self.inside
                && *level == self.level
            {
                inside.span = item.span(text);
            }
            match item {
                Item::Statement(sql, notable) => {
                    match notable || !self.routines.is_empty() || self.database.production {
                        true => self.statement(sql),
                        false => self.add(sql),
                    }
                    previous = sql;
                }
                Item::Command(line) => self.command(line, previous),
            }
        }
        self.level -= 1;
    }

    /// Takes in SQL that stands in strings.
    pub fn strings(&mut self, tokens: &[Token]) {
        let commands = std::mem::replace(&mut self.commands, Commands::None);
        strings(tokens).iter().for_each(|text| self.script(text));
        self.commands = commands;
    }

    /// Takes in the strings that a statement puts into variables, which another executes.
    fn assigned(&mut self, tokens: &[Token]) {
        let first = tokens.first().is_some_and(|token| token.is("SET DECLARE"));
        let assigns = tokens.windows(2).any(|pair| {
            pair[1].is_mark("=") && (matches!(pair[0].text, ":" | "+") || pair[0].text.starts_with('@'))
                || pair[0].is("INTO") && pair[1].text.starts_with('@')
        });
        if first || assigns {
            self.strings(tokens);
        }
    }

    /// Takes in a statement without any word of a loss. Dumps are full of them: the beginning tells.
    fn add(&mut self, sql: &str) {
        const ADDS: &str = "INSERT REPLACE UPSERT LOAD IMPORT COMMENT RENAME REINDEX CLUSTER OPTIMIZE REFRESH REASSIGN \
            SECURITY PUT COPY WITH EXPLAIN";
        const ENOUGH: usize = 8;
        let Some(first) = lexer::next(sql, 0, self.flavour).filter(|first| first.is(ADDS)) else { return };
        let most = if first.is("COPY WITH EXPLAIN") { usize::MAX } else { ENOUGH };
        let tokens: Vec<Token> = lexer::each(sql, self.flavour).take(most).collect();
        let draft = words::added(&Words { sql, tokens: &tokens, flavour: self.flavour });
        // What the text made, it fills.
        let draft = draft.filter(|draft| !self.created.contains(&draft.name));
        draft.into_iter().for_each(|draft| self.push(draft));
    }

    fn statement(&mut self, sql: &str) {
        let tokens = lexer::tokens(sql, self.flavour);
        let words = Words { sql, tokens: &tokens, flavour: self.flavour };
        self.follow_transaction(&words);
        // What is attached is no memory: from here on it may be what is meant.
        if words.is(0, "ATTACH")
            && let Some(file) = tokens.iter().find(|token| token.kind == Kind::Text)
        {
            let attached = (self.connect)(&[with_holes(file.content())]);
            if self.database.target == Target::Scratch {
                self.database = attached;
            }
        }
        let mentions = words.is(0, "CREATE ALTER DROP COMMENT GRANT REVOKE");
        for token in tokens.iter().filter(|token| token.kind == Kind::Word && !mentions) {
            if let Some(body) = self.routines.remove(&token.name()) {
                self.script(&body);
            }
        }
        words::calls(&words).into_iter().for_each(|draft| self.push(draft));
        if words.is(0, "CREATE") && self.define(&words) {
            words::added(&words).into_iter().for_each(|draft| self.push(draft));
            return;
        }
        let procedural = words.is(0, "DO") || words.find(EXECUTES).is_some();
        if procedural || (words.is(0, "SET") && self.flavour == Flavour::MySql) {
            self.strings(&tokens);
        }
        let parses = words.is(0, "SELECT WITH INSERT REPLACE UPDATE DELETE MERGE EXPLAIN PREPARE CREATE")
            && words.find("DELETE UPDATE MERGE").is_some()
            && self.flavour != Flavour::MsSql
            && !sql.contains("/*");
        let parsed = if parses { parsed::read(sql, self.flavour) } else { None };
        let mut drafts = parsed.unwrap_or_else(|| words::verbs(&words));
        if drafts.is_empty() {
            drafts.extend(words::added(&words));
        }
        drafts.into_iter().for_each(|draft| self.push(draft));
        self.remember(&words);
    }

    /// What is begun and rolled back loses nothing, where no statement between may have ended it.
    fn follow_transaction(&mut self, words: &Words) {
        let begins = words.is(0, "BEGIN") || (words.is(0, "START") && words.is(1, "TRANSACTION"));
        let plain = words.tokens.len() == 1
            || words.is(1, "TRANSACTION TRAN WORK ISOLATION READ DEFERRED IMMEDIATE EXCLUSIVE NOT");
        if begins && plain {
            self.transaction = Some(self.out.len());
        } else if words.is(0, "ROLLBACK ABORT") && words.find("TO PREPARED").is_none() {
            let definite = |kind: StatementKind| {
                use StatementKind::{PurgeLogs, ServerFile, ServerProgram, Terminate};
                matches!(kind, PurgeLogs | ServerFile | ServerProgram | Terminate)
            };
            // Elsewhere what defines ends the transaction.
            let defines = !matches!(self.flavour, Flavour::Postgres | Flavour::Sqlite | Flavour::DuckDb);
            if let Some(from) = self.transaction.take() {
                let kept = self.out.split_off(from).into_iter().filter(|(effect, ..)| match effect {
                    SqlEffect::Statement(statement, _) => {
                        definite(statement.kind) || (defines && statement.object != ObjectKind::Rows)
                    }
                    _ => true,
                });
                let kept: Vec<Found> = kept.collect();
                self.out.extend(kept);
                self.seen.clear();
            }
        } else if words.is(0, "COMMIT END CALL BEGIN") || words.sql.starts_with(HOLE) {
            self.transaction = None;
        }
    }

    /// Notes what a `CREATE` makes; true where it only defines code.
    fn define(&mut self, words: &Words) -> bool {
        let Some(made) = made(words.tokens) else {
            return false;
        };
        if made.routine {
            let body = words.tokens.iter().rfind(|token| token.kind == Kind::Text);
            let body = body.map(|token| token.content()).or_else(|| {
                let begin = words.find("BEGIN AS DO")?;
                words.sql.get(words.tokens[begin].end()..)
            });
            self.routines.insert(made.name, body.unwrap_or_default().to_owned());
            // `CREATE EVENT … DO` runs by itself.
            return !words.is(1, "EVENT");
        }
        let before = self.created.contains(&made.name);
        if made.sure {
            self.created.insert(made.name);
        }
        before
    }

    fn remember(&mut self, words: &Words) {
        if !words.is(0, "ALTER") || !words.is(1, "TABLE") {
            return;
        }
        let (table, _) = words.name(words.skip(2, "IF EXISTS ONLY"));
        for at in (0..words.tokens.len()).filter(|at| words.is(*at, "ADD")) {
            let (column, _) = words.name(words.skip(at + 1, "COLUMN IF NOT EXISTS"));
            self.added.insert((table.clone(), column));
        }
    }

    /// Notes what a statement does, unless only what the same text made is touched.
    fn push(&mut self, draft: Draft) {
        use StatementKind::{AlterDrop, AlterType, Delete, Drop, Truncate, Update};
        let table = match draft.kind {
            AlterDrop | AlterType => draft.name.rsplit_once('.').map_or("", |(table, _)| table),
            _ => &draft.name,
        };
        let own = matches!(draft.kind, AlterDrop | AlterType | Delete | Drop | Truncate | Update)
            && self.created.contains(table);
        let again = draft.kind == Drop
            && draft.object == ObjectKind::Definition
            && self.defined.contains(draft.name.rsplit('.').next().unwrap_or_default());
        let fills = draft.kind == Update
            && !draft.columns.is_empty()
            && draft.columns.iter().all(|column| self.added.contains(&(draft.name.clone(), column.clone())));
        if own && draft.kind == Drop {
            self.created.remove(&draft.name);
        }
        if own || again || fills || !self.seen.insert((draft.clone(), self.database.name.clone())) {
            return;
        }
        // `other.users`: in MySQL a database and a table of it.
        let elsewhere = match draft.kind {
            Delete | Drop | Truncate | Update if self.flavour == Flavour::MySql => draft.name.split_once('.'),
            _ => None,
        };
        let connected = match elsewhere {
            Some((name, _)) => &database::beside(&self.database, with_holes(name)),
            None => &self.database,
        };
        let statement = Statement {
            kind: draft.kind,
            object: draft.object,
            name: with_holes(&draft.name),
            without_where: draft.without_where,
            client: self.client.clone(),
            database: database::judged(connected, &draft, &self.client),
        };
        self.note(SqlEffect::Statement(statement, draft.certainty));
    }

    fn note(&mut self, effect: SqlEffect) {
        let inside = self.inside.as_ref().map(|(inside, _)| inside.clone());
        self.out.push((effect, self.span, inside));
    }

    /// The client overwrites a file.
    pub fn writes(&mut self, path: &str) {
        self.note(SqlEffect::Path(PathEffect {
            op: PathOp::Overwrite,
            path: with_holes(path),
            recursive: false,
            by: self.client.clone(),
            content: None,
            span: None,
        }));
    }

    /// The client runs a command of the shell.
    pub fn shell(&mut self, command: &str) {
        if !command.trim().is_empty() {
            self.note(SqlEffect::Shell(with_holes(command.trim())));
        }
    }

    /// Something of its own that the client does, named by kind.
    pub fn does(&mut self, kind: StatementKind) {
        let draft = Draft { object: ObjectKind::Database, ..Draft::rows(kind, String::new()) };
        let name = self.database.name.clone();
        self.push(draft);
        if let Some((SqlEffect::Statement(statement, _), ..)) = self.out.last_mut() {
            statement.name = name;
        }
    }

    /// Nothing is known of how the open transaction ends.
    pub fn doubt_transaction(&mut self) {
        self.transaction = None;
    }
}

/// The texts of strings; what is put together (`'a' || b`, `CONCAT('a', b)`) as one, with holes.
pub(super) fn strings(tokens: &[Token]) -> Vec<String> {
    let joins = |at: usize, listed: bool| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_mark("|") || token.is_mark("+") || listed && token.is_mark(","))
    };
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        let listed = at > 1 && tokens[at - 1].is_mark("(") && tokens[at - 2].is("CONCAT");
        at += 1;
        if token.kind != Kind::Text {
            continue;
        }
        let mut whole = token.content().replace("''", "'");
        while joins(at, listed) {
            at += 1;
            let mut depth = 0;
            while let Some(token) = tokens.get(at).filter(|_| depth > 0 || !joins(at, listed)) {
                match token.text {
                    "(" => depth += 1,
                    ")" if depth == 0 => break,
                    ")" => depth -= 1,
                    _ if depth > 0 => {}
                    ";" => break,
                    _ if token.kind == Kind::Text => whole.push_str(&token.content().replace("''", "'")),
                    _ => whole.push(HOLE),
                }
                at += 1;
            }
        }
        out.push(whole);
    }
    out
}

/// What a `CREATE` makes.
struct MadeObject {
    name: String,
    /// Code that runs only when it is called.
    routine: bool,
    /// It was not there before.
    sure: bool,
}

fn made(tokens: &[Token]) -> Option<MadeObject> {
    let is = |at: usize, words: &str| tokens.get(at).is_some_and(|token| token.is(words));
    if !is(0, "CREATE") {
        return None;
    }
    let mut at = 1;
    let mut temporary = false;
    let mut replaces = false;
    while is(
        at,
        "OR REPLACE TEMP TEMPORARY UNLOGGED UNIQUE MATERIALIZED VIRTUAL GLOBAL LOCAL RECURSIVE CONSTRAINT DEFINER",
    ) {
        temporary |= is(at, "TEMP TEMPORARY");
        replaces |= is(at, "REPLACE");
        at += 1;
    }
    let routine = is(at, "FUNCTION PROCEDURE TRIGGER EVENT MACRO PACKAGE");
    at += 1;
    let mut optional = false;
    while is(at, "IF NOT EXISTS CONCURRENTLY") {
        optional |= is(at, "EXISTS");
        at += 1;
    }
    let words = Words { sql: "", tokens, flavour: Flavour::Other };
    let (name, _) = words.name(at);
    let sure = !name.is_empty() && (temporary || !(optional || replaces));
    (!name.is_empty()).then_some(MadeObject { name, routine, sure })
}

/// Text of the client's with its unknown parts.
pub(super) fn with_holes(text: &str) -> Text {
    let mut out = Text::default();
    for (at, part) in text.split(HOLE).enumerate() {
        if at > 0 {
            out.append(&Text::hole("…", Shape::Any));
        }
        out.push_str(part);
    }
    out
}

/// Whether text begins as SQL does that changes something.
pub(in crate::actions) fn looks_like_sql(text: &str) -> bool {
    let Some(first) = lexer::next(text, 0, Flavour::Other) else {
        return false;
    };
    let second = lexer::next(text, first.end(), Flavour::Other);
    // `query("delete button")` is a search.
    let is_sentence = first.is("DELETE") && second.is_some_and(|second| !second.is("FROM"));
    !is_sentence
        && first.is(
            "DROP TRUNCATE DELETE UPDATE ALTER GRANT REVOKE WITH INSERT CREATE BEGIN START DO MERGE COPY PURGE RESET \
                 EXEC EXECUTE PRAGMA SELECT SET",
        )
}
