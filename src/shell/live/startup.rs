//! How a shell is started so that it reads guard's part behind its own startup files, and is
//! otherwise as it would have been.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::channel::Channel;
use crate::shell::invocation::{Grammar, Identity, Invocation};
use crate::shell::stand_in::quote;

/// What guard adds to a bash.
const BASH: &str = include_str!("bash.sh");
/// What guard adds to a zsh.
const ZSH: &str = include_str!("zsh.zsh");

/// How the shell is started.
#[derive(Debug, PartialEq, Eq)]
pub struct Startup {
    /// Its words.
    pub argv: Vec<OsString>,
    /// Changes of its environment.
    pub env: Vec<(OsString, Option<OsString>)>,
}

/// Whether the lines of such a shell can be judged.
pub fn covers(invocation: &Invocation, argv: &[OsString]) -> bool {
    match invocation.grammar {
        Grammar::Bash => !invocation.posix,
        // As another shell it reads no file of its own.
        Grammar::Zsh => invocation.identity != Identity::Sh && argv.iter().all(|word| word != "--emulate"),
        Grammar::Dash => false,
    }
}

/// Writes what the shell will read, and changes how it is started.
pub fn prepare(
    invocation: &Invocation,
    argv: &[OsString],
    env: impl Fn(&str) -> Option<OsString>,
    channel: &Channel,
    off: &Path,
) -> io::Result<Startup> {
    let [directory, off] = [channel.directory(), off].map(|path| quote(&path.to_string_lossy()));
    let secret = channel.secret();
    let session = format!("__guard_dir={directory} __guard_secret={secret} __guard_off={off}\n");
    match invocation.grammar {
        Grammar::Zsh => zsh(invocation, argv, env, channel, &(session + ZSH)),
        // It is to read none at all, not even the machine's.
        _ if invocation.login || invocation.no_startup => {
            in_their_place(invocation, argv, env, channel, &in_bash(&session))
        }
        _ => bash(invocation, argv, channel, &in_bash(&session)),
    }
}

/// What guard adds to a bash, behind the startup files, of which a DEBUG trap of theirs is told nothing.
fn in_bash(session: &str) -> String {
    format!("{{\n__guard_started=$?\n{session}{WITHOUT_TRAP}}} >/dev/null 2>&1\n{BASH}")
}

const WITHOUT_TRAP: &str = "\\builtin trap -p DEBUG >|\"$__guard_dir/trap\"; \\builtin trap - DEBUG\n";

/// The first file that zsh reads of its user's is one of guard's, which reads theirs. By then all
/// is as it would have been, and the other files are read as ever.
fn zsh(
    invocation: &Invocation,
    argv: &[OsString],
    env: impl Fn(&str) -> Option<OsString>,
    channel: &Channel,
    own: &str,
) -> io::Result<Startup> {
    let mut argv = argv.to_vec();
    let mut text = match env("ZDOTDIR") {
        Some(theirs) => format!("export ZDOTDIR={}\n", quote(&theirs.to_string_lossy())),
        None => "unset ZDOTDIR\n".to_owned(),
    };
    text.push_str(own);
    if invocation.no_startup {
        // It has to read one file to read none.
        let end = argv.len() - invocation.positional.len().min(argv.len());
        argv.splice(end..end, ["-o".into(), "rcs".into()]);
        text.push_str("unsetopt rcs\n");
    } else {
        text.push_str("[[ ! -r ${ZDOTDIR:-$HOME}/.zshenv ]] || . ${ZDOTDIR:-$HOME}/.zshenv\n");
    }
    channel.file(".zshenv", text.as_bytes())?;
    let directory = channel.directory().as_os_str().to_owned();
    Ok(Startup { argv, env: vec![("ZDOTDIR".into(), Some(directory))] })
}

/// An init file of guard's stands in the place of the user's or the caller's, and reads that.
fn bash(invocation: &Invocation, argv: &[OsString], channel: &Channel, own: &str) -> io::Result<Startup> {
    let theirs = match &invocation.init_file {
        Some(file) => source(&quote(&from_here(file))),
        None => source("~/.bashrc"),
    };
    let file = channel.file("init", format!("{theirs}{own}").as_bytes())?;
    let mut argv = without_init_file(argv);
    let after_name = argv.len().min(1);
    argv.splice(after_name..after_name, ["--rcfile".into(), file.into_os_string()]);
    Ok(Startup { argv, env: Vec::new() })
}

/// A login shell reads no init file, and neither does one that is told to read none. So it is kept
/// from reading anything but the file that bash reads in POSIX mode, which ends that mode and reads
/// the files that it would have read. At that time bash has not loaded its history.
fn in_their_place(
    invocation: &Invocation,
    argv: &[OsString],
    env: impl Fn(&str) -> Option<OsString>,
    channel: &Channel,
    own: &str,
) -> io::Result<Startup> {
    let mut text = NO_LONGER_POSIX.to_owned();
    text.push_str(&match env("ENV") {
        Some(theirs) => format!("export ENV={}\n", quote(&theirs.to_string_lossy())),
        None => "unset ENV\n".to_owned(),
    });
    for (name, usual) in [("HISTFILE", "~/.bash_history"), ("MAILCHECK", "60")] {
        if env(name).is_none() {
            text.push_str(&format!("{name}={usual}\n"));
        }
    }
    if invocation.login && !invocation.no_profile {
        text.push_str(&source("/etc/profile"));
        text.push_str(PROFILE);
    }
    text.push_str(own);
    let file = channel.file("init", text.as_bytes())?;
    let mut argv = argv.to_vec();
    let after_name = argv.len().min(1);
    let words = ["--posix", "--noprofile"].into_iter().take(1 + usize::from(invocation.login));
    argv.splice(after_name..after_name, words.map(OsString::from));
    // It is expanded as if it stood in double quotes.
    let mut escaped = String::new();
    for c in file.to_string_lossy().chars() {
        if "\\$`\"".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Ok(Startup { argv, env: vec![("ENV".into(), Some(escaped.into()))] })
}

/// What of POSIX mode would stay.
const NO_LONGER_POSIX: &str = "set +o posix; shopt -u inherit_errexit\n";

/// The first of these that can be read, as bash(1) has it under INVOCATION.
const PROFILE: &str = r"for __guard_file in ~/.bash_profile ~/.bash_login ~/.profile; do
	[ ! -r $__guard_file ] || break
done
[ ! -r $__guard_file ] || . $__guard_file
unset __guard_file
";

fn source(word: &str) -> String {
    format!("[ ! -r {word} ] || . {word}\n")
}

/// A name that `source` would look for on PATH, as a path.
fn from_here(file: &OsStr) -> String {
    let text = file.to_string_lossy();
    if file.as_bytes().contains(&b'/') { text.into_owned() } else { format!("./{text}") }
}

/// Without the words that say which init file is read; bash takes them among its long options,
/// which come first.
fn without_init_file(argv: &[OsString]) -> Vec<OsString> {
    let mut kept: Vec<OsString> = argv.first().cloned().into_iter().collect();
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        let name = bytes.strip_prefix(b"-").map(|one| one.strip_prefix(b"-").unwrap_or(one));
        match name {
            Some(b"rcfile" | b"init-file") => {
                words.next();
            }
            Some(_) if bytes != b"-" && bytes != b"--" => kept.push(word.clone()),
            _ => {
                kept.push(word.clone());
                break;
            }
        }
    }
    kept.extend(words.cloned());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_init_files_are_taken_out() {
        let take = |line: &[&str]| {
            let argv: Vec<OsString> = line.iter().map(OsString::from).collect();
            let kept = without_init_file(&argv);
            kept.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(take(&["bash", "--init-file", "f", "-i"]), "bash -i");
        assert_eq!(take(&["bash", "--posix", "-rcfile", "f"]), "bash --posix");
        assert_eq!(take(&["bash", "-i", "--", "--norc"]), "bash -i -- --norc");
        assert_eq!(take(&["bash"]), "bash");
    }

    #[test]
    fn a_file_in_this_directory_is_not_looked_for_on_path() {
        assert_eq!(from_here(OsStr::new("f")), "./f");
        assert_eq!(from_here(OsStr::new("a/f")), "a/f");
    }
}
