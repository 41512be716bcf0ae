//! What a file holds at the moment: as the script left it, or as it stands.

use std::rc::Rc;

use super::walk::{FILE_LIMIT, Walk};
use super::written::{Written, matching};
use crate::model::{Facts, Input, ReadError, Text, absolute, bytes};
use crate::syntax::Scope;

impl Walk<'_> {
    /// The text of a file that will be run, as it will be when it runs.
    pub(super) fn file_source(&self, path: &Text, scope: &Scope<'_>) -> Result<Text, ReadError> {
        let input = match path.as_known() {
            Some("-") => self.context.input.clone(),
            _ => self.input_of(path.clone()),
        };
        match input {
            Input::Text(text) => return Ok(Rc::unwrap_or_clone(text)),
            Input::Empty => return Ok(Text::default()),
            Input::File(file) if file != *path => return self.file_source(&file, scope),
            Input::File(_) => {}
            Input::Inherited | Input::Unknown => {
                return Err(ReadError::Other("what it reads is not known".into()));
            }
        }
        if let Some(files) = matching(path, &self.overlay(), scope.directory()) {
            if files.is_empty() {
                return Err(ReadError::Absent);
            }
            let (mut whole, mut length) = (Text::default(), 0);
            for file in files {
                let text = self.file_source(&file, scope)?;
                length += text.display().len();
                if length > FILE_LIMIT {
                    return Err(ReadError::TooLarge);
                }
                whole.append(&text);
                whole.push_str("\n");
            }
            return Ok(whole);
        }
        match self.written_at(path, scope) {
            Some(Written::Text { source, .. }) => Ok(source.clone()),
            _ => self.file_text(path, scope),
        }
    }

    /// The text of a file as it stands now.
    pub(super) fn file_text(&self, path: &Text, scope: &Scope<'_>) -> Result<Text, ReadError> {
        if !self.context.place.is_local() {
            return Err(ReadError::Other("it is not on this machine".into()));
        }
        if let Some(Written::Text { source, exact }) = self.written_at(path, scope) {
            let exact = Some(source).filter(|_| *exact).cloned();
            return exact.ok_or_else(|| ReadError::Other("written by the same script".into()));
        }
        let path = absolute(scope.directory(), path)
            .ok_or_else(|| ReadError::Other("its name is not known".into()))?;
        let bytes = self.overlay().read(&path, FILE_LIMIT)?;
        if bytes.iter().take(4096).any(|byte| *byte == 0) {
            return Err(ReadError::Other("not a text file".into()));
        }
        if bytes.contains(&0) && std::str::from_utf8(&bytes).is_err() {
            return Err(ReadError::Other("not a text file".into()));
        }
        match bytes::text(&bytes) {
            text if text.len() > FILE_LIMIT => Err(ReadError::TooLarge),
            text => Ok(Text::known(text)),
        }
    }
}
