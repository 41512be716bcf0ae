//! Lines at a live zsh, whose options and hooks change much.

use crate::live::{REASON, zsh_with};
use crate::support::{REFUSED, World};

#[test]
fn a_trace_of_zsh_shows_nothing_of_the_check() {
    let world = World::new();
    let mut shell = zsh_with(&world, "PS4='+'");
    shell.line("set -x", 0);
    for (line, status) in
        [("echo o''ne", 0), ("(exit 3)", 3), (REFUSED, 126), ("echo st$?", 0), ("set +x", 0)]
    {
        let shown = shell.line(line, status);
        assert!(!shown.contains("__guard"), "{line}: {shown}");
        assert_eq!(shown.contains(REASON), status == 126, "{line}: {shown}");
    }
    assert!(!shell.line("echo tw''o", 0).contains('+'));
    assert_eq!(world.calls(), "");
}

#[test]
fn neither_options_nor_global_aliases_of_zsh_hide_a_line() {
    let world = World::new();
    let mut shell = zsh_with(&world, "alias -g GONE='volume delete'");
    assert!(shell.line("railway GONE -v a", 126).contains(REASON));
    assert!(shell.line("echo on''e GONE", 0).contains("\none volume delete\n"));
    shell.line("unalias GONE; setopt ksh_arrays sh_word_split no_unset", 0);
    assert_eq!(shell.line("true", 0).matches('\n').count(), 1);
    assert!(shell.line(REFUSED, 126).contains(REASON));
    shell.line("emulate sh", 0);
    assert!(shell.line(REFUSED, 126).contains(REASON));
    assert_eq!(world.calls(), "");
}

#[test]
fn a_debug_trap_of_zsh_that_prints_stops_no_line() {
    let world = World::new();
    let mut shell = zsh_with(&world, "");
    for trap in ["trap 'print -n D' DEBUG", "TRAPDEBUG() { print -n D; }"] {
        shell.line(trap, 0);
        let shown = shell.line("echo o''ne", 0);
        assert!(shown.contains("one\n") && shown.contains('D'), "{trap}: {shown}");
        // It is the user's again behind the check.
        assert!(shell.line(REFUSED, 126).contains(REASON), "{trap}");
        let shown = shell.line("echo tw''o", 0);
        assert!(shown.contains("two\n") && shown.contains('D'), "{trap}: {shown}");
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn a_nul_in_the_state_or_in_a_line_of_zsh_does_not_end_what_is_judged() {
    let world = World::new();
    let mut shell = zsh_with(&world, "x=$'a\\0b'");
    // The value of IFS has one.
    assert!(shell.line("IFS=${IFS}; print -r -- ${(q)IFS} ${#x}", 0).contains(" 3\n"));
    assert!(shell.line(REFUSED, 126).contains(REASON));
    // What would read as the end of a harmless line.
    let line = format!("\x1b[200~true \00\0\0\0end\0; {REFUSED}\x1b[201~");
    assert!(shell.line(&line, 126).contains("guard: refused: it has a NUL"));
    assert!(shell.line("echo on''e", 0).contains("\none\n"));
    assert_eq!(world.calls(), "");
}

#[test]
fn names_like_guards_own_hide_nothing() {
    let world = World::new();
    let mut shell = zsh_with(&world, "");
    shell.line("__guard_mine() { railway volume delete -v pg-data -y }; __guard_tool=railway", 0);
    assert!(shell.line("__guard_mine", 126).contains(REASON));
    assert!(shell.line("$__guard_tool volume delete -v pg-data -y", 126).contains("guard: refused: "));
    assert_eq!(world.calls(), "");
}
