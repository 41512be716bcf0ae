//! Wrappers with a grammar of their own: env and xargs here, others in files of their own.

use crate::model::{Call, Input, Piece, Shape, Text};

use super::super::{Entered, Inner, called, disguise, git};
use super::{Grammar, inner_call, is_one_of, layer, set_env};

/// Enters the call if it is one of these; true where nothing else can enter it.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) -> bool {
    match name {
        "env" | "genv" => env(call, out),
        "xargs" | "gxargs" => xargs(call, out),
        "find" | "gfind" | "bfs" => super::find::find(call, out),
        "fd" | "fdfind" => super::find::fd(call, out),
        "parallel" | "sem" => super::parallel::enter(call, out),
        "git" => {
            super::git::enter(call, out);
            return false;
        }
        _ => {
            let Some(subcommand) = git::dashed(name) else {
                return false;
            };
            let mut inner = inner_call(call, 0);
            inner.program = Text::known("git");
            inner.args = std::iter::once(Text::known(subcommand)).chain(call.args.iter().cloned()).collect();
            inner.arg_spans = Vec::new();
            out.push(layer(name, Inner::Call(inner)));
        }
    }
    true
}

const ENV: Grammar = Grammar {
    assignments: true,
    ..Grammar::options(
        "-i --ignore-environment - -0 --null -u= --unset= -C= --chdir= -S= --split-string= -P= -a= --argv0= -v \
        --debug --block-signal? --default-signal? --ignore-signal? --list-signal-handling --help --version",
    )
};

fn env(call: &Call, out: &mut Vec<Entered>) {
    for reading in ENV.scan(&call.args, 0).list {
        let before = out.len();
        if let Some(given) = reading.given("-S --split-string") {
            // The words of the string take the option's place.
            let split = given.value.as_ref().and_then(Text::as_known).and_then(split_string);
            match split {
                Some(words) => {
                    let rest = call.args.get(reading.command..).unwrap_or_default();
                    let assigned = reading.assigned.iter().map(|(name, value)| {
                        let mut text = Text::known(format!("{name}="));
                        text.append(value);
                        text
                    });
                    let mut args: Vec<Text> = words.into_iter().map(Text::known).collect();
                    args.extend(assigned);
                    args.extend(rest.iter().cloned());
                    let inner = Call {
                        program: Text::known("env"),
                        args,
                        env: call.env.clone(),
                        input: call.input.clone(),
                        arg_spans: Vec::new(),
                    };
                    out.push(layer("env -S", Inner::Call(inner)));
                }
                None => out.push(layer("env -S", Inner::Unknown("the string that `env -S` splits".into()))),
            }
        } else if reading.command < call.args.len() {
            let mut inner = inner_call(call, reading.command);
            for given in reading.options.iter().filter(|g| is_one_of(g.name, "-u --unset")) {
                if let Some(name) = given.value.as_ref().and_then(Text::as_known) {
                    inner.env.retain(|(known, _)| known != name);
                }
            }
            if reading.has("-i --ignore-environment -") {
                inner.env.clear();
            }
            set_env(&mut inner, &reading.assigned);
            let told = reading.given("-a --argv0").and_then(|given| given.value.as_ref());
            inner.program = called::told(inner.program, told);
            let mut entered = layer("env", Inner::Call(inner));
            entered.directory = reading.given("-C --chdir").and_then(|g| g.value.clone());
            out.push(entered);
        }
        for entered in &mut out[before..] {
            entered.certainty = reading.certainty;
        }
    }
}

/// Splits a string as `env -S` does; none where it is not well-formed or expands variables.
fn split_string(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            ('\\', quoted) if quoted != Some('\'') => {
                let escaped = chars.next()?;
                let decoded = match escaped {
                    'c' if quoted.is_none() => break,
                    '_' if quoted.is_none() => {
                        words.extend(word.take());
                        continue;
                    }
                    '_' => ' ',
                    'f' => '\x0c',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\x0b',
                    '#' | '$' | '"' | '\'' | '\\' => escaped,
                    _ => return None,
                };
                word.get_or_insert_default().push(decoded);
            }
            ('$', quoted) if quoted != Some('\'') => return None,
            ('#', None) if word.is_none() && words.is_empty() => break,
            (c, None) if c.is_ascii_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

const XARGS: Grammar = Grammar::options(
    "-0 --null -a= --arg-file= -d= --delimiter= -E= -e? --eof? -I= -i? --replace? -J= -L= --max-lines? -l? -n= \
        --max-args= -o --open-tty -P= --max-procs= -p --interactive --process-slot-var= -R= -r --no-run-if-empty \
        -S= -s= --max-chars= --show-limits -t --verbose -x --exit --help --version",
);

/// As many calls are told apart; the rest is put into the last.
pub(super) const MAX_CALLS: usize = 32;

fn xargs(call: &Call, out: &mut Vec<Entered>) {
    for reading in XARGS.scan(&call.args, 0).list {
        if reading.command >= call.args.len() {
            continue;
        }
        let value = |names| reading.given(names).and_then(|g| g.value.as_ref());
        let mut inner = inner_call(call, reading.command);
        inner.input = if reading.has("-o --open-tty") { Input::Inherited } else { Input::Empty };
        let token = match reading.given("-I -i --replace") {
            Some(given) => match &given.value {
                Some(value) => value.as_known().filter(|v| !v.is_empty()).map(str::to_owned),
                None => Some("{}".to_owned()),
            },
            None => None,
        };
        let items = if reading.has("-a --arg-file") {
            None
        } else {
            let delimiter = match value("-d --delimiter") {
                Some(value) => value.as_known().and_then(delimiter),
                None if reading.has("-0 --null") => Some('\0'),
                None => None,
            };
            let undecided = value("-d --delimiter").is_some() && delimiter.is_none();
            match &call.input {
                Input::Text(text) if !undecided => {
                    text.as_known().and_then(|text| split_items(text, delimiter, token.is_some()))
                }
                Input::Empty => Some(Vec::new()),
                _ => None,
            }
        };
        let batch = value("-n --max-args").map(|n| n.as_known().and_then(|n| n.parse().ok()));
        let lines =
            value("-L --max-lines -l").map(|n| n.as_known().and_then(|n| n.parse().ok()).unwrap_or(1));
        let before = out.len();
        if let (Some(lines), Some(_), None, Input::Text(text)) = (lines, &items, &token, &call.input)
            && let Some(text) = text.as_known()
            // Such a line goes on in the next one.
            && !text.lines().any(|line| line.ends_with([' ', '\t']))
            && let Some(groups) = groups(text, std::cmp::max(lines, 1))
        {
            // Each call gets the words of as many lines.
            let all = groups.len();
            for words in groups.into_iter().take(MAX_CALLS) {
                let mut inner = inner.clone();
                inner.args.extend(words.iter().map(|word| Text::known(word.as_str())));
                out.push(layer("xargs", Inner::Call(inner)));
            }
            if all <= MAX_CALLS {
                continue;
            }
        }
        let mut emit = |inner: Call| out.push(layer("xargs", Inner::Call(inner)));
        match (items, &token) {
            (Some(items), _) if items.is_empty() => {
                if token.is_none() && !reading.has("-r --no-run-if-empty") {
                    emit(inner);
                }
            }
            (Some(items), Some(token)) => {
                for (i, item) in items.iter().take(MAX_CALLS).enumerate() {
                    let item = if i + 1 == MAX_CALLS && items.len() > MAX_CALLS {
                        unknown_argument("xargs", Shape::Any)
                    } else {
                        Text::known(item.as_str())
                    };
                    emit(replaced(&inner, token, &item));
                }
            }
            (Some(items), None) => {
                let size = batch.flatten().unwrap_or(items.len()).max(1);
                let mut rest = items.as_slice();
                for i in 0..MAX_CALLS {
                    let n = if i + 1 == MAX_CALLS { rest.len() } else { size.min(rest.len()) };
                    let (now, later) = rest.split_at(n);
                    let mut inner = inner.clone();
                    inner.args.extend(now.iter().map(|item| Text::known(item.as_str())));
                    emit(inner);
                    rest = later;
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            (None, Some(token)) => {
                for item in kinds_or_anything(&call.input) {
                    emit(replaced(&inner, token, &item));
                }
            }
            (None, None) => {
                let many = |kind: Text| match kind.as_known() {
                    Some(_) if !matches!(&call.input, Input::Text(text) if text.is_many()) => kind,
                    _ => kind.into_many(),
                };
                inner.args.extend(kinds_or_anything(&call.input).into_iter().map(many));
                emit(inner);
            }
        }
        for entered in &mut out[before..] {
            entered.certainty = reading.certainty;
        }
    }
}

/// An argument that `by` makes of what it reads.
pub(super) fn unknown_argument(by: &str, shape: Shape) -> Text {
    Text::hole(format!("(an argument from `{by}`)"), shape)
}

/// The words of so many lines at a time; none where one of these cannot be read.
fn groups(text: &str, lines: usize) -> Option<Vec<Vec<String>>> {
    let filled: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    filled.chunks(lines).map(|group| split_items(&group.join("\n"), None, false)).collect()
}

/// The kinds of items that `xargs` reads; one that may be anything where they are not known.
fn kinds_or_anything(input: &Input) -> Vec<Text> {
    let changed = matches!(input, Input::Text(text) if disguise::is_changed(text));
    let shape = if changed { Shape::Changed } else { Shape::Any };
    kinds(input).unwrap_or_else(|| vec![unknown_argument("xargs", shape)])
}

/// The kinds of items that are read from text that is not wholly known: one a line, where what is
/// unknown in it is a name, a number or a pattern's match.
pub(in crate::actions) fn kinds(input: &Input) -> Option<Vec<Text>> {
    let Input::Text(text) = input else {
        return None;
    };
    let mut kinds = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) => {
                for (at, part) in known.split('\n').enumerate() {
                    if at > 0 {
                        kinds.push(Text::default());
                    }
                    if let Some(kind) = kinds.last_mut() {
                        kind.push_str(part.trim());
                    }
                }
            }
            // Paths may hold blanks, at which xargs splits.
            Piece::Hole(hole)
                if !hole.shape.is_word() && !matches!(hole.shape, Shape::Absent | Shape::Temporary) =>
            {
                return None;
            }
            piece => {
                if let Some(kind) = kinds.last_mut() {
                    kind.push(piece.clone());
                }
            }
        }
    }
    kinds.retain(|kind| !kind.pieces().is_empty());
    let blank = |kind: &Text| {
        let mut pieces = kind.pieces().iter();
        pieces.any(|piece| matches!(piece, Piece::Known(text) if text.contains([' ', '\t', '\'', '"', '\\'])))
    };
    ((1..=MAX_CALLS).contains(&kinds.len()) && !kinds.iter().any(blank)).then_some(kinds)
}

fn delimiter(text: &str) -> Option<char> {
    match text {
        "\\n" => Some('\n'),
        "\\t" => Some('\t'),
        "\\0" => Some('\0'),
        _ => {
            let mut chars = text.chars();
            chars.next().filter(|c| *c != '\\' && chars.next().is_none())
        }
    }
}

/// Splits input into items as xargs does; none where a quote is not closed.
fn split_items(text: &str, delimiter: Option<char>, by_line: bool) -> Option<Vec<String>> {
    if let Some(delimiter) = delimiter {
        let text = text.strip_suffix(delimiter).unwrap_or(text);
        return Some(if text.is_empty() {
            Vec::new()
        } else {
            text.split(delimiter).map(str::to_owned).collect()
        });
    }
    let mut items = Vec::new();
    let mut item: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => items.extend(item.take()),
            ' ' | '\t' if item.is_none() => {}
            ' ' | '\t' if !by_line => items.extend(item.take()),
            '\'' | '"' => {
                let item = item.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == c => break,
                        Some('\n') | None => return None,
                        Some(quoted) => item.push(quoted),
                    }
                }
            }
            '\\' => item.get_or_insert_default().extend(chars.next()),
            c => item.get_or_insert_default().push(c),
        }
    }
    items.extend(item);
    Some(items)
}

/// The call with every `token` in its words replaced.
pub(super) fn replaced(call: &Call, token: &str, by: &Text) -> Call {
    let mut out = call.clone();
    out.program = replace(&call.program, token, by);
    out.args = call.args.iter().map(|arg| replace(arg, token, by)).collect();
    if out.args != call.args {
        // What is replaced does not stand in the source.
        out.arg_spans = Vec::new();
    }
    out
}

/// A word with every `token` in its known text replaced.
pub(super) fn replace(word: &Text, token: &str, by: &Text) -> Text {
    let mut out = Text::default();
    for piece in word.pieces() {
        match piece {
            Piece::Known(text) => {
                for (i, part) in text.split(token).enumerate() {
                    if i > 0 {
                        out.append(by);
                    }
                    out.push_str(part);
                }
            }
            piece => out.push(piece.clone()),
        }
    }
    if word.is_many() { out.into_many() } else { out }
}
