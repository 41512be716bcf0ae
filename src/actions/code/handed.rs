//! What code hands to the functions of files that it imports.

use tree_sitter::Node;

use super::Imported;
use super::reader::{Reader, list};
use super::value::{Args, Value};

/// Of more calls by one name the rest are not followed.
const CALLS: usize = 40;

/// Calls of what imported files define, by its name.
#[derive(Debug, Default, Clone)]
pub struct Calls(Vec<(String, Args)>);

/// The name of what a module gives that is called itself.
pub(super) const DEFAULT: &str = "default";

impl Calls {
    /// Adds those of who imports the importer: it may hand on what it imports.
    pub fn extend(&mut self, more: &Calls) {
        self.0.extend_from_slice(&more.0);
    }

    fn of(&self, name: &str) -> Vec<&Args> {
        self.0.iter().filter(|(called, _)| called == name).map(|(_, args)| args).collect()
    }
}

impl<'t, 'a> Reader<'t, 'a> {
    /// Notes a call of what may stand in a file that the code imports.
    pub fn hand(&mut self, callee: &Value, args: &Args) {
        let name = match callee {
            _ if self.imports.is_empty() => return,
            Value::Name(name) if self.imports.contains(name) => DEFAULT,
            Value::Name(name) | Value::Method(_, name) => name.rsplit('.').next().unwrap_or(name),
            _ => return,
        };
        if self.calls.of(name).len() < CALLS {
            self.calls.0.push((name.to_owned(), args.clone()));
        }
    }

    /// Reads a function's body: as the code's importer calls it, where that is known.
    pub fn function(&mut self, node: Node<'t>) {
        let handed = self.handed_to(node);
        if handed.is_empty() {
            self.enter_function(node, None);
        }
        for args in handed {
            self.enter_function(node, Some(args));
        }
    }

    /// Binds a function's parameters to what a call gives it.
    pub fn bind_parameters(&mut self, function: Node<'t>, args: Option<&Args>) {
        let mut at = 0;
        for (name, default) in self.parameters(function) {
            // `*rest`, `...rest`
            let rest = name.strip_prefix('*').or_else(|| name.strip_prefix("..."));
            if let Some(name) = rest {
                let items = args.and_then(|args| args.positional.get(at..)).unwrap_or_default().to_vec();
                let value = if items.is_empty() { Value::Unknown(name.to_owned()) } else { list(items) };
                self.bind(name, value);
                continue;
            }
            let is_receiver = at == 0 && matches!(name.as_str(), "self" | "cls");
            let given = args.filter(|_| !is_receiver).map(|args| (args.get(at, &name).cloned(), default));
            let value = match given {
                Some((None, Some(default))) => Some(self.eval(default)),
                Some((value, _)) => value,
                None => None,
            };
            at += usize::from(!is_receiver);
            self.bind(&name, value.unwrap_or_else(|| Value::Unknown(name.clone())));
        }
    }

    fn handed_to(&self, node: Node<'t>) -> Vec<&'a Args> {
        let Imported::By { calls, .. } = self.surroundings.imported else {
            return Vec::new();
        };
        let name = (!calls.0.is_empty()).then(|| self.answers(node)).flatten();
        name.map(|name| calls.of(name)).unwrap_or_default()
    }

    /// Reads the functions that both the code and its importer call, as the latter does.
    pub fn called_from_outside(&mut self) {
        for node in self.called() {
            for args in self.handed_to(node) {
                self.enter_function(node, Some(args));
            }
        }
    }
}
