//! Why guard could not do its part: what went wrong, what caused it, what helps.

use std::error::Error as StdError;
use std::fmt;

use crate::exit::Exit;

/// A failure that ends the call.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    hints: Vec<String>,
}

/// Sorts of failure; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Guard itself failed: its configuration, its log, the machine.
    Broken,
    /// A program cannot be given a terminal of its own; it has not run.
    NoTerminal,
    /// Nothing can be supervised here; it has not run.
    NoSupervision,
    /// A decision that needs the log and cannot have it.
    Refused,
    /// A verdict that gives no permit; the text is the whole line to say.
    Verdict,
    /// The real shell, or the program after `--`, is not there.
    NotFound,
    /// The words after `guard` make no sense.
    Usage,
}

impl Error {
    /// A failure of this kind; `what` is lower case, values in backticks, without a full stop.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Error {
        Error { kind, what: what.into(), source: None, hints: Vec::new() }
    }

    /// Guard itself failed.
    pub fn broken(what: impl Into<String>) -> Error {
        Error::new(ErrorKind::Broken, what)
    }

    /// The line that says why a command was refused.
    pub fn refused_line(line: String) -> Error {
        Error::new(ErrorKind::Verdict, line)
    }

    /// With what caused it.
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// With advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.push(hint.into());
        self
    }

    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The exit code that it ends with.
    pub fn exit(&self) -> Exit {
        match self.kind {
            ErrorKind::Broken | ErrorKind::NoTerminal | ErrorKind::NoSupervision => Exit::Broken,
            ErrorKind::Refused | ErrorKind::Verdict => Exit::Refused,
            ErrorKind::NotFound => Exit::NotFound,
            ErrorKind::Usage => Exit::Usage,
        }
    }
}

/// One line, all of it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut source = self.source.as_deref().map(|s| s as &dyn StdError);
        while let Some(error) = source {
            write!(f, ": {}", error.to_string().trim_end().replace('\n', " "))?;
            source = error.source();
        }
        for hint in &self.hints {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_why_and_what_helps() {
        let error = Error::broken("`x` cannot be read")
            .because(std::io::Error::other("two\nlines"))
            .hint("remove it");
        assert_eq!(error.to_string(), "`x` cannot be read: two lines; remove it");
        assert_eq!(error.exit().code(), 125);
    }
}
