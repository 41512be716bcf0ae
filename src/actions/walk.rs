//! Follows a script as the shell would, without running it, and collects what it would do.
//!
//! A branch counts as taken unless a test of known words says otherwise. Values are followed through assignments, functions, subshells
//! and loops over known lists; where two ways meet with different values, the value is unknown.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::model::{
    Action, Call, Committed, Effect, Exported, Facts, Input, Inside, Kept, Match, Place, Span, Text,
    Unprovable, Via,
};
use crate::syntax::{self, Charset, Command, Dialect, Proof, Saved, Scope, Script, Stmt};

use super::CodeDatabase;
use super::conditions::{Gone, Known};
use super::done::{Done, Status, join_output};
use super::git::Grown;
use super::outcomes::surely_redirect;
use super::placed::Placed;
use super::settle::Exec;

/// The most statements that one judgement follows, loops unrolled and functions entered.
pub(super) const STATEMENTS: usize = 200_000;
/// The most times that one function or script file is entered within itself.
pub(super) const RECURSION: usize = 3;
/// The most calls of functions that one judgement follows.
pub(super) const CALLS: usize = 8192;
/// The most layers of nested source: shells in shells, functions, files.
pub(super) const LAYERS: usize = 48;
/// The most bytes of one script or code file that is read.
pub(super) const FILE_LIMIT: usize = 4 << 20;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// What the script would do, in the order in which it was met.
    pub actions: Vec<Action>,
    /// Why the source could not be proved to hold no other command, where that is so.
    pub unprovable: Option<String>,
    /// The source could not be followed to its end: nothing may be concluded from what is missing.
    pub cut_short: Option<String>,
    /// Some source that would be read has bytes beyond ASCII.
    pub beyond_ascii: bool,
    /// The worst charset by which some source would be read.
    pub charset: Charset,
}

impl Walked {
    /// Why what the shell would read is not what stands there, where that is so.
    pub fn misread(&self) -> Option<&'static str> {
        let misread = self.beyond_ascii && self.charset == Charset::Swallowing;
        misread
            .then_some("bytes beyond ASCII, in a locale whose characters may swallow a quote or an operator")
    }
}

/// What holds for the statements that are being followed.
#[derive(Clone)]
pub(super) struct Context {
    /// The layers that were peeled off.
    pub via: Rc<Vec<Via>>,
    /// Where the commands run.
    pub place: Place,
    /// Whether the commands stand there for certain.
    pub certainty: Match,
    /// They stand in code that people have read.
    pub committed: Committed,
    /// Whose grammar nested source has, unless its wrapper says otherwise.
    pub dialect: Dialect,
    /// How a span in the current source becomes one in the outermost.
    pub origin: Origin,
    /// The innermost script file around, and the command in it.
    pub inside: Option<Inside>,
    /// Standard input of commands that do not redirect it.
    pub input: Input,
    /// Somebody reads standard output: work out what is printed.
    pub capture: bool,
    /// Where code is connected to that names no database itself.
    pub database: CodeDatabase,
    /// Nobody needs what is in the container that the commands run in.
    pub own: bool,
    /// What it runs in may have other variables than those that are known.
    pub unsure: bool,
    /// The files that a filter and the stages before it read: its own redirection to one empties that first.
    pub reads: Vec<String>,
    /// How it comes to run, where every exec is judged.
    pub exec: Exec,
}

/// How a span in the current source becomes one in the outermost.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The current source stands in the outermost at this offset.
    Offset(usize),
    /// It does not; everything in it is shown at this span.
    Within(Span),
    /// The same; it is the text of [`Context::inside`].
    File(Span),
}

impl Origin {
    pub fn map(self, span: Span) -> Span {
        match self {
            Origin::Offset(by) => Span::new(span.start + by, span.end + by),
            Origin::Within(outer) | Origin::File(outer) => outer,
        }
    }
}

/// The walk through one command line and all that it leads to.
pub(super) struct Walk<'f> {
    pub facts: &'f dyn Facts,
    /// The outermost source.
    pub source: &'f str,
    /// The outermost source stands in a file.
    pub in_file: bool,
    /// The files that were read, by absolute path.
    pub looked: RefCell<HashSet<String>>,
    pub context: Context,
    pub found: Walked,
    /// What the script put at paths.
    pub written: Placed,
    /// The absolute paths at which the script deletes or empties something.
    pub deleted: HashSet<String>,
    /// The files that the shell opened and that nothing has been written to since.
    pub emptied: HashSet<String>,
    /// What the shell exported to the call that was met last.
    pub exported: Exported,
    /// How many branches and loops are being followed that may not run.
    pub conditional: usize,
    /// What holds while what is being followed runs.
    pub known: Vec<Known>,
    /// Where copies of uncommitted changes stand that the script may have discarded since.
    pub copies: Vec<(String, Kept)>,
    /// Aliases of git's that the script set, each as `alias.NAME=VALUE`.
    pub git_aliases: Vec<Text>,
    /// The script put files into git's index, or made a repository.
    pub staged: bool,
    /// The branches that it committed to.
    pub grown: Grown,
    /// Files that hold others, changed by a filter: by path, with the paths of these.
    pub filtered: HashMap<String, Vec<String>>,
    /// Directories that the script made, by absolute path.
    pub made: BTreeSet<String>,
    /// What can be read from the process substitutions, by the path that the shell would give.
    pub pipes: HashMap<String, Input>,
    /// What the process substitutions run that are written to, by that path.
    pub outlets: HashMap<String, Vec<Stmt>>,
    /// What can be read from the descriptors that the shell opened, above the standard ones.
    pub opened: HashMap<u32, Input>,
    /// What was printed since the current statement began comes from a file that the script did not
    /// write.
    pub foreign: Cell<bool>,
    /// The files to which descriptors of the shell lead; those above the standard ones, and 1.
    pub leads: HashMap<u32, Text>,
    /// Servers that what is being followed started.
    pub servers: Vec<Known>,
    /// A port of this machine was made to lead to another one.
    pub tunnels: bool,
    /// Code that runs when the current shell ends, with the place where it was set.
    pub traps: Vec<(Text, Context, Vec<Known>)>,
    /// Aliases by name.
    pub aliases: HashMap<String, Text>,
    /// A call whose program is unknown was met: any function may be meant by it.
    pub unknown_program: bool,
    /// Functions that were entered, by name.
    pub entered_functions: HashSet<String>,
    /// Names that were looked for among the environment's functions.
    pub asked_functions: HashSet<String>,
    /// Modules that were followed, each with the file that imports it.
    pub modules: HashSet<(String, String)>,
    /// Functions, and script files by path, that are being followed.
    pub open: Vec<String>,
    /// What `local` covers up, one list for each open function.
    pub locals: Vec<Vec<Saved>>,
    /// `set -e` holds: what follows a failure does not run.
    pub exits_on_error: bool,
    /// `set -a` holds: every variable that is assigned is exported.
    pub exports_all: bool,
    /// How many conditions and negations are being followed: a failure within ends nothing.
    pub tested: usize,
    /// How many `return`, `break` and `continue` were met.
    pub left: usize,
    /// How many loops are being followed that `break` may leave.
    pub loops: usize,
    /// How many of them lead out of more than one loop.
    pub returned: usize,
    /// How often something stood behind one of them: it may not have run.
    pub skipped: usize,
    pub layers: usize,
    pub statements: usize,
    /// How many calls of functions were followed.
    pub calls: usize,
    /// Bytes of files that were read because something else may stand there too.
    pub merged: Cell<usize>,
    /// How often the script's files were looked through for one that a program runs.
    pub searched: usize,
    /// How many of the first actions are known to change no file.
    pub quiet: Cell<usize>,
    /// How often the loops around run what is being followed.
    pub rounds: usize,
}

/// What a script would do, given its positional parameters (`$0` first).
///
/// `file` is the one that the source stands in; `startup` names files whose source runs before it in the same shell (`BASH_ENV`).
pub fn walk(
    source: &str,
    dialect: Dialect,
    file: Option<&str>,
    positional: Vec<Text>,
    startup: &[String],
    facts: &dyn Facts,
) -> Walked {
    let mut walk = Walk::new(source, dialect, facts);
    let mut scope = Scope::new(facts, positional, dialect);
    walk.context.committed.within(file.and_then(|file| walk.path_before(&Text::known(file), &scope)));
    walk.in_file = file.is_some();
    for file in startup {
        walk.startup_file(file, &mut scope);
    }
    if file.is_some() {
        scope.enter_script();
    }
    let script = walk.parse(source, dialect);
    walk.script(&script, &mut scope);
    walk.finish(&mut scope);
    walk.found
}

/// What one program call would do: `guard -- PROGRAM ARGS…`.
pub fn walk_call(call: Call, facts: &dyn Facts) -> Walked {
    let mut walk = Walk::new("", Dialect::Bash, facts);
    let mut scope = Scope::new(facts, Vec::new(), Dialect::Bash);
    walk.context.origin = Origin::Within(Span::default());
    walk.context.exec.itself = true;
    // What is executed is a program: no function or builtin of its name is meant.
    walk.executed(&Rc::new(call), Span::default(), &mut scope, false);
    walk.finish(&mut scope);
    walk.found
}

impl<'f> Walk<'f> {
    fn new(source: &'f str, dialect: Dialect, facts: &'f dyn Facts) -> Self {
        let context = Context {
            via: Rc::default(),
            place: Place::Local,
            certainty: Match::Yes,
            committed: Committed::default(),
            dialect,
            origin: Origin::Offset(0),
            inside: None,
            input: Input::Inherited,
            capture: false,
            database: CodeDatabase::Unknown,
            own: false,
            unsure: false,
            reads: Vec::new(),
            exec: Exec::default(),
        };
        let mut walk = Walk::at(source, context, 0, facts);
        walk.context.exec = walk.outermost_exec(dialect);
        walk
    }

    /// A walk that goes on where another stands, with nothing found yet.
    pub fn at(source: &'f str, context: Context, layers: usize, facts: &'f dyn Facts) -> Self {
        Walk {
            facts,
            source,
            in_file: false,
            looked: RefCell::default(),
            context,
            found: Walked::default(),
            written: Placed::default(),
            deleted: HashSet::new(),
            emptied: HashSet::new(),
            exported: Rc::default(),
            conditional: 0,
            known: Vec::new(),
            copies: Vec::new(),
            git_aliases: Vec::new(),
            staged: false,
            grown: Grown::default(),
            filtered: HashMap::new(),
            made: BTreeSet::new(),
            pipes: HashMap::new(),
            outlets: HashMap::new(),
            opened: HashMap::new(),
            leads: HashMap::new(),
            foreign: Cell::new(false),
            servers: Vec::new(),
            tunnels: false,
            traps: Vec::new(),
            aliases: HashMap::new(),
            unknown_program: false,
            entered_functions: HashSet::new(),
            asked_functions: HashSet::new(),
            modules: HashSet::new(),
            open: Vec::new(),
            locals: Vec::new(),
            exits_on_error: false,
            exports_all: false,
            tested: 0,
            left: 0,
            loops: 0,
            returned: 0,
            skipped: 0,
            layers,
            statements: 0,
            calls: 0,
            merged: Cell::new(0),
            searched: 0,
            quiet: Cell::new(0),
            rounds: 1,
        }
    }

    /// Follows all of a script's statements.
    pub fn script(&mut self, script: &Script, scope: &mut Scope<'_>) -> Done {
        if let Proof::Unprovable { why, span } = &script.proof {
            self.emit(
                Effect::Unprovable(Unprovable { why: why.clone() }),
                self.context.origin.map(*span),
                scope,
            );
            self.found.unprovable.get_or_insert_with(|| why.clone());
        }
        let done = self.sequence(&script.body, scope);
        self.found.charset = self.found.charset.max(scope.charset());
        done
    }

    /// Reads shell source.
    pub fn parse(&mut self, source: &str, dialect: Dialect) -> Script {
        self.found.beyond_ascii |= !source.is_ascii();
        syntax::parse(source, dialect)
    }

    /// What runs when the outermost shell ends, and what may be run under an unknown name.
    fn finish(&mut self, scope: &mut Scope<'_>) {
        if self.found.beyond_ascii && self.found.charset == Charset::Unsure {
            self.found
                .unprovable
                .get_or_insert_with(|| "bytes beyond ASCII, in a locale that is not known".into());
        }
        self.run_traps(0, scope);
        self.follow_unreached(scope);
        self.unsettle_loaded();
    }

    /// Runs the traps set since there were `from` of them.
    pub fn run_traps(&mut self, from: usize, scope: &mut Scope<'_>) {
        for (code, context, made) in self.traps.split_off(from.min(self.traps.len())) {
            let saved = std::mem::replace(&mut self.context, context);
            let known = self.known.len();
            self.known.extend(made);
            // It may run long before the end.
            self.context.unsure = true;
            let loops = std::mem::take(&mut self.loops);
            self.shell_text(&code, scope, None);
            self.known.truncate(known);
            self.loops = loops;
            self.context = saved;
        }
    }

    /// Adds an action that no exec of its own settles.
    pub fn emit(&mut self, effect: Effect, span: Span, scope: &Scope<'_>) {
        let settled = self.is_carried();
        self.emit_settled(effect, settled, span, scope);
    }

    /// Adds an action.
    pub fn emit_settled(&mut self, mut effect: Effect, settled: bool, span: Span, scope: &Scope<'_>) {
        if let Effect::Path(effect) = &mut effect {
            self.unhook(effect, span, scope);
            self.tell_settings(effect, scope);
        }
        let exported = match effect {
            Effect::Call(_) => self.exported(scope),
            _ => Rc::default(),
        };
        let evidence = self.evidence(&effect, scope);
        let mut action = Action {
            exported,
            absent: Vec::new(),
            fresh: Vec::new(),
            kept: Vec::new(),
            staged: self.staged,
            scratch: false,
            evidence,
            effect,
            span,
            inside: self.context.inside.clone(),
            via: self.context.via.clone(),
            place: self.context.place.clone(),
            directory: scope.directory().clone(),
            certainty: self.context.certainty,
            committed: self.context.committed.clone(),
            settled,
        };
        self.known_for(&mut action);
        self.note_deleted(&action);
        self.found.actions.push(action);
    }

    /// Notes that a command of the current source is being followed, where that is a file's.
    pub fn locate(&mut self, span: Span) {
        if let (Origin::File(_), Some(inside)) = (self.context.origin, &mut self.context.inside) {
            inside.span = span;
        }
    }

    /// Goes one layer deeper, unless that is too deep; then the walk says that it was cut short.
    pub fn layer<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.layers >= LAYERS {
            self.cut_short("commands nested too deep to follow");
            return None;
        }
        self.layers += 1;
        let done = inner(self);
        self.layers -= 1;
        Some(done)
    }

    /// Whether a function or file was entered so often within itself that it need not be again.
    pub fn is_within(&self, name: &str) -> bool {
        self.open.iter().filter(|open| *open == name).count() >= RECURSION
    }

    pub fn cut_short(&mut self, why: &str) {
        self.found.cut_short.get_or_insert_with(|| why.to_owned());
    }

    pub fn sequence(&mut self, stmts: &[Stmt], scope: &mut Scope<'_>) -> Done {
        let mut output = Some(Text::default());
        let mut status = Status::Success;
        let mut decided = None;
        let mut gone = Gone::default();
        let known = self.known.len();
        let left = self.left;
        for (index, stmt) in stmts.iter().enumerate() {
            if index > 0 && self.left > left {
                self.skipped += 1;
            }
            let foreign = self.foreign.replace(false);
            let done = self.statement(stmt, scope);
            self.foreign.set(foreign || self.foreign.get());
            let ends = done.surely_ends();
            let goes_on = !self.exits_on_error || self.tested > 0 || stmt.negated;
            if let Some(stayed) = done.stayed.filter(|_| goes_on) {
                let mut failed = scope.clone();
                failed.change_directory(&stayed);
                *scope = Scope::join(scope, &failed);
            }
            status = done.status;
            decided = done.decided;
            gone = done.gone;
            output = join_output(output, done.output);
            self.learn(known, done.remains);
            // Behind what fails, nothing else runs.
            if self.exits_on_error && self.tested == 0 && matches!(stmt.command, Command::Simple(_)) {
                self.learn(known, gone.if_true.clone());
            }
            if ends {
                break;
            }
        }
        self.known.truncate(known);
        Done { status, decided, gone, ..Done::printing(output) }
    }

    /// Follows what is asked whether it succeeds: a failure within ends nothing.
    pub fn tested<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.tested += 1;
        let done = inner(self);
        self.tested -= 1;
        done
    }

    /// Follows what may not run.
    pub fn perhaps<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.conditional += 1;
        let done = inner(self);
        self.conditional -= 1;
        done
    }

    /// Follows one statement.
    pub fn statement(&mut self, stmt: &Stmt, scope: &mut Scope<'_>) -> Done {
        self.statements += 1;
        if self.statements > STATEMENTS {
            self.cut_short("too many commands to follow");
            return Done::unknown();
        }
        if stmt.background {
            self.servers.clear();
            let done = self.perhaps(|walk| walk.subshell(scope, |walk, inner| walk.foreground(stmt, inner)));
            return Done { status: Status::Success, remains: std::mem::take(&mut self.servers), ..done };
        }
        if stmt.negated {
            return self.tested(|walk| walk.foreground(stmt, scope));
        }
        self.foreground(stmt, scope)
    }

    fn foreground(&mut self, stmt: &Stmt, scope: &mut Scope<'_>) -> Done {
        if let Command::Simple(simple) = &stmt.command {
            return self.simple(simple, stmt, scope);
        }
        let saved_input = self.context.input.clone();
        let saved_capture = self.context.capture;
        let redirected = self.redirects(&stmt.redirects, scope);
        if let Some(input) = redirected.input {
            self.context.input = input;
        }
        let before_it = (!surely_redirect(&stmt.redirects)).then(|| scope.clone());
        let opens = !redirected.opened.is_empty() || !redirected.leads.is_empty();
        let before = opens.then(|| (self.opened.clone(), self.leads.clone()));
        self.opened.extend(redirected.opened);
        self.leads.extend(redirected.leads);
        if !redirected.outputs.is_empty() {
            self.context.capture = true;
        } else if redirected.stdout_elsewhere {
            self.context.capture = false;
        }
        let mut done = self.layer(|walk| walk.compound(stmt, scope)).unwrap_or_else(Done::unknown);
        self.may_not_have_run(before_it.as_ref(), scope);
        self.context.input = saved_input;
        self.context.capture = saved_capture;
        if let Some(before) = before {
            (self.opened, self.leads) = before;
        }
        for output in redirected.outputs {
            self.write(output, done.output.clone(), stmt.span, scope);
        }
        if redirected.stdout_elsewhere {
            done.output = Some(Text::default());
        }
        done.doubt_redirected(&stmt.redirects);
        if stmt.negated {
            done = done.negated();
        }
        if !stmt.redirects.is_empty() {
            // A redirection may fail before the command runs.
            done.gone = Gone::default();
        }
        done
    }
}
