//! Requests that code sends whose grammar is not read, by the strings in it.

use super::tokens::Token;
use crate::actions::CodeEffect;
use crate::actions::graphql;
use crate::actions::http::Draft;
use crate::model::{Body, Shape, Text};

/// Names that show that the code sends requests.
const CLIENTS: &[&str] = &[
    "Net::HTTP",
    "HTTParty",
    "Faraday",
    "RestClient",
    "Excon",
    "HTTPX",
    "LWP",
    "HTTP",
    "Mojo",
    "WWW",
    "REST",
    "curl_init",
    "curl_setopt",
    "stream_context_create",
    "Guzzle",
    "GuzzleHttp",
    "Client",
    "http",
    "socket",
    "URI",
];

/// Adds the requests that the tokens show: those that delete, and those with a GraphQL document.
pub(super) fn requests(tokens: &[Token], found: &mut Vec<CodeEffect>) {
    let is_client = |name: &str| CLIENTS.iter().any(|client| name.starts_with(client));
    if !tokens.iter().any(|token| matches!(token, Token::Name(name) if is_client(name))) {
        return;
    }
    let strings = || {
        tokens.iter().filter_map(|token| match token {
            Token::String(text) => Some(text),
            _ => None,
        })
    };
    let is_url = |text: &&Text| text.known_start().contains("://");
    // `Net::HTTP.new("host")`
    let host = tokens.windows(3).find_map(|window| match window {
        [Token::Name(name), Token::Mark(_), Token::String(host)]
            if matches!(name.as_str(), "Net::HTTP.new" | "Net::HTTP.start" | "HTTPS.new") =>
        {
            Some(host.clone())
        }
        _ => None,
    });
    let address = strings().find(is_url).cloned().or_else(|| {
        let mut url = Text::known("https://");
        url.append(host.as_ref()?);
        Some(url)
    });
    let address = address.unwrap_or_else(|| Text::hole("(a value)", Shape::Any));
    let mut send = |method: &str, url: &Text, body: Body| {
        let draft = Draft { method: method.into(), url: url.clone(), body, ..Draft::default() };
        found.extend(draft.finish().into_iter().map(CodeEffect::Request));
    };
    for (at, token) in tokens.iter().enumerate() {
        let deletes = match token {
            Token::Name(name) => {
                let last = name.rsplit(['.', ':']).next().unwrap_or(name);
                let method = at.checked_sub(1).map(|before| &tokens[before]);
                let called = name.contains(['.', ':'])
                    || matches!(method, Some(Token::Mark(mark)) if matches!(mark.as_str(), "." | "->" | ">"));
                // What is deleted is named by a URL, or by a path at a host that is named.
                let next = tokens.iter().skip(at + 1).take(3).any(|token| match token {
                    Token::String(text) => {
                        is_url(&text) || (host.is_some() && text.known_start().starts_with('/'))
                    }
                    Token::Name(name) => name.starts_with("URI"),
                    _ => false,
                });
                (called && next && matches!(last, "delete" | "Delete"))
                    || name == "Net::HTTP::Delete.new"
                    || (name == "DELETE"
                        && tokens[..at].iter().any(|t| matches!(t, Token::Name(n) if n.contains("HTTP"))))
            }
            // `request("DELETE", url)`, `CURLOPT_CUSTOMREQUEST, "DELETE"`, `"method" => "DELETE"`
            Token::String(text)
                if text.as_known().is_some_and(|text| text.eq_ignore_ascii_case("delete")) =>
            {
                let asks = |token: &Token| match token {
                    Token::Name(name) => name == "CURLOPT_CUSTOMREQUEST" || name.ends_with("request"),
                    Token::String(text) => text.as_known() == Some("method"),
                    _ => false,
                };
                let names = |token: &Token| matches!(token, Token::String(text) if is_url(&text));
                tokens[at.saturating_sub(3)..at].iter().any(asks)
                    || tokens.iter().skip(at + 1).take(2).any(names)
            }
            _ => false,
        };
        if deletes {
            let near = tokens.iter().skip(at + 1).take(4).find_map(|token| match token {
                Token::String(text) if is_url(&text) => Some(text),
                _ => None,
            });
            send("DELETE", near.unwrap_or(&address), Body::Empty);
        }
    }
    for text in strings() {
        let body = graphql::body(text.clone());
        if matches!(&body, Body::Text { graphql, .. } if !graphql.is_empty()) {
            send("POST", &address, body);
        }
    }
}
