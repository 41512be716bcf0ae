//! tr.

use std::collections::BTreeSet;

use crate::model::{Piece, Shape, Text};

use super::{LIMIT, Source, text_of};

/// What `tr` prints.
pub(super) fn tr(source: &Source<'_>) -> Option<Text> {
    let reading = source.reading("-c -C --complement -d --delete -s --squeeze-repeats -t --truncate-set1")?;
    let sets: Option<Vec<&str>> = reading.operands.iter().map(|&i| source.call.args[i].as_known()).collect();
    let sets = sets?;
    let (delete, squeeze) = (reading.has("-d --delete"), reading.has("-s --squeeze-repeats"));
    let mut first = set(sets.first()?, None)?;
    if reading.has("-c -C --complement") {
        let members: BTreeSet<u8> = first.into_iter().collect();
        first = (0..=255).filter(|b| !members.contains(b)).collect();
    }
    let second = match sets.get(1) {
        Some(text) => Some(set(text, Some(first.len()))?),
        None => None,
    };
    if sets.len() > 2 || (delete && second.is_some() != squeeze) || (!delete && !squeeze && second.is_none())
    {
        return None;
    }
    let mut map: [Option<u8>; 256] = std::array::from_fn(|b| Some(b as u8));
    if delete {
        first.iter().for_each(|b| map[*b as usize] = None);
    } else if let Some(second) = &second {
        let last = second.last().copied()?;
        let truncated = reading.has("-t --truncate-set1");
        for (i, byte) in first.iter().enumerate() {
            match second.get(i) {
                Some(to) => map[*byte as usize] = Some(*to),
                None if truncated => {}
                None => map[*byte as usize] = Some(last),
            }
        }
    }
    let mut squeezed = [false; 256];
    if squeeze {
        let set = second.as_ref().unwrap_or(&first);
        set.iter().for_each(|b| squeezed[*b as usize] = true);
    }
    let input = source.input()?;
    let mut out = Text::known("");
    let mut last = None;
    for piece in input.pieces() {
        match piece {
            Piece::Known(text) => {
                let mut bytes = Vec::with_capacity(text.len());
                for to in text.bytes().filter_map(|b| map[b as usize]) {
                    if !(squeezed[to as usize] && last == Some(to)) {
                        bytes.push(to);
                    }
                    last = Some(to);
                }
                out.append(&text_of(bytes)?);
            }
            Piece::Hole(hole) => {
                // A name or number stays one if its letters and digits become letters and digits
                // and the rest stays as it is.
                let kept = |b: u8| match map[b as usize] {
                    Some(to) if b.is_ascii_digit() => {
                        to.is_ascii_digit() || (hole.shape != Shape::Number && to.is_ascii_lowercase())
                    }
                    Some(to) if b.is_ascii_alphabetic() => to.is_ascii_alphanumeric(),
                    to => to == Some(b),
                };
                let mut may_hold: Vec<u8> = (b'0'..=b'9').collect();
                if hole.shape != Shape::Number {
                    may_hold.extend((b'a'..=b'z').chain(b'A'..=b'Z').chain(*b"._/-:@"));
                }
                if !hole.shape.is_word() || !may_hold.iter().all(|b| kept(*b) && !squeezed[*b as usize]) {
                    return None;
                }
                last = None;
                out.push(piece.clone());
            }
            Piece::Glob(_) => return None,
        }
    }
    Some(if input.is_many() { out.into_many() } else { out })
}

/// The bytes of a set of `tr`; `fill` is the length that `[c*]` fills up to.
fn set(text: &str, fill: Option<usize>) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let rest = &text[i..];
        if let Some((class, len)) = class(rest) {
            out.extend(class);
            i += len;
            continue;
        }
        if rest.starts_with("[=") {
            return None;
        }
        if rest.starts_with('[')
            && let Some(star) = rest.find('*')
            && (star == 2 || (rest.as_bytes().get(1) == Some(&b'\\')))
            && let Some(end) = rest.find(']')
            && end > star
        {
            let (byte, _) = member(&bytes[i + 1..])?;
            let digits = &rest[star + 1..end];
            let count = match digits {
                "" => fill?.saturating_sub(out.len()),
                _ if digits.starts_with('0') => usize::from_str_radix(digits, 8).ok()?,
                _ => digits.parse().ok()?,
            };
            if count > 256 || out.len() > LIMIT {
                return None;
            }
            out.resize(out.len() + count, byte);
            i += end + 1;
            continue;
        }
        let (from, len) = member(&bytes[i..])?;
        i += len;
        if bytes.get(i) == Some(&b'-') && i + 1 < bytes.len() {
            let (to, len) = member(&bytes[i + 1..])?;
            if to < from {
                return None;
            }
            out.extend(from..=to);
            i += 1 + len;
        } else {
            out.push(from);
        }
    }
    Some(out)
}

fn member(bytes: &[u8]) -> Option<(u8, usize)> {
    let first = *bytes.first()?;
    if first != b'\\' {
        return Some((first, 1));
    }
    Some(match bytes.get(1) {
        None => (b'\\', 1),
        Some(b'a') => (7, 2),
        Some(b'b') => (8, 2),
        Some(b'f') => (12, 2),
        Some(b'n') => (b'\n', 2),
        Some(b'r') => (b'\r', 2),
        Some(b't') => (b'\t', 2),
        Some(b'v') => (11, 2),
        Some(b'0'..=b'7') => {
            let len = bytes[1..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let value = bytes[1..=len].iter().fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
            (u8::try_from(value).ok()?, 1 + len)
        }
        Some(escaped) => (*escaped, 2),
    })
}

fn class(text: &str) -> Option<(Vec<u8>, usize)> {
    let name = text.strip_prefix("[:")?;
    let end = name.find(":]")?;
    let test: fn(&u8) -> bool = match &name[..end] {
        "alnum" => u8::is_ascii_alphanumeric,
        "alpha" => u8::is_ascii_alphabetic,
        "blank" => |b| matches!(b, b' ' | b'\t'),
        "cntrl" => u8::is_ascii_control,
        "digit" => u8::is_ascii_digit,
        "graph" => u8::is_ascii_graphic,
        "lower" => u8::is_ascii_lowercase,
        "print" => |b| (32..127).contains(b),
        "punct" => u8::is_ascii_punctuation,
        "space" => |b| matches!(b, 9..=13 | 32),
        "upper" => u8::is_ascii_uppercase,
        "xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some(((0..=255).filter(test).collect(), end + 4))
}
