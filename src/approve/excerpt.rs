//! The command as it is shown: what is dangerous in it marked, the rest as far as there is room.

use std::collections::HashSet;

use unicode_width::UnicodeWidthStr;

use super::Style;
use super::challenge::wrap;
use crate::model::{Inside, Span, pieces, plain};

/// A character as it is shown.
struct Cell {
    shown: String,
    width: usize,
    marked: bool,
}

/// What of the source is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Whole,
    /// What is marked, and some around it.
    Around,
}

/// Columns that are kept on either side of what is marked.
const AROUND: usize = 24;

/// The source in lines of the style's width, at most about `most`; `spans` are the dangerous
/// parts, the worst first.
pub fn lines(source: &str, spans: &[Span], style: Style, most: usize) -> Vec<String> {
    excerpt("Command: ", source, spans, style, most)
}

/// The lines of a script file on which a command stands, below their place in it.
pub fn in_file(inside: &Inside, style: Style, most: usize) -> Vec<String> {
    let Inside { file, span } = inside;
    let text = &file.text;
    let command = span.slice(text).trim_end();
    if command.is_empty() {
        return Vec::new();
    }
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let to = span.start + command.len();
    let end = text[to..].find('\n').map_or(text.len(), |at| to + at);
    let marked = Span::new(span.start - start, to - start);
    let name = plain(&file.name);
    let number = inside.line();
    let label = format!("Line {number} of {name}: ");
    let shown = excerpt(&label, &text[start..end], &[marked], style, most);
    let place = (!style.plain).then(|| format!("  {name}:{number}"));
    place.into_iter().chain(shown).collect()
}

fn excerpt(label: &str, source: &str, spans: &[Span], style: Style, most: usize) -> Vec<String> {
    let usable = |span: &Span| !span.slice(source).is_empty();
    let mut seen = HashSet::new();
    let mut spans: Vec<Span> =
        spans.iter().copied().filter(usable).filter(|span| seen.insert(*span)).collect();
    if spans.is_empty() {
        spans.push(Span::new(0, source.len()));
    }
    let draw = |spans: &[Span], extent| match style.plain {
        true => read_aloud(label, source, spans, extent, style),
        false => draw(source, spans, extent, style),
    };
    let mut lines = draw(&spans, Extent::Whole);
    if lines.len() > most {
        lines = draw(&spans, Extent::Around);
    }
    if lines.len() > most {
        spans.truncate(1);
        lines = draw(&spans, Extent::Around);
    }
    lines
}

fn draw(source: &str, spans: &[Span], extent: Extent, style: Style) -> Vec<String> {
    let indent = 2;
    let width = style.width - indent;
    let mut out = Vec::new();
    let mut start = 0;
    let mut gap = false;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        let mut cells = cells(text, start, spans);
        start += line.len();
        if extent == Extent::Around {
            if !cells.iter().any(|cell| cell.marked) {
                gap = true;
                continue;
            }
            cells = around(cells, 2 * width);
            if std::mem::take(&mut gap) {
                out.push(format!("{:indent$}…", ""));
            }
        }
        rows(&mut out, &cells, width, indent, style);
    }
    if gap {
        out.push(format!("{:indent$}…", ""));
    }
    out
}

/// The command and its dangerous parts as sentences.
fn read_aloud(label: &str, source: &str, spans: &[Span], extent: Extent, style: Style) -> Vec<String> {
    let most = 2 * style.width;
    let text = |cells: Vec<Cell>| cells.into_iter().map(|cell| cell.shown).collect::<String>();
    let mut out = Vec::new();
    let parts = spans.iter().map(|span| {
        text(around(cells(&span.slice(source).replace('\n', " "), 0, &[Span::new(0, usize::MAX)]), most))
    });
    let parts: Vec<String> = parts.collect();
    let whole = extent == Extent::Whole;
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let cells = cells(line.trim_end_matches(['\n', '\r']), start, spans);
        start += line.len();
        if whole || cells.iter().any(|cell| cell.marked) {
            let shown = text(if whole { cells } else { around(cells, most) });
            let label = if out.is_empty() { label } else { "" };
            wrap(&mut out, &format!("{label}{shown}"), "", style.width);
        }
    }
    if spans != [Span::new(0, source.trim_end().len())] && spans != [Span::new(0, source.len())] {
        wrap(&mut out, &format!("Dangerous part: {}", parts.join(" and ")), "", style.width);
    }
    out
}

/// The characters of a line that begins at `start`.
fn cells(line: &str, start: usize, spans: &[Span]) -> Vec<Cell> {
    let cell = |(at, c, shown): (usize, char, Option<String>)| {
        let shown = match c {
            // An indented script is easier to read so, and a space and a tab do the same.
            '\t' => "    ".to_owned(),
            c => shown.unwrap_or_else(|| c.to_string()),
        };
        let marked = spans.iter().any(|span| (span.start..span.end).contains(&(start + at)));
        Cell { width: shown.width(), shown, marked }
    };
    pieces(line).map(cell).collect()
}

/// What is marked, and some around it; of a marked part that is longer than `most` columns its
/// ends.
fn around(cells: Vec<Cell>, most: usize) -> Vec<Cell> {
    let mut keep = vec![false; cells.len()];
    let mut at = 0;
    while at < cells.len() {
        let marked = cells[at].marked;
        let length = cells[at..].iter().take_while(|cell| cell.marked == marked).count();
        let run = at..at + length;
        let (before, after) = match marked {
            true => (most * 2 / 3, most / 3),
            // A run at the start of the line leads up to what is marked, one at its end follows it.
            false => (if at == 0 { 0 } else { AROUND }, if run.end == cells.len() { 0 } else { AROUND }),
        };
        let whole = length <= before + after + 1;
        for index in run.clone() {
            keep[index] = whole || index - run.start < before || run.end - index <= after;
        }
        at = run.end;
    }
    let mut out: Vec<Cell> = Vec::new();
    let mut cutting = false;
    for (cell, keep) in cells.into_iter().zip(keep) {
        if !keep && !std::mem::replace(&mut cutting, true) {
            out.push(Cell { shown: "…".to_owned(), width: 1, marked: cell.marked });
        }
        if keep {
            cutting = false;
            out.push(cell);
        }
    }
    out
}

/// Breaks a line into rows, each with what marks it.
fn rows(out: &mut Vec<String>, cells: &[Cell], width: usize, indent: usize, style: Style) {
    let mut from = 0;
    loop {
        let mut end = from;
        let mut used = 0;
        while end < cells.len() && (used + cells[end].width <= width || end == from) {
            used += cells[end].width;
            end += 1;
        }
        if end < cells.len() {
            // Rather between words, where one ends in the second half.
            let spaces = cells[from..end].iter().rposition(|cell| cell.shown == " ").map(|at| from + at + 1);
            end = spaces.filter(|space| *space > from + (end - from) / 2).unwrap_or(end);
        }
        row(out, &cells[from..end], indent, style);
        from = end;
        if from >= cells.len() {
            return;
        }
    }
}

fn row(out: &mut Vec<String>, cells: &[Cell], indent: usize, style: Style) {
    let mut text = " ".repeat(indent);
    let mut carets = text.clone();
    let mut marked = false;
    for cell in cells {
        if style.color && cell.marked != marked {
            // Bold, red, underlined; what is shown holds no sequence of its own.
            text.push_str(if cell.marked { "\u{1b}[1;4;31m" } else { "\u{1b}[0m" });
        }
        marked = cell.marked;
        text.push_str(&cell.shown);
        carets.extend(std::iter::repeat_n(if cell.marked { '^' } else { ' ' }, cell.width));
    }
    if style.color && marked {
        text.push_str("\u{1b}[0m");
    }
    out.push(text);
    if !style.color && carets.contains('^') {
        out.push(carets.trim_end().to_owned());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BARE: Style = Style { color: false, plain: false, width: 40, height: 24 };

    fn span(source: &str, part: &str) -> Span {
        let start = source.find(part).unwrap();
        Span::new(start, start + part.len())
    }

    #[test]
    fn carets_stand_under_the_dangerous_part_whatever_is_escaped_before_it() {
        let source = "echo \u{1b}[2J 日本; rm -rf x";
        let lines = lines(source, &[span(source, "rm -rf x")], BARE, 8);
        assert_eq!(lines[0], "  echo \\u{1b}[2J 日本; rm -rf x");
        assert_eq!(lines[1], format!("  {}{}", " ".repeat(21), "^".repeat(8)));
    }

    #[test]
    fn underlining_holds_no_sequence_of_the_commands_own() {
        let source = "rm \u{1b}[0m\u{1b}[8mx; ls";
        let style = Style { color: true, ..BARE };
        let lines = lines(source, &[span(source, "rm \u{1b}[0m\u{1b}[8mx")], style, 8);
        assert_eq!(lines, ["  \u{1b}[1;4;31mrm \\u{1b}[0m\\u{1b}[8mx\u{1b}[0m; ls"]);
    }

    #[test]
    fn of_a_long_command_the_dangerous_part_is_left() {
        let source = format!("{} rm -rf x {}\n{}", "a".repeat(3000), "b".repeat(2000), "echo\n".repeat(200));
        let lines = lines(&source, &[span(&source, "rm -rf x")], BARE, 8);
        assert!(lines.len() <= 6, "{lines:?}");
        let text = lines.join("");
        assert!(text.contains("rm -rf x") && text.contains('…') && text.contains("^^^^"), "{lines:?}");
        assert!(lines.iter().all(|line| line.width() <= 40), "{lines:?}");
    }

    #[test]
    fn all_dangerous_parts_are_shown_where_they_fit_and_the_worst_where_not() {
        let source = (0..60).map(|i| format!("rm -rf d{i}\n")).collect::<String>();
        let worst = span(&source, "d42");
        let spans = [worst, span(&source, "d7\n"), span(&source, "d50")];
        let all = lines(&source, &spans, BARE, 12).join("\n");
        assert!(all.contains("d42") && all.contains("d50"), "{all}");
        let one = lines(&source, &spans, BARE, 4);
        assert!(one.len() <= 4 && one.join("").contains("d42"), "{one:?}");
    }

    #[test]
    fn a_reader_aloud_gets_sentences() {
        let source = "ls; rm -rf x";
        let style = Style { plain: true, ..BARE };
        let lines = lines(source, &[span(source, "rm -rf x")], style, 8);
        assert_eq!(lines, ["Command: ls; rm -rf x", "Dangerous part: rm -rf x"]);
    }
}
