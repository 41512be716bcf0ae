//! Users' rule packs in compiled form, kept between calls.
//!
//! An entry holds what it was made from: path, device, number, size, times, and the guard that
//! made it. What does not fit is made again; what cannot be kept is made every time.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// A file changed as lately as this may change again within the same time stamp.
const RACY: Duration = Duration::from_secs(2);

/// The directory of compiled packs.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// The cache below the state directory.
    pub fn new(state: &Path) -> Cache {
        Cache { directory: state.join("cache") }
    }

    /// The compiled form of `file`: the one that is kept, else the one that `compile` makes of
    /// its text.
    pub fn compiled<E>(
        &self,
        file: &Path,
        compile: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let Ok(metadata) = fs::metadata(file) else {
            return compile();
        };
        let (head, entry) = self.entry(file, b"", &stamp(&metadata));
        if let Some(kept) = read(&entry, &head) {
            return Ok(kept);
        }
        let made = compile()?;
        let changed = metadata.modified().ok();
        let age = changed.and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > RACY) {
            // Not kept: made again the next time.
            let _ = write(&self.directory, &entry, &head, &made);
        }
        Ok(made)
    }

    /// The same of a text that was read already, for a file of that name.
    pub fn compiled_text<E>(
        &self,
        file: &Path,
        text: &str,
        compile: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let (head, entry) = self.entry(file, b"text ", &Sha256::digest(text));
        if let Some(kept) = read(&entry, &head) {
            return Ok(kept);
        }
        let made = compile()?;
        // Not kept: made again the next time.
        let _ = write(&self.directory, &entry, &head, &made);
        Ok(made)
    }

    /// What an entry for a file has to begin with where it was made from that, and its own file.
    fn entry(&self, file: &Path, kind: &[u8], made_from: &[u8]) -> ([u8; 32], PathBuf) {
        let path = file.as_os_str().as_bytes();
        let name = Sha256::digest([kind, path].concat());
        let head = Sha256::digest([&build(), made_from, path].concat()).into();
        (head, self.directory.join(data_encoding::HEXLOWER.encode(&name[..16])))
    }
}

/// What changes when a file does.
fn stamp(metadata: &Metadata) -> Vec<u8> {
    [
        metadata.dev(),
        metadata.ino(),
        metadata.size(),
        metadata.mtime() as u64,
        metadata.mtime_nsec() as u64,
        metadata.ctime() as u64,
        metadata.ctime_nsec() as u64,
    ]
    .iter()
    .flat_map(|number| number.to_le_bytes())
    .collect()
}

/// What tells the guard that runs from another build.
fn build() -> Vec<u8> {
    let own = fs::metadata("/proc/self/exe");
    let own = own.or_else(|_| fs::metadata(std::env::current_exe()?));
    let mut build = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
    build.extend(own.map(|own| stamp(&own)).unwrap_or_default());
    build
}

/// An entry: the digest of what it was made from, the digest of the rest, the rest.
fn read(entry: &Path, head: &[u8; 32]) -> Option<Vec<u8>> {
    let text = fs::read(entry).ok()?;
    let (kept_head, rest) = text.split_at_checked(32)?;
    let (digest, compiled) = rest.split_at_checked(32)?;
    let whole = kept_head == head && digest == Sha256::digest(compiled).as_slice();
    whole.then(|| compiled.to_vec())
}

fn write(directory: &Path, entry: &Path, head: &[u8], compiled: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    let part = entry.with_extension(format!("{}", std::process::id()));
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&part)?;
    let digest = Sha256::digest(compiled);
    let written =
        file.write_all(&[head, digest.as_slice(), compiled].concat()).and_then(|()| fs::rename(&part, entry));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_compiled_again_only_when_it_changed() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("a.toml");
        let cache = Cache::new(&scratch.path().join("state"));
        let get = |text: &str| {
            let made = cache.compiled(&file, || Ok::<_, ()>(text.as_bytes().to_vec()));
            String::from_utf8(made.unwrap()).unwrap()
        };
        let old = SystemTime::now() - Duration::from_secs(60);
        let age = |time| File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        fs::write(&file, "x").unwrap();
        assert_eq!(get("one"), "one");
        assert_eq!(get("two"), "two", "too young to be kept");
        age(old);
        assert_eq!(get("three"), "three");
        assert_eq!(get("four"), "three");
        age(old - Duration::from_secs(1));
        assert_eq!(get("five"), "five");
        let entries: Vec<_> = fs::read_dir(scratch.path().join("state/cache")).unwrap().collect();
        assert_eq!(entries.len(), 1);
        fs::write(entries[0].as_ref().unwrap().path(), "junk").unwrap();
        assert_eq!(get("six"), "six");
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("a.toml");
        fs::write(&file, "x").unwrap();
        let cache = Cache::new(&file);
        assert_eq!(cache.compiled(&file, || Ok::<_, ()>(b"y".to_vec())), Ok(b"y".to_vec()));
        assert_eq!(cache.compiled(&file, || Err("bad")), Err("bad"));
    }
}
