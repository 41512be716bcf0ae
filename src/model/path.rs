//! Paths by their text alone.

use super::Text;

/// What stands behind a path's last slash: all of it where there is none.
pub fn base_name(path: &str) -> &str {
    let start = path.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    &path[start..]
}

/// The directory that a path is in, as `dirname` has it.
pub fn parent(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "." } else { "/" };
    }
    match trimmed.rfind('/') {
        None => ".",
        Some(at) => {
            let parent = trimmed[..at].trim_end_matches('/');
            if parent.is_empty() { "/" } else { parent }
        }
    }
}

/// The path from the root, without `.`, `..` and empty components.
pub fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    descend(&mut out, path);
    rooted(out)
}

/// Goes from a normal path, which is empty for the root, along another path's components.
fn descend(out: &mut String, path: &str) {
    let (bytes, mut start) = (path.as_bytes(), 0);
    while start < bytes.len() {
        let length = bytes[start..].iter().position(|byte| *byte == b'/').unwrap_or(bytes.len() - start);
        match &path[start..start + length] {
            "" | "." => {}
            ".." => out.truncate(out.len().saturating_sub(base_name(out).len() + 1)),
            part => {
                out.push('/');
                out.push_str(part);
            }
        }
        start += length + 1;
    }
}

fn rooted(mut path: String) -> String {
    if path.is_empty() {
        path.push('/');
    }
    path
}

/// The normal path of known text; `None` where it or the directory that it starts in is unknown.
pub fn absolute(directory: &Text, path: &Text) -> Option<String> {
    let path = path.as_known()?;
    if path.starts_with('/') {
        return Some(normal(path));
    }
    let directory = directory.as_known()?;
    let mut out = String::with_capacity(directory.len() + path.len() + 2);
    descend(&mut out, directory);
    descend(&mut out, path);
    Some(rooted(out))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_path_has_no_dots_and_starts_at_the_root() {
        for (path, wanted) in [
            ("", "/"),
            ("/", "/"),
            ("..", "/"),
            ("/..", "/"),
            ("/a/../../b", "/b"),
            ("a//b/./c/", "/a/b/c"),
            ("/a/b/..", "/a"),
            ("/a/..", "/"),
            ("/a/.../b", "/a/.../b"),
        ] {
            assert_eq!(normal(path), wanted, "{path}");
        }
    }

    #[test]
    fn a_path_starts_in_its_directory() {
        let within = |path: &str| absolute(&"/home/dev".into(), &path.into());
        assert_eq!(within("x").as_deref(), Some("/home/dev/x"));
        assert_eq!(within("../../.."), Some("/".to_owned()));
        assert_eq!(within("/etc/./x").as_deref(), Some("/etc/x"));
        assert_eq!(absolute(&"".into(), &"x".into()).as_deref(), Some("/x"));
    }

    #[test]
    fn what_stands_behind_the_last_slash() {
        for (path, name) in [("rm", "rm"), ("/bin/rm", "rm"), ("a/", ""), ("", "")] {
            assert_eq!(base_name(path), name, "{path}");
        }
    }
}
