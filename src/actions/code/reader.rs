//! The walk over a syntax tree, and the variables on the way.

mod forms;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tree_sitter::{Node, Parser, Tree};

use super::narrow::Test;
use super::value::{Args, Made, Value, join};
use super::{Calls, Found, Imported, LONGEST_VALUE, Surroundings, Uses};
use crate::actions::{CodeEffect, Language};
use crate::model::{Shape, Span, Text};

/// Steps of one reading; more is an error.
const STEPS: usize = 6_000_000;
/// Expressions nested deeper are unknown.
const DEPTH: usize = 80;
/// Calls of the code's own functions are followed this deep.
const REGIONS: usize = 6;
/// Loops in loops are run through for their items this deep.
const LOOPS: usize = 2;
/// More effects than these are an error.
const EFFECTS: usize = 5000;
/// Loops over longer lists are read once, with an unknown item.
const ITEMS: usize = 40;
/// Longer files are not followed when the code changes them.
const CONTENT: usize = 1 << 16;
/// Longer strings are unknown.
const TEXT: usize = 1 << 20;

/// What a language adds to the walk.
pub(super) trait Grammar {
    /// Its name.
    fn language(&self) -> Language;
    /// Its tree-sitter grammars; a later one is tried where an earlier one meets errors.
    fn grammars(&self) -> Vec<tree_sitter::Language>;
    /// The value of an expression.
    fn eval<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> Value;
    /// Before a node's children; `false` leaves these out.
    fn enter<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>) -> bool;
    /// After a node's children.
    fn leave<'t>(&self, reader: &mut Reader<'t, '_>, node: Node<'t>);
    /// The name under which a node declares a function.
    fn declares<'t>(&self, source: &'t str, node: Node<'t>) -> Option<&'t str>;
    /// The names of a function's parameters, and what they are where nothing is given.
    fn parameters<'t>(&self, source: &str, function: Node<'t>) -> Vec<(String, Option<Node<'t>>)>;
    /// The name by which code that imports a function calls it.
    fn answers<'t>(&self, source: &'t str, function: Node<'t>) -> Option<&'t str>;
    /// The functions, by their nodes, that nothing reaches when a script is run, or a module imported by
    /// code in which these names stand.
    fn unreached<'t>(
        &self,
        source: &'t str,
        root: Node<'t>,
        by: Option<&'t HashSet<String>>,
    ) -> HashSet<usize>;
    /// Kinds of nodes that are blocks.
    fn is_block(&self, kind: &str) -> bool;
    /// What a condition asks of variables.
    fn tests<'t>(&self, reader: &mut Reader<'t, '_>, condition: Node<'t>) -> Vec<(String, Test)>;
    /// The function that a call node calls.
    fn called<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let is_call = matches!(node.kind(), "call" | "call_expression");
        let function = is_call.then(|| node.child_by_field_name("function")).flatten();
        function.filter(|function| function.kind() == "identifier")
    }
}

struct Binding {
    value: Value,
    /// The block it was made in.
    block: usize,
    /// Other values are possible once that block is left.
    others: bool,
}

#[derive(Clone, Copy)]
struct Function<'t> {
    node: Node<'t>,
    /// It is called by its name somewhere: it is read there, with the arguments.
    called: bool,
    /// It was read.
    read: bool,
}

/// The state of one reading.
pub(super) struct Reader<'t, 'a> {
    /// The code.
    pub source: &'t str,
    /// What is round it.
    pub surroundings: &'a Surroundings<'a>,
    /// What was found.
    pub effects: Vec<CodeEffect>,
    /// Where each of them stands.
    places: Vec<Span>,
    /// Where what is being read stands.
    pub place: Span,
    /// The directory, once the code has changed it.
    pub directory: Option<Text>,
    /// Requests whose bodies are written later, by their calls.
    pub pending: HashMap<usize, usize>,
    /// The options that the code declares for its own words, by the calls that do.
    pub options: Vec<(usize, Args)>,
    /// How many strings of code this code stands in.
    pub level: usize,
    /// The names of what the code imports of its project.
    pub imports: Vec<String>,
    /// What it hands to others' functions.
    pub calls: Calls,
    /// Nobody uses what the call gives that is being read.
    pub unused: bool,
    grammar: &'a dyn Grammar,
    scopes: Vec<HashMap<String, Binding>>,
    blocks: Vec<usize>,
    functions: HashMap<&'t str, Function<'t>>,
    /// Functions that never run.
    unreached: HashSet<usize>,
    inside: Vec<usize>,
    loops: usize,
    steps: usize,
    depth: usize,
}

/// Reads a piece of code.
pub(super) fn run(
    grammar: &dyn Grammar,
    source: &str,
    surroundings: &Surroundings,
    level: usize,
) -> Result<Vec<Found>, String> {
    let unread = || "code that cannot be parsed".to_owned();
    let tree = parse(grammar, source).ok_or_else(unread)?;
    let root = tree.root_node();
    let mut reader = Reader {
        source,
        surroundings,
        effects: Vec::new(),
        places: Vec::new(),
        place: Span::default(),
        directory: None,
        pending: HashMap::new(),
        options: Vec::new(),
        imports: Vec::new(),
        calls: Calls::default(),
        level,
        unused: false,
        grammar,
        scopes: vec![HashMap::new()],
        blocks: Vec::new(),
        functions: HashMap::new(),
        unreached: match surroundings.imported {
            Imported::No if level == 0 => grammar.unreached(source, root, None),
            Imported::By { names, .. } if level == 0 => grammar.unreached(source, root, Some(names)),
            _ => HashSet::new(),
        },
        inside: Vec::new(),
        loops: 0,
        steps: STEPS,
        depth: 0,
    };
    reader.declare(root);
    reader.region(root);
    reader.called_from_outside();
    // What calls nothing but itself, or is called too deeply, is read with unknown arguments.
    while let Some(node) = reader.unread() {
        reader.function(node);
    }
    if reader.steps == 0 {
        return Err("code too intricate to be read".to_owned());
    }
    if reader.effects.is_empty() && root.has_error() && wholly_broken(root) {
        return Err(unread());
    }
    let imports = |effect: &CodeEffect| matches!(effect, CodeEffect::File { own: true, .. });
    if let Some(uses) = surroundings.uses.filter(|_| reader.effects.iter().any(imports)) {
        uses.replace(Uses { unreached: spans(root, &reader.unreached), calls: reader.calls });
    }
    Ok(reader.effects.into_iter().zip(reader.places).collect())
}

/// Where these nodes stand.
fn spans(root: Node, nodes: &HashSet<usize>) -> Vec<Span> {
    let (mut found, mut cursor) = (Vec::new(), root.walk());
    if nodes.is_empty() {
        return found;
    }
    loop {
        let node = cursor.node();
        let inner = !nodes.contains(&node.id());
        if !inner {
            found.push(Span::new(node.start_byte(), node.end_byte()));
        }
        if inner && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// The file that `open(path).read()` and its kind read.
pub(super) fn read_from(made: &Made) -> Option<Text> {
    const READS: &[&str] = &[
        "open().read",
        "pathlib.Path().read_text",
        "pathlib.Path().read_bytes",
        "fs.readFileSync",
        "fs.readFile",
    ];
    READS.contains(&made.by.as_str()).then(|| made.root().args.positional.first().map(Value::text))?
}

/// The tree of the first grammar that meets no error, else that of the first.
fn parse(grammar: &dyn Grammar, source: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    let mut first = None;
    for language in grammar.grammars() {
        parser.set_language(&language).ok()?;
        let tree = parser.parse(source, None)?;
        if !tree.root_node().has_error() {
            return Some(tree);
        }
        first.get_or_insert(tree);
    }
    first
}

/// Whether nothing but errors stands in the code.
fn wholly_broken(root: Node) -> bool {
    let mut cursor = root.walk();
    let mut children = root.named_children(&mut cursor);
    children.all(|child| child.is_error() || child.is_extra())
}

impl<'t> Reader<'t, '_> {
    /// The source of a node.
    pub fn text(&self, node: Node) -> &'t str {
        self.source.get(node.byte_range()).unwrap_or("")
    }

    /// Notes that what stands there is being read.
    pub fn locate(&mut self, node: Node) {
        self.place = Span::new(node.start_byte(), node.end_byte());
    }

    /// An unknown value, named by its source.
    pub fn unknown(&self, node: Node) -> Value {
        let text = self.text(node);
        let mut label: String = text.chars().take(60).collect();
        if label.len() < text.len() {
            label.push('…');
        }
        Value::Unknown(label)
    }

    /// The text that a call read out of a file, where that can be read now.
    pub fn content(&self, value: &Value) -> Option<Text> {
        let Value::Made(made) = value else {
            return None;
        };
        self.file(read_from(made)?)
    }

    /// The text of a file, where that can be read now.
    pub fn file(&self, path: Text) -> Option<Text> {
        path.as_known()?;
        let path = self.directory.as_ref().map_or_else(|| path.clone(), |directory| join(directory, &path));
        (self.surroundings.read)(&path)
            .filter(|text| text.as_known().is_some_and(|text| text.len() <= CONTENT))
    }

    /// The value of an expression.
    pub fn eval(&mut self, node: Node<'t>) -> Value {
        if !self.spend(1) || self.depth >= DEPTH {
            return self.unknown(node);
        }
        self.depth += 1;
        let value = self.grammar.eval(self, node);
        self.depth -= 1;
        // What a variable holds was looked at when it was made.
        if node.kind() != "identifier" && value.is_excessive() {
            return self.unknown(node);
        }
        let size: usize = match &value {
            Value::Text(text) => text
                .pieces()
                .iter()
                .map(|p| match p {
                    crate::model::Piece::Known(known) => known.len(),
                    _ => 1,
                })
                .sum(),
            _ => 0,
        };
        if size > TEXT || !self.spend(size / 16) {
            return self.unknown(node);
        }
        value
    }

    /// The value of a field of a node.
    pub fn field(&mut self, node: Node<'t>, field: &str) -> Option<Value> {
        let child = node.child_by_field_name(field)?;
        Some(self.eval(child))
    }

    fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    /// Notes the functions that the code declares, and which of them it calls.
    fn declare(&mut self, root: Node<'t>) {
        let mut called = HashSet::new();
        let mut twice = HashSet::new();
        let mut cursor = root.walk();
        'all: loop {
            let node = cursor.node();
            if !self.spend(1) {
                return;
            }
            if let Some(name) = self.grammar.declares(self.source, node)
                && self.functions.insert(name, Function { node, called: false, read: false }).is_some()
            {
                twice.insert(name);
            }
            if let Some(function) = self.grammar.called(node) {
                called.insert(self.text(function));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    break 'all;
                }
            }
        }
        self.functions.retain(|name, _| !twice.contains(name));
        for (name, function) in &mut self.functions {
            function.called = called.contains(name);
        }
    }

    /// Walks over a part of the tree.
    pub fn region(&mut self, root: Node<'t>) {
        let grammar = self.grammar;
        let mut cursor = root.walk();
        let blocks = self.blocks.len();
        loop {
            let node = cursor.node();
            if !self.spend(1) {
                break;
            }
            if grammar.is_block(node.kind()) {
                self.blocks.push(node.id());
            }
            if grammar.enter(self, node) && cursor.goto_first_child() {
                continue;
            }
            self.left(node);
            let mut done = false;
            while !done && !cursor.goto_next_sibling() {
                done = !cursor.goto_parent();
                if !done {
                    self.left(cursor.node());
                }
            }
            if done {
                break;
            }
        }
        self.blocks.truncate(blocks);
    }

    fn left(&mut self, node: Node<'t>) {
        let grammar = self.grammar;
        if self.blocks.last() == Some(&node.id()) && grammar.is_block(node.kind()) {
            self.blocks.pop();
        }
        grammar.leave(self, node);
    }

    /// Binds a variable of the innermost function; `self.x` is bound for all.
    pub fn bind(&mut self, name: &str, value: Value) {
        let scope = if name.contains('.') { 0 } else { self.scopes.len() - 1 };
        self.bind_in(scope, name, value);
    }

    /// Binds a variable where it was declared.
    pub fn assign(&mut self, name: &str, value: Value) {
        let declared = self.scopes.iter().rposition(|scope| scope.contains_key(name));
        self.bind_in(declared.unwrap_or(0), name, value);
    }

    fn bind_in(&mut self, scope: usize, name: &str, value: Value) {
        let value = match value {
            Value::Text(text) => Value::Text(text.cut(LONGEST_VALUE)),
            value => value,
        };
        let block = self.blocks.last().copied().unwrap_or(0);
        let others = self.scopes[scope].get(name).is_some_and(|before| {
            let differs = before.others || !before.value.is_same(&value);
            differs && before.block != block && (self.blocks.len() > 1 || self.blocks.contains(&before.block))
        });
        self.scopes[scope].insert(name.to_owned(), Binding { value, block, others });
    }

    /// The value of a variable, if the code binds it.
    pub fn lookup(&mut self, name: &str) -> Option<Value> {
        let binding = self.scopes.iter().rev().find_map(|scope| scope.get(name))?;
        if binding.others && !self.blocks.contains(&binding.block) {
            return Some(Value::Unknown(name.to_owned()));
        }
        Some(binding.value.clone())
    }

    /// Whether the variable was bound in the block that is open now.
    pub fn bound_here(&self, name: &str) -> bool {
        let binding = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        binding.is_some_and(|binding| self.blocks.last() == Some(&binding.block))
    }

    /// Whether a declared function is read where it is called, rather than where it stands.
    pub fn is_read_at_calls(&self, node: Node<'t>) -> bool {
        let name = self.grammar.declares(self.source, node);
        let function = name.and_then(|name| self.functions.get(name));
        function.is_some_and(|function| function.called && function.node.id() == node.id())
    }

    /// Reads the body of one of the code's own functions as a call runs it.
    pub fn call(&mut self, name: &str, args: &Args) {
        let Some(function) = self.functions.get(name).copied() else {
            return;
        };
        if function.called && self.inside.len() < REGIONS && !self.inside.contains(&function.node.id()) {
            self.enter_function(function.node, Some(args));
        }
    }

    /// Whether other code imports this, which is not the script then that such a condition asks for.
    pub fn is_module(&self) -> bool {
        matches!(self.surroundings.imported, Imported::By { .. })
    }

    /// Whether nothing that runs reaches the function.
    pub fn is_unreached(&self, node: Node<'t>) -> bool {
        self.unreached.contains(&node.id())
    }

    /// Whether the code declares a function of that name.
    pub fn is_declared(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// The functions that run and are read where the code calls them.
    pub fn called(&self) -> Vec<Node<'t>> {
        let functions = self.functions.values().filter(|function| function.called);
        functions.map(|function| function.node).filter(|node| !self.is_unreached(*node)).collect()
    }

    /// A function's parameters.
    pub fn parameters(&self, function: Node<'t>) -> Vec<(String, Option<Node<'t>>)> {
        self.grammar.parameters(self.source, function)
    }

    /// The name by which code that imports a function calls it.
    pub fn answers(&self, function: Node<'t>) -> Option<&'t str> {
        self.grammar.answers(self.source, function)
    }

    fn unread(&self) -> Option<Node<'t>> {
        let is_left = |function: &&Function| {
            function.called && !function.read && !self.unreached.contains(&function.node.id())
        };
        let mut unread = self.functions.values().filter(is_left);
        unread.next().map(|function| function.node)
    }

    /// Reads a function's body, as a call with these arguments runs it.
    pub fn enter_function(&mut self, node: Node<'t>, args: Option<&Args>) {
        for function in self.functions.values_mut().filter(|function| function.node.id() == node.id()) {
            function.read = true;
        }
        let bound = node.child_by_field_name("value").or_else(|| node.child_by_field_name("right"));
        let node = bound.unwrap_or(node);
        let Some(body) = node.child_by_field_name("body") else {
            return;
        };
        if self.inside.len() >= REGIONS * 4 {
            self.steps = 0;
            return;
        }
        self.inside.push(node.id());
        self.scopes.push(HashMap::new());
        let blocks = std::mem::replace(&mut self.blocks, vec![body.id()]);
        self.bind_parameters(node, args);
        self.region(body);
        self.blocks = blocks;
        self.scopes.pop();
        self.inside.pop();
    }

    /// Adds an effect.
    pub fn found(&mut self, effect: CodeEffect) {
        match self.effects.len() {
            EFFECTS => self.steps = 0,
            _ => {
                self.effects.push(effect);
                self.places.push(self.place);
            }
        }
    }

    /// Reads a string of code.
    pub fn nested(&mut self, source: &str) {
        let grammar = self.grammar;
        if let Ok(effects) = super::read(grammar.language(), source, self.surroundings, self.level + 1) {
            effects.into_iter().for_each(|(effect, _)| self.found(effect));
        }
    }

    /// A variable of the environment.
    pub fn variable(&self, name: &str, label: &str) -> Value {
        let value = (self.surroundings.variable)(name);
        Value::Text(value.unwrap_or_else(|| Text::hole(label, Shape::Any)))
    }

    /// The home directory.
    pub fn home(&self) -> Text {
        let home = (self.surroundings.variable)("HOME");
        home.unwrap_or_else(|| Text::hole("$HOME", Shape::Directory))
    }
}

/// A list of values.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::List(Rc::new(items))
}
