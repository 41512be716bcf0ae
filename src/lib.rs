//! guard: the shell that AI coding agents get.

pub mod actions;
pub mod model;
pub mod syntax;
