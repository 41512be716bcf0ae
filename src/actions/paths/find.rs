//! `find … -delete`: which paths its tests leave.

use super::words::{Operand, Words, below, join, operand};
use crate::model::{PathEffect, PathOp, Piece, Text};

/// The tests that take a value; what is not here and no action is a test without one.
const VALUED: &[&str] = &[
    "-amin",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-ctime",
    "-context",
    "-fstype",
    "-gid",
    "-group",
    "-ilname",
    "-iname",
    "-inum",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-links",
    "-lname",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-newer",
    "-path",
    "-perm",
    "-printf",
    "-fprint",
    "-fls",
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-type",
    "-uid",
    "-used",
    "-user",
    "-wholename",
    "-xtype",
    "-files0-from",
];

/// Words that neither test nor act.
const IDLE: &[&str] = &[
    "-a",
    "-and",
    "-depth",
    "-d",
    "-mount",
    "-xdev",
    "-noleaf",
    "-true",
    "-print",
    "-print0",
    "-ls",
    "-daystart",
    "-follow",
    "-warn",
    "-nowarn",
    "-ignore_readdir_race",
];

/// Parentheses deeper than this are no person's work.
const DEEPEST: usize = 32;

/// What tests in a row leave.
#[derive(Debug, Clone, Default)]
struct Filter {
    /// Names that are left, one of these patterns each; `None` where no test is on the name.
    names: Option<Vec<Text>>,
    /// Some other test holds back an unknown part.
    partial: bool,
    /// Only what is empty is left.
    empty: bool,
    deletes: bool,
}

struct Reader<'a> {
    words: &'a [Text],
    at: usize,
    deleting: Vec<Filter>,
    min_depth: usize,
    max_depth: Option<usize>,
}

pub(super) fn find(words: &Words) -> Vec<PathEffect> {
    let args = &words.call.args;
    if !args.iter().any(|arg| arg.as_known() == Some("-delete")) {
        return Vec::new();
    }
    let mut at = 0;
    while at < args.len() {
        match args[at].as_known() {
            Some("-H" | "-L" | "-P") => at += 1,
            Some("-D") => at += 2,
            Some(word) if word.starts_with("-O") => at += 1,
            _ => break,
        }
    }
    let first = at;
    while at < args.len() && !starts_expression(&args[at]) {
        at += 1;
    }
    let mut starts: Vec<Operand> = (first..at)
        .map(|index| operand(words.call, index))
        .collect();
    if starts.is_empty() {
        starts.push(Operand {
            text: Text::known("."),
            span: None,
        });
    }
    let mut reader = Reader {
        words: &args[at..],
        at: 0,
        deleting: Vec::new(),
        min_depth: 0,
        max_depth: None,
    };
    reader.alternatives(&Filter::default(), 0);
    let mut effects = Vec::new();
    for start in &starts {
        for filter in &reader.deleting {
            for (text, recursive) in reader.left(&start.text, filter) {
                let path = Operand {
                    text,
                    span: start.span,
                };
                effects.push(words.effect(PathOp::Delete, &path, recursive));
            }
        }
    }
    effects
}

fn starts_expression(word: &Text) -> bool {
    matches!(
        word.known_start().chars().next(),
        Some('-' | '(' | '!' | ')' | ',')
    )
}

impl Reader<'_> {
    /// Reads `A -o B …` up to a `)`; returns what the alternatives leave together.
    fn alternatives(&mut self, outer: &Filter, depth: usize) -> Filter {
        let mut union: Option<Filter> = None;
        loop {
            let row = self.row(outer, depth);
            union = Some(match union {
                None => row,
                Some(before) => Filter {
                    names: match (before.names, row.names) {
                        (Some(mut names), Some(more)) => {
                            names.extend(more);
                            Some(names)
                        }
                        _ => None,
                    },
                    partial: before.partial || row.partial,
                    empty: before.empty && row.empty,
                    deletes: before.deletes || row.deletes,
                },
            });
            match self.peek() {
                Some("-o" | "-or" | ",") => self.at += 1,
                _ => return union.unwrap_or_default(),
            }
        }
    }

    /// Reads tests in a row, all of which must hold.
    fn row(&mut self, outer: &Filter, depth: usize) -> Filter {
        let mut filter = outer.clone();
        let mut negated = false;
        while let Some(word) = self.words.get(self.at) {
            let known = word.as_known();
            if matches!(known, Some("-o" | "-or" | "," | ")")) {
                break;
            }
            self.at += 1;
            match known {
                Some("!" | "-not") => {
                    negated = !negated;
                    continue;
                }
                Some("(") if depth < DEEPEST => {
                    let inner = self.alternatives(&filter, depth + 1);
                    if self.peek() == Some(")") {
                        self.at += 1;
                    }
                    if negated {
                        filter.partial = true;
                    } else {
                        filter = inner;
                    }
                }
                Some("-delete") => {
                    filter.deletes = true;
                    self.deleting.push(filter.clone());
                }
                Some("-empty") if !negated => filter.empty = true,
                Some(word) if IDLE.contains(&word) => {}
                Some(word) => {
                    let value = VALUED
                        .contains(&word)
                        .then(|| self.words.get(self.at))
                        .flatten();
                    self.at += usize::from(value.is_some());
                    self.test(word, value, negated, &mut filter);
                }
                None => filter.partial = true,
            }
            negated = false;
        }
        filter
    }

    fn test(&mut self, test: &str, value: Option<&Text>, negated: bool, filter: &mut Filter) {
        match (test, value) {
            ("-mindepth", Some(depth)) => {
                self.min_depth = depth.as_known().and_then(|d| d.parse().ok()).unwrap_or(0);
            }
            ("-maxdepth", Some(depth)) => {
                self.max_depth = depth.as_known().and_then(|d| d.parse().ok());
            }
            // Without its files nothing of a tree is worth keeping.
            ("-type", Some(kind)) if !negated && kind.as_known() == Some("f") => {}
            ("-name", Some(pattern)) if !negated && filter.names.is_none() => {
                filter.names = Some(vec![pattern.clone()]);
            }
            ("-iname", Some(pattern)) if !negated && filter.names.is_none() => {
                filter.names = Some(vec![any_case(pattern)]);
            }
            ("-path" | "-wholename", Some(pattern)) if !negated && filter.names.is_none() => {
                match below_start(pattern) {
                    Some(pattern) => filter.names = Some(vec![Text::known(pattern)]),
                    None => filter.partial = true,
                }
            }
            _ => filter.partial = true,
        }
    }

    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).and_then(Text::as_known)
    }

    /// The paths below `start` that `filter` leaves, and whether all below them is meant too.
    fn left(&self, start: &Text, filter: &Filter) -> Vec<(Text, bool)> {
        if filter.empty {
            return Vec::new();
        }
        let at_top = self.max_depth.is_some_and(|depth| depth <= 1);
        match &filter.names {
            Some(names) => names
                .iter()
                .flat_map(|name| spellings(name))
                .map(|name| {
                    let mut pattern = Text::default();
                    if !at_top {
                        pattern.push(Piece::Glob("**/".to_owned()));
                    }
                    pattern.append(&name);
                    (join(start, &pattern), false)
                })
                .collect(),
            None if filter.partial => vec![(below(start, "**"), false)],
            None if self.min_depth > 0 => {
                let mut pattern = Text::default();
                pattern.push(Piece::Glob("*".to_owned()));
                vec![(join(start, &pattern), true)]
            }
            None => vec![(start.clone(), true)],
        }
    }
}

/// A name as a pattern; find's `*` also matches a leading dot, the shell's does not.
fn spellings(name: &Text) -> Vec<Text> {
    let Some(known) = name.as_known() else {
        return vec![name.clone()];
    };
    let glob = |pattern: String| {
        let mut text = Text::default();
        text.push(Piece::Glob(pattern));
        text
    };
    if !known.contains(['*', '?', '[']) {
        return vec![name.clone()];
    }
    let may_start_with_dot =
        known.starts_with(['*', '?']) || known.starts_with("[!") || known.starts_with("[^");
    match may_start_with_dot {
        true => vec![glob(known.to_owned()), glob(format!(".{known}"))],
        false => vec![glob(known.to_owned())],
    }
}

fn any_case(pattern: &Text) -> Text {
    let Some(known) = pattern.as_known() else {
        return pattern.clone();
    };
    let mut out = String::new();
    for c in known.chars() {
        if c.is_alphabetic() && !known.contains('[') {
            out.push_str(&format!("[{}{}]", c.to_lowercase(), c.to_uppercase()));
        } else {
            out.push(c);
        }
    }
    Text::known(out)
}

/// `*/name/*` as a pattern below the start; `None` where a `*` crosses directories within a name.
fn below_start(pattern: &Text) -> Option<String> {
    let rest = pattern.as_known()?.strip_prefix("*/")?;
    let mut out = Vec::new();
    for component in rest.split('/') {
        match component {
            "*" => out.push("**"),
            _ if component.contains(['*', '?', '[']) => return None,
            _ => out.push(component),
        }
    }
    Some(out.join("/"))
}
