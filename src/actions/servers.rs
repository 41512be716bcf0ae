//! Servers of databases that nobody needs, since the script starts them: containers with nothing of
//! worth in them, and programs that listen where nobody did; and those that say that they are for
//! tests.

use crate::model::{Call, FileKind, Location, Piece, Place, Shape, Span, Text, absolute};
use crate::syntax::Scope;

use super::conditions::Known;
use super::mounts::Mounts;
use super::sql;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::{DOCKER_RUN, Grammar, is_one_of};

const ENGINES: &str = "docker podman nerdctl";
/// Images that hold a server and lead nowhere else, by how their names begin.
const IMAGES: &[&str] = &[
    "postgres",
    "postgis",
    "timescaledb",
    "pgvector",
    "mysql",
    "mariadb",
    "percona",
    "redis",
    "valkey",
    "mongo",
    "clickhouse",
    "cockroach",
];
/// Programs that are servers, with the options that name their port and their data.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("redis-server", "--port", "--dir"),
    ("valkey-server", "--port", "--dir"),
    ("postgres", "-p", "-D"),
    ("mongod", "--port", "--dbpath"),
];
/// What changes which container or server stands behind a name or a port.
const CHANGES: &str = "stop rm kill rename start restart down unpause";

impl Walk<'_> {
    /// The servers that a command starts: what holds if it succeeds, and what holds in any case.
    pub(super) fn started_by(
        &self,
        fields: &[(Text, Span)],
        env: &[(String, Text)],
        scope: &Scope<'_>,
    ) -> (Vec<Known>, Vec<Known>) {
        let none = (Vec::new(), Vec::new());
        let Some(((program, _), rest)) = fields.split_first() else {
            return none;
        };
        let Some(name) = program.as_known().filter(|_| self.context.place == Place::Local) else {
            return none;
        };
        if is_one_of(name, "createdb mysqladmin mariadb-admin") {
            let args = rest.iter().map(|(word, _)| word.clone()).collect();
            let call = Call { program: program.clone(), args, env: env.to_vec(), ..Call::default() };
            return (self.makes_database(name, &call, scope).into_iter().collect(), Vec::new());
        }
        if !is_one_of(name, ENGINES) && !PROGRAMS.iter().any(|row| row.0 == name) {
            return none;
        }
        let args = rest.iter().map(|(word, _)| word.clone()).collect();
        let call = Call { program: program.clone(), args, env: env.to_vec(), ..Call::default() };
        if is_one_of(name, ENGINES) {
            let known = match call.args.first().and_then(Text::as_known) {
                _ if !self.is_this_engine(&call, scope) => Vec::new(),
                Some("run") => container(&call.args),
                Some("compose") => self.composed(&call.args, scope),
                _ => Vec::new(),
            };
            let free = known.iter().filter(|known| self.is_port_free(known)).cloned().collect();
            return (known, free);
        }
        let own = PROGRAMS.iter().find(|row| row.0 == name).and_then(|row| self.listens(row, &call, scope));
        // In the background it succeeds whatever becomes of it.
        let own: Vec<Known> = own.into_iter().filter(|known| self.is_port_free(known)).collect();
        (own.clone(), own)
    }

    /// Whether what listens at a port later on is what the script started: nothing does now.
    fn is_port_free(&self, known: &Known) -> bool {
        let Known::Port(port) = known else {
            return false;
        };
        !self.tunnels && port.parse().is_ok_and(|port| self.facts.is_free(port))
    }

    /// Whether containers are those of this machine.
    fn is_this_engine(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let args = &call.args;
        let moved = |arg: &Text| {
            let arg = arg.known_start();
            is_one_of(arg, "-H --host -c --context")
                || arg.starts_with("--host=")
                || arg.starts_with("--context=")
        };
        let end = args.iter().position(|arg| !arg.known_start().starts_with('-')).unwrap_or(args.len());
        let set = ["DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"];
        !args[..end].iter().any(moved) && !set.iter().any(|name| self.variable(call, name, scope).is_some())
    }

    /// `docker compose -f test.yml up -d`: the services of files that are for tests.
    fn composed(&self, args: &[Text], scope: &Scope<'_>) -> Vec<Known> {
        let has =
            |names: &str| args.iter().any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, names)));
        let files = compose_files(args);
        let kept = |file: &String| {
            let path = absolute(scope.directory(), &Text::known(file.as_str()));
            let text = path.and_then(|path| self.facts.read(&path, FILE_LIMIT).ok());
            text.is_none_or(|text| String::from_utf8_lossy(&text).contains("volumes:"))
        };
        let ours = has("up") && has("-d --detach --wait") && !files.is_empty();
        match ours && files.iter().all(|file| sql::says_test(file)) && !files.iter().any(kept) {
            true => vec![Known::Container(format!("compose {}", files.join(" ")))],
            false => Vec::new(),
        }
    }

    /// A server that listens on a port of its own, with data of its own.
    fn listens(&self, row: &(&str, &str, &str), call: &Call, scope: &Scope<'_>) -> Option<Known> {
        let (name, port, data) = row;
        let value = |name: &str| {
            let at = call.args.iter().position(|arg| arg.as_known() == Some(name))?;
            call.args.get(at + 1)
        };
        let own = match value(data) {
            Some(path) => absolute(scope.directory(), path).map_or(
                path.is_temporary() || path.pieces().first().is_some_and(is_made),
                |path| {
                    let facts = self.facts.path(&path);
                    facts.location == Location::Temporary || facts.kind == FileKind::Absent
                },
            ),
            // Redis reads what it left in its directory, unless a file of settings says otherwise.
            None if *data == "--dir" => {
                let dump = absolute(scope.directory(), &Text::known("dump.rdb"))?;
                let begins = call.args.first().is_some_and(|arg| arg.known_start().starts_with("--"));
                begins && self.facts.kind(&dump) == FileKind::Absent
            }
            None => false,
        };
        let known = value(port)?.as_known()?;
        let replica = call
            .args
            .iter()
            .any(|arg| arg.display().contains("replica") || arg.display().contains("include"));
        (own && !replica && !name.is_empty()).then(|| Known::Port(known.to_owned()))
    }

    /// Whether nobody needs what is in the container that a call enters.
    pub(super) fn is_own_container(&self, call: &Call, name: &str, scope: &Scope<'_>) -> bool {
        if !call.name().is_some_and(|program| is_one_of(program, ENGINES))
            || !self.is_this_engine(call, scope)
        {
            return false;
        }
        let files = compose_files(&call.args);
        let known =
            |key: &str| self.known.iter().any(|known| matches!(known, Known::Container(own) if own == key));
        if call.args.first().and_then(Text::as_known) != Some("compose") {
            return known(name) || sql::says_test(name);
        }
        let project = super::scratch::option(&call.args, "-p --project-name");
        let project = project.as_ref().and_then(Text::as_known);
        match project {
            Some(project) => sql::says_test(project),
            None => {
                sql::says_test(name) || !files.is_empty() && known(&format!("compose {}", files.join(" ")))
            }
        }
    }

    /// Whether the server that a client talks to is one that nobody needs.
    pub(super) fn is_own_server(&self, host: &str, port: &str) -> bool {
        let here = matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]");
        match &self.context.place {
            Place::Container(_) => self.context.own && (here || host.is_empty() || host.starts_with('/')),
            Place::Local | Place::Privileged => {
                here && self.known.iter().any(|known| matches!(known, Known::Port(own) if own == port))
            }
            Place::Remote(_) => false,
        }
    }

    /// A command may put another server behind a name or a port.
    pub(super) fn doubt_servers(&mut self, call: &Call) {
        let engine = call.name().is_some_and(|name| is_one_of(name, ENGINES));
        let changes = call.args.iter().any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, CHANGES)));
        if engine && changes {
            let servers =
                self.known.iter_mut().filter(|known| matches!(known, Known::Container(_) | Known::Port(_)));
            servers.for_each(|known| *known = Known::Doubted);
        }
    }
}

fn is_made(piece: &Piece) -> bool {
    matches!(piece, Piece::Hole(hole) if hole.shape == Shape::Temporary)
}

/// `docker run -d`: the container and the ports of this machine that lead to it, where nothing in it
/// was there before.
fn container(args: &[Text]) -> Vec<Known> {
    let grammar = Grammar { operands: 1, ..Grammar::options(DOCKER_RUN) };
    let readings = grammar.scan(args, 1).list;
    let [reading] = readings.as_slice() else {
        return Vec::new();
    };
    let image = reading.operands.first().and_then(|at| args[*at].as_known());
    let image = image.and_then(|image| image.rsplit('/').next()).unwrap_or_default();
    let value = |names: &str| reading.given(names).and_then(|given| given.value.as_ref());
    let shares = value("--network --net").is_some_and(|network| {
        network.as_known().is_none_or(|network| network == "host" || network.starts_with("container:"))
    });
    let runs = args.get(reading.command).is_none_or(|word| word.known_start().starts_with('-'));
    let own = IMAGES.iter().any(|known| image.starts_with(known))
        && runs
        && !shares
        && reading.has("-d --detach")
        && !reading.has("--entrypoint --env-file --link")
        && Mounts::read(reading, true).holds_nothing();
    if !own {
        return Vec::new();
    }
    let mut out = Vec::new();
    out.extend(value("--name").and_then(Text::as_known).map(|name| Known::Container(name.to_owned())));
    let published = reading.options.iter().filter(|given| is_one_of(given.name, "-p --publish"));
    for port in published.filter_map(|given| given.value.as_ref()?.as_known()) {
        // `[ADDRESS:]PORT:PORT[/tcp]`
        let mut parts = port.rsplit(':').skip(1);
        let port = parts.next().filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        out.extend(port.map(|port| Known::Port(port.to_owned())));
    }
    out
}

/// The files that a call of `docker compose` names.
fn compose_files(args: &[Text]) -> Vec<String> {
    let mut files = Vec::new();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match word.known_start() {
            "-f" | "--file" => files.extend(words.next().map(Text::display)),
            start if start.starts_with("--file=") => files.push(word.display()["--file=".len()..].to_owned()),
            "-p" | "--project-name" | "--profile" | "--env-file" | "--project-directory" => {
                words.next();
            }
            start if start.starts_with('-') => {}
            _ => break,
        }
    }
    files
}
