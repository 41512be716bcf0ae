//! Text in lines that fit a screen.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What becomes of a word that is longer than a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Long {
    /// It goes on in the next line.
    Broken,
    /// It stays whole: a path or a program's name may be copied from the screen.
    Whole,
}

/// Text in lines of at most `width` columns, each but the first behind `indent`. Spaces at its
/// start are the first line's indentation.
pub fn wrap(text: &str, indent: &str, width: usize, long: Long) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    let mut fresh = true;
    for word in text.split(' ') {
        let wide = word.width();
        if !fresh && used + 1 + wide > width {
            lines.push(std::mem::take(&mut line));
            line.push_str(indent);
            used = indent.len();
            fresh = true;
        }
        if !fresh {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width && long == Long::Broken {
                lines.push(std::mem::take(&mut line));
                line.push_str(indent);
                used = indent.len();
            }
            line.push(c);
            used += wide;
        }
        fresh = fresh && word.is_empty() && {
            line.push(' ');
            used += 1;
            true
        };
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words() {
        let text = "  label: some words, \u{65e5}\u{672c}\u{8a9e} and /a/path/that/is/longer/than/a/line end";
        let whole = wrap(text, "    ", 20, Long::Whole);
        let lines = [
            "  label: some words,",
            "    \u{65e5}\u{672c}\u{8a9e} and",
            "    /a/path/that/is/longer/than/a/line",
            "    end",
        ];
        assert_eq!(whole, lines);
        assert!(wrap(text, "    ", 20, Long::Broken).iter().all(|line| line.width() <= 20));
    }
}
