//! zsh's modifiers of paths: `${0:A:h}`.

use crate::model::{Facts, Text, absolute, base_name, parent};

/// The modifiers that are followed.
pub(in crate::syntax) const LETTERS: &str = "aAPhtr";

/// What the modifiers make of a path, one after the other; `None` where that is not known.
pub(super) fn modified(path: &Text, letters: &str, directory: &Text, facts: &dyn Facts) -> Option<Text> {
    letters.chars().try_fold(path.clone(), |path, letter| {
        Some(Text::known(match letter {
            'a' => absolute(directory, &path)?,
            'A' | 'P' => facts.real(&absolute(directory, &path)?)?,
            'h' => parent(path.as_known()?).to_owned(),
            't' => base_name(path.as_known()?.trim_end_matches('/')).to_owned(),
            _ => {
                let known = path.as_known()?;
                let dot = known.rfind('.').filter(|dot| !known[*dot..].contains('/'));
                known[..dot.unwrap_or(known.len())].to_owned()
            }
        }))
    })
}
