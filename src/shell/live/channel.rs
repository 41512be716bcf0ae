//! The two named pipes by which a live shell asks and is answered.
//!
//! They stand in a directory that only this user may enter. Guard holds both ends of both, so
//! that the shell never waits for someone to open the other, and the shell opens them for one
//! message each: nothing of them is open while a command runs. An answer itself stands in a file
//! beside them, and one byte in the pipe says that it does: shells read pipes a byte at a time.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use nix::sys::stat::Mode;

use crate::model::bytes;

/// The most bytes of a message that has not ended.
const LONGEST: usize = 16 << 20;

/// A message that came.
#[derive(Debug, PartialEq, Eq)]
pub enum Came<T> {
    /// All of it.
    Whole(T),
    /// Not all of it yet.
    Part,
}

/// The pipes, and what came and was not yet taken.
#[derive(Debug)]
pub struct Channel {
    directory: PathBuf,
    /// What only the shell's own functions know: each message starts with it.
    secret: String,
    question: File,
    answer: File,
    said: File,
    came: Vec<u8>,
}

impl Channel {
    /// Makes the pipes below the first of these directories that can be written to.
    pub fn create<'a>(places: impl IntoIterator<Item = &'a Path>) -> io::Result<Channel> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for place in places {
            match Channel::create_below(place) {
                Ok(channel) => return Ok(channel),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn create_below(place: &Path) -> io::Result<Channel> {
        let place = place.join("live");
        DirBuilder::new().recursive(true).mode(0o700).create(&place)?;
        sweep(&place);
        let mut random = [0; 12];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        let secret = HEXLOWER.encode(&random);
        let directory = place.join(format!("{}-{}", std::process::id(), &secret[..6]));
        DirBuilder::new().mode(0o700).create(&directory)?;
        let pipe = |name: &str| -> io::Result<File> {
            let path = directory.join(name);
            nix::unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR)?;
            File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(&path)
        };
        let said = || File::options().write(true).create_new(true).mode(0o600).open(directory.join("said"));
        let made = || Ok((pipe("question")?, pipe("answer")?, said()?));
        let (question, answer, said) = made().inspect_err(|_: &io::Error| {
            // There is nobody to tell that what failed half is there.
            let _ = fs::remove_dir_all(&directory);
        })?;
        Ok(Channel { directory, secret: secret[6..].to_owned(), question, answer, said, came: Vec::new() })
    }

    /// Where the pipes are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What each message starts with.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Becomes readable when the shell says something.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.question.as_fd()
    }

    /// Whether the shell is to ask at its next prompt what there is to say. Where that cannot be told
    /// it, the next line is judged all the same.
    pub fn has_to_say(&self, something: bool) {
        let path = self.directory.join("says");
        let _ = match something {
            true => fs::write(path, b""),
            false => fs::remove_file(path),
        };
    }

    /// Puts a file beside the pipes.
    pub fn file(&self, name: &str, text: &[u8]) -> io::Result<PathBuf> {
        let path = self.directory.join(name);
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text)?;
        Ok(path)
    }

    /// Takes up what the shell said.
    pub fn receive(&mut self) -> io::Result<()> {
        let mut part = [0; 16 << 10];
        loop {
            match self.question.read(&mut part) {
                Ok(0) => return Ok(()),
                Ok(count) => self.came.extend_from_slice(&part[..count]),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
            if self.came.len() > LONGEST {
                self.came.clear();
                return Err(io::Error::from(io::ErrorKind::FileTooLarge));
            }
        }
    }

    /// Whether what came may be a whole message: shells write one in many parts.
    pub fn may_be_whole(&self) -> bool {
        [b"end\0".as_slice(), b"prompt\0", b"again\0", b"empty\0"].iter().any(|end| self.came.ends_with(end))
    }

    /// Drops what came before the next message begins; whether one does.
    pub fn begins(&mut self) -> bool {
        let mark = [self.secret.as_bytes(), &[0]].concat();
        let at = self.came.windows(mark.len()).position(|window| window == mark);
        match at {
            Some(at) => {
                self.came.drain(..at);
                true
            }
            None => {
                let kept = self.came.len().min(mark.len());
                self.came.drain(..self.came.len() - kept);
                false
            }
        }
    }

    /// Takes what `read` reads of the fields that came, if it is all there.
    pub fn take<T>(&mut self, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Came<T> {
        let mut fields = Fields { rest: &self.came };
        match read(&mut fields) {
            Some(value) => {
                let left = fields.rest.len();
                self.came.drain(..self.came.len() - left);
                Came::Whole(value)
            }
            None => Came::Part,
        }
    }

    /// Answers the question of this number: an answer that nobody took in time is none to the next.
    pub fn answer(&mut self, number: usize, verb: &str, text: &str, message: &str) -> io::Result<()> {
        let first = format!("{} {number} {verb}", self.secret);
        let mut all = [&first, text, message].map(|field| field.replace('\0', "")).join("\0");
        all.push('\0');
        // What is left of a longer one stands behind the last NUL; to cut it off costs a disk's time.
        self.said.write_all_at(all.as_bytes(), 0)?;
        self.answer.write_all(&[0])
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next session.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Removes what sessions that are no more left behind.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = process(&name) else { continue };
        let gone = nix::sys::signal::kill(process, None) == Err(nix::errno::Errno::ESRCH);
        if gone {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn process(name: &OsStr) -> Option<nix::unistd::Pid> {
    let (number, _) = name.to_str()?.split_once('-')?;
    number.parse().ok().map(nix::unistd::Pid::from_raw)
}

/// Fields of a message, each ended by a NUL.
#[derive(Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl Fields<'_> {
    /// The next field; `None` where it is not there yet.
    pub fn next(&mut self) -> Option<String> {
        let end = self.rest.iter().position(|byte| *byte == 0)?;
        let field = bytes::text(&self.rest[..end]).into_owned();
        self.rest = &self.rest[end + 1..];
        Some(field)
    }

    /// The next field, a number; what is none counts as 0.
    pub fn number(&mut self) -> Option<usize> {
        self.next().map(|field| field.parse().unwrap_or(0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_parts_and_behind_what_is_none() {
        let scratch = tempfile::tempdir().unwrap();
        let mut channel = Channel::create([scratch.path()]).unwrap();
        let mut shell = File::options().write(true).open(channel.directory().join("question")).unwrap();
        let secret = channel.secret().to_owned();
        shell.write_all(format!("noise\0{secret}\0one\0tw").as_bytes()).unwrap();
        channel.receive().unwrap();
        assert!(channel.begins());
        assert_eq!(channel.take(|f| Some((f.next()?, f.next()?, f.next()?))), Came::Part);
        shell.write_all(b"o\0").unwrap();
        channel.receive().unwrap();
        assert!(channel.begins());
        let all = (secret, "one".to_owned(), "two".to_owned());
        assert_eq!(channel.take(|f| Some((f.next()?, f.next()?, f.next()?))), Came::Whole(all));
        assert!(!channel.begins());
    }

    #[test]
    fn nothing_is_left_behind() {
        let scratch = tempfile::tempdir().unwrap();
        let channel = Channel::create([Path::new("/dev/null"), scratch.path()]).unwrap();
        let directory = channel.directory().to_owned();
        assert!(directory.exists());
        drop(channel);
        assert!(!directory.exists());
        let stale = scratch.path().join("live/999999999-abc");
        fs::create_dir(&stale).unwrap();
        drop(Channel::create([scratch.path()]).unwrap());
        assert!(!stale.exists());
    }
}
