//! What calls do: the kinds of effects, and how their arguments are read.

use std::rc::Rc;

use super::reader::Reader;
use super::send::{self, Send};
use super::value::{Args, Made, Value, join};
use crate::actions::CodeEffect;
use crate::actions::graphql;
use crate::model::{Body, Call, Input, PathEffect, PathOp, Text};

/// What a call of a known function does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sink {
    /// Hands its first argument to a shell.
    Shell,
    /// Starts a list of words without a shell, or hands text to one (`subprocess.run`).
    Words,
    /// Starts a program with a list of words and options (`child_process.spawn`).
    Program,
    /// Replaces itself by a program: the program at this position, then its words with `argv[0]`,
    /// in a list or each an argument.
    Exec(usize),
    /// Stands for a call of this program with the arguments as its words.
    Tool(&'static str),
    /// Changes paths.
    Paths(&'static [(At, PathOp, Reach)]),
    /// Opens a file; what it does depends on the mode.
    Open,
    /// Sends a request.
    Send(Send),
    /// Runs its first argument as code.
    Code,
    /// Changes the directory.
    Directory,
    /// Adds to the body of a request that was begun.
    Body,
}

/// Where a path stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// What the method is called on.
    Receiver,
    /// The argument of that position or keyword.
    Arg(usize, &'static str),
}

/// How far a change reaches.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// The path itself.
    One,
    /// All that is below it too.
    Below,
    /// As the option `recursive` of the following argument says.
    Option,
}

/// A call as a sink sees it.
pub(super) struct Site<'v> {
    /// The full name of what is called.
    pub name: &'v str,
    /// With what.
    pub args: &'v Args,
    /// What the method is called on.
    pub receiver: Option<&'v Made>,
    /// Which call.
    pub id: usize,
    /// A dictionary as data is sent as JSON, not as a form.
    pub json: bool,
}

impl Site<'_> {
    /// An option: a keyword, or a key of an object among the arguments from `from` on.
    pub fn option(&self, from: usize, name: &str) -> Option<Value> {
        if let Some(value) = self.args.named(name) {
            return Some(value.clone());
        }
        let mut objects = self.args.positional.iter().skip(from);
        objects.find_map(|value| value.key(name))
    }

    /// Whether an option is or may be set.
    fn is_set(&self, from: usize, name: &str) -> bool {
        self.option(from, name).is_some_and(|value| value.truth() != Some(false))
    }
}

/// Adds what a call does.
pub(super) fn apply(reader: &mut Reader, sink: Sink, site: &Site) {
    match sink {
        Sink::Shell => {
            if let Some(command) = site.args.positional.first().or_else(|| site.args.named("command")) {
                shell(reader, site, command.text());
            }
        }
        Sink::Words => words(reader, site),
        Sink::Program => program(reader, site),
        Sink::Exec(at) => {
            let Some(name) = site.args.positional.get(at) else {
                return;
            };
            let argv = match site.args.positional.get(at + 1) {
                Some(Value::List(items)) => items.to_vec(),
                _ => site.args.positional[at + 1..].to_vec(),
            };
            call(reader, site, name.text(), argv.iter().skip(1));
        }
        Sink::Tool(name) => {
            let spread = site.args.positional.iter().flat_map(|arg| match arg {
                Value::List(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            });
            call(reader, site, name.into(), spread);
        }
        Sink::Paths(rows) => {
            for (at, op, reach) in rows {
                let recursive = match reach {
                    Reach::One => false,
                    Reach::Below => true,
                    Reach::Option => site.is_set(1, "recursive"),
                };
                paths(reader, site, *at, *op, recursive);
            }
        }
        Sink::Open => open(reader, site),
        Sink::Send(send) => send::request(reader, send, site),
        Sink::Code => {
            // `new Function("a", "code")`: the code comes last.
            if let Some(code) = site.args.positional.iter().filter_map(Value::as_known).next_back() {
                reader.nested(code);
            }
        }
        Sink::Directory => {
            let path = site.args.positional.first().map(Value::text).unwrap_or_default();
            reader.directory = Some(match &reader.directory {
                Some(directory) => join(directory, &path),
                None => path,
            });
        }
        Sink::Body => {
            let begun = site.receiver.and_then(|made| reader.pending.get(&made.id)).copied();
            let part = site.args.positional.first().filter(|value| !matches!(value, Value::Null));
            if let (Some(index), Some(part)) = (begun, part)
                && let Some(CodeEffect::Request(request)) = reader.effects.get_mut(index)
            {
                let mut whole = match &request.body {
                    Body::Text { text, .. } => text.clone(),
                    _ => Text::default(),
                };
                whole.append(&part.text());
                request.body = graphql::body(whole);
            }
        }
    }
}

/// The directory that a call's options name for what it starts.
fn started_in(reader: &Reader, site: &Site) -> Option<Text> {
    let given = site.option(1, "cwd").filter(|value| !matches!(value, Value::Null));
    match (given.map(|value| value.text()), &reader.directory) {
        (Some(given), Some(directory)) => Some(join(directory, &given)),
        (given, directory) => given.or_else(|| directory.clone()),
    }
}

fn call<'v>(reader: &mut Reader, site: &Site, program: Text, words: impl Iterator<Item = &'v Value>) {
    let mut call = Call { program, args: words.map(Value::text).collect(), ..Call::default() };
    if let Some(Value::Text(input)) = site.option(1, "input") {
        call.input = Input::Text(input);
    }
    if let Some(directory) = started_in(reader, site) {
        let program = std::mem::replace(&mut call.program, "env".into());
        call.args.splice(0..0, ["-C".into(), directory, program]);
    }
    reader.found(CodeEffect::Call(call));
}

fn shell(reader: &mut Reader, site: &Site, command: Text) {
    let command = match started_in(reader, site) {
        Some(directory) => {
            let mut whole = Text::known("cd ");
            match directory.as_known() {
                Some(known) => whole.push_str(&shell_words::quote(known)),
                None => whole.append(&directory),
            }
            whole.push_str(" && ");
            whole.append(&command);
            whole
        }
        None => command,
    };
    reader.found(CodeEffect::Shell(command));
}

/// `subprocess.run(["a", "b"])`, `subprocess.run("a b", shell=True)`.
fn words(reader: &mut Reader, site: &Site) {
    let given = site.args.get(0, "args").filter(|value| !matches!(value, Value::Map(_)));
    let Some(words) = given.cloned().or_else(|| site.option(0, "cmd")) else {
        return;
    };
    let in_shell = site.is_set(usize::MAX, "shell");
    match &words {
        Value::List(items) if in_shell => {
            if let Some(command) = items.first() {
                shell(reader, site, command.text());
            }
        }
        Value::List(items) => {
            if let Some((program, rest)) = items.split_first() {
                call(reader, site, program.text(), rest.iter());
            }
        }
        other if in_shell => shell(reader, site, other.text()),
        Value::Text(_) => call(reader, site, words.text(), std::iter::empty()),
        other => reader.found(CodeEffect::Call(Call {
            program: other.text(),
            args: vec![other.text().into_many()],
            ..Call::default()
        })),
    }
}

/// `spawn("rm", ["-rf", path], { shell: true })`.
fn program(reader: &mut Reader, site: &Site) {
    let Some(program) = site.args.positional.first() else {
        return;
    };
    let list = match site.args.positional.get(1) {
        Some(Value::List(items)) => items.to_vec(),
        Some(Value::Map(_)) | None => {
            site.option(1, "args").and_then(|args| args.items().map(<[Value]>::to_vec)).unwrap_or_default()
        }
        Some(_) => {
            let words = site.args.positional.iter().skip(1);
            words.filter(|word| !matches!(word, Value::Map(_) | Value::Null)).cloned().collect()
        }
    };
    if site.is_set(1, "shell") {
        let mut command = program.text();
        for word in &list {
            command.push_str(" ");
            command.append(&word.text());
        }
        shell(reader, site, command);
        return;
    }
    call(reader, site, program.text(), list.iter());
}

fn paths(reader: &mut Reader, site: &Site, at: At, op: PathOp, recursive: bool) {
    let value = match at {
        At::Receiver => site.receiver.map(|made| Value::Text(receiver_path(made))),
        At::Arg(at, name) => site.args.get(at, name).cloned(),
    };
    let content = matches!(op, PathOp::Overwrite).then(|| match at {
        At::Receiver => site.args.positional.first(),
        At::Arg(0, _) => site.args.positional.get(1),
        At::Arg(..) => None,
    });
    let content = content.flatten().and_then(|value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    });
    let Some(value) = value else {
        return;
    };
    for value in value.items().unwrap_or(std::slice::from_ref(&value)) {
        path(reader, site.name, value.text(), op, recursive, content.clone());
    }
}

fn receiver_path(made: &Made) -> Text {
    made.args.positional.first().map(Value::text).unwrap_or_default()
}

fn path(reader: &mut Reader, by: &str, path: Text, op: PathOp, recursive: bool, content: Option<Text>) {
    let path = match &reader.directory {
        Some(directory) => join(directory, &path),
        None => path,
    };
    reader.found(CodeEffect::Path(PathEffect {
        op,
        path,
        recursive,
        by: by.to_owned(),
        content,
        span: None,
    }));
}

/// `open(path, "w")`, `Path(path).open("w")`.
fn open(reader: &mut Reader, site: &Site) {
    let (target, mode) = match site.receiver {
        Some(made) => (Some(receiver_path(made)), site.args.get(0, "mode")),
        None => (site.args.get(0, "file").map(Value::text), site.args.get(1, "mode")),
    };
    let op = match mode.map(Value::text) {
        None => None,
        Some(mode) => match mode.as_known() {
            Some(mode) if mode.contains('w') => Some(PathOp::Overwrite),
            Some(mode) if mode.contains(['a', '+']) => Some(PathOp::Modify),
            Some(_) => None,
            None => Some(PathOp::Overwrite),
        },
    };
    if let (Some(target), Some(op)) = (target, op) {
        path(reader, site.name, target, op, false, None);
    }
}

/// Looks a function up in a table.
pub(super) fn find(table: &'static [(&'static str, Sink)], name: &str) -> Option<Sink> {
    table.iter().find(|(known, _)| *known == name).map(|(_, sink)| *sink)
}

/// Applies the sink of a call, if it has one.
pub(super) fn run(
    reader: &mut Reader,
    table: &'static [(&'static str, Sink)],
    callee: &Value,
    args: &Args,
    id: usize,
    json: bool,
) {
    let known = callee.callee().and_then(|name| Some((find(table, &name)?, name)));
    let Some((sink, name)) = known else {
        return sql(reader, callee, args);
    };
    let receiver: Option<Rc<Made>> = match callee {
        Value::Method(receiver, _) => match &**receiver {
            Value::Made(made) => Some(Rc::clone(made)),
            _ => None,
        },
        _ => None,
    };
    let site = Site { name: &name, args, receiver: receiver.as_deref(), id, json };
    apply(reader, sink, &site);
}

/// The methods that send SQL, whatever the library.
const SENDS_SQL: &[&str] = &[
    "execute",
    "executemany",
    "executescript",
    "exec",
    "raw",
    "query",
    "run",
    "prepare",
    "unsafe",
    "batch",
    "sql",
    "exec_driver_sql",
    "read_sql",
    "read_sql_query",
    "$executeRaw",
    "$executeRawUnsafe",
    "$queryRaw",
    "$queryRawUnsafe",
    "simple_query",
    "mogrify",
];

/// Text handed to a method by such a name, where nothing else is known of it: what is no SQL is
/// told by its first word.
fn sql(reader: &mut Reader, callee: &Value, args: &Args) {
    let (method, receiver) = match callee {
        Value::Method(receiver, method) => (method.as_str(), Some(&**receiver)),
        Value::Name(name) | Value::Unknown(name) => (name.rsplit('.').next().unwrap_or(name), None),
        _ => return,
    };
    if !SENDS_SQL.contains(&method) {
        return;
    }
    let text = match args.positional.first() {
        Some(Value::Text(text)) => text.clone(),
        // `text("…")`, `sql.SQL("…")`.
        Some(Value::Made(made)) => match made.args.positional.first() {
            Some(Value::Text(text)) => text.clone(),
            _ => return,
        },
        Some(object) => match object.key("text").or_else(|| object.key("sql")) {
            Some(Value::Text(text)) => text,
            _ => return,
        },
        None => return,
    };
    let database = match receiver {
        Some(Value::Made(made)) => match made.args.positional.first() {
            Some(Value::Map(_)) => made.args.positional[0].key("connectionString"),
            Some(Value::Null) | None => {
                ["dsn", "url", "database"].iter().find_map(|name| made.args.named(name).cloned())
            }
            given => given.cloned(),
        },
        _ => None,
    };
    reader.found(CodeEffect::Sql { text, database: database.map(|database| database.text()) });
}
