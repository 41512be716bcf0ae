//! From findings to a verdict, and from a verdict to a permit.

mod permit;
mod verdict;

pub use permit::{Permit, Refusal};
<<<<<<< HEAD
pub use verdict::{UNREADABLE, refuse, weigh};
=======
pub use verdict::{Ability, UNREADABLE, Weighted, refuse, weigh};
>>>>>>> h-g
