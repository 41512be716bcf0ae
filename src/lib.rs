//! guard: the shell that AI coding agents get.

pub mod actions;
pub mod context;
pub mod decide;
pub mod model;
pub mod pipeline;
pub mod policy;
pub mod rules;
pub mod syntax;
