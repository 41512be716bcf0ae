//! The human's key: what signs approvals is locked by a passphrase, what checks them is public.

use std::io;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::own;

/// Memory in KiB, rounds and lanes of argon2id: some tenths of a second (RFC 9106, 4, second choice).
const COST: (u32, u32, u32) = (64 << 10, 3, 4);
/// More is no key file.
const MOST: u64 = 8 << 10;
/// What is signed begins with this, so that no other signature of the key is an approval.
const DOMAIN: &[u8] = b"guard approval 1\n";
/// How a public key begins in its file.
const PUBLIC: &str = "guard-approve-1 ";

/// Where the keys lie.
#[derive(Debug, Clone)]
pub struct KeyPlaces {
    /// The machine's public key: root's. Where it is there, no other counts.
    pub system: PathBuf,
    /// The user's public key.
    pub user: PathBuf,
    /// The key that signs, locked.
    pub locked: PathBuf,
}

impl KeyPlaces {
    /// In the machine's and in the user's configuration.
    pub fn new(system: &Path, config: &Path) -> KeyPlaces {
        KeyPlaces {
            system: system.join("approve.pub"),
            user: config.join("approve.pub"),
            locked: config.join("approve.key"),
        }
    }
}

/// What checks approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Where the public key in force was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Where root alone writes.
    System,
    /// Where the user's own programs could put another.
    User,
}

impl PublicKey {
    /// The one in force; `None` where there is none. One that cannot be read or trusted is an error, and
    /// no other stands in for it.
    pub fn in_force(places: &KeyPlaces) -> io::Result<Option<(PublicKey, Standing)>> {
        const WRITABLE: u32 = 0o022;
        match own::read_linked(&places.system, MOST, 0, WRITABLE) {
            Ok(text) => return Ok(Some((PublicKey::of_text(&text)?, Standing::System))),
            Err(error) if own::is_absent(&error) => {}
            Err(error) => return Err(error),
        }
        match own::read_linked(&places.user, MOST, crate::sys::process::user_id(), WRITABLE) {
            Ok(text) => Ok(Some((PublicKey::of_text(&text)?, Standing::User))),
            Err(error) if own::is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a file that could hold one, at the cost of a look.
    pub fn may_be_there(places: &KeyPlaces) -> bool {
        [&places.system, &places.user].iter().any(|path| path.symlink_metadata().is_ok())
    }

    fn of_text(text: &[u8]) -> io::Result<PublicKey> {
        let damaged = || own::doubt("it holds no public key");
        let text = std::str::from_utf8(text).map_err(|_| damaged())?;
        let encoded = text.trim_end().strip_prefix(PUBLIC).ok_or_else(damaged)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| damaged())?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| damaged())?;
        VerifyingKey::from_bytes(&bytes).map(PublicKey).map_err(|_| damaged())
    }

    /// As its file has it.
    pub fn text(&self) -> String {
        format!("{PUBLIC}{}\n", BASE64.encode(self.0.as_bytes()))
    }

    /// Whether this key signed a text.
    pub fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.0.verify_strict(&with_domain(text), &signature).is_ok())
    }
}

fn with_domain(text: &[u8]) -> Vec<u8> {
    [DOMAIN, text].concat()
}

/// The key that signs, locked by a passphrase.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    version: u32,
    memory: u32,
    rounds: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    key: String,
    public: String,
}

/// The key that signs. It is wiped from memory when it goes.
pub struct SecretKey(SigningKey);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// Why a key was not unlocked.
#[derive(Debug)]
pub enum Unlocking {
    /// There is none.
    Absent,
    /// Another passphrase locks it, or it was changed.
    Passphrase,
    /// It cannot be read.
    Unreadable(io::Error),
}

impl SecretKey {
    /// A new one.
    pub fn generate() -> io::Result<SecretKey> {
        let mut seed = Zeroizing::new([0; 32]);
        random(&mut *seed)?;
        Ok(SecretKey(SigningKey::from_bytes(&seed)))
    }

    /// What checks its signatures.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a text.
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.0.sign(&with_domain(text)).to_bytes().to_vec()
    }

    /// Writes both keys, this one locked.
    pub fn keep(&self, places: &KeyPlaces, passphrase: &str) -> io::Result<()> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        random(&mut salt)?;
        random(&mut nonce)?;
        let (memory, rounds, lanes) = COST;
        let public = self.public().text();
        let cipher = cipher(passphrase, &salt, COST)?;
        let seed = Zeroizing::new(self.0.to_bytes());
        let payload = Payload { msg: seed.as_slice(), aad: public.as_bytes() };
        let key = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| io::Error::other("cannot be locked"))?;
        let (salt, nonce, key) = (BASE64.encode(&salt), BASE64.encode(&nonce), BASE64.encode(&key));
        let locked = Locked { version: 1, memory, rounds, lanes, salt, nonce, key, public: public.clone() };
        let text = serde_json::to_vec_pretty(&locked).map_err(io::Error::other)?;
        own::write(&places.locked, &text)?;
        own::write_as(&places.user, public.as_bytes(), 0o644)
    }

    /// Unlocks the one that lies there.
    pub fn unlock(places: &KeyPlaces, passphrase: &str) -> Result<SecretKey, Unlocking> {
        let text = own::read(&places.locked, MOST).map_err(|error| match own::is_absent(&error) {
            true => Unlocking::Absent,
            false => Unlocking::Unreadable(error),
        })?;
        let damaged = || Unlocking::Unreadable(own::doubt("it is damaged"));
        let locked: Locked = serde_json::from_slice(&text).map_err(|_| damaged())?;
        // What would take for ever to compute nobody has locked.
        let sane =
            locked.version == 1 && locked.memory <= 1 << 20 && locked.rounds <= 100 && locked.lanes <= 64;
        let decoded = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| damaged());
        let nonce: [u8; 24] = decoded(&locked.nonce)?.try_into().map_err(|_| damaged())?;
        let (salt, sealed) = (decoded(&locked.salt)?, decoded(&locked.key)?);
        if !sane {
            return Err(damaged());
        }
        let cost = (locked.memory, locked.rounds, locked.lanes);
        let cipher = cipher(passphrase, &salt, cost).map_err(Unlocking::Unreadable)?;
        let payload = Payload { msg: &sealed, aad: locked.public.as_bytes() };
        let seed = cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| Unlocking::Passphrase)?;
        let seed = Zeroizing::new(seed);
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| damaged())?;
        Ok(SecretKey(SigningKey::from_bytes(seed)))
    }
}

fn cipher(passphrase: &str, salt: &[u8], cost: (u32, u32, u32)) -> io::Result<XChaCha20Poly1305> {
    let (memory, rounds, lanes) = cost;
    let mut key = Zeroizing::new([0; 32]);
    let params =
        Params::new(memory, rounds, lanes, Some(key.len())).map_err(|e| io::Error::other(e.to_string()))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
        .map_err(|e| io::Error::other(e.to_string()))?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

/// Fills bytes with what nobody can guess.
pub fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_the_passphrase_unlocks_and_only_the_key_signs() {
        let scratch = tempfile::tempdir().unwrap();
        let places = KeyPlaces::new(&scratch.path().join("etc"), &scratch.path().join("config"));
        assert!(matches!(SecretKey::unlock(&places, "x"), Err(Unlocking::Absent)));
        assert!(PublicKey::in_force(&places).unwrap().is_none());
        let key = SecretKey::generate().unwrap();
        key.keep(&places, "correct horse").unwrap();
        let (public, standing) = PublicKey::in_force(&places).unwrap().unwrap();
        assert_eq!((&public, standing), (&key.public(), Standing::User));
        assert!(matches!(SecretKey::unlock(&places, "correct hors"), Err(Unlocking::Passphrase)));
        let unlocked = SecretKey::unlock(&places, "correct horse").unwrap();
        let signature = unlocked.sign(b"a");
        assert!(public.signed(b"a", &signature));
        assert!(!public.signed(b"b", &signature));
        assert!(!SecretKey::generate().unwrap().public().signed(b"a", &signature));
        let text = std::fs::read_to_string(&places.locked).unwrap();
        let mode = std::fs::metadata(&places.locked).unwrap().permissions().mode();
        assert!(!text.contains("horse") && mode & 0o077 == 0, "{text} {mode:o}");
        // A public key that another could have written is none, and neither is a damaged one.
        std::fs::set_permissions(&places.user, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(PublicKey::in_force(&places).is_err());
        std::fs::set_permissions(&places.user, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::write(&places.user, "guard-approve-1 AAAA").unwrap();
        assert!(PublicKey::in_force(&places).is_err());
    }

    #[test]
    fn a_key_whose_public_half_was_exchanged_does_not_unlock() {
        let scratch = tempfile::tempdir().unwrap();
        let places = KeyPlaces::new(&scratch.path().join("etc"), scratch.path());
        let key = SecretKey::generate().unwrap();
        key.keep(&places, "a").unwrap();
        let other = SecretKey::generate().unwrap().public().text();
        let text = std::fs::read_to_string(&places.locked).unwrap();
        let changed = text.replace(key.public().text().trim_end(), other.trim_end());
        assert_ne!(text, changed);
        std::fs::write(&places.locked, changed).unwrap();
        assert!(matches!(SecretKey::unlock(&places, "a"), Err(Unlocking::Passphrase)));
    }
}
