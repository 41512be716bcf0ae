//! Freezes that settings name: on some days, between some hours.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use crate::model::Scope;

/// What is frozen again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weekly {
    /// On these days; on all where none is named.
    pub days: Vec<Weekday>,
    /// From this time of such a day on.
    pub from: Time,
    /// To this time; of the next day where it is not later.
    pub to: Time,
    /// Whose clock; the machine's where none is named.
    pub zone: Option<TimeZone>,
    /// What.
    pub scopes: Vec<Scope>,
    /// Why.
    pub reason: Option<String>,
    /// The file that says so.
    pub file: String,
}

/// How long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// To this time.
    Until(Timestamp),
    /// One time follows another without a gap.
    Always,
}

impl Weekly {
    /// Whether it is on, and how long then; times without a gap between them are one.
    pub fn at(&self, now: &Zoned) -> Option<Lasts> {
        let now = match &self.zone {
            Some(zone) => now.with_time_zone(zone.clone()),
            None => now.clone(),
        };
        let mut end = self.end(&now)?;
        // All days of a week and one more.
        for _ in 0..8 {
            match self.end(&end) {
                Some(later) if later > end => end = later,
                _ => return Some(Lasts::Until(end.timestamp())),
            }
        }
        Some(Lasts::Always)
    }

    /// The end of the time in which `now` is. A day that cannot be told counts as one of them.
    fn end(&self, now: &Zoned) -> Option<Zoned> {
        let today = now.date();
        let yesterday = today.checked_sub(1.day()).unwrap_or(today);
        let ends = [yesterday, today].into_iter().filter_map(|day| {
            let is_one = self.days.is_empty() || self.days.contains(&day.weekday());
            let last = if self.to > self.from { day } else { day.checked_add(1.day()).unwrap_or(day) };
            let (start, end) = (day.to_datetime(self.from), last.to_datetime(self.to));
            let on = is_one && (start..end).contains(&now.datetime());
            on.then(|| end.to_zoned(now.time_zone().clone()).ok()).flatten()
        });
        ends.max()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn weekly(days: &[Weekday], from: &str, to: &str) -> Weekly {
        let time = |text: &str| text.parse::<Time>().unwrap();
        Weekly {
            days: days.to_vec(),
            from: time(from),
            to: time(to),
            zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
            scopes: vec![Scope::Deploy],
            reason: None,
            file: "guard.toml".to_owned(),
        }
    }

    fn at(weekly: &Weekly, time: &str) -> String {
        let now: Zoned = time.parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC);
        match weekly.at(&now) {
            None => "off".to_owned(),
            Some(Lasts::Always) => "always".to_owned(),
            Some(Lasts::Until(end)) => end.to_string(),
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        use Weekday::{Friday, Saturday};
        let nights = weekly(&[Friday, Saturday], "16:00", "08:00");
        // 2026-11-27 is a Friday; Berlin is an hour ahead.
        for (time, wanted) in [
            ("2026-11-27T14:59:00Z", "off"),
            ("2026-11-27T15:00:00Z", "2026-11-28T07:00:00Z"),
            ("2026-11-28T06:59:59Z", "2026-11-28T07:00:00Z"),
            ("2026-11-28T07:00:00Z", "off"),
            ("2026-11-29T00:00:00Z", "2026-11-29T07:00:00Z"),
            ("2026-11-29T15:00:00Z", "off"),
        ] {
            assert_eq!(at(&nights, time), wanted, "{time}");
        }
    }

    #[test]
    fn whole_days_are_one_time_and_a_whole_week_has_no_end() {
        use Weekday::{Friday, Saturday, Sunday};
        let weekend = weekly(&[Friday, Saturday, Sunday], "00:00", "00:00");
        assert_eq!(at(&weekend, "2026-11-27T10:00:00Z"), "2026-11-29T23:00:00Z");
        assert_eq!(at(&weekend, "2026-11-26T10:00:00Z"), "off");
        assert_eq!(at(&weekly(&[], "00:00", "00:00"), "2026-11-26T10:00:00Z"), "always");
        let hours = weekly(&[], "09:00", "17:00");
        assert_eq!(at(&hours, "2026-11-26T10:00:00Z"), "2026-11-26T16:00:00Z");
        assert_eq!(at(&hours, "2026-11-26T17:00:00Z"), "off");
    }

    #[test]
    fn a_clock_that_is_set_to_summer_time_ends_no_night() {
        let nights = weekly(&[], "22:00", "06:00");
        // In the night to 2026-03-29 an hour is left out.
        assert_eq!(at(&nights, "2026-03-28T22:00:00Z"), "2026-03-29T04:00:00Z");
        assert_eq!(at(&nights, "2026-03-29T03:59:00Z"), "2026-03-29T04:00:00Z");
        assert_eq!(at(&nights, "2026-03-29T04:00:00Z"), "off");
    }
}
