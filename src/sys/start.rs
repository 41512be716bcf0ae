//! The program's first instructions, in place of the standard library's.
//!
//! Before `main`, the standard library ignores SIGPIPE and opens `/dev/null` on closed
//! descriptors 0 to 2. The shell that guard becomes would inherit both, and its caller would see
//! a shell that behaves otherwise. So guard brings its own C `main`.

use std::ffi::{CStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::panic::{self, AssertUnwindSafe};

/// The exit code of a fault in guard itself; `crate::exit` has the table.
const BROKEN: i32 = 125;

/// Makes `$run: fn(Vec<OsString>) -> i32` the program.
#[macro_export]
macro_rules! start {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn main(
            argc: ::std::ffi::c_int,
            argv: *const *const ::std::ffi::c_char,
        ) -> ::std::ffi::c_int {
            // SAFETY: the C runtime calls `main` once, with its own `argc` and `argv`.
            unsafe { $crate::sys::start::enter(argc, argv, $run) }
        }
    };
}

/// Runs the program; a panic ends it as a failure of guard itself, in which nothing ran.
///
/// # Safety
/// `argc` and `argv` are those that the C runtime passes to `main`.
// SAFETY: `main` alone calls it.
pub unsafe fn enter(argc: c_int, argv: *const *const c_char, run: fn(Vec<OsString>) -> i32) -> c_int {
    super::fd::occupy_standard();
    // SAFETY: the caller's promise.
    let args = unsafe { arguments(argc, argv) };
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line()));
        super::tty::restore();
        super::fd::complain(&format!("guard: a fault in guard itself{}", place.unwrap_or_default()));
    }));
    panic::catch_unwind(AssertUnwindSafe(|| run(args))).unwrap_or(BROKEN)
}

/// The arguments as they came.
///
/// # Safety
/// `argv` points to `argc` C strings.
// SAFETY: `enter` alone calls it, with the same promise.
unsafe fn arguments(argc: c_int, argv: *const *const c_char) -> Vec<OsString> {
    let count = usize::try_from(argc).unwrap_or(0);
    (0..count)
        .map(|i| {
            // SAFETY: `i` is below `argc`, and the strings live as long as the process.
            let word = unsafe { CStr::from_ptr(*argv.add(i)) };
            OsString::from_vec(word.to_bytes().to_vec())
        })
        .collect()
}
