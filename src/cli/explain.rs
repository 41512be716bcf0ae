//! `guard explain`: what a command line would do, which rules that meets or nearly meets, and what
//! guard knows; runs nothing.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use super::args::ExplainArgs;
use super::check::{self, Shown, Subject};
use super::look::Look;
use super::output;
use super::render::{self, paragraph, shorten};
use crate::audit::redact;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Explained, Front, Mode};
use crate::model::{
    Action, Body, Effect, GraphqlKind, GraphqlOperation, Match, PathEffect, PathFacts, Place, Reach, Request,
    Text, absolute, bytes, plain,
};

/// Carries out `guard explain`.
pub fn run(args: &ExplainArgs) -> Result<Exit, Error> {
    let subject = match (&args.command, &args.file) {
        (_, Some(file)) => Subject::file(file)?,
        (Some(command), None) => Subject::line(command),
        (None, None) => return Err(super::usage("there is nothing to explain")),
    };
    let front = Front::open()?;
    let explained = front.explain(&subject.source());
    let text = if args.json {
        format!("{}\n", check::json(&Document::of(&subject, &explained, &front.mode()))?)
    } else {
        page(&subject, &explained, &front.mode(), Look::of_stdout())
    };
    output::text(&text)?;
    Ok(check::exit(explained.judgement.verdict.decision))
}

/// All that is known, for people.
fn page(subject: &Subject, explained: &Explained, mode: &Mode, look: Look) -> String {
    let verdict = &explained.judgement.verdict;
    let mut out = render::verdict(verdict, &subject.text(), subject.name.as_deref(), look);
    out.push_str(&check::would_run(mode, verdict.decision));
    heading(&mut out, look, "what it would do");
    if explained.judgement.walked.actions.is_empty() {
        out.push_str("  nothing that rules are held against\n");
    }
    let mut above: &[_] = &[];
    for action in &explained.judgement.walked.actions {
        let shared = above.iter().zip(action.via.iter()).take_while(|(a, b)| a == b).count();
        for (depth, via) in action.via.iter().enumerate().skip(shared) {
            line(&mut out, look, depth, "through: ", &via.name);
        }
        above = &action.via;
        let depth = action.via.len();
        for (at, (label, text)) in told(action, explained).into_iter().enumerate() {
            line(&mut out, look, depth + usize::from(at > 0), &label, &text);
        }
    }
    if !explained.almost.is_empty() {
        heading(&mut out, look, "rules that nearly match");
        for almost in explained.almost.iter().take(SHOWN) {
            paragraph(&mut out, look, "", &format!("{}: {}", almost.rule, almost.failed));
        }
        more(&mut out, explained.almost.len());
    }
    heading(&mut out, look, "facts used");
    for fact in facts(explained).iter().take(3 * SHOWN) {
        paragraph(&mut out, look, "", fact);
    }
    out
}

/// How many of a kind are shown; the JSON has them all.
const SHOWN: usize = 12;

fn more(out: &mut String, count: usize) {
    if count > SHOWN {
        let _ = writeln!(out, "  and {} more; --json has them all", count - SHOWN);
    }
}

fn heading(out: &mut String, look: Look, text: &str) {
    let _ = write!(out, "\n{}\n", look.strong(text));
}

fn line(out: &mut String, look: Look, depth: usize, label: &str, text: &str) {
    let indent = "  ".repeat(depth.min(10));
    paragraph(out, look, &format!("{indent}{label}"), &shorten(text, 600));
}

/// The word for what an action does, and what it does it to; then more of it.
fn told(action: &Action, explained: &Explained) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let perhaps = if action.certainty == Match::Yes { "" } else { "perhaps " };
    let mut first = |label: &str, text: String| lines.push((format!("{perhaps}{label}: "), text));
    let mut unknown: Vec<&Text> = Vec::new();
    match &action.effect {
        Effect::Call(call) => {
            let words = std::iter::once(&call.program).chain(&call.args);
            first("call", words.clone().map(Text::display).collect::<Vec<_>>().join(" "));
            unknown.extend(words);
            let set: Vec<String> =
                call.env.iter().map(|(name, value)| hidden(name, &value.display())).collect();
            if !set.is_empty() {
                lines.push(("with: ".to_owned(), set.join(" ")));
            }
        }
        Effect::Request(request) => {
            let url =
                format!("{} {}{}", request.method.display(), request.host.display(), request.path.display());
            first("request", url);
            unknown.extend([&request.method, &request.host, &request.path]);
            lines.extend(body(request));
        }
        Effect::Path(effect) => {
            let below = if effect.recursive { ", and what is below" } else { "" };
            first(op(effect), format!("{}{below} (by {})", effect.path.display(), effect.by));
            unknown.push(&effect.path);
            if let Some(known) = stands(action, effect, explained) {
                lines.push(("there: ".to_owned(), known));
            }
        }
        Effect::Statement(statement) => {
            let (kind, object) = (word(&statement.kind), word(&statement.object));
            let all = if statement.without_where == Match::Yes { ", every row" } else { "" };
            let text = format!("{kind} {object} {}{all} (by {})", statement.name.display(), statement.client);
            first("SQL", text);
            unknown.push(&statement.name);
            let database = &statement.database;
            let counts = if database.production { ", the one that counts" } else { "" };
            let text = format!("{} ({}{counts})", database.name.display(), word(&database.target));
            lines.push(("database: ".to_owned(), text));
        }
        Effect::Opaque(opaque) => first("not looked into", opaque.what.clone()),
        Effect::Unprovable(unprovable) => first("not proved", unprovable.why.clone()),
    }
    let holes: BTreeSet<&str> =
        unknown.iter().flat_map(|text| text.holes()).map(|hole| hole.label.as_str()).collect();
    if !holes.is_empty() {
        lines
            .push(("not known before it runs: ".to_owned(), holes.into_iter().collect::<Vec<_>>().join(" ")));
    }
    let place = match &action.place {
        Place::Local => None,
        Place::Privileged => Some("with another user's rights".to_owned()),
        Place::Remote(host) => Some(format!("on another machine: {host}")),
        Place::Container(name) => Some(format!("in a container: {name}")),
    };
    lines.extend(place.map(|place| ("where: ".to_owned(), place)));
    if action.directory.as_known() != Some(explained.directory.as_str()) {
        lines.push(("in: ".to_owned(), action.directory.display()));
    }
    lines
}

fn op(effect: &PathEffect) -> &'static str {
    use crate::model::PathOp;
    match effect.op {
        PathOp::Delete => "delete",
        PathOp::Empty => "empty",
        PathOp::Overwrite => "overwrite",
        PathOp::Modify => "modify",
        PathOp::MoveAway => "move away",
        PathOp::Permissions => "change permissions",
        PathOp::Destroy => "destroy",
        PathOp::Touch => "touch",
        PathOp::Unhook => "take guard out of",
    }
}

/// What guard knows of the path of a change.
fn stands(action: &Action, effect: &PathEffect, explained: &Explained) -> Option<String> {
    if !action.place.is_local() {
        return None;
    }
    let at = absolute(&action.directory, &effect.path)?;
    Some(format!("{at}: {}", seen(explained.asked.paths.get(&at)?)))
}

/// `file, modified, inside the workspace`
fn seen(facts: &PathFacts) -> String {
    let mut words = vec![word(&facts.kind)];
    words.extend((facts.state != crate::model::TrackState::Unknown).then(|| word(&facts.state)));
    words.push(format!("place: {}", word(&facts.location)));
    let flags = [
        (facts.reproducible, "can be made again"),
        (facts.own != Reach::Apart, "guard's own"),
        (facts.read_only == Reach::Within, "read-only by your settings"),
        (facts.no_delete == Reach::Within, "not to be deleted by your settings"),
        (facts.startup, "read later on as the human"),
        (facts.credential, "holds credentials"),
        (facts.mount, "mounted"),
    ];
    words.extend(flags.iter().filter(|(holds, _)| *holds).map(|(_, word)| (*word).to_owned()));
    words.join(", ")
}

fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('-', " ")
}

/// What a request sends.
fn body(request: &Request) -> Vec<(String, String)> {
    match &request.body {
        Body::Empty => Vec::new(),
        Body::Unknown { what } => vec![("sends: ".to_owned(), format!("not known: {what}"))],
        Body::Text { text, graphql, unreadable } => {
            let mut lines: Vec<(String, String)> = graphql
                .iter()
                .map(|operation| ("GraphQL: ".to_owned(), graphql_operation(operation)))
                .collect();
            if *unreadable {
                lines.push(("sends: ".to_owned(), "GraphQL that cannot be read to its end".to_owned()));
            }
            if lines.is_empty() {
                lines.push(("sends: ".to_owned(), shorten(&redact(&text.display()), 200)));
            }
            lines
        }
    }
}

/// `mutation volumeDelete(volumeId: 3d2c)`
fn graphql_operation(operation: &GraphqlOperation) -> String {
    let kind = match operation.kind {
        GraphqlKind::Query => "query",
        GraphqlKind::Mutation => "mutation",
        GraphqlKind::Subscription => "subscription",
    };
    let fields = operation.fields.iter().map(|field| {
        let arguments: Vec<String> =
            field.arguments.iter().map(|(name, value)| format!("{name}: {}", value.display())).collect();
        match arguments.is_empty() {
            true => field.name.clone(),
            false => format!("{}({})", field.name, arguments.join(", ")),
        }
    });
    format!("{kind} {}", fields.collect::<Vec<_>>().join(", "))
}

/// A variable with its value, unless that is a credential.
fn hidden(name: &str, value: &str) -> String {
    redact(&format!("{name}={}", shorten(value, 100))).into_owned()
}

/// What guard looked at, a line each.
fn facts(explained: &Explained) -> Vec<String> {
    let asked = &explained.asked;
    let mut out = vec![format!("directory: {}", explained.directory)];
    out.extend(explained.agent.iter().map(|agent| format!("agent: {agent}")));
    for (directory, tree) in &asked.git {
        out.push(match tree {
            None => format!("git: {directory} is in no work tree"),
            Some(tree) => {
                let branch = tree.branch.as_deref().unwrap_or("no branch");
                let upstream = match (&tree.upstream, tree.ahead) {
                    (Some(upstream), Some(ahead)) => format!("{ahead} ahead of {upstream}"),
                    (Some(upstream), None) => format!("upstream {upstream}"),
                    (None, _) => "no upstream".to_owned(),
                };
                let incomplete = if tree.incomplete { ", not read whole" } else { "" };
                format!(
                    "git: {} on {branch}, {upstream}; {} modified, {} untracked, {} ignored that cannot be made \
                     again, {} stashes{incomplete}",
                    tree.root, tree.modified, tree.untracked, tree.precious_ignored, tree.stashes
                )
            }
        });
    }
    let (set, unset): (Vec<_>, Vec<_>) = asked.env.iter().partition(|(_, value)| value.is_some());
    for (name, value) in set {
        out.push(format!("environment: {}", hidden(name, value.as_deref().unwrap_or_default())));
    }
    // That no function is exported by the name of a program is what everybody takes for granted.
    let told = |name: &&str| !name.starts_with("BASH_FUNC_");
    let unset: Vec<&str> = unset.into_iter().map(|(name, _)| name.as_str()).filter(told).collect();
    if !unset.is_empty() {
        out.push(format!("environment, not set: {}", unset.join(" ")));
    }
    for (file, read) in &asked.files {
        out.push(match read {
            Ok(content) => format!("read: {file} ({} bytes)", content.bytes),
            Err(error) => format!("not read: {file}: {error}"),
        });
    }
    out.extend(asked.paths.iter().map(|(path, facts)| format!("path: {path}: {}", seen(facts))));
    out
}

/// The keys of `guard check --json`, and what led to the verdict.
#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    verdict: Shown<'a>,
    /// What the source would do, in order.
    actions: Vec<Step<'a>>,
    /// The rules that nearly match, nearest first.
    almost: Vec<Near<'a>>,
    /// What guard looked at: a line each, as the page without `--json` has it.
    facts: Vec<String>,
}

/// One thing that the source would do.
#[derive(Debug, Serialize)]
struct Step<'a> {
    /// The command that does it: where it begins and ends, in bytes of the source.
    span: [usize; 2],
    /// The layers that were peeled off to get there, outermost first: `["sudo", "bash -c"]`.
    via: Vec<&'a str>,
    /// `yes`, or `maybe` where that it happens is a guess.
    #[serde(rename = "match")]
    certainty: Match,
    /// What it is: pairs of a label (`call`, `delete`, `there`, `where`) and a text for people.
    told: Vec<(String, String)>,
}

/// A rule that nearly matches.
#[derive(Debug, Serialize)]
struct Near<'a> {
    /// Its id.
    rule: &'a str,
    /// The first of its conditions that does not hold, for people.
    failed: &'a str,
}

impl<'a> Document<'a> {
    fn of(subject: &'a Subject, explained: &'a Explained, mode: &Mode) -> Document<'a> {
        let offsets = bytes::Offsets::of(&subject.text());
        let actions = explained.judgement.walked.actions.iter().map(|action| Step {
            span: [action.span.start, action.span.end].map(|at| offsets.at(at)),
            via: action.via.iter().map(|via| via.name.as_str()).collect(),
            certainty: action.certainty,
            told: told(action, explained)
                .into_iter()
                .map(|(label, text)| (label.trim_end_matches(": ").to_owned(), plain(&text)))
                .collect(),
        });
        let almost = explained.almost.iter().map(|near| Near { rule: &near.rule, failed: &near.failed });
        Document {
            verdict: Shown::of(&explained.judgement.verdict, subject, mode),
            actions: actions.collect(),
            almost: almost.collect(),
            facts: facts(explained),
        }
    }
}
