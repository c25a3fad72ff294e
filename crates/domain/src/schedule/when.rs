//! Cron expressions in a time zone.
//!
//! The expression speaks of clocks on the wall. Where daylight saving skips a
//! slot, it comes once, right after the gap; where an hour comes twice, its
//! slots come once, the first time. So every slot is one instant, and slots
//! follow each other as their times on the wall do.

use std::fmt;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::time::Timestamp;

/// When the slots of an entry are.
#[derive(Clone)]
pub struct When {
    cron: Cron,
    text: String,
    zone: TimeZone,
    zone_name: String,
}

/// Why there are no slots to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    #[error(
        "`{text}` is no cron expression ({why}); write minute, hour, day of the month, month and day of the week, as in `0 3 * * *` or `30 2 * * SUN`"
    )]
    Cron { text: String, why: String },
    #[error("`{0}` is a cron expression that never comes true")]
    Never(String),
    #[error("unknown time zone `{0}`; use a name such as UTC, Europe/Berlin or America/New_York")]
    Zone(String),
}

impl When {
    /// Takes five fields, or six with seconds before them.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, WhenError> {
        let text = cron.split_whitespace().collect::<Vec<_>>().join(" ");
        let parser =
            CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let parsed = parser.parse(&text).map_err(|error| WhenError::Cron {
            text: text.clone(),
            why: error.to_string().trim_end_matches('.').to_owned(),
        })?;
        // Beyond the next leap year that follows a century without one.
        let begin = DateTime::constant(2096, 2, 1, 0, 0, 0, 0);
        if parsed.find_next_occurrence(&begin, false).is_err() {
            return Err(WhenError::Never(text));
        }
        let found = TimeZoneDatabase::bundled().get(zone.trim());
        let zone = found.map_err(|_unknown| WhenError::Zone(zone.to_owned()))?;
        let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
        Ok(Self { cron: parsed, text, zone, zone_name })
    }

    pub fn cron(&self) -> &str {
        &self.text
    }

    pub fn zone(&self) -> &str {
        &self.zone_name
    }

    /// The first slot after an instant; `None` at the end of time.
    pub fn after(&self, instant: Timestamp) -> Option<Timestamp> {
        let mut civil = instant.instant().to_zoned(self.zone.clone()).datetime();
        loop {
            civil = self.cron.find_next_occurrence(&civil, false).ok()?;
            // In the second pass of an hour, slots of the hour are over.
            let slot = self.resolve(civil)?;
            if slot > instant {
                return Some(slot);
            }
        }
    }

    /// The last slot at or before an instant; `None` at the beginning of time.
    pub fn latest(&self, instant: Timestamp) -> Option<Timestamp> {
        let mut civil = self.furthest_civil(instant);
        let mut inclusive = true;
        loop {
            civil = self.cron.find_previous_occurrence(&civil, inclusive).ok()?;
            let slot = self.resolve(civil)?;
            if slot <= instant {
                return Some(slot);
            }
            inclusive = false;
        }
    }

    /// As a clock on the wall shows it: `2026-11-21 03:00 PST`.
    pub fn local(&self, instant: Timestamp) -> String {
        instant.instant().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// The time on the wall at an instant, or, in the second pass of an hour,
    /// as if the clock had not been set back: the whole hour has been seen.
    fn furthest_civil(&self, instant: Timestamp) -> DateTime {
        let instant = instant.instant();
        let civil = instant.to_zoned(self.zone.clone()).datetime();
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Fold { before, .. } => civil.max(before.to_datetime(instant)),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => civil,
        }
    }

    fn resolve(&self, civil: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        let is_gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let earlier = ambiguous.earlier().ok()?;
        if !is_gap {
            return Some(earlier.into());
        }
        let gap_end = self.zone.following(earlier).next().map(|transition| transition.timestamp());
        Some(gap_end.unwrap_or(earlier).into())
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "When({self})")
    }
}

/// `0 3 * * * America/Los_Angeles`.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.text, self.zone_name)
    }
}

#[cfg(test)]
mod tests;
