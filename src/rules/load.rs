//! The packs of a directory that a user wrote: every file read, every fault told at once.

use regex::Regex;

use super::condition::Condition;
use super::error::PackError;
use super::pack::{Pack, defined_twice};

/// Reads rule files given by path and text; the caller did the reading.
pub fn load_dir(files: &[(String, String)]) -> Result<Vec<Pack>, Vec<PackError>> {
    let mut packs = Vec::new();
    let mut errors = Vec::new();
    for (file, text) in files {
        match Pack::parse(text, file) {
            Ok(pack) => {
                errors.extend(unreadable_expressions(&pack));
                packs.push(pack);
            }
            Err(error) => errors.push(error),
        }
    }
    errors.extend(defined_twice(&packs));
    if errors.is_empty() { Ok(packs) } else { Err(errors) }
}

fn unreadable_expressions(pack: &Pack) -> Vec<PackError> {
    let mut errors = Vec::new();
    for rule in &pack.rules {
        rule.when.each(&mut |condition| {
            if let Condition::Text(source) = condition
                && let Err(error) = Regex::new(source)
            {
                let last = error.to_string();
                let last = last.lines().last().unwrap_or_default();
                errors.push(PackError {
                    file: pack.file.clone(),
                    line: rule.line,
                    column: 1,
                    key: Some("text".to_owned()),
                    message: format!("`{}`: {}", rule.id, last.trim_start_matches("error: ")),
                });
            }
        });
    }
    errors
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_every_file_is_told() {
        let file = |name: &str, when: &str| {
            let text = format!(
                "[pack]\nid = 'p'\ntitle = 'P'\n[[rule]]\nid = 'p.x'\ntitle = 'does x'\n\
                 severity = 'low'\ndecision = 'warn'\nwhy = 'X.'\n[rule.when]\n{when}\n\
                 [rule.examples]\nmatch = ['a', 'b']\npass = ['c', 'd']\n"
            );
            (name.to_owned(), text)
        };
        let files = [
            file("a.toml", "text = 'DROP'"),
            file("b.toml", "text = '(DROP'"),
            file("c.toml", "texts = 'DROP'"),
        ];
        assert_eq!(load_dir(&files[..1]).unwrap().len(), 1);
        let errors = load_dir(&files).unwrap_err();
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(lines[0], "b.toml:5:1: `text`: `p.x`: unclosed group");
        assert!(lines[1].starts_with("c.toml:11:1: `texts`: unknown field `texts`"), "{lines:?}");
        assert_eq!(lines[2], "b.toml:1:1: `id`: the pack `p` stands already in a.toml");
    }
}
