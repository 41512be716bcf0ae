//! Loops over what patterns find and over lists of literals.

use super::Reading;
use super::arguments::Argument;
use super::tokens::Token;
use crate::actions::Language;

/// Loops in loops are run through this deep, over so many items, with so many tokens in their bodies.
const LOOPS: usize = 2;
const ITEMS: usize = 20;
const BODY: usize = 400;

impl Reading<'_, '_> {
    /// Names for what a pattern finds: `foreach my $f (glob "*")`, `Dir.glob("*").each { |f| … }`,
    /// `foreach (glob("*") as $f)`.
    pub(super) fn binds(&mut self, tokens: &[Token], at: usize, name: &str) {
        let ahead = |from: usize| tokens.get(from..).unwrap_or_default();
        match name {
            "each" | "map" | "each_with_index" if self.language == Language::Ruby => {
                let named = ahead(at + 1).iter().take(4).skip_while(|token| !is_mark(token, "|")).nth(1);
                if let (Some(Token::Name(variable)), Some(items)) = (named, self.before(tokens, at)) {
                    let open =
                        usize::from(!matches!(tokens.get(at + 1), Some(Token::Mark(mark)) if mark == "{"));
                    self.each(tokens, at + 1 + open, variable, &items);
                }
            }
            "for" | "foreach" => {
                if let Some((variable, items, body)) = self.listed(tokens, at) {
                    return self.each(tokens, body, variable, &items);
                }
                let variable = ahead(at + 1).iter().take(2).position(|t| matches!(t, Token::Variable(_)));
                if let Some(offset) = variable
                    && let Some(Token::Variable(variable)) = tokens.get(at + 1 + offset)
                    && let [arg] = self.arguments(ahead(at + 2 + offset), false).as_slice()
                    && arg.literal
                {
                    self.set(variable, arg.clone());
                }
            }
            "glob" | "Dir.glob" | "Dir" | "Dir.children" | "Dir.entries" | "Dir.each_child" => {
                let Some(arg) = self.arguments(ahead(at), false).into_iter().next() else {
                    return;
                };
                let near = ahead(at + 1).iter().take(14).collect::<Vec<_>>();
                for window in near.windows(3) {
                    let variable = match window {
                        [Token::Mark(open), Token::Name(name), Token::Mark(close)]
                            if open == "|" && close == "|" =>
                        {
                            name
                        }
                        [Token::Name(word), Token::Variable(name), _] if word == "as" => name,
                        _ => continue,
                    };
                    self.set(variable, arg.clone());
                }
            }
            _ => {}
        }
    }

    /// `for my $d ("a", "b") {`, `foreach (["a", "b"] as $d)`: the variable, the items and where the body begins.
    fn listed<'t>(&self, tokens: &'t [Token], at: usize) -> Option<(&'t str, Vec<Argument>, usize)> {
        let ahead = &tokens[at + 1..tokens.len().min(at + 1 + BODY)];
        let open = ahead.iter().position(|token| is_mark(token, "("))?;
        let body = ahead.iter().position(|token| is_mark(token, "{"))?;
        let inner = ahead.get(open + 1..body)?;
        let variable = |tokens: &'t [Token]| {
            tokens.iter().find_map(|token| match token {
                Token::Variable(name) => Some(name.as_str()),
                _ => None,
            })
        };
        let (variable, list) = match self.language {
            Language::Php => {
                let named =
                    inner.iter().position(|token| matches!(token, Token::Name(name) if name == "as"))?;
                (variable(&inner[named..])?, &inner[..named])
            }
            Language::Perl => (variable(&ahead[..open])?, inner),
            _ => return None,
        };
        Some((variable, literals(list)?, at + 1 + body))
    }

    /// The list of literals on which a method is called.
    fn before(&self, tokens: &[Token], at: usize) -> Option<Vec<Argument>> {
        let list = &tokens[..at.checked_sub(1).filter(|dot| is_mark(&tokens[*dot], "."))?];
        let open = list.iter().rposition(|token| is_mark(token, "["))?;
        literals(&list[open..])
    }

    /// Runs through the body that begins at a token once for each item.
    fn each(&mut self, tokens: &[Token], body: usize, variable: &str, items: &[Argument]) {
        let mut depth = 0_usize;
        let ahead = tokens.get(body..).unwrap_or_default().iter().take(BODY);
        let length = ahead.take_while(|token| {
            depth += usize::from(is_mark(token, "{") || matches!(token, Token::Name(name) if name == "do"));
            let ends = is_mark(token, "}") || matches!(token, Token::Name(name) if name == "end");
            depth = depth.saturating_sub(usize::from(ends));
            depth > 0 || !ends
        });
        let end = body + length.count();
        let Some((last, others)) = items.split_last() else {
            return;
        };
        if self.loops < LOOPS {
            self.loops += 1;
            for item in others.iter().take(ITEMS) {
                self.set(variable, item.clone());
                (body..end).for_each(|at| self.token(tokens, at));
            }
            self.loops -= 1;
        }
        self.set(variable, last.clone());
    }
}

/// What a list holds, where that is literals alone.
fn literals(tokens: &[Token]) -> Option<Vec<Argument>> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            Token::String(text) => {
                found.push(Argument { text: text.clone(), literal: true, ..Argument::default() });
            }
            Token::Mark(mark) if matches!(mark.as_str(), "[" | "]" | "," | "(" | ")" | "\n") => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

fn is_mark(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Mark(mark) if mark == wanted)
}
