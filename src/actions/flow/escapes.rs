//! The backslash escapes of echo and printf.

use crate::model::bytes;

/// Whose escapes they are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
    /// `echo -e`: octal as `\0nnn`; `\c` stops.
    Echo,
    /// `%b`: octal as `\0nnn` or `\nnn`; `\c` stops.
    Argument,
    /// A format: octal as `\nnn`.
    Format,
}

/// Decodes backslash escapes; true where `\c` stopped the output.
pub(super) fn unescape(text: &str, escapes: Escapes) -> (Vec<u8>, bool) {
    let bytes = bytes::raw(text);
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        i += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escaped) = bytes.get(i) else {
            out.push(b'\\');
            break;
        };
        i += 1;
        match escaped {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' => out.push(b'\\'),
            b'"' | b'\'' | b'?' if escapes != Escapes::Echo => out.push(escaped),
            b'c' if escapes != Escapes::Format => return (out, true),
            b'0'..=b'7' if escaped == b'0' || escapes != Escapes::Echo => {
                // The 0 in front does not count where one is wanted.
                let from = if escapes == Escapes::Format || escaped != b'0' { i - 1 } else { i };
                let (value, len) = number(&bytes[from..], 8, 3);
                out.push(value as u8);
                i = from + len;
            }
            b'x' | b'u' | b'U' => {
                let most = match escaped {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let (value, len) = number(&bytes[i..], 16, most);
                if len == 0 {
                    out.extend([b'\\', escaped]);
                } else if escaped == b'x' {
                    out.push(value as u8);
                } else if let Some(c) = char::from_u32(value) {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                i += len;
            }
            _ => out.extend([b'\\', escaped]),
        }
    }
    (out, false)
}

fn number(bytes: &[u8], radix: u32, most: usize) -> (u32, usize) {
    let mut value: u32 = 0;
    let mut len = 0;
    while let Some(digit) = bytes.get(len).filter(|_| len < most).and_then(|b| char::from(*b).to_digit(radix))
    {
        value = value.wrapping_mul(radix).wrapping_add(digit);
        len += 1;
    }
    (value, len)
}
