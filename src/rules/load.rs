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
