//! Which agent is calling, or in whose terminal, by the environment it sets: a label for messages
//! and records, not a proof.

use std::fs;
use std::time::Duration;

use crate::sys::ancestry::{self, Cut};
use crate::sys::process;

/// What of the environment gives an agent away.
enum Sign {
    /// One of these variables is set to anything but nothing.
    Set(&'static [&'static str]),
    /// The variable has this value.
    Is(&'static str, &'static str),
}

use Sign::{Is, Set};

/// One row an agent, first match wins: an agent that also sets another's variables (for
/// compatibility) stands before that other.
const AGENTS: &[(&str, Sign)] = &[
    ("cursor", Is("CURSOR_EXTENSION_HOST_ROLE", "agent-exec")),
    ("amp", Set(&["AMP_CURRENT_THREAD_ID"])),
    ("claude", Set(&["CLAUDECODE"])),
    ("cursor", Set(&["CURSOR_AGENT", "CURSOR_SANDBOX"])),
    ("qwen", Set(&["QWEN_CODE"])),
    ("gemini", Set(&["GEMINI_CLI"])),
    ("codex", Set(&["CODEX_THREAD_ID", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_CI"])),
    ("antigravity", Set(&["ANTIGRAVITY_AGENT"])),
    ("augment", Set(&["AUGMENT_AGENT"])),
    ("cline", Set(&["CLINE_ACTIVE"])),
    ("roo", Set(&["ROO_CODE_TASK_ID"])),
    ("crush", Set(&["CRUSH"])),
    ("grok", Set(&["GROK_AGENT"])),
    ("warp", Set(&["OZ_RUN_ID"])),
    ("pi", Set(&["PI_CODING_AGENT"])),
    ("kiro", Set(&["KIRO_AGENT_PATH"])),
    ("opencode", Set(&["OPENCODE", "OPENCODE_PID", "OPENCODE_SESSION_ID"])),
    ("trae", Set(&["TRAE_AI_SHELL_ID"])),
    ("goose", Set(&["GOOSE_TERMINAL"])),
    ("replit", Set(&["REPL_ID"])),
    ("copilot", Set(&["COPILOT_CLI", "COPILOT_AGENT", "COPILOT_AGENT_SESSION_ID"])),
];

/// Editors whose terminals their agents type into, and other terminals of that kind.
const EDITORS: &[(&str, Sign)] = &[
    ("Cursor", Set(&["CURSOR_TRACE_ID", "CURSOR_CLI"])),
    ("Windsurf", Set(&["WINDSURF_CASCADE_TERMINAL", "WINDSURF_CASCADE_TERMINAL_KIND"])),
    ("Windsurf", Is("TERM_PROGRAM", "windsurf")),
    ("VS Code", Is("TERM_PROGRAM", "vscode")),
    (
        "VS Code",
        Set(&[
            "VSCODE_INJECTION",
            "VSCODE_SHELL_INTEGRATION",
            "VSCODE_NONCE",
            "VSCODE_IPC_HOOK",
            "VSCODE_IPC_HOOK_CLI",
            "VSCODE_GIT_IPC_HANDLE",
            "VSCODE_PID",
            "VSCODE_CWD",
            "VSCODE_PROFILE_INITIALIZED",
        ]),
    ),
    ("Zed", Set(&["ZED_TERM"])),
    ("Zed", Is("TERM_PROGRAM", "zed")),
    ("JetBrains", Is("TERMINAL_EMULATOR", "JetBrains-JediTerm")),
    ("JetBrains", Set(&["__INTELLIJ_COMMAND_HISTFILE__"])),
    ("Kiro", Is("TERM_PROGRAM", "kiro")),
    ("Warp", Is("TERM_PROGRAM", "WarpTerminal")),
];

/// Terminals into which any program of the user can type.
const SHARED: &[(&str, Sign)] = &[
    ("tmux", Set(&["TMUX"])),
    ("screen", Set(&["STY"])),
    ("zellij", Set(&["ZELLIJ"])),
    ("kitty", Set(&["KITTY_LISTEN_ON"])),
    ("WezTerm", Set(&["WEZTERM_UNIX_SOCKET"])),
];

/// What the programs are called that hold such terminals.
const HOLDERS: &[&str] = &["tmux: server", "screen", "SCREEN", "zellij"];

/// Whether this runs in a terminal into which any program of the user can type, by the environment, by those of the
/// processes above, or by what these are.
pub fn is_shared(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let shared: fn(&Variables<'_>) -> Option<&'static str> = |env| first(SHARED, env);
    let above = ancestry::line(process::parent_id());
    let holds = |stat: &ancestry::Stat| HOLDERS.contains(&stat.name.as_str());
    shared(env).is_some()
        || above.all.iter().any(|(_, stat)| holds(stat))
        || told_by(&above, shared).is_some()
}

/// The editor in whose terminal this runs, as far as `env` tells.
pub fn editor(env: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    first(EDITORS, env)
}

/// Whether this runs in an automatic build, where nobody is at a terminal.
pub fn is_unattended(env: &dyn Fn(&str) -> Option<String>) -> bool {
    ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "JENKINS_URL", "TF_BUILD", "TEAMCITY_VERSION"]
        .iter()
        .filter_map(|name| env(name))
        .any(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// Variables in which agents name themselves; they count before all others, where they name an
/// agent of the table.
const NAMING: &[&str] = &["AGENT", "AI_AGENT"];

/// The agent that calls, as far as `env` tells.
pub fn agent(env: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    let value = |name: &str| env(name).filter(|value| !value.is_empty());
    NAMING.iter().find_map(|name| named(&value(name)?)).or_else(|| first(AGENTS, env))
}

/// The agent that started one of the processes above this one, as far as their environments tell:
/// a command may hide its own.
pub fn agent_above() -> Option<&'static str> {
    let above = ancestry::line(process::parent_id());
    if above.cut == Some(Cut::Deep) {
        return Some("that stands too deep");
    }
    told_by(&above, agent)
}

/// The editor in whose terminal one of the processes above this one runs, by the same means.
pub fn editor_above() -> Option<&'static str> {
    told_by(&ancestry::line(process::parent_id()), editor)
}

/// An environment.
type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the environment of the nearest process that has it tells.
fn told_by(above: &ancestry::Line, find: fn(&Variables<'_>) -> Option<&'static str>) -> Option<&'static str> {
    above.all.iter().find_map(|(process, _)| {
        // Another user's cannot be read, and none of them is the user's agent.
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let value = |name: &str| {
            let of = |entry: &[u8]| {
                let value = entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
                Some(String::from_utf8_lossy(value).into_owned())
            };
            environment.split(|byte| *byte == 0).find_map(of)
        };
        find(&value)
    })
}

/// How long an agent's commands may wait for a human before it gives them up: within its own usual
/// limit, where that is known.
pub fn patience(agent: &str) -> Option<Duration> {
    let seconds = match agent {
        // 10 s for a command.
        "codex" => 8,
        // 120 s.
        "claude" | "opencode" => 100,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// The first row of a table that fits.
fn first(table: &[(&'static str, Sign)], env: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    let value = |name: &str| env(name).filter(|value| !value.is_empty());
    let row = table.iter().find(|(_, sign)| match sign {
        Set(names) => names.iter().any(|name| value(name).is_some()),
        Is(name, wanted) => value(name).is_some_and(|value| value == *wanted),
    });
    row.map(|(name, _)| *name)
}

/// The agent of the table that a self-given name means: `goose`, `Claude Code`, `codex-cli`.
fn named(name: &str) -> Option<&'static str> {
    let word = name.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty())?;
    AGENTS.iter().map(|(agent, _)| *agent).find(|agent| agent.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_fits_counts() {
        type Case = (&'static [(&'static str, &'static str)], Option<&'static str>);
        let cases: &[Case] = &[
            (&[], None),
            (&[("CLAUDECODE", "1")], Some("claude")),
            (&[("CLAUDECODE", "")], None),
            (&[("CLAUDECODE", "1"), ("AMP_CURRENT_THREAD_ID", "T-1")], Some("amp")),
            (&[("GEMINI_CLI", "1"), ("QWEN_CODE", "1")], Some("qwen")),
            (&[("CODEX_SANDBOX_NETWORK_DISABLED", "1")], Some("codex")),
            (&[("CURSOR_EXTENSION_HOST_ROLE", "agent-exec"), ("CLAUDECODE", "1")], Some("cursor")),
            (&[("CURSOR_EXTENSION_HOST_ROLE", "user")], None),
            (&[("CURSOR_TRACE_ID", "x")], None),
            (&[("AGENT", "goose"), ("CLAUDECODE", "1")], Some("goose")),
            (&[("AI_AGENT", "Claude Code")], Some("claude")),
            (&[("AGENT", "smith"), ("CRUSH", "1")], Some("crush")),
        ];
        for (variables, wanted) in cases {
            assert_eq!(agent(&environment(variables)), *wanted, "{variables:?}");
        }
    }

    fn environment(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn terminals_of_editors_and_builds_are_known() {
        let shows = |variables| editor(&environment(variables));
        assert_eq!(shows(&[("TERM_PROGRAM", "vscode")]), Some("VS Code"));
        assert_eq!(shows(&[("TERM_PROGRAM", "vscode"), ("CURSOR_TRACE_ID", "x")]), Some("Cursor"));
        assert_eq!(shows(&[("TERMINAL_EMULATOR", "JetBrains-JediTerm")]), Some("JetBrains"));
        assert_eq!(shows(&[("ZED_TERM", "true")]), Some("Zed"));
        assert_eq!(shows(&[("TERM_PROGRAM", "tmux"), ("VTE_VERSION", "7600")]), None);
        assert!(is_unattended(&environment(&[("CI", "true")])));
        assert!(!is_unattended(&environment(&[("CI", "false")])));
    }
}
