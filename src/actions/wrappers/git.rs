//! What git runs of its settings: those of `git -c KEY=VALUE`, and those that `git config` keeps.

use crate::model::{Call, Text};
use crate::syntax::Dialect;

use super::super::{Entered, Inner};
use super::{is_one_of, layer, tail, under};

/// `git -c KEY=VALUE`: aliases, and settings whose value git runs.
pub(super) fn enter(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let mut settings = Vec::new();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        match word.as_known() {
            Some("-c") => {
                settings.extend(args.get(at + 1).cloned());
                at += 2;
            }
            Some("-C" | "--git-dir" | "--work-tree" | "--namespace" | "--config-env" | "--super-prefix") => {
                at += 2
            }
            Some(flag) if flag.starts_with('-') => at += 1,
            _ => break,
        }
    }
    if args.get(at).and_then(Text::as_known) == Some("config") {
        stored(&args[at + 1..], out);
    }
    settings.extend(from_environment(call));
    apply(call, at, &settings, out);
}

/// `git config KEY VALUE`: what git will run of it later on.
fn stored(args: &[Text], out: &mut Vec<Entered>) {
    let valued = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| args[at].as_known());
        before.is_some_and(|before| is_one_of(before, "-f --file --blob --type --default --comment --value"))
    };
    let words = (0..args.len()).filter(|at| !args[*at].known_start().starts_with('-') && !valued(*at));
    let mut words =
        words.map(|at| &args[at]).skip_while(|word| matches!(word.as_known(), Some("set" | "add")));
    if let (Some(key), Some(value)) = (words.next().and_then(Text::as_known), words.next()) {
        let key = key.to_ascii_lowercase();
        if runs_its_value(&key) && !key.ends_with(".helper") {
            out.push(layer(&format!("git config {key}"), shell(value.clone(), vec!["sh".into()])));
        }
    }
}

/// What settings that git finds, each as `KEY=VALUE`, make it run; its subcommand stands at `at`.
pub(super) fn apply(call: &Call, at: usize, settings: &[Text], out: &mut Vec<Entered>) {
    let args = &call.args;
    let sub = args.get(at).and_then(Text::as_known);
    // Of several settings of one name the last counts; more than these nobody writes.
    if settings.len() > 64 {
        let what = "the settings that `git -c` gives".to_owned();
        return out.push(layer("git -c", Inner::Unknown(what)));
    }
    for setting in settings {
        let start = setting.known_start();
        let Some(equals) = start.find('=') else {
            continue;
        };
        let key = start[..equals].to_ascii_lowercase();
        let value = tail(setting, equals + 1);
        let rest = args.get(at + 1..).unwrap_or_default();
        if let Some(alias) = key.strip_prefix("alias.") {
            if sub.is_none_or(|sub| !sub.eq_ignore_ascii_case(alias)) {
                continue;
            }
            let title = format!("git -c alias.{alias}");
            if value.known_start().starts_with('!') {
                let mut source = tail(&value, 1);
                source.push_str(" \"$@\"");
                let positional = std::iter::once(Text::known("sh")).chain(rest.iter().cloned()).collect();
                out.push(layer(&title, shell(source, positional)));
            } else if let Some(words) = value.as_known().and_then(|text| shell_words::split(text).ok()) {
                let mut inner = under(call, "git", at + 1);
                inner.args = args[..at]
                    .iter()
                    .cloned()
                    .chain(words.into_iter().map(Text::known))
                    .chain(rest.iter().cloned())
                    .collect();
                // The alias itself is spent, or it would be entered for ever.
                inner.args.retain(|arg| arg != setting);
                inner.args = without_lone_c(inner.args);
                inner.env.retain(|(name, _)| !name.starts_with("GIT_CONFIG_"));
                inner.arg_spans = Vec::new();
                out.push(layer(&title, Inner::Call(inner)));
            } else {
                out.push(layer(&title, Inner::Unknown(format!("the alias `{alias}`"))));
            }
        } else if runs_its_value(&key) && value.as_known() != Some("") {
            let value = if key.ends_with(".helper") {
                if !value.known_start().starts_with('!') {
                    continue;
                }
                tail(&value, 1)
            } else {
                value
            };
            out.push(layer(&format!("git -c {key}"), shell(value, vec!["sh".into()])));
        }
    }
}

/// `GIT_CONFIG_KEY_0=… GIT_CONFIG_VALUE_0=…`: settings as `-c` gives them.
fn from_environment(call: &Call) -> impl Iterator<Item = Text> {
    call.env.iter().filter_map(|(name, key)| {
        let number = name.strip_prefix("GIT_CONFIG_KEY_")?;
        let (_, value) = call
            .env
            .iter()
            .find(|(name, _)| name.strip_prefix("GIT_CONFIG_VALUE_").is_some_and(|other| other == number))?;
        let mut setting = key.clone();
        setting.push_str("=");
        setting.append(value);
        Some(setting)
    })
}

/// Drops each `-c` that lost its value.
fn without_lone_c(args: Vec<Text>) -> Vec<Text> {
    let mut out: Vec<Text> = Vec::with_capacity(args.len());
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let lone =
            arg.as_known() == Some("-c") && !args.peek().is_some_and(|next| next.known_start().contains('='));
        if !lone {
            out.push(arg);
        }
    }
    out
}

/// Whether git hands the value of a setting to a shell.
fn runs_its_value(key: &str) -> bool {
    const KEYS: &str = "core.pager core.editor core.sshcommand core.askpass core.fsmonitor core.gitproxy \
        core.alternaterefscommand sequence.editor diff.external gpg.program uploadpack.packobjectshook \
        sendemail.sendmailcmd credential.helper web.browser interactive.difffilter ssh.command";
    const ENDS: &[(&str, &str)] = &[
        ("pager.", ""),
        ("filter.", ".clean"),
        ("filter.", ".smudge"),
        ("filter.", ".process"),
        ("diff.", ".textconv"),
        ("diff.", ".command"),
        ("merge.", ".driver"),
        ("mergetool.", ".cmd"),
        ("difftool.", ".cmd"),
        ("browser.", ".cmd"),
        ("credential.", ".helper"),
        ("trailer.", ".command"),
        ("trailer.", ".cmd"),
        ("gpg.", ".program"),
        ("submodule.", ".update"),
    ];
    is_one_of(key, KEYS)
        || ENDS.iter().any(|(start, end)| {
            key.len() > start.len() + end.len() && key.starts_with(start) && key.ends_with(end)
        })
}

fn shell(source: Text, positional: Vec<Text>) -> Inner {
    Inner::Shell { source, positional, dialect: Dialect::Posix, same_shell: false, span: None }
}
