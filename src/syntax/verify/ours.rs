//! The place of every command in our own tree.

use super::Shown;
use crate::syntax::{
    Arithmetic, AssignedValue, Assignment, Command, Parameter, ParameterOp, Part, RedirectKind, Simple, Stmt,
    Word,
};

/// Where the commands of `body` stand.
pub(super) fn shown(body: &[Stmt]) -> Shown {
    let mut found = Shown::default();
    found.statements(body);
    found
}

impl Shown {
    fn statements(&mut self, list: &[Stmt]) {
        list.iter().for_each(|one| self.statement(one));
    }

    /// Chains are nested to the left, so that side is followed in a loop.
    fn statement(&mut self, mut one: &Stmt) {
        loop {
            for redirect in &one.redirects {
                match &redirect.kind {
                    RedirectKind::Write(word)
                    | RedirectKind::Append(word)
                    | RedirectKind::Read(word)
                    | RedirectKind::ReadWrite(word)
                    | RedirectKind::Duplicate(word)
                    | RedirectKind::Heredoc(word)
                    | RedirectKind::HereString(word) => self.word(word),
                }
            }
            // Others may take `!` for a program's name (`!(…)`, `a | ! b`).
            if one.negated {
                self.also.push(one.span.start);
            }
            match &one.command {
                Command::And(left, right) | Command::Or(left, right) => {
                    self.statement(right);
                    one = left;
                }
                Command::Simple(simple) => return self.simple(simple, one),
                command => return self.command(command),
            }
        }
    }

    fn simple(&mut self, simple: &Simple, statement: &Stmt) {
        let name = simple.words.first().map(|word| word.span.start);
        let assignment = simple.assignments.first().map(|one| one.span.start);
        let redirect = statement.redirects.first().map(|one| one.span.start);
        self.places.extend(name.or(assignment).or(redirect));
        // shuck does not say where the name of `exit` and its kin stands behind assignments.
        if name.is_some() {
            self.also.extend(assignment);
        }
        simple.words.iter().for_each(|w| self.word(w));
        for one in simple.assignments.iter().chain(&simple.declared) {
            self.assignment(one);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            // Only the loop above sees these.
            Command::Simple(_) | Command::And(..) | Command::Or(..) => {}
            Command::Pipeline(list) | Command::Group(list) | Command::Subshell(list) => {
                self.statements(list);
            }
            Command::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.statements(condition);
                    self.statements(body);
                }
                otherwise.iter().for_each(|list| self.statements(list));
            }
            Command::While { condition, body } => {
                self.statements(condition);
                self.statements(body);
            }
            Command::For { words, body, .. } => {
                words.iter().flatten().for_each(|w| self.word(w));
                self.statements(body);
            }
            Command::ArithmeticFor { expressions, body } => {
                expressions.iter().for_each(|e| self.arithmetic(e));
                self.statements(body);
            }
            Command::Case { subject, arms } => {
                self.word(subject);
                for arm in arms {
                    arm.patterns.iter().for_each(|w| self.word(w));
                    self.statements(&arm.body);
                }
            }
            Command::Test(words) => words.iter().for_each(|w| self.word(w)),
            Command::Arithmetic(expression) => self.arithmetic(expression),
            Command::Function { names, body } => {
                // Others may take `f g () { … }` for a command `f g` and a body.
                if let [first, _, ..] = names.as_slice() {
                    self.also.push(first.span.start);
                }
                names.iter().for_each(|w| self.word(w));
                self.statement(body);
            }
            Command::AnonymousFunction { body, args } => {
                self.statement(body);
                args.iter().for_each(|w| self.word(w));
            }
            Command::Time(inner) => inner.iter().for_each(|s| self.statement(s)),
            Command::Coproc { body: inner, .. } => self.statement(inner),
        }
    }

    fn assignment(&mut self, one: &Assignment) {
        one.subscript.iter().for_each(|w| self.word(w));
        match &one.value {
            AssignedValue::Scalar(word) => self.word(word),
            AssignedValue::Array(elements) => {
                for (key, value) in elements {
                    key.iter().for_each(|w| self.word(w));
                    self.word(value);
                }
            }
        }
    }

    fn arithmetic(&mut self, one: &Arithmetic) {
        self.word(&one.word);
    }

    fn word(&mut self, one: &Word) {
        for part in &one.parts {
            match part {
                Part::Literal { .. } => {}
                Part::Parameter { expansion, .. } => self.parameter(expansion),
                Part::Command { body, .. } | Part::Process { body, .. } => self.statements(body),
                Part::Arithmetic { expression, .. } => self.arithmetic(expression),
                Part::Unknown { words, .. } => words.iter().for_each(|w| self.word(w)),
            }
        }
    }

    fn parameter(&mut self, one: &Parameter) {
        one.subscript.iter().for_each(|w| self.word(w));
        match &one.op {
            ParameterOp::Get
            | ParameterOp::Length
            | ParameterOp::Names
            | ParameterOp::Path(_)
            | ParameterOp::Case { .. }
            | ParameterOp::Transform(_) => {}
            ParameterOp::Default { word, .. }
            | ParameterOp::Assign { word, .. }
            | ParameterOp::Alternative { word, .. }
            | ParameterOp::Error { word, .. }
            | ParameterOp::StripPrefix { pattern: word, .. }
            | ParameterOp::StripSuffix { pattern: word, .. } => self.word(word),
            ParameterOp::Replace { pattern, replacement, .. } => {
                self.word(pattern);
                self.word(replacement);
            }
            ParameterOp::Slice { offset, length } => {
                self.arithmetic(offset);
                length.iter().for_each(|e| self.arithmetic(e));
            }
        }
    }
}
