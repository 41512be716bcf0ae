//! Hands judged pieces of a script to a shell that reads them from a pipe.

use std::io::{self, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};

use crate::decide::{Permit, Watch};
use crate::sys::fd::{self, Watched};

/// The writing end of a shell's standard input.
#[derive(Debug)]
pub struct Feed {
    writer: PipeWriter,
    /// Becomes readable when the shell ends, where the system can tell.
    shell: Option<OwnedFd>,
    /// How the shell is run.
    watch: Watch,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// It is in the pipe.
    Whole,
    /// Nobody reads any more.
    Ended,
}

impl Feed {
    /// A feed for the shell whose end `shell` tells, and that is run so.
    pub fn new(writer: PipeWriter, shell: Option<OwnedFd>, watch: Watch) -> io::Result<Feed> {
        fd::never_block(writer.as_fd())?;
        Ok(Feed { writer, shell, watch })
    }

    /// Hands over what the permit was given for.
    pub fn write(&mut self, permit: Permit, text: &[u8]) -> io::Result<Fed> {
        permit.redeem(self.watch).map_err(io::Error::other)?;
        let mut rest = text;
        while !rest.is_empty() {
            match self.writer.write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(Fed::Ended),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    if self.wait_with(None, true, -1)?.ended {
                        return Ok(Fed::Ended);
                    }
                }
                Err(e) => return Err(e),
            }
        }
        Ok(Fed::Whole)
    }

    /// Waits until `input` can be read, or the shell ends; at most `milliseconds` (-1: for ever).
    pub fn wait(&self, input: impl AsFd, milliseconds: i32) -> io::Result<Waited> {
        self.wait_with(Some(input.as_fd()), false, milliseconds)
    }

    fn wait_with(
        &self,
        input: Option<std::os::fd::BorrowedFd<'_>>,
        room: bool,
        milliseconds: i32,
    ) -> io::Result<Waited> {
        let writer = self.writer.as_fd();
        let shell = self.shell.as_ref().map_or(writer, |shell| shell.as_fd());
        let [input, output, shell] = fd::wait(
            [
                Watched { fd: input.unwrap_or(writer), read: input.is_some(), write: false },
                Watched { fd: writer, read: false, write: room },
                Watched { fd: shell, read: self.shell.is_some(), write: false },
            ],
            milliseconds,
        )?;
        Ok(Waited { input: input.ready, ended: output.closed || shell.ready })
    }

    /// The descriptors that must stay open.
    pub fn descriptors(&self) -> [i32; 2] {
        use std::os::fd::AsRawFd;
        let writer = self.writer.as_raw_fd();
        [writer, self.shell.as_ref().map_or(writer, |shell| shell.as_raw_fd())]
    }
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// There is something to read, or its end.
    pub input: bool,
    /// The shell, or all who read what it reads, ended.
    pub ended: bool,
}
