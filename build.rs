//! Compiles the built-in packs, so that no rule file is parsed when guard starts, and tells the linker in which
//! order to lay out a release.
//!
//! The schema is the library's own source, included by path: it stands once.

// Cargo reads a build script's orders from its standard output.
#![allow(clippy::print_stdout)]

#[allow(dead_code, unused_imports)]
#[path = "src/model/mod.rs"]
mod model;

#[allow(dead_code)]
#[path = "src/rules/compile.rs"]
mod compile;
#[allow(dead_code)]
#[path = "src/rules/condition.rs"]
mod condition;
#[allow(dead_code)]
#[path = "src/rules/error.rs"]
mod error;
#[allow(dead_code)]
#[path = "src/rules/example_schema.rs"]
mod example_schema;
#[allow(dead_code)]
#[path = "src/rules/index.rs"]
mod index;
#[allow(dead_code)]
#[path = "src/rules/list.rs"]
mod list;
#[allow(dead_code)]
#[path = "src/rules/pack.rs"]
mod pack;
#[allow(dead_code)]
#[path = "src/rules/schema.rs"]
mod schema;
#[allow(dead_code)]
#[path = "src/rules/unnamed.rs"]
mod unnamed;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=rules.d");
    println!("cargo::rerun-if-changed=src/model");
    println!("cargo::rerun-if-changed=src/rules");
    println!("cargo::rerun-if-changed=startup.ld");
    lay_out();
    if let Err(errors) = build() {
        for error in errors {
            println!("cargo::error={error}");
        }
        process::exit(1);
    }
}

/// Puts side by side what a start passes through, as `startup.ld` lists it. Whoever chose a linker of their own may
/// have one that knows no such script; then functions lie as they come.
fn lay_out() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|set| set == value);
    let chosen = env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("fuse-ld"));
    if is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && !chosen
    {
        let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
        println!("cargo::rustc-link-arg-bins=-T");
        println!("cargo::rustc-link-arg-bins={root}/startup.ld");
    }
}

fn build() -> Result<(), Vec<String>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut texts = String::from("static TEXTS: &[(&str, &str)] = &[\n");
    let mut packs = Vec::new();
    let mut errors = Vec::new();
    for path in rule_files(&root.join("rules.d")) {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| vec![format!("{name}: {error}")])?;
        texts.push_str(&format!("({name:?}, include_str!({path:?})),\n"));
        match pack::Pack::parse(&text, &name) {
            Ok(pack) => packs.push(pack),
            Err(error) => errors.push(error.to_string()),
        }
    }
    errors.extend(faults_between(&packs));
    if !errors.is_empty() {
        return Err(errors);
    }
    texts.push_str("];\n");
    fs::write(out.join("texts.rs"), texts).map_err(|error| vec![error.to_string()])?;
    fs::write(out.join("rules.bin"), compile::compile(&packs)).map_err(|error| vec![error.to_string()])
}

/// The files in the order of their names; none where the directory is not there.
fn rule_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// What no pack can know of itself: that its id is its own, and what is asked of built-in ones alone.
fn faults_between(packs: &[pack::Pack]) -> Vec<String> {
    let twice = pack::defined_twice(packs).map(|error| error.to_string());
    let mut faults: Vec<String> = twice.into_iter().collect();
    for rule in packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule))) {
        if rule.1.scope.is_empty() {
            faults.push(format!("{}:{}: no `scope`, here or in the pack", rule.0.file, rule.1.line));
        }
        rule.1.when.each(&mut |condition| {
            if matches!(condition, condition::Condition::Text(_)) {
                let at = format!("{}:{}", rule.0.file, rule.1.line);
                faults.push(format!("{at}: `text` is for users' own rules"));
            }
        });
    }
    faults
}
