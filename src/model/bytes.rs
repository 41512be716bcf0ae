//! Any bytes as text, and back: a byte that is no UTF-8 stands there as one reserved character.
//!
//! A reserved character of the bytes themselves becomes four, one for each of its bytes. So no two
//! byte strings have the same text, and text from outside has no reserved character of its own.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The character for the byte 0, if that had one; 0x80 to 0xFF follow it.
const BASE: u32 = 0x10_F700;

/// The bytes as text.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !is_odd(text)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() * 2);
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push(&mut out, c));
        out.extend(chunk.invalid().iter().map(|byte| reserved(*byte)));
    }
    Cow::Owned(out)
}

/// A name of the system as text.
pub fn text_of(name: &(impl AsRef<OsStr> + ?Sized)) -> String {
    text(name.as_ref().as_bytes()).into_owned()
}

/// The bytes that a text stands for.
pub fn raw(text: &str) -> Cow<'_, [u8]> {
    if !is_odd(text) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte(c) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(out)
}

/// The path that a text stands for.
pub fn path(text: &str) -> Cow<'_, Path> {
    match raw(text) {
        Cow::Borrowed(bytes) => Cow::Borrowed(Path::new(OsStr::from_bytes(bytes))),
        Cow::Owned(bytes) => Cow::Owned(Path::new(OsStr::from_bytes(&bytes)).to_owned()),
    }
}

/// Whether it stands for bytes that are no UTF-8.
pub fn is_odd(text: &str) -> bool {
    // U+10F780 to U+10F7FF are F4 8F 9E 80 to F4 8F 9F BF.
    text.as_bytes().contains(&0xF4) && text.chars().any(|c| byte(c).is_some())
}

/// The same bytes as [`text`] writes them: two stretches side by side may make one character.
pub fn joined(text: String) -> String {
    if is_odd(&text) { self::text(&raw(&text)).into_owned() } else { text }
}

/// Adds a character that is meant as itself.
pub fn push(out: &mut String, c: char) {
    match byte(c) {
        Some(_) => out.extend(c.encode_utf8(&mut [0; 4]).bytes().map(reserved)),
        None => out.push(c),
    }
}

/// Where the offsets of a text lie in the bytes that it stands for.
#[derive(Debug)]
pub struct Offsets {
    /// Where characters stand that are one byte each.
    reserved: Vec<usize>,
}

impl Offsets {
    /// Of this text.
    pub fn of(text: &str) -> Offsets {
        let reserved = match is_odd(text) {
            true => text.char_indices().filter(|(_, c)| byte(*c).is_some()).map(|(at, _)| at).collect(),
            false => Vec::new(),
        };
        Offsets { reserved }
    }

    /// The place in the bytes.
    pub fn at(&self, offset: usize) -> usize {
        offset - 3 * self.reserved.partition_point(|at| *at < offset)
    }
}

/// The byte that a character stands for.
pub fn byte(c: char) -> Option<u8> {
    let byte = u32::from(c).checked_sub(BASE)?;
    u8::try_from(byte).ok().filter(|byte| !byte.is_ascii())
}

fn reserved(byte: u8) -> char {
    char::from_u32(BASE + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_and_come_back() {
        let own = "a\u{10f7e9}b".as_bytes();
        for bytes in [b"plain".as_slice(), "h\u{e9}".as_bytes(), b"caf\xe9", b"\xe3\x81;\xff\x80", own] {
            let text = text(bytes);
            assert_eq!(*raw(&text), *bytes);
            assert_eq!(joined(text.to_string()), text);
        }
        assert_eq!(text(b"caf\xe9"), "caf\u{10f7e9}");
        assert_ne!(text(own), "a\u{10f7e9}b");
    }

    #[test]
    fn halves_of_a_character_are_one_again_side_by_side() {
        let sum = format!("{}{}", text(b"\xc3"), text(b"\xa9"));
        assert_eq!(joined(sum), "\u{e9}");
    }

    #[test]
    fn an_offset_counts_bytes() {
        let text = text(b"\xe9\xe9 rm");
        assert_eq!(Offsets::of(&text).at(text.find("rm").unwrap_or(0)), 3);
        assert_eq!(Offsets::of("\u{e9} rm").at(3), 3);
    }
}
