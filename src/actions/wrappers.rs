//! Peels one layer off a call that runs another command: `sudo rm x` to `rm x`.
//!
//! Most wrappers are rows of a table; those with a grammar of their own are in `special`.
//! Shells and interpreters are entered by [`super::shells`] and [`super::interpreters`].

mod consoles;
mod find;
mod git;
mod handed;
mod packages;
mod parallel;
mod scan;
mod special;
mod table;

use std::collections::HashSet;

use crate::model::{Call, Input, Match, Piece, Place, Shape, Span, Text, Via};
use crate::syntax::Dialect;

use super::{Entered, Inner, Mounts, called, interpreters, remote, shells};
pub(super) use scan::{Grammar, Reading, is_one_of, tail};
pub(super) use special::kinds;
pub(super) use table::DOCKER_RUN;
use table::{Rest, Where, Wrapper};

/// What a call would run: one layer, empty where the call is no wrapper.
///
/// What comes out may be a wrapper itself: the caller enters it again until nothing more comes.
pub fn enter(call: &Call, dialect: Dialect) -> Vec<Entered> {
    let Some(name) = call.name() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if matches!(name, "gnuplot" | "ruby") {
        handed::enter(call, name, &mut out);
    }
    if shells::enter(call, name, dialect, &mut out)
        || interpreters::enter(call, name, &mut out)
        || special::enter(call, name, &mut out)
        || remote::enter(call, name, &mut out)
    {
        return out;
    }
    handed::enter(call, name, &mut out);
    let mut entered = false;
    for row in table::rows(name) {
        if row.subs.is_empty() && entered {
            break;
        }
        entered |= peel(row, call, name, &mut out) && !row.subs.is_empty();
    }
    if !entered && out.is_empty() {
        packages::enter(call, name, &mut out);
    }
    out
}

/// What settings of git's, each as `KEY=VALUE`, make a call of it run; its subcommand stands at `at`.
pub(super) fn git_settings(call: &Call, at: usize, settings: &[Text]) -> Vec<Entered> {
    let mut out = Vec::new();
    git::apply(call, at, settings, &mut out);
    out
}

/// Peels a row's layer; false where the row's subcommand is not given.
fn peel(row: &'static Wrapper, call: &Call, name: &str, out: &mut Vec<Entered>) -> bool {
    let (title, from, certainty) = if row.subs.is_empty() {
        (name.to_owned(), 0, Match::Yes)
    } else {
        match subcommand(row, &call.args) {
            Some((sub, from, certainty)) => (format!("{name} {sub}"), from, certainty),
            None => return false,
        }
    };
    let args = &call.args;
    let dashes = match row.rest {
        Rest::Dashed => args.iter().skip(from).position(|a| a.as_known() == Some("--")).map(|i| i + from),
        _ => None,
    };
    let grammar = Grammar {
        options: row.options,
        operands: row.operands,
        operand_is: row.operand_is,
        interspersed: row.interspersed,
        assignments: row.assignments,
    };
    let readings = grammar.scan(&args[..dashes.unwrap_or(args.len())], from);
    if readings.truncated {
        out.push(layer(&title, Inner::Unknown(format!("the command in the words of `{title}`"))));
    }
    for mut reading in readings.list {
        reading.certainty = reading.certainty.and(certainty);
        if let Some(dashes) = dashes {
            reading.command = dashes + 1;
        } else if row.rest == Rest::Dashed {
            reading.command = args.len();
        }
        Peel { row, call, title: &title, reading: &reading }.run(out);
    }
    true
}

/// The subcommand of the row that is given, and where the words behind it start.
fn subcommand(row: &Wrapper, args: &[Text]) -> Option<(&'static str, usize, Match)> {
    row.subs.split('|').find_map(|sub| {
        let words = || sub.split(' ');
        let first = words().next()?;
        args.iter().find(|arg| arg.as_known() == Some(first))?;
        let grammar = Grammar { operands: words().count(), ..Grammar::options(row.globals) };
        let readings = grammar.scan(args, 0).list;
        let reading = readings.into_iter().find(|reading| {
            reading.operands.len() == words().count()
                && reading.operands.iter().zip(words()).all(|(&i, word)| args[i].as_known() == Some(word))
        })?;
        let from = reading.operands.last()? + 1;
        // What stands behind the subcommand leaves no doubt about it.
        let alone = grammar.scan(&args[..from], 0).list;
        let sure = alone
            .first()
            .is_some_and(|first| first.operands == reading.operands && first.certainty == Match::Yes);
        Some((sub, from, if sure { Match::Yes } else { Match::Maybe }))
    })
}

struct Peel<'a> {
    row: &'static Wrapper,
    call: &'a Call,
    title: &'a str,
    reading: &'a Reading,
}

impl Peel<'_> {
    fn run(&self, out: &mut Vec<Entered>) {
        let (row, call, reading) = (self.row, self.call, self.reading);
        let mut shell = false;
        for given in reading.options.iter().filter(|given| is_one_of(given.name, row.shell)) {
            if let Some(value) = &given.value {
                shell = true;
                self.push(out, self.source(value.clone(), given.at.and_then(|at| span(call, at))));
            }
        }
        if reading.has_any(row.quiet) || !(row.needs.is_empty() || reading.has_any(row.needs)) {
            return;
        }
        let from = reading.command;
        let words = &call.args[from.min(call.args.len())..];
        if let Some(given) = reading.given(row.program)
            && let Some(program) = &given.value
        {
            let mut inner = inner_call(call, from.wrapping_sub(1));
            inner.program = program.clone();
            return self.push(out, Inner::Call(inner));
        }
        if words.is_empty() {
            if !shell && reading.certainty == Match::Yes && reading.has_any(row.bare) {
                let program = Text::known("sh");
                let inner =
                    Call { program, env: call.env.clone(), input: call.input.clone(), ..Call::default() };
                self.push(out, Inner::Call(inner));
            }
            return;
        }
        let joined = reading.has_any(row.joined_if) && !reading.has_any(row.joined_unless);
        let one = words.len() == 1 && !words[0].is_many();
        match row.rest {
            Rest::EachIsShell => {
                for (i, word) in words.iter().enumerate() {
                    self.push(out, self.source(word.clone(), span(call, from + i)));
                }
            }
            _ if joined || (row.rest == Rest::OneIsShell && one) => {
                let at = one.then(|| span(call, from)).flatten();
                self.push(out, self.source(joined_words(words), at));
            }
            Rest::Under(program) if !shell => {
                self.push(out, Inner::Call(under(call, program, from)));
            }
            Rest::Under(_) => {}
            Rest::Package => {
                let mut inner = inner_call(call, from);
                inner.program = without_version(&inner.program);
                if inner.args.first().and_then(Text::as_known) == Some("--") {
                    inner.args.remove(0);
                    inner.arg_spans = inner.arg_spans.get(1..).unwrap_or_default().to_vec();
                }
                self.push(out, Inner::Call(inner));
            }
            Rest::PythonOrProgram => {
                let script = words[0].known_end().ends_with(".py");
                let script = script || reading.has("--script -s") || words[0].as_known() == Some("-");
                let mut inner = if script { under(call, "python3", from) } else { inner_call(call, from) };
                // `hatch run ENVIRONMENT:PROGRAM`
                if let Some((_, program)) =
                    inner.program.as_known().and_then(|program| program.split_once(':')).filter(|_| !script)
                {
                    inner.program = Text::known(program);
                }
                self.push(out, Inner::Call(inner));
            }
            Rest::Argv | Rest::Dashed | Rest::OneIsShell => {
                if let (Where::Image { new: true }, Some(image)) = (row.place, reading.operands.first()) {
                    self.push(out, Inner::Call(under(call, tool(&call.args[*image].display()), from)));
                }
                let mut inner = inner_call(call, from);
                let told = reading.given(row.told).and_then(|given| given.value.as_ref());
                inner.program = called::told(inner.program, told);
                self.push(out, Inner::Call(inner));
            }
        }
    }

    fn source(&self, source: Text, span: Option<Span>) -> Inner {
        // Programs that start a shell of their own take `sh`; a user's login shell is likely bash.
        let dialect = match self.row.place {
            Where::Here => Dialect::Posix,
            _ => Dialect::Bash,
        };
        Inner::Shell { source, positional: vec!["sh".into()], dialect, same_shell: false, span }
    }

    fn push(&self, out: &mut Vec<Entered>, mut inner: Inner) {
        let (row, reading) = (self.row, self.reading);
        if let Inner::Call(call) = &mut inner {
            if matches!(row.place, Where::Container | Where::Image { .. }) {
                call.env = handed_in(reading, call);
            }
            set_env(call, &reading.assigned);
        }
        let operand = reading.operands.first().map(|&i| self.call.args[i].display());
        let root = reading.given(row.root).and_then(|given| given.value.as_ref());
        let changes = root.is_some() || row.names == "chroot";
        let is_own =
            |root: &str| root.starts_with('/') && root.split('/').all(|part| matches!(part, "" | "."));
        let (place, title) = match (row.place, root, operand) {
            (_, Some(root), _) if !root.as_known().is_some_and(is_own) => {
                (Some(Place::Container(root.display())), self.title.to_owned())
            }
            (Where::Sandbox(shares), ..) => {
                let inside = !reading.has(shares);
                (inside.then(|| Place::Container(self.title.to_owned())), self.title.to_owned())
            }
            (Where::Here, ..) => (None, self.title.to_owned()),
            (Where::Privileged, ..) => (Some(Place::Privileged), self.title.to_owned()),
            (Where::Container, _, Some(name)) if is_own(&name) => (None, self.title.to_owned()),
            (Where::Container | Where::Image { .. }, _, name) => {
                let name = name.unwrap_or_default();
                (Some(Place::Container(name.clone())), format!("{} {name}", self.title))
            }
            (Where::Remote, _, name) => {
                let host = remote::host(name.as_deref().unwrap_or(self.title)).to_owned();
                let title = match name {
                    Some(_) => format!("{} {host}", self.title),
                    None => self.title.to_owned(),
                };
                let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
                ((!here).then_some(Place::Remote(host)), title)
            }
        };
        out.push(Entered {
            via: Via { name: title },
            place,
            directory: match reading.given(row.directory) {
                Some(given) => given.value.clone(),
                // Who changes the root starts there.
                None => (changes && !reading.has("--skip-chdir")).then(|| "/".into()),
            },
            mounts: match row.place {
                Where::Image { new } => Some(Mounts::read(reading, new)),
                _ => None,
            },
            inner,
            inside: None,
            certainty: reading.certainty,
        });
    }
}

impl Reading {
    /// As [`Reading::has`], and false for no names at all.
    pub(super) fn has_any(&self, names: &str) -> bool {
        !names.is_empty() && self.has(names)
    }
}

/// A layer that changes neither place nor directory.
pub(super) fn layer(name: &str, inner: Inner) -> Entered {
    let via = Via { name: name.to_owned() };
    Entered { via, place: None, directory: None, mounts: None, inner, inside: None, certainty: Match::Yes }
}

/// Where an argument stands in the source.
pub(super) fn span(call: &Call, at: usize) -> Option<Span> {
    call.args.get(at)?.as_known()?;
    call.arg_spans.get(at).copied()
}

/// The call whose program is the argument at `from`.
pub(super) fn inner_call(call: &Call, from: usize) -> Call {
    let next = from.wrapping_add(1);
    Call {
        program: call.args.get(from).cloned().unwrap_or_default(),
        args: call.args.get(next..).unwrap_or_default().to_vec(),
        env: call.env.clone(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(next..).unwrap_or_default().to_vec(),
    }
}

/// The call of `program` with the arguments from `from` on.
pub(in crate::actions) fn under(call: &Call, program: &str, from: usize) -> Call {
    Call {
        program: Text::known(program),
        args: call.args.get(from..).unwrap_or_default().to_vec(),
        env: call.env.clone(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(from..).unwrap_or_default().to_vec(),
    }
}

/// The variables that a container gets: those that its options name, of the client's environment
/// none by themselves.
fn handed_in(reading: &Reading, client: &Call) -> Vec<(String, Text)> {
    let given = reading.options.iter().filter(|given| is_one_of(given.name, "-e --env"));
    let given = given.filter_map(|given| {
        let word = given.value.as_ref()?;
        let known = word.known_start();
        match known.split_once('=') {
            Some((name, _)) => Some((name.to_owned(), tail(word, name.len() + 1))),
            None => client.env.iter().rev().find(|(name, _)| word.as_known() == Some(name)).cloned(),
        }
    });
    given.collect()
}

/// Puts variables into a call's environment: in front, and in place of what they override.
pub(super) fn set_env(call: &mut Call, assigned: &[(String, Text)]) {
    if assigned.is_empty() {
        return;
    }
    let mut set = HashSet::new();
    // The last of one name counts.
    let mut env: Vec<(String, Text)> =
        assigned.iter().rev().filter(|(name, _)| set.insert(name)).cloned().collect();
    env.reverse();
    env.extend(call.env.drain(..).filter(|(name, _)| !set.contains(name)));
    call.env = env;
}

/// Words joined with blanks, as `eval` and `ssh` join them. A word that may be none or several
/// takes in the blanks round it.
pub(super) fn joined_words(words: &[Text]) -> Text {
    let mut out = Text::default();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push_str(" ");
        }
        for piece in word.pieces() {
            out.push(piece.clone());
        }
        if word.is_many() && word.pieces().is_empty() {
            out.append(&Text::hole("", Shape::Any));
        }
    }
    out
}

/// The program that an image may hand its words to, by its name: `alpine/git`, `amazon/aws-cli:2`.
fn tool(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    name.strip_suffix("-cli").unwrap_or(name)
}

/// `prisma@6.1` and `@scope/tool@latest` without their versions.
fn without_version(program: &Text) -> Text {
    let strip = |text: &str| match text.rfind('@') {
        Some(at) if at > 0 && !text.starts_with(['.', '/']) => Some(text[..at].to_owned()),
        _ => None,
    };
    let stripped = match program.pieces() {
        [Piece::Known(text), ..] => strip(text),
        _ => None,
    };
    let name = match (stripped, program.as_known()) {
        (Some(stripped), _) => stripped,
        (None, Some(known)) => known.to_owned(),
        (None, None) => return program.clone(),
    };
    // A scoped package's binary is mostly named like the package: `@railway/cli` is an exception
    // that its name shows.
    let bare = match name.strip_prefix('@').and_then(|n| n.split_once('/')) {
        Some((scope, "cli" | "cli-bin")) => scope.to_owned(),
        Some((_, package)) => package.to_owned(),
        // `nixpkgs#terraform`
        None => name.rsplit('#').next().unwrap_or(&name).to_owned(),
    };
    Text::known(bare)
}

/// Whether a path names the standard input.
pub(super) fn is_stdin(path: &str) -> bool {
    matches!(path, "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")
}

/// What the standard input of a program that would run it means.
pub(super) enum Stdin<'a> {
    /// This source.
    Source(&'a Text),
    /// This file.
    File(&'a Text),
    /// It is empty: nothing runs.
    Nothing,
    /// It cannot be known.
    Unknown,
}

/// What a program that runs its standard input would run.
pub(super) fn stdin(call: &Call) -> Stdin<'_> {
    match &call.input {
        Input::Text(text) => Stdin::Source(text),
        Input::File(path) if matches!(path.as_known(), Some("/dev/null")) => Stdin::Nothing,
        Input::File(path) => Stdin::File(path),
        Input::Empty => Stdin::Nothing,
        Input::Inherited | Input::Unknown => Stdin::Unknown,
    }
}

#[cfg(test)]
mod tests;
