//! Lists of paths and names, a line each: what `find`, `ls`, `rg -l`, `git ls-files` print for loops
//! and `xargs`. A path is told as a pattern that it matches where one is known.

use crate::model::{Piece, Shape, Text};

use super::super::paths::find::Selected;
use super::super::wrappers::is_one_of;
use super::{Source, resources};

/// The list that the call prints, each line of it any number of times.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    let args = &source.call.args;
    match name {
        "find" | "gfind" | "bfs" => {
            const OTHER_OUTPUT: &str = "-exec -execdir -ok -okdir -ls -printf -fprint -fprintf -fls";
            let other = |arg: &Text| arg.as_known().is_some_and(|arg| is_one_of(arg, OTHER_OUTPUT));
            let found = Selected::read(args, None);
            let told = !found.starts.is_empty() && !args.iter().any(other);
            told.then(|| list(found.paths()))
        }
        "ls" => ls(source),
        "grep" | "egrep" | "fgrep" => {
            let lists = flag(source, "lL") || has(source, "--files-with-matches");
            let below = flag(source, "rR") || has(source, "--recursive");
            lists.then(|| below_operands(source, 1, below)).flatten()
        }
        "rg" => {
            let lists = flag(source, "l") || has(source, "--files-with-matches");
            match has(source, "--files") {
                true => below_operands(source, 0, true),
                false => lists.then(|| below_operands(source, 1, true)).flatten(),
            }
        }
        "fd" | "fdfind" => {
            const OTHER_OUTPUT: &str = "-x --exec -X --exec-batch -l --list-details --format";
            (!has(source, OTHER_OUTPUT)).then(|| below_operands(source, 1, true)).flatten()
        }
        "git" => git(source),
        _ => None,
    }
}

/// The lines of a list that a filter leaves.
pub(super) fn filtered(name: &str, source: &Source<'_>) -> Option<Text> {
    const KEEPS: &str = "grep egrep fgrep rg sort head tail uniq tac ghead gtail gsort";
    let input = source.input().filter(|input| input.is_many() && is_one_of(name, KEEPS))?;
    let greps = name.ends_with("grep") || name == "rg";
    let changes = match greps {
        true => "oclLqnbHrRABC",
        false => "co",
    };
    let operands = operands(source).len();
    let numbers = source.call.args.iter().filter(|arg| is_number(arg)).count();
    let long = source.call.args.iter().any(|arg| arg.known_start().starts_with("--"));
    let kept = !flag(source, changes) && !long && operands - numbers <= usize::from(greps);
    kept.then(|| resources::filtered(name, source, input))
}

fn is_number(arg: &Text) -> bool {
    arg.as_known().is_some_and(|arg| {
        let digits = arg.trim_start_matches('+');
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Lines that may each stand there any number of times.
fn list(lines: Vec<Text>) -> Text {
    let mut out = Text::default();
    for line in lines {
        out.append(&line);
        out.push_str("\n");
    }
    out.into_many()
}

/// A path below `start`: by its ending, or any that is not hidden.
fn below(start: &str, ending: Option<&str>) -> Text {
    let mut path = Text::known(start);
    match ending {
        Some(ending) => path.push(Piece::Glob(format!("**/*{ending}"))),
        None => path.push(Piece::Glob("?*".to_owned())),
    }
    path
}

/// A path of which only the start is known.
fn any_below(source: &Source<'_>, start: &str) -> Text {
    let mut path = Text::known(start);
    path.append(&source.hole(Shape::Name));
    path
}

/// The words that are no options and no options' values, as far as that shows.
fn operands<'a>(source: &Source<'a>) -> Vec<&'a Text> {
    const VALUED: &str = "-e -g -t -T --glob --include --exclude --exclude-dir --type -E --exclude --extension -d --max-depth -m -j";
    let mut words = Vec::new();
    let mut value = false;
    for arg in &source.call.args {
        let known = arg.as_known();
        if !std::mem::take(&mut value) && !arg.known_start().starts_with('-') {
            words.push(arg);
        }
        value = known.is_some_and(|known| is_one_of(known, VALUED));
    }
    words
}

/// What a search prints whose operands from `skip` on are where it searches.
fn below_operands(source: &Source<'_>, skip: usize, recursive: bool) -> Option<Text> {
    let all = operands(source);
    let expression = has(source, "-e") && matches!(source.call.name(), Some("grep" | "rg"));
    let starts = all.get(if expression { 0 } else { skip }..).unwrap_or_default();
    let ending = ending(source);
    if starts.is_empty() {
        return recursive.then(|| list(vec![below("./", ending)]));
    }
    let mut lines = Vec::new();
    for start in starts {
        // A file is printed as it was named; a directory is what its paths begin with.
        lines.push((*start).clone());
        if recursive {
            let mut path = (*start).clone();
            path.push_str("/");
            match ending {
                Some(_) => path.append(&below("", ending)),
                None => path.append(&source.hole(Shape::Name)),
            }
            lines.push(path);
        }
    }
    Some(list(lines))
}

/// The ending that the files must have: `--include=*.ts`, `-g '*.ts'`, `-e ts`.
fn ending<'a>(source: &Source<'a>) -> Option<&'a str> {
    let args = &source.call.args;
    let fd = matches!(source.call.name(), Some("fd" | "fdfind"));
    let mut found = None;
    for (at, arg) in args.iter().enumerate() {
        let known = arg.as_known().unwrap_or("");
        let value = match known {
            "--include" | "-g" | "--glob" => args.get(at + 1)?.as_known()?,
            "-e" | "--extension" if fd => args.get(at + 1)?.as_known()?,
            _ => match known.strip_prefix("--include=").or(known.strip_prefix("--glob=")) {
                Some(value) => value,
                None => continue,
            },
        };
        // More than one, or one that leaves out, tells less.
        let end = if fd { value } else { value.strip_prefix('*')? };
        if found.replace(end).is_some() || end.contains(['*', '?', '[', '{', '/', '!']) {
            return None;
        }
    }
    found
}

/// Whether one of the letters is given in a short option.
fn flag(source: &Source<'_>, letters: &str) -> bool {
    source.call.args.iter().any(|arg| {
        let short = arg.known_start().strip_prefix('-');
        short.is_some_and(|short| !short.starts_with('-') && short.contains(|c| letters.contains(c)))
    })
}

fn has(source: &Source<'_>, names: &str) -> bool {
    let mut args = source.call.args.iter();
    args.any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, names)))
}

fn ls(source: &Source<'_>) -> Option<Text> {
    if flag(source, "lsinogR") || source.call.args.iter().any(|arg| arg.known_start().starts_with("--")) {
        return None;
    }
    // No option of `ls` takes the next word but `-I`, `-w` and `-T`, which nobody uses in a list.
    let operands: Vec<&Text> =
        source.call.args.iter().filter(|arg| !arg.known_start().starts_with('-')).collect();
    if operands.is_empty() {
        return Some(list(vec![match flag(source, "aA") {
            true => any_below(source, ""),
            false => below("", None),
        }]));
    }
    // The entries of a directory are printed without it.
    let entries = operands.iter().any(|operand| !operand.has_glob()) && !flag(source, "d");
    let mut lines: Vec<Text> = operands.into_iter().cloned().collect();
    if entries {
        lines.push(any_below(source, ""));
    }
    Some(list(lines))
}

/// Whether `git ls-files` lists nothing but what was deleted.
fn lists_deleted(words: &[&str]) -> bool {
    let options = words.iter().take_while(|word| **word != "--").filter(|word| word.starts_with('-'));
    let plain = options.clone().all(|word| is_one_of(word, "-d --deleted -z -dz -zd"));
    plain && options.clone().any(|word| is_one_of(word, "-d --deleted -dz -zd"))
}

/// Whether `git diff` lists the names of what was deleted, and no more.
fn diffs_deleted(words: &[&str]) -> bool {
    words.iter().all(|word| is_one_of(word, "--name-only --diff-filter=D -z"))
        && ["--name-only", "--diff-filter=D"].iter().all(|word| words.contains(word))
}

fn git(source: &Source<'_>) -> Option<Text> {
    let args = &source.call.args;
    let sub = args.first()?.as_known()?;
    let known: Option<Vec<&str>> = args[1..].iter().map(Text::as_known).collect();
    // What git tracks does not lie in its own directory.
    let any = || {
        let mut hidden = Text::known("./");
        hidden.push(Piece::Glob(".[!g]*".to_owned()));
        Some(list(vec![below("./", None), hidden]))
    };
    match sub {
        "ls-files" if known.as_deref().is_some_and(lists_deleted) => {
            Some(list(vec![source.hole(Shape::Absent)]))
        }
        "ls-files" if !flag(source, "stvfuxX") => {
            let specs: Vec<&str> = known?.into_iter().filter(|arg| !arg.starts_with('-')).collect();
            let plain = |spec: &str| !spec.contains(['*', '?', '[', '\\']) && !spec.starts_with(':');
            let lines =
                |spec: &&str| match spec.strip_prefix('*').filter(|end| !end.contains('/') && plain(end)) {
                    Some(end) => Some(vec![below("./", Some(end))]),
                    // A file is printed as it was named, and of a directory what is in it.
                    None => plain(spec).then(|| {
                        let within = any_below(source, &format!("{}/", spec.trim_end_matches('/')));
                        vec![Text::known(*spec), within]
                    }),
                };
            let told: Option<Vec<Vec<Text>>> = specs.iter().map(lines).collect();
            match told {
                Some(told) if !told.is_empty() => Some(list(told.concat())),
                _ if flag(source, "oi") || has(source, "--others --ignored") => None,
                _ => any(),
            }
        }
        "diff" if known.as_deref().is_some_and(diffs_deleted) => Some(list(vec![source.hole(Shape::Absent)])),
        "diff" | "show" | "diff-tree" if has(source, "--name-only") => any(),
        "grep" if flag(source, "lL") || has(source, "--name-only") => any(),
        "rev-list" if !flag(source, "n") => {
            let plain = known?.iter().all(|arg| {
                !arg.starts_with("--")
                    || is_one_of(arg, "--all --reverse --no-merges --merges --first-parent")
            });
            plain.then(|| list(vec![source.hole(Shape::Name)]))
        }
        "branch" | "tag" => {
            const LISTS: &str =
                "--merged --no-merged --list -l -r -a --format=%(refname:short) --format=%(refname)";
            let lists = has(source, LISTS) || args.len() == 1;
            lists.then(|| list(vec![source.hole(Shape::Name)]))
        }
        "for-each-ref" => has(source, "--format=%(refname:short) --format=%(refname)")
            .then(|| list(vec![source.hole(Shape::Name)])),
        _ => None,
    }
}
