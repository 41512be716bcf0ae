//! echo and printf.

use crate::model::{Piece, Shape, Text, bytes};

use super::escapes::{Escapes, unescape};
use super::{LIMIT, text_of};

/// Text that is put together of bytes and unknown stretches.
#[derive(Default)]
struct Out {
    text: Text,
    bytes: Vec<u8>,
    failed: bool,
}

impl Out {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.failed |= self.bytes.len() > LIMIT;
    }

    fn append(&mut self, word: &Text) {
        for piece in word.pieces() {
            match piece {
                Piece::Known(text) => self.push(&bytes::raw(text)),
                Piece::Hole(hole) => {
                    self.flush();
                    self.text.push(Piece::Hole(hole.clone()));
                }
                // Names of files take its place.
                Piece::Glob(pattern) => self.anything(pattern),
            }
        }
    }

    fn anything(&mut self, label: &str) {
        self.hole(label, Shape::Any);
    }

    fn hole(&mut self, label: &str, shape: Shape) {
        self.flush();
        self.text.append(&Text::hole(label, shape));
    }

    fn flush(&mut self) {
        match text_of(std::mem::take(&mut self.bytes)) {
            Some(text) => self.text.append(&text),
            None => self.failed = true,
        }
    }

    fn finish(mut self) -> Option<Text> {
        self.flush();
        (!self.failed).then_some(self.text)
    }
}

/// `jq -rn '"text"'`
pub(super) fn jq(args: &[Text]) -> Option<Text> {
    let (mut raw, mut null, mut joined, mut text) = (false, false, false, None);
    for arg in args {
        match arg.as_known()? {
            "--raw-output" => raw = true,
            "--null-input" => null = true,
            "--join-output" => (raw, joined) = (true, true),
            flags if flags.starts_with('-') => {
                for flag in flags[1..].chars() {
                    match flag {
                        'r' => raw = true,
                        'n' => null = true,
                        'j' => (raw, joined) = (true, true),
                        'c' | 'M' => {}
                        _ => return None,
                    }
                }
            }
            filter if text.is_none() => text = Some(serde_json::from_str::<String>(filter).ok()?),
            _ => return None,
        }
    }
    let mut text = text.filter(|_| raw && null)?;
    if !joined {
        text.push('\n');
    }
    Some(Text::known(text))
}

/// The start of what `yes` prints without end: whoever reads more than this of it reads the same.
pub(super) fn yes(args: &[Text]) -> Option<Text> {
    const LINES: usize = 64;
    let line = match args {
        [] => "y".to_owned(),
        args => args.iter().map(Text::as_known).collect::<Option<Vec<_>>>()?.join(" "),
    };
    (!line.starts_with("--")).then(|| Text::known(format!("{line}\n").repeat(LINES)))
}

/// What `echo` prints. Where shells differ (backslashes without `-e`), nothing is known.
pub(super) fn echo(args: &[Text]) -> Option<Text> {
    let mut newline = true;
    let mut escapes = None;
    let mut from = 0;
    while let Some(option) = args.get(from).and_then(Text::as_known).and_then(|arg| arg.strip_prefix('-')) {
        if option.is_empty() || !option.bytes().all(|b| matches!(b, b'n' | b'e' | b'E')) {
            break;
        }
        for flag in option.bytes() {
            match flag {
                b'n' => newline = false,
                b'e' => escapes = Some(true),
                _ => escapes = Some(false),
            }
        }
        from += 1;
    }
    let words = &args[from..];
    // The first words may be options if they can be anything: then blanks and escapes are unsure.
    let mut leading = true;
    let mut blank = false;
    let mut out = Out::default();
    let unsure = words.iter().any(may_be_option);
    for word in words {
        let vanishes = word.is_many() || (leading && may_be_option(word));
        leading &= may_be_option(word);
        if blank && !vanishes {
            out.push(b" ");
        }
        if vanishes {
            // It may be none or several words; a blank too much does no harm.
            if blank {
                out.push(b" ");
            }
            let shape = match word.holes().all(|hole| hole.shape == Shape::Changed) {
                true if word.has_hole() && !word.pieces().is_empty() => Shape::Changed,
                _ => Shape::Any,
            };
            out.hole(&word.display(), shape);
            continue;
        }
        blank = true;
        for piece in word.pieces() {
            match piece {
                Piece::Known(text) if text.contains('\\') => {
                    let (decoded, stopped) = unescape(text, Escapes::Echo);
                    match escapes {
                        Some(true) if stopped => {
                            out.push(&decoded);
                            return out.finish();
                        }
                        Some(true) => out.push(&decoded),
                        Some(false) if !unsure => out.push(&bytes::raw(text)),
                        None if !unsure && !stopped && decoded == *bytes::raw(text) => {
                            out.push(&bytes::raw(text))
                        }
                        _ => return None,
                    }
                }
                piece => {
                    let mut part = Text::default();
                    part.push(piece.clone());
                    // An unknown stretch with escapes is some other unknown stretch.
                    if escapes == Some(true) && matches!(piece, Piece::Hole(hole) if hole.shape.is_any()) {
                        return None;
                    }
                    out.append(&part);
                }
            }
        }
    }
    if newline {
        out.push(b"\n");
    }
    out.finish()
}

fn may_be_option(word: &Text) -> bool {
    word.as_known().is_none()
        && matches!(word.known_start(), "" | "-")
        && word.pieces().iter().find(|p| !matches!(p, Piece::Known(_))).is_none_or(|piece| match piece {
            Piece::Hole(hole) => hole.shape.is_any(),
            _ => true,
        })
}

/// One conversion of a format: `%-5.3s`.
struct Conversion<'a> {
    left: bool,
    zero: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    width: Count<'a>,
    precision: Count<'a>,
    kind: u8,
}

enum Count<'a> {
    None,
    /// `*`: the next argument.
    Argument,
    Digits(&'a str),
}

enum Item<'a> {
    Literal(Vec<u8>),
    Conversion(Conversion<'a>),
}

/// What `printf` prints.
pub(super) fn printf(args: &[Text]) -> Option<Text> {
    let from = usize::from(args.first().and_then(Text::as_known) == Some("--"));
    let format = args.get(from)?.as_known()?;
    if from == 0 && format.starts_with("-v") {
        return None;
    }
    let items = parse(format)?;
    let words = &args[from + 1..];
    if words.iter().any(|word| word.is_many() || word.has_glob()) {
        return each(&items, words);
    }
    let mut words = words.iter();
    let mut out = Out::default();
    loop {
        let before = words.len();
        for item in &items {
            match item {
                Item::Literal(bytes) => out.push(bytes),
                Item::Conversion(conversion) => {
                    if convert(conversion, &mut words, &mut out)? {
                        return out.finish();
                    }
                }
            }
            if out.failed {
                return None;
            }
        }
        if words.len() == 0 || words.len() == before {
            return out.finish();
        }
    }
}

/// `printf 'rm %s\n' *.txt`: a line for each of the words that there may be.
fn each(items: &[Item<'_>], words: &[Text]) -> Option<Text> {
    let mut out = Text::default();
    for word in words {
        for item in items {
            match item {
                Item::Literal(bytes) => out.append(&text_of(bytes.clone())?),
                Item::Conversion(Conversion {
                    kind: b's',
                    width: Count::None,
                    precision: Count::None,
                    ..
                }) => {
                    for piece in word.pieces() {
                        out.push(piece.clone());
                    }
                    if word.pieces().is_empty() {
                        out.append(&Text::hole("(a word)", Shape::Any));
                    }
                }
                Item::Conversion(_) => return None,
            }
        }
    }
    let one = items.iter().filter(|item| matches!(item, Item::Conversion(_))).count() == 1;
    one.then(|| out.into_many())
}

fn parse(format: &str) -> Option<Vec<Item<'_>>> {
    let bytes = format.as_bytes();
    let mut items = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = format[at..].find('%').map_or(bytes.len(), |i| at + i);
        if end > at {
            if format[at..end].contains("\\c") {
                return None;
            }
            items.push(Item::Literal(unescape(&format[at..end], Escapes::Format).0));
        }
        if end == bytes.len() {
            break;
        }
        at = end + 1;
        if bytes.get(at) == Some(&b'%') {
            items.push(Item::Literal(b"%".to_vec()));
            at += 1;
            continue;
        }
        let mut conversion = Conversion {
            left: false,
            zero: false,
            plus: false,
            blank: false,
            alternate: false,
            width: Count::None,
            precision: Count::None,
            kind: 0,
        };
        while let Some(flag) = bytes.get(at) {
            match flag {
                b'-' => conversion.left = true,
                b'0' => conversion.zero = true,
                b'+' => conversion.plus = true,
                b' ' => conversion.blank = true,
                b'#' => conversion.alternate = true,
                _ => break,
            }
            at += 1;
        }
        let count = |at: &mut usize| {
            let start = *at;
            if bytes.get(start) == Some(&b'*') {
                *at += 1;
                return Count::Argument;
            }
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            if *at == start { Count::None } else { Count::Digits(&format[start..*at]) }
        };
        conversion.width = count(&mut at);
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            conversion.precision = match count(&mut at) {
                Count::None => Count::Digits("0"),
                count => count,
            };
        }
        while bytes.get(at).is_some_and(|b| b"hlLjzt".contains(b)) {
            at += 1;
        }
        conversion.kind = *bytes.get(at)?;
        if !b"sbqdiouxXc".contains(&conversion.kind) {
            return None;
        }
        at += 1;
        items.push(Item::Conversion(conversion));
    }
    Some(items)
}

/// Prints one conversion; true where `\c` in a `%b` stops all output.
fn convert(
    conversion: &Conversion<'_>,
    words: &mut std::slice::Iter<'_, Text>,
    out: &mut Out,
) -> Option<bool> {
    let mut left = conversion.left;
    let count = |count: &Count<'_>, words: &mut std::slice::Iter<'_, Text>| -> Option<Option<i64>> {
        Some(match count {
            Count::None => None,
            Count::Digits(digits) => Some(digits.parse().ok()?),
            Count::Argument => Some(words.next().map_or(Some(0), |word| integer(word.as_known()?))?),
        })
    };
    let width = count(&conversion.width, words)?;
    let precision = count(&conversion.precision, words)?.filter(|p| *p >= 0);
    left |= width.is_some_and(|w| w < 0);
    let width = width.map_or(0, |w| w.unsigned_abs()) as usize;
    let precision = precision.map(|p| p as usize);
    if width > LIMIT || precision.is_some_and(|p| p > LIMIT) {
        return None;
    }
    let word = words.next();
    let empty = Text::default();
    let word = word.unwrap_or(&empty);
    let Some(text) = word.as_known() else {
        let plain = width == 0 && precision.is_none() && conversion.kind == b's';
        let number = conversion.kind == b'd'
            && width == 0
            && precision.is_none()
            && word.pieces().len() == 1
            && word.holes().all(|hole| hole.shape == Shape::Number);
        if !(plain || number) {
            return None;
        }
        out.append(word);
        return Some(false);
    };
    let mut stopped = false;
    let body: Vec<u8> = match conversion.kind {
        b's' => cut(&bytes::raw(text), precision),
        b'b' => {
            let (decoded, stop) = unescape(text, Escapes::Argument);
            stopped = stop;
            cut(&decoded, precision)
        }
        b'q' if precision.is_some() => return None,
        b'q' => quoted(text)?.into_bytes(),
        // It prints a NUL for no character.
        b'c' if text.is_empty() => return None,
        b'c' => bytes::raw(text).iter().take(1).copied().collect(),
        kind => digits(conversion, kind, integer(text)?, precision, if left { 0 } else { width }),
    };
    let pad = width.saturating_sub(body.len());
    if !left {
        out.push(&vec![b' '; pad]);
    }
    out.push(&body);
    if left {
        out.push(&vec![b' '; pad]);
    }
    Some(stopped)
}

fn cut(bytes: &[u8], precision: Option<usize>) -> Vec<u8> {
    bytes[..precision.unwrap_or(bytes.len()).min(bytes.len())].to_vec()
}

fn digits(
    conversion: &Conversion<'_>,
    kind: u8,
    value: i64,
    precision: Option<usize>,
    width: usize,
) -> Vec<u8> {
    let signed = matches!(kind, b'd' | b'i');
    let mut digits = match kind {
        b'o' => format!("{:o}", value as u64),
        b'x' => format!("{:x}", value as u64),
        b'X' => format!("{:X}", value as u64),
        b'u' => (value as u64).to_string(),
        _ => value.unsigned_abs().to_string(),
    };
    let mut prefix = match (signed, value < 0) {
        (true, true) => "-",
        (true, false) if conversion.plus => "+",
        (true, false) if conversion.blank => " ",
        _ => "",
    };
    if conversion.alternate && value != 0 {
        match kind {
            b'x' => prefix = "0x",
            b'X' => prefix = "0X",
            b'o' => digits.insert(0, '0'),
            _ => {}
        }
    }
    if precision == Some(0) && value == 0 {
        digits.clear();
    }
    let wanted = match precision {
        Some(precision) => precision,
        None if conversion.zero => width.saturating_sub(prefix.len()),
        None => 0,
    };
    format!("{prefix}{}{digits}", "0".repeat(wanted.saturating_sub(digits.len()))).into_bytes()
}

/// An integer as printf reads one: decimal, octal, hexadecimal, or a quote and a character.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start();
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        return Some(quoted.chars().next().map_or(0, |c| i64::from(u32::from(c))));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = if digits.is_empty() && text.is_empty() {
        0
    } else if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else if digits.starts_with(['-', '+']) {
        return None;
    } else {
        digits.parse().ok()?
    };
    Some(if negative { -value } else { value })
}

/// `%q`, for text whose quoting is the same in all versions.
fn quoted(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("''".to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | '-' => {}
            ' ' | '$' | '"' | '\'' | '\\' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?'
            | '[' | ']' => {
                out.push('\\');
            }
            _ => return None,
        }
        out.push(c);
    }
    Some(out)
}
