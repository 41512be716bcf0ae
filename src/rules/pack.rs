//! A pack: one file of rules, read and checked.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::model::{Decision, ExampleWorld, Scope, Severity};

use super::condition::{Condition, Fault};
use super::error::{PackError, in_words};
use super::example_schema::{ExampleSchema, ExamplesSchema};
use super::schema::{FileSchema, Resource, RuleSchema, ToolFacts, Undo};

/// One file of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The file it was read from, as it was named to the parser.
    pub file: String,
    /// `railway`.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// What it knows of programs' grammars.
    pub tools: Vec<ToolFacts>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A condition with a decision, a reason and examples.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// `railway.volume-delete`.
    pub id: String,
    /// Line of the file on which the id stands, from 1.
    pub line: usize,
    /// What happens.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What guard does.
    pub decision: Decision,
    /// What it is about; nothing where nobody said.
    pub scope: Vec<Scope>,
    /// It counts only while that is frozen.
    pub only_frozen: bool,
    /// Why it is bad.
    pub why: String,
    /// What to do instead.
    pub safer: Vec<String>,
    /// What can be kept first.
    pub undo: Option<Undo>,
    /// What is lost, by name.
    pub resource: Option<Resource>,
    /// When it holds.
    pub when: Condition,
    /// Commands that it must match.
    pub matching: Vec<Example>,
    /// Commands that it must not match.
    pub pass: Vec<Example>,
}

/// A command line and the world it is judged in.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The command line.
    pub cmd: String,
    /// What the example says about the world.
    pub world: ExampleWorld,
}

impl Pack {
    /// Reads and checks a file's text; `file` is its name for messages.
    pub fn parse(text: &str, file: &str) -> Result<Pack, PackError> {
        let schema: FileSchema = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            PackError::at(file, text, offset, in_words(error.message()))
        })?;
        let at = |fault: Fault| PackError::at(file, text, fault.offset, fault.message);
        build(schema, text, file).map_err(at)
    }
}

/// The first pack whose id another one has already: rules' ids start with it, so that they are
/// unique when packs' ids are.
pub fn defined_twice(packs: &[Pack]) -> Option<PackError> {
    let mut seen = BTreeMap::new();
    for pack in packs {
        if let Some(first) = seen.insert(&pack.id, &pack.file) {
            return Some(PackError {
                file: pack.file.clone(),
                line: 1,
                column: 1,
                key: Some("id".into()),
                message: format!("the pack `{}` stands already in {first}", pack.id),
            });
        }
    }
    None
}

fn build(schema: FileSchema, text: &str, file: &str) -> Result<Pack, Fault> {
    let id = schema.pack.id;
    if !is_kebab(id.get_ref()) {
        let message = "a pack's id is a word of lower-case letters, digits and `-`";
        return Err(Fault::new(id.span().start, message));
    }
    let id = id.into_inner();
    for tool in &schema.tool {
        if tool.get_ref().program.iter().any(|name| name.contains(['*', '?', '/'])) {
            let message = "a tool's program is a base name without patterns";
            return Err(Fault::new(tool.span().start, message));
        }
        let options = &tool.get_ref().value_options;
        if let Some(option) = options.iter().find(|o| o.len() < 2 || !o.starts_with('-')) {
            let message = format!("an option is written like `-C` or `--git-dir`, not `{option}`");
            return Err(Fault::new(tool.span().start, message));
        }
    }
    let mut rules: Vec<Rule> = Vec::new();
    for mut rule in schema.rule {
        if rule.scope.is_empty() {
            rule.scope = schema.pack.scope.clone();
        }
        let offset = rule.id.span().start;
        let line = text[..offset.min(text.len())].matches('\n').count() + 1;
        if let Some(first) = rules.iter().find(|other| other.id == *rule.id.get_ref()) {
            let message = format!("the rule stands already on line {}", first.line);
            return Err(Fault::new(offset, message));
        }
        rules.push(build_rule(rule, &id, line)?);
    }
    Ok(Pack {
        file: file.to_owned(),
        id,
        title: schema.pack.title,
        tools: schema.tool.into_iter().map(Spanned::into_inner).collect(),
        rules,
    })
}

fn build_rule(rule: RuleSchema, pack: &str, line: usize) -> Result<Rule, Fault> {
    check_words(&rule, pack)?;
    let when = Condition::compile(&rule.when)?;
    let decision = decision(&rule)?;
    let frozen = if rule.only_frozen { rule.scope.to_vec() } else { Vec::new() };
    let (matching, pass) = examples(rule.examples, &frozen)?;
    Ok(Rule {
        id: rule.id.into_inner(),
        line,
        title: rule.title.into_inner(),
        severity: rule.severity,
        decision,
        scope: rule.scope.to_vec(),
        only_frozen: rule.only_frozen,
        why: rule.why.into_inner(),
        safer: rule.safer,
        undo: rule.undo,
        resource: rule.resource,
        when,
        matching,
        pass,
    })
}

/// The grammar of ids and messages, which every front end prints as they are.
fn check_words(rule: &RuleSchema, pack: &str) -> Result<(), Fault> {
    let fault = |at: usize, message: String| Err(Fault::new(at, message));
    let fault_name = rule.id.get_ref().strip_prefix(pack).and_then(|rest| rest.strip_prefix('.'));
    if !fault_name.is_some_and(is_kebab) {
        let message = format!("a rule's id is `{pack}.` and the fault in kebab-case");
        return fault(rule.id.span().start, message);
    }
    let title = rule.title.get_ref();
    if !title.starts_with(|c: char| c.is_lowercase()) || title.ends_with(['.', '!']) {
        let message = "a title starts with a lower-case letter and ends without a full stop";
        return fault(rule.title.span().start, message.into());
    }
    let why = rule.why.get_ref();
    if !why.ends_with('.') || !why.starts_with(|c: char| !c.is_lowercase()) {
        let message = "`why` is a sentence: a capital first, a full stop last";
        return fault(rule.why.span().start, message.into());
    }
    Ok(())
}

/// What the rule demands where it counts.
fn decision(rule: &RuleSchema) -> Result<Decision, Fault> {
    let said = rule.decision.as_ref().map(|said| (*said.get_ref(), said.span().start));
    let offset = rule.id.span().start;
    match (said, rule.only_frozen) {
        (Some((Decision::Allow, at)), _) => {
            Err(Fault::new(at, "a rule's decision is `warn`, `confirm` or `deny`"))
        }
        (Some((_, at)), true) => {
            Err(Fault::new(at, "what counts only in a freeze is refused then: it has no decision"))
        }
        (Some((decision, _)), false) => Ok(decision),
        (None, true) if rule.scope.iter().all(|scope| *scope == Scope::Local) => {
            Err(Fault::new(offset, "a rule with `only_frozen` has a scope that can be frozen"))
        }
        (None, true) => Ok(Decision::Deny),
        (None, false) => Err(Fault::new(offset, "a rule has a `decision`: `warn`, `confirm` or `deny`")),
    }
}

fn examples(
    schema: Spanned<ExamplesSchema>,
    frozen: &[Scope],
) -> Result<(Vec<Example>, Vec<Example>), Fault> {
    let offset = schema.span().start;
    let ExamplesSchema { matching, pass } = schema.into_inner();
    for (list, key) in [(&matching, "match"), (&pass, "pass")] {
        if list.len() < 2 {
            let message = format!("a rule has at least two `{key}` examples");
            return Err(Fault::new(offset, message));
        }
    }
    let of = |list: Vec<ExampleSchema>| list.into_iter().map(|schema| example(schema, frozen)).collect();
    Ok((of(matching), of(pass)))
}

fn example(ExampleSchema(table): ExampleSchema, frozen: &[Scope]) -> Example {
    let files = table.files.into_iter();
    Example {
        cmd: table.cmd,
        world: ExampleWorld {
            cwd: table.cwd,
            home: table.home,
            env: table.env,
            files: files.map(|(path, state)| (path, state.as_str().to_owned())).collect(),
            contents: table.contents,
            git: table.git,
            frozen: table.frozen.unwrap_or_else(|| frozen.to_vec()),
        },
    }
}

/// Words of lower-case letters and digits, joined by `-`.
fn is_kebab(word: &str) -> bool {
    word.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RULE: &str = "\
[pack]
id = \"railway\"
title = \"Railway\"

[[tool]]
program = [\"railway\"]
value_options = [\"-v\"]

[[rule]]
id = \"railway.volume-delete\"
title = \"deletes a volume\"
severity = \"critical\"
decision = \"confirm\"
why = \"Nothing is left.\"
resource = { option = [\"--volume\", \"-v\"] }
[rule.when]
program = \"railway\"
subcommand = [\"volume delete\", \"volume rm\"]
path = PATH
[rule.examples]
match = [\"a\", { cmd = \"b\", git = { modified = 2 }, files = { \"x\" = \"untracked\" } }]
pass = [\"c\", \"d\"]
";

    fn text() -> String {
        RULE.replace("path = PATH\n", "")
    }

    #[test]
    fn a_pack_is_read() {
        let pack = Pack::parse(&text(), "r.toml").unwrap();
        let rule = &pack.rules[0];
        assert_eq!((rule.id.as_str(), rule.line), ("railway.volume-delete", 10));
        assert_eq!(rule.severity, Severity::Critical);
        assert_eq!(rule.matching[0].world, ExampleWorld::default());
        let world = &rule.matching[1].world;
        assert_eq!(world.git.as_ref().unwrap().modified, 2);
        assert_eq!(world.files["x"], "untracked");
        assert_eq!(pack.tools[0].value_options, ["-v"]);
    }

    #[test]
    fn faults_are_told_with_line_column_and_key() {
        let text = text();
        let error = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Pack::parse(&text.replacen(from, to, 1), "r.toml").unwrap_err().to_string()
        };
        for (from, to, message) in [
            (
                "id = \"railway\"",
                "id = \"Rail way\"",
                "r.toml:2:6: `id`: a pack's id is a word of lower-case letters, digits and `-`",
            ),
            (
                "railway.volume",
                "rail.volume",
                "r.toml:10:6: `id`: a rule's id is `railway.` and the fault in kebab-case",
            ),
            (
                "deletes a volume",
                "Deletes a volume.",
                "r.toml:11:9: `title`: a title starts with a lower-case letter and ends without a full stop",
            ),
            (
                "is left.",
                "is left",
                "r.toml:14:7: `why`: `why` is a sentence: a capital first, a full stop last",
            ),
            (
                "\"confirm\"",
                "\"allow\"",
                "r.toml:13:12: `decision`: a rule's decision is `warn`, `confirm` or `deny`",
            ),
            (
                "\"confirm\"",
                "\"ask\"",
                "r.toml:13:12: `decision`: unknown variant `ask`, expected one of `allow`, `warn`, `confirm`, `deny`",
            ),
            (
                "program = \"railway\"",
                "programm = \"railway\"",
                "r.toml:17:1: `programm`: unknown field `programm`, expected one of `program`, `subcommand`",
            ),
            ("\"volume rm\"", "\"--rm\"", "r.toml:18:14: `subcommand`: a subcommand is words, not `--rm`"),
            (
                "\"c\", \"d\"",
                "\"c\"",
                "r.toml:19:1: `rule.examples`: a rule has at least two `pass` examples",
            ),
            ("program = \"railway\"", "program = []", "r.toml:17:11: `program`: an empty list never holds"),
            ("subcommand = [", "any = []\nsubcommand = [", "r.toml:18:7: `any`: an empty `any` never holds"),
            (
                "subcommand = [",
                "path = { class = \"rooot\" }\nsubcommand = [",
                "r.toml:18:18: `class`: unknown variant `rooot`, expected one of `root`, `home`",
            ),
            (
                "subcommand = [",
                "path = { class = \"root\" }\nsubcommand = [",
                "r.toml:16:1: `rule.when`: can never hold: a call, a path, a request and a statement are different actions",
            ),
            ("subcommand = [", "git = {}\nsubcommand = [", "r.toml:18:7: `git`: an empty table holds always"),
            (
                "subcommand = [",
                "flag = [\"force\"]\nsubcommand = [",
                "r.toml:18:8: `flag`: a flag is written like `-f` or `--force`, not `force`",
            ),
            ("\"untracked\"", "\"new\"", "r.toml:20:68: `x`: unknown variant `new`, expected one of `clean`"),
            ("git = { modified", "git = { changed", "r.toml:20:36: `changed`: unknown field `changed`"),
            (
                "[\"railway\"]",
                "[\"rail*\"]",
                "r.toml:5:1: `tool`: a tool's program is a base name without patterns",
            ),
            ("severity", "severity = \"low\"\nseverity", "r.toml:13:1: `severity`: duplicate key"),
        ] {
            let found = error(from, to);
            assert!(found.starts_with(message), "{to}\n  wanted {message}\n  found  {found}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let rule = text();
        let (_, rule) = rule.split_once("[[rule]]").unwrap();
        let twice = format!("{}[[rule]]{rule}", text());
        let error = Pack::parse(&twice, "r.toml").unwrap_err();
        assert_eq!(error.message, "the rule stands already on line 10");
        let pack = Pack::parse(&text(), "r.toml").unwrap();
        assert!(defined_twice(&[pack.clone(), pack]).is_some());
    }

    #[test]
    fn deep_conditions_end() {
        let when = format!("{}{{ program = 'x' }}{}", "{ not = ".repeat(5000), " }".repeat(5000));
        let text = text().replace("program = \"railway\"\n", &format!("not = {when}\n"));
        assert!(Pack::parse(&text, "r.toml").is_err());
    }

    #[test]
    fn no_text_breaks_the_reader() {
        let text = text();
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let _ = Pack::parse(&text[..cut], "r.toml").map_err(|error| error.to_string());
        }
    }
}
