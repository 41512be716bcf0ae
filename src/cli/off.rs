//! `guard off` and `guard on`: a human lets everything that would be held run for a while.

use std::time::Duration;

use jiff::SignedDuration;

use super::args::OffArgs;
use super::look::Look;
use super::{output, render, usage};
use crate::approve::off::{self, LONGEST, Switch};
use crate::approve::{Console, Style};
use crate::audit::{Kind, Outcome};
use crate::error::Error;
use crate::exit::Exit;
use crate::front::{Front, variable};
use crate::model::{Verdict, plain};
use crate::screen::{Long, wrap};

/// Carries out `guard off`.
pub fn off(args: &OffArgs) -> Result<Exit, Error> {
    let length = length(&args.length)?;
    let front = Front::open()?;
    let refused = |why: &str| {
        Error::refused_line(format!(
            "guard: refused: guard can be turned off by a human alone: {why}. Ask your user to run `guard off` \
             in a terminal of their own, outside of editors and agents"
        ))
    };
    let wait = front.layers.prompt_timeout().ok_or_else(|| {
        Error::refused_line(
            "guard: refused: guard is turned off by an answer at the terminal, and nothing is asked there: set \
             `prompt_timeout` under `[approve]` in guard.toml to more than 0"
                .to_owned(),
        )
    })?;
    let mut keyboard = front.human().map_err(|why| refused(&why))?;
    let said = said(length);
    let style = Style::of(&variable);
    let page = page(&said, wait, style, Look { width: keyboard.size().0.clamp(40, 120) - 1, ..Look::PLAIN });
    let answer = off::ask(length, &page, wait, &mut keyboard);
    let yes = answer.map_err(|why| Error::refused_line(format!("guard: {why}; guard stays on")))?;
    // On record before it holds.
    let line = format!("guard off --for {said}");
    front.record(Kind::Switch, &line, &Verdict::default(), Outcome::Approved)?;
    let path = off::file(&front.places.state);
    let leave = off::turn_off(&path, yes)
        .map_err(|error| Error::broken(format!("`{}` cannot be written", path.display())).because(error))?;
    output::line(&render::is_off(&leave))
}

/// Carries out `guard on`.
pub fn on() -> Result<Exit, Error> {
    // It can be turned on where the rest of the configuration is broken.
    let front = Front::lenient().0;
    let path = off::file(&front.places.state);
    if matches!(front.switch(), Switch::On) && path.symlink_metadata().is_err() {
        return output::line("guard is on");
    }
    off::turn_on(&path)
        .map_err(|error| Error::broken(format!("`{}` cannot be removed", path.display())).because(error))?;
    front.record(Kind::Switch, "guard on", &Verdict::default(), Outcome::Ran)?;
    output::line("guard is on again")
}

/// A length of time that can be chosen.
fn length(text: &str) -> Result<Duration, Error> {
    let read: Result<SignedDuration, _> = text.parse();
    let length = read.ok().and_then(|length| Duration::try_from(length).ok());
    match length {
        Some(length) if length.as_secs() > 0 && length <= LONGEST => Ok(length),
        Some(length) if length > LONGEST => {
            Err(usage(format!("`{}` is too long", plain(text))).hint("8 hours are the most"))
        }
        _ => Err(usage(format!("`{}` is no length of time", plain(text))).hint("`10m` is one, and `1h 30m`")),
    }
}

/// `1h 30m`
pub fn said(length: Duration) -> String {
    let seconds = length.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}"));
    parts.collect::<Vec<_>>().join(" ")
}

/// The question.
fn page(said: &str, wait: Duration, style: Style, look: Look) -> String {
    let mut out = format!("guard: turn guard off for {said}?\n\n");
    for text in [
        "What would be held runs then without a question, in every shell and for every agent of yours, and is \
         recorded: `guard log --would-hold`.",
        "What is denied stays refused. `guard on` ends it earlier.",
    ] {
        render::paragraph(&mut out, look, "", text);
    }
    let ask = format!(
        "To turn it off, type the word OFF and press Enter. Anything else leaves it on, and so does no answer within \
         {} seconds.",
        wait.as_secs()
    );
    out.push('\n');
    out.push_str(&wrap(&ask, "", look.width, Long::Broken).join("\n"));
    out.push('\n');
    out.push_str(style.answer_label());
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_chosen_and_has_an_end() {
        for (text, seconds) in [("10m", 600), ("1h30m", 5400), ("1h 30m", 5400), ("90s", 90), ("8h", 28800)] {
            assert_eq!(length(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "10", "0s", "-5m", "1d", "8h 1s", "999999999h", "for ever", "\u{1b}[2J"] {
            let error = length(text).unwrap_err();
            assert_eq!(error.exit(), Exit::Usage, "{text}");
        }
        assert_eq!(said(Duration::from_secs(5401)), "1h 30m 1s");
    }
}
