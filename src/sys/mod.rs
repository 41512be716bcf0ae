//! What the standard library does not offer safely; the only place for `unsafe`.

#![allow(unsafe_code)]

#[cfg(target_os = "linux")]
pub mod ancestry;
pub mod children;
pub mod fd;
pub mod heap;
pub mod landlock;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod passwd;
pub mod process;
#[cfg(target_os = "linux")]
pub mod seccomp;
pub mod session;
pub mod signal;
pub mod start;
#[cfg(target_os = "linux")]
pub mod supervised;
#[cfg(target_os = "linux")]
pub mod trial;
pub mod tty;
