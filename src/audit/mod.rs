//! The log: what was asked, what was decided, what came of it; one line each, chained by hashes.

mod log;
mod record;
mod redact;
mod verify;

pub use log::{Log, Weight};
pub use record::{Kind, Outcome, Record};
pub use redact::{HIDDEN, redact};
pub use verify::verify;
