//! Brace expansion: one word to several, before anything else is expanded.
//!
//! It follows bash's own scan, quirks included: a `}` closes only behind a comma or `..`, and a
//! `{` that nothing closes is text.

use super::scope::is_name;
use super::{ParameterOp, Part, Word};

/// The most words that one word may become.
const MAX_WORDS: usize = 4096;
/// The most characters and parts that all of them may hold.
const MAX_TOKENS: usize = 1 << 16;
/// How deep braces may stand in braces.
const MAX_DEPTH: usize = 24;

/// A stretch of a word behind brace expansion.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stretch<'w> {
    /// A part as it stands in the tree.
    Part(&'w Part),
    /// Unquoted literal text.
    Text(String),
    /// `$name`, its name completed by what came out of braces: `$x{a,b}` is `$xa $xb`.
    Named(String),
    /// Braces that expand to more than is followed, as they are written.
    Unknown(String),
}

/// The words that a word becomes; together no longer than `limit`, beyond what is written.
pub(super) fn expand<'w>(word: &'w Word, limit: usize, zsh: bool) -> Vec<Vec<Stretch<'w>>> {
    let has_brace = |part: &Part| matches!(part, Part::Literal { text, quoted: false } if text.contains('{'));
    if !word.parts.iter().any(has_brace) {
        return vec![word.parts.iter().map(Stretch::Part).collect()];
    }
    let mut tokens = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal { text, quoted: false } => tokens.extend(text.chars().map(Token::Char)),
            part => tokens.push(Token::Part(part)),
        }
    }
    let mut braces =
        Braces { fuel: 64 * tokens.len() + MAX_TOKENS, longest: limit.min(MAX_TOKENS) + tokens.len(), zsh };
    match braces.word(&tokens, 0) {
        Some(words) => words.iter().map(|tokens| stretches(tokens, zsh)).collect(),
        None => vec![unknown(&tokens, zsh)],
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'w> {
    Char(char),
    Part(&'w Part),
}

struct Braces {
    /// Steps left; a word that takes more is not followed.
    fuel: usize,
    /// The most tokens that all words may hold together.
    longest: usize,
    zsh: bool,
}

type Words<'w> = Vec<Vec<Token<'w>>>;

impl Braces {
    /// `None` where the words would be too many.
    fn word<'w>(&mut self, tokens: &[Token<'w>], depth: usize) -> Option<Words<'w>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut out: Words<'w> = vec![Vec::new()];
        let mut rest = tokens;
        loop {
            let mut from = 0;
            let found = loop {
                let Some(open) = self.find(rest, from, '{')? else {
                    break None;
                };
                match self.find(rest, open + 1, '}')? {
                    Some(close) => break Some((open, close)),
                    None => from = open + 1,
                }
            };
            let Some((open, close)) = found else {
                self.cross(&mut out, &[rest.to_vec()])?;
                return Some(out);
            };
            let amble = &rest[open + 1..close];
            self.cross(&mut out, &[rest[..open].to_vec()])?;
            if amble.contains(&Token::Char(',')) {
                let choices = self.choices(amble, depth)?;
                self.cross(&mut out, &choices)?;
            } else if let Some(sequence) = self.sequence(amble)? {
                self.cross(&mut out, &sequence)?;
            } else {
                self.cross(&mut out, &[rest[open..=close].to_vec()])?;
            }
            rest = &rest[close + 1..];
        }
    }

    /// bash's `brace_gobbler`: the next `wanted` on this level.
    fn find(&mut self, tokens: &[Token], from: usize, wanted: char) -> Option<Option<usize>> {
        let mut level = 0usize;
        let mut divided = wanted != '}';
        for i in from..tokens.len() {
            self.fuel = self.fuel.checked_sub(1)?;
            let Token::Char(c) = tokens[i] else { continue };
            if c == wanted && level == 0 && divided {
                let empty_pair = c == '{' && i == 0 && tokens.get(1).is_none_or(|t| *t == Token::Char('}'));
                if empty_pair {
                    continue;
                }
                return Some(Some(i));
            }
            match c {
                '{' => level += 1,
                '}' if level > 0 => level -= 1,
                ',' if level == 0 => divided = true,
                '.' if level == 0
                    && tokens.get(i + 1) == Some(&Token::Char('.'))
                    && tokens.get(i + 2) != Some(&Token::Char(wanted)) =>
                {
                    divided = true;
                }
                _ => {}
            }
        }
        Some(None)
    }

    fn choices<'w>(&mut self, amble: &[Token<'w>], depth: usize) -> Option<Words<'w>> {
        let mut out = Vec::new();
        let mut rest = amble;
        loop {
            let comma = self.find(rest, 0, ',')?;
            out.extend(self.word(&rest[..comma.unwrap_or(rest.len())], depth + 1)?);
            if out.len() > MAX_WORDS {
                return None;
            }
            match comma {
                Some(comma) => rest = &rest[comma + 1..],
                None => return Some(out),
            }
        }
    }

    /// `1..5`, `a..e`, `01..10..2`; `Some(None)` where it is none.
    fn sequence<'w>(&mut self, amble: &[Token<'w>]) -> Option<Option<Words<'w>>> {
        let mut text = String::new();
        for token in amble {
            match token {
                Token::Char(c) => text.push(*c),
                // zsh expands parameters first, so that `{1..$n}` is a sequence there.
                Token::Part(_) if self.zsh => return None,
                Token::Part(_) => return Some(None),
            }
        }
        let mut ends = text.splitn(3, "..");
        let (Some(start), Some(end), step) = (ends.next(), ends.next(), ends.next()) else {
            return Some(None);
        };
        let step = match step.map(str::parse::<i64>) {
            None => 1,
            Some(Ok(step)) => step.unsigned_abs().max(1),
            Some(Err(_)) => return Some(None),
        };
        let spell = |text: String| text.chars().map(Token::Char).collect::<Vec<_>>();
        if let (Ok(a), Ok(b)) = (start.parse::<i64>(), end.parse::<i64>()) {
            let padded = |text: &str| {
                let digits = text.trim_start_matches(['-', '+']);
                digits.len() > 1 && digits.starts_with('0')
            };
            let width = if padded(start) || padded(end) { start.len().max(end.len()) } else { 0 };
            let numbers = range(a, b, step)?;
            return Some(Some(numbers.into_iter().map(|n| spell(format!("{n:0width$}"))).collect()));
        }
        let letter = |text: &str| match text.as_bytes() {
            [byte] if byte.is_ascii_alphabetic() => Some(i64::from(*byte)),
            _ => None,
        };
        let (Some(a), Some(b)) = (letter(start), letter(end)) else {
            return Some(None);
        };
        let letters = range(a, b, step)?;
        Some(Some(
            letters
                .into_iter()
                .filter_map(|n| u8::try_from(n).ok())
                .map(|byte| spell(char::from(byte).to_string()))
                .collect(),
        ))
    }

    fn cross<'w>(&mut self, out: &mut Words<'w>, tails: &[Vec<Token<'w>>]) -> Option<()> {
        let held = |words: &[Vec<Token>]| words.iter().map(Vec::len).sum::<usize>();
        let count = out.len().checked_mul(tails.len()).filter(|n| *n <= MAX_WORDS)?;
        if held(out) * tails.len() + held(tails) * out.len() > self.longest {
            return None;
        }
        if let [tail] = tails {
            for word in out {
                word.extend(tail);
            }
            return Some(());
        }
        let mut next = Vec::with_capacity(count);
        for word in out.iter() {
            for tail in tails {
                let mut word = word.clone();
                word.extend(tail);
                next.push(word);
            }
        }
        *out = next;
        Some(())
    }
}

/// The numbers from `a` to `b`, both included, in steps.
fn range(a: i64, b: i64, step: u64) -> Option<Vec<i64>> {
    let count = a.abs_diff(b) / step;
    let count = usize::try_from(count).ok().filter(|n| *n < MAX_WORDS)?;
    let mut out = Vec::with_capacity(count + 1);
    let mut next = a;
    for _ in 0..=count {
        out.push(next);
        next = if a <= b { next.saturating_add_unsigned(step) } else { next.saturating_sub_unsigned(step) };
    }
    Some(out)
}

fn stretches<'w>(tokens: &[Token<'w>], zsh: bool) -> Vec<Stretch<'w>> {
    let mut out = Vec::new();
    for token in tokens {
        match (token, out.last_mut()) {
            (Token::Char(c), Some(Stretch::Named(name))) if is_word(*c) => name.push(*c),
            // Only what came out of braces can continue a name that ended in the source.
            (Token::Char(c), Some(last @ Stretch::Part(_))) if !zsh && is_word(*c) => match bare_name(last) {
                Some(name) => *last = Stretch::Named(format!("{name}{c}")),
                None => out.push(Stretch::Text(c.to_string())),
            },
            (Token::Char(c), Some(Stretch::Text(text))) => text.push(*c),
            (Token::Char(c), _) => out.push(Stretch::Text(c.to_string())),
            (Token::Part(part), _) => out.push(Stretch::Part(part)),
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name in an unquoted `$name` without braces.
fn bare_name<'w>(stretch: &Stretch<'w>) -> Option<&'w str> {
    match stretch {
        Stretch::Part(Part::Parameter { expansion, quoted: false, span })
            if expansion.op == ParameterOp::Get
                && span.end - span.start == expansion.name.len() + 1
                && is_name(&expansion.name) =>
        {
            Some(&expansion.name)
        }
        _ => None,
    }
}

/// The word with everything from its first brace on unknown; what stands in it is kept, so that
/// its substitutions are seen.
fn unknown<'w>(tokens: &[Token<'w>], zsh: bool) -> Vec<Stretch<'w>> {
    let open = tokens.iter().position(|t| *t == Token::Char('{')).unwrap_or(0);
    let mut out = stretches(&tokens[..open], zsh);
    let mut written = String::new();
    for token in &tokens[open..] {
        match token {
            Token::Char(c) => written.push(*c),
            Token::Part(part) => out.push(Stretch::Part(part)),
        }
    }
    const LABEL: usize = 40;
    if written.chars().count() > LABEL {
        written = written.chars().take(LABEL).chain("…".chars()).collect();
    }
    out.push(Stretch::Unknown(written));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        let word =
            Word { parts: vec![Part::Literal { text: source.to_owned(), quoted: false }], ..Word::default() };
        let show = |stretches: &Vec<Stretch>| {
            let show = |stretch: &Stretch| match stretch {
                Stretch::Text(text) => text.clone(),
                Stretch::Part(Part::Literal { text, .. }) => text.clone(),
                Stretch::Part(_) | Stretch::Named(_) => "$".to_owned(),
                Stretch::Unknown(_) => "?".to_owned(),
            };
            stretches.iter().map(show).collect()
        };
        expand(&word, 1 << 20, false).iter().map(show).collect()
    }

    #[test]
    fn expands_as_bash_does() {
        let cases = [
            ("{a,b}{c,d}", "ac ad bc bd"),
            ("{a},b}", "a} b"),
            ("{a,{b}", "{a,{b}"),
            ("{{a,b}", "{a {b"),
            ("{a,b}}", "a} b}"),
            ("{abc{d,e}f}", "{abcdf} {abcef}"),
            ("{a..5}", "{a..5}"),
            ("{-01..3}", "-01 000 001 002 003"),
            ("{01..10..3}", "01 04 07 10"),
            ("{5..1..2}", "5 3 1"),
            ("{1..3..-1}", "1 2 3"),
            ("{a..e..2}", "a c e"),
            ("x{,y}", "x xy"),
            ("{}", "{}"),
            ("{a,{b,c}d}", "a bd cd"),
            ("a{1..2}{x,y}b", "a1xb a1yb a2xb a2yb"),
        ];
        for (source, expected) in cases {
            assert_eq!(words(source).join(" "), expected, "{source}");
        }
    }

    #[test]
    fn too_much_is_unknown() {
        assert_eq!(words("/tmp/x{1..100000}"), ["/tmp/x?"]);
        assert_eq!(words(&"{a,b}".repeat(40)), ["?"]);
        assert_eq!(words(&"{".repeat(100_000)).len(), 1);
        assert_eq!(words(&"{a,".repeat(10_000)).len(), 1);
        assert_eq!(words("{-9223372036854775808..9223372036854775807}"), ["?"]);
    }
}
