//! Bytes on their way between two descriptors that never wait, and what became of such a descriptor.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Bytes on their way. More are taken only when all have gone: so neither side can fill the memory,
/// and neither waits for the other.
pub struct Pending {
    room: Vec<u8>,
    start: usize,
    end: usize,
}

impl Default for Pending {
    fn default() -> Pending {
        Pending { room: vec![0; 16 << 10], start: 0, end: 0 }
    }
}

impl Pending {
    /// Those that have not gone yet.
    pub fn bytes(&self) -> &[u8] {
        &self.room[self.start..self.end]
    }

    /// All have gone.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Reads what is there, where all before has gone.
    pub fn fill(&mut self, source: &mut impl Read) -> io::Result<usize> {
        if !self.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = source.read(&mut self.room)?;
        (self.start, self.end) = (0, count);
        Ok(count)
    }

    /// Drops what comes up to the end of a line; whether that came.
    pub fn drop_line(&mut self) -> bool {
        let end = self.bytes().iter().position(|byte| *byte == b'\n');
        self.start = end.map_or(self.end, |at| self.start + at + 1);
        end.is_some()
    }

    /// These, and none of those that have not gone yet.
    pub fn put(&mut self, bytes: &[u8]) {
        self.room.splice(..self.end.min(bytes.len()), bytes.iter().copied());
        (self.start, self.end) = (0, bytes.len());
    }

    /// Writes what goes without waiting.
    pub fn flush(&mut self, target: &mut impl Write) -> io::Result<()> {
        while !self.is_empty() {
            match target.write(self.bytes()) {
                Ok(count) => self.start += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// Whether a terminal was hung up.
pub fn is_gone(file: &File) -> bool {
    let mut watched = [PollFd::new(file.as_fd(), PollFlags::empty())];
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    poll(&mut watched, PollTimeout::ZERO).is_ok() && watched[0].revents().is_some_and(|r| r.intersects(gone))
}

/// Whether it may go better the next time.
pub fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
