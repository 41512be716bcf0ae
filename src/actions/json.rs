//! JSON in which texts and values may be unknown.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::masked::{self, Masked};
use crate::model::Text;

/// Starts a string that stands for an unknown value rather than an unknown string.
const BARE: char = '\u{100000}';

/// A JSON value; keys keep their order and may repeat.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    /// `null`.
    Null,
    /// `true` and `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string.
    Text(Text),
    /// A value that is not known, not even its kind.
    Unknown(Text),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Map(Vec<(Text, Json)>),
}

impl Json {
    /// Reads JSON; unknown stretches may stand in strings and in the place of values.
    pub fn parse(text: &Text) -> Option<Json> {
        let masked = Masked::new(text);
        let quoted = quote_bare(&masked.text);
        let source = quoted.as_deref().unwrap_or(&masked.text);
        let mut deserializer = serde_json::Deserializer::from_str(source.trim_start_matches('\u{FEFF}'));
        let json = Seed(&masked).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(json)
    }

    /// Reads one value of JSON after the other, as far as they can be read.
    pub fn parse_all(text: &Text) -> Vec<Json> {
        let masked = Masked::new(text);
        let quoted = quote_bare(&masked.text);
        let source = quoted.as_deref().unwrap_or(&masked.text);
        let mut deserializer = serde_json::Deserializer::from_str(source.trim_start_matches('\u{FEFF}'));
        let mut next = || Seed(&masked).deserialize(&mut deserializer).ok();
        std::iter::from_fn(&mut next).collect()
    }

    /// The keys and values of an object.
    pub fn entries(&self) -> &[(Text, Json)] {
        match self {
            Json::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Every value of a key, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl DoubleEndedIterator<Item = &'a Json> {
        self.entries().iter().filter(move |(name, _)| name.as_known() == Some(key)).map(|(_, value)| value)
    }

    /// The value of a key; the last where it repeats.
    pub fn get<'a>(&'a self, key: &'a str) -> Option<&'a Json> {
        self.all(key).next_back()
    }

    /// The string or unknown value as text.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Json::Text(text) | Json::Unknown(text) => Some(text),
            _ => None,
        }
    }

    /// The value as an argument reads: strings without quotes, anything else as JSON.
    pub fn plain(&self) -> Text {
        match self.as_text() {
            Some(text) => text.clone(),
            None => self.render(),
        }
    }

    /// The value as JSON.
    pub fn render(&self) -> Text {
        let mut out = Text::default();
        self.render_to(&mut out);
        out
    }

    fn render_to(&self, out: &mut Text) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Number(number) => out.push_str(number),
            Json::Text(text) => render_string(text, out),
            Json::Unknown(text) => out.append(text),
            Json::List(items) => {
                out.push_str("[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(",");
                    }
                    item.render_to(out);
                }
                out.push_str("]");
            }
            Json::Map(entries) => {
                out.push_str("{");
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push_str(",");
                    }
                    render_string(key, out);
                    out.push_str(":");
                    value.render_to(out);
                }
                out.push_str("}");
            }
        }
    }
}

fn render_string(text: &Text, out: &mut Text) {
    out.append(&masked::map(text, |masked| serde_json::to_string(masked).expect("a string is always JSON")));
}

/// Puts quotes round unknown values that stand outside strings; `None` where there are none.
fn quote_bare(masked: &str) -> Option<String> {
    if !masked::has_hole(masked) {
        return None;
    }
    let ends_value = |c: char| c.is_ascii_whitespace() || "{}[],:\"".contains(c);
    let mut out = String::with_capacity(masked.len() + 16);
    let mut rest = masked;
    while let Some(c) = rest.chars().next() {
        let end = if c == '"' {
            string_end(rest)
        } else if ends_value(c) {
            c.len_utf8()
        } else {
            rest.find(ends_value).unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(end);
        if c != '"' && masked::has_hole(token) {
            out.extend(['"', BARE]);
            out.extend(token.chars().filter(|c| !matches!(c, '\\' | '\0'..='\x1f')));
            out.push('"');
        } else {
            out.push_str(token);
        }
        rest = after;
    }
    Some(out)
}

/// The length of the quoted string at the start, with its quotes.
pub(super) fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

struct Seed<'a>(&'a Masked);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(match value.strip_prefix(BARE) {
            Some(bare) => Json::Unknown(self.0.unmask(bare)),
            None => Json::Text(self.0.unmask(value)),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Seed(self.0))? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            let key = self.0.unmask(key.trim_start_matches(BARE));
            entries.push((key, access.next_value_seed(Seed(self.0))?));
        }
        Ok(Json::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    fn with_hole(before: &str, after: &str) -> Text {
        let mut text = Text::known(before);
        text.append(&Text::hole("$X", Shape::Any));
        text.push_str(after);
        text
    }

    #[test]
    fn unknown_stretches_stand_in_strings_and_for_values() {
        for (before, after, shown) in [
            (r#"{"a":"x"#, r#"y"}"#, r#"{"a":"x$Xy"}"#),
            (r#"{"a": "#, "}", r#"{"a":$X}"#),
            (r#"{"a":[1,"#, "],\"b\":null}", r#"{"a":[1,$X],"b":null}"#),
            (r#"{"a":"\"#, "}", ""),
            ("", "", "$X"),
            (r#"{"a": 1 "#, "}", ""),
        ] {
            let json = Json::parse(&with_hole(before, after));
            assert_eq!(json.map(|j| j.render().display()).unwrap_or_default(), shown);
        }
    }

    #[test]
    fn keys_may_repeat_and_depth_is_limited() {
        let json = Json::parse(&Text::known(r#"{"a":1,"a":"\u0041"}"#)).expect("it is JSON");
        assert_eq!(json.all("a").count(), 2);
        assert_eq!(json.get("a"), Some(&Json::Text("A".into())));
        assert_eq!(Json::parse(&Text::known("[".repeat(100_000))), None);
    }
}
