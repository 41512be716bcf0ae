//! What the standard library does not offer safely; the only place for `unsafe`.

#![allow(unsafe_code)]

pub mod fd;
pub mod heap;
pub mod landlock;
pub mod passwd;
pub mod process;
pub mod session;
pub mod signal;
pub mod start;
pub mod tty;
