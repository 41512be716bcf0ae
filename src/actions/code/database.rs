//! What calls of database libraries send, and where.

use super::reader::Reader;
use super::value::{Args, Made, Value};
use crate::actions::wrappers::is_one_of;
use crate::actions::{CodeDatabase, CodeEffect};
use crate::model::Text;

/// The methods that send SQL, whatever the library.
const SENDS_SQL: &str = "execute executemany executescript execute_async exec raw query run prepare unsafe batch sql \
    exec_driver_sql read_sql read_sql_query $executeRaw $executeRawUnsafe $queryRaw $queryRawUnsafe \
    simple_query mogrify fetch fetchrow fetchval";
/// Modules whose connections are to a file.
const FILES: &str = "sqlite3 aiosqlite apsw duckdb better-sqlite3 sqlite node:sqlite bun:sqlite libsql";
/// Modules whose first argument names a host.
const HOST_FIRST: &[&str] = &["pymysql", "MySQLdb", "redis"];
/// The names under which libraries take an address, and those for a host and a database.
const ADDRESSES: &[&str] = &[
    "dsn",
    "conninfo",
    "url",
    "uri",
    "connectionString",
    "connection_string",
    "datasourceUrl",
    "connection",
];
const HOSTS: &[&str] = &["host", "hostname", "server", "unix_socket"];
const NAMES: &[&str] = &["database", "dbname", "db", "filename"];

/// What an object relation mapper's own methods do, and those of stores: with no argument that
/// chooses, to all rows. Where more is named, they count only on what is called so.
const EMPTIES: &[(&str, &str, &[&str])] = &[
    ("deleteMany", "DELETE FROM", &[]),
    ("delete_many", "DELETE FROM", &[]),
    ("drop_all", "DROP SCHEMA", &[]),
    ("drop_tables", "DROP SCHEMA", &[]),
    ("dropDatabase", "DROP DATABASE", &[]),
    ("drop_database", "DROP DATABASE", &[]),
    ("drop_collection", "DROP TABLE", &[]),
    ("dropCollection", "DROP TABLE", &[]),
    ("dropTable", "DROP TABLE", &[]),
    ("flushall", "DROP DATABASE", &[]),
    ("flushdb", "DROP DATABASE", &[]),
    ("flushAll", "DROP DATABASE", &["redis"]),
    ("flushDb", "DROP DATABASE", &["redis"]),
    ("truncate", "TRUNCATE", &["knex"]),
    ("del", "DELETE FROM", &["knex"]),
    ("delete", "DELETE FROM", &["knex", ".objects.all()", ".objects.", ".query()", ".query."]),
    ("drop", "DROP TABLE", &["sequelize", "db.", "db[", "pymongo", "mongodb", "mongoose"]),
    ("remove", "DELETE FROM", &["db."]),
    ("sync", "DROP SCHEMA", &["sequelize"]),
];
/// Supabase's filters: those that leave nearly all rows, and those that choose some.
const FILTERS: [&[&str]; 2] =
    [&["neq", "not", "gt", "gte", "ilike", "like"], &["lt", "lte", "eq", "match", "in", "in_"]];
/// What chooses rows, in a chain of calls.
const CHOOSES: &[&str] = &["where", "filter", "limit", "exclude", "get", "one", "first"];

/// Text handed to a method by such a name, where nothing else is known of it: what is no SQL is
/// told by its first word.
pub(super) fn send(reader: &mut Reader, callee: &Value, args: &Args) {
    let (method, receiver) = match callee {
        Value::Method(receiver, method) => (method.as_str(), Some(&**receiver)),
        Value::Name(name) | Value::Unknown(name) => (name.rsplit('.').next().unwrap_or(name), None),
        // `const sql = postgres(); sql`DROP …``
        Value::Made(_) => ("sql", Some(callee)),
        _ => return,
    };
    let label = || match callee {
        Value::Unknown(label) => Some(label.clone()),
        _ => None,
    };
    let path = callee.callee().or_else(label).unwrap_or_default();
    let on = path.strip_suffix(method).unwrap_or(&path).to_ascii_lowercase();
    let on_such = |on_what: &&str| {
        if on_what.starts_with('.') {
            on.ends_with(*on_what) || on.ends_with(&format!("{on_what}."))
        } else {
            on.starts_with(*on_what)
        }
    };
    // `from("users").delete().neq("id", 0)`
    if let Some(chooses) = FILTERS.iter().position(|filters| filters.contains(&method))
        && path.contains("supabase")
        && let Some(Value::Made(made)) = receiver
        && made.by.ends_with(".delete")
    {
        let table = match &made.on {
            Some(Value::Method(from, _)) => match &**from {
                Value::Made(from) => from.args.positional.first().map(Value::text),
                _ => None,
            },
            _ => None,
        };
        let table = table.unwrap_or_default().display();
        let condition = ["", " WHERE id = 1"][chooses];
        let text = Text::known(format!("DELETE FROM \"{}\"{condition}", table.replace('"', "")));
        return reader.found(CodeEffect::Sql { text, database: place(receiver) });
    }
    let empties = EMPTIES
        .iter()
        .find(|(known, _, what)| *known == method && (what.is_empty() || what.iter().any(on_such)));
    if let Some((_, verb, _)) = empties {
        return empty(reader, callee, verb, args);
    }
    if method == "to_sql" && args.named("if_exists").and_then(Value::as_known) == Some("replace") {
        let text = Text::known(format!(
            "DROP TABLE {}",
            args.get(0, "name").map(Value::text).unwrap_or_default().display()
        ));
        let database = args.get(1, "con").map_or(CodeDatabase::Unknown, |con| place(Some(con)));
        return reader.found(CodeEffect::Sql { text, database });
    }
    let is_pattern = matches!(receiver, Some(Value::Made(made)) if made.by == "RegExp");
    if is_pattern || !is_one_of(method, SENDS_SQL) {
        return;
    }
    let text = match args.positional.first() {
        Some(Value::Text(text)) => text.clone(),
        Some(read) if reader.content(read).is_some() => reader.content(read).unwrap_or_default(),
        // `text("…")`, `sql.SQL("…")`.
        Some(Value::Made(made)) => match made.args.positional.first() {
            Some(Value::Text(text)) => text.clone(),
            _ => return,
        },
        Some(object) => match object.key("text").or_else(|| object.key("sql")) {
            Some(Value::Text(text)) => text,
            _ => return,
        },
        None => return,
    };
    reader.found(CodeEffect::Sql { text, database: place(receiver) });
}

/// A mapper's method that takes all rows of a table, or the table.
fn empty(reader: &mut Reader, callee: &Value, verb: &str, args: &Args) {
    let chooses = args.positional.first().is_some_and(|filter| match filter {
        Value::Map(entries) => entries.iter().any(|(key, value)| match key.as_known() {
            // `{ where: {} }`
            Some("where") => !matches!(value, Value::Map(inner) if inner.is_empty()),
            _ => true,
        }),
        _ => true,
    });
    let named = callee.callee().or_else(|| match callee {
        Value::Name(name) | Value::Unknown(name) => Some(name.clone()),
        _ => None,
    });
    let path = named.unwrap_or_default();
    let mut name = path.rsplit('.').nth(1).unwrap_or("it").replace("()", "");
    if verb.starts_with("DROP")
        && let Some(given) = args.positional.first().and_then(Value::as_known)
    {
        name = given.to_owned();
    } else if verb == "DROP DATABASE" {
        name = crate::actions::sql::CONNECTED.to_owned();
    }
    let chosen = path.split('.').any(|call| CHOOSES.iter().any(|word| call.strip_suffix("()") == Some(word)));
    // `sync({ force: true })` makes all tables anew.
    let kept = path.ends_with(".sync")
        && !args
            .positional
            .iter()
            .any(|value| value.key("force").is_some_and(|force| force.truth() != Some(false)));
    if verb == "DELETE FROM" && (chooses || chosen) || kept {
        return;
    }
    let plain: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let receiver = match callee {
        Value::Method(receiver, _) => Some(&**receiver),
        _ => None,
    };
    let text = Text::known(format!("{verb} {}", if plain.is_empty() { "it" } else { &plain }));
    // `metadata.drop_all(engine)`
    let bind = args.get(0, "bind").filter(|_| verb == "DROP SCHEMA").map(|bind| place(Some(bind)));
    let database =
        bind.filter(|database| *database != CodeDatabase::Unknown).unwrap_or_else(|| place(receiver));
    reader.found(CodeEffect::Sql { text, database });
}

/// The database that a connection leads to.
fn place(receiver: Option<&Value>) -> CodeDatabase {
    let mut receiver = receiver;
    while let Some(Value::Method(inner, _)) = receiver {
        receiver = Some(inner);
    }
    match receiver {
        Some(Value::Made(made)) => connection(made.root(), 0),
        _ => CodeDatabase::Unknown,
    }
}

/// What a call that connects says of its database.
fn connection(made: &Made, level: usize) -> CodeDatabase {
    let module = made.by.split('.').next().unwrap_or(&made.by).trim_end_matches("()");
    let first = made.args.positional.first();
    // `Session(engine)`, `sessionmaker(bind=engine)()`.
    let inner = [first, made.args.named("bind"), made.args.named("engine")].into_iter().flatten();
    for value in inner {
        if let Value::Made(inner) = value
            && level < 4
        {
            return connection(inner.root(), level + 1);
        }
    }
    let options = |names: &[&str]| {
        names.iter().find_map(|name| {
            let in_map = |value: &Value| value.key(name).filter(|value| !matches!(value, Value::Null));
            made.args.named(name).cloned().or_else(|| made.args.positional.iter().find_map(in_map))
        })
    };
    let given = first.filter(|value| !matches!(value, Value::Map(_) | Value::Null));
    if is_one_of(module, FILES) {
        let file = given.cloned().or_else(|| options(NAMES));
        return CodeDatabase::File(file.map(|file| file.text()));
    }
    // `knex({ client: "pg", connection: { host: … } })`
    let nested = options(&["connection"]).filter(|value| matches!(value, Value::Map(_)));
    let option = |names: &[&str]| {
        let inner = nested.as_ref().and_then(|map| names.iter().find_map(|name| map.key(name)));
        inner.or_else(|| options(names)).map(|value| value.text())
    };
    let address = options(ADDRESSES).filter(|value| !matches!(value, Value::Map(_)));
    let host_first = HOST_FIRST.contains(&module);
    let host = option(HOSTS).or_else(|| given.filter(|_| host_first).map(Value::text));
    let name = given.filter(|_| !host_first).cloned().or(address).map(|value| value.text());
    CodeDatabase::Server { host, name: name.or_else(|| option(NAMES)) }
}
