//! Git's aliases as the script, the environment and git's own settings have them, and pairs of git
//! commands that do together what one of its others does.

use std::rc::Rc;

use crate::model::{
    Call, Effect, FileKind, Match, PathEffect, PathOp, Text, absolute, bytes, is_at_or_below,
};
use crate::syntax::Scope;

use super::Entered;
use super::conditions::Known;
use super::sql::Unread;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::{self, Grammar, is_one_of};

/// Git's own subcommands, and programs that come with it or are common: these no alias can stand for. In order of
/// their bytes: every call of git is looked up here.
#[rustfmt::skip]
const SUBCOMMANDS: &[&str] = &[
    "add", "am", "annex", "annotate", "apply", "archive", "bisect", "blame", "branch", "bugreport", "bundle",
    "cat-file", "check-attr", "check-ignore", "check-mailmap", "check-ref-format", "checkout", "checkout--worker",
    "checkout-index", "cherry", "cherry-pick", "citool", "clean", "clone", "column", "commit", "commit-graph",
    "commit-tree", "config", "count-objects", "credential", "credential-cache", "credential-store", "daemon",
    "describe", "diagnose", "diff", "diff-files", "diff-index", "diff-pairs", "diff-tree", "difftool", "fast-export",
    "fast-import", "fetch", "fetch-pack", "filter-branch", "filter-repo", "flow", "fmt-merge-msg", "for-each-ref",
    "for-each-repo", "format-patch", "fsck", "fsck-objects", "gc", "get-tar-commit-id", "grep", "gui", "hash-object",
    "help", "hook", "http-backend", "index-pack", "init", "init-db", "interpret-trailers", "last-modified", "lfs",
    "log", "ls-files", "ls-remote", "ls-tree", "mailinfo", "mailsplit", "maintenance", "merge", "merge-base",
    "merge-file", "merge-index", "merge-one-file", "merge-ours", "merge-recursive", "merge-subtree", "merge-tree",
    "mergetool", "mktag", "mktree", "multi-pack-index", "mv", "name-rev", "notes", "p4", "pack-objects",
    "pack-redundant", "pack-refs", "patch-id", "prune", "prune-packed", "pull", "push", "quiltimport", "range-diff",
    "read-tree", "rebase", "receive-pack", "reflog", "refs", "remote", "repack", "replace", "replay", "repo",
    "request-pull", "rerere", "reset", "restore", "rev-list", "rev-parse", "revert", "rm", "send-email", "send-pack",
    "shell", "shortlog", "show", "show-branch", "show-index", "show-ref", "sparse-checkout", "stage", "stash",
    "status", "stripspace", "submodule", "subtree", "svn", "switch", "symbolic-ref", "tag", "unpack-file",
    "unpack-objects", "update-index", "update-ref", "update-server-info", "upload-archive", "upload-pack", "var",
    "verify-commit", "verify-pack", "verify-tag", "version", "whatchanged", "worktree", "write-tree",
];

/// The subcommand that a program of git's own stands for: `git-push`.
pub(super) fn dashed(program: &str) -> Option<&str> {
    program.strip_prefix("git-").filter(|name| SUBCOMMANDS.binary_search(name).is_ok())
}

/// Of `git clone` and `git init`, those with a value ending in `=`.
const CLONE: &str = "-v --verbose -q --quiet --progress -n --no-checkout -l --local --no-hardlinks -s --shared \
    --recurse-submodules --recursive -j= --jobs= --template= --reference= --reference-if-able= --dissociate -o= \
    --origin= -b= --branch= -u= --upload-pack= --depth= --shallow-since= --shallow-exclude= --single-branch \
    --no-single-branch --no-tags --tags --shallow-submodules -c= --config= --filter= --sparse --initial-branch= \
    --upstream-remote-name= --object-format=";

/// How many numbered settings of the environment are looked at.
const NUMBERED: usize = 64;

impl Walk<'_> {
    /// `git config alias.x VALUE`: remembers the alias.
    pub(super) fn set_alias(&mut self, call: &Call) {
        let Some((at, "config")) = subcommand(call) else {
            return;
        };
        let mut words = Vec::new();
        let mut args = call.args[at + 1..].iter();
        while let Some(arg) = args.next() {
            match arg.as_known() {
                Some("-f" | "--file" | "--type" | "--default" | "--comment" | "--blob" | "--value") => {
                    args.next();
                }
                Some("set") if words.is_empty() => {}
                _ if arg.known_start().starts_with('-') && words.is_empty() => {}
                _ => words.push(arg),
            }
        }
        if let [key, value, ..] = words.as_slice()
            && let Some(key) = key.as_known().filter(|key| key.to_ascii_lowercase().starts_with("alias."))
        {
            let mut setting = Text::known(format!("{key}="));
            setting.append(value);
            self.git_aliases.push(setting);
        }
    }

    /// `git clone URL DIR`, `gh repo clone NAME DIR`, `git init DIR`: the repository that is there if it succeeds.
    pub(super) fn made_by_git(&self, call: &Call, scope: &Scope<'_>) -> Option<Known> {
        let words: Vec<&str> = call.args.iter().map(Text::as_known).collect::<Option<_>>()?;
        let (reading, init) = match (call.name()?, words.as_slice()) {
            ("git", ["clone", rest @ ..]) => (rest, false),
            ("gh", ["repo", "clone", rest @ ..]) => (rest, false),
            ("git", ["init", rest @ ..]) => (rest, true),
            _ => return None,
        };
        let own = reading.iter().position(|word| *word == "--").unwrap_or(reading.len());
        let args: Vec<Text> = reading[..own].iter().map(|word| Text::known(*word)).collect();
        let grammar = Grammar { operands: usize::MAX, ..Grammar::options(CLONE) };
        let [reading] = grammar.scan(&args, 0).list.try_into().ok()?;
        let operands: Vec<&str> = reading.operands.iter().filter_map(|at| args[*at].as_known()).collect();
        let directory = match operands.as_slice() {
            [directory] if init => directory,
            [] if init => ".",
            [_, directory] => directory,
            [url] => url.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', ':']).next()?,
            _ => return None,
        };
        let path = absolute(scope.directory(), &Text::known(directory))?;
        // Git clones into nothing else; what it makes a repository of may hold files.
        let empty = || match self.facts.kind(&path) {
            FileKind::Absent => !self.written.contains(&path) && self.written.below(&path).next().is_none(),
            FileKind::EmptyDirectory => true,
            _ => false,
        };
        (!init || empty()).then_some(Known::Fresh(path))
    }

    /// What is moved into a repository that the script made may be needed.
    pub(super) fn doubt_fresh(&mut self, effect: &PathEffect, directory: &Text) {
        let moves = effect.by == "mv" && effect.op != PathOp::MoveAway;
        let path = absolute(directory, &effect.path).filter(|_| moves);
        for known in &mut self.known {
            let Known::Fresh(root) = known else {
                continue;
            };
            if moves && path.as_ref().is_none_or(|path| is_at_or_below(path, root)) {
                *known = Known::Doubted;
            }
        }
    }

    /// What a subcommand that is not git's own would run.
    pub(super) fn git_alias(&mut self, call: &Call, scope: &Scope<'_>) -> Vec<Entered> {
        let Some((at, name)) = subcommand(call).filter(|(_, name)| SUBCOMMANDS.binary_search(name).is_err())
        else {
            return Vec::new();
        };
        // Git follows no alias within itself either.
        let own = format!("git -c alias.{}", name.to_ascii_lowercase());
        if self.context.via.iter().any(|via| via.name == own) {
            return Vec::new();
        }
        let set = |variable: &str| {
            let own = call.env.iter().rev().find(|(name, _)| name == variable);
            own.map(|(_, value)| value.clone()).or_else(|| scope.get(variable))
        };
        let mut unknown = None;
        let is_wanted = |setting: &Text| {
            let key = setting.known_start().split('=').next().unwrap_or_default();
            key.eq_ignore_ascii_case(&format!("alias.{name}"))
        };
        let mut settings: Vec<Text> = self.git_aliases.iter().filter(|s| is_wanted(s)).cloned().collect();
        let mut add = |value: Text| {
            let mut setting = Text::known(format!("alias.{name}="));
            setting.append(&value);
            settings.push(setting);
        };
        if self.context.place.is_local()
            && let Some(directory) = self.git_directory(call, at, scope)
        {
            match self.facts.git_alias(&directory, name) {
                Ok(value) => value.into_iter().for_each(|value| add(Text::known(value))),
                Err(why) => unknown = Some(format!("what `git {name}` stands for: {why}")),
            }
        }
        for number in 0..NUMBERED {
            let Some(key) = set(&format!("GIT_CONFIG_KEY_{number}")) else {
                break;
            };
            let is_own = key.as_known().is_some_and(|key| key.eq_ignore_ascii_case(&format!("alias.{name}")));
            if let Some(value) = set(&format!("GIT_CONFIG_VALUE_{number}")).filter(|_| is_own) {
                add(value);
            }
        }
        if let Some(given) = set("GIT_CONFIG_PARAMETERS").as_ref().and_then(Text::as_known) {
            // `'alias.x=value'`, `'alias.x'='value'`.
            for setting in shell_words::split(given).unwrap_or_default() {
                let setting = Text::known(setting);
                if is_wanted(&setting) {
                    settings.push(setting);
                }
            }
        }
        let mut files: Vec<Text> =
            ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].iter().filter_map(|name| set(name)).collect();
        for pair in call.args[..at].windows(2) {
            let (option, value) = (pair[0].as_known(), pair[1].known_start());
            match option {
                Some("-c") if value.to_ascii_lowercase().starts_with("include.path=") => {
                    files.push(Text::known(&value["include.path=".len()..]));
                }
                _ => {}
            }
        }
        let named = call.args[..at].iter().filter_map(Text::as_known);
        for word in named.filter_map(|word| word.strip_prefix("--config-env=").or(Some(word))) {
            let wanted = format!("alias.{name}");
            let variable = word.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case(&wanted));
            if let Some(value) = variable.and_then(|(_, variable)| set(variable)) {
                let mut setting = Text::known(format!("alias.{name}="));
                setting.append(&value);
                settings.push(setting);
            }
        }
        for file in files {
            let Some(path) = absolute(scope.directory(), &file) else {
                continue;
            };
            let text = match self.written_at(&file, scope) {
                Some(_) => {
                    self.file_text(&file, scope).ok().and_then(|text| text.as_known().map(str::to_owned))
                }
                None => self.facts.read(&path, FILE_LIMIT).ok().map(|text| bytes::text(&text).into_owned()),
            };
            settings.extend(aliases_in(&text.unwrap_or_default(), name));
        }
        if let Some(why) = unknown {
            self.cut_short(&why);
        }
        wrappers::git_settings(call, at, &settings)
    }

    /// The directory that git works in.
    pub(super) fn git_directory(&self, call: &Call, at: usize, scope: &Scope<'_>) -> Option<String> {
        let mut directory = (**scope.directory()).clone();
        for pair in call.args[..at].windows(2) {
            if pair[0].as_known() == Some("-C") {
                directory = Text::known(absolute(&directory, &pair[1])?);
            }
        }
        absolute(&directory, &Text::known("."))
    }

    /// `git diff | git apply -R` and `git archive HEAD | tar x` put older contents over files as
    /// `git checkout` does, and are judged as that. The actions of the first stand from `first` on,
    /// those of the second from `second` on.
    pub(super) fn handed_back(&mut self, first: usize, second: usize, scope: &Scope<'_>) {
        let call_in = |from: usize, to: usize| {
            self.found.actions[from..to].iter().rev().find_map(|action| match &action.effect {
                Effect::Call(call) => Some((call, action.span)),
                _ => None,
            })
        };
        let (Some((from, _)), Some((to, span))) =
            (call_in(first, second), call_in(second, self.found.actions.len()))
        else {
            return;
        };
        if let Some(unread) = unread(from) {
            let to = to.clone();
            let saved = std::mem::replace(&mut self.context.certainty, Match::Maybe);
            self.sql(&to, Some(unread), false, span, &mut scope.clone());
            self.context.certainty = saved;
            return;
        }
        if let Some(args) = self.checkout(from, to, scope) {
            let call = Call { program: Text::known("git"), args, ..Call::default() };
            self.emit(Effect::Call(Rc::new(call)), span, scope);
        }
    }

    fn checkout(&self, from: &Call, to: &Call, scope: &Scope<'_>) -> Option<Vec<Text>> {
        let has = |call: &Call, flags: &[&str]| {
            call.args.iter().any(|arg| arg.as_known().is_some_and(|arg| flags.contains(&arg)))
        };
        let (at, subcommand) = subcommand(from)?;
        let mut args: Vec<Text> = from.args[..at].to_vec();
        match (subcommand, to.name()?) {
            ("diff", "git" | "patch") => {
                let reversed = has(from, &["-R"]);
                if has(from, &["--cached", "--staged"]) || reversed == reverses(to)? {
                    return None;
                }
            }
            ("archive", "tar" | "bsdtar" | "gtar") => {
                let first = to.args.first()?.as_known()?;
                let extracts = !first.starts_with("--") && first.contains('x')
                    || has(to, &["--extract", "--get", "-x", "-xf"]);
                let spares = has(to, &["-k", "--keep-old-files", "--skip-old-files"]);
                if !extracts
                    || spares
                    || from.args.iter().any(|arg| arg.known_start().starts_with("--prefix"))
                {
                    return None;
                }
                if let Some(at) = to.args.iter().position(|arg| arg.as_known() == Some("-C")) {
                    args = vec![Text::known("-C"), to.args.get(at + 1)?.clone()];
                }
            }
            _ => return None,
        }
        args.extend([Text::known("checkout"), Text::known("--")]);
        let before = args.len();
        let mut commits = 0;
        for arg in &from.args[at + 1..] {
            let known = arg.as_known();
            let is_path = |path: &str| {
                let path = absolute(scope.directory(), &Text::known(path));
                path.is_none_or(|path| self.facts.kind(&path) != FileKind::Absent)
            };
            match known {
                _ if arg.known_start().starts_with('-') => {}
                Some(word) if word.contains("..") && !word.starts_with("../") => commits += 2,
                Some(word) if !is_path(word) => commits += 1,
                _ => args.push(arg.clone()),
            }
        }
        // What lies between two commits is in both of them.
        if subcommand == "diff" && commits > 1 {
            return None;
        }
        if args.len() == before {
            args.push(Text::known("."));
        }
        Some(args)
    }
}

/// Whether `git apply` and `patch` undo what they read; `None` where they change no file.
fn reverses(call: &Call) -> Option<bool> {
    let words = || call.args.iter().filter_map(Text::as_known);
    if call.name() == Some("git") {
        let (_, name) = subcommand(call)?;
        if name != "apply" || words().any(|word| matches!(word, "--check" | "--cached" | "--stat")) {
            return None;
        }
    }
    if words().any(|word| word == "--dry-run") {
        return None;
    }
    let letters = |word: &str| !word.starts_with("--") && word.starts_with('-') && word.contains('R');
    Some(words().any(|word| word == "--reverse" || letters(word)))
}

/// Git's subcommand, and where it stands.
pub fn subcommand(call: &Call) -> Option<(usize, &str)> {
    if call.name() != Some("git") {
        return None;
    }
    let mut at = 0;
    loop {
        match call.args.get(at)?.as_known()? {
            "-c" | "-C" | "--git-dir" | "--work-tree" | "--namespace" | "--config-env" | "--exec-path" => {
                at += 2
            }
            option if option.starts_with('-') => at += 1,
            name => return Some((at, name)),
        }
    }
}

/// What a file of settings lets a subcommand stand for, as `-c` would give it.
fn aliases_in(text: &str, name: &str) -> Vec<Text> {
    let mut out = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let mut line = line.trim();
        if let Some((section, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            inside = section.trim().eq_ignore_ascii_case("alias");
            line = rest.trim();
        }
        let Some((key, value)) = line.split_once('=').filter(|_| inside) else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case(name) {
            let value = value.trim();
            let plain = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            out.push(Text::known(format!("alias.{name}={}", plain.replace("\\\"", "\""))));
        }
    }
    out
}

/// What a call prints that nobody can have read: what an archive or an encrypted file holds, what is fetched.
fn unread(call: &Call) -> Option<Unread> {
    const ALWAYS: &str = "zcat gzcat gunzip xzcat unxz bzcat bunzip2 zstdcat unzstd lz4cat unlz4 unpigz";
    const TOLD: &str = "gzip pigz xz bzip2 pbzip2 zstd lz4 brotli gpg gpg2 age openssl";
    let name = call.name()?;
    let told = |word: &str| {
        is_one_of(word, "--decompress --decrypt --uncompress")
            || word.starts_with('-') && !word.starts_with("--") && word.contains('d')
    };
    let unpacks = is_one_of(name, TOLD) && call.args.iter().filter_map(Text::as_known).any(told);
    match name {
        _ if unpacks || is_one_of(name, ALWAYS) => Some(Unread::Unpacked),
        _ if drops(name, &call.args) => Some(Unread::Unpacked),
        "curl" | "wget" | "aws" | "gsutil" | "gcloud" | "rclone" => Some(Unread::Fetched),
        _ => None,
    }
}

/// Whether a dump drops each table before it makes it anew.
fn drops(name: &str, args: &[Text]) -> bool {
    let has = |one: fn(&str) -> bool| args.iter().filter_map(Text::as_known).any(one);
    match name {
        "pg_dump" | "pg_dumpall" => has(|arg| {
            // Before a letter with a value.
            let plain = |letter: &char| "abBcCgOrRsvwWx".contains(*letter);
            let letters = arg.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
            arg == "--clean" || letters.is_some_and(|all| all.chars().take_while(plain).any(|c| c == 'c'))
        }),
        "mysqldump" | "mariadb-dump" => !has(|arg| {
            const KEEP: &str = "--skip-add-drop-table --skip-opt --compact --no-create-info -t";
            is_one_of(arg, KEEP)
        }),
        _ => false,
    }
}

/// The branches that the script committed to, and nothing else has yet.
#[derive(Default)]
pub(super) struct Grown {
    /// The one that it checked out; empty for the one that was before.
    on: String,
    names: Vec<String>,
}

impl Grown {
    /// Follows a call of git; whether it deletes one of them.
    pub fn follow(&mut self, call: &Call, first: impl Fn() -> Option<String>) -> bool {
        let Some((at, name)) = call.name().filter(|name| *name == "git").and_then(|_| subcommand(call))
        else {
            return false;
        };
        let words = call.args[at + 1..].iter().filter_map(Text::as_known);
        let mut words = words.filter(|word| !word.starts_with('-'));
        match name {
            "commit" | "cherry-pick" | "revert" | "am" => self.names.push(self.on.clone()),
            "checkout" | "switch" => self.on = words.next().unwrap_or("-").to_owned(),
            "push" | "merge" | "rebase" | "tag" => self.names.clear(),
            "branch" if !self.names.is_empty() => {
                let is_first =
                    |word: &str| self.names.iter().any(String::is_empty) && first().as_deref() == Some(word);
                return words.any(|word| self.names.iter().any(|name| name == word) || is_first(word));
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn subcommands_stand_in_the_order_in_which_they_are_looked_up() {
        assert!(super::SUBCOMMANDS.is_sorted());
        assert_eq!(super::dashed("git-write-tree"), Some("write-tree"));
        assert_eq!(super::dashed("git-undo"), None);
    }
}
