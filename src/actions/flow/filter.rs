//! Filters: tr, head, cut and kin, on known text and on lines whose unknown parts hold no line end.

use std::collections::BTreeSet;

use crate::model::{Piece, Shape, Text};

use super::{LIMIT, Source, text_of};

/// What one of the filters prints.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    match name {
        "tac" => {
            let (_, text) = source.operands("", 0)?;
            Some(join(lines(&text?)?.iter().rev()))
        }
        "rev" => {
            let (_, text) = source.operands("", 0)?;
            by_line(text?.as_known()?, |line| Some(line.chars().rev().collect()))
        }
        "tr" => tr(source),
        "head" | "tail" => ends(name == "head", source),
        "cut" => cut(source),
        "sort" => sort(source),
        "uniq" => {
            let (reading, text) = source.operands("", 0)?;
            let mut kept = lines(&text?)?;
            kept.dedup();
            (reading.operands.len() <= 1).then(|| join(kept.iter()))
        }
        "sed" => sed(source),
        "seq" => seq(source),
        _ => None,
    }
}

/// Lines with their ends, where no unknown part can hold a line end.
fn lines(text: &Text) -> Option<Vec<Text>> {
    if text.is_many() {
        return None;
    }
    let mut out: Vec<Text> = Vec::new();
    let mut open = false;
    for piece in text.pieces() {
        match piece {
            Piece::Known(known) => {
                for part in known.split_inclusive('\n') {
                    match out.last_mut().filter(|_| open) {
                        Some(line) => line.push_str(part),
                        None => out.push(Text::known(part)),
                    }
                    open = !part.ends_with('\n');
                }
            }
            Piece::Hole(hole) if hole.shape == Shape::Name || hole.shape == Shape::Number => {
                if !open {
                    out.push(Text::default());
                    open = true;
                }
                if let Some(line) = out.last_mut() {
                    line.push(piece.clone());
                }
            }
            _ => return None,
        }
    }
    Some(out)
}

fn join<'a>(lines: impl Iterator<Item = &'a Text>) -> Text {
    let mut out = Text::known("");
    lines.for_each(|line| out.append(line));
    out
}

/// Known text with each line's body replaced; the last line keeps its missing end.
fn by_line(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<Text> {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        out.push_str(&change(body)?);
        out.push_str(&line[body.len()..]);
    }
    Some(Text::known(out))
}

fn ends(first: bool, source: &Source<'_>) -> Option<Text> {
    // `-5` is `-n 5`.
    let obsolete = source
        .call
        .args
        .first()
        .and_then(Text::as_known)
        .and_then(|arg| {
            let digits = arg.strip_prefix('-')?;
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
        });
    let (reading, text) = source.operands(
        "-n= --lines= -c= --bytes= -q --quiet --silent -1 -2 -3 -4 -5 -6 -7 -8 -9 -0",
        0,
    )?;
    let text = text?;
    if reading.operands.len() > 1 && !reading.has("-q --quiet --silent") {
        return None;
    }
    let bytes = reading.given("-c --bytes");
    let count = match (bytes, reading.given("-n --lines"), obsolete) {
        (Some(given), None, None) | (None, Some(given), None) => {
            given.value.as_ref()?.as_known()?
        }
        (None, None, Some(digits)) => digits,
        (None, None, None) if !reading.has("-0 -1 -2 -3 -4 -5 -6 -7 -8 -9") => "10",
        _ => return None,
    };
    let (sign, digits) = match count.as_bytes().first()? {
        b'-' | b'+' => (count.as_bytes()[0], &count[1..]),
        _ => (b' ', count),
    };
    let n: usize = digits.parse().ok()?;
    let range = |len: usize| match (first, sign) {
        (true, b'-') => 0..len.saturating_sub(n),
        (true, _) => 0..n.min(len),
        (false, b'+') => n.saturating_sub(1).min(len)..len,
        (false, _) => len.saturating_sub(n)..len,
    };
    if bytes.is_none() {
        let lines = lines(&text)?;
        return Some(join(lines[range(lines.len())].iter()));
    }
    match text.as_known() {
        Some(known) => text_of(known.as_bytes()[range(known.len())].to_vec()),
        // The start of a name is a name.
        None if first && sign == b' ' && n > 0 => name_start(&text),
        None => None,
    }
}

/// An unknown start of text that is one name or number and a line end.
fn name_start(text: &Text) -> Option<Text> {
    match text.pieces() {
        [Piece::Hole(hole)] | [Piece::Hole(hole), Piece::Known(_)]
            if matches!(hole.shape, Shape::Name | Shape::Number)
                && !text.is_many()
                && matches!(text.known_end(), "" | "\n") =>
        {
            Some(Text::hole(hole.label.clone(), hole.shape))
        }
        _ => None,
    }
}

/// `1,3-5,7-`: the ranges, from 1, open ends as the largest number.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|range| {
            let (from, to) = match range.split_once('-') {
                None => {
                    let n = range.parse().ok()?;
                    (n, n)
                }
                Some(("", "")) => return None,
                Some(("", to)) => (1, to.parse().ok()?),
                Some((from, "")) => (from.parse().ok()?, usize::MAX),
                Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            };
            (from > 0 && from <= to).then_some((from, to))
        })
        .collect()
}

fn cut(source: &Source<'_>) -> Option<Text> {
    let (reading, text) =
        source.operands("-d= --delimiter= -f= --fields= -c= --characters= -b= --bytes= -s --only-delimited -n --output-delimiter=", 0)?;
    let text = text?;
    let value = |names: &str| {
        reading
            .given(names)
            .and_then(|g| g.value.as_ref())
            .and_then(Text::as_known)
    };
    let list = reading
        .given("-f --fields -c --characters -b --bytes")?
        .value
        .as_ref()?
        .as_known()?;
    let ranges = ranges(list)?;
    // Lists may be long and lines many: each is looked at once.
    if ranges.len() > 64 {
        return None;
    }
    let selected = |n: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&n));
    if !reading.has("-f --fields") {
        let Some(known) = text.as_known() else {
            let name = name_start(&text).filter(|_| selected(1))?;
            return Some(join([name, Text::known("\n")].iter()));
        };
        let text = by_line(known, |line| {
            let bytes = line
                .bytes()
                .enumerate()
                .filter(|(i, _)| selected(i + 1))
                .map(|(_, b)| b)
                .collect();
            String::from_utf8(bytes).ok()
        })?;
        return Some(ended(text));
    }
    let delimiter = match reading.given("-d --delimiter") {
        Some(_) => value("-d --delimiter").filter(|d| d.len() == 1)?,
        None => "\t",
    };
    let between = match reading.given("--output-delimiter") {
        Some(_) => value("--output-delimiter")?,
        None => delimiter,
    };
    let only = reading.has("-s --only-delimited");
    let known = text.as_known()?;
    let mut out = String::with_capacity(known.len());
    for line in known.lines() {
        if !line.contains(delimiter) {
            if !only {
                out.push_str(line);
                out.push('\n');
            }
            continue;
        }
        let fields = line
            .split(delimiter)
            .enumerate()
            .filter(|(i, _)| selected(i + 1))
            .map(|(_, f)| f);
        let fields: Vec<&str> = fields.collect();
        out.push_str(&fields.join(between));
        out.push('\n');
    }
    Some(Text::known(out))
}

/// Text whose last line has an end.
fn ended(mut text: Text) -> Text {
    if !text.known_end().is_empty() && !text.known_end().ends_with('\n') {
        text.push_str("\n");
    }
    text
}

fn sort(source: &Source<'_>) -> Option<Text> {
    let (reading, text) = source.operands("-r --reverse -u --unique -n --numeric-sort", 0)?;
    let text = text?;
    let text = text.as_known()?;
    let mut lines: Vec<&str> = text.lines().collect();
    let numeric = reading.has("-n --numeric-sort");
    if lines.len() > 1 {
        // Other characters sort differently from locale to locale.
        let plain = |line: &&str| {
            !line.is_empty()
                && line.bytes().all(|b| {
                    if numeric {
                        b.is_ascii_digit()
                    } else {
                        b.is_ascii_digit() || b.is_ascii_lowercase()
                    }
                })
        };
        if !lines.iter().all(plain) || (numeric && lines.iter().any(|line| line.len() > 18)) {
            return None;
        }
    }
    if numeric {
        lines.sort_by_key(|line| (line.parse::<u64>().unwrap_or_default(), *line));
    } else {
        lines.sort_unstable();
    }
    if reading.has("-u --unique") {
        if numeric {
            lines.dedup_by_key(|line| line.parse::<u64>().unwrap_or_default());
        } else {
            lines.dedup();
        }
    }
    if reading.has("-r --reverse") {
        lines.reverse();
    }
    let mut out = lines.join("\n");
    if !lines.is_empty() {
        out.push('\n');
    }
    Some(Text::known(out))
}

fn seq(source: &Source<'_>) -> Option<Text> {
    let args = source.known_args()?;
    let (separator, args) = match args.as_slice() {
        ["-s", separator, rest @ ..] => (*separator, rest),
        [first, rest @ ..] if first.starts_with("-s") => (&first[2..], rest),
        rest => ("\n", rest),
    };
    let number = |text: &str| {
        text.parse::<i64>()
            .ok()
            .filter(|n| n.unsigned_abs() < 1 << 32)
    };
    let (first, step, last) = match args {
        [last] => (1, 1, number(last)?),
        [first, last] => (number(first)?, 1, number(last)?),
        [first, step, last] => (number(first)?, number(step)?, number(last)?),
        _ => return None,
    };
    if step == 0 || (last - first) / step > (LIMIT / 2) as i64 {
        return None;
    }
    let mut numbers = Vec::new();
    let mut n = first;
    while (step > 0 && n <= last) || (step < 0 && n >= last) {
        numbers.push(n.to_string());
        n += step;
    }
    if numbers.is_empty() {
        return Some(Text::known(""));
    }
    Some(Text::known(format!("{}\n", numbers.join(separator))))
}

fn tr(source: &Source<'_>) -> Option<Text> {
    let reading =
        source.reading("-c -C --complement -d --delete -s --squeeze-repeats -t --truncate-set1")?;
    let sets: Option<Vec<&str>> = reading
        .operands
        .iter()
        .map(|&i| source.call.args[i].as_known())
        .collect();
    let sets = sets?;
    let (delete, squeeze) = (
        reading.has("-d --delete"),
        reading.has("-s --squeeze-repeats"),
    );
    let mut first = set(sets.first()?, None)?;
    if reading.has("-c -C --complement") {
        let members: BTreeSet<u8> = first.into_iter().collect();
        first = (0..=255).filter(|b| !members.contains(b)).collect();
    }
    let second = match sets.get(1) {
        Some(text) => Some(set(text, Some(first.len()))?),
        None => None,
    };
    if sets.len() > 2
        || (delete && second.is_some() != squeeze)
        || (!delete && !squeeze && second.is_none())
    {
        return None;
    }
    let mut map: [Option<u8>; 256] = std::array::from_fn(|b| Some(b as u8));
    if delete {
        first.iter().for_each(|b| map[*b as usize] = None);
    } else if let Some(second) = &second {
        let last = second.last().copied()?;
        let truncated = reading.has("-t --truncate-set1");
        for (i, byte) in first.iter().enumerate() {
            match second.get(i) {
                Some(to) => map[*byte as usize] = Some(*to),
                None if truncated => {}
                None => map[*byte as usize] = Some(last),
            }
        }
    }
    let mut squeezed = [false; 256];
    if squeeze {
        let set = second.as_ref().unwrap_or(&first);
        set.iter().for_each(|b| squeezed[*b as usize] = true);
    }
    let input = source.input()?;
    let mut out = Text::known("");
    let mut last = None;
    for piece in input.pieces() {
        match piece {
            Piece::Known(text) => {
                let mut bytes = Vec::with_capacity(text.len());
                for to in text.bytes().filter_map(|b| map[b as usize]) {
                    if !(squeezed[to as usize] && last == Some(to)) {
                        bytes.push(to);
                    }
                    last = Some(to);
                }
                out.append(&text_of(bytes)?);
            }
            Piece::Hole(hole) => {
                // A name or number stays one if its letters and digits become letters and digits
                // and the rest stays as it is.
                let kept = |b: u8| match map[b as usize] {
                    Some(to) if b.is_ascii_digit() => {
                        to.is_ascii_digit()
                            || (hole.shape == Shape::Name && to.is_ascii_lowercase())
                    }
                    Some(to) if b.is_ascii_alphabetic() => to.is_ascii_alphanumeric(),
                    to => to == Some(b),
                };
                let mut may_hold: Vec<u8> = (b'0'..=b'9').collect();
                if hole.shape == Shape::Name {
                    may_hold.extend((b'a'..=b'z').chain(b'A'..=b'Z').chain(*b"._/-:@"));
                }
                let shaped = matches!(hole.shape, Shape::Name | Shape::Number);
                if !shaped || !may_hold.iter().all(|b| kept(*b) && !squeezed[*b as usize]) {
                    return None;
                }
                last = None;
                out.push(piece.clone());
            }
            Piece::Glob(_) => return None,
        }
    }
    Some(if input.is_many() {
        out.into_many()
    } else {
        out
    })
}

/// The bytes of a set of `tr`; `fill` is the length that `[c*]` fills up to.
fn set(text: &str, fill: Option<usize>) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let rest = &text[i..];
        if let Some((class, len)) = class(rest) {
            out.extend(class);
            i += len;
            continue;
        }
        if rest.starts_with("[=") {
            return None;
        }
        if rest.starts_with('[')
            && let Some(star) = rest.find('*')
            && (star == 2 || (rest.as_bytes().get(1) == Some(&b'\\')))
            && let Some(end) = rest.find(']')
            && end > star
        {
            let (byte, _) = member(&bytes[i + 1..])?;
            let digits = &rest[star + 1..end];
            let count = match digits {
                "" => fill?.saturating_sub(out.len()),
                _ if digits.starts_with('0') => usize::from_str_radix(digits, 8).ok()?,
                _ => digits.parse().ok()?,
            };
            out.resize(out.len() + count.min(65_536), byte);
            i += end + 1;
            continue;
        }
        let (from, len) = member(&bytes[i..])?;
        i += len;
        if bytes.get(i) == Some(&b'-') && i + 1 < bytes.len() {
            let (to, len) = member(&bytes[i + 1..])?;
            if to < from {
                return None;
            }
            out.extend(from..=to);
            i += 1 + len;
        } else {
            out.push(from);
        }
    }
    Some(out)
}

fn member(bytes: &[u8]) -> Option<(u8, usize)> {
    let first = *bytes.first()?;
    if first != b'\\' {
        return Some((first, 1));
    }
    Some(match bytes.get(1) {
        None => (b'\\', 1),
        Some(b'a') => (7, 2),
        Some(b'b') => (8, 2),
        Some(b'f') => (12, 2),
        Some(b'n') => (b'\n', 2),
        Some(b'r') => (b'\r', 2),
        Some(b't') => (b'\t', 2),
        Some(b'v') => (11, 2),
        Some(b'0'..=b'7') => {
            let len = bytes[1..]
                .iter()
                .take(3)
                .take_while(|b| (b'0'..=b'7').contains(b))
                .count();
            let value = bytes[1..=len]
                .iter()
                .fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
            (u8::try_from(value).ok()?, 1 + len)
        }
        Some(escaped) => (*escaped, 2),
    })
}

fn class(text: &str) -> Option<(Vec<u8>, usize)> {
    let name = text.strip_prefix("[:")?;
    let end = name.find(":]")?;
    let test: fn(&u8) -> bool = match &name[..end] {
        "alnum" => u8::is_ascii_alphanumeric,
        "alpha" => u8::is_ascii_alphabetic,
        "blank" => |b| matches!(b, b' ' | b'\t'),
        "cntrl" => u8::is_ascii_control,
        "digit" => u8::is_ascii_digit,
        "graph" => u8::is_ascii_graphic,
        "lower" => u8::is_ascii_lowercase,
        "print" => |b| (32..127).contains(b),
        "punct" => u8::is_ascii_punctuation,
        "space" => |b| matches!(b, 9..=13 | 32),
        "upper" => u8::is_ascii_uppercase,
        "xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some(((0..=255).filter(test).collect(), end + 4))
}

/// `sed 's/a/b/g'`, with text that means itself in every kind of regular expression.
fn sed(source: &Source<'_>) -> Option<Text> {
    let reading = source.reading("-e= --expression= -E -r --regexp-extended -u")?;
    let scripted = reading.has("-e --expression");
    let scripts: Option<Vec<&str>> = if scripted {
        let given = reading
            .options
            .iter()
            .filter(|g| matches!(g.name, "-e" | "--expression"));
        given.map(|g| g.value.as_ref()?.as_known()).collect()
    } else {
        reading
            .operands
            .first()
            .map(|&i| source.call.args[i].as_known())
            .map(|script| script.map(|s| vec![s]))?
    };
    let (_, text) = source.operands(
        "-e= --expression= -E -r --regexp-extended -u",
        usize::from(!scripted),
    )?;
    let text = text?;
    let mut text = text.as_known()?.to_owned();
    for script in scripts? {
        for command in script
            .split([';', '\n'])
            .map(str::trim)
            .filter(|c| !c.is_empty())
        {
            let (pattern, replacement, all) = substitution(command)?;
            let changed = by_line(&text, |line| {
                Some(if all {
                    line.replace(&pattern, &replacement)
                } else {
                    line.replacen(&pattern, &replacement, 1)
                })
            })?;
            text = changed.as_known()?.to_owned();
            if text.len() > LIMIT {
                return None;
            }
        }
    }
    Some(Text::known(text))
}

fn substitution(command: &str) -> Option<(String, String, bool)> {
    let rest = command.strip_prefix('s')?;
    let delimiter = rest
        .chars()
        .next()
        .filter(|c| c.is_ascii_punctuation() && *c != '\\')?;
    let mut parts = vec![String::new()];
    let mut chars = rest[1..].chars();
    while let Some(c) = chars.next() {
        if c == delimiter {
            parts.push(String::new());
            continue;
        }
        let literal = match c {
            '\\' => chars.next().filter(|c| {
                *c == delimiter || matches!(c, '.' | '*' | '[' | ']' | '^' | '$' | '\\' | '&' | '/')
            })?,
            '.' | '*' | '[' | ']' | '^' | '$' | '+' | '?' | '(' | ')' | '{' | '}' | '|'
                if parts.len() == 1 =>
            {
                return None;
            }
            '&' if parts.len() == 2 => return None,
            c => c,
        };
        parts.last_mut()?.push(literal);
    }
    match parts.as_slice() {
        [pattern, replacement, flags]
            if !pattern.is_empty() && matches!(flags.as_str(), "" | "g") =>
        {
            Some((pattern.clone(), replacement.clone(), flags == "g"))
        }
        _ => None,
    }
}
