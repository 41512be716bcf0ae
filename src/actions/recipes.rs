//! Files whose contents programs run by rules of their own: makefiles, scripts of packages, tests,
//! configuration that is code, scripts of editors. Who reads which file, and what of it runs.

mod expand;
mod just;
mod makefile;
mod packages;
mod taskfile;
mod yaml;

use std::sync::Arc;

use crate::model::{
    Call, Committed, Effect, Inside, Opaque, ReadError, ScriptFile, Shape, Span, Text, absolute, base_name,
    is_below,
};
use crate::syntax::{Dialect, Scope};

use self::expand::UNKNOWN;
use self::makefile::{Makefile, Step};
use super::done::Done;
use super::masked::Masked;
use super::names::{Names, names_of};
use super::walk::{CALLS, Walk};
use super::wrappers::{self, Grammar, Reading, Stdin, is_one_of, is_stdin, layer};
use super::{Entered, Inner, Language};

/// Makefiles in makefiles are read this deep.
const INCLUDES: usize = 6;
/// How often one judgement asks of a file that the script wrote whether a program looks for it.
const SEARCHED: usize = 1 << 20;
/// A recipe counts as this many calls of functions.
const COST: usize = 16;

const MAKE: &str = "-f= --file= --makefile= -C= --directory= -I= --include-dir= -j? --jobs? -l? --load-average? -o= \
    --old-file= --assume-old= -W= --what-if= --new-file= --assume-new= -E= --eval= -O? --output-sync? -n --just-print \
    --dry-run --recon -q --question -t --touch -v --version -h --help -p --print-data-base -s --silent --quiet -k \
    --keep-going -S --no-keep-going -B --always-make -e --environment-overrides -i --ignore-errors -r \
    --no-builtin-rules -R --no-builtin-variables -w --print-directory --no-print-directory -d --debug? --trace -L \
    --check-symlink-times --warn-undefined-variables --shuffle? -b -m";
/// With these no recipe runs.
const MAKE_IDLE: &str = "-n --just-print --dry-run --recon -q --question -t --touch -v --version -h --help";

/// Code that a program finds by its name and runs: programs, its language, names of files.
const FOUND: &[(&str, Language, &str)] = &[
    ("pytest py.test tox nox", Language::Python, "test_*.py *_test.py conftest.py noxfile.py"),
    ("unittest nose2 nosetests", Language::Python, "test*.py"),
    ("pip pip3 pipx build tox", Language::Python, "setup.py"),
    ("fab invoke inv scons", Language::Python, "fabfile.py tasks.py SConstruct"),
    ("rake rails bundle rspec", Language::Ruby, "Rakefile rakefile Rakefile.rb *.rake Gemfile *_spec.rb"),
    (
        "jest vitest mocha ava tap tape playwright jasmine node bun deno",
        Language::JavaScript,
        "*.test.*s *.spec.*s *.test.*sx *.spec.*sx test/*.*s tests/*.*s *__tests__/*.*s",
    ),
    ("gulp grunt", Language::JavaScript, "gulpfile.* Gruntfile.*"),
    ("python python3", Language::Python, "sitecustomize.py usercustomize.py"),
    ("go", Language::Other, "*.go"),
    ("cargo", Language::Other, "*.rs"),
    ("java javac gradle gradlew mvn", Language::Other, "*.java *.kt *.kts *.gradle *.groovy"),
    ("swift", Language::Other, "*.swift"),
    ("dotnet", Language::Other, "*.cs"),
    ("zig", Language::Other, "*.zig"),
];

/// Files with a command in some lines: who runs them, their names, and what stands before it; nothing: any name.
const LINES: &[(&str, &str, &str)] = &[
    ("foreman honcho overmind hivemind goreman", "Procfile Procfile.*", ""),
    ("pre-commit", ".pre-commit-config.yaml", "entry:"),
    ("lefthook", "lefthook.yml .lefthook.yml lefthook.yaml", "run:"),
    ("tox", "tox.ini", "commands ="),
    ("cargo", "config.toml", "runner ="),
    ("cmake", "CMakeLists.txt *.cmake", "execute_process(COMMAND"),
];

/// Programs that are given a file of what one of their options gives as text: the programs, the
/// options that name the file, the option for the text, and whether it is given line by line.
const SCRIPTS: &[(&str, &str, &str, bool)] = &[
    ("vi vim nvim view ex vimdiff gvim", "-s -S -u", "-c", true),
    ("gdb lldb", "-x --command -s --source -ix", "-ex", true),
    ("sed gsed", "-f --file", "-e", false),
    ("sftp lftp", "-b -f", "--line", true),
];

impl Walk<'_> {
    /// Follows what a program runs of the files that it reads by rules of its own.
    pub(super) fn recipes(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let Some(name) = call.name().filter(|_| self.context.place.is_local()) else {
            return;
        };
        match name {
            "make" | "gmake" => return self.make(call, span, scope),
            "just" => self.just(call, span, scope),
            "task" | "go-task" => self.task(call, span, scope),
            _ => {}
        }
        self.package_scripts(name, call, span, scope);
        const KNOWN: Names = names_of!(SCRIPTS, 0);
        let row = SCRIPTS.iter().find(|(names, ..)| KNOWN.may_hold(name) && is_one_of(name, names));
        if let Some(row) = row {
            self.script_files(row, call, span, scope);
        }
        if !self.written.is_empty() {
            self.found_code(name, call, span, scope);
            self.found_lines(name, call, span, scope);
        }
    }

    /// Follows what stands in a file at `path`: the layers that `read` makes of its text.
    fn recipe_file(
        &mut self,
        path: &Text,
        key: &str,
        outer: &Call,
        span: Span,
        scope: &mut Scope<'_>,
        entered: Vec<Entered>,
    ) {
        let key = format!("{}: {key}", absolute(scope.directory(), path).unwrap_or_else(|| path.display()));
        if self.open.contains(&key) {
            return;
        }
        self.calls += COST;
        if self.calls > CALLS {
            return self.cut_short("too many recipes to follow");
        }
        let own = self.written_at(path, scope).is_some() || path.as_known().is_some_and(is_stdin);
        self.open.push(key);
        self.within_file(path, span, scope, |walk, scope| {
            for entered in entered {
                let saved = walk.context.committed.clone();
                // What make or a task runner makes of a word that is not known counts as code that
                // cannot be seen into; so does what a file that was there before leaves open.
                walk.context.committed.surely |= !own || is_open(&entered);
                walk.enter(entered, outer, span, &mut scope.clone(), false);
                walk.context.committed = saved;
            }
            Done::unknown()
        });
        self.open.pop();
    }

    /// The first of these files that is there, and its text.
    fn first_file(&mut self, paths: &[Text], span: Span, scope: &Scope<'_>) -> Option<(Text, Text)> {
        for path in paths {
            match self.file_source(path, scope) {
                Ok(text) => return Some((path.clone(), text)),
                Err(ReadError::Absent) => {}
                Err(why) => {
                    let what = format!("`{}`: {why}", path.display());
                    self.emit(Effect::Opaque(Opaque { what }), span, scope);
                    return None;
                }
            }
        }
        None
    }

    fn make(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let Some(reading) = read_words(call, MAKE) else {
            return;
        };
        let mut moved = scope.clone();
        let values = |names: &str| -> Vec<Text> {
            let given = reading.options.iter().filter(|given| is_one_of(given.name, names));
            given.filter_map(|given| given.value.clone()).collect()
        };
        values("-C --directory").iter().for_each(|directory| moved.change_directory(directory));
        let scope = &mut moved;
        let mut goals: Vec<&str> = Vec::new();
        let mut given: Vec<(String, String)> = Vec::new();
        let mut unknown_goal = false;
        for &at in &reading.operands {
            let word = &call.args[at];
            let known = word.known_start();
            match known.split_once('=') {
                Some((name, _)) => {
                    let value = wrappers::tail(word, name.len() + 1);
                    let value = value.as_known().map_or_else(|| UNKNOWN.to_string(), str::to_owned);
                    given.push((name.trim_end_matches([':', '?', '+']).to_owned(), value));
                }
                None if word.as_known().is_none() => unknown_goal = true,
                // `-j 4`
                None if known.bytes().all(|b| b.is_ascii_digit()) => {}
                None => goals.push(known),
            }
        }
        let named = values("-f --file --makefile");
        let mut source = Text::default();
        let mut places = Vec::new();
        for text in values("-E --eval") {
            source.append(&text);
            source.push_str("\n");
            places.resize(source.display().lines().count(), None);
        }
        let mut partial = false;
        let usual = ["GNUmakefile", "makefile", "Makefile"].map(Text::known);
        let stdin_text = match wrappers::stdin(call) {
            Stdin::Source(text) => Some(text.clone()),
            Stdin::File(path) => self.file_source(path, scope).ok(),
            Stdin::Nothing | Stdin::Unknown => None,
        };
        let mut path = None;
        let files: Vec<&[Text]> = match named.as_slice() {
            [] => vec![&usual],
            named => named.chunks(1).collect(),
        };
        for candidates in files {
            let is_input = candidates[0].as_known().is_some_and(|path| path == "-" || is_stdin(path));
            let found = match (&stdin_text, is_input) {
                (Some(text), true) => Some((Text::known("/dev/stdin"), text.clone())),
                (None, true) => {
                    let what = "a makefile on standard input".to_owned();
                    self.emit(Effect::Opaque(Opaque { what }), span, scope);
                    None
                }
                (_, false) => self.first_file(candidates, span, scope),
            };
            if let Some((file, text)) = found {
                self.with_includes((&file, &text), (&mut source, &mut places), &mut partial, 0, scope);
                path.get_or_insert(file);
            }
        }
        let masked = Masked::new(&source);
        let environment = |name: &str| {
            self.variable(call, name, scope).and_then(|value| value.as_known().map(str::to_owned))
        };
        let mut makefile = Makefile::new(&given, partial, &environment);
        makefile.read(&masked.text);
        let mut entered = Vec::new();
        let shell = makefile.variables.get("SHELL").map_or("sh", |shell| shell.value.trim()).to_owned();
        let flags = makefile.variables.get(".SHELLFLAGS").map_or("-c", |flags| flags.value.trim()).to_owned();
        let run = |step: &Step| {
            let source = masked.unmask(&step.source);
            let mut lines = places.get(step.lines.clone()).unwrap_or_default().iter().cloned();
            let first = lines.next().flatten();
            let inside = first.map(|first| lines.flatten().fold(first, Inside::cover));
            Entered { inside, ..layer(&format!("make {}", step.goal), by_shell(&shell, &flags, source)) }
        };
        let ran = std::mem::take(&mut makefile.ran);
        entered.extend(ran.iter().map(run));
        if let Some((_, shell)) = given.iter().find(|(name, _)| name == "SHELL") {
            let source = Text::known(format!("{shell} -c :"));
            entered.push(layer("make SHELL=", by_shell("sh", "-c", source)));
        }
        let default = makefile.default_goal();
        if goals.is_empty() && !unknown_goal {
            goals.extend(default.as_deref());
        }
        if !reading.has(MAKE_IDLE) {
            let mut steps = Vec::new();
            for goal in &goals {
                makefile.reach(goal, &mut steps);
            }
            // What a function's arguments ran is not seen in what it gives.
            let seen =
                |ran: &Step| steps.iter().any(|step| step.source.contains(&format!("$({})", ran.source)));
            entered.extend(makefile.ran.iter().filter(|ran| !seen(ran)).chain(&steps).map(run));
        }
        let mut outer = Call { env: call.env.clone(), input: call.input.clone(), ..Call::default() };
        for name in makefile.exported.clone() {
            let value = makefile.value(&name, &expand::Automatic::default());
            outer.env.push((name, masked.unmask(&value)));
        }
        let key = format!("{} {given:?}", goals.join(" "));
        let path = path.unwrap_or_else(|| Text::known("/dev/stdin"));
        self.recipe_file(&path, &key, &outer, span, scope, entered);
    }

    /// Adds a makefile's text with that of the files that it includes, and where each line stands.
    fn with_includes(
        &self,
        (path, text): (&Text, &Text),
        (out, places): (&mut Text, &mut Vec<Option<Inside>>),
        partial: &mut bool,
        depth: usize,
        scope: &Scope<'_>,
    ) {
        let masked = Masked::new(text);
        let file = script_file(path, text);
        for (line, span) in masked.text.lines().zip(file.lines()) {
            let files =
                ["include ", "-include ", "sinclude "].iter().find_map(|word| line.strip_prefix(word));
            let Some(files) = files else {
                out.append(&masked.unmask(line));
                out.push_str("\n");
                places.push(Some(Inside { file: Arc::clone(&file), span }));
                continue;
            };
            for file in files.split('#').next().unwrap_or(files).split_whitespace() {
                let path = masked.unmask(file);
                if file.contains(['$', '*', '?', '[']) || depth == INCLUDES {
                    *partial = true;
                    continue;
                }
                match self.file_source(&path, scope) {
                    Ok(text) => self.with_includes((&path, &text), (out, places), partial, depth + 1, scope),
                    Err(ReadError::Absent) => {}
                    Err(_) => *partial = true,
                }
            }
        }
    }

    /// Follows the files of commands that a program is given.
    fn script_files(
        &mut self,
        (_, names, option, each): &(&str, &str, &str, bool),
        call: &Call,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        let mut files: Vec<Text> = Vec::new();
        let mut args = call.args.iter().peekable();
        while let Some(arg) = args.next() {
            let known = arg.as_known().unwrap_or_default();
            let sourced =
                known.split_once(' ').filter(|(word, _)| *each && is_one_of(word, "so source so! source!"));
            if is_one_of(known, names) {
                files.extend(args.peek().map(|file| (*file).clone()));
            } else if let Some((_, file)) = sourced {
                files.push(Text::known(file.trim()));
            } else if *option == "-c" && !each && !known.starts_with('-') && files.is_empty() {
                files.push(arg.clone());
            }
        }
        for path in files {
            let Some((path, text)) = self.first_file(&[path], span, scope) else {
                continue;
            };
            let masked = Masked::new(&text);
            let file = script_file(&path, &text);
            let lines: Vec<(&str, Option<Span>)> = match each {
                true => masked.text.lines().zip(file.lines().map(Some)).collect(),
                false => vec![(&masked.text, None)],
            };
            let mut entered = Vec::new();
            for (line, place) in lines {
                let args = vec![Text::known(*option), masked.unmask(line)];
                let given = Call { args, arg_spans: Vec::new(), ..call.clone() };
                for inner in wrappers::enter(&given, self.context.dialect) {
                    let place = place.map(|span| Inside { file: Arc::clone(&file), span });
                    let inside = place.or_else(|| {
                        let Inner::Shell { source, .. } = &inner.inner else { return None };
                        Inside::only_line(&file, &source.as_known()?.split_whitespace().collect::<Vec<_>>())
                    });
                    entered.push(Entered { inside, ..inner });
                }
            }
            self.recipe_file(&path, "", call, span, scope, entered);
        }
    }

    /// Follows commands that the script wrote into lines of a file that a program reads.
    fn found_lines(&mut self, name: &str, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let below = absolute(scope.directory(), &Text::known(".")).unwrap_or_default();
        for (_, files, key) in LINES.iter().filter(|(names, ..)| is_one_of(name, names)) {
            let paths = self.written.below(&below).map(|(path, _)| path);
            let paths = paths.filter(|path| files.split(' ').any(|file| is_like(base_name(path), file)));
            for path in paths.map(Text::known).collect::<Vec<_>>() {
                let text = self.file_source(&path, scope).unwrap_or_default().display();
                let lines = text.lines().map(|line| line.trim().trim_start_matches("- "));
                let codes = lines.filter_map(|line| match *key {
                    "" => line.split_once(": ").map(|(_, code)| code),
                    key => line.strip_prefix(key),
                });
                let entered = codes.map(|code| {
                    let source = Text::known(code.trim().trim_matches(['"', '\'', '[', ']', ')']));
                    let (positional, dialect) = (vec!["sh".into()], Dialect::Posix);
                    layer(name, Inner::Shell { source, positional, dialect, same_shell: false, span: None })
                });
                let entered = entered.collect();
                self.recipe_file(&path, name, call, span, scope, entered);
            }
        }
    }

    /// Follows code that the script wrote where a program looks for it.
    fn found_code(&mut self, name: &str, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let known: Vec<&str> = call.args.iter().filter_map(Text::as_known).collect();
        // `python3 -m pytest`
        let module = known.windows(2).find(|pair| pair[0] == "-m" && name.starts_with("py"));
        let name = module.map_or(name, |pair| pair[1]);
        let runs = match name {
            "node" => known.contains(&"--test"),
            "bun" | "deno" => known.first() == Some(&"test"),
            "go" | "cargo" | "swift" | "dotnet" | "zig" => {
                known.iter().any(|word| is_one_of(word, "run test generate r t bench build"))
            }
            _ => !known.iter().any(|word| is_one_of(word, "--version --help --collect-only -V -h")),
        };
        let config = format!("{name}.config.*s");
        const KNOWN: Names = names_of!(FOUND, 0);
        let rows = FOUND.iter().filter(|(names, ..)| KNOWN.may_hold(name) && is_one_of(name, names));
        let rows: Vec<(Language, &str)> = rows.map(|(_, language, files)| (*language, *files)).collect();
        let below = absolute(scope.directory(), &Text::known(".")).unwrap_or_default();
        let configs = self.written.configs().filter(|path| runs && is_below(path, &below));
        let configs = configs.filter(|path| is_like(base_name(path), &config));
        let mut found: Vec<(String, Language)> =
            configs.map(|path| (path.to_owned(), Language::JavaScript)).collect();
        if runs && !rows.is_empty() {
            if self.searched > SEARCHED {
                return self.cut_short("too many files to look through");
            }
            let named: Vec<String> =
                call.args.iter().filter_map(|arg| absolute(scope.directory(), arg)).collect();
            for (path, _) in self.written.below(&below) {
                self.searched += 1;
                let base = base_name(path);
                let relative = path[below.len()..].trim_start_matches('/');
                let wanted = rows.iter().find(|(language, files)| {
                    let ends: &[&str] = match language {
                        Language::Python => &[".py"],
                        Language::Ruby => &[".rb"],
                        _ => &[".js", ".ts", ".mjs", ".cjs"],
                    };
                    let given = ends.iter().any(|end| base.ends_with(end)) && named.iter().any(|n| n == path);
                    given || files.split(' ').any(|file| is_like(base, file) || is_like(relative, file))
                });
                found.extend(wanted.map(|(language, _)| (path.to_owned(), *language)));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        // What a test's arguments are is not known.
        let saved = std::mem::replace(&mut self.context.committed, Committed::surely());
        for (path, language) in found {
            self.calls += COST;
            if self.calls > CALLS {
                self.cut_short("too many recipes to follow");
                break;
            }
            let path = Text::known(path);
            let unknown = Text::hole("what it is given", Shape::Any).into_many();
            let inner = Inner::CodeFile { language, path, args: vec![unknown] };
            self.enter(layer(name, inner), call, span, &mut scope.clone(), false);
        }
        self.context.committed = saved;
    }
}

/// A file's text, for people.
fn script_file(path: &Text, text: &Text) -> Arc<ScriptFile> {
    Arc::new(ScriptFile { name: path.display(), text: text.display() })
}

/// Whether some of what is run is not known.
fn is_open(entered: &Entered) -> bool {
    let unknown = |text: &Text| text.holes().any(|hole| hole.label == "…");
    match &entered.inner {
        Inner::Shell { source, .. } | Inner::Code { source, .. } => unknown(source),
        Inner::Call(call) => call.args.iter().any(unknown),
        _ => false,
    }
}

/// A program's words by its options; operands may stand among them.
fn read_words(call: &Call, options: &'static str) -> Option<Reading> {
    let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(options) };
    grammar.scan(&call.args, 0).list.into_iter().next()
}

/// Source that a program is given which is a shell, as a rule.
fn by_shell(shell: &str, flags: &str, source: Text) -> Inner {
    let dialect = match shell.rsplit('/').next().unwrap_or(shell) {
        "sh" | "dash" | "ash" => Some(Dialect::Posix),
        "bash" => Some(Dialect::Bash),
        "zsh" => Some(Dialect::Zsh),
        _ => None,
    };
    if let Some(dialect) = dialect {
        return Inner::Shell {
            source,
            positional: vec!["sh".into()],
            dialect,
            same_shell: false,
            span: None,
        };
    }
    let mut words = shell.split_whitespace().chain(flags.split_whitespace()).map(Text::known);
    let program = words.next().unwrap_or_default();
    let args = words.chain([source]).collect();
    Inner::Call(Call { program, args, ..Call::default() })
}

/// Whether a name is like a pattern, in which `*` stands for any characters.
fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((before, behind)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| is_like(&rest[at..], behind))
        }),
    }
}
