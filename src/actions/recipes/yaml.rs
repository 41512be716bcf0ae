//! The YAML of task files, as far as they use it: maps and lists by indentation, lists in brackets,
//! quoted texts, texts of several lines.

use crate::actions::json::Json;
use crate::model::Text;

/// Nested deeper than this nothing is read.
const DEPTH: usize = 32;

/// Reads a file; what is not understood is left out.
pub(super) fn parse(source: &str) -> Json {
    let lines: Vec<(usize, &str)> = source.lines().map(|line| (indent(line), line.trim())).collect();
    let mut at = 0;
    block(&lines, &mut at, 0, 0)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    line.is_empty() || line.starts_with('#') || line == "---"
}

fn text(value: &str) -> Json {
    Json::Text(Text::known(value))
}

/// What stands at an indentation of at least `least`.
fn block(lines: &[(usize, &str)], at: &mut usize, least: usize, depth: usize) -> Json {
    while lines.get(*at).is_some_and(|(_, line)| is_blank(line)) {
        *at += 1;
    }
    let Some(&(own, _)) = lines.get(*at).filter(|(own, _)| *own >= least && depth < DEPTH) else {
        return Json::Null;
    };
    let mut items = Vec::new();
    let mut entries = Vec::new();
    while let Some(&(indent, line)) = lines.get(*at) {
        if is_blank(line) {
            *at += 1;
            continue;
        }
        if indent != own {
            if indent < own {
                break;
            }
            *at += 1;
            continue;
        }
        *at += 1;
        if let Some(item) = line.strip_prefix('-').filter(|item| item.is_empty() || item.starts_with(' ')) {
            let item_at = own + line.len() - item.trim_start().len();
            let item = item.trim();
            match pair(item) {
                Some(_) if !item.starts_with(['"', '\'', '[', '{']) => {
                    // A map whose first key stands behind the dash.
                    let mut inner = vec![(item_at, item)];
                    while let Some(&(indent, line)) =
                        lines.get(*at).filter(|(indent, line)| *indent > own || is_blank(line))
                    {
                        inner.push((indent, line));
                        *at += 1;
                    }
                    items.push(block(&inner, &mut 0, 0, depth + 1));
                }
                _ => items.push(value(item, lines, at, own, depth)),
            }
        } else if let Some((key, rest)) = pair(line) {
            let key = key.trim_matches(['"', '\'']);
            entries.push((Text::known(key), value(rest, lines, at, own, depth)));
        }
    }
    if items.is_empty() { Json::Map(entries) } else { Json::List(items) }
}

/// A key and what stands behind its colon.
fn pair(line: &str) -> Option<(&str, &str)> {
    if let Some(key) = line.strip_suffix(':') {
        return Some((key, ""));
    }
    let (key, rest) = line.split_once(": ")?;
    (!key.contains([' ', '{', '"']) || key.starts_with('"')).then_some((key, rest.trim()))
}

/// What stands behind a key or a dash, on that line or on those below.
fn value(inline: &str, lines: &[(usize, &str)], at: &mut usize, own: usize, depth: usize) -> Json {
    if inline.starts_with(['|', '>']) && inline.len() < 4 {
        let joint = if inline.starts_with('|') { "\n" } else { " " };
        let mut parts = Vec::new();
        while let Some((_, line)) = lines.get(*at).filter(|(indent, line)| *indent > own || line.is_empty()) {
            parts.push(*line);
            *at += 1;
        }
        return text(&parts.join(joint));
    }
    if inline.is_empty() || inline.starts_with('#') {
        // A list may stand as far to the left as its key.
        let next = lines[*at..].iter().find(|(_, line)| !is_blank(line));
        let listed = next.is_some_and(|(indent, line)| *indent == own && line.starts_with('-'));
        return block(lines, at, if listed { own } else { own + 1 }, depth + 1);
    }
    if let Some(list) = inline.strip_prefix('[').and_then(|rest| rest.trim_end().strip_suffix(']')) {
        return Json::List(list.split(',').map(|item| text(unquoted(item.trim()))).collect());
    }
    text(unquoted(inline))
}

fn unquoted(value: &str) -> &str {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quote.and_then(|quote| value[1..].rsplit_once(quote)) {
        Some((inner, _)) => inner,
        None => value.split(" #").next().unwrap_or(value).trim_end(),
    }
}
