//! guard: the shell that AI coding agents get.

pub mod actions;
pub mod audit;
pub mod cli;
pub mod config;
pub mod context;
pub mod decide;
pub mod error;
pub mod exec;
pub mod exit;
pub mod front;
pub mod model;
pub mod packs;
pub mod pipeline;
pub mod policy;
pub mod rules;
pub mod shell;
pub mod syntax;
pub mod sys;
