//! Scripts of editors that leave nothing of the file: `sed -i d`, `ex -sc '%d|x'`.

use super::words::{Opt, Words, flag, value};
use crate::model::{Input, PathEffect, PathOp};

/// Options of ed, ex and vim.
pub(super) const EDITOR: &[Opt] = &[
    value('c', "command"),
    value('\0', "cmd"),
    value('S', "source"),
    value('u', "settings"),
    value('i', "info"),
    value('T', "terminal"),
    flag('\0', "help"),
    flag('\0', "version"),
];

/// Whether the script of `sed`, `perl` or `ruby` takes all that the file has.
pub(super) fn by_script(words: &Words) -> bool {
    const SED: &[&str] = &[
        "d", "1,$d", "0,$d", "1~1d", "/.*/d", "/./d", "/^/d", "/$/d", "s/.*//", "s/.*//g", "s/^.*//",
        "s/^.*$//", "s/.//g", "s/.*$//", "z", "Q", "1Q",
    ];
    const CODE: &[&str] = &[
        "$_=\"\"", "$_=''", "$_=q()", "undef$_", "$_=undef", "s/.*//", "s/.*//s", "s/.*//g", "s/.*//gs",
        "s/.*//sg", "s/.+//s", "s/.//g", "s/.//gs",
    ];
    let is_sed = words.by.ends_with("sed");
    let scripts = if words.has_any(&["expression", "file"]) {
        words.values("expression").collect::<Vec<_>>()
    } else {
        // BSD's `sed -i '' SCRIPT` has an empty word before it.
        let empty = words.operands.len() > 2 && words.operands[0].text.as_known() == Some("");
        words.operands.iter().take(if empty { 2 } else { 1 }).collect()
    };
    let known: Vec<&str> = scripts.iter().filter_map(|script| script.text.as_known()).collect();
    if known.len() < scripts.len() || words.has("file") {
        return false;
    }
    let prints = |word: &str| known.iter().any(|script| script.contains(word));
    if is_sed {
        // What no line may match leaves nothing.
        let chosen = |part: &str| {
            let expression = part.trim().strip_prefix('/').and_then(|part| part.strip_suffix("/p"));
            expression.is_some_and(|expression| !expression.contains("/,/"))
        };
        let silent = words.has_any(&["quiet", "silent"])
            && (!["p", "P", "w", "i", "a", "c"].iter().any(|c| prints(c))
                || known.iter().all(|script| script.split(';').all(chosen)));
        return silent
            || known.iter().flat_map(|s| s.split([';', '\n'])).any(|part| SED.contains(&part.trim()));
    }
    let silent = words.has("quiet") && !["print", "say", "put", "write"].iter().any(|word| prints(word));
    let squeezed = |script: &str| script.split_whitespace().collect::<String>();
    silent
        || words.has("print")
            && known.iter().any(|script| squeezed(script).split(';').any(|part| CODE.contains(&part)))
}

/// Whether an awk program prints nothing of what it reads.
pub(super) fn by_awk(words: &Words) -> bool {
    let program = words.operands.first().filter(|_| !words.has_any(&["file", "source"]));
    let program = program.and_then(|program| program.text.as_known());
    program.is_some_and(|program| {
        let squeezed: String = program.split_whitespace().collect();
        matches!(squeezed.as_str(), "" | "{}" | "0" | "!1" | "{next}" | "BEGIN{}" | "END{}")
    })
}

/// ed, ex and vim with commands that they are told: what they write over.
pub(super) fn editor(words: &Words) -> Vec<PathEffect> {
    let mut commands = String::new();
    let given = words.values("command").chain(words.values("cmd"));
    let mut add = |text: &str| {
        commands.push_str(text);
        commands.push('\n');
    };
    given.for_each(|command| add(command.text.known_start()));
    let (plus, files): (Vec<_>, Vec<_>) =
        words.operands.iter().partition(|operand| operand.text.known_start().starts_with('+'));
    plus.iter().for_each(|command| add(&command.text.known_start()[1..]));
    if let (Input::Text(text), "ed" | "ex" | "red") = (&words.call.input, words.by) {
        add(text.known_start());
    }
    let parts = || commands.split(['\n', '|']).map(|part| part.trim().trim_start_matches(':'));
    let deletes = |part: &str| {
        let all = [",", "%", "1,$", "0,$"].iter().find_map(|all| part.strip_prefix(all));
        all.is_some_and(|command| matches!(command.trim(), "d" | "de" | "del" | "delete" | "d_"))
    };
    let writes = |part: &str| {
        matches!(
            part.trim_end_matches('!'),
            "w" | "wq" | "x" | "wa" | "wqa" | "xa" | "exit" | "up" | "update"
        )
    };
    if !parts().any(writes) {
        return Vec::new();
    }
    let op = if parts().any(deletes) { PathOp::Empty } else { PathOp::Modify };
    files.into_iter().map(|file| words.effect(op, file, false)).collect()
}
