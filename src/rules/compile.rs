//! Packs to bytes: what the build does for the built-in packs and a cache for a user's.

use serde::{Deserialize, Serialize};

use crate::model::{Decision, Scope, Severity};

use super::index::{self, Key, Record};
use super::pack::{Pack, Rule};
use super::schema::{Resource, Undo};

/// The first byte of a record: it is a rule, its condition and then what is said about it.
pub const RULE: u8 = 0;
/// The first byte of a record: it is what a pack knows of programs.
pub const TOOL: u8 = 1;

/// What is said about a rule; its condition stands before it in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prose {
    /// `railway.volume-delete`.
    pub id: String,
    /// What happens.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What guard does, where no setting says otherwise and what is lost cannot be kept.
    pub decision: Decision,
    /// What it is about.
    pub scope: Vec<Scope>,
    /// It counts only while that is frozen.
    pub only_frozen: bool,
    /// Why it is bad.
    pub why: String,
    /// What to do instead.
    pub safer: Vec<String>,
    /// What can be kept first.
    pub undo: Option<Undo>,
    /// What is lost, by name.
    pub resource: Option<Resource>,
}

impl From<&Rule> for Prose {
    fn from(rule: &Rule) -> Prose {
        // A loss that can be kept may happen unasked only once it is kept.
        let least = match rule.undo {
            Some(_) => Decision::Confirm,
            None => Decision::Warn,
        };
        Prose {
            id: rule.id.clone(),
            title: rule.title.clone(),
            severity: rule.severity,
            decision: rule.decision.max(least),
            scope: rule.scope.clone(),
            only_frozen: rule.only_frozen,
            why: rule.why.clone(),
            safer: rule.safer.clone(),
            undo: rule.undo,
            resource: rule.resource.clone(),
        }
    }
}

/// Compiles packs to the bytes of one index.
pub fn compile(packs: &[Pack]) -> Vec<u8> {
    const ENCODES: &str = "plain data encodes to a vector";
    let mut records = Vec::new();
    for rule in packs.iter().flat_map(|pack| &pack.rules) {
        let mut keys = index::keys(&rule.when);
        keys.insert(Key::Id(&rule.id));
        let bytes = postcard::to_stdvec(&(RULE, &rule.when, Prose::from(rule))).expect(ENCODES);
        records.push(Record { keys, only_frozen: rule.only_frozen, bytes });
    }
    for tool in packs.iter().flat_map(|pack| &pack.tools) {
        let keys = tool.program.iter().map(|name| Key::Tool(name)).collect();
        let bytes = postcard::to_stdvec(&(TOOL, tool)).expect(ENCODES);
        records.push(Record { keys, only_frozen: false, bytes });
    }
    index::write(&records)
}
