//! What `wget` and `wget2` send.

use super::{Context, Draft, header, is_list, may_be_options};
use crate::actions::graphql;
use crate::actions::masked::{self, Masked};
use crate::model::{Body, Request, Shape, Text};

/// Long options that take a value.
#[rustfmt::skip]
const VALUED: &[&str] = &[
    "accept", "accept-regex", "append-output", "backups", "base", "bind-address", "body-data",
    "body-file", "ca-certificate", "ca-directory", "certificate", "certificate-type", "ciphers",
    "compression", "config", "connect-timeout", "crl-file", "cut-dirs", "default-page",
    "directory-prefix", "dns-timeout", "domains", "exclude-directories", "exclude-domains",
    "execute", "follow-tags", "ftp-password", "ftp-user", "header", "hsts-file", "http-password",
    "http-user", "ignore-tags", "include-directories", "input-file", "level", "limit-rate",
    "load-cookies", "local-encoding", "max-redirect", "method", "output-document", "output-file",
    "password", "pinnedpubkey", "post-data", "post-file", "prefer-family", "private-key",
    "private-key-type", "progress", "proxy-password", "proxy-user", "quota", "read-timeout",
    "referer", "regex-type", "reject", "reject-regex", "rejected-log", "remote-encoding",
    "report-speed", "restrict-file-names", "retry-on-http-error", "save-cookies",
    "secure-protocol", "start-pos", "timeout", "tries", "use-askpass", "user", "user-agent",
    "wait", "waitretry", "warc-file", "warc-header", "warc-max-size", "warc-dedup", "warc-tempdir",
];
/// Short options that take a value; those that matter by their long names.
#[rustfmt::skip]
const SHORT: &[(char, &str)] = &[
    ('A', ""), ('B', ""), ('D', ""), ('I', ""), ('O', ""), ('P', ""), ('Q', ""), ('R', ""),
    ('T', ""), ('U', ""), ('X', ""), ('a', ""), ('e', "execute"), ('i', "input-file"), ('l', ""),
    ('o', ""), ('t', ""), ('w', ""),
];

#[derive(Default)]
struct Reader {
    urls: Vec<Text>,
    method: Option<Text>,
    headers: Vec<(String, Text)>,
    body: Body,
    posts: bool,
    spider: bool,
    unknown: Option<Text>,
}

/// The requests of a `wget` call.
pub(super) fn requests(context: &Context) -> Vec<Request> {
    let mut reader = Reader::default();
    let own = || {
        let home = (context.variable)("HOME").unwrap_or_else(|| context.facts.home().into());
        let mut file = home;
        file.push_str("/.wgetrc");
        file
    };
    reader.file(&(context.variable)("WGETRC").unwrap_or_else(own), context);
    let mut words = context.call.args.iter();
    let mut options = true;
    while let Some(word) = words.next() {
        let masked = Masked::new(word);
        let text = masked.text.as_str();
        if options && text == "--" {
            options = false;
        } else if let Some(long) = text.strip_prefix("--").filter(|_| options) {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
            if masked::has_hole(name) {
                reader.unknown = Some(word.clone());
            } else if name == "spider" {
                reader.spider = true;
            } else if let Some(name) = option(name) {
                let value = value.map(|v| masked.unmask(v));
                let value = value.or_else(|| words.next().cloned()).unwrap_or_default();
                reader.option(name, &value, context);
            }
        } else if options && text.starts_with('-') && text.len() > 1 {
            for (at, letter) in text.char_indices().skip(1) {
                // `-nv`, `-nc` and kin are one option of two letters.
                if letter == 'n' {
                    break;
                }
                if let Some((_, name)) = SHORT.iter().find(|(short, _)| *short == letter) {
                    let glued = &text[at + letter.len_utf8()..];
                    let value = match glued {
                        "" => words.next().cloned().unwrap_or_default(),
                        glued => masked.unmask(glued),
                    };
                    reader.option(name, &value, context);
                    break;
                }
            }
        } else if options && is_list(word) || !reader.urls.is_empty() && may_be_options(word) {
            reader.unknown = Some(word.clone());
        } else {
            reader.urls.push(masked.unmask(text));
        }
    }
    reader.finish()
}

/// The option of that name, or the first that begins so.
fn option(name: &str) -> Option<&'static str> {
    let exact = VALUED.iter().find(|known| **known == name);
    exact.or_else(|| VALUED.iter().find(|known| known.starts_with(name))).copied()
}

impl Reader {
    fn option(&mut self, name: &str, value: &Text, context: &Context) {
        match name {
            "method" => self.method = Some(value.clone()),
            "header" => self.headers.push(header(value)),
            "password" | "http-password" => self.headers.push(("authorization".to_owned(), value.clone())),
            "post-data" | "body-data" => {
                self.body = graphql::body(value.clone());
                self.posts |= name == "post-data";
            }
            "post-file" | "body-file" => {
                self.body = context.body(value);
                self.posts |= name == "post-file";
            }
            "input-file" => {
                self.urls.push(Text::hole(format!("-i {}", value.display()), Shape::Any));
            }
            "execute" => self.line(value, context),
            "config" => self.file(value, context),
            _ => {}
        }
    }

    /// A file of settings, if it is there.
    fn file(&mut self, path: &Text, context: &Context) {
        if let Ok(text) = context.file(path) {
            let masked = Masked::new(&text);
            masked.text.lines().for_each(|line| self.line(&masked.unmask(line), context));
        }
    }

    /// A line of `.wgetrc`: names without regard to case, `-` and `_`.
    fn line(&mut self, line: &Text, context: &Context) {
        let Some((name, value)) = masked::split_once(line, '=') else {
            return;
        };
        let value = masked::map(&value, |v| v.trim().to_owned());
        let plain = |name: &str| name.replace(['-', '_'], "").trim().to_ascii_lowercase();
        let name = name.as_known().map(plain).unwrap_or_default();
        if !matches!(name.as_str(), "execute" | "config")
            && let Some(name) = VALUED.iter().find(|known| plain(known) == name)
        {
            self.option(name, &value, context);
        }
    }

    fn finish(mut self) -> Vec<Request> {
        let mut method: Text = match (self.posts, self.spider) {
            (true, _) => "POST".into(),
            (_, true) => "HEAD".into(),
            _ => "GET".into(),
        };
        if let Some(unknown) = &self.unknown {
            let label = unknown.display();
            method = Text::hole(label.clone(), Shape::Any);
            if self.body == Body::Empty {
                self.body = Body::Unknown { what: label.clone() };
            }
            if self.urls.is_empty() {
                self.urls.push(Text::hole(label, Shape::Any));
            }
        }
        let method = self.method.unwrap_or(method);
        let drafts = self.urls.into_iter().map(|url| Draft {
            method: method.clone(),
            url,
            headers: self.headers.clone(),
            body: self.body.clone(),
            ..Draft::default()
        });
        drafts.flat_map(Draft::finish).collect()
    }
}
