//! Programs in disguise: what a shell, an interpreter or a client of SQL is given to run is made of
//! the script's own text in a way that is not followed. Nobody writes a harmless program so, for it
//! could stand there as it is.

use std::rc::Rc;

use crate::model::{Call, Effect, FileKind, Input, Piece, Shape, Span, Text, absolute};
use crate::syntax::Scope;

use super::flow;
use super::walk::Walk;
use super::wrappers::is_one_of;

/// What rules call such a program.
const PROGRAM: &str = "(a program in disguise)";

/// Filters whose words alone say what they print.
const ALONE: &str = "printf echo seq date jq gojq";

/// Programs that print what they make of their input and of their words, and fetch nothing.
const FILTERS: &str = "awk gawk mawk nawk original-awk sed gsed tr gtr cut gcut sort gsort uniq head ghead tail gtail \
    rev tac gtac fold fmt column nl join paste pr expand unexpand envsubst gzip gunzip zcat bzip2 bunzip2 bzcat xz \
    unxz xzcat lzma unlzma zstd unzstd zstdcat lz4 unlz4 brotli compress uncompress base64 gbase64 base32 basenc \
    openssl xxd od god hexdump hd dd iconv recode shuf gshuf comm jq gojq yq gron xq m4 cpp bc dc factor numfmt strings \
    uudecode uuencode qprint gpg age cat tee grep egrep fgrep ggrep rg colrm col colcrt look tsort ptx sponge pv \
    printf echo seq rot13 ts unix2dos dos2unix pandoc xmlstarlet xmllint tidy html2text mlr csvcut date";

/// Interpreters: they are filters where their code stands among their words and reaches for nothing.
const INTERPRETERS: &str =
    "python pypy perl ruby node nodejs bun deno php lua luajit awk gawk mawk nawk original-awk";

/// The options behind which their code stands.
const CODE: &str = "-c -e -E -r -n -ne -pe -lne -lpe -ple -nle -le -p --eval --print eval -m -rn";

/// What shows in code that reaches for a file, the network or another program.
const REACHES: &[&str] = &[
    "open(",
    "open ",
    "urlopen",
    "requests",
    "urllib",
    "http",
    "socket",
    "subprocess",
    "popen",
    "fetch(",
    "readFile",
    "glob",
    "listdir",
    "os.walk",
    "Path(",
    "File.",
    "Dir.",
    "getline <",
    "system(",
    "execSync",
    "argv",
    "ARGV",
    "argparse",
    "connect(",
    "file_get_contents",
    "require('.",
    "require(\".",
    "io.lines",
];

/// Whether some of it is the script's own text, changed in a way that is not followed.
pub(super) fn is_changed(text: &Text) -> bool {
    text.holes().any(|hole| hole.shape == Shape::Changed)
}

/// Whether all of it comes from the script itself, as far as it is known.
fn is_own(text: &Text) -> bool {
    text.pieces().iter().all(|piece| match piece {
        Piece::Known(_) | Piece::Glob(_) => true,
        Piece::Hole(hole) => hole.shape == Shape::Changed,
    })
}

/// Whether changed text stands outside of quotes, where it can be any code.
pub(super) fn is_code(text: &Text) -> bool {
    let mut quote = None;
    for piece in text.pieces() {
        match piece {
            Piece::Hole(hole) if hole.shape == Shape::Changed && quote.is_none() => return true,
            Piece::Hole(_) => {}
            Piece::Known(known) | Piece::Glob(known) => {
                let mut chars = known.chars();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' if quote != Some('\'') => drop(chars.next()),
                        '\'' | '"' if quote.is_none() => quote = Some(c),
                        c if quote == Some(c) => quote = None,
                        _ => {}
                    }
                }
            }
        }
    }
    false
}

/// Whether changed text stands where a statement of SQL begins.
pub(super) fn begins_statement(text: &Text) -> bool {
    let mut begins = true;
    text.pieces().iter().any(|piece| match piece {
        Piece::Hole(hole) => std::mem::replace(&mut begins, false) && hole.shape == Shape::Changed,
        Piece::Known(known) | Piece::Glob(known) => {
            let known = known.trim_end();
            begins = if known.is_empty() { begins } else { known.ends_with(';') };
            false
        }
    })
}

impl Walk<'_> {
    /// What a call prints, as far as that can be told.
    pub(super) fn printed(&self, call: &Call, scope: &Scope<'_>) -> Option<Text> {
        let printed = flow::output(call, &self.overlay(), scope.directory());
        // The names of files that are there are no text of the script's.
        if matches!(call.name(), Some("ls" | "find" | "fd")) {
            self.foreign.set(true);
        }
        printed.or_else(|| self.changed(call, scope))
    }

    /// What a filter prints that is not followed, where all that it is given comes from the script.
    fn changed(&self, call: &Call, scope: &Scope<'_>) -> Option<Text> {
        let name = call.name()?;
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let interpreter = is_one_of(stem, INTERPRETERS);
        let fed = !self.written.is_empty() || matches!(call.input, Input::Text(_));
        if !(fed || interpreter || is_one_of(name, ALONE)) {
            return None;
        }
        if !(interpreter || is_one_of(name, FILTERS)) || self.foreign.get() || !call.args.iter().all(is_own) {
            return None;
        }
        if self.edits_file(stem, call, scope) {
            return None;
        }
        let code = || {
            let words = call.args.iter().map(Text::display);
            without_own_input(&words.collect::<Vec<_>>().join(" "))
        };
        if matches!(stem, "python" | "pypy")
            && call.args.len() == 2
            && !call.input.is_given()
            && call.args[1].as_known().is_some_and(is_computed)
        {
            return None;
        }
        let coded = call.args.iter().any(|arg| arg.as_known().is_some_and(|arg| is_one_of(arg, CODE)));
        if interpreter && (!(coded || stem.ends_with("awk")) || reaches(&code())) {
            return None;
        }
        let written = call.args.iter().filter_map(|arg| Some(self.written_at(arg, scope)?.text()?.clone()));
        let mut given: Vec<Text> = written.collect();
        match &call.input {
            Input::Text(text) => given.push(Text::clone(text)),
            Input::File(_) | Input::Unknown => return None,
            Input::Inherited | Input::Empty => {}
        }
        let module = call.args.iter().any(|arg| arg.as_known() == Some("-m"));
        let alone = (interpreter && !module) || is_one_of(name, ALONE);
        let says = given.iter().any(|text| !text.display().trim().is_empty());
        let words = given.is_empty() && alone && !call.args.is_empty();
        let label = || format!("what `{name}` makes of text");
        ((says || words) && given.iter().all(is_own)).then(|| Text::hole(label(), Shape::Changed))
    }

    /// `awk '{ sub(/a/, "b") } 1' FILE`, `perl -pe 's/a/b/' FILE`, `jq -r .x FILE`: what it prints are
    /// the lines of a file that the script did not write, with parts replaced.
    fn edits_file(&self, stem: &str, call: &Call, scope: &Scope<'_>) -> bool {
        let (program, file) = match call.args.as_slice() {
            [program, file] => (program, file),
            [option, program, file] if option.as_known().is_some_and(|o| is_one_of(o, "-pe -r -c")) => {
                (program, file)
            }
            _ => return false,
        };
        let (Some(program), Some(path)) = (program.as_known(), absolute(scope.directory(), file)) else {
            return false;
        };
        let plain = match stem {
            "perl" => replaces(program),
            "jq" | "gojq" => program.bytes().all(|b| b.is_ascii_alphanumeric() || b"._[]|, ".contains(&b)),
            _ => {
                let names = without_strings(program);
                let mut names =
                    names.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
                stem.ends_with("awk") && names.all(|word| is_one_of(word, "sub gsub print next NR FNR 0 1"))
            }
        };
        plain
            && self.written_at(file, scope).is_none()
            && matches!(self.facts.kind(&path), FileKind::File | FileKind::Absent)
    }

    /// Text in disguise is run.
    pub(super) fn disguised(&mut self, span: Span, scope: &Scope<'_>) {
        let program = Text::known(PROGRAM);
        self.emit(Effect::Call(Rc::new(Call { program, ..Call::default() })), span, scope);
    }
}

/// Whether code prints what no text stands for: numbers, random ones, times. Without a string, a
/// character's code or a name's it can spell no command.
fn is_computed(code: &str) -> bool {
    const SPELLS: &[&str] = &[
        "chr", "byte", "Code", "__", "doc", "dir(", "vars", "locals", "globals", "name", "argv", "input",
        "class", "std", "read",
    ];
    code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.,;()+-*% \n".contains(&b))
        && code.contains("print(")
        && !SPELLS.iter().any(|word| code.contains(word))
}

/// Whether perl's code is one replacement, whose two sides hold no code: `s/a/b/g`.
fn replaces(code: &str) -> bool {
    let mut parts = code.trim().trim_end_matches(';').split('/');
    let [Some("s"), Some(_), Some(by), Some(flags), None] = std::array::from_fn(|_| parts.next()) else {
        return false;
    };
    !by.contains(['$', '@', '\\']) && flags.chars().all(|flag| "gimsx".contains(flag))
}

/// awk's code without what stands between quotes or slashes.
fn without_strings(code: &str) -> String {
    let (mut out, mut quote) = (String::new(), None);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match quote {
            Some(_) if c == '\\' => drop(chars.next()),
            Some(end) if c == end => quote = None,
            None if matches!(c, '"' | '/') => quote = Some(c),
            None => out.push(c),
            _ => {}
        }
    }
    out
}

/// The code without what opens its own input, or nothing at all.
fn without_own_input(code: &str) -> String {
    let mut code = code.to_owned();
    for function in ["readFileSync(", "open("] {
        for file in [
            "0",
            "'/dev/stdin'",
            "\"/dev/stdin\"",
            "'/proc/self/fd/0'",
            "'/dev/null'",
            "\"/dev/null\"",
            ")",
            "'-'",
        ] {
            code = code.replace(&format!("{function}{file}"), "");
        }
    }
    code
}

/// Whether code reaches for more than its input.
pub(super) fn reaches(code: &str) -> bool {
    REACHES.iter().any(|word| code.contains(word))
}
