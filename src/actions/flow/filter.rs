//! Filters: head, cut, sort and kin, on known text and on lines whose unknown parts hold no line end.

use crate::model::{Call, Piece, Text};

use super::{LIMIT, Source, edit, text_of};

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
        "tr" => edit::tr(source),
        "head" | "tail" => ends(name == "head", source),
        "cut" => cut(source),
        "sort" => sort(source),
        "uniq" => {
            let (reading, text) = source.operands("", 0)?;
            let mut kept = lines(&text?)?;
            kept.dedup();
            (reading.operands.len() <= 1).then(|| join(kept.iter()))
        }
        "sed" => super::sed::sed(source),
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
            Piece::Hole(hole) if hole.shape.is_word() => {
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
pub(super) fn by_line(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<Text> {
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
    let obsolete = source.call.args.first().and_then(Text::as_known).and_then(|arg| {
        let digits = arg.strip_prefix('-')?;
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
    });
    let (reading, text) =
        source.operands("-n= --lines= -c= --bytes= -q --quiet --silent -1 -2 -3 -4 -5 -6 -7 -8 -9 -0", 0)?;
    if reading.operands.len() > 1 {
        // Each file by itself, under its name.
        let mut whole = Text::default();
        for &file in &reading.operands {
            let given =
                (0..source.call.args.len()).filter(|at| *at == file || !reading.operands.contains(at));
            let call =
                Call { args: given.map(|at| source.call.args[at].clone()).collect(), ..source.call.clone() };
            if !reading.has("-q --quiet --silent") {
                whole.push_str(&format!("==> {} <==\n", source.call.args[file].display()));
            }
            whole.append(&ends(first, &Source { call: &call, ..*source })?);
            whole.push_str("\n");
        }
        return Some(whole);
    }
    let text = text?;
    let bytes = reading.given("-c --bytes");
    let count = match (bytes, reading.given("-n --lines"), obsolete) {
        (Some(given), None, None) | (None, Some(given), None) => given.value.as_ref()?.as_known()?,
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
            if hole.shape.is_word() && !text.is_many() && matches!(text.known_end(), "" | "\n") =>
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
    let value = |names: &str| reading.given(names).and_then(|g| g.value.as_ref()).and_then(Text::as_known);
    let list = reading.given("-f --fields -c --characters -b --bytes")?.value.as_ref()?.as_known()?;
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
            let bytes = line.bytes().enumerate().filter(|(i, _)| selected(i + 1)).map(|(_, b)| b).collect();
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
        let fields = line.split(delimiter).enumerate().filter(|(i, _)| selected(i + 1)).map(|(_, f)| f);
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
    if numeric {
        let number = |line: &&str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        if lines.len() > 1 && !lines.iter().all(|line| number(line) && line.len() <= 18) {
            return None;
        }
        lines.sort_by_key(|line| (line.parse::<u64>().unwrap_or_default(), *line));
    } else {
        lines.sort_unstable();
        // Other characters sort differently from locale to locale.
        let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
        let sure = |pair: &[&str]| {
            let mut bytes = pair[0].bytes().zip(pair[1].bytes());
            bytes.find(|(a, b)| a != b).is_none_or(|(a, b)| plain(a) && plain(b))
        };
        if !lines.windows(2).all(sure) {
            return None;
        }
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
    let format = match args.as_slice() {
        ["-f", format, ..] => Some(*format),
        _ => None,
    };
    let args = if format.is_some() { &args[2..] } else { &args[..] };
    let (separator, args) = match args {
        ["-s", separator, rest @ ..] => (*separator, rest),
        [first, rest @ ..] if first.starts_with("-s") => (&first[2..], rest),
        rest => ("\n", rest),
    };
    let number = |text: &str| text.parse::<i64>().ok().filter(|n| n.unsigned_abs() < 1 << 32);
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
        numbers.push(match format {
            None => n.to_string(),
            // Of larger numbers `%g` prints an exponent.
            Some(format) if n.unsigned_abs() < 1_000_000 && format.matches('%').count() == 1 => {
                let (before, after) = format.split_once("%g").or_else(|| format.split_once("%.0f"))?;
                format!("{before}{n}{after}")
            }
            Some(_) => return None,
        });
        if numbers.len() * (1 + format.map_or(0, str::len)) > LIMIT {
            return None;
        }
        n += step;
    }
    if numbers.is_empty() {
        return Some(Text::known(""));
    }
    Some(Text::known(format!("{}\n", numbers.join(separator))))
}
