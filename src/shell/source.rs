//! The text that the shell would run, before it runs.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::invocation::{Grammar, Invocation, Source};
use super::payload;
use super::stream::{self, Start};
use crate::audit::Kind;
use crate::error::Error;
use crate::pipeline::SOURCE_LIMIT;
use crate::sys::fd;

/// What is to be judged.
#[derive(Debug)]
pub enum Taken {
    /// Nothing: the shell runs nothing, or will say itself what is wrong.
    Nothing,
    /// What a person types.
    Terminal,
    /// A text.
    Text(TakenText),
    /// A stream that goes on; this came so far.
    Stream(Start),
}

/// A text that is to be judged.
#[derive(Debug)]
pub struct TakenText {
    /// Where it comes from.
    pub kind: Kind,
    /// The text.
    pub text: Vec<u8>,
    /// An archive behind the script's end was cut off.
    pub cut: bool,
    /// How the shell gets it, where it was read from something that can be read but once.
    pub handover: Option<Handover>,
}

/// How a shell gets a text that was taken out of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// At this descriptor.
    Descriptor(i32),
    /// At a descriptor of its own, named in place of the script.
    NewName,
}

/// Takes the text of a call.
pub fn take(invocation: &Invocation, search: Option<&OsStr>) -> Result<Taken, Error> {
    match &invocation.source {
        Source::Nothing => Ok(Taken::Nothing),
        Source::Command(text) if invocation.then_stdin => {
            let mut text = text.as_bytes().to_vec();
            text.push(b'\n');
            let mut handover = None;
            if let Taken::Text(rest) = standard_input(true)? {
                text.extend(rest.text);
                handover = rest.handover;
            }
            Ok(Taken::Text(TakenText { kind: Kind::Command, text, cut: false, handover }))
        }
        Source::Command(text) => Ok(Taken::Text(TakenText {
            kind: Kind::Command,
            text: text.as_bytes().to_vec(),
            cut: false,
            handover: None,
        })),
        Source::File(path) => script(path, invocation.grammar, search),
        Source::Stdin => {
            // A shell that greets before it reads must not be kept from that.
            standard_input(!invocation.interactive && !invocation.login)
        }
    }
}

fn standard_input(patient: bool) -> Result<Taken, Error> {
    let unreadable = |error: io::Error| Error::broken("standard input cannot be read").because(error);
    let (text, cut) = match fd::kind(0) {
        fd::Kind::Terminal => return Ok(Taken::Terminal),
        fd::Kind::Unreadable => return Ok(Taken::Nothing),
        fd::Kind::Null => (Vec::new(), false),
        fd::Kind::File => match fd::peek(0, SOURCE_LIMIT + 1) {
            Ok(text) => without_payload(text),
            // Open for writing alone: the shell says so.
            Err(e) if e.raw_os_error() == Some(libc::EBADF) => return Ok(Taken::Nothing),
            Err(e) => return Err(unreadable(e)),
        },
        fd::Kind::Stream => {
            let input = fd::duplicate(0).map_err(unreadable)?;
            let start = stream::begin(input, patient).map_err(unreadable)?;
            if !start.ended {
                return Ok(Taken::Stream(start));
            }
            let handover = Some(Handover::Descriptor(0));
            let text = start.text;
            return Ok(Taken::Text(TakenText { kind: Kind::Stdin, text, cut: false, handover }));
        }
    };
    Ok(Taken::Text(TakenText { kind: Kind::Stdin, text, cut, handover: None }))
}

fn script(name: &OsStr, grammar: Grammar, search: Option<&OsStr>) -> Result<Taken, Error> {
    let Some((path, file)) = open(name, search) else {
        return Ok(Taken::Nothing);
    };
    let unreadable =
        |error: io::Error| Error::broken(format!("`{}` cannot be read", path.display())).because(error);
    let metadata = file.metadata().map_err(unreadable)?;
    let sort = metadata.file_type();
    if sort.is_dir() {
        return Ok(Taken::Nothing);
    }
    if sort.is_char_device() && !is_null(&metadata) {
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
        if fd::is_terminal(descriptor) {
            return Ok(Taken::Terminal);
        }
    }
    let once = sort.is_fifo() || sort.is_socket() || sort.is_char_device();
    let text = fd::read_to_limit(file, SOURCE_LIMIT).map_err(unreadable)?;
    if grammar == Grammar::Bash && sort.is_file() && is_binary(&text) {
        return Ok(Taken::Nothing);
    }
    let handover = once.then(|| match descriptor_named(&path) {
        Some(number) => Handover::Descriptor(number),
        None => Handover::NewName,
    });
    let (text, cut) = if once { (text, false) } else { without_payload(text) };
    Ok(Taken::Text(TakenText { kind: Kind::Script, text, cut, handover }))
}

fn is_null(metadata: &Metadata) -> bool {
    metadata.rdev() == nix::sys::stat::makedev(1, 3)
}

/// The script as the shell finds it: here, else (a bare name) on PATH.
fn open(name: &OsStr, search: Option<&OsStr>) -> Option<(PathBuf, File)> {
    let here = PathBuf::from(name);
    match File::open(&here) {
        Ok(file) => return Some((here, file)),
        Err(e) if e.kind() != io::ErrorKind::NotFound => return None,
        Err(_) => {}
    }
    if name.as_bytes().contains(&b'/') {
        return None;
    }
    std::env::split_paths(search?).find_map(|directory| {
        let path = directory.join(name);
        let file = File::open(&path).ok()?;
        file.metadata().ok()?.is_file().then_some((path, file))
    })
}

/// The number in `/dev/fd/N`, `/proc/self/fd/N`, `/dev/stdin`.
fn descriptor_named(path: &Path) -> Option<i32> {
    if path == Path::new("/dev/stdin") {
        return Some(0);
    }
    let below = ["/dev/fd", "/proc/self/fd"].iter().find_map(|root| path.strip_prefix(root).ok())?;
    below.to_str()?.parse().ok()
}

/// Whether bash takes a file for a program, and refuses to read it: a NUL in its first line, as
/// far as bash looks.
fn is_binary(text: &[u8]) -> bool {
    const SAMPLE: usize = 80;
    let sample = &text[..text.len().min(SAMPLE)];
    let line = sample.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.contains(&0)
}

/// Without an archive that a script carries behind its `exit`, and whether there was one.
fn without_payload(mut text: Vec<u8>) -> (Vec<u8>, bool) {
    let length = payload::before_payload(&text).map(<[u8]>::len);
    text.truncate(length.unwrap_or(text.len()));
    (text, length.is_some())
}

/// Puts a text that was taken out of a pipe where the shell will look for it.
pub fn hand_over(
    text: &[u8],
    handover: Handover,
    argv: &mut [OsString],
    script: &OsStr,
) -> Result<(), Error> {
    let done = fd::holding(text).and_then(|held| match handover {
        Handover::Descriptor(number) => fd::put(held, number),
        Handover::NewName => {
            let number = fd::bequeath(held)?;
            if let Some(word) = argv.iter_mut().skip(1).find(|word| *word == script) {
                *word = format!("/dev/fd/{number}").into();
            }
            Ok(())
        }
    });
    done.map_err(|error| Error::broken("the script cannot be handed over").because(error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text_of(taken: Taken) -> Option<String> {
        match taken {
            Taken::Text(taken) => Some(String::from_utf8_lossy(&taken.text).into_owned()),
            _ => None,
        }
    }

    #[test]
    fn scripts_are_found_as_bash_finds_them() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("only-on-path");
        std::fs::write(&path, "echo x").unwrap();
        let search = Some(scratch.path().as_os_str());
        let get = |name: &OsStr, search| text_of(script(name, Grammar::Bash, search).unwrap());
        assert_eq!(get(path.as_os_str(), None).unwrap(), "echo x");
        assert_eq!(get(OsStr::new("only-on-path"), search).unwrap(), "echo x");
        assert_eq!(get(OsStr::new("./only-on-path"), search), None);
        assert_eq!(get(OsStr::new("only-on-path"), None), None);
        assert_eq!(get(scratch.path().as_os_str(), None), None);
    }

    #[test]
    fn what_bash_takes_for_a_program_is_left_to_bash_alone() {
        assert!(is_binary(b"\x7fELF\x02\x01\x01\x00\x00"));
        assert!(!is_binary(b"echo a\n\x00"));
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("program");
        std::fs::write(&path, b"\x7fELF\x00rm -rf x\n").unwrap();
        let taken = |grammar| text_of(script(path.as_os_str(), grammar, None).unwrap());
        assert_eq!(taken(Grammar::Bash), None);
        assert!(taken(Grammar::Dash).is_some());
    }

    #[test]
    fn a_pipe_as_a_script_is_read_and_handed_over() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let writer = path.clone();
        let thread = std::thread::spawn(move || std::fs::write(writer, "echo x\n").unwrap());
        match script(path.as_os_str(), Grammar::Bash, None).unwrap() {
            Taken::Text(taken) => {
                assert_eq!(taken.text, b"echo x\n");
                assert_eq!(taken.handover, Some(Handover::NewName));
            }
            other => panic!("{other:?}"),
        }
        thread.join().unwrap();
        assert_eq!(descriptor_named(Path::new("/dev/fd/63")), Some(63));
        assert_eq!(descriptor_named(Path::new("/proc/self/fd/4")), Some(4));
        assert_eq!(descriptor_named(Path::new("/dev/fd/../x")), None);
    }
}
