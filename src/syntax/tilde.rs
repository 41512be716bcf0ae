//! `~` and zsh's `=program` in unquoted literal text.

use super::braces::Stretch;
use super::fields::{Atom, Origin};
use super::scope::is_name;
use super::word::Expander;
use super::{Dialect, Part};
use crate::model::{Shape, Text};

/// Where a tilde means a home directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tilde {
    /// Nowhere.
    Never,
    /// At the start.
    Word,
    /// At the start and behind each `:`.
    Assignment,
    /// Behind the first `=`, and behind each `:` after it.
    Argument,
}

impl Expander<'_, '_> {
    /// Where tildes mean a home directory in an argument.
    pub(super) fn tilde_in(&self, word: &[Stretch]) -> Tilde {
        let first = match word.first() {
            Some(Stretch::Text(text)) => text.as_str(),
            Some(Stretch::Part(Part::Literal { text, quoted: false })) => text.as_str(),
            _ => return Tilde::Never,
        };
        match first.split_once('=') {
            Some((name, _))
                if is_name(name.strip_suffix('+').unwrap_or(name))
                    && self.scope.dialect() == Dialect::Bash =>
            {
                Tilde::Argument
            }
            _ => Tilde::Word,
        }
    }

    /// Unquoted literal text, with the tildes in it.
    pub(super) fn literal(
        &mut self,
        text: &str,
        first: bool,
        last: bool,
        tilde: Tilde,
        origin: Origin,
        atoms: &mut Vec<Atom>,
    ) {
        if tilde == Tilde::Never || !text.contains('~') {
            if first && last && tilde == Tilde::Word && self.equals_command(text, atoms) {
                return;
            }
            return atoms.push(Atom::Chars(text.to_owned(), origin));
        }
        let mut from = 0;
        let mut behind_equals = false;
        let mut may_start = first && tilde != Tilde::Argument;
        for (at, c) in text.char_indices() {
            if at < from {
                continue;
            }
            if c == '~' && may_start {
                let colon = tilde != Tilde::Word || last && self.scope.dialect() == Dialect::Bash;
                let rest = &text[at..];
                let end = rest.find(|c| c == '/' || colon && c == ':');
                let ended = end.is_some() || last;
                let prefix = &rest[..end.unwrap_or(rest.len())];
                if let Some(home) = ended.then(|| self.home(&prefix[1..])).flatten() {
                    atoms.push(Atom::Chars(text[from..at].to_owned(), origin));
                    self.emit(&home, true, Origin::Quoted, atoms);
                    from = at + prefix.len();
                }
            }
            may_start = match tilde {
                Tilde::Assignment => c == ':',
                Tilde::Argument if first && !behind_equals => c == '=',
                Tilde::Argument => c == ':',
                Tilde::Word | Tilde::Never => false,
            };
            behind_equals |= c == '=';
        }
        atoms.push(Atom::Chars(text[from..].to_owned(), origin));
    }

    /// The directory that `~user` means.
    fn home(&self, user: &str) -> Option<Text> {
        match user {
            "" => Some(match self.scope.get("HOME") {
                Some(home) => home,
                None => Text::known(self.scope.facts().home()),
            }),
            "+" => self.scope.get("PWD"),
            "-" => self.scope.get("OLDPWD"),
            user => {
                let plain = |c: char| c.is_alphanumeric() || "_.-".contains(c);
                let named = user.starts_with(|c: char| c.is_alphabetic() || c == '_');
                (named && user.chars().all(plain)).then(|| Text::hole(format!("~{user}"), Shape::Directory))
            }
        }
    }

    /// zsh's `=rm`: the program's path.
    fn equals_command(&mut self, text: &str, atoms: &mut Vec<Atom>) -> bool {
        let Some(program) = text.strip_prefix('=') else {
            return false;
        };
        let plain = |c: char| c.is_alphanumeric() || "_.+-".contains(c);
        if self.scope.dialect() != Dialect::Zsh || program.is_empty() || !program.chars().all(plain) {
            return false;
        }
        let path = self.scope.facts().which(program);
        let path = path.unwrap_or_else(|| program.to_owned());
        atoms.push(Atom::Chars(path, Origin::Quoted));
        true
    }
}
