//! What `http`, `https`, `xh` and `xhs` send: `http DELETE host/path key=value Header:value`.

use super::{Context, Draft, is_list};
use crate::actions::graphql;
use crate::actions::json::Json;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Input, Request, Shape, Text};

/// Options that take a value, of HTTPie and of xh.
#[rustfmt::skip]
const VALUED: &[&str] = &[
    "--auth", "--auth-type", "--bearer", "--boundary", "--cert", "--cert-key", "--cert-key-pass",
    "--ciphers", "--default-scheme", "--format-options", "--history-print", "--http-version",
    "--interface", "--max-headers", "--max-redirects", "--output", "--pretty",
    "--print", "--proxy", "--raw", "--resolve", "--response-charset", "--response-mime",
    "--session", "--session-read-only", "--ssl", "--style", "--timeout", "--unix-socket",
    "--verify", "-A", "-P", "-a", "-o", "-p", "-s",
];
/// What stands between name and value in a request item; longer ones first.
const SEPARATORS: &[&str] = &[":=@", "=@", "==", ":=", ":@", "@", "=", ":"];

#[derive(Default)]
struct Items {
    query: Vec<Text>,
    headers: Vec<(String, Text)>,
    fields: Vec<(Text, Json)>,
    raw: Option<Body>,
    form: bool,
    socket: Option<Text>,
    stdin: bool,
    /// The request is shown, not sent.
    offline: bool,
    unknown: Option<Text>,
}

/// The requests of an HTTPie call; `scheme` stands for a missing one.
pub(super) fn requests(context: &Context, scheme: &str) -> Vec<Request> {
    let mut items = Items { stdin: true, ..Items::default() };
    let mut positional = Vec::new();
    let mut words = context.call.args.iter();
    let mut options = true;
    while let Some(word) = words.next() {
        let masked = Masked::new(word);
        let text = masked.text.as_str();
        if options && text == "--" {
            options = false;
        } else if options && text.starts_with('-') && text.len() > 1 {
            items.option(word, &mut words);
        } else if is_list(word) {
            items.unknown = Some(word.clone());
        } else {
            positional.push(masked.unmask(text));
        }
    }
    let is_method = |word: &Text| {
        word.as_known().map_or_else(
            || word.is_opaque() && positional.len() > 1 && !positional[1].is_opaque(),
            |w| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphabetic()),
        )
    };
    let method = match positional.first() {
        Some(word) if positional.len() > 1 && is_method(word) => Some(positional.remove(0)),
        _ => None,
    };
    let url = match positional.is_empty() {
        false => positional.remove(0),
        true => match &items.unknown {
            Some(word) => Text::hole(word.display(), Shape::Any),
            None => return Vec::new(),
        },
    };
    for item in &positional {
        items.item(item, context);
    }
    if items.offline {
        return Vec::new();
    }
    items.finish(method, address(&url, scheme), context)
}

/// `:3000/x` is `localhost:3000/x`.
fn address(url: &Text, scheme: &str) -> Text {
    masked::map(url, |url| match url.strip_prefix(':') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{scheme}://localhost:{rest}")
        }
        Some(rest) if !rest.starts_with(':') => format!("{scheme}://localhost{rest}"),
        _ => url.to_owned(),
    })
}

impl Items {
    fn option<'a>(&mut self, word: &Text, words: &mut impl Iterator<Item = &'a Text>) {
        let masked = Masked::new(word);
        let (name, value) = match masked.text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(masked.unmask(value))),
            _ => (masked.text.as_str(), None),
        };
        if masked::has_hole(name) {
            self.unknown = Some(word.clone());
            return;
        }
        match name {
            "--form" | "--multipart" => self.form = true,
            "--offline" => self.offline = true,
            "--ignore-stdin" | "-I" => self.stdin = false,
            _ => {}
        }
        if !name.starts_with("--") {
            self.form |= name.contains('f');
            self.stdin &= !name.contains('I');
        }
        let letter = name.chars().next_back().map(|c| format!("-{c}")).unwrap_or_default();
        let key = if name.starts_with("--") { name } else { &letter };
        if !VALUED.contains(&key) {
            return;
        }
        let value = value.or_else(|| words.next().cloned()).unwrap_or_default();
        match name {
            "--auth" | "-a" => self.headers.push(("authorization".to_owned(), value)),
            "--raw" => self.raw = Some(graphql::body(value)),
            "--unix-socket" => self.socket = Some(value),
            _ => {}
        }
    }

    fn item(&mut self, item: &Text, context: &Context) {
        let masked = Masked::new(item);
        let text = masked.text.as_str();
        if let Some(path) = text.strip_prefix('@') {
            self.raw = Some(context.body(&masked.unmask(path)));
            return;
        }
        let Some((name, separator, value)) = split(text) else {
            if masked::has_hole(text) {
                self.unknown = Some(item.clone());
            }
            return;
        };
        let value = masked.unmask(value);
        let name_text = masked.unmask(&name);
        let read = || match context.file(&value) {
            Ok(text) => text,
            Err(what) => Text::hole(what, Shape::Any),
        };
        let json = |text: Text| match Json::parse(&text) {
            Some(json) => json,
            None => Json::Unknown(text),
        };
        match separator {
            ":" => self.headers.push((name.to_ascii_lowercase(), value)),
            ":@" => self.headers.push((name.to_ascii_lowercase(), read())),
            "==" => {
                let mut query = name_text;
                query.push_str("=");
                query.append(&value);
                self.query.push(query);
            }
            "=" => self.field(name_text, Json::Text(value)),
            "=@" => self.field(name_text, Json::Text(read())),
            ":=" => self.field(name_text, json(value)),
            ":=@" => self.field(name_text, json(read())),
            _ => {
                self.form = true;
                self.fields.push((name_text, Json::Text(read())));
            }
        }
    }

    /// Sets a field; `a[b]=c` goes one level down.
    fn field(&mut self, name: Text, value: Json) {
        let known = name.as_known().and_then(|n| n.strip_suffix(']')).and_then(|n| n.split_once('['));
        let Some((outer, inner)) = known.filter(|(outer, inner)| !outer.is_empty() && !inner.contains('['))
        else {
            self.fields.push((name, value));
            return;
        };
        let entry = (Text::known(inner), value);
        let existing = self.fields.iter_mut().find(|(name, _)| name.as_known() == Some(outer));
        match existing {
            Some((_, Json::Map(entries))) => entries.push(entry),
            _ => self.fields.push((Text::known(outer), Json::Map(vec![entry]))),
        }
    }

    fn finish(self, method: Option<Text>, url: Text, context: &Context) -> Vec<Request> {
        let mut body = match self.raw {
            Some(body) => body,
            None if self.fields.is_empty() => Body::Empty,
            None if self.form => {
                let fields: Vec<_> =
                    self.fields.iter().map(|(name, value)| (name.clone(), value.plain())).collect();
                graphql::form(&fields)
            }
            None => graphql::body(Json::Map(self.fields).render()),
        };
        let piped = !matches!(context.call.input, Input::Inherited | Input::Empty);
        if body == Body::Empty && self.stdin && piped {
            body = context.body(&"-".into());
        }
        let mut default: Text = if body == Body::Empty { "GET".into() } else { "POST".into() };
        if let Some(unknown) = &self.unknown {
            default = Text::hole(unknown.display(), Shape::Any);
            if body == Body::Empty {
                body = Body::Unknown { what: unknown.display() };
            }
        }
        Draft {
            method: method.unwrap_or(default),
            url,
            query: self.query,
            headers: self.headers,
            body,
            socket: self.socket,
            ..Draft::default()
        }
        .finish()
    }
}

/// Name, separator and value of an item; the separator that comes first counts, the longest there.
fn split(text: &str) -> Option<(String, &'static str, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            name.extend(chars.next().map(|(_, c)| c));
            continue;
        }
        if let Some(separator) = SEPARATORS.iter().find(|s| text[at..].starts_with(**s)) {
            return Some((name, separator, &text[at + separator.len()..]));
        }
        name.push(c);
    }
    None
}
