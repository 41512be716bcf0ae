//! The ports of this machine at which something listens.

use std::fs;
use std::io;

/// The ports at which something on this machine listens (`proc_net_tcp`: the second column is the
/// own address, the fourth `0A` where it listens); `None` where that cannot be read.
pub(super) fn listening() -> Option<Vec<u16>> {
    let mut ports = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = match fs::read_to_string(table) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::NotFound && table.ends_with('6') => continue,
            Err(_) => return None,
        };
        for line in text.lines().skip(1) {
            let columns: Vec<&str> = line.split_ascii_whitespace().collect();
            if columns.get(3) == Some(&"0A") {
                let (_, port) = columns.get(1)?.rsplit_once(':')?;
                ports.push(u16::from_str_radix(port, 16).ok()?);
            }
        }
    }
    Some(ports)
}
