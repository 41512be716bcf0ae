//! guard as a shell.

mod complete;
mod flags;
mod invocation;
mod real;
