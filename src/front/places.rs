//! Where guard's files are for whoever calls, and what of a project's a human trusts.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::approve::installed::{self, Installed};
use crate::approve::key::{KeyPlaces, PublicKey};
use crate::approve::signed::{Covers, Statement};
use crate::approve::store::Store;
use crate::config::{Content, Places};
use crate::model::bytes;
use crate::sys::passwd;

pub(super) fn current_directory() -> PathBuf {
    let named = || env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    env::current_dir().ok().or_else(named).unwrap_or_else(|| PathBuf::from("/"))
}

pub(super) fn places(directory: &Path) -> Places {
    let variable = |name: &str| -> Option<OsString> { env::var_os(name) };
    let home = passwd::current().map(|user| user.home);
    let places = Places::find(variable, home.as_deref(), directory);
    let Some(home) = home.filter(|home| home.is_absolute()) else { return places };
    let places = Places { note: Some(installed::file(&home)), ..places };
    match Installed::read(&home) {
        Ok(Some(noted)) if own_program().is_some_and(|own| own == noted.program) => {
            places.noted(noted.config, noted.state, &home, directory)
        }
        Ok(_) => places,
        Err(error) => {
            let doubt = format!("`{}` does not count: {error}", installed::file(&home).display());
            Places { doubt: Some(doubt), ..places }
        }
    }
}

/// This guard's file, links resolved; where it was put there anew since it began, by the name that it had.
pub fn own_program() -> Option<PathBuf> {
    let path = env::current_exe().ok()?;
    Some(match path.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => path,
    })
}

/// What a project's files say, where a human trusts just that.
pub(super) fn trusted(places: &Places, project: &Path) -> Option<Content> {
    let directory = bytes::text_of(&project.canonicalize().ok()?);
    let statement = trust(places, &directory)?;
    // Read once: what is measured is what counts.
    let content = Content::read(project).ok()?;
    let measured = content.digest();
    matches!(&statement.covers, Covers::Trust { digest, .. } if *digest == measured).then_some(content)
}

pub(super) fn trust(places: &Places, directory: &str) -> Option<Statement> {
    let store = Store::new(&places.state);
    if !store.may_trust(directory) {
        return None;
    }
    let (key, _) = PublicKey::in_force(&KeyPlaces::new(&places.system, &places.config)).ok()??;
    store.trusted(directory, &key)
}
