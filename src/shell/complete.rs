//! Whether a piece of a script can stand alone: no quote, here-document, bracket or compound
//! command is left open, and the last line does not go on.
//!
//! It decides where to cut a stream that has no end yet, where a script may end before an archive
//! that it carries, and which lines at a terminal surely go on. None relies on it alone: every piece
//! of a stream is judged, an archive is cut off only where the parser proves what is in front of it
//! to be whole, and a line goes on only where the shell, too, has read on until then.

mod awaited;

pub use awaited::{Awaited, ending};

/// What is open, innermost last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `if`, until `fi`.
    If,
    /// `for`, `while`, `until`, `select`: until `done`.
    Loop,
    /// `case`, until `esac`.
    Case,
    /// `{`
    Brace,
    /// `(`, `$(`, `<(`
    Paren,
    /// `${`
    Parameter,
    /// `"`
    Double,
    /// `` ` ``
    Backquote,
    /// `[[`
    Test,
}

/// A here-document whose body is to come.
struct Heredoc {
    delimiter: Vec<u8>,
    tabs: bool,
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    heredocs: Vec<Heredoc>,
    /// The next word would be a command's name.
    command: bool,
    /// `|`, `&&`, `||`: the command goes on.
    goes_on: bool,
    /// What ends the text that it ended in the middle of.
    missing: Vec<u8>,
    /// The here-document that it ended in the body of.
    body: Option<Heredoc>,
}

/// Whether `text`, which ends at the end of a line, is complete.
pub fn is_complete(text: &[u8]) -> bool {
    let mut scan = Scan::new(text);
    scan.run() && scan.open.is_empty() && scan.heredocs.is_empty() && !scan.goes_on
}

impl Scan<'_> {
    fn new(text: &[u8]) -> Scan<'_> {
        let (open, heredocs, missing) = (Vec::new(), Vec::new(), Vec::new());
        Scan { text, at: 0, open, heredocs, command: true, goes_on: false, missing, body: None }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn inside(&self, open: Open) -> bool {
        self.open.last() == Some(&open)
    }

    /// Reads all of it; false where it ends in the middle of something that is not in `open`.
    fn run(&mut self) -> bool {
        while self.at < self.text.len() {
            let byte = self.text[self.at];
            if byte == b'\\' {
                if self.at + 2 >= self.text.len() && self.peek(1) != 0 {
                    return self.peek(1) != b'\n';
                }
                if self.peek(1) != b'\n' {
                    self.command = false;
                    self.goes_on = false;
                }
                self.at += 2;
            } else if self.inside(Open::Double) {
                self.in_double(byte);
            } else if self.inside(Open::Parameter) {
                if !self.in_parameter(byte) {
                    return false;
                }
            } else if !self.in_code(byte) {
                return false;
            }
        }
        true
    }

    fn in_double(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b'"' => {
                self.open.pop();
            }
            b'$' => self.dollar(),
            b'`' => self.open.push(Open::Backquote),
            _ => {}
        }
    }

    fn in_parameter(&mut self, byte: u8) -> bool {
        self.at += 1;
        match byte {
            b'}' => {
                self.open.pop();
            }
            b'"' => self.open.push(Open::Double),
            b'`' => self.open.push(Open::Backquote),
            b'$' => self.dollar(),
            // Inside double quotes an apostrophe is only a character here.
            b'\'' if !self.open.contains(&Open::Double) => return self.single(),
            _ => {}
        }
        true
    }

    /// Behind a `$`.
    fn dollar(&mut self) {
        let open = match self.peek(0) {
            b'(' => Open::Paren,
            b'{' => Open::Parameter,
            _ => return,
        };
        self.open.push(open);
        self.at += 1;
        self.command = open == Open::Paren;
    }

    /// Behind an opening apostrophe, up to behind the closing one.
    fn single(&mut self) -> bool {
        match self.text[self.at..].iter().position(|byte| *byte == b'\'') {
            Some(length) => {
                self.at += length + 1;
                true
            }
            None => {
                self.missing.push(b'\'');
                false
            }
        }
    }

    fn in_code(&mut self, byte: u8) -> bool {
        self.at += 1;
        match byte {
            b'\n' => {
                self.command = true;
                return self.heredoc_bodies();
            }
            b' ' | b'\t' | b'\r' => {}
            b'#' if self.starts_word() => {
                let rest = &self.text[self.at..];
                self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            }
            b'\'' => {
                self.in_word();
                return self.single();
            }
            b'"' => {
                self.in_word();
                self.open.push(Open::Double);
            }
            b'`' => {
                self.in_word();
                if let Some(at) = self.open.iter().rposition(|open| *open == Open::Backquote) {
                    self.open.truncate(at);
                } else {
                    self.open.push(Open::Backquote);
                    self.command = true;
                }
            }
            b'$' if self.peek(0) == b'\'' => {
                self.in_word();
                self.at += 1;
                return self.ansi();
            }
            b'$' => {
                self.in_word();
                self.dollar();
            }
            b'(' => {
                self.open.push(Open::Paren);
                self.command = true;
                self.goes_on = false;
            }
            b')' => {
                if self.inside(Open::Paren) {
                    self.open.pop();
                    // `f() {`
                    self.command = self.text[..self.at - 1].ends_with(b"(");
                } else {
                    // The end of a pattern of `case`.
                    self.command = true;
                }
                self.goes_on = false;
            }
            b'|' | b'&' => self.operator(byte),
            b';' => {
                self.command = true;
                self.goes_on = false;
            }
            b'<' if self.peek(0) == b'<' && self.peek(1) == b'<' => self.at += 2,
            b'<' if self.peek(0) == b'<' && !self.inside(Open::Paren) => self.heredoc(),
            b'<' if self.peek(0) == b'<' => {
                // `$(( 1 << 2 ))` and `$(cat <<EOF` begin alike; a name tells the second.
                let next = self.text[self.at + 1..].iter().find(|byte| **byte != b' ');
                if next.is_some_and(|byte| byte.is_ascii_alphabetic() || b"'\"\\-_".contains(byte)) {
                    self.heredoc();
                } else {
                    self.at += 1;
                }
            }
            b'<' | b'>' => {
                if self.peek(0) == b'&' || self.peek(0) == b'|' || self.peek(0) == b'>' {
                    self.at += 1;
                }
                self.goes_on = false;
            }
            _ => {
                self.at -= 1;
                self.word();
            }
        }
        true
    }

    fn in_word(&mut self) {
        self.command = false;
        self.goes_on = false;
    }

    fn starts_word(&self) -> bool {
        let before = self.at.checked_sub(2).and_then(|at| self.text.get(at));
        before.is_none_or(|byte| b" \t\n;&|()".contains(byte))
    }

    /// Behind `$'`.
    fn ansi(&mut self) -> bool {
        while self.at < self.text.len() {
            match self.text[self.at] {
                b'\\' => self.at += 2,
                b'\'' => {
                    self.at += 1;
                    return true;
                }
                _ => self.at += 1,
            }
        }
        self.missing.push(b'\'');
        false
    }

    fn operator(&mut self, byte: u8) {
        let double = self.peek(0) == byte;
        self.goes_on = !self.inside(Open::Case) && (byte == b'|' || double);
        self.at += usize::from(double || (byte == b'|' && self.peek(0) == b'&'));
        self.command = true;
    }

    /// A run of plain characters; in a command's place it may be a keyword.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| b" \t\r\n;&|()<>'\"`$\\".contains(byte));
        let end = end.unwrap_or(rest.len()).max(1);
        let word = &rest[..end];
        let whole = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        let whole = whole.is_none_or(|byte| b" \t\r\n;&|()".contains(byte));
        self.at += end;
        self.goes_on = false;
        if self.inside(Open::Test) {
            if word == b"]]" {
                self.open.pop();
            }
            return;
        }
        let was_command = self.command;
        self.command = false;
        if !was_command || !whole {
            return;
        }
        match word {
            b"if" => self.push(Open::If),
            b"for" | b"select" => {
                self.open.push(Open::Loop);
            }
            b"while" | b"until" => self.push(Open::Loop),
            b"case" => self.open.push(Open::Case),
            b"[[" => self.open.push(Open::Test),
            b"{" => self.push(Open::Brace),
            b"fi" => self.close(Open::If),
            b"done" => self.close(Open::Loop),
            b"esac" => self.close(Open::Case),
            b"}" => self.close(Open::Brace),
            b"function" => {
                let rest = &self.text[self.at..];
                let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                let name = rest[blanks..].iter().take_while(|byte| !b" \t\n({;".contains(byte));
                self.at += blanks + name.count();
                self.command = true;
            }
            b"then" | b"else" | b"elif" | b"do" | b"!" | b"time" => self.command = true,
            _ => {}
        }
    }

    fn push(&mut self, open: Open) {
        self.open.push(open);
        self.command = true;
    }

    fn close(&mut self, open: Open) {
        if self.inside(open) {
            self.open.pop();
        }
    }

    /// At the second `<` of `<<`.
    fn heredoc(&mut self) {
        self.at += 1;
        let tabs = self.peek(0) == b'-';
        self.at += usize::from(tabs);
        while matches!(self.peek(0), b' ' | b'\t') {
            self.at += 1;
        }
        let mut delimiter = Vec::new();
        let mut quote = 0;
        while self.at < self.text.len() {
            let byte = self.text[self.at];
            if quote == 0 && b" \t\r\n;&|()<>".contains(&byte) {
                break;
            }
            self.at += 1;
            match byte {
                b'\'' | b'"' if quote == 0 => quote = byte,
                _ if byte == quote => quote = 0,
                b'\\' if quote != b'\'' => {
                    delimiter.push(self.peek(0));
                    self.at += 1;
                }
                b'\n' => break,
                _ => delimiter.push(byte),
            }
        }
        self.heredocs.push(Heredoc { delimiter, tabs });
    }

    /// At the start of a line: the bodies that were announced on the one before. False where one
    /// has no end.
    fn heredoc_bodies(&mut self) -> bool {
        for heredoc in std::mem::take(&mut self.heredocs) {
            loop {
                if self.at >= self.text.len() {
                    self.missing.extend(&heredoc.delimiter);
                    self.missing.push(b'\n');
                    self.body.get_or_insert(heredoc);
                    break;
                }
                let rest = &self.text[self.at..];
                let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                let mut line = &rest[..end];
                self.at += (end + 1).min(rest.len());
                while heredoc.tabs && line.first() == Some(&b'\t') {
                    line = &line[1..];
                }
                if line == heredoc.delimiter {
                    break;
                }
            }
        }
        self.missing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_commands() {
        for text in [
            "",
            "\n",
            "echo a\n",
            "echo 'a b' \"c $(d) ${e}\"\n",
            "# it's fine\n",
            "echo a#'b'\n",
            "if a; then b; fi\n",
            "for x in a if do; do echo $x; done\n",
            "{ a; b; }\n",
            "( a )\n",
            "while read x; do\n  echo $x\ndone < f\n",
            "case $x in a) b;; *) c;; esac\n",
            "case x in\n(a|b) c ;;\nesac\n",
            "cat <<EOF\nit's\nEOF\n",
            "cat <<-'E'\n\tx\n\tE\n",
            "cat <<A <<B\na\nA\nb\nB\n",
            "f() {\n  a\n}\n",
            "function f {\n  a\n}\n",
            "function f() { a; }\n",
            "echo fi done }\n",
            "a && b\n",
            "a &\n",
            "echo $((1 << 2))\n",
            "x=`date`\n",
            "echo $'it\\'s'\n",
            "a |\nb\n",
            "a &&\n\n b\n",
            "[[ a && b ]]\n",
            "[[ a < b ]] && c\n",
            "echo ${x:-'a}'}\n",
            "echo \"${x:-it's}\"\n",
            "echo a \\\n b\n",
            "x=$(cat <<E\na\nE\n)\n",
            "echo $(case a in a) b;; esac)\n",
            "cat <<< it\n",
            "echo \\'\n",
            "a 2>&1 | b\n",
            "a >| b\n",
            "a >&2\n",
            "! { a; }\n",
            "time { a; }\n",
            "a=(b c)\n",
            "echo \\\\\n",
        ] {
            assert!(is_complete(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn commands_that_go_on() {
        for text in [
            "echo 'a\n",
            "echo \"a\n",
            "if a; then\n",
            "{ a;\n",
            "( a\n",
            "cat <<EOF\nx\n",
            "a |\n",
            "a &&\n",
            "a ||\n",
            "echo a \\\n",
            "for x in a; do\n",
            "case x in\n",
            "case x in a) b;;\n",
            "f() {\n",
            "f () {\n",
            "function f {\n",
            "echo $(a\n",
            "echo ${a\n",
            "x=`a\n",
            "cat <<'EOF' | sh\nrm\n",
            "echo $'a\n",
            "while a; do b\n",
            "if a; then { b; fi\n",
            "x=$(cat <<E\na\n",
            "{ echo B; a; EC=$?; echo $EC\n",
            "[[ a &&\n",
            "a | # c\n",
        ] {
            assert!(!is_complete(text.as_bytes()), "{text:?}");
        }
    }
}
