//! From findings to a verdict, and from a verdict to a permit.

mod digest;
mod permit;
mod recorder;
mod verdict;

pub use digest::Digest;
pub use permit::{Answered, Approval, Covered, Observing, Permit, Refusal, Unwatched, Watch};
pub use recorder::{Asked, Recorder};
pub use verdict::{UNREADABLE, refuse, rights_are_lost, weigh};
