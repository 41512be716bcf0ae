//! From findings to a verdict, and from a verdict to a permit.

mod permit;
mod verdict;

pub use permit::Permit;
pub use verdict::{UNREADABLE, refuse, weigh};
