//! What a finding rests on beside the words of its rule, and whether a name says production.

use serde::{Deserialize, Serialize};

use super::plain;

/// Something that was seen and that a person would want to know before a yes. It never holds a
/// credential's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of thing.
    pub kind: EvidenceKind,
    /// In words: ``the context `prod-eu` says production``.
    pub text: String,
}

/// The kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A name of what would change says that it is production.
    Production,
    /// The database that a program is configured for, where it is not on this machine.
    Database,
    /// A credential that goes along stands in the command, or comes from a file that is not this
    /// project's.
    Credential,
}

impl Evidence {
    /// A name that says production: `what` tells of what kind of thing.
    pub fn production(what: &str, name: &str) -> Evidence {
        Evidence { kind: EvidenceKind::Production, text: format!("{what} `{}` says production", shown(name)) }
    }

    /// A database that is not on this machine.
    pub fn database(text: String) -> Evidence {
        Evidence { kind: EvidenceKind::Database, text }
    }

    /// A credential: what it is or is for, and where it comes from.
    pub fn credential(text: String) -> Evidence {
        Evidence { kind: EvidenceKind::Credential, text }
    }
}

/// A name on one short line, credentials hidden.
pub fn shown(name: &str) -> String {
    const LONGEST: usize = 80;
    let name = super::redact::redact(name);
    let name = plain(&name);
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_string(),
    }
}

/// Host and database, or bucket, of an address of a store, without user, password and options; `None` where it
/// is none.
pub fn store(address: &str) -> Option<String> {
    const STORES: &[&str] = &[
        "postgres",
        "postgresql",
        "mysql",
        "mysql2",
        "mariadb",
        "mongodb",
        "mongodb+srv",
        "redis",
        "rediss",
        "s3",
        "gs",
        "sqlserver",
        "cockroachdb",
        "clickhouse",
        "amqp",
        "amqps",
        "prisma",
        "libsql",
    ];
    let (before, rest) = address.split_once("://")?;
    let scheme = before.rsplit([':', '=', '"', '\'']).next().unwrap_or(before);
    let scheme = scheme.split_once("+psycopg").map_or(scheme, |(scheme, _)| scheme);
    let scheme = scheme.split_once("+asyncpg").map_or(scheme, |(scheme, _)| scheme);
    if !STORES.contains(&scheme) {
        return None;
    }
    let rest = rest.split(['?', '#', ' ', '"', '\'', ';']).next().unwrap_or(rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // Of a bucket the name alone.
    let path = if matches!(scheme, "s3" | "gs") { "" } else { path };
    Some(if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") })
}

/// What says production, as a whole part of a name.
const PRODUCTION: &[&str] = &["prod", "production", "prd", "live", "proddb", "livedb"];
/// What takes that back right in front of it: `non-prod`, `pre_prod`.
const BEFORE: &[&str] =
    &["non", "no", "not", "pre", "pseudo", "fake", "mock", "dev", "test", "staging", "stage", "local", "sub"];
/// What takes it back right behind it: `prod-like`, `prod_copy`, `live-reload`.
const BEHIND: &[&str] = &[
    "like", "copy", "clone", "mirror", "test", "tests", "testing", "dev", "local", "staging", "stage",
    "sandbox", "mock", "reload", "server", "view", "preview",
];

/// Whether a name says that what it names is the one that counts: one of its parts is `prod`,
/// `production` or `live`, whatever its letters' case. `product`, `alive` and `nonprod` do not say
/// so, and neither does `pre-prod`.
pub fn says_production(name: &str) -> bool {
    let parts = parts(name);
    parts.iter().enumerate().any(|(at, part)| {
        let is = |words: &[&str], part: &str| words.iter().any(|word| part.eq_ignore_ascii_case(word));
        let before = at.checked_sub(1).is_some_and(|at| is(BEFORE, parts[at]));
        let behind = parts.get(at + 1).is_some_and(|part| is(BEHIND, part));
        is(PRODUCTION, part) && !before && !behind
    })
}

/// The runs of letters in a name, where `camelCase` ends one too: `prodDb2` is `prod`, `Db`.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for run in name.split(|c: char| !c.is_alphabetic()) {
        let mut start = 0;
        let mut lower = false;
        for (at, c) in run.char_indices() {
            if c.is_uppercase() && lower {
                parts.push(&run[start..at]);
                start = at;
            }
            lower = c.is_lowercase();
        }
        parts.push(&run[start..]);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_production() {
        for name in [
            "prod",
            "PROD",
            "production",
            "prd",
            "live",
            "shop_production",
            "db.prod.example.com",
            "prod-eu-1",
            "prod01",
            "eu2prod",
            "shopProd",
            "ProdStack",
            "PROD_DATABASE_URL",
            "app-live",
            "live.example.com",
            "envs/prod",
            "proddb",
            "arn:aws:eks:eu:1:cluster/prod",
            "gke_shop-prod_europe-west1_main",
            "prod.tfvars",
        ] {
            assert!(says_production(name), "{name}");
        }
        for name in [
            "product",
            "products",
            "reproduce",
            "productivity",
            "alive",
            "livereload",
            "live-server",
            "liveness",
            "delivery",
            "olive",
            "produce",
            "staging",
            "nonprod",
            "non-prod",
            "pre-prod",
            "preprod",
            "prod-like",
            "prod_copy",
            "prodTest",
            "dev-prod",
            "",
            "live-reload",
            "productID",
            "liverpool",
            "test_production",
            "prod-staging",
        ] {
            assert!(!says_production(name), "{name}");
        }
    }

    #[test]
    fn a_stores_address_shows_neither_user_nor_password() {
        for (address, shown) in [
            ("postgres://u:p@db.example.com:5432/shop?sslmode=require", Some("db.example.com:5432/shop")),
            ("postgresql+asyncpg://u:p%40@h/x", Some("h/x")),
            ("jdbc:postgresql://h/x", Some("h/x")),
            ("s3://bucket/live/x", Some("bucket")),
            ("redis://:p@h:6379", Some("h:6379")),
            ("https://example.com/x", None),
            ("shop", None),
        ] {
            assert_eq!(store(address).as_deref(), shown, "{address}");
        }
    }

    #[test]
    fn what_is_shown_is_short_and_holds_no_credential() {
        let shown = shown("postgres://u:hunter2@db.example.com/x");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(super::shown(&"x".repeat(1000)).chars().count() < 100);
    }
}
