//! The man page of rule files, made from the types that read them: their comments are its text.

use clap_mangen::roff::{Roff, bold, roman};
use guard::rules::Pack;

use super::generated::{marked, page, paragraphs, see_also};

/// The types that are written down in a rule file, in the order of the page, and what each is called there.
const SECTIONS: &[(&str, &str)] = &[
    ("FileSchema", "The file"),
    ("PackSchema", "[pack]"),
    ("ToolFacts", "[[tool]]"),
    ("RuleSchema", "[[rule]]"),
    ("Undo", "undo"),
    ("Resource", "resource"),
    ("When", "[rule.when]"),
    ("OptionTest", "option"),
    ("ArgsTest", "args"),
    ("EnvTest", "env"),
    ("PathTest", "path"),
    ("PathOp", "path: op"),
    ("PathClass", "path: class, not_class"),
    ("HttpTest", "http"),
    ("OperationWord", "http: operation"),
    ("BodyWord", "http: body"),
    ("SqlTest", "sql"),
    ("StatementKind", "sql: kind"),
    ("ObjectKind", "sql: object"),
    ("Target", "sql: target, not_target"),
    ("GitTest", "git"),
    ("PlaceWord", "place"),
    ("EvidenceKind", "evidence"),
    ("ExamplesSchema", "[rule.examples]"),
    ("ExampleTable", "An example as a table"),
    ("FileWord", "files"),
    ("GitExample", "git of an example"),
];

/// The keys' own types: all that they hold is read by serde as it stands there.
const SCHEMAS: &[&str] =
    &[include_str!("../../src/rules/schema.rs"), include_str!("../../src/rules/example_schema.rs")];

/// Types of the model whose words stand in rule files.
const MODEL: &[&str] = &[
    include_str!("../../src/model/action.rs"),
    include_str!("../../src/model/statement.rs"),
    include_str!("../../src/model/evidence.rs"),
    include_str!("../../src/model/example.rs"),
];

const DESCRIPTION: &str = "\
A rule file is a pack of rules in TOML. It lies in a folder `rules.d` beside a guard.toml: in /etc/guard, in
~/.config/guard, or in a project's .guard (whose rules can only tighten). A key or a word that is not known, a rule
without examples, and an example that does not come out as it says are errors with file, line and key; nothing that
such a file could have matched runs meanwhile. `guard rules test` tries all examples, `guard explain` shows which
rules a command meets or nearly meets.

Where a word can stand, a list of words can stand too: one of them must hold. In patterns `*` stands for any text and
`?` for one character. What guard cannot know of a command counts as holding: the finding is then a maybe.";

const EXAMPLE: &str = r#"[pack]
id = "billing"
title = "Billing"

[[rule]]
id = "billing.close-account"
title = "closes a customer's account"
severity = "critical"
decision = "confirm"
why = "Closing an account deletes its invoices for good."
safer = ["billing account show ID"]
resource = { arg = 0 }
[rule.when]
program = "billing"
subcommand = "account close"
without_flag = "--dry-run"
[rule.examples]
match = ["billing account close 42", "sudo billing account close --now 42"]
pass = ["billing account show 42", "billing account close --dry-run 42"]
"#;

/// A type as its source has it.
pub struct Written {
    name: String,
    about: String,
    /// Each key or word, with what it means.
    entries: Vec<(String, String)>,
}

/// What declares a type, and whether it has fields.
const DECLARES: [(&str, bool); 4] =
    [("pub struct ", true), ("struct ", true), ("pub enum ", false), ("enum ", false)];

/// The types of a source file that serde reads or writes.
pub fn types(source: &str) -> Vec<Written> {
    let mut types: Vec<Written> = Vec::new();
    let (mut doc, mut case, mut renamed) = (String::new(), "lowercase", None);
    let (mut open, mut has_fields, mut flat) = (false, false, false);
    for line in source.lines() {
        let text = line.trim();
        if let Some(comment) = text.strip_prefix("///") {
            let gap = if doc.is_empty() { "" } else { " " };
            doc = if comment.is_empty() { doc + "\n\n" } else { doc + gap + comment.trim() };
        } else if let Some(given) = text.strip_prefix("#[serde(rename_all = \"") {
            case = if given.starts_with("kebab") { "kebab-case" } else { "lowercase" };
        } else if let Some(given) = text.strip_prefix("#[serde(rename = \"") {
            renamed = given.split('"').next().map(str::to_owned);
        } else if text == "#[serde(flatten)]" {
            flat = true;
        } else if let Some((name, fields)) = DECLARES
            .iter()
            .filter(|_| line.ends_with('{'))
            .find_map(|(word, fields)| Some((line.strip_prefix(word)?, *fields)))
        {
            has_fields = fields;
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
            types.push(Written { name, about: std::mem::take(&mut doc), entries: Vec::new() });
            open = true;
        } else if line == "}" {
            open = false;
            doc.clear();
        } else if open && !text.is_empty() && !text.starts_with('#') {
            let field = text.trim_start_matches("pub ").split(':').next().filter(|_| has_fields);
            let variant = || text.trim_end_matches(',').split('(').next().unwrap_or_default();
            let word = renamed.take().unwrap_or_else(|| match field {
                Some(field) => field.trim_start_matches("r#").to_owned(),
                None => cased(variant(), case),
            });
            let entry = (word, std::mem::take(&mut doc));
            // What is flattened is no key; the type's comment says what comes in its place.
            if !std::mem::take(&mut flat) {
                types.last_mut().expect("a type is open").entries.push(entry);
            }
        } else if !text.starts_with('#') {
            doc.clear();
            case = "lowercase";
        }
    }
    types
}

fn cased(variant: &str, case: &str) -> String {
    let mut word = String::new();
    for c in variant.chars() {
        if case == "kebab-case" && c.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(c.to_lowercase());
    }
    word
}

/// `guard-rules.5`.
pub fn guard_rules_5() -> String {
    let all: Vec<Written> = SCHEMAS.iter().chain(MODEL).flat_map(|source| types(source)).collect();
    let mut page = page("guard-rules", "5", "guard's rule files");
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut page, DESCRIPTION);
    page.control("SH", ["EXAMPLE"]);
    lines(&mut page, EXAMPLE);
    page.control("SH", ["KEYS"]);
    for (name, heading) in SECTIONS {
        section(&mut page, &all, name, heading);
    }
    see_also(&mut page, &[("guard", "1"), ("guard.toml", "5"), ("guard-rules", "7")]);
    page.render()
}

/// A type's keys or words below a heading.
pub fn section(page: &mut Roff, all: &[Written], name: &str, heading: &str) {
    let written = all.iter().find(|written| written.name == name).expect("the type stands in its file");
    page.control("SS", [heading]);
    // The heading says already what the first words do.
    let named = written.about.strip_prefix('`').and_then(|about| about.split_once('`'));
    let about = named.map_or(written.about.as_str(), |(_, rest)| rest.trim_start_matches([':', '.', ' ']));
    paragraphs(page, about);
    for (word, about) in &written.entries {
        assert!(!about.is_empty(), "`{word}` of `{name}` says nothing");
        page.control("TP", []);
        page.text([bold(word.as_str())]);
        page.text(marked(&about.replace("\n\n", " ")));
    }
}

pub fn lines(page: &mut Roff, text: &str) {
    page.control("RS", ["4"]);
    page.control("nf", []);
    text.lines().for_each(|line| {
        page.text([roman(line)]);
    });
    page.control("fi", []);
    page.control("RE", []);
}

#[test]
fn every_key_of_a_rule_file_stands_in_its_page() {
    for written in SCHEMAS.iter().flat_map(|source| types(source)) {
        // `ExampleSchema` is a line or an `ExampleTable`.
        let known = written.name == "ExampleSchema" || SECTIONS.iter().any(|(name, _)| *name == written.name);
        assert!(known, "`{}` stands in no section", written.name);
        for (word, about) in &written.entries {
            assert!(!about.is_empty() || written.name == "ExampleSchema", "`{word}` says nothing");
        }
    }
    let words = |name: &str| {
        let written = MODEL.iter().chain(SCHEMAS).flat_map(|source| types(source)).find(|w| w.name == name);
        written.expect("a type").entries.into_iter().map(|(word, _)| word).collect::<Vec<_>>()
    };
    assert!(words("PathOp").contains(&"move-away".to_owned()));
    assert!(words("ExamplesSchema").contains(&"match".to_owned()));
    assert!(words("When").contains(&"without_flag".to_owned()));
}

#[test]
fn the_example_of_the_page_is_a_pack() {
    let pack = Pack::parse(EXAMPLE, "billing.toml").expect("the example is read");
    assert_eq!(pack.rules[0].id, "billing.close-account");
}
