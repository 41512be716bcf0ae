//! `read` and `mapfile`: what they read is known where their input is, a line at a time.

use crate::model::{Call, Input, Shape, Text};
use crate::syntax::{Command, Part, Scope, Stmt};

use super::disguise;
use super::done::Done;
use super::walk::Walk;
use super::wrappers::{Grammar, Reading, kinds};

/// The most lines of a loop's input that are followed one by one.
const LINES: usize = 256;

const READ: Grammar = Grammar {
    operands: usize::MAX,
    ..Grammar::options("-r -e -s -E -q -a= -A= -d= -i= -n= -N= -k? -p= -t= -u=")
};

const MAPFILE: Grammar =
    Grammar { operands: usize::MAX, ..Grammar::options("-t -d= -n= -O= -s= -u= -C= -c=") };

impl Walk<'_> {
    /// `read NAME…`: the words of the next line.
    pub(super) fn read(&mut self, call: &Call, scope: &mut Scope<'_>) -> Done {
        let Some(reading) = only(&READ, call) else {
            return Done::quiet();
        };
        let names: Vec<&str> = reading.operands.iter().filter_map(|&at| call.args[at].as_known()).collect();
        let array = reading.given("-a -A").and_then(|given| given.value.as_ref());
        let array = array.and_then(Text::as_known).or_else(|| {
            // zsh's `-A` is a flag: the name is the operand.
            (reading.has("-A")).then(|| names.first().copied()).flatten()
        });
        array.into_iter().chain(names.iter().copied()).for_each(|name| scope.forget(name));
        if names.is_empty() && array.is_none() {
            scope.forget("REPLY");
        }
        let input = self.input_by_number(&reading, call);
        let next = Limits::of(&reading).and_then(|limits| next_line(&input, limits));
        let Some((line, rest)) = next else {
            if let ([name], Some([kind])) = (names.as_slice(), kinds(&input).as_deref()) {
                scope.set(name, kind.clone());
            } else if let Input::Text(text) = &input
                && disguise::is_changed(text)
            {
                let names = if names.is_empty() { vec!["REPLY"] } else { names };
                names.iter().for_each(|name| scope.set(name, Text::hole(format!("${name}"), Shape::Changed)));
            }
            return Done::quiet();
        };
        if input == self.context.input {
            self.context.input = Input::Text(Text::known(rest).into());
        }
        if line.contains('\\') && !reading.has("-r") {
            return Done::quiet();
        }
        let Some(separators) = separators(call, scope) else {
            return Done::quiet();
        };
        if let Some(array) = array {
            let words = split(&line, &separators, usize::MAX);
            scope.set_array(array, words.into_iter().map(Text::known).collect());
            return Done::quiet();
        }
        if names.is_empty() || reading.has("-N") {
            // Characters that are counted are not split.
            let (name, others) = names.split_first().map_or(("REPLY", [].as_slice()), |(n, rest)| (*n, rest));
            others.iter().for_each(|name| scope.set(name, Text::default()));
            scope.set(name, Text::known(line));
            return Done::quiet();
        }
        let mut words = split(&line, &separators, names.len()).into_iter();
        for name in names {
            scope.set(name, Text::known(words.next().unwrap_or_default()));
        }
        Done::quiet()
    }

    /// `mapfile -t NAME`: the lines.
    pub(super) fn read_lines(&mut self, call: &Call, scope: &mut Scope<'_>) -> Done {
        let reading = only(&MAPFILE, call);
        let operand = reading.as_ref().and_then(|reading| reading.operands.first());
        let name = operand.map_or(Some("MAPFILE"), |&at| call.args[at].as_known()).unwrap_or("MAPFILE");
        scope.forget(name);
        let Some(reading) = reading.filter(|reading| !reading.has("-O -C")) else {
            return Done::quiet();
        };
        let number = |name: &str| match reading.given(name).and_then(|given| given.value.as_ref()) {
            Some(value) => value.as_known().and_then(|value| value.parse::<usize>().ok()),
            None => Some(0),
        };
        if let Input::Text(text) = self.input_by_number(&reading, call)
            && let Some(text) = text.as_known()
            && let (Some(skipped), Some(most)) = (number("-s"), number("-n"))
        {
            let end = delimiter(&reading);
            let keeps = !reading.has("-t");
            let lines = text.split_inclusive(end).skip(skipped);
            let lines = lines.take(if most == 0 { usize::MAX } else { most });
            let lines = lines.map(|line| if keeps { line } else { line.strip_suffix(end).unwrap_or(line) });
            scope.set_array(name, lines.map(Text::known).collect());
        }
        Done::quiet()
    }

    /// The input that `-u` names, else the standard input.
    fn input_by_number(&self, reading: &Reading, call: &Call) -> Input {
        match reading.given("-u").and_then(|given| given.value.as_ref()) {
            None => call.input.clone(),
            Some(number) => {
                let number = number.as_known().and_then(|number| number.parse().ok());
                number.map_or(Input::Unknown, |number| self.descriptor(number))
            }
        }
    }

    /// The kinds of lines that a loop reads which are not known, one after the other.
    pub(super) fn kinds_of_lines(&self) -> Vec<Input> {
        let kinds = kinds(&self.context.input).unwrap_or_default();
        if kinds.len() < 2 {
            return vec![self.context.input.clone()];
        }
        kinds.into_iter().map(|kind| Input::Text(kind.into_many().into())).collect()
    }

    /// How often a loop runs whose condition reads lines of known input; none where it is no such
    /// loop.
    pub(super) fn lines_of_loop(&self, condition: &[Stmt]) -> Option<usize> {
        let [Stmt { command: Command::Simple(simple), redirects, negated: false, .. }] = condition else {
            return None;
        };
        let [Part::Literal { text, .. }] = simple.words.first()?.parts.as_slice() else {
            return None;
        };
        let Input::Text(input) = &self.context.input else {
            return None;
        };
        let lines = input.as_known()?.lines().count();
        (text == "read" && redirects.is_empty() && lines.saturating_mul(self.rounds.max(1)) <= LINES)
            .then_some(lines)
    }
}

/// The one way to read a builtin's words, all known.
fn only(grammar: &Grammar, call: &Call) -> Option<Reading> {
    let mut readings = grammar.scan(&call.args, 0).list;
    let reading = readings.pop()?;
    (readings.is_empty() && !reading.unknown && call.args.iter().all(|arg| arg.as_known().is_some()))
        .then_some(reading)
}

/// The character that ends what is read: that of `-d`, NUL where that is empty, else a line end.
fn delimiter(reading: &Reading) -> char {
    match reading.given("-d").and_then(|given| given.value.as_ref()) {
        Some(value) => value.known_start().chars().next().unwrap_or('\0'),
        None => '\n',
    }
}

/// How far `read` reads.
struct Limits {
    /// Up to this, unless it counts characters alone.
    end: Option<char>,
    /// At most so many characters.
    most: usize,
}

impl Limits {
    fn of(reading: &Reading) -> Option<Limits> {
        if reading.has("-k -q") {
            return None;
        }
        let most = match reading.given("-N -n").map(|given| given.value.as_ref()) {
            Some(value) => value?.as_known()?.parse().ok()?,
            None => usize::MAX,
        };
        Some(Limits { end: (!reading.has("-N")).then(|| delimiter(reading)), most })
    }
}

/// What is read of known input, without its end, and what follows it.
fn next_line(input: &Input, limits: Limits) -> Option<(String, String)> {
    let Input::Text(text) = input else {
        return None;
    };
    let text = text.as_known()?;
    let cut = text.char_indices().nth(limits.most).map_or(text.len(), |(at, _)| at);
    let (line, rest) = match limits.end.and_then(|end| text[..cut].split_once(end)) {
        Some((line, _)) => (line, &text[line.len() + limits.end.map_or(0, char::len_utf8)..]),
        None => text.split_at(cut),
    };
    Some((line.to_owned(), rest.to_owned()))
}

/// The characters of IFS, as the call or the shell has it.
fn separators(call: &Call, scope: &Scope<'_>) -> Option<String> {
    let own = call.env.iter().rev().find(|(name, _)| name == "IFS").map(|(_, value)| value.clone());
    match own.or_else(|| scope.get("IFS")) {
        Some(value) => value.as_known().map(str::to_owned),
        None => Some(" \t\n".to_owned()),
    }
}

/// Splits a line into at most `count` words; the last takes the rest with its separators.
fn split(line: &str, separators: &str, count: usize) -> Vec<String> {
    let separates = |c: char| separators.contains(c);
    let blank = |c: char| separates(c) && matches!(c, ' ' | '\t' | '\n');
    let mut words = Vec::new();
    let mut rest = line.trim_matches(blank);
    while !rest.is_empty() {
        if words.len() + 1 == count {
            words.push(rest.to_owned());
            break;
        }
        let Some(end) = rest.find(separates) else {
            words.push(rest.to_owned());
            break;
        };
        words.push(rest[..end].to_owned());
        // Blanks round one other separator belong to it.
        let after = rest[end..].trim_start_matches(blank);
        let mut chars = after.chars();
        rest = match chars.next() {
            Some(c) if separates(c) => chars.as_str().trim_start_matches(blank),
            _ => after,
        };
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_as_read_splits_them() {
        let words = |line: &str, ifs: &str, count| split(line, ifs, count).join("|");
        assert_eq!(words("  a  b c ", " \t\n", 2), "a|b c");
        assert_eq!(words("a b", " \t\n", 3), "a|b");
        assert_eq!(words("a:b::c", ":", 9), "a|b||c");
        assert_eq!(words("a : b", ": ", 9), "a|b");
        assert_eq!(words(" a b ", "", 2), " a b ");
        assert_eq!(words("", " ", 2), "");
    }
}
