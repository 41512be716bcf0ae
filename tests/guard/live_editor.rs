//! Live shells that an editor integrates with its terminal.

use crate::live::{BASHRC, ZSHRC, agents, zsh_as};
use crate::support::{REFUSED, World};
use crate::typist::Typist;

/// An editor's shell integration, as far as it matters: marks around prompt, command and output.
const INTEGRATION: &str = r#"
[ ! -r ~/.bashrc ] || . ~/.bashrc
it_runs=1
it_prompt() { local status=$?; if [ $it_runs = 1 ]; then printf '\e]633;D;%s\a' $status; fi; it_runs=0; }
it_executes() {
	if [ $it_runs = 0 ] && [[ $BASH_COMMAND != it_* ]]; then
		it_runs=1
		local line=$BASH_COMMAND
		[[ $HISTCONTROL == *ignore* ]] || line=$(HISTTIMEFORMAT= builtin history 1 | sed 's/ *[0-9]* *//')
		printf '\e]633;E;%s\a\e]633;C\a' "$line"
	fi
}
PS1='\[\e]633;A\a\]'$PS1'\[\e]633;B\a\]'
PROMPT_COMMAND=it_prompt
trap 'it_executes "$_"' DEBUG
"#;

#[test]
fn an_editor_that_integrates_its_shell_sees_a_refused_line_end() {
    // Where the history may leave a line out, such an editor asks a DEBUG trap for it.
    for control in ["", "HISTCONTROL=ignoreboth\n"] {
        sees_a_refused_line_end(control);
    }
}

fn sees_a_refused_line_end(control: &str) {
    let world = World::new();
    world.file("home/.bashrc", format!("{BASHRC}{control}"));
    let file = world.file("work/integration.sh", INTEGRATION);
    let run = world.guard("bash").args(["--init-file".as_ref(), file.as_os_str()]);
    let mut shell = Typist::start(run.env("TERM_PROGRAM", "vscode"), "");
    shell.wait("\x1b]633;B\x07");
    shell.keys("echo on''e\r");
    shell.wait("\x1b]633;E;echo on''e\x07\x1b]633;C\x07one\r\n\x1b]633;D;0\x07");
    shell.wait("\x1b]633;B\x07");
    shell.keys(REFUSED).keys("\r");
    shell.wait(&format!("\x1b]633;E;{REFUSED}\x07\x1b]633;C\x07guard: refused: "));
    let shown = shell.wait("\x1b]633;D;126\x07");
    assert!(!shown.contains("633;A"), "{shown:?}");
    shell.wait("\x1b]633;B\x07");
    shell.keys("false\r").wait("\x1b]633;D;1\x07");
    assert_eq!(world.calls(), "");
}

#[test]
fn an_editors_startup_directory_of_zsh_is_respected() {
    let world = World::new();
    world.file("home/.zshrc", format!("{ZSHRC}: ${{seen::=$seen-rc}}\n"));
    world.file("home/.zshenv", "seen=env\n");
    let chain = |name: &str| {
        format!(
            "[[ ! -f $USER_ZDOTDIR/{name} ]] || {{ ZDOTDIR=$USER_ZDOTDIR; . $ZDOTDIR/{name}; ZDOTDIR=$mine }}\n"
        )
    };
    world.file("editor/.zshenv", format!("mine=$ZDOTDIR\n{}", chain(".zshenv")));
    // VS Code's own takes a command without a text for none, and then tells no status.
    let marks = "precmd() { print -n \"\\e]633;D;${told:+$?}\\a\" }\n\
        preexec() { told=$1; print -n \"\\e]633;E;$1\\a\\e]633;C\\a\" }\n\
        preexec_functions+=(also)\nalso() { print -n \"\\e]633;also;$1;$?\\a\" }\nZDOTDIR=$USER_ZDOTDIR\n";
    world.file("editor/.zshrc", chain(".zshrc") + marks);
    let run = world.guard("zsh").args(["-i"]);
    let run = run.env("ZDOTDIR", world.path("editor")).env("USER_ZDOTDIR", world.path("home"));
    let mut shell = zsh_as(run);
    let shown = shell.line("print $seen ${ZDOTDIR:t} ${#__guard_dir}", 0);
    assert!(shown.contains("env-rc home "), "{shown}");
    for line in [REFUSED, "echo on''e", REFUSED] {
        let refused = line == REFUSED;
        let (before, says, status) = if refused { (0, "guard: refused: ", 126) } else { (126, "one\r\n", 0) };
        shell.keys(line).keys("\r").wait(&format!("\x1b]633;E;{line}\x07\x1b]633;C\x07"));
        shell.wait(&format!("\x1b]633;also;{line};{before}\x07{says}"));
        shell.wait(&format!("\x1b]633;D;{status}\x07"));
        shell.wait("> ");
    }
    assert_eq!(world.calls(), "");
}

#[test]
fn hooks_are_told_of_a_callers_block_as_it_was_typed() {
    let block = format!("{{ echo BE''GIN; {REFUSED}; echo DO''NE$?; }}");
    let world = World::new();
    let own = "PS0='[zero $(HISTTIMEFORMAT= history 1)]\n'\ntrap 'printf \"[debug %s]\\n\" \"$BASH_COMMAND\"' DEBUG\n";
    world.file("home/.bashrc", format!("{BASHRC}{own}"));
    let mut shell = Typist::start(agents(world.guard("bash")), "\x1b[?2004h");
    shell.prompt(0);
    let shown = shell.line(&block, 0);
    for part in [&format!("{block}]\n"), &format!("\n[debug {REFUSED}]\nguard: refused: "), "\nDONE126\n"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // What of the history was left out for it is not left out for long.
    let shown = shell.line("echo ${HISTIGNORE-none}; fc -ln -2", 0);
    assert!(shown.contains("\nnone\n") && shown.contains(&format!(" {block}\n")), "{shown}");
    assert!(!shown.contains("guard-refused"), "{shown}");

    let world = World::new();
    let own = "preexec() { print -r -- \"[$1][$3]\" }\nHISTSIZE=9\n";
    world.file("home/.zshrc", format!("{ZSHRC}{own}"));
    let mut shell = zsh_as(world.guard("zsh"));
    let shown = shell.line(&block, 0);
    assert!(shown.contains(&format!("\n[{block}][{block}]\n")) && shown.contains("\nDONE126\n"), "{shown}");
    shell.begin("false && {");
    let shown = shell.line(&format!("{REFUSED}; }}"), 1);
    assert!(shown.contains(&format!("\n[false && {{\n{REFUSED}; }}][")), "{shown}");
    let shown = shell.line("fc -ln -2", 0);
    let kept = format!("\n{block}\nfalse && {{\\n{REFUSED}; }}\n");
    assert!(shown.contains(&kept) && !shown.contains("guard-refused"), "{shown}");
    assert_eq!(world.calls(), "");
}
