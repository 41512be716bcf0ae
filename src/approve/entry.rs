//! What waits for a human: all that is shown of it, and the measure that an approval is bound to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::challenge::{Answer, Challenge};
use super::{Held, Losses, Style};
use crate::decide::Digest;
use crate::model::{Decision, Inside, ScriptFile, Span, Verdict};

/// A held command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is called: `7F3K`.
    pub ticket: String,
    /// The digest of all that the verdict rests on, in hexadecimal digits.
    pub measure: String,
    /// What a human is shown, and an approval is bound to.
    pub shown: Shown,
    /// Who asks.
    pub about: About,
}

/// What a human is shown, credentials hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The source text.
    pub command: String,
    /// It is a script file's.
    pub script: bool,
    /// Where it would run.
    pub directory: String,
    /// What was found.
    pub verdict: Verdict,
    /// Script files in which something was found.
    pub files: Vec<File>,
    /// For each finding the file that it stands in, by its number, and where.
    pub inside: Vec<Option<(usize, Span)>>,
    /// Files that would be gone.
    pub paths: Vec<String>,
    /// Work trees that would be hit.
    pub trees: Vec<String>,
    /// Directories, machines and hosts that it is about.
    pub places: Vec<String>,
}

/// A script file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Who asks, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// How guard was called: `command`, `script`, `exec` …
    pub kind: String,
    /// The process.
    pub pid: u32,
    /// The agent, as far as the environment tells.
    pub agent: Option<String>,
    /// The session.
    pub session: Session,
    /// When it was first held, in seconds since 1970.
    pub time: i64,
    /// How often it was tried.
    pub tries: u32,
}

/// The outermost guard's nearest ancestor that is no shell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its process, when that began, and since when the machine runs: no two are the same.
    pub id: String,
    /// The name of its program.
    pub name: String,
}

/// Letters and digits of tickets: none is taken for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The length of a ticket's name, and the most where others bear it.
pub const NAME: usize = 4;
/// See above.
pub const LONGEST_NAME: usize = 12;
/// What was not counted to its end differs each time.
const UNCOUNTED: &str = ": at least ";

impl Entry {
    /// What an approval is bound to: what was judged, and what is shown of it. Where another text was
    /// shown, the approval is for nothing.
    pub fn digest(&self) -> Digest {
        let mut shown = self.shown.clone();
        for lines in [&mut shown.paths, &mut shown.trees] {
            lines.retain(|line| !line.contains(UNCOUNTED));
        }
        let shown = serde_json::to_vec(&shown).expect("plain data is always JSON");
        Digest::of([b"shown".as_slice(), self.measure.as_bytes(), &shown])
    }

    /// What it can be called, in so many characters.
    pub fn name(&self, length: usize) -> String {
        let digest = self.digest();
        let bytes = digest.as_bytes();
        let five = |at: usize| {
            let bit = at * 5;
            let two = u16::from(bytes[bit / 8]) << 8 | u16::from(bytes[bit / 8 + 1]);
            usize::from(two >> (11 - bit % 8)) & 31
        };
        (0..length).map(|at| char::from(ALPHABET[five(at)])).collect()
    }

    /// The verdict with the files that findings stand in.
    pub fn verdict(&self) -> Verdict {
        let mut verdict = self.shown.verdict.clone();
        let file = |file: &File| Arc::new(ScriptFile { name: file.name.clone(), text: file.text.clone() });
        let files: Vec<_> = self.shown.files.iter().map(file).collect();
        for (finding, inside) in verdict.findings.iter_mut().zip(&self.shown.inside) {
            let inside = inside.and_then(|(number, span)| Some((files.get(number)?, span)));
            finding.inside = inside.map(|(file, span)| Inside { file: Arc::clone(file), span });
        }
        verdict
    }

    /// What has to be typed to approve of it.
    pub fn challenge(&self) -> String {
        Challenge::new(&self.shown.verdict).name().to_owned()
    }

    /// Whether a finding is so grave that its name has to be typed in any case.
    pub fn is_critical(&self) -> bool {
        use crate::model::Severity;
        let mut held = self.shown.verdict.findings.iter().filter(|f| f.decision == Decision::Confirm);
        held.any(|finding| finding.severity == Severity::Critical)
    }

    /// The question about its ticket as a terminal shows it, the place for the answer last.
    pub fn page(&self, style: Style) -> String {
        self.with_held(|held, challenge| challenge.page(held, style, Answer::Approves))
    }

    /// What there is to see of it, line by line.
    pub fn lines(&self, style: Style) -> Vec<String> {
        self.with_held(|held, challenge| challenge.lines(held, style))
    }

    /// The same in so many lines of plain sentences, for where letters differ in width.
    pub fn brief(&self, width: usize, height: usize) -> String {
        let style = Style { color: false, plain: true, width, height };
        self.with_held(|held, challenge| challenge.brief(held, style)).join("\n")
    }

    fn with_held<T>(&self, show: impl FnOnce(Held<'_>, &Challenge) -> T) -> T {
        let verdict = self.verdict();
        let losses = Losses { paths: self.shown.paths.clone(), trees: self.shown.trees.clone() };
        let (text, is_script, places) = (&self.shown.command, self.shown.script, &self.shown.places);
        let held = Held { text, is_script, verdict: &verdict, losses: &losses, places };
        show(held, &Challenge::new(&verdict))
    }
}

/// The name that a human typed for a ticket, as tickets are written: what looks alike is the same.
pub fn read_name(typed: &str) -> String {
    let letter = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    typed.trim().chars().filter(|c| *c != '-').map(letter).collect()
}

#[cfg(test)]
pub fn example(command: &str) -> Entry {
    let shown = Shown {
        command: command.to_owned(),
        script: false,
        directory: "/home/me/project".to_owned(),
        verdict: Verdict { decision: Decision::Confirm, ..Verdict::default() },
        files: Vec::new(),
        inside: Vec::new(),
        paths: vec!["/home/me/project/data: 3 files".to_owned()],
        trees: Vec::new(),
        places: Vec::new(),
    };
    let about = About {
        kind: "command".to_owned(),
        pid: 1,
        agent: None,
        session: Session::default(),
        time: 0,
        tries: 1,
    };
    let mut entry = Entry { ticket: String::new(), measure: "00".to_owned(), shown, about };
    entry.ticket = entry.name(NAME);
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_bound_to_what_is_shown_and_not_to_who_asks() {
        let entry = example("rm -rf data");
        let mut again = entry.clone();
        again.about = About { pid: 7, time: 9, tries: 3, ..again.about };
        assert_eq!(entry.digest(), again.digest());
        let with = |change: &dyn Fn(&mut Entry)| {
            let mut other = entry.clone();
            change(&mut other);
            other.digest()
        };
        for other in [
            with(&|entry| entry.shown.command = "ls".to_owned()),
            with(&|entry| entry.shown.directory = "/".to_owned()),
            with(&|entry| entry.shown.paths.push("/x: 1 file".to_owned())),
            with(&|entry| entry.measure = "01".to_owned()),
        ] {
            assert_ne!(entry.digest(), other);
        }
        let uncounted = with(&|entry| entry.shown.paths.push("/x: at least 5 files".to_owned()));
        assert_eq!(entry.digest(), uncounted, "what is counted for a while only");
    }

    #[test]
    fn a_ticket_is_read_as_people_type_it() {
        let name = example("x").name(LONGEST_NAME);
        assert!(name.len() == LONGEST_NAME && name.starts_with(&example("x").name(NAME)));
        assert_eq!(read_name(" 7f3k "), "7F3K");
        assert_eq!(read_name("oIl0"), "0110");
    }
}
