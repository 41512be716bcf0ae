//! Redirections: what a statement reads, and what it writes to files.

use crate::model::{Effect, Input, PathEffect, PathOp, Piece, Shape, Span, Text};
use crate::syntax::{self, Redirect, RedirectKind, Scope};

use super::http;
use super::paths;
use super::walk::Walk;
use super::written::{self, Written};

/// Where a statement's descriptors lead.
#[derive(Default)]
pub(super) struct Redirected {
    /// Its standard input, if it is redirected.
    pub input: Option<Input>,
    /// Standard output does not reach whoever reads the statement's output.
    pub stdout_elsewhere: bool,
    /// The files it opens for writing.
    pub outputs: Vec<Output>,
}

/// A file that a redirection opens for writing.
pub(super) struct Output {
    path: Text,
    kind: PathOp,
    carries_stdout: bool,
    span: Span,
}

impl Walk<'_> {
    /// Works out where a statement's descriptors lead.
    pub fn redirects(&mut self, redirects: &[Redirect], scope: &mut Scope<'_>) -> Redirected {
        let mut result = Redirected::default();
        for redirect in redirects {
            match &redirect.kind {
                RedirectKind::Read(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    if redirect.fd.unwrap_or(0) == 0 {
                        result.input = Some(self.input_of(path));
                    }
                }
                RedirectKind::ReadWrite(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    if redirect.fd.unwrap_or(0) == 0 {
                        result.input = Some(Input::Unknown);
                    }
                    result.outputs.push(Output {
                        path,
                        kind: PathOp::Modify,
                        carries_stdout: false,
                        span: self.context.origin.map(redirect.span),
                    });
                }
                RedirectKind::Write(word) | RedirectKind::Append(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    let stdout = redirect.fd.unwrap_or(1) == 1;
                    result.stdout_elsewhere |= stdout;
                    let append = matches!(redirect.kind, RedirectKind::Append(_));
                    result.outputs.push(Output {
                        path,
                        kind: if append { PathOp::Modify } else { PathOp::Overwrite },
                        carries_stdout: stdout,
                        span: self.context.origin.map(redirect.span),
                    });
                }
                RedirectKind::Duplicate(word) if redirect.fd == Some(0) => {
                    let target = syntax::expand_one(word, scope, self);
                    result.input = Some(match target.as_known() {
                        Some("-") => Input::Empty,
                        _ => Input::Unknown,
                    });
                }
                RedirectKind::Duplicate(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    let stdout = redirect.fd.unwrap_or(1) == 1;
                    result.stdout_elsewhere |= stdout;
                    if !may_be_descriptor(&path) {
                        result.outputs.push(Output {
                            path,
                            kind: PathOp::Overwrite,
                            carries_stdout: stdout,
                            span: self.context.origin.map(redirect.span),
                        });
                    }
                }
                RedirectKind::Heredoc(body) => {
                    let text = syntax::expand_heredoc(body, scope, self);
                    if redirect.fd.unwrap_or(0) == 0 {
                        result.input = Some(Input::Text(text));
                    }
                }
                RedirectKind::HereString(word) => {
                    let mut text = syntax::expand_one(word, scope, self);
                    text.push_str("\n");
                    if redirect.fd.unwrap_or(0) == 0 {
                        result.input = Some(Input::Text(text));
                    }
                }
            }
        }
        result
    }

    /// What is read from a path.
    pub fn input_of(&self, path: Text) -> Input {
        match path.as_known() {
            Some("/dev/null") => Input::Empty,
            Some("/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") => self.context.input.clone(),
            Some(known) => match self.pipes.get(known) {
                Some(input) => input.clone(),
                None => Input::File(path),
            },
            None => Input::File(path),
        }
    }

    /// Records what a redirection does to the file it leads to.
    pub fn write(&mut self, output: Output, content: Option<Text>, span: Span, scope: &Scope<'_>) {
        let content = content.filter(|_| output.carries_stdout);
        let empties = content.as_ref().and_then(Text::as_known) == Some("");
        let mut effect: PathEffect =
            paths::redirect(output.path, output.kind == PathOp::Modify, empties, Some(output.span));
        if let Some(key) = written::key(scope.directory(), &effect.path) {
            let source = match &content {
                Some(content) => content.clone(),
                None => Text::hole(effect.path.display(), Shape::Any),
            };
            if effect.op == PathOp::Modify {
                self.add(key, &source);
            } else {
                let exact = true;
                self.put(key, Written::Text { source, exact });
            }
        }
        let span = self.context.origin.map(span);
        let peer = effect.path.as_known().and_then(|path| path.strip_prefix("/dev/tcp/")?.split('/').next());
        if let (Some(peer), Some(content)) = (peer, &content) {
            for request in http::written(content, Text::known(peer)) {
                self.emit(Effect::Request(request), span, scope);
            }
        }
        effect.content = content;
        self.emit(Effect::Path(effect), span, scope);
    }
}

/// Whether what stands behind `>&` names a descriptor; what is wholly unknown there does.
fn may_be_descriptor(target: &Text) -> bool {
    match target.as_known() {
        Some(known) => syntax::is_descriptor(known),
        None => target.pieces().iter().all(|piece| match piece {
            Piece::Hole(_) => true,
            Piece::Known(text) => text.bytes().all(|b| b.is_ascii_digit() || b == b'-'),
            Piece::Glob(_) => false,
        }),
    }
}
