//! What calls do: the kinds of effects, and how their arguments are read.

use std::rc::Rc;

use super::reader::{Reader, read_from};
use super::send::{self, Send};
use super::value::{Args, Made, Value, join};
use super::{database, hand, library, narrow, sdk, written};
use crate::actions::CodeEffect;
use crate::actions::graphql;
use crate::actions::wire;
use crate::model::{Body, Call, Input, PathEffect, PathOp, Piece, Shape, Text};

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
    /// Runs the text among its arguments as code: the first, or (`new Function("a", "code")`) the
    /// last.
    Code(Which),
    /// Writes text to a connection: a request, if it reads as one.
    Raw,
    /// Hands text to a program that was started with an open standard input.
    Feed,
    /// Opens a descriptor; what it does depends on the flags.
    Descriptor,
    /// Runs the code of a file.
    File,
    /// Runs a module by its name: one of the project's own, or (`runpy`) as a program.
    Module,
    /// Changes the directory.
    Directory,
    /// Sends a signal to a process.
    Kill,
    /// Adds to the body of a request that was begun.
    Body,
    /// Writes its arguments to the file that the receiver, or `file=`, was opened for.
    Write,
}

/// Which of several arguments.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    First,
    Last,
}

/// The functions that do something, by their full names.
pub(super) type Table = &'static [(&'static str, Sink)];

/// Functions that read text as a shell does without starting one for sure, or type it elsewhere.
const OWN_SHELLS: [&str; 6] = ["$", "$.sync", "Bun.$", "bun.$", "dax.$", "pexpect.spawn().sendline"];

/// Of longer lists the first are looked at.
pub(super) const ITEMS: usize = 100;

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
            call(reader, site, name.text(), argv.iter().skip(1), CodeEffect::Call);
        }
        Sink::Tool(name) => {
            let spread = site.args.positional.iter().flat_map(|arg| match arg {
                Value::List(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            });
            // `child_process.fork`; all else the library does itself.
            let does = if name == "node" { CodeEffect::Call } else { CodeEffect::Like };
            call(reader, site, name.into(), spread, does);
        }
        Sink::Paths(rows) => {
            let nowhere =
                rows.len() > 1 && site.args.positional.iter().any(|arg| arg.as_known() == Some("/dev/null"));
            for (at, op, reach) in rows {
                let op = if nowhere && *op == PathOp::MoveAway { &PathOp::Delete } else { op };
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
        Sink::Code(which) => {
            let mut texts = site.args.positional.iter();
            let code = match which {
                Which::First => texts.next(),
                Which::Last => texts.rfind(|value| matches!(value, Value::Text(_))),
            };
            match code {
                Some(Value::Text(text)) => {
                    if let Some(code) = text.as_known() {
                        reader.nested(code);
                    }
                }
                Some(Value::Made(made)) => {
                    if let Some(path) = read_from(made) {
                        reader.found(CodeEffect::File { path, own: false });
                    }
                }
                _ => {}
            }
        }
        Sink::File => {
            if let Some(path) = site.args.positional.first() {
                reader.found(CodeEffect::File { path: path.text(), own: false });
            }
        }
        Sink::Module => {
            reader.imports.extend(site.args.positional.first().and_then(Value::as_known).map(str::to_owned));
            library::module(site.name, site.args).into_iter().for_each(|file| reader.found(file));
        }
        Sink::Raw => {
            let text = site.args.positional.first().map(Value::text).unwrap_or_default();
            let host = site.receiver.map(|made| peer(made.root())).unwrap_or_default();
            for call in wire::calls(&text, &host) {
                reader.found(CodeEffect::Like(call));
            }
            for request in crate::actions::http::written(&text, host) {
                reader.found(CodeEffect::Request(request));
            }
        }
        Sink::Feed => {
            let text = site.args.get(0, "input").map(Value::text);
            let started = site.receiver.and_then(|made| {
                let words = made.root().args.get(0, "args")?.clone();
                Some((words, made.root()))
            });
            if let (Some(text), Some((words, root))) = (text, started) {
                let list = words.items().map(<[Value]>::to_vec);
                let mut words = list.unwrap_or_else(|| vec![words.clone()]).into_iter();
                let program = words.next().map(|word| word.text()).unwrap_or_default();
                let args: Vec<Text> = match root.args.positional.get(1).and_then(Value::items) {
                    Some(more) => more.iter().map(Value::text).collect(),
                    None => words.map(|word| word.text()).collect(),
                };
                let input = Input::Text(text.into());
                reader.found(CodeEffect::Call(Call { program, args, input, ..Call::default() }));
            }
        }
        Sink::Descriptor => {
            let flags = site.args.get(1, "flags").map(Value::text).unwrap_or_default().display();
            if let Some(target) = site.args.get(0, "path").filter(|_| flags.contains("O_TRUNC")) {
                path(reader, site.name, target.text(), PathOp::Empty, false, None);
            }
        }
        Sink::Directory => {
            let path = site.args.positional.first().map(Value::text).unwrap_or_default();
            reader.directory = Some(match &reader.directory {
                Some(directory) => join(directory, &path),
                None => path,
            });
        }
        Sink::Kill => library::kill(site.args).into_iter().for_each(|call| reader.found(call)),
        Sink::Write => written::write(reader, site),
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

fn call<'v>(
    reader: &mut Reader,
    site: &Site,
    program: Text,
    words: impl Iterator<Item = &'v Value>,
    does: fn(Call) -> CodeEffect,
) {
    let mut call = Call { program, args: words.map(Value::text).collect(), ..Call::default() };
    if let Some(Value::Text(input)) = site.option(1, "input") {
        call.input = Input::Text(input.into());
    }
    if let Some(directory) = started_in(reader, site) {
        let program = std::mem::replace(&mut call.program, "env".into());
        call.args.splice(0..0, ["-C".into(), directory, program]);
    }
    reader.found(does(call));
}

/// Within quotes a shell expands no pattern: what stands for a name is then not known.
fn quoted_patterns(command: Text) -> Text {
    if !command.has_glob() {
        return command;
    }
    let mut out = Text::default();
    let mut quote = None;
    for piece in command.pieces() {
        match piece {
            Piece::Known(text) => {
                for c in text.chars().filter(|c| matches!(c, '"' | '\'')) {
                    quote = match quote {
                        None => Some(c),
                        Some(open) if open == c => None,
                        open => open,
                    };
                }
                out.push_str(text);
            }
            Piece::Glob(text) if quote.is_some() => out.append(&Text::hole(text, Shape::Any)),
            other => out.push(other.clone()),
        }
    }
    out
}

fn shell(reader: &mut Reader, site: &Site, command: Text) {
    let command = quoted_patterns(command);
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
    let own = OWN_SHELLS.contains(&site.name);
    reader.found(if own { CodeEffect::OwnShell(command) } else { CodeEffect::Shell(command) });
}

/// `subprocess.run(["a", "b"])`, `subprocess.run("a b", shell=True)`.
fn words(reader: &mut Reader, site: &Site) {
    let given = site.args.get(0, "args").filter(|value| !matches!(value, Value::Map(_)));
    let Some(words) = given.cloned().or_else(|| site.option(0, "cmd")) else {
        return;
    };
    let in_shell = site.is_set(usize::MAX, "shell");
    let executable = site.option(1, "executable").filter(|value| !in_shell && !matches!(value, Value::Null));
    match &words {
        Value::List(items) if executable.is_some() => {
            let program = executable.map(|value| value.text()).unwrap_or_default();
            call(reader, site, program, items.iter().skip(1), CodeEffect::Call);
        }
        Value::List(items) if in_shell => {
            if let Some(command) = items.first() {
                shell(reader, site, command.text());
            }
        }
        Value::List(items) => {
            if let Some((program, rest)) = items.split_first() {
                call(reader, site, program.text(), rest.iter(), CodeEffect::Call);
            }
        }
        other if in_shell => shell(reader, site, other.text()),
        Value::Text(_) => call(reader, site, words.text(), std::iter::empty(), CodeEffect::Call),
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
    // execa`rm -rf x`
    let line =
        list.is_empty() && site.name.starts_with("execa") && program.text().known_start().contains(' ');
    if line || site.is_set(1, "shell") {
        let mut command = program.text();
        for word in &list {
            command.push_str(" ");
            command.append(&word.text());
        }
        shell(reader, site, command);
        return;
    }
    call(reader, site, program.text(), list.iter(), CodeEffect::Call);
}

fn paths(reader: &mut Reader, site: &Site, at: At, op: PathOp, recursive: bool) {
    let value = match at {
        At::Receiver => site.receiver.map(|made| Value::Text(receiver_path(made))),
        At::Arg(at, name) => site.args.get(at, name).cloned(),
    };
    // A stream that is opened and not kept has nothing written to it.
    let op = match site.name {
        "fs.createWriteStream" if reader.unused => PathOp::Empty,
        _ => op,
    };
    let content = matches!(op, PathOp::Overwrite | PathOp::Modify).then(|| match at {
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
        let patterns = site.name.starts_with("del") || site.name.starts_with("rimraf");
        let named = if patterns { narrow::found(&value.text(), true) } else { vec![value.text()] };
        for named in named {
            path(reader, site.name, named, op, recursive, content.clone());
        }
    }
}

pub(super) fn receiver_path(made: &Made) -> Text {
    made.args.positional.first().map(Value::text).unwrap_or_default()
}

fn path(reader: &mut Reader, by: &str, path: Text, op: PathOp, recursive: bool, content: Option<Text>) {
    let emptied = op == PathOp::Overwrite && content.as_ref().and_then(Text::as_known) == Some("");
    // Where nothing is known of a path's start, it is mostly one that is made: a marker, a lock.
    let unknown = path.pieces().first().is_none_or(|piece| match piece {
        Piece::Hole(hole) => hole.shape == Shape::Any,
        _ => false,
    });
    let op = match op {
        PathOp::Empty if unknown => PathOp::Overwrite,
        _ if emptied && !unknown => PathOp::Empty,
        op => op,
    };
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
            Some(mode) if mode.contains('w') && reader.unused => Some(PathOp::Empty),
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

/// `open(path, "w").write(text)`, `print(text, file=opened)`: what the opened file will hold.
/// The host to which a call connects: `create_connection(("h", 80))`, `net.connect(80, "h")`.
fn peer(made: &Made) -> Text {
    let positional = &made.args.positional;
    let in_map = || positional.iter().find_map(|value| value.key("host"));
    match (positional.first(), positional.get(1)) {
        (Some(Value::List(pair)), _) => pair.first().map(Value::text).unwrap_or_default(),
        (Some(Value::Number(_)), Some(host @ Value::Text(_))) => host.text(),
        (Some(Value::Number(_)), _) => "localhost".into(),
        _ => in_map().map_or_else(|| Text::hole("host", Shape::Any), |host| host.text()),
    }
}

/// Looks a function up in a table.
pub(super) fn find(table: Table, name: &str) -> Option<Sink> {
    table.iter().find(|(known, _)| *known == name).map(|(_, sink)| *sink)
}

/// Applies the sink of a call, if it has one.
pub(super) fn run(reader: &mut Reader, table: Table, callee: &Value, args: &Args, id: usize, json: bool) {
    let name = callee.callee();
    // The module `sh` has a function for each program: `sh.rm("-rf", "x")`, `sh.git.reset("--hard")`.
    let module = ["sh.", "plumbum.cmd."];
    if let Some(words) = name.as_deref().and_then(|name| module.iter().find_map(|m| name.strip_prefix(m)))
        && !words.trim_end_matches("()").contains("()")
    {
        let words = words.trim_end_matches("()");
        let mut words = words.split('.').map(Value::known);
        let program = words.next().map(|program| program.text()).unwrap_or_default();
        let given = match callee {
            Value::Made(made) => made.args.positional.as_slice(),
            _ => &[],
        };
        let words: Vec<Value> = words.chain(given.iter().chain(&args.positional).cloned()).collect();
        let site = Site { name: "sh", args, receiver: None, id, json };
        return call(reader, &site, program, words.iter(), CodeEffect::Call);
    }
    let known = name.as_deref().and_then(|name| Some((find(table, name)?, name)));
    let Some((sink, name)) = known else {
        if let Some((function, args)) = hand::bound(callee, args) {
            return run(reader, table, &function, &args, id, json);
        }
        database::send(reader, callee, args);
        sdk::send(reader, callee, args);
        library::send(reader, callee, args);
        return hand::over(reader, table, callee, args, id, json);
    };
    let receiver: Option<Rc<Made>> = match callee {
        Value::Method(receiver, _) => match &**receiver {
            Value::Made(made) => Some(Rc::clone(made)),
            _ => None,
        },
        _ => None,
    };
    let site = Site { name, args, receiver: receiver.as_deref(), id, json };
    apply(reader, sink, &site);
}
