//! Rule packs from outside: read, held to their examples, compiled, merged with the settings.

use std::path::Path;

use crate::config::{self, Cache, Layers, Places};
use crate::context::World;
use crate::error::Error;
use crate::model::ExampleWorld;
use crate::pipeline;
use crate::policy::{Author, Layer, Policy};
use crate::rules::{self, CompiledPack, Pack, RuleSet};
use crate::sys::fd;

/// The built-in rules with the packs and settings of all layers.
pub fn policy(layers: &Layers, places: &Places) -> Result<Policy, Error> {
    let mut policy = merged(layers, places)?;
    let (read_only, no_delete) = layers.protect();
    policy.protect(!read_only.is_empty(), !no_delete.is_empty());
    Ok(policy)
}

fn merged(layers: &Layers, places: &Places) -> Result<Policy, Error> {
    let mut merged = Vec::new();
    let cache = Cache::new(&places.state);
    let project = if layers.project.trusted.is_some() { Author::Trusted } else { Author::Project };
    for (author, layer) in
        [(Author::System, &layers.system), (Author::User, &layers.user), (project, &layers.project)]
    {
        let mut compiled = Vec::new();
        for (file, text) in layer.trusted.iter().flat_map(|trusted| &trusted.packs) {
            let make = || compile_text(text, &file.display().to_string());
            compiled.push((file.display().to_string(), whole(cache.compiled_text(file, text, make)?, make)?));
        }
        for file in layer.packs.iter().filter(|_| layer.trusted.is_none()) {
            let bytes = cache.compiled(file, || compile(file))?;
            compiled.push((file.display().to_string(), whole(bytes, || compile(file))?));
        }
        let mut settings = layer.settings.rules.clone();
        let file = layer.file.as_ref().map(|file| file.display().to_string());
        for (file, pack) in compiled {
            merged.push(Layer { author, file, packs: Some(pack), settings: Default::default() });
        }
        if let Some(file) = file {
            merged.push(Layer { author, file, packs: None, settings: std::mem::take(&mut settings) });
        }
    }
    if merged.is_empty() {
        return Ok(Policy::builtin());
    }
    Policy::merge(merged).map_err(|why| Error::broken(why.to_string()))
}

/// How many of a file's examples hold; where one fails, every failure, a line each.
pub fn test(text: &str, file: &str) -> Result<usize, Vec<String>> {
    let packs = parse(text, file)?;
    let examples = packs.iter().flat_map(|pack| &pack.rules);
    let count = examples.map(|rule| rule.matching.len() + rule.pass.len()).sum();
    let failures = failures(&packs);
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}

fn compile(file: &Path) -> Result<Vec<u8>, Error> {
    let name = file.display().to_string();
    let text = fd::read_regular(file)
        .map_err(|error| Error::broken(format!("{name}: cannot be read")).because(error))?;
    let text = String::from_utf8(text)
        .map_err(|error| Error::broken(format!("{name}: not UTF-8")).because(error))?;
    compile_text(&text, &name)
}

/// What the cache gave; where that is broken, what is made anew.
fn whole(bytes: Vec<u8>, make: impl FnOnce() -> Result<Vec<u8>, Error>) -> Result<CompiledPack, Error> {
    match CompiledPack::new(bytes) {
        Ok(pack) => Ok(pack),
        Err(_) => pack_of(make()?),
    }
}

fn compile_text(text: &str, name: &str) -> Result<Vec<u8>, Error> {
    let packs = parse(text, name).map_err(|faults| first(&faults))?;
    let failures = failures(&packs);
    if failures.is_empty() { Ok(rules::compile(&packs)) } else { Err(first(&failures)) }
}

/// The first of several faults, with how many more there are.
fn first(faults: &[String]) -> Error {
    let error = Error::broken(faults.first().cloned().unwrap_or_default());
    match faults.len() {
        0 | 1 => error,
        more => error.hint(format!("`guard rules test` shows this and {} more", more - 1)),
    }
}

fn parse(text: &str, file: &str) -> Result<Vec<Pack>, Vec<String>> {
    let files = [(file.to_owned(), text.to_owned())];
    rules::load_dir(&files).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// The examples that do not hold, each pack judged together with the built-in rules.
fn failures(packs: &[Pack]) -> Vec<String> {
    let own = match pack_of(rules::compile(packs)) {
        Ok(own) => own,
        Err(error) => return vec![error.to_string()],
    };
    let builtin = RuleSet::builtin();
    let known = own.ids().any(|id| builtin.rule(&id).is_some());
    let mut rules = builtin;
    if !known {
        rules.add(own);
    }
    let policy = Policy { rules, ignored: Vec::new() };
    let judge =
        |command: &str, world: &ExampleWorld| pipeline::judge_example(command, &World::new(world), &policy);
    let failures = packs.iter().flat_map(|pack| rules::run_examples(pack, &judge));
    failures.map(|failure| failure.to_string()).collect()
}

fn pack_of(bytes: Vec<u8>) -> Result<CompiledPack, Error> {
    CompiledPack::new(bytes).map_err(|damage| Error::broken(damage.to_string()))
}

/// The files of all layers, in the order in which they count.
pub fn files(layers: &Layers) -> impl Iterator<Item = &Path> {
    let each: [&config::Layer; 3] = [&layers.system, &layers.user, &layers.project];
    each.into_iter().flat_map(|layer| layer.packs.iter().map(|path| path.as_path()))
}
