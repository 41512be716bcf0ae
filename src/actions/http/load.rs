//! What programs send that try how much a server bears, and other clients with few options.

use super::{Context, Draft, header};
use crate::actions::graphql;
use crate::model::{Request, Text};

/// A client whose options tell the method and the body, and whose other words are URLs.
struct Client {
    names: &'static [&'static str],
    method: &'static [&'static str],
    /// The first word may be the method: `restish delete URL`.
    verbs: bool,
    body: &'static [&'static str],
    /// Options whose value is a file with the body.
    files: &'static [&'static str],
    /// Letters and names of all other options with a value.
    valued: &'static [&'static str],
}

const CLIENTS: &[Client] = &[
    Client {
        names: &["ab"],
        method: &["-m"],
        verbs: false,
        body: &[],
        files: &["-p", "-u"],
        valued: &[
            "-A", "-b", "-B", "-c", "-C", "-e", "-E", "-f", "-g", "-H", "-n", "-P", "-s", "-t", "-T", "-v",
            "-x", "-X", "-y", "-z", "-Z",
        ],
    },
    Client {
        names: &["hey", "oha"],
        method: &["-m", "--method"],
        verbs: false,
        body: &["-d"],
        files: &["-D"],
        valued: &[
            "-n",
            "-c",
            "-q",
            "-z",
            "-o",
            "-H",
            "-t",
            "-A",
            "-T",
            "-a",
            "-x",
            "-cpus",
            "-host",
            "-p",
            "-w",
            "--latency-correction",
            "--connect-to",
            "--unix-socket",
            "--rand-regex-url",
        ],
    },
    Client {
        names: &["bombardier"],
        method: &["-m", "--method"],
        verbs: false,
        body: &["-b", "--body"],
        files: &["-f", "--body-file"],
        valued: &[
            "-c",
            "-d",
            "-n",
            "-r",
            "-t",
            "-H",
            "-o",
            "-p",
            "--cert",
            "--key",
            "--connections",
            "--duration",
        ],
    },
    Client {
        names: &["restish"],
        method: &[],
        verbs: true,
        body: &[],
        files: &[],
        valued: &[
            "-H",
            "-q",
            "-f",
            "-o",
            "-p",
            "-s",
            "--rsh-header",
            "--rsh-query",
            "--rsh-server",
            "--rsh-profile",
        ],
    },
];

/// The requests of one of these clients; none of another program.
pub(super) fn requests(context: &Context, name: &str) -> Vec<Request> {
    let Some(client) = CLIENTS.iter().find(|client| client.names.contains(&name)) else {
        return Vec::new();
    };
    let mut draft = Draft::default();
    let mut method = None;
    let mut urls: Vec<Text> = Vec::new();
    let mut words = context.call.args.iter();
    while let Some(word) = words.next() {
        let start = word.known_start();
        if !start.starts_with('-') {
            urls.push(word.clone());
            continue;
        }
        let (option, glued) = match word.as_known().and_then(|known| known.split_once('=')) {
            Some((option, value)) => (option, Some(Text::known(value))),
            None => (start, None),
        };
        let mut value = || glued.clone().or_else(|| words.next().cloned()).unwrap_or_default();
        if client.method.contains(&option) {
            method = Some(value());
        } else if client.body.contains(&option) {
            draft.body = graphql::body(value());
        } else if client.files.contains(&option) {
            draft.body = context.body(&value());
        } else if matches!(option, "-H" | "--header") {
            draft.headers.push(header(&value()));
        } else if client.valued.contains(&option) {
            value();
        }
    }
    if client.verbs && urls.len() > 1 {
        method = Some(urls.remove(0));
    }
    let sends = draft.body != crate::model::Body::Empty;
    draft.method = method.unwrap_or_else(|| if sends { "POST".into() } else { "GET".into() });
    let drafts = urls.into_iter().map(|url| Draft { url, ..draft.clone() });
    drafts.flat_map(Draft::finish).collect()
}
