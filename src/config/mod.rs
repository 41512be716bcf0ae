//! Where guard's files are, who may write them, and what they say.

mod cache;
mod content;
mod draft;
mod load;
mod places;
mod settings;

pub use cache::Cache;
pub use content::Content;
pub use draft::Draft;
pub use load::{DEFAULT, Layer, Layers, load, readable, trusted};
pub use places::Places;
pub use settings::{Pty, Supervise};
