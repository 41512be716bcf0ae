//! Ids that a person may have meant.

/// The id that is the least different, if it is not too different.
pub fn nearest(id: &str, ids: impl Iterator<Item = String>) -> Option<String> {
    let nearest = ids.map(|other| (distance(id, &other), other)).min()?;
    (nearest.0 <= nearest.1.len() / 3).then_some(nearest.1)
}

/// How many characters must be added, taken away or changed, or swapped with the next, to make one word of
/// the other.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 100;
    let a: Vec<char> = a.chars().take(LONGEST).collect();
    let b: Vec<char> = b.chars().take(LONGEST).collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let mut least = (row[j] + usize::from(from != to)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *to && *from == b[j - 1] {
                least = least.min(above[j - 1] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, wanted) in [
            ("", "", 0),
            ("a", "", 1),
            ("git.push", "git.pull", 2),
            ("abc", "abd", 1),
            ("ab", "ba", 1),
            ("chekc", "check", 1),
        ] {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
        }
    }
}
