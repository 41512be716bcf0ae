//! The scales by which things are weighed: match, severity, decision.

use serde::{Deserialize, Serialize};

/// What guard does with a command line; the strictest of several wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It runs.
    #[default]
    Allow,
    /// It runs and is recorded with its finding.
    Warn,
    /// It is held until a human says yes.
    Confirm,
    /// It is refused.
    Deny,
}

impl Decision {
    /// The word as it stands in rule files and in the output of `guard check`.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Allow => "allow",
            Decision::Warn => "warn",
            Decision::Confirm => "confirm",
            Decision::Deny => "deny",
        }
    }

    /// Whether a command with this decision runs without a human.
    pub fn runs(self) -> bool {
        self <= Decision::Warn
    }
}

/// How bad it is if the command is a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An annoyance.
    Low,
    /// Work is lost that one person can do again.
    #[default]
    Medium,
    /// Work or data is lost that is hard to get again.
    High,
    /// Data, backups or service of many people are lost.
    Critical,
}

impl Severity {
    /// The word as it stands in rule files and in the output of `guard check`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// Whether a condition holds: no, maybe (a word is unknown before it runs), yes.
///
/// `and` is the minimum, `or` the maximum, `not` turns the scale round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// It cannot hold.
    #[default]
    No,
    /// It may hold.
    Maybe,
    /// It holds.
    Yes,
}

impl Match {
    /// Both hold.
    pub fn and(self, other: Match) -> Match {
        self.min(other)
    }

    /// One of them holds.
    pub fn or(self, other: Match) -> Match {
        self.max(other)
    }

    /// It does not hold.
    pub fn negate(self) -> Match {
        match self {
            Match::No => Match::Yes,
            Match::Maybe => Match::Maybe,
            Match::Yes => Match::No,
        }
    }
}

impl From<bool> for Match {
    fn from(holds: bool) -> Match {
        if holds { Match::Yes } else { Match::No }
    }
}
