//! Names of what an action acts on that say production: hosts, databases, contexts, profiles.
//!
//! Only names of targets count, never a build's mode (`NODE_ENV=production npm run build`) or a file's name;
//! which words of a program name its targets, its `[[tool]]` says.

use crate::model::evidence::{says_production, store};
use crate::model::{Action, Effect, Evidence, Facts, Place, Request, Statement, Text};

use super::arguments::{Arguments, Role};

/// The names in an action that say production.
pub(super) fn names(
    action: &Action,
    arguments: Option<&Arguments<'_>>,
    source: &str,
    facts: &dyn Facts,
) -> Vec<Evidence> {
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
    given_around(action, source, &mut add);
    match &action.effect {
        Effect::Request(request) => requested(request, &mut add),
        Effect::Statement(statement) => stated(statement, &mut add),
        Effect::Call(call) => {
            if let Some(arguments) = arguments {
                called(action, arguments, facts, &mut add);
            }
            call.args
                .iter()
                .filter_map(|word| store(&word.display()))
                .for_each(|name| add("the address", &name));
        }
        _ => {}
    }
    found
}

/// What a program that hands an environment's variables to another is told: `railway run -e production CMD`.
fn given_around(action: &Action, source: &str, add: &mut dyn FnMut(&str, &str)) {
    const GIVERS: &[&str] = &["railway", "doppler", "infisical", "heroku", "vercel", "chamber"];
    const OPTIONS: &[&str] =
        &["-e", "--environment", "--env", "-c", "--config", "-a", "--app", "-p", "--project"];
    let gives = |name: &str| name.split(' ').next().is_some_and(|first| GIVERS.contains(&first));
    if !action.via.iter().any(|via| gives(&via.name)) {
        return;
    }
    let mut words = action.span.slice(source).split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (option, value) =
            word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
        if OPTIONS.contains(&option)
            && let Some(value) = value.or_else(|| words.peek().copied())
        {
            add(&format!("`{option}`"), value.trim_matches(['"', '\'']));
        }
    }
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
        if *target == "." {
            let directory = action.directory.as_known().unwrap_or_default();
            let mut parts = directory.rsplit('/');
            // Farther up it names where projects lie, and not what this one is.
            parts.by_ref().take(2).for_each(|part| add("the directory", part));
            continue;
        }
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
