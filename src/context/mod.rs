//! Collects facts about the machine, the repository and the caller.

pub mod agent;
pub mod git;
