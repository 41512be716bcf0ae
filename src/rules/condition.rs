//! A rule's condition, compiled from the `when` table into a tree of few kinds of leaf.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::list::{List, Pattern, Patterns};
use super::schema::{
    ArgsTest, EnvTest, GitTest, HttpTest, OptionTest, PathTest, PlaceWord, When,
};

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
    /// The number of positionals.
    Args(ArgsTest),
    /// A variable is set.
    Env(EnvTest),
    /// A change at a path.
    Path(PathTest),
    /// A request.
    Http(Box<HttpTest>),
    /// The state of the work tree.
    Git(GitTest),
    /// Where it happens.
    Place(Vec<PlaceWord>),
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
        Fault {
            offset,
            message: message.into(),
        }
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
    /// Every kind, those without conditions of their own too.
    pub const EVERY: Kinds = Kinds(15);

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
        call_leaves(table, offset, &mut leaves)?;
        if let Some(env) = &table.env {
            plain_names(&env.name, "a variable's name", offset)?;
            leaves.push(Condition::Env(env.clone()));
        }
        if let Some(path) = &table.path {
            not_empty(path, "path", offset)?;
            leaves.push(Condition::Path(path.clone()));
        }
        if let Some(http) = &table.http {
            not_empty(http.get_ref(), "http", http.span().start)?;
            check_http(http)?;
            leaves.push(Condition::Http(Box::new(http.get_ref().clone())));
        }
        if let Some(git) = &table.git {
            not_empty(git, "git", offset)?;
            leaves.push(Condition::Git(git.clone()));
        }
        if !table.place.is_empty() {
            leaves.push(Condition::Place(table.place.to_vec()));
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
            let message = "can never hold: a call, a path and a request are different actions; \
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
            | Condition::Args(_) => Kinds::CALL,
            Condition::Path(_) => Kinds::PATH,
            Condition::Http(_) => Kinds::REQUEST,
            Condition::Not(_)
            | Condition::Env(_)
            | Condition::Git(_)
            | Condition::Place(_)
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
fn call_leaves(table: &When, offset: usize, leaves: &mut Vec<Condition>) -> Result<(), Fault> {
    if !table.program.is_empty() {
        if let Some(name) = table.program.iter().find(|name| name.contains('/')) {
            let message = format!("a program is named by its base name, not `{}`", &**name);
            return Err(Fault::new(offset, message));
        }
        leaves.push(Condition::Program(table.program.clone()));
    }
    if !table.subcommand.is_empty() {
        let mut alternatives = Vec::new();
        for alternative in table.subcommand.iter() {
            let words = alternative.split_ascii_whitespace();
            let words = words.map(|word| Pattern::try_from(word.to_owned()));
            let words = words.collect::<Result<Vec<_>, _>>();
            let words = words.map_err(|message| Fault::new(offset, message))?;
            if words.is_empty() || words.iter().any(|word| word.starts_with('-')) {
                let message = format!("a subcommand is words, not `{alternative}`");
                return Err(Fault::new(offset, message));
            }
            alternatives.push(words);
        }
        leaves.push(Condition::Subcommand(alternatives));
    }
    let options = table.option.iter().flat_map(|option| option.name.iter());
    for flag in table.flag.iter().chain(table.without_flag.iter()).chain(options) {
        if flag.len() < 2 || !flag.starts_with(['-', '+', '/']) || flag.contains(['*', '?', '=']) {
            let message = format!("a flag is written like `-f` or `--force`, not `{flag}`");
            return Err(Fault::new(offset, message));
        }
    }
    if !table.flag.is_empty() {
        leaves.push(Condition::Flag(table.flag.to_vec()));
    }
    if !table.without_flag.is_empty() {
        leaves.push(Condition::WithoutFlag(table.without_flag.to_vec()));
    }
    if let Some(option) = &table.option {
        leaves.push(Condition::Option(option.clone()));
    }
    if !table.arg.is_empty() {
        leaves.push(Condition::Arg(table.arg.clone()));
    }
    if let Some(args) = &table.args {
        not_empty(args, "args", offset)?;
        if args.min.zip(args.max).is_some_and(|(min, max)| min > max) {
            return Err(Fault::new(offset, "`args` with `min` above `max` never holds"));
        }
        leaves.push(Condition::Args(args.clone()));
    }
    Ok(())
}

fn not_empty<T: Default + PartialEq>(test: &T, key: &str, offset: usize) -> Result<(), Fault> {
    if *test == T::default() {
        return Err(Fault::new(offset, format!("an empty `{key}` holds always")));
    }
    Ok(())
}

fn plain_names(names: &List<String>, what: &str, offset: usize) -> Result<(), Fault> {
    match names.iter().find(|name| name.contains(['*', '?'])) {
        Some(name) => Err(Fault::new(offset, format!("{what} is no pattern: `{name}`"))),
        None => Ok(()),
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
