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

/// `path` is `directory` or below it; both are normal.
pub fn is_at_or_below(path: &str, directory: &str) -> bool {
    path == directory || is_below(path, directory)
}

/// `path` is below `directory`; both are normal.
pub fn is_below(path: &str, directory: &str) -> bool {
    match directory {
        "/" => path.len() > 1,
        _ => path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1),
    }
}
