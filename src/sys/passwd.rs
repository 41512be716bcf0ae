//! The user's line in `/etc/passwd`.
//!
//! Read by hand: a statically linked program cannot use the C library's look-up, which loads
//! shared modules. Users who stand in a directory service alone are not found.

use std::path::PathBuf;

/// What guard needs to know of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The home directory.
    pub home: PathBuf,
    /// The login shell.
    pub shell: PathBuf,
}

/// The user that this process acts for.
pub fn current() -> Option<User> {
    // SAFETY: `getuid` has no preconditions and cannot fail.
    let uid = unsafe { libc::getuid() };
    find(&std::fs::read_to_string("/etc/passwd").ok()?, uid)
}

/// The first line with this number.
fn find(passwd: &str, uid: u32) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let number = fields.nth(2)?;
        if number.parse() != Ok(uid) {
            return None;
        }
        let home = fields.nth(2)?;
        let shell = fields.next()?;
        Some(User { home: PathBuf::from(home), shell: PathBuf::from(shell) })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_line_with_the_number_counts() {
        let text = "root:x:0:0:root:/root:/bin/bash\n#junk\ndev:x:1000:1000:D,,,:/home/dev:/bin/zsh\n";
        let user = find(text, 1000).unwrap();
        assert_eq!(user.home, PathBuf::from("/home/dev"));
        assert_eq!(user.shell, PathBuf::from("/bin/zsh"));
        assert_eq!(find(text, 7), None);
    }
}
