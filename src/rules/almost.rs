//! Rules that nearly match an action, and the condition of each that does not hold.
//!
//! Asked only where a person wants to know; the way of a command never comes here.

use serde::Serialize;

use crate::model::{Action, Body, Decision, Effect, Facts, Match, Request, Text};

use super::arguments::Role;
use super::condition::Condition;
use super::git::{self, WorkTree};
use super::glob;
use super::http;
use super::list::Pattern;
use super::matcher::{Held, Outcome, Trace, View};
use super::path;
use super::ruleset::RuleSet;
use super::schema::{GitTest, HttpTest, PathClass, PathTest, SqlTest};
use super::sql;

/// A rule that nearly matches an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Almost {
    /// The rule.
    pub rule: String,
    /// The first of its conditions that does not hold: a subcommand, a flag, a class of paths.
    pub failed: String,
    /// How much of it holds, for putting the nearest first.
    pub held: usize,
}

/// What a condition that holds counts: so much holds of a rule that shares the program or the kind of change alone.
pub const CONDITION: usize = 10;

/// At most this many patterns or words are named.
const NAMED: usize = 4;

/// The rules for the action's program, host or kind of change that do not match it although some
/// of what they ask for is there, nearest first.
pub fn almost(rules: &RuleSet, action: &Action, source: &str, facts: &dyn Facts) -> Vec<Almost> {
    let held = Held::new(rules, action, source, facts);
    let keys = held.keys_of_all();
    let mut out = Vec::new();
    for rule in rules.find(&keys, || keys.clone(), held.is_frozen()) {
        let (Some(decoded), Some(prose)) = (rules.decoded(rule), rules.prose(rule)) else { continue };
        let closed = Some(rule.layer()).filter(|layer| rules.is_closed(*layer));
        let own = closed.and_then(|_| held.arguments(held.name(), closed));
        let view = View::new(&held, own.as_ref(), decoded);
        let outcome = view.eval(&decoded.when, &mut 0, &mut Trace::default());
        let (held, failed) = match outcome.matched.and(action.certainty) {
            Match::No => match view.why_not(&decoded.when, &mut 0) {
                Some(miss) if miss.held > 0 && !miss.far => (miss.held, miss.failed),
                _ => continue,
            },
            matched => match unheard(held.demanded(&prose).0, matched, outcome) {
                Some(why) => (usize::MAX, why.to_owned()),
                None => continue,
            },
        };
        out.push(Almost { rule: prose.id, failed, held });
    }
    out.sort_by(|a, b| b.held.cmp(&a.held).then_with(|| a.rule.cmp(&b.rule)));
    out
}

/// Why a rule that matches, or may match, is no finding.
fn unheard(decision: Decision, matched: Match, outcome: Outcome) -> Option<&'static str> {
    match () {
        () if outcome.guessed && !outcome.firm => {
            Some("the program or host is not known, and nothing else that it asks for is there for certain")
        }
        () if decision == Decision::Allow => Some("it matches, and a setting has switched it off"),
        () if decision == Decision::Warn && matched == Match::Maybe => {
            Some("it may match, and would only warn")
        }
        () => None,
    }
}

/// The first condition that does not hold.
struct Miss {
    /// How much of the rule holds; a condition counts more than a word of a subcommand.
    held: usize,
    failed: String,
    /// Not even the first word of a subcommand is there: the rule is about something else.
    far: bool,
}

impl Miss {
    fn new(held: usize, failed: impl Into<String>) -> Option<Miss> {
        Some(Miss { held, failed: failed.into(), far: false })
    }
}

impl View<'_, '_> {
    /// Why a condition does not hold; `None` where it does, or may.
    fn why_not(&self, condition: &Condition, start: &mut usize) -> Option<Miss> {
        match condition {
            Condition::All(all) => {
                let mut start = *start;
                let (mut held, mut first) = (0, None);
                for condition in all {
                    let before = start;
                    if self.eval(condition, &mut start, &mut Trace::default()).matched != Match::No {
                        // That something is not there holds of nearly everything.
                        let absence = matches!(condition, Condition::WithoutFlag(_) | Condition::Not(_));
                        held += if absence { 0 } else { CONDITION };
                    } else if first.is_none() {
                        first = Some(self.why_not(condition, &mut before.clone())?);
                    }
                }
                first.map(|miss| Miss { held: held + miss.held, ..miss })
            }
            Condition::Any(any) => {
                let each = any.iter().filter_map(|condition| self.why_not(condition, &mut start.clone()));
                // Of equals the first.
                each.reduce(
                    |best, next| if (!next.far, next.held) > (!best.far, best.held) { next } else { best },
                )
            }
            leaf if self.eval(leaf, &mut start.clone(), &mut Trace::default()).matched != Match::No => None,
            Condition::Path(test) => self.path_miss(test),
            Condition::Http(test) => self.http_miss(test),
            Condition::Sql(test) => self.sql_miss(test),
            Condition::Subcommand(alternatives) => self.subcommand_miss(alternatives),
            Condition::Program(_) => Some(Miss { held: 0, failed: self.miss(condition, *start), far: true }),
            leaf => Miss::new(0, self.miss(leaf, *start)),
        }
    }

    /// What a leaf misses, in words.
    fn miss(&self, leaf: &Condition, start: usize) -> String {
        match leaf {
            Condition::Program(names) => {
                let program = self.held.call().map(|call| call.program.display());
                format!("program is `{}`, wants {}", program.unwrap_or_default(), some(names))
            }
            Condition::Flag(flags) => format!("without {}", some(flags)),
            Condition::WithoutFlag(flags) => format!("has {}", some(flags)),
            Condition::Option(test) => {
                format!("no {} with {}", some(&test.name), some(&test.value))
            }
            Condition::Arg(patterns) | Condition::Written(patterns) => match self.positionals(start, NAMED) {
                own if own.is_empty() => format!("no argument, wants {}", some(patterns)),
                own => format!("argument is {}, wants {}", some(&own), some(patterns)),
            },
            Condition::Args(test) => {
                let count = self.positionals(start, usize::MAX).len();
                let least = test.min.map(|min| format!("at least {min}"));
                let most = test.max.map(|max| format!("at most {max}"));
                let wanted: Vec<String> = least.into_iter().chain(most).collect();
                format!("{count} arguments, wants {}", wanted.join(", "))
            }
            Condition::Env(test) if test.value.is_empty() => format!("{} is not set", some(&test.name)),
            Condition::Env(test) => format!("{} is not set to {}", some(&test.name), some(&test.value)),
            Condition::Git(test) => git_miss(test, self.tree()),
            Condition::Place(places) => {
                let wanted: Vec<String> = places.iter().map(word).collect();
                format!("place is `{}`, wants {}", word(&self.place()), some(&wanted))
            }
            Condition::Scratch(_) => "nobody needs what it drops".to_owned(),
            Condition::Text(source) => format!("the text is not like `{source}`"),
            Condition::Not(inner) => format!("excluded: {}", shape(inner)),
            other => format!("not {}", shape(other)),
        }
    }

    /// Of the alternatives those that come nearest are named.
    fn subcommand_miss(&self, alternatives: &[Vec<Pattern>]) -> Option<Miss> {
        let longest = alternatives.iter().map(Vec::len).max().unwrap_or(1);
        let own = self.positionals(0, longest);
        let fits = |words: &Vec<Pattern>| {
            words.iter().zip(&own).take_while(|(pattern, word)| glob::matches_str(pattern, word)).count()
        };
        let held = alternatives.iter().map(fits).max().unwrap_or_default();
        let nearest = alternatives.iter().filter(|words| fits(words) == held);
        let wanted: Vec<String> = nearest.map(|words| joined(words)).collect();
        let failed = match own.is_empty() {
            true => format!("there is no subcommand, wants {}", some(&wanted)),
            false => format!("subcommand is `{}`, wants {}", own.join(" "), some(&wanted)),
        };
        Some(Miss { held, failed, far: held == 0 })
    }

    /// The first positionals from a word on, as they are written.
    fn positionals(&self, start: usize, limit: usize) -> Vec<String> {
        let Some(arguments) = self.arguments else { return Vec::new() };
        let words =
            arguments.iter().skip(start).filter(|(_, role, _): &(_, Role, _)| role.may_be_positional());
        words.take(limit).map(|(_, _, word)| word.display()).collect()
    }

    /// The keys of a path test are tried one by one, each together with those before it.
    fn path_miss(&self, test: &PathTest) -> Option<Miss> {
        let Effect::Path(effect) = &self.held.action.effect else { return None };
        if !test.op.is_empty() && !test.op.contains(&effect.op) {
            let wanted: Vec<String> = test.op.iter().map(word).collect();
            return Miss::new(0, format!("change is `{}`, wants {}", word(&effect.op), some(&wanted)));
        }
        let op = CONDITION * usize::from(!test.op.is_empty());
        if !test.by.is_empty() && !test.by.iter().any(|by| glob::matches_str(by, &effect.by)) {
            return Miss::new(op, format!("done by `{}`, wants {}", effect.by, some(&test.by)));
        }
        if test.recursive.is_some_and(|wanted| wanted != effect.recursive) {
            let what =
                if effect.recursive { "reaches below the path" } else { "does not reach below the path" };
            return Miss::new(op, what);
        }
        let standings = self.held.standings();
        let only = PathTest { class: test.class.clone(), ..PathTest::default() };
        let classes: Vec<String> = self.classes().iter().map(word).collect();
        if path::path(&only, effect, || standings) == Match::No {
            let wanted: Vec<String> = test.class.iter().map(word).collect();
            return Miss::new(op, format!("path is {}, wants {}", some(&classes), some(&wanted)));
        }
        let held = op + CONDITION * usize::from(!test.class.is_empty());
        let only = PathTest { not_class: test.not_class.clone(), ..only };
        if path::path(&only, effect, || standings) == Match::No {
            let shunned: Vec<String> = test.not_class.iter().map(word).collect();
            let own: Vec<String> = shunned.iter().filter(|class| classes.contains(class)).cloned().collect();
            return Miss::new(
                held,
                match own.is_empty() {
                    true => format!("no such path that is not {}", some(&shunned)),
                    false => format!("path is {}, which it leaves out", some(&own)),
                },
            );
        }
        Miss::new(held + CONDITION, format!("name is not like {}", some(&test.name)))
    }

    /// The classes that the path is in for certain.
    fn classes(&self) -> Vec<PathClass> {
        let Effect::Path(effect) = &self.held.action.effect else { return Vec::new() };
        let holds = |class: &PathClass| {
            let only = PathTest { class: vec![*class].into(), ..PathTest::default() };
            path::path(&only, effect, || self.held.standings()) == Match::Yes
        };
        CLASSES.iter().copied().filter(holds).collect()
    }

    /// The keys of a statement's test are tried one by one.
    fn sql_miss(&self, test: &SqlTest) -> Option<Miss> {
        let Effect::Statement(statement) = &self.held.action.effect else { return None };
        let none = SqlTest::default;
        let (kinds, objects, targets) = (each(&test.kind), each(&test.object), each(&test.target));
        let database = &statement.database;
        let is = |what: &str, own: String, wanted: String| format!("{what} is `{own}`, wants {wanted}");
        let (kind, object, target) = (word(&statement.kind), word(&statement.object), word(&database.target));
        let (name, in_it) = (statement.name.display(), database.name.display());
        let client = statement.client.clone();
        let rows = match test.without_where {
            Some(true) => "a condition chooses among the rows",
            _ => "no condition chooses among the rows",
        };
        let counts = match test.production {
            Some(true) => "nothing says that the database is the one that counts",
            _ => "the database is the one that counts",
        };
        let keys = [
            (SqlTest { kind: test.kind.clone(), ..none() }, is("statement", kind, some(&kinds))),
            (SqlTest { object: test.object.clone(), ..none() }, is("object", object, some(&objects))),
            (SqlTest { without_where: test.without_where, ..none() }, rows.to_owned()),
            (SqlTest { name: test.name.clone(), ..none() }, is("name", name, some(&test.name))),
            (SqlTest { client: test.client.clone(), ..none() }, is("client", client, some(&test.client))),
            (
                SqlTest { database: test.database.clone(), ..none() },
                is("database", in_it, some(&test.database)),
            ),
            (SqlTest { target: test.target.clone(), ..none() }, is("place", target.clone(), some(&targets))),
            (SqlTest { not_target: test.not_target.clone(), ..none() }, format!("place is `{target}`")),
            (SqlTest { production: test.production, ..none() }, counts.to_owned()),
        ];
        let given = keys.into_iter().filter(|(only, _)| *only != none());
        let mut held = 0;
        for (only, failed) in given {
            if sql::sql(&only, statement) == Match::No {
                return Miss::new(held, failed);
            }
            held += CONDITION;
        }
        None
    }

    fn http_miss(&self, test: &HttpTest) -> Option<Miss> {
        let Effect::Request(request) = &self.held.action.effect else { return None };
        let mut tried = HttpTest { host: test.host.clone(), ..HttpTest::default() };
        let mut held = 0;
        for (set, name) in HTTP_KEYS {
            let before = tried.clone();
            set(&mut tried, test);
            if tried == before && *name != "host" || *name == "host" && test.host.is_empty() {
                continue;
            }
            if http::http(&tried, request, true).matched == Match::No {
                return Miss::new(held, format!("{name} {}", request_part(name, request, test)));
            }
            held += CONDITION;
        }
        Miss::new(held, "sent from another machine")
    }
}

type SetKey = fn(&mut HttpTest, &HttpTest);

/// The keys of a request test in the order in which they are tried.
const HTTP_KEYS: &[(SetKey, &str)] = &[
    (|_, _| {}, "host"),
    (|to, from| to.method = from.method.clone(), "method"),
    (|to, from| to.path = from.path.clone(), "path"),
    (|to, from| to.query = from.query.clone(), "query"),
    (|to, from| to.mutation = from.mutation.clone(), "mutation"),
    (|to, from| to.operation = from.operation, "operation"),
    (|to, from| to.json = from.json.clone(), "JSON body"),
    (|to, from| to.body = from.body, "body"),
    (|to, from| to.body_text = from.body_text.clone(), "body"),
    (|to, from| to.loopback = from.loopback, "host"),
];

/// The classes of paths that are told of one.
const CLASSES: &[PathClass] = &[
    PathClass::Root,
    PathClass::Home,
    PathClass::Device,
    PathClass::Void,
    PathClass::Temporary,
    PathClass::System,
    PathClass::Workspace,
    PathClass::Inside,
    PathClass::Outside,
    PathClass::GitMetadata,
    PathClass::Clean,
    PathClass::Modified,
    PathClass::Conflict,
    PathClass::Untracked,
    PathClass::Ignored,
    PathClass::Unversioned,
    PathClass::Reproducible,
    PathClass::Protected,
    PathClass::Own,
    PathClass::ReadOnly,
    PathClass::NoDelete,
    PathClass::Startup,
    PathClass::Credential,
    PathClass::Mount,
    PathClass::Absent,
    PathClass::Empty,
    PathClass::File,
    PathClass::Directory,
    PathClass::Symlink,
    PathClass::Special,
    PathClass::Remote,
];

/// What a request has of a key, and what is wanted.
fn request_part(name: &str, request: &Request, test: &HttpTest) -> String {
    let is = |text: &Text, wanted: &[Pattern]| format!("is `{}`, wants {}", text.display(), some(wanted));
    match name {
        "host" if !test.host.is_empty() && test.loopback.is_none() => is(&request.host, &test.host),
        "host" => format!("is `{}`, wants another machine than it", request.host.display()),
        "method" => is(&request.method, &test.method),
        "path" => is(&request.path, &test.path),
        "query" => is(&request.query, &test.query),
        "mutation" => match fields(&request.body) {
            own if own.is_empty() => format!("is none, wants {}", some(&test.mutation)),
            own => format!("is none of these: has {}, wants {}", some(&own), some(&test.mutation)),
        },
        "operation" => format!("is no `{}`", test.operation.map(|kind| word(&kind)).unwrap_or_default()),
        _ => "is not like that".to_owned(),
    }
}

fn fields(body: &Body) -> Vec<String> {
    let Body::Text { graphql, .. } = body else { return Vec::new() };
    graphql.iter().flat_map(|operation| &operation.fields).map(|field| field.name.clone()).collect()
}

/// The first key of a git test that the work tree does not fulfil.
fn git_miss(test: &GitTest, tree: &WorkTree) -> String {
    let none = GitTest::default;
    let fails = |only: &GitTest| git::git(only, tree) == Match::No;
    if fails(&GitTest { work_tree: test.work_tree, ..none() }) {
        return format!(
            "the directory is in {} work tree",
            if test.work_tree == Some(true) { "no" } else { "a" }
        );
    }
    if fails(&GitTest { branch: test.branch.clone(), ..none() }) {
        return format!("the branch is not like {}", some(&test.branch));
    }
    let (precious_ignored, untracked) = (test.precious_ignored, test.untracked);
    let keys = [
        (test.modified, GitTest { modified: test.modified, ..none() }, "changes of tracked files"),
        (untracked, GitTest { untracked, ..none() }, "untracked files"),
        (precious_ignored, GitTest { precious_ignored, ..none() }, "ignored files that cannot be made again"),
        (test.ahead, GitTest { ahead: test.ahead, ..none() }, "commits that are not pushed"),
        (test.passing, GitTest { passing: test.passing, ..none() }, "a repository among temporary files"),
        (test.stashes, GitTest { stashes: test.stashes, ..none() }, "stashes"),
        (test.upstream, GitTest { upstream: test.upstream, ..none() }, "an upstream"),
        (test.seen, GitTest { seen: test.seen, ..none() }, "been looked at"),
    ];
    match keys.iter().find(|(_, only, _)| fails(only)) {
        Some((Some(true), _, what)) => format!("the work tree has no {}", what.trim_start_matches("an ")),
        Some((_, _, what)) => format!("the work tree has {what}"),
        None if test.unkept.is_some() => "nothing is lost with the branches or tags that it names".to_owned(),
        None => "nothing that it asks for stands at a path that it names".to_owned(),
    }
}

fn joined(words: &[Pattern]) -> String {
    words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ")
}

/// `a`, `b` or 7 others
fn some<T: AsRef<str>>(words: &[T]) -> String {
    let mut named: Vec<String> =
        words.iter().take(NAMED).map(|word| format!("`{}`", word.as_ref())).collect();
    if words.len() > NAMED {
        let others = words.len() - NAMED;
        named.push(format!("{others} other{}", if others == 1 { "" } else { "s" }));
    }
    match named.split_last() {
        None => "nothing that is known".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}

/// Words of the rule files.
fn each(values: &[impl Serialize]) -> Vec<String> {
    values.iter().map(word).collect()
}

/// A word of the rule files.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A condition as it is written, near enough to be found in its file.
fn shape(condition: &Condition) -> String {
    word(condition).replace(['"', '{', '}'], "").to_lowercase()
}
