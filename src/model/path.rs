//! Paths by their text alone.

use super::Text;

/// The path from the root, without `.`, `..` and empty components.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The normal path of known text; `None` where it or the directory that it starts in is unknown.
pub fn absolute(directory: &Text, path: &Text) -> Option<String> {
    let path = path.as_known()?;
    if path.starts_with('/') {
        return Some(normal(path));
    }
    Some(normal(&format!("{}/{path}", directory.as_known()?)))
}
