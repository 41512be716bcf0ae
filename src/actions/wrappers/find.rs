//! `find … -exec` and `fd … -x`: what they run, on what they would find.

use crate::model::{Call, Match, Piece, Shape, Text};

use super::super::{Entered, Inner};
use super::layer;
use super::special::{replaced, unknown_argument};

/// As many search roots are told apart.
const MAX_ROOTS: usize = 16;

/// Enters what `find` runs.
pub(super) fn find(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let known = |i: usize| args.get(i).and_then(Text::as_known);
    let mut at = 0;
    while let Some(option) = known(at) {
        match option {
            "-H" | "-L" | "-P" | "-E" | "-X" | "-d" | "-s" | "-x" => at += 1,
            "-D" => at += 2,
            "-f" => break,
            _ if option.starts_with("-O") => at += 1,
            _ => break,
        }
    }
    let roots_end = (at..args.len())
        .find(|&i| args[i].known_start().starts_with(['-', '(', ')', '!', ',']))
        .unwrap_or(args.len());
    let mut roots = args[at..roots_end].to_vec();
    if roots.is_empty() {
        roots.push(".".into());
    }
    let expression = &args[roots_end..];
    if roots.len() > MAX_ROOTS
        || expression
            .iter()
            .any(|a| matches!(a.as_known(), Some("-files0-from" | "-f")))
    {
        roots = Vec::new();
    }
    let tests = Tests::read(expression);
    let mut i = roots_end;
    while i < args.len() {
        let Some(action @ ("-exec" | "-execdir" | "-ok" | "-okdir")) = known(i) else {
            i += 1;
            continue;
        };
        let from = i + 1;
        // `+` ends the command only behind `{}`.
        let end = (from..args.len())
            .find(|&i| {
                known(i) == Some(";") || (known(i) == Some("+") && known(i - 1) == Some("{}"))
            })
            .unwrap_or(args.len());
        i = end + 1;
        if from >= end {
            continue;
        }
        let inner = Call {
            program: args[from].clone(),
            args: args[from + 1..end].to_vec(),
            env: call.env.clone(),
            input: call.input.clone(),
            arg_spans: call
                .arg_spans
                .get(from + 1..end)
                .unwrap_or_default()
                .to_vec(),
        };
        let found = Found {
            roots: &roots,
            tests: &tests,
        };
        let title = format!("find {action}");
        if action.ends_with("dir") {
            found.run_in_directories(&inner, &title, out);
        } else if known(end) == Some("+") {
            found.run_once(inner, &title, out);
        } else {
            found.run_each(&inner, &title, out);
        }
    }
}

/// What is known of the names that a `find` expression selects.
struct Tests<'a> {
    /// The only name they can have.
    name: Option<&'a str>,
    /// What their names end with.
    end: Option<&'a str>,
    /// The search roots themselves are not selected.
    not_roots: bool,
}

impl<'a> Tests<'a> {
    fn read(expression: &'a [Text]) -> Tests<'a> {
        let known: Vec<Option<&str>> = expression.iter().map(Text::as_known).collect();
        let mut tests = Tests {
            name: None,
            end: None,
            not_roots: false,
        };
        // Only a plain conjunction says anything about all that is selected.
        let plain = !known
            .iter()
            .any(|word| matches!(word, Some("-o" | "-or" | "," | "(" | "!" | "-not")));
        for (i, word) in known.iter().enumerate() {
            let value = known.get(i + 1).copied().flatten();
            match (*word, value) {
                (Some("-mindepth"), Some(depth)) => {
                    tests.not_roots |= depth.parse::<u32>().is_ok_and(|d| d > 0)
                }
                (Some("-type" | "-xtype"), Some(kinds)) if plain => {
                    tests.not_roots |= !kinds.contains('d')
                }
                (Some("-name"), Some(pattern)) if plain => {
                    let literal = |text: &str| !text.contains(['*', '?', '[', '\\', '/']);
                    if literal(pattern) {
                        tests.name = Some(pattern);
                    } else if let Some(end) = pattern
                        .strip_prefix('*')
                        .filter(|end| literal(end) && !end.is_empty())
                    {
                        tests.end = Some(end);
                    }
                }
                _ => {}
            }
        }
        tests
    }
}

struct Found<'a> {
    /// The search roots; none where they cannot be known.
    roots: &'a [Text],
    tests: &'a Tests<'a>,
}

impl Found<'_> {
    /// The paths that may be found below a root, and the root itself where it may be one of them.
    fn paths(&self, root: &Text) -> Vec<Text> {
        let slash = !root.known_end().ends_with('/');
        let below = |end: &str| {
            let mut path = root.clone();
            if slash {
                path.push_str("/");
            }
            // Names are not words, but what stands below a directory is no option and leads to no
            // other place either.
            path.append(&unknown_argument("find", Shape::Name));
            path.push_str(end);
            path
        };
        let base = root.as_known().map(|root| {
            let root = root.trim_end_matches('/');
            root.rsplit('/').next().unwrap_or(root)
        });
        let mut paths = Vec::new();
        match (self.tests.name, self.tests.end) {
            (Some(name), _) => {
                let mut direct = root.clone();
                direct.push_str(if slash { "/" } else { "" });
                direct.push_str(name);
                if !self.tests.not_roots && base == Some(name) {
                    paths.push(root.clone());
                }
                paths.push(direct);
                paths.push(below(&format!("/{name}")));
            }
            (None, Some(end)) => {
                if !self.tests.not_roots && base.is_none_or(|base| base.ends_with(end)) {
                    paths.push(root.clone());
                }
                paths.push(below(end));
            }
            (None, None) => {
                if !self.tests.not_roots {
                    paths.push(root.clone());
                }
                paths.push(below(""));
            }
        }
        paths
    }

    fn all(&self) -> Vec<Text> {
        if self.roots.is_empty() {
            return vec![unknown_argument("find", Shape::Any)];
        }
        self.roots
            .iter()
            .flat_map(|root| self.paths(root))
            .collect()
    }

    /// `-exec … {} +`
    fn run_once(&self, mut inner: Call, title: &str, out: &mut Vec<Entered>) {
        inner.args.pop();
        inner.arg_spans.truncate(inner.args.len());
        inner
            .args
            .extend(self.all().into_iter().map(Text::into_many));
        out.push(layer(title, Inner::Call(inner)));
    }

    /// `-exec … {} … ;`
    fn run_each(&self, inner: &Call, title: &str, out: &mut Vec<Entered>) {
        let whole = |word: &Text| word.as_known() == Some("{}");
        if !inner
            .args
            .iter()
            .any(|word| word.known_start().contains("{}"))
            && !inner.program.display().contains("{}")
        {
            return out.push(layer(title, Inner::Call(inner.clone())));
        }
        for path in self.all() {
            let mut call = replaced(inner, "{}", &unknown_argument("find", Shape::Any));
            for (new, old) in call.args.iter_mut().zip(&inner.args) {
                if whole(old) {
                    *new = path.clone();
                }
            }
            out.push(layer(title, Inner::Call(call)));
        }
    }

    /// `-execdir`: in the directory of what is found, which is `./NAME` there.
    fn run_in_directories(&self, inner: &Call, title: &str, out: &mut Vec<Entered>) {
        let mut name = Text::known("./");
        match self.tests.name {
            Some(known) => name.push_str(known),
            None => {
                name.push(Piece::Hole(crate::model::Hole {
                    label: "(a name from `find`)".into(),
                    shape: Shape::Name,
                }));
                name.push_str(self.tests.end.unwrap_or_default());
            }
        }
        let directories: Vec<Option<Text>> = match self.roots {
            [] => vec![None],
            roots => roots
                .iter()
                .flat_map(|root| {
                    let mut below = root.clone();
                    below.push_str("/");
                    below.append(&unknown_argument("find", Shape::Name));
                    [Some(root.clone()), Some(below)]
                })
                .collect(),
        };
        let mut call = inner.clone();
        if call.args.last().and_then(Text::as_known) == Some("+") {
            call.args.pop();
        }
        let call = replaced(&call, "{}", &name);
        for directory in directories {
            let mut entered = layer(title, Inner::Call(call.clone()));
            if directory.is_none() {
                entered.certainty = Match::Maybe;
            }
            entered.directory = directory;
            out.push(entered);
        }
    }
}

/// Enters what `fd` runs.
pub(super) fn fd(call: &Call, out: &mut Vec<Entered>) {
    let args = &call.args;
    let known = |i: usize| args.get(i).and_then(Text::as_known);
    let Some(at) = (0..args.len())
        .find(|&i| matches!(known(i), Some("-x" | "--exec" | "-X" | "--exec-batch")))
    else {
        return;
    };
    let end = (at + 1..args.len())
        .find(|&i| known(i) == Some(";"))
        .unwrap_or(args.len());
    if at + 1 >= end {
        return;
    }
    let title = format!("fd {}", args[at].display());
    let inner = Call {
        program: args[at + 1].clone(),
        args: args[at + 2..end].to_vec(),
        env: call.env.clone(),
        input: call.input.clone(),
        arg_spans: call.arg_spans.get(at + 2..end).unwrap_or_default().to_vec(),
    };
    const TOKENS: [&str; 5] = ["{}", "{/}", "{//}", "{.}", "{/.}"];
    let replaces = |word: &Text| TOKENS.iter().any(|token| word.display().contains(token));
    let path = unknown_argument("fd", Shape::Name);
    let many = matches!(known(at), Some("-X" | "--exec-batch"));
    let path = if many { path.into_many() } else { path };
    let mut new = inner.clone();
    if replaces(&inner.program) || inner.args.iter().any(replaces) {
        for token in TOKENS {
            new = replaced(&new, token, &unknown_argument("fd", Shape::Any));
        }
        for (new, old) in new.args.iter_mut().zip(&inner.args) {
            if matches!(old.as_known(), Some("{}" | "{/}" | "{.}" | "{/.}")) {
                *new = path.clone();
            }
        }
    } else {
        new.args.push(path);
    }
    out.push(layer(&title, Inner::Call(new)));
}
