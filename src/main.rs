//! The program: its name and words lead to a front end, whose number it ends with.

#![cfg_attr(not(test), no_main)]

#[cfg(not(test))]
guard::start!(run);

#[cfg(not(test))]
#[global_allocator]
static HEAP: guard::sys::heap::Heap = guard::sys::heap::Heap::new();

#[cfg(not(test))]
fn run(argv: Vec<std::ffi::OsString>) -> i32 {
    match guard::cli::addressed(&argv) {
        Some(call) => call.run(&argv),
        None => guard::shell::run(&argv),
    }
}
