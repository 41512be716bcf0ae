//! Makefiles: variables, rules and the recipes that a goal leads to, as far as make's own language
//! is constant. What is not becomes unknown.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::expand::{Automatic, UNKNOWN};
use crate::actions::masked::has_hole;
use crate::actions::wrappers::is_one_of;

/// More goals of one call than these are not followed.
const GOALS: usize = 1000;
/// Source that make's own functions give is read this deep.
const READS: usize = 6;
/// In longer lines no comment is looked for.
const LINE: usize = 1 << 16;

/// What a variable holds.
#[derive(Clone)]
pub(super) struct Variable {
    pub value: String,
    /// It was expanded when it was set.
    pub simple: bool,
    /// The command line set it: the file does not change it.
    fixed: bool,
}

impl Variable {
    pub fn simple(value: impl Into<String>) -> Variable {
        Variable { value: value.into(), simple: true, fixed: false }
    }
}

/// An assignment in a file: name, operator, value.
type Assignment = (String, String, String);

#[derive(Default)]
struct Rule {
    targets: Vec<String>,
    /// `%.o` in `a.o b.o: %.o: %.c`, and what stands in front of the colon of a pattern rule.
    pattern: Option<String>,
    prerequisites: Vec<String>,
    variables: Vec<Assignment>,
    recipe: Vec<(String, Range<usize>)>,
}

/// Whether what stands between a condition and its end counts.
#[derive(Clone, Copy, PartialEq)]
enum Branch {
    Taken,
    Perhaps,
    /// It does not; a later branch may.
    Not,
    /// It does not, since another was taken.
    Done,
}

/// A makefile that was read.
pub(super) struct Makefile<'a> {
    pub variables: HashMap<String, Variable>,
    /// Variables that recipes get in their environment.
    pub exported: HashSet<String>,
    /// A variable of the environment that make was given.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Some of it could not be read: what is not defined may be.
    pub partial: bool,
    /// What make ran for a shell function, or `!=`, since this was last emptied.
    pub ran: Vec<Step>,
    rules: Vec<Rule>,
    branches: Vec<Branch>,
    reached: HashSet<String>,
    /// The lines of the source that are being read.
    pub at: Range<usize>,
    /// How deep the source stands that is being read.
    reads: usize,
    /// How many expansions there were.
    pub steps: usize,
}

/// A recipe's line, or what make ran itself for no goal.
pub(super) struct Step {
    pub goal: String,
    pub source: String,
    /// The lines of the source where it stands.
    pub lines: Range<usize>,
}

impl<'a> Makefile<'a> {
    pub fn new(
        given: &[(String, String)],
        partial: bool,
        environment: &'a dyn Fn(&str) -> Option<String>,
    ) -> Makefile<'a> {
        let fixed = |(name, value): &(String, String)| {
            (name.clone(), Variable { value: value.clone(), simple: false, fixed: true })
        };
        Makefile {
            variables: given.iter().map(fixed).collect(),
            exported: given.iter().map(|(name, _)| name.clone()).collect(),
            environment,
            partial,
            ran: Vec::new(),
            rules: Vec::new(),
            branches: Vec::new(),
            reached: HashSet::new(),
            at: 0..0,
            reads: 0,
            steps: 0,
        }
    }

    /// Reads more source.
    pub fn read(&mut self, text: &str) {
        if self.reads == READS {
            self.partial = true;
            return;
        }
        self.reads += 1;
        self.lines(text);
        self.reads -= 1;
    }

    fn lines(&mut self, text: &str) {
        let mut lines = text.lines().zip(1..);
        let mut in_rule = false;
        while let Some((first, number)) = lines.next() {
            let mut line = first.to_owned();
            let mut end = number;
            let recipe = in_rule && first.starts_with('\t');
            while line.ends_with('\\')
                && let Some((next, number)) = lines.next()
            {
                end = number;
                if recipe {
                    line.push('\n');
                    line.push_str(next.strip_prefix('\t').unwrap_or(next));
                } else {
                    line.pop();
                    line.push(' ');
                    line.push_str(next.trim_start());
                }
            }
            // What a macro gives stands where the macro is called.
            if self.reads == 1 {
                self.at = number - 1..end;
            }
            if recipe {
                if self.counts()
                    && let Some(rule) = self.rules.last_mut()
                {
                    rule.recipe.push((line[1..].to_owned(), self.at.clone()));
                }
                continue;
            }
            let line = uncommented(&line).trim();
            if line.is_empty() || self.conditional(line) || !self.counts() {
                continue;
            }
            if let Some(head) = line.strip_prefix("define ") {
                let body = lines.by_ref().map(|(line, _)| line);
                let body: Vec<&str> = body.take_while(|line| line.trim_start() != "endef").collect();
                let name = head.trim_end_matches(['=', ':', '?', '+', ' ']).trim().to_owned();
                self.set(&(name, "=".to_owned(), body.join("\n")));
                continue;
            }
            in_rule = self.line(line);
        }
    }

    /// Whether the current line may count.
    fn counts(&self) -> bool {
        self.branches.iter().all(|branch| matches!(branch, Branch::Taken | Branch::Perhaps))
    }

    /// `ifeq`, `else`, `endif`.
    fn conditional(&mut self, line: &str) -> bool {
        let (word, rest) = line.split_once([' ', '\t', '(']).unwrap_or((line, ""));
        let rest = if line[word.len()..].starts_with('(') { &line[word.len()..] } else { rest.trim() };
        match word {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let holds = if self.counts() { self.holds(word, rest) } else { Some(false) };
                self.branches.push(match holds {
                    Some(true) => Branch::Taken,
                    Some(false) => Branch::Not,
                    None => Branch::Perhaps,
                });
            }
            "else" => {
                let Some(before) = self.branches.pop() else {
                    return true;
                };
                let after = match before {
                    Branch::Taken | Branch::Done => Branch::Done,
                    Branch::Perhaps => Branch::Perhaps,
                    Branch::Not => Branch::Taken,
                };
                if after == Branch::Taken && rest.starts_with("if") {
                    self.conditional(rest);
                } else {
                    self.branches.push(after);
                }
            }
            "endif" => drop(self.branches.pop()),
            _ => return false,
        }
        true
    }

    fn holds(&mut self, word: &str, rest: &str) -> Option<bool> {
        if let "ifdef" | "ifndef" = word {
            let name = self.expand(rest, &Automatic::default());
            let value = self.value(name.trim(), &Automatic::default());
            let set = (!value.contains(UNKNOWN)).then_some(!value.is_empty())?;
            return Some(set == (word == "ifdef"));
        }
        let inner = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let (left, right) = match inner {
            Some(inner) => super::expand::split(inner, ',')
                .split_first()
                .map(|(first, more)| (*first, more.join(",")))?,
            None => {
                let quote = rest.chars().next()?;
                let (left, right) = rest[1..].split_once(quote)?;
                (left, right.trim().trim_matches(['"', '\'']).to_owned())
            }
        };
        let left = self.expand(left, &Automatic::default());
        let right = self.expand(right.trim(), &Automatic::default());
        if [&left, &right].iter().any(|side| has_hole(side) || side.contains("$(")) {
            return None;
        }
        Some((left.trim() == right.trim()) == (word == "ifeq"))
    }

    /// An assignment, a rule or an expression; whether a recipe may follow.
    fn line(&mut self, line: &str) -> bool {
        let mut line = line;
        let mut exports = false;
        while let Some((word, rest)) = line.split_once([' ', '\t'])
            && is_one_of(word, "export override private unexport")
        {
            exports |= word == "export";
            line = rest.trim_start();
        }
        match divide(line) {
            Some((name, operator, value)) if operator != ":" => {
                let name = self.expand(name, &Automatic::default());
                if exports {
                    self.exported.insert(name.trim().to_owned());
                }
                self.set(&(name.trim().to_owned(), operator.to_owned(), value.to_owned()));
                false
            }
            Some((targets, _, rest)) => {
                self.rule(targets, rest);
                true
            }
            None if exports => {
                let names = self.expand(line, &Automatic::default());
                self.exported.extend(names.split_whitespace().map(str::to_owned));
                false
            }
            // What a macro gives may be anything.
            None => {
                let text = self.expand(line, &Automatic::default());
                if text.contains(UNKNOWN) {
                    self.partial = true;
                } else if text.contains([':', '=']) && text != line {
                    self.read(&text);
                }
                false
            }
        }
    }

    fn set(&mut self, (name, operator, value): &Assignment) {
        let before = self.variables.get(name).cloned();
        if before.as_ref().is_some_and(|before| before.fixed) {
            return;
        }
        let simple = match operator.as_str() {
            "+=" => before.as_ref().is_some_and(|before| before.simple),
            operator => operator.contains(':') || operator == "!=",
        };
        let mut value = if simple { self.expand(value, &Automatic::default()) } else { value.clone() };
        match operator.as_str() {
            "?=" if before.is_some() || (self.environment)(name).is_some() => return,
            "+=" => {
                let before = before.map(|before| before.value).or_else(|| (self.environment)(name));
                value = before.map_or(value.clone(), |before| format!("{before} {value}"));
            }
            "!=" => {
                value = format!("$({value})");
                self.run(&value[2..value.len() - 1]);
            }
            _ => {}
        }
        if self.branches.contains(&Branch::Perhaps) {
            value = UNKNOWN.to_string();
        }
        self.variables.insert(name.clone(), Variable { value, simple, fixed: false });
    }

    fn rule(&mut self, targets: &str, rest: &str) {
        let rest = rest.trim_start_matches(':');
        let (rest, inline) = match super::expand::split(rest, ';').as_slice() {
            [one] => ((*one).to_owned(), None),
            [first, more @ ..] => ((*first).to_owned(), Some(more.join(";").trim_start().to_owned())),
            [] => (String::new(), None),
        };
        let targets = self.expand(targets.trim_end_matches('&'), &Automatic::default());
        let mut rule = Rule {
            targets: targets.split_whitespace().map(str::to_owned).collect(),
            recipe: inline.into_iter().map(|line| (line, self.at.clone())).collect(),
            ..Rule::default()
        };
        match divide(&rest) {
            Some((name, operator, value)) if operator != ":" => {
                rule.variables.push((name.trim().to_owned(), operator.to_owned(), value.to_owned()));
            }
            static_pattern => {
                let (pattern, prerequisites) = match static_pattern {
                    Some((pattern, _, more)) => (Some(pattern.trim().to_owned()), more),
                    None => (None, rest.as_str()),
                };
                let prerequisites = self.expand(prerequisites, &Automatic::default());
                let words = prerequisites.split_whitespace().filter(|word| *word != "|");
                rule.prerequisites = words.map(str::to_owned).collect();
                rule.pattern = pattern;
            }
        }
        self.rules.push(rule);
    }

    /// Notes that make runs a command itself.
    pub fn run(&mut self, command: &str) {
        self.ran.push(Step { goal: String::new(), source: command.to_owned(), lines: self.at.clone() });
    }

    /// The goal where none is given.
    pub fn default_goal(&mut self) -> Option<String> {
        if let Some(goal) = self.variables.get(".DEFAULT_GOAL") {
            return Some(goal.value.trim().to_owned());
        }
        let mut targets =
            self.rules.iter().filter(|rule| rule.variables.is_empty()).flat_map(|rule| &rule.targets);
        targets
            .find(|target| !target.contains('%') && (!target.starts_with('.') || target.contains('/')))
            .cloned()
    }

    /// Whether the lines of a recipe are one script.
    pub fn in_one_shell(&self) -> bool {
        self.rules.iter().any(|rule| rule.targets.iter().any(|target| target == ".ONESHELL"))
    }

    /// Adds what is run to reach a goal: first what it needs.
    pub fn reach(&mut self, goal: &str, steps: &mut Vec<Step>) {
        if self.reached.len() >= GOALS || !self.reached.insert(goal.to_owned()) {
            return;
        }
        let mut needed = Vec::new();
        let mut specific = Vec::new();
        let mut recipe = (None, Vec::new());
        let named = |rule: &&Rule| rule.targets.iter().any(|target| target == goal);
        for rule in self.rules.iter().filter(named) {
            let stem = rule.pattern.as_deref().and_then(|pattern| stem_of(goal, pattern));
            specific.extend(rule.variables.iter().cloned());
            let words = rule.prerequisites.iter().map(|word| filled(word, stem));
            needed.extend(words);
            if !rule.recipe.is_empty() {
                recipe = (stem.map(str::to_owned), rule.recipe.clone());
            }
        }
        if recipe.1.is_empty() {
            let matching =
                self.rules.iter().filter(|rule| !rule.recipe.is_empty()).find_map(|rule| {
                    Some((rule, rule.targets.iter().find_map(|target| stem_of(goal, target))?))
                });
            if let Some((rule, stem)) = matching {
                let own = rule.prerequisites.iter().map(|word| filled(word, Some(stem)));
                needed.splice(0..0, own);
                recipe = (Some(stem.to_owned()), rule.recipe.clone());
            }
        }
        let saved = (!specific.is_empty()).then(|| self.variables.clone());
        for assignment in &specific {
            self.set(assignment);
        }
        for need in &needed {
            self.reach(need, steps);
        }
        let automatic = Automatic {
            target: goal.to_owned(),
            needed,
            stem: recipe.0.unwrap_or_default(),
            args: Vec::new(),
        };
        let mut sources: Vec<(String, Range<usize>)> = Vec::new();
        for (line, lines) in recipe.1 {
            self.at = lines.clone();
            let expanded = self.expand(&line, &automatic);
            let commands = expanded.split_inclusive('\n').fold(Vec::new(), continued);
            sources.extend(commands.into_iter().map(|command| (command, lines.clone())));
        }
        if self.in_one_shell()
            && let (Some((_, first)), Some((_, last))) = (sources.first(), sources.last())
        {
            let lines = first.start..last.end;
            let all: Vec<String> = sources.into_iter().map(|(source, _)| source).collect();
            sources = vec![(all.join("\n"), lines)];
        }
        for (source, lines) in sources {
            let source = source.trim_start_matches(['@', '-', '+', ' ', '\t']).to_owned();
            steps.push(Step { goal: goal.to_owned(), source, lines });
        }
        if let Some(saved) = saved {
            self.variables = saved;
        }
    }
}

/// A line, or more of the one before where that ends with a backslash.
fn continued(mut lines: Vec<String>, line: &str) -> Vec<String> {
    match lines.last_mut() {
        Some(last) if last.ends_with("\\\n") => last.push_str(line),
        _ => lines.push(line.to_owned()),
    }
    lines
}

/// Without a comment.
fn uncommented(line: &str) -> &str {
    if line.len() > LINE {
        return line;
    }
    let ends = line.match_indices('#').map(|(at, _)| at);
    let mut ends = ends.filter(|at| !line[..*at].ends_with('\\') && !line[..*at].contains("$(shell"));
    ends.next().map_or(line, |at| &line[..at])
}

/// An assignment or a rule: what stands before the operator, the operator, what stands behind it.
fn divide(line: &str) -> Option<(&str, &str, &str)> {
    let mut depth = 0usize;
    for (at, c) in line.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            '=' if depth == 0 => {
                let start = at - usize::from(line[..at].ends_with(['?', '+', '!']));
                return Some((&line[..start], &line[start..=at], line[at + 1..].trim()));
            }
            ':' if depth == 0 => {
                let rest = line[at..].trim_start_matches(':');
                let end = line.len() - rest.len();
                return Some(match rest.strip_prefix('=') {
                    Some(value) => (&line[..at], &line[at..=end], value.trim()),
                    None => (&line[..at], ":", &line[at + 1..]),
                });
            }
            _ => {}
        }
    }
    None
}

/// What `%` stands for where a pattern matches.
pub(super) fn stem_of<'w>(word: &'w str, pattern: &str) -> Option<&'w str> {
    let (before, behind) = pattern.split_once('%')?;
    word.strip_prefix(before)?.strip_suffix(behind)
}

/// A pattern with what `%` stands for.
pub(super) fn filled(pattern: &str, stem: Option<&str>) -> String {
    match stem {
        Some(stem) => pattern.replacen('%', stem, 1),
        None => pattern.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the goal `x` runs.
    fn steps(source: &str) -> String {
        let environment = |_: &str| None;
        let mut makefile = Makefile::new(&[("GIVEN".into(), "y".into())], false, &environment);
        makefile.read(source);
        let mut steps = Vec::new();
        makefile.reach("x", &mut steps);
        steps.iter().map(|step| step.source.trim_end()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn expands_what_is_constant() {
        for (source, wanted) in [
            ("A = $(B)c\nB := b\nx:\n\t@echo $(A) $$HOME", "echo bc $HOME"),
            ("GIVEN = no\nx:\n\techo $(GIVEN)", "echo y"),
            ("A ?= 1\nA += 2\nx: ; echo $(A)", "echo 1 2"),
            (
                "S = a.c b.c\nx: $(S:.c=.o)\n\tcc $^ -o $@\n%.o: %.c\n\tcc -c $<",
                "cc -c a.c|cc -c b.c|cc a.o b.o -o x",
            ),
            ("ifeq ($(GIVEN),y)\nA = 1\nelse\nA = 2\nendif\nx:\n\techo $(A)", "echo 1"),
            ("d = rm $(1)\nx:\n\t$(call d,f)", "rm f"),
            ("define R\n$(1):\n\techo $(1)\nendef\n$(eval $(call R,x))", "echo x"),
            ("x: A = 1\nx:\n\techo $(A) $(UNSET).", "echo 1 ."),
            ("x:\n\techo $(shell pwd)/$(notdir a/b)", "echo $(pwd)/b"),
        ] {
            assert_eq!(steps(source), wanted, "{source}");
        }
    }

    #[test]
    fn a_makefile_that_grows_without_end_is_not_known() {
        let doubled: String = (0..40).map(|at| format!("V{at} = $(V{0})$(V{0})\n", at + 1)).collect();
        assert!(steps(&format!("{doubled}x:\n\techo $(V0)")).starts_with("echo"));
        assert_eq!(steps("define X\n$(eval $(X))\nendef\n$(X)\nx:\n\techo $(X)"), "echo");
    }
}
