//! Holds rules against one action: yes, no, or maybe where a word is unknown.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::actions;
use crate::model::{
    self, Action, Call, Decision, Effect, Evidence, EvidenceKind, Facts, Finding, Match, Piece, Place, Shape,
    Span, Text,
};

use super::arguments::{Arguments, First};
use super::call::{self, Hit, Sign};
use super::condition::Condition;
use super::finding::damaged;
use super::frozen;
use super::git::{self, WorkTree};
use super::glob;
use super::http;
use super::index::{self, Key};
use super::list::Pattern;
use super::path;
use super::paths::{self, Standing};
use super::production;
use super::ruleset::{Decoded, RuleRef, RuleSet};
use super::schema::{EnvTest, GitTest, PlaceWord};
use super::sql;

/// The rules that match an action, with their decisions as settings have them.
///
/// A `warn` that only may match is left out: it would warn of nothing. What only may match and an
/// exec will settle demands nothing now, and is an `allow`. `source` is the outermost source text,
/// which the action's spans point into.
pub fn findings(rules: &RuleSet, action: &Action, source: &str, facts: &dyn Facts) -> Vec<Finding> {
    let held = Held::new(rules, action, source, facts);
    let candidates = rules.find(&held.keys(true), || held.keys(false), held.is_frozen());
    hold(candidates, &held)
}

/// Holds the candidates against the action.
fn hold(candidates: impl IntoIterator<Item = RuleRef>, held: &Held<'_>) -> Vec<Finding> {
    let rules = held.rules;
    let mut out = Vec::new();
    for rule in candidates {
        let closed = Some(rule.layer()).filter(|layer| rules.is_closed(*layer));
        let own = match held.name() {
            Some(name) if closed.is_some() => held.arguments(Some(name), closed),
            _ => None,
        };
        let Some(decoded) = rules.decoded(rule) else {
            out.push(damaged(held));
            continue;
        };
        let view = View::new(held, own.as_ref(), decoded);
        let mut trace = Trace::default();
        let outcome = view.eval(&decoded.when, &mut 0, &mut trace);
        let mut matched = outcome.matched.and(held.action.certainty);
        if outcome.guessed && !outcome.firm {
            matched = Match::No;
        }
        if matched == Match::No {
            continue;
        }
        match rules.prose(rule) {
            Some(prose) => {
                let (decision, freeze) = held.demanded(&prose);
                let idle = decision == Decision::Warn && matched == Match::Maybe;
                if decision != Decision::Allow && !idle {
                    let waits = matched == Match::Maybe && held.waits(&decoded.when);
                    let decision = if waits { Decision::Allow } else { decision };
                    let prose = frozen::told(prose, freeze);
                    out.push(view.finding(prose, decision, matched, &trace));
                }
            }
            None => out.push(damaged(held)),
        }
    }
    out
}

/// An action with what is worked out of it at most once, for all rules.
pub(super) struct Held<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) action: &'a Action,
    pub(super) source: &'a str,
    pub(super) facts: &'a dyn Facts,
    /// The program's base name, where the action is a call.
    program: Option<Cow<'a, Text>>,
    /// Whether nothing at all is known of the program, and whether hardly anything is.
    unnamed: bool,
    guessed: bool,
    shared: OnceCell<Option<Arguments<'a>>>,
    standings: OnceCell<Vec<Standing>>,
    evidence: OnceCell<Vec<Evidence>>,
}

impl<'a> Held<'a> {
    pub(super) fn new(
        rules: &'a RuleSet,
        action: &'a Action,
        source: &'a str,
        facts: &'a dyn Facts,
    ) -> Held<'a> {
        let program = match &action.effect {
            Effect::Call(call) => Some(call::base_name(&call.program)),
            _ => None,
        };
        let of_program = |is: fn(&Text) -> bool| program.as_deref().is_some_and(is);
        let (unnamed, guessed) = (of_program(Text::is_opaque), of_program(says_little));
        let (shared, standings, evidence) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Held { rules, action, source, facts, program, unnamed, guessed, shared, standings, evidence }
    }

    /// The program's base name, where it is known.
    pub(super) fn name(&self) -> Option<&str> {
        self.program.as_ref()?.as_known()
    }

    /// Whether what a condition leaves open will be settled by an exec, which shows words, variables
    /// and files: not the source, nor what was seen in it, nor what is put into the standard input, nor that words came of a
    /// list of all that there is, nor what the script made before; and of a builtin there is none.
    fn waits(&self, when: &Condition) -> bool {
        if !self.action.settled {
            return false;
        }
        let call = self.call();
        let named = self.program.is_none() || self.name().is_some();
        let of_all = |word: &Text| word.holes().any(|hole| hole.shape == Shape::Every);
        let mut shown = true;
        when.each(&mut |condition| {
            shown &= match condition {
                Condition::Text(_) | Condition::Scratch(true) => false,
                // What a layer around the call says its exec does not show, nor where its words come from.
                Condition::Evidence(kinds) => {
                    self.action.via.is_empty() && !kinds.contains(&EvidenceKind::Credential)
                }
                Condition::Input(_) => !call.is_some_and(|call| call.input.is_given()),
                Condition::Every(_) => !call.is_some_and(|call| call.args.iter().any(of_all)),
                Condition::Program(names) => named || !names.iter().any(|name| actions::names_builtin(name)),
                _ => true,
            };
        });
        shown
    }

    /// The keys under which rules for the action stand. Those of a project's rules must not
    /// depend on `shared` grammar, since such rules have their own.
    fn keys(&self, shared: bool) -> Vec<Key<'_>> {
        let mut keys = Vec::with_capacity(5);
        keys.push(Key::Everything);
        match &self.action.effect {
            Effect::Call(call) => match self.name() {
                Some(name) if shared => {
                    keys.push(Key::EveryCall);
                    keys.extend(Key::stem(name));
                    if !self.rules.names(name, self.is_frozen()) {
                        return keys;
                    }
                    keys.push(Key::Program(name));
                    match self.shared().map(Arguments::first) {
                        Some(First::Word(word)) => {
                            keys.push(Key::Subcommand(name, word));
                        }
                        Some(First::Unknown) => keys.push(Key::AllOf(name)),
                        Some(First::None) | None => {}
                    }
                }
                Some(name) => {
                    keys.extend([Key::EveryCall, Key::AllOf(name)]);
                    keys.extend(Key::stem(name));
                }
                None if self.program.as_deref().is_some_and(names_blank) => keys.push(Key::Blank),
                None if self.unnamed => {
                    keys.push(Key::Unnamed);
                    keys.extend((!call.args.is_empty()).then_some(Key::Worded));
                    if call.args.iter().any(|word| word.known_start().starts_with('-')) {
                        keys.push(Key::Optioned);
                    }
                    keys.extend(call.args.iter().filter_map(Text::as_known).map(Key::Word));
                    keys.extend(call.args.iter().flat_map(|word| Key::word_stems(word.known_start())));
                }
                None => keys.push(Key::AllCalls),
            },
            Effect::Request(request) => match request.host.as_known() {
                Some(host) => keys.extend([Key::host(host), Key::EveryRequest]),
                None => keys.push(Key::AllRequests),
            },
            Effect::Path(effect) => keys.extend([Key::EveryPath, Key::Path(effect.op)]),
            Effect::Statement(_) => keys.push(Key::Statement),
            Effect::Opaque(_) | Effect::Unprovable(_) => {}
        }
        keys
    }

    /// The keys of all rules that name its program, or are about its kind; none where the program
    /// is not known.
    pub(super) fn keys_of_all(&self) -> Vec<Key<'_>> {
        match (&self.action.effect, self.name()) {
            (Effect::Call(_), Some(name)) => vec![Key::AllOf(name)],
            (Effect::Call(_), None) => Vec::new(),
            _ => self.keys(true).into_iter().filter(|key| *key != Key::Everything).collect(),
        }
    }

    /// The arguments as the grammars that all share read them.
    fn shared(&self) -> Option<&Arguments<'a>> {
        let read = || self.arguments(self.name(), None);
        self.shared.get_or_init(read).as_ref()
    }

    pub(super) fn call(&self) -> Option<&'a Call> {
        match &self.action.effect {
            Effect::Call(call) => Some(call),
            _ => None,
        }
    }

    pub(super) fn arguments(&self, name: Option<&str>, closed: Option<usize>) -> Option<Arguments<'a>> {
        let tool = name.map(|name| self.rules.grammar(name, closed)).unwrap_or_default();
        Some(Arguments::read(self.call()?, tool))
    }

    /// What was seen beside.
    pub(super) fn evidence(&self) -> &[Evidence] {
        self.evidence.get_or_init(|| {
            let mut found = self.action.evidence.clone();
            found.extend(production::names(self.action, self.shared(), self.source, self.facts));
            found
        })
    }

    pub(super) fn standings(&self) -> &[Standing] {
        self.standings.get_or_init(|| match &self.action.effect {
            Effect::Path(effect) => {
                let (directory, local) = (&self.action.directory, self.action.place.is_local());
                let mut standings = paths::standings(&effect.path, directory, local, self.facts);
                if path::follows(effect.op) {
                    standings = paths::followed(standings, self.facts);
                }
                paths::look_elsewhere(&mut standings, effect.op, effect.recursive, self.facts);
                let path = model::absolute(directory, &effect.path).unwrap_or_default();
                if self.action.absent.iter().any(|gone| model::is_at_or_below(&path, gone)) {
                    paths::vacate(&mut standings);
                }
                // What was copied is kept as what git has is.
                let copied = |kept: &model::Kept| !kept.tree && model::is_at_or_below(&path, &kept.path);
                if self.action.kept.iter().any(copied) {
                    paths::keep(&mut standings);
                }
                standings
            }
            _ => Vec::new(),
        })
    }
}

/// What a condition came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Outcome {
    pub(super) matched: Match,
    /// Something that the rule asks for besides the program or host stands there for certain.
    pub(super) firm: bool,
    /// The program or host is wholly unknown: without something firm that matches nothing.
    pub(super) guessed: bool,
}

impl From<Match> for Outcome {
    fn from(matched: Match) -> Outcome {
        Outcome { matched, ..Outcome::default() }
    }
}

/// What made a rule match.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Indices of the arguments.
    pub(super) words: Vec<usize>,
    /// The word after the subcommand.
    pub(super) start: usize,
    /// What a regular expression matched.
    pub(super) text: Option<Span>,
}

/// One rule before one action.
pub(super) struct View<'h, 'a> {
    pub(super) held: &'h Held<'a>,
    pub(super) arguments: Option<&'h Arguments<'a>>,
    tree: OnceCell<WorkTree>,
    decoded: &'h Decoded,
}

impl<'h, 'a> View<'h, 'a> {
    /// `own`: the arguments as the rule's layer reads them, where it has a reading of its own.
    pub(super) fn new(
        held: &'h Held<'a>,
        own: Option<&'h Arguments<'a>>,
        decoded: &'h Decoded,
    ) -> View<'h, 'a> {
        View { held, arguments: own.or_else(|| held.shared()), tree: OnceCell::new(), decoded }
    }

    /// `start`: the word after the subcommand of the tables around.
    pub(super) fn eval(&self, condition: &Condition, start: &mut usize, trace: &mut Trace) -> Outcome {
        match condition {
            Condition::All(all) => {
                let mut start = *start;
                let mut out = Outcome::from(Match::Yes);
                for condition in all {
                    let one = self.eval(condition, &mut start, trace);
                    out = Outcome {
                        matched: out.matched.and(one.matched),
                        firm: out.firm || one.firm,
                        guessed: out.guessed || one.guessed,
                    };
                    if out.matched == Match::No {
                        return Outcome::default();
                    }
                }
                out
            }
            Condition::Any(any) => {
                let sound = |o: &Outcome| (o.matched, o.firm || !o.guessed);
                let mut best = Outcome::default();
                for condition in any {
                    let mut own = Trace::default();
                    let one = self.eval(condition, &mut start.clone(), &mut own);
                    if sound(&one) > sound(&best) {
                        best = one;
                        trace.words.append(&mut own.words);
                        trace.start = trace.start.max(own.start);
                        trace.text = trace.text.or(own.text);
                    }
                }
                best
            }
            Condition::Not(inner) => {
                let one = self.eval(inner, &mut start.clone(), &mut Trace::default());
                one.matched.negate().into()
            }
            Condition::Program(names) => self.program(names),
            Condition::Input(wanted) => match self.held.call() {
                Some(call) => Match::from(call.input.is_given() == *wanted).into(),
                None => Outcome::default(),
            },
            Condition::Env(test) => self.env(test).into(),
            Condition::Path(test) => match &self.held.action.effect {
                Effect::Path(effect) => path::path(test, effect, || self.held.standings()).into(),
                _ => Outcome::default(),
            },
            Condition::Http(test) => match &self.held.action.effect {
                Effect::Request(request) => {
                    let here = !matches!(self.held.action.place, Place::Remote(_));
                    let hit = http::http(test, request, here);
                    Outcome { matched: hit.matched, firm: hit.firm, guessed: hit.guessed }
                }
                _ => Outcome::default(),
            },
            Condition::Sql(test) => match &self.held.action.effect {
                Effect::Statement(statement) => sql::sql(test, statement).into(),
                _ => Outcome::default(),
            },
            Condition::Git(test) => self.git(test, *start).into(),
            Condition::Place(places) => Match::from(places.contains(&self.place())).into(),
            Condition::Scratch(wanted) => Match::from(self.held.action.scratch == *wanted).into(),
            Condition::Evidence(kinds) => {
                Match::from(self.held.evidence().iter().any(|seen| kinds.contains(&seen.kind))).into()
            }
            Condition::Text(source) => self.text(source, trace).into(),
            _ => self.arguments_leaf(condition, start, trace),
        }
    }

    fn git(&self, test: &GitTest, start: usize) -> Match {
        let mut matched = git::git(test, self.tree());
        let (action, facts) = (self.held.action, self.held.facts);
        if let (Some(wanted), Some(arguments)) = (test.linked, self.arguments) {
            let linked = git::linked(action, arguments, start, facts);
            return if wanted { linked } else { linked.negate() };
        }
        let (Some(arguments), WorkTree::Known(_)) = (self.arguments, self.tree()) else {
            return matched;
        };
        let is = |wanted: bool, holds: Match| if wanted { holds } else { holds.negate() };
        if let Some(wanted) = test.named.or(test.settled).filter(|_| matched != Match::No) {
            matched = matched.and(is(wanted, git::named(test, action, arguments, start, facts)));
        }
        if let Some(wanted) = test.unkept.filter(|_| matched != Match::No) {
            matched = matched.and(is(wanted, git::unkept(action, arguments, start, facts)));
        }
        matched
    }

    fn program(&self, names: &[Pattern]) -> Outcome {
        let Some(program) = &self.held.program else {
            return Outcome::default();
        };
        Outcome {
            matched: match self.held.unnamed {
                true => Match::Maybe,
                false => glob::any(names, program),
            },
            firm: false,
            guessed: self.held.guessed,
        }
    }

    /// The leaves that look at a call's arguments.
    fn arguments_leaf(&self, condition: &Condition, start: &mut usize, trace: &mut Trace) -> Outcome {
        let Some(arguments) = self.arguments else {
            return Outcome::default();
        };
        let told = *start > 0;
        let mut hit = |hit: Hit| {
            trace.words.extend(hit.word.filter(|_| hit.matched != Match::No));
            // One letter is an option of nearly every program, but not of every subcommand.
            let letter = |at: usize| {
                let word = arguments.words.get(at).map_or("", Text::known_start);
                word.len() > 1 && word.starts_with('-') && !word.starts_with("--")
            };
            let firm = hit.matched == Match::Yes && (told || !hit.word.is_some_and(letter));
            Outcome { matched: hit.matched, firm, guessed: false }
        };
        match condition {
            Condition::Subcommand(alternatives) => {
                // That an unknown program may be told anything by unknown words tells nothing.
                if self.held.unnamed && !call::mentions(arguments, alternatives) {
                    return Outcome::default();
                }
                let (matched, end) = call::subcommand(arguments, alternatives);
                *start = end;
                trace.start = end;
                // `d` is the delete of one program, and anything to the others.
                let last = end.checked_sub(1).and_then(|last| arguments.words.get(last));
                let is_letter = last.is_some_and(|word| word.known_start().len() < 2);
                Outcome { matched, firm: matched == Match::Yes && !is_letter, guessed: false }
            }
            Condition::Flag(flags) => hit(call::flag(arguments, flags)),
            Condition::WithoutFlag(flags) => call::flag(arguments, flags).matched.negate().into(),
            Condition::Option(test) => {
                let mut outcome = hit(call::option(arguments, test));
                let says = !test.value.is_empty() && !test.value.iter().any(Pattern::is_anything);
                outcome.firm |= outcome.matched == Match::Yes && says;
                outcome
            }
            Condition::Arg(patterns) | Condition::Written(patterns) | Condition::Literal(patterns) => {
                let sign = match condition {
                    Condition::Written(_) => Sign::Written,
                    Condition::Literal(_) => Sign::Literal,
                    _ => Sign::Any,
                };
                let mut outcome = hit(call::arg(arguments, *start, patterns, sign));
                outcome.firm &= !patterns.iter().any(Pattern::is_anything);
                outcome
            }
            Condition::Every(wanted) => {
                let mut outcome = hit(call::every(arguments, *start));
                outcome.matched = if *wanted { outcome.matched } else { outcome.matched.negate() };
                outcome
            }
            Condition::Args(test) => call::args(arguments, *start, test).into(),
            _ => Outcome::default(),
        }
    }

    fn env(&self, test: &EnvTest) -> Match {
        let each = test.name.iter().map(|name| {
            let value = match self.held.action.set(name) {
                Some(value) => value.clone(),
                None => match self.held.facts.env(name) {
                    Some(value) => Text::known(value),
                    None => return Match::No,
                },
            };
            match test.value.is_empty() {
                true => Match::Yes,
                false => glob::any(&test.value, &value),
            }
        });
        each.max().unwrap_or_default()
    }

    pub(super) fn tree(&self) -> &WorkTree {
        let held = self.held;
        self.tree.get_or_init(|| git::work_tree(held.action, self.arguments, held.facts))
    }

    pub(super) fn place(&self) -> PlaceWord {
        match self.held.action.place {
            Place::Local => PlaceWord::Local,
            Place::Privileged => PlaceWord::Privileged,
            Place::Remote(_) => PlaceWord::Remote,
            Place::Container(_) => PlaceWord::Container,
        }
    }

    /// An expression that cannot be read may match anything.
    fn text(&self, source: &str, trace: &mut Trace) -> Match {
        match self.decoded.texts.iter().find(|(text, _)| text == source) {
            None => Match::Maybe,
            Some((_, regex)) => {
                let found = regex.find(self.held.source);
                trace.text = found.map(|found| Span::new(found.start(), found.end()));
                found.is_some().into()
            }
        }
    }
}

/// Whether a blank surely stands in a name.
fn names_blank(name: &Text) -> bool {
    name.pieces().iter().any(|piece| matches!(piece, Piece::Known(text) if index::has_blank(text)))
}

/// Whether hardly a letter or digit of a word is known: `$x`, `a[$i]`. Of `?m` enough is, since few
/// programs have such a name.
fn says_little(word: &Text) -> bool {
    const ENOUGH: usize = 3;
    let (mut known, mut is_open) = (0, false);
    for piece in word.pieces() {
        match piece {
            Piece::Known(text) => known += text.bytes().filter(u8::is_ascii_alphanumeric).count(),
            Piece::Hole(_) => is_open = true,
            Piece::Glob(pattern) => is_open |= pattern.contains('['),
        }
    }
    known == 0 || is_open && known < ENOUGH
}

/// What [`findings`] would be without the index.
#[cfg(test)]
pub(super) fn findings_of_all(rules: &RuleSet, action: &Action, facts: &dyn Facts) -> Vec<Finding> {
    hold(rules.all(), &Held::new(rules, action, "", facts))
}
