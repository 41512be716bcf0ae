//! The exceptions that a human granted, as rules and people are told of them.

use jiff::{Timestamp, Zoned};

use super::freeze::said;
use super::key::{KeyPlaces, PublicKey};
use super::signed::{Covers, Statement};
use super::store::Store;
use crate::model::Exception;

/// So much of a statement's name is enough to tell it from others.
const NAME: usize = 6;

/// Those that hold now; without a key that counts there are none.
pub fn in_force(store: &Store, keys: &KeyPlaces) -> Vec<Exception> {
    granted(store, keys).iter().flat_map(|statement| told(statement, &Zoned::now())).collect()
}

/// The statements that say so.
pub fn granted(store: &Store, keys: &KeyPlaces) -> Vec<Statement> {
    match PublicKey::in_force(keys) {
        Ok(Some((key, _))) => store.exceptions(&key),
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// What a statement is called.
pub fn id(statement: &Statement) -> &str {
    statement.nonce.get(..NAME).unwrap_or(&statement.nonce)
}

/// What a statement excepts.
pub fn told(statement: &Statement, now: &Zoned) -> Vec<Exception> {
    let Covers::Exception { targets, reason } = &statement.covers else { return Vec::new() };
    let until = match Timestamp::from_second(statement.end.until) {
        Ok(until) => said(until, now),
        Err(_) => "an end that no clock shows".to_owned(),
    };
    let exception = |target: &super::signed::Target| Exception {
        id: id(statement).to_owned(),
        rule: target.rule.clone(),
        resource: target.resource.clone(),
        words: target.words.clone(),
        directory: target.directory.clone(),
        until: until.clone(),
        reason: reason.clone(),
    };
    targets.iter().map(exception).collect()
}
