//! scratch
use guard::{
    context::{Observed, World},
    model::ExampleWorld,
    pipeline::*,
    policy::Policy,
    rules::*,
    syntax::Dialect,
};
fn main() {
    let policy = Policy::builtin();
    if std::env::args().nth(1).as_deref() == Some("packs") {
        let mut bad = 0;
        let mut n = 0;
        for f in std::fs::read_dir("rules.d").unwrap() {
            let p = f.unwrap().path();
            let pack =
                Pack::parse(&std::fs::read_to_string(&p).unwrap(), p.to_str().unwrap()).unwrap();
            n += pack.rules.len();
            for f in run_examples(&pack, &|cmd, w| judge_example(cmd, &World::new(w), &policy)) {
                println!("{f}");
                bad += 1;
            }
        }
        println!("{n} rules, {bad} bad");
        return;
    }
    let show = std::env::args().any(|a| a == "-a");
    let world = std::env::args().any(|a| a == "-w");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let line = line.replace("\\n", "\n");
        let src = Source::Shell {
            text: line.as_bytes(),
            dialect: Dialect::Bash,
            positional: vec!["bash".into()],
            startup: vec![],
        };
        let env: std::collections::HashMap<String, String> = std::env::vars().collect();
        let w = World::new(&ExampleWorld::default());
        let o = Observed::new(
            std::env::current_dir().unwrap(),
            move |k: &str| env.get(k).cloned(),
            false,
            vec![],
        );
        let facts: &dyn guard::model::Facts = if world { &w } else { &o };
        let t = std::time::Instant::now();
        let j = judge(&src, facts, &policy);
        let dt = t.elapsed();
        println!(
            "{:7} {:?} {}  {}{}",
            j.verdict.decision.as_str(),
            dt,
            line,
            j.verdict
                .findings
                .iter()
                .map(|f| format!(
                    "[{} {:?} {:?} {}]",
                    f.rule,
                    f.matched,
                    f.resource,
                    f.via.join(">")
                ))
                .collect::<String>(),
            j.verdict
                .unprovable
                .as_ref()
                .map(|u| format!(" UNPROVABLE {u}"))
                .unwrap_or_default()
        );
        if show {
            for a in &j.walked.actions {
                println!("    {a:?}");
            }
        }
    }
}
