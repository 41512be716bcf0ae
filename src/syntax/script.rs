//! The tree of a script: guard's own, so that the parser behind it can be exchanged.
//!
//! Quoting is resolved as far as it does not depend on values: escapes and `$'…'` are decoded,
//! and each stretch says whether it was quoted. Every span is in bytes of the source that was
//! parsed.

use crate::model::Span;

/// Which shell's grammar and semantics hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// POSIX sh (dash and kin).
    Posix,
    /// bash.
    #[default]
    Bash,
    /// zsh.
    Zsh,
}

/// Parsed source.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The statements, in order.
    pub body: Vec<Stmt>,
    /// Whether every command in the source stands in `body`.
    pub proof: Proof,
}

/// Whether a tree was proved to hide no command of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It was.
    Proved,
    /// It was not. The body then is the union of all commands found by any means.
    Unprovable {
        /// Why, for messages: `an unclosed quote`.
        why: String,
        /// Where, as near as can be told.
        span: Span,
    },
}

/// One statement with its redirections.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What it runs.
    pub command: Command,
    /// Its redirections, in order.
    pub redirects: Vec<Redirect>,
    /// `! …`
    pub negated: bool,
    /// `… &`
    pub background: bool,
    /// All of it.
    pub span: Span,
}

/// What a statement runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Assignments and words; either may be empty. Declarations (`export A=b`, `local x`) are
    /// this too: the word `export`, with their assignments in `declared`.
    Simple(Simple),
    /// `a | b`; for `|&` the left side has a redirection of descriptor 2 to 1 added.
    Pipeline(Vec<Stmt>),
    /// `a && b`
    And(Box<Stmt>, Box<Stmt>),
    /// `a || b`
    Or(Box<Stmt>, Box<Stmt>),
    /// `{ …; }`
    Group(Vec<Stmt>),
    /// `( … )`
    Subshell(Vec<Stmt>),
    /// `if …; then …; elif …; then …; else …; fi`: conditions and bodies, and the last body.
    If {
        /// Each condition with what it guards.
        branches: Vec<(Vec<Stmt>, Vec<Stmt>)>,
        /// The `else` part.
        otherwise: Option<Vec<Stmt>>,
    },
    /// `while …; do …; done`, `until` too.
    While {
        /// What is asked before each round.
        condition: Vec<Stmt>,
        /// Each round.
        body: Vec<Stmt>,
    },
    /// `for x in …`, `select x in …`, zsh `foreach`; also `repeat N`, with no names.
    For {
        /// The variables that take the words' values.
        names: Vec<String>,
        /// The words; `None` means `"$@"`.
        words: Option<Vec<Word>>,
        /// Each round.
        body: Vec<Stmt>,
    },
    /// `for ((…; …; …))`
    ArithmeticFor {
        /// The three expressions, those that are there.
        expressions: Vec<Arithmetic>,
        /// Each round.
        body: Vec<Stmt>,
    },
    /// `case w in p) … ;; esac`
    Case {
        /// What is compared.
        subject: Word,
        /// The arms.
        arms: Vec<CaseArm>,
    },
    /// `[[ … ]]`: the words in it, for the substitutions they hold; an empty one at the end where
    /// there are operators between them.
    Test(Vec<Word>),
    /// `(( … ))`
    Arithmetic(Arithmetic),
    /// `f() …`, `function f …`; zsh allows several names.
    Function {
        /// Its names.
        names: Vec<Word>,
        /// Its body.
        body: Box<Stmt>,
    },
    /// zsh `() { … } args`: runs at once.
    AnonymousFunction {
        /// Its body.
        body: Box<Stmt>,
        /// `$1` and on.
        args: Vec<Word>,
    },
    /// `time …`
    Time(Option<Box<Stmt>>),
    /// `coproc NAME …`
    Coproc {
        /// The array that gets its descriptors.
        name: String,
        /// What runs beside the shell.
        body: Box<Stmt>,
    },
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Simple {
    /// `A=b` in front.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments; empty for assignments or redirections alone.
    pub words: Vec<Word>,
    /// Assignments among the arguments of `export`, `local`, `declare`, `readonly`, `typeset`.
    /// They stand in `words` too, as the plain words they look like.
    pub declared: Vec<Assignment>,
}

/// An arm of a `case`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseArm {
    /// Its patterns.
    pub patterns: Vec<Word>,
    /// What it runs.
    pub body: Vec<Stmt>,
    /// It ends with `;&` or `;;&`: the next arm may run too.
    pub falls_through: bool,
}

/// `name=value`, `name[i]=value`, `name+=value`, `name=(a b)`
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its subscript's text; evaluated for the substitutions in it.
    pub subscript: Option<Word>,
    /// What it gets.
    pub value: AssignedValue,
    /// `+=`
    pub append: bool,
    /// All of it.
    pub span: Span,
}

/// The right side of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub enum AssignedValue {
    /// One value.
    Scalar(Word),
    /// `( … )`: elements with their keys where they have some.
    Array(Vec<(Option<Word>, Word)>),
}

/// A word: stretches of text and expansions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Word {
    /// The stretches, in order.
    pub parts: Vec<Part>,
    /// All of it.
    pub span: Span,
}

/// A stretch of a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text with its escapes decoded. Unquoted text may hold active `* ? [ ] { } ~` and, in
    /// patterns, `( | )`; what was escaped there is a quoted stretch of its own. `""` is an empty
    /// quoted stretch. Bytes that are not UTF-8 (`$'\xff'`) are the reserved
    /// characters of [`crate::model::bytes`].
    Literal {
        /// The characters.
        text: String,
        /// Whether they were quoted or escaped.
        quoted: bool,
    },
    /// `$x`, `${x…}`
    Parameter {
        /// What is expanded, and how.
        expansion: Box<Parameter>,
        /// Inside double quotes.
        quoted: bool,
        /// From `$` to its end.
        span: Span,
    },
    /// `$( … )`, `` `…` ``, `${ …; }`
    Command {
        /// What runs.
        body: Vec<Stmt>,
        /// Inside double quotes.
        quoted: bool,
        /// From `$` to its end.
        span: Span,
    },
    /// `<( … )`, `>( … )`, zsh `=( … )`
    Process {
        /// What runs.
        body: Vec<Stmt>,
        /// `<( … )` or `=( … )`: the word names what can be read.
        readable: bool,
        /// From `<` to its end.
        span: Span,
    },
    /// `$(( … ))`, `$[ … ]`
    Arithmetic {
        /// What is computed.
        expression: Arithmetic,
        /// Inside double quotes.
        quoted: bool,
        /// From `$` to its end.
        span: Span,
    },
    /// An expansion that the tree has no form for (zsh flags and modifiers): unknown text. The
    /// words are what stands in it, for the substitutions they hold.
    Unknown {
        /// What stands inside.
        words: Vec<Word>,
        /// Inside double quotes.
        quoted: bool,
        /// Its own text.
        span: Span,
        /// Its value may be run as code by the shell itself (zsh `(e)`).
        code: bool,
    },
}

/// The name under which zsh's `${(%):-%x}` stands in the tree: the file that is being read.
pub const FILE: &str = "%x";

/// A parameter expansion.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name: `x`, `1`, `@`, `*`, `#`, `?`, `$`, `!`, `-`.
    pub name: String,
    /// `[i]`, with `@` and `*` as plain words.
    pub subscript: Option<Word>,
    /// `${!x}`
    pub indirect: bool,
    /// What is done with the value.
    pub op: ParameterOp,
}

/// What is done with a parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterOp {
    /// Nothing.
    Get,
    /// `${#x}`
    Length,
    /// `${!x[@]}`, `${!prefix*}`: names, not values.
    Names,
    /// `${x-w}`; with `colon`, also where it is empty.
    Default {
        /// `:-`
        colon: bool,
        /// What is taken instead.
        word: Word,
    },
    /// `${x=w}`
    Assign {
        /// `:=`
        colon: bool,
        /// What is taken and assigned.
        word: Word,
    },
    /// `${x+w}`
    Alternative {
        /// `:+`
        colon: bool,
        /// What is taken where it is set.
        word: Word,
    },
    /// `${x?w}`
    Error {
        /// `:?`
        colon: bool,
        /// The message.
        word: Word,
    },
    /// `${x#p}`, `${x##p}`
    StripPrefix {
        /// `##`
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${x%p}`, `${x%%p}`
    StripSuffix {
        /// `%%`
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${x/p/r}`, `${x//p/r}`; anchors `#` and `%` stand in the pattern's text.
    Replace {
        /// `//`
        all: bool,
        /// The pattern.
        pattern: Word,
        /// What takes its place.
        replacement: Word,
    },
    /// `${x:o}`, `${x:o:l}`
    Slice {
        /// The offset.
        offset: Arithmetic,
        /// The length.
        length: Option<Arithmetic>,
    },
    /// zsh `${x:A:h}`: what is done with a path, a letter each.
    Path(String),
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`
    Case {
        /// To upper case.
        upper: bool,
        /// Every character, not the first alone.
        all: bool,
    },
    /// `${x@Q}` and kin
    Transform(char),
}

/// An arithmetic expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Arithmetic {
    /// Its text as a word, in which `$x`, `$( … )` are parts and the rest is literal.
    pub word: Word,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    /// The descriptor in front of the operator, else the operator's own; `None` for `{name}>`.
    pub fd: Option<u32>,
    /// The variable that gets the number of a new descriptor: `{name}>`.
    pub variable: Option<String>,
    /// The operator and what it leads to.
    pub kind: RedirectKind,
    /// All of it.
    pub span: Span,
}

/// A redirection's operator and target.
#[derive(Debug, Clone, PartialEq)]
pub enum RedirectKind {
    /// `>`, `>|`, `&>`, `>& file`
    Write(Word),
    /// `>>`, `&>>`
    Append(Word),
    /// `<`
    Read(Word),
    /// `<>`
    ReadWrite(Word),
    /// `>&2`, `<&3`, `>&-`
    Duplicate(Word),
    /// `<<EOF`, `<<-EOF`: the body, with expansions where the delimiter was not quoted.
    Heredoc(Word),
    /// `<<<w`
    HereString(Word),
}
