//! An editor's settings of a project: what is written there may name programs that run later on, or may not.

use super::deposits::Deposit;
use super::json::Json;
use super::walk::{FILE_LIMIT, Walk};
use super::written::Written;
use crate::model::{Call, PathEffect, PathOp, Text, absolute};
use crate::syntax::Scope;

/// The first words of settings, behind which nothing runs but what the editor and its extensions run anyway.
const QUIET: &[&str] = &[
    "[",
    "C_Cpp",
    "breadcrumbs",
    "cSpell",
    "cmake",
    "css",
    "dart",
    "diffEditor",
    "editor",
    "emmet",
    "eslint",
    "explorer",
    "files",
    "git",
    "go",
    "gopls",
    "html",
    "java",
    "javascript",
    "json",
    "less",
    "markdown",
    "markdownlint",
    "outline",
    "prettier",
    "problems",
    "python",
    "ruff",
    "rust-analyzer",
    "scss",
    "search",
    "svelte",
    "tailwindCSS",
    "typescript",
    "volar",
    "vue",
    "window",
    "workbench",
    "yaml",
    "zenMode",
];
/// Words in the name of a setting, or of what it holds, that tell of a program, or of what it is given or reads.
const RUNS: &[&str] = &[
    "arg",
    "binary",
    "browser",
    "command",
    "config",
    "env",
    "exec",
    "flag",
    "home",
    "interpreter",
    "module",
    "path",
    "plugin",
    "program",
    "project",
    "proxy",
    "run",
    "script",
    "sdk",
    "server",
    "shell",
    "task",
    "terminal",
    "tool",
    "url",
];

/// Whether what is written over a project's settings for VS Code is known, and runs nothing.
pub fn runs_nothing(effect: &PathEffect) -> bool {
    let Some((path, content)) = effect.path.as_known().zip(effect.content.as_ref()) else {
        return false;
    };
    let changes = matches!(effect.op, PathOp::Overwrite | PathOp::Modify);
    let Some(text) = content.as_known().filter(|_| changes) else {
        return false;
    };
    let remark = |line: &&str| !line.trim_start().starts_with("//");
    let text: Vec<&str> = text.lines().filter(remark).collect();
    let json = Json::parse(&Text::known(text.join("\n")));
    let is =
        |name: &str| path.strip_suffix(name).is_some_and(|start| start.is_empty() || start.ends_with('/'));
    match json {
        Some(settings @ Json::Map(_)) if is(".vscode/settings.json") => are_quiet(&settings),
        Some(tasks @ Json::Map(_)) if is(".vscode/tasks.json") => !holds_key(&tasks, "runOn"),
        _ => false,
    }
}

impl Walk<'_> {
    /// What `sed -i` and what puts another file's text there make of settings for VS Code, and of a file that
    /// puts guard in place.
    pub(super) fn settings_of(
        &self,
        effect: &PathEffect,
        call: &Call,
        deposits: &[Deposit],
        scope: &Scope<'_>,
    ) -> Option<Text> {
        let key = settings_at(effect, scope).or_else(|| self.hooked_at(effect, scope))?;
        let deposit = deposits.iter().find(|deposit| deposit.key == key && !deposit.append);
        match deposit.map(|deposit| &deposit.content) {
            Some(Written::Text { source, exact: true }) => Some(source.clone()),
            None if effect.by.contains("sed") => {
                let in_place = |arg: &&Text| arg.known_start().starts_with("-i");
                let args = call.args.iter().filter(|arg| !in_place(arg)).cloned().collect();
                self.printed(&Call { args, ..call.clone() }, scope)
            }
            _ => None,
        }
    }

    /// Of what is written over settings, what stands there already is nobody's change: a setting that goes
    /// lets nothing run.
    pub(super) fn tell_settings(&self, effect: &mut PathEffect, scope: &Scope<'_>) {
        let Some((path, new)) = settings_at(effect, scope).zip(effect.content.as_ref()) else {
            return;
        };
        let (old, new) = (self.facts.read(&path, FILE_LIMIT).ok(), Json::parse(new));
        let old = old.and_then(|old| Json::parse(&Text::known(String::from_utf8(old).ok()?)));
        if let (Some(Json::Map(old)), Some(Json::Map(new))) = (old, new) {
            let new = new.into_iter().filter(|entry| !old.contains(entry)).collect();
            effect.content = Some(Json::Map(new).render());
        }
    }
}

/// The path of settings for VS Code that are written.
fn settings_at(effect: &PathEffect, scope: &Scope<'_>) -> Option<String> {
    let writes = matches!(effect.op, PathOp::Overwrite | PathOp::Modify);
    let named = writes && effect.path.known_end().ends_with("settings.json");
    let path = named.then(|| absolute(scope.directory(), &effect.path))?;
    path.filter(|path| path.ends_with("/.vscode/settings.json"))
}

fn are_quiet(settings: &Json) -> bool {
    settings.entries().iter().all(|(key, value)| {
        let Some(key) = key.as_known() else {
            return false;
        };
        if key.starts_with('[') {
            return are_quiet(value);
        }
        let first = key.split('.').next().unwrap_or_default();
        let plain = matches!(value, Json::Bool(_) | Json::Number(_) | Json::Null);
        // No setting has a name of one word.
        let none = !key.contains('.') && plain;
        none || QUIET.contains(&first)
            && (plain || is_environment(key, value) || !tells_of_program(key, value))
    })
}

/// A project's own Python or TypeScript.
fn is_environment(key: &str, value: &Json) -> bool {
    if key == "typescript.tsdk" {
        return value.as_text().and_then(Text::as_known) == Some("node_modules/typescript/lib");
    }
    let own = ["venv/bin/python", "venv/bin/python3", "venv/Scripts/python.exe"];
    let value = value.as_text().and_then(Text::as_known).unwrap_or_default();
    let inside =
        value.trim_start_matches("${workspaceFolder}/").trim_start_matches("./").trim_start_matches('.');
    key == "python.defaultInterpreterPath" && own.contains(&inside)
}

fn tells_of_program(key: &str, value: &Json) -> bool {
    let key = key.to_lowercase();
    RUNS.iter().any(|word| key.contains(word))
        || value
            .entries()
            .iter()
            .any(|(key, value)| key.as_known().is_none_or(|key| tells_of_program(key, value)))
}

/// Whether a key stands anywhere in a value.
fn holds_key(value: &Json, wanted: &str) -> bool {
    match value {
        Json::List(items) => items.iter().any(|item| holds_key(item, wanted)),
        Json::Map(entries) => entries
            .iter()
            .any(|(key, value)| key.as_known().is_none_or(|key| key == wanted) || holds_key(value, wanted)),
        Json::Unknown(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_name_no_program_run_nothing() {
        for (file, text, expected) in [
            ("settings.json", "{\"editor.formatOnSave\": true}", true),
            ("settings.json", "// for all\n{\"[python]\": {\"editor.tabSize\": 4}}", true),
            ("settings.json", "{\"files.exclude\": {\"**/dist\": true}}", true),
            (
                "settings.json",
                "{\"python.defaultInterpreterPath\": \"${workspaceFolder}/.venv/bin/python\"}",
                true,
            ),
            ("settings.json", "{\"python.defaultInterpreterPath\": \"/tmp/venv/bin/python\"}", false),
            ("settings.json", "{\"typescript.tsdk\": \"node_modules/typescript/lib\"}", true),
            ("settings.json", "{\"typescript.tsdk\": \"/tmp/lib\"}", false),
            ("settings.json", "{\"a\": 1}", true),
            ("settings.json", "{\"a\": \"/tmp/x\"}", false),
            ("settings.json", "{\"git.path\": \"/tmp/x\"}", false),
            ("settings.json", "{\"git.p\\u0061th\": \"/tmp/x\"}", false),
            ("settings.json", "{\"terminal.integrated.env.linux\": {\"PATH\": \"x\"}}", false),
            ("settings.json", "{\"task.allowAutomaticTasks\": \"on\"}", false),
            ("settings.json", "{\"chat.tools.autoApprove\": true}", false),
            ("settings.json", "{\"rust-analyzer.check.overrideCommand\": [\"x\"]}", false),
            ("settings.json", "{\"go.alternateTools\": {\"go\": \"/tmp/go\"}}", false),
            (
                "settings.json",
                "{\"eslint.options\": {\"overrideConfigFile\": \"a\", \"rulePaths\": [\"x\"]}}",
                false,
            ),
            ("settings.json", "{\"eslint.options\": {\"overrideConfigFile\": \"/tmp/x.js\"}}", false),
            ("settings.json", "{\"workbench.externalBrowser\": \"/tmp/x\"}", false),
            ("settings.json", "not json", false),
            ("tasks.json", "{\"tasks\": [{\"label\": \"build\", \"command\": \"make\"}]}", true),
            (
                "tasks.json",
                "{\"tasks\": [{\"command\": \"x\", \"runOptions\": {\"runOn\": \"folderOpen\"}}]}",
                false,
            ),
            ("other.json", "{}", false),
        ] {
            let effect = PathEffect {
                op: PathOp::Overwrite,
                path: Text::known(format!(".vscode/{file}")),
                recursive: false,
                by: ">".to_owned(),
                content: Some(Text::known(text)),
                span: None,
            };
            assert_eq!(runs_nothing(&effect), expected, "{file} {text}");
        }
    }
}
