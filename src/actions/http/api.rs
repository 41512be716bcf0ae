//! What `gh api`, `glab api`, `lwp-request` and `aria2c` send.

use super::{Context, Draft, header, is_list};
use crate::actions::graphql;
use crate::actions::json::Json;
use crate::actions::masked::{self, Masked};
use crate::actions::wrappers::tail;
use crate::model::{Body, Request, Shape, Text};

/// One of the forges' own clients.
struct Forge {
    host: &'static str,
    /// Goes before a path.
    root: &'static str,
    /// Options of `api` that take a value.
    valued: &'static [&'static str],
}

const GITHUB: Forge = Forge {
    host: "api.github.com",
    root: "/",
    valued: &[
        "--method",
        "-X",
        "--raw-field",
        "-f",
        "--field",
        "-F",
        "--header",
        "-H",
        "--hostname",
        "--input",
        "--jq",
        "-q",
        "--template",
        "-t",
        "--preview",
        "-p",
        "--cache",
        "--repo",
        "-R",
    ],
};

const GITLAB: Forge = Forge {
    host: "gitlab.com",
    root: "/api/v4/",
    valued: &[
        "--method",
        "-X",
        "--raw-field",
        "-f",
        "--field",
        "-F",
        "--header",
        "-H",
        "--hostname",
        "--input",
        "--form",
        "--output",
        "--repo",
        "-R",
    ],
};

/// `gh api …`
pub(super) fn github(context: &Context) -> Vec<Request> {
    forge(context, &GITHUB)
}

/// `glab api …`
pub(super) fn gitlab(context: &Context) -> Vec<Request> {
    forge(context, &GITLAB)
}

fn forge(context: &Context, forge: &Forge) -> Vec<Request> {
    let mut positional: Vec<Text> = Vec::new();
    let mut draft = Draft::default();
    let mut method = None;
    let mut host = Text::known(forge.host);
    let mut fields: Vec<(Text, Json)> = Vec::new();
    let mut input = None;
    let mut unknown = None;
    let mut words = context.call.args.iter();
    while let Some(word) = words.next() {
        let masked = Masked::new(word);
        let text = masked.text.as_str();
        if is_list(word) {
            unknown = Some(word.clone());
            continue;
        }
        if !text.starts_with('-') || text == "-" {
            positional.push(masked.unmask(text));
            continue;
        }
        let (option, glued) = match text.split_once('=') {
            Some((name, value)) if text.starts_with("--") => (name, Some(value)),
            _ if text.starts_with("--") => (text, None),
            _ => {
                let end = text.char_indices().nth(2).map_or(text.len(), |(at, _)| at);
                (&text[..end], Some(text[end..].trim_start_matches('=')).filter(|v| !v.is_empty()))
            }
        };
        if !forge.valued.contains(&option) {
            continue;
        }
        let value = glued.map(|v| masked.unmask(v)).or_else(|| words.next().cloned()).unwrap_or_default();
        match option {
            "--method" | "-X" => method = Some(value),
            "--header" | "-H" => draft.headers.push(header(&value)),
            "--hostname" => host = value,
            "--input" => input = Some(value),
            "--raw-field" | "-f" | "--field" | "-F" | "--form" => {
                let (name, text) =
                    masked::split_once(&value, '=').unwrap_or((value.clone(), Text::default()));
                let given = match option {
                    "--raw-field" | "-f" => Json::Text(text),
                    _ => magic(context, text),
                };
                fields.push((name, given));
            }
            _ => {}
        }
    }
    if positional.first().and_then(Text::as_known) != Some("api") {
        return Vec::new();
    }
    let Some(endpoint) = positional.get(1) else {
        return Vec::new();
    };
    let is_graphql = endpoint.as_known() == Some("graphql");
    draft.url = address(endpoint, &host, forge, is_graphql);
    let sends = input.is_some() || !fields.is_empty() || is_graphql;
    draft.method = method.clone().unwrap_or(if sends { "POST".into() } else { "GET".into() });
    let body = match input {
        Some(path) => context.body(&path),
        None if fields.is_empty() => Body::Empty,
        None if is_graphql => graphql::body(envelope(fields.clone()).render()),
        None => graphql::body(Json::Map(fields.clone()).render()),
    };
    if method.as_ref().and_then(Text::as_known).is_some_and(|m| m.eq_ignore_ascii_case("get")) {
        draft.query.extend(fields.iter().map(|(name, value)| {
            let mut query = name.clone();
            query.push_str("=");
            query.append(&value.plain());
            query
        }));
    } else {
        draft.body = body;
    }
    if let Some(word) = unknown {
        if method.is_none() {
            draft.method = Text::hole(word.display(), Shape::Any);
        }
        if draft.body == Body::Empty {
            draft.body = Body::Unknown { what: word.display() };
        }
    }
    draft.finish()
}

/// An endpoint as a URL; `{owner}` and its kind come from the checked-out repository.
fn address(endpoint: &Text, host: &Text, forge: &Forge, is_graphql: bool) -> Text {
    if endpoint.display().contains("://") {
        return endpoint.clone();
    }
    let mut url = Text::known("https://");
    url.append(host);
    let root = match (is_graphql, forge.root) {
        (true, "/") => "/",
        (true, _) => "/api/",
        (false, root) => root,
    };
    url.push_str(root);
    let masked = Masked::new(endpoint);
    let mut rest = masked.text.trim_start_matches('/');
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, r)| Some((before, r.split_once('}')?)))
    {
        url.append(&masked.unmask(before));
        url.append(&Text::hole(format!("{{{name}}}"), Shape::Name));
        rest = after;
    }
    url.append(&masked.unmask(rest));
    url
}

/// A typed field: `@file`, numbers, `true`, `null`, else a string.
fn magic(context: &Context, text: Text) -> Json {
    if let Some(path) = masked::strip_prefix(&text, "@") {
        return Json::Text(context.file(&path).unwrap_or_else(|what| Text::hole(what, Shape::Any)));
    }
    match text.as_known() {
        Some("null") => Json::Null,
        Some("true") => Json::Bool(true),
        Some("false") => Json::Bool(false),
        Some(number) if number.parse::<i64>().is_ok() => Json::Number(number.to_owned()),
        _ => Json::Text(text),
    }
}

/// Every field but the document and its name is a variable.
fn envelope(fields: Vec<(Text, Json)>) -> Json {
    let is_own = |name: &Text| matches!(name.as_known(), Some("query" | "operationName"));
    let (mut own, variables): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| is_own(name));
    if !variables.is_empty() {
        own.push(("variables".into(), Json::Map(variables)));
    }
    Json::Map(own)
}

/// `lwp-request -m DELETE URL`, or `DELETE URL` by its links.
pub(super) fn lwp(context: &Context, method: Option<&str>) -> Vec<Request> {
    const VALUED: &[&str] = &["-b", "-t", "-i", "-c", "-p", "-C", "-H", "-o"];
    let mut method = Text::known(method.unwrap_or("GET"));
    let mut urls = Vec::new();
    let mut words = context.call.args.iter();
    while let Some(word) = words.next() {
        match word.as_known() {
            Some("-m") => method = words.next().cloned().unwrap_or_default(),
            Some(option) if VALUED.contains(&option) => {
                words.next();
            }
            _ if word.known_start().starts_with('-') => {}
            _ => urls.push(word.clone()),
        }
    }
    let sends = matches!(method.as_known(), Some("POST" | "PUT" | "PATCH"));
    let body = if sends { context.body(&"-".into()) } else { Body::Empty };
    let drafts = urls.into_iter().map(|url| Draft {
        method: method.clone(),
        url,
        body: body.clone(),
        ..Draft::default()
    });
    drafts.flat_map(Draft::finish).collect()
}

/// PowerShell's `Invoke-RestMethod -Uri URL -Method Delete -Body …`: names of parameters may be cut short.
pub(super) fn powershell(context: &Context) -> Vec<Request> {
    const PARAMETERS: &[&str] = &["-uri", "-method", "-custommethod", "-body", "-infile"];
    let mut draft = Draft { method: "GET".into(), ..Draft::default() };
    let mut words = context.call.args.iter();
    while let Some(word) = words.next() {
        let given = word.known_start().to_ascii_lowercase();
        let (given, attached) = given.split_once(':').unwrap_or((&given, ""));
        let named = PARAMETERS.iter().find(|name| given.len() > 1 && name.starts_with(given));
        let mut value = || match attached {
            "" => words.next().cloned().unwrap_or_default(),
            _ => tail(word, given.len() + 1),
        };
        match named {
            Some(&"-uri") => draft.url = value(),
            Some(&("-method" | "-custommethod")) => draft.method = value(),
            Some(&"-body") => draft.body = graphql::body(value()),
            Some(_) => draft.body = context.body(&value()),
            None if given.starts_with('-') => {
                let valued =
                    ["-h", "-c", "-t", "-o", "-a", "-w", "-p"].iter().any(|start| given.starts_with(start));
                if valued {
                    words.next();
                }
            }
            None => draft.url = word.clone(),
        }
    }
    if draft.url == Text::default() { Vec::new() } else { draft.finish() }
}

/// `aria2c URL…`
pub(super) fn aria2c(context: &Context) -> Vec<Request> {
    let urls = context.call.args.iter().filter(|word| {
        let known = word.known_start();
        !known.starts_with('-') && known.contains("://")
    });
    let drafts = urls.map(|url| Draft { method: "GET".into(), url: url.clone(), ..Draft::default() });
    drafts.flat_map(Draft::finish).collect()
}
