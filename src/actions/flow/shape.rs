//! Output that cannot be known, but whose shape can: names, numbers, temporary paths.

use crate::model::{Call, Piece, Shape, Text, absolute, base_name, parent};

use super::super::wrappers::{Grammar, Reading, is_one_of};
use super::Source;

/// What of the command's output is known.
pub(super) fn output(name: &str, source: &Source<'_>) -> Option<Text> {
    let call = source.call;
    let args: Vec<Option<&str>> = call.args.iter().map(Text::as_known).collect();
    let only = |allowed: &str| args.iter().all(|arg| arg.is_some_and(|arg| is_one_of(arg, allowed)));
    match name {
        "mktemp" | "gmktemp" => mktemp(source),
        "pwd" => pwd(source, &args),
        "git" => git(source),
        "date" | "gdate" => date(source),
        "whoami" | "arch" | "uuidgen" | "logname" => args.iter().all(Option::is_some).then(|| source.line(Shape::Name)),
        "hostname" => only("-s -f -d --short --fqdn --long --domain").then(|| source.line(Shape::Name)),
        "uname" => (only("-s -m -n -o -p -i --machine --kernel-name --nodename") && args.len() <= 1)
            .then(|| source.line(Shape::Name)),
        "id" => match args.as_slice() {
            [Some("-u" | "-g")] => Some(source.line(Shape::Number)),
            [Some("-un" | "-nu" | "-gn" | "-ng")] => Some(source.line(Shape::Name)),
            _ => None,
        },
        "nproc" => only("--all").then(|| source.line(Shape::Number)),
        "getconf" => match args.as_slice() {
            [Some("_NPROCESSORS_ONLN" | "NPROCESSORS_ONLN" | "_NPROCESSORS_CONF" | "PAGESIZE" | "PAGE_SIZE" | "LONG_BIT")] => {
                Some(source.line(Shape::Number))
            }
            _ => None,
        },
        "tput" => matches!(args.as_slice(), [Some("cols" | "lines" | "colors")]).then(|| source.line(Shape::Number)),
        "wc" => (args.len() == 1 && only("-l -c -w -m --lines --bytes --words --chars"))
            .then(|| source.line(Shape::Number)),
        "stat" => match args.as_slice() {
            [Some("-c" | "-f"), Some("%s" | "%z" | "%Y" | "%m" | "%u" | "%g" | "%a"), _] => Some(source.line(Shape::Number)),
            _ => None,
        },
        "dpkg" => (args == [Some("--print-architecture")]).then(|| source.line(Shape::Name)),
        "lsb_release" => (only("-cs -is -rs -sc -si -sr")).then(|| source.line(Shape::Name)),
        "node" | "npm" | "yarn" | "pnpm" | "bun" | "deno" if args.len() == 1 => {
            let version = only(if name == "deno" { "" } else { "-v --version" });
            version.then(|| source.line(Shape::Name))
        }
        "openssl" => matches!(args.as_slice(), [Some("rand"), Some("-hex"), Some(n)] if n.bytes().all(|b| b.is_ascii_digit()))
            .then(|| source.line(Shape::Name)),
        "basename" => basename(call),
        "dirname" => {
            let mut directory = directory_of(operand(call, "")?.1)?;
            directory.push_str("\n");
            Some(directory)
        }
        "readlink" | "realpath" | "greadlink" | "grealpath" => resolved(source, name),
        "which" => which(source, &args),
        "command" | "type" => match args.as_slice() {
            [Some("-v" | "-p" | "-P"), Some(program)] => which(source, &[Some(*program)]),
            _ => None,
        },
        // Without a command it prints what it reads, on one line.
        "xargs" if args.is_empty() => {
            let input = source.input()?;
            let mut pieces = input.pieces().iter().filter(|p| !matches!(p, Piece::Known(t) if t.trim().is_empty()));
            match (pieces.next(), pieces.next()) {
                (Some(Piece::Hole(hole)), None) if hole.shape.is_word() => {
                    let mut text = Text::hole(hole.label.clone(), hole.shape);
                    text.push_str("\n");
                    Some(if input.is_many() { text.into_many() } else { text })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The only operand behind these options, each a letter, and which of them are given.
fn operand<'a>(call: &'a Call, letters: &str) -> Option<(String, &'a Text)> {
    let mut given = String::new();
    let mut words = call.args.iter();
    let operand = loop {
        let word = words.next()?;
        match word.as_known() {
            Some("--") => break words.next()?,
            Some(flags) if flags.len() > 1 && flags.starts_with('-') => given.push_str(&flags[1..]),
            None if word.is_many() || word.has_glob() || word.known_start().starts_with('-') => return None,
            _ => break word,
        }
    };
    let plain =
        !operand.is_many() && !operand.has_glob() && given.chars().all(|letter| letters.contains(letter));
    (plain && words.next().is_none()).then_some((given, operand))
}

/// `readlink -f FILE`, `realpath FILE`: where a file lies that is there; `readlink LINK`: what the link holds.
fn resolved(source: &Source<'_>, name: &str) -> Option<Text> {
    let (flags, path) = operand(source.call, "efmnqv")?;
    let path = absolute(source.directory, path)?;
    let found = match name.ends_with("realpath") || flags.contains(['e', 'f', 'm']) {
        true => source.facts.real(&path)?,
        false => source.facts.link(&path)?,
    };
    Some(Text::known(if flags.contains('n') { found } else { format!("{found}\n") }))
}

/// The directory that a path is in, where its end is known and its start surely leads from the root.
fn directory_of(path: &Text) -> Option<Text> {
    if let Some(known) = path.as_known() {
        return Some(Text::known(parent(known)));
    }
    let (Piece::Hole(first), Piece::Known(end)) = (path.pieces().first()?, path.pieces().last()?) else {
        return None;
    };
    let cut = end.trim_end_matches('/').rfind('/')?;
    let rooted = matches!(first.shape, Shape::Directory | Shape::Temporary);
    rooted.then(|| {
        let mut out = Text::default();
        path.pieces()[..path.pieces().len() - 1].iter().cloned().for_each(|piece| out.push(piece));
        out.push_str(end[..cut].trim_end_matches('/'));
        out
    })
}

/// A program's path; builtins have their own name, and what is not found may be an alias.
fn which(source: &Source<'_>, args: &[Option<&str>]) -> Option<Text> {
    let [Some(program)] = args else {
        return None;
    };
    const BUILTINS: &str = "echo printf test [ true false pwd kill cd read export time";
    if program.starts_with('-') || is_one_of(program, BUILTINS) {
        return None;
    }
    Some(Text::known(format!("{}\n", source.facts.which(program)?)))
}

fn pwd(source: &Source<'_>, args: &[Option<&str>]) -> Option<Text> {
    let physical = match args {
        [] | [Some("-L")] => false,
        [Some("-P")] => true,
        _ => return None,
    };
    match source.directory.as_known() {
        Some(known) if physical => Some(match source.facts.real(known) {
            Some(real) => Text::known(format!("{real}\n")),
            None => source.line(Shape::Directory),
        }),
        None if physical => Some(source.line(Shape::Directory)),
        _ => {
            let mut text = source.directory.clone();
            text.push_str("\n");
            Some(text)
        }
    }
}

fn basename(call: &Call) -> Option<Text> {
    let words = match call.args.as_slice() {
        [first, rest @ ..] if first.as_known() == Some("--") => rest,
        words => words,
    };
    let (path, suffix) = match words {
        [flag, suffix, path] if flag.as_known() == Some("-s") => (path, Some(suffix.as_known()?)),
        [path] => (path, None),
        [path, suffix] => (path, Some(suffix.as_known()?)),
        _ => return None,
    };
    if path.is_many() || path.has_glob() || path.known_start().starts_with('-') {
        return None;
    }
    // What stands before the last slash does not matter.
    let known = match path.as_known() {
        Some(known) => known,
        None => {
            let end = path.known_end();
            if !end.trim_end_matches('/').contains('/') {
                return None;
            }
            end
        }
    };
    let trimmed = known.trim_end_matches('/');
    let name = if trimmed.is_empty() && known.starts_with('/') { "/" } else { base_name(trimmed) };
    let name = match suffix.and_then(|suffix| name.strip_suffix(suffix)) {
        Some("") | None => name,
        Some(stripped) => stripped,
    };
    Some(Text::known(format!("{name}\n")))
}

const MKTEMP: Grammar = Grammar {
    operands: usize::MAX,
    ..Grammar::options("-d --directory -u --dry-run -q --quiet -p= --tmpdir? --suffix= -t")
};

fn mktemp(source: &Source<'_>) -> Option<Text> {
    let mut readings = MKTEMP.scan(&source.call.args, 0).list;
    let reading = readings.pop().filter(|_| readings.is_empty())?;
    let template = match reading.operands.as_slice() {
        [] => None,
        [at] => Some(&source.call.args[*at]),
        _ => return None,
    };
    // `-t` and `--tmpdir` put a template into the temporary directory.
    let in_temporary = reading.has("-t --tmpdir -p") || template.is_none();
    let directory = reading.given("-p --tmpdir").and_then(|given| given.value.as_ref());
    let start = match (in_temporary, directory, template) {
        (true, Some(directory), _) => {
            let mut start = directory.clone();
            start.push_str("/");
            start
        }
        (true, None, _) => return Some(source.line(Shape::Temporary)),
        (false, _, Some(template)) => {
            let start = template.known_start();
            let known = template.as_known().map_or(start, |known| known.trim_end_matches('X'));
            Text::known(known)
        }
        (false, _, None) => return None,
    };
    let known = start.known_start();
    let temporary = ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|at| known.starts_with(at));
    if temporary && !known.contains("/../") && !known.ends_with("/..") {
        return Some(source.line(Shape::Temporary));
    }
    let mut text = start;
    text.append(&source.hole(Shape::Name));
    text.push_str("\n");
    Some(text)
}

const GIT: Grammar = Grammar::options(
    "-C= -c= --git-dir= --work-tree= --namespace= --no-pager -P --bare --no-optional-locks --literal-pathspecs",
);

fn git(source: &Source<'_>) -> Option<Text> {
    let reading = GIT.scan(&source.call.args, 0).list.into_iter().next()?;
    let args = source.call.args.get(reading.command..)?;
    let known: Option<Vec<&str>> = args.iter().map(Text::as_known).collect();
    let sub = args.first()?.as_known()?;
    let has = |names: &str| args.iter().any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, names)));
    let name = || Some(source.line(Shape::Name));
    match sub {
        "rev-parse" if has("--show-toplevel --show-superproject-working-tree") && args.len() == 2 => {
            top_level(source, &reading)
        }
        "rev-parse"
            if has(
                "--show-toplevel --git-dir --git-common-dir --absolute-git-dir --show-prefix --show-cdup --all \
            --branches --tags --remotes --parseopt --sq-quote",
            ) =>
        {
            None
        }
        // One name gives one line.
        "rev-parse" => {
            let names = args[1..].iter().filter(|arg| !arg.known_start().starts_with('-')).count();
            let sure = args.iter().all(|arg| !arg.is_many());
            if names == 1 && sure { name() } else { None }
        }
        "branch" if has("--show-current") => name(),
        "describe" => known.and_then(|_| name()),
        "symbolic-ref" if args.len() <= 4 && !has("-d --delete -m") => name(),
        "merge-base" if !has("-a --all --is-ancestor --octopus") => name(),
        "write-tree" | "commit-tree" | "mktree" => name(),
        "hash-object" if args.len() <= 3 => name(),
        "rev-list" if has("--count") && !has("--left-right") => Some(source.line(Shape::Number)),
        "log" | "show" => {
            let hash =
                has("--format=%H --format=%h --pretty=%H --pretty=%h --format=format:%H --pretty=format:%H \
                --pretty=format:%h --format=format:%h");
            let single = has("-1 -n1 --max-count=1") || (sub == "show" && has("-s --no-patch"));
            if hash && single { name() } else { None }
        }
        _ => None,
    }
}

/// The work tree's root: the one that was observed, where nothing says that git takes another.
fn top_level(source: &Source<'_>, reading: &Reading) -> Option<Text> {
    let moved = ["GIT_DIR", "GIT_WORK_TREE"]
        .iter()
        .any(|name| source.facts.env(name).is_some() || source.call.env.iter().any(|(set, _)| set == name));
    let directory: Option<String> = match reading.options.as_slice() {
        [] => source.directory.as_known().map(str::to_owned),
        [given] if given.name == "-C" => given.value.as_ref().and_then(|at| absolute(source.directory, at)),
        _ => None,
    };
    let observed = directory
        .filter(|_| !moved)
        .and_then(|directory| source.facts.git(&directory))
        .filter(|git| git.root.starts_with('/'));
    Some(match observed {
        Some(git) => Text::known(format!("{}\n", git.root)),
        None => source.line(Shape::Directory),
    })
}

fn date(source: &Source<'_>) -> Option<Text> {
    let reading = source.reading("-u --utc --universal -d= --date= -r= --reference= -j -v= -f= -n -R -I? --iso-8601? --rfc-3339= -s= --set=")?;
    if reading.has("-R --rfc-3339 -s --set") {
        return None;
    }
    if let Some(iso) = reading.given("-I --iso-8601") {
        let day = iso.value.as_ref().is_none_or(|value| value.as_known() == Some("date"));
        return day.then(|| source.line(Shape::Name));
    }
    // BSD's `-f` takes an input format; the output's is the last word.
    let format = source.call.args[*reading.operands.last()?].as_known()?.strip_prefix('+')?;
    let mut number = !format.is_empty();
    let mut chars = format.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        if c == '%' {
            let mut conversion = chars.next()?;
            while matches!(conversion, '-' | '0'..='9') {
                conversion = chars.next()?;
            }
            match conversion {
                's' | 'Y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'N' | 'j' | 'y' | 'u' | 'w' | 'V' | 'G' | 'g'
                | 'U' | 'W' | 'C' | 'I' => {}
                'F' | 'T' | 'R' | 'D' => number = false,
                'b' | 'B' | 'a' | 'A' | 'h' | 'p' | 'Z' if !first => number = false,
                _ => return None,
            }
        } else if c.is_ascii_alphanumeric() || "._/:@-".contains(c) {
            if first && c == '-' {
                return None;
            }
            number &= c.is_ascii_digit();
        } else {
            return None;
        }
        first = false;
    }
    if format.is_empty() || format.contains("..") {
        return None;
    }
    Some(source.line(if number { Shape::Number } else { Shape::Name }))
}
