//! What is wrong with a rule file, and where.

use std::fmt;

/// A rule file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackError {
    /// The file, as it was named to the parser.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key nearest to the fault: `class`.
    pub key: Option<String>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

impl PackError {
    /// A fault at a byte offset of the file's text.
    pub fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> PackError {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        PackError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            key: key_at(text, offset),
            message: message.into(),
        }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if let Some(key) = &self.key {
            write!(f, "`{key}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for PackError {}

/// What the reader of TOML says, in a person's words and on one line.
pub fn in_words(message: &str) -> String {
    let message = message.trim().trim_end_matches('.').replace('\n', ", ");
    let Some((found, wanted)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return message;
    };
    let wanted = match wanted {
        "u64" | "usize" | "u32" | "u8" => "a whole number from 0 on",
        "path string" | "a string" => "a text in quotes",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        table if table.starts_with("struct ") => "a table",
        other => other,
    };
    let found = match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {number}"),
        Some(("floating", number)) => format!("the number {}", number.trim_start_matches("point ")),
        Some(("boolean", word)) => word.to_owned(),
        _ if found == "map" => "a table".to_owned(),
        _ if found == "sequence" => "a list".to_owned(),
        _ => found.to_owned(),
    };
    format!("{found} stands where {wanted} must")
}

/// The key or table that stands at `offset`, else the last one before it that has an `=`.
fn key_at(text: &str, offset: usize) -> Option<String> {
    let line_start = text[..offset].ends_with('\n') || offset == 0;
    if line_start && text[offset..].starts_with('[') {
        let header = text[offset..].lines().next()?;
        return Some(header.split('#').next()?.trim_matches(['[', ']', ' ']).to_owned());
    }
    let bytes = text.as_bytes();
    let mut last = None;
    let mut word = 0..0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            quote @ (b'"' | b'\'') => {
                let end = string_end(text, at, quote);
                if offset > at && offset < end {
                    break;
                }
                word = at + 1..end.saturating_sub(1).max(at + 1);
                at = end;
                continue;
            }
            b'=' => last = Some(word.clone()),
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') => {
                let length = text[at..]
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
                    .unwrap_or(text.len() - at);
                word = at..at + length;
                at = word.end;
                let key = text[at..].trim_start_matches([' ', '\t']).starts_with('=');
                if word.end > offset {
                    if key {
                        last = Some(word);
                    }
                    break;
                }
                continue;
            }
            _ => {}
        }
        at += 1;
        if at > offset {
            break;
        }
    }
    last.map(|range| text.get(range).unwrap_or("").to_owned())
}

/// The offset after the TOML string that starts at `start`.
fn string_end(text: &str, start: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let long = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if long { 3 } else { 1 };
    while at < bytes.len() {
        if bytes[at] == b'\\' && quote == b'"' {
            at += 2;
        } else if long && bytes[at..].starts_with(&[quote; 3]) {
            return at + 3;
        } else if !long && (bytes[at] == quote || bytes[at] == b'\n') {
            return at + 1;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_named() {
        let text = "[rule.when]\n# a = b\npath = { op = [\"delete\"],\n  class = [\"x = y\", \"rooot\"] }\n";
        for (needle, key) in [("rooot", "class"), ("delete", "op"), ("op =", "op"), ("class", "class")] {
            let error = PackError::at("f", text, text.find(needle).unwrap(), "m");
            assert_eq!(error.key.as_deref(), Some(key), "{needle}");
        }
        let error = PackError::at("f.toml", text, text.find("rooot").unwrap() - 1, "no such class");
        assert_eq!(error.to_string(), "f.toml:4:21: `class`: no such class");
    }

    #[test]
    fn any_offset_of_any_text_will_do() {
        for text in ["", "\"", "'''", "a = \"\\", "ä = ö\n'", "# ", "a='é"] {
            for offset in 0..text.len() + 3 {
                let _ = PackError::at("f", text, offset, "m").to_string();
            }
        }
    }
}
