//! What JavaScript's own functions give where their arguments are known.

use std::rc::Rc;

use tree_sitter::Node;

use super::arguments;
use super::names::module;
use crate::actions::code::narrow;
use crate::actions::code::reader::{Reader, list};
use crate::actions::code::send::encoded;
use crate::actions::code::value::{Args, URL, Value, join, parent};
use crate::actions::code::written::parsed;
use crate::actions::forms::percent_encoded;
use crate::actions::masked;
use crate::model::{Shape, Text, bytes};

/// The value of a call.
pub(super) fn eval<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let field = if node.kind() == "new_expression" { "constructor" } else { "function" };
    let callee = reader.field(node, field)?;
    if matches!(callee, Value::Unknown(_)) {
        return None;
    }
    let args = arguments(reader, node);
    if let Value::Method(receiver, method) = &callee {
        let changed = matches!(method.as_str(), "replace" | "replaceAll" | "trim")
            .then(|| reader.content(receiver))
            .flatten();
        let changed = changed.map(Value::Text);
        if let Some(value) = method_of(changed.as_ref().unwrap_or(receiver), method, &args) {
            return Some(value);
        }
    }
    let name = callee.callee()?;
    function(reader, &name, &args, reader.text(node))
        .or_else(|| Some(Value::result(&callee, name, args, node.id())))
}

fn function(reader: &Reader, name: &str, args: &Args, source: &str) -> Option<Value> {
    let first = args.positional.first();
    let text = |at: usize| args.positional.get(at).map(Value::text);
    let known = |at: usize| args.positional.get(at).and_then(Value::as_known);
    match name {
        "JSON.parse" => parsed(&first.and_then(|value| reader.content(value)).or_else(|| text(0))?),
        "require" if known(0)?.ends_with(".json") => reader
            .file(text(0)?)
            .and_then(|text| parsed(&text))
            .or_else(|| known(0).map(|path| Value::Name(module(path)))),
        "require" | "process.binding" | "process.getBuiltinModule" => Some(Value::Name(module(known(0)?))),
        "fs.readFileSync" | "fs.readFile" | "Deno.readTextFileSync" => {
            let path = text(0)?;
            let own = matches!(path.as_known(), Some("0" | "/dev/stdin" | "-"));
            reader.surroundings.input.filter(|_| own).cloned().map(Value::Text)
        }
        "fs.readdirSync" | "fs.readdir" => {
            let deep = args.positional.get(1).and_then(|options| options.key("recursive"));
            let found = match deep.is_some_and(|deep| deep.truth() != Some(false)) {
                true => narrow::found(&"**".into(), true),
                false => vec![narrow::patterned(&"*".into())],
            };
            Some(Value::Many(Rc::new(found.into_iter().map(Value::Text).collect())))
        }
        "glob.sync"
        | "glob.globSync"
        | "glob"
        | "glob.glob"
        | "fast-glob.sync"
        | "fast-glob"
        | "globby"
        | "globby.sync"
        | "globby.globbySync"
        | "fs.globSync"
        | "tinyglobby.globSync" => {
            let patterns = match first? {
                Value::List(patterns) => patterns.iter().map(Value::text).collect(),
                one => vec![one.text()],
            };
            let found = patterns.iter().flat_map(|pattern| narrow::found(pattern, true));
            Some(Value::Many(Rc::new(found.map(Value::Text).collect())))
        }
        "path.basename" if args.positional.len() == 1 => Some(Value::Text(text(0)?)),
        "Array.from" | "Array.of" => first.filter(|value| value.items().is_some()).cloned(),
        "util.promisify" | "promisify" => first.cloned(),
        "JSON.stringify" => Some(Value::Text(first?.json().render())),
        "String" | "String.raw" | "path.normalize" | "gql" | "dedent" => Some(Value::Text(text(0)?)),
        "encodeURIComponent" | "encodeURI" | "escape" => match name {
            "encodeURIComponent" => Some(Value::Text(percent_encoded(&text(0)?))),
            _ => Some(Value::Text(text(0)?)),
        },
        "decodeURIComponent" | "unescape" => {
            Some(Value::Text(masked::map(&text(0)?, crate::actions::forms::percent_decoded)))
        }
        "String.fromCharCode" | "String.fromCodePoint" => {
            let mut out = String::new();
            for arg in &args.positional {
                let Value::Number(code) = arg else {
                    return None;
                };
                let code = match code.strip_prefix("0x") {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => code.parse().ok()?,
                };
                bytes::push(&mut out, char::from_u32(code)?);
            }
            Some(Value::known(out))
        }
        "atob" => decode(known(0)?, "base64"),
        "Buffer.alloc" if matches!(first, Some(Value::Number(length)) if length == "0") => {
            Some(Value::known(""))
        }
        "Buffer.from" => match known(1) {
            Some(encoding) => decode(known(0)?, encoding),
            None => first.filter(|value| matches!(value, Value::Text(_))).cloned(),
        },
        "path.join" | "path.resolve" | "path.posix.join" => {
            let mut parts = args.positional.iter().map(Value::text);
            let start = parts.next()?;
            Some(Value::Text(parts.fold(start, |path, part| {
                let part = match name {
                    "path.resolve" => part,
                    _ if part.known_start().starts_with('/') => {
                        masked::map(&part, |part| part.trim_start_matches('/').to_owned())
                    }
                    _ => part,
                };
                join(&path, &part)
            })))
        }
        "path.dirname" => Some(Value::Text(parent(&text(0)?))),
        "process.cwd" | "Deno.cwd" => Some(Value::known(".")),
        "os.homedir" => Some(Value::Text(reader.home())),
        "os.tmpdir" => Some(Value::known("/tmp")),
        "fs.mkdtempSync" | "fs.mkdtemp" | "Deno.makeTempDir" | "Deno.makeTempDirSync" => {
            Some(Value::Text(Text::hole(source, Shape::Temporary)))
        }
        "Deno.env.get" => Some(reader.variable(known(0)?, source)),
        "URL" => {
            let url = match text(1) {
                Some(base) if !text(0)?.display().contains("://") => {
                    let origin = masked::map(&base, |base| match base.find("://") {
                        Some(at) => {
                            let end = base[at + 3..].find('/').map_or(base.len(), |slash| at + 3 + slash);
                            base[..end].to_owned()
                        }
                        None => base.to_owned(),
                    });
                    let path = masked::map(&text(0)?, |path| path.trim_start_matches('/').to_owned());
                    join(&origin, &path)
                }
                _ => text(0)?,
            };
            Some(Value::made(URL, vec![Value::Text(url)]))
        }
        "Object.assign" => {
            let mut entries = Vec::new();
            for arg in &args.positional {
                match arg {
                    Value::Map(more) => entries.extend(more.iter().cloned()),
                    _ => return None,
                }
            }
            Some(Value::Map(Rc::new(entries)))
        }
        _ => None,
    }
}

fn method_of(receiver: &Value, method: &str, args: &Args) -> Option<Value> {
    let first = args.positional.first();
    match receiver {
        Value::Text(text) => {
            let text = &narrow::without_patterns(text);
            let same = |change: &dyn Fn(&str) -> String| Some(Value::Text(masked::map(text, change)));
            match method {
                "toString" | "valueOf" | "normalize" => Some(Value::Text(text.clone())),
                "trim" => same(&|text| text.trim().to_owned()),
                "toLowerCase" => same(&str::to_lowercase),
                "toUpperCase" => same(&str::to_uppercase),
                "replace" | "replaceAll" => {
                    let (from, to) = (first?.as_known()?, args.positional.get(1)?.as_known()?);
                    if from.is_empty()
                        || text.as_known().map_or(0, str::len) / from.len() * to.len() > 1 << 20
                    {
                        return None;
                    }
                    same(&|text| match method {
                        "replace" => text.replacen(from, to, 1),
                        _ => text.replace(from, to),
                    })
                }
                "concat" => {
                    let mut out = text.clone();
                    args.positional.iter().for_each(|arg| out.append(&arg.text()));
                    Some(Value::Text(out))
                }
                "split" => {
                    let (known, separator) = (text.as_known()?, first?.as_known()?);
                    let parts: Vec<Value> = match separator {
                        "" => known.chars().map(Value::known).collect(),
                        separator => known.split(separator).map(Value::known).collect(),
                    };
                    Some(list(parts))
                }
                _ => None,
            }
        }
        Value::Many(_) if matches!(method, "sort" | "slice" | "reverse" | "flat" | "concat" | "values") => {
            Some(receiver.clone())
        }
        Value::List(items) | Value::Many(items) => match method {
            "join" => {
                let separator = first.map_or(",".into(), Value::text);
                let mut out = Text::default();
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.append(&separator);
                    }
                    out.append(&item.text());
                }
                Some(Value::Text(out))
            }
            "reverse" => Some(list(items.iter().rev().cloned().collect())),
            "concat" => match first? {
                Value::List(more) => Some(list(items.iter().chain(more.iter()).cloned().collect())),
                _ => None,
            },
            "slice" => {
                let number = |at: usize| match args.positional.get(at) {
                    None => Some(None),
                    Some(Value::Number(number)) => number.parse::<usize>().ok().map(Some),
                    Some(_) => None,
                };
                let (from, to) = (number(0)?.unwrap_or(0), number(1)?.unwrap_or(items.len()));
                Some(list(items.get(from.min(items.len())..to.min(items.len()))?.to_vec()))
            }
            "sort" | "flat" | "values" => Some(receiver.clone()),
            "at" if args.positional.len() == 1 => match first? {
                Value::Number(at) => items.get(at.parse::<usize>().ok()?).cloned(),
                _ => None,
            },
            _ => None,
        },
        Value::Number(_) if method == "toString" => Some(Value::Text(receiver.text())),
        Value::Made(made) if made.by == "URLSearchParams" && method == "toString" => {
            Some(Value::Text(encoded(made.args.positional.first()?)))
        }
        Value::Made(made) if made.by == URL && method == "toString" => Some(Value::Text(receiver.text())),
        _ => None,
    }
}

fn decode(text: &str, encoding: &str) -> Option<Value> {
    let bytes = match encoding {
        "base64" => data_encoding::BASE64_MIME_PERMISSIVE
            .decode(text.as_bytes())
            .or_else(|_| data_encoding::BASE64_NOPAD.decode(text.trim_end_matches('=').as_bytes()))
            .ok()?,
        "base64url" => data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?,
        "hex" => data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?,
        _ => text.as_bytes().to_vec(),
    };
    Some(Value::known(bytes::text(&bytes)))
}

/// A literal's characters, its escapes replaced.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let letter = chars.next();
        rest = chars.as_str();
        let code = match letter {
            Some('x') => rest.get(..2).map(|digits| (digits, 2)),
            Some('u') => match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
                Some((digits, _)) => Some((digits, digits.len() + 2)),
                None => rest.get(..4).map(|digits| (digits, 4)),
            },
            _ => None,
        };
        if let Some((digits, length)) = code {
            if let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                bytes::push(&mut out, c);
            }
            rest = &rest[length..];
            continue;
        }
        match letter {
            Some('\n') | None => {}
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\x08'),
            Some('f') => out.push('\x0c'),
            Some('v') => out.push('\x0b'),
            Some('0') => out.push('\0'),
            Some(other) => out.push(other),
        }
    }
    out.push_str(rest);
    out
}
