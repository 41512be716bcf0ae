//! Program calls that send HTTP requests, and what they send.

mod api;
mod curl;
mod curl_globs;
mod curl_options;
mod follow;
mod httpie;
mod load;
mod raw;
mod route;
mod statements;
mod url;
mod wget;

pub(super) use raw::{peer, written};

use super::forms::{self, percent_encoded};
use super::graphql;
use super::masked::{self, Masked};
use super::wrappers::is_one_of;
use crate::model::{Body, Call, Facts, Input, Request, Text, bytes, normal};
use route::Routes;

/// Longer files are not read for what they would send.
const FILE_LIMIT: usize = 1 << 20;
/// Headers (and fields) that replace the method at the server.
const OVERRIDES: &[&str] = &["x-http-method-override", "x-http-method", "x-method-override"];

/// The requests that a call sends; none if it is no HTTP client.
fn requests(context: &Context) -> Vec<Request> {
    let Some(name) = context.call.name() else {
        return Vec::new();
    };
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let mut requests = match name {
        "curl" | "curlie" => return curl::requests(context),
        "wget" | "wget2" => wget::requests(context),
        "http" | "xh" => httpie::requests(context, "http"),
        "https" | "xhs" => httpie::requests(context, "https"),
        "gh" | "hub" => api::github(context),
        "glab" => api::gitlab(context),
        "lwp-request" => api::lwp(context, None),
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" => api::lwp(context, Some(name)),
        "aria2c" => api::aria2c(context),
        "nc" | "ncat" | "netcat" | "telnet" | "socat" | "openssl" | "websocat" => {
            return raw::requests(context, name);
        }
        "hurl" | "vegeta" => raw::listed(context),
        _ if is_one_of(&name.to_ascii_lowercase(), "invoke-restmethod invoke-webrequest irm iwr") => {
            api::powershell(context)
        }
        _ => load::requests(context, name),
    };
    for request in &mut requests {
        Routes::default().apply(request, false, context);
    }
    requests
}

/// A call and what it can read.
struct Context<'a> {
    call: &'a Call,
    facts: &'a dyn Facts,
    directory: &'a Text,
    /// A variable of the call's environment.
    variable: &'a dyn Fn(&str) -> Option<Text>,
}

impl Context<'_> {
    /// The contents of a file; `-` and `/dev/stdin` are the standard input.
    fn file(&self, path: &Text) -> Result<Text, String> {
        if matches!(path.as_known(), Some("-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")) {
            return self.input();
        }
        let shown = path.display();
        let (Some(path), Some(directory)) = (path.as_known(), self.directory.as_known()) else {
            return Err(format!("`{shown}`: not known before it runs"));
        };
        let path = normal(&format!("{}/{path}", if path.starts_with('/') { "" } else { directory }));
        match self.facts.read(&path, FILE_LIMIT) {
            Ok(bytes) => Ok(Text::known(bytes::text(&bytes))),
            Err(error) => Err(format!("`{shown}`: {error}")),
        }
    }

    /// The standard input.
    fn input(&self) -> Result<Text, String> {
        match &self.call.input {
            Input::Text(text) => Ok(Text::clone(text)),
            Input::Empty => Ok(Text::default()),
            Input::File(path) if path.as_known() != Some("-") => self.file(path),
            Input::File(_) | Input::Inherited | Input::Unknown => Err("standard input".to_owned()),
        }
    }

    /// What a file or `-` sends.
    fn body(&self, path: &Text) -> Body {
        if path.as_known() == Some("/dev/null") {
            return graphql::body(Text::default());
        }
        match self.file(path) {
            Ok(text) => graphql::body(text),
            Err(what) => Body::Unknown { what },
        }
    }
}

/// A request as its caller wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// In any case.
    pub method: Text,
    /// With or without scheme.
    pub url: Text,
    /// Queries to be added to the URL's.
    pub query: Vec<Text>,
    /// Names in lower case.
    pub headers: Vec<(String, Text)>,
    /// What is sent.
    pub body: Body,
    /// The socket that stands for the URL's host.
    pub socket: Option<Text>,
    /// The path that is asked for instead of the URL's.
    pub target: Option<Text>,
}

impl Draft {
    /// The request, and once more with each method that a header or field puts in its place.
    pub fn finish(self) -> Vec<Request> {
        let mut target = url::parse(&self.url);
        if let Some(path) = &self.target {
            let mut from_root = Text::known("x");
            from_root.append(path);
            let given = url::parse(&from_root);
            (target.path, target.query) = (given.path, given.query);
        }
        for query in self.query.iter().filter(|query| query.as_known() != Some("")) {
            if target.query.as_known() != Some("") {
                target.query.push_str("&");
            }
            target.query.append(query);
        }
        let host = match self.socket {
            Some(socket) => {
                let mut host = Text::known("unix:");
                host.append(&socket);
                host
            }
            None => target.host,
        };
        let body = match self.body {
            Body::Empty => graphql::in_query(&target.path, &target.query).unwrap_or_default(),
            body => body,
        };
        let mut headers = self.headers;
        headers.extend(url::user(&self.url).map(|user| ("authorization".to_owned(), user)));
        let request = Request {
            method: masked::map(&self.method, str::to_uppercase),
            host,
            path: target.path,
            query: target.query,
            headers,
            body,
            diverted: false,
        };
        let mut requests: Vec<Request> =
            overrides(&request).into_iter().map(|method| Request { method, ..request.clone() }).collect();
        requests.insert(0, request);
        requests
    }
}

/// The methods that headers and fields put in the place of a request's.
fn overrides(request: &Request) -> Vec<Text> {
    let headers = request.headers.iter().filter(|(name, _)| OVERRIDES.contains(&name.as_str()));
    let mut methods: Vec<Text> = headers.map(|(_, value)| value.clone()).collect();
    let form = match &request.body {
        Body::Text { text, .. } => text.clone(),
        _ => Text::default(),
    };
    for text in [&request.query, &form] {
        if text.pieces().iter().any(|p| matches!(p, crate::model::Piece::Known(k) if k.contains("_method=")))
        {
            let fields = forms::fields(text).into_iter();
            methods.extend(
                fields.filter(|(name, _)| name.as_known() == Some("_method")).map(|(_, value)| value),
            );
        }
    }
    let json = form.as_known().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let in_json = json.as_ref().and_then(|json| json.get("_method")?.as_str());
    methods.extend(in_json.map(Text::known));
    methods.iter().map(|method| masked::map(method, |m| m.trim().to_uppercase())).collect()
}

/// `Name: value` as a lower-case name and a value; a header that is not known has no name.
pub(super) fn header(line: &Text) -> (String, Text) {
    let masked = Masked::new(line);
    let (name, value) = masked.text.split_once([':', ';']).unwrap_or((&masked.text, ""));
    if masked::has_hole(name) {
        return (String::new(), line.clone());
    }
    (name.trim().to_ascii_lowercase(), masked.unmask(value.trim()))
}

/// Whether a word may stand for several: a list, or a scalar that the shell splits.
fn may_be_options(word: &Text) -> bool {
    word.is_opaque() && (word.is_many() || word.holes().any(|hole| hole.shape.is_any()))
}

/// Whether a word that may stand for several is a list by its source: `"$@"`, `${args[@]}`.
fn is_list(word: &Text) -> bool {
    word.is_many() && word.holes().any(|hole| hole.label.contains(['@', '*']))
}

#[cfg(test)]
mod tests;
