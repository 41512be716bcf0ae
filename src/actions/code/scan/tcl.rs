//! Tcl: what it starts and deletes by plain words, and what `expect` sends to what it starts.

use super::line_at;
use crate::actions::CodeEffect;
use crate::model::{Span, Text};

/// What each command of a script does that is plain words, and on which lines it stands.
pub(super) fn commands(source: &str) -> Vec<(CodeEffect, Span)> {
    let mut lines: Vec<(String, Span)> = Vec::new();
    // What was started last, what it was sent, and where.
    let mut spawned: Option<(String, String, Span)> = None;
    let (mut quoted, mut escaped) = (false, false);
    let mut starts = vec![0];
    for (at, c) in source.char_indices() {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        if c == '[' || (!quoted && matches!(c, '\n' | ';' | '{')) {
            starts.push(at + 1);
        }
    }
    for start in starts {
        let text = source[start..].trim_start();
        let command = command(text);
        let place = line_at(source, source.len() - text.len() + command.len());
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match word {
            "exec" | "system" => lines.push((as_shell(rest), place)),
            "spawn" => {
                lines.extend(spawned.replace((as_shell(rest), String::new(), place)).map(fed));
            }
            "send" | "exp_send" => {
                let text = rest.trim().trim_start_matches("-- ").trim_matches(['"', '{', '}']);
                let text = text.replace("\\r", "\n").replace("\\n", "\n").replace("\\\"", "\"");
                if let Some((_, sent, sends)) = &mut spawned {
                    *sends = if sent.is_empty() { place } else { sends.cover(place) };
                    sent.push_str(&text);
                }
            }
            "file" => {
                let rest = rest.trim_start();
                let deleted = rest.strip_prefix("delete").map(|rest| rest.replace("-force", ""));
                lines.extend(deleted.map(|rest| (format!("rm -rf {}", as_shell(&rest)), place)));
            }
            "open" => {
                let piped = rest.trim_matches(['"', '{', '}']).strip_prefix('|');
                lines.extend(piped.map(|rest| (as_shell(rest), place)));
            }
            _ => {}
        }
    }
    lines.extend(spawned.map(fed));
    lines.into_iter().map(|(line, place)| (CodeEffect::Shell(Text::known(line)), place)).collect()
}

/// The command that begins here.
fn command(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let ends = |(_, c): &(usize, char)| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => return true,
            '}' | ']' => depth -= 1,
            '\n' | ';' => return depth == 0 && !quoted,
            _ => {}
        }
        false
    };
    let end = text.char_indices().find(ends).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end()
}

/// Words of Tcl as a shell's: braces quote.
fn as_shell(words: &str) -> String {
    words.replace("$env(HOME)", "$HOME").replace(['{', '}'], "'")
}

/// A program that reads what it was sent.
fn fed((program, sent, place): (String, String, Span)) -> (String, Span) {
    if sent.is_empty() {
        return (program, place);
    }
    (format!("{program} <<< {}", shell_words::quote(sent.trim_end())), place)
}
