//! Scripts that carry an archive behind their last command.

use super::complete::is_complete;

/// The part of a script in front of bytes that are no text (an archive that it unpacks), if it
/// surely ends before it gets there: with an `exit` of its own that nothing encloses.
pub fn before_payload(script: &[u8]) -> Option<&[u8]> {
    let zero = script.iter().position(|byte| *byte == 0)?;
    let mut end = zero;
    for _ in 0..LINES_BACK {
        let line_end = script[..end].iter().rposition(|byte| *byte == b'\n')?;
        let start = script[..line_end].iter().rposition(|byte| *byte == b'\n').map_or(0, |n| n + 1);
        if is_exit(&script[start..line_end]) && is_complete(&script[..=line_end]) {
            return Some(&script[..=line_end]);
        }
        end = line_end;
    }
    None
}

/// Between a script's `exit` and its archive there is at most a mark.
const LINES_BACK: usize = 4;

/// `exit`, `exit 0`, `exit $?`
fn is_exit(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(status) = line.strip_prefix(b"exit") else {
        return false;
    };
    let status = status.strip_suffix(b";").unwrap_or(status).trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"$?_{}\"".contains(byte);
    (line.len() == 4 || matches!(line[4], b' ' | b'\t' | b';')) && status.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_behind_a_script_is_no_script() {
        let cut = |text: &'static [u8]| before_payload(text).map(<[u8]>::len);
        assert_eq!(cut(b"echo a\nexit 0\n\x00\x01"), Some(14));
        assert_eq!(cut(b"echo a\nexit 0\n@@END@@\nPK\x00"), Some(14));
        assert_eq!(cut(b"if a; then\nexit 0\n\x00"), None);
        assert_eq!(cut(b"exit 0; rm x\n\x00"), None);
        assert_eq!(cut(b"echo a\n\x00"), None);
        assert_eq!(cut(b"echo a\nexit 0\n"), None);
    }
}
