//! Placeholder.

use crate::model::{Decision, Severity};

/// Placeholder.
#[derive(Debug)]
pub struct RuleSet;

/// Placeholder.
#[derive(Debug, Clone)]
pub struct Prose {
    /// Placeholder.
    pub id: String,
    /// Placeholder.
    pub title: String,
    /// Placeholder.
    pub severity: Severity,
    /// Placeholder.
    pub decision: Decision,
    /// Placeholder.
    pub why: String,
    /// Placeholder.
    pub safer: Vec<String>,
}

impl RuleSet {
    /// Placeholder.
    pub fn builtin() -> RuleSet {
        RuleSet
    }

    /// Placeholder.
    pub fn add(&mut self, _compiled: Vec<u8>) {}
}

/// Placeholder.
pub fn compile_text(_text: &str, _file: &str) -> Result<Vec<u8>, std::fmt::Error> {
    Ok(Vec::new())
}

/// Placeholder: the number of examples that hold, or what fails.
pub fn test_text(_text: &str, _file: &str) -> Result<usize, Vec<String>> {
    Ok(0)
}

/// Placeholder: the built-in packs' names and texts.
pub fn builtin_texts() -> &'static [(&'static str, &'static str)] {
    &[]
}
