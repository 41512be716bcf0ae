//! Runs with a permit, and never without one.

mod direct;
mod feed;
pub mod pty;
#[cfg(target_os = "linux")]
pub mod supervised;

use std::io;
use std::path::Path;

pub use direct::replace;
pub use feed::{Fed, Feed};

use crate::decide::Unwatched;
use crate::error::{Error, ErrorKind};

fn may_not_run(program: &Path, unwatched: Unwatched) -> Error {
    Error::broken(format!("`{}` was not run", program.display())).because(unwatched)
}

fn cannot_run(program: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Broken,
    };
    Error::new(kind, format!("`{}` cannot be run", program.display())).because(error)
}
