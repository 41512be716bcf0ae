//! A second opinion: what another parser shows that our own reader does not.
//!
//! Only that is asked. The other parser, shuck, is known to drop commands in some corners, and
//! where it refuses a source or reaches one of its limits it has no opinion at all; so it can
//! raise a doubt, and never settle one.

mod ours;
#[cfg(test)]
mod tests;
mod theirs;

use super::{Dialect, Stmt};
use crate::model::Span;

/// The second opinion is asked for sources up to this length, which command lines of agents seldom
/// reach: the other parser's time grows with the square of some, to seconds at four times this.
const LONGEST: usize = 16 << 10;

/// How many `{` times bytes it may search: it looks for the end of the text from every one.
const MOST_BRACE_SEARCH: usize = 8 << 20;

/// The commands that a tree shows. A command stands where its name begins; without a name, where
/// its first assignment does; without both, where its first redirection does.
#[derive(Debug, Default)]
struct Shown {
    places: Vec<usize>,
    /// Other places that may be meant for commands that are there.
    also: Vec<usize>,
    /// Stretches whose places cannot be known, with how many commands they hold.
    unplaced: Vec<(Span, usize)>,
}

impl Shown {
    fn count(&self) -> usize {
        self.places.len() + self.unplaced.iter().map(|(_, count)| count).sum::<usize>()
    }
}

/// The first place of `source` where the other parser shows a command that `body` does not have.
pub(super) fn hidden(source: &str, dialect: Dialect, body: &[Stmt]) -> Option<Span> {
    if source.len() > LONGEST || braces(source) * source.len() > MOST_BRACE_SEARCH {
        return None;
    }
    let theirs = theirs::shown(source, dialect)?;
    let mut ours = ours::shown(body);
    ours.places.sort_unstable();
    let unknown = |at: &usize| ours.places.binary_search(at).is_err() && !ours.also.contains(at);
    let place = theirs.places.into_iter().filter(unknown);
    let stretch = theirs.unplaced.into_iter().filter_map(|(stretch, count)| {
        let before = |end: usize| ours.places.partition_point(|at| *at < end);
        (before(stretch.end) - before(stretch.start) < count).then_some(stretch.start)
    });
    let first = place.chain(stretch).min()?;
    Some(Span::new(first, source.len()))
}

/// Whether a source is one line of words, quotes and operators with nothing in it that could hold
/// a command within a word: no two readers differ on these, and most command lines are such.
pub(super) fn is_plain(source: &str, dialect: Dialect) -> bool {
    let bytes = source.as_bytes();
    let plain = |(at, byte): (usize, &u8)| match byte {
        b'$' => bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphabetic() || *next == b'_'),
        // `>&1`, and nothing that may be a closed descriptor with a word behind it.
        b'&' if at > 0 && bytes[at - 1] == b'>' => {
            let number = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            number > 0 && matches!(bytes.get(at + 1 + number), None | Some(b' ' | b';' | b'|' | b'&'))
        }
        b'`' | b'(' | b')' | b'{' | b'}' | b'[' | b'<' | b'\\' | b'!' | b'#' => false,
        byte => byte.is_ascii_graphic() || *byte == b' ',
    };
    dialect != Dialect::Zsh && bytes.iter().enumerate().all(plain)
}

fn braces(source: &str) -> usize {
    source.bytes().filter(|byte| *byte == b'{').count()
}
