//! What a live shell asks.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::channel::Fields;
use super::known::Known;

/// What a shell wants.
#[derive(Debug)]
pub enum Wish {
    /// A line judged, with what the shell told of its state.
    Line(Box<Line>, Known),
    /// What is to be said in front of a prompt.
    Prompt,
    /// The line that the shell shows next left out: it stands on the screen.
    Again,
    /// A line without a command is accepted.
    Empty,
}

impl Wish {
    /// With the question's number.
    pub fn read(fields: &mut Fields<'_>) -> Option<(usize, Wish)> {
        let _secret = fields.next()?;
        let number = fields.number()?;
        let wish = match fields.next()?.as_str() {
            "prompt" => Wish::Prompt,
            "again" => Wish::Again,
            "empty" => Wish::Empty,
            process => Wish::Line(Box::new(Line::read(process.to_owned(), fields)?), Known::told(fields)?),
        };
        Some((number, wish))
    }
}

/// A line that a shell asks about.
#[derive(Debug, Clone)]
pub struct Line {
    /// The shell's process.
    pub process: String,
    /// Its directory, as it says.
    pub directory: PathBuf,
    /// How many stand-ins it has had.
    pub stand_ins: usize,
    /// Lines before it that bash has taken but not run: the command goes on.
    pub pending: String,
    /// The line.
    pub text: String,
    /// `$1` and on.
    pub positional: Vec<String>,
    /// So much of what is pending is on record.
    pub recorded: usize,
}

impl Line {
    fn read(process: String, fields: &mut Fields<'_>) -> Option<Line> {
        let directory = PathBuf::from(fields.next()?);
        let stand_ins = fields.number()?;
        let (pending, text) = (fields.next()?, fields.next()?);
        let count = fields.number()?;
        let positional = (0..count).map(|_| fields.next()).collect::<Option<_>>()?;
        let recorded = pending.len();
        Some(Line { process, directory, stand_ins, pending, text, positional, recorded })
    }

    /// Where the shell is: as it says, where that is true.
    pub fn place(&self) -> PathBuf {
        let real = fs::read_link(Path::new("/proc").join(&self.process).join("cwd"));
        let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
        match real {
            Ok(real) if identity(&real) != identity(&self.directory) => real,
            _ => self.directory.clone(),
        }
    }
}
