//! Ids that a person may have meant.

/// The id that is the least different, if it is not too different.
pub fn nearest(id: &str, ids: impl Iterator<Item = String>) -> Option<String> {
    let nearest = ids.map(|other| (distance(id, &other), other)).min()?;
    (nearest.0 <= nearest.1.len() / 3).then_some(nearest.1)
}

/// How many characters must be added, taken away or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 100;
    let b: Vec<char> = b.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(LONGEST).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, wanted) in
            [("", "", 0), ("a", "", 1), ("git.push", "git.pull", 2), ("abc", "abd", 1), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
        }
    }
}
