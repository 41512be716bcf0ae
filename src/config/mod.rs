//! Where guard's files are, who may write them, and what they say.

mod cache;
mod load;
mod places;

pub use cache::Cache;
pub use load::{DEFAULT, Layer, Layers, Pty, Supervise, load, readable};
pub use places::Places;
