//! URLs, known in whole or in part, to host, path and query.

use crate::actions::forms::percent_decoded;
use crate::actions::masked::{self, Masked};
use crate::model::{Text, is_loopback};

/// The parts of a URL that say what a request is about.
#[derive(Debug, Default)]
pub(super) struct Target {
    /// Lower-case, without user, port and trailing dot.
    pub host: Text,
    /// Decoded, with leading `/`, without empty and dotted parts.
    pub path: Text,
    /// As written, without `?`.
    pub query: Text,
}

/// Takes a URL apart. Where the host is unknown to its end, so is the path's beginning.
pub(super) fn parse(url: &Text) -> Target {
    let masked = Masked::new(url);
    let text = masked.text.trim().split('#').next().unwrap_or("");
    let rest = match text.find("://") {
        Some(at) if text[..at].chars().all(|c| !"/?".contains(c)) => &text[at + 3..],
        _ => text.strip_prefix("//").unwrap_or(text),
    };
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));

    // `$BASE/x`: what is unknown may hold a path already.
    let open =
        authority.chars().next_back().filter(|c| masked::is_hole(*c) && masked.hole(*c).shape.is_any());
    let mut start = open.map(|hole| masked.unmask(&hole.to_string())).unwrap_or_default();
    let path = normal_path(path);
    if path != "/" || open.is_none() {
        start.append(&masked.unmask(&path));
    }
    Target { host: masked.unmask(&host(authority)), path: start, query: masked.unmask(query) }
}

/// `user:password` of a URL.
pub(super) fn user(url: &Text) -> Option<Text> {
    let masked = Masked::new(url);
    let (_, rest) = masked.text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map(|(user, _)| masked.unmask(user))
}

fn host(authority: &str) -> String {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    };
    let host = percent_decoded(host).trim_end_matches('.').to_lowercase();
    // What the ports of Docker's daemon reach is what its socket does.
    let is_daemon = authority.ends_with(":2375") || authority.ends_with(":2376");
    if is_daemon && is_loopback(&host) { format!("unix:docker:{host}") } else { host }
}

fn normal_path(path: &str) -> String {
    let decoded = percent_decoded(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let end = if decoded.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    fn shown(url: &Text) -> String {
        let target = parse(url);
        format!("{} {} {}", target.host.display(), target.path.display(), target.query.display())
    }

    #[test]
    fn takes_urls_apart() {
        for (url, expected) in [
            ("https://API.Example.com/v1/a?b=c#d", "api.example.com /v1/a b=c"),
            ("HTTP://user:p@host.:8080", "host / "),
            ("host/x", "host /x "),
            ("host:80", "host / "),
            ("host?x=http://y", "host / x=http://y"),
            ("//host/x/", "host /x/ "),
            ("http://[::1]:80/x", "::1 /x "),
            ("https://h/%76olumes/a%2Fb//c", "h /volumes/a/b/c "),
            ("https://h/a/../v1/./x", "h /v1/x "),
            ("https://a@b@h/", "h / "),
            ("", " / "),
        ] {
            assert_eq!(shown(&url.into()), expected, "{url}");
        }
    }

    #[test]
    fn keeps_what_is_unknown() {
        for (before, after, expected) in [
            ("", "/graphql/v2", "$X $X/graphql/v2 "),
            ("https://", "", "$X $X "),
            ("https://h/v1/", "?a", "h /v1/$X a"),
            ("https://", ".example.com/a", "$X.example.com /a "),
            ("http://h:", "/x", "h $X/x "),
        ] {
            let mut url = Text::known(before);
            url.append(&Text::hole("$X", Shape::Any));
            url.push_str(after);
            assert_eq!(shown(&url), expected);
        }
    }
}
