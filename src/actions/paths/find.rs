//! `find`: which paths its tests leave where it acts.

use super::words::{Operand, Words, below, join, operand};
use crate::model::{PathEffect, PathOp, Piece, Shape, Text, base_name};

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
    "-fprint0",
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
    /// No directory is left, and so no start either.
    no_directory: bool,
}

struct Reader<'a> {
    words: &'a [Text],
    at: usize,
    /// The action that is asked for: `-delete`, or the word at this index.
    action: Option<usize>,
    /// What is left where that acts.
    acting: Vec<Filter>,
    min_depth: usize,
    max_depth: Option<usize>,
}

/// As many search roots are told apart.
const MAX_STARTS: usize = 16;

/// What `find` selects for one of its actions.
pub(in crate::actions) struct Selected<'a> {
    /// The paths that it starts from; none where they cannot be known.
    pub starts: Vec<Text>,
    reader: Reader<'a>,
}

impl<'a> Selected<'a> {
    /// Reads the words of a `find` up to what it does at the word `action`, or in the end.
    pub fn read(args: &'a [Text], action: Option<usize>) -> Selected<'a> {
        let (first, end) = starts(args);
        let mut starts = args[first..end].to_vec();
        if starts.is_empty() {
            starts.push(".".into());
        }
        let is = |arg: &Text, option: &str| arg.as_known() == Some(option);
        // Behind the first words of the expression `-f` belongs to a command that is run.
        let elsewhere =
            args.iter().any(|arg| is(arg, "-files0-from")) || args.get(end).is_some_and(|arg| is(arg, "-f"));
        if starts.len() > MAX_STARTS || elsewhere {
            starts.clear();
        }
        let mut reader = Reader::new(&args[end..], action.and_then(|at| at.checked_sub(end)));
        let all = reader.alternatives(&Filter::default(), 0);
        if reader.acting.is_empty() {
            reader.acting.push(all);
        }
        Selected { starts, reader }
    }

    /// The paths selected, as patterns that also match what other tests hold back.
    pub fn paths(&self) -> Vec<Text> {
        let reader = &self.reader;
        let mut out = Vec::new();
        for (start, filter) in
            self.starts.iter().flat_map(|start| reader.acting.iter().map(move |filter| (start, filter)))
        {
            if reader.min_depth == 0 && !filter.no_directory && filter.may_leave(start) {
                out.push(start.clone());
            }
            match &filter.names {
                Some(names) => out.extend(reader.named(start, names)),
                None => out.push(below(start, "(a path from `find`)")),
            }
        }
        out
    }

    /// Their last components.
    pub fn names(&self) -> Vec<Text> {
        let mut out = Vec::new();
        for filter in &self.reader.acting {
            match &filter.names {
                Some(names) => out.extend(names.iter().flat_map(spellings)),
                None => out.push(Text::hole("(a name from `find`)", Shape::Name)),
            }
        }
        out
    }
}

impl Filter {
    /// Whether the start itself may be selected, by its name.
    fn may_leave(&self, start: &Text) -> bool {
        let base = start.as_known().map(|start| {
            let start = start.trim_end_matches('/');
            base_name(start)
        });
        let (Some(base), Some(names)) = (base, &self.names) else {
            return true;
        };
        // What stands before the first and behind the last sign of a pattern must be there.
        let fits = |name: &str| {
            let first = name.find(['*', '?', '[']);
            let start = &name[..first.unwrap_or(name.len())];
            let end = name.rsplit(['*', '?', ']']).next().unwrap_or(name);
            let sets = name.contains(['\\', '!', '^']) || name.contains("[]");
            // Nothing of a set is left behind its bracket.
            let mut between = name.split(['*', '?', ']']).map(|part| part.split('[').next().unwrap_or(part));
            let holds = sets || between.all(|part| base.contains(part));
            first.map_or(name == base, |_| holds && base.starts_with(start) && base.ends_with(end))
        };
        let mut names = names.iter();
        names.any(|name| name.as_known().is_none_or(|name| !name.contains('/') && fits(name)))
    }
}

/// Where the starts stand among the words.
fn starts(args: &[Text]) -> (usize, usize) {
    let mut first = 0;
    while let Some(option) = args.get(first).and_then(Text::as_known) {
        match option {
            "-H" | "-L" | "-P" | "-E" | "-X" | "-d" | "-s" | "-x" => first += 1,
            "-D" => first += 2,
            _ if option.starts_with("-O") => first += 1,
            _ => break,
        }
    }
    let first = first.min(args.len());
    let end = (first..args.len()).find(|&at| starts_expression(&args[at]));
    (first, end.unwrap_or(args.len()))
}

pub(super) fn find(words: &Words) -> Vec<PathEffect> {
    let args = &words.call.args;
    let prints = |arg: &Text| matches!(arg.as_known(), Some("-fprint" | "-fprint0" | "-fls" | "-fprintf"));
    let printed = (1..args.len()).filter(|at| prints(&args[at - 1]));
    let mut effects: Vec<PathEffect> =
        printed.map(|at| words.effect(PathOp::Overwrite, &operand(words.call, at), false)).collect();
    if !args.iter().any(|arg| arg.as_known() == Some("-delete")) {
        return effects;
    }
    let (first, end) = starts(args);
    let mut starts: Vec<Operand> = (first..end).map(|index| operand(words.call, index)).collect();
    if starts.is_empty() {
        starts.push(Operand { text: Text::known("."), span: None });
    }
    let mut reader = Reader::new(&args[end..], None);
    reader.alternatives(&Filter::default(), 0);
    for start in &starts {
        for filter in &reader.acting {
            for (text, recursive) in reader.left(&start.text, filter) {
                let path = Operand { text, span: start.span };
                let mut effect = words.effect(PathOp::Delete, &path, recursive);
                if args.iter().any(|arg| matches!(arg.as_known(), Some("-L" | "-follow"))) {
                    effect.by = PathEffect::FOLLOWING.to_owned();
                }
                effects.push(effect);
            }
        }
    }
    effects
}

fn starts_expression(word: &Text) -> bool {
    matches!(word.known_start().chars().next(), Some('-' | '(' | '!' | ')' | ','))
}

impl<'a> Reader<'a> {
    fn new(words: &'a [Text], action: Option<usize>) -> Reader<'a> {
        Reader { words, at: 0, action, acting: Vec::new(), min_depth: 0, max_depth: None }
    }

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
                    no_directory: before.no_directory && row.no_directory,
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
                Some("-delete") if self.action.is_none() => self.acting.push(filter.clone()),
                Some("-exec" | "-execdir" | "-ok" | "-okdir") => {
                    if self.action == Some(self.at - 1) {
                        self.acting.push(filter.clone());
                    }
                    self.at = command_end(self.words, self.at) + 1;
                }
                Some("-empty") if !negated => filter.empty = true,
                Some(word) if IDLE.contains(&word) => {}
                Some(word) => {
                    let value = VALUED.contains(&word).then(|| self.words.get(self.at)).flatten();
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
            ("-type" | "-xtype", Some(kind)) if !negated => {
                let kind = kind.as_known();
                filter.no_directory |= kind.is_some_and(|kinds| !kinds.contains('d'));
                // Without its files nothing of a tree is worth keeping.
                filter.partial |= kind != Some("f");
            }
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
        match &filter.names {
            Some(names) => self.named(start, names).map(|path| (path, false)).collect(),
            None if filter.partial => vec![(below(start, "**"), false)],
            None if self.min_depth > 0 => {
                let mut pattern = Text::default();
                pattern.push(Piece::Glob("*".to_owned()));
                vec![(join(start, &pattern), true)]
            }
            None => vec![(start.clone(), true)],
        }
    }

    /// The paths below `start` with one of the names, as patterns.
    fn named(&self, start: &Text, names: &[Text]) -> impl Iterator<Item = Text> {
        let at_top = self.max_depth.is_some_and(|depth| depth <= 1);
        names.iter().flat_map(spellings).map(move |name| {
            let mut pattern = Text::default();
            if !at_top {
                pattern.push(Piece::Glob("**/".to_owned()));
            }
            pattern.append(&name);
            join(start, &pattern)
        })
    }
}

/// Where a command that begins at `from` ends: at `;`, or at `+` behind `{}`.
pub(in crate::actions) fn command_end(args: &[Text], from: usize) -> usize {
    let known = |at: usize| args.get(at).and_then(Text::as_known);
    (from..args.len())
        .find(|&at| {
            known(at) == Some(";") || at > from && known(at) == Some("+") && known(at - 1) == Some("{}")
        })
        .unwrap_or(args.len())
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
