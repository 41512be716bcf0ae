//! Programs that are given lines: consoles, clients of file transfer, and what runs commands on many machines.

use crate::model::{Call, Place, Text};

use super::super::{Entered, Inner, http, wire};
use super::handed::{shell, values};
use super::{Stdin, layer, stdin};

/// What options give, and the lines of standard input.
fn given_lines(call: &Call, options: &[&str]) -> Vec<String> {
    let mut texts: Vec<String> =
        values(call, options).iter().filter_map(Text::as_known).map(str::to_owned).collect();
    if let Stdin::Source(text) = stdin(call) {
        texts.extend(text.as_known().map(str::to_owned));
    }
    texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect()
}

/// Lines that begin with `!`, or read from and write to one, and what `dc` has behind it.
pub(super) fn lines(call: &Call, options: &[&str], out: &mut Vec<Entered>) {
    for line in given_lines(call, options) {
        let command =
            line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ',' | '$' | '.' | '%' | ' '));
        let command = command.strip_prefix(['r', 'w', 'e', 'E']).map_or(command, str::trim_start);
        // `!<r` and kin compare.
        if let Some(code) = command.strip_prefix('!').filter(|code| !code.starts_with(['<', '>', '='])) {
            out.push(shell(Text::known(code)));
        }
    }
}

/// `sftp host <<< 'rm x'`: what clients of file transfer delete there, and hand to a shell here.
pub(super) fn transfers(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let options: &[&str] = match name {
        "smbclient" => &["-c"],
        "lftp" => &["--line", "-e", "-c"],
        _ => &["--line"],
    };
    for line in given_lines(call, options).iter().flat_map(|line| line.split(';')) {
        let (command, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        if let Some(code) = line.trim().strip_prefix('!') {
            out.push(shell(Text::known(code)));
        } else if matches!(
            command.trim_start_matches('-'),
            "rm" | "delete" | "del" | "mdelete" | "mdel" | "deltree" | "mrm"
        ) && !rest.is_empty()
        {
            out.push(elsewhere(format!("rm -rf -- {}", rest.trim_start_matches("-r ")), name));
        }
    }
}

/// A line of shell on another machine.
pub(super) fn elsewhere(line: String, name: &str) -> Entered {
    Entered { place: Some(Place::Remote(name.to_owned())), ..shell(Text::known(line)) }
}

/// m4's `syscmd(CMD)`.
pub(super) fn macros(call: &Call, out: &mut Vec<Entered>) {
    for line in given_lines(call, &[]) {
        for (at, word) in line.match_indices("syscmd(") {
            let code = line[at + word.len()..].split(')').next().unwrap_or_default();
            out.push(shell(Text::known(code.trim_matches(['`', '\'', ' ']))));
        }
    }
}

/// `ansible HOSTS -m file -a 'path=PATH state=absent'`
pub(super) fn absent(call: &Call, out: &mut Vec<Entered>) {
    let module = values(call, &["-m", "--module-name"]);
    let is_file = |text: &Text| text.as_known().is_some_and(|name| name.rsplit('.').next() == Some("file"));
    if !module.iter().any(is_file) {
        return;
    }
    for args in values(call, &["-a", "--args"]) {
        let args = args.display();
        let mut words = args.split_whitespace();
        let path = words
            .clone()
            .find_map(|word| ["path=", "dest=", "name="].iter().find_map(|key| word.strip_prefix(key)));
        if let Some(path) = path.filter(|_| words.any(|word| word == "state=absent")) {
            out.push(elsewhere(format!("rm -rf -- {path}"), "ansible"));
        }
    }
}

/// `salt TARGET cmd.run CMD`, `salt-call file.remove PATH`
pub(super) fn salt(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let is = |arg: &Text, functions: &[&str]| arg.as_known().is_some_and(|arg| functions.contains(&arg));
    for (at, arg) in call.args.iter().enumerate() {
        let start = match arg {
            arg if is(arg, &["cmd.run", "cmd.run_all", "cmd.run_stdout", "cmd.shell", "cmd.retcode"]) => "",
            arg if is(arg, &["file.remove", "file.rmdir"]) => "rm -rf -- ",
            _ => continue,
        };
        let mut source = Text::known(start);
        source.append(call.args.get(at + 1).unwrap_or(&Text::default()));
        let place = (name != "salt-call").then(|| Place::Remote(name.to_owned()));
        out.push(Entered { place, ..shell(source) });
    }
}

/// The commands that a console is given, a line each.
pub(super) fn typed(call: &Call, out: &mut Vec<Entered>) {
    for line in given_lines(call, &[]) {
        let words = shell_words::split(&line).unwrap_or_else(|_| vec![line]);
        let args = words.into_iter().map(Text::known).collect();
        out.push(layer("", Inner::Call(Call { program: call.program.clone(), args, ..Call::default() })));
    }
}

/// What is written to the server that the program connects to.
pub(super) fn connected(call: &Call, name: &str, out: &mut Vec<Entered>) {
    if let (Stdin::Source(text), Some(host)) = (stdin(call), http::peer(&call.args, name)) {
        out.extend(wire::calls(text, &host).into_iter().map(|call| layer("", Inner::Call(call))));
    }
}

/// `plot "< CMD"`: gnuplot reads what the command prints.
pub(super) fn data(call: &Call, out: &mut Vec<Entered>) {
    for line in given_lines(call, &["-e"]) {
        for quote in ['"', '\''] {
            let strings = line.split(quote).skip(1).step_by(2);
            out.extend(
                strings.filter_map(|text| text.strip_prefix('<')).map(|code| shell(Text::known(code))),
            );
        }
    }
}
