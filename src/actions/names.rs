//! Sets of names that are made when guard is built, to tell at once that a name is in none of a
//! table's rows.

const WORDS: usize = 32;
/// How many bytes of a name are its start.
const START: usize = 2;

/// A set of names; it may take a few for its own that are not.
#[derive(Clone, Copy)]
pub(super) struct Names([u64; WORDS]);

impl Names {
    pub(super) const EMPTY: Names = Names([0; WORDS]);

    /// The set with these blank-separated names too.
    pub(super) const fn with(mut self, names: &str) -> Names {
        let names = names.as_bytes();
        let (mut start, mut end) = (0, 0);
        while end <= names.len() {
            if end == names.len() || names[end].is_ascii_whitespace() {
                let (word, bit) = place(names, start, end);
                self.0[word] |= bit;
                start = end + 1;
            }
            end += 1;
        }
        self
    }

    /// The set with how these names begin: as much of each as [`Names::may_begin`] asks for.
    pub(super) const fn with_starts(mut self, names: &[&str]) -> Names {
        let mut at = 0;
        while at < names.len() {
            let name = names[at].as_bytes();
            assert!(name.len() >= START, "a name is longer than its start");
            let (word, bit) = place(name, 0, START);
            self.0[word] |= bit;
            at += 1;
        }
        self
    }

    /// False: none of the names whose starts it has begins this one.
    pub(super) fn may_begin(&self, name: &str) -> bool {
        let (word, bit) = place(name.as_bytes(), 0, name.len().min(START));
        self.0[word] & bit != 0
    }

    /// False: it does not hold this name.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        let (word, bit) = place(name.as_bytes(), 0, name.len());
        self.0[word] & bit != 0
    }
}

/// The set of the names that a table's rows hold in a field, blank-separated.
macro_rules! names_of {
    ($table:ident, $field:tt) => {{
        let (mut names, mut row) = ($crate::actions::names::Names::EMPTY, 0);
        while row < $table.len() {
            names = names.with($table[row].$field);
            row += 1;
        }
        names
    }};
}
pub(in crate::actions) use names_of;

const fn place(bytes: &[u8], start: usize, end: usize) -> (usize, u64) {
    let mut hash = 0usize;
    let mut at = start;
    while at < end {
        hash = hash.wrapping_mul(31).wrapping_add(bytes[at] as usize);
        at += 1;
    }
    (hash / 64 % WORDS, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_its_names_and_few_others() {
        const SET: Names = Names::EMPTY.with("psql  mysql").with("sqlite3");
        for name in ["psql", "mysql", "sqlite3"] {
            assert!(SET.may_hold(name), "{name}");
        }
        let others = ["echo", "ls", "git", "sed", "psq", "sqlite", "cargo", "rm"];
        assert!(others.iter().filter(|name| SET.may_hold(name)).count() < 2);
    }

    #[test]
    fn what_begins_with_a_name_is_told_by_how_both_begin() {
        const STARTS: Names = Names::EMPTY.with_starts(&["python", "ruby"]);
        for name in ["python3.12", "python", "ruby"] {
            assert!(STARTS.may_begin(name), "{name}");
        }
        let others = ["echo", "p", "", "r", "grep", "ls"];
        assert!(others.iter().filter(|name| STARTS.may_begin(name)).count() < 2);
    }
}
