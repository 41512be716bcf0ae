//! Programs that delete what stands in the directory for their output before they write to it.

use super::words::{Operand, join, operand, strip_prefix};
use crate::actions::names::{Names, names_of};
use crate::actions::walk::Walk;
use crate::actions::wrappers::is_one_of;
use crate::model::{Call, FileKind, PathEffect, PathOp, Text, absolute, base_name};
use crate::syntax::Scope;

/// The programs, the subcommands (none: whatever they are), the options of which one must be given, those whose value
/// is the directory (none: each operand is), those that take another value, and what lies in a directory that the
/// program made itself.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const SITE: &str = "index.html sitemap.xml";

const ROWS: &[Row] = &[
    ("venv", "", "--clear", "", "--prompt", "pyvenv.cfg"),
    (
        "virtualenv",
        "",
        "--clear",
        "",
        "-p --python --prompt --app-data --creator --seeder --pip --setuptools",
        "pyvenv.cfg",
    ),
    ("uv", "venv", "-c --clear", "", "-p --python --prompt --index --project --directory", "pyvenv.cfg"),
    ("pytest py.test", "", "", "--basetemp", "", ""),
    ("vite", "build", "--emptyOutDir", "--outDir", "", SITE),
    ("webpack webpack-cli", "", "--output-clean", "-o --output-path", "", SITE),
    ("tsup tsdown", "", "--clean", "-d --out-dir", "", "index.js index.mjs index.cjs index.d.ts"),
    ("hugo", "", "--cleanDestinationDir", "-d --destination", "", SITE),
    ("jekyll", "build b", "", "-d --destination", "", SITE),
    ("mkdocs", "build", "", "-d --site-dir", "", SITE),
    ("mdbook", "build clean", "", "-d --dest-dir", "", SITE),
    ("docusaurus", "build", "", "--out-dir", "", SITE),
    ("astro", "build", "", "--outDir", "", SITE),
    ("cargo", "clean", "", "--target-dir", "", "CACHEDIR.TAG .rustc_info.json"),
    ("vue", "create", "-f --force", "", "-p --preset -m --packageManager -r --registry", ""),
    ("create-vite", "", "--overwrite", "", "-t --template", ""),
    ("create-vue", "", "--force", "", "", ""),
    ("openapi-python-client", "generate", "--overwrite", "--output-path", "", "pyproject.toml"),
    ("restic", "restore", "--delete", "-t --target", "", ""),
];

const KNOWN: Names = names_of!(ROWS, 0);

/// Package managers whose `create x` runs `create-x`.
const CREATORS: &str = "npm pnpm yarn bun";

/// The directories that a call empties, each with what lies in one that the program made itself.
fn cleared(call: &Call) -> Vec<(PathEffect, &'static str)> {
    let Some((name, args)) = inner(call) else {
        return Vec::new();
    };
    if !KNOWN.may_hold(&name) {
        return Vec::new();
    }
    let words = &call.args[args..];
    let given =
        |names: &str| words.iter().any(|word| word.as_known().is_some_and(|word| is_one_of(word, names)));
    let idle = given("--help -h --version --dry-run --collect-only --co --dirty");
    let rows = ROWS.iter().filter(|(names, _, needed, ..)| {
        is_one_of(&name, names) && (needed.is_empty() || given(needed)) && !idle
    });
    let mut found = Vec::new();
    for (_, subs, _, at, values, made) in rows {
        let (operands, named) = split(call, args, at, values);
        let sub = operands.first().and_then(|operand| operand.text.as_known());
        if !subs.is_empty() && !sub.is_some_and(|sub| is_one_of(sub, subs)) {
            continue;
        }
        let behind = operands.into_iter().skip(usize::from(!subs.is_empty()));
        let directories: Vec<Operand> = if at.is_empty() { behind.collect() } else { named };
        let directories = directories.into_iter().filter(|directory| !is_temporary(&directory.text));
        found.extend(directories.map(|directory| {
            let effect = PathEffect {
                op: PathOp::Delete,
                path: directory.text,
                recursive: true,
                by: name.clone(),
                content: None,
                span: directory.span,
            };
            (effect, *made)
        }));
    }
    found
}

/// The program that does it, and where its words begin: `python3 -m venv`, `npm create vite@latest`.
fn inner(call: &Call) -> Option<(String, usize)> {
    let name = call.name()?;
    let word = |at: usize| call.args.get(at).and_then(Text::as_known);
    if name.starts_with("python") {
        let at = call.args.iter().take(4).position(|arg| arg.as_known() == Some("-m"))?;
        return Some((word(at + 1)?.to_owned(), at + 2));
    }
    match word(0) {
        Some("create" | "init") if is_one_of(name, CREATORS) => {
            let made = word(1)?.split('@').next()?;
            Some((format!("create-{made}"), 2))
        }
        _ => Some((name.to_owned(), 0)),
    }
}

/// A call's operands, and the values of options.
fn split(call: &Call, from: usize, wanted: &str, others: &str) -> (Vec<Operand>, Vec<Operand>) {
    let (mut operands, mut values) = (Vec::new(), Vec::new());
    let mut at = from;
    while at < call.args.len() {
        let arg = &call.args[at];
        let start = arg.known_start();
        let long = start.split_once('=').map(|(name, _)| name).filter(|name| is_one_of(name, wanted));
        let short = start.get(..2).filter(|name| !name.starts_with("--") && start.len() > 2);
        let next = call.args.get(at + 1).map(|_| operand(call, at + 1));
        let whole = arg.as_known().unwrap_or_default();
        let attached = |length: usize| {
            let span = call.arg_spans.get(at).copied();
            Operand { text: strip_prefix(arg, length), span }
        };
        match (long, short) {
            _ if is_one_of(whole, wanted) => {
                values.extend(next);
                at += 1;
            }
            _ if is_one_of(whole, others) => at += 1,
            (Some(name), _) => values.push(attached(name.len() + 1)),
            (None, Some(name)) if is_one_of(name, wanted) => values.push(attached(2)),
            _ if start.starts_with('-') => {}
            _ => operands.push(operand(call, at)),
        }
        at += 1;
    }
    (operands, values)
}

/// Whether a directory says by its name that nobody needs it.
fn is_temporary(path: &Text) -> bool {
    let name = path.as_known().map_or("", |path| base_name(path.trim_end_matches('/')));
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "tmp" | "temp"))
}

impl Walk<'_> {
    /// The directories that a call empties, but for what the program makes anew since it made it.
    pub(in crate::actions) fn cleared(&self, call: &Call, scope: &Scope<'_>) -> Vec<PathEffect> {
        let absent = |path: &Text| {
            absolute(scope.directory(), path).is_some_and(|path| self.facts.kind(&path) == FileKind::Absent)
        };
        let is_own = |path: &Text, made: &str| {
            made.split_ascii_whitespace().any(|mark| {
                let mark = join(path, &Text::known(mark));
                mark.as_known().is_some() && !absent(&mark)
            })
        };
        let all = cleared(call).into_iter();
        all.filter(|(effect, made)| !absent(&effect.path) && !is_own(&effect.path, made))
            .map(|(effect, _)| effect)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_not_temporary() {
        for (path, expected) in [
            (".pytest-tmp", true),
            ("build/temp/", true),
            ("tmp_1", true),
            ("templates", false),
            ("contempt", false),
            ("attempts/tmpl", false),
            ("$X", false),
        ] {
            let text =
                if path == "$X" { Text::hole(path, crate::model::Shape::Any) } else { Text::known(path) };
            assert_eq!(is_temporary(&text), expected, "{path}");
        }
    }
}
