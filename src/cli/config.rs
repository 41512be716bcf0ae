//! `guard config`: what is read, from where. `config edit` is in edit.rs.

use std::path::Path;

use super::args::{ConfigArgs, ConfigWhat};
use super::{output, usage};
use crate::config::DEFAULT;
use crate::error::Error;
use crate::exit::Exit;
use crate::front::Front;
use crate::model::plain;

/// Carries out `guard config`.
pub fn run(args: &ConfigArgs) -> Result<Exit, Error> {
    match (args.default, args.what) {
        (true, None) => output::text(DEFAULT),
        (false, Some(ConfigWhat::Edit(args))) => super::edit::run(args),
        (false, what) => {
            let (front, broken) = Front::to_show();
            let shown = match what {
                Some(ConfigWhat::Path) => path(&front),
                _ => show(&front, broken.is_none()),
            };
            // What can be shown comes first.
            broken.map_or(shown, Err)
        }
        (true, Some(_)) => Err(usage("`--default` stands alone")),
    }
}

/// `whole`: there is nothing more that cannot be read.
fn show(front: &Front, whole: bool) -> Result<Exit, Error> {
    let layers = &front.layers;
    let mut out = String::new();
    for layer in [&layers.system, &layers.user, &layers.project] {
        if let Some(file) = &layer.file {
            let text = toml::to_string(&layer.settings)
                .map_err(|error| Error::broken("the settings cannot be shown").because(error))?;
            let trusted = if layer.trusted.is_some() { " (trusted by a human, as it is)" } else { "" };
            out.push_str(&format!("# {}{trusted}\n{}\n", file.display(), text.trim_end()));
        }
        for pack in &layer.packs {
            out.push_str(&format!("# rules from {}\n", pack.display()));
        }
    }
    for ignored in &front.policy.ignored {
        out.push_str(&format!("# {}\n", plain(&ignored.to_string())));
    }
    if out.is_empty() && whole {
        out.push_str("# no settings and no rules but the built-in ones\n");
    }
    output::text(&out)
}

fn path(front: &Front) -> Result<Exit, Error> {
    let places = &front.places;
    let mut out = String::new();
    let mut add = |name: &str, path: &Path| {
        let note = if path.exists() { "" } else { "  (not there)" };
        out.push_str(&format!("{name:<9}{}{note}\n", path.display()));
    };
    add("system", &places.system.join("guard.toml"));
    add("user", &places.config.join("guard.toml"));
    if let Some(project) = &places.project {
        add("project", &project.join("guard.toml"));
    }
    add("log", front.log().path());
    output::text(&out)
}
