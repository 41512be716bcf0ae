//! Which agent is calling, by the environment it sets: a label for messages and records, not a
//! proof.

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

/// Variables in which agents name themselves; they count before all others, where they name an
/// agent of the table.
const NAMING: &[&str] = &["AGENT", "AI_AGENT"];

/// The agent that calls, as far as `env` tells.
pub fn agent(env: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    let value = |name: &str| env(name).filter(|value| !value.is_empty());
    NAMING.iter().find_map(|name| named(&value(name)?)).or_else(|| {
        AGENTS.iter().find_map(|(agent, sign)| {
            let shows = match sign {
                Set(names) => names.iter().any(|name| value(name).is_some()),
                Is(name, wanted) => value(name).is_some_and(|value| value == *wanted),
            };
            shows.then_some(*agent)
        })
    })
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
            let env = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(agent(&env), *wanted, "{variables:?}");
        }
    }
}
