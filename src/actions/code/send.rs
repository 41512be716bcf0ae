//! What calls of HTTP clients send.

use std::rc::Rc;

use super::reader::Reader;
use super::sinks::Site;
use super::value::{Made, Value, join};
use crate::actions::CodeEffect;
use crate::actions::forms::percent_encoded;
use crate::actions::graphql;
use crate::actions::http::Draft;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Shape, Text};

/// How a call says what it sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Send {
    /// `get(url, …options)`: this method.
    Method(&'static str),
    /// `post(url, data, …options)`: this method.
    Data(&'static str),
    /// `request(method, url, …options)`.
    Named,
    /// `request(url, method, …options)`.
    Second,
    /// `fetch(url, options)`: the method is an option, the URL may be one.
    Options,
    /// `urlopen(url, data)`, `Request(url, data, headers, method=…)`.
    Urllib,
    /// `connection.request(method, path, body, headers)`.
    Connection,
    /// `https.request(url, options)`; the body follows.
    Node,
    /// `curl.setopt(curl.CUSTOMREQUEST, "DELETE")`: where to stands in another call.
    Setopt,
    /// `client.execute(document)`, `request(url, document)`: GraphQL, to where the client was made
    /// for.
    Document,
}

/// Adds the request that a call sends.
pub(super) fn request(reader: &mut Reader, send: Send, site: &Site) {
    let positional = |at: usize| site.args.positional.get(at);
    let mut draft = Draft::default();
    let mut data = None;
    let mut from = 1;
    let url = match send {
        Send::Method(method) => {
            draft.method = method.into();
            site.args.get(0, "url").cloned()
        }
        Send::Data(method) => {
            draft.method = method.into();
            // `post(url, **options)`: what is not known may be any option.
            data = positional(1).filter(|data| !is_splat(data)).cloned();
            from = if data.is_some() { 2 } else { 1 };
            site.args.get(0, "url").cloned()
        }
        Send::Named => {
            draft.method = site.args.get(0, "method").map(Value::text).unwrap_or_default();
            from = 2;
            site.args.get(1, "url").cloned()
        }
        Send::Second => {
            draft.method = site.args.get(1, "method").map_or("GET".into(), Value::text);
            from = 2;
            site.args.get(0, "uri").cloned()
        }
        Send::Options => {
            from = 0;
            let url = positional(0).filter(|value| !matches!(value, Value::Map(_))).cloned();
            let url = url.or_else(|| site.option(0, "url"));
            draft.method = site.option(0, "method").map_or("GET".into(), |method| method.text());
            url
        }
        Send::Urllib => {
            if matches!(positional(0), Some(Value::Made(_))) {
                return;
            }
            data = site.args.get(1, "data").filter(|data| !matches!(data, Value::Null)).cloned();
            let default = if data.is_some() { "POST" } else { "GET" };
            draft.method = site.args.named("method").map_or(default.into(), Value::text);
            if let Some(headers) = positional(2) {
                draft.headers = headers_of(headers);
            }
            site.args.get(0, "url").cloned()
        }
        Send::Connection => {
            draft.method = site.args.get(0, "method").map(Value::text).unwrap_or_default();
            data = site.args.get(2, "body").filter(|data| !matches!(data, Value::Null)).cloned();
            if let Some(headers) = positional(3) {
                draft.headers = headers_of(headers);
            }
            from = usize::MAX;
            let mut url = Text::known("https://");
            let host = site.receiver.map(Made::root).and_then(|made| made.args.get(0, "host"));
            url.append(&host.map_or_else(|| Text::hole("host", Shape::Any), Value::text));
            url.append(&site.args.get(1, "url").map(Value::text).unwrap_or_default());
            Some(Value::Text(url))
        }
        Send::Node => {
            from = 0;
            draft.method = site.option(0, "method").map_or("GET".into(), |method| method.text());
            draft.socket = site.option(0, "socketPath").map(|path| path.text());
            let given = positional(0).filter(|value| !matches!(value, Value::Map(_)));
            Some(given.cloned().unwrap_or_else(|| Value::Text(node_url(site))))
        }
        Send::Setopt => {
            let option = positional(0).map(|key| key.text().display()).unwrap_or_default();
            match option.rsplit(['.', '_']).next().unwrap_or_default().trim_end_matches([')', '}']) {
                "CUSTOMREQUEST" => draft.method = positional(1).map(Value::text).unwrap_or_default(),
                "POSTFIELDS" | "COPYPOSTFIELDS" => {
                    draft.method = "POST".into();
                    data = positional(1).cloned();
                }
                _ => return,
            }
            Some(Value::Text(Text::hole("the address that it was given", Shape::Any)))
        }
        Send::Document => {
            draft.method = "POST".into();
            from = usize::MAX;
            let values = site.args.positional.iter().chain(site.args.named.iter().map(|(_, value)| value));
            let sent =
                values.clone().find_map(document).map(|text| (Text::known("query"), Value::Text(text)));
            data = sent.map(|sent| Value::Map(Rc::new(vec![sent])));
            let own = values.clone().find_map(|value| address(value, 0));
            let made = site.receiver.map(Made::root).and_then(|made| address_in(made, 0));
            Some(Value::Text(own.or(made).unwrap_or_else(|| Text::hole("the client's address", Shape::Any))))
        }
    };
    let Some(url) = url else {
        return;
    };
    draft.url = based(&url.text(), site);
    if let Some(headers) = site.option(from, "headers") {
        draft.headers = headers_of(&headers);
    }
    // `auth=(user, password)`
    if let Some(auth) = site.option(from, "auth") {
        draft.headers.push(("authorization".to_owned(), auth.text()));
    }
    let names = ["params", "searchParams", "query"];
    let query = names.iter().find_map(|name| site.option(from, name));
    let query = query.filter(|query| !matches!(query, Value::Null));
    draft.query.extend(query.map(|query| encoded(&query)));
    draft.body = match data {
        Some(data) => body(&data, site.json || matches!(send, Send::Document)),
        None => option_body(site, from),
    };
    if let Some(options) = hidden(send, site) {
        if matches!(send, Send::Options | Send::Node) {
            draft.method = options.text();
        }
        if draft.body == Body::Empty {
            let what = options.text().display();
            draft.body = Body::Unknown { what };
        }
    }
    if matches!(send, Send::Node) && !matches!(draft.method.as_known(), Some("GET" | "HEAD" | "DELETE")) {
        let what = format!("what is written to `{}`", site.name);
        draft.body = Body::Unknown { what };
    }
    for request in draft.finish() {
        reader.pending.entry(site.id).or_insert(reader.effects.len());
        reader.found(CodeEffect::Request(request));
    }
    // The same call may stand in a loop: what is written next belongs to the last request.
    reader.pending.insert(site.id, reader.effects.len() - 1);
}

/// The document in an argument: text, what `gql` makes of it, or an option that holds it.
fn document(value: &Value) -> Option<Text> {
    match value {
        Value::Text(text) if text.display().contains('{') => Some(text.clone()),
        Value::Made(made) => made.args.positional.first().and_then(document),
        Value::Map(_) => ["mutation", "document", "query"].iter().find_map(|key| document(&value.key(key)?)),
        _ => None,
    }
}

/// The address in an argument, or in what it was made of.
fn address(value: &Value, level: usize) -> Option<Text> {
    match value {
        Value::Text(text) if text.known_start().contains("://") => Some(text.clone()),
        Value::Made(made) if level < 4 => address_in(made, level + 1),
        Value::Map(_) => ["url", "uri", "link"].iter().find_map(|key| address(&value.key(key)?, level + 1)),
        _ => None,
    }
}

fn address_in(made: &Made, level: usize) -> Option<Text> {
    let named = made.args.named.iter().map(|(_, value)| value);
    made.args.positional.iter().chain(named).find_map(|value| address(value, level))
}

/// Options that are not known, where these could hold a method or a body.
fn hidden<'v>(send: Send, site: &'v Site) -> Option<&'v Value> {
    let at = match send {
        Send::Options | Send::Node | Send::Method("POST" | "PUT" | "PATCH") => 1,
        _ => return None,
    };
    let only = site
        .args
        .positional
        .first()
        .filter(|_| matches!(send, Send::Node) && site.args.positional.len() == 1);
    let options = site.args.positional.get(at).or(only);
    options.filter(|value| matches!(value, Value::Unknown(_) | Value::Name(_)))
}

/// Whether none of an object's keys is known.
fn is_splat(value: &Value) -> bool {
    let Value::Map(entries) = value else {
        return false;
    };
    !entries.is_empty() && entries.iter().all(|(key, _)| key.has_hole())
}

/// The body that options give.
fn option_body(site: &Site, from: usize) -> Body {
    for (name, json) in [
        ("json", true),
        ("data", site.json),
        ("body", site.json),
        ("content", false),
        ("form", false),
        ("fields", false),
        ("files", false),
    ] {
        match site.option(from, name) {
            None | Some(Value::Null) => {}
            Some(value) => return body(&value, json),
        }
    }
    Body::Empty
}

fn body(value: &Value, json: bool) -> Body {
    match value {
        Value::Null => Body::Empty,
        Value::Map(_) | Value::List(_) if json => graphql::body(value.json().render()),
        Value::Map(entries) => {
            let fields: Vec<_> = entries.iter().map(|(name, value)| (name.clone(), value.text())).collect();
            graphql::form(&fields)
        }
        Value::Made(made) => match made.args.positional.first() {
            Some(fields @ Value::Map(_)) if made.by == "URLSearchParams" => body(fields, false),
            _ => graphql::body(value.text()),
        },
        Value::Text(text) if json && text.as_known().is_some() => graphql::body(text.clone()),
        other => graphql::body(other.text()),
    }
}

fn headers_of(value: &Value) -> Vec<(String, Text)> {
    let Value::Map(entries) = value else {
        return Vec::new();
    };
    let known =
        |(name, value): &(Text, Value)| (name.as_known().unwrap_or("").to_ascii_lowercase(), value.text());
    entries.iter().map(known).collect()
}

/// `a=1&b=2` of a dictionary.
pub(super) fn encoded(value: &Value) -> Text {
    let Value::Map(entries) = value else {
        return value.text();
    };
    let mut out = Text::default();
    for (index, (name, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str("&");
        }
        out.append(&percent_encoded(name));
        out.push_str("=");
        out.append(&percent_encoded(&value.text()));
    }
    out
}

/// A URL that has no scheme is taken from the client's base, where it has one.
fn based(url: &Text, site: &Site) -> Text {
    let base = site.receiver.map(Made::root).and_then(|made| {
        let named = made.args.named("base_url").cloned();
        let keys = ["baseURL", "prefixUrl", "baseUrl"];
        let mut objects = made.args.positional.iter();
        named.or_else(|| objects.find_map(|object| keys.iter().find_map(|key| object.key(key))))
    });
    let base = base.or_else(|| site.option(0, "baseURL"));
    let shown = Masked::new(url);
    match base {
        Some(base) if !shown.text.contains("://") => {
            let rest = masked::map(url, |url| url.trim_start_matches('/').to_owned());
            join(&base.text(), &rest)
        }
        _ => url.clone(),
    }
}

/// The URL of `{ hostname, path }`.
fn node_url(site: &Site) -> Text {
    let mut url = Text::known("https://");
    let host = site.option(0, "hostname").or_else(|| site.option(0, "host"));
    url.append(&host.map_or("localhost".into(), |host| host.text()));
    url.append(&site.option(0, "path").map_or("/".into(), |path| path.text()));
    url
}
