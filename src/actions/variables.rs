//! Variables whose value programs run: pagers, editors, remote shells, prompts, startup files.

use std::rc::Rc;

use crate::model::{Call, Exported, Match, Span, Text};
use crate::syntax::{Dialect, Scope};

use super::settle::Exec;
use super::walk::{Origin, Walk};
use super::wrappers::is_one_of;

/// What becomes of a variable's value.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// Some program hands it to a shell.
    Command,
    /// A shell expands it.
    Prompt,
    /// A shell reads the file.
    File,
    /// Node takes it for options of its own.
    Node,
    /// Python reads the file.
    Python,
    /// Ruby takes it for options of its own.
    Ruby,
    /// Perl does.
    Perl,
}

const USES: &[(Use, &str)] = &[
    (
        Use::Command,
        "PAGER GIT_PAGER MANPAGER SYSTEMD_PAGER PSQL_PAGER DELTA_PAGER BAT_PAGER EDITOR VISUAL FCEDIT \
       GIT_EDITOR GIT_SEQUENCE_EDITOR SUDO_EDITOR SYSTEMD_EDITOR KUBE_EDITOR PSQL_EDITOR HGEDITOR SVN_EDITOR \
       GIT_SSH_COMMAND GIT_SSH GIT_PROXY_COMMAND GIT_EXTERNAL_DIFF GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS \
       RSYNC_RSH CVS_RSH BROWSER LESSOPEN LESSCLOSE PROMPT_COMMAND CC CXX RUSTC RUSTC_WRAPPER \
       RUSTC_WORKSPACE_WRAPPER",
    ),
    (Use::Prompt, "PS0 PS1 PS2 PS3 PS4 PROMPT RPROMPT"),
    (Use::File, "BASH_ENV ENV"),
    (Use::Node, "NODE_OPTIONS"),
    (Use::Python, "PYTHONSTARTUP"),
    (Use::Ruby, "RUBYOPT"),
    (Use::Perl, "PERL5OPT"),
];

fn used(name: &str) -> Option<Use> {
    let cargo = name.starts_with("CARGO_TARGET_") && name.ends_with("_RUNNER");
    let known = || USES.iter().find(|(_, names)| is_one_of(name, names)).map(|(kind, _)| *kind);
    if cargo { Some(Use::Command) } else { known() }
}

/// The variables whose values a program follows itself, with nothing further executed.
pub fn followed_by(program: &str) -> &'static [&'static str] {
    let name = program.rsplit('/').next().unwrap_or(program);
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "bash" | "rbash" => &["BASH_ENV", "ENV", "PS4", "PROMPT_COMMAND"],
        "sh" | "dash" | "ksh" | "mksh" | "ash" | "busybox" => &["ENV", "PS4"],
        "node" | "nodejs" => &["NODE_OPTIONS"],
        "perl" => &["PERL5OPT"],
        "ruby" => &["RUBYOPT"],
        "python" => &["PYTHONSTARTUP"],
        _ => &[],
    }
}

/// How many exported variables, listed anew, count as a command to follow.
const EXPORTED: usize = 8;

impl Walk<'_> {
    /// What the script exported to a call.
    pub(super) fn exported(&mut self, scope: &Scope<'_>) -> Exported {
        let exported = scope.exported();
        if !Rc::ptr_eq(&exported, &self.exported) {
            self.exported = Rc::clone(&exported);
            self.statements += exported.len() / EXPORTED;
        }
        exported
    }

    /// A variable of the environment that a call gets.
    pub(super) fn variable(&self, call: &Call, name: &str, scope: &Scope<'_>) -> Option<Text> {
        let own = call.env.iter().rev().find(|(known, _)| known == name);
        let exported = || scope.exported().iter().find(|(known, _)| known == name).cloned();
        let given = own.cloned().or_else(exported).map(|(_, value)| value);
        given.or_else(|| self.facts.env(name).map(Text::known))
    }

    /// The same for a variable of the shell that was set just now.
    pub(super) fn run_assigned(&mut self, name: &str, span: Span, scope: &mut Scope<'_>) {
        if used(name).is_some()
            && let Some(value) = scope.get(name)
        {
            self.run_variables(std::iter::once((name, &value)), span, scope);
        }
    }

    /// What a shell reads when it starts, where the script wrote that after it set the variable.
    pub(super) fn startup_variable(&mut self, call: &Call, span: Span, scope: &mut Scope<'_>) {
        let name = match call.name() {
            Some("bash") => "BASH_ENV",
            Some("sh" | "dash" | "ksh") => "ENV",
            _ => return,
        };
        let set = |walk: &Self| {
            walk.variable(call, name, scope).filter(|path| walk.written_at(path, scope).is_some())
        };
        if let Some(path) = set(self) {
            self.run_variables(std::iter::once((name, &path)), span, scope);
        }
    }

    /// Follows what the variables' values would run, if whoever gets them runs them.
    pub(super) fn run_variables<'v>(
        &mut self,
        set: impl Iterator<Item = (&'v str, &'v Text)>,
        span: Span,
        scope: &mut Scope<'_>,
    ) {
        for (name, value) in set {
            let Some(kind) = used(name) else {
                continue;
            };
            let start = value.known_start();
            let source = match kind {
                Use::Command => {
                    let mut source = value.clone();
                    if name.starts_with("LESS") && start.starts_with('|') {
                        source = super::wrappers::tail(
                            value,
                            start.len() - start.trim_start_matches(['|', '-']).len(),
                        );
                    }
                    source
                }
                Use::Prompt => {
                    let runs = value.as_known().is_none_or(|text| text.contains("$(") || text.contains('`'));
                    if !runs {
                        continue;
                    }
                    let mut source = Text::known(": \"");
                    source.append(value);
                    source.push_str("\"");
                    source
                }
                Use::Node | Use::Ruby | Use::Perl => {
                    let mut source = Text::known(match kind {
                        Use::Node => "node ",
                        Use::Ruby => "ruby ",
                        _ => "perl ",
                    });
                    match value.as_known().filter(|_| kind == Use::Node) {
                        // Its words are no shell's.
                        Some(words) => {
                            let quoted =
                                words.split_whitespace().map(|word| shell_words::quote(word).into_owned());
                            source.push_str(&quoted.collect::<Vec<_>>().join(" "));
                        }
                        None => source.append(value),
                    }
                    source.push_str(" -e ''");
                    source
                }
                Use::Python => {
                    let mut source = Text::known("python3 ");
                    source.append(value);
                    source
                }
                Use::File => {
                    let mut source = Text::known(". ");
                    match value.as_known() {
                        Some(known) => source.push_str(&shell_words::quote(known)),
                        None => continue,
                    }
                    source
                }
            };
            let saved = self.context.clone();
            Rc::make_mut(&mut self.context.via).push(crate::model::Via { name: format!("{name}=") });
            self.context.certainty = self.context.certainty.and(Match::Maybe);
            self.context.unsure = true;
            self.context.origin = Origin::Within(span);
            if self.context.exec.itself && !matches!(kind, Use::Command | Use::Prompt) {
                self.context.exec = Exec::default();
            }
            self.layer(|walk| {
                walk.subshell(scope, |walk, inner| walk.shell_text(&source, inner, Some(Dialect::Bash)))
            });
            self.context = saved;
        }
    }
}
