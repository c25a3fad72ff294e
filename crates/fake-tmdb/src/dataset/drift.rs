//! What a simulated day does to a title: votes and popularity drift, a few are edited.

use crate::generated::hash::mix;

/// A title is edited once in so many days.
const DAYS_BETWEEN_EDITS: u64 = 200;

/// A simulated day; day 0 shows everything as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub(super) u32);

impl Day {
    /// Wanders within a tenth of what was read.
    pub(super) fn popularity(self, id: u64, popularity: f64) -> f64 {
        if self.0 == 0 {
            return popularity;
        }
        let thousandth = mix(id ^ (u64::from(self.0) << 40)) % 201;
        let thousandth = u32::try_from(thousandth).unwrap_or(100);
        let drifted = popularity * (0.9 + f64::from(thousandth) / 1000.0);
        (drifted * 10_000.0).round() / 10_000.0
    }

    /// Grows a little each day, most for what has many votes.
    pub(super) fn votes(self, id: u64, votes: u64) -> u64 {
        let a_day = votes / 2000 + u64::from(mix(id).is_multiple_of(4) && votes > 0);
        votes.saturating_add(a_day.saturating_mul(u64::from(self.0)))
    }

    /// How often a title has been edited until this day.
    pub(super) fn edits(self, id: u64) -> u64 {
        (mix(id) % DAYS_BETWEEN_EDITS + u64::from(self.0)) / DAYS_BETWEEN_EDITS
    }

    /// A text of a title, with a trace of its edits.
    pub(super) fn edited(self, id: u64, text: &str) -> String {
        match self.edits(id) {
            0 => text.to_owned(),
            edits => format!("{text} (Edit {edits}.)").trim_start().to_owned(),
        }
    }
}

/// Whether a title was edited on one of the days `from..=to`.
pub(super) fn is_edited(id: u64, from: u32, to: u32) -> bool {
    let before = from.checked_sub(1).map_or(0, |day| Day(day).edits(id));
    Day(to).edits(id) > before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_changes_nothing() {
        for id in 1..500 {
            assert_eq!(Day(0).votes(id, 1000), 1000);
            assert_eq!(Day(0).edited(id, "As read."), "As read.");
            assert!((Day(0).popularity(id, 7.25) - 7.25).abs() < f64::EPSILON);
            assert!(!is_edited(id, 0, 0));
        }
    }

    #[test]
    fn each_title_is_edited_once_in_a_while() {
        for id in 1..100 {
            let days: Vec<u32> = (1..=400).filter(|day| is_edited(id, *day, *day)).collect();
            assert_eq!(days.len(), 2, "{id} on {days:?}");
            assert_ne!(Day(days[0]).edited(id, "x"), Day(days[0] - 1).edited(id, "x"));
            assert!(is_edited(id, 1, 400));
        }
        assert_eq!(Day(u32::MAX).votes(4, u64::MAX), u64::MAX);
    }

    #[test]
    fn popularity_stays_near_what_was_read() {
        for day in 1..300 {
            let drifted = Day(day).popularity(550, 100.0);
            assert!((89.9..=110.1).contains(&drifted), "{drifted} on day {day}");
        }
    }
}
