//! Placeholder.

use std::collections::BTreeMap;

use crate::rules::RuleSet;

/// Placeholder.
#[derive(Debug)]
pub struct Policy;

impl Policy {
    /// Placeholder.
    pub fn builtin() -> Policy {
        Policy
    }

    /// Placeholder: the rules, and each layer's `[rules]` (system, user, project).
    pub fn layered(_rules: RuleSet, _settings: [&BTreeMap<String, String>; 3]) -> Result<Policy, String> {
        Ok(Policy)
    }
}

impl Policy {
    /// Placeholder: every rule, with the decision that is in force.
    pub fn rules(&self) -> Vec<crate::rules::Prose> {
        vec![crate::rules::Prose {
            id: "railway.volume-delete".into(),
            title: "deletes a volume and the backups stored in it".into(),
            severity: crate::model::Severity::Critical,
            decision: crate::model::Decision::Confirm,
            why: "Railway keeps a volume's backups inside the volume; nothing is left to restore from.".into(),
            safer: vec!["railway volume list".into(), "copy the data off the volume first".into()],
        }]
    }
}
