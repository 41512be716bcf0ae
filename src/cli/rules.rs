//! `guard rules`: the rules that are in force.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use super::args::{RulesArgs, RulesWhat};
use super::look::Look;
use super::{output, render, usage};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;
use crate::model::{Decision, Scope, Severity, plain};
use crate::packs;
use crate::policy::Policy;
use crate::rules::{Prose, builtin_texts, nearest};

/// Carries out `guard rules`.
pub fn run(args: &RulesArgs) -> Result<Exit, Error> {
    match &args.what {
        RulesWhat::List { json } => list(*json),
        RulesWhat::Show { id } => show(id),
        RulesWhat::Test { files } => test(files),
    }
}

/// Every rule, with the decision that settings give it.
fn in_force(policy: &Policy) -> Vec<Prose> {
    let with_setting = |mut rule: Prose| {
        rule.decision = policy.rules.decision(&rule.id).unwrap_or(rule.decision);
        rule
    };
    policy.rules.rules().map(with_setting).collect()
}

/// A rule in the form that scripts rely on.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    /// Its id: `git.push-force`.
    id: &'a str,
    /// How bad it is if a command that it matches is a mistake.
    severity: Severity,
    /// What it demands, with the settings of all files.
    decision: Decision,
    /// What it is about, for a freeze.
    scope: &'a [Scope],
    /// It counts only while that is frozen.
    only_frozen: bool,
    /// What such a command does, in a few words.
    title: &'a str,
    /// Why that is bad.
    why: &'a str,
    /// What to do instead.
    safer: &'a [String],
}

fn list(json: bool) -> Result<Exit, Error> {
    let policy = Front::open()?.policy;
    let mut rules: Vec<Prose> = in_force(&policy);
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    if !json {
        return output::text(&render::rules(&rules, Look::of_stdout()));
    }
    let shown: Vec<Shown<'_>> = rules
        .iter()
        .map(|rule| Shown {
            id: &rule.id,
            severity: rule.severity,
            decision: rule.decision,
            scope: &rule.scope,
            only_frozen: rule.only_frozen,
            title: &rule.title,
            why: &rule.why,
            safer: &rule.safer,
        })
        .collect();
    let text = serde_json::to_string_pretty(&shown)
        .map_err(|error| Error::broken("the rules cannot be printed").because(error))?;
    output::line(&text)
}

fn show(id: &str) -> Result<Exit, Error> {
    let rules = in_force(&Front::open()?.policy);
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => output::text(&render::rule(rule, Look::of_stdout())),
        None => {
            let error = usage(format!("there is no rule `{}`", plain(id)));
            Err(match nearest(id, rules.iter().map(|rule| rule.id.clone())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`guard rules list` shows them all"),
            })
        }
    }
}

fn test(files: &[PathBuf]) -> Result<Exit, Error> {
    let mut count = 0;
    let mut failures = Vec::new();
    let mut hold = |text: &str, name: &str| match packs::test(text, name) {
        Ok(held) => count += held,
        Err(failed) => failures.extend(failed),
    };
    if files.is_empty() {
        for (name, text) in builtin_texts() {
            hold(text, name);
        }
    }
    let own: Vec<PathBuf> = if files.is_empty() { own_files()? } else { files.to_vec() };
    for file in own {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file)
            .map_err(|error| Error::broken(format!("{name}: cannot be read")).because(error))?;
        hold(&text, &name);
    }
    for failure in &failures {
        output::line(&plain(failure))?;
    }
    if failures.is_empty() {
        output::line(&format!("{count} examples hold"))
    } else {
        let faults = if failures.len() == 1 { "fault" } else { "faults" };
        output::line(&format!("{} {faults}", failures.len()))?;
        Ok(Exit::Failure)
    }
}

/// The rule files of every layer.
fn own_files() -> Result<Vec<PathBuf>, Error> {
    Ok(packs::files(&Front::open_layers()?).map(PathBuf::from).collect())
}
