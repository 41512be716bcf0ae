//! Scripts that stand in a package's file as JSON or TOML: `npm run x`, `yarn x`, `composer x`, `deno task x`, `poe x`.

use super::{Entered, Inner, read_words, script_file};
use crate::actions::json::Json;
use crate::actions::masked::Masked;
use crate::actions::names::{Names, names_of};
use crate::actions::walk::Walk;
use crate::actions::wrappers::{is_one_of, layer};
use crate::actions::written::{self, Written};
use crate::model::{Call, Effect, Inside, Opaque, Span, Text};
use crate::syntax::{Dialect, Scope};

/// A package manager, as far as it runs scripts.
struct Manager {
    names: &'static str,
    /// Its options, as [`Grammar::options`](crate::actions::wrappers::Grammar) says.
    options: &'static str,
    /// Those that name the directory.
    directory: &'static str,
    files: &'static [&'static str],
    /// The keys of the scripts, each with those round it.
    key: &'static str,
    /// Subcommands behind which a script's name stands.
    run: &'static str,
    /// Scripts that are subcommands themselves; `*`: all but those in `own`.
    alone: &'static str,
    own: &'static str,
    /// Subcommands that run scripts by the way: the words, `-` for none, and the scripts.
    hooks: &'static [(&'static str, &'static str)],
}

const INSTALL: (&str, &str) = (
    "install i ci clean-install isntall it cit rebuild -",
    "preinstall install postinstall prepublish preprepare prepare postprepare",
);
const PUBLISH: (&str, &str) =
    ("publish pack", "prepublishOnly prepack prepare postpack prepublish publish postpublish");
const VERSION: (&str, &str) = ("version", "preversion version postversion");
const NODE: &[&str] = &["package.json"];

const MANAGERS: &[Manager] = &[
    Manager {
        names: "npm",
        options: "--prefix= -C= -w= --workspace= --loglevel= --script-shell= --node-options= --userconfig= --registry= \
            --cache= -s --silent --if-present --ignore-scripts -ws --workspaces -g --global",
        directory: "--prefix -C",
        files: NODE,
        key: "scripts",
        run: "run run-script rum urn",
        alone: "test start stop restart t tst",
        own: "",
        hooks: &[("install i ci clean-install isntall it cit rebuild", INSTALL.1), PUBLISH, VERSION],
    },
    Manager {
        names: "yarn yarnpkg pnpm",
        options: "--cwd= -C= --dir= --filter= -F= --mutex= --use-yarnrc= --reporter= --loglevel= -s --silent --verbose \
            -r --recursive -w --workspace-root --ignore-scripts --if-present",
        directory: "--cwd -C --dir",
        files: NODE,
        key: "scripts",
        run: "run run-script",
        alone: "*",
        own: "install i ci publish pack version",
        hooks: &[INSTALL, PUBLISH, VERSION],
    },
    Manager {
        names: "bun",
        options: "--cwd= --env-file= -c= --config= --filter= -F= -b --bun --silent --watch --hot --ignore-scripts",
        directory: "--cwd",
        files: NODE,
        key: "scripts",
        run: "run",
        alone: "*",
        own: "install i ci publish pack test build x add remove",
        hooks: &[("install i ci", INSTALL.1), PUBLISH],
    },
    Manager {
        names: "npm-run-all npm-run-all2 run-s run-p",
        options: "-p --parallel -s --sequential --serial -l --print-label -c --continue-on-error --silent",
        directory: "",
        files: NODE,
        key: "scripts",
        run: "",
        alone: "+",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "node",
        options: "--run=",
        directory: "",
        files: NODE,
        key: "scripts",
        run: "--run",
        alone: "",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "deno",
        options: "--cwd= -c= --config= -q --quiet",
        directory: "--cwd",
        files: &["deno.json", "deno.jsonc", "package.json"],
        key: "tasks scripts",
        run: "task",
        alone: "",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "composer",
        options: "-d= --working-dir= -q --quiet -n --no-interaction --no-scripts",
        directory: "-d --working-dir",
        files: &["composer.json"],
        key: "scripts",
        run: "run run-script",
        alone: "*",
        own: "install update",
        hooks: &[
            ("install i", "pre-install-cmd post-install-cmd pre-autoload-dump post-autoload-dump"),
            ("update u upgrade", "pre-update-cmd post-update-cmd pre-autoload-dump post-autoload-dump"),
        ],
    },
    Manager {
        names: "poe",
        options: "-C= --directory= --root= -e= --executor= -v --verbose -q --quiet --ansi --no-ansi",
        directory: "-C --directory --root",
        files: &["pyproject.toml", "poe_tasks.toml"],
        key: "tool.poe.tasks",
        run: "",
        alone: "*",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "pdm rye hatch",
        options: "-p= --project= -e= --env= -v --verbose -q --quiet -s --site-packages",
        directory: "-p --project",
        files: &["pyproject.toml"],
        key: "tool.pdm.scripts tool.rye.scripts tool.hatch.envs.default.scripts",
        run: "run",
        alone: "",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "pixi",
        options: "--manifest-path= -e= --environment= -q --quiet -v --verbose --locked --frozen",
        directory: "",
        files: &["pixi.toml", "pyproject.toml"],
        key: "tasks tool.pixi.tasks",
        run: "run r",
        alone: "",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "mise",
        options: "-C= --cd= -j= --jobs= -q --quiet -v --verbose -y --yes",
        directory: "-C --cd",
        files: &["mise.toml", ".mise.toml"],
        key: "tasks",
        run: "run r",
        alone: "",
        own: "",
        hooks: &[],
    },
    Manager {
        names: "cargo",
        options: "--cwd= --makefile= -p= --profile= -e= --env= -q --quiet",
        directory: "--cwd",
        files: &["Makefile.toml"],
        key: "tasks",
        run: "make",
        alone: "",
        own: "",
        hooks: &[],
    },
];

impl Walk<'_> {
    /// Follows the scripts of a package that a call runs.
    pub(super) fn package_scripts(&mut self, name: &str, call: &Call, span: Span, scope: &mut Scope<'_>) {
        const KNOWN: Names = names_of!(MANAGERS, names);
        if !KNOWN.may_hold(name) {
            return;
        }
        let Some(manager) = MANAGERS.iter().find(|manager| is_one_of(name, manager.names)) else {
            return;
        };
        let Some(reading) = read_words(call, manager.options) else {
            return;
        };
        let mut words: Vec<&Text> = reading.operands.iter().map(|&at| &call.args[at]).collect();
        words.extend(call.args.get(reading.command..).unwrap_or_default());
        let word = |at: usize| words.get(at).and_then(|word| word.as_known());
        if (word(0), word(1)) == (Some("pkg"), Some("set")) {
            return self.set_scripts(&words[2..], span, scope);
        }
        let first = word(0).unwrap_or("-");
        let given = reading.given(manager.run).and_then(|given| given.value.as_ref());
        let (wanted, rest) = match (given.and_then(Text::as_known), word(1)) {
            (Some(script), _) => (script, 0),
            (None, Some(script)) if is_one_of(first, manager.run) => (script, 2),
            (None, _) if manager.alone == "*" && !is_one_of(first, manager.own) => (first, 1),
            (None, _) if is_one_of(first, manager.alone) && first.starts_with('t') => ("test", 1),
            (None, _) if is_one_of(first, manager.alone) => (first, 1),
            (None, _) => ("", 1),
        };
        let hooks = manager.hooks.iter().find(|(subs, _)| is_one_of(first, subs));
        let hooks = hooks.filter(|_| words.len() < 2 && !reading.has("--ignore-scripts --no-scripts"));
        let hooks = hooks.map_or("", |(_, hooks)| hooks);
        if wanted.is_empty() && hooks.is_empty() && manager.alone != "+" {
            return;
        }
        let mut scope = scope.clone();
        if let Some(directory) = reading.given(manager.directory).and_then(|given| given.value.as_ref()) {
            scope.change_directory(directory);
        }
        let Some((path, text)) = self.nearest(manager.files, span, &mut scope) else {
            return;
        };
        // People who install packages run what those bring too; their own is what they have read.
        let hooks = if self.is_kept(&path, &scope) { "" } else { hooks };
        let listed = words.iter().filter(|_| manager.alone == "+").filter_map(|word| word.as_known());
        let listed: Vec<&str> = listed.flat_map(str::split_whitespace).collect();
        let mut entered = Vec::new();
        // Where it is in doubt which stands there, both do.
        let packages = match path.known_end().ends_with(".toml") {
            true => toml(&text).into_iter().collect(),
            false => Json::parse_all(&text),
        };
        if packages.is_empty() {
            let what = format!("`{}`, which cannot be read", path.display());
            return self.emit(Effect::Opaque(Opaque { what }), span, &scope);
        }
        let file = script_file(&path, &text);
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let scripts = |package| {
            let mut keys = manager.key.split(' ');
            keys.find_map(|key| key.split('.').try_fold(package, |within, key| Json::get(within, key)))
        };
        for (script, value) in packages.iter().filter_map(scripts).flat_map(Json::entries) {
            let Some(script) = script.as_known() else {
                continue;
            };
            let stem = script.strip_prefix("pre").or_else(|| script.strip_prefix("post"));
            let runs = script == wanted
                || (!wanted.is_empty() && stem == Some(wanted))
                || is_one_of(script, hooks)
                || listed.iter().any(|word| super::is_like(script, word));
            let args = words.get(rest..).unwrap_or_default().iter().filter(|_| script == wanted);
            let args: Vec<&Text> = args.filter(|word| word.as_known() != Some("--")).copied().collect();
            if runs {
                for source in sources(value) {
                    let (key, value) = (quoted(script), quoted(&source.display()));
                    let inside = Inside::only_line(&file, &[&key, &value])
                        .or_else(|| Inside::only_line(&file, &[&value]));
                    entered.push(Entered { inside, ..run(name, script, &source, &args) });
                }
            }
        }
        let key = format!("{wanted} {hooks} {}", listed.join(" "));
        self.recipe_file(&path, &key, call, span, &mut scope, entered);
    }

    /// `npm pkg set scripts.x=CODE`: another text of the package, behind the one that stands there.
    fn set_scripts(&mut self, words: &[&Text], span: Span, scope: &Scope<'_>) {
        let mut moved = scope.clone();
        let Some((path, mut text)) = self.nearest(NODE, span, &mut moved) else {
            return;
        };
        let mut scripts = Vec::new();
        for word in words {
            let name = word.known_start().strip_prefix("scripts.").and_then(|word| word.split_once('='));
            if let Some((name, _)) = name {
                let value = crate::actions::wrappers::tail(word, "scripts.=".len() + name.len());
                scripts.push((Text::known(name), Json::Text(value)));
            }
        }
        let package = Json::Map(vec![(Text::known("scripts"), Json::Map(scripts))]);
        text.push_str("\n");
        text.append(&package.render());
        if let Some(key) = written::key(moved.directory(), &path) {
            self.put(key, Written::Text { source: text, exact: false });
        }
    }

    /// The first of these files here or in a directory above; that becomes the current one.
    pub(super) fn nearest(
        &mut self,
        files: &[&str],
        span: Span,
        scope: &mut Scope<'_>,
    ) -> Option<(Text, Text)> {
        let files: Vec<Text> = files.iter().map(|file| Text::known(*file)).collect();
        loop {
            if let Some(found) = self.first_file(&files, span, scope) {
                return Some(found);
            }
            let directory = scope.directory().as_known()?.to_owned();
            let above =
                directory.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())?;
            scope.change_directory(&Text::known(above));
        }
    }
}

/// The sources of a script: a text, a list of them, or an object with a command.
fn sources(value: &Json) -> Vec<Text> {
    match value {
        Json::Text(text) => vec![text.clone()],
        Json::List(items) => items.iter().flat_map(sources).collect(),
        Json::Map(_) => {
            const KEYS: &[&str] = &["command", "cmd", "shell", "run", "script", "sequence", "composite"];
            let Some(commands) = KEYS.iter().find_map(|key| value.get(key)) else {
                return Vec::new();
            };
            match value.get("args") {
                Some(Json::List(args)) => vec![joined(std::iter::once(commands).chain(args))],
                _ => sources(commands),
            }
        }
        _ => Vec::new(),
    }
}

/// Words as a shell reads them.
fn joined<'j>(words: impl Iterator<Item = &'j Json>) -> Text {
    let mut whole = Text::default();
    for word in words.map(Json::plain) {
        whole.push_str(if whole == Text::default() { "" } else { " " });
        match word.as_known() {
            Some(known) => whole.push_str(&shell_words::quote(known)),
            None => whole.append(&word),
        }
    }
    whole
}

/// A file of TOML, in which unknown stretches may stand in strings.
fn toml(text: &Text) -> Option<Json> {
    let masked = Masked::new(text);
    let table: serde_json::Value = toml::from_str(&masked.text).ok()?;
    Json::parse(&masked.unmask(&table.to_string()))
}

fn run(name: &str, script: &str, source: &Text, args: &[&Text]) -> Entered {
    // composer: `@php x.php`, `@other-script`
    let mut whole = match source.as_known().and_then(|known| known.strip_prefix('@')) {
        Some(rest) if rest.starts_with("php ") => Text::known(rest),
        Some(rest) => Text::known(format!("composer run {rest}")),
        None => source.clone(),
    };
    for arg in args {
        whole.push_str(" ");
        match arg.as_known() {
            Some(known) => whole.push_str(&shell_words::quote(known)),
            None => whole.append(arg),
        }
    }
    let dialect = Dialect::Posix;
    let inner =
        Inner::Shell { source: whole, positional: vec!["sh".into()], dialect, same_shell: false, span: None };
    layer(&format!("{name} {script}"), inner)
}
