//! Taskfiles: the commands of the tasks that `task` runs, with their variables.

use std::cell::Cell;
use std::collections::HashSet;

use super::expand::{LENGTH, UNKNOWN};
use super::{by_shell, read_words, script_file, yaml};
use crate::actions::Entered;
use crate::actions::json::Json;
use crate::actions::masked::Masked;
use crate::actions::walk::Walk;
use crate::actions::wrappers::layer;
use crate::model::{Call, Inside, Span};
use crate::syntax::Scope;

const OPTIONS: &str = "-t= --taskfile= -d= --dir= -o= --output= -I= --interval= -C= --concurrency= -x --exit-code -l --list -a \
    --list-all -n --dry --status --summary -i --init --version -h --help -f --force -p --parallel -s --silent -v \
    --verbose -w --watch -y --yes -g --global";
/// With these no task runs.
const IDLE: &str = "-l --list -a --list-all -n --dry --status --summary -i --init --version -h --help";
/// Variables in variables deeper than this are not known.
const DEPTH: usize = 8;
/// After so many nothing more is known.
const STEPS: usize = 20_000;
const FILES: &[&str] = &[
    "Taskfile.yml",
    "taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "Taskfile.dist.yaml",
];

/// A Taskfile, some variables set by the command line.
struct Taskfile {
    file: Json,
    given: Vec<(String, String)>,
    /// How many texts were filled.
    steps: Cell<usize>,
}

impl Walk<'_> {
    /// Follows the commands that `task` runs.
    pub(super) fn task(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let Some(reading) = read_words(call, OPTIONS).filter(|reading| !reading.has(IDLE)) else {
            return;
        };
        let value = |names: &str| reading.given(names).and_then(|given| given.value.clone());
        let mut scope = scope.clone();
        if let Some(directory) = value("-d --dir") {
            scope.change_directory(&directory);
        }
        let found = match value("-t --taskfile") {
            Some(path) => self.first_file(&[path], span, &scope),
            None => self.nearest(FILES, span, &mut scope),
        };
        let Some((path, text)) = found else {
            return;
        };
        let masked = Masked::new(&text);
        let mut words: Vec<&str> =
            reading.operands.iter().filter_map(|&at| call.args[at].as_known()).collect();
        let given = words.iter().filter_map(|word| word.split_once('='));
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        words.retain(|word| !word.contains('='));
        if reading.operands.is_empty() {
            words.push("default");
        }
        let file = Taskfile { file: yaml::parse(&masked.text), given, steps: Cell::new(0) };
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        words.iter().for_each(|word| file.reach(word, &mut seen, &mut found));
        let whole = script_file(&path, &text);
        let run = |(name, source): &(String, String)| Entered {
            inside: Inside::only_line(&whole, &[source]),
            ..layer(&format!("task {name}"), by_shell("bash", "-c", masked.unmask(source)))
        };
        let entered = found.iter().map(run).collect();
        self.recipe_file(&path, &words.join(" "), call, span, &mut scope, entered);
    }
}

impl Taskfile {
    fn reach(&self, name: &str, seen: &mut HashSet<String>, out: &mut Vec<(String, String)>) {
        let task = self.file.get("tasks").and_then(|tasks| tasks.get(name));
        let Some(task) = task.filter(|_| seen.insert(name.to_owned())) else {
            return;
        };
        task.get("deps").into_iter().for_each(|deps| self.commands(name, task, deps, true, seen, out));
        let commands = ["cmds", "cmd"].iter().find_map(|key| task.get(key));
        self.commands(name, task, commands.unwrap_or(task), false, seen, out);
    }

    /// A command, several, or the names of other tasks.
    fn commands(
        &self,
        name: &str,
        task: &Json,
        what: &Json,
        names: bool,
        seen: &mut HashSet<String>,
        out: &mut Vec<(String, String)>,
    ) {
        match what {
            Json::Text(text) if names => self.reach(&text.display(), seen, out),
            Json::Text(text) => out.push((name.to_owned(), self.filled(&text.display(), task, 0))),
            Json::List(items) => {
                items.iter().for_each(|item| self.commands(name, task, item, names, seen, out));
            }
            Json::Map(_) => {
                for (key, names) in [("cmd", false), ("defer", false), ("task", true)] {
                    what.get(key)
                        .into_iter()
                        .for_each(|inner| self.commands(name, task, inner, names, seen, out));
                }
            }
            _ => {}
        }
    }

    /// A command with its variables put in.
    fn filled(&self, command: &str, task: &Json, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = command;
        while let Some((before, more)) = rest.split_once("{{") {
            self.steps.set(self.steps.get() + 1);
            if out.len() > LENGTH || self.steps.get() > STEPS {
                return UNKNOWN.to_string();
            }
            out.push_str(before);
            let (expression, behind) = more.split_once("}}").unwrap_or((more, ""));
            let name = expression.trim_matches(['-', ' ']).trim_start_matches('.');
            let given = self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            let set = [task, &self.file].iter().find_map(|place| place.get("vars")?.get(name));
            let value = given.or_else(|| match set {
                Some(Json::Text(text)) if depth < DEPTH => {
                    Some(self.filled(&text.display(), task, depth + 1))
                }
                Some(map @ Json::Map(_)) => {
                    map.get("sh").and_then(Json::as_text).map(|sh| format!("$({})", sh.display()))
                }
                _ => None,
            });
            out.push_str(&value.unwrap_or_else(|| UNKNOWN.to_string()));
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}
