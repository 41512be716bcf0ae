//! guard called by its own name: its subcommands, and the prefix `guard -- COMMAND`.

mod allow;
mod args;
mod check;
mod config;
mod doctor;
mod edit;
mod explain;
mod freeze;
pub mod human;
mod log;
pub mod look;
pub mod off;
mod output;
mod prefix;
pub mod render;
mod rules;
mod shims;
mod status;
mod trust;
mod watch;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use clap::error::ErrorKind as ClapError;

use crate::actions;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::model::plain;
use crate::shell::{self, Identity};

/// What the words after `guard` mean, where it is not called as a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A subcommand.
    Subcommand,
    /// `guard -- COMMAND`
    Prefix,
}

/// Whether a call is for guard itself. Under a shell's name, and after any flag of a shell, the
/// shell's own grammar holds.
pub fn addressed(argv: &[OsString]) -> Option<Call> {
    let name = argv.first()?;
    if Identity::called(name) != Identity::Guard || name.as_bytes().starts_with(b"-") {
        return None;
    }
    let first = argv.get(1)?.as_bytes();
    if first == b"--" {
        return Some(Call::Prefix);
    }
    actions::SUBCOMMANDS.iter().any(|word| word.as_bytes() == first).then_some(Call::Subcommand)
}

impl Call {
    /// Carries it out; the number to end with.
    pub fn run(self, argv: &[OsString]) -> i32 {
        match self {
            Call::Prefix => prefix::run(argv.get(2..).unwrap_or_default()),
            Call::Subcommand => match subcommand(argv) {
                Ok(exit) => exit.code(),
                Err(error) => shell::report(&error),
            },
        }
    }
}

fn subcommand(argv: &[OsString]) -> Result<Exit, Error> {
    use args::Subcommand;
    let args = match args::parse(argv) {
        Ok(args) => args,
        Err(error) => {
            if let Some(line) = in_several_words(&error, argv) {
                let name = argv[1].to_string_lossy();
                let hint = format!("type `guard {name} {}`", plain(&line));
                return Err(usage(format!("`guard {name}` takes the command line as one word")).hint(hint));
            }
            // Help and version are no errors, and go to stdout; clap knows which is which.
            let _ = error.print();
            return Ok(if error.use_stderr() { Exit::Usage } else { Exit::Success });
        }
    };
    match args.subcommand {
        Subcommand::Allow(args) => allow::allow(&args),
        Subcommand::Approve(args) => human::approve(&args),
        Subcommand::Check(args) => check::run(&args),
        Subcommand::Explain(args) => explain::run(&args),
        Subcommand::Config(args) => config::run(&args),
        Subcommand::Doctor(args) => doctor::run(&args),
        Subcommand::Exceptions(args) => allow::exceptions(&args),
        Subcommand::Freeze(args) => freeze::freeze(&args),
        Subcommand::Log(args) => log::run(&args),
        Subcommand::Off(args) => off::off(&args),
        Subcommand::On => off::on(),
        Subcommand::Pending(args) => human::pending(&args),
        Subcommand::Refuse(args) => human::refuse(&args),
        Subcommand::Rules(args) => rules::run(&args),
        Subcommand::Setup(args) => human::setup(&args),
        Subcommand::Shims(args) => shims::run(&args),
        Subcommand::Status(args) => status::run(&args),
        Subcommand::Thaw(args) => freeze::thaw(&args),
        Subcommand::Trust(args) => trust::run(&args),
        Subcommand::Watch(args) => watch::run(&args),
        Subcommand::Version => output::line(&format!("guard {}", env!("CARGO_PKG_VERSION"))),
    }
}

/// The word to type where a command line was given to `check` or `explain` in several.
fn in_several_words(error: &clap::Error, argv: &[OsString]) -> Option<String> {
    let [_, name, words @ ..] = argv else { return None };
    let own = |word: &OsString| word.as_bytes().starts_with(b"-");
    let takes_one = name == "check" || name == "explain";
    if !takes_one || words.len() < 2 || own(&words[0]) {
        return None;
    }
    match error.kind() {
        ClapError::UnknownArgument => {}
        // `guard check rm -f x`: a flag of guard's is spelled the same.
        ClapError::ArgumentConflict if words.iter().any(|word| word.as_bytes().starts_with(b"-f")) => {}
        _ => return None,
    }
    let word = |word: &OsString| {
        let text = word.to_string_lossy();
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
        if !text.is_empty() && text.chars().all(safe) { text.into_owned() } else { shell::quote(&text) }
    };
    Some(shell::quote(&words.iter().map(word).collect::<Vec<_>>().join(" ")))
}

/// The grammar of the subcommands, for what is generated from it.
pub fn command() -> clap::Command {
    <args::Args as clap::CommandFactory>::command()
}

/// The words after `guard` make no sense.
fn usage(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_guard_by_its_own_name_has_subcommands() {
        for (line, wanted) in [
            ("guard check x", Some(Call::Subcommand)),
            ("/usr/bin/guard --version", Some(Call::Subcommand)),
            ("guard -- ls", Some(Call::Prefix)),
            ("guard ./check", None),
            ("guard script", None),
            ("guard -c check", None),
            ("guard -e check", None),
            ("guard", None),
            ("-guard check", None),
            ("bash check", None),
            ("bash -- check", None),
            ("sh --version", None),
        ] {
            let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(addressed(&argv), wanted, "{line}");
        }
    }

    #[test]
    fn the_table_of_subcommands_is_claps() {
        let mut own: Vec<String> = args::names();
        own.extend(["help", "--help", "--version", "-V"].map(String::from));
        own.sort();
        let mut table = actions::SUBCOMMANDS.to_vec();
        table.sort_unstable();
        assert_eq!(own, table);
    }
}
