//! The functions of a shell.

use std::rc::Rc;

use super::Scope;
use crate::model::Text;
use crate::syntax::Stmt;

/// What a function's name may stand for.
#[derive(Debug, Clone)]
pub struct Function {
    /// The bodies that it may have; one where no branch is in doubt.
    pub bodies: Vec<Body>,
    /// It is defined; otherwise it may be no function at all.
    pub certain: bool,
    /// All bodies that it may have are there; otherwise what a call runs is not known.
    pub complete: bool,
}

/// What a function may run.
#[derive(Debug, Clone)]
pub struct Body {
    /// The command.
    pub stmt: Rc<Stmt>,
    /// The file in which it stands, where it is one.
    pub file: Option<Rc<Text>>,
}

impl Function {
    pub(super) fn new(bodies: Vec<Body>) -> Function {
        Function { bodies, certain: true, complete: true }
    }
}

impl Scope<'_> {
    /// All functions, by name.
    pub fn functions(&self) -> Vec<(String, Function)> {
        let mut all = Vec::new();
        self.functions.for_each(&mut |name, function| {
            all.push((name.to_owned(), function.clone()));
        });
        self.inherited.for_each(&mut |name, function| {
            if self.functions.get(name).is_none() {
                all.push((name.to_owned(), Function { certain: false, ..function.clone() }));
            }
        });
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// `shell` started this one, and may have exported each of its functions.
    pub fn inherit_functions(&mut self, shell: &Scope<'_>) {
        self.inherited = shell.inherited.clone();
        if shell.inherited.is_empty() {
            self.inherited = shell.functions.clone();
        } else {
            shell.functions.for_each(&mut |name, function| self.inherited.insert(name, function.clone()));
        }
    }

    /// Defines a function.
    pub fn define(&mut self, name: &str, body: Rc<Stmt>) {
        let file = self.file().cloned();
        self.functions.insert(name, Function::new(vec![Body { stmt: body, file }]));
    }

    /// The function may be there no longer.
    pub fn doubt(&mut self, name: &str) {
        if let Some(mut function) = self.function(name) {
            function.certain = false;
            self.functions.insert(name, function);
        }
    }

    /// The function of that name, if it may be one.
    pub fn function(&self, name: &str) -> Option<Function> {
        let inherited = || Some(Function { certain: false, ..self.inherited.get(name)?.clone() });
        let function = self.functions.get(name).cloned().or_else(inherited)?;
        (!function.bodies.is_empty()).then_some(function)
    }
}
