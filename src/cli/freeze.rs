//! `guard freeze` and `guard thaw`: a human has it that nothing of some kind is changed, and ends that.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, ToSpan, Zoned};

use super::args::{FreezeArgs, ThawArgs};
use super::look::Look;
use super::{output, render, usage};
use crate::approve::freeze::{self, Change};
use crate::approve::{Console, Style};
use crate::audit::{Kind, Outcome};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::{FrozenBy, Scope, Verdict, plain};
use crate::screen::{Long, wrap};

/// Carries out `guard freeze`.
pub fn freeze(args: &FreezeArgs) -> Result<Exit, Error> {
    let now = Zoned::now();
    let until = args.until.as_deref().map(|text| end(text, &now)).transpose()?;
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let scopes = scopes(&args.scope);
    let front = Front::open()?;
    let mut line = vec!["guard".to_owned(), "freeze".to_owned(), "--scope".to_owned(), list(&scopes)];
    let mut text = format!("guard: freeze {}?\n\n", named(&scopes));
    let last = match until {
        Some(until) => {
            line.extend(["--until".to_owned(), until.to_zoned(now.time_zone().clone()).to_string()]);
            format!("until {}", freeze::said(until, &now))
        }
        None => "until a human runs `guard thaw`".to_owned(),
    };
    line.extend(reason.iter().flat_map(|reason| ["--reason".to_owned(), reason.clone()]));
    let look = Look { width: 79, ..Look::PLAIN };
    let what = format!(
        "Everything of that kind that changes something is refused {last}, for every shell and agent of yours. \
         Reading, dry runs and local work go on."
    );
    render::paragraph(&mut text, look, "", &what);
    if let Some(reason) = &reason {
        render::paragraph(&mut text, look, "reason: ", reason);
    }
    let change = Change::Freeze { scopes, until, reason };
    change_it(&front, change, &text, &shell_words::join(line), "nothing was frozen")?;
    told(&front)
}

/// Carries out `guard thaw`.
pub fn thaw(args: &ThawArgs) -> Result<Exit, Error> {
    // It can be ended where the rest of the configuration is broken.
    let front = Front::lenient().0;
    let thawed = scopes(&args.scope);
    let is_theirs = |by: &FrozenBy| !matches!(by, FrozenBy::File(_));
    let all = front.frozen();
    let meant: Vec<_> = all
        .iter()
        .filter(|freeze| is_theirs(&freeze.by) && freeze.scopes.iter().any(|scope| thawed.contains(scope)))
        .collect();
    if !meant.is_empty() {
        let look = Look { width: 79, ..Look::PLAIN };
        let what = if thawed.len() == Scope::FROZEN.len() { "everything".to_owned() } else { named(&thawed) };
        let mut text = format!("guard: thaw {what}?\n\n");
        for freeze in meant {
            render::paragraph(&mut text, look, "frozen: ", &render::frozen(freeze));
        }
        let line = shell_words::join(["guard", "thaw", "--scope", &list(&thawed)]);
        change_it(&front, Change::Thaw(thawed), &text, &line, "it stays frozen")?;
    }
    told(&front)
}

/// Asks, records and changes.
fn change_it(front: &Front, change: Change, text: &str, line: &str, else_so: &str) -> Result<(), Error> {
    let word = change.word();
    let verb = word.to_lowercase();
    let refused = |why: &str| {
        Error::refused_line(format!(
            "guard: refused: a human alone can {verb}: {why}. Ask your user to run `{line}` in a terminal of their \
             own, outside of editors and agents"
        ))
    };
    let wait = front.layers.prompt_timeout().ok_or_else(|| {
        refused(
            "it takes an answer at the terminal, and nothing is asked there (`[approve] prompt_timeout = 0`)",
        )
    })?;
    let mut keyboard = front.human().map_err(|why| refused(&why))?;
    let ask = format!(
        "To {verb}, type the word {word} and press Enter. Anything else changes nothing, and so does no answer within \
         {} seconds.",
        wait.as_secs()
    );
    let width = keyboard.size().0.clamp(40, 120) - 1;
    let page = format!(
        "{text}\n{}\n{}",
        wrap(&ask, "", width, Long::Broken).join("\n"),
        Style::of(&variable).answer_label()
    );
    let answer = freeze::ask(change, &page, wait, &mut keyboard);
    let yes = answer.map_err(|why| Error::refused_line(format!("guard: {why}; {else_so}")))?;
    // On record before it holds.
    front.record(Kind::Switch, line, &Verdict::default(), Outcome::Approved)?;
    let path = freeze::file(&front.places.state);
    freeze::change(&path, yes).map_err(|error| {
        Error::broken(format!("`{}` cannot be changed", path.display()))
            .because(error)
            .hint("`guard thaw` removes what is broken")
    })
}

/// What is frozen now.
fn told(front: &Front) -> Result<Exit, Error> {
    let all = front.frozen();
    if all.is_empty() {
        return output::line("nothing is frozen");
    }
    all.iter()
        .try_fold(Exit::Success, |_, freeze| output::line(&format!("frozen: {}", render::frozen(freeze))))
}

fn scopes(words: &[String]) -> Vec<Scope> {
    let is_meant = |scope: &Scope| words.iter().any(|word| word == "all" || word == scope.as_str());
    Scope::FROZEN.into_iter().filter(is_meant).collect()
}

/// As the option takes them.
fn list(scopes: &[Scope]) -> String {
    Scope::list(scopes).replace(", ", ",")
}

/// `deploy, database`
fn named(scopes: &[Scope]) -> String {
    match scopes.len() == Scope::FROZEN.len() {
        true => "everything but local work".to_owned(),
        false => Scope::list(scopes),
    }
}

/// A time to come.
pub(super) fn end(text: &str, now: &Zoned) -> Result<Timestamp, Error> {
    let wrong = |what: &str| usage(format!("`{}` {what}", plain(text))).hint(TIMES);
    let at = |time: DateTime| time.to_zoned(now.time_zone().clone()).ok();
    let text = text.trim();
    let time = if let Ok(span) = text.parse::<Span>() {
        now.checked_add(span).ok()
    } else if text.contains(':') && !text.contains('-') {
        let time = text.parse::<Time>().map_err(|_| wrong("is no time"))?;
        let today = at(now.date().to_datetime(time));
        today
            .filter(|today| today > now)
            .or_else(|| at(now.date().checked_add(1.day()).ok()?.to_datetime(time)))
    } else if let Ok(date) = text.parse::<Date>()
        && !text.contains(':')
    {
        at(date.to_datetime(Time::midnight()))
    } else {
        text.parse::<DateTime>().ok().and_then(at)
    };
    let time = time.ok_or_else(|| wrong("is no time"))?;
    if &time <= now {
        return Err(wrong("is not to come"));
    }
    Ok(time.timestamp())
}

const TIMES: &str = "`2h` is one, `18:00`, `2026-12-01`, and `2026-12-01 08:00`";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_come_is_named_in_several_ways() {
        let now: Zoned = "2026-11-29T17:30:00+01:00[Europe/Berlin]".parse().unwrap();
        for (text, wanted) in [
            ("2h", "2026-11-29T18:30:00Z"),
            ("1h 30m", "2026-11-29T18:00:00Z"),
            ("3d", "2026-12-02T16:30:00Z"),
            ("18:00", "2026-11-29T17:00:00Z"),
            ("08:00", "2026-11-30T07:00:00Z"),
            ("17:30", "2026-11-30T16:30:00Z"),
            ("2026-12-01", "2026-11-30T23:00:00Z"),
            ("2026-12-01 08:00", "2026-12-01T07:00:00Z"),
            ("2026-12-01T08:00:00", "2026-12-01T07:00:00Z"),
        ] {
            assert_eq!(end(text, &now).unwrap().to_string(), wanted, "{text}");
        }
        for text in
            ["", "soon", "-2h", "0s", "2026-11-29", "2025-01-01 10:00", "25:00", "99999999999h", "\u{1b}[2J"]
        {
            assert_eq!(end(text, &now).unwrap_err().exit(), Exit::Usage, "{text}");
        }
    }
}
