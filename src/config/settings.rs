//! What a `guard.toml` may say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::Scope;
use crate::policy::Weekly;
use crate::rules::{List, Setting};

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
    /// `[[freeze]]`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<FreezeSettings>,
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
    /// Whether a dialog asks on the desktop, and by which program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<Dialog>,
}

/// Whether there are dialogs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "`true`, `false` or the whole path of a program must stand there")]
pub enum Dialog {
    /// By the system's program, or none.
    Switch(bool),
    /// By this one.
    Program(#[serde(deserialize_with = "absolute_path")] PathBuf),
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

/// `[[freeze]]`: what is frozen again and again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FreezeSettings {
    /// On these days; on all where none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// From this time of such a day on; from its beginning.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "time")]
    pub from: Option<String>,
    /// To this time; to the end of the day. Of the next day where it is not later than `from`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "time")]
    pub to: Option<String>,
    /// Whose clock; the machine's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "timezone")]
    pub timezone: Option<String>,
    /// What; all that can be frozen.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "scopes")]
    pub scope: Vec<Scope>,
    /// Why, for those who are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Day {
    #[serde(alias = "monday")]
    Mon,
    #[serde(alias = "tuesday")]
    Tue,
    #[serde(alias = "wednesday")]
    Wed,
    #[serde(alias = "thursday")]
    Thu,
    #[serde(alias = "friday")]
    Fri,
    #[serde(alias = "saturday")]
    Sat,
    #[serde(alias = "sunday")]
    Sun,
}

impl FreezeSettings {
    /// What it comes to; `file` says so.
    pub fn weekly(&self, file: &Path) -> Weekly {
        // What was read is known to be times and a zone.
        let time = |text: &Option<String>| text.as_deref().and_then(time_of).unwrap_or(Time::midnight());
        let day = |day: &Day| match day {
            Day::Mon => Weekday::Monday,
            Day::Tue => Weekday::Tuesday,
            Day::Wed => Weekday::Wednesday,
            Day::Thu => Weekday::Thursday,
            Day::Fri => Weekday::Friday,
            Day::Sat => Weekday::Saturday,
            Day::Sun => Weekday::Sunday,
        };
        Weekly {
            days: self.days.iter().map(day).collect(),
            from: time(&self.from),
            to: time(&self.to),
            zone: self.timezone.as_deref().and_then(|name| TimeZone::get(name).ok()),
            scopes: if self.scope.is_empty() { Scope::FROZEN.to_vec() } else { self.scope.clone() },
            reason: self.reason.clone(),
            file: file.display().to_string(),
        }
    }
}

/// A time of the day; its end is the next one's beginning.
fn time_of(text: &str) -> Option<Time> {
    match text {
        "24:00" => Some(Time::midnight()),
        _ if text.len() == 5 => text.parse().ok(),
        _ => None,
    }
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    match time_of(&text) {
        Some(_) => Ok(Some(text)),
        None => Err(D::Error::custom(format!("`{text}` is no time of the day, as `08:00` is"))),
    }
}

fn timezone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(from)?;
    match TimeZone::get(&name) {
        Ok(_) => Ok(Some(name)),
        Err(_) => {
            Err(D::Error::custom(format!("no time zone `{name}` is known here, as `Europe/Berlin` may be")))
        }
    }
}

/// One word or several.
fn scopes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Scope>, D::Error> {
    let words = List::<String>::deserialize(from)?;
    let mut scopes = Vec::new();
    for word in words.iter() {
        match Scope::FROZEN.iter().find(|scope| scope.as_str() == word) {
            Some(scope) => scopes.push(*scope),
            None if word == "all" => scopes.extend(Scope::FROZEN),
            None => {
                return Err(D::Error::custom(format!(
                    "`{word}` is nothing that can be frozen: `all`, `deploy`, `database`, `infrastructure` and \
                     `git-remote` are"
                )));
            }
        }
    }
    Ok(scopes)
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
    absolute_path(from).map(Some)
}

fn absolute_path<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(from)?;
    if path.is_absolute() {
        return Ok(path);
    }
    let path = path.display();
    Err(D::Error::custom(format!(
        "the path `{path}` would lead elsewhere in each directory: it must begin with `/`"
    )))
}
