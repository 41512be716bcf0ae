//! Tcl: what it starts and deletes by plain words, and what `expect` sends to what it starts.

use crate::actions::CodeEffect;
use crate::model::Text;

/// Adds what each command of a script does that is plain words.
pub(super) fn commands(source: &str, found: &mut Vec<CodeEffect>) {
    let mut lines: Vec<String> = Vec::new();
    // What was started last, and what it was sent.
    let mut spawned: Option<(String, String)> = None;
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
        let command = command(source[start..].trim_start());
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match word {
            "exec" | "system" => lines.push(as_shell(rest)),
            "spawn" => {
                lines.extend(spawned.take().map(|(program, sent)| fed(program, &sent)));
                spawned = Some((as_shell(rest), String::new()));
            }
            "send" | "exp_send" => {
                let text = rest.trim().trim_start_matches("-- ").trim_matches(['"', '{', '}']);
                let text = text.replace("\\r", "\n").replace("\\n", "\n").replace("\\\"", "\"");
                if let Some((_, sent)) = &mut spawned {
                    sent.push_str(&text);
                }
            }
            "file" => {
                let rest = rest.trim_start();
                let deleted = rest.strip_prefix("delete").map(|rest| rest.replace("-force", ""));
                lines.extend(deleted.map(|rest| format!("rm -rf {}", as_shell(&rest))));
            }
            "open" => lines.extend(rest.trim_matches(['"', '{', '}']).strip_prefix('|').map(as_shell)),
            _ => {}
        }
    }
    lines.extend(spawned.map(|(program, sent)| fed(program, &sent)));
    found.extend(lines.into_iter().map(|line| CodeEffect::Shell(Text::known(line))));
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
fn fed(program: String, sent: &str) -> String {
    if sent.is_empty() { program } else { format!("{program} <<< {}", shell_words::quote(sent.trim_end())) }
}
