//! Redirections: what a statement reads, and what it writes to files.

use crate::model::{Effect, Input, PathEffect, PathOp, ReadError, Span, Text, absolute};
use crate::syntax::{self, Redirect, RedirectKind, Scope};

use super::paths;
use super::walk::{FILE_LIMIT, Walk};

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
                        kind: if append {
                            PathOp::Modify
                        } else {
                            PathOp::Overwrite
                        },
                        carries_stdout: stdout,
                        span: self.context.origin.map(redirect.span),
                    });
                }
                RedirectKind::Duplicate(word) => {
                    let target = syntax::expand_one(word, scope, self);
                    match redirect.fd {
                        Some(0) => {
                            result.input = Some(match target.as_known() {
                                Some("-") => Input::Empty,
                                _ => Input::Unknown,
                            });
                        }
                        Some(1) | None => result.stdout_elsewhere = true,
                        Some(_) => {}
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
        let mut effect: PathEffect = paths::redirect(
            output.path,
            output.kind == PathOp::Modify,
            empties,
            Some(output.span),
        );
        let absolute = absolute(scope.directory(), &effect.path);
        if let Some(path) = absolute {
            let whole = match (effect.op, content.clone()) {
                (PathOp::Modify, Some(added)) => self.appended(&path, added),
                (PathOp::Modify, None) => None,
                (_, content) => content,
            };
            self.written.insert(path, whole);
        }
        effect.content = content;
        let span = self.context.origin.map(span);
        self.emit(Effect::Path(effect), span, scope);
    }

    /// A file's contents after `added` was put at its end.
    fn appended(&self, path: &str, added: Text) -> Option<Text> {
        let mut whole = match self.written.get(path) {
            Some(before) => before.clone()?,
            None => match self.facts.read(path, FILE_LIMIT) {
                Ok(bytes) => Text::known(String::from_utf8(bytes).ok()?),
                Err(ReadError::Absent) => Text::default(),
                Err(_) => return None,
            },
        };
        whole.append(&added);
        Some(whole)
    }
}
