//! What judging a script came to.

use serde::{Deserialize, Serialize};

use super::{Decision, Evidence, Inside, Match, Severity, Span};

/// A rule that matched an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id: `railway.volume-delete`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What the rule demands; of what an exec will settle nothing, `Allow`.
    pub decision: Decision,
    /// `Yes`, or `Maybe` where a word is unknown.
    #[serde(rename = "match")]
    pub matched: Match,
    /// The dangerous part, in the outermost source.
    pub span: Span,
    /// What it does, from the rule.
    pub title: String,
    /// Why that is bad, from the rule.
    pub why: String,
    /// What to do instead, from the rule.
    pub safer: Vec<String>,
    /// What would be hit, where it is known: a path, a volume, a branch.
    pub resource: Option<String>,
    /// The call that does it, where all of it is known: what is hit, where no name tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Where it happens: a directory of this machine, where it is known; else the layers that lead elsewhere, which begin
    /// with no slash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The layers that were peeled off to get there: `["sudo", "bash -c"]`.
    pub via: Vec<String>,
    /// What was seen beside: names that say production, where a credential comes from.
    pub evidence: Vec<Evidence>,
    /// The human's exception by which it runs, in words; it would be held else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Where it stands in a script file that the outermost source runs.
    #[serde(skip)]
    pub inside: Option<Inside>,
}

/// A duty that comes with an allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Obligation {
    /// Keep a copy of what will be lost, first.
    Snapshot,
    /// Judge every `exec` of every descendant: a maybe waits for one, or code runs that cannot be
    /// seen into.
    Supervise,
}

/// How the reason begins for which source is unprovable that the grammar does not allow, as guard reads it.
pub const SYNTAX_ERROR: &str = "a syntax error, as guard reads it: ";

/// The strictest decision, with all that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// The strictest of the findings' decisions.
    pub decision: Decision,
    /// Duties that come with an allow; only such as will be met.
    pub obligations: Vec<Obligation>,
    /// The rules that matched, strictest first.
    pub findings: Vec<Finding>,
    /// Why the source could not be proved to hold no other command, where that is so.
    pub unprovable: Option<String>,
}

impl Verdict {
    /// What was seen beside what stops the command, strictest first, each once.
    pub fn evidence(&self) -> Vec<&str> {
        let mut seen = Vec::new();
        for finding in self.findings.iter().filter(|finding| !finding.decision.runs()) {
            for one in &finding.evidence {
                if !seen.contains(&one.text.as_str()) {
                    seen.push(one.text.as_str());
                }
            }
        }
        seen
    }
}
