//! The grammar of guard's subcommands; their help is written here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

/// The shell that AI coding agents get: judges every command line before it runs.
#[derive(Debug, Parser)]
#[command(
    name = "guard",
    version,
    disable_help_subcommand = false,
    after_help = "As a shell:  guard -c COMMAND, guard SCRIPT, or by a link named bash, zsh or sh.\n\
                  As a prefix: guard -- COMMAND [ARGUMENT]…; one argument alone is shell text.\n\
                  \n\
                  Exit codes: 126 refused, 127 not found, 125 guard itself failed; else the command's own."
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub subcommand: Subcommand,
}

/// A subcommand.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Except something from a rule for a while; a human alone can, at a terminal, with their passphrase
    ///
    /// What the rule holds runs then without a question, in a directory and below it, and is on record. What reaches out of that
    /// directory is held as before, and so is what another rule holds; what is refused stays refused. Shows what is
    /// excepted, and asks for the rule's name and for the passphrase of `guard setup`. `guard exceptions` lists what holds.
    Allow(AllowArgs),
    /// Say yes to a ticket; a human alone can, at a terminal, with their passphrase
    ///
    /// Shows what would run and what it would destroy, and asks for the name of that and for the passphrase of `guard
    /// setup`. What was held then runs once when it is tried again within 15 minutes (`[approve] ttl`), where nothing of it
    /// has changed: the command, the directory, the files that it reads, what it would destroy.
    Approve(ApproveArgs),
    /// Judge a command line or scripts, and run nothing
    ///
    /// Exit code 0: it would run; 10: it would be held until a human says yes; 11: it would be refused. Of several
    /// scripts the strictest counts; 125 where one cannot be read.
    Check(CheckArgs),
    /// Show what a command line would do, and how it is judged; run nothing
    ///
    /// Prints the verdict, the actions that the command line comes to, the rules that nearly match and the condition
    /// that each of them misses, and what was looked at. Exit codes as those of `guard check`.
    Explain(ExplainArgs),
    /// Show the configuration
    Config(ConfigArgs),
    /// Tell which layers of protection are on here, what that leaves open, and what to do
    ///
    /// One row a layer: `ok`, `open` (it is not on, or not for all) or `broken` (it should protect, and does not). Tries what it tells
    /// where that changes nothing, as the caller that it has: an agent's answers may differ from yours.
    /// Exit code 1 where a row is broken.
    Doctor(DoctorArgs),
    /// List what a human excepted from rules, or end an exception; anyone can
    Exceptions(ExceptionsArgs),
    /// Freeze deployments, databases, infrastructure or shared repositories; a human alone can, at a terminal
    ///
    /// Until it ends, everything of that scope that changes something is refused, for every shell and agent of yours,
    /// with the reason and the end: also what is not destructive, as `terraform apply`, `npm run deploy` or
    /// `git push`. Reading, dry runs and local work go on. Several freezes can be on at once; `guard status` shows them. A
    /// `[[freeze]]` in guard.toml freezes on certain days and hours.
    ///
    /// Asks for the word FREEZE, as `guard off` asks for OFF. A freeze outlasts a restart of the machine, and setting the
    /// clock does not end it.
    Freeze(FreezeArgs),
    /// Show or verify the log of what ran and what was refused
    Log(LogArgs),
    /// Turn guard off for a while; a human alone can, at a terminal
    ///
    /// What would be held runs then without a question, for every shell and agent of yours, and is recorded as such
    /// (`guard log --would-hold`). What is denied stays refused, and so do changes of guard's own files. An interactive
    /// bash or zsh whose lines are judged says in front of each prompt that guard is off, a command at a terminal what
    /// runs because of it.
    ///
    /// Asks for the word OFF where guard is called in the foreground of a terminal that is no agent's, and no agent
    /// started what calls it, and in an editor's for the passphrase of `guard setup`, too; elsewhere it is refused. It
    /// ends with its time, when the machine is started anew, or with `guard on`; setting the clock back does not prolong
    /// it.
    Off(OffArgs),
    /// Turn guard on again; anyone can
    On,
    /// List the tickets that are open
    Pending(PendingArgs),
    /// Say no to a ticket; a human alone can, at a terminal
    ///
    /// The same on the same thing is refused in that session from then on, in whatever words, without a question.
    Refuse(RefuseArgs),
    /// List, explain or test rules
    Rules(RulesArgs),
    /// Make the key that your yes is signed with; a human alone can, at a terminal
    ///
    /// Asks for a passphrase, which no agent may know. With a key, what is held can be approved from elsewhere: an agent's
    /// command waits for `guard watch`, or is refused with a ticket for `guard approve`.
    Setup(SetupArgs),
    /// Make links named like shells, and print what makes them an editor's, an agent's or your shell
    Shims(ShimsArgs),
    /// Show which shell, rules and log are in use
    Status(StatusArgs),
    /// End what `guard freeze` began; a human alone can, at a terminal
    ///
    /// Asks for the word THAW. What a `[[freeze]]` in guard.toml says ends by its time, or where it is written.
    Thaw(ThawArgs),
    /// Trust a project's rule files as they are; a human alone can, at a terminal, with their passphrase
    ///
    /// A project's `.guard/guard.toml` and `.guard/rules.d` can only tighten what holds, since anybody who writes to its
    /// repository may have written them. Shows what they say and which rules they change, and asks for the word TRUST and
    /// for the passphrase of `guard setup`: then they count as your own settings do, after these, until one of them changes.
    Trust(TrustArgs),
    /// Print the version
    Version,
    /// Show what waits for your decision, in all sessions, and take it; a human alone can, at a terminal
    ///
    /// Fills the terminal. Above stands what waits and which tickets are open, below it the chosen one: the command with its
    /// dangerous part marked, what it would destroy, why it is held, safer ways, who asks; then what ran with a warning, was
    /// approved or refused. `a` lets it run once, `s` also the same on the same thing in its session, `e` for
    /// 8 hours in every session, `r` refuses it, `m` with words that the agent gets to read; `u` unlocks and `l` locks. With your passphrase, which is asked for at the start, it can say yes; without it only no.
    ///
    /// With `--plain`, or where GUARD_PLAIN is set or TERM is dumb, it prints what comes line by line, for a screen reader or a
    /// simple terminal, and takes lines for answers: `approve 7F3K`, `refuse 7F3K use the staging database`,
    /// `session 7F3K`, `except 7F3K`, `help`.
    ///
    /// Where nobody watches, nothing waits: what is held is refused with a ticket at once.
    Watch(WatchArgs),
}

/// `guard watch`
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    /// Print line by line, in plain sentences, instead of filling the screen
    #[arg(long)]
    pub plain: bool,
}

/// `guard check`
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = false)]
pub struct CheckArgs {
    /// The command line, as one word
    #[arg(required_unless_present_any = ["jsonl", "script"], conflicts_with_all = ["jsonl", "script"])]
    pub command: Option<OsString>,
    /// Judge script files, each as its first line says; with --json one verdict a line
    #[arg(long, short = 'f', value_name = "FILE", num_args = 1.., conflicts_with = "jsonl")]
    pub script: Vec<PathBuf>,
    /// Print the verdict as JSON
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// Read one `{"id","cmd","cwd"?,"env"?}` a line from standard input, and print one verdict a line;
    /// the exit code is 0 whatever they are. Without `cwd` nobody says where the line runs, and nothing of
    /// the current directory counts: a repository, a database, a credential, and what is deleted with all
    /// below it or destroyed for good, count as there
    #[arg(long)]
    pub jsonl: bool,
}

/// `guard explain`
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The command line, as one word
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub command: Option<OsString>,
    /// Explain a script file
    #[arg(long, short = 'f', value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// `guard config`
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// Print a guard.toml that says what holds without one
    #[arg(long)]
    pub default: bool,
    /// What to show.
    #[command(subcommand)]
    pub what: Option<ConfigWhat>,
}

/// What of the configuration.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum ConfigWhat {
    /// Print the settings of each file that is read
    Show,
    /// Print the places where files are looked for
    Path,
    /// Change a guard.toml in your editor; it is saved only where guard can read it
    Edit(EditArgs),
}

/// `guard config edit`
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct EditArgs {
    /// The machine's, /etc/guard/guard.toml
    #[arg(long)]
    pub system: bool,
    /// The project's, .guard/guard.toml
    #[arg(long, conflicts_with = "system")]
    pub project: bool,
}

/// `guard doctor`
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `guard log`
#[derive(Debug, clap::Args)]
pub struct LogArgs {
    /// Print the records as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Go on printing what comes
    #[arg(long, short = 'f')]
    pub follow: bool,
    /// Only what ran because guard observed or was off, and would have been held or refused
    #[arg(long)]
    pub would_hold: bool,
    /// Only the last N records
    #[arg(short = 'n', value_name = "N")]
    pub last: Option<usize>,
    /// Something else to do with it.
    #[command(subcommand)]
    pub what: Option<LogWhat>,
}

/// What else to do with the log.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum LogWhat {
    /// Tell whether the log is whole
    ///
    /// Finds a line that was changed, added, moved or taken out, and an end that was cut off. Does not find a log
    /// that was put back to an earlier state together with its head file, or written anew from the start.
    Verify,
}

/// `guard off`
#[derive(Debug, clap::Args)]
pub struct OffArgs {
    /// For how long, at most 8 hours: `10m`, `1h 30m`
    #[arg(long = "for", value_name = "TIME")]
    pub length: String,
}

/// What can be frozen.
const SCOPES: [&str; 5] = ["all", "deploy", "database", "infrastructure", "git-remote"];

/// `guard freeze`
#[derive(Debug, clap::Args)]
pub struct FreezeArgs {
    /// When it ends: `2h`, `18:00`, `2026-12-01`, `2026-12-01 08:00`; without it, when it is thawed
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// What is frozen
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', value_parser = SCOPES, default_value = "all")]
    pub scope: Vec<String>,
    /// Why, for those who are refused
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `guard thaw`
#[derive(Debug, clap::Args)]
pub struct ThawArgs {
    /// What is thawed
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', value_parser = SCOPES, default_value = "all")]
    pub scope: Vec<String>,
}

/// `guard allow`
#[derive(Debug, clap::Args)]
pub struct AllowArgs {
    /// The rule: `git.push-force`
    pub rule: String,
    /// Where: this directory and all below it; `/` for everywhere; without it, the current one
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,
    /// Only where just this would be hit, as `guard check` names it: `main`
    #[arg(long, value_name = "RESOURCE")]
    pub on: Option<String>,
    /// When it ends, at most 90 days from now: `2h`, `18:00`, `2026-12-01`
    #[arg(long, value_name = "TIME", default_value = "8h")]
    pub until: String,
    /// Why, for the log and for who looks later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `guard trust`
#[derive(Debug, clap::Args)]
pub struct TrustArgs {
    /// A directory of the project; without it, the current one
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Trust it no more; anyone can
    #[arg(long)]
    pub end: bool,
}

/// `guard exceptions`
#[derive(Debug, clap::Args)]
pub struct ExceptionsArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Something else to do with them.
    #[command(subcommand)]
    pub what: Option<ExceptionsWhat>,
}

/// What else to do with exceptions.
#[derive(Debug, clap::Subcommand)]
pub enum ExceptionsWhat {
    /// End exceptions before their time
    End {
        /// As `guard exceptions` names them
        #[arg(required = true, value_name = "EXCEPTION")]
        names: Vec<String>,
    },
}

/// `guard approve`
#[derive(Debug, clap::Args)]
pub struct ApproveArgs {
    /// The ticket, as the refusal names it; without one, choose from a list
    pub ticket: Option<String>,
}

/// `guard refuse`
#[derive(Debug, clap::Args)]
pub struct RefuseArgs {
    /// The ticket; without one, choose from a list
    pub ticket: Option<String>,
    /// What the agent gets to read when it tries again: `use the staging database`
    #[arg(long, short = 'm', value_name = "TEXT")]
    pub message: Option<String>,
}

/// `guard pending`
#[derive(Debug, clap::Args)]
pub struct PendingArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `guard setup`
#[derive(Debug, clap::Args)]
pub struct SetupArgs {
    /// Make another key; the old one counts no more
    #[arg(long)]
    pub new: bool,
}

/// `guard rules`
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: RulesWhat,
}

/// What to do with rules.
#[derive(Debug, clap::Subcommand)]
pub enum RulesWhat {
    /// List the rules that are in force
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what a rule is about, why, and what to do instead
    Show {
        /// The rule: `git.push-force`
        id: String,
    },
    /// Hold rules against their own examples: the built-in packs and yours, or these files
    Test {
        /// Rule files
        files: Vec<PathBuf>,
    },
}

/// `guard shims`
#[derive(Debug, clap::Args)]
pub struct ShimsArgs {
    /// The folder for the links; a folder of guard's own where none is given
    pub directory: Option<PathBuf>,
}

/// `guard status`
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Reads the words after `guard`.
pub fn parse(argv: &[OsString]) -> Result<Args, clap::Error> {
    Args::try_parse_from(std::iter::once(OsString::from("guard")).chain(argv.iter().skip(1).cloned()))
}

/// The subcommands' names.
#[cfg(test)]
pub fn names() -> Vec<String> {
    use clap::CommandFactory;
    Args::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Args::command().debug_assert();
    }
}
