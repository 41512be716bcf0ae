//! Constant arithmetic: `$(( … ))`, subscripts, `${x:o:l}`, `declare -i`.

mod number;

use number::{binary, digits_of};

use super::Dialect;
use super::scope::{Scope, is_name};
use super::value::Value;

/// How deep parentheses, operators and variables that hold expressions may nest.
const MAX_DEPTH: usize = 48;
/// The most steps of one evaluation, variables that hold expressions included.
const MAX_STEPS: usize = 1 << 14;

/// The value of an expression whose parameters and substitutions are expanded already. `None`
/// where it is unknown or an error; what it may have assigned is then forgotten.
pub(super) fn evaluate_text(text: &str, scope: &mut Scope) -> Option<i64> {
    if let Some(number) = constant(text) {
        return Some(number);
    }
    let mut steps = MAX_STEPS;
    let value = evaluate(text, scope, &mut steps, 0);
    if value.is_none() {
        forget_assigned(text, scope);
    }
    value
}

/// Forgets every variable that the expression may assign.
pub(super) fn forget_assigned(text: &str, scope: &mut Scope) {
    let compared =
        ["==", "!=", "<=", ">="].iter().map(|op| text.matches(op).count() * op.matches('=').count());
    if text.matches('=').count() == compared.sum::<usize>()
        && !text.contains("<<=")
        && !text.contains(">>=")
        && !text.contains("++")
        && !text.contains("--")
    {
        return;
    }
    for name in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if is_name(name) {
            scope.forget(name);
        }
    }
}

/// A plain decimal number, by far the most expressions.
fn constant(text: &str) -> Option<i64> {
    let text = text.trim_ascii();
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn evaluate(text: &str, scope: &mut Scope, steps: &mut usize, depth: usize) -> Option<i64> {
    let mut machine =
        Machine { text: text.as_bytes(), source: text, at: 0, scope, steps, depth, pending: None, idle: 0 };
    machine.blanks();
    if machine.at == machine.text.len() {
        return Some(0);
    }
    let value = machine.comma()?;
    machine.blanks();
    (machine.at == machine.text.len()).then_some(value)
}

struct Machine<'t, 's, 'f> {
    text: &'t [u8],
    source: &'t str,
    at: usize,
    scope: &'s mut Scope<'f>,
    steps: &'s mut usize,
    depth: usize,
    /// A place that was read, where it starts and ends, when no assignment followed it.
    pending: Option<(usize, usize, Place)>,
    /// Above zero in what a short-circuit skips: read, but without effect.
    idle: usize,
}

/// What an expression names, and so what can be assigned.
enum Place {
    Name(String),
    Element(String, i64),
    Key(String, String),
}

/// Binary operators with how tightly they bind, longest spelling first.
const BINARY: &[(&str, u8)] = &[
    ("<<", 9),
    (">>", 9),
    ("<=", 8),
    (">=", 8),
    ("==", 7),
    ("!=", 7),
    ("**", 12),
    ("*", 11),
    ("/", 11),
    ("%", 11),
    ("+", 10),
    ("-", 10),
    ("<", 8),
    (">", 8),
    ("&", 6),
    ("^", 5),
    ("|", 4),
];

const ASSIGNMENTS: &[&str] = &["<<=", ">>=", "**=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

impl Machine<'_, '_, '_> {
    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn peek(&mut self, token: &str) -> bool {
        self.blanks();
        self.rest().starts_with(token.as_bytes())
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn enter(&mut self) -> Option<()> {
        *self.steps = self.steps.checked_sub(1)?;
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn comma(&mut self) -> Option<i64> {
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Some(value)
    }

    fn assignment(&mut self) -> Option<i64> {
        self.enter()?;
        self.blanks();
        let start = self.at;
        let value = match self.place()? {
            Some(place) => match self.assignment_operator() {
                Some(operator) => {
                    let right = self.assignment()?;
                    if self.idle > 0 {
                        0
                    } else {
                        let value = if operator == "=" {
                            right
                        } else {
                            let left = self.read(&place)?;
                            binary(&operator[..operator.len() - 1], left, right)?
                        };
                        self.write(&place, value);
                        value
                    }
                }
                None => {
                    self.pending = Some((start, self.at, place));
                    self.at = start;
                    self.conditional()?
                }
            },
            None => self.conditional()?,
        };
        self.depth -= 1;
        Some(value)
    }

    fn assignment_operator(&mut self) -> Option<&'static str> {
        self.blanks();
        let operator = ASSIGNMENTS.iter().find(|op| self.rest().starts_with(op.as_bytes()))?;
        if *operator == "=" && self.rest().starts_with(b"==") {
            return None;
        }
        self.at += operator.len();
        Some(operator)
    }

    fn conditional(&mut self) -> Option<i64> {
        let condition = self.or()?;
        if !self.take("?") {
            return Some(condition);
        }
        self.enter()?;
        let yes = self.skipping(condition == 0, Self::comma)?;
        if !self.take(":") {
            return None;
        }
        let no = self.skipping(condition != 0, Self::assignment)?;
        self.depth -= 1;
        Some(if condition != 0 { yes } else { no })
    }

    fn skipping(&mut self, idle: bool, read: fn(&mut Self) -> Option<i64>) -> Option<i64> {
        self.idle += usize::from(idle);
        let value = read(self);
        self.idle -= usize::from(idle);
        value
    }

    fn or(&mut self) -> Option<i64> {
        let mut left = self.and()?;
        while self.take("||") {
            let right = self.skipping(left != 0, Self::and)?;
            left = i64::from(left != 0 || right != 0);
        }
        Some(left)
    }

    fn and(&mut self) -> Option<i64> {
        let mut left = self.tight(0)?;
        while self.take("&&") {
            let right = self.skipping(left == 0, |machine| machine.tight(0))?;
            left = i64::from(left != 0 && right != 0);
        }
        Some(left)
    }

    /// Binary operators that bind at least as tightly as `least`.
    fn tight(&mut self, least: u8) -> Option<i64> {
        self.enter()?;
        let mut left = self.unary()?;
        while let Some((operator, binds)) = self.binary_operator(least) {
            // `**` groups to the right.
            let right = self.tight(binds + u8::from(operator != "**"))?;
            *self.steps = self.steps.checked_sub(1)?;
            left = if self.idle > 0 { 0 } else { binary(operator, left, right)? };
        }
        self.depth -= 1;
        Some(left)
    }

    fn binary_operator(&mut self, least: u8) -> Option<(&'static str, u8)> {
        self.blanks();
        let rest = self.rest();
        let (operator, binds) = BINARY.iter().find(|(op, _)| rest.starts_with(op.as_bytes()))?;
        let next = rest.get(operator.len());
        let doubled = matches!(*operator, "&" | "|") && next == operator.as_bytes().first();
        let assigns = next == Some(&b'=') && !matches!(*operator, "<=" | ">=" | "==" | "!=");
        if *binds < least || doubled || assigns {
            return None;
        }
        self.at += operator.len();
        Some((operator, *binds))
    }

    fn unary(&mut self) -> Option<i64> {
        self.enter()?;
        self.blanks();
        let value = if self.peek("++") || self.peek("--") {
            let step = if self.rest()[0] == b'+' { 1 } else { -1 };
            let start = self.at;
            self.at += 2;
            match self.place()? {
                Some(place) => {
                    let value = self.read(&place)?.wrapping_add(step);
                    self.write(&place, value);
                    value
                }
                None => {
                    // Two signs, as in `--5`.
                    self.at = start + 1;
                    self.signed(step)?
                }
            }
        } else if self.take("+") {
            self.signed(1)?
        } else if self.take("-") {
            self.signed(-1)?
        } else if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("~") {
            !self.unary()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Some(value)
    }

    fn signed(&mut self, sign: i64) -> Option<i64> {
        Some(self.unary()?.wrapping_mul(sign))
    }

    fn primary(&mut self) -> Option<i64> {
        self.blanks();
        if self.take("(") {
            let value = self.comma()?;
            return self.take(")").then_some(value);
        }
        if let Some(place) = self.place()? {
            let value = self.read(&place)?;
            for (token, step) in [("++", 1), ("--", -1)] {
                if self.take(token) {
                    self.write(&place, value.wrapping_add(step));
                    break;
                }
            }
            return Some(value);
        }
        self.number()
    }

    /// `Some(None)` where no name stands at the cursor.
    fn place(&mut self) -> Option<Option<Place>> {
        self.blanks();
        let start = self.at;
        if let Some((from, to, place)) = self.pending.take()
            && from == start
        {
            self.at = to;
            return Some(Some(place));
        }
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        if self.text.get(start).is_none_or(|b| !word(b) || b.is_ascii_digit()) {
            return Some(None);
        }
        while self.text.get(self.at).is_some_and(word) {
            self.at += 1;
        }
        let name = self.source.get(start..self.at)?.to_owned();
        if self.text.get(self.at) != Some(&b'[') {
            return Some(Some(Place::Name(name)));
        }
        let open = self.at + 1;
        let mut level = 0;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'[' => level += 1,
                b']' => level -= 1,
                _ => {}
            }
            self.at += 1;
            if level == 0 {
                let inside = self.source.get(open..self.at - 1)?;
                if let Value::Keyed(_) = self.scope.value(&name) {
                    return Some(Some(Place::Key(name, inside.to_owned())));
                }
                if self.idle > 0 {
                    return Some(Some(Place::Element(name, 0)));
                }
                let index = evaluate(inside, self.scope, self.steps, self.depth + 1)?;
                return Some(Some(Place::Element(name, index)));
            }
        }
        None
    }

    fn read(&mut self, place: &Place) -> Option<i64> {
        if self.idle > 0 {
            return Some(0);
        }
        let text = match place {
            Place::Name(name) => match self.scope.get(name) {
                None => return Some(0),
                Some(text) => text,
            },
            Place::Element(name, index) => match self.scope.element(name, *index)? {
                None => return Some(0),
                Some(text) => text,
            },
            Place::Key(name, key) => match self.scope.keyed(name, key)? {
                None => return Some(0),
                Some(text) => text,
            },
        };
        let text = text.as_known()?;
        match constant(text) {
            Some(number) => Some(number),
            None if text.len() > *self.steps => None,
            None => {
                *self.steps -= text.len();
                self.depth += 1;
                let value = if self.depth > MAX_DEPTH {
                    None
                } else {
                    evaluate(text, self.scope, self.steps, self.depth)
                };
                self.depth -= 1;
                if value.is_none() {
                    forget_assigned(text, self.scope);
                }
                value
            }
        }
    }

    fn write(&mut self, place: &Place, value: i64) {
        if self.idle > 0 {
            return;
        }
        let text = crate::model::Text::known(value.to_string());
        match place {
            Place::Name(name) => self.scope.set(name, text),
            Place::Element(name, index) => self.scope.set_element(name, *index, text),
            Place::Key(name, key) => self.scope.set_keyed(name, key.clone(), text),
        }
    }

    /// `10`, `010`, `0x1f`, `2#101`
    fn number(&mut self) -> Option<i64> {
        let start = self.at;
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'@' | b'_');
        while self.text.get(self.at).is_some_and(part) {
            self.at += 1;
        }
        let text = self.source.get(start..self.at)?;
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if let Some((base, digits)) = text.split_once('#') {
            let base = base.parse().ok().filter(|base| (2..=64).contains(base))?;
            return digits_of(digits, base);
        }
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return if digits.is_empty() { Some(0) } else { digits_of(digits, 16) };
        }
        let octal = text.len() > 1 && text.starts_with('0') && self.scope.dialect() != Dialect::Zsh;
        digits_of(text, if octal { 8 } else { 10 })
    }
}
