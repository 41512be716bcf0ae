//! What statements do, whichever way they are read.

use super::lexer::{Flavour, tokens};
use super::words::{Draft, Words, verbs};
use super::{database, parsed};
use crate::model::Match::{Maybe, No, Yes};
use crate::model::StatementKind::{Delete, Update};
use crate::model::{Match, StatementKind, Target, Text};

fn by_words(sql: &str, flavour: Flavour) -> Vec<Draft> {
    verbs(&Words { sql, tokens: &tokens(sql, flavour), flavour })
}

fn rows(drafts: &[Draft]) -> Vec<(StatementKind, &str, Match)> {
    drafts.iter().map(|draft| (draft.kind, draft.name.as_str(), draft.without_where)).collect()
}

#[test]
fn the_parser_and_the_words_say_the_same_of_rows() {
    use Flavour::{MySql, Other, Postgres, Sqlite};
    for (sql, flavour, expected) in [
        ("DELETE FROM users", Postgres, vec![(Delete, "users", Yes)]),
        ("delete from only \"Shop\".users", Postgres, vec![(Delete, "shop.users", Yes)]),
        ("DELETE FROM users WHERE id = 7", Postgres, vec![(Delete, "users", No)]),
        ("DELETE FROM users WHERE 1 = 1 RETURNING id", Postgres, vec![(Delete, "users", Yes)]),
        ("DELETE FROM a USING b WHERE a.id = b.id", Postgres, vec![(Delete, "a", No)]),
        ("DELETE FROM a USING (SELECT * FROM b WHERE x) b", Postgres, vec![(Delete, "a", Yes)]),
        ("DELETE a FROM a JOIN b ON a.id = b.id", MySql, vec![(Delete, "a", No)]),
        ("DELETE FROM users ORDER BY id LIMIT 5", MySql, vec![(Delete, "users", Yes)]),
        ("UPDATE users SET a = 1", Sqlite, vec![(Update, "users", Yes)]),
        ("UPDATE users SET a = f(1, 2), b = 2 WHERE id = 3", Sqlite, vec![(Update, "users", No)]),
        ("UPDATE users SET a = (SELECT 1 WHERE true)", Postgres, vec![(Update, "users", Yes)]),
        ("UPDATE a JOIN b ON a.id = b.id SET a.x = 1", MySql, vec![(Update, "a", No)]),
        ("UPDATE a SET x = b.x FROM b WHERE b.id = a.id", Postgres, vec![(Update, "a", No)]),
        ("WITH d AS (DELETE FROM x RETURNING *) SELECT * FROM d", Postgres, vec![(Delete, "x", Yes)]),
        (
            "WITH d AS (SELECT 1) DELETE FROM x WHERE id IN (SELECT * FROM d)",
            Postgres,
            vec![(Delete, "x", No)],
        ),
        ("EXPLAIN DELETE FROM x", Postgres, vec![]),
        ("EXPLAIN ANALYZE DELETE FROM x", Postgres, vec![(Delete, "x", Yes)]),
        ("MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE", Postgres, vec![(Delete, "a", No)]),
        ("INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1", Postgres, vec![]),
        ("SELECT * FROM a FOR UPDATE", Postgres, vec![]),
        ("SELECT 'DELETE FROM a'", Postgres, vec![]),
        ("CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE ON UPDATE CASCADE)", Postgres, vec![]),
        ("DELETE FROM users WHERE ꙮ", Other, vec![(Delete, "users", Maybe)]),
        ("DELETE FROM users WHERE id = ꙮ", Other, vec![(Delete, "users", No)]),
        ("DELETE FROM users WHERE id = 'ꙮ'", Other, vec![(Delete, "users", No)]),
    ] {
        assert_eq!(rows(&by_words(sql, flavour)), expected, "by words: {sql}");
        let parsed = parsed::read(sql, flavour);
        let parsed = parsed.unwrap_or_else(|| panic!("not parsed: {sql}"));
        assert_eq!(rows(&parsed), expected, "parsed: {sql}");
        let columns = |drafts: &[Draft]| drafts.iter().flat_map(|d| d.columns.clone()).collect::<Vec<_>>();
        assert_eq!(columns(&by_words(sql, flavour)), columns(&parsed), "{sql}");
    }
}

#[test]
fn a_condition_is_none_if_it_holds_of_every_row() {
    let of = |condition: &str| {
        let sql = format!("DELETE FROM users WHERE {condition}");
        rows(&by_words(&sql, Flavour::Postgres))[0].2
    };
    for condition in [
        "1=1",
        "true",
        "1",
        "'a'",
        "'' = ''",
        "id = id",
        "users.id >= users.id",
        "NOT false",
        "NOT (1 = 0)",
        "2 > 1",
        "id = 5 OR 1=1",
        "true AND 1 = 1",
        "(((true)))",
        "name LIKE '%'",
        "id IS NOT NULL",
        "id > 0",
        "id >= 1",
        "id <> -1",
        "id != ''",
        "id IN (SELECT id FROM users)",
        "EXISTS (SELECT 1)",
        "1 IN (1, 2)",
        "1 BETWEEN 0 AND 2",
        "length('a') = 1",
        "now() > '2000-01-01'",
        "NULL IS NULL",
        "coalesce(NULL, true)",
        "id IS NOT NULL AND true",
    ] {
        assert_eq!(of(condition), Yes, "{condition}");
    }
    for condition in [
        "id = 5",
        "name LIKE 'a%'",
        "1=0",
        "false",
        "NULL",
        "id IS NULL",
        "id > 100",
        "deleted",
        "NOT deleted",
        "age > 0",
        "id = 5 AND 1=1",
        "id IN (1, 2)",
        "id IN (SELECT id FROM users WHERE gone)",
        "id IN (SELECT id FROM others)",
        "EXISTS (SELECT 1 FROM b WHERE b.id = users.id)",
        "created_at < now()",
        "name IS NOT NULL",
        "id <> 5",
        "id = ANY('{1,2}')",
        "data->>'a' = 'b'",
        "id = id + 1",
        "title IS NULL",
    ] {
        assert_eq!(of(condition), No, "{condition}");
    }
    for condition in ["ꙮ", "ꙮ OR id = 5", "true AND ꙮ"] {
        assert_eq!(of(condition), Maybe, "{condition}");
    }
    let long = format!("{}1=1", "a = 1 OR ".repeat(5000));
    assert_eq!(of(&long), Yes);
}

#[test]
fn chains_as_long_as_may_be_end() {
    for part in ["a + ", "a OR ", "- ", "NOT ", "a = ", "a || ", "(", "f(", "CASE WHEN a THEN "] {
        for length in [100, 300, 2000, 100_000] {
            let sql = format!("DELETE FROM t WHERE {}a", part.repeat(length / part.len()));
            let read = parsed::read(&sql, Flavour::Postgres).unwrap_or_default();
            assert!(read.len() <= 1 && by_words(&sql, Flavour::Postgres).len() == 1, "{part}");
        }
    }
}

#[test]
fn where_a_server_is() {
    let of = |host: Option<&str>, name: Option<&str>| {
        let found = database::on_server(host.map(Text::known), name.map(Text::known));
        (found.target, found.name.display(), found.production)
    };
    for (host, name, expected) in [
        (None, None, (Target::Loopback, "", false)),
        (None, Some("shop"), (Target::Loopback, "shop", false)),
        (Some("/run/postgresql"), Some("shop"), (Target::Loopback, "shop", false)),
        (Some("db.example.com"), Some("shop"), (Target::Remote, "shop", false)),
        (Some("db.prod.example.com"), None, (Target::Remote, "", true)),
        (None, Some("postgres://u:p@127.0.0.1:5432/shop?sslmode=off"), (Target::Loopback, "shop", false)),
        (
            None,
            Some("postgresql://u@db.example.com/shop_production"),
            (Target::Remote, "shop_production", true),
        ),
        (None, Some("host=db.example.com dbname=shop"), (Target::Remote, "shop", false)),
        (None, Some("postgres://[::1]/shop_test"), (Target::Scratch, "shop_test", false)),
        (None, Some("shop_test"), (Target::Scratch, "shop_test", false)),
        (None, Some("latest"), (Target::Loopback, "latest", false)),
        (Some("db.example.com"), Some("shop_test"), (Target::Remote, "shop_test", false)),
        (None, Some("products"), (Target::Loopback, "products", false)),
    ] {
        let (target, shown, production) = of(host, name);
        assert_eq!((target, shown.as_str(), production), expected, "{host:?} {name:?}");
    }
}
