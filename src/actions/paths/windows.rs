//! Windows' own deletions as Git Bash, WSL and Windows agents call them: `rd /s`, `del`,
//! `cmd /c`, `Remove-Item`, `powershell -Command`.

use super::words::{Operand, operand, with_patterns};
use crate::model::{Call, PathEffect, PathOp, Piece, Shape, Text};

/// `cmd /c` in `cmd /c` in …: deeper than this nobody means it.
const DEEPEST: usize = 4;

/// The commands that [`command`] knows.
const NAMES: [&str; 16] = [
    "move",
    "rmdir",
    "rd",
    "del",
    "erase",
    "format",
    "remove-item",
    "clear-content",
    "set-content",
    "out-file",
    "foreach-object",
    "foreach",
    "%",
    "cmd",
    "powershell",
    "pwsh",
];

/// What a call does if it is one of Windows' own.
pub(super) fn effects(name: &str, call: &Call) -> Vec<PathEffect> {
    if !NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Vec::new();
    }
    let words: Vec<Operand> = (0..call.args.len()).map(|index| operand(call, index)).collect();
    command(name, &words, 0)
}

fn command(name: &str, words: &[Operand], depth: usize) -> Vec<PathEffect> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let lower = name.to_ascii_lowercase();
    let lower = lower.strip_suffix(".exe").unwrap_or(&lower);
    match lower {
        "rmdir" | "rd" if has_switch(words, "/s") => classic(lower, words, true),
        // Here it may as well be a function of the script's; in Windows' own shell it is nothing else.
        "del" | "erase" if depth > 0 || words.iter().any(|word| word.text.as_known().is_some()) => {
            classic(lower, words, has_switch(words, "/s"))
        }
        "format" => drives(lower, words),
        "move" => moved(lower, words),
        "remove-item" => remove_item(lower, words),
        "rm" | "ri" if depth > 0 => remove_item(lower, words),
        "rd" | "rmdir" if depth > 0 && has_parameter(words, "-recurse") => remove_item(lower, words),
        "clear-content" => contents(lower, PathOp::Empty, words),
        "set-content" | "out-file" => contents(lower, PathOp::Overwrite, words),
        "foreach-object" | "foreach" | "%" => block(words, depth),
        "cmd" => cmd(words, depth),
        "powershell" | "pwsh" => powershell(words, depth),
        _ => Vec::new(),
    }
}

fn is(word: &Operand, wanted: &str) -> bool {
    word.text.as_known().is_some_and(|word| word.eq_ignore_ascii_case(wanted))
}

fn has_switch(words: &[Operand], switch: &str) -> bool {
    words.iter().any(|word| {
        // `/s/q` in one word, and `//s` as Git Bash needs it.
        word.text.as_known().is_some_and(|word| {
            word.starts_with('/')
                && word.to_ascii_lowercase().split('/').any(|part| !part.is_empty() && &switch[1..] == part)
        })
    })
}

/// A parameter, perhaps abbreviated: `-Recurse`, `-rec`, `-r`.
fn has_parameter(words: &[Operand], parameter: &str) -> bool {
    words.iter().any(|word| is_parameter(word, parameter))
}

fn is_parameter(word: &Operand, parameter: &str) -> bool {
    word.text.as_known().is_some_and(|word| {
        let name = word.split(':').next().unwrap_or(word).to_ascii_lowercase();
        name.len() > 1 && parameter.starts_with(&name)
    })
}

fn effect(op: PathOp, by: &str, path: &Operand, recursive: bool) -> PathEffect {
    PathEffect {
        op,
        path: with_patterns(&path.text),
        recursive,
        by: by.to_owned(),
        content: None,
        span: path.span,
    }
}

/// `rd /s /q X`, `del /f /q X`: switches with a slash and one letter, perhaps a value.
fn classic(by: &str, words: &[Operand], recursive: bool) -> Vec<PathEffect> {
    let is_switch = |word: &&Operand| {
        word.text.as_known().is_some_and(|word| {
            let rest = word.trim_start_matches('/');
            word.starts_with('/')
                && rest.split('/').all(|part| {
                    let mut characters = part.chars();
                    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
                        && characters.next().is_none_or(|c| c == ':')
                })
        })
    };
    let paths = words.iter().filter(|word| !is_switch(word));
    paths.map(|path| effect(PathOp::Delete, by, path, recursive)).collect()
}

/// `format D:`.
fn drives(by: &str, words: &[Operand]) -> Vec<PathEffect> {
    let is_drive = |word: &&Operand| {
        let known = word.text.as_known().unwrap_or_default().as_bytes();
        matches!(known, [letter, b':'] | [letter, b':', _] if letter.is_ascii_alphabetic())
    };
    words.iter().filter(is_drive).map(|path| effect(PathOp::Destroy, by, path, true)).collect()
}

/// The paths of a cmdlet's words: what is neither a parameter nor the value of another one.
fn cmdlet_paths(words: &[Operand]) -> Vec<Operand> {
    const VALUED: &[&str] =
        &["-include", "-exclude", "-filter", "-credential", "-stream", "-erroraction", "-value", "-encoding"];
    let mut paths = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let known = word.text.as_known().unwrap_or_default();
        if known.starts_with('-') {
            let valued = VALUED.iter().any(|name| known.len() > 2 && is_parameter(word, name))
                || known.eq_ignore_ascii_case("-ea");
            at += usize::from(valued);
        } else if !matches!(known, "{" | "}") {
            paths.push(word.clone());
        }
        at += 1;
    }
    paths
}

fn remove_item(by: &str, words: &[Operand]) -> Vec<PathEffect> {
    if has_parameter(words, "-whatif") {
        return Vec::new();
    }
    let recursive = has_parameter(words, "-recurse");
    let mut paths = cmdlet_paths(words);
    if paths.is_empty() {
        // `… | Remove-Item`: what comes out of the pipe.
        paths.push(Operand { text: Text::hole("what is piped to Remove-Item", Shape::Any), span: None });
    }
    let split = paths.iter().flat_map(split_list);
    split.map(|path| effect(PathOp::Delete, by, &path, recursive)).collect()
}

/// `a, b`: a list of paths.
fn split_list(path: &Operand) -> Vec<Operand> {
    match path.text.as_known() {
        Some(known) if known.contains(',') => known
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| Operand { text: Text::known(part), span: path.span })
            .collect(),
        _ => vec![path.clone()],
    }
}

fn contents(by: &str, op: PathOp, words: &[Operand]) -> Vec<PathEffect> {
    let first = cmdlet_paths(words).into_iter().next();
    first.map(|path| effect(op, by, &path, false)).into_iter().collect()
}

/// `move /y FROM… TO`
fn moved(by: &str, words: &[Operand]) -> Vec<PathEffect> {
    let paths: Vec<&Operand> =
        words.iter().filter(|word| !word.text.known_start().starts_with('/')).collect();
    let sources = paths.split_last().map_or(&[][..], |(_, sources)| sources);
    sources.iter().map(|path| effect(PathOp::MoveAway, by, path, true)).collect()
}

/// `ForEach-Object { Remove-Item … }`.
fn block(words: &[Operand], depth: usize) -> Vec<PathEffect> {
    let inner: Vec<Operand> =
        words.iter().filter(|word| !matches!(word.text.as_known(), Some("{" | "}"))).cloned().collect();
    run(&inner, depth)
}

fn run(words: &[Operand], depth: usize) -> Vec<PathEffect> {
    match words.split_first() {
        Some((program, rest)) => match program.text.as_known() {
            Some(name) => command(name, rest, depth + 1),
            None => Vec::new(),
        },
        None => Vec::new(),
    }
}

fn cmd(words: &[Operand], depth: usize) -> Vec<PathEffect> {
    let Some(at) =
        words.iter().position(|word| ["/c", "/k", "//c", "//k", "-c"].iter().any(|switch| is(word, switch)))
    else {
        return Vec::new();
    };
    let rest = &words[at + 1..];
    let mut effects = Vec::new();
    for line in split_commands(&line(rest), &['&', '|']) {
        effects.extend(run(&line, depth));
    }
    // How quotes within quotes reach cmd depends on who called it: where they break, a deletion
    // of `"D:\a b"` becomes one of `D:\`.
    let quoted = rest.iter().any(|word| word.text.display().contains('"'));
    let roots: Vec<PathEffect> = effects
        .iter()
        .filter(|effect| quoted && effect.op == PathOp::Delete && effect.recursive)
        .filter_map(|effect| {
            let start = effect.path.known_start().get(..2).filter(|s| s.ends_with(':'))?;
            Some(PathEffect { path: Text::known(format!("{start}\\")), ..effect.clone() })
        })
        .collect();
    effects.extend(roots);
    effects
}

fn powershell(words: &[Operand], depth: usize) -> Vec<PathEffect> {
    let command = words.iter().position(|word| is_parameter(word, "-command"));
    let rest = match command {
        Some(at) => &words[at + 1..],
        None => match words.iter().position(|word| !word.text.known_start().starts_with('-')) {
            Some(at) => &words[at..],
            None => return Vec::new(),
        },
    };
    let parts = split_commands(&line(rest), &[';', '|', '\n', '{', '}']);
    parts.iter().flat_map(|part| run(part, depth)).collect()
}

/// Words joined with blanks, as cmd and PowerShell join them, and where they stand.
fn line(words: &[Operand]) -> (Text, Option<crate::model::Span>) {
    let mut text = Text::default();
    for word in words {
        if !text.pieces().is_empty() {
            text.push_str(" ");
        }
        text.append(&word.text);
    }
    let span = words.iter().filter_map(|word| word.span).reduce(|a, b| a.cover(b));
    (text, span)
}

/// Splits a line at separators and blanks outside quotes. Unknown parts stay with their word.
fn split_commands(line: &(Text, Option<crate::model::Span>), separators: &[char]) -> Vec<Vec<Operand>> {
    let (text, span) = line;
    let mut commands = vec![Vec::new()];
    let mut word = Text::default();
    let mut started = false;
    let mut quote = None;
    let end_word = |word: &mut Text, started: &mut bool, commands: &mut Vec<Vec<Operand>>| {
        if std::mem::take(started) {
            let text = std::mem::take(word);
            if let Some(command) = commands.last_mut() {
                command.push(Operand { text, span: *span });
            }
        }
    };
    for piece in text.pieces() {
        let characters = match piece {
            Piece::Known(text) | Piece::Glob(text) => text,
            Piece::Hole(_) => {
                word.push(piece.clone());
                started = true;
                continue;
            }
        };
        for c in characters.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(c);
                    started = true;
                }
                (None, c) if separators.contains(&c) => {
                    end_word(&mut word, &mut started, &mut commands);
                    commands.push(Vec::new());
                }
                (None, c) if c.is_whitespace() => end_word(&mut word, &mut started, &mut commands),
                (_, c) => {
                    word.push_str(c.encode_utf8(&mut [0; 4]));
                    started = true;
                }
            }
        }
    }
    end_word(&mut word, &mut started, &mut commands);
    commands.retain(|command| !command.is_empty());
    commands
}
