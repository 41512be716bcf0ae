//! The finding that a matching rule makes of an action.

use crate::model::{
    Action, Body, Decision, Effect, Evidence, EvidenceKind, Finding, Match, Severity, Span, Text, redact,
};

use super::compile::Prose;
use super::matcher::{Held, Trace, View};
use super::paths;
use super::schema::Resource;

/// A record that passed the check of its bytes and yet is no rule: nothing may pass because of it.
pub(super) fn damaged(held: &Held<'_>) -> Finding {
    Finding {
        rule: "guard.damaged-rules".to_owned(),
        severity: Severity::High,
        decision: Decision::Confirm,
        matched: Match::Maybe,
        span: held.action.span,
        title: "meets a rule that cannot be read".to_owned(),
        why: "A compiled rule is broken; what it would have stopped is not known.".to_owned(),
        safer: vec!["install guard anew".to_owned()],
        resource: None,
        via: Vec::new(),
        evidence: Vec::new(),
        exception: None,
        words: None,
        directory: None,
        inside: None,
    }
}

impl View<'_, '_> {
    pub(super) fn finding(&self, prose: Prose, decision: Decision, matched: Match, trace: &Trace) -> Finding {
        let action = self.held.action;
        Finding {
            resource: prose.resource.as_ref().and_then(|resource| self.resource(resource, trace)),
            rule: prose.id,
            severity: prose.severity,
            decision,
            matched,
            span: self.span(trace),
            title: prose.title,
            why: prose.why,
            safer: prose.safer,
            via: action.via.iter().map(|via| via.name.clone()).collect(),
            evidence: if decision == Decision::Allow { Vec::new() } else { self.seen() },
            exception: None,
            words: words(action),
            directory: directory(action),
            inside: action.inside.clone(),
        }
    }

    /// What was seen beside; of credentials that the walk tells nothing of, which stand in the command.
    fn seen(&self) -> Vec<Evidence> {
        let mut seen = self.held.evidence().to_vec();
        if seen.iter().all(|one| one.kind != EvidenceKind::Credential) {
            /// Longer sources are not looked through whole: assignments stand in front of a command.
            const WHOLE: usize = 4096;
            let source = self.held.source;
            let text = if source.len() > WHOLE { self.held.action.span.slice(source) } else { source };
            let named = redact::named(text);
            seen.extend(
                named.into_iter().map(|what| Evidence::credential(format!("{what} stands in the command"))),
            );
        }
        seen
    }

    /// The words that made the rule match, else the whole command.
    fn span(&self, trace: &Trace) -> Span {
        let own = match &self.held.action.effect {
            Effect::Call(call) => {
                let spans = trace.words.iter().filter_map(|word| call.arg_spans.get(*word).copied());
                spans.reduce(Span::cover)
            }
            Effect::Path(effect) => effect.span,
            _ => None,
        };
        trace.text.or(own).unwrap_or(self.held.action.span)
    }

    /// The name of what would be hit, where all of it is known.
    fn resource(&self, resource: &Resource, trace: &Trace) -> Option<String> {
        let known = |text: &Text| (!text.has_hole()).then(|| text.display());
        match (resource, &self.held.action.effect) {
            (Resource::Option(names), Effect::Call(_)) => known(&self.arguments?.value_of(names)?),
            (Resource::Arg(number), Effect::Call(_)) => {
                known(self.arguments?.positional(trace.start, *number)?)
            }
            (Resource::Path(true), Effect::Path(effect)) => {
                paths::display(&effect.path, &self.held.action.directory)
            }
            (Resource::Name(true), Effect::Statement(statement)) => {
                known(&statement.name).filter(|name| !name.is_empty())
            }
            (Resource::Name(true), Effect::Call(_)) => known(self.arguments?.positional(trace.start, 0)?),
            (Resource::Url(true), Effect::Request(request)) => {
                Some(known(&request.host)? + &known(&request.path)?)
            }
            // What a program is told by an option or a word, a request is told by an argument.
            (resource, Effect::Request(request)) => {
                let Body::Text { graphql, .. } = &request.body else {
                    return None;
                };
                let fields = graphql.iter().flat_map(|operation| &operation.fields);
                let mut arguments = fields.flat_map(|field| &field.arguments);
                let wanted = |argument: &str| match resource {
                    Resource::Argument(name) => name == argument,
                    _ => true,
                };
                known(&arguments.find(|(argument, _)| wanted(argument))?.1)
            }
            _ => None,
        }
    }
}

/// Where it happens; elsewhere the layers that lead there tell.
fn directory(action: &Action) -> Option<String> {
    match action.place.is_local() {
        true => action.directory.as_known().map(str::to_owned),
        false => Some(action.via.iter().map(|via| via.name.as_str()).collect::<Vec<_>>().join(", ")),
    }
}

/// A call's words, the program's path aside; `None` where one is not known, or it has variables of its own.
fn words(action: &Action) -> Option<String> {
    /// More are no name.
    const MOST: usize = 4096;
    let Effect::Call(call) = &action.effect else { return None };
    let words: Option<Vec<&str>> = call.args.iter().map(Text::as_known).collect();
    let words = shell_words::join(std::iter::once(call.name()?).chain(words?));
    (call.env.is_empty() && words.len() <= MOST).then_some(words)
}
