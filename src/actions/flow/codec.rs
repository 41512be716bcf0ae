//! base64 and kin, hexadecimal.

use data_encoding::{BASE32, BASE32HEX, BASE64, BASE64URL, Encoding, HEXLOWER, HEXUPPER};

use crate::model::Text;

use super::{Source, text_of};

/// What one of the coders prints.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    match name {
        "openssl" => openssl(source),
        "xxd" => xxd(source),
        _ => base(name, source),
    }
}

fn base(name: &str, source: &Source<'_>) -> Option<Text> {
    const OPTIONS: &str = "-d -D --decode -i --ignore-garbage -w= --wrap= --base64 --base64url --base32 --base32hex \
        --base16 -b= --break=";
    let (reading, text) = source.operands(OPTIONS, 0)?;
    let encoding = match name {
        "base64" | "gbase64" => &BASE64,
        "base32" => &BASE32,
        _ if reading.has("--base64") => &BASE64,
        _ if reading.has("--base64url") => &BASE64URL,
        _ if reading.has("--base32") => &BASE32,
        _ if reading.has("--base32hex") => &BASE32HEX,
        _ if reading.has("--base16") => &HEXUPPER,
        _ => return None,
    };
    let text = text?;
    let text = text.as_known()?;
    if reading.has("-d -D --decode") {
        return decode(encoding, text, reading.has("-i --ignore-garbage"));
    }
    let wrap = match reading.given("-w --wrap -b --break") {
        Some(given) => given.value.as_ref()?.as_known()?.parse().ok()?,
        None => 76,
    };
    Some(Text::known(wrapped(&encoding.encode(text.as_bytes()), wrap)))
}

/// Lines of a width, each with its end; all on one line without an end where that is 0.
fn wrapped(text: &str, width: usize) -> String {
    if width == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + text.len() / width + 1);
    // The encodings' alphabets are ASCII: any index is a character's.
    for start in (0..text.len()).step_by(width) {
        out.push_str(&text[start..text.len().min(start + width)]);
        out.push('\n');
    }
    out
}

/// The bytes of base64, with or without its padding.
pub(in crate::actions) fn base64(text: &str) -> Option<Vec<u8>> {
    let padded =
        format!("{:=<1$}", text.trim_end_matches('='), text.trim_end_matches('=').len().next_multiple_of(4));
    BASE64.decode(padded.as_bytes()).ok()
}

fn decode(encoding: &Encoding, text: &str, ignore_garbage: bool) -> Option<Text> {
    let specification = encoding.specification();
    let kept: String = text
        .chars()
        .filter(|c| {
            if ignore_garbage {
                specification.symbols.contains(*c) || *c == '='
            } else {
                !matches!(c, '\n' | '\r')
            }
        })
        .collect();
    text_of(encoding.decode(kept.as_bytes()).ok()?)
}

fn openssl(source: &Source<'_>) -> Option<Text> {
    let args = source.known_args()?;
    let (first, rest) = args.split_first()?;
    let mut base64 = *first == "base64";
    if !base64 && *first != "enc" {
        return None;
    }
    let mut decoding = false;
    let mut one_line = false;
    let mut file = None;
    let mut rest = rest.iter();
    while let Some(arg) = rest.next() {
        match *arg {
            "-base64" | "-a" => base64 = true,
            "-d" => decoding = true,
            "-e" => decoding = false,
            "-A" => one_line = true,
            "-in" => file = Some(*rest.next()?),
            _ => return None,
        }
    }
    if !base64 {
        return None;
    }
    let text = match file {
        Some(path) => source.file(&Text::known(path))?,
        None => source.input()?,
    };
    let text = text.as_known()?;
    if decoding {
        decode(&BASE64, text, false)
    } else {
        Some(Text::known(wrapped(&BASE64.encode(text.as_bytes()), if one_line { 0 } else { 64 })))
    }
}

fn xxd(source: &Source<'_>) -> Option<Text> {
    let mut plain = false;
    let mut reverse = false;
    let mut file = None;
    for arg in source.known_args()? {
        match arg {
            "-p" | "-ps" | "-plain" | "-postscript" => plain = true,
            "-r" | "-revert" => reverse = true,
            "-rp" | "-pr" => (plain, reverse) = (true, true),
            _ if arg.starts_with('-') && arg != "-" || file.is_some() => return None,
            _ => file = Some(arg),
        }
    }
    if !plain {
        return None;
    }
    let text = match file {
        Some(path) => source.file(&Text::known(path))?,
        None => source.input()?,
    };
    let text = text.as_known()?;
    if reverse {
        let digits: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        text_of(HEXLOWER.decode(digits.to_ascii_lowercase().as_bytes()).ok()?)
    } else {
        Some(Text::known(wrapped(&HEXLOWER.encode(text.as_bytes()), 60)))
    }
}
