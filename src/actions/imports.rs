//! Files that code imports: those of the project are followed, as far as the code may run them.

use std::collections::HashSet;

use crate::model::{Committed, FileKind, Location, Span, Text, absolute, parent};
use crate::syntax::Scope;

use super::Language;
use super::code::{Imported, Uses, names};
use super::interpreted::Code;
use super::walk::Walk;
use super::wrappers::is_one_of;
use super::written::Written;

/// More imported files than these are not followed.
const MODULES: usize = 64;
/// Longer ones are not.
const LONGEST: usize = 256 << 10;
/// Directories in which others' code stands.
const INSTALLED: &str = "node_modules site-packages dist-packages vendor .venv venv .tox .yarn";

impl Walk<'_> {
    /// Follows a file that code imports, where it is one: what the same line wrote wholly, what was there
    /// before as far as names lead into it from the code's source, without what nothing in that reaches.
    pub(super) fn imported(
        &mut self,
        code: &Code,
        (source, uses): (&str, &Uses),
        path: &Text,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        if matches!(self.written_at(path, scope), Some(Written::Text { .. })) {
            let code = Code { file: true, imported: Imported::All, ..*code };
            return self.code_file(&code, path, span, scope);
        }
        if !self.context.place.is_local() {
            return;
        }
        let importer = self.open.last().filter(|_| code.file).cloned().unwrap_or_default();
        let Some(file) = self.module_file(code, &importer, path, scope) else {
            return;
        };
        let text = Text::known(file.as_str());
        if matches!(self.written_at(&text, scope), Some(Written::Text { .. })) {
            let code = Code { file: true, imported: Imported::All, ..*code };
            return self.code_file(&code, &text, span, scope);
        }
        let Some(real) = self.facts.real(&file) else { return };
        let is_own = matches!(self.facts.location(&file), Location::Inside | Location::Temporary)
            && !real.split('/').any(|part| is_one_of(part, INSTALLED));
        if !is_own || self.facts.read(&file, LONGEST).is_err() {
            return;
        }
        if self.modules.len() >= MODULES || !self.modules.insert((file, importer)) {
            return;
        }
        let (mut known, mut from) = (HashSet::new(), 0);
        for span in uses.unreached.iter().chain([&Span::new(source.len(), source.len())]) {
            known.extend(names(source.get(from..span.start).unwrap_or("")).map(str::to_owned));
            from = span.end;
        }
        let mut calls = uses.calls.clone();
        if let Imported::By { names, calls: more } = code.imported {
            known.extend(names.iter().cloned());
            calls.extend(more);
        }
        // What it only may do is no more certain for being called from elsewhere.
        let committed = std::mem::replace(&mut self.context.committed, Committed::surely());
        let imported = Imported::By { names: &known, calls: &calls };
        let code = Code { file: true, imported, args: code.args, language: code.language };
        self.code_file(&code, &text, span, scope);
        self.context.committed = committed;
    }

    /// The file that an import leads to: beside the code, below the directory, or above a module of Python's, whose
    /// names lead from the script's place.
    fn module_file(&self, code: &Code, importer: &str, path: &Text, scope: &Scope<'_>) -> Option<String> {
        let mut places = Vec::new();
        let variable = scope.get("PYTHONPATH").filter(|_| code.language == Language::Python);
        if importer.is_empty() || code.language != Language::JavaScript {
            places.extend(scope.directory().as_known());
        }
        if !importer.is_empty() {
            let mut place = parent(importer);
            places.insert(0, place);
            if code.language == Language::Python && matches!(code.imported, Imported::By { .. }) {
                for _ in 0..2 {
                    place = parent(place);
                    places.push(place);
                }
            }
        }
        let listed = variable.as_ref().and_then(Text::as_known).unwrap_or_default();
        places.extend(listed.split(':').filter(|place| !place.is_empty()));
        let mut files = places
            .into_iter()
            .filter_map(|place| absolute(&Text::known(absolute(scope.directory(), &place.into())?), path));
        files.find(|file| matches!(self.facts.kind(file), FileKind::File | FileKind::Symlink))
    }
}
