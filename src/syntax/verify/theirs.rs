//! What the other parser, shuck, shows: the place of every command in its tree.

use shuck_ast::{
    ArithmeticExpr, ArithmeticExprNode, ArithmeticLvalue, Assignment, AssignmentValue,
    BourneParameterExpansion, BuiltinCommand, Command, CommandSubstitutionSyntax, CompoundCommand,
    ConditionalExpr, DeclOperand, HeredocBody, HeredocBodyPart, ParameterExpansion,
    ParameterExpansionSyntax, ParameterOp, Pattern, PatternPart, Redirect, RedirectTarget, Stmt,
    StmtSeq, Subscript, VarRef, Word, WordPart, WordPartNode, ZshExpansionOperation,
    ZshExpansionTarget, ZshGlobSegment,
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
    let mut walk = Walk {
        source,
        dialect,
        quoted: false,
        found: Shown::default(),
    };
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
    fn substitution(
        &mut self,
        body: &StmtSeq,
        syntax: CommandSubstitutionSyntax,
        whole: shuck_ast::Span,
    ) {
        let whole = Span::new(whole.start.offset(), whole.end.offset());
        let text = whole.slice(self.source);
        match syntax {
            CommandSubstitutionSyntax::Backtick if text.contains('\\') => {
                let inside = text.trim_matches('`');
                let commands = shown(&unescaped(inside, self.quoted), self.dialect)
                    .map_or(0, |shown| shown.count());
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
                    BuiltinCommand::Continue(c) => {
                        (&c.depth, &c.extra_args, &c.assignments, c.span)
                    }
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
                function
                    .header
                    .entries
                    .iter()
                    .for_each(|e| self.word(&e.word));
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
                HeredocBodyPart::ArithmeticExpansion {
                    expression_ast,
                    expression_word_ast,
                    ..
                } => self.either(expression_ast.as_deref(), Some(expression_word_ast)),
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
                        shuck_ast::ArrayElem::Sequential(value) => (None, value),
                        shuck_ast::ArrayElem::Keyed { key, value }
                        | shuck_ast::ArrayElem::KeyedAppend { key, value } => (Some(key), value),
                    };
                    key.iter().for_each(|k| self.subscript(k));
                    self.word(&value.word);
                }
            }
        }
    }

    fn variable(&mut self, variable: &VarRef) {
        variable.subscript.iter().for_each(|s| self.subscript(s));
    }

    fn subscript(&mut self, subscript: &Subscript) {
        self.either(
            subscript.arithmetic_ast.as_ref(),
            subscript.word_ast.as_ref(),
        );
    }

    /// shuck often gives one text both as arithmetic and as a word.
    fn either(&mut self, arithmetic: Option<&ArithmeticExprNode>, word: Option<&Word>) {
        match (arithmetic, word) {
            (Some(arithmetic), _) => self.arithmetic(arithmetic),
            (None, Some(word)) => self.word(word),
            (None, None) => {}
        }
    }

    fn arithmetic(&mut self, mut expression: &ArithmeticExprNode) {
        loop {
            expression = match &expression.kind {
                ArithmeticExpr::Number(_) | ArithmeticExpr::Variable(_) => return,
                ArithmeticExpr::Indexed { index, .. } => index,
                ArithmeticExpr::ShellWord(word) => return self.word(word),
                ArithmeticExpr::Parenthesized { expression } => expression,
                ArithmeticExpr::Unary { expr, .. } | ArithmeticExpr::Postfix { expr, .. } => expr,
                ArithmeticExpr::Binary { left, right, .. } => {
                    self.arithmetic(right);
                    left
                }
                ArithmeticExpr::Conditional {
                    condition,
                    then_expr,
                    else_expr,
                } => {
                    self.arithmetic(then_expr);
                    self.arithmetic(else_expr);
                    condition
                }
                ArithmeticExpr::Assignment { target, value, .. } => {
                    if let ArithmeticLvalue::Indexed { index, .. } = target {
                        self.arithmetic(index);
                    }
                    value
                }
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        for part in &pattern.parts {
            match &part.kind {
                PatternPart::Literal(_)
                | PatternPart::AnyString
                | PatternPart::AnyChar
                | PatternPart::CharClass(_) => {}
                PatternPart::Group { patterns, .. } => {
                    patterns.iter().for_each(|p| self.pattern(p));
                }
                PatternPart::Word(word) => self.word(word),
            }
        }
    }

    fn words(&mut self, list: &[Word]) {
        list.iter().for_each(|w| self.word(w));
    }

    fn word(&mut self, word: &Word) {
        word.parts.iter().for_each(|p| self.part(p));
    }

    fn part(&mut self, part: &WordPartNode) {
        match &part.kind {
            WordPart::Literal(_)
            | WordPart::SingleQuoted { .. }
            | WordPart::Variable(_)
            | WordPart::PrefixMatch { .. } => {}
            WordPart::ZshQualifiedGlob(glob) => {
                for segment in &glob.segments {
                    match segment {
                        ZshGlobSegment::Pattern(pattern) => self.pattern(pattern),
                        ZshGlobSegment::InlineControl(_) => {}
                    }
                }
            }
            WordPart::DoubleQuoted { parts, .. } => {
                let quoted = std::mem::replace(&mut self.quoted, true);
                parts.iter().for_each(|p| self.part(p));
                self.quoted = quoted;
            }
            WordPart::CommandSubstitution { body, syntax } => {
                self.substitution(body, *syntax, part.span);
            }
            WordPart::ProcessSubstitution { body, .. } => self.body(body),
            WordPart::ArithmeticExpansion {
                expression_ast,
                expression_word_ast,
                ..
            } => self.either(expression_ast.as_deref(), Some(expression_word_ast)),
            WordPart::Parameter(parameter) => self.parameter(parameter),
            WordPart::ParameterExpansion {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.variable(reference);
                self.operator(operator);
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
            WordPart::Length(variable)
            | WordPart::ArrayAccess(variable)
            | WordPart::ArrayLength(variable)
            | WordPart::ArrayIndices(variable)
            | WordPart::Transformation {
                reference: variable,
                ..
            } => self.variable(variable),
            WordPart::Substring {
                reference,
                offset_ast,
                offset_word_ast,
                length_ast,
                length_word_ast,
                ..
            }
            | WordPart::ArraySlice {
                reference,
                offset_ast,
                offset_word_ast,
                length_ast,
                length_word_ast,
                ..
            } => {
                self.variable(reference);
                self.either(offset_ast.as_deref(), Some(offset_word_ast));
                self.either(length_ast.as_deref(), length_word_ast.as_deref());
            }
            WordPart::IndirectExpansion {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.variable(reference);
                operator.iter().for_each(|o| self.operator(o));
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
        }
    }

    fn parameter(&mut self, parameter: &ParameterExpansion) {
        match &parameter.syntax {
            ParameterExpansionSyntax::Bourne(one) => self.bourne(one),
            ParameterExpansionSyntax::Zsh(zsh) => {
                match &zsh.target {
                    ZshExpansionTarget::Reference(variable) => self.variable(variable),
                    ZshExpansionTarget::Nested(inner) => self.parameter(inner),
                    ZshExpansionTarget::Word(word) => self.word(word),
                    ZshExpansionTarget::Empty => {}
                }
                for modifier in &zsh.modifiers {
                    modifier.argument_word_ast.iter().for_each(|w| self.word(w));
                }
                zsh.operation.iter().for_each(|o| self.operation(o));
            }
        }
    }

    fn bourne(&mut self, one: &BourneParameterExpansion) {
        match one {
            BourneParameterExpansion::Access { reference }
            | BourneParameterExpansion::Length { reference }
            | BourneParameterExpansion::Indices { reference }
            | BourneParameterExpansion::Transformation { reference, .. } => {
                self.variable(reference);
            }
            BourneParameterExpansion::PrefixMatch { .. } => {}
            BourneParameterExpansion::Indirect {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.variable(reference);
                operator.iter().for_each(|o| self.operator(o));
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
            BourneParameterExpansion::Slice {
                reference,
                offset_ast,
                offset_word_ast,
                length_ast,
                length_word_ast,
                ..
            } => {
                self.variable(reference);
                self.either(offset_ast.as_deref(), Some(offset_word_ast));
                self.either(length_ast.as_deref(), length_word_ast.as_deref());
            }
            BourneParameterExpansion::Operation {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.variable(reference);
                self.operator(operator);
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
        }
    }

    fn operation(&mut self, operation: &ZshExpansionOperation) {
        match operation {
            ZshExpansionOperation::PatternOperation {
                operand_word_ast: word,
                ..
            }
            | ZshExpansionOperation::Defaulting {
                operand_word_ast: word,
                ..
            }
            | ZshExpansionOperation::TrimOperation {
                operand_word_ast: word,
                ..
            }
            | ZshExpansionOperation::Unknown { word_ast: word, .. } => self.word(word),
            ZshExpansionOperation::ReplacementOperation {
                pattern_word_ast: word,
                replacement_word_ast: second,
                ..
            }
            | ZshExpansionOperation::Slice {
                offset_word_ast: word,
                length_word_ast: second,
                ..
            } => {
                self.word(word);
                second.iter().for_each(|w| self.word(w));
            }
        }
    }

    fn operator(&mut self, operator: &ParameterOp) {
        match operator {
            ParameterOp::UseDefault
            | ParameterOp::AssignDefault
            | ParameterOp::UseReplacement
            | ParameterOp::Error
            | ParameterOp::UpperFirst
            | ParameterOp::UpperAll
            | ParameterOp::LowerFirst
            | ParameterOp::LowerAll => {}
            ParameterOp::RemovePrefixShort { pattern }
            | ParameterOp::RemovePrefixLong { pattern }
            | ParameterOp::RemoveSuffixShort { pattern }
            | ParameterOp::RemoveSuffixLong { pattern } => self.pattern(pattern),
            ParameterOp::ReplaceFirst {
                pattern,
                replacement_word_ast,
                ..
            }
            | ParameterOp::ReplaceAll {
                pattern,
                replacement_word_ast,
                ..
            } => {
                self.pattern(pattern);
                self.word(replacement_word_ast);
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
