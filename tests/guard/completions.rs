//! The completions, put where README says, in the shells themselves.

use crate::support::{Run, World, real};
use crate::typist::Typist;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");

/// A shell without guard, in which guard can be called.
fn shell(world: &World, name: &str) -> Run {
    let path = format!("{}:{}", world.path("shims").display(), world.search_path());
    // Its own `bash` stands first there, and is not called.
    world.run(real(name)).env("PATH", path)
}

/// What is typed becomes a call with the rule's whole name.
fn completes(mut shell: Typist) {
    shell.prompt(0);
    shell.keys("guard rules show railway.volume-d\t").wait("railway.volume-delete");
    let shown = shell.keys("\r").prompt(0);
    assert!(shown.contains("deletes a volume and the backups stored in it"), "{shown}");
    shell.keys("guard sta\t").wait("status");
}

#[test]
fn bash_completes_rules_and_subcommands() {
    let world = World::new();
    world.file("home/.bashrc", format!("PS1='<$?> '\nHISTFILE=\n. {FILES}/guard.bash\n"));
    completes(Typist::start(shell(&world, "bash"), "\x1b[?2004h"));
}

#[test]
fn zsh_completes_rules_and_subcommands() {
    let world = World::new();
    let lines = "PROMPT='<%?> '\nunsetopt prompt_sp\nautoload -Uz compinit\n";
    world.file("home/.zshrc", format!("{lines}fpath=({FILES} $fpath)\ncompinit -u\n"));
    completes(Typist::start(shell(&world, "zsh"), "\x1b[J"));
}

#[test]
fn fish_completes_rules_and_subcommands() {
    let world = World::new();
    let file = std::fs::read(format!("{FILES}/guard.fish")).expect("a file");
    world.file("home/.config/fish/completions/guard.fish", file);
    for (line, wanted) in
        [("guard rules show railway.volume-d", "railway.volume-delete\n"), ("guard sta", "status\t")]
    {
        let args = ["-c", &format!("complete -C '{line}'")];
        let outcome = shell(&world, "fish").args(args).outcome();
        assert!(outcome.ended(0).stdout.starts_with(wanted), "{line}: {outcome:?}");
    }
}
