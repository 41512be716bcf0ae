//! justfiles: variables, recipes with their parameters, what stands in `{{…}}`.

use std::collections::{HashMap, HashSet};

use super::expand::{LENGTH, UNKNOWN};
use super::{by_shell, read_words, script_file};
use crate::actions::masked::Masked;
use crate::actions::shebang::{Interpreter, interpreter};
use crate::actions::walk::Walk;
use crate::actions::wrappers::layer;
use crate::actions::{Entered, Inner};
use crate::model::{Call, Inside, Span};
use crate::syntax::Scope;

const OPTIONS: &str = "-f= --justfile= -d= --working-directory= --set== --dotenv-path= -E= --shell= --shell-arg= --color= \
    -s= --show= -l --list --summary --dump --evaluate --choose --fmt --init --variables --completions= -e --edit -n \
    --dry-run -V --version -h --help -c! --command! -q --quiet -v --verbose -u --unstable -g --global-justfile --yes";
/// With these no recipe runs.
const IDLE: &str = "-s --show -l --list --summary --dump --evaluate --fmt --init --variables --completions -e --edit -n \
    --dry-run -V --version -h --help -c --command";

/// Recipes that need one another deeper than this are not followed.
const DEPTH: usize = 24;

#[derive(Default)]
struct Recipe {
    name: String,
    /// With their defaults; `*` or `+` in front takes all that is left.
    parameters: Vec<(String, Option<String>)>,
    needs: Vec<String>,
    body: Vec<String>,
}

/// A justfile that was read.
#[derive(Default)]
pub(super) struct Justfile {
    variables: HashMap<String, String>,
    aliases: HashMap<String, String>,
    recipes: Vec<Recipe>,
    /// The shell with its flags, where the file sets one.
    pub shell: Option<Vec<String>>,
}

impl Walk<'_> {
    /// Follows the recipes that `just` runs.
    pub(super) fn just(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let Some(reading) = read_words(call, OPTIONS).filter(|reading| !reading.has(IDLE)) else {
            return;
        };
        let value = |names: &str| reading.given(names).and_then(|given| given.value.clone());
        let mut scope = scope.clone();
        let found = match value("-f --justfile") {
            Some(path) => self.first_file(&[path], span, &scope),
            None => self.nearest(&["justfile", "Justfile", ".justfile"], span, &mut scope),
        };
        let Some((path, text)) = found else {
            return;
        };
        if let Some(directory) = value("-d --working-directory") {
            scope.change_directory(&directory);
        }
        let words = reading.operands.iter().map(|&at| &call.args[at]);
        let words = words.map(|word| word.as_known().map_or_else(|| UNKNOWN.to_string(), str::to_owned));
        let (given, words): (Vec<_>, Vec<_>) = words.partition(|word| word.contains('='));
        let given = given.iter().filter_map(|word| word.split_once('='));
        let given: Vec<_> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let masked = Masked::new(&text);
        let file = Justfile::read(&masked.text, &given);
        let (shell, flags) = match file.shell.as_deref().and_then(<[String]>::split_first) {
            Some((shell, flags)) => (shell.clone(), flags.join(" ")),
            None => ("sh".to_owned(), "-cu".to_owned()),
        };
        let whole = script_file(&path, &text);
        let run = |(name, source): &(String, String)| -> Entered {
            let text = masked.unmask(source);
            let inner = match interpreter(source) {
                Interpreter::Code(language) => Inner::Code { language, source: text, args: Vec::new() },
                Interpreter::Shell(_) => by_shell(&shell, &flags, text),
                Interpreter::Other => Inner::Unknown(format!("the recipe `{name}`")),
            };
            Entered { inside: Inside::only_line(&whole, &[source]), ..layer(&format!("just {name}"), inner) }
        };
        let entered = file.reach(&words).iter().map(run).collect();
        self.recipe_file(&path, &words.join(" "), call, span, &mut scope, entered);
    }
}

impl Justfile {
    /// Reads a file, some variables set by the command line.
    pub fn read(text: &str, given: &[(String, String)]) -> Justfile {
        let mut file = Justfile::default();
        let mut in_body = false;
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                if let Some(recipe) = file.recipes.last_mut().filter(|_| in_body) {
                    recipe.body.push(line.to_owned());
                }
                continue;
            }
            if line.trim().is_empty() {
                continue;
            }
            in_body = false;
            let line = line.trim_start_matches("export ");
            if line.starts_with(['#', '[']) {
                continue;
            }
            if let Some((name, text)) = line.split_once(":=") {
                let name = name.trim();
                match name.split_once(' ') {
                    Some(("set", "shell")) => {
                        let words =
                            text.split(['[', ']', ',']).map(|word| word.trim().trim_matches(['"', '\'']));
                        file.shell = Some(words.filter(|word| !word.is_empty()).map(str::to_owned).collect());
                    }
                    Some(("alias", alias)) => {
                        file.aliases.insert(alias.trim().to_owned(), text.trim().to_owned());
                    }
                    Some(_) => {}
                    None => {
                        let value =
                            given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
                        let value = value.unwrap_or_else(|| value_of(text, &file.variables));
                        file.variables.insert(name.to_owned(), value);
                    }
                }
                continue;
            }
            let Some((head, needs)) = line.split_once(':') else {
                continue;
            };
            let mut words = head.trim_start_matches('@').split_whitespace();
            let name = words.next().unwrap_or_default().to_owned();
            let parameter = |word: &str| match word.trim_start_matches('$').split_once('=') {
                Some((name, default)) => (name.to_owned(), Some(value_of(default, &file.variables))),
                None => (word.trim_start_matches('$').to_owned(), None),
            };
            let parameters = words.map(parameter).collect();
            let needs =
                needs.split(['&', '(', ')']).flat_map(|part| part.split_whitespace().map(str::to_owned));
            let recipe = Recipe { name, parameters, needs: needs.collect(), body: Vec::new() };
            file.recipes.push(recipe);
            in_body = true;
        }
        file
    }

    /// The sources that the words of a call lead to, each with the recipe's name.
    pub fn reach(&self, words: &[String]) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut seen = HashSet::new();
        let first = self.recipes.iter().find(|recipe| recipe.name == "default").or(self.recipes.first());
        let mut rest: &[String] = words;
        if words.is_empty()
            && let Some(first) = first
        {
            self.run(first, &[], &mut seen, &mut out, 0);
        }
        while let Some((word, args)) = rest.split_first() {
            rest = args;
            if let Some(recipe) = self.named(word) {
                let many = recipe.parameters.iter().any(|(name, _)| name.starts_with(['*', '+']));
                let taken = if many { args.len() } else { recipe.parameters.len().min(args.len()) };
                self.run(recipe, &args[..taken], &mut seen, &mut out, 0);
                rest = &args[taken..];
            }
        }
        out
    }

    fn named(&self, name: &str) -> Option<&Recipe> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.recipes.iter().find(|recipe| recipe.name == name)
    }

    fn run(
        &self,
        recipe: &Recipe,
        args: &[String],
        seen: &mut HashSet<String>,
        out: &mut Vec<(String, String)>,
        depth: usize,
    ) {
        if depth > DEPTH || !seen.insert(format!("{} {args:?}", recipe.name)) {
            return;
        }
        for need in recipe.needs.iter().filter_map(|need| self.named(need)) {
            self.run(need, &[], seen, out, depth + 1);
        }
        let mut variables = self.variables.clone();
        let mut args = args.iter();
        for (name, default) in &recipe.parameters {
            let many = name.starts_with(['*', '+']);
            let given = match many {
                true => Some(args.by_ref().cloned().collect::<Vec<_>>().join(" ")),
                false => args.next().cloned(),
            };
            let value = given.filter(|given| !(many && given.is_empty())).or_else(|| default.clone());
            let missing = if many { String::new() } else { UNKNOWN.to_string() };
            variables.insert(name.trim_start_matches(['*', '+']).to_owned(), value.unwrap_or(missing));
        }
        let indent = recipe.body.first().map_or(0, |line| line.len() - line.trim_start().len());
        let lines = recipe
            .body
            .iter()
            .map(|line| filled(line.get(indent..).unwrap_or(line.trim_start()), &variables));
        let lines: Vec<String> = lines.collect();
        if lines.first().is_some_and(|line| line.starts_with("#!")) {
            out.push((recipe.name.clone(), lines.join("\n")));
            return;
        }
        let mut open = String::new();
        for line in lines {
            open.push_str(&line);
            if open.ends_with('\\') {
                open.push('\n');
                continue;
            }
            out.push((recipe.name.clone(), open.trim_start_matches(['@', '-']).to_owned()));
            open.clear();
        }
    }
}

/// A line with what stands in `{{…}}` put there.
fn filled(line: &str, variables: &HashMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, more)) = rest.split_once("{{") {
        out.push_str(before);
        let (expression, behind) = more.split_once("}}").unwrap_or((more, ""));
        match expression.strip_prefix("{{") {
            Some(literal) => out.push_str(&format!("{{{{{literal}")),
            None => out.push_str(&value_of(expression, variables)),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// What an expression gives: literals and variables, joined by `+` or `/`.
fn value_of(expression: &str, variables: &HashMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = expression.trim();
    loop {
        let quote = rest.chars().next().unwrap_or(' ');
        let literal = rest.get(1..).and_then(|inner| inner.split_once(quote));
        if out.len() > LENGTH {
            return UNKNOWN.to_string();
        }
        rest = match (quote, literal) {
            ('"' | '\'', Some((literal, behind))) => {
                out.push_str(literal);
                behind
            }
            ('`', Some((command, behind))) => {
                out.push_str(&format!("$({command})"));
                behind
            }
            _ => {
                let end =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                let value = variables.get(name).filter(|_| !behind.starts_with('('));
                let Some(value) = value else {
                    return UNKNOWN.to_string();
                };
                out.push_str(value);
                behind
            }
        }
        .trim_start();
        let Some(operator) = rest.chars().next() else {
            return out;
        };
        match operator {
            '+' => {}
            '/' => out.push('/'),
            '#' => return out,
            _ => return UNKNOWN.to_string(),
        }
        rest = rest[1..].trim_start();
    }
}
