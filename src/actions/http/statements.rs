//! SQL that a request carries to a database which is spoken to over HTTP.

use crate::actions::forms::fields;
use crate::actions::json::Json;
use crate::actions::masked::Masked;
use crate::model::{Body, Request, Text};

/// Names under which statements are sent, as fields or as keys of JSON.
const NAMES: &[&str] = &["query", "sql", "statement", "stmt", "queries", "statements"];
/// Values nested deeper, and more statements than these, are not looked at.
const DEPTH: usize = 8;
const MOST: usize = 100;

/// The statements in a request that change or drop something.
pub(super) fn statements(request: &Request) -> Vec<Text> {
    let mut out = Vec::new();
    let mut take = |text: &Text| {
        if out.len() < MOST && is_statement(text) {
            out.push(text.clone());
        }
    };
    let named = |name: &Text| name.as_known().is_some_and(|name| NAMES.contains(&name));
    // `?q=` is what a page searches for, elsewhere.
    let endpoint =
        matches!(request.path.known_end().rsplit('/').next(), Some("" | "query" | "exec" | "sql" | "write"));
    if endpoint {
        let asked = |name: &Text| named(name) || name.as_known() == Some("q");
        fields(&request.query).iter().filter(|(name, _)| asked(name)).for_each(|(_, value)| take(value));
    }
    if let Body::Text { text, .. } = &request.body {
        let start = Masked::new(text);
        match start.text.trim_start().chars().next() {
            Some('{' | '[') => {
                if let Some(json) = Json::parse(text) {
                    strings(&json, matches!(json, Json::List(_)), DEPTH, &mut take);
                }
            }
            _ => {
                take(text);
                fields(text).iter().filter(|(name, _)| named(name)).for_each(|(_, value)| take(value));
            }
        }
    }
    out
}

/// The strings under such names.
fn strings(json: &Json, named: bool, depth: usize, take: &mut impl FnMut(&Text)) {
    match json {
        Json::Text(text) if named => take(text),
        Json::List(items) if depth > 0 => items.iter().for_each(|item| strings(item, named, depth - 1, take)),
        Json::Map(entries) if depth > 0 => {
            for (name, value) in entries {
                let named = name.as_known().is_some_and(|name| NAMES.contains(&name));
                strings(value, named, depth - 1, take);
            }
        }
        _ => {}
    }
}

/// Whether text is a statement and no search for its words.
fn is_statement(text: &Text) -> bool {
    const OBJECTS: &[&str] = &[
        "TABLE",
        "DATABASE",
        "SCHEMA",
        "KEYSPACE",
        "MEASUREMENT",
        "SERIES",
        "COLLECTION",
        "INDEX",
        "VIEW",
        "USER",
        "ROLE",
    ];
    let shown = text.display().to_ascii_uppercase();
    let mut words = shown.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some("DROP" | "ALTER"), Some(object)) => OBJECTS.contains(&object) && words.next().is_some(),
        (Some("TRUNCATE"), Some(object)) => object == "TABLE" || words.next().is_none(),
        (Some("DELETE"), Some("FROM")) => true,
        (Some("UPDATE"), Some(_)) => words.next() == Some("SET") && shown.contains('='),
        (Some("WITH" | "BEGIN" | "BEGIN;"), Some(_)) => {
            ["DROP TABLE ", "DELETE FROM ", "TRUNCATE "].iter().any(|verb| shown.contains(verb))
        }
        _ => false,
    }
}
