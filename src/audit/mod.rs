//! The log: what was asked, what was decided, what came of it; one line each, chained by hashes.

mod log;
mod record;
mod verify;

pub use crate::model::redact::{HIDDEN, redact};
pub use log::{Log, Weight};
pub use record::{Kind, Outcome, Record};
pub use verify::verify;
