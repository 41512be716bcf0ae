//! What readline draws around a function that a key runs (`bind -x`): it clears its rows before, and draws them again
//! behind. Around the check of a line neither is shown, so that the screen is as if there were no check.

use std::time::{Duration, Instant};

/// With these readline begins and ends its work on a line.
const BEGINS: &[u8] = b"\x1b[?2004h";
const ENDS: &[u8] = b"\x1b[?2004l";
/// So much of what came last is looked at: readline writes less at a time.
const LAST: usize = 2048;
/// So much is kept back at most.
const LONGEST: usize = 64 << 10;
/// So long what may be a part of it is kept back, where what it should lead to does not come.
const PATIENCE: Duration = Duration::from_secs(1);

/// What of a program's output is such drawing, and kept back.
#[derive(Default)]
pub struct Redraw {
    /// Readline says where its work on a line ends.
    tells: bool,
    stage: Stage,
    /// The line that is checked.
    line: String,
    /// What cleared, and behind it what was drawn again.
    kept: Vec<u8>,
    /// Where what was drawn begins in it.
    drawn: usize,
    since: Option<Instant>,
    /// What was shown last behind the end of a line.
    row: Vec<u8>,
}

#[derive(Default, Clone, Copy)]
enum Stage {
    #[default]
    Idle,
    /// What only clears was written last.
    Cleared,
    /// A line is being checked.
    Checked(Rows),
    /// All up to the end of readline's work is drawn again.
    Drawn(Rows),
}

/// The rows that readline writes on.
#[derive(Clone, Copy)]
struct Rows {
    count: usize,
    /// So many stand below the cursor.
    below: usize,
    /// The line has been ended on the screen, and something else stands below it.
    ended: bool,
}

impl Redraw {
    /// Takes what a program has written; what of it is shown, if that is something else. `reads_keys`: the program may
    /// be readline at work.
    pub fn take(&mut self, came: &[u8], reads_keys: impl Fn() -> bool) -> Option<Vec<u8>> {
        match self.stage {
            Stage::Idle | Stage::Checked(_) => self.keep_clearing(came, reads_keys),
            Stage::Cleared if steps(came).iter().all(|(_, step)| *step != Step::Other) => {
                self.kept.extend(came);
                Some(Vec::new())
            }
            Stage::Cleared => {
                // Another function's.
                let before = self.give_up();
                let shown = self.keep_clearing(came, reads_keys);
                Some([before, shown.unwrap_or_else(|| came.to_vec())].concat())
            }
            Stage::Drawn(rows) => {
                self.kept.extend(came);
                match self.drawing_ends(rows) {
                    Some(end) => Some(self.without_drawing(rows, end)),
                    None if self.kept.len() > LONGEST => Some(self.give_up()),
                    None => Some(Vec::new()),
                }
            }
        }
    }

    /// What was written last may be the beginning of a check.
    pub fn may_be_check(&self) -> bool {
        matches!(self.stage, Stage::Cleared)
    }

    /// Readline may be drawing now.
    pub fn draws(&self) -> bool {
        matches!(self.stage, Stage::Cleared | Stage::Drawn(_))
    }

    /// This line is being checked now.
    pub fn begin_check(&mut self, line: &str) {
        if let Stage::Cleared = self.stage {
            self.stage = Stage::Checked(rows(&self.kept));
            line.clone_into(&mut self.line);
            (self.drawn, self.since) = (self.kept.len(), None);
        }
    }

    /// The line is to be ended on the screen for something else to stand below; what is shown for that, or `None` where
    /// the line itself is not on the screen.
    pub fn end_line(&mut self) -> Option<Vec<u8>> {
        let Stage::Checked(rows) = &mut self.stage else { return None };
        let end = rows.end();
        rows.ended = true;
        Some(end)
    }

    /// The line is accepted now.
    pub fn end_check(&mut self) {
        if let Stage::Checked(rows) = self.stage {
            (self.stage, self.since) = (Stage::Drawn(rows), Some(Instant::now()));
        }
    }

    /// So long it is still kept back.
    pub fn patience(&self) -> Option<Duration> {
        self.since.map(|since| PATIENCE.saturating_sub(since.elapsed()))
    }

    /// What is kept back and is shown after all.
    pub fn give_up(&mut self) -> Vec<u8> {
        let kept = std::mem::take(&mut self.kept);
        let from = match std::mem::take(&mut self.stage) {
            Stage::Checked(_) | Stage::Drawn(Rows { ended: true, .. }) => self.drawn,
            _ => 0,
        };
        self.since = None;
        self.see(&kept[from..]);
        kept[from..].to_vec()
    }

    /// This is shown.
    fn see(&mut self, shown: &[u8]) {
        let end = shown.iter().rposition(|byte| *byte == b'\n');
        if end.is_some() || self.row.len() > LAST {
            self.row.clear();
        }
        self.row.extend(&shown[end.map_or(0, |end| end + 1)..]);
    }

    fn keep_clearing(&mut self, came: &[u8], reads_keys: impl Fn() -> bool) -> Option<Vec<u8>> {
        let from = came.len().saturating_sub(LAST);
        let last = &came[from..];
        if let Some(at) = last.windows(BEGINS.len()).rposition(|part| part == BEGINS || part == ENDS) {
            self.tells = last[at..].starts_with(BEGINS);
        }
        let at = clearing(last).filter(|_| self.tells || reads_keys()).map(|at| from + at);
        self.see(&came[..at.unwrap_or(came.len())]);
        let at = at?;
        (self.stage, self.since) = (Stage::Cleared, Some(Instant::now()));
        self.kept = came[at..].to_vec();
        Some(came[..at].to_vec())
    }

    /// Where what is drawn ends, if it has come to that: where readline says so, else behind the last row below the
    /// cursor.
    fn drawing_ends(&self, rows: Rows) -> Option<usize> {
        let drawn = &self.kept[self.drawn..];
        let at = match self.tells {
            true => position(drawn, ENDS),
            false => drawn
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .nth(rows.below)
                .map(|(at, _)| at + 1),
        };
        at.map(|at| self.drawn + at)
    }

    /// What is shown in the place of all up to here.
    fn without_drawing(&mut self, rows: Rows, end: usize) -> Vec<u8> {
        let drawn: Vec<Step> = steps(&self.kept[self.drawn..end]).into_iter().map(|(_, step)| step).collect();
        let downs = count(&drawn, Step::Down);
        let last_up = drawn.iter().rposition(|step| *step == Step::Up);
        let is_drawing = match self.tells {
            // Down each row, down again from the cursor's to the last, and off that: who draws more is not readline.
            true => rows.ended || downs < 2 * rows.count,
            false => self.shows_line(&self.kept[self.drawn..end]) || rows.count == 1 && self.is_row(end),
        };
        if !is_drawing {
            return self.give_up();
        }
        // Readline does not show what is typed (`stty -echo`).
        let instead = if downs == 0 || rows.ended {
            Vec::new()
        // It goes up to end the line where that fills its last row: the cursor stands behind it by now.
        } else if last_up.is_some_and(|at| count(&drawn[at..], Step::Down) == 1) {
            b"\r".to_vec()
        } else {
            rows.end()
        };
        let rest = self.kept.split_off(end);
        self.kept.clear();
        (self.stage, self.since, self.tells) = (Stage::Idle, None, false);
        let shown = [instead, rest].concat();
        // A next line may have been typed by now.
        self.keep_clearing(&shown, || false).unwrap_or(shown)
    }
}

impl Redraw {
    /// Whether this shows the line that was checked; of one with control characters or none at all that cannot be told.
    fn shows_line(&self, drawn: &[u8]) -> bool {
        let plain = !self.line.is_empty() && self.line.bytes().all(|byte| !byte.is_ascii_control());
        plain && position(&unwrapped(drawn), self.line.as_bytes()).is_some()
    }

    /// Whether what is drawn up to here stood on the screen before.
    fn is_row(&self, end: usize) -> bool {
        let text = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().filter(|byte| !b"\r\n\0".contains(byte)).collect()
        };
        let drawn = text(&self.kept[self.drawn..end]);
        !drawn.is_empty() && text(&self.row).ends_with(&drawn)
    }
}

impl Rows {
    /// What ends a line on them.
    fn end(self) -> Vec<u8> {
        let end = b"\r\n".repeat(self.below + 1);
        if self.ended { Vec::new() } else { end }
    }
}

/// What output does to the cursor, as far as clearing does no more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Back,
    Down,
    Up,
    Erase,
    /// Nothing, for a slow terminal's sake.
    Pad,
    Other,
}

fn steps(bytes: &[u8]) -> Vec<(usize, Step)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (step, length) = match (byte, &bytes[at + 1..]) {
            (b'\r', _) => (Step::Back, 1),
            (b'\n', _) => (Step::Down, 1),
            (0, _) => (Step::Pad, 1),
            (0x1b, [b'[', b'A', ..]) => (Step::Up, 3),
            (0x1b, [b'[', b'K', ..]) => (Step::Erase, 3),
            (0x1b, [b'M', ..]) => (Step::Up, 2),
            _ => (Step::Other, 1),
        };
        found.push((at, step));
        at += length;
    }
    found
}

/// Where the rest of output begins that clears rows and does nothing else.
fn clearing(output: &[u8]) -> Option<usize> {
    let steps = steps(output);
    let from = steps.iter().rposition(|(_, step)| *step == Step::Other).map_or(0, |at| at + 1);
    let run: Vec<_> = steps[from..].iter().filter(|(_, step)| *step != Step::Pad).collect();
    let is = |at: usize, wanted: &[Step]| {
        run.get(at..at + wanted.len()).is_some_and(|part| part.iter().map(|(_, step)| step).eq(wanted))
    };
    let erase = run.iter().position(|(_, step)| *step == Step::Erase)?;
    let last = erase.checked_sub(1).filter(|at| is(*at, &[Step::Back]))?;
    // It went down to the last row, row by row: what stands before may be the end of a text.
    let mut start = last;
    while start >= 2 && is(start - 2, &[Step::Back, Step::Down]) {
        start -= 2;
    }
    let went_down = start < last && start >= 1 && is(start - 1, &[Step::Back]);
    Some(run[if went_down { start - 1 } else { last }].0)
}

fn count(steps: &[Step], wanted: Step) -> usize {
    steps.iter().filter(|step| **step == wanted).count()
}

fn rows(cleared: &[u8]) -> Rows {
    let steps: Vec<Step> = steps(cleared).into_iter().map(|(_, step)| step).collect();
    let first = steps.iter().position(|step| *step == Step::Erase).unwrap_or(steps.len());
    let below = count(&steps[..first], Step::Down).saturating_sub(count(&steps[..first], Step::Up));
    Rows { count: count(&steps, Step::Erase), below, ended: false }
}

/// Text without what brings a terminal to the next row: that row's first character, once more.
fn unwrapped(text: &[u8]) -> Vec<u8> {
    let wraps = |at: usize| matches!(text[at..], [one, b'\r', next, ..] if one == next);
    let kept = (0..text.len()).filter(|at| !(wraps(*at) || *at > 0 && wraps(at - 1)));
    kept.map(|at| text[at]).collect()
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What is shown of these parts; `?` stands for a question, `!` for its answer.
    fn shown(parts: &[&str]) -> String {
        let reads_keys = !parts.iter().any(|part| part.contains("2004"));
        let mut redraw = Redraw::default();
        let mut all = Vec::new();
        for part in parts {
            match *part {
                "?" => redraw.begin_check("ls"),
                "!" => redraw.end_check(),
                "|" => all.extend(redraw.end_line().unwrap_or_else(|| b"<not shown>".to_vec())),
                part => {
                    all.extend(redraw.take(part.as_bytes(), || reads_keys).unwrap_or_else(|| part.into()))
                }
            }
        }
        all.extend(redraw.give_up());
        String::from_utf8(all).unwrap()
    }

    const PROMPT: &str = "\x1b[?2004h$ ls";

    #[test]
    fn what_is_drawn_around_a_check_is_not_shown() {
        for (parts, rest) in [
            (&[PROMPT, "\r\x1b[K\r", "?", "!", "$ ls\r\n\x1b[?2004l\ra"][..], "\r\n\x1b[?2004l\ra"),
            // In other parts, behind what was typed fast.
            (
                &["\x1b[?2004h$ ls\r\x1b[K", "\r", "?", "!", "$ l", "s\r\n\x1b[?20", "04l\ra"],
                "\r\n\x1b[?2004l\ra",
            ),
            // From the middle of several rows, the last of which the cursor was moved to before.
            (
                &[
                    PROMPT,
                    "\r\r\n",
                    "\r\x1b[K\r\x1b[A\x1b[K\r",
                    "?",
                    "!",
                    "$ l s\x1b[A\x1b[C\r\n\r\r\n\x1b[?2004l",
                ],
                "\r\r\n\r\n\x1b[?2004l",
            ),
            (
                &[
                    PROMPT,
                    "\r\r\n\r\x1b[K\r\x1b[A\x1b[K\r",
                    "?",
                    "!",
                    "$ l s\x1b[A\x1b[C\r\n\r\r\n\x1b[?2004l",
                ],
                "\r\n\r\n\x1b[?2004l",
            ),
            // Behind a paste, whose last row is empty: no longer marked, it has just been drawn.
            (
                &[PROMPT, "a\r\n\r\r\x1b[K\r\x1b[A\x1b[K\r", "?", "!", "$ ls\r\n\r\x1b[A\r\n\x1b[?2004l"],
                "a\r\n\r\r\x1b[?2004l",
            ),
            // A row that is full.
            (
                &[PROMPT, "\r\x1b[K\r\x1bM\x1b[K\r", "?", "!", "$ ls \r\x1bM\x1b[Cs\r\n\x1b[?2004l"],
                "\r\x1b[?2004l",
            ),
            // Nothing typed is shown.
            (&[PROMPT, "\r\x1b[K\r", "?", "!", "\x1b[?2004l\r"], "\x1b[?2004l\r"),
            // A human is asked in between, or it is refused.
            (
                &[PROMPT, "\r\x1b[K\r", "?", "|", "a?\r\n", "!", "$ ls\r\n\x1b[?2004l"],
                "\r\na?\r\n\x1b[?2004l",
            ),
            (&[PROMPT, "\r\x1b[K\r", "?", "|", "refused"], "\r\nrefused"),
        ] {
            assert_eq!(shown(parts), PROMPT.to_owned() + rest, "{parts:?}");
        }
        // Readline does not say where its work ends.
        for (parts, rest) in [
            (&["$ ls", "\r\x1b[K\r", "?", "!", "$ l", "s\r\na\r\n"][..], "\r\na\r\n"),
            (&["$ ls", "\r\x1b[K\r", "?", "!", "$ ls\rs\r\na\r\n"], "\r\na\r\n"),
            (
                &["$ ls", "\r\r\n\r\x1b[K\r\x1b[A\x1b[K\r", "?", "!", "$ ls\x1b[A\x1b[C\r\n\r\na\r\n"],
                "\r\n\r\na\r\n",
            ),
            (&["$ ls", "\r\x1b[K\r", "?", "|", "a?\r\n", "!", "$ ls\r\na"], "\r\na?\r\na"),
        ] {
            assert_eq!(shown(parts), "$ ls".to_owned() + rest, "{parts:?}");
        }
    }

    #[test]
    fn what_is_no_such_drawing_is_shown() {
        for parts in [
            // A key that runs another function.
            &[PROMPT, "\r\x1b[K\r", "$ ls -l"][..],
            &[PROMPT, "\r\x1b[K\r"],
            // No check, and a program that clears its row.
            &["10 %", "\r\x1b[K", "20 %\r\n"],
            // Not the line that was checked.
            &["$ ls", "\r\x1b[K", "?", "!", "job\r\n"],
            // What runs in the background writes while the line is drawn, or while it is judged.
            &[PROMPT, "\r\x1b[K\r", "?", "!", "$ ls", "job\r\n", "\r\n\x1b[?2004l"],
        ] {
            let written: String = parts.iter().filter(|part| !["?", "!"].contains(part)).copied().collect();
            assert_eq!(shown(parts), written, "{parts:?}");
        }
        let job = shown(&[PROMPT, "\r\x1b[K\r", "?", "job\r\n", "!", "$ ls\r\n\x1b[?2004l"]);
        assert_eq!(job, format!("{PROMPT}job\r\n\r\n\x1b[?2004l"));
    }
}
