//! The man page of what guard reads and writes as JSON, made from the types that do so.

use clap_mangen::roff::Roff;
use serde_json::Value;

use super::generated::{page, paragraphs, see_also};
use super::rule_files::{Written, lines, section, types};
use super::support::World;

/// The files of the types, with the types of each in the order of the page and what each is called there.
const FILES: &[(&str, &[(&str, &str)])] = &[
    (
        include_str!("../../src/cli/check.rs"),
        &[
            ("Shown", "guard check --json"),
            ("ShownFinding", "findings"),
            ("Question", "guard check --jsonl: a line that is read"),
            ("Answer", "guard check --jsonl: a line that is written"),
        ],
    ),
    (
        include_str!("../../src/cli/explain.rs"),
        &[("Document", "guard explain --json"), ("Step", "actions"), ("Near", "almost")],
    ),
    (include_str!("../../src/cli/rules.rs"), &[("Shown", "guard rules list --json")]),
    (
        include_str!("../../src/cli/doctor.rs"),
        &[("Report", "guard doctor --json"), ("Row", "rows"), ("State", "state")],
    ),
    (include_str!("../../src/cli/status.rs"), &[("Status", "guard status --json")]),
    (include_str!("../../src/model/exception.rs"), &[("Exception", "guard exceptions --json")]),
    (include_str!("../../src/cli/doctor/execs.rs"), &[("Supervision", "supervision")]),
    (
        include_str!("../../src/audit/record.rs"),
        &[
            ("Record", "guard log --json"),
            ("Kind", "kind"),
            ("Outcome", "outcome"),
            ("Matched", "rules"),
            ("Cut", "cut"),
        ],
    ),
    (
        include_str!("../../src/model/decision.rs"),
        &[("Decision", "decision"), ("Severity", "severity"), ("Match", "match")],
    ),
    (include_str!("../../src/model/verdict.rs"), &[("Obligation", "obligations")]),
    (include_str!("../../src/model/evidence.rs"), &[("Evidence", "evidence"), ("EvidenceKind", "kind")]),
];

const DESCRIPTION: &str = "\
What guard prints for programs is JSON, a value a line. Keys stay as they are from one release to the next; new ones may
come beside them, and a reader takes no offence at those it does not know. The exit status says the same as the decision:
see `guard`(1).";

const EXAMPLE: &str = r#"$ guard check --json 'git push --force origin fix'
{"decision":"confirm","obligations":[],"findings":[{"rule":"git.push-force",
"severity":"high","decision":"confirm","match":"yes","span":[9,16],
"title":"replaces a branch on the remote, whatever stands there now"}]}
"#;

const LOG: &str = "\
Behind these stand, in each line of the log, `previous`, the hash of the line before it, and `hash`, the SHA-256 of the
line itself up to there, in hexadecimal digits: `guard log verify` tries them.";

/// `guard-json.5`.
pub fn guard_json_5() -> String {
    let mut page: Roff = page("guard-json", "5", "what guard reads and writes as JSON");
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut page, DESCRIPTION);
    page.control("SH", ["EXAMPLE"]);
    lines(&mut page, EXAMPLE);
    page.control("SH", ["KEYS"]);
    for (source, sections) in FILES {
        let all: Vec<Written> = types(source);
        for (name, heading) in *sections {
            section(&mut page, &all, name, heading);
            if *name == "Record" {
                page.control("PP", []);
                paragraphs(&mut page, LOG);
            }
        }
    }
    see_also(&mut page, &[("guard", "1"), ("guard-rules", "7")]);
    page.render()
}

#[test]
fn the_example_of_the_json_page_is_what_check_prints() {
    let (call, printed) = EXAMPLE.split_once('\n').expect("a call and what it prints");
    let line = call.split('\'').nth(1).expect("a quoted command line");
    let out = World::new().guard("guard").args(["check", "--json", line]).outcome();
    let told: Value = serde_json::from_str(&printed.replace('\n', "")).expect("the page has JSON");
    assert_eq!(serde_json::from_str::<Value>(&out.stdout).expect("JSON"), told);
}
