//! `guard allow` and `guard exceptions`: a human has a rule pass something for a while, and ends that.

use std::path::PathBuf;

use jiff::Zoned;

use super::args::{AllowArgs, ExceptionsArgs, ExceptionsWhat};
use super::look::Look;
use super::{freeze, human, output, render, usage};
use crate::approve::exception::{granted, id, in_force, told};
use crate::approve::key::PublicKey;
use crate::approve::signed::{Covers, LONGEST_EXCEPTION, Statement, Target};
use crate::approve::{Console, Style};
use crate::audit::{Kind, Outcome};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::{Decision, Verdict, bytes, is_at_or_below, plain};
use crate::rules::{Prose, nearest};
use crate::screen::{Long, wrap};
use crate::sys::passwd;

/// Carries out `guard allow`.
pub fn allow(args: &AllowArgs) -> Result<Exit, Error> {
    let now = Zoned::now();
    let until = freeze::end(&args.until, &now)?;
    let seconds = until.as_second() - now.timestamp().as_second();
    if seconds > LONGEST_EXCEPTION {
        let days = LONGEST_EXCEPTION / (24 * 60 * 60);
        return Err(usage(format!("`{}` is more than {days} days from now", plain(&args.until)))
            .hint("what is to hold for good is a setting of the rule in guard.toml"));
    }
    if args.on.as_ref().is_some_and(|on| on.trim().is_empty()) {
        return Err(
            usage("`--on` names nothing").hint("without it, the exception is for whatever would be hit")
        );
    }
    let front = Front::open()?;
    let rule = rule(&front, &args.rule)?;
    if !PublicKey::may_be_there(&front.keys()) {
        return Err(human::no_key());
    }
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let target = Target {
        rule: rule.id.clone(),
        resource: given(&args.on),
        words: None,
        directory: directory(&front, args.path.clone())?,
    };
    let place = place(&target.directory);
    let covers = Covers::Exception { targets: vec![target.clone()], reason: given(&args.reason) };
    let failed = |error| Error::broken("the exception cannot be written").because(error);
    let statement = Statement::unasked(covers, seconds).map_err(failed)?;
    let mut keyboard = human::terminal("an exception")?;
    let style = Style::of(&variable).for_size(keyboard.size());
    let page = page(&rule, &statement, &place, style);
    let typed = human::answer(&mut keyboard, &page)?;
    if typed.as_deref().map(str::trim) != Some(rule.id.as_str()) {
        return Err(Error::refused_line(format!(
            "guard: what was typed is not `{}`; nothing was excepted",
            rule.id
        )));
    }
    let key = human::unlock(&front, &mut keyboard)?;
    // On record before it holds.
    record(&front, &line(&target, args, &until.to_string()))?;
    front.store().put(&statement, &statement.sign(&key)).map_err(failed)?;
    output::line(&format!(
        "excepted: {}; `guard exceptions end {}` ends it",
        texts(&statement),
        id(&statement)
    ))
}

/// A rule that holds something.
fn rule(front: &Front, id: &str) -> Result<Prose, Error> {
    let rules = &front.policy.rules;
    let Some(rule) = rules.rule(id) else {
        let error = usage(format!("there is no rule `{}`", plain(id)));
        return Err(match nearest(id, rules.rules().map(|rule| rule.id)) {
            Some(similar) => error.hint(format!("there is `{similar}`")),
            None => error.hint("`guard rules list` names them, and so does each refusal at its end"),
        });
    };
    match rules.decision(id).unwrap_or_default() {
        _ if rule.only_frozen => {
            Err(usage(format!("`{id}` counts only in a freeze, which no exception breaks"))
                .hint("`guard thaw` ends a freeze"))
        }
        Decision::Confirm => Ok(rule),
        Decision::Deny => Err(usage(format!("`{id}` refuses, and of what is refused there is no exception"))
            .hint("its setting in guard.toml can make it `confirm`, which is held until a human says yes")),
        Decision::Allow | Decision::Warn => Err(usage(format!("nothing is held by `{id}`"))),
    }
}

/// Links resolved, since what is done is told by where it really lies.
fn directory(front: &Front, given: Option<PathBuf>) -> Result<String, Error> {
    let path = given.map_or_else(|| front.directory.clone(), |given| front.directory.join(given));
    let real = path.canonicalize().and_then(|real| match real.is_dir() {
        true => Ok(real),
        false => Err(std::io::ErrorKind::NotADirectory.into()),
    });
    let real = real.map_err(|error| {
        usage(format!("`{}` is no directory", plain(&path.to_string_lossy()))).because(error)
    })?;
    Ok(bytes::text_of(&real))
}

/// Where it holds, and what to mind there.
fn place(directory: &str) -> String {
    let home = passwd::current().map(|user| bytes::text_of(&user.home));
    match directory {
        "/" => "everywhere, for everything that you can reach".to_owned(),
        _ if home.is_some_and(|home| is_at_or_below(&home, directory)) => {
            format!("in {directory} and below: all of your home directory")
        }
        _ => format!("in {directory} and below"),
    }
}

fn page(rule: &Prose, statement: &Statement, place: &str, style: Style) -> String {
    let look = Look { width: style.width, ..Look::PLAIN };
    let mut page = format!("guard: let `{}` pass?\n\n", rule.id);
    render::paragraph(
        &mut page,
        look,
        "",
        &format!("Until then this runs without a question, and is on record: what {}.", rule.title),
    );
    render::paragraph(&mut page, look, "why it is held: ", &rule.why);
    for exception in told(statement, &Zoned::now()) {
        let on =
            exception.resource.map_or_else(|| "whatever it would hit".to_owned(), |on| format!("just {on}"));
        render::paragraph(&mut page, look, "on: ", &on);
        render::paragraph(&mut page, look, "where: ", place);
        render::paragraph(&mut page, look, "until: ", &exception.until);
        if let Some(reason) = exception.reason {
            render::paragraph(&mut page, look, "reason: ", &reason);
        }
    }
    let ask = format!(
        "For every agent and shell of yours. To except it, type {} and press Enter. Anything else changes nothing.",
        rule.id
    );
    format!("{page}\n{}\n{}", wrap(&ask, "", style.width, Long::Broken).join("\n"), style.answer_label())
}

/// What is written down: the command that says the same.
fn line(target: &Target, args: &AllowArgs, until: &str) -> String {
    let mut words = vec!["guard", "allow", &target.rule, "--path", &target.directory, "--until", until];
    words.extend(target.resource.iter().flat_map(|on| ["--on", on]));
    words.extend(args.reason.iter().flat_map(|reason| ["--reason", reason]));
    shell_words::join(words)
}

fn record(front: &Front, line: &str) -> Result<(), Error> {
    front.record(Kind::Human, line, &Verdict::default(), Outcome::Approved)
}

fn texts(statement: &Statement) -> String {
    let all: Vec<String> = told(statement, &Zoned::now()).iter().map(|one| plain(&one.told())).collect();
    all.join("; ")
}

/// Carries out `guard exceptions`.
pub fn exceptions(args: &ExceptionsArgs) -> Result<Exit, Error> {
    // They can be ended where the rest of the configuration is broken.
    let front = Front::lenient().0;
    match &args.what {
        Some(ExceptionsWhat::End { names }) => end(&front, names),
        None => list(&front, args.json),
    }
}

fn list(front: &Front, json: bool) -> Result<Exit, Error> {
    let all = in_force(&front.store(), &front.keys());
    if json {
        let text = serde_json::to_string(&all);
        return output::line(
            &text.map_err(|error| Error::broken("the exceptions cannot be shown").because(error))?,
        );
    }
    if all.is_empty() {
        return output::line("nothing is excepted");
    }
    let look = Look::of_stdout();
    let line = |one: &crate::model::Exception| look.line(&plain(&format!("{}  {}", one.id, one.told())), 8);
    output::text(&all.iter().map(line).collect::<String>())
}

fn end(front: &Front, names: &[String]) -> Result<Exit, Error> {
    let (store, all) = (front.store(), granted(&front.store(), &front.keys()));
    let mut ended = Vec::new();
    for name in names {
        let mut named =
            all.iter().filter(|statement| !name.is_empty() && statement.nonce.starts_with(name.as_str()));
        let (Some(statement), None) = (named.next(), named.next()) else {
            return Err(
                usage(format!("no exception `{}` holds", plain(name))).hint("`guard exceptions` lists them")
            );
        };
        ended.push(statement);
    }
    ended.into_iter().try_fold(Exit::Success, |_, statement| {
        store.take_back(statement).map_err(|error| {
            Error::broken(format!("the exception `{}` cannot be ended", id(statement))).because(error)
        })?;
        // It has ended, whether that can be recorded or not.
        let _ = record(front, &format!("guard exceptions end {}", id(statement)));
        output::line(&format!("ended: {}", texts(statement)))
    })
}
