//! What commands print, where that can be known before they run: known bytes are followed through
//! pipes and substitutions, and of other output at least the shape is told.

mod assign;
mod awk;
mod codec;
mod edit;
mod escapes;
mod filter;
mod lines;
mod listing;
mod pattern;
mod print;
mod resources;
mod sed;
mod shape;
mod template;

pub(super) use codec::base64;

use std::borrow::Cow;

use crate::model::{Call, Facts, Input, Piece, Shape, Text, bytes};

use super::wrappers::{Grammar, Reading, is_one_of, is_stdin};
use super::written::matching;

/// Programs that print of the files that they are given.
pub(super) const READ: &str = "cat tac rev head tail cut sort uniq sed gsed awk gawk mawk nawk grep egrep fold paste jq \
    ghead gtail gcut gsort pv base64 xxd";
/// No output longer than this is followed.
const LIMIT: usize = 1 << 20;

/// What the call prints on its standard output, where that or its shape is known.
///
/// `call.input` is what it reads. Trailing newlines are there, as the program prints them.
pub fn output(call: &Call, facts: &dyn Facts, directory: &Text) -> Option<Text> {
    let name = call.name()?;
    if !matches!(name, "echo" | "printf" | "cat" | "tee" | "yes") && !call.args.iter().all(is_plain) {
        return None;
    }
    let call = &*expanded(call, facts, directory)?;
    let source = Source { call, facts, directory };
    let text = match name {
        "true" | "false" | ":" | "test" | "[" | "sleep" => Some(Text::known("")),
        "echo" => print::echo(&call.args),
        "printf" => print::printf(&call.args),
        "cat" => source.whole("-u", 0)?.1,
        "awk" | "gawk" | "mawk" | "nawk" => awk::run(&source).and_then(|run| run.output),
        "yes" => print::yes(&call.args),
        "tee" | "pv" | "sponge" => source.given(),
        "tac" | "rev" | "tr" | "head" | "tail" | "cut" | "sort" | "uniq" | "sed" | "gsed" | "seq"
        | "ghead" | "gtail" | "gtr" | "gcut" | "gsort" => {
            filter::output(name.strip_prefix('g').unwrap_or(name), &source)
        }
        "grep" | "egrep" | "fgrep" | "ggrep" | "fold" | "paste" | "expand" | "dd" | "iconv" => {
            lines::output(name, &source)
        }
        "jq" | "gojq" => {
            print::jq(&call.args).or_else(|| assign::jq(&source)).or_else(|| template::jq(&source))
        }
        "envsubst" => template::envsubst(&source),
        "curl" => fetched(&source),
        _ if template::is_code(name) => {
            template::code(name, &call.args).or_else(|| template::printed(name, &source))
        }
        "base64" | "base32" | "basenc" | "gbase64" | "openssl" | "xxd" => codec::output(name, &source),
        _ => None,
    };
    let text = text
        .or_else(|| shape::output(name, &source))
        .or_else(|| listing::output(name, &source))
        .or_else(|| resources::output(name, &source))
        .or_else(|| template::output(name, &source))
        .or_else(|| listing::filtered(name, &source))
        .or_else(|| resources::column(name, &source))
        .or_else(|| super::sql::printed(call))?;
    let len: usize = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Known(text) | Piece::Glob(text) => text.len(),
            Piece::Hole(_) => 0,
        })
        .sum();
    (len <= LIMIT).then_some(text)
}

/// `curl -s file:///PATH`
fn fetched(source: &Source<'_>) -> Option<Text> {
    let mut words = source.known_args()?.into_iter().filter(|word| !word.starts_with('-'));
    let path = words.next()?.strip_prefix("file://")?;
    source.file(&Text::known(path.trim_start_matches("localhost"))).filter(|_| words.next().is_none())
}

/// The call, with the files in the place of their patterns where the program prints what it reads. None where
/// they stand for no file: what is printed then is not known.
fn expanded<'a>(call: &'a Call, facts: &dyn Facts, directory: &Text) -> Option<Cow<'a, Call>> {
    let reads = |name: &str| {
        let lists = name.ends_with("grep") && call.args.iter().any(|arg| arg.known_start().starts_with("-l"));
        is_one_of(name, READ) && !lists
    };
    if !call.args.iter().any(Text::has_glob) || !call.name().is_some_and(reads) {
        return Some(Cow::Borrowed(call));
    }
    let (mut args, mut files) = (Vec::new(), 0);
    for arg in &call.args {
        match matching(arg, facts, directory) {
            Some(found) => {
                files += found.len();
                args.extend(found);
            }
            None => {
                files += usize::from(arg.has_glob());
                args.push(arg.clone());
            }
        }
    }
    if files == 0 {
        return None;
    }
    Some(Cow::Owned(Call { args, arg_spans: Vec::new(), ..call.clone() }))
}

/// What an awk program hands to a shell.
pub(super) fn handed(call: &Call, facts: &dyn Facts, directory: &Text) -> Vec<Text> {
    let source = Source { call, facts, directory };
    awk::run(&source).map(|run| run.handed).unwrap_or_default()
}

/// A call with what it can read.
struct Source<'a> {
    call: &'a Call,
    facts: &'a dyn Facts,
    directory: &'a Text,
}

impl Source<'_> {
    /// The arguments, where all are known.
    fn known_args(&self) -> Option<Vec<&str>> {
        self.call.args.iter().map(Text::as_known).collect()
    }

    /// The one way to read the words, where there is one and no option is unknown.
    fn reading(&self, options: &'static str) -> Option<Reading> {
        let grammar = Grammar { operands: usize::MAX, ..Grammar::options(options) };
        grammar.sure(&self.call.args)
    }

    /// The words by these options, and the text of the files that the operands from `skip` on
    /// name (standard input where there is none).
    /// Text that stands for bytes that are no UTF-8 counts as unknown: where a program cuts or
    /// changes it depends on the locale.
    fn operands(&self, options: &'static str, skip: usize) -> Option<(Reading, Option<Text>)> {
        let (reading, text) = self.whole(options, skip)?;
        Some((reading, text.filter(is_plain)))
    }

    /// As [`Source::operands`], with text of any bytes.
    fn whole(&self, options: &'static str, skip: usize) -> Option<(Reading, Option<Text>)> {
        let reading = self.reading(options)?;
        let files = reading.operands.get(skip..).unwrap_or_default();
        if files.is_empty() {
            let text = self.given();
            return Some((reading, text));
        }
        let mut text = Text::default();
        let mut length = 0;
        for &file in files {
            match self.file(&self.call.args[file]) {
                Some(part) if length <= LIMIT => {
                    length += part.display().len();
                    text.append(&part);
                }
                _ => return Some((reading, None)),
            }
        }
        Some((reading, Some(text)))
    }

    /// The text on standard input, where it can be changed.
    fn input(&self) -> Option<Text> {
        self.given().filter(is_plain)
    }

    /// The text on standard input.
    fn given(&self) -> Option<Text> {
        match &self.call.input {
            Input::Text(text) => Some(Text::clone(text)),
            Input::Empty => Some(Text::known("")),
            Input::File(path) => self.file(path),
            Input::Inherited | Input::Unknown => None,
        }
    }

    /// The text of a file.
    fn file(&self, path: &Text) -> Option<Text> {
        let path = path.as_known()?;
        if path == "-" || is_stdin(path) {
            return match &self.call.input {
                // A file that is read from itself.
                Input::File(file) if file.as_known().is_some_and(|f| f == "-" || is_stdin(f)) => None,
                _ => self.given(),
            };
        }
        if path == "/dev/null" {
            return Some(Text::known(""));
        }
        let bytes = if path.starts_with('/') {
            self.facts.read(path, LIMIT)
        } else {
            let directory = self.directory.as_known().filter(|d| d.starts_with('/'))?;
            self.facts.read(&format!("{}/{path}", directory.trim_end_matches('/')), LIMIT)
        };
        text_of(bytes.ok()?)
    }

    /// Output that is unknown but for its shape.
    fn hole(&self, shape: Shape) -> Text {
        let mut label = format!("$({}", self.call.program.display());
        for arg in &self.call.args {
            label.push(' ');
            label.push_str(&arg.display());
        }
        if let Some((end, _)) = label.char_indices().nth(60) {
            label.truncate(end);
            label.push('…');
        }
        label.push(')');
        Text::hole(label, shape)
    }

    /// One line that is unknown but for its shape.
    fn line(&self, shape: Shape) -> Text {
        let mut text = self.hole(shape);
        text.push_str("\n");
        text
    }
}

/// Whether no byte in it is no UTF-8.
fn is_plain(text: &Text) -> bool {
    text.pieces().iter().all(|piece| match piece {
        Piece::Known(known) | Piece::Glob(known) => !bytes::is_odd(known),
        Piece::Hole(_) => true,
    })
}

/// Bytes as text, where a shell could hold them.
fn text_of(bytes: Vec<u8>) -> Option<Text> {
    if bytes.len() > LIMIT {
        return None;
    }
    Some(Text::known(bytes::text(&bytes)))
}

#[cfg(test)]
mod tests;
