//! Output that a template or code in the words describes: `find -printf 'rm %p\n'`, `docker ps --format`,
//! `jq -r '"text \(.x)"'`, `envsubst`, `python3 -c "print(f'text {x}')"`.

use crate::model::{Input, Piece, Shape, Text};

use super::super::disguise::reaches;
use super::super::paths::find::Selected;
use super::super::wrappers::is_one_of;
use super::Source;

/// What is known of the lines that a template makes.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    let args = &source.call.args;
    let behind = |names: &str| {
        args.iter().enumerate().find_map(|(at, arg)| {
            let known = arg.as_known()?;
            if is_one_of(known, names) {
                return args.get(at + 1)?.as_known();
            }
            let (option, value) = known.split_once('=')?;
            (option.starts_with("--") && is_one_of(option, names)).then_some(value)
        })
    };
    match name {
        "find" | "gfind" => {
            let format = behind("-printf")?;
            let text =
                Selected::read(args, None).paths().into_iter().fold(Text::default(), |mut text, path| {
                    text.append(&percent(format, |kind| (kind == 'p').then(|| path.clone())));
                    text
                });
            let told = format.trim_start().split(['%', '\\']).next().is_some_and(|start| start.contains(' '));
            told.then(|| text.into_many())
        }
        "stat" | "gstat" => ends(percent(behind("-c --format --printf -f")?, |_| None)),
        "git" => ends(percent(behind("--format --pretty")?.trim_start_matches("format:"), |_| None)),
        "docker" | "podman" | "nerdctl" | "gh" | "kubectl" | "oc" | "crictl" => {
            ends(braces(behind("--format --template -t -o --output")?.trim_start_matches("go-template=")))
        }
        _ => None,
    }
}

/// Lines of text that begins with known words; of others nothing need be told.
fn ends(mut text: Text) -> Option<Text> {
    let start = text.known_start();
    let told = start.trim_start().contains([' ', ';']) && text.has_hole();
    text.push_str("\n");
    told.then(|| text.into_many())
}

/// `%p`, `%(name)`, `%%`, and backslash escapes.
fn percent(format: &str, known: impl Fn(char) -> Option<Text>) -> Text {
    let mut text = Text::default();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '%' => {
                while chars.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '#' | '+')).is_some() {}
                match chars.next() {
                    Some('%') => text.push_str("%"),
                    Some('(') => {
                        for c in chars.by_ref() {
                            if c == ')' {
                                break;
                            }
                        }
                        text.append(&Text::hole("%(…)", Shape::Any));
                    }
                    Some(kind) => {
                        let value = known(kind);
                        text.append(&value.unwrap_or_else(|| Text::hole(format!("%{kind}"), Shape::Any)));
                    }
                    None => {}
                }
            }
            '\\' => text.push_str(match chars.next() {
                Some('n') => "\n",
                Some('t') => "\t",
                Some('0') => "\0",
                _ => "\\",
            }),
            c => text.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }
    text
}

/// `{{.ID}}`
fn braces(format: &str) -> Text {
    let mut parts = format.split("{{");
    let mut text = Text::known(parts.next().unwrap_or_default());
    for part in parts {
        let (inner, behind) = part.split_once("}}").unwrap_or((part, ""));
        text.append(&Text::hole(format!("{{{{{inner}}}}}"), Shape::Any));
        text.push_str(&behind.replace("\\n", "\n"));
    }
    text
}

/// `jq -r '.[] | "text \(.x)"'`: what the string in the end makes of each value.
pub(super) fn jq(source: &Source<'_>) -> Option<Text> {
    let raw = |arg: &Text| {
        arg.as_known().is_some_and(|arg| {
            arg == "--raw-output"
                || (arg.starts_with('-') && !arg.starts_with("--") && arg.contains(['r', 'j']))
        })
    };
    if !source.call.args.iter().any(raw) {
        return None;
    }
    let filter = source.call.args.iter().filter_map(Text::as_known).find(|arg| arg.contains("\\("))?;
    let body = filter.trim_end().trim_end_matches([')', ']']).strip_suffix('"')?;
    // The quote that opens it: the last behind which all parentheses are closed.
    let open = body.char_indices().rev().filter(|(_, c)| *c == '"').map(|(at, _)| at).find(|at| {
        let before = body[..*at].trim_end();
        before.is_empty() || before.ends_with(['|', '(', ','])
    })?;
    let mut text = Text::default();
    let mut rest = &body[open + 1..];
    while let Some((before, inner)) = rest.split_once("\\(") {
        text.push_str(&before.replace("\\\"", "\"").replace("\\n", "\n"));
        let mut depth = 1_usize;
        let end = inner.char_indices().find_map(|(at, c)| {
            depth = match c {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            (depth == 0).then_some(at)
        })?;
        text.append(&Text::hole(format!("\\({})", &inner[..end]), Shape::Any));
        rest = &inner[end + 1..];
    }
    text.push_str(&rest.replace("\\\"", "\"").replace("\\n", "\n"));
    ends(text)
}

/// The interpreters of which [`code`] knows how they print: a name, the option whose value is
/// code, what prints, and whether that ends the line.
const PRINTS: &[(&str, &[&str], &str, bool)] = &[
    ("python", &["-c"], "print", true),
    ("python3", &["-c"], "print", true),
    ("perl", &["-e", "-E"], "print", false),
    ("perl", &["-E"], "say", true),
    ("ruby", &["-e"], "puts", true),
    ("ruby", &["-e"], "print", false),
    ("php", &["-r"], "echo", false),
    ("php", &["-r"], "print", false),
    ("node", &["-e", "--eval"], "console.log", true),
    ("lua", &["-e"], "print", true),
    ("lua", &["-e"], "io.write", false),
];

pub(super) fn is_code(name: &str) -> bool {
    PRINTS.iter().any(|(known, ..)| *known == name)
}

/// `perl -e 'print "text"'`: code that prints one literal and does nothing else.
pub(super) fn code(name: &str, args: &[Text]) -> Option<Text> {
    let [option, source] = args else {
        return None;
    };
    let (option, source) = (option.as_known()?, source.as_known()?);
    let source = source.trim().trim_end_matches(';').trim_end();
    let (rest, ends) = PRINTS.iter().find_map(|(known, options, word, ends)| {
        let rest = source.strip_prefix(word).filter(|_| *known == name && options.contains(&option))?;
        rest.starts_with([' ', '(', '"', '\'']).then(|| (rest.trim(), *ends))
    })?;
    let rest = match rest.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim(),
        None => rest,
    };
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = rest.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner.is_empty() || inner.contains([quote, '$', '@', '#', '{']) {
        return None;
    }
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            // In single quotes it depends on the language what a backslash means.
            '\\' if quote == '"' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                '\\' => '\\',
                _ => return None,
            },
            '\\' => return None,
            c => c,
        });
    }
    // `puts` adds no second line end.
    if ends && !(name == "ruby" && text.ends_with('\n')) {
        text.push('\n');
    }
    Some(Text::known(text))
}

/// Code that prints strings each of which begins with known words, whatever its loops and values.
pub(super) fn printed(name: &str, source: &Source<'_>) -> Option<Text> {
    let [option, code] = source.call.args.as_slice() else {
        return None;
    };
    let (option, code) = (option.as_known()?, code.as_known()?);
    let rows = || PRINTS.iter().filter(|(known, options, ..)| *known == name && options.contains(&option));
    if rows().next().is_none() || code.contains("write") || code.contains("stdout") {
        return None;
    }
    let own = matches!(source.call.input, Input::Inherited | Input::Empty) && !reaches(code);
    let shape = if own { Shape::Changed } else { Shape::Any };
    let mut out = Text::default();
    for (_, _, word, ends) in rows() {
        for (at, _) in code.match_indices(word) {
            let rest = code[at + word.len()..].trim_start_matches([' ', '(']);
            let formats = name.starts_with("python") && rest.starts_with('f');
            let rest = rest.strip_prefix('f').filter(|_| formats).unwrap_or(rest);
            let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
            let (text, behind) = string(&rest[1..], quote, name, formats, shape)?;
            if !text.known_start().trim_start().contains(' ') {
                return None;
            }
            out.append(&text);
            let whole = matches!(behind.trim_start().chars().next(), None | Some(')' | ';' | '\n' | '}'));
            if !whole {
                out.append(&Text::hole("…", shape));
            }
            if *ends {
                out.push_str("\n");
            }
        }
    }
    (!out.pieces().is_empty()).then(|| out.into_many())
}

/// A string up to the quote that ends it, with holes for the values in it; and what follows.
fn string<'c>(
    code: &'c str,
    quote: char,
    name: &str,
    formats: bool,
    shape: Shape,
) -> Option<(Text, &'c str)> {
    let open = match name {
        "node" if quote == '`' => "${",
        "ruby" if quote == '"' => "#{",
        _ if formats => "{",
        _ => "",
    };
    let variables = matches!(name, "perl" | "php") && quote == '"';
    let mut text = Text::default();
    let mut rest = code;
    loop {
        let c = rest.chars().next()?;
        if c == quote {
            return Some((text, &rest[1..]));
        }
        if !open.is_empty() && rest.starts_with(open) {
            let (inner, behind) = rest[open.len()..].split_once('}')?;
            text.append(&Text::hole(format!("{open}{inner}}}"), shape));
            rest = behind;
        } else if variables && c == '$' {
            rest =
                rest[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_{}[]>-'".contains(c));
            text.append(&Text::hole("$…", shape));
        } else if c == '\\' {
            let escaped = rest.chars().nth(1)?;
            text.push_str(match escaped {
                'n' => "\n",
                't' => "\t",
                _ => &rest[1..1 + escaped.len_utf8()],
            });
            rest = &rest[1 + escaped.len_utf8()..];
        } else {
            text.push_str(&rest[..c.len_utf8()]);
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// `envsubst`: the variables of its environment in the text that it reads.
pub(super) fn envsubst(source: &Source<'_>) -> Option<Text> {
    if !source.call.args.is_empty() {
        return None;
    }
    let input = source.input()?;
    let mut text = Text::default();
    for piece in input.pieces() {
        let Piece::Known(known) = piece else {
            text.push(piece.clone());
            continue;
        };
        let mut parts = known.split('$');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (inner, behind) = match part.strip_prefix('{').and_then(|part| part.split_once('}')) {
                Some((inner, behind)) => (inner, behind),
                None => part.split_at(
                    part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len()),
                ),
            };
            if !crate::syntax::is_name(inner) {
                text.push_str("$");
                text.push_str(part);
                continue;
            }
            let own =
                source.call.env.iter().rev().find(|(name, _)| name == inner).map(|(_, value)| value.clone());
            let value = own.or_else(|| source.facts.env(inner).map(Text::known));
            text.append(&value.unwrap_or_else(|| Text::hole(format!("${inner}"), Shape::Any)));
            text.push_str(behind);
        }
    }
    Some(if input.is_many() { text.into_many() } else { text })
}
