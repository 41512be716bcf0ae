//! The question in words, and on small and large screens.

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::actions::Walked;
use crate::approve::Losses;
use crate::model::machine::Machine;
use crate::model::{Severity, Span};

fn finding(resource: Option<&str>) -> Finding {
    Finding {
        rule: "railway.volume-delete".into(),
        severity: Severity::Critical,
        decision: Decision::Confirm,
        matched: Match::Yes,
        span: Span::new(0, 7),
        title: "deletes a volume and the backups stored in it".into(),
        why: "Nothing is left to restore from.".into(),
        safer: vec!["railway volume list".into(), "copy the data first".into()],
        resource: resource.map(str::to_owned),
        via: vec!["sudo".into(), "sh -c".into()],
        evidence: Vec::new(),
        exception: None,
        words: None,
        directory: None,
        inside: None,
    }
}

fn verdict(findings: Vec<Finding>) -> Verdict {
    Verdict { decision: Decision::Confirm, findings, ..Verdict::default() }
}

fn page(text: &str, verdict: &Verdict, losses: &Losses, style: Style) -> String {
    let places = places(verdict, &Walked::default(), &Machine::default());
    let held = Held { text, is_script: false, verdict, losses, places: &places };
    Challenge::new(verdict).page(held, style, Answer::Runs(Duration::from_secs(120)))
}

const STYLE: Style = Style { color: false, plain: false, width: 79, height: 24 };

#[test]
fn one_name_is_no_yes_to_two_things() {
    let asked = |findings: Vec<Finding>| Challenge::new(&verdict(findings)).name().to_owned();
    let elsewhere = |resource| Finding { span: Span::new(9, 20), ..finding(resource) };
    assert_eq!(asked(vec![finding(Some("pg-data")), elsewhere(Some("cache"))]), "DELETE");
    assert_eq!(asked(vec![finding(Some("pg-data")), elsewhere(None)]), "DELETE");
    assert_eq!(asked(vec![finding(Some("pg-data")), elsewhere(Some("pg-data"))]), "pg-data");
    assert_eq!(asked(vec![finding(Some("pg-data")), finding(None)]), "pg-data");
    let by_host = Finding { rule: "http.delete".into(), ..finding(Some("api.example.com")) };
    assert_eq!(asked(vec![finding(Some("pg-data")), by_host]), "pg-data");
    assert_eq!(asked(vec![finding(Some("pg-data")), finding(Some("cache"))]), "DELETE");
}

#[test]
fn the_name_is_one_that_can_be_read_and_typed_and_is_no_reply() {
    for (resource, wanted) in [
        (Some("pg-data"), "pg-data"),
        (Some("feature/x"), "feature/x"),
        (Some("/home/me/project/build"), "build"),
        (Some("/home/me/project/*"), "project"),
        (Some("api.example.com/v1/users/42"), "api.example.com"),
        (Some("https://api.example.com/v1"), "api.example.com"),
        (None, "DELETE"),
        (Some("y"), "DELETE"),
        (Some("YES"), "DELETE"),
        (Some("42"), "DELETE"),
        (Some("two words"), "DELETE"),
        (Some("a\nb"), "DELETE"),
        (Some("p\u{430}yments"), "DELETE"),
        (Some("$X is not known before it runs"), "DELETE"),
        (Some("0123456789012345678901234567890123456789x"), "DELETE"),
        (Some("/"), "DELETE"),
    ] {
        let challenge = Challenge::new(&verdict(vec![finding(resource)]));
        assert_eq!(challenge.name(), wanted, "{resource:?}");
        for line in ["", "y", "yes", "Y", "\n", "delete"] {
            assert!(!challenge.is_met_by(line), "{resource:?} {line:?}");
        }
        assert!(challenge.is_met_by(wanted) && challenge.is_met_by(&format!(" {wanted} ")));
    }
}

#[test]
fn of_several_things_the_word_is_asked_and_all_are_shown() {
    let other = Finding {
        rule: "git.push-force".into(),
        title: "replaces a branch".into(),
        span: Span::new(8, 9),
        ..finding(Some("main"))
    };
    let text = page("railway x", &verdict(vec![finding(Some("pg-data")), other]), &Losses::default(), STYLE);
    assert!(text.contains("type the word DELETE and"), "{text}");
    assert!(text.contains("also:    [git.push-force] replaces a branch: main"), "{text}");
}

#[test]
fn what_breaks_one_rule_is_told_together() {
    let names = ["a-1", "a-2", "a-2", "a-3"].map(|name| finding(Some(name)));
    let text = page("railway x", &verdict(names.to_vec()), &Losses::default(), STYLE);
    let line = "[railway.volume-delete] deletes a volume and the backups stored in it: a-2, a-3";
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains(&format!("also: {line}")), "{text}");
    let names: Vec<Finding> = (0..60).map(|i| finding(Some(&format!("volume-{i}")))).collect();
    let text = page("railway x", &verdict(names), &Losses::default(), STYLE);
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("volume-7, volume-8 and 51 more"), "{text}");
}

#[test]
fn the_question_stays_on_the_screen_however_much_there_is_to_say() {
    let wordy = |part: &str, times| part.repeat(times);
    let many: Vec<Finding> = (0..40)
        .map(|i| Finding {
            title: wordy("some words ", 30),
            why: wordy("why so ", 200),
            safer: vec![wordy("do that ", 100); 5],
            via: vec!["sudo".into(); 100],
            span: Span::new(i * 100, i * 100 + 50),
            ..finding(Some(&format!("thing-{i}")))
        })
        .collect();
    let paths = (0..30).map(|i| format!("/x/{i}: 3 files")).collect();
    let losses = Losses { paths, trees: vec![wordy("branch x ", 50)] };
    let source = wordy("rm -rf something; echo 日本語 \u{1b}[2J;\n", 150);
    for (columns, rows) in [(80, 24), (40, 12), (200, 50), (20, 8), (1, 1)] {
        for (color, plain) in [(true, false), (false, false), (false, true)] {
            let style = Style { color, plain, ..STYLE }.for_size((columns, rows));
            let text = page(&source, &verdict(many.clone()), &losses, style);
            let lines: Vec<&str> = text.split('\n').collect();
            assert!(lines.len() <= rows.max(8), "{columns}x{rows}: {} lines\n{text}", lines.len());
            for line in &lines {
                let bare =
                    line.replace("\u{1b}[1;4;31m", "").replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
                assert!(bare.width() <= columns.max(20), "{line}");
                assert!(!bare.contains(char::is_control), "{line:?}");
            }
            assert!(text.contains("DELETE"), "{text}");
        }
    }
}

#[test]
fn plain_text_is_sentences() {
    let style = Style { plain: true, ..STYLE };
    let text =
        page("railway volume delete", &verdict(vec![finding(Some("pg-data"))]), &Losses::default(), style);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "Command: railway volume delete");
    assert_eq!(lines[2], "Dangerous part: railway");
    assert!(lines.contains(&"Through: sudo, sh -c"), "{text}");
    assert!(lines.contains(&"Why: Nothing is left to restore from."), "{text}");
    assert!(text.ends_with("\nAnswer: "), "{text}");
    assert!(lines.iter().all(|line| !line.starts_with(' ') && !line.is_empty()), "{text}");
}

#[test]
fn the_environment_says_how_it_is_drawn() {
    let style = |variables: &[(&str, &str)]| {
        let env = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let style = Style::of(&env);
        (style.color, style.plain)
    };
    assert_eq!(style(&[("TERM", "xterm")]), (true, false));
    assert_eq!(style(&[("TERM", "xterm"), ("NO_COLOR", "1")]), (false, false));
    assert_eq!(style(&[("TERM", "xterm"), ("NO_COLOR", "")]), (true, false));
    assert_eq!(style(&[("TERM", "dumb")]), (false, true));
    assert_eq!(style(&[("TERM", "xterm"), ("GUARD_PLAIN", "1")]), (false, true));
    assert_eq!(style(&[]), (false, true));
}
