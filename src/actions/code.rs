//! Code of other languages: which programs it starts, what it sends, and what it does to paths.
//!
//! A small evaluator of constants: it follows literals and simple variables in the order of the
//! text. What stands in functions and branches counts as if it ran; what a directory or a pattern
//! holds is a pattern. Of other languages only the strings are read that calls of a few functions
//! are given.

mod database;
mod hand;
mod handed;
mod javascript;
mod library;
mod narrow;
mod python;
mod reader;
pub(super) mod scan;
mod sdk;
mod send;
mod sinks;
mod value;
mod written;

use std::cell::RefCell;
use std::collections::HashSet;

pub use self::handed::Calls;
use super::{CodeEffect, Language};
use crate::model::{Span, Text};

/// Longer code is not read.
const SOURCE_LIMIT: usize = 1 << 20;
/// The heaviest text of a variable that is followed: what the kernel takes as one argument.
const LONGEST_VALUE: usize = 128 << 10;
/// Code in strings in code is read this deep.
const LEVELS: usize = 4;

/// What a piece of code finds round it.
pub struct Surroundings<'a> {
    /// The variables of its environment.
    pub variable: &'a dyn Fn(&str) -> Option<Text>,
    /// The arguments after the code or its file.
    pub args: &'a [Text],
    /// Its standard input, where that is known.
    pub input: Option<&'a Text>,
    /// The text of a file, where it can be read now.
    pub read: &'a dyn Fn(&Text) -> Option<Text>,
    /// It stands in a file, not in an argument.
    pub file: bool,
    /// Who runs it.
    pub imported: Imported<'a>,
    /// Where it is noted, if it imports anything, how it uses that.
    pub uses: Option<&'a RefCell<Uses>>,
}

/// How code uses what it imports.
#[derive(Default)]
pub struct Uses {
    /// The functions that nothing in it reaches.
    pub unreached: Vec<Span>,
    /// What it hands to others' functions.
    pub calls: Calls,
}

/// Who runs a piece of code.
#[derive(Clone, Copy)]
pub enum Imported<'a> {
    /// It is the script.
    No,
    /// Other code imports it, and may call what it does not call itself.
    All,
    /// Other code imports it, in which these names and calls stand: only what they name may be called.
    By { names: &'a HashSet<String>, calls: &'a Calls },
}

/// The names in a piece of code, whatever its language.
pub fn names(source: &str) -> impl Iterator<Item = &str> {
    let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

#[cfg(test)]
impl Surroundings<'_> {
    /// Nothing is known.
    fn none() -> Surroundings<'static> {
        Surroundings {
            variable: &|_| None,
            args: &[],
            input: None,
            read: &|_| None,
            file: false,
            imported: Imported::No,
            uses: None,
        }
    }
}

/// An effect, and where the code that has it stands.
type Found = (CodeEffect, Span);

/// What a piece of code does, its environment and arguments known; the reason, if it cannot be
/// read.
pub fn effects(language: Language, source: &str, surroundings: &Surroundings) -> Result<Vec<Found>, String> {
    read(language, source, surroundings, 0)
}

fn read(
    language: Language,
    source: &str,
    surroundings: &Surroundings,
    level: usize,
) -> Result<Vec<Found>, String> {
    if source.len() > SOURCE_LIMIT {
        return Err("code too long to be read".to_owned());
    }
    if level >= LEVELS {
        return Err("code in code nested too deeply to be read".to_owned());
    }
    match language {
        Language::Python => reader::run(&python::Python, source, surroundings, level),
        Language::JavaScript => reader::run(&javascript::JavaScript, source, surroundings, level),
        _ => Ok(scan::effects(language, source, surroundings)),
    }
}

#[cfg(test)]
mod tests;
