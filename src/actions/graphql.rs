//! GraphQL in request bodies and queries: which operations a request would run.

mod document;

use document::parse;

use super::forms::fields;
use super::json::{self, Json};
use super::masked::{self, Masked};
use crate::model::{Body, GraphqlField, GraphqlKind, GraphqlOperation, Text};

/// Larger batches are not read to their end.
const BATCH: usize = 1000;

/// What was read out of a body.
#[derive(Debug, Default)]
struct Reading {
    operations: Vec<GraphqlOperation>,
    unreadable: bool,
}

/// One GraphQL request: a document and what goes with it.
#[derive(Default)]
struct Envelope<'a> {
    /// Every document given, should a key repeat.
    documents: Vec<Text>,
    variables: Option<&'a Json>,
    /// The operation that is to run; `None` if not given, or unknown.
    operation: Option<String>,
    /// The document is named, not given.
    persisted: bool,
}

/// A body of known or partly known text.
pub(super) fn body(text: Text) -> Body {
    if text.is_opaque() {
        return Body::Unknown { what: text.display() };
    }
    let reading = read(&text);
    Body::Text { text, graphql: reading.operations, unreadable: reading.unreadable }
}

/// A body of named fields; `separator` joins them into its text.
pub(super) fn form(fields: &[(Text, Text)]) -> Body {
    let mut text = Text::default();
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push_str("&");
        }
        text.append(name);
        text.push_str("=");
        text.append(value);
    }
    let reading = read_form(fields);
    Body::Text { text, graphql: reading.operations, unreadable: reading.unreadable }
}

/// GraphQL that a URL's query carries, as the body it stands for; `None` where there is none.
pub(super) fn in_query(path: &Text, query: &Text) -> Option<Body> {
    let fields = fields(query);
    let documents = fields.iter().filter(|(name, _)| name.as_known() == Some("query"));
    let endpoint = path.display().contains("graphql");
    let given = documents.into_iter().any(|(_, value)| match value.as_known() {
        Some(_) => endpoint || parse(value, None, None).is_ok_and(|ops| !ops.is_empty()),
        None => endpoint,
    });
    let given = given || (endpoint && fields.iter().any(|(name, _)| name.as_known() == Some("extensions")));
    given.then(|| match form(&fields) {
        Body::Text { graphql, unreadable, .. } => Body::Text { text: Text::default(), graphql, unreadable },
        other => other,
    })
}

fn read(text: &Text) -> Reading {
    let start = Masked::new(text);
    let start = start.text.trim_start_matches('\u{FEFF}').trim_start();
    if start.starts_with(['{', '[']) {
        match Json::parse(text) {
            Some(json) => read_json(&json),
            None => read_strings(text),
        }
    } else if is_document(start) {
        read_document(text)
    } else if start.contains('=') && !start.starts_with(['<', '"']) {
        read_form(&fields(text))
    } else {
        Reading::default()
    }
}

/// A bare document, or something that begins like one.
fn read_document(text: &Text) -> Reading {
    let envelope = Envelope { documents: vec![text.clone()], ..Envelope::default() };
    let mut reading = read_envelope(&envelope);
    if reading.unreadable && !text.has_hole() {
        let known = text.display();
        reading.unreadable = ["mutation", "query"].iter().any(|word| known.contains(word));
    }
    reading
}

/// A bare document, or JSON that cannot be read, which a server may read all the same: what its
/// strings say counts.
fn read_strings(text: &Text) -> Reading {
    let masked = Masked::new(text);
    let mut reading = read_document(text);
    let mut rest = masked.text.as_str();
    while let Some(at) = rest.find('"') {
        let (string, after) = rest[at..].split_at(json::string_end(&rest[at..]));
        rest = after;
        let document = serde_json::from_str::<String>(string);
        let document = document.unwrap_or_else(|_| string.trim_matches('"').replace("\\n", "\n"));
        if is_document(&document) {
            let envelope = Envelope { documents: vec![masked.unmask(&document)], ..Envelope::default() };
            reading.add(read_envelope(&envelope));
            reading.unreadable = true;
        }
    }
    reading
}

fn read_json(json: &Json) -> Reading {
    let items = match json {
        Json::List(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut reading = Reading { unreadable: items.len() > BATCH, ..Reading::default() };
    for item in items.iter().take(BATCH) {
        reading.add(read_envelope(&envelope(item)));
    }
    reading
}

fn envelope(json: &Json) -> Envelope<'_> {
    let Json::Map(entries) = json else {
        return Envelope::default();
    };
    let hidden = entries.iter().any(|(key, _)| key.as_known().is_none());
    let variables = json.get("variables").filter(|v| **v != Json::Null);
    let documents: Vec<Text> = json.all("query").filter_map(Json::as_text).cloned().collect();
    let stored = ["documentId", "doc_id", "queryId"].iter().any(|key| json.get(key).is_some())
        || json.get("extensions").is_some_and(|e| e.get("persistedQuery").is_some())
        || (json.get("id").is_some() && (variables.is_some() || json.get("operationName").is_some()));
    let mut names = json.all("operationName");
    let operation = match (names.next(), names.next()) {
        (Some(Json::Text(name)), None) => name.as_known().map(str::to_owned),
        _ => None,
    };
    Envelope { persisted: documents.is_empty() && (stored || hidden), documents, variables, operation }
}

fn read_form(fields: &[(Text, Text)]) -> Reading {
    let named = |wanted: &str| {
        let is_wanted = move |field: &&(Text, Text)| field.0.as_known() == Some(wanted);
        fields.iter().filter(is_wanted).map(|(_, value)| value).collect::<Vec<_>>()
    };
    let mut reading = Reading::default();
    for operations in named("operations") {
        match Json::parse(operations) {
            Some(json) => reading.add(read_json(&json)),
            None => reading.unreadable |= operations.has_hole(),
        }
    }
    let variables = named("variables").last().and_then(|text| Json::parse(text));
    let operation = named("operationName");
    let extended = named("extensions").iter().any(|text| text.display().contains("persistedQuery"));
    let stored = extended || !named("doc_id").is_empty() || !named("documentId").is_empty();
    let documents: Vec<Text> = named("query").into_iter().cloned().collect();
    let envelope = Envelope {
        persisted: documents.is_empty() && stored,
        documents,
        variables: variables.as_ref(),
        operation: match operation.as_slice() {
            [only] => only.as_known().map(str::to_owned),
            _ => None,
        },
    };
    reading.add(read_envelope(&envelope));
    reading.unreadable |= fields.iter().any(|(name, value)| name.is_opaque() && value.as_known() == Some(""));
    reading
}

fn read_envelope(envelope: &Envelope) -> Reading {
    let mut reading = Reading { unreadable: envelope.persisted, ..Reading::default() };
    if let Some(name) = envelope.operation.as_deref().filter(|_| envelope.persisted) {
        // All that is known of a document that the server keeps is what it is called.
        let mut letters = name.chars();
        let first = letters.next().map(|c| c.to_ascii_lowercase());
        let field = first.into_iter().chain(letters).collect();
        reading.operations.push(GraphqlOperation {
            kind: GraphqlKind::Mutation,
            name: Some(name.to_owned()),
            fields: vec![GraphqlField { name: field, arguments: Vec::new() }],
        });
    }
    for document in &envelope.documents {
        let masked = Masked::new(document);
        let start = masked.text.trim_start_matches('\u{FEFF}').trim_start();
        let unknown_start = start.starts_with(masked::is_hole);
        if !is_document(start) && !unknown_start {
            continue;
        }
        match parse(document, envelope.variables, envelope.operation.as_deref()) {
            Ok(operations) => {
                let changes = operations.iter().any(|o| o.kind == GraphqlKind::Mutation);
                reading.unreadable |= changes && may_break_out(document);
                reading.operations.extend(operations);
            }
            Err(found) => {
                reading.unreadable = true;
                reading.operations.extend(found);
            }
        }
    }
    reading
}

impl Reading {
    fn add(&mut self, other: Reading) {
        self.operations.extend(other.operations);
        self.unreadable |= other.unreadable;
    }
}

/// Whether an unknown stretch could end the string that it stands in.
fn may_break_out(document: &Text) -> bool {
    document.is_many() || document.holes().any(|hole| hole.shape.is_any())
}

/// Whether text begins as a GraphQL document does.
fn is_document(start: &str) -> bool {
    let mut rest = start;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.split_once(['\n', '\r']).map_or("", |(_, after)| after),
            None => break,
        }
    }
    let word = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let keyword = ["query", "mutation", "subscription", "fragment"].contains(&&rest[..word]);
    // `query=…` is a form.
    let goes_on = !rest[word..].trim_start().starts_with(['=', ':', '&', '.']);
    rest.starts_with('{') || (keyword && goes_on)
}

#[cfg(test)]
mod tests;
