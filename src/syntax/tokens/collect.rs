//! Words to commands, as the scan meets their ends.

use super::Scan;
use crate::model::Span;
use crate::syntax::{AssignedValue, Assignment, Command, Part, Redirect, RedirectKind, Simple, Stmt, Word};

/// Reserved words behind which a command may stand.
const TRANSPARENT: [&str; 12] =
    ["if", "then", "else", "elif", "while", "until", "do", "!", "time", "coproc", "{", "}"];

/// Reserved words whose line is no command.
const HEADS: [&str; 8] = ["for", "select", "case", "function", "foreach", "fi", "done", "esac"];

/// What makes a redirection of its target.
type Operator = fn(Word) -> RedirectKind;

/// The command that is being collected in one [`State::Shell`].
#[derive(Default)]
pub(super) struct Collected {
    pub(super) words: Vec<Word>,
    pub(super) redirects: Vec<Redirect>,
    pub(super) word: Option<Word>,
    /// The operator whose target comes next.
    pub(super) operator: Option<(u32, Operator)>,
    /// What stands before it in the same pipeline.
    pub(super) stages: Vec<Stmt>,
}

impl Scan<'_> {
    pub(super) fn end_word(&mut self) {
        let command = self.command();
        let Some(word) = command.word.take() else {
            return;
        };
        if let Some((fd, kind)) = command.operator.take() {
            let span = word.span;
            command.redirects.push(Redirect { fd: Some(fd), variable: None, kind: kind(word), span });
            return;
        }
        let transparent = command.words.is_empty()
            && command.redirects.is_empty()
            && matches!(word.parts.as_slice(), [Part::Literal { text, quoted: false }] if TRANSPARENT.contains(&text.as_str()));
        if !transparent {
            command.words.push(word);
        }
    }

    /// Ends the command here; `piped` if its output goes to the next.
    pub(super) fn end_command(&mut self, piped: bool) {
        self.end_word();
        let command = self.command();
        command.operator = None;
        let mut words = std::mem::take(&mut command.words);
        let redirects = std::mem::take(&mut command.redirects);
        let assigned = words.iter().take_while(|word| assigned_name(word).is_some()).count();
        let assignments: Vec<_> = words.drain(..assigned).filter_map(as_assignment).collect();
        let head = matches!(words.first().map(|word| word.parts.as_slice()),
            Some([Part::Literal { text, quoted: false }]) if HEADS.contains(&text.as_str()));
        let mut stages = std::mem::take(&mut command.stages);
        let first = words.first().map(|word| word.span).or(assignments.first().map(|a: &Assignment| a.span));
        if let Some(first) = first.or(redirects.first().map(|redirect| redirect.span)).filter(|_| !head) {
            let last = words.last().map_or(first, |word| word.span);
            let simple = Simple { assignments, words, declared: Vec::new() };
            stages.push(statement(Command::Simple(simple), redirects, first.cover(last)));
        }
        if piped {
            self.command().stages = stages;
            return;
        }
        match stages.len() {
            0 => {}
            1 => self.found.extend(stages),
            _ => {
                let span = stages[0].span.cover(stages[stages.len() - 1].span);
                self.found.push(statement(Command::Pipeline(stages), Vec::new(), span));
            }
        }
    }
}

fn statement(command: Command, redirects: Vec<Redirect>, span: Span) -> Stmt {
    Stmt { command, redirects, negated: false, background: false, span }
}

/// The length of the name, if the word looks like an assignment.
fn assigned_name(word: &Word) -> Option<usize> {
    let Some(Part::Literal { text, quoted: false }) = word.parts.first() else {
        return None;
    };
    let name = text.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count();
    let after = &text[name..];
    let valid = name > 0 && !text.as_bytes()[0].is_ascii_digit();
    (valid && (after.starts_with('=') || after.starts_with("+="))).then_some(name)
}

fn as_assignment(mut word: Word) -> Option<Assignment> {
    let length = assigned_name(&word)?;
    let span = word.span;
    let Some(Part::Literal { text, .. }) = word.parts.first_mut() else {
        return None;
    };
    let append = text.as_bytes().get(length) == Some(&b'+');
    let name = text[..length].to_owned();
    text.drain(..length + 1 + usize::from(append));
    if text.is_empty() {
        word.parts.remove(0);
    }
    let value = AssignedValue::Scalar(word);
    Some(Assignment { name, subscript: None, value, append, span })
}
