//! The files that are being read, and the functions that are being run: what `BASH_SOURCE` holds,
//! and what `$0` is in zsh.

use std::rc::Rc;

use super::Scope;
use crate::model::Text;
use crate::syntax::Dialect;
use crate::syntax::value::{Value, single};

/// A file that is being read, or the one from which a function came that is being run.
#[derive(Debug)]
pub(super) struct Source {
    file: Rc<Text>,
    /// `return` leads out of it.
    returns: bool,
    /// What it was called or sourced from.
    outer: Option<Rc<Source>>,
}

/// What was being read before a file or function was entered.
pub struct Before {
    source: Option<Rc<Source>>,
    zero: Rc<Text>,
}

impl Scope<'_> {
    /// The script itself is read from here on.
    pub fn enter_script(&mut self) {
        let zero = Rc::clone(&self.zero);
        self.enter(Rc::clone(&zero), &zero, false);
    }

    /// A file is sourced from here on.
    pub fn enter_file(&mut self, path: &Text) -> Before {
        self.enter(single(path).into(), path, true)
    }

    /// A function that was defined in a file is run; or in what the shell was given otherwise.
    pub fn enter_function(&mut self, name: &str, file: Option<&Rc<Text>>) -> Before {
        let unnamed = || match self.dialect {
            Dialect::Zsh => Rc::clone(&self.zero),
            // What stands there for a line that is typed, `main`, leads to the same directory.
            _ => Text::known("environment").into(),
        };
        let file = file.map_or_else(unnamed, Rc::clone);
        self.enter(file, &Text::known(name), true)
    }

    /// What is read from here on stands in no file.
    pub fn enter_text(&mut self) -> Before {
        Before { source: self.source.take(), zero: Rc::clone(&self.zero) }
    }

    fn enter(&mut self, file: Rc<Text>, zero: &Text, returns: bool) -> Before {
        let before = Before { source: self.source.clone(), zero: Rc::clone(&self.zero) };
        self.source = Some(Rc::new(Source { file, returns, outer: self.source.take() }));
        if self.dialect == Dialect::Zsh {
            self.zero = Rc::new(single(zero));
        }
        before
    }

    /// The file or function is done.
    pub fn leave(&mut self, before: Before) {
        (self.source, self.zero) = (before.source, before.zero);
    }

    /// The file that is being read, where it is one.
    pub fn file(&self) -> Option<&Rc<Text>> {
        self.source.as_ref().map(|source| &source.file)
    }

    /// Whether `return` succeeds here, where that is certain.
    pub fn may_return(&self) -> Option<bool> {
        let returns = self.source.as_ref().is_some_and(|source| source.returns);
        (self.dialect == Dialect::Bash).then_some(returns)
    }

    /// `BASH_SOURCE`, which nothing can change.
    pub(super) fn sources(&self) -> Value {
        let mut next = self.source.as_ref();
        let each = std::iter::from_fn(|| {
            let source = next?;
            next = source.outer.as_ref();
            Some((*source.file).clone())
        });
        match Value::list(each.collect(), 0) {
            Value::List(list) if list.is_empty() => Value::Unset,
            list => list,
        }
    }
}
