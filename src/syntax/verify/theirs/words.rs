//! What shuck shows inside words, patterns and arithmetic.

use shuck_ast::{
    ArithmeticExpr, ArithmeticExprNode, ArithmeticLvalue, BourneParameterExpansion, ParameterExpansion,
    ParameterExpansionSyntax, ParameterOp, Pattern, PatternPart, Subscript, VarRef, Word, WordPart,
    WordPartNode, ZshExpansionOperation, ZshExpansionTarget, ZshGlobSegment,
};

use super::Walk;

impl Walk<'_> {
    pub(super) fn variable(&mut self, variable: &VarRef) {
        variable.subscript.iter().for_each(|s| self.subscript(s));
    }

    pub(super) fn subscript(&mut self, subscript: &Subscript) {
        self.either(subscript.arithmetic_ast.as_ref(), subscript.word_ast.as_ref());
    }

    /// shuck often gives one text both as arithmetic and as a word.
    pub(super) fn either(&mut self, arithmetic: Option<&ArithmeticExprNode>, word: Option<&Word>) {
        match (arithmetic, word) {
            (Some(arithmetic), _) => self.arithmetic(arithmetic),
            (None, Some(word)) => self.word(word),
            (None, None) => {}
        }
    }

    pub(super) fn arithmetic(&mut self, mut expression: &ArithmeticExprNode) {
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
                ArithmeticExpr::Conditional { condition, then_expr, else_expr } => {
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

    pub(super) fn pattern(&mut self, pattern: &Pattern) {
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

    pub(super) fn words(&mut self, list: &[Word]) {
        list.iter().for_each(|w| self.word(w));
    }

    pub(super) fn word(&mut self, word: &Word) {
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
            WordPart::ArithmeticExpansion { expression_ast, expression_word_ast, .. } => {
                self.either(expression_ast.as_deref(), Some(expression_word_ast))
            }
            WordPart::Parameter(parameter) => self.parameter(parameter),
            WordPart::ParameterExpansion { reference, operator, operand_word_ast, .. } => {
                self.variable(reference);
                self.operator(operator);
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
            WordPart::Length(variable)
            | WordPart::ArrayAccess(variable)
            | WordPart::ArrayLength(variable)
            | WordPart::ArrayIndices(variable)
            | WordPart::Transformation { reference: variable, .. } => self.variable(variable),
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
            WordPart::IndirectExpansion { reference, operator, operand_word_ast, .. } => {
                self.variable(reference);
                operator.iter().for_each(|o| self.operator(o));
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
        }
    }

    pub(super) fn parameter(&mut self, parameter: &ParameterExpansion) {
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
            BourneParameterExpansion::Indirect { reference, operator, operand_word_ast, .. } => {
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
            BourneParameterExpansion::Operation { reference, operator, operand_word_ast, .. } => {
                self.variable(reference);
                self.operator(operator);
                operand_word_ast.iter().for_each(|w| self.word(w));
            }
        }
    }

    fn operation(&mut self, operation: &ZshExpansionOperation) {
        match operation {
            ZshExpansionOperation::PatternOperation { operand_word_ast: word, .. }
            | ZshExpansionOperation::Defaulting { operand_word_ast: word, .. }
            | ZshExpansionOperation::TrimOperation { operand_word_ast: word, .. }
            | ZshExpansionOperation::Unknown { word_ast: word, .. } => self.word(word),
            ZshExpansionOperation::ReplacementOperation {
                pattern_word_ast: word,
                replacement_word_ast: second,
                ..
            }
            | ZshExpansionOperation::Slice { offset_word_ast: word, length_word_ast: second, .. } => {
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
            ParameterOp::ReplaceFirst { pattern, replacement_word_ast, .. }
            | ParameterOp::ReplaceAll { pattern, replacement_word_ast, .. } => {
                self.pattern(pattern);
                self.word(replacement_word_ast);
            }
        }
    }
}
