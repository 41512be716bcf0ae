//! All that a project's rule files say, read once: what a human trusts is just that, and what counts by it is just that.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::load::{packs_of, read_any};
use crate::error::Error;
use crate::model::bytes;

/// A project's rules and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Where they lie; links resolved.
    pub directory: PathBuf,
    /// `guard.toml`, where there is one.
    pub settings: Option<(PathBuf, String)>,
    /// The rule files, sorted by name.
    pub packs: Vec<(PathBuf, String)>,
}

impl Content {
    /// Of a project's `.guard`.
    pub fn read(project: &Path) -> Result<Content, Error> {
        let directory = project.canonicalize().map_err(|error| {
            Error::broken(format!("`{}` cannot be read", project.display())).because(error)
        })?;
        let file = project.join("guard.toml");
        let settings = read_any(&file)?.map(|text| (file, text));
        let pack = |path: PathBuf| Ok(read_any(&path)?.map(|text| (path, text)));
        let packs: Result<Vec<_>, Error> = packs_of(project)?.into_iter().map(pack).collect();
        Ok(Content { directory, settings, packs: packs?.into_iter().flatten().collect() })
    }

    /// All files, with their texts.
    pub fn files(&self) -> impl Iterator<Item = &(PathBuf, String)> {
        self.settings.iter().chain(&self.packs)
    }

    /// A measure of it, in hexadecimal digits: of another text, another name or another place it is another.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        };
        add(bytes::text_of(&self.directory).as_bytes());
        for (path, text) in self.files() {
            // From one of the two directories: `guard.toml` might stand in both.
            let names = path.components().rev().take(2).map(|name| name.as_os_str().as_encoded_bytes());
            names.for_each(&mut add);
            add(text.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&digest.finalize())
    }
}
