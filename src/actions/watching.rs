//! Which lines nobody need watch, since they start nothing but what is seen in them, and which ask
//! for rights that a supervised program does not get.

use std::cell::OnceCell;

use crate::model::{Action, Call, Effect, Facts, PathOp, Place, Text, absolute, is_at_or_below, is_below};

use super::walk::Walked;
use super::wrappers::is_one_of;

/// Whether a line asks for rights that a supervised program does not get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// It does not.
    Nothing,
    /// It does, and all else that it does is known: it may be judged by its text alone.
    OnItsText,
    /// It does, and this besides, of which the text does not tell all.
    Mixed(String),
}

/// Programs that run as their owner, whoever calls them.
const OTHERS_RIGHTS: &str = "sudo sudoedit doas su pkexec";

/// What the words of a program must be for it to start no other.
enum Words {
    /// Whatever they are.
    Any,
    /// None of these options, nor letters.
    Without(&'static str),
    /// A script for `sed` of line numbers, that prints, deletes or ends.
    Lines,
    /// A program for `awk` without pipes and calls of a shell.
    Fields,
}

/// Programs that start no others.
const LEAVES: &[(&str, Words)] = &[
    (
        "[ arch b2sum base32 base64 basename cal cat chgrp chmod chown cksum cmp column comm cp cut date df dirname \
        du echo expand false fold free grep groups head hexdump hostname id join jq ls md5sum mkdir mktemp mv nl nproc \
        od paste pgrep printenv printf ps pwd readlink realpath rev rm rmdir seq sha1sum sha224sum sha256sum sha384sum \
        sha512sum shuf sleep stat sum tac tail tee test touch tr tree true truncate tty uname unexpand uniq uptime wc \
        whoami xxd yes",
        Words::Any,
    ),
    ("sort gsort", Words::Without("--compress-program")),
    ("diff", Words::Without("-l --paginate")),
    ("find", Words::Without("-exec -execdir -ok -okdir")),
    ("rg", Words::Without("-z --pre --hostname-bin --search-zip")),
    ("curl", Words::Without("--ntlm-wb")),
    ("sed gsed", Words::Lines),
    ("awk gawk mawk nawk", Words::Fields),
];

/// Programs that start nothing but what is followed in their words.
const PREFIXES: &str =
    "env nohup setsid timeout nice ionice chrt taskset stdbuf time xargs flock sh bash dash";
/// Variables that have a program run or load what its words do not name.
const SWAY: &str = "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GCONV_PATH BASH_ENV ENV SHELLOPTS BASHOPTS PS4 \
    RIPGREP_CONFIG_PATH AWKPATH AWKLIBPATH";
/// Where programs lie that the system's owner put there.
const INSTALLED: [&str; 9] = [
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/lib",
    "/usr/libexec",
    "/nix/store",
];
/// Builtins of every shell that do nothing but what their words say.
const BUILTINS: &str = "[ : bg command echo exec false fg jobs printf pwd test times true type ulimit umask";
/// Builtins that run what they are given, which is followed, or reach other processes.
const FOLLOWED: &str = ". builtin eval kill source trap";
/// Words of the shell's language at which it may take a value for an expression, and run what
/// stands in that.
const EVALUATING: &str =
    "read mapfile readarray let declare typeset local integer float getopts select unset alias PATH";

impl Walked {
    /// Whether the line, whose text this is, starts nothing but what is seen in it, and nothing of
    /// that starts anything: then nobody need watch it.
    pub fn needs_no_watching(&self, text: &str, facts: &dyn Facts) -> bool {
        let search = Search::new(facts);
        self.unprovable.is_none()
            && self.cut_short.is_none()
            && !facts.startup_files_run()
            && !SWAY.split_ascii_whitespace().any(|name| facts.env(name).is_some())
            && !may_evaluate(text)
            && self.actions.iter().all(|action| match &action.effect {
                Effect::Call(call) => {
                    action.place == Place::Local
                        && !is_swayed(action, call)
                        && all_known(call)
                        && (is_plain_builtin(call) || is_leaf(call, &search))
                }
                Effect::Path(effect) => {
                    effect.op == PathOp::Delete || search.leaves_alone(action, &effect.path)
                }
                Effect::Request(_) | Effect::Statement(_) => true,
                Effect::Opaque(_) | Effect::Unprovable(_) => false,
            })
    }

    /// Whether the line asks for rights that a supervised program does not get, and what else it
    /// does that its text does not tell. What runs with those rights is judged by its text anyway,
    /// but for code that cannot be seen into.
    pub fn rights(&self, facts: &dyn Facts) -> Rights {
        let asks = |action: &Action| match &action.effect {
            Effect::Call(call) => {
                action.place.is_local() && call.name().is_some_and(|name| is_one_of(name, OTHERS_RIGHTS))
            }
            _ => false,
        };
        if facts.keeps_rights() || !self.actions.iter().any(asks) {
            return Rights::Nothing;
        }
        let search = Search::new(facts);
        let untold = |action: &Action| match &action.effect {
            Effect::Opaque(opaque) => Some(opaque.what.clone()),
            Effect::Unprovable(unprovable) => Some(unprovable.why.clone()),
            Effect::Call(call) if action.place == Place::Local && !asks(action) => {
                (!is_told(action, call, &search)).then(|| call.program.display())
            }
            Effect::Call(call) => call.program.has_hole().then(|| call.program.display()),
            Effect::Path(effect) => effect.path.has_hole().then(|| effect.path.display()),
            Effect::Request(_) | Effect::Statement(_) => None,
        };
        let whole = self.unprovable.iter().chain(&self.cut_short).next().cloned();
        match whole.or_else(|| self.actions.iter().find_map(untold)) {
            Some(what) => Rights::Mixed(what),
            None => Rights::OnItsText,
        }
    }
}

/// Whether all that a call does is told by what was followed.
fn is_told(action: &Action, call: &Call, search: &Search<'_>) -> bool {
    let prefix = || {
        all_known(call)
            && call.name().is_some_and(|name| is_one_of(name, PREFIXES))
            && search.finds(&call.program)
    };
    is_builtin(call, BUILTINS)
        || is_builtin(call, FOLLOWED)
        || !is_swayed(action, call) && all_known(call) && is_leaf(call, search)
        || prefix()
}

/// Whether a call means one of these builtins.
fn is_builtin(call: &Call, names: &str) -> bool {
    call.program.as_known().is_some_and(|name| is_one_of(name, names))
}

/// Whether a call means a builtin that does nothing but what its words say.
fn is_plain_builtin(call: &Call) -> bool {
    // What `test` is given may be an expression.
    let listed = || call.args.iter().all(|arg| arg.as_known().is_some());
    is_builtin(call, BUILTINS) && (call.name() == Some("echo") || listed())
}

fn all_known(call: &Call) -> bool {
    let values = call.env.iter().map(|(_, value)| value);
    std::iter::once(&call.program).chain(&call.args).chain(values).all(|text| !text.has_hole())
}

/// Whether the script gives a call variables by which it may run something else.
fn is_swayed(action: &Action, call: &Call) -> bool {
    let mut set = call.env.iter().chain(action.exported.iter());
    set.any(|(name, _)| name == "PATH" || name.starts_with("LD_") || is_one_of(name, SWAY))
}

/// Whether a call is of a program that starts no other, given these words.
fn is_leaf(call: &Call, search: &Search<'_>) -> bool {
    let Some(name) = call.name() else {
        return false;
    };
    let Some((_, words)) = LEAVES.iter().find(|(names, _)| is_one_of(name, names)) else {
        return false;
    };
    let args: Option<Vec<&str>> = call.args.iter().map(Text::as_known).collect();
    let fits = match (words, args) {
        (Words::Any, _) => true,
        // A pattern may stand for an option.
        (_, None) => false,
        (Words::Without(options), Some(args)) => !args.iter().any(|arg| may_be_one_of(arg, options)),
        (Words::Lines, Some(args)) => prints_lines(&args),
        (Words::Fields, Some(args)) => takes_fields(&args),
    };
    fits && search.finds(&call.program)
}

/// Whether a word may be one of these options, in short or with others.
fn may_be_one_of(word: &str, options: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    options.split_ascii_whitespace().any(|option| match option.strip_prefix("--") {
        Some(_) => name.len() > 2 && option.starts_with(name),
        None if option.len() == 2 => {
            word.starts_with('-') && !word.starts_with("--") && word.contains(&option[1..])
        }
        None => name == option,
    })
}

/// `sed -n '1,20p' FILE…`
fn prints_lines(args: &[&str]) -> bool {
    let options = args.iter().take_while(|arg| arg.starts_with('-')).count();
    let harmless = args[..options].iter().all(|option| matches!(*option, "-n" | "-E" | "-r" | "-s" | "-u"));
    let script =
        args.get(options).is_some_and(|script| script.bytes().all(|b| b"0123456789,$;pqd!= ".contains(&b)));
    harmless && script && !args[options + 1..].iter().any(|arg| arg.starts_with('-'))
}

/// `awk -F: '{print $1}' FILE…`
fn takes_fields(args: &[&str]) -> bool {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "-F" | "-v" => _ = args.next(),
            arg if arg.starts_with("-F") || arg.starts_with("-v") => {}
            program => {
                let runs =
                    program.starts_with('-') || program.contains(['|', '@']) || program.contains("system");
                return !runs && !args.any(|arg| arg.starts_with('-'));
            }
        }
    }
    false
}

/// Whether the shell may take a value for an expression and run what stands in that: `((x))` with
/// `a[$(CMD)]` in `x`.
fn may_evaluate(text: &str) -> bool {
    let plain = |rest: &str| {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        name.starts_with('}')
    };
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let subscript = |at: usize| text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    ["((", "[[", "$["].iter().any(|open| text.contains(open))
        || text.match_indices('[').any(|(at, _)| subscript(at))
        || text.match_indices("${").any(|(at, open)| !plain(&text[at + open.len()..]))
        || text.contains("printf") && text.contains("-v")
        || words.any(|word| is_one_of(word, EVALUATING))
}

/// Where programs are looked for.
struct Search<'f> {
    facts: &'f dyn Facts,
    /// What `PATH` says.
    path: String,
    /// The places, every link followed.
    places: OnceCell<Vec<String>>,
}

impl<'f> Search<'f> {
    fn new(facts: &'f dyn Facts) -> Search<'f> {
        Search { facts, path: facts.env("PATH").unwrap_or_default(), places: OnceCell::new() }
    }

    fn places(&self) -> &[String] {
        self.places.get_or_init(|| {
            let all = self.path.split(':').chain(INSTALLED);
            all.map(|place| self.facts.real(place).unwrap_or_else(|| place.to_owned())).collect()
        })
    }

    /// Whether no place moves with the directory.
    fn is_fixed(&self) -> bool {
        self.path.split(':').all(|place| place.starts_with('/'))
    }

    /// Whether a program is surely one of the system's.
    fn finds(&self, program: &Text) -> bool {
        let Some(program) = program.as_known() else {
            return false;
        };
        let path = match program.contains('/') {
            true => Some(program.to_owned()),
            false => self.facts.which(program).filter(|_| self.is_fixed()),
        };
        let is_there = |path: &String| {
            self.facts.real(path).is_some_and(|path| is_installed(&path) && self.facts.is_installed(&path))
        };
        path.filter(|path| is_installed(path)).is_some_and(|path| is_there(&path))
    }

    /// Whether what is put at a path is no program that would be found.
    fn leaves_alone(&self, action: &Action, path: &Text) -> bool {
        let path = absolute(&action.directory, path).map(|path| self.facts.path(&path).real);
        path.is_some_and(|path| {
            !self.places().iter().any(|place| is_at_or_below(&path, place) || is_below(place, &path))
        })
    }
}

fn is_installed(path: &str) -> bool {
    INSTALLED.iter().any(|place| is_at_or_below(path, place))
}
