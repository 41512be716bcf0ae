//! `$'…'`: escapes to bytes.

/// Decodes what stands between `$'` and `'`; the shell cuts it at a NUL.
pub(in crate::syntax) fn decode_ansi(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = after;
        let number = |radix: u32, most: usize, rest: &mut &[u8]| {
            let length = rest.iter().take(most).take_while(|b| char::from(**b).is_digit(radix)).count();
            let value = rest[..length]
                .iter()
                .fold(0u32, |sum, b| sum.wrapping_mul(radix) + char::from(*b).to_digit(radix).unwrap_or(0));
            *rest = &rest[length..];
            (length > 0).then_some(value)
        };
        match escape {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' | b'\'' | b'"' | b'?' => out.push(escape),
            b'0'..=b'7' => {
                let mut digits = &bytes[bytes.len() - rest.len() - 1..];
                let value = number(8, 3, &mut digits).unwrap_or(0);
                rest = digits;
                match value & 0xff {
                    0 => return out,
                    value => out.push(value as u8),
                }
            }
            b'x' => {
                // bash 5.2 takes `\x{…}` too.
                let braced = rest.first() == Some(&b'{');
                let mut digits = if braced { &rest[1..] } else { rest };
                match number(16, if braced { 8 } else { 2 }, &mut digits) {
                    None if braced => return out,
                    Some(value) if value & 0xff == 0 => return out,
                    Some(value) => {
                        out.push((value & 0xff) as u8);
                        rest = if braced && digits.first() == Some(&b'}') { &digits[1..] } else { digits };
                    }
                    None => out.extend_from_slice(b"\\x"),
                }
            }
            b'u' | b'U' => match number(16, if escape == b'u' { 4 } else { 8 }, &mut rest) {
                Some(0) => return out,
                Some(value) => {
                    let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.extend_from_slice(&[b'\\', escape]),
            },
            b'c' => {
                if let Some((&control, after)) = rest.split_first() {
                    rest = after;
                    match control & 0x1f {
                        _ if control == b'?' => out.push(127),
                        0 => return out,
                        value => out.push(value),
                    }
                }
            }
            other => out.extend_from_slice(&[b'\\', other]),
        }
    }
    out
}
