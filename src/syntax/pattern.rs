//! Shell patterns against text: `${x#p}`, `${x/p/r}`.
//!
//! A pattern is run as a nondeterministic automaton, so that no pattern takes more than its length
//! times the text's. `!(…)` is not followed.

use std::cell::Cell;

use crate::model::{Piece, Text};

/// How deep groups may stand in groups.
const MAX_DEPTH: usize = 16;
/// The most steps that one search may take.
const MAX_STEPS: usize = 1 << 22;

/// Whether a pattern matches a whole text; `None` where it is not known.
pub fn matches(pattern: &Text, text: &str) -> Option<bool> {
    Pattern::new(pattern)?.start(text, true).map(|end| end == Some(text.len()))
}

/// A compiled pattern.
pub(super) struct Pattern {
    forward: Vec<Step>,
    backward: Vec<Step>,
    literal: Option<String>,
    /// It counts characters, of which the locale tells how many bytes make one.
    counts: bool,
    steps: Cell<usize>,
}

#[derive(Debug, Clone)]
enum Node {
    Char(char),
    Any,
    Star,
    Set(Set),
    Group(char, Vec<Vec<Node>>),
}

#[derive(Debug, Clone)]
enum Step {
    Char(char),
    Any,
    Set(Set),
    Split(usize, usize),
    Done,
}

#[derive(Debug, Clone)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
    classes: Vec<String>,
}

impl Pattern {
    /// `None` where the pattern is not wholly known, or too deep.
    pub(super) fn new(text: &Text) -> Option<Pattern> {
        if text.is_many() {
            return None;
        }
        let mut chars = Vec::new();
        for piece in text.pieces() {
            match piece {
                Piece::Known(known) => chars.extend(known.chars().map(|c| (c, false))),
                Piece::Glob(glob) => {
                    let mut rest = glob.chars();
                    while let Some(c) = rest.next() {
                        chars.push(match c {
                            '\\' => (rest.next().unwrap_or('\\'), false),
                            c => (c, true),
                        });
                    }
                }
                Piece::Hole(_) => return None,
            }
        }
        let counts = chars.iter().any(|(c, active)| *active && matches!(c, '?' | '['));
        let mut parser = Parser { chars, at: 0 };
        let nodes = parser.sequence(0)?;
        let mut forward = Vec::new();
        compile(&nodes, false, &mut forward);
        forward.push(Step::Done);
        let mut backward = Vec::new();
        compile(&nodes, true, &mut backward);
        backward.push(Step::Done);
        let literal = text.as_known().map(str::to_owned);
        Some(Pattern { forward, backward, literal, counts, steps: Cell::new(0) })
    }

    /// How much work the searches took so far.
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// The pattern's text, where nothing in it is active.
    pub(super) fn literal(&self) -> Option<&str> {
        self.literal.as_deref()
    }

    /// The length of the start of the text that it matches.
    pub(super) fn start(&self, text: &str, longest: bool) -> Option<Option<usize>> {
        self.run(&self.forward, text.chars(), longest)
    }

    /// The length of the end of the text that it matches.
    pub(super) fn end(&self, text: &str, longest: bool) -> Option<Option<usize>> {
        self.run(&self.backward, text.chars().rev(), longest)
    }

    /// How many bytes of the characters it matches.
    fn run(
        &self,
        program: &[Step],
        text: impl Iterator<Item = char>,
        longest: bool,
    ) -> Option<Option<usize>> {
        let mut current = Vec::new();
        let mut next = Vec::new();
        let mut seen = vec![usize::MAX; program.len()];
        let mut found = None;
        let mut length = 0;
        let mut text = text;
        let mut stack = Vec::new();
        for round in 0.. {
            let mut done = false;
            if round == 0 {
                stack.push(0);
            } else {
                stack.append(&mut next);
            }
            current.clear();
            while let Some(at) = stack.pop() {
                if std::mem::replace(&mut seen[at], round) == round {
                    continue;
                }
                match &program[at] {
                    Step::Split(a, b) => stack.extend([*a, *b]),
                    Step::Done => done = true,
                    _ => current.push(at),
                }
            }
            if done {
                found = Some(length);
                if !longest {
                    break;
                }
            }
            let steps = self.steps.get() + current.len() + 1;
            self.steps.set(steps);
            if steps > MAX_STEPS {
                return None;
            }
            if current.is_empty() {
                break;
            }
            let Some(c) = text.next() else { break };
            if self.counts && !c.is_ascii() {
                return None;
            }
            length += c.len_utf8();
            for at in &current {
                let fits = match &program[*at] {
                    Step::Char(wanted) => *wanted == c,
                    Step::Any => true,
                    Step::Set(set) => set.contains(c),
                    Step::Split(..) | Step::Done => false,
                };
                if fits {
                    next.push(at + 1);
                }
            }
        }
        Some(found)
    }
}

fn compile(nodes: &[Node], backward: bool, out: &mut Vec<Step>) {
    for i in 0..nodes.len() {
        match &nodes[if backward { nodes.len() - 1 - i } else { i }] {
            Node::Char(c) => out.push(Step::Char(*c)),
            Node::Any => out.push(Step::Any),
            Node::Set(set) => out.push(Step::Set(set.clone())),
            Node::Star => {
                let at = out.len();
                out.extend([Step::Split(at + 1, at + 3), Step::Any, Step::Split(at, at)]);
            }
            Node::Group(kind, choices) => {
                let start = out.len();
                out.push(Step::Done);
                let mut ends = Vec::new();
                let mut entries = Vec::new();
                for choice in choices {
                    entries.push(out.len());
                    compile(choice, backward, out);
                    ends.push(out.len());
                    out.push(Step::Done);
                }
                // A chain of splits leads to each choice, behind all of them.
                let mut enter = *entries.last().unwrap_or(&start);
                for entry in entries.iter().rev().skip(1) {
                    out.push(Step::Split(*entry, enter));
                    enter = out.len() - 1;
                }
                let exit = out.len() + 1;
                let again = matches!(kind, '*' | '+');
                out.push(Step::Split(if again { enter } else { exit }, exit));
                for end in ends {
                    out[end] = Step::Split(exit - 1, exit - 1);
                }
                let skip = if matches!(kind, '*' | '?') { exit } else { enter };
                out[start] = Step::Split(enter, skip);
            }
        }
    }
}

struct Parser {
    /// Characters, and whether they may be active.
    chars: Vec<(char, bool)>,
    at: usize,
}

impl Parser {
    fn active(&self, at: usize) -> Option<char> {
        self.chars.get(at).filter(|(_, active)| *active).map(|(c, _)| *c)
    }

    /// Up to the end or, in a group, to its `|` or `)`.
    fn sequence(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        while let Some((c, active)) = self.chars.get(self.at).copied() {
            if !active {
                nodes.push(Node::Char(c));
                self.at += 1;
                continue;
            }
            if "?*+@!".contains(c) && self.active(self.at + 1) == Some('(') {
                self.at += 2;
                nodes.push(self.group(c, depth)?);
                continue;
            }
            match c {
                '|' | ')' if depth > 0 => break,
                '(' => {
                    self.at += 1;
                    nodes.push(self.group('@', depth)?);
                }
                '*' => {
                    self.at += 1;
                    if !matches!(nodes.last(), Some(Node::Star)) {
                        nodes.push(Node::Star);
                    }
                }
                '?' => {
                    self.at += 1;
                    nodes.push(Node::Any);
                }
                '[' => nodes.push(self.set()),
                c => {
                    self.at += 1;
                    nodes.push(Node::Char(c));
                }
            }
        }
        Some(nodes)
    }

    fn group(&mut self, kind: char, depth: usize) -> Option<Node> {
        if depth >= MAX_DEPTH || kind == '!' {
            return None;
        }
        let mut choices = Vec::new();
        loop {
            choices.push(self.sequence(depth + 1)?);
            let end = self.active(self.at)?;
            self.at += 1;
            if end == ')' {
                return Some(Node::Group(kind, choices));
            }
        }
    }

    /// A bracket; a plain `[` where nothing closes it.
    fn set(&mut self) -> Node {
        let open = self.at;
        self.at += 1;
        let mut set = Set { negated: false, ranges: Vec::new(), classes: Vec::new() };
        if matches!(self.active(self.at), Some('!' | '^')) {
            set.negated = true;
            self.at += 1;
        }
        let first = self.at;
        while let Some((c, active)) = self.chars.get(self.at).copied() {
            if active && c == ']' && self.at > first {
                self.at += 1;
                return Node::Set(set);
            }
            if active
                && c == '['
                && let Some((end, class)) = self.class()
            {
                set.classes.push(class);
                self.at = end;
                continue;
            }
            let last = self.chars.get(self.at + 2).copied();
            match (self.active(self.at + 1), last) {
                (Some('-'), Some((last, active))) if !(active && last == ']') => {
                    set.ranges.push((c, last));
                    self.at += 3;
                }
                _ => {
                    set.ranges.push((c, c));
                    self.at += 1;
                }
            }
        }
        self.at = open + 1;
        Node::Char('[')
    }

    /// `[:alpha:]` at the cursor: where it ends, and its name.
    fn class(&self) -> Option<(usize, String)> {
        const LONGEST: usize = 16;
        (self.active(self.at + 1) == Some(':')).then_some(())?;
        let mut name = String::new();
        for at in self.at + 2..self.at + LONGEST {
            match self.chars.get(at)?.0 {
                ':' if self.active(at + 1) == Some(']') => return Some((at + 2, name)),
                c => name.push(c),
            }
        }
        None
    }
}

impl Set {
    fn contains(&self, c: char) -> bool {
        let inside = self.ranges.iter().any(|(a, b)| (*a..=*b).contains(&c))
            || self.classes.iter().any(|class| in_class(class, c));
        inside != self.negated
    }
}

fn in_class(class: &str, c: char) -> bool {
    match class {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "cntrl" => c.is_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        "word" => c.is_alphanumeric() || c == '_',
        "graph" => !c.is_control() && !c.is_whitespace(),
        "print" => !c.is_control(),
        "ascii" => c.is_ascii(),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> Pattern {
        let mut text = Text::default();
        text.push(Piece::Glob(source.into()));
        Pattern::new(&text).unwrap()
    }

    fn matches(pattern: &Pattern, text: &str) -> bool {
        pattern.start(text, true).unwrap() == Some(text.len())
    }

    #[test]
    fn matches_what_the_shell_matches() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[[:digit:]]", "7", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("@(a|ab)c", "abc", true),
            ("*(ab)", "ababab", true),
            ("*(ab)", "aba", false),
            ("+(ab)", "", false),
            ("?(ab)c", "c", true),
            ("?(ab)c", "ababc", false),
            ("+(a|b|)x", "abbax", true),
            ("*(*(a))b", "aab", true),
        ];
        for (source, text, expected) in cases {
            assert_eq!(matches(&pattern(source), text), expected, "{source} {text}");
        }
    }

    #[test]
    fn finds_starts_and_ends() {
        let path = "/opt/app/main.tar.gz";
        assert_eq!(pattern("*/").start(path, false), Some(Some(1)));
        assert_eq!(pattern("*/").start(path, true), Some(Some(9)));
        assert_eq!(pattern(".*").end(path, false), Some(Some(3)));
        assert_eq!(pattern(".*").end(path, true), Some(Some(7)));
        assert_eq!(pattern("x").end(path, true), Some(None));
        assert_eq!(pattern("@(ab|b)").end("ab", true), Some(Some(2)));
    }

    #[test]
    fn no_pattern_takes_forever() {
        let text = "a".repeat(5000);
        let hard = pattern(&("*a".repeat(200) + "b"));
        assert!(!matches(&hard, &text));
        let endless =
            pattern(&"*(*(*(a".repeat(4).chars().chain(")))".repeat(4).chars()).collect::<String>());
        assert!(matches(&endless, &text));
    }
}
