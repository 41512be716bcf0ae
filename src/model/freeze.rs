//! A freeze: for a while nothing of some kind is changed, because a human said so.

use serde::{Deserialize, Serialize};

use super::plain;

/// What a command acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// This machine and what lies on it; it is never frozen.
    #[default]
    Local,
    /// What users get: sites, applications, packages, images.
    Deploy,
    /// Databases and stores of data.
    Database,
    /// Machines, clusters, networks, accounts, rights.
    Infrastructure,
    /// Repositories that others share.
    GitRemote,
}

impl Scope {
    /// Those that can be frozen.
    pub const FROZEN: [Scope; 4] = [Scope::Deploy, Scope::Database, Scope::Infrastructure, Scope::GitRemote];

    /// The word as it stands in rule files and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Local => "local",
            Scope::Deploy => "deploy",
            Scope::Database => "database",
            Scope::Infrastructure => "infrastructure",
            Scope::GitRemote => "git-remote",
        }
    }

    /// `deploy, database`; `all` where that can be frozen, `local` where nothing can.
    pub fn list(scopes: &[Scope]) -> String {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        match Scope::FROZEN.iter().all(|scope| scopes.contains(scope)) {
            true => "all".to_owned(),
            false if names.is_empty() => Scope::Local.as_str().to_owned(),
            false => names.join(", "),
        }
    }
}

/// A freeze that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// What is frozen.
    pub scopes: Vec<Scope>,
    /// When it ends, for people; `None` where a human has to end it.
    pub until: Option<String>,
    /// Why, in that human's words.
    pub reason: Option<String>,
    /// Who says so.
    pub by: FrozenBy,
}

/// Who says that something is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrozenBy {
    /// A human, by `guard freeze`.
    Human,
    /// A file of settings.
    File(String),
    /// Nobody for certain: what may say so cannot be relied on. Why.
    Doubt(String),
}

impl Freeze {
    /// Everything is frozen, since what is frozen cannot be told.
    pub fn doubtful(why: String) -> Freeze {
        Freeze { scopes: Scope::FROZEN.to_vec(), until: None, reason: None, by: FrozenBy::Doubt(why) }
    }

    /// Whether it is about what a rule is about.
    pub fn covers(&self, scope: Scope) -> bool {
        scope != Scope::Local && self.scopes.contains(&scope)
    }

    /// How long, why, and by whose word: `until 18:00: release weekend`.
    pub fn told(&self) -> String {
        /// A refusal is one line.
        const LONGEST: usize = 80;
        let until = match (&self.until, &self.by) {
            (Some(until), _) => format!("until {until}"),
            (None, FrozenBy::File(_)) => "at all times".to_owned(),
            (None, _) => "until a human thaws it".to_owned(),
        };
        let reason = self.reason.as_deref().map(plain).filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| match reason.char_indices().nth(LONGEST) {
            Some((at, _)) => format!(": {}…", &reason[..at]),
            None => format!(": {reason}"),
        });
        format!("{until}{}", reason.unwrap_or_default())
    }

    /// Why something of a scope is refused.
    pub fn why(&self, scope: Scope) -> String {
        let what = scope.as_str();
        let told = self.told();
        match &self.by {
            FrozenBy::Human => format!(
                "`{what}` is frozen {told}. Reading and local work go on, and a human can run `guard thaw`."
            ),
            FrozenBy::File(file) => {
                format!(
                    "`{what}` is frozen {told}. Reading and local work go on. It stands in `{}`.",
                    plain(file)
                )
            }
            FrozenBy::Doubt(why) => format!(
                "All is frozen, since {}. Reading and local work go on, and a human can run `guard thaw`.",
                plain(why)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_it_is_one_short_line() {
        let freeze = Freeze {
            scopes: vec![Scope::Deploy],
            until: Some("18:00".to_owned()),
            reason: Some("the\nlaunch".repeat(50)),
            by: FrozenBy::Human,
        };
        let why = freeze.why(Scope::Deploy);
        assert!(why.starts_with("`deploy` is frozen until 18:00: the"), "{why}");
        assert!(!why.contains('\n') && why.chars().count() < 220, "{why}");
        assert!(freeze.covers(Scope::Deploy) && !freeze.covers(Scope::Database));
        let all = Freeze::doubtful("x".to_owned());
        assert!(Scope::FROZEN.iter().all(|scope| all.covers(*scope)) && !all.covers(Scope::Local));
        assert_eq!(
            (Scope::list(&all.scopes), Scope::list(&freeze.scopes)),
            ("all".to_owned(), "deploy".to_owned())
        );
    }
}
