//! Adds what clients of SQL do to the walk.

use super::session::Found;
use super::{SqlEffect, Unread, World, at, clients, effects, in_code};
use crate::actions::CodeDatabase;
use crate::actions::settle::Exec;
use crate::actions::walk::{Origin, Walk};
use crate::model::{Call, Database, Effect, Match, Opaque, Place, Span, Text};
use crate::syntax::Scope;

impl Walk<'_> {
    /// Follows a call that sends SQL; `settled`: its exec settles what its words leave open.
    pub(in crate::actions) fn sql(
        &mut self,
        call: &Call,
        unread: Option<Unread>,
        settled: bool,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        if call.name().is_none_or(|name| clients::find(name).next().is_none()) {
            return;
        }
        let sent = |call: &Call| {
            let variable = |name: &str| self.variable(call, name, scope);
            self.in_world(self.source, &variable, unread, scope, |world| {
                effects(call, world, &mut |path| self.file_source(path, scope))
            })
        };
        let found = sent(call);
        let settled = self.told_by_words(settled, call, &found, sent);
        self.follow_sql(found.into_iter().zip(settled).collect(), span, scope);
    }

    /// Follows SQL in a program's own code. A program that people have read holds such text in
    /// functions that this run may not reach.
    pub(in crate::actions) fn sql_in_code(
        &mut self,
        text: &Text,
        database: &CodeDatabase,
        settled: bool,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        let database = if *database == CodeDatabase::Unknown { &self.context.database } else { database };
        let call = Call::default();
        let variable = |name: &str| self.variable(&call, name, scope);
        let found = self.in_world("", &variable, None, scope, |world| in_code(text, database, world));
        let certainty = self.context.certainty;
        if !found.is_empty() && self.is_committed() {
            self.context.certainty = certainty.and(Match::Maybe);
        }
        self.follow_sql(found.into_iter().map(|found| (found, settled)).collect(), span, scope);
        self.context.certainty = certainty;
    }

    /// The database at an address, or by host and name.
    pub(in crate::actions) fn database_at(
        &self,
        host: Option<Text>,
        port: Option<Text>,
        name: Text,
        scope: &Scope<'_>,
    ) -> Database {
        self.in_world("", &|_| None, None, scope, |world| at(host, port, Some(name), world))
    }

    /// What a client finds round it, with its own variables.
    fn in_world<T>(
        &self,
        source: &str,
        variable: &dyn Fn(&str) -> Option<Text>,
        unread: Option<Unread>,
        scope: &Scope<'_>,
        then: impl FnOnce(&World<'_>) -> T,
    ) -> T {
        let facts = self.overlay();
        let own = |host: &str, port: &str| self.is_own_server(host, port);
        let around = match &self.context.place {
            Place::Remote(name) | Place::Container(name) => name.as_str(),
            Place::Local | Place::Privileged => "",
        };
        then(&World {
            facts: &facts,
            directory: scope.directory(),
            source,
            variable,
            own: &own,
            around,
            unread,
        })
    }

    fn follow_sql(&mut self, found: Vec<(Found, bool)>, span: Span, scope: &mut Scope<'_>) {
        let saved = self.context.clone();
        for ((effect, own, inside), settled) in found {
            let span = own.unwrap_or(span);
            self.context.inside = inside.or_else(|| saved.inside.clone());
            match effect {
                SqlEffect::Statement(statement, certainty) => {
                    self.context.certainty = saved.certainty.and(certainty);
                    self.emit_settled(Effect::Statement(statement), settled, span, scope);
                    self.context.certainty = saved.certainty;
                }
                SqlEffect::Shell(command) => {
                    self.context.unsure = true;
                    self.context.exec = Exec::within(settled);
                    self.context.origin = Origin::Within(span);
                    self.layer(|walk| walk.shell_text(&command, &mut scope.clone(), None));
                    self.context = saved.clone();
                }
                SqlEffect::Path(effect) => self.emit_settled(Effect::Path(effect), settled, span, scope),
                SqlEffect::Disguised => self.disguised(span, scope),
                SqlEffect::TooDeep => self.cut_short("SQL nested too deep to follow"),
                SqlEffect::Opaque(what) => self.emit(Effect::Opaque(Opaque { what }), span, scope),
            }
        }
        self.context = saved;
    }
}
