//! Adds the requests of program calls to the walk.

use super::statements::statements;
use super::{Context, requests};
use crate::actions::CodeDatabase;
use crate::actions::walk::Walk;
use crate::model::{Call, Effect, Request, Span, Text};
use crate::syntax::Scope;

/// Programs, with words that must be among theirs, that make a port of this machine lead to
/// another one.
const TUNNELS: &[(&str, &[&str])] = &[
    ("kubectl", &["port-forward"]),
    ("oc", &["port-forward"]),
    ("gcloud", &["start-iap-tunnel"]),
    ("fly", &["proxy"]),
    ("flyctl", &["proxy"]),
    ("cloud-sql-proxy", &[]),
    ("cloud_sql_proxy", &[]),
    ("chisel", &["client"]),
];

impl Walk<'_> {
    /// Follows a call that sends HTTP requests, or makes those that follow it go elsewhere.
    pub(in crate::actions) fn http(&mut self, call: &Call, settled: bool, span: Span, scope: &mut Scope<'_>) {
        self.tunnels |= is_tunnel(call);
        let sent = |call: &Call| {
            let variable = |name: &str| self.variable(call, name, scope);
            let facts = self.overlay();
            requests(&Context { call, facts: &facts, directory: scope.directory(), variable: &variable })
        };
        let found = sent(call);
        let settled = self.told_by_words(settled, call, &found, sent);
        let found = found.into_iter().zip(settled);
        found.for_each(|(request, settled)| self.request(request, settled, span, scope));
    }

    /// A request, and the SQL in it.
    pub(in crate::actions) fn request(
        &mut self,
        mut request: Request,
        settled: bool,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        request.diverted |= self.tunnels;
        // That a port leads elsewhere the script alone knows.
        let settled = settled && !self.tunnels;
        let found = statements(&request);
        let database = CodeDatabase::Server { host: Some(request.host.clone()), name: None };
        self.emit_settled(Effect::Request(Box::new(request)), settled, span, scope);
        found.iter().for_each(|text| self.sql_in_code(text, &database, settled, span, scope));
    }
}

fn is_tunnel(call: &Call) -> bool {
    let Some(name) = call.name() else {
        return false;
    };
    let known = |word: &Text| word.as_known().map(str::to_owned).unwrap_or_default();
    match name {
        // `-L`, `-D`, also behind letters that take no value.
        "ssh" | "autossh" => call.args.iter().map(known).any(|word| {
            let letters = word.strip_prefix('-').unwrap_or("");
            let plain = letters.trim_start_matches(|c: char| "1246AaCfGgKkMNnqsTtVvXxYy".contains(c));
            plain.starts_with(['L', 'D'])
        }),
        "aws" => call.args.iter().any(|word| word.display().contains("PortForwarding")),
        "socat" => call.args.iter().any(|word| known(word).to_ascii_uppercase().contains("-LISTEN:")),
        name => TUNNELS.iter().any(|(program, words)| {
            *program == name && words.iter().all(|word| call.args.iter().any(|arg| known(arg) == **word))
        }),
    }
}
