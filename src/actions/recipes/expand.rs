//! make's variables and functions, expanded where they are constant.

use super::makefile::{Makefile, Variable, filled, stem_of};
use crate::actions::wrappers::is_one_of;

/// Stands for what is not known: a character that [`Masked`](crate::actions::masked::Masked) reads
/// as a hole.
pub(super) const UNKNOWN: char = '\u{FFFFC}';
/// Variables in variables deeper than this are not known.
const DEPTH: usize = 24;
/// Neither is longer text.
pub(super) const LENGTH: usize = 1 << 16;
/// After so many expansions nothing more is known.
const STEPS: usize = 200_000;
/// A function's arguments whose lengths give more than this are not worked on.
const WORK: usize = 1 << 24;

/// Functions that stand in a makefile before their arguments.
const FUNCTIONS: &str = "subst patsubst strip findstring filter filter-out sort word wordlist words firstword lastword \
    dir notdir suffix basename addsuffix addprefix join wildcard realpath abspath if or and intcmp foreach let file \
    call value eval origin flavor error warning info shell guile";

/// Variables that make has by itself.
const DEFAULTS: &[(&str, &str)] = &[
    ("MAKE", "make"),
    ("RM", "rm -f"),
    ("CC", "cc"),
    ("CXX", "g++"),
    ("AR", "ar"),
    ("AS", "as"),
    ("LD", "ld"),
    ("CURDIR", "."),
];

/// What the automatic variables stand for.
#[derive(Default)]
pub(super) struct Automatic {
    pub target: String,
    pub needed: Vec<String>,
    pub stem: String,
    /// What a macro is called with, its name first.
    pub args: Vec<String>,
}

impl Makefile<'_> {
    /// Text with its references replaced.
    pub fn expand(&mut self, text: &str, automatic: &Automatic) -> String {
        self.expanded(text, automatic, 0)
    }

    /// What a variable holds.
    pub fn value(&mut self, name: &str, automatic: &Automatic) -> String {
        self.variable(name, automatic, 0)
    }

    fn expanded(&mut self, text: &str, automatic: &Automatic, depth: usize) -> String {
        self.steps += 1;
        if self.steps > STEPS {
            return UNKNOWN.to_string();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            if out.len() > LENGTH || depth > DEPTH {
                return UNKNOWN.to_string();
            }
            let behind = &rest[at + 1..];
            let Some(next) = behind.chars().next() else {
                return out;
            };
            let length = match next {
                '(' | '{' => closing(behind),
                _ => Some(next.len_utf8()),
            };
            let Some(length) = length else {
                out.push(UNKNOWN);
                return out;
            };
            match next {
                '$' => out.push('$'),
                '(' | '{' => out.push_str(&self.reference(&behind[1..length - 1], automatic, depth + 1)),
                _ => out.push_str(&self.variable(&behind[..length], automatic, depth + 1)),
            }
            rest = &behind[length..];
        }
        out.push_str(rest);
        self.steps += out.len() / 256;
        out
    }

    fn variable(&mut self, name: &str, automatic: &Automatic, depth: usize) -> String {
        let all = || automatic.needed.join(" ");
        let first = || automatic.needed.first().cloned().unwrap_or_default();
        let parts = |text: String, directory: bool| {
            let part = |word: &str| match word.rsplit_once('/') {
                Some((before, name)) => if directory { before } else { name }.to_owned(),
                None => if directory { "." } else { word }.to_owned(),
            };
            text.split_whitespace().map(part).collect::<Vec<_>>().join(" ")
        };
        let plain = |name: &str| match name {
            "@" => Some(automatic.target.clone()),
            "<" => Some(first()),
            "^" | "+" | "?" | "|" => Some(all()),
            "*" => Some(automatic.stem.clone()),
            "%" => Some(String::new()),
            _ => None,
        };
        if let Some(value) = plain(name) {
            return value;
        }
        if let Some(value) = name.strip_suffix(['D', 'F']).and_then(plain) {
            return parts(value, name.ends_with('D'));
        }
        if let Some(argument) = name.parse().ok().and_then(|at: usize| automatic.args.get(at)) {
            return argument.clone();
        }
        match self.variables.get(name).cloned() {
            Some(Variable { value, simple: true, .. }) => value,
            Some(Variable { value, .. }) => self.expanded(&value, automatic, depth + 1),
            None => match (self.environment)(name) {
                Some(value) => value,
                None => match DEFAULTS.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => (*value).to_owned(),
                    None if self.partial => UNKNOWN.to_string(),
                    None => String::new(),
                },
            },
        }
    }

    fn reference(&mut self, inner: &str, automatic: &Automatic, depth: usize) -> String {
        let (function, rest) = inner.split_once([' ', '\t']).unwrap_or((inner, ""));
        if inner.len() > function.len() && is_one_of(function, FUNCTIONS) {
            return self.function(function, rest.trim_start(), automatic, depth);
        }
        let inner = self.expanded(inner, automatic, depth);
        // `$(SRC:.c=.o)`, `$(SRC:%.c=%.o)`
        if let Some((name, change)) = inner.split_once(':')
            && let Some((from, to)) = change.split_once('=')
        {
            let percent = |text: &str| if from.contains('%') { text.to_owned() } else { format!("%{text}") };
            let (from, to) = (percent(from), percent(to));
            return patterns(&self.variable(name, automatic, depth), &from, &to);
        }
        self.variable(&inner, automatic, depth)
    }

    fn function(&mut self, name: &str, rest: &str, automatic: &Automatic, depth: usize) -> String {
        let raw = split(rest, ',');
        let raw_at = |at: usize| raw.get(at).map_or("", |text| text.trim());
        match name {
            "shell" => {
                let command = self.expanded(rest, automatic, depth);
                self.run(&command);
                return format!("$({command})");
            }
            "if" => {
                let condition = self.expanded(raw_at(0), automatic, depth);
                let unknown = condition.contains(UNKNOWN) || condition.contains("$(");
                let branch = if condition.is_empty() {
                    raw.get(2..).unwrap_or_default().join(",")
                } else {
                    raw_at(1).to_owned()
                };
                let value = self.expanded(&branch, automatic, depth);
                return if unknown { UNKNOWN.to_string() } else { value };
            }
            "foreach" => {
                let variable = self.expanded(raw_at(0), automatic, depth);
                let list = self.expanded(raw_at(1), automatic, depth);
                let body = raw.get(2..).unwrap_or_default().join(",");
                let saved = self.variables.get(&variable).cloned();
                let mut out = Vec::new();
                for word in list.split_whitespace().take(64) {
                    self.variables.insert(variable.clone(), Variable::simple(word));
                    out.push(self.expanded(&body, automatic, depth));
                }
                match saved {
                    Some(saved) => self.variables.insert(variable, saved),
                    None => self.variables.remove(&variable),
                };
                return out.join(" ");
            }
            _ => {}
        }
        let args: Vec<String> = raw.iter().map(|text| self.expanded(text.trim(), automatic, depth)).collect();
        let work = args.iter().fold(1, |work: usize, arg| work.saturating_mul(arg.len() + 1));
        if work > WORK {
            return UNKNOWN.to_string();
        }
        let at = |at: usize| args.get(at).map_or("", String::as_str);
        let each = |list: &str, change: &dyn Fn(&str) -> String| {
            list.split_whitespace().map(change).collect::<Vec<_>>().join(" ")
        };
        match name {
            "strip" | "sort" | "abspath" | "realpath" | "wildcard" => each(at(0), &str::to_owned),
            "subst" => at(2).replace(at(0), at(1)),
            "patsubst" => patterns(at(2), at(0), at(1)),
            "addprefix" => each(at(1), &|word| format!("{}{word}", at(0))),
            "addsuffix" => each(at(1), &|word| format!("{word}{}", at(0))),
            "notdir" => each(at(0), &|word| word.rsplit('/').next().unwrap_or(word).to_owned()),
            "dir" => each(at(0), &|word| word.rfind('/').map_or("./", |end| &word[..=end]).to_owned()),
            "firstword" => at(0).split_whitespace().next().unwrap_or("").to_owned(),
            "lastword" => at(0).split_whitespace().next_back().unwrap_or("").to_owned(),
            "info" | "warning" | "error" => String::new(),
            "call" => {
                let macro_name = at(0).to_owned();
                self.variable(
                    &macro_name,
                    &Automatic {
                        args,
                        target: automatic.target.clone(),
                        needed: automatic.needed.clone(),
                        stem: automatic.stem.clone(),
                    },
                    depth,
                )
            }
            "eval" => {
                if depth <= DEPTH {
                    self.read(&args.join(","));
                }
                String::new()
            }
            _ => UNKNOWN.to_string(),
        }
    }
}

/// `$(patsubst from,to,list)`.
fn patterns(list: &str, from: &str, to: &str) -> String {
    let change = |word: &str| match stem_of(word, from) {
        Some(stem) => filled(to, Some(stem)),
        None if word == from => to.to_owned(),
        None => word.to_owned(),
    };
    list.split_whitespace().map(change).collect::<Vec<_>>().join(" ")
}

/// How long a bracketed text is that starts here, with its brackets.
fn closing(text: &str) -> Option<usize> {
    let (open, close) = if text.starts_with('(') { ('(', ')') } else { ('{', '}') };
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// The parts between separators that stand in no brackets.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0usize;
    text.split(|c: char| {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    })
    .collect()
}
