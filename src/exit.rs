//! The table of exit codes: what scripts and callers may rely on.

/// How guard ends when no other program's status is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well; for `guard check`: it would run.
    Success,
    /// `guard log verify`, `guard rules test`, `guard doctor`: what was tested does not hold.
    Failure,
    /// The words after `guard` make no sense.
    Usage,
    /// `guard check`: it would be held until a human says yes.
    WouldHold,
    /// `guard check`: it would be refused.
    WouldRefuse,
    /// Guard itself failed, and nothing ran.
    Broken,
    /// Refused, or not approved; one line on stderr says why.
    Refused,
    /// The real shell, or the program after `--`, is not there.
    NotFound,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> i32 {
        match self {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::WouldHold => 10,
            Exit::WouldRefuse => 11,
            Exit::Broken => 125,
            Exit::Refused => 126,
            Exit::NotFound => 127,
        }
    }
}
