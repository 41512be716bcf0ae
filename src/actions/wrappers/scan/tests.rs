//! Tests of `scan`.

use super::*;

const SUDO: Grammar =
    Grammar { assignments: true, ..Grammar::options("-u= --user= -n -E --preserve-env? --chdir= --chroot=") };

fn commands(grammar: &Grammar, words: &[Text]) -> Vec<(usize, Match)> {
    let readings = grammar.scan(words, 0);
    readings.list.iter().map(|r| (r.command, r.certainty)).collect()
}

fn known(words: &str) -> Vec<Text> {
    words.split(' ').map(Text::from).collect()
}

#[test]
fn options_end_where_the_command_begins() {
    for (words, command) in [
        ("rm -rf /", 0),
        ("-u root rm", 2),
        ("-uroot rm", 1),
        ("-nEu root rm", 2),
        ("--user root rm", 2),
        ("--user=root rm", 1),
        ("--us root rm", 2),
        ("--preserve-env=A,B rm", 1),
        ("--preserve-env rm", 1),
        ("-n -- rm", 2),
        ("A=b C=d rm", 2),
        ("-n", 1),
    ] {
        assert_eq!(commands(&SUDO, &known(words)), [(command, Match::Yes)], "{words}");
    }
}

#[test]
fn words_that_can_be_read_in_two_ways_are() {
    let hole = || Text::hole("$X", Shape::Any);
    let mut words = vec![hole().into_many()];
    words.extend(known("rm -rf /"));
    assert_eq!(commands(&SUDO, &words), [(0, Match::Maybe), (1, Match::Maybe)]);
    words[0] = hole();
    assert_eq!(commands(&SUDO, &words), [(0, Match::Yes), (1, Match::Maybe)]);
    let unknown = known("--new-option rm -rf /");
    assert_eq!(commands(&SUDO, &unknown)[0], (1, Match::Yes));
    let valued = known("--new-option x rm -rf /");
    assert_eq!(commands(&SUDO, &valued), [(1, Match::Yes), (2, Match::Maybe)]);
    let mut user = Text::known("--user=");
    user.append(&hole());
    assert_eq!(commands(&SUDO, &[user, "rm".into()]), [(1, Match::Yes)]);
}

#[test]
fn many_unknown_options_are_cut_off_and_said_to_be() {
    let words: Vec<Text> = (0..100).flat_map(|i| [format!("--x{i}").as_str().into(), "y".into()]).collect();
    let grammar = Grammar { operands: 1000, ..SUDO };
    assert!(grammar.scan(&words, 0).truncated);
}
