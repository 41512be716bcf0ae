//! The structure of the source: who may import whom, where unsafe code stands, how long files are.

use std::fs;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("the source tree") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path.strip_prefix(&root).expect("below src").to_owned(), text));
            }
        }
    }
    found
}

fn layer(path: &Path) -> String {
    let first = path.components().next().expect("a name").as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// What each part of the crate may import. The core knows no edge; edges know no other edge.
fn allowed(layer: &str) -> Option<&'static [&'static str]> {
    Some(match layer {
        "model" => &[],
        "syntax" => &["model"],
        "actions" => &["model", "syntax"],
        "rules" => &["model", "syntax", "actions"],
        "policy" => &["model", "rules"],
        "decide" => &["model", "rules", "policy"],
        "config" | "context" | "audit" | "approve" => {
            &["model", "syntax", "actions", "rules", "policy", "decide", "screen", "sys", "error"]
        }
        "exec" => &["model", "decide", "sys", "error"],
        "sys" | "exit" | "screen" => &[],
        "error" => &["exit", "model"],
        "pipeline" => &["model", "syntax", "actions", "rules", "policy", "decide"],
        _ => return None,
    })
}

#[test]
fn every_part_imports_only_what_stands_below_it() {
    for (path, text) in sources() {
        let own = layer(&path);
        let Some(allowed) = allowed(&own) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let mut rest = line.split("//").next().unwrap_or("");
            while let Some(at) = rest.find("crate::") {
                rest = &rest[at + 7..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fine = name.is_empty() || name == own || allowed.contains(&name.as_str());
                assert!(fine, "{}:{}: `{own}` imports `{name}`", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn unsafe_code_stands_in_sys_alone_and_says_why() {
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if !code.contains("unsafe {") && !code.contains("unsafe extern") && !code.contains("unsafe fn") {
                continue;
            }
            assert!(path.starts_with("sys"), "{}:{}: unsafe outside `sys`", path.display(), number + 1);
            let said = lines[number.saturating_sub(6)..=number].iter().any(|l| l.contains("SAFETY"));
            assert!(said, "{}:{}: unsafe without a SAFETY comment", path.display(), number + 1);
        }
    }
}

#[test]
fn only_front_ends_print() {
    for (path, text) in sources() {
        if ["cli", "shell"].contains(&layer(&path).as_str()) || path == Path::new("main.rs") {
            continue;
        }
        for word in ["println!", "eprintln!", "print!(", "io::stdout()", "io::stderr()"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn approvals_are_given_by_the_one_part_that_asks() {
    for (path, text) in sources() {
        let may = path == Path::new("approve/mod.rs") || path == Path::new("decide/permit.rs");
        for word in ["Approval::given", "Covered::above"] {
            assert!(may || !text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn the_choice_to_stop_nothing_is_made_by_those_who_know_whose_it_is() {
    for (path, text) in sources() {
        for (word, maker) in [("Observing::chosen", "config/load.rs"), ("Observing::off", "approve/off.rs")] {
            let may = path == Path::new(maker) || path == Path::new("decide/permit.rs");
            assert!(may || !text.contains(word), "{}: {word}", path.display());
        }
        let uses = path == Path::new("front.rs") || path == Path::new("decide/permit.rs");
        assert!(uses || !text.contains("Permit::observed"), "{}", path.display());
    }
}

#[test]
fn every_file_says_what_it_owns() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{}", path.display());
    }
}

#[test]
fn the_parser_crates_have_one_importer() {
    for (path, text) in sources() {
        let theirs = path.starts_with("syntax/verify");
        assert!(theirs || !text.contains("shuck_"), "{}", path.display());
        let tests = path.starts_with("syntax/parse/tests");
        assert!(tests || !text.contains("brush_"), "{}", path.display());
    }
}

/// A file of more lines is about more than one thing.
const LONGEST: usize = 550;
/// Those that are longer, with how long they may be, and why.
const LONGER: &[(&str, usize)] = &[
    // One function for each form of the language.
    ("actions/walk.rs", 700),
];

#[test]
fn files_are_about_one_thing() {
    for (path, text) in sources() {
        let own = LONGER.iter().find(|(name, _)| path == Path::new(name));
        let longest = own.map_or(LONGEST, |(_, lines)| *lines);
        let lines = text.lines().count();
        assert!(lines <= longest, "{}: {lines} lines", path.display());
    }
}

#[test]
fn every_dependency_is_used() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, section) = manifest.split_once("[dependencies]").expect("a section");
    let section = section.split("\n[").next().unwrap_or(section);
    let sources = sources();
    for line in section.lines().filter(|line| line.contains(" = ")) {
        let name = line.split(' ').next().unwrap_or("").replace('-', "_");
        let used = [format!("{name}::"), format!("use {name};")];
        let is_used = |text: &str| used.iter().any(|used| text.contains(used.as_str()));
        assert!(sources.iter().any(|(_, text)| is_used(text)), "{name}");
    }
}
