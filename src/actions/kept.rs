//! What the script keeps of uncommitted changes before it discards them: copies, `git diff > FILE`,
//! stashes and commits.

use crate::model::{
    Action, Call, Effect, FileKind, Input, Kept, PathEffect, PathOp, Place, Span, Text, absolute,
    is_at_or_below,
};
use crate::syntax::Scope;

use super::conditions::{KNOWN, Known};
use super::deposits::Deposit;
use super::done::Done;
use super::git::subcommand;
use super::redirects::Output;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::is_one_of;
use super::written::{self, Kind, Written};

/// What holds the kept changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeper {
    /// A file or directory.
    File(String),
    /// Git's index: no more than a commit needs.
    Index,
    /// A stash or a commit.
    Git,
}

/// Git's commands after which a stash or a commit still holds what it took.
const SPARING: &str = "diff status log show branch fetch push checkout restore switch rev-parse ls-files tag remote \
    config describe rev-list rev-parse clean reset commit stash add blame grep shortlog cat-file";

impl Walk<'_> {
    /// What a command of these words keeps if it succeeds.
    pub(super) fn kept_by(
        &self,
        fields: &[(Text, Span)],
        env: &[(String, Text)],
        outputs: &[Output],
        scope: &Scope<'_>,
    ) -> Vec<Known> {
        let Some(((program, _), rest)) = fields.split_first() else {
            return Vec::new();
        };
        let keeps = program.as_known().is_some_and(|name| is_one_of(name, "git gh cp mv gcp gmv"));
        if !keeps || self.context.place != Place::Local || !env.is_empty() {
            return Vec::new();
        }
        let args = rest.iter().map(|(word, _)| word.clone()).collect();
        let call = Call { program: program.clone(), args, ..Call::default() };
        match call.name() {
            Some("git") if subcommand(&call).is_some_and(|(_, name)| is_one_of(name, "clone init")) => {
                self.made_by_git(&call, scope).into_iter().collect()
            }
            Some("git") => self.kept_by_git(&call, outputs, scope).unwrap_or_default(),
            Some("gh") => self.made_by_git(&call, scope).into_iter().collect(),
            _ => self.copies(&call, scope),
        }
    }

    /// Puts what a command keeps to what is known behind it.
    pub(super) fn keep_known(&mut self, done: &mut Done, kept: Vec<Known>) {
        // Each is a place to be watched; what is not remembered is taken as not kept.
        if self.copies.len() >= KNOWN {
            return;
        }
        // A stash or a commit fails where there is nothing, or a hook says no; what fails to be
        // copied is not there.
        let sure = |known: &&Known| {
            !matches!(known, Known::Kept(_, Keeper::Git) | Known::Applied(_) | Known::Fresh(_))
        };
        self.copies.extend(kept.iter().filter_map(|known| match known {
            Known::Kept(kept, Keeper::File(key)) => Some((key.clone(), kept.clone())),
            _ => None,
        }));
        done.remains.extend(kept.iter().filter(sure).cloned());
        done.gone.if_true.extend(kept);
    }

    fn copies(&self, call: &Call, scope: &Scope<'_>) -> Vec<Known> {
        // Links share what is written later, and what spares a file may spare the copy.
        const OTHERS: &str = "--link --symbolic-link --no-clobber --update --attributes-only --interactive";
        let letters = |word: &str, letters: &[char]| {
            word.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(letters))
        };
        let words = || call.args.iter().map(Text::known_start);
        if words().any(|word| letters(word, &['l', 's', 'n', 'u', 'i']) || is_one_of(word, OTHERS)) {
            return Vec::new();
        }
        let deep = call.name().is_some_and(|name| name.ends_with("mv"))
            || words()
                .any(|word| letters(word, &['r', 'R', 'a']) || is_one_of(word, "--recursive --archive"));
        let copy = |(key, content): (String, Written)| {
            let Written::Original { path, kind: Kind::Copy | Kind::Move } = content else {
                return None;
            };
            let whole = deep || matches!(self.facts.kind(&path), FileKind::File | FileKind::EmptyFile);
            let apart = !is_at_or_below(&key, &path) && !key.starts_with("/dev/");
            let kept = Kept { path, tree: false, unstaged: false, text: false };
            (whole && apart).then_some(Known::Kept(kept, Keeper::File(key)))
        };
        let deposits = self.deposits(call, scope).into_iter();
        deposits.filter_map(|deposit| copy((deposit.key, deposit.content))).collect()
    }

    fn kept_by_git(&self, call: &Call, outputs: &[Output], scope: &Scope<'_>) -> Option<Vec<Known>> {
        let (at, name) = subcommand(call)?;
        let directory = self.git_directory(call, at, scope)?;
        let known: Option<Vec<&str>> = call.args[at + 1..].iter().map(Text::as_known).collect();
        let words = Words::read(name, &known?)?;
        let all = |paths: &[&str], unstaged: bool| -> Option<Vec<Kept>> {
            if paths.is_empty() {
                let path = directory.clone();
                return Some(vec![Kept { path, tree: true, unstaged, text: false }]);
            }
            let plain = paths.iter().all(|path| !path.contains(['*', '?', '[', ':', '\\']));
            let each = paths.iter().map(|path| {
                let path = absolute(&Text::known(directory.as_str()), &Text::known(*path))?;
                Some(Kept { path, tree: false, unstaged, text: false })
            });
            each.collect::<Option<Vec<Kept>>>().filter(|_| plain)
        };
        let has = |names: &str| words.flags.iter().any(|flag| is_one_of(flag, names));
        let by = |keeper: Keeper| move |kept: Kept| Known::Kept(kept, keeper.clone());
        match name {
            "diff" => {
                // Anything else changes what is printed.
                const WHOLE: &str = "--binary --full-index --no-color --no-ext-diff -p -u --patch --text -a";
                if !words.flags.iter().all(|flag| is_one_of(flag, WHOLE)) {
                    return None;
                }
                let [output] = outputs else {
                    return None;
                };
                let key =
                    output.takes_all().then(|| written::key(scope.directory(), &output.path)).flatten()?;
                let commit = words.operands.first().is_some_and(|word| *word == "HEAD");
                let paths = &words.operands[usize::from(commit)..];
                let readable = |path: &&str| {
                    let path = absolute(&Text::known(directory.as_str()), &Text::known(*path));
                    path.is_some_and(|path| match self.facts.kind(&path) {
                        FileKind::Absent => false,
                        FileKind::File => {
                            has("--binary")
                                || self.facts.read(&path, FILE_LIMIT).is_ok_and(|bytes| !bytes.contains(&0))
                        }
                        _ => true,
                    })
                };
                if key.starts_with("/dev/") || !paths.iter().all(readable) {
                    return None;
                }
                let text = !has("--binary --text -a");
                let kept = all(paths, !commit)?.into_iter().map(|kept| Kept { text, ..kept });
                Some(kept.map(by(Keeper::File(key))).collect())
            }
            "stash" if words.operands.first() == Some(&"apply") => {
                let plain = words.flags.iter().all(|flag| is_one_of(flag, "-q --quiet --index"));
                plain.then(|| vec![Known::Applied(words.operands[1..].concat())])
            }
            "stash" => {
                let operands = match words.operands.split_first() {
                    Some((&"push" | &"save", rest)) => rest,
                    None => &[],
                    _ => return None,
                };
                let part = has("-p --patch -S --staged --pathspec-from-file");
                let operands = if words.operands.first() == Some(&"save") { &[] } else { operands };
                (!part)
                    .then(|| all(operands, false))?
                    .map(|kept| kept.into_iter().map(by(Keeper::Git)).collect())
            }
            "add" => match has("-A --all -u --update") && words.operands.is_empty() {
                true => Some(all(&[], false)?.into_iter().map(by(Keeper::Index)).collect()),
                false if words.operands.is_empty() || !words.flags.is_empty() => None,
                false => Some(all(&words.operands, false)?.into_iter().map(by(Keeper::Index)).collect()),
            },
            "commit" if !has("--dry-run -p --patch --interactive --short --porcelain") => {
                if has("-a --all") || !words.operands.is_empty() {
                    return Some(all(&words.operands, false)?.into_iter().map(by(Keeper::Git)).collect());
                }
                let added = self.known.iter().filter_map(|known| match known {
                    Known::Kept(kept, Keeper::Index) => Some(Known::Kept(kept.clone(), Keeper::Git)),
                    _ => None,
                });
                Some(added.collect())
            }
            _ => None,
        }
    }

    /// What holds for an action: where nothing stands, and what the script kept before.
    pub(super) fn known_for(&mut self, action: &mut Action) {
        if self.known.is_empty() || action.place != Place::Local {
            return;
        }
        let path = match &action.effect {
            Effect::Path(effect) => absolute(&action.directory, &effect.path),
            _ => None,
        };
        let is_path = matches!(action.effect, Effect::Path(_));
        let is_git = match &action.effect {
            Effect::Call(call) => call.name().is_none_or(|name| name.starts_with("git")),
            _ => false,
        };
        // What lies elsewhere tells nothing of it.
        let is_about = |known: &str| path.as_ref().is_some_and(|path| is_at_or_below(path, known));
        for known in &self.known {
            match known {
                Known::Absent(absent) if is_about(absent) => action.absent.push(absent.clone()),
                Known::Fresh(root) if is_git => action.fresh.push(root.clone()),
                Known::Kept(kept, Keeper::File(_) | Keeper::Git)
                    if is_git || is_path && kept.tree || is_about(&kept.path) =>
                {
                    action.kept.push(kept.clone());
                }
                _ => {}
            }
        }
        match &action.effect {
            Effect::Path(effect) => {
                if !matches!(effect.op, PathOp::Permissions | PathOp::Modify) {
                    let applied = self.known.iter_mut().filter(|known| matches!(known, Known::Applied(_)));
                    applied.for_each(|known| *known = Known::Doubted);
                }
                self.forget_copy(effect, &action.directory);
                self.doubt_fresh(effect, &action.directory);
            }
            Effect::Call(call) => {
                self.doubt_servers(call);
                self.forget_stash(call);
            }
            _ => {}
        }
    }

    /// A copy is changed: it holds nothing any more.
    pub(super) fn forget_copy(&mut self, effect: &PathEffect, directory: &Text) {
        if effect.op == PathOp::Permissions || (self.known.is_empty() && self.copies.is_empty()) {
            return;
        }
        let start = effect.path.known_start();
        // Of a path that is not known, all below its known start may be changed.
        let known = written::key(directory, &effect.path)
            .or_else(|| absolute(directory, &Text::known(&start[..start.rfind('/').unwrap_or(0)])));
        for held in &mut self.known {
            let Known::Kept(_, Keeper::File(key)) = held else {
                continue;
            };
            if known.as_ref().is_none_or(|changed| is_at_or_below(key, changed)) {
                *held = Known::Doubted;
            }
        }
        if let Some(changed) = known.filter(|_| effect.op != PathOp::Modify) {
            self.lose_copies(&changed, effect.op == PathOp::MoveAway);
        }
    }

    /// What was kept at a path is gone: what was discarded before because of it is lost.
    fn lose_copies(&mut self, changed: &str, moved: bool) {
        let (lost, left) =
            std::mem::take(&mut self.copies).into_iter().partition(|(key, _)| is_at_or_below(key, changed));
        self.copies = left;
        let lost: Vec<(String, Kept)> = lost;
        for (_, kept) in lost.iter().filter(|_| !moved) {
            if !self.copies.iter().any(|(_, other)| other == kept) {
                self.found.actions.iter_mut().for_each(|action| action.kept.retain(|of| of != kept));
            }
        }
    }

    /// What was kept is put back: its copy is no longer all there is.
    pub(super) fn put_back(&mut self, call: &Call, deposits: &[Deposit], scope: &Scope<'_>) {
        if self.copies.is_empty() {
            return;
        }
        let applies = match call.name() {
            Some("patch") => true,
            Some("git") => subcommand(call).is_some_and(|(at, name)| {
                let tries = call.args[at..].iter().any(|arg| {
                    arg.as_known().is_some_and(|arg| is_one_of(arg, "--check --stat --numstat --summary"))
                });
                name == "apply" && !tries
            }),
            _ => false,
        };
        let input = if let Input::File(path) = &call.input { Some(path) } else { None };
        let read: Vec<String> = match applies {
            true => {
                call.args.iter().chain(input).filter_map(|arg| written::key(scope.directory(), arg)).collect()
            }
            false => Vec::new(),
        };
        self.copies.retain(|(key, kept)| {
            let returned = deposits.iter().any(|deposit| {
                let Written::Original { path, .. } = &deposit.content else {
                    return false;
                };
                (*path == kept.path || is_at_or_below(path, key))
                    && (is_at_or_below(&deposit.key, &kept.path) || is_at_or_below(&kept.path, &deposit.key))
            });
            !returned && !read.contains(key)
        });
        // A copy of a copy.
        for deposit in deposits {
            let of = self.copies.iter().find(|(key, kept)| match &deposit.content {
                Written::Original { path, .. } => (path == key || *path == kept.path) && deposit.key != *key,
                Written::Text { .. } => false,
            });
            let copy = of.map(|(_, kept)| (deposit.key.clone(), kept.clone()));
            self.copies.extend(copy);
        }
    }

    /// Git puts the kept changes back, or drops them.
    fn forget_stash(&mut self, call: &Call) {
        let Some((at, name)) = subcommand(call) else {
            return;
        };
        let has = |word: &str| call.args[at + 1..].iter().any(|arg| arg.as_known() == Some(word));
        let spares = is_one_of(name, SPARING)
            && (name != "reset" || has("--hard"))
            && (name != "stash" || !["pop", "apply", "drop", "clear", "branch"].into_iter().any(has));
        for known in &mut self.known {
            let holds = match known {
                Known::Kept(_, Keeper::Git) => spares && name != "add",
                Known::Applied(_) => is_one_of(name, "diff status log show add ls-files grep"),
                _ => true,
            };
            if !holds {
                *known = Known::Doubted;
            }
        }
    }
}

/// The words behind a subcommand of git's.
struct Words<'a> {
    /// Options, one letter each where they are short.
    flags: Vec<String>,
    operands: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// `None` where an option is met whose value may be any word.
    fn read(name: &str, words: &[&'a str]) -> Option<Words<'a>> {
        let (letters, long) = match name {
            "commit" => {
                ("mFCct", "--message --file --author --date --template --reuse-message --trailer --fixup")
            }
            "stash" => ("m", "--message"),
            "diff" | "add" => ("", ""),
            _ => return None,
        };
        let mut out = Words { flags: Vec::new(), operands: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if *word == "--" {
                out.operands.extend(words.by_ref());
            } else if word.starts_with("--") {
                out.flags.push((*word).to_owned());
                if is_one_of(word, long) {
                    words.next();
                }
            } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
                for (at, letter) in short.char_indices() {
                    out.flags.push(format!("-{letter}"));
                    if letters.contains(letter) {
                        if at + letter.len_utf8() == short.len() {
                            words.next();
                        }
                        break;
                    }
                }
            } else {
                out.operands.push(word);
            }
        }
        Some(out)
    }
}
