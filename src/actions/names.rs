//! Sets of names that are made when guard is built, to tell at once that a name is in none of a
//! table's rows.

const WORDS: usize = 32;

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

    /// False: it does not hold this name.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        let (word, bit) = place(name.as_bytes(), 0, name.len());
        self.0[word] & bit != 0
    }
}

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
}
