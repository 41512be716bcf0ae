//! guard: the shell that AI coding agents get.

pub mod model;
pub mod actions;
pub mod context;
pub mod rules;
pub mod syntax;
