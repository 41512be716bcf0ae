//! guard: the shell that AI coding agents get.

mod actions;
mod approve;
mod audit;
pub mod cli;
mod config;
pub mod context;
mod decide;
mod error;
mod exec;
mod exit;
mod front;
pub mod model;
#[cfg(target_os = "linux")]
mod overseer;
mod packs;
pub mod pipeline;
pub mod policy;
pub mod rules;
mod screen;
pub mod shell;
pub mod syntax;
pub mod sys;
