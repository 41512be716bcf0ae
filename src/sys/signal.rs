//! Signals.

/// Ignores a signal from here on. Only for a process that will not become another program:
/// an ignored signal stays ignored across `exec`.
pub fn ignore(signal: libc::c_int) {
    // SAFETY: SIG_IGN installs no handler; an invalid number is an error that changes nothing.
    unsafe {
        libc::signal(signal, libc::SIG_IGN);
    }
}
