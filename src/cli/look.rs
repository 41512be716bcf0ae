//! How text looks where it goes: its width, colour, and source with a part underlined.

use std::io::{self, IsTerminal};

use unicode_width::UnicodeWidthStr;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::render::shorten;
use crate::model::{Span, plain};
use crate::screen::{Long, wrap};
use crate::sys::tty;

/// How much room there is, and whether colour is welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Lines are broken before they are longer than this.
    pub width: usize,
    /// Colour is welcome.
    pub colour: bool,
    /// The columns of the screen, where there is one.
    pub screen: Option<usize>,
}

impl Look {
    /// What is read by a program, or by nobody knows whom.
    pub const PLAIN: Look = Look { width: 80, colour: false, screen: None };

    /// As standard output is.
    pub fn of_stdout() -> Look {
        /// Longer lines of prose are hard to read.
        const WIDEST: usize = 120;
        if !io::stdout().is_terminal() {
            return Look::PLAIN;
        }
        let columns = tty::columns(1).unwrap_or(80).max(40);
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_none_or(|term| term == "dumb");
        Look { width: columns.min(WIDEST), screen: Some(columns), colour: set("NO_COLOR").is_none() && !dumb }
    }

    /// A line of a list: on a screen it ends between words and goes on behind `indent` columns; a
    /// program gets it as it is.
    pub fn line(self, text: &str, indent: usize) -> String {
        /// Where less than this fits behind the indentation, it is too deep.
        const LEAST: usize = 24;
        let Some(columns) = self.screen else { return format!("{text}\n") };
        let indent = if indent + LEAST > columns { 4 } else { indent };
        let lines = wrap(text, &" ".repeat(indent), columns, Long::Whole);
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// The text, bold where colour is welcome.
    pub fn strong(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// What is said on standard error: one line, which at a terminal ends between words where the
/// screen does.
pub fn notice(line: &str) -> String {
    /// On less than this nothing is gained.
    const NARROWEST: usize = 20;
    match tty::columns(2) {
        Some(columns) if columns >= NARROWEST => wrap(line, "", columns - 1, Long::Whole).join("\n"),
        _ => line.to_owned(),
    }
}

/// The lines of the source that a span is on, with it underlined, each after `indent`.
pub fn underlined(source: &str, span: Span, name: Option<&str>, look: Look, indent: &str) -> Option<String> {
    /// More lines or longer ones are not shown whole.
    const LINES: usize = 6;
    const LONGEST: usize = 20_000;
    if span.slice(source).trim().is_empty() {
        return None;
    }
    let first = source[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let number = source[..first].matches('\n').count() + 1;
    // Tabs are drawn as an indentation.
    let plain = |text: &str| text.split('\t').map(plain).collect::<Vec<_>>().join("\t");
    let mut harmless = String::new();
    let mut marked: Option<(usize, usize)> = None;
    let mut at = first;
    for line in source[first..].split('\n').take(LINES) {
        if line.len() > LONGEST {
            return None;
        }
        let (from, to) = (span.start.max(at), span.end.min(at + line.len()));
        let start = harmless.len();
        if from < to || from == span.start && marked.is_none() {
            let to = to.max(from);
            let shown = |end: usize| start + plain(&source[at..end]).len();
            marked = Some((marked.map_or(shown(from), |(from, _)| from), shown(to)));
        }
        harmless.push_str(&plain(line));
        harmless.push('\n');
        at += line.len() + 1;
        if at > span.end {
            break;
        }
    }
    let (from, mut to) = marked?;
    // Beside the source stand its line number, a bar, and three dots where it is cut off.
    let room = look.width.saturating_sub(indent.len() + number.to_string().len() + 3 + 2 * 3);
    if look.screen.is_some() && harmless[from..to].width() > room && !harmless[from..to].contains('\n') {
        // What is underlined would be broken by the screen wherever that ends.
        to = harmless[from..].char_indices().nth(room.saturating_sub(1)).map_or(to, |(at, _)| from + at);
        harmless.replace_range(to.., "…\n");
        to += '…'.len_utf8();
    }
    let mut snippet = Snippet::source(harmless.as_str()).line_start(number).fold(false);
    if let Some(name) = name {
        snippet = snippet.path(plain(&shorten(name, 200)));
    }
    let group =
        Group::with_level(Level::ERROR).element(snippet.annotation(AnnotationKind::Primary.span(from..to)));
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let text = renderer.term_width(room).render(&[group]);
    Some(text.lines().map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect())
}
