//! Code that interpreters are given: what it would do, as actions.

use std::rc::Rc;

use crate::model::{
    Call, Effect, Input, Inside, Location, Match, Opaque, ReadError, Span, Text, TrackState, Via, absolute,
    is_at_or_below,
};
use crate::syntax::{Dialect, Scope};

use super::done::Done;
use super::nested::child;
use super::walk::{Origin, Walk};
use super::written::Written;
use super::{CodeEffect, Language, code, disguise};

impl Walk<'_> {
    pub(super) fn code_file(&mut self, code: &Code, path: &Text, span: Span, scope: &mut Scope<'_>) {
        let name = absolute(scope.directory(), path).unwrap_or_else(|| path.display());
        if self.is_within(&name) {
            return;
        }
        match self.file_source(path, scope) {
            Ok(text) => {
                self.open.push(name);
                self.within_file(path, span, scope, |walk, scope| {
                    walk.context.inside = Inside::file(path, &text);
                    walk.code_text(code, &text, span, scope);
                    Done::unknown()
                });
                self.open.pop();
            }
            Err(ReadError::Absent) => {}
            Err(why) => {
                let what = format!("`{}`: {why}", path.display());
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
            }
        }
    }

    /// Follows what stands in a file: everything in it is shown at the command that runs it.
    pub(super) fn within_file(
        &mut self,
        path: &Text,
        span: Span,
        scope: &mut Scope<'_>,
        inner: impl FnOnce(&mut Self, &mut Scope<'_>) -> Done,
    ) -> Done {
        let saved = self.context.clone();
        self.context.origin = Origin::Within(span);
        Rc::make_mut(&mut self.context.via).push(Via { name: path.display() });
        self.context.committed |= self.is_kept(path, scope);
        let done = self.layer(|walk| inner(walk, scope));
        self.context = saved;
        done.unwrap_or_else(Done::unknown)
    }

    /// Whether git keeps a file as it is, or it came with the system's programs.
    pub(super) fn is_kept(&self, path: &Text, scope: &Scope<'_>) -> bool {
        const INSTALLED: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store"];
        let path = absolute(scope.directory(), path).filter(|path| !self.written.contains(path));
        path.map(|path| self.facts.path(&path)).is_some_and(|facts| {
            let installed = INSTALLED.iter().any(|place| is_at_or_below(&facts.real, place));
            facts.state == TrackState::Clean
                || facts.location == Location::System
                    && installed
                    && !is_at_or_below(&facts.real, "/usr/local")
        })
    }

    pub(super) fn code_text(&mut self, code: &Code, source: &Text, span: Span, scope: &mut Scope<'_>) {
        let Some(known) = source.as_pattern() else {
            if disguise::is_code(source) {
                self.disguised(span, scope);
            }
            let what = format!("code with unknown parts: {}", source.display());
            self.emit(Effect::Opaque(Opaque { what: shorten(what) }), span, scope);
            let readable = source.display();
            self.code_effects(code, &readable, Match::Maybe, span, scope);
            return;
        };
        self.code_effects(code, &known, Match::Yes, span, scope);
    }

    fn code_effects(
        &mut self,
        code: &Code,
        source: &str,
        certainty: Match,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        let found = {
            let call = Call::default();
            let input = match &self.context.input {
                Input::Text(text) => Some(text.clone()),
                Input::File(path) => self.file_text(path, scope).ok(),
                _ => None,
            };
            let surroundings = code::Surroundings {
                variable: &|name| self.variable(&call, name, scope),
                args: code.args,
                // Code that is read from there is not there any more when it reads.
                input: input.as_ref().filter(|input| input.as_known() != Some(source)),
                read: &|path| self.file_source(path, scope).ok(),
                file: code.file,
                imported: code.imported,
            };
            code::effects(code.language, source, &surroundings)
        };
        let effects = match found {
            Ok(effects) => effects,
            Err(what) => {
                self.emit(Effect::Opaque(Opaque { what }), span, scope);
                return;
            }
        };
        let saved = self.context.clone();
        self.context.certainty = self.context.certainty.and(certainty);
        self.context.origin = Origin::Within(span);
        for (effect, place) in effects {
            if let (true, Some(inside)) = (code.file, &mut self.context.inside) {
                inside.span = place;
            }
            match effect {
                CodeEffect::Call(call) => {
                    self.layer(|walk| walk.executed(&Rc::new(call), span, &mut scope.clone(), false));
                }
                CodeEffect::Shell(text) => {
                    self.layer(|walk| {
                        let mut child = child(scope, Vec::new(), Dialect::Posix);
                        walk.shell_text(&text, &mut child, Some(Dialect::Posix))
                    });
                }
                CodeEffect::Request(request) => self.request(request, span, scope),
                CodeEffect::Path(effect) => {
                    self.written_by_code(&effect, scope);
                    self.emit(Effect::Path(effect), span, scope);
                }
                CodeEffect::Sql { text, database } => {
                    self.sql_in_code(&text, &database, span, scope);
                }
                CodeEffect::File { path, own } => {
                    if !own || matches!(self.written_at(&path, scope), Some(Written::Text { .. })) {
                        self.code_file(&Code { file: true, imported: true, ..*code }, &path, span, scope);
                    }
                }
            }
        }
        self.context = saved;
    }
}

/// Code of another language, and how it was given.
pub(super) struct Code<'a> {
    pub language: Language,
    pub args: &'a [Text],
    /// It stands in a file.
    pub file: bool,
    /// Other code imports it.
    pub imported: bool,
}

fn shorten(mut text: String) -> String {
    if text.len() > 120 {
        let end = (0..=120).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}
