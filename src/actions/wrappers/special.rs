//! Wrappers with a grammar of their own: env, xargs, find, fd, parallel, git's aliases, and package
//! managers that run a package's program by its name.

use crate::model::{Call, Input, Match, Piece, Shape, Text};
use crate::syntax::Dialect;

use super::super::{Entered, Inner};
use super::{Grammar, inner_call, is_one_of, joined_words, layer, set_env, tail, under};

/// Enters the call if it is one of these; true where nothing else can enter it.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) -> bool {
    match name {
        "env" | "genv" => env(call, out),
        "xargs" | "gxargs" => xargs(call, out),
        "find" | "gfind" | "bfs" => super::find::find(call, out),
        "fd" | "fdfind" => super::find::fd(call, out),
        "parallel" | "sem" => parallel(call, out),
        "git" => {
            git_configuration(call, out);
            return false;
        }
        _ => return false,
    }
    true
}

const ENV: Grammar = Grammar {
    assignments: true,
    ..Grammar::options(
        "-i --ignore-environment - -0 --null -u= --unset= -C= --chdir= -S= --split-string= -P= -a= --argv0= -v \
        --debug --block-signal? --default-signal? --ignore-signal? --list-signal-handling --help --version",
    )
};

fn env(call: &Call, out: &mut Vec<Entered>) {
    for reading in ENV.scan(&call.args, 0).list {
        let before = out.len();
        if let Some(given) = reading.given("-S --split-string") {
            // The words of the string take the option's place.
            let split = given
                .value
                .as_ref()
                .and_then(Text::as_known)
                .and_then(split_string);
            match split {
                Some(words) => {
                    let rest = call.args.get(reading.command..).unwrap_or_default();
                    let assigned = reading.assigned.iter().map(|(name, value)| {
                        let mut text = Text::known(format!("{name}="));
                        text.append(value);
                        text
                    });
                    let mut args: Vec<Text> = words.into_iter().map(Text::known).collect();
                    args.extend(assigned);
                    args.extend(rest.iter().cloned());
                    let inner = Call {
                        program: Text::known("env"),
                        args,
                        env: call.env.clone(),
                        input: call.input.clone(),
                        arg_spans: Vec::new(),
                    };
                    out.push(layer("env -S", Inner::Call(inner)));
                }
                None => out.push(layer(
                    "env -S",
                    Inner::Unknown("the string that `env -S` splits".into()),
                )),
            }
        } else if reading.command < call.args.len() {
            let mut inner = inner_call(call, reading.command);
            for given in reading
                .options
                .iter()
                .filter(|g| is_one_of(g.name, "-u --unset"))
            {
                if let Some(name) = given.value.as_ref().and_then(Text::as_known) {
                    inner.env.retain(|(known, _)| known != name);
                }
            }
            if reading.has("-i --ignore-environment -") {
                inner.env.clear();
            }
            set_env(&mut inner, &reading.assigned);
            let mut entered = layer("env", Inner::Call(inner));
            entered.directory = reading.given("-C --chdir").and_then(|g| g.value.clone());
            out.push(entered);
        }
        for entered in &mut out[before..] {
            entered.certainty = reading.certainty;
        }
    }
}

/// Splits a string as `env -S` does; none where it is not well-formed or expands variables.
fn split_string(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            ('\\', quoted) if quoted != Some('\'') => {
                let escaped = chars.next()?;
                let decoded = match escaped {
                    'c' if quoted.is_none() => break,
                    '_' if quoted.is_none() => {
                        words.extend(word.take());
                        continue;
                    }
                    '_' => ' ',
                    'f' => '\x0c',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\x0b',
                    '#' | '$' | '"' | '\'' | '\\' => escaped,
                    _ => return None,
                };
                word.get_or_insert_default().push(decoded);
            }
            ('$', quoted) if quoted != Some('\'') => return None,
            ('#', None) if word.is_none() && words.is_empty() => break,
            (c, None) if c.is_ascii_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

const XARGS: Grammar = Grammar::options(
    "-0 --null -a= --arg-file= -d= --delimiter= -E= -e? --eof? -I= -i? --replace? -J= -L= --max-lines? -l? -n= \
        --max-args= -o --open-tty -P= --max-procs= -p --interactive --process-slot-var= -R= -r --no-run-if-empty \
        -S= -s= --max-chars= --show-limits -t --verbose -x --exit --help --version",
);

/// As many calls are told apart; the rest is put into the last.
const MAX_CALLS: usize = 32;

fn xargs(call: &Call, out: &mut Vec<Entered>) {
    for reading in XARGS.scan(&call.args, 0).list {
        if reading.command >= call.args.len() {
            continue;
        }
        let value = |names| reading.given(names).and_then(|g| g.value.as_ref());
        let mut inner = inner_call(call, reading.command);
        inner.input = if reading.has("-o --open-tty") {
            Input::Inherited
        } else {
            Input::Empty
        };
        let token = match reading.given("-I -i --replace") {
            Some(given) => match &given.value {
                Some(value) => value
                    .as_known()
                    .filter(|v| !v.is_empty())
                    .map(str::to_owned),
                None => Some("{}".to_owned()),
            },
            None => None,
        };
        let items = if reading.has("-a --arg-file") {
            None
        } else {
            let delimiter = match value("-d --delimiter") {
                Some(value) => value.as_known().and_then(delimiter),
                None if reading.has("-0 --null") => Some('\0'),
                None => None,
            };
            let undecided = value("-d --delimiter").is_some() && delimiter.is_none();
            match &call.input {
                Input::Text(text) if !undecided => text
                    .as_known()
                    .and_then(|text| split_items(text, delimiter, token.is_some())),
                Input::Empty => Some(Vec::new()),
                _ => None,
            }
        };
        let batch = value("-n --max-args -L --max-lines -l")
            .map(|n| n.as_known().and_then(|n| n.parse().ok()));
        let before = out.len();
        let mut emit = |inner: Call| out.push(layer("xargs", Inner::Call(inner)));
        match (items, &token) {
            (Some(items), _) if items.is_empty() => {
                if token.is_none() && !reading.has("-r --no-run-if-empty") {
                    emit(inner);
                }
            }
            (Some(items), Some(token)) => {
                for (i, item) in items.iter().take(MAX_CALLS).enumerate() {
                    let item = if i + 1 == MAX_CALLS && items.len() > MAX_CALLS {
                        unknown_argument("xargs", Shape::Any)
                    } else {
                        Text::known(item.as_str())
                    };
                    emit(replaced(&inner, token, &item));
                }
            }
            (Some(items), None) => {
                let size = batch.flatten().unwrap_or(items.len()).max(1);
                let mut rest = items.as_slice();
                for i in 0..MAX_CALLS {
                    let n = if i + 1 == MAX_CALLS {
                        rest.len()
                    } else {
                        size.min(rest.len())
                    };
                    let (now, later) = rest.split_at(n);
                    let mut inner = inner.clone();
                    inner
                        .args
                        .extend(now.iter().map(|item| Text::known(item.as_str())));
                    emit(inner);
                    rest = later;
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            (None, Some(token)) => {
                emit(replaced(
                    &inner,
                    token,
                    &unknown_argument("xargs", items_shape(&call.input)),
                ));
            }
            (None, None) => {
                let hole = unknown_argument("xargs", items_shape(&call.input));
                inner.args.push(hole.into_many());
                emit(inner);
            }
        }
        for entered in &mut out[before..] {
            entered.certainty = reading.certainty;
        }
    }
}

/// An argument that `by` makes of what it reads.
pub(super) fn unknown_argument(by: &str, shape: Shape) -> Text {
    Text::hole(format!("(an argument from `{by}`)"), shape)
}

/// What is known of items that are read from text with holes: all of one shape, or nothing.
fn items_shape(input: &Input) -> Shape {
    let Input::Text(text) = input else {
        return Shape::Any;
    };
    let mut shape = None;
    for piece in text.pieces() {
        match piece {
            Piece::Known(text) if text.trim().is_empty() => {}
            Piece::Hole(hole) if shape.is_none_or(|s| s == hole.shape) => shape = Some(hole.shape),
            _ => return Shape::Any,
        }
    }
    match shape {
        // Paths may hold blanks, at which xargs splits.
        Some(Shape::Name) => Shape::Name,
        Some(Shape::Number) => Shape::Number,
        _ => Shape::Any,
    }
}

fn delimiter(text: &str) -> Option<char> {
    match text {
        "\\n" => Some('\n'),
        "\\t" => Some('\t'),
        "\\0" => Some('\0'),
        _ => {
            let mut chars = text.chars();
            chars
                .next()
                .filter(|c| *c != '\\' && chars.next().is_none())
        }
    }
}

/// Splits input into items as xargs does; none where a quote is not closed.
fn split_items(text: &str, delimiter: Option<char>, by_line: bool) -> Option<Vec<String>> {
    if let Some(delimiter) = delimiter {
        let text = text.strip_suffix(delimiter).unwrap_or(text);
        return Some(if text.is_empty() {
            Vec::new()
        } else {
            text.split(delimiter).map(str::to_owned).collect()
        });
    }
    let mut items = Vec::new();
    let mut item: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => items.extend(item.take()),
            ' ' | '\t' if item.is_none() => {}
            ' ' | '\t' if !by_line => items.extend(item.take()),
            '\'' | '"' => {
                let item = item.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == c => break,
                        Some('\n') | None => return None,
                        Some(quoted) => item.push(quoted),
                    }
                }
            }
            '\\' => item.get_or_insert_default().extend(chars.next()),
            c => item.get_or_insert_default().push(c),
        }
    }
    items.extend(item);
    Some(items)
}

/// The call with every `token` in its words replaced.
pub(super) fn replaced(call: &Call, token: &str, by: &Text) -> Call {
    let mut out = call.clone();
    out.program = replace(&call.program, token, by);
    out.args = call
        .args
        .iter()
        .map(|arg| replace(arg, token, by))
        .collect();
    if out.args != call.args {
        // What is replaced does not stand in the source.
        out.arg_spans = Vec::new();
    }
    out
}

/// A word with every `token` in its known text replaced.
pub(super) fn replace(word: &Text, token: &str, by: &Text) -> Text {
    let mut out = Text::default();
    for piece in word.pieces() {
        match piece {
            Piece::Known(text) => {
                for (i, part) in text.split(token).enumerate() {
                    if i > 0 {
                        out.append(by);
                    }
                    out.push_str(part);
                }
            }
            piece => out.push(piece.clone()),
        }
    }
    if word.is_many() { out.into_many() } else { out }
}

const PARALLEL: Grammar = Grammar::options(
    "-0 --null -a= --arg-file= --arg-file-sep= --arg-sep= --bar --basefile= --bf= --bg --block= --block-size= \
        --cat --cleanup --color --colsep= -C= --compress --compress-program= --ctag --ctagstring= --delay= -d= \
        --delimiter= --dry-run -E= -e? --eof? --env= --eta --fg --fifo --filter= --files --gnu --group --group-by= \
        --halt= --halt-on-error= --header= --hostgroups -I= --replace? -i? --joblog= --jl= -j= --jobs= --max-procs= -P= \
        -k --keep-order -L= --max-lines? -l? --limit= --line-buffer --lb --link --xapply --load= -m --memfree= \
        --memsuspend= --minversion= -n= --max-args= -N= --max-replace-args= --nonall --onall --nice= -o --pipe \
        --spreadstdin --pipe-part --plain --plus --process-slot-var= --progress -p --interactive --parens= -J= \
        --profile= -q --quote -r --no-run-if-empty --recstart= --recend= --regexp --results= --res= --resume \
        --resume-failed --retry-failed --retries= --return= --round-robin --rpl= --rsync-opts= -s= --max-chars= \
        --semaphore --fg --id= --semaphore-name= --semaphore-timeout= --st= --shuf --sql-master= --ssh= --ssh-delay= \
        -S= --sshlogin= --slf= --sshloginfile= --silent --tag --tagstring= --tee --tmpdir= --timeout= -t --verbose \
        --transfer --transferfile= --tf= --trc= --trim= -u --ungroup --will-cite --workdir= --wd= --wait -X -x --xargs -v",
);

fn parallel(call: &Call, out: &mut Vec<Entered>) {
    let separator = |arg: &Text| matches!(arg.as_known(), Some(":::" | ":::+" | "::::" | "::::+"));
    let end = call
        .args
        .iter()
        .position(separator)
        .unwrap_or(call.args.len());
    let Some(reading) = PARALLEL.scan(&call.args[..end], 0).list.into_iter().next() else {
        return;
    };
    if reading.has("--dry-run") {
        return;
    }
    let sources = &call.args[end..];
    let single = sources.iter().filter(|arg| separator(arg)).count() == 1;
    let known: Option<Vec<String>> =
        if sources.first().and_then(Text::as_known) == Some(":::") && single {
            sources[1..]
                .iter()
                .map(|arg| arg.as_known().map(str::to_owned))
                .collect()
        } else if sources.is_empty()
            && !reading.has("-a --arg-file --pipe --spreadstdin --pipe-part -C --colsep")
        {
            match &call.input {
                Input::Text(text) => text
                    .as_known()
                    .map(|text| text.lines().map(str::to_owned).collect()),
                _ => None,
            }
        } else {
            None
        };
    let words = &call.args[reading.command..end];
    if words.is_empty() {
        // Every argument is a command line.
        match known {
            Some(lines) => out.extend(
                lines
                    .into_iter()
                    .take(1000)
                    .map(|line| source(Text::known(line), Vec::new())),
            ),
            None => out.push(layer(
                "parallel",
                Inner::Unknown("the command lines that `parallel` reads".into()),
            )),
        }
        return;
    }
    let token = reading
        .given("-I")
        .and_then(|g| g.value.as_ref())
        .and_then(Text::as_known)
        .unwrap_or("{}");
    let piped = reading.has("--pipe --spreadstdin --pipe-part");
    let items: Vec<Text> = match known {
        Some(items) if items.len() <= MAX_CALLS => items.into_iter().map(Text::known).collect(),
        _ => vec![unknown_argument("parallel", Shape::Any)],
    };
    let meta = |word: &Text| {
        word.pieces().iter().any(|piece| match piece {
            Piece::Known(text) => {
                text.contains(|c: char| c.is_whitespace() || ";&|<>()$`\"'\\*?#~!".contains(c))
            }
            _ => true,
        })
    };
    let replaces = words
        .iter()
        .any(|word| word.known_start().contains('{') || word.display().contains('{'));
    for item in items {
        if !words.iter().any(meta) {
            let inner = inner_call(call, reading.command);
            let mut inner = Call {
                args: words[1..].to_vec(),
                arg_spans: Vec::new(),
                ..inner
            };
            if replaces {
                inner = replaced(&inner, token, &item);
                for part in [
                    "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}",
                ] {
                    let by = unknown_argument("parallel", Shape::Any);
                    inner = replaced(&inner, part, &by);
                }
            } else if !piped {
                inner.args.push(item);
            }
            inner.input = if piped { Input::Unknown } else { Input::Empty };
            out.push(layer("parallel", Inner::Call(inner)));
            continue;
        }
        // What is put in is quoted: it cannot become code, so it goes in as a parameter.
        let mut line = replace(&joined_words(words), token, &Text::known("\"$1\""));
        for part in [
            "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}",
        ] {
            line = replace(&line, part, &Text::known("\"$2\""));
        }
        if !replaces && !piped {
            line.push_str(" \"$1\"");
        }
        let part = unknown_argument("parallel", Shape::Any);
        out.push(source(line, vec!["sh".into(), item, part]));
    }
}

fn source(source: Text, positional: Vec<Text>) -> Entered {
    let inner = Inner::Shell {
        source,
        positional,
        dialect: Dialect::Bash,
        same_shell: false,
        span: None,
    };
    layer("parallel", inner)
}

/// `git -c KEY=VALUE`: aliases, and settings whose value git runs.
fn git_configuration(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let mut settings = Vec::new();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        match word.as_known() {
            Some("-c") => {
                settings.extend(args.get(at + 1));
                at += 2;
            }
            Some(
                "-C" | "--git-dir" | "--work-tree" | "--namespace" | "--config-env"
                | "--super-prefix",
            ) => at += 2,
            Some(flag) if flag.starts_with('-') => at += 1,
            _ => break,
        }
    }
    let sub = args.get(at).and_then(Text::as_known);
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
                let positional = std::iter::once(Text::known("sh"))
                    .chain(rest.iter().cloned())
                    .collect();
                out.push(layer(&title, shell(source, positional)));
            } else if let Some(words) = value
                .as_known()
                .and_then(|text| shell_words::split(text).ok())
            {
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
                inner.arg_spans = Vec::new();
                out.push(layer(&title, Inner::Call(inner)));
            } else {
                out.push(layer(
                    &title,
                    Inner::Unknown(format!("the alias `{alias}`")),
                ));
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
            out.push(layer(
                &format!("git -c {key}"),
                shell(value, vec!["sh".into()]),
            ));
        }
    }
}

/// Drops each `-c` that lost its value.
fn without_lone_c(args: Vec<Text>) -> Vec<Text> {
    let mut out: Vec<Text> = Vec::with_capacity(args.len());
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let lone = arg.as_known() == Some("-c")
            && !args
                .peek()
                .is_some_and(|next| next.known_start().contains('='));
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
    Inner::Shell {
        source,
        positional,
        dialect: Dialect::Posix,
        same_shell: false,
        span: None,
    }
}

/// Words that are the package manager's own, and start no package's program.
const YARN: &str = "access add audit autoclean bin cache check config create constraints dedupe dlx exec explain \
    generate-lock-entry global help import info init install licenses link list login logout node npm outdated owner \
    pack patch patch-commit plugin policies prune publish rebuild remove run search set stage start stop tag team test \
    unlink unplug up upgrade upgrade-interactive version versions why workspaces";
const PNPM: &str = "add approve-builds audit bin c cache cat-file cat-index ci clean-install completion config create \
    dedupe deploy dlx doctor env exec fetch find-hash get help i ic ignored-builds import info init install \
    install-clean install-test it la licenses link list list-global ll ln login logout ls m multi outdated owner pack \
    patch patch-commit patch-remove ping pkg prefix prune publish rb rebuild recursive remove repo restart rm root run \
    runtime s se search self-update server set set-script setup show star start stars stop store t tag team test tst un \
    uninstall unlink unpublish unstar up update upgrade v version view whoami why x xmas";
const BUN: &str = "a add audit bin build c ci completions create discord exec feedback getcompletes help i info init \
    install link list ls outdated patch patch-commit pm publish r remove repl rm run test uninstall unlink up update \
    upgrade why x";

/// `yarn prisma migrate reset`: a word that is not the package manager's own is a script of
/// `package.json` or the program of a package.
pub(super) fn package_binary(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let (own, options) = match name {
        "yarn" | "yarnpkg" => (
            YARN,
            "--cwd= -s --silent --verbose --offline --mutex= --use-yarnrc=",
        ),
        "pnpm" => (
            PNPM,
            "-C= --dir= --filter= -F= --filter-prod= -r --recursive -w --workspace-root -s --silent --reporter= --loglevel=",
        ),
        "bun" => (
            BUN,
            "--bun -b --silent --cwd= --env-file= -c= --config= --filter= -F=",
        ),
        _ => return,
    };
    let grammar = Grammar::options(options);
    for reading in grammar.scan(&call.args, 0).list {
        let mut at = reading.command;
        let word = |at: usize| call.args.get(at).and_then(Text::as_known);
        // `yarn workspace NAME COMMAND`, `yarn run PROGRAM`, `bun run PROGRAM`.
        match word(at) {
            Some("workspace") if name.starts_with("yarn") => at += 2,
            Some("run") => at += 1,
            _ => {}
        }
        let ran = word(at.wrapping_sub(1)) == Some("run") && at > reading.command;
        if let Some(program) = word(at)
            && !program.starts_with('-')
            && (ran || !is_one_of(program, own))
        {
            let mut entered = layer(name, Inner::Call(inner_call(call, at)));
            entered.certainty = if ran { Match::Maybe } else { reading.certainty };
            out.push(entered);
        }
    }
}
