//! Which findings a human's exceptions are about.

use crate::model::{
    Action, Call, Decision, Effect, Exception, Facts, Finding, Match, PathEffect, Scope, Target, Text,
    absolute, is_at_or_below, normal,
};
use crate::rules::RuleSet;

/// Lets what is held run with a warning where a human excepted it. What is denied stays denied, also where it only
/// may be what is denied.
pub fn except(finding: &mut Finding, action: &Action, rules: &RuleSet, facts: &dyn Facts) {
    if finding.decision != Decision::Confirm {
        return;
    }
    let covers = |one: &&Exception| one.rule == finding.rule && covers(one, finding, action, rules, facts);
    if let Some(exception) = facts.exceptions().iter().find(covers) {
        finding.decision = Decision::Warn;
        finding.exception = Some(format!("{}: {}", exception.id, exception.told()));
    }
}

fn covers(
    exception: &Exception,
    finding: &Finding,
    action: &Action,
    rules: &RuleSet,
    facts: &dyn Facts,
) -> bool {
    let is_sure = finding.matched == Match::Yes;
    let named = match (&exception.resource, &exception.words) {
        (Some(resource), _) => is_sure && finding.resource.as_ref() == Some(resource),
        (None, Some(words)) => is_sure && finding.resource.is_none() && finding.words.as_ref() == Some(words),
        (None, None) => true,
    };
    named && (exception.directory == "/" || is_in(exception, finding, action, rules, facts))
}

/// Whether it happens in a directory, and reaches nothing of this machine outside of it.
fn is_in(
    exception: &Exception,
    finding: &Finding,
    action: &Action,
    rules: &RuleSet,
    facts: &dyn Facts,
) -> bool {
    let directory = exception.directory.as_str();
    let below = |path: &str| {
        let found = facts.path(path);
        is_at_or_below(&found.real, directory) && found.target.is_none_or(|to| is_at_or_below(&to, directory))
    };
    if !action.place.is_local() {
        // Its paths are none of this machine's; where the command was given says for which work it is.
        return !matches!(action.effect, Effect::Path(_)) && below(facts.directory());
    }
    let word = |word: &Text| match (absolute(&action.directory, word), word.as_pattern()) {
        (Some(path), _) => below(&path),
        (None, Some(pattern)) => {
            let pattern = absolute(&action.directory, &Text::known(pattern));
            pattern
                .and_then(|pattern| facts.glob(&pattern))
                .is_some_and(|all| all.iter().all(|path| below(path)))
        }
        (None, None) => false,
    };
    let happens_there = action.directory.as_known().is_some_and(below);
    match &action.effect {
        Effect::Path(effect) => effect.by != PathEffect::FOLLOWING && word(&effect.path),
        _ if !happens_there => false,
        Effect::Call(call) => {
            let is_local = rules.rule(&finding.rule).is_none_or(|rule| rule.scope.contains(&Scope::Local));
            let stays = |arg: &Text| word(arg) && held_path(arg).is_none_or(|path| below(&path));
            let is_named = exception.words.is_some() || exception.resource.is_some() && !is_local;
            (is_named || call.args.iter().all(stays)) && !is_moved(action, call, facts)
        }
        Effect::Statement(statement) if statement.database.target == Target::File => {
            word(&statement.database.name)
        }
        _ => true,
    }
}

/// Whether variables may have it act elsewhere: its own ones, whatever they say, or such as are known for that.
fn is_moved(action: &Action, call: &Call, facts: &dyn Facts) -> bool {
    const MOVING: [&str; 9] = [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "TF_WORKSPACE",
        "TF_DATA_DIR",
        "COMPOSE_FILE",
        "COMPOSE_PROJECT_NAME",
    ];
    !call.env.is_empty() || !action.exported.is_empty() || MOVING.iter().any(|name| facts.env(name).is_some())
}

/// The path that a word may hold behind an option's name or a colon, taken for one from the root: `--git-dir=/x/.git`,
/// `-C../x`.
fn held_path(word: &Text) -> Option<String> {
    let word = word.as_known().unwrap_or_default();
    let is_start = |at: &usize| {
        *at > 0 && (word.starts_with('-') || matches!(word.as_bytes()[at - 1], b'=' | b':' | b','))
    };
    let start = word.match_indices('/').map(|(at, _)| at).find(is_start);
    // `--git-dir=..`
    let is_above = word.contains('=') && word.ends_with("..");
    start.map(|at| normal(&word[at..])).or(is_above.then(|| "/".to_owned()))
}
