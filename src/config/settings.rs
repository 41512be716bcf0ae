//! What a `guard.toml` may say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::rules::Setting;

/// What one `guard.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `[shell]`
    pub shell: ShellSettings,
    /// `[run]`
    pub run: RunSettings,
    /// `[log]`
    pub log: LogSettings,
    /// `[approve]`
    pub approve: ApproveSettings,
    /// `[protect]`
    pub protect: ProtectSettings,
    /// `[rules]`: a rule's id and what it does here.
    pub rules: BTreeMap<String, Setting>,
}

/// `[shell]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShellSettings {
    /// The real shell for calls by the name `guard`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "absolute")]
    pub path: Option<PathBuf>,
}

/// `[run]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// What runs on a terminal of guard's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pty: Option<Pty>,
    /// Whether what is held or refused is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whether the programs that a command line starts are judged, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervise: Option<Supervise>,
}

/// Whether the programs that a command line starts, and those that these start, are judged, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supervise {
    /// What agents run, and what is run through the links of `guard shims` or `guard --`.
    #[default]
    Auto,
    /// Everything.
    Always,
    /// Nothing.
    Never,
}

/// What a verdict comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What is held or refused does not run.
    #[default]
    Enforce,
    /// Everything runs; what would have been stopped is recorded as such.
    Observe,
}

/// What runs on a terminal of guard's own, where guard itself is on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pty {
    /// Interactive shells.
    #[default]
    Auto,
    /// Everything.
    Always,
    /// Nothing.
    Never,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// The log's path.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "absolute")]
    pub path: Option<PathBuf>,
}

/// `[approve]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApproveSettings {
    /// How many seconds a question at the terminal waits; 0: nothing is asked there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_timeout: Option<u64>,
    /// How many seconds what is held waits for somebody who watches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// How many seconds an approval of a ticket holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// A shell command that is told of what waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
}

/// `[protect]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProtectSettings {
    /// At and below these nothing is written, moved, deleted or given other permissions.
    #[serde(deserialize_with = "places")]
    pub read_only: Vec<String>,
    /// At and below these nothing is deleted, emptied, replaced or moved away.
    #[serde(deserialize_with = "places")]
    pub no_delete: Vec<String>,
    /// Whether the kernel holds both against what runs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landlock: Option<bool>,
}

/// Paths that mean the same in every directory: whole, or from the home directory on.
fn places<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let paths = Vec::<String>::deserialize(from)?;
    match paths.iter().find(|path| !path.starts_with('/') && *path != "~" && !path.starts_with("~/")) {
        None => Ok(paths),
        Some(path) => Err(D::Error::custom(format!(
            "the path `{path}` would lead elsewhere in each directory: it must begin with `/` or `~/`"
        ))),
    }
}

/// A path that means the same in every directory.
fn absolute<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(from)?;
    if path.is_absolute() {
        return Ok(Some(path));
    }
    let path = path.display();
    Err(D::Error::custom(format!(
        "the path `{path}` would lead elsewhere in each directory: it must begin with `/`"
    )))
}
