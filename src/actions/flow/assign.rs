//! `jq '.a.b = "c"' FILE`: JSON with other values at some keys.

use super::Source;
use crate::actions::json::Json;
use crate::model::Text;

/// What jq prints, where all it does is to give values to keys.
pub(super) fn jq(source: &Source<'_>) -> Option<Text> {
    let mut named: Vec<(&str, Json)> = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let args = source.known_args()?;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        match arg {
            "--arg" => named.push((args.next()?, Json::Text(Text::known(args.next()?)))),
            "--argjson" => named.push((args.next()?, Json::parse(&Text::known(args.next()?))?)),
            "--indent" => drop(args.next()),
            "--tab" | "-S" | "-M" | "-c" | "-r" => {}
            arg if arg.starts_with('-') => return None,
            arg => words.push(arg),
        }
    }
    let (filter, files) = words.split_first()?;
    let text = match files {
        [] => source.given(),
        [file] => source.file(&Text::known(*file)),
        _ => None,
    };
    let mut json = Json::parse(&text?)?;
    for step in split(filter, '|') {
        if let Some(more) = step.trim().strip_prefix(". +").or_else(|| step.trim().strip_prefix(". *")) {
            let more = Json::parse(&Text::known(more)).filter(|more| more.entries().iter().all(is_flat))?;
            set(&mut json, "", more, true)?;
            continue;
        }
        let at = split(step, '=').first()?.len();
        let (path, value) = (step[..at].trim(), step.get(at + 1..)?.trim());
        let (path, merges) = match path.strip_suffix(['+', '*', '|']) {
            Some(path) => (path.trim(), !step[..at].ends_with('|') || value.starts_with(". +")),
            None => (path, false),
        };
        let value = value.trim_start_matches(". +").trim();
        let value = match value.strip_prefix('$') {
            Some(name) => named.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
            None => Json::parse(&Text::known(value)),
        };
        set(&mut json, path.strip_prefix('.')?, value?, merges)?;
    }
    let mut text = json.render();
    text.push_str("\n");
    Some(text)
}

/// Whether merging it deeply is the same as putting it there.
fn is_flat(entry: &(Text, Json)) -> bool {
    !matches!(entry.1, Json::Map(_) | Json::Unknown(_))
}

/// The parts between marks that stand in no string or bracket; `|=` is no `|`.
fn split(text: &str, mark: char) -> Vec<&str> {
    let (mut quoted, mut escaped, mut depth, mut start) = (false, false, 0_i32, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        let escapes = escaped;
        escaped = c == '\\' && !escapes;
        quoted ^= c == '"' && !escapes;
        depth += i32::from(!quoted && "([{".contains(c)) - i32::from(!quoted && ")]}".contains(c));
        if c == mark && !quoted && depth == 0 && !text[at + 1..].starts_with('=') {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Puts a value at a path: `a."b-c"["d"]`.
fn set(json: &mut Json, path: &str, value: Json, merges: bool) -> Option<()> {
    let path = path.trim_start_matches('.');
    if path.is_empty() {
        match (&mut *json, value) {
            (Json::Map(entries), Json::Map(new)) if merges => entries.extend(new),
            (_, _) if merges => return None,
            (_, value) => *json = value,
        }
        return Some(());
    }
    let bracketed = path.strip_prefix('[').unwrap_or(path);
    let (key, rest) = match bracketed.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => {
            let end = bracketed.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(bracketed.len());
            bracketed.split_at(end)
        }
    };
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let Json::Map(entries) = json else {
        return None;
    };
    if key.is_empty() {
        return None;
    }
    let at = entries.iter().rposition(|(name, _)| name.as_known() == Some(key)).unwrap_or_else(|| {
        entries.push((Text::known(key), Json::Map(Vec::new())));
        entries.len() - 1
    });
    set(&mut entries[at].1, rest, value, merges)
}
