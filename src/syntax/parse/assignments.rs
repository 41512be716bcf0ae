//! Assignments, plain, to array elements, and of whole arrays.

use super::commands::is_delimiter;
use super::words::{Builder, Ground};
use super::{Read, Reader, trouble};
use crate::syntax::{AssignedValue, Assignment, ParameterOp, Part, Word};

impl Reader<'_> {
    /// `name=value` and kin, if it stands here.
    pub(super) fn assignment(&mut self) -> Read<Option<Assignment>> {
        let start = self.pos;
        let length = self.name_length();
        if length == 0 || !matches!(self.at(length), b'=' | b'+' | b'[') {
            return Ok(None);
        }
        let name = self.name();
        let subscript = match self.peek() {
            b'[' => match self.assigned_subscript()? {
                Some(word) => Some(word),
                None => {
                    self.pos = start;
                    return Ok(None);
                }
            },
            _ => None,
        };
        let append = self.peek() == b'+';
        self.pos += usize::from(append);
        if self.peek() != b'=' {
            self.pos = start;
            return Ok(None);
        }
        self.pos += 1;
        let value = match self.peek() {
            b'(' => AssignedValue::Array(self.deeper(|reader| reader.array())?),
            _ => AssignedValue::Scalar(self.word(Ground::Command)?),
        };
        if !(self.pos >= self.end || is_delimiter(self.peek())) {
            return Err(trouble("unexpected text after an array", self.pos));
        }
        Ok(Some(Assignment { name, subscript, value, append, span: self.span(start, self.pos) }))
    }

    /// `[…]` if `=` or `+=` follows: else it is a pattern.
    fn assigned_subscript(&mut self) -> Read<Option<Word>> {
        let rest = &self.bytes[self.pos..self.end];
        // A pattern such as `a[0-9]*` is no subscript, and need not be closed.
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        if !rest[..line].windows(2).any(|pair| pair == b"]=" || pair == b"]+") {
            return Ok(None);
        }
        let start = self.pos;
        let word = self.subscript()?;
        if self.peek() == b'=' || self.peek() == b'+' && self.at(1) == b'=' {
            return Ok(Some(word));
        }
        let pattern = !self.text[start..self.pos]
            .contains([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '$', '`']);
        if pattern { Ok(None) } else { Err(trouble("a doubtful subscript", start)) }
    }

    /// `( … )` of an assignment.
    fn array(&mut self) -> Read<Vec<(Option<Word>, Word)>> {
        let start = self.pos;
        self.pos += 1;
        let mut elements = Vec::new();
        loop {
            self.newlines()?;
            let begin = self.pos;
            match self.peek() {
                b')' => {
                    self.pos += 1;
                    return Ok(elements);
                }
                0 if self.pos >= self.end => return Err(trouble("an unclosed array", start)),
                b'[' => {
                    if let Some(key) = self.assigned_subscript()? {
                        self.pos += 1 + usize::from(self.peek() == b'+');
                        elements.push((Some(key), self.word(Ground::Command)?));
                        continue;
                    }
                    self.pos = begin;
                }
                _ => {}
            }
            let word = self.word(Ground::Command)?;
            if self.pos == begin {
                return Err(trouble("unexpected text in an array", begin));
            }
            elements.push((None, word));
        }
    }

    /// An assignment among arguments as the plain word that it looks like. Substitutions are left
    /// to the assignment, so that nothing stands in the tree twice.
    pub(super) fn as_word(&self, assignment: &Assignment) -> Word {
        let mut builder = Builder::default();
        builder.text(&assignment.name, false);
        let (mut opaque, mut parts) = (assignment.subscript.is_some(), [].as_slice());
        match &assignment.value {
            AssignedValue::Scalar(word) => parts = &word.parts,
            AssignedValue::Array(_) => opaque = true,
        }
        builder.text(if assignment.append { "+=" } else { "=" }, false);
        opaque |= !parts.iter().all(|part| match part {
            Part::Literal { .. } => true,
            Part::Parameter { expansion, .. } => {
                matches!(expansion.op, ParameterOp::Get) && expansion.subscript.is_none()
            }
            _ => false,
        });
        match opaque {
            true => builder.push(Part::Unknown {
                words: Vec::new(),
                quoted: true,
                span: assignment.span,
                code: false,
            }),
            false => parts.iter().for_each(|part| builder.push(part.clone())),
        }
        builder.finish(assignment.span)
    }
}
