//! An SQL statement that changes or exposes data, as a client sends it.

use serde::{Deserialize, Serialize};

use super::{Match, Text};

/// One thing that an SQL statement does. What only reads is no statement here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// To what kind of object.
    pub object: ObjectKind,
    /// The object's name, without quotes; empty where there is none.
    pub name: Text,
    /// It has no condition, or one that holds of every row.
    pub without_where: Match,
    /// The program that sends it: `psql`; `code` where a script's own code does.
    pub client: String,
    /// Where it is sent.
    pub database: Database,
}

/// The kinds of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// Removes an object: `DROP`, and `CREATE OR REPLACE` of a table.
    Drop,
    /// Removes all rows: `TRUNCATE`.
    Truncate,
    /// Removes rows: `DELETE`, `MERGE … THEN DELETE`.
    Delete,
    /// Changes rows: `UPDATE`, `MERGE … THEN UPDATE`.
    Update,
    /// Removes a part of a table: `ALTER TABLE … DROP COLUMN`.
    AlterDrop,
    /// Changes a column's type: values may be cut or refused.
    AlterType,
    /// Gives all privileges to somebody.
    GrantAll,
    /// Gives privileges to everybody, or the right to pass them on.
    GrantPublic,
    /// Takes privileges away.
    Revoke,
    /// Changes what a role may do, or its password.
    AlterRole,
    /// Removes the logs that a server is restored from.
    PurgeLogs,
    /// Ends other sessions.
    Terminate,
    /// Runs a program on the server.
    ServerProgram,
    /// Reads or writes files of the server.
    ServerFile,
    /// Writes into the database's own tables.
    Internals,
    /// Replaces the whole database by a copy.
    Restore,
    /// Adds rows or objects, or changes a definition, and loses nothing: `INSERT`, `CREATE`, `ALTER … ADD`.
    Add,
    /// Calls what may do anything: `CALL`, `EXEC`, `DO`.
    Call,
    /// Text that cannot be known before it runs.
    Unknown,
}

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// A database.
    Database,
    /// A schema.
    Schema,
    /// A table, partition or materialized view.
    Table,
    /// A column.
    Column,
    /// What a definition makes again: a view, an index, a function, a trigger, a constraint.
    Definition,
    /// A role, user or group.
    Role,
    /// Rows.
    Rows,
    /// Something else: an extension, a publication, a tablespace.
    #[default]
    Other,
}

/// The database that a statement is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Database {
    /// Its name, or its file.
    pub name: Text,
    /// Where it is.
    pub target: Target,
    /// Its name, its host or the variable that holds them says that it is the one that counts:
    /// `prod`, `live`.
    pub production: bool,
    /// The name that says so.
    pub said: String,
}

/// Where a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A server on the machine that the client runs on.
    Loopback,
    /// A server elsewhere.
    Remote,
    /// A file.
    File,
    /// Nothing of worth: in memory, in a temporary or new file, a test database on this machine.
    Scratch,
    /// Not known before it runs.
    #[default]
    Unknown,
}
