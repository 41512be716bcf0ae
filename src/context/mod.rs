//! Collects facts about the machine, the repository and the caller.

pub mod agent;
pub mod copies;
mod fresh;
pub mod git;
mod globs;
mod names;
mod observed;
mod paths;
mod ports;
#[cfg(target_os = "linux")]
pub mod program;
mod protected;
mod remade;
mod resolve;
mod tables;
mod world;

pub use observed::{Around, Observed};
pub use protected::{Protected, Reserved};
pub use world::World;
