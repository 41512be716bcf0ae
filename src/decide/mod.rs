//! From findings to a verdict, and from a verdict to a permit.

mod permit;
mod verdict;

pub use permit::{Permit, Refusal};
pub use verdict::{UNREADABLE, refuse, weigh};
