#![allow(missing_docs, clippy::all, clippy::print_stdout, clippy::unwrap_used)]
use guard::{
    actions,
    context::{Observed, World},
    model::*,
    rules::{self, *},
    syntax::Dialect,
};
fn judge(set: &RuleSet, cmd: &str, facts: &dyn Facts) -> (Vec<Finding>, actions::Walked) {
    let w = actions::walk(cmd, Dialect::Bash, vec![], &[], facts);
    let mut out = vec![];
    for a in &w.actions {
        out.extend(rules::findings(set, a, cmd, facts));
    }
    (out, w)
}
fn main() {
    let set = RuleSet::builtin();
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().map(String::as_str) == Some("-") {
        // real machine: lines on stdin
        let dir = std::env::current_dir().unwrap();
        for line in std::io::stdin().lines() {
            let line = line.unwrap();
            let facts = Observed::new(
                dir.clone(),
                |n| std::env::var(n).ok(),
                false,
                vec!["/root/.config/guard".into()],
            );
            let t = std::time::Instant::now();
            let (f, w) = judge(&set, &line, &facts);
            let d = f.iter().map(|f| f.decision).max().unwrap_or_default();
            let names: Vec<_> = f
                .iter()
                .map(|f| {
                    format!(
                        "{}{}",
                        f.rule,
                        if f.matched == Match::Maybe { "?" } else { "" }
                    )
                })
                .collect();
            println!(
                "{:7} {:60} {:?} {} {:?}",
                d.as_str(),
                line,
                names,
                w.unprovable.unwrap_or_default(),
                t.elapsed()
            );
        }
        return;
    }
    for file in args {
        let text = std::fs::read_to_string(&file).unwrap();
        let pack = match Pack::parse(&text, &file) {
            Ok(p) => p,
            Err(e) => {
                println!("{e}");
                continue;
            }
        };
        for fail in run_examples(&pack, &|cmd, world| judge(&set, cmd, &World::new(world)).0) {
            println!("{fail}");
            let w = actions::walk(
                &fail.cmd,
                Dialect::Bash,
                vec![],
                &[],
                &World::new(&ExampleWorld::default()),
            );
            for a in &w.actions {
                if let Effect::Path(p) = &a.effect {
                    println!(
                        "      {:?} {} rec={} by={} dir={} {:?}",
                        p.op,
                        p.path.display(),
                        p.recursive,
                        p.by,
                        a.directory.display(),
                        a.place
                    );
                }
            }
            if let Some(u) = &w.unprovable {
                println!("      unprovable: {u}");
            }
        }
    }
}
