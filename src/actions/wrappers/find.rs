//! `find … -exec` and `fd … -x`: what they run, on what they would find.

use crate::model::{Call, Match, Shape, Text};

use super::super::paths::find::{Selected, command_end};
use super::super::{Entered, Inner};
use super::special::{replaced, unknown_argument};
use super::{Grammar, layer};

/// Options of `fd` that leave what it looks for to its words.
const FD: &str = "-H --hidden -I --no-ignore -u --unrestricted --no-ignore-vcs -s --case-sensitive -i --ignore-case \
    -g --glob -a --absolute-path -L --follow -0 --print0 -q --quiet -e= --extension= -t= --type= -E= --exclude= -d= \
    --max-depth= --min-depth= -S= --size= --changed-within= --changed-before= -j= --threads= -c= --color= -o= --owner= \
    -1 --one-file-system --strip-cwd-prefix";

/// Enters what `find` runs.
pub(super) fn find(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let mut at = 0;
    while at < args.len() {
        let action = at;
        at += 1;
        let Some(name @ ("-exec" | "-execdir" | "-ok" | "-okdir")) = args[action].as_known() else {
            continue;
        };
        let end = command_end(args, at);
        let from = std::mem::replace(&mut at, end + 1);
        if from >= end {
            continue;
        }
        let inner = Call {
            program: args[from].clone(),
            args: args[from + 1..end].to_vec(),
            env: call.env.clone(),
            input: call.input.clone(),
            arg_spans: call.arg_spans.get(from + 1..end).unwrap_or_default().to_vec(),
        };
        let found = Selected::read(args, Some(action));
        let title = format!("find {name}");
        if name.ends_with("dir") {
            run_in_directories(&found, &inner, &title, out);
        } else if args.get(end).and_then(Text::as_known) == Some("+") {
            run_once(&found, inner, &title, out);
        } else {
            run_each(&found, &inner, &title, out);
        }
    }
}

/// The paths found, or one word for whatever they are.
fn paths(found: &Selected<'_>) -> Vec<Text> {
    match found.starts.is_empty() {
        true => vec![unknown_argument("find", Shape::Any)],
        false => found.paths(),
    }
}

/// `-exec … {} +`
fn run_once(found: &Selected<'_>, mut inner: Call, title: &str, out: &mut Vec<Entered>) {
    inner.args.pop();
    inner.arg_spans.truncate(inner.args.len());
    inner.args.extend(paths(found).into_iter().map(Text::into_many));
    out.push(layer(title, Inner::Call(inner)));
}

/// `-exec … {} … ;`
fn run_each(found: &Selected<'_>, inner: &Call, title: &str, out: &mut Vec<Entered>) {
    let whole = |word: &Text| word.as_known() == Some("{}");
    if !inner.args.iter().any(|word| word.known_start().contains("{}"))
        && !inner.program.display().contains("{}")
    {
        return out.push(layer(title, Inner::Call(inner.clone())));
    }
    for path in paths(found) {
        let mut call = replaced(inner, "{}", &unknown_argument("find", Shape::Any));
        for (new, old) in call.args.iter_mut().zip(&inner.args) {
            if whole(old) {
                *new = path.clone();
            }
        }
        out.push(layer(title, Inner::Call(call)));
    }
}

/// `-execdir`: in the directory of what is found, which is `./NAME` there.
fn run_in_directories(found: &Selected<'_>, inner: &Call, title: &str, out: &mut Vec<Entered>) {
    let mut directories: Vec<Option<Text>> = Vec::new();
    for start in &found.starts {
        let mut below = start.clone();
        below.push_str("/");
        below.append(&unknown_argument("find", Shape::Name));
        directories.extend([Some(start.clone()), Some(below)]);
    }
    if directories.is_empty() {
        directories.push(None);
    }
    let mut call = inner.clone();
    if call.args.last().and_then(Text::as_known) == Some("+") {
        call.args.pop();
    }
    for name in found.names() {
        let mut path = Text::known("./");
        path.append(&name);
        let call = replaced(&call, "{}", &path);
        for directory in &directories {
            let mut entered = layer(title, Inner::Call(call.clone()));
            if directory.is_none() {
                entered.certainty = Match::Maybe;
            }
            entered.directory = directory.clone();
            out.push(entered);
        }
    }
}

/// What `fd` looks for as `find` is told, where it says what the names of files are like.
fn as_find(args: &[Text]) -> Option<Vec<Text>> {
    let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(FD) };
    let [reading] = grammar.scan(args, 0).list.try_into().ok()?;
    let operands: Vec<&str> =
        reading.operands.iter().map(|at| args[*at].as_known()).collect::<Option<_>>()?;
    let value = |names: &str| reading.given(names).and_then(|given| given.value.as_ref()?.as_known());
    let one = reading.options.iter().filter(|given| matches!(given.name, "-e" | "--extension")).count() == 1;
    let pattern = operands.first().copied().unwrap_or_default();
    let ending = || {
        pattern
            .strip_prefix("\\.")?
            .strip_suffix('$')
            .filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let name = match value("-e --extension") {
        Some(extension) => one.then(|| format!("*.{}", extension.trim_start_matches('.')))?,
        None if reading.has("-g --glob") && !pattern.contains('/') && !pattern.is_empty() => {
            pattern.to_owned()
        }
        None => format!("*.{}", ending()?),
    };
    let starts = operands.get(1..).filter(|starts| !starts.is_empty()).unwrap_or(&["."]);
    let words = starts.iter().copied().chain(["-name", &name]);
    Some(words.map(Text::known).collect())
}

/// Enters what `fd` runs.
pub(super) fn fd(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let known = |i: usize| args.get(i).and_then(Text::as_known);
    let Some(at) =
        (0..args.len()).find(|&i| matches!(known(i), Some("-x" | "--exec" | "-X" | "--exec-batch")))
    else {
        return;
    };
    let end = (at + 1..args.len()).find(|&i| known(i) == Some(";")).unwrap_or(args.len());
    if at + 1 >= end {
        return;
    }
    let title = format!("fd {}", args[at].display());
    let inner = Call {
        program: args[at + 1].clone(),
        args: args[at + 2..end].to_vec(),
        env: call.env.clone(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(at + 2..end).unwrap_or_default().to_vec(),
    };
    const TOKENS: [&str; 5] = ["{}", "{/}", "{//}", "{.}", "{/.}"];
    let replaces = |word: &Text| TOKENS.iter().any(|token| word.display().contains(token));
    let selection = as_find(&args[..at]);
    let found = selection.as_deref().map(|words| paths(&Selected::read(words, None)));
    let found = found.unwrap_or_else(|| vec![unknown_argument("fd", Shape::Name)]);
    let many = matches!(known(at), Some("-X" | "--exec-batch"));
    for path in found {
        let [path, part] = [path, unknown_argument("fd", Shape::Name)]
            .map(|word| if many { word.into_many() } else { word });
        let mut new = inner.clone();
        if replaces(&inner.program) || inner.args.iter().any(replaces) {
            for token in TOKENS {
                new = replaced(&new, token, &unknown_argument("fd", Shape::Any));
            }
            for (new, old) in new.args.iter_mut().zip(&inner.args) {
                match old.as_known() {
                    Some("{}") => *new = path.clone(),
                    Some("{/}" | "{.}" | "{/.}") => *new = part.clone(),
                    _ => {}
                }
            }
        } else {
            new.args.push(path);
        }
        out.push(layer(&title, Inner::Call(new)));
    }
}
