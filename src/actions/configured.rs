//! The database that a tool is configured for, as the tool finds it: an option, the environment, then the files
//! of variables (`.env`) that it reads by itself. What it comes to is shown; it is no reason by itself.

use crate::model::evidence::{says_production, shown, store};
use crate::model::{Call, Evidence, Facts, Text, absolute, is_loopback};
use crate::syntax::Scope;

use super::names::{Names, names_of};
use super::scratch::option;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::is_one_of;

/// A tool that reaches a database by an address.
struct Tool {
    names: &'static str,
    variables: &'static str,
    options: &'static str,
    /// The files of variables that it reads, each only for what nothing before it says.
    files: &'static str,
}

const fn tool(
    names: &'static str,
    variables: &'static str,
    options: &'static str,
    files: &'static str,
) -> Tool {
    Tool { names, variables, options, files }
}

const TOOLS: &[Tool] = &[
    tool("prisma", "DATABASE_URL DIRECT_URL POSTGRES_PRISMA_URL", "--url", ".env prisma/.env"),
    tool("drizzle-kit", "DATABASE_URL POSTGRES_URL", "--url", ".env .env.local"),
    tool("rails rake", "DATABASE_URL", "", ".env"),
    tool("artisan php", "DATABASE_URL DB_URL DB_HOST DB_DATABASE", "", ".env"),
    tool("manage.py django-admin python python3", "DATABASE_URL", "", ".env"),
    tool("alembic flask aerich", "DATABASE_URL SQLALCHEMY_DATABASE_URI", "", ".env .flaskenv"),
    tool(
        "sequelize sequelize-cli knex typeorm mikro-orm node-pg-migrate db-migrate",
        "DATABASE_URL",
        "--url",
        ".env",
    ),
    tool("typeorm-ts-node-commonjs typeorm-ts-node-esm", "DATABASE_URL", "", ".env"),
    tool("sqlx", "DATABASE_URL", "-D --database-url", ".env"),
    tool("diesel", "DATABASE_URL", "--database-url", ".env"),
    tool("dbmate", "DATABASE_URL", "-u --url", ".env"),
    tool("goose", "GOOSE_DBSTRING", "", ".env"),
    tool("migrate", "", "-database --database", ""),
    tool("mix", "DATABASE_URL", "", ""),
    tool("supabase", "", "--db-url", ""),
    tool("flyway", "FLYWAY_URL", "-url", ""),
    tool("liquibase", "LIQUIBASE_COMMAND_URL", "--url", ""),
];

pub(super) const KNOWN: Names = names_of!(TOOLS, names);

/// Ends of the hosts' names of providers of databases, with these.
const PROVIDERS: &[(&str, &str)] = &[
    ("rds.amazonaws.com", "AWS"),
    ("redshift.amazonaws.com", "AWS"),
    ("supabase.co", "Supabase"),
    ("supabase.com", "Supabase"),
    ("neon.tech", "Neon"),
    ("rlwy.net", "Railway"),
    ("railway.app", "Railway"),
    ("render.com", "Render"),
    ("psdb.cloud", "PlanetScale"),
    ("database.azure.com", "Azure"),
    ("database.windows.net", "Azure"),
    ("mongodb.net", "MongoDB Atlas"),
    ("upstash.io", "Upstash"),
    ("aivencloud.com", "Aiven"),
    ("ondigitalocean.com", "DigitalOcean"),
    ("cockroachlabs.cloud", "CockroachDB"),
    ("timescaledb.io", "Timescale"),
    ("tsdb.cloud.timescale.com", "Timescale"),
    ("turso.io", "Turso"),
    ("fly.dev", "Fly"),
    ("compute-1.amazonaws.com", "Heroku"),
];

impl Walk<'_> {
    /// The databases elsewhere that a call is configured for.
    pub(super) fn configured(&self, call: &Call, scope: &Scope<'_>) -> Vec<Evidence> {
        let Some(tool) =
            TOOLS.iter().find(|tool| call.name().is_some_and(|name| is_one_of(name, tool.names)))
        else {
            return Vec::new();
        };
        // Of an interpreter only what runs a project's own commands.
        let runs =
            |word: &Text| ["manage.py", "artisan"].iter().any(|script| word.known_end().ends_with(script));
        let general = call.name().is_some_and(|name| is_one_of(name, "python python3 php"));
        if general && !call.args.first().is_some_and(runs) {
            return Vec::new();
        }
        let given =
            tool.options.split_ascii_whitespace().find_map(|name| Some((name, option(&call.args, name)?)));
        if let Some((name, value)) = given {
            return told(name, "", &value.display()).into_iter().collect();
        }
        let mut found = Vec::new();
        for name in tool.variables.split_ascii_whitespace() {
            let (value, file) = match self.variable(call, name, scope) {
                Some(value) => (value.display(), ""),
                None => match self.in_files(name, tool.files, scope) {
                    Some(told) => told,
                    None => continue,
                },
            };
            found.extend(told(name, file, &value));
        }
        found
    }

    /// A variable's value in the first file that has it.
    fn in_files(&self, name: &str, files: &'static str, scope: &Scope<'_>) -> Option<(String, &'static str)> {
        files.split_ascii_whitespace().find_map(|file| {
            let path = absolute(scope.directory(), &Text::known(file))?;
            // Nothing of it is printed: what is comes from no file by this.
            let foreign = self.foreign.get();
            let bytes = self.overlay().read(&path, FILE_LIMIT);
            self.foreign.set(foreign);
            let bytes = bytes.ok()?;
            let text = String::from_utf8_lossy(&bytes);
            let value = text.lines().rev().find_map(|line| {
                let (key, value) = line.trim().trim_start_matches("export ").split_once('=')?;
                (key.trim() == name).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
            })?;
            Some((value, file))
        })
    }
}

/// What is told of an address.
fn told(name: &str, file: &str, value: &str) -> Option<Evidence> {
    let from = if file.is_empty() { format!("`{name}`") } else { format!("`{name}` in `{file}`") };
    let address = store(value).unwrap_or_else(|| value.to_owned());
    if value.is_empty() || address.len() > 400 {
        return None;
    }
    if says_production(&address) {
        return Some(Evidence::production(&format!("{from}: the database"), &address));
    }
    let host = address.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    // A name without a dot is a neighbour's in a private network: `db`, `postgres`.
    if !value.contains("://") || !host.contains('.') || is_loopback(host) || address.starts_with('$') {
        return None;
    }
    let is_at = |end: &&(&str, &str)| {
        host.strip_suffix(end.0).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let provider = PROVIDERS.iter().find(is_at).map(|(_, name)| format!(", at {name}")).unwrap_or_default();
    Some(Evidence::database(format!("{from} leads to the database `{}`{provider}", shown(&address))))
}
