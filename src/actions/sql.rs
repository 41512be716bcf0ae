//! SQL: which programs send it, what its statements do, and where.
//!
//! Text is taken apart into statements and the client's own commands by our own lexer, whatever the
//! dialect. Statements that change rows are then parsed by `sqlparser`, for only a parser knows
//! what belongs to a condition. All others, and what it cannot parse, are read by the words that
//! stand where a verb stands.

mod clients;
mod commands;
mod condition;
mod database;
mod follow;
mod lexer;
mod parsed;
mod session;
mod split;
mod words;

use super::CodeDatabase;
use super::wrappers::{Grammar, Reading, Stdin, stdin};
use crate::model::evidence::says_production;
use crate::model::{
    Call, Database, Facts, Input, Match, PathEffect, ReadError, Shape, Span, Statement, StatementKind,
    Target, Text,
};
use clients::{Client, Operands};
use database::Where;
pub(super) use database::{CONNECTED, says_test};
use lexer::Flavour;
pub(super) use session::looks_like_sql;
use session::{Found, ReadFile, Session};
use split::Commands;

/// One thing that a client of SQL does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SqlEffect {
    /// Sends a statement; whether it certainly does.
    Statement(Statement, Match),
    /// Hands text to a shell.
    Shell(Text),
    /// Changes something at a path.
    Path(PathEffect),
    /// Sends what cannot be seen into.
    Opaque(String),
    /// Sends the script's own text, changed in a way that is not followed.
    Disguised,
    /// Goes on deeper than is followed.
    TooDeep,
}

/// What a client finds round it.
pub(super) struct World<'a> {
    pub facts: &'a dyn Facts,
    pub directory: &'a Text,
    /// The outermost source: a variable's name there may say more than its value.
    pub source: &'a str,
    /// A variable of its environment.
    pub variable: &'a dyn Fn(&str) -> Option<Text>,
    /// Whether nobody needs what the server at a host and a port holds.
    pub own: &'a dyn Fn(&str, &str) -> bool,
    /// The name of the machine or container that the client runs in, where that is another one.
    pub around: &'a str,
    /// What it reads of which nothing is known.
    pub unread: Option<Unread>,
}

/// SQL that nobody can have read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unread {
    /// What an archive holds: mostly a copy of a database.
    Unpacked,
    /// What another machine gives.
    Fetched,
}

/// One text that a client sends, with where it stands in the outermost source.
enum Source<'a> {
    Text(&'a Text, Option<Span>),
    File(Text),
    /// What a program prints.
    Unknown,
}

/// What a call does as a client of SQL; nothing where it is none.
pub(super) fn effects(call: &Call, world: &World, read: ReadFile) -> Vec<Found> {
    call.name()
        .into_iter()
        .flat_map(clients::find)
        .find_map(|client| sent(client, call, world, read))
        .unwrap_or_default()
}

/// What a call does as this client; nothing where it is another.
fn sent(client: &Client, call: &Call, world: &World, read: ReadFile) -> Option<Vec<Found>> {
    let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(client.options) };
    let reading = grammar.scan(&call.args, 0).list.into_iter().next()?;
    let subs = client.sub.split_ascii_whitespace();
    let count = subs.clone().count();
    let given = |(at, sub): (usize, &str)| {
        reading.operands.get(at).is_some_and(|at| call.args[*at].as_known() == Some(sub))
    };
    if !subs.enumerate().all(given) || reading.has(client.quiet) {
        return None;
    }
    let operands: Vec<usize> = reading.operands[count..].to_vec();
    let sources = sources(client, call, &reading, &operands);
    let connect = |words: &[Text]| connect(client, call, &reading, &operands, world, words);
    let name = call.name().unwrap_or_default();
    let mut session = Session::new((client.flavour, client.commands), name, &connect, read);
    for source in sources {
        session.span = None;
        match source {
            Source::Text(text, span) => {
                session.span = span;
                session.text(text);
            }
            Source::File(path) => session.file(&path),
            Source::Unknown => match world.unread {
                Some(Unread::Unpacked) => session.does(StatementKind::Restore),
                Some(Unread::Fetched) => session.text(&Text::hole("what is fetched", Shape::Any)),
                None => {}
            },
        }
    }
    Some(session.out)
}

/// What the client sends, in order.
fn sources<'a>(client: &Client, call: &'a Call, reading: &'a Reading, operands: &[usize]) -> Vec<Source<'a>> {
    let span = |at: Option<usize>| at.and_then(|at| super::wrappers::span(call, at));
    let mut out = Vec::new();
    let mut input = !reading.has_any(client.no_stdin);
    for given in &reading.options {
        let Some(value) = &given.value else {
            continue;
        };
        if super::wrappers::is_one_of(given.name, client.sql) {
            out.push(Source::Text(value, span(given.at)));
        } else if super::wrappers::is_one_of(given.name, client.files) {
            match value.as_known() {
                Some("-" | "/dev/stdin") => input = true,
                _ => out.push(Source::File(value.clone())),
            }
        }
    }
    let texts = match client.operands {
        Operands::None | Operands::Database => &[],
        Operands::DatabaseAndSql => operands.get(1..).unwrap_or_default(),
        Operands::Sql => operands,
    };
    out.extend(texts.iter().map(|at| Source::Text(&call.args[*at], span(Some(*at)))));
    // `sqlplus USER@DB @FILE`
    let named = operands.iter().map(|at| &call.args[*at]).filter(|text| text.known_start().starts_with('@'));
    out.extend(named.map(|text| Source::File(super::wrappers::tail(text, 1))));
    if input && texts.is_empty() {
        match stdin(call) {
            Stdin::Source(text) => out.push(Source::Text(text, None)),
            Stdin::File(path) => out.push(Source::File(path.clone())),
            Stdin::Unknown if call.input == Input::Unknown => out.push(Source::Unknown),
            Stdin::Nothing | Stdin::Unknown => {}
        }
    }
    out
}

/// The database that the client's words name, or those of its own command to connect.
fn connect(
    client: &Client,
    call: &Call,
    reading: &Reading,
    operands: &[usize],
    world: &World,
    words: &[Text],
) -> Database {
    let option = |names: &str| reading.given(names).and_then(|given| given.value.clone());
    let at = |names: &str| reading.given(names).and_then(|given| given.at);
    let written = |at: Option<usize>| {
        at.and_then(|at| call.arg_spans.get(at)).map_or("", |span| span.slice(world.source))
    };
    let variable = |names: &str| names.split_ascii_whitespace().find_map(|name| (world.variable)(name));
    let operand = match client.operands {
        Operands::Database | Operands::DatabaseAndSql => operands.first().map(|at| call.args[*at].clone()),
        Operands::None | Operands::Sql => None,
    };
    let spelling = [operands.first().copied(), at(client.database), at(client.host)].map(written).join(" ");
    let again = words.first().filter(|word| !word.known_start().starts_with('-'));
    let name = again.cloned().or(operand).or_else(|| option(client.database));
    let mut database = match client.place {
        Where::File => database::in_file(name, world.directory, world.facts),
        Where::Server => {
            let host = words.get(2).cloned().or_else(|| option(client.host));
            let host = host.or_else(|| variable(client.host_env));
            let port = option(client.port).or_else(|| variable(client.port_env));
            let socket = client.flavour == Flavour::MySql && !reading.has("--protocol");
            let name = name.or_else(|| variable(client.database_env));
            let own = |host: &str, port: &str| {
                // A socket of this machine's is no port.
                !(socket && host == "localhost" && reading.has(client.host)) && (world.own)(host, port)
            };
            database::at_own(host, port, name, client.flavour, &own)
        }
        Where::Cloud => {
            // A copy for development, which is made anew.
            let local = reading.has_any(client.local) && !reading.has_any("--remote --preview");
            let target = if local { Target::Scratch } else { Target::Remote };
            Database { target, ..database::on_server(None, name) }
        }
    };
    let spelling = if words.is_empty() { spelling.trim() } else { "" };
    let said = [spelling, world.around].into_iter().find(|name| says_production(name));
    if let Some(said) = said.filter(|_| !database.production) {
        (database.production, database.said) = (true, said.to_owned());
    }
    database
}

/// The statements that a call prints which it puts together: `SELECT 'DROP TABLE ' || name …`.
pub(super) fn printed(call: &Call) -> Option<Text> {
    let client = call.name().into_iter().flat_map(clients::find).next()?;
    let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(client.options) };
    let reading = grammar.scan(&call.args, 0).list.into_iter().next()?;
    let operands = &reading.operands;
    let mut out = Text::default();
    for source in sources(client, call, &reading, operands) {
        let Source::Text(text, _) = source else {
            continue;
        };
        let tokens = lexer::tokens(text.as_known()?, client.flavour);
        if !tokens.first().is_some_and(|first| first.is("SELECT WITH")) {
            continue;
        }
        let made = session::strings(&tokens).into_iter().filter(|text| looks_like_sql(text));
        for text in made {
            out.append(&session::with_holes(&text));
            out.push_str(";\n");
        }
    }
    (!out.pieces().is_empty()).then_some(out)
}

/// The database at an address, or by host and name.
fn at(host: Option<Text>, port: Option<Text>, name: Option<Text>, world: &World) -> Database {
    let Some(url) = name.as_ref().filter(|name| name.known_start().starts_with("sqlite:")) else {
        let flavour = match name.as_ref().map_or("", Text::known_start).starts_with("mysql") {
            true => Flavour::MySql,
            false => Flavour::Postgres,
        };
        return database::at_own(host, port, name, flavour, world.own);
    };
    let file = super::masked::map(url, |url| {
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        path.strip_prefix('/').unwrap_or(path).to_owned()
    });
    database::in_file(Some(file), world.directory, world.facts)
}

/// What SQL in a program's own code does, sent to `database`; nothing where the text is no SQL.
pub(super) fn in_code(text: &Text, database: &CodeDatabase, world: &World) -> Vec<Found> {
    if !looks_like_sql(text.known_start()) {
        return Vec::new();
    }
    let variable = |names: &[&str]| names.iter().find_map(|name| (world.variable)(name));
    let connect = |words: &[Text]| match database {
        CodeDatabase::Server { host, name } => {
            let host = host.clone().or_else(|| variable(&["PGHOST", "PGHOSTADDR", "MYSQL_HOST"]));
            at(host, None, name.clone().or_else(|| variable(&["PGDATABASE"])), world)
        }
        CodeDatabase::File(file) => {
            let file = words.first().or(file.as_ref()).cloned();
            database::in_file(file, world.directory, world.facts)
        }
        CodeDatabase::Unknown => Database::default(),
    };
    let mut none = |_: &Text| Err(ReadError::Absent);
    let mut session = Session::new((Flavour::Other, Commands::None), database::CODE, &connect, &mut none);
    session.text(text);
    session.out
}

#[cfg(test)]
mod tests;
