//! All calls in a tree, one line each, for tests that compare trees.

use crate::syntax::{
    Arithmetic, AssignedValue, Assignment, Command, Parameter, ParameterOp, Part, RedirectKind, Stmt, Word,
};

/// The calls in order of their places, words separated by `␣`, expansions as `$`.
pub fn calls(body: &[Stmt]) -> Vec<String> {
    let mut out = Vec::new();
    statements(body, &mut out);
    out
}

fn statements(body: &[Stmt], out: &mut Vec<String>) {
    body.iter().for_each(|one| statement(one, out));
}

fn statement(one: &Stmt, out: &mut Vec<String>) {
    match &one.command {
        Command::Simple(simple) => {
            if !simple.words.is_empty() {
                let texts: Vec<_> = simple.words.iter().map(text).collect();
                out.push(texts.join("␣"));
            }
            simple.assignments.iter().chain(&simple.declared).for_each(|a| assignment(a, out));
            simple.words.iter().for_each(|w| word(w, out));
        }
        Command::Pipeline(list) | Command::Group(list) | Command::Subshell(list) => statements(list, out),
        Command::And(a, b) | Command::Or(a, b) => {
            statement(a, out);
            statement(b, out);
        }
        Command::If { branches, otherwise } => {
            for (condition, body) in branches {
                statements(condition, out);
                statements(body, out);
            }
            statements(otherwise.as_deref().unwrap_or_default(), out);
        }
        Command::While { condition, body } => {
            statements(condition, out);
            statements(body, out);
        }
        Command::For { words, body, .. } => {
            words.iter().flatten().for_each(|w| word(w, out));
            statements(body, out);
        }
        Command::ArithmeticFor { expressions, body } => {
            expressions.iter().for_each(|e| arithmetic(e, out));
            statements(body, out);
        }
        Command::Case { subject, arms } => {
            word(subject, out);
            for arm in arms {
                arm.patterns.iter().for_each(|w| word(w, out));
                statements(&arm.body, out);
            }
        }
        Command::Test(words) => words.iter().for_each(|w| word(w, out)),
        Command::Arithmetic(expression) => arithmetic(expression, out),
        Command::Function { body, .. } => statement(body, out),
        Command::AnonymousFunction { body, args } => {
            statement(body, out);
            args.iter().for_each(|w| word(w, out));
        }
        Command::Time(inner) => inner.iter().for_each(|s| statement(s, out)),
        Command::Coproc { body: inner, .. } => statement(inner, out),
    }
    for redirect in &one.redirects {
        match &redirect.kind {
            RedirectKind::Write(w)
            | RedirectKind::Append(w)
            | RedirectKind::Read(w)
            | RedirectKind::ReadWrite(w)
            | RedirectKind::Duplicate(w)
            | RedirectKind::Heredoc(w)
            | RedirectKind::HereString(w) => word(w, out),
        }
    }
}

fn assignment(one: &Assignment, out: &mut Vec<String>) {
    one.subscript.iter().for_each(|w| word(w, out));
    match &one.value {
        AssignedValue::Scalar(w) => word(w, out),
        AssignedValue::Array(elements) => {
            for (key, value) in elements {
                key.iter().for_each(|w| word(w, out));
                word(value, out);
            }
        }
    }
}

fn arithmetic(one: &Arithmetic, out: &mut Vec<String>) {
    word(&one.word, out);
}

fn word(one: &Word, out: &mut Vec<String>) {
    for part in &one.parts {
        match part {
            Part::Literal { .. } => {}
            Part::Parameter { expansion, .. } => parameter(expansion, out),
            Part::Command { body, .. } | Part::Process { body, .. } => statements(body, out),
            Part::Arithmetic { expression, .. } => arithmetic(expression, out),
            Part::Unknown { words, .. } => words.iter().for_each(|w| word(w, out)),
        }
    }
}

fn parameter(one: &Parameter, out: &mut Vec<String>) {
    one.subscript.iter().for_each(|w| word(w, out));
    match &one.op {
        ParameterOp::Get
        | ParameterOp::Length
        | ParameterOp::Names
        | ParameterOp::Path(_)
        | ParameterOp::Case { .. }
        | ParameterOp::Transform(_) => {}
        ParameterOp::Default { word: w, .. }
        | ParameterOp::Assign { word: w, .. }
        | ParameterOp::Alternative { word: w, .. }
        | ParameterOp::Error { word: w, .. }
        | ParameterOp::StripPrefix { pattern: w, .. }
        | ParameterOp::StripSuffix { pattern: w, .. } => word(w, out),
        ParameterOp::Replace { pattern, replacement, .. } => {
            word(pattern, out);
            word(replacement, out);
        }
        ParameterOp::Slice { offset, length } => {
            arithmetic(offset, out);
            length.iter().for_each(|e| arithmetic(e, out));
        }
    }
}

/// The text of a word, with `$` for what is expanded.
pub fn text(one: &Word) -> String {
    one.parts
        .iter()
        .map(|part| match part {
            Part::Literal { text, .. } => text.clone(),
            _ => "$".to_owned(),
        })
        .collect()
}
