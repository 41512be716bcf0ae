//! Names of what an action acts on that say production: hosts, databases, contexts, profiles.
//!
//! Only names of targets count, never a build's mode (`NODE_ENV=production npm run build`) or a file's name;
//! which words of a program name its targets, its `[[tool]]` says.

use crate::model::evidence::says_production;
use crate::model::{Action, Effect, Evidence, Facts, Place, Request, Statement, Text};

use super::arguments::{Arguments, Role};

/// The names in an action that say production.
pub(super) fn names(action: &Action, arguments: Option<&Arguments<'_>>, facts: &dyn Facts) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut add = |what: &str, name: &str| {
        if says_production(name) && found.len() < MOST {
            let evidence = Evidence::production(what, name);
            if !found.contains(&evidence) {
                found.push(evidence);
            }
        }
    };
    match &action.place {
        Place::Remote(host) => add("the host", host),
        Place::Container(name) => add("the container", name),
        Place::Local | Place::Privileged => {}
    }
    match &action.effect {
        Effect::Request(request) => requested(request, &mut add),
        Effect::Statement(statement) => stated(statement, &mut add),
        Effect::Call(call) => {
            if let Some(arguments) = arguments {
                called(action, arguments, facts, &mut add);
            }
            call.args.iter().filter_map(address).for_each(|name| add("the address", &name));
        }
        _ => {}
    }
    found
}

/// So many names are told of.
const MOST: usize = 3;

/// Hosts' names, and the stage with which an API's path begins.
fn requested(request: &Request, add: &mut dyn FnMut(&str, &str)) {
    add("the host", &request.host.display());
    let stage = request.path.known_start().split('/').nth(1).unwrap_or_default();
    if matches!(stage, "prod" | "production") {
        add("the stage", stage);
    }
}

fn stated(statement: &Statement, add: &mut dyn FnMut(&str, &str)) {
    let database = &statement.database;
    if database.production {
        match database.said.as_str() {
            "" => add("the database", &database.name.display()),
            said => add("the database", said),
        }
    }
}

/// What a program's `[[tool]]` says to name its targets.
fn called(action: &Action, arguments: &Arguments<'_>, facts: &dyn Facts, add: &mut dyn FnMut(&str, &str)) {
    let tool = &arguments.tool;
    for target in &tool.targets {
        if target.starts_with('-') {
            if let Some(value) = arguments.value_of(&[target]) {
                add(&format!("`{target}`"), &value.display());
            }
            continue;
        }
        let value = action.set(target).map(Text::display).or_else(|| facts.env(target));
        let written = arguments.words.iter().find_map(|word| {
            word.known_start().strip_prefix(target)?.strip_prefix('=').map(|_| word.display())
        });
        if let Some(value) = written.as_deref().and_then(|word| word.split_once('=')).map(|(_, value)| value)
        {
            add(&format!("`{target}`"), value);
        } else if let Some(value) = value {
            add(&format!("`{target}`"), &value);
        }
    }
    if tool.names_targets {
        let words = arguments.iter().filter(|(_, role, _)| *role == Role::Positional);
        words.for_each(|(_, _, word)| add("the name", &word.display()));
    }
}

/// Host and database, or bucket, of an address that names a store.
fn address(word: &Text) -> Option<String> {
    const STORES: &[&str] = &[
        "postgres",
        "postgresql",
        "mysql",
        "mysql2",
        "mariadb",
        "mongodb",
        "mongodb+srv",
        "redis",
        "rediss",
        "s3",
        "gs",
        "sqlserver",
        "cockroachdb",
        "clickhouse",
        "amqp",
        "amqps",
    ];
    let text = word.display();
    let (before, rest) = text.split_once("://")?;
    let scheme = before.rsplit([':', '=']).next().unwrap_or(before);
    if !STORES.contains(&scheme) {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let rest = match rest.split_once('/') {
        // Of a bucket the name alone.
        Some((bucket, _)) if matches!(scheme, "s3" | "gs") => bucket,
        _ => rest,
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") })
}
