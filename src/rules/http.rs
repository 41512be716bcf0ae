//! The leaf about an HTTP request.

use crate::model::{Body, GraphqlKind, LOOPBACK, Match, Piece, Request, Shape, Text, is_loopback};

use super::glob;
use super::list::Pattern;
use super::schema::{BodyWord, HttpTest, OperationWord};

/// What a request test came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpHit {
    /// Whether it holds.
    pub matched: Match,
    /// The test names hosts and the request's is wholly unknown.
    pub guessed: bool,
    /// Something besides host and method holds for certain.
    pub firm: bool,
}

/// Whether all keys of the test hold of the request.
///
/// What a body or an unknown part of a URL may say is only asked where the rule names hosts: that
/// it may be any mutation or any path at any host tells nothing.
///
/// `here`: it is sent from this machine, so that `localhost` is this one.
pub fn http(test: &HttpTest, request: &Request, here: bool) -> HttpHit {
    let given = |patterns: &[Pattern], text: &Text| match patterns.is_empty() {
        true => Match::Yes,
        false => glob::any(patterns, text),
    };
    // Cheapest first: most requests have no body, and another method than the rule asks for.
    let asks_body = test.operation.is_some()
        || !(test.mutation.is_empty() && test.json.is_empty() && test.body_text.is_empty());
    let method = given(&test.method, &request.method);
    if method == Match::No || asks_body && request.body == Body::Empty {
        return HttpHit { matched: Match::No, guessed: false, firm: false };
    }
    let host = given(&test.host, &request.host);
    let mut matched = host.and(method);
    let mut firm = false;
    let mut also = |given: bool, leaf: &dyn Fn() -> Match| {
        if given && matched != Match::No {
            let found = leaf();
            firm |= found == Match::Yes;
            matched = matched.and(found);
        }
    };
    let ask_unknown = !test.host.is_empty() && host == Match::Yes;
    let part = |patterns: &[Pattern], text: &Text| match test.host.is_empty() {
        true => glob::any(patterns, &filled(text)),
        false => glob::any(patterns, text),
    };
    also(!test.path.is_empty(), &|| part(&test.path, &request.path));
    also(!test.query.is_empty(), &|| part(&test.query, &request.query));
    also(!test.mutation.is_empty(), &|| {
        let wanted = |name: &str| test.mutation.iter().any(|p| glob::matches_str(p, name));
        operation(&request.body, GraphqlKind::Mutation, &wanted, ask_unknown)
    });
    if let Some(kind) = test.operation {
        let kind = match kind {
            OperationWord::Query => GraphqlKind::Query,
            OperationWord::Mutation => GraphqlKind::Mutation,
            OperationWord::Subscription => GraphqlKind::Subscription,
        };
        also(true, &|| operation(&request.body, kind, &|_| true, ask_unknown));
    }
    also(!test.json.is_empty(), &|| json(test, &request.body, ask_unknown));
    if let Some(word) = test.body {
        also(true, &|| body(word, &request.body));
    }
    also(!test.body_text.is_empty(), &|| match &request.body {
        Body::Empty => Match::No,
        Body::Text { text, .. } => part(&test.body_text, text),
        Body::Unknown { .. } => perhaps(ask_unknown),
    });
    if let Some(wanted) = test.loopback {
        let own = if here && !request.diverted { loopback(&request.host) } else { Match::No };
        matched = matched.and(if wanted { own } else { own.negate() });
    }
    // `https://*` is as good as no path: only a known start or end makes a host less of a guess.
    firm &= !test.path.iter().any(Pattern::is_anything);
    HttpHit { matched, guessed: !test.host.is_empty() && request.host.is_opaque(), firm }
}

/// The text with a character that no pattern asks for in the place of each hole.
fn filled(text: &Text) -> Text {
    let known = |piece: &Piece| match piece {
        Piece::Known(text) | Piece::Glob(text) => text.clone(),
        Piece::Hole(_) => HOLE.to_string(),
    };
    Text::known(text.pieces().iter().map(known).collect::<String>())
}

fn perhaps(asked: bool) -> Match {
    if asked { Match::Maybe } else { Match::No }
}

/// Whether the body has a GraphQL operation of this kind with a field that is wanted.
fn operation(body: &Body, kind: GraphqlKind, wanted: &dyn Fn(&str) -> bool, ask: bool) -> Match {
    match body {
        Body::Empty => Match::No,
        Body::Unknown { .. } => perhaps(ask),
        Body::Text { text, graphql, unreadable } => {
            let of_kind = graphql.iter().filter(|operation| operation.kind == kind);
            if of_kind.flat_map(|operation| &operation.fields).any(|field| wanted(&field.name)) {
                Match::Yes
            } else if *unreadable || (graphql.is_empty() && text.has_hole()) {
                perhaps(ask)
            } else {
                Match::No
            }
        }
    }
}

fn body(word: BodyWord, body: &Body) -> Match {
    match (word, body) {
        (_, Body::Empty) => Match::No,
        (BodyWord::Nothing, Body::Text { text, .. }) => (text.as_known() == Some("")).into(),
        (BodyWord::Any, _) | (BodyWord::Unknown, Body::Unknown { .. }) => Match::Yes,
        (BodyWord::Unknown, Body::Text { text, .. }) => text.is_opaque().into(),
        (BodyWord::Unreadable, Body::Text { unreadable, .. }) => (*unreadable).into(),
        (BodyWord::Unreadable | BodyWord::Nothing, Body::Unknown { .. }) => Match::No,
    }
}

/// Stands for a hole in the text that is read as JSON: a character for private use.
const HOLE: char = '\u{F8FF}';

fn json(test: &HttpTest, body: &Body, ask: bool) -> Match {
    let text = match body {
        Body::Empty => return Match::No,
        Body::Unknown { .. } => return perhaps(ask),
        Body::Text { text, .. } => text,
    };
    let mut source = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) | Piece::Glob(known) => source.push_str(known),
            Piece::Hole(_) => source.push(HOLE),
        }
    }
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&source) else {
        let may_be_json = text.has_hole() || source.trim_start().starts_with(['{', '[']);
        return if may_be_json { perhaps(ask) } else { Match::No };
    };
    let each = test.json.iter().map(|(key, patterns)| {
        let found = match key.starts_with('/') {
            true => value.pointer(key),
            false => value.get(key),
        };
        found.map_or(Match::No, |found| glob::any(patterns, &with_holes(found)))
    });
    each.min().unwrap_or(Match::Yes)
}

/// A JSON value as text, strings without quotes, its holes put back.
fn with_holes(value: &serde_json::Value) -> Text {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut out = Text::default();
    for (at, part) in text.split(HOLE).enumerate() {
        if at > 0 {
            out.append(&Text::hole("…", Shape::Any));
        }
        out.push_str(part);
    }
    out
}

/// Whether the host is this machine.
fn loopback(host: &Text) -> Match {
    match host.as_known() {
        Some(host) => is_loopback(host).into(),
        None => LOOPBACK.iter().map(|pattern| glob::matches(pattern, host)).max().unwrap_or_default(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{GraphqlField, GraphqlOperation};
    use Match::{Maybe, No, Yes};

    fn test(keys: &str) -> HttpTest {
        #[derive(serde::Deserialize)]
        struct Table {
            http: HttpTest,
        }
        toml::from_str::<Table>(&format!("http = {{ {keys} }}")).unwrap().http
    }

    fn request(body: Body) -> Request {
        Request {
            method: "POST".into(),
            host: "api.example.com".into(),
            path: "/v1/volumes/7".into(),
            query: "force=true".into(),
            headers: Vec::new(),
            body,
            diverted: false,
        }
    }

    fn mutation(name: &str, unreadable: bool) -> Body {
        Body::Text {
            text: Text::known(format!("{{\"query\":\"mutation {{ {name} }}\",\"n\":{{\"a\":1}}}}")),
            graphql: vec![GraphqlOperation {
                kind: GraphqlKind::Mutation,
                name: None,
                fields: vec![GraphqlField { name: name.to_owned(), arguments: Vec::new() }],
            }],
            unreadable,
        }
    }

    fn unknown() -> Body {
        Body::Unknown { what: "standard input".to_owned() }
    }

    #[test]
    fn keys_one_by_one() {
        let delete = || mutation("volumeDelete", false);
        let list = || mutation("volumeRename", true);
        for (keys, body, expected) in [
            ("host = '*.example.com'", Body::Empty, Yes),
            ("host = 'example.com'", Body::Empty, No),
            ("method = ['PUT', 'POST']", Body::Empty, Yes),
            ("method = 'DELETE'", Body::Empty, No),
            ("path = '/v1/volumes/*'", Body::Empty, Yes),
            ("path = '/v2/*'", Body::Empty, No),
            ("query = '*force=true*'", Body::Empty, Yes),
            ("mutation = '*Delete'", delete(), Yes),
            ("mutation = 'volume'", delete(), No),
            ("mutation = '*Delete'", list(), No),
            ("host = '*.example.com', mutation = '*Delete'", list(), Maybe),
            ("mutation = '*Delete'", unknown(), No),
            ("host = '*.example.com', mutation = '*Delete'", unknown(), Maybe),
            ("operation = 'mutation'", delete(), Yes),
            ("operation = 'query'", delete(), No),
            ("json = { query = 'mutation*' }", delete(), Yes),
            ("json = { '/n/a' = '1' }", delete(), Yes),
            ("json = { '/n/b' = '*' }", delete(), No),
            ("json = { query = '*' }", Body::Empty, No),
            ("body = 'unknown'", unknown(), Yes),
            ("body = 'unknown'", delete(), No),
            ("body = 'unreadable'", list(), Yes),
            ("body = 'any'", list(), Yes),
            ("body = 'any'", Body::Empty, No),
            ("body_text = '*mutation*'", delete(), Yes),
            ("loopback = false", Body::Empty, Yes),
            ("loopback = true", Body::Empty, No),
            ("host = '*.example.com', method = 'DELETE'", Body::Empty, No),
        ] {
            assert_eq!(http(&test(keys), &request(body), true).matched, expected, "{keys}");
        }
    }

    #[test]
    fn an_unknown_host_is_a_guess_that_method_alone_does_not_support() {
        let mut request = request(mutation("volumeDelete", false));
        request.host = Text::hole("$HOST", Shape::Any);
        let hit = |keys: &str| {
            let hit = http(&test(keys), &request, true);
            (hit.matched, hit.guessed, hit.firm)
        };
        assert_eq!(hit("host = 'x.com', method = 'POST'"), (Maybe, true, false));
        assert_eq!(hit("host = 'x.com', mutation = '*Delete'"), (Maybe, true, true));
        assert_eq!(hit("method = 'POST', loopback = false"), (Maybe, false, false));
    }

    #[test]
    fn json_with_holes() {
        let mut text = Text::known("{\"name\":\"prod-");
        text.append(&Text::hole("$X", Shape::Any));
        text.push_str("\"}");
        let body = || Body::Text { text: text.clone(), graphql: Vec::new(), unreadable: false };
        let matched = |keys: &str| http(&test(keys), &request(body()), true).matched;
        assert_eq!(matched("json = { name = 'prod-*' }"), Yes);
        assert_eq!(matched("json = { name = 'prod-db' }"), Maybe);
        assert_eq!(matched("json = { name = 'dev-*' }"), No);
    }

    #[test]
    fn this_machine() {
        for host in ["localhost", "127.0.0.1", "app.localhost", "[::1]"] {
            let mut request = request(Body::Empty);
            request.host = host.into();
            assert_eq!(http(&test("loopback = false"), &request, true).matched, No, "{host}");
            assert_eq!(http(&test("loopback = false"), &request, false).matched, Yes, "{host}");
        }
        let mut request = request(Body::Empty);
        request.host = "127.0.0.1.example.com".into();
        assert_eq!(http(&test("loopback = false"), &request, true).matched, Yes);
    }
}
