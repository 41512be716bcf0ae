//! A call's arguments, read by what is known of its program's grammar.
//!
//! Which word is an option, which the value of the option before it, which a positional: once for
//! each call, before any rule is held against it.

use crate::model::{Call, Piece, Text};

use super::schema::ToolFacts;

/// What a word of a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An option, or a cluster of them.
    Option,
    /// The value of the option before it.
    Value,
    /// One positional.
    Positional,
    /// One or more positionals: a pattern, a list whose words begin alike.
    Positionals,
    /// One unknown word: `"$BRANCH"`. It gives no flag, since whoever keeps options in a variable
    /// leaves it unquoted, lest an empty one become an argument; but a subcommand may stand behind
    /// it as well as in it.
    Either,
    /// Any number of options and positionals, also none.
    Several,
    /// Any number of positionals, also none: `$FILES` after `--`.
    Rest,
    /// `--`
    Separator,
}

impl Role {
    /// Whether an option may stand here.
    pub fn may_be_option(self) -> bool {
        matches!(self, Role::Option | Role::Several)
    }

    /// Whether a positional may stand here.
    pub fn may_be_positional(self) -> bool {
        !matches!(self, Role::Option | Role::Value | Role::Separator)
    }
}

/// What is known of a program's grammar, from all packs that know something.
#[derive(Debug, Clone, Default)]
pub struct Grammar<'a> {
    /// Options whose value is the next word.
    pub value_options: Vec<&'a str>,
    /// Long options may be abbreviated.
    pub abbreviate: bool,
    /// Options are written `-long`.
    pub single_dash: bool,
    /// What names its targets: options, variables.
    pub targets: Vec<&'a str>,
    /// Its positionals name targets too.
    pub names_targets: bool,
}

impl<'a> Grammar<'a> {
    /// Adds what one pack knows.
    pub fn add(&mut self, tool: &'a ToolFacts) {
        self.value_options.extend(tool.value_options.iter().map(String::as_str));
        self.abbreviate |= tool.abbreviate;
        self.single_dash |= tool.single_dash;
        self.targets.extend(tool.targets.iter().map(String::as_str));
        self.names_targets |= tool.names_targets;
    }
}

/// A call's arguments with what each is.
#[derive(Debug)]
pub struct Arguments<'a> {
    /// The words.
    pub words: &'a [Text],
    /// What each is.
    pub roles: Vec<Role>,
    /// What is known of the program.
    pub tool: Grammar<'a>,
    /// What the words begin with, where it is known.
    pub initials: Initials,
}

/// A set of first bytes, one bit for each four of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Initials(u64);

impl Initials {
    fn of(words: &[Text]) -> Initials {
        let bit = |word: &Text| word.known_start().bytes().next().map_or(0, |byte| 1 << (byte % 64));
        Initials(words.iter().fold(0, |all, word| all | bit(word)))
    }

    /// Whether a pattern may surely hold of one of the words.
    pub fn may_begin(self, pattern: &str) -> bool {
        match pattern.as_bytes().first() {
            None | Some(b'*' | b'?') => true,
            Some(byte) => self.0 & 1 << (byte % 64) != 0,
        }
    }
}

impl<'a> Arguments<'a> {
    /// Reads a call's arguments.
    pub fn read(call: &'a Call, tool: Grammar<'a>) -> Arguments<'a> {
        let mut roles = Vec::with_capacity(call.args.len());
        let (mut separated, mut value) = (false, false);
        for word in &call.args {
            let role = match () {
                () if value && word.is_many() => Role::Several,
                () if value => Role::Value,
                () if separated => positional(word),
                () if word.as_known() == Some("--") => Role::Separator,
                () if is_option(word) => Role::Option,
                () => loose(word),
            };
            value = role == Role::Option && takes_next(word, &tool);
            separated |= role == Role::Separator;
            roles.push(role);
        }
        Arguments { words: &call.args, roles, tool, initials: Initials::of(&call.args) }
    }

    /// The words with what each is and where they stand.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Role, &'a Text)> + '_ {
        let words = self.words.iter().zip(&self.roles).enumerate();
        words.map(|(at, (word, role))| (at, *role, word))
    }

    /// The first positional.
    pub fn first(&self) -> First<'a> {
        let mut words = self.iter().filter(|(_, role, _)| role.may_be_positional());
        match words.next() {
            None => First::None,
            Some((_, Role::Positional, word)) => word.as_known().map_or(First::Unknown, First::Word),
            Some(_) => First::Unknown,
        }
    }

    /// The value of one of these options, where it is given and known to be.
    pub fn value_of<S: AsRef<str>>(&self, names: &[S]) -> Option<Text> {
        self.iter().filter(|(_, role, _)| *role == Role::Option).find_map(|(at, _, word)| {
            names.iter().find_map(|name| match option_value(word, name.as_ref(), &self.tool) {
                Some(OptionValue::Attached(value)) => Some(value),
                Some(OptionValue::Next) => self.words.get(at + 1).cloned(),
                None => None,
            })
        })
    }

    /// The n-th positional from the word `start`, where no unknown word makes that a guess.
    pub fn positional(&self, start: usize, number: usize) -> Option<&'a Text> {
        let mut left = number;
        for (_, role, word) in self.iter().skip(start) {
            match role {
                Role::Positional if left == 0 => return Some(word),
                Role::Positional => left -= 1,
                Role::Option | Role::Value | Role::Separator => {}
                _ => return None,
            }
        }
        None
    }
}

/// A call's first positional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First<'a> {
    /// There is none.
    None,
    /// This word.
    Word(&'a str),
    /// It is not known which word it is.
    Unknown,
}

/// Where an option's value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// In the same word.
    Attached(Text),
    /// It is the next word.
    Next,
}

/// The value of the option `name` in the option word, if it is given there.
pub fn option_value(word: &Text, name: &str, tool: &Grammar<'_>) -> Option<OptionValue> {
    if is_long(name, tool) {
        let (written, value) = split_long(word);
        return match (long_matches(written, name, tool), value) {
            (true, Some(at)) => Some(OptionValue::Attached(after(word, at))),
            (true, None) => Some(OptionValue::Next),
            (false, _) => None,
        };
    }
    let wanted = name.chars().nth(1)?;
    let known = cluster(word)?;
    for (at, letter) in known.char_indices() {
        let behind = 1 + at + letter.len_utf8();
        if letter == wanted {
            let rest = after(word, behind);
            return Some(match rest.as_known() {
                Some("") => OptionValue::Next,
                _ => OptionValue::Attached(rest),
            });
        }
        if takes_value(letter, tool) {
            return None;
        }
    }
    None
}

/// Whether an option's name is compared as a whole word, not as a letter of a cluster.
pub fn is_long(name: &str, tool: &Grammar<'_>) -> bool {
    tool.single_dash || name.chars().count() != 2
}

/// Whether an option written `written` (without `=`) is `name`, abbreviated perhaps.
///
/// `--force` is an option of its own beside `--force-with-lease`: what stops before a `-` counts
/// as a whole word, not as an abbreviation.
pub fn long_matches(written: &str, name: &str, tool: &Grammar<'_>) -> bool {
    if written == name {
        return true;
    }
    if tool.single_dash && written.trim_start_matches('-') == name.trim_start_matches('-') {
        return written.starts_with('-');
    }
    tool.abbreviate
        && written.len() > 2
        && name.starts_with("--")
        && name.strip_prefix(written).is_some_and(|rest| !rest.starts_with('-'))
}

/// An option word's name, and where its value begins behind `=`; no name where a hole cuts it.
pub fn split_long(word: &Text) -> (&str, Option<usize>) {
    let start = word.known_start();
    match start.find('=') {
        Some(at) => (&start[..at], Some(at + 1)),
        None => (word.as_known().unwrap_or(""), None),
    }
}

/// The letters of a short option word behind its dash, as far as they are known.
pub fn cluster(word: &Text) -> Option<&str> {
    let letters = word.known_start().strip_prefix('-')?;
    (!letters.starts_with('-')).then_some(letters)
}

/// Whether the letter is an option with a value, which takes up the rest of its cluster.
pub fn takes_value(letter: char, tool: &Grammar<'_>) -> bool {
    let mut options = tool.value_options.iter();
    options.any(|option| option.strip_prefix('-').is_some_and(|rest| is_letter(rest, letter)))
}

fn is_letter(text: &str, letter: char) -> bool {
    text.len() == letter.len_utf8() && text.starts_with(letter)
}

fn is_option(word: &Text) -> bool {
    word.known_start().starts_with('-') && word.as_known() != Some("-")
}

/// Whether the option word needs the next word as its value.
fn takes_next(word: &Text, tool: &Grammar<'_>) -> bool {
    let Some(known) = word.as_known() else {
        return false;
    };
    if known.starts_with("--") || tool.single_dash {
        let (written, value) = split_long(word);
        let mut long = tool.value_options.iter().filter(|name| is_long(name, tool));
        return value.is_none() && long.any(|name| long_matches(written, name, tool));
    }
    let letters = cluster(word).unwrap_or("");
    let value = letters.char_indices().find(|(_, letter)| takes_value(*letter, tool));
    value.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len())
        || tool.value_options.contains(&known)
}

/// What a word is that is known to be no option.
fn positional(word: &Text) -> Role {
    if word.is_many() && starts_unknown(word) {
        Role::Rest
    } else if word.has_glob() || word.is_list() {
        Role::Positionals
    } else {
        Role::Positional
    }
}

/// What a word is that does not begin with a known dash.
///
/// An unquoted hole behind known text (`HEAD:$BRANCH`) could hold blanks and so make several
/// words; it is judged as the one word that it is meant to be.
fn loose(word: &Text) -> Role {
    let first = word.pieces().iter().find(|p| !matches!(p, Piece::Known(t) if t.is_empty()));
    match first {
        Some(Piece::Hole(hole)) if !hole.shape.is_any() => positional(word),
        Some(Piece::Hole(_)) if word.is_many() => Role::Several,
        Some(Piece::Hole(_)) => Role::Either,
        None if word.is_many() => Role::Several,
        _ => positional(word),
    }
}

fn starts_unknown(word: &Text) -> bool {
    word.known_start().is_empty()
}

/// The word without its first `bytes` bytes, which are known.
fn after(word: &Text, bytes: usize) -> Text {
    let mut out = Text::default();
    for (at, piece) in word.pieces().iter().enumerate() {
        match piece {
            Piece::Known(text) if at == 0 => out.push_str(text.get(bytes..).unwrap_or("")),
            piece => out.push(piece.clone()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    fn roles(words: &[Text], tool: Grammar<'_>) -> Vec<Role> {
        let call = Call { program: "git".into(), args: words.to_vec(), ..Call::default() };
        Arguments::read(&call, tool).roles
    }

    fn git() -> Grammar<'static> {
        Grammar { value_options: vec!["-C", "-m", "--git-dir"], abbreviate: true, ..Grammar::default() }
    }

    #[test]
    fn each_word_gets_its_role() {
        use Role::{Option, Positional, Separator, Value};
        for (line, expected) in [
            ("-C dir push", vec![Option, Value, Positional]),
            ("-Cdir push", vec![Option, Positional]),
            ("--git-dir=x push", vec![Option, Positional]),
            ("--git-dir x push", vec![Option, Value, Positional]),
            ("--git-d x push", vec![Option, Value, Positional]),
            ("commit -am msg x", vec![Positional, Option, Value, Positional]),
            ("commit -ma x", vec![Positional, Option, Positional]),
            ("checkout -- -f", vec![Positional, Separator, Positional]),
            ("- x", vec![Positional, Positional]),
            ("-m -- -f", vec![Option, Value, Option]),
        ] {
            let words: Vec<Text> = line.split(' ').map(Text::from).collect();
            assert_eq!(roles(&words, git()), expected, "{line}");
        }
    }

    #[test]
    fn unknown_words_are_what_their_shape_allows() {
        let hole = |shape| Text::hole("$X", shape);
        let mut behind = Text::known("HEAD:");
        behind.append(&hole(Shape::Any).into_many());
        for (word, expected) in [
            (hole(Shape::Any), Role::Either),
            (hole(Shape::Name), Role::Positional),
            (hole(Shape::Any).into_many(), Role::Several),
            (behind, Role::Positional),
        ] {
            assert_eq!(roles(std::slice::from_ref(&word), git()), [expected], "{word:?}");
        }
        let separated = [Text::known("--"), hole(Shape::Any).into_many()];
        assert_eq!(roles(&separated, git())[1], Role::Rest);
    }

    #[test]
    fn values_of_options() {
        let value = |word: &str, name: &str| option_value(&word.into(), name, &git());
        let attached = |text: &str| Some(OptionValue::Attached(text.into()));
        assert_eq!(value("-XDELETE", "-X"), attached("DELETE"));
        assert_eq!(value("-sXDELETE", "-X"), attached("DELETE"));
        assert_eq!(value("-X", "-X"), Some(OptionValue::Next));
        assert_eq!(value("-CX", "-X"), None);
        assert_eq!(value("--request=GET", "--request"), attached("GET"));
        assert_eq!(value("--req=GET", "--request"), attached("GET"));
        assert_eq!(value("--force", "--force-with-lease"), None);
        assert_eq!(value("--request", "--request"), Some(OptionValue::Next));
    }
}
