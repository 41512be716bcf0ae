//! Languages of which only calls with literal strings are looked for, by names that they have in
//! common: Go, Rust, C, Java, Kotlin, Scala, Groovy, Swift, Haskell, OCaml, Lisps, Elixir and more.

use std::collections::HashMap;

use super::tokens::Token;
use crate::actions::CodeEffect;
use crate::actions::wrappers::is_one_of;
use crate::model::{Call, Input, PathEffect, PathOp, Text};

use Does::{Deletes, DeletesTrees, Empties, Runs};

/// What a call does with what it is given.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Hands its only string to a shell, or starts a program with several.
    Runs,
    Deletes,
    DeletesTrees,
    Empties,
}

/// Names of functions in lower case without `_` and `-`. With dots the last parts of a name must
/// be these; with `^` it must be the whole name.
const CALLS: &[(Does, &str)] = &[
    (
        Runs,
        "system shell shellcommand shellcommandtostring asyncshellcommand ^compile ^script ^sh cmd exec.command \
         exec.commandcontext sys.command command.new callcommand spawncommand rawsystem callprocess \
         callprocessshellcommand readprocess openport runprogram popen execl execlp execle execv execvp execve posixspawn \
         posixspawnp syscall.exec os.startprocess processbuilder process process.start process.run process.runsync \
         processstartinfo execute exec spawnprocess executeshell execcmd execcmdex execshellcmd startprocess child.run executecommandline",
    ),
    (
        Deletes,
        "unlink unlinkat ^remove os.remove sys.remove fs.remove filesystem.remove file.rm file.delete files.delete \
         files.deleteifexists fs.delete removefile deletefile ^delete",
    ),
    (
        DeletesTrees,
        "removeitem removeall removedir removedirall removedirectoryrecursive removepathforcibly deletedirectory \
         deletedirectory.files deletedirectorytree directory.delete deletetree deldirrecursive deldirr rmdirrecurse rmtree \
         rmdir rmrf fileutils.rmrf",
    ),
    (Empties, "os.truncate ^truncate"),
];
/// Methods of what stands before the dot.
const METHODS: &[(Does, &str)] = &[
    (Runs, "execute"),
    (DeletesTrees, "deleterecursively deletedir deletesync"),
    (Deletes, "delete deleteonexit"),
];
/// Methods that give a program that was named more words.
const WORDS: &[&str] = &["arg", "args", "arguments", "witharguments"];
/// Calls that put the parts of a path together.
const JOINS: &[&str] = &["join", "joinpath", "appendingpathcomponent", "combine", "resolve"];
/// Functions that name the home directory, and those that read a variable.
const HOMES: &[&str] = &["userhomedir", "homedir", "nshomedirectory", "gethomedirectory", "homedirectory"];
const VARIABLES: &[&str] =
    &["getenv", "env", "lookupenv", "env.var", "getproperty", "getenvironmentvariable"];

/// A string that a call is given; `None` where it is something else.
type Given = Option<Text>;

/// Looks through the tokens of a program.
pub(super) struct Literal<'a> {
    tokens: &'a [Token],
    variable: &'a dyn Fn(&str) -> Option<Text>,
    /// What was put into variables last.
    values: HashMap<&'a str, Text>,
}

impl<'a> Literal<'a> {
    /// At the first of these.
    pub fn new(tokens: &'a [Token], variable: &'a dyn Fn(&str) -> Option<Text>) -> Literal<'a> {
        Literal { tokens, variable, values: HashMap::new() }
    }

    /// What the token at a place begins or ends.
    pub fn token(&mut self, at: usize, found: &mut Vec<CodeEffect>) {
        match &self.tokens[at] {
            Token::Name(name) => self.name(at, name, found),
            // `"cmd".!`, `"cmd" !`
            Token::String(text) => {
                let dot = usize::from(self.is_mark(at + 1, "."));
                let end = |token: Option<&Token>| match token {
                    None => true,
                    Some(Token::Mark(mark)) => matches!(mark.as_str(), "\n" | ";" | ")" | "}" | "!"),
                    _ => false,
                };
                if self.is_mark(at + 1 + dot, "!") && end(self.tokens.get(at + 2 + dot)) {
                    act(Runs, &[Some(text.clone())], found);
                }
            }
            _ => {}
        }
    }

    fn is_mark(&self, at: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token::Mark(mark)) if mark == wanted)
    }

    fn name(&mut self, at: usize, name: &'a str, found: &mut Vec<CodeEffect>) {
        let full = plain(name);
        let last = full.rsplit('.').next().unwrap_or(&full);
        if HOMES.contains(&last) {
            let before = self.tokens[..at].iter().rposition(|token| match token {
                Token::Mark(mark) => matches!(mark.as_str(), "\n" | ";" | "{"),
                _ => false,
            });
            let line = &self.tokens[before.map_or(0, |before| before + 1)..at];
            let assigned = line.iter().find_map(|token| match token {
                Token::Name(name) if !matches!(name.as_str(), "let" | "val" | "var" | "const" | "auto") => {
                    Some(name.as_str())
                }
                _ => None,
            });
            if let (Some(assigned), Some(home)) = (assigned, (self.variable)("HOME")) {
                self.values.insert(assigned, home);
            }
        }
        // `x = "…"`, `x := "…"`, `x: String = "…"`, `char *x = "…"`
        let mut value = at + 1;
        while value < at + 4
            && matches!(self.tokens.get(value), Some(Token::Mark(m)) if m == ":" || m == "[" || m == "]")
            || (value == at + 2 && matches!(self.tokens.get(value), Some(Token::Name(_))))
        {
            value += 1;
        }
        if self.is_mark(value, "=") && !self.is_mark(value + 1, "=") {
            let text = self.value(value + 1).0;
            if let Some(text) = text.filter(|text| !text.known_start().is_empty()) {
                self.values.insert(name, text);
            }
            return;
        }
        let method = METHODS.iter().find(|(_, known)| is_one_of(last, known));
        if let Some((does, _)) = method
            && let receiver @ [_, ..] = self.receiver(at, name).as_slice()
        {
            return act(*does, receiver, found);
        }
        let is = |known: &str| match known.strip_prefix('^') {
            Some(known) => full == known,
            None if known.contains('.') => {
                full.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            None => last == known,
        };
        let Some((does, _)) = CALLS.iter().find(|(does, known)| {
            // `(delete "x" list)` is Lisp's.
            let called = *does == Runs || self.is_mark(at + 1, "(");
            known.split(' ').any(|known| is(known) && (called || !known.starts_with('^')))
        }) else {
            return;
        };
        let mut given = self.given(at + 1, self.is_mark(at.wrapping_sub(1), "("));
        let mut end = self.closes(at + 1);
        while let Some(Token::Name(method)) = self.tokens.get(end + 2)
            && self.is_mark(end + 1, ".")
            && WORDS.contains(&plain(method).as_str())
        {
            given.extend(self.given(end + 3, false));
            end = self.closes(end + 3);
        }
        act(*does, &given, found);
    }

    /// What a method is called on: `File("x")`, `"x"`, `["x", "y"]`, a variable.
    fn receiver(&self, at: usize, name: &str) -> Vec<Given> {
        if let Some((variable, _)) = name.rsplit_once('.') {
            return self.values.get(variable).cloned().into_iter().map(Some).collect();
        }
        let Some(before) = at.checked_sub(2).filter(|_| self.is_mark(at - 1, ".")) else {
            return Vec::new();
        };
        match &self.tokens[before] {
            Token::String(text) => vec![Some(text.clone())],
            Token::Mark(mark) if matches!(mark.as_str(), ")" | "]") => {
                let mut depth = 0_usize;
                let opens = self.tokens[..=before].iter().rposition(|token| match token {
                    Token::Mark(mark) => match mark.as_str() {
                        ")" | "]" => {
                            depth += 1;
                            false
                        }
                        "(" | "[" => {
                            depth -= 1;
                            depth == 0
                        }
                        _ => false,
                    },
                    _ => false,
                });
                opens.map(|open| self.given(open, false)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// Where the bracket closes that opens here; the place before, where none does.
    fn closes(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, token) in self.tokens.get(at..).unwrap_or_default().iter().enumerate() {
            if let Token::Mark(mark) = token {
                match mark.as_str() {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if depth == 0 {
                return at + offset - usize::from(offset == 0 && !matches!(token, Token::Mark(_)));
            }
        }
        at.saturating_sub(1)
    }

    /// The strings that stand in the bracket that opens here, or, without one, up to the end of the
    /// line or of the bracket round the name.
    fn given(&self, mut at: usize, lisp: bool) -> Vec<Given> {
        let opened = ["(", "[", "{"].iter().any(|open| self.is_mark(at, open));
        let end = if opened && !lisp { self.closes(at) } else { self.tokens.len() };
        at += usize::from(opened && !lisp);
        let (mut given, mut depth) = (Vec::new(), 0_usize);
        while at < end {
            if let Token::Mark(mark) = &self.tokens[at] {
                match mark.as_str() {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" if depth == 0 => break,
                    ")" | "]" | "}" => depth -= 1,
                    ";" if depth == 0 => break,
                    "\n" | "$" if depth == 0 && !opened && !lisp => break,
                    _ => {}
                }
                at += 1;
                continue;
            }
            let (text, next) = self.value(at);
            given.push(text);
            at = next.max(at + 1);
        }
        given
    }

    /// The string that a value is, parts of it joined, and the place behind it.
    fn value(&self, mut at: usize) -> (Given, usize) {
        let mut whole: Option<Text> = None;
        loop {
            let text = match self.tokens.get(at) {
                Some(Token::String(text)) => Some(text.clone()),
                Some(Token::Name(name)) => {
                    let plain = plain(name);
                    let last = plain.rsplit('.').next().unwrap_or(&plain);
                    let call = self.is_mark(at + 1, "(") || self.is_mark(at + 1, "!");
                    if call && (JOINS.contains(&last) || VARIABLES.contains(&last) || HOMES.contains(&last)) {
                        let open = at + 1 + usize::from(self.is_mark(at + 1, "!"));
                        let given: Vec<Given> = self.given(open, false);
                        at = self.closes(open);
                        if JOINS.contains(&last) {
                            joined(given)
                        } else {
                            let name = given.into_iter().flatten().next().unwrap_or_else(|| "HOME".into());
                            let name =
                                name.as_known().map(|name| if name == "user.home" { "HOME" } else { name });
                            name.and_then(self.variable)
                        }
                    } else if call || self.is_mark(at + 1, ":") {
                        // What a constructor or a label holds stands for itself.
                        at += 2;
                        match self.tokens.get(at) {
                            Some(Token::String(_) | Token::Name(_)) => continue,
                            _ => return (None, at),
                        }
                    } else {
                        self.values.get(name.as_str()).cloned()
                    }
                }
                _ => None,
            };
            let Some(text) = text else {
                // A part that is not known: what it begins is not either.
                return (whole.filter(|_| !self.tokens.get(at).is_some_and(is_value)), at + 1);
            };
            whole.get_or_insert_default().append(&text);
            at += 1;
            let joins = match self.tokens.get(at) {
                Some(Token::Mark(mark)) => {
                    let double = self.is_mark(at + 1, mark) || (mark == "<" && self.is_mark(at + 1, ">"));
                    let length = 1 + usize::from(double);
                    matches!(mark.as_str(), "+" | "^" | "&" | "<" | "..").then_some(length)
                }
                _ => None,
            };
            match joins {
                Some(length) => at += length,
                None => return (whole, at),
            }
        }
    }
}

fn is_value(token: &Token) -> bool {
    !matches!(token, Token::Mark(_))
}

/// The parts of a path as one; `None` where the first is not known.
fn joined(parts: Vec<Given>) -> Given {
    let mut parts = parts.into_iter();
    let mut whole = parts.next()??;
    for part in parts {
        whole.push_str("/");
        whole.append(&part?);
    }
    Some(whole)
}

/// A name in lower case, without `_` and `-`, its parts behind dots.
fn plain(name: &str) -> String {
    let name = name.replace("::", ".").replace('/', ".");
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn act(does: Does, given: &[Given], found: &mut Vec<CodeEffect>) {
    let mut texts = given.iter().flatten();
    let (op, recursive) = match does {
        Runs => {
            let Some(program) = texts.next() else {
                return;
            };
            let args: Vec<Text> = texts.cloned().collect();
            found.push(CodeEffect::Shell(match args.as_slice() {
                // `Process.Start("rm", "-rf x")`
                [one] if one.known_start().starts_with('-') && one.known_start().contains(' ') => {
                    let mut line = program.clone();
                    line.push_str(" ");
                    line.append(one);
                    line
                }
                _ => program.clone(),
            }));
            if !args.is_empty() {
                let program = program.clone();
                found.push(CodeEffect::Call(Call {
                    program,
                    args,
                    input: Input::Unknown,
                    ..Call::default()
                }));
            }
            return;
        }
        Deletes => (PathOp::Delete, false),
        DeletesTrees => (PathOp::Delete, true),
        Empties => (PathOp::Empty, false),
    };
    for path in texts.take(1) {
        let (path, by) = (path.clone(), "unlink".to_owned());
        found.push(CodeEffect::Path(PathEffect { op, path, recursive, by, content: None, span: None }));
    }
}
