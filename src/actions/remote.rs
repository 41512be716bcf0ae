//! Commands that reach another machine or another terminal by ways of their own: ssh's settings
//! that run commands, tmux and screen.

use crate::model::{Call, Match, Piece, Text};
use crate::syntax::Dialect;

use super::wrappers::{Grammar, inner_call, joined_words, layer, span, tail};
use super::{Entered, Inner};

/// Enters the call if it is one of these; true where nothing else can enter it.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) -> bool {
    match name {
        "tmux" => tmux(call, out),
        "screen" => screen(call, out),
        "ssh" | "slogin" | "autossh" | "scp" | "sftp" => {
            ssh_settings(call, name, out);
            return false;
        }
        _ => return false,
    }
    true
}

/// The host of `[user@]host` or `ssh://[user@]host[:port]`.
pub(super) fn host(destination: &str) -> &str {
    let uri = destination.strip_prefix("ssh://");
    let rest = uri.unwrap_or(destination);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    match uri {
        Some(_) => rest.split([':', '/']).next().unwrap_or(rest),
        None => rest,
    }
}

fn shell(source: Text, dialect: Dialect, span: Option<crate::model::Span>) -> Inner {
    Inner::Shell { source, positional: vec!["sh".into()], dialect, same_shell: false, span }
}

/// `-o ProxyCommand=…`: ssh hands these to a local shell.
fn ssh_settings(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let mut at = 0;
    while let Some(word) = call.args.get(at) {
        at += 1;
        let start = word.known_start();
        if matches!(name, "scp" | "sftp") && word.as_known() == Some("-S") {
            if let Some(program) = call.args.get(at) {
                out.push(layer(&format!("{name} -S"), shell(program.clone(), Dialect::Posix, None)));
            }
            at += 1;
            continue;
        }
        let setting = if start == "-o" && word.as_known().is_some() {
            at += 1;
            match call.args.get(at - 1) {
                Some(setting) => setting.clone(),
                None => return,
            }
        } else if start.starts_with("-o") {
            tail(word, 2)
        } else {
            continue;
        };
        let text = setting.known_start();
        let Some(end) = text.find(['=', ' ']) else {
            continue;
        };
        let key = text[..end].to_ascii_lowercase();
        let value = tail(&setting, end + 1);
        let local = matches!(key.as_str(), "proxycommand" | "localcommand" | "knownhostscommand");
        if local && !matches!(value.as_known(), Some("none" | "")) {
            out.push(layer(&format!("{name} -o {}", &text[..end]), shell(value, Dialect::Posix, None)));
        } else if key == "remotecommand" && value.as_known() != Some("none") {
            let mut entered = layer(&format!("{name} -o RemoteCommand"), shell(value, Dialect::Bash, None));
            entered.place = Some(crate::model::Place::Remote("the host".to_owned()));
            out.push(entered);
        }
    }
}

/// tmux's commands that run something: names, options, and what their words are.
const TMUX: &[(&str, &str, Typed)] = &[
    ("new-session new", "-A -d -D -E -P -X -c= -e= -F= -f= -n= -s= -t= -x= -y=", Typed::Command),
    ("new-window neww", "-a -b -d -k -P -S -c= -e= -F= -n= -t=", Typed::Command),
    ("split-window splitw", "-b -d -e= -f -h -I -v -P -Z -c= -F= -l= -p= -t=", Typed::Command),
    ("respawn-pane respawnp respawn-window respawnw", "-k -c= -e= -t=", Typed::Command),
    ("display-popup popup", "-B -C -E -b= -c= -d= -e= -h= -s= -S= -t= -T= -w= -x= -y=", Typed::Command),
    ("run-shell run", "-b -C -d= -t= -c=", Typed::Source),
    ("pipe-pane pipep", "-I -O -o -t=", Typed::Source),
    ("if-shell if", "-b -F -t=", Typed::Condition),
    ("send-keys send", "-F -H -K -l -M -R -X -N= -t= -c=", Typed::Keys),
];

#[derive(Clone, Copy)]
enum Typed {
    /// One word is shell source, more are a program and its arguments.
    Command,
    /// Shell source.
    Source,
    /// Shell source, then tmux commands as words of their own.
    Condition,
    /// Keys that are typed into a pane.
    Keys,
}

fn tmux(call: &Call, out: &mut Vec<Entered>) {
    let globals = Grammar::options("-2 -C -D -l -N -u -v -V -c= -f= -L= -S= -T=");
    let Some(reading) = globals.scan(&call.args, 0).list.into_iter().next() else {
        return;
    };
    if let Some(given) = reading.given("-c")
        && let Some(source) = &given.value
    {
        let at = given.at.and_then(|at| span(call, at));
        out.push(layer("tmux -c", shell(source.clone(), Dialect::Bash, at)));
    }
    // Several commands are separated by a lone `;`, or one at a word's end.
    let mut from = reading.command;
    while from < call.args.len() {
        let end = (from..call.args.len())
            .find(|&i| call.args[i].known_end().ends_with(';'))
            .unwrap_or(call.args.len());
        let behind = call.args.len().min(end + 1);
        let mut part = Call {
            program: call.program.clone(),
            args: call.args[from..behind].to_vec(),
            env: call.env.clone(),
            input: call.input.clone(),
            arg_spans: call.arg_spans.get(from..behind).unwrap_or_default().to_vec(),
        };
        if let Some(last) = call.args.get(end).and_then(Text::as_known) {
            let last = last.trim_end_matches(';');
            part.args.pop();
            if !last.is_empty() {
                part.args.push(Text::known(last));
            }
        }
        tmux_command(&part, 0, 0, out);
        from = end + 1;
    }
}

fn tmux_command(call: &Call, from: usize, depth: usize, out: &mut Vec<Entered>) {
    let Some(name) = call.args.get(from).and_then(Text::as_known) else {
        return;
    };
    let Some((names, options, typed)) = TMUX.iter().find(|row| super::wrappers::is_one_of(name, row.0))
    else {
        return;
    };
    let title = format!("tmux {}", names.split(' ').next().unwrap_or(names));
    let grammar = Grammar::options(options);
    for reading in grammar.scan(&call.args, from + 1).list {
        let at = reading.command;
        let words = &call.args[at.min(call.args.len())..];
        let Some(first) = words.first() else {
            continue;
        };
        let directory = match *name {
            _ if name.starts_with("new") || name.starts_with("split") || name.starts_with("respawn") => {
                reading.given("-c").and_then(|g| g.value.clone())
            }
            _ => None,
        };
        let mut push = |inner: Inner, certainty: Match| {
            let mut entered = layer(&title, inner);
            entered.certainty = certainty;
            entered.directory = directory.clone();
            out.push(entered);
        };
        match typed {
            Typed::Command if words.len() > 1 => push(Inner::Call(inner_call(call, at)), reading.certainty),
            Typed::Command | Typed::Source => {
                push(shell(first.clone(), Dialect::Bash, span(call, at)), reading.certainty);
            }
            Typed::Condition => {
                if !reading.has("-F") {
                    push(shell(first.clone(), Dialect::Bash, span(call, at)), reading.certainty);
                }
                for word in words.iter().skip(1).filter(|_| depth == 0) {
                    let split = word.as_known().and_then(|text| shell_words::split(text).ok());
                    let args = split.unwrap_or_default().into_iter().map(Text::known).collect();
                    let inner =
                        Call { program: "tmux".into(), args, env: call.env.clone(), ..Call::default() };
                    tmux_command(&inner, 0, depth + 1, out);
                }
            }
            Typed::Keys if reading.has("-X") => {}
            Typed::Keys => {
                let (text, entered) = keys(words, reading.has("-l"));
                let certainty = if entered { reading.certainty } else { Match::Maybe };
                push(shell(text, Dialect::Bash, None), certainty);
            }
        }
    }
}

/// What `send-keys` types, and whether it ends a line.
fn keys(words: &[Text], literal: bool) -> (Text, bool) {
    let mut text = Text::default();
    let mut entered = false;
    for word in words {
        match word.as_known().filter(|_| !literal) {
            Some("Enter" | "C-m" | "C-j" | "KPEnter" | "^M" | "^J") => {
                text.push_str("\n");
                entered = true;
            }
            Some("Space") => text.push_str(" "),
            Some(
                "Tab" | "BTab" | "Escape" | "BSpace" | "Up" | "Down" | "Left" | "Right" | "Home" | "End"
                | "DC" | "IC" | "NPage" | "PPage",
            ) => {}
            // Control and meta keys clear or abort the line.
            Some(key) if key.len() == 3 && (key.starts_with("C-") || key.starts_with("M-")) => {
                text.push_str("\n")
            }
            _ => {
                entered |=
                    word.pieces().iter().any(|p| matches!(p, Piece::Known(t) if t.contains(['\n', '\r'])));
                for piece in word.pieces() {
                    text.push(piece.clone());
                }
            }
        }
    }
    (text, entered)
}

fn screen(call: &Call, out: &mut Vec<Entered>) {
    let grammar = Grammar::options(
        "-a -A -c= -d -D -e= -f -fn -fa -h= -i -l -ln -ls? -list -L -Logfile= -m -O -p= -q -Q -r -R -RR -s= -S= \
            -t= -T= -U -v -wipe -x -X -4 -6",
    );
    for reading in grammar.scan(&call.args, 0).list {
        let at = reading.command;
        let words = call.args.get(at..).unwrap_or_default();
        let Some(first) = words.first() else {
            continue;
        };
        let mut push = |title: &str, inner: Inner| {
            let mut entered = layer(title, inner);
            entered.certainty = reading.certainty;
            out.push(entered);
        };
        if reading.has("-X") {
            match first.as_known() {
                Some("stuff") => {
                    let mut text = Text::default();
                    for piece in joined_words(&words[1..]).pieces() {
                        match piece {
                            Piece::Known(known) => text.push_str(&typed(known)),
                            piece => text.push(piece.clone()),
                        }
                    }
                    push("screen -X stuff", shell(text, Dialect::Bash, None));
                }
                Some("screen" | "exec") if words.len() > 1 => {
                    let skip = words[1..]
                        .iter()
                        .take_while(|w| w.known_start().starts_with(['-', '.', '!']))
                        .count();
                    if words.len() > 1 + skip {
                        push("screen -X", Inner::Call(inner_call(call, at + 1 + skip)));
                    }
                }
                _ => {}
            }
        } else if !reading.has("-r -R -RR -x -ls -list -wipe -v") {
            push("screen", Inner::Call(inner_call(call, at)));
        }
    }
}

/// What `stuff` types: `^M`, `\n` and `\015` end a line.
fn typed(text: &str) -> String {
    ["^M", "^J", "\\n", "\\r", "\\015", "\\012", "\r"]
        .iter()
        .fold(text.to_owned(), |text, end| text.replace(end, "\n"))
}
