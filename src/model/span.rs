//! Where something stands in the source.

use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into the outermost source text.
///
/// What comes out of a nested source (a decoded pipe, a file) carries the span of the outer
/// command that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// First byte after.
    pub end: usize,
}

impl Span {
    /// A span from `start` up to and without `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The part of `source` that this span covers; nothing where it does not fit the text.
    pub fn slice(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// The smallest span that covers both.
    pub fn cover(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }
}
