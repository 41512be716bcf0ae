//! guard: the shell that AI coding agents get.

pub mod actions;
pub mod audit;
pub mod config;
pub mod error;
pub mod exit;
pub mod model;
pub mod shell;
pub mod syntax;
pub mod sys;
