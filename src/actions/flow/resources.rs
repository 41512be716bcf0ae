//! What tools print of the things that they know: processes, containers, images, pods. Where nothing chooses
//! among these, the words say so ([`Shape::Every`]).

use crate::model::{Piece, Shape, Text};

use super::super::wrappers::{Grammar, is_one_of};
use super::Source;

/// Programs under whose names others' processes run too; the rule about `pkill` names the same. And guard.
const RUNTIMES: &str = "node nodejs bun deno python python2 python3 ruby java php perl beam.smp dotnet bash sh zsh fish \
    tmux screen sshd claude codex cursor code electron guard";

/// The list that the call prints.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    match name {
        "pgrep" => pgrep(source),
        "ps" => ps(source),
        "pidof" => {
            let mut words = source.call.args.iter().filter_map(Text::as_known);
            Some(numbers(source, words.any(is_broad)))
        }
        "lsof" => flag(source, 't').then(|| numbers(source, false)),
        "fuser" => (!flag(source, 'k') && !flag(source, 'v')).then(|| numbers(source, false)),
        "docker" | "podman" | "nerdctl" | "finch" => engine(source),
        "kubectl" | "oc" | "k" => cluster(source),
        "redis-cli" | "valkey-cli" | "keydb-cli" => keys(source),
        _ => None,
    }
}

/// What a filter leaves of a list: all of it, or what it chooses.
pub(super) fn filtered(name: &str, source: &Source<'_>, input: Text) -> Text {
    let words: Vec<&str> = source.call.args.iter().filter_map(Text::as_known).collect();
    let chooses = match name {
        "sort" | "gsort" | "uniq" | "tac" => false,
        // `-n -5` leaves out, `-5` chooses.
        "head" | "ghead" => {
            let apart = words.windows(2).any(|pair| pair[0] == "-n" && pair[1].starts_with('-'));
            !apart && !words.iter().any(|word| word.starts_with("-n-"))
        }
        "tail" | "gtail" => !words.iter().any(|word| word.trim_start_matches("-n").starts_with('+')),
        _ => {
            let pattern = words.iter().find(|word| !word.starts_with('-'));
            !flag(source, 'v') && pattern.is_none_or(|pattern| !is_broad(pattern))
        }
    };
    if chooses { chosen(&input) } else { input }
}

/// The column that `cut` leaves of a table, and the table whose blanks `tr` squeezes. Tables have more than one
/// blank between columns: of what `cut` takes of such a line, the column is what is meant.
pub(super) fn column(name: &str, source: &Source<'_>) -> Option<Text> {
    let input = source.input().filter(|input| input.is_many() && has_blank(input))?;
    let words = source.known_args()?;
    match (name, words.as_slice()) {
        ("tr" | "gtr", ["-s", " " | "[:blank:]" | "[:space:]"]) => Some(input),
        ("cut" | "gcut", ["-d ", fields] | ["-d", " ", fields]) => {
            let number: usize = fields.strip_prefix("-f")?.parse().ok()?;
            let mut line = columns(&input).into_iter().nth(number.checked_sub(1)?)?;
            line.push_str("\n");
            Some(line.into_many())
        }
        _ => None,
    }
}

/// The text with words for some of the things in the place of words for all.
pub(super) fn chosen(text: &Text) -> Text {
    let mut out = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Hole(hole) if hole.shape == Shape::Every => {
                out.append(&Text::hole(hole.label.as_str(), Shape::Name));
            }
            piece => out.push(piece.clone()),
        }
    }
    if text.is_many() { out.into_many() } else { out }
}

/// Whether a pattern chooses processes by no more than a runtime's name: `node`, `[n]ode`, `^python3$`.
pub(super) fn is_broad(pattern: &str) -> bool {
    let plain = pattern.replace(['[', ']', '^', '$', '\\', '(', ')'], "");
    plain.split('|').any(|name| is_one_of(name.trim().to_ascii_lowercase().as_str(), RUNTIMES))
}

/// Lines of a table, of which the first three columns are words, and the last is what is given.
fn table(source: &Source<'_>, shape: Shape, last: Option<Shape>) -> Text {
    let mut text = Text::default();
    for _ in 0..3 {
        text.append(&source.hole(shape));
        text.push_str(" ");
    }
    text.append(&source.hole(Shape::Any));
    if let Some(last) = last {
        text.push_str(" ");
        text.append(&source.hole(last));
    }
    text.push_str("\n");
    text.into_many()
}

fn words(source: &Source<'_>, shape: Shape) -> Text {
    let mut text = source.hole(shape);
    text.push_str("\n");
    text.into_many()
}

fn numbers(source: &Source<'_>, every: bool) -> Text {
    source.hole(if every { Shape::Every } else { Shape::Number }).into_many()
}

/// The numbers of all processes: the first's, and others.
fn every_process(source: &Source<'_>) -> Text {
    let mut text = Text::known("1\n");
    text.append(&source.line(Shape::Number));
    text
}

fn pgrep(source: &Source<'_>) -> Option<Text> {
    let args = || source.call.args.iter().filter_map(Text::as_known);
    let more = |arg: &str| {
        arg.starts_with("--list")
            || (arg.starts_with('-') && !arg.starts_with("--") && arg.contains(['l', 'a', 'd']))
    };
    let all = args().any(|arg| is_one_of(arg, ". .* .+ ^ $ -v --inverse") || arg.is_empty());
    let within = args().any(|arg| is_one_of(arg, "-P --parent -t --terminal -g --pgroup -s --session"));
    (!args().any(more)).then(|| match all {
        true => every_process(source),
        false => numbers(source, !within && args().any(is_broad)),
    })
}

fn ps(source: &Source<'_>) -> Option<Text> {
    let args = || source.call.args.iter().filter_map(Text::as_known);
    // `-e`, `-A`, `ax`
    let every = |arg: &str| match arg.strip_prefix('-') {
        Some(letters) => {
            letters.split('o').next().is_some_and(|letters| letters.contains(['e', 'A']))
                || letters.starts_with("aux")
        }
        None => arg.contains('a') && arg.contains('x'),
    };
    let pid = |arg: &str| is_one_of(arg.rsplit(['-', 'o', ' ']).next().unwrap_or(""), "pid pid=");
    let (all, only) = (args().any(every), args().any(pid));
    let more = |arg: &str| is_one_of(arg, "-C -p -q --ppid --pid -N") || (only && arg.contains(','));
    let user = args().any(|arg| is_one_of(arg, "-u -U -t"));
    let chosen = args().filter(|arg| arg.starts_with('-')).any(more);
    // What is not known may be the value of `-u` alone.
    let unknown = source.call.args.len() - args().count();
    match (all, user, only) {
        _ if chosen || unknown > usize::from(user) => None,
        (true, false, true) => Some(every_process(source)),
        (_, true, true) => Some(words(source, Shape::Every)),
        (true, ..) => Some(table(source, Shape::Every, None)),
        _ => None,
    }
}

/// `docker ps -aq`, `podman images --format '{{.ID}}'`, `docker ps -a`
fn engine(source: &Source<'_>) -> Option<Text> {
    const OPTIONS: &str = "-a --all -q --quiet -f= --filter= --format= -n= --last= -l --latest -s --size --no-trunc \
        --digests --tree --noheading -H= --host= -c= --context= --namespace= -p= --project-name= --services --orphans?";
    let grammar = Grammar { operands: usize::MAX, ..Grammar::options(OPTIONS) };
    let reading = grammar.sure(&source.call.args)?;
    let mut operands = reading.operands.iter().map(|&at| source.call.args[at].as_known());
    let project = match operands.next()?? {
        "ps" | "images" => false,
        "container" | "image" | "volume" | "network" | "pod" => {
            (operands.next()?.is_some_and(|sub| is_one_of(sub, "ls list ps"))).then_some(false)?
        }
        "compose" => (operands.next()? == Some("ps")).then_some(true)?,
        _ => return None,
    };
    let narrowed = project || operands.next().is_some() || reading.has("-f --filter -n --last -l --latest");
    let shape = if narrowed { Shape::Name } else { Shape::Every };
    if reading.has("-q --quiet --services") {
        return Some(words(source, shape));
    }
    match reading.given("--format") {
        None => Some(table(source, shape, Some(shape))),
        Some(given) => {
            let format = given.value.as_ref()?.as_known()?;
            let format = format.strip_prefix("table ").unwrap_or(format);
            let between = if format.contains("}} {{") { " " } else { ":" };
            let mut text = Text::default();
            for (at, field) in format.split(between).enumerate() {
                let name = field.strip_prefix("{{.").and_then(|rest| rest.strip_suffix("}}"))?;
                if !is_one_of(name, "ID Names Name Repository Tag Image") {
                    return None;
                }
                text.push_str(if at > 0 { between } else { "" });
                text.append(&source.hole(shape));
            }
            text.push_str("\n");
            Some(text.into_many())
        }
    }
}

/// `kubectl get pods`, `kubectl get pods -o name`
fn cluster(source: &Source<'_>) -> Option<Text> {
    const OPTIONS: &str = "-n= --namespace= -A --all-namespaces -l= --selector= --field-selector= -o= --output= \
        --no-headers --context= --kubeconfig= --sort-by= --show-labels --ignore-not-found -w --watch";
    let grammar = Grammar { operands: usize::MAX, ..Grammar::options(OPTIONS) };
    let reading = grammar.sure(&source.call.args)?;
    let operands: Vec<&str> =
        reading.operands.iter().map(|&at| source.call.args[at].as_known()).collect::<Option<_>>()?;
    let ["get", kind, names @ ..] = operands.as_slice() else {
        return None;
    };
    let narrowed = !names.is_empty() || kind.contains('/') || reading.has("-l --selector --field-selector");
    let shape = if narrowed { Shape::Name } else { Shape::Every };
    match reading.given("-o --output").map(|given| given.value.as_ref().and_then(Text::as_known)) {
        None | Some(Some("wide")) => Some(table(source, shape, None)),
        Some(Some("name")) if is_one_of(kind, "pod pods po") => {
            let mut text = Text::known("pod/");
            text.append(&words(source, shape));
            Some(text)
        }
        _ => None,
    }
}

/// `redis-cli --scan --pattern 'cache:*'`, `redis-cli KEYS 'cache:*'`: each begins as the pattern does.
fn keys(source: &Source<'_>) -> Option<Text> {
    let words = source.known_args()?;
    let asks = words.iter().position(|word| is_one_of(word, "--pattern KEYS keys"))?;
    let pattern = words.get(asks + 1)?;
    let start = &pattern[..pattern.find(['*', '?', '[', '\\', ' ']).unwrap_or(pattern.len())];
    let mut key = Text::known(start);
    key.append(&source.hole(Shape::Name));
    key.push_str("\n");
    (!start.is_empty()).then(|| key.into_many())
}

/// Whether a letter is given in a short option.
fn flag(source: &Source<'_>, letter: char) -> bool {
    source.call.args.iter().filter_map(Text::as_known).any(|arg| {
        arg.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
    })
}

/// Whether its known text holds blanks, at which columns end.
pub(super) fn has_blank(line: &Text) -> bool {
    line.pieces().iter().any(|piece| matches!(piece, Piece::Known(known) if known.contains([' ', '\t'])))
}

/// The columns of a line that is not wholly known, as far as each is known to be one word.
pub(super) fn columns(line: &Text) -> Vec<Text> {
    let mut fields = vec![Text::default()];
    for piece in line.pieces() {
        match piece {
            Piece::Known(known) => {
                for (at, part) in known.split([' ', '\t']).enumerate() {
                    if at > 0 && fields.last().is_some_and(|field| !field.pieces().is_empty()) {
                        fields.push(Text::default());
                    }
                    if let Some(field) = fields.last_mut() {
                        field.push_str(part);
                    }
                }
            }
            Piece::Hole(hole) if hole.shape.is_word() => {
                if let Some(field) = fields.last_mut() {
                    field.push(piece.clone());
                }
            }
            // What follows may be any column.
            _ => {
                fields.pop();
                return fields;
            }
        }
    }
    fields.retain(|field| !field.pieces().is_empty());
    fields
}

/// The last column, where it is one word.
pub(super) fn last_column(line: &Text) -> Option<Text> {
    match line.pieces() {
        [.., Piece::Known(before), last @ Piece::Hole(hole)]
            if hole.shape.is_word() && before.ends_with([' ', '\t']) =>
        {
            let mut text = Text::default();
            text.push(last.clone());
            Some(text)
        }
        _ => None,
    }
}
