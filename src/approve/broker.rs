//! The way between a command that waits and the human's `guard watch`: a socket in guard's state
//! directory, a line of JSON each way.
//!
//! Nothing that comes over it is trusted: a yes counts only by its signature, and whoever asks must be
//! a guard like this one, below no supervisor.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::own;
use super::signed::Signed;

/// The socket's name.
const NAME: &str = "watch.sock";
/// More is no message.
const MOST: usize = 8 << 20;
/// So long watch may take to say that it shows a command.
const HELLO: Duration = Duration::from_secs(2);
/// So many commands wait at once; one more is told that nobody watches.
const CLIENTS: usize = 4000;

/// What watch says to a command that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Said {
    /// It is shown.
    Waiting,
    /// The human's yes.
    Approved(Signed),
    /// The human's no, with what they say to it.
    Refused(String),
    /// It is not shown, for this reason.
    Turned(String),
}

/// What came of waiting.
#[derive(Debug)]
pub enum Outcome {
    /// The human's yes; it counts only where its signature does.
    Approved(Signed),
    /// The human's no.
    Refused(String),
    /// Nobody answered in time.
    TimedOut,
    /// Nobody watches; why, where something is wrong.
    Nobody(Option<String>),
}

/// Waits for a human's answer. `shown` is called once when a human can see it.
pub fn wait(state: &Path, entry: &Entry, wait: Duration, shown: impl FnOnce()) -> Outcome {
    let stream = match connect(state) {
        Ok(stream) => stream,
        Err(error) => {
            let gone = own::is_absent(&error) || error.kind() == io::ErrorKind::ConnectionRefused;
            return Outcome::Nobody((!gone).then(|| error.to_string()));
        }
    };
    converse(stream, entry, wait, shown).unwrap_or_else(|error| Outcome::Nobody(Some(error.to_string())))
}

fn converse(
    mut stream: UnixStream,
    entry: &Entry,
    wait: Duration,
    shown: impl FnOnce(),
) -> io::Result<Outcome> {
    let mut text = serde_json::to_vec(entry).map_err(io::Error::other)?;
    text.push(b'\n');
    stream.set_write_timeout(Some(HELLO))?;
    stream.write_all(&text)?;
    let mut lines = Lines::default();
    let mut until = Instant::now() + HELLO;
    let mut shown = Some(shown);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(if shown.is_some() {
                Outcome::Nobody(Some("it did not answer".to_owned()))
            } else {
                Outcome::TimedOut
            });
        }
        // Rounded up, so as not to spin through the last millisecond.
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match lines.read(&mut stream) {
            Ok(true) => {}
            Ok(false) => return Ok(if shown.is_some() { Outcome::Nobody(None) } else { Outcome::TimedOut }),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
        while let Some(line) = lines.next() {
            match serde_json::from_slice(&line).map_err(io::Error::other)? {
                Said::Waiting => {
                    if let Some(shown) = shown.take() {
                        shown();
                        until = Instant::now() + wait;
                    }
                }
                Said::Approved(signed) => return Ok(Outcome::Approved(signed)),
                Said::Refused(message) => return Ok(Outcome::Refused(message)),
                Said::Turned(why) => return Ok(Outcome::Nobody(Some(why))),
            }
        }
    }
}

/// Connects by a path that is short enough for a socket's address, wherever the directory is.
fn connect(state: &Path) -> io::Result<UnixStream> {
    let directory = File::open(state)?;
    UnixStream::connect(short(&directory))
}

fn short(directory: &File) -> String {
    format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd())
}

/// Lines out of a stream.
#[derive(Debug, Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// Reads what is there; `false` at its end.
    fn read(&mut self, stream: &mut UnixStream) -> io::Result<bool> {
        let mut part = [0; 16 << 10];
        let length = stream.read(&mut part)?;
        self.0.extend_from_slice(&part[..length]);
        if self.0.len() > MOST {
            return Err(io::Error::other("a message is too long"));
        }
        Ok(length > 0)
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let mut line: Vec<u8> = self.0.drain(..=end).collect();
        line.pop();
        Some(line)
    }
}

/// Whether somebody watches.
pub fn is_watched(state: &Path) -> bool {
    let locked = File::open(state).map(|directory| directory.try_lock_shared());
    matches!(locked, Ok(Err(TryLockError::WouldBlock)))
}

/// What watch learns.
#[derive(Debug)]
pub enum Event {
    /// A command waits.
    Arrived(u64, Box<Entry>),
    /// It waits no more.
    Left(u64),
    /// Somebody was turned away: why.
    Turned(String),
    /// Nothing comes any more: why.
    Ended(String),
}

/// Watch's end.
#[derive(Debug)]
pub struct Broker {
    listener: UnixListener,
    /// Through it the socket has its address; it is locked as long as somebody watches.
    directory: File,
    clients: HashMap<u64, Client>,
    next: u64,
}

#[derive(Debug)]
struct Client {
    stream: UnixStream,
    lines: Lines,
    /// What it asks about has come.
    asked: bool,
}

/// An answer to a command that waits.
pub type Answer = (u64, Said);

impl Broker {
    /// Listens. Where another watch does already, that is an error of the kind `AddrInUse`.
    pub fn listen(state: &Path) -> io::Result<Broker> {
        own::folder(state)?;
        let directory = File::open(state)?;
        let path = short(&directory);
        // Two that begin in the same moment, and a socket of somebody else's, are told by this alone.
        directory.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::ErrorKind::AddrInUse.into(),
            TryLockError::Error(error) => error,
        })?;
        // Whose it is, no watch of this user's serves it.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        listener.set_nonblocking(true)?;
        Ok(Broker { listener, directory, clients: HashMap::new(), next: 0 })
    }

    /// Serves until nobody takes its events. Answers come through `answers`, and a byte through `wake`
    /// after each.
    pub fn serve(mut self, events: &Sender<Event>, answers: &Receiver<Answer>, wake: &File) {
        let ended = self.run(events, answers, wake);
        let why = ended.err().map_or_else(String::new, |error| error.to_string());
        let _ = events.send(Event::Ended(why));
    }

    fn run(&mut self, events: &Sender<Event>, answers: &Receiver<Answer>, mut wake: &File) -> io::Result<()> {
        loop {
            let ids: Vec<u64> = self.clients.keys().copied().collect();
            let mut watched = vec![
                PollFd::new(self.listener.as_fd(), PollFlags::POLLIN),
                PollFd::new(wake.as_fd(), PollFlags::POLLIN),
            ];
            watched
                .extend(ids.iter().map(|id| PollFd::new(self.clients[id].stream.as_fd(), PollFlags::POLLIN)));
            match poll(&mut watched, PollTimeout::NONE) {
                Ok(_) | Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let came: Vec<bool> =
                watched.iter().map(|fd| fd.revents().is_some_and(|came| !came.is_empty())).collect();
            for (id, _) in ids.iter().zip(&came[2..]).filter(|(_, came)| **came) {
                for event in self.hear(*id) {
                    if events.send(event).is_err() {
                        return Ok(());
                    }
                }
            }
            if came[1] && wake.read(&mut [0; 64])? == 0 {
                return Ok(());
            }
            loop {
                match answers.try_recv() {
                    Ok((id, said)) => self.answer(id, &said),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            if came[0]
                && let Some(turned) = self.accept()?
                && events.send(turned).is_err()
            {
                return Ok(());
            }
        }
    }

    /// Takes one who comes, or says why not.
    fn accept(&mut self) -> io::Result<Option<Event>> {
        let stream = match self.listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Ok(None);
            }
            // Whoever gave up meanwhile; too many open files.
            Err(error) => {
                std::thread::sleep(Duration::from_millis(10));
                return Ok(Some(Event::Turned(error.to_string())));
            }
        };
        stream.set_nonblocking(true)?;
        let mut client = Client { stream, lines: Lines::default(), asked: false };
        let refused = match self.clients.len() >= CLIENTS {
            true => Err("too many wait".to_owned()),
            false => peer::is_guard(&client.stream),
        };
        if let Err(why) = refused {
            client.say(&Said::Turned(why.clone()));
            return Ok(Some(Event::Turned(why)));
        }
        self.next += 1;
        self.clients.insert(self.next, client);
        Ok(None)
    }

    /// Reads what one says.
    fn hear(&mut self, id: u64) -> Vec<Event> {
        let Some(client) = self.clients.get_mut(&id) else { return Vec::new() };
        let left = |client: &Client| if client.asked { vec![Event::Left(id)] } else { Vec::new() };
        match client.lines.read(&mut client.stream) {
            Ok(true) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Vec::new();
            }
            Ok(false) | Err(_) => {
                let events = left(client);
                self.clients.remove(&id);
                return events;
            }
        }
        let Some(line) = client.lines.next() else { return Vec::new() };
        match serde_json::from_slice::<Entry>(&line) {
            Ok(entry) if !client.asked => {
                client.asked = true;
                client.say(&Said::Waiting);
                vec![Event::Arrived(id, Box::new(entry))]
            }
            _ => {
                let events = left(client);
                client.say(&Said::Turned("it cannot be read".to_owned()));
                self.clients.remove(&id);
                events
            }
        }
    }

    fn answer(&mut self, id: u64, said: &Said) {
        if let Some(mut client) = self.clients.remove(&id) {
            client.say(said);
        }
    }
}

impl Client {
    /// Who does not take it asks no more.
    fn say(&mut self, said: &Said) {
        let mut line = serde_json::to_vec(said).expect("plain data is always JSON");
        line.push(b'\n');
        let _ = self.stream.write_all(&line);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // A socket that nobody listens on says as much; that it is there does no harm.
        let _ = fs::remove_file(short(&self.directory));
    }
}

/// Who is at the other end.
mod peer {
    use std::os::unix::net::UnixStream;

    /// Whether a guard like this one asks, that nothing below a supervisor started and nobody traces.
    #[cfg(target_os = "linux")]
    pub fn is_guard(stream: &UnixStream) -> Result<(), String> {
        use std::os::unix::fs::MetadataExt;
        use std::{fs, io};

        use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

        use crate::sys::{ancestry, process};

        let peer = getsockopt(stream, PeerCredentials).map_err(|error| error.to_string())?;
        if peer.uid() != process::user_id() {
            return Err("another user asks".to_owned());
        }
        let program = |which: &str| {
            let found = fs::metadata(format!("/proc/{which}/exe"));
            found.map(|file| (file.dev(), file.ino()))
        };
        let known = |error: io::Error| format!("who asks cannot be told: {error}");
        match program(&peer.pid().to_string()) {
            Ok(theirs) if theirs == program("self").map_err(known)? => {}
            Ok(_) => return Err("who asks is not this guard".to_owned()),
            // Nobody looks into a supervisor, or into what works for it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(known(error)),
        }
        if process::is_traced(&peer.pid().to_string()).map_err(|error| error.to_string())? {
            return Err("who asks is traced".to_owned());
        }
        match ancestry::is_below_supervisor(peer.pid().unsigned_abs()) {
            true => Err("who asks was started by a command that guard watches".to_owned()),
            false => Ok(()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn is_guard(_: &UnixStream) -> Result<(), String> {
        Err("who asks cannot be told here".to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::approve::entry::example;
    use std::sync::mpsc::channel;
    use std::thread;

    /// A broker with somebody who answers each entry as `answer` says.
    fn serving(
        state: &Path,
        answer: impl Fn(Entry) -> Option<Said> + Send + 'static,
    ) -> thread::JoinHandle<usize> {
        let broker = Broker::listen(state).unwrap();
        let (events, came) = channel();
        let (answers, given) = channel();
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = File::from(std::os::fd::OwnedFd::from(reader));
        thread::spawn(move || broker.serve(&events, &given, &reader));
        thread::spawn(move || {
            let mut left = 0;
            while let Ok(event) = came.recv() {
                match event {
                    Event::Arrived(id, entry) => {
                        if let Some(said) = answer(*entry) {
                            answers.send((id, said)).unwrap();
                            writer.write_all(b"x").unwrap();
                        }
                    }
                    Event::Left(_) => left += 1,
                    Event::Turned(why) => panic!("{why}"),
                    Event::Ended(_) => break,
                }
                if left == 1 {
                    break;
                }
            }
            left
        })
    }

    #[test]
    fn who_waits_gets_the_answer_and_who_goes_leaves_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let long = scratch.path().join("d".repeat(120));
        let none = wait(&long, &example("a"), Duration::from_secs(9), || panic!("nobody"));
        assert!(matches!(none, Outcome::Nobody(None)), "{none:?}");
        let answer = |entry: Entry| (entry.shown.command == "a").then(|| Said::Refused("no".to_owned()));
        let served = serving(&long, answer);
        let busy = Broker::listen(&long).unwrap_err();
        assert_eq!(busy.kind(), io::ErrorKind::AddrInUse);
        let mut shown = 0;
        let said = wait(&long, &example("a"), Duration::from_secs(60), || shown += 1);
        assert!(matches!(said, Outcome::Refused(why) if why == "no"));
        assert_eq!(shown, 1);
        let said = wait(&long, &example("b"), Duration::from_millis(20), || shown += 1);
        assert!(matches!(said, Outcome::TimedOut), "{said:?}");
        assert_eq!((shown, served.join().unwrap()), (2, 1));
    }

    #[test]
    fn hundreds_wait_at_once_and_each_gets_its_own_answer() {
        let scratch = tempfile::tempdir().unwrap();
        let state = scratch.path().to_owned();
        serving(&state, |entry| Some(Said::Refused(entry.shown.command)));
        let asks = (0..300).map(|number| {
            let state = state.clone();
            thread::spawn(move || {
                let command = format!("rm {number}");
                let said = wait(&state, &example(&command), Duration::from_secs(60), || {});
                matches!(said, Outcome::Refused(why) if why == command)
            })
        });
        let asks: Vec<_> = asks.collect();
        assert!(asks.into_iter().all(|ask| ask.join().unwrap()));
    }
}
