//! Keys, choices and arrivals.

use super::*;
use crate::approve::entry::example;
use crate::model::{Decision, Finding, Match, Severity};

fn entry(command: &str, severity: Severity) -> Box<Entry> {
    let mut entry = example(command);
    let finding = Finding {
        rule: "railway.volume-delete".to_owned(),
        decision: Decision::Confirm,
        matched: Match::Yes,
        severity,
        resource: Some("pg-data".to_owned()),
        directory: Some("/work".to_owned()),
        ..crate::decide::refuse("x").findings.remove(0)
    };
    entry.shown.verdict.findings = vec![finding];
    entry.about.session.id = "1-2".to_owned();
    Box::new(entry)
}

struct Hand {
    model: Model,
    now: Instant,
}

impl Hand {
    fn new() -> Hand {
        let now = Instant::now();
        Hand { model: Model::new(false, now), now }
    }

    fn arrives(&mut self, number: u64, severity: Severity) {
        self.model.arrived(number, entry(&format!("rm {number}"), severity), self.now);
    }

    fn key(&mut self, code: KeyCode) -> Option<Act> {
        self.model.key(KeyEvent::from(code), true, self.now)
    }

    fn waits(&mut self) {
        self.now += CALM;
    }

    fn calm(&mut self, code: KeyCode) -> Option<Act> {
        self.waits();
        self.key(code)
    }
}

const A: KeyCode = KeyCode::Char('a');
const R: KeyCode = KeyCode::Char('r');

#[test]
fn arrivals_choose_nothing_and_move_no_choice() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::High);
    assert_eq!(hand.calm(R), None);
    hand.key(KeyCode::Down);
    hand.model.tickets(vec![(*entry("t", Severity::High), None)], hand.now);
    hand.arrives(2, Severity::High);
    assert_eq!(hand.model.items().len(), 3);
    assert_eq!(hand.calm(R), Some(Act::Refuse(Id::Live(1), String::new())));
    hand.model.decided(&Id::Live(1), hand.now);
    // What now stands in its place was not chosen.
    assert_eq!(hand.calm(R), None);
    assert!(hand.model.selected().is_none());
}

#[test]
fn no_key_decides_right_after_a_choice_or_with_another_key() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::High);
    hand.key(KeyCode::Down);
    assert_eq!(hand.key(R), None);
    hand.waits();
    assert_eq!(hand.model.key(KeyEvent::from(R), false, hand.now), None);
    assert!(matches!(hand.model.mode, Mode::List));
    hand.key(A);
    assert!(matches!(hand.model.mode, Mode::Confirm(Scope::Once)));
    assert_eq!(hand.key(KeyCode::Enter), None);
    assert_eq!(hand.calm(KeyCode::Char('y')), None);
    assert_eq!(hand.calm(KeyCode::Enter), Some(Act::Approve(Id::Live(1), Scope::Once)));
}

#[test]
fn what_is_critical_needs_its_name_typed() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::Critical);
    hand.key(KeyCode::Down);
    for (name, wanted) in [("pg-dat", None), ("pg-data", Some(Act::Approve(Id::Live(1), Scope::Once)))] {
        hand.calm(A);
        hand.model.pasted("pg-data");
        name.chars().for_each(|c| drop(hand.key(KeyCode::Char(c))));
        assert_eq!(hand.calm(KeyCode::Enter), wanted);
    }
}

#[test]
fn a_question_ends_with_what_it_is_about() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::Critical);
    hand.arrives(2, Severity::Critical);
    hand.key(KeyCode::Down);
    hand.calm(A);
    "pg-data".chars().for_each(|c| drop(hand.key(KeyCode::Char(c))));
    hand.model.left(1, hand.now);
    assert_eq!(hand.calm(KeyCode::Enter), None);
    assert!(matches!(hand.model.mode, Mode::List) && hand.model.selected().is_none());
    // Its own ticket is the same thing, and is chosen; no key decides about it at once.
    let ticket = entry("rm 1", Severity::Critical);
    let id = Id::Ticket(ticket.digest());
    hand.model.tickets(vec![(*entry("other", Severity::High), None), (*ticket, None)], hand.now);
    assert_eq!(hand.model.selected().unwrap().id, id);
    assert_eq!(hand.key(R), None);
    assert_eq!(hand.calm(R), Some(Act::Refuse(id, String::new())));
}

#[test]
fn a_yes_for_the_session_is_offered_where_it_is_known_what_for() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::High);
    let mut vague = entry("x", Severity::High);
    vague.shown.verdict.findings[0].matched = Match::Maybe;
    hand.model.arrived(2, vague, hand.now);
    hand.key(KeyCode::Down);
    hand.calm(KeyCode::Char('s'));
    assert_eq!(hand.calm(KeyCode::Enter), Some(Act::Approve(Id::Live(1), Scope::Session)));
    hand.key(KeyCode::Esc);
    hand.key(KeyCode::Down);
    hand.calm(KeyCode::Char('s'));
    assert!(matches!(hand.model.mode, Mode::List));
}

#[test]
fn without_the_key_one_can_refuse_and_is_asked_for_the_passphrase_to_approve() {
    let mut hand = Hand::new();
    hand.model = Model::new(true, hand.now);
    hand.key(KeyCode::Enter);
    hand.arrives(1, Severity::High);
    hand.key(KeyCode::Down);
    hand.calm(A);
    assert!(matches!(hand.model.mode, Mode::Passphrase(_, Some(Scope::Once))));
    hand.key(KeyCode::Char('x'));
    assert_eq!(hand.key(KeyCode::Enter), Some(Act::Unlock));
    hand.model.unlocked(hand.now);
    assert!(matches!(hand.model.mode, Mode::Confirm(Scope::Once)));
    hand.key(KeyCode::Esc);
    assert_eq!(hand.calm(R), Some(Act::Refuse(Id::Live(1), String::new())));
}

#[test]
fn a_paste_is_no_key() {
    let mut hand = Hand::new();
    hand.arrives(1, Severity::High);
    hand.key(KeyCode::Down);
    hand.waits();
    hand.model.pasted("r");
    assert!(matches!(hand.model.mode, Mode::List) && hand.model.items().len() == 1);
    hand.key(KeyCode::Char('m'));
    hand.model.pasted("use the\nstaging database\n");
    let said = "use the staging database".to_owned();
    assert_eq!(hand.calm(KeyCode::Enter), Some(Act::Refuse(Id::Live(1), said)));
}

#[test]
fn quitting_is_asked_about_where_something_waits() {
    let mut hand = Hand::new();
    assert_eq!(hand.key(KeyCode::Char('q')), Some(Act::Quit));
    hand.arrives(1, Severity::High);
    assert_eq!(hand.key(KeyCode::Char('q')), None);
    hand.key(KeyCode::Char('x'));
    assert!(matches!(hand.model.mode, Mode::List));
    hand.key(KeyCode::Char('q'));
    assert_eq!(hand.key(KeyCode::Char('y')), Some(Act::Quit));
}
