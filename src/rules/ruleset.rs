//! The rules that are in force: compiled packs with settings, decoded one by one when first met.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::Decision;

use super::arguments::Grammar;
use super::compile::{Prose, RULE, TOOL};
use super::condition::Condition;
use super::index::{self, Damage, Index, Key};
use super::schema::ToolFacts;

/// What a setting makes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// It is not held against anything.
    Off,
    /// It runs and is recorded.
    Warn,
    /// It is held until a human says yes.
    Confirm,
    /// It is refused.
    Deny,
}

impl Setting {
    /// The decision that it sets; `Allow` for `off`.
    pub fn decision(self) -> Decision {
        match self {
            Setting::Off => Decision::Allow,
            Setting::Warn => Decision::Warn,
            Setting::Confirm => Decision::Confirm,
            Setting::Deny => Decision::Deny,
        }
    }
}

/// Packs in compiled form, proved to be whole.
#[derive(Debug, Clone)]
pub struct CompiledPack {
    bytes: Cow<'static, [u8]>,
}

impl CompiledPack {
    /// Takes what [`super::compile()`] made, perhaps from a cache.
    pub fn new(bytes: Vec<u8>) -> Result<CompiledPack, Damage> {
        index::check(&bytes)?;
        Ok(CompiledPack { bytes: Cow::Owned(bytes) })
    }

    /// Takes what the build of this crate made.
    pub(super) fn from_build(bytes: &'static [u8]) -> CompiledPack {
        CompiledPack { bytes: Cow::Borrowed(bytes) }
    }

    /// The ids of its rules.
    pub fn ids(&self) -> impl Iterator<Item = String> + '_ {
        let prose = (0..self.index().len()).filter_map(|record| self.prose(record));
        prose.map(|prose| prose.id)
    }

    fn index(&self) -> Index<'_> {
        Index::new(&self.bytes)
    }

    /// A rule's condition, and the bytes of what is said about it; `None` for other records.
    fn rule(&self, record: usize) -> Option<(Condition, &[u8])> {
        let bytes = self.index().record(record);
        let ((RULE, when), prose) = postcard::take_from_bytes(bytes).ok()? else {
            return None;
        };
        Some((when, prose))
    }

    fn prose(&self, record: usize) -> Option<Prose> {
        postcard::from_bytes(self.rule(record)?.1).ok()
    }
}

/// The rules that are in force.
#[derive(Debug, Default)]
pub struct RuleSet {
    layers: Vec<Layer>,
    settings: BTreeMap<String, Setting>,
}

#[derive(Debug)]
struct Layer {
    pack: CompiledPack,
    /// What it knows of programs serves its own rules alone: what a project says of a program's
    /// grammar must not loosen the rules of others.
    closed: bool,
    records: Vec<OnceLock<Option<Box<Record>>>>,
}

/// A record that was met.
#[derive(Debug)]
enum Record {
    Rule(Decoded),
    Tool(ToolFacts),
}

impl Layer {
    /// A record, decoded when it is first met; `None` where its bytes are nothing.
    fn record(&self, number: usize) -> Option<&Record> {
        let decode = || {
            let bytes = self.pack.index().record(number);
            if bytes.first() == Some(&TOOL) {
                let (_, tool) = postcard::from_bytes::<(u8, ToolFacts)>(bytes).ok()?;
                return Some(Box::new(Record::Tool(tool)));
            }
            let (when, _) = self.pack.rule(number)?;
            let mut texts = Vec::new();
            when.each(&mut |condition| {
                if let Condition::Text(source) = condition {
                    texts.extend(Regex::new(source).ok().map(|regex| (source.clone(), regex)));
                }
            });
            Some(Box::new(Record::Rule(Decoded { when, texts })))
        };
        self.records.get(number)?.get_or_init(decode).as_deref()
    }
}

/// A rule's condition, ready to be held against actions.
#[derive(Debug)]
pub struct Decoded {
    /// The condition.
    pub when: Condition,
    /// The regular expressions in it, by their source; those that cannot be read are left out.
    pub texts: Vec<(String, Regex)>,
}

/// A rule in a set, by layer and record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleRef {
    layer: usize,
    record: usize,
}

impl RuleRef {
    /// The grammars of programs that this rule is held with: those of one layer besides the
    /// shared ones, or the shared ones alone.
    pub fn layer(self) -> usize {
        self.layer
    }
}

impl RuleSet {
    /// A set without rules.
    pub fn empty() -> RuleSet {
        RuleSet::default()
    }

    /// Adds packs whose author is trusted: built in, the system's, the user's.
    pub fn add(&mut self, pack: CompiledPack) {
        self.add_layer(pack, false);
    }

    /// Adds packs of a project, which may only tighten.
    pub fn add_project(&mut self, pack: CompiledPack) {
        self.add_layer(pack, true);
    }

    fn add_layer(&mut self, pack: CompiledPack, closed: bool) {
        let count = pack.index().len();
        let mut records = Vec::with_capacity(count);
        records.resize_with(count, OnceLock::new);
        self.layers.push(Layer { pack, closed, records });
    }

    /// Sets what becomes of a rule.
    pub fn set(&mut self, rule: &str, setting: Setting) {
        self.settings.insert(rule.to_owned(), setting);
    }

    /// The decision that is in force for a rule; `None` where there is no such rule.
    pub fn decision(&self, rule: &str) -> Option<Decision> {
        let prose = self.rule(rule)?;
        Some(self.settled(&prose))
    }

    /// A rule's decision as settings have it; `Allow` where it is off.
    pub(super) fn settled(&self, prose: &Prose) -> Decision {
        match self.settings.get(&prose.id) {
            Some(setting) => setting.decision(),
            None => prose.decision,
        }
    }

    /// What is said about the rule with this id.
    pub fn rule(&self, id: &str) -> Option<Prose> {
        let key = [Key::Id(id)];
        self.find(&key, || key.to_vec(), false)
            .into_iter()
            .filter_map(|rule| self.prose(rule))
            .find(|prose| prose.id == id)
    }

    /// What is said about each rule, built-in ones first.
    pub fn rules(&self) -> impl Iterator<Item = Prose> + '_ {
        self.all().filter_map(|rule| self.prose(rule))
    }

    /// Every rule.
    pub(super) fn all(&self) -> impl Iterator<Item = RuleRef> + '_ {
        let records = self.layers.iter().enumerate().flat_map(|(layer, layer_rules)| {
            (0..layer_rules.records.len()).map(move |record| RuleRef { layer, record })
        });
        records.filter(|rule| self.decoded(*rule).is_some())
    }

    /// The rules that stand under one of the keys, and perhaps others; closed layers have keys of
    /// their own. `frozen`: those too that count only in a freeze.
    pub(super) fn find<'k>(
        &self,
        open: &[Key<'k>],
        closed: impl Fn() -> Vec<Key<'k>>,
        frozen: bool,
    ) -> Vec<RuleRef> {
        let mut found = Vec::new();
        for (layer, rules) in self.layers.iter().enumerate() {
            let index = rules.pack.index();
            let is_rule = |record: &usize| index.record(*record).first() != Some(&TOOL);
            let own = rules.closed.then(&closed);
            for key in own.as_deref().unwrap_or(open) {
                let apart = frozen.then(|| index.find_frozen(*key)).into_iter().flatten();
                let records = index.find(*key).chain(apart).filter(is_rule);
                found.extend(records.map(|record| RuleRef { layer, record }));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a rule of an open layer may be about calls of a program by its name. `frozen`: or one
    /// that counts only in a freeze.
    pub fn names(&self, program: &str, frozen: bool) -> bool {
        let key = Key::AllOf(program);
        let open = self.layers.iter().filter(|layer| !layer.closed);
        open.map(|layer| layer.pack.index()).any(|index| {
            index.find(key).next().is_some() || frozen && index.find_frozen(key).next().is_some()
        })
    }

    /// A rule's condition; `None` where the record is none.
    pub(super) fn decoded(&self, rule: RuleRef) -> Option<&Decoded> {
        match self.layers.get(rule.layer)?.record(rule.record)? {
            Record::Rule(decoded) => Some(decoded),
            Record::Tool(_) => None,
        }
    }

    /// What is said about a rule; `None` where the record is none.
    pub(super) fn prose(&self, rule: RuleRef) -> Option<Prose> {
        self.layers.get(rule.layer)?.pack.prose(rule.record)
    }

    /// Whether a layer keeps its knowledge of programs to itself.
    pub(super) fn is_closed(&self, layer: usize) -> bool {
        self.layers.get(layer).is_some_and(|layer| layer.closed)
    }

    /// What is known of a program for the rules of a closed layer, or for all others.
    pub(super) fn grammar(&self, program: &str, closed: Option<usize>) -> Grammar<'_> {
        let mut out = Grammar::default();
        let key = Key::Tool(program);
        for (number, layer) in self.layers.iter().enumerate() {
            if layer.closed && closed != Some(number) {
                continue;
            }
            for record in layer.pack.index().find(key) {
                // Another key may share the hash; its record is a rule, or another program's.
                if let Some(Record::Tool(tool)) = layer.record(record)
                    && tool.program.iter().any(|name| name == program)
                {
                    out.add(tool);
                }
            }
        }
        out
    }
}
