//! What programs put at paths: copies, moves and links, and what they are given or would print.

use crate::model::{Call, FileKind, Input, Kept, Piece, Text, absolute, base_name};
use crate::syntax::Scope;

use super::flow;
use super::git;
use super::paths;
use super::walk::Walk;
use super::wrappers::{Grammar, is_stdin, under};
use super::written::{Kind, Written, key, matching};

/// Something that a call puts at a path.
pub(super) struct Deposit {
    pub key: String,
    pub content: Written,
    pub append: bool,
}

/// What stood at a place before, if that comes back there.
pub(super) fn brought_back(deposits: &[Deposit], place: Option<String>) -> Option<Kept> {
    let back = |deposit: &Deposit| match &deposit.content {
        Written::Original { path, .. } => *path == deposit.key && place.as_ref() == Some(path),
        Written::Text { .. } => false,
    };
    let path = place.clone().filter(|_| deposits.iter().any(back))?;
    Some(Kept { path, tree: false, unstaged: false, text: false })
}

impl Walk<'_> {
    /// What a call puts where, as far as that is known.
    pub(super) fn deposits(&self, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        let name = call.name().unwrap_or_default();
        if let Some(deposits) = self.packed(name, call, scope) {
            return deposits;
        }
        match name.strip_prefix('g').unwrap_or(name) {
            "tee" | "sponge" => {
                let Input::Text(source) = &call.input else {
                    return Vec::new();
                };
                let append = call.args.iter().any(|arg| matches!(arg.as_known(), Some("-a" | "--append")));
                let paths = call.args.iter().filter(|arg| !arg.known_start().starts_with('-'));
                paths
                    .filter_map(|path| key(scope.directory(), path))
                    .map(|key| Deposit {
                        key,
                        content: Written::Text { source: Text::clone(source), exact: true },
                        append,
                    })
                    .collect()
            }
            "dd" => {
                let word = |name: &str| call.args.iter().find_map(|arg| arg.as_known()?.strip_prefix(name));
                let Some(to) = word("of=").and_then(|path| key(scope.directory(), &Text::known(path))) else {
                    return Vec::new();
                };
                let content = match (word("if="), &call.input) {
                    (Some(path), _) => Some(self.content_at(&Text::known(path), call, scope)),
                    (None, Input::Text(_)) => Some(self.content_at(&Text::known("/dev/stdin"), call, scope)),
                    (None, _) => None,
                };
                let content = content.flatten();
                content.map(|content| Deposit { key: to, content, append: false }).into_iter().collect()
            }
            "sed" => self.edited(call, "-i --in-place", scope),
            "sort" => self.edited(call, "-o --output", scope),
            "yq" | "jaq" | "dasel" => self.values_put(name, call, scope).into_iter().collect(),
            "split" => self.first_part(call, scope).into_iter().collect(),
            "rsync" if call.args.iter().any(|arg| arg.as_known() == Some("--remove-source-files")) => {
                self.transfers(call, Kind::Move, scope)
            }
            "cp" | "install" | "rsync" => self.transfers(call, Kind::Copy, scope),
            "it" => match git::subcommand(call) {
                Some((at, "mv")) => self.transfers(&under(call, "mv", at + 1), Kind::Move, scope),
                _ => self.edits(name, call, scope),
            },
            "mv" => self.transfers(call, Kind::Move, scope),
            "ln" => self.transfers(call, Kind::Link, scope),
            _ => self.edits(name, call, scope),
        }
    }

    /// What stands at a path that a call reads, standard input among them.
    fn content_at(&self, path: &Text, call: &Call, scope: &Scope<'_>) -> Option<Written> {
        if path.as_known().is_some_and(|path| path == "-" || is_stdin(path)) {
            return match &call.input {
                Input::Text(source) => Some(Written::Text { source: Text::clone(source), exact: true }),
                Input::File(path) => self.content_at(&path.clone(), &Call::default(), scope),
                _ => None,
            };
        }
        let from = key(scope.directory(), path)?;
        let original = || Written::Original { path: from.clone(), kind: Kind::Copy };
        Some(self.written.get(&from).cloned().unwrap_or_else(original))
    }

    /// `sed -i SCRIPT FILE`, `sort -o FILE`: what the call would print without the option.
    fn edited(&self, call: &Call, options: &str, scope: &Scope<'_>) -> Vec<Deposit> {
        let is_sed = options.starts_with("-i");
        let is_option = |arg: &Text| {
            let word = arg.known_start();
            let cluster = word.trim_start_matches(['-', 'n', 'E', 'r', 's', 'u', 'z']);
            let given = options.split(' ').find_map(|option| word.strip_prefix(option));
            given.is_some_and(|rest| is_sed || rest.is_empty() || rest.starts_with('='))
                || (is_sed && !word.starts_with("--") && cluster.starts_with('i'))
        };
        let Some(at) = call.args.iter().position(is_option) else {
            return self.written_by_sed(call, scope);
        };
        let mut args = call.args.clone();
        let option = args.remove(at);
        let option = option.known_start();
        let target = match option.split_once('=') {
            _ if is_sed => None,
            Some((_, path)) => Some(Text::known(path)),
            None => (at < args.len()).then(|| args.remove(at)),
        };
        if is_sed
            && let Some(letters) =
                option.split('i').next().filter(|letters| letters.len() > 1 && *letters != "--")
        {
            args.insert(0, Text::known(letters));
        }
        let scripted = args.iter().any(|arg| matches!(arg.as_known(), Some("-e" | "--expression")));
        let mut skip = usize::from(is_sed && !scripted);
        let (mut files, mut rest) = (Vec::new(), Vec::new());
        let mut words = args.into_iter();
        while let Some(word) = words.next() {
            let is_file = !word.known_start().starts_with('-');
            if is_file && skip == 0 {
                files.push(word);
                continue;
            }
            skip -= usize::from(is_file);
            let valued = matches!(word.as_known(), Some("-e" | "--expression" | "-k" | "-t"));
            rest.push(word);
            if valued {
                rest.extend(words.next());
            }
        }
        let pairs: Vec<(Text, Vec<Text>)> = match target {
            Some(target) => vec![(target, files)],
            None => {
                let files = files.iter().flat_map(|file| self.found(file, scope));
                files.map(|file| (file.clone(), vec![file])).collect()
            }
        };
        let deposit = |(target, files): (Text, Vec<Text>)| {
            let args = rest.iter().cloned().chain(files).collect();
            let call = Call { args, arg_spans: Vec::new(), ..call.clone() };
            let source = flow::output(&call, &self.overlay(), scope.directory())?;
            let content = Written::Text { source, exact: true };
            Some(Deposit { key: key(scope.directory(), &target)?, content, append: false })
        };
        pairs.into_iter().filter_map(deposit).collect()
    }

    /// `sed 'w FILE'`: lines of what it reads.
    fn written_by_sed(&self, call: &Call, scope: &Scope<'_>) -> Vec<Deposit> {
        let (Some("sed" | "gsed"), Input::Text(source)) = (call.name(), &call.input) else {
            return Vec::new();
        };
        let files = call.args.iter().filter_map(|arg| {
            let (before, file) = arg.as_known()?.rsplit_once("w ")?;
            let ends = before.is_empty()
                || before.ends_with(|c: char| !c.is_alphanumeric() || matches!(c, 'g' | 'p'));
            let mut content = Text::clone(source);
            if let Some(output) = before.strip_prefix('s').and_then(|_| {
                let args = vec![Text::known(before)];
                flow::output(&Call { args, ..call.clone() }, &self.overlay(), scope.directory())
            }) {
                content = output;
            }
            let content = Written::Text { source: content, exact: false };
            let key = key(scope.directory(), &Text::known(file.trim())).filter(|_| ends)?;
            Some(Deposit { key, content, append: false })
        });
        files.collect()
    }

    /// `split FILE PREFIX`: the first file holds what begins the text, perhaps all of it.
    fn first_part(&self, call: &Call, scope: &Scope<'_>) -> Option<Deposit> {
        let valued = |arg: &Text| matches!(arg.as_known(), Some("-l" | "-b" | "-n" | "-a" | "-C"));
        let mut operands = Vec::new();
        let mut args = call.args.iter();
        while let Some(arg) = args.next() {
            if valued(arg) {
                args.next();
            } else if arg.as_known() == Some("-") || !arg.known_start().starts_with('-') {
                operands.push(arg.clone());
            }
        }
        let from = operands.first().cloned().unwrap_or_else(|| Text::known("-"));
        let mut to = operands.get(1).cloned().unwrap_or_else(|| Text::known("x"));
        let numbered =
            call.args.iter().any(|arg| matches!(arg.as_known(), Some("-d" | "--numeric-suffixes")));
        to.push_str(if numbered { "00" } else { "aa" });
        let content = self.content_at(&from, call, scope)?;
        Some(Deposit { key: key(scope.directory(), &to)?, content, append: false })
    }

    /// `yq -i '.a = "x"' FILE`, `dasel put -f FILE -v x a`: what jq would print.
    fn values_put(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<Deposit> {
        let words: Vec<&str> = call.args.iter().map(Text::as_known).collect::<Option<_>>()?;
        let (filter, file) = if name == "dasel" {
            const OPTIONS: &str = "-f= --file= -r= --read= -w= --write= -t= --type= -v= --value= -o= --out=";
            let grammar = Grammar { operands: usize::MAX, interspersed: true, ..Grammar::options(OPTIONS) };
            let reading = grammar.sure(&call.args)?;
            let value = |names| reading.given(names)?.value.as_ref()?.as_known().map(str::to_owned);
            let mut operands = reading.operands.iter().map(|&at| words[at]).filter(|word| *word != "string");
            operands.next().filter(|word| *word == "put")?;
            let selector = operands.next()?.trim_start_matches('.');
            let text = value("-v --value").or_else(|| operands.next().map(str::to_owned))?;
            (format!(".{selector} = {}", serde_json::Value::from(text)), value("-f --file")?)
        } else {
            let in_place = |word: &&str| matches!(*word, "-i" | "--inplace" | "--in-place" | "-iP");
            words.iter().find(|word| in_place(word))?;
            let mut operands = words.iter().filter(|word| !word.starts_with('-'));
            ((*operands.next()?).to_owned(), (*operands.next()?).to_owned())
        };
        let args = vec![Text::known(filter), Text::known(file.as_str())];
        let source = self.printed(&Call { program: "jq".into(), args, ..Call::default() }, scope)?;
        let key = key(scope.directory(), &Text::known(file))?;
        Some(Deposit { key, content: Written::Text { source, exact: true }, append: false })
    }

    /// What compressors and archivers take away from where it stood: the file by its new name, members
    /// below their archive.
    fn packed(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<Vec<Deposit>> {
        let moved = |key: String, from: String| {
            let content = match self.written.get(&from) {
                Some(before) => before.clone(),
                None => Written::Original { path: from, kind: Kind::Move },
            };
            Deposit { key, content, append: false }
        };
        let files = |words: &[Text]| -> Vec<String> {
            let all = words.iter().flat_map(|word| self.matching(word, scope));
            all.filter_map(|word| key(scope.directory(), &word)).collect()
        };
        if let Some((ending, words)) = paths::compressed(name, call) {
            let name = |from: &String| match from.strip_suffix(ending) {
                Some(unpacked) => unpacked.to_owned(),
                None => format!("{from}{ending}"),
            };
            return Some(files(&words).into_iter().map(|from| moved(name(&from), from)).collect());
        }
        let (archive, members) = paths::packed(call)?;
        let archive = key(scope.directory(), &archive)?;
        let members = files(&members).into_iter();
        Some(members.map(|from| moved(format!("{archive}/{}", base_name(&from)), from)).collect())
    }

    fn transfers(&self, call: &Call, kind: Kind, scope: &Scope<'_>) -> Vec<Deposit> {
        let mut operands: Vec<&Text> = Vec::new();
        let mut target = None;
        let mut args = call.args.iter();
        while let Some(arg) = args.next() {
            match arg.as_known() {
                Some("-t" | "--target-directory") => target = args.next(),
                Some("-m" | "-o" | "-g" | "-S" | "--mode" | "--owner" | "--group") => {
                    args.next();
                }
                _ if arg.known_start().starts_with('-') => {}
                _ => operands.push(arg),
            }
        }
        let Some(target) = target.or_else(|| operands.pop()) else {
            return Vec::new();
        };
        let Some(to) = key(scope.directory(), target) else {
            return Vec::new();
        };
        let into = operands.len() > 1
            || target.known_end().ends_with('/')
            || self.made.contains(&to)
            || (to.starts_with('/')
                && matches!(self.facts.path(&to).kind, FileKind::Directory | FileKind::EmptyDirectory));
        let mut out = Vec::new();
        let all = operands.into_iter().flat_map(|source| self.matching(source, scope));
        for source in &all.collect::<Vec<_>>() {
            if source.as_known().is_some_and(is_stdin) {
                let content = self.content_at(source, call, scope);
                out.extend(content.map(|content| Deposit { key: to.clone(), content, append: false }));
                continue;
            }
            let Some(mut from) = key(scope.directory(), source) else {
                continue;
            };
            let name = base_name(&from).to_owned();
            let contents = source.known_end().ends_with('/') && call.name() == Some("rsync");
            let key =
                if into && !contents { format!("{}/{name}", to.trim_end_matches('/')) } else { to.clone() };
            if kind == Kind::Link && !source.known_start().starts_with(['/', '~']) {
                // A link's text counts from where the link is; a hard link's does not.
                let below = key.rsplit_once('/').map_or("", |(below, _)| below);
                let linked = absolute(&Text::known(below), source);
                let symbolic = call.args.iter().any(|arg| {
                    let arg = arg.known_start();
                    arg == "--symbolic" || (arg.starts_with('-') && arg.contains('s'))
                });
                from = linked.filter(|_| symbolic).unwrap_or(from);
            }
            if kind == Kind::Move {
                let below = self.written.below(&from).filter_map(|(at, content)| {
                    let key = format!("{key}{}", at.strip_prefix(&from)?);
                    let moved = matches!(content, Written::Original { .. });
                    moved.then(|| Deposit { key, content: content.clone(), append: false })
                });
                out.extend(below);
            }
            let content = match self.written.get(&from) {
                Some(Written::Original { path, kind: Kind::Copy }) => {
                    Written::Original { path: path.clone(), kind: Kind::Copy }
                }
                Some(Written::Original { path, .. }) => Written::Original { path: path.clone(), kind },
                Some(text) => text.clone(),
                None => Written::Original { path: from, kind },
            };
            out.push(Deposit { key, content, append: false });
        }
        out
    }

    /// The paths that a path stands for of which `find` knows the rest.
    fn found(&self, word: &Text, scope: &Scope<'_>) -> Vec<Text> {
        let mut pattern = Text::default();
        for piece in word.pieces() {
            match piece {
                Piece::Hole(_) => pattern.push(Piece::Glob("*".to_owned())),
                other => pattern.push(other.clone()),
            }
        }
        if word.has_hole() && !word.known_start().is_empty() {
            self.matching(&pattern, scope)
        } else {
            vec![word.clone()]
        }
    }

    /// The paths that a pattern stands for now; a word without one, or that nothing matches, is itself.
    pub(super) fn matching(&self, word: &Text, scope: &Scope<'_>) -> Vec<Text> {
        let found = matching(word, &self.overlay(), scope.directory());
        found.filter(|found| !found.is_empty()).unwrap_or_else(|| vec![word.clone()])
    }
}
