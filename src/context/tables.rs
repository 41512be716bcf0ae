//! The system's own tables: users and mounts.

use std::fs;

use crate::model::bytes;

/// The home directory of this process's user, as `/etc/passwd` has it.
pub(super) fn own_home() -> Option<String> {
    let users = fs::read("/etc/passwd").unwrap_or_default();
    home_of(&users, nix::unistd::getuid().as_raw())
}

/// Where file systems are mounted.
pub(super) fn mounts() -> Vec<String> {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    let lines = table.split(|byte| *byte == b'\n');
    let points = lines.filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    points.map(unescape_mount).collect()
}

/// The home directory of a user in `/etc/passwd`.
fn home_of(users: &[u8], user: u32) -> Option<String> {
    let wanted = user.to_string();
    users.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let id = fields.nth(2)?;
        let home = fields.nth(2)?;
        (id == wanted.as_bytes()).then(|| bytes::text(home).into_owned())
    })
}

/// The kernel writes blanks, tabs, newlines and backslashes as `\040`.
fn unescape_mount(point: &[u8]) -> String {
    let mut out = Vec::with_capacity(point.len());
    let mut at = 0;
    while let Some(byte) = point.get(at) {
        let octal = (*byte == b'\\').then(|| point.get(at + 1..at + 4)).flatten();
        let value = octal
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match value {
            Some(value) => {
                out.push(value);
                at += 4;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    bytes::text(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_mounts() {
        let users = b"root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/bash\n\nbad\n";
        assert_eq!(home_of(users, 1000).as_deref(), Some("/home/dev"));
        assert_eq!(home_of(users, 7), None);
        assert_eq!(unescape_mount(br"/mnt/a\040b"), "/mnt/a b");
        assert_eq!(unescape_mount(br"/mnt/a\04"), r"/mnt/a\04");
    }
}
