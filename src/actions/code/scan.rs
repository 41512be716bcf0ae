//! Ruby, Perl, PHP, Lua and awk: their strings, and the calls that hand strings to a shell or
//! delete files. No grammar is read; what such a call is given is known where it is literal, and
//! the rest of the code is not seen into.

mod tokens;

use tokens::{Scanner, Token};

use crate::actions::{CodeEffect, Language};
use crate::model::{Call, Input, PathEffect, PathOp, Shape, Text};

/// What a function does with its arguments.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Hands its only argument to a shell, or starts a program with several.
    Runs,
    /// Hands an argument to a shell if that begins or ends with `|` (`open`).
    Pipes,
    /// Deletes files.
    Deletes,
    /// Deletes trees.
    DeletesTrees,
}

use Does::{Deletes, DeletesTrees, Pipes, Runs};

/// How a language writes what is looked for.
struct Manner {
    /// What begins a comment that ends with its line.
    comments: &'static [&'static str],
    /// What joins strings.
    joins: &'static [&'static str],
    /// `` `…` `` runs a command.
    backticks: bool,
    /// `/` may begin a pattern.
    patterns: bool,
    /// What of `$x`, `@x`, `#{x}` stands for a value in double quotes.
    holes: &'static [char],
    functions: &'static [(&'static str, Does)],
}

const RUBY: Manner = Manner {
    comments: &["#"],
    joins: &["+"],
    backticks: true,
    patterns: true,
    holes: &['#'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("spawn", Runs),
        ("Kernel.system", Runs),
        ("Kernel.exec", Runs),
        ("Kernel.spawn", Runs),
        ("Process.spawn", Runs),
        ("IO.popen", Runs),
        ("Open3.capture2", Runs),
        ("Open3.capture2e", Runs),
        ("Open3.capture3", Runs),
        ("Open3.popen3", Runs),
        ("Open3.pipeline", Runs),
        ("sh", Runs),
        ("open", Pipes),
        ("File.delete", Deletes),
        ("File.unlink", Deletes),
        ("FileUtils.rm", Deletes),
        ("FileUtils.rm_f", Deletes),
        ("FileUtils.remove", Deletes),
        ("FileUtils.rm_r", DeletesTrees),
        ("FileUtils.rm_rf", DeletesTrees),
        ("FileUtils.rmtree", DeletesTrees),
        ("FileUtils.remove_dir", DeletesTrees),
        ("FileUtils.remove_entry", DeletesTrees),
        ("FileUtils.remove_entry_secure", DeletesTrees),
        ("rm_rf", DeletesTrees),
        ("rm_r", DeletesTrees),
        ("remove_dir", DeletesTrees),
    ],
};

const PERL: Manner = Manner {
    comments: &["#"],
    joins: &["."],
    backticks: true,
    patterns: true,
    holes: &['$', '@'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("open", Pipes),
        ("unlink", Deletes),
        ("rmtree", DeletesTrees),
        ("remove_tree", DeletesTrees),
        ("File::Path::rmtree", DeletesTrees),
        ("File::Path::remove_tree", DeletesTrees),
    ],
};

const PHP: Manner = Manner {
    comments: &["#", "//"],
    joins: &["."],
    backticks: true,
    patterns: false,
    holes: &['$', '{'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("shell_exec", Runs),
        ("passthru", Runs),
        ("popen", Runs),
        ("proc_open", Runs),
        ("pcntl_exec", Runs),
        ("unlink", Deletes),
    ],
};

const LUA: Manner = Manner {
    comments: &["--"],
    joins: &[".."],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[("os.execute", Runs), ("io.popen", Runs), ("os.remove", Deletes)],
};

const AWK: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: true,
    holes: &[],
    functions: &[("system", Runs)],
};

/// What the code does as far as its literal strings show.
pub(super) fn effects(language: Language, source: &str) -> Vec<CodeEffect> {
    let manner = match language {
        Language::Ruby => &RUBY,
        Language::Perl => &PERL,
        Language::Php => &PHP,
        Language::Lua => &LUA,
        Language::Awk => &AWK,
        Language::Python | Language::JavaScript | Language::Unread => return Vec::new(),
    };
    let tokens = Scanner::new(manner, language, source).tokens();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Command(text) => found.push(CodeEffect::Shell(text.clone())),
            Token::Name(name) => {
                let known = manner.functions.iter().find(|(function, _)| function == name);
                if let Some((_, does)) = known {
                    act(*does, &arguments(manner, &tokens[at + 1..]), &mut found);
                }
            }
            // `print x | "cmd"`, `"cmd" | getline`
            Token::String(text) if language == Language::Awk => {
                let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                let pipe = |token: Option<&Token>| matches!(token, Some(Token::Mark(mark)) if mark.starts_with('|') && mark != "||");
                let getline = matches!(tokens.get(at + 2), Some(Token::Name(name)) if name == "getline");
                if pipe(before) {
                    let printed = tokens[..at - 1].last();
                    found.push(CodeEffect::Shell(match (printed, text.as_known()) {
                        (Some(Token::String(printed)), Some(command)) if printed.as_known().is_some() => {
                            let printed = printed.display();
                            Text::known(format!("echo {} | {command}", shell_words::quote(&printed)))
                        }
                        _ => text.clone(),
                    }));
                } else if pipe(tokens.get(at + 1)) && getline {
                    found.push(CodeEffect::Shell(text.clone()));
                }
            }
            Token::String(_) | Token::Mark(_) => {}
        }
    }
    found
}

/// What awk prints where all it does is print literals before it reads anything.
pub(in crate::actions) fn awk_prints(source: &str) -> Option<Text> {
    let tokens = Scanner::new(&AWK, Language::Awk, source).tokens();
    let [Token::Name(begin), Token::Mark(open), inner @ .., Token::Mark(close)] = tokens.as_slice() else {
        return None;
    };
    if begin != "BEGIN" || open != "{" || close != "}" {
        return None;
    }
    let mut out = Text::default();
    let is_end = |token: &Token| matches!(token, Token::Mark(mark) if mark == ";");
    for statement in inner.split(is_end).filter(|statement| !statement.is_empty()) {
        let (Token::Name(name), words) = statement.split_first()? else {
            return None;
        };
        for (at, word) in words.iter().enumerate() {
            match word {
                Token::String(text) => out.append(text),
                Token::Mark(comma) if comma == "," && at % 2 == 1 && name == "print" => out.push_str(" "),
                _ => return None,
            }
        }
        match name.as_str() {
            "print" => out.push_str("\n"),
            "printf" if words.len() == 1 && !out.display().contains('%') => {}
            _ => return None,
        }
    }
    Some(out)
}

fn act(does: Does, args: &[Argument], found: &mut Vec<CodeEffect>) {
    let texts = || args.iter().map(|arg| arg.text.clone());
    match does {
        Does::Runs => match args {
            [] => {}
            [one] => found.push(CodeEffect::Shell(one.text.clone())),
            [program, rest @ ..] if program.literal => {
                let args = rest.iter().map(|arg| arg.text.clone()).collect();
                let program = program.text.clone();
                found.push(CodeEffect::Shell(program.clone()));
                found.push(CodeEffect::Call(Call {
                    program,
                    args,
                    input: Input::Unknown,
                    ..Call::default()
                }));
            }
            _ => {}
        },
        Does::Pipes => {
            for text in texts() {
                let trimmed = text.display();
                let trimmed = trimmed.trim();
                if matches!(trimmed, "-|" | "|-") {
                    continue;
                }
                if let Some(code) = trimmed.strip_prefix('|').or_else(|| trimmed.strip_suffix('|')) {
                    found.push(CodeEffect::Shell(Text::known(code)));
                }
            }
            // `open(F, "-|", "cmd")`
            if let [_, mode, code, ..] = args
                && matches!(mode.text.as_known(), Some("-|" | "|-"))
            {
                found.push(CodeEffect::Shell(code.text.clone()));
            }
        }
        Does::Deletes | Does::DeletesTrees => {
            let recursive = does == Does::DeletesTrees;
            for arg in args.iter().filter(|arg| arg.literal) {
                match arg.text.as_known().filter(|text| arg.pattern || text.contains(['*', '?'])) {
                    // The shell expands a pattern as they do.
                    Some(pattern) => {
                        let flags = if recursive { "-rf" } else { "-f" };
                        found.push(CodeEffect::Shell(Text::known(format!("rm {flags} -- {pattern}"))));
                    }
                    None => found.push(CodeEffect::Path(PathEffect {
                        op: PathOp::Delete,
                        path: arg.text.clone(),
                        recursive,
                        by: "unlink".to_owned(),
                        content: None,
                        span: None,
                    })),
                }
            }
        }
    }
}

/// One argument, as far as it is known.
#[derive(Default)]
struct Argument {
    text: Text,
    /// A string stands in it.
    literal: bool,
    /// It is what `glob` is given.
    pattern: bool,
}

/// The arguments of a call whose name was read.
fn arguments(manner: &Manner, tokens: &[Token]) -> Vec<Argument> {
    let mut args = Vec::new();
    let mut arg = Argument::default();
    let (mut depth, mut empty) = (0_usize, true);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(mark) => match mark.as_str() {
                "(" | "[" => {
                    depth += 1;
                    continue;
                }
                ")" | "]" => {
                    if depth <= 1 {
                        break;
                    }
                    depth -= 1;
                    continue;
                }
                "," => {
                    args.push(std::mem::take(&mut arg));
                    empty = true;
                    continue;
                }
                ";" | "}" | "\n" | "|" | "||" | "&&" if depth == 0 => break,
                "{" if at == 0 => return Vec::new(),
                "\n" => continue,
                mark if manner.joins.contains(&mark) => continue,
                // `system = 1`, `%h->{unlink}`
                "=" | "=>" | ":" if at == 0 => return Vec::new(),
                _ => {}
            },
            Token::Name(name)
                if matches!(name.as_str(), "or" | "and" | "if" | "unless" | "do") && depth == 0 =>
            {
                break;
            }
            Token::Name(name) if matches!(name.as_str(), "glob" | "Dir.glob" | "Dir" | "bsd_glob") => {
                arg.pattern = true;
                empty = false;
                continue;
            }
            Token::String(text) => {
                arg.text.append(text);
                arg.literal = true;
                empty = false;
                continue;
            }
            _ => {}
        }
        arg.text.append(&Text::hole("(a value)", Shape::Any));
        empty = false;
    }
    if !empty {
        args.push(arg);
    }
    args
}

#[cfg(test)]
mod tests;
