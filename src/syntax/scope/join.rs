//! What is known after one of two branches ran.

use std::rc::Rc;

use super::{Body, Function, Scope, Variable};
use crate::model::{Shape, Text};
use crate::syntax::value::{Value, is_scratch, join_texts};

/// How many bodies one function name may have by the branches that defined it.
const MAX_BODIES: usize = 16;

impl<'f> Scope<'f> {
    /// The state after one of two branches ran. What differs is known only as far as both agree.
    pub fn join(a: &Scope<'f>, b: &Scope<'f>) -> Scope<'f> {
        let variables = a.variables.join(&b.variables, &mut |name, left, right| {
            let of = |scope: &Scope<'f>, variable: Option<&Variable>| match variable {
                Some(variable) => variable.clone(),
                None => Variable::new(scope.initial(name), scope.is_inherited(name)),
            };
            join_variables(name, of(a, left), of(b, right))
        });
        let functions = a.functions.join(&b.functions, &mut |_, left, right| join_functions(left, right));
        let inherited = a.inherited.join(&b.inherited, &mut |_, left, right| join_functions(left, right));
        let exports = a.exports.join(&b.exports, &mut |_, _, _| ());
        let positional = if a.positional == b.positional {
            Rc::clone(&a.positional)
        } else if a.positional.len() == b.positional.len() {
            let pairs = a.positional.iter().zip(b.positional.iter()).enumerate();
            Rc::new(pairs.map(|(i, (a, b))| join_texts(a, b, &format!("${}", i + 1))).collect())
        } else {
            Rc::new(vec![Text::hole("$@", Shape::Any).into_many()])
        };
        let zero =
            if a.zero == b.zero { Rc::clone(&a.zero) } else { Rc::new(join_texts(&a.zero, &b.zero, "$0")) };
        let kept = if a.kept == b.kept { Rc::clone(&a.kept) } else { Rc::default() };
        let directory = if a.directory == b.directory {
            Rc::clone(&a.directory)
        } else {
            Rc::new(Text::hole("$PWD", Shape::Directory))
        };
        let (open, doubted) = (a.open || b.open, a.doubted || b.doubted);
        let joined = Scope {
            variables,
            functions,
            inherited,
            exports,
            positional,
            zero,
            directory,
            kept,
            open,
            doubted,
            ..a.clone()
        };
        joined.exported.take();
        joined
    }

    /// Takes in the states after other branches. Joined in pairs, what each of many branches changed
    /// is looked at a few times, not once for every other branch.
    pub fn join_with(&mut self, mut ways: Vec<Scope<'f>>) {
        ways.insert(0, self.clone());
        while ways.len() > 1 {
            let pairs = ways.chunks(2).map(|pair| match pair {
                [a, b] => Scope::join(a, b),
                one => one[0].clone(),
            });
            ways = pairs.collect();
        }
        ways.into_iter().for_each(|joined| *self = joined);
    }

    /// Whether two states that came from one differ in anything that a later command can see.
    pub fn differ(a: &Scope<'f>, b: &Scope<'f>) -> bool {
        let mut differ = a.directory != b.directory || a.positional != b.positional;
        a.variables.join(&b.variables, &mut |name, left, right| {
            let of = |scope: &Scope<'f>, variable: Option<&Variable>| match variable {
                Some(variable) => variable.clone(),
                None => Variable::new(scope.initial(name), scope.is_inherited(name)),
            };
            let (left, right) = (of(a, left), of(b, right));
            differ |= left != right;
            left
        });
        a.functions.join(&b.functions, &mut |_, left, right| {
            let count = |f: Option<&Function>| f.map_or(0, |f| f.bodies.len());
            differ |= count(left) != count(right);
            join_functions(left, right)
        });
        differ
    }
}

fn join_variables(name: &str, a: Variable, b: Variable) -> Variable {
    if a == b {
        return a;
    }
    let value = match (&a.value, &b.value) {
        _ if a.reference != b.reference => Value::Unknown,
        (a, b) if a == b => a.clone(),
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(Rc::new(join_texts(a, b, &format!("${name}")))),
        (Value::Unset, Value::Scalar(text)) | (Value::Scalar(text), Value::Unset) if is_scratch(text) => {
            Value::Scalar(Rc::new(Text::hole(format!("${name}"), Shape::Scratch)))
        }
        _ => Value::Unknown,
    };
    Variable {
        value,
        exported: a.exported || b.exported,
        integer: a.integer && b.integer,
        upper: a.upper && b.upper,
        lower: a.lower && b.lower,
        reference: a.reference || b.reference,
        fixed: a.fixed || b.fixed,
    }
}

fn join_functions(a: Option<&Function>, b: Option<&Function>) -> Function {
    let none = Function::new(Vec::new());
    let (a, b) = (a.unwrap_or(&none), b.unwrap_or(&none));
    let defined = |f: &Function| f.certain && !f.bodies.is_empty();
    let mut bodies = a.bodies.clone();
    for body in &b.bodies {
        let same = |other: &Body| {
            other.file == body.file && (Rc::ptr_eq(&other.stmt, &body.stmt) || other.stmt == body.stmt)
        };
        if !bodies.iter().any(same) {
            bodies.push(body.clone());
        }
    }
    let complete = a.complete && b.complete && bodies.len() <= MAX_BODIES;
    bodies.truncate(MAX_BODIES);
    Function { bodies, certain: defined(a) && defined(b), complete }
}
