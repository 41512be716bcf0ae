//! What stands in `$( … )`, `<( … )` and subscripts: followed, and what it prints.

use std::rc::Rc;

use crate::model::{Input, Match, Piece, Shape, Span, Text, absolute};
use crate::syntax::{self, Command, RedirectKind, Run, Scope, Stmt, is_name};

use super::done::Done;
use super::walk::{Origin, Walk};

impl Run for Walk<'_> {
    fn output(&mut self, body: &[Stmt], scope: &mut Scope<'_>) -> Text {
        let saved = self.context.clone();
        self.context.capture = true;
        let (stirred, first) = (self.has_stirred(), self.found.actions.len());
        let done = self.layer(|walk| walk.subshell(scope, |walk, inner| walk.substituted(body, inner)));
        self.context = saved;
        // Now it is known what files hold; then it may be something else.
        if stirred && (self.foreign.get() || self.looks(first)) {
            scope.doubt_tests();
        }
        let output = match done.and_then(|done| done.output) {
            Some(output) => trim_newlines(output),
            None => Text::hole("$(…)", Shape::Any),
        };
        // A credential is traced to the file that is named there.
        let open = output.is_opaque() && output.holes().all(|hole| hole.shape == Shape::Any);
        match open.then(|| self.file_read(first)).flatten() {
            Some(path) => {
                let text = Text::hole(format!("$(… {path})"), Shape::Any);
                if output.is_many() { text.into_many() } else { text }
            }
            None => output,
        }
    }

    fn process(&mut self, body: &[Stmt], readable: bool, scope: &mut Scope<'_>) -> Text {
        let saved = self.context.clone();
        self.context.capture = readable;
        if !readable {
            self.context.input = Input::Unknown;
        }
        let done = self.layer(|walk| walk.subshell(scope, |walk, inner| walk.sequence(body, inner)));
        self.context = saved;
        let path = format!("/dev/fd/{}", 63usize.wrapping_sub(self.pipes.len()));
        let input = match done.and_then(|done| done.output).filter(|_| readable) {
            Some(text) => Input::Text(text.into()),
            None => Input::Unknown,
        };
        self.pipes.insert(path.clone(), input);
        if !readable {
            self.outlets.insert(path.clone(), body.to_vec());
        }
        Text::known(path)
    }
}

impl Walk<'_> {
    /// The shell runs what stands in an element's subscript, wherever it takes a text for a number
    /// or a variable's name: `a[$(CMD)]`.
    pub(super) fn subscript(&mut self, text: &Text, span: Span, scope: &Scope<'_>) {
        let bracketed = text.as_known().filter(|text| text.as_bytes().contains(&b'['));
        let Some((name, index)) = bracketed.and_then(|text| text.split_once('[')) else {
            return;
        };
        let name = name.trim_start_matches(['=', '-', '+', '*', '(', ' ']);
        if !is_name(name) || !(index.contains("$(") || index.contains('`')) {
            return;
        }
        let index = index.split("]=").next().unwrap_or(index);
        let source = Text::known(format!(": \"{}\"", index.replace('"', "\\\"")));
        let saved = self.context.clone();
        self.context.certainty = Match::Maybe;
        self.context.origin = Origin::Within(span);
        self.layer(|walk| walk.subshell(scope, |walk, inner| walk.shell_text(&source, inner, None)));
        self.context = saved;
    }

    /// The body of `$( … )`; `$(< FILE)` prints the file.
    fn substituted(&mut self, body: &[Stmt], scope: &mut Scope<'_>) -> Done {
        if let [stmt] = body
            && let Command::Simple(simple) = &stmt.command
            && simple.words.is_empty()
            && simple.assignments.is_empty()
            && let [redirect] = stmt.redirects.as_slice()
            && let RedirectKind::Read(word) = &redirect.kind
        {
            let path = syntax::expand_target(word, scope, self);
            let output = match self.input_of(path) {
                Input::Text(text) => Some(Rc::unwrap_or_clone(text)),
                Input::Empty => Some(Text::default()),
                Input::File(path) => Some(self.file_text(&path, scope).unwrap_or_else(|_| {
                    let at = absolute(scope.directory(), &path).unwrap_or_default();
                    Text::hole(format!("$(< {at})"), Shape::Any)
                })),
                Input::Inherited | Input::Unknown => None,
            };
            return Done::printing(output);
        }
        self.sequence(body, scope)
    }
}

/// The text without the newlines at its end.
fn trim_newlines(text: Text) -> Text {
    let mut pieces = text.pieces().to_vec();
    while let Some(Piece::Known(last)) = pieces.last_mut() {
        let kept = last.trim_end_matches('\n').len();
        if kept > 0 {
            last.truncate(kept);
            break;
        }
        pieces.pop();
    }
    let mut trimmed = Text::default();
    for piece in pieces {
        trimmed.push(piece);
    }
    if text.is_many() { trimmed.into_many() } else { trimmed }
}
