//! What `curl` sends.

use std::collections::VecDeque;

use super::curl_globs::globbed;
use super::curl_options::{self, Given};
use super::route::Routes;
use super::{Context, Draft, header, is_list, may_be_options, percent_encoded};
use crate::actions::graphql;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Request, Shape, Text, base_name, bytes, normal};

/// Configuration files that name further ones are read this deep.
const CONFIG_DEPTH: usize = 4;
/// One stretch of `-d` data.
struct Data {
    text: Result<Text, String>,
    /// `&` goes before it, if it is not the first.
    joined: bool,
}

/// What stands between two `--next`.
#[derive(Default)]
struct Transfer {
    urls: Vec<Text>,
    /// Unknown words: URLs, if there is no other, else perhaps options.
    doubtful: Vec<Text>,
    method: Option<Text>,
    headers: Vec<(String, Text)>,
    data: Vec<Data>,
    form: Vec<(Text, Text)>,
    uploads: Vec<Text>,
    queries: Vec<Text>,
    quotes: Vec<Text>,
    socket: Option<Text>,
    target: Option<Text>,
    routes: Routes,
    get: bool,
    head: bool,
    globoff: bool,
    /// Words of which any option may come.
    unknown: Option<Text>,
}

struct Reader<'a> {
    context: &'a Context<'a>,
    transfers: Vec<Transfer>,
    now: Transfer,
    variables: Vec<(String, Text)>,
}

/// The requests of a `curl` call.
pub(super) fn requests(context: &Context) -> Vec<Request> {
    let mut reader =
        Reader { context, transfers: Vec::new(), now: Transfer::default(), variables: Vec::new() };
    let first = context.call.args.first().and_then(Text::as_known);
    if !matches!(first, Some("-q" | "--disable")) {
        let read = |path: String| context.facts.read(&normal(&path), super::FILE_LIMIT).ok();
        let below = |variable: &str, file: &str| {
            let directory = (context.variable)(variable)?;
            read(format!("{}/{file}", directory.as_known().filter(|known| known.starts_with('/'))?))
        };
        let found = below("CURL_HOME", ".curlrc").or_else(|| below("XDG_CONFIG_HOME", "curlrc"));
        let found = found.or_else(|| below("HOME", ".curlrc"));
        if let Some(bytes) = found.or_else(|| read(format!("{}/.curlrc", context.facts.home()))) {
            reader.config(&Text::known(bytes::text(&bytes)), 0);
        }
    }
    reader.words(&context.call.args);
    reader.next();
    let transfers = reader.transfers.into_iter();
    transfers.flat_map(|transfer| transfer.requests(context)).collect()
}

impl Reader<'_> {
    fn next(&mut self) {
        self.transfers.push(std::mem::take(&mut self.now));
    }

    fn words(&mut self, words: &[Text]) {
        let mut words: VecDeque<&Text> = words.iter().collect();
        let mut options = true;
        while let Some(word) = words.pop_front() {
            let masked = Masked::new(word);
            let text = masked.text.as_str();
            if options && text == "--" {
                options = false;
            } else if let Some(name) = text.strip_prefix("--").filter(|_| options) {
                let (name, glued) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v)));
                match curl_options::long(name) {
                    _ if masked::has_hole(name) => self.now.unknown = Some(word.clone()),
                    Some(given) if given.valued => {
                        let value = match glued {
                            Some(value) => masked.unmask(value),
                            None => words.pop_front().cloned().unwrap_or_default(),
                        };
                        self.option(given, &value, 0);
                    }
                    Some(given) => self.option(given, &Text::default(), 0),
                    None => {}
                }
            } else if text.starts_with('-') && text.len() > 1 && options {
                self.cluster(word, &masked, &mut words);
            } else if options && is_list(word) {
                self.now.unknown = Some(word.clone());
            } else if options && may_be_options(word) {
                self.now.doubtful.push(word.clone());
            } else {
                self.now.urls.push(word.clone());
            }
        }
    }

    /// `-sSXDELETE`
    fn cluster(&mut self, word: &Text, masked: &Masked, words: &mut VecDeque<&Text>) {
        for (at, letter) in masked.text.char_indices().skip(1) {
            let after = &masked.text[at + letter.len_utf8()..];
            match curl_options::short(letter) {
                Some(given) if given.valued => {
                    let value = match after {
                        "" => words.pop_front().cloned().unwrap_or_default(),
                        glued => masked.unmask(glued),
                    };
                    return self.option(given, &value, 0);
                }
                Some(given) => self.option(given, &Text::default(), 0),
                None if masked::is_hole(letter) => self.now.unknown = Some(word.clone()),
                None => {}
            }
        }
    }

    fn option(&mut self, given: Given, value: &Text, depth: usize) {
        let value = &match given.expand {
            true => self.expanded(value),
            false => masked::map(value, str::to_owned),
        };
        let now = &mut self.now;
        match given.name {
            "request" => now.method = Some(value.clone()),
            "url" => now.urls.push(value.clone()),
            "get" => now.get = true,
            "head" => now.head = true,
            "globoff" => now.globoff = true,
            "next" => self.next(),
            "unix-socket" => now.socket = Some(value.clone()),
            "abstract-unix-socket" => {
                let mut socket = Text::known("@");
                socket.append(value);
                now.socket = Some(socket);
            }
            "request-target" => now.target = Some(value.clone()),
            "upload-file" => now.uploads.push(value.clone()),
            "quote" => now.quotes.push(value.clone()),
            "connect-to" | "resolve" => now.routes.redirect(value),
            "proxy" | "proxy1.0" | "preproxy" => now.routes.proxy = Some(value.clone()),
            "socks4" | "socks4a" | "socks5" | "socks5-hostname" => {
                let mut proxy = Text::known("socks://");
                proxy.append(value);
                now.routes.proxy = Some(proxy);
            }
            "noproxy" => now.routes.direct = Some(value.clone()),
            "url-query" => now.queries.push(value.clone()),
            "header" => match masked::strip_prefix(value, "@") {
                Some(path) => {
                    let lines = self.context.file(&path).unwrap_or_default();
                    let masked = Masked::new(&lines);
                    let lines = masked.text.lines().filter(|line| !line.trim().is_empty());
                    now.headers.extend(lines.map(|line| header(&masked.unmask(line))));
                }
                None => now.headers.push(header(value)),
            },
            "user" | "oauth2-bearer" => now.headers.push(("authorization".to_owned(), value.clone())),
            "data" | "data-ascii" | "data-binary" | "data-raw" | "data-urlencode" | "json" => {
                self.data(given.name, value)
            }
            "form" | "form-string" => self.form(given.name, value),
            "variable" => self.variable(value),
            "config" if depth < CONFIG_DEPTH => match self.context.file(value) {
                Ok(text) => self.config(&text, depth + 1),
                Err(what) => now.unknown = Some(Text::hole(format!("-K {what}"), Shape::Any)),
            },
            _ => {}
        }
    }

    fn data(&mut self, option: &str, value: &Text) {
        let text = match option {
            "data-raw" => Ok(value.clone()),
            "data-urlencode" => self.urlencoded(value),
            _ => match masked::strip_prefix(value, "@") {
                Some(path) => self.context.file(&path).map(|text| match option {
                    "data" | "data-ascii" => masked::map(&text, |t| t.replace(['\n', '\r', '\0'], "")),
                    _ => text,
                }),
                None => Ok(value.clone()),
            },
        };
        let joined = option != "json";
        if !joined {
            self.now.headers.push(("content-type".to_owned(), "application/json".into()));
        }
        self.now.data.push(Data { text, joined });
    }

    /// `content`, `=content`, `name=content`, `@file`, `name@file`.
    fn urlencoded(&self, value: &Text) -> Result<Text, String> {
        let masked = Masked::new(value);
        let at = masked.text.find(['=', '@']);
        let Some(at) = at else {
            return Ok(percent_encoded(value));
        };
        let mut out = masked.unmask(&masked.text[..at]);
        if at > 0 {
            out.push_str("=");
        }
        let rest = masked.unmask(&masked.text[at + 1..]);
        let content = match masked.text.as_bytes()[at] {
            b'@' => self.context.file(&rest)?,
            _ => rest,
        };
        out.append(&percent_encoded(&content));
        Ok(out)
    }

    /// `name=content`, `name=@file`, `name=<file`.
    fn form(&mut self, option: &str, value: &Text) {
        let Some((name, content)) = masked::split_once(value, '=') else {
            return;
        };
        let content = masked::map(&content, |content| {
            let options = [";type=", ";filename=", ";headers=", ";encoder="];
            let end = options.iter().filter_map(|start| content.find(start)).min();
            let content = &content[..end.unwrap_or(content.len())];
            content.strip_prefix('"').and_then(|c| c.strip_suffix('"')).unwrap_or(content).to_owned()
        });
        let file = match option {
            "form" => masked::strip_prefix(&content, "@").or_else(|| masked::strip_prefix(&content, "<")),
            _ => None,
        };
        let content = match file {
            Some(path) => {
                let what = content.display();
                self.context.file(&path).unwrap_or_else(|_| Text::hole(what, Shape::Any))
            }
            None => content,
        };
        self.now.form.push((name, content));
    }

    fn variable(&mut self, value: &Text) {
        let Some(value) = value.as_known() else {
            return;
        };
        if let Some(name) = value.strip_prefix('%') {
            let (name, default) = name.split_once('=').map_or((name, None), |(n, d)| (n, Some(d)));
            if let Some(value) = self.context.facts.env(name).or(default.map(str::to_owned)) {
                self.variables.push((name.to_owned(), Text::known(value)));
            }
        } else if let Some(at) = value.find(['=', '@']) {
            let content = match &value[at..=at] {
                "=" => Some(Text::known(&value[at + 1..])),
                _ => self.context.file(&value[at + 1..].into()).ok(),
            };
            self.variables.extend(content.map(|content| (value[..at].to_owned(), content)));
        }
    }

    /// Puts variables in the place of `{{name}}`; with a function (`{{name:json}}`) unknown.
    fn expanded(&self, value: &Text) -> Text {
        let masked = Masked::new(value);
        let mut out = Text::default();
        let mut rest = masked.text.as_str();
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, r)| Some((before, r.split_once("}}")?)))
        {
            out.append(&masked.unmask(before));
            let known = self.variables.iter().rev().find(|(known, _)| known == name);
            match known {
                Some((_, text)) => out.append(text),
                None => out.append(&Text::hole(format!("{{{{{name}}}}}"), Shape::Any)),
            }
            rest = after;
        }
        out.append(&masked.unmask(rest));
        out
    }

    /// Options as they stand in a file: `request = "DELETE"`, `-X DELETE`, `url: x`.
    fn config(&mut self, text: &Text, depth: usize) {
        let masked = Masked::new(text);
        for line in masked.text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let end = line.find(|c: char| c.is_whitespace() || "=:".contains(c)).unwrap_or(line.len());
            let (name, value) = match line.strip_prefix('-').filter(|l| !l.starts_with('-')) {
                Some(short) if short.len() > 1 => {
                    line.split_at(1 + short.chars().next().map_or(0, char::len_utf8))
                }
                _ => line.split_at(end),
            };
            let value = value.trim_start_matches(|c: char| c.is_whitespace() || "=:".contains(c));
            let value = match value.strip_prefix('"') {
                Some(quoted) => unquoted(quoted),
                None => value.split_whitespace().next().unwrap_or("").to_owned(),
            };
            let given = match name.strip_prefix('-') {
                Some(short) if !short.starts_with('-') => short.chars().next().and_then(curl_options::short),
                _ => curl_options::long(name.trim_start_matches('-')),
            };
            match given {
                Some(given) => self.option(given, &masked.unmask(&value), depth),
                None if masked::has_hole(name) => self.now.unknown = Some(masked.unmask(line)),
                None => {}
            }
        }
    }
}

/// A quoted value of a configuration file, up to its closing quote.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next().map(|c| match c {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'v' => '\x0b',
                other => other,
            })),
            other => out.push(other),
        }
    }
    out
}

impl Transfer {
    fn requests(mut self, context: &Context) -> Vec<Request> {
        if context.call.name() == Some("curlie") {
            self.take_method_word();
        }
        if self.urls.is_empty() && self.doubtful.len() < 2 {
            self.urls.append(&mut self.doubtful);
        } else if !self.doubtful.is_empty() {
            self.unknown = Some(self.doubtful.remove(0));
            self.urls.append(&mut self.doubtful);
        }
        let has_data = !self.data.is_empty();
        let data = join(std::mem::take(&mut self.data));
        let mut queries = std::mem::take(&mut self.queries);
        let mut body = Body::Empty;
        if self.get {
            queries.extend(match data {
                Ok(data) => Some(data),
                Err(what) => Some(Text::hole(what, Shape::Any)),
            });
        } else if has_data {
            body = match data {
                Ok(data) => graphql::body(data),
                Err(what) => Body::Unknown { what },
            };
        } else if !self.form.is_empty() {
            body = graphql::form(&self.form);
        }
        let mut method: Text = match (self.head, body == Body::Empty) {
            (true, _) => "HEAD".into(),
            (_, true) => "GET".into(),
            (_, false) => "POST".into(),
        };
        // `-d ''` is how a method without a body is spelled.
        if matches!(&body, Body::Text { text, .. } if text.as_known() == Some("")) {
            body = Body::Empty;
        }
        if let Some(unknown) = &self.unknown {
            let label = unknown.display();
            method = Text::hole(label.clone(), Shape::Any);
            if body == Body::Empty {
                body = Body::Unknown { what: label };
            }
            if self.urls.is_empty() {
                self.urls.push(Text::hole(unknown.display(), Shape::Any));
            }
        }
        let mut uploads = self.uploads.iter();
        let mut drafts = Vec::new();
        for written in &self.urls {
            let upload = uploads.next();
            for url in globbed(written, self.globoff) {
                let mut draft = Draft {
                    method: method.clone(),
                    url,
                    query: queries.clone(),
                    headers: self.headers.clone(),
                    body: body.clone(),
                    socket: self.socket.clone(),
                    target: self.target.clone(),
                };
                if is_file(&draft.url) {
                    continue;
                }
                for quote in &self.quotes {
                    drafts.extend(quoted(&draft, quote));
                }
                if let Some(path) = upload {
                    draft.method = "PUT".into();
                    draft.body = context.body(path);
                    append_name(&mut draft.url, path);
                }
                if let Some(method) = &self.method {
                    draft.method = method.clone();
                }
                drafts.push(draft);
            }
        }
        let mut requests = Vec::new();
        for draft in drafts {
            let secure = draft.url.known_start().starts_with("https:");
            let mut sent = draft.finish();
            sent.iter_mut().for_each(|request| self.routes.apply(request, secure, context));
            requests.append(&mut sent);
        }
        requests
    }

    /// `curlie DELETE host`
    fn take_method_word(&mut self) {
        let is_method = |url: &Text| {
            url.as_known().is_some_and(|u| !u.is_empty() && u.chars().all(|c| c.is_ascii_uppercase()))
        };
        if let Some(at) = self.urls.iter().position(is_method) {
            self.method = Some(self.urls.remove(at));
        }
    }
}

/// All data as one text; the reason if there is but one stretch, which is not known.
fn join(data: Vec<Data>) -> Result<Text, String> {
    let single = data.len() == 1;
    let mut out = Text::default();
    for (index, part) in data.into_iter().enumerate() {
        if index > 0 && part.joined {
            out.push_str("&");
        }
        match part.text {
            Ok(text) => out.append(&text),
            Err(what) if single => return Err(what),
            Err(what) => out.append(&Text::hole(what, Shape::Any)),
        }
    }
    Ok(out)
}

/// Whether the URL names a local file.
fn is_file(url: &Text) -> bool {
    url.known_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:"))
}

/// What an FTP or SFTP command deletes before the transfer.
fn quoted(draft: &Draft, quote: &Text) -> Option<Draft> {
    let masked = Masked::new(quote);
    let command = masked.text.trim_start_matches(['-', '+', '*']);
    let (word, path) = command.split_once(' ')?;
    if !["dele", "rmd", "rm", "rmdir"].contains(&word.to_ascii_lowercase().as_str()) {
        return None;
    }
    let mut target = Text::known("/");
    target.append(&masked.unmask(path.trim()));
    Some(Draft { method: "DELETE".into(), target: Some(target), ..draft.clone() })
}

/// A URL that ends with `/` gets the name of the file that is sent.
fn append_name(url: &mut Text, file: &Text) {
    let named = file.as_known().filter(|file| !matches!(*file, "-" | "."));
    if let Some(file) = named
        && url.known_end().ends_with('/')
    {
        url.push_str(base_name(file));
    }
}
