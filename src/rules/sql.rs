//! The leaf about an SQL statement.

use crate::model::{Match, Statement, StatementKind, Text};

use super::glob;
use super::list::Pattern;
use super::schema::SqlTest;

/// Whether all keys of the test hold of the statement.
pub fn sql(test: &SqlTest, statement: &Statement) -> Match {
    let database = &statement.database;
    let listed = |empty: bool, contains: bool| Match::from(empty || contains);
    let given = |patterns: &[Pattern], text: &Text| match patterns.is_empty() {
        true => Match::Yes,
        false => glob::any(patterns, text),
    };
    let where_as = match test.without_where {
        None => Match::Yes,
        Some(true) => statement.without_where,
        Some(false) => statement.without_where.negate(),
    };
    // What loses nothing is meant only where it is named.
    let any = test.kind.is_empty() && !matches!(statement.kind, StatementKind::Add | StatementKind::Call);
    [
        listed(any, test.kind.contains(&statement.kind)),
        listed(test.object.is_empty(), test.object.contains(&statement.object)),
        listed(test.target.is_empty(), test.target.contains(&database.target)),
        (!test.not_target.contains(&database.target)).into(),
        test.production.is_none_or(|wanted| wanted == database.production).into(),
        where_as,
        given(&test.name, &statement.name),
        given(&test.client, &Text::known(statement.client.as_str())),
        given(&test.database, &database.name),
    ]
    .into_iter()
    .min()
    .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Database, ObjectKind, Shape, Target};
    use Match::{Maybe, No, Yes};

    fn test(keys: &str) -> SqlTest {
        #[derive(serde::Deserialize)]
        struct Table {
            sql: SqlTest,
        }
        toml::from_str::<Table>(&format!("sql = {{ {keys} }}")).unwrap().sql
    }

    #[test]
    fn keys_one_by_one() {
        let mut statement = Statement {
            kind: StatementKind::Delete,
            object: ObjectKind::Rows,
            name: "users".into(),
            without_where: Maybe,
            client: "psql".into(),
            database: Database {
                name: "app".into(),
                target: Target::Remote,
                production: true,
                said: "prod".into(),
            },
        };
        for (keys, expected) in [
            ("kind = 'delete'", Yes),
            ("kind = ['drop', 'truncate']", No),
            ("object = 'rows'", Yes),
            ("object = 'table'", No),
            ("without_where = true", Maybe),
            ("without_where = false", Maybe),
            ("name = 'us*'", Yes),
            ("name = 'orders'", No),
            ("client = 'code'", No),
            ("database = 'app'", Yes),
            ("target = 'remote'", Yes),
            ("target = ['file', 'loopback']", No),
            ("not_target = 'scratch'", Yes),
            ("not_target = ['remote']", No),
            ("production = true", Yes),
            ("production = false", No),
            ("kind = 'delete', production = false", No),
        ] {
            assert_eq!(sql(&test(keys), &statement), expected, "{keys}");
        }
        statement.kind = StatementKind::Add;
        assert_eq!(sql(&test("name = 'users'"), &statement), No);
        assert_eq!(sql(&test("kind = 'add'"), &statement), Yes);
        statement.kind = StatementKind::Delete;
        statement.name = Text::hole("$T", Shape::Any);
        assert_eq!(sql(&test("name = 'orders'"), &statement), Maybe);
    }
}
