//! A rule's condition, compiled from the `when` table into a tree of few kinds of leaf.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::model::EvidenceKind;

use super::list::{Pattern, Patterns};
use super::schema::{ArgsTest, EnvTest, GitTest, HttpTest, OptionTest, PathTest, PlaceWord, SqlTest, When};

/// A condition on one action. It holds, does not hold, or may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// All of them hold. A subcommand in it shifts the positionals of what stands after it.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The program called.
    Program(Patterns),
    /// The leading positionals; each alternative is a list of words.
    Subcommand(Vec<Vec<Pattern>>),
    /// One of these flags is given.
    Flag(Vec<String>),
    /// None of these flags is given.
    WithoutFlag(Vec<String>),
    /// An option is given with a value.
    Option(OptionTest),
    /// A positional matches.
    Arg(Patterns),
    /// A positional of which something is known matches.
    Written(Patterns),
    /// A positional that is known matches.
    Literal(Patterns),
    /// A positional stands for all things of a kind, or none does.
    Every(bool),
    /// The number of positionals.
    Args(ArgsTest),
    /// Something is put into the standard input, or nothing is.
    Input(bool),
    /// A variable is set.
    Env(EnvTest),
    /// A change at a path.
    Path(PathTest),
    /// A request.
    Http(Box<HttpTest>),
    /// An SQL statement.
    Sql(Box<SqlTest>),
    /// The state of the work tree.
    Git(GitTest),
    /// Where it happens.
    Place(Vec<PlaceWord>),
    /// Nobody needs what it drops, or that cannot be told.
    Scratch(bool),
    /// Something of one of these kinds was seen.
    Evidence(Vec<EvidenceKind>),
    /// A regular expression over the source.
    Text(String),
}

/// What is wrong with a condition, at a byte offset of the file.
#[derive(Debug)]
pub struct Fault {
    /// Byte offset.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// A fault at an offset.
    pub fn new(offset: usize, message: impl Into<String>) -> Fault {
        Fault { offset, message: message.into() }
    }
}

/// The kinds of action that a condition can hold of, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// A program call.
    pub const CALL: Kinds = Kinds(1);
    /// A change at a path.
    pub const PATH: Kinds = Kinds(2);
    /// A request.
    pub const REQUEST: Kinds = Kinds(4);
    /// An SQL statement.
    pub const STATEMENT: Kinds = Kinds(8);
    /// Every kind, those without conditions of their own too.
    pub const EVERY: Kinds = Kinds(31);

    fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl Condition {
    /// Compiles a `when` table.
    pub fn compile(when: &Spanned<When>) -> Result<Condition, Fault> {
        let offset = when.span().start;
        let table = when.get_ref();
        let mut leaves = Vec::new();
        call_leaves(table, &mut leaves)?;
        if let Some(env) = &table.env {
            if let Some(name) = env.get_ref().name.iter().find(|name| name.contains(['*', '?'])) {
                let message = format!("a variable's name is no pattern: `{name}`");
                return Err(Fault::new(env.span().start, message));
            }
            leaves.push(Condition::Env(env.get_ref().clone()));
        }
        if let Some(path) = &table.path {
            leaves.push(Condition::Path(not_empty(path)?.clone()));
        }
        if let Some(http) = &table.http {
            check_http(http)?;
            leaves.push(Condition::Http(Box::new(not_empty(http)?.clone())));
        }
        if let Some(sql) = &table.sql {
            leaves.push(Condition::Sql(Box::new(not_empty(sql)?.clone())));
        }
        if let Some(git) = &table.git {
            leaves.push(Condition::Git(not_empty(git)?.clone()));
        }
        if !table.place.is_empty() {
            leaves.push(Condition::Place(table.place.to_vec()));
        }
        if let Some(scratch) = table.scratch {
            leaves.push(Condition::Scratch(scratch));
        }
        if !table.evidence.is_empty() {
            leaves.push(Condition::Evidence(table.evidence.to_vec()));
        }
        if let Some(text) = &table.text {
            leaves.push(Condition::Text(text.get_ref().clone()));
        }
        for (key, tables) in [("all", &table.all), ("any", &table.any)] {
            let Some(tables) = tables else { continue };
            if tables.get_ref().is_empty() {
                let message = format!("an empty `{key}` never holds");
                return Err(Fault::new(tables.span().start, message));
            }
            let inner = tables.get_ref().iter().map(Condition::compile);
            let inner = inner.collect::<Result<Vec<_>, _>>()?;
            match key {
                "all" => leaves.extend(inner),
                _ => leaves.push(Condition::Any(inner)),
            }
        }
        if let Some(not) = &table.not {
            leaves.push(Condition::Not(Box::new(Condition::compile(not)?)));
        }
        let condition = match leaves.len() {
            0 => return Err(Fault::new(offset, "a condition without keys holds always")),
            1 => leaves.remove(0),
            _ => Condition::All(leaves),
        };
        if condition.kinds().is_none() {
            let message = "can never hold: a call, a path, a request and a statement are different actions; \
                           use one kind of key, or `any`";
            return Err(Fault::new(offset, message));
        }
        Ok(condition)
    }

    /// The kinds of action that it can hold of.
    pub fn kinds(&self) -> Kinds {
        match self {
            Condition::All(all) => all.iter().fold(Kinds::EVERY, |k, c| k.and(c.kinds())),
            Condition::Any(any) => any.iter().fold(Kinds(0), |k, c| k.or(c.kinds())),
            Condition::Program(_)
            | Condition::Subcommand(_)
            | Condition::Flag(_)
            | Condition::WithoutFlag(_)
            | Condition::Option(_)
            | Condition::Arg(_)
            | Condition::Written(_)
            | Condition::Literal(_)
            | Condition::Every(_)
            | Condition::Args(_)
            | Condition::Input(_) => Kinds::CALL,
            Condition::Path(_) => Kinds::PATH,
            Condition::Http(_) => Kinds::REQUEST,
            Condition::Sql(_) => Kinds::STATEMENT,
            Condition::Not(_)
            | Condition::Env(_)
            | Condition::Git(_)
            | Condition::Place(_)
            | Condition::Scratch(_)
            | Condition::Evidence(_)
            | Condition::Text(_) => Kinds::EVERY,
        }
    }

    /// Calls `visit` for every node of the tree.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Condition)) {
        visit(self);
        match self {
            Condition::All(inner) | Condition::Any(inner) => {
                inner.iter().for_each(|condition| condition.each(visit));
            }
            Condition::Not(inner) => inner.each(visit),
            _ => {}
        }
    }
}

/// The leaves about a program call, in the order in which they are tried.
fn call_leaves(table: &When, leaves: &mut Vec<Condition>) -> Result<(), Fault> {
    if let Some(program) = &table.program {
        if let Some(name) = program.get_ref().iter().find(|name| name.contains('/')) {
            let message = format!("a program is named by its base name, not `{}`", &**name);
            return Err(Fault::new(program.span().start, message));
        }
        leaves.push(Condition::Program(program.get_ref().clone()));
    }
    if let Some(subcommand) = &table.subcommand {
        let alternatives = subcommand.get_ref().iter().map(|words| words_of(words));
        let alternatives = alternatives.collect::<Result<Vec<_>, _>>();
        let alternatives = alternatives.map_err(|message| Fault::new(subcommand.span().start, message))?;
        leaves.push(Condition::Subcommand(alternatives));
    }
    if let Some(flag) = &table.flag {
        check_flags(flag.get_ref(), flag.span().start)?;
        leaves.push(Condition::Flag(flag.get_ref().to_vec()));
    }
    if let Some(flag) = &table.without_flag {
        check_flags(flag.get_ref(), flag.span().start)?;
        leaves.push(Condition::WithoutFlag(flag.get_ref().to_vec()));
    }
    if let Some(option) = &table.option {
        check_flags(&option.get_ref().name, option.span().start)?;
        leaves.push(Condition::Option(option.get_ref().clone()));
    }
    if !table.arg.is_empty() {
        leaves.push(Condition::Arg(table.arg.clone()));
    }
    if !table.written.is_empty() {
        leaves.push(Condition::Written(table.written.clone()));
    }
    if !table.literal.is_empty() {
        leaves.push(Condition::Literal(table.literal.clone()));
    }
    if let Some(every) = table.every {
        leaves.push(Condition::Every(every));
    }
    if let Some(input) = table.input {
        leaves.push(Condition::Input(input));
    }
    if let Some(args) = &table.args {
        let test = not_empty(args)?;
        if test.min.zip(test.max).is_some_and(|(min, max)| min > max) {
            let message = "`min` above `max` never holds";
            return Err(Fault::new(args.span().start, message));
        }
        leaves.push(Condition::Args(test.clone()));
    }
    Ok(())
}

/// The words of a subcommand.
fn words_of(subcommand: &str) -> Result<Vec<Pattern>, String> {
    let words = subcommand.split_ascii_whitespace();
    let words: Vec<Pattern> =
        words.map(|word| Pattern::try_from(word.to_owned())).collect::<Result<_, _>>()?;
    match words.is_empty() || words.iter().any(|word| word.starts_with('-')) {
        true => Err(format!("a subcommand is words, not `{subcommand}`")),
        false => Ok(words),
    }
}

fn check_flags(flags: &[String], offset: usize) -> Result<(), Fault> {
    let odd = |flag: &&String| {
        flag.len() < 2 || !flag.starts_with(['-', '+', '/']) || flag.contains(['*', '?', '='])
    };
    match flags.iter().find(odd) {
        Some(flag) => {
            let message = format!("a flag is written like `-f` or `--force`, not `{flag}`");
            Err(Fault::new(offset, message))
        }
        None => Ok(()),
    }
}

fn not_empty<T: Default + PartialEq>(test: &Spanned<T>) -> Result<&T, Fault> {
    match *test.get_ref() == T::default() {
        true => Err(Fault::new(test.span().start, "an empty table holds always")),
        false => Ok(test.get_ref()),
    }
}

fn check_http(http: &Spanned<HttpTest>) -> Result<(), Fault> {
    let offset = http.span().start;
    let test = http.get_ref();
    if let Some(host) = test.host.iter().find(|host| host.contains(|c: char| c.is_uppercase())) {
        let message = format!("a host is lower case, not `{}`", &**host);
        return Err(Fault::new(offset, message));
    }
    if let Some(method) = test.method.iter().find(|m| m.contains(|c: char| c.is_lowercase())) {
        let message = format!("a method is upper case, not `{}`", &**method);
        return Err(Fault::new(offset, message));
    }
    Ok(())
}
