//! What a human excepted from a rule for a while.

use serde::{Deserialize, Serialize};

/// What a human excepted: what a rule holds runs without a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What it is called.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// What may be hit; anything where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The call that may be made; any where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The directory in which it holds, with all below it; absolute, links resolved. `/` is everywhere.
    pub directory: String,
    /// When it ends, for people.
    pub until: String,
    /// Why, in the words of who granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Exception {
    /// `git.push-force on main, in /work/app and below, until 18:00: a rebase`
    pub fn told(&self) -> String {
        let on = match (&self.resource, &self.words) {
            (Some(resource), _) => format!(" on {resource}"),
            (None, Some(words)) => format!(" by `{words}`"),
            (None, None) => " on anything".to_owned(),
        };
        let place = match self.directory.as_str() {
            "/" => "everywhere".to_owned(),
            directory => format!("in {directory} and below"),
        };
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{}{on}, {place}, until {}{reason}", self.rule, self.until)
    }
}
