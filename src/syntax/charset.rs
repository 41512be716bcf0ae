//! The charset by which a shell reads its source, told from a locale's name.
//!
//! UTF-8 and the single-byte charsets leave every byte below 0x80 its meaning. In Big5, GBK,
//! Shift-JIS and their kind the second byte of a character may be `\` or `|`.

use crate::model::{Facts, FileKind, ReadError, Text};

/// What bytes beyond ASCII do to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Charset {
    /// They change nothing else.
    #[default]
    Transparent,
    /// That is not known.
    Unsure,
    /// They may swallow a byte that looks like ASCII.
    Swallowing,
}

/// The variables by which a shell chooses, the stronger first.
pub const VARIABLES: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// The starts of the names of charsets in which ASCII stays ASCII, without `-` and `_`.
const TRANSPARENT: &[&str] = &[
    "utf8",
    "iso8859",
    "koi8",
    "cp125",
    "windows125",
    "ascii",
    "usascii",
    "ansix3.4",
    "646",
    "iso646us",
    "tis620",
    "georgianps",
    "armscii8",
    "pt154",
    "rk1048",
    "tcvn",
    "cp437",
    "cp850",
    "cp866",
];
/// Languages whose locales have another charset where none is named.
const SWALLOWING: &[&str] = &["zh", "ja", "ko", "chinese", "japanese", "korean"];

/// Where glibc looks for locales: a directory each, or all in one archive.
const LOCALES: &str = "/usr/lib/locale";
/// The variables that lead it elsewhere.
const ELSEWHERE: [&str; 2] = ["LOCPATH", "LOCALE_ARCHIVE"];
/// A longer archive is not searched.
const LONGEST_ARCHIVE: usize = 512 << 20;

impl Charset {
    /// The charset of a shell with these variables.
    pub fn chosen(facts: &dyn Facts, variable: impl Fn(&str) -> Option<Text>) -> Charset {
        let mut worst = Charset::Transparent;
        for locale in VARIABLES.iter().filter_map(|name| variable(name)) {
            match locale.as_known() {
                Some("") => {}
                Some(known) => {
                    let charset = Charset::of_name(known);
                    // setlocale(3) changes nothing where it fails.
                    let absent = charset == Charset::Swallowing
                        && !ELSEWHERE.iter().any(|name| variable(name).is_some())
                        && is_absent(facts, known);
                    return if absent { worst } else { worst.max(charset) };
                }
                // It may be empty.
                None => worst = worst.max(Charset::of_unknown(&locale)),
            }
        }
        worst
    }

    /// The charset of a locale whose name is not all known.
    fn of_unknown(locale: &Text) -> Charset {
        // An ending that is known tells enough: `$LANGUAGE.UTF-8`.
        match locale.known_end().rsplit_once('.') {
            Some((_, charset)) => Charset::of_charset(charset),
            None => Charset::Unsure,
        }
    }

    /// The charset of a locale.
    fn of_name(locale: &str) -> Charset {
        let name = locale.split('@').next().unwrap_or_default();
        if name.contains('/') {
            // A directory with a locale of somebody's own.
            return Charset::Swallowing;
        }
        match name.split_once('.') {
            Some((_, charset)) => Charset::of_charset(charset),
            None => {
                let language = name.split('_').next().unwrap_or_default().to_ascii_lowercase();
                let swallows = SWALLOWING.iter().any(|start| *start == language);
                if swallows { Charset::Swallowing } else { Charset::Transparent }
            }
        }
    }

    fn of_charset(charset: &str) -> Charset {
        let charset = charset.split('@').next().unwrap_or_default().to_ascii_lowercase();
        let charset = charset.replace(['-', '_'], "");
        let known = charset.is_empty() || TRANSPARENT.iter().any(|start| charset.starts_with(start));
        if known { Charset::Transparent } else { Charset::Swallowing }
    }
}

/// Whether the machine has no locale for this one's language and country, whatever its charset.
fn is_absent(facts: &dyn Facts, locale: &str) -> bool {
    let place = locale.split(['.', '@']).next().unwrap_or_default();
    let named = place.contains('_') && place.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    // Without a country it may be another name of some locale, by /usr/share/locale/locale.alias.
    if !named || facts.kind(LOCALES) != FileKind::Directory {
        return false;
    }
    let directories = facts.glob(&format!("{LOCALES}/{place}*"));
    let archived = match facts.read(&format!("{LOCALES}/locale-archive"), LONGEST_ARCHIVE) {
        Ok(archive) => archive.windows(place.len()).any(|part| part == place.as_bytes()),
        Err(error) => !matches!(error, ReadError::Absent),
    };
    directories.is_some_and(|found| found.is_empty()) && !archived
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_tells_whether_a_byte_can_be_swallowed() {
        for name in [
            "",
            "C",
            "POSIX",
            "C.UTF-8",
            "en_US.utf8",
            "de_DE@euro",
            "de_DE.ISO-8859-15@euro",
            "ru_RU.KOI8-R",
        ] {
            assert_eq!(Charset::of_name(name), Charset::Transparent, "{name}");
        }
        for name in
            ["zh_TW.Big5", "zh_CN.GBK", "ja_JP.SJIS", "ja_JP.eucJP", "ko_KR", "japanese", "/opt/l", "x.new"]
        {
            assert_eq!(Charset::of_name(name), Charset::Swallowing, "{name}");
        }
    }
}
