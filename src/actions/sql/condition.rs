//! What a `WHERE` says: whether it chooses among the rows at all.

use sqlparser::ast::{
    BinaryOperator, Expr, InTarget, Query, SelectItem, SetExpr, TableFactor, UnaryOperator, Value,
};

use super::lexer::{self, Flavour, HOLE, Kind};
use crate::model::Match;

/// What is known of a condition without looking at the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    /// It holds of every row.
    Always,
    /// It holds of none.
    Never,
    /// It depends on the row.
    Row,
    /// It is not known before it runs.
    Unknown,
}

/// Whether a condition holds of every row of `table`.
pub(super) fn holds_always(condition: Option<&Expr>, table: &str) -> Match {
    match condition.map(|condition| truth(condition, table)) {
        None | Some(Truth::Always) => Match::Yes,
        Some(Truth::Unknown) => Match::Maybe,
        Some(Truth::Never | Truth::Row) => Match::No,
    }
}

fn truth(expr: &Expr, table: &str) -> Truth {
    match expr {
        Expr::Nested(inner) => truth(inner, table),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => match truth(expr, table) {
            Truth::Always => Truth::Never,
            Truth::Never => Truth::Always,
            other => other,
        },
        Expr::BinaryOp { .. } => {
            // Long chains lean to the left: they are taken apart without descending.
            let (mut expr, mut parts) = (expr, Vec::new());
            let chain = match expr {
                Expr::BinaryOp { op, .. } => op.clone(),
                _ => return Truth::Row,
            };
            if !matches!(chain, BinaryOperator::And | BinaryOperator::Or) {
                return comparison(expr);
            }
            while let Expr::BinaryOp { left, op, right } = expr
                && *op == chain
            {
                parts.push(truth(right, table));
                expr = left;
            }
            parts.push(truth(expr, table));
            let one_is = |truth| parts.contains(&truth);
            match chain {
                BinaryOperator::And if one_is(Truth::Never) => Truth::Never,
                BinaryOperator::And if one_is(Truth::Row) => Truth::Row,
                BinaryOperator::Or if one_is(Truth::Always) => Truth::Always,
                _ if one_is(Truth::Unknown) => Truth::Unknown,
                BinaryOperator::Or if one_is(Truth::Row) => Truth::Row,
                BinaryOperator::Or => Truth::Never,
                _ => Truth::Always,
            }
        }
        Expr::Identifier(name) if is_hole(&name.value) => Truth::Unknown,
        Expr::Value(value) => match &value.value {
            Value::Boolean(false) | Value::Null => Truth::Never,
            Value::Number(number, _) if number.parse() == Ok(0.0) => Truth::Never,
            Value::Placeholder(_) => Truth::Unknown,
            _ => Truth::Always,
        },
        // Every row has a key.
        Expr::IsNotNull(column) if is_key(column) => Truth::Always,
        Expr::IsNull(column) if is_key(column) => Truth::Never,
        Expr::Like { negated: false, pattern, .. } | Expr::ILike { negated: false, pattern, .. }
            if string(pattern).is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b == b'%')) =>
        {
            Truth::Always
        }
        Expr::In { expr, target: InTarget::Subquery(query), negated: false, .. }
            if is_all_of(query, expr, table) =>
        {
            Truth::Always
        }
        _ => constant(expr),
    }
}

/// `1 = 1`, `id = id`, `id > 0`.
fn comparison(expr: &Expr) -> Truth {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq, Spaceship};
    let Expr::BinaryOp { left, op, right } = expr else {
        return Truth::Row;
    };
    let of = |holds| if holds { Truth::Always } else { Truth::Never };
    if left == right && !mentions_hole(left) {
        match op {
            Eq | GtEq | LtEq | Spaceship => return Truth::Always,
            NotEq | Gt | Lt => return Truth::Never,
            _ => {}
        }
    }
    if let (Some(left), Some(right)) = (literal(left), literal(right)) {
        match op {
            Eq | Spaceship => return of(left == right),
            NotEq => return of(left != right),
            _ => {}
        }
        if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
            match op {
                Gt => return of(left > right),
                GtEq => return of(left >= right),
                Lt => return of(left < right),
                LtEq => return of(left <= right),
                _ => {}
            }
        }
    }
    // What people write to get round a client that wants a `WHERE`.
    if is_key(left)
        && let Some(value) = literal(right)
    {
        let number = value.parse::<f64>().ok();
        let all = match op {
            Gt => number.is_some_and(|n| n <= 0.0),
            GtEq => number.is_some_and(|n| n <= 1.0),
            NotEq => value.is_empty() || number.is_some_and(|n| n <= 0.0),
            _ => false,
        };
        if all {
            return Truth::Always;
        }
    }
    constant(expr)
}

/// An expression without a column says the same of every row; what it says is not worked out.
fn constant(expr: &Expr) -> Truth {
    match any_part(expr, &mentions_column) {
        true => Truth::Row,
        false => Truth::Always,
    }
}

/// Whether it holds of some part of a chain, as it is written. Chains lean to the left: they are
/// taken apart without descending.
fn any_part(mut expr: &Expr, holds: &dyn Fn(&str) -> bool) -> bool {
    while let Expr::BinaryOp { left, right, .. } = expr {
        if holds(&right.to_string()) {
            return true;
        }
        expr = left;
    }
    holds(&expr.to_string())
}

/// Words of expressions that are no columns.
const NO_COLUMNS: &str = "AND OR NOT IS NULL TRUE FALSE LIKE ILIKE IN BETWEEN EXISTS SELECT AS CASE WHEN THEN ELSE END CAST \
    ANY ALL DISTINCT FROM ARRAY INTERVAL DATE TIME TIMESTAMP XOR DIV MOD";

fn mentions_column(text: &str) -> bool {
    let tokens = lexer::tokens(text, Flavour::Other);
    tokens.iter().enumerate().any(|(at, token)| match token.kind {
        Kind::Name => true,
        Kind::Word => {
            let called = tokens.get(at + 1).is_some_and(|next| next.is_mark("("));
            let number = token.text.starts_with(|c: char| c.is_ascii_digit());
            !number && !called && !token.is(NO_COLUMNS)
        }
        _ => false,
    })
}

fn is_hole(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c == HOLE)
}

fn mentions_hole(expr: &Expr) -> bool {
    any_part(expr, &|text| text.contains(HOLE))
}

/// Whether it is a column that has a positive number in every row, by its name.
fn is_key(expr: &Expr) -> bool {
    let name = match expr {
        Expr::Identifier(name) => &name.value,
        Expr::CompoundIdentifier(parts) => match parts.last() {
            Some(name) => &name.value,
            None => return false,
        },
        Expr::Nested(inner) => return is_key(inner),
        _ => return false,
    };
    ["id", "rowid", "ctid", "_id", "pk", "uuid"].iter().any(|key| name.eq_ignore_ascii_case(key))
}

/// A literal's value as text.
fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Nested(inner) => literal(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Some(format!("-{}", literal(expr)?)),
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number.clone()),
            Value::Boolean(value) => Some(value.to_string()),
            _ => string(expr),
        },
        _ => None,
    }
    .filter(|text| !text.contains(HOLE))
}

fn string(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::NationalStringLiteral(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// `id IN (SELECT id FROM table)` with nothing that leaves rows out.
fn is_all_of(query: &Query, wanted: &Expr, table: &str) -> bool {
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    let same_column = match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(column)] => column == wanted,
        _ => false,
    };
    let whole = match select.from.as_slice() {
        [from] if from.joins.is_empty() => match &from.relation {
            TableFactor::Table { name, .. } => name.to_string().eq_ignore_ascii_case(table),
            _ => false,
        },
        _ => false,
    };
    let kept = select.selection.is_none() && select.having.is_none() && query.limit_clause.is_none();
    same_column && whole && kept && query.fetch.is_none()
}
