//! Leaves about a program call: program, subcommand, flags, options, positionals.

use std::borrow::Cow;

use crate::model::{Match, Piece, Shape, Text};

use super::arguments::{
    Arguments, Grammar, OptionValue, Role, cluster, is_long, long_matches, option_value, split_long,
    takes_value,
};
use super::glob;
use super::list::Pattern;
use super::schema::{ArgsTest, OptionTest};
use super::unnamed;

/// What a leaf came to, and the word that made it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hit {
    /// Whether it holds.
    pub matched: Match,
    /// The index of the word, where one word decided.
    pub word: Option<usize>,
}

impl Hit {
    fn best(hits: impl Iterator<Item = Hit>) -> Hit {
        let mut best = Hit::default();
        for hit in hits {
            if hit.matched > best.matched {
                best = hit;
            }
            if best.matched == Match::Yes {
                break;
            }
        }
        best
    }
}

/// The program's base name: `rm` for `/bin/rm` and `$BIN/rm`, `git` for `git.exe`.
pub fn base_name(program: &Text) -> Cow<'_, Text> {
    if program.as_known().is_some_and(|name| !name.contains('/') && !name.ends_with(".exe")) {
        return Cow::Borrowed(program);
    }
    let pieces = program.pieces();
    let slash = |piece: &Piece| match piece {
        Piece::Known(text) => text.rfind('/'),
        _ => None,
    };
    let last = pieces.iter().rposition(|piece| slash(piece).is_some());
    let mut out = Text::default();
    for (at, piece) in pieces.iter().enumerate().skip(last.unwrap_or(0)) {
        match (piece, slash(piece)) {
            (Piece::Known(text), Some(cut)) if Some(at) == last => {
                out.push_str(&text[cut + 1..]);
            }
            _ => out.push(piece.clone()),
        }
    }
    Cow::Owned(match out.as_known().and_then(|name| name.strip_suffix(".exe")) {
        Some(name) if !name.is_empty() => Text::known(name),
        _ if program.is_many() => out.into_many(),
        _ => out,
    })
}

/// The leading positionals against a rule's alternatives; also the word after the subcommand.
///
/// A subcommand that is asked for its help does nothing else.
pub fn subcommand(arguments: &Arguments<'_>, alternatives: &[Vec<Pattern>]) -> (Match, usize) {
    let helps =
        |(_, role, word): (usize, Role, &Text)| role == Role::Option && word.as_known() == Some("--help");
    if arguments.iter().any(helps) {
        return (Match::No, 0);
    }
    let each = alternatives.iter().map(|words| leading(arguments, words));
    each.max().unwrap_or_default()
}

/// Whether a word of one of the alternatives stands among the arguments.
pub fn mentions(arguments: &Arguments<'_>, alternatives: &[Vec<Pattern>]) -> bool {
    let stands = |pattern: &Pattern| {
        if !arguments.initials.may_begin(pattern) {
            return false;
        }
        let mut words = arguments.words.iter();
        !pattern.is_anything() && words.any(|word| glob::matches(pattern, word) == Match::Yes)
    };
    alternatives.iter().flatten().any(stands) || alternatives.iter().any(|words| unnamed::says_nothing(words))
}

fn leading(arguments: &Arguments<'_>, wanted: &[Pattern]) -> (Match, usize) {
    let mut matched = Match::Yes;
    let mut next = 0;
    for (at, role, word) in arguments.iter() {
        match role {
            Role::Option | Role::Value | Role::Separator => {}
            Role::Positional => {
                matched = matched.and(glob::matches(&wanted[next], word));
                next += 1;
                if matched == Match::No || next == wanted.len() {
                    return (matched, at + 1);
                }
            }
            _ => return guess(arguments, at, &wanted[next..]),
        }
    }
    (Match::No, 0)
}

/// As [`leading`] from a word on that may be any number of positionals: at best `Maybe`.
///
/// `best[n]`: how the words from here on fit the wanted words from the n-th on.
fn guess(arguments: &Arguments<'_>, from: usize, wanted: &[Pattern]) -> (Match, usize) {
    let all = wanted.len();
    let mut best = vec![(Match::No, 0); all + 1];
    best[all] = (Match::Maybe, arguments.words.len());
    for at in (from..arguments.words.len()).rev() {
        let (role, word) = (arguments.roles[at], &arguments.words[at]);
        best[all] = (Match::Maybe, at);
        let fits = |n: usize| glob::matches(&wanted[n], word) != Match::No;
        match role {
            Role::Option | Role::Value | Role::Separator => {}
            Role::Positional => {
                for n in 0..all {
                    best[n] = if fits(n) { taken(best[n + 1], at) } else { (Match::No, 0) };
                }
            }
            Role::Either => {
                for n in (0..all).filter(|n| fits(*n)) {
                    best[n] = best[n].max(taken(best[n + 1], at));
                }
            }
            Role::Positionals | Role::Several | Role::Rest => {
                for n in (0..all).rev() {
                    let some = taken(best[n + 1], at);
                    best[n] = match role {
                        Role::Positionals if !fits(n) => (Match::No, 0),
                        Role::Positionals => some,
                        _ => best[n].max(some),
                    };
                }
            }
        }
    }
    best[0]
}

/// A fit in which the word at `at` is one of the wanted ones.
fn taken((matched, end): (Match, usize), at: usize) -> (Match, usize) {
    (matched, end.max(at + 1))
}

/// Whether one of the flags is given.
pub fn flag(arguments: &Arguments<'_>, flags: &[String]) -> Hit {
    Hit::best(arguments.iter().map(|(at, role, word)| {
        let each = flags.iter().map(|flag| match role {
            Role::Option => flag_in(word, flag, &arguments.tool),
            Role::Separator => word.equals(flag),
            Role::Several => flag_perhaps(word, flag, &arguments.tool),
            // Flags without a dash: `/s`, `+x`.
            Role::Positional if !flag.starts_with('-') => word.equals(flag),
            _ => Match::No,
        });
        let matched = each.max().unwrap_or_default();
        Hit { matched, word: Some(at) }
    }))
}

/// Whether an option word gives the flag.
fn flag_in(word: &Text, flag: &str, tool: &Grammar<'_>) -> Match {
    if is_long(flag, tool) {
        let (written, value) = split_long(word);
        return match value.is_some() || word.as_known().is_some() {
            true => long_matches(written, flag, tool).into(),
            false => flag_perhaps(word, flag, tool),
        };
    }
    let whole = |option: &&str| option.len() > 2 && Some(*option) == word.as_known();
    let wanted = flag.chars().nth(1);
    let Some(letters) = cluster(word).filter(|_| !tool.value_options.iter().any(whole)) else {
        return Match::No;
    };
    for letter in letters.chars() {
        if Some(letter) == wanted {
            return Match::Yes;
        }
        if takes_value(letter, tool) {
            return Match::No;
        }
    }
    let may = |shape: Shape| match shape {
        Shape::Any | Shape::Changed => true,
        Shape::Name | Shape::Every => wanted.is_some_and(|letter| letter.is_ascii_alphanumeric()),
        Shape::Number => wanted.is_some_and(|letter| letter.is_ascii_digit()),
        Shape::Temporary | Shape::Scratch | Shape::Directory | Shape::Absent => false,
    };
    match word.has_glob() || word.holes().any(|hole| may(hole.shape)) {
        true => Match::Maybe,
        false => Match::No,
    }
}

/// Whether a word that is not wholly known may give the flag.
fn flag_perhaps(word: &Text, flag: &str, tool: &Grammar<'_>) -> Match {
    let patterns = match is_long(flag, tool) || !flag.starts_with('-') {
        true => [flag.to_owned(), format!("{flag}=*")],
        false => [flag.to_owned(), format!("-*{}*", &flag[1..])],
    };
    let each = patterns.iter().map(|pattern| glob::matches(pattern, word));
    each.max().unwrap_or_default().and(Match::Maybe)
}

/// Whether an option is given with one of the values.
pub fn option(arguments: &Arguments<'_>, test: &OptionTest) -> Hit {
    let words = arguments.iter().filter(|(_, role, _)| role.may_be_option());
    Hit::best(words.map(|(at, role, word)| {
        let matched = match role {
            Role::Option => {
                let each = test.name.iter().map(|name| option_in(arguments, at, word, name, test));
                each.max().unwrap_or_default()
            }
            Role::Several if !test.written => Match::Maybe,
            _ => Match::No,
        };
        Hit { matched, word: Some(at) }
    }))
}

fn option_in(arguments: &Arguments<'_>, at: usize, word: &Text, name: &str, test: &OptionTest) -> Match {
    match option_value(word, name, &arguments.tool) {
        Some(OptionValue::Attached(value)) => glob::any(&test.value, &value),
        Some(OptionValue::Next) => match arguments.words.get(at + 1) {
            Some(value) => glob::any(&test.value, value),
            None => Match::No,
        },
        None if word.has_hole() => flag_in(word, name, &arguments.tool).and(Match::Maybe),
        None => Match::No,
    }
}

/// What of a positional counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Anything that it may be.
    Any,
    /// No single word of which nothing is known.
    Written,
    /// Only what is known whole, options too.
    Literal,
}

/// Whether a positional from the word `start` matches.
pub fn arg(arguments: &Arguments<'_>, start: usize, patterns: &[Pattern], sign: Sign) -> Hit {
    let words = arguments.iter().skip(start);
    let words = words.filter(|(_, role, word)| {
        let counts = match sign {
            Sign::Any => true,
            Sign::Written => !word.is_opaque() || word.is_many(),
            Sign::Literal => word.as_known().is_some(),
        };
        let option = sign == Sign::Literal && matches!(role, Role::Option | Role::Separator);
        counts && (option || role.may_be_positional())
    });
    Hit::best(words.map(|(at, role, word)| {
        let matched = glob::any(patterns, word);
        Hit {
            matched: match role {
                Role::Positional | Role::Positionals | Role::Option | Role::Separator => matched,
                _ => matched.and(Match::Maybe),
            },
            word: Some(at),
        }
    }))
}

/// Whether a positional from the word `start` stands for all things of a kind.
pub fn every(arguments: &Arguments<'_>, start: usize) -> Hit {
    let words = arguments.iter().skip(start).filter(|(_, role, _)| role.may_be_positional());
    Hit::best(words.map(|(at, _, word)| {
        let matched = word.holes().any(|hole| hole.shape == Shape::Every).into();
        Hit { matched, word: Some(at) }
    }))
}

/// Whether the number of positionals from the word `start` is within bounds.
pub fn args(arguments: &Arguments<'_>, start: usize, test: &ArgsTest) -> Match {
    let (mut least, mut most) = (0usize, Some(0usize));
    for (_, role, _) in arguments.iter().skip(start) {
        let (more, at_most) = match role {
            Role::Option | Role::Value | Role::Separator => continue,
            Role::Positional => (1, Some(1)),
            Role::Either => (0, Some(1)),
            Role::Positionals => (1, None),
            Role::Several | Role::Rest => (0, None),
        };
        least += more;
        most = most.zip(at_most).map(|(sum, more)| sum + more);
    }
    let bound = |surely: bool, perhaps: bool| match (surely, perhaps) {
        (true, _) => Match::Yes,
        (false, true) => Match::Maybe,
        (false, false) => Match::No,
    };
    let min = test.min.map_or(Match::Yes, |min| bound(least >= min, most.is_none_or(|most| most >= min)));
    let max = test.max.map_or(Match::Yes, |max| bound(most.is_some_and(|most| most <= max), least <= max));
    min.and(max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::Call;
    use Match::{Maybe, No, Yes};

    /// Words of a line: `$A` is an unknown word, `$*` any number of them, `%N` a name, `*` a glob.
    fn call(line: &str) -> Call {
        let word = |word: &str| match word {
            "$*" => Text::hole("$*", Shape::Any).into_many(),
            "*" => {
                let mut text = Text::default();
                text.push(Piece::Glob("*".into()));
                text
            }
            _ => {
                let (start, hole) = word.split_at(word.find(['$', '%']).unwrap_or(word.len()));
                let mut text = Text::known(start);
                match hole.chars().next() {
                    Some('$') => text.append(&Text::hole(hole, Shape::Any)),
                    Some(_) => text.append(&Text::hole(hole, Shape::Name)),
                    None => {}
                }
                text
            }
        };
        Call {
            program: "git".into(),
            args: line.split_ascii_whitespace().map(word).collect(),
            ..Call::default()
        }
    }

    fn tool() -> Grammar<'static> {
        Grammar { value_options: vec!["-C", "-m", "-o"], abbreviate: true, ..Grammar::default() }
    }

    fn patterns(words: &str) -> Vec<Pattern> {
        let words = words.split_ascii_whitespace().map(str::to_owned);
        words.map(|word| Pattern::try_from(word).unwrap()).collect()
    }

    #[test]
    fn base_names() {
        for (program, name) in
            [("rm", "rm"), ("/bin/rm", "rm"), ("git.exe", "git"), ("./x/Git", "Git"), (".exe", ".exe")]
        {
            assert_eq!(base_name(&program.into()).as_known(), Some(name), "{program}");
        }
        let mut below = Text::hole("$BIN", Shape::Any);
        below.push_str("/rm");
        assert_eq!(base_name(&below).as_known(), Some("rm"));
        let mut unknown = Text::known("./");
        unknown.append(&Text::hole("$X", Shape::Any));
        assert!(base_name(&unknown).is_opaque());
    }

    #[test]
    fn subcommands() {
        for (line, wanted, matched, end) in [
            ("volume delete x", "volume delete", Yes, 2),
            ("-C dir volume -y delete x", "volume delete", Yes, 5),
            ("volume", "volume delete", No, 0),
            ("echo volume delete", "volume delete", No, 1),
            ("$A delete x", "volume delete", Maybe, 2),
            ("%N delete x", "volume delete", Maybe, 2),
            ("volume $A", "volume delete", Maybe, 2),
            ("$* delete", "volume delete", Maybe, 2),
            ("$*", "volume delete", Maybe, 1),
            ("$A list", "volume delete", No, 0),
            ("db:drop:all", "db:drop*", Yes, 1),
            ("", "push", No, 0),
            ("volume delete --help", "volume delete", No, 0),
            ("volume delete -- --help", "volume delete", Yes, 2),
        ] {
            let call = call(line);
            let arguments = Arguments::read(&call, tool());
            let found = subcommand(&arguments, &[patterns(wanted)]);
            assert_eq!(found.0, matched, "{line}");
            if matched != No {
                assert_eq!(found.1, end, "{line}");
            }
        }
    }

    #[test]
    fn flags() {
        for (line, flags, matched) in [
            ("push -f", "-f --force", Yes),
            ("push -nf", "-f", Yes),
            ("push --force", "-f --force", Yes),
            ("push --forc", "--force", Yes),
            ("push --force=yes", "--force", Yes),
            ("push --force-with-lease", "--force -f", No),
            ("push --force", "--force-with-lease", No),
            ("push -- --force -f", "--force -f", No),
            ("checkout -- x", "--", Yes),
            ("commit -m --force", "--force", No),
            ("commit -mf", "-f", No),
            ("commit -of", "-f", No),
            ("push $A", "--force", No),
            ("push $*", "--force", Maybe),
            ("push %N", "--force -f", No),
            ("push -- $*", "--force", No),
            ("push -$A", "-f", Maybe),
            ("push --$A", "--force", Maybe),
            ("push --tags=$A", "--force", No),
            ("push -o$A", "-f", No),
            ("push *", "-f", No),
            ("push origin:$A", "-f", No),
            ("del /s x", "/s", Yes),
            ("del /sx", "/s", No),
        ] {
            let flags: Vec<String> = flags.split(' ').map(str::to_owned).collect();
            let call = call(line);
            let arguments = Arguments::read(&call, tool());
            assert_eq!(flag(&arguments, &flags).matched, matched, "{line} {flags:?}");
        }
    }

    #[test]
    fn flags_with_one_dash() {
        let tool = Grammar { single_dash: true, ..Grammar::default() };
        for (line, wanted, matched) in [
            ("apply -auto-approve", "-auto-approve", Yes),
            ("apply --auto-approve", "-auto-approve", Yes),
            ("apply -auto-approve=true", "-auto-approve", Yes),
            ("apply -force", "-f", No),
        ] {
            let call = call(line);
            let arguments = Arguments::read(&call, tool.clone());
            assert_eq!(flag(&arguments, &[wanted.to_owned()]).matched, matched, "{line}");
        }
    }

    #[test]
    fn options_with_values() {
        let test = OptionTest {
            name: vec!["-X".to_owned(), "--request".to_owned()].into(),
            value: patterns("DELETE PU*").into(),
            written: false,
        };
        for (line, matched) in [
            ("-X DELETE u", Yes),
            ("-XDELETE u", Yes),
            ("-sXPUT u", Yes),
            ("--request=PUT u", Yes),
            ("--request PATCH u", No),
            ("-X GET u", No),
            ("-X delete u", No),
            ("-X $A u", Maybe),
            ("-X", No),
            ("$* u", Maybe),
            ("$A u", No),
            ("-X$A u", Maybe),
            ("-- -X DELETE", No),
        ] {
            let call = call(line);
            let arguments = Arguments::read(&call, tool());
            assert_eq!(option(&arguments, &test).matched, matched, "{line}");
        }
    }

    #[test]
    fn positionals() {
        for (line, wanted, matched, written) in [
            ("push origin +main", "+*", Yes, Yes),
            ("push origin main", "+*", No, No),
            ("push -o +x origin", "+*", No, No),
            ("push origin $A", "+*", No, No),
            ("push origin $A", "main", Maybe, No),
            ("push origin %N", "main", Maybe, No),
            ("push origin ma$A", "main", Maybe, Maybe),
            ("push origin $*", "+*", Maybe, Maybe),
        ] {
            let call = call(line);
            let arguments = Arguments::read(&call, tool());
            let holds = |sign| arg(&arguments, 1, &patterns(wanted), sign).matched;
            assert_eq!((holds(Sign::Any), holds(Sign::Written)), (matched, written), "{line}");
            assert_ne!(holds(Sign::Literal), Maybe, "{line}");
        }
        for (line, min, max, matched) in [
            ("push a b", Some(1), Some(2), Yes),
            ("push a b", Some(3), None, No),
            ("push a b", None, Some(1), No),
            ("push a $A", Some(2), None, Maybe),
            ("push a $A", None, Some(1), Maybe),
            ("push *", Some(2), None, Maybe),
            ("push a b $*", None, Some(1), No),
            ("push -f", None, Some(0), Yes),
        ] {
            let call = call(line);
            let arguments = Arguments::read(&call, tool());
            assert_eq!(args(&arguments, 1, &ArgsTest { min, max }), matched, "{line}");
        }
    }
}
