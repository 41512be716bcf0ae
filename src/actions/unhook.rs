//! What puts guard in place: lines of startup files, editors' and agents' settings that name guard or its links,
//! and the login shell; and whether a change takes it out.

use super::paths;
use super::walk::Walk;
use crate::model::{
    Call, Effect, Facts, Match, PathEffect, PathOp, Reach, Span, Text, absolute, base_name, is_below, normal,
};
use crate::syntax::Scope;

/// Files in the home directory that are seen to name guard, where a directory above them goes.
const HOOKED: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish/config.fish",
    ".tmux.conf",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".config/Code/User/settings.json",
    ".config/VSCodium/User/settings.json",
    ".config/Cursor/User/settings.json",
    ".config/Windsurf/User/settings.json",
    ".config/zed/settings.json",
    ".vscode-server/data/Machine/settings.json",
    ".cursor-server/data/Machine/settings.json",
    "Library/Application Support/Code/User/settings.json",
    "Library/Application Support/Cursor/User/settings.json",
];

/// Where login shells stand.
const LOGIN_SHELLS: &str = "/etc/passwd";
/// The most bytes of a file that is written by hand.
const LIMIT: usize = 256 << 10;

impl Walk<'_> {
    /// Adds that a change takes guard out of a file, where it does or may.
    pub(super) fn unhook(&mut self, effect: &PathEffect, span: Span, scope: &Scope<'_>) {
        if !self.context.place.is_local() || effect.op == PathOp::Unhook {
            return;
        }
        let Some(path) = place(effect, scope) else {
            return;
        };
        let matched = taken_out(effect, &path, self.facts);
        if matched == Match::No {
            return;
        }
        let saved = self.context.certainty;
        self.context.certainty = saved.and(matched);
        let taken = PathEffect { op: PathOp::Unhook, content: None, ..effect.clone() };
        self.emit(Effect::Path(taken), span, scope);
        self.context.certainty = saved;
    }

    /// Adds that a login shell that is guard becomes another one: `chsh -s /bin/bash`.
    pub(super) fn changes_shell(&mut self, call: &Call, span: Span, scope: &Scope<'_>) {
        if !matches!(call.name(), Some("chsh" | "usermod")) || !self.context.place.is_local() {
            return;
        }
        let mut args = call.args.iter();
        let Some(given) =
            args.find(|arg| ["-s", "--shell"].iter().any(|name| arg.known_start().starts_with(name)))
        else {
            return;
        };
        let shell = match given.as_known() {
            Some("-s" | "--shell") => args.next().cloned(),
            Some(word) => Some(Text::known(word.strip_prefix("--shell=").unwrap_or(&word[2..]))),
            None => None,
        };
        let shell = shell.and_then(|shell| absolute(scope.directory(), &shell));
        let matched = match shell {
            Some(shell) => (self.facts.path(&shell).own != Reach::Within).into(),
            None => Match::Maybe,
        };
        if matched == Match::No || hooks(&read(self.facts, LOGIN_SHELLS), self.facts) == 0 {
            return;
        }
        let saved = self.context.certainty;
        self.context.certainty = saved.and(matched);
        let (path, by) = (Text::known(LOGIN_SHELLS), call.name().unwrap_or_default().to_owned());
        let effect = PathEffect { op: PathOp::Unhook, path, recursive: false, by, content: None, span: None };
        self.emit(Effect::Path(effect), span, scope);
        self.context.certainty = saved;
    }

    /// What a call touches, where something protected may be near.
    pub(super) fn touched(&self, call: &Call, scope: &Scope<'_>) -> Vec<PathEffect> {
        let mut touched = paths::touches(call);
        touched.retain(|effect| {
            let start = effect.path.known_start();
            let known = match effect.path.as_known() {
                Some(path) => path,
                None => &start[..start.rfind('/').map_or(0, |slash| slash.max(1))],
            };
            let known = if known.is_empty() { "." } else { known };
            let path = absolute(scope.directory(), &Text::known(known));
            self.context.place.is_local() && path.is_some_and(|path| self.facts.is_near_protected(&path))
        });
        touched
    }

    /// The path of a file that puts guard in place, where the change is to one.
    pub(super) fn hooked_at(&self, effect: &PathEffect, scope: &Scope<'_>) -> Option<String> {
        place(effect, scope).filter(|path| hooks(&read(self.facts, path), self.facts) > 0)
    }
}

/// The path of a change, where it may be of a file that puts guard in place by its name: hidden, an editor's, or
/// the system's.
fn place(effect: &PathEffect, scope: &Scope<'_>) -> Option<String> {
    if matches!(effect.op, PathOp::Permissions | PathOp::Touch) {
        return None;
    }
    let path = absolute(scope.directory(), &effect.path)?;
    (path.contains("/.") || path.starts_with("/etc/") || path.contains("/Library/")).then_some(path)
}

/// Whether the change takes guard out of the file at a path, or of one below it.
fn taken_out(effect: &PathEffect, path: &str, facts: &dyn Facts) -> Match {
    let old = read(facts, path);
    let before = hooks(&old, facts);
    match effect.op {
        PathOp::Delete | PathOp::MoveAway if before == 0 => {
            let home = facts.env("HOME").unwrap_or_else(|| facts.home().to_owned());
            let mut files = HOOKED.iter().map(|file| format!("{home}/{file}"));
            files.any(|file| is_below(&file, path) && hooks(&read(facts, &file), facts) > 0).into()
        }
        PathOp::Delete | PathOp::MoveAway | PathOp::Destroy | PathOp::Empty => (before > 0).into(),
        PathOp::Overwrite | PathOp::Modify => {
            let adds =
                effect.op == PathOp::Modify && matches!(base_name(&effect.by), ">>" | "tee" | "sponge");
            match effect.content.as_ref().map(Text::as_known) {
                Some(Some(text)) if adds => is_overruled("", text, facts).into(),
                Some(Some(text)) => (hooks(text, facts) < before || is_overruled(&old, text, facts)).into(),
                _ if adds || before == 0 => Match::No,
                _ => Match::Maybe,
            }
        }
        PathOp::Permissions | PathOp::Touch | PathOp::Unhook => Match::No,
    }
}

fn read(facts: &dyn Facts, path: &str) -> String {
    let bytes = facts.read(path, LIMIT).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How often a text names guard or a link to it, remarks left out.
fn hooks(text: &str, facts: &dyn Facts) -> usize {
    if !["guard", "shim", "sh"].iter().any(|word| text.contains(word)) {
        return 0;
    }
    let is_remark = |line: &&str| ["#", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines = || text.lines().filter(|line| !is_remark(line));
    let words = || lines().flat_map(|line| line.split(|c: char| " \t\"'`:=;,()[]&|<>".contains(c)));
    let paths = words().filter(|word| is_hook(word, facts)).count();
    let called = |line: &&str| {
        let mut rest = line.split_ascii_whitespace().skip_while(|word| *word != "guard");
        rest.next().is_some() && rest.next().is_some_and(|word| word.starts_with('-'))
    };
    match paths {
        0 => lines().filter(called).count(),
        _ => paths + words().filter(|word| *word == "guard").count(),
    }
}

/// Whether a word is the path of guard, of a link to it, or of the folder with its links.
fn is_hook(word: &str, facts: &dyn Facts) -> bool {
    let home = || facts.env("HOME").unwrap_or_else(|| facts.home().to_owned());
    let path = ["~", "$HOME", "${HOME}", "$env{HOME}", "%h"].iter().find_map(|start| {
        let rest = word.strip_prefix(start)?;
        rest.starts_with('/').then(|| format!("{}{rest}", home()))
    });
    let path = path.unwrap_or_else(|| word.to_owned());
    // Of most paths the name alone tells that they are none.
    let name = base_name(path.trim_end_matches('/'));
    let is_named =
        ["bash", "zsh", "sh", "guard"].contains(&name) || path.contains("shims") || path.contains("guard");
    let at = |path: &str| facts.path(path).own == Reach::Within;
    path.starts_with('/') && is_named && {
        let path = normal(&path);
        at(&path) || ["bash", "zsh", "sh"].iter().any(|shell| at(&format!("{path}/{shell}")))
    }
}

/// Whether new text puts real shells in front of guard's links, where these come first now: `PATH=/usr/bin:$PATH`,
/// `SHELL=/bin/bash`.
fn is_overruled(old: &str, new: &str, facts: &dyn Facts) -> bool {
    let is_own = |path: &str| facts.path(path).own == Reach::Within;
    let in_place = |name: &str| match name {
        "PATH" => facts.which("bash"),
        _ => facts.env(name),
    };
    let real = |path: &str| path.starts_with('/') && facts.which(path).is_some() && !is_own(path);
    let added = new.lines().filter(|line| !old.contains(*line) && !line.trim_start().starts_with('#'));
    added.flat_map(|line| line.split([' ', '\t', ';'])).any(|word| {
        let Some((name @ ("PATH" | "SHELL" | "CLAUDE_CODE_SHELL"), value)) = word.split_once('=') else {
            return false;
        };
        let first = value.trim_start_matches(['"', '\'']).split([':', '"', '\'']).next().unwrap_or_default();
        let shell =
            if name == "PATH" { format!("{}/bash", first.trim_end_matches('/')) } else { first.to_owned() };
        real(&shell) && in_place(name).is_some_and(|path| is_own(&path))
    })
}
