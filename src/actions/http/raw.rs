//! Requests written by hand to a connection: `nc`, `openssl s_client`, `/dev/tcp`.

use super::{Context, Draft, header};
use crate::actions::graphql;
use crate::actions::json::Json;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Request, Text};

/// What is written to the peer of a program that connects its standard input to one.
pub(super) fn requests(context: &Context, name: &str) -> Vec<Request> {
    let Ok(text) = context.input() else {
        return Vec::new();
    };
    let Some(peer) = peer(&context.call.args, name) else {
        return Vec::new();
    };
    if name != "websocat" {
        return written(&text, peer);
    }
    // What goes through a web socket is a message, no request: its GraphQL counts.
    let message = Json::parse(&text).and_then(|json| json.get("payload").map(Json::render)).unwrap_or(text);
    Draft { method: "GET".into(), url: peer, body: graphql::body(message), ..Draft::default() }.finish()
}

/// What `hurl` and `vegeta` send: each request of a file begins with its method and its URL.
pub(super) fn listed(context: &Context) -> Vec<Request> {
    let file = |word: &Text| match masked::strip_prefix(word, "-targets=") {
        Some(path) => Some(path),
        None => word.known_end().ends_with(".hurl").then(|| word.clone()),
    };
    let files = context.call.args.iter().filter_map(file).map(|path| context.file(&path));
    let input = context.call.input.is_given().then(|| context.input());
    let mut requests = Vec::new();
    for text in files.chain(input).flatten() {
        let masked = Masked::new(&text);
        let mut entry = String::new();
        for line in masked.text.lines().chain(["GET http://"]) {
            let begins = line.split_once(' ').is_some_and(|(method, url)| {
                method.len() > 2 && method.bytes().all(|b| b.is_ascii_uppercase()) && url.contains("://")
            });
            if begins {
                requests.extend(written(&masked.unmask(&entry), Text::default()));
                entry.clear();
            }
            entry.push_str(line);
            entry.push('\n');
        }
    }
    requests
}

/// The requests in a text that is sent to a host.
pub(in crate::actions) fn written(text: &Text, host: Text) -> Vec<Request> {
    let masked = Masked::new(text);
    let text = masked.text.replace("\r\n", "\n");
    let mut requests = Vec::new();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        let mut words = line.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            continue;
        };
        let is_method = method.len() > 2 && method.bytes().all(|b| b.is_ascii_uppercase());
        if !is_method || !(target.starts_with('/') || target.contains("://")) {
            continue;
        }
        let headers = lines.by_ref().take_while(|line| !line.is_empty());
        let headers = headers.map(|line| header(&masked.unmask(line))).collect();
        let body: Vec<&str> = lines.by_ref().collect();
        let mut url = Text::default();
        if target.starts_with('/') {
            url.append(&host);
        }
        url.append(&masked.unmask(target));
        let socket = host.known_start().starts_with("unix:").then(|| masked::strip_prefix(&host, "unix:"));
        let draft = Draft {
            method: masked.unmask(method),
            url,
            headers,
            body: match body.join("\n").trim() {
                "" => Body::Empty,
                body => graphql::body(masked.unmask(body)),
            },
            socket: socket.flatten(),
            ..Draft::default()
        };
        requests.extend(draft.finish());
    }
    requests
}

/// The host that the program connects to, without port; `unix:PATH` for a socket.
pub(in crate::actions) fn peer(args: &[Text], name: &str) -> Option<Text> {
    let after = |option: &str| {
        let at = args.iter().position(|arg| arg.as_known() == Some(option))?;
        args.get(at + 1)
    };
    match name {
        "openssl" => {
            let connects = args.first().and_then(Text::as_known) == Some("s_client");
            after("-connect").or_else(|| after("-host")).filter(|_| connects).map(without_port)
        }
        "socat" => args.iter().find_map(|arg| {
            let (kind, rest) = arg.as_known()?.split_once(':')?;
            let rest = rest.split(',').next()?;
            match kind.to_ascii_uppercase().as_str() {
                "UNIX" | "UNIX-CONNECT" | "UNIX-CLIENT" | "ABSTRACT-CONNECT" => {
                    Some(Text::known(format!("unix:{rest}")))
                }
                kind if kind.starts_with("TCP") || kind.starts_with("OPENSSL") || kind.starts_with("SSL") => {
                    (!kind.contains("LISTEN")).then(|| without_port(&Text::known(rest)))
                }
                _ => None,
            }
        }),
        "websocat" => args.iter().find(|arg| arg.known_start().starts_with("ws")).cloned(),
        _ => {
            const VALUED: &[&str] =
                &["-w", "-p", "-s", "-x", "-X", "-i", "-q", "-O", "-I", "-T", "-m", "-b", "-l"];
            let known = |at: usize| args.get(at).and_then(Text::as_known).unwrap_or("");
            let is_value = |at: usize| at > 0 && VALUED.contains(&known(at - 1));
            let at = (0..args.len()).find(|at| !known(*at).starts_with('-') && !is_value(*at))?;
            let over_socket = args.iter().any(|arg| matches!(arg.as_known(), Some("-U" | "--unixsock")));
            let mut host = Text::known(if over_socket { "unix:" } else { "" });
            host.append(&args[at]);
            Some(host)
        }
    }
}

fn without_port(address: &Text) -> Text {
    match address.as_known().and_then(|address| address.rsplit_once(':')) {
        Some((host, _)) => Text::known(host),
        None => address.clone(),
    }
}
