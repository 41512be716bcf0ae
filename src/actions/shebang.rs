//! Who runs a script file, by its first line.

use super::Language;
use crate::model::base_name;
use crate::syntax::Dialect;

/// Begins what stands at the path of a program that is compiled from the text behind it.
pub(super) const COMPILED: &str = "#!/compiled\n";

/// What runs a script.
pub(super) enum Interpreter {
    Shell(Dialect),
    Code(Language),
    Other,
}

/// The shell that a script's first line names; `None` where that is no shell.
pub fn dialect(text: &str) -> Option<Dialect> {
    match interpreter(text) {
        Interpreter::Shell(dialect) => Some(dialect),
        Interpreter::Code(_) | Interpreter::Other => None,
    }
}

/// Who reads a script, by its first line; without `#!` the shell that calls it does.
pub(super) fn interpreter(text: &str) -> Interpreter {
    let Some(line) = text.strip_prefix("#!") else {
        return Interpreter::Shell(Dialect::Bash);
    };
    let line = line.lines().next().unwrap_or("");
    let mut words =
        line.split_whitespace().map(base_name).filter(|word| !word.starts_with('-') && !word.contains('='));
    let mut name = words.next().unwrap_or("");
    if name == "env" {
        name = words.next().unwrap_or("");
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match stem {
        "bash" | "guard" | "ksh" | "mksh" => Interpreter::Shell(Dialect::Bash),
        "sh" | "dash" | "ash" => Interpreter::Shell(Dialect::Posix),
        "zsh" => Interpreter::Shell(Dialect::Zsh),
        "python" | "pypy" => Interpreter::Code(Language::Python),
        "node" | "nodejs" | "bun" | "deno" | "tsx" | "ts-node" => Interpreter::Code(Language::JavaScript),
        "ruby" => Interpreter::Code(Language::Ruby),
        "perl" => Interpreter::Code(Language::Perl),
        "php" => Interpreter::Code(Language::Php),
        "lua" => Interpreter::Code(Language::Lua),
        "Rscript" => Interpreter::Code(Language::R),
        "julia" => Interpreter::Code(Language::Julia),
        "tclsh" | "wish" | "expect" => Interpreter::Code(Language::Tcl),
        "compiled" | "groovy" | "scala" | "kotlin" | "guile" | "racket" | "ocaml" | "elixir" | "escript"
        | "octave" | "swift" | "bb" | "runghc" | "runhaskell" | "sbcl" | "osascript" | "jbang" => {
            Interpreter::Code(Language::Other)
        }
        "awk" | "gawk" | "mawk" => Interpreter::Code(Language::Awk),
        _ => Interpreter::Other,
    }
}
