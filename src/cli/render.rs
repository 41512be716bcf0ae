//! Verdicts, rules and records as text for people and agents.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::look::{self, Look};
use crate::approve::entry::Entry;
use crate::approve::off::Leave;
use crate::audit::{Kind, Outcome, Record};
use crate::model::{Decision, Finding, Freeze, FrozenBy, Inside, Match, SYNTAX_ERROR, Scope, Verdict, plain};
use crate::rules::Prose;
use crate::screen::{Long, wrap};

/// At most `limit` characters, with `…` in place of the rest.
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit - 1).collect();
    out.push('…');
    out
}

/// Who reads a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// An agent, or nobody knows who.
    Agent,
    /// A person at their own terminal.
    Person,
}

/// The one line that says why a command was refused; `ticket` is what a human can approve of it by.
pub fn refusal(verdict: &Verdict, reader: Reader, ticket: Option<&str>) -> String {
    let by_ticket = ticket.map(|ticket| match reader {
        Reader::Person => format!("`guard approve {ticket}` lets just this run once; then run it again"),
        Reader::Agent => format!(
            "A human must decide: ask your user to run `guard approve {ticket}` in a terminal of their own, and then \
             run exactly this again"
        ),
    });
    let ask = match (reader, verdict.decision) {
        _ if by_ticket.is_some() => by_ticket.as_deref().unwrap_or_default(),
        (Reader::Person, _) => YOURS,
        (Reader::Agent, Decision::Deny) if !verdict.findings.is_empty() => NEVER,
        (Reader::Agent, _) => ASK,
    };
    let Some(finding) = verdict.findings.first() else {
        let why = verdict.unprovable.as_deref().unwrap_or("it owes what this build cannot do");
        return format!("guard: refused: it cannot be judged: {}. {}", plain(&shorten(why, 200)), ask);
    };
    let mut line = format!("guard: refused: {}", what(finding));
    if let Some(inside) = finding.inside.as_ref().filter(|inside| inside.is_located()) {
        let _ = write!(line, " ({}:{})", shorten(&inside.file.name, 100), inside.line());
    }
    // More would not be read.
    for seen in verdict.evidence().iter().take(2) {
        let _ = write!(line, "; {}", shorten(seen, 120));
    }
    let _ = write!(line, ". {}", sentence(&shorten(&finding.why, 220)));
    if !finding.safer.is_empty() {
        let safer = finding.safer.join("; or ");
        let _ = write!(line, " Instead: {}.", shorten(&safer, 160));
    }
    let others = verdict.findings.iter().filter(|f| !f.decision.runs() && f.rule != finding.rule);
    let others = others.map(|f| f.rule.as_str()).collect::<std::collections::BTreeSet<_>>().len();
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    let _ = write!(line, " {ask} [{}{more}]", finding.rule);
    plain(&line)
}

/// The line that says that a command waits for a human.
pub fn waits(verdict: &Verdict, wait: Duration) -> String {
    let seconds = wait.as_secs();
    plain(&format!("guard: waits up to {seconds} s for a human's yes: {}", held(verdict)))
}

/// The line that says that a human said no.
pub fn refused_by_human(verdict: &Verdict, message: &str) -> String {
    let said = match message.trim() {
        "" => String::new(),
        message => format!(" They say: {}", sentence(&shorten(message, 500))),
    };
    plain(&format!("guard: refused by your user: {}.{said} Do not try it another way", held(verdict)))
}

/// The line that says that a human said no to the same before.
pub fn refused_before(verdict: &Verdict, message: &str, reader: Reader) -> String {
    let said = match message.trim() {
        "" => String::new(),
        message => format!(" They said: {}", sentence(&shorten(message, 500))),
    };
    let (who, then) = match reader {
        Reader::Agent => (
            "your user said no to this in this session",
            "Do not try it another way; if it must be, they can do it themselves",
        ),
        Reader::Person => {
            ("you said no to this before", "To be asked again, start it anew from your shell's prompt")
        }
    };
    plain(&format!("guard: refused: {who}: {}.{said} {then}", held(verdict)))
}

fn held(verdict: &Verdict) -> String {
    match verdict.findings.first() {
        Some(finding) => format!("{} [{}]", what(finding), finding.rule),
        None => "what cannot be judged".to_owned(),
    }
}

/// A ticket in a list, with all of it that fits a few lines.
pub fn pending(entry: &Entry, look: Look) -> String {
    let about = &entry.about;
    let time = Timestamp::from_second(about.time).ok();
    let time =
        time.map(|time| time.to_zoned(TimeZone::system()).strftime("%H:%M").to_string()).unwrap_or_default();
    let agent = about.agent.as_deref().or(Some(about.session.name.as_str()).filter(|name| !name.is_empty()));
    let agent = agent.map(|agent| format!(" by {agent}")).unwrap_or_default();
    let tries = if about.tries > 1 { format!(", tried {} times", about.tries) } else { String::new() };
    let head = format!("{}  {}", entry.ticket, shorten(entry.shown.command.trim(), 300));
    let indent = entry.ticket.len() + 2;
    let mut out = look.line(&plain(&head), indent);
    let told = format!(
        "{}{}, in {}, {time}{agent}{tries}",
        " ".repeat(indent),
        held(&entry.shown.verdict),
        entry.shown.directory
    );
    out.push_str(&look.line(&plain(&told), indent));
    out
}

/// The line that says what runs because guard is off.
pub fn while_off(verdict: &Verdict) -> String {
    let held = match verdict.findings.first() {
        Some(finding) => format!("{} [{}]", what(finding), finding.rule),
        None => "what owes more than this build can do".to_owned(),
    };
    plain(&format!("guard: runs while guard is off: {held}"))
}

/// The line that says until when guard is off, at prompts and elsewhere.
pub fn is_off(leave: &Leave) -> String {
    format!("guard is off until {}; `guard on` ends it", leave.until())
}

/// What is said of a file that counts for nothing where guard would be off by it.
pub fn is_doubtful(why: &str) -> String {
    format!(
        "guard is on: what says that it is off does not count, since {}; `guard on` removes it",
        plain(why)
    )
}

/// What is frozen, until when and why.
pub fn frozen(freeze: &Freeze) -> String {
    let text = match &freeze.by {
        FrozenBy::Human => format!("{} {}", Scope::list(&freeze.scopes), freeze.told()),
        FrozenBy::File(file) => {
            format!("{} {}; it stands in `{file}`", Scope::list(&freeze.scopes), freeze.told())
        }
        FrozenBy::Doubt(why) => format!("all, since {why}; `guard thaw` removes it"),
    };
    plain(&text)
}

const ASK: &str = "A human must decide: ask your user to run it themselves or to change guard's rules";
const NEVER: &str = "Do not try it another way; if it must be, ask your user to do it themselves";

const YOURS: &str =
    "If you want it all the same, run it in a shell without guard or change the rule in guard.toml";

/// What is said of source that is no shell's, or goes on.
const UNREAD: &str = "A shell that finds it too fails there, and runs nothing but whole lines before it; what \
    guard found is judged all the same.";

/// `perhaps deletes a volume: pg-data`
fn what(finding: &Finding) -> String {
    let perhaps = if finding.matched == Match::Maybe { "perhaps " } else { "" };
    let resource = finding.resource.as_deref().map(|what| format!(": {}", shorten(what, 100)));
    format!("{perhaps}{}{}", shorten(&finding.title, 160), resource.unwrap_or_default())
}

/// With a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let ends = text.ends_with(['.', '!', '?', '…']);
    format!("{text}{}", if ends { "" } else { "." })
}

/// How many rules are told of for the same words; an unknown path may break a dozen.
const SHOWN_PER_PLACE: usize = 3;
/// How many findings are told of; nobody reads more.
const SHOWN: usize = 100;

/// What `guard check` prints.
pub fn verdict(verdict: &Verdict, source: &str, name: Option<&str>, look: Look) -> String {
    let name_part = name.map(|name| format!("{}: ", plain(name))).unwrap_or_default();
    let mut out = format!("{name_part}{}\n", look.strong(verdict.decision.as_str()));
    let mut others = Vec::new();
    for (index, finding) in verdict.findings.iter().take(SHOWN).enumerate() {
        let before = &verdict.findings[..index];
        let same = |other: &&Finding| other.span == finding.span && other.inside == finding.inside;
        if before.iter().filter(same).count() >= SHOWN_PER_PLACE {
            others.push(finding.rule.as_str());
            continue;
        }
        let decision = look.strong(finding.decision.as_str());
        let _ = writeln!(out, "\n{decision} {} ({})", finding.rule, finding.severity.as_str());
        paragraph(&mut out, look, "", &what(finding));
        match look::underlined(source, finding.span, name, look, "  ") {
            Some(lines) => out.push_str(&lines),
            None if !finding.span.slice(source).is_empty() => {
                paragraph(&mut out, look, "at: ", &shorten(finding.span.slice(source), 300));
            }
            None => {}
        }
        if !finding.via.is_empty() {
            paragraph(&mut out, look, "through: ", &finding.via.join(", "));
        }
        if let Some(Inside { file, span }) = &finding.inside {
            out.push_str(
                &look::underlined(&file.text, *span, Some(&file.name), look, "  ").unwrap_or_default(),
            );
        }
        for seen in &finding.evidence {
            paragraph(&mut out, look, "seen: ", &seen.text);
        }
        if let Some(exception) = &finding.exception {
            paragraph(&mut out, look, "excepted: ", exception);
        }
        paragraph(&mut out, look, "why: ", &finding.why);
        for advice in &finding.safer {
            paragraph(&mut out, look, "instead: ", advice);
        }
    }
    if !others.is_empty() {
        out.push('\n');
        paragraph(&mut out, look, "also: ", &others.join(", "));
    }
    if verdict.findings.len() > SHOWN {
        let _ = writeln!(out, "\n  and {} more; --json has them all", verdict.findings.len() - SHOWN);
    }
    if let Some(why) = &verdict.unprovable {
        out.push('\n');
        match why.starts_with(SYNTAX_ERROR) {
            true => paragraph(&mut out, look, "", &format!("{why}. {UNREAD}")),
            false => paragraph(&mut out, look, "not proved to be all of it: ", why),
        }
    }
    out
}

/// Adds text in lines as long as there is room, indented by two.
pub fn paragraph(out: &mut String, look: Look, label: &str, text: &str) {
    for line in wrap(&format!("  {label}{}", plain(text)), "    ", look.width, Long::Whole) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// What a rule demands, in a word.
fn demanded(rule: &Prose) -> &'static str {
    match (rule.decision, rule.only_frozen) {
        (Decision::Allow, _) => "off",
        (_, true) => "frozen",
        (decision, false) => decision.as_str(),
    }
}

/// What `guard rules list` prints.
pub fn rules(rules: &[Prose], look: Look) -> String {
    let id = rules.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let decision = demanded(rule);
        let line = format!("{:<id$}  {decision:<7}  {}", rule.id, plain(&rule.title));
        out.push_str(&look.line(&line, id + 11));
    }
    out
}

/// What `guard rules show` prints.
pub fn rule(rule: &Prose, look: Look) -> String {
    let mut out = format!("{}\n", look.strong(&plain(&rule.id)));
    paragraph(&mut out, look, "what: ", &rule.title);
    paragraph(&mut out, look, "decision: ", demanded(rule));
    paragraph(&mut out, look, "scope: ", &Scope::list(&rule.scope));
    paragraph(&mut out, look, "severity: ", rule.severity.as_str());
    paragraph(&mut out, look, "why: ", &rule.why);
    for advice in &rule.safer {
        paragraph(&mut out, look, "instead: ", advice);
    }
    out
}

/// What came of it, in a word or two.
pub fn word(record: &Record) -> &'static str {
    match (record.kind, record.outcome) {
        (Kind::Healed, _) => "torn line",
        (Kind::Interactive, _) => "not judged",
        (_, Outcome::Refused) => "refused",
        (Kind::Switch, _) => "switched",
        (_, Outcome::WhileOff) => "while off",
        (_, Outcome::Observed) if record.decision == Decision::Confirm => "would hold",
        (_, Outcome::Observed) => "would refuse",
        (Kind::Human, _) => "by a human",
        (_, Outcome::Approved | Outcome::Signed | Outcome::Covered) => "approved",
        (_, Outcome::Again) => "no again",
        (_, Outcome::Declined | Outcome::Rejected) => "declined",
        (_, Outcome::Ran) if record.decision == Decision::Warn => "warned",
        (_, Outcome::Ran) => "ran",
    }
}

/// A line of `guard log`, and more where there is more to say.
pub fn record(record: &Record, look: Look) -> String {
    const LONGEST: usize = 200;
    /// Behind the time and the word.
    const INDENT: usize = 33;
    let time = record.time.parse::<Timestamp>().map_or_else(
        |_| record.time.clone(),
        |time| time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    );
    let word = word(record);
    let agent = record.agent.as_deref().map(|agent| format!(" {}", plain(agent)));
    let command = match (record.command.trim(), record.kind) {
        ("", Kind::Interactive) => "(a shell at a terminal)".to_owned(),
        ("", Kind::Stdin) => "(nothing on standard input)".to_owned(),
        ("", _) => "(an empty command)".to_owned(),
        (command, _) => shorten(command, LONGEST),
    };
    let line = format!("{time} {word:<12}{} {}", agent.unwrap_or_default(), plain(&command));
    let mut out = look.line(&line, INDENT);
    for matched in &record.rules {
        let mut text = matched.rule.clone();
        if matched.matched == Match::Maybe {
            text.push_str(" (perhaps)");
        }
        if let Some(resource) = &matched.resource {
            let _ = write!(text, ": {}", shorten(resource, LONGEST));
        }
        if let Some(exception) = &matched.exception {
            let _ = write!(text, " (excepted by {})", shorten(exception, LONGEST));
        }
        out.push_str(&look.line(&format!("    {}", plain(&text)), INDENT));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Evidence, Severity, Span};

    fn finding() -> Finding {
        Finding {
            rule: "railway.volume-delete".into(),
            severity: Severity::Critical,
            decision: Decision::Confirm,
            matched: Match::Yes,
            span: Span::new(0, 4),
            title: "deletes a volume and the backups stored in it".into(),
            why: "Nothing is left to restore from".into(),
            safer: vec!["railway volume list".into(), "copy the data first".into()],
            resource: Some("pg-data".into()),
            via: vec!["sudo".into()],
            evidence: Vec::new(),
            exception: None,
            words: None,
            directory: None,
            inside: None,
        }
    }

    fn of(findings: Vec<Finding>) -> Verdict {
        let decision = findings.iter().map(|f| f.decision).max().unwrap_or_default();
        Verdict { decision, findings, ..Verdict::default() }
    }

    #[test]
    fn a_refusal_is_one_line_that_says_what_why_and_what_to_do() {
        assert_eq!(
            refusal(&of(vec![finding()]), Reader::Agent, None),
            "guard: refused: deletes a volume and the backups stored in it: pg-data. Nothing is left to restore from. \
             Instead: railway volume list; or copy the data first. A human must decide: ask your user to run it \
             themselves or to change guard's rules [railway.volume-delete]"
        );
        let seen = vec![
            Evidence::production("the host", "db.prod.example.com"),
            Evidence::credential("`X` stands in the command".into()),
        ];
        let line = refusal(&of(vec![Finding { evidence: seen, ..finding() }]), Reader::Agent, None);
        assert!(
            line.contains(": pg-data; the host `db.prod.example.com` says production; `X` stands in the command. Nothing is"),
            "{line}"
        );
        let maybe = Finding { matched: Match::Maybe, resource: None, safer: vec![], ..finding() };
        assert!(
            refusal(&of(vec![maybe]), Reader::Agent, None)
                .starts_with("guard: refused: perhaps deletes a volume")
        );
        let denied = Finding { decision: Decision::Deny, rule: "fs.root".into(), ..finding() };
        let line = refusal(&of(vec![denied, finding()]), Reader::Agent, None);
        assert!(
            line.ends_with("[fs.root and 1 more]") && line.contains("Do not try it another way"),
            "{line}"
        );
        assert!(refusal(&of(vec![]), Reader::Agent, None).starts_with("guard: refused: it cannot be judged"));
    }

    #[test]
    fn a_refusal_stays_short_and_harmless() {
        let long = "\u{1b}[2J\u{202e}x\n".repeat(1000);
        let hostile = Finding {
            title: long.clone(),
            why: long.clone(),
            safer: vec![long.clone()],
            resource: Some(long),
            ..finding()
        };
        let line = refusal(&of(vec![hostile]), Reader::Agent, None);
        assert!(!line.contains(char::is_control) && !line.contains('\u{202e}'), "{line}");
        assert!(line.chars().count() < 8000);
        let wordy = "word ".repeat(1000);
        let usual = Finding {
            title: wordy.clone(),
            why: wordy.clone(),
            safer: vec![wordy.clone()],
            resource: Some(wordy),
            ..finding()
        };
        assert!(refusal(&of(vec![usual]), Reader::Agent, None).chars().count() < 850);
    }

    #[test]
    fn lines_are_not_longer_than_a_terminal() {
        let wordy = Finding { why: "some words ".repeat(40), ..finding() };
        let text = verdict(&of(vec![wordy]), "rm x", None, Look::PLAIN);
        assert!(text.lines().all(|line| line.chars().count() <= Look::PLAIN.width), "{text}");
        assert!(text.starts_with("confirm\n\nconfirm railway.volume-delete (critical)\n"), "{text}");
        assert!(text.contains("1 | rm x\n    | ^^^^\n") && text.contains("  through: sudo\n"), "{text}");
    }
}
