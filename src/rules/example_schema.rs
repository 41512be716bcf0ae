//! The shape of a rule's examples, as they are written.

use std::collections::BTreeMap;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::{GitExample, Scope};

/// `[rule.examples]`: at least two of each, one `match` wrapped (`sudo`, `sh -c`), one `pass` a
/// near miss.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExamplesSchema {
    /// Commands that the rule must match.
    #[serde(rename = "match")]
    pub matching: Vec<ExampleSchema>,
    /// Commands that it must not match.
    pub pass: Vec<ExampleSchema>,
}

/// One example: a command line, or a table with the command line and what is so in its world.
#[derive(Debug)]
pub struct ExampleSchema(pub ExampleTable);

/// An example with what is so in its world.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleTable {
    /// The command line.
    pub cmd: String,
    /// The directory it runs in.
    pub cwd: Option<String>,
    /// The home directory.
    pub home: Option<String>,
    /// Variables of the environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files and what git knows of them.
    #[serde(default)]
    pub files: BTreeMap<String, FileWord>,
    /// Files with their text.
    #[serde(default)]
    pub contents: BTreeMap<String, String>,
    /// The state of the work tree.
    pub git: Option<GitExample>,
    /// What is frozen; where nothing is said, the scope of a rule that counts only in a freeze.
    pub frozen: Option<Vec<Scope>>,
}

/// What git knows of an example's file.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileWord {
    /// Tracked, unchanged.
    Clean,
    /// Tracked, changed.
    Modified,
    /// Tracked, and git could not merge it.
    Conflict,
    /// Not tracked.
    Untracked,
    /// Ignored.
    Ignored,
}

impl FileWord {
    /// The word as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            FileWord::Clean => "clean",
            FileWord::Modified => "modified",
            FileWord::Conflict => "conflict",
            FileWord::Untracked => "untracked",
            FileWord::Ignored => "ignored",
        }
    }
}

impl<'de> Deserialize<'de> for ExampleSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LineOrTable)
    }
}

struct LineOrTable;

impl<'de> Visitor<'de> for LineOrTable {
    type Value = ExampleSchema;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a command line or a table with `cmd`")
    }

    fn visit_str<E: Error>(self, cmd: &str) -> Result<ExampleSchema, E> {
        Ok(ExampleSchema(ExampleTable { cmd: cmd.to_owned(), ..ExampleTable::default() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExampleSchema, A::Error> {
        ExampleTable::deserialize(MapAccessDeserializer::new(map)).map(ExampleSchema)
    }
}
