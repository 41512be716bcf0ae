//! Man pages and completions are made from the code; those that are committed must be up to date.
//! `GUARD_BLESS=1 cargo test --test guard generated` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use clap_complete::{Shell, generate};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use guard::rules::{Pack, builtin_texts};

/// The reference of settings; the loader's own tests hold that it names every key.
const SETTINGS: &str = include_str!("../../src/config/default.toml");

const ENVIRONMENT: &[(&str, &str)] = &[
    ("GUARD_CONFIG_DIR", "The folder of your guard.toml and rules.d, in place of ~/.config/guard."),
    ("GUARD_STATE_DIR", "The folder of the log, in place of ~/.local/state/guard."),
    ("NO_COLOR", "Where it is set and not empty, nothing is printed in colour."),
    (
        "GUARD_PLAIN",
        "Where it is set and not 0, the question at a terminal and guard watch are plain sentences, for a screen reader.",
    ),
    ("TERM", "Where it is dumb or not set, nothing is in colour, and the question is as with GUARD_PLAIN."),
];

const FILES: &[(&str, &str)] = &[
    ("/etc/guard/guard.toml", "The machine's settings; what they say of a rule binds every user."),
    ("~/.config/guard/guard.toml", "Your settings."),
    (".guard/guard.toml", "A project's settings; they can only tighten rules."),
    ("rules.d/*.toml", "Rule packs, beside each of these."),
    ("~/.local/state/guard/log.jsonl", "The log of what ran and what was refused."),
    ("~/.local/state/guard/off", "Until when guard is off; guard off makes it and guard on removes it."),
    ("~/.local/state/guard/freeze", "What is frozen; guard freeze makes it and guard thaw removes it."),
];

const STATUS: &[(&str, &str)] = &[
    ("0", "guard check, guard explain: it would run."),
    ("1", "guard rules test, guard log verify, guard doctor: what was tested does not hold."),
    ("2", "The words after guard make no sense."),
    ("10", "guard check, guard explain: it would be held until a human says yes."),
    ("11", "guard check, guard explain: it would be refused."),
    ("125", "guard itself failed, and nothing ran."),
    ("126", "Refused; one line on standard error says why and what to do."),
    ("127", "The real shell, or the program after --, is not there."),
];

/// A page with its title, and the line that says what it is.
pub fn page(name: &str, section: &str, about: &str) -> Roff {
    let mut page = Roff::new();
    let source = concat!("guard ", env!("CARGO_PKG_VERSION"));
    page.control("TH", [name, section, "", source, "guard"]);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("{name} - {about}"))]);
    page
}

/// Text in which what stands between backticks is bold.
pub fn marked(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { bold(part) } else { roman(part) }).collect()
}

fn table(page: &mut Roff, title: &str, rows: &[(&str, &str)]) {
    page.control("SH", [title]);
    for (term, text) in rows {
        page.control("TP", []);
        page.text([bold(*term)]);
        page.text(marked(text));
    }
}

pub fn see_also(page: &mut Roff, pages: &[(&str, &str)]) {
    page.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for (name, section) in pages {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(*name), roman(format!("({section})"))]);
    }
    page.text(line);
}

pub fn paragraphs(page: &mut Roff, text: &str) {
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            page.control("PP", []);
        }
        for line in paragraph.lines() {
            page.text(marked(line.trim()));
        }
    }
}

/// What comes after the first part of a page: without the definitions that a page needs but once.
fn rest(part: &Roff) -> String {
    let text = part.render();
    let lines = text.lines().filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The options of a subcommand as clap writes them, without the heading.
fn options(command: &clap::Command) -> String {
    let mut bytes = Vec::new();
    Man::new(command.clone()).render_options_section(&mut bytes).expect("memory takes all");
    let text = String::from_utf8(bytes).expect("text");
    let lines =
        text.lines().filter(|line| ![".ie ", ".el ", ".SH "].iter().any(|start| line.starts_with(start)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The subcommands' sections, those of subcommands after their own.
fn subcommands(out: &mut String, command: &mut clap::Command) {
    for sub in command.get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
        let mut section = Roff::new();
        section.control("SS", [sub.get_bin_name().unwrap_or_else(|| sub.get_name())]);
        section.text([roman(sub.render_usage().to_string().trim_start_matches("Usage: "))]);
        section.control("PP", []);
        let about = sub.get_long_about().or_else(|| sub.get_about());
        paragraphs(&mut section, &about.expect("every subcommand says what it does").to_string());
        out.push_str(&rest(&section));
        out.push_str(&options(sub));
        subcommands(out, sub);
    }
}

fn guard_1() -> String {
    let mut command = guard::cli::command().disable_help_flag(true).disable_help_subcommand(true);
    command.build();
    let about = command.get_about().expect("guard says what it is").to_string();
    let (about, _) = about.split_once(':').expect("what it is, and what it does");
    let mut top = page("guard", "1", &about.replace("The shell", "the shell"));
    top.control("SH", ["SYNOPSIS"]);
    for (at, line) in [
        "-c COMMAND [NAME [ARGUMENT]...]",
        "SCRIPT [ARGUMENT]...",
        "-- COMMAND [ARGUMENT]...",
        "SUBCOMMAND [OPTION]...",
    ]
    .iter()
    .enumerate()
    {
        if at > 0 {
            top.control("br", []);
        }
        top.text([bold("guard"), roman(" "), italic(*line)]);
    }
    top.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut top, DESCRIPTION);
    top.control("SH", ["SUBCOMMANDS"]);
    let mut out = top.render();
    subcommands(&mut out, &mut command);
    let mut end = Roff::new();
    table(&mut end, "EXIT STATUS", STATUS);
    table(&mut end, "ENVIRONMENT", ENVIRONMENT);
    table(&mut end, "FILES", FILES);
    see_also(
        &mut end,
        &[
            ("guard-json", "5"),
            ("guard-rules", "5"),
            ("guard-rules", "7"),
            ("guard.toml", "5"),
            ("bash", "1"),
        ],
    );
    out + &rest(&end)
}

const DESCRIPTION: &str = "\
guard takes the place of the shell that an AI coding agent is given. It reads each command line, works out what it
would do, and then runs it with the real shell, or refuses it and says why. By a link named `bash`, `zsh` or `sh` it is
that shell: it takes the shell's own flags and has no subcommands.

By its own name a first word that is a subcommand is one. After any flag of a shell, and for any other first word,
bash's own grammar holds. After `--` stands a command: several words are one call of a program, a single word is shell
text.";

fn guard_rules_7() -> String {
    let mut page = page("guard-rules", "7", "the rules that are built into guard");
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(
        &mut page,
        "A rule is held against what a command line would do, never against its text. Its decision is `warn` (it \
         runs and is recorded), `confirm` (it needs a human) or `deny`. A setting in `guard.toml` changes the \
         decision of a rule, or switches it off. A rule `in a freeze` counts only while what it is about is frozen \
         (`guard freeze`), and what it matches is refused then. Each example below a rule is a command that it matches, or one that \
         comes near and passes.",
    );
    for (file, text) in builtin_texts() {
        let pack = Pack::parse(text, file).expect("the build has read it");
        page.control("SH", [pack.title.to_uppercase().as_str()]);
        for rule in &pack.rules {
            page.control("SS", [rule.id.as_str()]);
            let decision = if rule.only_frozen { "in a freeze" } else { rule.decision.as_str() };
            let decision = format!("{decision}, {}", rule.severity.as_str());
            page.text([italic(rule.title.clone()), roman(format!(" ({decision})"))]);
            page.control("PP", []);
            page.text(marked(&rule.why));
            let examples = |examples: &[guard::rules::Example]| {
                // Under a rule that counts only in a freeze, those that say what a freeze of it makes of them.
                let usual = |example: &&guard::rules::Example| {
                    !rule.only_frozen || example.world.frozen == rule.scope
                };
                examples.iter().filter(usual).map(|example| example.cmd.clone()).collect::<Vec<_>>()
            };
            for (title, lines) in [
                ("Instead:", rule.safer.clone()),
                ("Matches:", examples(&rule.matching)),
                ("Passes:", examples(&rule.pass)),
            ] {
                if lines.is_empty() {
                    continue;
                }
                page.control("PP", []);
                page.text([roman(title)]);
                page.control("RS", ["4"]);
                page.control("nf", []);
                lines.iter().flat_map(|line| line.lines()).for_each(|line| {
                    page.text([roman(line)]);
                });
                page.control("fi", []);
                page.control("RE", []);
            }
        }
    }
    see_also(&mut page, &[("guard", "1"), ("guard-rules", "5"), ("guard.toml", "5")]);
    page.render()
}

/// The text of `guard config --default` as a page: each table with the keys that stand in it, each
/// after a comment of its own.
fn guard_toml_5() -> String {
    let mut page = page("guard.toml", "5", "guard's settings");
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(
        &mut page,
        "guard reads its settings from up to three files in TOML. Each table and each key may be left out; a key or \
         a table that is not known is an error, and so is a value of the wrong kind: guarded commands then end with \
         status 125 until it is mended. `guard config --default` prints a file to start from, `guard config show` \
         what is read.",
    );
    let mut comment = String::new();
    let (_, tables) = SETTINGS.split_once("\n\n").expect("a head");
    for line in tables.lines() {
        match line.strip_prefix("# ") {
            Some(key) if key.contains(" = ") => {
                page.control("TP", []);
                page.text([bold(key)]);
                page.text(marked(&std::mem::take(&mut comment)));
            }
            Some(header) if header.starts_with("[[") => {
                page.control("SH", [header]);
            }
            Some(prose) => {
                let gap = if comment.is_empty() { "" } else { " " };
                comment = comment + gap + prose;
            }
            None if line.starts_with('[') => {
                page.control("SH", [line]);
            }
            None => assert_eq!(line, "", "a table, a comment or nothing"),
        }
    }
    assert_eq!(comment, "", "a comment stands before a key");
    table(&mut page, "FILES", &FILES[..3]);
    see_also(&mut page, &[("guard", "1"), ("guard-rules", "5"), ("guard-rules", "7")]);
    page.render()
}

/// What is put in place of clap's own: behind `guard` stands a script too, behind `rules show` a rule.
const COMPLETED: &[(Shell, &str, &str)] = &[
    (Shell::Zsh, "\":: :_guard_commands\"", "\":: :{_guard_commands; _files}\""),
    (
        Shell::Zsh,
        "':id -- The rule\\: `git.push-force`:_default'",
        "':id -- The rule\\: `git.push-force`:{compadd -- $(guard rules list 2>/dev/null | cut -d\" \" -f1)}'",
    ),
    (
        Shell::Bash,
        "guard__subcmd__rules__subcmd__show)\n            opts=\"-h --help\"",
        "guard__subcmd__rules__subcmd__show)\n            \
         opts=\"-h --help $(guard rules list 2>/dev/null | cut -d' ' -f1)\"",
    ),
    (
        Shell::Fish,
        "complete -c guard -n \"__fish_guard_needs_command\" -s V",
        "complete -c guard -n \"__fish_guard_needs_command\" -F\n\
         complete -c guard -n \"__fish_guard_needs_command\" -s V",
    ),
    (
        Shell::Fish,
        "complete -c guard -n \"__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show\" -s h",
        "complete -c guard -n \"__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show\" -f \
         -a \"(guard rules list 2>/dev/null | string split -f1 ' ')\"\n\
         complete -c guard -n \"__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show\" -s h",
    ),
];

fn completion(shell: Shell) -> String {
    let mut bytes = Vec::new();
    generate(shell, &mut guard::cli::command(), "guard", &mut bytes);
    let mut text = String::from_utf8(bytes).expect("text");
    for (_, own, ours) in COMPLETED.iter().filter(|(of, ..)| *of == shell) {
        assert!(text.contains(own), "{shell} completes in another way: {own}");
        text = text.replacen(own, ours, 1);
    }
    text
}

/// Each generated file with its text.
fn files() -> Vec<(&'static str, String)> {
    vec![
        ("man/guard.1", guard_1()),
        ("man/guard-json.5", super::json_forms::guard_json_5()),
        ("man/guard-rules.5", super::rule_files::guard_rules_5()),
        ("man/guard-rules.7", guard_rules_7()),
        ("man/guard.toml.5", guard_toml_5()),
        ("completions/guard.bash", completion(Shell::Bash)),
        ("completions/_guard", completion(Shell::Zsh)),
        ("completions/guard.fish", completion(Shell::Fish)),
    ]
}

fn root(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

#[test]
fn generated_files_are_up_to_date() {
    let bless = std::env::var_os("GUARD_BLESS").is_some();
    let mut stale = Vec::new();
    for (name, text) in files() {
        let path = root(name);
        if bless {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, &text).expect("a file");
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    let advice = "`GUARD_BLESS=1 cargo test --test guard generated` writes them anew";
    assert!(stale.is_empty(), "stale: {stale:?}; {advice}");
}

fn is_there(program: &str) -> bool {
    Process::new(program).arg("--version").output().is_ok()
}

#[test]
fn generated_man_pages_raise_no_warning() {
    if !is_there("groff") {
        return;
    }
    let scratch = tempfile::tempdir().expect("a scratch directory");
    for (name, text) in files().into_iter().filter(|(name, _)| name.starts_with("man/")) {
        let path = scratch.path().join("page");
        fs::write(&path, text).expect("a file");
        let mut run = Process::new("groff");
        let output = run.args(["-man", "-Tutf8", "-Kutf8", "-ww", "-rLL=80n"]).arg(path).output();
        let output = output.expect("groff starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        assert!(output.stdout.len() > 1000, "{name}");
    }
}
