//! GraphQL in request bodies and queries: which operations a request would run.

use std::collections::{HashMap, HashSet};

use apollo_parser::cst::{self, CstNode, Definition, Selection};
use apollo_parser::{Lexer, Parser, TokenKind};

use super::forms::fields;
use super::json::Json;
use super::masked::{self, Masked};
use crate::model::{Body, GraphqlField, GraphqlKind, GraphqlOperation, Shape, Text};

/// Deeper documents are not read.
const DEPTH: usize = 100;
/// Longer documents are not read.
const TOKENS: usize = 100_000;
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
        return Body::Unknown {
            what: text.display(),
        };
    }
    let reading = read(&text);
    Body::Text {
        text,
        graphql: reading.operations,
        unreadable: reading.unreadable,
    }
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
    Body::Text {
        text,
        graphql: reading.operations,
        unreadable: reading.unreadable,
    }
}

/// GraphQL that a URL's query carries, as the body it stands for; `None` where there is none.
pub(super) fn in_query(path: &Text, query: &Text) -> Option<Body> {
    let fields = fields(query);
    let documents = fields
        .iter()
        .filter(|(name, _)| name.as_known() == Some("query"));
    let endpoint = path.display().contains("graphql");
    let given = documents
        .into_iter()
        .any(|(_, value)| match value.as_known() {
            Some(_) => endpoint || parse(value, None, None).is_ok_and(|ops| !ops.is_empty()),
            None => endpoint,
        });
    given.then(|| match form(&fields) {
        Body::Text {
            graphql,
            unreadable,
            ..
        } => Body::Text {
            text: Text::default(),
            graphql,
            unreadable,
        },
        other => other,
    })
}

fn read(text: &Text) -> Reading {
    let start = Masked::new(text);
    let start = start.text.trim_start_matches('\u{FEFF}').trim_start();
    if start.starts_with(['{', '[']) {
        match Json::parse(text) {
            Some(json) => read_json(&json),
            None => read_document(text),
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
    let envelope = Envelope {
        documents: vec![text.clone()],
        ..Envelope::default()
    };
    let mut reading = read_envelope(&envelope);
    if reading.unreadable && !text.has_hole() {
        let known = text.display();
        reading.unreadable = ["mutation", "query"]
            .iter()
            .any(|word| known.contains(word));
    }
    reading
}

fn read_json(json: &Json) -> Reading {
    let items = match json {
        Json::List(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut reading = Reading {
        unreadable: items.len() > BATCH,
        ..Reading::default()
    };
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
    let documents: Vec<Text> = json
        .all("query")
        .filter_map(Json::as_text)
        .cloned()
        .collect();
    let stored = ["documentId", "doc_id", "queryId"]
        .iter()
        .any(|key| json.get(key).is_some())
        || json
            .get("extensions")
            .is_some_and(|e| e.get("persistedQuery").is_some())
        || (json.get("id").is_some()
            && (variables.is_some() || json.get("operationName").is_some()));
    let mut names = json.all("operationName");
    let operation = match (names.next(), names.next()) {
        (Some(Json::Text(name)), None) => name.as_known().map(str::to_owned),
        _ => None,
    };
    Envelope {
        persisted: documents.is_empty() && (stored || hidden),
        documents,
        variables,
        operation,
    }
}

fn read_form(fields: &[(Text, Text)]) -> Reading {
    let named = |wanted: &str| {
        let is_wanted = move |field: &&(Text, Text)| field.0.as_known() == Some(wanted);
        fields
            .iter()
            .filter(is_wanted)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
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
    let stored = !named("doc_id").is_empty() || !named("documentId").is_empty();
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
    reading.unreadable |= fields
        .iter()
        .any(|(name, value)| name.is_opaque() && value.as_known() == Some(""));
    reading
}

fn read_envelope(envelope: &Envelope) -> Reading {
    let mut reading = Reading {
        unreadable: envelope.persisted,
        ..Reading::default()
    };
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
    document.is_many()
        || document
            .holes()
            .any(|hole| matches!(hole.shape, Shape::Any))
}

/// Whether text begins as a GraphQL document does.
fn is_document(start: &str) -> bool {
    let mut rest = start;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        match rest.strip_prefix('#') {
            Some(comment) => {
                rest = comment
                    .split_once(['\n', '\r'])
                    .map_or("", |(_, after)| after)
            }
            None => break,
        }
    }
    let word = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let keyword = ["query", "mutation", "subscription", "fragment"].contains(&&rest[..word]);
    // `query=…` is a form.
    let goes_on = !rest[word..].trim_start().starts_with(['=', ':', '&', '.']);
    rest.starts_with('{') || (keyword && goes_on)
}

/// The operations of a document, or those that a scan of its words finds where it cannot be read.
fn parse(
    document: &Text,
    variables: Option<&Json>,
    operation: Option<&str>,
) -> Result<Vec<GraphqlOperation>, Vec<GraphqlOperation>> {
    let masked = Masked::new(document);
    let tree = Parser::new(&masked.text)
        .recursion_limit(DEPTH)
        .token_limit(TOKENS)
        .parse();
    if tree.errors().len() > 0 {
        return Err(scan(&masked.text));
    }
    let document = tree.document();
    let mut fragments = HashMap::new();
    let mut operations = Vec::new();
    for definition in document.definitions() {
        match definition {
            Definition::OperationDefinition(operation) => operations.push(operation),
            Definition::FragmentDefinition(fragment) => {
                let name = fragment.fragment_name().and_then(|n| n.name());
                if let (Some(name), Some(set)) = (name, fragment.selection_set()) {
                    fragments.insert(name.text().to_string(), set);
                }
            }
            _ => {}
        }
    }
    let named = |o: &cst::OperationDefinition| o.name().map(|n| n.text().to_string());
    if let Some(wanted) = operation
        && operations
            .iter()
            .any(|o| named(o).as_deref() == Some(wanted))
    {
        operations.retain(|o| named(o).as_deref() == Some(wanted));
    }
    Ok(operations
        .iter()
        .map(|operation| {
            let context = Context {
                masked: &masked,
                fragments: &fragments,
                variables: values(operation, variables, &masked),
            };
            GraphqlOperation {
                kind: kind(operation),
                name: named(operation),
                fields: context.fields(operation),
            }
        })
        .collect())
}

fn kind(operation: &cst::OperationDefinition) -> GraphqlKind {
    match operation.operation_type() {
        Some(kind) if kind.mutation_token().is_some() => GraphqlKind::Mutation,
        Some(kind) if kind.subscription_token().is_some() => GraphqlKind::Subscription,
        _ => GraphqlKind::Query,
    }
}

/// The values of an operation's variables: as given, else their defaults.
fn values(
    operation: &cst::OperationDefinition,
    given: Option<&Json>,
    masked: &Masked,
) -> HashMap<String, Text> {
    let mut values = HashMap::new();
    let context = Context {
        masked,
        fragments: &HashMap::new(),
        variables: HashMap::new(),
    };
    for definition in operation
        .variable_definitions()
        .into_iter()
        .flat_map(|d| d.variable_definitions())
    {
        let default = definition.default_value().and_then(|d| d.value());
        let name = definition.variable().and_then(|v| v.name());
        if let (Some(name), Some(default)) = (name, default) {
            values.insert(name.text().to_string(), context.value(&default));
        }
    }
    if let Some(Json::Map(entries)) = given {
        for (name, value) in entries {
            if let Some(name) = name.as_known() {
                values.insert(name.to_owned(), value.plain());
            }
        }
    }
    values
}

struct Context<'a> {
    masked: &'a Masked,
    fragments: &'a HashMap<String, cst::SelectionSet>,
    variables: HashMap<String, Text>,
}

impl Context<'_> {
    /// The top-level fields, those of fragments too; each fragment counts once.
    fn fields(&self, operation: &cst::OperationDefinition) -> Vec<GraphqlField> {
        let mut fields = Vec::new();
        let mut seen = HashSet::new();
        let mut sets: Vec<cst::SelectionSet> = operation.selection_set().into_iter().collect();
        while let Some(set) = sets.pop() {
            for selection in set.selections() {
                match selection {
                    Selection::Field(field) => fields.extend(self.field(&field)),
                    Selection::InlineFragment(inline) => sets.extend(inline.selection_set()),
                    Selection::FragmentSpread(spread) => {
                        let name = spread.fragment_name().and_then(|n| n.name());
                        let name = name.map(|n| n.text().to_string()).unwrap_or_default();
                        if let Some(set) = self.fragments.get(&name)
                            && seen.insert(name)
                        {
                            sets.push(set.clone());
                        }
                    }
                }
            }
        }
        fields
    }

    fn field(&self, field: &cst::Field) -> Option<GraphqlField> {
        let arguments = field.arguments().into_iter().flat_map(|a| a.arguments());
        Some(GraphqlField {
            name: field.name()?.text().to_string(),
            arguments: arguments
                .filter_map(|argument| {
                    let name = argument.name()?.text().to_string();
                    Some((name, self.value(&argument.value()?)))
                })
                .collect(),
        })
    }

    /// A value as text: a string without its quotes, a variable by its value, anything else as it
    /// is written, with the variables in it replaced.
    fn value(&self, value: &cst::Value) -> Text {
        match value {
            cst::Value::Variable(variable) => self.variable(&variable.text()),
            cst::Value::StringValue(string) => {
                let source = string.syntax().text().to_string();
                self.masked.unmask(&unquoted(source.trim()))
            }
            other => {
                let source = other.syntax().text().to_string();
                if !source.contains('$') {
                    return self.masked.unmask(source.trim());
                }
                let mut out = Text::default();
                let mut tokens = Lexer::new(source.trim()).lex().0.into_iter();
                while let Some(token) = tokens.next() {
                    match token.kind() {
                        TokenKind::Dollar => match tokens.next() {
                            Some(name) => out.append(&self.variable(name.data())),
                            None => out.push_str("$"),
                        },
                        TokenKind::Eof => {}
                        _ => out.append(&self.masked.unmask(token.data())),
                    }
                }
                out
            }
        }
    }

    fn variable(&self, name: &str) -> Text {
        match self.variables.get(name) {
            Some(value) => value.clone(),
            None => Text::hole(format!("${name}"), Shape::Any),
        }
    }
}

/// A string value without its quotes and escapes.
fn unquoted(source: &str) -> String {
    match source.strip_prefix("\"\"\"") {
        Some(block) => block.trim_end_matches("\"\"\"").trim().to_owned(),
        None => {
            serde_json::from_str(source).unwrap_or_else(|_| source.trim_matches('"').to_owned())
        }
    }
}

/// The fields that a mutation may hold, by its words alone: what stands before a bracket.
fn scan(masked: &str) -> Vec<GraphqlOperation> {
    let (tokens, _) = Lexer::new(masked).with_limit(TOKENS).lex();
    let tokens: Vec<_> = tokens
        .iter()
        .filter(|t| {
            !matches!(
                t.kind(),
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma
            )
        })
        .collect();
    let Some(start) = tokens
        .iter()
        .position(|t| t.kind() == TokenKind::Name && t.data() == "mutation")
    else {
        return Vec::new();
    };
    let mut fields: Vec<GraphqlField> = Vec::new();
    for (index, token) in tokens.iter().enumerate().skip(start + 1) {
        let next = tokens.get(index + 1).map(|t| t.kind());
        let before = tokens[index - 1];
        let heads = before.data() == "mutation"
            || matches!(before.kind(), TokenKind::At | TokenKind::Dollar);
        let opens = matches!(
            next,
            Some(TokenKind::LParen | TokenKind::LCurly | TokenKind::RCurly)
        );
        if token.kind() == TokenKind::Name && opens && !heads {
            fields.push(GraphqlField {
                name: token.data().to_owned(),
                arguments: Vec::new(),
            });
        }
    }
    vec![GraphqlOperation {
        kind: GraphqlKind::Mutation,
        name: None,
        fields,
    }]
}

#[cfg(test)]
mod tests;
