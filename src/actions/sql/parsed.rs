//! Statements that change rows, read by the parser: only it knows what belongs to their condition.

use sqlparser::ast::{
    AssignmentTarget, Expr, FromTable, Merge, MergeAction, ObjectName, Query, SetExpr, Statement,
    TableFactor, TableWithJoins,
};
use sqlparser::dialect::{
    Dialect, DuckDbDialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::parser::Parser;

use super::condition::holds_always;
use super::lexer::Flavour;
use super::words::Draft;
use crate::model::{Match, StatementKind};

/// Longer statements are not parsed: what the parser builds of them is as deep as they are long.
const LENGTH: usize = 2 << 10;
/// Deeper ones are not parsed: it goes back and tries again at each level.
const DEPTH: usize = 12;

/// The rows that a statement changes; `None` where it cannot be parsed or is of another kind.
pub(super) fn read(sql: &str, flavour: Flavour) -> Option<Vec<Draft>> {
    let statements = parser(sql, flavour)?.parse_statements().ok()?;
    let mut drafts = Vec::new();
    statements.iter().try_for_each(|one| statement(one, &mut drafts))?;
    Some(drafts)
}

/// What a condition of `table` says, where it stands alone; `None` where it cannot be parsed.
pub(super) fn condition(sql: &str, table: &str, flavour: Flavour) -> Option<Match> {
    let mut parser = parser(sql, flavour)?;
    let condition = parser.parse_expr().ok()?;
    let whole = parser.peek_token().token == sqlparser::tokenizer::Token::EOF;
    whole.then(|| holds_always(Some(&condition), table))
}

fn parser(sql: &str, flavour: Flavour) -> Option<Parser<'static>> {
    if sql.len() > LENGTH || depth(sql) > DEPTH {
        return None;
    }
    let dialect: &'static dyn Dialect = match flavour {
        Flavour::Postgres => &PostgreSqlDialect {},
        Flavour::MySql => &MySqlDialect {},
        Flavour::Sqlite => &SQLiteDialect {},
        Flavour::DuckDb => &DuckDbDialect {},
        Flavour::MsSql => &MsSqlDialect {},
        Flavour::Other => &GenericDialect {},
    };
    Parser::new(dialect).with_recursion_limit(16).try_with_sql(sql).ok()
}

/// How deep brackets nest at most.
fn depth(sql: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in sql.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        most = most.max(depth);
    }
    most
}

fn statement(statement: &Statement, out: &mut Vec<Draft>) -> Option<()> {
    match statement {
        Statement::Query(query) => self::query(query, out),
        Statement::Insert(insert) => insert.source.as_deref().map_or(Some(()), |source| query(source, out)),
        Statement::CreateTable(table) if !table.or_replace => {
            table.query.as_deref().map_or(Some(()), |source| query(source, out))
        }
        Statement::Delete(delete) => {
            let from = match &delete.from {
                FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from) => from.as_slice(),
            };
            let name = delete.tables.first().map(name).or_else(|| Some(table(from.first()?)))?;
            let joined = delete.using.as_deref().unwrap_or(from).iter().any(|from| !from.joins.is_empty());
            out.push(rows(StatementKind::Delete, name, delete.selection.as_ref(), joined));
            Some(())
        }
        Statement::Update(update) => {
            let name = table(&update.table);
            let joined = !update.table.joins.is_empty();
            let mut draft = rows(StatementKind::Update, name, update.selection.as_ref(), joined);
            for assignment in &update.assignments {
                match &assignment.target {
                    AssignmentTarget::ColumnName(column) => draft.columns.push(name_of_last(column)),
                    AssignmentTarget::Tuple(columns) => {
                        draft.columns.extend(columns.iter().map(name_of_last))
                    }
                }
            }
            out.push(draft);
            Some(())
        }
        Statement::Merge(merge) => {
            out.extend(self::merge(merge));
            Some(())
        }
        Statement::Explain { analyze, options, statement, .. } => {
            let options = options.iter().flatten();
            let analyzes =
                *analyze || options.into_iter().any(|o| o.name.value.eq_ignore_ascii_case("analyze"));
            if analyzes { self::statement(statement, out) } else { Some(()) }
        }
        Statement::Prepare { statement, .. } => self::statement(statement, out),
        _ => None,
    }
}

/// The statements in a query's common tables and in its body.
fn query(query: &Query, out: &mut Vec<Draft>) -> Option<()> {
    for table in query.with.iter().flat_map(|with| &with.cte_tables) {
        self::query(&table.query, out)?;
    }
    match &*query.body {
        SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => {
            statement(inner, out)
        }
        SetExpr::Query(inner) => self::query(inner, out),
        _ => Some(()),
    }
}

fn rows(kind: StatementKind, name: String, condition: Option<&Expr>, joined: bool) -> Draft {
    let without_where = match condition {
        // A join chooses among the rows.
        None if joined => Match::No,
        condition => holds_always(condition, &name),
    };
    Draft { without_where, ..Draft::rows(kind, name) }
}

fn merge(merge: &Merge) -> Vec<Draft> {
    let name = match &merge.table {
        TableFactor::Table { name: table, .. } => name(table),
        _ => String::new(),
    };
    let every = holds_always(Some(&merge.on), &name);
    let clauses = merge.clauses.iter().filter_map(|clause| match clause.action {
        MergeAction::Delete { .. } => Some((StatementKind::Delete, clause)),
        MergeAction::Update(_) => Some((StatementKind::Update, clause)),
        _ => None,
    });
    let of = |(kind, clause): (StatementKind, &sqlparser::ast::MergeClause)| {
        let without_where = match &clause.predicate {
            Some(predicate) => every.and(holds_always(Some(predicate), &name)),
            None => every,
        };
        Draft { without_where, ..Draft::rows(kind, name.clone()) }
    };
    clauses.map(of).collect()
}

fn table(table: &TableWithJoins) -> String {
    match &table.relation {
        TableFactor::Table { name: table, .. } => name(table),
        _ => String::new(),
    }
}

/// The name without quotes, in lower case.
fn name(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| match part.as_ident() {
        Some(ident) => ident.value.to_lowercase(),
        None => part.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn name_of_last(column: &ObjectName) -> String {
    name(column).rsplit('.').next().unwrap_or_default().to_owned()
}
