//! What following a command told: what it prints, and whether it succeeds.

use super::conditions::{Gone, Known};
use super::outcomes::surely_redirect;
use crate::model::{Piece, Shape, Text};
use crate::syntax::Redirect;

/// Whether a command succeeds, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It does.
    Success,
    /// That is not known.
    Unknown,
    /// What follows it in the function or loop does not run: `return`, `break`, `continue` there.
    Breaks,
    /// What follows it in the shell does not run: `exit`.
    Leaves,
    /// It fails where nothing is to be left: `return` in no function, `break` in no loop.
    Tries,
}

impl Status {
    /// What follows it in the same list does not run.
    pub(super) fn ends_list(self) -> bool {
        matches!(self, Status::Breaks | Status::Leaves | Status::Tries)
    }

    /// The same for certain.
    pub(super) fn surely_ends_list(self) -> bool {
        matches!(self, Status::Breaks | Status::Leaves)
    }
}

/// What following a statement told.
pub(super) struct Done {
    /// What it prints on standard output, where that is known and was asked for.
    pub output: Option<Text>,
    /// Whether it succeeds.
    pub status: Status,
    /// What decides whether the commands behind it run at all, where that is certain: a file that asks
    /// whether it is the script itself.
    pub decided: Option<bool>,
    /// The directory in which the shell still is if it failed (`cd`); the scope has the other.
    pub stayed: Option<Text>,
    /// What holds if it succeeds or fails.
    pub gone: Gone,
    /// What holds for all that follows in the same list.
    pub remains: Vec<Known>,
}

impl Done {
    /// It prints `output`, as far as that is known, and may fail.
    pub fn printing(output: Option<Text>) -> Done {
        let (gone, remains) = (Gone::default(), Vec::new());
        Done { output, status: Status::Unknown, decided: None, stayed: None, gone, remains }
    }

    /// Nothing is known.
    pub fn unknown() -> Done {
        Done::printing(None)
    }

    /// It prints nothing and may fail.
    pub fn quiet() -> Done {
        Done::printing(Some(Text::default()))
    }

    /// The same seen from outside of the function or file: what follows runs after its `return`.
    pub fn returned(mut self) -> Done {
        if matches!(self.status, Status::Breaks | Status::Tries) {
            self.status = Status::Unknown;
        }
        // A `return` before the test may have told.
        self.decided = None;
        self.gone = Gone::default();
        self
    }

    /// The same seen from outside of the shell that ran it: what follows runs after its `exit`.
    pub fn exited(mut self) -> Done {
        if self.status.ends_list() {
            self.status = Status::Unknown;
        }
        (self.stayed, self.decided) = (None, None);
        (self.gone, self.remains) = (Gone::default(), Vec::new());
        self
    }

    /// A test whose outcome is certain.
    pub fn decided(outcome: Option<bool>) -> Done {
        let status = if outcome == Some(true) { Status::Success } else { Status::Unknown };
        Done { status, decided: outcome, ..Done::quiet() }
    }

    /// The same of `! command`.
    pub fn negated(self) -> Done {
        let gone = self.gone.negated();
        let told = Done::decided(self.decided.map(|outcome| !outcome));
        Done { status: told.status, decided: told.decided, gone, ..self }
    }

    /// A redirection may fail before the command runs.
    pub fn doubt_redirected(&mut self, redirects: &[Redirect]) {
        if surely_redirect(redirects) {
            return;
        }
        if self.decided.is_some() && self.status == Status::Success {
            self.status = Status::Unknown;
        }
        if self.decided == Some(true) || self.status.ends_list() {
            self.decided = None;
        }
        if self.status.ends_list() {
            self.status = Status::Tries;
        }
    }

    /// What stands behind it in the same list surely does not run.
    pub fn surely_ends(&self) -> bool {
        self.decided.is_some() && self.status.surely_ends_list()
    }

    /// It succeeds and prints nothing.
    pub fn silent() -> Done {
        Done { status: Status::Success, ..Done::quiet() }
    }
}

/// What is printed any number of times.
pub(super) fn repeated(output: Text) -> Text {
    if output.as_known() == Some("") { output } else { output.into_many() }
}

/// Output after output; unknown as soon as one of them is.
pub(super) fn join_output(before: Option<Text>, after: Option<Text>) -> Option<Text> {
    let (mut before, after) = (before?, after?);
    before.append(&after);
    Some(before)
}

/// Whether it is what `mktemp` prints, which makes it right below a temporary directory.
pub(super) fn succeeds(made: &Text) -> bool {
    let [Piece::Hole(hole)] = made.pieces() else {
        return false;
    };
    hole.shape == Shape::Temporary && hole.label.matches('/').count() <= 2
}
