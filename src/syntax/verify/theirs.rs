//! What the other parser, shuck, shows: the place of every command in its tree.

mod words;

use shuck_ast::{
    ArrayElem, Assignment, AssignmentValue, BuiltinCommand, Command, CommandSubstitutionSyntax,
    CompoundCommand, ConditionalExpr, DeclOperand, HeredocBody, HeredocBodyPart, Redirect, RedirectTarget,
    Stmt, StmtSeq,
};
use shuck_parser::parser::{ParseStatus, Parser, ShellDialect};

use super::Shown;
use crate::model::Span;
use crate::syntax::Dialect;

/// The commands that shuck shows in `source`; nothing where it cannot read all of it.
pub(super) fn shown(source: &str, dialect: Dialect) -> Option<Shown> {
    let theirs = match dialect {
        Dialect::Posix => ShellDialect::Posix,
        Dialect::Bash => ShellDialect::Bash,
        Dialect::Zsh => ShellDialect::Zsh,
    };
    let result = Parser::with_dialect(source, theirs).parse();
    if result.status != ParseStatus::Clean {
        return None;
    }
    let mut walk = Walk { source, dialect, quoted: false, found: Shown::default() };
    walk.statements(&result.file.body);
    Some(walk.found)
}

struct Walk<'a> {
    source: &'a str,
    dialect: Dialect,
    /// Inside double quotes.
    quoted: bool,
    found: Shown,
}

impl Walk<'_> {
    fn place(&mut self, theirs: shuck_ast::Span) {
        self.found.places.push(theirs.start.offset());
    }

    /// Whether a command has a name there. What begins with `#` is a comment: shuck loses sight of
    /// some behind zsh's patterns.
    fn named(&self, theirs: shuck_ast::Span) -> bool {
        let (start, end) = (theirs.start.offset(), theirs.end.offset());
        start < end && self.source.as_bytes().get(start) != Some(&b'#')
    }

    /// What follows a statement with nothing in between to end it is no command in any shell:
    /// shuck lost its way in a word or a redirection (`$a[(i)x]`, `} >! f` in zsh).
    fn statements(&mut self, list: &StmtSeq) {
        let mut ended = true;
        let mut before = 0;
        for one in list.iter() {
            let start = one.span.start.offset();
            let between = self.source.get(before..start).unwrap_or("\n");
            if ended || between.contains('\n') {
                self.statement(one);
            }
            ended = one.terminator.is_some();
            before = one.span.end.offset().saturating_sub(1);
        }
    }

    fn body(&mut self, list: &StmtSeq) {
        let quoted = std::mem::replace(&mut self.quoted, false);
        self.statements(list);
        self.quoted = quoted;
    }

    /// shuck leaves the backslashes in backticks where they are, so it is asked anew.
    fn substitution(&mut self, body: &StmtSeq, syntax: CommandSubstitutionSyntax, whole: shuck_ast::Span) {
        let whole = Span::new(whole.start.offset(), whole.end.offset());
        let text = whole.slice(self.source);
        let before = self.source.get(..whole.start).unwrap_or("").bytes().rev();
        let escaped = before.take_while(|byte| *byte == b'\\').count() % 2 == 1;
        match syntax {
            // An escaped backtick opens nothing; shuck takes some for open in words with a `{`.
            CommandSubstitutionSyntax::Backtick if escaped => {}
            CommandSubstitutionSyntax::Backtick if text.contains('\\') => {
                let inside = text.strip_prefix('`').unwrap_or(text);
                let inside = inside.strip_suffix('`').unwrap_or(inside);
                let commands =
                    shown(&unescaped(inside, self.quoted), self.dialect).map_or(0, |shown| shown.count());
                self.found.unplaced.push((whole, commands));
            }
            _ => self.body(body),
        }
    }

    /// Chains are nested to the left, up to a thousand deep, so that side is followed in a loop.
    fn statement(&mut self, mut one: &Stmt) {
        loop {
            one.redirects.iter().for_each(|r| self.redirect(r));
            match &one.command {
                Command::Binary(binary) => {
                    self.statement(&binary.right);
                    one = &binary.left;
                }
                command => return self.command(command, one),
            }
        }
    }

    fn command(&mut self, command: &Command, statement: &Stmt) {
        match command {
            Command::Simple(simple) => {
                if self.named(simple.name.span) {
                    self.place(simple.name.span);
                } else if let Some(first) = simple.assignments.first() {
                    self.place(first.span);
                } else if let Some(first) = statement.redirects.first() {
                    self.place(first.span);
                }
                self.word(&simple.name);
                self.words(&simple.args);
                self.assignments(&simple.assignments);
            }
            Command::Builtin(builtin) => {
                let (first, rest, assignments, whole) = match builtin {
                    BuiltinCommand::Break(c) => (&c.depth, &c.extra_args, &c.assignments, c.span),
                    BuiltinCommand::Continue(c) => (&c.depth, &c.extra_args, &c.assignments, c.span),
                    BuiltinCommand::Return(c) => (&c.code, &c.extra_args, &c.assignments, c.span),
                    BuiltinCommand::Exit(c) => (&c.code, &c.extra_args, &c.assignments, c.span),
                };
                self.place(assignments.first().map_or(whole, |first| first.span));
                first.iter().for_each(|w| self.word(w));
                self.words(rest);
                self.assignments(assignments);
            }
            Command::Decl(declaration) => {
                self.place(declaration.variant_span);
                self.assignments(&declaration.assignments);
                for operand in &declaration.operands {
                    match operand {
                        DeclOperand::Flag(word) | DeclOperand::Dynamic(word) => self.word(word),
                        DeclOperand::Name(name) => self.variable(name),
                        DeclOperand::Assignment(one) => self.assignment(one),
                    }
                }
            }
            // Only the loop above sees chains.
            Command::Binary(_) => {}
            Command::Compound(compound) => self.compound(compound),
            Command::Function(function) => {
                function.header.entries.iter().for_each(|e| self.word(&e.word));
                self.statement(&function.body);
            }
            Command::AnonymousFunction(function) => {
                self.statement(&function.body);
                self.words(&function.args);
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand) {
        match compound {
            CompoundCommand::If(c) => {
                self.statements(&c.condition);
                self.statements(&c.then_branch);
                for (condition, body) in &c.elif_branches {
                    self.statements(condition);
                    self.statements(body);
                }
                c.else_branch.iter().for_each(|list| self.statements(list));
            }
            CompoundCommand::For(c) => {
                c.targets.iter().for_each(|target| self.word(&target.word));
                c.words.iter().for_each(|words| self.words(words));
                self.statements(&c.body);
            }
            CompoundCommand::Repeat(c) => {
                self.word(&c.count);
                self.statements(&c.body);
            }
            CompoundCommand::Foreach(c) => {
                self.words(&c.words);
                self.statements(&c.body);
            }
            CompoundCommand::ArithmeticFor(c) => {
                for expression in [&c.init_ast, &c.condition_ast, &c.step_ast] {
                    expression.iter().for_each(|e| self.arithmetic(e));
                }
                self.statements(&c.body);
            }
            CompoundCommand::While(c) => {
                self.statements(&c.condition);
                self.statements(&c.body);
            }
            CompoundCommand::Until(c) => {
                self.statements(&c.condition);
                self.statements(&c.body);
            }
            CompoundCommand::Case(c) => {
                self.word(&c.word);
                for case in &c.cases {
                    case.patterns.iter().for_each(|p| self.pattern(p));
                    self.statements(&case.body);
                }
            }
            CompoundCommand::Select(c) => {
                self.words(&c.words);
                self.statements(&c.body);
            }
            CompoundCommand::Subshell(list) | CompoundCommand::BraceGroup(list) => {
                self.statements(list);
            }
            CompoundCommand::Arithmetic(c) => {
                c.expr_ast.iter().for_each(|e| self.arithmetic(e));
            }
            CompoundCommand::Time(c) => c.command.iter().for_each(|s| self.statement(s)),
            CompoundCommand::Conditional(c) => self.conditional(&c.expression),
            CompoundCommand::Coproc(c) => self.statement(&c.body),
            CompoundCommand::Always(c) => {
                self.statements(&c.body);
                self.statements(&c.always_body);
            }
        }
    }

    fn conditional(&mut self, mut expression: &ConditionalExpr) {
        loop {
            match expression {
                ConditionalExpr::Binary(e) => {
                    self.conditional(&e.right);
                    expression = &e.left;
                }
                ConditionalExpr::Unary(e) => expression = &e.expr,
                ConditionalExpr::Parenthesized(e) => expression = &e.expr,
                ConditionalExpr::Word(word) | ConditionalExpr::Regex(word) => {
                    return self.word(word);
                }
                ConditionalExpr::Pattern(pattern) => return self.pattern(pattern),
                ConditionalExpr::VarRef(variable) => return self.variable(variable),
            }
        }
    }

    fn redirect(&mut self, redirect: &Redirect) {
        match &redirect.target {
            RedirectTarget::Word(word) => self.word(word),
            RedirectTarget::Heredoc(heredoc) => self.heredoc(&heredoc.body),
        }
    }

    fn heredoc(&mut self, body: &HeredocBody) {
        for part in &body.parts {
            match &part.kind {
                HeredocBodyPart::Literal(_) | HeredocBodyPart::Variable(_) => {}
                HeredocBodyPart::CommandSubstitution { body, syntax } => {
                    self.substitution(body, *syntax, part.span);
                }
                HeredocBodyPart::ArithmeticExpansion { expression_ast, expression_word_ast, .. } => {
                    self.either(expression_ast.as_deref(), Some(expression_word_ast))
                }
                HeredocBodyPart::Parameter(parameter) => self.parameter(parameter),
            }
        }
    }

    fn assignments(&mut self, list: &[Assignment]) {
        list.iter().for_each(|a| self.assignment(a));
    }

    fn assignment(&mut self, one: &Assignment) {
        self.variable(&one.target);
        match &one.value {
            AssignmentValue::Scalar(word) => self.word(word),
            AssignmentValue::Compound(array) => {
                for element in &array.elements {
                    let (key, value) = match element {
                        ArrayElem::Sequential(value) => (None, value),
                        ArrayElem::Keyed { key, value } | ArrayElem::KeyedAppend { key, value } => {
                            (Some(key), value)
                        }
                    };
                    key.iter().for_each(|k| self.subscript(k));
                    self.word(&value.word);
                }
            }
        }
    }
}

/// The text between backticks as the shell reads it.
fn unescaped(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        let next = rest.peek().copied();
        let escape = matches!(next, Some('\\' | '`' | '$')) || quoted && next == Some('"');
        if one == '\\' && escape {
            out.extend(rest.next());
        } else {
            out.push(one);
        }
    }
    out
}
