//! Where a client's statements go: its words, URL and environment say.

use super::lexer::Flavour;
use super::session::with_holes;
use super::words::Draft;
use crate::actions::masked::{self, Masked};
use crate::actions::wrappers::is_one_of;
use crate::model::evidence::says_production;
use crate::model::{
    Database, Facts, FileKind, Location, ObjectKind, Shape, StatementKind, Target, Text, absolute, base_name,
    is_loopback,
};

/// What kind of place a client's databases are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// On a server: this machine's, where none is named.
    Server,
    /// In a file: in memory, where none is named.
    File,
    /// At a provider.
    Cloud,
}

/// The database on a server, by the words that name it.
pub(super) fn on_server(host: Option<Text>, name: Option<Text>) -> Database {
    let (mut host, mut name) = (host, name);
    let mut shown = vec![name.as_ref().map(user).unwrap_or_default()];
    if let Some((url_host, url_name)) = name.as_ref().and_then(url) {
        // One that names no host leaves it to the environment.
        host = host.filter(|_| url_host.as_known() == Some("")).or(Some(url_host));
        name = Some(url_name);
    }
    let host = host.unwrap_or_default();
    let name = name.unwrap_or_default();
    let target = match host.as_known() {
        // A variable may hold a whole URL.
        Some("") if name.is_opaque() => Target::Unknown,
        Some(host) if is_here(host) => Target::Loopback,
        Some(_) => Target::Remote,
        None => Target::Unknown,
    };
    shown.extend([host.display(), name.display()]);
    Database { name, target, ..said(shown.into_iter().rev()) }.tested()
}

/// What names say of production.
fn said(names: impl IntoIterator<Item = String>) -> Database {
    match names.into_iter().find(|name| says_production(name)) {
        Some(said) => Database { production: true, said, ..Database::default() },
        None => Database::default(),
    }
}

/// Who an address says that one is.
fn user(address: &Text) -> String {
    let address = address.display();
    let user = address.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    user.map(|(user, _)| user.split(':').next().unwrap_or(user).to_owned()).unwrap_or_default()
}

/// The same; on a server that nobody needs, nothing is of worth.
pub(super) fn at_own(
    host: Option<Text>,
    port: Option<Text>,
    name: Option<Text>,
    flavour: Flavour,
    own: &dyn Fn(&str, &str) -> bool,
) -> Database {
    let mut given = (host.clone().unwrap_or_default(), port);
    if let Some((authority, path)) = name.as_ref().and_then(authority) {
        // Where the address says it once more, what counts is left open.
        let again = path.contains("host=") || path.contains("port=");
        let (at, own_port) = authority.rsplit_once(':').unwrap_or((&authority, ""));
        given.1 = given.1.or_else(|| Some(own_port).filter(|port| !port.is_empty()).map(Text::known));
        given.0 = if again { Text::hole(path, Shape::Any) } else { Text::known(at) };
    } else if name.as_ref().is_some_and(|name| name.display().contains('=')) {
        given.0 = Text::hole("the address", Shape::Any);
    }
    let database = on_server(host, name);
    let usual = if flavour == Flavour::MySql { "3306" } else { "5432" };
    let (host, port) = (given.0.as_known(), given.1.as_ref().map_or(Some(usual), Text::as_known));
    match host.zip(port).filter(|_| database.target == Target::Loopback && !database.production) {
        Some((host, port)) if own(host, port) => Database { target: Target::Scratch, ..database },
        _ => database,
    }
}

/// `HOST[:PORT]` of `scheme://user@host:port/name?…`, and what stands behind it.
fn authority(address: &Text) -> Option<(String, String)> {
    let (_, rest) = address.as_known()?.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some((host.to_owned(), path.to_owned()))
}

/// The database in a file.
pub(super) fn in_file(file: Option<Text>, directory: &Text, facts: &dyn Facts) -> Database {
    let name = file.unwrap_or_default();
    let named = said([name.display()]);
    let production = named.production;
    let temporary = name.holes().any(|hole| hole.shape == Shape::Temporary);
    let target = match name.as_known() {
        Some("" | ":memory:" | "file::memory:") => Target::Scratch,
        Some(known) if known.starts_with("md:") || known.contains("://") => Target::Remote,
        _ if temporary => Target::Scratch,
        _ => match absolute(directory, &masked::map(&name, |name| file_of(name).to_owned())) {
            None => Target::Unknown,
            Some(path) => {
                let may_be_elsewhere = facts.is_placeless();
                let facts = facts.path(&path);
                let new = match facts.kind {
                    FileKind::Absent => !may_be_elsewhere,
                    kind => kind == FileKind::EmptyFile,
                };
                // A link's own name says nothing.
                let is_test =
                    !production && says(base_name(facts.target.as_ref().unwrap_or(&facts.real)), FILE_TEST);
                match new || is_test || facts.location == Location::Temporary {
                    true => Target::Scratch,
                    false => Target::File,
                }
            }
        },
    };
    Database { name, target, ..named }
}

/// `file:x.db?mode=ro` as `x.db`.
fn file_of(name: &str) -> &str {
    let path = name.strip_prefix("file:").unwrap_or(name);
    if path.len() < name.len() { path.split('?').next().unwrap_or(path) } else { path }
}

/// What stands in a client's place for statements of code.
pub(in crate::actions) const CODE: &str = "code";

/// What stands in a statement of code for the database of the connection.
pub(in crate::actions) const CONNECTED: &str = "it";

/// The database that a statement is about: dropping a test database is nothing of worth either, and
/// neither is a table that says by its name that it is for a while.
pub(super) fn judged(database: &Database, draft: &Draft, client: &str) -> Database {
    let drops = draft.kind == StatementKind::Drop;
    let adds = draft.kind == StatementKind::Add;
    let on_server = matches!(database.target, Target::Loopback | Target::Scratch);
    // Code that names none drops the one that it is connected to.
    let named = !draft.name.is_empty() && (client != CODE || draft.name != CONNECTED);
    if (drops || adds) && draft.object == ObjectKind::Database && named && on_server && !database.production {
        return beside(database, with_holes(&draft.name));
    }
    if !matches!(database.target, Target::Loopback | Target::File) || database.production {
        return database.clone();
    }
    let emptied = matches!(draft.kind, StatementKind::Delete | StatementKind::Truncate);
    let whole = emptied || drops && draft.object == ObjectKind::Table;
    match (whole || adds) && is_for_a_while(&draft.name) {
        true => Database { target: Target::Scratch, ..database.clone() },
        false => database.clone(),
    }
}

/// Another database of the same server. That one is for tests by its own name says nothing of others.
pub(super) fn beside(database: &Database, name: Text) -> Database {
    let target = match database.target {
        Target::Scratch if says(&database.name.display(), TEST) => Target::Loopback,
        target => target,
    };
    let named = if database.production { database.clone() } else { said([name.display()]) };
    Database { name, target, ..named }.tested()
}

/// `tmp_import`, `public.users_tmp`. What says `temp` may be a temperature.
fn is_for_a_while(table: &str) -> bool {
    let name = table.rsplit('.').next().unwrap_or(table).to_ascii_lowercase();
    ["tmp_", "scratch_"].iter().any(|start| name.starts_with(start)) || name.ends_with("_tmp")
}

/// Whether an environment or a module of settings says that it is for tests.
pub(in crate::actions) fn says_test(words: &str) -> bool {
    says(words, &["test", "tests", "testing"]) && !says_production(words)
}

trait Tested {
    fn tested(self) -> Self;
}

impl Tested for Database {
    /// What is for tests or for this run by its name and on this machine is nothing of worth.
    fn tested(mut self) -> Database {
        let here = self.target == Target::Loopback && !self.production;
        let test = says(&self.name.display(), TEST) && !self.name.has_hole();
        if here && (test || is_of_this_run(&self.name)) {
            self.target = Target::Scratch;
        }
        self
    }
}

/// Whether each run makes another name, which nothing had before: `app_$$`.
fn is_of_this_run(name: &Text) -> bool {
    const OTHERS: &str = "$$ $BASHPID $RANDOM $SRANDOM $EPOCHSECONDS $EPOCHREALTIME $(uuidgen)";
    let differs = |label: &str| is_one_of(label, OTHERS) || label.starts_with("$(date +%s");
    !name.is_many() && name.holes().any(|hole| differs(&hole.label))
}

const TEST: &[&str] =
    &["test", "tests", "testing", "testdb", "tmp", "temp", "scratch", "sandbox", "e2e", "ci"];

/// What a file is called that a run of tests makes.
const FILE_TEST: &[&str] = &["test", "tests", "testing", "e2e"];

/// Whether one of the words stands in a text, in any case; also with a number behind it.
fn says(text: &str, words: &[&str]) -> bool {
    let is_one = |word: &str| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    text.split(|c: char| !c.is_alphanumeric()).any(is_one)
        || text.split(|c: char| !c.is_alphabetic()).any(is_one)
}

/// Host and database of `scheme://user@host:port/name?…` and `host=h dbname=n`.
fn url(text: &Text) -> Option<(Text, Text)> {
    let masked = Masked::new(text);
    let whole = &masked.text;
    if let Some((_, rest)) = whole.split_once("://") {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => host.split([':', ',']).next().unwrap_or(host),
        };
        let given = query.split('&').find_map(|field| field.strip_prefix("host="));
        let host = given.filter(|_| host.is_empty()).unwrap_or(host);
        return Some((masked.unmask(host), masked.unmask(name)));
    }
    let given = |key: &str| {
        let mut words = whole.split_whitespace();
        words.find_map(|word| word.strip_prefix(key)).map(|value| masked.unmask(value.trim_matches('\'')))
    };
    whole.contains('=').then(|| {
        let host = given("host=").or_else(|| given("hostaddr="));
        // A service of libpq's is described in a file of its own.
        let host = host.or_else(|| given("service=").map(|name| Text::hole(name.display(), Shape::Any)));
        (host.unwrap_or_default(), given("dbname=").unwrap_or_default())
    })
}

/// Whether a server by that name, socket or address is on this machine.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches("tcp:").split([',', '\\']).next().unwrap_or(host);
    host.is_empty()
        || host.starts_with(['/', '@'])
        || matches!(host, "." | "(local)" | "(localdb)")
        || is_loopback(host)
}
