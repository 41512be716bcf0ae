//! Hosts by their names alone.

/// The names and addresses of this machine, also as its own containers have them; `*` stands for
/// anything in a name, for numbers in an address.
pub const LOOPBACK: &[&str] =
    &["localhost", "*.localhost", "127.*", "::1", "[::1]", "0.0.0.0", "host.docker.internal", "172.17.0.1"];

/// Whether a host, without port, is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    LOOPBACK.iter().any(|known| match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(end), _) => host.ends_with(end),
        // `127.0.0.1.example.com` is a name.
        (_, Some(start)) => {
            host.starts_with(start) && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        _ => host == *known,
    })
}
