//! What Python's own functions give where their arguments are known.

use std::rc::Rc;

use tree_sitter::Node;

use super::found::{input, lines, listed, same_list, walked};
use super::{arguments, member, options};
use crate::actions::code::hand;
use crate::actions::code::narrow;
use crate::actions::code::reader::{Reader, list};
use crate::actions::code::send::encoded;
use crate::actions::code::value::{Args, PATH, Value, join, parent};
use crate::actions::code::written::{loaded, parsed};
use crate::actions::forms::percent_encoded;
use crate::actions::masked::{self, Masked};
use crate::model::{Shape, Text, bytes};

/// The value of a call.
pub(super) fn eval<'t>(reader: &mut Reader<'t, '_>, node: Node<'t>) -> Option<Value> {
    let callee = reader.field(node, "function")?;
    if matches!(callee, Value::Unknown(_)) {
        return None;
    }
    let args = arguments(reader, node);
    if let Value::Method(receiver, method) = &callee {
        if method == "parse_args" && options::is_parser(receiver) {
            return options::parsed(reader, &args);
        }
        let changed = matches!(method.as_str(), "replace" | "strip" | "rstrip")
            .then(|| reader.content(receiver))
            .flatten();
        let changed = changed.map(Value::Text);
        if let Some(value) = method_of(reader, changed.as_ref().unwrap_or(receiver), method, &args) {
            return Some(value);
        }
    }
    if let Value::Made(made) = &callee
        && made.by == "operator.attrgetter"
    {
        let attribute = made.args.positional.first()?;
        return Some(member(args.positional.first()?, attribute.as_known()?));
    }
    if let Some((inner, args)) = hand::bound(&callee, &args) {
        let name = inner.callee()?;
        return function(reader, &name, &args, reader.text(node))
            .or_else(|| Some(Value::result(&inner, name, args, node.id())));
    }
    let name = callee.callee()?;
    function(reader, &name, &args, reader.text(node))
        .or_else(|| Some(Value::result(&callee, name, args, node.id())))
}

/// The name by which a module's thing is known: modules are things of other modules, and things of
/// several modules.
pub(super) fn full_name(name: &str) -> String {
    for module in ["os", "subprocess", "shutil", "sys"] {
        let within = format!(".{module}.");
        if let Some(at) = name.rfind(&within).filter(|at| &name[..*at] != "concurrent") {
            return name[at + 1..].to_owned();
        }
    }
    const ALIASES: &[(&str, &str)] = &[
        ("builtins.", ""),
        ("__builtins__.", ""),
        ("posix.", "os."),
        ("nt.", "os."),
        ("_io.", "io."),
        ("requests.api.", "requests."),
        ("requests.sessions.", "requests."),
        ("pathlib.PosixPath", "pathlib.Path"),
        ("httpx.AsyncClient", "httpx.Client"),
        ("requests.session", "requests.Session"),
        ("urllib.request.urllib.", "urllib."),
    ];
    for (from, to) in ALIASES {
        if let Some(rest) = name.strip_prefix(from) {
            return format!("{to}{rest}");
        }
    }
    name.to_owned()
}

fn function(reader: &Reader, name: &str, args: &Args, source: &str) -> Option<Value> {
    let first = args.positional.first();
    let text = |at: usize| args.positional.get(at).map(Value::text);
    let known = |at: usize| args.positional.get(at).and_then(Value::as_known);
    match name {
        "json.dumps" | "orjson.dumps" | "ujson.dumps" | "simplejson.dumps" => {
            Some(Value::Text(first?.json().render()))
        }
        "json.loads" | "orjson.loads" | "ujson.loads" | "simplejson.loads" => {
            parsed(&first.and_then(|value| reader.content(value)).or_else(|| text(0))?)
        }
        "json.load" => match first? {
            Value::Made(opened) => loaded(reader, opened),
            _ => None,
        },
        // What a pattern stands for is not followed: both texts may be what comes of it.
        "re.sub" => {
            let (to, whole) = (args.positional.get(1)?, args.positional.get(2)?);
            let mut whole = reader.content(whole).unwrap_or_else(|| whole.text());
            match (known(0)?, to.as_known(), whole.as_known()) {
                (from, Some(to), Some(text)) if from == regex::escape(from) && !from.is_empty() => {
                    Some(Value::known(text.replace(from, to)))
                }
                _ => {
                    whole.push_str("\n");
                    whole.append(&to.text());
                    Some(Value::Text(whole))
                }
            }
        }
        "bytes" | "bytearray" if first.is_some_and(|value| value.items().is_some()) => {
            let letters: Option<Vec<String>> = first?.items()?.iter().map(character).collect();
            Some(Value::known(letters?.concat()))
        }
        "str" | "bytes" | "bytearray" | "int" | "os.fspath" | "os.path.abspath" | "os.path.realpath"
        | "os.path.normpath" | "textwrap.dedent" | "gql" => match first? {
            value @ (Value::Text(_) | Value::Number(_)) => Some(value.clone()),
            value => Some(Value::Text(value.text())),
        },
        "os.path.join" => {
            let mut parts = args.positional.iter().map(Value::text);
            let start = parts.next()?;
            Some(Value::Text(parts.fold(start, |path, part| join(&path, &part))))
        }
        "os.path.dirname" => Some(Value::Text(parent(&text(0)?))),
        "os.path.expanduser" => Some(Value::Text(expanded(reader, &text(0)?))),
        "os.path.expandvars" => Some(Value::Text(Text::hole(source, Shape::Any))),
        "os.getenv" | "os.environ.get" | "os.environ.setdefault" => match args.positional.get(1) {
            Some(default) if (reader.surroundings.variable)(known(0)?).is_none() => Some(default.clone()),
            _ => Some(reader.variable(known(0)?, source)),
        },
        "os.getcwd" | "os.curdir" => Some(Value::known(".")),
        "input" | "sys.stdin.read" | "sys.stdin.buffer.read" => input(reader).map(Value::Text),
        "sys.stdin.readline" | "next" | "raw_input" => lines(reader)?.into_iter().next(),
        "sys.stdin.readlines" | "fileinput.input" => Some(list(lines(reader)?)),
        "map" => {
            let (given, items) = (first?.callee()?, args.positional.get(1)?.items()?);
            let mut mapped = Vec::new();
            for item in items.iter().take(1000) {
                let args = Args { positional: vec![item.clone()], named: Vec::new() };
                mapped.push(function(reader, &given, &args, source)?);
            }
            Some(same_list(args.positional.get(1)?, mapped))
        }
        "filter" => args.positional.get(1).cloned(),
        "enumerate" => {
            let numbered =
                |(at, item): (usize, &Value)| list(vec![Value::Number(at.to_string()), item.clone()]);
            let items = first?.items()?.iter().enumerate().map(numbered).collect();
            Some(same_list(first?, items))
        }
        "itertools.chain" | "glob.glob" | "glob.iglob" | "os.listdir" | "os.scandir" | "os.walk"
        | "os.fwalk" | "listdir" => listed(name, args),
        "chr" => Some(Value::known(character(first?)?)),
        "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" => {
            let digits: String = known(0)?.chars().filter(|c| !c.is_whitespace()).collect();
            decoded(data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()))
        }
        "base64.b64decode" | "base64.standard_b64decode" | "base64.decodebytes" | "binascii.a2b_base64" => {
            let digits: String = known(0)?.chars().filter(|c| !c.is_whitespace()).collect();
            decoded(data_encoding::BASE64_MIME_PERMISSIVE.decode(digits.as_bytes()))
        }
        "base64.urlsafe_b64decode" => decoded(data_encoding::BASE64URL.decode(known(0)?.as_bytes())),
        "codecs.decode" if matches!(known(1), Some("hex" | "hex_codec")) => {
            decoded(data_encoding::HEXLOWER_PERMISSIVE.decode(known(0)?.as_bytes()))
        }
        "codecs.decode" if matches!(known(1), Some("base64" | "base64_codec")) => {
            decoded(data_encoding::BASE64_MIME_PERMISSIVE.decode(known(0)?.as_bytes()))
        }
        "base64.b32decode" => decoded(data_encoding::BASE32.decode(known(0)?.as_bytes())),
        "base64.b16decode" => decoded(data_encoding::HEXLOWER_PERMISSIVE.decode(known(0)?.as_bytes())),
        "codecs.decode" if matches!(known(1), Some("rot13" | "rot_13")) => {
            Some(Value::known(rot13(known(0)?)))
        }
        "urllib.parse.urlencode" => Some(Value::Text(encoded(first?))),
        "urllib.parse.quote" | "urllib.parse.quote_plus" => Some(Value::Text(percent_encoded(&text(0)?))),
        "shlex.split" => shell_words::split(known(0)?)
            .ok()
            .map(|words| list(words.into_iter().map(Value::known).collect())),
        "shlex.quote" => known(0).map(|word| Value::known(shell_words::quote(word))),
        "getattr" => {
            let attribute = known(1)?;
            Some(member(first?, attribute))
        }
        "__import__" | "importlib.import_module" | "importlib.__import__" => {
            Some(Value::Name(full_name(known(0)?)))
        }
        "operator.attrgetter" | "operator.methodcaller" => None,
        "os.path.basename" => Some(Value::Text(super::items::last(&text(0)?))),
        "dict" => {
            let mut entries = match first {
                Some(Value::Map(entries)) => entries.to_vec(),
                Some(_) => return None,
                None => Vec::new(),
            };
            entries.extend(args.named.iter().map(|(name, value)| (Text::known(name), value.clone())));
            Some(Value::Map(Rc::new(entries)))
        }
        "list" | "tuple" | "set" | "sorted" | "frozenset" | "iter" | "tqdm" | "tqdm.tqdm" | "deque"
        | "collections.deque" => {
            first.filter(|value| value.items().is_some()).cloned().or_else(|| match first {
                None => Some(list(Vec::new())),
                Some(_) => None,
            })
        }
        "reversed" => match first? {
            Value::Text(text) => Some(Value::known(text.as_known()?.chars().rev().collect::<String>())),
            Value::List(items) => Some(list(items.iter().rev().cloned().collect())),
            other => other.items().map(|_| other.clone()),
        },
        "pathlib.Path" | "pathlib.PosixPath" | "pathlib.PurePath" => {
            let mut parts = args.positional.iter().map(Value::text);
            let start = parts.next().unwrap_or_else(|| ".".into());
            Some(Value::path(parts.fold(start, |path, part| join(&path, &part))))
        }
        "pathlib.Path.home" => Some(Value::path(reader.home())),
        "pathlib.Path.cwd" => Some(Value::path(".".into())),
        "tempfile.mkdtemp" | "tempfile.mktemp" | "tempfile.TemporaryDirectory" => {
            Some(Value::Text(Text::hole(source, Shape::Temporary)))
        }
        "tempfile.mkstemp" => Some(list(vec![
            Value::Unknown("fd".to_owned()),
            Value::Text(Text::hole(source, Shape::Temporary)),
        ])),
        "tempfile.gettempdir" => Some(Value::known("/tmp")),
        _ => None,
    }
}

fn method_of(reader: &Reader, receiver: &Value, method: &str, args: &Args) -> Option<Value> {
    let first = args.positional.first();
    match receiver {
        Value::Text(text) => string_method(text, method, args),
        Value::Map(entries) if matches!(method, "items" | "keys" | "values") => {
            let item = |(key, value): &(Text, Value)| match method {
                "items" => list(vec![Value::Text(key.clone()), value.clone()]),
                "keys" => Value::Text(key.clone()),
                _ => value.clone(),
            };
            Some(list(entries.iter().map(item).collect()))
        }
        Value::Map(_) if method == "get" => {
            let found = receiver.key(first?.as_known()?);
            found.or_else(|| args.positional.get(1).cloned())
        }
        Value::List(items) if method == "pop" && args.positional.is_empty() => items.last().cloned(),
        Value::Map(_) | Value::List(_) if method == "copy" => Some(receiver.clone()),
        // A cursor sends to the database of its connection.
        Value::Made(_) if matches!(method, "cursor" | "connect" | "begin") && args.positional.is_empty() => {
            Some(receiver.clone())
        }
        Value::Made(made) if made.by == PATH => {
            let path = receiver.text();
            match method {
                "joinpath" => {
                    let parts = args.positional.iter().map(Value::text);
                    Some(Value::path(parts.fold(path, |path, part| join(&path, &part))))
                }
                "resolve" | "absolute" => Some(receiver.clone()),
                "iterdir" => Some(Value::path(join(&path, &narrow::patterned(&"*".into()))).many()),
                "glob" | "rglob" => {
                    let pattern = first?.text();
                    let deep = match method {
                        "rglob" => join(&"**".into(), &pattern),
                        _ => pattern,
                    };
                    let found = narrow::found(&deep, true).into_iter();
                    Some(Value::Many(Rc::new(found.map(|found| Value::path(join(&path, &found))).collect())))
                }
                "walk" => walked(&path),
                "expanduser" => Some(Value::path(expanded(reader, &path))),
                "as_posix" | "__str__" => Some(Value::Text(path)),
                "with_suffix" | "with_name" => {
                    let mut out = parent(&path);
                    out.push_str("/");
                    out.append(&Text::hole(method, Shape::Any));
                    Some(Value::path(out))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A character by its number.
fn character(value: &Value) -> Option<String> {
    let Value::Number(number) = value else {
        return None;
    };
    let number = number.replace('_', "").to_ascii_lowercase();
    let code = match (number.strip_prefix("0x"), number.strip_prefix("0o")) {
        (Some(hex), _) => u32::from_str_radix(hex, 16).ok()?,
        (_, Some(octal)) => u32::from_str_radix(octal, 8).ok()?,
        _ => number.parse().ok()?,
    };
    let mut out = String::new();
    bytes::push(&mut out, char::from_u32(code)?);
    Some(out)
}

fn string_method(text: &Text, method: &str, args: &Args) -> Option<Value> {
    let first = args.positional.first();
    if method == "encode" || method == "decode" {
        return Some(Value::Text(text.clone()));
    }
    // What changes the characters of a pattern leaves none.
    let text = &narrow::without_patterns(text);
    let same = |change: &dyn Fn(&str) -> String| Some(Value::Text(masked::map(text, change)));
    match method {
        "expandtabs" => Some(Value::Text(text.clone())),
        "splitlines" => Some(list(text.as_known()?.lines().map(Value::known).collect())),
        "removesuffix" | "removeprefix" => {
            let part = first?.as_known()?.to_owned();
            same(&|text| match method {
                "removesuffix" => text.strip_suffix(&part).unwrap_or(text).to_owned(),
                _ => text.strip_prefix(&part).unwrap_or(text).to_owned(),
            })
        }
        "strip" | "lstrip" | "rstrip" => {
            let set: Vec<char> = match first {
                Some(set) => set.as_known()?.chars().collect(),
                None => vec![' ', '\t', '\n', '\r'],
            };
            same(&|text| match method {
                "strip" => text.trim_matches(set.as_slice()).to_owned(),
                "lstrip" => text.trim_start_matches(set.as_slice()).to_owned(),
                _ => text.trim_end_matches(set.as_slice()).to_owned(),
            })
        }
        "lower" => same(&str::to_lowercase),
        "upper" => same(&str::to_uppercase),
        "replace" => {
            let (from, to) = (first?.as_known()?, args.positional.get(1)?.as_known()?);
            if from.is_empty() || text.as_known().map_or(0, str::len) / from.len() * to.len() > 1 << 20 {
                return None;
            }
            same(&|text| text.replace(from, to))
        }
        "split" if args.positional.len() < 2 => {
            let known = text.as_known()?;
            let parts: Vec<&str> = match first {
                Some(separator) => known.split(separator.as_known().filter(|s| !s.is_empty())?).collect(),
                None => known.split_whitespace().collect(),
            };
            Some(list(parts.into_iter().map(Value::known).collect()))
        }
        "join" => {
            let mut out = Text::default();
            for (index, item) in first?.items()?.iter().enumerate() {
                if index > 0 {
                    out.append(text);
                }
                out.append(&item.text());
            }
            Some(Value::Text(out))
        }
        "format" => Some(Value::Text(format(text, args))),
        _ => None,
    }
}

/// `"{} {0} {name}".format(…)`
fn format(text: &Text, args: &Args) -> Text {
    let masked = Masked::new(text);
    let mut out = Text::default();
    let mut next = 0;
    let mut rest = masked.text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        out.append(&masked.unmask(&rest[..at]));
        let tail = &rest[at..];
        if tail.starts_with("{{") || tail.starts_with("}}") {
            out.push_str(&tail[..1]);
            rest = &tail[2..];
            continue;
        }
        let Some((field, after)) = tail[1..].split_once('}') else {
            rest = &tail[1..];
            continue;
        };
        let at = match field {
            "" => {
                next += 1;
                Some(next - 1)
            }
            field => field.parse().ok(),
        };
        let value = match at {
            Some(at) => args.positional.get(at),
            None => args.named(field),
        };
        match value {
            Some(value) => out.append(&value.text()),
            None => out.append(&Text::hole(format!("{{{field}}}"), Shape::Any)),
        }
        rest = after;
    }
    out.append(&masked.unmask(rest));
    out
}

/// `"%s %(name)s" % …`
pub(super) fn percent(text: &Text, args: &Value) -> Text {
    let masked = Masked::new(text);
    let single = std::slice::from_ref(args);
    let mut values = args.items().unwrap_or(single).iter();
    let mut out = Text::default();
    let mut rest = masked.text.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        out.append(&masked.unmask(before));
        let named = after.strip_prefix('(').and_then(|a| a.split_once(')'));
        let (value, tail) = match named {
            Some((name, tail)) => (args.key(name), tail),
            None if after.starts_with('%') => (Some(Value::known("%")), after),
            None => (values.next().cloned(), after),
        };
        let end = tail.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(tail.len());
        let kind = tail[end..].chars().next();
        match value.filter(|_| end == 0 && matches!(kind, Some('s' | 'd' | '%'))) {
            Some(value) => out.append(&value.text()),
            None => out.append(&Text::hole("%", Shape::Any)),
        }
        rest = &tail[end + kind.map_or(0, char::len_utf8)..];
    }
    out.append(&masked.unmask(rest));
    out
}

/// `~` at the start is the home directory.
fn expanded(reader: &Reader, path: &Text) -> Text {
    match masked::strip_prefix(path, "~") {
        Some(rest) if rest.as_known() == Some("") || rest.known_start().starts_with('/') => {
            let mut out = reader.home();
            out.append(&rest);
            out
        }
        _ => path.clone(),
    }
}

fn decoded(bytes: Result<Vec<u8>, data_encoding::DecodeError>) -> Option<Value> {
    Some(Value::known(bytes::text(&bytes.ok()?)))
}

fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| char::from((c as u8 - first + 13) % 26 + first);
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
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
        let (digits, radix) = match letter {
            Some('x') => (2, 16),
            Some('u') => (4, 16),
            Some('U') => (8, 16),
            Some('0'..='7') => {
                rest = after;
                (3, 8)
            }
            _ => (0, 0),
        };
        if digits > 0 {
            let end = rest.chars().take(digits).take_while(|c| c.is_digit(radix)).count();
            if let Some(c) = u32::from_str_radix(&rest[..end], radix).ok().and_then(char::from_u32) {
                bytes::push(&mut out, c);
            }
            rest = &rest[end..];
            continue;
        }
        match letter {
            Some('\n') | None => {}
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\x07'),
            Some('b') => out.push('\x08'),
            Some('f') => out.push('\x0c'),
            Some('v') => out.push('\x0b'),
            Some(c @ ('\\' | '\'' | '"')) => out.push(c),
            Some(other) => out.extend(['\\', other]),
        }
    }
    out.push_str(rest);
    out
}
