//! awk: rules that print, assign and hand text to a shell. What they branch on is not followed, nor
//! are loops and functions of their own.

mod program;

use crate::model::{Piece, Shape, Text};

use super::resources::{chosen, columns, has_blank, is_broad, last_column};
use super::{LIMIT, Source};
use program::{Expression, Parser, Pattern, Rule, Statement};

const OPTIONS: &str = "-F= --field-separator= -v= --assign= -e= --source=";
/// Longer input is not followed line by line.
const LINES: usize = 1024;

/// What a program does, as far as it is followed.
#[derive(Default)]
pub(super) struct Run {
    /// What it prints.
    pub output: Option<Text>,
    /// What it hands to a shell.
    pub handed: Vec<Text>,
}

/// Follows a call; nothing where the program is not understood.
pub(super) fn run(source: &Source<'_>) -> Option<Run> {
    let reading = source.reading(OPTIONS)?;
    let given: Vec<_> = reading.options.iter().filter(|g| matches!(g.name, "-e" | "--source")).collect();
    let skip = usize::from(given.is_empty());
    let program = match given.as_slice() {
        [] => source.call.args[*reading.operands.first()?].as_known()?,
        [one] => one.value.as_ref()?.as_known()?,
        _ => return None,
    };
    let rules = Parser::new(program).rules()?;
    let mut machine = Machine {
        source,
        variables: Vec::new(),
        operands: reading.operands[skip..].iter().map(|&at| source.call.args[at].clone()).collect(),
        fields: Vec::new(),
        line: Text::default(),
        number: 0,
        known: true,
        doubt: false,
        silent: false,
        out: Text::default(),
        handed: Vec::new(),
        piped: Vec::new(),
    };
    for option in &reading.options {
        let value = option.value.clone();
        match option.name {
            "-F" | "--field-separator" => machine.set("FS", value?),
            "-v" | "--assign" => {
                let value = value?;
                let (name, _) = value.known_start().split_once('=')?;
                let rest = super::super::wrappers::tail(&value, name.len() + 1);
                machine.set(name, rest);
            }
            _ => {}
        }
    }
    machine.all(&rules, &Pattern::Begin)?;
    if rules.iter().any(|rule| !matches!(rule.pattern, Pattern::Begin)) {
        let input = source.operands(OPTIONS, skip).and_then(|(_, text)| text);
        machine.lines(&rules, input)?;
        machine.all(&rules, &Pattern::End)?;
    }
    let (mut out, known) = (machine.out, machine.known);
    let piped = machine.piped.into_iter().map(|(command, text)| {
        let mut source = Text::known("{ ");
        source.append(&command);
        if text.as_known() == Some("") {
            source.push_str("\n} < /dev/null\n");
            return source;
        }
        source.push_str("\n} <<'_END_OF_INPUT_'\n");
        source.append(&text);
        source.push_str("\n_END_OF_INPUT_\n");
        source
    });
    machine.handed.extend(piped);
    if machine.doubt && out.as_known() != Some("") {
        out = out.into_many();
    }
    // Lines that are wholly unknown tell nothing.
    let told = known
        || !out.has_hole()
        || !out.known_start().trim().is_empty()
        || out.holes().all(|hole| hole.shape.is_word());
    Some(Run { output: (told && !machine.silent).then_some(out), handed: machine.handed })
}

struct Machine<'a> {
    source: &'a Source<'a>,
    variables: Vec<(String, Text)>,
    operands: Vec<Text>,
    fields: Vec<Text>,
    line: Text,
    number: usize,
    /// The lines are known.
    known: bool,
    /// Something may have run, or not.
    doubt: bool,
    /// What it prints cannot be told.
    silent: bool,
    out: Text,
    handed: Vec<Text>,
    /// Commands with what they read: all that is printed to one goes to one process.
    piped: Vec<(Text, Text)>,
}

impl Machine<'_> {
    fn set(&mut self, name: &str, value: Text) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.cut(LIMIT)));
    }

    fn variable(&self, name: &str) -> Option<&Text> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Runs the rules of one kind: `BEGIN`, `END`.
    fn all(&mut self, rules: &[Rule], kind: &Pattern) -> Option<()> {
        for rule in rules {
            if std::mem::discriminant(&rule.pattern) == std::mem::discriminant(kind) {
                self.body(&rule.body)?;
            }
        }
        Some(())
    }

    fn lines(&mut self, rules: &[Rule], input: Option<Text>) -> Option<()> {
        let lines: Vec<Text> = match &input {
            Some(text) if text.as_known().is_some() => {
                text.as_known().unwrap_or_default().lines().map(Text::known).collect()
            }
            Some(text) => {
                self.known = false;
                self.doubt |= text.is_many();
                super::sed::loose_lines(text)
            }
            None => {
                self.known = false;
                vec![Text::hole("$0", Shape::Any)]
            }
        };
        if lines.len() > LINES {
            return None;
        }
        for line in lines {
            self.number += 1;
            self.fields = self.split(&line);
            self.line = line;
            for rule in rules {
                let runs = match &rule.pattern {
                    Pattern::Begin | Pattern::End => Some(false),
                    Pattern::Always => Some(true),
                    Pattern::When(condition) => self.holds(condition),
                };
                if runs != Some(false) {
                    self.doubt |= runs.is_none();
                    let chooses =
                        matches!(&rule.pattern, Pattern::When(when) if runs.is_none() && is_choice(when));
                    if chooses {
                        self.line = chosen(&self.line);
                        self.fields = self.split(&self.line);
                    }
                    self.body(&rule.body)?;
                }
            }
        }
        Some(())
    }

    /// A condition of the simplest kinds.
    fn holds(&self, condition: &str) -> Option<bool> {
        let line = self.line.as_known().filter(|_| self.known)?;
        if condition == "NF" {
            return Some(!line.trim().is_empty());
        }
        if let Some(part) = condition.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            return Some(super::pattern::compile(part, true)?.is_match(line));
        }
        let (operator, digits) = condition
            .strip_prefix("NR")
            .map(str::trim)?
            .split_at_checked(condition.strip_prefix("NR")?.trim().find(|c: char| !"=!<>".contains(c))?)?;
        let n: usize = digits.trim().parse().ok()?;
        Some(match operator {
            "==" => self.number == n,
            "!=" => self.number != n,
            ">" => self.number > n,
            ">=" => self.number >= n,
            "<" => self.number < n,
            "<=" => self.number <= n,
            _ => return None,
        })
    }

    /// A line's fields; of a list's line the first is all of it.
    fn split(&self, line: &Text) -> Vec<Text> {
        let separator = self.variable("FS").map_or(Some(" "), Text::as_known);
        let Some(known) = line.as_known() else {
            return match separator {
                Some(" ") if has_blank(line) => columns(line),
                Some(" ") if !line.is_opaque() || line.holes().all(|hole| hole.shape.is_word()) => {
                    vec![line.clone()]
                }
                _ => Vec::new(),
            };
        };
        match separator {
            Some(" ") => known.split_whitespace().map(Text::known).collect(),
            Some("t" | "\\t") => known.split('\t').map(Text::known).collect(),
            Some(one)
                if one.chars().count() == 1
                    && (one == "|" || !one.contains(['\\', '^', '$', '.', '[', '(', '*', '+', '?'])) =>
            {
                known.split(one).map(Text::known).collect()
            }
            Some(pattern) => match super::pattern::compile(pattern, true) {
                Some(pattern) => pattern.split(known).map(Text::known).collect(),
                None => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn body(&mut self, body: &[Statement]) -> Option<()> {
        for statement in body {
            match statement {
                Statement::Print(items, to) => {
                    let between = self.variable("OFS").map_or(Some(" "), Text::as_known)?.to_owned();
                    let end = self.variable("ORS").map_or(Some("\n"), Text::as_known)?.to_owned();
                    let mut text = Text::default();
                    for (at, item) in items.iter().enumerate() {
                        if at > 0 {
                            text.push_str(&between.replace("\\n", "\n").replace("\\t", "\t"));
                        }
                        text.append(&self.value(item)?);
                    }
                    text.push_str(&end.replace("\\n", "\n"));
                    self.print(text, to.as_ref())?;
                }
                Statement::Format(items, to) => {
                    let text = self.format(items)?;
                    self.print(text, to.as_ref())?;
                }
                Statement::Assign(name, value) => {
                    let value = self.value(value)?;
                    self.set(name, value);
                }
                Statement::System(command) => {
                    let command = self.value(command)?;
                    self.handed.push(command);
                    self.silent = true;
                }
                Statement::Perhaps(body) => {
                    self.doubt = true;
                    self.body(body)?;
                }
            }
        }
        Some(())
    }

    fn print(&mut self, text: Text, to: Option<&Expression>) -> Option<()> {
        let Some(to) = to else {
            self.out.append(&text);
            return (self.out.known_end().len() <= LIMIT).then_some(());
        };
        let command = self.value(to)?;
        self.silent = true;
        match self.piped.iter_mut().find(|(known, _)| *known == command) {
            Some((_, before)) => before.append(&text),
            // A file that the lines name.
            None if command.known_start().starts_with("cat >") && command.has_hole() => {}
            None => self.piped.push((command, text)),
        }
        Some(())
    }

    fn value(&self, expression: &Expression) -> Option<Text> {
        Some(match expression {
            Expression::Literal(text) => Text::known(text.as_str()),
            Expression::Joined(parts) => {
                let mut text = Text::default();
                for part in parts {
                    text.append(&self.value(part)?);
                }
                text
            }
            Expression::Field(number) => {
                let last = matches!(&**number, Expression::Name(name) if name == "NF");
                let number =
                    if last { self.fields.len() } else { self.value(number)?.as_known()?.parse().ok()? };
                match (number, self.line.as_known()) {
                    (0, _) if !last => self.line.clone(),
                    (number, Some(_)) if self.known && !self.fields.is_empty() => {
                        self.fields.get(number.wrapping_sub(1)).cloned().unwrap_or_default()
                    }
                    (_, Some(line)) if self.known && line.trim().is_empty() => Text::default(),
                    _ if self.known => return None,
                    (number, _) if has_blank(&self.line) => match last {
                        true => last_column(&self.line),
                        false => self.fields.get(number.wrapping_sub(1)).cloned(),
                    }
                    .unwrap_or_else(|| Text::hole(format!("${number}"), Shape::Any)),
                    (1, _) if !self.fields.is_empty() => self.fields[0].clone(),
                    _ => Text::hole(format!("${number}"), Shape::Any),
                }
            }
            Expression::Name(name) => match (name.as_str(), self.variable(name)) {
                (_, Some(value)) => value.clone(),
                ("NR" | "FNR" | "NF", None) if !self.known => Text::hole(name.as_str(), Shape::Number),
                ("NR" | "FNR", None) => Text::known(self.number.to_string()),
                ("NF", None) => Text::known(self.fields.len().to_string()),
                ("OFS", None) => Text::known(" "),
                _ => Text::default(),
            },
            Expression::Element(name, key) => {
                let key = self.value(key)?;
                let key = key.as_known()?;
                match name.as_str() {
                    "ENVIRON" => {
                        let own = self.source.call.env.iter().rev().find(|(known, _)| known == key);
                        let own = own.map(|(_, value)| value.clone());
                        own.or_else(|| self.source.facts.env(key).map(Text::known))
                            .unwrap_or_else(|| Text::hole(format!("${key}"), Shape::Any))
                    }
                    "ARGV" => self.operands.get(key.parse::<usize>().ok()?.checked_sub(1)?)?.clone(),
                    _ => return None,
                }
            }
            Expression::Call(name, args) if name == "sprintf" => self.format(args)?,
            Expression::Call(name, args) => {
                let text = self.value(args.first()?)?;
                let known = text.as_known()?;
                let number =
                    |at: usize| -> Option<usize> { self.value(args.get(at)?)?.as_known()?.parse().ok() };
                match name.as_str() {
                    "tolower" => Text::known(known.to_ascii_lowercase()),
                    "toupper" => Text::known(known.to_ascii_uppercase()),
                    _ => {
                        let from = number(1)?.saturating_sub(1);
                        let most = if args.len() > 2 { number(2)? } else { usize::MAX };
                        Text::known(known.chars().skip(from).take(most).collect::<String>())
                    }
                }
            }
        })
    }

    /// `printf`: `%s`, `%d`, `%i`, `%c` and `%%`.
    fn format(&self, items: &[Expression]) -> Option<Text> {
        let (format, values) = items.split_first()?;
        let format = self.value(format)?;
        let mut values = values.iter();
        let mut text = Text::default();
        for piece in format.pieces() {
            let Piece::Known(known) = piece else {
                text.push(piece.clone());
                continue;
            };
            let mut parts = known.split('%');
            text.push_str(parts.next().unwrap_or_default());
            while let Some(part) = parts.next() {
                let Some(kind) = part.chars().next() else {
                    text.push_str("%");
                    text.push_str(parts.next()?);
                    continue;
                };
                let value = self.value(values.next()?)?;
                match (kind, value.as_known().map(str::parse::<u32>)) {
                    ('s', _) => text.append(&value),
                    ('d' | 'i', Some(Ok(number))) => text.push_str(&number.to_string()),
                    ('d' | 'i', None) => text.append(&Text::hole("%d", Shape::Number)),
                    ('c', Some(Ok(code))) => text.push_str(char::from_u32(code)?.encode_utf8(&mut [0; 4])),
                    ('c', Some(Err(_))) => {
                        text.push_str(&value.known_start().chars().take(1).collect::<String>());
                    }
                    _ => return None,
                }
                text.push_str(&part[1..]);
            }
        }
        Some(text)
    }
}

/// Whether a condition chooses among the lines by more than their number, and by more than a runtime's name.
fn is_choice(condition: &str) -> bool {
    let number = condition.starts_with(['N', '!']) || condition.contains("NR");
    !number && !condition.split('/').any(is_broad)
}
