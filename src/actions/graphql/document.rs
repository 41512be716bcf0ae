//! The operations of a GraphQL document.

use std::collections::{HashMap, HashSet};

use apollo_parser::cst::{self, CstNode, Definition, Selection};
use apollo_parser::{Lexer, Parser, TokenKind};

use crate::actions::json::Json;
use crate::actions::masked::Masked;
use crate::model::{GraphqlField, GraphqlKind, GraphqlOperation, Shape, Text};

/// Deeper documents are not read.
const DEPTH: usize = 100;
/// Longer documents are not read.
const TOKENS: usize = 100_000;

/// The operations of a document, or those that a scan of its words finds where it cannot be read.
pub(super) fn parse(
    document: &Text,
    variables: Option<&Json>,
    operation: Option<&str>,
) -> Result<Vec<GraphqlOperation>, Vec<GraphqlOperation>> {
    let masked = Masked::new(document);
    let tree = Parser::new(&masked.text).recursion_limit(DEPTH).token_limit(TOKENS).parse();
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
        && operations.iter().any(|o| named(o).as_deref() == Some(wanted))
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
    let context = Context { masked, fragments: &HashMap::new(), variables: HashMap::new() };
    for definition in operation.variable_definitions().into_iter().flat_map(|d| d.variable_definitions()) {
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
        None => serde_json::from_str(source).unwrap_or_else(|_| source.trim_matches('"').to_owned()),
    }
}

/// The fields that a mutation may hold, by its words alone: what stands before a bracket.
fn scan(masked: &str) -> Vec<GraphqlOperation> {
    let (tokens, _) = Lexer::new(masked).with_limit(TOKENS).lex();
    let tokens: Vec<_> = tokens
        .iter()
        .filter(|t| !matches!(t.kind(), TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma))
        .collect();
    let Some(start) = tokens.iter().position(|t| t.kind() == TokenKind::Name && t.data() == "mutation")
    else {
        return Vec::new();
    };
    let mut fields: Vec<GraphqlField> = Vec::new();
    for (index, token) in tokens.iter().enumerate().skip(start + 1) {
        let next = tokens.get(index + 1).map(|t| t.kind());
        let before = tokens[index - 1];
        let heads = before.data() == "mutation" || matches!(before.kind(), TokenKind::At | TokenKind::Dollar);
        let opens = matches!(next, Some(TokenKind::LParen | TokenKind::LCurly | TokenKind::RCurly));
        if token.kind() == TokenKind::Name && opens && !heads {
            fields.push(GraphqlField { name: token.data().to_owned(), arguments: Vec::new() });
        }
    }
    vec![GraphqlOperation { kind: GraphqlKind::Mutation, name: None, fields }]
}
