//! Runs with a permit, and never without one.

mod direct;
mod feed;

pub use direct::replace;
pub use feed::{Fed, Feed};
