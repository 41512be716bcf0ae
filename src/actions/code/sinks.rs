//! What calls do: the kinds of effects, and how their arguments are read.

use std::rc::Rc;

use super::reader::Reader;
use super::value::{Args, Made, Value, join};
use crate::actions::CodeEffect;
use crate::actions::graphql;
use crate::actions::http::Draft;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Call, Input, PathEffect, PathOp, Shape, Text};

/// What a call of a known function does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sink {
    /// Hands its first argument to a shell.
    Shell,
    /// Starts a list of words without a shell, or hands text to one (`subprocess.run`).
    Words,
    /// Starts a program with a list of words and options (`child_process.spawn`).
    Program,
    /// Replaces itself by a program: the program at this position, then its words with `argv[0]`,
    /// in a list or each an argument.
    Exec(usize),
    /// Stands for a call of this program with the arguments as its words.
    Tool(&'static str),
    /// Changes paths.
    Paths(&'static [(At, PathOp, Reach)]),
    /// Opens a file; what it does depends on the mode.
    Open,
    /// Sends a request.
    Send(Send),
    /// Runs its first argument as code.
    Code,
    /// Changes the directory.
    Directory,
    /// Adds to the body of a request that was begun.
    Body,
}

/// Where a path stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// What the method is called on.
    Receiver,
    /// The argument of that position or keyword.
    Arg(usize, &'static str),
}

/// How far a change reaches.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// The path itself.
    One,
    /// All that is below it too.
    Below,
    /// As the option `recursive` of the following argument says.
    Option,
}

/// How a call says what it sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Send {
    /// `get(url, …options)`: this method.
    Method(&'static str),
    /// `post(url, data, …options)`: this method.
    Data(&'static str),
    /// `request(method, url, …options)`.
    Named,
    /// `fetch(url, options)`: the method is an option, the URL may be one.
    Options,
    /// `urlopen(url, data)`, `Request(url, data, headers, method=…)`.
    Urllib,
    /// `connection.request(method, path, body, headers)`.
    Connection,
    /// `https.request(url, options)`; the body follows.
    Node,
}

/// A call as a sink sees it.
pub(super) struct Site<'v> {
    /// The full name of what is called.
    pub name: &'v str,
    /// With what.
    pub args: &'v Args,
    /// What the method is called on.
    pub receiver: Option<&'v Made>,
    /// Which call.
    pub id: usize,
    /// A dictionary as data is sent as JSON, not as a form.
    pub json: bool,
}

impl Site<'_> {
    /// An option: a keyword, or a key of an object among the arguments from `from` on.
    fn option(&self, from: usize, name: &str) -> Option<Value> {
        if let Some(value) = self.args.named(name) {
            return Some(value.clone());
        }
        let mut objects = self.args.positional.iter().skip(from);
        objects.find_map(|value| value.key(name))
    }

    /// Whether an option is or may be set.
    fn is_set(&self, from: usize, name: &str) -> bool {
        self.option(from, name).is_some_and(|value| value.truth() != Some(false))
    }
}

/// Adds what a call does.
pub(super) fn apply(reader: &mut Reader, sink: Sink, site: &Site) {
    match sink {
        Sink::Shell => {
            if let Some(command) = site.args.positional.first().or_else(|| site.args.named("command")) {
                shell(reader, site, command.text());
            }
        }
        Sink::Words => words(reader, site),
        Sink::Program => program(reader, site),
        Sink::Exec(at) => {
            let Some(name) = site.args.positional.get(at) else {
                return;
            };
            let argv = match site.args.positional.get(at + 1) {
                Some(Value::List(items)) => items.to_vec(),
                _ => site.args.positional[at + 1..].to_vec(),
            };
            call(reader, site, name.text(), argv.iter().skip(1));
        }
        Sink::Tool(name) => {
            let spread = site.args.positional.iter().flat_map(|arg| match arg {
                Value::List(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            });
            call(reader, site, name.into(), spread);
        }
        Sink::Paths(rows) => {
            for (at, op, reach) in rows {
                let recursive = match reach {
                    Reach::One => false,
                    Reach::Below => true,
                    Reach::Option => site.is_set(1, "recursive"),
                };
                paths(reader, site, *at, *op, recursive);
            }
        }
        Sink::Open => open(reader, site),
        Sink::Send(send) => request(reader, send, site),
        Sink::Code => {
            // `new Function("a", "code")`: the code comes last.
            if let Some(code) = site.args.positional.iter().filter_map(Value::as_known).next_back() {
                reader.nested(code);
            }
        }
        Sink::Directory => {
            let path = site.args.positional.first().map(Value::text).unwrap_or_default();
            reader.directory = Some(match &reader.directory {
                Some(directory) => join(directory, &path),
                None => path,
            });
        }
        Sink::Body => {
            let begun = site.receiver.and_then(|made| reader.pending.get(&made.id)).copied();
            let part = site.args.positional.first().filter(|value| !matches!(value, Value::Null));
            if let (Some(index), Some(part)) = (begun, part)
                && let Some(CodeEffect::Request(request)) = reader.effects.get_mut(index)
            {
                let mut whole = match &request.body {
                    Body::Text { text, .. } => text.clone(),
                    _ => Text::default(),
                };
                whole.append(&part.text());
                request.body = graphql::body(whole);
            }
        }
    }
}

/// The directory that a call's options name for what it starts.
fn started_in(reader: &Reader, site: &Site) -> Option<Text> {
    let given = site.option(1, "cwd").filter(|value| !matches!(value, Value::Null));
    match (given.map(|value| value.text()), &reader.directory) {
        (Some(given), Some(directory)) => Some(join(directory, &given)),
        (given, directory) => given.or_else(|| directory.clone()),
    }
}

fn call<'v>(reader: &mut Reader, site: &Site, program: Text, words: impl Iterator<Item = &'v Value>) {
    let mut call = Call {
        program,
        args: words.map(Value::text).collect(),
        ..Call::default()
    };
    if let Some(Value::Text(input)) = site.option(1, "input") {
        call.input = Input::Text(input);
    }
    if let Some(directory) = started_in(reader, site) {
        let program = std::mem::replace(&mut call.program, "env".into());
        call.args.splice(0..0, ["-C".into(), directory, program]);
    }
    reader.found(CodeEffect::Call(call));
}

fn shell(reader: &mut Reader, site: &Site, command: Text) {
    let command = match started_in(reader, site) {
        Some(directory) => {
            let mut whole = Text::known("cd ");
            match directory.as_known() {
                Some(known) => whole.push_str(&shell_words::quote(known)),
                None => whole.append(&directory),
            }
            whole.push_str(" && ");
            whole.append(&command);
            whole
        }
        None => command,
    };
    reader.found(CodeEffect::Shell(command));
}

/// `subprocess.run(["a", "b"])`, `subprocess.run("a b", shell=True)`.
fn words(reader: &mut Reader, site: &Site) {
    let given = site.args.get(0, "args").filter(|value| !matches!(value, Value::Map(_)));
    let Some(words) = given.cloned().or_else(|| site.option(0, "cmd")) else {
        return;
    };
    let in_shell = site.is_set(usize::MAX, "shell");
    match &words {
        Value::List(items) if in_shell => {
            if let Some(command) = items.first() {
                shell(reader, site, command.text());
            }
        }
        Value::List(items) => {
            if let Some((program, rest)) = items.split_first() {
                call(reader, site, program.text(), rest.iter());
            }
        }
        Value::Unknown(_) | Value::Method(..) if !in_shell => {
            reader.found(CodeEffect::Call(Call {
                program: words.text(),
                args: vec![words.text().into_many()],
                ..Call::default()
            }));
        }
        other if in_shell => shell(reader, site, other.text()),
        other => call(reader, site, other.text(), std::iter::empty()),
    }
}

/// `spawn("rm", ["-rf", path], { shell: true })`.
fn program(reader: &mut Reader, site: &Site) {
    let Some(program) = site.args.positional.first() else {
        return;
    };
    let list = match site.args.positional.get(1) {
        Some(Value::List(items)) => items.to_vec(),
        Some(Value::Map(_)) | None => site.option(1, "args").and_then(|args| args.items().map(<[Value]>::to_vec)).unwrap_or_default(),
        Some(_) => {
            let words = site.args.positional.iter().skip(1);
            words.filter(|word| !matches!(word, Value::Map(_) | Value::Null)).cloned().collect()
        }
    };
    if site.is_set(1, "shell") {
        let mut command = program.text();
        for word in &list {
            command.push_str(" ");
            command.append(&word.text());
        }
        shell(reader, site, command);
        return;
    }
    call(reader, site, program.text(), list.iter());
}

fn paths(reader: &mut Reader, site: &Site, at: At, op: PathOp, recursive: bool) {
    let value = match at {
        At::Receiver => site.receiver.map(|made| Value::Text(receiver_path(made))),
        At::Arg(at, name) => site.args.get(at, name).cloned(),
    };
    let content = matches!(op, PathOp::Overwrite).then(|| match at {
        At::Receiver => site.args.positional.first(),
        At::Arg(0, _) => site.args.positional.get(1),
        At::Arg(..) => None,
    });
    let content = content.flatten().and_then(|value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    });
    let Some(value) = value else {
        return;
    };
    for value in value.items().unwrap_or(std::slice::from_ref(&value)) {
        path(reader, site.name, value.text(), op, recursive, content.clone());
    }
}

fn receiver_path(made: &Made) -> Text {
    made.args.positional.first().map(Value::text).unwrap_or_default()
}

fn path(reader: &mut Reader, by: &str, path: Text, op: PathOp, recursive: bool, content: Option<Text>) {
    let path = match &reader.directory {
        Some(directory) => join(directory, &path),
        None => path,
    };
    reader.found(CodeEffect::Path(PathEffect {
        op,
        path,
        recursive,
        by: by.to_owned(),
        content,
        span: None,
    }));
}

/// `open(path, "w")`, `Path(path).open("w")`.
fn open(reader: &mut Reader, site: &Site) {
    let (target, mode) = match site.receiver {
        Some(made) => (Some(receiver_path(made)), site.args.get(0, "mode")),
        None => (site.args.get(0, "file").map(Value::text), site.args.get(1, "mode")),
    };
    let op = match mode.map(Value::text) {
        None => None,
        Some(mode) => match mode.as_known() {
            Some(mode) if mode.contains('w') => Some(PathOp::Overwrite),
            Some(mode) if mode.contains(['a', '+']) => Some(PathOp::Modify),
            Some(_) => None,
            None => Some(PathOp::Overwrite),
        },
    };
    if let (Some(target), Some(op)) = (target, op) {
        path(reader, site.name, target, op, false, None);
    }
}

fn request(reader: &mut Reader, send: Send, site: &Site) {
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
            from = 2;
            data = positional(1).cloned();
            site.args.get(0, "url").cloned()
        }
        Send::Named => {
            draft.method = site.args.get(0, "method").map(Value::text).unwrap_or_default();
            from = 2;
            site.args.get(1, "url").cloned()
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
            let host = site.receiver.and_then(|made| made.args.get(0, "host"));
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
    };
    let Some(url) = url else {
        return;
    };
    draft.url = based(&url.text(), site);
    if let Some(headers) = site.option(from, "headers") {
        draft.headers = headers_of(&headers);
    }
    for name in ["params", "searchParams", "query"] {
        let query = site.option(from, name);
        draft.query.extend(query.filter(|query| !matches!(query, Value::Null)).map(|query| encoded(&query)));
    }
    draft.body = match data {
        Some(data) => body(&data, site.json),
        None => option_body(site, from),
    };
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

/// The body that options give.
fn option_body(site: &Site, from: usize) -> Body {
    for (name, json) in [
        ("json", true), ("data", site.json), ("body", site.json), ("content", false),
        ("form", false), ("fields", false), ("files", false),
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
    let known = |(name, value): &(Text, Value)| {
        (name.as_known().unwrap_or("").to_ascii_lowercase(), value.text())
    };
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
        out.append(&crate::actions::http::percent_encoded(name));
        out.push_str("=");
        out.append(&crate::actions::http::percent_encoded(&value.text()));
    }
    out
}

/// A URL that has no scheme is taken from the client's base, where it has one.
fn based(url: &Text, site: &Site) -> Text {
    let base = site.receiver.and_then(|made| {
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

/// Looks a function up in a table.
pub(super) fn find(table: &'static [(&'static str, Sink)], name: &str) -> Option<Sink> {
    table.iter().find(|(known, _)| *known == name).map(|(_, sink)| *sink)
}

/// Applies the sink of a call, if it has one.
pub(super) fn run(
    reader: &mut Reader,
    table: &'static [(&'static str, Sink)],
    callee: &Value,
    args: &Args,
    id: usize,
    json: bool,
) {
    let Some(name) = callee.callee() else {
        return;
    };
    let Some(sink) = find(table, &name) else {
        return;
    };
    let receiver: Option<Rc<Made>> = match callee {
        Value::Method(receiver, _) => match &**receiver {
            Value::Made(made) => Some(Rc::clone(made)),
            _ => None,
        },
        _ => None,
    };
    let site = Site {
        name: &name,
        args,
        receiver: receiver.as_deref(),
        id,
        json,
    };
    apply(reader, sink, &site);
}
