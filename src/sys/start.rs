//! The program's first instructions, in place of the standard library's.
//!
//! Before `main`, the standard library ignores SIGPIPE and opens `/dev/null` on closed
//! descriptors 0 to 2. The shell that guard becomes would inherit both, and its caller would see
//! a shell that behaves otherwise. So guard brings its own C `main`.

use std::ffi::{CStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

/// The exit code of a fault in guard itself; `crate::exit` has the table.
const BROKEN: i32 = 125;

/// What the system shows of this process's words to others: where it is, and its length.
static SHOWN: (AtomicPtr<u8>, AtomicUsize) = (AtomicPtr::new(ptr::null_mut()), AtomicUsize::new(0));

/// Shows others no more of this process's words than its name, or another name. Who looks for a program by
/// words that stand in a command line (`pkill -f`) means what runs them, and not who stands over it. Only
/// for a process with one thread.
pub fn hide_words(name: Option<&CStr>) {
    let (start, length) = (SHOWN.0.load(Relaxed), SHOWN.1.load(Relaxed));
    if start.is_null() {
        return;
    }
    // SAFETY: `enter` found the words there, which are this process's own to change; they have been copied,
    // and nobody looks at them again.
    let shown = unsafe { std::slice::from_raw_parts_mut(start, length) };
    let kept = match name {
        Some(name) => {
            let kept = name.count_bytes().min(length - 1);
            shown[..kept].copy_from_slice(&name.to_bytes()[..kept]);
            #[cfg(target_os = "linux")]
            // SAFETY: a C string.
            unsafe {
                libc::prctl(libc::PR_SET_NAME, name.as_ptr());
            }
            kept
        }
        None => shown.iter().position(|byte| *byte == 0).unwrap_or(length),
    };
    shown[kept..].fill(0);
}

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
    let mut length = 0;
    (0..count)
        .map(|i| {
            // SAFETY: `i` is below `argc`, and the strings live as long as the process.
            let (word, start) = unsafe { (CStr::from_ptr(*argv.add(i)), *argv) };
            // The system puts one behind the other (proc(5), cmdline).
            if word.as_ptr() == start.wrapping_add(length) {
                length += word.count_bytes() + 1;
                SHOWN.0.store(start.cast_mut().cast(), Relaxed);
                SHOWN.1.store(length, Relaxed);
            }
            OsString::from_vec(word.to_bytes().to_vec())
        })
        .collect()
}
