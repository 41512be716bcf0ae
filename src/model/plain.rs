//! Text from elsewhere, made harmless to show.

use super::bytes;

/// Whatever a terminal would act on, or would not show, is written out; a letter that passes for
/// one of another alphabet is followed by its number.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (_, c, shown) in pieces(text) {
        match shown {
            Some(shown) => out.push_str(&shown),
            None => out.push(c),
        }
    }
    out
}

/// Each character with its offset, and how it is shown where that is not as itself.
pub fn pieces(text: &str) -> impl Iterator<Item = (usize, char, Option<String>)> + '_ {
    // Up to here a word goes on, and whether it has Latin letters.
    let mut word = (0, false);
    text.char_indices().map(move |(at, c)| {
        if c.is_ascii() && !c.is_ascii_control() {
            return (at, c, None);
        }
        if at >= word.0 && c.is_alphanumeric() {
            word = word_around(text, at);
        }
        let shown = match c {
            '\n' => Some("\\n".to_owned()),
            '\t' => Some("\\t".to_owned()),
            '\r' => Some("\\r".to_owned()),
            c if bytes::byte(c).is_some() => bytes::byte(c).map(|byte| format!("\\x{byte:02x}")),
            c if is_hidden(c) => Some(c.escape_unicode().to_string()),
            c if is_false_space(c) => Some(numbered("", c)),
            c if is_disguise(c) || (at < word.0 && word.1 && passes_for_latin(c)) => {
                Some(numbered(c.encode_utf8(&mut [0; 4]), c))
            }
            _ => None,
        };
        (at, c, shown)
    })
}

fn numbered(shown: &str, c: char) -> String {
    format!("{shown}<U+{:04X}>", u32::from(c))
}

/// Where the word at an offset ends, and whether Latin letters stand in it.
fn word_around(text: &str, at: usize) -> (usize, bool) {
    let part = |c: &char| c.is_alphanumeric();
    let after = text[at..].chars().take_while(part);
    let end = at + after.clone().map(char::len_utf8).sum::<usize>();
    let latin = after.chain(text[..at].chars().rev().take_while(part)).any(is_latin);
    (end, latin)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}')
}

/// Control characters, and what turns or hides text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Looks like a space, and separates no words for a shell.
fn is_false_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}')
}

/// A letter or sign that has no use but to look like another: mathematical letters, slashes and
/// dashes that are none.
fn is_disguise(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{2010}'..='\u{2012}' | '\u{2212}')
}

/// A letter of another alphabet that is drawn like a Latin one. Within a word of Latin letters it
/// is a disguise; in a word of its own alphabet it is what it is.
fn passes_for_latin(c: char) -> bool {
    const LETTERS: &str = "авекмнорстухіѕјһԁԛԝӏАВЕКМНОРСТУХІЅЈԌԚԜӀҮЬЗ\
                           αβικνορτυχγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ\
                           օսհոցյԼՏՕᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ";
    matches!(c, '\u{ff01}'..='\u{ff5e}') || LETTERS.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_written_out() {
        assert_eq!(plain("a\u{1b}[31m\u{7}\u{202e}\u{200b}é\n"), "a\\u{1b}[31m\\u{7}\\u{202e}\\u{200b}é\\n");
        assert_eq!(plain("rm\u{a0}-rf"), "rm<U+00A0>-rf");
    }

    #[test]
    fn look_alikes_are_marked_and_honest_words_are_not() {
        assert_eq!(plain("p\u{430}ypal"), "p\u{430}<U+0430>ypal");
        assert_eq!(plain("\u{430}dmin/x"), "\u{430}<U+0430>dmin/x");
        assert_eq!(plain("etc\u{2215}passwd"), "etc\u{2215}<U+2215>passwd");
        for honest in ["привет мир", "αβγ", "日本語", "naïve", "IP-адрес", "1 мая", "données"]
        {
            assert_eq!(plain(honest), honest);
        }
    }
}
