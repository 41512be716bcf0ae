//! `a=b&c=d`, and the percent signs in it.

use super::masked::{self, Masked};
use crate::model::Text;

/// The fields of `a=b&c=d`, decoded.
pub(super) fn fields(text: &Text) -> Vec<(Text, Text)> {
    let masked = Masked::new(text);
    let decode = |part: &str| masked.unmask(&percent_decoded(&part.replace('+', " ")));
    masked
        .text
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Replaces `%41`; what is no UTF-8 becomes U+FFFD.
pub(super) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|b| (*b as char).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    let decoded = String::from_utf8_lossy(&out);
    if masked::has_hole(text) { decoded.into_owned() } else { decoded.replace(masked::is_hole, "\u{FFFD}") }
}

/// The code that an address holds: `data:text/javascript;base64,…`.
pub(super) fn in_url(url: &str) -> Option<Text> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(',')?;
    let bytes = match kind.ends_with(";base64") {
        true => super::flow::base64(data)?,
        false => percent_decoded(data).into_bytes(),
    };
    Some(Text::known(String::from_utf8_lossy(&bytes)))
}

/// Escapes all but letters, digits and `-._~`.
pub(super) fn percent_encoded(text: &Text) -> Text {
    masked::map(text, |text| {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii_alphanumeric() || "-._~".contains(c) || masked::is_hole(c) {
                out.push(c);
            } else {
                let mut bytes = [0; 4];
                out.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    #[test]
    fn decodes_fields() {
        for (text, expected) in [
            ("a=b+c&d=%65%2", "a=b c|d=e%2"),
            ("a&=b=c", "a=|=b=c"),
            ("a=%ff%F3%B0%80%80", "a=\u{FFFD}\u{FFFD}"),
        ] {
            let fields = fields(&text.into());
            let shown = fields.iter().map(|(name, value)| format!("{}={}", name.display(), value.display()));
            assert_eq!(shown.collect::<Vec<_>>().join("|"), expected, "{text}");
        }
    }

    #[test]
    fn encodes_what_is_known() {
        let mut text = Text::known("a é=");
        text.append(&Text::hole("$X", Shape::Any));
        assert_eq!(percent_encoded(&text).display(), "a%20%C3%A9%3D$X");
    }
}
