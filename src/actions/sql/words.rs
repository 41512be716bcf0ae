//! Statements read by their words, whatever the dialect: what stands where a verb stands counts.

use super::lexer::{Flavour, HOLE, Kind, Token};
use super::parsed;
use crate::model::{Match, ObjectKind, StatementKind};

/// One thing that a statement does, before it is known where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Draft {
    pub kind: StatementKind,
    pub object: ObjectKind,
    /// Lower case, without quotes.
    pub name: String,
    pub without_where: Match,
    /// The columns that an `UPDATE` sets.
    pub columns: Vec<String>,
    pub certainty: Match,
}

impl Draft {
    fn new(kind: StatementKind, object: ObjectKind, name: String) -> Draft {
        Draft { kind, object, name, without_where: Match::No, columns: Vec::new(), certainty: Match::Yes }
    }

    /// Something done to rows.
    pub fn rows(kind: StatementKind, name: String) -> Draft {
        Draft::new(kind, ObjectKind::Rows, name)
    }

    fn other(kind: StatementKind, name: &str) -> Draft {
        Draft::new(kind, ObjectKind::Other, name.to_owned())
    }
}

/// A statement's words.
pub(super) struct Words<'t> {
    pub sql: &'t str,
    pub tokens: &'t [Token<'t>],
    pub flavour: Flavour,
}

/// What one statement does is followed so far.
const MOST: usize = 500;

/// Types that hold what nearly any other held.
const HOLDS_ALL: &str = "TEXT LONGTEXT BIGINT TIMESTAMPTZ NUMERIC JSONB";

/// What a statement's verbs do.
pub(super) fn verbs(words: &Words) -> Vec<Draft> {
    let mut out = Vec::new();
    let first = words.is(0, "EXPLAIN DESCRIBE DESC");
    if first && !words.runs_explained() {
        return out;
    }
    for at in 0..words.tokens.len() {
        if words.is_verb(at) {
            words.verb(at, &mut out);
        }
        if out.len() > MOST {
            // Whatever else it does.
            let rest = Draft::rows(StatementKind::Delete, String::new());
            out.push(Draft { without_where: Match::Maybe, ..rest });
            break;
        }
    }
    words.unknown_verb(&mut out);
    out
}

/// What a statement adds or defines that loses nothing.
pub(super) fn added(words: &Words) -> Option<Draft> {
    const DEFINES: &str = "INSERT REPLACE UPSERT MERGE CREATE ALTER COMMENT RENAME REINDEX CLUSTER OPTIMIZE REFRESH GRANT \
        IMPORT LOAD REASSIGN SECURITY ATTACH UPDATE DELETE DROP PUT";
    let whole = words.is(0, "WITH EXPLAIN") && (words.is(0, "WITH") || words.runs_explained());
    let inner = || (1..words.tokens.len()).find(|at| words.is(*at, "INSERT MERGE") && words.is_verb(*at));
    let at = if whole { inner()? } else { 0 };
    let object = words.skip(at + 1, "OR REPLACE IGNORE LOCAL GLOBAL INTO UNIQUE");
    let passing = words.is(at, "CREATE ALTER DROP") && words.is(object, "TEMP TEMPORARY PREPARE");
    // `COPY t FROM`, not `COPY t TO` or `COPY (SELECT …) TO`.
    let copies = words.is(at, "COPY") && words.find("FROM TO").is_some_and(|at| words.is(at, "FROM"));
    let copies = copies && !words.is_mark(at + 1, "(");
    let adds = words.is(at, DEFINES) && words.tokens.len() > at + 1 && !passing;
    let may = words.is(at, "CALL EXEC EXECUTE DO");
    let certainty = if may { Match::Maybe } else { Match::Yes };
    let database = words.is(at, "CREATE") && words.is(object, "DATABASE");
    let kind = if database { ObjectKind::Database } else { ObjectKind::Other };
    let object = words.skip(object, "TABLE INDEX DATABASE CONCURRENTLY IF NOT EXISTS ONLY");
    let does = if may { StatementKind::Call } else { StatementKind::Add };
    let draft = || Draft { certainty, ..Draft::new(does, kind, words.name(object).0) };
    (adds || copies || may).then(draft)
}

/// What the functions and clauses in a statement do, whatever its verb.
pub(super) fn calls(words: &Words) -> Vec<Draft> {
    use StatementKind::{Internals, PurgeLogs, ServerFile, ServerProgram, Terminate};
    let mut out = Vec::new();
    for (at, token) in words.tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        let called = words.is_mark(at + 1, "(");
        let text = |at: usize| words.tokens.get(at).map_or("", Token::content);
        if called && token.is("PG_TERMINATE_BACKEND") {
            out.push(Draft::other(Terminate, "sessions"));
        } else if called && token.is("LOAD_FILE WRITEFILE PG_FILE_WRITE LO_EXPORT") {
            out.push(Draft::other(ServerFile, text(at + 2)));
        } else if called && token.is("EDIT") && words.flavour == Flavour::Sqlite {
            out.push(Draft::other(ServerProgram, "editor"));
        } else if token.is("OUTFILE DUMPFILE") && words.is(at.wrapping_sub(1), "INTO") {
            out.push(Draft::other(ServerFile, text(at + 1)));
        } else if token.is("XP_CMDSHELL")
            || (token.is("PROGRAM") && words.is(0, "COPY") && words.is(at.wrapping_sub(1), "FROM TO"))
        {
            out.push(Draft::other(ServerProgram, text(at + 1)));
        } else if token.is("WRITABLE_SCHEMA") && words.is(0, "PRAGMA") {
            let value = words.tokens[at + 1..].iter().find(|token| token.kind != Kind::Mark);
            if value.is_some_and(|value| !value.is("OFF 0 FALSE NO RESET")) {
                out.push(Draft::other(Internals, "schema"));
            }
        }
    }
    let purges = (words.is(0, "PURGE") && words.is(1, "BINARY MASTER"))
        || (words.is(0, "RESET") && words.is(1, "MASTER BINARY"));
    if purges {
        out.push(Draft::other(PurgeLogs, "binary logs"));
    }
    if words.is(0, "KILL") {
        out.push(Draft::other(Terminate, "sessions"));
    }
    out
}

impl<'t> Words<'t> {
    pub fn is(&self, at: usize, words: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(words))
    }

    pub fn is_mark(&self, at: usize, mark: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_mark(mark))
    }

    pub fn find(&self, words: &str) -> Option<usize> {
        (0..self.tokens.len()).find(|at| self.is(*at, words))
    }

    /// The word behind those of `words` that stand at `at`.
    pub fn skip(&self, mut at: usize, words: &str) -> usize {
        while self.is(at, words) {
            at += 1;
        }
        at
    }

    /// The name at `at` (`a."B".c` as `a.b.c`) and what follows it.
    pub fn name(&self, mut at: usize) -> (String, usize) {
        let mut name = String::new();
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                Kind::Mark if token.text == "." || token.text == "*" => name.push_str(token.text),
                Kind::Mark => break,
                _ if name.is_empty() || name.ends_with('.') => name.push_str(&token.name()),
                _ => break,
            }
            at += 1;
        }
        (name, at)
    }

    /// `EXPLAIN ANALYZE` runs what it explains.
    fn runs_explained(&self) -> bool {
        let statement = self.find("SELECT WITH INSERT UPDATE DELETE MERGE CREATE").unwrap_or(usize::MAX);
        self.find("ANALYZE ANALYSE").is_some_and(|at| at < statement)
    }

    /// Whether a verb may stand at `at`.
    fn is_verb(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|at| self.tokens.get(at)) else {
            return true;
        };
        if self.flavour == Flavour::MsSql {
            // There statements need nothing between them.
            let clause = "ON FOR DO AFTER BEFORE OR GRANT REVOKE DENY INSTEAD OF ADD COLUMN TABLE SET";
            return !before.is(clause) && !before.is_mark(",") && !before.is_mark(".");
        }
        let opens = "BEGIN THEN ELSE LOOP DO AS ATOMIC ANALYZE ANALYSE VERBOSE MATERIALIZED EXPLAIN";
        before.is(opens) || before.is_mark("(") || before.is_mark(")") || before.is_mark(">")
    }

    fn verb(&self, at: usize, out: &mut Vec<Draft>) {
        if self.is(at, "DROP") {
            self.drop(at, out);
        } else if self.is(at, "TRUNCATE") && !self.is_mark(at + 1, "(") {
            let from = self.skip(at + 1, "TABLE IF EXISTS ONLY");
            self.names(from, |name| out.push(Draft::new(StatementKind::Truncate, ObjectKind::Table, name)));
        } else if self.is(at, "DELETE") {
            self.delete(at, out);
        } else if self.is(at, "UPDATE") {
            self.update(at, out);
        } else if self.is(at, "ALTER") {
            self.alter(at, out);
        } else if self.is(at, "CREATE") && self.is(at + 1, "OR") && self.is(at + 2, "REPLACE") {
            let object = self.skip(at + 3, "TRANSIENT GLOBAL LOCAL EXTERNAL UNLOGGED");
            if self.is(object, "TABLE DATABASE SCHEMA") {
                let (name, _) = self.name(self.skip(object + 1, "IF NOT EXISTS"));
                out.push(Draft::new(StatementKind::Drop, object_kind(self.tokens[object].text), name));
            }
        } else if self.is(at, "GRANT") {
            self.grant(at, out);
        } else if self.is(at, "REVOKE") && self.granted_to(at, "FROM").is_none_or(|to| !self.is(to, "PUBLIC"))
        {
            out.push(Draft::other(StatementKind::Revoke, &self.granted_on(at)));
        } else if self.is(at, "INSERT") && self.is(at + 1, "OVERWRITE") {
            let (name, _) = self.name(self.skip(at + 2, "INTO TABLE"));
            out.push(Draft::new(StatementKind::Truncate, ObjectKind::Table, name));
        }
    }

    /// A list of names from `at` on.
    fn names(&self, mut at: usize, mut each: impl FnMut(String)) {
        loop {
            let (name, behind) = self.name(at);
            each(name);
            at = behind;
            // The arguments of a function.
            if self.is_mark(at, "(") {
                at = self.behind_brackets(at);
            }
            if !self.is_mark(at, ",") {
                return;
            }
            at += 1;
        }
    }

    fn behind_brackets(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(at) {
            depth += usize::from(token.is_mark("("));
            depth -= usize::from(token.is_mark(")") && depth > 0);
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    fn drop(&self, at: usize, out: &mut Vec<Draft>) {
        if self.is(at + 1, "TEMPORARY TEMP PREPARE") || self.tokens.len() == at + 1 {
            return;
        }
        let mut object = self.skip(at + 1, "FOREIGN EXTERNAL DYNAMIC UNIQUE PROCEDURAL");
        let kind = match self.tokens.get(object) {
            Some(token) if token.is("MATERIALIZED") => {
                object += 1;
                ObjectKind::Table
            }
            Some(token) => object_kind(token.text),
            None => return,
        };
        let named = self.skip(object + 1, "IF EXISTS CONCURRENTLY MAPPING FOR TRIGGER BY");
        self.names(named, |name| {
            if !name.starts_with(['#', '@']) && !name.starts_with("pg_temp.") && !name.starts_with("temp.") {
                out.push(Draft::new(StatementKind::Drop, kind, name));
            }
        });
    }

    fn delete(&self, at: usize, out: &mut Vec<Draft>) {
        let from = self.skip(at + 1, "LOW_PRIORITY QUICK IGNORE FROM ONLY");
        let merged = self.is(0, "MERGE") && self.is(at.wrapping_sub(1), "THEN");
        let ends = self.tokens.len() == from || self.is_mark(from, ")") || self.is_mark(from, ",");
        if merged || (!ends && !self.is(from, "ON OF OR TO CASCADE")) {
            let (name, behind) = if merged { self.merged() } else { self.name(from) };
            let without_where = if merged { Match::No } else { self.without_where(behind, &name) };
            out.push(Draft { without_where, ..Draft::rows(StatementKind::Delete, name) });
        }
    }

    fn update(&self, at: usize, out: &mut Vec<Draft>) {
        let merged = self.is(at + 1, "SET");
        if merged && !self.is(0, "MERGE") {
            // `ON CONFLICT DO UPDATE SET`.
            return;
        }
        let from = self.skip(at + 1, "LOW_PRIORITY IGNORE ONLY OR ROLLBACK ABORT REPLACE FAIL");
        let (name, behind) = if merged { self.merged() } else { self.name(from) };
        let set = (behind..self.tokens.len()).find(|at| self.is(*at, "SET"));
        if let Some(set) = set {
            let without_where = if merged { Match::No } else { self.without_where(behind, &name) };
            let columns = self.assigned(set + 1);
            out.push(Draft { without_where, columns, ..Draft::rows(StatementKind::Update, name) });
        }
    }

    /// The columns that are set from `at` on.
    fn assigned(&self, mut at: usize) -> Vec<String> {
        let column = |at: usize| {
            let (name, _) = self.name(at);
            name.rsplit('.').next().unwrap_or_default().to_owned()
        };
        let mut columns = vec![column(at)];
        while at < self.tokens.len() && !self.is(at, "WHERE FROM RETURNING") {
            if self.is_mark(at, "(") {
                at = self.behind_brackets(at);
                continue;
            }
            if self.is_mark(at, ",") {
                columns.push(column(at + 1));
            }
            at += 1;
        }
        columns
    }

    /// The table that a `MERGE` changes.
    fn merged(&self) -> (String, usize) {
        self.name(self.skip(1, "INTO"))
    }

    /// Whether the statement that goes on at `at` has no condition, or one that always holds.
    fn without_where(&self, at: usize, table: &str) -> Match {
        let mut depth = 0_usize;
        let mut condition = None;
        let (mut joins, mut unknown) = (false, false);
        let mut end = self.tokens.len();
        for at in at..self.tokens.len() {
            let token = &self.tokens[at];
            if token.is_mark("(") {
                depth += 1;
            } else if token.is_mark(")") {
                let Some(outer) = depth.checked_sub(1) else {
                    end = at;
                    break;
                };
                depth = outer;
            } else if depth == 0 {
                joins |= token.is("JOIN");
                unknown |= condition.is_none() && token.text.starts_with(HOLE) && !self.is(at - 1, "SET");
                if condition.is_none() && token.is("WHERE") {
                    condition = Some(at + 1);
                } else if (condition.is_some() && token.is("RETURNING ORDER LIMIT SETTINGS FORMAT OPTION GO"))
                    || (self.flavour == Flavour::MsSql && token.is("DELETE UPDATE DROP TRUNCATE INSERT"))
                {
                    end = at;
                    break;
                }
            }
        }
        let Some(from) = condition else {
            return match (joins, unknown) {
                (true, _) => Match::No,
                (false, true) => Match::Maybe,
                (false, false) => Match::Yes,
            };
        };
        if from >= end {
            return Match::Yes;
        }
        if self.is(from, "CURRENT") {
            return Match::No;
        }
        let condition = &self.tokens[from..end];
        let whole = self.holds_always(condition, table);
        whole.unwrap_or_else(|| {
            let mut depth = 0_usize;
            let parts = condition.split(|token| {
                depth += usize::from(token.is_mark("("));
                depth -= usize::from(token.is_mark(")") && depth > 0);
                depth == 0 && token.is("OR")
            });
            let of = |part: &[Token]| self.holds_always(part, table).unwrap_or_else(|| says_nothing(part));
            parts.map(of).max().unwrap_or(Match::Maybe)
        })
    }

    /// What the parser says of a condition; `None` where it cannot read it.
    fn holds_always(&self, condition: &[Token], table: &str) -> Option<Match> {
        let (first, last) = (condition.first()?, condition.last()?);
        parsed::condition(self.sql.get(first.start..last.end())?, table, self.flavour)
    }

    fn alter(&self, at: usize, out: &mut Vec<Draft>) {
        if self.is(at + 1, "ROLE USER LOGIN GROUP") {
            let (name, behind) = self.name(self.skip(at + 2, "IF EXISTS"));
            let renames = self.is(behind, "RENAME SET RESET ADD DROP DEFAULT");
            if !renames && behind < self.tokens.len() {
                out.push(Draft::new(StatementKind::AlterRole, ObjectKind::Role, name));
            }
            return;
        }
        if self.is(at + 1, "DEFAULT")
            && let Some(grant) = self.find("GRANT")
        {
            return self.grant(grant, out);
        }
        if !self.is(at + 1, "TABLE FOREIGN")
            && self.tokens.get(at + 1).is_none_or(|t| !t.text.starts_with(HOLE))
        {
            return;
        }
        let (name, mut from) = self.name(self.skip(at + 2, "TABLE IF EXISTS ONLY"));
        loop {
            self.alteration(from, &name, out);
            let mut depth = 0_usize;
            let next = (from..self.tokens.len()).find(|at| {
                depth += usize::from(self.is_mark(*at, "("));
                depth -= usize::from(self.is_mark(*at, ")") && depth > 0);
                depth == 0 && self.is_mark(*at, ",")
            });
            match next {
                Some(comma) => from = comma + 1,
                None => return,
            }
        }
    }

    /// One of the changes of an `ALTER TABLE`.
    fn alteration(&self, at: usize, table: &str, out: &mut Vec<Draft>) {
        let dotted = |name: &str| format!("{table}.{name}");
        let whole = || table.to_owned();
        if self.is(at, "DROP") {
            let object = match self.tokens.get(at + 1) {
                Some(token) if token.is("CONSTRAINT PRIMARY FOREIGN INDEX KEY CHECK PROJECTION") => {
                    ObjectKind::Definition
                }
                Some(token) if token.is("PARTITION PARTITIONS SUBPARTITION") => ObjectKind::Table,
                _ => ObjectKind::Column,
            };
            let named =
                self.skip(at + 1, "CONSTRAINT PRIMARY FOREIGN INDEX KEY CHECK PARTITION COLUMN IF EXISTS");
            let (name, _) = self.name(named);
            out.push(Draft::new(StatementKind::AlterDrop, object, dotted(&name)));
        } else if self.is(at, "ALTER") {
            let (name, behind) = self.name(self.skip(at + 1, "COLUMN"));
            let to_type = self.is(behind, "TYPE") || (self.is(behind, "SET") && self.is(behind + 1, "DATA"));
            let to = self.skip(behind, "SET DATA TYPE");
            let other = to_type || (self.flavour == Flavour::MsSql && behind < self.tokens.len());
            if other && !self.is(to, HOLDS_ALL) {
                out.push(Draft::new(StatementKind::AlterType, ObjectKind::Column, dotted(&name)));
            }
        } else if self.is(at, "MODIFY CHANGE") {
            let (name, behind) = self.name(self.skip(at + 1, "COLUMN"));
            if self.is(behind, HOLDS_ALL) {
                return;
            }
            out.push(Draft::new(StatementKind::AlterType, ObjectKind::Column, dotted(&name)));
        } else if self.is(at, "TRUNCATE") {
            out.push(Draft::new(StatementKind::Truncate, ObjectKind::Table, whole()));
        } else if self.is(at, "DELETE UPDATE") {
            let kind = if self.is(at, "DELETE") { StatementKind::Delete } else { StatementKind::Update };
            let without_where = self.without_where(at + 1, table);
            out.push(Draft { without_where, ..Draft::rows(kind, whole()) });
        }
    }

    fn grant(&self, at: usize, out: &mut Vec<Draft>) {
        let on = self.granted_on(at);
        let passes_on = (at..self.tokens.len())
            .any(|at| self.is(at, "GRANT ADMIN") && self.is(at + 1, "OPTION") && self.is(at - 1, "WITH"));
        let to_all = self.granted_to(at, "TO").is_some_and(|to| self.is(to, "PUBLIC ANON"));
        if passes_on || to_all {
            out.push(Draft::other(StatementKind::GrantPublic, &on));
        } else if self.is(at + 1, "ALL") {
            out.push(Draft::other(StatementKind::GrantAll, &on));
        }
    }

    /// What `GRANT … ON x` and `REVOKE … ON x` are about.
    fn granted_on(&self, at: usize) -> String {
        match (at..self.tokens.len()).find(|at| self.is(*at, "ON")) {
            Some(on) => {
                let object = "TABLE DATABASE SCHEMA FUNCTION SEQUENCE ALL TABLES SEQUENCES FUNCTIONS IN";
                self.name(self.skip(on + 1, object)).0
            }
            None => String::new(),
        }
    }

    /// The word behind the last `TO` or `FROM`.
    fn granted_to(&self, at: usize, word: &str) -> Option<usize> {
        (at..self.tokens.len()).rev().find(|at| self.is(*at, word)).map(|at| self.skip(at + 1, "GROUP ROLE"))
    }

    /// `$VERB TABLE users`: what the rest fits.
    fn unknown_verb(&self, out: &mut Vec<Draft>) {
        let unknown = self.tokens.first().is_some_and(|first| first.text.chars().all(|c| c == HOLE));
        let certainty = Match::Maybe;
        if !unknown {
            return;
        }
        if self.is(1, "TABLE DATABASE SCHEMA VIEW INDEX ROLE USER") {
            let (name, _) = self.name(self.skip(2, "IF EXISTS"));
            let draft = Draft::new(StatementKind::Drop, object_kind(self.tokens[1].text), name);
            out.push(Draft { certainty, ..draft });
        } else if self.is(1, "FROM") {
            let (name, behind) = self.name(2);
            let without_where = self.without_where(behind, &name);
            out.push(Draft { without_where, certainty, ..Draft::rows(StatementKind::Delete, name) });
        }
    }
}

/// Whether a condition that cannot be parsed may hold of every row: it names no column.
fn says_nothing(condition: &[Token]) -> Match {
    let named = |token: &&Token| match token.kind {
        Kind::Word => {
            let known = "OR AND NOT TRUE FALSE NULL IS LIKE IN BETWEEN EXISTS SELECT";
            token.text.starts_with(|c: char| c.is_alphabetic() && c != HOLE) && !token.is(known)
        }
        kind => kind == Kind::Name,
    };
    match condition.iter().any(|token| named(&token)) {
        true => Match::No,
        false => Match::Maybe,
    }
}

/// The kind of object that a keyword names.
fn object_kind(word: &str) -> ObjectKind {
    match word.to_ascii_uppercase().as_str() {
        "DATABASE" | "KEYSPACE" | "CATALOG" => ObjectKind::Database,
        "SCHEMA" => ObjectKind::Schema,
        "TABLE" => ObjectKind::Table,
        "VIEW" | "INDEX" | "FUNCTION" | "PROCEDURE" | "AGGREGATE" | "ROUTINE" | "TRIGGER" | "POLICY"
        | "RULE" | "SEQUENCE" | "TYPE" | "DOMAIN" | "MACRO" | "OPERATOR" | "CAST" | "COLLATION"
        | "STATISTICS" | "SYNONYM" | "EVENT" | "CONSTRAINT" => ObjectKind::Definition,
        "ROLE" | "USER" | "GROUP" | "LOGIN" => ObjectKind::Role,
        _ => ObjectKind::Other,
    }
}
