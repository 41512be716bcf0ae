//! Code that interpreters are given: what it would do, as actions.

use std::cell::RefCell;
use std::rc::Rc;

use crate::model::{
    Call, Committed, Effect, Facts, Input, Inside, Location, Match, Opaque, PathOp, ReadError, Span, Text,
    TrackState, Via, absolute, base_name, bytes, is_at_or_below,
};
use crate::syntax::{Dialect, Scope};

use super::code::Imported;
use super::done::Done;
use super::nested::child;
use super::settle::Exec;
use super::walk::{FILE_LIMIT, Origin, Walk};
use super::wrappers::is_one_of;
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
        self.context.committed.within(self.path_before(path, scope));
        let done = self.layer(|walk| inner(walk, scope));
        self.context = saved;
        done.unwrap_or_else(Done::unknown)
    }

    /// Whether a file is kept ([`is_kept`]) that the script did not put there.
    pub(super) fn is_kept(&self, path: &Text, scope: &Scope<'_>) -> bool {
        self.path_before(path, scope).is_some_and(|path| is_kept(&path, self.facts))
    }

    /// The path of a file, where the script has put nothing there.
    pub(super) fn path_before(&self, path: &Text, scope: &Scope<'_>) -> Option<String> {
        absolute(scope.directory(), path).filter(|path| !self.written.contains(path))
    }

    /// Whether people have read the code that is being followed.
    pub(super) fn is_committed(&self) -> bool {
        is_committed(&self.context.committed, self.facts)
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

    /// Follows what an awk program hands to a shell.
    pub(super) fn hand_over(&mut self, call: &Call, span: Span, scope: &Scope<'_>) {
        let sources = super::flow::handed(call, &self.overlay(), scope.directory());
        let saved = self.context.clone();
        self.context.unsure = true;
        self.context.origin = Origin::Within(span);
        for source in sources {
            let dialect = Some(Dialect::Posix);
            self.layer(|walk| walk.subshell(scope, |walk, inner| walk.shell_text(&source, inner, dialect)));
        }
        self.context = saved;
    }

    fn code_effects(
        &mut self,
        code: &Code,
        source: &str,
        certainty: Match,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        let uses = RefCell::default();
        let found = {
            let call = Call::default();
            let input = match &self.context.input {
                Input::Text(text) => Some(Text::clone(text)),
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
                uses: Some(&uses),
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
        self.context.unsure = true;
        let certain = matches!(code.language, Language::Python | Language::JavaScript);
        let (started, within) = (self.exec_of_code(certain), self.exec_of_code(false));
        let mut moving: Option<(String, Text)> = None;
        for (effect, place) in effects {
            self.context.exec = within;
            let by_words = self.is_carried();
            let own_shell = matches!(effect, CodeEffect::OwnShell(_));
            if let (true, Some(inside)) = (code.file, &mut self.context.inside) {
                inside.span = place;
            }
            match effect {
                CodeEffect::Call(call) => {
                    self.context.exec = started;
                    self.layer(|walk| walk.executed(&Rc::new(call), span, &mut scope.clone(), false));
                }
                CodeEffect::Like(call) => {
                    self.layer(|walk| walk.executed(&Rc::new(call), span, &mut scope.clone(), false));
                }
                CodeEffect::Shell(text) | CodeEffect::OwnShell(text) => {
                    let starts = !own_shell && started.starts && !self.is_many_in_one("sh");
                    self.context.exec = Exec { starts, ..within };
                    self.layer(|walk| {
                        let mut child = child(scope, Vec::new(), Dialect::Posix);
                        walk.shell_text(&text, &mut child, Some(Dialect::Posix))
                    });
                }
                CodeEffect::Request(request) => self.request(request, by_words, span, scope),
                CodeEffect::Path(effect) => {
                    self.written_by_code(&effect, scope);
                    self.former_effects(&effect, span, scope);
                    let from = moving.take().filter(|(by, _)| *by == effect.by).map(|(_, from)| from);
                    match effect.op {
                        PathOp::MoveAway => moving = Some((effect.by.clone(), effect.path.clone())),
                        PathOp::Overwrite => {
                            let args = from.map(|from| vec![from, effect.path.clone()]);
                            let call =
                                args.map(|args| Call { program: "mv".into(), args, ..Call::default() });
                            let deposits = call.map(|call| self.deposits(&call, scope));
                            self.remember(Vec::new(), deposits.unwrap_or_default());
                        }
                        _ => {}
                    }
                    self.emit(Effect::Path(effect), span, scope);
                }
                CodeEffect::Sql { text, database } => {
                    self.sql_in_code(&text, &database, by_words, span, scope);
                }
                CodeEffect::File { path, own: false } => {
                    self.context.exec = saved.exec;
                    let code = Code { file: true, imported: Imported::All, ..*code };
                    self.code_file(&code, &path, span, scope);
                }
                CodeEffect::File { path, own: true } => {
                    self.context.exec = saved.exec;
                    self.imported(code, (source, &uses.borrow()), &path, span, scope);
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
    /// Who runs it.
    pub imported: Imported<'a>,
}

fn shorten(mut text: String) -> String {
    if text.len() > 120 {
        let end = (0..=120).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Whether people have read the code around a command.
pub fn is_committed(committed: &Committed, facts: &dyn Facts) -> bool {
    committed.surely || committed.files.iter().any(|path| is_kept(path, facts))
}

/// Whether git keeps a file as it is, or it came with the system's programs, or a generator wrote
/// it whose scripts everybody runs.
fn is_kept(path: &str, facts: &dyn Facts) -> bool {
    const INSTALLED: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store"];
    let found = facts.path(path);
    let installed = INSTALLED.iter().any(|place| is_at_or_below(&found.real, place));
    found.state == TrackState::Clean
        || found.location == Location::System && installed && !is_at_or_below(&found.real, "/usr/local")
        || is_generated(path, facts)
}

/// `configure` and what it makes, by the line that Autoconf puts at their head.
fn is_generated(path: &str, facts: &dyn Facts) -> bool {
    const BY: [&str; 2] = ["# Generated by GNU Autoconf ", "# Generated by configure."];
    is_one_of(base_name(path), "configure config.status libtool")
        && facts.read(path, FILE_LIMIT).is_ok_and(|text| {
            let head = bytes::text(&text[..text.len().min(512)]);
            head.lines().any(|line| BY.iter().any(|by| line.starts_with(by)))
        })
}
