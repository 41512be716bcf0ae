//! Writing to stdout, where nobody may be reading.

use std::io::{self, Write};

use crate::error::Error;
use crate::exit::Exit;

/// Prints a text that ends with its own newline, all of it at once.
pub fn text(text: &str) -> Result<Exit, Error> {
    match write(text) {
        Ok(()) => Ok(Exit::Success),
        // The reader has seen enough.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        Err(e) => Err(Error::broken("standard output cannot be written").because(e)),
    }
}

/// Prints a text, and tells whether that was possible.
pub fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints one line.
pub fn line(line: &str) -> Result<Exit, Error> {
    text(&format!("{line}\n"))
}
