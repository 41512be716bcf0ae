//! grep for plain text, and programs that lay lines out anew.

use crate::model::Text;

use super::filter::by_line;
use super::{LIMIT, Source};

/// What one of them prints.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    match name {
        "fold" => fold(source),
        "paste" => paste(source),
        "expand" => expand(source),
        "dd" => dd(source),
        "iconv" => iconv(source),
        _ => grep(name, source),
    }
}

/// A pattern that means itself in every kind of regular expression.
pub(super) fn literal(pattern: &str) -> Option<&str> {
    const SPECIAL: &[char] = &['.', '*', '[', ']', '^', '$', '+', '?', '(', ')', '{', '}', '|', '\\', '\n'];
    (!pattern.is_empty() && !pattern.contains(SPECIAL)).then_some(pattern)
}

fn grep(name: &str, source: &Source<'_>) -> Option<Text> {
    const OPTIONS: &str = "-v --invert-match -o --only-matching -h --no-filename -F --fixed-strings -E \
        --extended-regexp -G --basic-regexp -P --perl-regexp -i --ignore-case -x --line-regexp -e= --regexp= -a --text \
        -m= --max-count= -s --no-messages --color? --line-buffered";
    let reading = source.reading(OPTIONS)?;
    let given: Vec<_> = reading.options.iter().filter(|g| matches!(g.name, "-e" | "--regexp")).collect();
    let pattern = match given.as_slice() {
        [] => source.call.args[*reading.operands.first()?].as_known()?,
        [one] => one.value.as_ref()?.as_known()?,
        _ => return None,
    };
    let (_, text) = source.operands(OPTIONS, usize::from(given.is_empty()))?;
    if reading.operands.len() > 1 + usize::from(given.is_empty()) && !reading.has("-h --no-filename") {
        return None;
    }
    let (mut part, mut starts, mut ends) = (pattern, false, false);
    if name == "fgrep" || reading.has("-F --fixed-strings") {
        part = Some(part).filter(|part| !part.is_empty() && !part.contains('\n'))?;
    } else {
        starts = part.starts_with('^');
        part = part.strip_prefix('^').unwrap_or(part);
        ends = part.ends_with('$');
        part = part.strip_suffix('$').unwrap_or(part);
        part = literal(part)?;
    }
    (starts, ends) = match reading.has("-x --line-regexp") {
        true => (true, true),
        false => (starts, ends),
    };
    let folded = |text: &str| match reading.has("-i --ignore-case") {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let text = text?;
    let text = text.as_known()?;
    if reading.has("-i --ignore-case") && !(text.is_ascii() && part.is_ascii()) {
        return None;
    }
    let part = folded(part);
    let most = match reading.given("-m --max-count") {
        Some(given) => given.value.as_ref()?.as_known()?.parse().ok()?,
        None => usize::MAX,
    };
    let not = reading.has("-v --invert-match");
    let chosen = text.lines().filter(|line| {
        let line = folded(line);
        let found = match (starts, ends) {
            (true, true) => line == part,
            (true, false) => line.starts_with(&part),
            (false, true) => line.ends_with(&part),
            (false, false) => line.contains(&part),
        };
        found != not
    });
    let mut out = String::new();
    for line in chosen.take(most) {
        if !reading.has("-o --only-matching") {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        if not {
            break;
        }
        let times = if starts || ends { 1 } else { usize::MAX };
        for (at, _) in folded(line).match_indices(&part).take(times) {
            out.push_str(&line[at..at + part.len()]);
            out.push('\n');
        }
    }
    Some(Text::known(out))
}

fn fold(source: &Source<'_>) -> Option<Text> {
    let (reading, text) = source.operands("-w= --width= -b --bytes -s --spaces", 0)?;
    let width: usize = match reading.given("-w --width") {
        Some(given) => given.value.as_ref()?.as_known()?.parse().ok().filter(|n| *n > 0)?,
        None => 80,
    };
    let text = text?;
    by_line(text.as_known()?, |line| {
        // Other characters have widths of their own.
        if !line.bytes().all(|b| (32..127).contains(&b)) {
            return None;
        }
        if line.len() <= width {
            return Some(line.to_owned());
        }
        if reading.has("-s --spaces") {
            return None;
        }
        let parts: Vec<&str> =
            (0..line.len()).step_by(width).map(|at| &line[at..line.len().min(at + width)]).collect();
        Some(parts.join("\n"))
    })
}

fn paste(source: &Source<'_>) -> Option<Text> {
    let reading = source.reading("-s --serial -d= --delimiters=")?;
    let between = match reading.given("-d --delimiters") {
        None => "\t",
        Some(given) => match given.value.as_ref()?.as_known()? {
            "\\n" => "\n",
            "\\t" => "\t",
            "" | "\\0" => "",
            one if one.chars().count() == 1 && one != "\\" => one,
            _ => return None,
        },
    };
    let dashes = reading.operands.iter().all(|&at| source.call.args[at].as_known() == Some("-"));
    let columns = match reading.operands.len() {
        0 | 1 => 1,
        several if dashes && !reading.has("-s --serial") => several,
        _ => return None,
    };
    let text = match reading.operands.first() {
        Some(&at) if !dashes => source.file(&source.call.args[at])?,
        _ => source.input()?,
    };
    let lines: Vec<&str> = text.as_known()?.lines().collect();
    if lines.is_empty() || columns > 64 {
        return None;
    }
    let mut out = String::new();
    if reading.has("-s --serial") {
        out = lines.join(between);
        out.push('\n');
        return Some(Text::known(out));
    }
    for row in lines.chunks(columns) {
        let mut cells = row.to_vec();
        cells.resize(columns, "");
        out.push_str(&cells.join(between));
        out.push('\n');
        if out.len() > LIMIT {
            return None;
        }
    }
    Some(Text::known(out))
}

fn expand(source: &Source<'_>) -> Option<Text> {
    let (_, text) = source.operands("", 0)?;
    let text = text?;
    by_line(text.as_known()?, |line| {
        let mut out = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '\t' => out.push_str(&" ".repeat(8 - out.len() % 8)),
                ' '..='~' => out.push(c),
                _ => return None,
            }
        }
        Some(out)
    })
}

/// `dd`, where it copies all of its input to its output.
fn dd(source: &Source<'_>) -> Option<Text> {
    let mut file = None;
    for arg in source.known_args()? {
        match arg.split_once('=')? {
            ("if", path) => file = Some(Text::known(path)),
            ("status" | "bs" | "ibs" | "obs", _) => {}
            _ => return None,
        }
    }
    match file {
        Some(path) => source.file(&path),
        None => source.input(),
    }
}

/// `iconv` between encodings in which ASCII is the same.
fn iconv(source: &Source<'_>) -> Option<Text> {
    let (reading, text) = source.operands("-f= --from-code= -t= --to-code= -c -s --silent", 0)?;
    let plain = reading.options.iter().filter_map(|given| given.value.as_ref()).all(|value| {
        let Some(name) = value.as_known() else {
            return false;
        };
        let name = name.split("//").next().unwrap_or(name).to_ascii_lowercase().replace(['-', '_'], "");
        matches!(name.as_str(), "" | "utf8" | "ascii" | "usascii" | "latin1")
            || ["iso8859", "cp125", "windows125"].iter().any(|start| name.starts_with(start))
    });
    let text = text?;
    (plain && text.as_known()?.is_ascii()).then_some(text)
}
