//! The row of the terminal that a prompt is on: a program's last output may stand in front of it.

use unicode_width::UnicodeWidthChar;

/// With it readline begins a prompt.
const BEGINS: &[u8] = b"\x1b[?2004h";
/// With these a row begins anew.
const CLEARS: [&[u8]; 4] = [b"\x1b[H", b"\x1b[J", b"\x1b[2J", b"\x1b[3J"];
/// Of a longer one nothing is known.
const LONGEST: usize = 64 << 10;
const TAB: usize = 8;

/// What was shown since the last row ended.
#[derive(Default)]
pub struct Row {
    bytes: Vec<u8>,
}

impl Row {
    /// Takes what is shown.
    pub fn take(&mut self, shown: &[u8]) {
        let end = shown.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        if end.is_some() {
            self.bytes.clear();
        }
        let rest = &shown[end.unwrap_or(0)..];
        let room = LONGEST.saturating_sub(self.bytes.len());
        self.bytes.extend(&rest[..rest.len().min(room)]);
    }

    /// What stands in front of the prompt on its row of so many columns, if that is text, and fits with what stands
    /// behind it.
    pub fn before_prompt(&self, columns: usize) -> Option<&[u8]> {
        let at = self.bytes.windows(BEGINS.len()).position(|part| part == BEGINS)?;
        let (before, behind) = self.bytes.split_at(at);
        let text = begun_anew(before).rsplit(|byte| *byte == b'\r').next()?;
        let (whole, _) = walk(text, true, usize::MAX)?;
        // The terminal has broken it.
        let last = whole.checked_rem(columns)?;
        let (_, start) = walk(text, true, whole - last)?;
        let (prompt, _) = walk(behind, false, usize::MAX)?;
        let stands = last > 0 && begun_anew(behind).len() == behind.len();
        (stands && last + prompt < columns).then(|| &text[start..])
    }
}

/// What stands behind the last that clears.
fn begun_anew(row: &[u8]) -> &[u8] {
    let ends = CLEARS.iter().filter_map(|clears| {
        row.windows(clears.len()).rposition(|part| part == *clears).map(|at| at + clears.len())
    });
    &row[ends.max().unwrap_or(0)..]
}

/// How many columns bytes take, up to so many, and where these end; `plain`: nothing in them moves the cursor but what
/// they show.
fn walk(bytes: &[u8], plain: bool, up_to: usize) -> Option<(usize, usize)> {
    let text = str::from_utf8(bytes).ok()?;
    let mut chars = text.chars();
    let mut columns = 0;
    while columns < up_to
        && let Some(c) = chars.next()
    {
        match c {
            '\x1b' => {
                let last = match chars.next()? {
                    '[' => chars.find(|c| ('@'..='~').contains(c)),
                    ']' => chars.find(|c| matches!(c, '\x07' | '\\')),
                    other => Some(other),
                };
                if plain && last != Some('m') {
                    return None;
                }
            }
            '\t' => columns += TAB,
            c if c.is_control() && plain => return None,
            c => columns += c.width().unwrap_or(0),
        }
    }
    Some((columns, text.len() - chars.as_str().len()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_front_of_a_prompt_is_known_where_it_is_text() {
        for (shown, before) in [
            (&["$ printf a\r\n\x1b[?2004l\rfoo\x1b[?2004h$ ls"][..], Some("foo")),
            (&["one\r\ntw", "o\x1b[?20", "04h$ "], Some("two")),
            (&["10 %\r\x1b[1mdone\x1b[0m\x1b[?2004h\x1b]0;title\x07$ "], Some("\x1b[1mdone\x1b[0m")),
            (&["\x1b[?2004l\rone\r\n\x1b[?2004h$ "], None),
            (&["foo\x1b[?2004hbox\r\n$ "], None),
            (&["\x1b[H\x1b[2J\x1b[3Jfoo\x1b[?2004h$ "], Some("foo")),
            (&["\x1b[Afoo\x1b[?2004h$ "], None),
            (&["foo\x1b[?2004h$ \x1b[H\x1b[2J$ "], None),
            (&["a row of twenty more\x1b[?2004h$ and a long command"], None),
            (
                &[
                    "a long row of which the terminal shows this \x1b[1mand more\x1b[0m on the next\x1b[?2004h$ ",
                ],
                Some("his \x1b[1mand more\x1b[0m on the next"),
            ),
            (&["\u{ff}\x1b[?2004h$ "], Some("\u{ff}")),
            (&["foo"], None),
        ] {
            let mut row = Row::default();
            shown.iter().for_each(|part| row.take(part.as_bytes()));
            let found = row.before_prompt(40).map(|before| String::from_utf8(before.to_vec()).unwrap());
            assert_eq!(found.as_deref(), before, "{shown:?}");
        }
    }
}
