//! What a command that has begun waits for, and which lines surely do not end it.

use super::{Heredoc, Open, Scan};

/// What a text waits for that ends in the middle of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// A here-document's last line; tabs may stand before it.
    Delimiter(Vec<u8>, bool),
    /// A word that closes the outermost that is open.
    Word(&'static str),
    /// A character that closes it wherever it stands.
    Character(u8),
}

impl Awaited {
    /// By `text`, which ends at the end of a line.
    pub fn by(text: &[u8]) -> Option<Awaited> {
        let mut scan = Scan::new(text);
        scan.run();
        if let Some(Heredoc { delimiter, tabs }) = scan.body.take() {
            return Some(Awaited::Delimiter(delimiter, tabs));
        }
        Some(match scan.open.first() {
            Some(Open::If) => Awaited::Word("fi"),
            Some(Open::Loop) => Awaited::Word("done"),
            Some(Open::Case) => Awaited::Word("esac"),
            Some(Open::Brace) => Awaited::Word("}"),
            Some(Open::Parameter) => Awaited::Character(b'}'),
            Some(Open::Paren) => Awaited::Character(b')'),
            Some(Open::Test) => Awaited::Character(b']'),
            Some(Open::Double) => Awaited::Character(b'"'),
            Some(Open::Backquote) => Awaited::Character(b'`'),
            None if scan.missing == b"'" => Awaited::Character(b'\''),
            None => return None,
        })
    }

    /// Whether the command surely goes on behind this line, too.
    pub fn goes_on(&self, line: &[u8]) -> bool {
        let letter = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        match self {
            Awaited::Delimiter(delimiter, tabs) => {
                let skipped = line.iter().take_while(|byte| *tabs && **byte == b'\t').count();
                line[skipped..] != delimiter[..] && !line.contains(&b'\n')
            }
            Awaited::Character(closer) => !line.contains(closer),
            // `${x}` closes nothing but itself.
            Awaited::Word(closer) => {
                let stands = |at: usize| {
                    let before = at.checked_sub(1).and_then(|at| line.get(at));
                    !letter(before) && !letter(line.get(at + closer.len()))
                };
                let mut places = line.windows(closer.len()).enumerate();
                !places.any(|(at, part)| part == closer.as_bytes() && stands(at))
            }
        }
    }
}

/// What has to follow `text`, which ends at the end of a line, for its last line to be no part of a
/// quote, a substitution or a here-document any more.
pub fn ending(text: &[u8]) -> Vec<u8> {
    let mut scan = Scan::new(text);
    scan.run();
    let mut ending = scan.missing;
    while let Some(open) = scan.open.pop() {
        ending.push(match open {
            Open::Double => b'"',
            Open::Backquote => b'`',
            Open::Paren => b')',
            Open::Parameter => b'}',
            _ => break,
        });
    }
    ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_texts_are_ended() {
        for (text, ending) in [
            ("cat <<A <<B\na\nA\nb\n", "B\n"),
            ("cat <<A <<B\na\n", "A\nB\n"),
            ("echo 'a\n", "'"),
            ("echo \"a $(b\n", ")\""),
            ("if true; then cat <<A\n", "A\n"),
            ("x=\"$(cat <<A\n", "A\n)\""),
            ("echo a\n", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&super::ending(text.as_bytes())), ending, "{text:?}");
        }
    }

    #[test]
    fn lines_that_surely_go_on() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("cat <<A <<B\n", &["B", "done", " A", "A "], &["A"]),
            ("x=\"$(cat <<-A\na\n", &["B", ")\""], &["A", "\tA"]),
            ("f() {\n  if a; then\n", &["fi", "echo ${x} ${#y}", "esac"], &["}", "a; }", "{ a;}", "${x:-}}"]),
            ("for x in a\ndo\n", &["echo undone done_", "fi"], &["done", "a;done|b"]),
            ("if a; then\ncat <<E\nfi\nE\n", &["file", "done"], &["fi", "$(fi)"]),
            ("case x in\n", &["a) b;;"], &["esac"]),
            ("echo \"a\n", &["}", "it's"], &["\"", "a\"b"]),
            ("echo 'a\n", &["}", "\""], &["'"]),
            ("( a\n", &["b"], &["b)", "$(c)"]),
            ("echo ${x:-\n", &["b"], &["b}"]),
        ];
        for (text, on, perhaps) in cases {
            let awaited = Awaited::by(text.as_bytes()).expect("it is not complete");
            for line in *on {
                assert!(awaited.goes_on(line.as_bytes()), "{text:?} {line:?}");
            }
            for line in *perhaps {
                assert!(!awaited.goes_on(line.as_bytes()), "{text:?} {line:?}");
            }
        }
        for text in ["echo a\n", "a &&\n", "a \\\n"] {
            assert_eq!(Awaited::by(text.as_bytes()), None, "{text:?}");
        }
    }
}
