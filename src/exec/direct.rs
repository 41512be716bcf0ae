//! The real shell, or the program itself, takes guard's place in the same process.

use std::ffi::OsString;
use std::path::Path;

use crate::decide::{Permit, Watch};
use crate::error::Error;
use crate::sys::process;

/// Becomes `program` with these words; returns only where that failed. `watch`: whether an outer
/// guard judges what it starts. Pid, descriptors, signal
/// mask and dispositions stay as the caller set them.
pub fn replace(permit: Permit, watch: Watch, program: &Path, argv: &[OsString]) -> Error {
    if let Err(unwatched) = permit.redeem(watch) {
        return super::may_not_run(program, unwatched);
    }
    super::cannot_run(program, process::become_program(program, argv))
}
