//! `guard trust`: a human has a project's rule files count as their own, as long as they say just that.

use std::fmt::Write;

use super::args::TrustArgs;
use super::look::Look;
use super::{human, output, render, usage};
use crate::approve::signed::{Covers, LONGEST_TRUST, Statement};
use crate::approve::{Console, Style};
use crate::audit::{Kind, Outcome};
use crate::config::{self, Content};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::{Decision, Verdict, bytes, plain};
use crate::packs;
use crate::policy::Policy;
use crate::screen::{Long, wrap};

const WORD: &str = "TRUST";

/// Carries out `guard trust`.
pub fn run(args: &TrustArgs) -> Result<Exit, Error> {
    let front = match &args.directory {
        Some(directory) => {
            let found = directory.canonicalize().map_err(|error| {
                usage(format!("`{}` cannot be looked at", plain(&directory.to_string_lossy()))).because(error)
            })?;
            Front::open_at(found)?
        }
        None => Front::open()?,
    };
    let none = || usage("there are no rule files of a project here").hint("they lie in `.guard` at its root");
    let project = front.places.project.as_ref().ok_or_else(none)?;
    let content = Content::read(project)?;
    let directory = bytes::text_of(&content.directory);
    if args.end {
        return end(&front, &directory);
    }
    if content.files().next().is_none() {
        return Err(none());
    }
    if front.layers.project.trusted.as_ref() == Some(&content) {
        return output::line(&format!("trusted already: {}", plain(&directory)));
    }
    let mut layers = front.layers.clone();
    layers.project = config::trusted(content.clone())?;
    let after = packs::policy(&layers, &front.places)?;
    let mut keyboard = human::terminal("trust in a project's rules")?;
    let style = Style::of(&variable).for_size(keyboard.size());
    let page = page(&content, &directory, &changes(&front.policy, &after), style);
    let typed = human::answer(&mut keyboard, &page)?;
    if typed.as_deref().map(str::trim) != Some(WORD) {
        return Err(Error::refused_line(format!("guard: what was typed is not {WORD}; it is not trusted")));
    }
    let key = human::unlock(&front, &mut keyboard)?;
    let failed = |error| Error::broken("the trust cannot be written").because(error);
    // What was shown, whatever stands there now.
    let covers = Covers::Trust { directory: directory.clone(), digest: content.digest() };
    let statement = Statement::unasked(covers, LONGEST_TRUST).map_err(failed)?;
    // On record before it holds.
    record(&front, &shell_words::join(["guard", "trust", &directory]))?;
    front.store().put(&statement, &statement.sign(&key)).map_err(failed)?;
    output::line(&format!("trusted: {}, until one of its files changes", plain(&directory)))
}

fn end(front: &Front, directory: &str) -> Result<Exit, Error> {
    let Some(statement) = front.trust(directory) else {
        return output::line(&format!("not trusted: {}", plain(directory)));
    };
    front
        .store()
        .take_back(&statement)
        .map_err(|error| Error::broken("the trust cannot be taken back").because(error))?;
    // It has ended, whether that can be recorded or not.
    let _ = record(front, &shell_words::join(["guard", "trust", "--end", directory]));
    output::line(&format!("no longer trusted: {}", plain(directory)))
}

fn record(front: &Front, line: &str) -> Result<(), Error> {
    front.record(Kind::Human, line, &Verdict::default(), Outcome::Approved)
}

/// What trust changes of rules, those that it loosens first: `git.push-force: confirm, then off`.
fn changes(before: &Policy, after: &Policy) -> Vec<String> {
    let word = |decision: Decision| if decision == Decision::Allow { "off" } else { decision.as_str() };
    let mut all = before.changes(after);
    all.sort_by_key(|(_, was, is)| is > was);
    all.iter().map(|(rule, was, is)| format!("{rule}: {}, then {}", word(*was), word(*is))).collect()
}

fn page(content: &Content, directory: &str, changes: &[String], style: Style) -> String {
    let look = Look { width: style.width, ..Look::PLAIN };
    let mut page = String::new();
    for (path, text) in content.files() {
        let _ = writeln!(page, "{}:", plain(&path.to_string_lossy()));
        for line in text.lines() {
            page.push_str(&wrap(&format!("  {}", plain(line)), "    ", style.width, Long::Broken).join("\n"));
            page.push('\n');
        }
        page.push('\n');
    }
    let _ = writeln!(page, "guard: trust {}?\n", plain(directory));
    let what = "Its rules and settings, as they stand above, count as your own then, also where they loosen what holds \
                otherwise; until one of these files changes.";
    render::paragraph(&mut page, look, "", what);
    match changes {
        [] => render::paragraph(&mut page, look, "changes: ", "no rule's decision"),
        changes => changes.iter().for_each(|change| render::paragraph(&mut page, look, "changes: ", change)),
    }
    let ask = format!("To trust it, type the word {WORD} and press Enter. Anything else changes nothing.");
    format!("{page}\n{}\n{}", wrap(&ask, "", style.width, Long::Broken).join("\n"), style.answer_label())
}
