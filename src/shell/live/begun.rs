//! A long command that the shell has not read to its end.

use super::known::Known;
use super::wish::Line;
use crate::shell::complete::Awaited;
use crate::syntax::Dialect;

/// Of so many lines of one command each is judged with all before it; of more only those that may end it, or a
/// long one would take time by the square of its length.
const EACH: usize = 32;
/// With a shorter line the shell tells the aliases of all words that may be commands.
const TOLD: usize = 2000;

/// In zsh a compound may end by another word than the one that others await.
const ZSH_CLOSERS: &[Awaited] = &[
    Awaited::Word("fi"),
    Awaited::Word("done"),
    Awaited::Word("esac"),
    Awaited::Word("end"),
    Awaited::Word("}"),
    Awaited::Character(b')'),
];

/// A long command of whose next lines one need not be judged that cannot end it: the shell reads
/// on, and runs nothing before it is asked about another.
#[derive(Debug)]
pub struct Begun {
    text: String,
    awaited: Awaited,
    dialect: Dialect,
    /// Up to here its lines are on record.
    recorded: usize,
}

impl Begun {
    /// Behind a line that may run.
    pub fn behind(line: &Line, known: &Known, dialect: Dialect) -> Option<Begun> {
        if line.pending.lines().count() < EACH || !known.keeps_shape() {
            return None;
        }
        let text = format!("{}{}\n", line.pending, line.text);
        let awaited = Awaited::by(text.as_bytes())?;
        Some(Begun { recorded: text.len(), text, awaited, dialect })
    }

    /// Takes the next line, if it cannot end the command.
    pub fn goes_on(&mut self, line: &Line, known: &Known) -> bool {
        let is_text = matches!(self.awaited, Awaited::Delimiter(..));
        let readable = is_text || line.text.len() < TOLD && known.keeps_shape();
        let text = line.text.as_bytes();
        let stays_open = match self.awaited {
            Awaited::Word(_) if self.dialect == Dialect::Zsh => {
                ZSH_CLOSERS.iter().all(|closer| closer.goes_on(text))
            }
            _ => self.awaited.goes_on(text),
        };
        let goes_on = readable && stays_open && self.text == line.pending;
        if goes_on {
            self.text.extend([line.text.as_str(), "\n"]);
        }
        goes_on
    }

    /// How much of what is pending in front of this line is on record.
    pub fn recorded(&self, line: &Line) -> usize {
        if self.text == line.pending { self.recorded } else { line.pending.len() }
    }
}
